"""Objects that a function makes and returns, and those that came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad, jvp, value_and_grad, vjp
from adjoint.errors import BadArgument

RNG = np.random.default_rng(7)
X, D = RNG.normal(size=3), RNG.normal(size=3)


@dataclass(frozen=True)
class Report:
    loss: Any
    states: Any
    name: str = "fit"


class Model:
    def __init__(self, w: Any) -> None:
        self.w, self.calls = w, 0


class Slotted:
    __slots__ = ("w",)

    def __init__(self, w: Any) -> None:
        self.w = w


def with_report(x):
    y = x * x
    return np.sum(y**2), Report(np.sum(y), [y, {"x": Model(x * 2)}])


def made(x):
    return {"model": Model(np.sin(x)), "all": (Report(np.sum(x**2), x * 3), x[0])}


def test_beside_the_value() -> None:
    (value, report), d_x = value_and_grad(with_report, has_aux=True)(X)
    assert value == pytest.approx(np.sum(X**4))
    np.testing.assert_allclose(d_x, 4 * X**3)
    assert type(report) is Report and report.name == "fit"
    assert report.loss == pytest.approx(np.sum(X**2))
    np.testing.assert_array_equal(report.states[0], X * X)
    model = report.states[1]["x"]
    assert type(model) is Model and model.calls == 0
    np.testing.assert_array_equal(model.w, X * 2)


def test_random_cotangents() -> None:
    """What is given for numbers that are no floats does not count."""
    out, pull = vjp(made, X)
    weight = RNG.normal(size=(2, 3))
    given = {"model": Model(weight[0]), "all": (Report(0.7, weight[1]), -1.3)}
    (d_x,) = pull(given)
    first = np.array([1.0, 0.0, 0.0])
    expected = weight[0] * np.cos(X) + 0.7 * 2 * X + 3 * weight[1] - 1.3 * first
    np.testing.assert_allclose(d_x, expected, rtol=1e-12)
    np.testing.assert_array_equal(out["model"].w, np.sin(X))
    with pytest.raises(BadArgument, match="of class Model"):
        pull({"model": Report(1.0, X), "all": given["all"]})
    with pytest.raises(BadArgument, match=r"\.w of "):
        pull({"model": Model(X[:2]), "all": given["all"]})


def test_the_tangent_is_an_object_too() -> None:
    out, dot = jvp(made, (X,), (D,))
    assert type(dot["model"]) is Model and dot["model"].calls is None
    np.testing.assert_allclose(dot["model"].w, np.cos(X) * D)
    report, number = dot["all"]
    assert type(report) is Report and report.name is None
    assert report.loss == pytest.approx(2 * X @ D) and number == pytest.approx(D[0])
    np.testing.assert_array_equal(out["all"][0].states, X * 3)


def test_in_a_function_that_is_differentiated() -> None:
    def weighted(x):
        out, pull = vjp(made, x)
        given = {"model": Model(x), "all": (Report(1.0, x), 0.0)}
        return np.sum(pull(given)[0] * out["model"].w)

    h = 1e-6 * D
    expected = (weighted(X + h) - weighted(X - h)) / 2e-6
    assert grad(weighted)(X) @ D == pytest.approx(expected, rel=1e-7)


def changed(model):
    model.w = model.w * 2
    return np.sum(model.w**2), model


def written(model):
    model.w[0] = 5.0
    return np.sum(model.w**2), model


def test_what_came_in_and_was_changed_is_not_handed_out_as_it_was() -> None:
    for fun in (changed, written):
        with pytest.raises(Unsupported, match="is changed and returned"):
            grad(fun, has_aux=True)(Model(X.copy()))
    same = Model(X)
    d, aux = grad(lambda model: (np.sum(model.w**2), model), has_aux=True)(same)
    assert aux is same
    np.testing.assert_allclose(d.w, 2 * X)


def test_refused() -> None:
    with pytest.raises(Unsupported, match="is returned, an object that is differentiated by"):
        vjp(lambda model: model, Model(X))
    with pytest.raises(Unsupported, match="is returned, an object that is differentiated by"):
        jvp(lambda model: (model, 1.0), (Model(X),), (Model(D),))
    with pytest.raises(Unsupported, match="of class Slotted that is made inside"):
        vjp(lambda x: Slotted(x * 2), X)


class Net:
    def __init__(self, model: Any, k: Any) -> None:
        self.model, self.k, self.name = model, k, "net"


def test_an_argument_that_is_handed_through_inside() -> None:
    """The derivative of what is returned is by all of its attributes, also those not read."""

    def itself(net):
        return net

    def tangent(net):
        given = Net(Model(net.model.w * 3), net.k * 2)
        out, dot = jvp(itself, (net,), (given,))
        return np.sum(out.model.w * dot.model.w) + out.k * dot.k

    def pulled(net):
        given = {"a": Net(Model(net.model.w * 3), net.k * 2), "b": Model(net.model.w)}
        (d,) = vjp(lambda net: {"a": net, "b": net.model}, net)[1](given)
        return np.sum(d.model.w * d.model.w) + d.k

    d = grad(tangent)(Net(Model(X), 1.5))
    np.testing.assert_allclose(d.model.w, 6 * X, rtol=1e-12)
    assert d.k == pytest.approx(6.0)
    d = grad(pulled)(Net(Model(X), 1.5))
    np.testing.assert_allclose(d.model.w, 32 * X, rtol=1e-12)
    assert d.k == pytest.approx(2.0)

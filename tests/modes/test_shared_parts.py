"""Arguments that hold one object, list or dict in several places: it has one gradient.

The oracle is the function of the arrays alone, which makes the argument of them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from adjoint import BadArgument, grad, hvp, jvp, value_and_grad, vjp

RNG = np.random.default_rng(35)


def differences(fun: Callable[[Any], float], w: Any, step: float = 1e-5) -> Any:
    """The central differences of a function of one array."""
    found = np.empty_like(w)
    for k in np.ndindex(w.shape):
        e = np.zeros_like(w)
        e[k] = step
        found[k] = (fun(w + e) - fun(w - e)) / (2 * step)
    return found


class Layer:
    def __init__(self, w: Any, scale: float = 1.5) -> None:
        self.w, self.scale = w, scale


class Slotted:
    __slots__ = ("layer", "w")

    def __init__(self, w: Any, layer: Any = None) -> None:
        self.w, self.layer = w, layer


class Model:
    def __init__(self, body: Any, head: Any) -> None:
        self.body, self.head = body, head
        self.parts = {"body": body, "head": head}
        self.layers = [body, head]
        self.name = "model"


def reads(model: Any, x: Any) -> Any:
    y = np.tanh(x * model.body.w) * model.parts["body"].scale
    return np.sum(y * model.parts["head"].w ** 2) + np.sum(model.body.w**3)


def changes(model: Any, x: Any) -> Any:
    model.body.w = model.body.w * x
    model.parts["head"].scale = model.head.scale * 2
    return np.sum(model.parts["body"].w ** 2 * model.head.w) * model.parts["head"].scale


def writes(model: Any, x: Any) -> Any:
    model.body.w[0] = x[1] * model.parts["body"].w[2]
    return np.sum(model.parts["body"].w ** 2 * x)


def asks(model: Any, x: Any) -> Any:
    if model.body is model.parts["body"]:
        return np.sum(model.parts["body"].w ** 2 * x) * model.body.scale
    return np.sum(model.body.w)


FUNCTIONS = [reads, changes, writes, asks]


def tied(w: Any) -> Model:
    layer = Layer(w)
    return Model(layer, layer)


@pytest.mark.parametrize("fun", FUNCTIONS)
def test_the_gradient_is_that_of_the_object_at_each_way(fun: Callable[..., Any]) -> None:
    w, x = RNG.normal(size=3), RNG.normal(size=3)
    gradient = grad(fun)
    found = gradient(tied(w.copy()), x)
    assert found.body is found.head
    assert found.body is found.parts["body"]
    assert found.body is found.parts["head"]
    assert found.layers == [found.body, found.head]  # also where the function does not look
    expected = differences(lambda w: fun(tied(w.copy()), x), w)
    np.testing.assert_allclose(found.body.w, expected, rtol=1e-6, atol=1e-8)

    apart = gradient(Model(Layer(w.copy()), Layer(2 * w)), x)
    assert apart.body is not apart.head
    assert apart.layers == [apart.body, apart.head]
    np.testing.assert_allclose(
        apart.body.w,
        differences(lambda v: fun(Model(Layer(v.copy()), Layer(2 * w)), x), w),
        rtol=1e-6,
        atol=1e-8,
    )
    again = gradient(tied(w.copy()), x)
    np.testing.assert_allclose(again.body.w, found.body.w)
    assert again.body is again.head


@pytest.mark.parametrize("fun", FUNCTIONS)
def test_all_modes_agree(fun: Callable[..., Any]) -> None:
    w, x, direction = RNG.normal(size=3), RNG.normal(size=3), RNG.normal(size=3)
    model, tangent = tied(w), tied(direction)
    tangent.body.scale = 0.3
    value, found = value_and_grad(fun)(model, x)
    out, back = vjp(lambda model: fun(model, x), model)
    (first,), (second,) = back(2.0), back(1.0)
    assert value == pytest.approx(out)
    np.testing.assert_allclose(first.body.w, 2 * found.body.w)
    np.testing.assert_allclose(second.body.w, found.body.w)
    assert first.body is first.head
    assert first.body is not second.body
    assert first.parts is not second.parts
    slope = np.vdot(found.body.w, direction) + 0.3 * found.body.scale
    assert jvp(fun, (model, x), (tangent, None))[1] == pytest.approx(slope)


def test_a_dict_twice_in_an_argument() -> None:
    def fun(ps: Any, c: Any) -> Any:
        return np.sum(ps[0]["w"] ** 2 * c) + np.sum(ps[1]["w"] ** 3) * ps[2]["b"]

    w, c = RNG.normal(size=3), RNG.normal(size=3)
    one, other = {"w": w, "b": 0.7}, {"w": 2 * w, "b": 0.4}
    gradient = grad(fun)
    found = gradient([one, other, one], c)
    assert found[0] is found[2]
    assert found[0] is not found[1]
    np.testing.assert_allclose(found[0]["w"], 2 * w * c)
    assert found[0]["b"] == pytest.approx(np.sum(8 * w**3))
    found = gradient([one, one, other], c)
    np.testing.assert_allclose(found[1]["w"], 2 * w * c + 3 * w**2 * 0.4)
    found = gradient([one, other, dict(one)], c)
    assert found[0]["b"] == 0.0
    assert found[2]["b"] == pytest.approx(np.sum(8 * w**3))


def test_lists_of_numbers_and_objects_with_slots() -> None:
    def fun(box: Any) -> Any:
        return sum(box["a"]) * 2 + box["b"][1] ** 2 + np.sum(box["of"].layer.w * box["layer"].w)

    numbers, layer = [1.0, 2.0, 5.0], Slotted(RNG.normal(size=2))
    box = {"a": numbers, "b": numbers, "layer": layer, "of": Slotted(None, layer)}
    found = grad(fun)(box)
    assert found["a"] is found["b"]
    assert found["a"] == [2.0, 6.0, 2.0]
    assert found["of"].layer is found["layer"]
    np.testing.assert_allclose(found["layer"].w, 2 * layer.w)


def test_arguments_are_apart_unless_what_they_share_is_changed() -> None:
    def reads_both(online: Any, target: Any) -> Any:
        return np.sum(online.w**2) + 3 * np.sum(target.w)

    def changes_one(online: Any, target: Any) -> Any:
        online.w = online.w * 2
        return reads_both(online, target)

    layer = Layer(RNG.normal(size=3))
    first, second = grad(reads_both, (0, 1))(layer, layer)
    np.testing.assert_allclose(first.w, 2 * layer.w)
    np.testing.assert_allclose(second.w, 3.0)
    first, second = grad(changes_one, (0, 1))(layer, layer)
    assert first is second
    np.testing.assert_allclose(first.w, 8 * layer.w + 6)
    found = grad(lambda *nets: reads_both(*nets), (0, 1))(layer, layer)
    np.testing.assert_allclose(found[0].w, 2 * layer.w)


def test_arrays_are_leaves_with_a_part_in_each_place_that_is_read() -> None:
    w = RNG.normal(size=3)
    found = grad(lambda ps: np.sum(ps["a"] * ps["b"] ** 2))({"a": w, "b": w})
    np.testing.assert_allclose(found["a"], w**2)
    np.testing.assert_allclose(found["b"], 2 * w**2)

    model = SimpleNamespace(w=w, params=[w], rows=(w, 2 * w), inner=SimpleNamespace(w=w))
    found = grad(lambda model: np.sum(model.w**2))(model)
    np.testing.assert_allclose(found.w, 2 * w)
    assert found.params[0] is found.w
    for zeros in (*found.rows, found.inner.w):
        np.testing.assert_array_equal(zeros, 0.0)


def test_what_is_not_read_is_one_wherever_it_stands() -> None:
    class Spring:
        def __init__(self, a: Any, b: Any, k: float) -> None:
            self.a, self.b, self.k, self.owner = a, b, k, SimpleNamespace(first=a)

    particles = [Layer(RNG.normal(size=2)) for _ in range(3)]
    system = SimpleNamespace(
        particles=particles,
        unread=[SimpleNamespace(z=1.0)] * 2,
        springs=[Spring(particles[i], particles[i + 1], 0.5 + i) for i in range(2)],
    )

    def energy(system: Any) -> Any:
        return sum(s.k * np.sum((s.a.w - s.b.w) ** 2) for s in system.springs)

    found = grad(energy)(system)
    w = np.array([p.w for p in particles])
    expected = differences(
        lambda w: sum((0.5 + i) * np.sum((w[i] - w[i + 1]) ** 2) for i in range(2)), w
    )
    np.testing.assert_allclose([p.w for p in found.particles], expected, rtol=1e-6)
    assert found.springs[0].b is found.springs[1].a
    assert found.springs[1].owner.first is found.particles[1]
    assert found.unread[0] is found.unread[1]
    assert found.unread[0].z == 0.0


def test_a_tangent_is_one_where_the_object_is() -> None:
    model = tied(RNG.normal(size=3))
    x = RNG.normal(size=3)
    tangent = copy.copy(tied(RNG.normal(size=3)))
    tangent.parts = {"body": Layer(RNG.normal(size=3)), "head": tangent.head}
    with pytest.raises(BadArgument, match="one tangent to what is one object"):
        jvp(changes, (model, x), (tangent, None))

    one = {"w": RNG.normal(size=3)}
    with pytest.raises(BadArgument, match=r"ps\[1\] and ps\[0\] are one dict"):
        jvp(lambda ps: np.sum(ps[0]["w"] * ps[1]["w"]), ([one, one],), ([one, dict(one)],))


def inner_loss(ps: Any) -> Any:
    return np.sum(ps[0]["w"] ** 3) + np.sum(ps[1]["w"] * ps[2]["w"])


def inner_change(ps: Any) -> Any:
    ps[0]["w"] = ps[0]["w"] * ps[1]["w"]
    return np.sum(ps[1]["w"] * ps[2]["w"])


def of_gradient(w: Any, c: Any) -> Any:
    one = {"w": w}
    d = grad(inner_loss)([one, one, {"w": 2 * w}])
    return np.sum(d[0]["w"] * c) + np.sum(d[1]["w"] ** 2) + np.sum(d[2]["w"] * c)


def of_gradient_of_change(w: Any, c: Any) -> Any:
    one = {"w": w}
    d = grad(inner_change)([one, one, {"w": 2 * w}])
    return np.sum(d[0]["w"] * c) + np.sum(d[1]["w"] ** 2) + np.sum(d[2]["w"] * c)


def of_tangent(w: Any, c: Any) -> Any:
    one, direction = {"w": w}, {"w": w * c}
    args = [one, one, {"w": 2 * w}], [direction, direction, {"w": c}]
    value, slope = jvp(inner_loss, (args[0],), (args[1],))
    product = hvp(inner_loss)(*args)
    return value * slope + np.sum(product[1]["w"] * c)


def of_objects(w: Any, c: Any) -> Any:
    d = grad(changes)(tied(w), c)
    return np.sum(d.body.w * c) + np.sum(d.parts["head"].w ** 2)


@pytest.mark.parametrize("fun", [of_gradient, of_gradient_of_change, of_tangent, of_objects])
def test_derivatives_that_are_taken_inside(fun: Callable[..., Any]) -> None:
    w, c = RNG.normal(size=3), RNG.normal(size=3)
    expected = differences(lambda w: fun(w, c), w)
    np.testing.assert_allclose(grad(fun)(w, c), expected, rtol=1e-6, atol=1e-7)
    slope = jvp(fun, (w, c), (c, None))[1]
    np.testing.assert_allclose(slope, np.vdot(expected, c), rtol=1e-6, atol=1e-7)


def test_two_arguments_in_one_of_a_derivative_that_is_taken_inside() -> None:
    def outer(a: Any, b: Any) -> Any:
        d = grad(lambda ps: np.sum(ps[0].w ** 3) + np.sum(ps[1].w))([a, b])
        return np.sum(d[0].w ** 2) + np.sum(d[1].w)

    def shared(w: Any) -> Any:
        layer = Layer(w)
        return outer(layer, layer)

    layer, other = Layer(RNG.normal(size=3)), Layer(RNG.normal(size=3))
    gradient = grad(outer)
    np.testing.assert_allclose(gradient(layer, other).w, 36 * layer.w**3)
    expected = differences(shared, layer.w)
    np.testing.assert_allclose(gradient(layer, layer).w, expected, rtol=1e-6)
    np.testing.assert_allclose(gradient(layer, other).w, 36 * layer.w**3)

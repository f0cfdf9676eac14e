"""Derivatives of derivatives of functions that call themselves."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad, hessian, hvp, jacrev, jvp
from tests.modes.test_second_order import is_plain, slope
from tests.oracle import float_argnums
from tests.programs import REFUSED, Program, corpus

V = np.array([0.7, -0.3, 1.1])
W = np.array([0.4, 1.2, -0.9])
FILES = ("recursion", "recursion_writes")
SAMPLE = [
    one for one in corpus()
    if one.name.split("-")[0] in FILES and one.name not in REFUSED and is_plain(one)
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::adjoint.ZeroGradientWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("one", SAMPLE, ids=lambda one: one.name)
@pytest.mark.sampled(8)
def test_reverse_and_forward_over_reverse(one: Program) -> None:
    asked = one.argnums or float_argnums(one.args)
    first = grad(one.fun, asked)
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=np.shape(one.args[k])) for k in asked]
    directions = {k: rng.normal(size=np.shape(one.args[k]))[()] for k in asked}

    def weighted(*args: Any) -> Any:
        total = 0.0
        for w, d in zip(weights, first(*args), strict=True):
            total = total + np.sum(w * d)
        return total

    expected = slope(weighted, one.args, directions)
    near = {"rtol": 1e-5, "atol": 1e-6 * max(1.0, abs(expected))}
    second = grad(weighted, asked)(*copy.deepcopy(one.args))
    found = sum(np.sum(d * directions[k]) for k, d in zip(asked, second, strict=True))
    np.testing.assert_allclose(found, expected, **near)
    tangents = tuple(directions.get(k) for k in range(len(one.args)))
    _, along = jvp(weighted, copy.deepcopy(one.args), tangents)
    np.testing.assert_allclose(along, expected, **near)


def power(x: Any, n: int) -> Any:
    return 1.0 if n == 0 else x * power(x, n - 1)


def test_to_any_depth() -> None:
    second = grad(grad(power))
    assert np.isclose(second(1.3, 5), 20 * 1.3**3)
    assert np.isclose(grad(second)(1.3, 5), 60 * 1.3**2)
    assert np.isclose(jvp(second, (1.3, 5), (1.0, None))[1], 60 * 1.3**2)
    assert type(second(1.3, 5)) is float
    assert second.source.count("def power_pullback_vjp") == 1


def nested(v: Any, n: int) -> Any:
    return np.sum(v**3) if n == 0 else nested(np.sin(v) * v[0], n - 1)


def test_hessians_and_products_with_them() -> None:
    first, h = grad(nested), 1e-5
    expected = [(first(V + h * e, 3) - first(V - h * e, 3)) / (2 * h) for e in np.eye(3)]
    found = hessian(nested)(V, 3)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    np.testing.assert_allclose(jacrev(grad(nested))(V, 3), found)
    np.testing.assert_allclose(hvp(nested, argnums=0)(V, 3, W), found @ W)


def even(x: Any, n: int) -> Any:
    return x if n == 0 else odd(x * x, n - 1)


def odd(x: Any, n: int) -> Any:
    return np.sin(x) if n == 0 else even(x * 0.5, n - 1)


def test_functions_that_call_each_other() -> None:
    found = grad(grad(even))(0.7, 5)
    np.testing.assert_allclose(found, slope(grad(even), (0.7, 5), {0: 1.0}), rtol=1e-7)


def test_an_optimiser_of_a_function_that_calls_itself() -> None:
    def trained(w: Any, n: int) -> Any:
        def loss(u: Any) -> Any:
            return nested(u * w, 2)

        u = np.ones(3)
        for _ in range(n):
            u = u - 0.1 * grad(loss)(u)
        return loss(u)

    found = np.sum(grad(trained)(V, 2) * W)
    np.testing.assert_allclose(found, slope(trained, (V, 2), {0: W}), rtol=1e-7)


def printing(x: Any, n: int) -> Any:
    print(n)
    return x * x if n == 0 else np.sin(x) * printing(x, n - 1)


def of_itself(x: Any, n: int) -> Any:
    return x * x if x < 0.1 else x * grad(of_itself)(x * 0.5, n)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (grad(printing), "differentiated twice, and what has an effect would be repeated"),
        (of_itself, "a function that calls itself, in a derivative of itself"),
    ],
)
def test_what_is_refused(function: Any, message: str) -> None:
    with pytest.raises(Unsupported, match=message) as caught:
        grad(function)(0.7, 2)
    assert caught.value.place is not None
    assert caught.value.advice

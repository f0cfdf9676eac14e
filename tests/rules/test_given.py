"""Rules that users give: to functions in C, and to functions that are called and not read."""

from __future__ import annotations

import ctypes
import ctypes.util
import operator
from typing import Any

import numpy as np
import pytest

from adjoint import check_grads, grad, hessian, jvp, rule, vjp
from adjoint.errors import BadArgument, Unsupported

V = np.array([0.4, -0.8, 1.5])
W = np.array([1.2, 0.7, -0.3])

library = ctypes.CDLL(ctypes.util.find_library("m"))
cbrt = library.cbrt
cbrt.argtypes, cbrt.restype = [ctypes.c_double], ctypes.c_double


@rule(cbrt, like=float)
def cbrt_gradient(g, out, x):
    return g / (3 * out * out)


calls = []


def convolution(x, w, mode="same"):
    calls.append(mode)
    return np.convolve(x, w, mode)


@rule(convolution, like=lambda x, w, mode="same": x + 0 * w)
def convolution_gradient(g, out, x, w, mode="same"):
    return np.convolve(g, w[::-1], mode), np.convolve(g, x[::-1], mode), None


def product(x, y):
    return float(x @ y)


@rule(product, like=lambda x, y: 1.0)
def product_gradient(g, out, x, y):
    return g * y, g * x


def unlike(x):
    return np.sin(x)


@rule(unlike)
def unlike_gradient(g, out, x):
    return (g * np.cos(x),)


def test_of_a_function_in_c() -> None:
    def loss(x):
        total = x
        for k in range(3):
            total = cbrt(total * total + k) * x
        return total

    check_grads(loss, (1.7,), order=2)
    np.testing.assert_allclose(grad(cbrt)(8.0), 1 / 12)
    np.testing.assert_allclose(grad(lambda x: library.cbrt(x))(8.0), 1 / 12)
    np.testing.assert_allclose(jvp(cbrt, (8.0,), (3.0,))[1], 0.25)
    np.testing.assert_allclose(grad(grad(cbrt))(8.0), -2 / 9 * 8 ** (-5 / 3))


def test_the_function_is_called_by_its_name_and_not_read() -> None:
    gradient = grad(lambda x, w: np.sum(convolution(x, w) ** 2), argnums=(0, 1))
    found = gradient(V, W)
    assert "convolution(x, w" in gradient.source
    assert "np.convolve(x, w," not in gradient.source
    expected = grad(lambda x, w: np.sum(np.convolve(x, w, "same") ** 2), argnums=(0, 1))(V, W)
    np.testing.assert_allclose(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1])


def test_it_runs_once_in_a_call() -> None:
    gradient = grad(lambda x: np.sum(convolution(x, W) ** 2))
    gradient(V)
    calls.clear()
    gradient(V)
    assert calls == ["same"]


def test_by_keyword_and_in_all_modes() -> None:
    def loss(x, y):
        return product(x * x, y=y) ** 2

    def plain(x, y):
        return (x * x @ y) ** 2

    np.testing.assert_allclose(hessian(loss)(V, W), hessian(plain)(V, W))
    np.testing.assert_allclose(jvp(loss, (V, W), (W, V))[1], jvp(plain, (V, W), (W, V))[1])
    value, pull = vjp(loss, V, W)
    expected, back = vjp(plain, V, W)
    np.testing.assert_allclose(value, expected)
    for mine, theirs in zip(pull(0.7), back(0.7), strict=True):
        np.testing.assert_allclose(mine, theirs)


def test_without_a_like_shapes_are_looked_at_when_it_runs() -> None:
    np.testing.assert_allclose(grad(lambda x: np.sum(unlike(x) * W))(V), np.cos(V) * W)


def test_a_gradient_of_another_shape_is_found_when_it_runs() -> None:
    def folded(x):
        return np.sin(x)

    rule(folded)(lambda g, out, x: (np.sum(g * np.cos(x)),))
    with pytest.raises(AssertionError, match="is not of the shape of the argument"):
        grad(lambda x: np.sum(folded(x) * W))(V)


def test_a_rule_that_is_given_again_is_the_one_that_counts() -> None:
    def held(x):
        return x * 1.0

    rule(held, like=float)(lambda g, out, x: g * 2)
    gradient = grad(lambda x: held(x) + x)
    assert gradient(1.0) == 3.0
    rule(held, like=float)(lambda g, out, x: g * 5)
    assert gradient(1.0) == 6.0


def test_a_function_that_has_a_rule_is_refused() -> None:
    with pytest.raises(
        BadArgument, match="sin has a rule in this library\nwhat to do: for another"
    ):
        rule(np.sin)
    with pytest.raises(BadArgument, match="mul has a rule"):
        rule(operator.mul)


def test_a_rule_that_is_wrong_is_refused_with_its_place() -> None:
    def wrong(x, y):
        return x * y

    rule(wrong, like=np.multiply)(lambda g, out, x, y: g * y)
    with pytest.raises(Unsupported) as caught:
        grad(lambda x: np.sum(wrong(x, W)))(V)
    message = str(caught.value)
    assert "the rule of wrong returns a value known at run time only, and is to return" in message
    assert "test_given.py" in message
    rule(wrong, like=np.multiply)(lambda g, out, x: (g, g))
    with pytest.raises(Unsupported, match=r"the rule of wrong raises TypeError"):
        grad(lambda x: np.sum(wrong(x, W)))(V)


def test_an_argument_without_a_gradient(recwarn: Any) -> None:
    def scaled(x, n):
        return x * n

    rule(scaled, like=np.multiply)(lambda g, out, x, n: (g * n, None))
    np.testing.assert_array_equal(grad(lambda x: np.sum(scaled(x, 3)))(V), [3.0, 3.0, 3.0])
    assert grad(lambda n: n + np.sum(scaled(V, n)))(2.0) == 1.0

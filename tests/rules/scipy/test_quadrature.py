"""Gradients of ``scipy.integrate.quad``, under the integral."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from adjoint import Unsupported, grad, jvp
from adjoint.testing import check_grads

W = np.array([0.7, -0.4, 1.2])


def by_argument(a, b, k):
    return quad(lambda x, k: np.exp(-k * x * x) * x, a, b, args=(k,))[0] ** 2


def by_closure(a, k, w):
    value, _ = quad(lambda x: math.cos(k * x) * w[0] + x * w[1], a, 2.0, epsabs=1e-11)
    return value


def without_an_end(k, w):
    value, _ = quad(
        lambda x: np.exp(-k * k * x * x) * (w[0] + w[1] * x + w[2] * x * x), -np.inf, np.inf
    )
    return value


def with_a_kink(k, c):
    return quad(lambda x: abs(x - 0.5) * k + c, 0.0, 1.0, points=[0.5])[0]


def a_limit_alone(b):
    return quad(lambda x: np.sin(x) * x, 0.0, b)[0]


def the_parameter_is_a_limit_too(k):
    return quad(lambda x: np.sin(k * x), 0.0, k)[0] * k


def singular_at_an_end(k):
    return quad(lambda x: k * x**-0.5, 0.0, 1.0)[0]


def of_a_function_of_numpy(b):
    return quad(np.sin, 0.0, b)[0] * quad(math.cos, 0.0, b)[0]


def of_a_constant(b):
    return quad(lambda x: 2.0, 0, b)[0]


def in_a_loop(ks):
    return sum(quad(lambda x: np.exp(-k * x), 0.0, 1.0)[0] * k for k in ks)


def of_an_integral(k):
    def inner(c):
        return quad(lambda y: np.cos(c * y), 0.0, 1.0)[0]

    return quad(lambda x: inner(k * x), 0.0, 2.0)[0]


@pytest.mark.parametrize(
    ("fun", "args"),
    [
        (by_argument, (0.1, 1.3, 0.7)),
        (by_closure, (0.1, 0.8, W)),
        (without_an_end, (0.9, W)),
        (with_a_kink, (0.7, 0.2)),
        (a_limit_alone, (1.3,)),
        (the_parameter_is_a_limit_too, (1.3,)),
        (singular_at_an_end, (0.4,)),
        (of_a_function_of_numpy, (1.3,)),
        (of_a_constant, (1.3,)),
        (in_a_loop, (W,)),
        (of_an_integral, (0.6,)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_against_differences(fun: Any, args: Any) -> None:
    check_grads(fun, args)


@pytest.mark.parametrize(
    ("fun", "args"),
    [
        (by_closure, (0.1, 0.8, W)),
        (the_parameter_is_a_limit_too, (1.3,)),
        (of_an_integral, (0.6,)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.sampled(3)
def test_higher_orders(fun: Any, args: Any) -> None:
    every = tuple(range(len(args)))
    directions = tuple(0.3 + 0.1 * np.arange(a.size) if np.ndim(a) else 0.7 for a in args)
    gradient = grad(fun, argnums=every)

    def slope(*args):
        return jvp(fun, args, directions)[1]

    def along(*args):
        return sum(np.sum(u * d) for u, d in zip(directions, gradient(*args), strict=True))

    check_grads(fun, args, order=2)
    check_grads(slope, args)
    check_grads(along, args, order=2)


def test_in_closed_form() -> None:
    def area(k):
        return quad(lambda x: math.exp(-k * x), 0.0, np.inf)[0]

    assert grad(area)(0.5) == pytest.approx(-4.0, rel=1e-8)
    assert jvp(area, (0.5,), (2.0,))[1] == pytest.approx(-8.0, rel=1e-8)
    assert isinstance(grad(area)(0.5), float)


def test_refused() -> None:
    with pytest.raises(Unsupported, match="the error that"):
        grad(lambda k: quad(lambda x: k * x, 0.0, 1.0)[1])(1.0)
    with pytest.raises(Unsupported, match="weight= of quad"):
        grad(lambda k: quad(lambda x: k * x, 0.0, 1.0, weight="cos", wvar=1.0)[0])(1.0)
    with pytest.raises(Unsupported, match="full_output= of quad"):
        grad(lambda k: quad(lambda x: k * x, 0.0, 1.0, full_output=True)[0])(1.0)


def test_the_gradient_reads_as_by_hand() -> None:
    def area(a, b, k):
        return quad(lambda x: np.exp(-k * x), a, b)[0]

    source = grad(area, argnums=(0, 1, 2)).specialize(0.1, 1.0, 0.7).source
    assert source[source.index("def fun_vjp") :] == BY_HAND


BY_HAND = """\
def fun_vjp(x, k):
    # forward
    out = np.exp(-k * x)  # <lambda>

    # backward
    def back(d_out):
        return -d_out * out * x

    return out, back


def fun(x, k):
    out = np.exp(-k * x)  # <lambda>
    return out


def area_grad(a, b, k):
    # forward
    quad(fun, a, b, args=(k,))
    # backward
    (d_k,) = quad_adjoint(
        fun_vjp, a, b, 1.0, (k,), epsabs=1.49e-08, epsrel=1.49e-08, limit=50
    )  # 2: return quad(lambda x: np.exp(-k * x), a, b)[0]
    return float(-fun(a, k)), float(fun(b, k)), float(d_k)
"""

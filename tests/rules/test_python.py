"""The rules of `adjoint.rules.python`."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.rules import Kind, lookup
from tests.rules.harness import check
from tests.rules.test_elementwise import cotangent

VECTOR = np.array([0.7, 1.9, 1.1])
MATRIX = np.array([[0.3, 1.2, 0.8], [1.5, 0.6, 2.1]])


def by_name(fun: Any) -> str:
    return str(fun.__name__)


BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.mod, operator.pow]
UNARY = [operator.neg, operator.pos, operator.abs, abs]


@pytest.mark.parametrize("fun", [*BINARY, pow], ids=by_name)
def test_binary_operator(fun: Any) -> None:
    check(fun, 1.3, 2.7)
    check(fun, VECTOR, 2.6)
    check(fun, 1.3, VECTOR)
    check(fun, MATRIX, VECTOR)
    check(fun, VECTOR, 2)
    check(fun, 3, VECTOR)


@pytest.mark.parametrize("fun", UNARY, ids=by_name)
def test_unary_operator(fun: Any) -> None:
    check(fun, -1.3)
    check(fun, -VECTOR)
    check(fun, MATRIX - 1)


def test_conversions() -> None:
    check(float, 1.3)
    check(float, np.array(1.3))
    check(complex, 1.3)
    check(complex, 1.3, 2.6)


OF_ONE = [
    *(math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.sinh, math.cosh),
    *(math.tanh, math.asinh, math.atanh, math.exp, math.exp2, math.expm1, math.log, math.log2),
    *(math.log10, math.log1p, math.sqrt, math.cbrt, math.fabs, math.erf, math.erfc),
    *(math.degrees, math.radians),
]
OF_TWO = [
    *(math.atan2, math.pow, math.fmod, math.copysign, math.hypot, math.log, math.remainder),
    *(math.nextafter,),
]


@pytest.mark.parametrize("fun", OF_ONE, ids=by_name)
@pytest.mark.parametrize("x", [0.3, 0.8])
def test_math_of_one_number(fun: Any, x: float) -> None:
    check(fun, x)


@pytest.mark.parametrize("fun", OF_TWO, ids=by_name)
@pytest.mark.parametrize(("x", "y"), [(2.3, 0.7), (0.6, 1.7)])
def test_math_of_two_numbers(fun: Any, x: float, y: float) -> None:
    check(fun, x, y)
    check(fun, x, 2)


def test_math_with_a_domain_of_its_own() -> None:
    check(math.acosh, 1.7)
    check(math.erf, -1.7)
    check(math.ldexp, 1.7, 3)
    check(math.log, 8.0, 2)


def test_hypot_and_dist() -> None:
    check(math.hypot, 0.3)
    check(math.hypot, 0.3, 0.4, -1.2)
    check(math.hypot, 3, 0.4)
    check(math.dist, [0.3, 0.4, 1.2], [1.3, 0.1, -1.0])
    check(math.dist, (0.3, 0.4), (1.3, 0.1))
    check(math.dist, [0.3, 0.4, 1.2], VECTOR)
    check(math.dist, VECTOR, [0.3, 0.4, 1.2])
    check(math.dist, VECTOR, MATRIX[0])
    assert cotangent(math.hypot, "coordinates", 0.0, 0.0, 0.0) == [0, 0, 0]
    assert cotangent(math.dist, "p", [1.0, 2.0], [1.0, 2.0]) == [0, 0]


@pytest.mark.parametrize("fun", [sum, math.fsum, math.prod, max, min], ids=by_name)
def test_of_a_list(fun: Any) -> None:
    check(fun, [0.3])
    check(fun, [0.3, 1.2])
    check(fun, (0.3, 1.2, -0.4))
    check(fun, [0.3, 1.2, 3, -0.4])
    check(fun, VECTOR)


def test_sum() -> None:
    check(sum, [VECTOR, MATRIX, 1.5])
    check(sum, [VECTOR, 2 * VECTOR], 0.5)
    check(sum, [0.3, 0.4], start=0.5)
    check(sum, MATRIX)


def test_prod() -> None:
    check(math.prod, [0.3, 1.2], start=2.5)
    check(math.prod, [0.3, 0.0, 1.2, 2.0])
    check(math.prod, [0.0, 0.3, 0.0])
    check(math.prod, VECTOR, start=2.5)


@pytest.mark.skipif(not hasattr(math, "sumprod"), reason="came with Python 3.12")
def test_sumprod() -> None:
    sumprod: Any = vars(math)["sumprod"]  # unknown to type checkers for 3.11
    check(sumprod, [0.3, 0.4], [1.2, -0.6])
    check(sumprod, VECTOR, [1.2, -0.6, 0.4])
    check(sumprod, [1.2, -0.6, 0.4], VECTOR)


@pytest.mark.skipif(not hasattr(math, "fma"), reason="came with Python 3.13")
def test_fma() -> None:
    check(vars(math)["fma"], 0.3, 0.4, 1.2)


@pytest.mark.parametrize("fun", [max, min], ids=by_name)
def test_extremum(fun: Any) -> None:
    check(fun, 0.3, 1.2)
    check(fun, 1.2, 0.3)
    check(fun, 0.3, 0)
    check(fun, 0, 0.3)
    check(fun, 0.3, -1.2, 0.8)
    check(fun, np.float64(0.3), np.float64(1.2), 0.8, 1)


@pytest.mark.parametrize("fun", [max, min], ids=by_name)
@pytest.mark.parametrize("kind", [float, np.float64])
def test_ties_share_evenly(fun: Any, kind: Any) -> None:
    x = kind(2.0)
    assert cotangent(fun, "args", x, x) == [0.5, 0.5]
    third = pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert cotangent(fun, "args", x, x, x) == third
    assert cotangent(fun, "args", [x, x, x])[0] == third
    assert list(cotangent(fun, "args", np.array([x, x, x]))[0]) == third


@pytest.mark.parametrize("fun", [divmod, math.modf, math.frexp, math.gamma, math.lgamma])
def test_refused_with_a_reason(fun: Any) -> None:
    rule = lookup(fun)
    assert rule is not None
    assert rule.kind is Kind.REFUSED
    assert rule.reason


@pytest.mark.parametrize(("x", "derivative"), [(5.0, 1.0), (2.0, 0.0)])
def test_a_float_may_be_the_larger_of_it_and_a_whole_number(x: float, derivative: float) -> None:
    assert jvp(lambda x: max(x, 3), (x,), (1.0,))[1] == derivative
    assert jvp(lambda x: x * min(x, 1), (0.5,), (1.0,))[1] == 1.0


@pytest.mark.parametrize(
    ("fun", "x"),
    [
        (lambda x: math.sqrt(max(x - 2.0, 0.0)), 1.0),
        (lambda x: math.sqrt(np.maximum(x - 2.0, 0.0)), 1.0),
        (lambda x: np.sqrt(max(0.0, -1.0, x - 2.0)), 1.0),
        (lambda x: math.acos(max(min(x, 1.0), -1.0)), 2.0),
        (lambda x: max(x, 0.0) ** 0.5, -1.0),
        (lambda x: math.log(max(x, 1e-3)), 0.0),
    ],
)
def test_what_is_singular_behind_a_choice_of_numbers(fun: Any, x: float) -> None:
    assert grad(fun)(x) == 0 and jvp(fun, (x,), (1.0,))[1] == 0
    assert grad(grad(fun))(x) == 0
    step = 1e-6
    inside = 0.5 if fun(0.5) != fun(0.6) else 3.0
    slope = (fun(inside + step) - fun(inside - step)) / (2 * step)
    assert grad(fun)(inside) == pytest.approx(slope, rel=1e-6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of tangents, where they are computed
@pytest.mark.parametrize(
    ("fun", "derivative"),
    [
        (lambda x: max(math.sqrt(x - 1.0), 0.2), 0.0),
        (lambda x: max(math.sqrt(abs(x - 1.0)), 0.5 * x), 0.5),
        (lambda x: min(3.0, 2.0 * x, np.arccos(x) + 5.0), 2.0),
        (lambda x: max(0.1, (x - 1.0) ** 0.5, 0.5 * x), 0.5),
    ],
)
def test_what_is_singular_before_a_choice_of_numbers(fun: Any, derivative: float) -> None:
    assert grad(fun)(1.0) == jvp(fun, (1.0,), (1.0,))[1] == derivative
    assert grad(grad(fun))(1.0) == 0.0

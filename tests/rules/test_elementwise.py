"""The rules of `adjoint.rules.elementwise`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from adjoint import hessian, hvp
from adjoint.rules import lookup
from tests.rules.harness import check

ALL = (-3.0, 3.0)
POSITIVE = (0.3, 3.0)
INSIDE = (-0.9, 0.9)

DOMAINS: dict[Any, Any] = {
    np.positive: ALL,
    np.negative: ALL,
    np.reciprocal: POSITIVE,
    np.square: ALL,
    np.absolute: ALL,
    np.fabs: ALL,
    np.sqrt: POSITIVE,
    np.cbrt: POSITIVE,
    np.exp: ALL,
    np.exp2: ALL,
    np.expm1: ALL,
    np.log: POSITIVE,
    np.log2: POSITIVE,
    np.log10: POSITIVE,
    np.log1p: INSIDE,
    np.sin: ALL,
    np.cos: ALL,
    np.tan: INSIDE,
    np.arcsin: INSIDE,
    np.arccos: INSIDE,
    np.arctan: ALL,
    np.sinh: ALL,
    np.cosh: ALL,
    np.tanh: ALL,
    np.arcsinh: ALL,
    np.arccosh: (1.1, 3.0),
    np.arctanh: INSIDE,
    np.deg2rad: ALL,
    np.radians: ALL,
    np.rad2deg: ALL,
    np.degrees: ALL,
    np.sinc: ALL,
    np.nan_to_num: ALL,
    np.conjugate: ALL,
    np.real: ALL,
    np.imag: ALL,
    np.angle: POSITIVE,
}

TWO: dict[Any, Any] = {
    np.add: ALL,
    np.subtract: ALL,
    np.multiply: ALL,
    np.divide: POSITIVE,
    np.power: POSITIVE,
    np.float_power: POSITIVE,
    np.remainder: POSITIVE,
    np.fmod: POSITIVE,
    np.logaddexp: ALL,
    np.logaddexp2: ALL,
    np.arctan2: POSITIVE,
    np.hypot: POSITIVE,
    np.maximum: ALL,
    np.minimum: ALL,
    np.fmax: ALL,
    np.fmin: ALL,
    np.copysign: ALL,
    np.heaviside: ALL,
    np.nextafter: ALL,
}

SHAPES = [(), (4,), (2, 3), (2, 1, 3), (0,), (2, 0)]
PAIRS = [
    ((), ()),
    ((), (3,)),
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((2, 1, 3), (4, 1)),
    ((0, 3), (3,)),
]


def draw(shape: tuple[int, ...], domain: tuple[float, float], seed: int = 0) -> Any:
    return np.asarray(np.random.default_rng(seed).uniform(*domain, size=shape))


def cotangent(fun: Any, name: str, *args: Any, g: Any = 1.0, **kwargs: Any) -> Any:
    """What the rule of `fun` gives for the argument `name`."""
    rule = lookup(fun)
    assert rule is not None
    return rule.vjps[name](g, fun(*args, **kwargs), *args, **kwargs)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("fun", DOMAINS, ids=lambda fun: fun.__name__)
def test_of_one_argument(fun: Any, shape: tuple[int, ...]) -> None:
    check(fun, draw(shape, DOMAINS[fun]))


@pytest.mark.parametrize("fun", DOMAINS, ids=lambda fun: fun.__name__)
def test_of_a_python_number(fun: Any) -> None:
    check(fun, float(draw((), DOMAINS[fun])))


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("fun", TWO, ids=lambda fun: fun.__name__)
def test_of_two_arguments(fun: Any, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    check(fun, draw(shapes[0], TWO[fun], 1), draw(shapes[1], TWO[fun], 2))


@pytest.mark.parametrize("fun", TWO, ids=lambda fun: fun.__name__)
def test_with_a_python_number(fun: Any) -> None:
    x = draw((3,), TWO[fun], 1)
    check(fun, x, 1.3)
    check(fun, 1.3, x)
    check(fun, x, 2)
    check(fun, 2, x)


HOLOMORPHIC = [
    *(np.positive, np.negative, np.reciprocal, np.square, np.sqrt, np.exp, np.exp2, np.expm1),
    *(np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan),
    *(np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh),
]


@pytest.mark.parametrize(
    "fun",
    [*HOLOMORPHIC, np.absolute, np.conjugate, np.real, np.imag, np.angle],
    ids=lambda fun: fun.__name__,
)
def test_of_complex_numbers(fun: Any) -> None:
    check(fun, draw((3,), ALL, 1) + 1j * draw((3,), POSITIVE, 2))
    check(fun, draw((3,), ALL, 3) - 1j * draw((3,), POSITIVE, 4))


@pytest.mark.parametrize("fun", [np.add, np.subtract, np.multiply, np.divide, np.power])
def test_of_a_complex_and_a_real_number(fun: Any) -> None:
    z, x = draw((3,), POSITIVE, 1) + 1j * draw((3,), POSITIVE, 2), draw((3,), POSITIVE, 3)
    check(fun, z, x)
    check(fun, x, z)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, 2.0, 0.0, 1.0, -1.0, 2.5])
def test_power_of_static_exponent(exponent: float) -> None:
    check(np.power, draw((3,), POSITIVE), exponent)
    check(np.power, float(draw((), POSITIVE)), exponent)


def test_power_of_integer_array_exponent() -> None:
    check(np.power, draw((4,), ALL), np.array([0, 1, 2, 3]))
    check(np.power, 2.0, np.array([0, 1, 2, 3]))
    check(np.power, 2, draw((4,), ALL))
    check(np.power, 0.5, draw((4,), ALL))


def test_power_at_zero() -> None:
    x, y = np.zeros(4), np.array([0.0, 1.0, 2.0, 0.0])
    np.testing.assert_array_equal(cotangent(np.power, "x", x, y), [0, 1, 0, 0])
    np.testing.assert_array_equal(cotangent(np.power, "y", x, y), np.zeros(4))
    assert cotangent(np.power, "x", 0.0, 0) == 0
    assert cotangent(np.power, "y", 0, 2.0) == 0
    assert cotangent(np.power, "x", np.inf, 0.0) == 0


def test_ldexp() -> None:
    check(np.ldexp, draw((3,), ALL), 3)
    check(np.ldexp, draw((2, 1), ALL), np.array([1, -1, 2]))


def test_at_kinks() -> None:
    assert cotangent(np.absolute, "x", 0.0) == 0
    assert cotangent(np.absolute, "x", 0j) == 0
    assert cotangent(np.hypot, "x", 0.0, 0.0) == 0
    assert cotangent(np.sinc, "x", 0.0) == 0
    with np.errstate(divide="ignore"):
        assert cotangent(np.sqrt, "x", np.float64(0.0)) == np.inf


@pytest.mark.parametrize("fun", [np.maximum, np.minimum, np.fmax, np.fmin])
@pytest.mark.parametrize("value", [0.0, 2.5, np.inf, -np.inf])
def test_ties_share_evenly(fun: Any, value: float) -> None:
    for x, y in [(value, value), (np.full(2, value), value), (value, np.full(2, value))]:
        assert np.all(np.equal(cotangent(fun, "x", x, y), 0.5))
        assert np.all(np.equal(cotangent(fun, "y", x, y), 0.5))


@pytest.mark.parametrize("fun", [np.maximum, np.minimum])
@pytest.mark.parametrize("bound", [0, 0.0, 1, -1.5])
def test_extremum_with_a_number(fun: Any, bound: float) -> None:
    check(fun, draw((5,), ALL), bound, argnums=0)
    check(fun, bound, draw((5,), ALL), argnums=1)


def test_extremum_with_infinity() -> None:
    x = np.array([-np.inf, 1.0, np.inf])
    np.testing.assert_array_equal(cotangent(np.maximum, "x", x, -np.inf), [0.5, 1, 1])
    np.testing.assert_array_equal(cotangent(np.minimum, "x", x, -np.inf), [0.5, 0, 0])
    np.testing.assert_array_equal(cotangent(np.maximum, "x", x, 0.0), [0, 1, 1])


def test_fmax_and_fmin_step_over_nan() -> None:
    x, y = np.array([np.nan, 1.0]), np.array([2.0, np.nan])
    for fun in (np.fmax, np.fmin):
        np.testing.assert_array_equal(cotangent(fun, "x", x, y), [0, 1])
        np.testing.assert_array_equal(cotangent(fun, "y", x, y), [1, 0])


def test_where() -> None:
    x, y = draw((2, 3), ALL, 1), draw((3,), ALL, 2)
    check(np.where, x > 0, x, y)
    check(np.where, x[:, :1] > 0, x, 0.0)
    check(np.where, y > 0, 1, y)
    check(np.where, True, 1.5, 2.5)


@pytest.mark.parametrize("low", [None, -1, -0.5, np.array([-1.0, -0.5, 0.5])], ids=str)
@pytest.mark.parametrize("high", [None, 1, 0.7, np.array([1.0, 0.7, 0.1])], ids=str)
def test_clip(low: Any, high: Any) -> None:
    if low is None and high is None:
        low = -10.0  # NumPy wants one of them
    check(np.clip, draw((4, 3), ALL), low, high)
    check(np.clip, draw((3,), ALL), a_min=low, a_max=high)
    if np.lib.NumpyVersion(np.__version__) >= "2.1.0":
        check(np.clip, draw((3,), ALL), min=low, max=high)


def test_clip_lets_through_at_its_bounds() -> None:
    a = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(cotangent(np.clip, "a", a, -1, 1), [1, 1, 1])


def test_nan_to_num() -> None:
    x = np.array([np.nan, np.inf, -np.inf, 2.0])
    np.testing.assert_array_equal(cotangent(np.nan_to_num, "x", x, nan=1.0), [0, 0, 0, 1])
    check(np.nan_to_num, draw((3,), ALL), copy=True, nan=1.0, posinf=2.0, neginf=3.0)


def test_unwrap_and_angle() -> None:
    check(np.unwrap, np.array([0.1, 3.0, -3.0, 3.1]))
    check(np.unwrap, draw((2, 4), (-9.0, 9.0)), axis=0, period=3.0)
    check(np.angle, draw((3,), ALL) + 1j, deg=True)


@pytest.mark.parametrize("fun", {**DOMAINS, **TWO}, ids=lambda fun: fun.__name__)
def test_keeps_single_precision(fun: Any) -> None:
    if fun is np.float_power:
        pytest.skip("always double")
    args = [draw((3,), (0.3, 0.8), k).astype(np.float32) + (fun is np.arccosh) for k in range(2)]
    args = args[: fun.nin if isinstance(fun, np.ufunc) else 1]
    rule = lookup(fun)
    assert rule is not None
    for name, vjp in rule.vjps.items():
        g, ans = np.ones(3, np.float32), fun(*args)
        assert vjp(g, ans, *args).dtype == np.float32, name


@pytest.mark.parametrize("fun", [lambda x: math.pow(x, 0.0), lambda x: math.copysign(1.0, x)])
def test_zeros_of_numbers_are_numbers(fun: Any) -> None:
    assert hvp(fun)(0.5, 1.0) == 0.0
    assert hessian(fun)(0.5) == 0.0

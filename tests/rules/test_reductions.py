"""The rules of `adjoint.rules.reductions` and `adjoint.rules.cumulative`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint.rules import lookup
from tests.rules.harness import check

VECTOR, MATRIX, SOLID = [
    np.random.default_rng(k).uniform(0.5, 2.0, size=shape)
    for k, shape in enumerate([(4,), (3, 2), (2, 3, 4)])
]
MASK = np.array([[True, False], [True, True], [False, True]])
HOLES = np.where(MASK, MATRIX, np.nan)

REDUCTIONS = [np.sum, np.mean, np.prod, np.max, np.min, np.amax, np.amin, np.var, np.std, np.ptp]
NAN_REDUCTIONS = [np.nansum, np.nanmean, np.nanprod, np.nanmax, np.nanmin, np.nanvar, np.nanstd]
AXES: list[Any] = [
    (VECTOR, [None, 0, -1, (0,)]),
    (MATRIX, [None, 0, 1, -1, (0, 1), (1, 0), (-1,)]),
    (SOLID, [None, 0, 1, 2, -2, (0, 1), (0, 2), (-1, 0), (1, 2), (0, 1, 2)]),
]
CASES = [(a, axis) for a, axes in AXES for axis in axes]
NAMES = [f"{a.ndim}d-{axis}" for a, axis in CASES]


def cotangent(fun: Any, *args: Any, name: str = "a", g: Any = 1.0, **kwargs: Any) -> Any:
    """What the rule of `fun` gives for the argument `name`."""
    rule = lookup(fun)
    assert rule is not None
    return rule.vjps[name](g, fun(*args, **kwargs), *args, **kwargs)


def by_name(fun: Any) -> str:
    return str(fun.__name__)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("a", "axis"), CASES, ids=NAMES)
@pytest.mark.parametrize("fun", [*REDUCTIONS, *NAN_REDUCTIONS, np.average], ids=by_name)
@pytest.mark.sampled(5)
def test_axis(fun: Any, a: Any, axis: Any, keepdims: bool) -> None:
    check(fun, a, axis=axis, keepdims=keepdims)


@pytest.mark.parametrize("fun", [np.sum, np.mean, np.prod, np.max, np.min], ids=by_name)
def test_of_numbers_and_0d(fun: Any) -> None:
    check(fun, 1.5)
    check(fun, np.array(1.5))
    check(fun, np.array(1.5), axis=())


@pytest.mark.parametrize("fun", [np.sum, np.prod, np.mean, np.max, np.var, np.std])
def test_empty(fun: Any) -> None:
    check(fun, np.ones((0, 3)), axis=1)
    check(fun, np.ones((2, 0, 3)), axis=-1)
    if fun in (np.sum, np.prod):
        check(fun, np.ones((0, 3)))
        check(fun, np.ones((0, 3)), axis=0)


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("fun", [np.sum, np.mean, np.prod, np.var, np.std], ids=by_name)
def test_where(fun: Any, axis: Any, keepdims: bool) -> None:
    check(fun, MATRIX, axis=axis, keepdims=keepdims, where=MASK)
    check(fun, MATRIX, axis=axis, keepdims=keepdims, where=MASK[:, :1] | True)
    check(fun, MATRIX, where=np.array([True, False]), keepdims=keepdims)


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("fun", [np.max, np.min], ids=by_name)
def test_extremum_where_and_initial(fun: Any, axis: Any) -> None:
    far = -5.0 if fun is np.max else 5.0
    check(fun, MATRIX, axis=axis, where=MASK, initial=far)
    check(fun, MATRIX, axis=axis, initial=far)
    check(fun, MATRIX, axis=axis, initial=-far)
    check(fun, MATRIX, axis=axis, initial=1.2, keepdims=True)
    check(fun, 1.5, initial=1.2)


@pytest.mark.parametrize("fun", [np.sum, np.nansum, np.prod, np.nanprod], ids=by_name)
def test_initial(fun: Any) -> None:
    check(fun, MATRIX, initial=2.5)
    check(fun, MATRIX, axis=0, initial=2.5, keepdims=True)
    check(fun, MATRIX, axis=1, initial=2.5, where=MASK)
    check(fun, MATRIX, axis=1, initial=2)
    check(fun, 1.5, initial=2.5)


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
@pytest.mark.parametrize("fun", NAN_REDUCTIONS, ids=by_name)
def test_nan_takes_no_part(fun: Any, axis: Any) -> None:
    g = np.ones_like(fun(HOLES, axis=axis))
    d_a = np.broadcast_to(cotangent(fun, HOLES, axis=axis, g=g), HOLES.shape)
    assert np.all(d_a[~MASK] == 0)
    plain = getattr(np, fun.__name__.removeprefix("nan"))
    extra: dict[str, Any] = {np.nanmax: {"initial": -9.0}, np.nanmin: {"initial": 9.0}}.get(fun, {})
    expected = cotangent(plain, np.where(MASK, HOLES, 1.0), g=g, axis=axis, where=MASK, **extra)
    np.testing.assert_allclose(d_a, expected, rtol=1e-12)


def test_nan_reductions_with_where() -> None:
    check(np.nansum, MATRIX, axis=0, where=MASK)
    check(np.nanmean, MATRIX, axis=0, where=MASK)
    check(np.nanvar, MATRIX, axis=0, where=MASK, ddof=0)


@pytest.mark.parametrize("fun", [np.var, np.std, np.nanvar, np.nanstd], ids=by_name)
def test_degrees_of_freedom(fun: Any) -> None:
    check(fun, VECTOR, ddof=1)
    check(fun, MATRIX, axis=0, ddof=1, keepdims=True)
    check(fun, SOLID, axis=(0, 2), ddof=2)
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        check(fun, MATRIX, axis=0, correction=1)
        check(fun, MATRIX, axis=0, mean=np.array([[1.0, 1.5]]))
        check(fun, MATRIX, mean=np.array([[1.2]]), correction=1)


def test_var_and_std_of_complex_numbers() -> None:
    for fun in (np.var, np.std):
        check(fun, MATRIX + 1j * MATRIX[::-1] ** 2, axis=0)


def test_std_is_flat_where_all_are_equal() -> None:
    np.testing.assert_array_equal(cotangent(np.std, np.ones(3)), np.zeros(3))


@pytest.mark.parametrize("fun", [np.sum, np.mean, np.prod, np.var, np.std], ids=by_name)
def test_dtype(fun: Any) -> None:
    check(fun, MATRIX, axis=0, dtype=np.float64)
    check(fun, MATRIX, 0, np.float64)


@pytest.mark.parametrize("fun", [*REDUCTIONS, np.cumsum, np.cumprod], ids=by_name)
@pytest.mark.parametrize("axis", [None, 1])
def test_keeps_single_precision(fun: Any, axis: Any) -> None:
    a = MATRIX.astype(np.float32)
    g = np.ones_like(fun(a, axis=axis))
    assert cotangent(fun, a, axis=axis, g=g).dtype == np.float32


def test_ties_share_evenly() -> None:
    a = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    np.testing.assert_array_equal(cotangent(np.max, a), [[0, 0.5, 0.5], [0, 0, 0]])
    shared = cotangent(np.max, a, axis=1, g=np.ones(2))
    np.testing.assert_allclose(shared, [[0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(cotangent(np.ptp, a, axis=1, g=np.ones(2))[0], [-1, 0.5, 0.5])
    assert cotangent(np.max, np.ones(3), initial=1.0, name="initial") == 0.25
    np.testing.assert_array_equal(cotangent(np.max, np.full(2, -np.inf)), [0.5, 0.5])


@pytest.mark.parametrize("keepdims", [False, True])
def test_weighted_average(keepdims: bool) -> None:
    check(np.average, VECTOR, weights=VECTOR[::-1], keepdims=keepdims)
    check(np.average, MATRIX, weights=MATRIX**2, keepdims=keepdims)
    check(np.average, MATRIX, axis=0, weights=MATRIX**2, keepdims=keepdims)
    check(np.average, MATRIX, 1, MATRIX**2, keepdims=keepdims)
    check(np.average, MATRIX, axis=0, weights=MATRIX[:, 0], keepdims=keepdims)
    check(np.average, MATRIX, axis=-1, weights=MATRIX[0], keepdims=keepdims)
    check(np.average, SOLID, axis=1, weights=SOLID[0, :, 0], keepdims=keepdims)
    check(np.average, SOLID, axis=(0, 1, 2), weights=SOLID**2, keepdims=keepdims)


def test_average_with_weights_along_axes_in_any_order() -> None:
    if np.lib.NumpyVersion(np.__version__) < "2.0.0":
        pytest.skip("weights along several axes came with NumPy 2")
    check(np.average, SOLID, axis=(0, 2), weights=SOLID[:, 0, :])
    check(np.average, SOLID, axis=(2, 0), weights=SOLID[:, 1, :].T)
    check(np.average, SOLID, axis=(-1, 1), weights=SOLID[1].T, keepdims=True)


CUMULATIVE = [np.cumsum, np.cumprod, np.nancumsum, np.nancumprod]


@pytest.mark.parametrize("fun", CUMULATIVE, ids=by_name)
@pytest.mark.parametrize(
    ("a", "axis"), [case for case in CASES if not isinstance(case[1], tuple)], ids=str
)
def test_cumulative(fun: Any, a: Any, axis: Any) -> None:
    check(fun, a, axis=axis)
    check(fun, a, axis, np.float64)


@pytest.mark.parametrize("fun", CUMULATIVE, ids=by_name)
def test_cumulative_of_numbers_and_empty(fun: Any) -> None:
    check(fun, 1.5)
    check(fun, np.array(1.5))
    check(fun, np.ones((0, 2)))
    check(fun, np.ones((0, 2)), axis=0)
    check(fun, np.ones((0, 2)), axis=1)


def test_cumulative_passes_over_nan() -> None:
    a = np.array([2.0, np.nan, 3.0])
    np.testing.assert_array_equal(cotangent(np.nancumprod, a, g=np.ones(3)), [5, 0, 2])
    np.testing.assert_array_equal(cotangent(np.nancumsum, [1.0, np.nan], g=np.ones(2)), [2, 0])


def with_zeros(a: Any, *places: Any) -> Any:
    a = np.array(a)
    for place in places:
        a[place] = 0
    return a


@pytest.mark.parametrize("places", [[0], [1], [3], [0, 2], [1, 3], [0, 1, 2, 3]], ids=str)
@pytest.mark.parametrize("fun", [np.prod, np.cumprod, np.nanprod], ids=by_name)
def test_products_at_zeros(fun: Any, places: list[int]) -> None:
    check(fun, with_zeros(VECTOR, *places))
    check(fun, with_zeros(SOLID, *((slice(None), slice(None), k) for k in places)), axis=2)
    check(fun, with_zeros(SOLID, (0, 1, places[0]), (1, 1, 2)), axis=1)
    check(fun, with_zeros(SOLID, (0, 1, places[0])))


def test_product_along_several_axes_at_zeros() -> None:
    check(np.prod, with_zeros(SOLID, (0, 1, 2), (1, 2, 3)), axis=(0, 1))
    check(np.prod, with_zeros(SOLID, (0, 1, 2)), axis=(2, 0), keepdims=True)
    check(np.prod, with_zeros(MATRIX, (0, 1)), axis=0, where=MASK, initial=3.0)
    check(np.prod, with_zeros(MATRIX, (0, 0), (0, 1)), where=MASK)

"""The rules of `adjoint.rules.scipy.integrate`: integrals of samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, special

from adjoint import grad
from adjoint.rules import lookup
from adjoint.rules.scipy import integrate as ours
from adjoint.testing import check_grads
from tests.rules.harness import check

pytestmark = pytest.mark.sampled(2)

RNG = np.random.default_rng(59)
AXES = [-1, 0, 1]
CASES = [(2, -1), (3, 0), (4, -1), (5, 1), (6, 0), (7, -1)]


def samples(count: int, axis: int) -> Any:
    shape = [3, 2, 3]
    shape[axis] = count
    return RNG.normal(size=shape)


def points(count: int) -> Any:
    return np.cumsum(RNG.uniform(0.5, 1.5, size=count))


# What is read in the place of SciPy's own gives its numbers; the derivatives are those of SciPy's.


@pytest.mark.parametrize(("count", "axis"), CASES)
@pytest.mark.sampled(3)
def test_simpson(count: int, axis: int) -> None:
    y, x = samples(count, axis), points(count)
    lined_up = np.moveaxis(np.broadcast_to(x, (*np.delete(y.shape, axis), count)), -1, axis)
    for given in ({}, {"x": x}, {"x": lined_up}, {"dx": 0.3}):
        expected = integrate.simpson(y, axis=axis, **given)
        np.testing.assert_allclose(ours.simpson(y, axis=axis, **given), expected, rtol=1e-12)
    weights = RNG.normal(size=np.shape(integrate.simpson(y, axis=axis)))
    check_grads(lambda y, x: np.sum(weights * integrate.simpson(y, x, axis=axis)), (y, x))
    check_grads(lambda y, x: np.sum(weights * integrate.simpson(y, x=x, axis=axis)), (y, lined_up))
    check_grads(lambda y, dx: np.sum(weights * integrate.simpson(y, dx=dx, axis=axis)), (y, 0.3))


@pytest.mark.parametrize(("count", "axis"), CASES)
@pytest.mark.sampled(3)
def test_cumulative_simpson(count: int, axis: int) -> None:
    y, x = samples(count, axis), points(count)
    start = np.expand_dims(RNG.normal(size=np.delete(y.shape, axis)), axis)
    for given in ({}, {"x": x}, {"dx": 0.3}, {"dx": start**2, "initial": start}, {"initial": 0}):
        expected = integrate.cumulative_simpson(y, axis=axis, **given)
        found = ours.cumulative_simpson(y, axis=axis, **given)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    weights = RNG.normal(size=y.shape)
    shorter = RNG.normal(size=np.shape(integrate.cumulative_simpson(y, axis=axis)))
    check_grads(
        lambda y, x: np.sum(shorter * integrate.cumulative_simpson(y, x=x, axis=axis)), (y, x)
    )
    check_grads(
        lambda y, dx, start: np.sum(
            weights * integrate.cumulative_simpson(y, dx=dx, axis=axis, initial=start)
        ),
        (y, 0.3, start),
    )


def test_cumulative_simpson_raises_as_scipy_does() -> None:
    x = np.array([0.0, 2.0, 1.0])
    with pytest.raises(ValueError, match="strictly increasing"):
        grad(lambda y: np.sum(integrate.cumulative_simpson(y, x=x)))(np.ones(3))


@pytest.mark.parametrize("axis", AXES)
def test_trapezoid(axis: int) -> None:
    y, x = samples(5, axis), points(5)
    weights = RNG.normal(size=np.delete(y.shape, axis))
    whole = RNG.normal(size=y.shape)
    check_grads(lambda y, x: np.sum(weights * integrate.trapezoid(y, x, axis=axis)), (y, x))
    check_grads(lambda y, dx: np.sum(weights * integrate.trapezoid(y, dx=dx, axis=axis)), (y, 0.3))
    if axis == -1:
        check_grads(
            lambda y, x: np.sum(whole * integrate.cumulative_trapezoid(y, x, initial=0)), (y, x)
        )


@pytest.mark.parametrize(("shape", "axis"), [((9,), -1), ((3, 9), -1), ((9, 3), 0), ((2, 5, 3), 1)])
def test_romb(shape: tuple[int, ...], axis: int) -> None:
    check(integrate.romb, RNG.normal(size=shape), 0.2, axis=axis)


def test_fixed_quad() -> None:
    def by_closure(a: Any, b: Any, k: Any) -> Any:
        return integrate.fixed_quad(lambda x: np.exp(-k * x) * x, a, b, n=4)[0]

    def by_argument(a: Any, b: Any, k: Any) -> Any:
        return integrate.fixed_quad(lambda x, k: np.exp(-k * x) * x, a, b, args=(k,))[0]

    assert ours.fixed_quad(np.cos, 0.0, 1.0) == integrate.fixed_quad(np.cos, 0.0, 1.0)
    for function in (by_closure, by_argument):
        check_grads(function, (0.1, 2.0, 0.7))
    with pytest.raises(ValueError, match="finite limits"):
        grad(by_closure)(0.0, np.inf, 1.0)


def test_every_function_has_an_entry() -> None:
    public = [getattr(integrate, name) for name in integrate.__all__]
    functions = [f for f in public if callable(f) and not isinstance(f, type)]
    assert [f.__name__ for f in functions if lookup(f) is None] == []
    assert lookup(special.roots_legendre) is not None

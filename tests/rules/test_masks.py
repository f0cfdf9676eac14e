"""What is not taken of an array, in its spellings: nothing infinite comes of it, to second order.

The argument is 0 at its first place, where roots and logarithms have no finite derivative. Each
program leaves that out: derivatives are 0 there, and elsewhere those that differences give.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import grad, hessian, hvp, jvp

PROGRAMS: dict[str, Callable[..., Any]] = {}
X = np.array([0.0, 4.0, 2.5])
ALONG = np.array([0.5, -0.4, -0.9])


def program(function: Callable[..., Any]) -> Callable[..., Any]:
    PROGRAMS[function.__name__] = function
    return function


# Written by a mask ------------------------------------------------------------------------------


@program
def masked_write_in_a_loop(x: Any) -> Any:
    y = np.zeros_like(x)
    for _ in range(3):
        m = x > 0
        y[m] = np.sqrt(x[m]) + 0.5 * y[m] ** 2
    return np.sum(y**2)


@program
def by_out_and_where(x: Any) -> Any:
    y = np.zeros_like(x)
    np.divide(x + 1, x, out=y, where=x != 0)
    return np.sum(y**2) + np.sum(x * np.log(x, out=np.zeros_like(x), where=x > 0))


@program
def by_putmask_and_place(x: Any) -> Any:
    y, z = np.zeros_like(x), np.zeros_like(x)
    np.putmask(y, x > 0, np.sqrt(x))
    np.place(z, x > 0, np.log(x[x > 0]))
    return np.sum(y**3 * z)


@program
def by_copyto(x: Any) -> Any:
    y = np.log(x) * x
    np.copyto(y, 0.0, where=x <= 0)
    return np.sum(y**3)


@program
def what_is_infinite_is_overwritten(x: Any) -> Any:
    y = 1 / x
    y[~np.isfinite(y)] = 0.0
    return np.sum(y**3)


@program
def what_is_nan_is_overwritten(x: Any) -> Any:
    y = np.log(x) * x
    y[np.isnan(y)] = 0.0
    return np.sum(y**3)


@program
def an_item_is_overwritten(x: Any) -> Any:
    y = np.sqrt(x)
    y[0] = 1.0
    return np.sum(y**3)


@program
def a_slice_is_overwritten(x: Any) -> Any:
    y = np.log(x) * x
    y[:1] = 0.0
    return np.sum(y**3)


@program
def what_integers_name_is_overwritten(x: Any) -> Any:
    y = np.log(x) * x
    y[np.flatnonzero(x <= 0)] = 0.0
    return np.sum(y**3)


# Chosen -----------------------------------------------------------------------------------------


@program
def where_in_a_loop(x: Any) -> Any:
    y = np.zeros_like(x)
    for _ in range(3):
        y = np.where(x > 0, np.sqrt(x) * y + np.log(x), 0.0)
    return np.sum(y**2)


@program
def where_of_what_a_loop_carries(x: Any) -> Any:
    y = x * 1.0
    for _ in range(3):
        y = np.where(y > 0, np.sqrt(y) + y**1.5, 0.0)
    return np.sum(y**2)


@program
def where_of_items(x: Any) -> Any:
    s = 0.0
    for i in range(len(x)):
        s += np.where(x[i] > 0, x[i] * np.log(x[i]), 0.0) ** 2
    return s


@program
def where_in_where(x: Any) -> Any:
    s = np.where(x > 0, np.where(x > 3, np.sqrt(x), np.log(x)), 0.0)
    return np.sum(np.where(s != 0, np.log(np.abs(s)) / s, 0.0) ** 2)


@program
def select_and_piecewise(x: Any) -> Any:
    y = np.select([x > 3, x > 0], [np.sqrt(x), np.log(x)], 0.0)
    return np.sum(y * np.piecewise(x, [x > 0], [lambda t: np.sqrt(t) * t, 0.0]))


@program
def choose(x: Any) -> Any:
    return np.sum(np.choose(np.where(x > 0, 1, 0), [0.0 * x, np.log(x) * x]) ** 3)


# Reductions of some -----------------------------------------------------------------------------


@program
def variance_of_some(x: Any) -> Any:
    return np.var(np.sqrt(x), where=x > 0) * np.std(np.log(x), where=x > 0)


@program
def largest_of_some(x: Any) -> Any:
    return np.max(np.log(x) * x, where=x > 0, initial=-10.0) ** 2 * np.max(np.sqrt(x))


@program
def smallest_of_some(x: Any) -> Any:
    return np.min(1 / x, where=x > 0, initial=10.0) ** 2 * np.min(1 / x)


@program
def product_of_some(x: Any) -> Any:
    return np.prod(np.log(x), where=x > 0)


@program
def without_nan(x: Any) -> Any:
    y = x * np.log(x)
    return np.nanmean(y) ** 2 + np.nanmax(y) ** 2 + np.nanvar(y) + np.nanstd(y)


# Read in parts ----------------------------------------------------------------------------------


@program
def a_slice(x: Any) -> Any:
    return np.sum(np.sqrt(x)[1:] ** 3)


@program
def a_slice_of_a_product(x: Any) -> Any:
    return np.sum((2 * x * np.log(x))[1:] ** 2)


@program
def two_slices(x: Any) -> Any:
    y = np.log(x)
    return np.sum(y[1:] * y[:0:-1])


@program
def two_items(x: Any) -> Any:
    return np.sqrt(x)[1] ** 3 + np.log(x)[2]


@program
def unpacked(x: Any) -> Any:
    _, b, c = np.sqrt(x)
    return b * c**2


@program
def integers_with_a_repeat(x: Any) -> Any:
    return np.sum(np.sqrt(x)[[1, 2, 1]] ** 3)


@program
def where_it_is_not_zero(x: Any) -> Any:
    i = np.flatnonzero(x > 0)
    return np.sum(np.log(x)[i] * x[i] + (1 / x)[np.nonzero(x)] ** 2)


@program
def take_and_compress(x: Any) -> Any:
    y = np.sqrt(x)
    return np.sum(np.take(y, [1, 2]) ** 3 * np.compress(x > 0, y) * np.extract(x > 0, np.log(x)))


@program
def delete(x: Any) -> Any:
    return np.sum(np.delete(np.log(x), 0) ** 3)


@program
def joined_parts(x: Any) -> Any:
    y = np.sqrt(x)
    return np.sum(np.concatenate([y[1:], y[2:]]) ** 3)


@program
def an_upper_triangle(x: Any) -> Any:
    inverse = 1 / np.abs(x[:, None] - x)
    return np.sum(inverse[np.triu_indices(3, 1)] ** 2 * x)


@program
def a_diagonal(x: Any) -> Any:
    return np.sum(np.diag(np.sqrt(np.diag(x[1:] ** 3))))


#: That do not leave out the first place, but the diagonal, or all beside it.
OF_ALL = frozenset({"an_upper_triangle"})


def slope(fun: Callable[..., Any], x: Any, along: Any, h: float) -> Any:
    """The derivative along a direction, by differences of fourth order."""
    at = [fun(x + k * h * along) for k in (-2, -1, 1, 2)]
    return (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.sampled(3)
def test_derivatives(name: str) -> None:
    fun = PROGRAMS[name]
    places = np.arange(3) >= (name not in OF_ALL)
    units, along = np.eye(3) * places, ALONG * places
    with np.errstate(all="ignore"):
        expected = np.array([slope(fun, X, e, 1e-3) for e in units])
        np.testing.assert_allclose(grad(fun)(X), expected, rtol=1e-7, atol=1e-8)
        for e, each in zip(np.eye(3), expected, strict=True):
            np.testing.assert_allclose(jvp(fun, (X,), (e,))[1], each, rtol=1e-7, atol=1e-8)
        curved = slope(grad(fun), X, along, 1e-3) * places
        for found in second_derivatives(fun, X, ALONG):
            np.testing.assert_allclose(found, curved, rtol=1e-6, atol=1e-6)


def second_derivatives(fun: Callable[..., Any], x: Any, along: Any) -> list[Any]:
    """The derivative along a direction of the gradient of `fun`, in all its compositions."""
    return [
        grad(lambda x: np.sum(along * grad(fun)(x)))(x),
        jvp(grad(fun), (x,), (along,))[1],
        grad(lambda x: jvp(fun, (x,), (along,))[1])(x),
        hvp(fun)(x, along),
        hessian(fun)(x) @ along,
        np.array([jvp(lambda x: jvp(fun, (x,), (e,))[1], (x,), (along,))[1] for e in np.eye(3)]),
    ]


def test_parts_are_written_as_by_hand() -> None:
    gradient = grad(two_slices)
    with np.errstate(all="ignore"):
        gradient(X)
    assert "d_x[1:] += y[:0:-1] / x[1:]" in gradient.source


def test_parts_that_are_all_of_an_array_are_one() -> None:
    def neighbours(x: Any) -> Any:
        y = np.sqrt(x)
        return np.sum(y[1:] * y[:-1])

    gradient = grad(neighbours)
    gradient(X + 1)
    assert "return d_y / (2 * y)" in gradient.source


def test_parts_are_those_of_the_version_that_a_rule_reads() -> None:
    def fun(x: Any) -> Any:
        y = np.sqrt(x)
        y[1] -= 1
        return y[1] ** 2 + 3 * y[2]

    x = np.array([0.0, 4.0, 9.0])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(grad(fun)(x), [0.0, 2 * 1 / 4, 3 / 6])
        along = jvp(grad(fun), (x,), (np.array([0.0, 1.0, 1.0]),))[1]
    # Of (sqrt(x) - 1)**2 that is 1 - 1 / sqrt(x), and 3 sqrt(x) bends by -3 / (4 x sqrt(x)).
    np.testing.assert_allclose(along, [0.0, 1 / (2 * 8), -3 / (4 * 27)])


def test_parts_of_complex_arrays() -> None:
    def fun(z: Any) -> Any:
        return np.sum(np.real(np.sqrt(z)[1:] * (2 - 1j))) + np.sum(np.abs(z[1:]) ** 2)

    z, along = np.array([0j, 3 + 4j]), np.array([0.3 + 0.2j, 0.5 - 1j])
    with np.errstate(all="ignore"):
        # The root of 3 + 4j is 2 + 1j. Of |z|**2 the gradient is twice conj(z).
        expected = [0, (2 - 1j) / (2 * (2 + 1j)) + 2 * (3 - 4j)]
        np.testing.assert_allclose(grad(fun)(z), expected)
        np.testing.assert_allclose(jvp(fun, (z,), (along,))[1], np.sum(expected * along).real)
        bend = -(2 - 1j) / (4 * (2 + 1j) ** 3) * along[1] + 2 * np.conj(along[1])
        np.testing.assert_allclose(jvp(grad(fun), (z,), (along,))[1], [0, bend])


def test_two_arms_of_one_condition_leave_nothing_out() -> None:
    def huber(a: Any) -> Any:
        r = a * np.exp(-X)
        return np.sum(np.where(np.abs(r) < 1.0, 0.5 * r**2, np.abs(r) - 0.5))

    gradient = grad(huber)
    step = (huber(1.5 + 1e-6) - huber(1.5 - 1e-6)) / 2e-6
    np.testing.assert_allclose(gradient(1.5), step, rtol=1e-8)
    assert "~" not in gradient.source

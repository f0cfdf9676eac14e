"""Where other systems give NaN or a wrong number: branches not taken, zeros, ends of the range.

Each program is checked in both modes, and against what the derivative is.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

from adjoint import grad, jvp
from adjoint.rules.registry import lookup, registered

SPREAD = np.array([-1e4, 0.0, 1e4])
SINGULAR = np.array([[0.0, 2.0], [3.0, 0.0]])
HALF = np.array([0.0, 0.5])
MISSING = np.array([np.nan, 1.0, 3.0])
POINTS = np.array([0.0, 3.0, 7.0])


def softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


def log_softmax(x: Any) -> Any:
    shifted = x - np.max(x)
    return shifted - np.log(np.sum(np.exp(shifted)))


def masked_write(x: Any) -> Any:
    y = np.zeros_like(x)
    y[x > 0] = np.sqrt(x[x > 0])
    return np.sum(y)


def overwritten(x: Any) -> Any:
    y = x * np.log(x)
    y[x <= 0] = 0.0
    return np.sum(y)


def repelling(x: Any) -> Any:
    inverse = 1 / np.sqrt((x[:, None] - x) ** 2)
    np.fill_diagonal(inverse, 0.0)
    return np.sum(inverse)


def normalised(a: Any) -> Any:
    length = np.sqrt(np.sum(a**2, axis=1))
    return np.sum(np.where(length[:, None] > 0, a / length[:, None], 0.0) * [3.0, 1.0])


def cross_entropy(p: Any) -> Any:
    y = np.array([[0.0, 1.0, 2.0], [0.0, 3.0, 0.0]])
    return -np.sum(np.where(y > 0, y * np.log(p), 0.0))


def rooted_in_turn(x: Any) -> Any:
    total = 0.0
    for k in range(2):
        x = np.sqrt(np.maximum(x - k, 0.0)) + k
        total += np.sum(x * [1.0, 2.0])
    return total


def rooted_and_written(x: Any) -> Any:
    x = x.copy()
    y = np.where(x > 0, x, 0.0)
    root = np.sqrt(y)
    y[0] = 3.0
    return np.sum(root * y)


# name: (function, argument, its derivative)
PROGRAMS: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "where_sqrt": (
        lambda x: np.sum(np.where(x > 0, np.sqrt(np.abs(x)), 0.0)),
        np.array([0.0, 4.0]),
        [0.0, 0.25],
    ),
    "where_log": (
        lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)),
        np.array([0.0, -1.0, 4.0]),
        [0.0, 0.0, 0.25],
    ),
    "where_reciprocal": (
        lambda x: np.sum(np.where(x != 0, 1 / x, 0.0)),
        np.array([0.0, 2.0]),
        [0.0, -0.25],
    ),
    "where_missing_beside_a_positive_divisor": (
        lambda x: np.sum(np.where(MISSING > 0, x / (MISSING**2 + 1), 0.0)),
        np.array([2.0, 1.0, -1.0]),
        [0.0, 0.5, 0.1],
    ),
    "where_share_of_none": (
        lambda x: np.sum(np.where(x > 5, x / len(x[x > 5]), 0.0)),
        np.array([1.0, 2.0]),
        [0.0, 0.0],
    ),
    "where_share_of_all": (
        lambda x: np.sum(np.where(x > 1, np.log(x) / len(x) ** 0.5, 0.0)),
        np.array([0.0, 2.0, 4.0, -1.0]),
        [0.0, 0.25, 0.125, 0.0],
    ),
    "off_the_diagonal_of_softened_distances": (
        lambda x: np.sum(
            np.where(np.eye(3, dtype=bool), 0.0, 1 / np.sqrt((x[:, None] - x) ** 2 + 1e-4))
        ),
        np.array([0.0, 1.0, 3.0]),
        [
            2 / 1.0001**1.5 + 6 / 9.0001**1.5,
            4 / 4.0001**1.5 - 2 / 1.0001**1.5,
            -6 / 9.0001**1.5 - 4 / 4.0001**1.5,
        ],
    ),
    "where_arcsin": (
        lambda x: np.sum(np.where(np.abs(x) < 1, np.arcsin(x), x)),
        np.array([0.0, 1.0, 3.0]),
        [1.0, 1.0, 1.0],
    ),
    "where_power": (
        lambda x: np.sum(np.where(x > 0, x**0.5, 0.0)),
        np.array([0.0, 4.0]),
        [0.0, 0.25],
    ),
    "where_entropy": (
        lambda x: np.sum(np.where(x > 0, x * np.log(x), 0.0)),
        np.array([0.0, -1.0, 1.0]),
        [0.0, 0.0, 1.0],
    ),
    "where_in_where": (
        lambda x: np.sum(np.where(x > 0, np.where(x < 2, x * np.log(x), 0.0), np.sqrt(-x) * x)),
        np.array([0.5, 3.0, -1.0]),
        [1 + np.log(0.5), 0.0, 1.5],
    ),
    "where_taken_twice": (
        lambda x: np.sum(np.where(x > 0, np.log(x), 0.0) + np.where(x > 0, 2 * np.log(x), 0.0)),
        np.array([0.0, 3.0]),
        [0.0, 1.0],
    ),
    "where_of_missing": (
        lambda w: np.sum(np.where(np.isnan(MISSING), 0.0, (w * MISSING) ** 2)),
        np.array([2.0]),
        [40.0],
    ),
    "where_of_rows": (
        normalised,
        np.array([[3.0, 4.0], [0.0, 0.0]]),
        [[0.288, -0.216], [0.0, 0.0]],
    ),
    "where_of_sum": (cross_entropy, np.array([0.0, 0.5, 0.25]), [0.0, -8.0, -8.0]),
    "select": (
        lambda x: np.sum(np.select([x > 0, x < -1], [x * np.log(x), x / np.sqrt(-1 - x)], x)),
        np.array([1.0, 0.0, -2.0]),
        [1.0, 1.0, 0.0],
    ),
    "reduction_of_some": (
        lambda x: np.sum(x * np.log(x), where=x > 0),
        np.array([0.0, 1.0]),
        [0.0, 1.0],
    ),
    "nan_to_num": (
        lambda x: np.sum(np.nan_to_num(x * np.log(x))),
        np.array([0.0, 1.0]),
        [0.0, 1.0],
    ),
    "overwritten": (overwritten, np.array([0.0, 1.0]), [0.0, 1.0]),
    "repelling": (repelling, POINTS, [2 / 9 + 2 / 49, -2 / 9 + 2 / 16, -2 / 49 - 2 / 16]),
    "masked_write": (masked_write, np.array([0.0, 4.0]), [0.0, 0.25]),
    "norm_at_zero": (lambda x: np.linalg.norm(x), np.zeros(3), np.zeros(3)),
    "std_at_zero": (lambda x: np.std(x), np.ones(3), np.zeros(3)),
    "hypot_at_zero": (lambda x: np.sum(np.hypot(x, x)), np.zeros(2), np.zeros(2)),
    "prod_one_zero": (lambda x: np.prod(x), np.array([2.0, 0.0, 5.0]), [0.0, 10.0, 0.0]),
    "prod_two_zeros": (lambda x: np.prod(x), np.array([2.0, 0.0, 0.0]), np.zeros(3)),
    "cumprod_one_zero": (
        lambda x: np.sum(np.cumprod(x)),
        np.array([2.0, 0.0, 5.0]),
        [1.0, 12.0, 0.0],
    ),
    "cumprod_two_zeros": (
        lambda x: np.sum(np.cumprod(x)),
        np.array([2.0, 0.0, 0.0]),
        [1.0, 2.0, 0.0],
    ),
    "power_of_nothing": (lambda x: np.sum(x**0.0), np.zeros(2), np.zeros(2)),
    "square_at_zero": (lambda x: np.sum(x**2.0), np.zeros(2), np.zeros(2)),
    "sinc_at_zero": (lambda x: np.sum(np.sinc(x)), np.zeros(2), np.zeros(2)),
    "arctan2_at_zero": (lambda x: np.sum(np.arctan2(x, x)), np.zeros(2), np.zeros(2)),
    "arctan2_of_two_zeros": (lambda x: np.arctan2(x[0], x[1]), np.zeros(2), np.zeros(2)),
    "angle_at_zero": (lambda x: np.angle(x[0] + 1j * x[1]), np.zeros(2), np.zeros(2)),
    "logaddexp_at_minus_inf": (
        lambda x: np.sum(np.exp(np.logaddexp(x, -np.inf))),
        np.array([-np.inf, 0.0]),
        [0.0, 1.0],
    ),
    "logsumexp_of_minus_inf": (
        lambda x: np.logaddexp.reduce(x),
        np.array([-np.inf, 0.0]),
        [0.0, 1.0],
    ),
    "softmax": (lambda x: softmax(x)[2] + 2 * softmax(x)[1], SPREAD, np.zeros(3)),
    "log_softmax": (lambda x: log_softmax(x)[0], SPREAD, [1.0, 0.0, -1.0]),
    "triangle_hides_diagonal": (
        lambda a: np.sum(np.triu(1 / a, 1)),
        SINGULAR,
        [[0.0, -0.25], [0.0, 0.0]],
    ),
    "root_of_maximum": (
        lambda x: np.sum(np.sqrt(2 * np.maximum(x, 0))),
        np.array([-1.0, 2.0]),
        [0.0, 0.5],
    ),
    "root_of_where": (
        lambda x: np.sum(np.sqrt(np.where(x > 1, x, 0.0))),
        np.array([-1.0, 4.0]),
        [0.0, 0.25],
    ),
    "power_of_maximum": (
        lambda x: np.sum(np.maximum(x, 0) ** 1.5),
        np.array([-1.0, 4.0]),
        [0.0, 3.0],
    ),
    "arccos_of_clip": (
        lambda x: np.sum(np.arccos(np.clip(x, -1, 1))) + np.sum(np.arccos(x.clip(max=1))[1:]),
        np.array([-2.0, 0.0, 3.0]),
        [0.0, -2.0, 0.0],
    ),
    "arcsin_of_minimum_of_maximum": (
        lambda x: np.sum(np.arcsin(np.minimum(np.maximum(x, -1), 1))),
        np.array([-2.0, 0.0, 3.0]),
        [0.0, 1.0, 0.0],
    ),
    "maximum_of_logarithm": (
        lambda x: np.sum(np.maximum(np.log(x), -1) * [2.0, 1.0]),
        np.array([0.0, 2.0]),
        [0.0, 0.5],
    ),
    "minimum_of_quotient": (
        lambda x: np.sum(np.minimum(1 / x, 10.0)),
        np.array([0.0, 2.0]),
        [0.0, -0.25],
    ),
    "minimum_of_exponential": (
        lambda x: np.sum(np.minimum(np.exp(x), 5.0)),
        np.array([1e4, 0.0]),
        [0.0, 1.0],
    ),
    "roots_of_maxima_in_a_loop": (
        rooted_in_turn,
        np.array([-1.0, 16.0]),
        [0.0, 1 / 4 + 1 / (8 * np.sqrt(3))],
    ),
    "root_of_what_is_written_later": (rooted_and_written, np.array([4.0, 4.0]), [0.75, 3.0]),
    "trace_of_logarithms": (
        lambda a: np.trace(2 * np.log(a)),
        np.array([[4.0, 0.0], [0.0, 2.0]]),
        [[0.5, 0.0], [0.0, 1.0]],
    ),
    "largest_in_order": (
        lambda x: np.sum(np.sort(np.sqrt(x))[1:] * [1.0, 2.0]),
        np.array([4.0, 0.0, 16.0]),
        [0.25, 0.0, 0.25],
    ),
    "first_from_behind": (
        lambda x: np.sum(np.roll(np.sqrt(x)[::-1], 1)[1:] * [1.0, 2.0]),
        np.array([0.0, 4.0, 16.0]),
        [0.0, 0.5, 0.125],
    ),
    "rows_of_a_transposed": (
        lambda a: np.sum(np.sqrt(a).T[1:]) + np.sum(np.log(a).reshape(4)[1::2]),
        np.array([[0.0, 4.0], [0.0, 1.0]]),
        [[0.0, 0.5], [0.0, 1.5]],
    ),
    "parts_of_what_is_joined": (
        lambda x: np.sum(np.stack([np.sqrt(x), x])[0, 1:]) + np.concatenate([x, np.log(x)])[3],
        np.array([0.0, 4.0]),
        [0.0, 0.5],
    ),
    "differences_of_some": (
        lambda x: np.sum(np.diff(np.sqrt(x))[1:]) + np.sum(np.diff(np.log([x, x]), axis=1)[0, 1:]),
        np.array([0.0, 4.0, 16.0]),
        [0.0, -0.5, 0.1875],
    ),
    "a_piece": (
        lambda x: np.sum(np.split(np.sqrt(x), [1])[1] * [1.0, 2.0]),
        np.array([0.0, 4.0, 16.0]),
        [0.0, 0.25, 0.25],
    ),
    "sums_of_some": (
        lambda x: np.sum(np.cumsum(np.sqrt(x)[::-1])[:-1]),
        np.array([0.0, 4.0, 16.0]),
        [0.0, 0.25, 0.25],
    ),
    "relative_entropy_of_nothing": (
        lambda p: np.sum(scipy.special.rel_entr(p, p) + scipy.special.rel_entr(p, HALF)),
        np.array([0.0, 1.0]),
        [0.0, np.log(2) + 1],
    ),
    "nan_left_out": (
        lambda x: np.nansum(x) + np.nanmean(x) + np.nanmax(x),
        np.array([1.0, np.nan, 3.0]),
        [1.5, 0.0, 2.5],
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradient(name: str) -> None:
    fun, x, expected = PROGRAMS[name]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        np.testing.assert_allclose(grad(fun)(x), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", PROGRAMS)
def test_tangent(name: str) -> None:
    fun, x, expected = PROGRAMS[name]
    direction = np.cos(np.arange(np.size(x)) + 1.0).reshape(np.shape(x))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        _, tangent = jvp(fun, (x,), (direction,))
    np.testing.assert_allclose(tangent, np.sum(expected * direction), rtol=1e-12, atol=1e-14)


def only(*diagonal: float) -> Any:
    return np.diag(np.array(diagonal))


#: Second derivatives, where they are something. What is not here is zero, or a kink.
SECOND: dict[str, Any] = {
    "where_sqrt": only(0.0, -1 / 32),
    "where_log": only(0.0, 0.0, -1 / 16),
    "where_reciprocal": only(0.0, 0.25),
    "where_arcsin": only(0.0, 0.0, 0.0),
    "where_power": only(0.0, -1 / 32),
    "where_entropy": only(0.0, 0.0, 1.0),
    "where_in_where": only(2.0, 0.0, -0.75),
    "where_taken_twice": only(0.0, -1 / 3),
    "where_of_sum": only(0.0, 16.0, 32.0),
    "reduction_of_some": only(0.0, 1.0),
    "nan_to_num": only(0.0, 1.0),
    "masked_write": only(0.0, -1 / 32),
    "prod_one_zero": np.array([[0.0, 5, 0], [5, 0, 2], [0, 2, 0]]),
    "prod_two_zeros": np.array([[0.0, 0, 0], [0, 0, 2], [0, 2, 0]]),
    "cumprod_one_zero": np.array([[0.0, 6, 0], [6, 0, 2], [0, 2, 0]]),
    "cumprod_two_zeros": np.array([[0.0, 1, 0], [1, 0, 2], [0, 2, 0]]),
    "power_of_nothing": only(0.0, 0.0),
    "square_at_zero": only(2.0, 2.0),
    "sinc_at_zero": only(-(np.pi**2) / 3, -(np.pi**2) / 3),
    "arctan2_at_zero": only(0.0, 0.0),
    "arctan2_of_two_zeros": only(0.0, 0.0),
    "angle_at_zero": only(0.0, 0.0),
    "logaddexp_at_minus_inf": only(0.0, 1.0),
    "logsumexp_of_minus_inf": only(0.0, 0.0),
    "softmax": np.zeros((3, 3)),
    "log_softmax": np.zeros((3, 3)),
    "triangle_hides_diagonal": only(0.0, 0.25, 0.0, 0.0),
    "root_of_maximum": only(0.0, -1 / 8),
    "root_of_where": only(0.0, -1 / 32),
    "power_of_maximum": only(0.0, 3 / 8),
    "arccos_of_clip": only(0.0, 0.0, 0.0),
    "arcsin_of_minimum_of_maximum": only(0.0, 0.0, 0.0),
    "maximum_of_logarithm": only(0.0, -0.25),
    "minimum_of_quotient": only(0.0, 0.25),
    "minimum_of_exponential": only(0.0, 1.0),
    "largest_in_order": only(-1 / 32, 0.0, -1 / 128),
    "first_from_behind": only(0.0, -1 / 16, -1 / 256),
    "nan_left_out": np.zeros((3, 3)),
}
#: At these the first derivative has a jump or a kink: the second one is finite.
KINKS = ("norm_at_zero", "std_at_zero", "hypot_at_zero")


def second_derivatives(fun: Callable[..., Any], x: Any, along: Any) -> list[Any]:
    """The derivative along a direction of that of `fun`, with the modes in each order."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [
            grad(lambda x: np.sum(along * grad(fun)(x)))(x),
            jvp(grad(fun), (x,), (along,))[1],
            grad(lambda x: jvp(fun, (x,), (along,))[1])(x),
            jvp(lambda x: jvp(fun, (x,), (along,))[1], (x,), (along,))[1],
        ]


@pytest.mark.parametrize("name", SECOND)
@pytest.mark.sampled(3)
def test_second_derivative(name: str) -> None:
    fun, x, _ = PROGRAMS[name]
    along = np.cos(np.arange(np.size(x)) + 1.0).reshape(np.shape(x))
    expected = np.reshape(SECOND[name] @ np.ravel(along), np.shape(x))
    *three, curvature = second_derivatives(fun, x, along)
    for found in three:
        # The slope of sinc near 0 is a series of three terms.
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(curvature, np.sum(expected * along), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", KINKS)
def test_second_derivative_at_a_kink_is_finite(name: str) -> None:
    fun, x, _ = PROGRAMS[name]
    for found in second_derivatives(fun, x, np.cos(np.arange(np.size(x)) + 1.0)):
        assert np.all(np.isfinite(found))


def test_rules_are_finite_at_their_safe_points() -> None:
    assert lookup(scipy.special.logit), "which declares the rules of SciPy"
    rules = [rule for rule in registered() if rule.safe is not None]
    for rule in rules:
        count = len(inspect.signature(next(iter(rule.vjps.values()))).parameters) - 2
        places = rule.places(count)
        args = [rule.safe if place in places else 1 for place in range(count)]
        ans = rule.function(*args)
        assert np.isfinite(ans), rule.function
        for vjp in (*rule.vjps.values(), *rule.without_ans.values()):
            assert np.isfinite(vjp(1.0, ans, *args)), rule.function


def test_a_cotangent_that_is_zero_by_itself_is_taken() -> None:
    def fun(c: float, x: Any) -> Any:
        return np.sum(np.where(x > 0, c * np.log(x), 0.0))

    x = np.array([2.0, 4.0, 0.0])
    with np.errstate(divide="ignore"):
        along_c = grad(lambda c: np.sum(SPREAD * grad(fun, argnums=1)(c, x)))(0.0)
        across = jvp(lambda c: grad(fun, argnums=1)(c, x), (0.0,), (1.0,))[1]
    np.testing.assert_allclose(along_c, -1e4 / 2)
    np.testing.assert_allclose(across, [0.5, 0.25, 0.0])


def test_an_overwritten_singularity_to_second_order() -> None:
    with np.errstate(all="ignore"):
        curvature = jvp(grad(overwritten), (np.array([0.0, 2.0]),), (np.ones(2),))[1]
        forces = jvp(grad(repelling), (POINTS,), (np.array([1.0, 0.0, 0.0]),))[1]
    np.testing.assert_allclose(curvature, [0.0, 0.5])
    np.testing.assert_allclose(forces, [4 / 27 + 4 / 343, -4 / 27, -4 / 343])


def test_root_of_a_python_zero_that_does_not_matter() -> None:
    def fun(x: float, use: bool) -> Any:
        return np.sqrt(x) if use else 0.0 * x + 2.0

    assert grad(fun)(0.0, False) == 0.0
    with np.errstate(divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert grad(lambda x: np.sqrt(x))(0.0) == np.inf
        masked = grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))
        assert masked(0.0) == 0.0
        assert grad(masked)(0.0) == 0.0 and jvp(masked, (0.0,), (1.0,))[1] == 0.0


#: Of Python numbers, and the same of arrays, which do not raise.
OF_NUMBERS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (lambda x: x**0.5, lambda x: x**0.5),
    (lambda x: 3.0 * x**1.5 * 2.0, lambda x: 3.0 * x**1.5 * 2.0),
    (lambda x: math.sqrt(x), lambda x: np.sqrt(x)),
    (lambda x: 1.0 * math.sqrt(x * x), lambda x: 1.0 * np.sqrt(x * x)),
    (lambda x: math.pow(x, 0.3), lambda x: x**0.3),
    (lambda x: pow(abs(x), 0.5), lambda x: abs(x) ** 0.5),
    (lambda x: x ** (0.25 + x), lambda x: x ** (0.25 + x)),
    (lambda x: math.acosh(1 + x), lambda x: np.arccosh(1 + x)),
]


@pytest.mark.parametrize(("of_number", "of_array"), OF_NUMBERS)
def test_python_numbers_are_as_arrays_at_zero(
    of_number: Callable[..., Any], of_array: Callable[..., Any]
) -> None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        slope, slopes = grad(of_number), grad(lambda x: np.sum(of_array(x)))
        for at in (0.0, 0.3):
            x, one = np.array([at]), np.ones(1)
            bend = jvp(slopes, (x,), (one,))[1]
            np.testing.assert_allclose(slope(at), slopes(x)[0], rtol=1e-12)
            np.testing.assert_allclose(jvp(of_number, (at,), (1.0,))[1], slopes(x)[0], rtol=1e-12)
            np.testing.assert_allclose(jvp(slope, (at,), (1.0,))[1], bend[0], rtol=1e-12)


def test_a_choice_of_a_number_that_is_safe_needs_no_guard() -> None:
    def fun(p: Any) -> Any:
        return np.sum(np.log(np.clip(p, 1e-9, 1 - 1e-9)) + np.log(1 - np.clip(p, 1e-9, 1 - 1e-9)))

    slope = grad(fun)
    np.testing.assert_allclose(slope(np.array([0.0, 0.5, 1.0, 0.25])), [0, 0, 0, 4 - 4 / 3])
    assert "where" not in slope.source
    rectified = grad(lambda x: np.sum(np.maximum(x @ x / 2.0, 0)))
    rectified(np.eye(2))
    assert "where" not in rectified.source


def test_slope_of_sinc_near_zero() -> None:
    # The series of the derivative is -pi**2 x / 3 + pi**4 x**3 / 30 - …
    for x in (1e-12, 1e-6, 1e-3, 0.0099999, 0.0100001):
        u = np.pi * x
        expected = np.pi * (-u / 3 + u**3 / 30 - u**5 / 840 + u**7 / 45360)
        np.testing.assert_allclose(grad(lambda x: np.sinc(x))(x), expected, rtol=1e-12)


def test_equal_elements_share_or_are_taken_in_order() -> None:
    x = np.array([2.0, 1.0, 2.0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.unique(x) * [1.0, 4.0]))(x), [2, 1, 2])
    np.testing.assert_array_equal(grad(lambda x: np.max(x))(x), [0.5, 0, 0.5])
    assert np.sum(grad(lambda x: np.median(x))(x)) == 1
    np.testing.assert_array_equal(grad(lambda x: np.maximum.accumulate(x)[2])(x), [0, 0, 1])

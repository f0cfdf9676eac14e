"""Traps of data flow: shapes, repeats, branches, loops, names bound here and there."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adjoint import grad, jvp, value_and_grad
from adjoint.errors import ZeroGradientWarning
from tests.oracle import assert_gradient

V = np.array([0.4, -0.8, 1.5])
W3 = np.array([0.7, -1.3, 2.1])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


# Shapes


def test_smaller_operand_of_a_broadcast():
    gradients = assert_gradient(lambda s, r, a: np.sum(s * r * a * a), 1.3, V, A)
    assert type(gradients[0]) is float
    assert gradients[1].shape == (3,)


def test_operand_of_length_one_is_summed_not_dropped():
    assert_gradient(lambda c, a: np.sum(W3 * (c * a)), np.array([[0.5], [2.0]]), A)
    assert_gradient(lambda c, a: np.sum(W3 * (c - a)), np.array([0.5]), A)
    assert_gradient(lambda c, a: np.sum((a / c) ** 2), np.array([[[0.5]]]), A)


def test_a_length_that_happens_to_be_one():
    gradient = grad(lambda x, y: np.sum((x * y) ** 2), argnums=(0, 1))
    for n in (3, 1, 4, 1):
        x, y = np.linspace(1, 2, n), np.linspace(3, 4, 4)[: n if n != 1 else 4]
        d_x, d_y = gradient(x, y)
        full = 2 * x * y**2
        np.testing.assert_allclose(d_x, full if n != 1 else [full.sum()], rtol=1e-12)
        np.testing.assert_allclose(d_y, 2 * y * x**2, rtol=1e-12)


def test_gradient_of_sum_has_a_shape_of_its_own():
    assert grad(np.sum)(A).tolist() == np.ones((2, 3)).tolist()
    assert grad(lambda x: x.sum())(np.float32(A)).dtype == np.float32


# Indices


def test_repeated_indices_add_up():
    idx = np.array([0, 0, 2, 0])
    assert grad(lambda v: np.sum(v[idx] * np.arange(1.0, 5.0)))(V).tolist() == [7.0, 0.0, 3.0]
    assert_gradient(lambda v: np.sum(v[[1, 1]] ** 2) * v[1], V)


def test_repeated_rows_and_mixed_indices():
    rows = np.array([1, 1, 0])
    assert_gradient(lambda a: np.sum(a[rows] ** 3 * W3), A)
    assert_gradient(lambda a: np.sum(a[rows, [2, 2, 1]] * W3) * a[0, 1], A)
    assert_gradient(lambda a: np.sum(np.take(a, [2, 2, 0], axis=1) * W3), A)


def test_negative_indices_meet_positive_ones():
    assert_gradient(lambda v: v[-1] * v[2] + v[-3] ** 2 * v[0], V)


# Keyword arguments


def test_keyword_arguments_of_numpy_functions():
    assert_gradient(lambda a: np.sum(np.sum(a=a**2, axis=0, keepdims=True) * W3), A)
    assert_gradient(lambda a: np.sum(np.mean(axis=1, a=a) * [1.0, -2.0]), A)
    assert_gradient(lambda v: np.sum(np.clip(v, a_max=1.0, a_min=-0.5) * W3), V)
    assert_gradient(lambda a: np.var(a, ddof=1) * np.std(a, axis=None), A)


def test_keyword_arguments_of_the_gradient_call():
    def f(x, scale=2.0, *, power=2):
        return scale * x**power

    gradient = grad(f, argnums=(0, 1))
    assert gradient(3.0) == pytest.approx((12.0, 9.0))
    assert gradient(3.0, scale=5.0) == pytest.approx((30.0, 9.0))
    assert gradient(3.0, power=3) == pytest.approx((54.0, 27.0))
    assert gradient(x=3.0, scale=1.0, power=1) == pytest.approx((1.0, 3.0))
    assert grad(f, argnums=("scale", "x"))(3.0) == pytest.approx((9.0, 12.0))


# Integers


def test_integer_inputs():
    def f(a, b):
        return a**3 - b**2

    for args in ((5, 6), (5.0, 6), (np.int64(5), np.int32(6)), (np.array(5), np.array(6))):
        d_a, d_b = grad(f, argnums=(0, 1))(*args)
        assert (d_a, d_b) == (75.0, -12.0)
        assert np.asarray(d_a).dtype == np.float64


def test_integer_arrays():
    k = np.array([1, 2, 3])
    gradient = grad(lambda k, s: np.sum(k**2 * s), argnums=(0, 1))(k, 0.5)
    assert gradient[0].dtype == np.float64
    assert gradient[0].tolist() == [1.0, 2.0, 3.0]
    assert gradient[1] == 14.0
    assert grad(lambda k: np.mean(k / 2))(k).tolist() == pytest.approx([1 / 6] * 3)


def test_integer_arithmetic_in_the_middle():
    assert_gradient(lambda x, n: x * (n // 2) + x**2 * (n % 3) + x / n, 1.3, 7)
    assert_gradient(lambda x, n: x * (-n // 2) + x * (-n % 3), 1.3, 7)


# Branches


def test_value_defined_in_one_branch_only():
    def f(x):
        if x > 0:
            bonus = x**2
        y = x * 3
        if x > 0:
            y = y + bonus
        return y

    assert_gradient(f, 1.3)
    assert_gradient(f, -1.3)


def test_value_that_was_never_bound_raises():
    def f(x):
        if x > 0:
            bonus = x**2
        return x + bonus

    assert grad(f)(1.5) == 4.0
    with pytest.raises(NameError):
        grad(f)(-1.5)


def test_both_arms_of_a_branch_from_one_compiled_function():
    def f(x, y):
        if x < y:
            x, y = y * 2, x
        elif x > 2 * y:
            return x * x
        return x**2 * y

    gradient = grad(f, argnums=(0, 1))
    assert gradient(1.0, 2.0) == pytest.approx((16.0, 16.0))
    assert gradient(3.0, 2.0) == pytest.approx((12.0, 9.0))
    assert gradient(5.0, 2.0) == pytest.approx((10.0, 0.0))


def test_masked_branch_puts_no_nan_into_the_gradient():
    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0) * W3)

    with np.errstate(invalid="ignore", divide="ignore"):
        gradient = grad(f)(np.array([4.0, -1.0, 0.0]))
    assert gradient.tolist() == [0.7 / 4, 0.0, 0.0]


def test_short_circuit_does_not_evaluate_the_right_side():
    def f(x, y):
        if x == 0.0 or y / x > 2:
            return y**2
        return x * y

    gradient = grad(f, argnums=1)
    assert gradient(0.0, 3.0) == 6.0
    assert gradient(1.0, 3.0) == 6.0
    assert gradient(2.0, 3.0) == 2.0


# Loops


def test_loop_variable_used_after_and_before_its_loop():
    def f(v, e):
        s = e * e
        for e in v:
            s = s * e + 1
        return s * e

    assert_gradient(f, V, 0.3)
    assert_gradient(f, V[:0], 0.3, argnums=(1,))


def test_loop_index_used_after_its_loop():
    def f(v):
        i = 0
        s = v[i]
        for i in range(1, 3):
            s = s * v[i]
        return s + v[i] ** 2 * i

    assert_gradient(f, V)


def test_variable_that_is_loop_start_and_read_in_the_body():
    def f(x, n):
        y = x
        for _ in range(n):
            y = y * x + x
        return y + x

    for n in (0, 1, 4):
        assert_gradient(f, 0.7, n)


def test_value_first_bound_inside_a_loop():
    def f(v):
        for i in range(len(v)):
            if i > 0:
                previous = current  # noqa: F821
            current = v[i] ** 2
        return current * previous

    assert_gradient(f, V)


def test_value_bound_inside_a_loop_that_never_ran():
    def f(x, n):
        for _ in range(n):
            y = x * x
        return y

    assert grad(f)(3.0, 2) == 6.0
    with pytest.raises(NameError):
        grad(f)(3.0, 0)


def test_best_is_none_before_the_loop():
    def f(v):
        best = None
        for e in v:
            value = (e - 0.5) ** 2
            if best is None or value < best:
                best = value
        return best

    assert_gradient(f, V)
    assert_gradient(f, V[::-1].copy())


def test_function_chosen_at_run_time():
    def f(x, y):
        g = np.sin if x > y else np.cos
        return g(x * y) * g(y)

    assert_gradient(f, 1.3, 0.4)
    assert_gradient(f, 0.4, 1.3)


def test_function_chosen_in_a_loop():
    def f(v):
        s = 1.0
        for i, e in enumerate(v):
            g = np.sin if i % 2 else np.exp
            s = s * g(e)
        return s

    assert_gradient(f, V)


def test_exit_in_the_middle_of_a_loop_body():
    def f(x, limit):
        y = x
        for i in range(10):
            y = y * 1.5
            z = y * y
            if z > limit:
                break
            y = y + np.sin(z) * 0.1
        return y * z + i

    for limit in (0.1, 5.0, 1e9):
        assert_gradient(f, 0.7, limit, argnums=(0,))


def test_returns_from_the_middle_of_a_loop():
    def f(x, limit):
        y = x
        for i in range(6):
            if y > limit:
                return y * x
            y = y * 1.5
            if i == 4:
                return y**2
            y = y + x
        return y

    for limit in (0.1, 5.0, 1e9):
        assert_gradient(f, 0.7, limit, argnums=(0,))


def test_nested_whiles():
    def f(x):
        s, y = 0.0, x
        while y < 4:
            z = y
            while z < 8:
                z = z * 1.7 + x * s * 0.01
                s = s + z
            y = y + x
        return s * y

    assert_gradient(f, 0.9)
    assert_gradient(f, 5.0)


def test_swap_inside_a_loop():
    def f(a, b, n):
        for _ in range(n):
            a, b = b, a * b + 0.1
        return a * 2 + b

    for n in (0, 1, 2, 5):
        assert_gradient(f, 0.7, 1.2, n)


# Names of values


def test_alias_of_a_value_that_is_then_rebound():
    def f(x):
        y = x
        x = x * 2
        z = x
        x += 1
        return x * y * z

    assert_gradient(f, 1.3)


def test_name_on_both_sides():
    def f(x):
        for _ in range(3):
            x = x * np.sin(x) + x
        return x * x

    assert_gradient(f, 1.3)


def test_two_arguments_that_are_the_same_object():
    def f(x, y):
        return np.sum(W3 * x * y**2)

    gradients = assert_gradient(f, V, V)
    np.testing.assert_allclose(gradients[0], W3 * V**2, rtol=1e-12)
    np.testing.assert_allclose(gradients[1], 2 * W3 * V**2, rtol=1e-12)


def test_leaves_that_are_the_same_object():
    d_x, d_y = grad(lambda p: np.sum(p[0] * p[1] ** 2))([V, V])
    np.testing.assert_allclose(d_x, V**2, rtol=1e-12)
    np.testing.assert_allclose(d_y, 2 * V**2, rtol=1e-12)
    assert not np.shares_memory(d_x, d_y)


# Zero gradients


def test_gradient_that_is_zero_by_construction_is_said_so():
    with pytest.warns(ZeroGradientWarning, match="x"):
        assert grad(lambda x, y: y * 2)(1.0, 2.0) == 0.0
    with pytest.warns(ZeroGradientWarning):
        assert grad(lambda x: np.sum(np.floor(x)))(V).tolist() == [0.0, 0.0, 0.0]


def test_gradient_that_is_zero_in_one_argument_of_two():
    with pytest.warns(ZeroGradientWarning):
        value, (d_x, d_y) = value_and_grad(lambda x, y: np.sum(y**2), argnums=(0, 1))(A, V)
    assert d_x.tolist() == np.zeros((2, 3)).tolist()
    assert d_y.tolist() == (2 * V).tolist()
    assert value == np.sum(V**2)


def test_gradient_that_happens_to_be_zero_is_not_warned_about():
    assert grad(lambda x: x * x)(0.0) == 0.0
    assert grad(lambda x: x if x > 0 else 0.0)(-1.0) == 0.0


@pytest.mark.parametrize(
    "rearranged",
    [np.array, np.asarray, np.flip, np.roll, np.reshape, np.squeeze, np.transpose, np.ravel],
)
def test_sum_of_what_is_made_of_a_list_depends_on_its_items(rearranged):
    further = {np.roll: (1,), np.reshape: ((2, 1),)}.get(rearranged, ())

    def total(x, y):
        return np.sum(rearranged([x * y, y], *further))

    assert grad(total, (0, 1))(3.0, 4.0) == (4.0, 4.0)
    assert grad(lambda x, y: np.mean(rearranged([x * y, y], *further)), (0, 1))(3.0, 4.0) == (2, 2)


def part_or_whole(v, n):
    for k in range(n):
        if v[k] > 1:
            return v[k] if k > 1 else v * v
    return v


def number_or_array(x, n):
    y = x
    while True:
        y = y * 1.3
        try:
            z = math.sqrt(n - y)
        except ValueError:
            return y * np.ones(2)
        if z < 0.7:
            return z


@pytest.mark.parametrize("known", [True, False])
def test_loops_that_return_what_is_of_several_ranks(known):
    """The name of what is returned has no value before: nothing is made in its shape."""

    def f(v, n):
        return np.sum(part_or_whole(v, n))

    def g(x, n):
        return np.sum(number_or_array(x, n))

    v, u = np.array([0.3, 0.8, 1.5, 0.2]), np.array([0.3, -0.2, 0.7, 0.1])
    cases = [(f, v, 4, u), (f, v, 2, u), (f, v + 1, 4, u)]
    cases = cases if known else [(g, 0.3, 2.0, 1.0), (g, 0.3, 4.0, 1.0), (g, 1.0, 40, 1.0)]
    for one, x, n, d in cases:
        expected = (one(x + 1e-6 * d, n) - one(x - 1e-6 * d, n)) / 2e-6
        assert np.sum(grad(one)(x, n) * d) == pytest.approx(expected, rel=1e-6)
        assert jvp(lambda x, n=n, one=one: one(x, n), (x,), (d,))[1] == pytest.approx(expected)

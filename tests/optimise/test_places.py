"""Places that are read where they were just put back, and zeros that something is added to."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, vjp

A = np.array([1.4, 0.8, 1.7, 1.2, 0.9, 1.5])
B = np.array([0.3, 1.1, 0.7, 0.4, 0.6, 0.2])


def substituted_back(a, b):
    a = a.copy()
    for i in range(len(a) - 2, -1, -1):
        a[i] = (b[i] - b[i + 1] * a[i + 1]) / a[i]
    return a


def eliminated(a, b):
    a = a + 3.0
    for i in range(1, len(a)):
        w = b[i - 1] / a[i - 1]
        a[i] -= w * b[i]
        b[i] -= w * b[i - 1]
    return a * b


def in_single_precision(a, b):
    small = a.astype(np.float32)
    for i in range(1, len(a)):
        small[i] = small[i] * small[i] * b[i] + small[i - 1]
    return small * b


def through_a_view(a, b):
    a = a.copy()
    seen = a[::-1]
    for i in range(len(a)):
        a[i] = a[i] ** 2 * b[i]
        seen[i] = seen[i] * a[i]
    return a


def a_place_that_may_be_the_same(a, b):
    for i, k in enumerate(np.array([0, 2, 2, 5, 1, 5])):
        a[k] = b[i] * np.sin(a[i]) + a[k] * a[i]
    return a


def part_of_a_part(a, b):
    for i in range(1, 4):
        a[:][i] = a[:][i] * b[i] + a[i - 1]
        a[1:][i] = a[1:][i] * b[i] + a[i]
        a[1:][1:] = a[1:][1:] * b[2:]
    return a


def repeated_index(a, b):
    index = np.array([1, 1, 3])
    a[index] = a[index] * b[index] + a[0] * a[index]
    return a


def whole_row(a, b):
    rows = np.outer(a, b)
    for i in range(1, 5):
        rows[i] = rows[i] * rows[i - 1] + rows[i] * b
    return rows


def scaled_and_shifted(a, b):
    for i in range(1, len(a)):
        a[i], a[i - 1] = a[i] * a[i - 1] + b[i], a[i] * b[i - 1] * a[i - 1]
    return a


def written_after_it_was_read(a, b):
    for i in range(len(a)):
        x = a[i]
        a[i] = x * b[i]
        y = a[i]
        a[i] = y * x
        a[i] = a[i] * y * x
    return a


PROGRAMS = [
    substituted_back,
    eliminated,
    in_single_precision,
    through_a_view,
    a_place_that_may_be_the_same,
    part_of_a_part,
    repeated_index,
    whole_row,
    scaled_and_shifted,
    written_after_it_was_read,
]


@pytest.mark.parametrize("fun", PROGRAMS)
def test_gradients_are_right(fun):
    rng = np.random.default_rng(2)
    # Four points: the error goes with the fourth power of the step.
    step, tolerance = (2e-2, 2e-3) if fun is in_single_precision else (1e-3, 1e-8)
    along = [rng.normal(size=A.shape) for _ in range(2)]
    out, pullback = vjp(fun, A, B)
    cotangent = rng.normal(size=out.shape).astype(out.dtype)

    def at(distance: float) -> float:
        return float(np.sum(cotangent * fun(A + distance * along[0], B + distance * along[1])))

    near, far = (at(d) - at(-d) for d in (step, 2 * step))
    expected = (8 * near - far) / (12 * step)
    found = sum(np.vdot(d, t) for d, t in zip(pullback(cotangent), along, strict=True))
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def backward(fun) -> str:
    """The backward sweep of a program."""

    def squared(a, b):
        return np.sum(fun(a, b) ** 2)

    gradient = grad(squared, (0, 1))
    gradient(A, B)
    return str(gradient.source).partition("# backward")[2]


def test_what_is_put_back_is_not_read_again():
    text = backward(a_place_that_may_be_the_same)
    assert "a[k] = t_1\n" in text
    assert " a[k]\n" not in text.replace("d_a[k]", "")


def test_zero_to_which_is_added_is_not_written():
    assert "d_a[i] = 0" not in backward(substituted_back)
    assert "d_a[i] = -" in backward(substituted_back)


def test_zero_stays_where_the_place_may_be_read_first():
    # `d_a[i]` may be `d_a[k]`, and is added to before `d_a[k]` is.
    assert "d_a[k] = 0" in backward(a_place_that_may_be_the_same)


def test_number_that_is_kept_is_not_computed_again():
    text = backward(eliminated)
    assert [line.strip() for line in text.splitlines() if " w = " in line.partition("#")[0]] == [
        "w = w_stack.pop()"
    ]

"""Arrays of what the trips of a loop keep, and where a list stays."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad

U = np.array([0.7, 1.1, 0.9, 1.3, 0.8])


def counted(u, n):
    for _ in range(n):
        u[1:-1] *= u[2:]
    return np.sum(u)


def nested(u, n):
    for i in range(1, n):
        for _ in range(2):
            u[1:] *= u[:-1]
    return np.sum(u)


def triangular(u, n):
    for i in range(n):
        for _ in range(i):
            u[1:] *= u[:-1]
    return np.sum(u)


def left_early(u, n):
    for _ in range(n):
        u[1:] *= u[:-1]
        if u[1] > 100.0:
            break
    return np.sum(u)


def shrinking(u, n):
    for i in range(n):
        u[i + 1 :] *= u[i:-1]
    return np.sum(u)


def to_a_number(u, n):
    for i in range(n):
        u[i + 1 : 3] *= u[i:2]
    return np.sum(u)


def in_steps(u, n):
    for _ in range(0, n, 2):
        u[1:] *= u[:-1]
    return np.sum(u)


def in_an_arm(u, n):
    for i in range(n):
        if i % 2:
            u[1:] *= u[:-1]
    return np.sum(u)


def selected(u, n):
    for _ in range(n):
        u[u > 0.9] *= u[0]
    return np.sum(u)


def until(u, n):
    while u[1] > 0.1:
        u[1:] *= u[:-1]
    return np.sum(u)


def one_of_two_rows(u, n):
    rows = np.stack([u, u])
    for _ in range(n):
        rows[1, 1:] *= rows[0, :-1] * rows[1, :-1]
    return np.sum(rows)


RECORDS = {
    counted: "u_old = np.empty((len(range(n)), *u[1:-1].shape))",
    nested: "u_old = np.empty((len(range(1, n)), 2, *u[1:].shape))",
    one_of_two_rows: "rows_old = np.empty((len(range(n)), *rows[1, 1:].shape))",
}


@pytest.mark.parametrize("fun", RECORDS)
def test_rows_of_one_shape_are_kept_in_an_array(fun):
    gradient = grad(fun)
    gradient(U, 3)
    assert RECORDS[fun] in gradient.source
    assert "stack" not in gradient.source.replace("np.stack", "")


@pytest.mark.parametrize(
    "fun",
    [triangular, left_early, shrinking, to_a_number, in_steps, in_an_arm, selected, until],
)
def test_a_list_stays_where_shape_or_number_of_trips_are_not_known(fun):
    gradient = grad(fun)
    gradient(U, 3)
    assert "_stack.append(" in gradient.source


@pytest.mark.parametrize("trips", [-2, 0, 1, 3])
@pytest.mark.parametrize("fun", [*RECORDS, triangular, to_a_number, in_an_arm])
def test_any_number_of_trips(fun, trips):
    trips = min(trips, 2) if fun is to_a_number else trips
    expected = [
        (fun(U + step, trips) - fun(U - step, trips)) / 2e-6 for step in 1e-6 * np.eye(len(U))
    ]
    np.testing.assert_allclose(grad(fun)(U, trips), expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_rows_and_gradients_have_the_dtype_of_what_is_kept(dtype):
    def real_part(u, n):
        for _ in range(n):
            u[1:-1] *= u[2:]
        return np.real(np.sum(u))

    gradient = grad(real_part)
    found = gradient(U.astype(dtype), 3)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, grad(counted)(U, 3), rtol=1e-5)
    assert f"*u[1:-1].shape), dtype=np.{np.dtype(dtype).name})" in gradient.source


def test_what_is_written_later_is_kept_as_it_will_be():
    def rows(u, n):
        total = 0.0
        for _ in range(n):
            v = u * 2.0
            w = v[1:]
            v[1:] *= v[:-1]
            total += np.sum(w * w) * v[0]
        return total

    expected = [(rows(U + step, 3) - rows(U - step, 3)) / 2e-6 for step in 1e-6 * np.eye(len(U))]
    np.testing.assert_allclose(grad(rows)(U, 3), expected, rtol=1e-7)

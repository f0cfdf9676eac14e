"""What is computed again in the backward sweep, and what is kept."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad

U = np.array([0.7, 1.1, 0.9, 1.3, 0.8])
C = np.array([0.3, -0.2, 0.5, 0.4, -0.6])


def of_what_is_put_back(u, c, n):
    for _ in range(n):
        u[1:-1] += 0.1 * (u[2:] - u[:-2]) * u[1:-1] ** 2
    return np.sum(c * u)


def of_what_is_kept(u, c, n):
    for _ in range(n):
        u = u + 0.1 * np.sin(u) * (u - c) * (2 - u)
    return np.sum(c * u)


def of_what_is_not_kept(u, c, n):
    for _ in range(n):
        u[1:] += 0.1 * c[1:] * (c[1:] - c[:-1])
        c[1:] -= 0.2 * c[:-1]
    return np.sum(c * u)


def of_one_value(u, c, n):
    for _ in range(n):
        u[1:] += (c[1:] - c[:-1]) ** 2
        c[1:] -= 0.2 * c[:-1]
    return np.sum(c * u)


def of_an_older_version(u, c, n):
    total = 0.0
    for _ in range(n):
        t = u[1:] - u[:-1]
        u[1:] *= c[:-1]
        total = total + np.sum(t * t * u[1:])
    return total


def of_two_versions(u, c, n):
    for _ in range(n):
        t = u * 2.0
        u[1:] *= c[:-1]
        t = t - u
        u[:-1] += t[1:] * t[1:]
    return np.sum(c * u)


def in_an_arm(u, c, n):
    for i in range(n):
        if i % 2:
            u[1:] *= (u[:-1] + c[1:]) * 0.5
        else:
            u[:-1] -= (u[1:] - c[1:]) ** 2 * 0.1
    return np.sum(c * u)


def in_an_inner_loop(u, c, n):
    for i in range(n):
        scale = u - 0.5 * c
        for j in range(2):
            u[j + 1 :] += 0.1 * scale[j + 1 :] * u[j:-1]
    return np.sum(c * u)


def swapped(u, c, n):
    v = c.copy()
    for _ in range(n):
        v[1:-1] = (u[2:] - u[:-2]) * (u[1:-1] + v[1:-1])
        u, v = v, u
    return np.sum(c * u)


PROGRAMS = [
    of_what_is_put_back,
    of_what_is_kept,
    of_what_is_not_kept,
    of_one_value,
    of_an_older_version,
    of_two_versions,
    in_an_arm,
    in_an_inner_loop,
    swapped,
]


@pytest.mark.parametrize("trips", [0, 1, 3])
@pytest.mark.parametrize("fun", PROGRAMS)
def test_gradients_are_right(fun, trips):
    found = grad(fun, argnums=(0, 1))(U, C, trips)
    for at, gradient in enumerate(found):
        expected = []
        for step in 1e-6 * np.eye(5):
            ends = []
            for sign in (1, -1):
                args = [U.copy(), C.copy()]
                args[at] += sign * step
                ends.append(fun(*args, trips))
            expected.append((ends[0] - ends[1]) / 2e-6)
        np.testing.assert_allclose(gradient, expected, rtol=2e-7, atol=1e-8)


def stores(fun, argnums=0):
    """What the forward sweep keeps, by the lines that store it."""
    gradient = grad(fun, argnums=argnums)
    gradient(U, C, 3)
    forward, _, _ = gradient.source.partition("# backward")
    return [line.strip() for line in forward.splitlines() if "_old[" in line or "_stack." in line]


def test_what_can_be_computed_from_old_contents_is_not_kept():
    assert stores(of_what_is_put_back) == ["u_old[i] = u[1:-1]"]


def test_what_can_be_computed_from_what_is_kept_is_not_kept():
    kept = stores(of_what_is_kept)
    assert kept == ["u_old[i] = u", "t_old[i] = t"]  # the sine, which costs more than to keep it


def test_nothing_is_put_back_only_to_compute_something_again():
    assert stores(of_what_is_not_kept) == []
    assert stores(of_one_value, argnums=1) == ["t_old[i] = t"]
    assert stores(of_what_is_not_kept, argnums=1) == ["c_old[i] = c[1:]"]  # in the place of two


def test_what_costs_more_than_to_keep_it_is_kept():
    def long(u, c, n):
        for _ in range(n):
            u[1:] *= c[1:] - c[:-1] + u[:-1] - c[1:] * u[:-1] - c[:-1] * u[:-1] * c[1:] + c[:-1] + 2
        return np.sum(u)

    assert len(stores(long)) == 2

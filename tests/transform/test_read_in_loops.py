"""Arrays of which a loop reads some elements, and functions that are singular at the others.

Each program stands beside one that computes the same of what is read alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp

SOME = np.array([0.0, 0.5, 0.0, 1.2, 0.3])
APART = np.array([0.1, 0.9, 1.3, 2.2, 0.4])
U, V = np.random.default_rng(5).normal(size=(2, 5))


def roots(x: Any) -> Any:
    y, s = np.sqrt(x), 0.0
    for i in range(len(x)):
        if x[i] > 0:
            s = s + y[i] * x[i]
    return s


def logarithms(x: Any) -> Any:
    y = np.log(x)
    return sum(yi * xi for xi, yi in zip(x, y, strict=True) if xi > 0)


def written(x: Any) -> Any:
    y, out = np.sqrt(x), np.zeros_like(x)
    for i, v in enumerate(y):
        if x[i] > 0:
            out[i] = v
        else:
            out[i] = x[i] ** 2
    return np.sum(out * x)


def inverses(x: Any) -> Any:
    y, s = 1 / np.sqrt(x), 0.0
    q = x / y**2 / x
    for i in range(len(x)):
        if x[i] == 0:
            continue
        s += q[i] * y[i] * x[i]
    return s


def found_before(x: Any) -> Any:
    y, s = np.sqrt(x), 0.0
    for k in np.nonzero(x > 0)[0]:
        s += y[k] * x[k]
    return s


def pairs(x: Any) -> Any:
    d = x[:, None] - x[None, :]
    r, s = np.sqrt(d * d), 0.0
    for i in range(5):
        for j in range(5):
            if i != j:
                s += 1 / r[i, j]
    return s


def half_of_the_pairs(x: Any) -> Any:
    r, s = np.log(np.abs(x[:, None] - x[None, :])), 0.0
    for i in range(5):
        for j in range(i + 1, 5):
            s += r[i, j]
    return s


def rows_of_pairs(x: Any) -> Any:
    r, s = np.log(np.abs(x[:, None] - x[None, :])), 0.0
    for i in range(5):
        s += np.sum(r[i, i + 1 :])
    return s


def of_those_read(x: Any) -> Any:
    kept = x > 0
    return np.sum(x[kept] ** 1.5)


def logarithms_of_those_read(x: Any) -> Any:
    kept = x > 0
    return np.sum(x[kept] * np.log(x[kept]))


def of_other_pairs(x: Any) -> Any:
    i, j = np.nonzero(~np.eye(5, dtype=bool))
    return np.sum(1 / np.abs(x[i] - x[j]))


def of_half(x: Any) -> Any:
    i, j = np.triu_indices(5, 1)
    return np.sum(np.log(np.abs(x[i] - x[j])))


PROGRAMS = [
    (roots, of_those_read, SOME),
    (logarithms, logarithms_of_those_read, SOME),
    (written, of_those_read, SOME),
    (inverses, of_those_read, SOME),
    (found_before, of_those_read, SOME),
    (pairs, of_other_pairs, APART),
    (half_of_the_pairs, of_half, APART),
    (rows_of_pairs, of_half, APART),
]


def derivatives(f: Any, x: Any) -> list[Any]:
    def backwards(x: Any) -> Any:
        return np.sum(U * grad(f)(x))

    def forwards(x: Any) -> Any:
        return jvp(f, (x,), (U,))[1]

    first = [backwards(x), forwards(x)]
    second = [np.sum(V * grad(backwards)(x)), jvp(backwards, (x,), (V,))[1]]
    return first + second + [np.sum(V * grad(forwards)(x))]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("f", "safe", "x"), PROGRAMS, ids=[f.__name__ for f, _, _ in PROGRAMS])
def test_what_is_not_read_contributes_nothing(f: Any, safe: Any, x: Any) -> None:
    np.testing.assert_allclose(grad(f)(x), grad(safe)(x), rtol=1e-12, atol=1e-12)
    first, _, second, *_ = derivatives(safe, x)
    expected = [first, first, second, second, second]
    np.testing.assert_allclose(derivatives(f, x), expected, rtol=1e-10)


def test_it_is_noted_where_it_is_added() -> None:
    g = grad(roots)
    g(SOME)
    loop = [
        "        if x[i] > 0:",
        "            d_x[i] += y[i]",
        "            d_y[i] += x[i]",
        "            y_read[i] = True",
    ]
    assert "\n".join(loop) in g.source


def neighbours(x: Any) -> Any:
    y, s = np.sqrt(x), 0.0
    for i in range(1, len(x)):
        s += y[i] * y[i - 1]
    return s


def every_one(x: Any) -> Any:
    y, s = np.sqrt(x), 0.0
    for i in range(len(x)):
        s += y[i]
        if y[i] > 1:
            s += y[i] ** 2
    return s


def in_both_arms(x: Any) -> Any:
    y, s = np.sqrt(x), 0.0
    for i in range(len(x)):
        if x[i] > 1:
            s += y[i] * x[i]
        else:
            s -= y[i] * x[i - 1]
    return s


@pytest.mark.parametrize("f", [neighbours, every_one, in_both_arms])
def test_nothing_is_noted_where_all_are_read(f: Any) -> None:
    g = grad(f)
    g(APART)
    assert "read" not in g.source


def singular_where_it_is_read(x: Any) -> Any:
    y, s = np.sqrt(x), 0.0
    for i in range(len(x)):
        if x[i] >= 0:
            s = s + y[i] ** 2
    return s


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_read_and_singular_is_not_zero() -> None:
    assert np.isnan(grad(singular_where_it_is_read)(SOME)[0])

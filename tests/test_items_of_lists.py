"""An item of a list that has a name of its own is no position: where that tells, it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.errors import Unsupported

X = np.array([0.3, 0.9, 1.2])


def written(x: Any, n: int) -> list[Any]:
    rows = []
    for k in range(n):
        rows.append(x * (k + 1))
    rows[1][1] = 5.0 * x[0]
    return rows


def replaced(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[0]
    rows[0] = x * x
    return np.sum(row * row) + np.sum(rows[0])


def taken_out_before_it(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[1]
    rows.pop(0)
    return np.sum(row * row)


def written_after_it_moved(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[0]
    rows.pop(0)
    row[0] = 7.0 * x[2]
    return np.sum(rows[0])


def put_in_before_it(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[0]
    rows.insert(0, x * x)
    return np.sum(row * row)


def counted_from_an_end_that_moves(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[-1]
    rows.append(x * x)
    return np.sum(row * row)


def turned_around(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[0]
    rows.reverse()
    return np.sum(row * row)


def deleted(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[1]
    del rows[0]
    row *= 2.0
    return np.sum(row * row)


def moved_in_a_loop(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[0]
    total = 0.0
    while len(rows) > 1:
        total += np.sum(row * row)
        rows.pop(0)
    return total


def kept_from_trip_to_trip(x: Any, n: int) -> Any:
    rows = written(x, n)
    last = rows[0]
    total = 0.0
    while len(rows) > 1:
        total += np.sum(last * last)
        last = rows[1]
        rows.pop(0)
    return total


def moved_on_one_path(x: Any, n: int) -> Any:
    rows = written(x, n)
    row = rows[0]
    if x[0] < 1.0:
        rows.pop(0)
    return np.sum(row * row)


MOVED = [
    replaced,
    taken_out_before_it,
    written_after_it_moved,
    put_in_before_it,
    counted_from_an_end_that_moves,
    turned_around,
    deleted,
    moved_in_a_loop,
    kept_from_trip_to_trip,
    moved_on_one_path,
]


@pytest.mark.parametrize("program", MOVED)
def test_an_item_that_has_moved_is_not_read_at_its_old_place(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match=r"moved or replaced|written under another name"):
        grad(program)(X, 3)
    with pytest.raises(Unsupported, match=r"moved or replaced|written under another name"):
        jvp(program, (X, 3), (np.ones(3), None))


def test_an_item_whose_place_is_the_same_is_read() -> None:
    def program(x: Any, n: int) -> Any:
        rows = written(x, n)
        row = rows[0]
        rows.append(x * x)
        row[2] *= 3.0
        return np.sum(rows[0] * rows[3])

    np.testing.assert_allclose(grad(program)(X, 3), 3 * X**2 * np.array([1.0, 1.0, 3.0]))


def one_list_or_another(x: Any, n: int) -> Any:
    row = []
    rows = []
    for v in x:
        row.append(v)
        rows.append([v, v])
    return x[0] if rows[0] is row else x[1]


def twice_one_list(x: Any, n: int) -> Any:
    row = []
    rows = []
    for v in x:
        row.append(v)
    for _ in x:
        rows.append(row)
    return x[0] if rows[0] is rows[1] else x[1]


@pytest.mark.parametrize("program", [one_list_or_another, twice_one_list])
def test_which_list_is_in_a_list_is_not_known(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match="whether two lists are one"):
        grad(program)(X, 3)


def test_a_list_that_may_be_one_in_a_list_is_changed_there() -> None:
    def program(x: Any, n: int) -> Any:
        rows, other = [], [x[0]]
        for k in range(n):
            rows.append([x[k], x[0]])
            other.append(x[k])
        row = rows[0] if x[0] > 0 else other
        row.append(x[1])
        return sum(rows[0])

    np.testing.assert_allclose(grad(program)(X, 3), [2.0, 1.0, 0.0])

"""Lists in lists of run-time length: one that is changed after it was put there is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.errors import Unsupported

X = np.array([0.3, 0.9, 1.2])


def grown_and_put_in(x: Any) -> Any:
    rows: list[Any] = []
    row: list[Any] = []
    for v in x:
        row.append(v)
        rows.append(row)
    total = 0.0
    for each in rows:
        total += sum(each)
    return total


def written_after_it_was_put_in(x: Any) -> Any:
    row = []
    for v in x:
        row.append(v * v)
    rows = []
    for _ in x:
        rows.append(row)
    row[0] = 10.0 * x[1]
    return sum(rows[0]) * sum(rows[1])


def written_after_it_was_put_in_a_tuple(x: Any) -> Any:
    row = []
    for v in x:
        row.append(v * v)
    pairs = []
    for v in x:
        pairs.append((v, row))
    row.append(10.0 * x[1])
    return sum(v * sum(r) for v, r in pairs)


def of_known_length_at_first(x: Any) -> Any:
    row = [x[0]]
    rows = []
    for _ in x:
        rows.append(row)
    row.append(x[1])
    return sum(rows[1]) + len(rows[0])


def changed_through_the_list(x: Any) -> Any:
    rows = []
    for v in x:
        rows.append([v, v * v])
    rows[1][0] = x[2]
    return sum(rows[1]) * sum(rows[0])


PROGRAMS = [
    grown_and_put_in,
    written_after_it_was_put_in,
    written_after_it_was_put_in_a_tuple,
    of_known_length_at_first,
    changed_through_the_list,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_lists_that_go_by_two_names_are_refused(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match=r"put there|item of a list"):
        grad(program)(X)
    with pytest.raises(Unsupported, match=r"put there|item of a list"):
        jvp(program, (X,), (np.ones(3),))


def test_a_number_among_other_things_is_differentiated() -> None:
    def program(x: Any, n: int) -> Any:
        items = [x[0], "name"]
        for k in range(n):
            items.append(x[k])
        return items[0] * items[n]

    np.testing.assert_allclose(grad(program)(X, 3), [X[1], X[0], 0.0])

"""Lists in lists of run-time length: what is changed under one name, and read under another."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import check_grads, grad, jvp, vjp
from adjoint.errors import Unsupported

X = np.array([0.3, 0.9, 1.2])
REFUSED = (
    r"two lists are one|put there|item of a list|is in a list|hold one array twice"
    r"|may be one (list|array)|what is in another list or array"
)


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


def one_list_many_times(x: Any) -> Any:
    row = []
    for v in x:
        row.append(v)
    rows = []
    for _ in x:
        rows.append(row)
    rows[0].append(x[0])
    return sum(rows[1])


def in_two_lists(x: Any) -> Any:
    rows, others = [], []
    for v in x:
        row = [v]
        rows.append(row)
        others.append(row)
    rows[0].append(x[1])
    return sum(others[0])


def in_a_copy_of_the_list(x: Any) -> Any:
    rows = []
    for v in x:
        rows.append([v])
    others = rows[:]
    others[0].append(x[1])
    return sum(rows[0])


def in_a_list_made_of_the_list(x: Any) -> Any:
    rows = []
    for v in x:
        rows.append([v])
    others = [(row, 1.0)[0] for row in rows]
    rows[0].append(x[1])
    return sum(others[0])


def in_a_sorted_copy_of_a_longer_list(x: Any) -> Any:
    rows = []
    for v in x:
        rows.append([v])
    others = sorted([*rows, [x[0]]], key=len)
    rows[0].append(x[1])
    return sum(others[0])


def read_before_it_was_changed_by_its_name(x: Any) -> Any:
    row, rows = [], []
    for v in x:
        row.append(v)
    for _ in x:
        rows.append(row)
    first = rows[0]
    row.append(5.0 * x[1])
    return sum(first)


def repeated(x: Any) -> Any:
    rows = [[]] * 3
    for i, v in zip(np.array([0, 1, 0]), x, strict=True):
        rows[i].append(v)
    return sum(rows[2])


def taken_out_and_changed(x: Any) -> Any:
    rows = []
    row: list[Any] = []
    for v in x:
        row = [v]
        rows.append(row)
    rows[0].append(x[0])
    last = rows.pop()
    last.append(5.0 * x[1])
    return sum(row)


def deep_inside_under_its_own_name(x: Any) -> Any:
    grid: list[Any] = []
    while len(grid) < 3:
        cell = [x[len(grid)]]
        line = [cell]
        grid.append(line)
        cell.append(x[1])
    return sum(sum(cell) for line in grid for cell in line)


def read_when_it_was_changed_deep_inside(x: Any) -> Any:
    grid: list[Any] = []
    total = 0.0
    while len(grid) < 3:
        cell = [x[len(grid)]]
        line = [cell]
        grid.append(line)
        grid[-1][0].append(x[1])
        total += sum(cell) ** 2
    return total


def put_in_on_a_path_and_changed(x: Any) -> Any:
    rows = []
    total = 0.0
    for v in x:
        row: list[Any] = []
        if v > 0.5:
            rows.append(row)
        row.append(v)
        total += sum(row)
    return total * len(rows[0])


def of_pairs_many_times(x: Any) -> Any:
    rows = []
    row = [(x[0], x[1])]
    for _ in x:
        rows.append(row)
    rows[0].append((x[1], x[2]))
    return sum(a * b for row in rows for a, b in row)


def of_pairs_in_a_copy_of_the_list(x: Any) -> Any:
    rows = [[(v, x[0])] for v in x]
    others = copy.copy(rows)
    rows[0].append((x[1], x[2]))
    return sum(a * b for row in others for a, b in row)


def of_pairs_compared_by_identity(x: Any) -> Any:
    rows = []
    for v in x:
        rows.append([(v, x[0])])
    return x[0] if rows[len(rows) - 1] is rows[0] else x[1]


PROGRAMS = [
    of_pairs_many_times,
    of_pairs_in_a_copy_of_the_list,
    of_pairs_compared_by_identity,
    deep_inside_under_its_own_name,
    read_when_it_was_changed_deep_inside,
    put_in_on_a_path_and_changed,
    grown_and_put_in,
    written_after_it_was_put_in,
    written_after_it_was_put_in_a_tuple,
    of_known_length_at_first,
    one_list_many_times,
    in_a_copy_of_the_list,
    in_a_sorted_copy_of_a_longer_list,
    read_before_it_was_changed_by_its_name,
    repeated,
    taken_out_and_changed,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_lists_that_go_by_two_names_are_refused(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match=REFUSED):
        grad(program)(X)
    with pytest.raises(Unsupported, match=REFUSED):
        jvp(program, (X,), (np.ones(3),))


def test_a_number_among_other_things_is_differentiated() -> None:
    def program(x: Any, n: int) -> Any:
        items = [x[0], "name"]
        for k in range(n):
            items.append(x[k])
        return items[0] * items[n]

    np.testing.assert_allclose(grad(program)(X, 3), [X[1], X[0], 0.0])


def copied_and_read(x: Any) -> Any:
    written, arrays = x.copy(), []
    for _ in x:
        arrays.append(written)
    others = [(array, 1.0)[0] for array in arrays]
    written[0] = 5.0 * x[1]
    return np.sum(others[0])


def taken_and_read(x: Any) -> Any:
    written, arrays = x.copy(), []
    for _ in x:
        arrays.append(written)
    first = arrays[0]
    written[0] = 5.0 * x[1]
    return np.sum(first)


def in_another_list_too(x: Any) -> Any:
    arrays, others = [], []
    for k in range(len(x)):
        array = x * k
        arrays.append(array)
        others.append(array)
    arrays[0][1] = x[1] * 3
    return np.sum(others[0])


@pytest.mark.parametrize("program", [copied_and_read, taken_and_read])
def test_arrays_that_lists_hold_are_not_read_as_they_were(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match=REFUSED):
        grad(program)(X)


@pytest.mark.parametrize("program", [in_two_lists, in_a_list_made_of_the_list, in_another_list_too])
def test_what_is_changed_in_two_lists_is_seen_in_both(program: Callable[..., Any]) -> None:
    check_grads(program, (X,))


def test_a_list_that_is_gone_over_is_not_changed() -> None:
    def program(x: Any, n: int) -> Any:
        rows = [[v] for v in x]
        for k in range(n):
            for v in rows[k]:
                rows[k - 1].append(v)
        return sum(rows[0])

    with pytest.raises(Unsupported, match="a container is changed while a loop"):
        grad(program)(X, 3)


def test_lists_in_a_list_are_told_apart_by_their_positions() -> None:
    def program(x: Any, n: int) -> Any:
        rows = [[(x[k], x[0])] for k in range(n)]
        total = 0.0
        for k in range(n):
            rows[k].append((x[1], x[0]))
            total += x[0] if rows[k] is rows[0] else x[1] ** 2
        return total * len(rows[0])

    np.testing.assert_allclose(grad(program)(X, 3), [2.0, 8 * X[1], 0.0])


def test_lists_of_tuples_are_copied() -> None:
    def program(x: Any, n: int) -> Any:
        pairs = []
        for k in range(n):
            pairs.append((x[k], x[0]))
        other, last = copy.deepcopy(pairs), copy.copy(pairs)
        pairs.append((x[1], x[1]))
        other.append((x[2], x[2]))
        return sum(a * b for a, b in pairs) * sum(a * b for a, b in other) + len(last) * x[0]

    check_grads(program, (X, 2), order=2)


def tuples_put_into_a_list(x: Any) -> Any:
    rows = []
    for i in range(len(x)):
        rows.append(tuple([v * x[i] for v in x if v > x[i]]))
    return rows


def test_tuples_in_a_list_that_is_returned_are_refused() -> None:
    with pytest.raises(Unsupported, match="holds tuples of run-time length"):
        vjp(tuples_put_into_a_list, X)


def test_lists_of_arrays_in_a_list_are_no_lists_of_numbers() -> None:
    def in_lists(m, n):
        rows = []
        for i in range(n):
            rows.append([m * i, m * m])
        return np.array(rows)

    def in_arrays(m, n):
        rows = []
        for i in range(n):
            rows.append(np.array([m * i, m * m]))
        return np.array(rows)

    m = np.array([[0.3, -1.2], [0.7, 0.4]])
    with pytest.raises(Unsupported, match="holds lists of arrays is made an array"):
        vjp(in_lists, m, 3)
    check_grads(lambda m: in_arrays(m, 3), (m,))

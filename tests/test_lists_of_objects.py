"""Dicts and objects in lists of run-time length: one that is changed is in one list, once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from adjoint import check_grads, grad, jvp
from adjoint.errors import Unsupported

X = np.array([0.3, 0.9, 1.2])


@dataclass
class P:
    x: Any
    v: Any = 1.0


def changed_between(x: Any, n: int) -> Any:
    ps: list[Any] = []
    p = P(x[0])
    while len(ps) < n:
        p.x = p.x * x[1]
        ps.append(p)
    return sum(p.x**2 for p in ps)


def first_one_changed_by_another_name(x: Any, n: int) -> Any:
    ps: list[Any] = []
    p = first = P(x[0])
    while len(ps) < n:
        ps.append(p)
        p = P(x[len(ps) - 1])
    first.x = 5.0 * x[2]
    return sum(p.x**2 for p in ps)


def changed_on_one_path(x: Any, n: int) -> Any:
    ps: list[Any] = []
    a, b = P(x[0]), P(x[1])
    while len(ps) < n:
        ps.append(a if x[len(ps)] > 0.5 else b)
    b.v = x[2]
    return sum(p.x * p.v for p in ps)


def held_by_two_lists(x: Any, n: int) -> Any:
    ps: list[Any] = []
    qs: list[Any] = []
    while len(ps) < n:
        p = P(x[len(ps)])
        ps.append(p)
        qs.append(p)
    for q in qs:
        q.x = q.x * 2.0
    return sum(p.x**2 for p in ps)


def key_added(x: Any, n: int) -> Any:
    rows: list[Any] = []
    while len(rows) < n:
        rows.append({"x": x[len(rows)]})
    rows[1].update(y=x[0])
    return rows[1]["y"]


def inner_object_changed(x: Any, n: int) -> Any:
    rows: list[Any] = []
    inner = P(x[1])
    while len(rows) < n:
        rows.append({"p": inner})
    inner.x = x[2]
    return sum(d["p"].x for d in rows)


def an_item_put_into_another_list(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    others = []
    for p in ps:
        if p.x > 0.5:
            others.append(p)
    ps[1].x = ps[1].x * 3.0
    return sum(p.x for p in others)


def items_chosen_twice(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    chosen: list[Any] = []
    while len(chosen) < n:
        chosen.append(ps[1])
    chosen[1].x = chosen[1].x * 3.0
    return sum(p.x for p in chosen)


def exchanged(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    ps[0].x = x[2]
    ps[0], ps[1] = ps[1], ps[0]
    return ps[0].x


def part_added(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    ps[0].mass = x[1]
    return ps[0].mass


def items_of_a_part_of_the_list(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    others = ps[1:]
    others[0].x = others[0].x * 5.0
    return sum(p.x for p in ps)


def items_of_a_sorted_copy(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    for p in sorted(ps, key=lambda p: -p.x):
        p.x = p.x * 2.0
    return sum(p.x for p in ps)


def one_array_in_all(x: Any, n: int) -> Any:
    ps: list[Any] = []
    v = np.zeros(2)
    while len(ps) < n:
        ps.append(P(x[len(ps)], v))
    for p in ps:
        p.v += p.x
    return sum(np.sum(p.v) for p in ps)


def read_when_it_was_replaced(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    p = ps[0]
    p.x = p.x * 2.0
    ps[0] = P(x[1])
    return p.x


def read_when_it_was_taken_out(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    p = ps[1]
    p.x = p.x * 2.0
    ps.pop(0)
    return p.x


def inner_one_read_when_it_was_replaced(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(P(x[0]), P(x[1])))
    inner = ps[0].x
    ps[0].x = P(x[2])
    return inner.x


def compared_when_it_was_replaced(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    p = ps[0]
    p.x = p.x * 2.0
    ps[0] = P(x[1])
    return x[0] if p is ps[0] else x[1]


CHANGED = [
    part_added,
    one_array_in_all,
    inner_one_read_when_it_was_replaced,
    key_added,
]


REFUSED = (
    r"twice into one|gets or loses a part|gets a new part|of another list|name or twice"
    r"|moved or replaced|whether two names are one"
)


@pytest.mark.parametrize("program", CHANGED)
def test_what_is_in_two_lists_or_has_moved_is_not_changed(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match=REFUSED):
        grad(program)(X, 3)
    with pytest.raises(Unsupported, match=REFUSED):
        jvp(program, (X, 3), (np.ones(3), None))


IN_TWO_LISTS = [
    an_item_put_into_another_list,
    items_chosen_twice,
    items_of_a_part_of_the_list,
    items_of_a_sorted_copy,
    held_by_two_lists,
]


@pytest.mark.parametrize("program", IN_TWO_LISTS)
def test_what_is_changed_in_two_lists_is_seen_in_both(program: Callable[..., Any]) -> None:
    check_grads(program, (X, 3))


def moved_in_its_list(x: Any, n: int) -> Any:
    ps = [P(x[k]) for k in range(n)]
    others = [p for p in ps if p.x > 0.5]
    ps.pop(0)
    for p in others:
        p.x = p.x * 2.0
    return others[0].x * ps[0].x


def of_lists_made_in_each_trip(x: Any, n: int) -> Any:
    others: list[Any] = []
    total = 0.0
    while total < n:
        ps = [P(v) for v in x]
        for p in others:
            p.x = p.x * 2.0
            total += p.x
        others = [p for p in ps if p.x > 0.5]
        ps[2].x = ps[2].x + total
        total += ps[1].x
    return total * others[0].x


def of_two_lists(x: Any, n: int) -> Any:
    ps, qs = [P(x[k]) for k in range(n)], [P(x[k] ** 2) for k in range(n)]
    both = []
    for k in range(n):
        both.append(ps[k])
        if x[k] > 0.5:
            both.append(qs[k])
    both[0].x = 2.0 * both[1].x
    return ps[0].x * qs[2].x


def copied_with_its_items(x: Any, n: int) -> Any:
    ps = [P(x[k]) for k in range(n)]
    others = copy.deepcopy([p for p in ps if p.x > 0.5])
    for p in ps[1:]:
        p.x = p.x * 2.0
    return others[0].x * ps[1].x


IN_REGISTERS = [
    changed_between,
    first_one_changed_by_another_name,
    changed_on_one_path,
    inner_object_changed,
    exchanged,
    read_when_it_was_replaced,
    read_when_it_was_taken_out,
    compared_when_it_was_replaced,
    moved_in_its_list,
    of_two_lists,
]


@pytest.mark.parametrize("program", IN_REGISTERS)
def test_objects_that_move_or_are_in_several_places_are_in_a_register(
    program: Callable[..., Any],
) -> None:
    check_grads(program, (X, 3), order=2)


@pytest.mark.parametrize("program", [of_lists_made_in_each_trip, copied_with_its_items])
def test_where_something_is_that_has_moved_is_not_known(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match=r"test_lists_of_objects\.py:\d+:\d+"):
        grad(program)(X, 3)


def test_which_of_them_one_is_is_told_by_its_position() -> None:
    class Plain:
        def __init__(self, x: Any) -> None:
            self.x = x

    def program(x: Any, n: int) -> Any:
        ps: list[Any] = []
        while len(ps) < n:
            ps.append(Plain(x[len(ps)]))
        best, total = ps[0], 0.0
        for p in ps:
            if p is not best and p.x > best.x:
                best = p
            total += p.x if p == ps[1] else 2.0 * p.x
        return best.x * total

    check_grads(program, (X, 3), order=2)


def test_a_known_object_is_changed_that_was_chosen_at_run_time() -> None:
    def program(x: Any, n: int) -> Any:
        ps = [P(x[0]), P(x[1])]
        total = 0.0
        for i in np.array([0, 1, 0]):
            p = ps[int(i)]
            ps[0].x = ps[0].x + x[2]
            total += p.x
        return total * p.x

    check_grads(program, (X, 3), order=2)


def of_two_classes(x: Any, n: int) -> Any:
    class Other:
        def __init__(self, x: Any) -> None:
            self.x = x

    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[0]) if x[len(ps)] > 0.5 else Other(x[1]))
    return sum(p.x for p in ps)


def of_other_keys(x: Any, n: int) -> Any:
    rows: list[Any] = []
    while len(rows) < n:
        rows.append({"x": x[0]})
        rows.append({"y": x[0]})
    return rows[0]["x"]


def put_together_by_numpy(x: Any, n: int) -> Any:
    rows: list[Any] = []
    while len(rows) < n:
        rows.append({"x": x[0]})
    return np.array(rows)


def of_no_order(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[0]))
    return max(ps).x


def turned_over(x: Any, n: int) -> Any:
    rows: list[Any] = []
    while len(rows) < n:
        rows.append({"x": x[0], "y": x[1]})
    first, _ = zip(*rows, strict=True)
    return len(first) * x[0]


@pytest.mark.parametrize(
    "program, what",
    [
        (of_two_classes, "different"),
        (of_other_keys, "holds things of different structure"),
        (put_together_by_numpy, "made an array"),
        (turned_over, r"zip\(\*items\) of dicts or objects"),
    ],
)
def test_what_a_list_of_objects_is_not(program: Callable[..., Any], what: str) -> None:
    with pytest.raises(Unsupported, match=what):
        grad(program)(X, 3)


def test_objects_without_an_order_are_compared_as_in_python() -> None:
    with pytest.raises(TypeError, match=">"):
        grad(of_no_order)(X, 3)
    with pytest.raises(TypeError, match=">"):
        of_no_order(X, 3)
    assert grad(of_no_order)(X, 1)[0] == 1  # of one alone nothing is asked


@pytest.mark.parametrize("first", [P(0.0), None])
def test_a_name_that_is_an_item_or_something_else(first: Any) -> None:
    def program(x: Any, n: int) -> Any:
        ps: list[Any] = []
        best = None if first is None else P(0.0)
        while len(ps) < n:
            ps.append(P(x[len(ps)]))
        for p in ps:
            p.x = p.x * 2.0
            if best is None or p.x > best.x:
                best = p
        best.v = x[0]
        return sum(p.x * p.v for p in ps) * best.x

    check_grads(program, (X, 3), order=2)


def test_a_part_that_is_none_at_first() -> None:
    class Node:
        def __init__(self, x: Any) -> None:
            self.x = x
            self.parent = None
            self.alive = True

    def program(x: Any, n: int) -> Any:
        nodes: list[Any] = []
        for v in x:
            nodes.append(Node(v))
        for i in range(1, n):
            nodes[i].parent = i - 1
            nodes[i].alive = nodes[i].x > 1.0
        total = 0.0
        for node in nodes:
            if node.parent is not None:
                total += nodes[node.parent].x * node.x
            if node.alive:
                total += node.x**2
        return total

    expected = [2 * X[0] + X[1], X[0] + X[2], X[1] + 2 * X[2]]
    np.testing.assert_allclose(grad(program)(X, 3), expected)
    np.testing.assert_allclose(jvp(program, (X, 3), (np.ones(3), None))[1], sum(expected))

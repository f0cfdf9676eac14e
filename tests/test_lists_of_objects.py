"""Dicts and objects in lists of run-time length are copies: what would tell is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.errors import Unsupported

X = np.array([0.3, 0.9, 1.2])


@dataclass
class P:
    x: Any
    v: Any = 1.0


def item_changed(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append(P(x[len(ps)]))
    ps[0].x = 5.0
    return sum(p.x**2 for p in ps)


def changed_between(x: Any, n: int) -> Any:
    ps: list[Any] = []
    p = P(x[0])
    while len(ps) < n:
        p.x = p.x * x[1]
        ps.append(p)
    return sum(p.x**2 for p in ps)


def last_one_changed_after_the_loop(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        q = P(x[len(ps)])
        ps.append(q)
    q.x = x[0] * x[1]
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


def dict_changed_in_a_tuple(x: Any, n: int) -> Any:
    rows: list[Any] = []
    while len(rows) < n:
        d = {"x": x[len(rows)]}
        rows.append((1.0, d))
        d["x"] = x[0] * x[1]
    return sum(w * d["x"] for w, d in rows)


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


def known_object_changed_after_it_was_chosen(x: Any, n: int) -> Any:
    ps = [P(x[0]), P(x[1])]
    total = 0.0
    for i in np.array([0, 1, 0]):
        p = ps[int(i)]
        ps[0].x = ps[0].x + x[2]
        total += p.x
    return total


CHANGED = [
    item_changed,
    changed_between,
    last_one_changed_after_the_loop,
    first_one_changed_by_another_name,
    changed_on_one_path,
    dict_changed_in_a_tuple,
    held_by_two_lists,
    key_added,
    inner_object_changed,
    known_object_changed_after_it_was_chosen,
]


@pytest.mark.parametrize("program", CHANGED)
def test_what_is_in_a_list_is_not_changed(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match=r"a dict or object .*in a list.* is changed"):
        grad(program)(X, 3)
    with pytest.raises(Unsupported, match=r"a dict or object .*in a list.* is changed"):
        jvp(program, (X, 3), (np.ones(3), None))


def compared_by_identity(x: Any, n: int) -> Any:
    ps: list[Any] = []
    while len(ps) < n:
        ps.append({"x": x[len(ps)]})
    best = ps[0]
    for p in ps:
        if p is not best and p["x"] > best["x"]:
            best = p
    return best["x"]


def compared_by_what_is_no_equality(x: Any, n: int) -> Any:
    class Plain:
        def __init__(self, x: Any) -> None:
            self.x = x

    ps: list[Any] = []
    while len(ps) < n:
        ps.append(Plain(x[len(ps)]))
    return ps[0].x if ps[0] == ps[1] else ps[1].x


@pytest.mark.parametrize("program", [compared_by_identity, compared_by_what_is_no_equality])
def test_which_of_them_one_is_is_refused(program: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match="is compared by identity"):
        grad(program)(X, 3)


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
        (of_no_order, "are compared"),
        (turned_over, r"zip\(\*items\) of dicts or objects"),
    ],
)
def test_what_a_list_of_objects_is_not(program: Callable[..., Any], what: str) -> None:
    with pytest.raises(Unsupported, match=what):
        grad(program)(X, 3)

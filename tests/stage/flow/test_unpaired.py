"""Which variables something else stands for at an end of a trip."""

from __future__ import annotations

from typing import Any

import pytest

from adjoint.ir.nodes import Var
from adjoint.ir.values import INT
from adjoint.stage.flow.unpaired import replaced
from adjoint.stage.trail import ABSENT
from adjoint.stage.values import DictValue, ListValue, OneOf, Poison, Static, TupleValue

A, B, C = (Var(number, name, INT) for number, name in enumerate("abc"))
ITEM = Static(1.0)
SEVERAL = OneOf(A, {0: ITEM, 1: OneOf(B, {2: ITEM, 3: ITEM})})


@pytest.mark.parametrize(
    ("start", "now", "found"),
    [
        (A, A, []),
        (A, C, [A]),
        (A, ITEM, [A]),
        (A, ABSENT, []),
        (A, Poison((), "two things"), []),
        (TupleValue((A, B)), TupleValue((A, C)), [B]),
        (ListValue({"items": (A, B)}), ListValue({"items": (C, B)}), [A]),
        (DictValue({"items": {"p": A}}), DictValue({"items": {"p": B}}), [A]),
        (SEVERAL, SEVERAL, []),
        (SEVERAL, ITEM, [A]),
        (SEVERAL, OneOf(C, SEVERAL.items), [A]),
        (SEVERAL, OneOf(C, {0: ITEM, 1: ITEM}), [A, B]),
    ],
)
def test_what_stands_for_a_variable(start: Any, now: Any, found: list[Var]) -> None:
    assert sorted(replaced(start, now, {}), key=lambda v: v.number) == found


def test_objects_that_lead_to_each_other() -> None:
    start, now = ListValue(), ListValue()
    start.slots["items"], now.slots["items"] = (start, A), (now, B)
    assert [*replaced(start, now, {})] == [A]

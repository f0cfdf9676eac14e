"""What stands between brackets, of a display or a call: values, and ``*xs`` among them."""

from __future__ import annotations

from typing import Any

import gast

from adjoint.stage.context import Frame, Stage
from adjoint.stage.iteration.sequences import gone_over, items_if_known
from adjoint.stage.values import ListValue, NativeMethod, Records, RunTimeList, Static, Steps, Value

__all__ = ["UNCOUNTED", "elements", "extended"]

#: What is said where the number of items must be known, and what to do.
UNCOUNTED = (
    "how many items are unpacked here is known at run time only",
    "index the items, or pass a sequence whose length is known",
)


def elements(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    nodes: list[Any],
    *,
    whole: bool = False,
    at_run_time: bool = False,
    named: bool = False,
    at_once: bool = False,
) -> Steps:
    """The values, and from the first ``*xs`` of run-time length on a list of the others, or None.

    With `whole` the list has all of them, and is a new one. With `at_run_time` a list of run-time
    length stays one, also where its length could be known now. Where arguments are `named` as well,
    Python unpacks before it evaluates those, unless there is nothing but one ``*xs``. `at_once` is
    whether they are gone over at once.
    """
    values: list[Value] = []
    rest: RunTimeList | Records | None = None
    for position, element in enumerate(nodes):
        is_starred = isinstance(element, gast.Starred)
        if at_once and not is_starred:
            value = yield gone_over(stage, frame, element)
        else:
            value = yield stage.evaluate(frame, element.value if is_starred else element)
        if rest is not None:
            yield _added(stage, frame, element, rest, value, is_starred)
            continue
        if not is_starred:
            values.append(value)
            continue
        items = value
        if not at_run_time or not isinstance(value, RunTimeList | Records):
            items = yield items_if_known(stage, frame, element, value)
        is_last = position == len(nodes) - 1 and isinstance(items, RunTimeList | Records)
        is_last = is_last and (position == 0 or not named)
        if isinstance(items, list):
            values.extend(items)
        elif is_last and not whole:
            rest = items  # nothing comes after it that could change it
        else:
            rest = yield extended(stage, frame, node, values if whole else [], items)
            values = [] if whole else values
    return values, rest


def extended(stage: Stage, frame: Frame, node: gast.AST, first: list[Value], rest: Value) -> Steps:
    """A new list of run-time length, of some values and of the items of a sequence."""
    if not first or not isinstance(rest, RunTimeList | Records):
        rest = yield stage.call(frame, node, Static(list), [rest], {})
    if not first:
        return rest
    begin = ListValue({"items": tuple(first)})
    return (yield stage.call(frame, node, NativeMethod(begin, "__add__"), [rest], {}))


def _added(
    stage: Stage, frame: Frame, node: gast.AST, made: Value, value: Value, is_starred: bool
) -> Steps:
    name = "extend" if is_starred else "append"
    return (yield stage.call(frame, node, NativeMethod(made, name), [value], {}))

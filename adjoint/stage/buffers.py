"""Arrays that are written in place, and their views.

A write makes a new version of the array, and the buffer that all its names share holds the newest.
A view is the way that leads to it, and is read again from the newest version: so what the IR sees
are values. Which buffers may be one array is known while staging; where paths meet on which a name
had different arrays, the arrays that it may be can be read no more once one of them is written.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Iterator
from typing import Any

import gast
import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Operand, Var
from adjoint.ir.ops import GETITEM, Op
from adjoint.ir.shapes import is_basic_index, is_fancy_index
from adjoint.ir.values import Array
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ListValue,
    Memory,
    RunTimeList,
    Step,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "ITEMS_WRITTEN",
    "READ_AGAIN",
    "arrays_in",
    "item_of",
    "list_made",
    "made_here",
    "noted_array",
    "photograph",
    "plain",
    "read",
    "refreshed",
    "refuse_unsure",
    "stepped",
    "view_of",
]

ITEMS_WRITTEN = "items written"
READ_AGAIN = Op(GETITEM.function, GETITEM.form, proven=True)


#: Functions that lay out what they make in C order, unless told otherwise.
_IN_C_ORDER: frozenset[Any] = frozenset(
    {
        np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.arange, np.linspace,
        np.concatenate, np.stack, np.vstack, np.hstack, np.array, operator.matmul, np.outer,
    }
)  # fmt: skip


def made_here(stage: Stage, variable: Var) -> Buffer | View:
    """The buffer of an array that was made inside, or the view of a pool that it is."""
    site = stage.sites[variable]
    pooled = stage.pools.made_here(site, variable, stage.trail)
    if pooled is not None:
        return pooled
    let = stage.builder.definitions.get(variable)
    plain_call = let is not None and not any(name in ("order", "like") for name, _ in let.kwargs)
    contiguous = let is not None and plain_call and let.op.function in _IN_C_ORDER
    return Buffer({"held": variable}, contiguous=contiguous or None, sites=(site,))


def noted_array(stage: Stage, key: Any, value: Value) -> Value:
    """An array that may be made here: a buffer if it is known to be written later."""
    if not isinstance(value, Var) or not isinstance(value.type, Array) or value.type.scalar:
        return value
    if stage.sites.setdefault(value, key) == key and key in stage.decisions:
        return made_here(stage, value)
    return value


def list_made(stage: Stage, frame: Frame, node: gast.AST, made: Var) -> RunTimeList:
    """A list of run-time length that is made here."""
    key = stage.key(frame, node, ITEMS_WRITTEN)
    stage.sites.setdefault(made, key)
    return RunTimeList({"held": made}, written=key in stage.decisions)


# -- reading ---------------------------------------------------------------------------------------


def plain(stage: Stage, value: Value, frame: Frame | None = None, node: Any = None) -> Value:
    """`value`, or the variable that holds a buffer or view now."""
    return read(stage, value, frame, node) if isinstance(value, Buffer | View) else value


def read(
    stage: Stage,
    value: Buffer | RunTimeList | View,
    frame: Frame | None = None,
    node: Any = None,
) -> Var:
    """The variable that holds an array, list or view now."""
    if not isinstance(value, View):
        _check_there(stage, value, frame, node)
        held: Var = value.slots["held"]
        return held
    base = read(stage, value.base, frame, node)
    if value.seen is not None:
        version, seen, block = value.seen
        if version is base and stage.builder.is_open(block):
            return seen  # type: ignore[no-any-return]
        if version is not base and not all(step.sure for step in value.path):
            refuse_unsure(stage, value, frame, node)
    held = base
    for step in value.path:
        held = stepped(stage, held, step, again=True)
    value.seen = (base, held, stage.builder.statements)
    return held


def refuse_unsure(stage: Stage, value: View, frame: Frame | None, node: Any) -> None:
    """Refuse to read what is the array as it is now, or a copy of what it was."""
    if frame is None:
        raise Unsupported(
            "what may be a view or a copy of an array is read after the array was written",
            stage.builder.place,
            "make the copy with .copy(), or read it before the write",
        )
    stage.refuse(
        frame, node, "this may be a view or a copy of an array that was written since",
        "make the copy with .copy(), or read it before the write",
    )  # fmt: skip


def stepped(stage: Stage, held: Var, step: Step, *, again: bool = False) -> Var:
    """The view that one step leads to."""
    if step.op is None:
        op = READ_AGAIN if again else GETITEM
        return stage.builder.let(op, (held, *step.operands), type_=step.type)
    return stage.builder.let(step.op, (held, *step.operands))


def _check_there(stage: Stage, buffer: Memory, frame: Frame | None, node: Any) -> None:
    """Start again, or refuse, where a buffer was written under a name that may be another."""
    lost = buffer.slots.get("moved")
    if lost is None:
        return
    stage.keep_together(lost.arrays)
    fresh = tuple(key for key in lost.keys if key not in stage.decisions)
    if fresh:
        raise Restart(*fresh)
    assert frame is not None, "what was written under another name is read by the user"
    stage.refuse(
        frame, node, lost.text,
        "give each name an array of its own: use .copy() where the names meet",
    )  # fmt: skip


def item_of(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Buffer | RunTimeList | View,
    operand: Operand,
    *,
    proven: bool = False,
) -> Value:
    """``owner[index]``: a view for what NumPy calls a basic index, else a copy."""
    with stage.builder.at(stage.place(frame, node)):
        held = read(stage, owner, frame, node)
        made = stage.builder.let(READ_AGAIN if proven else GETITEM, (held, operand))
    if is_fancy_index(operand) or is_immutable(made.type):
        return made
    if is_basic_index(operand):
        return view_of(stage, owner, Step((operand,)), made)
    return view_of(stage, owner, Step((operand,), GETITEM, sure=False), made)


def view_of(stage: Stage, owner: Buffer | RunTimeList | View, step: Step, made: Var) -> View:
    """The view of `owner` that `step` leads to, and that was read as `made`."""
    base, path = (owner.base, owner.path) if isinstance(owner, View) else (owner, ())
    seen = (base.slots["held"], made, stage.builder.statements)
    return View(base, (*path, step), made.type, seen)


def refreshed(stage: Stage, value: Any) -> Any:
    """`value` with its views read again, at the end of a path where they may meet others."""

    def again(part: Any) -> Any:
        return refreshed(stage, part)

    match value:
        case View() if value.base.slots.get("moved") is None:
            read(stage, value)
            return View(value.base, value.path, value.type, value.seen, value.leaf)
        case TupleValue(items, cls):
            return TupleValue(again(items), cls) if _holds_view(items) else value
        case ListValue() if _holds_view(value.slots["items"]):
            return ListValue({"items": again(value.slots["items"])}, key=value.key)
        case tuple():
            return tuple(map(again, value))
        case dict():
            return {key: again(part) for key, part in value.items()}
        case _:
            return value


def _holds_view(items: Iterable[Value]) -> bool:
    return any(isinstance(view, View) for item in items for view in arrays_in(item))


def arrays_in(value: Value) -> Iterator[Buffer | View]:
    """The buffers and views in a value."""
    match value:
        case Buffer() | View():
            yield value
        case TupleValue(items):
            yield from itertools.chain.from_iterable(map(arrays_in, items))
        case ListValue():
            yield from itertools.chain.from_iterable(map(arrays_in, value.slots["items"]))


def photograph(stage: Stage, value: Value) -> Value:
    """`value` as it is now: with variables in the place of buffers and views."""
    match value:
        case Buffer() | View():
            return read(stage, value)
        case TupleValue(items, cls):
            return TupleValue(tuple(photograph(stage, item) for item in items), cls)
        case ListValue():
            items = tuple(photograph(stage, item) for item in value.slots["items"])
            return ListValue({"items": items}, key=value.key)
        case DictValue():
            entries = value.slots["items"]
            return DictValue({"items": {k: photograph(stage, v) for k, v in entries.items()}})
        case _:
            return value

"""Arrays that are written in place, and their views.

A write makes a new version of the array, and the buffer that all its names share holds the newest.
A view is the way that leads to it, and is read again from the newest version: so what the IR sees
are values. Which buffers may be one array is known while staging; where paths meet on which a name
had different arrays, the arrays that it may be can be read no more once one of them is written.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import gast
import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.infer import strip
from adjoint.ir.memory import is_immutable, shared_operands
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import GETITEM, Op
from adjoint.ir.shapes import is_basic_index, is_fancy_index
from adjoint.ir.updates import update_place, update_whole
from adjoint.ir.values import Array, Unknown
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ListValue,
    Meeting,
    RunTimeList,
    Step,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "after_loop",
    "arrays_in",
    "item_of",
    "made_here",
    "may_alias",
    "meet",
    "note_holder",
    "one_of",
    "photograph",
    "plain",
    "read",
    "refreshed",
    "replace_array",
    "want_buffer",
    "write",
]

READ_AGAIN = Op(GETITEM.function, GETITEM.form, proven=True)


#: Functions that lay out what they make in C order, unless told otherwise.
_IN_C_ORDER: frozenset[Any] = frozenset(
    {
        np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.arange, np.linspace,
        np.concatenate, np.stack, np.vstack, np.hstack, np.array, operator.matmul, np.outer,
    }
)  # fmt: skip


def made_here(stage: Stage, variable: Var) -> Buffer:
    """The buffer of an array that was made inside the function."""
    let = stage.builder.definitions.get(variable)
    plain_call = let is not None and not any(name in ("order", "like") for name, _ in let.kwargs)
    contiguous = let is not None and plain_call and let.op.function in _IN_C_ORDER
    return Buffer({"array": variable}, contiguous=contiguous or None)


# -- reading ---------------------------------------------------------------------------------------


def plain(stage: Stage, value: Value, frame: Frame | None = None, node: Any = None) -> Value:
    """`value`, or the variable that holds a buffer or view now."""
    return read(stage, value, frame, node) if isinstance(value, Buffer | View) else value


def read(stage: Stage, value: Buffer | View, frame: Frame | None = None, node: Any = None) -> Var:
    """The variable that holds a buffer or view now."""
    if isinstance(value, Buffer):
        _check_there(stage, value, frame, node)
        held: Var = value.slots["array"]
        return held
    base = read(stage, value.base, frame, node)
    if value.seen is not None:
        version, seen, block = value.seen
        if version is base and stage.builder.is_open(block):
            return seen  # type: ignore[no-any-return]
        if version is not base and not all(step.sure for step in value.path):
            _refuse_unsure(stage, value, frame, node)
    held = base
    for step in value.path:
        held = _stepped(stage, held, step, again=True)
    value.seen = (base, held, stage.builder.statements)
    return held


def _refuse_unsure(stage: Stage, value: View, frame: Frame | None, node: Any) -> None:
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


def _stepped(stage: Stage, held: Var, step: Step, *, again: bool = False) -> Var:
    """The view that one step leads to."""
    if step.op is None:
        return stage.builder.let(READ_AGAIN if again else GETITEM, (held, *step.operands))
    return stage.builder.let(step.op, (held, *step.operands))


def _check_there(stage: Stage, buffer: Buffer, frame: Frame | None, node: Any) -> None:
    """Start again, or refuse, where a buffer was written under a name that may be another."""
    moved = buffer.slots.get("moved")
    if moved is None:
        return
    keys, text = moved
    fresh = tuple(key for key in keys if key not in stage.decisions)
    if fresh:
        raise Restart(*fresh)
    assert frame is not None, "what was written under another name is read by the user"
    stage.refuse(
        frame, node, text,
        "give each name an array of its own: use .copy() where the names meet",
    )  # fmt: skip


def item_of(
    stage: Stage, frame: Frame, node: gast.AST, owner: Buffer | View, operand: Operand
) -> Value:
    """``owner[index]``: a view for what NumPy calls a basic index, else a copy."""
    with stage.builder.at(stage.place(frame, node)):
        held = read(stage, owner, frame, node)
        made = stage.builder.let(GETITEM, (held, operand))
    if is_fancy_index(operand) or is_immutable(made.type):
        return made
    if is_basic_index(operand):
        return view_of(stage, owner, Step((operand,)), made)
    return view_of(stage, owner, Step((operand,), GETITEM, sure=False), made)


def one_of(found: Var, items: Sequence[Value]) -> Value:
    """What was taken from a sequence at run time: any one of its arrays."""
    if not any(isinstance(item, Buffer | View) for item in items):
        return found
    return meet(found, tuple(items), Meeting())


def meet(found: Var, parts: tuple[Any, ...], meeting: Meeting) -> Buffer:
    """The buffer, held by `found`, that is another of `parts` on each of the paths that meet."""
    made = Buffer({"array": found}, parts=parts, meeting=meeting)
    for part in parts:
        near = part.base if isinstance(part, View) else part
        if isinstance(near, Buffer):
            near.met.append(made)
    return made


def after_loop(buffer: Buffer, out: Var) -> Buffer:
    """What a buffer that a loop began with is when the loop has ended."""
    assert buffer.meeting is not None
    return meet(out, buffer.parts, buffer.meeting)


def view_of(stage: Stage, owner: Buffer | View, step: Step, made: Var) -> View:
    """The view of `owner` that `step` leads to, and that was read as `made`."""
    base, path = (owner, ()) if isinstance(owner, Buffer) else (owner.base, owner.path)
    seen = (base.slots["array"], made, stage.builder.statements)
    return View(base, (*path, step), made.type, seen)


def refreshed(stage: Stage, value: Any) -> Any:
    """`value` with its views read again, at the end of a path where they may meet others."""

    def again(part: Any) -> Any:
        return refreshed(stage, part)

    match value:
        case View() if value.base.slots.get("moved") is None:
            read(stage, value)
            return View(value.base, value.path, value.type, value.seen)
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


# -- what may be the same array --------------------------------------------------------------------


def may_alias(a: Any, b: Any) -> bool:
    """Whether two arrays may share memory."""
    a, b = (x.base if isinstance(x, View) else x for x in (a, b))
    if not isinstance(a, Buffer) or not isinstance(b, Buffer):
        return False
    if a is b:
        return True
    if a.meeting is not None and a.meeting is b.meeting:
        at = a.meeting.aligned
        rest = itertools.product(a.parts[at:], b.parts[at:])
        return any(
            may_alias(x, y) for x, y in (*zip(a.parts[:at], b.parts[:at], strict=True), *rest)
        )
    older, newer = sorted((a, b), key=lambda each: each.birth)
    return any(may_alias(part, older) for part in newer.parts)


def _relatives(buffer: Buffer) -> Iterator[Buffer]:
    """The buffers that were made from the same ones."""
    seen = {buffer}
    waiting = [buffer]
    while waiting:
        each = waiting.pop()
        near = [p.base if isinstance(p, View) else p for p in each.parts]
        for other in (*near, *each.met):
            if isinstance(other, Buffer) and other not in seen:
                seen.add(other)
                waiting.append(other)
                yield other


def _take_from_others(stage: Stage, buffer: Buffer) -> None:
    """Note that other names of this array have lost it, and lists that hold it."""
    for other in _relatives(buffer):
        if other.slots.get("moved") is None and may_alias(buffer, other):
            stage.trail.set(other, "moved", _reason(buffer, other))
    for held, owner in stage.holders:
        if may_alias(held, buffer) and owner.slots.get("moved") is None:
            name = _name(buffer)
            text = f"a list holds {name}, which was written after it was put there"
            stage.trail.set(owner, "moved", ((), text))


def _reason(buffer: Buffer, other: Buffer) -> tuple[tuple[Any, ...], str]:
    newest = max((buffer, other), key=lambda each: each.birth)
    keys = newest.meeting.keys if newest.meeting is not None else ()
    names = f"{_name(buffer)} and {_name(other)}"
    return keys, f"{names} may be one array here, and one of them was written"


def _name(buffer: Buffer) -> str:
    held = buffer.slots.get("array")
    return (held.name if isinstance(held, Var) else "") or "an array"


def note_holder(stage: Stage, value: Value, owner: RunTimeList) -> None:
    """Remember that a list holds an array itself, not a copy of it."""
    if isinstance(value, Buffer | View):
        stage.holders.append((value, owner))


# -- writing ---------------------------------------------------------------------------------------


def write(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    index: Operand | None,
    value: Operand,
    symbol: str = "",
    op: Op | None = None,
) -> None:
    """``owner[index] op= value``, or of all of `owner` where there is no index.

    `op` is the update of the place, if it is not the assignment or operator itself.
    """
    if not isinstance(owner, Buffer | View):
        want_buffer(stage, frame, node, owner)
        return
    base, path = (owner, ()) if isinstance(owner, Buffer) else (owner.base, owner.path)
    _refuse_unwritable(stage, frame, node, base, path)
    for part in _plain_parts(base):
        want_buffer(stage, frame, node, part)
    with stage.builder.at(stage.place(frame, node)):
        held = read(stage, base, frame, node)
        steps = path if index is None else (*path, Step((index,)))
        made = _updated(stage, held, steps, value, symbol, op)
    _take_from_others(stage, base)
    stage.trail.set(base, "array", made)


def replace_array(stage: Stage, buffer: Buffer, made: Var) -> None:
    """Have a buffer hold another version, of another shape."""
    _take_from_others(stage, buffer)
    stage.trail.set(buffer, "array", made)


def _refuse_unwritable(
    stage: Stage, frame: Frame, node: gast.AST, base: Buffer, path: Sequence[Step]
) -> None:
    if base.shared:
        stage.refuse(
            frame, node, f"{base.shared}, which is no argument and not made inside, is changed",
            "pass it as an argument, or return what is to be kept",
        )  # fmt: skip
    for step in path:
        if step.op is not None and step.back is None:
            stage.refuse(
                frame, node, f"what {step.op.name or 'this'} returns may be a view or a copy"
                " of an array, and is written",
                "write into the array itself, or into a copy that is made with .copy()",
            )  # fmt: skip


def _plain_parts(buffer: Buffer) -> Iterator[Var]:
    """The arrays among those that a buffer may be that were not known to be written."""
    seen: set[Any] = set()
    waiting: list[Any] = [buffer]
    while waiting:
        each = waiting.pop()
        if isinstance(each, View):
            each = each.base
        if each in seen:
            continue
        seen.add(each)
        if isinstance(each, Buffer):
            waiting.extend(each.parts)
        elif isinstance(each, Var):
            yield each


def _updated(
    stage: Stage, held: Var, steps: Sequence[Step], value: Operand, symbol: str, op: Op | None
) -> Var:
    """The next version of `held`, of which the place that `steps` lead to is written."""
    at = next((k for k, step in enumerate(steps) if step.op is not None), len(steps))
    indices = _composed([step.operands[0] for step in steps[:at]])
    if at == len(steps):
        return _written(stage, held, indices, value, symbol, op)
    owner = held
    for index in indices:
        owner = stage.builder.let(READ_AGAIN, (owner, index))
    step = steps[at]
    assert step.back is not None
    back = step.back(stage, owner)
    view = _stepped(stage, owner, step)
    whole = back(_updated(stage, view, steps[at + 1 :], value, symbol, op))
    if not indices:
        whole.name = whole.name or held.name
        return whole
    return _written(stage, held, indices, whole, "", None)


def _written(
    stage: Stage, held: Var, indices: list[Operand], value: Operand, symbol: str, op: Op | None
) -> Var:
    if op is None:
        op = update_place(symbol) if indices or not symbol else update_whole(symbol)
    if not indices and op.form is not update_whole("+").form:
        indices = [Const(Ellipsis)]
    args = (held, *indices, value)
    return stage.builder.let(op, args, name=held.name, type_=held.type)


def _composed(indices: Sequence[Operand]) -> list[Operand]:
    """``a[i][j]`` as ``a[i, j]``, where the first index takes whole numbers only."""
    made: list[Operand] = []
    for index in indices:
        if made and _are_integers(made[-1]) and is_basic_index(index):
            made[-1] = Pack("tuple", (*_items(made[-1]), *_items(index)))
        else:
            made.append(index)
    return made


def _items(index: Operand) -> tuple[Operand, ...]:
    if isinstance(index, Const) and isinstance(index.value, tuple):
        return tuple(map(Const, index.value))
    return index.items if isinstance(index, Pack) and index.kind == "tuple" else (index,)


def _are_integers(index: Operand) -> bool:
    return all(
        isinstance(item, Var) or (isinstance(item, Const) and type(item.value) is int)
        for item in _items(index)
    )


# -- what must be a buffer -------------------------------------------------------------------------


def want_buffer(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> None:
    """Have the array that is written here made a buffer when staging starts again."""
    found = _sites(stage, value) if isinstance(value, Var) else None
    if found is None or any(key in stage.decisions for key in found):
        if stage.wanted:
            raise Restart(*stage.wanted)
        stage.refuse(
            frame, node, "which array is written here is known at run time only",
            "write into an array that has a name of its own",
        )  # fmt: skip
    stage.wanted.update(dict.fromkeys(found))


def _sites(stage: Stage, written: Var) -> list[Any] | None:
    """Where the memory of an array comes from; None where that cannot be said."""
    found: dict[Any, None] = {}
    seen: set[Operand] = set()
    waiting: list[Operand] = [written]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, Var) or each in seen:
            continue
        seen.add(each)
        if not isinstance(strip(each.type), Array | Unknown):
            return None
        if each in stage.meetings:
            waiting.extend(stage.meetings[each])
            continue
        let = stage.builder.definitions.get(each)
        lent = list(shared_operands(let)) if let is not None else []
        if lent:
            waiting.extend(lent)
        elif each in stage.sites:
            found[stage.sites[each]] = None
        else:
            return None
    return list(found)

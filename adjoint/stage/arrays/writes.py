"""Writes into arrays: each makes a new version, which the buffer of the array then holds."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.alike import likeness_computed
from adjoint.ir.builder import Builder
from adjoint.ir.indices import are_integers, index_items, is_basic_index
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import BINARY, GETITEM, Form, Op, call, method, operation
from adjoint.ir.specimens import specimen_of
from adjoint.ir.updates import list_depth, update_place, update_whole
from adjoint.ir.values import (
    Array,
    ListOf,
    Scalar,
    Type,
    among,
    is_array_of_one,
    is_differentiable,
    rank,
    same_shape,
)
from adjoint.markers import stop_gradient
from adjoint.stage.arrays.buffers import (
    READ_AGAIN,
    followed,
    indexed,
    read,
    refuse_moved,
    stepped,
    tell_apart,
)
from adjoint.stage.arrays.places import value_at_place, without_detours
from adjoint.stage.arrays.sites import ITEMS_WRITTEN, known_sites, sites_of
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage
from adjoint.stage.dicts.new_dicts import KNOWN_KEYS, PLACES
from adjoint.stage.flow.aliases import replace_version
from adjoint.stage.lists.holders import take_from_held
from adjoint.stage.values import (
    Buffer,
    Memory,
    RunTimeList,
    Step,
    Value,
    View,
)

__all__ = ["overwrite", "want_buffer", "write"]

#: Functions whose results NumPy does not let be written.
_READ_ONLY = (np.broadcast_to, np.diag, np.diagonal, np.linalg.diagonal)
_ADDED: dict[Any, str] = {operator.add: "+", operator.sub: "-"}


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
        _refuse_number(stage, frame, node, owner)
        want_buffer(stage, frame, node, owner)
        return
    if isinstance(owner, View):
        indexed(stage, owner)
    base, path = (owner.base, owner.path) if isinstance(owner, View) else (owner, ())
    if base.meeting is not None and base.meeting.of_list:
        want_buffer(stage, frame, node, base.slots["held"])
        return
    if isinstance(owner, View):
        refuse_moved(stage, owner, frame, node)
    _refuse_unwritable(stage, frame, node, base, path)
    for part in _plain_parts(base):
        want_buffer(stage, frame, node, part)
    _refuse_rounded(stage, frame, node, owner, value)
    if isinstance(owner, View) and isinstance(base, RunTimeList) and not base.is_pool:
        _want_items(stage, frame, node, owner)
    with stage.builder.at(stage.place(frame, node)):
        held = read(stage, base, frame, node)
        steps: Sequence[Step] = path if index is None else (*path, Step((index,)))
        if symbol or len(steps) > list_depth(held.type):
            value = _with_arrays(stage.builder, value)
        if op is None:
            steps, value = _direct(stage, held, steps, value)
        shown = _shown(stage, owner, steps)
        made = _updated(stage, held, steps, value, symbol, op, shown)
    replace_version(stage, base, made)
    if isinstance(base, RunTimeList):
        take_from_held(stage, base, len(path))


def _refuse_number(stage: Stage, frame: Frame, node: gast.AST, owner: Value) -> None:
    """Raise where an item of a number is written, which may be what a `try` is for."""
    type_ = type_of(owner) if isinstance(owner, Var) else None
    if isinstance(type_, Scalar) or (isinstance(type_, Array) and type_.scalar):
        error = TypeError("a number does not support item assignment")
        raise PrimalRaises(error, stage.place(frame, node))


def _with_arrays(builder: Builder, value: Operand) -> Operand:
    """What is written, with the arrays that NumPy makes of lists of run-time length."""
    if isinstance(type_of(value), ListOf):
        return builder.let(call(np.array), (value,))
    if isinstance(value, Pack):
        items = tuple(_with_arrays(builder, item) for item in value.items)
        return value if items == value.items else replace(value, items=items)
    return value


def _want_items(stage: Stage, frame: Frame, node: gast.AST, item: View) -> None:
    """Have the arrays that were put into a list be known as such where one of them is written."""
    found, _ = known_sites(stage, read(stage, item, frame, node))
    stage.wanted.update(dict.fromkeys(key for key in found if key not in stage.decisions))


def _shown(stage: Stage, owner: Buffer | View, steps: Sequence[Step]) -> Var | None:
    """What is written through a view, if that is an array shown in another way."""
    path = owner.path if isinstance(owner, View) else ()
    kinds = [step.op is not None for step in path]
    return (
        read(stage, owner) if sum(kinds) == 1 and kinds[-1] and steps[: len(path)] == path else None
    )


def _direct(
    stage: Stage, held: Var, steps: Sequence[Step], value: Operand
) -> tuple[Sequence[Step], Operand]:
    """The place in the array itself that `steps` lead to, and what is written there."""

    def follow(steps: Sequence[Step]) -> Var:
        return followed(stage, held, steps)

    return value_at_place(stage, without_detours(stage, steps), value, follow)


def overwrite(stage: Stage, frame: Frame, node: gast.AST, owner: Value, made: Var) -> None:
    """Have `made`, of the shape and dtype of `owner`, take the place of all of it."""
    if not isinstance(owner, Buffer):
        write(stage, frame, node, owner, None, made)
        return
    _refuse_unwritable(stage, frame, node, owner, ())
    for part in _plain_parts(owner):
        want_buffer(stage, frame, node, part)
    read(stage, owner, frame, node)
    replace_version(stage, owner, made)


def _refuse_unwritable(
    stage: Stage, frame: Frame, node: gast.AST, base: Memory, path: Sequence[Step]
) -> None:
    if base.shared:
        stage.refuse(
            frame, node, f"{base.shared}, which is no argument and not made inside, is changed",
            "pass it as an argument, or return what is to be kept",
        )  # fmt: skip
    for step in path:
        if step.op is not None and step.back is None:
            if step.op.function in _READ_ONLY:
                error = ValueError("assignment destination is read-only")
                raise PrimalRaises(error, stage.place(frame, node))
            tell_apart(stage, base)
            stage.refuse(
                frame, node, f"what {step.op.name or 'this'} returns may be a view or a copy"
                " of an array, and is written",
                "write into the array itself, or into a copy that is made with .copy()",
            )  # fmt: skip


def _refuse_rounded(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, value: Operand
) -> None:
    """Refuse to write a float where it is known at run time only if it becomes a whole number."""
    kinds = {each.dtype.kind for each in among(stage.type(owner))}
    is_either = not kinds <= {"f", "c"} and bool(kinds & {"f", "c"})
    if is_differentiable(type_of(value)) and (is_either or _is_of_whole_numbers(stage, owner)):
        stage.refuse(
            frame, node, "a float is written into an array that may be one of whole numbers",
            "make it an array of floats from the start: x = x.astype(float)",
        )  # fmt: skip


def _is_of_whole_numbers(stage: Stage, owner: Value) -> bool:
    """Whether an array was made of numbers each of which is a whole one on some path."""
    base = owner.base if isinstance(owner, View) else owner
    if not isinstance(base, Buffer) or base.origin is None:
        return False
    made = stage.builder.definitions.get(base.origin)
    if made is None or made.op.function not in (np.array, np.asarray) or made.kwargs:
        return False
    return isinstance(made.args[0], Pack) and _may_be_whole(stage, made.args[0])


def _may_be_whole(stage: Stage, number: Operand) -> bool:
    """Whether a number, or each in a display, is a whole one on some of the paths that meet."""
    if isinstance(number, Pack):
        return bool(number.items) and all(_may_be_whole(stage, item) for item in number.items)
    waiting: list[Operand] = [number]
    seen: set[Var] = set()
    while waiting:
        each = waiting.pop()
        type_ = type_of(each)
        if isinstance(type_, Scalar) and type_.kind in ("bool", "int"):
            return True
        if isinstance(each, Var) and each not in seen:
            seen.add(each)
            waiting += stage.meetings.get(each, ())
    return False


def _plain_parts(memory: Memory) -> Iterator[Var]:
    """The arrays among those that a buffer may be that were not known to be written."""
    seen: set[Any] = set()
    waiting: list[Any] = [memory]
    while waiting:
        each = waiting.pop()
        if isinstance(each, View):
            each = each.base
        if each in seen:
            continue
        seen.add(each)
        if isinstance(each, Memory):
            waiting.extend(each.parts)
        elif isinstance(each, Var):
            yield each


def _updated(
    stage: Stage,
    held: Var,
    steps: Sequence[Step],
    value: Operand,
    symbol: str,
    op: Op | None,
    shown: Var | None = None,
) -> Var:
    """The next version of `held`, of which the place that `steps` lead to is written.

    `shown` is what the steps up to the first that is no index lead to, if it was read.
    """
    at = next((k for k, step in enumerate(steps) if step.op is not None), len(steps))
    indices = _composed([step.operands[0] for step in steps[:at]], held)
    if at == len(steps):
        return _written(stage, held, indices, value, symbol, op)
    owner = held
    for index in indices:
        owner = stage.builder.let(READ_AGAIN, (owner, index))
    step = steps[at]
    assert step.back is not None
    back = step.back(stage, owner)
    view = stepped(stage, owner, step) if shown is None else shown
    whole = back(_updated(stage, view, steps[at + 1 :], value, symbol, op))
    if not indices:
        whole.name = whole.name or held.name
        return whole
    return _written(stage, held, indices, whole, "", None)


def _written(
    stage: Stage, held: Var, indices: list[Operand], value: Operand, symbol: str, op: Op | None
) -> Var:
    builder = stage.builder
    if op is None and not symbol and len(indices) == 1:
        value, symbol = _as_update(builder, held, indices[0], value)
    if builder.stopped:
        value, symbol, op = _constant(stage, held, indices, value, symbol, op), "", None
    stopped, builder.stopped = builder.stopped, False  # the rest of the array is not constant
    is_of_one = op is None and is_array_of_one(held.type)
    if is_of_one and _is_test(indices) and rank(type_of(value)) == 0:
        made = _of_one_item(builder, held, _where(builder, indices[0], held, value, symbol), "")
    elif is_of_one and _is_only_item(indices):
        made = _of_one_item(builder, held, value, symbol)
    else:
        if op is None:
            op = update_place(symbol) if indices or not symbol else update_whole(symbol)
        if not indices and op.form is not update_whole("+").form:
            indices = [Const(Ellipsis)]
        made = builder.let(op, (held, *indices, value), name=held.name, type_=held.type)
    builder.stopped = stopped
    return made


def _as_update(builder: Builder, held: Var, index: Operand, value: Operand) -> tuple[Operand, str]:
    """What is added where ``a[i] = a[i] + e`` is ``a[i] += e``, and the operator; or the value."""
    made = builder.definitions.get(value) if isinstance(value, Var) and not value.name else None
    symbol = _ADDED.get(made.op.function) if made is not None and not made.op.stopped else None
    if made is None or symbol is None:
        return value, ""
    for old, added in (made.args, made.args[::-1])[: 1 if symbol == "-" else 2]:
        part = builder.definitions.get(old) if isinstance(old, Var) else None
        if part is not None and part.op.form is Form.INDEX and part.args[0] is held:
            read, written = (
                likeness_computed(each, builder.definitions) for each in (part.args[1], index)
            )
            if read == written and _is_alike(builder, held, type_of(old), type_of(value)):
                return added, symbol
    return value, ""


def _is_alike(builder: Builder, held: Var, part: Type, total: Type) -> bool:
    """Whether a part of an array and a sum have the dtype of the array, and one shape."""
    arrays = [each for each in (held.type, part, total) if isinstance(each, Array)]
    one_dtype = len(arrays) == 3 and len({each.dtype for each in arrays}) == 1
    return one_dtype and same_shape(part, total, builder.facts)


def _is_only_item(indices: Sequence[Operand]) -> bool:
    """Whether indices lead to the only item of an array without axes, under axes of length 1."""
    items = [item for index in indices for item in index_items(index)]
    return all(isinstance(item, Const) and not isinstance(item.value, list) for item in items)


def _is_test(indices: Sequence[Operand]) -> bool:
    """Whether an index tells if the only item of an array without axes is taken."""
    type_ = type_of(indices[0]) if len(indices) == 1 else None
    return isinstance(type_, Array) and type_.shape == () and type_.dtype == bool


def _where(builder: Builder, test: Operand, held: Var, value: Operand, symbol: str) -> Var:
    """What the only item of an array without axes is, if it is written where a test says so."""
    written = builder.binary(BINARY[symbol], held, value) if symbol else value
    return builder.let(call(np.where), (test, written, held))


def _of_one_item(builder: Builder, held: Var, value: Operand, symbol: str) -> Var:
    """The next version of an array without axes: what is written is a value, not a place."""
    if isinstance(value, Pack):
        value = builder.let(call(np.array), (value,))
    if rank(type_of(value)) != 0:
        value = builder.let(method(np.reshape, "reshape"), (value, Const(())))
    if symbol:
        return builder.let(update_whole(symbol), (held, value), name=held.name, type_=held.type)
    assert isinstance(held.type, Array), "only arrays have no axes and are written"
    is_same = np.asarray(specimen_of(type_of(value))).dtype == held.type.dtype
    dtype = () if is_same else (("dtype", Const(held.type.dtype)),)
    made = builder.let(call(np.array), (value,), dtype, type_=held.type)
    made.name = held.name
    return made


def _constant(
    stage: Stage, held: Var, indices: list[Operand], value: Operand, symbol: str, op: Op | None
) -> Operand:
    """What is written where no derivative passes: a constant, also if it comes of the old value."""
    builder = stage.builder
    if op is not None:
        raise Unsupported(
            "ufunc.at under no_grad",
            builder.place,
            "write x[i] = x[i] + e, or a loop over the index",
        )
    if symbol:
        place = held
        for index in indices:
            place = builder.let(GETITEM, (place, index))
        return builder.let(operation(BINARY[symbol]), (place, value))
    if isinstance(value, Var):
        return builder.let(Op(stop_gradient, Form.ALIAS, stopped=True), (value,), type_=value.type)
    return value


def _composed(indices: Sequence[Operand], owner: Var) -> list[Operand]:
    """``a[i][j]`` as ``a[i, j]``, where the first index takes whole numbers of an array only."""
    made: list[Operand] = []
    depth = list_depth(owner.type)
    for index in indices:
        if len(made) > depth and are_integers(made[-1]) and is_basic_index(index):
            made[-1] = Pack("tuple", (*index_items(made[-1]), *index_items(index)))
        else:
            made.append(index)
    return made


def want_buffer(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> None:
    """Have the array that is written here made a buffer when staging starts again."""
    found = sites_of(stage, value) if isinstance(value, Var) else None
    fresh = [key for key in found or () if key not in stage.decisions]
    of_dict = [key for key in fresh if key[0] in (KNOWN_KEYS, PLACES)]
    if of_dict:  # what it holds is written through what it is kept in then
        stage.wanted.update(dict.fromkeys(of_dict))
        return
    through_list = any(key[0] == ITEMS_WRITTEN for key in fresh)
    if found is None or not (through_list or len(fresh) == len(found)):
        if stage.wanted:
            raise Restart(*stage.wanted)
        stage.refuse(
            frame, node, "which array is written here is known at run time only",
            "write into an array that has a name of its own",
        )  # fmt: skip
    stage.wanted.update(dict.fromkeys(found))

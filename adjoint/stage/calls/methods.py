"""Calls of methods: of arrays, lists, dicts, iterators and what cannot be seen into."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Const
from adjoint.ir.operands import strip
from adjoint.ir.ops import Form, Op, method
from adjoint.ir.values import OPAQUE, Array, ListOf, Scalar, Unknown, is_complex
from adjoint.stage.arrays.array_methods import METHODS, NEW_LISTS, WRITING, normalise
from adjoint.stage.arrays.buffers import item_of, plain
from adjoint.stage.arrays.views import VIEWS, not_followed, view_by
from adjoint.stage.arrays.writers import WRITING_METHODS, write_out
from adjoint.stage.calls.outputs import without_out
from adjoint.stage.calls.rule_calls import as_arrays, dtype_of_sum, static_axes
from adjoint.stage.calls.with_or_without import perhaps_without, with_or_without
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.dicts.dict_methods import call_dict_method
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.loop_statements import each
from adjoint.stage.iteration.sequences import iterator_method
from adjoint.stage.lists.list_edits import EDITS, concatenated, edit, replace_all
from adjoint.stage.lists.list_methods import CHANGING, append, is_listed, list_method
from adjoint.stage.lists.list_parts import in_order_of
from adjoint.stage.operations import check_shapes, note_integer
from adjoint.stage.values import (
    NONE,
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    Steps,
    Stream,
    TupleValue,
    Value,
    View,
    is_none,
)

__all__ = ["IN_PLACE", "IN_PLACE_ADVICE", "call_method", "view_of"]


IN_PLACE = "an array is written in a way that is not followed"


IN_PLACE_ADVICE = "write it with x[i] = …, x += … or out=, or make a new array"


def call_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``owner.name(*args, **kwargs)``."""
    if isinstance(owner, ObjectValue):  # one that stands for a dict
        function = Static(getattr(owner.cls, name))
        return (yield stage.call(frame, node, function, [owner, *args], kwargs))
    if isinstance(owner, Stream):
        return (yield iterator_method(stage, frame, node, owner, name))
    if is_listed(owner) or isinstance(owner, TupleValue | ListValue):
        return (yield _of_items(stage, frame, node, owner, name, args, kwargs))
    if isinstance(owner, DictValue | RunTimeDict):
        return (yield call_dict_method(stage, frame, node, owner, name, args, kwargs))
    type_ = strip(stage.type(owner))  # None has none of these methods
    if isinstance(type_, ListOf) and name in CHANGING:
        stage.refuse(
            frame, node, "which list is changed here is known at run time only",
            "change a list that has a name of its own, or is an item of one list",
        )  # fmt: skip
    if isinstance(type_, Array | Unknown):
        return (yield _of_array(stage, frame, node, owner, name, args, kwargs))
    if isinstance(type_, Scalar) and name == "conjugate" and is_complex(type_):
        held = (stage.operand(owner, frame, node),)
        with stage.builder.at(stage.place(frame, node)):
            return stage.builder.let(method(np.conjugate, name), held, type_=type_)
    if isinstance(stage.type(owner), Scalar) and name in ("item", "conjugate"):
        return owner
    return _opaque_method(stage, frame, node, owner, name, args, kwargs)


def _of_items(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Any,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A method of a list or tuple."""
    if isinstance(owner, RunTimeList | Records) and owner.is_tuple:
        name = _of_tuple(stage, frame, node, name)
    if name in ("extend", "__iadd__") and not isinstance(owner, TupleValue):
        done = yield _extend(stage, frame, node, owner, args[0])
        return owner if name == "__iadd__" else done
    if name == "__add__":
        alone: Any = plain(stage, owner, frame, node)
        return (yield concatenated(stage, frame, node, alone, args[0]))
    if name == "sort" and not isinstance(owner, TupleValue):
        made = yield stage.call(frame, node, Static(sorted), [owner], kwargs)
        if isinstance(owner, Records) and made.layout.is_reference != owner.layout.is_reference:
            made = yield in_order_of(stage, frame, node, owner, made)
        return replace_all(stage, frame, node, owner, made)
    if is_listed(owner) and name in EDITS:
        return (yield edit(stage, frame, node, owner, name, args))
    if isinstance(owner, TupleValue) and owner.cls is not tuple:
        return _namedtuple_method(stage, frame, node, owner, name, args, kwargs)
    return list_method(stage, frame, node, owner, name, args)


def _of_array(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A method of an array, or of what may be one."""
    if name in WRITING_METHODS:
        WRITING_METHODS[name](stage, frame, node, owner, args, **kwargs)
        return NONE
    if name in WRITING:
        stage.refuse(frame, node, IN_PLACE, IN_PLACE_ADVICE)
    if name == "view" and all(map(_is_plain_array, (*args, *kwargs.values()))):
        if isinstance(owner, Buffer | View):
            return item_of(stage, frame, node, owner, Const(Ellipsis))
        if isinstance(stage.type(owner), Array):
            return owner
    if name == "view" and _hides_floats(stage, owner, [*args, *kwargs.values()]):
        stage.refuse(
            frame, node, "ndarray.view reads the bytes of floats as something else", "use astype"
        )
    if isinstance(owner, Buffer | View) and METHODS.get(name) in VIEWS:
        op = Op(METHODS[name], Form.METHOD, name)
        return view_of(stage, frame, node, op, owner, args, kwargs)
    if isinstance(strip(stage.type(owner)), Array) and METHODS.get(name) in NEW_LISTS:
        return (yield stage.call(frame, node, Static(METHODS[name]), [owner, *args], kwargs))
    if name in METHODS:
        return (yield _array_method(stage, frame, node, owner, name, args, kwargs))
    return _opaque_method(stage, frame, node, owner, name, args, kwargs)


def _hides_floats(stage: Stage, owner: Value, given: list[Value]) -> bool:
    """Whether floats are shown as what is no number with a derivative: as integers, say."""
    type_, asked = stage.type(owner), stage.need_static(given[0])
    if not isinstance(type_, Array) or not isinstance(asked, Static):
        return False
    return type_.dtype.kind in "fc" and np.dtype(asked.value).kind not in "fc"


def _is_plain_array(value: Value) -> bool:
    """Whether a value is the class of NumPy's arrays."""
    return isinstance(value, Static) and value.value is np.ndarray


def view_of(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    op: Op,
    owner: Buffer | View,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    """What a function returns that may return a view."""
    operands = [stage.operand(stage.need_static(a), frame, node) for a in args]
    if op.form is Form.METHOD:
        operands = normalise(op.name, operands)
    given = ((k, stage.operand(stage.need_static(v), frame, node)) for k, v in kwargs.items())
    return view_by(stage, frame, node, op, owner, operands, tuple(given))


def _of_tuple(stage: Stage, frame: Frame, node: gast.AST, name: str) -> str:
    """The method of a tuple of run-time length, which nothing changes."""
    if name == "__iadd__":
        return "__add__"
    if name in CHANGING or name in EDITS:
        error = AttributeError(f"'tuple' object has no attribute '{name}'")
        raise PrimalRaises(error, stage.place(frame, node))
    return name


def _namedtuple_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: TupleValue,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    fields = owner.cls._fields  # type: ignore[attr-defined]
    if name == "_replace":
        return TupleValue(
            tuple(kwargs.get(f, v) for f, v in zip(fields, owner.items, strict=True)), owner.cls
        )
    if name == "_asdict":
        return DictValue({"items": dict(zip(fields, owner.items, strict=True))})
    if name == "_make" and isinstance(args[0], TupleValue | ListValue):
        items = args[0].items if isinstance(args[0], TupleValue) else args[0].slots["items"]
        return TupleValue(tuple(items), owner.cls)
    stage.refuse(
        frame, node, f"the method .{name}() of a namedtuple is not supported", "use its fields"
    )


def _extend(stage: Stage, frame: Frame, node: gast.AST, owner: Value, more: Value) -> Steps:
    """``owner.extend(more)``: each item is appended when it is reached."""

    def trip(item: Value) -> Steps:
        append(stage, frame, node, owner, item)
        return FALL
        yield

    if isinstance(more, ListValue):
        more = TupleValue(more.slots["items"])  # what it is now, also if it is `owner`
    yield each(stage, frame, node, more, trip)
    return NONE


def _array_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    function = METHODS[name]
    optional = perhaps_without(function, [owner, *args], kwargs)
    if optional is not None:

        def called(args: list[Value], kwargs: dict[str, Value]) -> Steps:
            return (yield _array_method(stage, frame, node, owner, name, args, kwargs))

        return (yield with_or_without(stage, frame, node, optional, args, kwargs, called))
    (_, *args), kwargs, out = without_out(function, [owner, *args], kwargs)
    _, *args = static_axes(stage, function, [owner, *args])
    if name in ("astype", "transpose"):  # which takes its axes one by one
        args = [stage.need_static(a) for a in args]
    kwargs = {k: stage.need_static(v) for k, v in kwargs.items()}
    wide = dtype_of_sum(stage, function, [owner, *args], out)
    kwargs = kwargs if wide is None else {"dtype": Static(wide), **kwargs}
    (_, *args), kwargs = as_arrays(stage, frame, node, function, [owner, *args], kwargs)
    operands = [stage.operand(a, frame, node) for a in args]
    arguments = [stage.operand(owner, frame, node), *normalise(name, operands, kwargs)]
    pairs = [(k, stage.operand(v, frame, node)) for k, v in kwargs.items()]
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(Op(function, Form.METHOD, name), arguments, pairs)
    check_shapes(stage, frame, node, function)
    note_integer(stage, function, [owner, *args], arguments, made)
    found = not_followed(stage, frame, node, [owner, *args], made)
    return found if is_none(out) else write_out(stage, frame, node, out, made)


def _opaque_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    held = stage.operand(owner, frame, node)
    operands = [held, *(stage.operand(a, frame, node) for a in args)]
    pairs = [(k, stage.operand(v, frame, node)) for k, v in kwargs.items()]
    op = Op(getattr, Form.METHOD, name, effect=True)
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(op, operands, pairs, type_=OPAQUE)

"""Calls of functions with a rule: their arguments are made what the rule expects."""

from __future__ import annotations

import inspect
import math
import operator
from functools import lru_cache
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, Form, Op
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import Array, rank
from adjoint.rules import Kind, Rule, lookup
from adjoint.rules.registry import is_matrix
from adjoint.stage.arrays.buffers import plain
from adjoint.stage.arrays.snapshots import arrays_in
from adjoint.stage.arrays.writers import broadcast_like, write_at_mask, write_out
from adjoint.stage.calls.opaque_calls import call_opaque
from adjoint.stage.calls.outputs import without_out, without_overwriting
from adjoint.stage.calls.ufunc_dtypes import in_dtype
from adjoint.stage.calls.with_or_without import perhaps_without, with_or_without
from adjoint.stage.context import Frame, Stage
from adjoint.stage.equivalents.ufunc_equivalents import unset
from adjoint.stage.flow.aliases import may_alias
from adjoint.stage.lists.item_layouts import columns
from adjoint.stage.objects.protocols import special
from adjoint.stage.operations import static_call, write
from adjoint.stage.values import (
    NONE,
    BoundMethod,
    Buffer,
    Closure,
    DerivativeValue,
    ListValue,
    ObjectValue,
    PartialValue,
    Records,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
    is_none,
)

__all__ = [
    "as_arrays",
    "call_rule",
    "dtype_of_sum",
    "first_by_position",
    "static_axes",
]

#: Functions whose result is a size or a count more often than a value: known now where they can be.
WHOLE_NUMBERS = frozenset(
    getattr(math, name)
    for name in ("ceil", "floor", "comb", "factorial", "gcd", "isqrt", "lcm", "perm", "trunc")
) | {np.ndim}
PRINTING = frozenset({print})
_AXES = frozenset(
    {"axis", "axis1", "axis2", "axisa", "axisb", "axisc", "source", "destination", "axes"}
)
#: What else says how, and not with what, a function of arrays computes.
_WAYS = frozenset(
    {"k", "n", "m", "p", "ord", "deg", "offset", "ind", "start", "trans", "lower", "keepdims",
     "ddof", "dtype", "order", "indices_or_sections", "type"}
)  # fmt: skip
_AXIS_SECOND = frozenset(
    getattr(np, name)
    for name in (
        "sum", "mean", "prod", "max", "min", "amax", "amin", "var", "std", "ptp", "cumsum",
        "cumprod", "argmax", "argmin", "any", "all", "expand_dims", "squeeze", "flip", "argsort",
    )
)  # fmt: skip
#: Of these ``out=`` says in which dtype they count.
_IN_DTYPE_OF_OUT = frozenset(
    {
        np.sum, np.prod, np.mean, np.cumsum, np.cumprod,
        np.add.reduce, np.add.accumulate, np.multiply.reduce, np.multiply.accumulate,
    }
)  # fmt: skip
_MAKES_ARRAYS = frozenset({np.array, np.asarray, np.asanyarray})
_TAKES_LISTS = frozenset(
    getattr(np, name)
    for name in (
        "array", "asarray", "asanyarray", "concatenate", "stack", "hstack", "vstack",
        "column_stack", "dstack", "block", "broadcast_arrays", "meshgrid", "ix_", "select",
        "choose",
    )
) | {np.linalg.multi_dot}  # fmt: skip


def call_rule(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Write the call of a function that has a rule, or that NumPy or SciPy may have without one."""
    args, kwargs = without_overwriting(held, *_output_as_out(held, args, kwargs))
    args, kwargs, out = without_out(held, args, kwargs)
    if is_none(out) and isinstance(held, np.ufunc) and "where" in kwargs:
        out = yield _unset(stage, frame, node, held, args, kwargs)
    if not is_none(out):
        return (yield _call_into(stage, frame, node, held, args, kwargs, out))
    args = [plain(stage, a, frame, node) for a in args]
    optional = perhaps_without(held, args, kwargs)
    if optional is not None:

        def called(args: list[Value], kwargs: dict[str, Value]) -> Steps:
            return (yield call_rule(stage, frame, node, held, args, kwargs))

        return (yield with_or_without(stage, frame, node, optional, args, kwargs, called))
    for position, value in enumerate(args):
        if isinstance(value, ObjectValue) and is_matrix(value.cls):
            _refuse_matrix(stage, frame, node, held)
        elif isinstance(value, ObjectValue):
            found = yield _protocol(stage, frame, node, value)
            args = [*args[:position], found, *args[position + 1 :]]
    names = _AXES | _WAYS
    kwargs = {k: stage.need_static(v) if k in names else v for k, v in kwargs.items()}
    args = static_axes(stage, held, args)
    rule = lookup(held)
    if rule is not None and rule.kind is Kind.REFUSED:
        _refuse_functions(stage, frame, node, rule, [*args, *kwargs.values()])
    if rule is None or rule.effect:
        return call_opaque(stage, frame, node, Static(held), args, kwargs)
    if rule.kind is Kind.ZERO and held in PRINTING:
        return _effect(stage, frame, node, held, args, kwargs)
    arrays, kwargs = as_arrays(stage, frame, node, held, args, kwargs)
    arrays, kwargs = in_dtype(stage, frame, node, held, arrays, kwargs)
    if held in WHOLE_NUMBERS and all(isinstance(v, Static) for v in (*arrays, *kwargs.values())):
        return static_call(stage, frame, node, held, arrays, kwargs)
    return write(stage, frame, node, call_op(held), arrays, kwargs)


def first_by_position(held: Any, kwargs: dict[str, Value]) -> tuple[list[Value], dict[str, Value]]:
    """The first argument by position, where it is given by name: ``np.zeros(shape=3)``."""
    name = "" if lookup(held) is None else _first_name(held)
    if name not in kwargs:
        return [], kwargs
    kwargs = dict(kwargs)
    return [kwargs.pop(name)], kwargs


#: Of functions in C, which have no signature to look at.
_FIRST_NAMES = {
    np.zeros: "shape", np.empty: "shape", np.array: "object", np.asarray: "a",
    np.asanyarray: "a", np.dot: "a", np.concatenate: "arrays",
}  # fmt: skip


@lru_cache(maxsize=1024)
def _first_name(function: Any) -> str:
    """The name of the first argument of a function, if it may be given by that."""
    if function in _FIRST_NAMES:
        return _FIRST_NAMES[function]
    try:
        first = next(iter(inspect.signature(function).parameters.values()), None)
    except (TypeError, ValueError):
        return ""
    return first.name if first and first.kind is first.POSITIONAL_OR_KEYWORD else ""


def _refuse_matrix(stage: Stage, frame: Frame, node: gast.AST, held: Any) -> None:
    """Refuse what takes a matrix for an array, or makes one of it in its own way."""
    rule = lookup(held)
    if rule is not None and rule.kind is not Kind.REFUSED and held not in PRINTING:
        stage.refuse(
            frame, node, f"a sparse matrix is handed to {held.__name__}",
            "use its operators and methods: A @ x, A.sum(axis=0), A.toarray()",
        )  # fmt: skip


def _output_as_out(
    held: Any, args: list[Value], kwargs: dict[str, Value]
) -> tuple[list[Value], dict[str, Value]]:
    """What ``scipy.ndimage`` calls ``output`` is a dtype, or an array that is written."""
    place = _place_of_output(held)
    if place is None:
        return args, kwargs
    kwargs = dict(kwargs)
    if len(args) > place:
        given, args = args[place], [*args[:place], NONE, *args[place + 1 :]]
        kwargs["output"] = given
    given = kwargs.get("output", NONE)
    if not isinstance(given, Static):
        kwargs["out"] = kwargs.pop("output")
    elif len(args) > place:
        args, _ = [*args[:place], given, *args[place + 1 :]], kwargs.pop("output")
    return args, kwargs


@lru_cache(maxsize=1024)
def _place_of_output(function: Any) -> int | None:
    """Where ``output`` stands among the parameters of a function of ``scipy.ndimage``."""
    if not (getattr(function, "__module__", None) or "").startswith("scipy.ndimage"):
        return None
    names = list(inspect.signature(function).parameters)
    return names.index("output") if "output" in names else None


def _refuse_functions(
    stage: Stage, frame: Frame, node: gast.AST, rule: Rule, given: list[Value]
) -> None:
    """Say why a function is refused where what is handed to it can stand in no emitted code."""
    if any(isinstance(v, Closure | BoundMethod | PartialValue | DerivativeValue) for v in given):
        stage.refuse(frame, node, f"{rule.function.__name__} is not differentiated", rule.reason)


def _call_into(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
    out: Value,
) -> Steps:
    """A call with ``out=``; of a ufunc with ``where=`` too, elements that are not taken stay."""
    if isinstance(out, TupleValue):
        stage.refuse(frame, node, "out= with several arrays", "leave out= away")
    where = kwargs.get("where") if isinstance(held, np.ufunc) else None
    if where is not None:
        del kwargs["where"]
        args = [_at_mask(stage, frame, node, a, where, out) for a in args]
        made = yield call_rule(stage, frame, node, held, args, kwargs)
        mask = stage.operand(where, frame, node)
        write_at_mask(stage, frame, node, out, mask, made)
        return out
    _refuse_overlap(stage, frame, node, held, args, out)
    wide = dtype_of_sum(stage, held, args, out)
    if wide is not None:
        kwargs = {"dtype": Static(wide), **kwargs}
    made = yield call_rule(stage, frame, node, held, args, kwargs)
    return write_out(stage, frame, node, out, made)


def _unset(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: np.ufunc,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """The array whose elements ``where=`` leaves as they are, if none is given: they are unset."""
    rest = {k: v for k, v in kwargs.items() if k not in ("where", "out")}
    with stage.builder.block():  # only to know what it would be
        made = yield call_rule(stage, frame, node, held, args, rest)
    type_ = stage.type(made)
    if not isinstance(type_, Array) or type_.dtype.kind not in "fc":
        return NONE
    kind, where = Static(type_.dtype.type), kwargs["where"]
    if isinstance(where, Static | ListValue):
        where = yield stage.call(frame, node, Static(np.array), [where], {})
    return (yield stage.call(frame, node, Static(unset), [kind, *args, where], {}))


def dtype_of_sum(stage: Stage, held: Any, args: list[Value], out: Value) -> Any:
    """The dtype in which NumPy adds up what it puts into an array of another one, or None."""
    if is_none(out) or held not in _IN_DTYPE_OF_OUT or len(args) > 2:
        return None
    of_sum, of_out = stage.type(args[0]), stage.type(out)
    if not isinstance(of_sum, Array) or not isinstance(of_out, Array):
        return None
    return None if of_sum.dtype == of_out.dtype else of_out.dtype


def _refuse_overlap(
    stage: Stage, frame: Frame, node: gast.AST, held: Any, args: list[Value], out: Value
) -> None:
    """Refuse ``out=`` that is also read, where NumPy may write before it has read."""
    if isinstance(held, np.ufunc) or held in _AXIS_SECOND or held in (np.clip, np.round, np.dot):
        return
    parts = [item for value in args for item in arrays_in(value)]
    if any(may_alias(part, out) for part in parts):
        stage.refuse(
            frame, node, f"np.{held.__name__} writes into an array that it also reads",
            "leave out= away, and assign what is returned: x[...] = …",
        )  # fmt: skip


def _at_mask(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, where: Value, out: Value
) -> Value:
    """The elements of an argument that are taken."""
    if isinstance(value, Static):
        return value
    held = stage.operand(value, frame, node)
    if rank(type_of(held)) == 0:
        return value
    like, mask = stage.operand(out, frame, node), stage.operand(where, frame, node)
    assert isinstance(like, Var)
    with stage.builder.at(stage.place(frame, node)):
        whole = broadcast_like(stage.builder, held, like)
        taken = broadcast_like(stage.builder, mask, like)
        return stage.builder.let(GETITEM, (whole, taken))


def static_axes(stage: Stage, held: Any, args: list[Value]) -> list[Value]:
    """An axis that came in as a number is needed now."""
    places = _places_of_axes(held)
    return [stage.need_static(a) if k in places else a for k, a in enumerate(args)]


@lru_cache(maxsize=1024)
def _places_of_axes(function: Any) -> frozenset[int]:
    """Where axes and the like stand among the arguments of a function of NumPy or SciPy."""
    is_special = (getattr(function, "__module__", None) or "").startswith("scipy.special")
    wanted = _AXES if is_special else _AXES | _WAYS
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # of ufuncs and others in C, which take axes by keyword
        names = []
    return frozenset(k for k, name in enumerate(names) if name in wanted)


def _protocol(stage: Stage, frame: Frame, node: gast.AST, value: ObjectValue) -> Steps:
    """An object handed to NumPy: what its ``__array__`` makes of it, its items, or a number."""
    as_array, as_float = special(stage, value, "__array__"), special(stage, value, "__float__")
    if as_array is not None:
        return (yield stage.call(frame, node, as_array, [value], {}))
    if special(stage, value, "__len__") and special(stage, value, "__getitem__"):
        return (yield stage.call(frame, node, Static(list), [value], {}))
    return value if as_float is None else (yield stage.call(frame, node, as_float, [value], {}))


def _stacked(stage: Stage, frame: Frame, node: gast.AST, value: Records) -> Value:
    """The array that NumPy makes of a list of tuples."""
    if not value.layout.is_tuple:
        stage.refuse(
            frame, node, "a list of dicts or objects is made an array",
            "make a list of one of their parts: [item.part for item in items]",
        )  # fmt: skip
    found = [
        _stacked(stage, frame, node, column)
        if isinstance(column, Records)
        else write(stage, frame, node, call_op(np.array), [column], {})
        for column in columns(value)
    ]
    held = ListValue({"items": tuple(found)})
    return write(stage, frame, node, call_op(np.stack), [held], {"axis": Static(1)})


def as_arrays(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> tuple[list[Value], dict[str, Value]]:
    """The arguments of a function with a rule, with arrays in the place of lists of numbers."""
    rule = lookup(held)
    data = rule.places(len(args)) if rule is not None else frozenset()
    arrays = [_as_array(stage, frame, node, held, a, k in data) for k, a in enumerate(args)]
    if rule is not None:
        kwargs = {
            k: _as_array(stage, frame, node, held, v, True) if k in rule.vjps else v
            for k, v in kwargs.items()
        }
    return arrays, kwargs


def _as_array(
    stage: Stage, frame: Frame, node: gast.AST, held: Any, value: Value, is_data: bool
) -> Value:
    """A list of run-time values where NumPy expects an array: ``np.mean([a, b])``.

    `is_data` tells whether the function is differentiated by it; if not, it may be a shape or axes.
    """
    if isinstance(value, Records) and (held in _MAKES_ARRAYS or held not in _TAKES_LISTS):
        return _stacked(stage, frame, node, value)
    if held is not np.block and _is_numpy(held):
        value = _with_rows(stage, frame, node, value)
    if held in _TAKES_LISTS or not _is_numpy(held):
        return value
    kinds = ListValue | RunTimeList | TupleValue if is_data else ListValue | RunTimeList
    known = isinstance(value, ListValue) and isinstance(held, np.ufunc)
    if known or (isinstance(value, kinds) and _holds_numbers(stage, value)):
        return write(stage, frame, node, call_op(np.array), [value], {})
    return value


def _with_rows(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    """A list or tuple, with arrays in the place of lists of run-time length: rows of a matrix."""
    if not isinstance(value, ListValue | TupleValue):
        return value
    items = value.items if isinstance(value, TupleValue) else value.slots["items"]
    rows = tuple(_as_row(stage, frame, node, item) for item in items)
    if all(map(operator.is_, rows, items)):
        return value
    return TupleValue(rows) if isinstance(value, TupleValue) else ListValue({"items": rows})


def _as_row(stage: Stage, frame: Frame, node: gast.AST, row: Value) -> Value:
    if isinstance(row, Records) and row.layout.is_tuple:
        return _stacked(stage, frame, node, row)
    if isinstance(row, RunTimeList):
        return write(stage, frame, node, call_op(np.array), [row], {})
    return _with_rows(stage, frame, node, row)


def _is_numpy(held: Any) -> bool:
    owner = getattr(held, "__self__", None)
    module = getattr(held, "__module__", None) or ""
    return isinstance(owner, np.ufunc) or module.startswith("numpy")


def _holds_numbers(stage: Stage, value: Value) -> bool:
    """Whether a list or tuple holds numbers that are known at run time only."""
    match value:
        case RunTimeList():
            return True
        case ListValue():
            items = value.slots["items"]
        case TupleValue():
            items = value.items
        case _:
            return isinstance(value, Var | Buffer | View)
    return any(_holds_numbers(stage, item) for item in items)


def _effect(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    operands = [_shown(stage, frame, node, a) for a in args]
    pairs = [(k, _shown(stage, frame, node, v)) for k, v in kwargs.items()]
    with stage.builder.at(stage.place(frame, node)):
        stage.builder.effect(Op(held, Form.CALL, effect=True), operands, pairs)
    return Static(None)


def _shown(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Operand:
    return stage.operand(value, frame, node)

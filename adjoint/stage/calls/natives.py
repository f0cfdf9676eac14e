"""Python's builtins on values of the interpreter."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Let, Statement, Var
from adjoint.ir.operands import strip
from adjoint.ir.ops import BINARY, COMPARE, Form, Op
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import OPAQUE, Array, Maybe, Opaque, Scalar, Unknown
from adjoint.markers import no_grad, stop_gradient
from adjoint.rules.solvers import solved
from adjoint.stage.arrays.randomness import RANDOMNESS
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.arrays.windows import WINDOWS
from adjoint.stage.calls.directives import DIRECTIVES
from adjoint.stage.calls.kinds import KINDS, asked
from adjoint.stage.calls.native_functions import FUNCTIONS
from adjoint.stage.calls.native_iterables import ITERABLES, Native, all_static, gathered
from adjoint.stage.calls.native_reductions import REDUCTIONS
from adjoint.stage.calls.own_names import OWN_NAMES, looking
from adjoint.stage.calls.solvers import call_solver
from adjoint.stage.context import AlwaysRaises, Frame, PrimalRaises, Stage
from adjoint.stage.dicts.dict_methods import DICTS
from adjoint.stage.dicts.run_time_dicts import count_of
from adjoint.stage.dicts.sets import SETS, make_set, set_of
from adjoint.stage.flow.branches import as_list
from adjoint.stage.flow.conditions import choose
from adjoint.stage.flow.told_apart import told_apart
from adjoint.stage.iteration import counted
from adjoint.stage.iteration.itertools_ import ITERTOOLS
from adjoint.stage.lists.heaps import HEAPS
from adjoint.stage.objects.attribute_dicts import attribute_names
from adjoint.stage.objects.attribute_reads import get_attribute, shape
from adjoint.stage.objects.attributes import (
    delete_attribute,
    drop_attribute,
    set_attribute,
    store_attribute,
)
from adjoint.stage.objects.computed import is_there
from adjoint.stage.objects.copying import COPYING
from adjoint.stage.objects.known_classes import has_attribute
from adjoint.stage.objects.protocols import special
from adjoint.stage.operations import apply, static_call
from adjoint.stage.operators import binary, compare, truth, unary
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    NONE,
    Closure,
    DictValue,
    DictView,
    Iterable,
    ListValue,
    ObjectValue,
    OneOf,
    RunTimeDict,
    Static,
    Steps,
    TupleValue,
    Unbound,
    Value,
)

__all__ = ["NATIVES"]

ALL_STATIC: tuple[Callable[..., Any], ...] = (
    abs, bool, bytes, chr, complex, divmod, float, format, hash, hex, int, max, min, oct, ord, pow,
    range, repr, round, slice, str, sum, all, any, sorted, frozenset, tuple, list, np.dtype,
    np.finfo, np.iinfo, no_grad,
    *(kind for kind in np.ScalarType if isinstance(kind, type) and issubclass(kind, np.generic)),
)  # fmt: skip


def _len(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    own = special(stage, args[0], "__len__")
    if own is not None:
        return (yield stage.call(frame, node, own, args, {}))
    match args[0]:
        case TupleValue(items):
            return Static(len(items))
        case ListValue() | DictValue():
            return Static(len(args[0].slots["items"]))
        case Static(variable=None):
            return static_call(stage, frame, node, len, args, {})
        case ObjectValue():
            error = TypeError(f"object of type '{args[0].cls.__name__}' has no len()")
            raise PrimalRaises(error, stage.place(frame, node))
        case Iterable():
            return (yield counted.count_of(stage, frame, node, args[0]))
        case RunTimeDict():
            return count_of(stage, frame, node, args[0])
        case DictView(RunTimeDict() as owner):
            return count_of(stage, frame, node, owner)
        case _:
            return counted.length_of(stage, frame, node, args[0])


def _getattr(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    name = args[1].value if isinstance(args[1], Static) else ""
    if len(args) < 3:
        return (yield get_attribute(stage, frame, node, args[0], name))
    if isinstance(args[0], Var) and isinstance(args[0].type, Opaque):
        return asked(stage, frame, node, getattr, args, OPAQUE)
    if isinstance(args[0], OneOf):
        return (yield _of_each(stage, frame, node, _getattr, args))
    flag = _told(stage, args[0], name)
    if flag is not None:
        return (yield _there_or(stage, frame, node, flag, args))
    found = yield _attribute_if_any(stage, frame, node, args[0], name)
    return args[2] if found is None else found


def _hasattr(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    name = args[1].value if isinstance(args[1], Static) else ""
    known = has_attribute(args[0], name)
    if known is not None:
        return Static(known)
    if isinstance(args[0], Var) and isinstance(args[0].type, Opaque | Unknown | Maybe):
        return asked(stage, frame, node, hasattr, args)
    if isinstance(args[0], OneOf):
        return (yield _of_each(stage, frame, node, _hasattr, args))
    flag = _told(stage, args[0], name)
    if flag is not None:
        return flag
    found = yield _attribute_if_any(stage, frame, node, args[0], name)
    return Static(found is not None)


def _told(stage: Stage, owner: Value, name: str) -> Var | None:
    """What tells whether an object has an attribute, where that is known at run time only."""
    cell = owner.attributes if isinstance(owner, Closure) else owner
    flag = is_there(stage, cell, name) if isinstance(cell, Cell) else None
    return flag if isinstance(flag, Var) else None


def _there_or(stage: Stage, frame: Frame, node: gast.AST, flag: Var, args: list[Value]) -> Steps:
    """``getattr(owner, name, default)`` of an attribute that is there where a flag says so."""

    def there() -> Steps:
        return (yield _getattr(stage, frame, node, args, {}))

    def missing() -> Steps:
        return args[2]
        yield

    return (yield choose(stage, frame, node, flag, there, missing, "ifexp"))


def _of_each(
    stage: Stage, frame: Frame, node: gast.AST, ask: Callable[..., Steps], args: list[Value]
) -> Steps:
    def of_one(owner: Value) -> Steps:
        return (yield ask(stage, frame, node, [owner, *args[1:]], {}))

    assert isinstance(args[0], OneOf), "one of several"
    return (yield told_apart(stage, frame, node, args[0], of_one))


def _attribute_if_any(stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str) -> Steps:
    """An attribute, or None where looking for it raises an `AttributeError`."""
    if has_attribute(owner, name) is False:
        return None
    with stage.builder.block() as statements:
        try:
            found = yield get_attribute(stage, frame, node, owner, name)
        except PrimalRaises as raised:
            if not isinstance(raised.error, AttributeError):
                raise
            found = None
        except AlwaysRaises:  # by a __getattr__ of the user's
            if not _raises_attribute_error(stage, statements):
                raise
            found = None
            statements.clear()
    for statement in statements:
        stage.builder.append(statement)
    return found


def _raises_attribute_error(stage: Stage, statements: list[Statement]) -> bool:
    last = statements[-1] if statements else None
    if not isinstance(last, Let) or last.op.form is not Form.RAISE or len(statements) > 2:
        return False
    made = stage.builder.definitions.get(last.args[0]) if isinstance(last.args[0], Var) else None
    return made is not None and made.op.function is AttributeError


def _vars(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if not args:
        return (yield looking("vars")(stage, frame, node, args, kwargs))
    if len(args) == 1 and isinstance(args[0], ObjectValue):
        return (yield get_attribute(stage, frame, node, args[0], "__dict__"))
    return NotImplemented


def _attribute_names(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
) -> Steps:
    """The names of the attributes of an object; of one that came in, those it has are held."""
    owner = args[0]
    assert isinstance(owner, ObjectValue), "an object has attributes"
    is_sure = owner.source is None and not owner.may_have_computed
    if not is_sure or any(isinstance(v, Unbound) for v in owner.slots.values()):
        stage.refuse(
            frame, node, "which attributes an object has is known at run time only",
            "name the attributes",
        )  # fmt: skip
    real = tuple(getattr(owner.real, "__dict__", ()))
    if owner.real is not None:
        stage.inputs.expect(f"tuple({owner.access.text}.__dict__) == {real!r}")
    return TupleValue(tuple(map(Static, dict.fromkeys((*real, *owner.slots)))))
    yield


def _setter(steps: Any) -> Native:
    def native(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
        name = args[1].value if isinstance(args[1], Static) else ""
        yield steps(stage, frame, node, args[0], name, args[2])
        return NONE

    return native


def _stop_gradient(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
) -> Steps:
    value = args[0]
    if not isinstance(value, Var):
        return value
    op = Op(stop_gradient, Form.ALIAS, stopped=True)
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(op, (value,), type_=value.type)
    yield


def _deleter(steps: Any) -> Native:
    def native(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
        name = args[1].value if isinstance(args[1], Static) else ""
        yield steps(stage, frame, node, args[0], name)
        return NONE

    return native


#: What asks an object for a method of that name.
BY_METHOD = (abs, float, int, complex, round, divmod, str, repr, format, hash, bytes)


def _static_only(function: Callable[..., Any]) -> Native:
    def native(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        if all_static(args, kwargs):
            found = static_call(stage, frame, node, function, args, kwargs)
            return as_list(stage, frame, node, found)
        own = special(stage, args[0], f"__{function.__name__}__") if args else None
        if own is not None and function in BY_METHOD:
            return (yield stage.call(frame, node, own, args, kwargs))
        if function in (str, repr, format):
            operands = [stage.operand(a, frame, node) for a in args]
            with stage.builder.at(stage.place(frame, node)):
                return stage.builder.let(Op(function, effect=False), operands, type_=OPAQUE)
        if function is bool:
            decided = yield truth(stage, frame, node, args[0])
            return (
                decided
                if isinstance(decided, Static)
                else apply(stage, frame, node, call_op(bool), [decided])
            )
        return NotImplemented

    return native


def _set(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if not args:
        return (yield make_set(stage, frame, node, []))
    if isinstance(args[0], Static) and args[0].variable is None:
        return (yield make_set(stage, frame, node, [Static(item) for item in args[0].value]))
    return (yield set_of(stage, frame, node, (yield gathered(stage, frame, node, args[0]))))


def _np_shape(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    type_ = strip(args[0].type) if isinstance(args[0], Var) else None
    if isinstance(type_, Scalar):
        return Static(())
    if isinstance(args[0], Var) and isinstance(type_, Array):
        return shape(stage, frame, node, args[0])
    return NotImplemented
    yield


def _np_ndim(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if isinstance(args[0], Static) and isinstance(args[0].value, int | float | complex):
        return Static(0)
    if isinstance(args[0], Var):
        type_ = strip(args[0].type)
        if isinstance(type_, Scalar):
            return Static(0)
        if isinstance(type_, Array) and type_.shape is not None:
            return Static(len(type_.shape))
    return NotImplemented
    yield


def _operator(symbol: str, steps: Any) -> Native:
    def native(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
        return (yield steps(stage, frame, node, symbol, *args))

    return native


def _divmod(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if all_static(args, kwargs):
        quotient, rest = static_call(stage, frame, node, divmod, args, {}).value
        return TupleValue((Static(quotient), Static(rest)))
    own = special(stage, args[0], "__divmod__")
    if own is not None:
        return (yield stage.call(frame, node, own, args, {}))
    floor = yield binary(stage, frame, node, "//", args[0], args[1])
    return TupleValue((floor, (yield binary(stage, frame, node, "%", args[0], args[1]))))


def _getitem(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    return (yield get_item(stage, frame, node, args[0], args[1]))


NATIVES: dict[Any, Native] = {
    **{function: _static_only(function) for function in ALL_STATIC},
    **ITERABLES,
    **REDUCTIONS,
    **RANDOMNESS,
    **FUNCTIONS,
    **ITERTOOLS,
    **DIRECTIVES,
    **KINDS,
    **SETS,
    **COPYING,
    **DICTS,
    **HEAPS,
    **OWN_NAMES,
    **WINDOWS,
    set: _set,
    len: _len,
    vars: _vars,
    attribute_names: _attribute_names,
    getattr: _getattr,
    hasattr: _hasattr,
    setattr: _setter(set_attribute),
    object.__setattr__: _setter(store_attribute),
    delattr: _deleter(delete_attribute),
    object.__delattr__: _deleter(drop_attribute),
    stop_gradient: _stop_gradient,
    solved: call_solver,
    divmod: _divmod,
    np.shape: _np_shape,
    np.ndim: _np_ndim,
    operator.getitem: _getitem,
    **{f: _operator(s, binary) for s, f in BINARY.items()},
    **{f: _operator(s, compare) for s, f in COMPARE.items() if f.__module__ == "_operator"},
    operator.neg: _operator("-", unary),
    operator.pos: _operator("+", unary),
    operator.not_: _operator("not", unary),
}

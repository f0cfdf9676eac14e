"""Functions with source are interpreted in place, with their own globals."""

from __future__ import annotations

import types
from dataclasses import replace
from typing import Any

import gast

from adjoint.errors import NoSource, Unsupported
from adjoint.ir.remembered import remembered
from adjoint.source.bindings import Bindings, bindings_of, local_names
from adjoint.source.parameters import Kind, Parameter
from adjoint.source.parse import parse
from adjoint.source.read import FunctionSource, read
from adjoint.stage.calls.functions import call_function, identity_of, stays_function
from adjoint.stage.calls.returns import run_body
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage
from adjoint.stage.flow.generators import generator_of, is_generator
from adjoint.stage.flow.told_apart import told_apart
from adjoint.stage.inputs.classes import expect_code, read_default
from adjoint.stage.lists.registers import register_of
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Closure,
    DictValue,
    OneOf,
    Static,
    Steps,
    TupleValue,
    Unpacked,
    Value,
)

__all__ = ["entered", "inline", "inline_closure", "signature_of"]

DEPTH = 400
#: How deep a function may call itself while it is interpreted in place, and how deep in loops.
DEEPEST, IN_LOOPS = 250, 4
#: How often a function that calls itself is interpreted in place at most; and how many lines of a
#: function of some size, in all.
COPIES, LINES, SIZE = 32, 1000, 5


def inline(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: types.FunctionType,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Interpret a call of a Python function."""
    try:
        source, tree = _parsed(function)
    except NoSource as error:
        raise NoSource(error.message, stage.place(frame, node), error.advice) from None
    bindings = bindings_of(function)
    inner = _frame(stage, frame, node, _name(function), source, bindings, tree)
    if not inner.is_own:
        expect_code(stage.inputs, function)
    defaults: dict[str, Value] = {
        name: Static(value) if inner.is_own else read_default(stage.inputs, function, name)
        for name, value in bindings.defaults.items()
    }
    _bind_arguments(stage, inner, node, frame, bindings.parameters, defaults, args, kwargs)
    return (yield _enter(stage, frame, node, inner, tree))


@remembered
def _parsed(function: types.FunctionType) -> tuple[FunctionSource, Any]:
    """The source of a function and its tree, which is never changed."""
    source = read(function)
    return source, parse(source)


@remembered
def _local_names(tree: gast.AST) -> frozenset[str]:
    return local_names(tree)


def _name(function: types.FunctionType) -> str:
    return function.__qualname__.rpartition("<locals>.")[2]


def inline_closure(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Closure,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Interpret a call of a function that was defined in staged code."""
    inner = entered(stage, frame, node, function, args, kwargs)
    return (yield _enter(stage, frame, node, inner, function.node))


def entered(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Closure,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Frame:
    """The frame of a call of a function that was defined in staged code."""
    outer, tree = function.frame, function.node
    inner = _frame(stage, frame, node, function.name, outer.source, outer.bindings, tree)
    inner.parent = outer
    parameters, defaults = signature_of(function)
    _bind_arguments(stage, inner, node, frame, parameters, defaults, args, kwargs)
    return inner


def signature_of(function: Closure) -> tuple[tuple[Parameter, ...], dict[str, Value]]:
    """The parameters of a function that was defined in staged code, and the defaults of some."""
    args: Any = function.node.args
    names = [a.id for a in (*args.posonlyargs, *args.args)]
    parameters = [Parameter(a.id, Kind.POSITIONAL_ONLY) for a in args.posonlyargs]
    parameters += [Parameter(a.id, Kind.POSITIONAL_OR_KEYWORD) for a in args.args]
    if args.vararg is not None:
        parameters.append(Parameter(args.vararg.id, Kind.VAR_POSITIONAL))
    parameters += [Parameter(a.id, Kind.KEYWORD_ONLY) for a in args.kwonlyargs]
    if args.kwarg is not None:
        parameters.append(Parameter(args.kwarg.id, Kind.VAR_KEYWORD))
    count = len(function.defaults)
    defaults: dict[str, Value] = dict(
        zip(names[len(names) - count :], function.defaults, strict=True)
    )
    for a, value in zip(args.kwonlyargs, function.kw_defaults, strict=True):
        if value is not None:
            defaults[a.id] = value
    return tuple(parameters), defaults


def _frame(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    name: str,
    source: Any,
    bindings: Bindings,
    tree: Any,
) -> Frame:
    position = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
    site = (frame.source.file, *position)
    callers = (*frame.callers, stage.place(frame, node))
    if len(callers) > DEPTH:
        stage.refuse(
            frame, node, f"calls are nested more than {DEPTH} deep: {name} calls itself",
            "write the recursion as a loop",
        )  # fmt: skip
    local, path = _local_names(tree), (*frame.path, site)
    inner = Frame(name, source, bindings, Cell(), local, callers, path)
    inner.identity = identity_of(name, source, tree)
    return inner


def _bind_arguments(
    stage: Stage,
    inner: Frame,
    node: gast.AST,
    caller: Frame,
    parameters: tuple[Parameter, ...],
    defaults: dict[str, Value],
    args: list[Value],
    kwargs: dict[str, Value],
) -> None:
    """Bind arguments to parameters as Python does; what Python refuses raises as it does."""
    rest, named = list(args), dict(kwargs)
    inner.arguments = tuple(p.name for p in parameters)
    for parameter in parameters:
        name = parameter.name
        match parameter.kind:
            case Kind.VAR_POSITIONAL:
                value: Value = _all_others(rest)
                rest = []
            case Kind.VAR_KEYWORD:
                value = DictValue({"items": named})
                named = {}
            case kind if rest and kind is not Kind.KEYWORD_ONLY:
                if name in named and kind is not Kind.POSITIONAL_ONLY:
                    _misfit(
                        stage,
                        caller,
                        node,
                        f"{inner.name}() got multiple values for argument '{name}'",
                    )
                value = rest.pop(0)
            case kind if name in named and kind is not Kind.POSITIONAL_ONLY:
                value = named.pop(name)
            case _ if name in defaults:
                value = defaults[name]
            case _:
                _misfit(
                    stage, caller, node, f"{inner.name}() missing a required argument: '{name}'"
                )
        inner.names.slots[name] = value
    if rest:
        _misfit(
            stage,
            caller,
            node,
            f"{inner.name}() takes {len(args) - len(rest)} positional arguments",
        )
    if named:
        _misfit(
            stage,
            caller,
            node,
            f"{inner.name}() got an unexpected keyword argument '{next(iter(named))}'",
        )


def _all_others(rest: list[Value]) -> Value:
    """What ``*args`` is."""
    if rest and isinstance(rest[0], Unpacked):
        return rest[0].items
    return TupleValue(tuple(rest))


def _misfit(stage: Stage, frame: Frame, node: gast.AST, message: str) -> None:
    raise PrimalRaises(TypeError(message), stage.place(frame, node))


def _enter(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, tree: Any) -> Steps:
    if isinstance(tree, gast.AsyncFunctionDef):
        stage.refuse(inner, tree, f"{inner.name} is async", "differentiate an ordinary function")
    if isinstance(tree, gast.FunctionDef) and is_generator(tree):
        return generator_of(stage, frame, node, inner, tree.body)
    _weigh(stage, frame, node, inner, tree)
    if stays_function(stage, inner.identity):
        return (yield _kept(stage, frame, node, inner, tree))
    stage.active.append(inner.identity)
    stage.regions.append(None)
    place, stopped = stage.builder.place, stage.builder.stopped
    try:
        return (yield run_body(stage, inner, tree))
    finally:
        stage.builder.place, stage.builder.stopped = place, stopped
        stage.regions.pop()
        stage.active.pop()


def _kept(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, tree: Any) -> Steps:
    """Call a function that stays one; of what it is given, all is known apart."""
    for name, value in inner.names.slots.items():
        if isinstance(value, OneOf) and register_of(value) is None:

            def with_item(item: Value, name: str = name) -> Steps:
                names = Cell({**inner.names.slots, name: item})
                return (yield _kept(stage, frame, node, replace(inner, names=names), tree))

            return (yield told_apart(stage, frame, node, value, with_item))
    return (yield call_function(stage, frame, node, inner, tree))


def _weigh(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, tree: Any) -> None:
    """Have a function stay one that is interpreted in place too deep, or too often."""
    identity = inner.identity
    reason = stage.decisions.get(("inline", identity))
    if inner.is_own or (identity in stage.decisions and reason is None):
        return
    depth = stage.active.count(identity)
    count = stage.inlined[identity] = stage.inlined.get(identity, 0) + 1
    loops = sum(getattr(region, "mark", None) is not None for region in stage.regions)
    size = tree.end_lineno - tree.lineno + 1
    often = count > COPIES if depth else size >= SIZE and count * size > LINES
    if reason is None and (often or depth > DEEPEST or min(depth, loops) >= IN_LOOPS):
        raise Restart(identity)
    if depth > DEEPEST:
        if isinstance(reason, Unsupported):
            raise reason
        stage.refuse(frame, node, f"{inner.name} calls itself", "write the recursion as a loop")

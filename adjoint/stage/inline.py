"""Functions with source are interpreted in place, with their own globals."""

from __future__ import annotations

import types
from functools import partial
from typing import Any

import gast

from adjoint.errors import NoSource
from adjoint.source.bindings import Bindings, Kind, Parameter, bindings_of, local_names
from adjoint.source.parse import parse
from adjoint.source.read import read
from adjoint.stage.context import AlwaysRaises, Frame, PrimalRaises, Stage
from adjoint.stage.generators import generator_of, is_generator
from adjoint.stage.trail import Cell
from adjoint.stage.values import NONE, Closure, DictValue, Static, Steps, TupleValue, Value

__all__ = ["inline", "inline_closure", "run_body"]

DEPTH = 400


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
        source = read(function)
    except NoSource as error:
        raise NoSource(error.message, stage.place(frame, node), error.advice) from None
    tree: Any = parse(source)
    bindings = bindings_of(function)
    inner = _frame(stage, frame, node, _name(function), source, bindings, local_names(tree))
    defaults: dict[str, Value] = {
        name: Static(value)
        if inner.is_own
        else stage.inputs.external(
            ("default", id(function), name), name, partial(_default, function, name)
        )
        for name, value in bindings.defaults.items()
    }
    _bind_arguments(stage, inner, node, frame, bindings.parameters, defaults, args, kwargs)
    return (yield _enter(stage, frame, node, inner, tree))


def _default(function: types.FunctionType, name: str) -> Any:
    return bindings_of(function).defaults[name]


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
    outer, tree = function.frame, function.node
    inner = _frame(
        stage, frame, node, function.name, outer.source, outer.bindings, local_names(tree)
    )
    inner.parent = outer
    parameters, defaults = _signature(tree.args, function)
    _bind_arguments(stage, inner, node, frame, parameters, defaults, args, kwargs)
    return (yield _enter(stage, frame, node, inner, tree))


def _signature(args: Any, function: Closure) -> tuple[tuple[Parameter, ...], dict[str, Value]]:
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
    local: frozenset[str],
) -> Frame:
    position = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
    site = (frame.source.file, *position)
    callers = (*frame.callers, stage.place(frame, node))
    if len(callers) > DEPTH:
        stage.refuse(
            frame, node, f"calls are nested more than {DEPTH} deep: {name} calls itself",
            "write the recursion as a loop",
        )  # fmt: skip
    _refuse_recursion(stage, frame, node, name, bindings)
    return Frame(name, source, bindings, Cell(), local, callers, (*frame.path, site))


def _refuse_recursion(
    stage: Stage, frame: Frame, node: gast.AST, name: str, bindings: Bindings
) -> None:
    active = sum(1 for each in stage.active if each is bindings.function.__code__)
    if active > 250:
        stage.refuse(
            frame,
            node,
            f"{name} calls itself",
            "recursion is not supported yet: write it as a loop",
        )


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
                value: Value = TupleValue(tuple(rest))
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


def _misfit(stage: Stage, frame: Frame, node: gast.AST, message: str) -> None:
    raise PrimalRaises(TypeError(message), stage.place(frame, node))


def _enter(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, tree: Any) -> Steps:
    if isinstance(tree, gast.AsyncFunctionDef):
        stage.refuse(inner, tree, f"{inner.name} is async", "differentiate an ordinary function")
    if isinstance(tree, gast.FunctionDef) and is_generator(tree):
        return generator_of(stage, frame, inner, tree.body)
    code = inner.bindings.function.__code__
    stage.active.append(code)
    stage.regions.append(None)
    place, stopped = stage.builder.place, stage.builder.stopped
    try:
        return (yield run_body(stage, inner, tree))
    finally:
        stage.builder.place, stage.builder.stopped = place, stopped
        stage.regions.pop()
        stage.active.pop()


def run_body(stage: Stage, inner: Frame, tree: Any) -> Steps:
    """The value that a function returns."""
    if isinstance(tree, gast.Lambda):
        return (yield stage.evaluate(inner, tree.body))
    outcome = yield stage.execute(inner, tree.body)
    if outcome.kind == "raise":
        raise AlwaysRaises
    if outcome.kind == "fall" or outcome.value is None:
        return NONE
    return outcome.value

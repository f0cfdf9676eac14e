"""Calls of functions that have a rule of their own: `custom_vjp`, `custom_jvp`.

Such a function is an object like any other, whose attributes hold the rule: so the guard looks at
them, and one that is made inside a function is as good as one from outside.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Sequence

import gast

from adjoint.custom import CustomRule
from adjoint.ir.custom import CustomCall
from adjoint.stage.attribute_reads import get_attribute
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.custom_calls import Site, entered
from adjoint.stage.custom_rules import WAYS
from adjoint.stage.structures import leaf_values
from adjoint.stage.values import Closure, ObjectValue, Static, Steps, Value

__all__ = ["call_custom", "construct_custom", "is_custom"]

#: A rule that calls its own function: so many derivatives are taken by the rule, and further ones
#: of the function itself.
ORDERS = 3


def is_custom(value: Value) -> bool:
    """Whether a value is a function that has a rule of its own."""
    return isinstance(value, ObjectValue) and issubclass(value.cls, CustomRule)


def construct_custom(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    cls: type,
    args: Sequence[Value],
    kwargs: dict[str, Value],
) -> Value:
    """``custom_vjp(f)`` inside a function."""
    names = ("fun", "nondiff_argnums")
    given = {"nondiff_argnums": Static(()), **dict(zip(names, args, strict=False)), **kwargs}
    return ObjectValue(given, cls=cls)


def call_custom(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: ObjectValue,
    args: Sequence[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Write a call of a function that has a rule of its own."""
    fun = yield from get_attribute(stage, frame, node, function, "fun")
    site = Site(stage, frame, node, CustomCall(_name(fun)), stage.trail.mark())
    key = ("custom", id(function.real or function))
    if stage.active.count(key) == ORDERS:
        return (yield stage.call(frame, node, fun, list(args), kwargs))
    parts: dict[str, Value] = {}
    for part in function.cls.parts:
        if part not in function.slots and part not in getattr(function.real, "__dict__", {}):
            kind = function.cls.__name__
            site.refuse(
                f"{site.name} is a {kind}, and has no rule yet",
                f"give it one: {site.name}.def{kind.partition('_')[2]}(…)",
            )
        parts[part] = _plain(stage, (yield from get_attribute(stage, frame, node, function, part)))
    given = _bound(site, fun, args, kwargs)
    fixed = [k % len(given) for k in _fixed(site, function)]
    with stage.builder.at(stage.place(frame, node)):
        arguments = [entered(site, k, a, k in fixed) for k, a in enumerate(given)]
        stage.active.append(key)
        try:
            return (yield WAYS[_kind(function.cls)](site, fun, parts, arguments))
        finally:
            stage.active.pop()


def _plain(stage: Stage, part: Value) -> Value:
    """A part of a rule; a static method, given while its class is made, is the function in it."""
    if isinstance(part, ObjectValue) and isinstance(part.real, staticmethod):
        stage.inputs.expect_same(part.access.text, part.real)
        return Static(part.real.__func__)
    return part


def _kind(cls: type) -> str:
    return next(c.__name__ for c in cls.__mro__ if c.__module__ == CustomRule.__module__)


def _name(fun: Value) -> str:
    match fun:
        case Static(held):
            return getattr(held, "__name__", type(held).__name__)
        case Closure():
            return fun.name
        case _:
            return "the function"


def _fixed(site: Site, function: ObjectValue) -> tuple[int, ...]:
    """The positions of the arguments that are not differentiated."""
    if isinstance(function.real, CustomRule):
        found = function.real.nondiff_argnums
        site.stage.inputs.expect_same(f"{function.access.text}.nondiff_argnums", found)
        return found
    leaves = [part.value for part in leaf_values(function.slots["nondiff_argnums"])]  # type: ignore[union-attr]
    return tuple(itertools.chain(*(f if isinstance(f, tuple) else (f,) for f in leaves)))


def _bound(site: Site, fun: Value, args: Sequence[Value], kwargs: dict[str, Value]) -> list[Value]:
    """The arguments by position, with defaults, as the rule is given them."""
    if isinstance(fun, Closure) and not kwargs:
        return list(args)
    if isinstance(fun, Closure):
        names = [a.id for a in (*fun.node.args.posonlyargs, *fun.node.args.args)]
        rest = names[len(args) : len(args) + len(kwargs)]
        if sorted(rest) != sorted(kwargs):
            site.refuse(f"{site.name} is called by keyword", "pass its arguments by position")
        return [*args, *(kwargs[name] for name in rest)]
    assert isinstance(fun, Static)
    try:
        bound = inspect.signature(fun.value).bind(*args, **kwargs)
    except ValueError:  # of a function in C, that does not say what it takes
        return list(args)
    except TypeError as error:
        place = site.stage.place(site.frame, site.node)
        raise PrimalRaises(TypeError(f"{site.name}() {error}"), place) from None
    given = set(bound.arguments)
    bound.apply_defaults()
    if bound.kwargs:
        site.refuse(
            f"{site.name} has a rule of its own, and takes arguments by keyword only",
            "let it take them by position",
        )
    for name, value in bound.arguments.items():
        if name not in given and bound.signature.parameters[name].kind.name != "VAR_POSITIONAL":
            bound.arguments[name] = Static(value)
    return list(bound.args)

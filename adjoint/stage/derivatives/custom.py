"""Calls of functions that have a rule of their own: `custom_vjp`, `custom_jvp`.

Such a function is an object like any other, whose attributes hold the rule: so the guard looks at
them, and one that is made inside a function is as good as one from outside.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Sequence
from typing import Any

import gast

from adjoint.custom import CustomRule
from adjoint.rules import lookup
from adjoint.rules.rule import Given
from adjoint.stage.arrays.snapshots import photograph
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.derivatives.custom_calls import Site, entered
from adjoint.stage.derivatives.custom_rules import WAYS, by_given, called
from adjoint.stage.inputs.classes import read_default
from adjoint.stage.objects.attribute_reads import get_attribute
from adjoint.stage.values import NONE, Closure, ObjectValue, Static, Steps, TupleValue, Value

__all__ = ["call_custom", "call_given", "construct_custom", "is_custom"]

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
    names = ("fun", "nondiff_argnums", "like")
    given = {"nondiff_argnums": Static(()), "like": NONE}
    return ObjectValue({**given, **dict(zip(names, args, strict=False)), **kwargs}, cls=cls)


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
    site = Site.of(stage, frame, node, _name(fun))
    key = ("custom", id(function.real or function))
    if stage.active.count(key) == ORDERS:
        return (yield _itself(site, function, fun, args, kwargs))
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


def _itself(
    site: Site, function: ObjectValue, fun: Value, args: Sequence[Value], kwargs: dict[str, Value]
) -> Steps:
    """Call the function that has a rule, as if it had none: it is read, or called by its name."""
    like = _option(site, function, "like")
    if like is None:
        return (yield site.stage.call(site.frame, site.node, fun, list(args), kwargs))
    if not isinstance(fun, Static):
        site.refuse(
            f"{site.name} is defined inside a function, and like= says that it is not to be read",
            "define it outside",
        )
    with site.stage.builder.at(site.stage.place(site.frame, site.node)):
        values = [photograph(site.stage, value) for value in _bound(site, fun, args, kwargs)]
        return called(site, fun.value, like, values)


def call_given(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: Sequence[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Write a call of a function that is not read, and that was given a rule."""
    held = function.value

    def given() -> Given:
        known = lookup(held)
        assert known is not None
        assert known.given is not None
        return known.given

    site = Site.of(stage, frame, node, _name(function))
    pullback = stage.inputs.external(("given", id(held)), site.name, lambda: given().pullback)
    like = given().like
    values = _by_position(site, pullback, args, kwargs)
    key = ("custom", id(held))
    with stage.builder.at(stage.place(frame, node)):
        if stage.active.count(key) == ORDERS:
            return called(site, held, like, values)
        arguments = [entered(site, k, value, fixed=False) for k, value in enumerate(values)]
        stage.active.append(key)
        try:  # by the rule again, for further derivatives
            out = yield call_given(stage, frame, node, function, [a.entered for a in arguments], {})
            return (yield by_given(site, pullback, out, arguments))
        finally:
            stage.active.pop()


def _by_position(
    site: Site, pullback: Value, args: Sequence[Value], kwargs: dict[str, Value]
) -> list[Value]:
    """The arguments in the order in which the rule takes them."""
    if not kwargs:
        return list(args)
    assert isinstance(pullback, Static)
    names = list(inspect.signature(pullback.value).parameters)[2 + len(args) :]
    if sorted(names[: len(kwargs)]) != sorted(kwargs):
        site.refuse(
            f"{site.name} is called by keyword, and its rule does not take"
            f" {', '.join(kwargs)} next",
            "pass the arguments by position",
        )
    return [*args, *(kwargs[name] for name in names[: len(kwargs)])]


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
    found = _option(site, function, "nondiff_argnums")
    return found if isinstance(found, tuple) else (found,)


def _option(site: Site, function: ObjectValue, name: str) -> Any:
    """An option of a function that has a rule: it is known now."""
    if function.real is not None and name not in function.slots:
        found = getattr(function.real, name)
        site.stage.inputs.expect_same(f"{function.access.text}.{name}", found)
        return found
    match function.slots[name]:
        case Static(held):
            return held
        case TupleValue(items) if all(isinstance(item, Static) for item in items):
            return tuple(item.value for item in items if isinstance(item, Static))
        case _:
            site.refuse(f"{name} of {site.name} is not known now", "write it down")


def _bound(site: Site, fun: Value, args: Sequence[Value], kwargs: dict[str, Value]) -> list[Value]:
    """The arguments by position, with defaults, as the rule is given them."""
    if not isinstance(fun, Static) and not kwargs:
        return list(args)
    if isinstance(fun, Closure):
        names = [a.id for a in (*fun.node.args.posonlyargs, *fun.node.args.args)]
        rest = names[len(args) : len(args) + len(kwargs)]
        if sorted(rest) != sorted(kwargs):
            site.refuse(f"{site.name} is called by keyword", "pass its arguments by position")
        return [*args, *(kwargs[name] for name in rest)]
    if not isinstance(fun, Static):
        site.refuse(f"{site.name} is called by keyword", "pass its arguments by position")
    try:
        bound = inspect.signature(fun.value).bind(*args, **kwargs)
    except ValueError:  # of a function in C, that does not say what it takes
        if kwargs:
            site.refuse(f"{site.name} is called by keyword", "pass its arguments by position")
        return list(args)
    except TypeError as error:
        place = site.stage.place(site.frame, site.node)
        raise PrimalRaises(TypeError(f"{site.name}() {error}"), place) from None
    given = set(bound.arguments)
    if lookup(fun.value) is None:  # what a library has for its defaults is its own affair
        bound.apply_defaults()
    if not set(bound.kwargs) <= set(bound.arguments) - given:
        site.refuse(
            f"{site.name} has a rule of its own, and takes arguments by keyword only",
            "let it take them by position",
        )
    for name, value in bound.arguments.items():
        if name not in given and bound.signature.parameters[name].kind.name != "VAR_POSITIONAL":
            bound.arguments[name] = _default(site, fun.value, name, value)
    return list(bound.args)


def _default(site: Site, fun: Any, name: str, value: Any) -> Value:
    """The default of a parameter, which is read at each call as that of any function is."""
    if not isinstance(fun, types.FunctionType):
        return Static(value)
    return read_default(site.stage.inputs, fun, name)

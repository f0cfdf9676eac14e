"""What uses one of several arrays or objects is staged once for each, in a branch on its number."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import gast

from adjoint.stage.arrays.buffers import plain
from adjoint.stage.context import AlwaysRaises, Frame, Stage
from adjoint.stage.flow.alternatives import settled
from adjoint.stage.flow.branches import arm, join_arms
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.objects.sameness import same_value
from adjoint.stage.values import BoundMethod, NativeMethod, OneOf, Steps, Value

__all__ = ["for_each", "told_apart", "told_apart_among"]

_Use = Callable[..., Steps]


def told_apart(
    stage: Stage, frame: Frame, node: gast.AST, value: OneOf, use: Callable[[Any], Steps]
) -> Steps:
    """What comes of the use of one of several, staged for each of them."""
    value = settled(stage.alternatives.known, value)
    if not isinstance(value, OneOf):
        return (yield use(value))
    results: dict[int, Value] = {}

    def use_known(number: int) -> Steps:
        known = stage.alternatives.known
        known[value.number] = number
        try:
            results[number] = yield use(settled(known, at_place(value.items[number])))
        finally:
            del known[value.number]
        return results[number]

    found = yield _branch(stage, frame, node, value, list(value.items), use_known)
    same = len(results) == len(value.items)
    if same and all(same_value(results[k], item) for k, item in value.items.items()):
        return value
    return found


def for_each(*positions: int, whole: bool = False) -> Callable[[_Use], _Use]:
    """Have a function of the interpreter run once for each thing that an argument may be.

    `positions` are those of the arguments, after the node. If it takes arrays `whole`, it is handed
    the one that is meant.
    """

    def decorated(function: _Use) -> _Use:
        @functools.wraps(function)
        def use(stage: Stage, frame: Frame, node: gast.AST, *args: Any) -> Steps:
            at = next((k for k in positions if isinstance(args[k], OneOf)), None)
            if at is None:
                return function(stage, frame, node, *args)

            def with_item(item: Value) -> Steps:
                return use(stage, frame, node, *args[:at], item, *args[at + 1 :])

            value = plain(stage, args[at], frame, node) if whole else args[at]
            if not isinstance(value, OneOf):
                return with_item(value)
            value = _begun_with(value, [args[k] for k in positions if k != at])
            return told_apart(stage, frame, node, value, with_item)

        return use

    return decorated


def _begun_with(value: OneOf, others: Sequence[Any]) -> OneOf:
    """One of several, of which the one that it is used with comes first: ``state == "run"``."""
    items = value.items.items()
    first = [n for n, item in items if any(same_value(item, other) for other in others)]
    return OneOf(value.number, {n: value.items[n] for n in (*first, *value.items)})


def told_apart_among(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    values: Sequence[Value],
    use: Callable[[list[Any]], Steps],
) -> Steps:
    """What comes of the use of several values, for each that the first of them may be."""
    at = next(k for k, value in enumerate(values) if isinstance(value, OneOf))
    one = values[at]
    assert isinstance(one, OneOf)

    def with_item(item: Value) -> Steps:
        return (yield use([*values[:at], item, *values[at + 1 :]]))

    return (yield told_apart(stage, frame, node, one, with_item))


def _branch(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    value: OneOf,
    numbers: Sequence[int],
    use: Callable[[int], Steps],
) -> Steps:
    """A branch on the first of these numbers, and on the others in its other arm."""
    here, *others = numbers
    if not others:
        return (yield use(here))
    with stage.builder.at(stage.place(frame, node)):
        test = stage.alternatives.test(stage.builder, value, here)
    arms = [
        (yield arm(stage, lambda: use(here))),
        (yield arm(stage, lambda: _branch(stage, frame, node, value, others, use))),
    ]
    if not any(each.statements or each.changes for each in arms):
        methods = _methods(here, others, [each.outcome for each in arms], value)
        if methods is not None:
            return methods
    if all(each.raises for each in arms):
        raise AlwaysRaises
    place, key = stage.place(frame, node), stage.key(frame, node, "split")
    return join_arms(stage, test, arms, place, (key,), "ifexp", tells=True)


def _methods(here: int, others: Sequence[int], found: Sequence[Any], value: OneOf) -> OneOf | None:
    """Methods of each of several: they are told apart with what they are of."""
    first, rest = found
    items = rest.items if isinstance(rest, OneOf) else {others[0]: rest}
    kinds = (BoundMethod, NativeMethod)
    if list(items) != list(others) or not all(
        isinstance(v, kinds) for v in (first, *items.values())
    ):
        return None
    return OneOf(value.number, {here: first, **items})

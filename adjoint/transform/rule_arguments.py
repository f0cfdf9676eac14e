"""The arguments of a call by the names that its rule has for them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from adjoint.errors import Unsupported
from adjoint.ir.nodes import Let, Operand, Pack
from adjoint.rules import Rule

__all__ = [
    "bound_arguments",
    "named_arguments",
    "one_by_one",
    "signature_of",
    "spelled",
    "variadic_names",
]


def spelled(let: Let) -> str:
    """The name of the function that a statement calls."""
    return let.op.name or getattr(let.op.function, "__name__", "this function")


@lru_cache(maxsize=4096)
def signature_of(vjp: Callable[..., Any]) -> inspect.Signature:
    """The parameters of a rule."""
    return inspect.signature(vjp)


def bound_arguments(let: Let, rule: Rule) -> Iterator[tuple[str, Operand]]:
    """The operand of each argument that the rule differentiates, by name."""
    for name, vjp in rule.vjps.items():
        try:
            bound = named_arguments(vjp, let)
        except TypeError as error:
            raise Unsupported(
                f"{spelled(let)} is not differentiated with these arguments: {error}",
                let.place,
                "leave the argument out, or write the operation with other functions",
            ) from None
        if name in bound:
            found = bound[name]
            yield name, Pack("variadic", found) if isinstance(found, tuple) else found


def named_arguments(vjp: Callable[..., Any], let: Let) -> Mapping[str, Any]:
    """The arguments of a rule by name, where it is given those of `let`."""
    names = _plain_names(vjp)
    if names and len(names) == len(let.args) and not let.kwargs:  # `bind` takes its time
        return dict(zip(names, let.args, strict=True))
    return signature_of(vjp).bind(None, None, *let.args, **dict(let.kwargs)).arguments


@lru_cache(maxsize=4096)
def _plain_names(vjp: Callable[..., Any]) -> tuple[str, ...]:
    """The names of what a rule takes past ``g`` and ``ans``, if all can be given by position."""
    parameters = list(signature_of(vjp).parameters.values())[2:]
    plain = all(p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for p in parameters)
    return tuple(p.name for p in parameters) if plain else ()


def one_by_one(bound: Operand, made: Any) -> Iterator[tuple[Operand, Sequence[Operand], Any]]:
    """What a rule has for an argument, or for each of several of one name beside the others."""
    if not isinstance(bound, Pack) or bound.kind != "variadic":
        yield bound, (), made
        return
    for position, item in enumerate(bound.items):
        others = (*bound.items[:position], *bound.items[position + 1 :])
        yield item, others, made[position]


def variadic_names(rule: Rule) -> frozenset[str]:
    """The names under which a rule takes any number of arguments."""
    return frozenset(
        name
        for name, vjp in rule.vjps.items()
        if signature_of(vjp).parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
    )

"""Arguments that may be None, of functions that compute something else without them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.ir.ops import ALIAS
from adjoint.ir.values import Maybe
from adjoint.rules import lookup
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.conditions import choose
from adjoint.stage.objects.same_objects import is_one
from adjoint.stage.values import NONE, Steps, Value

__all__ = ["perhaps_without", "with_or_without"]

Call = Callable[[list[Value], dict[str, Value]], Steps]


def perhaps_without(held: Any, args: list[Value], kwargs: dict[str, Value]) -> Var | None:
    """The first argument that may be None, where None is to the function as if it was not given.

    A rule asks ``weights is None`` when the derivative is written, so that each of the two has to
    be a call of its own.
    """
    if not any(isinstance(v, Var) and isinstance(v.type, Maybe) for v in (*args, *kwargs.values())):
        return None
    names, optional = _parameters(held)
    given = (*zip(names, args, strict=False), *kwargs.items())
    return next(
        (
            value
            for name, value in given
            if name in optional and isinstance(value, Var) and isinstance(value.type, Maybe)
        ),
        None,
    )


@lru_cache(maxsize=1024)
def _parameters(held: Any) -> tuple[tuple[str, ...], frozenset[str]]:
    """The parameters of a function with a rule, and those that are None where nothing is given."""
    rule = lookup(held)
    form = next(iter(rule.vjps.values()), None) if rule is not None else None
    if form is None:
        return (), frozenset()
    found = list(inspect.signature(form).parameters.values())[2:]  # past g and ans
    return tuple(p.name for p in found), frozenset(p.name for p in found if p.default is None)


def with_or_without(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    value: Var,
    args: list[Value],
    kwargs: dict[str, Value],
    call: Call,
) -> Steps:
    """``f(x) if value is None else f(x, value)``."""
    assert isinstance(value.type, Maybe), "an argument that may be None"
    inner = value.type.value

    def called_with(held: Value) -> Steps:
        given = {k: held if v is value else v for k, v in kwargs.items()}
        return (yield call([held if a is value else a for a in args], given))

    def there() -> Steps:
        with stage.builder.at(stage.place(frame, node)):
            known = stage.builder.let(ALIAS, (value,), type_=inner)
        return (yield called_with(known))

    test = is_one(stage, frame, node, "is", value, NONE)
    return (yield choose(stage, frame, node, test, lambda: called_with(NONE), there, "ifexp"))

"""What happens where a generator, or the body of a ``with``, is not run to its end.

A generator that is left inside of a ``with``, or a ``try`` with a ``finally``, cleans up once
nobody holds it any more; a context manager may do something else where its body raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import gast

from adjoint.stage.context import Frame, Stage

__all__ = ["cleans_up", "is_same_when_raised", "looks_at_what_was_raised", "refuse_clean_up"]

_SCOPES = (gast.FunctionDef, gast.Lambda, gast.ClassDef, gast.AsyncFunctionDef)
_YIELDS = (gast.Yield, gast.YieldFrom)


def _parts(body: Sequence[Any]) -> Iterator[Any]:
    """The nodes of statements, apart from those of functions and classes in them."""
    waiting = [*body]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, _SCOPES):
            waiting.extend(gast.iter_child_nodes(part))


def _yields(body: Sequence[Any]) -> bool:
    return any(isinstance(part, _YIELDS) for part in _parts(body))


def cleans_up(body: Sequence[Any]) -> bool:
    """Whether a generator has a yield in a ``with``, or in a ``try`` with a ``finally``."""
    return any(
        _yields(part.body)
        for part in _parts(body)
        if isinstance(part, gast.With) or (isinstance(part, gast.Try) and part.finalbody)
    )


def is_same_when_raised(body: Sequence[Any]) -> bool:
    """Whether a generator does the same after its yield if that raises: it only cleans up."""
    *before, last = body
    if _yields(before):
        return False
    if isinstance(last, gast.Try):
        return not last.handlers and is_same_when_raised(last.body)
    if isinstance(last, gast.With):
        return is_same_when_raised(last.body)
    return isinstance(last, gast.Expr) and isinstance(last.value, _YIELDS)


def looks_at_what_was_raised(function: Any) -> bool:
    """Whether the ``__exit__`` of a class does something with what it is told of the body."""
    given = function.args
    rest = [given.vararg] if given.vararg else []
    names = {each.id for each in (*given.args[1:], *given.kwonlyargs, *rest)}
    return any(isinstance(part, gast.Name) and part.id in names for part in _parts(function.body))


def refuse_clean_up(stage: Stage, frame: Frame, node: gast.AST, body: Sequence[Any]) -> None:
    """Refuse to leave a generator where it would clean up then."""
    if cleans_up(body):
        stage.refuse(
            frame, node,
            "a generator is left, or may be, inside of a with or a try with a finally",
            "run it to its end, or clean up behind the loop over it",
        )  # fmt: skip

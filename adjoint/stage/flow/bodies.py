"""Statements with others in the place of some: exits that do more, raises that lead on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

__all__ = ["replaced"]

SCOPES = (gast.FunctionDef, gast.AsyncFunctionDef, gast.ClassDef)
LOOPS = (gast.For, gast.While)

#: What stands in the place of a statement, or None; the other argument is whether it is in a loop.
Replace = Callable[[Any, bool], Any]


def replaced(
    body: list[Any], replace: Replace, into: tuple[type, ...] = (gast.AST,), inside: bool = False
) -> list[Any]:
    """A copy of statements, and of those in them, with some replaced.

    Functions and classes in them are left alone, and what is not of the types `into`; a loop counts
    as one only for its body, whose `break` and `continue` are its own.

    Examples
    --------
    >>> body = gast.parse("if a:\\n    return 1\\nb = 2").body
    >>> made = replaced(body, lambda s, inside: gast.Pass() if isinstance(s, gast.Return) else None)
    >>> print(gast.unparse(made[0]))
    if a:
        pass
    """
    made = []
    for node in body:
        other = replace(node, inside)
        if other is None:
            made.append(_with_bodies(node, replace, into, inside))
        else:
            made.append(gast.copy_location(other, node))
    return made


def _with_bodies(node: Any, replace: Replace, into: tuple[type, ...], inside: bool) -> Any:
    if isinstance(node, SCOPES) or not isinstance(node, into):
        return node
    fields = dict(gast.iter_fields(node))
    for name in ("body", "orelse", "finalbody"):
        if isinstance(fields.get(name), list):
            deeper = inside or (isinstance(node, LOOPS) and name == "body")
            fields[name] = replaced(fields[name], replace, into, deeper)
    for name in ("handlers", "cases"):
        if name in fields:
            fields[name] = [_with_bodies(part, replace, into, inside) for part in fields[name]]
    made = gast.copy_location(type(node)(**fields), node)
    made.__dict__.update({k: v for k, v in vars(node).items() if k not in vars(made)})
    return made

"""``np.einsum`` of sublists, ``np.einsum(a, [0, 1], b, [1, 2])``, as a call with subscripts."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from adjoint.stage.values import ListValue, Static, TupleValue, Value

__all__ = ["with_subscripts"]

Sublist = list[Any]


def with_subscripts(args: Sequence[Value]) -> list[Value] | None:
    """The arguments with subscripts in the place of sublists, if they have these, and known ones.

    Where none is given for the result, that has what occurs once, in order.
    """
    count = len(args) // 2
    arrays = [args[2 * k] for k in range(count)]
    sublists = [_known(args[2 * k + 1]) for k in range(count)]
    known = [sublist for sublist in sublists if sublist is not None]
    if not count or len(known) < count or _is_text(args[0]):
        return None
    output = _known(args[2 * count]) if len(args) > 2 * count else _once(known)
    if output is None:
        return None
    return [Static(",".join(map(_term, known)) + "->" + _term(output)), *arrays]


def _is_text(value: Value) -> bool:
    return isinstance(value, Static) and isinstance(value.value, str)


def _known(value: Value) -> Sublist | None:
    """The labels of a sublist, if they are known."""
    match value:
        case Static(list() | tuple() as held):
            return list(held)
        case ListValue():
            items = value.slots["items"]
        case TupleValue(items):
            pass
        case _:
            return None
    if not all(isinstance(item, Static) for item in items):
        return None
    return [item.value for item in items]


def _term(sublist: Sublist) -> str:
    return "".join("..." if label is ... else string.ascii_letters[label] for label in sublist)


def _once(sublists: list[Sublist]) -> Sublist:
    labels = [label for sublist in sublists for label in sublist]
    once = sorted(x for x in labels if x is not ... and labels.count(x) == 1)
    return [..., *once] if ... in labels else once

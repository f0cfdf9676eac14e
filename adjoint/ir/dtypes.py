"""Operands that are arrays of one of several dtypes, taken as each of them in turn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from adjoint.ir.nodes import Operand
from adjoint.ir.values import ListOf, Type, Unknown, among
from adjoint.ir.walk import operand_vars, substitute

__all__ = ["of_each_dtype"]

#: So many ways to choose dtypes are looked at.
_MOST = 9


def of_each_dtype(operands: Sequence[Operand]) -> Iterator[tuple[Operand, ...]]:
    """The operands, once for each dtype that those of several may have.

    There is none where an operand may be anything.

    Examples
    --------
    >>> from adjoint.ir.lengths import Length
    >>> from adjoint.ir.nodes import Var
    >>> x = Var(1, "x", Unknown((np.dtype(float), np.dtype(complex)), (Length(3),)))
    >>> [operand.type.dtype.kind for operand, in of_each_dtype([x])]
    ['f', 'c']
    """
    found = dict.fromkeys(v for operand in operands for v in operand_vars(operand))
    choices = {v: types for v in found if (types := _types(v.type)) is not None}
    if not choices or prod(map(len, choices.values())) > _MOST:
        return
    for types in itertools.product(*choices.values()):
        table = {v: replace(v, type=t) for v, t in zip(choices, types, strict=True)}
        yield tuple(substitute(operand, table) for operand in operands)


def _types(value: Type) -> tuple[Type, ...] | None:
    """The types that a value has one of; None where its type is known."""
    match value:
        case Unknown():
            return among(value)
        case ListOf(Unknown(dtypes) as item):
            return tuple(map(ListOf, among(item))) if _is_closed(dtypes) else ()
        case _:
            return None


def _is_closed(dtypes: Sequence[np.dtype[Any]]) -> bool:
    """Whether an array made of arrays of these dtypes has one of them."""
    pairs = itertools.combinations(dtypes, 2)
    return all(np.result_type(a, b) in dtypes for a, b in pairs)

"""What makes one signature of two that differ in the kinds of numbers, or in lengths, alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adjoint.ir.show import show_type
from adjoint.ir.values import COMPLEX, FLOAT, Array, ListOf, Type, join_types
from adjoint.stage.context import Key

if TYPE_CHECKING:
    from adjoint.stage.calls.signatures import Signature

__all__ = ["unlike", "widened"]

#: Kinds of numbers that describe others too, the widest first; and lists of them.
_NUMBERS: tuple[Type, ...] = (COMPLEX, Array(np.dtype(float), (), True), FLOAT)
_WIDE = (*_NUMBERS, *map(ListOf, _NUMBERS))


def widened(signature: Signature, name: str, type_: Type) -> Type:
    """A number, or a list of numbers, as what it is in other calls too."""
    stage = signature.stage
    for wide in _WIDE:
        decided = ("number", signature.identity, name, show_type(wide)) in stage.decisions
        if decided and join_types(type_, wide, stage.builder.facts) == wide:
            return wide
    return type_


def unlike(signature: Signature, other: Signature) -> list[Key]:
    """The decisions that make one of two signatures: of kinds of numbers, and lengths."""
    if len(signature.labels) != len(other.labels) or len(signature.key) != len(other.key):
        return []
    facts, keys = signature.stage.builder.facts, list[Key]()
    for (name, own), (_, type_) in zip(signature.labels, other.labels, strict=True):
        joined = join_types(own, type_, facts)
        if own != type_ and joined in _WIDE:
            keys.append(("number", signature.identity, name, show_type(joined)))
    differ = [(a, b) for a, b in zip(signature.key, other.key, strict=True) if a != b]
    of_lengths = [pair for pair in differ if all(map(_is_length, pair))]
    if of_lengths:
        keys.append(("lengths", signature.identity))
    numbers = len(keys) - bool(of_lengths)
    return keys if len(differ) == len(of_lengths) + numbers else []


def _is_length(token: Any) -> bool:
    return isinstance(token, tuple) and token[0] == "length"

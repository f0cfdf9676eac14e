"""The types of what is handed to a function, as the function knows them.

A length that is not known now is one of the function's own, the same where two are known to be
equal: a call for other lengths is a call of the same code.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from adjoint.ir.lengths import ONE, Length
from adjoint.ir.show import show_type
from adjoint.ir.values import Array, ListOf, Maybe, Scalar, TupleOf, Type, Unknown
from adjoint.stage.context import Key, Stage

__all__ = ["HANDED", "OwnTypes"]

#: What the identity of a function begins with that is handed to a solver.
HANDED = "handed"


@dataclass(eq=False)
class OwnTypes:
    """Makes the types of parameters.

    `key` is what tells apart calls that may not share code, `lengths` are the lengths of arguments
    that are not known now, each with the one that the function knows. What is `in_list` has other
    lengths in each item, where these vary.
    """

    stage: Stage
    identity: Key
    key: list[Any]
    lengths: list[tuple[Length, Length]] = field(default_factory=list)
    in_list: bool = False

    def own(self, type_: Type) -> Type:
        """The type of a parameter that is handed what has a type."""
        match type_:
            case Scalar(kind):
                self.key.append(kind)
                return Scalar(kind)
            case Array(dtype, shape, scalar):
                own = self._shape(shape)
                self.key.append((dtype.str, None if own is None else len(own), scalar))
                return Array(dtype, own, scalar)
            case Unknown(dtypes, shape):
                own = self._shape(shape)
                self.key.append(
                    (*(dtype.str for dtype in dtypes), None if own is None else len(own))
                )
                return Unknown(dtypes, own)
            case ListOf(None | Scalar() | Array(scalar=True) as item):
                self.key.append(("list of", "nothing" if item is None else show_type(item)))
                return ListOf(item)
            case ListOf(item):
                self.key.append("list of")
                in_list = replace(self, in_list=True)
                return ListOf(None if item is None else in_list.own(item))
            case TupleOf(items):
                self.key.append(("tuple of", len(items)))
                return TupleOf(tuple(map(self.own, items)))
            case Maybe(value):
                self.key.append("maybe")
                return Maybe(self.own(value))
            case _:
                self.key.append(type(type_))
                return type_

    def _shape(self, shape: tuple[Length, ...] | None) -> tuple[Length, ...] | None:
        return None if shape is None else tuple(map(self._length, shape))

    def _length(self, size: Length) -> Length:
        """The length as the function knows it: equal where two are known to be equal."""
        size = self.stage.builder.facts.canonical(size)
        if self.identity[0] == HANDED and not size.known and size.has_example:
            known = Length(size.evaluate())  # the solver's function is for these lengths alone
            size = known if self.stage.builder.facts.equal(size, known) else size
        apart = ("lengths", self.identity) in self.stage.decisions
        if size == ONE:
            self.key.append("one")
            return size
        if size.known and not apart:
            self.key.append(("length", "known", size.const))
            return size
        if self.stage.builder.facts.may_vary(size) and self.in_list:
            self.key.append(("length", "any"))
            return self.stage.builder.facts.any_length()
        own = self.stage.builder.facts.fresh()
        equal = (k for k, (theirs, _) in enumerate(self.lengths) if self._are_equal(theirs, size))
        place = len(self.lengths) if apart else next(equal, len(self.lengths))
        if place == len(self.lengths):
            self.lengths.append((size, own))
        self.key.append(("length", place))
        return self.lengths[place][1]

    def _are_equal(self, a: Length, b: Length) -> bool:
        """Whether two lengths are equal, in the example call if that tells."""
        known = a.has_example and b.has_example and a.evaluate() == b.evaluate()
        return a == b or (known and self.stage.builder.facts.equal(a, b) is True)

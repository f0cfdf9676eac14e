"""Which part of an array an index takes, as ranges of affine expressions along its axes.

The symbols of these expressions are the counters of loops, the lengths of arguments, and values
that nothing is known of. Two parts are apart if their ranges are, along one axis, for all values
that the counters can have.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adjoint.ir.indices import index_items
from adjoint.ir.lengths import Length, Symbol, length
from adjoint.ir.nodes import Block, Const, For, Let, Loop, Operand, SliceOf, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Array, ListOf, Scalar
from adjoint.ir.walk import all_statements

__all__ = ["Numbers", "Range", "Region", "are_apart", "is_length", "is_nonnegative"]

Range = tuple[Length, Length] | None
"""From the first to behind the last element along an axis; None is anywhere."""

Region = tuple[Range, ...] | None
"""A range for each axis; None is all of an array."""

Bounds = Mapping[Symbol, tuple[tuple[Length, ...], tuple[Length, ...]]]
"""What each symbol is at least, and at most."""

_DEEPEST = 4


@dataclass(slots=True)
class Numbers:
    """The whole numbers of a function as affine expressions.

    Attributes
    ----------
    counters
        The symbol of each loop's counter.
    bounds
        What the counters are at least and at most.
    """

    definitions: Mapping[Var, Let]
    counters: dict[Loop, Symbol] = field(default_factory=dict)
    bounds: dict[Symbol, tuple[tuple[Length, ...], tuple[Length, ...]]] = field(
        default_factory=dict
    )
    _known: dict[Var, Length] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Block) -> Numbers:
        """The numbers of a function body."""
        statements = list(all_statements(body))
        lets = {s.target: s for s in statements if isinstance(s, Let) and s.target is not None}
        made = cls(lets)
        for statement in statements:
            if isinstance(statement, Loop) and isinstance(statement.head, For):
                made._enter(statement, statement.head)
        return made

    def _enter(self, loop: Loop, head: For) -> None:
        symbol = Symbol(f"index {head.index.number}")
        self.counters[loop] = symbol
        self._known[head.index] = length(symbol)
        step = head.step.value if isinstance(head.step, Const) else 0
        start, stop = self.number(head.start), self.number(head.stop)
        if step > 0:
            self.bounds[symbol] = ((start,), (stop - 1,))
        elif step < 0:
            self.bounds[symbol] = ((stop + 1,), (start,))

    def number(self, operand: Operand) -> Length:
        """A whole number as an expression."""
        match operand:
            case Const(value) if type(value) is int:
                return Length(value)
            case Var() if operand in self._known:
                return self._known[operand]
            case Var():
                self._known[operand] = found = self._of_variable(operand)
                return found
            case _:
                return length(Symbol(f"unknown {id(operand)}"))

    def _of_variable(self, variable: Var) -> Length:
        let = self.definitions.get(variable)
        if let is not None and let.op.function in (operator.add, operator.sub, operator.neg):
            parts = [self.number(a) for a in let.args if self._is_number(a)]
            if len(parts) == len(let.args) == 2:
                return parts[0] + parts[1] * (1 if let.op.function is operator.add else -1)
            if len(parts) == len(let.args) == 1:
                return parts[0] * -1
        type_ = variable.type
        known = type_.length if isinstance(type_, Scalar) and type_.kind == "int" else None
        if known is not None and known.has_example:
            return known
        return length(Symbol(f"value {variable.number}"))

    def _is_number(self, operand: Operand) -> bool:
        if isinstance(operand, Const):
            return type(operand.value) is int
        return isinstance(operand, Var) and (
            isinstance(operand.type, Scalar) and operand.type.kind == "int"
        )

    # -- regions -----------------------------------------------------------------------------------

    def region(self, array: Var, index: Operand) -> Region:
        """The part of an array that an index takes."""
        type_ = array.type
        if isinstance(type_, ListOf):  # of unknown length
            from_end = isinstance(index, Const) and type(index.value) is int and index.value < 0
            known = isinstance(type_of(index), Scalar) and not from_end
            return (self._range(index, Length(0)) if known else None,)
        if not isinstance(type_, Array) or type_.shape is None:
            return None
        items = index_items(index)
        taken = [item for item in items if not _is(item, None)]
        dots = [k for k, item in enumerate(taken) if _is(item, Ellipsis)]
        if len(dots) > 1 or any(_is_fancy(item) for item in taken):
            return None
        if dots:
            missing = len(type_.shape) - len(taken) + 1
            taken[dots[0] : dots[0] + 1] = [Const(slice(None))] * missing
        pairs = zip(taken, type_.shape, strict=False)
        return tuple(self._range(item, axis) for item, axis in pairs)

    def _range(self, item: Operand, axis: Length) -> Range:
        if isinstance(item, Const) and isinstance(item.value, slice):
            item = SliceOf(
                *(Const(p) for p in (item.value.start, item.value.stop, item.value.step))
            )
        if isinstance(item, SliceOf):
            return self._sliced(item, axis)
        if isinstance(item, Const) and type(item.value) is int and item.value < 0:
            return axis + item.value, axis + (item.value + 1)
        at = self.number(item)
        return (at, at + 1) if is_nonnegative(at, self.bounds) else None

    def _sliced(self, item: SliceOf, axis: Length) -> Range:
        if (
            isinstance(item.step, Const)
            and isinstance(item.step.value, int)
            and item.step.value < 0
        ):
            return None
        low, high = self._bound(item.start, axis, Length(0)), self._bound(item.stop, axis, axis)
        if low is None or high is None:
            return None
        return low, high

    def _bound(self, operand: Operand, axis: Length, default: Length) -> Length | None:
        if _is(operand, None):
            return default
        if isinstance(operand, Const) and type(operand.value) is int and operand.value < 0:
            return axis + operand.value
        found = self.number(operand)
        return found if is_nonnegative(found, self.bounds) else None


def _is(operand: Operand, value: object) -> bool:
    return isinstance(operand, Const) and operand.value is value


def _is_fancy(item: Operand) -> bool:
    """Whether an index is an array, a mask or a list of positions."""
    match item:
        case Var(type=Scalar("int")) | SliceOf():
            return False
        case Var(type=Array(dtype, (), True)):
            return dtype.kind not in "iu"
        case Const(value):
            return not (value is Ellipsis or type(value) in (int, slice))
        case _:
            return True


def is_nonnegative(value: Length, bounds: Bounds, depth: int = _DEEPEST) -> bool:
    """Whether an expression is 0 or more for all values that its symbols can have.

    Examples
    --------
    >>> i, n = Symbol("i"), Symbol("x.shape[0]", 5)
    >>> bounds = {i: ((Length(0),), (length(n) - 1,))}
    >>> is_nonnegative(length(n) - length(i) - 1, bounds)
    True
    >>> is_nonnegative(length(i) - 1, bounds)
    False
    """
    if value.const >= 0 and all(c > 0 and is_length(s) for s, c in value.terms):
        return True
    if depth == 0:
        return False
    for symbol, coefficient in value.terms:
        lows, highs = bounds.get(symbol, ((), ()))
        rest = value - length(symbol) * coefficient
        for bound in lows if coefficient > 0 else highs:
            if is_nonnegative(rest + bound * coefficient, bounds, depth - 1):
                return True
    return False


def is_length(symbol: Symbol) -> bool:
    """Whether a symbol is the length of an axis, and not an integer that may be negative."""
    if symbol.factors:
        return all(map(is_length, symbol.factors))
    is_axis = ".shape[" in symbol.name and not symbol.name.startswith("(")
    return is_axis or symbol.name.startswith("len(")


def are_apart(a: Region, b: Region, bounds: Bounds) -> bool:
    """Whether two parts of an array have no element in common."""
    if a is None or b is None:
        return False
    pairs = [(m, n) for m, n in zip(a, b, strict=False) if m is not None and n is not None]
    return any(
        is_nonnegative(m[0] - n[1], bounds) or is_nonnegative(n[0] - m[1], bounds) for m, n in pairs
    )


def renamed(region: Region, names: Mapping[Symbol, Symbol]) -> Region:
    """A region with other symbols."""
    if region is None:
        return None
    return tuple(
        None if each is None else (with_symbols(each[0], names), with_symbols(each[1], names))
        for each in region
    )


def with_symbols(value: Length, names: Mapping[Symbol, Symbol]) -> Length:
    """An expression with other symbols."""
    total = Length(value.const)
    for symbol, coefficient in value.terms:
        total = total + length(names.get(symbol, symbol)) * coefficient
    return total


def all_symbols(regions: Sequence[Region]) -> set[Symbol]:
    """The symbols in regions."""
    return {
        symbol
        for region in regions
        for each in region or ()
        if each is not None
        for bound in each
        for symbol, _ in bound.terms
    }

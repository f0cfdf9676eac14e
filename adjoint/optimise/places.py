"""Which statements read or write one place of an array, and which surely different ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from adjoint.analyses.regions import Numbers, Range, are_apart, is_length
from adjoint.ir.alike import likeness_computed
from adjoint.ir.indices import index_items, takes_all
from adjoint.ir.lengths import Facts, Length
from adjoint.ir.nodes import Const, Let, Operand, Role, SliceOf, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.values import ListOf, Scalar

__all__ = ["are_places_apart", "is_kill", "is_same_place", "likeness_of", "way_from"]


def is_same_place(a: Let, b: Let, numbers: Numbers) -> bool:
    """Whether two statements have the same index, the second argument of each.

    A place that is counted from the end of a list is not the same: the list may have grown.
    """
    if takes_all(a.args[1]) and takes_all(b.args[1]):
        return True
    first, second = _plain(a.args[1]), _plain(b.args[1])
    if isinstance(type_of(a.args[0]), ListOf) and _is_from_end(a.args[1]):
        return False
    pairs = zip(first, second, strict=False)
    return len(first) == len(second) and all(_same(x, y, numbers) for x, y in pairs)


def _is_from_end(index: Operand) -> bool:
    return isinstance(index, Const) and isinstance(index.value, int) and index.value < 0


def _plain(index: Operand) -> list[Operand]:
    """The items of an index, without dots at its end."""
    items = list(index_items(index))
    if len(items) > 1 and isinstance(items[-1], Const) and items[-1].value is Ellipsis:
        items.pop()
    return items


def _same(a: Operand, b: Operand, numbers: Numbers) -> bool:
    match a, b:
        case Const(x), Const(y):
            return type(x) is type(y) and type(x) in (int, slice, type(None)) and bool(x == y)
        case SliceOf(), SliceOf():
            parts = ((a.start, b.start), (a.stop, b.stop), (a.step, b.step))
            return all(_same(x, y, numbers) for x, y in parts)
        case Var(type=Scalar("int")), Var(type=Scalar("int")):
            return numbers.number(a) == numbers.number(b)
        case _:
            return a is b


def is_kill(let: Let) -> bool:
    """Whether a statement sets a place of an adjoint to zero."""
    if let.op.form is not Form.UPDATE_INDEX or let.op.name or let.target is None:
        return False
    value = let.args[-1]
    return let.target.role is Role.ADJOINT and isinstance(value, Const) and value.value == 0


def are_places_apart(a: Let, b: Let, numbers: Numbers, facts: Facts) -> bool:
    """Whether two updates of an array have no element in common.

    Lengths are as in the example call, which the guard then asks of every call.
    """
    of = a.args[0]
    assert isinstance(of, Var)
    first, second = (numbers.region(of, let.args[1]) for let in (a, b))
    if are_apart(first, second, numbers.bounds):
        return True
    gaps = (gap for m, n in zip(first or (), second or (), strict=False) for gap in _gaps(m, n))
    return any(_is_filled(gap, facts) for gap in gaps)


def _is_filled(gap: Length, facts: Facts) -> bool:
    """Whether a distance between positions is 0 or more by the lengths of axes alone."""
    if not all(is_length(symbol) for symbol, _ in gap.terms) or not gap.has_example:
        return False
    # It is asked of every call: only if it holds.
    return gap.evaluate() >= 0 and facts.at_least(gap - gap.const, -gap.const) is True


def _gaps(a: Range, b: Range) -> Iterator[Length]:
    """How far one range ends before the other begins, either way."""
    if a is not None and b is not None:
        yield a[0] - b[1]
        yield b[0] - a[1]


def way_from(owner: Operand, item: Operand, made: Mapping[Var, Let]) -> list[Operand] | None:
    """The indices by which an item was read from a list; None if it was not."""
    way: list[Operand] = []
    while item is not owner:
        let = made.get(item) if isinstance(item, Var) else None
        if let is None or let.op.form is not Form.INDEX:
            return None
        item, way = let.args[0], [let.args[1], *way]
    return way


def likeness_of(way: Sequence[Operand], made: Mapping[Var, Let]) -> Hashable:
    """What ways share that lead to one place."""
    return tuple(likeness_computed(each, made) for each in way)

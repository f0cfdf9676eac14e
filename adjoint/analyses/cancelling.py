"""Whether a cotangent is zero, because the sums in it cancel.

The shift of a stable softmax, ``z - max(z)``, changes nothing, so that nothing flows back into the
maximum; but what flows there is computed as ``-sum(d_z)``, in which the terms cancel only when the
rules of algebra are applied::

    d_z = d_p - sum(d_p) / sum(e) * e
    sum(d_z) = sum(d_p) - sum(d_p) / sum(e) * sum(e) = 0

Values are written as sums of products here, of atoms: variables, and sums along axes. What is
constant along an axis is drawn out of a sum along it. The algebra is that of real numbers, so that
it holds where all values are finite and nothing is divided by zero. Where they are not, the terms
themselves are not finite, and so is what they contribute elsewhere: see decision 008.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import DIFFERENCES, NEGATIVES, POWERS, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.indices import index_items, takes_all
from adjoint.ir.lengths import ONE, Facts, Length, known_equal
from adjoint.ir.memory import shared_operands
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import BINARY, Form
from adjoint.ir.values import Array, Scalar, Type, shape_of
from adjoint.ir.walk import reads

__all__ = ["is_zero"]

#: ``("value", number, axes)``, ``("length", text, ())`` or ``("sum", along, product, axes)``; the
#: axes are those along which it is not constant, and where they lie in the value it is a part of.
Atom = tuple[Any, ...]
Product = tuple[tuple[Atom, int], ...]  # with powers, sorted
Terms = dict[Product, Fraction]
Axes = tuple[int, ...]  # counted from the last one: -1, -2, ...
Shape = tuple[Length, ...]

#: Beyond these an expression is taken as a whole: long ones are not what a shift leads to.
_DEPTH, _TERMS = 24, 16

_SIGNS = dict.fromkeys(SUMS, 1) | dict.fromkeys(DIFFERENCES, -1)
#: The same elements in the same order, if an index takes all of them.
_IN_ORDER = frozenset({np.expand_dims, np.reshape, np.squeeze, np.ravel, operator.getitem})
_TURNED = frozenset({np.transpose, np.swapaxes, np.moveaxis})


def is_zero(
    value: Operand,
    definitions: Mapping[Var, Let],
    facts: Facts,
    written: Container[Var] = frozenset(),
) -> bool:
    """Return whether `value` is zero by the algebra of real numbers.

    Parameters
    ----------
    value
        A cotangent.
    definitions
        How variables were computed.
    facts
        Which lengths are the same.
    written
        Variables in memory that is written in place. An array has a variable for each of its
        versions, but what is read of a list depends on when.
    """
    return _Algebra(definitions, facts, written).terms(value) == {}


@dataclass(slots=True)
class _Algebra:
    """Expressions as sums of products; None where nothing is known of an operand."""

    definitions: Mapping[Var, Let]
    facts: Facts
    written: Container[Var]
    known: dict[Var, Terms | None] = field(default_factory=dict)
    depth: int = 0

    def terms(self, value: Operand) -> Terms | None:
        """`value` as a sum of products."""
        if isinstance(value, Const):
            number = value.value
            if type(number) not in (int, float) or not math.isfinite(number):
                return None
            return {(): Fraction(number)} if number else {}
        if not isinstance(value, Var):
            return None
        if value not in self.known:
            self.depth += 1
            found = self._computed(value) if self.depth < _DEPTH else None
            self.depth -= 1
            is_small = found is not None and len(found) <= _TERMS
            self.known[value] = found if is_small else self._whole(value)
        return self.known[value]

    def _whole(self, variable: Var) -> Terms | None:
        """A variable as an atom."""
        shape = () if isinstance(variable.type, Scalar) else shape_of(variable.type)
        if shape is None or not self._is_settled(variable):
            return None
        return {((("value", variable.number, _long(shape)), 1),): Fraction(1)}

    def _is_settled(self, variable: Var) -> bool:
        """Whether a variable holds one value for good."""
        waiting, seen = [variable], {variable}
        while waiting:
            each = waiting.pop()
            if each in self.written and not isinstance(each.type, Array):
                return False
            let = self.definitions.get(each)
            fresh = [] if let is None else [v for v in shared_operands(let) if v not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return True

    def _computed(self, variable: Var) -> Terms | None:
        let = self.definitions.get(variable)
        if let is None or not _is_real(variable.type):
            return None
        if any(not self._is_settled(v) for v in reads(let)):
            return None
        function, args = let.op.function, let.args
        if let.op.updates:
            return self._updated(let)
        if function is np.sum:
            return self._sum(let, shape_of(variable.type))
        if let.op.form is Form.ALIAS or function is np.broadcast_to:
            return self.terms(args[0])
        if function in _IN_ORDER or function in _TURNED:
            return self._rearranged(let, shape_of(variable.type))
        return None if let.kwargs else self._arithmetic(function, args)

    def _updated(self, let: Let) -> Terms | None:
        """A version of an array, which is a value of its own wherever it lies."""
        if let.op.form is Form.UPDATE:
            return self._arithmetic(BINARY[let.op.name], let.args)
        _, index, *_, value = let.args
        is_filled = let.op.form is Form.UPDATE_INDEX and not let.op.name and len(let.args) == 3
        return self.terms(value) if is_filled and takes_all(index) else None

    # -- arithmetic --------------------------------------------------------------------------------

    def _arithmetic(self, function: Callable[..., Any], args: tuple[Operand, ...]) -> Terms | None:
        if function in _SIGNS:
            return _added(self.terms(args[0]), self.terms(args[1]), _SIGNS[function])
        if function in NEGATIVES:
            return _added({}, self.terms(args[0]), -1)
        if function in PRODUCTS:
            return _multiplied(self.terms(args[0]), self.terms(args[1]))
        if function in QUOTIENTS:
            return _multiplied(self.terms(args[0]), self._power(args[1], -1))
        if function is np.square:
            return self._power(args[0], 2)
        power: Any = args[1].value if function in POWERS and isinstance(args[1], Const) else 0
        is_small = type(power) in (int, float) and power in (2, 3, -1, -2)
        return self._power(args[0], int(power)) if is_small else None

    def _power(self, base: Operand, power: int) -> Terms | None:
        """A power of an operand; of a sum of several terms as a whole."""
        terms = self.terms(base)
        if terms is None or len(terms) != 1:
            terms = self._whole(base) if isinstance(base, Var) else None
        if terms is None:
            return None
        ((product, factor),) = terms.items()
        return {tuple((atom, at * power) for atom, at in product): factor**power}

    # -- sums along axes ---------------------------------------------------------------------------

    def _sum(self, let: Let, shape: Shape | None) -> Terms | None:
        """What is constant along the axes of a sum is drawn out of it."""
        of = let.args[0]
        terms, whole, axes = self.terms(of), shape_of(type_of(of)), _axes(let)
        if terms is None or whole is None or axes is None or not _is_real(type_of(of)):
            return None
        total: Terms | None = {}
        for product, factor in terms.items():
            outside = [(atom, n) for atom, n in product if not set(atom[-1]) & set(axes)]
            inside = tuple((atom, n) for atom, n in product if set(atom[-1]) & set(axes))
            outside += _sum_of_product(inside, axes, whole)
            total = _added(total, {_merged(outside): factor}, 1)
        kept = tuple(ONE if k - len(whole) in axes else n for k, n in enumerate(whole))
        return _moved(total, kept, shape, self.facts)

    def _rearranged(self, let: Let, shape: Shape | None) -> Terms | None:
        """The same number everywhere, or axes of length 1 that come or go: ``x[:, None]``."""
        terms = self.terms(let.args[0])
        if terms is None or all(not product for product in terms):
            return terms
        before = shape_of(type_of(let.args[0]))
        return _moved(terms, before, shape, self.facts) if _keeps_order(let) else None


def _is_real(value: Type) -> bool:
    """Whether arithmetic that has such a result is that of real or complex numbers."""
    match value:
        case Scalar(kind):
            return kind in ("float", "complex")
        case Array(dtype):
            return dtype.kind in "fc"
        case _:
            return False


def _axes(let: Let) -> Axes | None:
    """The axes of a sum, if they are known and the sum is a plain one."""
    options = dict(let.kwargs)
    options.update(zip(("axis",), let.args[1:], strict=False))
    axis, keep = options.pop("axis", Const(None)), options.pop("keepdims", Const(False))
    shape = shape_of(type_of(let.args[0]))
    if options or len(let.args) > 2 or shape is None:
        return None
    if not isinstance(axis, Const) or not isinstance(keep, Const):
        return None
    rank = len(shape)
    given = range(rank) if axis.value is None else np.atleast_1d(axis.value).tolist()
    return tuple(sorted(k % rank - rank for k in given)) if rank else ()


def _sum_of_product(product: Product, axes: Axes, shape: Shape) -> list[tuple[Atom, int]]:
    """An atom for the sum; for axes that the product does not have, their lengths."""
    varies = {axis for atom, _ in product for axis in atom[-1]}
    counted = [a for a in axes if a not in varies and shape[a] != ONE]
    found: list[tuple[Atom, int]] = [(("length", str(shape[a]), ()), 1) for a in counted]
    if product:
        along = tuple(axis for axis in axes if axis in varies)
        found.append((("sum", along, product, tuple(sorted(varies - set(along)))), 1))
    return found


def _long(shape: Shape) -> Axes:
    """The axes that are not known to have length 1."""
    return tuple(k - len(shape) for k, size in enumerate(shape) if size != ONE)


def _moved(terms: Terms | None, old: Shape | None, new: Shape | None, facts: Facts) -> Terms | None:
    """`terms` of shape `old` as of shape `new`, in which axes of length 1 came or went."""
    if terms is None or old is None or new is None:
        return None
    before, after = _long(old), _long(new)
    if not known_equal([old[axis] for axis in before], [new[axis] for axis in after], facts):
        return None
    to = dict(zip(before, after, strict=True))
    found: Terms = {}
    for product, factor in terms.items():
        if not all(axis in to for atom, _ in product for axis in atom[-1]):
            return None
        moved = [((*a[:-1], tuple(to[axis] for axis in a[-1])), n) for a, n in product]
        found[_merged(moved)] = factor
    return found


def _keeps_order(let: Let) -> bool:
    """Whether the result has the same elements in the same order, if it has as many."""
    if let.op.function is not operator.getitem:
        return let.op.function in _IN_ORDER
    index = let.args[1]
    return all(map(_is_plain, index_items(index)))


def _is_plain(index: Operand) -> bool:
    """Whether an index is ``None``, ``:``, ``...`` or 0."""
    value = index.value if isinstance(index, Const) else 1
    return takes_all(index) or value is None or (type(value) is int and value == 0)


# -- sums of products ------------------------------------------------------------------------------


def _merged(powers: Iterable[tuple[Atom, int]]) -> Product:
    total: dict[Atom, int] = {}
    for atom, power in powers:
        total[atom] = total.get(atom, 0) + power
    return tuple(sorted((atom, power) for atom, power in total.items() if power))


def _added(first: Terms | None, second: Terms | None, sign: int) -> Terms | None:
    if first is None or second is None:
        return None
    total = dict(first)
    for product, factor in second.items():
        total[product] = total.get(product, Fraction(0)) + sign * factor
    return {product: factor for product, factor in total.items() if factor}


def _multiplied(first: Terms | None, second: Terms | None) -> Terms | None:
    if first is None or second is None or len(first) * len(second) > _TERMS:
        return None
    total: Terms | None = {}
    for one, factor in first.items():
        for other, factor_of_other in second.items():
            total = _added(total, {_merged((*one, *other)): factor * factor_of_other}, 1)
    return total

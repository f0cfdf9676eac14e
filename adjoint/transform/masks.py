"""Cotangents that are zero because an element was not taken, and rules that are not finite there.

In ``np.where(x > 0, np.sqrt(x), 0.0)`` the cotangent of the root is 0 where `x` is 0, and the
derivative there is infinite: 0 times infinity is nan. Which elements are taken is known from the
statement that made the cotangent, and is followed through functions that work element by element.
A rule that may be singular reads a safe point in the place of the others; what a rule multiplies by
a number that may itself not be finite is left out there. See decision 036.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.analyses.positive import is_positive
from adjoint.ir.arithmetic import POWERS, QUOTIENTS
from adjoint.ir.builder import Builder
from adjoint.ir.handles import Handle, handle, operand
from adjoint.ir.lengths import ONE, known_equal
from adjoint.ir.nodes import Const, Let, Operand, Pack, Role, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import ALIAS, GETITEM, call
from adjoint.ir.values import Array, Scalar, Type, rank, same_shape, shape_of
from adjoint.ir.walk import operand_vars, reads
from adjoint.rules import Kind, Rule, lookup
from adjoint.transform.computed import computation

__all__ = [
    "Mask",
    "Taken",
    "arranged",
    "before",
    "common",
    "guarded",
    "is_doubtful",
    "is_left_out",
    "is_singular",
    "left",
    "made_by",
    "masked",
    "outside",
    "picked",
    "recognised",
    "still",
]


@dataclass(frozen=True, slots=True)
class Taken:
    """That an element was taken: where `condition` is true, or `otherwise` where it is not."""

    condition: Operand
    otherwise: bool = False

    def choose(self, builder: Builder, value: Any, instead: Any) -> Any:
        """`value` where an element was taken, and `instead` where it was not."""
        where: Callable[..., Any] = np.where  # of handles, by their protocol
        condition = handle(builder, self.condition)
        return where(condition, *((instead, value) if self.otherwise else (value, instead)))


#: All of these must be so for a cotangent to be other than zero.
Mask = tuple[Taken, ...]

_TRIANGLES = frozenset({np.triu, np.tril})
_TESTS = frozenset({np.isnan, np.isfinite, np.isinf, np.isposinf, np.isneginf})
#: What is finite though a part of it was not, as that is not taken.
_CHOICES = frozenset({np.where, np.select, np.nan_to_num})
#: What has a finite derivative of positive numbers.
_OF_POSITIVE = frozenset(
    {np.sqrt, np.log, np.log2, np.log10, np.cbrt, np.reciprocal}
    | {math.sqrt, math.log, math.log2, math.log10}
)
#: What asks for no more than the shape of an array.
_OF_SHAPES = frozenset({np.ones_like, np.zeros_like, np.shape, len})
#: A value that comes from further away than so many statements is not looked into.
_FAR = 64


def recognised(builder: Builder, cotangent: Operand) -> Mask:
    """What the statement that made a cotangent says of the elements that were taken."""
    let = made_by(builder.definitions, cotangent)
    if let is None:
        return ()
    match let.op.function, let.args:
        case np.where, (condition, _, Const(0)):
            return (Taken(condition),)
        case np.where, (condition, Const(0), _):
            return (Taken(condition, otherwise=True),)
        case np.select, (Pack(_, conditions), Pack(_, choices), *_):
            taken = [k for k, choice in enumerate(choices) if not isinstance(choice, Const)]
            if len(taken) == 1:
                earlier = (Taken(c, otherwise=True) for c in conditions[: taken[0]])
                return (*earlier, Taken(conditions[taken[0]]))
        case triangle, (of, *diagonal) if triangle in _TRIANGLES:
            every = np.ones_like(handle(builder, of), dtype=bool)
            return (Taken(operand(triangle(every, *(handle(builder, k) for k in diagonal)))),)
    return ()


def made_by(definitions: Mapping[Var, Let], value: Operand) -> Let | None:
    """The statement that made a value, past what only says it again."""
    let = definitions.get(value) if isinstance(value, Var) else None
    while let is not None and (let.op == ALIAS or let.op.function is np.broadcast_to):
        value = let.args[0]
        let = definitions.get(value) if isinstance(value, Var) else None
    return let


def picked(array: Type, index: Operand) -> Mask:
    """Which elements of an array are read at an index, if that is an array of truth values."""
    whole = _is_condition(index) and rank(type_of(index)) == rank(array)
    return (Taken(index),) if whole else ()


def left(builder: Builder, array: Var, index: Operand) -> Mask:
    """Which elements of an array are left where those at an index are overwritten.

    What is known is that of truth values, for each element or in front, and that of a diagonal.
    """
    if picked(array.type, index):
        return (Taken(index, otherwise=True),)
    if _is_condition(index):
        every = (Const(slice(None)),) * (rank(type_of(index)) or 0)
        added = (Const(None),) * ((rank(array.type) or 0) - len(every))
        return (Taken(builder.let(GETITEM, (index, Pack("tuple", every + added))), otherwise=True),)
    if _is_diagonal(builder, array, index):
        size = builder.length(array, 0)
        return (
            Taken(
                builder.let(call(np.eye), (size,), (("dtype", Const(bool)),), role=Role.PRIMAL),
                otherwise=True,
            ),
        )
    return ()


def outside(builder: Builder, array: Var, index: Operand) -> Mask:
    """Which elements of an array are left where those at any index are overwritten."""
    shape = shape_of(array.type)
    if not shape:
        return ()
    args, type_ = (index, builder.shape(array)), Array(np.dtype(bool), shape)
    return (Taken(builder.let(call(runtime.outside), args, type_=type_)),)


def _is_diagonal(builder: Builder, array: Var, index: Operand) -> bool:
    """Whether an index is ``k, k`` of a square matrix, with ``k = np.arange(n)``."""
    if not isinstance(index, Pack) or len(index.items) != 2 or index.items[0] is not index.items[1]:
        return False
    along, shape = index.items[0], shape_of(array.type)
    made = builder.definitions.get(along) if isinstance(along, Var) else None
    if made is None or made.op.function is not np.arange or len(made.args) != 1 or shape is None:
        return False
    lengths = shape_of(type_of(along))
    return lengths is not None and known_equal(shape, lengths * 2, builder.facts)


def still(builder: Builder, mask: Mask, value: Operand, written: Container[Var]) -> Mask:
    """What a mask says of a value that was summed over some axes of the masked one.

    What is in memory that the program writes may be another where it is read again.
    """
    lasting = (t for t in mask if not any(v in written for v in operand_vars(t.condition)))
    found = (_summed(builder, taken, value) for taken in lasting)
    return tuple(taken for taken in found if taken is not None)


def _summed(builder: Builder, taken: Taken, value: Operand) -> Taken | None:
    """Whether any element of a sum was taken; None where the shapes do not tell what was summed.

    The condition broadcasts to what was summed. Axes in front are gone, others have length 1.
    """
    own, shape = shape_of(type_of(taken.condition)), shape_of(type_of(value))
    if own is None or shape is None:
        return None
    gone = max(len(own) - len(shape), 0)
    within = list(zip(own[gone:], shape[len(shape) - len(own) + gone :], strict=True))
    axes = [axis for axis, (n, m) in enumerate(within) if n != ONE and m == ONE]
    others = [pair for axis, pair in enumerate(within) if axis not in axes and pair[0] != ONE]
    if (gone and axes) or not all(known_equal((n,), (m,), builder.facts) for n, m in others):
        return None
    if not gone and not axes:
        return taken
    over = tuple(axes or range(gone))
    options = [("axis", Const(over if len(over) > 1 else over[0]))]
    options += [("keepdims", Const(True))] if axes else []
    any_ = call(np.all if taken.otherwise else np.any)
    return Taken(builder.let(any_, (taken.condition,), options), taken.otherwise)


def arranged(
    builder: Builder, mask: Mask, g: Operand, arrange: Callable[[Operand], Operand]
) -> Mask:
    """The mask of a cotangent whose elements are arranged anew: the conditions are as well."""
    whole = (t for t in mask if same_shape(type_of(t.condition), type_of(g), builder.facts))
    return tuple(Taken(arrange(t.condition), t.otherwise) for t in whole)


def common(builder: Builder, masks: Sequence[Mask], written: Container[Var]) -> Mask:
    """The mask of a sum of two masked cotangents: what both have, or that one of them is taken."""
    first, second = masks
    held = {_key(builder, taken, written) for taken in second} if first else ()
    found = tuple(taken for taken in first if _key(builder, taken, written) in held)
    if found or not (first and second):
        return found
    one, other = first[-1], second[-1]
    opposite = replace(other, otherwise=not other.otherwise)
    if _key(builder, one, written) == _key(builder, opposite, written):
        return ()  # the two arms of a choice: one of them is taken everywhere
    if not same_shape(type_of(one.condition), type_of(other.condition), builder.facts):
        return ()
    conditions = [handle(builder, taken.condition) for taken in (one, other)]
    either = [~c if t.otherwise else c for c, t in zip(conditions, (one, other), strict=True)]
    return (Taken(operand(either[0] | either[1])),)


def _key(builder: Builder, taken: Taken, written: Container[Var]) -> Hashable:
    return computation(builder, taken.condition, written), taken.otherwise


def is_left_out(
    builder: Builder, mask: Mask, array: Operand, index: Operand, written: Container[Var]
) -> bool:
    """Whether no element at an index of an array is such that a mask takes it."""
    if not mask or not isinstance(array, Var):
        return False
    beside = left(builder, array, index) or outside(builder, array, index)
    keys = {_key(builder, taken, written) for taken in beside}
    return any(_key(builder, taken, written) in keys for taken in mask)


def masked(builder: Builder, mask: Mask, value: Any) -> Any:
    """A contribution, of which nothing counts but what was taken."""
    for taken in mask:
        value = taken.choose(builder, value, 0)
    return value


def guarded(
    builder: Builder, let: Let, rule: Rule, mask: Mask, ans: Any, args: list[Any]
) -> tuple[Any, list[Any]]:
    """The operands of a singular rule, moved to a safe point where an element was not taken."""
    point = rule.safe
    assert point is not None

    def moved(value: Any, safe: float) -> Any:
        for taken in mask:
            value = taken.choose(builder, value, safe)
        return value

    numbers = {k for k in rule.places(len(args)) if isinstance(args[k], Handle)}
    others = [1 if isinstance(a, Handle) else a for a in args]  # such as orders
    value = let.op.function(*(point if k in numbers else a for k, a in enumerate(others)))
    ans = moved(ans, float(value))
    return ans, [moved(a, point) if k in numbers else a for k, a in enumerate(args)]


def is_singular(builder: Builder, let: Let, rule: Rule, mask: Mask) -> bool:
    """Whether the derivative of a call may not be finite where its arguments are."""
    if rule.safe is None:
        return False
    last = let.args[-1].value if let.args and isinstance(let.args[-1], Const) else None
    if let.op.function in QUOTIENTS:
        return not last and not _is_positive(builder, let.args[-1], mask)
    if let.op.function in POWERS and isinstance(last, int | float):
        is_smooth = 0 <= last == int(last)
        return not (is_smooth or _is_positive(builder, let.args[0], mask))
    return let.op.function not in _OF_POSITIVE or not _is_positive(builder, let.args[0], mask)


def _is_positive(builder: Builder, value: Operand, mask: Mask) -> bool:
    """Whether an operand is positive where an element was not taken as well.

    A condition on values may be there to leave out those that are NaN.
    """
    elements, places = _is_of_elements(mask), all(_is_of_places(builder, t) for t in mask)
    return is_positive(value, builder.definitions, lengths=elements, data=places)


def _is_of_elements(mask: Mask) -> bool:
    """Whether a mask is of the elements of arrays, which are not asked where there are none."""
    return all(rank(type_of(taken.condition)) != 0 for taken in mask)


def _is_of_places(builder: Builder, taken: Taken) -> bool:
    """Whether a condition tells places, as the diagonal, whatever the values there are."""
    waiting = list(operand_vars(taken.condition))
    while waiting:
        variable = waiting.pop()
        made = builder.definitions.get(variable)
        if made is None or made.op.updates:
            if not isinstance(variable.type, Scalar) or variable.type.length is None:
                return False
        elif made.op.function not in _OF_SHAPES:
            waiting += reads(made)
    return True


def is_doubtful(builder: Builder, made: Operand, mask: Mask, known: int, g: Operand) -> bool:
    """Whether a contribution was multiplied by what may not be finite where it is not taken.

    It was made from the cotangent `g` by statements that are newer than the variable of number
    `known`; what these do themselves is taken to be finite where their operands are.
    """
    tested = _tested(builder.definitions, mask)
    waiting = [made] if isinstance(made, Var) and made is not g else []
    seen = {*waiting, g}
    while waiting:
        variable = waiting.pop()
        let = builder.definitions.get(variable)
        rule = lookup(let.op.function) if let is not None else None
        is_old = variable.number < known
        singular = is_old and let and rule and is_singular(builder, let, rule, mask)
        if variable in tested or singular or len(seen) > _FAR:
            return True
        if let is None or let.op.function in _CHOICES or (rule and rule.kind is Kind.ZERO):
            continue
        fresh = [v for v in reads(let) if v not in seen]
        seen.update(fresh)
        waiting += fresh
    return False


def before(builder: Builder, g: Operand, mask: Mask) -> Operand:
    """What a masked cotangent was before it was masked, if its statement did nothing else."""
    let = builder.definitions.get(g) if isinstance(g, Var) else None
    if let is None or let.op.function is not np.where or recognised(builder, g) != mask:
        return g
    return let.args[2 if mask[0].otherwise else 1]


def _tested(definitions: Mapping[Var, Let], mask: Mask) -> frozenset[Var]:
    """What the conditions of a mask ask whether it is finite."""
    waiting = list(chain.from_iterable(operand_vars(taken.condition) for taken in mask))
    found: set[Var] = set()
    seen = set(waiting)
    while waiting and len(seen) < _FAR:
        made = definitions.get(waiting.pop())
        if made is None:
            continue
        if made.op.function in _TESTS:
            found.update(reads(made))
            continue
        fresh = [v for v in reads(made) if v not in seen and _is_condition(v)]
        seen.update(fresh)
        waiting += fresh
    return frozenset(found)


def _is_condition(value: Operand) -> bool:
    """Whether a value is an array of truth values."""
    type_ = type_of(value)
    return isinstance(type_, Array) and type_.dtype.kind == "b"

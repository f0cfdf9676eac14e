"""Which elements of a cotangent may be other than zero, by how it was put together.

Of ``np.trace(np.log(a))`` the logarithms off the diagonal are not read, of ``np.sqrt(x).T[1:]``
those of the first column. The cotangent is zero there, and the derivative may be infinite. Where a
cotangent is made of zeros, into which something was put, and of its elements in another place or
order, the same is done with truth values::

    d_t = np.zeros_like(t)             taken = np.zeros_like(t, dtype=bool)
    d_t[1:] += g                  ->   taken[1:] += True
    d_x = d_t.T / (2 * t)              d_x = d_t.T / (2 * np.where(taken.T, t, 1.0))

What lies in parts of an array as it was read is read of it by `adjoint.transform.read_parts`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import NEGATIVES, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.builder import Builder
from adjoint.ir.handles import ADD_AT, ADD_AT_INDEX, handle, operand
from adjoint.ir.indices import is_basic_index
from adjoint.ir.nodes import Const, Let, Operand, Pack, Role, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, call, operation
from adjoint.ir.values import rank, same_shape
from adjoint.ir.walk import is_derived, operand_vars
from adjoint.rules import Kind, lookup
from adjoint.rules.scatter import select_axis
from adjoint.transform.accumulate import Adjoints
from adjoint.transform.choices import is_sharp
from adjoint.transform.masks import Mask, Taken
from adjoint.transform.read_in_loops import elements_read
from adjoint.transform.read_parts import meets_singular, parts_read, statement_of

__all__ = ["is_put_together", "support_of_singular"]

#: How many statements a cotangent may come through.
_FAR = 8
#: What an element counts for that is one of several summed, or of two between which there is one.
_SPREADING = (np.cumsum, np.diff)
_BOOL = (("dtype", Const(bool)),)


def support_of_singular(builder: Builder, adjoints: Adjoints, let: Let, g: Operand) -> Mask:
    """Where a cotangent of what comes from a singular function may be other than zero.

    Nothing if that is everywhere. Quotients that the user wrote are let be, unless a loop reads
    them under conditions alone: most are by what is not zero. So is what is stretched over rows or
    columns, as the logarithm of the sums in a softmax: what is read of rows tells nothing of it.
    """

    def is_steep(made: Let) -> bool:
        assert made.target is not None
        return is_sharp(made) and same_shape(made.target.type, type_of(g), builder.facts)

    def is_unusual(made: Let) -> bool:
        return (made.op.function not in QUOTIENTS or is_derived(made)) and is_steep(made)

    support = _Support(builder, adjoints)
    taken = support.of(g, _FAR)
    if taken is None and not support.may_be_of_loops(g):
        return ()  # it takes longer to find out what the values come from
    if meets_singular(builder, let, is_unusual):
        taken = taken or support.in_loops(g)
    elif taken is None and g not in builder.definitions and meets_singular(builder, let, is_steep):
        taken = elements_read(builder, g, support.known, chosen=True)
    else:
        return ()
    if taken is None:
        return ()
    last = statement_of(builder, taken)
    if last is not None and last.op not in (ADD_AT, ADD_AT_INDEX):
        return (Taken(taken),)
    # What is written into is memory, which another derivative would not ask later.
    return (Taken(builder.let(operation(operator.invert), (taken,), role=Role.PRIMAL), True),)


def is_put_together(builder: Builder, adjoints: Adjoints, g: Operand) -> bool:
    """Whether a cotangent is zero in places, by how it was put together."""
    return _Support(builder, adjoints).of(g, _FAR) is not None


@dataclass(frozen=True, slots=True)
class _Support:
    builder: Builder
    adjoints: Adjoints

    def of(self, value: Operand, depth: int) -> Operand | None:
        let = statement_of(self.builder, value)
        if let is None or depth == 0 or self._may_change(let):
            return None
        if let.op in (ADD_AT, ADD_AT_INDEX):
            return self._put(let, depth)
        function, args = let.op.function, let.args
        if function is np.eye:
            return let.target
        if function in PRODUCTS:
            found = (self.of(each, depth - 1) for each in args if self._is_whole(each, let))
            return next((each for each in found if each is not None), None)
        if function in QUOTIENTS or function in NEGATIVES:
            return self.of(args[0], depth - 1) if self._is_whole(args[0], let) else None
        if function is np.concatenate:
            return self._joined(let, depth)
        rule = lookup(function)
        is_moved = rule is not None and rule.kind is Kind.REARRANGEMENT
        is_part = let.op == GETITEM and not self._is_identity(args[0])
        if not (is_moved or is_part or function in _SPREADING or function is np.pad):
            return None
        taken = self.of(args[0], depth - 1)
        if taken is None:
            return None
        if function is np.diff:
            return self._neighbours(let, taken)
        made = self.builder.let(let.op, (taken, *args[1:]), let.kwargs, role=Role.PRIMAL)
        counted = operation(operator.gt), (made, Const(0))
        return made if function not in _SPREADING else self.builder.let(*counted, role=Role.PRIMAL)

    def _neighbours(self, let: Let, taken: Operand) -> Operand | None:
        """Where one of two elements was taken, of which a difference is made."""
        along, axes = dict(let.kwargs).get("axis", Const(-1)), rank(type_of(taken))
        if len(let.args) > 1 or not isinstance(along, Const) or axes is None:
            return None
        of, axis = handle(self.builder, taken), along.value % axes
        first, last = (select_axis(axis, part) for part in (slice(None, -1), slice(1, None)))
        return operand(of[first] | of[last])

    def may_be_of_loops(self, value: Operand) -> bool:
        """Whether loops may have added to a cotangent, or to what it is the sum of."""
        let = statement_of(self.builder, value)
        if let is None:
            return True
        return let.op.function in SUMS and any(map(self.known, let.args))

    def in_loops(self, value: Operand) -> Operand | None:
        """The same of what loops added to, which are written again, or of a sum with that."""
        let = statement_of(self.builder, value)
        if let is None:
            return elements_read(self.builder, value, self.known)
        if let.op.function not in SUMS or not all(self._is_whole(each, let) for each in let.args):
            return None
        found = [self.known(each) for each in let.args]
        if not any(found):
            return None
        found = [known or self.in_loops(each) for known, each in zip(found, let.args, strict=True)]
        first, second = found
        if first is None or second is None:
            return None
        either = operation(operator.or_)
        return self.builder.let(either, (first, second), role=Role.PRIMAL)

    def known(self, value: Operand) -> Operand | None:
        """What the mask of a cotangent says, or how it was put together."""
        mask = self.adjoints.masks.get(value, ())
        facts, like = self.builder.facts, type_of(value)
        whole = [t for t in mask if same_shape(type_of(t.condition), like, facts)]
        if not whole:
            return self.of(value, _FAR)
        conditions = [handle(self.builder, taken.condition) for taken in whole]
        held = [~c if t.otherwise else c for c, t in zip(conditions, whole, strict=True)]
        return operand(functools.reduce(operator.and_, held))

    def _may_change(self, let: Let) -> bool:
        """Whether what a statement reads beside a cotangent is in memory that is written later."""
        rest = (v for operand in let.args[1:] for v in operand_vars(operand))
        return any(v in self.adjoints.written for v in rest)

    def _is_whole(self, part: Operand, let: Let) -> bool:
        """Whether an operand has the shape of the result."""
        assert let.target is not None
        return same_shape(type_of(part), let.target.type, self.builder.facts)

    def _put(self, last: Let, depth: int) -> Operand | None:
        """What was put into zeros, unless it fills them."""
        assert last.target is not None
        let: Let | None = last
        updates: list[Let] = []
        while let is not None and let.op in (ADD_AT, ADD_AT_INDEX):
            if self._may_change(let):
                return None
            updates.insert(0, let)
            let = statement_of(self.builder, let.args[0])
        if let is None or let.op.function is not np.zeros_like or len(updates) > _FAR:
            return None
        inside = [self.of(update.args[-1], depth - 1) for update in updates]
        whole = zip(updates, inside, strict=True)
        if any(taken is None and not _is_basic(update) for update, taken in whole):
            return None
        is_simple = all(len(update.args) == 3 for update in updates) and not any(inside)
        if is_simple and not parts_read(self.builder, self.adjoints, last.target):
            return None
        taken = self._like(np.zeros_like, let.args[0])
        for update, some in zip(updates, inside, strict=True):
            new = (taken, *update.args[1:-1], Const(True) if some is None else some)
            taken = self.builder.let(update.op, new, type_=taken.type, role=Role.PRIMAL)
        return taken

    def _like(self, make: Callable[..., Any], like: Operand) -> Var:
        return self.builder.let(call(make), (like,), _BOOL, role=Role.PRIMAL)

    def _joined(self, let: Let, depth: int) -> Operand | None:
        """Of arrays one behind the other: those of zeros, and the others."""
        pack = let.args[0]
        items = pack.items if isinstance(pack, Pack) else ()
        found = [self._is_nothing(each) or self.of(each, depth - 1) for each in items]
        if not any(found):
            return None
        pieces: list[Operand] = []
        for each, taken in zip(items, found, strict=True):
            like = np.zeros_like if taken is True else np.ones_like
            known = taken if isinstance(taken, Var) else None
            pieces.append(known or self._like(like, each))
        args = (Pack("list", tuple(pieces)), *let.args[1:])
        return self.builder.let(let.op, args, let.kwargs, role=Role.PRIMAL)

    def _is_identity(self, value: Operand) -> bool:
        """Whether an array is an identity, of which rows are the classes of labels."""
        let = statement_of(self.builder, value)
        return let is not None and let.op.function is np.eye

    def _is_nothing(self, value: Operand) -> bool:
        let = statement_of(self.builder, value)
        return let is not None and let.op.function is np.zeros_like


def _is_basic(update: Let) -> bool:
    """Whether a place that is added to is one of slices and numbers."""
    return all(map(is_basic_index, update.args[1:-1]))

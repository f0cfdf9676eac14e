"""Cotangents of arrays of which parts alone were read, and rules that are not finite elsewhere.

Of ``np.sqrt(x)[1:]`` the first root is not read. Its cotangent is one of the zeros of an array into
which that of the part is put, and the derivative there may be infinite: 0 times infinity is nan. So
the rules on the way to such a function are run for the part::

    d_t = np.zeros_like(t)                  d_x = np.zeros_like(x)
    d_t[1:] += g                     ->     d_x[1:] += g / (2 * t[1:])
    d_x = d_t / (2 * t)
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import SUMS
from adjoint.ir.builder import Builder
from adjoint.ir.handles import ADD_AT, ADD_AT_INDEX, Handle, handle, operand
from adjoint.ir.nodes import Const, Let, Operand, SliceOf, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import ALIAS, GETITEM, Op
from adjoint.ir.values import is_complex, rank, same_shape, shape_of
from adjoint.ir.walk import operand_vars
from adjoint.rules import Kind, lookup
from adjoint.transform.accumulate import Adjoints
from adjoint.transform.computed import computation
from adjoint.transform.masks import is_singular

__all__ = ["Part", "has_same_parts", "meets_singular", "on_parts", "parts_read", "statement_of"]

#: An array that is read in more parts than these is taken to be read.
_MOST = 3
#: How many functions a value may come through.
_FAR = 64


@dataclass(frozen=True, slots=True)
class Part:
    """That to the zeros of a cotangent `values` are added at `index`, by the update `op`.

    `read` is the variable that holds the part of the array, where there is one.
    """

    op: Op
    index: Operand
    values: tuple[Operand, ...]
    read: Var | None


def parts_read(builder: Builder, adjoints: Adjoints, g: Operand) -> tuple[Part, ...]:
    """The parts of an array that a cotangent is of, if it is zero elsewhere; none if it is of all.

    What is in memory that the program writes may be another where it is read again.
    """
    found = _together(builder, adjoints, _parts(builder, adjoints, g) or ())
    return () if len(found) > _MOST or _is_all(found, g) else found


def _parts(builder: Builder, adjoints: Adjoints, g: Operand) -> tuple[Part, ...] | None:
    """What was added to zeros, in its order; None where it was added to something else."""
    found: list[Part] = []
    let = statement_of(builder, g)
    while let is not None and let.op in (ADD_AT, ADD_AT_INDEX) and len(let.args) == 3:
        _, index, value = let.args
        if len(found) == _FAR or any(v in adjoints.written for v in operand_vars(index)):
            return None
        assert let.target is not None
        found.insert(0, Part(let.op, index, (value,), adjoints.reads.get(let.target)))
        let = statement_of(builder, let.args[0])
    if let is not None and let.op.function in SUMS:
        terms = [_parts(builder, adjoints, each) for each in let.args]
        known = [term for term in terms if term is not None]
        return (*itertools.chain(*known), *found) if len(known) == len(terms) else None
    is_nothing = let is not None and let.op.function is np.zeros_like
    return tuple(found) if is_nothing else None


def _together(builder: Builder, adjoints: Adjoints, parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, each once, with all that is added there."""
    found: dict[Hashable, Part] = {}
    for part in parts:
        key = part.op, computation(builder, part.index, adjoints.written)
        other = found.get(key, replace(part, values=()))
        read = other.read or part.read
        found[key] = replace(other, values=(*other.values, *part.values), read=read)
    return tuple(found.values())


def statement_of(builder: Builder, value: Operand) -> Let | None:
    """The statement that made a value, under whatever name."""
    let = builder.definitions.get(value) if isinstance(value, Var) else None
    while let is not None and let.op == ALIAS and isinstance(let.args[0], Var):
        let = builder.definitions.get(let.args[0])
    return let


def _is_all(parts: Sequence[Part], g: Operand) -> bool:
    """Whether the parts are all of an array, as ``a[1:]`` and ``a[:-1]`` are if there are two."""
    shape = shape_of(type_of(g))
    if not shape or not parts:
        return True
    lengths = [shape[0].const] if shape[0].known else range(4, 9)
    indices = [_as_constant(part.index) for part in parts]
    if None in indices:
        return False

    def is_covered(length: int) -> bool:
        places = np.zeros(length, dtype=bool)
        for index in indices:
            if isinstance(index, slice) or (index is not None and -length <= index < length):
                places[index] = True
        return bool(np.all(places))

    return all(map(is_covered, lengths))


def _as_constant(index: Operand) -> slice | int | None:
    """An index along the first axis that is known."""
    match index:
        case Const(int() | slice() as value):
            return value
        case SliceOf(Const(start), Const(stop), Const(step)):
            return slice(start, stop, step)
        case _:
            return None


def meets_singular(
    builder: Builder, let: Let | None, counts: Callable[[Let], bool] = lambda made: True
) -> bool:
    """Whether a value comes from a function, element by element, that may be singular.

    What does not count is passed over.
    """
    waiting = [let] if let is not None else []
    seen: set[Let] = set()
    while waiting and len(seen) < _FAR:
        made = waiting.pop()
        rule = lookup(made.op.function)
        if made in seen or rule is None or rule.kind is not Kind.ELEMENTWISE:
            continue
        if counts(made) and is_singular(builder, made, rule, ()):
            return True
        seen.add(made)
        above = (statement_of(builder, v) for a in made.args for v in operand_vars(a))
        waiting += [each for each in above if each is not None]
    return False


def on_parts(
    builder: Builder,
    parts: Sequence[Part],
    total: Operand,
    run: Callable[[Any, Callable[[Any], Any]], Any],
) -> Operand:
    """`total`, to which is added what a rule makes of the cotangent of each part.

    `run` is given that, and what reads the same part of an operand.
    """
    for part in parts:

        def at(value: Any, part: Part = part) -> Any:
            if not isinstance(value, Handle) or rank(type_of(operand(value))) == 0:
                return value
            of = operand(value)
            known = statement_of(builder, part.read) if part.read is not None else None
            if known is not None and known.op == GETITEM and known.args[0] is of:
                return handle(builder, known.target or of)
            # What was read may be of a later version of what is written.
            return handle(builder, builder.let(GETITEM, (of, part.index)))

        g = functools.reduce(functools.partial(builder.binary, operator.add), part.values)
        made = run(handle(builder, g), at)
        args = (total, part.index, operand(made))
        total = builder.let(part.op, args, type_=type_of(total))
    return total


def has_same_parts(builder: Builder, let: Let, bound: Var) -> bool:
    """Whether the operands of a statement have the places of its result, or are numbers.

    So has what it contributes to one of them, which is complex where that is.
    """
    assert let.target is not None
    like = let.target.type

    def is_same(value: Operand) -> bool:
        if not isinstance(value, Var | Const):
            return False
        return rank(type_of(value)) == 0 or same_shape(type_of(value), like, builder.facts)

    of_one_kind = is_complex(like) == is_complex(bound.type)
    return of_one_kind and bool(shape_of(like)) and all(map(is_same, let.args))

"""Tangents: what is known of the derivative of each variable, in its shape and dtype.

A tangent may be smaller than its variable and broadcast to it, as an adjoint may: that of ``x + b``
is the tangent of ``b`` where that alone has one. A variable without a tangent has tangent zero,
which is written down only where something needs it.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from adjoint import runtime
from adjoint.ir.builder import Builder
from adjoint.ir.dicts import NEW_DICT, is_dict
from adjoint.ir.lengths import ONE
from adjoint.ir.lists import NEW_LIST
from adjoint.ir.nodes import UNDEF, Block, Const, Let, Operand, Pack, Role, Undef, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import Form, call, operation
from adjoint.ir.values import (
    Array,
    DictOf,
    Growing,
    Maybe,
    Scalar,
    TupleOf,
    Type,
    is_array_of_one,
    is_complex,
    rank,
    shape_of,
)
from adjoint.ir.walk import all_blocks, leaf_operands, operand_vars, reads
from adjoint.transform.accumulate import adjoint_type, cast, complete, writable, zero
from adjoint.transform.bound import Paths

__all__ = ["Tangents", "active_items", "free_name", "is_whole", "tangent_type"]


def tangent_type(primal: Type) -> Type:
    """The type of the tangent of a variable: it is None where the variable is."""
    if isinstance(primal, Maybe):
        return Maybe(tangent_type(primal.value))
    if isinstance(primal, DictOf) and primal.item is not None:
        return replace(primal, item=tangent_type(primal.item))
    return adjoint_type(primal)


def free_name(name: str, params: Iterable[Var]) -> str:
    """A name whose tangent is not called as a parameter is."""
    taken = {param.name for param in params}
    names = itertools.chain([name], (f"{name}_{k}" for k in itertools.count(1)))
    return next(each for each in names if f"{each}_dot" not in taken)


@dataclass(eq=False)
class Tangents:
    """The tangents of the variables that were reached.

    Of a result that is a tuple, the tangent may be a display of those of its items.

    Attributes
    ----------
    paths
        Where variables have a value: elsewhere they have no tangent either.
    handed_on
        The variables whose tangent was handed on with them, in its whole shape.
    items
        Of such a result, the positions whose tangents are asked for, where not all are; see
        `active_items`.
    repeatable
        How variables are computed that would be the same if that were done again.
    """

    builder: Builder
    paths: Paths
    values: dict[Var, Operand] = field(default_factory=dict)
    items: Mapping[Var, Container[int]] = field(default_factory=dict)
    handed_on: set[Var] = field(default_factory=set)
    repeatable: Mapping[Var, Let] = field(default_factory=dict)

    def __contains__(self, operand: object) -> bool:
        """Whether a variable in an operand has a tangent."""
        return isinstance(operand, Var | Pack) and any(
            v in self.values for v in operand_vars(operand)
        )

    def define(self, variable: Var, value: Operand | None) -> None:
        """Note the tangent of a variable; None is zero."""
        if value is None:
            return
        if isinstance(value, Var) and value.role is Role.TANGENT and not value.name:
            value.name = variable.name
        self.values[variable] = value

    def hand_on(self, variable: Var, shadow: Var) -> None:
        """Note the tangent of what is joined or carried, which has its shape where it is bound."""
        self.define(variable, shadow)
        self.handed_on.add(variable)

    def whole(self, operand: Operand) -> Operand:
        """The tangent of an operand, in its whole shape; zeros where it has none."""
        match operand:
            case Var():
                held = self.values.get(operand)
                if held is not None and self._is_as_handed_on(operand):
                    return held
                if held is not None:
                    return complete(self.builder, held, operand)
                make = partial(self._zero, operand)
                return self.paths.where_bound(self.builder, operand, make)
            case Pack(kind, items, keys):
                return Pack(kind, tuple(map(self.whole, items)), keys)
            case Undef():
                return UNDEF
            case Const(value) if value is None or isinstance(value, str):
                return operand
            case Const(value) if np.ndim(value):
                return self.builder.let(call(np.zeros_like), (operand,))
            case _:
                return Const(0.0)

    def _is_as_handed_on(self, variable: Var) -> bool:
        """Whether the tangent of a variable was whole where it was made.

        What may be None, nothing computes: it was joined, carried, or taken off a list.
        """
        return variable in self.handed_on or isinstance(variable.type, Maybe)

    def whole_and_writable(self, operand: Operand) -> Operand:
        """The tangent of what is kept under a name, or in a list: whole, and complex if that is."""
        if isinstance(operand, Pack):
            items = tuple(map(self.whole_and_writable, operand.items))
            return Pack(operand.kind, items, operand.keys)
        made = self.whole(operand)
        if not isinstance(operand, Var):
            return made
        if is_array_of_one(operand.type) and not isinstance(type_of(made), Array):
            return self.builder.let(call(np.array), (made,))  # methods of it may be called
        if not is_complex(operand.type):
            return made
        if isinstance(operand.type, Scalar) and not is_complex(type_of(made)):
            return self.builder.let(operation(operator.add), (made, Const(0j)))
        return writable(self.builder, made, operand)

    def _zero(self, variable: Var) -> Operand:
        type_ = tangent_type(variable.type)
        if isinstance(type_, Growing) and self._is_empty(variable):
            kind, op = ("dict", NEW_DICT) if is_dict(type_) else ("list", NEW_LIST)
            return self.builder.let(op, (Pack(kind, ()),), name=variable.name, type_=type_)
        if isinstance(type_, DictOf) and not type_.sparse:
            op = call(runtime.zeros_in_dict)
            return self.builder.let(op, (variable,), name=variable.name, type_=type_)
        made = zero(self.builder, variable)
        if isinstance(made, Var) and not made.name:
            made.name = variable.name
        return made

    def _is_empty(self, variable: Var) -> bool:
        made = self.builder.definitions.get(variable)
        of = made.args[0] if made is not None and made.op.form is Form.LITERAL else None
        return isinstance(of, Pack) and not of.items

    def total(self, terms: list[Operand], like: Var) -> Operand | None:
        """The sum of what each argument contributes, in the dtype of the result `like`."""
        if not terms:
            return None
        made = terms[0]
        for term in terms[1:]:
            made = self.builder.let(operation(operator.add), (made, term))
        return cast(self.builder, made, like.type) if _is_array(made) else made


def active_items(body: Block, active: Container[Var]) -> dict[Var, set[int]]:
    """Of results that are tuples, and are only taken apart: the positions of the active items."""
    found: dict[Var, set[int]] = {}
    handed_on: set[Var] = set()
    for block in all_blocks(body):
        for statement in block.statements:
            match statement:
                case Let(Var() as target, op, (Var(type=TupleOf(items)) as owner, Const(at))) if (
                    op.form is Form.INDEX and isinstance(at, int)
                ):
                    positions = found.setdefault(owner, set())
                    if target in active:
                        positions.add(at % len(items))
                case _:
                    handed_on.update(reads(statement))
        handed_on.update(v for value in leaf_operands(block.leaf) for v in operand_vars(value))
    return {owner: positions for owner, positions in found.items() if owner not in handed_on}


def is_whole(value: Operand, like: Var) -> bool:
    """Whether what is like a variable, or broadcasts to it, has its shape.

    With as many axes it has, unless one of the two is known to have length 1 where the other has
    not.
    """
    found, whole = shape_of(type_of(value)), shape_of(strip(like.type))
    if found is None or whole is None or len(found) != len(whole):
        return False
    return all((m == ONE) == (n == ONE) for m, n in zip(found, whole, strict=True))


def _is_array(value: Operand) -> bool:
    return rank(type_of(value)) is not None

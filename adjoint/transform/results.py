"""What a gradient function hands back: gradients in the structure of the arguments.

What is one object, list or dict in an argument is one in its gradient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adjoint import runtime
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import MAKE, Op, call
from adjoint.ir.values import OPAQUE, Opaque, is_differentiable
from adjoint.rules.registry import is_matrix
from adjoint.source.parameters import part_of
from adjoint.stage.context import literal
from adjoint.stage.inputs.access import PATH_ITEM
from adjoint.stage.inputs.outside import is_namespace
from adjoint.stage.inputs.reachable import inputs_in, ways_in
from adjoint.stage.run import Staged
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    RunTimeList,
    TupleValue,
    Value,
    View,
)
from adjoint.transform.accumulate import Adjoints, zero
from adjoint.transform.asked import argument
from adjoint.transform.leaves import handed_over

__all__ = ["Results"]


@dataclass(frozen=True, slots=True)
class Results:
    """Makes gradients from the adjoints at the end of the backward sweep.

    `plain` are the variables that surely hold Python numbers. `made` has the gradients of objects,
    lists and dicts: what is one in an argument is one in its gradient. Those in `partial` have not
    all that their objects have.
    """

    staged: Staged
    adjoints: Adjoints
    plain: frozenset[Var]
    made: dict[Cell, Operand] = field(default_factory=dict)
    partial: set[Cell] = field(default_factory=set)

    def gradient(self, asked: str) -> Operand:
        """The gradient with respect to an argument, in the argument's structure."""
        value, inputs = argument(self.staged, asked), self.staged.inputs
        ways = Counter(each for each in ways_in(value) if isinstance(each, Cell))
        inputs.identities.expect_as_many(filter(_has_own_gradient, ways))
        found = self._structure(value, ways)
        if not any(cell in self.partial for cell in ways):
            return found
        name, key = part_of(asked)
        owner = inputs.variables[name]
        if key is not None:
            owner = self.staged.builder.let(PATH_ITEM, (owner, Const(key)), type_=OPAQUE)
        return self.staged.builder.let(call(runtime.filled), (found, owner), type_=OPAQUE)

    def _structure(self, value: Value, ways: Mapping[Any, int]) -> Operand:
        if not isinstance(value, Cell) or isinstance(value, Buffer | View):
            return self._new(value, ways)
        if value not in self.made:
            found = self._new(value, ways)
            if ways[value] > 1 and isinstance(found, Pack):
                found = self.staged.builder.let(literal(found.kind), (found,), type_=OPAQUE)
            self.made[value] = found
        return self.made[value]

    def _new(self, value: Value, ways: Mapping[Any, int]) -> Operand:
        match value:
            case Var():
                return self._leaf(value)
            case Buffer(leaf=Var() as leaf) | View(leaf=Var() as leaf):
                return self._leaf(leaf)
            case RunTimeList():
                return self._list(value.slots["held"])
            case TupleValue(items, cls):
                parts = tuple(self._structure(item, ways) for item in items)
                return Pack("tuple", parts) if cls is tuple else self._named(cls, parts)
            case ListValue():
                items = value.slots["items"]
                return Pack("list", tuple(self._structure(item, ways) for item in items))
            case DictValue():
                entries = value.slots["items"]
                parts = tuple(self._structure(item, ways) for item in entries.values())
                return Pack("dict", parts, tuple(Const(key) for key in entries))
            case ObjectValue() if not is_matrix(value.cls):
                return self._object(value, ways)
            case _:
                return Const(None)

    def _named(self, cls: Any, parts: Sequence[Operand]) -> Operand:
        pairs = tuple(zip(cls._fields, parts, strict=True))
        owner = self.staged.inputs.constant(cls)
        return self.staged.builder.let(MAKE, (owner,), pairs, type_=OPAQUE)

    def _object(self, value: ObjectValue, ways: Mapping[Any, int]) -> Operand:
        """An object like the argument, with the attributes that were read."""
        builder, real = self.staged.builder, value.real
        names = [n for n in value.slots if n in value.seen and _matters(value.slots[n])]
        if not names and runtime.is_closed(real):
            return Const(None)
        pairs = [(name, self._structure(value.slots[name], ways)) for name in names]
        held = vars(real) if hasattr(real, "__dict__") else {}
        if not set(held) <= set(names):
            self.partial.add(value)
        elif held:
            self.staged.inputs.expect(f"list(vars({value.access.text})) == {list(held)!r}")
        if is_namespace(value.cls):
            return builder.let(Op(value.cls), (), pairs, type_=OPAQUE)
        owner = value.access.read_again()
        op = call(runtime.like if set(names) <= set(held) else runtime.like_beside_vars)
        return builder.let(op, (owner,), pairs, type_=OPAQUE)

    def _list(self, held: Var) -> Operand:
        found = self.adjoints.values.get(held)
        return zero(self.staged.builder, held) if found is None else found

    def _leaf(self, leaf: Var) -> Operand:
        builder = self.staged.builder
        if not is_differentiable(leaf.type) or isinstance(leaf.type, Opaque):
            return Const(None)
        value = self.adjoints.values.get(leaf)
        if value is None:
            value = zero(builder, leaf)
        return handed_over(builder, value, leaf, self.plain, self.adjoints.name(leaf))


def _matters(value: Any) -> bool:
    return any(is_differentiable(v.type) for v in inputs_in(value))


def _has_own_gradient(cell: Any) -> bool:
    """Whether two that are one would have to have one gradient."""
    return isinstance(cell, ObjectValue) or _matters(cell)

"""One array for what the trips of a counted loop keep, in the place of a list of arrays.

A list keeps every array where it happens to lie: each trip takes new memory, and nothing of it is
used again before the sweep ends. One array of all of them is made at once, and what was stored is
free for the next trip.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from adjoint.analyses.regions import is_nonnegative
from adjoint.errors import Place
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import makes_memory, written
from adjoint.ir.nodes import (
    Const,
    For,
    Function,
    Let,
    Loop,
    Operand,
    Pack,
    Role,
    Var,
)
from adjoint.ir.ops import GETITEM, Form, Op, attribute, call, operation
from adjoint.ir.updates import update_place
from adjoint.ir.values import INT, OPAQUE, Array, Scalar, Type
from adjoint.ir.walk import (
    all_blocks,
    all_statements,
    count_uses,
    definitions,
    next_number,
    operand_vars,
    rename,
    writes,
)
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.ranges import is_safe_index
from adjoint.optimise.stacks import Stack, StackUse, stacks_of
from adjoint.optimise.unbound import unbound_where_handed_on

__all__ = ["use_records"]

_READ = Op(GETITEM.function, GETITEM.form, proven=True)
_STORE = update_place()


def use_records(function: Function, facts: Facts) -> Function:
    """Return `function` with arrays for stacks on which every trip pushes an array of one shape.

    ::

        u_stack = []                         u_old = np.empty((len(range(n)), *u[1:-1].shape))
        for i in range(n):                   for i in range(n):
            u_stack.append(u[1:-1].copy())       u_old[i] = u[1:-1]
            u[1:-1] *= a              ->         u[1:-1] *= a
        ...                                  ...
        for i in reversed(range(n)):         for i in reversed(range(n)):
            u[1:-1] = u_stack.pop()              u[1:-1] = u_old[i]
    """
    if function.split < 0:
        return function
    stacks = [stack for stack in stacks_of(function) if _is_regular(stack)]
    if not stacks:
        return function
    recorder = _Recorder(function, facts)
    changes: dict[Let, Sequence[Let]] = {}
    for stack in stacks:
        changes.update(recorder.record(stack))
    return recorder.with_counters(replace_lets(function, changes))


def _is_regular(stack: Stack) -> bool:
    if len(stack.pushes) != 1 or len(stack.pops) != 1 or stack.made.loops:
        return False
    push, pop = stack.pushes[0], stack.pops[0]
    if not push.loops or len(push.loops) != len(pop.loops):
        return False
    return _is_counted(push, reverse=False) and _is_counted(pop, reverse=True)


def _is_counted(use: StackUse, *, reverse: bool) -> bool:
    """Whether a statement is run once in each trip, and its place in the counters is plain."""
    if use.block is not use.loops[-1].body:
        return False
    for outer, inner in itertools.pairwise(use.loops):
        if inner not in outer.body.statements:
            return False
    return all(
        isinstance(loop.head, For)
        and loop.head.reverse is reverse
        and loop.code is None
        and _is_number(loop.head.start)
        and isinstance(loop.head.step, Const)
        and loop.head.step.value == 1
        for loop in use.loops
    )


def _is_number(operand: Operand) -> bool:
    return isinstance(operand, Const) and type(operand.value) is int


class _Recorder:
    """Writes what makes, fills and reads the array that takes the place of a stack."""

    def __init__(self, function: Function, facts: Facts) -> None:
        self._facts = facts
        self._numbers = itertools.count(next_number(function))
        self._definitions = definitions(function)
        self._uses = count_uses(function)
        self._unstable = written(function)
        self._unbound = unbound_where_handed_on(function)
        self._places = {
            variable: (block, position)
            for block in all_blocks(function.body)
            for position, statement in enumerate(block.statements)
            for variable in writes(statement)
        }
        self._counters: dict[Var, Var] = {}
        self._inits = {
            param: init
            for loop in all_statements(function.body)
            if isinstance(loop, Loop)
            for param, init in zip(loop.params, loop.inits, strict=True)
        }

    def record(self, stack: Stack) -> Mapping[Let, Sequence[Let]]:
        """What the statements that use a stack are replaced by; nothing where it stays."""
        push, pop = stack.pushes[0], stack.pops[0]
        value = self._stored(push)
        if value is None:
            return {}
        made = _Lets(self._numbers, stack.made.let.place)
        items = (*self._trips(stack, made), *self._axes(value, stack, made))
        if any(item is None for item in items):
            return {}
        record = self._array(stack, value, Pack("tuple", tuple(filter(None, items))), made)
        changes: dict[Let, Sequence[Let]] = {stack.made.let: made.statements}
        changes.update(dict.fromkeys(stack.copies, ()))
        for use, rest in ((push, (value,)), (pop, ())):
            lets = _Lets(self._numbers, use.let.place)
            row = self._row(use, lets)
            op = replace(_STORE if rest else _READ, stopped=use.let.op.stopped)
            lets.statements.append(replace(use.let, op=op, args=(record, row, *rest)))
            changes[use.let] = lets.statements
        if value is not push.let.args[1]:
            copy = _before(push)
            assert copy is not None
            changes[copy] = ()
        return changes

    def _stored(self, push: StackUse) -> Var | None:
        """What is stored: what is pushed, or what that is a copy of."""
        value = push.let.args[1]
        if not isinstance(value, Var) or not _is_whole(value.type):
            return None
        made = self._definitions.get(value)
        if isinstance(made, Let) and made is _before(push) and self._is_copy(made):
            of = made.args[0]
            return of if isinstance(of, Var) and _is_whole(of.type) else None
        # A list keeps the array, and what is written into it later; a record what it is now.
        is_new = isinstance(made, Let) and makes_memory(made)
        return value if is_new or value not in self._unstable else None

    def _is_copy(self, let: Let) -> bool:
        """Whether an array is copied for the stack alone."""
        is_copy = let.op.form is Form.METHOD and let.op.name == "copy" and not let.op.effect
        return is_copy and let.target is not None and self._uses[let.target] == 1

    # -- the shape ---------------------------------------------------------------------------------

    def _trips(self, stack: Stack, made: _Lets) -> Iterable[Operand | None]:
        """The numbers of trips of the loops around what is pushed."""
        for loop in stack.pushes[0].loops:
            assert isinstance(loop.head, For)
            yield self._trip_count(loop.head, stack, made)

    def _trip_count(self, head: For, stack: Stack, made: _Lets) -> Operand | None:
        start, stop = head.start, head.stop
        assert isinstance(start, Const)
        if isinstance(stop, Const):
            return Const(len(range(start.value, stop.value)))
        if not isinstance(stop, Var) or not self._is_there(stop, stack):
            return None
        if start.value == 0 and _is_length(stop):
            return stop
        bounds = (stop,) if start.value == 0 else (start, stop)
        counted = made.let(call(range), bounds, OPAQUE)
        return made.let(call(len), (counted,), INT)

    def _axes(self, value: Var, stack: Stack, made: _Lets) -> tuple[Operand | None, ...]:
        """The lengths of the axes of a value, as they are known before the loop."""
        assert isinstance(value.type, Array)
        shape = value.type.shape
        assert shape is not None
        if all(length.known for length in shape):
            return tuple(Const(length.const) for length in shape)
        like = self._like(value, stack, made)
        if like is None:
            return (None,)
        return (Pack("starred", (made.let(attribute(np.shape, "shape"), (like,), OPAQUE),)),)

    def _like(self, value: Operand, stack: Stack, made: _Lets) -> Var | None:
        """An array that is there before the loop and has the shape of `value`."""
        if not isinstance(value, Var) or not isinstance(value.type, Array):
            return None
        if self._is_there(value, stack):
            return value
        if value in self._inits:
            init = self._inits[value]
            return self._like(init, stack, made) if self._are_alike(init, value) else None
        let = self._definitions.get(value)
        if not isinstance(let, Let):
            return None
        if let.op.form is Form.INDEX and self._is_known(let, stack):
            of = self._like(let.args[0], stack, made)
            return None if of is None else made.let(_READ, (of, let.args[1]), value.type)
        alike = (operand for operand in let.args if self._are_alike(operand, value))
        found = (self._like(operand, stack, made) for operand in alike)
        return next((each for each in found if each is not None), None)

    def _is_known(self, let: Let, stack: Stack) -> bool:
        """Whether an index is there before the loop, and takes something of any such array."""
        there = all(self._is_there(v, stack) for v in operand_vars(let.args[1]))
        return there and is_safe_index(let, self._facts, {})

    def _are_alike(self, a: Operand, b: Var) -> bool:
        """Whether two arrays have one shape, whatever the trip."""
        if not isinstance(a, Var) or not isinstance(a.type, Array) or not isinstance(b.type, Array):
            return False
        first, second = (
            None if t.shape is None else [self._facts.canonical(length) for length in t.shape]
            for t in (a.type, b.type)
        )
        return first is not None and first == second

    def _is_there(self, variable: Var, stack: Stack) -> bool:
        """Whether a variable is defined, and surely bound, where the stack is made."""
        at = stack.made
        if variable in self._unbound.get(stack.pushes[0].loops[0], ()):
            return False
        block, position = self._places.get(variable, (None, 0))
        return block is None or (block is at.block and position < at.position)

    def _array(self, stack: Stack, value: Var, shape: Operand, made: _Lets) -> Var:
        of = stack.made.let.target
        assert of is not None
        assert isinstance(value.type, Array)
        assert value.type.shape is not None
        dtype = value.type.dtype
        loops = stack.pushes[0].loops
        whole = (*(self._facts.fresh() for _ in loops), *value.type.shape)
        kwargs = () if dtype == np.float64 else (("dtype", Const(dtype)),)
        name = of.name or self._name_of(value)
        record = Var(next(self._numbers), name, Array(dtype, whole), Role.RECORD)
        made.statements.append(Let(record, call(np.empty), (shape,), kwargs, made.place))
        return record

    def _name_of(self, value: Var) -> str:
        """The name of the array that a value is a part of."""
        let = self._definitions.get(value)
        while not value.name and isinstance(let, Let) and let.op.form is Form.INDEX:
            if not isinstance(let.args[0], Var):
                break
            value = let.args[0]
            let = self._definitions.get(value)
        return value.name

    # -- rows --------------------------------------------------------------------------------------

    def _row(self, use: StackUse, lets: _Lets) -> Operand:
        """The index of what a trip keeps: the numbers of the trip in the loops around it."""
        items: list[Operand] = []
        for loop in use.loops:
            assert isinstance(loop.head, For)
            assert isinstance(loop.head.start, Const)
            number, start = self._counter(loop.head.index), loop.head.start
            if start.value:
                number = lets.let(operation(operator.sub), (number, start), INT)
            items.append(number)
        return items[0] if len(items) == 1 else Pack("tuple", tuple(items))

    def _counter(self, index: Var) -> Var:
        """The counter of a loop, under a name that tells that it is used."""
        if index.name.strip("_"):
            return index
        if index not in self._counters:
            made = Var(next(self._numbers), "", index.type, Role.INDEX)
            self._counters[index] = made
        return self._counters[index]

    def with_counters(self, function: Function) -> Function:
        """`function` with the names of counters that the rows of records need."""
        return replace(function, body=rename(function.body, self._counters))


@dataclass(slots=True)
class _Lets:
    """Statements that are written."""

    numbers: Iterator[int]
    place: Place
    statements: list[Let] = field(default_factory=list)

    def let(self, op: Op, args: tuple[Operand, ...], type_: Type) -> Var:
        """Write a statement; its target."""
        target = Var(next(self.numbers), "", type_, Role.PRIMAL)
        self.statements.append(Let(target, op, args, (), self.place))
        return target


def _before(push: StackUse) -> Let | None:
    """The statement before a push."""
    before = push.block.statements[push.position - 1] if push.position else None
    return before if isinstance(before, Let) else None


def _is_whole(type_: Type) -> bool:
    """Whether a value is surely an array of one dtype and rank, of one axis at least."""
    return isinstance(type_, Array) and not type_.scalar and bool(type_.shape)


def _is_length(operand: Var) -> bool:
    """Whether a whole number is the length of an axis, and so not negative."""
    type_ = operand.type
    length = type_.length if isinstance(type_, Scalar) else None
    return length is not None and is_nonnegative(length, {})

"""Where variables are read, and whether one is read again after a given point.

Positions number statements and leaves in source order. A point is a statement, or a block, for its
leaf.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from adjoint.ir.dicts import is_dict
from adjoint.ir.memory import ignores_contents, is_push, shared_operands
from adjoint.ir.nodes import (
    Block,
    Branch,
    Exit,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.ops import Form
from adjoint.ir.remembered import remembered
from adjoint.ir.walk import blocks, head_vars, leaf_operands, operand_vars, reads, writes

__all__ = ["Lifetimes", "Point"]

Point = Statement | Block
#: What only looks at its operands, and holds on to none.
_LOOKS = (Form.ASSERT, Form.FORMAT)


@dataclass(slots=True)
class Lifetimes:
    """Every reading of every variable.

    Attributes
    ----------
    position
        The number of each statement, and of each block's leaf.
    within
        The block that a statement stands in, and the statement that a block belongs to.
    reads
        The points at which a variable is read; one for each reading.
    home, loop_around
        The innermost loop around the definition of a variable, and around a point; or None.
    ends
        The blocks at whose ends a trip of the loop ends.
    owned
        The parameters whose memory is the function's own.
    """

    position: dict[Point, int] = field(default_factory=dict)
    within: dict[Point, Point | None] = field(default_factory=dict)
    reads: dict[Var, list[Point]] = field(default_factory=dict)
    home: dict[Var, Loop | None] = field(default_factory=dict)
    loop_around: dict[Point, Loop | None] = field(default_factory=dict)
    definition: dict[Var, Statement] = field(default_factory=dict)
    ends: dict[Loop, list[Block]] = field(default_factory=dict)
    owned: tuple[Var, ...] = ()

    @staticmethod
    @remembered
    def of(function: Function) -> Lifetimes:
        """The lifetimes of the variables of `function`."""
        made = Lifetimes(owned=function.owned)
        made.home.update(dict.fromkeys((*function.params, *function.keywords)))
        made._enter(function.body)
        return made

    def _enter(self, body: Block) -> None:
        # None on the stack stands for the end of a block, at which its leaf is read.
        self.within[body] = None
        waiting: list[tuple[Point, Loop | None, bool]] = [(body, None, False)]
        while waiting:
            point, loop, at_end = waiting.pop()
            if isinstance(point, Block) and not at_end:
                waiting.append((point, loop, True))
                for statement in reversed(point.statements):
                    self.within[statement] = point
                    waiting.append((statement, loop, False))
                continue
            self.position[point] = len(self.position)
            self.loop_around[point] = loop
            if isinstance(point, Block):
                if isinstance(point.leaf, Next | Exit) and loop is not None:
                    self.ends.setdefault(loop, []).append(point)
                self._note(point, (v for o in leaf_operands(point.leaf) for v in operand_vars(o)))
                continue
            self._define(point, loop)
            self._note(point, reads(point))
            inner = point if isinstance(point, Loop) else loop
            for block in reversed(blocks(point)):
                self.within[block] = point
                waiting.append((block, inner, False))

    def _note(self, point: Point, variables: Iterable[Var]) -> None:
        for variable in variables:
            self.reads.setdefault(variable, []).append(point)

    def _define(self, statement: Statement, loop: Loop | None) -> None:
        carried: tuple[Var, ...] = ()
        if isinstance(statement, Loop):
            carried = (*statement.params, *head_vars(statement.head))
        for variable in writes(statement):
            self.definition[variable] = statement
            self.home[variable] = loop
        for variable in carried:
            assert isinstance(statement, Loop)
            self.home[variable] = statement

    def ends_at(
        self, variable: Var, point: Point, *, with_memory: bool, until: Point | None = None
    ) -> bool:
        """Whether `point` reads `variable` once, and nothing reads it after that.

        With `with_memory` this is asked of everything that shares its memory as well; then it is
        also needed that no one holds on to that memory elsewhere. An operation may read another
        view of what it takes over, since it is done with reading when it writes. Where `point`
        makes a view, what is written through it at `until` may be read up to there.
        """
        last = point if until is None else until
        if self.reads.get(variable, []).count(point) != 1:
            return False
        if self.home.get(variable) is not self.loop_around[point]:
            return False
        names = self._names(variable, point) if with_memory else [variable]
        return names is not None and not any(
            self._may_follow(reading, last)
            for name in names
            for reading in self.reads.get(name, ())
            if not (reading is point and (name is variable or isinstance(point, Let)))
            and not (reading is last and _reads_before_it_writes(last))
            and not (_ignores(reading, name) and (name is not variable or point is not last))
        )

    def followers(self, variable: Var, point: Point) -> list[Var]:
        """The other variables in the memory of `variable` that are read after `point`."""
        if variable not in self.home:
            return []
        found = {variable: None}
        waiting = [variable]
        while waiting:
            name = waiting.pop()
            for reading in self.reads.get(name, ()):
                if (reading is point and name is variable) or self._are_siblings(reading, point):
                    continue
                new = self._taken_on(name, reading, self.home[variable]) or []
                waiting.extend(target for target in new if target not in found)
                found.update(dict.fromkeys(new))
        del found[variable]
        return [name for name in found if self._is_needed(name, point)]

    def read_between(self, variable: Var, first: Point, last: Point) -> Iterator[Point | None]:
        """The points behind `first` and before `last` that read memory of `variable`.

        None stands for those that are not known.
        """
        names = self._names(variable, last)
        if names is None:
            yield None
            return
        begin, end = self.position[first], self.position[last]
        for name in names:
            yield from (r for r in self.reads.get(name, ()) if begin < self.position[r] < end)

    def _is_needed(self, name: Var, point: Point) -> bool:
        """Whether a variable is read after a point, or kept."""
        readings = self.reads.get(name, ())
        kept = any(isinstance(reading, Let) and is_push(reading) for reading in readings)
        later = (r for r in readings if r is not point and not _ignores(r, name))
        return kept or any(self._may_follow(reading, point) for reading in later)

    def _names(self, variable: Var, point: Point) -> list[Var] | None:
        """The variables in the memory of `variable`, as long as `point` does not run.

        None where a stack, a container or an effect got hold of it. The memory of a dict is without
        what it holds, which is never written in place.
        """
        found = {variable: None}
        waiting = [variable]
        while waiting:
            name = waiting.pop()
            for reading in self.reads.get(name, ()):
                own = reading is point and name is variable
                if own or self._are_siblings(reading, point):  # does not run where `point` does
                    continue
                targets = self._taken_on(name, reading, self.home[variable])
                if targets is None:
                    return None
                new = [target for target in targets if target not in found]
                if is_dict(variable.type):
                    new = [target for target in new if is_dict(target.type)]
                found.update(dict.fromkeys(new))
                waiting.extend(new)
        return list(found)

    def _taken_on(self, name: Var, reading: Point, home: Loop | None) -> list[Var] | None:
        """The variables that share the memory of `name` by this reading, in one trip of `home`."""
        match reading:
            case Block():
                # With the trip the variable itself ends: what comes then is another one.
                ends_trip = isinstance(reading.leaf, Next | Exit)
                if ends_trip and self.loop_around[reading] is home:
                    return []
                return self._handed_on(name, reading)
            case Loop():
                return _given(name, reading.params, reading.inits, reading)
            case Branch():
                return []
            case Let(target, op):
                if op.form in _LOOKS or op.function is print:
                    return []
                if op.function is list.pop and op.form is Form.METHOD:
                    return []  # each item is in a list once, so that what is left is apart from it
                if op.effect or target is None:
                    return None
                return [target] if name in shared_operands(reading) else []

    def _handed_on(self, name: Var, block: Block) -> list[Var] | None:
        """The variables that a leaf gives the memory of `name` to."""
        owner, loop = self.within[block], self.loop_around[block]
        values = leaf_operands(block.leaf)
        if isinstance(block.leaf, Next | Exit):
            assert loop is not None, "a leaf of a loop outside of one"
            receivers = loop.params if isinstance(block.leaf, Next) else loop.outs
            return _given(name, receivers, values, loop)
        return _given(name, owner.joins, values, None) if isinstance(owner, Branch) else []

    def _may_follow(self, reading: Point, point: Point) -> bool:
        """Whether `reading` may run after `point` did, in one trip of the loop around `point`."""
        if self.position[reading] < self.position[point]:
            return False
        return not self._are_siblings(reading, point)

    def _are_siblings(self, a: Point, b: Point) -> bool:
        """Whether two points stand in different arms of one branch."""
        arms = {owner: block for block, owner in self._arms(a)}
        return any(arms.get(owner, block) is not block for block, owner in self._arms(b))

    def _arms(self, point: Point) -> Iterator[tuple[Block, Branch]]:
        here: Point | None = point
        while here is not None:
            around = self.within[here]
            if isinstance(here, Block) and isinstance(around, Branch):
                yield here, around
            here = around

    def sources(self, variable: Var) -> list[tuple[Operand, Point]] | None:
        """The values that a join, a carried variable or an out is given, and where; else None."""
        owner = self.definition.get(variable)
        if isinstance(owner, Branch):
            at = owner.joins.index(variable)
            arms = [arm for arm in blocks(owner) if isinstance(arm.leaf, Yield) and arm.leaf.values]
            return [(leaf_operands(arm.leaf)[at], arm) for arm in arms]
        if not isinstance(owner, Loop) or variable not in (*owner.params, *owner.outs):
            return None
        is_out = variable in owner.outs
        at = (owner.outs if is_out else owner.params).index(variable)
        ends = [b for b in self.ends.get(owner, ()) if is_out or isinstance(b.leaf, Next)]
        return [(owner.inits[at], owner), *((leaf_operands(b.leaf)[at], b) for b in ends)]


def _reads_before_it_writes(point: Point) -> bool:
    """Whether a statement may write into memory that it reads by another name."""
    return isinstance(point, Let) and point.op.form in (Form.UPDATE, Form.UPDATE_INDEX)


def _ignores(reading: Point, name: Var) -> bool:
    """Whether a reading of an array does not look at what is in it."""
    return isinstance(reading, Let) and reading.args[:1] == (name,) and ignores_contents(reading)


def _given(
    name: Var, receivers: Sequence[Var], values: Sequence[Operand], loop: Loop | None
) -> list[Var] | None:
    """The receivers of `name`, with the outs they end in; None if it is a part of a value."""
    found: list[Var] = []
    for at, value in enumerate(values):
        if value is name:
            found.append(receivers[at])
            found += [] if loop is None else [loop.outs[at]]
        elif name in operand_vars(value):
            return None
    return found

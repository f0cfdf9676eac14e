"""The stacks of the sweeps as values, so that the sweeps can be differentiated again.

The sweeps push and pop by effects. Here each push and pop gives a new version of its list instead,
which branches join and loops carry, as they do every list of the user's::

    x_stack.append(x)              x_stack_1 = x_stack with x at its end
    x = x_stack.pop()       ->     x, x_stack_2 = the last item of x_stack_1, and what is before it

What is popped from a list that is in another gives a new version of that other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from adjoint.errors import Place
from adjoint.ir.builder import Builder
from adjoint.ir.lists import DROP, PUSHED, TOP
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Let,
    Loop,
    Operand,
    Statement,
    Stop,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import GETITEM, Form, Op
from adjoint.ir.updates import POP_ITEM, edit_of, list_depth
from adjoint.ir.values import UNKNOWN, ListOf, Type
from adjoint.ir.walk import all_statements, map_leaf, map_operands, substitute, writes

__all__ = ["stacks_as_values"]

_READ = replace(GETITEM, proven=True)
_TAKEN_OUT = replace(POP_ITEM, proven=True)


def stacks_as_values(
    builder: Builder, block: Block, versions: Mapping[Var, Var] | None = None
) -> tuple[Block, Mapping[Var, Var]]:
    """`block` without pushes and pops, and the last version of each stack.

    `versions` are those of stacks from before.
    """
    writer = _Writer(builder, dict(versions or {}), _places(block))
    return writer.block(block, ()), writer.versions


def _is_move(statement: Statement) -> bool:
    """Whether a statement pushes or pops."""
    if not isinstance(statement, Let) or statement.op.form is not Form.METHOD:
        return False
    return statement.op.function in (list.append, list.pop) and statement.op.effect


def _is_item(let: Let) -> bool:
    """Whether a statement reads a list that is in a list."""
    owner = let.args[0] if let.op.form is Form.INDEX else None
    return isinstance(owner, Var) and list_depth(owner.type) > 1 and len(let.args) == 2


#: A list, and the indices that lead to one that is in it.
_Place = tuple[Var, tuple[Operand, ...]]


def _places(block: Block) -> Mapping[Let, _Place]:
    """Where the lists are that something is popped from, of those that are in others.

    What was taken out of another is by itself: the other was written since it was read.
    """
    found: dict[Let, _Place] = {}
    waiting = [block]
    while waiting:
        items: dict[Operand, _Place] = {}
        for statement in waiting.pop().statements:
            match statement:
                case Let(target, _, args) if _is_item(statement) and target is not None:
                    owner, way = items.get(args[0], (args[0], ()))
                    assert isinstance(owner, Var), "what holds a list is a variable"
                    items[target] = (owner, (*way, args[1]))
                case Let(args=[stack, *_]) if _is_move(statement) and stack in items:
                    found[statement] = items[stack]
                case Let(op=op, args=[old, *_]) if op.updates:
                    items = {item: at for item, at in items.items() if at[0] is not old}
                case Branch(then=then, other=other):
                    waiting += [then, other]
                case Loop(body=body):
                    waiting.append(body)
                case _:
                    pass
    return found


@dataclass(eq=False)
class _Writer:
    """Rewrites statements; `versions` holds each stack's version at the point reached.

    `places` are those of what is popped from lists in lists.
    """

    builder: Builder
    versions: dict[Var, Var]
    places: Mapping[Let, _Place]

    def _stack(self, let: Let) -> _Place:
        """The list that a statement changes, or the one that it is in, and the way to it."""
        stack = let.args[0]
        assert isinstance(stack, Var), "a stack is a variable"
        return self.places.get(let, (stack, ()))

    def _moved(self, blocks: Iterable[Block]) -> list[Var]:
        """The stacks from outside that something in these blocks pushes to or pops from."""
        every = [s for block in blocks for s in all_statements(block)]
        own = {target for s in every for target in writes(s)}
        moves = (s for s in every if isinstance(s, Let) and _is_move(s))
        moved = dict.fromkeys(self._stack(s)[0] for s in moves)
        return [stack for stack in moved if stack not in own]

    def block(self, block: Block, yielded: Sequence[Var], carried: Sequence[Var] = ()) -> Block:
        """A block whose end also hands on these stacks: `carried` where a trip ends there."""
        made: list[Statement] = []
        for statement in block.statements:
            made.extend(self._statement(statement, carried))
        leaf = map_leaf(block.leaf, self._now)
        if isinstance(leaf, Stop):
            return Block(tuple(made), leaf)
        stacks = yielded if isinstance(leaf, Yield) else carried
        more = tuple(self.versions.get(stack, stack) for stack in stacks)
        return Block(tuple(made), replace(leaf, values=(*leaf.values, *more)))

    def _now(self, operand: Operand) -> Operand:
        return substitute(operand, self.versions)

    def _statement(self, statement: Statement, carried: Sequence[Var]) -> Iterable[Statement]:
        match statement:
            case Let() if _is_move(statement):
                return self._move(statement)
            case Let():
                return (map_operands(statement, self._now),)
            case Branch():
                return (self._branch(statement, carried),)
            case Loop():
                return (self._loop(statement),)

    def _move(self, let: Let) -> Iterable[Statement]:
        stack, way = self._stack(let)
        old = self.versions.get(stack, stack)
        made = self.versions[stack] = self._new(stack)
        if way:
            return self._taken_out(let, old, made, tuple(map(self._now, way)))
        if let.op.function is list.append:
            return (self._let(made, PUSHED, (old, self._now(let.args[1])), let.place),)
        item = let.target or self.builder.var(_item(stack), "")
        if len(let.args) > 1:
            place = self._now(let.args[1])
            read = self._let(item, _READ, (old, place), let.place)
            return (read, self._let(made, _TAKEN_OUT, (old, place), let.place))
        read = self._let(item, TOP, (old, Const(-1)), let.place)
        return (read, self._let(made, DROP, (old, item), let.place))

    def _taken_out(
        self, let: Let, old: Var, made: Var, way: tuple[Operand, ...]
    ) -> Iterable[Statement]:
        """What is popped from a list that is an item of `old`, which `made` takes over."""
        assert let.op.function is list.pop, "the sweeps take out what was put in"
        place = tuple(map(self._now, let.args[1:]))
        inner = self._now(let.args[0])
        if let.target is not None:
            yield self._let(let.target, _READ, (inner, *(place or (Const(-1),))), let.place)
        yield self._let(made, _TAKEN_OUT, edit_of(old, way, *place), let.place)

    def _let(self, target: Var, op: Op, args: tuple[Operand, ...], place: Place) -> Let:
        made = self.builder.definitions[target] = Let(target, op, args, (), place)
        return made

    def _new(self, stack: Var) -> Var:
        return self.builder.var(stack.type, stack.name, stack.role)

    def _branch(self, branch: Branch, carried: Sequence[Var]) -> Branch:
        arms = (branch.then, branch.other)
        stacks = self._moved(arms) if any(isinstance(a.leaf, Yield) for a in arms) else []
        before, blocks, own = self.versions, [], dict[Var, Var]()
        test = self._now(branch.test)
        for arm in arms:
            self.versions = dict(before)
            blocks.append(self.block(arm, stacks, carried))
            made = {target for s in all_statements(arm) for target in writes(s)}
            own.update((s, now) for s, now in self.versions.items() if s in made)
        joins = {stack: self._new(stack) for stack in stacks}
        self.versions = {**before, **own, **joins}  # what an arm makes is read on its path alone
        every = (*branch.joins, *joins.values())
        return replace(branch, test=test, then=blocks[0], other=blocks[1], joins=every)

    def _loop(self, loop: Loop) -> Loop:
        stacks = [s for s in self._moved((loop.body,)) if s not in loop.params]
        loop = cast(Loop, map_operands(loop, self._now))
        inits = tuple(self.versions.get(stack, stack) for stack in stacks)
        before = self.versions
        self.versions = {**before, **{stack: self._new(stack) for stack in stacks}}
        params = tuple(self.versions[stack] for stack in stacks)
        head = loop.head
        if isinstance(head, While):
            head = While(self.block(head.test, ()))
        body = self.block(loop.body, (), stacks)
        outs = {stack: self._new(stack) for stack in stacks}
        self.versions = {**before, **outs}
        return replace(
            loop, head=head, params=(*loop.params, *params), inits=(*loop.inits, *inits),
            body=body, outs=(*loop.outs, *outs.values()),
        )  # fmt: skip


def _item(stack: Var) -> Type:
    return stack.type.item or UNKNOWN if isinstance(stack.type, ListOf) else UNKNOWN

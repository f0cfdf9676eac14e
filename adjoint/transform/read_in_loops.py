"""Which elements of an array the trips of a loop read, where they may not be all.

Of ``y = np.sqrt(x)`` a loop reads ``y[i]`` under ``if x[i] > 0``, or ``r[i, j]`` of each pair. The
cotangent that the reverse loop adds up is zero elsewhere, and the derivative of what comes before
may be infinite there. The loop is written again, so that it notes what it adds to::

    d_y = np.zeros_like(y)                  d_y = np.zeros_like(y)
                                            y_read = np.zeros_like(y, dtype=bool)
    for i in reversed(range(n)):            for i in reversed(range(n)):
        if x[i] > 0:                ->          if x[i] > 0:
            d_y[i] += x[i]                          d_y[i] += x[i]
                                                    y_read[i] = True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adjoint.ir.alike import likeness
from adjoint.ir.broadcasting import as_length
from adjoint.ir.builder import Builder
from adjoint.ir.indices import index_items, takes_all
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    For,
    Let,
    Loop,
    Next,
    Operand,
    Role,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.operands import type_of
from adjoint.ir.ops import ALIAS, call
from adjoint.ir.updates import update_at, update_place
from adjoint.ir.values import shape_of
from adjoint.ir.walk import leaf_operands, loop_leaves, operand_vars, writes
from adjoint.transform.read_parts import statement_of

__all__ = ["elements_read"]

_ADDS = (update_at("+"), update_place("+"))


def elements_read(
    builder: Builder,
    g: Operand,
    known: Callable[[Operand], Operand | None],
    chosen: bool = False,
) -> Operand | None:
    """Which elements of an array a cotangent `g` is of, by truth values that loops note.

    The statements of the block that is being written, which made the cotangent, are written again.
    None where it was not put together by loops and branches, or surely of all elements. Of what
    they began with it is `known`, where that is not zeros. Asked for what is `chosen`, it is None
    too where something is added without a condition.
    """
    if not isinstance(g, Var) or g in builder.definitions:
        return None
    sites: list[_Site] = []
    origin, statements = _origin(builder.statements, g, sites), builder.statements
    if origin is None or not _may_be_some(sites, g, builder.facts):
        return None
    if chosen and not all(site.is_under_branch for site in sites):
        return None
    begin = next((k for k, each in enumerate(statements) if _adds_to(each, origin)), None)
    if begin is None:
        return None
    behind = statements[begin:]
    del statements[begin:]
    first = statement_of(builder, origin)
    if first is not None and first.op.function is np.zeros_like:
        name, dtype = f"{g.name}_read" if g.name else "", (("dtype", Const(bool)),)
        with builder.at(first.place):
            before: Operand | None = builder.let(
                call(np.zeros_like), first.args, dtype, name=name, role=Role.PRIMAL
            )
    else:
        before = known(origin)
    if before is None:
        statements += behind
        return None
    return _Notes(builder).through(behind, origin, before)[1]


# -- where a cotangent comes from ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Site:
    """Where something is added: at which index, under which loops and how many branches."""

    index: Operand
    loops: tuple[Loop, ...]
    is_under_branch: bool


def _origin(
    statements: Sequence[Statement],
    value: Operand,
    sites: list[_Site],
    loops: tuple[Loop, ...] = (),
) -> Operand | None:
    """What a value was before it was added to, and where that was; None if it is something else."""
    for statement in reversed(statements):
        match statement:
            case Let(target, op, args) if target is value:
                if op in _ADDS and len(args) == 3:
                    is_chosen = _choice_of(statements, statement) is not None
                    sites.append(_Site(args[1], loops, is_chosen))
                elif op != ALIAS:
                    return value
                value = args[0]
            case Loop(_, params, inits, body, outs) if value in outs:
                k = outs.index(value)
                if not isinstance(body.leaf, Next) or [*loop_leaves(body)] != [body.leaf]:
                    return None
                within, last = (*loops, statement), body.leaf.values[k]
                if _origin(body.statements, last, sites, within) is not params[k]:
                    return None
                value = inits[k]
            case Branch(_, then, other, joins) if value in joins:
                j = joins.index(value)
                before = _before_branch(then, other, j, sites, loops)
                if before is None:
                    return None
                value = before
    return value


def _before_branch(
    then: Block, other: Block, j: int, sites: list[_Site], loops: tuple[Loop, ...]
) -> Operand | None:
    """The same of a branch; what both of its arms add to is added to in any case."""
    if not isinstance(then.leaf, Yield) or not isinstance(other.leaf, Yield):
        return None
    within: tuple[list[_Site], list[_Site]] = [], []
    first = _origin(then.statements, then.leaf.values[j], within[0], loops)
    second = _origin(other.statements, other.leaf.values[j], within[1], loops)
    places = [{likeness(site.index) for site in arm if not site.is_under_branch} for arm in within]
    for site in (*within[0], *within[1]):
        in_any_case = likeness(site.index) in places[0] & places[1]
        sites.append(site if in_any_case else replace(site, is_under_branch=True))
    return first if first is second else None


# -- whether it is of all elements -----------------------------------------------------------------


def _may_be_some(sites: Sequence[_Site], g: Var, facts: Facts) -> bool:
    """Whether what is added to may be some of the elements.

    Neighbours that are read in each trip, ``y[i]`` and ``y[i - 1]``, are taken to be all together.
    """
    if not sites or any(_is_all(site, g, facts) for site in sites):
        return False
    in_turn = [_is_in_turn(site) for site in sites]
    return any(in_turn) or (
        len(sites) == 1 and all(isinstance(loop.head, For) for loop in sites[0].loops)
    )


def _is_in_turn(site: _Site) -> bool:
    """Whether what a trip reads depends on its number, or a condition, by more than its place."""
    if site.is_under_branch:
        return True
    numbers = [loop.head.index for loop in site.loops if isinstance(loop.head, For)]
    bounds = [
        end
        for loop in site.loops
        if isinstance(loop.head, For)
        for end in (loop.head.start, loop.head.stop)
    ]
    slices = [item for item in index_items(site.index) if not isinstance(item, Var)]
    return any(v in numbers for operand in (*bounds, *slices) for v in operand_vars(operand))


def _is_all(site: _Site, g: Var, facts: Facts) -> bool:
    """Whether the trips of loops surely come to all elements."""
    shape = shape_of(g.type)
    if site.is_under_branch or shape is None:
        return False
    heads = {loop.head.index: loop.head for loop in site.loops if isinstance(loop.head, For)}
    for length, item in zip(shape, index_items(site.index), strict=False):
        head = heads.get(item) if isinstance(item, Var) else None
        if head is None:
            if not takes_all(item):
                return False
            continue
        stop = as_length(head.stop)
        begins = isinstance(head.start, Const) and head.start.value == 0
        if not begins or stop is None or facts.equal(stop, length) is not True:
            return False
    return True


# -- the loops written again -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Notes:
    """Writes statements again, with notes of what they add to."""

    builder: Builder

    def through(
        self, statements: Sequence[Statement], value: Operand, read: Operand
    ) -> tuple[Operand, Operand]:
        """Write statements that add to `value`, and note that in `read`; what these are then."""
        chosen: dict[Statement, tuple[Let, int]] = {}
        for each in statements:
            choice = _choice_of(statements, each)
            if choice is not None and isinstance(each, Let):
                chosen[choice[0]] = each, choice[1]
        for statement in statements:
            match statement:
                case Let(Var() as target, op, (of, *rest)) if of is value:
                    self.builder.append(statement)
                    if op in _ADDS and len(rest) == 2 and not _choice_of(statements, statement):
                        read = self._note(statement, read, rest[0])
                    value = target if op in (*_ADDS, ALIAS) else value
                case Branch() if statement in chosen:
                    read = self._in_arm(statement, *chosen[statement], read)
                case Loop() if (k := _place(statement, value)) is not None:
                    value, read = self._loop(statement, k, read)
                case Branch() if (k := _place(statement, value)) is not None:
                    value, read = self._branch(statement, k, value, read)
                case _:
                    self.builder.append(statement)
        return value, read

    def _note(self, update: Let, read: Operand, index: Operand) -> Var:
        args, type_ = (read, index, Const(True)), type_of(read)
        with self.builder.at(update.place):
            return self.builder.let(update_place(), args, type_=type_, role=Role.PRIMAL)

    def _like(self, read: Operand) -> Var:
        name = read.name if isinstance(read, Var) else ""
        return self.builder.var(type_of(read), name, Role.PRIMAL)

    def _block(self, block: Block, value: Operand, read: Operand) -> Block:
        """A block that hands on the notes too."""
        assert isinstance(block.leaf, Yield | Next)
        with self.builder.block() as statements:
            _, noted = self.through(block.statements, value, read)
        return Block(tuple(statements), replace(block.leaf, values=(*block.leaf.values, noted)))

    def _loop(self, loop: Loop, k: int, read: Operand) -> tuple[Operand, Operand]:
        param, out = self._like(read), self._like(read)
        body = self._block(loop.body, loop.params[k], param)
        params, inits = (*loop.params, param), (*loop.inits, read)
        again = replace(loop, params=params, inits=inits, body=body, outs=(*loop.outs, out))
        self.builder.append(again)
        return loop.outs[k], out

    def _branch(
        self, branch: Branch, k: int, value: Operand, read: Operand
    ) -> tuple[Operand, Operand]:
        join = self._like(read)
        then, other = (self._block(arm, value, read) for arm in (branch.then, branch.other))
        again = replace(branch, then=then, other=other, joins=(*branch.joins, join))
        self.builder.append(again)
        return branch.joins[k], join

    def _in_arm(self, branch: Branch, update: Let, k: int, read: Operand) -> Operand:
        """Note in the arm of a branch what is added to behind it."""
        arms, join = [branch.then, branch.other], self._like(read)
        for number, arm in enumerate(arms):
            with self.builder.block() as statements:
                for statement in arm.statements:
                    self.builder.append(statement)
                noted = self._note(update, read, update.args[1]) if number == k else read
            leaf = Yield((*leaf_operands(arm.leaf), noted))
            arms[number] = Block(tuple(statements), leaf)
        then, other = arms
        again = replace(branch, then=then, other=other, joins=(*branch.joins, join))
        self.builder.append(again)
        return join


def _choice_of(statements: Sequence[Statement], update: Statement) -> tuple[Branch, int] | None:
    """The branch of which an arm has what is added, where the other has 0, and which arm that is.

    It stands before the update, and what the index reads is there already.
    """
    if not isinstance(update, Let) or update.op not in _ADDS or len(update.args) != 3:
        return None
    _, index, added = update.args
    begin = statements.index(update)
    for place in reversed(range(begin)):
        branch = statements[place]
        if not isinstance(branch, Branch) or added not in branch.joins:
            continue
        j = branch.joins.index(added)
        between = {v for s in statements[place:begin] for v in writes(s)}
        if any(v in between for v in operand_vars(index)):
            return None
        leaves = branch.then.leaf, branch.other.leaf
        values = [leaf.values[j] for leaf in leaves if isinstance(leaf, Yield)]
        zeros = [isinstance(value, Const) and not value.value for value in values]
        return (branch, zeros.index(False)) if sorted(zeros) == [False, True] else None
    return None


def _adds_to(statement: Statement, value: Operand) -> bool:
    """Whether a statement adds to a value, or gives it another name."""
    if isinstance(statement, Let):
        is_of = bool(statement.args) and statement.args[0] is value
        return is_of and statement.op in (*_ADDS, ALIAS)
    return _place(statement, value) is not None


def _place(statement: Loop | Branch, value: Operand) -> int | None:
    """Which of its results a loop or branch makes by adding to a value."""
    results = statement.outs if isinstance(statement, Loop) else statement.joins
    found = (k for k, each in enumerate(results) if _origin((statement,), each, []) is value)
    return next(found, None)

"""Which variables have a value on the path that the backward sweep is on.

A variable that is defined in an arm has none elsewhere, and neither has a name that one arm leaves
without a value; its adjoint is zero where it has one, and nothing at all where it has not::

    if positive:                          d_t = 0, like t           if positive:
        t = log(v)                ->                           ->       d_t = 0, like t
    for i in range(n): … t …              for i …: … d_t …          for i …: … d_t …
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from adjoint.ir.builder import Builder
from adjoint.ir.nodes import (
    UNDEF,
    Block,
    Branch,
    Loop,
    Operand,
    Statement,
    Stop,
    Undef,
    Var,
    Yield,
)
from adjoint.ir.operands import type_of
from adjoint.ir.walk import all_reads, blocks, leaf_operands, targets
from adjoint.transform.attempts import failure, way_taken

__all__ = ["Paths", "paths_of"]


@dataclass(frozen=True, slots=True)
class _Joined:
    """A join that one of the arms leaves without a value, or may: its test, and its values."""

    test: Operand
    values: tuple[Operand, ...]


@dataclass(eq=False)
class Paths:
    """Where variables have a value.

    Attributes
    ----------
    ways
        Of each variable that is defined in an arm: the tests and numbers of the arms around it.
    joined
        The joins that may have no value.
    late
        What is carried, and has no value in the first trip of its loop.
    here
        The tests and numbers of the arms around what is written.
    """

    ways: Mapping[Var, Mapping[Operand, int]]
    joined: Mapping[Var, _Joined]
    late: frozenset[Var] = frozenset()
    here: dict[Operand, int] = field(default_factory=dict)

    @contextmanager
    def inside(self, test: Operand, number: int) -> Iterator[None]:
        """Write in an arm of a branch by this test."""
        outer, self.here = self.here, {**self.here, test: number}
        yield
        self.here = outer

    def may_be_bound(self, variable: Operand) -> bool:
        """Whether a variable can have a value here."""
        if not isinstance(variable, Var):
            return not isinstance(variable, Undef)
        if any(self.here.get(test, k) != k for test, k in self.ways.get(variable, {}).items()):
            return False
        joined = self.joined.get(variable)
        if joined is None:
            return True
        possible = map(self.may_be_bound, joined.values)
        return any(p for k, p in enumerate(possible) if self.here.get(joined.test, k) == k)

    def is_bound(self, variable: Operand) -> bool:
        """Whether a variable surely has a value here."""
        if not isinstance(variable, Var):
            return not isinstance(variable, Undef)
        if any(self.here.get(test) != k for test, k in self.ways.get(variable, {}).items()):
            return False
        joined = self.joined.get(variable)
        if joined is None:
            return variable not in self.late
        sure = map(self.is_bound, joined.values)
        return all(s for k, s in enumerate(sure) if self.here.get(joined.test, k) == k)

    def where_bound(self, builder: Builder, like: Var, make: Callable[[], Operand]) -> Operand:
        """What `make` writes of a variable, where that has a value."""
        with builder.block() as statements:
            made = make()
        if any(like in all_reads(statement) for statement in statements):
            return self._made(builder, like, like, make)
        builder.statements.extend(statements)
        return made

    def _made(
        self, builder: Builder, value: Operand, like: Var, make: Callable[[], Operand]
    ) -> Operand:
        """What `make` writes of `like`, where `value` is there: that is the value of `like`."""
        if not self.may_be_bound(value):
            return UNDEF
        if not isinstance(value, Var):
            return make()
        for test, number in self.ways.get(value, {}).items():
            if test not in self.here:
                values = [value if k == number else UNDEF for k in range(2)]
                return self._by_test(builder, test, values, like, make)
        joined = self.joined.get(value)
        if joined is None:
            return make()
        if joined.test in self.here:
            return self._made(builder, joined.values[self.here[joined.test]], like, make)
        return self._by_test(builder, joined.test, joined.values, like, make)

    def _by_test(
        self,
        builder: Builder,
        test: Operand,
        values: Sequence[Operand],
        like: Var,
        make: Callable[[], Operand],
    ) -> Operand:
        arms, made = [], []
        for number, value in enumerate(values):
            with self.inside(test, number), builder.block() as statements:
                made.append(self._made(builder, value, like, make))
            arms.append(Block(tuple(statements), Yield((made[-1],))))
        type_ = next(type_of(each) for each in made if not isinstance(each, Undef))
        join = builder.var(type_, like.name)
        builder.append(Branch(test, arms[0], arms[1], (join,), builder.place))
        return join


def paths_of(body: Block) -> Paths:
    """Where the variables of a body have a value."""
    ways: dict[Var, Mapping[Operand, int]] = {}
    joined: dict[Var, _Joined] = {}
    late: set[Var] = set()
    _note(body, {}, ways, joined, late)
    return Paths(ways, joined, frozenset(late))


def _note(
    block: Block,
    way: Mapping[Operand, int],
    ways: dict[Var, Mapping[Operand, int]],
    joined: dict[Var, _Joined],
    late: set[Var],
) -> None:
    for statement in block.statements:
        if way:
            ways.update(dict.fromkeys(targets(statement), way))
        if isinstance(statement, Loop):
            inits = zip(statement.params, statement.outs, statement.inits, strict=True)
            for param, out, init in inits:
                if isinstance(init, Undef) or init in joined or init in late:
                    late.update((param, out))
        test = _test(statement)
        for number, inner in enumerate(blocks(statement)):
            deeper = way if test is None else {**way, test: number}
            _note(inner, deeper, ways, joined, late)
        if isinstance(statement, Branch) and test is not None:
            joined.update(_joined(statement, test, {*joined, *late}))


def _test(statement: Statement) -> Operand | None:
    """What tells the way through a branch; where one arm raises, there is one way behind it."""
    if not isinstance(statement, Branch):
        return None
    told = statement.style != "try" or failure(statement)
    one_way = any(map(_raises, (statement.then, statement.other)))
    return way_taken(statement) if told and not one_way else None


def _raises(arm: Block) -> bool:
    last = arm.statements[-1] if arm.statements else None
    if not isinstance(arm.leaf, Stop):
        return False
    return not isinstance(last, Branch) or (_raises(last.then) and _raises(last.other))


def _joined(
    branch: Branch, test: Operand, before: Container[Operand]
) -> Iterator[tuple[Var, _Joined]]:
    """The joins of a branch that may have no value."""
    leaves = (branch.then.leaf, branch.other.leaf)
    if not all(isinstance(leaf, Yield) for leaf in leaves):
        return
    for join, *values in zip(branch.joins, *map(leaf_operands, leaves), strict=True):
        if any(isinstance(value, Undef) or value in before for value in values):
            yield join, _Joined(test, tuple(values))

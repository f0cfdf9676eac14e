"""Random programs compute the same after every pass, and leave their arguments alone."""

from __future__ import annotations

import operator as o
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adjoint.ir.check import verify
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Function, Next, Pack, Var, Yield
from adjoint.ir.show import show
from adjoint.ir.values import BOOL, FLOAT
from adjoint.optimise import PASSES
from tests.optimise.writer import VECTOR, Writer, ended, evaluate
from tests.sampling import EVERY

BINARY = (o.add, o.add, o.sub, o.mul)


class _Grower:
    """Writes statements that draw their operands from what is visible."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.w = Writer(("x", VECTOR), ("y", VECTOR), ("c", BOOL), ("a", FLOAT))
        self.arrays: list[Var] = list(self.w.params[:2])
        self.numbers: list[Var] = [self.w.params[3]]
        self.local: list[list[Var]] = [[]]

    def pick(self, pool: list[Any]) -> Any:
        return pool[-1 - min(self.draw(st.integers(0, 3)), len(pool) - 1)]

    def grow(self, count: int, depth: int) -> None:
        for _ in range(count):
            kinds = ["sum", "sum", "number", "view", "one", "place", "scalar", "forget"]
            kind = self.draw(st.sampled_from(kinds + (["loop", "branch", "loop"] if depth else [])))
            getattr(self, kind)(depth) if kind in ("loop", "branch") else getattr(self, kind)()

    def add(self, made: Var) -> None:
        self.arrays.append(made)
        self.local[-1].append(made)

    def sum(self) -> None:
        made = self.w(
            self.draw(st.sampled_from(BINARY)), *(self.pick(self.arrays) for _ in "ab"), name="x"
        )
        self.add(made)

    def number(self) -> None:
        value = self.draw(st.sampled_from([1.0, 2.0, -1.0, 0.5, -3, 0.0]))
        args = [self.pick(self.arrays), Const(value)]
        if self.draw(st.booleans()):
            args.reverse()
        self.add(self.w(self.draw(st.sampled_from(BINARY)), *args, name="x"))

    def scalar(self) -> None:
        args = self.pick(self.numbers), self.pick([*self.numbers, 2.0])
        self.numbers.append(self.w(self.draw(st.sampled_from(BINARY)), *args, name="a"))

    def one(self) -> None:
        function = self.draw(st.sampled_from([o.neg, o.neg, np.tanh, np.zeros_like]))
        self.add(self.w(function, self.pick(self.arrays), name="x"))

    def view(self) -> None:
        of = self.pick(self.arrays)
        which = self.draw(st.integers(0, 3))
        if which == 0:
            self.add(self.w(o.getitem, of, slice(None, None, None), name="x"))
        elif which == 1:
            self.add(self.w(np.reshape, of, -1, name="x"))
        elif which == 2:
            self.add(self.w.alias(of, "x"))
        else:
            self.add(self.w.method(np.copy, "copy", of))

    def place(self) -> None:
        """An update of a value that no one may name any more."""
        if not self.local[-1]:
            return
        old = self.pick(self.local[-1])
        self.arrays.remove(old)
        self.local[-1].remove(old)
        e = self.pick([*self.numbers, 1.5])
        self.add(self.w.place("+", old, slice(1, 3), e))

    def forget(self) -> None:
        """What is not visible any more can be written."""
        while len(self.arrays) > 3 and self.arrays[-2] in self.local[-1]:
            gone = self.arrays.pop(-2)
            self.local[-1].remove(gone)

    def inside(self, depth: int, extra: list[Var]) -> list[Var]:
        """Statements of a block, and the arrays that it ends with."""
        arrays, numbers = list(self.arrays), list(self.numbers)
        self.local.append(list(extra))
        self.arrays += extra
        self.grow(self.draw(st.integers(1, 5)), depth - 1)
        ends = [self.pick(self.arrays) for _ in range(2)]
        self.local.pop()
        self.arrays, self.numbers = arrays, numbers
        return ends

    def loop(self, depth: int) -> None:
        params = [self.w.var(VECTOR, "x") for _ in range(2)]
        inits = [self.pick(self.arrays) for _ in params]
        with self.w.block() as body:
            block = ended(body, Next(tuple(self.inside(depth, params))))
            block = ended(list(body), block.leaf)
        for out in self.w.loop(params, inits, block):
            self.add(out)

    def branch(self, depth: int) -> None:
        joins = [self.w.var(VECTOR, "x") for _ in range(2)]
        arms = []
        for _ in range(2):
            with self.w.block() as statements:
                ends = self.inside(depth, [])
                arms.append(ended(list(statements), Yield(tuple(ends))))
        self.w.branch(self.w.params[2], *arms, *joins)
        for join in joins:
            self.add(join)


@dataclass(repr=False)
class Case:
    """A program; a failure shows its text."""

    function: Function
    facts: Facts

    def __repr__(self) -> str:
        return f"\n{show(self.function)}\n"


@st.composite
def programs(draw: Any) -> Case:
    grower = _Grower(draw)
    if draw(st.booleans()):
        grower.sum()
    grower.w.backward()
    grower.local[-1].clear()
    grower.grow(draw(st.integers(2, 10)), 2)
    result = Pack("tuple", (grower.pick(grower.arrays), grower.pick(grower.numbers)))
    return Case(grower.w.function(result), grower.w.facts)


def run(function: Function, test: bool) -> list[Any]:
    args = [np.linspace(-1, 1, 5), np.linspace(0.5, 2, 5), test, 0.75]
    with np.errstate(all="ignore"):
        result, number = evaluate(function, *args)
    return [np.array(result), number, args[0], args[1]]


def functional(function: Function, test: bool) -> list[Any]:
    """What the function computes if an update makes new memory, as its values say."""
    args = [np.linspace(-1, 1, 5), np.linspace(0.5, 2, 5), test, 0.75]
    with np.errstate(all="ignore"):
        result, number = evaluate(function, *args, in_place=False)
    return [np.array(result), number, np.linspace(-1, 1, 5), np.linspace(0.5, 2, 5)]


@settings(max_examples=300 if EVERY else 120, deadline=None)
@given(programs())
def test_passes_keep_the_meaning(case):
    function, facts = case.function, case.facts
    verify(function)
    expected = {test: functional(function, test) for test in (True, False)}
    for pass_, _ in PASSES:
        before, function = function, pass_(function, facts)
        try:
            verify(function)
            for test in (True, False):
                is_last = pass_ is PASSES[-1][0]
                actual = run(function, test) if is_last else functional(function, test)
                for a, b in zip(actual, expected[test], strict=True):
                    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{show(before)}\n{show(function)}") from error

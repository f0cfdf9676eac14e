"""Trips that leave their loop in an arm, not by a flag at the end."""

from __future__ import annotations

import operator as o

import pytest

from adjoint.ir.check import verify
from adjoint.ir.nodes import Block, Branch, Exit, Function, Loop, Next, Stop, Var, Yield
from adjoint.ir.values import BOOL, FLOAT, INT
from adjoint.ir.walk import all_statements
from adjoint.optimise.threading import thread_exits
from tests.optimise.writer import Writer, ended, evaluate, operand


def compared(w: Writer, code: Var, number: int) -> Var:
    return w(o.eq, code, number, type_=BOOL)


def tail(w: Writer, code: Var, value: Var) -> None:
    """The end of a trip: left by `code`, with `value`."""
    with w.block() as rest:
        left = ended([], Exit(1, "break", (value,)))
        w.branch(compared(w, code, 1), left, ended([], Next((value,))))
        second = ended(rest, Stop())
    w.branch(compared(w, code, 2), ended([], Exit(2, "return", (value,))), second)


def loop(w: Writer, *, keeps_flag: bool = False) -> Function:
    """Multiply by a; leave with 2 above 50, by 1 above 20 after adding one; else add two."""
    (a,) = w.params
    x, kept = w.var(FLOAT, "x"), w.var(INT, "k")
    code = Var(10_000, "", INT)
    with w.block() as body:
        y = w(o.mul, x, a)
        with w.block() as other:
            with w.block() as low:
                z = w(o.add, y, 1.0)
                then = ended(low, Yield((1, z)))
            with w.block() as high:
                u = w(o.add, y, 2.0)
                rest = ended(high, Yield((0, u)))
            inner, value = w.var(INT), w.var(FLOAT, "x")
            w.branch(w(o.gt, y, 20.0), _fixed(then), _fixed(rest), inner, value)
            outer = ended(other, Yield((inner, value)))
        done, result = w.var(INT, "done"), w.var(FLOAT, "x")
        w.branch(w(o.gt, y, 50.0), _fixed(ended([], Yield((2, y)))), outer, done, result)
        if keeps_flag:
            tail_kept(w, done, result, kept)
        else:
            tail(w, done, result)
        block = ended(body, Stop())
    if keeps_flag:
        out, flag = w.loop([x, kept], [1.0, 7], block, code=code)
        return w.function((out, flag, code))
    (out,) = w.loop([x], [1.0], block, code=code)
    return w.function((out, code))


def tail_kept(w: Writer, code: Var, value: Var, kept: Var) -> None:
    left = ended([], Exit(1, "break", (value, code)))
    w.branch(compared(w, code, 1), left, ended([], Next((value, kept))))


def _fixed(block: Block) -> Block:
    """The block with plain numbers among its values made constants."""
    assert isinstance(block.leaf, Yield)
    return ended(list(block.statements), Yield(tuple(map(operand, block.leaf.values))))


def threaded(function: Function) -> Function:
    verify(function)
    made = thread_exits(function, None)
    verify(made)
    return made


def joins(function: Function) -> list[int]:
    return [len(s.joins) for s in all_statements(function.body) if isinstance(s, Branch)]


@pytest.mark.parametrize("a", [1.0, 3.0, 7.0, 60.0])
def test_each_arm_ends_the_trip(a):
    function = loop(Writer(("a", FLOAT)))
    made = threaded(function)
    assert joins(function) == [2, 2, 0, 0]
    assert joins(made) == [0, 0]
    assert evaluate(made, a) == evaluate(function, a)


def test_the_ways_out_are_taken():
    made = threaded(loop(Writer(("a", FLOAT))))
    assert [evaluate(made, a)[1] for a in (1.0, 6.0, 60.0)] == [0, 1, 2]


def test_a_flag_that_is_read_elsewhere_stays():
    function = loop(Writer(("a", FLOAT)), keeps_flag=True)
    made = threaded(function)
    assert joins(made) == joins(function)
    assert isinstance(made.body.statements[0], Loop)

"""What the verifier refuses, and what it lets pass."""

from __future__ import annotations

import operator as o
from typing import Any

import pytest

from adjoint.ir.check import verify
from adjoint.ir.nodes import Exit, Let, Next, Stop, While, Yield
from adjoint.ir.values import BOOL, FLOAT, INT
from tests.optimise.writer import Writer, ended


def refuse(w: Writer, result: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message) as caught:
        verify(w.function(result))
    assert "f(x.0" in str(caught.value)


def writer() -> tuple[Writer, Any, Any]:
    w = Writer(("x", FLOAT), ("c", BOOL))
    return w, *w.params


def test_assigned_twice():
    w, x, _ = writer()
    t = w(o.add, x, x)
    w.builder.append(w.builder._statements[-1])
    refuse(w, t, "assigned twice")


def test_read_before_its_definition():
    w, x, _ = writer()
    t = w.var()
    w(o.add, t, x)
    refuse(w, x, "read where it is not defined")


def test_a_split_outside_the_body():
    w, x, _ = writer()
    w.split = 1
    refuse(w, x, "split is outside")


@pytest.mark.parametrize("which", ["param", "body", "index"])
def test_what_a_loop_defines_is_not_read_outside(which):
    w, x, _ = writer()
    p = w.var()
    with w.block() as body:
        t = w(o.add, p, x)
        block = ended(body, Next((t,)))
    w.loop([p], [x], block)
    index = w.builder._statements[-1].head.index
    refuse(w, {"param": p, "body": t, "index": index}[which], "not defined")


def test_arms():
    w, x, c = writer()
    with w.block() as then:
        t = w(o.add, x, x)
        first = ended(then, Yield((t,)))
    join = w.var()
    w.branch(c, first, ended([], Yield((x,))), join)
    with w.block() as then:
        first = ended(then, Yield((w(o.mul, t, join),)))
    end = w.var()
    w.branch(c, first, ended([], Yield((join,))), end)
    verify(w.function(end))


def test_the_sibling_arm_is_not_read():
    w, x, c = writer()
    with w.block() as then:
        t = w(o.add, x, x)
        first = ended(then, Yield((t,)))
    join = w.var()
    w.branch(c, first, ended([], Yield((t,))), join)
    refuse(w, join, "not defined")


def test_counts():
    w, x, c = writer()
    join = w.var()
    w.branch(c, ended([], Yield((x, x))), ended([], Yield((x,))), join)
    refuse(w, join, "yield of 2 values where 1 go")
    w, x, c = writer()
    (out,) = w.loop([w.var()], [x], ended([], Next(())))
    refuse(w, out, "next of 0 values where 1 go")
    w, x, c = writer()
    (out,) = w.loop([w.var()], [x], ended([], Exit(1, "break", (x, x))))
    refuse(w, out, "exit of 2 values where 1 go")
    w, x, c = writer()
    (out,) = w.loop([w.var()], [], ended([], Next((x,))))
    refuse(w, out, "params and inits")
    w, x, c = writer()
    w.branch(c, ended([], Next((x,))), ended([], Yield(())))
    refuse(w, x, "next outside of a loop")


def test_exits_have_codes_of_their_own():
    w, x, c = writer()
    with w.block() as body:
        exits = [ended([], Exit(1, "break", ())) for _ in range(2)]
        w.branch(c, *exits)
        block = ended(body, Stop())
    w.loop([], [], block, code=w.var(INT))
    refuse(w, x, "two exits")
    w, x, c = writer()
    w.loop([], [], ended([], Exit(0, "break", ())))
    refuse(w, x, "code 0")


def test_nothing_follows_arms_that_have_left():
    w, x, c = writer()
    with w.block() as body:
        w.branch(c, ended([], Next(())), ended([], Exit(1, "break", ())))
        w(o.add, x, x)
        block = ended(body, Next(()))
    w.loop([], [], block)
    refuse(w, x, "never reached")


def test_a_test_is_read_by_the_trip_it_begins():
    w, x, _ = writer()
    p = w.var()
    with w.block() as test:
        t = w(o.lt, p, 3.0)
        head = While(ended(test, Yield((t,))))
    with w.block() as body:
        block = ended(body, Next((w(o.add, p, t),)))
    (out,) = w.loop([p], [x], block, head)
    verify(w.function(out))


def test_an_update_takes_its_operand_over():
    w, x, _ = writer()
    d = w(o.mul, x, 2.0)
    e = w.update("+", d, x)
    verify(w.function(e))
    refuse(w, d, "read after it was updated")
    w, x, _ = writer()
    with w.block() as body:
        block = ended(body, Next((w.update("+", x, 1.0),)))
    (out,) = w.loop([w.var()], [1.0], block)
    refuse(w, out, "updated in a loop")


@pytest.mark.parametrize("after", ["branch", "plain"])
def test_an_update_in_one_arm(after):
    w, x, c = writer()
    d = w(o.mul, x, 2.0)
    with w.block() as then:
        first = ended(then, Yield((w.update("+", d, x),)))
    join = w.var()
    w.branch(c, first, ended([], Yield((d,))), join)
    if after == "plain":
        refuse(w, w(o.add, d, join), "read after it was updated")
        return
    end = w.var()
    w.branch(c, ended([], Yield((join,))), ended([], Yield((d,))), end)
    verify(w.function(end))


def test_an_update_without_a_target():
    w, x, _ = writer()
    d = w(o.mul, x, 2.0)
    w.update("+", d, x)
    let = w.builder._statements.pop()
    w.builder.append(Let(None, let.op, let.args, (), let.place))
    refuse(w, x, "without a target")

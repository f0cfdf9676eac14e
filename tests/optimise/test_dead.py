"""What goes and what stays when nothing needs it."""

from __future__ import annotations

import operator as o
from typing import Any

import numpy as np

from adjoint.ir.check import verify
from adjoint.ir.nodes import UNDEF, Const, Exit, Function, Loop, Next, Stop, Var, While, Yield
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import BOOL, FLOAT, INT, UNKNOWN
from adjoint.ir.walk import all_statements
from adjoint.optimise.dead import remove_dead
from tests.optimise.writer import VECTOR, Writer, ended, evaluate, names_of

POP = Op(list.pop, Form.METHOD, "pop", effect=True)


def alive(w: Writer, result: Any) -> Function:
    function = w.function(result)
    verify(function)
    made = remove_dead(function, w.facts)
    verify(made)
    return made


def test_unused_arithmetic_goes_and_the_split_moves():
    w = Writer(("x", VECTOR))
    (x,) = w.params
    w(np.sum, w(np.sin, x))
    kept = w(np.cos, x)
    w.backward()
    w(np.sin, kept)
    made = alive(w, w(o.mul, kept, 2))
    assert names_of(made) == ["cos", "*"]
    assert made.split == 1


def test_what_may_raise_stays_in_the_forward_sweep_only():
    w = Writer(("x", UNKNOWN), ("y", FLOAT))
    x, y = w.params
    w(np.sin, x)
    w(o.truediv, 1.0, y)
    w.effect(print, x)
    w.backward()
    w(np.sin, x)
    w(o.truediv, 1.0, y)
    w.effect(print, x)
    assert names_of(alive(w, y)) == ["sin", "/", "print", "print"]


def test_a_division_that_is_made_again_goes():
    w = Writer(("x", FLOAT), ("y", FLOAT))
    x, y = w.params
    w(o.truediv, x, y)
    w(o.truediv, y, x)
    w.backward()
    made = alive(w, w(o.truediv, 2.0, y))
    assert [s.args[1] for s in made.body.statements] == [x, y]


def test_a_division_in_an_arm_does_not_stand_for_one_outside():
    w = Writer(("x", FLOAT), ("c", BOOL))
    x, c = w.params
    w(o.truediv, 1.0, x)
    w.backward()
    with w.block() as then:
        t = w(o.truediv, 2.0, x)
        first = ended(then, Yield((t,)))
    join = w.var()
    w.branch(c, first, ended([], Yield((x,))), join)
    assert names_of(alive(w, join)) == ["/"]


def _loop(w: Writer, x: Var) -> tuple[Var, ...]:
    """Two carried variables: one feeds the other, one feeds itself."""
    p, q = w.var(name="p"), w.var(name="q")
    with w.block() as body:
        a, b = w(o.mul, p, 2.0), w(o.add, q, x)
        block = ended(body, Next((a, b)))
    return w.loop([p, q], [1.0, 0.0], block)


def test_a_carried_variable_that_feeds_itself_goes():
    w = Writer(("x", FLOAT))
    _, out = _loop(w, *w.params)
    made = alive(w, out)
    (loop,) = made.body.statements
    assert isinstance(loop, Loop)
    assert [v.name for v in loop.params] == ["q"]
    assert len(loop.body.statements) == 1
    assert evaluate(made, 2.0) == 6.0


def test_a_loop_that_computes_nothing_goes_but_not_one_that_may_raise():
    w = Writer(("x", FLOAT))
    _loop(w, *w.params)
    assert alive(w, w.params[0]).body.statements == ()
    w = Writer(("x", UNKNOWN))
    _loop(w, *w.params)
    assert len(alive(w, w.params[0]).body.statements) == 1


def _while(w: Writer, x: Var, code: Var | None) -> tuple[Var, ...]:
    p = w.var(name="p")
    with w.block() as test:
        t = w(o.lt, p, 5.0)
        head = While(ended(test, Yield((t,))))
    with w.block() as body:
        c = w(o.gt, p, x)
        with w.block() as then:
            one = ended(then, Exit(1, "break", (w(o.neg, p),)))
        with w.block() as other:
            two = ended(other, Next((w(o.add, p, 1.0),)))
        w.branch(c, one, two)
        block = ended(body, Stop())
    return w.loop([p], [0.0], block, head, code)


def test_what_decides_how_a_loop_ends_stays_with_it():
    w = Writer(("x", FLOAT))
    code = w.var(INT, "code")
    _while(w, w.params[0], code)
    made = alive(w, code)
    assert evaluate(made, 2.0) == 1
    assert evaluate(made, 9.0) == 0
    exits = next(s for s in all_statements(made.body) if isinstance(s, Loop)).body.statements[1]
    assert exits.then.leaf.values == (UNDEF,)
    assert exits.then.statements == ()


def test_an_unread_code_and_a_pure_while_go():
    w = Writer(("x", FLOAT))
    (out,) = _while(w, w.params[0], w.var(INT, "code"))
    made = alive(w, out)
    (loop,) = made.body.statements
    assert loop.code is None
    assert evaluate(made, 2.0) == -3.0
    w = Writer(("x", FLOAT))
    _while(w, w.params[0], None)
    assert alive(w, w.params[0]).body.statements == ()


def test_unread_joins_go():
    w = Writer(("x", FLOAT), ("c", BOOL))
    x, c = w.params
    with w.block() as then:
        first = ended(then, Yield((w(np.sin, x), x)))
    a, b = w.var(), w.var()
    w.branch(c, first, ended([], Yield((x, Const(1.0)))), a, b)
    made = alive(w, b)
    (branch,) = made.body.statements
    assert branch.joins == (b,)
    assert branch.then.statements == ()


def _stacks(test_reads: bool) -> tuple[Writer, Var]:
    w = Writer(("x", FLOAT))
    (x,) = w.params
    used, unused = w.stack("a"), w.stack("b")
    with w.block() as body:
        w.push(used, x)
        w.push(unused, x)
        block = ended(body, Next(()))
    w.loop([], [], block)
    w.backward()
    p = w.var(name="d")
    with w.block() as test:
        head = While(ended(test, Yield((unused if test_reads else used,))))
    with w.block() as body:
        value = w.pop(used)
        w.pop(unused)
        block = ended(body, Next((w(o.add, p, value),)))
    (out,) = w.loop([p], [0.0], block, head)
    return w, out


def _calls(function: Function) -> list[str]:
    return [s.op.name for s in all_statements(function.body) if hasattr(s, "op")]


def test_a_stack_that_no_one_reads_goes():
    w, out = _stacks(test_reads=False)
    made = alive(w, out)
    assert _calls(made) == ["", "append", "pop", "+"]
    assert made.split == 2
    assert evaluate(made, 2.0) == 6.0


def test_a_stack_that_a_test_reads_stays():
    w, out = _stacks(test_reads=True)
    made = alive(w, out)
    assert _calls(made) == ["", "", "append", "append", "pop", "pop", "+"]
    assert evaluate(made, 2.0) == 6.0


def test_a_stack_known_under_two_names_stays():
    w = Writer(("x", FLOAT))
    outer, inner = w.stack("a"), w.stack("b")
    w.push(inner, w.params[0])
    w.push(outer, inner)
    w.backward()
    again = w.builder.let(POP, (outer,), name="b", type_=inner.type, role=inner.role)
    w.pop(again)
    assert _calls(alive(w, w.params[0])) == ["", "", "append", "append", "pop", "pop"]


def test_long_chains_of_arms():
    w = Writer(("x", FLOAT), ("c", BOOL))
    x, c = w.params
    block = ended([], Yield((x,)))
    for _ in range(1000):
        join, dead = w.var(), w.var()
        with w.block() as other:
            w(np.sin, x)
            w.branch(c, ended([], Yield((x, x))), _twice(block), join, dead)
            block = ended(other, Yield((join,)))
    join = w.var()
    w.branch(c, ended([], Yield((x,))), block, join)
    made = alive(w, join)
    assert evaluate(made, 1.0, True) == 1.0


def _twice(block: Any) -> Any:
    return ended(block.statements, Yield(block.leaf.values * 2))

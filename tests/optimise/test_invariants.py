"""Carried variables that never change."""

from __future__ import annotations

import operator as o

from adjoint.ir.check import verify
from adjoint.ir.nodes import UNDEF, Exit, Function, Loop, Next, Stop, Var, Yield
from adjoint.ir.values import BOOL, FLOAT
from adjoint.optimise.invariants import remove_invariants
from tests.optimise.writer import VECTOR, Writer, ended, evaluate, operand


def reduced(w: Writer, result: object) -> Function:
    function = w.function(result)
    verify(function)
    made = remove_invariants(function, w.facts)
    verify(made)
    return made


def carried(function: Function) -> list[str]:
    return [p.name for s in function.body.statements if isinstance(s, Loop) for p in s.params]


def test_a_constant_goes_out_of_the_loop():
    w = Writer(("a", FLOAT))
    c, s = w.var(name="c"), w.var(name="s")
    with w.block() as body:
        block = ended(body, Next((c, w(o.add, s, c))))
    c_out, s_out = w.loop([c, s], [w.params[0], 0.0], block)
    made = reduced(w, w(o.mul, c_out, s_out))
    assert carried(made) == ["s"]
    assert evaluate(made, 2.0) == 12.0


def test_nested_loops_are_done_inside_first():
    w = Writer(("a", FLOAT))
    c, d, s = w.var(name="c"), w.var(name="d"), w.var(name="s")
    with w.block() as outer:
        t = w.var(name="t")
        with w.block() as body:
            block = ended(body, Next((d, w(o.add, t, d))))
        d_out, t_out = w.loop([d, t], [c, s], block)
        outside = ended(outer, Next((d_out, t_out)))
    c_out, s_out = w.loop([c, s], [w.params[0], 0.0], outside)
    made = reduced(w, w(o.mul, c_out, s_out))
    assert carried(made) == ["s"]
    (loop, _) = made.body.statements
    assert [p.name for p in loop.body.statements[0].params] == ["t"]
    assert evaluate(made, 2.0) == 36.0


def _with_exit(w: Writer, value: object) -> tuple[Var, ...]:
    c, s = w.var(name="c"), w.var(name="s")
    a, test = w.params
    with w.block() as body:
        with w.block() as then:
            left = value if isinstance(value, Var) else c
            first = ended(then, Exit(1, "break", (left, s)))
        with w.block() as other:
            second = ended(other, Next((c, w(o.add, s, c))))
        w.branch(test, first, second)
        block = ended(body, Stop())
    return w.loop([c, s], [a, 0.0], block)


def test_a_loop_that_is_left_with_the_same_value():
    w = Writer(("a", FLOAT), ("test", BOOL))
    made = reduced(w, w(o.add, *_with_exit(w, None)))
    assert carried(made) == ["s"]
    assert evaluate(made, 2.0, True) == 2.0
    assert evaluate(made, 2.0, False) == 8.0


def test_a_loop_that_is_left_with_another_value():
    w = Writer(("a", FLOAT), ("test", BOOL))
    other = w(o.neg, w.params[0])
    made = reduced(w, w(o.add, *_with_exit(w, other)))
    assert carried(made) == ["c", "s"]
    assert evaluate(made, 2.0, True) == -2.0


def test_an_unbound_name_stays():
    w = Writer(("a", FLOAT))
    c, s = w.var(name="c"), w.var(name="s")
    with w.block() as body:
        block = ended(body, Next((c, w(o.add, s, w.params[0]))))
    outs = w.loop([c, s], [UNDEF, 0.0], block)
    assert carried(reduced(w, outs[1])) == ["c", "s"]


def test_what_is_updated_stays():
    w = Writer(("a", FLOAT), ("test", BOOL))
    c = w.var(name="c")
    with w.block() as body:
        with w.block() as then:
            first = ended(then, Exit(1, "break", (w.update("+", c, 1.0),)))
        w.branch(w.params[1], first, ended([], Next((c,))))
        block = ended(body, Stop())
    (out,) = w.loop([c], [w.params[0]], block)
    assert carried(reduced(w, out)) == ["c"]


def test_what_is_updated_after_the_loop_stays():
    w = Writer(("a", FLOAT))
    c = w.var(name="c")
    (out,) = w.loop([c], [w.params[0]], ended([], Next((c,))))
    made = reduced(w, w(o.mul, w.update("+", out, 1.0), w.params[0]))
    assert carried(made) == ["c"]


def _branch(w: Writer, first: object, second: object) -> Var:
    join = w.var(FLOAT, "y")
    arms = [ended([], Yield((operand(value),))) for value in (first, second)]
    w.branch(w.params[1], *arms, join)
    return join


def test_a_join_that_is_the_same_in_both_arms():
    w = Writer(("a", FLOAT), ("t", BOOL))
    a, _ = w.params
    made = reduced(w, w(o.add, _branch(w, a, a), _branch(w, 2.0, 2.0)))
    assert [s.joins for s in made.body.statements[:2]] == [(), ()]
    assert evaluate(made, 3.0, True) == evaluate(made, 3.0, False) == 5.0


def test_joins_that_only_look_the_same_stay():
    for first, second in ((0.0, -0.0), (1, 1.0), (UNDEF, UNDEF)):
        w = Writer(("a", FLOAT), ("t", BOOL))
        join = _branch(w, first, second)
        made = reduced(w, w.params[0] if first is UNDEF else join)
        assert len(made.body.statements[0].joins) == 1


def test_a_join_that_is_updated_stays():
    w = Writer(("a", VECTOR), ("t", BOOL))
    a, _ = w.params
    join = w.var(VECTOR, "a")
    w.branch(w.params[1], ended([], Yield((a,))), ended([], Yield((a,))), join)
    made = reduced(w, w.update("+", join, 1.0))
    assert len(made.body.statements[0].joins) == 1

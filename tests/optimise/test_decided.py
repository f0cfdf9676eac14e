"""Branches on tests of which the outcome is known."""

from __future__ import annotations

import operator as o

from adjoint.ir.check import verify
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Exit, Function, Next, Stop, Var, While, Yield
from adjoint.ir.show import show
from adjoint.ir.values import BOOL, FLOAT, INT, ListOf, Maybe
from adjoint.optimise.decided import take_decided
from tests.optimise.writer import Writer, ended, evaluate, operand


def taken(function: Function) -> str:
    """The text of what is left, which computes the same."""
    made = take_decided(function, Facts())
    verify(made)
    for a in (0.5, 2.0):
        assert evaluate(made, a) == evaluate(function, a)
    return show(made)


def joined(w: Writer, test: Var, then: object, other: object) -> Var:
    join = w.var(BOOL)
    arms = [ended([], Yield((operand(value),))) for value in (then, other)]
    w.branch(test, *arms, join)
    return join


def doubled(w: Writer, test: Var) -> Var:
    """Twice the number if a test holds, else the number."""
    (a,) = w.params
    with w.block() as then:
        b = w(o.mul, a, 2.0)
        arm = ended(then, Yield((b,)))
    join = w.var(FLOAT)
    w.branch(test, arm, ended([], Yield((a,))), join)
    return join


def test_the_same_test_inside_an_arm_is_not_asked_again() -> None:
    w = Writer(("a", FLOAT))
    (a,) = w.params
    test = w(o.gt, a, 1.0, type_=BOOL)
    with w.block() as then:
        arm = ended(then, Yield((doubled(w, test),)))
    join = w.var(FLOAT)
    w.branch(test, arm, ended([], Yield((a,))), join)
    assert taken(w.function(join)).count("if ") == 1


def test_whether_it_is_none_is_not_asked_again() -> None:
    w = Writer(("a", Maybe(FLOAT)))
    (a,) = w.params
    there = w(o.is_not, a, None, type_=BOOL)
    with w.block() as then:
        inner = w.var(FLOAT)
        w.branch(
            w(o.is_, a, None, type_=BOOL),
            ended([], Yield((operand(0.0),))),
            ended([], Yield((a,))),
            inner,
        )
        arm = ended(then, Yield((w(o.mul, inner, 2.0),)))
    join = w.var(FLOAT)
    w.branch(there, arm, ended([], Yield((operand(1.0),))), join)
    assert taken(w.function(join)).count("if ") == 1


def test_what_would_have_raised_is_not_asked_again() -> None:
    w = Writer(("a", FLOAT))
    (a,) = w.params
    test = w(o.lt, a, 0.0, type_=BOOL)
    w.branch(test, ended([], Stop()), ended([], Yield()))
    text = taken(w.function(doubled(w, test)))
    assert text.count("if ") == 1
    assert "* 2.0" not in text


def test_a_test_made_of_a_test_is_that_or_the_contrary() -> None:
    w = Writer(("a", FLOAT))
    (a,) = w.params
    test = w(o.gt, a, 1.0, type_=BOOL)
    same, contrary = joined(w, test, True, False), joined(w, test, False, True)
    text = taken(w.function((doubled(w, same), doubled(w, contrary))))
    assert text.count("if t.1") == 2


def test_an_or_that_does_not_hold_tells_of_its_parts() -> None:
    w = Writer(("a", FLOAT))
    (a,) = w.params
    first, second = w(o.gt, a, 3.0, type_=BOOL), w(o.gt, a, 1.0, type_=BOOL)
    either = joined(w, first, True, second)
    with w.block() as other:
        arm = ended(other, Yield((doubled(w, second),)))
    join = w.var(FLOAT)
    w.branch(either, ended([], Yield((a,))), arm, join)
    assert "* 2.0" not in taken(w.function(join))


def test_what_may_change_meanwhile_is_not_asked_again() -> None:
    w = Writer(("a", ListOf(FLOAT)))
    (a,) = w.params
    flag = joined(w, a, True, False)
    w.branch(flag, ended([], Stop()), ended([], Yield()))
    made = take_decided(w.function(flag), Facts())
    assert show(made).count("if a.0") == 1


def counted_down(w: Writer, ask_in_head: bool) -> Var:
    """A loop over whole numbers that stops at -1, and raises in the body where the number is that.

    Without a test in the head it is left by an exit instead.
    """
    n = w.var(INT, "n")
    with w.block() as head:
        goes_on = w(o.ne, n, -1, type_=BOOL) if ask_in_head else operand(True)
    with w.block() as body:
        w.branch(w(o.eq, n, -1, type_=BOOL), ended([], Stop()), ended([], Yield()))
        less = w(o.sub, n, 1, type_=INT)
        inner = ended([], Next((less,)))
        last = ended([], Exit(1, "break", (less,)))
        w.branch(w(o.eq, less, -1, type_=BOOL), last, inner)
        body_block = ended(body, Stop())
    code = w.var(INT)
    (out,) = w.loop([n], [3], body_block, While(ended(head, Yield((goes_on,)))), code)
    return out


def test_the_test_of_a_loop_holds_in_its_body() -> None:
    w = Writer(("a", FLOAT))
    text = taken(w.function((counted_down(w, True), w.params[0])))
    assert text.count("stop") == 1  # behind the exit


def test_what_no_trip_hands_on_is_not_asked_for() -> None:
    w = Writer(("a", FLOAT))
    text = taken(w.function((counted_down(w, False), w.params[0])))
    assert text.count("stop") == 1  # behind the exit

"""Sums in place: where the memory is ours, and where it is not."""

from __future__ import annotations

import operator as o
from typing import Any

import numpy as np
import pytest

from adjoint.ir.check import verify
from adjoint.ir.nodes import Const, Function, Let, Next, Pack, Var, Yield
from adjoint.ir.ops import Form
from adjoint.ir.values import BOOL, FLOAT
from adjoint.ir.walk import all_statements, blocks
from adjoint.optimise.ownership import own
from tests.optimise.writer import FLOAT32, VECTOR, Writer, ended, evaluate

X, Y = np.arange(5.0), np.ones(5)


def owned(w: Writer, result: Any, *args: Any) -> Function:
    """The function after the pass; it returns the same, and leaves its arguments alone."""
    function = w.function(result)
    verify(function)
    made = own(function, w.facts)
    verify(made)
    if args:
        expected = evaluate(function, *_copied(args))
        given = _copied(args)
        actual = evaluate(made, *given)
        for a, b in zip(_flat(actual), _flat(expected), strict=True):
            np.testing.assert_array_equal(a, b)
        for a, b in zip(given, args, strict=True):
            np.testing.assert_array_equal(a, b)
    return made


def _copied(args: tuple[Any, ...]) -> list[Any]:
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def _flat(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def forms(function: Function) -> list[str]:
    """The updates and copies, in order."""
    return [
        s.op.name + ("=" if s.op.updates else "")
        for s in all_statements(function.body)
        if isinstance(s, Let) and (s.op.updates or s.op.form is Form.METHOD)
    ]


def writer(*types: Any) -> tuple[Writer, Var, Var]:
    first, second = types or (VECTOR, VECTOR)
    w = Writer(("x", first), ("y", second))
    w.backward()
    return w, *w.params


def test_a_sum_into_new_memory_is_an_update():
    w, x, y = writer()
    d = w(o.mul, x, 2.0, name="x")
    d = w(o.add, d, y, name="x")
    d = w(o.sub, d, w(o.mul, x, y), name="x")
    assert forms(owned(w, d, X, Y)) == ["+=", "-="]


def test_one_line_stays_one_expression():
    w, x, y = writer()
    write = w.builder.binary
    d = write(o.add, write(o.mul, x, Const(2.0)), y)
    assert forms(owned(w, d, X, Y)) == []


@pytest.mark.parametrize("source", ["param", "view", "part", "alias", "pop", "asarray"])
def test_memory_of_someone_else_is_not_written(source):
    w, x, y = writer()
    if source == "param":
        d = w.builder.var(VECTOR, "x")
        w.params = (d, y)
    elif source == "view":
        d = w(np.transpose, x, name="x")
    elif source == "part":
        d = w(o.getitem, x, slice(None), name="x")
    elif source == "alias":
        d = w.alias(x, "x")
    elif source == "asarray":
        d = w(np.asarray, x, name="x", type_=VECTOR)
    else:
        stack = w.stack()
        w.push(stack, x)
        d = w.pop(stack, VECTOR, "x")
    assert "+=" not in forms(owned(w, w(o.add, d, y, name="x"), X, Y))


def test_a_value_that_is_read_later_is_not_written():
    w, x, y = writer()
    d = w(o.mul, x, 2.0, name="x")
    e = w(o.add, d, y, name="x")
    assert forms(owned(w, w(o.mul, d, e), X, Y)) == []


def test_a_value_with_a_view_alive_is_not_written():
    w, x, y = writer()
    d = w(o.mul, x, 2.0, name="x")
    v = w(o.getitem, d, slice(None, None, -1))
    e = w(o.add, d, y, name="x")
    assert forms(owned(w, w(o.mul, v, e), X, Y)) == []


def test_a_view_that_is_done_with_does_not_matter():
    w, x, y = writer()
    d = w(o.mul, x, 2.0, name="x")
    t = w(np.sum, w(o.getitem, d, slice(1, None)))
    e = w(o.add, d, y, name="x")
    assert forms(owned(w, w(o.mul, e, t), X, Y)) == ["+="]


def test_a_value_in_a_container_is_not_written():
    w, x, y = writer()
    d = w(o.mul, x, 2.0, name="x")
    stack = w.stack()
    w.push(stack, d)
    e = w(o.add, d, y, name="x")
    assert "+=" not in forms(owned(w, w(o.mul, w.pop(stack, VECTOR), e), X, Y))


def test_other_dtypes_and_shapes_are_not_written():
    w, x, y = writer(FLOAT32, VECTOR)
    d = w(o.mul, x, 2.0, name="x")
    assert forms(owned(w, w(o.add, d, y, name="x"), X.astype(np.float32), Y)) == []
    w, x, y = writer(FLOAT, VECTOR)
    d = w(o.mul, x, 2.0, name="x")
    assert forms(owned(w, w(o.add, d, y, name="x"), 2.0, Y)) == []
    w, x, y = writer()
    d = w(np.zeros, (1,), name="x")
    assert forms(owned(w, w(o.add, d, y, name="x"), X, Y)) == []


def test_the_forward_sweep_and_primals_are_left():
    w = Writer(("x", VECTOR), ("y", VECTOR))
    x, y = w.params
    t = w(o.add, w(o.mul, x, 2.0, name="x"), y, name="x")
    w.backward()
    assert forms(owned(w, w(o.sub, t, y, name="x"), X, Y)) == []


# -- loops -----------------------------------------------------------------------------------------


def _accumulate(
    w: Writer, init: Any, e: Any, type_: Any = VECTOR, again: bool = False
) -> tuple[Var, ...]:
    p = w.var(type_, "x")
    with w.block() as body:
        s = w(o.add, p, e, name="x")
        if again:
            w(np.sin, p)
            s = w(o.mul, w(np.cos, p), s)
        block = ended(body, Next((s,)))
    return w.loop([p], [init], block)


def test_a_carried_sum_is_an_update():
    w, x, y = writer()
    (out,) = _accumulate(w, w(np.zeros_like, x), y)
    out = w(o.add, out, x, name="x")
    assert forms(owned(w, out, X, Y)) == ["+=", "+="]


def test_a_carried_sum_that_begins_with_memory_of_others_is_not():
    w, x, y = writer()
    (out,) = _accumulate(w, x, y)
    assert forms(owned(w, out, X, Y)) == []
    w, x, y = writer()
    z = w(np.zeros_like, x)
    (out,) = _accumulate(w, z, y)
    assert forms(owned(w, w(o.mul, out, z), X, Y)) == []
    w, x, y = writer()
    (out,) = _accumulate(w, w(np.zeros_like, x), y, again=True)
    assert forms(owned(w, out, X, Y)) == []


def test_two_carried_variables_that_begin_alike():
    w, x, y = writer()
    z = w(np.zeros_like, x)
    p, q = w.var(VECTOR, "x"), w.var(VECTOR, "y")
    with w.block() as body:
        s, t = w(o.add, p, y, name="x"), w(o.add, q, x, name="y")
        block = ended(body, Next((s, t)))
    outs = w.loop([p, q], [z, w(o.getitem, z, slice(None))], block)
    assert forms(owned(w, outs, X, Y)) == []


def test_carried_variables_that_change_places():
    w, x, y = writer()
    p, q = w.var(VECTOR, "x"), w.var(VECTOR, "x")
    with w.block() as body:
        s = w(o.add, p, y, name="x")
        block = ended(body, Next((q, s)))
    outs = w.loop([p, q], [w(np.zeros_like, x), w(np.ones_like, x)], block)
    assert forms(owned(w, outs, X, Y)) == ["+="]


def test_a_carried_value_that_goes_into_two():
    w, x, y = writer()
    p, q = w.var(VECTOR, "x"), w.var(VECTOR, "x")
    with w.block() as body:
        s = w(o.add, p, y, name="x")
        block = ended(body, Next((s, s)))
    outs = w.loop([p, q], [w(np.zeros_like, x), w(np.ones_like, x)], block)
    assert forms(owned(w, outs, X, Y)) == []


def test_a_value_from_outside_of_the_loop():
    w, x, y = writer()
    d = w(o.mul, x, 2.0, name="x")
    p = w.var(VECTOR, "y")
    with w.block() as body:
        s = w(o.add, d, p, name="x")
        block = ended(body, Next((s,)))
    assert forms(owned(w, w.loop([p], [y], block), X, Y)) == []


def test_numbers_are_rebound():
    w, x, y = writer(FLOAT, FLOAT)
    (out,) = _accumulate(w, 0.0, y, FLOAT)
    assert forms(owned(w, out, 1.0, 2.0)) == ["+="]
    p = w.var(FLOAT, "x")
    with w.block() as body:
        block = ended(body, Next((w(o.mul, p, y, name="x"),)))
    (out,) = w.loop([p], [1.0], block)
    assert forms(owned(w, out, 1.0, 2.0)) == ["+=", "*="]
    w, x, y = writer(FLOAT, FLOAT)
    d = w(np.sin, x, name="x")
    assert forms(owned(w, w(o.mul, d, y, name="x"), 1.0, 2.0)) == ["*="]


def test_a_product_with_a_number_before_it():
    w, x, _ = writer(FLOAT, FLOAT)
    d = w(np.sin, x, name="x")
    assert forms(owned(w, w(o.mul, 0.5, d, name="x"), 1.0, 2.0)) == ["*="]


# -- branches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("test", [True, False])
def test_an_update_in_one_arm(test):
    w = Writer(("x", VECTOR), ("c", BOOL))
    w.backward()
    x, c = w.params
    d = w(o.mul, x, 2.0, name="x")
    with w.block() as then:
        s = w(o.add, d, x, name="x")
        first = ended(then, Yield((s,)))
    join = w.var(VECTOR, "x")
    w.branch(c, first, ended([], Yield((d,))), join)
    end = w(o.add, join, x, name="x")
    assert forms(owned(w, end, X, test)) == ["+=", "+="]


@pytest.mark.parametrize("test", [True, False])
def test_an_arm_that_hands_on_the_memory_of_an_argument(test):
    w = Writer(("x", VECTOR), ("c", BOOL))
    w.backward()
    x, c = w.params
    with w.block() as then:
        s = w(o.mul, x, 2.0, name="x")
        first = ended(then, Yield((s,)))
    join = w.var(VECTOR, "x")
    w.branch(c, first, ended([], Yield((x,))), join)
    end = w(o.add, join, x, name="x")
    assert forms(owned(w, end, X, test)) == []


def test_a_sum_in_one_arm_of_a_loop():
    w = Writer(("x", VECTOR), ("c", BOOL))
    w.backward()
    x, c = w.params
    p, join = w.var(VECTOR, "x"), w.var(VECTOR, "x")
    with w.block() as body:
        with w.block() as then:
            s = w(o.add, p, x, name="x")
            first = ended(then, Yield((s,)))
        w.branch(c, first, ended([], Yield((p,))), join)
        block = ended(body, Next((join,)))
    (out,) = w.loop([p], [w(np.ones_like, x)], block)
    assert forms(owned(w, out, X, True)) == ["+="]


# -- copies before updates of places ---------------------------------------------------------------


def test_an_update_of_a_place_in_an_argument_gets_a_copy():
    w, x, _y = writer()
    d = w.place("+", x, slice(1, None), 1.0)
    assert forms(_updated(w, d)) == ["copy", "+="]


def _updated(w: Writer, result: Any) -> Function:
    """The function after the pass, which is right only if `x` keeps its contents."""
    made = own(w.function(result), w.facts)
    verify(made)
    x = X.copy()
    evaluate(made, x, Y)
    np.testing.assert_array_equal(x, X)
    return made


def test_an_update_of_new_memory_gets_none():
    w, x, _y = writer()
    d = w.place("+", w(np.zeros_like, x), slice(1, None), 1.0)
    d = w.place("+", d, 0, 1.0)
    assert forms(_updated(w, d)) == ["+=", "+="]


def test_a_view_alive_is_a_reason_for_a_copy():
    w, x, _y = writer()
    d = w(o.mul, x, 2.0)
    v = w(o.getitem, d, slice(None, None, -1))
    d = w.place("+", d, slice(1, None), 1.0)
    made = _updated(w, Pack("tuple", (d, v)))
    assert forms(made) == ["copy", "+="]
    np.testing.assert_array_equal(evaluate(made, X, Y)[1], 2 * X[::-1])


def test_the_copy_is_made_before_the_loop():
    w, x, _y = writer()
    p = w.var(VECTOR, "x")
    with w.block() as body:
        d = w.place("+", p, slice(1, None), 1.0)
        block = ended(body, Next((d,)))
    (out,) = w.loop([p], [x], block)
    made = _updated(w, out)
    assert [type(s).__name__ for s in made.body.statements] == ["Let", "Loop"]


def test_a_copy_before_the_end_of_an_arm():
    w = Writer(("x", VECTOR), ("c", BOOL))
    w.backward()
    x, c = w.params
    join = w.var(VECTOR, "x")
    w.branch(c, ended([], Yield((x,))), ended([], Yield((x,))), join)
    made = own(w.function(w.place("+", join, 0, 1.0)), w.facts)
    verify(made)
    x = X.copy()
    for test in (True, False):
        np.testing.assert_array_equal(evaluate(made, x, test), [1, 1, 2, 3, 4])
    np.testing.assert_array_equal(x, X)


def test_a_copy_of_what_is_ours_goes():
    w, x, y = writer()
    (out,) = _accumulate(w, w(np.zeros_like, x), y)
    assert forms(owned(w, w.method(np.copy, "copy", out), X, Y)) == ["+="]


@pytest.mark.parametrize("test", [True, False])
def test_a_copy_is_made_in_the_arm_that_needs_it(test):
    w = Writer(("x", VECTOR), ("c", BOOL))
    w.backward()
    x, c = w.params
    with w.block() as then:
        first = ended(then, Yield((w(o.mul, x, 2.0, name="x"),)))
    join = w.var(VECTOR, "x")
    w.branch(c, first, ended([], Yield((x,))), join)
    made = owned(w, w.method(np.copy, "copy", join), X, test)
    (branch,) = made.body.statements
    assert [len(arm.statements) for arm in blocks(branch)] == [1, 1]
    x = X.copy()
    assert not np.shares_memory(evaluate(made, x, test), x)


def test_a_copy_that_both_arms_need_is_made_once():
    w = Writer(("x", VECTOR), ("y", VECTOR), ("c", BOOL))
    w.backward()
    x, y, c = w.params
    join = w.var(VECTOR, "x")
    w.branch(c, ended([], Yield((x,))), ended([], Yield((y,))), join)
    made = owned(w, w.method(np.copy, "copy", join), X, Y, False)
    assert [type(s).__name__ for s in made.body.statements] == ["Branch", "Let"]


@pytest.mark.parametrize("count", [0, 3])
def test_a_copy_is_made_before_a_loop_that_may_then_add_in_place(count):
    w, x, y = writer()
    p = w.var(VECTOR, "x")
    with w.block() as body:
        block = ended(body, Next((w(o.add, p, y, name="x"),)))
    (out,) = w.loop([p], [x], block, count=count)
    made = owned(w, w.method(np.copy, "copy", out), X, Y)
    assert forms(made) == ["copy", "+="]
    assert [type(s).__name__ for s in made.body.statements] == ["Let", "Loop"]
    x = X.copy()
    assert not np.shares_memory(evaluate(made, x, Y), x)


def test_no_copy_is_made_in_every_trip_for_one_after_the_loop():
    w, x, y = writer()
    p = w.var(VECTOR, "x")
    (out,) = w.loop([p], [w(np.zeros_like, x)], ended([], Next((y,))))
    made = owned(w, w.method(np.copy, "copy", out), X, Y)
    assert [type(s).__name__ for s in made.body.statements] == ["Let", "Loop", "Let"]


def test_a_view_of_what_is_copied_needs_no_copy_of_its_own():
    w = Writer(("x", VECTOR))
    d = w(o.mul, w.params[0], 2.0)
    v = w(np.transpose, d)
    e = w.place("+", d, slice(1, None), 1.0)
    w.backward()
    made = own(w.function(w(o.add, w(o.mul, v, d), e)), w.facts)
    assert forms(made) == ["copy", "+=", "+="]
    np.testing.assert_array_equal(evaluate(made, X), 4 * X * X + 2 * X + (X > 0))
    w, x, _ = writer()
    d = w(o.mul, x, 2.0)
    v = w(o.getitem, d, slice(1, None))
    e = w.place("*", d, slice(1, None), 0.0)
    made = own(w.function((e, w(o.mul, v, v))), w.facts)
    assert forms(made) == ["copy", "*="]
    np.testing.assert_array_equal(evaluate(made, X, Y)[1], 4 * X[1:] ** 2)


def test_what_is_shown_may_be_read_until_it_is_written():
    w, x, _ = writer()
    d = w(o.mul, x, 2.0)
    v = w(o.getitem, d, slice(None, None, -1))
    t = w(np.sum, w(o.mul, d, d))
    e = w.place("*", v, slice(1, None), 0.5)
    assert forms(owned(w, (e, t), X, Y)) == ["*="]
    w, x, _ = writer()
    d = w(o.mul, x, 2.0)
    v = w(o.getitem, d, slice(None, None, -1))
    e = w.place("*", v, slice(1, None), 0.5)
    made = own(w.function((e, w(np.sum, d))), w.facts)
    assert forms(made) == ["copy", "*="]
    assert evaluate(made, X, Y)[1] == 2 * X.sum()


def test_what_is_read_of_an_array_but_its_contents_is_no_reason_for_a_copy():
    w, x, _ = writer()
    d = w(o.mul, x, 2.0)
    v = w(o.getitem, d, slice(1, None))
    e = w.place("*", v, 0, 0.5)
    assert forms(owned(w, (e, w(np.zeros_like, d)), X, Y)) == ["*="]
    w, x, _ = writer()
    d = w(o.mul, x, 2.0)
    e = w.place("*", w(o.getitem, d, slice(1, None)), 0, 0.5)
    made = own(w.function((e, w(np.full_like, d, d))), w.facts)
    assert forms(made) == ["copy", "*="]


def test_a_copy_that_makes_a_difference_stays():
    w, x, _ = writer()
    assert forms(owned(w, w.method(np.copy, "copy", x), X, Y)) == ["copy"]
    w, x, _ = writer()
    d = w(o.mul, x, 2.0)
    first, second = (w.method(np.copy, "copy", d) for _ in range(2))
    made = owned(w, (first, second), X, Y)
    assert forms(made) == ["copy"]
    assert not np.shares_memory(*evaluate(made, X, Y))

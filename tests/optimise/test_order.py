"""The order of the statements of one line."""

from __future__ import annotations

import operator as o

import numpy as np

from adjoint.ir.check import verify
from adjoint.ir.nodes import Function, Let, Loop, Next, Role, Var, While, Yield
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import FLOAT
from adjoint.optimise.order import reorder
from tests.optimise.writer import VECTOR, Writer, at, ended, evaluate

POP = Op(list.pop, Form.METHOD, "pop", effect=True)


def reordered(w: Writer, result: object) -> Function:
    function = w.function(result)
    verify(function)
    made = reorder(function, w.facts)
    verify(made)
    return made


def names(loop: Loop) -> list[str]:
    return [s.op.name for s in loop.body.statements if isinstance(s, Let)]


def product(*, lines: bool = False, popped: str = "s") -> tuple[Writer, Var]:
    """The adjoint of ``s = s * a``, as the reverse sweep writes it."""
    w = Writer(("a", FLOAT), ("x", FLOAT))
    a, x = w.params
    stack = w.stack("s")
    w.push(stack, x)
    w.push(stack, a)
    w.backward()
    d_s, d_a = w.var(name="s"), w.var(name="a")
    with w.block() as body:
        line = w.line
        new = w(o.mul, d_s, a, name="s")
        w.builder.place = at(w.line if lines else line)
        s = w.builder.let(POP, (stack,), name=popped, type_=FLOAT, role=Role.PRIMAL)
        t = w(o.mul, d_s, s)
        w.builder.place = at(w.line if lines else line)
        total = w(o.add, d_a, t, name="a")
        block = ended(body, Next((new, total)))
    head = While(ended([], Yield((stack,))))
    outs = w.loop([d_s, d_a], [1.0, 0.0], block, head)
    return w, outs


def test_the_pop_comes_first_and_the_product_last():
    w, outs = product()
    made = reordered(w, outs)
    assert names(made.body.statements[-1]) == ["pop", "*", "+", "*"]
    assert evaluate(made, 2.0, 3.0) == evaluate(w.function(outs), 2.0, 3.0) == (4.0, 8.0)


def test_another_line_is_another_group():
    w, outs = product(lines=True)
    assert names(reordered(w, outs).body.statements[-1]) == ["pop", "*", "*", "+"]


def test_a_pop_waits_until_its_name_is_free():
    w = Writer(("h", FLOAT))
    (h,) = w.params
    stack = w.stack("h")
    w.push(stack, h)
    w.backward()
    d = w(np.sin, h)
    old = w.builder.let(POP, (stack,), name="h", type_=FLOAT, role=Role.PRIMAL)
    made = reordered(w, w(o.mul, d, old))
    assert [s.op.name for s in made.body.statements[made.split :]] == ["", "pop", "*"]


def test_what_reads_memory_that_is_written_stays():
    w = Writer(("x", VECTOR))
    (x,) = w.params
    w.backward()
    place = w.builder.place
    d = w(np.zeros_like, x, name="d")
    w.builder.place = place
    y = w(o.mul, d, 2.0, name="d")
    w.builder.place = place
    d_new = w.place("+", d, 0, 1.0)
    made = reordered(w, (y, d_new))
    np.testing.assert_array_equal(evaluate(made, np.ones(2))[0], [0, 0])

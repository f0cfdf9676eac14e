"""The passes together, on the adjoint of a squared error as the reverse sweep writes it."""

from __future__ import annotations

import operator as o
import re
from collections import Counter

import numpy as np

from adjoint.ir.check import verify
from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Function, Next, Role, Var, While, Yield
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import FLOAT, Array
from adjoint.optimise import PASSES, optimise, simplify
from tests.optimise.writer import F8, MATRIX, VECTOR, Writer, ended, evaluate, text

POP = Op(list.pop, Form.METHOD, "pop", effect=True)


def mse() -> Function:
    w = Writer(("x", MATRIX), ("w", Array(F8, (Length(3), Length(1)))), ("y", VECTOR))
    x, weight, y = w.params
    y_pred = w(o.matmul, x, weight, name="y_pred")
    flat = w.method(np.squeeze, "squeeze", y_pred)
    t = w(o.sub, y, flat)
    square = w(np.square, t)
    w(np.mean, square)
    w.backward()
    size = w.attribute(np.size, "size", square)
    g = w(o.truediv, 1.0, size)
    d_t = w(o.mul, w(o.mul, g, 2), t)
    d_flat = w(o.neg, d_t)
    shape = w.attribute(np.shape, "shape", y_pred)
    d_pred = w.method(np.reshape, "reshape", d_flat, shape, type_=y_pred.type)
    d_pred = w.alias(d_pred, "y_pred")
    d_w = w(o.matmul, w.attribute(np.transpose, "T", x), d_pred, name="w")
    d_b = w(np.sum, d_pred, axis=0, name="b")
    d_w, d_b = (w.method(np.copy, "copy", d) for d in (d_w, d_b))
    return optimise(w.function((d_w, d_b)), w.facts)


def test_squared_error():
    made = mse()
    verify(made)
    assert made.split == 3
    assert [line.split(" = ")[-1] for line in text(made).splitlines()] == [
        "t.5.size",
        "y_pred.3.shape",
        "-2 / d_t.6",
        "d_t.8 * t.5",
        ".reshape(d_t.9, d_t.7)",
        "x.0.T",
        "d_t.11 @ d_t.10",
        "sum(d_t.10, axis=0)",
        "yield (d_w.12, d_b.13)",
    ]


def test_every_pass_has_a_reason():
    assert all(reason for _, reason in PASSES)


def root() -> tuple[Writer, Var]:
    """The square root by Newton's method, and its adjoint."""
    w = Writer(("a", FLOAT), ("x", FLOAT))
    a, start = w.params
    stack = w.stack()
    x = w.var(name="x")
    with w.block() as test:
        t = w(o.gt, w(o.sub, w(o.mul, x, x), a), 1e-12)
        head = While(ended(test, Yield((t,))))
    with w.block() as body:
        w.push(stack, x)
        new = w(o.mul, 0.5, w(o.add, x, w(o.truediv, a, x)), name="x")
        block = ended(body, Next((new,)))
    w.loop([x], [start], block, head)
    w.backward()
    d_x, d_a = w.var(name="x"), w.var(name="a")
    head = While(ended([], Yield((stack,))))
    with w.block() as body:
        value = w.builder.let(POP, (stack,), name="x", type_=FLOAT, role=Role.PRIMAL)
        d_t = w(o.mul, 0.5, w(o.mul, 1.0, d_x))
        d_sum = w(o.add, d_a, w(o.truediv, d_t, value), name="a")
        other = w(o.truediv, w(o.mul, w(o.neg, d_t), a), w(o.pow, value, 2.0))
        d_new = w(o.add, d_t, other, name="x")
        block = ended(body, Next((d_new, d_sum)))
    _, out = w.loop([d_x, d_a], [1.0, 0.0], block, head)
    return w, out


def test_what_was_done_is_not_done_again():
    w, out = root()
    made = simplify(w.function(out), w.facts)
    repeated = [pass_ for pass_, count in Counter(p for p, _ in PASSES).items() if count > 1]
    assert len(repeated) == 2
    for pass_ in repeated:
        assert pass_(made, w.facts) is made, pass_.__name__


def test_newton():
    w, out = root()
    function = w.function(out)
    made = optimise(function, w.facts)
    verify(made)
    body = re.sub(r"(?<=[a-z])\.\d+\b", "", text(made))
    assert [line.split("float = ")[1] for line in body.splitlines() if "float = " in line] == [
        "1.0",
        "0.0",
        ".pop!(stack_x)",
        "0.5 * d_x",
        "d_t / x",
        "update +(d_a, d_t)",
        "d_t * a",
        "x ** 2",
        "d_t / d_t",
        "d_t - d_t",
    ]
    assert np.isclose(evaluate(made, 2.0, 2.0), evaluate(function, 2.0, 2.0), rtol=1e-15)
    assert np.isclose(evaluate(made, 2.0, 2.0), 0.5 / np.sqrt(2.0), rtol=1e-9)

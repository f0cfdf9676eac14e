"""The text of the IR."""

from __future__ import annotations

import operator as o
import re
from textwrap import dedent

import numpy as np
import pytest

from adjoint.ir.lengths import Length
from adjoint.ir.nodes import UNDEF, Const, Exit, Next, Pack, Stop, While, Yield
from adjoint.ir.show import show, show_type
from adjoint.ir.values import BOOL, FLOAT, INT, OPAQUE, UNKNOWN, Array, ListOf, Maybe, TupleOf
from tests.ir.test_walk import program
from tests.optimise.writer import MATRIX, Writer, ended


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (FLOAT, "float"),
        (MATRIX, "f8[x.shape[0], 3]"),
        (Array(np.dtype(np.float32), (), True), "f4()"),
        (Array(np.dtype(float), None), "f8[...]"),
        (UNKNOWN, "?"),
        (OPAQUE, "object"),
        (ListOf(FLOAT), "list[float]"),
        (ListOf(None), "list"),
        (TupleOf((FLOAT, INT)), "(float, int)"),
        (Maybe(FLOAT), "float or None"),
        (Array(np.dtype(bool), (Length(2),)), "b1[2]"),
    ],
)
def test_types(type_, text):
    assert show_type(type_) == text


def test_a_loop_with_an_exit():
    function, _ = program()
    # An int is a length of some name, which is the builder's business.
    assert re.sub(r"=\?\d+", "", show(function)) == dedent(
        """\
        f(x.0: float, n.1: int)
          for i.2: float in range(0, n.1, 1)
            carry p.3: float = 1.0
            t.4: bool = p.3 > x.0
            if t.4
              return 1 x.0
            else
              t.5: float = p.3 * x.0
              next t.5
            stop
          out p.6: float, code code.7: int
          yield (p.6, code.7)"""
    )


def test_statements():
    w = Writer(("x", MATRIX), ("c", BOOL))
    x, c = w.params
    stack = w.stack()
    w.push(stack, x)
    t = w(o.getitem, x, (slice(1, None), None, Ellipsis))
    t = w(np.sum, t, axis=0)
    w.backward()
    d = w.place("+", w(o.neg, t), 0, Const(np.pi, "np.pi"))
    join = w.var(name="z")
    w.branch(c, ended([], Yield((d,))), ended([], Yield((UNDEF,))), join)
    p = w.var()
    head = While(ended([], Yield((stack,))))
    w.loop([p], [1.0], ended([], Exit(1, "break", (p,))), head)
    lines = show(w.function(Pack("list", (join,)))).splitlines()
    assert [line.strip().replace("x.shape[0]", "n") for line in lines[1:]] == [
        "stack_x.2: list[float] = literal([])",
        ".append!(stack_x.2, x.0)",
        "t.3: f8[n - 1, 1, 3] = x.0[(1::, None, ...)]",
        "t.4: f8[1, 3] = sum(t.3, axis=0)",
        "-- backward --",
        "d_t.5: f8[1, 3] = -t.4",
        "d_t.6: f8[1, 3] = update_index +(d_t.5, 0, np.pi)",
        "if c.1",
        "yield d_t.6",
        "else",
        "yield undef",
        "join d_z.7: float",
        "while",
        "carry d_t.8: float = 1.0",
        "yield stack_x.2",
        "do",
        "break 1 d_t.8",
        "out d_t.9: float",
        "yield [d_z.7]",
    ]


def test_no_address_is_shown():
    w = Writer(("x", FLOAT))
    w.effect(print, Const(object()), Const(print), Const(np.zeros(3)), Const(np.float32))
    w.loop([], [], ended([], Next(())))
    assert "print!(<object>, print, array(3,), float32)" in show(w.function(w.params[0]))
    assert Stop() == Stop()

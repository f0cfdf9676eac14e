"""Reads, writes and substitutes."""

from __future__ import annotations

import operator as o

import pytest

from adjoint.ir.check import verify
from adjoint.ir.nodes import Const, Exit, Function, Next, Pack, SliceOf, Stop, Var, While, Yield
from adjoint.ir.show import show
from adjoint.ir.trampoline import run
from adjoint.ir.values import BOOL, FLOAT, INT
from adjoint.ir.walk import (
    all_blocks,
    all_reads,
    all_statements,
    blocks,
    count_uses,
    definitions,
    loop_leaves,
    map_block,
    next_number,
    operand_vars,
    operands,
    reads,
    rename,
    substitute,
    writes,
)
from tests.optimise.writer import Writer, ended, evaluate


def program() -> tuple[Function, dict[str, Var]]:
    """A loop that is left by an exit in one arm."""
    w = Writer(("x", FLOAT), ("n", INT))
    x, n = w.params
    p, code = w.var(name="p"), w.var(INT, "code")
    with w.block() as body:
        c = w(o.gt, p, x)
        first = ended([], Exit(1, "return", (x,)))
        with w.block() as other:
            t = w(o.mul, p, x)
            second = ended(other, Next((t,)))
        w.branch(c, first, second)
        block = ended(body, Stop())
    (out,) = w.loop([p], [1.0], block, code=code, count=n)
    result = Pack("tuple", (out, code))
    return w.function(result), {"x": x, "n": n, "p": p, "c": c, "t": t, "out": out, "code": code}


def chain(depth: int) -> Function:
    """Arms within arms, as a run of early returns makes them."""
    w = Writer(("x", FLOAT), ("c", BOOL))
    x, c = w.params
    block = ended([], Yield((x,)))
    for _ in range(depth):
        join = w.var()
        with w.block() as other:
            t = w(o.add, x, 1.0)
            w.branch(c, ended([], Yield((t,))), block, join)
            block = ended(other, Yield((join,)))
    join = w.var()
    w.branch(c, ended([], Yield((x,))), block, join)
    return w.function(join)


def replaced(variable: Var, number: int) -> Var:
    return Var(number, variable.name, variable.type, variable.role)


def test_operands():
    a, b, c = (Var(i, "", FLOAT) for i in range(3))
    index = Pack("tuple", (a, SliceOf(b, Const(None), c)))
    assert list(operand_vars(index)) == [a, b, c]
    assert list(operand_vars(Pack("dict", (a,), (b,)))) == [a, b]
    changed = substitute(index, {b: Const(1), c: a})
    assert list(operand_vars(changed)) == [a, a]
    assert substitute(index, {}) is index


def test_reads_and_writes():
    function, v = program()
    (loop,) = function.body.statements
    assert list(reads(loop)) == [v["n"]]
    assert list(all_reads(loop)) == [v["n"], v["p"], v["x"], v["c"], v["x"], v["p"], v["x"], v["t"]]
    assert [w.name for w in writes(loop)] == ["i", "p", "p", "code"]
    assert [type(leaf).__name__ for leaf in loop_leaves(loop.body)] == ["Exit", "Next"]
    assert len(operands(loop)) == 4
    assert len(list(all_blocks(function.body))) == 4
    assert [type(s).__name__ for s in all_statements(function.body)] == [
        "Loop", "Let", "Branch", "Let",
    ]  # fmt: skip


def test_counts_and_definitions():
    function, v = program()
    assert count_uses(function) == {
        v[name]: count
        for name, count in {"x": 3, "n": 1, "p": 2, "c": 1, "t": 1, "out": 1, "code": 1}.items()
    }
    defined = definitions(function)
    assert defined[v["out"]] is defined[v["p"]] is function.body.statements[0]
    assert v["x"] not in defined
    assert next_number(function) == max(x.number for x in defined) + 1


def test_rename_changes_definitions_and_reads():
    function, v = program()
    new = {v[name]: replaced(v[name], 100 + i) for i, name in enumerate("pct")}
    body = rename(function.body, new)
    made = Function("f", function.params, (), body, function.place)
    verify(made)
    assert show(made) == show(function)
    assert new[v["p"]] in definitions(made)
    assert v["p"] not in definitions(made)


def test_map_block_reaches_every_operand():
    function, v = program()
    body = map_block(function.body, lambda operand: substitute(operand, {v["x"]: Const(2.0)}))
    assert v["x"] not in count_uses(Function("f", (), (), body, function.place))


def test_while_has_its_test_first():
    w = Writer(("x", FLOAT))
    p = w.var(name="p")
    with w.block() as test:
        head = While(ended(test, Yield((w(o.lt, p, 3.0),))))
    with w.block() as body:
        block = ended(body, Next((w(o.add, p, 1.0),)))
    (out,) = w.loop([p], [0.0], block, head)
    function = w.function(out)
    assert blocks(function.body.statements[0]) == (head.test, block)
    assert evaluate(function, 1.0) == 3.0


def test_nothing_recurses_with_the_length_of_the_program():
    function = chain(3000)
    verify(function)
    assert len(list(all_statements(function.body))) == 6001
    assert show(function).count("\n") > 9000
    made = rename(function.body, {function.params[0]: Var(10**6, "y", FLOAT)})
    assert len(list(all_blocks(made))) == len(list(all_blocks(function.body)))
    assert count_uses(function)[function.params[0]] == 3002


def test_trampoline_hands_exceptions_on():
    def fail():
        raise ValueError("here")
        yield

    def outer():
        return (yield fail())

    with pytest.raises(ValueError, match="here"):
        run(outer())

"""A tiny way to write the IR by hand."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from textwrap import dedent
from typing import Any

from adjoint.emit import emit
from adjoint.errors import Place
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Exit,
    For,
    Function,
    Leaf,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Role,
    SliceOf,
    Statement,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import BINARY, COMPARE, INPLACE, Form, Op
from adjoint.ir.values import FLOAT, UNKNOWN, Type

HERE = Place("f.py", 1, 0, 1, 0, "def f(x):", "f")
NONE = Const(None)


def operand(value: Any) -> Operand:
    match value:
        case Var() | Const() | Pack() | SliceOf():
            return value
        case tuple():
            return Pack("tuple", tuple(map(operand, value)))
        case slice():
            return SliceOf(operand(value.start), operand(value.stop), operand(value.step))
        case _:
            return value if type(value).__name__ == "Undef" else Const(value)


class Writer:
    """Writes statements; variables are numbered in the order they are made."""

    def __init__(self) -> None:
        self.count = 0
        self.place = HERE
        self.blocks: list[list[Statement]] = [[]]

    def var(self, name: str = "", role: Role = Role.PRIMAL, type_: Type = UNKNOWN) -> Var:
        self.count += 1
        return Var(self.count, name, type_, role)

    def d(self, name: str = "") -> Var:
        return self.var(name, Role.ADJOINT)

    def add(self, op: Op, args: Any, to: Var | None, **kwargs: Any) -> Var | None:
        keywords = tuple((k, operand(v)) for k, v in kwargs.items())
        made = Let(to, op, tuple(map(operand, args)), keywords, self.place)
        self.blocks[-1].append(made)
        return to

    def let(self, op: Op, *args: Any, to: Var | str = "", **kwargs: Any) -> Var:
        target = to if isinstance(to, Var) else self.var(to)
        self.add(op, args, target, **kwargs)
        return target

    def do(self, op: Op, *args: Any) -> None:
        self.add(op, args, None)

    def bin(self, symbol: str, a: Any, b: Any, to: Var | str = "") -> Var:
        table = BINARY if symbol in BINARY else COMPARE
        return self.let(Op(table[symbol], Form.OPERATOR, symbol), a, b, to=to)

    def neg(self, a: Any, to: Var | str = "") -> Var:
        return self.let(Op(operator.neg, Form.OPERATOR, "-"), a, to=to)

    def call(
        self, function: Callable[..., Any], *args: Any, to: Var | str = "", **kwargs: Any
    ) -> Var:
        return self.let(Op(function), *args, to=to, **kwargs)

    def method(self, name: str, *args: Any, to: Var | str = "", effect: bool = False) -> Var:
        return self.let(Op(len, Form.METHOD, name, effect), *args, to=to)

    def attr(self, x: Any, name: str, to: Var | str = "") -> Var:
        return self.let(Op(getattr, Form.ATTRIBUTE, name), x, to=to)

    def path(self, x: Any, key: Any, to: Var | str = "", **kwargs: Any) -> Var:
        kind = "attr" if isinstance(key, str) else "item"
        return self.let(Op(getattr, Form.PATH, kind), x, key, to=to, **kwargs)

    def item(self, x: Any, index: Any, to: Var | str = "") -> Var:
        return self.let(Op(operator.getitem, Form.INDEX), x, index, to=to)

    def alias(self, x: Any, to: Var | str) -> Var:
        return self.let(Op(operator.pos, Form.ALIAS), x, to=to)

    def update(self, old: Var, e: Any, to: Var | None = None, symbol: str = "+") -> Var:
        target = to or self.var(old.name, old.role)
        return self.let(Op(INPLACE[symbol], Form.UPDATE, symbol), old, e, to=target)

    def update_at(
        self, old: Var, index: Any, e: Any, to: Var | None = None, symbol: str = "+"
    ) -> Var:
        target = to or self.var(old.name, old.role)
        return self.let(Op(operator.setitem, Form.UPDATE_INDEX, symbol), old, index, e, to=target)

    def stack(self, name: str) -> Var:
        target = self.var(name, Role.STACK)
        return self.let(Op(list, Form.LITERAL), Pack("list", ()), to=target)

    def push(self, stack: Var, value: Any) -> None:
        self.do(Op(list.append, Form.METHOD, "append", True), stack, value)

    def pop(self, stack: Var, to: Var | str = "") -> Var:
        return self.let(Op(list.pop, Form.METHOD, "pop", True), stack, to=to)

    def open(self) -> None:
        self.blocks.append([])

    def close(self, leaf: Leaf | None = None) -> Block:
        return Block(tuple(self.blocks.pop()), leaf or Yield())

    def arm(self, write: Callable[[], Any]) -> Block:
        """A block; what `write` returns are the values it yields, or its leaf."""
        self.open()
        return self.close(self._leaf(write(), Yield))

    def body(self, write: Callable[[], Any]) -> Block:
        self.open()
        return self.close(self._leaf(write(), Next))

    def _leaf(self, made: Any, kind: Any) -> Leaf:
        if made is None:
            return kind(())  # type: ignore[no-any-return]
        if isinstance(made, list):
            return kind(tuple(map(operand, made)))  # type: ignore[no-any-return]
        return made  # type: ignore[no-any-return]

    def branch(
        self,
        test: Any,
        then: Callable[[], Any],
        other: Callable[[], Any],
        *joins: Var,
        style: str = "if",
    ) -> None:
        arms = self.arm(then), self.arm(other)
        self.blocks[-1].append(Branch(operand(test), *arms, joins, self.place, style))

    def loop(
        self, head: For | While, carried: list[tuple[Var, Any, Var]], write: Callable[[], Any],
        code: Var | None = None,
    ) -> None:  # fmt: skip
        params, inits, outs = zip(*carried, strict=True) if carried else ((), (), ())
        body = self.body(write)
        made = Loop(head, params, tuple(map(operand, inits)), body, outs, code, self.place)
        self.blocks[-1].append(made)

    def range(
        self, index: Var, stop: Any, start: Any = 0, step: Any = 1, reverse: bool = False
    ) -> For:
        return For(index, operand(start), operand(stop), operand(step), reverse)

    def function(self, name: str, params: list[Var], result: Any, split: int = -1) -> Function:
        body = Block(tuple(self.blocks[-1]), Yield((operand(result),)))
        return Function(name, tuple(params), (), body, HERE, split)

    def text(self, params: list[Var], result: Any, split: int = -1, name: str = "f") -> str:
        return emit(self.function(name, params, result, split)).text


def at(line: int, text: str, function: str = "f", callers: tuple[Place, ...] = ()) -> Place:
    return Place("f.py", line, 0, line, 0, text, function, callers)


def check(text: str, expected: str) -> None:
    """The columns in which comments begin are the printer's business."""
    ast.parse(text)
    made, wanted = (re.sub(r"(?<=\S) +# ", "  # ", t) for t in (text, dedent(expected)))
    assert made.split("import numpy as np")[-1].strip("\n") == wanted.strip("\n")


__all__ = ["FLOAT", "HERE", "Exit", "Writer", "at", "check", "operand"]

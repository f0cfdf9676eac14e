"""Writes small functions of the IR by hand, and runs them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from adjoint.errors import Place
from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Facts, Length, Symbol, length
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
    Stop,
    Undef,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import GETITEM, INPLACE, Form, Op, attribute, call, method, operation
from adjoint.ir.show import show
from adjoint.ir.updates import update_place
from adjoint.ir.values import FLOAT, OPAQUE, Array, ListOf, Type

D = Role.ADJOINT
N = length(Symbol("x.shape[0]", 5))
F8 = np.dtype(float)
VECTOR = Array(F8, (N,))
MATRIX = Array(F8, (N, Length(3)))
FLOAT32 = Array(np.dtype(np.float32), (N,))


def at(line: int) -> Place:
    """A place in line `line`."""
    return Place("f.py", line, 0, line, 1, "", "f")


class Writer:
    """Writes one function; every statement is on a line of its own unless `line` is held."""

    def __init__(self, *params: tuple[str, Type]) -> None:
        self.facts = Facts()
        self.builder = Builder(self.facts, at(1))
        self.params = tuple(self.builder.var(type_, name) for name, type_ in params)
        self.line = 1
        self.split = -1

    def backward(self) -> None:
        """What is written from here on is the backward sweep."""
        self.split = len(self.builder._statements)
        self.builder.role = D

    def next_line(self) -> None:
        self.line += 1
        self.builder.place = at(self.line)

    def let(self, op: Op, *args: Any, name: str = "", type_: Type | None = None, **kw: Any) -> Var:
        pairs = [(key, operand(value)) for key, value in kw.items()]
        made = self.builder.let(op, [operand(a) for a in args], pairs, name=name, type_=type_)
        self.next_line()
        return made

    def __call__(self, function: Callable[..., Any], *args: Any, **kw: Any) -> Var:
        is_operator = getattr(function, "__module__", "") == "_operator"
        op = GETITEM if function is operator.getitem else None
        return self.let(op or (operation(function) if is_operator else call(function)), *args, **kw)

    def method(self, function: Callable[..., Any], name: str, *args: Any, **kw: Any) -> Var:
        return self.let(method(function, name), *args, **kw)

    def attribute(self, function: Callable[..., Any], name: str, of: Any) -> Var:
        return self.let(attribute(function, name), of)

    def alias(self, of: Any, name: str = "") -> Var:
        of = operand(of)
        type_ = of.type if isinstance(of, Var) else FLOAT
        return self.let(Op(lambda v: v, Form.ALIAS), of, name=name, type_=type_)

    def update(self, symbol: str, old: Var, value: Any, name: str = "") -> Var:
        op = Op(INPLACE[symbol], Form.UPDATE, symbol)
        return self.let(op, old, value, name=name or old.name, type_=old.type)

    def place(self, symbol: str, old: Var, index: Any, value: Any) -> Var:
        op = Op(INPLACE[symbol], Form.UPDATE_INDEX, symbol) if symbol else update_place()
        return self.let(op, old, index, value, name=old.name, type_=old.type)

    def effect(self, function: Callable[..., Any], *args: Any) -> None:
        self.builder.effect(call(function, effect=True), [operand(a) for a in args])

    def stack(self, name: str = "x") -> Var:
        op = Op(list, Form.LITERAL)
        return self.builder.let(
            op, (Pack("list", ()),), name=name, type_=ListOf(FLOAT), role=Role.STACK
        )

    def push(self, stack: Var, value: Var) -> None:
        op = Op(list.append, Form.METHOD, "append", effect=True)
        self.builder.effect(op, (stack, value))

    def pop(self, stack: Var, type_: Type = FLOAT, name: str = "") -> Var:
        op = Op(list.pop, Form.METHOD, "pop", effect=True)
        return self.let(op, stack, name=name, type_=type_)

    @contextmanager
    def block(self) -> Iterator[list[Any]]:
        """The statements written in it; ended by `made.append(leaf)`, or by an empty `Yield`."""
        with self.builder.block() as statements:
            yield statements

    def var(self, type_: Type = FLOAT, name: str = "") -> Var:
        return self.builder.var(type_, name)

    def branch(self, test: Any, then: Block, other: Block, *joins: Var) -> None:
        self.builder.append(Branch(operand(test), then, other, joins, self.builder.place))
        self.next_line()

    def loop(
        self,
        params: Sequence[Var],
        inits: Sequence[Any],
        body: Block,
        head: While | None = None,
        code: Var | None = None,
        count: Any = 3,
    ) -> tuple[Var, ...]:
        outs = tuple(self.var(p.type, p.name) for p in params)
        index = Var(self.var().number, "i", FLOAT, Role.INDEX)
        made = head or For(index, Const(0), operand(count), Const(1))
        starts = tuple(map(operand, inits))
        self.builder.append(Loop(made, tuple(params), starts, body, outs, code, self.builder.place))
        self.next_line()
        return outs

    def function(self, result: Any) -> Function:
        body = self.builder.finish(Yield((operand(result),)))
        return Function("f", self.params, (), body, at(1), self.split)


def ended(statements: list[Any], leaf: Leaf) -> Block:
    """A block of statements that ends in a leaf."""
    return Block(tuple(statements), leaf)


def operand(value: Any) -> Operand:
    """An operand for a Python value; tuples become displays."""
    match value:
        case Var() | Const() | Pack() | SliceOf() | Undef():
            return value
        case tuple():
            return Pack("tuple", tuple(map(operand, value)))
        case slice():
            return SliceOf(operand(value.start), operand(value.stop), operand(value.step))
        case _:
            return Const(value)


def text(function: Function) -> str:
    """The lines of the backward sweep, without types."""
    lines = show(function).splitlines()
    if "  -- backward --" in lines:
        lines = lines[lines.index("  -- backward --") + 1 :]
    words = [" ".join(w for w in line.split(" ")) for line in lines]
    return "\n".join(line[2:] for line in words)


def names_of(function: Function) -> list[str]:
    """The names of the operations of all statements at top level."""
    return [
        statement.op.name or statement.op.function.__name__
        for statement in function.body.statements
        if isinstance(statement, Let)
    ]


# -- running ---------------------------------------------------------------------------------------


class _Left(Exception):
    """How a block was left before its end."""

    def __init__(self, leaf: Leaf, values: tuple[Any, ...]) -> None:
        super().__init__(leaf)
        self.leaf, self.values = leaf, values


def evaluate(function: Function, *args: Any, in_place: bool = True) -> Any:
    """What `function` returns; updates write into the memory of their first operand, or not."""
    values: dict[Var, Any] = dict(zip(function.params, args, strict=True))
    return _Machine(values, in_place).block(function.body)[0]


class _Machine:
    """The values of all variables so far."""

    def __init__(self, values: dict[Var, Any], in_place: bool) -> None:
        self.values, self.in_place = values, in_place

    def block(self, block: Block) -> tuple[Any, ...]:
        for statement in block.statements:
            match statement:
                case Let(target):
                    made = self.let(statement)
                    if target is not None:
                        self.values[target] = made
                case Branch(test):
                    arm = statement.then if self.read(test) else statement.other
                    made = self.block(arm)
                    self.values.update(zip(statement.joins, made, strict=True))
                case Loop():
                    self.loop(statement)
        if isinstance(block.leaf, Stop):
            return ()
        leaf = tuple(self.read(value) for value in block.leaf.values)
        if isinstance(block.leaf, Next | Exit):
            raise _Left(block.leaf, leaf)
        return leaf

    def loop(self, loop: Loop) -> None:
        state = tuple(self.read(value) for value in loop.inits)
        code = 0
        for _ in self.trips(loop):
            self.values.update(zip(loop.params, state, strict=True))
            if isinstance(loop.head, While) and not self.block(loop.head.test)[0]:
                break
            try:
                self.block(loop.body)
            except _Left as left:
                state = left.values
                if isinstance(left.leaf, Exit):
                    code = left.leaf.code
                    break
        self.values.update(zip(loop.outs, state, strict=True))
        if loop.code is not None:
            self.values[loop.code] = code

    def trips(self, loop: Loop) -> Iterator[None]:
        if isinstance(loop.head, While):
            while True:
                yield
        trips = range(*map(self.read, (loop.head.start, loop.head.stop, loop.head.step)))
        for index in reversed(trips) if loop.head.reverse else trips:
            self.values[loop.head.index] = index
            yield

    def let(self, let: Let) -> Any:
        args = [self.read(a) for a in let.args]
        kwargs = {name: self.read(value) for name, value in let.kwargs}
        if let.op.updates and not self.in_place:
            args[0] = np.array(args[0]) if isinstance(args[0], np.ndarray) else args[0]
        match let.op.form:
            case Form.ALIAS | Form.LITERAL:
                return args[0]
            case Form.UPDATE_INDEX:
                args[0][args[1]] = let.op.function(args[0][args[1]], args[2])
                return args[0]
            case Form.UPDATE_AT:
                np.add.at(*args)
                return args[0]
            case Form.METHOD:
                return getattr(args[0], let.op.name)(*args[1:], **kwargs)
            case _:
                return let.op.function(*args, **kwargs)

    def read(self, operand: Operand) -> Any:
        match operand:
            case Var():
                return self.values[operand]
            case Const(value):
                return value
            case Pack(kind, items):
                made = [self.read(item) for item in items]
                return tuple(made) if kind == "tuple" else made
            case SliceOf(start, stop, step):
                return slice(*(self.read(part) for part in (start, stop, step)))
            case _:
                return None


__all__ = ["FLOAT", "FLOAT32", "MATRIX", "OPAQUE", "VECTOR", "D", "Writer", "ended", "evaluate"]

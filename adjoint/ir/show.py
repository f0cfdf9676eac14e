"""Text of the IR, for tests and for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Define,
    Exit,
    For,
    Function,
    Leaf,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    SliceOf,
    Statement,
    Stop,
    Undef,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import Callee, Form
from adjoint.ir.trampoline import Step, run
from adjoint.ir.values import (
    Array,
    DictOf,
    ListOf,
    Maybe,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    Unknown,
    among,
)

__all__ = ["show", "show_type"]


def show(function: Function) -> str:
    """Return the text of `function`, its variables numbered in order of appearance.

    Examples
    --------
    >>> import operator
    >>> from adjoint.errors import Place
    >>> from adjoint.ir.ops import operation
    >>> from adjoint.ir.values import FLOAT
    >>> here = Place("f.py", 1, 0, 1, 5, "x * x", "square")
    >>> x, y = Var(8, "x", FLOAT), Var(9, "", FLOAT)
    >>> times = Let(y, operation(operator.mul), (x, x), (), here)
    >>> print(show(Function("square", (x,), (), Block((times,), Yield((y,))), here)))
    square(x.0: float)
      t.1: float = x.0 * x.0
      yield t.1
    """
    shower = _Shower()
    params = [shower.definition(v) for v in function.params]
    if function.keywords:
        params += ["*", *map(shower.definition, function.keywords)]
    shower.lines.append(f"{function.name}({', '.join(params)})")
    run(shower.block(function.body, 1, function.split))
    return "\n".join(shower.lines)


def show_type(value: Type) -> str:
    """Return a short text of an abstract value.

    Examples
    --------
    >>> from adjoint.ir.lengths import Length
    >>> show_type(Array(np.dtype(np.float32), (Length(3), Length(4))))
    'f4[3, 4]'
    """
    match value:
        case Scalar(kind, size):
            return kind if size is None else f"{kind}={size}"
        case Array(dtype, shape, scalar):
            axes = "..." if shape is None else ", ".join(map(str, shape))
            return f"{dtype.str[1:]}{'()' if scalar else f'[{axes}]'}"
        case Unknown():
            return " or ".join(map(show_type, among(value))) or "?"
        case ListOf():
            return "list" if value.item is None else f"list[{show_type(value.item)}]"
        case DictOf(key, item):
            shown = [] if key is None or item is None else [show_type(key), show_type(item)]
            return f"dict[{', '.join(shown)}]" if shown else "dict"
        case TupleOf():
            return f"({', '.join(map(show_type, value.items))})"
        case Maybe():
            return f"{show_type(value.value)} or None"
        case Opaque():
            return "object"


class _Shower:
    """The lines written so far, and the numbers given so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._numbers: dict[Var, int] = {}

    def name(self, variable: Var) -> str:
        number = self._numbers.setdefault(variable, len(self._numbers))
        prefix = {"ADJOINT": "d_", "STACK": "stack_"}.get(variable.role.name, "")
        return f"{prefix}{variable.name or 't'}.{number}"

    def definition(self, variable: Var) -> str:
        return f"{self.name(variable)}: {show_type(variable.type)}"

    def operand(self, operand: Operand) -> str:
        match operand:
            case Var():
                return self.name(operand)
            case Const(value, spelling):
                return spelling or _constant(value)
            case Undef():
                return "undef"
            case SliceOf(start, stop, step):
                return ":".join("" if _is_none(p) else self.operand(p) for p in (start, stop, step))
            case Pack():
                return self.pack(operand)

    def pack(self, pack: Pack) -> str:
        items = self.operands(pack.items)
        match pack.kind:
            case "tuple":
                return f"({items},)" if len(pack.items) == 1 else f"({items})"
            case "list":
                return f"[{items}]"
            case "dict":
                pairs = zip(pack.keys, pack.items, strict=True)
                return f"{{{', '.join(f'{self.operand(k)}: {self.operand(v)}' for k, v in pairs)}}}"
            case kind:
                return f"{kind}({items})"

    def operands(self, operands: Sequence[Operand]) -> str:
        return ", ".join(map(self.operand, operands))

    def block(self, block: Block, depth: int, split: int = -1) -> Step[None]:
        for index, statement in enumerate(block.statements):
            if index == split:
                self.line(depth, "-- backward --")
            yield self.statement(statement, depth)
        if split == len(block.statements):
            self.line(depth, "-- backward --")
        self.line(depth, self.leaf(block.leaf))

    def line(self, depth: int, text: str) -> None:
        self.lines.append("  " * depth + text.rstrip())

    def statement(self, statement: Statement, depth: int) -> Step[None]:
        match statement:
            case Let(target):
                text = self.let(statement)
                self.line(depth, text if target is None else f"{self.definition(target)} = {text}")
            case Branch(test):
                style = "" if statement.style == "if" else f" ({statement.style})"
                self.line(depth, f"if {self.operand(test)}{style}")
                yield self.block(statement.then, depth + 1)
                self.line(depth, "else")
                yield self.block(statement.other, depth + 1)
                if statement.joins:
                    self.line(depth, f"join {', '.join(map(self.definition, statement.joins))}")
            case Loop():
                yield self.loop(statement, depth)

    def let(self, let: Let) -> str:
        mark = "!" if let.op.effect else ""
        args = [self.operand(a) for a in let.args]
        match let.op.form, args:
            case Form.OPERATOR, [one]:
                return f"{let.op.name} {one}" if let.op.name.isalpha() else f"{let.op.name}{one}"
            case Form.OPERATOR, [left, right]:
                return f"{left} {let.op.name} {right}"
            case Form.INDEX, [of, index]:
                return f"{of}[{index}]"
            case Form.PART, [of, position]:
                return f"{of}[{position}]"
            case Form.ALIAS, [of]:
                return of
            case Form.ATTRIBUTE, [of]:
                return f"{of}.{let.op.name}"
        words = [*args, *(f"{name}={self.operand(value)}" for name, value in let.kwargs)]
        return f"{_operation(let)}{mark}({', '.join(words)})"

    def loop(self, loop: Loop, depth: int) -> Step[None]:
        if isinstance(loop.head, For):
            head = loop.head
            bounds = self.operands((head.start, head.stop, head.step))
            word = "reversed range" if head.reverse else "range"
            self.line(depth, f"for {self.definition(head.index)} in {word}({bounds})")
        elif isinstance(loop.head, Define):
            given = ", ".join(map(self.definition, loop.head.params))
            self.line(depth, f"define ({given})")
        else:
            self.line(depth, "while")
        # Not strict: the verifier shows what has too few of one of them.
        for param, init in zip(loop.params, loop.inits, strict=False):
            start = self.operand(init)
            self.line(depth, f"  carry {self.definition(param)} = {start}")
        if isinstance(loop.head, While):
            yield self.block(loop.head.test, depth + 1)
            self.line(depth, "do")
        yield self.block(loop.body, depth + 1)
        outs = [self.definition(out) for out in loop.outs]
        outs += [] if loop.code is None else [f"code {self.definition(loop.code)}"]
        if outs:
            self.line(depth, f"out {', '.join(outs)}")

    def leaf(self, leaf: Leaf) -> str:
        match leaf:
            case Yield(values):
                return f"yield {self.operands(values)}"
            case Next(values):
                return f"next {self.operands(values)}"
            case Exit(code, kind, values):
                return f"{kind} {code} {self.operands(values)}"
            case Stop():
                return "stop"


def _is_none(operand: Operand) -> bool:
    return isinstance(operand, Const) and operand.value is None


def _operation(let: Let) -> str:
    name = getattr(let.op.function, "__name__", "?")
    match let.op.form:
        case Form.CALL:
            return name
        case Form.INVOKE:
            assert isinstance(let.op.function, Callee)
            return let.op.function.name
        case Form.METHOD:
            return f".{let.op.name}"
        case form:
            return f"{form.name.lower()} {let.op.name}".rstrip()


def _constant(value: Any) -> str:
    if value is Ellipsis:
        return "..."
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    if isinstance(value, type) or callable(value):  # whose repr may hold an address
        return getattr(value, "__qualname__", type(value).__qualname__)
    text = repr(value)
    return f"<{type(value).__qualname__}>" if " at 0x" in text else text

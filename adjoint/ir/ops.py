"""What a statement does: the function that is the key to its rule, and how it is spelled."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

__all__ = [
    "ALIAS",
    "APPLY",
    "BINARY",
    "COMPARE",
    "GETITEM",
    "INPLACE",
    "MAKE",
    "PART",
    "RENEWED",
    "RETURN",
    "UNARY",
    "Callee",
    "Form",
    "Op",
    "attribute",
    "call",
    "method",
    "operation",
    "part_op",
]


class Form(Enum):
    """How an operation is printed."""

    # Members are looked up in sets all the time, and Enum hashes their names, in Python.
    __hash__ = object.__hash__

    CALL = auto()  # np.tanh(x)
    OPERATOR = auto()  # a + b, -a, a < b
    METHOD = auto()  # a.squeeze()
    ATTRIBUTE = auto()  # a.T
    INDEX = auto()  # a[i]
    APPLY = auto()  # f(x), where the function itself is an operand
    INVOKE = auto()  # f(x), where f is a function of the program: see `Callee`
    PART = auto()  # one of the values that a function of the program returns
    PATH = auto()  # model.layers[0].w: a place in an argument, which costs nothing to read again
    ALIAS = auto()  # another name for a value
    UPDATE = auto()  # d_x += e
    UPDATE_INDEX = auto()  # d_x[i] += e
    UPDATE_AT = auto()  # np.add.at(d_x, i, e)
    UPDATE_METHOD = auto()  # xs.append(e)
    UPDATE_STACK = auto()  # x_stack.append(x), x_stack.pop(): of a sweep that is a value
    ENTER = auto()  # with manager as x: …, up to the LEAVE of the same block
    TRY = auto()  # try: …, up to the FINALLY of the same block
    FINALLY = auto()
    LEAVE = auto()
    ELSE = auto()  # in the arm of a branch of style "try": what may fail ends here
    CAUGHT = auto()  # except E as x: at the begin of the other arm
    RAISE = auto()
    RETURN = auto()  # what the call of a function that is defined inside hands back
    ASSERT = auto()
    FORMAT = auto()  # f"{x:.3f}"
    RULE = auto()  # what the derivative of a call is: see `custom`
    LITERAL = auto()  # a display of a list, tuple, dict or set


@dataclass(frozen=True, slots=True)
class Op:
    """An operation.

    Attributes
    ----------
    function
        What is called; the key to rules and to inference.
    form, name
        How it is printed; `name` is the operator, method or attribute.
    effect
        Whether running it does more than return a value: it is neither dropped, doubled nor moved.
    tried
        Whether it has an effect only in that a handler waits for what it may raise.
    stopped
        Whether no derivative passes (``no_grad``, ``stop_gradient``).
    proven
        Whether it cannot raise: it was done before, with what is the same of its operands.
    derived
        Whether it computes a derivative that the program itself asks for.
    fresh
        Whether what a function of the program returns, or one part of it, shares no memory with
        anything else. Of a copy, whether it is there for such a function only (see `entries`).
    """

    function: Callable[..., Any]
    form: Form = Form.CALL
    name: str = ""
    effect: bool = False
    tried: bool = False
    stopped: bool = False
    proven: bool = False
    derived: bool = False
    fresh: bool = False

    @property
    def updates(self) -> bool:
        """Whether the result takes over the storage of the first argument."""
        return self.form in _UPDATES


@dataclass(frozen=True, slots=True, eq=False)
class Callee:
    """What a function of the program is called by; `name` is what it wants to be called.

    The functions themselves stand in a table beside the program: they may call each other.
    """

    name: str

    def __call__(self, *args: Any) -> Any:
        """Nothing calls it: it stands for a function where the IR is told of one."""
        raise AssertionError("a function of the program runs in the emitted code only")


_UPDATES = frozenset(form for form in Form if form.name.startswith("UPDATE"))

BINARY: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
INPLACE: dict[str, Callable[..., Any]] = {
    "+": operator.iadd,
    "-": operator.isub,
    "*": operator.imul,
    "/": operator.itruediv,
    "//": operator.ifloordiv,
    "%": operator.imod,
    "**": operator.ipow,
    "@": operator.imatmul,
    "<<": operator.ilshift,
    ">>": operator.irshift,
    "&": operator.iand,
    "|": operator.ior,
    "^": operator.ixor,
}
UNARY: dict[str, Callable[..., Any]] = {
    "-": operator.neg,
    "+": operator.pos,
    "~": operator.invert,
    "not": operator.not_,
}


def _not_contains(item: object, container: Any) -> bool:
    return item not in container


def _contained(item: object, container: Any) -> bool:
    return item in container


COMPARE: dict[str, Callable[..., Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.is_,
    "is not": operator.is_not,
    "in": _contained,
    "not in": _not_contains,
}
_SYMBOLS = {f: s for table in (COMPARE, BINARY) for s, f in table.items()}
_UNARY_SYMBOLS = {f: s for s, f in UNARY.items()}


def operation(function: Callable[..., Any]) -> Op:
    """The operator that calls `function`: ``operation(operator.add)`` prints as ``a + b``."""
    symbol = _SYMBOLS.get(function) or _UNARY_SYMBOLS[function]
    return Op(function, Form.OPERATOR, symbol)


def call(function: Callable[..., Any], *, effect: bool = False) -> Op:
    """A call of `function` by its name."""
    return Op(function, Form.CALL, effect=effect)


def method(function: Callable[..., Any], name: str) -> Op:
    """`function`, written as the method `name` of its first argument."""
    return Op(function, Form.METHOD, name)


def attribute(function: Callable[..., Any], name: str) -> Op:
    """`function` of one argument, written as its attribute `name`."""
    return Op(function, Form.ATTRIBUTE, name)


def part_op(name: str) -> Op:
    """The part of a result that is a tuple, or has its parts as attributes: read by its `name`."""
    return Op(operator.getitem, Form.INDEX, name) if name else GETITEM


def _apply(function: Any, *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


GETITEM = Op(operator.getitem, Form.INDEX)
PART = Op(operator.getitem, Form.PART)
ALIAS = Op(lambda value: value, Form.ALIAS)
APPLY = Op(_apply, Form.APPLY, effect=True)
MAKE = Op(_apply, Form.APPLY)
#: The argument of a derivative inside, by a name of its own: what is differentiated by.
RENEWED = Op(lambda value: value, Form.ALIAS)
RETURN = Op(_apply, Form.RETURN, effect=True)

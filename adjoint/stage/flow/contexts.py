"""``with`` statements."""

from __future__ import annotations

import contextlib
import io
import threading
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import gast
import numpy as np

from adjoint.ir.nodes import Const, Let, Operand, Statement, Var
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import OPAQUE
from adjoint.markers import no_grad
from adjoint.source.parse import parse
from adjoint.source.read import read
from adjoint.stage.assign import assign
from adjoint.stage.context import Frame, PrimalRaises, Stage, describe
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.dispatch import takes_rest
from adjoint.stage.flow.left_early import is_same_when_raised, looks_at_what_was_raised
from adjoint.stage.flow.protected import LEAVE, protected
from adjoint.stage.iteration.sequences import pulled
from adjoint.stage.objects.protocols import special
from adjoint.stage.values import (
    NONE,
    Closure,
    ObjectValue,
    StagedValue,
    Static,
    Steps,
    Stream,
    Value,
)

__all__ = ["with_statement"]

ENTER = Op(lambda manager: manager, Form.ENTER, effect=True)
#: Of a manager that matters to what is inside alone: around nothing it is left out.
QUIET = Op(ENTER.function, Form.ENTER, "quiet", effect=True)


@dataclass(frozen=True, slots=True, eq=False)
class Manager:
    """What a ``with`` does: the steps that enter, and give the value, and those that leave."""

    enter: Callable[[], Steps]
    leave: Callable[[], Steps]


def with_statement(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    """Run a ``with``; how it is left, and whether the rest of the block was run with it."""
    first, *others = node.items
    value = stage.need_static((yield stage.evaluate(frame, first.context_expr)))
    body = node.body
    if others:
        body = [gast.copy_location(gast.With(others, node.body, None), node)]
    whole = takes_rest(stage, frame, node)
    if isinstance(value, Var) or (isinstance(value, Static) and value.variable is not None):
        return (yield _opaque(stage, frame, node, first, value, body, whole)), False
    manager = _manager(stage, frame, first.context_expr, value)
    entered = yield manager.enter()
    if first.optional_vars is not None:
        yield assign(stage, frame, first.optional_vars, entered)
    after = rest if whole else None
    what = _told_what_was_raised(stage, value)
    if what is not None:
        if whole:
            _refuse_raising(stage, frame, first.context_expr, what)
        steps = protected(stage, frame, node, body, manager.leave, None)
        return (yield _unless_it_raises(stage, frame, first.context_expr, steps, what)), False
    return (yield protected(stage, frame, node, body, manager.leave, after)), whole


def _manager(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Manager:
    match value:
        case Static(held) if isinstance(held, no_grad):
            return _stopping(stage)
        case ObjectValue() if (ways := _protocol(stage, value)) is not None:
            enter, leave = ways
            call = partial(stage.call, frame, node)
            nothing = [NONE, NONE, NONE]
            return Manager(
                lambda: call(enter, [value], {}), lambda: call(leave, [value, *nothing], {})
            )
        case Stream():
            return _generator(stage, frame, node, value)
    stage.refuse(
        frame, node, f"{describe(value)} is no context manager that can be followed",
        "move the code out of the with, or write the manager as a class",
    )  # fmt: skip


def _protocol(stage: Stage, value: ObjectValue) -> tuple[Static, Static] | None:
    """The methods that are called at both ends, if the class of an object has them."""
    enter, leave = special(stage, value, "__enter__"), special(stage, value, "__exit__")
    return None if enter is None or leave is None else (enter, leave)


def _stopping(stage: Stage) -> Manager:
    """``no_grad()``."""
    outer = stage.builder.stopped

    def put(stopped: bool) -> Steps:
        stage.builder.stopped = stopped
        return NONE
        yield

    return Manager(lambda: put(True), lambda: put(outer))


def _generator(stage: Stage, frame: Frame, node: gast.AST, stream: Stream) -> Manager:
    """What ``@contextmanager`` makes of a generator."""

    def enter() -> Steps:
        item = yield pulled(stage, frame, node, stream, to_its_end=True)
        if item is None:
            stage.refuse(frame, node, "a context manager that yields nothing", "yield once")
        return item

    def leave() -> Steps:
        if (yield pulled(stage, frame, node, stream, to_its_end=True)) is not None:
            stage.refuse(frame, node, "a context manager that yields twice", "yield once")
        return NONE

    return Manager(enter, leave)


def _opaque(
    stage: Stage, frame: Frame, node: Any, item: Any, value: Value, body: list[Any], whole: bool
) -> Steps:
    """A manager that cannot be seen into: the emitted code has a ``with`` of its own."""
    if whole:
        stage.refuse(
            frame, item.context_expr,
            "this with is left by return, break or continue, and its manager cannot be seen into",
            "put the return behind the with",
        )  # fmt: skip
    held = stage.operand(value, frame, item.context_expr)
    here = stage.builder.statements
    with stage.builder.at(stage.place(frame, node)):
        if item.optional_vars is None:
            stage.builder.effect(QUIET if _is_quiet(stage, held) else ENTER, (held,))
        else:
            entered = stage.builder.let(ENTER, (held,), type_=OPAQUE)
            yield assign(stage, frame, item.optional_vars, entered)
    steps = stage.execute(frame, body)
    if not _lets_through(stage, held, value):
        steps = _unless_it_raises(stage, frame, item.context_expr, steps, _SWALLOWING)
    outer, stage.numbers_raise = stage.numbers_raise, _numbers_raise(stage, held)
    try:
        outcome = yield steps
    finally:
        stage.numbers_raise = outer
    if stage.builder.statements is not here or outcome.kind != "fall":
        stage.refuse(
            frame, node, "this with is left in the middle of its body",
            "put what may leave behind the with",
        )  # fmt: skip
    stage.builder.append(Let(None, LEAVE, (), (), stage.place(frame, node)))
    return FALL


def _is_quiet(stage: Stage, held: Operand) -> bool:
    made = stage.builder.definitions.get(held) if isinstance(held, Var) else None
    return made is not None and made.op.function is np.errstate


def _numbers_raise(stage: Stage, held: Operand) -> bool:
    """Whether NumPy may raise of numbers in the body of a manager."""
    made = stage.builder.definitions.get(held) if isinstance(held, Var) else None
    if made is None or made.op.function is not np.errstate:
        return stage.numbers_raise
    values = [value for _, value in made.kwargs]
    known = all(isinstance(value, Const) for value in values)
    raising = not known or any(isinstance(v, Const) and v.value == "raise" for v in values)
    return raising or (stage.numbers_raise and not any(name == "all" for name, _ in made.kwargs))


# -- managers that may swallow what is raised ------------------------------------------------------

#: Managers that never swallow an exception.
_LETS_THROUGH: tuple[Any, ...] = (
    np.errstate, np.printoptions, warnings.catch_warnings, contextlib.redirect_stdout,
    contextlib.redirect_stderr, open, threading.Lock, threading.RLock,
)  # fmt: skip
_CLASSES = (io.IOBase, type(threading.Lock()), type(threading.RLock()))


def _lets_through(stage: Stage, held: Operand, value: Value) -> bool:
    made = stage.builder.definitions.get(held) if isinstance(held, Var) else None
    known = isinstance(value, Static) and isinstance(value.value, _CLASSES)
    return known or (made is not None and made.op.function in _LETS_THROUGH)


def _told_what_was_raised(stage: Stage, value: Value) -> str | None:
    """What a manager may do where its body raises; None if no one sees that it does other things.

    What is raised leaves the function where no handler waits for it.
    """
    is_waited_for = stage.builder.watch is not None
    if isinstance(value, Stream):
        is_same = not value.body or is_same_when_raised(value.body)
        return None if is_same or not is_waited_for else _LOOKING
    if not isinstance(value, ObjectValue):
        return None
    tree = _exit_of(value.cls)
    if tree is None or _returns_something(tree):
        return _SWALLOWING
    return _LOOKING if is_waited_for and looks_at_what_was_raised(tree) else None


def _exit_of(cls: type) -> Any:
    """The tree of the ``__exit__`` of a class; None if it has no source."""
    function: Any = getattr(cls, "__exit__", None)
    if isinstance(function, StagedValue):
        return function.value.node if isinstance(function.value, Closure) else None
    return parse(read(function)) if isinstance(function, types.FunctionType) else None


def _returns_something(tree: Any) -> bool:
    """Whether ``__exit__`` may return true, and so swallow what is raised."""
    returns = [part.value for part in gast.walk(tree) if isinstance(part, gast.Return)]
    return any(
        value is not None and not (isinstance(value, gast.Constant) and not value.value)
        for value in returns
    )


def _unless_it_raises(stage: Stage, frame: Frame, node: gast.AST, steps: Steps, what: str) -> Steps:
    """Run the body of a manager that may look at what is raised: nothing in it may raise."""
    outer = stage.builder.watch

    def watch(statement: Statement, new: bool) -> Statement:
        if isinstance(statement, Let) and not stage.is_harmless(statement):
            shows = statement.op.function is print or statement.op.form in _MARKS
            if not shows:
                _refuse_raising(stage, frame, node, what)
        return statement if outer is None else outer(statement, new)

    stage.builder.watch = watch
    try:
        return (yield steps)
    except PrimalRaises:
        _refuse_raising(stage, frame, node, what)
    finally:
        stage.builder.watch = outer


_MARKS = (Form.FORMAT, Form.ENTER, Form.TRY, Form.FINALLY, Form.LEAVE)


_SWALLOWING = "this context manager may swallow what its body raises"
_LOOKING = "this context manager may do something else where its body raises, and that is caught"


def _refuse_raising(stage: Stage, frame: Frame, node: gast.AST, what: str) -> NoReturn:
    stage.refuse(
        frame, node, what,
        "test with if for what may go wrong, or use a manager that lets exceptions through",
    )  # fmt: skip

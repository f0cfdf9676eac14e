"""A ``try`` around loops and branches, step by step: its handlers run where it has failed.

What a trip had made of a name when it failed is what the name holds after the loop that it left::

    try:                                failed = False
        for x in xs:                    for x in xs:
            s = s + math.sqrt(x)            try:
    except ValueError:                          s = s + math.sqrt(x)
        s = s * 2                           except ValueError:
                                                failed = True
                                                break
                                        if failed:
                                            s = s * 2
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gast

from adjoint.ir.nodes import Let, Role, Statement, Var
from adjoint.ir.ops import Form
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.flow.bodies import replaced
from adjoint.stage.flow.dispatch import LOOPS
from adjoint.stage.flow.handlers import looks_at_it
from adjoint.stage.flow.raises import Classes, may_lead_to
from adjoint.stage.own_statements import own_name, written_as

__all__ = ["GuardedFor", "GuardedWhile", "guarded", "has_steps", "step_by_step", "steps_key"]


class GuardedFor(gast.For):  # type: ignore[misc]
    """A loop whose trips are tried: what it goes over must not raise what is waited for."""

    wanted: Classes


class GuardedWhile(gast.While):  # type: ignore[misc]
    """The same of a ``while``, and what it asks."""

    wanted: Classes


def steps_key(stage: Stage, frame: Frame, node: Any) -> Any:
    """The decision that a ``try`` is taken step by step."""
    return stage.key(frame, node, "step by step")


def has_steps(node: Any) -> bool:
    """Whether there are loops or branches in the body of a ``try``."""
    return any(map(_is_step, node.body))


def _is_step(node: Any) -> bool:
    if isinstance(node, gast.Try):
        return not node.finalbody
    return isinstance(node, (gast.If, *LOOPS))


def step_by_step(stage: Stage, frame: Frame, node: Any, wanted: Classes) -> list[Any]:
    """The statements that a ``try`` stands for, where each of its steps is tried alone."""
    return _Steps(stage, frame, node, wanted).statements()


class _Steps:
    """Writes the statements; `flag` is the name that tells which handler runs."""

    def __init__(self, stage: Stage, frame: Frame, node: Any, wanted: Classes) -> None:
        self.stage, self.frame, self.node, self.wanted = stage, frame, node, wanted
        self.flag = own_name(stage, frame, node, "failed")
        self.error = own_name(stage, frame, node, "error")
        self.looks = any(map(looks_at_it, node.handlers))

    def statements(self) -> list[Any]:
        begin = [written_as(f"{self.flag} = {self._number(-1)}", self.node)]
        begin += [written_as(f"{self.error} = None", self.node)] if self.looks else []
        after = self.node.orelse
        for number, handler in reversed(list(enumerate(self.node.handlers))):
            last = number == len(self.node.handlers) - 1
            after = [self._if(number, handler, self._handled(handler), after, last=last)]
        return [*begin, *self._pieces(self.node.body), *after]

    def _number(self, handler: int) -> Any:
        """What the flag is where this handler is to run."""
        return handler >= 0 if len(self.node.handlers) == 1 else handler + 1

    def _if(self, number: int, at: Any, body: list[Any], orelse: list[Any], *, last: bool) -> Any:
        single = len(self.node.handlers) == 1
        test = self.flag if single else f"{self.flag} == {self._number(number)}"
        made = written_as(f"if {test}:\n    pass", at)
        made.body, made.orelse = body, orelse
        return made

    def _handled(self, handler: Any) -> list[Any]:
        """The statements of a handler, which runs after what it waited for."""
        again = written_as(f"raise {self.error}", handler)
        body = replaced(handler.body, lambda s, _: again if _raises_again(s) else None)
        if handler.name is None:
            return body
        name = handler.name.id
        bound = written_as(f"{name} = {self.error}", handler)
        return [bound, *body, written_as(f"del {name}", handler)]

    # -- the body ----------------------------------------------------------------------------------

    def _pieces(self, body: list[Any]) -> list[Any]:
        """The statements of a body, or of an arm in it, each step tried."""
        at = next((k for k, s in enumerate(body) if _is_step(s)), len(body))
        first, rest = body[:at], body[at + 1 :]
        made = []
        if at < len(body):
            before, step = self._step(body[at])
            first = [*first, *before]
            made = [step, *self._unless_failed(self._pieces(rest))]
        if not first:
            return made
        tried = self._tried(first, first[0])
        tried.orelse = made
        return [tried]

    def _step(self, node: Any) -> tuple[list[Any], Any]:
        """What is to be tried before a loop, a branch or a try, and this with its steps tried."""
        if isinstance(node, gast.Try):
            return [], self._try(node)
        if not isinstance(node, gast.If):
            return [], self._loop(node)
        name = own_name(self.stage, self.frame, node, "test")
        asked = written_as(f"{name} = None", node.test)
        asked.value = node.test
        made = written_as(f"if {name}:\n    pass", node)
        made.body, made.orelse = self._pieces(node.body), self._pieces(node.orelse)
        return [asked], made

    def _try(self, node: Any) -> Any:
        """A ``try`` in the body: what its handlers do not wait for is waited for outside."""
        handlers = []
        for handler in node.handlers:
            made = gast.ExceptHandler(handler.type, handler.name, self._pieces(handler.body))
            handlers.append(gast.copy_location(made, handler))
        outside = self._tried(node.body, node).handlers
        made = gast.Try(node.body, [*handlers, *outside], self._pieces(node.orelse), [])
        return gast.copy_location(made, node)

    def _unless_failed(self, body: list[Any]) -> list[Any]:
        if not body:
            return []
        single = len(self.node.handlers) == 1
        test = f"not {self.flag}" if single else f"{self.flag} == 0"
        made = written_as(f"if {test}:\n    pass", body[0])
        made.body = body
        return [made]

    def _tried(self, body: list[Any], at: Any, *, leaves: bool = False) -> Any:
        """A ``try`` around statements, whose handlers say that it failed.

        No other stands at its place: decisions are known by places.
        """
        handlers = [self._telling(k, leaves=leaves) for k in range(len(self.node.handlers))]
        return gast.copy_location(gast.Try(body, handlers, [], []), at)

    def _telling(self, number: int, *, leaves: bool) -> Any:
        """A handler that tells which of those that were written is to run."""
        handler, name = self.node.handlers[number], None
        lines = [f"{self.flag} = {self._number(number)}"]
        if looks_at_it(handler):
            name = gast.Name(f"{self.error}_", gast.Store(), None, None)
            lines.append(f"{self.error} = {name.id}")
        lines += ["break"] if leaves else []
        body = [written_as(line, handler) for line in lines]
        return gast.copy_location(gast.ExceptHandler(handler.type, name, body), handler)

    def _loop(self, loop: Any) -> Any:
        if isinstance(loop, gast.For):
            body = [self._tried(loop.body, loop, leaves=True)]
            made = GuardedFor(loop.target, loop.iter, body, self._pieces(loop.orelse), None)
        elif self.stage.key(self.frame, loop.test, "tried") in self.stage.decisions:
            made = self._while_tried(loop)
        else:
            body = [self._tried(loop.body, loop, leaves=True)]
            made = GuardedWhile(loop.test, body, self._pieces(loop.orelse))
        made = gast.copy_location(made, loop)
        made.wanted = self.wanted
        return made

    def _while_tried(self, loop: Any) -> Any:
        """A ``while`` whose test is asked in the ``try``."""
        if loop.orelse:
            self.stage.refuse(
                self.frame, loop, "what this while in a try asks may raise, and it has an else",
                "ask it in the body: while True: if …: break",
            )  # fmt: skip
        asked = written_as("if None:\n    pass\nelse:\n    break", loop.test)
        asked.test, asked.body = loop.test, loop.body
        return GuardedWhile(
            written_as("True", loop).value, [self._tried([asked], loop, leaves=True)], []
        )


def _raises_again(node: Any) -> bool:
    return isinstance(node, gast.Raise) and node.exc is None


@contextmanager
def guarded(stage: Stage, frame: Frame, node: Any) -> Iterator[None]:
    """Refuse what may raise in a loop, but outside of what is tried in its trips."""
    if not isinstance(node, GuardedFor | GuardedWhile):
        yield
        return
    outer, depth = stage.builder.watch, len(stage.attempts)

    def watch(statement: Statement, new: bool) -> Statement:
        alone = len(stage.attempts) == depth and not _reads_item(statement)
        if alone and may_lead_to(stage, statement, node.wanted):
            if isinstance(node, GuardedWhile):
                raise Restart(stage.key(frame, node.test, "tried"))
            raise stage.unsupported(
                "what this loop in a try goes over may raise what is waited for",
                statement.place,
                "compute it in the body of the loop",
            )
        return statement if outer is None else outer(statement, new)

    stage.builder.watch = watch
    try:
        yield
    finally:
        stage.builder.watch = outer


def _reads_item(statement: Statement) -> bool:
    """Whether a statement reads what a loop has come to of an array that it goes over."""
    if not isinstance(statement, Let) or statement.op.form is not Form.INDEX:
        return False
    index = statement.args[1]
    return isinstance(index, Var) and index.role is Role.INDEX

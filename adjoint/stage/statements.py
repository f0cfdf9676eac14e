"""Statements: one small function for each kind of node, and lists of them.

An `if` whose test is known at run time only and that contains an exit (return, break, continue)
takes the rest of its block into both arms, so that every path ends in a leaf.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from adjoint.errors import AdjointError, note_defect
from adjoint.ir.handles import RunTimeFact
from adjoint.ir.nodes import Let, Operand
from adjoint.ir.ops import Form, Op
from adjoint.stage.assign import assign, augmented, unassign
from adjoint.stage.context import AlwaysRaises, Frame, PrimalRaises, Restart, Stage
from adjoint.stage.expressions import make_closure
from adjoint.stage.flow.attempt_exits import LeaveTry, leave_try
from adjoint.stage.flow.branches import FALL, RAISE, Outcome
from adjoint.stage.flow.conditions import Chosen, refuse_early, tested
from adjoint.stage.flow.contexts import with_statement
from adjoint.stage.flow.dispatch import LOOPS, dispatch, is_yield, takes_rest
from adjoint.stage.flow.exceptions import (
    EndOfTry,
    end_of_try,
    raise_to_handler,
    try_statement,
)
from adjoint.stage.flow.generators import (
    LeaveGenerator,
    ResumeGenerator,
    leave,
    leave_generator,
    resume_generator,
)
from adjoint.stage.flow.handlers import RaiseToHandler
from adjoint.stage.flow.loop_statements import loop_statement, yield_statement
from adjoint.stage.flow.matching import match_statement
from adjoint.stage.flow.protected import (
    Cleaning,
    CleanUp,
    Leaving,
    clean_up,
    cleaning,
    leave_cleaning,
)
from adjoint.stage.names import bind, check_nonlocal
from adjoint.stage.objects.class_definitions import define_class
from adjoint.stage.operators import truth
from adjoint.stage.values import NONE, Static, Steps

__all__ = ["STATEMENTS", "execute"]

#: Statements of statements: what is inside is looked at when it is reached.
COMPOUND = (gast.If, gast.Match, gast.With, gast.Try, gast.FunctionDef, gast.ClassDef, *LOOPS)
#: Expressions of which the parts are evaluated later, or several times.
LATER = (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
#: What is raised on purpose while a function is read.
_MEANT = (AdjointError, PrimalRaises, AlwaysRaises, Restart, RunTimeFact, RecursionError)
ASSERT = Op(AssertionError, Form.ASSERT, effect=True)


def execute(stage: Stage, frame: Frame, body: list[Any]) -> Steps:
    """Run a list of statements; how it is left."""
    for position, node in enumerate(body):
        try:
            outcome, has_run_rest = yield _execute(stage, frame, node, body[position + 1 :])
        except _MEANT:
            raise
        except Exception as error:
            note_defect(error, stage.place(frame, node))
            raise
        if has_run_rest or outcome.kind != "fall":
            return outcome
    return FALL


def _execute(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    """Run a statement; how it is left, and whether the rest of its block was run with it."""
    choice = _choice_needed(stage, frame, node)
    if choice is not None:
        return (yield _split_choice(stage, frame, node, choice, rest)), True
    if type(node) in WITH_REST:
        steps = WITH_REST[type(node)]
        return (yield steps(stage, frame, node, rest))
    if frame.leaves and is_yield(node):
        return (yield yield_statement(stage, frame, node, rest)), True
    if isinstance(node, LOOPS):
        return (yield loop_statement(stage, frame, node, rest)), False
    handler = STATEMENTS.get(type(node), _unknown)
    return (yield handler(stage, frame, node)), False


def _choice_needed(stage: Stage, frame: Frame, node: Any) -> Any:
    """A conditional expression in a statement whose arms must be kept apart to the end."""
    if not stage.decisions or isinstance(node, COMPOUND):
        return None
    for part in _own_parts(node):
        if isinstance(part, gast.IfExp) and stage.key(frame, part, "split") in stage.decisions:
            return part
    return None


def _own_parts(node: Any) -> Iterator[Any]:
    """The parts of a statement that read the names around it: not what a comprehension makes."""
    todo = [node]
    for part in todo:
        yield part
        made = isinstance(part, gast.ListComp | gast.SetComp | gast.DictComp | gast.GeneratorExp)
        todo += [part.generators[0].iter] if made else gast.iter_child_nodes(part)


def _split_choice(stage: Stage, frame: Frame, node: Any, choice: Any, rest: list[Any]) -> Steps:
    """The statement once with each arm of the choice, and with the rest of the block."""
    block = stage.builder.statements
    written = len(block)
    value = yield stage.evaluate(frame, choice.test)
    decided = yield truth(stage, frame, choice.test, value)
    if any(isinstance(each, Let) and each.op.effect for each in block[written:]):
        refuse_early(stage, frame, choice)

    def with_arm(arm: Any) -> Steps:
        chosen = gast.copy_location(Chosen(arm, stage.trail.mark()), choice)
        return execute(stage, frame, [replace_node(node, choice, chosen), *rest])

    if isinstance(decided, Static):
        return (yield with_arm(choice.body if decided.value else choice.orelse))
    return (
        yield dispatch(
            stage, frame, choice, decided,
            lambda: with_arm(choice.body), lambda: with_arm(choice.orelse),
        )
    )  # fmt: skip


def replace_node(tree: Any, old: Any, new: Any) -> Any:
    """A copy of a tree in which a node is replaced; what is not on the way to it is shared."""
    if tree is old:
        return new
    if isinstance(tree, list):
        return [replace_node(item, old, new) for item in tree]
    if not isinstance(tree, gast.AST) or not any(part is old for part in gast.walk(tree)):
        return tree
    made = type(tree)(**{f: replace_node(v, old, new) for f, v in gast.iter_fields(tree)})
    return gast.copy_location(made, tree)


def _unknown(stage: Stage, frame: Frame, node: Any) -> Steps:
    name = type(node).__name__
    stage.refuse(
        frame, node, f"{name} statements are not supported", "write it with if, for and while"
    )
    yield


# -- if --------------------------------------------------------------------------------------------


def _if(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    value = yield tested(stage, frame, node.test)
    decided = yield truth(stage, frame, node.test, value)
    if isinstance(decided, Static):
        chosen = node.body if decided.value else node.orelse
        if not takes_rest(stage, frame, *chosen):
            return (yield execute(stage, frame, chosen)), False
        return (yield execute(stage, frame, [*chosen, *rest])), True
    whole = takes_rest(stage, frame, node)
    after = rest if whole else []
    outcome = yield dispatch(
        stage, frame, node, decided,
        lambda: execute(stage, frame, [*node.body, *after]),
        lambda: execute(stage, frame, [*node.orelse, *after]),
        whole=whole,
    )  # fmt: skip
    return outcome, whole


# -- the others ------------------------------------------------------------------------------------


def _assign(stage: Stage, frame: Frame, node: Any) -> Steps:
    value = yield stage.evaluate(frame, node.value)
    for target in node.targets:
        yield assign(stage, frame, target, value)
    return FALL


def _annotated(stage: Stage, frame: Frame, node: Any) -> Steps:
    if node.value is not None:
        value = yield stage.evaluate(frame, node.value)
        yield assign(stage, frame, node.target, value)
    return FALL


def _augmented(stage: Stage, frame: Frame, node: Any) -> Steps:
    yield augmented(stage, frame, node)
    return FALL


def _expression(stage: Stage, frame: Frame, node: Any) -> Steps:
    yield stage.evaluate(frame, node.value)
    return FALL


def _return(stage: Stage, frame: Frame, node: Any) -> Steps:
    value = NONE if node.value is None else (yield stage.evaluate(frame, node.value))
    return Outcome("return", leave(frame, value))


def _leave(kind: str) -> Any:
    def leave(stage: Stage, frame: Frame, node: Any) -> Steps:
        return Outcome(kind)
        yield

    return leave


def _pass(stage: Stage, frame: Frame, node: Any) -> Steps:
    return FALL
    yield


def _define(stage: Stage, frame: Frame, node: Any) -> Steps:
    decorators = []
    for each in node.decorator_list:
        decorators.append((yield stage.evaluate(frame, each)))
    made = yield make_closure(stage, frame, node, node.name)
    for decorator in reversed(decorators):
        made = yield stage.call(frame, node, decorator, [made], {})
    bind(stage, frame, node, node.name, made)
    return FALL


def _delete(stage: Stage, frame: Frame, node: Any) -> Steps:
    for target in node.targets:
        yield unassign(stage, frame, target)
    return FALL


def _global(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The names are read outside; where one is written, that is refused."""
    outer = frame.parent
    while outer is not None:
        hidden = next((name for name in node.names if name in outer.local_names), None)
        if hidden is not None:
            stage.refuse(
                frame, node, f"{hidden} is global here, and belongs to a function around this one",
                "give one of them another name",
            )  # fmt: skip
        outer = outer.parent
    return FALL
    yield


def _nonlocal(stage: Stage, frame: Frame, node: Any) -> Steps:
    check_nonlocal(stage, frame, node, node.names)
    return FALL
    yield


def _assert(stage: Stage, frame: Frame, node: Any) -> Steps:
    value = yield tested(stage, frame, node.test)
    decided = yield truth(stage, frame, node.test, value)
    if isinstance(decided, Static) and decided.value:
        return FALL
    with stage.builder.block() as statements:
        message = NONE if node.msg is None else (yield stage.evaluate(frame, node.msg))
        operand = stage.operand(message, frame, node)
    for statement in statements:
        stage.builder.append(statement)
    test = stage.operand(decided, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        stage.builder.effect(ASSERT, (test,) if node.msg is None else (test, operand))
    return FALL


def _raise(stage: Stage, frame: Frame, node: Any) -> Steps:
    operands: list[Operand] = []
    value = frame.handling  # what a raise alone raises again
    if node.exc is not None:
        value = yield stage.evaluate(frame, node.exc)
    if value is not None:
        operands.append(stage.operand(value, frame, node))
    if node.cause is not None:
        value = yield stage.evaluate(frame, node.cause)
        operands.append(stage.operand(value, frame, node))
    with stage.builder.at(stage.place(frame, node)):
        stage.builder.effect(RAISE, operands)
    return Outcome("raise")


def _import(stage: Stage, frame: Frame, node: Any) -> Steps:
    scope: dict[str, Any] = {}
    plain = gast.Module(body=[node], type_ignores=[])
    code = compile(gast.gast_to_ast(plain), "<import>", "exec")
    try:
        exec(code, {"__package__": _package(frame)}, scope)
    except Exception as error:
        raise PrimalRaises(error, stage.place(frame, node)) from error
    for name, value in scope.items():
        bind(stage, frame, node, name, Static(value))
    return FALL
    yield


def _package(frame: Frame) -> Any:
    return frame.bindings.globals.get("__package__")


def _refused(what: str, advice: str) -> Any:
    def refuse(stage: Stage, frame: Frame, node: Any) -> Steps:
        stage.refuse(frame, node, f"{what} is not supported", advice)
        yield

    return refuse


#: Statements that may run the rest of their block with them.
WITH_REST: dict[type, Any] = {
    gast.If: _if,
    gast.Match: match_statement,
    gast.With: with_statement,
    gast.Try: try_statement,
}
STATEMENTS: dict[type, Any] = {
    gast.Assign: _assign,
    gast.AnnAssign: _annotated,
    gast.AugAssign: _augmented,
    gast.Expr: _expression,
    gast.Return: _return,
    gast.Break: _leave("break"),
    gast.Continue: _leave("next"),
    gast.Pass: _pass,
    gast.FunctionDef: _define,
    gast.Delete: _delete,
    gast.Assert: _assert,
    gast.Raise: _raise,
    gast.Import: _import,
    gast.ImportFrom: _import,
    gast.Global: _global,
    gast.Nonlocal: _nonlocal,
    gast.AsyncFunctionDef: _refused("async def", "differentiate an ordinary function"),
    gast.AsyncFor: _refused("async for", "differentiate an ordinary function"),
    gast.AsyncWith: _refused("async with", "differentiate an ordinary function"),
    gast.ClassDef: define_class,
    CleanUp: clean_up,
    Cleaning: cleaning,
    EndOfTry: end_of_try,
    RaiseToHandler: raise_to_handler,
    Leaving: leave_cleaning,
    LeaveTry: leave_try,
    LeaveGenerator: leave_generator,
    ResumeGenerator: resume_generator,
}
if hasattr(gast, "TryStar"):
    STATEMENTS[gast.TryStar] = _refused("except*", "write except, and raise no groups")

"""Statements: one small function for each kind of node, and lists of them.

An `if` whose test is known at run time only and that contains an exit (return, break, continue)
takes the rest of its block into both arms, so that every path ends in a leaf.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Block, Branch, Const, Operand, Stop, Var
from adjoint.ir.ops import COMPARE, Form, Op, operation
from adjoint.ir.values import BOOL
from adjoint.stage import loops
from adjoint.stage.assign import assign, augmented
from adjoint.stage.branches import FALL, RAISE, Outcome, arm, join_arms, split
from adjoint.stage.context import Frame, Stage
from adjoint.stage.contexts import with_statement
from adjoint.stage.expressions import make_closure
from adjoint.stage.loops import Region
from adjoint.stage.names import bind, delete
from adjoint.stage.operators import compare, truth
from adjoint.stage.sequences import UNROLL_LIMIT, items_now, sequence_of, static_range, too_long
from adjoint.stage.values import NONE, Iterable, Static, Steps, Value

__all__ = ["STATEMENTS", "dispatch", "execute"]

ASSERT = Op(AssertionError, Form.ASSERT, effect=True)
EXITS = (gast.Return, gast.Break, gast.Continue)
SCOPES = (gast.FunctionDef, gast.Lambda, gast.ClassDef)
LOOPS = (gast.For, gast.While)


def execute(stage: Stage, frame: Frame, body: list[Any]) -> Steps:
    """Run a list of statements; how it is left."""
    for position, node in enumerate(body):
        choice = _choice_needed(stage, frame, node)
        if choice is not None:
            return (yield _split_choice(stage, frame, node, choice, body[position + 1 :]))
        if isinstance(node, gast.If):
            rest = body[position + 1 :]
            outcome, consumed = yield _if(stage, frame, node, rest)
            if consumed:
                return outcome
        elif isinstance(node, LOOPS):
            outcome = yield _loop(stage, frame, node, body[position + 1 :])
            if outcome.kind != "fall":
                return outcome
        else:
            handler = STATEMENTS.get(type(node), _unknown)
            outcome = yield handler(stage, frame, node)
        if outcome.kind != "fall":
            return outcome
    return FALL


def _choice_needed(stage: Stage, frame: Frame, node: Any) -> Any:
    """A conditional expression in a statement whose arms must be kept apart to the end."""
    if not stage.decisions or isinstance(node, (gast.If, gast.FunctionDef, *LOOPS)):
        return None
    for part in gast.walk(node):
        if isinstance(part, gast.IfExp) and stage.key(frame, part, "split") in stage.decisions:
            return part
    return None


def _split_choice(stage: Stage, frame: Frame, node: Any, choice: Any, rest: list[Any]) -> Steps:
    """The statement once with each arm of the choice, and with the rest of the block."""
    value = yield stage.evaluate(frame, choice.test)
    decided = yield truth(stage, frame, choice.test, value)
    arms = [[replace_node(node, choice, arm_), *rest] for arm_ in (choice.body, choice.orelse)]
    if isinstance(decided, Static):
        return (yield execute(stage, frame, arms[0 if decided.value else 1]))
    return (
        yield dispatch(
            stage, frame, choice, decided,
            lambda: execute(stage, frame, arms[0]), lambda: execute(stage, frame, arms[1]),
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
    value = yield stage.evaluate(frame, node.test)
    decided = yield truth(stage, frame, node.test, value)
    if isinstance(decided, Static):
        chosen = node.body if decided.value else node.orelse
        if not any(map(has_exit, chosen)):
            return (yield execute(stage, frame, chosen)), False
        return (yield execute(stage, frame, [*chosen, *rest])), True
    whole = has_exit(node) or stage.key(frame, node, "split") in stage.decisions
    after = rest if whole else []
    outcome = yield dispatch(
        stage, frame, node, decided,
        lambda: execute(stage, frame, [*node.body, *after]),
        lambda: execute(stage, frame, [*node.orelse, *after]),
        whole=whole,
    )  # fmt: skip
    return outcome, whole


def dispatch(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    test: Operand,
    then: Callable[[], Steps],
    other: Callable[[], Steps],
    *,
    whole: bool = True,
) -> Steps:
    """Run both arms of a statement; if `whole`, they go on to the end of the function or trip."""
    region = stage.regions[-1] if stage.regions else None
    if not whole:
        return (yield split(stage, frame, node, test, then, other))
    if isinstance(region, Region):
        return (yield _in_loop(stage, frame, node, region, test, then, other))
    ends = "return" if region is None else "next"
    arms = []
    for steps in (then, other):
        arms.append((yield arm(stage, partial(_ended, steps, ends))))
    return join_arms(
        stage, test, arms, stage.place(frame, node), (stage.key(frame, node, "split"),)
    )


def _ended(steps: Callable[[], Steps], kind: str) -> Steps:
    outcome = yield steps()
    if outcome.kind != "fall":
        return outcome
    return Outcome("return", NONE) if kind == "return" else Outcome("next")


def _in_loop(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    region: Region,
    test: Operand,
    then: Callable[[], Steps],
    other: Callable[[], Steps],
) -> Steps:
    """Arms that end in different ways each get the leaf of the loop that is theirs."""
    arms = [(yield arm(stage, then)), (yield arm(stage, other))]
    kinds = [_kind(a.outcome) for a in arms]
    place = stage.place(frame, node)
    if kinds[0] == kinds[1] and kinds[0] == "next":
        for each in arms:
            each.outcome = Outcome("next") if each.outcome.kind != "raise" else each.outcome
        return join_arms(stage, test, arms, place, (stage.key(frame, node, "split"),))
    if "raise" in kinds and kinds.count("raise") == 1 and "next" in kinds:
        return join_arms(stage, test, arms, place, (stage.key(frame, node, "split"),))
    blocks = []
    for each, kind in zip(arms, kinds, strict=True):
        done = kind in ("left", "raise")
        leaf = Stop() if done else region.leaf(each.outcome, each.changes)
        blocks.append(Block(tuple(each.statements), leaf))
    stage.builder.append(Branch(test, blocks[0], blocks[1], (), place))
    return Outcome("left")


def _kind(outcome: Outcome) -> str:
    return "next" if outcome.kind in ("fall", "next") else outcome.kind


def has_exit(node: Any) -> bool:
    """Whether control may leave the block through this statement."""
    todo = [(node, False)]
    while todo:
        each, inside = todo.pop()
        if isinstance(each, gast.Return) or (isinstance(each, EXITS) and not inside):
            return True
        if isinstance(each, (*SCOPES, gast.expr)):
            continue
        deeper = inside or isinstance(each, LOOPS)
        todo.extend((child, deeper) for child in gast.iter_child_nodes(each))
    return False


# -- loops -----------------------------------------------------------------------------------------


def _loop(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    if isinstance(node, gast.While):
        outcome = yield _while(stage, frame, node)
    else:
        value = yield stage.evaluate(frame, node.iter)
        found = yield sequence_of(stage, frame, node.iter, value)
        unroll = stage.key(frame, node, "unroll") in stage.decisions
        items = yield _unrolled_items(stage, frame, node, found, unroll)
        if isinstance(items, list):
            outcome = yield _unrolled(stage, frame, node, items, 0)
        else:
            outcome = yield _for(stage, frame, node, items)
    return (yield _after(stage, frame, node, outcome, rest))


def _unrolled_items(stage: Stage, frame: Frame, node: Any, found: Any, unroll: bool) -> Steps:
    if isinstance(found, list):
        shortened = too_long(stage, frame, node, found)
        if isinstance(shortened, list) and len(shortened) > UNROLL_LIMIT:
            stage.refuse(
                frame, node, f"a loop over {len(shortened)} different things would be unrolled",
                "loop over an array, or over a list of numbers or arrays of one kind",
            )  # fmt: skip
        return shortened
    if not unroll:
        return found
    parts = [stage.need_static(p) for p in (found.start, found.stop, found.step)]
    found = Iterable(parts[0], parts[1], parts[2], found.item)
    items = yield items_now(stage, frame, node, found, UNROLL_LIMIT)
    if items is None:
        known = static_range(found)
        reason = (
            "its number of trips is known at run time only"
            if known is None
            else f"{len(known)} trips"
        )
        stage.refuse(
            frame, node,
            "this loop must be unrolled, since its index selects among different things,"
            f" but {reason}",
            "loop over the things themselves, or keep them in one array",
        )  # fmt: skip
    return items


def _for(stage: Stage, frame: Frame, node: Any, over: Iterable) -> Steps:
    def trip(index: Value) -> Steps:
        item = yield over.item(index)
        yield assign(stage, frame, node.target, item)
        return (yield execute(stage, frame, node.body))

    plain = over.item.__name__ == "itself" and isinstance(node.target, gast.Name)
    name = node.target.id if plain else ""
    return (yield loops.counted_loop(stage, frame, node, over, trip, index_name=name))


def _while(stage: Stage, frame: Frame, node: Any) -> Steps:
    if stage.key(frame, node, "unroll") in stage.decisions:
        return (yield _unrolled_while(stage, frame, node))
    return (
        yield loops.while_loop(
            stage, frame, node,
            lambda: stage.evaluate(frame, node.test), lambda: execute(stage, frame, node.body),
        )
    )  # fmt: skip


def _unrolled_while(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The trips one after the other, where the test is known before each."""
    for _ in range(UNROLL_LIMIT):
        value = yield stage.evaluate(frame, node.test)
        decided = yield truth(stage, frame, node.test, value)
        if not isinstance(decided, Static):
            break
        if not decided.value:
            return FALL
        stage.regions.append("trip")
        try:
            outcome = yield execute(stage, frame, node.body)
        finally:
            stage.regions.pop()
        if outcome.kind in ("break", "return", "raise"):
            return outcome
        if outcome.kind == "mixed":
            break
    stage.refuse(
        frame, node,
        "this loop goes over things of different kinds,"
        " and when it ends is known at run time only",
        "loop over an array, or over a list of numbers or arrays of one kind",
    )  # fmt: skip


def _unrolled(stage: Stage, frame: Frame, node: Any, items: list[Value], position: int) -> Steps:
    """The trips one after the other, each as a region of its own."""
    for index in range(position, len(items)):
        yield assign(stage, frame, node.target, items[index])
        stage.regions.append("trip")
        try:
            outcome = yield execute(stage, frame, node.body)
        finally:
            stage.regions.pop()
        if outcome.kind in ("break", "return", "raise"):
            return outcome
        if outcome.kind == "mixed":
            return (yield _rest_of_trips(stage, frame, node, items, index, outcome))
    return FALL


def _rest_of_trips(
    stage: Stage, frame: Frame, node: Any, items: list[Value], index: int, outcome: Outcome
) -> Steps:
    """After a trip that leaves on some paths only, the others go on where it did not."""
    going = yield compare(stage, frame, node, "==", outcome.code, Static(0))

    def on() -> Steps:
        return (yield _unrolled(stage, frame, node, items, index + 1))

    def off() -> Steps:
        return outcome
        yield

    return (yield split(stage, frame, node, going, on, off))


def _after(stage: Stage, frame: Frame, node: Any, outcome: Outcome, rest: list[Any]) -> Steps:
    """The else clause, and what comes after a loop that may have been left by return."""
    orelse = node.orelse
    if outcome.kind == "break":
        return FALL
    if outcome.kind == "fall":
        return (yield execute(stage, frame, orelse))
    if outcome.kind != "mixed":
        return outcome
    broke, returned = _tests(stage, frame, node, outcome)

    def go_on() -> Steps:
        if orelse and has_exit(gast.Module(body=orelse, type_ignores=[])):
            return (yield _else_then(stage, frame, node, broke, [*orelse, *rest], rest))
        if orelse:
            yield _else_then(stage, frame, node, broke, orelse, [], whole=False)
        return (yield execute(stage, frame, rest))

    if isinstance(returned, Static) and not returned.value:
        if not orelse:
            return FALL
        outcome = yield go_on()
        return (yield _finished(stage, outcome))

    def leave() -> Steps:
        return Outcome("return", outcome.value)
        yield

    return (yield dispatch(stage, frame, node, returned, leave, go_on))


def _finished(stage: Stage, outcome: Outcome) -> Steps:
    """The rest of the block was run with the loop: it ends here."""
    if outcome.kind != "fall":
        return outcome
    return Outcome("next") if stage.regions else Outcome("return", NONE)
    yield


def _else_then(
    stage: Stage,
    frame: Frame,
    node: Any,
    broke: Value,
    other: list[Any],
    then: list[Any],
    whole: bool = True,
) -> Steps:
    if isinstance(broke, Static):
        return (yield execute(stage, frame, then if broke.value else other))
    assert isinstance(broke, Var)
    return (
        yield dispatch(
            stage, frame, node, broke,
            lambda: execute(stage, frame, then), lambda: execute(stage, frame, other), whole=whole,
        )
    )  # fmt: skip


def _tests(stage: Stage, frame: Frame, node: Any, outcome: Outcome) -> tuple[Value, Any]:
    with stage.builder.at(stage.place(frame, node)):
        if isinstance(outcome.code, tuple):
            broke = loops.was(stage, outcome.code, "break") if node.orelse else Static(True)
            return broke, loops.was(stage, outcome.code, "return")
        if isinstance(outcome.code, Static):
            return Static(outcome.code.value == 1), Static(outcome.code.value == 2)
        equal = operation(COMPARE["=="])
        tests = [stage.builder.let(equal, (outcome.code, Const(k)), type_=BOOL) for k in (1, 2)]
        returns = outcome.value is not None
        return tests[0], tests[1] if returns else Static(False)


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
    return Outcome("return", value)


def _leave(kind: str) -> Any:
    def leave(stage: Stage, frame: Frame, node: Any) -> Steps:
        return Outcome(kind)
        yield

    return leave


def _pass(stage: Stage, frame: Frame, node: Any) -> Steps:
    return FALL
    yield


def _define(stage: Stage, frame: Frame, node: Any) -> Steps:
    if node.decorator_list:
        stage.refuse(
            frame, node, "a decorated function is defined inside",
            "define it outside, or call the decorator's function directly",
        )  # fmt: skip
    bind(stage, frame, node.name, (yield make_closure(stage, frame, node, node.name)))
    return FALL


def _delete(stage: Stage, frame: Frame, node: Any) -> Steps:
    for target in node.targets:
        if not isinstance(target, gast.Name):
            stage.refuse(
                frame, target, "del of an item or attribute", "build a new container instead"
            )
        delete(stage, frame, target, target.id)
    return FALL
    yield


def _assert(stage: Stage, frame: Frame, node: Any) -> Steps:
    value = yield stage.evaluate(frame, node.test)
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
    if node.exc is not None:
        value = yield stage.evaluate(frame, node.exc)
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
    exec(
        compile(gast.gast_to_ast(plain), "<import>", "exec"),
        {"__package__": _package(frame)},
        scope,
    )
    for name, value in scope.items():
        bind(stage, frame, name, Static(value))
    return FALL
    yield


def _package(frame: Frame) -> Any:
    return frame.bindings.globals.get("__package__")


def _refused(what: str, advice: str) -> Any:
    def refuse(stage: Stage, frame: Frame, node: Any) -> Steps:
        stage.refuse(frame, node, f"{what} is not supported", advice)
        yield

    return refuse


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
    gast.With: with_statement,
    gast.Global: _refused(
        "global (writing a global)", "return the value, or pass it as an argument"
    ),
    gast.Nonlocal: _refused("nonlocal (writing an outer variable)", "return the value instead"),
    gast.Try: _refused("try", "test for the condition with if before it is reached"),
    gast.AsyncFunctionDef: _refused("async def", "differentiate an ordinary function"),
    gast.AsyncFor: _refused("async for", "differentiate an ordinary function"),
    gast.AsyncWith: _refused("async with", "differentiate an ordinary function"),
    gast.ClassDef: _refused("a class defined inside a function", "define the class outside"),
    gast.Match: _refused("match", "write it with if and elif"),
}
if hasattr(gast, "TryStar"):
    STATEMENTS[gast.TryStar] = STATEMENTS[gast.Try]

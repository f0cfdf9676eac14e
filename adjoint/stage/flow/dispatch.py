"""Statements with two arms; in a loop, arms that leave it in different ways get leaves each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Block, Branch, Operand, Stop
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.branches import Arm, Outcome, arm, join_arms, other_arm
from adjoint.stage.flow.regions import Region
from adjoint.stage.values import Steps

__all__ = [
    "LOOPS",
    "dispatch",
    "has_exit",
    "is_split",
    "is_yield",
    "joined",
    "raises_inside",
    "takes_rest",
    "to_the_end",
]

EXITS = (gast.Return, gast.Break, gast.Continue)
SCOPES = (gast.FunctionDef, gast.Lambda, gast.ClassDef)
LOOPS = (gast.For, gast.While)


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
    ends = [partial(to_the_end, stage, frame, steps, whole) for steps in (then, other)]
    arms = [(yield arm(stage, ends[0], test)), (yield other_arm(stage, ends[1], test))]
    return joined(stage, frame, node, test, arms, whole=whole)


def to_the_end(stage: Stage, frame: Frame, steps: Callable[[], Steps], whole: bool) -> Steps:
    """Run an arm; if `whole`, its end is that of the function or trip."""
    outcome = yield steps()
    region = stage.regions[-1] if stage.regions else None
    if not whole or outcome.kind != "fall" or isinstance(region, Region):
        return outcome
    return Outcome("return", frame.ending) if region is None else Outcome("next")


def joined(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    test: Operand,
    arms: list[Arm],
    *,
    whole: bool,
    style: str = "if",
) -> Any:
    """Write a branch of arms that were staged, and bring together what they changed."""
    region = stage.regions[-1] if stage.regions else None
    place, key = stage.place(frame, node), stage.key(frame, node, "split")
    if not whole or not isinstance(region, Region):
        return join_arms(stage, test, arms, place, (key,), style)
    kinds = [_kind(a.outcome) for a in arms]
    if kinds[0] == kinds[1] and kinds[0] == "next":
        for each in arms:
            each.outcome = Outcome("next") if each.outcome.kind != "raise" else each.outcome
        return join_arms(stage, test, arms, place, (key,), style)
    if "raise" in kinds and kinds.count("raise") == 1 and "next" in kinds:
        return join_arms(stage, test, arms, place, (key,), style)
    blocks = []
    for each, kind in zip(arms, kinds, strict=True):
        done = kind in ("left", "raise")
        with stage.builder.block() as more:
            leaf = Stop() if done else region.leaf(each.outcome, each.ends)
        blocks.append(Block((*each.statements, *more), leaf))
    stage.builder.append(Branch(test, blocks[0], blocks[1], (), place, style))
    return Outcome("left")


def _kind(outcome: Outcome) -> str:
    return "next" if outcome.kind in ("fall", "next") else outcome.kind


def takes_rest(stage: Stage, frame: Frame, *nodes: Any) -> bool:
    """Whether the rest of a block is to be run with statements of it.

    One of them may leave the block, or has arms that are kept apart to its end.
    """
    return any(has_exit(each, frame.leaves) or is_split(stage, frame, each) for each in nodes)


def has_exit(node: Any, yields: bool = False) -> bool:
    """Whether control may leave the block through this statement, or by a yield if `yields`."""
    todo = [(node, False)]
    while todo:
        each, inside = todo.pop()
        if isinstance(each, gast.Return) or (isinstance(each, EXITS) and not inside):
            return True
        if yields and is_yield(each):
            return True
        if isinstance(each, gast.Try) and not inside and raises_inside(each):
            return True
        if isinstance(each, (*SCOPES, gast.expr)):
            continue
        if isinstance(each, LOOPS):
            todo.extend((child, True) for child in each.body)
            todo.extend((child, inside) for child in each.orelse)
        else:
            todo.extend((child, inside) for child in gast.iter_child_nodes(each))
    return False


def is_yield(node: Any) -> bool:
    """Whether a statement only hands out an item, or several."""
    return isinstance(node, gast.Expr) and isinstance(node.value, gast.Yield | gast.YieldFrom)


def raises_inside(node: Any) -> bool:
    """Whether a ``try`` has a raise in its own body that leads to its handlers, or clean-up."""
    todo = list(node.body) if node.handlers or node.finalbody else []
    while todo:
        each = todo.pop()
        if isinstance(each, gast.Raise):
            return True
        if not isinstance(each, (*SCOPES, gast.AsyncFunctionDef, gast.Try, *LOOPS)):
            todo.extend(gast.iter_child_nodes(each))
    return False


def is_split(stage: Stage, frame: Frame, node: Any) -> bool:
    """Whether the arms of a statement, or of one inside it, must be kept apart to the end."""
    todo = [node] if stage.decisions else []
    while todo:
        part = todo.pop()
        if isinstance(part, gast.FunctionDef | gast.Lambda):
            continue
        if stage.key(frame, part, "split") in stage.decisions:
            return True
        todo.extend(part.orelse if isinstance(part, LOOPS) else gast.iter_child_nodes(part))
    return False

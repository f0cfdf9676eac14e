"""Functions that stay functions: recursion whose end is not known, and what is inlined too often.

A function is staged once for each signature of its calls. What it returns is found by fixpoint: at
first a call of itself is taken to return nothing at all, so that the paths that end give a first
result; then the function is staged again with that, until it returns what it was assumed to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gast

from adjoint.errors import Unsupported
from adjoint.ir.memory import sharing
from adjoint.ir.nodes import Block, Const, Function, Let, Operand, Statement, Var, Yield
from adjoint.ir.ops import PART, Callee, Form, Op
from adjoint.ir.values import TupleOf
from adjoint.ir.walk import all_reads, all_statements, leaf_operands, operand_vars, writes
from adjoint.source.read import FunctionSource
from adjoint.stage.buffers import photograph
from adjoint.stage.context import (
    AlwaysRaises,
    Frame,
    Key,
    PrimalRaises,
    Restart,
    Stage,
    describe,
)
from adjoint.stage.merge import Merge
from adjoint.stage.regions import same_type
from adjoint.stage.returns import Lengths, is_plain_result, leaves, run_body, with_leaves
from adjoint.stage.signatures import Signature, why_kept
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Poison,
    Steps,
    Value,
)

__all__ = [
    "Kept",
    "call_function",
    "identity_of",
    "kept_function",
    "outside",
    "stays_function",
]

ATTEMPTS = 12
#: For so many signatures a function is staged: before its lists are made run-time lists; at most.
LISTS, SIGNATURES = 6, 16
#: Effects that a call is always taken to have: it may raise.
_RAISING = (Form.RAISE, Form.ASSERT, Form.ALIAS)


@dataclass(eq=False)
class Kept:
    """A function for one signature.

    Attributes
    ----------
    signature
        Of its first call, whose parameters are those of the function.
    result
        What it returns, with variables in the place of what is not known now; None as long as no
        path is known to return.
    function
        The function, once it has settled.
    asked
        Whether it called itself while it was staged.
    fresh, effect
        Whether what it returns shares no memory with what it is given; whether it does more than
        return.
    """

    callee: Callee
    signature: Signature
    result: Value | None = None
    function: Function | None = None
    asked: bool = False
    fresh: bool = True
    effect: bool = False


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one staging of a body came to: its statements, and what it returns."""

    statements: tuple[Statement, ...]
    result: Value


def identity_of(name: str, source: FunctionSource, tree: Any) -> Key:
    """What decisions about a function are kept under: where it is written."""
    return ("function", name, source.file, tree.lineno, tree.col_offset)


def stays_function(stage: Stage, identity: Key) -> bool:
    """Whether calls of a function are calls in the emitted code."""
    return identity in stage.decisions and ("inline", identity) not in stage.decisions


def call_function(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, tree: Any) -> Steps:
    """Call a function that stays one; `inner` has its arguments.

    If it cannot be one, staging starts again, and it is interpreted in place after all.
    """
    identity = inner.identity
    try:
        kept, signature = yield kept_function(stage, frame, node, inner, tree)
        return _called(stage, frame, node, kept, signature)
    except Unsupported as error:
        if stage.wanted:
            raise Restart(*stage.wanted) from None
        raise Restart(("inline", identity), reason=error) from None


def kept_function(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, tree: Any) -> Steps:
    """The function that a call is of, staged if it is the first of its signature, and that."""
    signature = Signature(stage, frame, node, inner.identity)
    body = signature.enter(inner, tree)
    key = (inner.identity, *map(_hashable, signature.key))
    if key not in stage.functions:
        _limit(stage, frame, node, signature)
        stage.functions[key] = Kept(Callee(_spelled(inner.name)), signature)
        yield _settle(stage, frame, node, key, body, tree)
    kept = stage.functions[key]
    if kept.function is None and kept.result is None:
        kept.asked = True
        raise AlwaysRaises
    kept.asked = True
    if signature.written and not kept.fresh:
        stage.refuse(
            frame, node, f"{inner.name} may return an array that it is given, and that is"
            " written", "return a copy",
        )  # fmt: skip
    return kept, signature


def _hashable(part: Any) -> Any:
    return tuple(map(_hashable, part)) if isinstance(part, tuple | list) else part


def _spelled(name: str) -> str:
    last = name.rpartition(".")[2]
    return last if last.isidentifier() else "fun"


def _limit(stage: Stage, frame: Frame, node: gast.AST, signature: Signature) -> None:
    """Hold that a function has no end of signatures."""
    identity = signature.identity
    others = [k.signature for k in stage.functions.values() if k.signature.identity == identity]
    for other in others:
        alike = [key for key in signature.unlike(other) if key not in stage.decisions]
        if alike:
            raise Restart(*alike)
    keys = [key for key in signature.lists if key not in stage.decisions]
    if len(others) >= LISTS and keys:
        raise Restart(*keys)
    if len(others) >= SIGNATURES:
        stage.refuse(
            frame, node, f"{signature.name} calls itself with ever other structure",
            "write the recursion as a loop",
        )  # fmt: skip


# -- staging ---------------------------------------------------------------------------------------


def _settle(stage: Stage, frame: Frame, node: gast.AST, key: Key, inner: Frame, tree: Any) -> Steps:
    """Stage a function until it returns what it was assumed to return."""
    kept = stage.functions[key]
    outermost = all(k.function is not None for k in stage.functions.values() if k is not kept)
    for _ in range(ATTEMPTS):
        before = dict(stage.functions)
        kept.asked = False
        assumed = (kept.fresh, kept.effect)
        try:
            attempt = yield _stage_body(stage, frame, node, inner, tree)
        except AlwaysRaises:
            del stage.functions[key]
            if kept.asked and outermost:
                error = RecursionError("maximum recursion depth exceeded")
                raise PrimalRaises(error, stage.place(frame, node)) from None
            raise
        final, values = _compare(stage, frame, node, kept, attempt)
        if final:
            place = stage.place(replace(inner, callers=()), tree)
            body = Block(attempt.statements, Yield(values))
            function = Function(kept.callee.name, tuple(kept.signature.params), (), body, place)
            _check_outside(stage, frame, node, function)
            kept.fresh = kept.fresh and _is_fresh(function)
            kept.effect = any(map(_has_effect, all_statements(body)))
            if not kept.asked or assumed == (kept.fresh, kept.effect):
                kept.function = function
                return
        stage.functions = before
    stage.refuse(
        frame, node, f"what {inner.name} returns does not settle on one kind of value",
        "return values of the same type and shape on all paths",
    )  # fmt: skip


def _stage_body(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, tree: Any) -> Steps:
    """Stage the body of a function, apart from where it is called."""
    builder = stage.builder
    mark = stage.trail.mark()
    inner = replace(inner, names=Cell(dict(inner.names.slots)))
    outer = builder.place, builder.stopped, builder.watch
    builder.stopped, builder.watch = False, None
    stage.regions.append(None)
    stage.active.append(inner.identity)
    try:
        with builder.block() as statements:
            result = yield run_body(stage, inner, tree)
            result = photograph(stage, result)
            _check_result(stage, frame, node, inner, result)
            _check_changes(stage, frame, node, inner, mark)
            return _Attempt(tuple(statements), result)
    finally:
        stage.active.pop()
        stage.regions.pop()
        builder.place, builder.stopped, builder.watch = outer
        stage.trail.roll_back(mark)


def _check_result(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, result: Value) -> None:
    """Hold that a function returns what can be handed on as numbers and arrays."""
    if not is_plain_result(result):
        what = result.what if isinstance(result, Poison) else describe(result)
        stage.refuse(
            frame, node, f"{inner.name}, which {why_kept(inner.identity)}, returns {what}",
            "return numbers, arrays, tuples, lists or dicts, of one structure on all paths",
        )  # fmt: skip


def _check_changes(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, mark: Any) -> None:
    """Hold that a function changes nothing but what it made."""
    for cell, _ in stage.trail.changes(mark):
        if cell.birth < mark.birth and cell is not stage.read:
            stage.refuse(
                frame, node, f"{inner.name}, which {why_kept(inner.identity)}, changes what it is"
                " given, or a name outside", "return what is to be changed",
            )  # fmt: skip


def _check_outside(stage: Stage, frame: Frame, node: gast.AST, function: Function) -> None:
    """Hold that what a function reads beside its parameters is what came in, and never changes."""
    came_in = {*stage.inputs.variables.values()}
    for statement in stage.prologue:
        if isinstance(statement, Let) and statement.op.name != "copy":
            came_in.update(writes(statement))
    if any(v not in came_in for v in outside(function)):
        stage.refuse(
            frame, node, f"{function.name} reads what may be another value at each call",
            "pass it as an argument",
        )  # fmt: skip


def outside(function: Function) -> dict[Var, None]:
    """The variables that a function reads, and does not define."""
    statements = list(all_statements(function.body))
    own = {*function.params, *(v for s in statements for v in writes(s))}
    read = [v for s in function.body.statements for v in all_reads(s)]
    read += [v for operand in leaf_operands(function.body.leaf) for v in operand_vars(operand)]
    return dict.fromkeys(v for v in read if v not in own)


def _is_fresh(function: Function) -> bool:
    shared = sharing(function, (*function.params, *outside(function)))
    values = leaf_operands(function.body.leaf)
    return not any(v in shared for operand in values for v in operand_vars(operand))


def _has_effect(statement: Statement) -> bool:
    return isinstance(statement, Let) and statement.op.effect and statement.op.form not in _RAISING


def _compare(
    stage: Stage, frame: Frame, node: gast.AST, kept: Kept, attempt: _Attempt
) -> tuple[bool, tuple[Operand, ...]]:
    """Whether a function returned what was assumed, and the operands that it returns."""
    found = attempt.result
    if kept.result is None:
        own = leaves(found)
        assumed = {v: stage.builder.var(v.type, v.name) for v in own}
        kept.result = with_leaves(found, assumed)
        return not kept.asked, tuple(own)
    merge = Merge(
        stage.builder.facts, lambda slot: stage.builder.var(slot.type, slot.name),
        stage.static_operand, (),
    )  # fmt: skip
    joined = merge.values("", [kept.result, found])
    if merge.poisons:
        stage.refuse(
            frame, node, f"{kept.callee.name} returns different kinds of things",
            "return the same structure on all paths",
        )  # fmt: skip
    known = leaves(kept.result)
    operands = {slot.operands[0]: slot for slot in merge.slots}
    settled = len(operands) == len(merge.slots) and all(
        slot.operands[0] in known and same_type(stage, slot.type, slot.operands[0].type)
        for slot in merge.slots
        if isinstance(slot.operands[0], Var)
    )
    settled = settled and all(isinstance(slot.operands[0], Var) for slot in merge.slots)
    if not settled or len(operands) < len(known):
        kept.result = joined
        return False, ()
    return True, tuple(operands[v].operands[1] for v in known)


# -- calls -----------------------------------------------------------------------------------------


def _called(stage: Stage, frame: Frame, node: gast.AST, kept: Kept, signature: Signature) -> Value:
    """Write the call; what it returns."""
    pairs = zip(kept.signature.lengths, signature.lengths, strict=True)
    known = {own: theirs for (_, own), (theirs, _) in pairs}
    assert kept.result is not None
    found = leaves(kept.result)
    lengths = Lengths(stage, known)
    types = [lengths.type(v.type) for v in found]
    op = Op(kept.callee, Form.INVOKE, effect=kept.effect, fresh=kept.fresh)
    args = tuple(signature.operands)
    with stage.builder.at(stage.place(frame, node)):
        if not found:
            stage.builder.effect(op, args)
            return kept.result
        if len(found) == 1:
            made = [stage.builder.let(op, args, type_=types[0])]
        else:
            whole = stage.builder.let(op, args, type_=TupleOf(tuple(types)))
            made = [
                stage.builder.let(PART, (whole, Const(k)), type_=type_)
                for k, type_ in enumerate(types)
            ]
    table = dict(zip(found, made, strict=True))
    return with_leaves(kept.result, table)  # type: ignore[no-any-return]

"""Functions that stay functions: recursion whose end is not known, and what is inlined too often.

A function is staged once for each signature of its calls. What it returns is found by fixpoint: at
first a call of itself is taken to return nothing at all, so that the paths that end give a first
result; then the function is staged again with that, until it returns what it was assumed to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast

from adjoint.errors import Unsupported
from adjoint.ir.memory import is_immutable, sharing
from adjoint.ir.nodes import Block, Const, Function, Let, Operand, Statement, Var, Yield
from adjoint.ir.ops import PART, Callee, Form, Op
from adjoint.ir.values import Array, TupleOf, Type
from adjoint.ir.walk import all_reads, all_statements, leaf_operands, operand_vars, writes
from adjoint.source.read import FunctionSource
from adjoint.stage.calls.changes import (
    Change,
    changes_since,
    check_call,
    copied_in,
    put_back,
    returned,
    value_of,
    with_given,
)
from adjoint.stage.calls.returns import Lengths, is_plain_result, leaves, run_body, with_leaves
from adjoint.stage.calls.signature_differences import unlike
from adjoint.stage.calls.signatures import Signature, why_kept
from adjoint.stage.context import (
    AlwaysRaises,
    Frame,
    Key,
    PrimalRaises,
    Restart,
    Stage,
    describe,
)
from adjoint.stage.derivatives.orders_of_roots import deepest, finds_roots
from adjoint.stage.flow.merge import Merge
from adjoint.stage.lists.handed_registers import are_handed
from adjoint.stage.lists.registers import alike
from adjoint.stage.objects.sameness import same_type
from adjoint.stage.trail import Cell
from adjoint.stage.values import Buffer, Poison, Steps, TupleValue, Value

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
_RAISING = (Form.RAISE, Form.ASSERT, Form.ALIAS, Form.ELSE, Form.CAUGHT)


@dataclass(eq=False)
class Kept:
    """A function for one signature.

    Attributes
    ----------
    signature
        Of its first call, whose parameters are those of the function.
    changes
        What of that which it is given it changes (see `changes`).
    returned
        What it returns, and then what the changed places hold, with variables in the place of what
        is not known now; None as long as no path is known to return.
    function
        The function, once it has settled.
    asked
        Whether it called itself while it was staged.
    copies
        Whether a dict or object that it is given, and does not change, may be returned as a copy:
        on another path it returns another.
    shared
        The parameters with which what it returns may share memory.
    fresh, apart, effect
        Whether what it returns shares no memory with anything else, and its parts none with each
        other; whether it does more than return.
    depth
        For how many derivatives, one in the other, the roots that it finds were followed.
    """

    callee: Callee
    signature: Signature
    changes: tuple[Change, ...] = ()
    returned: TupleValue | None = None
    function: Function | None = None
    asked: bool = False
    copies: bool = False
    shared: frozenset[int] = frozenset()
    fresh: bool = True
    apart: bool = True
    effect: bool = False
    depth: int = 0

    @property
    def result(self) -> Value | None:
        """What the user's function returns."""
        return None if self.returned is None else self.returned.items[0]

    @property
    def memory(self) -> tuple[object, ...]:
        """What a call of it relies on, beside the types of what it returns."""
        return self.shared, self.fresh, self.apart, self.effect


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one staging of a body came to: its statements, what it changed, and what it returns.

    `copies` are the arrays that it changes, by their position among what it is given.
    """

    statements: tuple[Statement, ...]
    changes: tuple[Change, ...]
    returned: TupleValue
    copies: Mapping[int, Var]


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
        kept = Kept(Callee(_spelled(inner.name)), signature, depth=deepest(stage))
        stage.functions[key] = kept
        yield _settle(stage, frame, node, key, body, tree)
    kept = stage.functions[key]
    if kept.depth < deepest(stage) and finds_roots(stage, kept.callee):
        raise Restart(("depth", stage.depth))
    if kept.function is None and kept.returned is None:
        kept.asked = True
        raise AlwaysRaises
    kept.asked = True
    check_call(stage, frame, node, inner.name, signature, kept.changes)
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
        alike = [key for key in unlike(signature, other) if key not in stage.decisions]
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
        assumed = kept.memory
        try:
            attempt = yield _stage_body(stage, frame, node, kept, inner, tree)
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
            _note_memory(stage, frame, node, kept, attempt, function)
            kept.effect = any(map(_has_effect, all_statements(body)))
            if not kept.asked or assumed == kept.memory:
                kept.function = function
                return
        stage.functions = before
    stage.refuse(
        frame, node, f"what {inner.name} returns does not settle on one kind of value",
        "return values of the same type and shape on all paths",
    )  # fmt: skip


def _stage_body(
    stage: Stage, frame: Frame, node: gast.AST, kept: Kept, inner: Frame, tree: Any
) -> Steps:
    """Stage the body of a function, apart from where it is called."""
    builder = stage.builder
    mark = stage.trail.mark()
    inner = replace(inner, names=Cell(dict(inner.names.slots)))
    outer = builder.place, builder.stopped, builder.watch
    around = stage.registers, stage.without_registers
    stage.registers = kept.signature.registers
    stage.without_registers = None if are_handed(stage, inner.identity) else inner.identity
    builder.stopped, builder.watch = False, None
    stage.regions.append(None)
    stage.active.append(inner.identity)
    try:
        with builder.block() as statements:
            with builder.at(stage.place(replace(inner, callers=()), tree)):
                copies = copied_in(stage, kept.signature)
            begin = mark._replace(position=stage.trail.mark().position)
            value = yield run_body(stage, inner, tree)
            given = (stage, frame, node, inner, kept.signature)
            changes = tuple(dict.fromkeys((*kept.changes, *changes_since(*given, begin))))
            held = [value, *(value_of(stage, frame, node, kept.signature, c) for c in changes)]
            copied = _copied(kept, changes)
            parts = tuple(returned(*given, part, copied=copied) for part in held)
            for part in parts:
                _check_result(stage, frame, node, inner, part)
            return _Attempt(tuple(statements), changes, TupleValue(parts), copies)
    finally:
        stage.active.pop()
        stage.regions.pop()
        builder.place, builder.stopped, builder.watch = outer
        stage.registers, stage.without_registers = around
        stage.trail.roll_back(mark)


def _copied(kept: Kept, changes: Sequence[Change]) -> list[int]:
    """The positions of the dicts and objects of which a function returns copies."""
    changed = {position for position, _ in changes}
    cells = enumerate(kept.signature.handed if kept.copies else ())
    return [k for k, h in cells if k not in changed and not isinstance(h.own, Buffer)]


def _check_result(stage: Stage, frame: Frame, node: gast.AST, inner: Frame, result: Value) -> None:
    """Hold that a function returns what can be handed on as numbers and arrays."""
    if not is_plain_result(result):
        what = result.what if isinstance(result, Poison) else describe(result)
        stage.refuse(
            frame, node, f"{inner.name}, which {why_kept(inner.identity)}, returns {what}",
            "return numbers, arrays, tuples, lists or dicts, of one structure on all paths",
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


def _note_memory(
    stage: Stage, frame: Frame, node: gast.AST, kept: Kept, attempt: _Attempt, function: Function
) -> None:
    """Note what memory that which a function returns shares."""
    values = [v for v in leaf_operands(function.body.leaf) if isinstance(v, Var)]
    changed = dict(zip(attempt.changes, attempt.returned.items[1:], strict=True))
    for position, copy in attempt.copies.items():
        own = changed.get((position, "held"))
        others = sharing(function, (copy,)) & {v for v in values if v is not own}
        if others and isinstance(copy.type, Array):
            stage.refuse(
                frame, node, f"{kept.callee.name} returns a part of an array that it writes into",
                "return a copy",
            )  # fmt: skip
    found = {
        k for k, param in enumerate(function.params)
        if not is_immutable(param.type) and sharing(function, (param,)).intersection(values)
    }  # fmt: skip
    groups = [sharing(function, (v,)) | {v} for v in values]
    kept.shared |= found
    kept.fresh &= not found and not sharing(function, outside(function)).intersection(values)
    kept.apart &= all(len(group.intersection(values)) == 1 for group in groups)


def _has_effect(statement: Statement) -> bool:
    if not isinstance(statement, Let) or statement.op.form in _RAISING:
        return False
    return statement.op.effect and not statement.op.tried


def _compare(
    stage: Stage, frame: Frame, node: gast.AST, kept: Kept, attempt: _Attempt
) -> tuple[bool, tuple[Operand, ...]]:
    """Whether a function returned what was assumed, and the operands that it returns."""
    found = attempt.returned
    if kept.returned is None or kept.changes != attempt.changes:
        own = leaves(found)
        assumed = {v: stage.builder.var(v.type, v.name) for v in own}
        kept.returned, kept.changes = with_leaves(found, assumed), attempt.changes
        return not kept.asked, tuple(own)
    merge = Merge(
        stage.builder.facts, lambda slot: stage.builder.var(slot.type, slot.name),
        stage.static_operand, (),
    )  # fmt: skip
    before, found = alike(kept.returned, found)
    joined = merge.values("", [before, found])
    if merge.poisons and not kept.copies:
        kept.copies, kept.returned = True, None
        return False, ()
    if merge.poisons:
        stage.refuse(
            frame, node, f"{kept.callee.name} returns different kinds of things",
            "return the same structure on all paths",
        )  # fmt: skip
    known = leaves(kept.returned)
    operands = {slot.operands[0]: slot for slot in merge.slots}
    settled = len(operands) == len(merge.slots) and all(
        slot.operands[0] in known
        and same_type(stage.builder.facts, slot.type, slot.operands[0].type)
        for slot in merge.slots
        if isinstance(slot.operands[0], Var)
    )
    settled = settled and all(isinstance(slot.operands[0], Var) for slot in merge.slots)
    if not settled or len(operands) < len(known) or before is not kept.returned:
        kept.returned = joined
        return False, ()
    return True, tuple(operands[v].operands[1] for v in known)


# -- calls -----------------------------------------------------------------------------------------


def _called(stage: Stage, frame: Frame, node: gast.AST, kept: Kept, signature: Signature) -> Value:
    """Write the call; what it returns."""
    pairs = zip(kept.signature.lengths, signature.lengths, strict=True)
    known = {own: theirs for (_, own), (theirs, _) in pairs}
    assert kept.returned is not None
    found = leaves(kept.returned)
    types = [Lengths(stage, known).type(v.type) for v in found]
    table = dict(zip(found, _invoked(stage, frame, node, kept, signature, types), strict=True))
    result, *changed = with_leaves(kept.returned, table).items
    values = [with_given(value, signature) for value in changed]
    put_back(stage, frame, node, signature, dict(zip(kept.changes, values, strict=True)))
    shared = {signature.params[k] for k in kept.shared}
    return with_given(result, signature, [a.theirs for a in signature.arrays if a.param in shared])


def _invoked(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    kept: Kept,
    signature: Signature,
    types: Sequence[Type],
) -> list[Var]:
    """The results of a call."""
    op = Op(kept.callee, Form.INVOKE, effect=kept.effect, fresh=kept.fresh)
    part = replace(PART, fresh=kept.fresh and kept.apart)
    args, builder = tuple(signature.operands), stage.builder
    with builder.at(stage.place(frame, node)):
        if not types:
            builder.effect(op, args)
            return []
        if len(types) == 1:
            return [builder.let(op, args, type_=types[0])]
        whole = builder.let(op, args, type_=TupleOf(tuple(types)))
        return [builder.let(part, (whole, Const(k)), type_=t) for k, t in enumerate(types)]

"""Loops: the body is staged until what it carries from trip to trip has settled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.errors import Unsupported
from adjoint.ir.lengths import Length
from adjoint.ir.nodes import UNDEF, Block, Const, For, Loop, Operand, Role, Var, While, Yield
from adjoint.ir.ops import COMPARE, operation
from adjoint.ir.values import BOOL, INT, Scalar
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.flow.branches import FALL, Outcome
from adjoint.stage.flow.dispatch import dispatch
from adjoint.stage.flow.regions import (
    RETURNED,
    Attempt,
    Location,
    Older,
    Region,
    initial_values,
    stage_trip,
    widen,
)
from adjoint.stage.flow.renewed import Renewed
from adjoint.stage.objects.several import note_renewed
from adjoint.stage.operators import binary, truth
from adjoint.stage.trail import ABSENT, Cell
from adjoint.stage.values import (
    DictValue,
    Iterable,
    ListValue,
    Memory,
    ObjectValue,
    Records,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["NOT_UNROLLED", "counted_loop", "was", "while_loop"]

ATTEMPTS = 12
#: The decision that a loop stays one, since its trips cannot be counted.
NOT_UNROLLED = "not unrolled"


def counted_loop(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    over: Iterable,
    body: Callable[[Value], Steps],
    *,
    index_name: str = "",
) -> Steps:
    """A loop over a range of run-time length; `body` stages a trip from the index."""
    peel = stage.key(frame, node, "peel")
    runs = _runs(stage, over)
    if runs is False:
        stage.is_whole = False
        return FALL
    if runs and peel in stage.decisions:
        over = yield _first_trip(stage, frame, node, over, body)
        runs = _runs(stage, over)
    bounds = [stage.operand(v, frame, node) for v in (over.start, over.stop, over.step)]
    role = Role.PRIMAL if index_name else Role.INDEX
    index = stage.builder.var(_index_type(stage, node), index_name, role)
    if stage.key(frame, node, NOT_UNROLLED) not in stage.decisions:
        stage.origins[index] = (stage.key(frame, node, "unroll"),)
    head = For(index, bounds[0], bounds[1], bounds[2])
    _limit(stage, index, over)
    may_peel = runs and peel not in stage.decisions
    return (
        yield _loop(
            stage, frame, node, head, lambda: body(index),
            peel=peel if may_peel else None, runs=runs is True,
        )
    )  # fmt: skip


def _limit(stage: Stage, index: Var, over: Iterable) -> None:
    """Note between what the counter of a loop lies."""
    step = over.step.value if isinstance(over.step, Static) else 0
    start, stop = _length(stage, over.start), _length(stage, over.stop)
    assert isinstance(index.type, Scalar)
    assert index.type.length is not None
    symbol = index.type.length.terms[0][0]
    if step > 0:
        stage.builder.facts.limit(symbol, start, None if stop is None else stop - 1)
    elif step < 0:
        stage.builder.facts.limit(symbol, None if stop is None else stop + 1, start)


def _runs(stage: Stage, over: Iterable) -> bool | None:
    """Whether there is a first trip; None where some calls to which this applies have none.

    It is asked before a first trip is taken out of the loop, so that it is a condition of that.
    """
    if not (isinstance(over.step, Static) and over.step.value == 1):
        known = [p.value for p in (over.start, over.stop, over.step) if isinstance(p, Static)]
        return len(range(*known)) > 0 if len(known) == 3 else None
    sizes = [_length(stage, p) for p in (over.start, over.stop)]
    if sizes[0] is None or sizes[1] is None:
        return None
    return stage.builder.facts.at_least(sizes[1] - sizes[0], 1)


def _length(stage: Stage, value: Value) -> Length | None:
    if isinstance(value, Static):
        return Length(value.value)
    type_ = stage.type(value)
    return type_.length if isinstance(type_, Scalar) else None


def _first_trip(
    stage: Stage, frame: Frame, node: gast.AST, over: Iterable, body: Callable[[Value], Steps]
) -> Steps:
    """Run the first trip before the loop: after it, what it carries has its shape."""
    stage.regions.append("trip")
    try:
        outcome = yield body(over.start)
    finally:
        stage.regions.pop()
    if outcome.kind not in ("fall", "next"):
        stage.refuse(
            frame, node,
            "a variable of this loop changes its rank in a trip that may leave the loop",
            "give it its final shape before the loop: np.zeros(...)",
        )  # fmt: skip
    start = yield binary(stage, frame, node, "+", over.start, over.step)
    return Iterable(start, over.stop, over.step, over.item)


def _index_type(stage: Stage, node: gast.AST) -> Scalar:
    return Scalar("int", stage.builder.facts.fresh())


def while_loop(
    stage: Stage, frame: Frame, node: gast.AST, test: Callable[[], Steps], body: Callable[[], Steps]
) -> Steps:
    """A ``while`` loop."""
    holder: list[Block] = []

    def head_test() -> Steps:
        mark = stage.trail.mark()
        with stage.builder.block() as statements:
            value = yield test()
            decided = yield truth(stage, frame, node, value)
            operand = stage.operand(decided, frame, node)
            holder[:] = [Block(tuple(statements), Yield((operand,)))]
        if stage.trail.changes(mark):
            raise Restart(stage.key(frame, node, "test inside"))
        return None

    def trip() -> Steps:
        yield head_test()
        return (yield body())

    if stage.key(frame, node, "test inside") in stage.decisions:
        always = While(Block((), Yield((Const(True),))))
        return (
            yield _loop(
                stage, frame, node, always, lambda: _test_then(stage, frame, node, test, body)
            )
        )
    return (yield _loop(stage, frame, node, While(Block(())), trip, holder))


def _test_then(
    stage: Stage, frame: Frame, node: gast.AST, test: Callable[[], Steps], body: Callable[[], Steps]
) -> Steps:
    value = yield test()
    decided = yield truth(stage, frame, node, value)

    def leave() -> Steps:
        return Outcome("ended")
        yield

    return (yield dispatch(stage, frame, node, decided, body, leave))


def _loop(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    head: For | While,
    trip: Callable[[], Steps],
    test: list[Block] | None = None,
    peel: Any = None,
    runs: bool = False,
) -> Steps:
    """Stage the trip until the carried variables have settled, write the loop, and its outcome."""
    unroll = (stage.key(frame, node, "unroll"),)
    memo = stage.key(frame, node, "loop")
    returned = Cell()
    carried = _remembered(stage, frame, memo)
    place = stage.place(frame, node)
    older = _older(stage, head)
    for _ in range(ATTEMPTS):
        attempt = yield stage_trip(stage, unroll, returned, carried, trip, peel, place, older)
        settled = widen(stage, attempt, carried)
        if settled:
            stage.loops[memo] = carried
            if test is not None and not test:  # it raises, whatever the trip did before
                raise Restart(stage.key(frame, node, "test inside"))
            if test is not None:
                head = While(test[0])
            return _write(stage, frame, node, head, attempt, runs)
    if unroll[0] not in stage.decisions:
        raise Restart(*unroll)
    reason = stage.decisions.get(stage.key(frame, node, NOT_UNROLLED))
    if isinstance(reason, Unsupported):
        raise reason
    stage.refuse(
        frame, node,
        "what this loop carries from trip to trip does not settle on one kind of value",
        "give its variables their final type and shape before the loop",
    )  # fmt: skip


def _older(stage: Stage, head: For | While) -> Older:
    """How much was made before the loop, and before its counter."""
    builder = stage.builder
    if isinstance(head, While):
        return Older(builder.count, builder.facts.made())
    counter = head.index.type
    assert isinstance(counter, Scalar), "the counter of a loop is a number"
    return Older(head.index.number, builder.facts.made(before=counter.length))


def _remembered(stage: Stage, frame: Frame, memo: Any) -> dict[Location, list[Any]]:
    """What this loop was found to carry when it was staged before, as part of a loop around it."""
    found: dict[Location, list[Any]] = {}
    for (cell, key), alternatives in stage.loops.get(memo, {}).items():
        if cell is frame.names and not any(map(_holds_lists, alternatives)):
            found[cell, key] = [cell.slots.get(key, ABSENT), *alternatives[1:]]
    return found


def _holds_lists(value: Any) -> bool:
    """Whether a value is made of others, and these may be arrays or lists.

    Those of an earlier staging are not the ones that this one makes.
    """
    if isinstance(value, TupleValue):
        return any(isinstance(each, Memory) or _holds_lists(each) for each in value.items)
    return isinstance(value, Records | ListValue | DictValue | ObjectValue)


def _write(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    head: For | While,
    attempt: Attempt,
    runs: bool,
) -> Outcome:
    region = attempt.region
    builder = stage.builder
    outs = tuple(builder.var(p.type, p.name) for p in region.params)
    after = dict(zip(region.params, outs, strict=True))
    inits = initial_values(stage, region)
    code = builder.var(INT, "", Role.FLAG) if region.exits else None
    _note_unbound(stage, region, inits, outs, runs)
    stage.meetings.update(
        (out, (param, init)) for out, param, init in zip(outs, region.params, inits, strict=True)
    )
    renewed = Renewed(after, region.heads, region.returned.birth)
    for (cell, key), value in region.carried.items():
        stage.trail.set(cell, key, renewed.value(value))
    note_renewed(stage, renewed.cells)
    place = stage.place(frame, node)
    builder.append(Loop(head, tuple(region.params), inits, attempt.block, outs, code, place))
    if not region.ends and not isinstance(head, While):
        return FALL
    return _outcome(stage, region, code)


def _note_unbound(
    stage: Stage, region: Region, inits: tuple[Operand, ...], outs: tuple[Var, ...], runs: bool
) -> None:
    """Remember what is unbound after the loop if it made no trip, or left in one."""
    ends = [merged for merged in (inits, *region.leaves) if merged is not inits or not runs]
    for position, out in enumerate(outs):
        param = region.params[position]
        values = [end[position] for end in ends]
        if any(v is UNDEF or v in stage.maybe_unbound for v in values if v is not param):
            stage.maybe_unbound.add(out)


def _outcome(stage: Stage, region: Region, code: Var | None) -> Outcome:
    """How the loop was left, as the code that runs knows it."""
    if code is None:
        return FALL
    value = _returned(region)
    kinds = dict.fromkeys(region.exits)
    if [*kinds] == ["ended"]:
        return FALL
    if len(kinds) == 1:
        return Outcome("mixed", value, (code, next(iter(kinds))))
    return Outcome("mixed", value, (code, tuple(region.exits)))


def _returned(region: Region) -> Any:
    """The value returned: that of a carried name, where every return gives the same one."""
    ends = [end for kind, end in region.ends if kind == "return"]
    for cell, key in region.carried:
        if cell is not region.returned and all(_gives(end, cell, key, region) for end in ends):
            return cell.slots[key] if ends else None
    return region.returned.slots.get(RETURNED)


def _gives(end: dict[Location, Any], cell: Cell, key: Any, region: Region) -> bool:
    value = end.get((cell, key))
    return isinstance(value, Var) and end[region.returned, RETURNED] is value


def was(stage: Stage, code: Any, kind: str) -> Value:
    """Whether a loop was left by "break" or by "return", as a run-time test."""
    variable, kinds = code
    if isinstance(kinds, str):
        kinds = (kinds,)
        if kinds[0] != kind:
            return Static(False)
        operands: tuple[Operand, ...] = (variable, Const(0))
        return stage.builder.let(operation(COMPARE["!="]), operands, type_=BOOL)
    numbers = tuple(i for i, k in enumerate(kinds, 1) if k == kind)
    if not numbers:
        return Static(False)
    if len(numbers) == 1:
        return stage.builder.let(
            operation(COMPARE["=="]), (variable, Const(numbers[0])), type_=BOOL
        )
    return stage.builder.let(operation(COMPARE["in"]), (variable, Const(numbers)), type_=BOOL)

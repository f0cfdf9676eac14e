"""The statement of a function whose own derivative is wrong, where that of the whole is.

The function is staged, and run once as it is with a note of what each statement reads. Then each is
taken alone: its derivative, as the sweeps write it, is compared with its own differences at what it
read. A call of a function that has a rule of its own counts as one statement.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeGuard

import numpy as np

from adjoint.errors import AdjointError, Place, PrimalRaises, render
from adjoint.ir.custom import CustomCall, Taken
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Function,
    Let,
    Loop,
    Operand,
    Pack,
    Role,
    Statement,
    Var,
    While,
    Yield,
)  # fmt: skip
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import OPAQUE, Array, Scalar, is_differentiable
from adjoint.ir.walk import all_reads, all_statements, rename, writes
from adjoint.pipeline import TRANSFORMS, Program, program
from adjoint.stage.derivatives.derivative_arguments import COPY
from adjoint.transform.tangents import tangent_type

__all__ = ["nearest_statement"]

Mode = Literal["fwd", "rev"]
#: How often a statement is looked at that runs many times.
RUNS = 8
#: From which relative difference on a derivative is wrong; of single precision, the second.
WRONG = (1e-4, 1e-1)
#: From which relative difference on the differences to both sides are not those of one slope.
KINK = 1e-3


def nearest_statement(
    function: types.FunctionType, examples: Mapping[str, Any], mode: Mode, seed: int = 0
) -> str:
    """Where a derivative is wrong: a text with a place; empty where that cannot be found.

    Parameters
    ----------
    function, examples
        A plain Python function, and its arguments by name.
    mode
        Of the derivative that is wrong.
    seed
        Of the random directions.
    """
    try:
        with np.errstate(all="ignore"):
            found = _findings(program(function, examples), examples, mode, seed)
            return _said([*found])
    except (AdjointError, PrimalRaises, KeyError):  # it cannot be taken apart
        return ""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A statement, or those of one call of a function with a rule; what it reads and makes."""

    statements: tuple[Statement, ...]
    reads: tuple[Var, ...]
    makes: tuple[Var, ...]
    place: Place

    @property
    def moved(self) -> list[int]:
        """The positions of numbers and arrays among what it reads: what a call is given."""
        entering = {s.args[0] for s in self.statements if _enters(s)}
        known = [k for k, v in enumerate(self.reads) if _is_number(v)]
        return [k for k in known if not entering or self.reads[k] in entering]

    @property
    def jumps(self) -> bool:
        """Whether it makes what has no derivative, such as a comparison."""
        return not all(map(_is_number, self.makes))


@dataclass(frozen=True, slots=True, eq=False)
class _Finding:
    """What was found of a part: how wrong it is, and how far its differences may be trusted.

    It is not known of one that has no derivative by itself.
    """

    part: _Part
    found: float
    expected: float
    wrong: float
    rough: float
    is_known: bool = True


# -- the parts of a program ------------------------------------------------------------------------


def _is_number(variable: Var) -> bool:
    return isinstance(variable.type, Scalar | Array) and is_differentiable(variable.type)


def _parts(block: Block) -> Iterator[_Part]:
    """The parts of a block and of those inside, in source order."""
    statements, k = block.statements, 0
    while k < len(statements):
        statement = statements[k]
        group = statements[k : _end_of_call(statements, k)]
        k += len(group)
        if isinstance(statement, Let):
            part = _part(group)
            if part.makes and part.moved:
                yield part
        elif isinstance(statement, Branch):
            yield from _parts(statement.then)
            yield from _parts(statement.other)
        elif isinstance(statement, Loop):
            if isinstance(statement.head, While):
                yield from _parts(statement.head.test)
            yield from _parts(statement.body)


def _end_of_call(statements: Sequence[Statement], start: int) -> int:
    """Where the statements end that begin at `start`: after the call, if one begins there."""
    first = statements[start]
    call = first.op.function if isinstance(first, Let) else None
    if not isinstance(call, CustomCall):
        return start + 1
    ends = [k for k, s in enumerate(statements) if _takes(s) is call]
    return max(ends, default=start) + 1


def _enters(statement: Statement) -> TypeGuard[Let]:
    """Whether a statement hands an argument to a function with a rule."""
    return isinstance(statement, Let) and isinstance(statement.op.function, CustomCall)


def _takes(statement: Statement) -> CustomCall | None:
    function = statement.op.function if isinstance(statement, Let) else None
    return function.call if isinstance(function, Taken) else None


def _part(statements: Sequence[Statement]) -> _Part:
    last = statements[-1]
    assert isinstance(last, Let), "a call with a rule ends in its results"
    inside = Block(tuple(statements))
    made = {v for s in all_statements(inside) for v in writes(s)}
    read = dict.fromkeys(v for s in statements for v in all_reads(s) if v not in made)
    call = _takes(last)  # others may stand inside
    ends = statements if len(statements) == 1 else [s for s in statements if _takes(s) is call]
    makes = [s.target for s in ends if isinstance(s, Let) and not s.op.effect]
    numbers = (Scalar, Array)
    targets = tuple(v for v in makes if v is not None and isinstance(v.type, numbers))
    return _Part(tuple(statements), tuple(read), targets, last.place)


# -- one run, with notes ---------------------------------------------------------------------------


@dataclass(eq=False)
class _Notes:
    """What each part read in its first runs."""

    runs: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)

    def __call__(self, number: int, *values: Any) -> None:
        held = self.runs.setdefault(number, [])
        if len(held) < RUNS:
            held.append(tuple(map(_kept, values)))


def _kept(value: Any) -> Any:
    """A copy of what may be written into."""
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    return type(value)(map(_kept, value)) if type(value) in (list, tuple) else value


def _noted(made: Program, examples: Mapping[str, Any], parts: Sequence[_Part]) -> _Notes:
    """Run the program once."""
    notes = _Notes()
    note = made.staged.builder.var(OPAQUE, "note")
    before = {part.statements[0]: (k, part) for k, part in enumerate(parts)}

    def with_notes(block: Block) -> Block:
        written: list[Statement] = []
        for statement in block.statements:
            if statement in before:
                k, part = before[statement]
                op = Op(notes, Form.APPLY, effect=True)
                written.append(Let(None, op, (note, Const(k), *part.reads), (), part.place))
            written.append(_inside(statement, with_notes))
        return replace(block, statements=tuple(written))

    primal = made.primal
    leaf = Yield((Const(None),))
    body = replace(with_notes(primal.body), leaf=leaf)
    run = made.compiled(
        replace(primal, name="noted", params=(*primal.params, note), body=body), examples
    )
    run(*(_kept(examples[v.name]) for v in primal.params), notes)
    return notes


def _inside(statement: Statement, change: Callable[[Block], Block]) -> Statement:
    match statement:
        case Branch():
            return replace(statement, then=change(statement.then), other=change(statement.other))
        case Loop(While(test)):
            return replace(statement, head=While(change(test)), body=change(statement.body))
        case Loop():
            return replace(statement, body=change(statement.body))
        case _:
            return statement


# -- each part alone -------------------------------------------------------------------------------


def _findings(
    made: Program, examples: Mapping[str, Any], mode: Mode, seed: int
) -> Iterator[_Finding]:
    parts = [*_parts(made.primal.body)]
    notes = _noted(made, examples, parts)
    for k, each in enumerate(parts):
        part, runs = _with_own_names(made, each), notes.runs.get(k, [])
        try:
            value = _alone(made, part, examples) if runs else None
            slope = None if part.jumps or not runs else _slope_of(made, part, mode, examples)
        except (AdjointError, KeyError):  # such as a call of a function that calls itself
            yield _Finding(part, 0.0, 0.0, 0.0, 0.0, is_known=False)
            continue
        for number, values in enumerate(runs):
            rng = np.random.default_rng((seed, number))
            assert value is not None
            try:
                yield _compared(part, value, slope, values, rng)
            except (ArithmeticError, ValueError):  # it is at the border of what it is defined for
                yield _Finding(part, 0.0, 0.0, 0.0, np.inf)


def _with_own_names(made: Program, part: _Part) -> _Part:
    """A part as a function of parameters: two that it reads may have one name."""
    table = {v: _named(made, v, f"read_{k}") for k, v in enumerate(part.reads)}
    table |= {v: _named(made, v, f"made_{k}") for k, v in enumerate(part.makes)}
    body = rename(Block(part.statements, Yield(part.makes)), table)
    reads, makes = (tuple(table[v] for v in each) for each in (part.reads, part.makes))
    return _Part(body.statements, reads, makes, part.place)


def _named(made: Program, like: Var, name: str) -> Var:
    return made.staged.builder.var(like.type, name)


def _owned(made: Program, params: Sequence[Var]) -> tuple[tuple[Var, ...], list[Statement]]:
    """Parameters in the place of variables, and what copies those that may be written into."""
    given, copies = [], list[Statement]()
    for variable in params:
        if isinstance(variable.type, Array) and not variable.type.scalar:
            given.append(_named(made, variable, f"given_{len(copies)}"))
            order = (("order", Const("K")),)
            copies.append(Let(variable, COPY, (given[-1],), order, made.staged.builder.place))
        else:
            given.append(variable)
    return tuple(given), copies


def _alone(made: Program, part: _Part, examples: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of what a part reads that returns what it makes."""
    params, copies = _owned(made, part.reads)
    body = Block((*copies, *part.statements), Yield((Pack("tuple", part.makes),)))
    return made.compiled(Function("part", params, (), body, part.place), examples)


def _slope_of(
    made: Program, part: _Part, mode: Mode, examples: Mapping[str, Any]
) -> Callable[..., float]:
    """What gives the slope of a part along directions, weighted, by its derivative."""
    builder, count = made.staged.builder, len(part.makes)
    inputs = [part.reads[k] for k in part.moved]
    block = Block(part.statements, Yield(part.makes))
    beside = inputs if mode == "fwd" else part.makes
    along = [
        builder.var(tangent_type(v.type), f"along_{k}", Role.ADJOINT) for k, v in enumerate(beside)
    ]
    params, copies = _owned(made, (*part.reads, *along))
    found: Sequence[Operand]
    with builder.at(part.place), builder.block() as statements:
        statements.extend(copies)
        if mode == "fwd":
            _, found = TRANSFORMS.push_forward(builder, made.functions, block, inputs, along, count)
        else:
            inner = TRANSFORMS.differentiate(builder, made.functions, block, inputs, [None] * count)
            for statement in inner.forward.statements:
                builder.append(statement)
            found = inner.pull(builder, along)
    body = Block(tuple(statements), Yield((Pack("tuple", tuple(found)),)))
    function = Function("part_slope", params, (), body, part.place, len(copies))
    run = made.compiled(function, examples)

    def slope(values: Sequence[Any], directions: Sequence[Any], weights: Sequence[Any]) -> float:
        forward = mode == "fwd"
        derivatives = run(*map(_kept, values), *(directions if forward else weights))
        return _paired(derivatives, weights if forward else directions)

    return slope


def _paired(values: Sequence[Any], weights: Sequence[Any]) -> float:
    pairs = zip(values, weights, strict=True)
    return float(sum(np.real(np.sum(value * weight)) for value, weight in pairs))


def _compared(
    part: _Part,
    value: Callable[..., Any],
    slope: Callable[..., float] | None,
    values: Sequence[Any],
    rng: np.random.Generator,
) -> _Finding:
    """The derivative of a part and its differences, at what it read."""
    directions = [_drawn(rng, values[k]) for k in part.moved]
    size = max((float(np.max(np.abs(values[k]), initial=0.0)) for k in part.moved), default=0.0)
    single = any(np.asarray(values[k]).dtype.char in "fF" for k in part.moved)
    step = float(np.cbrt(np.finfo(np.float32 if single else float).eps)) * (size or 1.0)

    def at(t: float) -> Sequence[Any]:
        moved = [*map(_kept, values)]
        for k, d in zip(part.moved, directions, strict=True):
            moved[k] = values[k] + t * d
        return value(*moved)  # type: ignore[no-any-return]

    here = at(0.0)
    if slope is None:
        same = all(_equal(at(t), here) for t in (step, -step))
        return _Finding(part, 0.0, 0.0, 0.0, 0.0 if same else 1.0)
    weights = [_drawn(rng, each) for each in here]

    def difference(start: float, end: float) -> float:
        return (_paired(at(end), weights) - _paired(at(start), weights)) / (end - start)

    right, left = difference(0.0, step), difference(-step, 0.0)
    expected, closer = (right + left) / 2, difference(-step / 8, step / 8)
    found = slope(values, directions, weights)
    error, noise = abs(found - expected), abs(expected - closer)
    rough = abs(right - left) / (300.0 if single else 1.0)
    scale = max(abs(found), abs(right), abs(left), 1e-300)
    is_wrong = error > WRONG[single] * scale and error > 10 * noise
    return _Finding(part, found, expected, error / scale if is_wrong else 0.0, rough / scale)


def _drawn(rng: np.random.Generator, like: Any) -> Any:
    drawn = rng.standard_normal(np.shape(like))
    if np.iscomplexobj(like):
        drawn = drawn + 1j * rng.standard_normal(np.shape(like))
    return drawn.astype(like.dtype) if isinstance(like, np.ndarray) else type(like)(drawn)


def _equal(a: Sequence[Any], b: Sequence[Any]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


# -- what is said ----------------------------------------------------------------------------------


def _said(findings: Sequence[_Finding]) -> str:
    if not findings:
        return ""
    worst = max(each.wrong for each in findings)
    if worst > 0:
        first = next(each for each in findings if each.wrong >= 0.9 * worst)
        kink = f", {_reliability(first)}" if first.rough > KINK else ""
        text = (
            "the first statement that is wrong by itself, where its derivative along a random"
            f" direction is {first.found:.6g} and its own differences give {first.expected:.6g}"
            f"{kink}"
        )
        return render(f"{text}:", _shown(first.part.place))
    unknown = [each for each in findings if not each.is_known]
    if unknown:
        text = "every other statement is right by itself; this one cannot be taken by itself"
        return render(f"{text}:", _shown(unknown[0].part.place))
    rough = max(findings, key=lambda each: each.rough)
    text = (
        "no statement is wrong by itself; the one whose differences are the least reliable,"
        f" {_reliability(rough)}"
    )
    return render(f"{text}:", _shown(rough.part.place))


def _reliability(finding: _Finding) -> str:
    if finding.rough == np.inf:
        return "since it raises within a step"
    if finding.part.jumps and finding.rough:
        return "since its result changes within a step"
    if finding.rough > KINK:
        return "since those to both sides are not the same, as at a kink"
    return f"where those to both sides differ by {finding.rough:.1g} of their size"


def _shown(place: Place) -> Place:
    """A place without the calls by this library."""
    own = str(Path(__file__).parent)
    callers = tuple(each for each in place.callers if not each.file.startswith(own))
    return replace(place, callers=callers)

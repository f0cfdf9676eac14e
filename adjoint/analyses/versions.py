"""Which variables are versions of one array that is written place by place.

Such an array is one piece of memory that changes; its versions are the values it has had. The
backward sweep does not keep them: it has the memory go back from each to the one before. A list
whose items are written is such a piece of memory too, with its items. The memory of a dict does not
go back: nothing asks for an older version of it, and the last stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adjoint.ir.dicts import is_dict
from adjoint.ir.nodes import Block, Branch, Let, Loop, Next, Operand, Var, Yield
from adjoint.ir.ops import Form
from adjoint.ir.walk import all_statements, leaf_operands, loop_leaves

__all__ = ["Versions", "handed_on", "is_write", "versions_of"]

_PLACES = (Form.UPDATE_INDEX, Form.UPDATE_AT)
_SEEDS = (*_PLACES, Form.UPDATE_METHOD)
_WRITES = (*_SEEDS, Form.UPDATE)


def is_write(let: Let) -> bool:
    """Whether a statement writes into an array, or an item of a list."""
    return let.op.form in (*_PLACES, Form.UPDATE)


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of the arrays that are written place by place.

    Attributes
    ----------
    members
        All versions.
    handed_on
        Those whose memory another version takes over, by an update or at the end of a block.
    kin
        Of each version, the variable that stands for all versions of its array.
    moves
        For each loop, the carried variables whose memory stays in the carried ones, with the one
        each had its memory from at the begin of the trip.
    """

    members: frozenset[Var]
    handed_on: frozenset[Var]
    kin: dict[Var, Var] = field(default_factory=dict)
    moves: dict[Loop, dict[Var, Var]] = field(default_factory=dict)


def versions_of(block: Block) -> Versions:
    """The versions in a function body."""
    statements = list(all_statements(block))
    parents: dict[Var, Var] = {}
    seeds: list[Var] = []
    handed: list[tuple[Var, Var]] = []
    for statement in statements:
        pairs = list(handed_on(statement))
        handed += pairs
        for old, new in pairs:
            parents[_root(parents, old)] = _root(parents, new)
        if isinstance(statement, Let) and statement.op.form in _SEEDS:
            seeds += [v for v in (statement.args[0], statement.target) if isinstance(v, Var)]
    roots = {_root(parents, v) for v in seeds}
    everything = {v for pair in handed for v in pair} | set(seeds)
    members = frozenset(v for v in everything if _root(parents, v) in roots)
    sources = _sources(statements)
    moves: dict[Loop, dict[Var, Var]] = {}
    for loop in reversed([s for s in statements if isinstance(s, Loop)]):  # the inner ones first
        moves[loop] = _moves(loop, members, sources)
        ends = zip(loop.params, loop.inits, loop.outs, strict=True)
        sources.update({out: (init,) for param, init, out in ends if param in moves[loop]})
    kin = {v: _root(parents, v) for v in members}
    return Versions(members, frozenset(old for old, _ in handed if old in members), kin, moves)


def _root(parents: dict[Var, Var], variable: Var) -> Var:
    while variable in parents and parents[variable] is not variable:
        variable = parents[variable]
    return variable


def handed_on(statement: Let | Branch | Loop) -> Iterator[tuple[Var, Var]]:
    """The pairs of variables of which the second has the memory of the first."""
    match statement:
        case Let(target, op, args) if op.form in _WRITES and target is not None:
            yield from _vars([(args[0], target)])
        case Branch(joins=joins):
            for arm in (statement.then, statement.other):
                if isinstance(arm.leaf, Yield):
                    yield from _vars(zip(arm.leaf.values, joins, strict=False))
        case Loop(params=params, inits=inits, outs=outs):
            yield from _vars(zip(inits, params, strict=True))
            for leaf in loop_leaves(statement.body):
                targets = params if isinstance(leaf, Next) else outs
                yield from _vars(zip(leaf_operands(leaf), targets, strict=True))
            yield from zip(params, outs, strict=True)


def _vars(pairs: Iterable[tuple[Operand, Var]]) -> Iterator[tuple[Var, Var]]:
    return ((old, new) for old, new in pairs if isinstance(old, Var))


def _sources(statements: Iterable[Let | Branch | Loop]) -> dict[Var, tuple[Operand, ...]]:
    """Of each version made by a write or a branch, those that it may have its memory from."""
    found: dict[Var, tuple[Operand, ...]] = {}
    for statement in statements:
        match statement:
            case Let(target, op, args) if op.form in _WRITES and target is not None:
                found[target] = (args[0],)
            case Branch(joins=joins):
                arms = [a for a in (statement.then, statement.other) if isinstance(a.leaf, Yield)]
                for k, join in enumerate(joins):
                    found[join] = tuple(leaf_operands(arm.leaf)[k] for arm in arms)
            case _:
                pass
    return found


def _moves(
    loop: Loop, members: frozenset[Var], sources: dict[Var, tuple[Operand, ...]]
) -> dict[Var, Var]:
    params = [p for p in loop.params if p in members and not is_dict(p.type)]
    leaves = list(loop_leaves(loop.body))
    found: dict[Var, Var] = {}
    for param in params:
        at = loop.params.index(param)
        origins = {_origin(leaf.values[at], set(params), sources) for leaf in leaves}
        if len(origins) == 1 and None not in origins:
            (origin,) = origins
            assert origin is not None
            found[param] = origin
    while True:  # what another has its memory from must itself be handed on, and once only
        origins_left = list(found.values())
        wrong = [
            p for p, origin in found.items()
            if origin not in found or origins_left.count(origin) > 1
            or p not in origins_left
        ]  # fmt: skip
        if not wrong:
            return found
        for param in wrong:
            del found[param]


def _origin(
    value: Operand, params: set[Var], sources: dict[Var, tuple[Operand, ...]]
) -> Var | None:
    """The carried variable that a value at the end of a trip has its memory from."""
    waiting: list[Operand] = [value]
    found: set[Var] = set()
    seen: set[Operand] = set()
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        if isinstance(each, Var) and each in params:
            found.add(each)
        elif isinstance(each, Var) and each in sources:
            waiting.extend(sources[each])
        else:
            return None
    return found.pop() if len(found) == 1 else None

"""Reads shapes from what is there anyway, so that needing a shape keeps no value alive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from adjoint.ir.lengths import Facts, known_equal
from adjoint.ir.memory import written
from adjoint.ir.nodes import Block, Function, Let, Role, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import Array, same_shape, shape_of
from adjoint.ir.walk import all_statements, derived_lets, reads, writes
from adjoint.optimise.dead import needed
from adjoint.optimise.edit import replace_lets
from adjoint.rules import lookup

__all__ = ["read_shapes_elsewhere"]

_ALIAS = Op(lambda value: value, Form.ALIAS)
_ATTRIBUTES = ("shape", "size")
_LIKE = frozenset({np.zeros_like, np.ones_like, np.empty_like, np.full_like})


def read_shapes_elsewhere(function: Function, facts: Facts) -> Function:
    """Return `function` with shapes read from the nearest variable whose value is needed.

    ::

        t = np.log1p(x)                     t = np.log1p(x)
        d_t = np.zeros_like(t)      ->      d_t = np.zeros_like(x)

    Only where nothing else needs the variable that was read. The other one was computed into it,
    and has the same shape by the types and facts; for ``zeros_like`` the same dtype as well. The
    layout in memory may be another one. Memory that is written is left alone, but a shape that the
    program itself reads is taken over from there.
    """
    found = [let for let in derived_lets(function) if _reads_shape(let)]
    if not found:
        return function
    values = needed(function, facts, unless=_reads_shape)
    unstable = written(function)
    definition = {v: s for s in all_statements(function.body) for v in writes(s)}
    changes: dict[Let, tuple[Let, ...]] = {}
    at_hand = [let for let in _shapes_at_hand(function) if let.target in values]
    once = {v for s in function.body.statements for v in writes(s)}.union(function.params)
    for let in found:
        of = let.args[0]
        if of in once and (of not in values or of in unstable):
            known = _known_shape(let, at_hand, facts)
            if known is not None:
                changes[let] = (replace(let, op=_ALIAS, args=(known,)),)
                continue
        for other in () if let.args[0] in values else _ancestors(let, definition, facts):
            if other not in unstable and (other in values or other not in definition):
                changes[let] = (replace(let, args=(other, *let.args[1:])),)
                break
    return replace_lets(function, changes)


def _reads_shape(let: Let) -> bool:
    """Whether `let` reads the shape of its first argument alone."""
    is_attribute = let.op.form is Form.ATTRIBUTE and let.op.name in _ATTRIBUTES
    if not is_attribute and (let.op.function not in _LIKE or let.kwargs):
        return False
    of = let.args[0]
    return isinstance(of, Var) and isinstance(of.type, Array) and of not in let.args[1:]


def _shapes_at_hand(function: Function) -> Iterator[Let]:
    """Where the program reads a shape as a whole, outside of loops and branches."""
    statements = function.body.statements[: function.split]
    whole = {v for s in all_statements(Block(statements)) if not _is_part(s) for v in reads(s)}
    for statement in statements:
        if isinstance(statement, Let) and _is_shape(statement) and statement.target in whole:
            yield statement


def _is_part(statement: Statement) -> bool:
    return isinstance(statement, Let) and statement.op.form is Form.INDEX


def _is_shape(let: Let) -> bool:
    return let.op.form is Form.ATTRIBUTE and let.op.name == "shape" and _reads_shape(let)


def _known_shape(let: Let, at_hand: Iterable[Let], facts: Facts) -> Var | None:
    """The variable that is the shape which `let` reads in the backward sweep, if there is one."""
    is_backward = let.target is not None and let.target.role is Role.ADJOINT
    wanted = shape_of(type_of(let.args[0])) if is_backward and _is_shape(let) else None
    for other in at_hand if wanted is not None else ():
        found = shape_of(type_of(other.args[0]))
        if found is not None and known_equal(wanted or (), found, facts):
            return other.target
    return None


def _is_of_matrices(let: Let) -> bool:
    """Whether `let` may read matrices of SciPy, each of which NumPy takes for one object."""
    rule = lookup(let.op.function)
    return rule is not None and rule.written is not None


def _ancestors(let: Let, definition: Mapping[Var, Statement], facts: Facts) -> Iterator[Var]:
    """What the argument of `let` was computed from and has its shape, the nearest first."""
    of = let.args[0]
    assert isinstance(of, Var)
    assert isinstance(of.type, Array)
    found = {of: None}
    for variable in (waiting := [of]):
        made = definition.get(variable)
        if not isinstance(made, Let) or made.op.form is Form.PATH or _is_of_matrices(made):
            continue
        for arg in reads(made):
            if arg in found or not isinstance(arg.type, Array) or arg.type.scalar:
                continue
            is_alike = let.op.form is Form.ATTRIBUTE or arg.type.dtype == of.type.dtype
            if is_alike and same_shape(arg.type, of.type, facts):
                found[arg] = None
                waiting.append(arg)
                yield arg

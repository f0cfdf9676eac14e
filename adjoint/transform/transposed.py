"""Forward mode from a rule of reverse mode: the rule is linear in ``g``, and so can be transposed.

The statements of the rule are written for a ``g`` that stands for the result, and those that depend
on it are reversed, with the tangent of the argument for a seed. What arrives at ``g`` is the
tangent of the result. Nothing of the rule's own then remains but the factors in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from adjoint import runtime
from adjoint.analyses.activity import Activity, is_transparent
from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.handles import handle, operand
from adjoint.ir.nodes import Const, Let, Operand, Pack, Statement, Var
from adjoint.ir.operands import strip
from adjoint.ir.ops import GETITEM, Form, Op
from adjoint.ir.values import TupleOf
from adjoint.ir.walk import all_reads, operand_vars, reads
from adjoint.rules import Kind, Rule, lookup
from adjoint.transform.accumulate import Adjoints, cast, complete, fit
from adjoint.transform.by_rule import form_of, run_rule
from adjoint.transform.choices import taken_of_singular
from adjoint.transform.masks import masked
from adjoint.transform.pullbacks import pull_back
from adjoint.transform.rule_arguments import one_by_one, spelled
from adjoint.transform.tangents import Tangents, is_whole

__all__ = ["transposed"]

_ALIAS = Op(lambda value: value, Form.ALIAS)


def transposed(
    builder: Builder, tangents: Tangents, let: Let, rule: Rule, bound: Sequence[tuple[str, Operand]]
) -> Operand | None:
    """The tangent of the result of `let`, by the vjps of the arguments `bound`, transposed.

    Of a result that is a tuple it is a display; None where no vjp depends on ``g``.
    """
    assert let.target is not None
    begin = len(builder.statements)
    parts = _stand_ins(builder, let.target)
    is_tuple = isinstance(let.target.type, TupleOf)
    asked = tangents.items.get(let.target) or range(len(parts))
    wanted = (part if k in asked else Const(None) for k, part in enumerate(parts))
    g = Pack("list", tuple(wanted)) if is_tuple else parts[0]
    pairs: list[tuple[Operand, Operand]] = []
    for name, of in bound:
        made = _cotangent(builder, let, rule, name, g)
        for item, others, part in one_by_one(of, made):
            if part is None or item not in tangents:
                continue
            taken = taken_of_singular(builder, let, rule, name, item, others)
            pairs += (
                (each, operand(masked(builder, taken, handle(builder, t))) if taken else t)
                for each, t in _paired(builder, tangents, item, part)
            )
    forward = builder.statements[begin:]
    depending = _depending(forward, parts)
    adjoints = Adjoints(builder)
    for made, t in pairs:
        if isinstance(made, Var) and made in depending:
            adjoints.add(made, t)
    active = Activity(depending, depending)
    for statement in reversed(forward):
        if isinstance(statement, Let) and statement.target in depending.difference(parts):
            _reverse(builder, adjoints, active, statement)
    found = [adjoints.pop(part) for part in parts]
    _remove_unread(builder.statements, begin, depending, [f for f in found if f is not None])
    if not is_tuple:
        return found[0]
    items = [
        Const(0.0) if f is None else complete(builder, f, part)
        for f, part in zip(found, parts, strict=True)
    ]
    return Pack("tuple", tuple(items))


def _stand_ins(builder: Builder, target: Var) -> tuple[Var, ...]:
    """Variables for ``g``; they hold the result, which has the shape of it."""
    if isinstance(target.type, TupleOf):
        return tuple(
            builder.let(GETITEM, (target, Const(position)), type_=type_)
            for position, type_ in enumerate(target.type.items)
        )
    return (builder.let(_ALIAS, (target,), type_=target.type),)


def _cotangent(builder: Builder, let: Let, rule: Rule, name: str, g: Operand) -> Any:
    """What the vjp of one argument makes of `g`."""
    assert let.target is not None
    args = [handle(builder, a) for a in let.args]
    kwargs = {key: handle(builder, a) for key, a in let.kwargs}
    form = form_of(let, rule, name)
    return run_rule(let, form, handle(builder, g), handle(builder, let.target), args, kwargs)


def _paired(
    builder: Builder, tangents: Tangents, of: Operand, made: Any
) -> Iterator[tuple[Operand, Operand]]:
    """The cotangent of each variable in an argument, beside the tangent that it has."""
    match of:
        case Var() if of in tangents:
            yield _in_shape(builder, operand(made), of), tangents.whole(of)
        case Pack(_, items):
            parts = made if isinstance(made, list | tuple) else [made[i] for i in range(len(items))]
            for item, part in zip(items, parts, strict=True):
                if part is not None and item in tangents:
                    yield from _paired(builder, tangents, item, part)
        case _:
            pass


def _in_shape(builder: Builder, value: Operand, of: Var) -> Operand:
    """A cotangent in the shape and dtype of its argument."""
    if is_whole(value, of):
        return cast(builder, value, strip(of.type))
    return complete(builder, fit(builder, value, of, None), of)


def _depending(statements: Sequence[Statement], seeds: Sequence[Var]) -> frozenset[Var]:
    """The variables that hold something linear in the seeds."""
    found = set(seeds)
    for statement in statements:
        if isinstance(statement, Let) and any(v in found for v in reads(statement)):
            rule = lookup(statement.op.function)
            if rule is not None and rule.kind is Kind.ZERO:
                continue  # of a shape
            assert statement.target is not None
            found.add(statement.target)
    return frozenset(found)


def _reverse(builder: Builder, adjoints: Adjoints, active: Activity, let: Let) -> None:
    """Add what one statement of the rule contributes."""
    assert let.target is not None
    if let.op.function is runtime.unbroadcast:
        t, (of, _) = adjoints.pop(let.target), let.args
        if t is not None and isinstance(of, Var):
            adjoints.add(of, builder.let(let.op, (t, of), type_=of.type))
        return
    if not is_transparent(let):
        raise Unsupported(
            f"forward mode of {spelled(let)} does not follow from its rule",
            let.place,
            "give it one with jvp (see adjoint.rules.registry)",
        )
    pull_back(builder, adjoints, active, let)
    adjoints.masks.clear()  # nothing here is zero for want of being taken


def _remove_unread(
    statements: list[Statement],
    begin: int,
    removable: Collection[Var],
    results: Sequence[Operand],
) -> None:
    """Take out what was written since `begin` for the sake of the rule alone."""
    needed = {v for result in results for v in operand_vars(result)}
    kept: list[Statement] = []
    for statement in reversed(statements[begin:]):
        target = statement.target if isinstance(statement, Let) else None
        if target is None or target not in removable or target in needed:
            needed.update(all_reads(statement))
            kept.append(statement)
    statements[begin:] = reversed(kept)

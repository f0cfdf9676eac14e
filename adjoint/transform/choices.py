"""Functions that choose among their arguments, before and behind those that are singular.

``np.maximum(x, 0)`` is the same number, 0, where `x` is negative. Of ``np.sqrt(np.maximum(x, 0))``
the derivative there is 0, and by the chain rule 0 times infinity; as is that of
``np.maximum(np.sqrt(x), 1)`` where `x` is 0. Rules say where a function takes an argument
(`Rule.chosen`), and what is singular is left out elsewhere, as under `np.where`: see
`adjoint.transform.masks`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import POWERS, QUOTIENTS
from adjoint.ir.builder import Builder
from adjoint.ir.handles import Handle, handle, operand
from adjoint.ir.nodes import Block, Const, Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Scalar, rank
from adjoint.ir.walk import all_statements, operand_vars, reads
from adjoint.rules import Kind, Rule, lookup
from adjoint.transform.masks import Mask, Taken, is_singular, made_by
from adjoint.transform.read_parts import meets_singular
from adjoint.transform.rule_arguments import bound_arguments, variadic_names

__all__ = ["counting", "is_sharp", "repeatable", "taken_of_singular"]

#: How many functions a choice may lie behind.
_FAR = 16
#: What is infinite of large numbers, and so is its derivative.
_OVERFLOWING = frozenset({np.exp, np.exp2, np.expm1})


def taken_of_singular(
    builder: Builder,
    let: Let,
    rule: Rule,
    name: str,
    of: Operand,
    others: Sequence[Operand] = (),
) -> Mask:
    """Where a function takes an argument, if that comes from what may be singular.

    With it go the `others` of one name.
    """
    made = made_by(builder.definitions, of) if name in rule.chosen else None
    if made is None:
        return ()
    overflows = made.op.function in _OVERFLOWING
    counts = overflows or meets_singular(builder, made, is_sharp)
    return _taken(builder, let, rule, name, of, others) if counts else ()


def is_sharp(let: Let) -> bool:
    """Whether a function may be singular at some of its elements, and finite behind a choice.

    A number that divides all elements alike is not taken to be 0, nor a whole exponent negative.
    What is too large for a number is thought of where a choice is made of it, not further away.
    """
    if not let.args:  # all by keyword
        return True
    last = type_of(let.args[-1])
    if let.op.function in QUOTIENTS:
        return rank(last) != 0
    is_whole = isinstance(last, Scalar) and last.kind == "int"
    return let.op.function not in _OVERFLOWING and not (let.op.function in POWERS and is_whole)


def _taken(
    builder: Builder,
    let: Let,
    rule: Rule,
    name: str,
    of: Operand,
    others: Sequence[Operand],
) -> Mask:
    """Where a function takes the argument of this name, or `of` among `others` of one name."""
    if name not in rule.chosen or let.target is None:
        return ()
    ans = handle(builder, let.target)
    if name in variadic_names(rule):
        found = rule.chosen[name](ans, *(handle(builder, a) for a in (of, *others)))
    else:
        args = [handle(builder, a) for a in let.args]
        kwargs = {key: handle(builder, a) for key, a in let.kwargs}
        found = rule.chosen[name](ans, *args, **kwargs)
    if not isinstance(found, Handle):  # everywhere
        return ()
    condition = operand(found)
    made = builder.definitions.get(condition) if isinstance(condition, Var) else None
    if made is not None and made.op.function is np.logical_not:
        return (Taken(made.args[0], otherwise=True),)
    return (Taken(condition),)


def repeatable(body: Block, written: Container[Var]) -> dict[Var, Let]:
    """The statements of a body, by their results, that would give the same later.

    What is in memory that the program writes may be another where it is read again.
    """
    lets = (s for s in all_statements(body) if isinstance(s, Let) and not s.op.updates)
    return {
        let.target: let
        for let in lets
        if let.target is not None and not any(v in written for v in (let.target, *reads(let)))
    }


def counting(
    builder: Builder,
    let: Let,
    rule: Rule,
    of: Operand,
    active: Container[object],
    made_again: Mapping[Var, Let],
) -> Mask:
    """Where an argument of a singular function depends on what is differentiated.

    It does not where functions that choose took something else on the way to it, among the
    statements of `made_again`.
    """
    if (let.op.function in QUOTIENTS and of is not let.args[-1]) or not is_singular(
        builder, let, rule, ()
    ):
        return ()
    found: list[Taken] = []
    way = [(let, of)]
    for _ in range(_FAR):
        made = made_by(made_again, of)
        by = lookup(made.op.function) if made is not None else None
        if made is None or by is None or not (by.kind is Kind.ELEMENTWISE or by.chosen):
            break
        pairs = list(_each(bound_arguments(made, by)))
        followed = [(n, b) for n, b in pairs if any(v in active for v in operand_vars(b))]
        if len(followed) != 1:
            break
        name, of = followed[0]
        others = [other for _, other in pairs if other is not of]
        if name in by.chosen and not all(_is_smooth(rule, way, other) for other in others):
            found += _taken(builder, made, by, name, of, others)
        way.append((made, of))
    return tuple(found)


def _each(pairs: Iterator[tuple[str, Operand]]) -> Iterator[tuple[str, Operand]]:
    """The arguments of a call by name, those of one name one by one."""
    for name, bound in pairs:
        if isinstance(bound, Pack) and bound.kind == "variadic":
            yield from ((name, item) for item in bound.items)
        else:
            yield name, bound


def _is_smooth(rule: Rule, way: Sequence[tuple[Let, Operand]], chosen: Operand) -> bool:
    """Whether a number that is chosen comes to where the derivative of a function is finite.

    The first on the way is that function, the others those from the choice to it, backwards.
    """
    with np.errstate(all="ignore"):
        for let, of in reversed(way[1:]):
            args = _numbers(let, of, chosen)
            if args is None:
                return False
            chosen = Const(float(let.op.function(*args)))
        let, of = way[0]
        args = _numbers(let, of, chosen)
        if args is None:
            return False
        try:
            ans = np.float64(let.op.function(*args))
        except ValueError:  # of a function of `math`
            return False
        name = next(name for name, bound in bound_arguments(let, rule) if bound is of)
        return bool(np.isfinite(rule.vjps[name](1.0, ans, *args)))


def _numbers(let: Let, of: Operand, instead: Operand) -> list[Any] | None:
    """The arguments of a call with a number in the place of one, if all are numbers then."""
    args = [instead if a is of else a for a in let.args]
    values = [a.value if isinstance(a, Const) else None for a in args]
    known = all(isinstance(v, int | float) for v in values) and not let.kwargs
    return (
        [np.float64(v) if a is of else v for a, v in zip(let.args, values, strict=True)]
        if known
        else None
    )

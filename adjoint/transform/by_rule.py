"""What a function with a rule contributes to the adjoints of its arguments."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

from adjoint.analyses.activity import Activity
from adjoint.analyses.cancelling import is_zero
from adjoint.analyses.hidden import hidden_arguments
from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.handles import Handle, RunTimeFact, handle, operand
from adjoint.ir.imaginary import drops_imaginary, holds_complex
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import GETITEM, operation
from adjoint.ir.values import TupleOf, Type, rank
from adjoint.ir.walk import operand_vars
from adjoint.rules import Kind, Rule, lookup
from adjoint.rules.nested import as_array
from adjoint.transform.accumulate import (
    Adjoints,
    cast,
    complete,
    fit,
    is_nothing,
    writable,
    zero,
)
from adjoint.transform.choices import counting, taken_of_singular
from adjoint.transform.masks import (
    Mask,
    arranged,
    before,
    guarded,
    is_doubtful,
    is_singular,
    masked,
    recognised,
    still,
)
from adjoint.transform.read_parts import has_same_parts, meets_singular, on_parts, parts_read
from adjoint.transform.rule_arguments import bound_arguments, one_by_one, spelled
from adjoint.transform.support import is_put_together, support_of_singular

__all__ = [
    "by_rule",
    "form_of",
    "pull_back_tuple",
    "raises_at_zero",
    "refuse_others",
    "run_rule",
]


def pull_back_tuple(builder: Builder, adjoints: Adjoints, active: Activity, let: Let) -> None:
    """A function that returns several results: the cotangents are a list.

    A general rule is given None for a result that nothing was computed from.
    """
    assert let.target is not None
    assert isinstance(let.target.type, TupleOf)
    held = adjoints.parts.pop(let.target, None)
    if held is None:
        return
    rule = lookup(let.op.function)
    assert rule is not None
    items: list[Operand] = []
    for position in range(len(let.target.type.items)):
        g = held.get(position)
        if g is None and rule.kind is Kind.GENERAL:
            items.append(Const(None))
            continue
        part = part_of(builder, adjoints, let.target, position)
        items.append(zero(builder, part) if g is None else complete(builder, g, part))
    _contribute(builder, adjoints, active, let, rule, Pack("list", tuple(items)))


def part_of(builder: Builder, adjoints: Adjoints, whole: Var, position: int) -> Var:
    """The variable that holds an item of a result that is a tuple, read where it is not at hand."""
    assert isinstance(whole.type, TupleOf)
    named = adjoints.named.get(whole, {}).get(position)
    index, type_ = Const(position), whole.type.items[position]
    return named or builder.let(GETITEM, (whole, index), type_=type_)


def by_rule(
    builder: Builder,
    adjoints: Adjoints,
    active: Activity,
    let: Let,
    rule: Rule,
    g: Operand,
    *,
    has_ans: bool = False,
) -> None:
    """Add what a function with one result contributes, by its rule; `has_ans`: that is at hand."""
    assert let.target is not None
    source = let.args[0] if let.args else None
    if (
        rule.kind is Kind.REARRANGEMENT
        and isinstance(source, Var)
        and rank(type_of(g)) == 0
        and not _picks(let)
    ):
        if source in active:
            # It is the same number everywhere, however it is arranged.
            adjoints.add(source, cast(builder, g, strip(source.type)))
        return
    if let.op.function in SHIFTS and is_zero(
        g, builder.definitions, builder.facts, adjoints.written
    ):
        return
    if rule.kind is not Kind.ELEMENTWISE:
        g = complete(builder, g, let.target)
    _contribute(builder, adjoints, active, let, rule, g, has_ans)


def _picks(let: Let) -> bool:
    """Whether the statement is ``a.item(i)``, which takes one of many where ``a.item()`` cannot."""
    return let.op.function is np.ndarray.item and len(let.args) > 1


def _contribute(
    builder: Builder,
    adjoints: Adjoints,
    active: Activity,
    let: Let,
    rule: Rule,
    g: Operand,
    has_ans: bool = False,
) -> None:
    assert let.target is not None
    refuse_others(builder, let, rule, active)
    bound_names = [
        (n, b) for n, b in bound_arguments(let, rule) if any(v in active for v in operand_vars(b))
    ]
    for name, bound in sorted(bound_names, key=lambda pair: _is_new(adjoints, pair[1])):
        if rule.kind is Kind.ELEMENTWISE and is_nothing(builder, g):
            _distribute(builder, adjoints, active, bound, handle(builder, g), let.target.type)
            continue
        form = form_of(let, rule, name, has_ans)
        builder.numpy_division = rule.kind is Kind.ELEMENTWISE and not raises_at_zero(let)
        alive = counting(builder, let, rule, bound, active, adjoints.repeatable)
        if isinstance(bound, Var) and _by_parts(
            builder, adjoints, let, rule, form, g, bound, alive
        ):
            builder.numpy_division = False
            continue
        made, mask = _pulled(builder, adjoints, let, rule, form, g, alive)
        builder.numpy_division = False
        result = let.target.type if rule.kind is Kind.ELEMENTWISE else None
        for item, others, part in one_by_one(bound, made):
            if part is None or not any(v in active for v in operand_vars(item)):
                continue
            taken = (*mask, *taken_of_singular(builder, let, rule, name, item, others))
            _distribute(builder, adjoints, active, item, part, result, taken)


def _by_parts(
    builder: Builder,
    adjoints: Adjoints,
    let: Let,
    rule: Rule,
    form: Callable[..., Any],
    g: Operand,
    bound: Var,
    alive: Mask,
) -> bool:
    """Add what the parts of a result that were read contribute; whether that is all there is."""
    if rule.kind is not Kind.ELEMENTWISE or rank(bound.type) == 0 or let.kwargs:
        return False
    parts = parts_read(builder, adjoints, g)
    if not parts or not meets_singular(builder, let, _has_parts):
        return False
    if not has_same_parts(builder, let, bound):
        return False
    if any(is_put_together(builder, adjoints, value) for part in parts for value in part.values):
        return False
    assert let.target is not None
    ans, args = handle(builder, let.target), [handle(builder, a) for a in let.args]
    if alive:
        ans, args = guarded(builder, let, rule, alive, ans, args)

    def run(value: Any, at: Callable[[Any], Any]) -> Any:
        return run_rule(let, form, value, at(ans), [at(a) for a in args], {})

    old = adjoints.pop(bound)
    whole = zero(builder, bound) if old is None else writable(builder, old, bound)
    made = on_parts(builder, parts, whole, run)
    if isinstance(made, Var):
        made.name = adjoints.name(bound)
    adjoints.values[bound] = made
    return True


def _has_parts(let: Let) -> bool:
    """Whether a statement computes an array: what reaches a number comes of all of a result."""
    return let.target is not None and rank(let.target.type) != 0


def _pulled(
    builder: Builder,
    adjoints: Adjoints,
    let: Let,
    rule: Rule,
    form: Callable[..., Any],
    g: Operand,
    alive: Mask,
) -> tuple[Any, Mask]:
    """What a form of a rule makes of a cotangent, and which of its elements were taken.

    Where the argument is not `alive` its cotangent is of no account.
    """
    assert let.target is not None
    math_ = getattr(let.op.function, "__module__", "") == "math"
    cotangent = handle(builder, g, math_)
    if isinstance(g, Const):
        cotangent = Handle(builder, g)
    ans = _answer(builder, adjoints, let.target, math_)
    args = [handle(builder, a, math_) for a in let.args]
    kwargs = {key: handle(builder, a, math_) for key, a in let.kwargs}
    if rule.kind is Kind.MULTILINEAR:  # a list of numbers would be repeated, not multiplied
        data = rule.places(len(args))
        args = [as_array(a, cotangent) if k in data else a for k, a in enumerate(args)]

    def run(value: Any, ans: Any = ans, args: list[Any] = args) -> Any:
        return run_rule(let, form, value, ans, args, kwargs)

    mask = adjoints.masks.get(g, ())
    if not mask and rule.kind is Kind.ELEMENTWISE:
        mask = support_of_singular(builder, adjoints, let, g)
    if rule.kind is Kind.ELEMENTWISE and alive:
        both = (*mask, *(t for t in alive if t not in mask))
        return run(cotangent, *guarded(builder, let, rule, both, ans, args)), mask
    if not mask or rule.kind not in (Kind.ELEMENTWISE, Kind.REARRANGEMENT):
        return run(cotangent), ()
    if rule.kind is Kind.REARRANGEMENT:
        arrange = arranged(builder, mask, g, lambda c: operand(run(handle(builder, c))))
        return run(cotangent), arrange
    if is_singular(builder, let, rule, mask):
        return run(cotangent, *guarded(builder, let, rule, mask, ans, args)), mask
    return _where_taken(builder, mask, rule, g, cotangent, run), mask


def _where_taken(
    builder: Builder, mask: Mask, rule: Rule, g: Operand, cotangent: Any, run: Callable[[Any], Any]
) -> Any:
    """What a rule makes of a masked cotangent, without what is not finite where it is zero."""
    known = builder.count
    made = run(cotangent)
    if not rule.poles and not is_doubtful(builder, operand(made), mask, known, g):
        return made
    return masked(builder, mask, run(Handle(builder, before(builder, g, mask))))


def _answer(builder: Builder, adjoints: Adjoints, target: Var, math_: bool) -> Any:
    """The result of a statement; of a tuple, the variables that hold its items."""
    named = adjoints.named.get(target, {})
    if not isinstance(target.type, TupleOf) or not named:
        return handle(builder, target, math_)
    items = enumerate(target.type.items)
    return [
        handle(builder, named[k], math_) if k in named else handle(builder, target, math_)[k]
        for k, _ in items
    ]


#: What a softmax or a sum of exponentials is shifted by, which changes nothing: see decision 008.
SHIFTS = frozenset({np.max, np.amax, np.min, np.amin})

#: Functions of Python numbers that themselves raise where their derivative would divide by zero.
_NEVER_BY_ZERO = frozenset(
    {operator.truediv, operator.mod, math.log, math.log2, math.log10, math.log1p, math.atanh}
)
#: These do where the exponent is negative; those of NumPy give infinity.
_POWERS = frozenset({operator.pow, pow, math.pow})


def raises_at_zero(let: Let) -> bool:
    """Whether a statement itself raises where its derivative would divide a number by zero."""
    if let.op.function not in _POWERS:
        return let.op.function in _NEVER_BY_ZERO
    exponent = let.args[1] if len(let.args) > 1 else None
    value = exponent.value if isinstance(exponent, Const) else None
    return isinstance(value, int | float) and value < 0


def _is_new(adjoints: Adjoints, bound: Operand) -> bool:
    """Whether an operand has no adjoint yet: it then may take over the name of the cotangent."""
    return not any(v in adjoints.values for v in operand_vars(bound))


def form_of(let: Let, rule: Rule, name: str, has_ans: bool = False) -> Callable[..., Any]:
    """The form of the rule without ``ans`` where the result is not at hand."""
    assert let.target is not None
    if name in rule.without_ans and not let.target.name and not has_ans:
        return rule.without_ans[name]
    return rule.vjps[name]


def run_rule(
    let: Let, form: Callable[..., Any], g: Any, ans: Any, args: list[Any], kwargs: dict[str, Any]
) -> Any:
    """What a form of a rule makes of these handles; what it cannot do is refused."""
    try:
        return form(g, ans, *args, **kwargs)
    except RunTimeFact as fact:
        raise Unsupported(
            f"the derivative of {spelled(let)} needs {fact}, which is known at run time only",
            let.place,
            "call the gradient with arguments of the shapes you use, or make the value known",
        ) from None
    except NotImplementedError as error:
        raise Unsupported(str(error) or spelled(let), let.place, "see docs/supported.md") from None


def refuse_others(builder: Builder, let: Let, rule: Rule, active: Container[Any]) -> None:
    """Refuse a call with an active argument for which the rule has no derivative."""
    if rule.kind is Kind.ZERO:
        return
    _refuse_complex(builder, let, rule)
    places, hidden = rule.places(len(let.args)), [*hidden_arguments(let).values()]
    for place, (keyword, value) in enumerate([*(("", a) for a in let.args), *let.kwargs]):
        is_known = keyword in rule.vjps if keyword else place in places
        is_harmless = is_known or any(value is each for each in hidden)
        if is_harmless or not any(v in active for v in operand_vars(value)):
            continue
        which = f"argument {keyword}" if keyword else f"argument number {place + 1}"
        raise Unsupported(
            f"{spelled(let)} is not differentiated by its {which}",
            let.place,
            "hand that stop_gradient(…), or write the operation with other functions",
        )


def _refuse_complex(builder: Builder, let: Let, rule: Rule) -> None:
    """Refuse complex operands where the rule is not right for them."""
    if rule.of_real and any(map(holds_complex, (*let.args, *(value for _, value in let.kwargs)))):
        raise Unsupported(
            f"{spelled(let)} is differentiated for real numbers only, and is given complex ones",
            let.place,
            "hand it np.real(…), or write it for the real and the imaginary part",
        )
    is_linear = rule.kind in (Kind.LINEAR, Kind.REARRANGEMENT)
    if not is_linear and drops_imaginary(let, builder.facts):
        raise Unsupported(
            f"{spelled(let)} leaves imaginary parts out, as NumPy warns",
            let.place,
            "hand it np.real(…), or give it a complex dtype",
        )


def _distribute(
    builder: Builder,
    adjoints: Adjoints,
    active: Activity,
    bound: Operand,
    made: Any,
    result: Type | None,
    mask: Mask = (),
) -> None:
    """Add a contribution to the adjoint of each part of an operand; `mask` is the cotangent's."""
    match bound:
        case Var(type=TupleOf(items)) if bound in active:
            parts = adjoints.parts.setdefault(bound, {})
            for position, given in enumerate(_parts(made, items)):
                part = part_of(builder, adjoints, bound, position)
                value, old = fit(builder, operand(given), part, result), parts.get(position)
                total = value if old is None else builder.let(operation(operator.add), (old, value))
                parts[position] = total
        case Var() if bound in adjoints.values and is_nothing(builder, operand(made)):
            pass
        case Var() if bound in active:
            value = fit(builder, operand(made), bound, result)
            taken = (*mask, *(t for t in recognised(builder, operand(made)) if t not in mask))
            adjoints.masks[value] = still(builder, taken, value, adjoints.written)
            adjoints.add(bound, value)
        case Pack(_, items):
            for item, part in zip(items, _parts(made, items), strict=True):
                if part is not None and any(v in active for v in operand_vars(item)):
                    _distribute(builder, adjoints, active, item, part, result, mask)
        case _:
            pass


def _parts(made: Any, items: Sequence[object]) -> Sequence[Any]:
    """The cotangents of the parts of a display, as the rule returns them."""
    if isinstance(made, list | tuple):
        return made
    return [made[i] for i in range(len(items))]

"""The tangent of what one statement of the primal defines."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from inspect import Parameter
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.ir.builder import Builder
from adjoint.ir.custom import Taken
from adjoint.ir.dicts import COPY_DICT, GET
from adjoint.ir.handles import handle, operand
from adjoint.ir.lists import AS_LIST, COPY_ITEMS, COPY_LIST, JOIN_LISTS, TO_LIST
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import GETITEM, Form, call
from adjoint.ir.updates import edit_of, path_of_edit, way_of_edit
from adjoint.ir.values import Array, Growing, ListOf, TupleOf, Type, is_complex, rank
from adjoint.rules import Kind, Rule, lookup
from adjoint.transform.accumulate import is_nothing
from adjoint.transform.by_rule import form_of, raises_at_zero, refuse_others, run_rule
from adjoint.transform.choices import counting, taken_of_singular
from adjoint.transform.custom import push_rule, push_taken
from adjoint.transform.masks import Mask, guarded, masked, recognised
from adjoint.transform.of_lists import refuse_list
from adjoint.transform.rule_arguments import bound_arguments, signature_of
from adjoint.transform.tangents import Tangents, is_whole, tangent_type
from adjoint.transform.transposed import transposed

__all__ = ["push_forward", "tangent_by_rule"]

Bound = list[tuple[str, Operand]]


def push_forward(builder: Builder, tangents: Tangents, let: Let) -> None:
    """Write the tangent of the target of `let`, and note it.

    Raises
    ------
    Unsupported
        If the function has no rule, or none for these arguments.
    """
    assert let.target is not None
    construct = _construct(let)
    if construct is not None:
        tangents.define(let.target, construct(builder, tangents, let))
        return
    rule = lookup(let.op.function)
    assert rule is not None, f"{let.op} is active and has no rule"
    tangents.define(let.target, tangent_by_rule(builder, tangents, let, rule))


# -- constructs of the language --------------------------------------------------------------------


Construct = Callable[[Builder, Tangents, Let], Operand | None]


def _construct(let: Let) -> Construct | None:
    if isinstance(let.op.function, Taken):
        return push_taken
    match let.op.form:
        case Form.ALIAS:
            return _alias
        case Form.RULE:
            return push_rule
        case Form.INDEX:
            return _item
        case Form.UPDATE_METHOD:
            return _edit
        case Form.UPDATE_STACK:
            return _moved
        case Form.METHOD if let.op in (COPY_LIST, COPY_DICT):
            return _copied
        case _ if let.op == COPY_ITEMS:
            return _copied
        case Form.METHOD if let.op == GET:
            return _got
        case _ if let.op in (AS_LIST, TO_LIST):
            return _listed
        case _ if let.op.function in _LINEAR_HELPERS:
            return _helped
        case _ if let.op == JOIN_LISTS:
            return _joined
        case Form.LITERAL:
            return _display
        case Form.OPERATOR if let.target is not None and isinstance(let.target.type, ListOf):
            return _repetition
        case _:
            return None


def _alias(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    source = let.args[0]
    return tangents.values.get(source) if isinstance(source, Var) else None


def _item(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """``a[index]``: the same item of the tangent."""
    owner, index = let.args
    assert let.target is not None
    if not isinstance(owner, Var) or owner not in tangents:
        return None
    held = tangents.values[owner]
    if isinstance(owner.type, TupleOf):
        assert isinstance(index, Const)
        if isinstance(held, Pack):
            item: Operand = held.items[index.value % len(held.items)]
            return item
        return builder.let(GETITEM, (held, index), type_=let.target.type)
    if rank(type_of(held)) == 0 and rank(owner.type) is not None:
        return held  # the same number everywhere
    type_ = tangent_type(let.target.type) if isinstance(owner.type, Growing) else None
    return builder.let(let.op, (tangents.whole(owner), index), type_=type_)


def _got(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """``d.get(key, default)``: the tangent at that key, or of the default."""
    owner, key, *default = let.args
    if owner not in tangents:
        return None
    assert let.target is not None
    args = (tangents.whole(owner), key, *map(tangents.whole, default))
    return builder.let(let.op, args, type_=tangent_type(let.target.type))


def _moved(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """A push on a stack of a sweep, or a pop: so is the tangent on that of the stack."""
    owner, item = let.args
    assert let.target is not None
    assert isinstance(owner, Var)
    if owner not in tangents and item not in tangents:
        return None
    args = (tangents.whole(owner), tangents.whole_and_writable(item))
    type_ = tangent_type(let.target.type)
    return builder.let(let.op, args, name=let.target.name, type_=type_)


def _copied(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """A copy of a list or dict: its tangent is a copy as well, since both may be written."""
    source = let.args[0]
    if not isinstance(source, Var) or source not in tangents:
        return None
    held = tangents.values[source]
    return builder.let(let.op, (held,), type_=type_of(held))


def _listed(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """A list of the rows of an array: so is the list of those of its tangent."""
    source = let.args[0]
    if source not in tangents:
        return None
    assert let.target is not None
    type_ = tangent_type(let.target.type)
    return builder.let(let.op, (tangents.whole(source),), type_=type_)


def _joined(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """``xs + ys`` of lists: so are their tangents."""
    if not any(each in tangents for each in let.args):
        return None
    assert let.target is not None
    args = [tangents.whole_and_writable(each) for each in let.args]
    return builder.let(let.op, args, type_=tangent_type(let.target.type))


def _helped(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """A helper that is linear in some of what it is given, together."""
    linear = _LINEAR_HELPERS[let.op.function]
    if not any(let.args[k] in tangents for k in linear):
        return None
    assert let.target is not None
    args = [tangents.whole(a) if k in linear else a for k, a in enumerate(let.args)]
    return builder.let(let.op, args, let.kwargs, type_=tangent_type(let.target.type))


_LINEAR_HELPERS: dict[Callable[..., Any], tuple[int, ...]] = {
    runtime.unbroadcast: (0,),
    runtime.add_lists: (0, 1),
    runtime.add_dicts: (0, 1),
    runtime.add_to_part: (0, 2),
    runtime.split_like: (0,),
}


def _edit(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """``xs.append(x)``: so is the tangent of `x` to that of the list; and what is taken out."""
    owner, way, path = let.args[0], way_of_edit(let), path_of_edit(let)
    added = let.args[len(edit_of(owner, way, *path)) :]
    assert let.target is not None
    assert isinstance(owner, Var)
    if owner not in tangents and not any(value in tangents for value in added):
        return None
    args = edit_of(tangents.whole(owner), way, *path, *map(tangents.whole_and_writable, added))
    type_ = tangent_type(let.target.type)
    return builder.let(let.op, args, name=let.target.name, type_=type_)


def _repetition(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """``[x, y] * n``: so is the list of their tangents repeated."""
    assert let.target is not None
    items, count = let.args
    if items not in tangents:
        return None
    type_ = tangent_type(let.target.type)
    return builder.let(let.op, (tangents.whole(items), count), type_=type_)


def _display(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    assert let.target is not None
    if let.args[0] not in tangents:
        return None
    whole = tangents.whole_and_writable(let.args[0])
    return builder.let(let.op, (whole,), type_=tangent_type(let.target.type))


# -- functions that have a rule --------------------------------------------------------------------


def tangent_by_rule(
    builder: Builder, tangents: Tangents, let: Let, rule: Rule, ans: Operand | None = None
) -> Operand | None:
    """The tangent of the result, by its rule; None where it is zero.

    `ans` is the result, where the target of `let` does not hold it yet.
    """
    assert let.target is not None
    refuse_others(builder, let, rule, tangents)
    bound = [pair for pair in bound_arguments(let, rule) if pair[1] in tangents]
    is_elementwise = rule.kind is Kind.ELEMENTWISE
    own = [pair for pair in bound if pair[0] in rule.jvps and not is_elementwise]
    rest = [pair for pair in bound if pair not in own]
    terms: list[Operand] = []
    is_linear = rule.kind in (Kind.LINEAR, Kind.REARRANGEMENT)
    if rest and not is_linear and any(isinstance(type_of(a), ListOf) for a in let.args):
        return _of_list(builder, tangents, let)
    match rule.kind if rest else None:
        case Kind.ELEMENTWISE:
            terms += [_scaled(builder, tangents, let, rule, name, of, ans) for name, of in rest]
        case Kind.LINEAR | Kind.REARRANGEMENT:
            terms.append(_applied(builder, tangents, let, rule))
        case Kind.MULTILINEAR:
            for name, of in rest:
                terms += _with_one_replaced(builder, tangents, let, rule, name, of)
        case Kind.GENERAL:
            found = transposed(builder, tangents, let, rule, rest)
            if isinstance(found, Pack):
                return found
            terms += [found] if found is not None else []
        case _:
            pass
    terms += [_by_own_rule(builder, tangents, let, rule, name, of) for name, of in own]
    some = [term for term in terms if not is_nothing(builder, term)]
    return tangents.total(some or terms, let.target)


def _of_list(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """The largest or smallest of a list whose length is known at run time only."""
    function = {max: np.max, min: np.min}.get(let.op.function)
    if function is None or len(let.args) > 1:
        refuse_list(let)
    array = builder.let(call(np.array), let.args)
    whole = tangents.whole(let.args[0])
    tangents.define(array, builder.let(call(np.array), (whole,), type_=array.type))
    rule = lookup(function)
    assert rule is not None
    as_array = replace(let, op=call(function), args=(array,))
    return tangent_by_rule(builder, tangents, as_array, rule)


def _scaled(
    builder: Builder,
    tangents: Tangents,
    let: Let,
    rule: Rule,
    name: str,
    of: Operand,
    ans: Operand | None,
) -> Operand:
    """The tangent of one argument times the derivative, element by element."""
    math_ = getattr(let.op.function, "__module__", "") == "math"
    t = tangents.values[of] if isinstance(of, Var) else tangents.whole(of)
    builder.numpy_division = not raises_at_zero(let)
    form = rule.jvps.get(name) or form_of(let, rule, name, ans is not None)
    alive = counting(builder, let, rule, of, tangents, tangents.repeatable)
    begin = len(builder.statements)
    made = _run(builder, let, form, t, ans, math_, alive)
    taken = taken_of_singular(builder, let, rule, name, of)
    if taken and recognised(builder, made) != taken:
        t, begin = operand(masked(builder, taken, handle(builder, t))), len(builder.statements)
        made = _run(builder, let, form, t, ans, math_)
    builder.numpy_division = False
    return made if name in rule.jvps else _factor_first(builder, begin, made, t)


def _factor_first(builder: Builder, begin: int, made: Operand, t: Operand) -> Operand:
    """A product with its derivative before the tangent: ``np.cos(x) * x_dot``.

    The rule, for a cotangent, has it behind; also in ``2 * t * x`` and ``-t * np.sin(x)``.
    """
    written = {s.target: s for s in builder.statements[begin:] if isinstance(s, Let)}
    product = written.get(made) if isinstance(made, Var) else None
    if product is None or product is not builder.statements[-1] or not _is_product(product):
        return made
    first, second = product.args
    inner = written.get(first) if isinstance(first, Var) else None
    factors: tuple[Operand, ...]
    if first is t and second is not t:
        factors, gone = (second,), [product]
    elif inner is not None and t in inner.args and second is not t:
        others = [a for a in inner.args if a is not t]
        is_known = _is_product(inner) or inner.op.function is operator.neg
        if len(others) != len(inner.args) - 1 or not is_known:
            return made
        factors, gone = (*others, second), [inner, product]
    else:
        return made
    builder.statements[begin:] = [s for s in builder.statements[begin:] if s not in gone]
    factor = factors[-1]
    if len(gone) > 1:
        assert inner is not None
        factor = builder.let(inner.op, factors)
    return builder.let(product.op, (factor, t))


def _is_product(let: Let) -> bool:
    return let.op.function is operator.mul


def _by_own_rule(
    builder: Builder, tangents: Tangents, let: Let, rule: Rule, name: str, of: Operand
) -> Operand:
    assert let.target is not None
    made = _run(builder, let, rule.jvps[name], tangents.whole(of), None)
    last = builder.statements[-1] if builder.statements else None
    if isinstance(last, Let) and last.target is made and is_whole(made, let.target):
        return _retyped(builder, last, let.target)
    return made


def _retyped(builder: Builder, let: Let, like: Var) -> Var:
    """The statement written last, as one whose result has the shape of another."""
    assert let.target is not None
    found, wanted = let.target.type, strip(like.type)
    if not isinstance(found, Array) or not isinstance(wanted, Array):
        return let.target
    del builder.statements[-1]
    type_ = Array(found.dtype, wanted.shape, found.scalar)
    return builder.let(let.op, let.args, let.kwargs, type_=type_)


def _run(
    builder: Builder,
    let: Let,
    form: Callable[..., Any],
    t: Operand,
    ans: Operand | None,
    math_: bool = False,
    alive: Mask = (),
) -> Operand:
    assert let.target is not None
    args = [handle(builder, a, math_) for a in let.args]
    kwargs = {key: handle(builder, a, math_) for key, a in let.kwargs}
    result = handle(builder, let.target if ans is None else ans, math_)
    if alive:
        rule = lookup(let.op.function)
        assert rule is not None
        result, args = guarded(builder, let, rule, alive, result, args)
    return operand(run_rule(let, form, handle(builder, t, math_), result, args, kwargs))


# -- linear functions are applied to tangents ------------------------------------------------------


def _applied(builder: Builder, tangents: Tangents, let: Let, rule: Rule) -> Operand:
    """A linear function of the tangents of all its arguments together."""
    assert let.target is not None
    made = let
    for name, vjp in rule.vjps.items():
        made = _replaced(made, vjp, name, tangents.whole)
    return _written(builder, made, tangent_type(let.target.type))


def _with_one_replaced(
    builder: Builder, tangents: Tangents, let: Let, rule: Rule, name: str, of: Operand
) -> list[Operand]:
    """For each factor that has a tangent, the product with that in its place."""
    assert let.target is not None
    vjp, type_ = rule.vjps[name], tangent_type(let.target.type)
    if not (isinstance(of, Pack) and of.kind == "variadic"):
        return [_written(builder, _replaced(let, vjp, name, tangents.whole), type_)]
    terms = []
    first = len(let.args) - len(of.items)
    for position, item in enumerate(let.args[first:], first):
        if item in tangents:
            args = (*let.args[:position], tangents.whole(item), *let.args[position + 1 :])
            terms.append(_written(builder, replace(let, args=args), type_))
    return terms


def _written(builder: Builder, let: Let, type_: Type) -> Operand:
    args, op = let.args, let.op
    if op.form in (Form.METHOD, Form.ATTRIBUTE) and not isinstance(type_of(args[0]), Array):
        args = (builder.let(call(np.asarray), args[:1]), *args[1:])  # a Python number
    if is_complex(type_):  # of real tangents it is real
        return builder.let(op, args, let.kwargs)
    return builder.let(op, args, let.kwargs, type_=type_)


def _replaced(
    let: Let, vjp: Callable[..., Any], name: str, change: Callable[[Operand], Operand]
) -> Let:
    """`let` with the argument of this name changed, where it is given."""
    parameters = list(signature_of(vjp).parameters.values())[2:]
    position = next(k for k, p in enumerate(parameters) if p.name == name)
    args = list(let.args)
    if parameters[position].kind is Parameter.VAR_POSITIONAL:
        args[position:] = map(change, args[position:])
    elif position < len(args):
        args[position] = change(args[position])
    kwargs = tuple((key, change(a) if key == name else a) for key, a in let.kwargs)
    return replace(let, args=tuple(args), kwargs=kwargs)

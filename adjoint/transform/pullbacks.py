"""What one statement of the primal contributes to the adjoints of its operands."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.analyses.activity import Activity
from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.handles import Handle, RunTimeFact, handle, operand
from adjoint.ir.infer import strip, type_of
from adjoint.ir.nodes import Const, Let, Operand, Pack, SliceOf, Var
from adjoint.ir.ops import GETITEM, Form, Op, call, method
from adjoint.ir.values import Array, ListOf, Scalar, TupleOf, Type, rank
from adjoint.ir.walk import operand_vars
from adjoint.rules import Kind, Rule, lookup
from adjoint.transform.accumulate import Adjoints, complete, fit, zero

__all__ = ["pull_back"]


def add_at_index(old: Any, index: Any, g: Any) -> Any:
    """``old[index] += g`` as a function of the old array to the new one."""
    new = old.copy()
    new[index] += g
    return new


def add_at(old: Any, index: Any, g: Any) -> Any:
    """``np.add.at(old, index, g)`` as a function of the old array to the new one."""
    new = old.copy()
    np.add.at(new, index, g)
    return new


ADD_AT_INDEX = Op(add_at_index, Form.UPDATE_INDEX, "+")
ADD_AT = Op(add_at, Form.UPDATE_AT)
SET_ITEM = Op(operator.setitem, Form.UPDATE_ITEM)
POP = Op(list.pop, Form.METHOD, "pop", effect=True)
_LISTED = (np.array, np.asarray, np.asanyarray, np.stack)


def pull_back(builder: Builder, adjoints: Adjoints, active: Activity, let: Let) -> None:
    """Add what `let` contributes, and forget the adjoint of its target.

    Raises
    ------
    Unsupported
        If the function has no rule, or none for these arguments.
    """
    assert let.target is not None
    if isinstance(let.target.type, TupleOf):
        _pull_back_tuple(builder, adjoints, active, let)
        return
    g = adjoints.pop(let.target)
    if g is None:
        return
    special = _construct(let)
    if special is not None:
        special(builder, adjoints, active, let, g)
        return
    rule = lookup(let.op.function)
    assert rule is not None, f"{let.op} is active and has no rule"
    _by_rule(builder, adjoints, active, let, rule, g)


# -- constructs of the language --------------------------------------------------------------------


def _construct(let: Let) -> Callable[..., None] | None:
    listed = any(isinstance(type_of(a), ListOf) for a in let.args)
    match let.op.form:
        case Form.ALIAS:
            return _alias
        case Form.INDEX:
            return _list_item if listed else _item
        case Form.UPDATE_METHOD:
            return _append
        case Form.LITERAL:
            return _display
        case Form.CALL if listed:
            return _of_list
        case Form.OPERATOR if listed:
            return _refuse_list
        case _:
            return None


def _alias(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    source = let.args[0]
    if isinstance(source, Var) and source in active:
        adjoints.add(source, g)


def _item(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """``a[index]``: the cotangent is added to the adjoint of `a` at the index."""
    owner, index = let.args
    if not isinstance(owner, Var) or owner not in active:
        return
    if isinstance(owner.type, TupleOf):
        assert isinstance(index, Const)
        held = adjoints.parts.setdefault(owner, {})
        held[index.value % len(owner.type.items)] = g
        return
    if rank(owner.type) == 0:
        adjoints.add(owner, g)
        return
    old = adjoints.pop(owner)
    whole = zero(builder, owner) if old is None else complete(builder, old, owner)
    single = _is_single(index) or _has_distinct(adjoints, index)
    op = ADD_AT_INDEX if single else ADD_AT
    made = builder.let(op, (whole, index, g), name=owner.name, type_=_type(owner))
    adjoints.values[owner] = made


def _has_distinct(adjoints: Adjoints, index: Operand) -> bool:
    """Whether an index made of vectors holds one without repeats: no place is selected twice."""
    items = index.items if isinstance(index, Pack) else (index,)
    vectors = [i for i in items if isinstance(i, Var) and isinstance(i.type, Array)]
    short = all(rank(v.type) in (0, 1) for v in vectors)
    return short and any(v in adjoints.distinct for v in vectors)


def _type(owner: Var) -> Type:
    return strip(owner.type)


def _is_single(index: Operand) -> bool:
    """Whether an index surely selects no element twice."""
    match index:
        case SliceOf():
            return True
        case Const(value):
            parts = value if isinstance(value, tuple) else (value,)
            return all(p is None or p is Ellipsis or isinstance(p, int | slice) for p in parts)
        case Pack("tuple", items):
            return all(map(_is_single, items))
        case Var(type=Scalar()):
            return True
        case Var(type=Array(dtype, shape)):
            return dtype.kind == "b" or shape == ()
        case _:
            return False


def _list_item(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    owner, index = let.args
    assert isinstance(owner, Var)
    if isinstance(let.target and let.target.type, ListOf):
        if (isinstance(index, Const) and index.value == slice(None)) or _is_whole(index):
            adjoints.add(owner, g)
            return
        raise Unsupported(
            "a part of a list that grows at run time is sliced",
            let.place,
            "make an array of it first",
        )
    held = adjoints.pop(owner)
    if held is None:
        held = zero(builder, owner)
    item = builder.let(GETITEM, (held, index), type_=let.target.type if let.target else None)
    total = builder.binary(operator.add, item, g)
    made = builder.let(SET_ITEM, (held, index, total), name=owner.name, type_=type_of(held))
    adjoints.values[owner] = made


def _is_whole(index: Operand) -> bool:
    return isinstance(index, SliceOf) and all(
        isinstance(p, Const) and p.value is None for p in (index.start, index.stop, index.step)
    )


def _append(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """``xs.append(x)``: the last item of the adjoint is the cotangent of `x`; the rest remains."""
    owner, value = let.args
    item = builder.let(POP, (g,), type_=type_of(value))
    if isinstance(value, Var) and value in active:
        adjoints.add(value, fit(builder, item, value, None))
    if isinstance(owner, Var):
        adjoints.values[owner] = g


def _display(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    pack = let.args[0]
    assert isinstance(pack, Pack)
    for position, item in enumerate(pack.items):
        if isinstance(item, Var) and item in active:
            part = builder.let(GETITEM, (g, Const(position)), type_=item.type)
            adjoints.add(item, fit(builder, part, item, None))


def _of_list(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """A function of a list whose length is known at run time only."""
    owner = let.args[0]
    assert isinstance(owner, Var)
    assert let.target is not None
    axis = dict(let.kwargs).get("axis", let.args[1] if len(let.args) > 1 else None)
    function = let.op.function
    if function in _LISTED and (axis is None or (isinstance(axis, Const) and axis.value == 0)):
        rows = complete(builder, g, let.target)
    elif function is sum:
        rows = _repeated(builder, g, owner)
    elif function in (max, min):
        rows = _extreme(builder, let, g, owner)
    elif function is np.concatenate and (axis is None or isinstance(axis, Const)):
        whole = complete(builder, g, let.target)
        args = (whole, owner, axis or Const(0))
        adjoints.add(owner, builder.let(call(runtime.split_like), args, type_=owner.type))
        return
    else:
        _refuse_list(builder, adjoints, active, let, g)
        return
    adjoints.add(owner, rows if _is_list(rows) else _as_list(builder, rows, owner))


def _is_list(value: Operand) -> bool:
    return isinstance(type_of(value), ListOf)


def _as_list(builder: Builder, rows: Operand, owner: Var) -> Operand:
    if isinstance(owner.type, ListOf) and isinstance(owner.type.item, ListOf):
        op = method(np.ndarray.tolist, "tolist")
        return builder.let(op, (rows,), name=owner.name, type_=owner.type)
    return builder.let(call(list), (rows,), name=owner.name, type_=owner.type)


def _repeated(builder: Builder, g: Operand, owner: Var) -> Operand:
    one = Pack("list", (g,))
    count = builder.let(call(len), (owner,))
    display = builder.let(Op(list, Form.LITERAL, "list"), (one,), type_=owner.type)
    return builder.let(
        Op(operator.mul, Form.OPERATOR, "*"), (display, count), name=owner.name, type_=owner.type
    )


def _extreme(builder: Builder, let: Let, g: Operand, owner: Var) -> Operand:
    array = builder.let(call(np.array), (owner,))
    rule = lookup(np.max if let.op.function is max else np.min)
    assert rule is not None
    assert let.target is not None
    made = rule.vjps["a"](handle(builder, g), handle(builder, let.target), handle(builder, array))
    return operand(made)


def _refuse_list(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    name = getattr(let.op.function, "__name__", let.op.name)
    raise Unsupported(
        f"{name} of a list that grows at run time is not differentiated",
        let.place,
        "make an array of the list with np.array or np.stack first",
    )


# -- rules -----------------------------------------------------------------------------------------


def _pull_back_tuple(builder: Builder, adjoints: Adjoints, active: Activity, let: Let) -> None:
    """A function that returns several results: the cotangents are a list."""
    assert let.target is not None
    assert isinstance(let.target.type, TupleOf)
    held = adjoints.parts.pop(let.target, None)
    if held is None:
        return
    items = []
    for position, type_ in enumerate(let.target.type.items):
        part = builder.let(GETITEM, (let.target, Const(position)), type_=type_)
        g = held.get(position)
        items.append(zero(builder, part) if g is None else complete(builder, g, part))
    rule = lookup(let.op.function)
    assert rule is not None
    _contribute(builder, adjoints, active, let, rule, Pack("list", tuple(items)))


def _by_rule(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, rule: Rule, g: Operand
) -> None:
    assert let.target is not None
    if rule.kind is Kind.REARRANGEMENT and rank(type_of(g)) == 0:
        source = let.args[0]
        if isinstance(source, Var) and source in active:
            adjoints.add(source, g)  # the same number everywhere, however it is arranged
        return
    if rule.kind is not Kind.ELEMENTWISE:
        g = complete(builder, g, let.target)
    _contribute(builder, adjoints, active, let, rule, g)


def _contribute(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, rule: Rule, g: Operand
) -> None:
    math_ = getattr(let.op.function, "__module__", "") == "math"
    assert let.target is not None
    masked = rule.kind is Kind.ELEMENTWISE and g in adjoints.masked
    cotangent = handle(builder, g, math_)
    if isinstance(g, Const):
        cotangent = _number(builder, g)
    bound_names = [
        (n, b) for n, b in _bound(let, rule) if any(v in active for v in operand_vars(b))
    ]
    for name, bound in sorted(bound_names, key=lambda pair: _is_new(adjoints, pair[1])):
        vjp = _form(let, rule, name)
        ans = handle(builder, let.target, math_)
        args = [handle(builder, a, math_) for a in let.args]
        if masked and let.op.function in SAFE_POINTS:
            ans, args = _guarded(builder, let, g, ans, args)
        kwargs = {key: handle(builder, a, math_) for key, a in let.kwargs}
        made = _run(let, vjp, cotangent, ans, args, kwargs)
        if (masked or let.op.function is np.where) and isinstance(made, Handle):
            adjoints.masked.add(operand(made))
        result = let.target.type if rule.kind is Kind.ELEMENTWISE else None
        _distribute(builder, adjoints, active, bound, made, result)


#: Where the derivative of a function that is singular somewhere is finite. A cotangent of zero, of
#: an element that `np.where` did not take, is multiplied by the derivative there.
SAFE_POINTS: dict[Callable[..., Any], float] = {
    np.log: 1.0, np.log2: 1.0, np.log10: 1.0, np.log1p: 0.0, np.sqrt: 1.0, np.cbrt: 1.0,
    np.reciprocal: 1.0, np.arcsin: 0.0, np.arccos: 0.0, np.arctanh: 0.0, np.arccosh: 2.0,
    np.tan: 0.0, np.exp: 0.0, np.divide: 1.0, operator.truediv: 1.0, np.power: 1.0,
    operator.pow: 1.0, np.float_power: 1.0,
}  # fmt: skip


def _guarded(
    builder: Builder, let: Let, g: Operand, ans: Any, args: list[Any]
) -> tuple[Any, list[Any]]:
    """The operands of a singular rule, moved to a safe point where the cotangent is zero."""
    safe: Any = SAFE_POINTS[let.op.function]
    taken: Any = handle(builder, g) != 0
    value = float(let.op.function(*([safe] * len(args))))
    where: Callable[..., Any] = np.where  # of handles, by their protocol
    ans = where(taken, ans, value)
    return ans, [where(taken, a, safe) if isinstance(a, Handle) else a for a in args]


def _is_new(adjoints: Adjoints, bound: Operand) -> bool:
    """Whether an operand has no adjoint yet: it then may take over the name of the cotangent."""
    return not any(v in adjoints.values for v in operand_vars(bound))


def _number(builder: Builder, g: Const) -> Any:
    return Handle(builder, g)


def _form(let: Let, rule: Rule, name: str) -> Callable[..., Any]:
    """The form of the rule without ``ans`` where the result has no name of its own."""
    assert let.target is not None
    if name in rule.without_ans and not let.target.name:
        return rule.without_ans[name]
    return rule.vjps[name]


def _run(
    let: Let, vjp: Callable[..., Any], g: Any, ans: Any, args: list[Any], kwargs: dict[str, Any]
) -> Any:
    try:
        return vjp(g, ans, *args, **kwargs)
    except RunTimeFact as fact:
        raise Unsupported(
            f"the derivative of {_spelled(let)} needs {fact}, which is known at run time only",
            let.place,
            "call the gradient with arguments of the shapes you use, or make the value known",
        ) from None
    except NotImplementedError as error:
        raise Unsupported(str(error) or _spelled(let), let.place, "see docs/supported.md") from None


def _spelled(let: Let) -> str:
    return let.op.name or getattr(let.op.function, "__name__", "this function")


@lru_cache(maxsize=4096)
def _signature(vjp: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(vjp)


def _bound(let: Let, rule: Rule) -> Iterator[tuple[str, Operand]]:
    """The operand of each argument that the rule differentiates, by name."""
    for name, vjp in rule.vjps.items():
        try:
            bound = _signature(vjp).bind(None, None, *let.args, **dict(let.kwargs))
        except TypeError as error:
            raise Unsupported(
                f"{_spelled(let)} is not differentiated with these arguments: {error}",
                let.place,
                "leave the argument out, or write the operation with other functions",
            ) from None
        if name in bound.arguments:
            found = bound.arguments[name]
            yield name, Pack("variadic", found) if isinstance(found, tuple) else found


def _distribute(
    builder: Builder,
    adjoints: Adjoints,
    active: Activity,
    bound: Operand,
    made: Any,
    result: Type | None,
) -> None:
    match bound:
        case Var() if bound in active:
            adjoints.add(bound, fit(builder, operand(made), bound, result))
        case Pack(_, items):
            for item, part in zip(items, _parts(made, items), strict=True):
                if part is not None and any(v in active for v in operand_vars(item)):
                    _distribute(builder, adjoints, active, item, part, result)
        case _:
            pass


def _parts(made: Any, items: Sequence[Operand]) -> Sequence[Any]:
    """The cotangents of the parts of a display, as the rule returns them."""
    if isinstance(made, list | tuple):
        return made
    return [made[i] for i in range(len(items))]

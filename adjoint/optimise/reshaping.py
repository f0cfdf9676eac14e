"""Takes out rearrangements and casts that change nothing, and merges reshapes in a row."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import MATRIX_PRODUCTS
from adjoint.ir.broadcasting import as_length
from adjoint.ir.indices import index_items, takes_all
from adjoint.ir.infer import infer
from adjoint.ir.lengths import Length, known_equal
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Array, rank, shape_of
from adjoint.optimise.rewriting import Result, Rule, Surroundings, same_type

__all__ = ["RESHAPING", "cast"]


def _reshape(let: Let, near: Surroundings) -> Result:
    """``x.reshape(shape) -> x`` if `x` has that shape; of two in a row the last one."""
    if let.kwargs:
        return None
    known = _unchanged(let, near) or _without_kept_axes(let, near)
    if known is not None:
        return known
    inner = near.definition(let.args[0])
    if inner is None or inner.kwargs:
        return None
    if inner.op.function is np.broadcast_to and rank(type_of(inner.args[0])) == 0:
        return _of_number(let, inner, near)
    if inner.op.function not in (np.reshape, np.ravel):
        return None
    # An array that is not an array yet (a list) is made one by the first.
    if len(inner.args) > 2 or not _is_array(inner.args[0]):
        return None
    return (near.change(let, let.op, (inner.args[0], *let.args[1:])),)


def _of_number(let: Let, inner: Let, near: Surroundings) -> Result:
    """``np.broadcast_to(d, s).reshape(shape) -> np.broadcast_to(d, shape)``."""
    shape = let.args[1]
    lengths = shape.items if isinstance(shape, Pack) else (shape,)
    is_told = all(
        not isinstance(n, Const) or as_length(n) not in (None, Length(-1)) for n in lengths
    )
    if len(let.args) != 2 or not is_told or not is_immutable(type_of(inner.args[0])):
        return None
    return (near.change(let, inner.op, (inner.args[0], shape)),)


def _without_kept_axes(let: Let, near: Surroundings) -> Result:
    """``np.sum(x, axis=1, keepdims=True).reshape(len(x)) -> np.sum(x, axis=1)``.

    So for a sum of such a sum as well.
    """
    total = near.only_for(let.args[0])
    found = _summed(total) if total is not None else None
    if total is None or found is None or let.target is None:
        return None
    of, gone, keeps = found
    if not keeps:
        inner = near.only_for(of)
        before = _summed(inner) if inner is not None else None
        if before is None or not before[2]:
            return None
        of, gone = before[0], gone | before[1]
    whole, shape = shape_of(type_of(of)), shape_of(let.target.type)
    left = tuple(n for k, n in enumerate(whole or ()) if k not in gone)
    if not left or shape is None or not known_equal(left, shape, near.facts):
        return None
    axis = Const(tuple(sorted(gone)) if len(gone) > 1 else min(gone))
    made = replace(total, target=let.target, args=(of,), kwargs=(("axis", axis),))
    return (replace(made, place=let.place),)


def _summed(let: Let) -> tuple[Operand, set[int], bool] | None:
    """Of a sum along axes that are known: of what, which these are, and whether they are kept."""
    if let.op.function is not np.sum or len(let.args) != 1:
        return None
    options, count = dict(let.kwargs), rank(type_of(let.args[0]))
    axis, keeps = options.pop("axis", None), options.pop("keepdims", Const(False))
    if options or not count or not isinstance(axis, Const) or not isinstance(keeps, Const):
        return None
    if axis.value is None:
        return None
    return let.args[0], {k % count for k in np.atleast_1d(axis.value).tolist()}, bool(keeps.value)


def _unchanged(let: Let, near: Surroundings) -> Result:
    """``np.broadcast_to(x, x.shape) -> x``, and so for all that keep the elements in order."""
    of, target = let.args[0], let.target
    if target is None or not isinstance(of, Var) or not _is_array(of):
        return None
    return of if same_type(of, target, near.facts) else None


def _item(let: Let, near: Surroundings) -> Result:
    """``x[...] -> x`` and ``x[:] -> x``; ``x.reshape(s)[:, None] -> x`` if that was its shape."""
    of, index = let.args
    if takes_all(index):
        return _unchanged(let, near)
    inner = near.definition(of)
    if inner is None or inner.op.function is not np.reshape or inner.kwargs:
        return None
    source = inner.args[0]
    if let.target is None or not all(map(_adds_or_keeps, index_items(index))):
        return None
    return source if _is_array(source) and same_type(source, let.target, near.facts) else None


def _adds_or_keeps(item: Operand) -> bool:
    """Whether an item of an index adds an axis, or takes all of one."""
    return takes_all(item) or (isinstance(item, Const) and item.value is None)


def _transpose(let: Let, near: Surroundings) -> Result:
    """``x.T.T -> x``, and so for axes that are known."""
    inner = near.definition(let.args[0])
    if inner is None or inner.op.function is not np.transpose or not _is_array(inner.args[0]):
        return _transpose_product(let, near)
    of = inner.args[0]
    known = rank(type_of(of))
    first, second = _axes(inner, known), _axes(let, known)
    if first is None or second is None:
        return of if _is_plain(inner) and _is_plain(let) else None
    return of if [first[k] for k in second] == list(range(len(first))) else None


def _transpose_product(let: Let, near: Surroundings) -> Result:
    """``(a.T @ b).T -> b.T @ a``, which makes an array where the other is a view of one.

    And ``np.outer(a, b).T -> np.outer(b, a)``.
    """
    product = near.only_for(let.args[0])
    if product is None or product.kwargs or not _is_plain(let):
        return None
    if product.op.function is np.outer and len(product.args) == 2:
        return (replace(product, target=let.target, args=product.args[::-1], place=let.place),)
    if product.op.function not in MATRIX_PRODUCTS or any(
        rank(type_of(factor)) != 2 for factor in product.args
    ):
        return None
    factors = product.args[::-1]
    known = [_transposed(factor, near) for factor in factors]
    if known == [None, None]:
        return None
    made: list[Let] = []
    args: list[Operand] = []
    for factor, turned in zip(factors, known, strict=True):
        if turned is None:
            type_ = infer(np.transpose, (factor,), (), near.facts)
            turned = near.temporary(let, type_)
            made.append(replace(let, target=turned, args=(factor,)))
        args.append(turned)
    return (*made, replace(product, target=let.target, args=tuple(args), place=let.place))


def _transposed(factor: Operand, near: Surroundings) -> Operand | None:
    """What a factor is the transpose of."""
    inner = near.definition(factor)
    is_transpose = inner is not None and inner.op.function is np.transpose and _is_plain(inner)
    return inner.args[0] if inner is not None and is_transpose else None


def _is_plain(let: Let) -> bool:
    return len(let.args) == 1 and not let.kwargs


def _axes(let: Let, count: int | None) -> list[int] | None:
    if count is None:
        return None
    if _is_plain(let):
        return list(range(count))[::-1]
    given = [*let.args[1:], *(value for _, value in let.kwargs)]
    axes = given[0].value if len(given) == 1 and isinstance(given[0], Const) else None
    return [k % count for k in axes] if isinstance(axes, tuple) and len(axes) == count else None


def _is_array(operand: Operand) -> bool:
    return isinstance(operand, Var) and isinstance(operand.type, Array) and not operand.type.scalar


def cast(let: Let, near: Surroundings) -> Result:
    """``x.astype(dtype) -> x`` if `x` has that dtype."""
    of, target = let.args[0], let.target
    if target is None or let.kwargs or not isinstance(of, Var):
        return None
    return of if isinstance(of.type, Array) and same_type(of, target, near.facts) else None


RESHAPING: dict[Callable[..., Any], Rule] = {
    np.reshape: _reshape,
    **dict.fromkeys((np.broadcast_to, np.ravel, np.squeeze), _unchanged),
    np.transpose: _transpose,
    operator.getitem: _item,
}

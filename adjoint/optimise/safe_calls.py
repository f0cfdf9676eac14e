"""Which calls never raise, by what is known of the operands.

What raises for some values raises for some of the types that are asked for here, or is not here.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint.ir.broadcasting import as_length
from adjoint.ir.lengths import Facts, Length, factors_of
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Array, Scalar, shape_of
from adjoint.optimise.fitting import all_known, fit, fits, is_complex, is_known

__all__ = ["SAFE_CALLS", "elementwise", "is_scalar_division"]

Shape = tuple[Length, ...]
Functions = frozenset[Callable[..., Any]]

_DIVISIONS: Functions = frozenset({operator.truediv, operator.floordiv, operator.mod})
#: On numbers that are known to fit each other these never raise.
_TOTAL: Functions = frozenset(
    {
        operator.add, operator.sub, operator.mul, operator.neg, operator.pos, operator.abs,
        operator.invert, operator.not_, operator.lt, operator.le, operator.eq, operator.ne,
        operator.gt, operator.ge, operator.and_, operator.or_, operator.xor, abs, float,
    }
)  # fmt: skip
#: Reductions that take any lengths, and those that need an element.
_REDUCTIONS: Functions = frozenset(
    {np.sum, np.mean, np.var, np.std, np.prod, np.cumsum, np.cumprod, np.any, np.all}
)
_EXTREMA: Functions = frozenset({np.max, np.min, np.argmax, np.argmin, np.ptp})
#: Functions of one array that raise only where inference on specimens raises as well.
_OF_ONE: Functions = frozenset(
    {
        np.transpose, np.squeeze, np.expand_dims, np.swapaxes, np.moveaxis, np.ravel, np.copy,
        np.zeros_like, np.ones_like, np.empty_like, np.shape, np.size, np.ndim, np.real, np.imag,
        np.triu, np.tril, np.flip, np.outer, np.sort, np.argsort, np.median, np.nanmedian,
        np.diff, np.trapezoid, np.nansum, np.nanprod, np.trace, np.cov, np.roll, np.rot90,
    }
)  # fmt: skip
_OPTIONS = frozenset({"axis", "keepdims", "axes", "dtype", "ddof", "order", "rowvar", "offset"})
_CREATIONS: Functions = frozenset({np.zeros, np.ones, np.empty, np.full})
_SQUARES: Functions = frozenset({np.eye, np.identity})


def is_scalar_division(let: Let) -> bool:
    """Whether `let` divides Python numbers, which raises if the divisor is 0."""
    return let.op.function in _DIVISIONS and all(isinstance(type_of(a), Scalar) for a in let.args)


# -- arithmetic ------------------------------------------------------------------------------------


def elementwise(let: Let, facts: Facts) -> bool:
    """Whether operands are numbers that broadcast and are not too large for each other."""
    types = [type_of(a) for a in let.args]
    if let.kwargs or not all(map(is_known, types)):
        return False
    if _has_small_integers(let.args) or (let.op.function is np.power and not _is_float(let)):
        return False
    return fit(let.args, facts)


def _has_small_integers(args: Sequence[Operand]) -> bool:
    """Whether a Python int meets an array of small integers, in whose dtype it may not fit."""
    types = [type_of(a) for a in args]
    dtypes = [t.dtype for t in types if isinstance(t, Array)]
    small = any(dtype.kind in "iu" and dtype.itemsize < 8 for dtype in dtypes)
    return small and any(isinstance(a, Var) and isinstance(a.type, Scalar) for a in args)


def _is_float(let: Let) -> bool:
    target = let.target
    return target is not None and isinstance(target.type, Array) and target.type.dtype.kind in "fc"


def _divide(let: Let, facts: Facts) -> bool:
    if is_scalar_division(let):
        divisor = let.args[1]
        return isinstance(divisor, Const) and divisor.value != 0
    # Of a NumPy operand and zero the quotient is inf or nan, with a warning at most.
    return elementwise(let, facts)


def _power(let: Let, facts: Facts) -> bool:
    base, exponent = let.args
    if isinstance(type_of(base), Scalar) and isinstance(type_of(exponent), Scalar):
        value = exponent.value if isinstance(exponent, Const) else None
        return isinstance(value, int | float) and value >= 0
    return _is_float(let) and elementwise(let, facts)


def _where(let: Let, facts: Facts) -> bool:
    return len(let.args) == 3 and elementwise(let, facts)


def _select(let: Let, facts: Facts) -> bool:
    """Whether there is an array of truth values for each choice, and all of them fit."""
    conditions, choices, *default = let.args
    if let.kwargs or not isinstance(conditions, Pack) or not isinstance(choices, Pack):
        return False
    if len(conditions.items) != len(choices.items) or not conditions.items:
        return False
    types = [type_of(condition) for condition in conditions.items]
    are_conditions = all(isinstance(t, Array) and t.dtype.kind == "b" for t in types)
    return are_conditions and fit((*conditions.items, *choices.items, *default), facts)


# -- reductions, shapes and products ---------------------------------------------------------------


def _static_rest(let: Let) -> bool:
    """Whether all but the first operand is known now, and only says how."""
    rest = (*let.args[1:], *(value for _, value in let.kwargs))
    names = {name for name, _ in let.kwargs}
    return names <= _OPTIONS and all(isinstance(operand, Const) for operand in rest)


def _reduction(let: Let, facts: Facts) -> bool:
    return all_known(let.args[:1]) and _static_rest(let)


def _extremum(let: Let, facts: Facts) -> bool:
    shape = shape_of(type_of(let.args[0]))
    if shape is None or not _reduction(let, facts):
        return False
    return all(facts.at_least(axis, 1) is True for axis in shape)


def _diagonal(let: Let, facts: Facts) -> bool:
    shape = shape_of(type_of(let.args[0]))
    return shape is not None and len(shape) > 1 and _reduction(let, facts)


def _of_one(let: Let, facts: Facts) -> bool:
    if let.op.function is np.outer:
        return all_known(let.args) and not let.kwargs
    return _reduction(let, facts)


def _full_like(let: Let, facts: Facts) -> bool:
    value = shape_of(type_of(let.args[1])) if len(let.args) == 2 else None
    return all_known(let.args) and value == () and not let.kwargs


def _creation(let: Let, facts: Facts) -> bool:
    shape = let.args[0]
    items = shape.items if isinstance(shape, Pack) else (shape,)
    if isinstance(shape, Const) and isinstance(shape.value, tuple):
        items = tuple(map(Const, shape.value))
    lengths = [as_length(item) for item in items]
    sizes = [axis for axis in lengths if axis is not None]
    if len(sizes) < len(lengths) or any(facts.at_least(axis, 0) is not True for axis in sizes):
        return False
    value = dict(let.kwargs).get("fill_value", let.args[1] if len(let.args) > 1 else None)
    return let.op.function is not np.full or (value is not None and shape_of(type_of(value)) == ())


def _square(let: Let, facts: Facts) -> bool:
    if let.kwargs or len(let.args) != 1:
        return False
    size = as_length(let.args[0])
    return size is not None and facts.at_least(size, 0) is True


def _reshape(let: Let, facts: Facts) -> bool:
    old = shape_of(type_of(let.args[0]))
    new = shape_of(let.target.type) if let.target is not None else None
    if old is None or new is None or let.kwargs:
        return False
    asked = let.args[1].items if isinstance(let.args[1], Pack) else (let.args[1],)
    if len(asked) == len(new) and _is_one_free(asked):
        return True
    return _same_product(facts, old, new)


def _is_one_free(asked: Sequence[Operand]) -> bool:
    """Whether one axis is free and all others have length 1: that takes any array."""
    values = [a.value for a in asked if isinstance(a, Const) and isinstance(a.value, int)]
    return len(values) == len(asked) and sorted(values) == [-1] + [1] * (len(values) - 1)


def _same_product(facts: Facts, old: Shape, new: Shape) -> bool:
    first, second = (
        Counter(factor for axis in shape for factor in factors_of(facts.canonical(axis)))
        for shape in (old, new)
    )
    left, right = list((first - second).elements()), list((second - first).elements())
    if all(axis.known for axis in (*left, *right)):
        sizes = [int(np.prod([axis.const for axis in part], dtype=int)) for part in (left, right)]
        return sizes[0] == sizes[1]
    return False


def _broadcast_to(let: Let, facts: Facts) -> bool:
    old = shape_of(type_of(let.args[0]))
    new = shape_of(let.target.type) if let.target is not None else None
    return not let.kwargs and fits(old, new, facts)


def _join(let: Let, facts: Facts) -> bool:
    pack, axis = let.args[0], _axis(let)
    if not isinstance(pack, Pack) or axis is None or not pack.items:
        return False
    shapes = [shape_of(type_of(item)) for item in pack.items]
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or len({len(shape) for shape in known}) > 1:
        return False
    skipped = None if let.op.function is np.stack else axis % len(known[0]) if known[0] else -1
    return skipped != -1 and all(
        facts.equal(m, n) is True
        for shape in known[1:]
        for i, (m, n) in enumerate(zip(known[0], shape, strict=True))
        if i != skipped
    )


def _axis(let: Let) -> int | None:
    """The static axis of a call, 0 where it is not given."""
    given = [*let.args[1:], *(value for name, value in let.kwargs if name == "axis")]
    if len(given) > 1 or len(let.args) + len(let.kwargs) > 2:
        return None
    value = given[0].value if given and isinstance(given[0], Const) else None if given else 0
    return value if isinstance(value, int) else None


def _of_numbers(let: Let, facts: Facts) -> bool:
    """``min(a, b)`` of several real numbers."""
    return len(let.args) > 1 and not let.kwargs and all(map(_is_real_number, let.args))


def _is_real_number(operand: Operand) -> bool:
    type_ = type_of(operand)
    is_number = isinstance(type_, Scalar) or (isinstance(type_, Array) and type_.scalar)
    return is_number and not is_complex(operand)


def _clip(let: Let, facts: Facts) -> bool:
    limits = [a for a in let.args if not (isinstance(a, Const) and a.value is None)]
    return not let.kwargs and not any(map(is_complex, limits)) and fit(limits, facts)


def _take(let: Let, facts: Facts) -> bool:
    shape = shape_of(type_of(let.args[0]))
    at = let.args[1].value if len(let.args) == 2 and isinstance(let.args[1], Const) else None
    if shape is None or len(shape) != 1 or type(at) is not int or let.kwargs:
        return False
    return facts.at_least(shape[0], at + 1 if at >= 0 else -at) is True


def _gradient(let: Let, facts: Facts) -> bool:
    shape = shape_of(type_of(let.args[0]))
    is_plain = len(let.args) == 1 and not let.kwargs and shape is not None
    return is_plain and all(facts.at_least(axis, 2) is True for axis in shape or ())


def _item(let: Let, facts: Facts) -> bool:
    return len(let.args) == 1 and shape_of(type_of(let.args[0])) == ()


SAFE_CALLS: dict[Callable[..., Any], Callable[[Let, Facts], bool]] = {
    **dict.fromkeys(_TOTAL, elementwise),
    **dict.fromkeys(_DIVISIONS, _divide),
    **dict.fromkeys(_REDUCTIONS, _reduction),
    **dict.fromkeys(_EXTREMA, _extremum),
    **dict.fromkeys(_OF_ONE, _of_one),
    **dict.fromkeys(_CREATIONS, _creation),
    **dict.fromkeys(_SQUARES, _square),
    **dict.fromkeys((np.concatenate, np.stack), _join),
    **dict.fromkeys((min, max), _of_numbers),
    operator.pow: _power,
    np.where: _where,
    np.select: _select,
    np.clip: _clip,
    np.take: _take,
    np.gradient: _gradient,
    np.ndarray.item: _item,
    np.full_like: _full_like,
    np.diagonal: _diagonal,
    np.reshape: _reshape,
    np.broadcast_to: _broadcast_to,
}

"""Which products and functions of matrices never raise, by the lengths of their axes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import MATRIX_PRODUCTS
from adjoint.ir.lengths import Facts, Length
from adjoint.ir.nodes import Const, Let, Operand
from adjoint.ir.operands import type_of
from adjoint.ir.subscripts import kept_axes
from adjoint.ir.values import shape_of
from adjoint.optimise.fitting import all_known, broadcast
from adjoint.rules.closed_forms import LOG_DET

__all__ = ["SAFE_PRODUCTS"]

Shape = tuple[Length, ...]


def _matmul(let: Let, facts: Facts) -> bool:
    shapes = [shape_of(type_of(a)) for a in let.args[:2]]
    first, second = shapes[0], shapes[-1]
    if first is None or second is None or let.kwargs or len(shapes) < 2:
        return False
    if not first or not second:
        return let.op.function is np.dot
    inner = second[-2] if len(second) > 1 else second[0]
    batches = broadcast(facts, [first[:-2], second[:-2]]) or let.op.function is np.dot
    return facts.equal(first[-1], inner) is True and batches


def _is_square(operand: Operand, facts: Facts) -> bool:
    shape = shape_of(type_of(operand))
    return shape is not None and len(shape) > 1 and facts.equal(shape[-1], shape[-2]) is True


def _determinant(let: Let, facts: Facts) -> bool:
    return not let.kwargs and _is_square(let.args[0], facts)


def _shapes(let: Let) -> list[Shape] | None:
    """The shapes of all operands, if those are known and there are no options."""
    found = [shape_of(type_of(a)) for a in let.args]
    known = [shape for shape in found if shape is not None]
    return known if len(known) == len(found) and not let.kwargs and all_known(let.args) else None


def _same(facts: Facts, a: Shape, b: Shape) -> bool:
    return len(a) == len(b) and all(facts.equal(m, n) is True for m, n in zip(a, b, strict=True))


def _vdot(let: Let, facts: Facts) -> bool:
    shapes = _shapes(let)
    return shapes is not None and len(shapes) == 2 and _same(facts, *shapes)


def _inner(let: Let, facts: Facts) -> bool:
    shapes = _shapes(let)
    if shapes is None or len(shapes) != 2:
        return False
    return not all(shapes) or _same(facts, shapes[0][-1:], shapes[1][-1:])


def _einsum(let: Let, facts: Facts) -> bool:
    """Whether axes of one letter are as long; whether the letters are right is seen before."""
    script, *arrays = let.args
    if not isinstance(script, Const) or not isinstance(script.value, str) or "." in script.value:
        return False
    terms = kept_axes(script.value)[0].split(",")
    lengths: dict[str, Length] = {}
    for term, shape in zip_longest(terms, (shape_of(type_of(each)) for each in arrays)):
        if term is None or shape is None or len(term) != len(shape):
            return False
        for axis, length in zip(term, shape, strict=True):
            if facts.equal(lengths.setdefault(axis, length), length) is not True:
                return False
    return all_known(arrays) and {name for name, _ in let.kwargs} <= {"optimize"}


def _tensordot(let: Let, facts: Facts) -> bool:
    axes: Operand = let.args[2] if len(let.args) == 3 else dict(let.kwargs).get("axes", Const(2))
    shapes = [shape_of(type_of(a)) for a in let.args[:2]]
    if not isinstance(axes, Const) or not all_known(let.args[:2]) or None in shapes:
        return False
    first, second = (shape or () for shape in shapes)
    if isinstance(axes.value, int):
        count = axes.value
        return _same(facts, first[len(first) - count :], second[:count])
    left, right = (np.atleast_1d(part).tolist() for part in axes.value)
    return _same(facts, tuple(first[k] for k in left), tuple(second[k] for k in right))


def _cross(let: Let, facts: Facts) -> bool:
    shapes = _shapes(let)
    return shapes is not None and _same(facts, shapes[0], shapes[-1])


def _interp(let: Let, facts: Facts) -> bool:
    shapes = _shapes(let)
    if shapes is None or len(shapes) != 3 or len(shapes[1]) != 1:
        return False
    return _same(facts, *shapes[1:]) and facts.at_least(shapes[1][0], 1) is True


def _norm(let: Let, facts: Facts) -> bool:
    """Whether no singular values are asked for, whose computation may not converge."""
    asked = [*let.args[1:2], *(value for name, value in let.kwargs if name == "ord")]
    order = asked[0].value if asked and isinstance(asked[0], Const) else None
    rest = (*let.args[1:], *(value for _, value in let.kwargs))
    shape = shape_of(type_of(let.args[0]))
    if shape is None or not all_known(let.args[:1]) or not all(isinstance(r, Const) for r in rest):
        return False
    needs_elements = order not in (None, 1, 2, "fro")
    is_vector = len(shape) == 1 or order is None or order == "fro"
    return is_vector and not (needs_elements and facts.at_least(shape[0], 1) is not True)


def _matrix_power(let: Let, facts: Facts) -> bool:
    power = let.args[1].value if isinstance(let.args[1], Const) else -1
    is_plain = isinstance(power, int) and power >= 0 and not let.kwargs
    return is_plain and _is_square(let.args[0], facts)


def _polyval(let: Let, facts: Facts) -> bool:
    shapes = _shapes(let)
    return shapes is not None and len(shapes[0]) == 1


SAFE_PRODUCTS: dict[Callable[..., Any], Callable[[Let, Facts], bool]] = {
    **dict.fromkeys(MATRIX_PRODUCTS, _matmul),
    **dict.fromkeys((np.linalg.det, np.linalg.slogdet, *LOG_DET.values()), _determinant),
    np.vdot: _vdot,
    np.inner: _inner,
    np.einsum: _einsum,
    np.tensordot: _tensordot,
    np.cross: _cross,
    np.interp: _interp,
    np.linalg.norm: _norm,
    np.linalg.matrix_power: _matrix_power,
    np.polyval: _polyval,
}

"""The shapes that the functions of ``numpy.linalg`` and ``numpy.fft`` return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.ir.lengths import Facts, Length, Symbol, length
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.values import shape_of

__all__ = ["MATRIX_SHAPES", "PART_SHAPES"]

Shape = tuple[Length, ...]
NONE, FIRST, LAST = Const(None), Const(0), Const(-1)
YES, NO = Const(True), Const(False)
LAST_TWO = Const((-2, -1))


def _shape(operand: Operand) -> Shape:
    found = shape_of(operand.type) if isinstance(operand, Var) else None
    if found is None:
        raise TypeError("an array of known rank is asked for")
    return found


def _is(operand: Operand, value: object) -> bool:
    return isinstance(operand, Const) and operand.value == value


def _smaller(facts: Facts, a: Length, b: Length) -> Length:
    larger = facts.at_least(a - b, 0)
    if larger is None:
        return facts.fresh(("smaller", a, b))
    return b if larger else a


# Decompositions --------------------------------------------------------------------------------


def _svd(
    facts: Facts,
    a: Operand,
    full_matrices: Operand = YES,
    compute_uv: Operand = YES,
    hermitian: Operand = NO,
) -> tuple[Shape, ...] | None:
    *batch, rows, columns = _shape(a)
    count = _smaller(facts, rows, columns)
    if _is(full_matrices, True):
        return (*batch, rows, rows), (*batch, count), (*batch, columns, columns)
    return (*batch, rows, count), (*batch, count), (*batch, count, columns)


def _svdvals(facts: Facts, a: Operand, *_: Operand, **__: Operand) -> Shape:
    *batch, rows, columns = _shape(a)
    return (*batch, _smaller(facts, rows, columns))


def _qr(facts: Facts, a: Operand, mode: Operand = NONE) -> tuple[Shape, ...]:
    *batch, rows, columns = _shape(a)
    count = rows if _is(mode, "complete") else _smaller(facts, rows, columns)
    return (*batch, rows, count), (*batch, count, columns)


def _eigh(facts: Facts, a: Operand, *_: Operand) -> tuple[Shape, ...]:
    shape = _shape(a)
    return shape[:-1], shape


def _pinv(facts: Facts, a: Operand, *_: Operand, **__: Operand) -> Shape:
    *batch, rows, columns = _shape(a)
    return (*batch, columns, rows)


# Transforms ------------------------------------------------------------------------------------


def _same(n: Length) -> Length:
    return n


def _half(n: Length) -> Length:
    """The number of terms of the transform of a real signal."""
    return _divided(n, 2, 1)


def _divided(n: Length, by: int, more: int = 0) -> Length:
    """``n // by + more``."""
    if n.known:
        return Length(n.const // by + more)
    if not n.has_example:
        raise TypeError("the length is known at run time only")
    text = f"(({n}) // {by} + {more})" if more else f"(({n}) // {by})"
    return length(Symbol(text, n.evaluate() // by + more))


def _double(n: Length) -> Length:
    """The length of a real signal by the number of its terms: the even one."""
    return (n - 1) * 2


def _one(change: Callable[[Length], Length], given: Callable[[Length], Length]) -> Any:
    """The shape after a transform along one axis, of a signal as it is or of `n` elements."""

    def rule(
        facts: Facts, a: Operand, n: Operand = NONE, axis: Operand = LAST, norm: Operand = NONE
    ) -> Shape:
        shape = list(_shape(a))
        at = _constant(axis)
        shape[at] = change(shape[at]) if _is(n, None) else given(Length(_constant(n)))
        return tuple(shape)

    return rule


def _several(
    change: Callable[[Length], Length], given: Callable[[Length], Length], default: Const
) -> Any:
    """As `_one`, along several axes, the last of which is changed."""

    def rule(
        facts: Facts, a: Operand, s: Operand = NONE, axes: Operand = default, norm: Operand = NONE
    ) -> Shape:
        shape = list(_shape(a))
        lengths = None if _is(s, None) else [Length(n) for n in _constants(s)]
        count = len(shape) if lengths is None else len(lengths)
        places = list(range(-count, 0)) if _is(axes, None) else _constants(axes)
        for at, n in zip(places, lengths or [shape[p] for p in places], strict=True):
            shape[at] = n
        if places:
            last = shape[places[-1]]
            shape[places[-1]] = (change if lengths is None else given)(last)
        return tuple(shape)

    return rule


def _constant(operand: Operand) -> int:
    if isinstance(operand, Const) and isinstance(operand.value, int):
        return operand.value
    raise TypeError("a number known now is asked for")


def _constants(operand: Operand) -> list[int]:
    if isinstance(operand, Const) and isinstance(operand.value, tuple | list):
        return list(operand.value)
    if isinstance(operand, Pack):
        return [_constant(item) for item in operand.items]
    raise TypeError("numbers known now are asked for")


def _tensorsolve(facts: Facts, a: Operand, b: Operand, axes: Operand = NONE) -> Shape:
    shape = _shape(a)
    taken = [] if _is(axes, None) else [axis % len(shape) for axis in _constants(axes)]
    moved = [*(k for k in range(len(shape)) if k not in taken), *taken]
    return tuple(shape[k] for k in moved[len(_shape(b)) :])


#: The shape of the result, by function.
MATRIX_SHAPES: dict[Callable[..., Any], Callable[..., Shape]] = {
    np.linalg.svdvals: _svdvals,
    np.linalg.svd: _svdvals,  # with compute_uv=False: else it has parts
    np.linalg.pinv: _pinv,
    np.linalg.tensorsolve: _tensorsolve,
    np.fft.fft: _one(_same, _same),
    np.fft.ifft: _one(_same, _same),
    np.fft.rfft: _one(_half, _half),
    np.fft.ihfft: _one(_half, _half),
    np.fft.irfft: _one(_double, _same),
    np.fft.hfft: _one(_double, _same),
    np.fft.fft2: _several(_same, _same, LAST_TWO),
    np.fft.ifft2: _several(_same, _same, LAST_TWO),
    np.fft.fftn: _several(_same, _same, NONE),
    np.fft.ifftn: _several(_same, _same, NONE),
    np.fft.rfft2: _several(_half, _half, LAST_TWO),
    np.fft.rfftn: _several(_half, _half, NONE),
    np.fft.irfft2: _several(_double, _same, LAST_TWO),
    np.fft.irfftn: _several(_double, _same, NONE),
}


def _array_split(
    facts: Facts, ary: Operand, sections: Operand, axis: Operand = FIRST
) -> tuple[Shape, ...]:
    """Of so many parts the first are longer by one, where they cannot all be equal."""
    shape, at, count = list(_shape(ary)), _constant(axis), _constant(sections)
    whole = shape[at]
    parts = []
    for k in range(count):
        more = count - 1 - k
        part = _divided(whole + Length(more) if more else whole, count)
        parts.append((*shape[: at % len(shape)], part, *shape[at % len(shape) + 1 :]))
    return tuple(parts)


#: The shapes of the parts of the result, by function.
PART_SHAPES: dict[Callable[..., Any], Callable[..., tuple[Shape, ...] | None]] = {
    np.linalg.svd: _svd,
    np.linalg.qr: _qr,
    np.linalg.eigh: _eigh,
    np.linalg.eig: _eigh,
    np.array_split: _array_split,
}

"""Values that are positive by how they are computed.

Such as ``np.sqrt(x**2 + 1e-6)``: a sum of what is not negative and a positive constant. By the
algebra of real numbers, that is: what is too small for a number is zero, and NaN is not looked for.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

from adjoint.ir.alike import likeness
from adjoint.ir.arithmetic import POWERS, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.ops import Form
from adjoint.ir.values import Array, Scalar, Type

__all__ = ["is_positive"]

_DEPTH = 24


class _Sign(IntEnum):
    UNKNOWN = 0
    NOT_NEGATIVE = 1
    POSITIVE = 2


#: What has the sign of its one operand, of each of its elements.
_KEPT = frozenset(
    {
        np.sqrt, math.sqrt, np.cbrt, float, np.reshape, np.ravel, np.transpose, np.squeeze,
        np.expand_dims, np.broadcast_to, np.swapaxes, np.moveaxis, np.copy, operator.getitem,
        np.max, np.min, np.diagonal, np.sinh, np.tanh, np.arctan, np.log1p, np.expm1,
    }
)  # fmt: skip
#: Sums, which may be of nothing.
_ADDED_UP = frozenset({np.sum, np.mean, np.cumsum, np.median})
_NEVER_NEGATIVE = frozenset(
    {np.abs, abs, np.square, np.exp, np.var, np.std, np.linalg.norm, math.exp, np.count_nonzero}
)
_MAXIMA = frozenset({np.maximum, np.fmax, max})
_MINIMA = frozenset({np.minimum, np.fmin, min})
#: Other options, such as ``out=`` and ``initial=``, bring in other values.
_OPTIONS = frozenset({"axis", "keepdims", "ddof", "dtype", "order"})


def is_positive(
    value: Operand, definitions: Mapping[Var, Let], *, lengths: bool, data: bool
) -> bool:
    """Return whether a number, or each element of an array, is positive.

    Parameters
    ----------
    value
        A number or an array of real numbers.
    definitions
        How variables were computed.
    lengths
        Whether lengths of arguments are taken to be positive.
    data
        Whether what is never negative is taken to be that, as it is unless it is NaN.
    """
    return _Signs(definitions, lengths, data).of(value) is _Sign.POSITIVE


@dataclass(slots=True)
class _Signs:
    definitions: Mapping[Var, Let]
    lengths: bool
    data: bool
    known: dict[Var, _Sign] = field(default_factory=dict)
    depth: int = 0

    def of(self, value: Operand) -> _Sign:
        if isinstance(value, Const):
            return _of_number(value.value)
        if not isinstance(value, Var):
            return _Sign.UNKNOWN
        if value not in self.known:
            self.known[value] = _Sign.UNKNOWN  # until it is known
            self.depth += 1
            if self.depth < _DEPTH:
                self.known[value] = self._of_length(value) or self._computed(value)
            self.depth -= 1
        return self.known[value]

    def _of_length(self, variable: Var) -> _Sign:
        length = variable.type.length if isinstance(variable.type, Scalar) else None
        if length is None or not length.has_example:
            return _Sign.UNKNOWN
        if length.const < 0 or any(times < 0 for _, times in length.terms):
            return _Sign.UNKNOWN
        is_positive = length.const > 0 or self.lengths
        return _Sign.POSITIVE if is_positive else _Sign.NOT_NEGATIVE

    def _computed(self, variable: Var) -> _Sign:
        let = self.definitions.get(variable)
        if let is None or let.op.updates or not let.args or not _is_real(variable.type):
            return _Sign.UNKNOWN
        if not {name for name, _ in let.kwargs} <= _OPTIONS:
            return _Sign.UNKNOWN
        function, args = let.op.function, let.args
        if let.op.form is Form.ALIAS or function in _KEPT:
            return self.of(args[0])
        if function in _ADDED_UP:
            return min(self.of(args[0]), _Sign.NOT_NEGATIVE)
        if function in POWERS and len(args) == 2:
            return self._power(*args)
        if function in PRODUCTS and likeness(args[0]) == likeness(args[1]):
            return max(self.of(args[0]), self._never_negative())
        if function in _NEVER_NEGATIVE:
            return self._never_negative()
        return self._of_several(function, [self.of(arg) for arg in args])

    def _of_several(self, function: Callable[..., Any], signs: list[_Sign]) -> _Sign:
        if function in SUMS:
            return max(signs) if min(signs) else _Sign.UNKNOWN
        if function in PRODUCTS or function in QUOTIENTS or function in _MINIMA:
            return min(signs)
        return max(signs) if function in _MAXIMA else _Sign.UNKNOWN

    def _power(self, base: Operand, exponent: Operand) -> _Sign:
        sign = self.of(base)
        if sign is not _Sign.UNKNOWN:
            return sign
        value = exponent.value if isinstance(exponent, Const) else None
        is_even = isinstance(value, int | float) and value % 2 == 0
        return self._never_negative() if is_even else _Sign.UNKNOWN

    def _never_negative(self) -> _Sign:
        return _Sign.NOT_NEGATIVE if self.data else _Sign.UNKNOWN


def _is_real(value: Type) -> bool:
    """Whether values are real; products of integers in an array may be too large for it."""
    if isinstance(value, Array):
        return value.dtype.kind == "f"
    return isinstance(value, Scalar) and value.kind in ("int", "float")


def _of_number(value: Any) -> _Sign:
    if type(value) not in (int, float) or not value >= 0:
        return _Sign.UNKNOWN
    return _Sign.POSITIVE if value > 0 else _Sign.NOT_NEGATIVE

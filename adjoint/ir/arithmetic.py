"""The functions of arithmetic, each with all its spellings: ``a * b`` is ``np.multiply(a, b)``.

A pass that looks for a quotient asks whether ``let.op.function in QUOTIENTS``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "DIFFERENCES",
    "MATRIX_PRODUCTS",
    "NEGATIVES",
    "OPERATORS",
    "POWERS",
    "PRODUCTS",
    "QUOTIENTS",
    "SUMS",
]

Functions = frozenset[Callable[..., Any]]

SUMS: Functions = frozenset({operator.add, np.add})
DIFFERENCES: Functions = frozenset({operator.sub, np.subtract})
PRODUCTS: Functions = frozenset({operator.mul, np.multiply})
QUOTIENTS: Functions = frozenset({operator.truediv, np.divide})
POWERS: Functions = frozenset({operator.pow, pow, np.power, np.float_power})
NEGATIVES: Functions = frozenset({operator.neg, np.negative})
#: Of operands with two axes all of them are the product of matrices.
MATRIX_PRODUCTS: Functions = frozenset({operator.matmul, np.matmul, np.dot})

#: Operators that work element by element, and broadcast. Ufuncs do so, and need not be listed.
OPERATORS: Functions = frozenset(
    {
        operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
        operator.pow, operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge,
        operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift, operator.neg,
        operator.pos, operator.abs, operator.invert,
    }
)  # fmt: skip

"""Rules for the functions of ``numpy.linalg`` on matrices. Norms have a file of their own.

The formulas are those of M. B. Giles, "Collected matrix derivative results for forward and reverse
mode algorithmic differentiation" (2008), section 2, where nothing else is said.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from adjoint.rules.decompositions import adjoint_matrix, hermitian_part
from adjoint.rules.elementwise import is_complex
from adjoint.rules.products import conjugate, matmul_a, matmul_b, matrix_transposed
from adjoint.rules.registry import jvp, one_triangle, vjp
from adjoint.rules.shaping import inverse_permutation

__all__ = ["inverse_transposed"]


# inv and solve -------------------------------------------------------------------------------


def _inv(g: Any, ans: Any, a: Any) -> Any:
    transposed = matrix_transposed(ans)
    return -(transposed @ g @ transposed)


def _solve_b(g: Any, ans: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 1 and np.ndim(a) > 2:  # a batch of vectors must not be taken for a matrix
        columns = np.linalg.solve(matrix_transposed(a), np.expand_dims(g, -1))
        return np.squeeze(columns, -1)
    return np.linalg.solve(matrix_transposed(a), g)


def _solve_a(g: Any, ans: Any, a: Any, b: Any) -> Any:
    d_b = _solve_b(g, ans, a, b)
    if np.ndim(b) > 1:
        return -d_b @ matrix_transposed(ans)
    if np.ndim(a) == 2:
        return np.outer(-d_b, ans)
    return -np.expand_dims(d_b, -1) * np.expand_dims(ans, -2)


vjp(np.linalg.inv, a=_inv)
vjp(np.linalg.solve, a=_solve_a, b=_solve_b)


# Determinants --------------------------------------------------------------------------------


def inverse_transposed(g: Any, a: Any) -> Any:
    """``g * inv(a).T``, for each matrix of a batch: the adjoint of the logarithm of ``det(a)``."""
    over = g if np.ndim(a) == 2 else np.expand_dims(g, (-2, -1))
    return over * np.linalg.inv(matrix_transposed(a))


def _slogdet(g: Any, ans: Any, a: Any) -> Any:
    """Of the pair (sign, logarithm) only the logarithm varies, unless the matrix is complex.

    The logarithm of the determinant then varies by the trace of ``inv(a) @ da``, of which the real
    part is that of its size, and the imaginary part turns the sign.
    """
    d_sign, d_size = g
    d_log = d_size
    if d_sign is not None and is_complex(a):
        turn = 1j * np.imag(d_sign * ans[0])
        d_log = turn if d_size is None else d_size + turn
    if d_log is None:
        return np.zeros_like(a)
    return inverse_transposed(d_log, a)


# Of a singular matrix it raises, as np.linalg.inv does. That of `det` is in `determinants`.
vjp(np.linalg.slogdet, a=_slogdet)


# Cholesky ------------------------------------------------------------------------------------


def _cholesky(g: Any, ans: Any, a: Any, *, upper: bool = False) -> Any:
    """Return the cotangent of a symmetric matrix; see `triangles`.

    I. Murray, "Differentiation of the Cholesky decomposition" (2016), equations 8 to 10; of a
    Hermitian matrix with conjugate transposes in the place of transposes.
    """
    factor = ans if upper else adjoint_matrix(ans)
    inner = factor @ (matrix_transposed(g) if upper else conjugate(g))
    half = 0.5 * (np.tril(inner) + np.tril(inner, -1))
    left = np.linalg.solve(factor, half)
    both = np.linalg.solve(factor, adjoint_matrix(left))
    return conjugate(hermitian_part(both))


vjp(np.linalg.cholesky, a=_cholesky)
one_triangle(np.linalg.cholesky, lambda a, *, upper=False: upper)


# Products ------------------------------------------------------------------------------------


def _multi_dot(g: Any, ans: Any, arrays: Any) -> list[Any]:
    cotangents = []
    for k, a in enumerate(arrays):
        d_a = g
        if k < len(arrays) - 1:
            left = arrays[0] if k else a  # of the rank of the product up to here
            d_a = matmul_a(d_a, ans, left, reduce(np.matmul, arrays[k + 1 :]))
        if k:
            d_a = matmul_b(d_a, ans, reduce(np.matmul, arrays[:k]), a)
        cotangents.append(d_a)
    return cotangents


def _matrix_power(g: Any, ans: Any, a: Any, n: Any) -> Any:
    if not isinstance(n, int):
        raise NotImplementedError(
            "the exponent of matrix_power must be known when the code is made"
        )
    if n == 0:
        return np.zeros_like(a)
    if n > 0:
        return _sum_of_powers(g, matrix_transposed(a), n)[0]
    inverse = np.linalg.inv(matrix_transposed(a))
    return -(inverse @ _sum_of_powers(g, inverse, -n)[0] @ inverse)


def _sum_of_powers(g: Any, t: Any, n: int) -> tuple[Any, Any]:
    """Return the sum of ``t**k @ g @ t**(n - 1 - k)`` over k < n, and ``t**n``, by squaring."""
    if n == 1:
        return g, t
    total, power = _sum_of_powers(g, t, n // 2)
    total, power = total @ power + power @ total, power @ power
    return (total @ t + power @ g, power @ t) if n % 2 else (total, power)


vjp(np.linalg.multi_dot, arrays=_multi_dot)
vjp(np.linalg.matrix_power, a=_matrix_power)


# Tensors as matrices -------------------------------------------------------------------------


def _moved(ndim: int, axes: Any) -> tuple[int, ...]:
    """The order of axes in which tensorsolve takes its matrix."""
    taken = [axis % ndim for axis in axes]
    return (*(axis for axis in range(ndim) if axis not in taken), *taken)


def _tensorsolve_b(g: Any, ans: Any, a: Any, b: Any, axes: Any = None) -> Any:
    size = np.size(b)
    tensor = a if axes is None else np.transpose(a, _moved(np.ndim(a), axes))
    matrix = np.reshape(tensor, (size, size))
    return np.reshape(np.linalg.solve(np.transpose(matrix), np.ravel(g)), np.shape(b))


def _tensorsolve_a(g: Any, ans: Any, a: Any, b: Any, axes: Any = None) -> Any:
    d_a = -np.tensordot(_tensorsolve_b(g, ans, a, b, axes), ans, axes=0)
    if axes is None:
        return d_a
    return np.transpose(d_a, inverse_permutation(_moved(np.ndim(a), axes)))


def _tensorinv(g: Any, ans: Any, a: Any, ind: int = 2) -> Any:
    """As of a matrix: ``-inv.T @ g @ inv.T``, summed over the axes that `ind` separates."""
    rest = np.ndim(a) - ind
    first, last = tuple(range(rest)), tuple(range(rest, np.ndim(a)))
    left = np.tensordot(ans, g, axes=(first, first))
    return -np.tensordot(left, ans, axes=(tuple(range(ind, 2 * ind)), last))


def _tensorsolve_tangent_a(t: Any, ans: Any, a: Any, b: Any, axes: Any = None) -> Any:
    tensor = t if axes is None else np.transpose(t, _moved(np.ndim(a), axes))
    product = np.tensordot(tensor, ans, axes=np.ndim(a) - np.ndim(b))
    return -np.linalg.tensorsolve(a, product, axes)


vjp(np.linalg.tensorsolve, a=_tensorsolve_a, b=_tensorsolve_b)
jvp(
    np.linalg.tensorsolve,
    a=_tensorsolve_tangent_a,
    b=lambda t, ans, a, b, axes=None: np.linalg.tensorsolve(a, t, axes),
)
vjp(np.linalg.tensorinv, a=_tensorinv)

"""Functions of a symmetric matrix that are written with its eigenvalues, ``(v * s) @ v.T``.

So are their products with a vector, ``v @ (s * (v.T @ b))``, and ``np.sum(s * (v.T @ b) ** 2)``.

With ``w, v = eigh(a)`` and each ``s[i]`` computed from ``w[i]`` alone, the product does not depend
on the choice of `v`, and is smooth where two eigenvalues are equal. The rule of `eigh` cannot know
that: what its 0 / 0 becomes there is the slope of `s`, which is computed behind it (decision 027).
So the matrix has a share of its own in the derivative of the product, by the divided differences
``(s[i] - s[j]) / (w[i] - w[j])``, and the values have the rest, their own diagonal.

The formula is that of Daleckii and Krein; see N. J. Higham, "Functions of Matrices" (2008),
theorem 3.11. `adjoint.optimise.spectral` finds such products.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.decompositions import (
    adjoint_matrix,
    columns,
    gaps_of,
    hermitian_part,
    rows,
    same_values,
)
from adjoint.rules.elementwise import is_complex
from adjoint.rules.products import conjugate, matrix_transposed, outer_sum
from adjoint.rules.registry import jvp, vjp, written

__all__ = ["differences", "scaling", "slopes_of", "spectral", "spectral_form", "spectral_product"]


def spectral(value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    """Return `value`, the product ``(v * s) @ v.T``.

    Parameters
    ----------
    value
        The product, through which no derivative passes.
    a
        The matrix whose eigenvalues and eigenvectors are `w` and `v`.
    s, slope
        What was computed from each eigenvalue, and its derivative by that; of which some were
        taken, for two of them.
    """
    return value


def differences(w: Any, s: Any, slope: Any) -> Any:
    """Return those of two of `s`, by those of `w`: the slope where these are the same.

    They are 0 on the diagonal.

    Examples
    --------
    >>> w = np.array([1.0, 1.0, 3.0])
    >>> differences(w, w**2, 2 * w)
    array([[0., 2., 4.],
           [2., 0., 4.],
           [4., 4., 0.]])
    """
    same = same_values(w)
    others = same ^ np.eye(np.shape(w)[-1], dtype=bool, like=w)
    return (columns(s) - rows(s)) * gaps_of(w, same) + np.where(others, slopes_of(w, slope), 0)


def slopes_of(w: Any, slope: Any) -> Any:
    """Return slopes for two of `w`: given for all, for each, or for two."""
    return columns(slope) if np.ndim(slope) == np.ndim(w) else slope


def _weighted(turned: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    """What a matrix contributes that is `turned` into the basis of the vectors, and symmetric."""
    return v @ (differences(w, s, slope) * turned) @ adjoint_matrix(v)


def _by_matrix(g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    if not is_complex(v):
        return _along_matrix(g, ans, value, a, w, v, s, slope)  # it is symmetric
    turned = differences(w, s, slope) * (matrix_transposed(v) @ g @ conjugate(v))
    return hermitian_part(conjugate(v) @ turned @ matrix_transposed(v))


def _along_matrix(t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    return _weighted(adjoint_matrix(v) @ hermitian_part(t) @ v, w, v, s, slope)


def _by_values(g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    if is_complex(v):
        return np.sum(v * (g @ conjugate(v)), axis=-2)
    return np.sum(v * (g @ v), axis=0 if np.ndim(v) == 2 else -2)


def _along_values(t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    return (v * columns(t)) @ adjoint_matrix(v)


vjp(spectral, a=_by_matrix, s=_by_values)
jvp(spectral, a=_along_matrix, s=_along_values)
written(spectral, "value")


# Times a vector, or the columns of a matrix -----------------------------------------------------


def spectral_product(value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any) -> Any:
    """Return `value`, the product ``v @ (s * (v.T @ b))``; see `spectral`."""
    return value


def scaling(s: Any, b: Any) -> Any:
    """Return what scales the rows of a product with `b`, a vector or a matrix.

    Examples
    --------
    >>> scaling(np.ones(3), np.ones((3, 2))).shape
    (3, 1)
    """
    return s if np.ndim(b) == 1 else s[:, None]


def _product_by_matrix(
    g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    turned = hermitian_part(outer_sum(matrix_transposed(v) @ g, matrix_transposed(v) @ b))
    return _weighted(turned, w, v, s, slope)


def _product_along_matrix(
    t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return _by_matrix(t, ans, value, a, w, v, s, slope) @ b


def _product_by_values(
    g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    both = (matrix_transposed(v) @ g) * (matrix_transposed(v) @ b)
    return both if np.ndim(b) == 1 else np.sum(both, axis=1)


def _product_along_values(
    t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return v @ (scaling(t, b) * (matrix_transposed(v) @ b))


def _product_by_vector(
    g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return v @ (scaling(s, b) * (matrix_transposed(v) @ g))


def _product_along_vector(
    t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return _product_by_vector(t, ans, value, a, w, v, s, slope, b)  # it is symmetric


vjp(spectral_product, a=_product_by_matrix, s=_product_by_values, b=_product_by_vector)
jvp(spectral_product, a=_product_along_matrix, s=_product_along_values, b=_product_along_vector)
written(spectral_product, "value")

# Between a vector and itself --------------------------------------------------------------------


def spectral_form(value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any) -> Any:
    """Return `value`, the number ``np.sum(s * (v.T @ b) ** 2)``; see `spectral`."""
    return value


def _form_by_matrix(
    g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    along = matrix_transposed(v) @ b
    return _weighted(g * np.outer(along, along), w, v, s, slope)


def _form_along_matrix(
    t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return b @ (_by_matrix(t, ans, value, a, w, v, s, slope) @ b)


def _form_by_values(
    g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return g * (matrix_transposed(v) @ b) ** 2


def _form_along_values(
    t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return np.sum(t * (matrix_transposed(v) @ b) ** 2)


def _form_by_vector(
    g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return 2 * g * (v @ (s * (matrix_transposed(v) @ b)))


def _form_along_vector(
    t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any, b: Any
) -> Any:
    return 2 * np.sum(s * (matrix_transposed(v) @ b) * (matrix_transposed(v) @ t))


vjp(spectral_form, a=_form_by_matrix, s=_form_by_values, b=_form_by_vector)
jvp(spectral_form, a=_form_along_matrix, s=_form_along_values, b=_form_along_vector)
written(spectral_form, "value")

"""Functions of a matrix that are written with its singular values, ``(u * s) @ vh``.

With ``u, w, vh = svd(a)`` and each ``s[i]`` computed from ``w[i]`` alone, the product does not
depend on the choice of vectors, and is smooth where two singular values are equal: `s` is an odd
function of the eigenvalues, `w` and `-w`, of the symmetric matrix that has `a` and its transpose
beside its diagonal. Of a change the symmetric part, in the bases of the vectors, meets
``(s[i] - s[j]) / (w[i] - w[j])``, and the other ``(s[i] + s[j]) / (w[i] + w[j])``; see `spectral`.
So do the pseudoinverse and ``(vh.T * s) @ u.T`` in general, the orthogonal factor ``u @ vh``, where
`s` is the number 1, and products with a vector.

The formula is that of M. I. Arrigo, M. Benzi and C. Fenu, "Computation of generalized matrix
functions" (2016), by V. Noferini, "A formula for the Frechet derivative of a generalized matrix
function" (2017). `adjoint.optimise.spectral` finds such products.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.decompositions import columns, rounding, rows
from adjoint.rules.products import matrix_transposed, outer_sum
from adjoint.rules.registry import jvp, vjp, written
from adjoint.rules.spectral import differences, scaling, slopes_of

__all__ = ["singular", "singular_product"]


def singular(value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any) -> Any:
    """Return `value`, the product ``(u * s) @ vh``.

    Parameters
    ----------
    value
        The product, through which no derivative passes.
    a
        The matrix whose singular values and vectors are `w`, `u` and `vh`.
    s, slope
        What was computed from each singular value, and its derivative by that.
    """
    return value


def _turned(t: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any) -> Any:
    """What a change `t` of the matrix contributes to that of the product; it is symmetric."""
    inner = matrix_transposed(u) @ t @ matrix_transposed(vh)
    apart = 0.5 * (inner - matrix_transposed(inner))
    sums = _sums(w, s, slope)
    turned = sums * apart
    if np.ndim(s) > 0:
        turned = turned + differences(w, s, slope) * (inner - apart)
    total = u @ turned @ vh
    ratios = np.diagonal(sums, axis1=-2, axis2=-1)
    height, width = np.shape(a)[-2:]
    if not bool(height <= width):
        outside = t @ matrix_transposed(vh) - u @ inner
        total = total + (outside * columns(ratios)) @ vh
    if not bool(width <= height):
        outside = matrix_transposed(u) @ t - inner @ vh
        total = total + (u * columns(ratios)) @ outside
    return total


def _sums(w: Any, s: Any, slope: Any) -> Any:
    """Those of two of `s`, by those of `w`; the slope where these are 0, if `s` is, else nan."""
    total = columns(w) + rows(w)
    is_zero = total <= rounding(w)
    if np.ndim(s) == 0:
        return 2 * s / np.where(is_zero, np.nan, total)
    both = columns(s) + rows(s)
    limit = np.where(np.abs(both) <= rounding(s), slopes_of(w, slope), np.nan)
    return np.where(is_zero, limit, both / np.where(is_zero, 1, total))


def _by_matrix(
    g: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any
) -> Any:
    return _turned(g, a, w, u, vh, s, slope)


def _along_matrix(
    t: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any
) -> Any:
    return _turned(t, a, w, u, vh, s, slope)


def _by_values(
    g: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any
) -> Any:
    return np.sum(u * (g @ matrix_transposed(vh)), axis=0 if np.ndim(u) == 2 else -2)


def _along_values(
    t: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any
) -> Any:
    return (u * columns(t)) @ vh


vjp(singular, a=_by_matrix, s=_by_values)
jvp(singular, a=_along_matrix, s=_along_values)
written(singular, "value")


# Times a vector, or the columns of a matrix -----------------------------------------------------


def singular_product(
    value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any, b: Any
) -> Any:
    """Return `value`, the product ``u @ (s * (vh @ b))``; see `singular`."""
    return value


def _product_by_matrix(
    g: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any, b: Any
) -> Any:
    return _turned(outer_sum(g, b), a, w, u, vh, s, slope)


def _product_along_matrix(
    t: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any, b: Any
) -> Any:
    return _turned(t, a, w, u, vh, s, slope) @ b


def _product_by_values(
    g: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any, b: Any
) -> Any:
    both = (matrix_transposed(u) @ g) * (vh @ b)
    return both if np.ndim(b) == 1 else np.sum(both, axis=1)


def _product_along_values(
    t: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any, b: Any
) -> Any:
    return u @ (scaling(t, b) * (vh @ b))


def _product_by_vector(
    g: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any, b: Any
) -> Any:
    return matrix_transposed(vh) @ (scaling(s, b) * (matrix_transposed(u) @ g))


def _product_along_vector(
    t: Any, ans: Any, value: Any, a: Any, w: Any, u: Any, vh: Any, s: Any, slope: Any, b: Any
) -> Any:
    return u @ (scaling(s, b) * (vh @ t))


vjp(singular_product, a=_product_by_matrix, s=_product_by_values, b=_product_by_vector)
jvp(singular_product, a=_product_along_matrix, s=_product_along_values, b=_product_along_vector)
written(singular_product, "value")

"""Functions of a symmetric matrix that are written with its eigenvalues, ``(v * s) @ v.T``.

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

from adjoint.rules.decompositions import gaps_of, hermitian_part, same_values
from adjoint.rules.products import matrix_transposed
from adjoint.rules.registry import jvp, vjp, written

__all__ = ["spectral"]


def spectral(value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    """Return `value`, the product ``(v * s) @ v.T``.

    Parameters
    ----------
    value
        The product, through which no derivative passes.
    a
        The matrix whose eigenvalues and eigenvectors are `w` and `v`.
    s, slope
        What was computed from each eigenvalue, and its derivative by that.
    """
    return value


def _by_matrix(g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    same = same_values(w)
    others = same ^ np.eye(np.shape(w)[0], dtype=bool, like=w)
    quotients = (s - s[:, None]) * gaps_of(w, same) + np.where(others, slope, 0)
    turned = matrix_transposed(v) @ hermitian_part(g) @ v
    return v @ (quotients * turned) @ matrix_transposed(v)


def _along_matrix(t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    return _by_matrix(t, ans, value, a, w, v, s, slope)  # it is symmetric


def _by_values(g: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    return np.sum(v * (g @ v), axis=0)


def _along_values(t: Any, ans: Any, value: Any, a: Any, w: Any, v: Any, s: Any, slope: Any) -> Any:
    return (v * t) @ matrix_transposed(v)


vjp(spectral, a=_by_matrix, s=_by_values)
jvp(spectral, a=_along_matrix, s=_along_values)
written(spectral, "value")

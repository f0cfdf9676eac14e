"""Matrices of which a function reads one triangle, as their other one mirrors it.

NumPy's `cholesky`, `eigh` and their kin never look at the other triangle, whatever stands there, so
that nothing flows back into it. Their rules are those of a symmetric (or Hermitian) matrix, and
hand back a cotangent of one; what is read of it is said by the matrix that they are given, which is
that of the user behind `mirrored`. `adjoint.optimise.triangles` puts it there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.decompositions import adjoint_matrix
from adjoint.rules.registry import jvp, vjp, written

__all__ = ["mirrored"]


def mirrored(a: Any, upper: bool) -> Any:
    """Return `a`, of which one triangle is read, the `upper` one or the lower."""
    return a


def _one_triangle(g: Any, ans: Any, a: Any, upper: bool) -> Any:
    if upper:
        return np.triu(g) + np.triu(adjoint_matrix(g), 1)
    return np.tril(g) + np.tril(adjoint_matrix(g), -1)


def _along(t: Any, ans: Any, a: Any, upper: bool) -> Any:
    if upper:
        return np.triu(t) + adjoint_matrix(np.triu(t, 1))
    return np.tril(t) + adjoint_matrix(np.tril(t, -1))


vjp(mirrored, a=_one_triangle)
jvp(mirrored, a=_along)
written(mirrored, "a")

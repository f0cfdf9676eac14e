"""Functions of ``scipy.linalg`` that NumPy has as well: read as those, other options refused.

SciPy does them with the same routines of LAPACK, or others that give the same up to rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead
from adjoint.rules.scipy.eigenvalues import eigh_of_two

__all__: list[str] = []


def norm(
    a: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, check_finite: Any = True
) -> Any:
    """As ``scipy.linalg.norm``."""
    return np.linalg.norm(a, ord, axis, keepdims)


def pinv(
    a: Any, *, atol: Any = None, rtol: Any = None, return_rank: Any = False,
    check_finite: Any = True,
) -> Any:  # fmt: skip
    """As ``scipy.linalg.pinv``."""
    if atol is not None or rtol is not None or return_rank:
        refuse("scipy.linalg.pinv with atol, rtol or return_rank", "use np.linalg.pinv(a, rcond)")
    return np.linalg.pinv(a)


def svd(
    a: Any, full_matrices: Any = True, compute_uv: Any = True, overwrite_a: Any = False,
    check_finite: Any = True, lapack_driver: Any = "gesdd",
) -> Any:  # fmt: skip
    """As ``scipy.linalg.svd``."""
    if compute_uv:
        return np.linalg.svd(a, full_matrices)
    return np.linalg.svd(a, compute_uv=False)


def svdvals(a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    """As ``scipy.linalg.svdvals``."""
    return np.linalg.svd(a, compute_uv=False)


def eigh(
    a: Any, b: Any = None, *, lower: Any = True, eigvals_only: Any = False,
    overwrite_a: Any = False, overwrite_b: Any = False, type: Any = 1, check_finite: Any = True,
    subset_by_index: Any = None, subset_by_value: Any = None, driver: Any = None,
) -> Any:  # fmt: skip
    """As ``scipy.linalg.eigh`` of all eigenvalues, also of two matrices."""
    if subset_by_index is not None or subset_by_value is not None:
        refuse("scipy.linalg.eigh of some eigenvalues", "take a part of all eigenvalues")
    if b is not None:
        if type != 1:
            refuse("scipy.linalg.eigh of two matrices with type=", "leave it away, and scale them")
        values, vectors = eigh_of_two(a, b) if lower else eigh_of_two(a, b, False)
        return values if eigvals_only else (values, vectors)
    if eigvals_only:
        return np.linalg.eigvalsh(a, "L" if lower else "U")
    return np.linalg.eigh(a, "L" if lower else "U")


def eigvalsh(
    a: Any, b: Any = None, *, lower: Any = True, overwrite_a: Any = False,
    overwrite_b: Any = False, type: Any = 1, check_finite: Any = True,
    subset_by_index: Any = None, subset_by_value: Any = None, driver: Any = None,
) -> Any:  # fmt: skip
    """As ``scipy.linalg.eigvalsh``."""
    return eigh(
        a, b, lower=lower, eigvals_only=True, type=type, subset_by_index=subset_by_index,
        subset_by_value=subset_by_value,
    )  # fmt: skip


instead(linalg.norm, norm)
instead(linalg.pinv, pinv)
instead(linalg.svd, svd)
instead(linalg.svdvals, svdvals)
instead(linalg.eigh, eigh)
instead(linalg.eigvalsh, eigvalsh)

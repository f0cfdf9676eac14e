"""Rules for QR, for pseudoinverses and for what ``np.linalg.lstsq`` finds.

With complex matrices `g` is df/dx - i df/dy: see `decompositions`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.decompositions import adjoint_matrix, gradient, on_diagonal
from adjoint.rules.products import conjugate, matrix_transposed, outer_sum
from adjoint.rules.registry import vjp, zero_derivative

__all__ = ["require_all_values"]

# QR --------------------------------------------------------------------------------------------


def _qr(g: Any, ans: Any, a: Any, mode: str = "reduced") -> Any:
    if mode == "r":
        q, r = np.linalg.qr(a)
        return conjugate(_qr_gradient(None, conjugate(g), a, q, r))
    if mode not in ("reduced", "complete"):
        raise NotImplementedError(f"np.linalg.qr with mode={mode!r} has no derivative")
    rows, columns = np.shape(a)[-2:]
    if mode == "complete" and not bool(rows <= columns):
        raise NotImplementedError(
            "the columns that mode='complete' adds are not determined; leave the mode away"
        )
    d_q, d_r = map(gradient, g)
    return conjugate(_qr_gradient(d_q, d_r, a, *ans))


def _qr_gradient(d_q: Any, d_r: Any, a: Any, q: Any, r: Any) -> Any:
    """The gradient by H.-J. Liao and others, "Differentiable programming tensor networks" (2019),
    equation 23, and for more columns than rows equation 26."""
    rows, columns = np.shape(a)[-2:]
    if bool(columns <= rows):
        return _tall_qr_gradient(d_q, d_r, q, r)
    if d_r is None:
        d_left = _tall_qr_gradient(d_q, None, q, r[..., :rows])
        return np.concatenate((d_left, np.zeros_like(a[..., rows:])), axis=-1)
    d_right = d_r[..., rows:]
    moved = a[..., rows:] @ adjoint_matrix(d_right)
    d_q = moved if d_q is None else d_q + moved
    d_left = _tall_qr_gradient(d_q, d_r[..., :rows], q, r[..., :rows])
    return np.concatenate((d_left, q @ d_right), axis=-1)


def _tall_qr_gradient(d_q: Any, d_r: Any, q: Any, r: Any) -> Any:
    inner: Any = 0.0
    if d_r is not None:
        inner = inner + r @ adjoint_matrix(d_r)
    if d_q is not None:
        inner = inner - adjoint_matrix(d_q) @ q
    total = q @ _mirrored(inner)
    if d_q is not None:
        total = d_q + total
    return adjoint_matrix(np.linalg.solve(r, adjoint_matrix(total)))


def _mirrored(x: Any) -> Any:
    """The lower triangle of `x`, reflected into the upper one."""
    below = np.tril(x, -1)
    if x.dtype.kind == "c":
        return below + adjoint_matrix(below) + on_diagonal(np.real(np.linalg.diagonal(x)))
    return np.tril(x) + matrix_transposed(below)


vjp(np.linalg.qr, a=_qr)


# Least squares ---------------------------------------------------------------------------------
# G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
# problems whose variables separate" (1973), equation 4.12. The rank is held: where singular values
# are left out that are not zero, the vectors of these turn with the others.


def require_all_values(cutoff: Any, name: str) -> None:
    """Refuse a cutoff that leaves out more than what is zero up to rounding."""
    if cutoff is not None and not (isinstance(cutoff, int | float) and cutoff <= 1e-7):
        raise NotImplementedError(
            f"np.{name} that leaves singular values out: write it with those of np.linalg.svd, "
            "(vh.T * np.where(s > cutoff, 1 / s, 0)) @ u.T"
        )


def _pinv(
    g: Any, ans: Any, a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None
) -> Any:
    require_all_values(rcond, "linalg.pinv")
    require_all_values(rtol, "linalg.pinv")
    d_p, p = conjugate(g), ans
    left = adjoint_matrix(d_p) @ p @ adjoint_matrix(p)
    right = adjoint_matrix(p) @ p @ adjoint_matrix(d_p)
    through = adjoint_matrix(p) @ d_p @ adjoint_matrix(p)
    return conjugate(left - a @ (p @ left) + right - (right @ p) @ a - through)


def _taken(g: Any, rcond: Any) -> tuple[Any, Any]:
    """The cotangents of the solution and of the sums of squares, either of which may be None."""
    require_all_values(rcond, "linalg.lstsq")
    d_x, d_squares, _, d_s = g
    if d_s is not None:
        raise NotImplementedError(
            "np.linalg.lstsq is not differentiated in its singular values; write "
            "np.linalg.svdvals(a)"
        )
    return d_x, d_squares


def _rest(d_squares: Any, a: Any, b: Any, x: Any) -> Any:
    """How the sums of squares change with what is left: `x` does not matter, as it is a minimum."""
    return 2 * (d_squares if np.ndim(b) > 1 else np.sum(d_squares)) * (b - a @ x)


def _are_squares(d_squares: Any, a: Any) -> bool:
    """Whether there are sums of squares: there are none where nothing is left."""
    rows, columns = np.shape(a)[-2:]
    return d_squares is not None and bool(rows > columns)


def _lstsq_a(g: Any, ans: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    (d_x, d_squares), x = _taken(g, rcond), ans[0]
    d_a: Any = 0.0
    if _are_squares(d_squares, a):
        d_a = d_a - outer_sum(_rest(d_squares, a, b, x), conjugate(x))
    if d_x is not None:
        p, d_x = np.linalg.pinv(a), conjugate(d_x)
        d_b = adjoint_matrix(p) @ d_x
        unseen = d_x - p @ (a @ d_x)
        fitted = outer_sum(b - a @ x, conjugate(p @ d_b)) - outer_sum(d_b, conjugate(x))
        d_a = d_a + (fitted + outer_sum(adjoint_matrix(p) @ x, conjugate(unseen)))
    return conjugate(d_a)


def _lstsq_b(g: Any, ans: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    d_x, d_squares = _taken(g, rcond)
    d_b: Any = 0.0
    if _are_squares(d_squares, a):
        d_b = d_b + conjugate(_rest(d_squares, a, b, ans[0]))
    if d_x is not None:
        d_b = d_b + matrix_transposed(np.linalg.pinv(a)) @ d_x
    return d_b


vjp(np.linalg.pinv, a=_pinv)
vjp(np.linalg.lstsq, a=_lstsq_a, b=_lstsq_b)
zero_derivative(np.linalg.matrix_rank)

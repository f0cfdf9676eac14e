"""The derivatives of a determinant, also of a singular matrix, which has no inverse.

That of ``det(a)`` by each entry is its cofactor, ``det(a) * inv(a).T``; of a singular matrix it
comes from the singular values, of which each cofactor is the product of all but one. That of the
cofactors is made of the products of all but two. So it is of matrices that are nearly singular, for
which the inverse times the determinant is a large number with few right digits times a small one.

The functions are printed where they are used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.registry import jvp, vjp
from adjoint.rules.scipy.dispatch import dispatched

__all__ = ["cofactors", "cofactors_along"]


def regular_inverse(a: Any) -> Any:
    """The inverse of matrices, or None where it may have few right digits.

    Examples
    --------
    >>> regular_inverse(np.eye(2) / 2)
    array([[2., 0.],
           [0., 2.]])
    >>> regular_inverse(np.ones((2, 2)))
    """
    try:
        inverse = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return None
    bound = a.shape[-1] ** 2 / np.finfo(inverse.dtype).eps ** 0.8
    is_large = np.vdot(inverse, inverse).real > bound / np.vdot(a, a).real
    return None if is_large else inverse


def cofactors(a: Any, det: Any) -> Any:
    """The derivative of the determinant by each entry of a matrix.

    Examples
    --------
    >>> cofactors(np.array([[1.0, 2.0], [3.0, 4.0]]), np.float64(-2.0)).round(12)
    array([[ 4., -3.],
           [-2.,  1.]])
    >>> cofactors(np.array([[1.0, 2.0], [2.0, 4.0]]), np.float64(0.0)).round(12)
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    inverse = regular_inverse(a)
    if inverse is not None and a.ndim == 2:
        return det * inverse.T  # the same as below, without the time that a view takes
    if inverse is not None:
        return det[..., None, None] * np.swapaxes(inverse, -2, -1)
    u, s, vh = np.linalg.svd(a)
    itself = np.eye(s.shape[-1], dtype=bool)
    others = np.prod(np.where(itself, 1, s[..., None, :]), axis=-1)
    turn = np.linalg.det(u @ vh)[..., None, None]
    return turn * ((np.conj(u) * others[..., None, :]) @ np.conj(vh))


def cofactors_along(a: Any, change: Any) -> Any:
    """The derivative of the cofactors of a matrix along a change of it.

    Examples
    --------
    >>> cofactors_along(np.array([[1.0, 2.0], [2.0, 4.0]]), np.eye(2)).round(12)
    array([[ 1., -0.],
           [-0.,  1.]])
    """
    inverse = regular_inverse(a)
    if inverse is not None:
        turned = inverse @ change
        grown = np.trace(turned, axis1=-2, axis2=-1)[..., None, None] * inverse
        det = np.linalg.det(a)[..., None, None]
        return det * np.swapaxes(grown - turned @ inverse, -2, -1)
    u, s, vh = np.linalg.svd(a)
    itself = np.eye(s.shape[-1], dtype=bool)
    without = np.where(itself | itself[:, None, :], 1, s[..., None, None, :])
    pairs = np.where(itself, 0, np.prod(without, axis=-1))
    inner = np.conj(np.swapaxes(u, -2, -1)) @ change @ np.conj(np.swapaxes(vh, -2, -1))
    diagonal = np.sum(pairs * np.diagonal(inner, axis1=-2, axis2=-1)[..., None, :], axis=-1)
    inner = np.where(itself, diagonal[..., None], -pairs * np.swapaxes(inner, -2, -1))
    turn = np.linalg.det(u @ vh)[..., None, None]
    return turn * (np.conj(u) @ inner @ np.conj(vh))


_cofactors, _cofactors_along = dispatched(cofactors), dispatched(cofactors_along)


def _det(g: Any, ans: Any, a: Any) -> Any:
    over = g if np.ndim(a) == 2 else np.expand_dims(g, (-2, -1))
    return over * _cofactors(a, ans)


vjp(np.linalg.det, a=_det)

# The second derivative of the determinant is symmetric: what is along one matrix is by the other.
vjp(cofactors, a=lambda g, ans, a, det: _cofactors_along(a, g), det=lambda g, ans, a, det: 0.0)
jvp(
    cofactors,
    a=lambda t, ans, a, det: _cofactors_along(a, t),
    det=lambda t, ans, a, det: np.zeros_like(ans),
)


def _total(x: Any) -> Any:
    return np.sum(x, axis=(-2, -1), keepdims=True)


def _along_by_matrix(g: Any, ans: Any, a: Any, change: Any) -> Any:
    """By the formula with the inverse: nan of a matrix that is singular up to rounding."""
    known = np.where(np.linalg.cond(a, 1) < 1e4, 1.0, np.nan)
    inverse = np.linalg.inv(a)
    turned, det = np.swapaxes(inverse, -2, -1), np.expand_dims(np.linalg.det(a), (-2, -1))
    t_turned, g_turned = np.swapaxes(change, -2, -1), np.swapaxes(g, -2, -1)
    along = _total(turned * change)
    by_inverse = along * g_turned + _total(turned * g) * t_turned
    by_inverse = by_inverse - g_turned @ turned @ t_turned - t_turned @ turned @ g_turned
    return np.expand_dims(known, (-2, -1)) * (
        _total(g * ans) * turned - det * (turned @ by_inverse @ turned)
    )


vjp(
    cofactors_along,
    a=_along_by_matrix,
    change=lambda g, ans, a, change: _cofactors_along(a, g),
)
jvp(cofactors_along, change=lambda t, ans, a, change: _cofactors_along(a, t))

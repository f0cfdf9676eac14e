"""Rules for products of arrays that sum over shared axes. `einsum` has a file of its own.

The cotangent of each factor is the product of `g` with the other one. The common ranks are written
out, since these lines are what a gradient of a network or a solver is made of.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint.rules.elementwise import is_complex
from adjoint.rules.registry import multilinear, same
from adjoint.rules.shaping import inverse_permutation

__all__ = ["conjugate", "matmul_a", "matmul_b", "matrix_transposed", "outer_sum"]


def matrix_transposed(x: Any) -> Any:
    """Return `x` with its last two axes exchanged.

    Examples
    --------
    >>> matrix_transposed(np.ones((5, 2, 3))).shape
    (5, 3, 2)
    """
    return np.transpose(x) if np.ndim(x) == 2 else np.swapaxes(x, -1, -2)


def outer_sum(x: Any, y: Any) -> Any:
    """Return the outer product of two vectors, or of matrices the sum of those of their columns.

    Examples
    --------
    >>> outer_sum(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([[ 1., 10.],
           [ 2., 20.]])
    """
    return np.outer(x, y) if np.ndim(x) == 1 else x @ matrix_transposed(y)


def conjugate(x: Any) -> Any:
    """Return the complex conjugate of `x`, which is `x` itself unless it is of a complex type.

    Examples
    --------
    >>> conjugate(2.0), conjugate(np.array([1j]))
    (2.0, array([0.-1.j]))
    """
    return np.conj(x) if is_complex(x) else x


def _contract(x: Any, y: Any, axes: Sequence[int], y_axes: Sequence[int] | None = None) -> Any:
    """The product summed over `axes` of `x` and `y_axes` (the same ones, unless given) of `y`."""
    return np.tensordot(x, y, axes=(tuple(axes), tuple(axes if y_axes is None else y_axes)))


# matmul --------------------------------------------------------------------------------------


def matmul_a(g: Any, ans: Any, a: Any, b: Any) -> Any:
    """Return the cotangent of `a` for ``a @ b``, with the batch axes of `g` where `a` has fewer.

    Examples
    --------
    >>> matmul_a(np.ones((2, 4)), None, np.ones((2, 3)), np.ones((3, 4))).shape
    (2, 3)
    """
    match np.ndim(a), np.ndim(b):
        case 1, 1:
            return g * b
        case 1, 2:
            return b @ g
        case 1, ndim:
            return _contract(b, g, (*range(ndim - 2), ndim - 1), range(ndim - 1))
        case 2, 1:
            return np.outer(g, b)
        case _, 1:
            return np.expand_dims(g, -1) * b
        case 2, ndim if ndim > 2:  # one matrix for all of the batch: sum over the batch right here
            return _contract(g, b, (*range(ndim - 2), ndim - 1))
        case _:
            return g @ matrix_transposed(b)


def matmul_b(g: Any, ans: Any, a: Any, b: Any) -> Any:
    """Return the cotangent of `b` for ``a @ b``, with the batch axes of `g` where `b` has fewer.

    Examples
    --------
    >>> matmul_b(np.ones((2, 4)), None, np.ones((2, 3)), np.ones((3, 4))).shape
    (3, 4)
    """
    match np.ndim(a), np.ndim(b):
        case 1, 1:
            return g * a
        case 1, 2:
            return np.outer(a, g)
        case 1, _:
            return np.expand_dims(a, -1) * np.expand_dims(g, -2)
        case 2, 1:
            return np.transpose(a) @ g
        case ndim, 1:
            return _contract(g, a, range(ndim - 1))
        case ndim, 2 if ndim > 2:
            return _contract(a, g, range(ndim - 1))
        case _:
            return matrix_transposed(a) @ g


multilinear(np.matmul, a=matmul_a, b=matmul_b)
same(operator.matmul, np.matmul)
same(np.linalg.matmul, np.matmul)


# dot, inner, outer, vdot ---------------------------------------------------------------------


def _dot_a(g: Any, ans: Any, a: Any, b: Any) -> Any:
    lead, ndim = np.ndim(a) - 1, np.ndim(b)
    if lead < 0 or ndim == 0:
        return g * b
    if lead < 2 and ndim < 3:
        return matmul_a(g, ans, a, b)
    if ndim == 1:
        return np.expand_dims(g, -1) * b
    others = (*range(ndim - 2), ndim - 1)  # all axes of b but the one that was summed over
    return _contract(g, b, range(lead, lead + ndim - 1), others)


def _dot_b(g: Any, ans: Any, a: Any, b: Any) -> Any:
    lead, ndim = np.ndim(a) - 1, np.ndim(b)
    if lead < 0 or ndim == 0:
        return g * a
    if lead < 2 and ndim < 3:
        return matmul_b(g, ans, a, b)
    if ndim == 1:
        return _contract(g, a, range(lead))
    product = _contract(a, g, range(lead))
    return product if ndim == 2 else np.moveaxis(product, 0, -2)


def _inner_a(g: Any, ans: Any, a: Any, b: Any) -> Any:
    lead, rest = np.ndim(a) - 1, np.ndim(b) - 1
    if lead < 0 or rest < 0 or (lead, rest) == (0, 0):
        return g * b
    if rest == 0:
        return np.outer(g, b) if lead == 1 else np.expand_dims(g, -1) * b
    if rest == 1:
        return g @ b
    return _contract(g, b, range(lead, lead + rest), range(rest))


def _inner_b(g: Any, ans: Any, a: Any, b: Any) -> Any:
    lead, rest = np.ndim(a) - 1, np.ndim(b) - 1
    if lead < 0 or rest < 0 or (lead, rest) == (0, 0):
        return g * a
    if lead == 0:
        return np.outer(g, a) if rest == 1 else np.expand_dims(g, -1) * a
    if (lead, rest) == (1, 0):
        return g @ a
    if (lead, rest) == (1, 1):
        return np.transpose(g) @ a
    return _contract(g, a, range(lead))


def _raveled(a: Any) -> Any:
    return a if np.ndim(a) == 1 else np.ravel(a)


def _outer_a(g: Any, ans: Any, a: Any, b: Any) -> Any:
    cotangent = g @ _raveled(b)
    return cotangent if np.ndim(a) == 1 else np.reshape(cotangent, np.shape(a))


def _outer_b(g: Any, ans: Any, a: Any, b: Any) -> Any:
    cotangent = _raveled(a) @ g
    return cotangent if np.ndim(b) == 1 else np.reshape(cotangent, np.shape(b))


def _vdot_factor(g: Any, factor: Any, wanted: Any) -> Any:
    """Both factors are read as vectors: of equal size, but perhaps not of equal shape."""
    cotangent = g * factor
    if np.ndim(wanted) == np.ndim(factor) < 2:
        return cotangent
    return np.reshape(cotangent, np.shape(wanted))


multilinear(np.dot, a=_dot_a, b=_dot_b)
multilinear(np.inner, a=_inner_a, b=_inner_b)
multilinear(np.outer, a=_outer_a, b=_outer_b)
multilinear(
    np.linalg.outer,
    x1=lambda g, ans, x1, x2: _outer_a(g, ans, x1, x2),
    x2=lambda g, ans, x1, x2: _outer_b(g, ans, x1, x2),
)
multilinear(
    np.vdot,
    a=lambda g, ans, a, b: _vdot_factor(conjugate(g), conjugate(b), a),
    b=lambda g, ans, a, b: _vdot_factor(g, conjugate(a), b),
)


# tensordot -----------------------------------------------------------------------------------


def _pair_up(axes: Any, ndim_a: int, ndim_b: int) -> tuple[list[int], list[int]]:
    """The axes that are summed over, of each factor, counted from the front."""
    if isinstance(axes, int):
        return list(range(ndim_a - axes, ndim_a)), list(range(axes))
    of_a, of_b = ([one] if isinstance(one, int) else list(one) for one in axes)
    return [axis % ndim_a for axis in of_a], [axis % ndim_b for axis in of_b]


def _transposed(x: Any, axes: Sequence[int]) -> Any:
    if list(axes) == list(range(len(axes))):
        return x
    return np.transpose(x) if tuple(axes) == (1, 0) else np.transpose(x, axes)


def _tensordot_a(g: Any, ans: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    of_a, of_b = _pair_up(axes, np.ndim(a), np.ndim(b))
    own = [axis for axis in range(np.ndim(a)) if axis not in of_a]
    others = [axis for axis in range(np.ndim(b)) if axis not in of_b]
    # The axes of the product below, as axes of a.
    order = own + [of_a[of_b.index(axis)] for axis in sorted(of_b)]
    if not own and not others:
        return g * _transposed(b, inverse_permutation(order))
    if (len(own), len(of_a), len(others)) == (1, 1, 1):
        product = g @ (b if others == [0] else np.transpose(b))
    else:
        product = _contract(g, b, range(len(own), len(own) + len(others)), others)
    return _transposed(product, inverse_permutation(order))


def _tensordot_b(g: Any, ans: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    of_a, of_b = _pair_up(axes, np.ndim(a), np.ndim(b))
    own = [axis for axis in range(np.ndim(b)) if axis not in of_b]
    others = [axis for axis in range(np.ndim(a)) if axis not in of_a]
    order = [of_b[of_a.index(axis)] for axis in sorted(of_a)] + own
    if not own and not others:
        return g * _transposed(a, inverse_permutation(order))
    if (len(own), len(of_b), len(others)) == (1, 1, 1):
        product = (a if others == [1] else np.transpose(a)) @ g
    else:
        product = _contract(a, g, others, range(len(others)))
    return _transposed(product, inverse_permutation(order))


multilinear(np.tensordot, a=_tensordot_a, b=_tensordot_b)
same(np.linalg.tensordot, np.tensordot)


# kron ----------------------------------------------------------------------------------------


def _by_factor(g: Any, a: Any, b: Any) -> tuple[Any, list[int], list[int]]:
    """`g` with each axis split into that of a and that of b, and which axes are whose."""
    ndim = max(np.ndim(a), np.ndim(b))
    shape: list[Any] = []
    owned: tuple[list[int], list[int]] = ([], [])
    for axis in range(-ndim, 0):
        for factor, own in zip((a, b), owned, strict=True):
            if axis >= -np.ndim(factor):
                own.append(len(shape))
                shape.append(np.shape(factor)[axis])
    return np.reshape(g, tuple(shape)), *owned


def _kron_a(g: Any, ans: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return g * b
    split, _, of_b = _by_factor(g, a, b)
    return _contract(split, b, of_b, range(np.ndim(b)))


def _kron_b(g: Any, ans: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return g * a
    split, of_a, _ = _by_factor(g, a, b)
    return _contract(a, split, range(np.ndim(a)), of_a)


multilinear(np.kron, a=_kron_a, b=_kron_b)


# cross, vecdot -------------------------------------------------------------------------------


def _cross(x: Any, y: Any, axes: tuple[int, int, int]) -> Any:
    """The cross product with the vectors along these axes of x, of y and of the result."""
    if axes == (-1, -1, -1):
        return np.cross(x, y)
    if axes[0] == axes[1] == axes[2]:
        return np.cross(x, y, axis=axes[0])
    return np.cross(x, y, *axes)


def _cross_axes(
    a: Any, b: Any, ans: Any, axisa: int, axisb: int, axisc: int, axis: int | None
) -> tuple[int, int, int]:
    """The three axes counted from the end, which new batch axes in front do not change."""
    axes = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    ranks = (np.ndim(a), np.ndim(b), np.ndim(ans))
    of_a, of_b, of_ans = (k % ndim - ndim for k, ndim in zip(axes, ranks, strict=True))
    return of_a, of_b, of_ans


def _is_in_plane(ans: Any, a: Any, b: Any) -> bool:
    """Whether the vectors have two elements each, so that their product is a number."""
    return np.ndim(ans) < max(np.ndim(a), np.ndim(b))


def _at(k: int, axis: int, ndim: int) -> Any:
    """What reads the elements number `k` along an axis."""
    if ndim == 1:
        return k
    return (..., k) if axis == ndim - 1 else (*(slice(None),) * axis, k)


def _cross_a(
    g: Any,
    ans: Any,
    a: Any,
    b: Any,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Any:
    if _is_in_plane(ans, a, b):
        of_a, of_b = (axisa, axisb) if axis is None else (axis, axis)
        x, y = (b[_at(k, of_b % np.ndim(b), np.ndim(b))] for k in (0, 1))
        return np.stack([g * y, -g * x], axis=of_a % np.ndim(a) - np.ndim(a))
    of_a, of_b, of_ans = _cross_axes(a, b, ans, axisa, axisb, axisc, axis)
    return _cross(b, g, (of_b, of_ans, of_a))


def _cross_b(
    g: Any,
    ans: Any,
    a: Any,
    b: Any,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Any:
    if _is_in_plane(ans, a, b):
        return -_cross_a(g, ans, b, a, axisb, axisa, axisc, axis)
    of_a, of_b, of_ans = _cross_axes(a, b, ans, axisa, axisb, axisc, axis)
    return _cross(g, a, (of_ans, of_a, of_b))


multilinear(np.cross, a=_cross_a, b=_cross_b)
multilinear(
    np.linalg.cross,
    x1=lambda g, ans, x1, x2, *, axis=-1: _cross_a(g, ans, x1, x2, axis=axis),
    x2=lambda g, ans, x1, x2, *, axis=-1: _cross_b(g, ans, x1, x2, axis=axis),
)
for _vecdot in (np.vecdot, np.linalg.vecdot):
    multilinear(
        _vecdot,
        x1=lambda g, ans, x1, x2, *, axis=-1: np.expand_dims(conjugate(g), axis) * conjugate(x2),
        x2=lambda g, ans, x1, x2, *, axis=-1: np.expand_dims(g, axis) * conjugate(x1),
    )


# matvec, vecmat ------------------------------------------------------------------------------


def _refuse_axes(axes: Any) -> None:
    if axes is not None:
        raise NotImplementedError("axes= of np.matvec and np.vecmat: move the axes first")


def _matvec_x1(g: Any, ans: Any, x1: Any, x2: Any, *, axes: Any = None) -> Any:
    _refuse_axes(axes)
    if np.ndim(g) == np.ndim(x2) == 1:
        return np.outer(g, x2)
    return np.expand_dims(g, -1) * np.expand_dims(x2, -2)


def _matvec_x2(g: Any, ans: Any, x1: Any, x2: Any, *, axes: Any = None) -> Any:
    _refuse_axes(axes)
    return np.matvec(matrix_transposed(x1), g)


def _vecmat_x1(g: Any, ans: Any, x1: Any, x2: Any, *, axes: Any = None) -> Any:
    _refuse_axes(axes)
    return conjugate(np.matvec(x2, g))


def _vecmat_x2(g: Any, ans: Any, x1: Any, x2: Any, *, axes: Any = None) -> Any:
    """The vector is conjugated."""
    return _matvec_x1(conjugate(x1), ans, x2, g, axes=axes)


if hasattr(np, "matvec"):  # NumPy 2.2
    multilinear(np.matvec, x1=_matvec_x1, x2=_matvec_x2)
    multilinear(np.vecmat, x1=_vecmat_x1, x2=_vecmat_x2)

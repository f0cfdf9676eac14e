"""Derivatives, integrals, tables and fits of the series of ``numpy.polynomial``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

from adjoint.rules.directives import refuse
from adjoint.rules.nested import as_array, is_nested, unpack
from adjoint.rules.registry import instead, linear, lookup, vjp
from adjoint.rules.scipy.dispatch import dispatched

__all__ = ["FAMILIES"]

Function = Callable[..., Any]

#: The modules, and what the names of their functions begin with.
FAMILIES: dict[Any, str] = {
    polynomial: "poly",
    chebyshev: "cheb",
    legendre: "leg",
    hermite: "herm",
    hermite_e: "herme",
    laguerre: "lag",
}


# Derivatives and integrals --------------------------------------------------------------------
# What they do to the unit vectors are the columns of their matrix.


def _units(c: Any, axis: int) -> Any:
    """The unit vectors of the length that the coefficients have along an axis."""
    index: list[Any] = [0] * np.ndim(c)
    index[axis] = slice(None)
    return np.diag(np.ones_like(c if np.ndim(c) == 1 else c[tuple(index)]))


def _transposed(matrix: Any, g: Any, axis: int) -> Any:
    if np.ndim(g) == 1:
        return g @ matrix
    product = np.tensordot(matrix, g, axes=((0,), (axis,)))
    return product if axis in (0, -np.ndim(g)) else np.moveaxis(product, 0, axis)


def _derivative(der: Function) -> Function:
    def rule(g: Any, ans: Any, c: Any, m: Any = 1, scl: Any = 1, axis: Any = 0) -> Any:
        row = as_array(c, g)
        return unpack(_transposed(der(_units(row, axis), m, scl), g, axis), c)

    return rule


def _integral(integrate: Function) -> Function:
    def rule(
        g: Any, ans: Any, c: Any, m: Any = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1,
        axis: Any = 0,
    ) -> Any:  # fmt: skip
        row = as_array(c, g)
        matrix = integrate(_units(row, axis), m, lbnd=lbnd, scl=scl)
        return unpack(_transposed(matrix, g, axis), c)

    return rule


def _constants(integrate: Function) -> Function:
    def rule(
        g: Any, ans: Any, c: Any, m: Any = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1,
        axis: Any = 0,
    ) -> Any:  # fmt: skip
        if not isinstance(m, int) or (is_nested(k) and len(k) > m):
            raise NotImplementedError("the order of an integral must be known")
        count = len(k) if is_nested(k) else m if np.ndim(k) else 1
        zeros, parts = np.zeros_like(as_array(c, g)), []
        for place in range(count):
            one = [float(other == place) for other in range(count)]
            parts.append(np.sum(g * integrate(zeros, m, one, lbnd, scl, axis)))
        if is_nested(k):
            return parts
        return np.stack(parts) if np.ndim(k) else parts[0]

    return rule


# Tables of the terms --------------------------------------------------------------------------


def _table(vander: Function, der: Function) -> Function:
    def rule(g: Any, ans: Any, x: Any, deg: Any) -> Any:
        if not isinstance(deg, int):
            raise NotImplementedError("the degree of a table of terms must be known")
        if deg == 0:
            return unpack(np.zeros_like(as_array(x, g)), x)
        lower = vander(x, deg - 1)
        d_x = np.sum((g @ der(np.eye(deg + 1)).T) * lower, axis=-1)
        return unpack(d_x if is_nested(x) or np.ndim(x) else d_x[0], x)

    return rule


def _with_tables(vander: Function) -> tuple[Function, Function]:
    def of_two(x: Any, y: Any, deg: Any) -> Any:
        first, second = vander(x, deg[0]), vander(y, deg[1])
        table = first[..., :, None] * second[..., None, :]
        return table.reshape((*table.shape[:-2], -1))

    def of_three(x: Any, y: Any, z: Any, deg: Any) -> Any:
        table = of_two(x, y, deg[:2])[..., :, None] * vander(z, deg[2])[..., None, :]
        return table.reshape((*table.shape[:-2], -1))

    return of_two, of_three


# Values at several variables ------------------------------------------------------------------


def _values(val: Function) -> dict[str, Function]:
    def val2d(x: Any, y: Any, c: Any) -> Any:
        return val(y, val(x, c), tensor=False)

    def val3d(x: Any, y: Any, z: Any, c: Any) -> Any:
        return val(z, val(y, val(x, c), tensor=False), tensor=False)

    def grid2d(x: Any, y: Any, c: Any) -> Any:
        return val(y, val(x, c))

    def grid3d(x: Any, y: Any, z: Any, c: Any) -> Any:
        return val(z, val(y, val(x, c)))

    return {"val2d": val2d, "val3d": val3d, "grid2d": grid2d, "grid3d": grid3d}


# Least squares --------------------------------------------------------------------------------


def _fitted(vander: Function) -> Function:
    def fit(x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None) -> Any:
        if full or not isinstance(deg, int):
            refuse(
                "a fit of a series with full=True or a list of degrees", "fit all up to the last"
            )
        x, y = np.asarray(x), np.asarray(y)
        x = x if x.dtype.kind in "fc" else x + 0.0
        table = vander(x, deg)
        if w is not None:
            w = np.asarray(w)
            table, y = table * w[:, None], y * (w if np.ndim(y) == 1 else w[:, None])
        sizes = np.sqrt(np.sum(np.square(table), axis=0))  # as NumPy does, to judge the rank
        sizes = np.where(sizes == 0, 1, sizes)
        found = np.linalg.lstsq(table / sizes, y, rcond)[0]
        return found / (sizes if np.ndim(y) == 1 else sizes[:, None])

    return fit


# All of them ----------------------------------------------------------------------------------


def _declare(module: Any, name: str) -> None:
    """Declare the functions of a module whose names begin with `name`, as ``chebder``."""
    of = {key: getattr(module, name + key) for key in ("val", "der", "int", "vander")}
    der, integrate, vander = of["der"], of["int"], of["vander"]
    linear(der, c=_derivative(dispatched(der)))
    linear(integrate, c=_integral(dispatched(integrate)), k=_constants(dispatched(integrate)))
    if lookup(vander) is None:
        vjp(vander, x=_table(dispatched(vander), der))
    two, three = _with_tables(vander)
    instead(getattr(module, f"{name}vander2d"), two)
    instead(getattr(module, f"{name}vander3d"), three)
    instead(getattr(module, f"{name}fit"), _fitted(vander))
    for key, equivalent in _values(of["val"]).items():
        several = key.replace("val", f"{name}val").replace("grid", f"{name}grid")
        instead(getattr(module, several), equivalent)


for _module, _name in FAMILIES.items():
    _declare(_module, _name)

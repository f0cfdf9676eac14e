"""Rules for elliptic integrals and functions of ``scipy.special``: DLMF 19 and 22.

The derivatives by the parameter ``m = k**2`` are those of DLMF 19.4, written with Carlson's
integral of the second kind, which is ``3 (K - E) / m`` of the complete ones, DLMF 19.25.1: the
difference has no digits left for small `m`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from adjoint.rules.registry import elementwise, of_real, vjp

__all__: list[str] = []

Function = Callable[..., Any]

# Complete integrals ---------------------------------------------------------------------------


def _second_kind(y: Any) -> Any:
    """``(K - E) / m`` for ``m = 1 - y``."""
    return special.elliprd(0, y, 1) / 3


elementwise(
    special.ellipk,
    m=lambda g, ans, m: g * (ans - _second_kind(1 - m)) / (2 * (1 - m)),
    safe=0.5,
)
elementwise(special.ellipkm1, p=lambda g, ans, p: g * (_second_kind(p) - ans) / (2 * p), safe=0.5)
elementwise(special.ellipe, m=lambda g, ans, m: -0.5 * g * _second_kind(1 - m), safe=0.5)
elementwise(
    special.agm,  # of positive numbers
    a=lambda g, ans, a, b: 2 / math.pi * g * (ans / a) ** 2 * _second_kind((b / a) ** 2),
    b=lambda g, ans, a, b: 2 / math.pi * g * (ans / b) ** 2 * _second_kind((a / b) ** 2),
    safe=0.5,
)


def _elliprd_y(g: Any, ans: Any, x: Any, y: Any, z: Any) -> Any:
    """Of the complete integral: by the derivatives of K and E, and near 1 by its series."""
    if not (isinstance(x, int | float) and x == 0 and isinstance(z, int | float) and z == 1):
        raise NotImplementedError("scipy.special.elliprd other than elliprd(0, y, 1)")
    m = 1 - y
    is_near = np.abs(m) < 1e-3
    at = np.where(is_near, 0.5, y)
    far = (3 * special.ellipkm1(at) - (1 + at) * ans) / (2 * at * (1 - at))
    near = 3 * math.pi / 2 * (3 / 16 + m * (15 / 64 + m * (525 / 2048)))
    return -g * np.where(is_near, near, far)


elementwise(special.elliprd, y=_elliprd_y)
elementwise(
    special.elliprf,
    x=lambda g, ans, x, y, z: -g * special.elliprd(y, z, x) / 6,
    y=lambda g, ans, x, y, z: -g * special.elliprd(x, z, y) / 6,
    z=lambda g, ans, x, y, z: -g * special.elliprd(x, y, z) / 6,
    safe=0.5,
)
elementwise(
    special.elliprc,
    x=lambda g, ans, x, y: -g * special.elliprd(y, y, x) / 6,
    y=lambda g, ans, x, y: -g * special.elliprd(x, y, y) / 3,
    safe=0.5,
)
of_real(special.elliprd, special.elliprf, special.elliprc)

# Incomplete integrals -------------------------------------------------------------------------


def _by_parameter(far: Function, weights: tuple[float, float, float]) -> Function:
    """The derivative by `m`; near 0 by powers of it, the integrals of those of ``sin(phi)**2``."""

    def rule(g: Any, ans: Any, phi: Any, m: Any) -> Any:
        twice, fourth, sixth = (np.sin(k * phi) for k in (2, 4, 6))
        powers = (
            (2 * phi - twice) / 4,
            (12 * phi - 8 * twice + fourth) / 32,
            (60 * phi - 45 * twice + 9 * fourth - sixth) / 192,
        )
        first, second, third = (w * p for w, p in zip(weights, powers, strict=True))
        is_near = np.abs(m) < 1e-4
        near = first + m * (second + m * third)
        return g * np.where(is_near, near, far(ans, phi, np.where(is_near, 0.5, m)))

    return rule


def _ellipkinc_m(ans: Any, phi: Any, m: Any) -> Any:
    root = np.sqrt(1 - m * np.sin(phi) ** 2)
    of_e = special.ellipeinc(phi, m) / (2 * m * (1 - m))
    return of_e - ans / (2 * m) - np.sin(2 * phi) / (4 * (1 - m) * root)


def _ellipeinc_m(ans: Any, phi: Any, m: Any) -> Any:
    return (ans - special.ellipkinc(phi, m)) / (2 * m)


elementwise(
    special.ellipkinc,
    phi=lambda g, ans, phi, m: g / np.sqrt(1 - m * np.sin(phi) ** 2),
    m=_by_parameter(_ellipkinc_m, (1 / 2, 3 / 4, 15 / 16)),
    safe=0.5,
)
elementwise(
    special.ellipeinc,
    phi=lambda g, ans, phi, m: g * np.sqrt(1 - m * np.sin(phi) ** 2),
    m=_by_parameter(_ellipeinc_m, (-1 / 2, -1 / 4, -3 / 16)),
    safe=0.5,
)

# Elliptic functions ---------------------------------------------------------------------------


def _ellipj_u(g: Any, ans: Any, u: Any, m: Any) -> Any:
    """DLMF 22.13.1, .4 and .7; the last is the amplitude."""
    sn, cn, dn, _ = ans
    slopes = (cn * dn, -sn * dn, -m * sn * cn, dn)
    parts = [part * slope for part, slope in zip(g, slopes, strict=True) if part is not None]
    return sum(parts[1:], parts[0])


vjp(special.ellipj, u=_ellipj_u)

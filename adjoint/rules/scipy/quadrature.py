"""``scipy.integrate.quad``: differentiated under the integral."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate

from adjoint.rules.registry import solver
from adjoint.rules.rule import Solver
from adjoint.rules.scipy.adjoints import (
    quad_adjoint,
    quad_pullback,
    quad_tangent,
    quad_value,
    size_of,
)
from adjoint.rules.solvers import solved

__all__: list[str] = []


def quad(func: Any, a: Any, b: Any, args: Any = (), **options: Any) -> Any:
    """As ``scipy.integrate.quad``."""
    arg = args if isinstance(args, tuple) else (args,)

    def integrand(x: Any) -> Any:
        return func(x, *arg)

    return solved(integrate.quad, integrand, (0.0,), (0.0, 0.0), (a, b), options, func)


def _how(epsabs: Any = 1.49e-8, epsrel: Any = 1.49e-8, limit: Any = 50, points: Any = None) -> Any:
    how = {"epsabs": epsabs, "epsrel": epsrel, "limit": limit}
    return how if points is None else how | {"points": points}


def _quad_vjp(
    g: Any, ans: Any, of: Any, func: Any, a: Any, b: Any, args: Any = (), **options: Any
) -> dict[str, Any]:
    if g[1] is not None:
        raise NotImplementedError("the error that scipy.integrate.quad estimates")
    return _value_vjp(g[0], ans[0], of, func, a, b, args, **_how(**options))


def _quad_jvp(
    dot: Any, ans: Any, of: Any, func: Any, a: Any, b: Any, args: Any = (), **options: Any
) -> list[Any]:
    return [_value_jvp(dot, ans[0], of, func, a, b, args, **_how(**options)), None]


_WITHOUT = "leave it away, and write the factor into the integrand"
solver(
    integrate.quad,
    quad,
    ("a", "b", "args"),
    Solver(
        _quad_vjp,
        _quad_jvp,
        refused={
            "full_output": "leave it away",
            "weight": _WITHOUT,
            "wvar": _WITHOUT,
            "wopts": _WITHOUT,
            "complex_func": "integrate the real and the imaginary part",
        },
    ),
)


# The integral, and what takes its cotangent to those of the arguments -----------------------------
# The tangent of an integral is that of the tangent of the integrand; with the limits, that is all.


def _value_vjp(
    g: Any, ans: Any, of: Any, func: Any, a: Any, b: Any, args: Any = (), **how: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if of.active and of.again:
        made["args"] = _pulled(of, func, of.positions, of.active, a, b, g, args, how)
    elif of.active:
        made["args"] = of.cotangents(quad_adjoint, (), of.pullback, a, b, g, args, **how)
    if of.asks(a):
        made["a"] = -g * of.call(a)
    if of.asks(b):
        made["b"] = g * of.call(b)
    return made


def _value_jvp(
    dot: Any, ans: Any, of: Any, func: Any, a: Any, b: Any, args: Any = (), **how: Any
) -> Any:
    made: Any = 0.0
    if of.active and of.again:
        along = _Along(of, of.positions, args, of.dots)
        made = along.integral(ans, a, b, how)
    elif of.active:
        made = of.write(quad_tangent, ans, of.tangent, a, b, args, of.dots, **how)
    if of.asks(a):
        made = made - dot(a) * of.call(a)
    if of.asks(b):
        made = made + dot(b) * of.call(b)
    return made


def _pulled(
    of: Any,
    func: Any,
    by: tuple[int, ...],
    like: tuple[Any, ...],
    a: Any,
    b: Any,
    d: Any,
    args: Any,
    how: dict[str, Any],
) -> list[Any]:
    """The cotangents of the arguments at the places `by`, as integrals that have derivatives."""
    pull = of.pulled_back(func, by)
    found: list[Any] = of.several(quad_pullback, like, func, pull, a, b, d, args=args, by=by, **how)
    return found


class _Along:
    """The tangent of the integrand along a direction, which is divided by its size."""

    def __init__(self, of: Any, by: tuple[int, ...], args: Any, dots: Any) -> None:
        self.of = of
        self.size = of.write_number(size_of, *dots)
        self.func = of.with_tangent(by)
        self.args = (*args, *(dot / self.size for dot in dots))

    def integral(self, like: Any, a: Any, b: Any, how: dict[str, Any]) -> Any:
        """The tangent of the integral."""
        return self.size * self.of.write(quad_value, like, self.func, a, b, args=self.args, **how)

    def at(self, x: Any) -> Any:
        """The tangent of the integrand."""
        return self.size * self.of.invoke(self.func, x, *self.args)[0]

    def cotangents(
        self,
        by: tuple[int, ...],
        like: tuple[Any, ...],
        a: Any,
        b: Any,
        d: Any,
        how: dict[str, Any],
    ) -> list[Any]:
        """Those of the arguments at the places `by`, for that of the tangent of the integral."""
        found = _pulled(self.of, self.func, by, like, a, b, d, self.args, how)
        return [self.size * each for each in found]


def _adjoint_vjp(
    g: Any,
    ans: Any,
    of: Any,
    func: Any,
    pull: Any,
    a: Any,
    b: Any,
    d: Any,
    args: Any = (),
    by: tuple[int, ...] = (),
    **how: Any,
) -> dict[str, Any]:
    like = [args[k] for k in by]
    dots = [_zero(v) if u is None else u for v, u in zip(like, g, strict=True)]
    along, made = _Along(of, by, args, dots), {}
    if of.active:
        made["args"] = along.cotangents(of.positions, of.active, a, b, d, how)
    if of.asks(d):
        made["d"] = along.integral(d, a, b, how)
    if of.asks(a):
        made["a"] = -d * along.at(a)
    if of.asks(b):
        made["b"] = d * along.at(b)
    return made


def _zero(value: Any) -> Any:
    return np.zeros_like(value) if np.ndim(value) else 0.0


def _adjoint_jvp(
    dot: Any,
    ans: Any,
    of: Any,
    func: Any,
    pull: Any,
    a: Any,
    b: Any,
    d: Any,
    args: Any = (),
    by: tuple[int, ...] = (),
    **how: Any,
) -> list[Any]:
    like = tuple(args[k] for k in by)
    terms: list[list[Any]] = []
    if of.asks(d):
        terms.append(_pulled(of, func, by, like, a, b, dot(d), args, how))
    if of.active:
        along = _Along(of, of.positions, args, of.dots)
        terms.append(along.cotangents(by, like, a, b, d, how))
    for end, sign in ((a, -1), (b, 1)):
        if of.asks(end):
            weight = sign * d * dot(end)
            terms.append([weight * v for v in of.invoke(pull, end, 1.0, *args)])
    if not terms:  # what has a tangent has no influence
        return [None for _ in like]
    return [sum(parts[1:], parts[0]) for parts in zip(*terms, strict=True)]


_NAME = "a derivative of an integral"
solver(
    quad_value,
    None,
    ("a", "b", "args"),
    Solver(_value_vjp, _value_jvp, described=_NAME),
)
solver(
    quad_pullback,
    None,
    ("a", "b", "d", "args"),
    Solver(_adjoint_vjp, _adjoint_jvp, described=_NAME),
)

"""``scipy.integrate.quad``: differentiated under the integral."""

from __future__ import annotations

from typing import Any

from scipy import integrate

from adjoint.rules.registry import Solver, solver
from adjoint.rules.scipy.adjoints import quad_adjoint, quad_tangent
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
    made: dict[str, Any] = {}
    if of.active:
        how = _how(**options)
        made["args"] = of.cotangents(quad_adjoint, (), of.pullback, a, b, g[0], args, **how)
    if of.asks(a):
        made["a"] = -g[0] * of.call(a)
    if of.asks(b):
        made["b"] = g[0] * of.call(b)
    return made


def _quad_jvp(
    dot: Any, ans: Any, of: Any, func: Any, a: Any, b: Any, args: Any = (), **options: Any
) -> list[Any]:
    made: Any = 0.0
    if of.active:
        how = _how(**options)
        made = of.write(quad_tangent, ans[0], of.tangent, a, b, args, of.dots, **how)
    if of.asks(a):
        made = made - dot(a) * of.call(a)
    if of.asks(b):
        made = made + dot(b) * of.call(b)
    return [made, None]


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

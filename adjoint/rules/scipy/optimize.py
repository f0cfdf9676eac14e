"""Roots of ``scipy.optimize``, differentiated by the implicit function theorem.

Where ``f(x, args) = 0``, ``f_x dx + f_args dargs = 0``: K. Ito, K. Kunisch, "Lagrange Multiplier
Approach to Variational Problems and Applications" (SIAM 2008), section 2.1. What the search begins
with has no influence on what it finds: the derivative by that is zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead, refused, solver, zero_derivative
from adjoint.rules.rule import Solver
from adjoint.rules.scipy.adjoints import root_adjoint, root_tangent
from adjoint.rules.solvers import refuse_root_again, solved

__all__: list[str] = []


# What is read in the place of the solvers -------------------------------------------------------


def _as_tuple(args: Any) -> Any:
    return args if isinstance(args, tuple) else (args,)


def _bracketed(method: Any) -> Any:
    """A search between two numbers."""

    def search(f: Any, a: Any, b: Any, args: Any = (), **options: Any) -> Any:
        arg = _as_tuple(args)

        def value(x: Any) -> Any:
            return f(x, *arg)

        return solved(method, value, (0.0,), 0.0, (a, b), options, f)

    return search


def newton(
    func: Any, x0: Any, fprime: Any = None, args: Any = (), fprime2: Any = None, **options: Any
) -> Any:
    """As ``scipy.optimize.newton``."""
    arg = _as_tuple(args)

    def value(x: Any) -> Any:
        return func(x, *arg)

    if fprime is not None:

        def slope(x: Any) -> Any:
            return fprime(x, *arg)

        options = {"fprime": slope, **options}
    if fprime2 is not None:

        def curvature(x: Any) -> Any:
            return fprime2(x, *arg)

        options = {"fprime2": curvature, **options}
    start = x0 if isinstance(x0, np.ndarray) else x0 * 1.0
    like = [start] if isinstance(x0, np.ndarray) else np.float64(0.0)
    return solved(optimize.newton, value, (start,), like, (start,), options, func)


def fsolve(func: Any, x0: Any, args: Any = (), fprime: Any = None, **options: Any) -> Any:
    """As ``scipy.optimize.fsolve``."""
    start, arg = _vector(x0), _as_tuple(args)

    def values(x: Any) -> Any:
        return _vector(func(x, *arg))

    if fprime is not None:

        def slopes(x: Any) -> Any:
            return np.array(fprime(x, *arg))

        options = {"fprime": slopes, **options}
    return solved(optimize.fsolve, values, (start,), [start], (start,), options, func)


class Result:
    """What ``scipy.optimize.root``, ``minimize`` and their kin return."""

    def __init__(self, x: Any, success: Any, message: Any, fun: Any) -> None:
        self.x, self.success, self.message, self.fun = x, success, message, fun

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


def root(
    fun: Any, x0: Any, args: Any = (), method: Any = "hybr", jac: Any = None, **options: Any
) -> Any:
    """As ``scipy.optimize.root``."""
    start, arg = _vector(x0), _as_tuple(args)

    def values(x: Any) -> Any:
        return _vector(fun(x, *arg))

    if callable(jac):

        def slopes(x: Any) -> Any:
            return np.array(jac(x, *arg))

        options = {"jac": slopes, **options}
    if method != "hybr":
        options = {"method": method, **options}
    like = ([start], True, "", [start])
    found = solved(optimize.root, values, (start,), like, (start,), options, fun)
    return Result(*found)


def _vector(x: Any) -> Any:
    found = x if isinstance(x, np.ndarray) else np.array(x)
    if found.dtype.kind in "iub":
        found = found.astype(float)
    return np.reshape(found, (1,)) if found.ndim == 0 else found


# The derivatives --------------------------------------------------------------------------------


def _vjp(
    g: Any, ans: Any, of: Any, f: Any, *given: Any, args: Any = (), **options: Any
) -> dict[str, Any]:
    refuse_root_again(of)
    if not of.active:
        return {}
    return {"args": of.cotangents(root_adjoint, (), of.pullback, ans, g, args)}


def _jvp(dot: Any, ans: Any, of: Any, f: Any, *given: Any, args: Any = (), **options: Any) -> Any:
    refuse_root_again(of)
    if not of.active:
        return np.zeros_like(ans)
    return of.write(root_tangent, ans, of.tangent, ans, args, of.dots)


def _root_vjp(
    g: Any, ans: Any, of: Any, fun: Any, x0: Any, args: Any = (), **options: Any
) -> dict[str, Any]:
    return {} if g[0] is None else _vjp(g[0], ans[0], of, fun, args=args)


def _root_jvp(
    dot: Any, ans: Any, of: Any, fun: Any, x0: Any, args: Any = (), **options: Any
) -> list[Any]:
    return [_jvp(dot, ans[0], of, fun, args=args), None, None, None]


_OUTSIDE = {"full_output": "leave it away; for what it gives, call it outside"}
_ROOT = Solver(_vjp, _jvp, 0, refused=_OUTSIDE, root=True)
for _method in (optimize.brentq, optimize.brenth, optimize.ridder, optimize.bisect):
    solver(_method, _bracketed(_method), ("a", "b", "args"), _ROOT)
solver(optimize.newton, newton, ("x0", "args"), _ROOT)
solver(optimize.fsolve, fsolve, ("x0", "args"), _ROOT)
solver(
    optimize.root,
    root,
    ("x0", "args"),
    Solver(
        _root_vjp,
        _root_jvp,
        0,
        parts=("x", "success", "message", "fun"),
        refused={"callback": "leave it away"},
        root=True,
    ),
)


# Minima -----------------------------------------------------------------------------------------


def minimize(
    fun: Any, x0: Any, args: Any = (), method: Any = None, jac: Any = None, hess: Any = None,
    **options: Any,
) -> Any:  # fmt: skip
    """As ``scipy.optimize.minimize`` without bounds; what is found is taken for a minimum."""
    if jac is True:
        refuse(
            "scipy.optimize.minimize with jac=True", "return the value alone, and pass jac=slope"
        )
    start, arg = _vector(x0), _as_tuple(args)

    def value(x: Any) -> Any:
        return _number(fun(x, *arg))

    if callable(jac):

        def slopes(x: Any) -> Any:
            return np.array(jac(x, *arg))

        options = {"jac": slopes, **options}
    elif jac is not None:
        options = {"jac": jac, **options}
    if hess is not None:

        def curvatures(x: Any) -> Any:
            return np.array(hess(x, *arg))

        options = {"hess": curvatures, **options}
    if method is not None:
        options = {"method": method, **options}
    like = ([start], True, "")
    x, success, message = solved(
        optimize.minimize, value, (start,), like, (start,), options, fun, value
    )
    return Result(x, success, message, value(x))


def minimize_scalar(
    fun: Any, bracket: Any = None, bounds: Any = None, args: Any = (), method: Any = None,
    **options: Any,
) -> Any:  # fmt: skip
    """As ``scipy.optimize.minimize_scalar`` without bounds."""
    arg = _as_tuple(args)

    def value(x: Any) -> Any:
        return _number(fun(x, *arg))

    if bounds is not None:
        refuse("a minimum between bounds", "leave them away, or write bracket=")
    given = {"bracket": bracket, "method": method}
    options = {**{name: held for name, held in given.items() if held is not None}, **options}
    like = (np.float64(0.0), True)
    x, success = solved(optimize.minimize_scalar, value, (0.0,), like, (), options, fun, value)
    return Result(x, success, "", value(x))


def least_squares(
    fun: Any, x0: Any, jac: Any = "2-point", bounds: Any = None, method: Any = "trf",
    *, args: Any = (), **options: Any,
) -> Any:  # fmt: skip
    """As ``scipy.optimize.least_squares`` without bounds."""
    start, arg = _vector(x0), _as_tuple(args)

    def residuals(x: Any) -> Any:
        return _vector(fun(x, *arg))

    def cost(x: Any) -> Any:
        return 0.5 * np.sum(residuals(x) ** 2)

    if bounds is not None:
        refuse("least squares between bounds", "leave them away")
    if callable(jac):

        def slopes(x: Any) -> Any:
            return np.array(jac(x, *arg))

        options = {"jac": slopes, **options}
    elif jac != "2-point":
        options = {"jac": jac, **options}
    if method != "trf":
        options = {"method": method, **options}
    like = ([start], True, "")
    x, success, message = solved(
        optimize.least_squares, residuals, (start,), like, (start,), options, fun, cost
    )
    return LeastSquares(x, success, message, residuals(x))


class LeastSquares(Result):
    """What ``scipy.optimize.least_squares`` returns."""

    @property
    def cost(self) -> Any:
        """Half of the sum of squares."""
        return 0.5 * np.sum(self.fun**2)


def _number(x: Any) -> Any:
    return x if np.ndim(x) == 0 else np.reshape(x, ())


def _follows(
    g: Any, ans: Any, of: Any, fun: Any, x0: Any = None, args: Any = (), **options: Any
) -> Any:
    raise AssertionError("the derivative of a minimum is that of where a gradient is zero")


_PLAIN = "leave it away"
_AT_BOUNDS = "leave it away: at a bound the gradient is not zero"
for _method, _equivalent in (
    (optimize.minimize, minimize),
    (optimize.minimize_scalar, minimize_scalar),
    (optimize.least_squares, least_squares),
):
    solver(
        _method,
        _equivalent,
        ("x0", "args"),
        Solver(
            _follows,
            _follows,
            0,
            parts=("x", "success", "message"),
            refused={
                "callback": _PLAIN, "hessp": _PLAIN, "loss": _PLAIN, "f_scale": _PLAIN,
                "kwargs": "pass args", "bounds": _AT_BOUNDS, "constraints": _AT_BOUNDS,
            },
            root=True,
        ),
    )  # fmt: skip


def rosen(x: Any) -> Any:
    """As ``scipy.optimize.rosen``."""
    points = np.asarray(x)
    return np.sum(100.0 * (points[1:] - points[:-1] ** 2) ** 2 + (1 - points[:-1]) ** 2, axis=0)


instead(optimize.rosen, rosen)
zero_derivative(optimize.show_options, optimize.linprog_verbose_callback, effect=True)


# Refused ----------------------------------------------------------------------------------------

refused(
    "write grad(f)(x)",
    optimize.approx_fprime,
    optimize.check_grad,
    optimize.rosen_der,
    optimize.rosen_hess,
    optimize.rosen_hess_prod,
)
refused(
    "write scipy.optimize.brentq or newton, which are differentiated",
    optimize.root_scalar,
    optimize.toms748,
)
refused(
    "write scipy.optimize.root, which is differentiated",
    optimize.fixed_point,
    optimize.broyden1,
    optimize.broyden2,
    optimize.anderson,
    optimize.newton_krylov,
    optimize.linearmixing,
    optimize.excitingmixing,
    optimize.diagbroyden,
)
_CONDITION = (
    "write scipy.optimize.minimize or least_squares, which are differentiated, or call it outside"
)
refused(
    _CONDITION,
    optimize.curve_fit,
    optimize.leastsq,
    optimize.fmin,
    optimize.fmin_bfgs,
    optimize.fmin_cg,
    optimize.fmin_l_bfgs_b,
    optimize.fmin_ncg,
    optimize.fmin_powell,
    optimize.fmin_slsqp,
    optimize.fmin_tnc,
    optimize.fminbound,
    optimize.brent,
    optimize.golden,
    optimize.bracket,
    optimize.nnls,
    optimize.lsq_linear,
    optimize.basinhopping,
    optimize.differential_evolution,
    optimize.dual_annealing,
    optimize.shgo,
    optimize.direct,
    optimize.brute,
    optimize.fmin_cobyla,
    optimize.line_search,
)
refused(
    "its solution jumps from corner to corner; call it outside of what is differentiated",
    optimize.linprog,
    optimize.isotonic_regression,
    optimize.milp,
    optimize.linear_sum_assignment,
    optimize.quadratic_assignment,
)

"""The one table of what is known about functions, and the ways into it.

A rule is a handful of ordinary functions on NumPy expressions, one for each argument that can be
active, named as the function names it::

    elementwise(np.tanh, x=lambda g, ans, x: g * (1 - ans**2))

``g`` is the cotangent of the result, ``ans`` the result, then come the arguments as the function
takes them. A rule is linear in ``g``, has no side effects and branches on static facts only (rank,
axis, keyword values). It never sums over broadcast axes, casts or accumulates: the engine does.

Forward mode comes from the same entry. By kind, the tangent of the result is the sum, over the
arguments that have a tangent ``t``, of

===================  ============================================================================
elementwise          the vjp with ``t`` in the place of ``g``: the derivative of each element is
                     one factor, whichever side it is multiplied from
linear               the function itself of the tangents, with zeros for the other arguments that
                     the rule names: so it must give zeros for zeros
multilinear          the function itself with ``t`` in the place of the argument
general              the vjp transposed: what it does to ``g``, statement by statement, backwards
===================  ============================================================================

Nothing is to be added for that. Where another formula reads or runs better, or the kind's way is
not right (``nansum`` skips what is nan in the argument, not in its tangent), `jvp` gives it::

    vjp(np.ptp, a=_ptp)
    jvp(np.ptp, a=lambda t, ans, a, axis=None, *, keepdims=False: ...)

``t`` has the whole shape of its argument; where that is a list or ``*args``, it is a list, with
zeros for what has no tangent. What comes back broadcasts to the result, and is linear in ``t``.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adjoint.rules.rule import Function, Given, Jvp, Kind, Rule, Solver, Vjp, Written

__all__ = [
    "chooses",
    "elementwise",
    "give",
    "instead",
    "is_matrix",
    "jvp",
    "linear",
    "lookup",
    "matrices",
    "multilinear",
    "of_real",
    "one_triangle",
    "rearrangement",
    "refused",
    "registered",
    "same",
    "solver",
    "staged",
    "total",
    "variant",
    "vjp",
    "written",
    "zero_derivative",
]

_RULES: dict[Function, Rule] = {}
#: Of functions without a hash, as those of `ctypes` are, by identity: a rule keeps its function.
_UNHASHABLE: dict[int, Rule] = {}


def _register(rule: Rule) -> None:
    name = getattr(rule.function, "__name__", rule.function)
    assert rule.function not in _RULES, f"{name} has two rules"
    _RULES[rule.function] = rule


def _declare(
    kind: Kind,
    fun: Function,
    /,
    *,
    without_ans: Mapping[str, Vjp] | None = None,
    safe: float | None = None,
    **vjps: Vjp,
) -> None:
    _register(Rule(fun, kind, vjps, without_ans or {}, safe=safe))


def written(function: Function, text: str, **names: Any) -> None:
    """Say how a call of a function with a rule is printed: ``written(product, "a @ x")``."""
    _RULES[function] = replace(_RULES[function], written=Written(text, names))


_MATRICES: set[type] = set()


def matrices(*classes: type) -> None:
    """Declare classes of another library whose objects are matrices, and no arrays of NumPy."""
    _MATRICES.update(classes)


def is_matrix(cls: type) -> bool:
    """Whether objects of a class are matrices that are no arrays of NumPy."""
    _extend()
    return cls in _MATRICES


def total(*functions: Function) -> None:
    """Say of elementwise functions with a rule that they take all real numbers."""
    for function in functions:
        _RULES[function] = replace(_RULES[function], total=True)


def poles(*functions: Function) -> None:
    """Say of elementwise functions with a rule where they are singular: see `Rule.poles`."""
    for function in functions:
        _RULES[function] = replace(_RULES[function], poles=True)


def chooses(function: Function, /, **conditions: Function) -> None:
    """Say where an elementwise function with a rule takes an argument: see `Rule.chosen`.

    Elsewhere its derivative is 0, also where what that is multiplied by is infinite::

        chooses(np.maximum, x=lambda ans, x, y: x >= y, y=lambda ans, x, y: y >= x)
    """
    _RULES[function] = replace(_RULES[function], chosen=conditions)


def dense(*functions: Function) -> None:
    """Say of functions with a rule that ``np.broadcast_to(1.0, shape)`` must not be handed to them.

    ``scipy.ndimage.correlate`` and ``convolve`` take the elements of such an array, which has no
    strides, for those of another place.
    """
    for function in functions:
        _RULES[function] = replace(_RULES[function], dense=True)


def of_real(*functions: Function) -> None:
    """Say of functions with a rule that it is for real numbers alone."""
    for function in functions:
        _RULES[function] = replace(_RULES[function], of_real=True)


def one_triangle(function: Function, is_upper: Function, matrices: int = 1) -> None:
    """Say which triangle of its matrix a function reads, whose rule is that of a symmetric one.

    Of several `matrices` they are the first arguments.

    The arguments that `is_upper` is called with are numbers, texts and None as they are given, and
    anything else as something that is none of these::

        one_triangle(np.linalg.cholesky, lambda a, *, upper=False: upper)
    """
    _RULES[function] = replace(_RULES[function], triangle=is_upper, halves=matrices)


#: Each is called with the function and one vjp by argument name:
#: ``elementwise(np.sin, x=lambda g, ans, x: g * np.cos(x))``.
elementwise = functools.partial(_declare, Kind.ELEMENTWISE)
linear = functools.partial(_declare, Kind.LINEAR)
rearrangement = functools.partial(_declare, Kind.REARRANGEMENT)
multilinear = functools.partial(_declare, Kind.MULTILINEAR)
vjp = functools.partial(_declare, Kind.GENERAL)


def jvp(fun: Function, /, **jvps: Jvp) -> None:
    """Give forward rules, by argument name, to a function whose rule is declared above."""
    rule = _RULES[fun]
    unknown = [name for name in jvps if name not in rule.vjps]
    assert not unknown, f"{rule.function} is not differentiated with respect to {unknown}"
    _RULES[fun] = replace(rule, jvps={**rule.jvps, **jvps})


def instead(fun: Function, equivalent: Function) -> None:
    """Have `equivalent`, which does what `fun` does in plain NumPy, read in the place of `fun`."""
    _register(Rule(fun, Kind.STAGED, instead=equivalent))


def variant(fun: Function, parameter: str, equivalent: Function) -> None:
    """Have `equivalent` read in the place of calls of `fun` in which a parameter is not None."""
    rule = _RULES[fun]
    _RULES[fun] = replace(rule, variants={**rule.variants, parameter: equivalent})


def solver(fun: Function, equivalent: Function | None, by: tuple[str, ...], how: Solver) -> None:
    """Declare a function that calls another one, with the arguments it is differentiated by.

    `equivalent` is read in its place, and calls it by `adjoint.rules.solvers.solved`. What only
    derivatives call has none.
    """
    vjps = dict.fromkeys(by, how.vjp)
    _register(Rule(fun, Kind.GENERAL, vjps, instead=equivalent, solver=how))


def give(fun: Function, pullback: Function, like: Function | None = None) -> None:
    """Give a function the rule of a user's, in the place of one that was given before."""
    known = lookup(fun)
    assert known is None or known.given is not None, f"{fun} has a rule"
    rule = Rule(fun, Kind.STAGED, given=Given(pullback, like))
    try:
        _RULES[fun] = rule
    except TypeError:
        _UNHASHABLE[id(fun)] = rule


def zero_derivative(*functions: Function, effect: bool = False, of_complex: str = "") -> None:
    """Declare functions whose derivative is zero wherever it exists.

    `of_complex` is said to who differentiates one of complex numbers, where it is not zero.
    """
    for function in functions:
        _register(Rule(function, Kind.ZERO, effect=effect, reason=of_complex))


def staged(*functions: Function) -> None:
    """Declare functions that the interpreter follows: those that write, or call others.

    Where it cannot, it refuses the call with its place.
    """
    for function in functions:
        _register(Rule(function, Kind.STAGED))


def refused(reason: str, *functions: Function, effect: bool = False) -> None:
    """Declare functions that are refused on active arguments, and say why."""
    for function in functions:
        _register(Rule(function, Kind.REFUSED, reason=reason, effect=effect))


def same(fun: Function, model: Function) -> None:
    """Declare that `fun` has the rule of `model`: ``same(operator.add, np.add)``."""
    _register(replace(_RULES[model], function=fun))


#: Modules of other libraries, and what declares the rules of their functions.
_EXTENSIONS = {
    "scipy.fft": ("fft",),
    "scipy.integrate": ("integrate", "sensitivities", "odes", "ivp", "quadrature"),
    "scipy.linalg": ("linalg", "linalg_of_numpy", "structured", "factored"),
    "scipy.optimize": ("optimize",),
    "scipy.interpolate": ("interpolate", "grids", "cubics", "radial"),
    "scipy.ndimage": ("ndimage", "coordinates"),
    "scipy.signal": ("signal", "filters", "spectra", "states"),
    "scipy.sparse": ("sparse_products", "sparse"),
    "scipy.sparse.linalg": ("sparse_linalg", "iterative"),
    "scipy.spatial": ("distance",),
    "scipy.special": ("special", "special_incomplete", "special_elliptic", "special_values"),
    "scipy.stats": (
        "stats",
        "counts",
        "vectors",
        "moments",
        "families",
        "positive_families",
        "frozen",
        "summaries",
        "samples",
    ),
}


def lookup(fun: object) -> Rule | None:
    """The rule of `fun`, or None where there is none.

    Rules for a library are declared once a program has imported it.
    """
    try:
        found: Rule | None = _RULES.get(fun)  # type: ignore[call-overload]
    except TypeError:
        return _UNHASHABLE.get(id(fun))
    if found is None and _extend():
        found = _RULES.get(fun)  # type: ignore[call-overload]
    return found


def _extend() -> bool:
    """Declare the rules of libraries imported since; whether there were any."""
    if _EXTENSIONS.keys().isdisjoint(sys.modules.keys()):  # what is asked at most calls
        return False
    new = [library for library in _EXTENSIONS if library in sys.modules]
    for library in new:
        for module in _EXTENSIONS.pop(library):
            importlib.import_module(f"adjoint.rules.scipy.{module}")
    return bool(new)


def registered() -> list[Rule]:
    """All rules of the library, in the order they were declared."""
    return [rule for rule in _RULES.values() if rule.given is None]

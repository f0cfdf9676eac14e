"""What a family of continuous distributions of ``scipy.stats`` is declared by.

A family is given by its *score*, the derivative of the logarithm of its density by
the place, and by the derivatives of that logarithm by its shapes, all for the standardised
variable ``z = (x - loc) / scale``. What is given by name follows from these for location and scale.
Where the density is zero, outside its support, nothing is contributed. By a shape a distribution
function has a derivative of its own, or the quantiles say how they move with it. A quantile is the
inverse of the distribution function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from adjoint.rules.registry import elementwise, of_real, poles, total
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.signatures import signed

__all__ = ["PLACED", "family", "hazard", "log_above", "normal", "positive", "scaled"]

Function = Callable[..., Any]
_ROOT = math.sqrt(2 * math.pi)

# Parts of their formulas ----------------------------------------------------------------------


def positive(z: Any) -> Any:
    """What is above 0, and 1 for the rest."""
    return np.where(z > 0, z, 1)


def log_above(z: Any) -> Any:
    """The logarithm of what is above 0."""
    return np.log(positive(z))


def scaled(z: Any, c: Any) -> Any:
    """How a positive quantile moves that is a number to the power of ``1 / c``."""
    return -z * log_above(z) / c


def normal(z: Any) -> Any:
    return np.exp(-(z**2) / 2) / _ROOT


def hazard(z: Any) -> Any:
    """The density of a normal divided by its distribution function."""
    return np.exp(-(z**2) / 2 - special.log_ndtr(z)) / _ROOT


# The rules of a family ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Family:
    """What is known of a family: see `family`.

    What is given to its functions after the place is the shapes, ``loc`` and ``scale``.
    """

    distribution: Any
    score: Function
    shapes: Mapping[str, Function] = field(default_factory=dict)
    moves: Mapping[str, Function] = field(default_factory=dict)
    slopes: Mapping[str, Function] = field(default_factory=dict)
    everywhere: bool = False
    steep: bool = False
    pole: bool = False

    def log_slope(self, name: str, x: Any, *given: Any) -> Any:
        """The derivative of the logarithm of the density by one argument."""
        *own, _, scale = given
        z = _standardised(x, given)
        if name in self.shapes:
            return self.shapes[name](z, *own)
        if name == "scale":
            return -(1 + z * self.score(z, *own)) / scale
        return self.score(z, *own) / scale if name == "x" else -self.score(z, *own) / scale

    def by_place(self, name: str, at: Any, x: Any, *given: Any) -> Any:
        """The derivative of the distribution function, whose density is `at`."""
        z = _standardised(x, given)
        if name in self.moves:
            return self._but_at_pole(z, -at * given[-1] * self.moves[name](z, *given[:-2]))
        if name == "scale":
            return self._but_at_pole(z, -at * z)
        return at if name == "x" else -at

    def _but_at_pole(self, z: Any, held: Any) -> Any:
        """Where the density is infinite nothing has been cut off yet."""
        return np.where(z == 0, 0, held) if self.pole else held

    def by_shape(self, name: str, x: Any, *given: Any) -> Any:
        """The derivative of the distribution function by a shape in `slopes`."""
        return self.slopes[name](_standardised(x, given), *given[:-2])


def _standardised(x: Any, given: tuple[Any, ...]) -> Any:
    return (x - given[-2]) / given[-1]


def _but_where(ans: Any, nothing: float, held: Any, known: bool) -> Any:
    """`held`, and 0 where the density is, unless it is `known` to be so nowhere."""
    return held if known else np.where(ans == nothing, 0, held)


def _densities(family: _Family, name: str) -> dict[Function, Function]:
    """The rules of the density and of its logarithm by one argument."""

    def logpdf(g: Any, ans: Any, x: Any, *given: Any) -> Any:
        slope = family.log_slope(name, x, *given)
        return g * _but_where(ans, -np.inf, slope, family.everywhere)

    def pdf(g: Any, ans: Any, x: Any, *given: Any) -> Any:
        slope = family.log_slope(name, x, *given)
        return g * ans * _but_where(ans, 0.0, slope, family.everywhere and not family.steep)

    return {family.distribution.logpdf: logpdf, family.distribution.pdf: pdf}


def _cumulated(family: _Family, name: str) -> dict[Function, Function]:
    """The rules of the distribution function, and of what is beyond, by one argument."""
    distribution = family.distribution
    density, log_density = dispatched(distribution.pdf), dispatched(distribution.logpdf)

    def cdf(sign: int) -> Function:
        def rule(g: Any, ans: Any, x: Any, *given: Any) -> Any:
            if name in family.slopes:
                return sign * g * family.by_shape(name, x, *given)
            return sign * g * family.by_place(name, density(x, *given), x, *given)

        return rule

    def logcdf(sign: int) -> Function:
        def rule(g: Any, ans: Any, x: Any, *given: Any) -> Any:
            if name in family.slopes:
                held = family.by_shape(name, x, *given) / np.exp(ans)
            else:
                held = family.by_place(name, np.exp(log_density(x, *given) - ans), x, *given)
            return sign * g * _but_where(ans, -np.inf, held, family.everywhere)

        return rule

    return {
        distribution.cdf: cdf(1), distribution.sf: cdf(-1),
        distribution.logcdf: logcdf(1), distribution.logsf: logcdf(-1),
    }  # fmt: skip


#: Of what moves with `loc` and stretches with `scale`, the last two of the parameters.
PLACED: dict[str, Function] = {
    "loc": lambda g, ans, *given: g,
    "scale": lambda g, ans, *given: g * (ans - given[-2]) / given[-1],
}


def _quantile(family: _Family, name: str) -> Function:
    """The rule of a quantile by the share that is below, or by a shape."""
    density = dispatched(family.distribution.pdf)

    def by_move(g: Any, ans: Any, q: Any, *given: Any) -> Any:
        return g * given[-1] * family.moves[name](_standardised(ans, given), *given[:-2])

    def by_slope(g: Any, ans: Any, q: Any, *given: Any) -> Any:
        return -g * family.by_shape(name, ans, *given) / density(ans, *given)

    return by_move if name in family.moves else by_slope


def _quantiles(family: _Family) -> None:
    """Declare the rules of the inverse of the distribution function."""
    distribution = family.distribution
    density = dispatched(distribution.pdf)

    def by_q(sign: int) -> Function:
        return lambda g, ans, q, *given: sign * g / density(ans, *given)

    by_shape = {name: _quantile(family, name) for name in (*family.moves, *family.slopes)}
    for function, sign in ((distribution.ppf, 1), (distribution.isf, -1)):
        rules = {"q": by_q(sign), **by_shape, **PLACED}
        _declare(function, rules, ("q", *family.shapes), has_ends=True)
    at_half = {name: _at_half(rule) for name, rule in by_shape.items()}
    _declare(distribution.median, {**at_half, **PLACED}, tuple(family.shapes), is_total=False)


def _at_half(rule: Function) -> Function:
    return lambda g, ans, *given: rule(g, ans, 0.5, *given)


def _declare(
    function: Function, rules: dict[str, Function], names: tuple[str, ...], *,
    is_total: bool = True, has_ends: bool = False,
) -> None:  # fmt: skip
    vjps: Any = {name: signed(rule, names) for name, rule in rules.items()}
    elementwise(function, **vjps)
    if is_total:
        total(function)
    if has_ends:
        poles(function)
    of_real(function)


def family(
    distribution: Any, score: Function, shapes: dict[str, Function] | None = None, *,
    moves: dict[str, Function] | None = None, slopes: dict[str, Function] | None = None,
    everywhere: bool = False, steep: bool = False, pole: bool = False,
) -> None:  # fmt: skip
    """Declare the rules of a continuous family.

    Parameters
    ----------
    distribution
        That of ``scipy.stats``.
    score
        The derivative of the logarithm of the density by ``z``, of ``z`` and the shapes.
    shapes
        The derivatives of that logarithm by the shapes, by their names and in their order.
    moves
        How a quantile of the standardised family moves with a shape.
    slopes
        The derivative of the distribution function of the standardised family by a shape.
    everywhere
        Whether its density is nowhere zero.
    steep
        Whether, where the density is too small for a number, the score is too large for one.
    pole
        Whether the density is infinite at 0 for some shapes.
    """
    known = _Family(
        distribution, score, shapes or {}, moves or {}, slopes or {}, everywhere, steep, pole
    )
    names = ("x", *known.shapes)
    of_density: dict[Function, dict[str, Function]] = {}
    for name in (*names, "loc", "scale"):
        for function, rule in _densities(known, name).items():
            of_density.setdefault(function, {})[name] = rule
    for name in ("x", *known.moves, *known.slopes, "loc", "scale"):
        for function, rule in _cumulated(known, name).items():
            of_density.setdefault(function, {})[name] = rule
    for function, rules in of_density.items():
        _declare(function, rules, names, has_ends=not everywhere)
    _quantiles(known)

"""Rules for the incomplete gamma and beta functions and Student's t, also by their shapes.

DLMF 8.8 and 8.17 (https://dlmf.nist.gov); `incomplete` has what is called in the derivatives by
shapes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from adjoint.rules.registry import elementwise
from adjoint.rules.scipy import incomplete
from adjoint.rules.scipy.dispatch import dispatched

__all__ = ["beta_density", "betainc_by_a", "gamma_density", "gammainc_by_a", "stdtr_by_df"]

Function = Callable[..., Any]
polygamma = dispatched(special.polygamma)
gammainc_by_a = dispatched(incomplete.gammainc_by_a)
betainc_by_a = dispatched(incomplete.betainc_by_a)
stdtr_by_df = dispatched(incomplete.stdtr_by_df)


def gamma_density(a: Any, x: Any) -> Any:
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    power = special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x)
    return np.exp(power - special.betaln(a, b))


def _student_density(df: Any, t: Any) -> Any:
    power = (df + 1) / 2 * np.log1p(t**2 / df) + special.betaln(df / 2, 0.5)
    return np.exp(-power) / np.sqrt(df)


def _logarithm(x: Any) -> Any:
    """Of what is above 0; where a density is 0 it does not matter."""
    return np.log(np.where(x > 0, x, 1))


def _negative(rule: Function) -> Function:
    """The rule of the complement of a distribution function."""

    @functools.wraps(rule)
    def of_complement(g: Any, ans: Any, *args: Any) -> Any:
        return rule(-g, ans, *args)

    return of_complement


_BELOW_AND_ABOVE: dict[tuple[Function, Function], dict[str, Any]] = {
    (special.gammainc, special.gammaincc): {
        "a": lambda g, ans, a, x: g * gammainc_by_a(a, x),
        "x": lambda g, ans, a, x: g * gamma_density(a, x),
    },
    (special.chdtr, special.chdtrc): {
        "v": lambda g, ans, v, x: 0.5 * g * gammainc_by_a(v / 2, x / 2),
        "x": lambda g, ans, v, x: 0.5 * g * gamma_density(v / 2, x / 2),
    },
    (special.betainc, special.betaincc): {
        "a": lambda g, ans, a, b, x: g * betainc_by_a(a, b, x, 1 - x),
        "b": lambda g, ans, a, b, x: -g * betainc_by_a(b, a, 1 - x, x),
        "x": lambda g, ans, a, b, x: g * beta_density(a, b, x),
    },
}
for (_below, _above), _rules in _BELOW_AND_ABOVE.items():
    elementwise(_below, **_rules)
    _of_above: Any = {name: _negative(rule) for name, rule in _rules.items()}
    elementwise(_above, **_of_above)
elementwise(
    special.stdtr,
    df=lambda g, ans, df, t: g * stdtr_by_df(df, t),
    t=lambda g, ans, df, t: g * _student_density(df, t),
)
elementwise(
    special.gammaincinv,
    a=lambda g, ans, a, y: -g * gammainc_by_a(a, ans) / gamma_density(a, ans),
    y=lambda g, ans, a, y: g / gamma_density(a, ans),
    safe=0.5,
)
elementwise(
    special.gammainccinv,
    a=lambda g, ans, a, y: -g * gammainc_by_a(a, ans) / gamma_density(a, ans),
    y=lambda g, ans, a, y: -g / gamma_density(a, ans),
    safe=0.5,
)
elementwise(
    special.betaincinv,
    a=lambda g, ans, a, b, y: -g * betainc_by_a(a, b, ans, 1 - ans) / beta_density(a, b, ans),
    b=lambda g, ans, a, b, y: g * betainc_by_a(b, a, 1 - ans, ans) / beta_density(a, b, ans),
    y=lambda g, ans, a, b, y: g / beta_density(a, b, ans),
    safe=0.5,
)
elementwise(
    special.stdtrit,
    df=lambda g, ans, df, p: -g * stdtr_by_df(df, ans) / _student_density(df, ans),
    p=lambda g, ans, df, p: g / _student_density(df, ans),
    safe=0.5,
)


def _require_once(order: Any) -> None:
    if order not in (1, ""):
        raise NotImplementedError(
            "a distribution function is differentiated by its shapes twice at most"
        )


def _gammainc_by_a_a(g: Any, ans: Any, a: Any, x: Any, order: int = 1) -> Any:
    _require_once(order)
    return g * gammainc_by_a(a, x, 2)


def _gammainc_by_a_x(g: Any, ans: Any, a: Any, x: Any, order: int = 1) -> Any:
    score = _logarithm(x) - special.digamma(a)
    if order != 1:
        score = score**2 - polygamma(1, a)
    return g * score * gamma_density(a, x)


def _betainc_by_a_a(g: Any, ans: Any, a: Any, b: Any, x: Any, y: Any, then: str = "") -> Any:
    _require_once(then)
    return g * betainc_by_a(a, b, x, y, "a")


def _betainc_by_a_b(g: Any, ans: Any, a: Any, b: Any, x: Any, y: Any, then: str = "") -> Any:
    _require_once(then)
    return g * betainc_by_a(a, b, x, y, "b")


def _betainc_by_a_x(g: Any, ans: Any, a: Any, b: Any, x: Any, y: Any, then: str = "") -> Any:
    score = _logarithm(x) - special.digamma(a) + special.digamma(a + b)
    if then == "a":
        score = score**2 - polygamma(1, a) + polygamma(1, a + b)
    elif then == "b":
        of_b = _logarithm(y) - special.digamma(b) + special.digamma(a + b)
        score = score * of_b + polygamma(1, a + b)
    return g * score * beta_density(a, b, x)


def _stdtr_by_df_df(g: Any, ans: Any, df: Any, t: Any, order: int = 1) -> Any:
    _require_once(order)
    return g * stdtr_by_df(df, t, 2)


def _stdtr_by_df_t(g: Any, ans: Any, df: Any, t: Any, order: int = 1) -> Any:
    _require_once(order)
    slope = special.digamma((df + 1) / 2) - special.digamma(df / 2) - 1 / df
    score = slope - np.log1p(t**2 / df) + (df + 1) * t**2 / (df * (df + t**2))
    return 0.5 * g * score * _student_density(df, t)


elementwise(incomplete.gammainc_by_a, a=_gammainc_by_a_a, x=_gammainc_by_a_x)
elementwise(
    incomplete.betainc_by_a,
    a=_betainc_by_a_a,
    b=_betainc_by_a_b,
    x=_betainc_by_a_x,
    y=lambda g, ans, a, b, x, y, then="": 0.0,  # 1 - x: all of the derivative is that by x
)
elementwise(incomplete.stdtr_by_df, df=_stdtr_by_df_df, t=_stdtr_by_df_t)

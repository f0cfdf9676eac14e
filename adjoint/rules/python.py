"""Rules of Python's own operators and numeric functions, and of ``math`` and ``cmath``.

Where NumPy has the same function, its rule is taken; the engine prints ``math.cos`` for ``np.cos``
in the rule of a function of ``math``.
"""

from __future__ import annotations

import cmath
import functools
import math
import operator
from typing import Any

import numpy as np

from adjoint.rules.cumulative import others_along
from adjoint.rules.elementwise import is_complex
from adjoint.rules.reductions import spread
from adjoint.rules.registry import chooses, elementwise, linear, refused, same, vjp, zero_derivative
from adjoint.rules.rule import Function

__all__: list[str] = []

# --- operators --------------------------------------------------------------------------------

same(operator.add, np.add)
same(operator.sub, np.subtract)
same(operator.mul, np.multiply)
same(operator.truediv, np.divide)
same(operator.mod, np.remainder)
same(operator.pow, np.power)
same(operator.neg, np.negative)
same(operator.pos, np.positive)
same(operator.abs, np.absolute)

# --- builtins ---------------------------------------------------------------------------------

same(abs, np.absolute)
same(pow, np.power)
linear(float, x=lambda g, ans, x: g)
for _kind in (np.float16, np.float32, np.float64, np.longdouble):
    linear(_kind, x=lambda g, ans, x: g)
for _complex in (np.complex64, np.complex128, np.clongdouble):
    linear(_complex, real=lambda g, ans, real, imag=0: g, imag=lambda g, ans, real, imag=0: 1j * g)
linear(
    complex,
    real=lambda g, ans, real, imag=0: g if is_complex(real) else np.real(g),
    imag=lambda g, ans, real, imag=0: 1j * g if is_complex(imag) else -np.imag(g),
)


def _is_sequence(x: Any) -> bool:
    return isinstance(x, (list, tuple))


def _sum(g: Any, ans: Any, iterable: Any, start: Any = 0) -> Any:
    return [g] * len(iterable) if _is_sequence(iterable) else spread(g, iterable)


linear(sum, iterable=_sum, start=lambda g, ans, iterable, start=0: g)


def _of_two(g: Any, x: Any, y: Any, wins: Function) -> Any:
    return g * (wins(x, y) + 0.5 * (x == y))


def _extremum(g: Any, ans: Any, *args: Any, wins: Function) -> Any:
    """The share of each operand of ``max`` or ``min``, called as it was: with many, or with one."""
    if len(args) == 1 and _is_sequence(args[0]):
        return [_extremum(g, ans, *args[0], wins=wins)]
    if len(args) == 1:
        reached = args[0] == ans
        return [g / np.count_nonzero(reached) * reached]
    if len(args) == 2:
        x, y = args
        return [_of_two(g, x, y, wins), _of_two(g, y, x, wins)]
    # Two of NumPy's bools add up to True; 1.0 times each to a number.
    reached = [1.0 * (x == ans) for x in args]
    number = functools.reduce(operator.add, reached)
    return [g / number * one for one in reached]


vjp(max, args=functools.partial(_extremum, wins=operator.gt))
vjp(min, args=functools.partial(_extremum, wins=operator.lt))
chooses(max, args=lambda ans, x, *others: x >= others[0] if len(others) == 1 else x == ans)
chooses(min, args=lambda ans, x, *others: x <= others[0] if len(others) == 1 else x == ans)
refused("write `x // y` and `x % y`, which have derivatives each", divmod)

# --- math: as in NumPy ------------------------------------------------------------------------

same(math.sin, np.sin)
same(math.cos, np.cos)
same(math.tan, np.tan)
same(math.asin, np.arcsin)
same(math.acos, np.arccos)
same(math.atan, np.arctan)
same(math.atan2, np.arctan2)
same(math.sinh, np.sinh)
same(math.cosh, np.cosh)
same(math.tanh, np.tanh)
same(math.asinh, np.arcsinh)
same(math.acosh, np.arccosh)
same(math.atanh, np.arctanh)
same(math.exp, np.exp)
same(math.exp2, np.exp2)
same(math.expm1, np.expm1)
same(math.log2, np.log2)
same(math.log10, np.log10)
same(math.log1p, np.log1p)
same(math.sqrt, np.sqrt)
same(math.cbrt, np.cbrt)
same(math.pow, np.power)
same(math.fabs, np.fabs)
same(math.fmod, np.fmod)
same(math.copysign, np.copysign)
same(math.nextafter, np.nextafter)
same(math.ldexp, np.ldexp)
same(math.degrees, np.degrees)
same(math.radians, np.radians)

# --- cmath ------------------------------------------------------------------------------------

same(cmath.sin, np.sin)
same(cmath.cos, np.cos)
same(cmath.tan, np.tan)
same(cmath.asin, np.arcsin)
same(cmath.acos, np.arccos)
same(cmath.atan, np.arctan)
same(cmath.sinh, np.sinh)
same(cmath.cosh, np.cosh)
same(cmath.tanh, np.tanh)
same(cmath.asinh, np.arcsinh)
same(cmath.acosh, np.arccosh)
same(cmath.atanh, np.arctanh)
same(cmath.exp, np.exp)
same(cmath.log10, np.log10)
same(cmath.sqrt, np.sqrt)
same(cmath.phase, np.angle)
elementwise(
    cmath.log,
    z=lambda g, ans, z, base=None: g / z if base is None else g / (np.log(base) * z),
    base=lambda g, ans, z, base=None: -g * ans / (np.log(base) * base),
)
elementwise(
    cmath.rect,
    r=lambda g, ans, r, phi: g * np.exp(1j * phi),
    phi=lambda g, ans, r, phi: 1j * g * ans,
)
refused("write abs(z) and cmath.phase(z), which have derivatives each", cmath.polar)
zero_derivative(cmath.isfinite, cmath.isinf, cmath.isnan, cmath.isclose)

# --- lists ------------------------------------------------------------------------------------

zero_derivative(list.index, list.count)

# --- math: its own ----------------------------------------------------------------------------

elementwise(
    math.log,
    x=lambda g, ans, x, base=None: g / x if base is None else g / (np.log(base) * x),
    base=lambda g, ans, x, base=None: -g * ans / (np.log(base) * base),
)
elementwise(
    math.erf,
    x=lambda g, ans, x: 2 / math.sqrt(math.pi) * g * np.exp(-(x**2)),
)
elementwise(
    math.erfc,
    x=lambda g, ans, x: -2 / math.sqrt(math.pi) * g * np.exp(-(x**2)),
)
elementwise(
    math.remainder,  # x - n * y, with n the whole number nearest to x / y
    x=lambda g, ans, x, y: g,
    y=lambda g, ans, x, y: -g * np.round((x - ans) / y),
)


def _hypot(g: Any, ans: Any, *coordinates: Any) -> Any:
    return [g * x / (ans + (ans == 0)) for x in coordinates]


def _difference(p: Any, q: Any) -> Any:
    if _is_sequence(p):
        return [x - q[i] for i, x in enumerate(p)]
    if _is_sequence(q):
        return [p[i] - y for i, y in enumerate(q)]
    return p - q


def _times(scale: Any, x: Any, like: Any) -> Any:
    """`scale` times each of `x`, as a list where `like` is one, else as an array."""
    if _is_sequence(x):
        each = [scale * one for one in x]
        return each if _is_sequence(like) else np.stack(each)
    return [scale * x[i] for i in range(len(like))] if _is_sequence(like) else scale * x


vjp(math.hypot, coordinates=_hypot)
vjp(
    math.dist,
    p=lambda g, ans, p, q: _times(g / (ans + (ans == 0)), _difference(p, q), p),
    q=lambda g, ans, p, q: _times(-g / (ans + (ans == 0)), _difference(p, q), q),
)
linear(math.fsum, iterable=_sum)
if hasattr(math, "sumprod"):  # Python 3.12
    vjp(
        math.sumprod,
        p=lambda g, ans, p, q: _times(g, q, p),
        q=lambda g, ans, p, q: _times(g, p, q),
    )
if hasattr(math, "fma"):  # Python 3.13
    elementwise(
        math.fma,
        x=lambda g, ans, x, y, z: g * y,
        y=lambda g, ans, x, y, z: g * x,
        z=lambda g, ans, x, y, z: g,
    )


def _running(factors: list[Any]) -> list[Any]:
    """The product of the factors before each: None before the first."""
    before = [None, *factors[:1]]
    for factor in factors[1:-1]:
        before.append(before[-1] * factor)
    return before[: len(factors)]


def _prod(g: Any, ans: Any, iterable: Any, *, start: Any = 1) -> Any:
    first = g if isinstance(start, int) and start == 1 else g * start
    if not _is_sequence(iterable):
        return first * others_along(iterable, 0)
    factors = list(iterable)
    before, after = _running(factors), _running(factors[::-1])[::-1]
    return [
        functools.reduce(operator.mul, [part for part in pair if part is not None], first)
        for pair in zip(before, after, strict=True)
    ]


def _prod_start(g: Any, ans: Any, iterable: Any, *, start: Any = 1) -> Any:
    if not _is_sequence(iterable):
        return g * np.prod(iterable)
    return functools.reduce(operator.mul, iterable, g)


vjp(math.prod, iterable=_prod, start=_prod_start)
refused(
    "its derivative needs the digamma function, which NumPy and math do not have; "
    "use scipy.special.gamma or scipy.special.gammaln",
    math.gamma,
    math.lgamma,
)
refused("write `math.trunc(x)` and `x - math.trunc(x)`, which have derivatives each", math.modf)
refused("the exponent jumps with x; scale by a power of two that is held fixed", math.frexp)

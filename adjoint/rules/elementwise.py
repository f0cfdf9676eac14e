"""Rules of functions that work element by element on real and complex numbers.

The arguments of ufuncs are positional only; they are called ``x`` and ``y`` here.

Conventions where a function has no derivative: that of ``abs`` is 0 at 0, ties in ``maximum`` share
evenly, ``clip`` lets through at its bounds, ``hypot`` is 0 at (0, 0), ``x**0`` is constant also at
x = 0, and ``x**y`` does not change with y where x = 0. A denominator or an argument of ``log`` is
guarded as ``a + (a == 0)``: it costs one pass, keeps the dtype and works on Python numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adjoint.rules.registry import chooses, elementwise, jvp, of_real, same, vjp

__all__ = ["above_nothing", "direction", "is_complex"]


def is_complex(x: Any) -> bool:
    """Whether `x`, an array, a handle or a Python number, is of complex type, or may be.

    What a rule returns then must be right for real numbers too, up to the imaginary part.

    >>> is_complex(np.ones(2)), is_complex(1j)
    (False, True)
    """
    known: bool | None = getattr(x, "may_be_complex", None)
    if known is not None:
        return known
    return bool(np.dtype(getattr(x, "dtype", type(x))).kind == "c")


# --- arithmetic -------------------------------------------------------------------------------

elementwise(np.add, x=lambda g, ans, x, y: g, y=lambda g, ans, x, y: g)
elementwise(np.subtract, x=lambda g, ans, x, y: g, y=lambda g, ans, x, y: -g)
elementwise(np.multiply, x=lambda g, ans, x, y: g * y, y=lambda g, ans, x, y: g * x)
jvp(np.multiply, x=lambda t, ans, x, y: t * y, y=lambda t, ans, x, y: x * t)  # in its place
elementwise(
    np.divide,
    x=lambda g, ans, x, y: g / y,
    y=lambda g, ans, x, y: -g * ans / y,
    without_ans={"y": lambda g, ans, x, y: -g * x / y**2},
    safe=1.0,
)
elementwise(np.positive, x=lambda g, ans, x: g)
elementwise(np.negative, x=lambda g, ans, x: -g)
elementwise(
    np.reciprocal,
    x=lambda g, ans, x: -g * ans**2,
    without_ans={"x": lambda g, ans, x: -g / x**2},
    safe=1.0,
)
elementwise(np.square, x=lambda g, ans, x: 2 * g * x)
elementwise(np.remainder, x=lambda g, ans, x, y: g, y=lambda g, ans, x, y: -g * (x // y))
elementwise(np.fmod, x=lambda g, ans, x, y: g, y=lambda g, ans, x, y: -g * np.trunc(x / y))
elementwise(np.nextafter, x=lambda g, ans, x, y: g, y=lambda g, ans, x, y: np.zeros_like(g))
elementwise(np.ldexp, x=lambda g, ans, x, y: np.ldexp(g, y))  # y is an integer


def _power_x(g: Any, ans: Any, x: Any, y: Any) -> Any:
    if not isinstance(y, (int, float)):
        return y * g * x ** (y - (y != 0))
    if y == 0:
        return np.zeros_like(g)
    if y == 1:
        return g
    if y == 2:
        return 2 * g * x
    if y == -1:
        return -g / x**2
    return y * g * x ** (y - 1)


def _power_y(g: Any, ans: Any, x: Any, y: Any) -> Any:
    if isinstance(x, (int, float)) and x > 0:
        return g * ans * math.log(x)
    base = x + (x == 0)
    if is_complex(y) and not is_complex(x):
        base = base + 0j  # of a negative number
    return g * ans * np.log(base)


elementwise(np.power, x=_power_x, y=_power_y, safe=1.0)
same(np.float_power, np.power)

# --- roots, exponentials and logarithms -------------------------------------------------------

elementwise(np.sqrt, x=lambda g, ans, x: g / (2 * ans), safe=1.0)
elementwise(np.cbrt, x=lambda g, ans, x: g / (3 * ans**2), safe=1.0)
elementwise(np.exp, x=lambda g, ans, x: g * ans, safe=0.0)
elementwise(np.exp2, x=lambda g, ans, x: math.log(2) * g * ans, safe=0.0)
elementwise(
    np.expm1,
    x=lambda g, ans, x: g * (ans + 1),
    without_ans={"x": lambda g, ans, x: g * np.exp(x)},
    safe=0.0,
)
elementwise(np.log, x=lambda g, ans, x: g / x, safe=1.0)
elementwise(np.log2, x=lambda g, ans, x: g / (math.log(2) * x), safe=1.0)
elementwise(np.log10, x=lambda g, ans, x: g / (math.log(10) * x), safe=1.0)
elementwise(np.log1p, x=lambda g, ans, x: g / (1 + x), safe=0.0)


def above_nothing(total: Any) -> Any:
    """Return the logarithm of a sum, for differences to it.

    Where all operands are -inf, so is the result, and -inf - -inf is nan: the share of each is
    taken as 0.

    >>> above_nothing(np.array([1.5, -np.inf]))
    array([ 1.5e+00, -3.0e+38])
    """
    return np.maximum(total, -3e38)  # a float32 too


def _from_below(total: Any, x: Any, y: Any) -> Any:
    """The same of two operands: the sum with a finite number is never -inf."""
    if any(isinstance(each, int | float) and math.isfinite(each) for each in (x, y)):
        return total
    return above_nothing(total)


elementwise(
    np.logaddexp,
    x=lambda g, ans, x, y: g * np.exp(x - _from_below(ans, x, y)),
    y=lambda g, ans, x, y: g * np.exp(y - _from_below(ans, x, y)),
)
elementwise(
    np.logaddexp2,
    x=lambda g, ans, x, y: g * np.exp2(x - _from_below(ans, x, y)),
    y=lambda g, ans, x, y: g * np.exp2(y - _from_below(ans, x, y)),
)

# --- trigonometric and hyperbolic -------------------------------------------------------------


def _by_square_of_radius(g: Any, x: Any, y: Any) -> Any:
    """`g` by the square; 0 in the origin, where arctan2 jumps, and so are all its derivatives."""
    square = x**2 + y**2
    return g * ((square != 0) / (square + (square == 0)))


elementwise(np.sin, x=lambda g, ans, x: g * np.cos(x))
elementwise(np.cos, x=lambda g, ans, x: -g * np.sin(x))
elementwise(
    np.tan,
    x=lambda g, ans, x: g * (1 + ans**2),
    without_ans={"x": lambda g, ans, x: g / np.cos(x) ** 2},
    safe=0.0,
)
elementwise(np.arcsin, x=lambda g, ans, x: g / np.sqrt(1 - x**2), safe=0.0)
elementwise(np.arccos, x=lambda g, ans, x: -g / np.sqrt(1 - x**2), safe=0.0)
elementwise(np.arctan, x=lambda g, ans, x: g / (1 + x**2))
elementwise(
    np.arctan2,
    x=lambda g, ans, x, y: _by_square_of_radius(g * y, x, y),
    y=lambda g, ans, x, y: _by_square_of_radius(-g * x, x, y),
)
elementwise(np.sinh, x=lambda g, ans, x: g * np.cosh(x))
elementwise(np.cosh, x=lambda g, ans, x: g * np.sinh(x))
elementwise(np.tanh, x=lambda g, ans, x: g * (1 - ans**2))
elementwise(np.arcsinh, x=lambda g, ans, x: g / np.sqrt(x**2 + 1))
# Two roots, not sqrt(x**2 - 1), which has the wrong sign on half of the complex plane.
elementwise(np.arccosh, x=lambda g, ans, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)), safe=2.0)
elementwise(np.arctanh, x=lambda g, ans, x: g / (1 - x**2), safe=0.0)
elementwise(
    np.hypot,
    x=lambda g, ans, x, y: g * x / (ans + (ans == 0)),
    y=lambda g, ans, x, y: g * y / (ans + (ans == 0)),
)
elementwise(np.deg2rad, x=lambda g, ans, x: np.deg2rad(g))
elementwise(np.radians, x=lambda g, ans, x: np.radians(g))
elementwise(np.rad2deg, x=lambda g, ans, x: np.rad2deg(g))
elementwise(np.degrees, x=lambda g, ans, x: np.degrees(g))


def _sinc(g: Any, ans: Any, x: Any) -> Any:
    """Near 0 the quotient loses its digits, and at 0 its derivative: there stands the series."""
    near = np.abs(x) < 0.01
    u = np.pi * np.where(near, x, 0)
    series = -np.pi * u * (1 / 3 - u**2 * (1 / 30 - u**2 / 840))
    return g * np.where(near, series, (np.cos(np.pi * x) - ans) / np.where(near, 1, x))


elementwise(np.sinc, x=_sinc)

# --- magnitude, sign and choice ---------------------------------------------------------------


def direction(z: Any) -> Any:
    """Return ``z / abs(z)``, and 0 at 0: the sign of a complex number, which is not constant.

    >>> direction(np.array([3 + 4j, 0j]))
    array([0.6+0.8j, 0. +0.j ])
    """
    size = np.abs(z)
    return z * ((size != 0) / (size + (size == 0)))


def _absolute(g: Any, ans: Any, x: Any) -> Any:
    if is_complex(x):
        return g * np.conj(x) / (ans + (ans == 0))
    return g * np.sign(x)


elementwise(np.absolute, x=_absolute)
elementwise(np.fabs, x=lambda g, ans, x: g * np.sign(x))
elementwise(
    np.copysign,
    x=lambda g, ans, x, y: g * np.sign(x) * np.copysign(1, y),
    y=lambda g, ans, x, y: np.zeros_like(g),
)
elementwise(
    np.heaviside,
    x=lambda g, ans, x, y: np.zeros_like(g),
    y=lambda g, ans, x, y: g * (x == 0),
)


# A number known at compile time, the rectifier's 0 above all, gets a form that keeps float32, needs
# one pass less and reads `g` once. It must be finite, since inf - inf is nan.
def _larger(g: Any, x: Any, y: Any) -> Any:
    """The part of `g` that goes to `x` in ``maximum(x, y)``."""
    if isinstance(y, (int, float)) and math.isfinite(y) and not is_complex(x):
        return g * np.heaviside(x if y == 0 else x - y, 0.5)
    return g * (x > y) + 0.5 * g * (x == y)


def _smaller(g: Any, x: Any, y: Any) -> Any:
    """The part of `g` that goes to `x` in ``minimum(x, y)``."""
    if isinstance(y, (int, float)) and math.isfinite(y) and not is_complex(x):
        return g * np.heaviside(-x if y == 0 else y - x, 0.5)
    return g * (x < y) + 0.5 * g * (x == y)


elementwise(
    np.maximum,
    x=lambda g, ans, x, y: _larger(g, x, y),
    y=lambda g, ans, x, y: _larger(g, y, x),
)
chooses(np.maximum, x=lambda ans, x, y: x >= y, y=lambda ans, x, y: y >= x)
elementwise(
    np.minimum,
    x=lambda g, ans, x, y: _smaller(g, x, y),
    y=lambda g, ans, x, y: _smaller(g, y, x),
)
chooses(np.minimum, x=lambda ans, x, y: x <= y, y=lambda ans, x, y: y <= x)
# By the result, which is the other one where one is nan.
elementwise(
    np.fmax,
    x=lambda g, ans, x, y: g * (x == ans) - 0.5 * g * (x == y),
    y=lambda g, ans, x, y: g * (y == ans) - 0.5 * g * (x == y),
)
chooses(np.fmax, x=lambda ans, x, y: x == ans, y=lambda ans, x, y: y == ans)
same(np.fmin, np.fmax)
elementwise(
    np.where,
    x=lambda g, ans, condition, x, y: np.where(condition, g, 0),
    y=lambda g, ans, condition, x, y: np.where(condition, 0, g),
)
chooses(
    np.where,
    x=lambda ans, condition, x, y: condition,
    y=lambda ans, condition, x, y: np.logical_not(condition),
)


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _clip_a(
    g: Any,
    ans: Any,
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Any:
    within = _is_within(ans, a, a_min, a_max, min=min, max=max)
    return g if within is True else g * within


def _is_within(
    ans: Any, a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Any:
    low, high = _first(a_min, min), _first(a_max, max)
    if low is None:
        return True if high is None else a <= high
    return a >= low if high is None else (a >= low) & (a <= high)


def _clip_low(
    g: Any,
    ans: Any,
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Any:
    low, high = _first(a_min, min), _first(a_max, max)
    return g * (a < low) if high is None else g * ((a < low) & (low <= high))


def _clip_high(
    g: Any,
    ans: Any,
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Any:
    low, high = _first(a_min, min), _first(a_max, max)
    # Where the bounds are the wrong way round, the upper one is the result.
    return g * (a > high) if low is None else g * (np.maximum(a, low) > high)


elementwise(np.clip, a=_clip_a, a_min=_clip_low, min=_clip_low, a_max=_clip_high, max=_clip_high)
chooses(np.clip, a=_is_within)
of_real(np.clip)  # complex numbers have an order for NumPy, and none for Python


def _kept(
    g: Any, ans: Any, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None,
    neginf: Any = None,
) -> Any:  # fmt: skip
    if not is_complex(x):
        return np.where(np.isfinite(x), g, 0)
    # The real and the imaginary part are looked at one by one.
    return np.real(g) * np.isfinite(np.real(x)) + 1j * np.imag(g) * np.isfinite(np.imag(x))


def _put_in(test: Any) -> Any:
    """The vjp of what ``nan_to_num`` puts in where `test` is true."""

    def cotangent(
        g: Any, ans: Any, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None,
        neginf: Any = None,
    ) -> Any:  # fmt: skip
        if not is_complex(x):
            return g * test(x)
        return g * (test(np.real(x)) + 1j * test(np.imag(x)))

    return cotangent


elementwise(
    np.nan_to_num,
    x=_kept,
    nan=_put_in(np.isnan),
    posinf=_put_in(np.isposinf),
    neginf=_put_in(np.isneginf),
)
elementwise(
    np.unwrap,  # adds multiples of the period, which do not change with p
    p=lambda g, ans, p, discont=None, axis=-1, *, period=2 * np.pi: g,
    period=lambda g, ans, p, discont=None, axis=-1, *, period=2 * np.pi: (
        g * np.round((ans - p) / period)
    ),
)

# --- complex numbers --------------------------------------------------------------------------
# The cotangent of z = x + iy is df/dx - i df/dy, as in JAX and HIPS autograd: through a holomorphic
# function it goes as g * f'(z), without conjugation.

elementwise(np.conjugate, x=lambda g, ans, x: np.conj(g) if is_complex(x) else g)
elementwise(np.real, val=lambda g, ans, val: g)
elementwise(np.imag, val=lambda g, ans, val: -1j * g if is_complex(val) else np.zeros_like(g))


def _angle(g: Any, ans: Any, z: Any, deg: bool = False) -> Any:
    if not is_complex(z):
        return np.zeros_like(g)
    turned = g * (180 / np.pi) if deg else g
    size = np.absolute(z)
    inverse = (size != 0) / (size + (size == 0))  # 0 in the origin, as of arctan2
    return turned * (np.conj(1j * z) * inverse) * inverse  # so that no square underflows


elementwise(np.angle, z=_angle)


def _real_if_close(g: Any, ans: Any, a: Any, tol: Any = 100) -> Any:
    if is_complex(a):
        raise NotImplementedError(
            "np.real_if_close: it depends on the values whether the result is real; use np.real"
        )
    return g


elementwise(np.real_if_close, a=_real_if_close)

# --- two results ------------------------------------------------------------------------------

vjp(
    np.divmod,
    x=lambda g, ans, x, y: 0.0 if g[1] is None else g[1],
    y=lambda g, ans, x, y: 0.0 if g[1] is None else -g[1] * ans[0],
)
vjp(np.modf, x=lambda g, ans, x: 0.0 if g[0] is None else g[0])
vjp(np.frexp, x=lambda g, ans, x: 0.0 if g[0] is None else np.ldexp(g[0], -ans[1]))

# --- Bessel -----------------------------------------------------------------------------------


def _i0(g: Any, ans: Any, x: Any) -> Any:
    """The derivative is I1, the mean of exp(x cos t) cos t over a circle.

    The mean over 256 points is right to rounding up to x = 700, where I0 overflows: M. Abramowitz,
    I. Stegun, "Handbook of Mathematical Functions", 9.6.19.
    """
    cosines = np.cos(np.pi / 128 * np.arange(256, like=x))
    return g * (np.exp(np.multiply.outer(x, cosines)) @ cosines / 256)


vjp(np.i0, x=_i0)


def _kaiser(g: Any, ans: Any, M: Any, beta: Any) -> Any:  # noqa: N803
    if isinstance(M, int) and M <= 1:
        return 0.0
    half = (M - 1) / 2
    bell = np.sqrt(1 - ((np.arange(M, like=g) - half) / half) ** 2)
    slope = bell * _i0(1.0, None, beta * bell) - ans * _i0(1.0, None, beta)
    return np.sum(g * slope) / np.i0(beta)


vjp(np.kaiser, beta=_kaiser)

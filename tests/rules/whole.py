"""The check of a program of one expression: both modes, to second order, against differences.

    check_program(lambda a, x: np.poly1d(a)(x), coefficients, places)

It is for what is read in other words, and so has no rule of its own to look at. The cotangent and
the direction are random. The steps and tolerances are those of the check of a rule; in single
precision those of `SINGLE`, which central differences with a step of 1e-2 keep. To second order one
program in three is taken, by the line that it is written on (`make test-all`: all).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint import jvp, vjp
from tests.rules.harness import STEP, TOLERANCE
from tests.rules.second_order import (
    Call,
    check_second_order,
    leaves,
    like,
    moved,
    paired,
)
from tests.sampling import is_taken

SINGLE = 1e-2

Function = Callable[..., Any]


def check_program(fun: Function, *args: Any, second_order: bool = True) -> None:
    """Compare both modes of `fun` with differences, and each other, to second order."""
    value, pullback = vjp(fun, *args)
    expected_value = fun(*args)
    for (_, got), (_, expected) in zip(leaves(value), leaves(expected_value), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6 if _is_single(args) else 1e-12)
    rng = np.random.default_rng(8)
    cotangent = like(rng, expected_value)
    directions = [_of_dtype(like(rng, x), x) for x in args]
    step, tolerance = (SINGLE, SINGLE) if _is_single(args) else (STEP, TOLERANCE)
    up, down = (
        paired(fun(*(moved(x, t, h) for x, t in zip(args, directions, strict=True))), cotangent)
        for h in (step, -step)
    )
    slope = (up - down) / (2 * step)
    close = {"rtol": tolerance, "atol": tolerance}
    _, tangent = jvp(fun, args, directions)
    np.testing.assert_allclose(paired(tangent, cotangent), slope, **close, err_msg="forward")
    found = pullback(tuple(cotangent) if isinstance(value, tuple) else cotangent)
    cotangents = list(found)
    pairs = zip(cotangents, directions, strict=True)
    reverse = sum(paired(d, direction) for d, direction in pairs)
    np.testing.assert_allclose(reverse, slope, **close, err_msg="reverse")
    for d, x in zip(cotangents, args, strict=True):
        if isinstance(x, np.ndarray):
            assert (d.dtype, d.shape) == (x.dtype, x.shape)
    taken = is_taken(f"line {fun.__code__.co_firstlineno}", 3)
    if second_order and taken and not _is_single(args):
        check_second_order(Call(fun, args, directions, cotangent))


def _of_dtype(direction: Any, x: Any) -> Any:
    return np.asarray(direction, x.dtype) if isinstance(x, np.ndarray) else direction


def _is_single(args: Any) -> bool:
    return any(getattr(x, "dtype", None) in (np.float32, np.complex64) for x in args)

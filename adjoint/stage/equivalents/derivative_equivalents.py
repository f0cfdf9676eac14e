"""Derivatives in Python, read in their place: of Jacobians, one sweep for each number.

`pull` takes a cotangent of one result to those of all arguments, and `push` a tangent of one
argument to those of all results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.markers import Derives, no_grad, stop_gradient
from adjoint.rules.solvers import stepped

__all__ = ["columns", "followed", "gradients_again", "ones", "rows"]

Sweep = Callable[[Any], Any]


def rows(pull: Sweep, out: Any, arguments: Any) -> Any:
    """The Jacobian of one result by each of the arguments, row by row."""
    if np.ndim(out) == 0:
        return pull(1.0)
    jacobians = [_empty(np.shape(out) + np.shape(each), each) for each in arguments]
    _write_rows(pull, out, jacobians, ())
    return jacobians


def _write_rows(pull: Sweep, out: Any, jacobians: Any, index: Any) -> None:
    """Go over the numbers of a result, with a loop for each axis that is left."""
    if len(index) < np.ndim(out):
        for i in range(np.shape(out)[len(index)]):
            _write_rows(pull, out, jacobians, (*index, i))
    else:
        unit = _unit(out, index)
        for k, row in enumerate(pull(unit)):
            jacobians[k][_alone(index)] = row


def columns(push: Sweep, argument: Any, results: Any) -> Any:
    """The Jacobian of each of the results by one argument, column by column."""
    if np.ndim(argument) == 0:
        return push(1.0)
    jacobians = [_empty(np.shape(each) + np.shape(argument), each) for each in results]
    _write_columns(push, argument, jacobians, ())
    return jacobians


def _write_columns(push: Sweep, argument: Any, jacobians: Any, index: Any) -> None:
    """Go over the numbers of an argument, with a loop for each axis that is left."""
    if len(index) < np.ndim(argument):
        for i in range(np.shape(argument)[len(index)]):
            _write_columns(push, argument, jacobians, (*index, i))
    else:
        unit = _unit(argument, index)
        for k, column in enumerate(push(unit)):
            before = (slice(None),) * (jacobians[k].ndim - len(index))
            jacobians[k][_alone((*before, *index))] = column


def ones(out: Any) -> Any:
    """The cotangent that sums the rows of a Jacobian."""
    return np.ones_like(out) if np.ndim(out) else 1.0


def _empty(shape: Any, like: Any) -> Any:
    return np.empty(shape) if _is_double(like) else np.empty(shape, like.dtype)


def _unit(like: Any, index: Any) -> Any:
    """One at an index, and zeros elsewhere."""
    shape = np.shape(like)
    unit = np.zeros(shape) if _is_double(like) else np.zeros(shape, like.dtype)
    unit[_alone(index)] = 1.0
    return unit


def _alone(index: Any) -> Any:
    return index[0] if len(index) == 1 else index


def _is_double(value: Any) -> bool:
    return isinstance(value, float) or value.dtype == np.float64


def gradients_again(fun: Any, args: Any, cotangent: Any) -> Any:
    """The gradients by the arguments of a call, which is done again for that."""
    _, pull = vjp(fun, *args)
    return pull(cotangent)


def vjp(fun: Any, *primals: Any) -> Any:
    """The value and the pullback: what is asked for by this name stands in `linear_maps`."""
    raise NotImplementedError


vjp.__adjoint_derives__ = Derives("vjp")  # type: ignore[attr-defined]


def followed(x: Any, value: Sweep, slope: Sweep, orders: Any) -> Any:
    """The root `x` of a function, as a function of what that reads.

    A step of Newton's method with the slope held fixed leads from a root that has its derivatives
    up to some order to one that has one order more. Steps are of length zero: `x` is a root.
    """
    with no_grad():
        factor = slope(x)
    for _ in orders:
        now = value(x)
        change = now - stop_gradient(now)
        x = stepped(x, change, factor)
    return x

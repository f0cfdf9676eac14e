"""Rules of the methods of ufuncs: reduce, accumulate, reduceat and outer.

``at`` writes, and is followed by the interpreter.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.rules.directives import refuse
from adjoint.rules.elementwise import above_nothing
from adjoint.rules.nested import as_array
from adjoint.rules.reductions import Axis, restored
from adjoint.rules.registry import (
    instead,
    linear,
    lookup,
    multilinear,
    refused,
    staged,
    vjp,
    zero_derivative,
)
from adjoint.rules.rule import Kind, Vjp
from adjoint.rules.scatter import scatter, select_axis

__all__: list[str] = []

METHODS = ("reduce", "accumulate", "reduceat", "outer")


# --- outer ------------------------------------------------------------------------------------


def _outer(rule: Vjp, of_first: bool) -> Callable[..., Any]:
    """The rule of ``f.outer`` from that of ``f``: the first operand gets the axes of the second."""

    def cotangent(g: Any, ans: Any, A: Any, B: Any) -> Any:  # noqa: N803
        behind = tuple(range(np.ndim(A), np.ndim(A) + np.ndim(B)))
        wide = np.expand_dims(A, behind) if behind and np.ndim(A) else A
        each = rule(g, ans, wide, B)
        if not of_first or not behind:
            return each
        if np.ndim(each) < np.ndim(g):
            each = np.broadcast_to(each, np.shape(g))
        return np.sum(each, axis=behind[0] if len(behind) == 1 else behind)

    return cotangent


def _multiply_outer_a(g: Any, ans: Any, A: Any, B: Any) -> Any:  # noqa: N803
    if np.ndim(B) == 1:
        return g @ B
    return g * B if np.ndim(B) == 0 else np.tensordot(g, B, axes=np.ndim(B))


def _multiply_outer_b(g: Any, ans: Any, A: Any, B: Any) -> Any:  # noqa: N803
    if np.ndim(A) == 0:
        return g * A
    if np.ndim(A) == 1 and np.ndim(B) < 2:
        return A @ g
    return np.tensordot(A, g, axes=np.ndim(A))


# --- reduce and accumulate --------------------------------------------------------------------


def _first_axis(rule: Vjp) -> Callable[..., Any]:
    """`rule`, for what takes the first axis unless told otherwise."""

    def cotangent(
        g: Any, ans: Any, array: Any, axis: Axis = 0, dtype: Any = None, **keywords: Any
    ) -> Any:
        return rule(g, ans, array, axis, **keywords)

    return cotangent


def _initial(rule: Vjp) -> Callable[..., Any]:
    """The same of the number that is reduced with the array."""

    def cotangent(
        g: Any,
        ans: Any,
        array: Any,
        axis: Axis = 0,
        dtype: Any = None,
        *,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        return rule(g, ans, array, axis, keepdims=keepdims, initial=initial, where=where)

    return cotangent


def _rule(function: Callable[..., Any], name: str) -> Vjp:
    found = lookup(function)
    assert found is not None
    return found.vjps[name]


def _logaddexp_reduce(exp: Callable[..., Any]) -> Callable[..., Any]:
    def cotangent(
        g: Any,
        ans: Any,
        array: Any,
        axis: Axis = 0,
        dtype: Any = None,
        *,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        total = above_nothing(restored(ans, array, axis, keepdims))
        share = exp(array - total)
        d_array = restored(g, array, axis, keepdims) * share
        return d_array if where is True else np.where(where, d_array, 0)

    return cotangent


def _logaddexp_initial(exp: Callable[..., Any]) -> Callable[..., Any]:
    def cotangent(
        g: Any,
        ans: Any,
        array: Any,
        axis: Axis = 0,
        dtype: Any = None,
        *,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        return g * exp(initial - above_nothing(ans))

    return cotangent


def _extremum_accumulate(g: Any, ans: Any, array: Any, axis: int = 0, dtype: Any = None) -> Any:
    """Of equal elements the last is the extremum from its place on."""
    axis = axis % np.ndim(array)
    numbers = [np.arange(np.shape(array)[k], like=array) for k in range(np.ndim(array))]
    if np.ndim(array) > 1:
        others = [tuple(k for k in range(np.ndim(array)) if k != j) for j in range(np.ndim(array))]
        numbers = [np.expand_dims(n, o) for n, o in zip(numbers, others, strict=True)]
    reached = np.where(array == ans, numbers[axis], 0)
    numbers[axis] = np.maximum.accumulate(reached, axis=axis)
    return scatter(g, tuple(numbers) if len(numbers) > 1 else numbers[0], array)


# --- reduceat ---------------------------------------------------------------------------------


def _add_reduceat(
    g: Any, ans: Any, array: Any, indices: Any, axis: int = 0, dtype: Any = None
) -> Any:
    """Each sum goes up to the next index, or takes one element if that is not larger."""
    axis = axis % np.ndim(array)
    indices = as_array(indices, array)
    following = np.append(indices[1:], np.shape(array)[axis])
    counts = np.maximum(following - indices, 1)
    steps = np.arange(np.sum(counts), like=array) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.repeat(indices, counts) + steps
    return scatter(np.repeat(g, counts, axis=axis), select_axis(axis, places), array)


# --- of any ufunc, as a loop ------------------------------------------------------------------


def _reduced(
    ufunc: Any,
    array: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """As ``ufunc.reduce(array, axis)``."""
    if dtype is not None or out is not None or where is not True:
        refuse("a ufunc's reduce with dtype=, out= or where=", "write the loop, or np.where first")
    array = np.asarray(array)
    axes = axis if isinstance(axis, tuple) else range(np.ndim(array)) if axis is None else (axis,)
    rows = _in_front(array, [each % np.ndim(array) for each in axes])
    initial = ufunc.identity if initial is None else initial
    total = _folded(ufunc, rows[0], rows[1:]) if initial is None else _folded(ufunc, initial, rows)
    return np.expand_dims(total, axes if len(axes) > 1 else axes[0]) if keepdims else total


def _folded(ufunc: Any, total: Any, rows: Any) -> Any:
    for row in rows:
        total = ufunc(total, row)
    return total


def _without_identity(ufunc: Any, rows: Any) -> Any:
    """One element is itself: ``np.hypot.reduceat`` keeps its sign, unlike ``reduce``."""
    return _folded(ufunc, rows[0], rows[1:])


def _in_front(array: Any, axes: Any) -> Any:
    """The array with these axes as its first one."""
    if len(axes) == 1:
        return array if axes[0] == 0 else np.moveaxis(array, axes[0], 0)
    rest = [array.shape[axis] for axis in range(np.ndim(array)) if axis not in axes]
    return np.moveaxis(array, axes, range(len(axes))).reshape(-1, *rest)


def _accumulated(ufunc: Any, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    """As ``ufunc.accumulate(array, axis)``."""
    if dtype is not None or out is not None:
        refuse("a ufunc's accumulate with dtype= or out=", "write the loop")
    totals = np.array(array)
    before = (slice(None),) * (axis % np.ndim(totals))
    for k in range(1, totals.shape[axis]):
        totals[(*before, k)] = ufunc(totals[(*before, k - 1)], totals[(*before, k)])
    return totals


def _reduced_at(
    reduce: Any, array: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None
) -> Any:
    """As ``ufunc.reduceat(array, indices, axis)``, by what reduces rows."""
    if dtype is not None or out is not None:
        refuse("a ufunc's reduceat with dtype= or out=", "write the loop")
    array = np.asarray(array)
    rows = _in_front(array, [axis % np.ndim(array)])
    results = []
    for k in range(len(indices)):
        start = indices[k]
        stop = indices[k + 1] if k + 1 < len(indices) else len(rows)
        if start < stop:
            results.append(reduce(rows[start:stop]))
        else:
            results.append(rows[start])
    return np.stack(results, axis=axis % np.ndim(array))


def _as_loop(ufunc: np.ufunc, name: str) -> Callable[..., Any]:
    """What is read in the place of a method that has no rule, of a ufunc that has one."""
    if name != "reduceat":
        return functools.partial(_reduced if name == "reduce" else _accumulated, ufunc)
    reduce = lookup(ufunc.reduce)
    assert reduce is not None, f"{ufunc}.reduce is declared first"
    if reduce.instead is None:
        return functools.partial(_reduced_at, ufunc.reduce)
    return functools.partial(_reduced_at, functools.partial(_without_identity, ufunc))


# --- all of them ------------------------------------------------------------------------------


def _declare_known() -> None:
    linear(
        np.add.reduce,
        array=_first_axis(_rule(np.sum, "a")),
        initial=_rule(np.sum, "initial"),
    )
    linear(np.add.accumulate, array=_first_axis(_rule(np.cumsum, "a")))
    linear(np.add.reduceat, array=_add_reduceat)
    vjp(
        np.multiply.reduce,
        array=_first_axis(_rule(np.prod, "a")),
        initial=_initial(_rule(np.prod, "initial")),
    )
    vjp(np.multiply.accumulate, array=_first_axis(_rule(np.cumprod, "a")))
    for extremum in (np.maximum, np.minimum, np.fmax, np.fmin):
        vjp(
            extremum.reduce,
            array=_first_axis(_rule(np.max, "a")),
            initial=_initial(_rule(np.max, "initial")),
        )
    for running in (np.maximum, np.minimum):
        vjp(running.accumulate, array=_extremum_accumulate)
    for added, exp in ((np.logaddexp, np.exp), (np.logaddexp2, np.exp2)):
        vjp(added.reduce, array=_logaddexp_reduce(exp), initial=_logaddexp_initial(exp))
    multilinear(np.multiply.outer, A=_multiply_outer_a, B=_multiply_outer_b)


def _declare_rest(ufunc: np.ufunc) -> None:
    rule = lookup(ufunc)
    assert rule is not None, f"{ufunc} has no rule"
    if ufunc.signature is not None or ufunc.nout != 1:
        return
    staged(ufunc.at)
    if ufunc.nin != 2:
        return
    for name in METHODS:
        method = getattr(ufunc, name)
        if lookup(method) is not None:
            continue
        if rule.kind is Kind.ZERO:
            zero_derivative(method)
        elif name == "outer" and {"x", "y"} <= set(rule.vjps):
            vjp(method, A=_outer(rule.vjps["x"], True), B=_outer(rule.vjps["y"], False))
        elif name == "outer":
            refused("write it with an axis of its own for each operand: f(a[:, None], b)", method)
        else:
            instead(method, _as_loop(ufunc, name))


_declare_known()
for _ufunc in {id(u): u for u in vars(np).values() if isinstance(u, np.ufunc)}.values():
    _declare_rest(_ufunc)

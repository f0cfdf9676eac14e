"""Rules of ``np.gradient``: slopes of samples by their values, spacings and coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.elementwise import is_complex
from adjoint.rules.nested import as_array, is_nested, length, unpack
from adjoint.rules.registry import vjp
from adjoint.rules.sampled import differences, differences_adjoint
from adjoint.rules.scatter import scatter, select_axis

__all__: list[str] = []


def _axes_of_gradient(f: Any, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(np.ndim(f)))
    return tuple(k % np.ndim(f) for k in (axis if isinstance(axis, tuple) else (axis,)))


def _spacings(varargs: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    """The spacing along each axis: a number, or the coordinates."""
    if not varargs:
        return (1,) * count
    return varargs * count if len(varargs) == 1 else varargs


def _gradient(
    g: Any, ans: Any, f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1
) -> Any:
    axes = _axes_of_gradient(f, axis)
    parts = [g] if len(axes) == 1 else g
    d_f = None
    for part, h, along in zip(parts, _spacings(varargs, len(axes)), axes, strict=True):
        if part is not None:
            d_f = _of_slopes(part, f, h, along, edge_order, d_f)
    return 0.0 if d_f is None else d_f


def _of_slopes(g: Any, f: Any, h: Any, axis: int, edge_order: int, onto: Any) -> Any:
    """The cotangent of `f` for its slopes along one axis, added to `onto`."""

    def add(onto: Any, start: int | None, stop: int | None, value: Any) -> Any:
        part = start if stop == 0 else slice(start, stop)
        return scatter(value, select_axis(axis, part), f, onto)

    inner, first, last = (g[select_axis(axis, part)] for part in (slice(1, -1), 0, -1))
    if isinstance(h, (list, tuple)) or np.ndim(h):
        below, here, above = _weights_of_slopes(h, np.ndim(f) - 1 - axis)
        onto = add(add(onto, None, -2, below * inner), 1, -1, here * inner)
        onto = add(onto, 2, None, above * inner)
        steps = _end_steps(h)
    else:
        slope = inner / (2 * h)
        onto = add(add(onto, 2, None, slope), None, -2, -slope)
        steps = (h, h, h, h)
    for at, weight in enumerate(_first_weights(steps[0], steps[1], edge_order)):
        onto = add(onto, at, 0, weight * first)
    for at, weight in enumerate(_first_weights(steps[2], steps[3], edge_order)):
        onto = add(onto, -1 - at, 0, -weight * last)
    return onto


def _weights_of_slopes(x: Any, behind: int) -> tuple[Any, Any, Any]:
    """How much of the sample before, at and after a point is in its slope, for uneven samples."""
    h = np.diff(x)
    h = np.expand_dims(h, tuple(range(1, behind + 1))) if behind else h
    left, right = h[:-1], h[1:]
    both = left + right
    return -right / (left * both), (right - left) / (left * right), left / (right * both)


def _end_steps(x: Any) -> tuple[Any, Any, Any, Any]:
    """The first two steps, and the last two, each from the end inwards."""
    return x[1] - x[0], x[2] - x[1], x[-1] - x[-2], x[-2] - x[-3]


def _first_weights(h: Any, k: Any, edge_order: int) -> tuple[Any, ...]:
    """Of the first samples in the slope at the first, which are `h` and then `k` apart."""
    if edge_order == 1:
        return -1 / h, 1 / h
    if h is k:
        return -1.5 / h, 2 / h, -0.5 / h
    return -(2 * h + k) / (h * (h + k)), (h + k) / (h * k), -h / (k * (h + k))


def _gradient_spacing(
    g: Any, ans: Any, f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1
) -> list[Any]:
    axes = _axes_of_gradient(f, axis)
    parts, slopes = ([g], [ans]) if len(axes) == 1 else (g, ans)
    each = [
        _of_spacing(parts[k], slopes[k], f, h, along, edge_order)
        for k, (h, along) in enumerate(zip(_spacings(varargs, len(axes)), axes, strict=True))
    ]
    return each if len(varargs) == len(each) else [sum(each[1:], each[0])]


def _of_spacing(g: Any, slope: Any, f: Any, h: Any, axis: int, edge_order: int) -> Any:
    """The cotangent of a spacing, or of the coordinates along one axis."""
    if g is None:
        return 0.0 if not is_nested(h) and np.ndim(h) == 0 else np.zeros_like(as_array(h, f))
    if not is_nested(h) and np.ndim(h) == 0:
        return -np.sum(g * slope) / h
    d_steps = _of_steps(g, slope, f, as_array(h, f), axis, edge_order)
    return unpack(differences_adjoint(d_steps, length(h, 0), 1, 0), h)


def _of_steps(g: Any, slope: Any, f: Any, x: Any, axis: int, edge_order: int) -> Any:
    """The cotangent of the distances of the coordinates.

    The slope at a point is the mean of the rises on its left and right, each weighted with the
    step on the other side.
    """
    behind, others = np.ndim(f) - 1 - axis, tuple(k for k in range(np.ndim(f)) if k != axis)
    steps = np.diff(x)
    wide = np.expand_dims(steps, tuple(range(1, behind + 1))) if behind else steps
    rises = differences(f, axis, 1) / wide
    inner, middle = (each[select_axis(axis, slice(1, -1))] for each in (g, slope))
    before, after = (rises[select_axis(axis, part)] for part in (slice(None, -1), slice(1, None)))
    left, right = wide[:-1], wide[1:]
    share = inner / (left + right)
    to_left = share * (after - before * right / left - middle)
    to_right = share * (before - after * left / right - middle)

    def along(value: Any, axes: Any = others) -> Any:
        value = np.real(value) if is_complex(f) else value
        return np.sum(value, axis=axes) if others else value

    d_steps = scatter(along(to_left), slice(None, -1), steps)
    d_steps = scatter(along(to_right), slice(1, None), steps, d_steps)
    ends = _of_first_step if edge_order == 1 else _of_first_steps
    for end, following in ((0, 1), (-1, -2)):
        at_end, *first = (each[select_axis(axis, end)] for each in (g, rises))
        if edge_order != 1:
            first.append(rises[select_axis(axis, following)])
        parts = ends(at_end, first, steps[end], steps, following)
        for place, part in zip((end, following), parts, strict=False):
            d_steps = scatter(along(part, None), place, steps, d_steps)
    return d_steps


def _of_first_step(g: Any, rises: Any, step: Any, *_: Any) -> tuple[Any, ...]:
    """The slope at an end is the rise there."""
    return (-g * rises[0] / step,)


def _of_first_steps(g: Any, rises: Any, near: Any, steps: Any, following: int) -> tuple[Any, ...]:
    """The slope at an end is the rise there, less half of its change to the next one."""
    (first, second), far = rises, steps[following]
    bend = (first - second) / (near + far)
    d_near = (bend * far - first * (2 * near + far) / near) / (near + far)
    d_far = (second / far - bend) * near / (near + far)
    return g * d_near, g * d_far


vjp(np.gradient, f=_gradient, varargs=_gradient_spacing)

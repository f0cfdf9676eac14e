"""Rules for functions that make an array longer: tile, repeat, pad."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from adjoint.rules.registry import jvp, linear, vjp
from adjoint.rules.scatter import scatter, select_axis

__all__: list[str] = []


def _lengths(a: Any) -> list[Any]:
    return [np.shape(a)[axis] for axis in range(np.ndim(a))]


def _is_one(n: Any) -> bool:
    return isinstance(n, int) and n == 1


# tile ----------------------------------------------------------------------------------------


def _tile(g: Any, ans: Any, A: Any, reps: Any) -> Any:  # noqa: N803 (NumPy's own name)
    """Sum over the copies: `g` gets an axis for each count, in front of the axis it repeats."""
    counts = tuple(reps) if isinstance(reps, (tuple, list)) else (reps,)
    lengths = _lengths(A)
    new = len(counts) - len(lengths)  # counts of axes that A does not have
    counts = (1,) * -new + counts
    shape: list[Any] = []
    copies = []
    for axis, count in enumerate(counts):
        if not _is_one(count):
            copies.append(len(shape))
            shape.append(count)
        if axis >= new:
            shape.append(lengths[axis - max(new, 0)])
    if len(copies) == len(shape):
        return np.sum(g)
    by_copy = np.reshape(g, tuple(shape))
    if not copies:
        return by_copy
    return np.sum(by_copy, axis=copies[0] if len(copies) == 1 else tuple(copies))


linear(np.tile, A=_tile)


# repeat --------------------------------------------------------------------------------------


def _repeat(g: Any, ans: Any, a: Any, repeats: Any, axis: int | None = None) -> Any:
    if isinstance(repeats, (tuple, list)) and len(repeats) == 1:
        repeats = repeats[0]
    if axis is not None:
        return _repeat_along(g, a, repeats, axis % max(np.ndim(a), 1))
    if np.ndim(a) == 0:
        return np.sum(g)
    if np.ndim(a) == 1:
        return _repeat_along(g, a, repeats, 0)
    return np.reshape(_repeat_along(g, np.ravel(a), repeats, 0), np.shape(a))


def _repeat_along(g: Any, a: Any, repeats: Any, axis: int) -> Any:
    lengths = _lengths(a)
    if not isinstance(repeats, (tuple, list)) and np.ndim(repeats) == 0:
        shape = (*lengths[: axis + 1], repeats, *lengths[axis + 1 :])
        return np.sum(np.reshape(g, shape), axis=axis + 1)
    source = np.repeat(np.arange(lengths[axis], like=a), repeats)
    return scatter(g, select_axis(axis, source), a)


linear(np.repeat, a=_repeat)


# pad -----------------------------------------------------------------------------------------

#: The modes that fill the margin with elements of the array.
_COPYING_MODES = ("edge", "reflect", "symmetric", "wrap")
#: The modes that fill it with what does not depend on the array.
_HELD_MODES = ("constant", "empty")


def _pad(
    g: Any,
    ans: Any,
    array: Any,
    pad_width: Any,
    mode: Any = "constant",
    *,
    constant_values: Any = 0,
    reflect_type: str = "even",
) -> Any:
    ndim = np.ndim(array)
    if ndim == 0:
        return g
    widths = _pad_widths(pad_width, ndim)
    if mode in _HELD_MODES:
        inner = tuple(_inner(w, np.shape(array)[axis]) for axis, w in enumerate(widths))
        return g[inner] if ndim > 1 else g[inner[0]]
    _refuse_other_modes(mode, reflect_type)
    return _pad_with_copies(g, array, widths, mode)


def _refuse_other_modes(mode: Any, reflect_type: str) -> None:
    if mode not in _COPYING_MODES or reflect_type != "even":
        raise NotImplementedError(
            f"np.pad(mode={mode!r}, reflect_type={reflect_type!r}) has no derivative here; "
            f"the modes that have one are {', '.join(map(repr, _HELD_MODES + _COPYING_MODES))}"
        )


def _pad_widths(pad_width: Any, ndim: int) -> list[tuple[Any, Any]]:
    """All that NumPy accepts as widths, as a pair (before, after) for each axis."""
    if isinstance(pad_width, dict):
        by_axis = {axis % ndim: _pair(width) for axis, width in pad_width.items()}
        return [by_axis.get(axis, (0, 0)) for axis in range(ndim)]
    if not isinstance(pad_width, (tuple, list)):
        if np.ndim(pad_width) > 0:
            raise NotImplementedError(
                "the pad_width of np.pad must be written as numbers or tuples"
            )
        return [_pair(pad_width)] * ndim
    if not isinstance(pad_width[0], (tuple, list)):
        return [_pair(pad_width)] * ndim
    pairs = [_pair(width) for width in pad_width]
    return pairs * ndim if len(pairs) == 1 else pairs


def _pair(width: Any) -> tuple[Any, Any]:
    return (width[0], width[-1]) if isinstance(width, (tuple, list)) else (width, width)


def _is_none(width: Any) -> bool:
    return isinstance(width, int) and width == 0


def _inner(width: tuple[Any, Any], length: Any) -> slice:
    before, after = width
    start = None if isinstance(before, int) and before == 0 else before
    if isinstance(after, int):
        return slice(start, -after if after else None)
    return slice(start, before + length)


def _pad_with_copies(g: Any, array: Any, widths: list[tuple[Any, Any]], mode: str) -> Any:
    """Pad the positions as the array was padded: they say where each element came from."""
    sources = [np.arange(n, like=array) for n in _lengths(array)]
    padded = [axis for axis, width in enumerate(widths) if not all(map(_is_none, width))]
    for axis in padded:
        sources[axis] = np.pad(sources[axis], widths[axis], mode=mode)  # type: ignore[call-overload]
    if len(padded) == 1:
        return scatter(g, select_axis(padded[0], sources[padded[0]]), array)
    return scatter(g, np.ix_(*sources), array)


def _pad_forward(
    t: Any,
    ans: Any,
    array: Any,
    pad_width: Any,
    mode: Any = "constant",
    *,
    constant_values: Any = 0,
    reflect_type: str = "even",
) -> Any:
    if mode in _HELD_MODES:
        return np.pad(t, pad_width)
    _refuse_other_modes(mode, reflect_type)
    return np.pad(t, pad_width, mode=mode)


def _pad_values(
    g: Any,
    ans: Any,
    array: Any,
    pad_width: Any,
    mode: Any = "constant",
    *,
    constant_values: Any = 0,
    reflect_type: str = "even",
) -> Any:
    """What is put into the margins: those of an axis are laid over those of the axes before it."""
    ndim = np.ndim(array)
    widths = _pad_widths(pad_width, ndim)
    inner = [_inner(width, np.shape(array)[axis]) for axis, width in enumerate(widths)]

    def into(axis: int, side: int) -> Any:
        part = _margin(widths[axis], np.shape(array)[axis], side)
        whole = (*(slice(None),) * axis, part, *inner[axis + 1 :])
        return np.sum(g[whole if ndim > 1 else part])

    def total(axes: Any, sides: Any = (0, 1)) -> Any:
        return functools.reduce(operator.add, (into(k, side) for k in axes for side in sides))

    def row(axes: Any, length: Any) -> Any:
        return np.stack([total(axes, [side]) for side in (0, 1)] if length == 2 else [total(axes)])

    shape, axes = np.shape(constant_values), range(ndim)
    if ndim == 0:
        return np.zeros_like(constant_values)
    if np.ndim(constant_values) == 0:
        return total(axes)
    if np.ndim(constant_values) == 1:
        return row(axes, shape[0])
    return np.stack(
        [row([k], shape[1]) for k in axes] if shape[0] == ndim else [row(axes, shape[1])]
    )


def _margin(width: tuple[Any, Any], length: Any, side: int) -> slice:
    before, after = width
    if side == 0 or _is_none(after):
        return slice(None, 0 if side else before)
    return slice(-after, None) if isinstance(after, int) else slice(before + length, None)


def _pad_values_forward(
    t: Any,
    ans: Any,
    array: Any,
    pad_width: Any,
    mode: Any = "constant",
    *,
    constant_values: Any = 0,
    reflect_type: str = "even",
) -> Any:
    return np.pad(np.zeros_like(array), pad_width, constant_values=t)


# Not linear: the margin does not depend on the array.
vjp(np.pad, array=_pad, constant_values=_pad_values)
jvp(np.pad, array=_pad_forward, constant_values=_pad_values_forward)

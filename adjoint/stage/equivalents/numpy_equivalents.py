"""Functions of NumPy in Python, read in their place: callers of functions, and grids.

They do what NumPy's do, step by step, so that the values are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.stage.equivalents.iterator_equivalents import pairwise

__all__ = [
    "POINTS",
    "SPLITS",
    "apply_along_axis",
    "apply_over_axes",
    "columns",
    "fromfunction",
    "full_grid",
    "numbered",
    "open_grid",
    "piecewise",
    "row",
    "tolist",
    "windows",
]

POINTS = "points"  # marks the bounds of a slice among the parts of an index

Function = Callable[..., Any]


def apply_along_axis(func1d: Function, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """As ``np.apply_along_axis``."""
    rows = np.moveaxis(np.asanyarray(arr), axis, -1)
    rest = rows.shape[:-1]
    if len(rest) == 0:
        return np.asanyarray(func1d(rows, *args, **kwargs))
    results = []
    if len(rest) == 1:
        for row in rows:
            results.append(func1d(row, *args, **kwargs))
        stacked = np.stack(results)
    else:
        for row in rows.reshape(-1, rows.shape[-1]):
            results.append(func1d(row, *args, **kwargs))
        flat = np.stack(results)
        stacked = flat.reshape(*rest, *flat.shape[1:])
    return _results_along(stacked, len(rest), axis)


def _results_along(stacked: Any, count: int, axis: int) -> Any:
    """The axes of what each call returned stand where the axis was, and not at the end."""
    added = stacked.ndim - count
    start = axis % (count + 1)
    if added == 0 or start == count:
        return stacked
    return np.moveaxis(
        stacked,
        tuple(range(count, count + added)),
        tuple(range(start, start + added)),
    )


def apply_over_axes(func: Function, a: Any, axes: Any) -> Any:
    """As ``np.apply_over_axes``."""
    return _over(func, np.asarray(a), axes if isinstance(axes, tuple | list) else (axes,))


def _over(func: Function, value: Any, axes: Any) -> Any:
    if len(axes) == 0:
        return value
    result = func(value, axes[0])
    if result.ndim < value.ndim:
        result = np.expand_dims(result, axes[0])
    return _over(func, result, axes[1:])


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """As ``np.piecewise``."""
    tests = list(condlist)
    if np.ndim(x) == 0:
        return np.asarray(_one_piece(x, tests, funclist, args, kw))
    if len(funclist) == len(tests) + 1:
        covered = tests[0]
        for test in tests[1:]:
            covered = covered | test
        tests = [*tests, ~covered]
    y = np.zeros_like(x)
    for test, function in zip(tests, funclist, strict=True):
        if callable(function):
            y[test] = function(x[test], *args, **kw)
        else:
            y[test] = function
    return y


def shown_at(x: Any, places: Any, axis: int) -> Any:
    """As ``np.take(x, places, axis)``, if that were a view of `x`."""
    return np.take(x, places, axis=axis)


def _one_piece(x: Any, tests: Any, funclist: Any, args: Any, kw: Any) -> Any:
    """The value at one place, that of the last test that holds."""
    value = 0.0 * x
    if len(funclist) == len(tests) + 1:
        function = funclist[-1]
        value = function(x, *args, **kw) if callable(function) else function + 0.0 * x
    for test, function in zip(tests, funclist[: len(tests)], strict=True):
        if test:
            value = function(x, *args, **kw) if callable(function) else function + 0.0 * x
    return value


def windows(
    x: Any, window_shape: Any, axis: Any = None, *, subok: Any = False, writeable: Any = False
) -> Any:
    """As ``np.lib.stride_tricks.sliding_window_view``, of which nothing is written."""
    x = np.asarray(x)
    rank = np.ndim(x)
    sizes = window_shape if isinstance(window_shape, tuple | list) else (window_shape,)
    axes = axis if isinstance(axis, tuple | list) else [*range(rank)] if axis is None else [axis]
    for size, along in zip(sizes, axes, strict=True):
        along = along % rank
        if x.shape[along] < size:
            raise ValueError("window shape cannot be larger than input array shape")
        places = np.arange(x.shape[along] - size + 1)[:, None] + np.arange(size)
        x = np.moveaxis(shown_at(x, places, along), along + 1, -1)
    return x


def strided(
    x: Any, shape: Any = None, strides: Any = None, *, subok: Any = False, writeable: Any = True
) -> Any:
    """As ``np.lib.stride_tricks.as_strided``, of which nothing is written.

    What is read is counted from the first element, so that the elements must lie in their order.
    """
    x = np.asarray(x)
    if not x.flags.c_contiguous:
        raise ValueError("as_strided of an array that is not contiguous: give it a copy")
    sizes = x.shape if shape is None else shape if isinstance(shape, tuple | list) else (shape,)
    steps = x.strides if strides is None else strides
    steps = steps if isinstance(steps, tuple | list) else (steps,)
    rank, places = len(sizes), np.zeros(sizes, dtype=int)
    for axis in range(rank):
        if steps[axis] < 0:
            raise ValueError("as_strided that goes backwards: turn the array round, x[::-1]")
        along = np.arange(sizes[axis]) * (steps[axis] // x.itemsize)
        places = places + along.reshape((-1,) + (1,) * (rank - axis - 1))
    return np.broadcast_to(shown_at(x.reshape(-1), places, 0), sizes)


def numbered(x: Any) -> Any:
    """The number of each element, counted along the rows."""
    return np.arange(np.size(x)).reshape(np.shape(x))


def fromfunction(
    function: Function, shape: Any, *, dtype: Any = float, like: Any = None, **kwargs: Any
) -> Any:
    """As ``np.fromfunction``."""
    return function(*np.indices(shape, dtype=dtype), **kwargs)


# -- with brackets ---------------------------------------------------------------------------------


def row(*parts: Any) -> Any:
    """``np.r_[parts]``."""
    items = [_spaced(part) if _is_points(part) else part for part in parts]
    return np.concatenate([_as_row(item, items) for item in items], axis=0)


def columns(*parts: Any) -> Any:
    """``np.c_[parts]``."""
    items = [_spaced(part) if _is_points(part) else part for part in parts]
    return np.concatenate([_as_column(_as_row(item, items)) for item in items], axis=-1)


def _as_column(item: Any) -> Any:
    return np.reshape(item, (-1, 1)) if np.ndim(item) < 2 else item


def _as_row(item: Any, items: Any) -> Any:
    """An array of an axis at least; a number does not widen what it is joined to."""
    narrow = [each for each in items if hasattr(each, "dtype")]
    if isinstance(item, int | float) and narrow and all(_is_narrow(each) for each in narrow):
        return np.full(1, item, dtype=narrow[0].dtype)
    return np.atleast_1d(item)


def _is_narrow(item: Any) -> bool:
    return item.dtype in (np.float16, np.float32, np.complex64)


def _is_points(part: Any) -> bool:
    return isinstance(part, tuple) and len(part) == 4 and part[0] is POINTS


def _spaced(part: Any) -> Any:
    """The numbers of a slice; a complex step is their number."""
    _, start, stop, step = part
    start = 0 if start is None else start
    step = 1 if step is None else step
    if isinstance(step, complex):
        return np.linspace(start, stop, num=int(abs(step)))
    return np.arange(start, stop, step)


def _axis(part: Any) -> Any:
    """The numbers along an axis of a grid of several, as NumPy steps there."""
    _, start, stop, step = part
    start = 0 if start is None else start
    step = 1 if step is None else step
    if isinstance(step, complex):
        count = int(abs(step))
        return np.arange(count) * ((stop - start) / (count - 1)) + start
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int):
        return np.arange(start, stop, step)
    return np.arange(np.ceil((stop - start) / step)) * step + start


def full_grid(*parts: Any) -> Any:
    """``np.mgrid[parts]``."""
    if len(parts) == 1:
        return _line(parts[0])
    return np.stack(np.meshgrid(*[_axis(part) for part in parts], indexing="ij"))


def open_grid(*parts: Any) -> Any:
    """``np.ogrid[parts]``."""
    if len(parts) == 1:
        return _line(parts[0])
    return np.ix_(*[_axis(part) for part in parts])


def _line(part: Any) -> Any:
    return _axis(part) if isinstance(part[3], complex) else _spaced(part)


# -- parts of an array that is written: views, which the rule of ``np.split`` does not give --------


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """As ``np.split``."""
    if not isinstance(indices_or_sections, int):
        return _parts(ary, (0, *indices_or_sections, ary.shape[axis]), axis)
    count = ary.shape[axis]
    if count % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    starts = _starts(count // indices_or_sections, None, indices_or_sections, 1)
    return _parts(ary, (0, *starts, count), axis)


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """As ``np.array_split``."""
    if not isinstance(indices_or_sections, int):
        return split(ary, indices_or_sections, axis)
    count = ary.shape[axis]
    each, more = count // indices_or_sections, count % indices_or_sections
    return _parts(ary, (0, *_starts(each, more, indices_or_sections, 1), count), axis)


def _starts(each: Any, more: Any, sections: int, k: int) -> Any:
    """Where parts from number `k` on start; the first `more` of them are longer by one."""
    if k == sections:
        return ()
    start = each if k == 1 else k * each
    if more is not None:
        start = start + min(k, more)
    return (start, *_starts(each, more, sections, k + 1))


def _parts(ary: Any, bounds: Any, axis: int) -> Any:
    before = (slice(None),) * (axis % ary.ndim)
    parts = []
    for start, stop in pairwise(bounds):
        part = slice(start, stop)
        parts.append(ary[part] if len(before) == 0 else ary[(*before, part)])
    return parts


def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As ``np.hsplit``."""
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As ``np.vsplit``."""
    return split(ary, indices_or_sections, 0)


def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As ``np.dsplit``."""
    return split(ary, indices_or_sections, 2)


SPLITS: dict[Any, Function] = {
    np.split: split,
    np.array_split: array_split,
    np.hsplit: hsplit,
    np.vsplit: vsplit,
    np.dsplit: dsplit,
}


def tolist(a: Any) -> Any:
    """As ``a.tolist()`` of an array of several axes."""
    return [row.tolist() for row in a]

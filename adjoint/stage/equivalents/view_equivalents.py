"""Functions that show or change arrays, as calls of others of which that is followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from adjoint.ir.values import Array
from adjoint.stage.context import Stage
from adjoint.stage.equivalents.einsum_equivalents import with_subscripts
from adjoint.stage.equivalents.keyword_equivalents import with_keyword
from adjoint.stage.equivalents.numpy_equivalents import SPLITS, strided, windows
from adjoint.stage.values import NONE, Buffer, Static, Value, View

__all__ = ["in_other_words"]

Call = tuple[Callable[..., Any], list[Value]]


def _each_at_least_1d(*arys: Any) -> Any:
    return tuple([np.atleast_1d(each) for each in arys])


def _each_at_least_2d(*arys: Any) -> Any:
    return tuple([np.atleast_2d(each) for each in arys])


def _each_at_least_3d(*arys: Any) -> Any:
    return tuple([np.atleast_3d(each) for each in arys])


def _nan_to_num_in_place(
    x: Any, copy: bool, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    x[...] = np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
    return x


_OF_SEVERAL: dict[Any, Callable[..., Any]] = {
    np.atleast_1d: _each_at_least_1d,
    np.atleast_2d: _each_at_least_2d,
    np.atleast_3d: _each_at_least_3d,
}
#: What shows an array in other than its own shape.
_SHOWING: dict[Any, Callable[..., Any]] = {sliding_window_view: windows, as_strided: strided}


def in_other_words(
    stage: Stage, function: Any, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Call | None:
    """The call that does what another does, if that shows arrays that may be written, or writes.

    So too where a keyword makes a function another. It gets the same keywords.
    """
    equivalent = with_keyword(function, args, kwargs)
    if equivalent is not None:
        return equivalent, [*args]
    subscripts = with_subscripts(args) if function is np.einsum else None
    if subscripts is not None:
        return np.einsum, subscripts
    if function in _SHOWING and args:
        return _SHOWING[function], [*args]
    if function in SPLITS and args and isinstance(args[0], Buffer | View):
        return SPLITS[function], [*args]
    if function in _OF_SEVERAL and len(args) > 1:
        return _OF_SEVERAL[function], [*args]
    if function is np.nan_to_num and _is_false(kwargs.get("copy", (*args, NONE, NONE)[1])):
        type_ = stage.type(args[0])
        in_place = isinstance(type_, Array) and not type_.scalar
        return (_nan_to_num_in_place, [*args]) if in_place else None
    return None


def _is_false(value: Value) -> bool:
    return isinstance(value, Static) and value.value is False

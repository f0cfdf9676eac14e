"""A stand-in for the handles that rules meet at compile time.

An `Opaque` wraps a real value and offers what a handle offers: NumPy's functions, Python's
operators, indexing and a few attributes. All that needs the value itself (a test, a conversion, a
length) raises, so a rule that runs on it branches on static facts only.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

_STATIC = {np.ndim}  # functions that give a plain value also at compile time


def unwrapped(x: Any) -> Any:
    """`x` with every `Opaque` in it, at any depth of lists, tuples and slices, by its value."""
    if isinstance(x, Opaque):
        return x.value
    if type(x) in (list, tuple):
        return type(x)(map(unwrapped, x))
    if isinstance(x, slice):
        return slice(unwrapped(x.start), unwrapped(x.stop), unwrapped(x.step))
    if isinstance(x, dict):
        return {key: unwrapped(value) for key, value in x.items()}
    return x


def wrapped(x: Any) -> Any:
    """`x` with its floats and arrays opaque, at any depth of lists and tuples."""
    if type(x) in (list, tuple):
        return type(x)(map(wrapped, x))
    return Opaque(x) if isinstance(x, (float, complex, np.ndarray, np.generic)) else x


class Opaque(np.lib.mixins.NDArrayOperatorsMixin):
    """A value that can be computed with and not looked at."""

    __array_priority__ = 1000

    def __init__(self, value: Any) -> None:
        self.value = value

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return _opaque(getattr(ufunc, method)(*unwrapped(inputs), **unwrapped(keywords)))

    def __array_function__(
        self, fun: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        result = fun(*unwrapped(args), **unwrapped(kwargs))
        if fun in _STATIC:
            return result
        return Lengths(result) if fun is np.shape else _opaque(result)

    def astype(self, dtype: Any) -> Any:
        return Opaque(np.asarray(self.value).astype(dtype)[()])

    def __getitem__(self, index: Any) -> Any:
        return _opaque(self.value[unwrapped(index)])

    @property
    def shape(self) -> Lengths:
        return Lengths(self.value.shape)

    @property
    def ndim(self) -> int:
        return np.ndim(self.value)

    @property
    def size(self) -> Any:
        return Opaque(self.value.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.asarray(self.value).dtype

    @property
    def T(self) -> Any:  # noqa: N802 (NumPy's name)
        return Opaque(self.value.T)

    def __bool__(self) -> bool:
        raise AssertionError("a rule may not branch on a value that is not known at compile time")

    def _hidden(self, *_: Any) -> Any:
        raise AssertionError("a rule may not look at a value that is not known at compile time")

    __int__ = __float__ = __index__ = __len__ = __iter__ = __array__ = _hidden


class Lengths(tuple[Any, ...]):
    """The shape of an `Opaque`: passed on whole, or read by a static index."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Lengths(tuple.__getitem__(self, index))
        return Length(tuple.__getitem__(self, index))


class Length(Opaque):
    """One length: compared with another or with a number, it answers."""

    def __ge__(self, other: Any) -> Any:
        return self._answer(operator.ge, other)

    def __gt__(self, other: Any) -> Any:
        return self._answer(operator.gt, other)

    def __le__(self, other: Any) -> Any:
        return self._answer(operator.le, other)

    def __lt__(self, other: Any) -> Any:
        return self._answer(operator.lt, other)

    def _answer(self, compare: Callable[[Any, Any], Any], other: Any) -> Any:
        found = compare(self.value, unwrapped(other))
        return bool(found) if isinstance(other, int | Length) else Opaque(found)


def _opaque(result: Any) -> Any:
    if isinstance(result, (list, tuple)):
        return type(result)(map(_opaque, result)) if type(result) in (list, tuple) else result
    return Opaque(result)

"""Small values in the place of what is known at run time only, on which operations are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations_with_replacement
from typing import Any

import numpy as np

from adjoint.ir.lengths import ONE, Length, Symbol
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.values import Array, DictOf, ListOf, Maybe, Scalar, TupleOf, Type

__all__ = [
    "FIRST",
    "SECOND",
    "Sizes",
    "combined",
    "identity",
    "lengths_of",
    "lists_in",
    "number_of",
    "sizes_of_symbols",
    "specimen",
    "specimen_of",
    "third_run",
]

#: The smallest length in two runs with different lengths, and what is between two lengths of one.
FIRST, SECOND, GAP = 7, 12, 3

_NUMBERS = {"bool": True, "float": 0.7, "complex": 0.7 + 0.2j}


@dataclass(frozen=True, slots=True)
class Sizes:
    """The lengths of specimens: of an axis, and of lists; `zeros` makes 0 of whole numbers.

    `values` asks for others than the usual ones: for those "rising" from element to element, floats
    between 0 and 1, as edges and shares are; or for "other" whole numbers and masks.
    """

    of_axis: Callable[[Length], int]
    of_lists: int
    zeros: bool
    values: str = ""


def sizes_of_symbols(lengths: Sequence[Length], start: int) -> dict[Symbol, int]:
    """A size for each symbol in some lengths, from `start` on; different runs start elsewhere."""
    symbols = sorted({symbol for axis in lengths for symbol, _ in axis.terms})
    if start != FIRST:  # in the other order, so that the smaller of two is not always one
        symbols.reverse()
    taken = {s for axis in lengths for s, c in axis.terms if c < 0}
    small = [symbol for symbol in symbols if symbol in taken]  # from others: counters of loops
    values = {symbol: 2 + i for i, symbol in enumerate(small)}
    others = [symbol for symbol in symbols if symbol not in taken]
    values |= {s: start + len(small) + GAP * i for i, s in enumerate(others)}
    smallest = min((axis.evaluate(values) for axis in lengths if axis.terms), default=2)
    lift = max(0, 2 - smallest)
    values = {symbol: value + lift for symbol, value in values.items()}
    for i, symbol in enumerate(small):  # what is taken from a number is larger below zero
        taken_from = [axis for axis in lengths if symbol in dict(axis.terms)]
        if any(axis.evaluate(values) < 2 for axis in taken_from):
            values[symbol] = -start - GAP * i
    return values


def lengths_of(value: Type) -> Iterator[Length]:
    """The lengths in an abstract value."""
    match value:
        case Scalar("int", length) if length is not None:
            yield length
        case Array(_, shape) if shape is not None:
            yield from shape
        case ListOf(item) if item is not None:
            yield from lengths_of(item)
        case TupleOf(items):
            yield from chain.from_iterable(map(lengths_of, items))
        case Maybe(inner):
            yield from lengths_of(inner)


def specimen(operand: Operand, sizes: Sizes) -> Any:
    """A value for an operand.

    Raises
    ------
    TypeError
        If there is none.
    """
    match operand:
        case Const(value):
            return value
        case Var():
            return _of_type(operand.type, sizes)
        case Pack("tuple", items):
            return tuple(specimen(item, sizes) for item in items)
        case Pack("list", items):
            return [specimen(item, sizes) for item in items]
        case Pack("dict", items, keys):
            pairs = zip(keys, items, strict=True)
            return {specimen(k, sizes): specimen(v, sizes) for k, v in pairs}
        case SliceOf(start, stop, step):
            return slice(*(specimen(part, sizes) for part in (start, stop, step)))
        case _:
            raise TypeError("no specimen")


def _of_type(value: Type, sizes: Sizes) -> Any:
    match value:
        case Scalar("int", length):
            usual = 2 if sizes.values == "other" else 0
            return usual if length is None or sizes.zeros else sizes.of_axis(length)
        case Scalar(kind):
            return _NUMBERS[kind]
        case Array(dtype, shape, scalar):
            assert shape is not None, "an array of unknown rank has no specimen"
            lengths = tuple(max(sizes.of_axis(axis), 0) for axis in shape)
            made = _MADE.get(sizes.values, specimen_array)(dtype, lengths)
            return made[()] if scalar else made
        case ListOf(item):
            assert item is not None, "a list of unknown items has no specimen"
            return [_of_type(item, sizes) for _ in range(sizes.of_lists)]
        case TupleOf(items):
            return tuple(_of_type(item, sizes) for item in items)
        case Maybe(inner):
            return _of_type(inner, sizes)
        case _:
            raise TypeError("no specimen")


def number_of(value: Scalar) -> complex:
    """A small number of this kind; an integer that is a length is 1."""
    if value.kind == "int":
        return 0 if value.length is None else 1
    return _NUMBERS[value.kind]


def specimen_of(value: Type) -> Any:
    """A small value of this kind, of which types and attributes may be asked.

    >>> specimen_of(Scalar("float"))
    0.7
    """
    match value:
        case Array(dtype, shape, scalar):
            made = specimen_array(dtype, (1,) * len(shape or ()))
            return made[()] if scalar else made
        case Scalar(kind):
            return 1 if kind == "int" else _NUMBERS[kind]
        case ListOf():
            return []
        case DictOf():
            return {}
        case _:
            return None


@lru_cache(maxsize=512)
def specimen_array(dtype: np.dtype[Any], sizes: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """A small array of tame values: between 0.3 and 0.8, zeros and ones, or True and False."""
    count = int(np.prod(sizes, dtype=int))
    ramp = np.arange(count)
    made = 0.3 + 0.5 * ((ramp * 0.37) % 1.0) if dtype.kind in "fc" else ramp % 2
    made = made.reshape(sizes)
    if dtype.kind in "fc" and len(sizes) > 1 and sizes[-1] == sizes[-2]:
        # Positive definite, for linear algebra.
        made = (made + np.swapaxes(made, -1, -2)) / (4 * sizes[-1]) + np.eye(sizes[-1])
    array = made.astype(dtype)
    array.flags.writeable = False
    return array


def _rising(dtype: np.dtype[Any], lengths: tuple[int, ...]) -> np.ndarray[Any, Any]:
    count = int(np.prod(lengths, dtype=int))
    ramp = np.arange(1, count + 1)
    made = (ramp / (count + 1) if dtype.kind in "fc" else ramp).reshape(lengths)
    if dtype.kind in "iu" and len(lengths) > 1 and lengths[-1] == lengths[-2]:
        made = made + count * np.eye(lengths[-1], dtype=int)  # not singular
    return made.astype(dtype)


def _other(dtype: np.dtype[Any], lengths: tuple[int, ...]) -> np.ndarray[Any, Any]:
    usual = specimen_array(dtype, lengths)
    return np.ones_like(usual) if dtype.kind == "b" else usual + 2 * (dtype.kind in "iu")


#: What makes the arrays of other values than the usual ones.
_MADE: dict[str, Callable[..., Any]] = {"rising": _rising, "other": _other}


# -- lengths, told from those of specimens ---------------------------------------------------------


def combined(
    lengths: Sequence[Length], runs: Sequence[Mapping[Symbol, int]], sizes: list[int]
) -> Length | None:
    """The sum or difference of two of some lengths that had these sizes, as convolutions have."""
    for a, b in combinations_with_replacement(lengths, 2):
        for candidate in (a + b, a + b - ONE, a - b + ONE, b - a + ONE):
            if [candidate.evaluate(values) for values in runs] == sizes:
                return candidate
    return None


def third_run(values: Mapping[Symbol, int]) -> dict[Symbol, int]:
    """Larger sizes, with other differences."""
    return {symbol: 2 * size + 5 * k for k, (symbol, size) in enumerate(values.items())}


def lists_in(operand: Operand) -> Iterator[Pack]:
    """The displays of lists in an operand: NumPy makes arrays of them."""
    if isinstance(operand, Pack):
        if operand.kind == "list":
            yield operand
        yield from chain.from_iterable(map(lists_in, operand.items))


def identity(operand: Operand) -> object:
    """What a data-dependent length may depend on: the variables themselves."""
    match operand:
        case Var(number):
            return number
        case Const(value):
            return repr(value)
        case Pack(kind, items):
            return (kind, tuple(map(identity, items)))
        case SliceOf(start, stop, step):
            return tuple(map(identity, (start, stop, step)))
        case _:
            return None

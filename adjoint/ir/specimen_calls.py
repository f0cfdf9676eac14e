"""One call on specimens, made twice with different lengths: the abstract value of its result."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import MATRIX_PRODUCTS
from adjoint.ir.elements import quiet
from adjoint.ir.filter_shapes import filtered_place
from adjoint.ir.lengths import Facts, Length, Symbol
from adjoint.ir.matrix_shapes import PART_SHAPES
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.shapes import AT_PLACES, COUNTS, SELECTING
from adjoint.ir.specimens import (
    FIRST,
    SECOND,
    Sizes,
    combined,
    identity,
    lengths_of,
    lists_in,
    sizes_of_symbols,
    specimen,
    third_run,
)
from adjoint.ir.values import OPAQUE, UNKNOWN, Array, Scalar, TupleOf, Type, shape_of
from adjoint.ir.walk import operand_vars

__all__ = ["Keywords", "SpecimenCalls"]

_METHOD = type(np.ndarray.astype)  # a method of arrays, which NumPy's scalars have as well

#: How many elements the specimens of one call may have.
LARGEST = 1e6

#: Functions that make as many numbers as they are told.
SPACES = frozenset({np.linspace, np.logspace, np.geomspace})

Keywords = Sequence[tuple[str, Operand]]


class SpecimenCalls:
    """One call on specimens, made twice with different lengths."""

    def __init__(
        self, function: Callable[..., Any], args: Sequence[Operand], kwargs: Keywords, facts: Facts
    ) -> None:
        self.function, self.args, self.kwargs, self.facts = function, args, kwargs, facts
        self.lengths = self._lengths_of_operands()
        self.runs = [sizes_of_symbols(self.lengths, start) for start in (FIRST, SECOND)]
        self.error: Exception | None = None
        self.unit = False  # every axis of length 1: enough where the shape is known already
        self.values = ""  # the usual ones

    def _lengths_of_operands(self) -> list[Length]:
        operands = (*self.args, *(value for _, value in self.kwargs))
        found: dict[Length, None] = {}
        for variable in chain.from_iterable(map(operand_vars, operands)):
            for axis in lengths_of(variable.type):
                found.setdefault(self.facts.canonical(axis))
        for pack in chain.from_iterable(map(lists_in, operands)):
            found.setdefault(Length(len(pack.items)))
        return list(found)

    def result(self, shape: tuple[Length, ...] | None) -> Type:
        """The abstract value of the call.

        Where the specimens do not fit together, lengths that are equal in the example call are
        taken to be equal; where that is not enough, all are, and only dtype and rank are found.
        """
        found = self._results()
        if self.unit and not found:  # as of a filter whose origin is not the middle
            self.unit = False
            found = self._results()
        results = found or (self._equate() and self._results())
        results = results or (self._pin() and self._results())
        if results:
            return self._abstract(results, shape)
        self.runs = [dict.fromkeys(values, 12 * (i + 1)) for i, values in enumerate(self.runs)]
        self.lengths = []
        results = self._results()
        return self._abstract(results, shape) if results else self._outside(shape)

    def _outside(self, shape: tuple[Length, ...] | None) -> Type:
        """Where the specimens are outside of its domain, a function of ``math`` returns a float.

        So are signals that are too short for a filter, and matrices that may not fit together.
        """
        if self.function in MATRIX_PRODUCTS and len(self.args) == 2 and not self.kwargs:
            return self._product()
        if shape is not None and filtered_place(self.function) is not None:
            types = [type_of(a) for a in self.args]
            dtypes = [t.dtype for t in types if isinstance(t, Array) and t.dtype.kind in "fc"]
            return Array(np.result_type(*dtypes), shape) if dtypes else UNKNOWN
        is_outside = isinstance(self.error, ValueError)
        is_math = getattr(self.function, "__module__", "") == "math"
        return Scalar("float") if is_outside and is_math else UNKNOWN

    def _product(self) -> Type:
        """A product of matrices and vectors: whether they fit together, is seen where it runs."""
        types = [strip(type_of(a)) for a in self.args]
        shapes = [shape_of(t) for t in types]
        dtypes = [t.dtype for t in types if isinstance(t, Array)]
        if len(dtypes) < 2 or any(shape is None or len(shape) not in (1, 2) for shape in shapes):
            return UNKNOWN
        first, second = (shape or () for shape in shapes)
        shape = (*first[:-1], *second[1:])
        return Array(np.result_type(*dtypes), shape, not shape)

    def _results(self) -> list[Any]:
        try:
            with quiet():
                return [self._run(values) for values in self.runs]
        except Exception as error:  # it may not be raised on real values
            self.error = error
        if self.values or not isinstance(self.error, ValueError):
            return []
        self.values = "rising"  # as edges of bins must be
        found = self._results()
        self.values = ""
        return found

    def _pin(self) -> bool:
        """Assume the lengths of the example call themselves; whether there is one for each."""
        if not self.lengths or not all(axis.has_example for axis in self.lengths):
            return False
        if np.prod([max(axis.evaluate(), 1) for axis in self.lengths], dtype=float) > LARGEST:
            return False
        for axis in self.lengths:
            self.facts.equal(axis, Length(axis.evaluate()))
        self.lengths = self._lengths_of_operands()
        self.runs = [sizes_of_symbols(self.lengths, start) for start in (FIRST, SECOND)]
        if not self._results():
            self.facts.failure = self.error
        return True

    def _equate(self) -> bool:
        """Assume equal what is equal in the example; whether anything new was assumed."""
        before = len(self.facts.conditions)
        for first, second in itertools.combinations(self.lengths, 2):
            difference = self.facts.canonical(first - second)
            if difference.has_example and difference.evaluate() == 0:
                self.facts.equal(first, second)
        if len(self.facts.conditions) == before:
            return False
        self.lengths = self._lengths_of_operands()
        self.runs = [sizes_of_symbols(self.lengths, start) for start in (FIRST, SECOND)]
        return True

    def _run(self, values: Mapping[Symbol, int]) -> Any:
        args = [self._specimen(a, values) for a in self.args]
        kwargs = {name: self._specimen(a, values) for name, a in self.kwargs}
        if isinstance(self.function, _METHOD) and args and isinstance(args[0], np.generic):
            return getattr(args[0], self.function.__name__)(*args[1:], **kwargs)
        return self.function(*args, **kwargs)

    def _specimen(self, operand: Operand, values: Mapping[Symbol, int]) -> Any:
        sizes = Sizes(
            lambda axis: self._size(axis, values),
            101 if values is self.runs[0] else 103,  # no other length is as large
            self.function is operator.getitem,
            self.values,
        )
        return specimen(operand, sizes)

    def _size(self, axis: Length, values: Mapping[Symbol, int]) -> int:
        return 1 if self.unit else self.facts.canonical(axis).evaluate(values)

    def _abstract(self, results: list[Any], shape: tuple[Length, ...] | None) -> Type:
        first = results[0]
        if len({type(r) for r in results}) > 1:
            return UNKNOWN
        if isinstance(first, tuple | list):
            if len({len(r) for r in results}) > 1:
                return OPAQUE
            return self._tuple(results)
        if isinstance(first, np.generic):
            return Array(first.dtype, (), True)
        if isinstance(first, np.ndarray):
            return self._array(results, shape)
        kind = type(first).__name__
        if kind == "int":
            counts = self.function in COUNTS
            return Scalar("int", self._length(results, ("int", self._key(), 0)) if counts else None)
        return Scalar(kind) if kind in ("bool", "float", "complex") else OPAQUE

    def _tuple(self, results: list[Any]) -> Type:
        parts = [list(part) for part in zip(*results, strict=True)]
        shapes = _part_shapes(self.function, self.args, self.kwargs, self.facts)
        shapes = shapes or (None,) * len(parts)
        items = [self._abstract(part, shape) for part, shape in zip(parts, shapes, strict=True)]
        return TupleOf(tuple(items), type(results[0]))

    def _array(self, results: list[Any], shape: tuple[Length, ...] | None) -> Type:
        if len({(r.dtype, r.ndim) for r in results}) > 1:
            return UNKNOWN
        if shape is None or len(shape) != results[0].ndim:
            axes = zip(*(r.shape for r in results), strict=True)
            shape = tuple(
                self._length(list(sizes), (self._key(), axis)) for axis, sizes in enumerate(axes)
            )
            shape = self._whatever_values(self._confirmed(shape), results[1].shape)
            if self._selects():
                shape = tuple(self.facts.fresh((self._key(), axis)) for axis in range(len(shape)))
        return Array(results[0].dtype, shape)

    def _confirmed(self, shape: tuple[Length, ...]) -> tuple[Length, ...]:
        """`shape`, but for lengths that were equal in two runs and are others in a third."""
        if not self.lengths or not any(axis.known for axis in shape):
            return shape
        try:
            with quiet():
                found = self._run(third_run(self.runs[1]))
        except Exception:  # no specimens of these lengths
            return shape
        if not isinstance(found, np.ndarray) or found.ndim != len(shape):  # one of several parts
            return shape
        return tuple(
            self.facts.fresh((self._key(), axis)) if n.known and n.const != size else n
            for axis, (n, size) in enumerate(zip(shape, found.shape, strict=True))
        )

    def _whatever_values(
        self, shape: tuple[Length, ...], sizes: tuple[int, ...]
    ) -> tuple[Length, ...]:
        """`shape`, but for lengths that are others where whole numbers and masks are others.

        ``np.zeros(counts[k])`` is as long as a number says that is read at run time.
        """
        operands = (*self.args, *(value for _, value in self.kwargs))
        types = (variable.type for variable in chain.from_iterable(map(operand_vars, operands)))
        if not any(map(_counts, types)):
            return shape
        self.values = "other"
        found = next(iter(self._results()[1:]), None)
        self.values = ""
        if not isinstance(found, np.ndarray) or found.ndim != len(shape):
            return shape
        return tuple(
            self.facts.fresh((self._key(), axis)) if size != other else n
            for axis, (n, size, other) in enumerate(zip(shape, sizes, found.shape, strict=True))
        )

    def _selects(self) -> bool:
        """Whether the lengths of the result depend on values, which specimens do not know."""
        if self.function in SPACES:
            count = dict(self.kwargs).get("num", (*self.args, *(3 * [Const(50)]))[2])
            return isinstance(count, Var) and isinstance(count.type, Array)
        if self.function not in AT_PLACES:
            marked = hasattr(self.function, "__adjoint_selects__")  # it stands for a function
            return marked or self.function in SELECTING
        types = [v.type for operand in self.args[1:2] for v in operand_vars(operand)]
        kinds = AT_PLACES[self.function]
        return any(isinstance(t, Array) and t.dtype.kind in kinds for t in types)

    def _fits(self) -> bool:
        """Whether the specimens could have the lengths that all of their axes were to have."""
        operands = (*self.args, *(value for _, value in self.kwargs))
        types = (variable.type for variable in chain.from_iterable(map(operand_vars, operands)))
        axes = [axis for t in types if isinstance(t, Array) for axis in t.shape or ()]
        return all(self._size(axis, values) >= 0 for axis in axes for values in self.runs)

    def _length(self, sizes: list[int], key: object) -> Length:
        if not self._fits():
            return self.facts.fresh(key)
        for candidate in self.lengths:
            if [candidate.evaluate(values) for values in self.runs] == sizes:
                return candidate
        if len(set(sizes)) == 1:
            return Length(sizes[0])
        return combined(self.lengths, self.runs, sizes) or self.facts.fresh(key)

    def _key(self) -> object:
        operands = (*self.args, *(value for _, value in self.kwargs))
        return (
            self.function,
            tuple(identity(a) for a in operands),
            tuple(k for k, _ in self.kwargs),
        )


def _counts(value: Type) -> bool:
    """Whether a value may be or hold a whole number, or a mask, that says how long a result is."""
    if isinstance(value, Array):
        return value.dtype.kind in "biu"
    return value == Scalar("int")


def _part_shapes(
    function: Callable[..., Any], args: Sequence[Operand], kwargs: Keywords, facts: Facts
) -> tuple[tuple[Length, ...] | None, ...] | None:
    """The shapes of the parts of a result that is a tuple, where there is a rule for them."""
    rule = PART_SHAPES.get(function)
    try:
        return None if rule is None else rule(facts, *args, **dict(kwargs))
    except (TypeError, IndexError, ValueError):  # a call that NumPy refuses as well
        return None

"""``np.vectorize``, read as a class that calls its function in a loop over the elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.rules.registry import instead

__all__ = ["Vectorized"]

Function = Callable[..., Any]


class Vectorized:
    """What ``np.vectorize(pyfunc, otypes, excluded=…, signature=…)`` makes."""

    def __init__(
        self,
        pyfunc: Any = None,
        otypes: Any = None,
        doc: Any = None,
        excluded: Any = None,
        cache: Any = False,
        signature: Any = None,
    ) -> None:
        self.pyfunc = pyfunc
        self.otypes = otypes
        self.excluded = () if excluded is None else excluded
        self.signature = signature

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function for each element of the arguments, broadcast together."""
        if self.pyfunc is None:  # it is a decorator
            return Vectorized(
                args[0], self.otypes, excluded=self.excluded, signature=self.signature
            )
        if not kwargs and not self.excluded:
            return self._called(self.pyfunc, args)
        places = [k for k in range(len(args)) if k not in self.excluded]
        names = [name for name in kwargs if name not in self.excluded]

        def function(*row: Any) -> Any:
            given = [*args]
            for k, value in zip(places, row[: len(places)], strict=True):
                given[k] = value
            named = {**kwargs, **dict(zip(names, row[len(places) :], strict=True))}
            return self.pyfunc(*given, **named)

        varied = [*[args[k] for k in places], *[kwargs[name] for name in names]]
        return self._called(function, varied)

    def _called(self, function: Function, args: Any) -> Any:
        if self.signature is not None:
            return _over_parts(function, args, _core_ranks(self.signature), self.otypes)
        if len(args) == 0:
            return function()
        arrays = [np.asarray(args[0])] if len(args) == 1 else np.broadcast_arrays(*args)
        rows = [np.ravel(each) for each in arrays]
        return _mapped(function, rows, arrays[0].shape, self.otypes)


def _core_ranks(signature: str) -> Any:
    """How many axes each argument of a function hands over: ``(m,n),(n)->()`` says 2 and 1."""
    parts = [part.split("(")[1] for part in signature.split("->")[0].split(")")[:-1]]
    return [len(part.split(",")) if part.strip() else 0 for part in parts]


def _over_parts(function: Function, args: Any, ranks: Any, otypes: Any) -> Any:
    """The function of the parts of the arguments that their last axes make."""
    arrays = [np.asarray(each) for each in args]
    counts = [np.ndim(each) - rank for each, rank in zip(arrays, ranks, strict=True)]
    repeated = [k for k in range(len(arrays)) if counts[k] > 0]
    if len(repeated) == 0:
        return _results([function(*arrays)], (), otypes)
    shape = arrays[repeated[0]].shape[: counts[repeated[0]]]
    if len(repeated) > 1:
        corners = [arrays[k][(..., *(0,) * ranks[k])] for k in repeated]
        shape = np.broadcast_arrays(*corners)[0].shape
    rows = []
    for each, n in zip(arrays, counts, strict=True):
        core = each.shape[n:]
        is_whole = n > 0 and len(repeated) == 1
        whole = each if is_whole else np.broadcast_to(each, (*shape, *core))
        rows.append(whole if len(shape) == 1 else whole.reshape((-1, *core)))
    return _mapped(function, rows, shape, otypes)


def _mapped(function: Function, rows: Any, shape: Any, otypes: Any) -> Any:
    results = []
    for row in zip(*rows, strict=True):
        results.append(function(*row))
    return _results(results, shape, otypes)


def _results(results: Any, shape: Any, otypes: Any) -> Any:
    if otypes is None:
        kinds = [None] * len(results[0]) if isinstance(results[0], tuple) else [None]
    else:
        kinds = [*otypes]
    if len(kinds) == 1:
        return _array(results, shape, kinds[0])
    columns = zip(*results, strict=True)
    return tuple(_array(column, shape, kind) for column, kind in zip(columns, kinds, strict=True))


def _array(results: Any, shape: Any, dtype: Any) -> Any:
    made = np.array(results) if dtype is None else np.array(results, dtype=dtype)
    return made.reshape((*shape, *made.shape[1:]))


def _of_given(vectorized: Any, *args: Any, **kwargs: Any) -> Any:
    """The call of one that came in."""
    read = Vectorized(
        vectorized.pyfunc,
        vectorized.otypes,
        excluded=vectorized.excluded,
        signature=vectorized.signature,
    )
    return read(*args, **kwargs)


instead(np.vectorize, Vectorized)
instead(np.vectorize.__call__, _of_given)

"""Python's builtins and `functools` that make functions, methods and classes of others."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.ir.lists import TO_LIST
from adjoint.ir.nodes import Var
from adjoint.ir.operands import strip, type_of_constant
from adjoint.ir.ops import method
from adjoint.ir.values import Array, ListOf, Scalar, rank
from adjoint.stage.arrays.buffers import list_made
from adjoint.stage.calls.native_iterables import Native, all_static
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.equivalents import (
    container_equivalents,
    iterator_equivalents,
    numpy_equivalents,
)
from adjoint.stage.lists.new_heaps import heap_if_asked
from adjoint.stage.objects.class_definitions import in_class
from adjoint.stage.operations import static_call, write
from adjoint.stage.values import (
    DictValue,
    ListValue,
    PartialValue,
    Poison,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["FUNCTIONS", "call_cached", "property_method"]


def _partial(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    return PartialValue(args[0], tuple(args[1:]), dict(kwargs))
    yield


def _same(*args: Any, **kwargs: Any) -> Any:
    """What ``functools.wraps(f)`` returns, where only names and documentation are copied."""
    return args[0]


def _wraps(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    return Static(_same)
    yield


def _first(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    return args[0]
    yield


def _on_class(make: Callable[..., Any]) -> Native:
    """What makes of a function in the body of a class something else: ``@property``."""

    def native(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
        return Static(make(*map(in_class, args)))
        yield

    return native


def _dataclass(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    if not args:
        return PartialValue(Static(dataclasses.dataclass), (), dict(kwargs))
    if not all_static(args, kwargs):
        return NotImplemented
    return static_call(stage, frame, node, dataclasses.dataclass, args, kwargs)
    yield


def _field(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    return Static(dataclasses.field(**{name: in_class(value) for name, value in kwargs.items()}))
    yield


def _namedtuple(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    """``collections.namedtuple``: the class is made now, as others in the function are."""
    known = [_as_known(stage, frame, node, value) for value in args]
    named = {name: _as_known(stage, frame, node, value) for name, value in kwargs.items()}
    named.setdefault("module", Static(frame.bindings.globals.get("__name__")))
    return static_call(stage, frame, node, collections.namedtuple, known, named)
    yield


def _as_known(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Static:
    """A text, a number, or a list or tuple of such."""
    match stage.need_static(value):
        case Static() as known:
            return known
        case TupleValue(items) | ListValue(slots={"items": items}):
            return Static([_as_known(stage, frame, node, item).value for item in items])
        case _:
            stage.refuse(
                frame, node, "the fields of a namedtuple are known at run time only",
                "define the class outside",
            )  # fmt: skip


def call_cached(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A function from outside with a cache: what it returns for constants is read at each call.

    It is followed where a derivative may pass through it, and called as it is for whole numbers.
    """
    given = [_settled(stage, value) for value in args]
    named = {name: _settled(stage, value) for name, value in kwargs.items()}
    if not all_static(given, named):
        is_of_numbers = all(_is_whole(stage, v) for v in (*given, *named.values()))
        return (
            NotImplemented
            if is_of_numbers
            else (yield stage.call(frame, node, Static(held.__wrapped__), args, kwargs))
        )
    plain = [value.value for value in given if isinstance(value, Static)]
    words = {name: value.value for name, value in named.items() if isinstance(value, Static)}
    try:
        held(*plain, **words)
    except Exception as error:  # whatever the function raises
        raise PrimalRaises(error, stage.place(frame, node)) from error
    key = ("cached", id(held), tuple(plain), tuple(words.items()))
    return stage.inputs.external(key, held.__name__, lambda: held(*plain, **words))


def _settled(stage: Stage, value: Value) -> Value:
    """A number or length that came in as it is now; the index of a loop need not be known."""
    keys = stage.origins.get(value, ()) if isinstance(value, Var) else ()
    came_in = bool(keys) and all(key[0] in ("static", "length") for key in keys)
    return stage.need_static(value) if came_in else value


def _is_whole(stage: Stage, value: Value) -> bool:
    type_ = stage.type(value)
    return isinstance(value, Static) or (
        isinstance(type_, Scalar) and type_.kind in ("int", "bool")
    )


def _cache(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    """``functools.cache``, and ``lru_cache`` with and without arguments."""
    match args:
        case [Static(held)] if callable(held):  # a function from outside, which Python can keep
            return NotImplemented
        case [] | [Static()]:  # lru_cache(maxsize)
            return Static(functools.cache)
    return PartialValue(Static(_remembered), (args[0], DictValue({"items": {}})), {})
    yield


def _remembered(*args: Any) -> None:
    """A call of a function that keeps its results: see `_call_remembered`."""


def _call_remembered(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    function, known, *rest = args
    assert isinstance(known, DictValue), "a cache is made with its function"
    rest = [_known_if_possible(stage, value) for value in rest]
    kwargs = {name: _known_if_possible(stage, value) for name, value in kwargs.items()}
    if not all_static(rest, kwargs):
        stage.refuse(
            frame, node, "a function with a cache is called with values known at run time only",
            "define it without the cache, or call it with constants",
        )  # fmt: skip
    values = tuple(v.value for v in rest if isinstance(v, Static))
    named = tuple((k, v.value) for k, v in kwargs.items() if isinstance(v, Static))
    key = (values, named)
    if key not in known.slots["items"]:
        found = yield stage.call(frame, node, function, rest, kwargs)
        stage.trail.set(known, "items", {**known.slots["items"], key: found})
    return known.slots["items"][key]


def _known_if_possible(stage: Stage, value: Value) -> Value:
    """A value as a `Static`, by starting again where that has not been tried."""
    keys = stage.origins.get(value, ()) if isinstance(value, Var) else ()
    is_open = isinstance(value, Poison) or any(key not in stage.decisions for key in keys)
    return stage.need_static(value) if is_open else value


def _instead(cls: Any) -> Native:
    def native(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        return (yield stage.call(frame, node, Static(cls), args, kwargs))

    return native


def _items_of_arrays(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Any:
    """``np.nditer``, of which what is written through its items is not followed."""
    if len(args) > 2 or "op_flags" in kwargs:
        stage.refuse(
            frame, node, "np.nditer hands out items through which arrays are written",
            "write for i in np.ndindex(x.shape): x[i] = …",
        )  # fmt: skip
    return NotImplemented
    yield


def _new_array(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    """``np.ndarray(shape, dtype)``: an array with nothing in it yet."""
    if len(args) > 2 or not set(kwargs) <= {"shape", "dtype", "order"}:
        stage.refuse(
            frame, node, "np.ndarray of memory that is there already",
            "make an array with np.array, or a view with reshape or slices",
        )  # fmt: skip
    return (yield stage.call(frame, node, Static(np.empty), args, kwargs))


def _to_list(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    """``x.tolist()``: numbers of Python's, in lists of lists where there are several axes."""
    type_ = strip(stage.type(args[0]))
    axes = rank(type_)
    if axes is None or not isinstance(type_, Array):
        stage.refuse(
            frame, node, "tolist() of an array whose number of axes is not known",
            "write it with the number of axes: x.reshape(-1).tolist()",
        )  # fmt: skip
    if axes == 0:
        return write(stage, frame, node, method(np.ndarray.item, "item"), args, {})
    if axes != 1:
        return (yield stage.call(frame, node, Static(numpy_equivalents.tolist), args, {}))
    item = type_of_constant(np.zeros((), type_.dtype).item())
    held = (stage.operand(args[0], frame, node),)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(TO_LIST, held, type_=ListOf(item))
    return (yield heap_if_asked(stage, frame, node, list_made(stage, frame, node, made)))


def property_method(method: Any, args: list[Value]) -> Value:
    """``prop.setter(function)`` and its like."""
    return Static(method(*map(in_class, args)))


FUNCTIONS: dict[Any, Native] = {
    functools.partial: _partial,
    functools.wraps: _wraps,
    functools.update_wrapper: _first,
    _same: _first,
    functools.cache: _cache,
    functools.lru_cache: _cache,
    _remembered: _call_remembered,
    contextlib.contextmanager: _first,
    contextlib.nullcontext: _instead(iterator_equivalents.NullContext),
    contextlib.closing: _instead(iterator_equivalents.Closing),
    collections.deque: _instead(container_equivalents.Deque),
    collections.OrderedDict: _instead(container_equivalents.OrderedDict),
    collections.defaultdict: _instead(container_equivalents.DefaultDict),
    collections.Counter: _instead(container_equivalents.Counter),
    np.ndarray: _new_array,
    np.ndarray.tolist: _to_list,
    np.apply_along_axis: _instead(numpy_equivalents.apply_along_axis),
    np.apply_over_axes: _instead(numpy_equivalents.apply_over_axes),
    np.piecewise: _instead(numpy_equivalents.piecewise),
    np.fromfunction: _instead(numpy_equivalents.fromfunction),
    np.nditer: _items_of_arrays,
    np.ndindex: _instead(iterator_equivalents.ndindex),
    np.ndenumerate: _instead(iterator_equivalents.ndenumerate),
    property: _on_class(property),
    staticmethod: _on_class(staticmethod),
    classmethod: _on_class(classmethod),
    functools.cached_property: _on_class(functools.cached_property),
    collections.namedtuple: _namedtuple,
    dataclasses.dataclass: _dataclass,
    dataclasses.field: _field,
}

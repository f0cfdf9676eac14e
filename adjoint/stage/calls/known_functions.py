"""Calls of what is known now: builtins, functions with a rule or with source, classes."""

from __future__ import annotations

import contextlib
import enum
import functools
import heapq
import itertools
import logging
import re
import sys
import types
from operator import getitem
from typing import Any, TypeGuard

import gast
import numpy as np

from adjoint.custom import CustomRule
from adjoint.ir.nodes import Var
from adjoint.ir.operands import strip
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import Array, Scalar
from adjoint.rules import lookup
from adjoint.stage.arrays.buffers import consumed, plain
from adjoint.stage.arrays.einsum_views import shown_by_einsum
from adjoint.stage.arrays.randomness import RANDOM, drawn_from, permuted, shuffle
from adjoint.stage.arrays.ufunc_at import write_at
from adjoint.stage.arrays.views import VIEWS, not_followed
from adjoint.stage.arrays.windows import WINDOWS
from adjoint.stage.arrays.writers import WRITERS, call_writer
from adjoint.stage.calls.directives import DIRECTIVES
from adjoint.stage.calls.inline import inline
from adjoint.stage.calls.methods import view_of
from adjoint.stage.calls.native_functions import call_cached, property_method
from adjoint.stage.calls.native_iterables import gathered
from adjoint.stage.calls.natives import NATIVES
from adjoint.stage.calls.opaque_calls import call_of_text, call_opaque
from adjoint.stage.calls.partials import lift_partial
from adjoint.stage.calls.rule_calls import call_rule, first_by_position
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.derivatives.custom import call_given, construct_custom
from adjoint.stage.derivatives.inner import call_derivative, derivative_of, derived
from adjoint.stage.equivalents import iterator_equivalents
from adjoint.stage.equivalents.container_equivalents import of_items
from adjoint.stage.equivalents.view_equivalents import in_other_words
from adjoint.stage.flow.branches import as_list
from adjoint.stage.inputs.outside import is_hashable, is_standard
from adjoint.stage.iteration.itertools_ import ITERTOOLS, call_getter, is_getter
from adjoint.stage.iteration.sequences import iterated
from adjoint.stage.objects.construct import construct
from adjoint.stage.operations import static_call
from adjoint.stage.values import (
    Buffer,
    Poison,
    Static,
    Steps,
    Stream,
    Value,
    View,
)

__all__ = ["call_static"]

#: Of what ``@contextmanager`` makes of a generator function.
MANAGER_CODE = contextlib.contextmanager(lambda: iter(())).__code__
LIBRARIES = ("numpy", "scipy", "math")

#: Builtins that hand on what they are given, and do not compute with it.
KEEPS_ARRAYS: frozenset[Any] = frozenset(
    {
        list, tuple, dict, zip, enumerate, map, reversed, filter, iter, getattr, hasattr, setattr,
        functools.partial, functools.reduce, getitem, *DIRECTIVES, *WINDOWS,
        itertools.accumulate, itertools.chain, itertools.chain.from_iterable, itertools.compress,
        itertools.dropwhile, itertools.filterfalse, itertools.groupby, itertools.islice,
        itertools.pairwise, itertools.starmap, itertools.takewhile, iterator_equivalents.is_indexed,
        iterator_equivalents.reusable, iterator_equivalents.indexed, iterator_equivalents.rest,
        iterator_equivalents.first,
        iterator_equivalents.keeps_length, itertools.combinations,
        itertools.combinations_with_replacement, itertools.permutations, itertools.product,
        itertools.repeat, itertools.tee, itertools.zip_longest, np.ndenumerate, max, min, sorted,
        heapq.nlargest, heapq.nsmallest,
    }
)  # fmt: skip

#: Builtins that make an iterator of what they are given.
ITERATORS: frozenset[Any] = frozenset({enumerate, filter, map, zip, *ITERTOOLS})


def call_static(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Call what is known now: the first of the ways that takes it."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, Poison):
            stage.decide(value, frame, node)
    if not callable(function.value):
        error = TypeError(f"'{type(function.value).__name__}' object is not callable")
        raise PrimalRaises(error, stage.place(frame, node))
    if kwargs and not args and is_hashable(function.value):
        args, kwargs = first_by_position(function.value, kwargs)
    for way in (_generic, _native, _bound, _custom, _derivative, _numeric, _python):
        found = yield way(stage, frame, node, function, args, kwargs)
        if found is not NotImplemented:
            return found
    if isinstance(getattr(function.value, "__self__", None), str):
        if len(args) == 1 and isinstance(args[0], Stream):  # ",".join(names)
            args = [(yield gathered(stage, frame, node, args[0]))]
        return call_of_text(stage, frame, node, function.value, args, kwargs)
    return call_opaque(stage, frame, node, function, args, kwargs)


def _generic(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """What `functools.singledispatch` made: the function for the class of the first argument."""
    held = function.value
    is_generic = isinstance(held, types.FunctionType) and hasattr(held, "registry")
    if not is_generic or not hasattr(held, "dispatch") or not args:
        return NotImplemented
    cls = yield stage.call(frame, node, Static(type), [args[0]], {})
    if not isinstance(cls, Static):
        stage.refuse(
            frame, node, f"of which class the first argument of {held.__name__} is, is known at run"
            " time only", "call the function for the class",
        )  # fmt: skip
    found = held.dispatch(cls.value)
    stage.inputs.expect_dispatch(held, cls.value, found)
    return (yield stage.call(frame, node, Static(found), args, kwargs))


def _native(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A builtin that the interpreter has a function of its own for."""
    held = function.value
    native = NATIVES.get(held) if is_hashable(held) else None
    if native is None:
        rule = lookup(held)
        if rule is None:  # of an object that is called, its class may say how
            special = getattr(type(held), "__call__", None)  # noqa: B004  (looked up on the class)
            rule, args = lookup(special), [function, *args]
        if rule is None or rule.instead is None:
            return NotImplemented
        return (yield stage.call(frame, node, Static(rule.instead), args, kwargs))
    if held in ITERATORS:
        args = [*args]
        for at, value in enumerate(args):
            args[at] = yield iterated(stage, frame, node, value)
    if held in (sum, len):
        args = [consumed(stage, a, frame, node) for a in args]
    if held not in KEEPS_ARRAYS:
        args = [plain(stage, a, frame, node) for a in args]
    return (yield native(stage, frame, node, args, kwargs))


def _bound(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A function with some of its arguments: a partial, a method, a getter."""
    held, owner = function.value, getattr(function.value, "__self__", None)
    if isinstance(held, functools.partial):
        inner = [*map(Static, held.args), *args]
        named = {**{k: Static(v) for k, v in held.keywords.items()}, **kwargs}
        lifted = yield lift_partial(stage, function, inner, named, len(held.args), held.keywords)
        return (yield stage.call(frame, node, Static(held.func), *lifted))
    if isinstance(held, functools._lru_cache_wrapper) or held is logging.getLogger:
        return (yield call_cached(stage, frame, node, held, args, kwargs))
    if isinstance(held, enum.Enum) and callable(held):
        own = Static(type(held).__call__)
        return (yield stage.call(frame, node, own, [function, *args], kwargs))
    if isinstance(owner, np.ufunc) and held.__name__ == "at":
        return (yield write_at(stage, frame, node, owner, args))
    if is_getter(held) and len(args) == 1:
        return (yield call_getter(stage, frame, node, held, args[0]))
    if isinstance(owner, property):
        return property_method(held, args)
    if isinstance(owner, RANDOM):
        if held.__name__ == "shuffle":
            return (yield shuffle(stage, frame, node, function, args, kwargs))
        if held.__name__ == "permuted":
            return (yield permuted(stage, frame, node, function, args, kwargs))
        if held.__name__ in ("choice", "permutation"):
            return drawn_from(stage, frame, node, function, args, kwargs)
        return call_opaque(stage, frame, node, function, args, kwargs)
    if isinstance(held, types.MethodType) and is_standard(held) and function.access is not None:
        return call_opaque(stage, frame, node, function, args, kwargs)  # of a logger
    if isinstance(held, types.MethodType) and _makes_a_tuple(held):
        return (yield stage.call(frame, node, Static(of_items), [Static(owner), *args], kwargs))
    if isinstance(held, types.MethodType) and lookup(held) is None:
        owner = _owner(stage, function)
        return (yield stage.call(frame, node, Static(held.__func__), [owner, *args], kwargs))
    return NotImplemented


def _makes_a_tuple(method: types.MethodType) -> bool:
    """Whether a method is the ``_make`` of a named tuple."""
    owner = method.__self__
    is_named = isinstance(owner, type) and issubclass(owner, tuple) and hasattr(owner, "_fields")
    return is_named and method.__name__ == "_make"


def _custom(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A function with a rule of the user's: given to it, or a part of a method or a partial."""
    held = function.value
    if isinstance(held, CustomRule):
        rule = stage.inputs.external(("custom", id(held)), held.__name__, lambda: held)
        return (yield stage.call(frame, node, rule, args, kwargs))
    known = lookup(held)
    if known is None or known.given is None:
        return NotImplemented
    return (yield call_given(stage, frame, node, function, args, kwargs))


def _derivative(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """What takes derivatives itself."""
    held = function.value
    if getattr(held, "__adjoint_primal__", None) is not None:
        derivative = derivative_of(stage, held)
        return (yield call_derivative(stage, frame, node, derivative, args, kwargs))
    if getattr(held, "__adjoint_derives__", None) is not None:
        return (yield derived(stage, frame, node, held, args, kwargs))
    if _is_ours(held):
        stage.refuse(
            frame, node, f"{held.__name__} is used inside a differentiated function",
            "call it outside, and hand what it returns to the function",
        )  # fmt: skip
    return NotImplemented


def _is_ours(held: Any) -> bool:
    """Whether something is of the public face: a function typed in among its examples is not."""
    module = getattr(held, "__module__", None) or ""
    code = getattr(held, "__code__", None)
    known = module.startswith("adjoint.api")
    return known and (code is None or code.co_filename == sys.modules[module].__file__)


def _numeric(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A function that writes into arrays, makes a view, or has a rule."""
    held = function.value
    if is_hashable(held) and held in _OF_DTYPES and not kwargs:
        dtypes = [_dtype_of(stage, a) for a in args]
        if None not in dtypes:
            return static_call(stage, frame, node, held, dtypes, {})
    written = args[0] if args and isinstance(args[0], Buffer | View) else None
    instead = in_other_words(stage, held, args, kwargs) if is_hashable(held) else None
    if instead is not None:
        return (yield stage.call(frame, node, Static(instead[0]), instead[1], kwargs))
    if is_hashable(held) and held in WRITERS:
        return call_writer(stage, frame, node, held, args, kwargs)
    if written is not None and is_hashable(held) and held in VIEWS:
        return view_of(stage, frame, node, call_op(held), written, args[1:], kwargs)
    shown = shown_by_einsum(stage, frame, node, args, kwargs) if held is np.einsum else None
    if shown is not None:
        return shown
    if lookup(held) is not None or isinstance(held, np.ufunc) or _is_library(held):
        args = [consumed(stage, a, frame, node) for a in args]
        made = yield call_rule(stage, frame, node, held, args, kwargs)
        return not_followed(stage, frame, node, [*args, *kwargs.values()], made)
    return NotImplemented


#: Functions that look at the dtypes of arrays alone.
_OF_DTYPES = frozenset({np.result_type, np.promote_types, np.can_cast, np.issubdtype})


def _dtype_of(stage: Stage, value: Value) -> Static | None:
    """What has the dtype of a value, if that is known."""
    if isinstance(value, Static) and value.variable is None:
        return value
    type_ = strip(stage.type(value)) if isinstance(value, Var | Buffer | View) else None
    if isinstance(type_, Array):
        return Static(type_.dtype)
    return Static({"int": 0, "float": 0.0}[type_.kind]) if _is_number(type_) else None


def _is_number(type_: Any) -> TypeGuard[Scalar]:
    return isinstance(type_, Scalar) and type_.kind in ("int", "float")


def _python(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A function or class with source, or what Python can be asked now."""
    held = function.value
    if getattr(held, "__code__", None) is MANAGER_CODE:
        return (yield stage.call(frame, node, Static(held.__wrapped__), args, kwargs))
    if isinstance(held, types.FunctionType) and not is_standard(held):
        return (yield inline(stage, frame, node, held, args, kwargs))
    if isinstance(held, type) and issubclass(held, CustomRule):
        return construct_custom(stage, frame, node, held, args, kwargs)
    if isinstance(held, type):
        return (yield construct(stage, frame, node, held, args, kwargs))
    if _computes_now(held, args, kwargs):
        return as_list(stage, frame, node, static_call(stage, frame, node, held, args, kwargs))
    return NotImplemented


def _is_library(held: Any) -> bool:
    module = (getattr(held, "__module__", None) or "").partition(".")[0]
    return module in LIBRARIES and not isinstance(held, type) and hasattr(held, "__name__")


def _owner(stage: Stage, function: Static) -> Value:
    held = function.value.__self__
    key = ("self", id(held))
    name = type(held).__name__.lower()
    if isinstance(held, type | enum.Enum):
        return Static(held)
    return stage.inputs.external(key, name, lambda: held)


#: Modules whose functions answer the same to the same text.
_OF_TEXT = frozenset({"re", "ast", "textwrap", "fnmatch"})
#: The classes whose methods do so.
_NEVER_CHANGED = (
    str, bytes, tuple, int, float, frozenset, np.dtype, range, re.Pattern, re.Match,
)  # fmt: skip


def _computes_now(held: Any, args: list[Value], kwargs: dict[str, Value]) -> bool:
    """Whether Python can be asked now: a pure function of things known now."""
    values = [*args, *kwargs.values()]
    if not all(isinstance(v, Static) and v.access is None for v in values):
        return False
    if isinstance(held, types.FunctionType):
        return held.__module__ in _OF_TEXT
    return isinstance(getattr(held, "__self__", None), _NEVER_CHANGED)

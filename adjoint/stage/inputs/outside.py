"""What an object from outside is to the interpreter: known now, taken apart, or opaque."""

from __future__ import annotations

import enum
import functools
import io
import logging
import sys
import types
from typing import Any

import numpy as np

from adjoint.rules import lookup

__all__ = ["is_hashable", "is_namespace", "is_opaque", "is_python", "is_standard", "is_static"]


_STATIC = (
    type(None), bool, str, bytes, range, slice, type, types.ModuleType, types.FunctionType,
    types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType, functools.partial,
    np.dtype, np.ufunc, type(Ellipsis), frozenset, set, enum.Enum,
)  # fmt: skip


def _written_by_total_ordering() -> frozenset[types.CodeType]:
    """The comparisons that `functools.total_ordering` gives a class, whichever one it has."""
    found = set()
    for given in ("__lt__", "__le__", "__gt__", "__ge__"):
        body = {given: lambda self, other: NotImplemented}
        made: type = functools.total_ordering(type("Ordered", (), body))
        methods = (vars(made).get(f"__{name}__") for name in ("lt", "le", "gt", "ge"))
        found |= {m.__code__ for m in methods if m is not None and m is not body[given]}
    return frozenset(found)


#: They belong to `functools`, but compare objects of the user's.
_COMPARISONS = _written_by_total_ordering()


def is_static(value: Any) -> bool:
    """Whether a value that came in is something known now, rather than a number or a structure."""
    if isinstance(value, np.ndarray | np.generic):
        return False
    if isinstance(value, _STATIC) or type(value).__module__ in ("typing", "functools", "numpy"):
        return True
    if hasattr(type(value), "__adjoint_derives__"):  # a derivative of this library
        return True
    return lookup(value) is not None  # of a function in C that is an object like others


def is_opaque(value: Any) -> bool:
    """Whether nothing is read inside an object: it is written in C, has no attributes, or is a
    file or a logger.
    """
    cls = type(value)
    if isinstance(value, io.IOBase | logging.Logger):
        return True
    return (not hasattr(value, "__dict__") and not hasattr(cls, "__slots__")) or not is_python(cls)


def is_hashable(value: Any) -> bool:
    """Whether a value can be looked up in a table; of functions of C some cannot."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def is_namespace(cls: type) -> bool:
    """Whether objects of a class are their attributes, by which they are made and no more."""
    return cls is types.SimpleNamespace


def is_standard(held: Any) -> bool:
    """Whether a function or class belongs to the standard library: it is called, not read.

    What `dataclasses` and namedtuples are made of makes objects of the user's, and is read; so
    are the comparisons of `functools.total_ordering`.
    """
    if getattr(held, "__code__", None) in _COMPARISONS:
        return False
    module = (getattr(held, "__module__", None) or "").partition(".")[0]
    return module in sys.stdlib_module_names - {"collections", "dataclasses"}


def is_python(cls: type) -> bool:
    """Whether a class was made by a class statement, and not in C."""
    made = (c for c in cls.__mro__ if c is not object)
    return any("__dict__" in vars(c) or "__slots__" in vars(c) for c in made)

"""What functions and classes of the program were when they were looked at, as the guard holds it.

Either may be changed in place: a module that is loaded again changes the code of its functions, a
test or a notebook gives a class another method. What is missing counts as a look too: an attribute
that hides a method, a special method that a class is given later.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from operator import getitem
from typing import Any

import numpy as np

from adjoint.source.parameters import default_owner, default_places
from adjoint.stage.inputs.access import Reading
from adjoint.stage.inputs.from_outside import Inputs
from adjoint.stage.inputs.outside import is_python
from adjoint.stage.inputs.reachable import is_staged
from adjoint.stage.values import Value

__all__ = [
    "expect_attribute",
    "expect_builtin",
    "expect_code",
    "expect_kinship",
    "expect_unhidden",
    "read_default",
]

_MISSING = object()
_HELD = (
    bool, str, bytes, set, frozenset, type, types.NoneType, types.FunctionType, np.ufunc, property,
    functools.cached_property, types.WrapperDescriptorType, types.MethodDescriptorType,
)  # fmt: skip
"""What is one and the same object each time; a number is read at each call."""


def expect_code(inputs: Inputs, function: types.FunctionType) -> None:
    """Hold the code of a function that is interpreted."""
    name = inputs.name_of(function)
    inputs.constants[f"{name}_code"] = function.__code__
    inputs.expect(f"{name}.__code__ is {name}_code")


def read_default(inputs: Inputs, function: types.FunctionType, name: str) -> Value:
    """The default of a parameter, which is read at each call: it may be replaced."""
    owner = default_owner(function)
    held, key = default_places(function)[name]
    read = Reading(owner, ((getattr, held), (getitem, key)))
    return inputs.external(("default", id(owner), name), name, read)


def expect_builtin(inputs: Inputs, table: Mapping[str, Any], name: str) -> None:
    """Hold that no global variable hides a name of Python's own."""
    inputs.expect(f"{name!r} not in {inputs.name_of(table)}")


def expect_attribute(inputs: Inputs, cls: type, name: str) -> None:
    """Hold what a class of the user's has under a name, or that it has nothing."""
    is_own = cls.__module__.partition(".")[0] == "adjoint"
    if is_own or not is_python(cls) or is_staged(cls):
        return
    found = getattr(cls, name, _MISSING)
    text = f"{inputs.name_of(cls)}.{name}"
    base = next((base for base in cls.__mro__ if name in vars(base)), None)
    if found is _MISSING and base is not None:  # what is there is read from objects alone
        inputs.expect_same(f"{inputs.name_of(base)}.__dict__[{name!r}]", vars(base)[name])
    elif found is _MISSING:
        _expect_missing(inputs, cls, name)
    elif isinstance(found, types.MethodType) and found.__self__ is cls:
        inputs.expect_same(f"{text}.__func__", found.__func__)
    elif isinstance(found, _HELD):
        inputs.expect_same(text, found)


def _expect_missing(inputs: Inputs, cls: type, name: str) -> None:
    """To look into its dicts is quicker than to have `getattr` fail."""
    for base in cls.__mro__:
        if is_python(base):
            inputs.expect(f"{name!r} not in {inputs.name_of(base)}.__dict__")


def expect_kinship(inputs: Inputs, cls: type, classes: type | tuple[type, ...]) -> None:
    """Hold whether an abstract class counts a class of the user's among its own."""
    for each in classes if isinstance(classes, tuple) else (classes,):
        if type(each) is not type and is_python(cls) and not is_staged(cls):
            text = f"issubclass({inputs.name_of(cls)}, {inputs.name_of(each)})"
            inputs.expect(f"{text} is {issubclass(cls, each)}")


def expect_unhidden(inputs: Inputs, owner: Any, text: str, name: str) -> None:
    """Hold that an object that came in has no attribute of its own of that name."""
    if hasattr(owner, "__dict__"):
        inputs.expect(f"{name!r} not in {text}.__dict__")

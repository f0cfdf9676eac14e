"""The numbers and arrays in a structure: where they are, and the same with others in their place.

A structure is made of tuples, lists, dicts and objects. What stands at its ends and holds floats is
a leaf; its path says how it is reached, and is shown as one would write it: ``['layers'][0].w``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.api.arguments import vars_of
from adjoint.api.compiler import LIBRARIES

__all__ = ["Path", "at", "leaves", "replaced", "shown"]


@dataclass(frozen=True, slots=True)
class _Attribute:
    """An attribute on a path; all else there is a key."""

    name: str


Path = tuple[Any, ...]


def _parts(value: Any) -> list[tuple[Any, Any]]:
    """The parts of a structure, each with what leads there; objects of libraries have none."""
    if isinstance(value, tuple | list):
        return [*enumerate(value)]
    if isinstance(value, dict):
        return [*value.items()]
    library = type(value).__module__.partition(".")[0]
    if vars_of(value) and not callable(getattr(value, "__adjoint_primal__", None)):
        return [] if library in LIBRARIES else [(_Attribute(k), v) for k, v in vars(value).items()]
    return []


def _is_leaf(value: Any) -> bool:
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "fc"
    return isinstance(value, float | complex)


def leaves(value: Any) -> Iterator[tuple[Path, Any]]:
    """The leaves of a structure with their paths; what is reached in several ways is there once.

    Examples
    --------
    >>> [*leaves({"a": [1.0, 2], "b": "name"})]
    [(('a', 0), 1.0)]
    """
    return _leaves(value, (), set())


def _leaves(value: Any, path: Path, seen: set[int]) -> Iterator[tuple[Path, Any]]:
    if _is_leaf(value):
        yield path, value
    elif id(value) not in seen:  # objects may hold each other
        seen.add(id(value))
        for key, part in _parts(value):
            yield from _leaves(part, (*path, key), seen)


def at(value: Any, path: Path) -> Any:
    """What a path leads to.

    Examples
    --------
    >>> at({"a": [1.0, 2]}, ("a", 1))
    2
    """
    for key in path:
        value = getattr(value, key.name) if isinstance(key, _Attribute) else value[key]
    return value


def replaced(value: Any, change: Callable[[Path, Any], Any]) -> Any:
    """A structure like `value`, in which each leaf is changed, and all else is the same.

    Examples
    --------
    >>> replaced({"a": [1.0, 2]}, lambda path, leaf: leaf + 1)
    {'a': [2.0, 2]}
    """
    return _replaced(value, change, (), {})


def _replaced(
    value: Any, change: Callable[[Path, Any], Any], path: Path, made: dict[int, Any]
) -> Any:
    """`made` has what stands for the containers and objects that were come to before."""
    if _is_leaf(value):
        return change(path, value)
    if id(value) in made:
        return made[id(value)]
    if isinstance(value, tuple):
        parts = [_replaced(part, change, (*path, k), made) for k, part in enumerate(value)]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if not any(True for _ in leaves(value)):
        return value
    new = made[id(value)] = copy.copy(value)
    for key, part in _parts(value):
        changed = _replaced(part, change, (*path, key), made)
        if isinstance(key, _Attribute):
            object.__setattr__(new, key.name, changed)  # also of a class that is frozen
        else:
            new[key] = changed
    return new


def shown(path: Path) -> str:
    """A path as it is written behind a name.

    Examples
    --------
    >>> shown(("a", 0))
    "['a'][0]"
    """
    return "".join(f".{k.name}" if isinstance(k, _Attribute) else f"[{k!r}]" for k in path)

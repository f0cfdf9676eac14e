"""The few helpers that generated code may use; each is printed into the module that needs it."""

from __future__ import annotations

import enum
import sys
from typing import Any

import numpy as np

__all__ = [
    "add_dicts",
    "add_lists",
    "add_to_part",
    "attribute_column",
    "column",
    "copy_items",
    "dicts",
    "filled",
    "filled_in",
    "is_closed",
    "last_writes",
    "like",
    "like_beside_vars",
    "made",
    "nones",
    "objects",
    "outside",
    "split_like",
    "unbroadcast",
    "zeros_in",
    "zeros_in_dict",
    "zeros_in_list",
    "zeros_in_lists",
]


def unbroadcast(d: Any, x: Any) -> Any:
    """The cotangent `d`, summed or broadcast to the shape of `x`, in its dtype.

    >>> unbroadcast(np.ones((2, 3)), np.zeros(3))
    array([2., 2., 2.])
    """
    shape = np.shape(x)
    extra = np.ndim(d) - len(shape)
    if extra > 0:
        d = np.sum(d, axis=tuple(range(extra)))
    for axis, length in enumerate(shape[-np.ndim(d) :] if np.ndim(d) else ()):
        if length == 1 and np.shape(d)[axis] != 1:
            d = np.sum(d, axis=axis, keepdims=True)
    if np.shape(d) != shape:
        d = np.broadcast_to(d, shape)
    if np.iscomplexobj(d) and not np.iscomplexobj(x):
        d = np.real(d)
    if isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fc":
        d = np.asarray(d, x.dtype) if isinstance(x, np.ndarray) else x.dtype.type(d)
    return d


def like(obj: Any, **attributes: Any) -> Any:
    """An object of the class of `obj` with these attributes."""
    new = object.__new__(type(obj))
    vars(new).update(attributes)
    return new


def like_beside_vars(obj: Any, **attributes: Any) -> Any:
    """An object of the class of `obj` with these attributes, of which some are slots."""
    new = object.__new__(type(obj))
    for name, value in attributes.items():
        object.__setattr__(new, name, value)
    return new


def made(cls: Any, **attributes: Any) -> Any:
    """An object of a class with these attributes."""
    new = cls() if cls.__module__ == "types" else object.__new__(cls)
    vars(new).update(attributes)
    return new


def objects(cls: Any, names: Any, *columns: Any) -> Any:
    """Objects of a class, made of lists of their attributes."""
    return [made(cls, **dict(zip(names, each, strict=True))) for each in zip(*columns, strict=True)]


def dicts(names: Any, *columns: Any) -> Any:
    """Dicts, made of lists of what they hold.

    >>> dicts(("a", "b"), [1.0, 2.0], [3.0, 4.0])
    [{'a': 1.0, 'b': 3.0}, {'a': 2.0, 'b': 4.0}]
    """
    return [dict(zip(names, each, strict=True)) for each in zip(*columns, strict=True)]


def nones(items: Any) -> Any:
    """None for each item."""
    return [None] * len(items)


def column(items: Any, key: Any) -> Any:
    """What stands at a key of each item.

    >>> column([(1.0, 2.0), (3.0, 4.0)], 1)
    [2.0, 4.0]
    """
    return [each[key] for each in items]


def attribute_column(items: Any, name: Any) -> Any:
    """What each item has as an attribute."""
    return [getattr(each, name) for each in items]


def is_closed(value: Any) -> bool:
    """Whether an object is not taken apart: a function, a class, a file, a logger, an option.

    >>> is_closed(np.sin), is_closed(len), is_closed(sys.stdout)
    (True, True, True)
    """
    libraries = {*sys.stdlib_module_names, "numpy", "scipy"} - {"types", "argparse"}
    is_plain = hasattr(value, "__dict__") and not isinstance(value, type | enum.Enum)
    return not is_plain or type(value).__module__.partition(".")[0] in libraries


def filled(gradient: Any, value: Any) -> Any:
    """A gradient by `value`, in which its objects have zeros for what they have beside.

    What is no float has None. What is one object, list or dict in `value` is one in the gradient.
    An array that an object holds in several places has its one gradient in all of them.

    >>> filled({"w": 2.0, "name": None}, {"w": 1.0, "name": "net"})
    {'w': 2.0, 'name': None}
    """
    known: dict[int, Any] = {}
    partial, waiting = [], [(gradient, value)]
    while waiting:
        d, part = waiting.pop()
        if isinstance(part, tuple):
            waiting += zip(d, part, strict=True)
        elif isinstance(part, list | dict) or hasattr(d, "__dict__"):
            if id(part) in known:
                continue
            known[id(part)] = d
            if isinstance(part, list):
                waiting += zip(d, part, strict=True)
            elif isinstance(part, dict):
                waiting += [(d[key], part[key]) for key in part]
            else:
                partial.append((d, part))
                waiting += [(held, getattr(part, name)) for name, held in vars(d).items()]
    for d, part in partial:
        read = {id(getattr(part, name)): held for name, held in vars(d).items()}
        for name, held in vars(part).items():
            if name not in vars(d):
                object.__setattr__(d, name, filled_in(held, read, known))
    return gradient


def filled_in(value: Any, read: Any, known: Any) -> Any:
    """What an object has in a gradient for `value`, beside what was `read` of its attributes."""
    if isinstance(value, np.ndarray) and id(value) in read:
        return read[id(value)]
    is_display = isinstance(value, tuple | list) and len(value) > 0 and id(value) not in known
    if is_display and all(isinstance(x, np.ndarray) and id(x) in read for x in value):
        known[id(value)] = type(value)(read[id(x)] for x in value)
    return zeros_in(value, known)


def zeros_in(value: Any, known: Any) -> Any:
    """Zeros in the structure of `value`, and in the place of what is `known` its gradient.

    >>> zeros_in({"w": 2.0, "name": "net"}, {})
    {'w': 0.0, 'name': None}
    """
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, float | complex):
        return type(value)(0.0)
    if isinstance(value, np.ndarray | np.generic):
        return np.zeros_like(value) if value.dtype.kind in "fc" else None
    if isinstance(value, tuple):
        parts = [zeros_in(part, known) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    d: Any
    if isinstance(value, list):
        known[id(value)] = d = type(value)()
        d.extend(zeros_in(part, known) for part in value)
    elif isinstance(value, dict):
        known[id(value)] = d = {}
        d.update((key, zeros_in(part, known)) for key, part in value.items())
    elif is_closed(value):
        return None
    else:
        is_namespace = type(value).__module__ == "types"
        known[id(value)] = d = type(value)() if is_namespace else object.__new__(type(value))
        for name, part in vars(value).items():
            object.__setattr__(d, name, zeros_in(part, known))
    return d


def last_writes(index: Any, shape: Any) -> Any:
    """Whether each element that `index` selects in an array of `shape` is the last at its place.

    >>> last_writes(np.array([0, 2, 0]), (3,))
    array([False,  True,  True])
    """
    winner = np.empty(shape, dtype=int)
    turns = np.arange(winner[index].size).reshape(winner[index].shape)
    winner[index] = turns
    return winner[index] == turns


def outside(index: Any, shape: Any) -> Any:
    """Which elements of an array of `shape` are left beside those that `index` selects.

    >>> outside(slice(1, None), (3,))
    array([ True, False, False])
    """
    left = np.ones(shape, dtype=bool)
    left[index] = False
    return left


def zeros_in_list(xs: Any) -> Any:
    """A list of zeros in the shapes of the items of `xs`.

    >>> zeros_in_list([1.0, 2.0])
    [0.0, 0.0]
    """
    return [np.zeros_like(x) if isinstance(x, np.ndarray) else 0.0 for x in xs]


def zeros_in_lists(xs: Any) -> Any:
    """Zeros in the shapes of what `xs`, a list of lists, holds.

    >>> zeros_in_lists([[1.0, 2.0], []])
    [[0.0, 0.0], []]
    """
    if isinstance(xs, list):
        return [zeros_in_lists(x) for x in xs]
    return np.zeros_like(xs) if isinstance(xs, np.ndarray) else 0.0


def zeros_in_dict(d: Any) -> Any:
    """Zeros in the shapes of what a dict holds, by its keys.

    >>> zeros_in_dict({"a": 2.0})
    {'a': 0.0}
    """
    return {k: np.zeros_like(x) if np.ndim(x) else 0.0 for k, x in d.items()}


def copy_items(xs: Any) -> Any:
    """A list with copies of the items of `xs`, each in its own layout."""
    if isinstance(xs, list):
        return [copy_items(x) for x in xs]
    return np.array(xs, order="K") if isinstance(xs, np.ndarray) else xs


def add_lists(xs: Any, ys: Any) -> Any:
    """The sums of the items of two lists.

    >>> add_lists([1.0, [2.0]], [10.0, [20.0]])
    [11.0, [22.0]]
    """
    if isinstance(xs, list):
        return [add_lists(x, y) for x, y in zip(xs, ys, strict=True)]
    return xs + ys


def add_to_part(xs: Any, part: Any, ys: Any) -> Any:
    """The items of `xs`, with those of `ys` added to the ones that the slice `part` takes.

    >>> add_to_part([1.0, 2.0, 3.0], slice(1, None), [10.0, 20.0])
    [1.0, 12.0, 23.0]
    """
    total = list(xs)
    total[part] = add_lists(xs[part], ys)
    return total


def add_dicts(first: Any, second: Any) -> Any:
    """A dict of the sums of what two dicts hold, and of what only one of them holds.

    It is of the class of the first.

    >>> add_dicts({1: 2.0, 3: 5.0}, {1: 10.0, 2: 20.0})
    {1: 12.0, 3: 5.0, 2: 20.0}
    """
    total = first.copy()
    for k, x in second.items():
        total[k] = total[k] + x if k in total else x
    return total


def split_like(d: Any, xs: Any, axis: int) -> Any:
    """`d` cut along `axis` into pieces of the lengths of the arrays `xs`."""
    return np.split(d, np.cumsum([np.shape(x)[axis] for x in xs])[:-1], axis=axis)

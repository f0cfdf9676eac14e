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
    "gradient_like",
    "is_closed",
    "last_writes",
    "like",
    "made",
    "nones",
    "objects",
    "split_like",
    "unbroadcast",
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


def gradient_like(value: Any, **gradients: Any) -> Any:
    """A gradient in the structure of `value`: these attributes of an object, and zeros elsewhere.

    What is no float has None. An array that an object holds in several places has its one gradient
    in all of them.

    >>> gradient_like({"w": 2.0, "name": "net"})
    {'w': 0.0, 'name': None}
    """
    if not gradients:
        if isinstance(value, float):
            return type(value)(0.0)
        if isinstance(value, np.ndarray | np.generic):
            return np.zeros_like(value) if value.dtype.kind in "fc" else None
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(gradient_like, value))
        if isinstance(value, tuple | list):
            return type(value)(map(gradient_like, value))
        if isinstance(value, dict):
            return {key: gradient_like(item) for key, item in value.items()}
        if is_closed(value):
            return None
    is_namespace = type(value).__module__ == "types"
    new = type(value)() if is_namespace else object.__new__(type(value))
    held = dict(vars(value)) if hasattr(value, "__dict__") else {}
    for name in gradients:
        held.setdefault(name, getattr(value, name))
    known = {
        id(held[name]): d for name, d in gradients.items() if isinstance(held[name], np.ndarray)
    }
    for name, part in held.items():
        if name in gradients:
            d = gradients[name]
        elif isinstance(part, tuple | list) and all(id(item) in known for item in part):
            d = type(part)(known[id(item)] for item in part)
        else:
            d = known[id(part)] if id(part) in known else gradient_like(part)
        object.__setattr__(new, name, d)
    return new


def last_writes(index: Any, shape: Any) -> Any:
    """Whether each element that `index` selects in an array of `shape` is the last at its place.

    >>> last_writes(np.array([0, 2, 0]), (3,))
    array([False,  True,  True])
    """
    winner = np.empty(shape, dtype=int)
    turns = np.arange(winner[index].size).reshape(winner[index].shape)
    winner[index] = turns
    return winner[index] == turns


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

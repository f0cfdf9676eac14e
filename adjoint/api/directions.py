"""Tangents as users hand them over: each like the argument it belongs to."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.errors import BadArgument

__all__ = ["conformed"]

#: For each list and dict come to: its name, the tangent that was given, and what it became.
Known = dict[int, tuple[str, Any, Any]]

_NUMBERS = (int, float, np.integer, np.floating)


def conformed(name: str, primal: Any, tangent: Any) -> Any:
    """`tangent` as a tangent of `primal`, of the same structure and types.

    A number may be of another kind: it becomes one of the argument's, a float where that is an int.

    Raises
    ------
    BadArgument
        If it is not like the argument; `name` is how this is called.
    """
    return _conformed(name, primal, tangent, {})


def _conformed(name: str, primal: Any, tangent: Any, known: Known) -> Any:
    match primal:
        case bool() | str() | bytes() | None:
            raise _refusal(name, f"{name} is {_described(primal)}", "give None as its tangent")
        case np.ndarray():
            return _array(name, primal, tangent)
        case np.generic() | int() | float() | complex():
            return _number(name, primal, tangent)
        case tuple():
            return _container(name, primal, tangent, known)
        case list() | dict():
            return _one(name, primal, tangent, known)
        case _:
            return tangent


def _one(name: str, primal: Any, tangent: Any, known: Known) -> Any:
    """The tangent of a list or dict, which may stand in several places."""
    if id(primal) not in known:
        known[id(primal)] = name, tangent, _container(name, primal, tangent, known)
    first, given, made = known[id(primal)]
    if given is not tangent:
        raise _refusal(
            name,
            f"{name} and {first} are one {type(primal).__name__}, and their tangents are two",
            "give one tangent in both places",
        )
    return made


def _refusal(name: str, what: str, advice: str) -> BadArgument:
    return BadArgument(f"the tangent of {name} does not fit: {what}", None, advice)


def _described(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} and shape {value.shape}"
    article = "an" if type(value).__name__[0] in "aeiou" else "a"
    return f"{article} {type(value).__name__}"


def _array(name: str, primal: np.ndarray, tangent: Any) -> Any:
    if primal.dtype.kind not in "iufc":
        raise _refusal(name, f"{name} is {_described(primal)}", "give None as its tangent")
    dtype = primal.dtype if primal.dtype.kind in "fc" else np.dtype(float)
    fits = type(tangent) is np.ndarray and tangent.dtype == dtype and tangent.shape == primal.shape
    if not fits:
        raise _refusal(
            name,
            f"{name} is {_described(primal)}, and the tangent is {_described(tangent)}",
            f"give an array of {dtype} and shape {primal.shape}",
        )
    return tangent


def _number(name: str, primal: Any, tangent: Any) -> Any:
    is_complex = isinstance(primal, complex | np.complexfloating)
    numbers = (*_NUMBERS, complex, np.complexfloating) if is_complex else _NUMBERS
    if not isinstance(tangent, numbers) or isinstance(tangent, bool):
        raise _refusal(
            name,
            f"{name} is {_described(primal)}, and the tangent is {_described(tangent)}",
            "give a number",
        )
    kind: Any = type(primal)
    if isinstance(primal, int | np.integer):
        kind = np.float64 if isinstance(primal, np.integer) else float
    return kind(tangent)


def _container(name: str, primal: Any, tangent: Any, known: Known) -> Any:
    """Part by part; what is no number has any tangent."""
    if type(tangent) is not type(primal) or len(tangent) != len(primal):
        raise _refusal(
            name,
            f"{name} is {_described(primal)} of {len(primal)}, and the tangent is"
            f" {_described(tangent)}"
            + (f" of {len(tangent)}" if hasattr(tangent, "__len__") else ""),
            "give it the structure of the argument",
        )
    if isinstance(primal, dict):
        missing = [key for key in primal if key not in tangent]
        if missing:
            raise _refusal(name, f"it has no {missing[0]!r}", "give it the keys of the argument")
        return {k: _part(f"{name}[{k!r}]", v, tangent[k], known) for k, v in primal.items()}
    pairs = enumerate(zip(primal, tangent, strict=True))
    parts = [_part(f"{name}[{k}]", *pair, known) for k, pair in pairs]
    return type(primal)(*parts) if hasattr(primal, "_fields") else type(primal)(parts)


def _part(name: str, primal: Any, tangent: Any, known: Known) -> Any:
    """A part of a structure; only what holds floats has a tangent there."""
    return _conformed(name, primal, tangent, known) if _holds_floats(primal) else tangent


def _holds_floats(value: Any) -> bool:
    match value:
        case np.ndarray() | np.generic():
            return value.dtype.kind in "fc"
        case tuple() | list():
            return any(map(_holds_floats, value))
        case dict():
            return any(map(_holds_floats, value.values()))
        case _:
            return isinstance(value, float | complex)

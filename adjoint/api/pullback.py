"""The value of a function, and the pullback that takes cotangents back to its arguments."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn

import numpy as np

from adjoint.api.callables import plain_function
from adjoint.api.derivative import Derivative
from adjoint.errors import BadArgument, note_origin
from adjoint.markers import Derives
from adjoint.runtime import made
from adjoint.transform.wanted import Wanted

__all__ = ["Pullback", "vjp"]

_KEPT = 256


class ValueAndPullback(Derivative):
    """What returns the value of a function and its pullback with respect to some arguments."""

    __slots__ = ()

    def _promoted(self, examples: dict[str, Any]) -> frozenset[str]:
        return frozenset()


class Pullback:
    """The function that takes a cotangent of what was returned to those of the arguments.

    It may be called any number of times.
    """

    __slots__ = ("_back", "_like", "_name")

    def __init__(self, name: str, back: Callable[[Any], tuple[Any, ...]], out: Any) -> None:
        self._name, self._back, self._like = name, back, _described(out)

    def __call__(self, cotangent: Any) -> tuple[Any, ...]:
        """The cotangents of the arguments, one for each.

        Raises
        ------
        BadArgument
            If the cotangent does not have the structure and the shapes of what was returned.
        """
        fitted = _fitted(self._name, "the cotangent", self._like, cotangent)
        try:
            return self._back(fitted)
        except Exception:
            note_origin()
            raise

    def __repr__(self) -> str:
        return f"<pullback of {self._name}>"

    def __copy__(self) -> Pullback:
        return self  # nothing in it changes

    def __deepcopy__(self, memo: Any) -> Pullback:
        return self

    def __reduce__(self) -> NoReturn:
        raise BadArgument(
            f"the pullback of {self._name} holds what was computed at its arguments, and cannot be"
            " pickled",
            None,
            f"pickle the arguments, and call vjp({self._name}, …) again where they are read",
        )


@dataclass(frozen=True, slots=True)
class _ArrayLike:
    """What a cotangent of an array must look like."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class _ObjectLike:
    """The class that a cotangent must have, and what was returned in the attributes."""

    cls: type
    attributes: dict[str, Any]


def _described(out: Any) -> Any:
    """What a cotangent must look like; numbers stand for their type."""
    match out:
        case np.ndarray():
            return _ArrayLike(out.dtype, out.shape)
        case float():
            return out
        case tuple() if hasattr(out, "_fields"):
            return type(out)(*map(_described, out))
        case tuple() | list():
            return type(out)(map(_described, out))
        case dict():
            return {key: _described(part) for key, part in out.items()}
        case Enum():
            return out
        case _ if hasattr(out, "__dict__"):
            return _ObjectLike(type(out), {**vars(out)})
        case _:
            return out


def _fitted(name: str, text: str, like: Any, given: Any) -> Any:
    """A cotangent in the types of what was returned."""
    match like:
        case _ArrayLike(dtype, shape):
            is_array = type(given) is np.ndarray
            fits = is_array and given.dtype == dtype and given.shape == shape
            return given if fits and dtype.kind in "fc" else _array_fitted(name, text, like, given)
        case float() if type(given) is type(like):
            return given
        case tuple() | list():
            if type(given) is not type(like) or len(given) != len(like):
                raise _misfit(name, text, f"a {type(like).__name__} of {len(like)}", given)
            items = [_fitted(name, f"{text}[{i}]", *pair) for i, pair in _pairs(like, given)]
            return type(like)(*items) if hasattr(like, "_fields") else type(like)(items)
        case dict():
            if not isinstance(given, dict) or set(given) != set(like):
                raise _misfit(name, text, f"a dict with the keys {list(like)}", given)
            return {k: _fitted(name, f"{text}[{k!r}]", like[k], given[k]) for k in like}
        case _ObjectLike(cls, parts) if given is not None:
            if type(given) is not cls or set(parts) - set(vars(given)):
                raise _misfit(name, text, f"of class {cls.__name__}, with its attributes", given)
            pairs = {k: (_described(part), vars(given)[k]) for k, part in parts.items()}
            fitted = {k: _fitted(name, f"{text}.{k}", *pair) for k, pair in pairs.items()}
            return made(cls, **fitted)
        case np.generic() | float() | complex():
            found = _array_fitted(name, text, _ArrayLike(np.asarray(like).dtype, ()), given)
            return None if found is None else type(like)(found[()])
        case _:
            return None


def _pairs(like: Any, given: Any) -> Any:
    return enumerate(zip(like, given, strict=True))


def _array_fitted(name: str, text: str, like: _ArrayLike, given: Any) -> Any:
    if like.dtype.kind not in "fc":
        return None
    found = np.asarray(given)
    numeric = found.dtype.kind in "biuf" + "c" * (like.dtype.kind == "c")
    if found.shape != like.shape or not numeric:
        raise _misfit(name, text, _kind(like), given)
    return found.astype(like.dtype, copy=False)


def _kind(like: _ArrayLike) -> str:
    what = "complex" if like.dtype.kind == "c" else "real"
    return f"an array of shape {like.shape}" if like.shape else f"a {what} number"


def _misfit(name: str, text: str, wanted: str, given: Any) -> BadArgument:
    if isinstance(given, np.ndarray):
        found = f"an array of {given.dtype} of shape {given.shape}"
    elif isinstance(given, tuple | list):
        found = f"a {type(given).__name__} of {len(given)}"
    else:
        found = f"a {type(given).__name__}"
    return BadArgument(
        f"{text} of {name} is {found}, and must be {wanted}",
        None,
        "give a cotangent for each number that the function returned",
    )


@functools.lru_cache(maxsize=_KEPT)
def _compiled(function: types.FunctionType, argnums: tuple[int, ...], has_aux: bool) -> Any:
    return ValueAndPullback(function, argnums, Wanted((), has_aux=has_aux, mode="vjp"))


def vjp(
    fun: Callable[..., Any], *primals: Any, has_aux: bool = False, **keywords: Any
) -> tuple[Any, ...]:
    """The value of `fun` at `primals`, and the pullback there.

    Parameters
    ----------
    fun
        A Python function that computes with NumPy, and returns numbers and arrays in any structure.
    primals
        Its arguments.
    has_aux
        Whether `fun` returns a pair, whose second part is handed on and not differentiated.
    keywords
        Further arguments of `fun`, which are not differentiated.

    Returns
    -------
    tuple
        ``(out, pullback)``, or ``(out, pullback, aux)`` with `has_aux`. The pullback takes a
        cotangent, of the structure of `out`, to a tuple of those of the primals. It may be called
        many times. It reads the arrays among the primals: they must not be changed before.

    Raises
    ------
    Unsupported
        If the function does something that cannot be differentiated.

    Examples
    --------
    >>> from adjoint import vjp
    >>> out, pullback = vjp(lambda x, y: (x * y, x + y), 3.0, 4.0)
    >>> out
    (12.0, 7.0)
    >>> pullback((1.0, 0.0)), pullback((0.0, 1.0))
    ((4.0, 3.0), (1.0, 1.0))
    """
    # One for all objects of a class: what is kept is kept by the function, never by an object,
    # which may be equal to another.
    function, first = plain_function(fun)
    argnums = tuple(range(len(first), len(first) + len(primals)))
    run = _compiled(function, argnums, has_aux)
    out, back, *aux = run(*first, *primals, **keywords)
    name = getattr(fun, "__name__", type(fun).__name__)
    return (out, Pullback(name, back, out), *aux)


vjp.__adjoint_derives__ = Derives("vjp")  # type: ignore[attr-defined]

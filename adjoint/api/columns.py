"""Jacobians column by column, by calls of `jvp`, where they cannot be one function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.api.arguments import Argnums, argument_name
from adjoint.api.rows import not_one_number, units, with_unit
from adjoint.api.tangent import jvp
from adjoint.errors import BadArgument, Unsupported

__all__ = ["by_columns"]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The tangents of the whole result along each number of one leaf of an argument.

    Of a complex leaf, `turned` are those along i times the same.
    """

    shape: tuple[int, ...]
    tangents: list[Any]
    turned: list[Any] | None
    holomorphic: bool


def by_columns(
    fun: Callable[..., Any], argnums: Argnums, has_aux: bool, holomorphic: bool
) -> Callable[..., Any]:
    """The function that computes the Jacobian of `fun`, a call of `jvp` for each column.

    That `fun` is holomorphic is checked by numbers: the tangent along i is i times that along 1.
    """
    run = jvp(fun)

    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        single = isinstance(argnums, int | str)
        wanted: Any = (argnums,) if single else argnums
        by_name = any(isinstance(one, str) for one in wanted)
        primals, names = _bound(fun, args, kwargs, by_name)
        asked = [_position(fun, names, one) for one in wanted]
        for k in asked:
            primals[k] = _floating(names[k], primals[k])
        out = run(tuple(primals), tuple(None for _ in primals))[0]
        again = _the_same(fun, run, out)
        columns = tuple(_along(again, primals, k, holomorphic) for k in asked)
        value, aux = out if has_aux else (out, None)
        made = _by_result(value, columns[0] if single else columns, (0,) if has_aux else ())
        return (made, aux) if has_aux else made

    return jacobian_of


def _the_same(fun: Callable[..., Any], run: Any, out: Any) -> Any:
    """What runs `fun` again, where it must return what it did: the columns are of one function."""

    def again(primals: Any, tangents: Any) -> Any:
        found = run(primals, tangents)
        if not _are_equal(found[0], out):
            raise Unsupported(
                f"{getattr(fun, '__name__', fun)} returns something else each time it is called,"
                " and jacfwd calls it for each column",
                None,
                "use jacobian, which calls it once, or draw numbers outside of it",
            )
        return found

    return again


def _are_equal(a: Any, b: Any) -> bool:
    if isinstance(a, tuple | list):
        return all(map(_are_equal, a, b))
    if isinstance(a, dict):
        return all(_are_equal(a[key], b[key]) for key in a)
    numbers = np.asarray(a).dtype.kind in "biufc"
    return not numbers or np.array_equal(a, b, equal_nan=True)


def _bound(
    fun: Callable[..., Any], args: Any, kwargs: Any, by_name: bool
) -> tuple[list[Any], list[str]]:
    """The arguments in their order, and the names of the parameters.

    Where arguments are asked for by name, those that were left out are among them.
    """
    try:
        signature = inspect.signature(fun)
    except (TypeError, ValueError):  # a function in C
        return list(args), [f"argument {k}" for k, _ in enumerate(args)]
    bound = signature.bind(*args, **kwargs)
    if bound.kwargs:
        raise BadArgument(
            f"{getattr(fun, '__name__', fun)} takes arguments by keyword only",
            None,
            "use jacobian, or give it a function of positional arguments",
        )
    if by_name:
        bound.apply_defaults()
    return list(bound.args), list(signature.parameters)


def _position(fun: Callable[..., Any], names: list[str], asked: Any) -> int:
    return names.index(argument_name(getattr(fun, "__name__", str(fun)), names, {}, asked))


def _floating(name: str, value: Any) -> Any:
    """An argument that is differentiated; whole numbers count as floats."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        return value.astype(float)
    if isinstance(value, float | complex | np.ndarray | np.generic | tuple | list | dict):
        return value
    raise BadArgument(
        f"the Jacobian with respect to {name} is asked for, and {name} is a {type(value).__name__}",
        None,
        "hand it as numbers and arrays, in tuples, lists or dicts, or use jacobian",
    )


def _along(run: Any, primals: list[Any], k: int, holomorphic: bool) -> Any:
    """In the structure of an argument, the tangents along each number of each leaf."""

    def tangent(direction: Any) -> Any:
        directions = tuple(direction if j == k else None for j, _ in enumerate(primals))
        return run(tuple(primals), directions)[1]

    def leaf(value: Any, put: Callable[[Any], Any]) -> _Columns:
        tangents, turned = [tangent(put(unit)) for unit in units(value)], None
        if np.iscomplexobj(value):
            turned = [tangent(put(1j * unit)) for unit in units(value)]
        elif holomorphic:
            raise BadArgument(
                "holomorphic=True needs complex arguments, and one of the numbers is real",
                None,
                "give complex numbers and arrays, or leave holomorphic=True out",
            )
        return _Columns(np.shape(value), tangents, turned, holomorphic)

    return with_unit(primals[k], leaf)


def _by_result(value: Any, columns: Any, path: tuple[Any, ...]) -> Any:
    """The Jacobian in the structure of a result, of which this is the part at a path."""
    match value:
        case tuple() | list():
            parts = [_by_result(part, columns, (*path, k)) for k, part in enumerate(value)]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        case dict():
            return {k: _by_result(part, columns, (*path, k)) for k, part in value.items()}
        case _ if np.asarray(value).dtype.kind in "fc":
            return _of_leaf(value, columns, path)
        case _:
            return None


def _of_leaf(value: Any, columns: Any, path: tuple[Any, ...]) -> Any:
    match columns:
        case tuple() | list():
            parts = [_of_leaf(value, part, path) for part in columns]
            return type(columns)(*parts) if hasattr(columns, "_fields") else type(columns)(parts)
        case dict():
            return {key: _of_leaf(value, part, path) for key, part in columns.items()}
        case _Columns():
            found = _derivatives(value, columns, path)
            whole = (*np.shape(value), *columns.shape)
            return np.moveaxis(np.array(found), 0, -1).reshape(whole) if whole else found[0]
        case _:
            return None


def _derivatives(value: Any, columns: _Columns, path: tuple[Any, ...]) -> list[Any]:
    """Of one leaf of the result, the derivative by each number of one leaf of an argument."""
    along = [_at(tangent, path) for tangent in columns.tangents]
    if columns.holomorphic and not np.iscomplexobj(value):
        raise BadArgument(
            "holomorphic=True needs a complex result, and one of its numbers is real",
            None,
            "leave holomorphic=True out",
        )
    if columns.turned is None:
        return along
    turned = [_at(tangent, path) for tangent in columns.turned]
    if not np.iscomplexobj(value):  # as of a gradient: by the real part, less i times by the other
        return [by_x - 1j * by_y for by_x, by_y in zip(along, turned, strict=True)]
    if not columns.holomorphic:
        raise not_one_number()
    size = float(np.max(np.abs(np.array([along, turned])), initial=0.0))
    tolerance = float(np.sqrt(np.finfo(np.asarray(value).dtype).eps)) * size
    if not np.allclose(turned, 1j * np.array(along), rtol=0, atol=tolerance, equal_nan=True):
        raise Unsupported(
            "the function is not holomorphic, as holomorphic=True promises: along i its derivative"
            " is not i times that along 1",
            None,
            "use jvp or vjp, which take each direction by itself, or return a real number",
        )
    return along


def _at(tangent: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tangent = tangent[key]
    return tangent

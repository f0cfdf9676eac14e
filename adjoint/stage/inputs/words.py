"""Conditions of the guard in words, with the names that the user's source has."""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["in_words"]


def in_words(conditions: Iterable[str], constants: Mapping[str, Any]) -> tuple[str, ...]:
    """What conditions say; those of one number or array are said together.

    Parameters
    ----------
    conditions
        Texts on arguments, and on what the names of `constants` stand for.

    Examples
    --------
    >>> constants = {"_ndarray_0": np.ndarray, "_dtype_f8": np.dtype(float)}
    >>> conditions = ["type(x) is _ndarray_0", "x.dtype is _dtype_f8", "x.ndim == 2"]
    >>> conditions.append("-n + x.shape[0] >= 0")
    >>> in_words(conditions, constants)
    ('x is an array of float64 with 2 axes', 'x.shape[0] >= n')
    """
    kinds: dict[str, _Kind] = {}
    lines: dict[str, _Kind | None] = {}
    for condition in conditions:
        tree = ast.parse(condition, mode="eval").body
        subject = _noted(tree, constants, kinds)
        if subject is not None:
            lines.setdefault(subject, kinds[subject])
        elif not _is_plain(tree, constants):
            lines.setdefault(_said(tree, condition, constants))
    return tuple(key if kind is None else f"{key} is {kind}" for key, kind in lines.items())


def _is_plain(tree: ast.expr, constants: Mapping[str, Any]) -> bool:
    """Whether a condition goes without saying: that the code of a function that is named here,
    a module, and what is Python's own are what they were.
    """
    match tree:
        case ast.Compare(ast.Attribute(_, "__code__"), [ast.Is()], _):
            return True
        case ast.Compare(ast.Constant(str()), [ast.NotIn()], [ast.Name()]):
            return True
        case ast.Compare(_, [ast.Is()], [ast.Name(held)]):
            return isinstance(constants.get(held), types.ModuleType)
    return False


@dataclass(slots=True)
class _Kind:
    """Of which type an argument, or a part of one, is."""

    cls: type = object
    dtype: Any = None
    axes: int | None = None

    def __str__(self) -> str:
        if not issubclass(self.cls, np.ndarray):
            article = "an" if self.cls.__name__[0] in "aeiou" else "a"
            return f"{article} {self.cls.__name__}"
        dtype = "" if self.dtype is None else f" of {self.dtype}"
        axes = {None: "", 0: " without axes", 1: " with 1 axis"}
        return f"an array{dtype}{axes.get(self.axes, f' with {self.axes} axes')}"


def _noted(tree: ast.expr, constants: Mapping[str, Any], kinds: dict[str, _Kind]) -> str | None:
    """What a condition says the kind of, which is noted; None if it says something else."""
    match tree:
        case ast.Compare(ast.Call(ast.Name("type"), [subject]), [ast.Is()], [ast.Name(name)]):
            text = ast.unparse(subject)
            kinds.setdefault(text, _Kind()).cls = constants[name]
        case ast.Compare(ast.Attribute(subject, "dtype"), [ast.Is() | ast.Eq()], [ast.Name(name)]):
            text = ast.unparse(subject)
            kinds.setdefault(text, _Kind(np.ndarray)).dtype = constants[name]
        case ast.Compare(ast.Attribute(subject, "ndim"), [ast.Eq()], [ast.Constant(int(axes))]):
            text = ast.unparse(subject)
            kinds.setdefault(text, _Kind(np.ndarray)).axes = axes
        case _:
            return None
    return text


def _said(tree: ast.expr, condition: str, constants: Mapping[str, Any]) -> str:
    """A condition in which names of ours are what they stand for."""
    match tree:
        case ast.Compare(
            ast.Constant(str(name)), [ast.NotIn()], [ast.Attribute(owner, "__dict__")]
        ):
            return f"{_with_names(ast.unparse(owner), constants)} has no {name} of its own"
        case ast.Compare(
            ast.Call(ast.Name(reader), []) | ast.Subscript(ast.Name(reader)), _, [ast.Name(held)]
        ) if reader in constants:
            return f"{_plain(held)} is {_same(constants[held])}"
        case ast.Compare(ast.Attribute(_, "cell_contents"), _, [ast.Name(held)]):
            return f"{_plain(held)} is {_same(constants[held])}"
        case ast.Compare(read, [ast.Is() | ast.Eq()], [ast.Name(held)]) if held in constants:
            return f"{_with_names(ast.unparse(read), constants)} is {_same(constants[held])}"
        case ast.Compare(ast.BinOp() as left, [relation], [ast.Constant(0)]):
            condition = _on_both_sides(left, relation)
    return _with_names(condition, constants)


def _plain(name: str) -> str:
    """A name as the user has it, of ours for a constant."""
    return re.sub(r"^_(.*)_\d+$", r"\1", name)


def _on_both_sides(left: ast.expr, relation: ast.cmpop) -> str:
    """``n - m >= 0`` as ``n >= m``."""
    terms = [*_terms(left, False)]
    sides = [" + ".join(t for t, negative in terms if negative is side) for side in (False, True)]
    sign = ast.unparse(ast.Compare(ast.Constant(0), [relation], [ast.Constant(0)]))[1:-1]
    return f"{sides[0] or '0'}{sign}{sides[1] or '0'}"


def _terms(tree: ast.expr, negative: bool) -> Iterator[tuple[str, bool]]:
    """The terms of a sum, each with whether it is taken away."""
    match tree:
        case ast.BinOp(left, ast.Add() | ast.Sub() as op, right):
            yield from _terms(left, negative)
            yield from _terms(right, negative is not isinstance(op, ast.Sub))
        case ast.UnaryOp(ast.USub(), operand):
            yield from _terms(operand, not negative)
        case _:
            yield ast.unparse(tree), negative


def _same(value: Any) -> str:
    """What something that is looked up still is."""
    match value:
        case bool() | int() | float() | str() | bytes() | None:
            return repr(value)
        case types.FunctionType() | types.BuiltinFunctionType() | np.ufunc():
            return "the same function"
        case type():
            return "the same class"
        case _:
            return "the same object"


def _with_names(text: str, constants: Mapping[str, Any]) -> str:
    def named(found: re.Match[str]) -> str:
        name = found.group()
        value = constants.get(name)
        return str(getattr(value, "__name__", None) or value) if name in constants else name

    return re.sub(r"\b_\w+", named, text)

"""Replaces single statements of a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adjoint.ir.nodes import Function, Let
from adjoint.ir.walk import expand_lets

__all__ = ["replace_lets"]


def replace_lets(function: Function, changes: Mapping[Let, Sequence[Let]]) -> Function:
    """Return `function` with each `Let` in `changes` replaced by the statements it maps to.

    ::

        {t = a * b: [], s = np.sum(t): [s = np.vdot(a, b)]}

        t = a * b
        s = np.sum(t)       ->      s = np.vdot(a, b)
    """
    if not changes:
        return function
    front = function.body.statements[: max(function.split, 0)]
    grown = sum(len(changes[s]) - 1 for s in front if isinstance(s, Let) and s in changes)
    body = expand_lets(function.body, lambda let: changes.get(let, (let,)))
    return replace(function, body=body, split=function.split + grown)

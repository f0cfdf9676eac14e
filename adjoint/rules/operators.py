"""Functions of `operator` that change their first argument, as the statements they stand for."""

from __future__ import annotations

import operator
from typing import Any

from adjoint.rules.registry import instead

__all__: list[str] = []


def _iadd(a: Any, b: Any) -> Any:
    a += b
    return a


def _isub(a: Any, b: Any) -> Any:
    a -= b
    return a


def _imul(a: Any, b: Any) -> Any:
    a *= b
    return a


def _itruediv(a: Any, b: Any) -> Any:
    a /= b
    return a


def _ifloordiv(a: Any, b: Any) -> Any:
    a //= b
    return a


def _imod(a: Any, b: Any) -> Any:
    a %= b
    return a


def _ipow(a: Any, b: Any) -> Any:
    a **= b
    return a


def _imatmul(a: Any, b: Any) -> Any:
    a @= b
    return a


def _setitem(a: Any, b: Any, c: Any) -> None:
    a[b] = c


def _delitem(a: Any, b: Any) -> None:
    del a[b]


instead(operator.iadd, _iadd)
instead(operator.iconcat, _iadd)
instead(operator.isub, _isub)
instead(operator.imul, _imul)
instead(operator.itruediv, _itruediv)
instead(operator.ifloordiv, _ifloordiv)
instead(operator.imod, _imod)
instead(operator.ipow, _ipow)
instead(operator.imatmul, _imatmul)
instead(operator.setitem, _setitem)
instead(operator.delitem, _delitem)

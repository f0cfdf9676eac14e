"""Ufuncs that are told a dtype, as calls of arguments of that dtype.

``np.exp(x, dtype=np.float32)`` computes ``np.exp(x.astype(np.float32))``, and is written so.
"""

from __future__ import annotations

import gast
import numpy as np

from adjoint.ir.nodes import Const
from adjoint.ir.ops import call, method
from adjoint.ir.values import Array, Scalar, is_complex
from adjoint.rules import Kind, lookup
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Static, Value

__all__ = ["in_dtype"]

Arguments = tuple[list[Value], dict[str, Value]]

#: What changes no value: classes of arrays are none here, and what cannot be cast raises anyway.
_USUAL = {"order": ("K",), "subok": (True, False), "casting": ("same_kind", "unsafe")}
#: Their dtype is that of one of two arguments.
_MIXED = frozenset({np.ldexp})


def in_dtype(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: object,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Arguments:
    """The arguments of a ufunc in the dtype that it is told, without the keyword.

    Where that is not what NumPy does, the keyword stays, and is refused where it matters.
    """
    rule = lookup(held)
    if not isinstance(held, np.ufunc) or rule is None or held in _MIXED:
        return args, kwargs
    if rule.kind not in (Kind.ELEMENTWISE, Kind.MULTILINEAR):
        return args, kwargs
    kwargs = {name: value for name, value in kwargs.items() if not _is_usual(name, value)}
    told = kwargs.get("dtype")
    if not isinstance(told, Static):
        return args, kwargs
    rest = {name: value for name, value in kwargs.items() if name != "dtype"}
    if told.value is None:
        return args, rest
    dtype, types = np.dtype(told.value), [stage.type(a) for a in args]
    is_known = all(isinstance(t, Array | Scalar) for t in types)
    drops = dtype.kind != "c" and any(map(is_complex, types))
    if dtype.kind not in "fc" or drops or not is_known:
        return args, kwargs
    return [_cast(stage, frame, node, a, dtype) for a in args], rest


def _is_usual(name: str, value: Value) -> bool:
    return isinstance(value, Static) and value.value in _USUAL.get(name, ())


def _cast(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, dtype: np.dtype[np.generic]
) -> Value:
    type_ = stage.type(value)
    if isinstance(type_, Array) and type_.dtype == dtype:
        return value
    operand = stage.operand(value, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        if isinstance(type_, Array) and not type_.scalar:
            return stage.builder.let(method(np.ndarray.astype, "astype"), (operand, Const(dtype)))
        return stage.builder.let(call(dtype.type), (operand,))

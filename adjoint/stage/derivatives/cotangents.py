"""Cotangents that a pullback is called with in staged code, as what was returned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import gast
import numpy as np

from adjoint.ir.lists import COPY_LIST
from adjoint.ir.nodes import Const, Operand
from adjoint.ir.ops import method
from adjoint.ir.values import Array, ListOf, Scalar, is_differentiable, same_shape
from adjoint.stage.context import Frame, Stage
from adjoint.stage.objects.structures import parts_of
from adjoint.stage.values import Value

__all__ = ["TO_FLOATS", "fitted"]

TO_FLOATS = method(np.ndarray.astype, "astype")


def fitted(
    stage: Stage, frame: Frame, node: gast.AST, out: Value, given: Value, text: str
) -> Iterator[Operand]:
    """The leaves of a cotangent, in the types of what was returned."""
    parts = parts_of(out)
    if parts is None:
        yield _leaf_fitted(stage, frame, node, out, given, text)
        return
    found = dict(parts_of(given) or ())
    if list(found) != [key for key, _ in parts]:
        _misfit(stage, frame, node, text, f"a structure of {len(parts)} parts")
    for key, part in parts:
        yield from fitted(stage, frame, node, part, found[key], f"{text}[{key!r}]")


def _leaf_fitted(
    stage: Stage, frame: Frame, node: gast.AST, out: Value, given: Value, text: str
) -> Operand:
    wanted, type_ = stage.type(out), stage.type(given)
    if not is_differentiable(wanted):
        return Const(0.0)
    operand = stage.operand(given, frame, node)
    if isinstance(wanted, ListOf) or isinstance(type_, ListOf):
        if not isinstance(wanted, ListOf) or not isinstance(type_, ListOf):
            _misfit(stage, frame, node, text, "a list" if isinstance(wanted, ListOf) else "numbers")
        return stage.builder.let(COPY_LIST, (operand,), type_=type_)
    if not isinstance(type_, Scalar | Array) or not isinstance(wanted, Scalar | Array):
        _misfit(stage, frame, node, text, "a number or an array of known rank")
    if not same_shape(type_, wanted, stage.builder.facts):
        _misfit(stage, frame, node, text, "of the shape of what it belongs to")
    if isinstance(operand, Const):
        return Const(float(operand.value)) if isinstance(operand.value, int) else operand
    if isinstance(wanted, Array) and isinstance(type_, Array) and type_.dtype != wanted.dtype:
        if type_.dtype.kind == "c" and wanted.dtype.kind != "c":
            _misfit(stage, frame, node, text, "real")
        cast = (operand, Const(wanted.dtype))
        return stage.builder.let(TO_FLOATS, cast)
    return operand


def _misfit(stage: Stage, frame: Frame, node: gast.AST, text: str, wanted: str) -> NoReturn:
    stage.refuse(
        frame, node, f"{text} must be {wanted}",
        "give one number for each that the function returned, or was given with a tangent",
    )  # fmt: skip

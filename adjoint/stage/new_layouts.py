"""In which order arrays that are made inside lie in memory: by rows, or by columns.

Most functions of NumPy lay out what they make as what it is made of: a sum of arrays in Fortran
order is in Fortran order.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from adjoint.ir.lengths import ONE
from adjoint.ir.memory import makes_memory
from adjoint.ir.nodes import Const, Let, Var
from adjoint.ir.ops import RENEWED, Form
from adjoint.ir.shapes import is_basic_index
from adjoint.ir.values import Array, rank, shape_of
from adjoint.ir.walk import operand_vars
from adjoint.stage.context import Stage
from adjoint.stage.pools import is_leaf

__all__ = ["is_given", "order_of_new"]

#: Functions that lay out what they make in C order, unless told otherwise.
_IN_C_ORDER: frozenset[Any] = frozenset(
    {
        np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.arange, np.linspace, np.outer,
        np.repeat, np.tile, np.triu, np.tril, np.take,
    }
)  # fmt: skip
#: Products of matrices: in C order where there are no others.
_PRODUCTS: frozenset[Any] = frozenset({operator.matmul, np.matmul, np.dot})
#: Functions whose result lies as what it is made of.
_AS_OPERANDS: frozenset[Any] = frozenset(
    {
        operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
        operator.pow, operator.neg, operator.pos, operator.abs, operator.lt, operator.le,
        operator.gt, operator.ge, operator.eq, operator.ne, np.copy, np.array, np.zeros_like,
        np.ones_like, np.empty_like, np.full_like, np.concatenate, np.stack, np.vstack, np.hstack,
        np.ndarray.astype, np.where, np.sort, np.clip, np.cumsum, np.roll,
    }
)  # fmt: skip
_OTHER = {"C": "F", "F": "C"}

Sources = list[tuple[Var, str]]


def order_of_new(stage: Stage, made: Var) -> str | None:
    """The order, "C" or "F", in which an array that is new lies in one piece; None if unknown."""
    let = stage.builder.definitions.get(made)
    if let is None or not makes_memory(let):
        return None
    if _is_in(stage, made, "C"):
        return "C"
    # Of more axes, two may lie in C order because no operand says how they lie.
    return "F" if rank(made.type) == 2 and _is_in(stage, made, "F") else None


def is_given(stage: Stage, variable: Var) -> bool:
    """Whether an array came in."""
    return variable in stage.sites and is_leaf(stage.sites[variable])


def _is_in(stage: Stage, made: Var, order: str) -> bool:
    """Whether items lie farther apart along each axis than along the next; or else the one before.

    That holds for parts of an array as for itself, and what is laid out anew then lies in order.
    """
    seen: set[tuple[Var, str]] = set()
    waiting = [(made, order)]
    while waiting:
        each, asked = waiting.pop()
        if (each, asked) in seen or (_is_row(each) and not is_given(stage, made)):
            continue
        seen.add((each, asked))
        sources = _sources(stage, each, asked)
        if sources is None:
            return False
        waiting.extend(sources)
    return True


def _is_row(variable: Var) -> bool:
    shape = shape_of(variable.type)
    return shape is not None and sum(axis != ONE for axis in shape) < 2


def _sources(stage: Stage, variable: Var, order: str) -> Sources | None:
    """What lies in which order, if this is in `order`; None where it is not."""
    if is_given(stage, variable):
        return [] if _came_in(stage, variable, order) else None
    if variable in stage.meetings:
        return [(v, order) for o in stage.meetings[variable] for v in operand_vars(o)]
    let = stage.builder.definitions.get(variable)
    if let is None:
        return None
    arrays = [v for a in let.args for v in operand_vars(a) if isinstance(v.type, Array)]
    if not makes_memory(let):
        return _of_view(let, arrays, order)
    if let.op.function is np.copy and _is_kept(let):
        return [(v, order) for v in arrays]
    if any(name in ("order", "like") for name, _ in let.kwargs):
        return None
    function = let.op.function
    flat = rank(variable.type) == 2 and all(rank(v.type) in (1, 2) for v in arrays)
    if (
        function in _IN_C_ORDER
        or (function in _PRODUCTS and flat)
        or (let.op.form is Form.METHOD and let.op.name == "copy")
    ):
        return [] if order == "C" else None
    if function in _AS_OPERANDS or isinstance(function, np.ufunc):
        return [(v, order) for v in arrays]
    return None


def _is_kept(let: Let) -> bool:
    """Whether a copy lies as what it is a copy of."""
    return any(isinstance(o, Const) and (n, o.value) == ("order", "K") for n, o in let.kwargs)


def _of_view(let: Let, arrays: list[Var], order: str) -> Sources | None:
    if let.op.updates or (let.op.form is Form.INDEX and is_basic_index(let.args[1])):
        return [(arrays[0], order)]
    if let.op == RENEWED:
        return [(arrays[0], order)]
    if let.op.function is np.transpose and len(let.args) == 1 and not let.kwargs:
        return [(arrays[0], _OTHER[order])]
    return None


def _came_in(stage: Stage, variable: Var, order: str) -> bool:
    """Whether what came in lies in this order in one piece, which the guard then checks."""
    text = stage.sites[variable][-1]
    example = stage.inputs.leaves[text].example
    if not isinstance(example, np.ndarray):
        return False
    flag = "c_contiguous" if order == "C" else "f_contiguous"
    if not getattr(example.flags, flag):
        return False
    stage.inputs.expect(f"{text}.flags.{flag}")
    return True

"""In which order arrays that are made inside lie in memory: by rows, or by columns.

Most functions of NumPy lay out what they make as what it is made of: a sum of arrays in Fortran
order is in Fortran order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.ir.arithmetic import MATRIX_PRODUCTS, OPERATORS
from adjoint.ir.indices import index_items, is_basic_index
from adjoint.ir.lengths import ONE
from adjoint.ir.memory import makes_memory
from adjoint.ir.nodes import Const, Let, Var
from adjoint.ir.ops import RENEWED, Form
from adjoint.ir.values import Array, rank, shape_of
from adjoint.ir.walk import operand_vars
from adjoint.stage.arrays.pools import is_leaf
from adjoint.stage.context import Stage

__all__ = ["is_given", "order_of_new"]

#: Functions that lay out what they make in C order, unless told otherwise.
_IN_C_ORDER: frozenset[Any] = frozenset(
    {
        np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.arange, np.outer, np.repeat,
        np.take,
    }
)  # fmt: skip
#: Functions that do so where they are given that, and else not always.
_IN_C_ORDER_OF_C: frozenset[Any] = frozenset({np.tile, np.triu, np.tril})
#: Functions whose result lies as what it is made of.
_AS_OPERANDS: frozenset[Any] = OPERATORS | frozenset(
    {
        np.copy, np.array, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.concatenate,
        np.stack, np.vstack, np.hstack, np.ndarray.astype, np.where, np.sort, np.clip, np.cumsum,
        np.roll, np.sum, np.prod, np.mean, np.max, np.min, np.std, np.var, np.round,
    }
)  # fmt: skip
#: Where a function is told the order by position.
_ORDER_AT: dict[Any, int] = {
    np.zeros: 2, np.ones: 2, np.empty: 2, np.full: 3, np.eye: 4, np.copy: 1, np.ndarray.astype: 2,
    np.zeros_like: 2, np.ones_like: 2, np.empty_like: 2, np.full_like: 3,
}  # fmt: skip
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
    operands = (*let.args, *(value for _, value in let.kwargs))
    arrays = [v for o in operands for v in operand_vars(o) if isinstance(v.type, Array)]
    if let.op.form is Form.INDEX or not makes_memory(let):
        return _of_part(let, arrays, order)
    if let.op.function in _IN_C_ORDER_OF_C:
        return [(v, order) for v in arrays] if order == "C" else None
    laid_out = _order_of_call(let)
    if laid_out == "K":
        return [(v, order) for v in arrays]
    flat = rank(variable.type) == 2 and all(rank(v.type) in (1, 2) for v in arrays)
    if let.op.function in MATRIX_PRODUCTS and not (flat and laid_out == "C"):
        return None
    return [] if laid_out == order else None


def _order_of_call(let: Let) -> str | None:
    """The order in which a call lays out what it makes, "K" for that of its operands; or None."""
    function, given = let.op.function, dict(let.kwargs)
    if given.keys() & {"like", "shape"}:
        return None
    at = _ORDER_AT.get(function)
    order = let.args[at] if at is not None and len(let.args) > at else given.get("order")
    if order is not None:
        told = order.value if isinstance(order, Const) else None
        return told if told in ("C", "F", "K") and function not in MATRIX_PRODUCTS else None
    is_method = let.op.form is Form.METHOD and let.op.name == "copy"
    if function in _IN_C_ORDER or function in MATRIX_PRODUCTS or is_method:
        return "C"
    is_known = function in _AS_OPERANDS or isinstance(function, np.ufunc)
    return "K" if is_known else None


def _of_part(let: Let, arrays: list[Var], order: str) -> Sources | None:
    """Of a part of an array, an array that is written into, or one that is shown in another way."""
    if let.op.updates:
        return [(arrays[0], order)]
    if let.op.form is Form.INDEX and arrays:
        whole_rows = order == "C" and len(index_items(let.args[1])) == 1
        is_in_order = whole_rows or is_basic_index(let.args[1])
        return [(arrays[0], order)] if is_in_order else None
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

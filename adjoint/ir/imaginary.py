"""Whether an operation leaves imaginary parts out, as NumPy warns that it does."""

from __future__ import annotations

import warnings

import numpy as np

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Let, Operand, Pack
from adjoint.ir.operands import type_of
from adjoint.ir.specimens import FIRST, Sizes, lengths_of, sizes_of_symbols, specimen
from adjoint.ir.values import is_complex
from adjoint.ir.walk import operand_vars

__all__ = ["drops_imaginary", "holds_complex"]


def holds_complex(operand: Operand) -> bool:
    """Whether an operand is complex, or one of the items of a display is."""
    if isinstance(operand, Pack):
        return any(map(holds_complex, operand.items))
    return is_complex(type_of(operand))


def drops_imaginary(let: Let, facts: Facts) -> bool:
    """Whether a call with complex operands computes with their real parts alone.

    ``np.prod(z, dtype=float)`` does, and ``np.abs(z)`` does not. It is tried on specimens.
    """
    operands = (*let.args, *(value for _, value in let.kwargs))
    if let.target is None or is_complex(let.target.type) or not any(map(holds_complex, operands)):
        return False
    types = [v.type for operand in operands for v in operand_vars(operand)]
    lengths = [facts.canonical(axis) for type_ in types for axis in lengths_of(type_)]
    values = sizes_of_symbols(lengths, FIRST)
    sizes = Sizes(lambda axis: facts.canonical(axis).evaluate(values), 2, zeros=False)
    try:
        args = [specimen(a, sizes) for a in let.args]
        kwargs = {name: specimen(a, sizes) for name, a in let.kwargs}
        with warnings.catch_warnings(record=True) as said, np.errstate(all="ignore"):
            warnings.simplefilter("always")
            let.op.function(*args, **kwargs)
    except Exception:  # it may not be raised on real values
        return False
    return any(issubclass(each.category, np.exceptions.ComplexWarning) for each in said)

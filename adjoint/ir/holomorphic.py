"""Whether a backward sweep is linear over the complex numbers: that of a holomorphic function is.

A sweep is linear over the real numbers always. Where all it does to the cotangent is to multiply it
and to add, it is so over the complex numbers too, and what was differentiated has a complex
derivative. It has none where the cotangent is conjugated, or goes through a real number::

    d_z = np.conj(d_out)                 # of np.conj
    d_z = np.real(d_out) * z / abs(z)    # of abs

What undoes that later is not seen: ``z.real + 1j * z.imag`` is taken for no holomorphic function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from adjoint import runtime
from adjoint.ir.nodes import Block, Branch, Exit, Let, Loop, Next, Operand, Var, Yield
from adjoint.ir.values import is_complex, is_differentiable
from adjoint.ir.walk import all_statements, loop_leaves, operand_vars, reads

__all__ = ["real_linear"]

_CONJUGATES = frozenset({np.conj, np.conjugate, np.vdot, np.real, np.imag, np.abs, abs})


def real_linear(block: Block, cotangents: Iterable[Var]) -> Let | None:
    """The first statement that is not linear over the complex numbers in the cotangents."""
    carrying = _carrying(block, frozenset(cotangents))
    for statement in all_statements(block):
        if isinstance(statement, Let) and _breaks(statement, carrying):
            return statement
    return None


def _breaks(let: Let, carrying: frozenset[Var]) -> bool:
    given = [v for v in reads(let) if v in carrying]
    if not given:
        return False
    made = None if let.target is None else let.target.type
    if let.op.function is runtime.unbroadcast:  # which casts to the dtype of what may be real
        return made is None or not is_complex(made)
    if let.op.function in _CONJUGATES:
        return True
    is_real = made is not None and is_differentiable(made) and not is_complex(made)
    return is_real and any(is_complex(v.type) for v in given)


def _carrying(block: Block, carrying: frozenset[Var]) -> frozenset[Var]:
    """The variables whose value depends on the cotangents."""
    while True:
        found = carrying.union(
            target
            for statement in all_statements(block)
            for target, values in _flows(statement)
            if any(v in carrying for value in values for v in operand_vars(value))
        )
        if found == carrying:
            return found
        carrying = found


def _flows(statement: Let | Branch | Loop) -> Iterator[tuple[Var, list[Operand]]]:
    """For each variable that a statement defines, the values it may get."""
    match statement:
        case Let(target, _, args, kwargs):
            if target is not None:
                yield target, [*args, *(value for _, value in kwargs)]
        case Branch(_, then, other, joins):
            leaves = [arm.leaf.values for arm in (then, other) if isinstance(arm.leaf, Yield)]
            yield from ((join, [v[k] for v in leaves]) for k, join in enumerate(joins))
        case Loop(_, params, inits, body, outs):
            ends = [*loop_leaves(body)]
            trips = [end.values for end in ends if isinstance(end, Next)]
            exits = [end.values for end in ends if isinstance(end, Exit)]
            for k, (param, init) in enumerate(zip(params, inits, strict=True)):
                yield param, [init, *(values[k] for values in trips)]
            for k, out in enumerate(outs):
                yield out, [inits[k], *(values[k] for values in (*trips, *exits))]

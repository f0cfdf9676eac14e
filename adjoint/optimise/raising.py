"""Whether running a statement may raise an exception.

The answer "no" needs a proof: from the types, from the algebra of lengths, or from a fact that the
guard of the compiled code checks. Overflow of a Python float's ``**`` is the one exception that is
let go.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from adjoint.ir.infer import infer
from adjoint.ir.lengths import Facts, Length
from adjoint.ir.nodes import Block, Const, Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.updates import way_of_edit
from adjoint.ir.values import Array, DictOf, ListOf, Maybe, Opaque, Type, shape_of
from adjoint.ir.walk import operands, reads
from adjoint.optimise.fitting import fit, fits, is_complex, is_known
from adjoint.optimise.presence import presence, without_none
from adjoint.optimise.ranges import Bounds, bounds_of_counters, is_safe_index
from adjoint.optimise.safe_calls import SAFE_CALLS, elementwise
from adjoint.optimise.safe_products import SAFE_PRODUCTS
from adjoint.optimise.sequences import OF_SEQUENCES
from adjoint.rules import Kind, lookup

__all__ = ["Known", "may_raise"]

Shape = tuple[Length, ...]
Functions = frozenset[Callable[..., Any]]

_IDENTITY_TESTS: Functions = frozenset({operator.is_, operator.is_not})
_ATTRIBUTES = frozenset({"shape", "size", "T", "dtype", "ndim", "real", "imag"})


class Known:
    """What a place in a function says of values; found where it is first asked for."""

    def __init__(self, body: Block) -> None:
        self._body = body

    @cached_property
    def bounds(self) -> Bounds:
        """The bounds of integers."""
        return bounds_of_counters(self._body)

    @cached_property
    def present(self) -> Mapping[Let, frozenset[Var]]:
        """For statements that read a value that may be None, the variables that are not None."""
        return presence(self._body)


def may_raise(let: Let, facts: Facts, known: Known | None = None) -> bool:
    """Return whether running `let` may raise; conservative.

    Examples
    --------
    >>> from adjoint.errors import Place
    >>> from adjoint.ir.ops import operation
    >>> from adjoint.ir.values import FLOAT
    >>> here = Place("f.py", 1, 0, 1, 5, "x / y", "f")
    >>> x, y, z = (Var(i, "", FLOAT) for i in range(3))
    >>> may_raise(Let(z, operation(operator.truediv), (x, y), (), here), Facts())
    True
    >>> may_raise(Let(z, operation(operator.mul), (x, y), (), here), Facts())
    False
    """
    if let.op.effect or let.target is None:
        return True
    if let.op.proven:
        return False
    known = known or Known(Block(()))
    if any(isinstance(v.type, Maybe) for v in reads(let)):
        let = without_none(let, known.present.get(let, frozenset()))
    match let.op.form:
        case Form.PATH | Form.ALIAS | Form.PART | Form.RULE:
            return False
        case Form.LITERAL:
            return not all(isinstance(a, Pack) and a.kind in ("list", "tuple") for a in let.args)
        case Form.ATTRIBUTE:
            return not _is_there(type_of(let.args[0]), let.op.name)
        case Form.UPDATE_STACK:
            return False
        case Form.UPDATE | Form.UPDATE_INDEX:
            if let not in facts.settled and _is_safe_write(let, facts, known):
                facts.settled.add(let)
            return let not in facts.settled
        case Form.UPDATE_METHOD:
            adds = let.op.name in ("append", "insert") and not way_of_edit(let)
            return not (adds and isinstance(type_of(let.args[0]), ListOf))
        case Form.INDEX:
            owner = type_of(let.args[0])
            is_sparse = isinstance(owner, DictOf) and owner.sparse
            return not (is_sparse or is_safe_index(let, facts, known.bounds))
        case Form.CALL | Form.OPERATOR | Form.METHOD:
            if let not in facts.settled and _is_safe_call(let, facts):
                facts.settled.add(let)
            return let not in facts.settled
        case _:
            return True


def _is_there(owner: Type, name: str) -> bool:
    """Whether an object surely has an attribute: an array, a member of an enumeration."""
    if isinstance(owner, Opaque):
        is_member = owner.cls is not None and issubclass(owner.cls, Enum)
        return is_member and name in ("name", "value")
    return isinstance(owner, Array) and name in _ATTRIBUTES


def _is_safe_call(let: Let, facts: Facts) -> bool:
    function, target = let.op.function, let.target
    if function in _IDENTITY_TESTS:
        return True
    if function in OF_SEQUENCES:
        return OF_SEQUENCES[function](let, facts)
    leaves = [leaf for operand in operands(let) for leaf in _parts(operand)]
    if target is None or not is_known(target.type) or not all(map(_is_known_part, leaves)):
        return False
    if let.op.form is Form.METHOD and let.op.name == "astype":
        return isinstance(let.args[1], Const)
    rule = SAFE_CALLS.get(function) or SAFE_PRODUCTS.get(function)
    if rule is not None:
        return rule(let, facts)
    if isinstance(function, np.ufunc) and function.signature is None:
        return elementwise(let, facts)
    declared = lookup(function)
    if declared is not None and declared.total and declared.kind is Kind.ZERO:
        return True
    if declared is None or not declared.total or any(map(is_complex, operands(let))):
        return False
    return fit(operands(let), facts)


def _is_safe_write(let: Let, facts: Facts, known: Known) -> bool:
    """Whether real numbers are written into an array of floats, in which they are known to fit."""
    old, value = type_of(let.args[0]), type_of(let.args[-1])
    if not isinstance(old, Array) or old.dtype.kind != "f" or let.op.name == "@":
        return False
    if not is_known(value) or is_complex(let.args[-1]):
        return False
    if let.op.form is Form.UPDATE:
        return fits(shape_of(value), old.shape, facts)
    if len(let.args) != 3 or not is_safe_index(let, facts, known.bounds):
        return False
    if shape_of(value) == ():
        return True
    place = infer(operator.getitem, let.args[:2], (), facts)
    return is_known(place) and fits(shape_of(value), shape_of(place), facts)


def _parts(operand: Operand) -> Iterable[Operand]:
    if isinstance(operand, Pack):
        return chain.from_iterable(map(_parts, (*operand.items, *operand.keys)))
    return (operand,)


def _is_known_part(operand: Operand) -> bool:
    # A constant took part in inference as it is, and is no reason to raise if a type came out.
    return isinstance(operand, Const) or is_known(type_of(operand))

"""What a function returns: its numbers one after the other, and the structure around them."""

from __future__ import annotations

from collections.abc import Iterator

from adjoint import runtime
from adjoint.errors import Unsupported
from adjoint.ir.nodes import Block, Const, Function, Operand, Pack, Var, Yield
from adjoint.ir.ops import MAKE, call
from adjoint.ir.values import OPAQUE
from adjoint.stage.likenesses import came_in
from adjoint.stage.run import Staged
from adjoint.stage.structures import parts_of
from adjoint.stage.values import DictValue, ListValue, ObjectValue, TupleValue, Value

__all__ = ["external_variables", "leaves_of", "primal_function", "rebuilt"]


def primal_function(staged: Staged, value: Value) -> Function:
    """The function as it was staged; it yields the leaves of `value`, then all inputs.

    Raises
    ------
    Unsupported
        If an object that was made inside is returned, and is no derivative.
    """
    inputs = tuple(leaf.variable for leaf in staged.inputs.leaves.values())
    values = (*leaves_of(staged, value), *inputs)
    body = Block((*staged.stage.prologue, *staged.builder.statements), Yield(values))
    params = tuple(
        staged.inputs.variables[name]
        for name in staged.arguments
        if name in staged.inputs.variables
    )
    return Function(staged.name, params, external_variables(staged), body, staged.place)


def external_variables(staged: Staged) -> tuple[Var, ...]:
    """The variables of what is read from outside: keyword parameters."""
    return tuple(staged.inputs.variables[name] for name in staged.inputs.externals)


def leaves_of(staged: Staged, value: Value) -> list[Operand]:
    """The operands of the leaves of a structure, in order."""
    if isinstance(value, ObjectValue) and value.access is None and came_in(value) is None:
        raise Unsupported(
            f"an object of class {value.cls.__name__} that is made inside is returned",
            staged.place,
            "return its parts in a tuple or dict",
        )
    parts = parts_of(value)
    if parts is not None:
        return [leaf for _, part in parts for leaf in leaves_of(staged, part)]
    return [staged.stage.operand(value, None, None)]  # type: ignore[arg-type]


def rebuilt(staged: Staged, value: Value, leaves: Iterator[Operand]) -> Operand:
    """The structure of `value` around these leaves."""
    parts = parts_of(value)
    if parts is None:
        return next(leaves)
    made = tuple(rebuilt(staged, part, leaves) for _, part in parts)
    match value:
        case TupleValue(_, cls) if cls is not tuple:
            owner = staged.inputs.constant(cls)
            fields = tuple(zip(cls._fields, made, strict=True))  # type: ignore[attr-defined]
            return staged.builder.let(MAKE, (owner,), fields, type_=OPAQUE)
        case ObjectValue():
            like = came_in(value)
            assert like is not None, "other objects are not returned"
            given, op = like.access.variable(), call(runtime.like)
            pairs = tuple(zip((name for name, _ in parts), made, strict=True))
            return staged.builder.let(op, (given,), pairs, type_=OPAQUE)
        case DictValue():
            return Pack("dict", made, tuple(Const(key) for key, _ in parts))
        case ListValue():
            return Pack("list", made)
        case _:
            return Pack("tuple", made)

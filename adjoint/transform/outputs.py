"""What a function returns: its numbers one after the other, and the structure around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adjoint import runtime
from adjoint.analyses.shared_changes import refuse_changes_seen
from adjoint.errors import Unsupported
from adjoint.ir.nodes import Block, Const, Function, Operand, Pack, Role, Var, Yield
from adjoint.ir.ops import MAKE, Op, call
from adjoint.ir.values import OPAQUE
from adjoint.source.parameters import part_of
from adjoint.stage.inputs.outside import is_namespace
from adjoint.stage.objects.likenesses import came_in
from adjoint.stage.objects.structures import parts_of
from adjoint.stage.run import Staged
from adjoint.stage.values import (
    DictValue,
    ListValue,
    ObjectValue,
    Records,
    RunTimeList,
    TupleValue,
    Value,
)
from adjoint.transform.returned_lists import is_made_of_parts, items_of, refuse_unless_made

__all__ = [
    "external_variables",
    "leaves_of",
    "primal_function",
    "rebuilt",
    "refuse_returned_arguments",
]


def primal_function(staged: Staged, value: Value) -> Function:
    """The function as it was staged; it yields the leaves of `value`, then all inputs.

    Raises
    ------
    Unsupported
        If an object that was made inside is returned, and cannot be made again, or if it is not
        known whether what is changed is a number or an array.
    """
    inputs = tuple(leaf.variable for leaf in staged.inputs.leaves.values())
    values = tuple(leaves_of(staged, value))
    body = Block((*staged.stage.prologue, *staged.builder.statements), Yield(values))
    params = tuple(
        staged.inputs.variables[name]
        for name in staged.arguments
        if name in staged.inputs.variables
    )
    made = Function(staged.name, params, external_variables(staged), body, staged.place)
    refuse_changes_seen(made, staged.builder.changes)
    for function in staged.functions.values():
        refuse_changes_seen(function, staged.builder.changes, is_called=True)
    return replace(made, body=replace(body, leaf=Yield((*values, *inputs))))


def external_variables(staged: Staged) -> tuple[Var, ...]:
    """The variables of what is read from outside: keyword parameters."""
    return tuple(staged.inputs.variables[name] for name in staged.inputs.externals)


def leaves_of(staged: Staged, value: Value) -> list[Operand]:
    """The operands of the leaves of a structure, in order."""
    if isinstance(value, ObjectValue) and value.access is None and came_in(value) is None:
        _refuse_unless_made(staged, value)
    if isinstance(value, Records):
        refuse_unless_made(staged, value.layout)
    parts = parts_of(value)
    if parts is not None:
        return [leaf for _, part in parts for leaf in leaves_of(staged, part)]
    return [staged.stage.operand(value, None, None)]  # type: ignore[arg-type]


def _refuse_unless_made(staged: Staged, value: ObjectValue) -> None:
    """Refuse an object that is more than its attributes, or whose attributes are not all known."""
    if value.source is not None or not is_made_of_parts(value.cls):
        raise Unsupported(
            f"an object of class {value.cls.__name__} that is made inside is returned",
            staged.place,
            "return its parts in a tuple or dict",
        )


def rebuilt(staged: Staged, value: Value, leaves: Iterator[Operand]) -> Operand:
    """The structure of `value` around these leaves."""
    if isinstance(value, Records):
        return _in_class(staged, value, items_of(staged, value.layout, leaves))
    parts = parts_of(value)
    if parts is None:
        return _in_class(staged, value, next(leaves))
    made = tuple(rebuilt(staged, part, leaves) for _, part in parts)
    match value:
        case TupleValue(_, cls) if cls is not tuple:
            owner = staged.inputs.constant(cls)
            fields = tuple(zip(cls._fields, made, strict=True))  # type: ignore[attr-defined]
            return staged.builder.let(MAKE, (owner,), fields, type_=OPAQUE)
        case ObjectValue():
            like, names = came_in(value), (name for name, _ in parts)
            pairs = tuple(zip(names, made, strict=True))
            if is_namespace(value.cls):
                return staged.builder.let(Op(value.cls), (), pairs, type_=OPAQUE)
            op = call(runtime.made if like is None else runtime.like)
            given = staged.inputs.constant(value.cls) if like is None else like.access.variable()
            return staged.builder.let(op, (given,), pairs, type_=OPAQUE)
        case DictValue():
            return Pack("dict", made, tuple(Const(key) for key, _ in parts))
        case ListValue():
            return Pack("list", made)
        case _:
            return Pack("tuple", made)


def _in_class(staged: Staged, value: Value, leaf: Operand) -> Operand:
    """A leaf; what is a list inside is a tuple where the user's code made one."""
    if isinstance(value, RunTimeList | Records) and value.is_tuple and isinstance(leaf, Var):
        return staged.builder.let(call(tuple), (leaf,), type_=OPAQUE, role=Role.PRIMAL)
    return leaf


def refuse_returned_arguments(staged: Staged, value: Value, asked: Sequence[str]) -> None:
    """Refuse to differentiate what is an object that came in, and is differentiated by, itself.

    Raises
    ------
    Unsupported
        If it is one, or holds one.
    """
    if isinstance(value, ObjectValue) and value.access is not None:
        name = re.split(r"[.\[]", value.access.text, maxsplit=1)[0]
        if any(name == part_of(each)[0] for each in asked):
            raise Unsupported(
                f"{value.access.text} is returned, an object that is differentiated by",
                staged.place,
                "return its parts in a tuple or dict; or beside the value, with has_aux=True",
            )
    for _, part in parts_of(value) or ():
        refuse_returned_arguments(staged, part, asked)

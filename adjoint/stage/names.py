"""Names: what they refer to, and binding them."""

from __future__ import annotations

import gast

from adjoint.ir.nodes import Const, Var
from adjoint.ir.ops import ALIAS, GETITEM, Form, Op
from adjoint.ir.values import TupleOf
from adjoint.rules.registry import is_matrix
from adjoint.source.bindings import Scope
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.equivalents.container_equivalents import HOLDING
from adjoint.stage.flow.alternatives import settled
from adjoint.stage.inputs.access import Reading
from adjoint.stage.inputs.classes import expect_builtin
from adjoint.stage.trail import ABSENT
from adjoint.stage.values import (
    UNBOUND,
    Buffer,
    ListValue,
    ObjectValue,
    OneOf,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    TupleValue,
    Value,
    View,
)

__all__ = ["bind", "check_nonlocal", "delete", "owner", "read_name"]

READ = Op(lambda value: value, Form.ALIAS, effect=True)


def read_name(stage: Stage, frame: Frame, node: gast.AST, name: str) -> Value:
    """The value of a name, found as Python finds it."""
    scope: Frame | None = frame
    while scope is not None:
        if name in scope.names.slots:
            found: Value = scope.names.slots[name]
            _check_bound(stage, frame, node, found)
            found = settled(stage.alternatives.known, found)
            return found
        if name in scope.local_names:
            raise PrimalRaises(_unbound(name), stage.place(frame, node))
        scope = scope.parent
    return _outside(stage, frame, node, name)


def _check_bound(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> None:
    """Read a variable that some path leaves unbound, so that reading it raises as it should."""
    value = value.slots["held"] if isinstance(value, Buffer) else value
    if isinstance(value, Var) and value in stage.maybe_unbound and value not in stage.read.slots:
        stage.trail.set(stage.read, value, True)
        with stage.builder.at(stage.place(frame, node)):
            stage.builder.effect(READ, (value,))


def _unbound(name: str) -> UnboundLocalError:
    return UnboundLocalError(
        f"cannot access local variable '{name}' where it is not associated with a value"
    )


def _outside(stage: Stage, frame: Frame, node: gast.AST, name: str) -> Value:
    bindings = frame.bindings
    if frame.is_own and name in bindings.globals:
        return Static(bindings.globals[name])
    match bindings.classify(name, ()):
        case Scope.CLOSURE:
            cell = bindings.closure[name]
            return stage.inputs.external(
                (id(cell),), name, Reading.attribute(cell, "cell_contents")
            )
        case Scope.GLOBAL:
            table = bindings.globals
            return stage.inputs.external((id(table), name), name, Reading.item(table, name))
        case Scope.BUILTIN:
            if not frame.is_own:
                expect_builtin(stage.inputs, bindings.globals, name)
            return Static(bindings.builtins[name])
        case _:
            error = NameError(f"name '{name}' is not defined")
            raise PrimalRaises(error, stage.place(frame, node))


def bind(stage: Stage, frame: Frame, node: gast.AST, name: str, value: Value) -> None:
    """Bind a name where it lives; the variable takes the name where it has none of its own."""
    scope = owner(stage, frame, node, name)
    # What has no name yet, the user may name.
    named = _named(stage, name, value) if frame.names_values else value
    stage.trail.set(scope.names, name, named)


def owner(stage: Stage, frame: Frame, node: gast.AST, name: str) -> Frame:
    """The frame in which a name is bound: its own, or for a nonlocal name one further out."""
    scope: Frame | None = frame
    while scope is not None and name not in scope.local_names:
        scope = scope.parent
    if scope is None:
        stage.refuse(
            frame, node, f"{name}, which lives outside the differentiated function, is written",
            "return the value, or pass what is to be changed as an argument",
        )  # fmt: skip
    return scope


def check_nonlocal(stage: Stage, frame: Frame, node: gast.AST, names: list[str]) -> None:
    """``nonlocal``: the names must belong to a function that is staged too."""
    for name in names:
        owner(stage, frame, node, name)


def _named(stage: Stage, name: str, value: Value) -> Value:
    if isinstance(value, Var):
        value.name = value.name or name
        return value
    if isinstance(value, Static) and type(value.value) in (int, float, complex):
        if value.variable is not None:
            return value
        operand = Const(value.value, value.spelling)
        held = stage.builder.let(ALIAS, (operand,), name=name, type_=stage.type(value))
        return Static(value.value, value.spelling, held)
    if isinstance(value, Records):
        for own, each in zip(value.layout.list_names(name), value.lists, strict=True):
            _named(stage, own, each)
    if isinstance(value, RunTimeList | RunTimeDict | Buffer):
        held = value.slots["held"]
        held.name = held.name or name
    if isinstance(value, View):
        _name_view(value, name)
    if isinstance(value, ListValue | TupleValue):
        _name_whole(stage, value, name)
    if isinstance(value, OneOf):
        value.number.name = value.number.name or name
    if isinstance(value, ObjectValue):
        parts = {"matrix": "{}"} if is_matrix(value.cls) else HOLDING.get(value.cls, {})
        for part, called in parts.items():
            _named(stage, called.format(name), value.slots.get(part, UNBOUND))
    return value


def _name_whole(stage: Stage, value: ListValue | TupleValue, name: str) -> None:
    """Name the tuple or list that an operation returned, and that was taken apart."""
    items = value.items if isinstance(value, TupleValue) else value.slots["items"]
    lets = [stage.builder.definitions.get(item) for item in items if isinstance(item, Var)]
    owners = [let.args[0] for let in lets if let is not None and let.op == GETITEM]
    owner = owners[0] if owners else None
    made = stage.builder.definitions.get(owner) if isinstance(owner, Var) else None
    if made is None or made.op.form is not Form.CALL:
        return  # a shape is read again where it is needed
    assert isinstance(owner, Var)
    count = len(owner.type.items) if isinstance(owner.type, TupleOf) else 0
    if len(items) == count == owners.count(owner):
        owner.name = owner.name or name


def _name_view(view: View, name: str) -> None:
    """Name what was read, or the number that says which array of a pool it is."""
    index = view.path[0].operands[0] if view.is_pooled else None
    if isinstance(index, Var):
        index.name = index.name or name
    elif view.seen is not None:
        view.seen[1].name = view.seen[1].name or name


def delete(stage: Stage, frame: Frame, node: gast.AST, name: str) -> None:
    """Unbind a name where it lives."""
    names = owner(stage, frame, node, name).names
    if name not in names.slots:
        raise PrimalRaises(_unbound(name), stage.place(frame, node))
    stage.trail.set(names, name, ABSENT)

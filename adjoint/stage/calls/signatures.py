"""A call as the function sees it: a parameter in the place of each number and array.

What is handed to a function, and what its closure reads, is taken apart. Numbers and arrays become
parameters; everything else (functions, flags, the structure of containers) is known now and belongs
to the signature: two calls that differ in nothing else are calls of one function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import gast

from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import (
    Array,
    Scalar,
    Type,
)
from adjoint.stage.arrays.sites import items_written
from adjoint.stage.calls.signature_differences import widened
from adjoint.stage.calls.signature_frames import fill_frame, handed_closure, handed_frame
from adjoint.stage.calls.signature_parts import WHOLE, part_of
from adjoint.stage.calls.signature_registers import enter_registers, registered
from adjoint.stage.calls.signature_types import HANDED, OwnTypes
from adjoint.stage.context import Frame, Key, Stage, describe
from adjoint.stage.inputs.reachable import cells_in, free_names, is_staged
from adjoint.stage.lists.handed_registers import are_handed
from adjoint.stage.lists.registers import register_of
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    BoundMethod,
    Buffer,
    Closure,
    DerivativeValue,
    DictValue,
    ListValue,
    NativeMethod,
    ObjectValue,
    OneOf,
    PartialValue,
    Poison,
    Records,
    RunTimeList,
    SliceValue,
    StagedValue,
    Static,
    TupleValue,
    Unbound,
    Value,
    View,
)

__all__ = ["Handed", "HandedArray", "Signature", "why_kept"]


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """What can be changed, inside the function and at the call.

    `site` is the decision that it is, of an array or list.
    """

    own: Cell
    theirs: Any
    site: Key = ()


@dataclass(frozen=True, slots=True, eq=False)
class HandedArray:
    """An array or list that is handed over: the parameter that it is, and what it is at the call.

    `site` is the decision that the function writes into it.
    """

    param: Var
    theirs: Value
    site: Key


@dataclass(eq=False)
class Signature:
    """What one call of a function looks like.

    Attributes
    ----------
    stage, caller, node, identity
        Where the call stands, and which function it is of.
    key
        Equal for two calls of one function that may share its code.
    params, operands
        The parameters, and what the call hands to each.
    lengths
        Each length of an argument that is not known now, with the length that the function knows.
    handed
        The cells of the arguments, in which the function may change something.
    arrays
        The arrays and lists among the arguments that are changed somewhere.
    labels
        What each parameter is reached by, and its type.
    lists
        The decisions that make lists of known length run-time lists.
    registers
        The registers of the function, if it needs them.
    """

    stage: Stage
    caller: Frame
    node: gast.AST
    identity: Key
    key: list[Any] = field(default_factory=list)
    params: list[Var] = field(default_factory=list)
    operands: list[Operand] = field(default_factory=list)
    lengths: list[tuple[Length, Length]] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    arrays: list[HandedArray] = field(default_factory=list)
    labels: list[tuple[str, Type]] = field(default_factory=list)
    lists: list[Key] = field(default_factory=list)
    registers: dict[Key, RunTimeList | Records] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)
    _made: dict[int, Any] = field(default_factory=dict)
    _held: list[Any] = field(default_factory=list)
    types: OwnTypes = field(init=False)

    def __post_init__(self) -> None:
        self.types = OwnTypes(self.stage, self.identity, self.key, self.lengths)

    def enter(self, frame: Frame, tree: gast.AST) -> Frame:
        """The frame of a call, with parameters in the place of what it was given."""
        self.hold(frame.bindings.function)
        self.key.append(id(frame.bindings.function))
        made = replace(
            frame,
            names=Cell(),
            parent=handed_frame(self, frame.parent),
            callers=(),
            path=(self.identity,),
        )
        if are_handed(self.stage, self.identity):
            enter_registers(self)
        for name, value in frame.names.slots.items():
            made.names.slots[name] = self.value(name, value)
        if frame.parent is not None and made.parent is not None:
            fill_frame(self, free_names(tree), frame.parent, made.parent)
        return made

    # -- parts -------------------------------------------------------------------------------------

    def value(self, name: str, value: Value) -> Value:
        """What is handed over of a value."""
        match value:
            case OneOf() | ObjectValue() if register_of(value) is not None:
                return registered(self, name, value)
            case Var() | Buffer() | View():
                return self.array(name, value)
            case Static():
                return self._static(name, value)
            case TupleValue(items, cls):
                self.key.append((cls, len(items)))
                return TupleValue(self.items(name, items), cls)
            case Records(layout, lists):
                self.key.append(layout)
                names = layout.list_names(name)
                made: list[Any] = list(map(self.value, names, lists))
                return Records(layout, tuple(made))
            case SliceValue(start, stop, step):
                self.key.append("slice")
                return SliceValue(*self.items(name, (start, stop, step)))
            case BoundMethod(function, owner):
                self.key.append("method")
                return BoundMethod(*self.items(name, (function, owner)))
            case NativeMethod(owner, method):
                self.key.append(method)
                return NativeMethod(self.value(name, owner), method)
            case PartialValue(function, args, kwargs):
                self.key.append(("partial", len(args), *kwargs))
                first, *rest = self.items(name, (function, *args, *kwargs.values()))
                named = dict(zip(kwargs, rest[len(args) :], strict=True))
                return PartialValue(first, tuple(rest[: len(args)]), named)
            case DerivativeValue(function, derives, argnums, has_aux):
                self.key.append((derives, repr(argnums), has_aux))
                return DerivativeValue(self.value(name, function), derives, argnums, has_aux)
            case Unbound():
                self.key.append("unbound")
                return value
            case Poison():
                self.stage.decide(value, self.caller, self.node)
            case Closure() | ListValue() | RunTimeList() | DictValue() | ObjectValue():
                return self._once(name, value)
            case _:
                self.refuse(
                    f"{describe(value)} is handed to {self.name}, which {why_kept(self.identity)}"
                )

    def items(self, name: str, items: tuple[Value, ...]) -> tuple[Value, ...]:
        """What is handed over of several values."""
        return tuple(self.value(name, item) for item in items)

    def array(self, name: str, value: Var | Buffer | View) -> Value:
        """A number or array: one that the function writes into can be changed by a call."""
        if self.knows(value):
            return self._again(value)
        if isinstance(value, View) and (WHOLE, self.identity, name) in self.stage.decisions:
            made = part_of(self, name, value)
            self.note(value, made)
            return made
        is_memory = isinstance(value, Buffer | View)
        param = self.leaf(name, self.stage.operand(value, self.caller, self.node))
        if not isinstance(param, Var) or isinstance(param.type, Scalar):
            return param
        site = self.stage.sites[param]
        if is_memory:
            self.arrays.append(HandedArray(param, value, site))
        if site not in self.stage.decisions:
            return param
        if self.is_of_solver or not isinstance(param.type, Array):
            why = why_kept(self.identity)
            message = f"{self.name}, which {why}, writes into what it is given"
            self.refuse(message, "return the array")
        if param.type.scalar:
            return param
        own = Buffer({"held": param}, sites=(site,))
        self.changeable(own, value, site)
        return own

    def note(self, theirs: Any, made: Any) -> None:
        """Note under what something is known if it comes again."""
        self.hold(theirs)
        self._made[id(theirs)] = made

    def hold(self, theirs: Any) -> None:
        """Keep what is known by its identity."""
        self._held.append(theirs)

    def knows(self, theirs: Any) -> bool:
        """Whether something has come before."""
        return id(theirs) in self._made

    def known(self, theirs: Any) -> Any:
        """What something that has come before is inside."""
        return self._made[id(theirs)]

    def changeable(self, made: Cell, theirs: Any, site: Key = ()) -> None:
        """Note what may be changed, and under what it is known if it comes again."""
        self.note(theirs, made)
        self.handed.append(Handed(made, theirs, site))
        self.key.append("changeable")

    def _again(self, value: Any) -> Value:
        self.key.append(("again", [*self._made].index(id(value))))
        known: Value = self.known(value)
        return known

    def _once(self, name: str, value: Any) -> Value:
        """What is one thing under several names stays one."""
        if self.knows(value):
            return self._again(value)
        self.hold(value)
        if isinstance(value, Closure):
            return handed_closure(self, name, value)
        ways: dict[type, Callable[..., Value]] = {
            ListValue: self._list, RunTimeList: self.run_time_list,
            DictValue: self._dict, ObjectValue: self._object,
        }  # fmt: skip
        return ways[type(value)](name, value)

    def _list(self, name: str, value: ListValue) -> Value:
        made = ListValue(key=value.key)
        self.changeable(made, value)
        if value.key is not None:
            self.lists.append(value.key)
        self.key.append(("list", len(value.slots["items"])))
        made.slots["items"] = self.items(name, value.slots["items"])
        return made

    def run_time_list(self, name: str, value: RunTimeList) -> Value:
        made = RunTimeList()
        held = self.stage.operand(value, self.caller, self.node)
        assert isinstance(held, Var)
        if self.is_of_solver:
            self.stage.need_static(held)  # a list of so many items, where that can be known
        self.key.append("run-time list")
        param = made.slots["held"] = self.leaf(name, held)
        assert isinstance(param, Var), "a list is no number that is known"
        site = self.stage.sites[param]
        made.written = items_written(site) in self.stage.decisions
        self.key.append(made.written)
        self.arrays.append(HandedArray(param, value, site))
        self.changeable(made, value, site)
        return made

    def _dict(self, name: str, value: DictValue) -> Value:
        made = DictValue(cls=value.cls)
        self.changeable(made, value)
        entries = value.slots["items"]
        self.key.append((value.cls, *entries))
        values = [self.value(str(key), item) for key, item in entries.items()]
        made.slots["items"] = dict(zip(entries, values, strict=True))
        return made

    def _object(self, name: str, value: ObjectValue) -> Value:
        if value.real is not None:
            if any(self._is_changed(cell) for cell in cells_in(value)):
                self.refuse(f"{describe(value)} that was changed is handed to {self.name}")
            self._made[id(value)] = value
            self.key.append(("object", id(value)))
            return value  # its attributes are read where they are needed
        if value.source is not None:
            self.refuse(f"{describe(value)} that is like another is handed to {self.name}")
        if value.place is not None:
            self.refuse(
                f"{describe(value)} in a list, where it is changed, is handed to {self.name}"
            )
        if is_staged(value.cls):  # its methods may read names that change
            self.refuse(f"an object of a class that is made inside is handed to {self.name}")
        if value.may_have_computed:
            what = f"{describe(value)} that may have computed a cached property"
            self.refuse(f"{what} is handed to {self.name}")
        made = ObjectValue(cls=value.cls, seen=value.seen)
        self.changeable(made, value)
        self.key.append((value.cls, *value.slots))
        for attribute, item in value.slots.items():
            made.slots[attribute] = self.value(attribute, item)
        return made

    def _is_changed(self, cell: Cell) -> bool:
        return self.stage.trail.wrote(cell)

    def _static(self, name: str, value: Static) -> Value:
        held = value.value
        is_number = type(held) in (int, float, complex)
        if is_number and self.is_of_solver and value.access is None:
            is_number = False  # of a solver's function there is one for each call
            value = Static(held, value.spelling)
        if is_number and ("constant", self.identity, name) not in self.stage.decisions:
            return self.leaf(name, self.stage.static_operand(value))
        if isinstance(held, StagedValue) or (isinstance(held, type) and is_staged(held)):
            self.refuse(f"a class that is made inside is handed to {self.name}")
        self.hold(held)
        plain = isinstance(held, bool | int | float | complex | str | bytes | None)
        self.key.append((type(held), repr(held) if plain else id(held)))
        return value

    # -- numbers and arrays ------------------------------------------------------------------------

    def leaf(self, name: str, operand: Operand) -> Value:
        """The parameter for a number or array, or what is known of it."""
        if isinstance(operand, Var) and ("constant", self.identity, name) in self.stage.decisions:
            known = self.stage.need_static(operand)
            if not isinstance(known, Static):
                self.refuse(f"{name} of {self.name} is needed before the code runs")
            return self.value(name, known)
        own = self.types.own(widened(self, name, type_of(operand)))
        self.labels.append((name, own))
        is_named = isinstance(operand, Var) and self.is_of_solver
        called = operand.name if isinstance(operand, Var) and is_named else ""
        param = self.stage.builder.var(own, self._unique(called or name))
        site = ("argument", self.identity, name)
        self.stage.sites[param] = site
        if isinstance(own, Scalar):
            self.stage.origins[param] = (("constant", self.identity, name),)
        self.params.append(param)
        self.operands.append(operand)
        return param

    def _unique(self, name: str) -> str:
        candidate, number = name, 0
        while candidate in self._names:
            number += 1
            candidate = f"{name}_{number}"
        self._names.add(candidate)
        return candidate

    @property
    def is_of_solver(self) -> bool:
        """Whether it is of a function that a solver calls."""
        return bool(self.identity[0] == HANDED)

    # -- refusals ----------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the function."""
        return str(self.identity[1])

    def refuse(
        self, message: str, advice: str = "hand it numbers, arrays, tuples, lists or dicts"
    ) -> NoReturn:
        """Refuse what is handed over."""
        if not self.is_of_solver:
            advice = f"{advice}, or write the recursion as a loop"
        self.stage.refuse(self.caller, self.node, message, advice)


def why_kept(identity: Key) -> str:
    """Why a function is not interpreted in its place, as errors say it."""
    return "a solver calls" if identity[0] == HANDED else "calls itself"

"""Names that are one of several arrays or objects known while staging: a number tells which.

Where paths meet on which a name was another array, part of an array or object, and what it is has
to be known (one of them is written), each of these has a number, and the name holds a variable of
it. What uses the name is staged once for each, in a branch on that number (see `told_apart`)::

    w = a if c else a[1:]               w = 0 if c else 1
    w[0] = e                    ->      if w == 0: a[0] = e
                                        else: a[1:][0] = e

What is None on one path, and a tuple, list, dict or object that was made on the other, has a number
for None, and one for all of one structure: their parts are merged, and not bound beside None.
"""

from __future__ import annotations

import enum
import itertools
import math
import operator
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Statement, Var
from adjoint.ir.ops import COMPARE, operation
from adjoint.ir.values import BOOL
from adjoint.stage.objects.sameness import is_whole_number
from adjoint.stage.values import (
    BoundMethod,
    Buffer,
    Closure,
    DictValue,
    ListValue,
    NativeMethod,
    ObjectValue,
    OneOf,
    Placed,
    Static,
    Step,
    TupleValue,
    View,
    is_none,
)

__all__ = [
    "CHOSEN",
    "ITEM_CHOSEN",
    "MOST",
    "NOT_CHOSEN",
    "Alternatives",
    "are_alternatives",
    "chooses",
    "is_member",
    "is_new",
    "kind_of",
    "number_of",
    "settled",
    "telling",
    "told_by",
]

_NOT = operation(operator.not_)

#: Of so many things one may be told apart, with an arm for each wherever it is used.
MOST = 64
#: The decision that what meets somewhere is one of several things, told apart by a number.
CHOSEN = "chosen"
#: The same of all places: what met at some is joined with what is told apart at others.
EVERYWHERE = (CHOSEN, "everywhere")
#: The kind of decision about an item of a sequence, by a position known at run time only.
ITEM_CHOSEN = "item"
#: The decision that there are no such names: something could not be done with one.
NOT_CHOSEN = ("not chosen",)


@dataclass(eq=False)
class Alternatives:
    """The numbers of all that names may be, in the order in which they were met."""

    numbers: dict[Any, int] = field(default_factory=dict)
    #: The numbers that are values of members of enumerations, which have them in any enumeration.
    members: set[int] = field(default_factory=set)
    #: What a number is known to be, in the arm of a branch on it.
    known: dict[Var, int] = field(default_factory=dict)
    #: What variables are known to be, in the arm of a branch on them.
    truths: Mapping[Var, bool] = field(default_factory=dict)
    #: The variables that tell whether a number is another, with the block that they stand in.
    tests: dict[tuple[Var, int], tuple[list[Statement], Operand]] = field(default_factory=dict)

    def note_join(self, join: Var, numbers: Sequence[Any], test: Operand, block: Any) -> None:
        """Note which test tells between two numbers that met."""
        if all(isinstance(each, Const) and type(each.value) is int for each in numbers):
            first, second = (each.value for each in numbers)
            if first != second:
                self.tests[join, first] = (block, test)

    def test(self, builder: Builder, value: OneOf, number: int) -> Operand:
        """The variable that tells whether a value is the one of this number."""
        block, test = self.tests.get((value.number, number), (None, None))
        if block is None or test is None or not builder.is_open(block):
            operands = (value.number, Const(number))
            test = builder.let(operation(COMPARE["=="]), operands, type_=BOOL)
            self.tests[value.number, number] = (builder.statements, test)
        return test

    def number(self, value: Any, since: float = math.inf) -> int:
        """The number of an array, view or object; what was made `since` has that of its kind."""
        key = kind_of(value) if is_new(value, since) else key_of(value)
        if key not in self.numbers:
            own = _own_number(value)
            if own is not None and (own in self.members or own not in self.numbers.values()):
                self.members.add(own)
                return own
            taken = {*self.numbers.values(), *self.members}
            fresh = (n for n in itertools.count(len(self.numbers)) if n not in taken)
            self.numbers[key] = next(fresh)
        return self.numbers[key]

    def by_number(self, value: Any, since: float = math.inf) -> Mapping[int, Any]:
        """What a value may be."""
        return value.items if isinstance(value, OneOf) else {self.number(value, since): value}


def told_by(builder: Builder, test: Operand | None, truth: bool) -> dict[Var, bool]:
    """What is known of variables where a test is true, or false."""
    found = {}
    while isinstance(test, Var):
        found[test] = truth
        made = builder.definitions.get(test)
        test = made.args[0] if made is not None and made.op == _NOT else None
        truth = not truth
    return found


def settled(known: Mapping[Var, int], value: Any) -> Any:
    """A value, or the one of several that it is where that is known."""
    while isinstance(value, OneOf) and value.number in known:
        value = value.items[known[value.number]]
    return value


def chooses(keys: Iterable[Any], decisions: Mapping[Any, Any]) -> bool:
    """Whether a number tells what meets where these decisions would keep things apart."""
    return EVERYWHERE in decisions or any((CHOSEN, key) in decisions for key in keys)


def telling(keys: Iterable[Any], decisions: Mapping[Any, Any]) -> list[Any]:
    """The decisions by which a number tells what these would keep apart, as far as not taken."""
    if NOT_CHOSEN in decisions or EVERYWHERE in decisions:
        return []
    places = [(CHOSEN, key) for key in keys if key[0] in ("split", "unroll", ITEM_CHOSEN)]
    fresh = [each for each in places if each not in decisions]
    return fresh or [EVERYWHERE][: len(places)]


def are_alternatives(values: Iterable[Any], since: float = math.inf) -> bool:
    """Whether each is an array, view or object that was there before, a text, a function or None.

    Beside None it may also be what was made since: all of one structure are one alternative.
    """
    values = list(values)
    is_optional = any(isinstance(value, OneOf) or is_none(value) for value in values)
    return all(
        isinstance(value, OneOf)
        or _is_alternative(value, since)
        or (is_optional and is_new(value, since))
        for value in values
    )


def _is_alternative(value: Any, since: float) -> bool:
    match value:
        case Static(held):
            is_function = isinstance(held, Hashable) and callable(held)
            return held is None or isinstance(held, str | enum.Enum) or is_function
        case View(base, path):
            return base.birth < since and all(map(_is_plain_step, path))
        case Buffer() | Closure():
            return value.birth < since
        case DictValue(place=Placed(view=view)) | ObjectValue(place=Placed(view=view)):
            return _is_alternative(view, since)
        case ObjectValue() | ListValue() | DictValue():
            return value.birth < since
        case BoundMethod(_, owner) | NativeMethod(owner):
            return _is_alternative(owner, since)
        case _:
            return False


def is_new(value: Any, since: float) -> bool:
    """Whether a value is a structure that was made on a path, and nothing that stays in a list."""
    match value:
        case TupleValue():
            return since < math.inf
        case ObjectValue(place=None, real=None):
            return since <= value.birth and not _is_linked(value)
        case DictValue(place=None):
            return since <= value.birth
        case ListValue():
            return since <= value.birth
        case _:
            return False


def _is_linked(value: ObjectValue) -> bool:
    """Whether a part of an object is one of several: it stays in a list with those it leads to."""
    return any(isinstance(part, OneOf) for part in value.slots.values())


def _is_plain_step(step: Step) -> bool:
    """Whether a step is the same wherever it is taken, but for whole numbers in an index."""
    if step.op is None:
        return all(_form(operand) is not None for operand in step.operands)
    operands = (*step.operands, *(operand for _, operand in step.keywords))
    return step.sure and all(isinstance(operand, Const) for operand in operands)


def key_of(value: Any) -> Any:
    """What tells an array, view or object from others."""
    match value:
        case Static(held):
            return ("static", type(held), held)
        case View(base, path):
            return (base, *(_step_key(step) for step in path))
        case DictValue(place=Placed() as place) | ObjectValue(place=Placed() as place):
            return (*key_of(place.view), "item", place.level)
        case BoundMethod(function, owner):
            return ("method", key_of(owner), id(getattr(function, "value", function)))
        case NativeMethod(owner, name):
            return ("method", key_of(owner), name)
        case _:
            return value


def _own_number(value: Any) -> int | None:
    """The number that a member of an enumeration has as its value, if that is one."""
    held = value.value.value if is_member(value) else None
    return held if type(held) is int and held >= 0 else None


def is_member(value: Any) -> TypeGuard[Static]:
    """Whether a value is a member of an enumeration."""
    return isinstance(value, Static) and isinstance(value.value, enum.Enum)


def number_of(value: Any) -> Any:
    """The number that a member of an enumeration is, or one of several; else the value itself."""
    if isinstance(value, OneOf):
        members = value.items.items()
        is_number = all(is_member(v) and isinstance(v.value, int) and v.value == n
                        for n, v in members)  # fmt: skip
        return value.number if is_number else value
    held = value.value if is_member(value) else None
    return Static(int(held)) if isinstance(held, int) else value


def kind_of(value: Any) -> Any:
    """What tells a structure from others that it is not merged with."""
    match value:
        case TupleValue(items, cls):
            return ("tuple", cls, len(items))
        case DictValue():
            return ("dict", value.cls, *value.slots["items"])
        case ObjectValue():
            return ("object", value.cls)
        case _:
            return (type(value),)


def _step_key(step: Step) -> Any:
    if step.op is None:
        return tuple(map(_form, step.operands))
    constants = (*step.operands, *(operand for _, operand in step.keywords))
    return (step.op.function, step.op.name, *(repr(each) for each in constants))


def _form(operand: Operand) -> Any:
    """An index without the whole numbers in it; None for one by arrays."""
    if is_whole_number(operand):
        return "number"
    match operand:
        case Const(value):
            return repr(value)
        case SliceOf(start, stop, Const(step)):
            forms = (_form(start), _form(stop))
            return None if None in forms else ("slice", *forms, step)
        case Pack(kind, items):
            forms = tuple(map(_form, items))
            return None if None in forms else (kind, *forms)
        case _:
            return None

"""The stage of one function: what is being written, in which frame, under which decisions."""

from __future__ import annotations

import enum
import functools
from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import gast
import numpy as np

from adjoint.errors import Place, PrimalRaises, Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Function, Let, Operand, Pack, SliceOf, Statement, Var
from adjoint.ir.operands import type_of_constant
from adjoint.ir.ops import Callee, Form, Op, call
from adjoint.ir.values import OPAQUE, Type, join_types
from adjoint.source.parse import place as place_of
from adjoint.stage.flow.alternatives import Alternatives, telling
from adjoint.stage.frames import Frame, Key
from adjoint.stage.spelled import as_key, describe, is_plain, is_spelled
from adjoint.stage.trail import Cell, Mark, Trail
from adjoint.stage.values import (
    Buffer,
    DictValue,
    Iterable,
    ListValue,
    ObjectValue,
    OneOf,
    Poison,
    Records,
    RunTimeDict,
    RunTimeList,
    SliceValue,
    Static,
    Steps,
    TupleValue,
    Unbound,
    Value,
    View,
)

if TYPE_CHECKING:
    from adjoint.stage.arrays.pools import Pools
    from adjoint.stage.inputs.from_outside import Inputs

__all__ = [
    "AlwaysRaises",
    "Frame",
    "Key",
    "Opened",
    "PrimalRaises",
    "Restart",
    "Stage",
    "Transforms",
    "as_key",
    "describe",
    "is_plain",
    "is_spelled",
    "literal",
]


class Restart(Exception):
    """Staging must start again with these decisions taken, for a reason if there is one.

    Where they are taken, it does with those that are taken `otherwise`, or ends by the refusal.
    """

    def __init__(
        self,
        *keys: Key,
        reason: Unsupported | None = None,
        otherwise: Sequence[Key] = (),
        refusal: Unsupported | None = None,
    ) -> None:
        super().__init__(*keys)
        self.keys, self.reason = keys, reason
        self.otherwise, self.refusal = otherwise, refusal


class AlwaysRaises(Exception):
    """Every path through what was just staged raises, by statements already written."""


def literal(kind: str) -> Op:
    """The display of a container."""
    return Op({"list": list, "tuple": tuple, "dict": dict, "set": set}[kind], Form.LITERAL, kind)


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An arm or a trip: the block it stands in, the state before it, whether there are more."""

    around: list[Statement]
    mark: Mark
    is_trip: bool = False


def _not_there(*args: Any) -> Any:
    raise AssertionError("derivatives inside a function need the compiler")


@dataclass(frozen=True, slots=True)
class Transforms:
    """What writes derivatives of a part of the function, where the function itself takes some.

    Of a block that was staged apart: `differentiate` in reverse mode, `push_forward` along one
    direction, `linearise` along many.
    """

    differentiate: Callable[..., Any] = _not_there
    push_forward: Callable[..., Any] = _not_there
    linearise: Callable[..., Any] = _not_there


@dataclass(eq=False)
class Stage:
    """The state of staging one function."""

    builder: Builder
    inputs: Inputs
    decisions: Mapping[Key, Any]
    evaluate: Callable[[Frame, gast.AST], Steps]
    execute: Callable[[Frame, list[Any]], Steps]
    call: Callable[..., Steps]
    array: Callable[..., Var]
    #: Starts again with arrays kept in one list, if they can be and are not.
    keep_together: Callable[[Sequence[Any]], None]
    may_raise: Callable[[Let, Facts], bool]
    transforms: Transforms
    trail: Trail = field(default_factory=Trail)
    #: How many derivatives the function itself takes, one in the other, of what is staged now.
    depth: int = 0
    #: Whether all of it was staged: a loop that makes no trip in such calls is left out.
    is_whole: bool = True
    #: Whether a derivative is taken of the whole.
    is_differentiated: bool = True
    prologue: list[Statement] = field(default_factory=list)
    origins: dict[Var, tuple[Key, ...]] = field(default_factory=dict)
    loops: dict[Key, Any] = field(default_factory=dict)
    #: Names that are bound in frames beside those of the user: see `own_statements`.
    own_names: dict[Key, str] = field(default_factory=dict)
    regions: list[Any] = field(default_factory=list)
    looked_at: list[Value] = field(default_factory=list)
    gone_over: list[tuple[Value, int]] = field(default_factory=list)
    #: The calls of which the items are gone over where they stand.
    at_once: set[gast.AST] = field(default_factory=set)
    active: list[Any] = field(default_factory=list)
    #: Whether what is staged stands in a `with` in which NumPy raises of numbers.
    numbers_raise: bool = False
    #: The bodies of `try` that are being staged; each counts its `failures`.
    attempts: list[Any] = field(default_factory=list)
    #: The arms and trips that are being staged.
    opened: list[Opened] = field(default_factory=list)
    #: What the tests of a function, by its code, depend on that could be taken as known.
    tested: dict[Any, dict[Key, None]] = field(default_factory=dict)
    #: What names may be that are one of several things (see `alternatives`).
    alternatives: Alternatives = field(default_factory=Alternatives)
    #: What ends the generators that wait for `next`.
    suspended: list[Callable[[], None]] = field(default_factory=list)
    maybe_unbound: set[Var] = field(default_factory=set)
    sites: dict[Var, Key] = field(default_factory=dict)
    meetings: dict[Var, tuple[Operand, ...]] = field(default_factory=dict)
    wanted: dict[Key, None] = field(default_factory=dict)
    #: The lists, dicts and objects that stand for several (see `several`).
    several: list[Any] = field(default_factory=list)
    #: The classes of what was put into lists, by module and name (see `records`).
    item_classes: dict[tuple[str, str], type] = field(default_factory=dict)
    #: The sets that were made, and what makes each again as one that is changed.
    made_sets: list[tuple[frozenset[Any], Key]] = field(default_factory=list)
    #: The lists of all objects of a class that are made, by the decision that there are such, and
    #: where they are made (see `registers`).
    registers: dict[Key, Any] = field(default_factory=dict)
    register_sites: dict[Key, Key] = field(default_factory=dict)
    #: The function that stays one, and is staged, if it is not handed them.
    without_registers: Key | None = None
    holders: list[tuple[Any, Any]] = field(default_factory=list)
    #: The lists that hold the dicts and objects of others, in which they are changed.
    copies: list[tuple[Any, Any]] = field(default_factory=list)
    read: Cell = field(default_factory=Cell)
    #: The functions that stay functions, by signature (see `functions`).
    functions: dict[Key, Any] = field(default_factory=dict)
    #: Those that derivatives inside are made of.
    derived: dict[Callee, Function] = field(default_factory=dict)
    #: How often a function was interpreted in place.
    inlined: dict[Key, int] = field(default_factory=dict)

    @property
    def pools(self) -> Pools:
        """The lists of arrays of which a name may be any."""
        return self.inputs.pools

    @property
    def program(self) -> MutableMapping[Callee, Function]:
        """The functions that are known by now; what is added is one that a derivative needs."""
        known = {k.callee: k.function for k in self.functions.values() if k.function is not None}
        return ChainMap(self.derived, known)

    # -- places and refusals -----------------------------------------------------------------------

    def place(self, frame: Frame, node: gast.AST) -> Place:
        """The place of `node`, with the calls that led there."""
        if frame.is_own and frame.callers:
            return frame.callers[-1]
        found = place_of(frame.source, node)
        return Place(
            found.file, found.line, found.column, found.end_line, found.end_column, found.text,
            frame.name, frame.callers,
        )  # fmt: skip

    def refuse(self, frame: Frame, node: gast.AST, message: str, advice: str) -> NoReturn:
        """Refuse a construct of the user's."""
        raise self.unsupported(message, self.place(frame, node), advice)

    def unsupported(self, message: str, place: Place, advice: str) -> Unsupported:
        """The error that refuses what stands at a place."""
        return Unsupported(message, place, advice)

    def key(self, frame: Frame, node: gast.AST, what: str) -> Key:
        """The key of a decision about `node` in this call.

        Of ``f(x).sum()`` the outer call begins where the inner one does, and ends behind it.
        """
        begin = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        end = getattr(node, "end_lineno", None) or 0, getattr(node, "end_col_offset", None) or 0
        return (what, *frame.path, (*begin, *end))

    def is_harmless(self, statement: Statement) -> bool:
        """Whether a statement may run although the user's function would not have come to it."""
        if not isinstance(statement, Let) or statement.op.effect:
            return False
        return not self.may_raise(statement, self.builder.facts)

    # -- operands ----------------------------------------------------------------------------------

    def operand(self, value: Value, frame: Frame, node: gast.AST) -> Operand:
        """The operand of the IR that holds a value."""
        match value:
            case Var():
                return value
            case Static():
                return self.static_operand(value)
            case TupleValue(items):
                return Pack("tuple", tuple(self.operand(item, frame, node) for item in items))
            case ListValue():
                items = value.slots["items"]
                return Pack("list", tuple(self.operand(item, frame, node) for item in items))
            case RunTimeList() | RunTimeDict():
                return self._held(value, frame, node)
            case Buffer() | View() | OneOf():
                return self.array(value, frame, node)
            case DictValue():
                entries = value.slots["items"]
                return Pack(
                    "dict",
                    tuple(self.operand(item, frame, node) for item in entries.values()),
                    tuple(Const(key) for key in entries),
                )
            case Records():
                self.refuse(
                    frame, node, "a list of things that grows at run time is used as a whole",
                    "loop over it, index it, or make a list of each part",
                )  # fmt: skip
            case SliceValue(start, stop, step):
                return SliceOf(*(self.operand(part, frame, node) for part in (start, stop, step)))
            case Iterable() if value.is_range:
                return self._numbers(value, frame, node)
            case ObjectValue() if value.access is not None and value.seen >= value.slots.keys():
                return value.access.variable()  # type: ignore[no-any-return]
            case Poison():
                self.decide(value, frame, node)
            case Unbound():
                raise PrimalRaises(UnboundLocalError("a local variable"), self.place(frame, node))
            case _:
                self.refuse(
                    frame,
                    node,
                    f"{describe(value)} is handed to code that adjoint cannot see into",
                    "hand it plain numbers, arrays, tuples, lists or dicts",
                )

    def _numbers(self, value: Iterable, frame: Frame, node: gast.AST) -> Var:
        """The array of the numbers of a range, as NumPy makes it of one."""
        wanted = [value.start, value.stop, value.step]
        if isinstance(value.step, Static) and value.step.value == 1:
            is_first = isinstance(value.start, Static) and value.start.value == 0
            wanted = [value.stop] if is_first else [value.start, value.stop]
        parts = [self.operand(part, frame, node) for part in wanted]
        with self.builder.at(self.place(frame, node)):
            return self.builder.let(call(np.arange), parts)

    def tell_apart(self, keys: Sequence[Key]) -> None:
        """Start again with a number that tells which of several things met, where none does."""
        fresh = telling(keys, self.decisions)
        if fresh:
            raise Restart(*fresh)

    def decide(self, poison: Poison, frame: Frame | None, node: gast.AST | None) -> NoReturn:
        """Start again with the paths kept apart, on which a name has different things."""
        self.keep_together(poison.arrays)
        if poison.tells:
            self.tell_apart(poison.keys)
        if frame is None:
            raise Restart(*poison.keys, otherwise=poison.otherwise)
        what = f"{poison.what}: which of them this is, is known at run time only"
        refusal = self.unsupported(what, self.place(frame, node), poison.advice)
        if all(key in self.decisions for key in (*poison.keys, *poison.otherwise)):
            raise refusal
        raise Restart(*poison.keys, otherwise=poison.otherwise, reason=poison.reason)

    def _held(self, value: RunTimeList | RunTimeDict, frame: Frame, node: gast.AST) -> Var:
        """The variable that holds a list or dict that grows at run time."""
        lost = value.slots.get("moved")
        if lost is not None:
            fresh = tuple(key for key in lost.keys if key not in self.decisions)
            if fresh:
                raise Restart(*fresh)
            is_list = isinstance(value, RunTimeList)
            advice = "append a copy: xs.append(x.copy())" if is_list else "put a copy into it"
            self.refuse(frame, node, lost.text, advice)
        return value.slots["held"]  # type: ignore[no-any-return]

    def operands(
        self, args: Sequence[Value], kwargs: Mapping[str, Value], frame: Frame, node: gast.AST
    ) -> tuple[list[Operand], list[tuple[str, Operand]]]:
        """The operands of a call: of its positional arguments, and of its keywords by name."""
        positional = [self.operand(a, frame, node) for a in args]
        return positional, [(k, self.operand(v, frame, node)) for k, v in kwargs.items()]

    def static_operand(self, value: Static) -> Operand:
        """The operand of something known now."""
        if value.variable is not None:
            return value.variable
        held = value.value
        if isinstance(held, enum.IntEnum | enum.IntFlag):
            return Const(int(held))
        if isinstance(held, slice):
            return SliceOf(Const(held.start), Const(held.stop), Const(held.step))
        if isinstance(held, tuple) and any(isinstance(part, slice) for part in held):
            return Pack("tuple", tuple(self.static_operand(Static(part)) for part in held))
        if value.access is not None and not is_plain(held):
            return value.access.variable()  # type: ignore[no-any-return]
        if not value.spelling and not is_plain(held) and not is_spelled(held):
            return self.inputs.constant(held)
        return Const(held, value.spelling)

    def type(self, value: Value) -> Type:
        """The abstract value of a value that is no structure."""
        match value:
            case Var():
                return value.type
            case Static(held):
                return type_of_constant(held)
            case RunTimeList() | RunTimeDict():
                return value.slots["held"].type  # type: ignore[no-any-return]
            case Buffer():
                return value.slots["held"].type  # type: ignore[no-any-return]
            case View():
                return value.type
            case OneOf(_, items):
                types = map(self.type, items.values())
                return functools.reduce(lambda a, b: join_types(a, b, self.builder.facts), types)
            case _:
                return OPAQUE

    # -- what is needed now ------------------------------------------------------------------------

    def need_static(self, value: Value) -> Value:
        """`value` as a `Static`, by starting again if that makes it one; otherwise as it is.

        So the items of a tuple: ``AXES = (0, 1)`` of the module.
        """
        if isinstance(value, Poison):
            self.decide(value, None, None)
        if isinstance(value, Var) and self.origins.get(value):
            raise Restart(*self.origins[value])
        if isinstance(value, TupleValue):
            for item in value.items:
                self.need_static(item)
        return value

    def known_key(self, value: Value) -> Value:
        """A key of a dict as a `Static`, by starting again if that makes it one."""
        if isinstance(value, TupleValue):
            for item in value.items:
                self.known_key(item)
            return as_key(value)
        return self.need_static(value)

"""What reaches a function from outside, as values, and what the guard must check of it.

An argument, a global or a closure variable that is an array or a number is read when the code runs;
its type, dtype, rank and lengths are looked at, and so become conditions of the guard. A function,
class, module or string is known now. A container is taken apart at once, an object when its
attributes are read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from adjoint.errors import BadArgument, Place
from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Length, Symbol, length
from adjoint.ir.nodes import Const, Let, Operand, Role, Statement, Var
from adjoint.ir.operands import type_of_constant
from adjoint.ir.ops import Form, Op, method
from adjoint.ir.values import OPAQUE, UNKNOWN, Array, ListOf, Scalar, Type
from adjoint.rules.registry import is_matrix
from adjoint.stage.arrays.pools import Pools
from adjoint.stage.inputs.access import Access, Leaf, Reading
from adjoint.stage.inputs.outside import is_opaque, is_static
from adjoint.stage.objects.identities import MERGED, Identities
from adjoint.stage.spelled import is_plain
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    RunTimeList,
    Static,
    TupleValue,
    Value,
    View,
)

__all__ = ["LONG", "Inputs"]

TO_FLOAT = Op(float)
LONG = 16


@dataclass(eq=False)
class Inputs:
    """Everything that came in.

    Attributes
    ----------
    conditions
        Of the guard, as texts, in the order in which they were looked at.
    constants
        Names in these texts that stand for objects.
    externals
        Keyword parameters of the emitted function, each with the way to read it at a call.
    leaves
        The numbers and arrays that were reached, by the text of their access.
    identities
        The objects and containers that were reached.
    starred
        The parameters ``*args`` and ``**kwargs``, each part of which is an argument.
    """

    builder: Builder
    decisions: Mapping[Any, Any]
    prologue: list[Statement] = field(default_factory=list)
    conditions: dict[str, None] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    externals: dict[str, Callable[[], Any]] = field(default_factory=dict)
    variables: dict[str, Var] = field(default_factory=dict)
    leaves: dict[str, Leaf] = field(default_factory=dict)
    origins: dict[Var, tuple[Any, ...]] = field(default_factory=dict)
    sites: dict[Var, Any] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    unknown: bool = False
    promoted: frozenset[str] = frozenset()
    starred: frozenset[str] = frozenset()
    identities: Identities = field(init=False)
    pools: Pools = field(init=False)
    _reached: dict[str, Value] = field(default_factory=dict)
    _external_keys: dict[Any, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.identities = Identities(self.expect, self.constants, MERGED in self.decisions)
        self.pools = Pools(self.builder, self.decisions)

    # -- roots -------------------------------------------------------------------------------------

    def argument(self, name: str, value: Any) -> Value:
        """The value of a parameter of the function."""
        if self.unknown:
            return self._unknown_argument(name)
        access = Access(self.builder, self.prologue, name)
        return self._root(access, name, value)

    def _unknown_argument(self, name: str) -> Value:
        variable = self.builder.var(UNKNOWN, name)
        self.variables[name] = variable
        self.leaves[name] = Leaf(name, variable, None)
        self.sites[variable] = ("buffer", name)
        if ("buffer", name) in self.decisions:
            return self._buffer(variable, Access(self.builder, self.prologue, name), None)
        return variable

    def _root(self, access: Access, name: str, value: Any) -> Value:
        type_ = self._leaf_type(access.text, value) or self._matrix_type(access.text, value)
        access.root = self.builder.var(type_ or OPAQUE, name)
        self.variables[name] = access.root
        return self.lift(value, access)

    def external(self, key: Any, name: str, read: Callable[[], Any]) -> Value:
        """The value of a global or closure variable, read at every call where it is a number."""
        if key in self._external_keys:
            return self._external_keys[key]
        value = read()
        name = name if name.isidentifier() else "function"  # of a lambda
        if is_static(value):
            found: Value = Static(value)
            self._expect_identity(name, key, value, read)
        else:
            unique = self._unique(name)
            self.externals[unique] = read
            found = self._root(Access(self.builder, self.prologue, unique), unique, value)
            if isinstance(found, Cell):
                found.shared = name
        self._external_keys[key] = found
        return found

    def _unique(self, name: str) -> str:
        unique, count = name, 0
        while unique in self.taken:
            count += 1
            unique = f"{name}_{count}"
        self.taken.add(unique)
        return unique

    def _expect_identity(self, name: str, key: Any, value: Any, read: Callable[[], Any]) -> None:
        number = len(self.constants)
        relation, held = _same(value)
        self.constants[f"_{name}_{number}"] = held
        if isinstance(read, Reading):
            text = read.of(self.name_of(read.owner))
        else:
            self.constants[f"_reader_{number}"], text = read, f"_reader_{number}()"
        self.expect(f"{text} {relation} _{name}_{number}")

    def constant(self, value: Any) -> Var:
        """A variable for an object that cannot be written down: a keyword parameter."""
        key = ("constant", id(value))
        if key not in self._external_keys:
            name = getattr(value, "__name__", type(value).__name__.lower())
            name = self._unique(name if name.isidentifier() else "function")
            self.externals[name] = lambda: value
            variable = self.builder.var(type_of_constant(value), name, Role.PRIMAL)
            self.variables[name] = variable
            self._external_keys[key] = variable
        found = self._external_keys[key]
        assert isinstance(found, Var)
        return found

    # -- values ------------------------------------------------------------------------------------

    def lift(self, value: Any, access: Access) -> Value:
        """The value of an object that came in, and the conditions under which it is that."""
        argument = access.argument(self.starred)
        known = self._reached.get(access.text)
        known = known or self.identities.known(access.text, value, argument)
        if known is not None:
            return known
        made = self._reached[access.text] = self._lifted(value, access)
        if isinstance(made, Cell):
            made.birth = -1  # it was there before, wherever it is first looked at
        self.identities.note(made, access.text, value, argument)
        return made

    def _lifted(self, value: Any, access: Access) -> Value:
        type_ = self._leaf_type(access.text, value)
        if type_ is not None:
            return self._leaf(value, access, type_)
        if type(value) is tuple or (isinstance(value, tuple) and hasattr(value, "_fields")):
            self.expect_type(access.text, type(value))
            self.expect(f"len({access.text}) == {len(value)}")
            items = [self.lift(item, access.item(i)) for i, item in enumerate(value)]
            return TupleValue(tuple(items), type(value))
        if type(value) is list:
            return self._list(value, access)
        if type(value) is dict:
            return self._dict(value, access)
        if is_static(value):
            self.expect_same(access.text, value)
            return Static(value, access=access)
        self.expect_type(access.text, type(value))
        if is_matrix(type(value)):
            access.variable(self._matrix_type(access.text, value) or OPAQUE)
        elif is_opaque(value):
            return Static(value, variable=access.variable(), access=access)
        return ObjectValue(cls=type(value), real=value, access=access)

    def _leaf(self, value: Any, access: Access, type_: Type) -> Value:
        text = access.text
        if ("static", text) in self.decisions:
            is_inf = isinstance(value, float) and math.isinf(value)
            self.expect(f"{text} == {f'float({str(value)!r})' if is_inf else repr(value)}")
            return Static(value)
        variable = access.variable(type_)
        self.leaves[text] = Leaf(text, variable, value)
        if isinstance(type_, Scalar) and (type_.kind == "int" or self._is_held(text, value)):
            self.origins[variable] = (("static", text),)
            if text in self.promoted:
                return self._promote(variable, text, value)
        if isinstance(type_, Array) and type_.dtype.kind in "iub" and text in self.promoted:
            variable = self._promote(variable, text, value)
        if not isinstance(variable.type, Array) or variable.type.scalar:
            return variable
        self.sites[variable] = ("buffer", text)
        if ("buffer", text) not in self.decisions:
            return variable
        return self._buffer(variable, access, value)

    def _is_held(self, text: str, value: Any) -> bool:
        """Whether a number is a captured one, by which none differentiates, and not nan."""
        return text in self.externals and isinstance(value, float) and not math.isnan(value)

    def _buffer(self, leaf: Var, access: Access, example: Any) -> Buffer | View:
        """An array that is written: a copy of the caller's, in its own layout."""
        copy = self.builder.var(leaf.type, leaf.name or _word(access))
        order = (("order", Const("K")),)
        made = Let(copy, method(np.copy, "copy"), (leaf,), order, self.builder.place)
        self.builder.definitions[copy] = made
        self.prologue.append(made)
        self.sites[copy] = site = ("buffer", access.text)
        pooled = self.pools.came_in(site, copy)
        if pooled is not None:
            return replace(pooled, leaf=leaf)
        slots = {"held": copy}  # as old as the arguments
        return Buffer(slots, leaf=leaf, birth=-1, origin=copy, sites=(site,))

    def _promote(self, variable: Var, text: str, value: Any) -> Var:
        """An integer that a gradient is asked for, as a float."""
        scalar = isinstance(variable.type, Scalar)
        type_ = Scalar("float") if scalar else _as_float(variable.type)
        target = self.builder.var(type_, variable.name)
        op = TO_FLOAT if scalar else Op(np.ndarray.astype, Form.METHOD, "astype")
        args: tuple[Operand, ...] = (variable,) if scalar else (variable, Const(float))
        self.prologue.append(Let(target, op, args, (), self.builder.place))
        self.leaves[text] = Leaf(text, target, value)
        return target

    def _leaf_type(self, text: str, value: Any) -> Type | None:
        if (
            isinstance(value, np.ndarray)
            and type(value) is np.ndarray
            and value.dtype.kind in "biufc"
        ):
            self.expect_type(text, type(value))
            self.expect_dtype(text, value.dtype)
            self.expect(f"{text}.ndim == {value.ndim}")
            return Array(
                value.dtype, tuple(self._axis(text, i, n) for i, n in enumerate(value.shape))
            )
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            self.expect_type(text, type(value))
            return Array(value.dtype, (), True)
        if type(value) in (int, float, complex):
            self.expect_type(text, type(value))
            kind = type(value).__name__
            size = length(Symbol(text, value)) if kind == "int" and value >= 0 else None
            return Scalar(kind, size)
        return None

    def _matrix_type(self, text: str, value: Any) -> Type | None:
        """The type of the array that a matrix of another library stands for."""
        if not is_matrix(type(value)) or value.ndim != 2:
            return None
        self.expect_type(text, type(value))
        self.expect_dtype(text, value.dtype)
        self.expect(f"{text}.ndim == {value.ndim}")
        shape = tuple(self._axis(text, i, n) for i, n in enumerate(value.shape))
        return Array(value.dtype, shape)

    def _axis(self, text: str, axis: int, size: int) -> Length:
        expression = f"{text}.shape[{axis}]"
        if size == 1:
            self.expect(f"{expression} == 1")
            return Length(1)
        return length(Symbol(expression, size))

    def _list(self, value: list[Any], access: Access) -> Value:
        kinds = {type(item) for item in value}
        if ("runtime list", access.text) in self.decisions or (
            len(value) > LONG and len(kinds) == 1 and kinds <= {int, float, complex}
        ):
            return self._runtime_list(value, access, kinds)
        self.expect_type(access.text, type(value))
        self.expect(f"len({access.text}) == {len(value)}")
        items = tuple(self.lift(item, access.item(i)) for i, item in enumerate(value))
        return ListValue({"items": items}, key=("runtime list", access.text))

    def _runtime_list(self, value: list[Any], access: Access, kinds: set[type]) -> Value:
        kind = next(iter(kinds)).__name__ if len(kinds) == 1 else ""
        self.expect_type(access.text, type(value))
        if kind:
            self.expect(f"all(type(item) is {kind} for item in {access.text})")
        item: Type = Scalar(kind) if kind in ("int", "float", "complex") else UNKNOWN
        variable = access.variable(ListOf(item))
        if access.root is not None:
            variable = self.builder.var(ListOf(item), access.root.name)
            access.root = variable
            self.variables[access.text] = variable
        self.leaves[access.text] = Leaf(access.text, variable, value)
        return RunTimeList({"held": variable})

    def _dict(self, value: dict[Any, Any], access: Access) -> Value:
        self.expect_type(access.text, type(value))
        keys = {key: self.key(key) for key in value}
        self.expect(f"list({access.text}) == [{', '.join(keys.values())}]")
        items = {key: self.lift(value[key], access.item(key, keys[key])) for key in value}
        return DictValue({"items": items})

    # -- arrays that are written -------------------------------------------------------------------

    def expect_separate(self, place: Place) -> None:
        """Hold that arrays that are written share memory with nothing else that came in.

        Raises
        ------
        BadArgument
            If one of them does.
        """
        for text, first in self.leaves.items():
            if ("buffer", text) not in self.decisions or first.example is None:
                continue
            for other, second in self.leaves.items():
                if other == text or not isinstance(second.example, np.ndarray):
                    continue
                if share_memory(first.example, second.example):
                    raise BadArgument(
                        f"{text} is written, and shares memory with {other}",
                        place,
                        f"pass a copy: {text}.copy()",
                    )
                self.constants["_share_memory"] = share_memory
                self.expect(f"not _share_memory({text}, {other})")

    # -- conditions --------------------------------------------------------------------------------

    def expect(self, condition: str) -> None:
        """Hold a condition, as a text on arguments and `constants`."""
        self.conditions.setdefault(condition)

    def expect_type(self, text: str, cls: type) -> None:
        """Hold of which class something is."""
        self.expect(f"type({text}) is {self.name_of(cls)}")

    def expect_dispatch(self, function: Any, cls: type, found: Any) -> None:
        """Hold which of its functions a generic function calls for a class."""
        text = f"{self.name_of(function)}.dispatch({self.name_of(cls)})"
        self.expect_same(text, found)

    def expect_dtype(self, text: str, dtype: np.dtype[Any]) -> None:
        """Hold of which dtype an array is."""
        name = f"_dtype_{dtype.str.lstrip('<=|').replace('>', 'b')}"
        self.constants[name] = dtype
        single = np.dtype(dtype.char) is dtype  # NumPy keeps one object for it
        self.expect(f"{text}.dtype {'is' if single else '=='} {name}")

    def expect_same(self, text: str, value: Any) -> None:
        """Hold that something is the value it was, by identity, or by equality of texts."""
        if value is None or isinstance(value, bool):
            self.expect(f"{text} is {value!r}")
        elif type(value) in (str, bytes):
            self.expect(f"{text} == {value!r}")
        else:
            relation, held = _same(value)
            self.expect(f"{text} {relation} {self.name_of(held)}")

    def key(self, key: Any) -> str:
        """A key of a dict, in a condition."""
        if is_plain(key):
            return repr(key)
        if type(key) is tuple:
            return f"({''.join(f'{self.key(part)}, ' for part in key)})"
        return self.name_of(key)

    def name_of(self, held: Any) -> str:
        """How a class, a function or another object is called in conditions."""
        for name, known in self.constants.items():
            if known is held:
                return name
        word = getattr(held, "__name__", type(held).__name__)
        name = f"_{word if word.isidentifier() else 'object'}_{len(self.constants)}"
        self.constants[name] = held
        return name


def _same(value: Any) -> tuple[str, Any]:
    """How it is seen that something is what it was: a set may be changed in place."""
    if isinstance(value, set):
        return "==", frozenset(value)
    return ("==" if isinstance(value, str | bytes) else "is"), value


def _word(access: Access) -> str:
    """A name for what is reached by an access: the attribute or key, or what it is a part of."""
    key = access.key if isinstance(access.key, str) else ""
    return key if key.isidentifier() else access.text.partition("[")[0].rpartition(".")[2]


def share_memory(a: Any, b: Any) -> bool:
    """Whether two arrays have an element in common."""
    return bool(np.may_share_memory(a, b) and np.shares_memory(a, b))


def _as_float(type_: Type) -> Type:
    assert isinstance(type_, Array)
    return Array(np.dtype(float), type_.shape, type_.scalar)

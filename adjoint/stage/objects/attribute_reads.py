"""Reading attributes."""

from __future__ import annotations

import enum
import functools
import operator
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Const, Var
from adjoint.ir.operands import strip, type_of_constant
from adjoint.ir.ops import GETITEM, Form, Op, attribute, method
from adjoint.ir.values import (
    INT,
    OPAQUE,
    Array,
    ListOf,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    Unknown,
    join_types,
)
from adjoint.rules.registry import is_matrix
from adjoint.stage.arrays.array_methods import METHODS, WRITING
from adjoint.stage.arrays.buffers import plain
from adjoint.stage.arrays.subscripts import is_of_nothing
from adjoint.stage.arrays.views import attribute_view
from adjoint.stage.context import Frame, PrimalRaises, Stage, describe
from adjoint.stage.dicts.sets import CHANGING, changed_set
from adjoint.stage.equivalents.container_equivalents import STANDS_FOR
from adjoint.stage.flow.conditions import choose
from adjoint.stage.flow.told_apart import for_each
from adjoint.stage.inputs.access import Reading
from adjoint.stage.inputs.classes import expect_attribute, expect_unhidden
from adjoint.stage.inputs.outside import is_static
from adjoint.stage.lists.placed import read_part
from adjoint.stage.objects.attribute_dicts import AttributeDict
from adjoint.stage.objects.cached_properties import has_own, read_cached
from adjoint.stage.objects.class_attributes import (
    MISSING,
    bind_class_attribute,
    class_attribute,
    is_default,
    of_super,
)
from adjoint.stage.objects.computed import is_cached, is_there
from adjoint.stage.objects.descriptors import accessor
from adjoint.stage.objects.known_classes import class_of
from adjoint.stage.objects.made_exceptions import arguments_of
from adjoint.stage.objects.protocols import special
from adjoint.stage.operations import apply
from adjoint.stage.values import (
    BoundMethod,
    Buffer,
    Closure,
    DictValue,
    ListValue,
    NativeMethod,
    ObjectValue,
    Poison,
    Records,
    RunTimeDict,
    RunTimeList,
    StagedValue,
    Static,
    Steps,
    Stream,
    SuperValue,
    TupleValue,
    Value,
    View,
)

__all__ = ["get_attribute", "shape"]


#: The special methods of arrays, as the functions they are.
_OPERATORS: dict[str, Any] = {
    name: value
    for name, value in vars(operator).items()
    if name.startswith("__") and callable(value) and name in vars(np.ndarray)
}
_ARRAY_ATTRIBUTES: dict[str, Callable[..., Any]] = {
    "T": np.transpose,
    "size": np.size,
    "real": np.real,
    "imag": np.imag,
    "nbytes": lambda a: a.nbytes,
    "itemsize": lambda a: a.itemsize,
    "mT": np.matrix_transpose,
}


@for_each(0)
def get_attribute(stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str) -> Steps:
    """``owner.name``."""
    if isinstance(owner, Poison):
        stage.decide(owner, frame, node)
    if name == "__class__" and (cls := class_of(owner)) is not None:
        return Static(cls)
    match owner:
        case View() if owner.is_list:
            return NativeMethod(owner, name)
        case Var() | Buffer() | View() if name in _OPERATORS:
            return BoundMethod(Static(_OPERATORS[name]), owner)
        case Buffer() | View() if name not in METHODS and name not in WRITING:
            found = attribute_view(stage, frame, node, owner, name)
            if name == "shape" and isinstance(owner, Buffer):
                return _shape_once(stage, frame, node, owner)
            held = plain(stage, owner, frame, node)
            return found or _of_variable(stage, frame, node, held, name)
        case Var() | RunTimeList() | Buffer() | View():
            return _of_variable(stage, frame, node, owner, name)
        case Static():
            return _of_static(stage, frame, node, owner, name)
        case ObjectValue():
            return (yield from _of_object(stage, frame, node, owner, name))
        case TupleValue(items, cls) if name in getattr(cls, "_fields", ()):
            return items[cls._fields.index(name)]  # type: ignore[attr-defined]
        case TupleValue(_, cls) if name in ("_replace", "_asdict") and hasattr(cls, "_fields"):
            return NativeMethod(owner, name)
        case TupleValue(_, cls) if not hasattr(tuple, name) and hasattr(cls, name):
            return (yield _of_class(stage, frame, node, owner, name))
        case TupleValue() | ListValue() | Records() | DictValue() | RunTimeDict():
            return NativeMethod(owner, name)
        case Closure() if name in owner.attributes.slots:
            return owner.attributes.slots[name]
        case Closure() if name in ("__name__", "__qualname__"):
            return Static(owner.name)
        case Closure() if not hasattr(types.FunctionType, name):
            error = AttributeError(f"'function' object has no attribute {name!r}")
            raise PrimalRaises(error, stage.place(frame, node))
        case BoundMethod(function) if not hasattr(types.MethodType, name):
            return (yield get_attribute(stage, frame, node, function, name))
        case Stream() if name in ("close", "__next__", "__iter__"):
            return NativeMethod(owner, name)
        case Stream() if name in ("send", "throw"):
            stage.refuse(
                frame, node, f"a generator is handed something by .{name}()",
                "pass it as an argument, or write an object with a method that is called",
            )  # fmt: skip
        case SuperValue(cls, self):
            return of_super(stage, frame, node, cls, self, name)
        case _:
            stage.refuse(
                frame, node, f"the attribute {name!r} of {describe(owner)} cannot be read here",
                "use a plain function, or pass the value as an argument",
            )  # fmt: skip


def _of_variable(stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str) -> Value:
    type_ = strip(stage.type(owner))
    if name == "shape" and isinstance(owner, Var):
        return shape(stage, frame, node, owner)
    if isinstance(type_, Array) and name == "ndim" and type_.shape is not None:
        return Static(len(type_.shape))
    if isinstance(type_, Array) and name == "strides" and type_.shape is not None:
        return _strides(stage, frame, node, owner, len(type_.shape))
    if isinstance(type_, Array) and name == "dtype":
        return Static(type_.dtype)
    if isinstance(type_, Array | Unknown) and name == "flat":
        return apply(stage, frame, node, method(np.reshape, "reshape"), [owner, Static(-1)])
    if isinstance(type_, Array | Unknown) and name in _ARRAY_ATTRIBUTES:
        return apply(stage, frame, node, attribute(_ARRAY_ATTRIBUTES[name], name), [owner])
    if isinstance(type_, Scalar) and name in ("real", "imag"):
        return apply(stage, frame, node, attribute(getattr(np, name), name), [owner])
    if isinstance(type_, ListOf | Scalar) or name in METHODS or name in WRITING:
        return NativeMethod(owner, name)
    is_of_any_rank = isinstance(type_, Array) and name == "ndim"
    if is_of_any_rank or (isinstance(type_, Unknown) and name in ("ndim", "dtype")):
        return apply(
            stage, frame, node, attribute(getattr(np, name, np.result_type), name), [owner]
        )
    if isinstance(type_, Opaque) or (isinstance(type_, Array) and name == "flags"):
        return _of_opaque(stage, frame, node, owner, name)
    if is_of_nothing(stage, owner):
        raise PrimalRaises(LookupError("nothing was put in"), stage.place(frame, node))
    if isinstance(type_, Unknown):
        stage.refuse(
            frame, node, f"what the attribute {name!r} is cannot be known before the first call",
            "call the gradient once, or name example arguments: .specialize(*examples)",
        )  # fmt: skip
    if not hasattr(np.ndarray, name):
        error = AttributeError(f"'numpy.ndarray' object has no attribute '{name}'")
        raise PrimalRaises(error, stage.place(frame, node))
    stage.refuse(
        frame, node, f"the array attribute .{name} is not supported",
        "use the NumPy function that does the same",
    )  # fmt: skip


def _of_opaque(stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str) -> Value:
    known = arguments_of(stage, owner) if name == "args" else None
    if known is not None:
        return known
    operand = stage.operand(owner, frame, node)
    op = Op(getattr, Form.ATTRIBUTE, name)
    type_ = _of_member(stage, strip(stage.type(owner)), name)
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(op, (operand,), type_=type_)


def _of_member(stage: Stage, owner: Type, name: str) -> Type:
    """The type of an attribute of a member of an enumeration; of any other object, any."""
    cls = owner.cls if isinstance(owner, Opaque) else None
    if cls is None or not issubclass(cls, enum.Enum) or name not in ("name", "value"):
        return OPAQUE
    facts = stage.builder.facts
    types = [type_of_constant(getattr(member, name)) for member in cls]
    return functools.reduce(lambda a, b: join_types(a, b, facts), types)


def _shape_once(stage: Stage, frame: Frame, node: gast.AST, owner: Buffer) -> Value:
    """``owner.shape``: no write changes it, and it is read of the first version alone."""
    held = plain(stage, owner, frame, node)
    assert isinstance(held, Var)
    if owner.shape is not None:
        type_, value, block = owner.shape
        if type_ == held.type and stage.builder.is_open(block):
            return value  # type: ignore[no-any-return]
    value = _of_variable(stage, frame, node, held, "shape")
    owner.shape = (held.type, value, stage.builder.statements)
    return value


def shape(stage: Stage, frame: Frame, node: gast.AST, owner: Var) -> Value:
    """``owner.shape`` as a tuple of lengths."""
    type_ = strip(owner.type)
    with stage.builder.at(stage.place(frame, node)):
        if not isinstance(type_, Array) or type_.shape is None:
            return stage.builder.let(attribute(np.shape, "shape"), (owner,), type_=OPAQUE)
        held: list[Var] = []
        return TupleValue(tuple(_axis(stage, owner, i, n, held) for i, n in enumerate(type_.shape)))


def _axis(stage: Stage, owner: Var, axis: int, size: Length, held: list[Var]) -> Value:
    if size.known:
        return Static(size.const)
    if not held:
        held.append(stage.builder.shape(owner))
    made = stage.builder.let(GETITEM, (held[0], Const(axis)), type_=Scalar("int", size))
    if size.has_example:
        stage.origins[made] = (("length", str(size)),)
        if ("length", str(size)) in stage.decisions:
            value = size.evaluate()
            stage.inputs.conditions.setdefault(f"{size} == {value}")
            return Static(value)
    return made


def _strides(stage: Stage, frame: Frame, node: gast.AST, owner: Value, rank: int) -> Value:
    """``owner.strides`` as a tuple, whose numbers depend on how the array lies in memory."""
    operand, op = stage.operand(owner, frame, node), Op(getattr, Form.ATTRIBUTE, "strides")
    with stage.builder.at(stage.place(frame, node)):
        held = stage.builder.let(op, (operand,), type_=TupleOf((INT,) * rank))
        steps = [stage.builder.let(GETITEM, (held, Const(k)), type_=INT) for k in range(rank)]
    return TupleValue(tuple(steps))


def _of_static(stage: Stage, frame: Frame, node: gast.AST, owner: Static, name: str) -> Value:
    if isinstance(owner.value, type):
        expect_attribute(stage.inputs, owner.value, name)
    try:
        found = getattr(owner.value, name)
    except AttributeError as error:
        if isinstance(owner.value, frozenset) and name in CHANGING:
            changed_set(stage, frame, node, owner.value)
        if isinstance(owner.value, types.ModuleType | types.FunctionType):
            expect_unhidden(stage.inputs, owner.value, stage.inputs.name_of(owner.value), name)
        raise PrimalRaises(error, stage.place(frame, node)) from error
    if isinstance(owner.value, set) and name in CHANGING:
        changed_set(stage, frame, node, owner.value)
    if isinstance(found, StagedValue):
        return found.value
    if isinstance(owner.value, types.ModuleType):
        return _of_module(stage, owner.value, name, found)
    if isinstance(owner.value, type) and is_static(found):
        return Static(found)
    if isinstance(owner.value, type):
        key = ("class", id(owner.value), name)
        return stage.inputs.external(key, name, Reading.attribute(owner.value, name))
    if isinstance(owner.value, types.FunctionType) and not name.startswith("__"):
        key = ("attribute", id(owner.value), name)
        return stage.inputs.external(key, name, Reading.attribute(owner.value, name))
    if is_static(found) or isinstance(found, int | float | complex):
        return Static(found, access=owner.access)
    if isinstance(found, np.ndarray):
        key = ("attribute", id(owner.value), name)
        return stage.inputs.external(key, name, Reading.attribute(owner.value, name))
    return Static(found, access=owner.access)


_LIBRARIES = (
    "numpy", "math", "scipy", "builtins", "operator", "itertools", "functools", "cmath", "adjoint",
)  # fmt: skip


def _of_module(stage: Stage, module: types.ModuleType, name: str, found: Any) -> Value:
    library = module.__name__.partition(".")[0] in _LIBRARIES
    if library and isinstance(found, float):
        short = {"numpy": "np"}.get(module.__name__, module.__name__)
        return Static(found, spelling=f"{short}.{name}")
    if library:
        return Static(found)
    key = (id(module), name)
    return stage.inputs.external(key, name, Reading.attribute(module, name))


def _of_object(stage: Stage, frame: Frame, node: gast.AST, owner: ObjectValue, name: str) -> Steps:
    if name == "__dict__":
        return (yield stage.call(frame, node, Static(AttributeDict), [owner], {}))
    if owner.place is not None and name in owner.slots:
        return read_part(stage, frame, node, owner.place, name)
    if is_cached(owner.cls, name):
        return (yield read_cached(stage, frame, node, owner, name))
    _refuse_own_reading(stage, frame, node, owner)
    getter = accessor(stage, owner, name, "__get__")
    if getter is not None and (accessor(stage, owner, name, "__set__") or not has_own(owner, name)):
        args = [getter[0], owner, Static(owner.cls)]
        return (yield stage.call(frame, node, getter[1], args, {}))
    if name in owner.slots:
        return (yield _written(stage, frame, node, owner, name))
    return (yield _unwritten(stage, frame, node, owner, name))


def _written(stage: Stage, frame: Frame, node: gast.AST, owner: ObjectValue, name: str) -> Steps:
    """An attribute that was written while staging, on some of the ways to here at least.

    The emitted code asks if it is there where something else is done if it is not. Else reading it
    fails, as that of a name does that is not bound.
    """
    flag, value = is_there(stage, owner, name), owner.slots[name]

    def there() -> Steps:
        return value
        yield

    def missing() -> Steps:
        return (yield _unwritten(stage, frame, node, owner, name))

    in_try = stage.builder.watch is not None
    is_asked = in_try or special(stage, owner, "__getattr__") is not None
    if isinstance(flag, Var) and not is_asked:
        return value
    return (yield choose(stage, frame, node, flag, there, missing, "ifexp"))


def _unwritten(stage: Stage, frame: Frame, node: gast.AST, owner: ObjectValue, name: str) -> Steps:
    """An attribute that was not written: of the object that came in, or of the class."""
    found = class_attribute(owner.cls, name)
    if isinstance(found, property):
        expect_attribute(stage.inputs, owner.cls, name)
        return (yield stage.call(frame, node, Static(found.fget), [owner], {}))
    source = owner.source
    if source is not None and (has_own(source.of, name) or is_default(found)):
        part = yield get_attribute(stage, frame, node, source.of, name)
        if not has_own(source.of, name):
            return part  # the class's, which nothing is differentiated by
        owner.slots[name] = source.derive(name, part)  # a look, as below
        owner.seen.add(name)
        return owner.slots[name]
    if owner.real is not None and name not in owner.slots and has_own(owner, name):
        value = stage.inputs.lift(getattr(owner.real, name), owner.access.attr(name))
        if isinstance(value, Buffer) and is_matrix(owner.cls):
            stage.refuse(
                frame, node, f"the array {name!r} of a sparse matrix is written",
                "make another matrix of a copy of it",
            )  # fmt: skip
        owner.slots[name] = value  # a look at the input, not a write: it is never taken back
        owner.seen.add(name)
        return value
    if found is not MISSING and not isinstance(found, types.MemberDescriptorType):
        return bind_class_attribute(stage, owner, found, name)
    _expect_nothing(stage, owner, name)
    otherwise = special(stage, owner, "__getattr__")
    if otherwise is not None:
        return (yield stage.call(frame, node, otherwise, [owner, Static(name)], {}))
    stands_for = STANDS_FOR.get(owner.cls)
    if stands_for is not None and hasattr(stands_for, name):
        stage.refuse(
            frame, node, f"the method .{name}() of this {stands_for.__name__} is not supported",
            "build a new one, in a loop",
        )  # fmt: skip
    if owner.cls.__module__.startswith("adjoint.rules."):  # it stands for one of SciPy
        stage.refuse(
            frame, node, f".{name} of this {owner.cls.__name__} object is not followed",
            "compute it from what the object returns where it is called",
        )  # fmt: skip
    error = AttributeError(f"'{owner.cls.__name__}' object has no attribute '{name}'")
    raise PrimalRaises(error, stage.place(frame, node))


def _refuse_own_reading(stage: Stage, frame: Frame, node: gast.AST, owner: ObjectValue) -> None:
    own = special(stage, owner, "__getattribute__")
    if own is not None and isinstance(own.value, types.FunctionType | StagedValue):
        stage.refuse(
            frame, node, f"{owner.cls.__name__} reads its attributes by a __getattribute__",
            "use a property, or __getattr__ for what is not there",
        )  # fmt: skip


def _expect_nothing(stage: Stage, owner: ObjectValue, name: str) -> None:
    """Hold that neither an object nor its class has something of that name."""
    expect_attribute(stage.inputs, owner.cls, name)
    if owner.real is not None:
        expect_unhidden(stage.inputs, owner.real, owner.access.text, name)


def _of_class(stage: Stage, frame: Frame, node: gast.AST, owner: TupleValue, name: str) -> Steps:
    """What the class of a named tuple has under a name."""
    found = class_attribute(owner.cls, name)
    if isinstance(found, property):
        expect_attribute(stage.inputs, owner.cls, name)
        return (yield stage.call(frame, node, Static(found.fget), [owner], {}))
    return bind_class_attribute(stage, owner, found, name)

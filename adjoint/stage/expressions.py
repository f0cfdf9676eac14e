"""Expressions: one small function for each kind of node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.nodes import Const, Operand, Pack
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import TEXT
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.assign import set_item
from adjoint.stage.context import Frame, Stage
from adjoint.stage.dicts.new_dicts import (
    dict_in,
    dict_of_unknown_keys,
    is_dict_at_run_time,
    new_dict,
)
from adjoint.stage.dicts.sets import make_set
from adjoint.stage.flow import branches, conditions
from adjoint.stage.flow.generators import yield_expression
from adjoint.stage.flow.loop_statements import yield_from
from adjoint.stage.iteration.comprehensions import (
    comprehension,
    dict_comprehension,
    generator_expression,
    set_comprehension,
)
from adjoint.stage.iteration.displays import UNCOUNTED, elements
from adjoint.stage.iteration.unpacking import index_of
from adjoint.stage.lists.placed import made_list
from adjoint.stage.lists.records import marked_as_tuple, tuple_key
from adjoint.stage.names import bind, read_name
from adjoint.stage.objects.attribute_reads import get_attribute
from adjoint.stage.objects.protocols import special, text_method
from adjoint.stage.operators import SYMBOLS, binary, compare, unary
from adjoint.stage.values import (
    Closure,
    DictValue,
    NativeMethod,
    ObjectValue,
    SliceValue,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["EXPRESSIONS", "make_closure"]

FORMAT = Op(format, Form.FORMAT)


def _constant(stage: Stage, frame: Frame, node: Any) -> Steps:
    return Static(node.value)
    yield


def _name(stage: Stage, frame: Frame, node: Any) -> Steps:
    return read_name(stage, frame, node, node.id)
    yield


def _binary(stage: Stage, frame: Frame, node: Any) -> Steps:
    left = yield stage.evaluate(frame, node.left)
    right = yield stage.evaluate(frame, node.right)
    return (yield binary(stage, frame, node, SYMBOLS[type(node.op)], left, right))


def _unary(stage: Stage, frame: Frame, node: Any) -> Steps:
    value = yield stage.evaluate(frame, node.operand)
    return (yield unary(stage, frame, node, SYMBOLS[type(node.op)], value))


def _compare(stage: Stage, frame: Frame, node: Any) -> Steps:
    left = yield stage.evaluate(frame, node.left)
    return (yield _compare_chain(stage, frame, node, left, 0))


def _compare_chain(stage: Stage, frame: Frame, node: Any, left: Value, position: int) -> Steps:
    right = yield stage.evaluate(frame, node.comparators[position])
    symbol = SYMBOLS[type(node.ops[position])]
    test = yield compare(stage, frame, node, symbol, left, right)
    if position == len(node.ops) - 1:
        return test
    return (
        yield conditions.short_circuit(
            stage,
            frame,
            node,
            test,
            lambda: _compare_chain(stage, frame, node, right, position + 1),
            "and",
        )
    )


def _boolean(stage: Stage, frame: Frame, node: Any) -> Steps:
    style = "and" if isinstance(node.op, gast.And) else "or"
    return (yield _boolean_rest(stage, frame, node, 0, style))


def _boolean_rest(stage: Stage, frame: Frame, node: Any, position: int, style: str) -> Steps:
    value = yield stage.evaluate(frame, node.values[position])
    if position == len(node.values) - 1:
        return value
    return (
        yield conditions.short_circuit(
            stage,
            frame,
            node,
            value,
            lambda: _boolean_rest(stage, frame, node, position + 1, style),
            style,
        )
    )


def _if_expression(stage: Stage, frame: Frame, node: Any) -> Steps:
    test = yield conditions.tested(stage, frame, node.test)
    return (
        yield conditions.choose(
            stage, frame, node, test,
            lambda: stage.evaluate(frame, node.body),
            lambda: stage.evaluate(frame, node.orelse),
            "ifexp",
        )
    )  # fmt: skip


def _attribute(stage: Stage, frame: Frame, node: Any) -> Steps:
    owner = yield stage.evaluate(frame, node.value)
    return (yield get_attribute(stage, frame, node, owner, node.attr))


def _subscript(stage: Stage, frame: Frame, node: Any) -> Steps:
    owner = yield stage.evaluate(frame, node.value)
    index = yield index_of(stage, frame, node)
    return (yield get_item(stage, frame, node, owner, index))


def _slice(stage: Stage, frame: Frame, node: Any) -> Steps:
    parts = []
    for part in (node.lower, node.upper, node.step):
        parts.append(Static(None) if part is None else (yield stage.evaluate(frame, part)))
    if all(isinstance(part, Static) and part.variable is None for part in parts):
        return Static(slice(*(part.value for part in parts)))
    return SliceValue(*parts)


def _tuple(stage: Stage, frame: Frame, node: Any) -> Steps:
    values, rest = yield elements(stage, frame, node, node.elts, whole=True)
    if rest is not None:
        return marked_as_tuple(rest)
    key = tuple_key(stage, frame, node)
    if key in stage.decisions:
        return marked_as_tuple(made_list(stage, frame, node, tuple(values)))
    if all(isinstance(v, Static) and v.variable is None and v.access is None for v in values):
        return Static(tuple(v.value for v in values), key=key)
    return TupleValue(tuple(values), key=key)


def _list(stage: Stage, frame: Frame, node: Any) -> Steps:
    values, rest = yield elements(stage, frame, node, node.elts, whole=True, at_run_time=True)
    return branches.new_list(stage, frame, node, tuple(values)) if rest is None else rest


def _set(stage: Stage, frame: Frame, node: Any) -> Steps:
    values, rest = yield elements(stage, frame, node, node.elts)
    if rest is not None:
        stage.refuse(frame, node, *UNCOUNTED)
    return (yield make_set(stage, frame, node, values))


def _dict(stage: Stage, frame: Frame, node: Any) -> Steps:
    """A display; from a key that is known at run time only on, it is a dict that is written."""
    made: Value | None = None
    entries: dict[Any, Value] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        if key_node is None:
            held = yield stage.evaluate(frame, value_node)
            held = dict_in(held)
            if isinstance(held, ObjectValue):  # **vars(x)
                held = yield stage.call(frame, node, Static(dict), [held], {})
            if made is None and not entries and is_dict_at_run_time(held):
                made = yield stage.call(frame, node, NativeMethod(held, "copy"), [], {})
            elif made is None and not is_dict_at_run_time(held):
                entries.update(_entries(stage, frame, value_node, held))
            else:
                if made is None:
                    made = yield dict_of_unknown_keys(stage, frame, node, entries)
                yield stage.call(frame, node, NativeMethod(made, "update"), [held], {})
            continue
        key = stage.known_key((yield stage.evaluate(frame, key_node)))
        value = yield stage.evaluate(frame, value_node)
        if isinstance(key, Static) and made is None:
            entries[key.value] = value
        else:
            if made is None:
                made = yield dict_of_unknown_keys(stage, frame, node, entries)
            yield set_item(stage, frame, key_node, made, key, value)
    return (yield new_dict(stage, frame, node, entries)) if made is None else made


def _entries(stage: Stage, frame: Frame, node: Any, held: Value) -> dict[Any, Value]:
    if isinstance(held, DictValue):
        return dict(held.slots["items"])
    if isinstance(held, Static) and isinstance(held.value, dict):
        return {key: Static(value) for key, value in held.value.items()}
    stage.refuse(frame, node, "what ** unpacks here is not a dict known now", "name the entries")


def _lambda(stage: Stage, frame: Frame, node: Any) -> Steps:
    return (yield make_closure(stage, frame, node, "<lambda>"))


def make_closure(stage: Stage, frame: Frame, node: Any, name: str) -> Steps:
    """The value of a function or lambda defined here; its defaults are computed now."""
    defaults = []
    for default in node.args.defaults:
        defaults.append((yield stage.evaluate(frame, default)))
    kw_defaults: list[Value | None] = []
    for default in node.args.kw_defaults:
        kw_defaults.append(None if default is None else (yield stage.evaluate(frame, default)))
    return Closure(node, frame, tuple(defaults), tuple(kw_defaults), name)


def _walrus(stage: Stage, frame: Frame, node: Any) -> Steps:
    value = yield stage.evaluate(frame, node.value)
    bind(stage, frame, node, node.target.id, value)
    return read_name(stage, frame, node, node.target.id)


def _joined(stage: Stage, frame: Frame, node: Any) -> Steps:
    parts: list[Operand] = []
    texts: list[str] = []
    for part in node.values:
        if isinstance(part, gast.Constant):
            parts.append(Const(part.value))
            texts.append(part.value)
            continue
        value = yield stage.evaluate(frame, part.value)
        spec = (
            Static("")
            if part.format_spec is None
            else (yield stage.evaluate(frame, part.format_spec))
        )
        own = text_method(stage, value, part.conversion)
        if own is not None:
            formats = special(stage, value, "__format__")
            whole = formats is not None and formats.value is own.value
            value = yield stage.call(frame, part, own, [value, spec] if whole else [value], {})
            spec = Static("") if whole else spec
        if isinstance(value, Static) and isinstance(spec, Static):
            texts.append(_formatted(value.value, part.conversion, spec.value))
            if value.variable is None:
                parts.append(Const(texts[-1]))
                continue
        operands = (
            stage.operand(value, frame, part),
            Const(part.conversion),
            stage.operand(spec, frame, part),
        )
        parts.append(Pack("tuple", operands))
    known = "".join(texts) if len(texts) == len(parts) else None
    if known is not None and all(isinstance(part, Const) for part in parts):
        return Static(known)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(FORMAT, parts, type_=TEXT)
    return made if known is None else Static(known, variable=made)


def _formatted(value: Any, conversion: int, spec: str) -> str:
    convert: dict[int, Callable[[Any], Any]] = {115: str, 114: repr, 97: ascii}
    return format(convert[conversion](value) if conversion in convert else value, spec)


def _refused(what: str, advice: str) -> Any:
    def refuse(stage: Stage, frame: Frame, node: Any) -> Steps:
        stage.refuse(frame, node, f"{what} is not supported", advice)
        yield

    return refuse


EXPRESSIONS: dict[type, Any] = {
    gast.Constant: _constant,
    gast.Name: _name,
    gast.BinOp: _binary,
    gast.UnaryOp: _unary,
    gast.Compare: _compare,
    gast.BoolOp: _boolean,
    gast.IfExp: _if_expression,
    conditions.Chosen: conditions.chosen,
    gast.Attribute: _attribute,
    gast.Subscript: _subscript,
    gast.Slice: _slice,
    gast.Tuple: _tuple,
    gast.List: _list,
    gast.Set: _set,
    gast.Dict: _dict,
    gast.Lambda: _lambda,
    gast.NamedExpr: _walrus,
    gast.JoinedStr: _joined,
    gast.ListComp: comprehension,
    gast.GeneratorExp: generator_expression,
    gast.DictComp: dict_comprehension,
    gast.SetComp: set_comprehension,
    gast.Yield: yield_expression,
    gast.YieldFrom: yield_from,
    gast.Await: _refused("await", "differentiate an ordinary function"),
}

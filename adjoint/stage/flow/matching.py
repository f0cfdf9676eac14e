"""``match`` statements: a pattern is a test and the names it binds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Var
from adjoint.ir.operands import strip
from adjoint.ir.values import Array, ListOf, Scalar
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.context import Frame, PrimalRaises, Stage, describe
from adjoint.stage.flow.conditions import short_circuit
from adjoint.stage.flow.dispatch import dispatch, takes_rest
from adjoint.stage.inputs.classes import expect_attribute
from adjoint.stage.iteration.counted import length_of, reached
from adjoint.stage.lists.records import list_key
from adjoint.stage.names import bind
from adjoint.stage.objects.attribute_reads import get_attribute
from adjoint.stage.operators import compare, truth
from adjoint.stage.values import (
    Buffer,
    DictValue,
    Iterable,
    Later,
    ListValue,
    ObjectValue,
    OneOf,
    Records,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = ["match_statement"]

Names = dict[str, Value | Later]

#: Classes whose one positional pattern is matched against the object itself.
_ITSELF = (
    bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple,
)  # fmt: skip
_NO, _YES = Static(False), Static(True)


def match_statement(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    """Run a ``match``; how it is left, and whether the rest of the block was run with it."""
    subject = stage.need_static((yield stage.evaluate(frame, node.subject)))
    whole = takes_rest(stage, frame, node)
    after = rest if whole else []
    return (yield _cases(stage, frame, node, subject, 0, after, whole)), whole


def _cases(
    stage: Stage, frame: Frame, node: Any, subject: Value, position: int, after: Any, whole: bool
) -> Steps:
    """The cases from this one on."""
    if position == len(node.cases):
        return (yield stage.execute(frame, after))
    case = node.cases[position]
    names: Names = {}
    found = yield _match(stage, frame, case.pattern, subject, names)
    others = partial(_cases, stage, frame, node, subject, position + 1, after, whole)

    def taken() -> Steps:
        for name, value in names.items():
            bind(stage, frame, case.pattern, name, (yield reached(value)))
        body = partial(stage.execute, frame, [*case.body, *after])
        if case.guard is None:
            return (yield body())
        guard = yield stage.evaluate(frame, case.guard)
        return (yield _either(stage, frame, case.guard, guard, body, others, whole))

    return (yield _either(stage, frame, case.pattern, found, taken, others, whole))


def _either(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    test: Value,
    then: Callable[[], Steps],
    other: Callable[[], Steps],
    whole: bool,
) -> Steps:
    decided = yield truth(stage, frame, node, test)
    if isinstance(decided, Static):
        return (yield then() if decided.value else other())
    return (yield dispatch(stage, frame, node, decided, then, other, whole=whole))


# -- patterns --------------------------------------------------------------------------------------


def _match(stage: Stage, frame: Frame, node: Any, subject: Value, names: Names) -> Steps:
    """Whether a pattern fits; what it binds is added to `names`."""
    match node:
        case gast.MatchAs():
            found: Value = _YES
            if node.pattern is not None:
                found = yield _match(stage, frame, node.pattern, subject, names)
            if node.name is not None:
                names[node.name] = subject
            return found
        case gast.MatchValue():
            value = yield stage.evaluate(frame, node.value)
            if _never_equal(stage, subject, value):
                return _NO
            return (yield compare(stage, frame, node, "==", subject, value))
        case gast.MatchSingleton():
            return (yield compare(stage, frame, node, "is", subject, Static(node.value)))
        case gast.MatchOr():
            return (yield _any(stage, frame, node, subject, 0, names))
        case gast.MatchSequence():
            return (yield _sequence(stage, frame, node, subject, names))
        case gast.MatchMapping():
            return (yield _mapping(stage, frame, node, subject, names))
        case _:
            return (yield _class(stage, frame, node, subject, names))


def _never_equal(stage: Stage, subject: Value, value: Value) -> bool:
    """Whether a number or structure is compared with a text, or a structure with a number."""
    if not isinstance(value, Static):
        return False
    text = isinstance(value.value, str | bytes)
    if isinstance(subject, Var | Buffer | View):
        return text and isinstance(strip(stage.type(subject)), Scalar | Array)
    return isinstance(subject, TupleValue | ListValue | DictValue | RunTimeList | Records)


def _any(
    stage: Stage, frame: Frame, node: Any, subject: Value, position: int, names: Names
) -> Steps:
    pattern = node.patterns[position]
    bound: Names = {}
    found = yield _match(stage, frame, pattern, subject, bound)
    if isinstance(found, Static) and bool(found.value):
        names.update(bound)
        return _YES
    last = position == len(node.patterns) - 1
    if bound and not isinstance(found, Static):
        stage.refuse(
            frame, pattern, "which of these patterns binds its names is known at run time only",
            "write a case for each of them",
        )  # fmt: skip
    if last:
        return found
    rest = partial(_any, stage, frame, node, subject, position + 1, names)
    return (yield short_circuit(stage, frame, node, found, rest, "or"))


def _all(stage: Stage, frame: Frame, node: Any, tests: Sequence[Callable[[], Steps]]) -> Steps:
    """Whether all parts fit, the first that does not being the last that is looked at."""
    if not tests:
        return _YES
    found = yield tests[0]()
    if len(tests) == 1:
        return found
    rest = partial(_all, stage, frame, node, tests[1:])
    return (yield short_circuit(stage, frame, node, found, rest, "and"))


def _sequence(stage: Stage, frame: Frame, node: Any, subject: Value, names: Names) -> Steps:
    stars = [i for i, p in enumerate(node.patterns) if isinstance(p, gast.MatchStar)]
    fixed = len(node.patterns) - len(stars)
    is_array = _is_sequence_of_rows(stage, frame, node, subject)
    if is_array or isinstance(subject, RunTimeList | Records):
        before = stars[0] if stars else None
        if is_array and stars and node.patterns[stars[0]].name is not None:
            stage.refuse(
                frame, node, "the pattern of a sequence on an array binds a list of rows",
                "bind the rows one by one, or take them with an index",
            )  # fmt: skip
        return (yield _of_unknown_length(stage, frame, node, subject, before, names))
    items = _items_of(stage, frame, node, subject)
    if items is None or len(items) < fixed or (len(items) > fixed and not stars):
        return _NO
    before = stars[0] if stars else fixed
    after = fixed - before
    pairs = [*zip(node.patterns[:before], items[:before], strict=True)]
    if after:
        pairs += [*zip(node.patterns[-after:], items[-after:], strict=True)]
    if stars and node.patterns[before].name is not None:
        rest = tuple(items[before : len(items) - after])
        key = list_key(stage, frame, node.patterns[before])
        names[node.patterns[before].name] = ListValue({"items": rest}, key=key)
    return (yield _parts_match(stage, frame, node, pairs, names))


def _is_sequence_of_rows(stage: Stage, frame: Frame, node: Any, subject: Value) -> bool:
    """Whether a value is an array, which `match` takes for a sequence from NumPy 2.5 on."""
    if not _arrays_are_sequences() or isinstance(subject, TupleValue | ListValue | Iterable):
        return False
    type_ = strip(stage.type(subject)) if isinstance(subject, Var | Buffer | View) else None
    if not isinstance(type_, Array) or type_.scalar:
        return False
    if type_.shape == ():
        raise PrimalRaises(TypeError("len() of unsized object"), stage.place(frame, node))
    if type_.shape is None:
        stage.refuse(
            frame, node, "how many rows this array has is known at run time only",
            "look at its length and items with if",
        )  # fmt: skip
    return True


@cache
def _arrays_are_sequences() -> bool:
    match np.zeros(1):
        case [_]:
            return True
        case _:
            return False


def _of_unknown_length(
    stage: Stage, frame: Frame, node: Any, subject: Value, star: int | None, names: Names
) -> Steps:
    """A list or array of unknown length: that is tested first; its items are read where it fits."""

    def part(pattern: Any, index: Any) -> Later:
        return Later(partial(get_item, stage, frame, pattern, subject, Static(index)))

    patterns = list(enumerate(node.patterns))
    if star is not None:
        after = len(patterns) - star - 1
        rest = node.patterns[star]
        patterns = [(k if k < star else k - len(patterns), p) for k, p in patterns if k != star]
        if rest.name is not None:
            names[rest.name] = part(rest, slice(star, -after or None))
    wanted = (">=" if star is not None else "==", length_of(stage, frame, node, subject))
    tests = [partial(compare, stage, frame, node, *wanted, Static(len(patterns)))]
    for index, pattern in patterns:
        item = part(pattern, index)
        if isinstance(pattern, gast.MatchAs) and pattern.pattern is None:
            if pattern.name is not None:
                names[pattern.name] = item
        else:
            tests.append(partial(_item_matches, stage, frame, pattern, item))
    return (yield _all(stage, frame, node, tests))


def _item_matches(stage: Stage, frame: Frame, pattern: Any, item: Later) -> Steps:
    bound: Names = {}
    found = yield _match(stage, frame, pattern, (yield reached(item)), bound)
    if bound:
        stage.refuse(
            frame, pattern, "a pattern binds names in an item of a list of unknown length",
            "bind the item, and take it apart in the case",
        )  # fmt: skip
    return found


def _parts_match(
    stage: Stage, frame: Frame, node: Any, pairs: list[tuple[Any, Value]], names: Names
) -> Steps:
    """Whether each pattern fits its value; those that fit anything need no test."""
    tests = []
    for pattern, value in pairs:
        if isinstance(pattern, gast.MatchAs) and pattern.pattern is None:
            yield _match(stage, frame, pattern, value, names)
        else:
            tests.append(partial(_match, stage, frame, pattern, value, names))
    return (yield _all(stage, frame, node, tests))


def _items_of(stage: Stage, frame: Frame, node: Any, subject: Value) -> list[Value] | None:
    """The items of what counts as a sequence; None where it is none."""
    match subject:
        case TupleValue(items):
            return list(items)
        case ListValue():
            return list(subject.slots["items"])
        case Static(held) if isinstance(held, Sequence) and not isinstance(held, str | bytes):
            return [Static(item) for item in held]
        case ObjectValue() if not issubclass(subject.cls, Sequence):
            return None
        case Iterable() | ObjectValue() | Var(type=ListOf()):
            stage.refuse(
                frame, node, f"the pattern of a sequence on {describe(subject)}",
                "look at its length and items with if",
            )  # fmt: skip
    _must_be_known(stage, frame, node, subject)
    return None


def _must_be_known(stage: Stage, frame: Frame, node: Any, subject: Value) -> None:
    open_type = isinstance(subject, Var) and not isinstance(subject.type, Scalar | Array)
    if open_type or isinstance(subject, OneOf):
        stage.refuse(
            frame, node, "whether this pattern fits is known at run time only",
            "test with if and isinstance",
        )  # fmt: skip


def _mapping(stage: Stage, frame: Frame, node: Any, subject: Value, names: Names) -> Steps:
    if isinstance(subject, ObjectValue) and issubclass(subject.cls, Mapping):
        stage.refuse(
            frame, node, f"the pattern of a mapping on {describe(subject)}", "use an ordinary dict"
        )
    if not isinstance(subject, DictValue):
        _must_be_known(stage, frame, node, subject)
        return _NO
    entries = dict(subject.slots["items"])
    pairs = []
    for key_node, pattern in zip(node.keys, node.patterns, strict=True):
        key = stage.need_static((yield stage.evaluate(frame, key_node)))
        if not isinstance(key, Static) or key.value not in entries:
            return _NO
        pairs.append((pattern, entries.pop(key.value)))
    if node.rest is not None:
        names[node.rest] = DictValue({"items": entries})
    return (yield _parts_match(stage, frame, node, pairs, names))


def _class(stage: Stage, frame: Frame, node: Any, subject: Value, names: Names) -> Steps:
    cls = stage.need_static((yield stage.evaluate(frame, node.cls)))
    if not isinstance(cls, Static) or not isinstance(cls.value, type):
        raise PrimalRaises(
            TypeError("called match pattern must be a type"), stage.place(frame, node)
        )
    fits = yield stage.call(frame, node, Static(isinstance), [subject, cls], {})
    if isinstance(fits, Static) and not fits.value:
        return _NO
    parts = _parts(stage, frame, node, cls.value)
    if not isinstance(fits, Static) and parts:
        _must_be_known(stage, frame, node, subject)
    tests = [partial(_attribute, stage, frame, subject, *part, names) for part in parts]
    first = [] if isinstance(fits, Static) else [partial(_given, fits)]
    return (yield _all(stage, frame, node, [*first, *tests]))


def _given(value: Value) -> Steps:
    return value
    yield


def _parts(stage: Stage, frame: Frame, node: Any, cls: type) -> list[tuple[str, Any]]:
    """The attributes a pattern of a class looks at; "" is the object itself."""
    positional = node.patterns
    itself = issubclass(cls, (*_ITSELF, np.generic)) and "__match_args__" not in vars(cls)
    expect_attribute(stage.inputs, cls, "__match_args__")
    args = ("",) if itself else getattr(cls, "__match_args__", ())
    if len(positional) > len(args):
        message = f"{cls.__name__}() accepts {len(args)} positional sub-patterns"
        error = TypeError(f"{message} ({len(positional)} given)")
        raise PrimalRaises(error, stage.place(frame, node))
    pairs = zip([*args[: len(positional)], *node.kwd_attrs],
                [*positional, *node.kwd_patterns], strict=True)  # fmt: skip
    return list(pairs)


def _attribute(
    stage: Stage, frame: Frame, subject: Value, name: str, pattern: Any, names: Names
) -> Steps:
    value = subject
    if name:
        try:
            value = yield get_attribute(stage, frame, pattern, subject, name)
        except PrimalRaises as raised:
            if isinstance(raised.error, AttributeError):
                return _NO
            raise
    return (yield _match(stage, frame, pattern, value, names))

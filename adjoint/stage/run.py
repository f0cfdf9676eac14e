"""The entry to staging: a function and example arguments in, a primal function of the IR out."""

from __future__ import annotations

import types
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

import gast

from adjoint.errors import Place, Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Function, Let
from adjoint.ir.ops import Callee
from adjoint.ir.trampoline import run
from adjoint.source.bindings import bindings_of, local_names
from adjoint.source.parameters import STARS, Kind
from adjoint.source.parse import parse, place
from adjoint.source.read import FunctionSource, read
from adjoint.stage.arrays import buffers
from adjoint.stage.arrays.buffers import noted_new
from adjoint.stage.arrays.sites import ITEMS_WRITTEN
from adjoint.stage.arrays.snapshots import photograph
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.calls.call import call, call_node
from adjoint.stage.calls.captures import close_functions
from adjoint.stage.calls.functions import call_function, identity_of, stays_function
from adjoint.stage.calls.returns import run_body
from adjoint.stage.context import AlwaysRaises, Frame, PrimalRaises, Restart, Stage, Transforms
from adjoint.stage.expressions import EXPRESSIONS
from adjoint.stage.flow.aliases import keep_together
from adjoint.stage.flow.alternatives import CHOSEN, NOT_CHOSEN
from adjoint.stage.flow.generators import is_generator
from adjoint.stage.inputs.classes import expect_code
from adjoint.stage.inputs.from_outside import Inputs
from adjoint.stage.inputs.reachable import cells_in
from adjoint.stage.lists.item_layouts import NOT_REFERRED, is_of_references
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.lists.registers import (
    NOT_REGISTERED,
    is_registration,
    open_registers,
    registrations_instead,
    rests_on_registers,
)
from adjoint.stage.objects.likenesses import complete
from adjoint.stage.objects.structures import parts_of
from adjoint.stage.statements import execute
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    DictValue,
    ObjectValue,
    OneOf,
    Poison,
    Static,
    Steps,
    TupleValue,
    Value,
    is_none,
)

__all__ = ["Staged", "stage_function"]

RESTARTS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Staged:
    """A function after staging.

    Attributes
    ----------
    stage
        The builder, with the statements written, and the inputs.
    arguments
        The value of each parameter, by name.
    result
        What the function returns.
    place
        Of its definition.
    functions
        The functions that it calls, and that stay functions.
    """

    name: str
    stage: Stage
    arguments: Mapping[str, Value]
    result: Value
    place: Place
    functions: Mapping[Callee, Function]

    @property
    def builder(self) -> Builder:
        """What writes the statements."""
        return self.stage.builder

    @property
    def inputs(self) -> Inputs:
        """What came in, and what the guard must check of it."""
        return self.stage.inputs


_NO_TRANSFORMS = Transforms()


def stage_function(
    function: types.FunctionType,
    examples: Mapping[str, Any] | None,
    *,
    promoted: frozenset[str] = frozenset(),
    may_raise: Callable[[Let, Facts], bool] = lambda let, facts: True,
    transforms: Transforms = _NO_TRANSFORMS,
    is_differentiated: bool = True,
) -> Staged:
    """Stage a function.

    Parameters
    ----------
    function
        A plain Python function.
    examples
        An example for each parameter, by name; None where nothing is known of the arguments.
    promoted
        The accesses of integers that a gradient is asked for: they are taken as floats.
    may_raise
        Whether a statement may raise, given what is known of lengths.
    transforms
        What differentiates a part of the function, where the function itself takes a derivative.
    is_differentiated
        Whether a derivative is taken of the whole.

    Raises
    ------
    Unsupported
        Where staging reaches a construct or function that is not supported.
    PrimalRaises
        If the function raises for such arguments, whatever their values.
    """
    source = read(function)
    tree = parse(source)
    where = place(source, tree)
    _refuse_kinds(source, tree, where)
    decisions: dict[Any, Any] = {}
    for _ in range(RESTARTS):
        try:
            inputs = (examples, decisions, promoted)
            asked = (may_raise, transforms, is_differentiated)
            return _stage_once(function, source, tree, where, asked, *inputs)
        except Restart as restart:
            ways = (restart.keys, restart.otherwise)
            fresh = next(filter(None, ([k for k in way if k not in decisions] for way in ways)), [])
            decisions.update(dict.fromkeys(fresh, restart.reason or True))
            if not fresh:
                unknown = Unsupported(
                    "something is needed before the code runs that is known at run time only",
                    where,
                    "use np.where, or the same function and structure on all paths",
                )
                refusal = _reason(decisions) or restart.refusal or unknown
                decisions = _without_option(decisions, refusal)
        except Unsupported as refusal:
            decisions = _without_option(decisions, refusal)
        except RecursionError:
            raise Unsupported(
                "objects that hold each other, in a ring, are changed in a loop",
                where,
                "keep what changes in lists or arrays, with positions in place of references",
            ) from None
    raise Unsupported("staging does not come to an end", where, "simplify the function")


@dataclass(frozen=True, slots=True)
class _Option:
    """What staging may do that some programs are refused with.

    `instead` is the decision that it is not done; `is_of` tells decisions that do it, which are
    taken back, and `may_come` decisions that may lead to it.
    """

    instead: Any
    is_of: Callable[[Any], bool]
    may_come: Callable[[Any], bool]


def _is_choice(decision: Any) -> bool:
    return bool(decision[0] == CHOSEN)


_OPTIONS = (
    _Option(NOT_REGISTERED, rests_on_registers, is_registration),
    _Option(NOT_REFERRED, is_of_references, lambda key: bool(key[0] == ITEMS_WRITTEN)),
    _Option(NOT_CHOSEN, _is_choice, _is_choice),
)


def _without_option(decisions: Mapping[Any, Any], refusal: Unsupported) -> dict[Any, Any]:
    """The decisions without those to which a refusal may be due; the first if there are none.

    Objects in lists are put into registers before, if none are.
    """
    registered = [*filter(is_registration, decisions)]
    if NOT_REGISTERED not in decisions and not registered:
        fresh = registrations_instead(decisions)
        if fresh:
            return dict.fromkeys(fresh, refusal)
    for each in _OPTIONS:
        if each.instead not in decisions and any(map(each.may_come, decisions)):
            rest = {key: why for key, why in decisions.items() if not each.is_of(key)}
            first = decisions[registered[0]] if registered else refusal
            return {**rest, each.instead: first if isinstance(first, Unsupported) else refusal}
    options = [each.instead for each in _OPTIONS]
    raise next((decisions[key] for key in decisions if key in options), refusal) from None


def _reason(decisions: Mapping[Any, Any]) -> Unsupported | None:
    """Why a function could not stay one: what it led to says less."""
    options = [each.instead for each in _OPTIONS]
    found = (why for key, why in reversed([*decisions.items()]) if key not in options)
    return next((why for why in found if isinstance(why, Unsupported)), None)


def _refuse_kinds(source: FunctionSource, tree: Any, where: Place) -> None:
    if isinstance(tree, gast.AsyncFunctionDef):
        raise Unsupported(
            f"{source.name} is async",
            where,
            "differentiate an ordinary function, and await outside it",
        )
    if isinstance(tree, gast.FunctionDef) and is_generator(tree):
        raise Unsupported(
            f"{source.name} is a generator function",
            where,
            "return a list instead of yielding items",
        )


def _stage_once(
    function: types.FunctionType,
    source: FunctionSource,
    tree: Any,
    where: Place,
    asked: tuple[Callable[[Let, Facts], bool], Transforms, bool],
    examples: Mapping[str, Any] | None,
    decisions: Mapping[Any, Any],
    promoted: frozenset[str],
) -> Staged:
    builder = Builder(Facts(), where)
    inputs = Inputs(builder, decisions, promoted=promoted, unknown=examples is None)
    stage = Stage(builder, inputs, decisions, None, None, call, None, None, *asked[:2])  # type: ignore[arg-type]
    stage.is_differentiated = asked[2]
    stage.array = lambda value, frame, node: buffers.read(stage, value, frame, node)
    stage.keep_together = lambda arrays: keep_together(stage, arrays)
    stage.prologue, stage.origins = inputs.prologue, inputs.origins
    stage.sites = inputs.sites
    stage.evaluate = lambda frame, node: _evaluate(stage, frame, node)
    stage.execute = lambda frame, body: execute(stage, frame, body)
    stage.call = lambda frame, node, f, args, kwargs: call(stage, frame, node, f, args, kwargs)
    bindings = bindings_of(function)
    names = Cell()
    frame = Frame(source.name, source, bindings, names, local_names(tree))
    frame.arguments = tuple(p.name for p in bindings.parameters)
    inputs.starred = frozenset(p.name for p in bindings.parameters if p.kind in STARS)
    inputs.taken.update(frame.arguments, frame.local_names)
    expect_code(inputs, function)
    for parameter in bindings.parameters:
        name = parameter.name
        example = None if examples is None else examples[name]
        names.slots[name] = _argument(inputs, name, parameter.kind, example)
    arguments = dict(names.slots)
    frame.identity = identity_of(source.name, source, tree)
    stage.active.append(frame.identity)
    try:
        result = run(_body(stage, frame, tree))
    except AlwaysRaises:
        raise PrimalRaises(RuntimeError("the function always raises"), where) from None
    except (Unsupported, PrimalRaises):
        if stage.wanted:  # what went wrong may come of a write that was not made
            raise Restart(*stage.wanted) from None
        raise
    finally:
        for close in stage.suspended:
            close()
    if stage.wanted:
        raise Restart(*stage.wanted)
    inputs.pools.finish(inputs.prologue, builder.statements)
    inputs.expect_separate(where)
    inputs.identities.expect_once()
    functions = close_functions(stage)
    return Staged(function.__name__, stage, arguments, result, where, functions)


def _argument(inputs: Inputs, name: str, kind: Kind, example: Any) -> Value:
    if inputs.unknown and kind is Kind.VAR_POSITIONAL:
        return TupleValue(())
    if inputs.unknown and kind is Kind.VAR_KEYWORD:
        return DictValue({"items": {}})
    return inputs.argument(name, example)


def _body(stage: Stage, frame: Frame, tree: Any) -> Steps:
    stage.regions.append(None)
    open_registers(stage, frame, tree)
    mark = stage.trail.mark()
    if stays_function(stage, frame.identity):
        result = yield call_function(stage, frame, tree, frame, tree)
    else:
        result = yield run_body(stage, frame, tree)
    _decide(stage, frame, tree, result)
    result = yield _beside_none(stage, frame, tree, result)
    _refuse_changed(stage, frame, tree, result, {cell for cell, _ in stage.trail.changes(mark)})
    result = photograph(stage, result)
    complete(stage, result)
    stage.trail.roll_back(mark)
    return result


def _refuse_changed(
    stage: Stage, frame: Frame, tree: Any, result: Value, changed: Container[Cell]
) -> None:
    """Refuse to return an object that came in and was changed: the caller's stays as it is."""
    if isinstance(result, ObjectValue) and result.access is not None:
        if any(cell in changed for cell in cells_in(result)):
            stage.refuse(
                frame,
                tree,
                f"{result.access.text}, an object that came in, is changed and returned",
                "return its parts in a tuple or dict",
            )
        return
    for _, part in parts_of(result) or ():
        _refuse_changed(stage, frame, tree, part, changed)


def _beside_none(stage: Stage, frame: Frame, tree: Any, result: Value) -> Steps:
    """A tuple that is returned, or None at the end: its items, which None has not."""
    several = result.items.values() if isinstance(result, OneOf) else ()
    tuples = [each for each in several if isinstance(each, TupleValue)]
    if len(tuples) != 1 or not all(each in tuples or is_none(each) for each in several):
        return result
    items = []
    for position in range(len(tuples[0].items)):
        items.append((yield get_item(stage, frame, tree, result, Static(position))))
    return TupleValue(tuple(items), tuples[0].cls)


def _decide(stage: Stage, frame: Frame, tree: Any, result: Value) -> None:
    """Start again where it is not known which of several things is returned."""
    if isinstance(result, Poison):
        stage.decide(result, frame, tree)
    for _, part in parts_of(result) or ():
        _decide(stage, frame, tree, part)


def _evaluate(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The value of an expression; a new array that is written later is made a buffer."""
    count = stage.builder.count
    value = at_place((yield _handler(stage, frame, node)))
    return noted_new(stage, stage.key(frame, node, "buffer"), value, count)


def _handler(stage: Stage, frame: Frame, node: Any) -> Steps:
    if isinstance(node, gast.Call):
        return call_node(stage, frame, node)
    handler = EXPRESSIONS.get(type(node))
    if handler is None:
        stage.refuse(
            frame,
            node,
            f"{type(node).__name__} expressions are not supported",
            "write it another way",
        )
    return handler(stage, frame, node)  # type: ignore[no-any-return]

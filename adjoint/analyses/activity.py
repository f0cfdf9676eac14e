"""Which variables a derivative passes through: they depend on an input and reach the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from adjoint import runtime
from adjoint.analyses.hidden import passing
from adjoint.analyses.texts import is_text, makes_text
from adjoint.errors import Unsupported
from adjoint.ir.custom import Rule
from adjoint.ir.dicts import COPY_DICT, GET, KEYS, NEW_DICT
from adjoint.ir.handed import handed_over, with_arguments
from adjoint.ir.lists import AS_LIST, COPY_ITEMS, COPY_LIST, JOIN_LISTS, TO_LIST
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Exit,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Var,
    Yield,
)
from adjoint.ir.ops import COMPARE, Callee, Form
from adjoint.ir.values import (
    Array,
    DictOf,
    ListOf,
    Opaque,
    TupleOf,
    Type,
    is_complex,
    is_differentiable,
)
from adjoint.ir.walk import all_statements, leaf_operands, loop_leaves, operand_vars, reads
from adjoint.rules import Kind, lookup

__all__ = ["Activity", "activity", "is_transparent"]

#: Forms whose derivative the engine knows itself.
_STRUCTURAL = frozenset(
    {
        Form.INDEX, Form.ALIAS, Form.UPDATE_METHOD, Form.UPDATE_STACK, Form.LITERAL,
        Form.UPDATE, Form.UPDATE_INDEX, Form.UPDATE_AT, Form.RULE,
    }
)  # fmt: skip
#: Helpers of generated code that are linear in their first argument, and those that give constants.
_LINEAR_HELPERS = frozenset(
    {
        runtime.unbroadcast, runtime.add_lists, runtime.add_dicts, runtime.add_to_part,
        runtime.split_like,
    }
)  # fmt: skip
_CONSTANT_HELPERS = frozenset(
    {
        runtime.zeros_in_list, runtime.zeros_in_lists, runtime.zeros_in_dict, runtime.last_writes,
        runtime.outside,
    }
)  # fmt: skip
#: Forms that show or test a value: nothing is differentiated through them.
_SHOWING = frozenset({Form.RAISE, Form.ASSERT, Form.FORMAT})


@dataclass(frozen=True, slots=True)
class Activity:
    """`varied` variables depend on an input, `useful` ones reach the result."""

    varied: frozenset[Var]
    useful: frozenset[Var]

    def only(self, variable: Var) -> Activity:
        """The activity of one variable alone."""
        one = frozenset({variable})
        return Activity(one, one)

    def __contains__(self, variable: object) -> bool:
        return variable in self.varied and variable in self.useful


def activity(
    block: Block,
    inputs: Iterable[Var],
    results: Iterable[Operand],
    functions: Mapping[Callee, Function] = MappingProxyType({}),
) -> Activity:
    """Find the active variables of a function body, and of the functions that it calls.

    A parameter of a function is active if it is in one of its calls.

    Raises
    ------
    Unsupported
        If a variable that depends on an input is handed to a function without a rule.
    """
    blocks = (block, *(function.body for function in functions.values()))
    flows = [flow for each in blocks for flow in _calls(each, functions)]
    flows.append(_raised(blocks))
    varied = set(inputs)
    for _ in _until_settled(varied):
        for each in blocks:
            _spread(each, varied)
        for flow in flows:
            flow.spread(varied)
    useful = {v for r in results for v in operand_vars(r)}
    for _ in _until_settled(useful):
        for each in blocks:
            _gather(each, useful)
        for flow in flows:
            flow.gather(useful)
    return Activity(frozenset(varied), frozenset(useful))


def _until_settled(found: set[Var]) -> Iterator[None]:
    """Go round until nothing more is found."""
    before = -1
    while len(found) > before:
        before = len(found)
        yield


@dataclass(frozen=True, slots=True)
class _Flow:
    """What a call hands to a function, and what it takes from it."""

    given: tuple[tuple[Var, Operand], ...]
    taken: tuple[tuple[Var, Operand], ...]
    state: tuple[Var, Var] | None = None  # of a solver: a parameter, and the solution it is of

    def spread(self, varied: set[Var]) -> None:
        for target, source in (*self.given, *self.taken):
            if _is_followed(target.type) and any(v in varied for v in operand_vars(source)):
                varied.add(target)

    def gather(self, useful: set[Var]) -> None:
        _gather_leaf(self.taken, useful)
        _gather_leaf(self.given, useful)
        if self.state is not None and self.state[1] in useful:
            useful.add(self.state[0])


def _calls(block: Block, functions: Mapping[Callee, Function]) -> Iterator[_Flow]:
    lets = [s for s in all_statements(block) if isinstance(s, Let)]
    parts: dict[Operand, list[tuple[Var, int]]] = {}
    for let in lets:
        if let.op.form is Form.PART and let.target is not None:
            assert isinstance(let.args[1], Const)
            parts.setdefault(let.args[0], []).append((let.target, let.args[1].value))
    for let in lets:
        known = any(callee in functions for callee in handed_over(let))
        if known and let.target is not None and not let.op.stopped:
            yield _flow_of_solver(let, let.target, functions)
        if not isinstance(let.op.function, Callee) or let.op.stopped:
            continue
        function = functions[let.op.function]
        values = leaf_operands(function.body.leaf)
        results = parts.get(let.target, []) if isinstance(let.target, Var) else []
        if let.target is not None and not isinstance(let.target.type, TupleOf):
            results = [(let.target, 0)]
        yield _Flow(
            tuple(zip(function.params, let.args, strict=True)),
            tuple((result, values[k]) for result, k in results),
        )


def _raised(blocks: Iterable[Block]) -> _Flow:
    """What is raised anywhere, which may be what is caught."""
    lets = [s for block in blocks for s in all_statements(block) if isinstance(s, Let)]
    raised = [let.args for let in lets if let.op.form in (Form.RAISE, Form.ASSERT)]
    caught = [let.target for let in lets if let.op.form is Form.CAUGHT and let.target is not None]
    given = tuple((target, arg) for target in caught for args in raised for arg in args)
    return _Flow(given, ())


def _flow_of_solver(let: Let, target: Var, functions: Mapping[Callee, Function]) -> _Flow:
    """What a solver hands to the function that it calls: the solution so far, and arguments."""
    function, args = functions[handed_over(let)[0]], with_arguments(let)
    rule = lookup(let.op.function)
    place = rule.solver.state if rule is not None and rule.solver is not None else None
    given = tuple(zip(function.params[-len(args) :], args, strict=True)) if args else ()
    taken = tuple((target, value) for value in leaf_operands(function.body.leaf))
    if place is None:
        return _Flow(given, taken)
    state = function.params[place]
    return _Flow((*given, (state, target)), taken, (state, target))


def _is_of_complex(let: Let) -> bool:
    return let.target is not None and is_complex(let.target.type)


def is_transparent(let: Let) -> bool:
    """Whether a derivative can pass from the arguments of a statement to its result."""
    if let.target is None or let.op.stopped:
        return False
    is_list = let.op in (COPY_ITEMS, COPY_LIST, AS_LIST, TO_LIST, JOIN_LISTS) and isinstance(
        let.target.type, ListOf
    )
    is_linear = is_list or let.op in (COPY_DICT, GET) or let.op.function in _LINEAR_HELPERS
    if let.op.form in _STRUCTURAL or is_linear:
        return True
    rule = lookup(let.op.function)
    return rule is not None and rule.kind not in (Kind.ZERO, Kind.STAGED, Kind.REFUSED)


def _spread(block: Block, varied: set[Var]) -> None:
    for statement in block.statements:
        match statement:
            case Let():
                _spread_let(statement, varied)
            case Branch(_, then, other, joins):
                _spread(then, varied)
                _spread(other, varied)
                for arm in (then, other):
                    if isinstance(arm.leaf, Yield):
                        varied.update(_flow(zip(joins, arm.leaf.values, strict=True), varied))
            case Loop():
                _spread_loop(statement, varied)


def _spread_let(let: Let, varied: set[Var]) -> None:
    if let.op.form in (Form.INVOKE, Form.PART):
        return  # see `_Flow`
    used = [v for v in reads(let) if v in varied]
    if not used:
        return
    if let.op.form is Form.RULE:
        _refuse_past_rule(let, varied)
    if any(v in varied for v in _keys_of(let)):
        raise _refusal("the key of a dict, which depends on what is differentiated,", let)
    if makes_text(let):
        varied.update(() if let.target is None else (let.target,))
    elif is_transparent(let):
        assert let.target is not None
        if any(is_text(v.type) for v in used):
            if not is_text(let.target.type):
                raise _refusal("a number made of text", let)
            varied.add(let.target)
            return
        if let.op.form is Form.INDEX and let.args[0] not in varied:
            raise _refusal("an item at a place that depends on what is differentiated", let)
        if is_differentiable(let.target.type):
            varied.add(let.target)
        elif _is_lost(let.target.type):
            raise _refusal("what this returns", let)
    elif not let.op.stopped:
        _refuse_unless_harmless(let)


def _keys_of(let: Let) -> Iterator[Var]:
    """The variables in the keys by which a dict is read or written."""
    match let.args:
        case [Var(type=DictOf()), *rest] if let.op.form in _STRUCTURAL or let.op == GET:
            keys = rest if let.op.form is Form.INDEX else rest[:1]
        case [Pack("dict", _, found)] if let.op == NEW_DICT:
            keys = [*found]
        case _:
            keys = []
    return (v for key in keys for v in operand_vars(key))


def _looks_for_item(let: Let) -> bool:
    """Whether a statement asks whether something is in a list, array or dict."""
    return let.op.function in (COMPARE["in"], COMPARE["not in"])


def _refuse_past_rule(let: Let, varied: set[Var]) -> None:
    """Refuse a function that has a rule, and what is differentiated not as its arguments alone."""
    rule = let.op.function
    assert isinstance(rule, Rule)
    _, *others = let.args
    found = [v for pack in others for v in operand_vars(pack) if v in varied]
    if found:
        name = next((v.name for v in found if v.name), "a value")
        raise Unsupported(
            f"{rule.call.name} has a rule of its own, and {name}, which depends on the arguments"
            " that are differentiated, reaches it in another way than as an argument with a"
            " gradient",
            let.place,
            "pass it as an argument that the rule gives the derivative of, or hand it"
            " stop_gradient(…)",
        )


def _is_lost(value: Type) -> bool:
    """Whether a derivative could hide in a value, and not be seen."""
    if isinstance(value, TupleOf):
        return any(map(_is_lost, value.items))
    if isinstance(value, Array):
        return value.dtype.kind not in "biufc"
    if isinstance(value, DictOf | ListOf):
        return value.item is None or isinstance(value.item, Opaque)
    return isinstance(value, Opaque)


def _refusal(what: str, let: Let) -> Unsupported:
    return Unsupported(
        f"{what} is not followed by a derivative",
        let.place,
        "write it with NumPy functions that have a rule, or hand it stop_gradient(…) if no"
        " derivative passes through it",
    )


def _refuse_unless_harmless(let: Let) -> None:
    if let.target is None and let.op.form is Form.ALIAS:
        return
    if let.op.function in _CONSTANT_HELPERS or let.op == KEYS or _looks_for_item(let):
        return
    if let.op.form in _SHOWING or (let.op.form is Form.ATTRIBUTE and _gives_no_number(let)):
        return
    rule = lookup(let.op.function)
    held = any(isinstance(a, Pack) and a.kind == "dict" for a in let.args)
    is_zero = rule is not None and rule.kind is Kind.ZERO and (let.target is None or not held)
    if rule is not None and is_zero and not (rule.reason and _is_of_complex(let)):
        return
    if isinstance(let.op.function, type) and issubclass(let.op.function, BaseException | str):
        return
    name = let.op.name if let.op.function is getattr else _name(let.op.function)
    if let.op.form is Form.APPLY and isinstance(let.args[0], Var):
        name = let.args[0].name or "what is called here"
    if rule is not None and rule.reason:
        raise Unsupported(
            f"{name} is not differentiated: {rule.reason}",
            let.place,
            "write it with functions that docs/functions.md lists as differentiable",
        )
    raise Unsupported(
        f"{name} has no derivative rule, and what it is given depends on the arguments that are"
        " differentiated",
        let.place,
        "write it with NumPy functions that have a rule, give it one with adjoint.rule, or hand it"
        " stop_gradient(…) if no derivative passes through it",
    )


def _gives_no_number(let: Let) -> bool:
    return let.target is not None and not is_differentiable(let.target.type)


def _name(function: object) -> str:
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__name__", repr(function))
    parts = [part for part in module.split(".") if not part.startswith("_")]
    if parts and parts[0] == "numpy":
        parts[0] = "np"
    return ".".join([*parts, name]) if parts and parts[0] in ("np", "math", "scipy") else name


def _flow(pairs: Iterable[tuple[Var, Operand]], active: set[Var]) -> Iterator[Var]:
    for target, source in pairs:
        if _is_followed(target.type) and any(v in active for v in operand_vars(source)):
            yield target


def _is_followed(value: Type) -> bool:
    """Whether a value may be a number, or a text of one: that must not become a number again."""
    return is_differentiable(value) or is_text(value)


def _spread_loop(loop: Loop, varied: set[Var]) -> None:
    while True:
        before = len(varied)
        varied.update(_flow(zip(loop.params, loop.inits, strict=True), varied))
        _spread(loop.body, varied)
        for leaf in loop_leaves(loop.body):
            targets = loop.params if isinstance(leaf, Next) else loop.outs
            varied.update(_flow(zip(targets, leaf.values, strict=True), varied))
        varied.update(_flow(zip(loop.outs, loop.params, strict=True), varied))
        if len(varied) == before:
            return


def _gather(block: Block, useful: set[Var]) -> None:
    for statement in reversed(block.statements):
        match statement:
            case Let(target):
                if target in useful and is_transparent(statement):
                    useful.update(passing(statement))
            case Branch(_, then, other, joins):
                for arm in (then, other):
                    if isinstance(arm.leaf, Yield):
                        _gather_leaf(zip(joins, arm.leaf.values, strict=True), useful)
                    _gather(arm, useful)
            case Loop():
                _gather_loop(statement, useful)


def _gather_leaf(pairs: Iterable[tuple[Var, Operand]], useful: set[Var]) -> None:
    for target, source in list(pairs):
        if target in useful:
            useful.update(operand_vars(source))


def _gather_loop(loop: Loop, useful: set[Var]) -> None:
    while True:
        before = len(useful)
        for leaf in loop_leaves(loop.body):
            targets = loop.outs if isinstance(leaf, Exit) else loop.params
            _gather_leaf(zip(targets, leaf.values, strict=True), useful)
        _gather_leaf(zip(loop.outs, loop.params, strict=True), useful)
        for leaf in loop_leaves(loop.body):
            if isinstance(leaf, Next):
                _gather_leaf(zip(loop.outs, leaf.values, strict=True), useful)
        _gather(loop.body, useful)
        if len(useful) == before:
            break
    _gather_leaf(zip(loop.params, loop.inits, strict=True), useful)
    _gather_leaf(zip(loop.outs, loop.inits, strict=True), useful)

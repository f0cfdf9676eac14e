"""The whole way, from a function and example arguments to a compiled derivative.

    function ── stage ──> primal IR ── optimise ──> derivative ── optimise ──> emit ──> load

Each stage is a folder; its `__init__` says what is in it.
"""

from __future__ import annotations

import itertools
import types
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adjoint.analyses.shared_changes import refuse_changes_seen
from adjoint.emit import Emitted, emit
from adjoint.emit.load import load
from adjoint.errors import PLACES, briefly
from adjoint.ir.builder import Builder
from adjoint.ir.custom import settled
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Block, Function, Operand, Var
from adjoint.ir.ops import Callee
from adjoint.ir.remembered import forgetting
from adjoint.ir.walk import (
    all_reads,
    all_statements,
    count_uses,
    leaf_operands,
    operand_vars,
    writes,
)
from adjoint.optimise import optimise, optimise_program, simplify
from adjoint.optimise.hidden import drop_hidden
from adjoint.optimise.raising import may_raise
from adjoint.source.parameters import (
    Kind,
    as_written,
    default_owner,
    default_places,
    parameters_of,
)
from adjoint.stage.context import Transforms
from adjoint.stage.inputs.directions import expect_directions
from adjoint.stage.inputs.guard import make_guards
from adjoint.stage.inputs.words import in_words
from adjoint.stage.run import Staged, stage_function
from adjoint.transform.gradient import gradient_function, returned_value
from adjoint.transform.inner import Inner, differentiated
from adjoint.transform.inner_calls import Functions
from adjoint.transform.inner_tangents import Linear, linearised, pushed_forward
from adjoint.transform.outputs import primal_function
from adjoint.transform.plain_value import value_function, whole_result
from adjoint.transform.pullback import pullback_function, returned_structure
from adjoint.transform.tangent import tangent_function
from adjoint.transform.wanted import Wanted

__all__ = ["TRANSFORMS", "Compiled", "Program", "compile_gradient", "compile_tangent", "program"]


#: Of each mode: what of the function's result is differentiated, and the derivative of that.
_MODES = {
    "grad": (returned_value, gradient_function),
    "vjp": (returned_structure, pullback_function),
    "value": (whole_result, value_function),
}


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A gradient function for one signature of arguments.

    Attributes
    ----------
    source
        The text of the generated module.
    function
        The generated function.
    fits
        Whether it applies to these positional arguments.
    enter
        What a call runs: it has the parameters of the function that is differentiated.
    externals
        For each keyword parameter of the function, how its value is read at a call.
    conditions, constants
        What `fits` looks at, and what the names in it stand for.
    report
        For each argument, whether it is differentiated.
    """

    source: str
    function: Callable[..., Any]
    fits: Callable[..., bool]
    enter: Callable[..., Any]
    externals: Mapping[str, Callable[[], Any]]
    conditions: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, str] = field(default_factory=dict)

    @property
    def assumed(self) -> tuple[str, ...]:
        """The conditions in words."""
        return in_words(self.conditions, self.constants)


def _nothing_else(*args: Any) -> Any:
    raise TypeError("compiled for other arguments")


@briefly
@forgetting
def compile_gradient(
    function: types.FunctionType,
    examples: Mapping[str, Any] | None,
    wanted: Wanted,
    promoted: frozenset[str] = frozenset(),
    otherwise: Callable[..., Any] = _nothing_else,
) -> Compiled:
    """Derive, print and compile the gradient of a function.

    Parameters
    ----------
    function
        A plain Python function.
    examples
        An example for each parameter, by name, or None where nothing is known of the arguments.
    wanted
        What the gradient function returns.
    promoted
        Integers among the arguments that are differentiated, and taken as floats.
    otherwise
        What the entry calls with arguments to which the compiled function does not apply.

    Raises
    ------
    AdjointError
        Where the function cannot be differentiated, with the place and what to do.
    """
    staged = stage_function(
        function,
        examples,
        promoted=promoted,
        may_raise=may_raise,
        transforms=TRANSFORMS,
        is_differentiated=wanted.mode != "value",
    )
    facts = staged.builder.facts
    value, derivative = _MODES[wanted.mode]
    primal = optimise(primal_function(staged, value(staged, wanted)), facts)
    gradient, called = derivative(staged, primal, _simplified(staged.functions, facts), wanted)
    report = {name: _described(name, wanted.arguments) for name in staged.arguments}
    optional = default_places(function)
    parameters = [*as_written(parameters_of(function), optional, "_unset")]
    gradient, functions = optimise_program(_last(gradient), _settled(called), facts)
    if wanted.mode == "value":
        gradient = replace(gradient, split=-1)  # it has one sweep
    return _compiled(function, staged, gradient, functions, parameters, otherwise, report)


@briefly
@forgetting
def compile_tangent(
    function: types.FunctionType,
    examples: Mapping[str, Any],
    directions: tuple[str, ...],
    given: tuple[str, ...],
    otherwise: Callable[..., Any] = _nothing_else,
) -> Compiled:
    """Derive, print and compile what computes the result of a function together with its tangent.

    The compiled function takes the arguments of `function`, then a tangent for each of those in
    `directions`; it returns the pair of result and tangent. The entry, and the test whether it
    applies, take a tangent for each parameter in `given`, which is None where it is held fixed.

    Parameters
    ----------
    function, examples, otherwise
        As for `compile_gradient`.
    directions
        The arguments that have a tangent: ``x``, or ``args[1]`` of ``*args``.
    given
        The parameters for which a tangent or None is given, among them those of `directions`.

    Raises
    ------
    AdjointError
        Where the function cannot be differentiated, with the place and what to do.
    """
    promoted = frozenset(directions)
    staged = stage_function(
        function, examples, promoted=promoted, may_raise=may_raise, transforms=TRANSFORMS
    )
    facts = staged.builder.facts
    primal = optimise(primal_function(staged, staged.result), facts)
    found = tangent_function(staged, primal, _simplified(staged.functions, facts), directions)
    made, called = optimise_program(_last(found.function), _settled(found.functions), facts)
    tangent = replace(made, split=-1)
    functions = {callee: replace(f, split=-1) for callee, f in called.items()}
    names = {argument: f"{v.name}_dot" for argument, v in found.directions.items()}
    expect_directions(staged, directions, names)
    report = {name: _described(name, found.directions) for name in staged.arguments}
    taken = {*staged.arguments, *names.values()}
    free = (name for name in map("_{}".format, itertools.count()) if name not in taken)
    held = {name: next(free) for name in given if name not in names}
    variadic = [p.name for p in parameters_of(function) if p.kind is Kind.VAR_POSITIONAL]
    for parameter, name in held.items():
        none = (None,) * len(examples[parameter]) if parameter in variadic else None
        staged.inputs.expect(f"{name} {'is' if none is None else '=='} {none}")
    parameters = [
        *staged.arguments,
        *({**names, **held}[name] for name in given),
    ]
    unused = [*held.values()]
    return _compiled(function, staged, tangent, functions, parameters, otherwise, report, unused)


def _settled(functions: Mapping[Callee, Function]) -> dict[Callee, Function]:
    return {callee: _last(function) for callee, function in functions.items()}


def _last(function: Function) -> Function:
    """Without what stood in it for derivatives of it alone."""
    return drop_hidden(settled(function))


def _simplified(functions: Mapping[Callee, Function], facts: Facts) -> dict[Callee, Function]:
    """The functions of a program, cleaned so that they can be differentiated."""
    return {callee: simplify(function, facts) for callee, function in functions.items()}


def _compiled(
    primal: types.FunctionType,
    staged: Staged,
    derivative: Function,
    functions: Mapping[Callee, Function],
    parameters: list[str],
    otherwise: Callable[..., Any],
    report: Mapping[str, str],
    unused: Collection[str] = (),
) -> Compiled:
    """Print and compile a derivative, and what guards it."""
    derivative = _without_unused(derivative)
    emitted = emit(derivative, functions)
    function = _loaded(emitted)
    inputs, facts = staged.inputs, staged.builder.facts
    keywords = {emitted.names[v]: v.name for v in derivative.keywords}
    externals = {name: inputs.externals[held] for name, held in keywords.items()}
    conditions = (*inputs.conditions, *facts.conditions)
    owner = inputs.name_of(default_owner(primal))
    fits, enter = make_guards(
        parameters,
        conditions,
        inputs.constants,
        inputs.externals,
        function,
        keywords,
        otherwise,
        unused,
        {p: f"{owner}.{held}[{key!r}]" for p, (held, key) in default_places(primal).items()},
    )
    return Compiled(
        emitted.text, function, fits, enter, externals, conditions, inputs.constants, report
    )


def _loaded(emitted: Emitted) -> Callable[..., Any]:
    made: Any = load(emitted.text, emitted.name, {PLACES: emitted.origins})[emitted.name]
    return made  # type: ignore[no-any-return]


def _cleaner(builder: Builder, inputs: Sequence[Var]) -> Callable[[Function], Function]:
    """What cleans a part of a function, which reads other variables than its `inputs` too."""

    def cleaned(function: Function) -> Function:
        params = dict.fromkeys((*inputs, *_free(function.body)))
        return simplify(replace(function, params=tuple(params)), builder.facts)

    return cleaned


def _part(builder: Builder, inputs: Sequence[Var], block: Block) -> Function:
    """A part of a function that is staged apart, of which a derivative is taken."""
    part = Function("", (), (), block, builder.place)
    handed = dict.fromkeys((*inputs, *_free(block)))
    refuse_changes_seen(replace(part, params=tuple(handed)), builder.changes, is_called=True)
    for made in {v for s in all_statements(block) for v in writes(s)}:
        builder.changes.pop(made, None)  # the sweeps read what was there before them
    return part


def _differentiate(
    builder: Builder,
    program: Functions,
    block: Block,
    inputs: Sequence[Var],
    seeds: Sequence[Operand | None],
) -> Inner:
    """Differentiate a part of a function by `inputs`; see `transform.inner`."""
    cleaned = _cleaner(builder, inputs)
    part = cleaned(_part(builder, inputs, block))
    return differentiated(builder, program, part.body, inputs, seeds, cleaned, TRANSFORMS)


def _push_forward(
    builder: Builder,
    program: Functions,
    block: Block,
    inputs: Sequence[Var],
    directions: Sequence[Operand],
    count: int,
) -> tuple[tuple[Operand, ...], tuple[Operand, ...]]:
    """Write a part of a function with tangents; see `transform.inner_tangents`."""
    cleaned = _cleaner(builder, inputs)
    part = cleaned(_part(builder, inputs, block))
    return pushed_forward(
        builder, program, part.body, inputs, directions, count, cleaned, TRANSFORMS
    )


def _linearise(
    builder: Builder, program: Functions, block: Block, inputs: Sequence[Var], count: int
) -> Linear:
    """A part of a function with what computes tangents; see `transform.inner_tangents`."""
    part = _cleaner(builder, inputs)(_part(builder, inputs, block))
    return linearised(builder, program, part.body, inputs, count, TRANSFORMS)


#: What staging differentiates parts of a function with.
TRANSFORMS = Transforms(_differentiate, _push_forward, _linearise)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A function as it was staged, parts of which can be run.

    To the `functions` are added those that derivatives of parts need.
    """

    staged: Staged
    primal: Function
    functions: Functions

    @forgetting
    def compiled(self, function: Function, arguments: Mapping[str, Any]) -> Callable[..., Any]:
        """Print and compile a function made of parts of the program.

        The text may read lengths of the program's own arguments, which are given by name.
        """
        inputs, facts = self.staged.inputs, self.staged.builder.facts
        whole = _last(replace(function, keywords=self.primal.keywords))
        function, functions = optimise_program(whole, _settled(self.functions), facts)
        own = {*function.params, *function.keywords}
        beside = [v for v in dict.fromkeys(_free(function.body)) if v not in own]
        function = _without_unused(replace(function, params=(*function.params, *beside)))
        more = [arguments[v.name] for v in beside]
        emitted = emit(function, functions)
        names = {emitted.names[v]: v.name for v in function.keywords}
        read = {name: inputs.externals[held] for name, held in names.items()}
        made = _loaded(emitted)
        return lambda *args: made(*args, *more, **{name: each() for name, each in read.items()})


@briefly
@forgetting
def program(function: types.FunctionType, examples: Mapping[str, Any]) -> Program:
    """Stage a function, without a derivative: each statement computes all that it needs.

    Parameters
    ----------
    function, examples
        As for `compile_gradient`.
    """
    staged = stage_function(function, examples, may_raise=may_raise, transforms=TRANSFORMS)
    primal = primal_function(staged, staged.result)
    return Program(staged, primal, _simplified(staged.functions, staged.builder.facts))


def _free(block: Block) -> Iterator[Var]:
    """The variables that a block reads and does not define."""
    own = {v for s in all_statements(block) for v in writes(s)}
    read = (v for s in block.statements for v in all_reads(s))
    handed_on = (v for value in leaf_operands(block.leaf) for v in operand_vars(value))
    return (v for v in (*read, *handed_on) if v not in own)


def _described(name: str, asked: Container[str]) -> str:
    return "differentiated" if name in asked else "not asked for"


def _without_unused(derivative: Function) -> Function:
    """With the keyword parameters that are still read."""
    uses = count_uses(derivative)
    return replace(derivative, keywords=tuple(v for v in derivative.keywords if uses.get(v)))

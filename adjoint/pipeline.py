"""The whole way, from a function and example arguments to a compiled gradient function.

    function ── stage ──> primal IR ── optimise ──> reverse ──> optimise ──> emit ──> load

Each stage is a folder; its `__init__` says what is in it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adjoint.emit import emit
from adjoint.emit.load import load
from adjoint.ir.nodes import Function
from adjoint.ir.walk import count_uses
from adjoint.optimise import optimise
from adjoint.optimise.raising import may_raise
from adjoint.stage.guard import make_guards
from adjoint.stage.run import stage_function
from adjoint.transform.gradient import gradient_function, returned_value
from adjoint.transform.outputs import primal_function
from adjoint.transform.pullback import pullback_function, returned_structure
from adjoint.transform.wanted import Wanted

__all__ = ["Compiled", "compile_gradient"]


#: Of each mode: what of the function's result is differentiated, and the derivative of that.
_MODES = {
    "grad": (returned_value, gradient_function),
    "vjp": (returned_structure, pullback_function),
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
    conditions
        What `fits` looks at.
    report
        For each argument, whether it is differentiated.
    """

    source: str
    function: Callable[..., Any]
    fits: Callable[..., bool]
    enter: Callable[..., Any]
    externals: Mapping[str, Callable[[], Any]]
    conditions: tuple[str, ...] = ()
    report: Mapping[str, str] = field(default_factory=dict)


def _nothing_else(*args: Any) -> Any:
    raise TypeError("compiled for other arguments")


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
    staged = stage_function(function, examples, promoted=promoted, may_raise=may_raise)
    facts = staged.builder.facts
    value, derivative = _MODES[wanted.mode]
    primal = optimise(primal_function(staged, value(staged, wanted)), facts)
    gradient = optimise(derivative(staged, primal, wanted), facts)
    gradient = _without_unused(gradient)
    emitted = emit(gradient)
    namespace = load(emitted.text, emitted.name, {})
    externals = {emitted.names[v]: staged.inputs.externals[v.name] for v in gradient.keywords}
    conditions = (*staged.inputs.conditions, *facts.conditions)
    compiled: Any = namespace[emitted.name]
    fits, enter = make_guards(
        _parameters(function, [*staged.arguments]),
        conditions,
        staged.inputs.constants,
        staged.inputs.externals,
        compiled,
        {emitted.names[v]: v.name for v in gradient.keywords},
        otherwise,
    )
    report = {name: _described(name, wanted) for name in staged.arguments}
    return Compiled(emitted.text, compiled, fits, enter, externals, conditions, report)


def _parameters(function: types.FunctionType, names: list[str]) -> list[str]:
    """The parameters of the entry; none of them is by keyword only, or takes several."""
    only = function.__code__.co_posonlyargcount
    return [*names[:only], "/", *names[only:]] if only else names


def _described(name: str, wanted: Wanted) -> str:
    return "differentiated" if name in wanted.arguments else "not asked for"


def _without_unused(gradient: Function) -> Function:
    """Keyword parameters that are still read."""
    uses = count_uses(gradient)
    keywords = tuple(v for v in gradient.keywords if uses.get(v))
    return replace(gradient, keywords=keywords)

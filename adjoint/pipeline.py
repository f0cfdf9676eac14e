"""The whole way, from a function and example arguments to a compiled gradient function.

    function ── stage ──> primal IR ── optimise ──> reverse ──> optimise ──> emit ──> load

Each stage is a folder; its `__init__` says what is in it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adjoint.emit import emit
from adjoint.emit.load import load
from adjoint.ir.nodes import Function
from adjoint.ir.walk import count_uses
from adjoint.optimise import optimise
from adjoint.stage.guard import make_guards
from adjoint.stage.run import stage_function
from adjoint.transform.gradient import Wanted, gradient_function, primal_function

__all__ = ["Compiled", "compile_gradient"]


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
        Its result for these positional arguments, or `MISS` if it does not apply.
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


def compile_gradient(
    function: types.FunctionType,
    examples: Mapping[str, Any] | None,
    wanted: Wanted,
    promoted: frozenset[str] = frozenset(),
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

    Raises
    ------
    AdjointError
        Where the function cannot be differentiated, with the place and what to do.
    """
    staged = stage_function(function, examples, promoted=promoted)
    facts = staged.builder.facts
    primal = optimise(primal_function(staged, wanted), facts)
    gradient = optimise(gradient_function(staged, primal, wanted), facts)
    gradient = _without_unused(gradient)
    emitted = emit(gradient)
    namespace = load(emitted.text, emitted.name, {})
    externals = {emitted.names[v]: staged.inputs.externals[v.name] for v in gradient.keywords}
    conditions = (*staged.inputs.conditions, *facts.conditions)
    compiled: Any = namespace[emitted.name]
    seen = ([*staged.arguments], conditions, staged.inputs.constants, staged.inputs.externals)
    keywords = {emitted.names[v]: v.name for v in gradient.keywords}
    fits, enter = make_guards(*seen, compiled, keywords)
    report = {name: _described(name, wanted) for name in staged.arguments}
    return Compiled(emitted.text, compiled, fits, enter, externals, conditions, report)


def _described(name: str, wanted: Wanted) -> str:
    return "differentiated" if name in wanted.arguments else "not asked for"


def _without_unused(gradient: Function) -> Function:
    """Keyword parameters that are still read."""
    uses = count_uses(gradient)
    keywords = tuple(v for v in gradient.keywords if uses.get(v))
    return Function(
        gradient.name, gradient.params, keywords, gradient.body, gradient.place, gradient.split
    )

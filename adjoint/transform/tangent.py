"""The tangent function: the function itself with tangents beside, and what is handed back.

``loss(w, x)`` with a tangent for ``w`` becomes ``loss_jvp(w, x, w_dot)``, which returns the result
and its tangent, both in the structure of the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adjoint.analyses.activity import activity
from adjoint.analyses.plain import plain_numbers
from adjoint.ir.memory import written_items
from adjoint.ir.nodes import Block, Const, Function, Let, Operand, Pack, Role, Statement, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Callee, Form
from adjoint.ir.values import OPAQUE, Opaque, Scalar, is_differentiable
from adjoint.source.parameters import part_of
from adjoint.stage.inputs.reachable import inputs_in
from adjoint.stage.run import Staged
from adjoint.transform.asked import argument, refuse_closed
from adjoint.transform.bound import paths_of
from adjoint.transform.choices import repeatable
from adjoint.transform.derived import Derived
from adjoint.transform.forward import Forward, functions_with_tangents
from adjoint.transform.inner_calls import Functions
from adjoint.transform.leaves import handed_over
from adjoint.transform.outputs import external_variables, rebuilt, refuse_returned_arguments
from adjoint.transform.tangent_calls import TangentCalls
from adjoint.transform.tangents import Tangents, active_items, free_name, tangent_type
from adjoint.transform.whole import identifier

__all__ = ["TangentFunction", "tangent_function"]


@dataclass(frozen=True, slots=True)
class TangentFunction:
    """A function with tangents, and the parameter that is the tangent of each argument by name.

    `functions` are those that it calls.
    """

    function: Function
    directions: Mapping[str, Var]
    functions: Mapping[Callee, Function]


# -- the function ----------------------------------------------------------------------------------


def tangent_function(
    staged: Staged,
    primal: Function,
    functions: Functions,
    wanted: Sequence[str],
) -> TangentFunction:
    """The tangent function of a primal that was staged and cleaned.

    Parameters
    ----------
    wanted
        The arguments that have a tangent: ``x``, or ``args[1]`` of ``*args``.
    """
    builder = staged.builder
    refuse_returned_arguments(staged, staged.result, wanted)
    assert isinstance(primal.body.leaf, Yield)
    count = len(primal.body.leaf.values) - len(staged.inputs.leaves)
    results = primal.body.leaf.values[:count]
    builder.role = Role.TANGENT
    builder.stopped = False
    with builder.at(staged.place), builder.block() as statements:
        inputs = _Directions.of(staged, primal, wanted)
        active = activity(primal.body, inputs.asked, results, functions)
        items = active_items(primal.body, active)
        again = repeatable(primal.body, written_items(primal))
        tangents = Tangents(builder, paths_of(primal.body), items=items, repeatable=again)
        tangents.values.update((variable, inputs.tangent(variable)) for variable in inputs.asked)
        derived = Derived(builder, functions, staged.stage.transforms)
        calls = TangentCalls(builder, active, functions, derived)
        sweep = Forward(builder, active, tangents, calls)
        sweep.bound.update(param.name for param in primal.params)
        sweep.statements(primal.body.statements)
        with builder.at(staged.place):
            returned = _returned(staged, results, tangents, statements)
        body = Block(tuple(statements), Yield((returned,)))
    name = f"{identifier(staged)}_jvp"
    directions = inputs.parameters
    params, keywords = (*primal.params, *directions.values()), external_variables(staged)
    split = len(body.statements)
    function = Function(name, params, keywords, body, staged.place, split)
    return TangentFunction(
        function, directions, functions_with_tangents(function, calls, calls.functions)
    )


def _returned(
    staged: Staged, results: Sequence[Operand], tangents: Tangents, statements: Sequence[Statement]
) -> Operand:
    """The result and its tangent."""
    numbers = [v for v in tangents.values if isinstance(v.type, Scalar)]
    held = [leaf.variable for leaf in staged.inputs.leaves.values()]
    plain = plain_numbers(
        [v for v in (*held, *numbers) if isinstance(v.type, Scalar)], statements, {}
    )
    finished = (_finished(staged, result, tangents, plain) for result in results)
    out = rebuilt(staged, staged.result, iter(results))
    return Pack("tuple", (out, rebuilt(staged, staged.result, finished)))


def _finished(
    staged: Staged, result: Operand, tangents: Tangents, plain: frozenset[Var]
) -> Operand:
    """The tangent of one result: of its shape and dtype, owned; None of what is no float."""
    type_ = type_of(result)
    if not is_differentiable(type_) or isinstance(type_, Opaque):
        return Const(None)
    whole = tangents.whole_and_writable(result)
    if not isinstance(result, Var):
        return whole
    return handed_over(staged.builder, whole, result, plain, result.name)


# -- the tangents of the arguments -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Directions:
    """The parameters for tangents, and the way to the tangent of each input.

    `paths` are the statements that lead to the parts of the arguments.
    """

    staged: Staged
    asked: Sequence[Var]
    parameters: Mapping[str, Var]
    paths: Mapping[Var, Let]
    roots: Mapping[Var, Var]

    @classmethod
    def of(cls, staged: Staged, primal: Function, wanted: Sequence[str]) -> _Directions:
        for each in wanted:
            refuse_closed(staged, each)
        asked = [
            variable
            for each in wanted
            for variable in inputs_in(argument(staged, each))
            if is_differentiable(variable.type)
        ]
        prologue = (s for s in staged.stage.prologue if isinstance(s, Let))
        paths = {s.target: s for s in prologue if s.target is not None}
        taken = (*primal.params, *primal.keywords)
        parameters: dict[str, Var] = {}
        for name in dict.fromkeys(part_of(each)[0] for each in wanted):
            leaf = staged.inputs.leaves.get(name)
            type_ = OPAQUE if leaf is None else tangent_type(leaf.variable.type)
            parameters[name] = staged.builder.var(type_, free_name(name, taken))
        roots = {staged.inputs.variables[name]: made for name, made in parameters.items()}
        return cls(staged, list(dict.fromkeys(asked)), parameters, paths, roots)

    def tangent(self, variable: Var) -> Var:
        """The variable that holds the tangent of a part of an argument."""
        if variable in self.roots:
            return self.roots[variable]
        way = self.paths[variable]
        owner = way.args[0]
        assert isinstance(owner, Var)
        if way.op.form is not Form.PATH:  # an integer, taken as a float
            return self.tangent(owner)
        args, type_ = (self.tangent(owner), way.args[1]), tangent_type(variable.type)
        return self.staged.builder.let(way.op, args, name=variable.name, type_=type_)

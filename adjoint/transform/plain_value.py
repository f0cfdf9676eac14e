"""The function that returns what was staged: what takes derivatives itself needs no other sweep.

``f_jacobian(x)``, which returns ``jacobian(f)(x)``, is written so: its derivatives are there.
"""

from __future__ import annotations

from collections.abc import Mapping

from adjoint.analyses.plain import plain_numbers
from adjoint.ir.nodes import Block, Function, Operand, Var, Yield
from adjoint.ir.ops import Callee, call
from adjoint.ir.values import FLOAT, Scalar, is_differentiable, rank
from adjoint.stage.inputs.reachable import inputs_in
from adjoint.stage.run import Staged
from adjoint.stage.values import TupleValue, Value
from adjoint.transform.asked import argument
from adjoint.transform.leaves import OWN
from adjoint.transform.outputs import external_variables, leaves_of, rebuilt
from adjoint.transform.wanted import Wanted
from adjoint.transform.whole import identifier

__all__ = ["value_function", "whole_result"]


def whole_result(staged: Staged, wanted: Wanted) -> Value:
    """All that is returned."""
    return staged.result


def value_function(
    staged: Staged, primal: Function, functions: Mapping[Callee, Function], wanted: Wanted
) -> tuple[Function, Mapping[Callee, Function]]:
    """A function that was staged and cleaned, with its results in the caller's own memory."""
    builder = staged.builder
    assert isinstance(primal.body.leaf, Yield)
    count = len(primal.body.leaf.values) - len(staged.inputs.leaves)
    results = primal.body.leaf.values[:count]
    main = _count_of_main(staged, wanted)
    numbers = _takes_numbers(staged, wanted)
    held = [leaf.variable for leaf in staged.inputs.leaves.values()]
    plain = plain_numbers(
        [v for v in held if isinstance(v.type, Scalar)], primal.body.statements, {}
    )

    def finished(k: int, result: Operand) -> Operand:
        if not isinstance(result, Var) or k >= main or not is_differentiable(result.type):
            return result
        if result in results[:k]:  # asked for twice, and handed out twice
            return builder.let(OWN, (result,), name=result.name)
        is_number = isinstance(result.type, Scalar) or (rank(result.type) == 0 and numbers)
        if not is_number or result in plain:
            return result
        return builder.let(call(float), (result,), type_=FLOAT)

    for result in results[:main]:
        if isinstance(result, Var) and not result.name:
            result.name = staged.name.rpartition("_")[2]  # the hessian of f_hessian
    with builder.at(staged.place), builder.block() as statements:
        statements.extend(primal.body.statements)
        made = iter([finished(k, result) for k, result in enumerate(results)])
        returned = rebuilt(staged, staged.result, made)
        body = Block(tuple(statements), Yield((returned,)))
    name, keywords = identifier(staged), external_variables(staged)
    function = Function(name, primal.params, keywords, body, staged.place, len(body.statements))
    return function, functions


def _takes_numbers(staged: Staged, wanted: Wanted) -> bool:
    """Whether all that is differentiated by are Python numbers."""
    asked = [v for each in wanted.arguments for v in inputs_in(argument(staged, each))]
    return all(isinstance(v.type, Scalar) for v in asked)


def _count_of_main(staged: Staged, wanted: Wanted) -> int:
    """How many of the results are derivatives, and not what is handed on beside."""
    value: Value = staged.result
    if wanted.has_aux and isinstance(value, TupleValue):
        value = value.items[0]
    return len(leaves_of(staged, value))

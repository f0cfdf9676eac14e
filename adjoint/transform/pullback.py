"""The function that returns the value, and beside it the pullback: from cotangents to gradients.

The pullback is defined inside, so that what it needs of the forward sweep is kept by its closure::

    def f_vjp(x):
        y = np.sin(x)

        def back(d_y):
            return (d_y * np.cos(x),)

        return y, back
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence

from adjoint.errors import ZeroGradientWarning
from adjoint.ir.builder import Builder
from adjoint.ir.dicts import COPY_DICT, EMPTY, ZEROS, is_dict
from adjoint.ir.lists import AS_LIST, COPY_LIST
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Block, Const, Function, Operand, Pack, Role, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Callee, Op, call
from adjoint.ir.values import OPAQUE, Array, DictOf, ListOf, Unknown, rank
from adjoint.stage.inputs.access import PATH_ATTRIBUTE, PATH_ITEM
from adjoint.stage.objects.structures import parts_of
from adjoint.stage.run import Staged
from adjoint.stage.values import ObjectValue, Records, Value
from adjoint.transform.accumulate import adjoint_type
from adjoint.transform.asked import asked_inputs, main_value, rebuilt_aux
from adjoint.transform.callees import calls_of, functions_called
from adjoint.transform.holomorphic import check_complex, check_linear
from adjoint.transform.leaves import OWN
from adjoint.transform.outputs import external_variables, rebuilt, refuse_returned_arguments
from adjoint.transform.results import Results
from adjoint.transform.returned_lists import COLUMNS, columns_of
from adjoint.transform.sweeps import Sweeps, sweeps_of
from adjoint.transform.wanted import Wanted
from adjoint.transform.whole import backward_of, identifier, leaf_names, normalised, plain_in

__all__ = ["pullback_function", "returned_structure"]


def returned_structure(staged: Staged, wanted: Wanted) -> Value:
    """What a function returns: anything but an argument that is differentiated by.

    Raises
    ------
    Unsupported
        If it returns one.
    """
    refuse_returned_arguments(staged, main_value(staged, wanted), wanted.arguments)
    return staged.result


def pullback_function(
    staged: Staged, primal: Function, functions: Mapping[Callee, Function], wanted: Wanted
) -> tuple[Function, dict[Callee, Function]]:
    """The two sweeps from the arguments and a cotangent to the value and the gradients.

    `optimise` makes the backward sweep a function that is defined inside (`Function.cotangents`).
    """
    builder = staged.builder
    body, results = normalised(staged, primal)
    value = main_value(staged, wanted)
    count = len(list(_paths(value)))
    inputs = asked_inputs(staged, wanted)
    names = leaf_names(staged)
    if wanted.holomorphic:
        check_complex(staged, inputs, results[:count])
    transforms = staged.stage.transforms
    calls = calls_of(builder, body, inputs, results[:count], functions, transforms)
    sweeps = sweeps_of(calls, body, inputs, names)
    with backward_of(staged) as statements:
        owned = [_owned(builder, result) for result in results]
        parts = [rebuilt(staged, value, iter(owned))]
        parts += [rebuilt_aux(staged, wanted, owned[count:])] if wanted.has_aux else []
        cotangent = _cotangent(builder, value, results[:count])
        _seed(sweeps, value, results[:count], cotangent)
        sweeps.backward()
        with builder.at(staged.place):
            _warn_if_zero(staged, sweeps)
            plain = plain_in(staged, primal, body, statements, sweeps.keeper, (cotangent,))
            made = Results(staged, sweeps.adjoints, plain)
            gradients = tuple(map(made.gradient, wanted.arguments))
        backward = tuple(statements)
    forward = sweeps.forward().statements
    value_first, rest = Pack("tuple", tuple(parts[:1])), Pack("tuple", tuple(parts[1:]))
    returned = Yield((value_first, rest, Pack("tuple", gradients)))
    whole = Function(
        f"{identifier(staged)}_vjp", (*primal.params, cotangent), external_variables(staged),
        Block((*forward, *backward), returned), staged.place, len(forward), (cotangent,),
    )  # fmt: skip
    called = functions_called(whole, calls, names, again=True)
    if wanted.holomorphic:
        check_linear(staged, whole.body, whole.cotangents, called)
    return whole, called


def _cotangent(builder: Builder, value: Value, results: Sequence[Operand]) -> Var:
    """The argument of the pullback."""
    if parts_of(value) is not None:
        return builder.var(OPAQUE, "out")
    (result,) = results
    name = result.name if isinstance(result, Var) else ""
    return builder.var(adjoint_type(type_of(result)), name or "out")


def _seed(sweeps: Sweeps, value: Value, results: Sequence[Operand], cotangent: Var) -> None:
    """Begin with the parts of a cotangent that has the structure of what is returned."""
    for result, path in zip(results, _paths(value), strict=True):
        if isinstance(result, Var) and result in sweeps.reverse.active:
            sweeps.seed(result, _part(sweeps.reverse.builder, cotangent, path, result))


def _paths(value: Value) -> Iterator[tuple[tuple[Op, object], ...]]:
    """The keys that lead to each leaf of a structure, with how each is read."""
    if isinstance(value, Records):
        yield from columns_of(value.layout)
        return
    parts = parts_of(value)
    if parts is None:
        yield ()
    op = PATH_ATTRIBUTE if isinstance(value, ObjectValue) else PATH_ITEM
    for key, part in parts or ():
        yield from (((op, key), *rest) for rest in _paths(part))


def _part(builder: Builder, cotangent: Var, path: Sequence[tuple[Op, object]], result: Var) -> Var:
    """The part of a cotangent that belongs to a result; of a list or dict, a copy of it."""
    held, type_ = cotangent, adjoint_type(result.type)
    for depth, (op, key) in enumerate(path, 1):
        part_type = type_ if depth == len(path) else OPAQUE
        held = builder.let(op, (held, Const(key)), type_=part_type)
    if path and path[-1][0] in COLUMNS:  # a new list
        return held
    if isinstance(type_, ListOf):  # what was returned as a tuple is one
        return builder.let(AS_LIST, (held,), type_=type_)
    if is_dict(type_):
        return builder.let(ZEROS, (*EMPTY, held), type_=type_)
    return held


def _owned(builder: Builder, result: Operand) -> Operand:
    """A copy of a result: the caller may write into it, and the pullback may read it.

    Where it does not, `optimise` takes the copy back.
    """
    type_ = type_of(result)
    if not isinstance(result, Var) or is_immutable(type_):
        return result
    copies = {Array: OWN, ListOf: COPY_LIST, DictOf: COPY_DICT, Unknown: call(copy.copy)}
    copied = copies.get(type(type_))
    if copied is None:
        return result
    in_layout = isinstance(type_, Array) and rank(type_) != 1
    order = (("order", Const("K")),) if in_layout else ()
    return builder.let(copied, (result,), order, type_=type_, name=result.name, role=Role.PRIMAL)


def _warn_if_zero(staged: Staged, sweeps: Sweeps) -> None:
    if staged.stage.is_whole and not sweeps.adjoints.values:
        warnings.warn(
            ZeroGradientWarning(
                f"the result of {staged.name} does not depend on its arguments:"
                " its pullback is zero",
                staged.place,
                "check the function",
            ),
            stacklevel=2,
        )

"""Calls of functions whose derivative is taken inside another: interpreted in their place, apart.

What is differentiated by gets variables of its own first, so that what is inside and what is
outside are told apart. What the function wrote into is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Block, Const, Operand, Statement, Var, Yield
from adjoint.ir.ops import call
from adjoint.ir.values import Unknown
from adjoint.ir.walk import stopped
from adjoint.stage.arrays.snapshots import photograph
from adjoint.stage.context import AlwaysRaises, Frame, Stage
from adjoint.stage.derivatives.derivative_arguments import (
    inputs_of,
    renewed,
    replaced,
    value_of,
    variables_of,
    writable,
)
from adjoint.stage.objects.attribute_reads import get_attribute
from adjoint.stage.objects.identities import original
from adjoint.stage.objects.likenesses import Likenesses
from adjoint.stage.objects.structures import leaf_values, map_leaves, parts_of
from adjoint.stage.values import (
    NONE,
    DerivativeValue,
    ObjectValue,
    Poison,
    Steps,
    TupleValue,
    Value,
)

__all__ = [
    "Apart",
    "interpret_apart",
    "reversed_sweep",
    "with_aux",
    "write",
    "write_all",
]


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """A call that was interpreted apart.

    Attributes
    ----------
    block
        What was written; it yields the numbers of what is differentiated, then the others.
    given
        The arguments that are asked for, with variables of their own.
    result
        What is differentiated of what was returned.
    aux
        What was returned beside, or None.
    likenesses
        The objects that were given.
    """

    block: Block
    given: tuple[Value, ...]
    result: Value
    aux: Value | None
    likenesses: Likenesses

    @property
    def inputs(self) -> list[Var]:
        """The variables by which is differentiated."""
        return list(dict.fromkeys(leaf for value in self.given for leaf in inputs_of(value)))

    @property
    def count(self) -> int:
        """How many numbers and arrays are differentiated."""
        return len(list(leaf_values(self.result)))

    def value(self, results: Sequence[Operand]) -> tuple[Value, Value | None]:
        """What was returned, made of what the block yields; apart from it what is `aux`."""
        found = iter(results)
        value = map_leaves(self.result, lambda leaf: value_of(leaf, next(found)))
        if self.aux is None:
            return value, None
        return value, map_leaves(self.aux, lambda leaf: replaced(leaf, found))

    def derivatives(self, found: Mapping[Var, Value]) -> tuple[Value, ...]:
        """The derivatives by the arguments, in their structure, with those by each variable."""

        def change(leaf: Value) -> Value:
            inputs = inputs_of(leaf)
            return found[inputs[0]] if inputs else NONE

        return tuple(self.likenesses.derivative(given, change) for given in self.given)


def with_aux(value: Value, aux: Value | None) -> Value:
    """What is handed back, with what was returned beside."""
    return value if aux is None else TupleValue((value, aux))


def interpret_apart(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    asked: Sequence[int | str],
    *,
    promote: bool = True,
) -> Steps:
    """Interpret a call apart; an `Apart`.

    Parameters
    ----------
    asked
        Where the arguments were given that are differentiated: positions and keywords.
    promote
        Whether whole numbers among them are taken as floats.
    """
    builder = stage.builder
    args, kwargs = list(args), dict(kwargs)
    likenesses = Likenesses(stage, frame, node, builder.statements, builder.stopped)
    held: dict[int | str, Value] = {}
    for key in asked:
        given = args[key] if isinstance(key, int) else kwargs[key]
        if key not in held:
            held[key] = renewed(likenesses, given, promote, key)
    mark, stopped = stage.trail.mark(), builder.stopped
    builder.stopped = False
    with builder.block() as likenesses.inside:
        for key, given in held.items():
            where: Any = args if isinstance(key, int) else kwargs
            where[key] = writable(likenesses, given)
        stage.depth += 1
        try:
            returned = yield stage.call(frame, node, derivative.function, args, kwargs)
        except AlwaysRaises:
            returned = None
        finally:
            stage.depth -= 1
        if returned is not None:
            yield _read_whole(stage, frame, node, _main(derivative, returned))
            result, aux = _returned(stage, frame, node, derivative, returned)
            values = tuple(stage.operand(leaf, frame, node) for leaf in leaf_values(result))
        written = tuple(likenesses.inside)
    builder.stopped = stopped
    likenesses.finish(mark)
    if returned is None:
        write(stage, written)
        raise AlwaysRaises
    stage.trail.roll_back(mark)
    block = Block(written, Yield((*values, *variables_of(aux))))
    return Apart(block, tuple(held[key] for key in asked), result, aux, likenesses)


def _main(derivative: DerivativeValue, result: Value) -> Value:
    """What of a result is differentiated."""
    if derivative.has_aux and isinstance(result, TupleValue) and result.items:
        return result.items[0]
    return result


def _read_whole(stage: Stage, frame: Frame, node: gast.AST, result: Value) -> Steps:
    """Read all attributes of the arguments in a result: each has a derivative."""
    if isinstance(result, ObjectValue) and result.source is not None:
        of = original(result)
        if isinstance(of, ObjectValue):
            for name in _names(stage, of):
                if name not in result.slots:
                    yield get_attribute(stage, frame, node, result, name)
    for _, part in parts_of(result) or ():
        yield _read_whole(stage, frame, node, part)


def _names(stage: Stage, of: ObjectValue) -> list[str]:
    """The attributes of an object that came in, or was made here."""
    if of.access is None:
        return list(of.slots)
    names = list(getattr(of.real, "__dict__", ()))
    stage.inputs.expect(f"list(getattr({of.access.text}, '__dict__', ())) == {names!r}")
    return names


def _returned(
    stage: Stage, frame: Frame, node: gast.AST, derivative: DerivativeValue, result: Value
) -> tuple[Value, Value | None]:
    """What is differentiated of a result, and what was returned beside."""
    if isinstance(result, Poison):  # which of two it is, is decided, and staging starts again
        stage.decide(result, frame, node)
    result, aux = photograph(stage, result), None
    if derivative.has_aux:
        if not isinstance(result, TupleValue) or len(result.items) != 2:
            stage.refuse(
                frame, node, "a function with has_aux=True returns no pair", "return value, aux"
            )
        result, aux = result.items
    if derivative.derives.mode == "grad" and isinstance(stage.type(result), Unknown):
        given = (stage.operand(result, frame, node), Const(()))  # of several numbers, this raises
        result = stage.builder.let(call(np.reshape), given)
    return result, aux


def write(stage: Stage, statements: Iterable[Statement]) -> None:
    """Write statements; under ``no_grad`` no derivative of the function around passes through."""
    for statement in statements:
        stage.builder.append(stopped(statement) if stage.builder.stopped else statement)


def write_all(
    stage: Stage, frame: Frame, node: gast.AST, make: Callable[[], tuple[Operand, ...]]
) -> tuple[Operand, ...]:
    """What `make` returns, after all that it wrote was written."""
    with stage.builder.at(stage.place(frame, node)), stage.builder.block() as statements:
        made = make()
        written = tuple(statements)
    write(stage, written)
    return made


def reversed_sweep(
    stage: Stage, frame: Frame, node: gast.AST, apart: Apart, seeds: Sequence[Operand | None]
) -> tuple[Callable[[Sequence[Operand]], dict[Var, Value]], Value, Value | None]:
    """What writes the backward sweep, the value, and what is beside; the forward sweep was written.

    The backward sweep takes cotangents, where `seeds` are None, to the gradient by each input.
    """
    with stage.builder.at(stage.place(frame, node)):
        inner = stage.transforms.differentiate(
            stage.builder, stage.program, apart.block, apart.inputs, seeds
        )
    write(stage, inner.forward.statements)

    def pull(cotangents: Sequence[Operand]) -> dict[Var, Value]:
        found = write_all(stage, frame, node, lambda: inner.pull(stage.builder, cotangents))
        return {v: value_of(v, each) for v, each in zip(apart.inputs, found, strict=True)}

    return pull, *apart.value(inner.results)

"""The two sweeps of a function body: set up, reversed, and put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adjoint.analyses.popped import popped_in
from adjoint.analyses.versions import versions_of
from adjoint.ir.custom import CustomCall, calls_passed, settled_let
from adjoint.ir.dicts import updates_dict
from adjoint.ir.memory import written_items
from adjoint.ir.nodes import Block, Function, Let, Operand, Var
from adjoint.ir.walk import all_statements
from adjoint.transform.accumulate import Adjoints
from adjoint.transform.bound import paths_of
from adjoint.transform.calls import Calls
from adjoint.transform.choices import repeatable
from adjoint.transform.forward_sweep import ForwardSweep
from adjoint.transform.keep import Keeper
from adjoint.transform.memory import Memory
from adjoint.transform.parts import named_items, with_parts
from adjoint.transform.reverse import Reverse

__all__ = ["Sweeps", "sweeps_of"]

#: Functions that return integers without repeats.
DISTINCT = frozenset({np.arange, np.argsort, np.flatnonzero})


@dataclass(frozen=True, slots=True, eq=False)
class Sweeps:
    """The forward sweep of a body, and the backward sweep over it that is about to be written."""

    body: Block
    reverse: Reverse
    keeper: Keeper
    settled: frozenset[CustomCall]

    @property
    def adjoints(self) -> Adjoints:
        """The adjoints at the point that the backward sweep has reached."""
        return self.reverse.adjoints

    def seed(self, result: Operand, cotangent: Operand) -> None:
        """Begin with the cotangent of a result."""
        if isinstance(result, Var) and result in self.reverse.active:
            self.adjoints.add(result, cotangent)

    def backward(self) -> None:
        """Write the backward sweep."""
        self.reverse.statements(self.body.statements)

    def forward(self) -> Block:
        """The forward sweep, with what the backward sweep needs kept."""
        return ForwardSweep(self.keeper, self.settled).rewrite(self.body)


def sweeps_of(
    calls: Calls,
    body: Block,
    inputs: Sequence[Var],
    names: Mapping[Var, str],
    *,
    recalls: bool = True,
) -> Sweeps:
    """The sweeps of a body whose loops are left only at the end of a trip.

    Parameters
    ----------
    inputs
        What a gradient is asked for.
    names
        Of inputs that the user did not name.
    recalls
        Whether `optimise` settles later what is computed again.
    """
    builder, body = calls.builder, calls.forward(body)
    if calls.again:
        body = with_parts(builder, body)
    kept = frozenset(
        s
        for s in all_statements(body)
        if isinstance(s, Let) and s.op.updates and not updates_dict(s)
    )
    passed = calls_passed(body, calls.active)
    definitions = _definitions(body, passed)
    builder.definitions.update(definitions)  # passes may have changed what was staged
    versions = versions_of(body)
    lasting = frozenset(s.target for s in body.statements if isinstance(s, Let) and s.target)
    handed = {versions.kin.get(array, array) for array in calls.handed(body)}
    memory = Memory(builder, versions, kept, definitions, lasting, recalls=recalls, handed=handed)
    paths = paths_of(body)
    keeper = Keeper(
        builder,
        definitions,
        paths,
        saved=memory.saved,
        versions=versions.members,
        in_parts=calls.again,
    )
    distinct = frozenset(v for v, let in definitions.items() if let.op.function in DISTINCT)
    unstable = written_items(Function("", (), (), body, builder.place))
    adjoints = Adjoints(
        builder,
        distinct=distinct,
        names=names,
        written=unstable,
        repeatable=repeatable(body, unstable),
        named=named_items(body),
        popped=popped_in(body),
        lasting=lasting.union(inputs),
    )
    reverse = Reverse(
        builder, calls.active, keeper, adjoints, frozenset(inputs), memory, paths, calls
    )
    return Sweeps(body, reverse, keeper, passed)


def _definitions(body: Block, passed: frozenset[CustomCall]) -> dict[Var, Let]:
    """The statement that defines each variable, as the forward sweep will have it."""
    lets = (s for s in all_statements(body) if isinstance(s, Let))
    made = (settled_let(let, passed) for let in lets)
    return {let.target: let for let in made if let is not None and let.target is not None}

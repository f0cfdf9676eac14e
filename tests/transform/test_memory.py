"""In what order memory is gone through: texts must not depend on where variables lie."""

from __future__ import annotations

from adjoint.analyses.versions import versions_of
from adjoint.ir.nodes import Block, Yield
from adjoint.transform.memory import Memory
from tests.optimise.writer import VECTOR, Writer


def test_versions_that_an_arm_takes_over_come_in_the_order_of_its_statements():
    w = Writer(*((f"x{k}", VECTOR) for k in range(20)))
    with w.block() as statements:
        made = [w.update("*", x, 2.0) for x in reversed(w.params)]
    arm = Block(tuple(statements), Yield((*made, w.params[0])))
    memory = Memory(w.builder, versions_of(arm), (), {})
    assert list(memory.taken(arm)) == [*reversed(w.params)]

"""What is remembered of nodes is gone when they are."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.ir.remembered import forgetting, remembered
from adjoint.ir.walk import reads


class Node:
    """Something that can be watched."""


def test_a_node_is_looked_at_once_and_let_go_of():
    looked: list[object] = []
    look = remembered(lambda node: looked.append(node))

    @forgetting
    def look_twice(node, *, fails):
        look(node)
        look(node)
        if fails:
            raise ValueError(node)

    for fails in (False, True):
        node = Node()
        gone = weakref.ref(node)
        if fails:
            with pytest.raises(ValueError, match="Node"):
                look_twice(node, fails=True)
        else:
            look_twice(node, fails=False)
        assert looked == [node]
        looked.clear()
        del node
        gc.collect()
        assert gone() is None


def test_nothing_is_remembered_of_a_program_that_is_compiled():
    gradient = grad(lambda x: np.sum(np.sin(x) ** 2))
    gradient(np.arange(3.0))
    jvp(lambda x: np.sum(np.sin(x) ** 2), (np.arange(3.0),), (np.ones(3),))
    assert reads.cache_info().currsize == 0


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_off_meanwhile_and_then_as_it_was(collects: bool) -> None:
    @forgetting
    def fail() -> None:
        assert not gc.isenabled()
        raise ValueError

    was = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        with pytest.raises(ValueError):
            fail()
        assert gc.isenabled() is collects
    finally:
        (gc.enable if was else gc.disable)()

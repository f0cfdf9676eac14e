"""Every program of the corpus: central differences, HIPS autograd, and forward mode agree.

Forward mode runs on a fifth of the programs, `make test-all`: on all.
"""

from __future__ import annotations

import warnings
from typing import Any

import autograd
import pytest

from adjoint.errors import Unsupported
from tests.directions import assert_tangent
from tests.oracle import assert_agrees, assert_gradient, float_argnums
from tests.programs import REFUSED, Program, corpus, twin
from tests.sampling import is_taken

CORPUS = corpus()


def peer_gradients(one: Program) -> dict[int, Any]:
    """Return the gradients HIPS autograd finds, by argument number."""
    other = twin(one)
    asked = other.argnums or float_argnums(other.args)
    with warnings.catch_warnings():
        # autograd itself calls NumPy functions that are on their way out.
        warnings.simplefilter("ignore", DeprecationWarning)
        return {number: autograd.grad(other.fun, number)(*other.args) for number in asked}


def test_corpus_is_large_and_its_names_are_distinct() -> None:
    names = [one.name for one in CORPUS]
    assert len(names) >= 715
    assert len(set(names)) == len(names)


@pytest.mark.filterwarnings("ignore:Setting the shape on a NumPy array")  # from NumPy 2.5 on
@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_program(one: Program) -> None:
    if one.name in REFUSED:
        with pytest.raises(Unsupported, match=r"\.py:\d+:\d+"):
            assert_gradient(one.fun, *one.args, argnums=one.argnums)
        return
    gradients = assert_gradient(one.fun, *one.args, argnums=one.argnums)
    if one.peer:
        assert_agrees(gradients, peer_gradients(one))
    if is_taken(f"{one.name} forward", 5):
        assert_tangent(one.fun, one.args, gradients)

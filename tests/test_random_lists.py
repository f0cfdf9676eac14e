"""Gradients of random programs about lists of run-time length, against differences."""

from __future__ import annotations

import numpy as np
import pytest

from tests.oracle import assert_gradient
from tests.random_lists import LISTS, random_lists
from tests.sampling import EVERY
from tests.sources import module_from

X = np.array([0.4, -0.9, 1.3, 0.7])
SEEDS = [seed for seed in range(36 if EVERY else 18) if seed not in (20, 29)]
"""These two stand where the order of items changes: they have no derivative there."""


@pytest.mark.parametrize("seed", SEEDS)
def test_random_program_about_a_list(seed: int) -> None:
    text = random_lists(seed)
    fun = module_from(text, f"random_lists_{seed}").f
    try:
        assert_gradient(lambda s, x: fun(s, x, 4), 0.6, X)
    except Exception as error:
        error.add_note(f"program {seed}:\n{text}")
        raise


@pytest.mark.parametrize("seed", range(9))
def test_random_program_about_lists_in_a_list(seed: int) -> None:
    text = random_lists(seed, (LISTS,))
    fun = module_from(text, f"random_lists_in_a_list_{seed}").f
    try:
        assert_gradient(lambda s, x: fun(s, x, 4), 0.6, X)
    except Exception as error:
        error.add_note(f"program {seed}:\n{text}")
        raise


def test_programs_about_lists_are_varied() -> None:
    texts = [random_lists(seed) for seed in range(100)]
    assert len(set(texts)) == 100
    words = ["insert", "append", "pop", "reverse", "for row", "b, c in", "int(q", "if ", "for j"]
    assert [word for word in words if sum(word in text for text in texts) < 5] == []

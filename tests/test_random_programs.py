"""Gradients of random programs against central differences."""

from __future__ import annotations

import warnings
from random import Random
from typing import Any

import numpy as np
import pytest

from adjoint.errors import ZeroGradientWarning
from tests.oracle import UnreliableDifferences, assert_gradient, differences
from tests.random_programs import random_program
from tests.sampling import EVERY
from tests.sources import module_from

PROGRAMS = 60 if EVERY else 15
TRIES = 20
"""Seeds looked at before one is found that can be judged; about one in two can."""


def arguments(seed: int) -> tuple[Any, ...]:
    """Return the arguments a program is judged at."""
    random = Random(seed)
    numbers = [round(random.uniform(-1.5, 1.5), 3) for _ in range(11)]
    vector, matrix = np.array(numbers[2:5]), np.array(numbers[5:]).reshape(2, 3)
    return numbers[0], numbers[1], vector, matrix


def can_be_judged(fun: Any, args: tuple[Any, ...]) -> bool:
    """Return whether a program is finite and smooth here: its differences are reliable."""
    try:
        with np.errstate(all="raise", under="ignore"):
            value = float(fun(*args))
            differences(fun, args, range(len(args)))
    except (UnreliableDifferences, FloatingPointError, OverflowError):
        return False
    return np.isfinite(value) and abs(value) < 1e4


@pytest.mark.parametrize("number", range(PROGRAMS))
def test_random_program(number: int) -> None:
    for seed in range(number * TRIES, (number + 1) * TRIES):
        text = random_program(seed)
        fun, args = module_from(text, f"random_program_{seed}").f, arguments(seed)
        if can_be_judged(fun, args):
            break
    else:
        pytest.fail("no program that can be judged; is the writer broken?")
    try:
        with warnings.catch_warnings():
            # A program may well overwrite an argument before it reads it: the differences agree.
            warnings.simplefilter("ignore", ZeroGradientWarning)
            assert_gradient(fun, *args)
    except Exception as error:
        error.add_note(f"random_program({seed}) at {args}:\n{text}")
        raise


def test_programs_are_varied() -> None:
    texts = [random_program(seed) for seed in range(300)]
    assert len(set(texts)) == 300
    words = ["while", "for", "break", "continue", "elif", "return", "append", "helper_1", "zip"]
    assert all(sum(word in text for text in texts) > 15 for word in words)

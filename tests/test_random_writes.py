"""Gradients of random programs that write into arrays, against the complex step."""

from __future__ import annotations

import warnings
from random import Random
from typing import Any

import numpy as np
import pytest

from adjoint.errors import ZeroGradientWarning
from tests.oracle import assert_gradient, complex_step, differences
from tests.random_writes import ARGUMENTS, random_writes
from tests.sampling import EVERY
from tests.sources import module_from

PROGRAMS = 60 if EVERY else 15
TRIES = 5
"""Seeds looked at before one is found that stays finite; nearly all do."""


def arguments(seed: int) -> tuple[Any, ...]:
    """Return the arguments a program is judged at."""
    random = Random(seed)
    numbers = np.array([round(random.uniform(-1.5, 1.5), 3) for _ in range(31)])
    return float(numbers[0]), numbers[1:6], numbers[6:11], numbers[11:].reshape(4, 5)


def judged_program(number: int) -> tuple[str, Any, tuple[Any, ...]]:
    """Return the text, the function and the arguments of the program of a number."""
    for seed in range(number * TRIES, (number + 1) * TRIES):
        text = random_writes(seed)
        fun, args = module_from(text, f"random_writes_{seed}").f, arguments(seed)
        with np.errstate(all="ignore"):
            value = fun(*[np.copy(arg) if np.ndim(arg) else arg for arg in args])
        if np.isfinite(value) and abs(value) < 1e4:
            return text, fun, args
    pytest.fail("no program that can be judged; is the writer broken?")


@pytest.mark.parametrize("number", range(PROGRAMS))
def test_random_program_of_writes(number: int) -> None:
    text, fun, args = judged_program(number)
    try:
        with warnings.catch_warnings():
            # A program may well overwrite an argument before it reads it.
            warnings.simplefilter("ignore", ZeroGradientWarning)
            assert_gradient(fun, *args, found=complex_step(fun, args))
    except Exception as error:
        error.add_note(f"program {number} at {args}:\n{text}")
        raise


@pytest.mark.parametrize("number", range(0, PROGRAMS, 10))
def test_complex_step_agrees_with_differences(number: int) -> None:
    _, fun, args = judged_program(number)
    for ours, theirs in zip(complex_step(fun, args), differences(fun, args, range(4)), strict=True):
        assert ours.path == theirs.path
        np.testing.assert_allclose(ours.derivative, theirs.derivative, rtol=1e-6, atol=1e-6)


def test_programs_are_varied() -> None:
    texts = [random_writes(seed) for seed in range(300)]
    assert len(set(texts)) == 300
    words = ["while", "for", "break", "continue", "else:", "return", "Box()", "= helper_1", ".T["]
    words += ["np.add.at", "out=", "copyto", "fill", "[::-1]", ".copy()", "zeros_like", "where="]
    words += ["]] +=", "range(4, 0, -1)", "'one'", "m, x", "flat", "reshape", "ravel"]
    assert [word for word in words if sum(word in text for text in texts) < 5] == []
    assert list(ARGUMENTS) == ["a", "v", "w", "m"]

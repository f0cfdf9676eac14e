"""Derivatives of random programs that mix what holds numbers, in both modes, against differences.

All is judged along one random direction and by one random cotangent: a program returns arrays that
may be one another and its arguments.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import jvp, vjp
from adjoint.errors import Unsupported, ZeroGradientWarning
from tests.directions import random_direction
from tests.oracle import STEP, assert_unchanged, copy_leaf, is_float, leaves, map_leaves, slope
from tests.random_mixtures import random_mixture
from tests.sources import module_from

PROGRAMS = 60
TRIES = 8
"""Seeds looked at before one is found that can be judged; about nine in ten can."""
MOST_REFUSED = 2
"""So many programs may be refused before one is taken; about one in seven is."""

Program = Callable[..., Any]


def arguments(seed: int) -> tuple[Any, ...]:
    """Return the arguments a program is judged at."""
    rng = np.random.default_rng(seed)
    return 0.43, 0.61, rng.normal(size=5), rng.normal(size=5), rng.normal(size=(3, 5)), 3


def product(one: Any, other: Any) -> float:
    """Return the inner product of two structures: of the floats of one with what is there."""
    there = dict(leaves(other))
    return sum(float(np.sum(x * there[path])) for path, x in leaves(one) if is_float(x))


def moved(args: tuple[Any, ...], direction: Any, by: float) -> Any:
    """Return the arguments, moved along a direction."""
    along = dict(leaves(direction))
    return tuple(
        arg + by * along[number,] if is_float(arg) else arg for number, arg in enumerate(args)
    )


def directional(fun: Program, args: tuple[Any, ...], direction: Any, weights: Any) -> float | None:
    """Return the derivative along a direction of the result times weights.

    None if the program fails here, is not smooth or not finite.
    """

    def at(by: float) -> float:
        return product(weights, fun(*moved(args, direction, by)))

    try:
        whole, half = (slope(at, step) for step in (STEP["float64"], STEP["float64"] / 2))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None
    smooth = abs(whole - half) <= 1e-6 * (1 + abs(half))
    return half if smooth and abs(half) < 1e6 else None


def assert_derivatives(
    fun: Program, args: tuple[Any, ...], direction: Any, weights: Any, expected: float
) -> None:
    """Assert that value, pullback (twice) and tangent of a program are what they should be."""
    before, plain = map_leaves(copy_leaf, args), fun(*map_leaves(copy_leaf, args))
    value, pullback = vjp(fun, *args)
    out, tangent = jvp(fun, args, (*direction[:-1], None))
    derivatives = [product(direction, pullback(weights)) for _ in range(2)]
    derivatives.append(product(weights, tangent))
    # Differences are right to what `directional` lets pass, and to their rounding.
    np.testing.assert_allclose(derivatives, expected, rtol=1e-5, atol=1e-5)
    assert_unchanged(args, before)
    assert_unchanged((value, out), (plain, plain))


def judged_program(seed: int) -> tuple[Program, tuple[Any, ...], Any, Any, float] | None:
    """Return what `assert_derivatives` takes, or None if the program cannot be judged."""
    fun, args = module_from(random_mixture(seed), f"random_mixture_{seed}").f, arguments(seed)
    try:
        plain = fun(*map_leaves(copy_leaf, args))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None
    rng = np.random.default_rng(seed)
    direction, weights = random_direction(args, rng), random_direction(plain, rng)
    expected = directional(fun, args, direction, weights)
    return None if expected is None else (fun, args, direction, weights, expected)


@pytest.mark.sampled(5)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what the plain program warns of as well
@pytest.mark.parametrize("number", range(PROGRAMS))
def test_random_mixture(number: int) -> None:
    refused: list[Unsupported] = []
    for seed in range(number * TRIES, (number + 1) * TRIES):
        if (judged := judged_program(seed)) is None:
            continue
        try:
            with warnings.catch_warnings():
                # A program may well overwrite an argument before it reads it.
                warnings.simplefilter("ignore", ZeroGradientWarning)
                assert_derivatives(*judged)
            return
        except Unsupported as error:
            refused.append(error)
            assert len(refused) <= MOST_REFUSED, "\n\n".join(map(str, refused))
        except Exception as error:
            error.add_note(f"random_mixture({seed}) at {judged[1]}:\n{random_mixture(seed)}")
            raise
    pytest.fail("no program that can be judged; is the writer broken?")


def test_mixtures_are_varied() -> None:
    texts = [random_mixture(seed).partition("def f(")[2] for seed in range(300)]
    assert len(set(texts)) == 300
    words = ["while", "for row", "break", "continue", "else:", "elif", "try:", "finally", "with "]
    words += ["fading(", "shift(", "lambda p", "out=", "np.add.at", "= part(", "insert", "**D"]
    assert [word for word in words if sum(word in text for text in texts) < 10] == []

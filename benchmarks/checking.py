"""Whether two gradients are equal, and whether one is right: a table of wrong code is worthless."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from programs import Case

RELATIVE = 1e-9
"""Two orders of summation of a few thousand float64 terms differ by far less."""


def leaves(value: Any) -> list[Any]:
    """Return the numbers and arrays of a structure; those of an object in order of name."""
    match value:
        case tuple() | list():
            return [leaf for part in value for leaf in leaves(part)]
        case float() | int() | np.generic() | np.ndarray():
            return [value]
        case _:
            return leaves([held for _, held in sorted(vars(value).items())])


def assert_equal(case: Case, ours: Any, by_hand: Any) -> None:
    """Assert that two gradients agree in all leaves."""
    left, right = leaves(ours), leaves(by_hand)
    assert len(left) == len(right), case.name
    for a, b in zip(left, right, strict=True):
        assert np.shape(a) == np.shape(b), case.name
        np.testing.assert_allclose(a, b, rtol=RELATIVE, atol=RELATIVE, err_msg=case.name)


def assert_right(case: Case) -> None:
    """Assert that the gradient by hand agrees with central differences in a random direction."""
    gradient = leaves(case.by_hand(*case.args))
    rng = np.random.default_rng(1)
    directions = [rng.standard_normal(np.shape(leaf)) for leaf in gradient]
    slope = sum(np.vdot(g, d) for g, d in zip(gradient, directions, strict=True))
    # Small, so that hardly a ReLU among thousands has its kink inside the step. The slope in a
    # random direction is about as large as the gradient is long, but may be near zero.
    step = 1e-7
    ahead, behind = (case.fun(*moved(case, directions, sign * step)) for sign in (1, -1))
    length = np.sqrt(sum(np.sum(np.square(leaf)) for leaf in gradient))
    error = slope - (ahead - behind) / (2 * step)
    assert abs(error) <= 1e-4 * length, (case.name, slope, error)


def moved(case: Case, directions: list[Any], step: float) -> list[Any]:
    """Return the arguments, those asked for moved along their directions."""
    args = [copy.deepcopy(arg) for arg in case.args]
    remaining = iter(directions)
    for position in (case.argnums,) if isinstance(case.argnums, int) else case.argnums:
        if isinstance(args[position], float | np.ndarray):
            args[position] = args[position] + step * next(remaining)
            continue
        for name in sorted(vars(args[position])):
            value = getattr(args[position], name) + step * next(remaining)
            setattr(args[position], name, value)
    return args

"""The judge of forward mode: a tangent is the gradient dotted with the direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adjoint import jvp
from tests.oracle import ROUNDING, copy_leaf, is_float, leaves, map_leaves

SEED = 20


def random_direction(value: Any, rng: np.random.Generator) -> Any:
    """Return a structure like ``value`` with random numbers in the place of its floats."""

    def drawn(leaf: Any) -> Any:
        if not is_float(leaf):
            return leaf
        if isinstance(leaf, np.ndarray):
            return rng.standard_normal(leaf.shape).astype(leaf.dtype)
        return type(leaf)(rng.standard_normal())

    return map_leaves(drawn, value)


def directions(args: Sequence[Any], asked: Sequence[int]) -> tuple[Any, ...]:
    """Return random tangents for the arguments asked for, and None for the others."""
    rng = np.random.default_rng(SEED)
    return tuple(random_direction(a, rng) if k in asked else None for k, a in enumerate(args))


def assert_tangent(
    fun: Callable[..., Any], args: Sequence[Any], gradients: Mapping[int, Any]
) -> None:
    """Assert that the tangent of ``fun`` along a random direction is what its gradients say.

    Judged as well: the result, bit for bit; type, dtype and shape of the tangent; that neither
    arguments nor tangents change.
    """
    tangents = directions(args, list(gradients))
    before = map_leaves(copy_leaf, (tuple(args), tangents))
    expected = fun(*map_leaves(copy_leaf, tuple(args)))
    out, tangent = jvp(fun, tuple(args), tangents)
    assert np.array_equal(out, expected)
    assert_alike(tangent, out)
    assert_same(before, (tuple(args), tangents))
    products = [0.0]
    for number, gradient in gradients.items():
        direction = dict(leaves(tangents[number]))
        for path, leaf in leaves(gradient):
            if is_float(direction[path]):
                products += np.ravel(np.multiply(leaf, direction[path])).tolist()
    scale = 1 + sum(map(abs, products))
    error = abs(float(np.asarray(tangent).item()) - sum(products))
    assert error <= ROUNDING[_narrowest(args)] * scale, (tangent, sum(products))


def assert_alike(tangent: Any, out: Any) -> None:
    """Assert that a tangent has the type, dtype and shape of the result."""
    assert type(tangent) is type(out)
    if isinstance(out, np.ndarray):
        assert tangent.dtype == out.dtype
        assert tangent.shape == out.shape


def assert_same(before: Any, after: Any) -> None:
    """Assert that two structures hold the same floats."""
    for (_, a), (_, b) in zip(leaves(before), leaves(after), strict=True):
        if is_float(a):
            assert np.array_equal(a, b, equal_nan=True)


def _narrowest(args: Sequence[Any]) -> str:
    kinds = {np.asarray(leaf).dtype.name for a in args for _, leaf in leaves(a) if is_float(leaf)}
    return "float32" if "float32" in kinds else "float64"

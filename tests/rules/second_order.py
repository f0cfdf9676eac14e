"""The check of one rule at one call, to second order: against differences of its first derivative.

The first derivative of a call is one number here: the gradients for a cotangent, times weights.

    def paired(g, x_0, x_1):
        out = call(x_0, x_1)
        return np.sum(np.real(g * out))

    def slope(g, weights, x_0, x_1):
        d = grad(paired, (1, 2))(g, x_0, x_1)
        return np.sum(np.real(weights[0] * d[0])) + np.sum(np.real(weights[1] * d[1]))

It is differentiated by its arguments and by the cotangent, in reverse and in forward mode, and the
slope along a random direction is compared with differences. These have four points, at the
distances h and 2 h with h = 1e-4. Their error is about h**4 f''''' / 30 + 2 eps f / h: 1e-12 and
less for numbers near 1, and ever more for functions that bend, of which x**-3 at 0.3 has a fifth
derivative of 1e7. The tolerance of 1e-6 is above that for all cases.
"""

from __future__ import annotations

import linecache
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint import ZeroGradientWarning, grad, jvp, value_and_grad
from tests.sampling import EVERY, is_taken

STEP = 1e-4
TOLERANCE = 1e-6

Function = Callable[..., Any]

_CHECKED: set[Any] = set()


@dataclass(frozen=True)
class Call:
    """A program that calls a function with a rule.

    Attributes
    ----------
    run
        The program, of the arguments below.
    given
        Its arguments.
    directions
        For each, a random direction, or None where it is not differentiated.
    cotangent
        Of what it returns.
    """

    run: Function
    given: Sequence[Any]
    directions: Sequence[Any]
    cotangent: Any


def is_new(fun: Function, code: str, given: Sequence[Any]) -> bool:
    """Whether second derivatives of such a call were not checked yet in this run.

    A sixth of the functions are taken, by their names, and one call for each number of arguments
    and kind of numbers; `make test-all` takes all, at each code of the first derivative. Where two
    cases of a function have the same words and signs in it, and the same dtypes, they differ in
    numbers: axes, lengths, orders.
    """
    dtypes = {np.asarray(leaf).dtype for _, leaf in leaves(list(given))}
    key: tuple[Any, ...] = (fun, len(given), frozenset(dtype.kind for dtype in dtypes))
    if not is_taken(getattr(fun, "__name__", ""), 6):
        return False
    if EVERY:
        words = re.findall(r"[A-Za-z_]+|\*\*|[-+*/@]", code)
        key = (fun, frozenset(words), frozenset(map(str, dtypes)))
    is_known = key in _CHECKED
    _CHECKED.add(key)
    return not is_known


def check_second_order(call: Call) -> None:
    """Compare the second derivatives of a call, in both modes, with differences of the first."""
    slope, args, directions = slope_of(call)
    value, tangent = jvp(slope, args, directions)
    expected = differences(lambda *moved: jvp(slope, moved, directions)[0], args, directions)
    scale = TOLERANCE * max(1.0, abs(expected), abs(value))
    np.testing.assert_allclose(tangent, expected, rtol=0, atol=scale, err_msg="forward of reverse")
    asked = tuple(k for k, direction in enumerate(directions) if direction is not None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZeroGradientWarning)  # of what is linear
        same, cotangents = value_and_grad(slope, asked)(*args)
    np.testing.assert_allclose(same, value, rtol=1e-9, atol=1e-9)
    found = sum(paired(d, directions[k]) for k, d in zip(asked, cotangents, strict=True))
    np.testing.assert_allclose(found, tangent, rtol=0, atol=scale, err_msg="reverse of reverse")


def slope_of(call: Call) -> tuple[Function, tuple[Any, ...], tuple[Any, ...]]:
    """The first derivative of a call as a function, its arguments and the directions of them."""
    names = ", ".join(f"x_{k}" for k, _ in enumerate(call.given))
    asked = [k for k, direction in enumerate(call.directions) if direction is not None]
    parts = [path for path, _ in leaves(call.cotangent)]
    whole = {  # numbers among others that have no gradient
        (k, path)
        for k in asked
        for path, of in leaves(call.given[k])
        if np.asarray(of).dtype.kind in "iub"
    }
    found = [
        (f"[{n}]{path}", leaf)
        for n, k in enumerate(asked)
        for path, leaf in leaves(call.directions[k])
        if (k, path) not in whole
    ]
    weights = [weight(k, leaf) for k, (_, leaf) in enumerate(found)]
    text = (
        f"def paired(g, {names}):\n"
        f"    out = call({names})\n"
        f"    return {summed(f'g{path} * out{path}' for path in parts)}\n"
        f"def slope(g, weights, {names}):\n"
        f"    d = grad(paired, {tuple(k + 1 for k in asked)})(g, {names})\n"
        f"    return {summed(f'weights[{k}] * d{path}' for k, (path, _) in enumerate(found))}\n"
    )
    file = f"<slope of a call {len(linecache.cache)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"call": call.run, "np": np, "grad": grad}
    exec(compile(text, file, "exec"), namespace)
    args = (call.cotangent, weights, *call.given)
    along = like(np.random.default_rng(6), call.cotangent)
    return namespace["slope"], args, (along, None, *call.directions)


def summed(products: Iterable[str]) -> str:
    return " + ".join(f"np.sum(np.real({product}))" for product in products)


def weight(seed: int, leaf: Any) -> Any:
    drawn = np.random.default_rng(seed).normal(size=np.shape(leaf)) + 0.5
    return drawn - 0.3j * drawn if np.iscomplexobj(leaf) else drawn


def leaves(x: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The floating parts of a direction, each with the subscripts that lead to it."""
    if isinstance(x, (list, tuple)):
        for k, each in enumerate(x):
            yield from leaves(each, f"{path}[{k}]")
    elif x is not None:
        yield path, x


def like(rng: np.random.Generator, x: Any) -> Any:
    """Random numbers in the structure of `x`."""
    if isinstance(x, (list, tuple)):
        return [like(rng, each) for each in x]
    drawn = rng.normal(size=np.shape(x))
    drawn = drawn + 1j * rng.normal(size=np.shape(x)) if np.iscomplexobj(x) else drawn
    return drawn if isinstance(x, np.ndarray) else type(x)(drawn)


def differences(fun: Function, args: Sequence[Any], directions: Sequence[Any]) -> float:
    """The slope of `fun` along directions of its arguments."""

    def at(step: float) -> float:
        return float(fun(*(moved(*pair, step) for pair in zip(args, directions, strict=True))))

    near, far = at(STEP) - at(-STEP), at(2 * STEP) - at(-2 * STEP)
    return (8 * near - far) / (12 * STEP)


def moved(x: Any, direction: Any, step: float) -> Any:
    """`x` at a step along a direction."""
    if direction is None:
        return x
    if isinstance(x, (list, tuple)):
        return type(x)([moved(*pair, step) for pair in zip(x, direction, strict=True)])
    given = x + step * direction
    return np.asarray(given, x.dtype) if isinstance(x, np.ndarray) else type(x)(given)


def paired(d: Any, direction: Any) -> float:
    """The sum of the products of two structures."""
    if isinstance(direction, (list, tuple)):
        return sum(map(paired, d, direction))
    return 0.0 if direction is None or d is None else float(np.real(np.sum(d * direction)))

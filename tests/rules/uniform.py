"""The check of one rule under a plain sum: its cotangent is one number, which has ways of its own.

Elsewhere the cotangents are random. That of a sum is not written out as an array, so that rules,
and the engine that calls them, treat it apart.
"""

from __future__ import annotations

import linecache
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint import ZeroGradientWarning, grad
from tests.rules.second_order import leaves, paired
from tests.sampling import EVERY

_CHECKED: set[Any] = set()


def check_sum(
    fun: Any, call: Callable[..., Any], given: Any, directions: Any, tangent: Any
) -> None:
    """Compare the gradient of the sum of a call, along directions, with the sum of its tangent.

    One call is taken for each function; `make test-all` takes all.
    """
    if fun in _CHECKED and not EVERY:
        return
    _CHECKED.add(fun)
    asked = tuple(k for k, direction in enumerate(directions) if direction is not None)
    parts = list(leaves(tangent))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZeroGradientWarning)
        cotangents = grad(summed(call, len(given), [path for path, _ in parts]), asked)(*given)
    found = sum(paired(d, directions[k]) for k, d in zip(asked, cotangents, strict=True))
    expected = sum(float(np.sum(np.real(part))) for _, part in parts)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6, err_msg="of a plain sum")


def summed(call: Callable[..., Any], count: int, paths: Sequence[str]) -> Callable[..., Any]:
    """A program that adds up all that a call returns."""
    names = ", ".join(f"x_{k}" for k in range(count))
    total = " + ".join(f"np.sum(np.real(out{path}))" for path in paths)
    text = f"def total({names}):\n    out = call({names})\n    return {total}\n"
    file = f"<sum of a call {len(linecache.cache)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"call": call, "np": np}
    exec(compile(text, file, "exec"), namespace)
    total_of: Callable[..., Any] = namespace["total"]
    return total_of

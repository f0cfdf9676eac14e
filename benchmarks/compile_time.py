"""Print how long the way from a function to its compiled gradient takes.

    python benchmarks/compile_time.py

The first call of a gradient reads, stages, transforms, prints and compiles; the second only runs.
Their difference is shown: for a function of 20 lines, and for straight lines of growing length,
whose time for each statement should not grow with them.
"""

from __future__ import annotations

import itertools
import linecache
import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from adjoint import grad

TWENTY_LINES = '''
def layer(w, b, x):
    return np.tanh(x @ w + b)


def loss_of(params, x, y, steps):
    """The body below has 20 lines."""
    w1, b1, w2, b2 = params
    h = layer(w1, b1, x)
    h = h - h.mean(axis=0)
    for _ in range(steps):
        h = h + 0.1 * np.sin(h)
        if np.sum(h) > 100.0:
            break
    out = h @ w2 + b2
    t = out - y
    error = np.mean(t**2)
    total = 0.0
    for w in (w1, w2):
        total = total + np.sum(w * w)
    penalty = 0.01 * total
    scale = np.sqrt(1.0 + error)
    if penalty > 10.0:
        penalty = 10.0 + np.log(penalty / 10.0)
    weighted = np.exp(-np.abs(t)) * t
    extra = np.max(weighted) - np.min(weighted)
    smooth = np.log1p(error * error)
    return error / scale + penalty + 0.1 * extra + smooth
'''

fresh = itertools.count()


def define(text: str, name: str) -> Callable[..., Any]:
    """Return a function made of `text` that nothing has seen before, with source to be read."""
    file = f"<benchmark {next(fresh)}>"
    # The number keeps any store of generated code from knowing the text.
    text = f"# {file}\n{text}"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"np": np, "__name__": file}
    exec(compile(text, file, "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


def straight(length: int) -> str:
    """Return a function of `length` statements, each of which reads the two before."""
    lines = ["def f(v0, v1):"]
    for k in range(2, length + 2):
        lines.append(f"    v{k} = v{k - 1} * np.cos(v{k - 2}) + {k / length:.3f}")
    return "\n".join([*lines, f"    return np.sum(v{length + 1})", ""])


def milliseconds(text: str, name: str, args: tuple[Any, ...]) -> float:
    """Return the time to compile the gradient of a new function."""
    gradient = grad(define(text, name))
    start = perf_counter()
    gradient(*args)
    between = perf_counter()
    gradient(*args)
    return 1e3 * (2 * between - start - perf_counter())


def twenty_lines() -> list[float]:
    """Return the times of a number of new functions of 20 lines."""
    rng = np.random.default_rng(0)
    shapes = (4, 8), (8,), (8, 2), (2,)
    params = tuple(rng.standard_normal(shape) for shape in shapes)
    args = params, rng.standard_normal((16, 4)), rng.standard_normal((16, 2)), 5
    return [milliseconds(TWENTY_LINES, "loss_of", args) for _ in range(12)]


def main() -> None:
    first, *later = twenty_lines()
    print(f"20 lines: {statistics.median(later):.1f} ms (median of {len(later)}, ", end="")
    print(f"{min(later):.1f} to {max(later):.1f}; the very first {first:.1f})\n")
    print(f"{'statements':>10}{'ms':>10}{'ms each':>10}")
    args = np.array([0.3, -0.2]), np.array([1.0, 0.5])
    for length in (250, 500, 1000, 2000):
        best = min(milliseconds(straight(length), "f", args) for _ in range(3))
        print(f"{length:>10}{best:>10.0f}{best / length:>10.3f}", flush=True)


if __name__ == "__main__":
    main()

"""Print how gradients of programs that write into arrays compare with gradients by hand.

    python benchmarks/writes.py

The first table has the program itself, its gradient by hand and the generated one; all of them
are first checked. The second writes n entries of an array of n, one by one: what an entry takes
should not grow with n.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from checking import assert_equal, assert_right
from programs import Case
from speed import repetitions, seconds

from adjoint import grad

TURNS = 11
SIZES = (1_000, 10_000, 100_000, 1_000_000)

# --- a stencil ----------------------------------------------------------------------------------


def stencil(u, c, steps, weights):
    for _ in range(steps):
        u[1:-1, 1:-1] += c * (
            u[2:, 1:-1]
            + u[:-2, 1:-1]
            + u[1:-1, 2:]
            + u[1:-1, :-2]
            - (4 + u[1:-1, 1:-1] ** 2) * u[1:-1, 1:-1]
        )
    return np.sum(weights * u)


def stencil_by_hand(u, c, steps, weights):
    """Keep the inner part of each step; the boundary never changes."""
    u = u.copy()
    inner = u[1:-1, 1:-1]
    kept = np.empty((steps, *inner.shape))
    for t in range(steps):
        kept[t] = inner
        inner += c * slope_of_stencil(u)
    # backward
    d_u, d_c = weights.copy(), 0.0
    for t in reversed(range(steps)):
        inner[...] = kept[t]
        d_c += np.vdot(d_u[1:-1, 1:-1], slope_of_stencil(u))
        d_slope = c * d_u[1:-1, 1:-1]
        d_u[2:, 1:-1] += d_slope
        d_u[:-2, 1:-1] += d_slope
        d_u[1:-1, 2:] += d_slope
        d_u[1:-1, :-2] += d_slope
        d_u[1:-1, 1:-1] -= (4 + 3 * inner**2) * d_slope
    return d_u, d_c


def slope_of_stencil(u):
    inner = u[1:-1, 1:-1]
    slope = u[2:, 1:-1] + u[:-2, 1:-1]
    slope += u[1:-1, 2:]
    slope += u[1:-1, :-2]
    slope -= (4 + inner**2) * inner
    return slope


# --- shallow water ------------------------------------------------------------------------------


def shallow_water(h, u, v, g, dt, steps, weights):
    for _ in range(steps):
        u[1:, :] -= g * dt * (h[1:, :] - h[:-1, :])
        v[:, 1:] -= g * dt * (h[:, 1:] - h[:, :-1])
        u[0, :] = 0
        v[:, 0] = 0
        h[:-1, :] -= dt * (1 + h[:-1, :]) * (u[1:, :] - u[:-1, :])
        h[:, :-1] -= dt * (1 + h[:, :-1]) * (v[:, 1:] - v[:, :-1])
    return np.sum(weights * h)


def shallow_water_by_hand(h, u, v, g, dt, steps, weights):
    """Keep the factors of the two products of each step; the rest is linear."""
    h, u, v = h.copy(), u.copy(), v.copy()
    n, m = h.shape
    depths, flows = np.empty((steps, n - 1, m)), np.empty((steps, n - 1, m))
    widths, drifts = np.empty((steps, n, m - 1)), np.empty((steps, n, m - 1))
    for t in range(steps):
        u[1:, :] -= g * dt * (h[1:, :] - h[:-1, :])
        v[:, 1:] -= g * dt * (h[:, 1:] - h[:, :-1])
        u[0, :] = 0
        v[:, 0] = 0
        np.add(1, h[:-1, :], out=depths[t])
        np.subtract(u[1:, :], u[:-1, :], out=flows[t])
        h[:-1, :] -= dt * depths[t] * flows[t]
        np.add(1, h[:, :-1], out=widths[t])
        np.subtract(v[:, 1:], v[:, :-1], out=drifts[t])
        h[:, :-1] -= dt * widths[t] * drifts[t]
    # backward
    d_h, d_u, d_v = weights.copy(), np.zeros_like(u), np.zeros_like(v)
    for t in reversed(range(steps)):
        d_t = dt * d_h[:, :-1]
        d_h[:, :-1] -= d_t * drifts[t]
        d_t *= widths[t]
        d_v[:, 1:] -= d_t
        d_v[:, :-1] += d_t
        d_t = dt * d_h[:-1, :]
        d_h[:-1, :] -= d_t * flows[t]
        d_t *= depths[t]
        d_u[1:, :] -= d_t
        d_u[:-1, :] += d_t
        d_v[:, 0] = 0
        d_u[0, :] = 0
        d_t = g * dt * d_v[:, 1:]
        d_h[:, 1:] -= d_t
        d_h[:, :-1] += d_t
        d_t = g * dt * d_u[1:, :]
        d_h[1:, :] -= d_t
        d_h[:-1, :] += d_t
    return d_h, d_u, d_v


# --- a factorisation ----------------------------------------------------------------------------


def lu(a, weights):
    for i in range(a.shape[0]):
        for j in range(i):
            a[i, j] -= a[i, :j] @ a[:j, j]
            a[i, j] /= a[j, j]
        for j in range(i, a.shape[0]):
            a[i, j] -= a[i, :i] @ a[:i, j]
    return np.sum(weights * a)


def lu_by_hand(a, weights):
    """Keep nothing: no entry that was read is written again, but for the one divided."""
    a = a.copy()
    lu(a, weights)
    # backward
    d_a = weights.copy()
    for i in reversed(range(a.shape[0])):
        for j in reversed(range(i, a.shape[0])):
            d_t = d_a[i, j]
            d_a[:i, j] -= d_t * a[i, :i]
            d_a[i, :i] -= d_t * a[:i, j]
        for j in reversed(range(i)):
            d_a[i, j] /= a[j, j]
            d_t = d_a[i, j]
            d_a[j, j] -= d_t * a[i, j]
            d_a[:j, j] -= d_t * a[i, :j]
            d_a[i, :j] -= d_t * a[:j, j]
    return d_a


# --- entries ------------------------------------------------------------------------------------


def double_loop(a, s, weights):
    for i in range(1, a.shape[0]):
        for j in range(1, a.shape[1]):
            a[i, j] = s * a[i, j] ** 2 + a[i - 1, j] * a[i, j - 1]
    return np.sum(weights * a)


def double_loop_by_hand(a, s, weights):
    """Each entry is written once: the argument itself is the record."""
    old, a = a, a.copy()
    double_loop(a, s, weights)
    # backward
    d_a, d_s = weights.copy(), 0.0
    for i in reversed(range(1, a.shape[0])):
        for j in reversed(range(1, a.shape[1])):
            d_t, t = d_a[i, j], old[i, j]
            d_s += d_t * t**2
            d_a[i, j] = 2 * s * t * d_t
            d_a[i - 1, j] += d_t * a[i, j - 1]
            d_a[i, j - 1] += d_t * a[i - 1, j]
    return d_a, d_s


def chain(a, weights):
    for i in range(1, len(a)):
        a[i] = a[i] * a[i - 1] + 0.1
    return weights @ a


def chain_by_hand(a, weights):
    old, a = a, a.copy()
    chain(a, weights)
    # backward
    d_a = weights.copy()
    for i in reversed(range(1, len(a))):
        d_t = d_a[i]
        d_a[i - 1] += d_t * old[i]
        d_a[i] = d_t * a[i - 1]
    return d_a


# --- tables -------------------------------------------------------------------------------------


def cases() -> list[Case]:
    """Return the programs of the first table."""
    rng = np.random.default_rng(0)

    def field(*shape: int) -> np.ndarray:
        return rng.uniform(-0.5, 0.5, size=shape)

    def water(n: int, steps: int) -> tuple[Any, ...]:
        return 0.1 * field(n, n), 0.1 * field(n, n), 0.1 * field(n, n), 1.1, 0.1, steps, field(n, n)

    matrix = field(60, 60) + 20 * np.eye(60)
    return [
        Case(
            "stencil, 20 x 20, 50 steps",
            *(stencil, stencil_by_hand, (field(20, 20), 0.1, 50, field(20, 20)), (0, 1)),
        ),
        Case(
            "stencil, 200 x 200, 50 steps",
            *(stencil, stencil_by_hand, (field(200, 200), 0.1, 50, field(200, 200)), (0, 1)),
        ),
        Case(
            "shallow water, 20 x 20",
            *(shallow_water, shallow_water_by_hand, water(20, 30), (0, 1, 2)),
        ),
        Case(
            "shallow water, 200 x 200",
            *(shallow_water, shallow_water_by_hand, water(200, 30), (0, 1, 2)),
        ),
        Case("LU in place, 60 x 60", lu, lu_by_hand, (matrix, field(60, 60)), 0),
        Case(
            "double loop, 50 x 50",
            *(double_loop, double_loop_by_hand, (field(50, 50), 0.7, field(50, 50)), (0, 1)),
        ),
    ]


def chain_case(n: int) -> Case:
    """Return the program of the second table for an array of n."""
    rng = np.random.default_rng(n)
    args = (rng.uniform(-0.5, 0.5, n), rng.uniform(-0.5, 0.5, n))
    return Case(f"chain, n = {n}", chain, chain_by_hand, args, 0)


def median(call: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """Return microseconds a call."""
    number = repetitions(call, args)
    return statistics.median(1e6 * seconds(call, args, number) / number for _ in range(TURNS))


def row(case: Case) -> str:
    """Check and time one program; return its line of the first table."""
    ours = grad(case.fun, argnums=case.argnums)
    assert_right(case)
    assert_equal(case, ours(*case.args), case.by_hand(*case.args))

    def primal(*args: Any) -> Any:
        return case.fun(*[np.copy(arg) if isinstance(arg, np.ndarray) else arg for arg in args])

    times = [median(call, case.args) for call in (primal, case.by_hand, ours)]
    ratios = f"{times[2] / times[1]:>9.2f} x{times[2] / times[0]:>9.2f} x"
    return f"{case.name:<32}" + "".join(f"{time:>12.1f}" for time in times) + ratios


def nanoseconds(call: Callable[..., Any], case: Case) -> float:
    """Return nanoseconds an entry; the first call compiles."""
    call(*case.args)
    start = perf_counter()
    call(*case.args)
    return 1e9 * (perf_counter() - start) / len(case.args[0])


def main() -> None:
    print(f"{'':<32}{'itself':>12}{'by hand':>12}{'adjoint':>12}   adjoint/  adjoint/")
    print(f"{'program':<32}{'us':>12}{'us':>12}{'us':>12}   by hand    itself")
    for case in cases():
        print(row(case), flush=True)
    ours = grad(chain)
    print(f"\n{'n entries, one by one':<32}{'by hand':>12}{'adjoint':>12}")
    print(f"{'n':<32}{'ns an entry':>12}{'ns an entry':>12}")
    for n in SIZES:
        case = chain_case(n)
        times = [nanoseconds(call, case) for call in (case.by_hand, ours)]
        print(f"{n:<32,}" + "".join(f"{time:>12.0f}" for time in times), flush=True)


if __name__ == "__main__":
    main()

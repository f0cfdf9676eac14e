"""Print how generated gradients compare with gradients written by hand, in one run.

    python benchmarks/speed.py

Both are first checked against each other and against central differences. Then they take turns,
each turn long enough for the clock; what is shown are medians, and the quartiles of the ratio of
neighbouring turns. For programs on Python numbers the difference counts, in microseconds.
Matrix products run on one thread: several, on a machine that does anything else, wait for each
other for longer than they work.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

from checking import assert_equal, assert_right
from programs import Case, cases

from adjoint import grad

TURNS = 41
TURN = 0.005
"""Seconds of one turn, at least."""


def repetitions(call: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """Return how often to call for one turn."""
    number = 1
    while seconds(call, args, number) < TURN:
        number *= 2
    return number


def seconds(call: Callable[..., Any], args: tuple[Any, ...], number: int) -> float:
    """Return what `number` calls take."""
    start = perf_counter()
    for _ in range(number):
        call(*args)
    return perf_counter() - start


def turns(case: Case, ours: Callable[..., Any]) -> tuple[list[float], list[float]]:
    """Return microseconds a call, turn by turn, of ours and of the one by hand."""
    number = repetitions(case.by_hand, case.args)
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(TURNS):
        # Who goes first changes, so that a clock that drifts favours nobody.
        for which in (0, 1) if turn % 2 else (1, 0):
            call = (ours, case.by_hand)[which]
            times[which].append(1e6 * seconds(call, case.args, number) / number)
    return times


def row(case: Case) -> str:
    """Check and time one program; return its line of the table."""
    ours = grad(case.fun, argnums=case.argnums)
    assert_right(case)
    assert_equal(case, ours(*case.args), case.by_hand(*case.args))
    times, by_hand = turns(case, ours)
    pairs = zip(times, by_hand, strict=True)
    compared = [a - b if case.scalar else a / b for a, b in pairs]
    low, middle, high = statistics.quantiles(compared, n=4)
    unit, sign = ("us", "+") if case.scalar else ("x", "")
    verdict = "" if middle <= case.within else f"   more than {sign}{case.within} {unit}"
    return (
        f"{case.name:<32}{statistics.median(by_hand):>10.1f}{statistics.median(times):>10.1f}"
        f"{middle:{sign}9.2f} {unit:<3}{low:{sign}7.2f} to {high:{sign}.2f}{verdict}"
    )


def main() -> None:
    print(f"{'':<32}{'by hand':>10}{'adjoint':>10}")
    print(f"{'program':<32}{'us':>10}{'us':>10}{'median':>9}     quartiles")
    for case in cases():
        print(row(case), flush=True)


if __name__ == "__main__":
    main()

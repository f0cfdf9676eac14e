"""Recursion without the interpreter's stack.

An ``elif`` chain or a run of early returns of length n is a tree of depth n. A function that
descends into it is written as a generator which yields the calls it wants made, and is sent what
they return.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

__all__ = ["Step", "run"]

T = TypeVar("T")
Step = Generator[Any, Any, T]


def run(step: Step[T]) -> T:
    """Return what the generator `step` returns, every generator that it yields run in its turn.

    Examples
    --------
    >>> def depth(n):
    ...     return 0 if n == 0 else 1 + (yield depth(n - 1))
    >>> run(depth(100_000))
    100000
    """
    waiting: list[Step[Any]] = [step]
    value: Any = None
    while waiting:
        try:
            called = waiting[-1].send(value)
        except StopIteration as end:
            waiting.pop()
            value = end.value
        else:
            waiting.append(called)
            value = None
    result: T = value
    return result

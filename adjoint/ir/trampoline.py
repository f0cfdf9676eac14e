"""Recursion without the interpreter's stack.

An ``elif`` chain or a run of early returns of length n is a tree of depth n. A function that
descends into it is written as a generator which yields the calls it wants made, and is sent what
they return.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

__all__ = ["Step", "resume", "run"]

T = TypeVar("T")
Step = Generator[Any, Any, T]


def run(step: Step[T]) -> T:
    """Return what the generator `step` returns, every generator that it yields run in its turn.

    What one raises is raised in the one that waits for it.

    Examples
    --------
    >>> def depth(n):
    ...     return 0 if n == 0 else 1 + (yield depth(n - 1))
    >>> run(depth(100_000))
    100000
    """
    result: T = resume([step])
    return result


def resume(waiting: list[Step[Any]], handed: type | tuple[type, ...] = ()) -> Any:
    """Go on with generators each of which waits for the next, and which are taken off as they end.

    Returns what the first of them returns; or, before that, what is yielded of a type `handed`: the
    generators are left as they are, to go on another time.

    Examples
    --------
    >>> def count():
    ...     yield 1
    ...     yield 2
    ...     return "end"
    >>> waiting = [count()]
    >>> [resume(waiting, int), resume(waiting, int), resume(waiting, int)]
    [1, 2, 'end']
    """
    value: Any = None
    error: BaseException | None = None
    while waiting:
        try:
            found = waiting[-1].send(value) if error is None else waiting[-1].throw(error)
        except StopIteration as end:
            waiting.pop()
            value, error = end.value, None
        except BaseException as raised:  # handed on to the one that waits
            waiting.pop()
            value, error = None, raised
        else:
            if isinstance(found, handed):
                return found
            waiting.append(found)
            value, error = None, None
    if error is not None:
        raise error
    return value

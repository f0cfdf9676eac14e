"""What functions that are read in the place of others say to the interpreter.

They stand in the equivalents that `registry.instead` declares, and nowhere else.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

__all__ = ["is_as_long", "is_written", "itself", "refuse", "same_length", "unwritten"]


def is_written(value: Any) -> bool:
    """Return whether a value is an array that is written in place somewhere."""
    return isinstance(value, np.ndarray)


def itself(value: Any) -> Any:
    """Return the object that came in, as one operand; a matrix is taken for an array of two axes.

    >>> itself("as it is")
    'as it is'
    """
    return value


def refuse(what: str, advice: str) -> NoReturn:
    """Refuse the call that is read, with its place, what cannot be done, and what to do."""
    raise NotImplementedError(f"{what}; {advice}")


def is_as_long(a: Any, b: Any) -> bool:
    """Return whether a length is another one or more, as it is in the example call.

    The code is then for arguments whose lengths compare alike.
    """
    return bool(a >= b)


def same_length(a: Any, b: Any) -> bool:
    """Return whether two lengths are equal, as they are in the example call.

    The code is then for arguments whose lengths compare alike.
    """
    return bool(a == b)


def unwritten(value: Any, advice: str) -> Any:
    """Return `value`, which must be no array that is written in place anywhere."""
    return value

"""What `make test` takes of cases that come in hundreds; `make test-all` takes all of them.

A case is in the sample or not by its name, so that it stays where it is when others come. Tests
whose cases are sampled as a whole are marked: ``@pytest.mark.sampled(3)`` takes a third.
"""

from __future__ import annotations

import os
import zlib

__all__ = ["EVERY", "is_taken"]

EVERY = "ADJOINT_TEST_EVERY" in os.environ
"""Whether all cases are taken."""


def is_taken(name: str, one_in: int) -> bool:
    """Whether the case of this name is among those taken, of which there is one in so many.

    Examples
    --------
    >>> from tests.sampling import is_taken
    >>> is_taken("any", 1)
    True
    """
    return EVERY or zlib.crc32(name.encode()) % one_in == 0

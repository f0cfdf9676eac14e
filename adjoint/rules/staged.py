"""Functions that the interpreter follows, so that they need no rule: see `adjoint.stage`.

What they do is made of writes and calls that have derivatives of their own. A test compares the
list with what the interpreter knows.
"""

from __future__ import annotations

import numpy as np

from adjoint.rules.registry import staged

__all__: list[str] = []

# Those that write into their first argument.
staged(np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis)
staged(np.ndarray.fill, np.ndarray.sort, np.ndarray.partition, np.ndarray.put)

# Those that call a function that they are given.
staged(np.apply_along_axis, np.apply_over_axes, np.piecewise, np.fromfunction)

# Those that make lists.
staged(np.ndarray.tolist)

"""Choices of which the arms are kept apart: the rest of the block once for each."""

import numpy as np
import pytest

from adjoint import Unsupported, grad

X = np.array([0.45, 0.9, 0.7, -1.1])


def of_other_names(x):
    v = 1.0
    pairs = [(1.0, 2.0) if v > 0 else None for v in x]
    return sum(p[0] * w for p, w in zip(pairs, x, strict=True) if p is not None) * v


def test_what_a_comprehension_makes_does_not_read_the_names_around_it():
    with pytest.raises(Unsupported, match="things of different kinds"):
        grad(of_other_names)(X)

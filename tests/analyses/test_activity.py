"""What depends on the arguments that are differentiated, and must not be lost on the way."""

import numpy as np
import pytest

from adjoint import Unsupported, grad

X = np.array([0.4, 0.9, 0.7])


def by_paths(x):
    text = f"{x[0]}"
    for v in x:
        if v > 0.5:
            text = f"{2 * v}"
    return float(text) * x[1]


def test_a_text_is_followed_where_paths_meet():
    with pytest.raises(Unsupported, match="a number made of text"):
        grad(by_paths)(X)


def shown(x):
    text, total = f"{x[0]}", 0.0
    for v in x:
        if v > 0.5:
            text = f"{2 * v}"
        total += v**2
    assert text
    return total


def test_a_text_may_be_shown():
    assert np.allclose(grad(shown)(X), 2 * X)

"""Writes from an array into itself, which NumPy does without a copy of what it reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import vjp
from adjoint.errors import Unsupported
from tests.oracle import assert_gradient
from tests.sources import module_from

V = np.array([0.4, -0.8, 1.5, 0.9, 0.3, -1.1, 0.7])
W = np.array([1.3, -0.7, 2.1, 0.6, -1.4, 0.8, 1.1])
M = np.array([[0.4, -0.8, 1.5, 0.2], [0.9, 0.3, -1.1, 0.5], [1.2, 0.6, -0.4, 1.7], W[:4]])
MASK = W > 0

WRONG = [
    "x[::2] = x[:4]",
    "x[::-2] = x[3::-1]",
    "x[1:5] = x[::2]",
    "np.copyto(x[::2], x[:4])",
    "np.copyto(x[::2], x[:4], where=x[:4] > 0)",
    "w = x[:4]; y = x[::2]; y[:] = w",
    "x[::2], x[0] = x[:4], x[1]",
    "x[MASK] = x[:5]",
    "np.place(x, MASK, x[:5])",
    "x.flat[1:] = x[:-1]",
]
WRONG_IN_MATRICES = [
    "x[:, 2] = x[1]",
    "x[1] = x[:, 2]",
    "y = x.reshape(2, 8); y[0, ::2] = y[0, :4]",
    "np.fill_diagonal(x, x[1, ::-1])",
    "x.flat = x.T",
    "y = x.ravel(); y[::2] = y[:8]",
]
RIGHT = [
    "x[1:] = x[:-1]",
    "x[:-1] = x[1:]",
    "x[:] = x[::-1]",
    "x[:4] = x[::2]",
    "x[1::2] = x[:3]",
    "x[3:] = x[::2]",
    "x[::2] = x[3:]",
    "x[::2] = x[2:3]",
    "x[:3] = x[::-1][:3]",
    "x[MASK] = x[1]",
    "x[[0, 1, 2]] = x[1:4]",
    "x[::2] += x[:4]",
    "n = len(x) // 2; x[:n] = x[:-1:2]",
    "n = len(x) // 3; x[: -1 : n + 1] = x[1 :: n + 1]",
]
RIGHT_IN_MATRICES = [
    "x[:, 1] = x[1]",
    "x[0] = x[:, 2]",
    "x[:, -1] = x[0]",
    "x[::2] = x[:2]",
    "x[2, :2] = x[:2, 2]",
    "for k in range(3): x[k + 1:, k] = x[k, k + 1:]",
    "for k in range(4): x[k:, k] = x[k, k:]",
    "for k in range(3): x[k + 1, :2] = x[k, ::2]",
    "x[2:].flat = x[:2]",
    "np.fill_diagonal(x, x[1])",
    "x[1] = np.diag(x); x[:, 2] = x.diagonal()",
]


def _written(line: str) -> Any:
    body = "\n    ".join([*line.split("; "), "return np.sum(x**2 * np.cos(x))"])
    text = f"import numpy as np\nMASK = np.array({MASK.tolist()})\ndef f(x):\n    {body}\n"
    return module_from(text, "unbuffered").f


@pytest.mark.parametrize("line", [*WRONG, *WRONG_IN_MATRICES])
def test_what_numpy_may_overwrite_before_it_is_read_is_refused(line: str) -> None:
    x = V if line in WRONG else M
    with pytest.raises(Unsupported, match="has not read yet") as refused:
        vjp(_written(line), x)
    assert "make a copy of what is read" in str(refused.value)


@pytest.mark.parametrize("line", [*RIGHT, *RIGHT_IN_MATRICES])
def test_what_is_read_in_time_is_not(line: str) -> None:
    assert_gradient(_written(line), V if line in RIGHT else M)

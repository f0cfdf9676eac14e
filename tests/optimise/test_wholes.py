"""Lists that are taken apart and handed on whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad

M = np.arange(12.0).reshape(4, 3) + 0.5


def joined(m: Any) -> Any:
    parts = np.split(m, 2)
    return np.sum(np.concatenate(parts, axis=1) ** 2) * np.sum(parts[0])


def turned_around(m: Any) -> Any:
    return np.sum(np.concatenate(np.split(m, 2)[::-1]) ** 2)


def some_of_them(m: Any) -> Any:
    return np.sum(np.concatenate(np.split(m, 4)[:3]) ** 2)


def changed(m: Any) -> Any:
    parts = np.split(m, 2)
    parts[0] = parts[0] * 2
    return np.sum(np.vstack(parts) ** 2)


@pytest.mark.parametrize(
    ("fun", "printed"),
    [
        (joined, "np.concatenate(parts, axis=1)"),
        (turned_around, "np.concatenate([t[1], t[0]])"),
        (some_of_them, "np.concatenate([t[0], t[1], t[2]])"),
        (changed, "np.vstack([parts[0] * 2, parts[1]])"),
    ],
)
def test_only_all_items_in_their_order_are_the_list(fun: Any, printed: str) -> None:
    derivative = grad(fun)
    derivative(M)
    assert printed in derivative.source

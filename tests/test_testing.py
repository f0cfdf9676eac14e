"""`check_grads` agrees with what is right, and says what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import check_grads, stop_gradient

X = np.array([0.3, -0.8, 1.1])


def loss(x: Any, s: float, name: str) -> Any:
    return np.sum(np.tanh(x * s) ** 2) * s


def written(x: Any) -> Any:
    x[1:] *= x[:-1]
    return np.sum(x**3)


@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")], ids=str)
@pytest.mark.parametrize("order", [1, 2])
def test_what_is_right_passes(order: int, modes: tuple[str, ...]) -> None:
    check_grads(loss, (X, 0.7, "name"), order=order, modes=modes)
    check_grads(written, (X,), order=order, modes=modes)
    np.testing.assert_array_equal(X, [0.3, -0.8, 1.1])


def test_single_precision() -> None:
    check_grads(lambda x: np.sum(np.sin(x)), (X.astype(np.float32),))


@pytest.mark.parametrize("mode", ["fwd", "rev"])
def test_what_is_wrong_is_named_with_its_worst_entry(mode: str) -> None:
    def half(x: Any) -> Any:
        return np.sum(x**2) + stop_gradient(x[1] * 5.0) * x[1]

    with pytest.raises(AssertionError, match=rf"by argument 0 is wrong in mode '{mode}'.*\(1,\)"):
        check_grads(half, (X,), modes=(mode,))


def test_second_order_is_checked_on_its_own() -> None:
    def slope_held(x: Any) -> Any:
        return np.sum(stop_gradient(x) * x + stop_gradient(-(x**2) / 2) + x**2 / 2)

    check_grads(lambda x: np.sum(x**3), (X,), order=2)
    with pytest.raises(AssertionError):
        check_grads(slope_held, (X,), order=2)


def test_other_orders_and_modes_are_refused() -> None:
    for options in ({"order": 3}, {"modes": ()}, {"modes": ("both",)}):
        with pytest.raises(ValueError, match="order is 1 or 2"):
            check_grads(loss, (X, 0.7, ""), **options)  # type: ignore[arg-type]

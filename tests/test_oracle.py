"""The judge itself: it must find fault with gradients that are slightly wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests import oracle

X, S = np.array([0.4, -0.8, 1.5]), 0.7


def fun(x: Any, s: Any) -> Any:
    return np.sum(x**2 * s)


def right(x: Any, s: Any) -> tuple[Any, Any]:
    return 2 * x * s, float(np.sum(x**2))


def judge_with(monkeypatch: pytest.MonkeyPatch, both: Callable[..., Any]) -> None:
    """Judge ``fun`` with ``both(x, s)`` in place of the compiler."""

    def value_and_grad(fun: Any, argnums: Any) -> Any:
        def run(*args: Any) -> Any:
            return fun(*args), select(both(*args), argnums)

        return run

    def grad(fun: Any, argnums: Any) -> Any:
        return lambda *args: select(both(*args), argnums)

    monkeypatch.setattr(oracle, "value_and_grad", value_and_grad)
    monkeypatch.setattr(oracle, "grad", grad)
    oracle.assert_gradient(fun, X.copy(), S)


def select(gradients: Any, argnums: Any) -> Any:
    if isinstance(argnums, tuple):
        return tuple(gradients[number] for number in argnums)
    return gradients[argnums]


def test_right_gradients_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    judge_with(monkeypatch, right)


def written(x: Any, s: Any) -> tuple[Any, Any]:
    x += 1e-9
    return right(x, s)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, s: (2 * x * s * (1 + 1e-7), right(x, s)[1]),
        lambda x, s: (2 * x * s, right(x, s)[1] + 1e-6),
        lambda x, s: (2 * x * s + np.array([0, 0, 1e-7]), right(x, s)[1]),
        lambda x, s: ((2 * x * s)[None], right(x, s)[1]),
        lambda x, s: ((2 * x * s).astype(np.float32), right(x, s)[1]),
        lambda x, s: (2 * x * s, np.float64(right(x, s)[1])),
        lambda x, s: (2 * x * s, np.array(right(x, s)[1])),
        lambda x, s: ((2 * x * s)[::-1][::-1], right(x, s)[1]),
        lambda x, s: (None, right(x, s)[1]),
        lambda x, s: ((2 * x * s).tolist(), right(x, s)[1]),
        written,
    ],
)
def test_wrong_gradients_are_found(monkeypatch: pytest.MonkeyPatch, wrong: Any) -> None:
    with pytest.raises(AssertionError):
        judge_with(monkeypatch, wrong)


def test_shared_memory_is_found() -> None:
    whole = np.zeros(4)
    with pytest.raises(AssertionError):
        oracle.assert_owned((whole, whole), ())
    with pytest.raises(AssertionError):
        oracle.assert_owned((whole,), (whole,))


def test_kinks_and_poles_cannot_be_judged() -> None:
    for bad in (lambda x: abs(x), lambda x: np.sqrt(np.abs(x)), lambda x: x * np.inf):
        with pytest.raises(oracle.UnreliableDifferences), np.errstate(all="ignore"):
            oracle.differences(bad, (1e-5,), (0,))


def test_structures_are_taken_apart_and_put_together() -> None:
    tree = {"a": (1.0, [X, 3]), "b": None}
    found = list(oracle.leaves(tree))
    assert [path for path, _ in found] == [("a", 0), ("a", 1, 0), ("a", 1, 1), ("b",)]
    changed = oracle.replaced(tree, ("a", 1, 0), 5.0)
    assert changed == {"a": (1.0, [5.0, 3]), "b": None}
    assert tree["a"][1][0] is X  # type: ignore[index]


def test_a_program_that_writes_into_its_arguments_gets_fresh_ones() -> None:
    def writes(x: Any, parts: Any) -> Any:
        x *= parts[0]
        parts.append(x[0])
        return np.sum(x**2) + parts.pop(0)

    args = (X.copy(), [S])
    by_x, by_s = oracle.differences(writes, args, (0, 1))
    np.testing.assert_allclose(by_x.derivative, 2 * X * S**2)
    np.testing.assert_allclose(by_s.derivative, 2 * np.sum(X**2) * S + 1)
    assert args[0].tobytes() == X.tobytes() and args[1] == [S]


def test_the_complex_step_is_right_to_rounding() -> None:
    by_x, by_s = oracle.complex_step(fun, (X, S))
    np.testing.assert_allclose(by_x.derivative, right(X, S)[0], rtol=1e-15)
    np.testing.assert_allclose(by_s.derivative, right(X, S)[1], rtol=1e-15)
    assert (by_x.path, by_s.path) == ((0,), (1,)) and not by_x.error.any()

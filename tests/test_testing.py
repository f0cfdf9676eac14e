"""`check_grads` agrees with what is right, and says what is wrong."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from scipy.integrate import odeint

from adjoint import BadArgument, check_grads, custom_vjp, stop_gradient

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
    narrow = X.astype(np.float32)
    check_grads(lambda x: np.sum(np.sin(x)), (narrow,), order=2)
    check_grads(lambda x: np.sum(np.exp(x).astype(np.float32) ** 2), (narrow,))
    check_grads(lambda x, y: np.outer(x, y) + np.mean(x), (narrow, X), order=2)
    check_grads(lambda x: x**2 if x.dtype == np.float32 else x**3, (narrow,))


@pytest.mark.parametrize("mode", ["fwd", "rev"])
def test_one_in_a_hundred_is_seen_in_single_precision(mode: str) -> None:
    def off(x: Any) -> Any:
        return np.sum(1.01 * np.sin(x) - stop_gradient(0.01 * np.sin(x)))

    check_grads(lambda x: np.sum(np.sin(x)), (X.astype(np.float32),), modes=mode)
    with pytest.raises(AssertionError, match="by argument 0 is wrong"):
        check_grads(off, (X.astype(np.float32),), modes=mode)


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
    with pytest.raises(BadArgument, match="args is ndarray, and no tuple"):
        check_grads(loss, X)  # type: ignore[arg-type]
    with pytest.raises(BadArgument, match="no argument holds floats"):
        check_grads(loss, (3, [4, None], "name"))


class Model:
    def __init__(self) -> None:
        self.w, self.parts, self.n = X, [1.0, {"q": X * 2}], 3

    def forward(self, x: Any, cube: Any) -> Any:
        return cube(self.w * x) * self.parts[1]["q"] * self.n


def test_structures_in_and_out() -> None:
    def right(p: Any, m: Any) -> Any:
        return {"y": m.forward(p["x"], np.sin), "rest": [p["s"] ** 2, None, "name", 3]}

    def wrong(p: Any, m: Any) -> Any:
        return {"y": m.forward(p["x"], wrong_cube), "rest": [p["s"] ** 2, None, "name", 3]}

    args = ({"x": X, "s": 2.0, "n": 3}, Model())
    check_grads(right, args, order=2)
    for mode in ("fwd", "rev"):
        with pytest.raises(AssertionError, match=r"argument 0\['x'\] is wrong in mode") as caught:
            check_grads(wrong, args, modes=mode)
        assert "return cube(self.w * x) * self.parts" in str(caught.value)
    with pytest.raises(AssertionError, match=r"argument 0\.w is wrong"):
        check_grads(lambda m: np.sum(wrong_cube(m.w)), (Model(),))
    with pytest.raises(AssertionError, match="of a random combination of the results"):
        check_grads(wrong_cube, (X,))
    check_grads(lambda z: (np.abs(z) ** 2, z * z), (X + 1j * X[::-1],), order=2)


@custom_vjp
def wrong_cube(x: Any) -> Any:
    return x**3


wrong_cube.defvjp(lambda x: (x**3, x), lambda x, g: (2 * x**2 * g,))


def several_lines(x: Any) -> Any:
    a = np.sin(x)
    b = a * 2 + x
    c = wrong_cube(b)
    return np.sum(np.exp(-0.1 * c))


def in_a_loop(x: Any) -> Any:
    y = x
    for _ in range(3):
        y = np.sin(y) + 0.1
        y = wrong_cube(y) * 0.5 + y
    return np.sum(y)


def in_a_callee(x: Any) -> Any:
    def inner(z: Any) -> Any:
        z = z * 2
        return wrong_cube(z)

    return np.sum(inner(x) ** 2)


def in_a_write(x: Any) -> Any:
    x[1:] *= wrong_cube(x[:-1])
    return np.sum(x**3)


@custom_vjp
def softened(x: Any) -> Any:
    return np.log1p(np.exp(x))


softened.defvjp(lambda x: (softened(x), np.exp(-x)), lambda e, g: (g / (1 + e),))


def beside_a_right_rule(x: Any) -> Any:
    mean = np.mean(softened(x)[:, None], axis=0)
    return np.sum(softened(wrong_cube(x))) * mean[0]


def held_fixed(x: Any) -> Any:
    y = np.tanh(x)
    return np.sum(x * stop_gradient(y)) + np.sum(y)


def at_a_tie(x: Any) -> Any:
    y = np.tanh(x - x)
    return np.max(y + 2 * x - x - X) * 2


def at_a_jump(x: Any) -> Any:
    y = (x - X) * 2
    z = np.where(y > 0, y, 0.0)
    return np.sum(z * 3 + y)


def calls_itself(x: Any, n: Any) -> Any:
    return wrong_cube(x) if n == 0 else calls_itself(x * 1.1, n - 1) * x


def in_a_recursion(x: Any) -> Any:
    return np.sum(calls_itself(x, int(3 + 0 * x[0])))


def in_a_solver(x: Any) -> Any:
    def decay(y: Any, t: float, rate: Any) -> Any:
        return -y * wrong_cube(rate)

    return np.sum(odeint(decay, np.ones(2), np.linspace(0.0, 1.0, 3), args=(x[0],)))


WRONG = "the first statement that is wrong by itself, where its derivative along a random direction"
NONE = "no statement is wrong by itself; the one whose differences are the least reliable"


@pytest.mark.parametrize("mode", ["fwd", "rev"])
@pytest.mark.parametrize(
    ("fun", "text", "place", "line", "stretch"),
    [
        (several_lines, WRONG, "several_lines", "c = wrong_cube(b)", "wrong_cube(b)"),
        (in_a_loop, WRONG, "in_a_loop", "y = wrong_cube(y) * 0.5 + y", "wrong_cube(y)"),
        (
            in_a_recursion,
            WRONG,
            "in_a_recursion",
            "return np.sum(calls_itself(x, int(3 + 0 * x[0])))",
            "calls_itself(x, int(3 + 0 * x[0]))",
        ),
        (in_a_callee, WRONG, "inner", "return wrong_cube(z)", "wrong_cube(z)"),
        (in_a_write, WRONG, "in_a_write", "x[1:] *= wrong_cube(x[:-1])", "wrong_cube(x[:-1])"),
        (
            beside_a_right_rule,
            WRONG,
            "beside_a_right_rule",
            "return np.sum(softened(wrong_cube(x))) * mean[0]",
            "wrong_cube(x)",
        ),
        (
            held_fixed,
            WRONG,
            "held_fixed",
            "return np.sum(x * stop_gradient(y)) + np.sum(y)",
            "stop_gradient(y)",
        ),
        (
            at_a_tie,
            "as at a kink",
            "at_a_tie",
            "return np.max(y + 2 * x - x - X) * 2",
            "np.max(y + 2 * x - x - X)",
        ),
        (at_a_jump, NONE, "at_a_jump", "z = np.where(y > 0, y, 0.0)", "y > 0"),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_the_nearest_statement_is_named(
    fun: Any, text: str, place: str, line: str, stretch: str, mode: str
) -> None:
    with pytest.raises(AssertionError) as caught:
        check_grads(fun, (X,), modes=(mode,))
    message = str(caught.value)
    assert "the worst entry at (" in message and text in message
    caret = " " * line.index(stretch) + "^" * len(stretch)
    assert f" in {place}\n      {line}\n      {caret}" in message
    assert re.search(r"\n  .*test_testing\.py:\d+:\d+ in ", message)


def test_the_nearest_statement_of_a_second_derivative_is_named() -> None:
    def held(x: Any) -> Any:
        y = x * 2
        return np.sum(stop_gradient(y) * y + stop_gradient(-(y**2) / 2) + y**2 / 2)

    with pytest.raises(AssertionError, match="the second derivative by argument 0") as caught:
        check_grads(held, (X,), order=2)
    message = str(caught.value)
    assert WRONG in message and "return np.sum(stop_gradient(y)" in message
    assert "testing.py" not in message.replace("test_testing.py", "")


def test_what_cannot_be_taken_by_itself_is_named() -> None:
    with pytest.raises(AssertionError, match=r"this one cannot be taken by itself:\n.*in_a_solver"):
        check_grads(in_a_solver, (X,), modes=("rev",))

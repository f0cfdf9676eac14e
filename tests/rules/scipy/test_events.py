"""Dense solutions of ``solve_ivp``, and the times of events: by the implicit function theorem.

All are solved with tolerances of 1e-11 by a method of order 8, so that differences of gradients,
with steps of 6e-6, are wrong by about 1e-6 for numbers near 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from adjoint import Unsupported, grad, hessian, jvp, value_and_grad
from adjoint.testing import check_grads

pytestmark = pytest.mark.sampled(2)

HOW: dict[str, Any] = {"rtol": 1e-11, "atol": 1e-11, "method": "DOP853"}
RNG = np.random.default_rng(19)
W = RNG.normal(size=(2, 3))
SHOT = (1.0, 0.4, 9.81)


def ball(t, y, g):
    return np.array([y[1], -g - 0.1 * y[1] ** 3])


def hit(t, y):
    return y[0]


hit.terminal = True  # type: ignore[attr-defined]
hit.direction = -1  # type: ignore[attr-defined]


def of_a_dense_solution(y0, k, times, s):
    sol = solve_ivp(lambda t, y: -k * y * y * np.cos(t), (0.0, 2.0), y0, dense_output=True, **HOW)
    return np.sum(W * sol.sol(times) ** 2) + sol.sol(s)[0] * sol.y[1, -1]


def at_numbers(y0, k, s):
    sol = solve_ivp(lambda t, y: -k * y * y * t, (0.1, 2.0), y0, dense_output=True, **HOW)
    return sol.sol(s)[0] * sol.y[1, -1] + np.sum(sol.sol([0.3, 0.2, 1.0]) ** 2)


def the_time_and_state(h, v, g):
    sol = solve_ivp(lambda t, y: ball(t, y, g), (0.0, 20.0), np.array([h, v]), events=hit, **HOW)
    return sol.t_events[0][0] * sol.y_events[0][0][1] + sol.y_events[0][0, 0]


def the_last_state(h, v, g):
    sol = solve_ivp(lambda t, y: ball(t, y, g), (0.0, 20.0), np.array([h, v]), events=hit, **HOW)
    if sol.status != 1:
        raise ValueError("it did not fall")
    return sol.y[1, -1] + 3 * sol.y[0, -1]


def no_event(h, v, g):
    sol = solve_ivp(lambda t, y: ball(t, y, g), (0.0, 0.2), np.array([h, v]), events=hit, **HOW)
    return sol.y[1, -1] + 3 * sol.y[0, -1] + len(sol.t_events[0])


def with_arguments(h, v, g):
    def hit(t, y, g):
        return y[0] - 0.1 * g * t

    hit.terminal = True
    sol = solve_ivp(ball, (0.0, 20.0), np.array([h, v]), events=[hit], args=(g,), **HOW)
    return sol.y[1, -1] * sol.t_events[0][-1]


def with_t_eval(h, v, g):
    times = np.linspace(0.0, 5.0, 51)
    sol = solve_ivp(ball, (0.0, 9.0), [h, v], args=(g,), events=hit_of_g, t_eval=times, **HOW)
    return np.sum(sol.y[0]) + sol.t_events[0][0]


def hit_of_g(t, y, g):
    return y[0]


hit_of_g.terminal = True  # type: ignore[attr-defined]


def a_period(k, a):
    def up(t, y):
        return y[0] - a

    up.direction = 1
    sol = solve_ivp(
        lambda t, y: [y[1], -k * np.sin(y[0])], (0.0, 20.0), [1.0, 0.0], events=up, **HOW
    )
    return np.mean(np.diff(sol.t_events[0])) * np.sum(sol.y_events[0][:, 1])


def two_events(k, a):
    def first(t, y):
        return y[0] - a

    def second(t, y):
        return y[1] + a

    first.terminal, second.terminal = False, True
    sol = solve_ivp(
        lambda t, y: [y[1], -k * np.sin(y[0])], (0.0, 20.0), [1.0, 0.0], events=[first, second],
        dense_output=True, **HOW,
    )  # fmt: skip
    last = sol.y[0, -1] + np.sum(sol.t_events[0])
    return last + sol.t_events[1][0] ** 2 + sol.sol(0.1)[0]


def bounces(h, r):
    y, t = np.array([h, 0.0]), 0.0
    for _ in range(3):
        sol = solve_ivp(lambda t, y: [y[1], -9.81], (t, t + 10), y, events=hit, **HOW)
        t = sol.t_events[0][0]
        y = np.array([0.0, -r * sol.y_events[0][0][1]])
    return t


@dataclass
class Pendulum:
    k: Any

    def slope(self, t: Any, y: Any) -> Any:
        return [y[1], -self.k * np.sin(y[0])]

    def lowest(self, t: Any, y: Any) -> Any:
        return y[0]


def of_methods(k, a):
    p = Pendulum(k)
    times = solve_ivp(p.slope, (0.0, 20.0), [a, 0.0], events=p.lowest, **HOW).t_events[0]
    return 2 * (times[1] - times[0])


STATE = np.array([1.0, 2.0])
FIRST = [
    (of_a_dense_solution, (STATE, 0.3, np.array([0.2, 1.9, 0.7]), 0.5)),
    (the_time_and_state, SHOT),
    (the_last_state, SHOT),
    (no_event, SHOT),
    (with_arguments, SHOT),
    (with_t_eval, SHOT),
    (a_period, (1.3, 0.2)),
    (two_events, (1.3, 0.2)),
    (of_methods, (1.3, 0.5)),
]
SECOND = [(at_numbers, (STATE, 0.3, 0.5)), (bounces, (2.0, 0.8))]


@pytest.mark.parametrize(("fun", "args"), FIRST)
@pytest.mark.sampled(3)
def test_against_differences(fun: Any, args: Any) -> None:
    check_grads(fun, args)


@pytest.mark.parametrize(("fun", "args"), SECOND)
@pytest.mark.sampled(2)
def test_second_order(fun: Any, args: Any) -> None:
    check_grads(fun, args, order=2, rtol=1e-4, atol=1e-5)


def test_the_tangent_again() -> None:
    def slope(y0, k, s):
        return jvp(at_numbers, (y0, k, s), (W[:, 0], 0.4, 1.2))[1]

    check_grads(slope, (STATE, 0.3, 0.5), rtol=1e-4, atol=1e-5)


def test_in_closed_form() -> None:
    """A stone falls from h in sqrt(2 h / g)."""

    def time(p):
        start = np.array([p[0], 0.0])
        sol = solve_ivp(lambda t, y: [y[1], -p[1]], (0.0, 9.0), start, events=hit, **HOW)
        return sol.t_events[0][0]

    h, g = 2.0, 9.81
    t = np.sqrt(2 * h / g)
    value, gradient = value_and_grad(time)(np.array([h, g]))
    assert value == pytest.approx(t, rel=1e-10)
    np.testing.assert_allclose(gradient, [t / (2 * h), -t / (2 * g)], rtol=1e-8)
    expected = t * np.array([[-0.25 / h**2, -0.25 / (h * g)], [-0.25 / (h * g), 0.75 / g**2]])
    np.testing.assert_allclose(hessian(time)(np.array([h, g])), expected, rtol=1e-7)


def test_what_happened_is_known_at_run_time() -> None:
    """Whether there was an event is not known from the first call."""

    def time(h, v):
        sol = solve_ivp(lambda t, y: [y[1], -9.81], (0.0, 1.0), np.array([h, v]), events=hit)
        return sol.t_events[0][0] if sol.status == 1 else 0.5 * h

    gradient = grad(time)
    assert gradient(100.0, 0.0) == 0.5
    assert gradient(2.0, 0.0) == pytest.approx(np.sqrt(4 / 9.81) / 4, rel=1e-3)
    assert gradient(100.0, 0.0) == 0.5


def test_refused() -> None:
    def by_the_last_step(h):
        return solve_ivp(ball, (0.0, 9.0), [h, 0.0], args=(9.81,), events=hit_of_g).t[-1]

    def counts(h):
        def hit(t, y):
            hit.calls += 1
            return y[0]

        hit.calls = 0
        sol = solve_ivp(lambda t, y: [y[1], -9.81], (0.0, 9.0), [h, 0.0], events=hit)
        return sol.t_events[0][0] + hit.calls

    with pytest.raises(Unsupported, match="read the time of an event in t_events"):
        grad(by_the_last_step)(1.0)
    with pytest.raises(Unsupported, match="which a solver calls, changes"):
        grad(counts)(1.0)

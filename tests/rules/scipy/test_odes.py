"""Gradients of ``odeint`` and ``solve_ivp``, by the adjoint method.

Unless a test says otherwise it solves with tolerances of 1e-10. What is solved then is wrong by
about 1e-9, and central differences with the steps of `check_grads` by less than its tolerance.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.integrate import odeint, solve_ivp

from adjoint import Unsupported, grad, hessian, jacobian, jvp, value_and_grad, vjp
from adjoint.testing import check_grads

pytestmark = pytest.mark.sampled(2)

RNG = np.random.default_rng(73)
TIMES = np.linspace(0.0, 2.0, 5)
ROWS = RNG.normal(size=(5, 2))
COLUMNS = RNG.normal(size=(2, 5))
START = np.array([1.0, 2.0])
MATRIX = RNG.normal(size=(2, 2))
TIGHT: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-10}
CASES: list[Any] = []
REFUSED: list[Any] = []


def case(*args: Any) -> Callable[[Any], Any]:
    """A program that is compared with differences at these arguments."""

    def register(fun: Any) -> Any:
        CASES.append(pytest.param(fun, args, id=fun.__name__))
        return fun

    return register


def refused(message: str, *args: Any, error: Any = Unsupported) -> Callable[[Any], Any]:
    """A program that is refused with this message."""

    def register(fun: Any) -> Any:
        REFUSED.append(pytest.param(fun, args, message, error, id=fun.__name__))
        return fun

    return register


@pytest.mark.parametrize(("fun", "args"), CASES)
@pytest.mark.sampled(3)
def test_against_differences(fun: Any, args: Any) -> None:
    check_grads(fun, args)


@pytest.mark.parametrize(("fun", "args", "message", "error"), REFUSED)
def test_refused(fun: Any, args: Any, message: str, error: Any) -> None:
    with pytest.raises(error, match=message):
        grad(fun)(*args)


# -- what the function reads -----------------------------------------------------------------------


@case(START, 0.7)
def by_argument(y0, k):
    def decay(y, t, k):
        return -k * y

    return np.sum(ROWS * odeint(decay, y0, TIMES, args=(k,), **TIGHT) ** 2)


@case(START, 0.7)
def by_closure(y0, k):
    def decay(t, y):
        return -k * y + np.sin(t)

    sol = solve_ivp(decay, (0.0, 2.0), y0, t_eval=TIMES, **TIGHT)
    return np.sum(COLUMNS * sol.y**2)


@case(1.0, 0.5, 0.3, 0.9)
def lotka_volterra(a, b, c, d):
    def growth(t, z, a, b, c, d):
        x, y = z
        return [a * x - b * x * y, -c * y + d * x * y]

    sol = solve_ivp(
        growth, [0, 2], [1.5, 0.7], args=(a, b, c, d), t_eval=TIMES, method="DOP853", **TIGHT
    )
    if not sol.success:
        raise RuntimeError(sol.message)
    return np.sum(COLUMNS * sol.y)


@case(MATRIX, RNG.normal(size=2), START)
def a_net(a, b, y0):
    sol = solve_ivp(lambda t, y: np.tanh(a @ y + b), (0.0, 2.0), y0, t_eval=TIMES, **TIGHT)
    return np.sum(COLUMNS * sol.y**2)


def a_dict_from_outside(p, y0):
    sol = solve_ivp(lambda t, y: -p["k"] * y * p["w"], (0, 2), y0, t_eval=TIMES, **TIGHT)
    return np.sum(COLUMNS * sol.y**2)


def a_list_as_argument(p, y0):
    y = odeint(lambda y, t, p: -p[0] * y * np.sum(p[1]), y0, TIMES, args=(p,), **TIGHT)
    return np.sum(y**2)


@case(np.array([0.3, 0.8]))
def parameters_unpacked(p):
    def growth(t, y, p):
        a, b = p
        return a * y - b * y**2

    y = solve_ivp(growth, (0.0, 1.0), [0.5], args=[p], t_eval=[0.3, 1.0], **TIGHT).y
    return y[0, 0] * y[0, 1]


@case(np.array([1.0, 0.5, 0.3, 0.9]))
def items_of_an_array_as_arguments(p):
    def growth(t, z, a, b, c, d):
        x, y = z
        return [a * x - b * x * y, -c * y + d * x * y]

    sol = solve_ivp(growth, [0, 2], [1.5, 0.7], args=tuple(p), t_eval=TIMES, **TIGHT)
    return np.sum(COLUMNS * sol.y)


@dataclass
class Net:
    """What a method reads of its object."""

    w: Any
    k: Any

    def slope(self, t: Any, y: Any) -> Any:
        return np.tanh(self.w @ y) * self.k

    def __call__(self, t: Any, y: Any) -> Any:
        return -self.k * y


def a_method_of_an_argument(net, y0):
    sol = solve_ivp(net.slope, (0.0, 1.0), y0, t_eval=[0.2, 1.0], **TIGHT)
    return np.sum(sol.y**2)


STRUCTURES: list[Any] = [
    (a_dict_from_outside, lambda k, w: {"k": k, "w": w}, lambda d: (d["k"], d["w"]), START),
    (a_list_as_argument, lambda k, w: [k, w], tuple, 0.7),
    (a_method_of_an_argument, lambda k, w: Net(w, k), lambda d: (d.k, d.w), START),
]


@pytest.mark.parametrize(("fun", "make", "parts", "y0"), STRUCTURES)
def test_structures_that_are_read(fun: Any, make: Any, parts: Any, y0: Any) -> None:
    k, w = 0.4, MATRIX if fun is a_method_of_an_argument else np.array([0.2, 0.9])
    d_structure, d_y0 = grad(fun, argnums=(0, 1))(make(k, w), y0)
    d_k, d_w = parts(d_structure)
    h = 1e-5  # the error is h**2 of the third derivative, and 1e-9 / h of the solver
    for at in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[at] = h
        ends = [fun(make(k, w + sign * step), y0) for sign in (1, -1)]
        assert d_w[at] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-4, rel=1e-5)
    ends = [fun(make(k + sign * h, w), y0) for sign in (1, -1)]
    assert d_k == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-4, rel=1e-5)
    ends = [fun(make(k, w), y0 + sign * h) for sign in (1, -1)]
    assert np.sum(d_y0) == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-4, rel=1e-5)


@case(START, 0.5)
def an_object_made_inside(y0, k):
    net = Net(MATRIX, k)
    middle = solve_ivp(net, (0.0, 1.0), y0, **TIGHT).y[:, -1]
    return np.sum(middle * solve_ivp(net.slope, (0.0, 1.0), middle, **TIGHT).y[:, -1])


@case(START, 0.3)
def a_partial(y0, k):
    def decay(k, t, y):
        return -k * y * y

    return np.sum(solve_ivp(functools.partial(decay, k), (0.0, 1.0), y0, **TIGHT).y[:, -1] ** 2)


def oscillator(t, y, k):
    return -k * y * math.cos(t)


@case(START, 0.3)
def called_by_the_program_as_well(y0, k):
    z = y0 + 0.1 * oscillator(0.0, y0, k)
    sol = solve_ivp(oscillator, (0.0, 1.0), z, args=[k], **TIGHT)
    return np.sum(sol.y[:, -1] ** 2) + np.sum(oscillator(0.3, y0, k)) + sol["y"][0, -1]


@case(START)
def a_global_array(y0):
    return np.sum(ROWS * odeint(lambda y, t: MATRIX @ y, y0, TIMES, **TIGHT))


@case(START, 0.3, 0.5)
def active_in_some_calls(y0, k, c):
    def decay(t, y, k):
        return -k * y * y

    a = solve_ivp(decay, (0.0, 1.0), y0, args=(k,), **TIGHT).y[:, -1]
    b = solve_ivp(decay, (0.0, 1.0), [1.0, 1.0], args=(0.3,), **TIGHT).y[:, -1]
    d = solve_ivp(decay, (0.0, 1.0), a, args=(0.7,), **TIGHT).y[:, -1]
    return np.sum(a * b * d) * c


@case(np.array([0.5, 0.2]))
def a_derivative_in_the_function(q):
    def energy(z):
        return 0.5 * z[1] ** 2 - np.cos(z[0])

    def flow(t, z):
        d_z = grad(energy)(z)
        return np.array([d_z[1], -d_z[0]])

    return np.sum(COLUMNS * solve_ivp(flow, (0.0, 2.0), q, t_eval=TIMES, **TIGHT).y)


# -- what it does ----------------------------------------------------------------------------------


@case(START, 0.6)
def it_writes_and_loops(y0, k):
    def slope(t, y):
        d_y = np.zeros(2)
        d_y[0] = y[1]
        d_y[1] = -k * y[0]
        for i in range(2):
            d_y[i] += 0.1 * k * i
        return d_y

    sol = solve_ivp(slope, (0.0, 2.0), y0, t_eval=TIMES, **TIGHT)
    return np.sum(COLUMNS * sol.y**2)


@case(START, 0.4)
def it_loops_as_often_as_it_is_told(y0, k):
    n = 3

    def slope(t, y, n):
        total = 0.0
        for i in range(n):
            total = total + k * y ** (i + 1)
        return -total

    return np.sum(solve_ivp(slope, (0.0, 1.0), y0, args=(n,), **TIGHT).y[:, -1] ** 2)


@case(START, 0.5)
def tried(y0, k):
    def decay(t, y):
        if k > 1:
            raise ValueError("too fast")
        return -k * y

    try:
        y = solve_ivp(decay, (0.0, 1.0), y0, **TIGHT).y[:, -1]
    except ValueError:
        y = y0 * k
    return np.sum(y**2)


@case(START, 0.6)
def it_branches(y0, k):
    def slope(t, y):
        if y[0] > 0:
            return -k * y
        raise ValueError("it went below zero")

    return np.sum(solve_ivp(slope, (0.0, 1.0), y0, **TIGHT).y[:, -1] ** 2)


@case(0.5)
def it_does_not_read_the_state(k):
    y = odeint(lambda y, t: k * t, 0.0, [0.0, 1.0, 2.0], **TIGHT)
    return y[-1, 0] * y[1, 0]


@case(START)
def it_reads_nothing_active(y0):
    sol = solve_ivp(lambda t, y: np.array([t, 1.0]), (0.0, 2.0), y0, t_eval=TIMES, **TIGHT)
    return np.sum(COLUMNS * sol.y**2)


# -- states and times ------------------------------------------------------------------------------


@case(0.5, 2.0)
def a_state_that_is_a_number(k, y0):
    y = odeint(lambda y, t: -k * y, y0, [0.0, 1.0, 2.0], **TIGHT)
    return y[-1, 0] * y[1, 0]


@case(START, 0.7)
def the_last_state_alone(y0, k):
    sol = solve_ivp(lambda t, y: [y[1], -k * y[0]], (0.0, 2.0), y0, **TIGHT)
    return sol.y[0, -1] * sol.y[1, -1] + sol.y[0, 0] ** 2


@case(START, 0.7, TIMES)
def times_of_odeint(y0, k, t):
    y = odeint(lambda y, t, k: np.array([y[1], -k * np.sin(y[0]) * t]), y0, t, (k,), **TIGHT)
    return np.sum(ROWS * y * y)


@case(START, 0.1, 1.7)
def the_span(y0, start, end):
    sol = solve_ivp(lambda t, y: [y[1] * t, -np.sin(y[0])], (start, end), y0, **TIGHT)
    return sol.y[0, -1] * sol.y[1, -1] + sol.y[0, 0] ** 2


@case(START, 0.1, np.linspace(0.2, 1.9, 5))
def times_of_solve_ivp(y0, start, times):
    sol = solve_ivp(lambda t, y: [y[1] * t, -np.sin(y[0])], (start, 2.0), y0, t_eval=times, **TIGHT)
    return np.sum(COLUMNS * sol.y**2) + np.sum(sol.t**2)


@case(START, 0.5)
def times_that_fall_and_repeat(y0, k):
    y = odeint(lambda y, t: -k * y * t, y0, np.array([2.0, 1.0, 1.0, 0.5, 0.0]), **TIGHT)
    return np.sum(ROWS * y**2)


@case(np.array([1.0, 2.0], dtype=np.float32), 0.5)
def single_precision(y0, k):
    return np.sum(solve_ivp(lambda t, y: -k * y, (0.0, 1.0), y0, **TIGHT).y[:, -1] ** 2)


# -- the program around it -------------------------------------------------------------------------


@case(START, np.array([0.5, 0.8, 0.3]))
def in_a_loop(y0, rates):
    total, y = 0.0, y0
    for k in rates:
        sol = solve_ivp(lambda t, y: -k * y + 1, (0.0, 1.0), y, **TIGHT)
        y = sol.y[:, -1]
        total += np.sum(y**2)
    return total


@case(np.array([1.0, 0.5]))
def as_long_as_it_is_needed(y0):
    y = y0
    while np.sum(y) > 0.5:
        y = solve_ivp(lambda t, y: -y, (0.0, 1.0), y, **TIGHT).y[:, -1]
    return np.sum(y * y)


@case(START, 0.5)
def in_a_branch(y0, k):
    y = odeint(lambda y, t: -k * y, y0, TIMES, **TIGHT)[-1] if k > 0.3 else y0 * k
    return np.sum(y**2)


@case(START, RNG.normal(size=2))
def what_it_reads_is_written_later(y0, w):
    w = w * 2
    y = solve_ivp(lambda t, y: -w * y, (0.0, 1.0), y0, **TIGHT).y[:, -1]
    w[0] = 5.0
    w *= 3.0
    return np.sum(y**2 * w)


@case(START, RNG.normal(size=2))
def the_state_is_written(y0, w):
    y = y0.copy()
    for _ in range(3):
        y[:] = solve_ivp(lambda t, y: -w * y, (0.0, 1.0), y, **TIGHT).y[:, -1]
        y[0] += w[1]
    return np.sum(y**2)


# -- refused ---------------------------------------------------------------------------------------


@refused("steps that the solver chose", START, error=ValueError)
def states_at_steps(y0):
    return np.sum(solve_ivp(lambda t, y: -y, (0.0, 1.0), y0).y ** 2)


@refused("times that the solver chose", START)
def times_of_steps(y0):
    sol = solve_ivp(lambda t, y: -y, (0.0, 1.0), y0)
    return np.sum(np.diff(sol.t)) + np.sum(sol.y[:, -1])


@refused("does more than return a value", START)
def prints(y0):
    def slope(t, y):
        print(t)
        return -y

    return np.sum(solve_ivp(slope, (0.0, 1.0), y0).y[:, -1])


@refused("which a solver calls, changes", START)
def counts(y0):
    n = 0

    def slope(t, y):
        nonlocal n
        n += 1
        return -y

    return np.sum(solve_ivp(slope, (0.0, 1.0), y0).y[:, -1]) + n


@refused("writes into what it is given", START)
def writes_into_the_state(y0):
    def slope(t, y):
        y *= -1
        return y

    return np.sum(solve_ivp(slope, (0.0, 1.0), y0).y[:, -1])


@refused("full_output= of odeint", START)
def asks_for_everything(y0):
    y, _ = odeint(lambda y, t: -y, y0, TIMES, full_output=True)
    return np.sum(y)


@refused("complex states", np.array([1 + 1j, 2.0]))
def complex_states(y0):
    return np.sum(np.abs(solve_ivp(lambda t, y: -y, (0.0, 1.0), y0).y[:, -1]))


@refused("by its times, in a function whose derivative", TIMES)
def second_derivatives_by_times(t):
    def total(t):
        return np.sum(odeint(lambda y, t: -y * y, START, t) ** 2)

    return np.sum(grad(total)(t))


@refused("a derivative of the solution of an equation is not differentiated by its argument", 1.0)
def second_derivatives_by_a_time_outside(end):
    def last(y):
        return np.sum(solve_ivp(lambda t, y: -y * y, (0.0, end), y).y[:, -1] ** 2)

    return np.sum(grad(last)(START))


def test_states_at_steps_have_no_tangent() -> None:
    def states(y0):
        return solve_ivp(lambda t, y: -y, (0.0, 1.0), y0).y

    y, y_dot = jvp(states, (START,), (np.ones(2),))
    np.testing.assert_allclose(y_dot[:, [0, -1]], [[1.0, math.exp(-1)]] * 2, rtol=1e-3)
    assert np.all(np.isnan(y_dot[:, 1:-1])) and not np.any(np.isnan(y))


# -- second order ----------------------------------------------------------------------------------

AGAIN = {
    "by_closure", "it_branches", "in_a_loop", "the_last_state_alone", "an_object_made_inside",
    "times_that_fall_and_repeat",
}  # fmt: skip


@pytest.mark.parametrize(("fun", "args"), [case for case in CASES if case.id in AGAIN])
@pytest.mark.sampled(4)
def test_second_order(fun: Any, args: Any) -> None:
    rng = np.random.default_rng(3)
    directions = tuple(
        rng.normal(size=a.shape) if isinstance(a, np.ndarray) else rng.normal() for a in args
    )

    def slope(*args):
        return jvp(fun, args, directions)[1]

    check_grads(fun, args, order=2)
    check_grads(slope, args)


def test_the_hessian_of_a_fit() -> None:
    """It is symmetric, and the derivative of the gradient; so is the third derivative right."""
    seen = np.array([0.9, 0.7, 0.4, 0.3, 0.25])

    def misfit(p):
        y = odeint(lambda y, t: -p[0] * y + p[1] * np.sin(y * p[2]), 1.0, TIMES, **TIGHT)
        return np.sum((y[:, 0] - seen) ** 2)

    p, h = np.array([0.8, 0.3, 1.2]), 1e-5
    curvature = hessian(misfit)(p)
    slopes = [grad(misfit)(p + e) - grad(misfit)(p - e) for e in h * np.eye(3)]
    np.testing.assert_allclose(curvature, np.array(slopes) / (2 * h), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(curvature, curvature.T, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(jacobian(grad(misfit))(p), curvature, rtol=1e-6, atol=1e-7)
    check_grads(lambda p: np.sum(hessian(misfit)(p)[:2, 1]), (p,))


def test_what_is_read_of_an_object_outside() -> None:
    """The inner derivative is by the state, the outer one by what a method reads."""

    def speed(net, y0):
        def last(y):
            return np.sum(solve_ivp(net.slope, (0.0, 1.0), y, **TIGHT).y[:, -1] ** 2)

        return np.sum(grad(last)(y0) ** 2)

    h, found = 1e-5, grad(speed)(Net(MATRIX, 0.7), START)
    ends = [speed(Net(MATRIX, 0.7 + step), START) for step in (h, -h)]
    assert found.k == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5, abs=1e-5)
    for at in np.ndindex(MATRIX.shape):
        step = np.zeros_like(MATRIX)
        step[at] = h
        ends = [speed(Net(MATRIX + sign * step, 0.7), START) for sign in (1, -1)]
        assert found.w[at] == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5, abs=1e-5)


class Logistic:
    """A method and its Jacobian, which read attributes in another order."""

    def __init__(self, k: Any, w: Any) -> None:
        self.k, self.w = k, w

    def slope(self, t: Any, y: Any) -> Any:
        return -self.w * self.k * y**2

    def jacobian(self, t: Any, y: Any) -> Any:
        return np.diag(-2 * y) * self.k @ np.diag(self.w)


def test_the_jacobian_of_a_method() -> None:
    def loss(net, y0):
        how = {"method": "BDF", "jac": net.jacobian, **TIGHT}
        return np.sum(solve_ivp(net.slope, (0.0, 1.0), y0, **how).y[:, -1] ** 2)

    w, h = np.array([0.1, 0.5]), 1e-5
    found = grad(loss)(Logistic(0.7, w), START)
    ends = [loss(Logistic(0.7 + step, w), START) for step in (h, -h)]
    assert found.k == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5, abs=1e-4)


# -- accuracy --------------------------------------------------------------------------------------


def stiff(k, y0, method, jac):
    def slope(t, y):
        return [-50 * k * (y[0] - np.cos(t)), y[0] - y[1]]

    def jacobian(t, y):
        return [[-50 * k, 0.0], [1.0, -1.0]]

    how = {"jac": jacobian} if jac else {}
    sol = solve_ivp(slope, (0.0, 2.0), y0, method=method, t_eval=TIMES, rtol=1e-8, atol=1e-8, **how)
    return np.sum(COLUMNS * sol.y**2)


@pytest.mark.parametrize("method", ["BDF", "Radau", "LSODA"])
@pytest.mark.parametrize("jac", [False, True])
@pytest.mark.sampled(3)
def test_stiff_methods(method: str, jac: bool) -> None:
    """All methods find one gradient; going back with the state would grow by exp(300)."""

    def loss(k, y0):
        return stiff(k, y0, method, jac)

    def reference(k, y0):
        return stiff(k, y0, "DOP853", False)

    value, found = value_and_grad(loss, argnums=(0, 1))(3.0, START)
    expected = grad(reference, argnums=(0, 1))(3.0, START)
    assert value == pytest.approx(loss(3.0, START), abs=1e-12)
    for d, wanted in zip(found, expected, strict=True):  # a hundredfold of the tolerances
        np.testing.assert_allclose(d, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_tolerances_mean_the_same_for_every_scale(scale: float) -> None:
    """The adjoint is as large as what the result is multiplied by: the tolerances are not."""

    def loss(k):
        y = solve_ivp(lambda t, y: -k * y, (0.0, 1.0), [2.0], rtol=1e-8, atol=1e-8).y[0, -1]
        return scale * y

    expected = -2 * scale * math.exp(-0.5)
    assert grad(loss)(0.5) == pytest.approx(expected, rel=1e-6)
    assert jvp(loss, (0.5,), (1.0,))[1] == pytest.approx(expected, rel=1e-6)

    def small(k):
        y = solve_ivp(lambda t, y: -k * 1e-9 * y, (0.0, 1.0), [2.0], rtol=1e-8, atol=1e-8)
        return y.y[0, -1]

    assert jvp(small, (0.5,), (1.0,))[1] == pytest.approx(-2e-9, rel=1e-6)
    assert grad(small)(0.5) == pytest.approx(-2e-9, rel=1e-6)


def test_random_cotangents() -> None:
    """The pullback in closed form: y' = a y has y(t) = exp(a t) y0."""

    def states(y0, a):
        return odeint(lambda y, t: a * y, y0, TIMES, **TIGHT)

    a, g = np.array([0.3, -0.8]), RNG.normal(size=(5, 2))
    y, pullback = vjp(states, START, a)
    growth = np.exp(np.outer(TIMES, a))
    d_y0, d_a = pullback(g)
    np.testing.assert_allclose(y, growth * START, rtol=1e-8)
    np.testing.assert_allclose(d_y0, np.sum(g * growth, axis=0), rtol=1e-8)
    np.testing.assert_allclose(d_a, np.sum(g * growth * START * TIMES[:, None], axis=0), rtol=1e-7)


def test_the_state_may_have_another_length_at_the_next_call() -> None:
    def loss(y0, k):
        return np.sum(solve_ivp(lambda t, y: -k * y, (0.0, 1.0), y0, **TIGHT).y[:, -1])

    gradient = grad(loss, argnums=(0, 1))
    for n in (2, 3, 1, 2):
        d_y0, d_k = gradient(np.ones(n), 0.5)
        np.testing.assert_allclose(d_y0, np.full(n, math.exp(-0.5)), rtol=1e-8)
        assert d_k == pytest.approx(-n * math.exp(-0.5), rel=1e-8)


def test_the_value_is_that_of_the_solver() -> None:
    value, _ = value_and_grad(lotka_volterra)(1.0, 0.5, 0.3, 0.9)
    assert value == lotka_volterra(1.0, 0.5, 0.3, 0.9)


def recursive(y, k):
    if np.sum(y) < 0.5:
        return y
    return recursive(solve_ivp(lambda t, z: -k * z, (0.0, 1.0), y, **TIGHT).y[:, -1], k)


@case(START, 0.9)
def in_a_function_that_calls_itself(y0, k):
    return np.sum(recursive(y0, k) ** 2)


def test_the_gradient_reads_as_by_hand() -> None:
    def decay(y, t, k):
        return -k * y

    def loss(y0, k, t):
        y = odeint(decay, y0, t, args=(k,), rtol=1e-9, atol=1e-9)
        return np.sum(y**2)

    source = grad(loss, argnums=(0, 1)).specialize(START, 0.7, TIMES).source
    assert source[source.index("def decay_vjp") :] == BY_HAND


BY_HAND = """\
def decay_vjp(t, y, k):
    # forward
    t_1 = -k  # decay
    out = t_1 * y

    # backward
    def back(d_out):
        return d_out * t_1, -np.vdot(d_out, y)

    return out, back


def decay(t, y, k):
    out = -k * y  # decay
    return out


def loss_grad(y0, k, t):
    # forward
    y = odeint(decay, y0, t, rtol=1e-09, atol=1e-09, tfirst=True, args=(k,))
    # backward
    d_y = 2 * y    # 3: return np.sum(y**2)
    d_t_1 = d_y.T  # 2: y = odeint(decay, y0, t, args=(k,), rtol=1e-9, atol=1e-9)
    d_y0, d_k = ode_adjoint(
        decay, decay_vjp, t, y0, d_t_1, (k,), method="LSODA", rtol=1e-09, atol=1e-09
    )
    return d_y0, float(d_k)
"""

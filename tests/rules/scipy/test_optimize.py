"""Gradients of roots of ``scipy.optimize``, by the implicit function theorem."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize
from scipy.integrate import solve_ivp
from scipy.optimize import bisect, brenth, brentq, fsolve, newton, ridder, root

from adjoint import Unsupported, custom_root, custom_vjp, grad, hessian, hvp, vjp
from adjoint.rules import lookup
from adjoint.testing import check_grads

pytestmark = pytest.mark.sampled(2)

A, B = np.array([[3.0, 1.0], [0.5, 2.0]]), np.array([1.0, 2.0])
W = np.array([0.7, -1.3])
STEPS = 1e-5 * np.eye(2)


def bracketed(k, c):
    x = brentq(lambda x: x**3 + k * x - c, 0.0, 3.0)
    return x * x * k


def by_argument(k, c):
    def cubic(x, p, q):
        return x**3 + p * x - q

    return brentq(cubic, 0, 3, args=(k, c)) * k


def by_one_argument(k):
    return bisect(lambda x, k: x * x - k, 0.0, 3.0, args=k, xtol=1e-13)


def other_searches(k):
    def square(x):
        return x * x - k

    return brenth(square, 0.0, 3.0) * ridder(square, 0.0, 3.0)


def with_a_bracket_that_moves(k, a):
    return brentq(lambda x: x**2 - k, a, 2 * a + 3) * a


def by_secants(k, c):
    return newton(lambda x: x**3 + k * x - c, 1.0, tol=1e-13)


def by_tangents(k, c):
    def slope(x):
        return 3 * x * x + k

    return newton(lambda x: x**3 + k * x - c, 1.0, fprime=slope, tol=1e-13)


def by_parabolas(k):
    return newton(lambda x: x**2 - k, 1.0, fprime=lambda x: 2 * x, fprime2=lambda x: 2.0, tol=1e-13)


def several_at_once(k, c):
    return np.sum(W * newton(lambda x: x**3 + k * x - c, np.array([1.0, 1.0]), tol=1e-13))


def from_where_it_starts(k, x0):
    return newton(lambda x: x * x - k, x0, tol=1e-13) * x0


def system(a, b):
    return np.sum(W * fsolve(lambda x: a @ x + np.sin(x) - b, np.zeros(2), xtol=1e-13))


def with_a_jacobian(a, b):
    def residual(x):
        return a @ x + np.sin(x) - b

    sol = root(residual, [0.0, 0.0], jac=lambda x: a + np.diag(np.cos(x)), tol=1e-13)
    if not sol.success:
        raise RuntimeError(sol.message)
    return np.sum(W * sol.x**2)


def of_a_list(p):
    def residual(z, p):
        x, y = z
        return [x + p[0] * y - 1, y - p[1] * x * x]

    x, y = root(residual, [1.0, 0.5], args=(p,), method="lm", tol=1e-13).x
    return x * y * y


def one_number(k):
    return fsolve(lambda x: x**3 - k, 1.0, xtol=1e-13)[0]


def a_minimum(k):
    def cost(x):
        return np.sum((x - 1) ** 4) + k * np.sum(W**2 * x**2)

    return np.sum(W * root(lambda x: grad(cost)(x), np.array([0.3, 0.4]), tol=1e-13).x)


def of_a_gradient(k):
    def cost(x):
        return np.sum((x - 1) ** 4) + k * np.sum(x**2)

    return np.sum(W * root(grad(cost), np.array([0.3, 0.4]), tol=1e-13).x)


def by_shooting(a, end):
    def pendulum(t, y):
        return [y[1], -a * np.sin(y[0])]

    def miss(slope):
        return solve_ivp(pendulum, (0, 1.0), [0.2, slope], rtol=1e-10, atol=1e-10).y[0, -1] - end

    return newton(miss, 0.5, tol=1e-11) ** 2


def steps_of_an_implicit_method(y0, k):
    y, h = y0, 0.1
    for _ in range(4):
        y = fsolve(lambda z: z - y + h * k * z**3, y, xtol=1e-13)
    return np.sum(W * y)


def reads_nothing_active(k):
    return brentq(lambda x: x * x - 2.0, 0.0, 2.0) * k


CASES = [
    (bracketed, (0.7, 2.0)),
    (by_argument, (0.7, 2.0)),
    (by_one_argument, (2.0,)),
    (other_searches, (2.0,)),
    (with_a_bracket_that_moves, (2.0, 0.3)),
    (by_secants, (0.7, 2.0)),
    (by_tangents, (0.7, 2.0)),
    (by_parabolas, (2.0,)),
    (several_at_once, (0.7, np.array([2.0, 3.0]))),
    (from_where_it_starts, (2.0, 1.2)),
    (system, (A, B)),
    (with_a_jacobian, (A, B)),
    (of_a_list, (np.array([0.3, 0.8]),)),
    (one_number, (2.0,)),
    (a_minimum, (0.5,)),
    (of_a_gradient, (0.5,)),
    (by_shooting, (1.0, 0.1)),
    (steps_of_an_implicit_method, (B, 0.6)),
    (reads_nothing_active, (0.5,)),
]


@pytest.mark.parametrize(("fun", "args"), CASES, ids=lambda v: getattr(v, "__name__", ""))
@pytest.mark.sampled(2)
def test_against_differences(fun: Any, args: Any) -> None:
    once = (by_shooting, reads_nothing_active)  # one solves an equation, the other is linear
    check_grads(fun, args, order=1 if fun in once else 2)


def test_the_third_derivative_and_hessians() -> None:
    def bend(k):
        return hvp(by_one_argument)(k, 1.0)

    np.testing.assert_allclose(bend(2.0), -0.25 * 2.0**-1.5, rtol=1e-9)
    np.testing.assert_allclose(grad(bend)(2.0), 0.375 * 2.0**-2.5, rtol=1e-9)
    rows = hessian(system, 1)(A, B)
    columns = [(grad(system, 1)(A, B + d) - grad(system, 1)(A, B - d)) / 2e-5 for d in STEPS]
    np.testing.assert_allclose(rows, columns, rtol=1e-6, atol=1e-9)


def test_second_order_of_a_root_through_an_equation() -> None:
    check_grads(by_shooting, (1.0, 0.1), order=2)


def recursive(x, n):
    if n < 1:
        return x * x
    return recursive(x * brentq(lambda z: z**3 + z - x - 1.0, 0.0, 5.0), n - 1)


def test_in_a_function_that_stays_one() -> None:
    """It is staged once, and called where fewer and where more derivatives are taken."""

    def called_in_and_outside(x):
        return recursive(x, 2) + grad(recursive)(x, 2)

    def to_two_orders(x):
        return grad(recursive)(x, 2) + grad(grad(recursive))(x, 2)

    check_grads(called_in_and_outside, (1.3,))
    check_grads(to_two_orders, (1.3,))


def test_a_root_that_is_constant_is_not_followed() -> None:
    def flat(k):
        return grad(
            lambda z: z**2 * brentq(lambda x: (x - 0.25) ** 3, -1.0, 1.5, xtol=1e-6) + z * k
        )(k)

    np.testing.assert_allclose(grad(flat)(0.5), 1.5)  # 2 * 0.25 + 1


def cubic(x, a):
    return x * x * x + np.sin(x) - a


SEARCH = custom_root(cubic, lambda start, a: fsolve(lambda x: cubic(x, a), start, xtol=1e-13))
GAIN = np.array([1.0, 2.0])


@custom_vjp
def half_power(k):
    return k**0.5


half_power.defvjp(
    lambda k: (k**0.5, k), lambda k, g: (g / (2 * brentq(lambda x: x * x - k, 0.0, 3.0)),)
)


@custom_vjp
def gained(k):
    return (k * GAIN[0]) ** 0.5


gained.defvjp(
    lambda k: ((k * GAIN[0]) ** 0.5, k),
    lambda k, g: (g / (2 * brentq(lambda x: x * x * GAIN[0] - k, 0.0, 3.0)),),
)


def test_to_second_order_in_a_custom_root() -> None:
    check_grads(lambda a: np.sum(W * SEARCH(np.ones(2), a)), (B,), order=2)


def test_in_a_rule_of_the_user() -> None:
    check_grads(lambda k: half_power(k) * k, (1.7,))
    with pytest.raises(Unsupported, match="reads an attribute or a global array"):
        grad(lambda k: gained(k) * k)(1.7)


def by_a_constant_root(q, a):
    root = brentq(lambda x: x * x - a * q, 0.0, 3.0)
    return grad(lambda z: z**3 * root)(q)


def test_beside_a_derivative_that_does_not_pass_through() -> None:
    check_grads(by_a_constant_root, (1.2, 1.3))


def test_random_cotangents() -> None:
    """A linear system: the root of ``a x - b`` is that of ``np.linalg.solve``."""

    def by_root(a, b):
        return root(lambda x: a @ x - b, np.zeros(2), tol=1e-13).x

    x, pullback = vjp(by_root, A, B)
    expected_x, expected = vjp(lambda a, b: np.linalg.solve(a, b), A, B)
    np.testing.assert_allclose(x, expected_x, rtol=1e-9)
    for found, wanted in zip(pullback(W), expected(W), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-8)


def test_refused() -> None:
    with pytest.raises(Unsupported, match="minimize or least_squares, which are"):
        grad(lambda k: optimize.fmin(lambda x: (x[0] - k) ** 2, [0.0])[0])(0.5)
    with pytest.raises(Unsupported, match="brentq or newton, which are"):
        grad(lambda k: optimize.root_scalar(lambda x: x * x - k, bracket=(0, 2)).root)(0.5)
    with pytest.raises(Unsupported, match="full_output= of brentq"):
        grad(lambda k: brentq(lambda x: x * x - k, 0, 2, full_output=True)[0])(0.5)


def test_every_function_has_an_entry() -> None:
    public = [getattr(optimize, name) for name in optimize.__all__]
    functions = [f for f in public if callable(f) and not isinstance(f, type)]
    missing = [f.__name__ for f in functions if lookup(f) is None]
    assert missing == []

"""Derivatives of many numbers by many, taken inside a function that is itself differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import (
    Unsupported,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)
from tests.modes.test_second_order import slope

X = np.array([0.3, 0.4, 0.5])
M = np.array([[0.3, -0.2, 0.5], [0.1, 0.6, -0.4]])


def equations(z: Any, a: Any) -> Any:
    return np.array([z[0] ** 2 + z[1] - a, np.sin(z[0]) * z[1] - 0.3 * a])


def newton(a: Any) -> Any:
    z = np.array([1.0, 0.5])
    for _ in range(5):
        z = z - np.linalg.solve(jacobian(equations)(z, a), equations(z, a))
    return np.sum(z**2)


def gauss_newton(x: Any) -> Any:
    times = np.array([0.1, 0.5, 0.9])

    def residuals(p: Any) -> Any:
        return (p[0] * np.exp(p[1] * times) - np.cos(times)) * x[0] * 0.1 + x

    p = np.array([1.0, 0.5])
    for _ in range(2):
        r, jac = residuals(p), jacfwd(residuals)(p)
        p = p - np.linalg.solve(jac.T @ jac + np.eye(2), jac.T @ r)
    return p @ p


def laplacian(x: Any) -> Any:
    def net(z: Any) -> Any:
        return np.array([0.4, -0.3]) @ np.tanh(M @ z)

    return np.trace(hessian(net)(x)) ** 2


def physics(w: Any) -> Any:
    """A loss in a function's first and second derivative by time."""

    def u(t: Any) -> Any:
        return np.sum(w * np.sin(w * t))

    total = 0.0
    for t in (0.1, 0.4, 0.8):
        speed, acceleration = jvp(lambda s: jvp(u, (s,), (1.0,))[1], (t,), (1.0,))
        total = total + (acceleration + speed + u(t)) ** 2
    return total


def outer_rows(x: Any) -> Any:
    return np.sum(jacobian(lambda z: np.outer(z, np.sin(z)))(x) ** 2)


def outer_columns(x: Any) -> Any:
    return np.sum(jacfwd(lambda z: np.outer(z, np.sin(z)))(x) ** 2)


def matrix_rows(m: Any) -> Any:
    return np.sum(jacrev(lambda z: np.sin(z) @ z.T)(m) ** 3)


def matrix_columns(m: Any) -> Any:
    return np.sum(jacfwd(lambda z: np.sin(z) @ z.T)(m) ** 3)


def looped(x: Any) -> Any:
    y = x
    for _ in range(3):
        y = np.sin(y) * x + y * y
    return y


def loop_rows(x: Any) -> Any:
    return np.sum(jacobian(looped)(x) ** 2)


def loop_columns(x: Any) -> Any:
    return np.sum(jacfwd(looped)(x) ** 2)


def repeated(x: Any) -> Any:
    total = x
    while np.sum(total * total) < 10:
        total = total * total[0] * 3 + x
    return total


def while_loops(x: Any) -> Any:
    second = np.sum(hessian(lambda z: np.sum(repeated(z)))(x)) * 1e-3
    return np.sum(jacfwd(repeated)(x) ** 2) + np.sum(jacobian(repeated)(x) ** 2) + second


def branches(x: Any) -> Any:
    def g(z: Any) -> Any:
        y = z * z[0] if z[0] > 0 else -z
        return np.where(z > 0.35, y, y * y)

    return np.sum(jacfwd(g)(x) ** 2) + np.sum(jacobian(g)(x) ** 2)


def writes_inside(x: Any) -> Any:
    def g(z: Any) -> Any:
        y = z.copy()
        y[0] = y[1] * y[0]
        y[1:] *= y[0]
        z[0] = 3 * z[1]
        return y * z

    return np.sum(jacfwd(g)(x) ** 2) + np.sum(jacobian(g)(x) ** 2) + x[0]


def writes_into_jacobians(x: Any) -> Any:
    first = jacobian(lambda z: z * z[0])(x)
    first[0] *= 2
    second = hessian(lambda z: np.sum(z**3) * z[0])(x)
    second[:, 1] = first[0]
    return np.sum(first**2) + np.sum(second**2)


def structures(x: Any) -> Any:
    def f(p: Any, q: Any) -> Any:
        return {"a": p["w"] * q, "b": (p["c"] ** 2 * q[0], "n")}

    total = 0.0
    for mode in (jacobian, jacfwd):
        found = mode(f, (0, 1))({"w": x, "c": x[0]}, x * 2)
        assert found["b"][1] is None
        total = total + np.sum(found["a"][0]["w"] * found["a"][1]) + np.sum(found["a"][0]["c"] * x)
        total = total + np.sum(found["b"][0][1] ** 2) * found["b"][0][0]["c"]
    return total


def aux_and_keywords(x: Any) -> Any:
    def f(z: Any, scale: Any = 2.0) -> Any:
        return z * scale * z[0], (np.sum(z), "name")

    total = 0.0
    for mode in (jacobian, jacfwd):
        found, (beside, name) = mode(f, "scale", has_aux=True)(x, scale=x[1])
        assert name == "name"
        total = total + np.sum(found**2) * beside
    value, tangent, (beside, _) = jvp(f, (x, 3.0), (x, None), has_aux=True)
    return total + np.sum(value * tangent) * beside


def third_of_reverse(x: Any) -> Any:
    return np.sum(jacobian(hessian(lambda z: np.sum(np.sin(z) * z[0])))(x) ** 2)


def third_of_forward(x: Any) -> Any:
    return np.sum(jacfwd(jacobian(grad(lambda z: np.sum(np.sin(z) * z[0]))))(x) ** 2)


def pullbacks(x: Any) -> Any:
    _, back = vjp(lambda z: np.cumsum(z) * z, x)
    first = back(x)[0]
    return np.sum(first * back(first)[0])


def products(x: Any) -> Any:
    return np.sum(hvp(lambda z: np.sum(np.exp(z[0] * z) * z[::-1]))(x, x * 2) ** 2)


def by_element(x: Any) -> Any:
    return np.sum(elementwise_grad(np.sin)(x) * x) + elementwise_grad(lambda t: t**3)(x[0])


def numbers(t: Any) -> Any:
    columns = jacfwd(lambda s: np.array([s, s**2, s**3]))(t)
    return columns @ np.array([1.0, 2.0, 3.0]) + jacobian(lambda s: s**3)(t) + hessian(np.sin)(t)


def several(x: Any) -> Any:
    (a, b), (c, d) = hessian(lambda z, s: np.sum(z**2 * s) * s, (0, 1))(x, x[0])
    return np.sum(a) + np.sum(b * c) + d * a[0, 0]


def tangents(x: Any) -> Any:
    value, tangent = jvp(lambda z, k: (np.sin(z) * k, [z[0]]), (x, 2.0), (x * x, None))
    tangent[1].append(1.0)
    tangent[0][1] = 3.0 * x[2]
    return np.sum(value[0] * tangent[0]) + tangent[1][0] * tangent[1][1]


def own_tangents(x: Any) -> Any:
    """What is handed out is not the direction that was given."""
    direction = x * 2
    _, tangent = jvp(lambda z: z, (x,), (direction,))
    tangent[0] = 5.0
    return np.sum(direction * tangent)


def held_outside(x: Any) -> Any:
    return np.sum(ROWS(x) ** 2) + np.sum(SECOND(x)) + np.sum(ALONG((x,), (x,))[1])


ROWS = jacobian(lambda z: z * z[0])
SECOND = hessian(lambda z: np.sum(z**3) * z[0])
ALONG = jvp(lambda z: z * z[1])


def writes_into_what_is_handed_out(x: Any) -> Any:
    _, first = value_and_grad(lambda z: np.sum(z**3))(x)
    _, back = vjp(lambda z: z**3, x)
    (second,) = back(x)
    first[0], second[1] = 5.0, 3.0
    by_part = elementwise_grad(np.sin)(x)
    by_part[2] = 2.0
    return np.sum((first + second + by_part) * x)


PROGRAMS = [
    *(aux_and_keywords, third_of_reverse, third_of_forward, held_outside),
    *(newton, gauss_newton, laplacian, physics, outer_rows, outer_columns, matrix_rows),
    *(matrix_columns, loop_rows, loop_columns, while_loops, branches, writes_inside),
    *(
        writes_into_jacobians,
        structures,
        pullbacks,
        products,
        by_element,
        numbers,
        several,
        tangents,
        own_tangents,
    ),
    writes_into_what_is_handed_out,
]


def argument(fun: Any) -> Any:
    if fun in (newton, numbers):
        return 1.2
    return M if fun in (matrix_rows, matrix_columns) else X


def direction(x: Any, rng: np.random.Generator) -> Any:
    return float(rng.normal()) if isinstance(x, float) else rng.normal(size=x.shape)


def assert_slope(found: Any, fun: Any, x: Any, d: Any) -> None:
    expected = slope(fun, (x,), {0: d})
    np.testing.assert_allclose(np.sum(found * d), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("fun", PROGRAMS, ids=lambda fun: fun.__name__)
@pytest.mark.sampled(4)
def test_reverse_and_forward(fun: Any) -> None:
    x, rng = argument(fun), np.random.default_rng(0)
    d = direction(x, rng)
    gradient = grad(fun)
    assert_slope(gradient(x), fun, x, d)
    np.testing.assert_allclose(jvp(fun, (x,), (d,))[1], np.sum(gradient(x) * d), rtol=1e-10)
    assert "adjoint" not in gradient.source  # plain NumPy


@pytest.mark.parametrize("fun", PROGRAMS, ids=lambda fun: fun.__name__)
@pytest.mark.sampled(6)
def test_second_order(fun: Any) -> None:
    x, rng = argument(fun), np.random.default_rng(1)
    weights, d = direction(x, rng), direction(x, rng)
    gradient = grad(fun)

    def weighted(z: Any) -> Any:
        return np.sum(weights * gradient(z))

    assert_slope(grad(weighted)(x), weighted, x, d)


def aux_at_run_time(x: Any, limit: Any) -> Any:
    return grad(lambda z: (z**2, z), has_aux=limit > 1.0)(x)


def pair_at_run_time(x: Any, limit: Any) -> Any:
    return vjp(lambda z: (z**2, z), x, has_aux=limit > 1.0)[1](1.0)[0]


def number_at_run_time(x: Any, limit: Any) -> Any:
    return grad(lambda a, b: a * b, argnums=int(limit))(x, x)


@pytest.mark.parametrize(
    ("fun", "option", "advice"),
    [
        (aux_at_run_time, "has_aux", "write True or False"),
        (pair_at_run_time, "has_aux", "write True or False"),
        (number_at_run_time, "argnums", "write the numbers down"),
    ],
)
def test_options_that_are_not_known_are_named(fun: Any, option: str, advice: str) -> None:
    with pytest.raises(Unsupported, match=f"{option} is known at run time only") as caught:
        grad(fun)(2.0, 1.5)
    assert advice in str(caught.value)


ASKED: tuple[int, ...] = (0, 1)


def test_what_is_asked_for_may_be_any_sequence_that_is_known() -> None:
    """A list, a tuple of the module, a number that is an argument: as outside."""

    def f(x, y):
        return x * x * y

    def several(x, y, k):
        a, b = grad(f, argnums=[0, 1])(x, y)
        c, d = grad(f, argnums=ASKED)(x, y)
        e = grad(f, argnums=k)(x, y)
        p, q = grad(f, argnums=list(range(2)))(x, y)
        return a * b + c * d + e + p * q + grad(f, argnums=["y"])(x, y)[0]

    x, y = 1.2, 0.7
    for k, d in ((0, 2 * y), (1, 2 * x)):
        expected = 3 * 6 * x**2 * y + d + 2 * x
        assert grad(several, argnums=[0])(x, y, k)[0] == pytest.approx(expected, rel=1e-12)

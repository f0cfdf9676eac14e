"""Jacobians, Hessians and their products, of numbers, arrays and structures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import (
    BadArgument,
    NotScalar,
    Unsupported,
    custom_vjp,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
)

X = np.array([0.3, -0.8, 1.1])
M = np.arange(6.0).reshape(2, 3) / 5


def test_jacobian_is_that_of_differences() -> None:
    def f(m: Any, x: Any) -> Any:
        return np.tanh(m @ x) * x[0]

    of_m, of_x = jacobian(f, (0, 1))(M, X)
    assert (of_m.shape, of_x.shape) == ((2, 2, 3), (2, 3))
    h = 1e-6
    for k, e in enumerate(np.eye(3)):
        np.testing.assert_allclose(of_x[:, k], (f(M, X + h * e) - f(M, X - h * e)) / (2 * h), 1e-7)
    for k in np.ndindex(2, 3):
        e = np.zeros((2, 3))
        e[k] = h
        np.testing.assert_allclose(of_m[:, *k], (f(M + e, X) - f(M - e, X)) / (2 * h), 1e-7, 1e-9)


def test_structures_come_back_as_structures_of_arrays() -> None:
    def f(p: Any, n: int) -> Any:
        return {"y": p["w"] * X**n, "rest": (p["b"] ** 2, "name")}

    found = jacobian(f)({"w": X, "b": 3.0}, 2)
    np.testing.assert_allclose(found["y"]["w"], np.diag(X**2))
    np.testing.assert_allclose(found["y"]["b"], np.zeros(3))
    np.testing.assert_allclose(found["rest"][0]["w"], np.zeros(3))
    assert found["rest"][0]["b"] == 6.0
    assert found["rest"][1] is None


def test_of_a_single_precision_result_of_double_arguments() -> None:
    found = jacrev(lambda x: np.mean(x, dtype=np.float32))(X)
    assert found.dtype == np.float64 and np.allclose(found, 1 / 3)


def test_argnums_keywords_aux_and_whole_numbers() -> None:
    def f(x: Any, scale: float = 2.0) -> Any:
        return x * scale, {"scale": scale}

    found, aux = jacobian(f, "scale", has_aux=True)(X, scale=3.0)
    np.testing.assert_allclose(found, X)
    assert aux == {"scale": 3.0}
    assert jacobian(lambda n: n**2)(3) == 6.0
    assert jacobian(f).__name__ == "f"


def test_functions_without_source() -> None:
    a = np.array([[2.0, 1.0], [0.5, 3.0]])
    inverse = np.linalg.inv(a)
    expected = -np.einsum("ia,bj->ijab", inverse, inverse)
    np.testing.assert_allclose(jacobian(np.linalg.inv)(a), expected)
    np.testing.assert_allclose(elementwise_grad(np.sin)(X), np.cos(X))
    assert grad(np.sin)(0.3) == np.cos(0.3)
    assert grad(grad(np.sin))(0.3) == -np.sin(0.3)


def test_no_elements() -> None:
    assert jacobian(np.sin)(np.zeros(0)).shape == (0, 0)


def test_hessian_and_its_products() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.exp(x[0] * x) * x[::-1])

    found = hessian(f)(X)
    np.testing.assert_allclose(found, found.T)
    v = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(hvp(f)(X, v), found @ v)
    np.testing.assert_allclose(np.stack([jvp(grad(f), (X,), (e,))[1] for e in np.eye(3)]), found)
    assert hessian(lambda x: x**4)(2.0) == 48.0


def test_hessian_of_several_arguments() -> None:
    (xx, xy), (yx, yy) = hessian(lambda x, y: np.sum(x**2 * y), (0, 1))(X, 2 * X)
    np.testing.assert_allclose(xx, np.diag(4 * X))
    np.testing.assert_allclose(xy, np.diag(2 * X))
    np.testing.assert_allclose(yx, np.diag(2 * X))
    np.testing.assert_allclose(yy, np.zeros((3, 3)))


@custom_vjp
def both(p: Any) -> Any:
    return {"y": p["a"] ** 2}, np.sum(p["b"])


both.defvjp(
    lambda p: (both(p), p["a"]),
    lambda a, g: ({"a": 2 * a * g[0]["y"], "b": g[1] * np.ones(3)},),
)


def test_of_several_results_of_a_rule_of_its_own() -> None:
    for mode in (jacobian, jacfwd):
        found = mode(lambda x: both({"a": x, "b": x * x[0]}))(X)
        of_sum = X[0] + np.array([np.sum(X), 0.0, 0.0])
        assert_same(found, ({"y": np.diag(2 * X)}, of_sum))


def test_what_is_refused() -> None:
    with pytest.raises(BadArgument, match="the derivative of a complex result by a complex"):
        jacobian(lambda z: z * 1j)(2j)
    with pytest.raises(BadArgument, match="returns a tuple, and not an array"):
        elementwise_grad(lambda x: (x, x))(2.0)
    with pytest.raises(NotScalar, match="a gradient needs one number"):
        grad(lambda x: (x, x))(2.0)


def test_forward_mode_gives_the_same() -> None:
    def f(p: Any, x: Any, n: int = 2) -> Any:
        return {"y": p["w"] * x**n, "rest": (p["b"] ** 2 * x[0], "name")}, x[1]

    args = ({"w": X, "b": 3.0}, X + 0.5)
    for argnums in (0, 1, "x", (1, 0)):
        forward, backward = (make(f, argnums, has_aux=True) for make in (jacfwd, jacrev))
        assert_same(forward(*args), backward(*args))
    assert_same(
        jacfwd(lambda m, x: np.tanh(m @ x), (0, 1))(M, X),
        jacobian(lambda m, x: np.tanh(m @ x), (0, 1))(M, X),
    )
    assert jacfwd(lambda n: n**2)(3) == 6.0
    assert_same(jacfwd(np.sin)(X), np.diag(np.cos(X)))
    assert_same(jacfwd(lambda x: x * np.zeros((0,)))(2.0), np.zeros(0))
    assert jacfwd(lambda x, k=3.0: k * x, "k")(X).shape == (3,)
    with pytest.raises(BadArgument, match="x is None"):
        jacfwd(lambda x: 1.0)(None)


def assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_same(found[key], expected[key])
    elif isinstance(expected, tuple | list):
        assert type(found) is type(expected) and len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif expected is None:
        assert found is None
    else:
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_columns_are_not_taken_of_different_draws():
    generator = np.random.default_rng(0)

    def noisy(x):
        total = x * 0.0
        for _ in range(3):
            total = total + x**2 * generator.normal()
        return total

    with pytest.raises(Unsupported, match="something else each time"):
        jacfwd(noisy)(np.array([1.0, 2.0]))

"""Functions that are run again for the backward sweep, so that only their arguments are kept."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from adjoint import (
    Unsupported,
    checkpoint,
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
)

X = np.array([0.3, 0.4, 0.5])
W = np.array([[0.3, 0.1, -0.2], [0.5, 0.4, 0.2], [-0.3, 0.2, 0.7]])


def layer(h: Any, w: Any) -> Any:
    a = np.tanh(w @ h)
    b = np.sin(a) * a
    return np.exp(-b * b) + h


step = checkpoint(layer)


def loss(h: Any, w: Any, n: int) -> Any:
    for _ in range(n):
        h = step(h, w)
    return np.sum(h**2)


def loss_without(h: Any, w: Any, n: int) -> Any:
    for _ in range(n):
        h = layer(h, w)
    return np.sum(h**2)


def test_only_the_arguments_of_steps_are_kept() -> None:
    gradient = grad(loss, (0, 1))
    for found, expected in zip(gradient(X, W, 4), grad(loss_without, (0, 1))(X, W, 4), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    forward, _ = gradient.source.split("# backward")
    kept = [line.strip() for line in forward.splitlines() if "[i] =" in line or ".append" in line]
    assert kept == ["h_old[i] = h"]
    without = grad(loss_without, (0, 1))
    without(X, W, 4)
    assert without.source.split("# backward")[0].count("[i] =") > 1


def test_other_modes_and_orders() -> None:
    np.testing.assert_allclose(jvp(loss, (X, W, 3), (X, W, None)),
                               jvp(loss_without, (X, W, 3), (X, W, None)))  # fmt: skip
    np.testing.assert_allclose(hessian(loss)(X, W, 3), hessian(loss_without)(X, W, 3))


def test_outside_of_derivatives_it_is_the_function() -> None:
    np.testing.assert_array_equal(step(X, W), layer(X, W))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(checkpoint(np.tanh)))(X), np.tanh(X))
    np.testing.assert_allclose(grad(checkpoint(np.sum))(X), np.ones(3))


def test_arguments_that_are_written_later_are_kept() -> None:
    square = checkpoint(lambda z: np.sin(z) * z)

    def overwritten(x: Any, f: Any) -> Any:
        b = x * 1.0
        y = f(b)
        b[:] = 0.0
        z = f(b + x)
        b[1] = z[0]
        return np.sum(y * z * x) + np.sum(f(b))

    found = grad(lambda x: overwritten(x, square))(X)
    np.testing.assert_allclose(found, grad(lambda x: overwritten(x, square.fun))(X), rtol=1e-12)


def test_structures_writes_of_its_own_and_keywords() -> None:
    def f(p: Any, k: float = 2.0) -> Any:
        y = p["u"].copy()
        y[0] = y[1] * k
        return {"a": y * y, "b": [p["v"] ** 2, "name"]}

    g = checkpoint(f)

    def total(x: Any, f: Any) -> Any:
        out = f({"u": x, "v": x[0]}, k=3.0)
        return np.sum(out["a"] * x) + out["b"][0]

    np.testing.assert_allclose(grad(lambda x: total(x, g))(X), grad(lambda x: total(x, f))(X))


def test_in_branches_and_inside_one_another() -> None:
    inner = checkpoint(lambda z: np.cos(z) * z)
    outer = checkpoint(lambda z: inner(inner(z)) + z)

    def f(x: Any, keep: Any, again: Any) -> Any:
        total = x
        while np.sum(total) < 4:
            total = again(total) if total[0] > 0.5 else keep(total) * 2
        return np.sum(total**2)

    plain = lambda z: inner.fun(inner.fun(z)) + z  # noqa: E731
    expected = grad(lambda x: f(x, plain, plain))(X + 0.1)
    np.testing.assert_allclose(grad(lambda x: f(x, plain, outer))(X + 0.1), expected, rtol=1e-12)


def test_what_is_printed_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    def f(z: Any) -> Any:
        print("once")
        return z * z

    np.testing.assert_allclose(grad(lambda x: np.sum(checkpoint(f)(x) ** 2))(X), 4 * X**3)
    assert capsys.readouterr().out == "once\n"


def test_draws_are_not_done_again() -> None:
    noisy = checkpoint(lambda z: z * np.random.normal(size=3))
    with pytest.raises(
        Unsupported, match=r"is a checkpoint, and is run again.*\n(.*\n)*.*pass what"
    ):
        grad(lambda x: np.sum(noisy(x)))(X)


def test_what_reaches_it_by_another_way_is_refused() -> None:
    with pytest.raises(Unsupported, match="reaches it in another way than as an argument"):
        grad(lambda x: np.sum(checkpoint(lambda z: z * x)(x * 2)))(X)

    def writes(z: Any) -> Any:
        z[0] = 1.0
        return z

    with pytest.raises(Unsupported, match="writes into an array that it is given"):
        grad(lambda x: np.sum(checkpoint(writes)(x)))(X)


def raw(x: Any) -> Any:
    return np.sin(x) * x


again = checkpoint(raw)
by_pullback = custom_vjp(raw)
by_pullback.defvjp(lambda x: (raw(x), x), lambda x, g: (g * (np.cos(x) * x + np.sin(x)),))
by_tangent = custom_jvp(raw)
by_tangent.defjvp(lambda p, t: (raw(p[0]), t[0] * (np.cos(p[0]) * p[0] + np.sin(p[0]))))


def nested(f: Any) -> list[Any]:
    """Derivatives of derivatives of a function that has a rule of its own."""

    def number(z: Any) -> Any:
        return np.sum(f(z) * z[0])

    return [
        grad(lambda x: np.sum(jvp(f, (x,), (x,))[1] * x))(X),
        grad(lambda x: np.sum(jacobian(f)(x) ** 2))(X),
        grad(lambda x: np.sum(jacfwd(f)(x) ** 2))(X),
        hessian(number)(X),
        grad(lambda x: np.sum(hessian(number)(x) ** 2))(X),
        hvp(number)(X, X),
        grad(lambda x: np.sum(grad(number)(x) ** 2))(X),
    ]


@pytest.mark.parametrize("f", [again, by_pullback, by_tangent])
def test_rules_of_users_in_derivatives_inside(f: Any) -> None:
    for found, expected in zip(nested(f), nested(raw), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_functions_of_libraries() -> None:
    x = np.array([0.3, -0.8])
    found = grad(lambda x: np.sum(checkpoint(np.sin)(x) * checkpoint(np.sum)(x, 0)))(x)
    np.testing.assert_allclose(found, np.cos(x) * np.sum(x) + np.sum(np.sin(x)))

"""Traps of effects: what is drawn, printed, raised, written, shared."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, value_and_grad
from adjoint.errors import AdjointError, Unsupported
from tests.oracle import assert_gradient, assert_owned

V = np.array([0.4, -0.8, 1.5])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


# Random draws


def noisy(x):
    noise = np.random.standard_normal(3)
    return np.sum(x * noise + noise**2)


def test_random_numbers_are_drawn_once():
    np.random.seed(3)
    noise = np.random.standard_normal(3)
    following = np.random.standard_normal()
    np.random.seed(3)
    value, gradient = value_and_grad(noisy)(V)
    assert np.random.standard_normal() == following
    assert value == np.sum(V * noise + noise**2)
    assert gradient.tolist() == noise.tolist()


def test_random_numbers_are_drawn_anew_at_each_call():
    gradient = grad(noisy)
    np.random.seed(4)
    first, second = gradient(V), gradient(V)
    assert not np.array_equal(first, second)


def test_random_draw_that_nobody_needs_still_happens():
    def f(x):
        unused = np.random.standard_normal()  # noqa: F841
        return x * np.random.standard_normal()

    np.random.seed(5)
    np.random.standard_normal()
    used = np.random.standard_normal()
    np.random.seed(5)
    assert grad(f)(2.0) == used


def test_random_generator_as_argument_and_closure():
    def f(x, rng):
        return np.sum(x * rng.normal(size=3)) * rng.uniform()

    rng = np.random.default_rng(6)
    noise, factor = rng.normal(size=3), rng.uniform()
    expected = noise * factor
    np.testing.assert_allclose(grad(f)(V, np.random.default_rng(6)), expected, rtol=1e-14)
    closed = np.random.default_rng(6)
    np.testing.assert_allclose(grad(lambda x: f(x, closed))(V), expected, rtol=1e-14)


def test_draws_inside_a_loop_with_an_exit():
    def f(x, n):
        y = x
        for _ in range(n):
            r = np.random.uniform()
            if r > 0.9:
                break
            y = y * r
        return y

    np.random.seed(7)
    expected, draws = 1.0, 0
    for _ in range(20):
        r, draws = np.random.uniform(), draws + 1
        if r > 0.9:
            break
        expected *= r
    following = np.random.uniform()
    np.random.seed(7)
    assert grad(f)(2.0, 20) == pytest.approx(expected, rel=1e-12)
    assert np.random.uniform() == following


# Prints and other effects


def test_prints_happen_once_and_in_order(capsys):
    def f(x):
        print("start", x)
        y = x * x
        if y > 3:
            print(f"large: {y:.1f}")
        for i in range(2):
            print("trip", i)
            y = y + x
        return y

    value, gradient = value_and_grad(f)(2.0)
    assert (value, gradient) == (8.0, 6.0)
    assert capsys.readouterr().out == "start 2.0\nlarge: 4.0\ntrip 0\ntrip 1\n"
    assert grad(f)(2.0) == 6.0
    assert capsys.readouterr().out == "start 2.0\nlarge: 4.0\ntrip 0\ntrip 1\n"


def test_side_effects_in_dead_looking_code(capsys):
    def f(x):
        dead = print("kept")
        unused = [print(k) for k in range(2)]  # noqa: F841
        _ = dead
        return x * x

    assert grad(f)(3.0) == 6.0
    assert capsys.readouterr().out == "kept\n0\n1\n"


def test_assertion_and_its_message():
    def f(x):
        assert x > 0, f"x is {x}"
        return x * x

    assert grad(f)(3.0) == 6.0
    with pytest.raises(AssertionError, match=r"x is -1\.0"):
        grad(f)(-1.0)


# Where the primal raises, the gradient raises


def raising(x, y, k):
    dead = x[k]  # noqa: F841
    return np.sum(y**2)


def test_index_out_of_range_in_dead_code():
    assert grad(raising, argnums=1)(V, V, 2).tolist() == (2 * V).tolist()
    with pytest.raises(IndexError):
        grad(raising, argnums=1)(V, V, 3)
    with pytest.raises(IndexError):
        grad(lambda x, k: np.sum(x) + 0 * x[k])(V, 7)
    with pytest.raises(IndexError):
        grad(lambda x, k: np.sum(x[np.array([0, k])]))(V, 7)


def test_shapes_that_do_not_agree():
    def f(x, y):
        return np.sum(x + y)

    def dead(x, y):
        _ = x * y
        return np.sum(x)

    for fun in (f, dead):
        gradient = grad(fun)
        assert gradient(V, V).tolist() == [1.0, 1.0, 1.0]
        with pytest.raises(ValueError):
            gradient(V, V[:2])
        with pytest.raises(ValueError):
            gradient(A, V[:2])


def test_products_that_do_not_fit():
    gradient = grad(lambda a, v: np.sum(a @ v))
    with pytest.raises(ValueError):
        gradient(A, V[:2])
    with pytest.raises(ValueError):
        grad(lambda v: np.sum(v.reshape(2, 2)))(V)
    with pytest.raises(ValueError):
        grad(lambda v: np.sum(np.concatenate([A, v], axis=0)))(A.T)


def test_division_of_python_ints_by_zero():
    def f(x, n, m):
        k = n // m
        return x * x + 0 * k

    assert grad(f)(3.0, 4, 2) == 6.0
    with pytest.raises(ZeroDivisionError):
        grad(f)(3.0, 4, 0)
    with pytest.raises(ZeroDivisionError):
        grad(lambda x, n: x + 1 / n)(3.0, 0)
    with pytest.raises(ZeroDivisionError):
        grad(lambda x, n: x + 7 % n)(3.0, 0)


def test_division_of_python_floats_by_zero():
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 / x)(0.0)


def test_errors_of_the_user_under_a_condition():
    def f(x):
        if x < 0:
            raise ValueError(f"negative: {x}")
        return x * x

    assert grad(f)(3.0) == 6.0
    with pytest.raises(ValueError, match=r"negative: -1\.0"):
        grad(f)(-1.0)


def test_missing_keys_and_positions():
    with pytest.raises(KeyError):
        grad(lambda p: p["w"] * p["missing"])({"w": 1.0})
    with pytest.raises(IndexError):
        grad(lambda p: p[0] * p[3])([1.0, 2.0])
    with pytest.raises((AttributeError, AdjointError), match="no_such_thing"):
        grad(lambda x: x.no_such_thing)(V)


def test_unpacking_that_does_not_fit():
    def f(x):
        a, b = x
        return a * b

    assert grad(f)(V[:2]).tolist() == [-0.8, 0.4]
    with pytest.raises(ValueError):
        grad(f)(V)
    with pytest.raises(ValueError):
        grad(f)([1.0, 2.0, 3.0])


def test_wrong_arguments():
    gradient = grad(lambda x, y: x * y)
    with pytest.raises(TypeError):
        gradient(1.0)
    with pytest.raises(TypeError):
        gradient(1.0, 2.0, 3.0)
    with pytest.raises(TypeError):
        gradient(1.0, z=2.0)


def test_empty_reductions():
    with pytest.raises(ValueError):
        grad(lambda x: np.max(x))(np.zeros(0))
    assert grad(lambda x: np.sum(x))(np.zeros(0)).shape == (0,)


# Ownership


@pytest.mark.parametrize(
    "fun",
    [
        lambda x, y: sum(x) + sum(y),
        lambda x, y: np.sum(x + y),
        lambda x, y: np.sum(x) + np.sum(y),
        lambda x, y: np.mean(x - y),
        lambda x, y: np.vdot(x, y),
        lambda x, y: np.sum(x * y),
        lambda x, y: x[0] + y[1],
        lambda x, y: np.sum(x.reshape(3, 1) + y.T),
        lambda x, y: np.sum(np.stack([x, y])[::-1]),
        lambda x, y: np.sum(np.concatenate([x, y])),
        lambda x, y: np.sum(x[::-1] + y),
        lambda x, y: np.sum(np.where(V > 0, x, y)),
        lambda x, y: np.max(x) + np.sum(np.broadcast_to(y, (2, 3))),
    ],
)
def test_gradient_leaves_are_owned_writable_and_distinct(fun):
    gradients = grad(fun, argnums=(0, 1))(V, V + 1)
    assert_owned(gradients, (V, V + 1))
    for gradient in gradients:
        gradient[:] = 7.0
    assert V.tolist() == [0.4, -0.8, 1.5]
    assert_gradient(fun, V, V + 1)


def test_leaf_that_is_used_whole_and_twice():
    gradients = assert_gradient(lambda p: np.sum(p[0] + p[1]) + np.sum(p[1]), (A, A + 1))
    assert not np.shares_memory(*gradients[0])


def test_gradient_does_not_share_with_a_constant():
    weights = np.array([1.0, 2.0, 3.0])
    gradient = grad(lambda x: np.vdot(weights, x))(V)
    gradient[:] = 0.0
    assert weights.tolist() == [1.0, 2.0, 3.0]


def test_gradients_of_two_calls_are_distinct():
    gradient = grad(lambda x: np.sum(x))
    first = gradient(V)
    first[:] = 9.0
    assert gradient(V).tolist() == [1.0, 1.0, 1.0]


def test_auxiliary_results():
    def f(x):
        y = x * 2
        return np.sum(y**2), {"y": y, "count": len(x)}

    gradient, aux = grad(f, has_aux=True)(V)
    assert gradient.tolist() == (8 * V).tolist()
    assert aux["y"].tolist() == (2 * V).tolist() and aux["count"] == 3
    (value, _), gradient = value_and_grad(f, has_aux=True)(V)
    assert value == np.sum((2 * V) ** 2)
    assert gradient.tolist() == (8 * V).tolist()


def test_generators_made_inside_draw_what_they_draw():
    def f(v, seed):
        first, second = np.random.default_rng(seed), np.random.RandomState(seed)
        total = 0.0
        for _ in range(3):
            total = total + np.sum(v * first.normal(size=3)) * second.rand()
        return total * first.integers(1, 9) + v[first.choice(3)]

    for seed in (0, 1):
        rng, old = np.random.default_rng(seed), np.random.RandomState(seed)
        expected = sum(rng.normal(size=3) * old.rand() for _ in range(3)) * rng.integers(1, 9)
        place = rng.choice(3)
        expected[place] += 1.0
        np.testing.assert_allclose(grad(f)(V, seed), expected, rtol=1e-14)


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("shape", [(1,), (2,), (9,), (7, 3), (6, 2, 2)])
def test_rows_are_shuffled_as_numpy_does_and_as_often(make, shape):
    weights = np.arange(1.0, np.prod(shape) + 1).reshape(shape)

    def f(x, rng):
        rng.shuffle(x)
        return np.sum(x * weights) * rng.uniform(1.0, 2.0)

    x = np.random.default_rng(3).normal(size=shape)
    value, gradient = value_and_grad(f)(x, make(5))
    assert value == f(x.copy(), make(5))
    order = np.arange(shape[0])
    rng = make(5)
    rng.shuffle(order)
    expected = np.empty(shape)
    expected[order] = weights * rng.uniform(1.0, 2.0)
    np.testing.assert_allclose(gradient, expected, rtol=1e-14)


def test_shuffled_along_another_axis_is_refused():
    def f(x, rng):
        rng.shuffle(x, axis=1)
        return np.sum(x)

    with pytest.raises(Unsupported, match="something else than the rows"):
        grad(f)(np.ones((2, 2)), np.random.default_rng(0))


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("shape", [(7,), (5, 2), (4, 2, 3)])
@pytest.mark.parametrize("name", ["choice", "permutation"])
def test_items_are_drawn_as_numpy_does_and_as_often(name, shape, make):
    if name == "choice" and make is np.random.RandomState and len(shape) > 1:
        return  # which takes vectors alone

    def f(x, rng):
        sizes = (3,) if name == "choice" else ()
        drawn = getattr(rng, name)(x, *sizes)
        return np.sum(drawn * np.arange(np.size(drawn)).reshape(drawn.shape)) + rng.uniform()

    x = np.random.default_rng(1).normal(size=shape)
    seen, real = make(4), make(4)
    value, gradient = value_and_grad(f)(x, seen)
    assert value == f(x, real)
    assert seen.uniform() == real.uniform()
    assert np.isclose(np.sum(gradient * x), f(x, make(4)) - f(0 * x, make(4)))


def test_items_in_an_order_of_each_axis_are_drawn_once():
    def f(x, rng):
        return np.sum(rng.permuted(x, axis=1) * np.arange(4.0)) + rng.uniform()

    x = np.random.default_rng(1).normal(size=(3, 4))
    seen, real = np.random.default_rng(4), np.random.default_rng(4)
    value, gradient = value_and_grad(f)(x, seen)
    assert value == f(x, real)
    assert seen.uniform() == real.uniform()
    linear = f(x, np.random.default_rng(4)) - f(0 * x, np.random.default_rng(4))
    assert np.isclose(np.sum(gradient * x), linear)

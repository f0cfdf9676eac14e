"""Derivatives of derivatives, in any order: against differences of the first derivative."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad, jvp, no_grad, stop_gradient, value_and_grad, vjp
from tests.oracle import float_argnums, is_float
from tests.programs import REFUSED, Program, corpus
from tests.sampling import is_taken

X = np.array([0.3, -0.8, 1.1])
W = np.array([1.0, -2.0, 0.5])
V = np.array([0.4, 0.7, -1.2])
RNG = np.random.default_rng(0)


def is_plain(one: Program) -> bool:
    """Whether all that is differentiated are numbers and arrays in double precision."""
    asked = [one.args[k] for k in one.argnums or float_argnums(one.args)]
    return all(is_float(a) and np.asarray(a).dtype == np.float64 for a in asked)


TAKEN = [one for one in corpus() if one.name not in REFUSED and is_plain(one)]
MANY_WAYS = (
    *("attempts", "writes_pools", "same_objects"),
    *("lists_edited", "lists_in_lists", "lists_in_parts", "rows_of_lists"),
)
SAMPLE = [one for one in TAKEN if is_taken(one.name, 16 if one.name.startswith(MANY_WAYS) else 40)]
#: What is refused in a function whose derivative is differentiated.
REFUSED_TWICE = (
    *("of a list that grows", "a function that calls itself is", "written under another name"),
    *("may be a view", "may be one array here", "returns a value known at run time only"),
)


def slope(f: Any, args: tuple[Any, ...], directions: dict[int, Any]) -> float:
    """The derivative of `f` along directions of some arguments, by differences."""

    def at(step: float) -> float:
        moved = copy.deepcopy(list(args))
        for k, d in directions.items():
            if isinstance(args[k], np.ndarray):
                moved[k][...] += step * d  # it lies as the argument does
            else:
                moved[k] = type(args[k])(args[k] + step * d)
        return float(f(*moved))

    h = 1e-4
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)


@pytest.mark.filterwarnings("ignore::adjoint.ZeroGradientWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("one", SAMPLE, ids=lambda one: one.name)
def test_gradient_of_a_weighted_gradient(one: Program) -> None:
    asked = one.argnums or float_argnums(one.args)
    first = grad(one.fun, asked)
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=np.shape(one.args[k])) for k in asked]
    directions = {k: rng.normal(size=np.shape(one.args[k])) for k in asked}

    def weighted(*args: Any) -> Any:
        total = 0.0
        for w, d in zip(weights, first(*args), strict=True):
            total = total + np.sum(w * d)
        return total

    try:
        second = grad(weighted, asked)(*copy.deepcopy(one.args))
    except Unsupported as error:
        assert any(words in str(error) for words in REFUSED_TWICE), error
        return
    found = sum(np.sum(d * directions[k]) for k, d in zip(asked, second, strict=True))
    expected = slope(weighted, one.args, directions)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * max(1.0, abs(expected)))


def powers(x: Any, n: int) -> Any:
    y = x
    for _ in range(n):
        y = np.sin(y) * x + y * y
    return y


def test_third_derivative_of_a_loop() -> None:
    second = grad(grad(powers))
    np.testing.assert_allclose(second(0.7, 3), slope(grad(powers), (0.7, 3), {0: 1.0}), rtol=1e-7)
    third = grad(second)(0.7, 3)
    np.testing.assert_allclose(third, slope(second, (0.7, 3), {0: 1.0}), rtol=1e-7)
    assert type(third) is float


def while_loop(a: float) -> float:
    x = a
    while x * x < 50.0:
        x = x * a if x > 3.0 else x + a * a
    return x * x


def test_of_while_loops_with_branches() -> None:
    second = grad(grad(while_loop))
    np.testing.assert_allclose(second(1.3), slope(grad(while_loop), (1.3,), {0: 1.0}), rtol=1e-6)


def test_forward_over_reverse_and_the_other_way() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.sin(x) * x**2) + x[0] * x[1]

    hessian = np.stack([grad(lambda x, e=e: np.sum(e * grad(f)(x)))(X) for e in np.eye(3)])
    np.testing.assert_allclose(hessian, hessian.T)
    _, product = jvp(grad(f), (X,), (W,))
    np.testing.assert_allclose(product, hessian @ W)


def test_what_a_tangent_and_the_function_both_read_of_a_result() -> None:
    def fun(x: Any) -> Any:
        q, r = np.linalg.qr(np.outer(x, W) + 2 * np.eye(3))
        return r[0, 0] * r[1, 2] + q[0, 1] ** 2

    along = jvp(grad(fun), (X,), (V,))[1]
    np.testing.assert_allclose(grad(lambda x: jvp(fun, (x,), (V,))[1])(X), along, rtol=1e-10)
    np.testing.assert_allclose(along, slope_of_gradient(fun), rtol=1e-5)


def slope_of_gradient(fun: Any, h: float = 1e-5) -> Any:
    return (grad(fun)(X + h * V) - grad(fun)(X - h * V)) / (2 * h)


def test_a_function_that_calls_gradients_of_closures() -> None:
    def f(x: Any, lr: float) -> Any:
        def loss(w: Any) -> Any:
            return np.sum((w * x - 1.0) ** 2)

        w = np.zeros(3)
        for _ in range(4):
            w = w - lr * grad(loss)(w)
        return loss(w)

    for k, d in ((0, W), (1, 1.0)):
        found = np.sum(d * grad(f, k)(X, 0.1))
        np.testing.assert_allclose(found, slope(f, (X, 0.1), {k: d}), rtol=1e-8)


def test_what_is_captured_is_not_what_is_differentiated() -> None:
    """The classical confusion of perturbations: d/dx (x * d/dy (x + y)) is 1."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(2.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0


def test_value_and_grad_aux_and_argnums_inside() -> None:
    def loss(a: Any, b: Any, c: Any = 1.0) -> Any:
        return np.sum(a * b**2) * c, {"b": b}

    def f(a: Any, b: Any) -> Any:
        (value, aux), (d_b, d_c) = value_and_grad(loss, argnums=("b", "c"), has_aux=True)(
            a, c=2.0, b=b
        )
        return value + np.sum(W * d_b) * d_c + np.sum(aux["b"])

    def by_hand(a: Any, b: Any) -> Any:
        s = np.sum(a * b**2)
        return 2 * s + np.sum(W * 4 * a * b) * s + np.sum(b)

    for k in (0, 1):
        found, expected = grad(f, k)(X, W), grad(by_hand, k)(X, W)
        np.testing.assert_allclose(found, expected)


def test_pullbacks_inside_are_called_several_times() -> None:
    def f(x: Any, n: int) -> Any:
        def inner(x: Any) -> Any:
            y = x
            for _ in range(n):
                y = np.sin(y) * x
            return y, np.sum(y)

        (y, total), pullback = vjp(inner, x)
        (first,) = pullback((y, 1.0))
        (second,) = pullback((W, total))
        return np.sum(first * second)

    np.testing.assert_allclose(np.sum(W * grad(f)(X, 3)), slope(f, (X, 3), {0: W}), rtol=1e-8)


def test_writes_inside_do_not_reach_the_function_around() -> None:
    def g(x: Any) -> Any:
        x[1:] *= x[:-1]
        return np.sum(W * x**2)

    def f(x: Any) -> Any:
        d = grad(g)(x)
        d[0] = x[1]
        return np.sum(d * x**2)

    given = X.copy()
    found = np.sum(W * grad(f)(given))
    np.testing.assert_array_equal(given, X)
    np.testing.assert_allclose(found, slope(f, (X,), {0: W}), rtol=1e-8)


def test_stops_hold_at_every_level() -> None:
    assert grad(grad(lambda x: x**2 * stop_gradient(x)))(3.0) == 6.0

    def f(x: float) -> float:
        with no_grad():
            scale = grad(lambda y: y**3)(x)
        return scale * x

    assert grad(f)(2.0) == 12.0


def test_structures_and_integers_inside() -> None:
    def f(p: Any) -> Any:
        d = grad(lambda q: np.sum(q["w"] ** 3) * q["b"][0])(p)
        return np.sum(d["w"]) + d["b"][0] ** 2

    d = grad(f)({"w": X, "b": [2.0, "name"]})
    np.testing.assert_allclose(d["w"], 12 * X + 6 * X**2 * np.sum(X**3))
    np.testing.assert_allclose(d["b"][0], np.sum(3 * X**2))
    assert d["b"][1] is None
    assert grad(lambda x: x * grad(lambda n: n**2)(3))(1.0) == 6.0


def test_the_guard_of_the_whole_is_that_of_its_parts() -> None:
    """What the inner function was compiled for is checked when the outer one is called."""
    first = grad(lambda x, y: np.sum(x * y))

    def f(x: Any, y: Any) -> Any:
        return np.sum(first(x, y) ** 2 * y)

    second = grad(f, 1)
    np.testing.assert_allclose(second(X, W), 3 * W**2)
    np.testing.assert_allclose(second(np.ones((2, 3)), W), 2 * 3 * W**2)
    np.testing.assert_allclose(second(X, np.array([2.0])), [9 * 4.0])


def test_globals_of_the_inner_function_are_read_at_each_call() -> None:
    scale = [2.0]
    second = grad(grad(lambda x: scale[0] * x**3))
    assert second(1.0) == 12.0
    scale[0] = 4.0
    assert second(1.0) == 24.0


def test_many_numbers_have_no_gradient() -> None:
    with pytest.raises(Unsupported, match="that returns an array of 1 axis"):
        grad(lambda x: np.sum(grad(lambda y: y * 2)(x)))(X)


def test_an_argument_that_is_not_there() -> None:
    with pytest.raises(Unsupported, match="with respect to c is asked for, which is not given"):
        grad(lambda x: grad(lambda a: a * 2, argnums="c")(x))(1.0)


# -- jvp inside, and all orders of modes -----------------------------------------------------------


def numbers_in_a_list(x: Any, n: int) -> Any:
    xs = []
    for i in range(n):
        xs.append(np.sin(x[i]) * x[i - 1])
    return np.sum(np.array(xs) ** 2 * x)


def arrays_in_a_list(x: Any, n: int) -> Any:
    xs = [x]
    for i in range(n):
        xs.append(np.sin(xs[-1]) * x[i])
    return np.sum(np.stack(xs) ** 2)


def items_put_in(x: Any, n: int) -> Any:
    xs: list[Any] = []
    for i in range(n):
        xs.insert(0, np.sin(x[i]) * x[i - 1])
    for i in range(n):
        xs[i] = xs[i] * xs[0]
    return np.sum(np.array(xs) ** 2 * x)


def items_taken_out(x: Any, n: int) -> Any:
    xs = []
    for i in range(n):
        xs.append(np.sin(x[i]) * x[i - 1])
    taken = xs.pop(1)
    xs.insert(1, taken * taken)
    return sum(xs) ** 2 + max(xs) ** 3


def pieces_of_several_lengths(x: Any, n: int) -> Any:
    xs = []
    for i in range(n):
        xs.append(np.sin(x[i:]) * x[i - 1])
    return np.sum(np.concatenate(xs) ** 3)


def no_rows(x: Any, n: int) -> Any:
    rows = [x[:0]]
    for i in range(n - 3):
        rows.append(x[i:i])
    return np.sum(np.stack(rows) ** 2) + np.sum(x**3)


def lists_in_a_list(x: Any, n: int) -> Any:
    rows: list[Any] = []
    for i in range(n + 2):
        k = np.arange(n + 2)[i] % 2
        if len(rows) <= k:
            rows.append([])
        rows[k].append(np.sin(x[i % n]) * x[i - n])
    total = np.var(rows[0]) * x[0]
    for row in rows:
        for v in row:
            total += v**3
    return total


def a_copy_of_a_list(x: Any, n: int) -> Any:
    xs = []
    for i in range(n):
        xs.append(np.sin(x[i]) * x[i - 1])
    ys, total = xs[:], x[0]
    for i in range(n):
        total = total + ys[i] ** 3 * ys[i - 1]
    return total


def a_list_in_a_list_replaced(x: Any, n: int) -> Any:
    rows: list[Any] = []
    for i in range(n):
        rows.append([x[i] * x[0], np.sin(x[i])])
    rows[1].reverse()
    rows[0][1:] = [x[2] * x[1], x[0]]
    return sum(sum(row) ** 2 for row in rows)


def writes_and_branches(x: Any, n: int) -> Any:
    y = np.zeros_like(x)
    for i in range(n):
        y[i] = np.sin(x[i]) * x[i - 1]
        if y[i] > 0:
            y[i:] += x[i] ** 3
    y[y < 0] *= x[y < 0]
    return np.sum(y**2)


def a_loop_with_exits(x: Any, n: int) -> Any:
    total, k = x[0], 0
    while True:
        total = np.sin(total) * x[k % n] + total**2
        k += 1
        if total > 2.0 or k > n + 1:
            break
    return total * x[1]


def a_stencil(x: Any, n: int) -> Any:
    u = x.copy()
    for _ in range(n):
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
        u[0], u[-1] = u[-1] * u[1], u[0]
    return np.sum(u**3)


def a_closure_that_counts(x: Any, n: int) -> Any:
    state = {"total": 1.0}

    def step(k: int) -> None:
        state["total"] = np.tanh(state["total"] * x[k]) + x[k - 1]

    for k in range(n):
        step(k)
    return state["total"] ** 2


def a_generator(x: Any, n: int) -> Any:
    def powers_of(a: Any) -> Any:
        p = a
        while True:
            yield p
            p = p * a

    return sum(np.sum(p) for p, _ in zip(powers_of(x), range(n), strict=False))


def matrices(x: Any, n: int) -> Any:
    a = np.outer(x, np.cos(x)) + 3 * np.eye(3)
    for _ in range(n):
        a = a @ a / np.trace(a)
    return np.linalg.slogdet(a)[1] + np.linalg.solve(a, x)[0]


def an_array_that_begins_as_none(x: Any, n: int) -> Any:
    best = None
    for k in range(n):
        if best is None:
            best = np.sin(x)
        best[k - 1] *= best[k] + x[k]
    return np.sum(best**3)


COMPOSED = [
    *(numbers_in_a_list, arrays_in_a_list, items_put_in, items_taken_out, no_rows),
    *(a_copy_of_a_list, lists_in_a_list, a_list_in_a_list_replaced),
    *(pieces_of_several_lengths, writes_and_branches, a_loop_with_exits, a_stencil),
    *(a_closure_that_counts, a_generator, matrices, an_array_that_begins_as_none),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", COMPOSED, ids=lambda f: f.__name__)
@pytest.mark.sampled(3)
def test_modes_in_any_order(f: Any) -> None:
    def backwards(x: Any) -> Any:
        return np.sum(W * grad(f)(x, 3))

    def forwards(x: Any) -> Any:
        return jvp(f, (x, 3), (W, None))[1]

    first, expected = slope(lambda x: f(x, 3), (X,), {0: W}), slope(backwards, (X,), {0: V})
    for order_one in (backwards, forwards):
        np.testing.assert_allclose(order_one(X), first, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(np.sum(V * grad(order_one)(X)), expected, rtol=1e-7)
        np.testing.assert_allclose(jvp(order_one, (X,), (V,))[1], expected, rtol=1e-7)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", COMPOSED, ids=lambda f: f.__name__)
@pytest.mark.sampled(4)
def test_third_derivatives(f: Any) -> None:
    def second(x: Any) -> Any:
        return jvp(lambda x: np.sum(W * grad(f)(x, 3)), (x,), (V,))[1]

    expected = slope(second, (X,), {0: W})
    # An error of the differences of 1e-16 / 1e-4 times the value, and h**4 of a seventh derivative.
    near = {"rtol": 1e-6, "atol": 1e-9 * max(1.0, abs(float(second(X))))}
    np.testing.assert_allclose(np.sum(W * grad(second)(X)), expected, **near)
    np.testing.assert_allclose(jvp(second, (X,), (W,))[1], expected, **near)


def test_tangents_inside_are_told_apart() -> None:
    def f(x: float) -> Any:
        return x * jvp(lambda y: x * y**2, (x,), (1.0,))[1]

    assert grad(f)(3.0) == 54.0  # of 2 x**3
    assert jvp(f, (3.0,), (1.0,)) == (54.0, 54.0)
    assert grad(lambda x, v: jvp(lambda y: y**3, (x,), (v,))[1], 1)(2.0, 5.0) == 12.0


def test_structures_and_what_is_held_fixed_inside_jvp() -> None:
    def inner(p: Any, x: Any, name: str) -> Any:
        return {"y": p["w"] * x, "name": name}, np.sum(p["b"])

    def f(w: Any, x: Any) -> Any:
        (out, _), (out_dot, b_dot) = jvp(
            inner, ({"w": w, "b": w[0]}, x, "a"), ({"w": x, "b": 2.0}, None, None)
        )
        assert out_dot["name"] is None
        return np.sum(out["y"] * out_dot["y"]) + b_dot

    # w x * x x, and a constant
    np.testing.assert_allclose(grad(f)(X, W), W**3, rtol=1e-14)
    np.testing.assert_allclose(grad(f, 1)(X, W), 3 * X * W**2, rtol=1e-14)


def test_an_object_that_jvp_made_is_called_inside() -> None:
    tangent = jvp(lambda x: np.sum(x**3))
    np.testing.assert_allclose(grad(lambda x: tangent((x,), (W,))[1])(X), 6 * X * W)


def test_what_jvp_hands_back_inside_may_be_written() -> None:
    def f(x: Any, v: Any) -> Any:
        y, y_dot = jvp(lambda x: x, (x,), (v,))
        y_dot[0] = x[1]
        y[1] = 0.0
        return np.sum(y_dot * v + y * v)

    given, along = X.copy(), W.copy()
    np.testing.assert_allclose(grad(f, 1)(given, along), [-0.5, -4.0, 2.1])
    np.testing.assert_array_equal(given, X)
    np.testing.assert_array_equal(along, W)


def test_parts_of_what_derivatives_hand_back_may_be_written() -> None:
    def of_several(x: Any, v: Any) -> Any:
        value, (d_x, d_v) = value_and_grad(lambda x, v: np.sum(x * v), (0, 1))(x, v)
        d_x[0] = x[1]
        return np.sum(d_x * v) + value * np.sum(d_v)

    def of_structures(x: Any, v: Any) -> Any:
        d = grad(lambda p: np.sum(p["x"] * p["v"]))({"x": x, "v": v})
        d["x"][0] = x[1]
        return np.sum(d["x"] * v) + np.sum(x * v) * np.sum(d["v"])

    def of_pullbacks(x: Any, v: Any) -> Any:
        y, back = vjp(lambda x, v: x * v, x, v)
        (d_x, d_v) = back(np.ones(3))
        d_x[0] = x[1]
        total = np.sum(y)
        y[:] = 0.0
        return np.sum(d_x * v) + total * np.sum(d_v) + np.sum(y)

    def by_hand(x: Any, v: Any) -> Any:
        return x[1] * v[0] + np.sum(v[1:] ** 2) + np.sum(x * v) * np.sum(x)

    for f in (of_several, of_structures, of_pullbacks):
        value, gradients = value_and_grad(f, (0, 1))(X, W)
        expected, by_differences = value_and_grad(by_hand, (0, 1))(X, W)
        np.testing.assert_allclose(value, expected, rtol=1e-14)
        np.testing.assert_allclose(gradients, by_differences, rtol=1e-14)


def test_arguments_of_jvp_inside_that_do_not_fit() -> None:
    with pytest.raises(Unsupported, match="2 arguments and 1 tangents are given"):
        grad(lambda x: jvp(lambda a, b: a * b, (x, x), (1.0,))[1])(1.0)
    with pytest.raises(Unsupported, match="are no tuples"):
        grad(lambda x: jvp(lambda a: a, x, x)[1])(1.0)
    with pytest.raises(Unsupported, match="the tangent must be of the shape"):
        grad(lambda x: np.sum(jvp(lambda a: a * a, (x,), (np.ones(2),))[1]))(X)

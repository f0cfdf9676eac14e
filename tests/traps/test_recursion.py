"""Traps of functions that stay functions: what they read, what they share, how often they run."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, no_grad, value_and_grad, vjp
from adjoint.errors import Unsupported
from tests.oracle import assert_gradient

V = np.array([0.7, -1.3, 0.4, 2.1])
W = np.array([0.3, 1.7, -0.4, 2.2])


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def test_one_gradient_serves_every_number_and_length():
    gradient = grad(power)
    assert [gradient(2.0, n) for n in (1, 3, 2, 5)] == [1.0, 12.0, 4.0, 80.0]
    assert gradient.source.count("def power_vjp") == 1
    text = gradient.source
    gradient(2.0, 9)
    assert gradient.source == text


def test_integers_asked_for_are_promoted():
    assert grad(power)(5, 3) == 75.0


def test_as_deep_as_python_lets_it_go():
    assert np.isclose(grad(power)(1.001, 900), 900 * 1.001**899)
    with pytest.raises(RecursionError):
        grad(power)(1.001, 100_000)


def test_recursion_without_an_end_is_what_it_is():
    def forever(x):
        return forever(x * 0.5) + 1

    with pytest.raises(RecursionError):
        grad(forever)(1.0)


def test_what_raises_below_raises():
    def grown(x):
        if x < 0.1:
            raise ValueError("too small")
        return x if x > 3 else grown(x * 1.5)

    gradient = grad(grown)
    assert gradient(1.0) == 1.5**3
    with pytest.raises(ValueError, match="too small"):
        gradient(0.01)


def test_prints_once_in_order(capsys):
    def shrunk(x):
        print(round(x, 3))
        return x * x if x < 0.5 else shrunk(x * 0.6) * 2

    value_and_grad(shrunk)(2.0)
    assert capsys.readouterr().out.split() == ["2.0", "1.2", "0.72", "0.432"]


def test_closure_reads_names_when_it_is_called():
    def f(x):
        k = 2.0

        def shrunk(t):
            return t if t < 0.5 else shrunk(t * 0.6) * k

        first = shrunk(x)
        k = x * 3
        return first + shrunk(x)

    assert_gradient(f, 1.3)


def test_method_of_a_class_made_inside_reads_names_when_it_is_called():
    def f(x):
        k = 2.0

        class Scale:
            def shrunk(self, t):
                return t if t < 0.5 else self.shrunk(t * 0.6) * k

        first = Scale().shrunk(x)
        k = 3.0
        return first + Scale().shrunk(x)

    with pytest.raises(Unsupported, match="a class that is made inside"):
        grad(f)(1.3)


def falling(a, x):
    return np.sum(a * a) * x if x < 0.5 else falling(a * x, x * 0.6) + x * a[0]


def test_argument_that_is_written_after_the_call():
    def f(v, x):
        a = v * 2
        first = falling(a, x)
        a[0] = x
        a[1] *= 3.0
        return first * 0.3 + falling(a, x) + a[1]

    assert_gradient(f, V, 1.4)


def test_part_of_an_array_that_is_written_in_a_loop():
    def f(v, x):
        a = v * 2
        total = 0.0
        for k in range(1, len(a)):
            total = total + falling(a[:k], x) * (k + 0.5)
            a[k - 1] = a[k] * x
        return total + np.sum(a * W)

    assert_gradient(f, V, 1.4)


def spread(v, x):
    if x < 0.5:
        return np.tanh(v * x)
    y = spread(v * 1.1, x * 0.6)
    return np.exp(y * 0.3)


def test_result_that_is_written_after_the_call():
    def f(v, x):
        y = spread(v, x)
        y[0] = x
        y[1:] *= y[:-1]
        return np.sum(y * W)

    assert_gradient(f, V, 1.4)


def either(v, x):
    return v if x < 0.5 else either(v, x * 0.6)


def test_argument_that_may_be_returned_and_is_written():
    def f(v, x):
        a = v * 2
        b = either(a, x)
        a[0] = x
        return np.sum(a * b)

    with pytest.raises(Unsupported, match="a and b may be one array here"):
        grad(f)(V, 1.4)


def test_one_array_given_twice_and_returned_twice():
    def both(u, v, x):
        if x < 0.5:
            return u, u
        a, b = both(v * x, u, x * 0.6)
        return b, a * v

    def f(v, x):
        a, b = both(v, v, x)
        return np.sum(a * W) + np.sum(b * b)

    assert_gradient(f, V, 1.4)


def test_pullback_through_a_function_is_called_again():
    def f(v, x):
        def folded(k, x):
            total = x
            for j in range(k):
                total = total * 0.7 + v[j] * folded(j, total * 0.3)
            return total

        return folded(len(v), x)

    out, pullback = vjp(f, V, 1.4)
    first, second = pullback(1.0), pullback(2.0)
    assert out == f(V, 1.4)
    assert np.allclose(second[0], 2 * first[0]) and np.allclose(second[1], 2 * first[1])
    assert np.allclose(first[0], grad(f)(V, 1.4))


def test_no_derivative_passes_a_call_under_no_grad():
    def f(x):
        with no_grad():
            y = power(x, 3)
        return y * x

    assert grad(f)(2.0) == 8.0


def test_names_that_the_module_takes():
    def back(x, out):
        power_vjp = x * out
        return power_vjp if out < 0.5 else back(power_vjp, out * 0.6)

    assert_gradient(back, 1.3, 2.0)


def test_function_that_is_called_in_very_many_places_stays_one():
    def big(x, k):
        a = np.sin(x * k)
        b = np.exp(-a * a)
        c = a * b + x
        d = np.tanh(c) * k
        e = d / (1 + b)
        return e * 0.9 + 0.1 * x

    def f(x):
        total = x
        for j in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15):
            for k in (0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.7, 1.9):
                total = total * 0.9 + big(x, k + j)
        return total

    gradient = grad(f)
    step = 1e-6
    assert np.isclose(gradient(0.4), (f(0.4 + step) - f(0.4 - step)) / (2 * step), rtol=1e-6)
    assert gradient.source.count("def big_vjp") == 1
    assert len(gradient.source.splitlines()) < 700


def test_source_before_any_call():
    assert "power" in grad(power).source


@pytest.mark.parametrize(
    ("message", "program"),
    [
        ("another argument may share memory", "overlapping"),
        ("items of the list were moved or replaced", "replacing"),
        ("returns a part of an array that it may write", "showing"),
        ("changes what it is given, in a try", "trying"),
        ("changes what it is given, under no_grad", "constant"),
        ("MARKS, which is no argument and not made inside, is changed", "marking"),
        ("returns the function", "returning"),
        ("returns things of different kinds", "undecided"),
    ],
)
def test_what_such_a_function_may_not_do(message, program):
    with pytest.raises(Unsupported, match=message) as caught:
        grad(globals()[program])(1.0)
    assert caught.value.place is not None
    assert caught.value.advice


def fill(a, k, x):
    if x > 0.1:
        a[k] = x
        fill(a, k + 1, x / 2)


def filling(x):
    a = np.zeros(20)
    fill(a, 0, x)
    return np.sum(a**2)


def test_what_is_written_into_is_right():
    assert_gradient(filling, 1.0)
    assert grad(filling).source.count("def fill_vjp") <= 1


def smooth(a, b, x):
    if x > 0.1:
        a[1:] += x * b[:-1]
        smooth(a, b, x / 2)


def overlapping(x):
    a = np.ones(5) * x
    smooth(a, a.reshape(5, 1)[:, 0], x)
    return np.sum(a**2)


def put(rows, x):
    rows[0] = rows[1] * x
    rows[0][1] += 1.0
    if x > 0.1:
        put(rows, x / 2)


def replacing(x):
    rows = []
    for k in range(3):
        rows.append(np.ones(3) * x * k)
    first = rows[0]
    put(rows, x)
    return np.sum(first)


def shown(a, x):
    a[0] = x
    return a[1:] if x < 0.1 else shown(a, x / 2)


def showing(x):
    a = np.ones(5) * x
    b = shown(a, x)
    a[2] = 3.0
    return np.sum(b)


def trying(x):
    a = np.zeros(20)
    try:
        fill(a, 0, x)
    except ValueError:
        a[0] = x
    return np.sum(a)


def constant(x):
    a = np.ones(20) * x
    with no_grad():
        fill(a, 0, x)
    return np.sum(a)


MARKS = {"depth": 0.0}


def mark(marks, x):
    marks["depth"] = x
    return x if x < 0.1 else mark(marks, x / 2)


def marking(x):
    return mark(MARKS, x) * MARKS["depth"]


def composed(x):
    if x < 0.1:
        return lambda t: t * x
    return composed(x * 0.5)


def returning(x):
    return composed(x)(2.0)


def mixed(x):
    return (x, x) if x < 0.1 else {"x": mixed(x * 0.5)}


def undecided(x):
    return mixed(x)["x"] * x


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_the_caller_stay_as_they_are(dtype):
    def f(v, w, x):
        smooth(v, w, x)
        return np.sum(v * v)

    v, w = V.astype(dtype), W.astype(dtype)
    before = v.copy(), w.copy()
    d_v, d_w = grad(f, argnums=(0, 1))(v, w, 1.4)
    assert np.array_equal(v, before[0]) and np.array_equal(w, before[1])
    assert d_v.dtype == d_w.dtype == dtype
    expected = grad(f, argnums=(0, 1))(V, W, 1.4)
    assert np.allclose(d_v, expected[0], rtol=1e-4)
    assert np.allclose(d_w, expected[1], rtol=1e-4)


def test_what_is_overwritten_has_a_gradient_of_exactly_zero():
    def wipe(a, x):
        a[:] = x
        if x > 0.1:
            wipe(a, x / 2)

    def f(v, x):
        a = v * 2
        total = a[1]
        wipe(a, x)
        return np.sum(a * W) + total

    assert grad(f)(V, 1.4).tolist() == [0.0, 2.0, 0.0, 0.0]


def test_pullback_of_what_is_written_is_called_again():
    def f(v, x):
        a = v * 2
        smooth(a, v, x)
        smooth(a[2:], a[:2], x)
        return a

    out, pullback = vjp(f, V, 1.4)
    assert np.array_equal(out, f(V, 1.4))
    seed = np.array([0.3, -1.1, 0.7, 2.0])
    first, again = pullback(seed), pullback(seed)
    out[:] = 0.0
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[0], pullback(seed)[0])
    assert_gradient(lambda v, x: np.sum(f(v, x) * seed), V, 1.4)


def test_array_is_read_before_and_after_it_is_written():
    def f(v, x):
        a = v * 2
        before = a * 1.0
        part = a[1:]
        smooth(a, v, x)
        return np.sum(before * a) + np.sum(part**2)

    assert_gradient(f, V, 1.4)


def test_views_through_which_is_written():
    def f(v, x):
        a = np.outer(v, v)
        smooth(a.T[1], v, x)
        smooth(a[:, 2], v, x)
        smooth(a[0, ::-1], v, x)
        smooth(a.reshape(-1)[:4], v, x)
        return np.sum(a * np.outer(W, W))

    assert_gradient(f, V, 1.4)


def test_list_that_holds_what_is_written():
    def walk(items, a, x):
        a[0] = x
        return items[0][0] * x if x < 0.5 else walk(items, a, x * 0.6)

    def f(v, x):
        a = v * 2
        items = [a for _ in range(len(v))]
        return walk(items, a, x)

    with pytest.raises(Unsupported, match="a is in a list of which items are changed"):
        grad(f)(V, 1.4)


def test_object_that_came_in_and_is_changed():
    class Meter:
        def __init__(self):
            self.count = 0.0

    def use(meter, x):
        meter.count = meter.count + x
        return x if x < 0.1 else use(meter, x / 2)

    with pytest.raises(Unsupported, match="Meter object that was changed is handed to use"):
        grad(lambda meter, x: use(meter, x) * meter.count, argnums=1)(Meter(), 1.4)


def test_list_of_arrays_that_are_written_after_the_call():
    def folded(xs, x):
        return np.sum(xs[0] ** 2) * x if x < 0.1 else folded(xs, x / 2) * x

    def f(v, x):
        xs = [v * (k + 1) for k in range(len(v))]
        total = folded(xs, x)
        xs[0][0] = 5.0
        return total + np.sum(xs[0] ** 3)

    assert_gradient(f, V, 1.4)


def test_two_names_of_one_array():
    def f(v, x):
        a = v * 2
        b = v * 3
        c = a if x > 1 else b
        smooth(c, v, x)
        return np.sum(a * W) + np.sum(b * b)

    assert_gradient(f, V, 1.4)
    assert_gradient(f, V, 0.9)


def test_a_list_that_grows_is_kept_by_its_other_name():
    def grow(out, x):
        out.append(x)
        if x > 0.3:
            grow(out, x * 0.6)

    def f(x):
        out = [x]
        other = out
        grow(out, x * x)
        other.append(x**3)
        total = 0.0
        for k, item in enumerate(out):
            total += item * (k + 1)
        return total + len(other)

    assert_gradient(f, 1.3)


def test_object_that_is_returned_is_the_one_that_was_given():
    class Sum:
        def __init__(self, total):
            self.total = total

    def last(node, x):
        return node if x < 0.1 else last(node, x / 2)

    def f(x):
        a = Sum(x)
        b = last(a, x)
        a.total = x * x * 5
        return b.total

    assert_gradient(f, 1.3)


@pytest.mark.parametrize("part", [np.real, np.imag, np.abs])
def test_complex_arrays_with_cotangents_that_are_real(part):
    def turn(x, n):
        if n > 0:
            x[2:] = x[2:] * 1j + x[:2] * (1 + 2j)
            x[0] *= x[1] * (0.5 - 1j)
            turn(x, n - 1)

    def f(v, n):
        x = v.astype(complex)
        turn(x, n)
        return np.sum(W * part(x))

    assert_gradient(f, V, 3)

"""Traps of iterators: handed out once, one after the other, and only as far as they are asked."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

from adjoint import grad, value_and_grad
from adjoint.errors import AdjointError

V = np.array([0.4, -0.8, 1.5])


def told(x):
    print("start")
    yield x
    print("middle")
    yield x * x
    print("end")


def test_generator_and_consumer_take_turns(capsys):
    def f(x):
        s = 0.0
        for t in told(x):
            print("body")
            s = s + t
        print("after")
        return s

    assert grad(f)(3.0) == 7.0
    assert capsys.readouterr().out == "start\nbody\nmiddle\nbody\nend\nafter\n"


def test_generator_that_is_left_does_not_go_on(capsys):
    def f(x):
        s = 0.0
        for t in told(x):
            s = s + t
            break
        return s

    assert grad(f)(3.0) == 1.0
    assert capsys.readouterr().out == "start\n"


def test_generator_that_nobody_asks_does_nothing(capsys):
    def f(x):
        told(x)
        return x * x

    assert grad(f)(3.0) == 6.0
    assert capsys.readouterr().out == ""


def test_generator_left_on_a_condition_at_run_time(capsys):
    def f(x, n):
        for k, t in enumerate(told(x)):
            if k == n:
                return t * 2.0
        return x

    for n in (0, 1, 2):
        expected = f(3.0, n)
        printed = capsys.readouterr().out
        value, gradient = value_and_grad(f)(3.0, n)
        assert (value, gradient) == (expected, (2.0, 12.0, 1.0)[n])
        assert capsys.readouterr().out == printed


def test_map_applies_where_the_item_is_reached(capsys):
    def loud(t):
        print("applied", t)
        return t * 2

    def f(x):
        s = x
        for t in map(loud, (1.0, 2.0)):
            print("body")
            s = s * t
        return s

    assert grad(f)(3.0) == 8.0
    assert capsys.readouterr().out == "applied 1.0\nbody\napplied 2.0\nbody\n"


def test_map_that_is_not_used_applies_nothing(capsys):
    def f(x):
        map(print, (1.0, 2.0))
        return x * x

    assert grad(f)(3.0) == 6.0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("make", [iter, lambda v: map(float, v), lambda v: enumerate(v)])
def test_iterator_is_empty_the_second_time(make):
    def f(x):
        held = make([x, 2.0])
        first = len(list(held))
        return x * (first + 10 * len(list(held)))

    assert grad(f)(3.0) == 2.0


def test_generator_expression_is_empty_the_second_time_and_reads_late():
    def f(x):
        k = 2.0
        items = (t * k for t in (x, x))
        k = 5.0
        return sum(items) + sum(items)

    assert grad(f)(3.0) == 10.0


def test_generator_expression_takes_what_it_goes_over_at_once():
    def f(x):
        over = [x, x]
        items = (t * 2 for t in over)
        over = [1.0]
        return sum(items)

    assert grad(f)(3.0) == 4.0


def test_iterator_in_a_loop_is_empty_after_the_first_trip():
    def f(x, n):
        items = iter((x, 2.0 * x))
        s = 5.0 * x
        for _ in range(n):
            for t in items:
                s = s + t
        return s

    assert [grad(f)(3.0, n) for n in (0, 1, 3)] == [5.0, 8.0, 8.0]


def test_iterator_taken_on_a_condition():
    def f(x):
        items = iter((x, 2.0 * x, 5.0 * x))
        if x > 0:
            next(items)
        return next(items)

    assert (grad(f)(3.0), grad(f)(-3.0)) == (2.0, 1.0)


def test_iterator_that_was_left_is_refused_rather_than_begun_again():
    def f(x):
        items = told(x)
        for _ in items:
            break
        return sum(items)

    with pytest.raises(AdjointError, match="left before its end"):
        grad(f)(3.0)


def test_exhausted_iterator_raises():
    def f(x):
        items = iter([x])
        return next(items) * next(items)

    with pytest.raises(StopIteration):
        grad(f)(3.0)


def test_first_clause_of_a_comprehension_runs_once(capsys):
    def f(x):
        stack = [[x, x * x], [5.0]]
        taken = [t * 2 for t in stack.pop(0)]
        return sum(taken) * len(stack)

    value, gradient = value_and_grad(f)(3.0)
    assert value == f(3.0) and gradient == 14.0

    def g(x):
        return sum([t * 2 for t in shown(x)]) / 2

    def shown(x):
        print("shown")
        return [x, x]

    assert grad(g)(3.0) == 2.0
    assert capsys.readouterr().out == "shown\n"


def test_any_and_all_stop_where_they_know(capsys):
    def loud(t):
        print("asked", t)
        return t > 1.0

    def f(x):
        return x * 2 if any(loud(t) for t in (x, 5.0, x)) else x

    assert grad(f)(3.0) == 2.0
    assert capsys.readouterr().out == "asked 3.0\n"
    assert grad(f)(0.5) == 2.0
    assert capsys.readouterr().out == "asked 0.5\nasked 5.0\n"
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: x * any(1 / t > 0 for t in (x - 2.0, x - 3.0)))(3.0 - 1.0)
    assert grad(lambda x: x * any(1 / t > 0 for t in (x - 1.0, x - 3.0)))(3.0) == 1.0


def test_code_of_a_generator_that_raises_when_it_is_reached():
    def items(x):
        yield x
        raise ValueError("reached")

    def first(x):
        for t in items(x):
            return t * 2.0

    assert grad(first)(3.0) == 2.0
    with pytest.raises(ValueError, match="reached"):
        grad(lambda x: sum(items(x)))(3.0)


def test_close_of_a_generator():
    def f(x):
        items = told(x)
        items.close()
        return x * x + sum(items)

    assert grad(f)(3.0) == 6.0


def printing(x):
    for k in range(1, 5):
        print("item", k)
        yield x * k


def same_prints(f, x, gradient, capsys):
    """Assert value and gradient, and that a gradient call prints what a call prints."""
    expected = f(x)
    printed = capsys.readouterr().out
    assert value_and_grad(f)(x) == (expected, gradient)
    assert capsys.readouterr().out == printed


def test_islice_asks_for_no_item_too_many(capsys):
    same_prints(lambda x: sum(itertools.islice(printing(x), 2)), 3.0, 3.0, capsys)
    same_prints(lambda x: sum(itertools.islice(printing(x), 1, 4, 2)), 3.0, 6.0, capsys)

    def nothing(x):
        return x + sum(itertools.islice(printing(x), 0))

    same_prints(nothing, 3.0, 1.0, capsys)


def test_takewhile_asks_for_one_item_more(capsys):
    same_prints(lambda x: sum(itertools.takewhile(lambda t: t < 7, printing(x))), 3.0, 3.0, capsys)


def test_zip_asks_in_turn_and_stops_at_the_first_end(capsys):
    def f(x):
        s = 0.0
        for a, b in zip(printing(x), printing(2 * x), strict=False):
            print("body")
            s = s + a * b
        return s

    same_prints(f, 3.0, 360.0, capsys)

    def short(x):
        return sum(a * b for a, b in zip((1.0, 2.0), printing(x), strict=False))

    same_prints(short, 3.0, 5.0, capsys)


def test_zip_of_a_generator_and_an_array(capsys):
    weights = np.array([0.3, 1.7, -0.4])

    def first(x):
        return sum(w * t for t, w in zip(printing(x), weights, strict=False))

    def second(x):
        return sum(w * t for w, t in zip(weights, printing(x), strict=False))

    for f in (first, second):
        same_prints(f, 3.0, pytest.approx(0.3 + 3.4 - 1.2, rel=1e-14), capsys)


def test_accumulate_and_chain_take_turns(capsys):
    def f(x):
        s = 0.0
        for t in itertools.accumulate(itertools.chain(printing(x), (x,))):
            print("body")
            s = s + t
        return s

    same_prints(f, 3.0, 31.0, capsys)


def test_strict_zip_of_different_lengths_raises():
    def f(x, weights):
        return sum(a * b for a, b in zip(printing(x), weights, strict=True))

    assert grad(f)(3.0, (1.0, 0.0, 1.0, 0.0)) == 4.0
    for n in (3, 5):
        with pytest.raises(ValueError):
            grad(f)(3.0, (1.0,) * n)


def test_empty_iterators_where_one_item_is_needed():
    with pytest.raises(TypeError):
        grad(lambda x: x * sum([]) + itertools_reduce([]))(1.0)
    with pytest.raises(ValueError):
        grad(lambda x: x * max([], key=abs))(1.0)
    assert grad(lambda x: sum(itertools.accumulate([])) + x)(1.0) == 1.0
    assert grad(lambda v: np.sum(v) + sum(itertools.accumulate(v)))(np.zeros(0)).shape == (0,)


def itertools_reduce(items):
    import functools

    return functools.reduce(lambda a, b: a * b, items)


def test_item_of_a_range_counts_from_its_start():
    assert grad(lambda x, n: x * range(2, n, 3)[1])(1.0, 9) == 5.0
    assert grad(lambda x, n: x * range(2, n, 3)[-1])(1.0, 9) == 8.0
    with pytest.raises(IndexError):
        grad(lambda x, n: x * range(2, n, 3)[3])(1.0, 9)


@pytest.mark.parametrize("wrapped", [iter, enumerate, lambda v: (t for t in v)])
def test_what_a_loop_goes_over_is_asked_in_the_loop(wrapped):
    def f(v):
        items = iter(v)
        s = 0.0
        for _ in wrapped(items):
            s = s + next(items) ** 2
        return s

    v = np.array([0.3, -0.8, 1.5, 0.7])
    np.testing.assert_allclose(grad(f)(v), [0.0, 2 * v[1], 0.0, 2 * v[3]])
    with pytest.raises(StopIteration):  # as the function itself
        grad(f)(v[:3])


def test_what_enumerate_left_is_not_taken_for_spent():
    def f(v):
        items = iter(v)
        for i, _ in enumerate(items):
            if i == 1:
                break
        return sum(items)

    np.testing.assert_array_equal(grad(f)(np.ones(5)), [0.0, 0.0, 1.0, 1.0, 1.0])


def test_generator_that_a_loop_left_is_not_used_again():
    def f(v):
        items = (t * t for t in v)
        for t in items:
            if t > 0.5:
                break
        return sum(items)

    with pytest.raises(AdjointError, match="left before its end"):
        grad(f)(V)


def test_list_that_a_function_may_return_is_not_two():
    def halved(xs):
        return xs if xs[0] < 1.0 else halved([x / 2 for x in xs])

    def f(v):
        xs = [x for x in v if x > -9.0]
        ys = halved(xs)
        ys.append(2.0)
        return sum(x * x for x in xs) * len(xs)

    with pytest.raises(AdjointError, match="ys and xs may be one list here"):
        grad(f)(V)


def of_a_list_that_grows(x):
    total, xs = 0.0, [x[0], x[1]]
    for a, b in itertools.zip_longest(xs, [1.0, 2.0], fillvalue=1.0):
        total += a * b
        xs.append(a)
    return total


def of_numbers_that_are_written(x):
    total, y = 0.0, x * 2
    first, second = itertools.tee(y)
    for a in first:
        total += a
        y[-1] = a
    return total + sum(a**2 for a in second)


def of_a_part_that_is_written(x):
    total, xs = 0.0, [x[0], x[1], x[2]]
    for a in itertools.islice(xs, 1, None):
        total += a**2
        xs[-1] = xs[-1] * a
    return total


@pytest.mark.parametrize(
    ("fun", "why"),
    [
        (of_a_list_that_grows, "length changes meanwhile"),
        (of_numbers_that_are_written, r"tee\(\) of an array of numbers that is written"),
        (of_a_part_that_is_written, "changed while a loop or an iterator goes over it"),
    ],
)
def test_what_is_seen_by_an_iterator_only_in_part_is_refused(fun, why):
    with pytest.raises(AdjointError, match=why):
        grad(fun)(V)


def of_a_name_bound_again(x):
    k = 0.7
    numbers = (a * k for a in x if a > 0)
    first = next(numbers)
    k = 3.0
    return first * next(numbers)


def of_a_list_that_grows_meanwhile(x):
    xs = [x[0], x[2]]

    def positive():
        for a in xs:
            if a > 0:
                yield a

    numbers = positive()
    first = next(numbers)
    xs.append(first)
    return first * sum(numbers)


def of_what_is_written(x):
    y = x * 2
    numbers = (a for a in y if a > 0)
    first = next(numbers)
    y[2] = first
    return first * next(numbers)


def of_no_end(x):
    def positive():
        k = 0
        while True:
            if x[k % 3] > 0:
                yield x[k % 3]
            k += 1

    numbers = positive()
    return next(numbers) * next(numbers)


def of_what_prints(x):
    numbers = (print(a) or a for a in x if a > 0)
    return next(numbers) * x[0]


@pytest.mark.parametrize(
    "fun",
    [
        of_a_name_bound_again,
        of_a_list_that_grows_meanwhile,
        of_what_is_written,
        of_no_end,
        of_what_prints,
    ],
)
def test_a_generator_does_not_run_to_its_end_first_where_that_makes_a_difference(fun):
    with pytest.raises(AdjointError, match=r"asked for its next item|advanced on a condition"):
        grad(fun)(V)


def test_nothing_to_reduce_is_an_error_as_in_python():
    def f(x):
        return functools.reduce(lambda p, q: p * q, (a for a in x if a > 2))

    with pytest.raises(TypeError, match="of empty iterable with no initial value"):
        grad(f)(V)

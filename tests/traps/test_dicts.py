"""Dicts by keys known at run time only: what is refused, and what raises as the function does."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad, hessian, jvp, no_grad, value_and_grad, vjp

X = np.array([1.3, -0.7, 2.9, 0.4])
LABELS = np.array([0, 1, 0, 1])


def refused(function: Callable[..., Any], *args: Any) -> str:
    """Assert that a function is refused at the line that is marked HERE; the message."""
    lines, start = inspect.getsourcelines(function)
    at = next(n for n, line in enumerate(lines, start) if "# HERE" in line)
    with pytest.raises(Unsupported) as caught:
        grad(function)(*(args or (X, LABELS)))
    message = str(caught.value)
    assert f"test_dicts.py:{at}:" in message, message
    assert "^" in message and "what to do:" in message
    return message


def test_array_that_is_written_after_it_was_put_into_a_dict_is_refused():
    def f(x, labels):
        row = np.zeros(2)
        d = {}
        for i in range(len(x)):
            row[0] = x[i]  # HERE
            d[labels[i]] = row
        return np.sum(d[0])

    assert "under another name or twice" in refused(f)


def test_array_or_list_at_two_keys_that_is_changed_is_refused():
    def array(x, labels):
        row, d = np.zeros(2), {}
        for k in labels:
            d[k] = row  # HERE
        d[labels[0]][0] += x[0]
        return np.sum(d[labels[1]])

    def items(x, labels):
        row, d = [], {}
        for k in labels:
            d[k] = row  # HERE
        d[labels[0]].append(x[0])
        return sum(d[labels[1]])

    for function in (array, items):
        assert "under another name or twice" in refused(function)


def test_dicts_in_a_dict_are_refused():
    def f(x, labels):
        d = {}
        for k, v in zip(labels, x, strict=True):
            d.setdefault(k, {})[k + 1] = v  # HERE
        return d[0][1]

    assert "keep one dict for all, by pairs: d[i, j] = x" in refused(f)


def test_key_that_comes_while_a_loop_goes_over_the_dict_is_refused():
    def f(x, labels):
        d = {}
        for k in labels:
            d[k] = x[k]
        for k in d:
            d[k + 5] = x[0]  # HERE
        return d[5]

    assert "is changed while a loop" in refused(f)


def test_key_that_goes_while_a_loop_goes_over_the_dict_is_refused():
    def f(x, labels):
        d = {}
        for k in labels:
            d[k] = x[k]
        for k in d:
            del d[k]  # HERE
        return x[0]

    assert "is changed while a loop" in refused(f)


def test_key_that_depends_on_what_is_differentiated_is_refused():
    def f(x, labels):
        d = {}
        for v in x:
            d[v] = v * 2  # HERE
        return sum(k * d[k] for k in d)

    assert "the key of a dict, which depends on" in refused(f)


def test_argument_that_is_written_by_such_a_key_is_refused():
    def f(x, labels, d):
        d[labels[0]] = x[0]  # HERE
        return d[0]

    assert "d = {**d}" in refused(f, X, LABELS, {0: 1.0})


def test_argument_that_gets_a_key_in_some_trips():
    def f(x, d):
        for v in x:
            if v > 1.0:
                d["a"] = v * d["b"]
        return d["a"] * d["b"]

    given = {"b": 3.0}
    gradient = grad(f, (0, 1))
    d_x, d_d = gradient(X, given)
    np.testing.assert_array_equal(d_x, [0.0, 0.0, 9.0, 0.0])
    assert d_d == {"b": 2 * 3.0 * X[2]}
    assert given == {"b": 3.0}
    with pytest.raises(KeyError, match="a"):
        gradient(-(X[:2] ** 2), given)


def test_loop_over_an_argument_that_got_a_key_in_some_trips_is_refused():
    def f(x, d):
        for v in x:
            if v > 1.0:  # HERE
                d["a"] = v
        return sum(k * v for k, v in enumerate(d.values()))

    assert "has other keys" in refused(f, X, {"b": 1.0})


def test_missing_key_raises_as_in_the_function():
    def read(x, labels):
        d = {}
        for k in labels[:1]:
            d[k] = x[k]
        return d[labels[1]]

    def added(x, labels):
        d = {}
        d[labels[0]] += x[0]
        return d[labels[0]]

    def deleted(x, labels):
        d = {labels[0]: x[0]}
        del d[labels[1]]
        return d[labels[0]]

    for function in (read, added, deleted):
        with pytest.raises(KeyError):
            function(X, LABELS)
        with pytest.raises(KeyError):
            grad(function)(X, LABELS)


def test_key_that_cannot_be_hashed_raises_as_in_the_function():
    def f(x, labels):
        d = {}
        d[labels] = x[0]
        return d[labels]

    with pytest.raises(TypeError, match="unhashable"):
        grad(f)(X, LABELS)


def test_keys_that_are_equal_are_one_key():
    def f(x, labels):
        d = {}
        d[labels[1]] = x[0]
        d[1] = d[True] * x[1]
        d[1.0] = d[np.int32(1)] * x[2]
        return d[labels[1]] * len(d)

    value, gradient = value_and_grad(f)(X, LABELS)
    assert value == f(X, LABELS)
    assert np.allclose(gradient, [X[1] * X[2], X[0] * X[2], X[0] * X[1], 0.0])


def test_what_is_put_in_without_gradient_is_constant_and_the_rest_is_not():
    def f(x, labels):
        d = {labels[0]: x[0] ** 2, labels[1]: x[1]}
        with no_grad():
            d[labels[1]] = x[1]
        return d[0] * d[1]

    assert np.allclose(grad(f)(X, LABELS), [2 * X[0] * X[1], 0.0, 0.0, 0.0])


def test_pullback_may_be_called_twice():
    def f(x, labels):
        d = {}
        for k, v in zip(labels, x, strict=True):
            d[k] = d.get(k, 1.0) * v
        return np.array([d[0], d[1]])

    _, pullback = vjp(lambda x: f(x, LABELS), X)
    for direction in ([1.0, 0.0], [0.3, -2.0], [1.0, 0.0]):
        first, second = direction
        wanted = [first * X[2], second * X[3], first * X[0], second * X[1]]
        assert np.allclose(pullback(np.array(direction))[0], wanted)


def squares(x, labels):
    d = {}
    for k, v in zip(labels, x, strict=True):
        d[k] = d.get(k, 0.0) + v * v
    return d


def test_returned_dict_is_the_callers_and_so_is_its_cotangent():
    made, pullback = vjp(lambda x: squares(x, LABELS), X)
    made.clear()
    cotangent = {0: 0.3, 1: -2.0}
    wanted = 2 * X * np.array([0.3, -2.0, 0.3, -2.0])
    for _ in range(2):
        assert np.allclose(pullback(cotangent)[0], wanted)
        assert cotangent == {0: 0.3, 1: -2.0}


def test_tangent_of_a_dict_has_its_keys():
    direction = np.array([0.3, -1.0, 2.0, 0.7])
    made, tangent = jvp(lambda x: squares(x, LABELS), (X,), (direction,))
    assert list(made) == list(tangent) == [0, 1]
    assert np.allclose(tangent[1], 2 * np.sum((X * direction)[LABELS == 1]))


def test_hessian_of_sums_by_label():
    def f(x):
        return sum(v**2 for v in squares(x, LABELS).values())

    same = LABELS[:, None] == LABELS
    sums = np.array([squares(X, LABELS)[k] for k in LABELS])
    wanted = 8 * np.outer(X, X) * same + np.diag(4 * sums)
    assert np.allclose(hessian(f)(X), wanted)


def test_dict_is_new_at_each_call_and_labels_may_be_others():
    def f(x, labels):
        d = {}
        for k, v in zip(labels, x, strict=True):
            d[k] = d.get(k, 0.0) + v * v
        return sum(v**2 for v in d.values())

    gradient = grad(f)
    for labels in ([0, 1, 0, 1], [3, 3, 3, 3], [0, 1, 2, 3], [0, 1, 0, 1]):
        keys = np.array(labels)
        sums = np.array([np.sum(X[keys == k] ** 2) for k in keys])
        assert np.allclose(gradient(X, keys), 4 * sums * X)

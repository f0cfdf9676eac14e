"""Traps of caching: one gradient object, called with ever other kinds of arguments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from adjoint import grad

V = np.array([0.4, -0.8, 1.5])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


def test_dtype_changes():
    gradient = grad(lambda x: np.sum(x * x))
    for dtype in (np.float64, np.float32, np.float64):
        got = gradient(V.astype(dtype))
        assert got.dtype == dtype
        np.testing.assert_allclose(got, 2 * V.astype(dtype), rtol=1e-6)


def test_rank_changes():
    gradient = grad(lambda x: np.sum(x * x) if np.ndim(x) != 2 else np.sum(x**3))
    assert gradient(3.0) == 6.0
    np.testing.assert_allclose(gradient(V), 2 * V)
    np.testing.assert_allclose(gradient(A), 3 * A**2)
    np.testing.assert_allclose(gradient(A[None]), 2 * A[None])
    assert gradient(np.array(3.0)).shape == ()


def test_kind_of_number_changes():
    gradient = grad(lambda x: x**3)
    for x in (2.0, 2, np.float64(2.0), np.array(2.0), np.array([2.0]), np.float32(2.0)):
        assert float(np.asarray(gradient(x)).item()) == 12.0


def test_static_option_changes():
    def f(x, kind="square", bias=None):
        y = x * x if kind == "square" else x**3
        return y if bias is None else y + x * bias

    gradient = grad(f)
    assert gradient(2.0) == 4.0
    assert gradient(2.0, "cube") == 12.0
    assert gradient(2.0, "square", 5.0) == 9.0
    assert gradient(2.0, bias=None) == 4.0
    assert gradient(2.0, bias=0.0) == 4.0


def test_true_and_one_are_not_confused():
    def f(x, flag):
        return x * x if flag is True else x**3 * flag

    gradient = grad(f)
    assert gradient(2.0, True) == 4.0
    assert gradient(2.0, 1) == 12.0
    assert gradient(2.0, 1.0) == 12.0
    assert gradient(2.0, True) == 4.0


def test_zero_and_minus_zero_and_nan():
    def f(x, s):
        return x * np.copysign(1.0, s)

    gradient = grad(f)
    assert gradient(2.0, 0.0) == 1.0
    assert gradient(2.0, -0.0) == -1.0
    assert np.isnan(grad(lambda x: x * x)(float("nan")))


def test_container_length_changes():
    def f(xs):
        y = 1.0
        for x in xs:
            y = y * x
        return y

    gradient = grad(f)
    assert gradient([2.0, 3.0]) == [3.0, 2.0]
    assert gradient([2.0, 3.0, 4.0]) == [12.0, 8.0, 6.0]
    assert gradient((2.0, 3.0)) == (3.0, 2.0)
    assert gradient([2.0]) == [1.0]


def test_long_list_of_arguments():
    values = [0.5 + k / 40 for k in range(40)]
    got = grad(lambda xs: sum([x * x for x in xs]))(values)
    assert type(got) is list
    assert got == pytest.approx([2 * x for x in values])


def test_keys_and_order_of_dict_change():
    gradient = grad(lambda p: sum([v**2 * (3 if k == "b" else 1) for k, v in p.items()]))
    assert gradient({"a": 1.0, "b": 2.0}) == {"a": 2.0, "b": 12.0}
    assert gradient({"b": 2.0, "a": 1.0}) == {"b": 12.0, "a": 2.0}
    assert gradient({"a": 1.0, "c": 2.0}) == {"a": 2.0, "c": 4.0}


def test_trip_count_changes():
    def f(x, n):
        y = 1.0
        for _ in range(n):
            y = y * x
        return y

    gradient = grad(f)
    with_trips = [gradient(2.0, n) for n in (3, 1, 7, 2)]
    assert with_trips == [12.0, 1.0, 448.0, 4.0]
    for n in range(1, 60):
        assert gradient(1.0, n) == n


def test_axis_changes():
    gradient = grad(lambda a, axis: np.sum(np.max(a, axis=axis) ** 2))
    for axis in (0, 1, -1, None):
        top = A == np.max(A, axis=axis, keepdims=True)
        np.testing.assert_allclose(gradient(A, axis), 2 * A * top)


def test_index_of_a_list_changes():
    gradient = grad(lambda layers, k: layers[k] ** 2 * layers[-1])
    assert gradient([2.0, 3.0, 5.0], 0) == [20.0, 0.0, 4.0]
    assert gradient([2.0, 3.0, 5.0], 1) == [0.0, 30.0, 9.0]
    assert gradient([2.0, 3.0, 5.0], -1) == [0.0, 0.0, 75.0]


def test_function_argument_changes():
    gradient = grad(lambda x, f: f(x) * x)
    assert gradient(0.5, np.sin) == pytest.approx(np.cos(0.5) * 0.5 + np.sin(0.5))
    assert gradient(0.5, lambda t: t * t) == pytest.approx(0.75)
    assert gradient(0.5, lambda t: t) == pytest.approx(1.0)
    assert gradient(0.5, np.sin) == pytest.approx(np.cos(0.5) * 0.5 + np.sin(0.5))


@dataclass
class Model:
    w: np.ndarray
    kind: str = "square"

    def __call__(self, x):
        y = self.w * x
        return np.sum(y**2) if self.kind == "square" else np.sum(y)


class Other(Model):
    def __call__(self, x):
        return super().__call__(x) * 2


def test_class_and_attributes_of_object_change():
    gradient = grad(lambda model, x: model(x))
    np.testing.assert_allclose(gradient(Model(V), 2.0).w, 8 * V)
    np.testing.assert_allclose(gradient(Model(V, "linear"), 2.0).w, [2.0, 2.0, 2.0])
    np.testing.assert_allclose(gradient(Other(V), 2.0).w, 16 * V)
    assert type(gradient(Other(V), 2.0)) is Other
    np.testing.assert_allclose(gradient(Model(A), 2.0).w, 8 * A)


def test_more_signatures_than_are_kept():
    gradient = grad(lambda x, *more: np.sum(x * x) + sum(more))
    for rank in range(5):
        for extra in range(10):
            x = np.full((1, 2, 1, 3)[:rank] or (), 3.0)
            more = [float(k) for k in range(extra)]
            np.testing.assert_allclose(gradient(x, *more), np.full(x.shape, 6.0))


def test_memory_order_changes():
    gradient = grad(lambda a: np.sum(a.reshape(-1) * np.arange(6.0)))
    for a in (A, np.asfortranarray(A), A[::-1], A[:, ::-1]):
        np.testing.assert_allclose(gradient(a), np.arange(6.0).reshape(2, 3))

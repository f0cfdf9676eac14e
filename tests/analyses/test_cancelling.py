"""Cotangents that are zero because the sums in them cancel."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from adjoint import grad
from adjoint.analyses.cancelling import is_zero
from adjoint.ir.values import ListOf
from tests.optimise.writer import MATRIX, VECTOR, Writer

Z = np.array([[0.3, -1.2, 2.0], [0.0, 0.5, 0.1]])


def log_softmax(z):
    z = z - np.max(z, axis=1, keepdims=True)
    return np.sum((z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))[:, 0])


def without_keepdims(z):
    z = z - z.max(axis=1)[:, None]
    return np.sum((z - np.log(np.exp(z).sum(axis=1))[:, None])[:, 0])


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return np.sum((e / np.sum(e, axis=-1, keepdims=True)) ** 2)


def softmax_of_a_vector(z):
    e = np.exp(z[0] - np.max(z[0]))
    return np.sum((e / np.sum(e)) ** 2)


def softmax_along_columns(z):
    e = np.exp(z - np.max(z, axis=0))
    return np.sum((e / e.sum(axis=0)) ** 2)


def log_sum_exp(z):
    m = np.max(z, axis=1)
    return np.sum(m + np.log(np.sum(np.exp(z - m[:, None]), axis=1)))


def axes_by_position(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return np.sum((e / e.sum(-1, keepdims=True)) ** 2)


LABELS = np.random.default_rng(7).uniform(size=(2, 3))


def cross_entropy(z, labels=LABELS):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return -np.sum(labels * np.log(e / np.sum(e, axis=1, keepdims=True)))


def in_place(z):
    e = z * 1.0
    e -= e.max(axis=-1, keepdims=True)
    p = np.exp(e)
    p /= p.sum(axis=-1, keepdims=True)
    return np.sum(p**2)


def in_one_buffer(z):
    z = z.copy()
    z -= np.max(z, axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return np.sum(z**2)


SHIFTED = [
    in_place,
    in_one_buffer,
    log_softmax,
    without_keepdims,
    softmax,
    softmax_of_a_vector,
    softmax_along_columns,
    log_sum_exp,
    axes_by_position,
    cross_entropy,
]


def scaled(z):
    e = np.exp(z / np.max(z, axis=1, keepdims=True))
    return np.sum((e / np.sum(e, axis=1, keepdims=True)) ** 2)


def of_other_axes(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return np.sum((e / np.sum(e, axis=0, keepdims=True)) ** 2)


def permuted(z):
    e = np.exp(z - np.max(z, axis=1)[[1, 0], None])
    return np.sum((e / np.sum(e, axis=1)[[1, 0], None]) ** 2)


def written_after_the_sum(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    s = np.sum(e, axis=1, keepdims=True)
    e[:, 0] = 2 * e[:, 0]
    return np.sum((e / s) ** 2)


def written_through_a_view(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    view = e[:, :]
    s = np.sum(view, axis=1, keepdims=True)
    e[:, 0] *= z[:, 0]
    return np.sum((view / s) ** 2)


def added_back(z):
    s = z * 1.0
    m = s.max(axis=1, keepdims=True)
    s -= m
    total = np.log(np.exp(s).sum(axis=1, keepdims=True))
    s += m
    s -= total
    return np.sum(s * [1.0, 2.0, -1.0])


def changed_after_the_sum(z):
    e = z * 1.0
    e -= e.max(axis=1, keepdims=True)
    np.exp(e, out=e)
    s = e.sum(axis=1, keepdims=True)
    e *= [1.0, 2.0, 3.0]
    e /= s
    return np.sum(e * [1.0, 2.0, -1.0] + e**2 * e.max())


def in_a_loop(z):
    s = z * 1.0
    for _ in range(3):
        s -= s.max(axis=1, keepdims=True)
        e = np.exp(s)
        e /= e.sum(axis=1, keepdims=True)
        s *= e + 0.5
    return np.sum(e * [1.0, 2.0, -1.0])


OTHERS = [
    scaled,
    of_other_axes,
    permuted,
    written_after_the_sum,
    written_through_a_view,
    added_back,
    changed_after_the_sum,
    in_a_loop,
]


@pytest.mark.parametrize("fun", SHIFTED)
def test_nothing_flows_into_a_shift(fun):
    gradient = grad(fun)
    gradient(Z)
    assert "count_nonzero" not in gradient.source


@pytest.mark.parametrize("fun", OTHERS)
def test_it_does_into_other_maxima(fun):
    gradient = grad(fun)
    gradient(Z)
    assert "count_nonzero" in gradient.source


@pytest.mark.parametrize("fun", [*SHIFTED, *OTHERS])
def test_gradients_are_right(fun):
    found = grad(fun)(Z)
    for at in np.ndindex(Z.shape):
        step = np.zeros_like(Z)
        step[at] = 1e-6
        slope = (fun(Z + step) - fun(Z - step)) / 2e-6
        assert abs(found[at] - slope) <= 1e-8 * (1 + abs(slope))


def test_with_ties_the_gradient_is_that_without_the_shift():
    tied = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]])
    p = np.exp(tied) / np.exp(tied).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(grad(log_softmax)(tied), [[1, 0, 0], [1, 0, 0]] - p, rtol=1e-14)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_row_that_is_not_finite_has_no_finite_gradient(value):
    z = Z.copy()
    z[0, 1] = value
    found = grad(log_softmax)(z)
    assert np.isnan(found[0]).all()
    np.testing.assert_array_equal(found[1], grad(log_softmax)(Z)[1])


def test_a_row_with_a_logit_of_minus_infinity():
    z = Z.copy()
    z[0, 1] = -np.inf
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    found = grad(log_softmax)(z)
    np.testing.assert_allclose(found, [[1, 0, 0], [1, 0, 0]] - p, rtol=1e-14)


def test_a_constant_that_is_not_finite_is_not_taken_apart():
    w = Writer(("x", MATRIX), ("y", VECTOR))
    x = w.params[0]
    assert is_zero(w(np.subtract, x, x), w.builder.definitions, w.facts)
    assert not is_zero(w(np.multiply, x, np.nan), w.builder.definitions, w.facts)
    infinite = w(np.multiply, x, np.inf)
    assert is_zero(w(np.subtract, infinite, infinite), w.builder.definitions, w.facts)
    assert not is_zero(w(np.subtract, x, w.params[1]), w.builder.definitions, w.facts)


def test_two_readings_of_an_item_that_is_written_between_them_do_not_cancel():
    w = Writer(("xs", ListOf(MATRIX)))
    xs = w.params[0]
    item = w(operator.getitem, xs, 0)
    difference = w(np.subtract, w(np.sum, item), w(np.sum, item))
    assert is_zero(difference, w.builder.definitions, w.facts)
    assert not is_zero(difference, w.builder.definitions, w.facts, {xs})

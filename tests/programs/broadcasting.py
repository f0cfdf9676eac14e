"""Operands of unlike shapes and dtypes, each asked for its gradient."""

import numpy as np

from tests.programs import program

W3 = np.array([0.7, -1.3, 2.1])
W43 = np.array([[0.3, -1.2, 0.9], [1.7, 0.4, -0.6], [-0.8, 2.2, 0.1], [0.5, -0.9, 1.4]])
A43 = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7], [1.5, 0.2, 0.6], [-1.1, 0.8, 2.3]])
ROW = np.array([1.4, 0.6, -0.9])
COLUMN = np.array([[0.8], [-0.5], [1.9], [0.3]])
CUBE = np.linspace(-1.0, 1.3, 24).reshape(2, 4, 3)


@program(1.7, ROW)
def number_times_vector(s, v):
    return np.sum(W3 * (s * v))


@program(A43, ROW)
def matrix_plus_row(a, r):
    return np.sum(W43 * (a + r) ** 2)


@program(A43, COLUMN)
def matrix_over_column(a, c):
    return np.sum(W43 * (a / c))


@program(COLUMN, ROW)
def column_times_row(c, r):
    return np.sum(W43 * (c * r - r))


@program(ROW, A43)
def smaller_operand_first(r, a):
    return np.sum(W43 * (r - a) * r)


@program(CUBE, A43, ROW, 0.7)
def three_ranks(u, a, r, s):
    return np.sum(W43 * (u * a + r) * s)


@program(np.array(1.3), ROW)
def zero_d_array(z, r):
    return np.sum(W3 * (z * r + z))


@program(np.array([[1.3]]), ROW)
def one_by_one(z, r):
    return np.sum(W3 * (z * r))


@program(np.array([1.3]), 0.4)
def one_element(z, s):
    return z * z * s


@program(np.abs(A43) + 0.2, ROW)
def power_broadcast(a, r):
    return np.sum(W43 * a**r)


@program(A43, ROW)
def maximum_broadcast(a, r):
    return np.sum(W43 * np.maximum(a, r)) + np.sum(W43 * np.minimum(a * a, 1.0))


@program(A43, ROW, 0.3, peer=False)
def where_broadcast(a, r, s):
    return np.sum(W43 * np.where(a > 0.5, r * a, s))


@program(ROW, COLUMN)
def none_index_broadcast(r, c):
    return np.sum(W43 * (r[None, :] * c[:, 0][:, None] + c))


@program(ROW, peer=False)
def broadcast_to(r):
    return np.sum(W43 * np.broadcast_to(r * r, (4, 3)))


@program(A43)
def centred_by_mean(a):
    d = a - a.mean(axis=0)
    e = d / np.sqrt(np.sum(d**2, axis=1, keepdims=True))
    return np.sum(W43 * e)


@program(A43)
def pairwise_differences(a):
    d = a[:, None, :] - a[None, :, :]
    return np.sum(np.sum(d**2, axis=-1) * np.arange(16.0).reshape(4, 4))


@program(A43.astype(np.float32), np.float32(0.5))
def single_precision(a, s):
    return np.sum(W43.astype(np.float32) * np.tanh(a * s))


@program(A43.astype(np.float32), ROW)
def mixed_precision(a, r):
    return np.sum(W43 * (a * r))


@program(ROW.astype(np.float32), 0.7)
def single_with_python_number(r, s):
    return np.sum(r * s) * 0.5


@program(np.array([2, 3, 4]), 0.7)
def integer_array_and_number(k, s):
    return np.sum(W3 * s**k) + np.sum(k * s)


@program(np.asfortranarray(A43), ROW[::-1])
def other_memory_layouts(a, r):
    return np.sum(W43 * a * r) + np.sum(a.reshape(-1)[2:5] * r)


@program(np.zeros((0, 3)), ROW)
def empty_array(a, r):
    return np.sum(a * r) + np.sum(W3 * r**2)


@program(A43, 0.5)
def number_reused_across_shapes(a, s):
    t = a * s
    return np.sum(W43 * t) * s + np.sum(W3 * t[0] * s)


@program(ROW, np.array([0.2, 0.3, -0.4]))
def outer_by_broadcast(u, v):
    m = u[:, None] * v[None, :]
    return np.sum(m @ m * W43[:3])

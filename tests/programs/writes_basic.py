"""Assignments into arrays: every kind of target, every kind of value, one idea each."""

import math

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(101)
W3, W5 = (RNG.normal(size=n) for n in (3, 5))
W34, W33 = (RNG.normal(size=shape) for shape in ((3, 4), (3, 3)))
W234 = RNG.normal(size=(2, 3, 4))

V3 = np.array([0.4, -0.9, 1.3])
V4 = np.array([0.7, 0.2, -1.1, 0.5])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])
M33 = np.array([[0.5, -0.3, 0.8], [1.2, 0.7, -0.6], [-0.9, 0.4, 1.5]])


@program(V5, 0.7, peer=False)
def one_entry(x, s):
    x[2] = s * x[0]
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def last_entry(x, s):
    x[-1] = np.sin(s) * x[-2]
    return np.sum(W5 * x)


@program(M34, 0.7, peer=False)
def entry_of_matrix(m, s):
    m[1, 2] = s * m[0, 3] * m[1, 2]
    return np.sum(W34 * m**2)


@program(M34, 0.7, peer=False)
def entry_by_two_brackets(m, s):
    m[1][2] = s * m[0][3]
    return np.sum(W34 * m**2)


@program(V5, 0.7, peer=False)
def inner_slice(x, s):
    x[1:-1] = s * x[:-2] * x[2:]
    return np.sum(W5 * x)


@program(V5, V3, peer=False)
def strided_slice(x, y):
    x[::2] = y * y
    return np.sum(W5 * x**2)


@program(V5, V3, peer=False)
def negative_step(x, y):
    x[3:0:-1] = np.sin(y)
    return np.sum(W5 * x**2)


@program(V5, V3, peer=False)
def new_axis_in_the_target(x, y):
    x[::2, None] = (y**2)[:, None]
    return np.sum(W5 * np.sin(x))


@program(M34, V3, peer=False)
def new_axis_broadcast(m, y):
    m[:, None, :2] = y[:, None, None] * 2
    return np.sum(W34 * m**2)


@program(V5, 0.7, peer=False)
def mask_gets_number(x, s):
    x[x < 0] = s**2
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def mask_gets_entries(x, s):
    mask = x > 0.5
    x[mask] = s * np.sin(x[mask])
    return np.sum(W5 * x)


@program(V5, np.array([0.6, -0.4]), peer=False)
def mask_gets_vector(x, y):
    x[x < 0] = y * y
    return np.sum(W5 * x**2)


@program(M34, 0.3, peer=False)
def mask_of_matrix(m, s):
    m[np.abs(m) > 1] = s
    m[m < 0] = -s * m[m < 0]
    return np.sum(W34 * m**2)


@program(M34, V4, peer=False)
def mask_of_rows(m, row):
    m[m[:, 0] > 0] = row * 2
    return np.sum(W34 * m**2)


@program(M34, V3, peer=False)
def mask_of_columns_after_index(m, y):
    m[1, np.array([True, False, True, True])] = y**2
    return np.sum(W34 * m)


@program(V5, V4, peer=False)
def repeated_index_last_wins(x, y):
    x[[0, 2, 0, 3]] = y**2
    return np.sum(W5 * x**2)


@program(M34, M33, peer=False)
def repeated_rows_last_wins(m, rows):
    idx = np.array([2, 0, 2])
    m[idx, :3] = rows * 3
    return np.sum(W34 * m**2)


@program(M34, V3, peer=False)
def repeated_pairs_last_wins(m, y):
    m[[0, 1, 0], [1, 2, 1]] = np.sin(y)
    return np.sum(W34 * m**2)


@program(V5, 0.7, peer=False)
def index_array_gets_number(x, s):
    x[[0, 3, 3]] = s * x[1]
    return np.sum(W5 * x**2)


@program(M34, np.array([0.4, 0.9]), peer=False)
def columns_by_index_array(m, y):
    m[:, [3, 0]] = y**2
    return np.sum(W34 * m**2)


@program(M34, np.array([[0.4, 0.9], [-0.3, 1.2]]), peer=False)
def open_mesh(m, y):
    m[np.ix_([0, 2], [1, 3])] = y**2
    return np.sum(W34 * m**2)


@program(V5, peer=False)
def ranks_by_argsort(x):
    y = np.empty(5)
    y[np.argsort(x)] = np.sin(x) * W5
    return np.sum(W5 * y**2)


@program(V5, V3, peer=False)
def where_positive_by_nonzero(x, y):
    x[np.nonzero(x > 0)] = y**2
    return np.sum(W5 * x**2)


@program(M34, 0.7, peer=False)
def ellipsis(m, s):
    z = np.zeros((3, 4))
    z[...] = m * s
    return np.sum(W34 * z**2)


@program(RNG.normal(size=(2, 3, 4)), V3, V4, peer=False)
def ellipsis_among_others(t, y, z):
    t[..., 1] = y * 2
    t[0, ...] = np.sin(z)
    t[1, ..., 2] = y**2
    return np.sum(W234 * t**2)


@program(M34, 0.7, peer=False)
def number_into_slices(m, s):
    m[1:, ::2] = s * s
    m[0] = s
    return np.sum(W34 * m**2)


@program(M34, V4, peer=False)
def row_into_matrix(m, row):
    z = m.copy()
    z[1:] = np.sin(row)
    return np.sum(W34 * z * m)


@program(M34, V3, peer=False)
def column_into_matrix(m, column):
    m[:, 1:3] = column[:, None] ** 2
    return np.sum(W34 * m**2)


@program(V5, 0.7, peer=False)
def index_objects(x, s):
    inner, at = slice(1, -1), (0,)
    x[inner] = s * x[inner] ** 2
    x[at] = s
    return np.sum(W5 * x)


@program(0.4, 0.9, peer=False)
def list_into_slice(a, b):
    x = np.ones(5)
    x[1:3] = [a * b, np.sin(a)]
    x[3:] = b, a
    return np.sum(W5 * x**2)


@program(0.4, 0.9, peer=False)
def numbers_of_math(a, b):
    x = np.zeros(3)
    x[0] = math.sin(a)
    x[1] = math.exp(-a * b)
    x[2] = 3
    return np.sum(W3 * x**2)


@program(V5, peer=False)
def integers_into_floats(x):
    for i in range(1, 4):
        x[i] = i
    x[4] = True
    return np.sum(W5 * x**2 * x[0])


@program(0.4, peer=False)
def array_without_axes(s):
    z, y = np.zeros(()), np.zeros(())
    z[...] = s**2
    y[()] = z * s
    return np.sin(z) * y


@program(V5, peer=False)
def entry_written_twice(x):
    x[1] = x[0] ** 2
    x[1] = x[1] * x[2]
    x[1] = np.sin(x[1])
    return np.sum(W5 * x)


@program(V5, 0.3, peer=False)
def write_read_write(x, s):
    total = x[0] ** 2
    x[0] = s * x[1]
    total = total + np.sin(x[0])
    x[0] = total * s
    return total * x[0] + np.sum(W5 * x)


@program(V5, peer=False)
def empty_then_filled(x):
    y = np.empty(len(x))
    y[0] = x[0]
    y[1:] = x[1:] * x[:-1]
    return np.sum(W5 * y**2)


@program(M34, peer=False)
def empty_like_by_rows(m):
    z = np.empty_like(m)
    for i in range(m.shape[0]):
        z[i] = np.cumsum(m[i] ** 2)
    return np.sum(W34 * z)


@program(V5, peer=False)
def zeros_by_enumerate(x):
    y = np.zeros_like(x)
    for i, value in enumerate(x):
        y[i] = value * np.sin(value)
    return np.sum(W5 * y)


@program(M33, peer=False)
def full_and_ones(m):
    z, one = np.full((3, 3), 0.5), np.ones(3)
    z[0, 1:] = m[1, :2]
    one[1] = m[2, 2] ** 2
    return np.sum(W33 * z**2) + np.sum(one * z[0])


# What is written and what is read overlap.


@program(M34, peer=False)
def column_from_its_neighbour(p):
    p[:, -1] = p[:, -2]
    p[0, :] = p[1, :]
    return np.sum(W34 * p**2)


@program(V5, peer=False)
def shifted_onto_itself(x):
    x[1:] = x[:-1] * x[1:]
    return np.sum(W5 * x)


@program(V5, peer=False)
def reversed_onto_itself(x):
    x[:] = x[::-1] * W5
    return np.sum(W5 * x**2)


@program(V5, 0.2, peer=False)
def stencil_in_place(u, c):
    u[1:-1] = u[1:-1] + c * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(W5 * u**2)


@program(M33, peer=False)
def transposed_onto_itself(m):
    m[:] = m.T * W33
    return np.sum(W33 * m**2)


@program(V5, peer=False)
def permuted_onto_itself(x):
    x[[0, 1, 2]] = x[[2, 0, 1]]
    return np.sum(W5 * x**2)


@program(V5, peer=False)
def index_held_in_the_array(x):
    x[int(np.argmax(x))] = x[int(np.argmin(x))] * x[0]
    return np.sum(W5 * x**2)


@program(V5, peer=False)
def lists_made_in_loops_are_written(v):
    a = np.ones((3, len(v) + 1))
    a[0, :-1] = [x * x for x in v]
    a[1:, 1:] = [np.sin(x) for x in v]
    a[1, 2:] *= [x + 1 for x in v[1:]]
    a[:, 0] += [x for x in v if x > 0.5][:1]
    a[2] -= [x * a[0, 1] for x in a[0]]
    return np.sum(a * np.cos(np.arange(a.size)).reshape(a.shape))


@program(V5, peer=False)
def lists_of_lists_made_in_loops_are_written(v):
    a = np.empty((len(v), len(v)))
    a[:, :] = [[x * y + k for k, y in enumerate(v)] for x in v]
    a[[0, 1]] = [x * 2 for x in v]
    d = {k: x * x for k, x in enumerate(v)}
    a[-1] = list(d.values())
    b = a.copy()
    b[1:3] += [[x * 2 for x in v], [y**2 for y in v]]
    b *= [x - 1 for x in v]
    return np.sum(a * np.cos(np.arange(a.size)).reshape(a.shape)) + b[1] @ b[2]


@program(V5, peer=False)
def a_list_of_one_is_written_to_many(v):
    few = []
    for x in v:
        if x > v[1] and not few:
            few.append(x * v[0])
    a = np.zeros((2, 4))
    a[:, 1:] = few
    a[0] *= few
    return np.sum(a * np.array([[1.0, 2.0, -1.0, 0.5], [0.3, 1.0, 4.0, -2.0]]))

"""Writes by functions, methods and attributes: ufunc.at, copyto, fill, sort, flat."""

import functools
import operator

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(104)
W3, W5, W6 = (RNG.normal(size=n) for n in (3, 5, 6))
W34, W33, W12 = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 3)), RNG.normal(size=12)

V3 = np.array([0.4, -0.9, 1.3])
V4 = np.array([0.7, 0.2, -1.1, 0.5])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
U5 = np.array([1.2, 0.5, -0.4, 0.9, 0.2])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])
M33 = np.array([[0.5, -0.3, 0.8], [1.2, 0.7, -0.6], [-0.9, 0.4, 1.5]])


# ufunc.at


@program(V5, V4, peer=False)
def add_at_with_repeats(x, e):
    np.add.at(x, [0, 2, 0, 3], e**2)
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def add_at_of_number(x, s):
    np.add.at(x, np.array([1, 1, 4]), s * x[0])
    return np.sum(W5 * x**2)


@program(M34, V3, peer=False)
def add_at_pairs(a, e):
    np.add.at(a, ([0, 2, 0], [1, 1, 1]), e)
    np.add.at(a, (slice(None), [0, 3, 0]), e[:, None] * 2)
    return np.sum(W34 * a**2)


@program(V5, V4, peer=False)
def subtract_at(x, e):
    np.subtract.at(x, [1, 1, 2, 4], np.sin(e))
    return np.sum(W5 * x**2)


@program(V5, V4, peer=False)
def multiply_at(x, e):
    np.multiply.at(x, [1, 1, 2, 4], e)
    return np.sum(W5 * x**2)


MASK5, MASK34 = V5 > 0, M34 > 0.3


@program(V5, V3, 1.4, peer=False)
def multiply_at_a_mask(x, e, s):
    np.multiply.at(x, MASK5, e)
    np.multiply.at(x, U5 > 0.3, s)
    return np.sum(W5 * x**2)


@program(M34, V3, 1.4, peer=False)
def multiply_at_pairs_and_masks(a, e, s):
    np.multiply.at(a, ([0, 2, 0], [1, 1, 1]), e)
    np.multiply.at(a, (slice(None), [3, 3]), e[:2])
    np.divide.at(a, MASK34, s)
    return np.sum(W34 * a**2)


@program(V5, V4, peer=False)
def multiply_at_one_place_and_at_a_matrix_of_places(x, e):
    np.multiply.at(x, 2, e[0])
    np.multiply.at(x, np.array([[0, 1], [1, 3]]), e.reshape(2, 2))
    np.maximum.at(x, slice(1, 4), e[1] - 0.5)
    return np.sum(W5 * x**2)


@program(V5, V3, peer=False)
def divide_at(x, e):
    np.divide.at(x, [1, 1, 2], e)
    return np.sum(W5 * x**2)


@program(V5, peer=False)
def unary_at(x):
    np.negative.at(x, [0, 1])
    np.exp.at(x, [2, 3])
    return np.sum(W5 * x**2)


@program(V4, np.array([0.2, 0.9, 0.4, 0.6]), peer=False)
def weighted_histogram(x, weights):
    h = np.zeros(3)
    np.add.at(h, np.digitize(x, [-0.5, 0.4]), weights * x)
    return np.sum(W3 * h**2)


@program(V5, peer=False)
def assembly_of_elements(k):
    a = np.zeros((6, 6))
    for e in range(5):
        at = [e, e + 1]
        a[np.ix_(at, at)] += k[e] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return W6 @ a @ a @ W6


# Functions that write


@program(V5, U5, peer=False)
def copyto(x, y):
    np.copyto(x[1:3], y[:2] ** 2)
    np.copyto(x, 0.4 * y, where=x < 0)
    return np.sum(W5 * x**2)


@program(M34, V4, peer=False)
def copyto_broadcasts(a, row):
    z = np.empty((3, 4))
    np.copyto(z, row)
    np.copyto(z, a, where=a > 0.35)
    np.copyto(z[2], 1.5)
    return np.sum(W34 * z**2)


@program(V5, 0.7, peer=False)
def fill(x, s):
    x[:2].fill(s)
    z = np.empty(5)
    z.fill(s * s)
    return np.sum(W5 * x**2 * z)


@program(M34, V3, peer=False)
def put(a, e):
    np.put(a, [0, 5, 11], e)
    a.put([2, -2], e[:2] ** 2)
    return np.sum(W34 * a**2)


@program(V5, V3, peer=False)
def put_with_repeats(x, e):
    np.put(x, [1, 1, 4, 0], e)
    return np.sum(W5 * x**2)


@program(V5, np.array([0.6, 0.4]), peer=False)
def place(x, e):
    np.place(x, x > 0, e)
    return np.sum(W5 * x**2)


@program(V5, U5, peer=False)
def putmask(x, y):
    np.putmask(x, x > 0, y**2)
    np.putmask(x, x < -1, 0.3 * y)
    return np.sum(W5 * x**2)


@program(M34, V3, peer=False)
def put_along_axis(a, e):
    np.put_along_axis(a, np.array([[1], [3], [0]]), e[:, None], axis=1)
    return np.sum(W34 * a**2)


@program(M33, 0.7, peer=False)
def fill_diagonal(a, s):
    np.fill_diagonal(a, s)
    np.fill_diagonal(a[1:, :2], s**2)
    return np.sum(W33 * a**2)


@program(M34, V3, 0.7, peer=False)
def fill_diagonals_that_begin_again_or_of_three_axes(a, e, s):
    tall = np.concatenate([a.T, a.T])[:, :2] * 1.0
    np.fill_diagonal(tall, s * e[0], wrap=True)
    cube = a[:, :3, None] * e
    np.fill_diagonal(cube, e**2)
    return np.sum(tall**2 * tall[0]) + np.sum(W33 * cube**2)


@program(M33, V3, peer=False)
def fill_diagonal_with_entries(a, e):
    z = np.zeros((3, 3))
    np.fill_diagonal(z, e)
    return np.sum(W33 * (z @ a @ z))


@program(M33, V3, peer=False)
def diagonal_by_indices(a, e):
    a[np.diag_indices(3)] += e**2
    a[np.triu_indices(3, 1)] = e
    a[np.arange(3), np.arange(3)] *= 2
    return np.sum(W33 * a**2)


@program(V5, peer=False)
def sorted_in_place(x):
    y = x[:]
    x.sort()
    return np.sum(W5 * x**2) + y[0] * x[1]


@program(M34, peer=False)
def sorted_along_axes(a):
    a.sort(axis=0)
    a[1].sort()
    a[:, ::-1].sort(axis=-1)
    return np.sum(W34 * a**2)


@program(V5, peer=False)
def partitioned_in_place(x):
    x.partition(2)
    return x[2] ** 2 + np.sum(x[3:] ** 2) * x[:2].sum()


@program(V5, peer=False)
def rows_shuffled_by_generator(x):
    np.random.default_rng(3).shuffle(x)
    return np.sum(W5 * x**2)


# Attributes and iterators that write


@program(M34, 0.7, peer=False)
def flat_entries(a, s):
    a.flat[3] = s
    a.flat[[1, 7]] = s**2
    a.flat[8:10] *= s
    return np.sum(W34 * a**2)


@program(M33, V3, peer=False)
def flat_steps(a, e):
    a.flat[::4] = e
    a.flat[1::4] += e[:2]
    return np.sum(W33 * a**2)


@program(M34, V4, peer=False)
def flat_whole(a, row):
    z = np.empty((3, 4))
    z.flat = row
    z[1] *= a[0]
    return np.sum(W34 * z**2)


@program(M34, V3, peer=False)
def transpose_written(a, e):
    a.T[1] = e
    a.T[0, 2] = e[0] ** 2
    a.T[2:] *= e
    return np.sum(W34 * a**2)


@program(V3, V4[:3], peer=False)
def real_and_imaginary_parts(a, b):
    z = np.zeros(3, dtype=complex)
    z.real = a
    z.imag = b * a
    z.real[0] = b[1]
    z.imag[1:] *= 2
    w = z * z
    return np.sum(W3 * w.real) + np.sum(W3 * w.imag)


@program(V5, 0.7, peer=False)
def real_part_of_reals(x, s):
    x.real = s * x
    x.real[1:3] = s
    return np.sum(W5 * x**2)


@program(M34, peer=False)
def shape_assigned(a):
    b = a * 2
    b.shape = (2, 6)
    b[1] = b[0] ** 2
    b.shape = 12
    b[3:5] *= b[0]
    return np.sum(W12 * b)


@program(V3, peer=False)
def resized_in_place(x):
    y = x * 1.0
    y.resize(5, refcheck=False)
    y[3:] = x[:2] ** 2
    return np.sum(W5 * y**2)


@program(M34, peer=False)
def iterated_places(a):
    for index, value in np.ndenumerate(a.copy()):
        a[index] = value * np.sin(value) + 0.1 * a[0, 0]
    return np.sum(W34 * a)


@program(M34, peer=False)
def iterated_indices(a):
    z = np.zeros((4, 3))
    for i, j in np.ndindex(3, 4):
        z[j, i] = a[i, j] ** 2
        z[j, i] -= z[0, 0] * a[i, 0]
    return np.sum(W34 * z.T)


@program(V5, U5, peer=False)
def setitem_by_operator_method(x, y):
    x.__setitem__(0, y[1] ** 2)
    x.__iadd__(y)
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def functions_of_operator_that_write(x, s):
    y = x * 2
    z = operator.iadd(y, s)  # z is y
    operator.setitem(y, 1, s * x[0])
    operator.imul(y[2:], s)
    s = operator.isub(s, 0.3)
    return np.sum(W5 * y * z) * s


@program(V5, peer=False)
def functions_of_operator_on_lists(x):
    xs = [x[0]]
    ys = xs
    xs = operator.iadd(xs, [x[1], x[2] * 2])
    operator.delitem(ys, 0)
    operator.iconcat(ys, [x[3]])
    return np.sum(W3 * np.array(xs).__abs__())


@program(V5, peer=False)
def summed_in_place_by_reduce(x):
    return np.sum(W5 * functools.reduce(operator.iadd, [x * 1.0, x**2, np.sin(x)]))


@program(V5, 0.7, peer=False)
def errstate_around_a_write(x, s):
    z = np.zeros(5)
    with np.errstate(divide="ignore", invalid="ignore"):
        z[:] = s / (x + 3)
        z[1:] /= z[:-1]
    return np.sum(W5 * z)


@program(V5, V3, peer=False)
def put_beyond_the_ends(x, e):
    np.put(x, [0, 7, -4], e, mode="wrap")
    x.put([9, -2], e[:2] ** 2, mode="clip")
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def nan_to_num_in_place(x, s):
    z = x * s
    np.nan_to_num(z, copy=False)
    z[0] += x[1]
    return np.sum(W5 * z**2)


@program(np.array([0.4, -0.8, 1.5, 0.3]), 0.7, peer=False)
def arguments_by_name(x, s):
    a = np.zeros(shape=(3, 3))
    np.fill_diagonal(a, val=s * x[0])
    np.put(a=a, ind=[1, 5], v=x[:2])
    np.copyto(dst=a[2], src=x[1:] * s, where=np.array([True, False, True]))
    np.putmask(a, mask=a > 1.0, values=s)
    b = np.ndarray(shape=(2, 2), dtype=float)
    b[:] = np.array(object=x * s).reshape(2, 2)
    c = np.full(shape=(2, 2), fill_value=s) @ b
    return np.sum(a * np.cos(np.arange(9.0)).reshape(3, 3)) + np.max(a=c) * np.diag(v=b)[0]

"""Results written into a given array: out= by keyword and position, with where= and views."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(110)
W3, W4, W5, W6 = (RNG.normal(size=n) for n in (3, 4, 5, 6))
W34, W33 = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 3))

V3 = np.array([0.4, -0.9, 1.3])
V4 = np.array([0.7, 0.2, -1.1, 0.5])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
U5 = np.array([1.2, 0.5, -0.4, 0.9, 0.2])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])
M33 = np.array([[0.5, -0.3, 0.8], [1.2, 0.7, -0.6], [-0.9, 0.4, 1.5]])


@program(V5, U5, peer=False)
def out_by_keyword(x, y):
    z = np.empty(5)
    np.multiply(x, y, out=z)
    np.sin(z, out=z)
    return np.sum(W5 * z)


@program(V5, U5, peer=False)
def out_by_position(x, y):
    z = np.empty_like(x)
    np.multiply(x, y, z)
    np.exp(z, z)
    return np.sum(W5 * z)


@program(V5, U5, peer=False)
def out_as_a_tuple(x, y):
    z = np.empty(5)
    np.add(x, y, out=(z,))
    return np.sum(W5 * z**2)


@program(V5, U5, peer=False)
def out_is_an_argument(x, y):
    np.multiply(x, y, out=x)
    np.subtract(y, x, out=y)
    np.cos(x, out=x)
    return np.sum(W5 * x * y)


@program(V5, U5, peer=False)
def out_is_returned(x, y):
    z = np.empty(5)
    r = np.multiply(x, y, out=z)
    r[0] = x[1]
    return np.sum(W5 * z * r)


@program(V5, U5, peer=False)
def out_is_a_view(x, y):
    np.multiply(x[1:], y[:-1], out=x[:-1])
    np.add(x[::2], y[::2], out=x[::2])
    return np.sum(W5 * x**2)


@program(M34, V4, peer=False)
def out_is_a_row(a, e):
    z = np.zeros((3, 4))
    for i in range(3):
        np.multiply(a[i], e, out=z[i])
        np.tanh(z[i], out=z[i])
    return np.sum(W34 * z)


@program(M34, V4, peer=False)
def out_broadcasts(a, e):
    z = np.empty((3, 4))
    np.square(e, out=z)
    np.add(z, a, out=z)
    return np.sum(W34 * z**2)


@program(V5, U5, peer=False)
def out_reads_shifted_memory(x, y):
    np.add(x[:-1], x[1:], out=x[1:])
    np.multiply(x[::-1], y, out=x)
    return np.sum(W5 * x)


@program(V5, 1.7, peer=False)
def out_with_where(x, s):
    z = np.full(5, 0.5)
    np.multiply(x, s, out=z, where=x > 0)
    return np.sum(W5 * z**2)


@program(V5, U5, peer=False)
def divide_where_positive(x, y):
    z = np.divide(y, x, out=np.zeros_like(x), where=x > 0)
    return np.sum(W5 * z**2) + np.sum(z * y)


@program(V5, peer=False)
def log_where_positive(x):
    np.log(x, out=x, where=x > 0)
    return np.sum(W5 * x**2)


@program(M34, np.array([True, False, True, True]), peer=False)
def where_broadcasts(a, mask):
    np.square(a, out=a, where=mask)
    return np.sum(W34 * a)


@program(V5, U5, peer=False)
def copy_by_positive(x, y):
    np.positive(x[1:], out=y[:0:-1])
    np.negative(y, out=x)
    return np.sum(W5 * x**2 * y)


@program(V5, U5, peer=False)
def clip_and_maximum(x, y):
    z = np.empty(5)
    np.maximum(x, y, out=z)
    np.clip(z, -0.5, 1.3, out=z)
    x.clip(-0.7, 0.7, out=x)
    return np.sum(W5 * z * x)


@program(M34, M33, peer=False)
def matmul_out(a, b):
    z = np.empty((3, 4))
    np.matmul(b, a, out=z)
    np.dot(b, z, out=a)
    return np.sum(W34 * a * z)


@program(M34, peer=False)
def sum_out(a):
    rows, columns = np.empty(3), np.zeros((2, 4))
    np.sum(a**2, axis=1, out=rows)
    np.sum(a, axis=0, out=columns[1])
    a.sum(0, None, columns[0])
    return np.sum(W3 * rows**2) + np.sum(W4 * columns[1] * columns[0] ** 2)


@program(M34, peer=False)
def mean_and_max_out(a):
    z = np.zeros((3, 4))
    np.mean(a, axis=0, out=z[0])
    a.mean(axis=1, out=z[:, 1])
    np.max(a, axis=1, out=z[:, 2])
    np.prod(a, axis=0, out=z[2])
    return np.sum(W34 * z**2)


@program(V5, peer=False)
def cumsum_out(x):
    z = np.zeros(6)
    np.cumsum(x, out=z[1:])
    z[1:] -= z[:-1] * x
    np.cumsum(z, out=z)
    return np.sum(W6 * z)


@program(V5, peer=False)
def ufunc_methods_with_out(x):
    z = np.zeros(5)
    np.add.accumulate(x * x, out=z)
    s = np.zeros(())
    np.multiply.reduce(x, out=s)
    t = np.empty((5, 5))
    np.multiply.outer(x, z, out=t)
    return np.sum(W5 * z**2) * s + t[1, 2] ** 2


@program(M34, peer=False)
def take_and_stack_out(a):
    z, t = np.empty((3, 2)), np.empty((2, 3))
    np.take(a, [3, 1], axis=1, out=z)
    np.stack([a[:, 0], z[:, 0] ** 2], out=t)
    np.concatenate([t[:1] * 2, t[:1]], axis=0, out=t)
    return np.sum(W33[:, :2] * z) + np.sum(W33[:2] * t**2)


@program(V3, V4, peer=False)
def outer_and_einsum_out(x, y):
    z = np.empty((3, 4))
    np.outer(x, y, out=z)
    v = np.empty(3)
    np.einsum("ij,j->i", z, y, out=v)
    return np.sum(W34 * z) + np.sum(W3 * v**2)


@program(np.array([0.5, 1.25, 2.0], dtype=np.float32), np.array([0.75, 1.5, -0.25]), peer=False)
def out_of_single_precision(x, y):
    z = np.empty_like(x)
    np.multiply(x, 0.5, out=z)
    z += np.add(x, y, out=np.empty(3))
    return np.sum(np.array([0.5, -1.25, 3.0]) * z)


@program(np.linspace(-1.3, 2.1, 6, dtype=np.float32), peer=False)
def sums_counted_in_the_dtype_of_out(x):
    running, products, total = np.empty(6), np.empty(2), np.empty(3)
    np.cumsum(x, out=running)
    (x * x).reshape(2, 3).prod(axis=1, out=products)
    np.add.reduce(x.reshape(2, 3), axis=0, out=total)
    mean = np.empty(())
    np.mean(x**2, out=mean)
    return np.sum(running * np.arange(6.0)) + products[0] * total[1] - total[2] * mean

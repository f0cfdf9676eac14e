"""What `np.einsum` shows of one array, written through: diagonals, and axes in another order."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(105)
W33, W34, W43, W233 = (RNG.normal(size=s) for s in ((3, 3), (3, 4), (4, 3), (2, 3, 3)))
V3 = np.array([0.4, -0.9, 1.3])
M33 = np.array([[0.5, -0.3, 0.8], [1.2, 0.7, -0.6], [-0.9, 0.4, 1.5]])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])
T233 = RNG.normal(size=(2, 3, 3))


@program(M33, V3, peer=False)
def diagonal_overwritten(a, v):
    np.einsum("ii->i", a)[...] = v * a[0]
    return np.sum(W33 * a**2)


@program(M33, V3, peer=False)
def diagonal_kept_and_changed(a, v):
    d = np.einsum("ii->i", a)
    d *= v
    for k in range(3):
        np.einsum("ii->i", a)[k] += v[k] ** 2
        a[k] *= a[k, k]
    a[1, 1] += d[0] * d[2]
    np.multiply(d, v, out=d)
    return np.sum(W33 * a**2) + np.sum(d * V3)


@program(T233, V3, peer=False)
def diagonals_of_a_batch(t, v):
    d = np.einsum("kii->ik", t)
    d[0] *= v[0]
    np.einsum("...ii->...i", t)[1] += v
    return np.sum(W233 * t**2) + np.sum(d**2)


@program(M34, V3, peer=False)
def order_that_is_not_spelled(b, v):
    t = np.einsum("ji", b)
    t[1] *= v
    np.einsum("i...->...i", b)[2] -= t[1]
    return np.sum(W34 * b**2) + np.sum(t * W43)

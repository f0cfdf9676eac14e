"""NumPy's functions in small formulas: reductions, products, shapes."""

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])
P = np.array([0.4, 0.8, 1.5])
W3 = np.array([0.7, -1.3, 2.1])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])
W23 = np.array([[0.3, -1.2, 0.9], [1.7, 0.4, -0.6]])
CUBE = np.cos(np.arange(12.0)).reshape(2, 3, 2)


@program(A)
def sums(a):
    return np.sum(np.sum(a**2, axis=0) * W3) + np.sum(a, axis=1, keepdims=True)[1, 0] * a.sum()


@program(CUBE)
def sums_over_several_axes(u):
    return np.sum(np.sum(u**2, axis=(0, 2)) * W3) + np.sum(u.sum(axis=(1, -1)) * [1.0, 3.0])


@program(A)
def means(a):
    return np.mean(a**2) + np.sum(a.mean(axis=1) * [2.0, -1.0]) + np.mean(a, axis=0) @ W3


@program(P, peer=False)
def products(p):
    return np.prod(p) + np.sum(np.cumprod(p) * W3) * p.prod()


@program(np.array([0.4, 0.0, 1.5]), peer=False)
def product_with_zero(p):
    return np.prod(p) * 3 + np.prod(p[[0, 2]])


@program(A)
def extremes(a):
    return np.max(a) * np.min(a) + np.sum(a.max(axis=0) * W3) + np.sum(np.min(a, axis=1) ** 2)


@program(A)
def variances(a):
    return np.var(a) + np.std(a, axis=1) @ np.array([1.0, 2.0]) + np.sum(a.var(axis=0, ddof=1))


@program(V, P, peer=False)
def averages(v, w):
    return np.average(v**2, weights=w) + np.ptp(v) * np.average(w)


@program(V)
def cumulative(v):
    return np.sum(np.cumsum(v**2) * W3) + np.cumsum(v)[-1]


@program(A, V)
def matrix_products(a, v):
    y = a @ v
    return y @ y + np.dot(v, a.T) @ np.array([1.0, -2.0]) + np.sum(np.matmul(a, a.T) ** 2)


@program(CUBE, A)
def batched_product(u, a):
    return np.sum((a @ u) ** 2) + np.sum(u[0] @ A[:, :2] * np.arange(6.0).reshape(3, 2))


@program(V, P, peer=False)
def vector_products(v, p):
    return np.vdot(v, p) * np.inner(v, v) + np.sum(np.outer(v, p) ** 3) + np.cross(v, p) @ W3


@program(A, V)
def contractions(a, v):
    bilinear = np.einsum("ij,j->i", a, v)
    return bilinear @ [1.0, -3.0] + np.sum(np.tensordot(a, a, axes=([1], [1])) * A[:, :2])


@program(A, V)
def einsum_of_three(a, v):
    return np.einsum("ij,ik,k->j", a, a, v) @ W3


@program(A)
def kronecker_and_trace(a):
    return np.trace(a @ a.T) + np.sum(np.kron(a, W3) ** 2 * 0.1) + np.trace(a, offset=1)


@program(A, peer=False)
def triangles_and_diagonals(a):
    return np.sum(np.triu(a) ** 2 * W23) + np.sum(np.tril(a, -1)) + np.diag(a) @ [1.0, 3.0]


@program(V)
def diagonal_matrix(v):
    return np.sum((np.diag(v) @ np.ones((3, 3)) * W3) ** 2)


@program(A)
def reshapes(a):
    flat = a.reshape(-1)
    back = flat.reshape((3, 2)) * np.arange(6.0).reshape(3, 2)
    return np.sum(back**2) + flat[4] * np.ravel(a)[1]


@program(CUBE, peer=False)
def axes_moved(u):
    t = np.transpose(u, (1, 2, 0)) * np.arange(12.0).reshape(3, 2, 2)
    s = np.swapaxes(u, 0, 1) + np.moveaxis(u, -1, 0).transpose(2, 1, 0)
    return np.sum(t**2) + np.sum(s * t.mean(axis=1, keepdims=True))


@program(V)
def dimensions_added_and_removed(v):
    column = np.expand_dims(v, 1)
    return np.sum(np.squeeze(column * column.T @ column) * W3)


@program(A, V)
def joined(a, v):
    m = np.concatenate([a, v[None, :], a * 2], axis=0)
    return np.sum(m**2 * W3) + np.sum(np.hstack([v, v * v])[1:5])


@program(V, P)
def stacks(v, p):
    m = np.stack([v, p, v * p], axis=1)
    return np.sum(m @ W3 * W3) + np.sum(np.vstack((v, p)) ** 2 * W23)


@program(V, P, peer=False)
def column_stacks(v, p):
    return np.sum(np.column_stack([v, p]) * np.arange(6.0).reshape(3, 2))


@program(np.arange(1.0, 7.0) / 5)
def split_in_parts(v):
    a, b, c = np.split(v, 3)
    return np.sum(a * b) + c[0] ** 3 * b[1]


@program(V)
def repeats(v):
    return np.sum(np.tile(v, (2, 1)) * W23) + np.repeat(v, 2) @ np.arange(6.0)


@program(V, peer=False)
def padded(v):
    p = np.pad(v**2, (1, 2))
    return p @ np.arange(6.0) + np.sum(np.pad(A * v[0], ((0, 1), (1, 0)))[1])


@program(A, peer=False)
def flips_and_rolls(a):
    return np.sum(np.flip(a, axis=0) * W23) + np.sum(np.roll(a**2, 1, axis=1) * W23)


@program(A, peer=False)
def quarter_turn(a):
    return np.sum(np.rot90(a) ** 2 * np.arange(6.0).reshape(3, 2))


@program(V, 0.2)
def clipped(v, low):
    return np.sum(np.clip(v, -0.5, 1.0) * W3) + np.sum(np.maximum(v, low) ** 2)


@program(V)
def where_protected(v):
    safe = np.where(v > 0, v, 1.0)
    return np.sum(np.where(v > 0, np.log(safe), v**2) * W3)


@program(A)
def norms(a):
    return np.linalg.norm(a) + np.linalg.norm(a[0]) * 3


@program(A, peer=False)
def norms_along_axes(a):
    return np.sum(np.linalg.norm(a, axis=0) * W3) + np.linalg.norm(a[1], 1)


@program(V)
def constants_made_inside(v):
    m = np.eye(3) * 2 + np.ones((3, 3)) + np.full((3, 3), 0.5)
    z = np.zeros_like(v) + np.arange(3) + np.linspace(0, 1, 3)
    return np.sum((m @ v + z) ** 2)


@program(0.4, 1.3)
def array_of_active_numbers(x, y):
    r = np.array([[np.cos(x), -np.sin(x)], [np.sin(x), np.cos(x)]])
    return np.sum(r @ np.array([y, x * y]) * np.array([2.0, 3.0]))


@program(V, peer=False)
def array_methods(v):
    return v.dot(W3) * v.sum() + (v * v).mean() + v.clip(-0.5, 1.0).max() + v.T.copy() @ v


@program(A, peer=False)
def method_chain(a):
    return (a * 2).T.reshape(2, 3).sum(axis=0).dot(W3) + a.ravel().max() + a.flatten()[1:3].prod()


@program(A)
def log_sum_exp(a):
    top = np.max(a, axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(a - top), axis=1)) * [1.0, -2.0]) + np.sum(top)


@program(V, peer=False)
def astype_and_asarray(v):
    return np.sum(np.asarray(v).astype(np.float64) ** 2 * W3) + np.sum(v.astype(float))


@program(np.abs(A) + 0.1, peer=False)
def initial_and_where(a):
    return np.sum(a**2, where=W23 > 0, initial=2.0) * np.prod(a, axis=0) @ W3


@program(V)
def logical_functions(v):
    mask = np.logical_and(v > 0, np.logical_not(v > 1))
    return np.sum(v**2 * mask) + np.sum(np.abs(v) * W3 * np.sign(v))


@program(V)
def integer_results(v):
    n = np.count_nonzero(v > 0)
    return np.sum(v**2) * n + np.argmax(v) * v[0] + np.floor(v[2]) * v[1]

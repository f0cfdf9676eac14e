"""Writes into what a function of NumPy has just returned."""

import numpy as np

from tests.programs import program

M = np.array(
    [[0.3, -1.2, 0.7, 0.2], [1.1, 0.4, -0.6, 0.8], [-0.2, 0.9, 1.4, -0.5], [0.6, 1.3, -0.9, 0.1]]
)
W = np.arange(1.0, 17.0).reshape(4, 4) * np.array([1.0, -0.7, 0.3, 2.0])


@program(M, peer=False)
def frequencies_damped(m):
    spectrum = np.fft.rfft2(m)
    spectrum *= np.exp(-(np.fft.rfftfreq(4) ** 2))
    spectrum[0, 0] = 0
    return np.sum(np.fft.irfft2(spectrum, s=m.shape) * W) + np.abs(spectrum).sum()


@program(M, peer=False)
def singular_values_cut(m):
    u, s, vt = np.linalg.svd(m)
    s[2:] = 0
    u *= s
    return np.sum(u @ vt * W)


@program(M, peer=False)
def one_of_the_parts_twice(m):
    parts = np.linalg.svd(m)
    mine, same = parts[1], parts[1]
    mine[0] = 1
    return same @ np.array([1.0, 2.0, -1.0, 0.5])


@program(M, peer=False)
def signs_of_columns_made_equal(m):
    q, r = np.linalg.qr(m)
    q *= np.sign(np.diag(r))
    r[0] += 1
    return np.sum(q * W) + r.sum()


@program(M, peer=False)
def slopes_scaled(m):
    slopes = np.gradient(m)
    first = slopes[0]
    first *= 2
    for slope in slopes:
        slope += 1
    return np.sum(slopes[0] * m) + np.sum(slopes[1] * first)


@program(M, peer=False)
def differences_accumulated(m):
    steps = np.diff(m)
    steps[:, 1:] += steps[:, :-1]
    whole = np.diff(m, n=0)
    products = np.kron(m[:2, :2], m)
    products[0] = 2
    return np.sum(steps * W[:, :3]) + np.sum(whole * m) + products.sum()


@program(np.array([0.6, 0.4]), M[:2, :2] ** 2, peer=False)
def forward_pass_into_its_own_rows(start, step):
    alpha = np.zeros((4, 2))
    alpha[0] = start
    for t in range(1, 4):
        np.dot(alpha[t - 1], step, out=alpha[t])
        alpha[t] /= alpha[t].sum()
    return np.sum(alpha * np.array([1.0, -0.7]))


@program(np.array([0.4, -0.8, 1.5]), peer=False)
def what_methods_of_ufuncs_return_is_written(x):
    a, b, c = np.subtract.outer(x, x), np.add.accumulate(x), np.multiply.outer(x, x)
    c[1:] *= np.add.reduce(a**2, axis=0)
    b[1:] *= x[:-1]
    c.T[0] += b
    return np.sum(c * a) + np.sum(b**2)

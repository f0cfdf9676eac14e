"""Linear algebra by hand: factorisations, triangular and banded solves, Krylov, eigenvalues."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(204)
W4, W5 = RNG.normal(size=4), RNG.normal(size=5)
W44, W54, W43 = (RNG.normal(size=shape) for shape in ((4, 4), (5, 4), (4, 3)))

A44 = RNG.normal(size=(4, 4)) + 4 * np.eye(4)
G44 = RNG.normal(size=(4, 4))
S44 = G44 @ G44.T + 2 * np.eye(4)
A54, A43 = RNG.normal(size=(5, 4)), RNG.normal(size=(4, 3))
B4, B5 = RNG.normal(size=4), RNG.normal(size=5)
T5 = np.array([3.0, 0.7, -0.4, 0.2, 0.1])


@program(A44, peer=False)
def lu_by_dot_products(a):
    for i in range(a.shape[0]):
        for j in range(i):
            a[i, j] -= a[i, :j] @ a[:j, j]
            a[i, j] /= a[j, j]
        for j in range(i, a.shape[0]):
            a[i, j] -= a[i, :i] @ a[:i, j]
    return np.sum(W44 * a)


@program(A44, peer=False)
def lu_by_rows(a):
    n = a.shape[0]
    for k in range(n - 1):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    return np.sum(W44 * a)


@program(A44, peer=False)
def lu_by_outer_products(a):
    n = len(a)
    lower, upper = np.eye(n), a.copy()
    for k in range(n):
        lower[k + 1 :, k] = upper[k + 1 :, k] / upper[k, k]
        upper[k + 1 :] -= np.outer(lower[k + 1 :, k], upper[k])
    return np.sum(W44 * lower) + np.sum(W44.T * upper)


@program(G44, B4, peer=False)
def lu_with_row_exchanges(a, b):
    n = len(b)
    for k in range(n):
        p = k + np.argmax(np.abs(a[k:, k]))
        if p != k:
            a[[k, p]] = a[[p, k]]
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            m = a[i, k] / a[k, k]
            a[i, k:] -= m * a[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return W4 @ x


@program(G44, peer=False)
def determinant_by_elimination(a):
    det = 1.0
    for k in range(len(a)):
        p = k + int(np.argmax(np.abs(a[k:, k])))
        if p != k:
            row = a[k].copy()
            a[k] = a[p]
            a[p] = row
            det = -det
        det *= a[k, k]
        a[k + 1 :, k:] -= a[k + 1 :, k : k + 1] / a[k, k] * a[k, k:]
    return det + a[3, 2]


@program(S44, peer=False)
def ldl(a):
    n = a.shape[0]
    lower, d = np.eye(n), np.zeros(n)
    for j in range(n):
        d[j] = a[j, j] - np.sum(lower[j, :j] ** 2 * d[:j])
        for i in range(j + 1, n):
            lower[i, j] = (a[i, j] - np.sum(lower[i, :j] * lower[j, :j] * d[:j])) / d[j]
    return np.sum(W44 * lower) + W4 @ d


@program(S44, peer=False)
def cholesky_by_numbers(a):
    n = len(a)
    c = np.zeros_like(a)
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= c[i, k] * c[j, k]
            if i == j:
                c[i, j] = np.sqrt(s)
            else:
                c[i, j] = s / c[j, j]
    return np.sum(W44 * c)


@program(S44, peer=False)
def cholesky_in_place(a):
    n = len(a)
    for k in range(n):
        a[k, k] = np.sqrt(a[k, k])
        a[k + 1 :, k] /= a[k, k]
        for j in range(k + 1, n):
            a[j:, j] -= a[j:, k] * a[j, k]
    return np.sum(np.tril(a) * W44)


@program(A54, peer=False)
def gram_schmidt_classical(a):
    m, n = a.shape
    q, r = np.zeros((m, n)), np.zeros((n, n))
    for j in range(n):
        v = a[:, j].copy()
        for i in range(j):
            r[i, j] = q[:, i] @ a[:, j]
            v -= r[i, j] * q[:, i]
        r[j, j] = np.sqrt(v @ v)
        q[:, j] = v / r[j, j]
    return np.sum(W54 * q) + np.sum(W44 * r)


@program(A54, peer=False)
def gram_schmidt_modified(a):
    n = a.shape[1]
    r = np.zeros((n, n))
    for k in range(n):
        r[k, k] = np.linalg.norm(a[:, k])
        a[:, k] /= r[k, k]
        for j in range(k + 1, n):
            r[k, j] = a[:, k] @ a[:, j]
            a[:, j] -= r[k, j] * a[:, k]
    return np.sum(W54 * a) + np.sum(W44 * r)


@program(A43, peer=False)
def householder(a):
    m, n = a.shape
    q = np.eye(m)
    for k in range(n):
        v = a[k:, k].copy()
        v[0] += np.sign(v[0]) * np.sqrt(v @ v)
        v /= np.sqrt(v @ v)
        a[k:, k:] -= 2 * np.outer(v, v @ a[k:, k:])
        q[:, k:] -= 2 * np.outer(q[:, k:] @ v, v)
    return np.sum(W43 * a) + np.sum(W44 * q)


@program(A43, B4, peer=False)
def givens(a, b):
    m, n = a.shape
    for j in range(n):
        for i in range(m - 1, j, -1):
            r = np.hypot(a[i - 1, j], a[i, j])
            c, s = a[i - 1, j] / r, a[i, j] / r
            g = np.array([[c, s], [-s, c]])
            a[i - 1 : i + 1, j:] = g @ a[i - 1 : i + 1, j:]
            b[i - 1 : i + 1] = g @ b[i - 1 : i + 1]
    for i in reversed(range(n)):
        b[i] = (b[i] - a[i, i + 1 : n] @ b[i + 1 : n]) / a[i, i]
    return W4 @ b


@program(A44, B4, peer=False)
def triangular_solves_in_place(a, b):
    n = len(b)
    for i in range(n):
        b[i] -= a[i, :i] @ b[:i]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            b[i] -= a[i, j] * b[j]
        b[i] /= a[i, i]
    return W4 @ b


@program(A44, G44, peer=False)
def triangular_solve_by_columns(a, b):
    for j in range(4):
        b[j] /= a[j, j]
        b[j + 1 :] -= a[j + 1 :, j][:, None] * b[j]
    return np.sum(W44 * b)


@program(0.3 * B4, 3 + B5**2, 0.4 * B4[::-1], W5.copy(), peer=False)
def thomas(lower, diagonal, upper, d):
    n = len(d)
    for i in range(1, n):
        w = lower[i - 1] / diagonal[i - 1]
        diagonal[i] -= w * upper[i - 1]
        d[i] -= w * d[i - 1]
    d[-1] /= diagonal[-1]
    for i in range(n - 2, -1, -1):
        d[i] = (d[i] - upper[i] * d[i + 1]) / diagonal[i]
    return W5 @ d**2


@program(0.3 * B4, 3 + B5**2, 0.4 * B4[::-1], B5, peer=False)
def thomas_with_new_coefficients(a, b, c, d):
    n = len(d)
    cp, dp, x = np.empty(n - 1), np.empty(n), np.empty(n)
    cp[0], dp[0] = c[0] / b[0], d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i - 1] * cp[i - 1]
        if i < n - 1:
            cp[i] = c[i] / m
        dp[i] = (d[i] - a[i - 1] * dp[i - 1]) / m
    x[-1] = dp[-1]
    for i in reversed(range(n - 1)):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return W5 @ x


@program(0.2 * T5[1:], peer=False)
def durbin(r):
    n = len(r)
    y, z = np.zeros(n), np.zeros(n)
    y[0] = -r[0]
    alpha, beta = -r[0], 1.0
    for k in range(1, n):
        beta = (1 - alpha * alpha) * beta
        s = 0.0
        for i in range(k):
            s += r[k - i - 1] * y[i]
        alpha = -(r[k] + s) / beta
        for i in range(k):
            z[i] = y[i] + alpha * y[k - i - 1]
        for i in range(k):
            y[i] = z[i]
        y[k] = alpha
    return W4 @ y + beta


@program(T5, B5, peer=False)
def levinson(t, b):
    n = len(b)
    f, x = np.zeros(n), np.zeros(n)
    f[0], x[0] = 1 / t[0], b[0] / t[0]
    for k in range(1, n):
        ef = t[k:0:-1] @ f[:k]
        ex = t[k:0:-1] @ x[:k]
        g = f[: k + 1][::-1].copy()
        f[: k + 1] = (f[: k + 1] - ef * g) / (1 - ef**2)
        x[: k + 1] += (b[k] - ex) * f[: k + 1][::-1]
    return W5 @ x


@program(S44, B4, 3, peer=False)
def conjugate_gradients_in_place(a, b, n):
    x, r = np.zeros(4), b.copy()
    p = r.copy()
    rr = r @ r
    for _ in range(n):
        ap = a @ p
        alpha = rr / (p @ ap)
        x += alpha * p
        r -= alpha * ap
        new = r @ r
        p *= new / rr
        p += r
        rr = new
    return W4 @ x + rr


@program(S44, 2, peer=False)
def jacobi_eigenvalues(a, sweeps):
    n = len(a)
    for _ in range(sweeps):
        for p in range(n - 1):
            for q in range(p + 1, n):
                theta = 0.5 * np.arctan2(2 * a[p, q], a[q, q] - a[p, p])
                c, s = np.cos(theta), np.sin(theta)
                rows = a[[p, q]]
                a[p] = c * rows[0] - s * rows[1]
                a[q] = s * rows[0] + c * rows[1]
                columns = a[:, [p, q]]
                a[:, p] = c * columns[:, 0] - s * columns[:, 1]
                a[:, q] = s * columns[:, 0] + c * columns[:, 1]
    return W4 @ np.diag(a)


@program(S44, B4, peer=False)
def power_iteration_with_deflation(a, v):
    values = np.zeros(2)
    for k in range(2):
        x = v.copy()
        for _ in range(4):
            x[:] = a @ x
            x /= np.linalg.norm(x)
        values[k] = x @ a @ x
        a -= values[k] * np.outer(x, x)
    return values @ W4[:2] + np.sum(W44 * a)


@program(A44, peer=False)
def inverse_by_gauss_jordan(a):
    n = len(a)
    work = np.zeros((n, 2 * n))
    work[:, :n] = a
    work[:, n:] = np.eye(n)
    for i in range(n):
        work[i] /= work[i, i]
        for j in range(n):
            if i != j:
                work[j] -= work[j, i] * work[i]
    return np.sum(W44 * work[:, n:])


@program(A44, peer=False)
def inverse_in_place(a):
    n = len(a)
    for k in range(n):
        pivot = a[k, k]
        a[k, k] = 1.0
        a[k] /= pivot
        for i in range(n):
            if i == k:
                continue
            factor = a[i, k]
            a[i, k] = 0.0
            a[i] -= factor * a[k]
    return np.sum(W44 * a)

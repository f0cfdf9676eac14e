"""More of linear algebra by hand: QR steps, Lanczos, exponentials, bands, products by blocks."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(205)
W3, W4, W5 = (RNG.normal(size=n) for n in (3, 4, 5))
W33, W44, W66 = (RNG.normal(size=(n, n)) for n in (3, 4, 6))

G44 = RNG.normal(size=(4, 4))
A44 = G44 + 4 * np.eye(4)
S44 = G44 @ G44.T + 2 * np.eye(4)
B4, B5 = RNG.normal(size=4), RNG.normal(size=5)
A33, B33 = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))


@program(S44, 0.3, peer=False)
def shifted_qr_steps(a, shift):
    n = len(a)
    for _ in range(2):
        q, r = np.zeros((n, n)), np.zeros((n, n))
        b = a - shift * np.eye(n)
        for j in range(n):
            q[:, j] = b[:, j]
            for i in range(j):
                r[i, j] = q[:, i] @ q[:, j]
                q[:, j] -= r[i, j] * q[:, i]
            r[j, j] = np.sqrt(np.sum(q[:, j] ** 2))
            q[:, j] /= r[j, j]
        a[:] = r @ q
        a += shift * np.eye(n)
    return np.sum(W44 * a)


@program(G44, peer=False)
def hessenberg(a):
    n = len(a)
    for k in range(n - 2):
        v = a[k + 1 :, k].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        v /= np.linalg.norm(v)
        a[k + 1 :, k:] -= 2 * np.outer(v, v @ a[k + 1 :, k:])
        a[:, k + 1 :] -= 2 * np.outer(a[:, k + 1 :] @ v, v)
    return np.sum(W44 * a)


@program(S44, B4, peer=False)
def lanczos(a, start):
    m = 3
    alpha, beta = np.zeros(m), np.zeros(m)
    v = np.zeros((4, m + 1))
    v[:, 0] = start / np.linalg.norm(start)
    for j in range(m):
        w = a @ v[:, j]
        if j > 0:
            w -= beta[j - 1] * v[:, j - 1]
        alpha[j] = w @ v[:, j]
        w -= alpha[j] * v[:, j]
        beta[j] = np.sqrt(w @ w)
        v[:, j + 1] = w / beta[j]
    return W3 @ alpha + W3 @ beta**2


@program(A44, B4, peer=False)
def arnoldi(a, start):
    q, h = np.zeros((4, 3)), np.zeros((3, 2))
    q[:, 0] = start / np.sqrt(start @ start)
    for k in range(2):
        v = a @ q[:, k]
        for j in range(k + 1):
            h[j, k] = q[:, j] @ v
            v = v - h[j, k] * q[:, j]
        h[k + 1, k] = np.sqrt(v @ v)
        q[:, k + 1] = v / h[k + 1, k]
    return np.sum(W44[:, :3] * q) + np.sum(W33[:, :2] * h)


@program(0.5 * A33, peer=False)
def exponential_by_scaling(a):
    a /= 4.0
    term, total = np.eye(3), np.eye(3)
    for k in range(1, 7):
        term @= a
        term /= k
        total += term
    for _ in range(2):
        total[:] = total @ total
    return np.sum(W33 * total)


@program(A44, 3, peer=False)
def inverse_by_newton(a, n):
    x = a.T / (np.abs(a).sum(axis=0).max() * np.abs(a).sum(axis=1).max())
    work = np.empty_like(x)
    for _ in range(n):
        np.matmul(a, x, out=work)
        np.subtract(2 * np.eye(4), work, out=work)
        x[...] = x @ work
    return np.sum(W44 * x)


@program(A44, B4, np.zeros(4) + 0.1, 1.2, 3, peer=False)
def dense_relaxation(a, b, x, omega, sweeps):
    for _ in range(sweeps):
        for i in range(len(b)):
            s = 0.0
            for j in range(len(b)):
                if j != i:
                    s += a[i, j] * x[j]
            x[i] = (1 - omega) * x[i] + omega * (b[i] - s) / a[i, i]
    return W4 @ x**2


@program(A44, B4, 3, peer=False)
def kaczmarz(a, b, sweeps):
    x = np.zeros(4)
    for k in range(4 * sweeps):
        row = a[k % 4]
        x += (b[k % 4] - row @ x) / (row @ row) * row
    return W4 @ x


@program(A44, B4, peer=False)
def steepest_descent_until_small(a, b):
    x, r = np.zeros(4), b.copy()
    while r @ r > 0.01:
        g = a.T @ r
        ag = a @ g
        step = (g @ g) / (ag @ ag)
        x += step * g
        r -= step * ag
    return W4 @ x


@program(RNG.normal(size=(3, 5)), B5, peer=False)
def banded_product(bands, x):
    n = len(x)
    y = np.zeros(n)
    for d in (-1, 0, 1):
        for i in range(max(0, -d), min(n, n - d)):
            y[i] += bands[d + 1, i] * x[i + d]
    return W5 @ y**2


@program(A33, B33[:2, :2], peer=False)
def kronecker_product(a, b):
    k = np.zeros((6, 6))
    for i in range(3):
        for j in range(3):
            k[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = a[i, j] * b
    return np.sum(W66 * k)


@program(G44, A44, peer=False)
def product_by_blocks(a, b):
    c = np.zeros((4, 4))
    for i in range(0, 4, 2):
        for j in range(0, 4, 2):
            for k in range(0, 4, 2):
                c[i : i + 2, j : j + 2] += a[i : i + 2, k : k + 2] @ b[k : k + 2, j : j + 2]
    return np.sum(W44 * c**2)


@program(G44, A44, peer=False)
def strassen(a, b):
    def multiply(a, b):
        n = len(a)
        if n == 1:
            return a * b
        h = n // 2
        p, q, r, s = a[:h, :h], a[:h, h:], a[h:, :h], a[h:, h:]
        e, f, g, k = b[:h, :h], b[:h, h:], b[h:, :h], b[h:, h:]
        m1 = multiply(p + s, e + k)
        m2, m3 = multiply(r + s, e), multiply(p, f - k)
        m4, m5 = multiply(s, g - e), multiply(p + q, k)
        c = np.empty((n, n))
        c[:h, :h] = m1 + m4 - m5 + multiply(q - s, g + k)
        c[:h, h:], c[h:, :h] = m3 + m5, m2 + m4
        c[h:, h:] = m1 - m2 + m3 + multiply(r - p, e + f)
        return c

    return np.sum(W44 * multiply(a, b))


@program(S44, B4, peer=False)
def rank_one_update_of_cholesky(a, x):
    c = np.linalg.cholesky((a + a.T) / 2)
    for k in range(len(x)):
        r = np.sqrt(c[k, k] ** 2 + x[k] ** 2)
        cos, sin = r / c[k, k], x[k] / c[k, k]
        c[k, k] = r
        if k + 1 < len(x):
            c[k + 1 :, k] = (c[k + 1 :, k] + sin * x[k + 1 :]) / cos
            x[k + 1 :] = cos * x[k + 1 :] - sin * c[k + 1 :, k]
    return np.sum(W44 * c)


@program(np.array([[0.0, 0.9, 0.4], [0.3, 0.0, 1.2], [0.8, 0.5, 0.0]]), 0.85, 4, peer=False)
def page_rank(links, damping, n):
    for j in range(3):
        links[:, j] /= links[:, j].sum()
    rank = np.full(3, 1 / 3)
    for _ in range(n):
        rank[:] = (1 - damping) / 3 + damping * (links @ rank)
    return W3 @ rank


@program(np.abs(A33) + 0.2, W3**2 + 0.3, W3[::-1] ** 2 + 0.2, 3, peer=False)
def sinkhorn(k, a, b, n):
    for _ in range(n):
        k *= (a / k.sum(axis=1))[:, None]
        k *= b / k.sum(axis=0)
    return np.sum(W33 * k)


@program(np.abs(G44) + 0.1, np.abs(A44[:, :2]) + 0.3, np.abs(A44[:2]) + 0.2, 2, peer=False)
def non_negative_factors(v, w, h, n):
    for _ in range(n):
        h *= (w.T @ v) / (w.T @ w @ h)
        w *= (v @ h.T) / (w @ (h @ h.T))
    return np.sum(W44 * (w @ h)) + np.sum(W44[:, :2] * w)

"""Splines, divided differences, quadrature tables, roots and fits, all in arrays."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(209)
W3, W4, W5, W6 = (RNG.normal(size=n) for n in (3, 4, 5, 6))
W44 = RNG.normal(size=(4, 4))

KNOTS = np.array([0.0, 0.7, 1.5, 2.1, 3.0])
Y5, Y6 = RNG.normal(size=5), RNG.normal(size=6)


@program(KNOTS, Y5, 1.1, peer=False)
def cubic_spline(x, y, at):
    n = len(x) - 1
    h = np.diff(x)
    alpha, pivot, mu, z = np.zeros(n), np.ones(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    for i in range(1, n):
        alpha[i] = 3 / h[i] * (y[i + 1] - y[i]) - 3 / h[i - 1] * (y[i] - y[i - 1])
    for i in range(1, n):
        pivot[i] = 2 * (x[i + 1] - x[i - 1]) - h[i - 1] * mu[i - 1]
        mu[i] = h[i] / pivot[i]
        z[i] = (alpha[i] - h[i - 1] * z[i - 1]) / pivot[i]
    b, c, d = np.zeros(n), np.zeros(n + 1), np.zeros(n)
    for j in range(n - 1, -1, -1):
        c[j] = z[j] - mu[j] * c[j + 1]
        b[j] = (y[j + 1] - y[j]) / h[j] - h[j] * (c[j + 1] + 2 * c[j]) / 3
        d[j] = (c[j + 1] - c[j]) / (3 * h[j])
    k = int(np.searchsorted(x, at)) - 1
    t = at - x[k]
    value = y[k] + t * (b[k] + t * (c[k] + t * d[k]))
    return value + np.sum(W4 * d) + np.sum(W5 * c**2)


@program(KNOTS, Y5, 1.1, peer=False)
def newton_interpolation(x, y, at):
    n = len(x)
    for j in range(1, n):
        y[j:] = (y[j:] - y[j - 1 : -1]) / (x[j:] - x[:-j])
    p = y[-1]
    for k in range(n - 2, -1, -1):
        p = p * (at - x[k]) + y[k]
    return p + W5 @ y


@program(KNOTS, Y5, 1.1, peer=False)
def neville(x, y, at):
    for m in range(1, 5):
        for i in range(5 - m):
            y[i] = (at - x[i + m]) * y[i] + (x[i] - at) * y[i + 1]
            y[i] /= x[i] - x[i + m]
    return y[0] + 0.2 * y[3] ** 2


@program(RNG.normal(size=(4, 2)), 0.3, peer=False)
def de_casteljau(points, t):
    n = len(points)
    left = np.empty_like(points)
    for k in range(n):
        left[k] = points[0]
        points[: n - k - 1] = (1 - t) * points[: n - k - 1] + t * points[1 : n - k]
    return np.sum(W44[:, :2] * left**2) + np.sum(W44[:, 2:] * points)


@program(0.2, 1.9, peer=False)
def romberg(a, b):
    def f(x):
        return np.exp(-x) * np.sin(x * b)

    r = np.zeros((4, 4))
    h = b - a
    r[0, 0] = 0.5 * h * (f(a) + f(b))
    for i in range(1, 4):
        h *= 0.5
        total = 0.0
        for k in range(1, 2**i, 2):
            total += f(a + k * h)
        r[i, 0] = 0.5 * r[i - 1, 0] + h * total
        for j in range(1, i + 1):
            r[i, j] = r[i, j - 1] + (r[i, j - 1] - r[i - 1, j - 1]) / (4**j - 1)
    return np.sum(np.tril(r) * W44)


@program(Y6, 0.8, peer=False)
def polynomial_evaluated_and_deflated(c, x):
    b = np.zeros(6)
    b[0] = c[0]
    for i in range(1, 6):
        b[i] = c[i] + x * b[i - 1]
    c[:-1] = b[:-1] * x
    return W6 @ b**2 + W6 @ c


@program(np.array([1.0, 0.4, -0.7]), np.array([0.6, 1.2, 0.3, -0.5]), peer=False)
def product_of_polynomials(p, q):
    r = np.zeros(len(p) + len(q) - 1)
    for i, a in enumerate(p):
        r[i : i + len(q)] += a * q
    r[:-1] -= r[1:] ** 2
    return W6 @ r


@program(0.7, peer=False)
def chebyshev_table(x):
    t, u = np.zeros(6), np.zeros(6)
    t[0], t[1], u[0], u[1] = 1, x, 1, 2 * x
    for n in range(2, 6):
        t[n] = 2 * x * t[n - 1] - t[n - 2]
        u[n] = 2 * x * u[n - 1] - u[n - 2]
    return W6 @ t + W6 @ u**2


@program(Y5, 0.5, peer=False)
def de_boor(c, x):
    knots = np.array([0.0, 0.0, 0.0, 0.3, 0.6, 1.0, 1.0, 1.0])
    k, p = 3, 2
    d = c[k - p : k + 1].copy()
    for r in range(1, p + 1):
        for j in range(p, r - 1, -1):
            lo, hi = knots[j + k - p], knots[j + 1 + k - r]
            alpha = (x - lo) / (hi - lo)
            d[j] = (1 - alpha) * d[j - 1] + alpha * d[j]
    return d[p] + 0.3 * d[1] ** 2 + W5 @ c**2


@program(KNOTS, Y5, peer=False)
def parabola_by_normal_equations(x, y):
    a, rhs = np.zeros((3, 3)), np.zeros(3)
    for i in range(len(x)):
        row = x[i] ** np.arange(3)
        a += np.outer(row, row)
        rhs += row * y[i]
    for k in range(3):
        rhs[k] /= a[k, k]
        a[k] /= a[k, k]
        for i in range(k + 1, 3):
            rhs[i] -= a[i, k] * rhs[k]
            a[i] -= a[i, k] * a[k]
    for k in (1, 0):
        rhs[k] -= a[k, k + 1 :] @ rhs[k + 1 :]
    return W3 @ rhs


@program(np.array([0.9, 0.6]), 1.2, peer=False)
def newton_for_two_equations(x, r):
    jacobian, f = np.zeros((2, 2)), np.zeros(2)
    for _ in range(4):
        f[0] = x[0] ** 2 + x[1] ** 2 - r
        f[1] = x[0] * x[1] - 0.3 * r
        jacobian[0, 0], jacobian[0, 1] = 2 * x[0], 2 * x[1]
        jacobian[1] = x[::-1]
        x -= np.linalg.solve(jacobian, f)
    return x @ np.array([1.3, -0.4]) + np.sum(x**3)


@program(Y6, 0.7, peer=False)
def median_of_windows(x, weight):
    out = np.empty(4)
    for i in range(4):
        window = x[i : i + 3].copy()
        window.sort()
        out[i] = weight * window[1] + (1 - weight) * window.mean()
    return W4 @ out**2


@program(Y6, 0.4, 3, peer=False)
def total_variation(x, step, n):
    p = np.zeros(5)
    for _ in range(n):
        u = x.copy()
        u[:-1] += p
        u[1:] -= p
        p += step * np.diff(u)
        p /= np.maximum(1.0, np.abs(p) / 0.35)
    return W6 @ u + W5 @ p


@program(np.array([0.3, 1.7, -0.6, 0.9]), 0.2, peer=False)
def aitken(x, c):
    s = np.empty(4)
    s[0] = x[0]
    for n in range(3):
        s[n + 1] = np.cos(s[n]) + c * x[n + 1]
    for n in range(2):
        s[n] -= (s[n + 1] - s[n]) ** 2 / (s[n + 2] - 2 * s[n + 1] + s[n])
    return W4 @ s

"""Small pieces of numerical science: integrators, filters, series, likelihoods."""

import math

import numpy as np

from tests.programs import program

T = np.linspace(0.0, 2.0, 7)
DATA = np.sin(T * 1.3) + 0.1 * T
PLANETS = np.array([[0.1, 0.2], [1.3, -0.4], [-0.6, 1.1]])
MASSES = np.array([1.0, 0.5, 0.7])
OBSERVED = [0.3, 0.7, 0.4, 1.1]


@program(0.8, [0.5, -1.2, 0.3, 2.0])
def horner(x, coefficients):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y


@program(0.8, np.array([0.5, -1.2, 0.3, 2.0]))
def horner_backwards(x, c):
    y = c[-1]
    for i in range(len(c) - 2, -1, -1):
        y = y * x + c[i]
    return y


@program(0.7, 8)
def continued_fraction(x, depth):
    y = 1.0
    for k in range(depth, 0, -1):
        y = k + x / y
    return y


@program(0.7, 12)
def exponential_series(x, n):
    term, total = 1.0, 1.0
    for k in range(1, n):
        term = term * x / k
        total += term
    return total


@program(0.7)
def series_until_small(x):
    total, term, k = 0.0, x, 1
    while abs(term) > 1e-12:
        total += term
        term = -term * x * x / ((2 * k) * (2 * k + 1))
        k += 1
    return total


@program(0.9, 0.3)
def kepler_by_newton(mean_anomaly, e):
    big_e = mean_anomaly
    for _ in range(8):
        big_e = big_e - (big_e - e * np.sin(big_e) - mean_anomaly) / (1 - e * np.cos(big_e))
    return big_e


@program(2.5)
def bisection_then_newton(a):
    lo, hi = 0.0, 3.0
    for _ in range(6):
        mid = (lo + hi) / 2
        if mid**3 > a:
            hi = mid
        else:
            lo = mid
    x = (lo + hi) / 2
    for _ in range(5):
        x = x - (x**3 - a) / (3 * x**2)
    return x


def pendulum(state, damping):
    angle, speed = state
    return np.array([speed, -np.sin(angle) - damping * speed])


@program(np.array([0.9, 0.1]), 0.2, 0.1, 5)
def runge_kutta(state, damping, h, n):
    for _ in range(n):
        k1 = pendulum(state, damping)
        k2 = pendulum(state + h / 2 * k1, damping)
        k3 = pendulum(state + h / 2 * k2, damping)
        k4 = pendulum(state + h * k3, damping)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return state[0] ** 2 * 3 + state[1]


@program(0.9, 0.1, 6, 0.1)
def leapfrog(q, p, n, h):
    p = p - 0.5 * h * np.sin(q)
    for i in range(n):
        q = q + h * p
        if i != n - 1:
            p = p - h * np.sin(q)
    p = p - 0.5 * h * np.sin(q)
    return q * q + 2 * p


@program(0.3, 1.7)
def adaptive_euler(y, rate):
    t, h = 0.0, 0.2
    while t < 1.0:
        full = y + h * rate * y
        half = y + h / 2 * rate * y
        half = half + h / 2 * rate * half
        if abs(full - half) > 0.02:
            h = h / 2
            continue
        y = half
        t = t + h
    return y


@program(1.3, 0.4)
def trapezoid_rule(a, b):
    n = 10
    h = (b - a) / n
    s = 0.5 * (np.exp(-(a**2)) + np.exp(-(b**2)))
    for i in range(1, n):
        s += np.exp(-((a + i * h) ** 2))
    return s * h


@program(1.3)
def gauss_legendre(a):
    nodes = [-0.7745966692414834, 0.0, 0.7745966692414834]
    weights = [5 / 9, 8 / 9, 5 / 9]
    return sum([w * np.sin(a * (x + 1)) for x, w in zip(nodes, weights)])


@program(1.3, peer=False)
def simpson_with_function(a):
    def f(x):
        return math.exp(-a * x) * x

    n, lo, hi = 8, 0.0, 2.0
    h = (hi - lo) / n
    total = f(lo) + f(hi)
    for i in range(1, n):
        total += f(lo + i * h) * (4 if i % 2 else 2)
    return total * h / 3


@program(0.4, 1.3)
def gaussian_log_likelihood(mu, sigma):
    z = (DATA - mu) / sigma
    return np.sum(-0.5 * z**2 - np.log(sigma) - 0.5 * np.log(2 * np.pi))


@program(np.array([0.3, 0.7]), np.array([0.2, 1.1]), np.array([0.4, -0.2]))
def mixture_log_likelihood(means, scales, logits):
    log_w = logits - np.log(np.sum(np.exp(logits)))
    z = (DATA[:, None] - means) / scales
    parts = log_w - 0.5 * z**2 - np.log(scales)
    top = np.max(parts, axis=1, keepdims=True)
    return np.sum(top[:, 0] + np.log(np.sum(np.exp(parts - top), axis=1)))


@program(0.1, 1.0, 0.3, 0.2)
def kalman_filter_of_numbers(x, p, q, r):
    log_likelihood = 0.0
    for z in OBSERVED:
        p = p + q
        s = p + r
        k = p / s
        residual = z - x
        log_likelihood = log_likelihood - 0.5 * (np.log(s) + residual**2 / s)
        x = x + k * residual
        p = (1 - k) * p
    return log_likelihood + x * p


@program(np.array([0.1, 0.5]), np.eye(2), 0.1)
def kalman_filter(x, p, q):
    f = np.array([[1.0, 0.1], [0.0, 1.0]])
    h = np.array([1.0, 0.0])
    total = 0.0
    for z in OBSERVED:
        x = f @ x
        p = f @ p @ f.T + q * np.eye(2)
        s = h @ p @ h + 0.2
        k = p @ h / s
        total = total + (z - h @ x) ** 2 / s
        x = x + k * (z - h @ x)
        p = p - np.outer(k, h @ p)
    return total + np.sum(p * np.array([[1.0, 2.0], [-1.0, 3.0]]))


@program(PLANETS, MASSES)
def gravitational_energy(positions, masses):
    energy = 0.0
    for i in range(len(masses)):
        for j in range(i):
            d = positions[i] - positions[j]
            energy = energy - masses[i] * masses[j] / np.sqrt(d @ d + 0.01)
    return energy


@program(PLANETS, np.zeros((3, 2)), 3)
def n_body_steps(x, v, n):
    for _ in range(n):
        d = x[:, None] - x[None, :]
        r = np.sum(d**2, axis=-1) + 0.1
        a = -np.sum(d * (MASSES / r**1.5)[:, :, None], axis=1)
        v = v + 0.1 * a
        x = x + 0.1 * v
    return np.sum(x**2 * MASSES[:, None]) + v[0, 1]


@program(np.sin(T), 0.2, 4)
def heat_functional(u, c, steps):
    for _ in range(steps):
        inner = u[1:-1] + c * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = np.concatenate([u[:1], inner, u[-1:]])
    return np.sum(u**2 * T)


@program(np.sin(T), 0.2)
def periodic_advection(u, c):
    for _ in range(3):
        u = u - c * (u - np.roll(u, 1)) * u
    return np.sum(u * T)


@program(np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0]))
def conjugate_gradients(a, b):
    x = np.zeros(2)
    r = b - a @ x
    p = r
    for _ in range(2):
        ap = a @ p
        alpha = (r @ r) / (p @ ap)
        x = x + alpha * p
        new = r - alpha * ap
        p = new + (new @ new + 1e-30) / (r @ r) * p
        r = new
        if np.sum(r * r) < 1e-20:
            break
    return x @ np.array([2.0, -1.0])


@program(np.array([[2.0, 1.0], [1.0, 3.0]]))
def power_iteration(a):
    v = np.array([1.0, 0.2])
    for _ in range(6):
        v = a @ v
        v = v / np.sqrt(np.sum(v**2))
    return v @ a @ v


@program(0.3, 0.9, 3.4)
def logistic_map(x, y, r):
    for k in range(6):
        x = r * x * (1 - x) if k % 2 == 0 else x + 0.01 * y
    return x * y


@program(100.0, 0.2, 1.5, peer=False)
def black_scholes(s, sigma, t):
    def cdf(x):
        return 0.5 * (1 + math.erf(x / math.sqrt(2)))

    k, r = 95.0, 0.03
    d1 = (math.log(s / k) + (r + sigma**2 / 2) * t) / (sigma * math.sqrt(t))
    d2 = d1 - sigma * math.sqrt(t)
    return s * cdf(d1) - k * math.exp(-r * t) * cdf(d2)


@program(np.array([0.2, 0.5, -0.3]), 0.5)
def rotation_matrix(axis, angle):
    x, y, z = axis / np.linalg.norm(axis)
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    r = np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k)
    return np.sum(r @ np.array([1.0, -2.0, 0.5]) * np.array([0.3, 0.9, 2.0]))


@program([0.3, 0.8, 0.2], [1.0, 2.0])
def fir_filter(taps, unused_scale):
    out = []
    for n in range(len(DATA)):
        acc = 0.0
        for k, tap in enumerate(taps):
            if n - k >= 0:
                acc = acc + tap * DATA[n - k]
        out.append(acc)
    return np.sum(np.array(out) * T) * unused_scale[1] + unused_scale[0]


@program(0.7, np.array([0.1, 0.4, 0.9]))
def lagrange_interpolation(x, nodes):
    values = np.sin(nodes)
    total = 0.0
    for i in range(3):
        basis = values[i]
        for j in range(3):
            if i != j:
                basis = basis * (x - nodes[j]) / (nodes[i] - nodes[j])
        total = total + basis
    return total

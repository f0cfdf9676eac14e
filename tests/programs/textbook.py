"""What textbooks and scripts have: recipes in place, simulations by classes, logs, retries."""

import contextlib
import math
from dataclasses import dataclass

import numpy as np

from tests.programs import program


def tridag(a, b, c, r):
    n = len(r)
    gam = np.zeros(n)
    u = np.zeros(n)
    if b[0] == 0.0:
        raise ZeroDivisionError("tridag: rewrite equations")
    bet = b[0]
    u[0] = r[0] / bet
    for j in range(1, n):
        gam[j] = c[j - 1] / bet
        bet = b[j] - a[j] * gam[j]
        if bet == 0.0:
            raise ZeroDivisionError("tridag failed")
        u[j] = (r[j] - a[j] * u[j - 1]) / bet
    for j in range(n - 2, -1, -1):
        u[j] -= gam[j + 1] * u[j + 1]
    return u


@program(np.array([3.0, 4.0, 5.0, 3.5]), np.array([1.0, 2.0, -1.0, 0.5]), peer=False)
def tridiagonal_recipe(b, r):
    a = np.array([0.0, 1.0, 0.5, -0.3])
    c = np.array([0.2, -0.4, 0.6, 0.0])
    x = tridag(a, b, c, r)
    return np.sum(x * np.array([1.0, -0.5, 0.3, 2.0]))


@dataclass(frozen=True)
class Config:
    dt: float = 0.05
    steps: int = 6
    damping: float = 0.1
    forcing: tuple = (0.3, 0.7)


class Pendulum:
    count = 0

    def __init__(self, theta, omega, cfg):
        self.theta, self.omega, self.cfg = theta, omega, cfg
        self.history = []

    @property
    def energy(self):
        return 0.5 * self.omega**2 + (1 - math.cos(self.theta))

    def step(self, t):
        amp, freq = self.cfg.forcing
        acc = -math.sin(self.theta) - self.cfg.damping * self.omega + amp * math.cos(freq * t)
        self.omega += self.cfg.dt * acc
        self.theta += self.cfg.dt * self.omega
        self.history.append(self.energy)


@program(0.7, Config(), peer=False)
def pendulum_by_config(theta, cfg):
    sim = Pendulum(theta, 0.1, cfg)
    for k in range(cfg.steps):
        sim.step(k * cfg.dt)
    return sum(e * (i + 1) for i, e in enumerate(sim.history))


class NoConvergence(RuntimeError): ...


def newton(f, df, x, tol=1e-10, maxiter=50):
    for it in range(maxiter):
        step = f(x) / df(x)
        x = x - step
        if abs(step) < tol:
            return x, it
    raise NoConvergence(f"no convergence after {maxiter} iterations, x={x:.3g}")


@program(2.5, peer=False)
def newton_that_may_not_converge(a):
    try:
        root, its = newton(lambda x: x**3 - a, lambda x: 3 * x**2, 1.0)
    except NoConvergence as exc:
        print(exc)
        root = 0.0
    return root * root


@contextlib.contextmanager
def section(name, log):
    log.append(f"enter {name}")
    try:
        yield len(log)
    finally:
        log.append(f"exit {name}")


@program(np.array([[0.3, -0.7, 1.1], [0.5, 0.2, -0.4]]), np.array([0.4, 1.2, -0.6]), peer=False)
def sections_logged(w, x):
    log = []
    with section("forward", log) as depth:
        h = np.tanh(w @ x)
        with section("inner", log):
            h = h * depth
    assert log[-1] == "exit forward", log
    return np.sum(h**2) * len(log)


@program(
    {
        "w1": np.array([[0.3, -0.7, 1.1], [0.5, 0.2, -0.4]]),
        "b1": np.array([0.4, 0.1, -0.2]),
        "w2": np.array([0.9, -1.3, 0.7]),
    },
    np.array([[0.4, 1.2], [-0.6, 0.8], [1.5, -0.3]]),
    np.array([0.2, 0.5, -0.1]),
    peer=False,
)
def parameters_in_a_dict(params, x, y):
    m = {k: np.zeros_like(v) for k, v in params.items()}

    def loss(p):
        h = np.maximum(x @ p["w1"] + p["b1"], 0)
        return h @ p["w2"]

    for name, value in sorted(params.items()):
        m[name] = 0.9 * m[name] + 0.1 * value
    merged = {**params, "w2": params["w2"] - 0.5 * m["w2"]}
    return np.mean((loss(merged) - y) ** 2)


@program(0.3, 1.2, -0.5, peer=False)
def ranked_pairs(a, b, c):
    items = [("a", a), ("b", b), ("c", c)]
    ranked = sorted(items, key=lambda kv: kv[1], reverse=True)
    return ranked[0][1] * 3 + ranked[1][1] * 2 - ranked[2][1]


def area(shape):
    match shape:
        case ("circle", r):
            return math.pi * r**2
        case ("rect", w, h):
            return w * h
        case ("tri", (a, b, c)):
            s = (a + b + c) / 2
            return math.sqrt(s * (s - a) * (s - b) * (s - c))
        case _:
            raise ValueError(shape)


@program(1.1, 1.4, peer=False)
def areas_of_shapes(r, w):
    return sum(
        area(s) * k
        for k, s in enumerate([("circle", r), ("rect", w, r), ("tri", (r + w, w + 1, r + 2))], 1)
    )


@program(
    np.array([[0.3, 2.0, -1.0], [1.5, 0.4, 0.7], [-0.2, 1.1, 2.5]]),
    np.array([1.0, -1.0, 2.0]),
    peer=False,
)
def gauss_jordan_with_pivots(a, b):
    a = a.copy()
    b = b.copy()
    n = len(b)
    for i in range(n):
        p = i + np.argmax(np.abs(a[i:, i]))
        if p != i:
            a[[i, p]] = a[[p, i]]
            b[[i, p]] = b[[p, i]]
        piv = a[i, i]
        a[i] /= piv
        b[i] /= piv
        for j in range(n):
            if j != i:
                f = a[j, i]
                a[j] -= f * a[i]
                b[j] -= f * b[i]
    return np.sum(b * np.arange(1, n + 1))


@program(
    np.array([1.5, 0.8]), np.linspace(0, 2, 6), 2 * np.exp(-1.1 * np.linspace(0, 2, 6)), peer=False
)
def levenberg_marquardt(p, t, y):
    lam = 1e-2

    def resid(p):
        return p[0] * np.exp(-p[1] * t) - y

    def jac(p):
        return np.stack([np.exp(-p[1] * t), -p[0] * t * np.exp(-p[1] * t)], axis=1)

    cost = np.sum(resid(p) ** 2)
    for _ in range(3):
        J, r = jac(p), resid(p)
        for attempt in range(5):
            try:
                delta = np.linalg.solve(J.T @ J + lam * np.eye(2), -J.T @ r)
            except np.linalg.LinAlgError:
                lam *= 10
                continue
            new = np.sum(resid(p + delta) ** 2)
            if new < cost:
                p, cost, lam = p + delta, new, lam / 3
                break
            lam *= 4
        else:
            break
    return cost + p[0] * p[1]


@program(np.sin(np.arange(25.0)).reshape(5, 5), 0.2, peer=False)
def grid_asserted_and_swapped(u, kappa):
    assert u.ndim == 2 and u.shape[0] == u.shape[1], f"square grid, got {u.shape}"
    new = np.empty_like(u)
    for _ in range(3):
        new[0, :], new[-1, :], new[:, 0], new[:, -1] = 0.0, 0.0, 0.0, 1.0
        new[1:-1, 1:-1] = u[1:-1, 1:-1] + kappa * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
        )
        u, new = new, u
    return np.sum(u * u) + u[1, 2]


class Vec:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __rmul__(self, k):
        return Vec(k * self.x, k * self.y)

    def __matmul__(self, o):
        return self.x * o.x + self.y * o.y

    def __neg__(self):
        return -1 * self

    def __iter__(self):
        yield self.x
        yield self.y

    def __repr__(self):
        return f"Vec({self.x}, {self.y})"


@program(0.7, 1.3, peer=False)
def vectors_with_operators(a, b):
    v, w = Vec(a, b), Vec(b, a * a)
    u = v + 2 * w + -v
    x, y = u
    return u @ v + x * y


@program(0.3, 0.15, peer=False)
def descent_logged(x0, rate):
    x, hist, converged = x0, [], False
    for it in range(30):
        g = 2 * (x - 1.5) + np.cos(3 * x)
        x -= rate * g
        hist.append(f"{it:03d} x={x:.4f}")
        if not it % 10:
            print(hist[-1])
        if abs(g) < 1e-3:
            converged = True
            break
    return x**2 if converged else x

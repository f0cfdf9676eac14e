"""The functions whose gradients are read as code: see the texts beside this file."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint import checkpoint, grad, hessian, hvp, jacobian


class Linear:
    def __init__(self, n_in: int, n_out: int) -> None:
        self.w = np.ones((n_in, n_out))
        self.b = np.ones(n_out)

    def forward(self, x):
        return x @ self.w + self.b


def mse(model, x, y):
    y_pred = model.forward(x)
    return np.square(y - y_pred.squeeze()).mean()


def root(a, tol):
    x = a
    while abs(x * x - a) > tol:
        x = 0.5 * (x + a / x)
    return x


def grow(a, x, n):
    for _ in range(n):
        x = x * a + 1.0
        if x > 50.0:
            return x
    return np.sin(x)


def relu_net(params, x, y):
    (w1, b1), (w2, b2) = params
    h = np.maximum(x @ w1 + b1, 0)
    return np.mean((h @ w2 + b2 - y) ** 2)


def rnn(w, u, xs, ys):
    h = np.zeros(w.shape[0])
    loss = 0.0
    for x, y in zip(xs, ys):
        h = np.tanh(w @ h + u @ x)
        loss = loss + np.sum((h - y) ** 2)
    return loss


def attention(x, wq, wk, wv, mask):
    q, k, v = x @ wq, x @ wk, x @ wv
    scores = np.where(mask, q @ k.T / np.sqrt(k.shape[-1]), -1e9)
    scores -= scores.max(axis=-1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=-1, keepdims=True)
    return np.sum((p @ v) ** 2)


def gravity(x, m):
    r2 = np.sum((x[:, None] - x) ** 2, axis=-1) + 1e-3
    energy = m[:, None] * m / np.sqrt(r2)
    np.fill_diagonal(energy, 0.0)
    return -0.5 * np.sum(energy)


def dense_after_images(x, w, b):
    h = np.maximum(x.reshape(len(x), -1) @ w + b, 0.0)
    return np.sum(h**2)


def best(xs):
    best = None
    for x in xs:
        if best is None or x < best:
            best = x
    return best * best


def growing(x, n):
    values = []
    for k in range(n):
        values.append(np.sin(k * x))
    return np.mean(np.array(values))


def by_label(x, labels):
    sums = {}
    for k, v in zip(labels, x, strict=True):
        sums[k] = sums.get(k, 0.0) + v * v
    total = 0.0
    for k in sums:
        total += sums[k] ** 2
    return total


def heat(u, c, steps):
    for _ in range(steps):
        inner = u[1:-1] + c * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = np.concatenate([u[:1], inner, u[-1:]])
    return np.sum(u**2)


def lu(A):
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, A.shape[0]):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return np.sum(A**2)


def solve_lower(L, b):
    n = len(b)
    for i in range(n):
        for j in range(i):
            b[i] -= L[i, j] * b[j]
        b[i] /= L[i, i]
    return np.sum(b**2)


def burgers(u, nu, steps):
    for _ in range(steps):
        old = u.copy()
        inner = old[1:-1, 1:-1]
        u[1:-1, 1:-1] -= inner * (inner - old[:-2, 1:-1])
        u[1:-1, 1:-1] += nu * (old[2:, 1:-1] - 2 * inner + old[:-2, 1:-1])
    return np.sum(u**2)


def pressure(p, b):
    p[1:-1, 1:-1] = (p[1:-1, 2:] + p[1:-1, :-2] + p[2:, 1:-1] + p[:-2, 1:-1] - b) / 4
    p[:, -1] = p[:, -2]
    p[0, :] = p[1, :]
    p[:, 0] = p[:, 1]
    p[-1, :] = 0
    return np.sum(p * p)


def recurrence(x, a):
    y = np.empty(len(x))
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = a * y[i - 1] + x[i] ** 2
    return np.sum(y**2)


def ping_pong(u, steps):
    v = np.zeros_like(u)
    for _ in range(steps):
        v[1:-1] = np.sin(u[2:]) + u[:-2]
        u, v = v, u
    return np.sum(u**2)


def larger_first(u, steps):
    a, b = u.copy(), np.zeros_like(u)
    for _ in range(steps):
        now, new = (a, b) if a[0] > b[0] else (b, a)
        new[1:] += np.sin(now[:-1])
        now[0] *= 0.5
    return np.sum(a**2) + np.sum(b)


def buckets(which, x):
    held = [[] for _ in range(3)]
    for i, v in zip(which, x):
        held[i].append(v**2)
    total = 1.0
    for bucket in held:
        for v in bucket:
            total = total * np.tanh(v)
    return total


class Particle:
    def __init__(self, place, speed):
        self.place = place
        self.speed = speed


def particles(x, v):
    held = []
    for a, b in zip(x, v):
        held.append(Particle(a, a * b))
    energy = 0.0
    for p in held:
        energy = energy + p.speed**2
    return energy


class Link:
    def __init__(self, key, after):
        self.key, self.after = key, after


def linked(x):
    first = None
    for key in x:
        if first is None or key < first.key:
            first = Link(key, first)
        else:
            link = first
            while link.after is not None and link.after.key < key:
                link = link.after
            link.after = Link(key, link.after)
    total = 0.0
    while first is not None:
        total = 0.9 * total + np.sin(first.key)
        first = first.after
    return total


class Branch:
    def __init__(self, key):
        self.key, self.left, self.right = key, None, None


def put(tree, key):
    if tree is None:
        return Branch(key)
    if key < tree.key:
        tree.left = put(tree.left, key)
    else:
        tree.right = put(tree.right, key)
    return tree


def tree(x):
    root = None
    for key in x:
        root = put(root, key)
    while root.left is not None:
        root.left.key += np.sin(root.key)
        root = root.left
    return root.key**2


def search(a, x):
    total = 0.0
    for row in a:
        for entry in row:
            total = total + entry * x
            if total > 2.5:
                return total * x
    return total


def quadratic_form(a, b):
    jitter = 1e-3
    for _ in range(8):
        try:
            low = np.linalg.cholesky(a + jitter * np.eye(2))
            break
        except np.linalg.LinAlgError:
            jitter *= 10
    return np.sum(np.linalg.solve(low, b) ** 2)


def raised(x, n):
    if n == 0:
        return 1.0
    half = raised(x, n // 2)
    return half * half if n % 2 == 0 else half * half * x


def merged(v):
    if len(v) == 1:
        return v
    half = len(v) // 2
    left, right = merged(v[:half]), merged(v[half:])
    return np.concatenate([left * right[0], right])


def top(v):
    return merged(v)[0]


rng = np.random.default_rng(0)


def huber(w, x, y, delta):
    r = x @ w - y
    small = np.abs(r) <= delta
    return np.mean(np.where(small, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)))


def smoothed(r, h):
    q = r / h
    w = np.where(q < 1, 1 - 1.5 * q**2 + 0.75 * q**3, 0.25 * (2 - q) ** 3)
    return np.sum(np.where(q < 2, w, 0.0))


def normalised(x, gain, shift, target):
    mean = x.mean(axis=-1, keepdims=True)
    variance = x.var(axis=-1, keepdims=True)
    y = gain * (x - mean) / np.sqrt(variance + 1e-5) + shift
    return np.mean((y - target) ** 2)


class GaussianProcess:
    def __init__(self, scale, variance, noise):
        self.scale, self.variance, self.noise = scale, variance, noise

    def kernel(self, a, b):
        squares = np.sum((a[:, None, :] - b[None, :, :]) ** 2, axis=2)
        return self.variance * np.exp(-0.5 * squares / self.scale**2)


def evidence(process, x, y):
    k = process.kernel(x, x) + process.noise * np.eye(len(x))
    chol = np.linalg.cholesky(k)
    alpha = np.linalg.solve(chol.T, np.linalg.solve(chol, y))
    return 0.5 * y @ alpha + np.log(np.diag(chol)).sum()


def soft_means(x, centers, beta, steps):
    for _ in range(steps):
        squares = ((x[:, None] - centers[None]) ** 2).sum(-1)
        w = np.exp(-beta * squares)
        w /= w.sum(axis=1, keepdims=True)
        centers = (w.T @ x) / w.sum(axis=0)[:, None]
    return np.sum(centers**2)


def circuit(angles):
    state = np.array([1.0, 0, 0, 0])
    for k, angle in enumerate(angles):
        c, s = np.cos(angle / 2), np.sin(angle / 2)
        turn = np.array([[c, -s], [s, c]])
        gate = np.kron(turn, np.eye(2)) if k % 2 == 0 else np.kron(np.eye(2), turn)
        state = np.array([1, 1, 1, -1]) * (gate @ state)
    return state[3] ** 2


PROGRAMS: list[tuple[Any, tuple[Any, ...], Any]] = [
    (mse, (Linear(1, 1), rng.normal(size=(9, 1)), rng.normal(size=9)), 0),
    (root, (2.0, 1e-9), 0),
    (grow, (1.5, 2.0, 5), (0, 1)),
    (huber, (rng.normal(size=2), rng.normal(size=(5, 2)), rng.normal(size=5), 1.0), 0),
    (normalised, (rng.normal(size=(3, 4)), np.ones(4), np.zeros(4), np.ones((3, 4))), (0, 1, 2)),
    (evidence, (GaussianProcess(1.0, 2.0, 0.1), rng.normal(size=(5, 2)), rng.normal(size=5)), 0),
    (soft_means, (rng.normal(size=(6, 2)), rng.normal(size=(3, 2)), 1.5, 3), (0, 1, 2)),
    (circuit, (rng.normal(size=4),), 0),
    (smoothed, (np.array([0.2, 1.1, 2.5]), 0.9), 0),
    (
        relu_net,
        (
            [
                (rng.normal(size=(3, 4)), rng.normal(size=4)),
                (rng.normal(size=(4, 2)), rng.normal(size=2)),
            ],
            rng.normal(size=(5, 3)),
            rng.normal(size=(5, 2)),
        ),
        0,
    ),
    (rnn, (np.eye(3), np.ones((3, 2)), rng.normal(size=(4, 2)), rng.normal(size=(4, 3))), (0, 1)),
    (best, (np.array([3.0, 1.0, 2.0]),), 0),
    (growing, (0.3, 4), 0),
    (by_label, (rng.normal(size=4), np.array([0, 1, 0, 1])), 0),
    (heat, (rng.normal(size=8), 0.1, 3), (0, 1)),
    (lu, (rng.normal(size=(4, 4)) + 4 * np.eye(4),), 0),
    (solve_lower, (np.tril(rng.normal(size=(4, 4))) + 4 * np.eye(4), rng.normal(size=4)), (0, 1)),
    (burgers, (rng.normal(size=(6, 6)), 0.1, 3), (0, 1)),
    (pressure, (rng.normal(size=(6, 6)), rng.normal(size=(4, 4))), (0, 1)),
    (recurrence, (rng.normal(size=6), 0.3), (0, 1)),
    (ping_pong, (rng.normal(size=7), 4), 0),
    (larger_first, (rng.normal(size=7), 4), 0),
    (buckets, (np.array([0, 2, 0]), np.array([0.5, 1.5, 0.7])), 1),
    (particles, (np.array([0.5, 1.5]), np.array([0.7, 0.2])), (0, 1)),
    (quadratic_form, (np.array([[1.0, 2.0], [2.0, 1.5]]), np.array([1.0, 2.0])), (0, 1)),
    (raised, (1.1, 13), 0),
    (top, (rng.normal(size=7),), 0),
    (
        attention,
        (np.ones((4, 6)), np.eye(6, 3), np.ones((6, 3)), np.eye(6, 3), np.tri(4) > 0),
        (0, 1, 2, 3),
    ),
    (dense_after_images, (np.ones((2, 3, 4)), np.ones((12, 5)), np.ones(5)), (1, 2)),
    (gravity, (np.ones((4, 3)), np.ones(4)), (0, 1)),
    (linked, (np.array([0.5, 1.5, -0.3]),), 0),
    (tree, (np.array([0.5, 1.5, -0.3]),), 0),
    (search, (np.abs(rng.normal(size=(3, 4))), 0.7), (0, 1)),
]


def inverse_by_rows(A):
    n = A.shape[0]
    B = np.eye(n)
    for i in range(n):
        B[i] /= A[i, i]
        for j in range(i + 1, n):
            B[j] -= A[j, i] * B[i]
    return B


#: Functions whose pullbacks are read: each with arguments and those that are differentiated.
PULLBACKS: list[tuple[Any, tuple[Any, ...], Any]] = [
    (root, (2.0, 1e-9), (0,)),
    (inverse_by_rows, (np.tril(rng.normal(size=(4, 4))) + 4 * np.eye(4),), (0,)),
]

TANGENTS: list[tuple[Any, tuple[Any, ...], Any]] = [
    each for each in PROGRAMS if each[0] in (mse, heat, root, grow, rnn, ping_pong, larger_first)
]


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(w, X, y):
    return np.sum(np.log1p(np.exp(-y * (X @ w)))) + 0.5 * w @ w


def fitted(p, t):
    return p[0] * np.exp(p[1] * t)


def double_well(x, n):
    for _ in range(n):
        x = x - 0.1 * (x**3 - x)
    return x


@checkpoint
def step(h, w):
    a = np.tanh(w @ h)
    return h + np.sin(a) * a


def steps(h, w, n):
    for _ in range(n):
        h = step(h, w)
    return h @ h


def chained(x):
    total = 0.0
    for i in range(1, len(x)):
        total += x[i] ** 2 * x[i - 1]
    return total


#: Derivatives of derivatives, and of many numbers: each with arguments.
DERIVATIVES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "rosenbrock_hessian": (hessian(rosenbrock), (np.array([1.0, 2.0, 3.0]),)),
    "logistic_hessian": (hessian(logistic), (np.ones(3), rng.normal(size=(4, 3)), np.ones(4))),
    "logistic_hvp": (hvp(logistic), (np.ones(3), np.ones((4, 3)), np.ones(4), np.ones(3))),
    "chained_hvp": (hvp(chained), (np.ones(4), np.ones(4))),
    "fitted_jacobian": (jacobian(fitted), (np.ones(2), np.ones(5))),
    "double_well_grad_grad": (grad(grad(double_well)), (0.3, 4)),
    "steps_grad": (grad(steps, (0, 1)), (np.ones(3), np.ones((3, 3)), 4)),
}

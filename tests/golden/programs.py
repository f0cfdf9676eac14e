"""The functions whose gradients are read as code: see the texts beside this file."""

from __future__ import annotations

from typing import Any

import numpy as np


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


def heat(u, c, steps):
    for _ in range(steps):
        inner = u[1:-1] + c * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = np.concatenate([u[:1], inner, u[-1:]])
    return np.sum(u**2)


rng = np.random.default_rng(0)
PROGRAMS: list[tuple[Any, tuple[Any, ...], Any]] = [
    (mse, (Linear(1, 1), rng.normal(size=(9, 1)), rng.normal(size=9)), 0),
    (root, (2.0, 1e-9), 0),
    (grow, (1.5, 2.0, 5), (0, 1)),
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
    (heat, (rng.normal(size=8), 0.1, 3), (0, 1)),
]

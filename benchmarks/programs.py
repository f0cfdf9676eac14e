"""Programs to be timed, each beside the gradient a good engineer would write for it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

rng = np.random.default_rng(0)
"""One stream for all data, in the order of the table: every run times the same numbers."""


@dataclass(frozen=True, slots=True)
class Case:
    """A program, its gradient by hand, and the arguments both are called with.

    `within` is what the gradient may cost: times the one by hand, or for scalars microseconds more.
    """

    name: str
    fun: Callable[..., Any]
    by_hand: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...]
    scalar: bool = False

    @property
    def within(self) -> float:
        return 3.0 if self.scalar else 1.3


# --- lines ------------------------------------------------------------------------------------


class Linear:
    def __init__(self, n_in, n_out):
        self.w = rng.standard_normal((n_in, n_out))
        self.b = rng.standard_normal(n_out)

    def forward(self, x):
        return x @ self.w + self.b


def mse(model, x, y):
    y_pred = model.forward(x)
    return np.square(y - y_pred.squeeze()).mean()


def mse_by_hand(model, x, y):
    y_pred = x @ model.w + model.b
    d_y_pred = ((2 / y.size) * (y_pred.squeeze() - y))[:, None]
    return SimpleNamespace(w=x.T @ d_y_pred, b=d_y_pred.sum(axis=0))


def line(w, b, x, y):
    y_pred = (x * w) + b
    return np.square(y_pred - y).mean()


def line_by_hand(w, b, x, y):
    d_y_pred = (2 / y.size) * (x * w + b - y)
    return np.vdot(d_y_pred, x), np.sum(d_y_pred)


def slope(w, x, y):
    return ((w * x - y) ** 2).mean()


def slope_by_hand(w, x, y):
    return (2 / y.size) * np.vdot(w * x - y, x)


def polynomial(x):
    return np.sum((x**3) + 7 * (x**2) + 5 * x + 10)


def polynomial_by_hand(x):
    return (3 * x + 14) * x + 5


# --- classifiers and nets ---------------------------------------------------------------------


def bce_with_logits(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def bce(w, b, x, y):
    z = np.matmul(x, w) + b
    return bce_with_logits(z, y)


def bce_by_hand(w, b, x, y):
    """One row of inputs; the formula above, term by term."""
    z = x @ w + b
    e = np.exp(-np.abs(z))
    d_z = ((z > 0) - np.sign(z) * e / (1 + e) - y) / z.size
    return np.outer(x, d_z), d_z


def bce_in_closed_form(w, b, x, y):
    """The same, as one writes it who knows that the derivative is the logistic function."""
    z = x @ w + b
    d_z = (1 / (1 + np.exp(-z)) - y) / z.size
    return np.outer(x, d_z), d_z


def bce_of_batch_by_hand(w, b, x, y):
    z = x @ w + b
    e = np.exp(-np.abs(z))
    d_z = ((z > 0) - np.sign(z) * e / (1 + e) - y) / z.size
    return x.T @ d_z, d_z.sum()


def bce_of_batch_in_closed_form(w, b, x, y):
    z = x @ w + b
    d_z = (1 / (1 + np.exp(-z)) - y) / z.size
    return x.T @ d_z, d_z.sum()


def relu_net(w1, b1, w2, b2, x, y):
    h = np.maximum(x @ w1 + b1, 0)
    return np.mean((h @ w2 + b2 - y) ** 2)


def relu_net_by_hand(w1, b1, w2, b2, x, y):
    h = np.maximum(x @ w1 + b1, 0)
    d_out = (2 / y.size) * (h @ w2 + b2 - y)
    d_a = (d_out @ w2.T) * (h > 0)
    return x.T @ d_a, d_a.sum(axis=0), h.T @ d_out, d_out.sum(axis=0)


def softmax_net(w1, b1, w2, b2, x, labels):
    h = np.maximum(x @ w1 + b1, 0)
    z = h @ w2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(labels)), labels])


def softmax_net_by_hand(w1, b1, w2, b2, x, labels):
    h = np.maximum(x @ w1 + b1, 0)
    z = h @ w2 + b2
    d_z = np.exp(z - np.max(z, axis=1, keepdims=True))
    d_z /= np.sum(d_z, axis=1, keepdims=True)
    d_z[np.arange(len(labels)), labels] -= 1
    d_z /= len(labels)
    d_a = (d_z @ w2.T) * (h > 0)
    return x.T @ d_a, d_a.sum(axis=0), h.T @ d_z, d_z.sum(axis=0)


def rnn(w, u, b, v, xs, ys):
    h = np.zeros(w.shape[0])
    loss = 0.0
    for x, y in zip(xs, ys):  # noqa: B905  (as a user would write it)
        h = np.tanh(w @ h + u @ x + b)
        loss = loss + np.sum((v @ h - y) ** 2)
    return loss


def rnn_by_hand(w, u, b, v, xs, ys):
    states = [np.zeros(w.shape[0])]
    for x in xs:
        states.append(np.tanh(w @ states[-1] + u @ x + b))
    d_w, d_u, d_b, d_v = np.zeros_like(w), np.zeros_like(u), np.zeros_like(b), np.zeros_like(v)
    d_h = np.zeros(w.shape[0])
    for t in reversed(range(len(xs))):
        h = states[t + 1]
        d_out = 2 * (v @ h - ys[t])
        d_v += np.outer(d_out, h)
        d_z = (d_h + v.T @ d_out) * (1 - h**2)
        d_w += np.outer(d_z, states[t])
        d_u += np.outer(d_z, xs[t])
        d_b += d_z
        d_h = w.T @ d_z
    return d_w, d_u, d_b, d_v


# --- Python numbers ---------------------------------------------------------------------------


def cubic(a, b):
    return a**3 - b**2


def cubic_by_hand(a, b):
    return 3 * a**2, -2 * b


def root(a, tol):
    x = a
    while abs(x * x - a) > tol:
        x = 0.5 * (x + a / x)
    return x


def root_by_hand(a, tol):
    x, kept = a, []
    while abs(x * x - a) > tol:
        kept.append(x)
        x = 0.5 * (x + a / x)
    d_x, d_a = 1.0, 0.0
    while kept:
        x = kept.pop()
        d_t = 0.5 * d_x
        d_a += d_t / x
        d_x = d_t - d_t * a / x**2
    return d_a + d_x


# --- what they are called with ----------------------------------------------------------------


def net_arguments(size: int) -> tuple[Any, ...]:
    """Return parameters and data of a net whose layers and batch are all of one size."""
    w1, w2 = (rng.standard_normal((size, size)) / np.sqrt(size) for _ in range(2))
    b1, b2 = rng.standard_normal((2, size))
    return w1, b1, w2, b2, rng.standard_normal((size, size)), rng.standard_normal((size, size))


def softmax_arguments(size: int) -> tuple[Any, ...]:
    """Return the same with labels to tell apart."""
    return *net_arguments(size)[:5], rng.integers(0, size, size)


def rnn_arguments(steps: int, hidden: int) -> tuple[Any, ...]:
    """Return parameters, inputs and targets of a recurrent net."""
    w, u = 0.5 * rng.standard_normal((hidden, hidden)) / hidden**0.5, np.eye(hidden, 8)
    v, b = rng.standard_normal((4, hidden)), np.zeros(hidden)
    return w, u, b, v, rng.standard_normal((steps, 8)), rng.standard_normal((steps, 4))


def cases() -> list[Case]:
    """Return all programs with their arguments."""
    x, y = rng.standard_normal((1500, 1)), rng.standard_normal(1500)
    ramp = np.arange(1.0, 100.0)
    matrix, four = ramp[:9].reshape(3, 3), ramp[:4]
    layer = rng.standard_normal((5, 3)), rng.standard_normal(3), ramp[:5], np.zeros(3)
    rows, kinds = rng.standard_normal((1000, 50)), rng.integers(0, 2, 1000).astype(float)
    logistic = 0.1 * rows[0], 0.2, rows, kinds
    recurrent, params = rnn_arguments(50, 32), (0, 1, 2, 3)
    return [
        Case("000 Linear, 1500 points", mse, mse_by_hand, (Linear(1, 1), x, y), 0),
        Case("001 line, 99 points", line, line_by_hand, (0.5, 0.1, ramp, 20 * ramp + 6), (0, 1)),
        Case("002 polynomial of 3x3", polynomial, polynomial_by_hand, (matrix,), 0),
        Case("002 BCE of logits, 5 to 3", bce, bce_by_hand, layer, (0, 1)),
        Case("    beside the closed form", bce, bce_in_closed_form, layer, (0, 1)),
        Case("002 logistic, 1000 rows of 50", bce, bce_of_batch_by_hand, logistic, (0, 1)),
        Case("    beside the closed form", bce, bce_of_batch_in_closed_form, logistic, (0, 1)),
        Case("002 two layers, 64", relu_net, relu_net_by_hand, net_arguments(64), params),
        Case("002 two layers, 256", relu_net, relu_net_by_hand, net_arguments(256), params),
        Case("softmax, 64", softmax_net, softmax_net_by_hand, softmax_arguments(64), params),
        Case("softmax, 256", softmax_net, softmax_net_by_hand, softmax_arguments(256), params),
        Case("003 slope, 4 points", slope, slope_by_hand, (0.5, four, 2 * four), 0),
        Case("RNN of 50 steps", rnn, rnn_by_hand, recurrent, params),
        Case("000 a**3 - b**2", cubic, cubic_by_hand, (5.0, 6.0), (0, 1), scalar=True),
        Case("Newton's root, while", root, root_by_hand, (2.0, 1e-12), 0, scalar=True),
    ]

"""Logistic regression: binary cross-entropy on logits, first by one step, then trained."""

import numpy as np

from adjoint import grad, value_and_grad


def bce_with_logits(z, y):
    """The stable form: exp never overflows."""
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def layer_loss(w, b, x, y):
    z = np.matmul(x, w) + b
    return bce_with_logits(z, y)


def one_step():
    """A layer of five inputs and three outputs, as its gradient is usually shown first."""
    rng = np.random.default_rng(1)
    x, y = np.ones(5), np.zeros(3)
    w, b = rng.standard_normal((5, 3)), rng.standard_normal(3)
    d_w, d_b = grad(layer_loss, argnums=("w", "b"))(w, b, x, y)
    print("gradient of w (all rows are equal, since x is all ones):")
    print(np.round(d_w, 4))
    print("gradient of b, and (sigmoid(z) - y) / 3 by hand:")
    print(np.round(d_b, 4), np.round((1 / (1 + np.exp(-(x @ w + b))) - y) / 3, 4), "\n")


def train():
    """Two clouds of points, told apart by a line."""
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(-1, 1, (200, 2)), rng.normal(1, 1, (200, 2))])
    y = np.repeat([0.0, 1.0], 200)
    w, b = np.zeros(2), 0.0
    step = value_and_grad(layer_loss, argnums=("w", "b"))
    for i in range(201):
        loss, (d_w, d_b) = step(w, b, x, y)
        w, b = w - 0.5 * d_w, b - 0.5 * d_b
        if i % 40 == 0:
            right = np.mean((x @ w + b > 0) == (y > 0))
            print(f"step {i:3}  loss {loss:.4f}  right {right:6.1%}")
    print(f"\nthe generated function:\n\n{step.source}")


if __name__ == "__main__":
    one_step()
    train()

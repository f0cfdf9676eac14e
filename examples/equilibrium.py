"""The gradient of a fixed point, without unrolling the steps that lead to it.

A network whose output is where its layer settles: ``x = tanh(A @ x + B @ u)``. However many steps
that takes, the gradient solves one linear system. A hook clips what flows back into the input.
"""

import numpy as np

from adjoint import custom_fixed_point, custom_vjp, value_and_grad


def layer(x, A, b):
    return np.tanh(A @ x + b)


@custom_fixed_point(layer)
def settled(start, A, b):
    x = start
    while np.max(np.abs(layer(x, A, b) - x)) > 1e-12:
        x = layer(x, A, b)
    return x


@custom_vjp
def clip_gradient(x, limit):
    return x


def clip_forward(x, limit):
    return x, limit


def clip_backward(limit, g):
    return np.clip(g, -limit, limit), None


clip_gradient.defvjp(clip_forward, clip_backward)


@value_and_grad(argnums=(0, 1))
def loss(A, B, u, y):
    b = clip_gradient(B @ u, 0.5)
    return np.sum((settled(np.zeros(len(y)), A, b) - y) ** 2)


def main():
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(3, 3)) * 0.3, rng.normal(size=(3, 2))
    u, y = rng.normal(size=2), np.array([0.5, -0.3, 0.8])
    for step in range(201):
        value, (d_A, d_B) = loss(A, B, u, y)
        if step % 100 == 0:
            print(f"step {step}: loss {value:.6f}")
        A, B = A - 0.1 * d_A, B - 0.1 * d_B
    print(loss.source)


if __name__ == "__main__":
    main()

"""What `grad` writes: the functions below and, beside each, the source of its gradient."""

import inspect

import numpy as np

from adjoint import grad


def root(a, tol):
    """The square root of a, by Newton's method."""
    x = a
    while abs(x * x - a) > tol:
        x = 0.5 * (x + a / x)
    return x


def last_state(w, u, xs):
    """A recurrent net: what it says after the last of the inputs."""
    h = np.zeros(w.shape[0])
    for x in xs:
        h = np.tanh(w @ h + u @ x)
    return np.sum(h**2)


def grow(a, x, n):
    """A series that stops early when it is large enough."""
    for _ in range(n):
        x = x * a + 1.0
        if x > 50.0:
            return x
    return np.sin(x)


def show(fun, argnums, *args):
    """Print a function, its gradient function, and the gradient at `args`."""
    gradient = grad(fun, argnums=argnums)
    values = gradient(*args)
    print(f"{inspect.getsource(fun)}\n{gradient.source}\n")
    print(f"# {fun.__name__} has the gradient\n{values}\n\n")


def main():
    rng = np.random.default_rng(0)
    w, u = 0.5 * rng.standard_normal((3, 3)), rng.standard_normal((3, 2))
    show(root, 0, 2.0, 1e-12)
    show(last_state, ("w", "u"), w, u, rng.standard_normal((6, 2)))
    show(grow, ("a", "x"), 1.5, 2.0, 20)


if __name__ == "__main__":
    main()

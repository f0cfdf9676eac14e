"""A net of two layers learns one turn of a sine; its parameters are a dict of arrays."""

import numpy as np

from adjoint import value_and_grad


def relu(x):
    return np.maximum(x, 0)


def net(params, x):
    h = relu(x @ params["w1"] + params["b1"])
    return h @ params["w2"] + params["b2"]


def loss_of(params, x, y):
    return np.mean((net(params, x) - y) ** 2)


def initial(rng, n_hidden):
    return {
        "w1": rng.standard_normal((1, n_hidden)),
        "b1": rng.standard_normal(n_hidden),
        "w2": rng.standard_normal((n_hidden, 1)) / np.sqrt(n_hidden),
        "b2": np.zeros(1),
    }


def main():
    rng = np.random.default_rng(0)
    x = np.linspace(-np.pi, np.pi, 200)[:, None]
    y = np.sin(x)
    params = initial(rng, 64)
    step = value_and_grad(loss_of)
    for i in range(2001):
        loss, d_params = step(params, x, y)
        params = {name: params[name] - 0.02 * d_params[name] for name in params}
        if i % 250 == 0:
            print(f"step {i:4}  loss {loss:.5f}")
    print(f"\nthe generated function:\n\n{step.source}\n")
    for at in (-2.0, -0.5, 1.0, 2.5):
        found = net(params, np.array([[at]])).item()
        print(f"sin({at:4}) = {np.sin(at):7.4f}, the net says {found:7.4f}")


if __name__ == "__main__":
    main()

"""Optimisers written by hand: their state is made in the first step, by keys of the parameters."""

from collections import defaultdict

import numpy as np

from tests.programs import program

X = np.array([[0.3, -1.1, 0.5], [1.7, 0.2, -0.4], [0.9, 0.8, 1.3], [-0.6, 0.1, 2.0]])
Y = np.array([0.4, -0.8, 1.5, 0.7])
W = np.array([0.2, -0.5, 0.8])
B = np.array([0.3])


class Adam:
    def __init__(self, lr, b1=0.9, b2=0.99, eps=1e-3):
        self.lr, self.b1, self.b2, self.eps = lr, b1, b2, eps
        self.m, self.v, self.t = {}, {}, 0

    def step(self, params, grads):
        self.t += 1
        for i, (p, g) in enumerate(zip(params, grads)):
            if i not in self.m:
                self.m[i] = np.zeros_like(p)
                self.v[i] = np.zeros_like(p)
            self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * g
            self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g**2
            m = self.m[i] / (1 - self.b1**self.t)
            v = self.v[i] / (1 - self.b2**self.t)
            p -= self.lr * m / (np.sqrt(v) + self.eps)


@program(W, B, X, Y, 0.1, 3, peer=False)
@program(W, B, X, Y, 0.1, 0, argnums=(0, 1, 2, 3), peer=False, name="adam_without_a_step")
def adam_by_positions(w, b, x, y, lr, n):
    w, b = w.copy(), b.copy()
    optimiser = Adam(lr)
    for _ in range(n):
        r = x @ w + b - y
        optimiser.step([w, b], [x.T @ r, np.sum(r) * np.ones(1)])
    return np.sum((x @ w + b - y) ** 2)


@program(W, B, X, Y, 0.1, 3, peer=False)
def moments_by_names_in_one_dict(w, b, x, y, lr, n):
    params, state = {"w": w, "b": b}, {}
    for t in range(1, n + 1):
        r = x @ params["w"] + params["b"] - y
        grads = {"w": x.T @ r, "b": np.sum(r) * np.ones(1)}
        for k in params:
            m, v = state.get(k, (0.0, 0.0))
            m, v = 0.9 * m + 0.1 * grads[k], 0.99 * v + 0.01 * grads[k] ** 2
            state[k] = (m, v)
            step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-3)
            params[k] = params[k] - lr * step
    return np.sum((x @ params["w"] + params["b"] - y) ** 2) + np.sum(state["w"][0])


@program(W, B, X, Y, 0.1, 3, peer=False)
def velocities_of_a_default(w, b, x, y, lr, n):
    params, velocity = {"w": w, "b": b}, defaultdict(float)
    for _ in range(n):
        r = x @ params["w"] + params["b"] - y
        grads = {"w": x.T @ r, "b": np.sum(r) * np.ones(1)}
        for k, g in grads.items():
            velocity[k] = 0.9 * velocity[k] + lr * g
            params[k] = params[k] - velocity[k]
    return np.sum((x @ params["w"] + params["b"] - y) ** 2)


class Layer:
    def __init__(self, w):
        self.w = w

    def step(self, g, lr, cache, number):
        key = f"layer{number}.w"
        if key not in cache:
            cache[key] = {"mean": np.zeros_like(g), "steps": 0}
        cache[key]["mean"] = 0.9 * cache[key]["mean"] + 0.1 * g**2
        cache[key]["steps"] += 1
        if not hasattr(self, "velocity"):
            self.velocity = np.zeros_like(self.w)
        self.velocity = 0.5 * self.velocity + g / (
            np.sqrt(cache[key]["mean"]) + cache[key]["steps"]
        )
        self.w = self.w - lr * self.velocity


@program(W, X, Y, 0.1, 3, peer=False)
def state_of_layers_in_dicts_and_attributes(w, x, y, lr, n):
    layers, cache = [Layer(w[:2]), Layer(w[1:])], {}
    for _ in range(n):
        r = x[:, :2] @ layers[0].w + x[:, 1:] @ layers[1].w - y
        for number, layer in enumerate(layers):
            layer.step(x[:, number : number + 2].T @ r, lr, cache, number)
    return np.sum(r**2) + np.sum(layers[0].velocity * cache["layer1.w"]["mean"])


@program(0.7, 4)
@program(0.3, 0, name="keys_that_never_come", argnums=(0,))
def keys_that_come_and_go(x, n):
    found, count = {}, 0
    for k in range(n):
        if "last" in found and k == 2:
            count += 1
            continue
        found["even" if k % 2 == 0 else "odd"] = found.get("odd", x) * (x + k)
        found.setdefault("first", x * x)
        try:
            found["last"] = found["last"] + found["first"]
        except KeyError:
            found["last"] = x
    total = found.get("last", 2.0) * x + count
    if x > 0.5:
        found["more"] = total * x
    if "more" in found:
        total = total + found["more"]
    return total * found.get("first", x)


@program(0.7, 4, peer=False)
@program(0.7, 1, peer=False, name="history_of_one_trip")
def history_in_lists_that_the_first_trip_makes(x, n):
    history, first = {}, True
    for k in range(n):
        history.setdefault("loss", []).append(x * k)
        if "best" not in history:
            history["best"] = [x, 2 * x]
        history["best"][0] = history["best"][0] * x
        if first:
            seen, first = [x * x], False
        seen.append(history["loss"][-1] * x + history["best"][0])
    return sum(history["loss"]) * x + sum(history["best"]) * seen[-1] + seen[0]

"""Derivatives that a program takes of models, dicts and lists, and learns by.

Each program is differentiated in both modes, and compared with differences along one direction: a
program run by Python compiles what it differentiates at each call.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,attr-defined"

from __future__ import annotations

import copy
import dataclasses
import functools
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from adjoint import Unsupported, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from tests.modes.test_second_order import slope
from tests.oracle import assert_gradient

PROGRAMS: list[tuple[Any, tuple[Any, ...]]] = []


def learns(*args):
    """Register a program with the arguments that it is judged at."""

    def register(fun):
        PROGRAMS.append((fun, args))
        return fun

    return register


rng = np.random.default_rng(11)
X = rng.standard_normal((5, 3))
Y = rng.standard_normal(5)
W = rng.standard_normal(3)
V = rng.standard_normal(3)


class Model:
    steepness = 1.0

    def __init__(self, w, b=0.1):
        self.w = w
        self.b = b

    def __call__(self, x):
        return np.tanh(self.steepness * (x @ self.w) + self.b)

    @property
    def norm(self):
        return np.sum(self.w**2)


class Pair:
    def __init__(self, first, second):
        self.first = first
        self.second = second


def loss(model, x, y):
    return np.mean((model(x) - y) ** 2)


model_gradient = grad(loss)


@learns(0.3, W, X, Y)
def unrolled_descent_of_a_model(lr, w, x, y):
    model = Model(w)
    for _ in range(4):
        g = grad(loss)(model, x, y)
        model.w = model.w - lr * g.w
        model.b = model.b - lr * g.b
    return loss(model, x, y)


@learns(0.3, W, X, Y)
def unrolled_descent_in_place(lr, w, x, y):
    model = Model(w.copy())
    for _ in range(3):
        model.w -= lr * model_gradient(model, x, y).w
    return loss(model, x, y)


@learns(0.3, W, X, Y)
def unrolled_descent_of_layers(lr, w, x, y):
    class Net:
        def __init__(self, layers, scale):
            self.layers, self.scale = layers, scale

        def __call__(self, x):
            first, second = self.layers
            return self.scale * second(first(x)[:, None] * np.ones(3))

    net = Net([Model(w), Model(2 * w, 0.3)], 1.5)
    for _ in range(2):
        value, g = value_and_grad(loss)(net, x, y)
        for layer, d in zip(net.layers, g.layers, strict=True):
            for name in ("w", "b"):
                setattr(layer, name, getattr(layer, name) - lr * getattr(d, name))
        net.scale -= lr * g.scale
    return loss(net, x, y) + value


@learns(0.3, W, X, Y)
def unrolled_descent_of_a_dict(lr, w, x, y):
    params = {"w": w, "b": 0.1}

    def cost(p):
        return np.mean((np.tanh(x @ p["w"] + p["b"]) - y) ** 2)

    for _ in range(4):
        g = grad(cost)(params)
        for k in params:
            params[k] = params[k] - lr * g[k]
    return cost(params)


@dataclasses.dataclass(frozen=True)
class Frozen:
    w: np.ndarray
    b: float
    name: str = "frozen"


@learns(W, X, Y)
def frozen_dataclass_replaced(w, x, y):
    def cost(p):
        return np.mean((np.tanh(x @ p.w + p.b) - y) ** 2)

    p = Frozen(w, x[0, 0])
    for _ in range(3):
        g = grad(cost)(p)
        p = dataclasses.replace(p, w=p.w - 0.1 * g.w, b=p.b - 0.1 * g.b)
    return cost(p)


Named = namedtuple("Named", "w b")


@learns(W, X, Y)
def namedtuple_of_parameters(w, x, y):
    p = Named(w, x[0, 0])
    for _ in range(3):
        g = grad(lambda p: np.mean((np.tanh(x @ p.w + p.b) - y) ** 2))(p)
        p = Named(*(a - 0.1 * d for a, d in zip(p, g, strict=True)))
    return np.sum(p.w) * p.b


@learns(W, X)
def list_of_structures(w, x):
    def cost(p):
        return np.sum(np.tanh(p[0] * p[2][0]) * p[1]["b"]) * p[2][1]

    p = [w, {"b": x[0, 0]}, (x[1], 2.0)]
    for _ in range(3):
        g = grad(cost)(p)
        p = [p[0] - 0.1 * g[0], {"b": p[1]["b"] - 0.1 * g[1]["b"]}, (p[2][0] - g[2][0], p[2][1])]
    return cost(p)


@learns(0.05, W, X, Y)
def adam_of_a_dict(lr, w, x, y):
    def cost(p):
        return np.mean((np.tanh(x @ p["w"] + p["b"]) - y) ** 2)

    p = {"w": w, "b": x[0, 1]}
    m = {k: 0.0 * value for k, value in p.items()}
    v = {k: 0.0 * value for k, value in p.items()}
    for t in range(1, 5):
        g = grad(cost)(p)
        for k in p:
            m[k] = 0.9 * m[k] + 0.1 * g[k]
            v[k] = 0.99 * v[k] + 0.01 * g[k] ** 2
            step = (m[k] / (1 - 0.9**t)) / (np.sqrt(v[k] / (1 - 0.99**t)) + 1e-8)
            p[k] = p[k] - lr * step
    return cost(p)


class Adam:
    def __init__(self, lr):
        self.lr = lr
        self.m = None

    def step(self, model, g):
        if self.m is None:
            self.m = np.zeros_like(model.w)
            self.v = np.zeros_like(model.w)
        self.m = 0.9 * self.m + 0.1 * g.w
        self.v = 0.99 * self.v + 0.01 * g.w**2
        model.w = model.w - self.lr * self.m / (np.sqrt(self.v) + 1e-3)


@learns(0.05, W, X, Y)
def adam_of_a_model(lr, w, x, y):
    model, adam = Model(w), Adam(lr)
    for _ in range(4):
        adam.step(model, grad(loss)(model, x, y))
    return loss(model, x, y)


@learns(W, X, Y)
def momentum_in_a_gradient(w, x, y):
    model = Model(w)
    velocity = model_gradient(model, x, y)
    for _ in range(3):
        g = model_gradient(model, x, y)
        velocity.w = 0.9 * velocity.w + g.w
        velocity.b = 0.9 * velocity.b + g.b
        model.w = model.w - 0.1 * velocity.w
        model.b = model.b - 0.1 * velocity.b
    return loss(model, x, y)


@learns(0.2, W, X, Y)
def maml_over_tasks(lr, w, x, y):
    model, total = Model(w), 0.0
    for factor in (1.0, 2.0, x[0, 0]):
        adapted = copy.deepcopy(model)
        for _ in range(2):
            g = grad(loss)(adapted, x * factor, y)
            adapted.w = adapted.w - lr * g.w
            adapted.b = adapted.b - lr * g.b
        total = total + loss(adapted, x, y)
    return total


@learns(0.4, W, X, Y)
def hypergradient_of_a_regulariser(penalty, w, x, y):
    def inner(v):
        return np.mean((x @ v - y) ** 2) + penalty**2 * np.sum(v**2)

    slope = grad(inner)
    for _ in range(5):
        w = w - 0.1 * slope(w)
    return np.mean((x @ w - 2 * y) ** 2)


class Trainer:
    def __init__(self, w):
        self.model = Model(w)
        self.slope = grad(self.cost)

    def cost(self, w, x, y):
        return np.mean((np.tanh(x @ w + self.model.b) - y) ** 2) * np.sum(self.model.w)


@learns(W, X, Y)
def gradient_kept_by_an_object(w, x, y):
    trainer = Trainer(w)
    return np.sum(trainer.slope(w, x, y) ** 2)


@learns(W, X, Y)
def gradient_bound_before_and_in_a_loop(w, x, y):
    model = Model(w)
    g = model_gradient(model, x, y)
    for _ in range(3):
        model.w = model.w - 0.1 * g.w
        g = model_gradient(model, x, y)
    return loss(model, x, y) + np.sum(g.w) * g.b


@learns(W, X, Y)
def gradient_by_an_attribute_that_is_not_read(w, x, y):
    model = Model(w, x[0, 0])
    g = grad(lambda m: np.sum(m.w**3))(model)
    return np.sum(g.w) * y[0] + g.b + model.b


@learns(W, X, Y)
def function_that_writes_into_its_model(w, x, y):
    def cost(m):
        m.w = 2 * m.w
        m.w[0] = m.w[1] * x[0, 0]
        m.b += 1.0
        return loss(m, x, y)

    model = Model(w)
    g = grad(cost)(model)
    return np.sum(g.w**2) + np.sum(model.w) * model.b


@learns(W, X, Y)
def attributes_first_read_in_a_loop(w, x, y):
    def cost(m):
        s = 0.0
        for i in range(3):
            s = s + np.sum(m.w**2) if s > 0.1 else s + m.b * m.w[i]
        return s * m.steepness * m.norm * np.sum(x)

    g = grad(cost)(Model(w, y[0]))
    return np.sum(g.w**2) + g.b


@learns(W, X, Y)
def one_model_in_two_places(w, x, y):
    pair = Pair(Model(w), None)
    pair.second = pair.first
    g = grad(lambda p: loss(p.first, x, y) + 2 * loss(p.second, y[:3] * x, y))(pair)
    return np.sum(g.first.w) + np.sum(g.second.w**2)


@learns(W, X, Y)
def model_is_the_argument(w, x, y):
    model = Model(w)
    g = grad(lambda m: loss(m, x, y) * (2.0 if m is model else 3.0))(model)
    return np.sum(g.w) * (1.0 if g is model else 5.0)


@learns(W, V, X, Y)
def tangent_along_a_model(w, v, x, y):
    _, moved = jvp(grad(loss), (Model(w), x, y), (Model(v, 0.5), None, None))
    return np.sum(moved.w**2) + moved.b


@learns(W, X, Y)
def pullback_and_jacobian_of_a_model(w, x, y):
    out, back = vjp(lambda m: m(x), Model(w))
    (g,) = back(out - y)
    rows = jacobian(lambda m: m(x))(Model(w))
    return np.sum(g.w**2) * g.b + np.sum(rows.w**2) + np.sum(rows.b)


@learns(W, X, Y)
def gradient_of_a_gradient_of_a_model(w, x, y):
    def steepness(m):
        return np.sum(grad(loss)(m, x, y).w ** 2)

    return np.sum(grad(steepness)(Model(w)).w ** 2)


@learns(W, X, Y)
def several_arguments_by_name_and_number(w, x, y):
    g, by_x = grad(loss, argnums=("model", "x"))(Model(w), x, y)
    value, (h, by_y) = value_and_grad(loss, argnums=(0, 2))(Model(w, 0.2), x, y)
    return np.sum(g.w * h.w) + np.sum(by_x**2) + value * np.sum(by_y)


@learns(W, X, Y)
def residuals_beside_the_gradient(w, x, y):
    def cost(m):
        r = m(x) - y
        return np.mean(r**2), r

    g, r = grad(cost, has_aux=True)(Model(w))
    return np.sum(g.w) * np.sum(r**2)


class Cached(Model):
    @functools.cached_property
    def total(self):
        return np.sum(self.w**2)


@learns(W)
def cached_property_of_an_argument(w):
    g = grad(lambda m: m.total * m.total)(Cached(w))
    return np.sum(g.w**2)


@learns(W)
def function_that_writes_into_its_dicts(w):
    def cost(q):
        q["w"] = 2 * q["w"]
        q["inner"]["b"] += 1.0
        q["new"] = np.sum(q["w"])
        return np.sum(q["w"] ** 2) * q["inner"]["b"] * q["new"]

    p = {"w": w, "inner": {"b": w[0]}}
    for _ in range(2):
        g = grad(cost)(p)
        p["w"] = p["w"] - 0.01 * g["w"]
        p["inner"]["b"] -= 0.01 * g["inner"]["b"]
    return np.sum(p["w"]) * p["inner"]["b"]


@learns(W)
def function_that_appends_to_its_lists(w):
    def cost(q):
        q[1].append(q[0])
        q[0] = q[1][1]
        return np.sum(q[0] ** 2 * q[1][2]) * q[1][0]

    p = [w, [w[0], w * 2]]
    for _ in range(2):
        g = grad(cost)(p)
        p = [p[0] - 0.01 * g[0], [a - 0.01 * d for a, d in zip(p[1], g[1], strict=True)]]
    return np.sum(p[0]) * p[1][0]


@learns(W)
def model_of_dicts(w):
    net = Pair([{"w": w, "b": w[0]}, {"w": 2 * w, "b": 0.5}], ("names", "of", "layers"))

    def cost(n):
        return sum(np.sum(np.tanh(layer["w"] * layer["b"])) for layer in n.first)

    for _ in range(2):
        g = grad(cost)(net)
        for layer, d in zip(net.first, g.first, strict=True):
            for k in layer:
                layer[k] = layer[k] - 0.1 * d[k]
    return cost(net)


@pytest.mark.parametrize(("fun", "args"), PROGRAMS, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.sampled(3)
def test_both_modes(fun, args):
    d = tuple(np.float64(rng.normal(size=np.shape(a))) if np.ndim(a) else 0.7 for a in args)
    expected = slope(fun, args, dict(enumerate(d)))
    gradients = grad(fun, tuple(range(len(args))))(*args)
    found = sum(np.sum(g * each) for g, each in zip(gradients, d, strict=True))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(jvp(fun, args, d)[1], found, rtol=1e-9, atol=1e-12)


def test_derivatives_by_a_model_from_outside():
    model, step = Model(W, 0.2), 1e-5
    model.name = "tanh"
    found = hessian(loss)(model, X, Y)
    moved = hvp(loss)(model, X, Y, Model(V, 0.5))
    np.testing.assert_allclose(moved.w, found.w.w @ V + found.w.b * 0.5, rtol=1e-9)
    np.testing.assert_allclose(moved.b, found.b.w @ V + found.b.b * 0.5, rtol=1e-9)
    sides = [model_gradient(Model(W, 0.2 + s), X, Y) for s in (step, -step)]
    np.testing.assert_allclose(found.w.b, (sides[0].w - sides[1].w) / (2 * step), rtol=1e-5)
    np.testing.assert_allclose(found.b.b, (sides[0].b - sides[1].b) / (2 * step), rtol=1e-5)
    assert isinstance(found, Model) and isinstance(found.w, Model)
    assert found.name is None and found.w.name is None
    by_norm = hessian(lambda m: np.sum(m.w**3))(model)
    assert not by_norm.w.b.any() and not by_norm.b.w.any() and by_norm.b.b == 0.0


def test_an_attribute_of_its_own_later_is_seen():
    model = Model(W)
    squares = grad(lambda m, x: np.sum(grad(loss)(m, x, Y).w ** 2), 1)
    before = squares(model, X)
    model.steepness = 2.0
    other = Model(W)
    other.steepness = 2.0
    np.testing.assert_allclose(squares(model, X), squares(other, X))
    assert not np.allclose(before, squares(model, X))


def cached_before(w):
    model = Cached(w)
    return model.total * np.sum(grad(lambda m: m.total * m.b)(model).w)


def written_under_another_name(w):
    model = Model(w)

    def cost(m):
        m.w = 2 * m.w
        return loss(model, X, Y) * np.sum(m.w)

    return np.sum(grad(cost)(model).w)


def written_before_it_is_read(model):
    def cost(m, n):
        n.w = 2 * n.w
        return loss(m, X, Y)

    return np.sum(grad(lambda m: cost(m, model))(model).w)


def one_of_two_written(w):
    pair = Pair(Model(w), None)
    pair.second = pair.first

    def cost(p):
        p.first.w = 2 * p.first.w
        return loss(p.second, X, Y)

    return np.sum(grad(cost)(pair).second.w)


def dict_under_another_name(w):
    params = {"w": w}

    def cost(p):
        p["w"] = 2 * p["w"]
        return np.sum(params["w"] ** 2 * p["w"])

    return np.sum(grad(cost)(params)["w"])


def list_under_another_name(w):
    params = [w]

    def cost(p):
        p.append(p[0])
        return np.sum(p[1] ** 2) * len(params)

    return np.sum(grad(cost)(params)[0])


def test_a_sparse_matrix_in_a_model_is_held_fixed() -> None:
    matrix = sparse.csr_array(X)

    def squares(w):
        model = Pair(w, matrix)
        g = grad(lambda m: np.sum((m.second @ m.first) ** 2))(model)
        return np.sum(g.first**3)

    expected = 3 * (2 * X.T @ X @ W) ** 2 @ (2 * X.T @ X)
    np.testing.assert_allclose(grad(squares)(W), expected)


def test_what_is_one_object_may_be_written_by_one_of_its_names():
    assert_gradient(one_of_two_written, W)


@pytest.mark.parametrize(
    ("fun", "given", "text"),
    [
        (written_under_another_name, W, "another of which may be the one that was changed"),
        (written_before_it_is_read, Model(W), "changes its argument under another name"),
        (dict_under_another_name, W, "another of which may be the one that was changed"),
        (list_under_another_name, W, "known at run time only"),
        (cached_before, W, "'total' was computed before the derivative was taken"),
    ],
)
def test_what_is_written_by_two_names_is_refused(fun, given, text):
    with pytest.raises(Unsupported, match=text):
        grad(fun)(given)

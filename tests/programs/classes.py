"""Objects: as arguments and made inside; methods, properties, inheritance, callables."""

from collections import namedtuple
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property, total_ordering
from typing import NamedTuple

import numpy as np

from tests.programs import program

X = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7], [1.5, 0.2, 0.6], [-1.1, 0.8, 2.3]])
Y = np.array([0.3, 1.2, -0.5, 0.8])
W3 = np.array([0.7, -1.3, 2.1])

Point = namedtuple("Point", ["x", "y"])


class State(NamedTuple):
    position: float
    velocity: float
    mass: float = 2.0

    @property
    def energy(self):
        return 0.5 * self.mass * self.velocity**2 + self.position**2

    @classmethod
    def at_rest(cls, position):
        return cls(position, 0.0)


@dataclass
class Affine:
    w: np.ndarray
    b: float

    def forward(self, x):
        return x @ self.w + self.b


@dataclass(frozen=True)
class Gaussian:
    mean: float
    scale: float
    name: str = "normal"

    def log_density(self, x):
        z = (x - self.mean) / self.scale
        return -0.5 * z**2 - np.log(self.scale)


@dataclass
class Network:
    layers: list
    scale: float = 1.0
    options: dict = field(default_factory=dict)

    def __call__(self, x):
        for layer in self.layers[:-1]:
            x = np.tanh(layer.forward(x))
        return self.layers[-1].forward(x) * self.scale


class Linear:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def forward(self, x):
        return x @ self.w + self.b


class Ridge(Linear):
    penalty = 0.1

    def __init__(self, w, b):
        super().__init__(w, b)
        self.name = "ridge"

    def forward(self, x):
        return super().forward(x) * 2

    def cost(self):
        return self.penalty * np.sum(self.w**2)


class Parabola:
    def __init__(self, a, b, c):
        self.a, self.b, self.c = a, b, c

    @property
    def vertex(self):
        return -self.b / (2 * self.a)

    @classmethod
    def through_origin(cls, a):
        return cls(a, a * 2, 0.0)

    @staticmethod
    def square(t):
        return t * t

    def __call__(self, t):
        return self.a * self.square(t) + self.b * t + self.c


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __rmul__(self, k):
        return self * k

    def dot(self, other):
        return self.x * other.x + self.y * other.y


@program(Affine(np.array([0.5, -0.2, 0.8]), 0.3), X, Y, peer=False)
def dataclass_argument(model, x, y):
    return np.mean((model.forward(x) - y) ** 2)


@program(Gaussian(0.3, 1.7), 0.9, peer=False)
def frozen_dataclass(g, x):
    return g.log_density(x) * x


@program(Linear(np.array([0.5, -0.2, 0.8]), np.array([0.3])), X, Y, peer=False)
def plain_object(model, x, y):
    return np.square(y - model.forward(x)).mean()


@program(Ridge(np.array([0.5, -0.2, 0.8]), 0.3), X, peer=False)
def inherited_methods(model, x):
    return np.sum(model.forward(x) * Y) + model.cost()


@program(
    Network([Affine(np.ones((3, 2)) * 0.4, 0.1), Affine(np.array([0.5, -0.6]), 0.2)]),
    X,
    peer=False,
)
def object_of_objects(net, x):
    return np.sum(net(x) * Y)


@program(Parabola(0.7, -0.4, 0.2), 1.3, peer=False)
def callable_object_and_property(p, t):
    return p(t) + p.vertex * p(p.vertex)


@program(0.7)
def object_made_inside(a):
    p = Parabola(a, 2.0, a * a)
    q = Parabola.through_origin(a)
    return p(1.5) * q(a) + q.vertex


@program(0.7, 0.3)
def operators_of_a_class(a, b):
    u = Vector(a, b) + Vector(b, 2.0) * a
    v = 3.0 * u
    return v.dot(u)


@program(0.7)
def attribute_written_inside(a):
    p = Parabola(1.0, a, 0.0)
    p.c = p.b * a
    p.a = p.a + p.c
    return p(2.0)


@program(0.7)
def attribute_written_in_branch_and_loop(a):
    p = Parabola(1.0, a, 0.0)
    if a > 0.5:
        p.b = a * a
    for _ in range(3):
        p.c = p.c * a + p.b
    return p(a)


@program(Point(0.4, np.array([0.3, -0.8])), peer=False)
def namedtuple_argument(p):
    return p.x**2 * np.sum(p.y * np.array([1.0, 3.0]))


@program(State(0.4, 1.1), 5, 0.1, peer=False)
def namedtuple_replaced_in_loop(state, n, dt):
    for _ in range(n):
        force = -np.sin(state.position)
        v = state.velocity + dt * force / state.mass
        state = State(state.position + dt * v, v, state.mass)
    return state.position * state.velocity


@program(0.4, 0.9)
def namedtuple_made_inside(x, y):
    p = Point(x * y, y=x - y)
    q = p._replace(y=p.x * 2)
    a, b = q
    return a * b + p.y * p[0]


@program(np.array([0.7, -1.2]), 0.4, peer=False)
def namedtuple_made_of_items(x, y):
    p, q = Point._make(x), Point._make([y, x[0] * y])
    return p.x * q.y + p.y**2 * q.x


@program([Affine(np.array([0.5, -0.2, 0.8]), 0.3), (1.5, None)], X, peer=False)
def object_in_list(models, x):
    first, (scale, nothing) = models
    return np.sum(first.forward(x) * Y) * scale


@program(Affine(np.array([0.5, -0.2, 0.8]), 0.3), peer=False)
def bound_method_as_value(model):
    f = model.forward
    return np.sum(f(X) * Y) + np.sum(f(X[:2]))


@program(Ridge(np.array([0.5, -0.2, 0.8]), 0.3), peer=False)
def attributes_by_name(model):
    total = 0.0
    for name in ("w", "b"):
        if hasattr(model, name):
            total = total + np.sum(getattr(model, name) ** 2) * len(name)
    return total if isinstance(model, Linear) else 2 * total


class Sequence:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i] * 2


@program(0.4, 0.9)
def sequence_protocol(x, y):
    s = Sequence([x, y, x * y])
    return s[0] * s[-1] * len(s) + s[1]


class Counter:
    def __init__(self):
        self.total = 0.0
        self.calls = 0

    def add(self, value):
        self.total = self.total + value
        self.calls += 1
        return self


@program(0.4, 0.9)
def methods_that_change_the_object(x, y):
    c = Counter()
    c.add(x * x).add(y)
    for k in range(3):
        c.add(x * y * k)
    return c.total * c.calls


class Descent:
    def __init__(self, rate):
        self.rate = rate

    def step(self, w, slope):
        return w - self.rate * slope


@program(np.array([0.5, -0.2, 0.8]), 0.1)
def optimiser_object(w, rate):
    optimiser = Descent(rate)
    for _ in range(3):
        w = optimiser.step(w, X.T @ (X @ w - Y))
    return np.sum(W3 * w)


class Inner:
    def __init__(self, k):
        self.k = k


class Outer:
    def __init__(self, k):
        self.inner = Inner(k)
        self.by_name = {"one": Inner(k * 2)}


@program(Outer(1.5), peer=False)
def attribute_of_an_attribute_written(outer):
    outer.inner.k = outer.inner.k * 3
    outer.by_name["one"].k *= outer.inner.k
    return outer.inner.k**2 + outer.by_name["one"].k


@program(1.5, Outer(1.2), 3, peer=False)
def attribute_of_an_attribute_written_in_a_loop(x, outer, n):
    for _ in range(n):
        outer.inner.k = outer.inner.k * x
    return outer.inner.k * 2


@program(1.5, Outer(1.2), 3, peer=False)
def attribute_of_an_attribute_written_in_a_branch(x, outer, n):
    if n > 2:
        outer.inner.k = outer.inner.k * x
    return outer.inner.k * 2


class Kernel:
    def __init__(self, w):
        self.w = w

    @cached_property
    def squares(self):
        return self.w**2

    @cached_property
    def total(self):
        return np.sum(self.squares * W3)


@program(W3, peer=False)
def cached_property_of_before_a_change(w):
    kernel = Kernel(w)
    first = kernel.squares
    kernel.w = kernel.w * 10
    return np.sum(first * W3) + np.sum(kernel.squares * kernel.w) + kernel.total


@program(W3, 3, peer=False)
def cached_property_read_before_a_loop(w, n):
    kernel = Kernel(w)
    y = kernel.total
    for i in range(n):
        y = y * kernel.total + i
        kernel.w = kernel.w * 2
    return y + np.sum(kernel.w)


@program(W3, peer=False)
def cached_property_that_is_forgotten(w):
    kernel = Kernel(w)
    y = kernel.total
    del kernel.squares
    kernel.w = w * 3
    return y * np.sum(kernel.squares) + kernel.total


@program(Kernel(W3), peer=False)
def cached_property_of_an_argument(kernel):
    y = kernel.squares + kernel.w
    kernel.w = kernel.w * 2
    return np.sum(y * kernel.squares * W3)


@program(State(0.4, 1.1), peer=False)
def property_of_a_namedtuple(state):
    rest = state.at_rest(state.energy)
    return rest.energy * state.mass + rest.position


@program(W3, 1.0, argnums=(0,), peer=False)
@program(W3, -1.0, name="cached_property_of_another_way", argnums=(0,), peer=False)
def cached_property_of_some_ways(w, x):
    kernel = Kernel(w)
    y = kernel.total * w if x > 0 else 3 * w
    other = copy(kernel)
    kernel.w = kernel.w * 2 + 1
    other.w = other.w * 3
    return np.sum(y * kernel.squares) + kernel.total * other.total


@program(W3, 3, peer=False)
def cached_property_first_read_in_a_loop(w, n):
    kernel, late, y = Kernel(w), Kernel(w * 2), 0.0
    for i in range(n):
        y = y + kernel.total * kernel.w[0]
        if i >= 1:
            y = y + late.total * (i + 1)
        kernel.w = kernel.w * 1.5
        late.w = late.w * kernel.total
        if i == 1:
            del kernel.squares
            del kernel.total
            late.squares = kernel.w**3
    unread = Kernel(w)
    for _ in range(n - n):
        y = y + unread.total
    unread.w = unread.w * 2
    return y + kernel.total * np.sum(late.squares) + unread.total


@total_ordering
class Weighted:
    def __init__(self, value, weight):
        self.value, self.weight = value, weight

    def __eq__(self, other):
        return self.value == other.value

    def __lt__(self, other):
        return self.value < other.value


@total_ordering
class Higher:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other.value

    def __gt__(self, other):
        if not isinstance(other, Higher):
            return NotImplemented
        return self.value > other.value


@program(W3, Y, peer=False)
def the_largest_of_objects(w, y):
    a, b = Weighted(w[0] * 1.0, 2.0), Weighted(w[1] ** 2, w[2])
    first, last = max([a, b]), min(a, b)
    first.value = first.value * 3
    several = [Weighted(t**2, k + 0.5) for k, t in enumerate(y)]
    highest = max(several)
    return a.value + first.value * first.weight + last.value + highest.value * min(several).weight


@program(W3, peer=False)
def comparisons_made_of_lower(w):
    a, b = Weighted(w[0], 2.0), Weighted(w[1], w[2])
    total = a.value * 3 if a >= b else b.value * a.value
    if a > b:
        total = total * b.weight
    if a <= b:
        total = total + 7 * w[0]
    if a != b:
        total = total * w[1]
    return total


@program(W3, peer=False)
def comparisons_made_of_higher_in_a_loop(w):
    best, total = Higher(w[0]), 0.0
    for v in w:
        other = Higher(v * v)
        if best <= other:
            best = other
        if not best < other and best >= other:
            total = total * 0.5 + best.value * v
    return total

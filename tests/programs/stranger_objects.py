"""Classes with inheritance, properties and operators; records nested in containers."""

from collections import namedtuple
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import NamedTuple

import numpy as np

from tests.programs import program

V = np.array([0.7, -1.2, 0.4])


class Module:
    count = 2
    gain = 0.5

    def __init__(self, w):
        self.w = w
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return self.forward(x)

    def forward(self, x):
        raise NotImplementedError

    @staticmethod
    def squash(x):
        return np.tanh(x)

    @classmethod
    def scaled(cls, w):
        return cls(w * cls.gain)

    @property
    def norm(self):
        return np.sum(self.w**2)


class Dense(Module):
    gain = 1.5

    def __init__(self, w, b):
        super().__init__(w)
        self.b = b

    def forward(self, x):
        return self.squash(self.w * x + self.b)


class Residual(Dense):
    @classmethod
    def scaled(cls, w):
        return cls(w * cls.gain * Module.gain, 0.1)

    def forward(self, x):
        return x + super().forward(x) * self.count


@program(Dense(V, 0.3), V[::-1].copy(), peer=False)
def inherited_call(model, x):
    y = model(model(x))
    return np.sum(y * np.array([1.0, 2.0, -1.0])) + model.norm * 1.5


@program(V, 0.3)
def made_inside_with_classmethod(w, b):
    a = Residual.scaled(w)
    c = Residual(w, b)
    out = a(c(w))
    return np.sum(out * V) + a.norm * a.calls + c.calls * b


class Poly:
    def __init__(self, *coefficients):
        self.c = list(coefficients)

    def __call__(self, x):
        out = 0.0
        for c in reversed(self.c):
            out = out * x + c
        return out

    def __add__(self, other):
        return Poly(*[a + b for a, b in zip(self.c, other.c)])

    def __mul__(self, k):
        return Poly(*(k * c for c in self.c))

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1.0

    def __getitem__(self, i):
        return self.c[i]

    def __len__(self):
        return len(self.c)


@program(0.7, 1.9)
def polynomial_objects(x, a):
    p = Poly(a, 2.0, x)
    q = Poly(1.0, x * a, a)
    r = 2.0 * p + -q
    return r(x) * r[1] + p(r[-1]) * len(r)


class Dual:
    def __init__(self, re, du):
        self.re, self.du = re, du

    def __add__(self, o):
        o = o if isinstance(o, Dual) else Dual(o, 0.0)
        return Dual(self.re + o.re, self.du + o.du)

    def __mul__(self, o):
        o = o if isinstance(o, Dual) else Dual(o, 0.0)
        return Dual(self.re * o.re, self.re * o.du + self.du * o.re)

    __radd__ = __add__
    __rmul__ = __mul__


@program(1.3)
def dual_numbers(x):
    z = Dual(x, 1.0)
    y = z
    for k in range(4):
        y = y * z + k
    return y.du * 0.5 + y.re


@dataclass
class Block:
    w: np.ndarray
    scale: float = 1.0
    name: str = "block"
    extra: list = field(default_factory=list)


@dataclass(frozen=True)
class Net:
    blocks: dict
    bias: float


NET = Net({"a": [Block(V, 0.5), Block(V * 2, 1.5, "b", [0.3, V])], "c": [Block(V - 1)]}, 0.2)


@program(NET, V, peer=False)
def dataclasses_in_lists_in_dicts(net, x):
    out = x
    for name, blocks in net.blocks.items():
        for i, block in enumerate(blocks):
            out = np.tanh(out * block.w * block.scale + net.bias * (i + 1))
            for e in block.extra:
                out = out + e
        if name == "a":
            out = out * 2
    return np.sum(out * np.array([1.0, -2.0, 0.5]))


@program(Block(V, 0.4), 0.3, peer=False)
def dataclass_replace(block, x):
    other = replace(block, scale=block.scale * x)
    other2 = replace(other, w=other.w * block.scale)
    return np.sum(other2.w * other2.scale * V) + block.scale


Particle = namedtuple("Particle", ["x", "v", "m"])


class Adam(NamedTuple):
    m: np.ndarray
    v: np.ndarray
    t: int = 0


def step(w, state, gradient):
    t = state.t + 1
    m = 0.9 * state.m + 0.1 * gradient
    v = 0.99 * state.v + 0.01 * gradient**2
    w = w - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-3)
    return w, Adam(m, v, t)


@program(V, 5)
def adam_state(w, n):
    state = Adam(np.zeros_like(w), np.zeros_like(w))
    for _ in range(n):
        w, state = step(w, state, 2 * w + np.cos(w))
    return np.sum(w * np.array([1.0, 2.0, 3.0])) + state.t


class Cached:
    def __init__(self, a):
        self.a = a
        self._value = None

    @property
    def value(self):
        if self._value is None:
            self._value = self.a * np.sin(self.a)
        return self._value

    @value.setter
    def value(self, v):
        self._value = v


class Shape:
    def area(self):
        return self.side**2


class Named:
    label = 3.0

    def describe(self):
        return self.area() * self.label


class Square(Shape, Named):
    def __init__(self, side):
        self.side = side


class Half(Square):
    def area(self):
        return super().area() / 2


@program(1.4)
def multiple_inheritance(x):
    shapes = [Square(x), Half(x * x), Square(0.5)]
    shapes[2].label = x
    return sum(s.describe() for s in shapes) * shapes[1].side


@program({"w": [V, (0.4, {"b": V * 3})], "n": 2, "act": "tanh", "none": None}, V, peer=False)
def ragged_tree(tree, x):
    w, (s, rest) = tree["w"]
    out = x * w * s
    if tree["act"] == "tanh":
        out = np.tanh(out)
    if tree["none"] is not None:
        out = out * 100
    for _ in range(tree["n"]):
        out = out + rest["b"] * out
    return np.sum(out * np.array([0.2, 0.5, -1.0]))


class Stack:
    def __init__(self):
        self.items = []

    def push(self, x):
        self.items.append(x)
        return self

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)

    def __contains__(self, x):
        return x in self.items

    def __getitem__(self, k):
        return self.items[k]

    def __matmul__(self, other):
        return sum(a * b for a, b in zip(self.items, other.items))


@program(1.4, 0.6)
def fluent_stack(x, y):
    s = Stack().push(x).push(y).push(x * y)
    t = Stack().push(y).push(2.0).push(x)
    first, *rest = s.items
    return s @ t + first * rest[-1] * len(s)


class Bead:
    def __init__(self, x, w):
        self.x = x
        self.w = w


@singledispatch
def area(shape):
    raise NotImplementedError


@area.register(Bead)
def _(shape):
    return shape.x * shape.w


@area.register
def _(shape: float):
    return shape**3


@program(np.array([1.3, -0.7, 2.9, 0.4]), peer=False)
def objects_in_the_order_of_a_part(x):
    beads = [Bead(x[i], x[i] * (i + 1)) for i in range(4)]
    ordered = sorted(beads, key=lambda p: p.x)
    ordered[0].w = x[0] * 5
    ordered[-1].x = ordered[-1].x ** 2
    beads.sort(key=lambda p: -p.w)
    total = sum((i + 1) * p.w**2 + p.x for i, p in enumerate(beads))
    return total + ordered[1].w * max(beads, key=lambda p: p.x).w


@program(np.array([1.3, -0.7, 2.9, 0.4]), Bead(0.3, 1.2), peer=False)
def attributes_as_a_dict(x, given):
    bead, total = Bead(x[0], x[1] * 2), 0.0
    for name, value in vars(bead).items():
        total += value**2 * len(name)
    shown = bead.__dict__
    bead.y = bead.x * 3
    shown["z"] = bead.w**2
    total += sum(shown.values()) + bead.z * len(shown)
    return total + sum(vars(given).values()) ** 2 * area(bead) + area(float(x[2])) * area(given)


@dataclass(order=True)
class Ranked:
    rank: float
    weight: float = field(compare=False, default=2.0)


@program(1.3, 0.4, peer=False)
def compared_by_fields(x, y):
    first, second, same = Ranked(x, y), Ranked(y, x * y), Ranked(x)
    total = (first if first > second else second).weight * 2
    if first == same and first != second and same in [second, first]:
        total += same.rank * min(first, second).weight
    return total if second not in (first, same) else x


class Windowed:
    def __init__(self, x, values):
        self.x = x
        self.values = values
        self.window = values[1:4]
        self.ends = (values[:2], x)


@program(np.array([0.4, -0.3, 1.2, 0.7, -0.9]), np.array([0.8, 0.1, -0.5, 0.6, 1.1]), peer=False)
def renewed_with_a_view_of_what_is_written(a, b):
    made = Windowed(a[0], b + 0.1)
    made.values[1] *= 3
    s = 0.5
    for y in a:
        s = s + made.window[1] * y + made.ends[0][1] * made.window[0]
        made = Windowed(s, a * y)
        s = s + made.window.sum() + made.ends[0].sum()
        made.values[2] += y
        made.values[1] *= y
    return s + made.window[0] * made.ends[0][1]

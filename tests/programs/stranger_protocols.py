"""Objects by their special methods, and functions that call themselves."""

import itertools
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5, 0.7])
W = np.array([0.3, 1.7, -0.4, 2.2])


class Poly:
    def __init__(self, *c):
        self.c = c

    def __call__(self, t):
        return sum(a * t**i for i, a in enumerate(self.c))

    def __add__(self, o):
        return Poly(*(a + b for a, b in itertools.zip_longest(self.c, o.c, fillvalue=0.0)))

    def __mul__(self, o):
        if not isinstance(o, Poly):
            return Poly(*(a * o for a in self.c))
        out = [0.0] * (len(self.c) + len(o.c) - 1)
        for i, a in enumerate(self.c):
            for j, b in enumerate(o.c):
                out[i + j] = out[i + j] + a * b
        return Poly(*out)

    __rmul__ = __mul__

    def __getitem__(self, i):
        return self.c[i]

    def __len__(self):
        return len(self.c)

    def __iter__(self):
        return iter(self.c)

    def __neg__(self):
        return Poly(*[-a for a in self.c])

    def __eq__(self, o):
        return self.c == o.c


@program(1.3, 0.4, peer=False)
def poly(x, y):
    p = Poly(x, 2.0, y) + Poly(y, x)
    q = 2.0 * (p * p) + (-p)
    a, *rest = q
    return q(x) * 0.1 + q[1] + len(q) + a * rest[0]


@dataclass
class State:
    x: float
    v: float
    log: list = field(default_factory=list)

    def step(self, dt):
        self.log.append(self.x)
        return replace(self, x=self.x + dt * self.v, v=self.v - dt * self.x)


@program(1.3, 0.4, peer=False)
def dc_replace(x, v):
    s = State(x, v)
    for _ in range(3):
        s = s.step(0.1)
    return s.x * 1.7 + s.v + sum(s.log)


class Base:
    registry = {}  # noqa: RUF012
    gain = 1.5

    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        Base.registry[cls.__name__.lower()] = cls

    def run(self, t):
        return self.act(t) * self.gain


class Relu(Base):
    def act(self, t):
        return np.maximum(t, 0)


class Tanh(Base):
    gain = 0.7

    def act(self, t):
        return np.tanh(t)

    def run(self, t):
        return super().run(t) + t


@program(V, peer=False)
def registry(v):
    out = v
    for n in ("relu", "tanh"):
        out = Base.registry[n]().run(out) + v
    return np.sum(out * W)


class Linked:
    def __init__(self, v, nxt=None):
        self.v, self.nxt = v, nxt


@program(1.3, peer=False)
def linked(x):
    head = None
    for k in (1.0, 2.0, 3.0):
        head = Linked(x * k, head)
    s, node = 0.0, head
    while node is not None:
        s = s * x + node.v
        node = node.nxt
    return s


def halves(v):
    if len(v) == 1:
        return v[0] * v[0]
    m = len(v) // 2
    return halves(v[:m]) * 1.3 + halves(v[m:])


@program(V, peer=False)
def rec_halves(v):
    return halves(v)


def flatten(t):
    if isinstance(t, (list, tuple)):
        for p in t:
            yield from flatten(p)
    else:
        yield t


@program([1.3, [0.4, [2.0, 0.7]], 1.1], peer=False)
def rec_flatten(t):
    return sum(a * w for a, w in zip(flatten(t), itertools.count(1)))


def depth_tree(t):
    match t:
        case (a, b):
            return depth_tree(a) * 0.5 + depth_tree(b) ** 2
        case float(v):
            return np.sin(v)


@program(((1.3, 0.4), (2.0, (0.7, 1.1))), peer=False)
def rec_match(t):
    return depth_tree(t)


@program(1.3, peer=False)
def memo_dict(x):
    cache = {}

    def f(n):
        if n in cache:
            return cache[n]
        r = x if n < 2 else f(n - 1) * 0.5 + f(n - 2)
        cache[n] = r
        return r

    return f(8)


class Meta:
    def __getattr__(self, name):
        if name.startswith("p_"):
            return 2.0 * len(name)
        raise AttributeError(name)


@program(1.3, peer=False)
def getattr_dunder(x):
    m = Meta()
    return x * m.p_abc * (1.0 if hasattr(m, "q") else 3.0)


class Ctx:
    depth = 0

    def __init__(self, k):
        self.k = k

    def __enter__(self):
        return self

    def __exit__(self, *e):
        self.k = self.k * 2


@program(1.3, peer=False)
def ctx_state(x):
    c = Ctx(x)
    with c:
        y = c.k * x
    with c as d:
        y = y + d.k
    return y * c.k


class Vec:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b

    def __iter__(self):
        yield self.a
        yield self.b

    def __matmul__(self, o):
        return self.a * o.a + self.b * o.b

    def __abs__(self):
        return np.sqrt(self @ self)

    def __contains__(self, k):
        return k == 1

    def __bool__(self):
        return True

    def __float__(self):
        return float(self.a)


@program(1.3, 0.4, peer=False)
def vec(x, y):
    v = Vec(x, y)
    a, b = v
    return (v @ Vec(y, x)) * abs(v) + a * b + (2.0 if 1 in v else 3.0) * max(v) + sum(v)


def fact(x, n):
    return x if n == 0 else fact(x * 1.1, n - 1) * n


@program(1.3, 6, peer=False)
def rec_int(x, n):
    return fact(x, n)


def fft(v):
    n = len(v)
    if n == 1:
        return v
    e, o = fft(v[0::2]), fft(v[1::2])
    return np.concatenate([e + 0.3 * o, e - 0.3 * o])


@program(V, peer=False)
def rec_fft(v):
    return np.sum(fft(v) * W)


def bisect(f, a, b, k):
    m = 0.5 * (a + b)
    if k == 0:
        return m
    return bisect(f, a, m, k - 1) if f(m) > 0 else bisect(f, m, b, k - 1)


@program(1.3, peer=False)
def rec_bisect(x):
    return bisect(lambda t: t * t - 2.0, 0.0, 2 * x, 4)


@program(1.3, 0.4, peer=False)
def vec2(x, y):
    v = Vec(x, y)
    return sum(v)


@program(1.3, 0.4, peer=False)
def vec3(x, y):
    v = Vec(x, y)
    return (v @ Vec(y, x)) * abs(v)


@program(1.3, 0.4, peer=False)
def vec4(x, y):
    v = Vec(x, y)
    return np.sqrt(x) + max(v)


def halved(v):
    e, o = v[0::2], v[1::2]
    return np.concatenate([e + 0.3 * o, e - 0.3 * o])


@program(V, peer=False)
def lengths_that_are_twice_another(v):
    e, o = halved(v[0::2]), halved(v[1::2])
    return np.sum(np.concatenate([e + 0.3 * o, e - 0.3 * o]) * W)


class Shifted(NamedTuple):
    """A named tuple that answers to operators and builtins in its own way."""

    x: float
    y: float

    def __add__(self, other):
        return Shifted(self.x + other.x, self.y * other.y)

    def __mul__(self, scale):
        return Shifted(self.x * scale, self.y)

    __rmul__ = __mul__

    def __neg__(self):
        return Shifted(-self.x, self.y)

    def __getitem__(self, k):
        return self.y if k == 0 else self.x

    def __len__(self):
        return 5

    def __iter__(self):
        return iter((self.x * 2, self.y))

    def __abs__(self):
        return np.hypot(self.x, self.y)

    def __call__(self, t):
        return self.x * t

    def __eq__(self, other):
        return self.x > other.x

    def __lt__(self, other):
        return self.y > other.y

    def __bool__(self):
        return bool(self.x > 100)

    def __contains__(self, item):
        return item == 7


@program(1.3, 0.7, peer=False)
def a_named_tuple_has_special_methods(x, y):
    a, b = Shifted(x, y), Shifted(y, x)
    c = 3.0 * (a + b) + -b
    first, second = a
    s = c.x * c.y + a[0] * len(a) + abs(b) + c(y) + first * second**2 + sum(b)
    if a == b and not a and 7 in a and a < b:
        s = s * x
    return s


class Ordered:
    def __init__(self, key):
        self.key = key

    def __eq__(self, other):
        return self.key > other.key

    def __iter__(self):
        return iter([self.key, self.key * 2])

    def __index__(self):
        return 1

    def __divmod__(self, other):
        return self.key * other, self.key / other

    def __radd__(self, other):
        return other * self.key

    def __format__(self, spec):
        return spec


class Derived(Ordered):
    def __radd__(self, other):
        return other.key * self.key**2

    def __add__(self, other):
        return self.key


@program(1.3, 0.7, peer=False)
def not_equal_is_the_opposite_of_equal(x, y):
    a, b = Ordered(x), Derived(y)
    product, ratio = divmod(a, x * y)
    s = product * ratio + [1.0, x, y][a] + (Ordered(x) + b)
    if a != b:
        s = s * 3
    if b != a and 2 * x in a and f"{a:text}" == "text":
        s = s + y
    return s


class Counting:
    """Counts what it handed out, and sums it, while a loop goes over it."""

    def __init__(self, items):
        self.items, self.total = items, 0.0

    def __iter__(self):
        for item in self.items:
            self.total += item * item
            yield item


class Steps:
    """An iterator of its own class, which ends at a value."""

    def __init__(self, start, factor):
        self.value, self.factor, self.count = start, factor, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.value < 0.3:
            raise StopIteration
        self.value = self.value * self.factor
        self.count += 1
        return self.value


class Asked:
    """Has its items by an index alone, and counts how often it was asked."""

    def __init__(self, items):
        self.items, self.asked = items, 0

    def __getitem__(self, index):
        self.asked += 1
        return self.items[index] * self.asked


@program(V, 0.7, peer=False)
def handed_out_one_by_one(v, x):
    seen, steps, few = Counting(v), Steps(2.0, x), Counting([x, v[0], v[1]])
    s = 0.0
    for item in seen:
        s += item * seen.total
        if item > 0.45:
            break
    for i, item in enumerate(few):
        s += i * item * few.total
    s += sum(a * b * few.total for a, b in zip(few, v))
    for item in steps:
        s += item * item * steps.count
    asked = Asked([x, v[2], v[3]])
    for item in asked:
        s += item * asked.asked
    return s * seen.total + steps.value


class Scaled:
    """A descriptor: what is written is scaled, and what is read is squared."""

    def __init__(self, by):
        self.by = by

    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, owner, cls=None):
        return getattr(owner, self.name) ** 2

    def __set__(self, owner, value):
        setattr(owner, self.name, value * self.by)

    def __delete__(self, owner):
        setattr(owner, self.name, 0.5)


class Watched:
    width = Scaled(3.0)

    def __init__(self, width):
        self.width = width
        self.written = 0.0

    def __setattr__(self, name, value):
        super().__setattr__(name, value * 1.5 if name == "height" else value)

    def __delattr__(self, name):
        if name == "written":
            self.height = self.height * 2.0
        else:
            object.__delattr__(self, name)


@program(1.3, 0.7, peer=False)
def attributes_by_methods(x, y):
    class Inner:
        depth = Scaled(y)

        def __setattr__(self, name, value):
            object.__setattr__(self, name, value if name.startswith("_") else value + x)

        def __delattr__(self, name):
            self._depth = self._depth * y

    outer, inner = Watched(x), Inner()
    outer.height = y
    outer.width = outer.width * outer.height
    inner.depth, inner.other = x, y
    del inner.other, outer.written
    s = outer.width * inner.depth * inner.other + outer.height
    del outer.width
    return s * outer.width

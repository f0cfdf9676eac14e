"""Classes and decorated functions defined inside, and attributes that are more than values."""

import functools
from collections import namedtuple
from dataclasses import dataclass, field

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])


@program(1.3)
def cls_closure_counter(x):
    class Counter:
        total = 0

        def __init__(self):
            self.n = 0

        def __call__(self, t):
            self.n += 1
            return t * self.n

        @staticmethod
        def sq(t):
            return t * t

        @classmethod
        def make(cls, k):
            c = cls()
            c.n = k
            return c

        @property
        def twice(self):
            return 2 * self.n * x

        @twice.setter
        def twice(self, v):
            self.n = v

        def __add__(self, o):
            return self.n * x + o

        def __len__(self):
            return 3

        def __getitem__(self, i):
            if i >= 3:
                raise IndexError
            return x * (i + self.n)

    c = Counter.make(4)
    c.twice = 5
    return c(x) + Counter.sq(x) + c.twice + (c + x) + c[1] + len(c)


@program(1.3)
def cls_dynamic_attr(x):
    class P:
        w = x * 2

        def f(self, t):
            return t * self.w * P.w

    return P().f(x)


@program(1.3)
def cls_scope(x):
    a = x * 3

    class P:
        a = 2.0

        def f(self):
            return a * x  # outer a

        b = a * 4

    return P().f() * P.b


@program(1.3)
def cls_dataclass_field(x):
    @dataclass
    class S:
        xs: list = field(default_factory=list)
        k: float = x

        def add(self, t):
            self.xs.append(t * self.k)
            return self

        def __post_init__(self):
            self.k = self.k * 2

    s = S().add(x).add(2.0)
    r = S(k=3.0)
    return sum(s.xs) + len(r.xs) + r.k * s.k


@program(1.3, 3)
def cls_in_loop(x, n):
    s = 0.0
    for i in range(n):

        class P:
            def f(self, t):
                return t * s + i

        s = s + np.sin(P().f(x)) + x
    return s


@dataclass(frozen=True)
class Fz:
    a: float
    b: float = 1.5

    def __post_init__(self):
        object.__setattr__(self, "c", self.a * self.b)


@program(1.3)
def frozen_dc(x):
    f = Fz(x)
    return f.c * f.a


class Logged:
    def __init__(self, a):
        self.log = []
        self.a = a

    def __setattr__(self, name, v):
        if name != "log":
            self.log.append(v)
        super().__setattr__(name, v)


@program(1.3)
def setattr_dunder(x):
    held = Logged(x)
    held.b = x * x
    return held.b * held.log[0] + held.log[1] * len(held.log)


@program(1.3)
def nested_decorators_args(x):
    def scale(k):
        def deco(f):
            def inner(*args):
                return k * f(*args)

            return inner

        return deco

    @scale(x)
    @scale(2.0)
    def f(t):
        return np.sin(t)

    return f(x) * 1.2


@program(1.3)
def recursion_inner(x):
    def power(t, n):
        return 1.0 if n == 0 else t * power(t, n - 1)

    return power(x, 4) * 0.3


@program(1.3)
def mutual(x):
    def even(n, t):
        return t if n == 0 else odd(n - 1, t * 1.1)

    def odd(n, t):
        return even(n - 1, np.sin(t))

    return even(4, x)


@program(V, 3)
def nonlocal_list_state(v, n):
    hist = []
    best = v[0]

    def rec(t):
        nonlocal best
        hist.append(t)
        best = np.maximum(best, t)

    for k in range(n):
        rec(v[k] * (k + 0.5))
    return best + sum(h * h for h in hist)


@program(1.3)
def branch_closure(x):
    if x > 1:

        def f(t):
            return t * x
    else:

        def f(t):
            return t + x

    return f(x) * f(2.0)


@program(1.3)
def zero_trip_def(x):
    def f(t):
        return t * t

    for _ in range(0):

        def f(t):  # noqa: F811
            return t

    return f(x)


@program(1.3)
def lambda_in_dict(x):
    ops = {"a": lambda t: t * x, "b": np.sin}
    return sum(w * ops[k](x) for k, w in (("a", 1.3), ("b", 0.4)))


@program(1.3)
def del_name_then_rebind(x):
    y = x
    del y
    y = x * 2
    return y * x


@program(1.3, 3)
def del_in_loop(x, n):
    d = {"a": x}
    for i in range(n):
        d["b"] = d["a"] * x
        d["a"] = np.sin(d["b"])
        del d["b"]
    return d["a"]


@program(1.3)
def lru(x):
    @functools.cache
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    return x * fib(12)


@program(V, V[::-1] + 0.3, peer=False)
def namedtuple_made_inside(x, v):
    State = namedtuple("State", ["x", "v", "steps"], defaults=(0,))
    state = State(x, v)
    for _ in range(3):
        state = State(state.x + 0.1 * state.v, state.v - 0.1 * np.sin(state.x), state.steps + 1)
    last = state._replace(v=state.v * 2.0)
    return np.sum(last.x * last.v) * last.steps

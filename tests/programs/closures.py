"""Functions defined inside: what they write, when they read, what they carry with them."""

import functools

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])


@program(1.3)
def nl1(x):
    total = 0.0

    def add(t):
        nonlocal total
        total = total + t * x

    add(x * x)
    add(2.0)
    return total * x


@program(V)
def nl_loop(v):
    acc = 1.0
    count = 0

    def step(t):
        nonlocal acc, count
        count += 1
        acc = acc * t + count
        return acc

    s = 0.0
    for t in v:
        s = s + step(t) * 1.7
    return s * acc


@program(1.3, 5)
def nl_while(x, n):
    state = x

    def step():
        nonlocal state
        state = np.sin(state) * 1.1

    k = 0
    while k < n:
        step()
        k += 1
    return state**2


@program(1.3)
def nl_branch(x):
    best = 0.0

    def consider(t):
        nonlocal best
        if t > best:
            best = t

    for k in range(5):
        consider(np.sin(x * k) * (k + 0.3))
    return best * 2.3


@program(1.3)
def nl_two_levels(x):
    a = x

    def outer(t):
        b = t

        def inner(u):
            nonlocal a, b
            a = a * u
            b = b + a
            return a * b

        return inner(t) + b * inner(2 * t)

    return outer(x) + a


@program(1.3)
def counter_factory(x):
    def make(start):
        n = start

        def nxt(d):
            nonlocal n
            n = n * d + 1.0
            return n

        return nxt

    p, q = make(x), make(2.0)
    return p(x) * q(x) + p(2.0) * 0.3 - q(x)


@program(1.3, 4)
def closure_default_loop(x, n):
    y = x
    for i in range(n):

        def g(t, k=y):
            return t * k + 0.1

        y = np.sin(y) + 0.2
    return g(x) * 1.7


@program(1.3, 4)
def closure_made_in_loop(x, n):
    def make(k):
        def f(t):
            return t * k

        return f

    y = x
    for i in range(n):
        f = make(y)
        y = np.sin(y) + 0.2
    return f(x) * 1.7


@program(1.3, 4)
def closure_swapped_in_loop(x, n):
    def make(k):
        def f(t):
            return np.sin(t) * k

        return f

    f = make(x)
    y = x
    for i in range(n):
        y = f(y)
        f = make(y + 1)
    return f(x) * 1.7


@program(1.3)
def late_binding(x):
    fs = []
    for k in range(3):
        fs.append(lambda t: t * k + x)
    return sum(f(x) * (i + 0.7) for i, f in enumerate(fs))


@program(1.3)
def early_binding(x):
    fs = [lambda t, k=k: t * k + x for k in range(3)]
    return sum(f(x) * (i + 0.7) for i, f in enumerate(fs))


@program(V)
def default_array(v):
    w = v * 2

    def f(t, w=w):
        return np.sum(t * w)

    w = v * 3
    return f(v) + np.sum(w) * 0.3


@program(1.3)
def func_attr(x):
    def f(t):
        f.calls += 1
        return t * t * f.calls

    f.calls = 0
    return f(x) + f(x) * 1.3 + f(2.0 * x)


@program(1.3)
def partial_loop(x):
    def f(a, b):
        return a * b + a

    g = functools.partial(f, x)
    return g(2.0) + g(x)


@program(1.3, 4)
def partial_swapped(x, n):
    def f(a, b):
        return np.sin(a) * b + a

    g = functools.partial(f, x)
    y = x
    for i in range(n):
        y = g(y) * 0.5
        g = functools.partial(f, y)
    return g(2.0) * 1.3


def scaled(t):
    return t * scaled.factor


scaled.factor = 2.5


@program(1.3)
def mod_attr(x):
    return scaled(x) * x


@program(1.3)
def del_things(x):
    d = {"a": x, "b": x * x}
    del d["a"]
    xs = [x, 2 * x, x**3, 4.0]
    del xs[1]
    del xs[-1]
    return d["b"] * len(d) + xs[0] * xs[1]


class Box:
    def __init__(self, v):
        self._v = v

    @property
    def v(self):
        return self._v * 2

    @v.setter
    def v(self, new):
        self._v = new * 3


@program(1.3)
def prop_set(x):
    b = Box(x)
    b.v = x * x
    b.v += 1.0
    return b.v


@program(1.3)
def del_attr(x):
    b = Box(x)
    b.w = x * 2
    y = b.w
    del b.w
    return y * b.v if not hasattr(b, "w") else 0.0 * x


def twice(f):
    @functools.wraps(f)
    def inner(*a, **k):
        return 2 * f(*a, **k)

    return inner


@program(1.3)
def decorated_inside(x):
    @twice
    def f(t):
        return t * x

    return f(x) * 1.1


@twice
def decorated_outside(t):
    return np.sin(t)


@program(1.3)
def uses_decorated(x):
    return decorated_outside(x) * x


@program(1.3)
def class_inside(x):
    class P:
        scale = 2.0

        def __init__(self, a):
            self.a = a

        def area(self):
            return self.a * x * self.scale

    return P(x).area() + P(2.0).area()


@program(1.3)
def class_inside_inherit(x):
    class A:
        def f(self, t):
            return t * t

        def g(self, t):
            return self.f(t) * 2

    class B(A):
        def f(self, t):
            return super().f(t) + x

    return B().g(x) + A().g(x)


@program(1.3)
def class_inside_dataclass(x):
    from dataclasses import dataclass

    @dataclass
    class P:
        a: float
        b: float = 2.0

        def area(self):
            return self.a * self.b

    return P(x).area() + P(x, x).area()


class Squared:
    def __init__(self, by):
        self.by = by

    def __call__(self, v):
        return self.by * v * v


class Sine:
    def __init__(self, width):
        self.width = width

    def __call__(self, v):
        return np.sin(self.width * v)


LABELS = np.array([0, 2, 1, 2])


@program(np.array([0.4, -0.8, 1.5, 0.7]), LABELS, 1.3, argnums=(0, 2), peer=False)
def functions_chosen_by_labels(v, labels, x):
    seen = [0.0]

    def noted(u):
        seen[0] = seen[0] + u * x
        return u * seen[0]

    kinds = [noted, lambda u, by=x: u**2 * by, np.sin]
    best, score, none = None, -np.inf, None
    if v[0] > 1:
        none = Squared(v[0])
    elif v[2] > 1:
        none = Sine(x)
    for kind in (Squared(x), Sine(v[1]), lambda u: u * x):
        if kind(v[3]) > score:
            best, score = kind, kind(v[3])
    total = score * best(v[2])
    for label, u in zip(labels, v):
        total += kinds[label](u)
    return total * seen[0] + (none(v[1]) if none is not None else 0.0)

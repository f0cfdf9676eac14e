"""What strangers write: generators, closures, classes, match, try, and arrays that are written."""

import functools
import itertools
from contextlib import contextmanager

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5, 0.7])
W = np.array([0.3, 1.7, -0.4, 2.2])


@program(V, peer=False)
def gen_reads_written(v):
    a = v * 1.0

    def rows():
        for i in range(len(a)):
            yield a[i] * 2.0

    s = 0.0
    for i, t in enumerate(rows()):
        a[-1] = a[-1] + t
        s = s * 0.7 + t
    return s + np.sum(a * W)


@program(V, peer=False)
def nonlocal_inplace(v):
    acc = np.zeros(4)

    def add(t):
        nonlocal acc
        acc += t * v

    def replace(t):
        nonlocal acc
        acc = acc * t

    add(2.0)
    replace(v[0])
    add(v[1])
    return np.sum(acc * W)


@program(V, peer=False)
def default_written(v):
    w = v * 2

    def f(t, w=w):
        w[0] = w[0] * t
        return np.sum(w * W)

    a = f(2.0)
    b = f(v[1])
    return a + b * 0.3 + w[0]


@program(V, peer=False)
def obj_array_gen(v):
    class Sim:
        def __init__(self, u):
            self.u = u.copy()

        def steps(self, n):
            for k in range(n):
                self.u[1:-1] += 0.1 * (self.u[2:] - 2 * self.u[1:-1] + self.u[:-2])
                yield k, self.u

    s = 0.0
    for k, u in Sim(v).steps(3):
        s = s + np.sum(u * W) * (k + 0.3)
    return s


@program(V, peer=False)
def try_written(v):
    a = v * 1.0
    try:
        a[0] = a[1] * 2
        if a[0] < 0:
            raise ValueError
        a[1] = 5.0
    except ValueError:
        a[2] *= a[0]
    return np.sum(a * W)


@program(V, peer=False)
def with_written(v):
    a = v * 1.0

    @contextmanager
    def scaled(arr, k):
        arr *= k
        yield arr
        arr /= k

    with scaled(a, 2.0) as b:
        b[0] = b[1] * b[2]
    return np.sum(a * W)


@program(V, peer=False)
def acc_written(v):
    a = v * 2
    s = 0.0
    for t in itertools.accumulate(a):
        s = s + t * t
    a[0] = s
    return np.sum(a * W)


@program(V, peer=False)
def closure_counter_array(v):
    calls = []

    def logged(f):
        @functools.wraps(f)
        def inner(*args):
            calls.append(len(calls) + 1.0)
            return f(*args) * calls[-1]

        return inner

    @logged
    def g(t):
        return np.sum(t * W)

    return g(v) + g(v * v) + sum(calls)


@program(V, peer=False)
def match_written(v):
    out = np.zeros(4)
    for i, t in enumerate(v):
        match i:
            case 0 | 2:
                out[i] = t * t
            case k if k > 2:
                out[k] = t + out[0]
            case _:
                out[i] += t
    return np.sum(out * W)


@program(V, 3)
def gen_in_gen_break(v, n):
    def base():
        for i in range(len(v)):
            if v[i] < 0:
                continue
            yield v[i]

    def doubled():
        for t in base():
            if t > 1:
                yield t * 2
            yield t

    s = 0.0
    c = 0
    for t in doubled():
        c += 1  # noqa: SIM113
        if c > n:
            break
        s = s * 0.5 + t * c
    return s


@program(1.3, 7)
def collatz_like(x, n):
    def walk(n):
        while n != 1:
            yield n
            n = n // 2 if n % 2 == 0 else 3 * n + 1

    return sum(np.sin(x * k) for k in walk(n))


@program(1.3)
def gen_pipeline(x):
    def src():
        t = x
        for _ in range(5):
            yield t
            t = t * 1.1

    def only_big(it):
        for t in it:
            if t > 1.5:
                yield t

    def scaled(it, k):
        return (t * k for t in it)

    return sum(scaled(only_big(src()), x))


@program(V)
def any_break_else(v):
    for t in v:
        if t > 1:
            r = t * t
            break
    else:
        r = v[0]
    return r * 1.3


@program(1.3)
def unpack_gen(x):
    a, *b, c = (x * k for k in (1.0, 2.0, 3.0, 4.0))
    return a * c + sum(t * t for t in b)


@program(1.3)
def star_call_gen(x):
    def f(*a):
        return a[0] * a[2] + len(a)

    return f(*(x * k for k in range(1, 4)))


@program(1.3)
def dictcomp_zip(x):
    d = {k: v * x for k, v in zip("abc", (1.0, x, 3.0))}
    return d["a"] * d["b"] + d["c"]


@program(1.3)
def sorted_gen(x):
    return sum(a * w for a, w in zip(sorted(t * x for t in (3.0, 1.0, 2.0)), (0.3, 1.7, -0.4)))


@program(0.3, 0.7, -0.5)
def sorted_by_tuples_of_numbers(x, y, z):
    by_sign = sorted([(x, "c"), (y, "a"), (z, "b")], key=lambda p: (p[0] > 0, p[1]))
    falling = sorted([x, y, z], key=lambda v: (v > 0, v), reverse=True)
    pairs = sorted([(x, y), (y, z), (z, x)])
    first = (
        by_sign[0][0] * falling[0] + by_sign[1][0] * falling[1] ** 2 - falling[2] * by_sign[2][0]
    )
    return first + pairs[0][1] * pairs[1][0] + max([(x, y), (y, z), (z, x)])[1] ** 3


@program(1.3)
def sum_of_zip_star(x):
    rows = [(x, 2.0), (3.0, x * x)]
    cols = list(zip(*rows))
    return sum(cols[0]) * sum(cols[1])


@program(1.3, 4)
def list_of_closures_called(x, n):
    fs = [functools.partial(lambda a, b: a * b + a, k * x) for k in (1.0, 2.0)]
    s = x
    for _ in range(n):
        for f in fs:
            s = f(s) * 0.1
    return s


@program(np.array([1.3, -0.7, 2.9, 0.4]), np.array([0, 1, 0, 1]), argnums=(0,), peer=False)
def names_that_are_joined(x, labels):
    names = ",".join(str(k) for k in labels)
    total = len(names) * x[1]
    if names == "0,1,0,1":
        total += x[0] ** 2
    return total


@program(V, 0.7, peer=False)
def functions_zipped_with_fewer_numbers(x, c):
    total = 0.0
    for f, v in zip((np.sin, np.cos, lambda t: t * c, np.tanh), x[x > 0]):
        total = total + c * f(v)
    for (f, weight), v in zip([(np.exp, 2.0), (np.cos, c)], x[x > 1]):
        total = total * f(v) * weight
    return total + sum(f(v) for f, v in zip([np.sin, np.cos, np.tanh, np.exp], x[x < 0.5]))


@program(V, 0.7, peer=False)
def functions_by_position_in_a_comprehension(x, c):
    functions = [np.sin, np.cos, np.tanh, np.exp, np.sin]
    weights = [x, c, x * c, 2.0, x[:2]]
    y = np.array([functions[i](v) for i, v in enumerate(x)])
    parts = [np.sum(weights[i]) * functions[-1 - i](c) for i in range(len(x)) if x[i] < 1.2]
    return y @ x + sum(parts) + sum(map(lambda f, v: f(v) * c, functions, x[x > 0]))

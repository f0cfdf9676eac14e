"""Generators and iterators: what is handed out, to whom, and when."""

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


def powers(x, n):
    p = 1.0
    for _ in range(n):
        yield p
        p = p * x


def evens(v):
    for i, t in enumerate(v):
        if i % 2 == 0:
            yield t * 1.3


def newton(a):
    x = a
    while True:
        yield x
        x = 0.5 * (x + a / x)


def two(x):
    yield x
    yield x * x


def delegate(x):
    yield from two(x)
    yield from [x, 3.0]
    r = yield from returns(x)
    yield r * x


def returns(x):
    yield x + 1
    return x * 2


@program(1.3)
def g_for(x):
    s = 0.0
    for i, p in enumerate(two(x)):
        s = s + p * (i + 0.7)
    return s


@program(1.3, 5)
def g_loop(x, n):
    s = 0.1
    for p in powers(x, n):
        s = s * 0.9 + np.sin(p)
    return s


@program(1.3, 5)
def g_sum(x, n):
    return sum(powers(x, n)) * 1.7


@program(V)
def g_array(v):
    return np.sum(np.array(list(evens(v))) ** 2) * 1.3


@program(2.0)
def g_break(a, tol=1e-6):
    for x in newton(a):
        if abs(x * x - a) < tol:
            break
    return x * 1.7


@program(2.0)
def g_return(a, tol=1e-6):
    for x in newton(a):
        if abs(x * x - a) < tol:
            return x * 2.3


@program(2.0, 4)
def g_count_break(a, n):
    s = 0.0
    for k, x in enumerate(newton(a)):
        if k >= n:
            break
        s = s + x * (k + 0.3)
    return s


@program(1.3)
def g_delegate(x):
    return sum(w * p for w, p in zip([1.0, -0.4, 2.2, 0.7, 0.1, 1.9], delegate(x)))


@program(1.3)
def g_tuple(x):
    a, b = two(x)
    t = tuple(two(b))
    return a * t[1] + b


@program(1.3)
def g_next(x):
    g = two(x)
    a = next(g)
    b = next(g)
    c = next(g, 5.0)
    return a * b * c


@program(1.3)
def g_next_then_for(x):
    it = iter([x, x * x, 2.0, x + 1])
    s = next(it)
    for t in it:
        s = s * 0.7 + t
    return s


@program(V)
def g_iter_array(v):
    it = iter(v)
    best = next(it)
    for t in it:
        best = best * 0.4 + t**2
    return best


@program(1.3)
def g_exhausted(x):
    g = (t * x for t in (1.0, 2.0, 3.0))
    return sum(g) + 2.0 * sum(g) + x


@program(1.3)
def g_late(x):
    k = 2.0
    g = (t * k for t in [x, x * x])
    k = 3.0
    return sum(g)


@program(1.3)
def map_twice(x):
    m = map(lambda t: t * x, [1.0, 2.0])
    a = sum(m)
    return a + 10 * sum(m) * x + len(list(m))


@program(1.3)
def zip_twice(x):
    z = zip([x, 2.0], [3.0, x])
    a = sum(p * q for p, q in z)
    return a + sum(p for p, q in z)


@program(1.3)
def zip_gens(x):
    s = 0.0
    for a, b in zip(two(x), two(x + 1)):
        s = s * x + a * b
    return s


@program(1.3)
def pairs_idiom(x):
    it = iter([x, 2.0, x * x, 4.0])
    s = 0.0
    for a, b in zip(it, it):
        s = s * 0.3 + a * b
    return s


@program(1.3, 6)
def g_nested_loops(x, n):
    def grid(n):
        for i in range(n):
            for j in range(i):
                yield i, j

    s = 0.0
    for i, j in grid(n):
        s = s + np.sin(x * i) * j
    return s


@program(1.3, 6)
def g_continue(x, n):
    s = 0.0
    for p in powers(x, n):
        if p > 2.0:
            continue
        s = s + p * p
    return s


@program(1.3, 6)
def g_else(x, n):
    s = 0.0
    for p in powers(x, n):
        if p > 50.0:
            break
        s = s + p * p
    else:
        s = s * 1.5
    return s


@program(1.3, 6)
def g_else_broken(x, n):
    s = 0.0
    for p in powers(x, n):
        if p > 2.0:
            break
        s = s + p * p
    else:
        s = s * 1.5
    return s


@program(1.3)
def g_state_shared(x):
    scale = x

    def gen():
        yield scale
        yield scale * 2

    s = 0.0
    for t in gen():
        s = s + t * t
        scale = scale * 3.0
    return s


@program(1.3)
def g_filter(x):
    return sum(filter(lambda t: t > 1.0, [x, x * x, 0.2, x**3])) * 1.1


@program(V)
def g_filter_array(v):
    return sum(t * t for t in filter(lambda t: t > 0, v)) * 1.1


class Tree:
    def __init__(self, v, kids=()):
        self.v, self.kids = v, kids

    def __iter__(self):
        yield self.v
        for k in self.kids:
            yield from k


@program(Tree(1.2, [Tree(0.4, [Tree(-0.9)]), Tree(2.0)]), peer=False)
def g_tree(t):
    s = 0.0
    for i, v in enumerate(t):
        s = s + v**2 * (i + 0.3)
    return s


@program(V, A)
def g_genexp_nested(v, a):
    return sum(w * t for row in a for w, t in zip(row, v) if t > 0)


@program(1.3, 4)
def g_in_loop(x, n):
    s = 0.0
    for k in range(n):
        for t in two(x + k):
            s = s * 0.5 + t
    return s


@program(1.3, 3)
def g_early_return(x, n):
    def gen(n):
        for k in range(10):
            if k >= n:
                return
            yield x * k

    s = 0.0
    for t in gen(n):
        s = s + t * t
    return s


@program(1.3)
def g_method(x):
    class Steps:
        def __init__(self, n):
            self.n = n

        def walk(self, t):
            for k in range(self.n):
                t = np.sin(t) * 1.4
                yield k, t

    return sum(k * t for k, t in Steps(4).walk(x))


@program(1.3)
def any_all(x):
    return x * 2 if any(t > 1.5 for t in (x, x * x)) and all(t > 0 for t in (x, 2 * x)) else x


@program(1.3, 5)
def dict_gen(x, n):
    d = dict((k, x * i) for i, k in enumerate("abc"))  # noqa: C402
    return sum(d.values()) + d["b"]


def count_up(x):
    k = 0
    while True:
        yield x * k
        k += 1


@program(1.3)
def g_next_of_loop(x):
    a, b = count_up(x), count_up(x * x)
    next(a)
    s = next(a) + next(b)
    for p, q, w in zip(a, b, (0.3, 1.7)):
        s = s * 0.7 + p * q * w
    return s + next(b)


@program(V)
def g_pairwise_by_hand(v):
    it = iter(v)
    last = next(it)
    s = 0.0
    for t in it:
        s = s + (t - last) ** 3
        last = t
    return s


def scaled(v):
    for i in range(3):
        yield v[i] * (i + 1)


@program(V)
def g_return_in_try(v):
    log = [1.0]

    def first():
        try:
            for p in scaled(v):
                if p > 0.5:
                    return p * p
        finally:
            log.append(v[0] * 7.0)
        return v[1]

    r = first()
    return r + log[-1] * len(log)


@program(V)
def g_nested_return_in_try(v):
    kept = [v[2]]

    def first():
        for p in scaled(v):
            try:
                for q in scaled(v[::-1]):
                    if q > p * 0.5:
                        return p * q
            finally:
                kept[0] = kept[0] * v[0]
        return v[1]

    return first() * kept[0]


@program(np.array([0.4, -0.8, 1.5, 0.3]), 0.7, peer=False)
def g_numbered_beside_another(v, s):
    def halves(x):
        for i in range(0, len(x), 2):
            yield x[i : i + 2]

    total = 0.0
    for (k, half), scale in zip(enumerate(halves(v), 1), map(abs, halves(v[::-1] * s))):
        half *= k + scale[0]
        total += half[1] * total + v[0]
    return total * np.sum(v**2)

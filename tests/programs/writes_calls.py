"""Functions that write into their arguments, called with aliases, deep down, and as methods."""

from dataclasses import dataclass, field

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(105)
W3, W4, W5, W6 = (RNG.normal(size=n) for n in (3, 4, 5, 6))
W34, W33 = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 3))

V3 = np.array([0.4, -0.9, 1.3])
V4 = np.array([0.7, 0.2, -1.1, 0.5])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
U5 = np.array([1.2, 0.5, -0.4, 0.9, 0.2])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])
M33 = np.array([[0.5, -0.3, 0.8], [1.2, 0.7, -0.6], [-0.9, 0.4, 1.5]])


def scale_first(x, s):
    x[0] *= s
    x[1:] -= x[0] ** 2


def smooth(target, source):
    target[1:-1] = 0.3 * source[:-2] + 0.7 * source[2:]
    target[0] = source[-1] * source[0]


def set_boundary(b, x):
    x[0] = -x[1] if b else x[1]
    x[-1] = -x[-2] * 0.5
    return x


def multiply_into(out, x, y):
    out *= x
    out += y
    return out


@program(V5, 0.7, peer=False)
def callee_writes(x, s):
    scale_first(x, s)
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def callee_writes_twice(x, s):
    scale_first(x, s)
    scale_first(x[1:], x[0])
    return np.sum(W5 * x**2)


@program(V5, U5, peer=False)
def two_arrays(x, y):
    smooth(x, y)
    smooth(y, x)
    return np.sum(W5 * x * y)


@program(V5, peer=False)
def same_array_twice(a):
    smooth(a, a)
    return np.sum(W5 * a**2)


@program(V5, peer=False)
def array_and_its_reverse(b):
    smooth(b, b[::-1])
    smooth(b[::-1], b)
    return np.sum(W5 * b**2)


@program(np.append(V5, 0.4), peer=False)
def overlapping_parts(b):
    smooth(b[:5], b[1:])
    smooth(b[1:], b[:5])
    return np.sum(W6 * b**2)


@program(M33, peer=False)
def matrix_and_its_transpose(a):
    multiply_into(a, a.T, a)
    multiply_into(a[0], a[:, 1], a[2])
    return np.sum(W33 * a)


@program(V5, U5, peer=False)
def result_is_the_argument(x, y):
    z = multiply_into(x, y, 0.5)
    z[0] = y[1]
    return np.sum(W5 * x**2) + np.sum(z * y)


@program(V5, U5, peer=False)
def calls_in_one_expression(x, y):
    return np.sum(W5 * multiply_into(x, y, x) * multiply_into(y, x, y))


@program(V5, U5, peer=False)
def read_between_calls(x, y):
    before = x[1] * multiply_into(x, y, 0.1)[1]
    after = x[1] ** 2
    multiply_into(x, x, y)
    return before * after + np.sum(W5 * x)


def deepest(x, s):
    x[2] = s * x[0]


def deeper(x, s):
    deepest(x[1:], s)
    x[0] += x[3]


def deep(x, s):
    deeper(x, s * 2)
    deeper(x[::-1], s)


@program(np.append(V5, 0.4), 0.7, peer=False)
def three_calls_deep(x, s):
    deep(x, s)
    return np.sum(W6 * x**2)


@program(V5, 0.4, 4, peer=False)
def callee_in_a_loop(x, s, n):
    y = np.zeros_like(x)
    for k in range(n):
        smooth(y, x)
        multiply_into(x, y, s)
        set_boundary(k % 2, x)
    return np.sum(W5 * x) + np.sum(W5 * y**2)


@program(V5, V4, peer=False)
def callee_rebinds_its_name(x, e):
    def change(a):
        a = a * 2
        a[0] = e[0]
        return a

    y = change(x)
    return np.sum(W5 * x * y)


@program(V5, V4, peer=False)
def callee_writes_then_rebinds(x, e):
    def change(a):
        a[0] = e[1]
        a = a * 2
        a[1] = e[0] ** 2
        return a

    y = change(x)
    return np.sum(W5 * x * y)


@program(V5, 0.7, peer=False)
def closure_writes_what_it_sees(x, s):
    z = np.zeros(5)

    def put(i, value):
        z[i] = value * s
        z[i - 1] += value

    for i in range(5):
        put(i, x[i])
    return np.sum(W5 * z**2)


@program(0.7, 5, peer=False)
def nonlocal_number(s, n):
    z, total = np.zeros(5), 0.0

    def step(k):
        nonlocal total
        total += s**k
        z[k] = total

    for k in range(n):
        step(k)
    return np.sum(W5 * z) * total


@program(V5, peer=False)
def default_and_keywords(x):
    def add(to, what=1.5, *, at=slice(1, 3)):
        to[at] += what

    add(x)
    add(x, what=x[0] ** 2, at=4)
    add(to=x[1:], what=x[3])
    return np.sum(W5 * x**2)


@program(V3, V4, peer=False)
def many_targets(x, y):
    def bump(s, *arrays, **named):
        for a in arrays:
            a[0] += s
        for a in named.values():
            a[-1] *= s

    bump(x[1], x, y, last=y)
    bump(2.0, *[x[1:], y[2:]])
    return np.sum(W3 * x**2) + np.sum(W4 * y**2)


@program(M34, peer=False)
def callee_gets_rows(a):
    for row in a:
        scale_first(row, row[3])
    for i in range(3):
        scale_first(a[i, ::-1], a[0, 1])
    return np.sum(W34 * a**2)


@program(M34, 0.7, peer=False)
def callee_returns_a_view(a, s):
    def corner(m):
        return m[:2, 1:3]

    part = corner(a)
    part *= s
    corner(a)[0, 0] = part[1, 1] ** 2
    return np.sum(W34 * a**2)


@program(V5, V4, peer=False)
def callee_returns_early(x, e):
    def limit(a, k):
        if a[k] < 0:
            a[k] = -0.5 * a[k]
            return
        a[k] *= e[0]
        if k > 2:
            a[0] = a[k] ** 2

    for k in range(5):
        limit(x, k)
    return np.sum(W5 * x**2)


@program(V5, peer=False)
def functions_in_a_table(x):
    def double(a):
        a *= 2

    def shift(a):
        a[1:] = a[:-1] * a[1:]

    for change in [double, shift, double, lambda a: scale_first(a, a[1])]:
        change(x)
    return np.sum(W5 * x)


def forward_sweep(a, i):
    if i < len(a):
        a[i] += 0.5 * a[i - 1] ** 2
        forward_sweep(a, i + 1)


@program(V5, peer=False)
def recursion_writes(x):
    forward_sweep(x, 1)
    return np.sum(W5 * x)


def sum_by_halves(a):
    if len(a) == 1:
        return
    half = len(a) // 2
    sum_by_halves(a[:half])
    sum_by_halves(a[half:])
    a[half:] += a[half - 1] * a[0]


@program(V5, peer=False)
def recursion_on_views(x):
    sum_by_halves(x)
    return np.sum(W5 * x**2)


# Objects


class Tank:
    def __init__(self, n, leak):
        self.h = np.zeros(n)
        self.leak = leak
        self.time = 0.0

    def pour(self, inflow):
        self.h[0] += inflow
        self.h[1:] += 0.5 * self.h[:-1]

    def step(self, dt):
        self.h *= 1 - dt * self.leak
        self.h[-1] = self.h[0] * self.h[1]
        self.time += dt


@program(V3, 0.4, peer=False)
def method_writes_attribute(inflow, leak):
    tank = Tank(4, leak)
    for q in inflow:
        tank.pour(q)
        tank.step(0.2)
    return np.sum(W4 * tank.h) * tank.time


@program(Tank(4, 0.3), V3, peer=False)
def argument_object_is_written(tank, inflow):
    tank.h += 0.4
    for q in inflow:
        tank.pour(q)
    tank.step(0.1)
    return np.sum(W4 * tank.h**2) * (tank.time + 1)


class Grid:
    def __init__(self, u, dx):
        self.u = u
        self.dx = dx

    @property
    def inner(self):
        return self.u[1:-1]

    def __getitem__(self, index):
        return self.u[index]

    def __setitem__(self, index, value):
        self.u[index] = value

    def relax(self):
        self.inner[:] = 0.5 * (self.u[2:] + self.u[:-2]) * self.dx


@program(V5, 0.7, peer=False)
def property_is_a_view(u, dx):
    grid = Grid(u, dx)
    grid.relax()
    grid.relax()
    return np.sum(W5 * grid.u**2) + np.sum(W5 * u)


@program(V5, 0.7, peer=False)
def own_item_methods(u, s):
    grid = Grid(u, s)
    grid[0] = grid[1] * s
    grid[2:] *= grid[0]
    return np.sum(W5 * grid[:] ** 2)


@dataclass
class State:
    x: np.ndarray
    v: np.ndarray
    energy: float = 0.0
    history: list = field(default_factory=list)


def kick(state, dt):
    state.v -= dt * np.sin(state.x)
    state.x += dt * state.v
    state.energy += 0.5 * np.sum(state.v**2)
    state.history.append(state.x[0])


@program(V3, V4[:3], 0.1, peer=False)
def dataclass_is_written(x, v, dt):
    state = State(x, v)
    for _ in range(4):
        kick(state, dt)
    return np.sum(W3 * state.x * v) + state.energy * sum(state.history)


class Accumulator:
    def __init__(self, size):
        self.total = np.zeros(size)

    def __call__(self, x):
        self.total += x
        return self.total

    def __iadd__(self, other):
        self.total[0] += other
        return self


@program(V3, 0.7, peer=False)
def callable_object_keeps_a_total(x, s):
    accumulate = Accumulator(3)
    first = accumulate(x)
    second = accumulate(x**2)
    accumulate += s
    return np.sum(W3 * first * second)


class Counter:
    total = np.zeros(3)

    def __init__(self):
        self.total = np.zeros(3)
        self.parts = [np.zeros(3), np.zeros(3)]

    def add(self, k, x):
        self.parts[k % 2][:] += x
        self.total += self.parts[0] * x


@program(V3, 0.7, peer=False)
def buffers_in_a_list_of_an_object(x, s):
    counter = Counter()
    for k in range(4):
        counter.add(k, x * s**k)
    return np.sum(W3 * counter.total * counter.parts[1])

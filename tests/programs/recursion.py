"""Recursion whose depth is known at run time only: functions that stay functions."""

import numpy as np

from tests.programs import program

V7 = np.array([0.7, -1.3, 0.4, 2.1, -0.6, 1.7, 0.9])
W7 = np.array([0.3, 1.7, -0.4, 2.2, 0.6, -1.1, 0.8])
A3 = np.array([[1.2, 0.3, -0.5], [0.7, 2.1, 0.4], [-0.2, 0.6, 1.8]])


# By numbers


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


@program(1.3, 5)
def power_by_products(x, n):
    return power(x, n) * np.cos(x) + power(x * 0.5, n - 2)


def fast_power(x, n):
    if n == 0:
        return 1.0
    half = fast_power(x, n // 2)
    if n % 2 == 0:
        return half * half
    return half * half * x


@program(1.1, 13)
def power_by_squaring(x, n):
    return np.sin(fast_power(x, n))


@program(2.3, 0.4)
def root_by_bisection(a, lo):
    def search(lo, hi):
        mid = (lo + hi) / 2
        if hi - lo < 0.05:
            return mid * a
        if mid * mid < 2.0:
            return search(mid, hi)
        return search(lo, mid)

    return search(lo, 3.0) ** 2


def newton(x, a, tol):
    step = (x * x - a) / (2 * x)
    if abs(step) < tol:
        return x - step
    return newton(x - step, a, tol)


@program(1.7, 3.1)
def root_by_newton(x, a):
    return newton(x, a, 1e-3) * a


def simpson(f, a, b, tol, depth):
    m = (a + b) / 2
    whole = (b - a) / 6 * (f(a) + 4 * f(m) + f(b))
    left = (m - a) / 6 * (f(a) + 4 * f((a + m) / 2) + f(m))
    right = (b - m) / 6 * (f(m) + 4 * f((m + b) / 2) + f(b))
    if depth == 0 or abs(left + right - whole) < 15 * tol:
        return left + right + (left + right - whole) / 15
    return simpson(f, a, m, tol / 2, depth - 1) + simpson(f, m, b, tol / 2, depth - 1)


@program(0.2, 2.9, 1.4, peer=False)
def adaptive_simpson(a, b, w):
    return simpson(lambda x: np.exp(-x) * np.sin(w * x * x), a, b, 1e-4, 12)


def ackermann(m, n, x):
    if m == 0:
        return (n + 1) * x
    if n == 0:
        return ackermann(m - 1, 1, x) * 1.01
    return ackermann(m, n - 1, x) + 0.5 * ackermann(m - 1, n, x)


@program(2, 3, 0.7)
def ackermann_like(m, n, x):
    return np.sin(ackermann(m, n, x) * 0.01)


def is_even(n, x):
    return x if n == 0 else is_odd(n - 1, x * 1.1)


def is_odd(n, x):
    return np.sin(x) if n == 0 else is_even(n - 1, x + 0.3)


@program(7, 0.4)
def mutual_even_and_odd(n, x):
    return is_even(n, x) * x


def mean_like(a, b):
    if abs(a - b) < 1e-3:
        return a
    return mean_like((a + b) / 2, np.sqrt(a * b)) + 0.01 * a * b


@program(5.3, 1.7)
def arithmetic_geometric_mean(a, b):
    return mean_like(a, b)


@program(0.9, 0.35)
def collatz_on_floats(x, c):
    def walk(x, steps):
        if x < c:
            return steps * x
        if x > 1.0:
            return walk(x / 3 + 0.1 * c, steps + 1)
        return walk(x * 0.7, steps + 1)

    return walk(x * 5, 1)


def legendre(n, x):
    if n == 0:
        return 1.0
    if n == 1:
        return x
    return ((2 * n - 1) * x * legendre(n - 1, x) - (n - 1) * legendre(n - 2, x)) / n


@program(5, 0.37)
def legendre_polynomial(n, x):
    return legendre(n, x) + legendre(n - 3, x * x)


# By arrays


def pairwise(v):
    if len(v) == 1:
        return np.sin(v[0])
    half = len(v) // 2
    return pairwise(v[:half]) * pairwise(v[half:]) + 0.3


@program(V7)
def reduction_by_halves(v):
    return pairwise(v)


def merged(v):
    if v.shape[0] <= 1:
        return v
    even, odd = merged(v[::2]), merged(v[1::2])
    return np.concatenate([even * 1.5, odd * odd])


@program(V7)
def merge_of_parts(v):
    return np.sum(merged(v) * W7)


def horner(c, x):
    if len(c) == 0:
        return 0.0
    return c[0] + x * horner(c[1:], x)


@program(V7, 0.6)
def horner_scheme(c, x):
    return horner(c, x) ** 2


def determinant(a):
    n = a.shape[0]
    if n == 1:
        return a[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.concatenate([a[1:, :j], a[1:, j + 1 :]], axis=1)
        total = total + (-1) ** j * a[0, j] * determinant(minor)
    return total


@program(A3)
def determinant_by_minors(a):
    return np.log(determinant(a))


def contracted(x, w, k):
    y = np.tanh(w @ x)
    if np.max(np.abs(y - x)) < 1e-2 or k > 30:
        return y
    return contracted(y, w, k + 1)


@program(np.array([0.4, -0.3, 0.8]), A3 * 0.3)
def fixed_point_of_a_layer(x, w):
    return np.sum(contracted(x, w, 0) * W7[:3])


def quick(v):
    if len(v) < 2:
        return v * 1.0
    rest = v[1:]
    low, high = rest[rest < v[0]], rest[rest >= v[0]]
    return np.concatenate([quick(low), v[:1], quick(high)])


@program(V7)
def quicksort(v):
    return np.sum(quick(v) * W7)


def halved(v, scale):
    if np.sum(v * v) < 0.5:
        return v * scale, np.sum(v)
    inner, total = halved(v * 0.6, scale * 1.1)
    return inner + v, total * scale


@program(V7, 0.8)
def returns_two_things(v, scale):
    moved, total = halved(v, scale)
    return np.sum(moved * W7) * total


# By structure


def tree_sum(tree, x):
    if x < 0.2:
        return x * x
    left, right = tree
    return left * tree_sum((right, left * 0.5), x * 0.7) + right


@program((0.7, 1.9), 0.9)
def tuple_handed_on(tree, x):
    return tree_sum(tree, x)


def moved(state, dt):
    if state["t"] > 1.0:
        return state
    return moved(
        {"x": state["x"] + dt * state["v"], "v": state["v"] * 0.9, "t": state["t"] + dt}, dt
    )


@program(0.3, 1.2, 0.26)
def dict_handed_on(x, v, dt):
    end = moved({"x": x, "v": v, "t": 0.0}, dt)
    return end["x"] ** 2 + end["v"]


class Layer:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def settle(self, h):
        new = np.tanh(h * self.w + self.b)
        if abs(new - h) < 1e-2:
            return new
        return self.settle(new)


@program(Layer(0.6, 0.3), 2.0, peer=False)
def method_that_calls_itself(layer, h):
    return layer.settle(h) * h


@program(V7, W7 * 0.5, 0.3)
def closure_reads_outer_arrays(v, w, x):
    scale = np.sum(w)

    def walk(k, x):
        if k == len(v):
            return x * scale
        return walk(k + 1, np.sin(x * v[k]) + w[k])

    return walk(0, x)


@program(0.8, 1.4)
def closures_of_each_other(x, a):
    def up(x, n):
        return down(x + a, n) if x < 3.0 else x * n

    def down(x, n):
        return up(x * 0.9 + 0.2 * n, n * 1.1)

    return up(x, a)


@program(V7)
def called_in_a_loop(v):
    def shrunk(x):
        return x if abs(x) < 0.5 else shrunk(x * 0.6) * 1.2

    total = 0.0
    for k in range(len(v)):
        total = total * 0.9 + shrunk(v[k]) * (k + 1)
    return total


@program(V7)
def calls_itself_in_a_loop(v):
    def spread(v, depth):
        if depth == 0:
            return np.sum(v * v)
        total = 0.0
        for k in range(2):
            total = total + spread(v * (0.3 + k), depth - 1) * (k + 0.5)
        return total

    return spread(v, int(np.sum(v > 0)))


def own_buffer(v):
    if np.max(v) < 1.0:
        return np.sum(v * W7)
    u = np.zeros(len(v))
    u[0] = v[-1]
    u[1:] = 0.5 * v[:-1]
    u *= v
    return own_buffer(u * 0.5) + u[2]


@program(V7, peer=False)
def writes_into_its_own_array(v):
    return own_buffer(v)


def counted(x, n=3, *, factor=1.5):
    if n == 0:
        return x
    return counted(x * factor, n - 1, factor=factor * 0.9)


@program(0.7)
def defaults_and_keywords(x):
    return counted(x) + counted(x, 5, factor=x)


def branching(x, up):
    if x > 4.0:
        return x
    if up:
        return branching(x * 1.7, False)
    return branching(x + 0.9, True) * 1.1


@program(0.6)
def flag_in_the_signature(x):
    return branching(x, True) + branching(x, False)


@program(0.2, np.array([0.5, 1.1, -0.7]))
def recursion_on_a_list(x, v):
    items = [v[0] * x]
    while len(items) < 6:
        items.append(items[-1] * v[1] + v[2])

    def folded(k):
        return x if k == len(items) else items[k] * folded(k + 1) + x

    return folded(0)


# As strangers write it


def place_of(xs, t, lo, hi):
    if hi - lo <= 1:
        return lo, (t - xs[lo]) / (xs[hi] - xs[lo])
    mid = (lo + hi) // 2
    if xs[mid] <= t:
        return place_of(xs, t, mid, hi)
    return place_of(xs, t, lo, mid)


@program(np.array([0.0, 0.4, 1.1, 1.9, 2.5]), np.array([1.0, 3.0, -1.0, 2.0, 0.5]), 1.3)
def interpolation_by_search(xs, ys, t):
    k, w = place_of(xs, t, 0, len(xs) - 1)
    return ys[k] * (1 - w) + ys[k + 1] * w


def golden(f, a, b, tol):
    ratio = (5**0.5 - 1) / 2
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    if b - a < tol:
        return (a + b) / 2
    return golden(f, a, d, tol) if f(c) < f(d) else golden(f, c, b, tol)


@program(0.3, 2.1)
def golden_section_search(a, b):
    low = golden(lambda t: (t - 1.1) ** 2 + 0.1 * t, a, b, 1e-2)
    return low * low


def block_product(a, b):
    if a.shape[0] == 1:
        return a * b
    h = a.shape[0] // 2
    a11, a12, a21, a22 = a[:h, :h], a[:h, h:], a[h:, :h], a[h:, h:]
    b11, b12, b21, b22 = b[:h, :h], b[:h, h:], b[h:, :h], b[h:, h:]
    top = block_product(a11, b11) + block_product(a12, b21), block_product(a11, b12) + a12 @ b22
    low = block_product(a21, b11) + a22 @ b21, block_product(a21, b12) + block_product(a22, b22)
    return np.concatenate([np.concatenate(top, axis=1), np.concatenate(low, axis=1)], axis=0)


@program(np.outer(V7[:4], W7[:4]), np.outer(W7[1:5], V7[2:6]), peer=False)
def product_of_blocks(a, b):
    return np.sum(block_product(a, b) * np.arange(1.0, 17.0).reshape(4, 4))


def number_or_none(x):
    if x > 5:
        return None
    if x > 2:
        return x * x
    inner = number_or_none(x * 1.7)
    return 0.5 if inner is None else inner * 1.1


@program(0.8)
def number_or_nothing(x):
    return number_or_none(x) * 2


def iterated(z, c, n):
    if n == 0 or abs(z) > 2:
        return z
    return iterated(z * z + c, c, n - 1)


@program(0.3, 0.2, peer=False)
def complex_iteration(a, b):
    return abs(iterated(0j, complex(a, b), 6))


def relaxed(v, tol):
    u, worst = v.copy(), 0.0
    for i in range(1, len(v) - 1):
        new = 0.5 * (v[i - 1] + v[i + 1])
        worst = max(worst, abs(new - v[i]))
        u[i] = new
        if worst > 5.0:
            break
    if worst < tol:
        return u
    return relaxed(u, tol)


@program(V7, peer=False)
def relaxation_until_it_settles(v):
    return np.sum(relaxed(v, 0.05) * W7)


def expression(tokens, i):
    value, i = term(tokens, i)
    while i < len(tokens) and tokens[i] > 5:
        more, i = term(tokens, i + 1)
        value = value + more
    return value, i


def term(tokens, i):
    if tokens[i] < 0:
        value, i = expression(tokens, i + 1)
        return np.sin(value), i
    return tokens[i] * 0.5, i + 1


@program(np.array([1.0, 9.0, -1.0, 2.0, 9.0, 0.7]))
def recursive_descent(tokens):
    return expression(tokens, 0)[0]


class Node:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right


def balanced(values):
    if not values:
        return None
    m = len(values) // 2
    return Node(values[m], balanced(values[:m]), balanced(values[m + 1 :]))


def evaluated(node, x):
    if node is None:
        return x
    return node.value * np.sin(evaluated(node.left, x)) + evaluated(node.right, x * 0.5)


@program((0.3, 1.2, -0.7, 0.5, 0.9), 0.4)
def tree_built_inside(values, x):
    return evaluated(balanced(list(values)), x)


def quick_of_list(xs):
    if len(xs) <= 1:
        return xs
    pivot, *rest = xs
    low, high = [x for x in rest if x < pivot], [x for x in rest if x >= pivot]
    return [*quick_of_list(low), pivot, *quick_of_list(high)]


@program(V7, peer=False)
def quicksort_of_a_list(v):
    first, second, *rest = quick_of_list(v.tolist())
    return first * second**2 + sum(x * w for x, w in zip(rest, W7))

"""Recursion that writes into what it is given: arrays, their views, lists, outer names, objects."""

import numpy as np

from tests.programs import program

V5 = np.array([0.7, -1.3, 0.4, 2.1, -0.6])
V8 = np.array([0.7, -1.3, 0.4, 2.1, -0.6, 1.7, 0.9, -0.2])
W8 = np.array([0.3, 1.7, -0.4, 2.2, 0.6, -1.1, 0.8, 1.3])
M4 = np.array(
    [[4.2, 0.3, -0.5, 0.7], [0.7, 5.1, 0.4, -0.3], [-0.2, 0.6, 3.8, 1.1], [0.5, -0.4, 0.9, 6.0]]
)


# Arrays


def transform(x):
    n = len(x)
    if n == 1:
        return
    transform(x[::2])
    transform(x[1::2])
    even, odd = x[::2].copy(), x[1::2] * np.exp(-2j * np.pi * np.arange(n // 2) / n)
    x[: n // 2] = even + odd
    x[n // 2 :] = even - odd


@program(V8, peer=False)
def fourier_in_place(v):
    x = v.astype(complex)
    transform(x)
    return np.sum(W8 * np.abs(x) ** 2 + x.imag)


def quicksort(a, lo, hi):
    if lo >= hi:
        return
    pivot, i = a[hi], lo
    for j in range(lo, hi):
        if a[j] < pivot:
            a[i], a[j] = a[j], a[i]
            i += 1
    a[i], a[hi] = a[hi], a[i]
    quicksort(a, lo, i - 1)
    quicksort(a, i + 1, hi)


@program(V8, peer=False)
def quicksort_in_place(v):
    a = v * 1.5
    quicksort(a, 0, len(a) - 1)
    return np.sum(W8 * a**2)


def mergesort(a):
    if len(a) < 2:
        return
    left, right = a[: len(a) // 2].copy(), a[len(a) // 2 :].copy()
    mergesort(left)
    mergesort(right)
    i = j = 0
    for k in range(len(a)):
        if j >= len(right) or (i < len(left) and left[i] < right[j]):
            a[k] = left[i]
            i += 1
        else:
            a[k] = right[j]
            j += 1


@program(V8, peer=False)
def mergesort_of_copies(v):
    a = v.copy()
    mergesort(a)
    return np.sum(W8 * a**3)


def relax(u, f, level):
    u[1:-1] = 0.5 * (u[:-2] + u[2:] + f[1:-1])
    if level > 0 and len(u) > 4:
        r = np.zeros_like(u)
        r[1:-1] = f[1:-1] - 2 * u[1:-1] + u[:-2] + u[2:]
        e = np.zeros(len(u) // 2 + 1)
        relax(e, 4 * r[::2], level - 1)
        u[::2] += e
    u[1:-1] = 0.5 * (u[:-2] + u[2:] + f[1:-1])


@program(np.sin(np.arange(17.0)), 2, peer=False)
def multigrid_cycle(f, level):
    u = np.zeros_like(f)
    relax(u, f, level)
    return np.sum(u**2)


def factorise(a):
    if len(a) == 1:
        return
    m = len(a) // 2
    factorise(a[:m, :m])
    lower, upper = np.tril(a[:m, :m], -1) + np.eye(m), np.triu(a[:m, :m])
    a[:m, m:] = np.linalg.solve(lower, a[:m, m:])
    a[m:, :m] = np.linalg.solve(upper.T, a[m:, :m].T).T
    a[m:, m:] -= a[m:, :m] @ a[:m, m:]
    factorise(a[m:, m:])


@program(M4, peer=False)
def lu_by_blocks(a):
    a = a.copy()
    factorise(a)
    return np.sum(np.log(np.abs(np.diag(a)))) + a[0, 1] * a[3, 0]


def chain(a, b, n):
    if n == 0:
        return
    a[n] += b[n - 1] * 0.5
    chain(a, b, n - 1)


@program(V8, 5, peer=False)
def one_array_given_twice(v, n):
    x = v * 2
    chain(x, x, n)
    return np.sum(x**2)


@program(V8, 5, peer=False)
def array_and_its_reverse(v, n):
    x = v * 2
    chain(x, x[::-1], n)
    return np.sum(x**2)


@program(V8, 3, peer=False)
def parts_that_do_not_overlap(v, n):
    x = v * 2
    chain(x[:4], x[4:], n)
    chain(x[1::2], x[::2], n - 1)
    return np.sum(x**2 * W8)


@program(V8, 5, peer=False)
def two_arrays_exchanged(v, n):
    x, y = v * 2, v**2
    chain(x, y, n)
    chain(y, x, n - 1)
    return np.sum(x**2 * y)


@program(V8, 5, peer=False)
def argument_written_by_recursion(v, n):
    chain(v, W8, n)
    return np.sum(v**2)


def both(a, n):
    if n == 0:
        return
    if a[0] > 1:
        a[0] *= 0.7
    else:
        a[1:] *= a[0]
    both(a, n - 1)
    if a[1] < 0:
        a[2] = a[1] * a[3]


@program(V8 * 3, 6, peer=False)
def written_in_both_branches(v, n):
    x = v * 1.1
    total = np.sum(x**2)
    both(x, n)
    total += np.sum(x * W8)
    both(x, n // 2)
    return total + np.prod(x[:3])


@program(V8, 4, peer=False)
def in_a_loop(v, n):
    x = v * 2
    total = 0.0
    for k in range(n):
        both(x, k)
        total += x[0] * x[2]
    return np.sum(x**2) + total


@program(V8, 0, peer=False)
def in_a_loop_without_trips(v, n):
    x = v * 2
    for k in range(n):
        both(x, k)
    return np.sum(x**2)


def wipe(a, n):
    a[:] = n
    if n > 0:
        wipe(a, n - 1)


@program(V8, 3, peer=False)
def wholly_overwritten(v, n):
    x = v * 2
    total = np.sum(x**3)
    wipe(x, n)
    return np.sum(x * 2) + total


def doubled(x, n):
    x[n] *= 2
    if n == 0:
        return x
    return doubled(x, n - 1)


@program(V8, 4, peer=False)
def returns_what_it_wrote_into(v, n):
    a = v * 1.0
    y = doubled(a, n)
    y[0] = y[1] * 3
    return np.sum(a**2) + np.sum(y)


def pingpong(source, target, n):
    if n == 0:
        return np.sum(source)
    target[1:] = source[:-1] * 0.5 + target[1:]
    return pingpong(target, source, n - 1) + target[2]


@program(V5, 5, peer=False)
def arrays_take_turns(v, n):
    a, b = v * 1.0, v**2
    total = pingpong(a, b, n)
    return total + np.sum(a * b)


def recalled(n, x, memo):
    if memo[n] != 0:
        return memo[n]
    memo[n] = x * recalled(n - 1, x, memo) + recalled(n - 2, x, memo)
    return memo[n]


@program(0.7, 7, peer=False)
def values_remembered_in_an_array(x, n):
    memo = np.zeros(n + 1)
    memo[0], memo[1] = 1.0, x
    return recalled(n, x, memo)


@program(M4, 2, peer=False)
def rows_of_a_matrix_from_outside(m, n):
    a = m.copy()

    def eliminate(i):
        if i > n:
            return
        a[i + 1] -= a[i] * (a[i + 1, i] / a[i, i])
        eliminate(i + 1)

    eliminate(0)
    return np.sum(a**2)


# Lists


def push(out, x, n):
    if n == 0:
        return
    out.append(x * n)
    push(out, x * 0.9, n - 1)
    out.append(np.sin(x))


@program(0.7, 4, peer=False)
def appended_to_an_empty_list(x, n):
    out = []
    push(out, x, n)
    total = 0.0
    for k, item in enumerate(out):
        total += item * (k + 1)
    return total


@program(0.7, 4, peer=False)
def appended_by_two_calls(x, n):
    out = [x]
    push(out, x, n)
    push(out, x * x, n - 1)
    return np.sum(np.array(out) ** 2)


def push_vectors(out, x, n):
    if n == 0:
        return
    out.append(x * n)
    push_vectors(out, np.sin(x), n - 1)


@program(V5, 4, peer=False)
def vectors_appended(x, n):
    out = []
    push_vectors(out, x, n)
    return np.sum(np.stack(out) ** 3)


def move(n, a, b, c):
    if n == 0:
        return
    move(n - 1, a, c, b)
    c.append(a.pop() * 1.1)
    move(n - 1, b, a, c)


@program(0.7, 3, peer=False)
def towers_of_hanoi(x, n):
    a, b, c = [x * (k + 1) for k in range(n)], [], []
    move(n, a, b, c)
    total = 0.0
    for k, item in enumerate(c):
        total += item * item * (k + 1)
    return total


# Names and objects


@program(0.7, 4, peer=False)
def outer_number(x, n):
    total = 0.0

    def add(k, y):
        nonlocal total
        total += y**2
        if k < n:
            add(k + 1, y * 0.8)

    add(0, x)
    return total**2


class Counter:
    def __init__(self):
        self.total = 0.0
        self.count = 0

    def add(self, x, n):
        self.total += x * x
        self.count += 1
        if n > 0:
            self.add(np.cos(x), n - 1)


@program(0.7, 4, peer=False)
def attributes_of_an_object(x, n):
    counter = Counter()
    counter.add(x, n)
    return counter.total * counter.count


class Table:
    def __init__(self, n):
        self.h = np.zeros(n)

    def fill(self, x, k):
        self.h[k] = x * self.h[k - 1] + x
        if k + 1 < len(self.h):
            self.fill(x * 0.9, k + 1)


@program(0.7, 6, peer=False)
def array_of_an_object(x, n):
    table = Table(n)
    table.fill(x, 1)
    return np.sum(table.h**2)


@program(np.linspace(-1.0, 1.2, 7), 0.9, peer=False)
def overlapping_parts_of_one_array(v, x):
    def smooth(a, b, x):
        a[0] += np.sin(b[1]) * x
        b[2] = np.tanh(a[0] * b[2] + a[1])
        if x > 0.2:
            smooth(a, b, 0.5 * x + 0.01 * np.sin(b[0]))
        else:
            a *= np.cos(b[1])

    smooth(v[1:], v[:-1], x)
    smooth(v, v[::-1], x)
    for k in range(3):
        smooth(v[k : k + 3], v, x / 2)
        v[k] = np.cos(v[k])
    m = v[:6].reshape(2, 3) * 1.5
    smooth(m[0], m[:, 1:].T[1, ::-1] if x > 2.0 else m[0, 0:], x)
    return np.sum(v**2) + np.sum(np.sin(m))


def spread_along(rows, x):
    first = rows[0]
    first[1] = np.cos(first[2]) * x
    rows[len(rows) - 2][0] *= np.sin(first[1])
    if x > 0.2:
        spread_along(rows, x * 0.5 + 0.01 * rows[1][2])
    rows[-1][2] += first[1]


@program(np.linspace(-1.0, 1.1, 4), 0.9, 3, argnums=(0, 1), peer=False)
def arrays_in_a_list_that_is_handed_on(v, x, n):
    rows, total = [], 0.0
    for k in range(n):
        rows.append(v * k + 0.1)
    own = np.sin(v)
    rows.append(own)
    second = rows[1]
    for k in range(3):
        total = total + np.sum(np.sin(rows[k])) * np.sum(second**3)
        spread_along(rows, x)
        total = total * np.cos(rows[0][0] + own[2])
    own[0] *= second[2]
    return total + sum((k + 1) * np.sum(row**2) for k, row in enumerate(rows))

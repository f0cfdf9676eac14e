"""Windows of an array that close in from trip to trip, at an end or by steps, and are written."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(139)
W8 = RNG.normal(size=8)
W4 = RNG.normal(size=4)
W44 = RNG.normal(size=(4, 4))
V4 = np.array([0.8, 1.1, 0.6, 1.3])
V8 = np.array([0.9, 1.3, 0.7, 1.6, 1.1, 0.8, 0.5, 1.2])
M44 = np.eye(4) * 3 + RNG.uniform(0.2, 1.0, (4, 4))


@program(M44, peer=False)
def householder_by_the_block_that_is_left(a):
    r = a.copy()
    w = r
    while w.shape[0] > 1 and w.shape[1] > 0:
        x = w[:, 0].copy()
        x[0] += np.sign(x[0]) * np.linalg.norm(x)
        v = x / np.linalg.norm(x)
        w -= 2.0 * np.outer(v, v @ w)
        w = w[1:, 1:]
    return np.sum(np.abs(np.diag(r)) * W4) + r[0, 3]


@program(M44, peer=False)
def cholesky_from_below(a):
    s = a @ a.T
    u = s
    while len(u):
        u[:, -1] /= np.sqrt(u[-1, -1])
        u[-1, :-1] = 0.0
        u[:-1, :-1] -= np.outer(u[:-1, -1], u[:-1, -1])
        u = u[:-1, :-1]
    return np.sum(W44 * s)


@program(V8, 3, peer=False)
def swept_to_and_fro(a, n):
    v = a.copy()
    w = v
    for _ in range(n):
        for i in range(len(w) - 1):
            w[i] = 0.5 * (w[i] + w[i + 1]) - 0.1 * w[i + 1]
        w = w[:-1]
        for i in range(len(w) - 1, 0, -1):
            w[i] = 0.7 * w[i] + 0.2 * w[i - 1]
        w = w[1:]
    return np.sum(W8 * v**2)


@program(V8, peer=False)
def haar_by_lifting(a):
    x = a.copy()
    s = x
    while len(s) > 1:
        even, odd = s[::2], s[1::2]
        odd -= even
        even += 0.5 * odd
        s = even
    return np.sum(W8 * x**2)


@program(V8, peer=False)
def coarser_and_coarser(u):
    w = u
    while len(w) > 2:
        w[1:-1] = 0.5 * (w[:-2] + w[2:]) - 0.1 * w[1:-1] ** 2
        w = w[::2]
    return np.sum(W8 * u)


@program(V8, 0.1, peer=False)
def ends_that_are_left_by_their_values(a, c):
    x = a.copy()
    active = x[1:-1]
    for k in range(4):
        active[:] = np.sin(active) + c * k
        if active[0] > 0.5 and len(active) > 2:
            active = active[1:]
        if active[-1] > 0.5 and len(active) > 2:
            active = active[:-1]
    return np.sum(W8 * x**2) + active[0]


@program(V8, peer=False)
def halves_by_a_test(a):
    w = a
    while len(w) > 1:
        m = len(w) // 2
        w = w[:m] if w[0] < w[-1] else w[m:]
        w *= a[0]
    return np.sum(W8 * a) + w[0]


class Window:
    def __init__(self, data):
        self.data = data
        self.view = data

    def shrink(self):
        self.view = self.view[1:-1]

    def relax(self):
        self.view[1:-1] += 0.25 * (self.view[:-2] - 2 * self.view[1:-1] + self.view[2:])


@program(V8, peer=False)
def window_of_an_object(a):
    w = Window(a.copy())
    while len(w.view) > 2:
        w.relax()
        w.shrink()
    return np.sum(W8 * w.data**3)


def without_the_last(w):
    return w[:-1]


@program(M44, V4, peer=False)
def back_substitution_on_what_is_left(a, b):
    u, x = np.triu(a), b.copy()
    w, m = x, u
    while len(w):
        w[-1] /= m[-1, -1]
        w[:-1] -= m[:-1, -1] * w[-1]
        w = without_the_last(w)
        m = m[:-1, :-1]
    return np.sum(W4 * x)


@program(V8, True, peer=False)
@program(V8, False, name="the_whole_or_not_the_last_and_no", peer=False)
def the_whole_or_not_the_last(a, short):
    w = a[:-1] if short else a
    w[-1] *= a[0]
    w *= 2.0
    return np.sum(W8 * a**2) + np.sum(w)


@program(V8, 3, peer=False)
def no_more_than_are_there(a, n):
    w = a[2:]
    for k in range(n):
        w = w[: 5 - k]
        w[1:] *= a[0]
        w = w[:-1]
        w[:1] += a[k]
    return np.sum(W8 * a**2)


@program(V4, V8[:3], 2, peer=False)
def grids_that_are_written(x, y, n):
    across, down = np.meshgrid(x, y)
    x *= y[0]
    for k in range(n):
        across += 0.1 * down * x
        down[k] *= across[k, 1]
        across[:, k] = np.sin(down[:, k])
    left, right = np.meshgrid(x, y**2, indexing="ij", sparse=True)
    left *= right[0, 1]
    return np.sum(W4 * across) + np.sum(W4 * down**2) + np.sum(left * right * x[:, None])

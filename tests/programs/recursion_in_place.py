"""Functions that call themselves and change what they are given, whose memory is handed over."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(151)
W5, W8 = RNG.normal(size=5), RNG.normal(size=8)
W44 = RNG.normal(size=(4, 4))
V5 = np.array([0.5, 0.7, 0.9, 1.1, 1.3])
V8 = np.array([0.5, 0.7, 0.9, 1.1, 1.3, 0.4, 0.8, 0.6])
M44 = np.eye(4) * 3 + RNG.uniform(0.2, 1.0, (4, 4))


def squared_by_halves(v):
    if len(v) < 2:
        return
    h = len(v) // 2
    for i in range(len(v)):
        v[i] = v[i] ** 2 * 0.7
    squared_by_halves(v[:h])
    squared_by_halves(v[h:])
    for i in range(len(v)):
        v[i] = np.sin(v[i])


@program(V5, peer=False)
def what_was_there_is_in_the_part_of_the_caller(x):
    a = x.copy()
    squared_by_halves(a)
    return np.sum(W5 * a)


def holds_on(v, k):
    if k == 0:
        v *= v
        return
    holds_on(v[1:], k - 1)
    v[:-1] = np.sin(v[:-1]) * v[1:]
    holds_on(v, k - 1)
    v += v[::-1] * v[0]


@program(V5, peer=False)
def pullbacks_that_read_what_is_overwritten(x):
    a = x.copy()
    holds_on(a, 2)
    return np.sum(W5 * a)


@program(V5, peer=False)
def argument_handed_over(x):
    holds_on(x, 2)
    return np.sum(W5 * x)


def bound_anew(v, k):
    w = v * v
    v[0] = w[1]
    v[1:] *= w[1:]
    if k > 0:
        bound_anew(v[1:], k - 1)
        v *= w
    return np.sum(w * v)


@program(V5, peer=False)
def new_memory_from_what_was_given(x):
    a = x.copy()
    s = bound_anew(a, 2)
    s += bound_anew(a, 1)
    a *= s
    return np.sum(W5 * a)


def crossed(a, b, k):
    if k == 0:
        return
    a[k:] *= b[:-k]
    b += a
    crossed(b, a, k - 1)
    a -= b * a[0]


@program(V5, peer=False)
def two_that_cross(x):
    a, b = x.copy(), np.cos(x)
    crossed(a, b, 3)
    crossed(a, b, 1)
    return np.sum(W5 * a**2) + np.sum(b * x)


def only_read(v, k):
    if k == 0 or v[0] > 1e3:
        return np.sum(v * v)
    return only_read(v * 0.9, k - 1) + np.sum(v**3)


def scaled_by_what_is_read(v, k):
    if k == 0:
        return
    s = only_read(v, 2)
    v *= 1 + 0.01 * s
    scaled_by_what_is_read(v, k - 1)
    v[0] += only_read(v, 1) * 0.01


@program(V5, 3, peer=False)
def held_by_a_function_that_only_reads(x, n):
    a = 0.4 * x
    total = 0.0
    for i in range(n):
        holds_on(a, 1)
        total = total + a[i] ** 2 + only_read(a, 1)
        scaled_by_what_is_read(a[i:], 1)
        a *= 0.5
    return total + np.sum(W5 * a)


def new_and_changed(v, k):
    if k == 0:
        return v * 2
    v[k] *= v[0]
    r = new_and_changed(v, k - 1)
    r[k] += v[k] ** 2
    return r


@program(V5, peer=False)
def results_written_later(x):
    a = x.copy()
    r = new_and_changed(a, 3)
    r *= a
    s = new_and_changed(a, 2)
    return np.sum(W5 * r * s) + np.sum(a)


def lu_by_quarters(a):
    n = len(a)
    if n == 1:
        return
    h = n // 2
    lu_by_quarters(a[:h, :h])
    for i in range(h):
        a[i, h:] -= a[i, :i] @ a[:i, h:]
    for j in range(h):
        a[h:, j] = (a[h:, j] - a[h:, :j] @ a[:j, j]) / a[j, j]
    a[h:, h:] -= a[h:, :h] @ a[:h, h:]
    lu_by_quarters(a[h:, h:])


@program(M44, peer=False)
def blocks_of_a_matrix(a):
    b = a.copy()
    lu_by_quarters(b)
    return np.sum(W44 * b)


def transformed(re, im):
    n = len(re)
    if n == 1:
        return
    even_re, odd_re, even_im, odd_im = re[::2].copy(), re[1::2].copy(), im[::2].copy(), im[1::2]
    odd_im = odd_im.copy()
    transformed(even_re, even_im)
    transformed(odd_re, odd_im)
    t = -2 * np.pi * np.arange(n // 2) / n
    c, s = np.cos(t), np.sin(t)
    up_re, up_im = c * odd_re - s * odd_im, c * odd_im + s * odd_re
    re[: n // 2], re[n // 2 :] = even_re + up_re, even_re - up_re
    im[: n // 2], im[n // 2 :] = even_im + up_im, even_im - up_im


@program(V8, peer=False)
def fourier_by_halves(x):
    re, im = x.copy(), x[::-1] * 0.3
    transformed(re, im)
    return np.sum(W8 * re**2) + np.sum(im * re)


def by_strides(v):
    if len(v) < 2:
        return
    by_strides(v[::2])
    by_strides(v[1::2])
    v[1:] += v[:-1] * v[1:]


@program(V8, peer=False)
def every_other_of_it(x):
    a = x.copy()
    by_strides(a)
    return np.sum(W8 * a**2)

"""Names that are a part of themselves from trip to trip, ``w = w[1:]``, and are written."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(137)
W6 = RNG.normal(size=6)
W44 = RNG.normal(size=(4, 4))
V6 = np.array([0.9, 1.3, 0.7, 1.6, 1.1, 0.8])
C6 = np.array([1.2, 0.4, 1.5, 0.9, 1.1, 0.6])
M44 = np.eye(4) * 3 + RNG.uniform(0.2, 1.0, (4, 4))


@program(V6, peer=False)
def tail_of_itself(a):
    w = a
    while len(w) > 1:
        w[0] = w[0] * w[1]
        w = w[1:]
    return np.sum(W6 * a)


@program(V6, C6, peer=False)
def whole_tails_scaled(a, c):
    w = a
    while len(w):
        w *= c[0]
        w = w[2:]
    return np.sum(W6 * a**2)


@program(M44, peer=False)
def lu_by_the_block_that_is_left(a):
    w = a
    while w.shape[0] > 1:
        w[1:, 0] /= w[0, 0]
        w[1:, 1:] -= np.outer(w[1:, 0], w[0, 1:])
        w = w[1:, 1:]
    return np.sum(W44 * a)


@program(M44, peer=False)
def elimination_row_by_row_of_the_block(a):
    block = a.copy()
    left = block
    while left.shape[0] > 1:
        pivot = left[0]
        for row in left[1:]:
            row -= pivot * (row[0] / pivot[0])
        left = left[1:, 1:]
    return np.sum(W44 * block)


@program(V6, peer=False)
def what_it_was_before_is_written(a):
    w = a
    old = w
    while len(w) > 2:
        old = w
        w = w[1:]
        old[0] += 0.5 * w[0] ** 2
    return np.sum(W6 * a) + np.sum(old)


@program(V6, C6, peer=False)
def two_that_go_together(a, c):
    w, v = a, c
    s = 0.0
    while len(w):
        s = s + w[0] * v[0]
        w[0] = s
        w, v = w[1:], v[1:]
    return np.sum(W6 * a**2) + s


@program(M44, peer=False)
def one_row_or_column_from_its_own_begin(a):
    row, column = a[1], a[:, 2]
    while len(row) > 1:
        row[0] *= 2.0 * row[1]
        row = row[1:]
        column[1:] -= column[0] * row[0]
        column = column[1:]
    return np.sum(W44 * a)


@program(V6, C6, peer=False)
def begun_later_where_a_test_says_so(a, c):
    w = a
    for k in range(4):
        if c[k] > 1.0:
            w = w[1:]
        w[0] *= c[k]
    return np.sum(W6 * a)


@program(M44, peer=False)
def blocks_that_shrink_unevenly(a):
    w = a
    k = 0
    while k < 3:
        w = w[1:, 1:] if a[k, k] > 3.6 else w[1:, 2:]
        w *= a[0, 0]
        k += 1
    return np.sum(W44 * a)


@program(V6, C6, peer=False)
def counted_from_the_end_after_the_first_trip(a, c):
    w = a[0:]
    j = 0
    while j > -4:
        w = w[1:] if j == 0 else a[j:]
        w *= c[0]
        j -= 1
    return np.sum(W6 * a)


@program(V6, peer=False)
def all_but_the_last_of_it(a):
    w = a
    while True:
        if len(w) < 2:
            break
        w[1:] += w[:-1] * a[5]
        w = w[1:]
        w = w[1:]
    return np.sum(W6 * a)


@program(V6, peer=False)
def in_a_helper_from_two_begins(a):
    def walk(w):
        while len(w):
            w[0] = np.sin(w[0]) * 1.5
            w = w[2:]

    walk(a)
    walk(a[1:])
    return np.sum(W6 * a)


@program(M44, peer=False)
def the_block_that_is_left_of_a_transpose(a):
    w = a.T
    while w.shape[0] > 1:
        w[1:, 0] /= w[0, 0]
        w[1:, 1:] -= np.outer(w[1:, 0], w[0, 1:])
        w = w[1:, 1:]
    return np.sum(W44 * a)


@program(M44, 1.2, peer=False)
def columns_that_are_left_by_their_number(a, c):
    left = np.swapaxes(a, 0, 1)
    total = 0.0
    while len(left):
        left[0] *= c
        left[-1] += left[0] * 0.1
        total += left[0, 1]
        left = left[1:]
    return np.sum(W44 * a**2) + total

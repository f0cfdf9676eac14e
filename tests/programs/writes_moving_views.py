"""Names that are another part of one array in each trip of a loop, and are written."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(131)
W5, W6, W8 = (RNG.normal(size=n) for n in (5, 6, 8))
W44 = RNG.normal(size=(4, 4))
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
V6 = np.array([0.9, 1.3, 0.7, 1.6, 1.1, 0.8])
V8 = np.array([0.9, 1.3, 0.7, 1.6, 1.1, 0.8, 0.4, 1.2])
M44 = np.eye(4) * 3 + RNG.uniform(0.2, 1.0, (4, 4))


@program(M44, peer=False)
def elimination_on_the_block_that_is_left(a):
    u = a.copy()
    k = 0
    block = u[k:, k:]
    while block.shape[0] > 1:
        block[1:, 1:] -= np.outer(block[1:, 0], block[0, 1:]) / block[0, 0]
        k += 1
        block = u[k:, k:]
    return np.sum(W44 * u**2) + np.sum(block)


@program(V8, peer=False)
def halves_written(a):
    b = a.copy()
    n = len(b)
    half = b[:n]
    while len(half) > 1:
        half *= b[0]
        n //= 2
        half = b[:n]
    half[:] *= 3.0
    return np.sum(W8 * b**2)


@program(V6, peer=False)
def ends_that_close_in(a):
    b = a.copy()
    low, high = 0, len(b)
    inner = b[low:high]
    while len(inner) > 2:
        inner[0] *= inner[-1]
        b[1] += inner[0] * inner[1]
        if inner[0] > inner[1]:
            low += 1
        else:
            high -= 1
        inner = b[low:high]
    return np.sum(W6 * b**2) + np.prod(inner)


@program(V5, peer=False)
def part_of_the_trip_before(a):
    b = a.copy()
    k = 0
    now = b[k:]
    last = now
    while k < len(a) + 2:  # the last parts have nothing in them
        last = now
        last[:2] *= 1.5
        k += 1
        now = b[k:]
        now *= np.sum(last) / 5
    return np.sum(W5 * b**2) + np.sum(last)


@program(V5, peer=False)
def moving_view_in_a_loop_without_trips(a):
    b = a.copy()
    k = 3
    tail = b[k:]
    while len(tail) > 10:
        tail *= 2.0
        k += 1
        tail = b[k:]
    tail *= 3.0
    return np.sum(W5 * b**2)


@program(V5, peer=False)
def begins_counted_from_the_end(a):
    b = a.copy()
    k = -1
    tail = b[k:]
    while len(tail) < 4:
        tail *= 1.5
        b[0] += np.sum(tail * tail)
        k -= 1
        tail = b[k:]
    return np.sum(W5 * b**2)


@program(V6, 4, peer=False)
def windows_counted_at_run_time(a, n):
    b = a.copy()
    k = 0
    window = b[k : k + 3]
    for _ in range(n):
        window[1:] -= window[0] * window[1:] * 0.3
        k += 1
        window = b[k : k + 3]
    window *= 2.0
    return np.sum(W6 * b**2)


@program(V6, peer=False)
def loop_left_by_the_length_of_the_view(a):
    b = a.copy()
    k = 0
    while True:
        tail = b[k:]
        if len(tail) <= 2:
            break
        tail[1:] -= tail[0] * 0.5
        k += 2
    return np.sum(W6 * b * b) + np.sum(tail**3)


@program(V6, V6[::-1] * 0.7, peer=False)
def views_of_two_arrays_that_move(a, c):
    b, d = a.copy(), c.copy()
    i, j = 0, 6
    left, right = b[i:], d[:j]
    while len(left) > 1:
        left += right * d[0]
        right *= left[::-1]
        i, j = i + 1, j - 1
        left, right = b[i:], d[:j]
    return np.sum(W6 * b) + np.sum(W6 * d**2) + left[0] * right[0]


@program(V6, 0.7, peer=False)
def windows_of_what_is_written(a, c):
    b = a * 1.0
    rows = np.lib.stride_tricks.as_strided(b, shape=(4, 3), strides=(b.strides[0], b.strides[0]))
    threes = np.lib.stride_tricks.sliding_window_view(b, 3)[::2]
    b[1] = c * np.sum(threes[1])
    b *= rows[0, 1]
    m = np.outer(b, b)
    turned, squares = (
        np.einsum("ij->ji", m, optimize=True),
        np.einsum("ii->i", m, optimize="greedy"),
    )
    squares *= c
    m[0, 2] = np.sum(np.einsum("ij,jk->k", m, m, optimize=True))
    blocks = np.lib.stride_tricks.sliding_window_view(m, (2, 2))
    for i in range(3):
        m[i + 1, i] += c * np.sum(blocks[i, i])
    return np.sum(W6 * turned * m[::-1]) + np.sum(rows[2] * threes.mean(0)) + blocks[0, 1, 1, 0]

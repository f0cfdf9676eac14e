"""Lists of parts of one array by slices, which are written through the list."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(139)
W6 = RNG.normal(size=6)
W44 = RNG.normal(size=(4, 4))
V6 = np.array([0.9, 1.3, 0.7, 1.6, 1.1, 0.8])
C6 = np.array([1.2, 0.4, 1.5, 0.9, 1.1, 0.6])
M44 = np.eye(4) * 3 + RNG.uniform(0.2, 1.0, (4, 4))


@program(V6, C6, peer=False)
def pairs_scaled(a, c):
    n = len(a) // 2
    parts = [a[2 * i : 2 * i + 2] for i in range(n)]
    for p in parts:
        p *= c[0]
    return np.sum(W6 * a**2)


@program(V6, peer=False)
def chunks_cut_in_a_while(a):
    parts = []
    i = 0
    while i < len(a):
        parts.append(a[i : i + 2])
        i += 2
    for p in parts:
        p[0] *= p[1]
    return np.sum(W6 * a)


@program(V6, C6, peer=False)
def tails_of_any_length(a, c):
    parts = []
    i = 0
    while i < len(a):
        parts.append(a[i:])
        i += 2
    for p in parts:
        p *= c[1]
    return np.sum(W6 * a**2)


@program(V6, C6, peer=False)
def ring_of_chunks(a, c):
    n = len(a) // 2
    chunks = [a[2 * i : 2 * i + 2] for i in range(n)]
    for i in range(n):
        chunks[i] += c[0] * chunks[(i + 1) % n]
    return np.sum(W6 * a**2)


@program(V6, C6, peer=False)
def chunks_backwards_and_the_array(a, c):
    n = len(a)
    chunks = []
    low = 0
    while low < n:
        high = min(low + 4, n)
        chunks.append(a[low:high])
        low = high
    for chunk in reversed(chunks):
        chunk[0] += chunk[-1] * c[0]
    chunks[-1][0] *= 2
    a[0] *= 3
    return np.sum(W6 * a) + np.sum(chunks[0] ** 2)


@program(M44, peer=False)
def diagonal_blocks(a):
    blocks = []
    k = 0
    while k < len(a):
        blocks.append(a[k : k + 2, k : k + 2])
        k += 2
    for block in blocks:
        block[:] = block @ block.T
    return np.sum(W44 * a)


@program(M44, peer=False)
def gram_schmidt_of_columns_in_a_list(a):
    columns = []
    k = 0
    while k < a.shape[1]:
        columns.append(a[:, k : k + 1])
        k += 1
    for j, column in enumerate(columns):
        for before in columns[:j]:
            column -= before * np.sum(before * column)
        column /= np.sqrt(np.sum(column * column))
    return np.sum(W44 * a)


@program(M44, peer=False)
def rows_from_the_diagonal_on(a):
    n = len(a)
    rows = [a[k, k:] for k in range(n)]
    for k in range(n):
        rows[k][0] *= 2.0
        rows[k] *= rows[0][3]
    return np.sum(W44 * a)


@program(V6, peer=False)
def chunks_sorted_and_taken(a):
    n = len(a) // 2
    parts = [a[2 * i : 2 * i + 2] for i in range(n)]
    parts.sort(key=lambda p: p[0])
    parts[0] *= 3
    last = parts.pop()
    last[1] *= 2
    return np.sum(W6 * a**2)


@program(V6, C6, peer=False)
def ends_counted_backwards(a, c):
    n = len(a) // 2
    parts = [a[-2 * i - 2 :] for i in range(n)]
    for p in parts:
        p *= c[0]
    return np.sum(W6 * a)


@program(V6, C6, peer=False)
def parts_read_after_the_array_was_written(a, c):
    n = len(a) // 2
    parts = [a[2 * i : 2 * i + 2] for i in range(n)]
    a *= c
    return sum(np.sum(p**2) * c[0] for p in parts)


@program(V6, C6, peer=False)
def positions_in_a_list_are_not_one_length(a, c):
    positions = []
    i = 0
    while i < len(a):
        positions.append(i)
        i += 2
    s = 0.0
    for k in positions:
        tail = a[k:]
        s = s + np.sum(tail[1:] * tail[:-1] * c[k]) + np.sum((np.zeros(k + 1) + a[0]) ** 2)
        a[k:] *= c[k]
    return s + np.sum(W6 * a)

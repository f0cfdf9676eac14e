"""Arrays whose lengths are products of others: flattened, cut into blocks, put into columns."""

from __future__ import annotations

import numpy as np

from tests.programs import program

rng = np.random.default_rng(72)
IMAGES = rng.normal(size=(3, 2, 4, 5))
KERNEL = rng.normal(size=(2, 2, 3, 2))
DENSE = rng.normal(size=(40, 3))
BIAS = rng.normal(size=3)
V12 = rng.normal(size=12)
M34 = rng.normal(size=(3, 4))


@program(IMAGES, DENSE, BIAS)
def dense_layer_after_images(x, w, b):
    flat = x.reshape(len(x), -1)
    return np.sum(np.tanh(flat @ w + b) ** 2)


@program(IMAGES, DENSE)
def flattened_by_its_lengths(x, w):
    n, c, h, k = x.shape
    return np.sum(np.sin(x.reshape(n, c * h * k) @ w))


@program(IMAGES, KERNEL, peer=False)
def columns_of_patches(x, w):
    n, c, height, width = x.shape
    f, _, kh, kw = w.shape
    oh, ow = height - kh + 1, width - kw + 1
    cols = np.empty((n, c * kh * kw, oh * ow))
    row = 0
    for channel in range(c):
        for i in range(kh):
            for j in range(kw):
                cols[:, row] = x[:, channel, i : i + oh, j : j + ow].reshape(n, oh * ow)
                row += 1
    out = (w.reshape(f, -1) @ cols).reshape(n, f, oh, ow)
    return np.sum(np.tanh(out) * np.arange(ow))


@program(V12, 3)
def blocks_of_a_signal(x, size):
    blocks = x.reshape(-1, size)
    return np.sum(blocks.mean(axis=1) ** 2 * np.arange(len(x) // size))


@program(M34, V12)
def a_matrix_and_its_elements(m, v):
    return np.sum(m.ravel() * v) + np.sum((m.reshape(-1) - v) ** 2)


@program(M34, V12, peer=False)
def elements_of_a_matrix_by_number(m, v):
    n, k = m.shape
    out = np.zeros(n * k)
    for i in range(n):
        for j in range(k):
            out[i * k + j] = m[i, j] * v[j * n + i]
    return np.sum(out.reshape(n, k) ** 2 @ np.arange(k))


@program(M34, np.array([[0.7]]))
def a_product_of_lengths_beside_a_length_of_one(m, s):
    flat = m.reshape(m.shape[0] * m.shape[1], 1)
    return np.sum((flat * s) ** 2) + np.sum(flat + s)


@program(rng.normal(size=(1, 1)), V12)
def a_product_that_is_one(m, v):
    return np.sum(m.reshape(-1) * v) + np.sum(m.reshape(m.shape[0] * m.shape[1]) - v**2)


@program(rng.normal(size=(4, 3, 2)), rng.normal(size=(6, 5)), peer=False)
def heads_of_attention(x, w):
    steps, heads, width = x.shape
    joined = x.reshape(steps, heads * width)
    out = (joined @ w).reshape(steps, -1)
    parts = joined.reshape(steps, heads, width)
    return np.sum(out**2) + np.sum(parts[:, 0] * parts[:, 1])

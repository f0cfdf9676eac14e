"""Arrays that are real on one path and complex on another, or of another dtype."""

import math

import numpy as np

from tests.programs import program

S8 = np.array([0.4, -1.1, 0.7, 1.9, -0.3, 0.2, 1.3, -0.8])
W8 = np.array([0.3, 1.7, -0.4, 2.2, 0.6, -1.1, 0.8, -0.9])
A4 = np.sin(np.arange(16.0) ** 2).reshape(4, 4)


# Fourier transforms that call themselves, down to the real numbers that they are given


def fft(x):
    n = len(x)
    if n == 1:
        return x
    even = fft(x[::2])
    odd = fft(x[1::2])
    w = np.exp(-2j * np.pi * np.arange(n // 2) / n)
    return np.concatenate([even + w * odd, even - w * odd])


@program(S8, W8)
def power_spectrum(x, w):
    return np.sum(np.abs(fft(x)) ** 2 * w)


def inverse_fft(x):
    n = len(x)
    if n <= 1:
        return x
    if n % 2:
        raise ValueError("the length must be a power of two")
    even, odd = inverse_fft(x[0::2]), inverse_fft(x[1::2])
    turned = np.exp(2j * np.pi * np.arange(n // 2) / n) * odd
    return np.hstack([even + turned, even - turned])


@program(S8, W8, peer=False)
def filtered_by_halves(x, h):
    return np.sum((inverse_fft(fft(x) * h) / len(x)).real * W8)


def dft_of_pieces(x, least):
    n = len(x)
    if n <= least:
        k = np.arange(n)
        return np.exp(-2j * np.pi * np.outer(k, k) / n) @ x
    t = np.exp(-2j * np.pi * np.arange(n) / n)
    e, o = dft_of_pieces(x[::2], least), dft_of_pieces(x[1::2], least)
    return np.concatenate([e + t[: n // 2] * o, e + t[n // 2 :] * o])


@program(S8, W8, 2, peer=False)
def spectrum_of_pieces(x, w, least):
    return np.sum(np.angle(dft_of_pieces(x + 2.0 * w, least)) * w)


@program(A4, peer=False)
def spectrum_of_rows_and_columns(a):
    rows = np.array([fft(row) for row in a])
    spectrum = np.array([fft(column) for column in rows.T]).T
    return np.sum(np.abs(spectrum) * (A4 - 0.2))


# Loops and branches


@program(S8, W8, 3, peer=False)
@program(S8, W8, 0, name="julia_set_of_no_steps", peer=False)
def julia_set(x, y, n):
    z = x
    for _ in range(n):
        z = z * z * 0.3 + 1j * y
    return np.sum(np.abs(z) ** 2 * W8)


@program(S8, W8, peer=False)
def turned_where_it_is_small(x, y):
    z = x * y if np.sum(x) > 100.0 else x + 1j * y
    both = np.concatenate([z * y, x])
    return np.sum(both.real * both.imag) + np.sum(np.abs(both) * np.append(W8, S8))


@program(S8, W8, peer=False)
def counted_or_weighed(x, y):
    weights = np.arange(8) if np.sum(x) < 0.0 else y
    return np.sum(weights * x) + np.concatenate([weights, x])[3:12] @ np.append(x, y)[:9]


@program(S8, W8, peer=False)
def list_of_real_and_complex(x, y):
    parts = []
    for k in range(5):
        if x[k] > 0:
            parts.append(x * k)
        else:
            parts.append(y * (0.3 + 1j))
    return np.sum(np.abs(np.concatenate(parts) + 0.1) ** 2 * np.tile(W8, 5))


# Arrays that are written, and become complex, or wider, on the way


@program(S8, 0.7, 3, peer=False)
def turned_and_written_in_a_loop(x, c, n):
    z = x * 1.0
    for k in range(n):
        z = z * (1 + 1j * c)
        z[k] *= 2
        z += x
    return np.sum(W8 * z.real) + np.sum(W8**2 * z.imag)


@program(S8, 0.7, 3, peer=False)
def written_before_it_is_turned(x, c, n):
    z = x * 1.0
    first = z
    for k in range(n):
        z[k] *= 2
        z = z * (1.2 + 1j * c)
    first[1] *= c
    return np.sum(W8 * z.real) + np.sum(W8**2 * np.imag(z)) + np.sum(first * W8)


@program(A4, 0.7, peer=False)
def views_of_what_may_be_complex(a, c):
    z = a * 1.0
    if c > 0:
        z = z * (1 + 1j * c)
    row, real = z[1], z.real
    row[0] = c
    z.T[2] *= c
    y = np.asarray(z)
    y[3] *= z[2]
    return np.sum(A4 * np.abs(z) ** 2) + np.sum(real * A4)


@program(S8.astype(np.float32), S8, 2, peer=False)
def single_becomes_double(x, c, n):
    z = x * np.float32(2)
    for k in range(n):
        z = z * c
        z[k] += c[k]
    return np.sum(W8 * z)


@program(np.array([0.7, -0.4, 0.5], np.float32), np.array([0.2, 0.9, -0.3], np.float32), peer=False)
def angle_between_vectors(u, v):
    cosine = u.dot(v) / (np.linalg.norm(u) * np.linalg.norm(v))
    angle = math.acos(max(-1.0, min(1.0, cosine)))
    turn = np.array([[0, -u[2]], [u[1], v[0]]])
    return np.sum((1 - math.cos(angle)) * turn @ turn) + math.degrees(angle) * u[0]


@program(np.array([0.7, -0.4, 0.5], np.float32), 2, peer=False)
def sums_in_a_list_of_whole_numbers(x, n):
    products = [[0 for _ in range(n)] for _ in range(n)]
    for i in range(n):
        for j in range(n):
            products[i][j] += x[i] * x[j + 1]
    return np.sum(np.array(products) * np.array([[1.0, -2.0], [0.5, 3.0]]))

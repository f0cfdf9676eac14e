"""Several targets in one statement, casts on the way, and results that are written buffers."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(109)
W3, W5 = RNG.normal(size=3), RNG.normal(size=5)
W34, W33 = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 3))

V3 = np.array([0.4, -0.9, 1.3])
V4 = np.array([0.7, 0.2, -1.1, 0.5])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])


@program(V5, 0.7, peer=False)
def chained_entries(x, s):
    y = np.zeros(5)
    x[0] = y[3] = s**2
    return np.sum(W5 * x * x) + np.sum(W5 * np.cos(y))


@program(V3, peer=False)
def chained_overlapping(e):
    c = np.zeros((3, 3))
    for i in range(3):
        c[i:, i] = c[i, i:] = np.sin(e[i]) * e[: 3 - i]
    return np.sum(W33 * c**2)


@program(V5, peer=False)
def chained_name_and_place(x):
    x[1] = a = x[0] * x[2]
    return np.sum(W5 * x) * a


@program(V5, peer=False)
def entries_swapped(x):
    x[0], x[1] = x[1], x[0]
    x[2], x[3], x[4] = x[4], x[2] * x[3], x[3]
    return np.sum(W5 * x**2)


@program(M34, peer=False)
def rows_swapped_as_views(m):
    m[0], m[1] = m[1], m[0]  # the well-known trap: both rows end as the old m[1]
    return np.sum(W34 * m**2)


@program(M34, peer=False)
def rows_swapped_by_index(m):
    m[[0, 1]] = m[[1, 0]]
    return np.sum(W34 * m**2)


def polar(x, y):
    return np.sqrt(x**2 + y**2), np.arctan2(y, x)


@program(V3, V4[:3], peer=False)
def tuple_from_function(x, y):
    for i in range(3):
        x[i], y[i] = polar(x[i], y[i])
    return np.sum(W3 * x) + np.sum(W3 * y**2)


@program(V5, peer=False)
def nested_and_starred(x):
    (x[0], x[1]), (a, *rest) = (x[1] * 2, x[0] ** 2), x[2:]
    return np.sum(W5 * x**2) * a + rest[0] * rest[1]


# Casts on the way. The numbers of the float32 programs are exact in float32.

SINGLE = np.array([0.5, -1.25, 2.0], dtype=np.float32)
EXACT = np.array([0.75, 1.5, -0.25])
E3 = np.array([0.5, -1.25, 3.0])


@program(SINGLE, EXACT, peer=False)
def double_into_single(x, y):
    z = np.empty_like(x)
    z[0] = x[1] * 2
    z[1:] = y[:2] * y[1:]
    return np.sum(E3 * z)


@program(SINGLE, EXACT, peer=False)
def double_into_written_single(x, y):
    x[:2] = y[1:] ** 2
    return np.sum(E3 * x)


@program(V3, peer=False)
def float_into_complex(x):
    z = np.zeros(3, dtype=complex)
    z[:] = x
    z[1] = x[1] + 1j * x[2]
    z = z * np.exp(0.3j)
    return np.sum(W3 * z.real) + np.sum(W3 * z.imag**2)


@program(V3, V4[:3], peer=False)
def complex_spectrum_by_entries(a, b):
    z = np.empty(3, complex)
    for i in range(3):
        z[i] = a[i] * np.exp(1j * b[i])
    return np.sum(W3 * np.abs(z + 0.5) ** 2)


@program(V5, peer=False)
def truncated_into_integers(x):
    cell = np.zeros(5, dtype=int)
    cell[:] = (x + 2) * 10.1
    return np.sum(W5 * x * cell)


# Results


@program(V3, peer=False)
def result_is_the_buffer(x):
    out = np.zeros(1)
    out[0] = np.sum(W3 * x**2)
    return out


@program(np.array([[0.7]]), 0.4, peer=False)
def result_is_the_argument(x, s):
    x[0, 0] = s * np.sin(x[0, 0])
    return x


@program(V5, peer=False)
def result_is_a_view(x):
    x[1:4] = x[:3] * x[2:]
    return x[2:3]


# The first argument is wholly overwritten: its gradient is exactly 0, and adjoint says so with a
# ZeroGradientWarning where it can tell. (function, arguments, arguments whose gradient is 0)


def overwritten_by_slice(x, y):
    x[:] = y**2
    return np.sum(W5 * x * y)


def overwritten_by_ellipsis(x, s):
    x[...] = s
    return np.sum(W5 * np.sin(x))


def overwritten_by_fill(x, s):
    x.fill(s)
    return np.sum(W5 * x**2)


def overwritten_by_loop(x, y):
    for i in range(len(x)):
        x[i] = y[i] * y[-1]
    return np.sum(W5 * x)


def overwritten_by_halves(x, y):
    x[:2] = y[:2]
    x[2:] = y[2:] ** 2
    return np.sum(W5 * x**2)


def overwritten_by_out(x, y):
    np.sin(y, out=x)
    return np.sum(W5 * x * y)


OVERWRITTEN = (
    (overwritten_by_slice, (V5, V5[::-1] * 0.7), (0,)),
    (overwritten_by_ellipsis, (V5, 0.7), (0,)),
    (overwritten_by_fill, (V5, 0.7), (0,)),
    (overwritten_by_loop, (V5, V5[::-1] * 0.7), (0,)),
    (overwritten_by_halves, (V5, V5[::-1] * 0.7), (0,)),
    (overwritten_by_out, (V5, V5[::-1] * 0.7), (0,)),
)

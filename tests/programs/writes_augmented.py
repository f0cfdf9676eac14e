"""Augmented assignments: into places and into arrays, seen through aliases, or of numbers."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(103)
W3, W4, W5 = (RNG.normal(size=n) for n in (3, 4, 5))
W34, W33 = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 3))

V3 = np.array([0.4, -0.9, 1.3])
V4 = np.array([0.7, 0.2, -1.1, 0.5])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
P5 = np.array([0.7, 1.4, 0.3, 1.9, 1.1])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])
M33 = np.array([[0.5, -0.3, 0.8], [1.2, 0.7, -0.6], [-0.9, 0.4, 1.5]])


@program(V5, 0.7, peer=False)
def add_into_entry(x, s):
    x[2] += s * x[0] * x[2]
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def subtract_from_slice(x, s):
    x[1:-1] -= s * x[2:] ** 2
    return np.sum(W5 * x**2)


@program(V5, V3, peer=False)
def multiply_slice(x, e):
    x[1:4] *= np.sin(e)
    x[0] *= e[2]
    return np.sum(W5 * x**2)


@program(V5, V3, peer=False)
def divide_slice(x, e):
    x[1:4] /= 2 + e**2
    x[::2] /= e[2]
    return np.sum(W5 * x**2)


@program(P5, 1.3, peer=False)
def power_of_slice(x, s):
    x[1:4] **= s
    x[:2] **= 2
    return np.sum(W5 * x**2)


@program(P5, 0.8, peer=False)
def power_by_itself(x, s):
    x[1:3] **= x[2:4]
    x **= s
    return np.sum(W5 * x)


@program(P5, 0.43, peer=False)
def floor_division_and_remainder(x, s):
    y = x.copy()
    y //= s
    x %= s
    return np.sum(W5 * x * y)


@program(P5, 0.43, peer=False)
def remainder_of_entries(x, s):
    x[1] %= s
    x[2:] %= x[:3] + 0.05
    x[0] //= s
    return np.sum(W5 * x**2)


@program(M33, np.array([[0.6, 0.2, -0.1], [0.3, 0.9, 0.4], [-0.7, 0.1, 1.2]]), peer=False)
def matrix_product_in_place(a, b):
    a @= b
    a @= a.T
    return np.sum(W33 * a)


@program(M34, M33, peer=False)
def matrix_product_into_block(a, b):
    a[:, :3] @= b
    return np.sum(W34 * a**2)


@program(V5, 0.7, peer=False)
def whole_array_through_an_alias(x, s):
    y = x
    x += s
    x *= y
    y -= 0.3 * x[0]
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def whole_array_not_through_a_copy(x, s):
    y = x + 0
    x += s
    x /= y**2 + 1
    return np.sum(W5 * x * y)


@program(0.7, 0.4, peer=False)
def number_is_rebound(x, s):
    y = x
    x += s
    x *= y
    return x**2 + y


@program(V3, 0.4, peer=False)
def numpy_number_is_rebound(v, s):
    x = v[0]
    y = x
    x += s
    x *= y
    return x**2 + y * np.sum(W3 * v)


@program(V5, 0.7, peer=False)
def number_becomes_an_array(x, s):
    total = s
    for i in range(3):
        total = total + x[i : i + 3]
    alias = total
    total += s
    return np.sum(W3 * alias * total)


@program(M34, 3, peer=False)
def number_that_rows_are_added_to(rows, n):
    total, largest = 0.0, 0
    for k in range(n):
        total += rows[k] ** 2
        largest += total * rows[k - 1]
        total *= 0.9
    mean = total
    mean /= n
    return np.sum(W4 * largest * total)


@program(V5, 0.7, peer=False)
def array_without_axes_is_an_array(x, s):
    total = np.zeros(())
    alias = total
    for i in range(5):
        total += x[i] * s**i
    return total * alias


@program(V5, 0.7, peer=False)
def sum_is_a_number(x, s):
    total = np.sum(x**2)
    alias = total
    total += s
    return total * alias


@program(V5, peer=False)
def running_sum(x):
    x[1:] += x[:-1]
    return np.sum(W5 * x**2)


@program(V5, peer=False)
def running_product_by_entries(x):
    for i in range(1, len(x)):
        x[i] *= x[i - 1]
    return np.sum(W5 * x)


@program(M34, peer=False)
def neighbours_of_a_row(a):
    for i in range(3):
        a[i, 1:-1] += a[i, 2:] + a[i, :-2]
    return np.sum(W34 * a**2)


@program(M34, peer=False)
def neighbours_multiplied(a):
    for i in range(1, 3):
        a[i, 1:-1] *= a[i - 1, 2:] - a[i, :-2]
    return np.sum(W34 * a)


@program(P5, peer=False)
def divided_by_itself(x):
    x[:-1] /= x[1:]
    x /= x[2]
    return np.sum(W5 * x**2)


@program(P5, peer=False)
def normalised(x):
    x /= x.sum()
    x -= x.mean()
    x /= np.sqrt(np.sum(x**2))
    return np.sum(W5 * x)


@program(V5, peer=False)
def onto_its_own_reverse(x):
    x += x[::-1]
    x *= x[::-1]
    return np.sum(W5 * x)


@program(M33, peer=False)
def onto_its_own_transpose(a):
    a += a.T
    a *= 0.5
    a -= a.T @ a * 0.1
    return np.sum(W33 * a)


@program(M34, V4, V3, peer=False)
def row_and_column_added(a, row, column):
    a += row
    a *= column[:, None]
    a -= 0.5
    return np.sum(W34 * a**2)


@program(M34, V3, peer=False)
def rows_scaled_in_place(a, scale):
    a[1:] *= scale[1:, None]
    a[:, 0] += scale
    return np.sum(W34 * a**2)


@program(M34, 0.7, peer=False)
def row_plus_one_seen_in_matrix(a, s):
    row = a[1]
    row += 1
    a[2] *= row * s
    row -= a[2]
    return np.sum(W34 * a**2)


@program(V5, 0.7, peer=False)
def mask_added(x, s):
    x[x < 0] += s
    x[x > 1] *= s
    return np.sum(W5 * x**2)


@program(M34, V3, peer=False)
def mask_of_matrix_subtracted(a, e):
    a[a > 0.85] -= e
    a[a < -0.6] /= e[0]
    return np.sum(W34 * a**2)


@program(V5, V4, peer=False)
def repeated_index_counts_once(x, e):
    x[[0, 2, 0, 3]] += e
    return np.sum(W5 * x**2)


@program(V5, V4, peer=False)
def repeated_index_multiplied(x, e):
    x[[1, 1, 4, 0]] *= e
    return np.sum(W5 * x**2)


@program(M34, V3, peer=False)
def index_pairs_divided(a, e):
    a[[0, 1, 2], [3, 1, 0]] /= e**2 + 0.5
    a[:, [0, 2]] += e[:, None]
    return np.sum(W34 * a**2)


@program(V5, 4, peer=False)
def place_with_computed_index(x, n):
    k = 0
    x[(k := k + 1)] += x[n]
    x[n - k] *= x[k]
    return np.sum(W5 * x**2)


@program(V5, 0.3, 4, peer=False)
def accumulated_in_a_loop(x, s, n):
    total = np.zeros(5)
    for k in range(n):
        total += np.sin(s * k + x) * x
        x *= 0.9
    return np.sum(W5 * total)


@program(V5, 0.3, peer=False)
def accumulated_into_the_argument(x, s):
    for k in range(3):
        x -= s * x**2
        x[k] += s
    return np.sum(W5 * x)


@program(0.3, 4, peer=False)
def histogram_of_weights(s, n):
    h = np.zeros(3)
    for k in range(2 * n):
        h[k * k % 3] += s ** (k + 1)
    return np.sum(W3 * h**2)


@program(M34, peer=False)
def gradient_step(w):
    for _ in range(3):
        residual = w @ W4 - W3
        w -= 0.1 * np.outer(residual, W4) * w
    return np.sum(W34 * w)


@program(V5, peer=False)
def integer_counts_scale(x):
    count = np.zeros(5, dtype=int)
    for i in range(5):
        count[i // 2] += 1
        count[i] *= 2
    x *= count
    x += count
    return np.sum(W5 * x**2)


@program(np.array([0.5, -1.25, 2.0], dtype=np.float32), np.array([0.75, 1.5, -0.25]), peer=False)
def double_added_to_single(x, y):
    x += y
    x *= 2
    x[0] -= y[1]
    return np.sum(np.array([0.5, -1.25, 3.0]) * x)


@program(V3, V4[:3], peer=False)
def float_added_to_complex(a, b):
    z = a + 1j * b
    z += a
    z *= 0.5 + 0.2j
    z[1:] -= b[:2]
    return np.sum(W3 * z.real**2) + np.sum(W3 * z.imag)


@program(V5, 0.7, peer=False)
def attribute_and_item_targets(x, s):
    held = {"x": x, "total": s}
    held["x"] += s
    held["total"] += x[0]
    held["total"] *= held["total"]
    return held["total"] * np.sum(W5 * x**2)


@program([0.4, 0.9, -0.3], 0.7, peer=False)
def entries_of_a_list(values, s):
    values[0] += s
    values[-1] *= values[0]
    values[1] **= 2
    return sum(v * v * (k + 1) for k, v in enumerate(values))


@program(V5, 0.7, peer=False)
def out_of_one_expression(x, s):
    y = np.zeros(5)
    y[1:] += (x * s)[:-1]
    y -= (y := y * 1.5) if s > 1 else y * x
    return np.sum(W5 * y)


@program(V5, 0.7, peer=False)
def sums_put_where_a_term_was(x, c):
    for i in range(4):
        x[i] = x[i + 1] + c * x[i]
        x[i + 1] = x[i] * c + x[i + 1]
    x[2] = c - x[2]
    x[3] = x[3] - x[3] ** 2
    y = x[1] = x[1] + c * x[0]
    x[1:] = x[1:] + x[:-1]
    where = np.array([0, 2, 2, 1])
    x[where] = x[where] + W4 * x[1:]
    x[x > 0] = x[x > 0] + c
    return np.sum(W5 * x**2) * y


@program(M34, V4, peer=False)
def rows_put_where_a_term_was(a, v):
    def doubled(b):
        b[0] *= 2
        return b[1] * v

    a[0] = a[0] + doubled(a)
    a[1:2] = a[1:2] + v
    a[1, 2:4] = a[1, 2:4] - a[2, :2] * v[0]
    a[...] = a[...] + v
    row = a[2]
    row[1] = row[1] + a[2, 1] * v[2]
    a[2][0] = a[2][0] + row[1]
    return np.sum(W34 * a**2)

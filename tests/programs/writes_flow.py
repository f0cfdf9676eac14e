"""Writes under if, while, break, continue and early returns, in loops of every shape."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(108)
W5 = RNG.normal(size=5)
W34, W44 = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 4))
W333 = RNG.normal(size=(3, 3, 3))

V3 = np.array([0.4, -0.9, 1.3])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])
M44 = RNG.normal(size=(4, 4))


@program(V5, 0.7, peer=False)
def under_if(x, s):
    if x[0] > 0:
        x[1] = s * x[2]
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def under_if_and_else(x, s):
    if x[1] > 0:
        x[1] = s * x[2]
    elif x[2] > 5:
        x[0] = s
    else:
        x[3] = s * x[0]
        x[0] *= x[3]
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def under_if_in_a_loop(x, s):
    for i in range(len(x)):
        if x[i] < 0:
            x[i] *= -s
        else:
            x[i] = x[i - 1] ** 2 + x[i]
    return np.sum(W5 * x)


@program(V5, 0.7, peer=False)
def condition_on_what_is_written(x, s):
    for _ in range(4):
        if x[0] < 1:
            x[0] += s * x[3] + 0.1
        else:
            x[0] -= s * x[4] ** 2
            x[3] = x[0] * x[3]
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def test_kept_as_a_name(x, s):
    positive = x[0] > 0
    x[0] = -s
    if positive:
        x[1] = x[0] * s
    if not x[0] > 0:
        x[2] = x[1] * x[2]
    return np.sum(W5 * x**2)


@program(V5, 0.3, peer=False)
def while_over_an_array(x, s):
    while np.sum(x**2) > 0.5:
        x *= 1 - s
        x[1:] += 0.1 * x[:-1]
    return np.sum(W5 * x)


@program(V5, 0.3, 0, peer=False)
def while_over_a_counter(x, s, i):
    while i < len(x) - 1:
        x[i + 1] += s * x[i] ** 2
        i += 1
    return np.sum(W5 * x) * x[i]


@program(V5, 0.3, peer=False)
def while_true_with_break(x, s):
    k = 0
    while True:
        x[k % 5] *= s + 0.5
        k += 1
        if np.sum(np.abs(x)) < 1.7 or k > 12:
            break
        x[(k + 1) % 5] += 0.1 * x[0]
    return np.sum(W5 * x) * k


@program(V5, 0.3, peer=False)
def break_after_a_write(x, s):
    for i in range(len(x)):
        x[i] += s
        if x[i] > 1:
            x[0] = x[i] ** 2
            break
        x[i] *= x[i - 1]
    return np.sum(W5 * x)


@program(V5, 0.3, peer=False)
def continue_after_a_write(x, s):
    for i in range(len(x)):
        x[i] *= s
        if x[i] < 0:
            continue
        x[i] += x[i - 1]
        x[0] *= x[i]
    return np.sum(W5 * x)


@program(V5, 0.3, peer=False)
def for_else(x, s):
    for i in range(3):
        x[i] *= s
        if x[i] > 10:
            break
    else:
        x[4] = x[0] * x[1]
    return np.sum(W5 * x**2)


@program(V5, 0.3, peer=False)
def early_return(x, s):
    x[0] = s
    if x[1] > 0:
        return np.sum(W5 * x)
    x[1] = x[0] * x[2]
    for i in range(2, 5):
        x[i] += s * x[i - 1]
        if x[i] < -0.5:
            return np.sum(W5 * x**2) * x[i]
    return x[0]


@program(V5, 0.3, 0, peer=False)
def zero_trips(x, s, n):
    for i in range(n):
        x[i] = s
    while n > 0:
        x[0] *= s
        n -= 1
    x[1] *= s
    return np.sum(W5 * x**2)


@program(V5, V5 * 0.5, peer=False)
def zero_trips_of_some_rows(x, y):
    for i in range(5):
        for j in range(i + 1, 2 * i - 1):
            if j < 5:
                x[j] += y[i] * x[i]
    return np.sum(W5 * x**2)


@program(M34, V3, peer=False)
def two_deep(a, e):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            a[i, j] = a[i, j] * e[i] + a[i - 1, j - 1]
    return np.sum(W34 * a)


@program(V3, V3[::-1] * 0.7, peer=False)
def three_deep(x, y):
    t = np.zeros((3, 3, 3))
    for i in range(3):
        for j in range(3):
            for k in range(3):
                t[i, j, k] = x[i] * y[j] * x[k] + t[i, j, k - 1]
    return np.sum(W333 * t)


@program(M34, M44, peer=False)
def matrix_product(a, b):
    c = np.zeros((3, 4))
    for i in range(3):
        for j in range(4):
            for k in range(4):
                c[i, j] += a[i, k] * b[k, j]
    return np.sum(W34 * c**2)


@program(M44, peer=False)
def triangular_bounds(a):
    for i in range(4):
        for j in range(i):
            a[i, j] = a[j, i] * a[i, i]
        for j in range(i, 4):
            a[i, j] -= a[i - 1, j] * 0.3
    return np.sum(W44 * a)


@program(M44, peer=False)
def triangular_slices(a):
    for k in range(3):
        a[k + 1 :, k] /= a[k, k] + 3
        a[k + 1 :, k + 1 :] -= np.outer(a[k + 1 :, k], a[k, k + 1 :])
    return np.sum(W44 * a)


@program(V5, 0.4, peer=False)
def negative_steps(x, s):
    for i in range(len(x) - 2, -1, -1):
        x[i] += s * x[i + 1] ** 2
    for i in range(4, 0, -2):
        x[i] *= x[i - 1]
    for i in reversed(range(3)):
        x[i] -= x[i + 1] * s
    return np.sum(W5 * x)


@program(V5, 0.4, peer=False)
def strides(x, s):
    for i in range(1, 5, 2):
        x[i - 1] *= s
        x[i] = x[i - 1] + x[i] ** 2
    for i in range(0, 4, 3):
        x[i : i + 2] = x[i : i + 2][::-1]
    return np.sum(W5 * x**2)


@program(V5, 0.4, 3, peer=False)
def variable_after_the_loop(x, s, n):
    for i in range(n):
        x[i] *= s
    x[i + 1] = x[i] ** 2
    for j in range(i, 4):
        x[j] += x[i]
    return np.sum(W5 * x) * x[j] + i


@program(V5, 0.4, peer=False)
def variable_changed_in_the_body(x, s):
    for i in range(3):
        x[i] += s
        i = i + 2
        x[i] *= x[i - 1]
    return np.sum(W5 * x**2)


@program(V5, 0.4, peer=False)
def index_found_by_a_loop(x, s):
    best = 0
    for i in range(1, 5):
        if x[i] > x[best]:
            best = i
    x[best] *= s
    x[0] += x[best] ** 2
    return np.sum(W5 * x)


@program(V5, peer=False)
def index_moved_by_writes(x):
    lo, hi = 0, 4
    while lo < hi:
        if x[lo] + x[hi] > 0:
            x[lo] *= x[hi]
            lo += 1
        else:
            x[hi] += x[lo] ** 2
            hi -= 1
    return np.sum(W5 * x) * x[lo]


@program(V5, np.array([3, 0, 2, 0, 4]), peer=False)
def index_from_an_integer_array(x, links):
    for i in range(5):
        x[links[i]] += 0.5 * x[i] ** 2
    return np.sum(W5 * x)


@program(V5, 0.4, peer=False)
def index_array_written_in_the_loop(x, s):
    at = np.zeros(2, dtype=int)
    for i in range(3):
        at[0], at[1] = i, (2 * i + 1) % 5
        x[at] = s * x[at] + x[at[::-1]]
    return np.sum(W5 * x)


@program(V5, peer=False)
def bubble_sort(x):
    for n in range(len(x) - 1, 0, -1):
        for i in range(n):
            if x[i] > x[i + 1]:
                x[i], x[i + 1] = x[i + 1], x[i]
    return np.sum(W5 * x**2)


@program(V5, peer=False)
def insertion_sort(x):
    for i in range(1, len(x)):
        key = x[i]
        j = i - 1
        while j >= 0 and x[j] > key:
            x[j + 1] = x[j]
            j -= 1
        x[j + 1] = key
    return np.sum(W5 * x**2)


@program(V5, 0.4, peer=False)
def try_and_finally(x, s):
    try:
        x[0] = s * x[1]
        x[1] /= x[2]
    finally:
        x[2] += s
    return np.sum(W5 * x**2)


@program(V5, 0.4, peer=False)
def match_writes(x, s):
    for i in range(5):
        match i % 3:
            case 0:
                x[i] *= s
            case 1:
                x[i] += x[i - 1]
            case _:
                x[i - 2] = x[i] ** 2
    return np.sum(W5 * x)


@program(V5, 0.4, peer=False)
def number_carried_beside_an_array(x, s):
    total = s
    for i in range(5):
        total = total * x[i] + 1
        x[i] = total
        total -= x[i - 1]
    return np.sum(W5 * x) * total


@program(V5, 0.4, peer=False)
def written_in_an_inner_loop_only(x, s):
    y = np.zeros(5)
    for i in range(3):
        y[:] = 0
        for j in range(i + 1):
            y[j] = s * x[j + i] + y[j - 1]
        x += y
    return np.sum(W5 * x**2) + np.sum(W5 * y)


@program(V5, V3, peer=False)
def buffer_reused_for_other_things(x, e):
    work = np.empty(5)
    total = 0.0
    for k in range(3):
        work[:] = x * e[k]
        np.sin(work, out=work)
        total += np.sum(W5 * work)
        work[:] = x**2 + e[k]
        total *= np.sum(W5 * work)
    return total


@program(V5, 0.4, peer=False)
def first_trip_is_special(x, s):
    for k in range(4):
        if k == 0:
            y = x.copy()
        elif k == 3:
            y[0] = y[4]
        y[1:] = y[1:] * s - y[:-1]
        if k % 2:
            x[k] = y[k] ** 2
    return np.sum(W5 * x) + np.sum(W5 * y**2)

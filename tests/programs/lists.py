"""Lists that grow, and what is made of them afterwards."""

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5, 0.9])
W4 = np.array([0.7, -1.3, 2.1, 0.2])
A = np.array([[0.9, -0.3], [0.4, 1.1]])


@program(V)
def appended_then_array(v):
    out = []
    for e in v:
        out.append(np.sin(e) * e)
    return np.sum(W4 * np.array(out))


@program(0.8, 6)
def appended_then_summed(x, n):
    terms = []
    t = x
    for k in range(n):
        terms.append(t)
        t = t * x / (k + 1)
    return sum(terms)


@program(np.array([0.3, -0.6]), 5)
def trajectory_stacked(u, n):
    states = []
    for _ in range(n):
        u = np.tanh(A @ u) + 0.1
        states.append(u)
    path = np.stack(states)
    return np.sum(path * np.arange(1.0, 11.0).reshape(5, 2))


@program(np.array([0.3, -0.6]))
def trajectory_with_start(u):
    states = [u]
    for _ in range(3):
        states.append(A @ states[-1] * 0.9)
    return np.sum(states[-1] ** 2) + np.sum(states[1] * states[2])


@program(0.8, 7)
def table_of_recurrence(x, n):
    f = [x, x * x]
    for k in range(2, n):
        f.append(f[k - 1] * 0.5 + f[k - 2] * x)
    return f[n - 1] + 3 * f[2]


@program(V)
def prefix_sums(v):
    sums = [0.0]
    for e in v:
        sums.append(sums[-1] + e * e)
    total = 0.0
    for i in range(len(sums)):
        total += sums[i] * (i + 0.5)
    return total


@program(V)
def appended_under_condition(v):
    positive = []
    for e in v:
        if e > 0:
            positive.append(e * e)
    total = 1.0
    for p in positive:
        total = total * (p + 1)
    return total * len(positive)


@program(1.3)
def appended_in_while(x):
    ys = []
    y = x
    while y < 20:
        ys.append(y)
        y = y * x + x
    return sum(ys) * y


@program(1.3)
def appended_until_break(x):
    ys = []
    for i in range(10):
        y = x**i
        if y > 4:
            break
        ys.append(y * i)
    return sum(ys) + len(ys) * x


@program(V)
def two_lists(v):
    a, b = [], []
    for i, e in enumerate(v):
        a.append(e * e)
        b.append(e + i)
    total = 0.0
    for p, q in zip(a, b):
        total += p * q
    return total


@program(V)
def list_read_backwards(v):
    out = []
    for e in v:
        out.append(e * 2)
    y = 0.3
    for e in reversed(out):
        y = y * e + e**2
    return y


@program(V)
def list_read_by_index_twice(v):
    out = []
    for e in v:
        out.append(e * e)
    return out[0] * out[3] + out[-1] * out[1] + len(out) * out[0]


@program(0.8)
def short_list_by_hand(x):
    out = []
    out.append(x)
    out.append(x * x)
    out.append(out[0] * out[1])
    return np.sum(np.array(out) * np.array([1.0, -2.0, 3.0]))


@program(np.array([0.3, -0.6]))
def rows_into_matrix(u):
    rows = []
    for k in range(3):
        rows.append(u * k + u**2)
    m = np.array(rows)
    return np.sum(m.T @ m * A)


@program(np.array([0.3, -0.6]))
def concatenated_pieces(u):
    pieces = []
    for k in range(3):
        pieces.append(np.sin(u * (k + 1)))
    long = np.concatenate(pieces)
    return np.sum(long * np.arange(6.0))


@program(V)
def nested_lists(v):
    table = []
    for i in range(3):
        row = []
        for j in range(2):
            row.append(v[i] * v[j + 1])
        table.append(row)
    return np.sum(np.array(table) * np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, 0.7]]))


@program(0.9, 4)
def losses_averaged(w, epochs):
    losses = []
    for epoch in range(epochs):
        w = w - 0.1 * np.cos(w)
        losses.append(w**2 * (epoch + 1))
    return np.mean(np.array(losses)) + losses[-1]


@program(V)
def last_element_in_loop(v):
    history = [1.0]
    for e in v:
        previous = history[-1]
        history.append(np.tanh(previous * e) + e)
    return history[-1] + history[2]


@program(V)
def list_never_read(v):
    log = []
    s = 0.0
    for e in v:
        s += e**3
        log.append(s)
    return s * len(log)


def collect(v):
    out = []
    for e in v:
        out.append(e * e)
    return out


@program(V)
def list_returned_by_helper(v):
    xs = collect(v)
    ys = collect(v[:2])
    return sum(xs) * ys[1] + np.max(np.array(ys))


@program(V)
def list_filled_by_helper(v):
    out = []

    def remember(value):
        out.append(value * 3)

    for e in v:
        remember(e * e)
    return sum(out) + out[1]


@program(0.7)
def list_extended(x):
    xs = [x]
    xs.extend([x * x, x**3])
    xs += [2.0 * x]
    return xs[0] * xs[3] + sum(xs)


@program(0.7, 20)
def long_static_trips(x, n):
    powers = [1.0]
    for _ in range(n):
        powers.append(powers[-1] * x)
    return sum([p * (k % 3) for k, p in enumerate(powers)])


@program(np.array([[0.4, -0.8], [1.5, 0.3]]), peer=False)
def lists_of_an_array(a):
    (p, q), (r, s) = a.tolist()
    row = (a[0] * a[1]).tolist()
    row.append(p * s)
    return row[0] * q + row[-1] * r + np.sum(a).tolist() ** 2


@program(np.array([0.7, -1.2, 0.4]), 2)
def tuple_of_a_list_that_grows_on(x, n):
    items = [x[0]]
    for i in range(n):
        items.append(x[i] * x[i + 1])
    fixed = tuple(items)
    items.append(x[2] ** 2)
    items[0] = 3.0
    return sum(fixed) * fixed[0] + len(fixed) * sum(items) * isinstance(fixed, tuple)

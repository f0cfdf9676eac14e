"""Names that are one of several written arrays or parts, and which is known at run time only."""

from dataclasses import dataclass

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(311)
W3, W5, W8 = (RNG.normal(size=n) for n in (3, 5, 8))

V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
U5 = np.array([1.2, 0.5, -0.4, 0.9, 0.2])
T5 = np.array([0.7, -0.2, 0.8, -0.6, 1.3])


@program(V5, U5, T5, 0.3, 5, peer=False)
def three_levels_rotated_by_condition(old, now, new, c, steps):
    for _ in range(steps):
        new[1:-1] = 2 * now[1:-1] - old[1:-1] + c * np.sin(now[2:] - now[:-2])
        if np.sum(new) > np.sum(now):
            old, now, new = now, new, old
        else:
            old, now = now, old
            old *= 0.9
    return np.sum(W5 * old * now) + np.sum(W5 * new**2)


@program(V5, 0.7, 6, argnums=(0, 1), peer=False)
def best_so_far_kept_by_reference(x, c, steps):
    best, least = x, np.inf
    for k in range(steps):
        x = x.copy()
        x[k % 5] = np.sin(c * x[k % 5] + k)
        value = np.sum((x - 0.4) ** 2)
        if value < least:
            best, least = x, value
    best[0] *= x[1]
    return np.sum(W5 * best**2) + np.sum(W5 * x) + least


@program(V5, 0.4, 7, argnums=(0, 1), peer=False)
def best_so_far_changed_by_later_trips(x, c, steps):
    best = x
    least = np.inf
    for k in range(steps):
        x[k % 5] = np.sin(c * x[k % 5] + k)
        value = np.sum((x - 0.4) ** 2)
        if value < least:
            best, least = x, value
        elif k % 2:
            x = x + 0.1 * best
    return np.sum(W5 * best**2) + np.sum(W5 * x)


@program(V5, 0.3, argnums=(0, 1), peer=False)
def current_and_next_in_a_while(u, c):
    a, b = u.copy(), np.zeros(5)
    t = 0.0
    while t < 4.0:
        cur, nxt = (a, b) if np.sum(a) > np.sum(b) else (b, a)
        nxt[:] = 0.5 * np.sin(cur) + c * nxt
        cur[0] += 0.2 * t
        t += 1.0 + np.sum(np.abs(nxt))
    return np.sum(W5 * a) - np.sum(W5 * b**2)


@program(V5, U5, 0.3, 6, peer=False)
def double_buffer_of_an_object(a, b, c, steps):
    @dataclass
    class State:
        front: np.ndarray
        back: np.ndarray

    state = State(a, b)
    for k in range(steps):
        state.back[1:] += c * state.front[:-1] ** 2
        if state.back[k % 5] > 0.3:
            state.front, state.back = state.back, state.front
    return np.sum(W5 * a) + np.sum(W5 * b**2) + np.sum(state.front) * state.back[1]


def larger(p, q):
    if np.sum(p) > np.sum(q):
        return p
    return q


@program(V5, U5, 0.6, 4, peer=False)
def callee_returns_one_of_its_arguments(a, b, c, steps):
    for k in range(steps):
        x = larger(a, b)
        x[k] = c * x[k] * a[k - 1]
        larger(b, a)[-1] -= c * b[0]
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, U5, 0.6, 4, peer=False)
def callee_writes_what_it_chooses(a, b, c, steps):
    def relax(p, q):
        target = p if p[0] < q[0] else q
        target[1:] += c * np.tanh(p[:-1] * q[:-1])
        target[0] += 0.4
        return target

    last = a
    for _ in range(steps):
        last = relax(last, b)
        b[2] = b[2] * last[3]
    return np.sum(W5 * last) * a[0] + np.sum(W5 * b)


@program(V5, 0.5, 5, argnums=(0, 1), peer=False)
def new_work_array_now_and_then(u, c, steps):
    work = u
    total = 0.0
    for k in range(steps):
        work[1:] *= c * u[:-1]
        total = total + np.sum(W5 * work)
        if total > 0.1 * k:
            work = np.empty(5)
            work[:] = u + k
            work[2] = total
    return total + np.sum(W5 * work * u)


@program(V5, U5, 0.3, 4, peer=False)
def active_and_inactive_buffer(a, b, c, steps):
    counts = np.zeros(5)
    for k in range(steps):
        target = counts if k % 2 else a
        target[k] += 1.0
        b[k] += c * target[k] * a[k - 1]
    return np.sum(W5 * a * counts) + np.sum(W5 * b)


@program(np.linspace(0.2, 1.6, 8) ** 2, 0.4, 3, argnums=(0, 1), peer=False)
def levels_of_a_multigrid(u, c, sweeps):
    fine, coarse = u.copy(), np.zeros(8)
    coarse[:4] = 0.5 * (u[::2] + u[1::2])
    level, other = fine, coarse
    for k in range(sweeps):
        level[1:-1] += c * (level[2:] - 2 * level[1:-1] + level[:-2]) * other[1:-1]
        if np.max(np.abs(level - other)) > 0.5 + 0.1 * k:
            level, other = other, level
        level[0] = 0.3 * other[-1]
    return np.sum(W8 * fine) + np.sum(W8 * coarse**2)


@program(V5, 0.8, argnums=(0, 1), peer=False)
def line_search_by_reference(x, step):
    x_best = x
    f_best = np.sum(x**4 - x)
    for _ in range(5):
        trial = x_best - step * (4 * x_best**3 - 1)
        f = np.sum(trial**4 - trial)
        if f < f_best:
            x_best, f_best = trial, f
            x_best[0] += 0.01 * step
        else:
            step = 0.5 * step
            x[1] += 0.01 * step
    return np.sum(W5 * x_best) + np.sum(W5 * x) + f_best


@program(V5, U5, 0.3, peer=False)
def two_names_of_one_array(a, b, c):
    p = a if a[0] > 5.0 else b
    q = b if b[0] > 0.0 else a
    p[1:] += c * q[:-1]
    q[0] = p[2] * a[3]
    return np.sum(W5 * p * a) + np.sum(W5 * q * b)


@program(V5, U5, 0.3, 6, peer=False)
def whether_it_is_the_same_array(a, b, c, steps):
    x, swaps = a, 0.0
    for k in range(steps):
        x[k % 5] += c * b[k % 5]
        if x is a and x[0] > b[0]:
            x = b
            swaps += x[1]
        elif x is not a:
            x = a
            x *= 0.9
    return np.sum(W5 * x * a) + np.sum(W5 * b) * swaps


@program(V5, U5, 0.3, 0, peer=False)
def no_trip_at_all(a, b, c, steps):
    x = a
    for k in range(steps):
        x[k] = c * b[k]
        x = b if x[k] > 0 else a
        a[0] += b[1]
    x[1] *= c
    return np.sum(W5 * x * a) + np.sum(W5 * b)


@program(V5, np.array([0.4, -1.2, 0.8]), 0.3, 4, peer=False)
def arrays_of_two_lengths(a, b, c, steps):
    x = a
    for k in range(steps):
        x[k % 3] = c * np.sum(x) + b[k % 3]
        b[1] += x[-1]
        x = b if x[k % 3] > 0 else a
    return np.sum(x) ** 2 + np.sum(W5 * a) + np.sum(W3 * b)


@program(V5, U5, 0.3, 4, peer=False)
def views_of_one_of_two(a, b, c, steps):
    part = a[1:]
    for k in range(steps):
        part[::2] *= c + b[k]
        part = b[1:] if part[0] > 0.1 else a[1:]
        a[k] += b[k - 1]
    return np.sum(W5 * a) + np.sum(W5[1:] * part**2) + np.sum(W5 * b)


@program({"p": V5, "q": U5}, [T5, V5 * 0.7], 0.3, 4, peer=False)
def leaves_of_a_dict_and_a_list(d, xs, c, steps):
    x = d["p"]
    for k in range(steps):
        x[k] = c * x[k - 1] + xs[1][k]
        x = xs[0] if x[k] > 0.2 else d["q"]
        d["p"][0] += xs[0][1]
        xs[0][2] *= 0.9
    return np.sum(W5 * x * d["p"]) + np.sum(W5 * d["q"] * xs[0])


@program(V5, 0.3, 6, argnums=(0, 1), peer=False)
def states_of_a_history_by_number(u, c, steps):
    states = [u]
    for k in range(steps):
        new = states[-1] * 0.9
        new[k % 5] = c * states[0][1]
        states.append(new)
    x = states[0]
    for k in range(1, steps):
        if states[k][0] > x[0]:
            x = states[k]
        x[1] += c * states[k][2]
    return sum(np.sum(W5 * s**2) for s in states) + x[3]


@program(V5, U5, 0.6, -1.0, peer=False, argnums=(0, 1, 2), name="view_met_after_a_write, other")
@program(V5, U5, 0.6, 1.0, peer=False, argnums=(0, 1, 2))
def view_met_after_a_write(a, b, c, s):
    b[0] = c
    part = a[1:]
    if s > 0:
        part = b[1:]
    else:
        a[2] = 5 * a[0] * a[1]
    return np.sum(W5[1:] * part**2)


@program(V5, U5, 0.6, -1.0, peer=False, argnums=(0, 1, 2))
def view_met_that_was_written_before(a, b, c, s):
    b[0] = c
    part = a[1:]
    a[2] = 5 * a[0] * a[1]
    if s > 0:
        part = b[1:]
    return np.sum(W5[1:] * part**2)


@program(V5, U5, 0.5, 5, peer=False)
def result_is_the_chosen_array(a, b, c, steps):
    def solve(a, b):
        x = a
        for k in range(steps):
            x[k] = c * np.cos(x[k - 1]) + b[k]
            x = b if np.sum(x) > np.sum(a) * 0.5 else a
            b[0] *= 0.8
        return x, a

    x, y = solve(a, b)
    x[1] = 2 * y[0]
    return np.sum(W5 * x * y) + np.sum(W5 * b)


@program(V5, U5, 0.7, peer=False)
def view_read_before_the_choice(a, b, s):
    part = a[::-2] * a[::2]
    total = np.sum(np.sin(part))
    x = a if s > 0 else b
    x[:3] += s
    a[0] = total
    return np.sum(W5 * a**2) + np.sum(b**2) + np.sum(x)


@program(V5, U5, 0.7, peer=False)
def made_array_read_before_the_choice(u, b, s):
    a = u * s
    part = a[::-2]
    b = b * 2
    total = np.sum(np.sin(part * a[::2]))
    x = a if s > 0 else b
    x[:3] += s
    a[0] = total
    return np.sum(W5 * a**2) + np.sum(b**2) + np.sum(x)


@program(V5, U5, 3, peer=False, argnums=(0, 1))
def displayed_arrays_written_through_the_list(a, b, n):
    v, w = a * 2, b + a
    part = v[::2]
    rows = [v, w]
    for k in range(n):
        rows.append(np.sin(part) * np.ones(3))
    for k in range(n + 2):
        rows[k][1] *= rows[k - 1][0] + 0.5
    return sum(np.sum(row**2) for row in rows)


M33 = np.array([[0.3, -0.8, 1.4], [0.6, -1.1, 0.2], [0.5, 0.1, -0.7]])
W33 = np.outer(W3, W3) + np.eye(3)


@program(M33, V5[:3], 5, peer=False)
def vector_or_row_of_a_matrix(buf, x, n):
    row = x
    for k in range(n):
        row[1] += np.sin(buf[k % 3, 0]) * row[0]
        x[2] *= 0.9
        row = x if np.sum(row) > 0.4 else buf[k % 3]
    return np.sum(W33 * buf**2) + np.sum(W3 * x) + row[0] * row[2]


@program(V5, 0.4, 4, argnums=(0, 1), peer=False)
def parts_of_other_lengths(a, c, n):
    w, before = a[1:], None
    for k in range(n):
        if before is not None:
            before[-1] += c * w[0]
        w[0] = c * w[1] + a[0]
        a[0] += w[0]
        before = w
        w = a[k : 4 + k % 2] if a[0] > 0.4 else a[1:]
    w *= a[2]
    return np.sum(W5 * a**2)


@program(U5[:3], M33, 0.8, 4, peer=False)
@program(U5[:3], M33, 0.8, 0, peer=False, name="no_trip_with_arrays_of_other_ranks")
def arrays_of_other_ranks_and_dtypes(a, m, c, n):
    marks = np.array([0, 2, 1])
    t = m
    for k in range(n):
        t *= 2
        t[k % 3] += m[1, 1] > 0.5
        a[marks[k % 3] % 3] += c
        t = (a if np.sum(a) > np.sum(m) else m) if k % 2 else marks
        m[1, 1] = np.sin(a[2])
    return np.sum(W3 * a**2) + np.sum(W33 * m * m) + np.sum(t) + marks[0]


@program(U5[:3], M33, 0.4, 2, peer=False)
def every_way_to_write_a_part(a, m, c, n):
    def turned(p, q, depth):
        p[0] = np.sin(q[1]) + p[1]
        return turned(p, q, depth - 1) * q[2] if depth > 0 else p[0]

    t = 0.0
    for k in range(n):
        w = a if np.sum(a) > 2.0 + k else m[:, 1]
        np.add.at(w, [0, 1, 0], c * a[1])
        w.sort()
        np.copyto(w[1:], m[0, :2])
        np.multiply(w, 1.5 * a, out=w)
        w[::-1][0] = a[0]
        w.reshape(-1)[1] *= 2.0
        t = t + turned(w, m[0], k + 1) + w[w > 0.3].sum()
    return t + np.sum(W3 * a**2) + np.sum(W33 * m**2)


@program(V5, U5, 0.4, 2, 3, peer=False)
def inner_sweeps_between_swaps(v, w, c, n, m):
    """The inner loop leaves the names as they are, and the outer one exchanges them."""
    for _ in range(n):
        for _ in range(m):
            w *= np.cos(c * v)
            v[1:] = w[1:]
        v[0] += w[1]
        w, v = v, w
    return np.sum(T5 * v**2) + np.sum(W5 * w)

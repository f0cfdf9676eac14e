"""Writes that look as if no one read them again, and those that no one does."""

from __future__ import annotations

import numpy as np

from tests.programs import program

rng = np.random.default_rng(71)
A = rng.normal(size=(4, 3))
V = rng.normal(size=5)


@program(A, np.zeros(3), np.ones(3), 0.9, argnums=(0,), peer=False)
def running_statistics(x, mean, var, momentum):
    m, v = x.mean(axis=0), x.var(axis=0)
    mean *= momentum
    mean += (1 - momentum) * m
    var[:] = momentum * var + (1 - momentum) * v
    return np.sum(((x - m) / np.sqrt(v + 1e-5)) ** 3)


@program(V, 4, peer=False)
def history_that_is_not_returned(x, n):
    log, states = np.zeros(n), np.zeros((n, len(x)))
    for k in range(n):
        x = x - 0.1 * np.cos(x)
        log[k] = x.sum()
        states[k] = x
        states[k, 0] += 1.0
    return np.sum(x**2)


@program(V, peer=False)
def seen_through_a_list(x):
    buffer = x * 2
    held = [buffer]
    buffer += x**2
    buffer[1] = x[0]
    return np.sum(held[0] ** 3)


@program(V, 3, peer=False)
def seen_through_lists_of_unknown_length(x, n):
    rows = []
    for k in range(n):
        row = x * k
        rows.append(row)
        row += x**2
        row[0] = x[1]
    return sum(np.sum(r**2) * (k + 1) for k, r in enumerate(rows))


class Holder:
    def __init__(self, state):
        self.state = state


@program(V, peer=False)
def seen_through_an_object(x):
    state = x * 2
    holder = Holder(state)
    state *= x
    state[0] = 1.0
    return np.sum(holder.state**2)


@program(V, peer=False)
def seen_through_a_dict(x):
    state = np.zeros(5)
    table = {"state": state}
    state += x
    state[2:] *= x[2:]
    return np.sum(np.sin(table["state"]))


@program(V, peer=False)
def seen_through_a_view(x):
    base = x.reshape(1, -1) * 2
    row = base[0]
    base += x
    base[:, 1] = x[0]
    return np.sum(row**3)


@program(V, peer=False)
def seen_through_the_base(x):
    base = np.zeros((2, 5))
    row = base[1]
    row += x**2
    row[0] = x[1]
    return np.sum(base**2)


@program(V, peer=False)
def seen_by_a_closure(x):
    state = x * 1.0

    def energy():
        return np.sum(state**2)

    before = energy()
    state += np.sin(x)
    state[0] = 0.5
    return before * energy()


def bump(buffer, x):
    buffer += x**2
    buffer[0] = x[1]


@program(V, peer=False)
def written_by_a_callee(x):
    buffer = np.zeros(5)
    unused = np.zeros(5)
    bump(unused, x)
    bump(buffer, x)
    return np.sum(buffer**2)


@program(V, 4, peer=False)
def the_other_of_two_buffers(x, n):
    a, b = x.copy(), np.zeros_like(x)
    for _ in range(n):
        b[1:-1] = a[1:-1] + 0.1 * (a[2:] - 2 * a[1:-1] + a[:-2])
        b[0] = a[0]
        a, b = b, a
    b[:] = 7.0
    return np.sum(a**2)


@program(V, 3, peer=False)
def read_in_the_next_trip_alone(x, n):
    memory = np.zeros(5)
    total = 0.0
    for _ in range(n):
        total = total + np.sum(memory * x)
        memory += x**2
    return total


@program(V, 3, peer=False)
def read_on_one_path(x, n):
    memory = np.zeros(5)
    total = np.sum(x)
    for k in range(n):
        memory[k] = x[k] ** 2
        if k == 1:
            total = total * memory[0]
    return total

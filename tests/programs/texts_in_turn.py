"""Names that are one of several texts or functions in turn: states, labels, modes."""

import operator

import numpy as np

from tests.programs import program

X = np.array([0.4, -1.1, 0.7, 1.9, -0.3, 0.8])
Y = np.array([1.3, 0.6, -0.9, 1.4, 0.5, -1.2])


@program(X, Y, peer=False)
def time_in_each_state(x, y):
    state, total = "idle", 0.0
    log = {"idle": 0.0, "run": 0.0}
    for v, w in zip(x, y):
        if state == "idle":
            if v > 0.5:
                state = "run"
        else:
            total = total + v * w
            if w < 0:
                state = "idle"
        log[state] += v**2 * w
    return total + log["idle"] * log["run"]


@program(X, Y, peer=False)
def walk_in_a_table(x, y):
    after = {"a": "b", "b": "c", "c": "a"}
    weights = {"a": x[0], "b": 2.0, "c": y[1]}
    state, total = "a", 0.0
    for k in range(len(x)):
        if y[k] > 0.55:
            state = after[state]
        total += weights[state] * np.sin(x[k] * y[k])
    return total


@program(X, Y, peer=False)
def machine_by_match(x, y):
    state, total = "start", 0.3
    for k in range(len(x)):
        match state:
            case "start":
                total += x[k] * y[0]
                state = "middle" if y[k] > 0.4 else state
            case "middle":
                total += np.sin(x[k]) * y[k]
                state = "end"
            case _:
                total *= 0.5 + y[k] ** 2
                state = "start"
    return total


def squared(v):
    return v * v


def folded(v):
    return np.sin(v)


@program(X, Y, peer=False)
def functions_in_turn(x, y):
    apply, total = squared, 1.0
    for k in range(len(x)):
        combine = operator.add if x[k] > 0 else operator.mul
        total = combine(total, apply(x[k]) * y[k])
        apply = folded if y[k] > 0.55 else squared
    return total


@program(X, Y, peer=False)
def counts_by_label(x, y):
    found, label = {}, "low"
    for k in range(len(x)):
        found[label] = found.get(label, 0.0) + x[k] * y[k]
        label = "high" if y[k] > 0.55 else "low"
    return found["low"] * found.get("high", 1.0) * len(found)


class Spring:
    def __init__(self, kind, pull):
        self.kind, self.pull = kind, pull


@program(X, Y, peer=False)
def texts_in_comprehensions(x, y):
    kinds = ["soft" if v > 0.55 else "hard" for v in y]
    springs = [Spring("soft" if v > 0 else "hard", v) for v in x]
    pairs = [("first" if v > 0 else "last", v * w) for v, w in zip(x, y)]
    total = 0.0
    for kind, spring, (name, pull) in zip(kinds, springs, pairs):
        total += spring.pull * pull if kind == spring.kind else spring.pull**2
        total *= 1.1 if name == "first" else 0.9
    return total


@program(X, Y, peer=False)
def texts_of_objects_that_change(x, y):
    springs = [Spring("soft", v) for v in x]
    for _ in range(3):
        for spring, w in zip(springs, y):
            if spring.kind == "soft" and spring.pull > 0.5:
                spring.kind = "hard"
            elif spring.kind == "hard":
                spring.pull = spring.pull * w
    return sum(s.pull**2 if s.kind == "hard" else s.pull for s in springs)

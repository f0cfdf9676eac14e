"""Dicts, lists and objects that a loop makes anew and changes; how many trips is not known."""

import numpy as np

from tests.programs import program

X = np.array([0.7, -0.4, 1.3, 0.5, -1.1, 0.9])


def renewed(*args):
    return program(X, *args, peer=False)


class Box:
    def __init__(self, first, second):
        self.first, self.second = first, second


class Holder:
    def __init__(self):
        self.best, self.count = None, 0


@renewed()
def a_list_beside_none(x):
    best, i = None, 0
    while i < len(x) and x[i] < 50:
        c = x[i] ** 2 + x[0]
        if best is None or c < best[0]:
            best = [c, x[i]]
        i += 1
    return best[0] * best[1]


@renewed()
def a_dict_beside_none(x):
    best, i = None, 0
    while i < len(x) and x[i] < 50:
        y = np.array([np.sin(x[i]), x[i] ** 2])
        if best is None or y[0] > best["score"]:
            best = {"score": y[0], "row": y}
        i += 1
    return best["row"] @ best["row"] * best["score"]


@renewed()
def a_dict_in_a_part_that_was_none(x):
    state, i = {"best": None}, 0
    while i < len(x) and x[i] < 50:
        if state["best"] is None or x[i] > state["best"]["c"]:
            state["best"] = {"c": x[i], "v": x[i] ** 2}
        i += 1
    return state["best"]["c"] * state["best"]["v"]


@renewed()
def a_list_in_an_attribute_that_was_none(x):
    held, i = Holder(), 0
    while i < len(x) and x[i] < 50:
        if held.best is None or x[i] > held.best[0]:
            held.best = [x[i], x[i] ** 2]
            held.count += 1
        i += 1
    return held.best[0] * held.best[1] * held.count


@renewed()
def a_list_beside_none_that_is_changed(x):
    best, i = None, 0
    while i < len(x) and x[i] < 50:
        if best is None or x[i] > best[0]:
            best = [x[i], x[i] ** 2]
        best[1] *= 1.1
        i += 1
    return best[0] * best[1]


@renewed()
def a_dict_beside_none_that_is_changed(x):
    best, i = None, 0
    while i < len(x) and x[i] < 50:
        if best is None or x[i] > best["c"]:
            best = {"c": x[i], "n": x[i] ** 2}
        else:
            best["n"] += x[0]
        i += 1
    return best["c"] * best["n"]


@renewed()
def the_one_before(x):
    before, total, i = None, 0.0, 0
    while i < len(x) and total < 100:
        if before is not None:
            total = total + before["a"] * x[i]
        before = {"a": x[i] ** 2, "b": x[i]}
        i += 1
    return total + before["b"]


@renewed()
def a_dict_renewed_or_changed(x):
    best, i = {"c": x[0], "n": x[1]}, 0
    while i < len(x) and x[i] < 50:
        v = x[i]
        if v > best["c"]:
            best = {"c": v, "n": v * v}
        else:
            best["n"] = x[0] * v
        i += 1
    return best["c"] * best["n"]


@renewed()
def an_object_renewed_and_changed(x):
    box, i = Box(x[0], x[1]), 0
    while i < len(x) and x[i] < 50:
        if x[i] > box.first:
            box = Box(x[i], box.second * x[i])
        box.second *= 1.1 + x[i]
        i += 1
    return box.first * box.second


@renewed()
def the_present_and_the_last(x):
    now, last, total, i = {"n": x[0]}, {"n": x[1]}, 0.0, 0
    while i < len(x) and x[i] < 50:
        last = now
        if x[i] > 0:
            now = {"n": x[i]}
        now["n"] = now["n"] * 2
        total = total + last["n"] * x[i]
        i += 1
    return total + last["n"]


@renewed()
def one_of_two_that_are_none_at_first(x):
    last, held, total, i = None, None, 0.0, 0
    while i < 6 and total < 50:
        if total > 0.3:
            if held is not None:
                held["n"] = held["n"] * (1 + 0.1 * i)
        else:
            held = last
        if total < 0.3:
            last = {"n": x[0] * x[i % 6], "m": x[1]}
        i += 1
        total = total + 0.1
    return total if held is None else total + held["n"] * held["m"]


@renewed(0.3)
def a_line_searched_with_a_record_of_the_best(x, rate):
    record, y, step = None, x, 0
    while step < 40 and np.sum(y**2) > 0.05:
        y = y - rate * (2 * y + np.cos(y))
        loss = np.sum(y**2) + np.sum(np.sin(y))
        if record is None or loss < record["loss"]:
            record = {"loss": loss, "y": y, "step": step}
        step += 1
    return record["loss"] + record["y"] @ x


# -- whole numbers that a trip binds: what they are in the first trip is not what they are ---------


@renewed()
def the_number_of_the_last_trip(x):
    k, total = 0, 0.0
    while k < len(x) and x[k] < 50:
        if k > 0:
            total = total + (x[k] if j == 0 else x[k] ** 2)  # noqa: F821
        j = k
        k += 1
    return total + x[j] * (2 if j == 0 else 3)


def found_above(x, least):
    i = 0
    while i < len(x) and x[i] < 50:
        if x[i] > least:
            return {"value": x[i], "at": i}
        i += 1
    return None


def place_above(x, least):
    i = 0
    while i < len(x) and x[i] < 50:
        if x[i] > least:
            return x[i], i
        i += 1
    return None


@renewed()
def a_dict_that_was_found(x):
    found = found_above(x, 0.95)
    if found is None:
        return x[0]
    return found["value"] * (x[0] if found["at"] == 0 else x[1])


@renewed()
def places_that_were_found(x):
    k, total = 0, 0.0
    while k < 4 and total < 50:
        found = place_above(x, 0.25 * k)
        if found is None:
            total = total - 0.1
        else:
            value, i = found
            total = total + (value if i == 0 else value * x[i] * x[1])
        k += 1
    return total * x[0]

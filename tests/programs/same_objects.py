"""Names that are one of several objects, lists or dicts, which are written afterwards."""

import numpy as np

from tests.programs import program


class Box:
    def __init__(self, held):
        self.held = held


def several(*args):
    return program(*args, argnums=(0,), peer=False)


@several(1.5, 3)
def chosen_by_a_condition(x, n):
    a, b = Box(x), Box(3 * x)
    chosen = a if n > 2 else b
    chosen.held = chosen.held * x
    return a.held * 10 + b.held


@several(1.5, 2)
def the_other_was_chosen(x, n):
    a, b = Box(x), Box(3 * x)
    chosen = a if n > 2 else b
    a.held = x**3
    return chosen.held


@several(1.5, 3)
def chosen_in_a_loop(x, n):
    a, b = Box(x), Box(2 * x)
    current = b
    for _ in range(n):
        current = a
    current.held = 5 * x
    return a.held * 10 + b.held


@several(1.5, 3)
def in_turn(x, n):
    a, b = Box(x), Box(3 * x)
    for i in range(n):
        current = a if i % 2 else b
        current.held = current.held * x
    return a.held * 10 + b.held


@several(1.5, 3)
def swapped_and_written_under_an_old_name(x, n):
    a, b = Box(x), Box(2 * x)
    first = a
    for _ in range(n):
        a, b = b, a
        a.held = a.held * x
    first.held = first.held + 1
    return a.held * 10 + b.held


@several(1.5, 3)
def found_in_a_loop_and_written_behind_it(x, n):
    a = Box(x)
    held = [a]
    for _ in range(n):
        held[0].held = held[0].held * x
        found = held[0]
    found.held = found.held + x
    return a.held


@several(1.5, 3)
def written_in_the_arm_that_chooses_it(x, n):
    a, b = Box(x), Box(3 * x)
    if n > 2:
        a.held = x * x
        chosen = a
    else:
        chosen = b
    return chosen.held + a.held * 10


@several(1.5, 3)
def made_in_the_arms(x, n):
    if n > 2:
        a = Box(x)
        same = a
    else:
        a = same = Box(2 * x)
    same.held = same.held * x
    return a.held


@several(1.5, 3)
def one_in_one_arm_and_two_in_the_other(x, n):
    if n > 2:
        a = Box(x)
        other = a
    else:
        a, other = Box(2 * x), Box(5 * x)
    other.held = other.held * x
    return a.held


@several(1.5, 3)
def lists_in_turn(x, n):
    a, b = [x, 2 * x], [3 * x, x]
    current = a
    for i in range(n):
        current = b if i % 2 else a
    current[0] = x * x
    return a[0] * 10 + b[0]


@several(1.5, 3)
def list_that_is_appended_to(x, n):
    a, b = [x, 1.0], [2 * x, 3.0]
    for _ in range(n):
        a, b = b, a
    a.append(x)
    return a[0] * len(a) + b[0] * len(b)


@several(1.5, 3)
def dict_that_gets_a_key(x, n):
    a, b = {"a": x, "b": 2 * x}, {"a": 3 * x, "b": 1.0}
    chosen = a if n > 2 else b
    chosen["a"] = x * x
    chosen["c"] = 7 * x
    return a["a"] * 10 + b["a"] + len(a) + chosen["c"]


@several(1.5, 3)
def list_in_the_chosen_object(x, n):
    a, b = Box([x, 2 * x]), Box([3 * x, x])
    chosen = a if n > 2 else b
    chosen.held[0] = x * x
    return a.held[0] * 10 + b.held[0]


@several(1.5, 3)
def array_in_the_chosen_object(x, n):
    a, b = Box(np.array([x, x])), Box(np.array([3 * x, x]))
    chosen = a if n > 2 else b
    chosen.held[0] = x * x
    chosen.held += x
    return a.held.sum() * 10 + b.held.sum()


@several(1.5, 3)
def object_in_an_object(x, n):
    a, b = Box(x), Box(3 * x)
    outer = Box(a)
    if n > 2:
        outer.held = b
    outer.held.held *= x
    return a.held * 10 + b.held


@several(1.5, 3)
def chain_of_objects(x, n):
    first = last = Box(x)
    for _ in range(n):
        new = Box(last.held * x)
        new.before = last
        last = new
    last.before.held = 1.0
    return last.held + first.held


@several(1.5, 3)
def new_object_in_each_trip(x, n):
    state = Box(x)
    for _ in range(n):
        state = Box(state.held * x)
        state.held += 1
    state.held *= 2
    return state.held


@several(1.5, 0.7)
def least_of_all(x, n):
    boxes = [Box(x * (k - 1.4)) for k in range(4)]
    for k in range(2):
        best = None
        for box in boxes:
            if best is None or box.held**2 < best.held**2:
                best = box
        best.held = best.held * 3 + n
        min(boxes, key=lambda box: box.held).held += x * k
    return sum((k + 1) * box.held**2 for k, box in enumerate(boxes))


@several(1.5, 4)
def ring_of_objects(x, n):
    boxes = [Box(x * k) for k in range(3)]
    for k in range(3):
        boxes[k].after = boxes[(k + 1) % 3]
        boxes[k].after.before = boxes[k]
    node, steps = boxes[0], 0
    while steps < n:
        node.held = node.held * 0.5 + np.sin(node.after.held) - node.before.held
        node = node.after if node.held > 0.5 else node.before
        boxes[1].held *= x
        steps += 1
    return sum((k + 1) * box.held**2 for k, box in enumerate(boxes)) * node.held


@several(0.7, 3)
def sorted_by_swaps(x, n):
    class Cell:
        def __init__(self, held):
            self.held = held
            self.row = np.array([held, x])

        def grow(self, by):
            self.held += by
            self.row[1] *= self.held
            return self.row

    cells = [Cell(x), Cell(x * x), Cell(0.4 - x)]
    first = cells[0]
    for k in range(n):
        for i in range(2):
            if cells[i].held > cells[i + 1].held:
                cells[i], cells[i + 1] = cells[i + 1], cells[i]
        cells[0].grow(x)[0] += 0.1
        first.held += 0.2
    return sum((i + 1) * cell.held * cell.row.sum() for i, cell in enumerate(cells))


@several(0.7, 4)
def chosen_by_position(x, n):
    boxes = [Box(x * k - 0.4) for k in range(3)]
    rows = (np.array([x, 1.0]), np.ones((2, 2)) * x, np.array([0.3, x, x])[1:])
    total, i = 0.0, 0
    while i < n:
        least = int(np.argmin([box.held for box in boxes]))
        boxes[least].held += x * boxes[least - 1].held + 0.9
        one = boxes[i % 3]
        one.held = np.sin(one.held) + total
        row = rows[least]
        row[-1] *= boxes[least].held
        total = total + 0.1 * row.sum()
        if one is boxes[0]:
            rows[1][0, 1] -= x
        i += 1 + least % 2
    return total + sum((k + 1) * box.held for k, box in enumerate(boxes)) + rows[1].sum()


@several(0.7, 0.3)
def inserted_into_a_chain(x, n):
    head = None
    for k in range(4):
        new = Box(np.sin(5 * x * k) + n)
        new.after = None
        if head is None or new.held < head.held:
            new.after, head = head, new
            continue
        at = head
        while at.after is not None and at.after.held < new.held:
            at = at.after
        new.after, at.after = at.after, new
    total, weight = 0.0, 1.0
    while head is not None:
        head.held *= weight
        total, weight = total + head.held**2, weight * 1.5
        head = head.after
    return total

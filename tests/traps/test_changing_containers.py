"""Sets and lists that are changed: what is in one may be different at each call."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import Unsupported, grad

ACTIVE = {"a"}


def test_set_of_the_module_is_looked_at_again():
    def f(x):
        return x**2 if "a" in ACTIVE else x * 3

    gradient = grad(f)
    try:
        assert gradient(2.0) == 4.0
        ACTIVE.remove("a")
        assert gradient(2.0) == 3.0
    finally:
        ACTIVE.add("a")
    assert gradient(2.0) == 4.0


def test_set_in_an_argument_is_looked_at_again():
    def f(x, names):
        return x**2 if "a" in names else x * 3

    gradient, names = grad(f), {"a"}
    assert gradient(2.0, names) == 4.0
    names.clear()
    assert gradient(2.0, names) == 3.0


def test_set_of_a_class_is_looked_at_again():
    class Model:
        frozen = {"w"}  # noqa: RUF012 -- as a user would

        def __init__(self, w):
            self.w = w

    def f(model):
        return model.w**2 if "w" not in model.frozen else model.w * 3

    gradient = grad(f)
    assert gradient(Model(2.0)).w == 3.0
    Model.frozen.clear()
    assert gradient(Model(2.0)).w == 4.0


def test_set_made_inside_is_new_at_each_call():
    def f(x):
        seen = set()
        seen.add(1)
        return len(seen) * x

    gradient = grad(f)
    assert [gradient(2.0) for _ in range(3)] == [1.0, 1.0, 1.0]


def test_set_from_outside_is_not_changed():
    def f(x):
        ACTIVE.add("b")
        return len(ACTIVE) * x

    with pytest.raises(Unsupported, match="a set is changed that was not made in the function"):
        grad(f)(2.0)
    assert ACTIVE == {"a"}


def test_what_is_differentiated_is_not_put_into_a_set():
    def f(x):
        seen = {x[0], x[1]}
        return sum(seen)

    with pytest.raises(Unsupported, match="a set holds numbers that may depend on") as caught:
        grad(f)(np.array([1.0, 2.0]))
    assert "test_changing_containers.py:" in str(caught.value)


def test_lists_that_strings_are_split_into_are_new_at_each_call():
    def f(x):
        names = "a b c".split()  # noqa: SIM905 -- as a user would
        same = names
        names.pop()
        same += ["d", "e"]
        numbers = "1,2".split(",")  # noqa: SIM905 -- as a user would
        numbers.append("7")
        return x * len(names) * sum(int(each) for each in numbers)

    gradient = grad(f)
    assert [gradient(2.0) for _ in range(2)] == [40.0, 40.0]


def test_dict_has_a_key_in_some_trips():
    def f(x):
        found = {}
        for k in range(3):
            if x > k:
                found["a"] = x * k
        return found.get("a", 0.0) * x

    gradient = grad(f)
    assert [gradient(x) for x in (1.5, 2.5, -1.0)] == [3.0, 10.0, 0.0]


def rows_that_are_replaced_later(x):
    rows = [x[k] * x for k in range(int(x.size))]
    for k, r in enumerate(rows[1:]):
        r -= rows[0]
        rows[(k + 2) % 3] = r * 2
    return sum(np.sum(r) for r in rows)


def rows_before_one_is_replaced(x):
    rows = [x[k] * x for k in range(int(x.size))]
    pairs = zip(rows[1:], rows, strict=False)
    rows[1] = rows[0] * 2
    for a, b in pairs:
        a += b
    return sum(np.sum(r) for r in rows)


@pytest.mark.parametrize(
    ("fun", "why"),
    [
        (rows_that_are_replaced_later, "replaced while a loop goes over a part of it"),
        (rows_before_one_is_replaced, "which was written after it was put there"),
    ],
)
def test_part_of_a_list_has_what_was_there_before(fun, why):
    with pytest.raises(Unsupported, match=why):
        grad(fun)(np.array([0.4, -0.8, 1.5]))

"""Objects and containers that are reached in several ways are one object each."""

from __future__ import annotations

import pytest

from adjoint import Unsupported, grad


class Part:
    def __init__(self, k):
        self.k = k


RELU, TANH = Part(1.0), Part(2.0)


class Whole:
    def __init__(self, first, second):
        self.first, self.second = first, second
        self.parts = [first, second]


def test_identity_of_objects_from_outside():
    def of_module(x, whole):
        return x * 2 if whole.first is RELU else x * 3

    def of_two_attributes(x, whole):
        return x * 2 if whole.first is whole.second else x * 3

    def of_an_item(x, whole):
        return x * 2 if whole.parts[1] is not whole.first else x * 3

    def by_default_equality(x, whole):
        return x * 2 if whole.second == TANH else x * 3

    same, other = Whole(RELU, RELU), Whole(TANH, RELU)
    for fun, wanted in [
        (of_module, (2.0, 3.0)),
        (of_two_attributes, (2.0, 3.0)),
        (of_an_item, (3.0, 2.0)),
        (by_default_equality, (3.0, 3.0)),
    ]:
        gradient = grad(fun)
        found = gradient(1.5, same), gradient(1.5, other)
        assert found == wanted, fun.__name__
        assert (gradient(1.5, same), gradient(1.5, other)) == wanted


def test_change_is_seen_on_every_way():
    def of_attributes(x, whole):
        whole.first.k = x
        return whole.second.k * 2 + whole.parts[0].k

    gradient = grad(of_attributes)
    assert gradient(1.5, Whole(Part(1.0), Part(2.0))) == 1.0
    one = Part(1.0)
    assert gradient(1.5, Whole(one, one)) == 3.0
    assert one.k == 1.0
    assert gradient(1.5, Whole(Part(1.0), Part(2.0))) == 1.0


def test_change_of_a_list_is_seen_on_every_way():
    def of_lists(x, whole):
        whole.first[0] = x
        return whole.second[0] * 2 + x

    gradient = grad(of_lists)
    one = [1.0, 2.0]
    assert gradient(1.5, Whole(one, one)) == 3.0
    assert gradient(1.5, Whole(one, [1.0, 2.0])) == 1.0
    assert one == [1.0, 2.0]


def test_gradient_of_an_object_that_changes_is_at_all_ways():
    def of_parts(whole):
        whole.first.k = whole.first.k * 3
        return whole.second.k**2

    one = Part(1.5)
    found = grad(of_parts)(Whole(one, one))
    assert found.first.k == 2 * 3 * 1.5 * 3
    assert found.second is found.first


def test_objects_that_refer_to_each_other():
    def diffused(parts, rate):
        new = [p.k + rate * sum(q.k - p.k for q in p.others) for p in parts]
        for part, value in zip(parts, new, strict=True):
            part.k = value
        return parts[0].k * 2 + parts[1].others[0].k ** 2

    def made(*numbers):
        parts = [Part(number) for number in numbers]
        for part in parts:
            part.others = [other for other in parts if other is not part]
        return parts

    found = grad(diffused, argnums=1)(made(0.5, 1.5, -0.7), 0.2)
    step = 1e-6
    above, below = (diffused(made(0.5, 1.5, -0.7), 0.2 + h) for h in (step, -step))
    assert abs(found - (above - below) / (2 * step)) < 1e-8


def test_one_of_several_objects_that_nobody_can_tell_is_refused():
    class Box:
        def __init__(self, held):
            self.held = held

    def best_of(x):
        first = best = Box(x)
        while first.held < 9.0:
            box = Box(best.held * x)
            if box.held > 1.0:
                best = box
            first.held += 0.5
            best.held += 1.0
        return first.held * best.held

    with pytest.raises(Unsupported, match="things of different kinds") as caught:
        grad(best_of)(1.5)
    assert "what to do: " in str(caught.value)
    assert "test_identities.py:" in str(caught.value)


def test_objects_that_are_one_and_are_not_one_in_turn():
    def tied(x, whole):
        whole.first.k = x
        return whole.first.k * whole.parts[1].k + whole.second.k

    one = Part(4.0)
    gradient = grad(tied)
    assert gradient(1.5, Whole(Part(1.0), one)) == 4.0
    assert gradient(1.5, Whole(one, one)) == 2 * 1.5 + 1
    assert gradient(1.5, Whole(Part(1.0), one)) == 4.0


def test_two_names_of_what_a_loop_makes_anew_are_told_apart_or_refused():
    """A name may be what another is, by a join of the trip before: a change is seen in both."""

    def by_a_conditional(x, n):
        a, b, total, i = {"n": x}, {"n": x * x}, 0.0, 0
        while i < n and total < 50.0:
            if i == 1:
                a["n"] = a["n"] * 1.5
            total = total + b["n"] * x
            b = {"n": x**2}
            a = b if x > 0 else {"n": x}
            i += 1
        return total + a["n"]

    def beside_none(x, n):
        a, b, total, i = None, None, 0.0, 0
        while i < n and total < 50.0:
            made = [x * i, x]
            if b is not None:
                b[0] = b[0] * 1.3
                total = total + a[0]
            b = made
            if a is None or x > 2.0:
                a = made
            i += 1
        return total + a[0] * b[1]

    for fun in (by_a_conditional, beside_none):
        expected = (fun(1.2 + 1e-6, 4) - fun(1.2 - 1e-6, 4)) / 2e-6
        try:
            found = grad(fun)(1.2, 4)
        except Unsupported:
            continue
        assert abs(found - expected) < 1e-6, fun.__name__

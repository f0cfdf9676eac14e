"""Traps of functions defined inside: by name or by value, how often, and whose names."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from adjoint import grad, value_and_grad


def scaled(t):
    return t * scaled.factor


def test_attribute_of_a_function_is_read_at_each_call():
    gradient = grad(lambda x: scaled(x))
    scaled.factor = 2.5
    assert gradient(1.0) == 2.5
    scaled.factor = 4.0
    assert gradient(1.0) == 4.0


def test_default_is_that_of_the_trip_in_which_the_function_was_made():
    def f(x, n):
        y = x
        for _ in range(n):

            def g(t, k=y):
                return t * k

            y = y * 3.0
        return g(1.0)

    for n in (1, 2, 4):
        value, gradient = value_and_grad(f)(2.0, n)
        assert value == f(2.0, n) and gradient == 3.0 ** (n - 1)
    with pytest.raises(UnboundLocalError):
        grad(f)(2.0, 0)


def test_nonlocal_name_that_a_branch_may_leave_unbound():
    def f(x):
        y = 0.0
        del y

        def fill():
            nonlocal y
            if x > 0:
                y = x * x

        fill()
        return y  # noqa: F821  (bound by fill)

    assert grad(f)(3.0) == 6.0
    with pytest.raises((UnboundLocalError, NameError)):
        grad(f)(-3.0)


def test_effects_of_a_decorated_function_happen_as_often_as_it_is_called(capsys):
    def loud(fun):
        print("decorating")

        def inner(t):
            print("before")
            return fun(t)

        return inner

    def f(x):
        @loud
        def g(t):
            print("inside")
            return t * x

        return g(x) + g(2.0)

    assert grad(f)(3.0) == 8.0
    assert capsys.readouterr().out == "decorating\n" + 2 * "before\ninside\n"


def test_body_of_a_class_runs_once_and_in_order(capsys):
    def f(x):
        print("first")

        class Inner:
            print("body")
            w = x * 2

            def __init__(self):
                print("made")

        print("last")
        return Inner().w * Inner.w

    assert grad(f)(3.0) == 24.0
    assert capsys.readouterr().out == "first\nbody\nlast\nmade\n"


def test_frozen_dataclass_refuses_to_be_written():
    @dataclasses.dataclass(frozen=True)
    class Point:
        a: float

    def f(x):
        point = Point(x)
        point.a = 2.0
        return point.a

    with pytest.raises(dataclasses.FrozenInstanceError):
        grad(f)(1.0)


def test_property_without_setter_refuses_to_be_written():
    class Box:
        @property
        def w(self):
            return 2.0

    def f(x):
        box = Box()
        box.w = x
        return box.w * x

    with pytest.raises(AttributeError):
        grad(f)(1.0)


def test_write_through_super_is_no_step_over_nothing():
    class Box:
        def __setattr__(self, name, value):
            super().__setattr__(name, value * 2)

    def f(x):
        box = Box()
        box.w = x
        return box.w * x

    assert grad(f)(3.0) == 12.0


def test_recursion_on_a_number_is_followed_for_each_number():
    def power(x, n):
        return 1.0 if n == 0 else x * power(x, n - 1)

    gradient = grad(power)
    assert [gradient(2.0, n) for n in (1, 3, 2, 5)] == [1.0, 12.0, 4.0, 80.0]


def test_recursion_on_a_length_is_followed_for_each_length():
    def total(v):
        if len(v) == 1:
            return v[0] ** 2
        return total(v[: len(v) // 2]) + total(v[len(v) // 2 :])

    gradient = grad(total)
    for n in (1, 2, 5, 4):
        v = np.arange(1.0, n + 1)
        assert gradient(v).tolist() == (2 * v).tolist()


def test_attribute_that_getattr_refuses():
    class Lazy:
        def __getattr__(self, name):
            if name == "w":
                return 2.0
            raise AttributeError(name)

    def f(x):
        held = Lazy()
        return x * held.w * (3.0 if hasattr(held, "b") else 5.0) * getattr(held, "c", x)

    assert grad(f)(1.5) == 30.0


def test_deleted_item_is_gone():
    with pytest.raises(KeyError):
        grad(lambda x: _deleting(x)["a"])(1.0)


def _deleting(x):
    held = {"a": x, "b": np.sin(x)}
    del held["a"]
    return held

"""Traps of match: what is evaluated, how often, in which order, and what is bound."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, value_and_grad

V = np.array([0.4, -0.8, 1.5])


def loud(text, value):
    print(text)
    return value


def test_subject_once_and_guards_in_order(capsys):
    def f(x, n):
        match loud("subject", n):
            case 0 if loud("zero", True):
                y = x
            case k if loud("first", k > 2):
                y = x * 2
            case k if loud("second", k > 1):
                y = x * 3
            case _:
                y = x * 5
        return y

    for n in (0, 1, 2, 3):
        expected = f(1.5, n)
        printed = capsys.readouterr().out
        assert value_and_grad(f)(1.5, n) == (expected, (1.0, 5.0, 3.0, 2.0)[n])
        assert capsys.readouterr().out == printed


def test_bool_is_not_the_number_it_equals():
    def f(x, flag):
        match flag:
            case True:
                return x * 2
            case 1:
                return x * 3
        return x

    assert [grad(f)(1.0, flag) for flag in (True, 1, 1.0, 0)] == [2.0, 3.0, 3.0, 1.0]


def test_truth_that_numpy_found_is_not_pythons():
    def f(x):
        match x > 1:
            case True:
                return x * 2
        return x * 3

    assert grad(f)(2.0) == 2.0
    assert grad(f)(np.float64(2.0)) == 3.0 == value_and_grad(f)(np.float64(2.0))[1]
    assert grad(lambda x: x * 2 if (x > 1) is True else x)(2.0) == 2.0


def test_array_is_no_sequence_and_text_is_none():
    def f(v):
        match v:
            case [_, _, _]:
                return v[0]
        match "abc":
            case [*_]:
                return v[1]
        return np.vdot(v, v)

    match V:
        case [*_]:  # from NumPy 2.5 on
            expected = [1.0, 0.0, 0.0]
        case _:
            expected = (2 * V).tolist()
    assert grad(f)(V).tolist() == expected


def test_names_of_a_case_that_is_not_taken_stay():
    def f(x):
        k = x
        match (x, 2.0):
            case (k, 3.0):
                return k
            case _:
                pass
        return k * 7.0

    assert grad(f)(1.5) == 7.0


def test_no_case_fits_and_a_name_stays_unbound():
    def f(x):
        match x:
            case 1.0:
                y = x
            case t if t > 2:
                y = t * t
        return y * 3.0

    assert grad(f)(1.0) == 3.0 and grad(f)(3.0) == 18.0
    with pytest.raises(UnboundLocalError):
        grad(f)(1.5)


def test_pattern_of_no_class_raises():
    def f(x, cls):
        match x:
            case cls():
                return x
        return x

    with pytest.raises(TypeError, match=r"type|class"):
        grad(f)(1.5, 2.5)


def test_missing_attribute_does_not_match():
    class Point:
        def __init__(self, a):
            self.a = a

    def f(x):
        match Point(x):
            case Point(b=b):
                return b
            case Point(a=a):
                return a * a

    assert grad(f)(1.5) == 3.0

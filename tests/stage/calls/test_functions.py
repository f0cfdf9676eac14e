"""Functions that stay functions: what the IR of a program with them is."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from adjoint import grad
from adjoint.analyses.activity import activity
from adjoint.ir.show import show
from adjoint.stage.run import Staged, stage_function


def staged(function: Any, *args: Any) -> Staged:
    names = inspect.signature(function).parameters
    return stage_function(function, dict(zip(names, args, strict=True)))


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


def test_a_call_is_a_statement_and_the_function_stands_beside():
    (function,) = staged(power, 2.0, 5).functions.values()
    text = show(function).splitlines()
    assert text[0].startswith("power(x.0: float, n.1: int")
    assert "    t.4: float = power(x.0, t.3)" in text
    assert text[-1] == "  yield t.6"


def is_even(n, x):
    return x if n == 0 else is_odd(n - 1, x * 1.1)


def is_odd(n, x):
    return x * x if n == 0 else is_even(n - 1, x + 0.3)


def counted(x, k):
    return x if x > 4 else counted(x * 1.5, k + 1) + k


def rising(x):
    return counted(x, 0) + counted(np.float64(2.0) * x, 0.5)


class Scale:
    def __init__(self, w):
        self.w = w

    def shrunk(self, x):
        return x if x < 0.1 else self.shrunk(x * 0.5) * self.w


def scaled(scale, x):
    return scale.shrunk(x)


@pytest.mark.parametrize(
    ("function", "args", "count"),
    [
        (is_even, (6, 0.4), 1),  # the other one is followed in place
        (rising, (0.7,), 1),  # numbers of different kinds are one parameter
        (scaled, (Scale(0.7), 1.9), 1),
    ],
)
def test_one_function_for_calls_that_are_alike(function, args, count):
    assert len(staged(function, *args).functions) == count


def test_attributes_are_handed_through_as_parameters():
    ((callee, function),) = staged(scaled, Scale(0.7), 1.9).functions.items()
    assert callee.name == "shrunk"
    assert [param.name for param in function.params] == ["x", "w"]


def test_a_parameter_is_active_if_it_is_in_one_call():
    found = staged(power, 2.0, 5)
    (function,) = found.functions.values()
    x = found.inputs.variables["x"]
    body = function.body
    statements = type(body)(tuple(found.builder.statements))
    active = activity(statements, (x,), (found.result,), found.functions)
    assert [param.name for param in function.params if param in active] == ["x"]


def test_only_what_is_active_has_a_cotangent():
    gradient = grad(power)
    gradient(2.0, 3)
    assert "return d_x\n" in gradient.source
    assert "d_n" not in gradient.source

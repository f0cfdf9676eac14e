"""What is asked of the kind of a value is answered as Python answers it, for every kind."""

from __future__ import annotations

import collections.abc
import math
import numbers
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, value_and_grad

QUESTIONS = [
    lambda y: np.iterable(y),
    lambda y: isinstance(y, collections.abc.Iterable),
    lambda y: isinstance(y, collections.abc.Sequence),
    lambda y: isinstance(y, collections.abc.Hashable),
    lambda y: isinstance(y, numbers.Real),
    lambda y: isinstance(y, np.floating),
    lambda y: isinstance(y, np.generic),
    lambda y: isinstance(y, float),
    lambda y: isinstance(y, (int, np.integer)),
    lambda y: isinstance(y, np.ndarray),
    lambda y: isinstance(y, (list, tuple)),
    lambda y: isinstance(y, str),
    lambda y: isinstance(y, (bool, np.bool_)),
    lambda y: y is None,
    lambda y: callable(y),
    lambda y: hasattr(y, "__len__"),
    lambda y: hasattr(y, "shape"),
    lambda y: hasattr(y, "append"),
    lambda y: hasattr(y, "is_integer"),
    lambda y: y.__class__ is float,
]


def _written(x: Any) -> Any:
    x[0] = 2 * x[1]
    return x


def _seen_part(x: Any) -> Any:
    y = x[1:]
    y[0] = 3 * x[0]
    return y


def _summed(x: Any) -> Any:
    s = 0.0
    for v in x:
        s += v
    return s


MADE = {
    "array": lambda x: x,
    "item": lambda x: x[0],
    "float": lambda x: float(x[0]),
    "of math": lambda x: math.sin(x[0]),
    "without axes": lambda x: np.array(x[0]),
    "list": lambda x: list(x),
    "tuple": lambda x: (x[0], 2.0),
    "whole number": lambda x: int(x[2]),
    "condition": lambda x: x[0] > 0,
    "complex": lambda x: complex(x[0]),
    "text": lambda x: str(x[0]),
    "dict": lambda x: {"a": x[0]},
    "none": lambda x: None,
    "written": _written,
    "part": _seen_part,
    "sum": _summed,
}


def judge(make: Any, questions: list[Any], x: Any) -> None:
    """Assert that the questions are answered rightly; if one is refused, each of the others."""

    def f(x: Any) -> Any:
        y = make(x)
        total, weight = 1.0, 1.0
        for asked in questions:
            weight = weight * 2
            if asked(y):
                total = total + weight
        return x[2] * total

    wanted = f(x.copy())
    try:
        value, gradient = value_and_grad(f)(x)
    except Unsupported:
        for asked in questions if len(questions) > 1 else []:
            judge(make, [asked], x)
        return
    assert value == wanted
    assert abs(gradient[2] * x[2] / wanted - 1) < 1e-6


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", MADE)
def test_answers_are_those_of_python_or_refused(kind: str, dtype: str) -> None:
    judge(MADE[kind], QUESTIONS, np.array([0.7, -0.3, 1.9], dtype))

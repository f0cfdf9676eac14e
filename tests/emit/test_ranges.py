"""Ranges, and ranges that run backwards."""

from __future__ import annotations

import ast
import itertools

import numpy as np
import pytest

from adjoint import grad
from adjoint.emit.one_line import one_line
from adjoint.emit.ranges import range_of
from adjoint.emit.spelling import Spelling

TEXTS = [
    ("0", "n", "1", "range(n)", "reversed(range(n))"),
    ("1", "n", "1", "range(1, n)", "reversed(range(1, n))"),
    ("n", "k", "2", "range(n, k, 2)", "reversed(range(n, k, 2))"),
    ("n - 1", "-1", "-1", "range(n - 1, -1, -1)", "range(n)"),
    ("n - 2", "-1", "-1", "range(n - 2, -1, -1)", "range(n - 1)"),
    ("n", "0", "-1", "range(n, 0, -1)", "range(1, n + 1)"),
    ("n + 1", "k", "-1", "range(n + 1, k, -1)", "range(k + 1, n + 2)"),
    ("5", "-3", "-1", "range(5, -3, -1)", "range(-2, 6)"),
    ("n - k", "1", "-1", "range(n - k, 1, -1)", "range(2, n - k + 1)"),
    ("n", "-1", "-2", "range(n, -1, -2)", "reversed(range(n, -1, -2))"),
]


def text_of(start: str, stop: str, step: str, *, reverse: bool) -> str:
    bounds = [ast.parse(bound, mode="eval").body for bound in (start, stop, step)]
    return one_line(range_of(bounds, Spelling(), reverse=reverse))


@pytest.mark.parametrize(("start", "stop", "step", "forwards", "backwards"), TEXTS)
def test_range_is_written_as_by_hand(start, stop, step, forwards, backwards):
    assert text_of(start, stop, step, reverse=False) == forwards
    assert text_of(start, stop, step, reverse=True) == backwards


@pytest.mark.parametrize("reverse", [False, True])
def test_range_runs_over_the_same_numbers(reverse):
    for n, k in itertools.product(range(-2, 5), repeat=2):
        for start, stop, step, *_ in TEXTS:
            numbers = list(eval(f"range({start}, {stop}, {step})", {"n": n, "k": k}))
            made = eval(text_of(start, stop, step, reverse=reverse), {"n": n, "k": k})
            assert list(made) == (numbers[::-1] if reverse else numbers)


def test_loop_whose_counter_is_not_read_does_not_run_backwards():
    def f(x, n):
        for _ in range(n):
            x = x * 0.5 + np.sin(x)
        return x

    gradient = grad(f)
    gradient(0.3, 4)
    assert "for _ in range(n):" in str(gradient.source)
    assert "reversed" not in str(gradient.source)

"""Items of lists that change places, and reads that only ask what a write asks again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import grad

X = np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7])
A = np.arange(12.0).reshape(4, 3) / 7 + 0.1


def at_once(x: Any) -> Any:
    xs = [v * v for v in x if v > -1]
    for i in range(len(xs) - 1):
        if xs[i] > xs[i + 1]:
            xs[i], xs[i + 1] = xs[i + 1], xs[i]
    return sum(k * v * v for k, v in enumerate(xs))


def by_a_temporary_name(x: Any) -> Any:
    xs = [v * v for v in x if v > -1]
    for i in range(len(xs) - 1):
        if xs[i] > xs[i + 1]:
            t = xs[i]
            xs[i] = xs[i + 1]
            xs[i + 1] = t
    return sum(k * v * v for k, v in enumerate(xs))


def of_rows_that_are_written(a: Any) -> Any:
    xs = [np.sin(row) for row in a if row[0] > 0.05]
    for i in range(len(xs) - 1):
        if xs[i][0] < xs[i + 1][0]:
            xs[i], xs[i + 1] = xs[i + 1], xs[i]
        xs[i] *= 1.5
    return sum(k * v @ v for k, v in enumerate(xs))


def source(program: Callable[..., Any], argument: Any) -> str:
    """The emitted code, without its comments."""
    gradient = grad(program)
    gradient(argument)
    return re.sub("#.*", "", gradient.source)


@pytest.mark.parametrize(
    "program, argument",
    [(at_once, X), (by_a_temporary_name, X), (of_rows_that_are_written, A)],
)
def test_items_change_places_in_one_statement_of_each_sweep(
    program: Callable[..., Any], argument: Any
) -> None:
    text = source(program, argument)
    assert " xs[i], xs[i + 1] = xs[i + 1], xs[i]\n" in text
    assert "d_xs[i], d_xs[i + 1] = d_xs[i + 1], d_xs[i]" in text
    assert "xs_stack" not in text
    assert "copy" not in text


def multiplied_on_the_way(x: Any) -> Any:
    xs = [v * v for v in x if v > -1]
    for i in range(len(xs) - 1):
        xs[i], xs[i + 1] = xs[i + 1], xs[i] * 1.5
    return sum(k * v * v for k, v in enumerate(xs))


def read_in_between(x: Any) -> Any:
    xs = [v * v for v in x if v > -1]
    total = 0.0
    for i in range(len(xs) - 1):
        t = xs[i]
        xs[i] = xs[i + 1]
        total += xs[i] * sum(xs)
        xs[i + 1] = t
    return total


def of_two_lists(x: Any) -> Any:
    xs, ys = [v * v for v in x if v > -1], [v for v in x if v > -1]
    for i in range(len(xs) - 1):
        xs[i], ys[i] = ys[i], xs[i]
    return sum(k * v * v for k, v in enumerate(xs)) * sum(ys)


@pytest.mark.parametrize("program", [multiplied_on_the_way, read_in_between, of_two_lists])
def test_what_is_no_exchange_stays_as_it_is(program: Callable[..., Any]) -> None:
    assert not re.search(r"\[i\], \w+\[i", source(program, X))


def test_a_write_asks_whether_an_item_is_there() -> None:
    lines = [line.strip() for line in source(of_rows_that_are_written, A).splitlines()]
    assert "xs[i] *= 1.5" in lines
    assert "xs[i]" not in lines

"""Gradients as text. To see a change as code, ``python -m tests.golden.test_golden``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adjoint import grad, jvp
from adjoint.api.pullback import ValueAndPullback
from adjoint.transform.wanted import Wanted
from tests.directions import directions
from tests.golden.programs import DERIVATIVES, PROGRAMS, PULLBACKS, TANGENTS

HERE = Path(__file__).parent


def source(fun: Any, args: tuple[Any, ...], argnums: Any) -> str:
    gradient = grad(fun, argnums=argnums)
    gradient(*args)
    return str(gradient.source)


def pullback_source(fun: Any, args: tuple[Any, ...], argnums: Any) -> str:
    pullback = ValueAndPullback(fun, argnums, Wanted((), mode="vjp"))
    pullback(*args)
    return str(pullback.source)


def tangent_source(fun: Any, args: tuple[Any, ...], argnums: Any) -> str:
    tangent = jvp(fun)
    tangent(args, directions(args, argnums if isinstance(argnums, tuple) else (argnums,)))
    return str(tangent.source)


def derivative_source(name: str) -> str:
    derivative, args = DERIVATIVES[name]
    derivative(*args)
    return str(derivative.source)


@pytest.mark.parametrize(
    ("fun", "args", "argnums"), PROGRAMS, ids=[p[0].__name__ for p in PROGRAMS]
)
def test_gradient_reads_as_written_by_hand(fun: Any, args: tuple[Any, ...], argnums: Any) -> None:
    assert source(fun, args, argnums) == (HERE / f"{fun.__name__}_grad.txt").read_text()


@pytest.mark.parametrize(
    ("fun", "args", "argnums"), PULLBACKS, ids=[p[0].__name__ for p in PULLBACKS]
)
def test_pullback_reads_as_written_by_hand(fun: Any, args: tuple[Any, ...], argnums: Any) -> None:
    text = pullback_source(fun, args, argnums)
    assert text == (HERE / f"{fun.__name__}_vjp.txt").read_text()


@pytest.mark.parametrize(
    ("fun", "args", "argnums"), TANGENTS, ids=[p[0].__name__ for p in TANGENTS]
)
def test_tangent_reads_as_written_by_hand(fun: Any, args: tuple[Any, ...], argnums: Any) -> None:
    assert tangent_source(fun, args, argnums) == (HERE / f"{fun.__name__}_jvp.txt").read_text()


@pytest.mark.parametrize("name", DERIVATIVES)
def test_further_derivative_reads_as_written_by_hand(name: str) -> None:
    assert derivative_source(name) == (HERE / f"{name}.txt").read_text()


if __name__ == "__main__":
    for each in PROGRAMS:
        (HERE / f"{each[0].__name__}_grad.txt").write_text(source(*each))
    for each in PULLBACKS:
        (HERE / f"{each[0].__name__}_vjp.txt").write_text(pullback_source(*each))
    for each in TANGENTS:
        (HERE / f"{each[0].__name__}_jvp.txt").write_text(tangent_source(*each))
    for name in DERIVATIVES:
        (HERE / f"{name}.txt").write_text(derivative_source(name))

"""The gradients that the benchmarks compare with are right, and so are those generated for them."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad
from tests.documents import ROOT
from tests.emitted import parsed


@pytest.fixture
def modules(monkeypatch):
    """The modules of the benchmarks, which are scripts in a folder of their own."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import checking
    import programs

    return programs, checking


def test_gradients_by_hand_are_right_and_equal_to_ours(modules):
    programs, checking = modules
    for case in programs.cases():
        checking.assert_right(case)
        ours = grad(case.fun, argnums=case.argnums)(*case.args)
        checking.assert_equal(case, ours, case.by_hand(*case.args))


def test_gradients_by_hand_of_programs_that_write_are_right(modules):
    _, checking = modules
    import writes

    for case in (*writes.cases(), writes.chain_case(1000)):
        before = [arg.copy() for arg in case.args if hasattr(arg, "copy")]
        checking.assert_right(case)
        after = [arg for arg in case.args if hasattr(arg, "copy")]
        assert all((old == new).all() for old, new in zip(before, after, strict=True))


@pytest.fixture
def kept(monkeypatch):
    """The table of what is kept."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import kept

    return kept


def test_table_of_what_is_kept_adds_up(kept):
    title, *rows, total = kept.table("solvers_waves-burgers")
    assert title.split() == ["writes", "keep", "bytes", "arguments"]
    numbers = [[int(number) for number in row.split()[1:]] for row in rows]
    assert total.split() == [
        str(len(rows)),
        "programs",
        *map(str, map(sum, zip(*numbers, strict=True))),
    ]
    assert all(writes >= keep for writes, keep, _, _ in numbers)


def test_no_more_is_kept_than_by_hand(kept):
    import writes

    for case in (*writes.cases(), writes.chain_case(100)):
        by_hand, ours = kept.both_alive(case)
        assert 0 < ours <= by_hand, case.name


def test_what_is_kept_is_counted(kept):
    text = """
import numpy as np


def f_grad(u, n):
    # forward
    u = u.copy()
    old = u[1:].copy()
    u[1:] *= 2
    t_stack = []
    u_stack = []
    u_old = np.empty((len(range(n)), *u[1:].shape))
    for i in range(n):
        u_old[i] = u[1:]
        t_stack.append(u[0])
        u_stack.append(u)
        u[0] += u[1]
    # backward
    d_u = u.copy()
    for i in reversed(range(n)):
        u[0] = t_stack.pop()
        d_u[1] += d_u[0] * u_old[i, 0]
    u[1:] = old
    return d_u
"""
    u = np.arange(4.0)
    found = kept.kept(parsed("f", text, "f_grad", (u, 3), {}))
    # Of u[1:] three numbers at first and three in each trip, of u[0] three times one, and u itself,
    # pushed by name, once.
    assert found == kept.Kept(
        writes=2, keeping=2, kept=3 * 8 + 9 * 8 + 3 * 8 + 4 * 8, arguments=4 * 8
    )


def test_nothing_that_autograd_differentiates_is_missing(modules):
    import parity

    for own, other in parity.MODULES.values():
        one = parity.parity(own, other)
        assert not one.theirs - one.ours
        assert len(one.ours) >= len(one.theirs) > 0

"""The gradients that the benchmarks compare with are right, and so are those generated for them."""

from __future__ import annotations

import pytest

from adjoint import grad
from tests.documents import ROOT


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

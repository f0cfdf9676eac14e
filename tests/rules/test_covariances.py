"""The rules of `adjoint.rules.covariances` of complex variables; see also test_compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.rules.harness import check

RNG = np.random.default_rng(61)
ROWS = RNG.normal(size=(3, 5)) + 1j * RNG.normal(size=(3, 5))


@pytest.mark.parametrize("fun", [np.cov, np.corrcoef])
def test_of_complex_variables(fun: Any) -> None:
    check(fun, ROWS)
    check(fun, ROWS.T, rowvar=False)
    check(fun, ROWS[0], ROWS[1])
    check(fun, ROWS.real, ROWS[:2])


def test_of_one_complex_variable_and_with_weights() -> None:
    check(np.cov, ROWS[0])
    check(np.cov, ROWS, ddof=0)
    check(np.cov, ROWS, aweights=np.array([0.1, 0.2, 0.3, 0.4, 0.5]))


WEIGHTS, COUNTS = np.array([0.1, 0.7, 0.3, 0.4, 1.5]), np.array([1, 2, 1, 3, 2])


@pytest.mark.parametrize("rows", [ROWS, ROWS.real])
def test_by_the_weights_of_observations(rows: Any) -> None:
    check(np.cov, rows, aweights=WEIGHTS)
    check(np.cov, rows, aweights=WEIGHTS, fweights=COUNTS)
    check(np.cov, rows[0], aweights=WEIGHTS, ddof=2)
    check(np.cov, rows[0], rows[1:], bias=True, aweights=WEIGHTS)
    check(np.cov, rows, rowvar=False, aweights=[0.1, 0.7, 0.3], fweights=COUNTS[:3])

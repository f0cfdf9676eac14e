"""Functions of `adjoint.rules.scipy.samples`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(101)
U, V, P = RNG.normal(size=6), RNG.normal(size=8) + 0.5, RNG.uniform(0.5, 2, 6)
TABLE, ANGLES = RNG.normal(size=(5, 3)), RNG.normal(size=7)

CASES: list[Any] = [
    (lambda u, v: stats.wasserstein_distance(u, v), U, V),
    (lambda u, v, p: stats.wasserstein_distance(u, v, u_weights=p), U, V, P),
    (lambda u, v: stats.energy_distance(u, v), U, V),
    (lambda x: stats.circmean(x), ANGLES),
    (lambda x: stats.circmean(x, high=3.0, low=-3.0, axis=0), TABLE),
    (lambda x: stats.circvar(x, axis=1), TABLE),
    (lambda x: stats.circstd(x, high=7.0), ANGLES),
    (lambda x, y: stats.zmap(x, y), TABLE[:2], TABLE),
    (lambda x, a: stats.boxcox(x, a), P, 0.7),
]


@pytest.mark.parametrize(("fun", "args"), [(fun, args) for fun, *args in CASES])
@pytest.mark.sampled(2)
def test_programs(fun: Any, args: Any) -> None:
    check_program(fun, *args)


def test_what_is_refused() -> None:
    with pytest.raises(Unsupported, match="an exponent that it looks for"):
        grad(lambda x: np.sum(stats.boxcox(x)[0]))(P)
    with pytest.raises(Unsupported, match="leaves nan out"):
        grad(lambda x: stats.circmean(x, nan_policy="omit"))(ANGLES)

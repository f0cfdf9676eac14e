"""``RBFInterpolator``, in `adjoint.rules.scipy.radial`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import RBFInterpolator

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(97)
PLACES, X = RNG.uniform(size=(9, 2)), RNG.uniform(size=(4, 2))
DATA, TABLE = RNG.normal(size=9), RNG.normal(size=(9, 2))

CASES: list[Any] = [
    (lambda y, d, x: RBFInterpolator(y, d)(x), PLACES, DATA, X),
    (lambda y, d, x: RBFInterpolator(y, d, kernel="linear")(x), PLACES, TABLE, X),
    (lambda y, d, x: RBFInterpolator(y, d, kernel="cubic", smoothing=0.1)(x), PLACES, DATA, X),
    (lambda d, e: RBFInterpolator(PLACES, d, kernel="gaussian", epsilon=e)(X), DATA, 3.0),
    (lambda d, e: RBFInterpolator(PLACES, d, kernel="multiquadric", epsilon=e)(X), DATA, 3.0),
    (lambda y, x: RBFInterpolator(y, DATA, epsilon=4.0, kernel="inverse_quadratic", degree=-1)(x),
     PLACES, X),
]  # fmt: skip


@pytest.mark.parametrize(("fun", "args"), [(fun, args) for fun, *args in CASES])
def test_programs(fun: Any, args: Any) -> None:
    check_program(fun, *args, second_order=False)


def test_what_is_refused() -> None:
    for options in ({"neighbors": 5}, {"kernel": "quintic"}):
        with pytest.raises(Unsupported, match="with neighbors, or a polynomial"):
            grad(lambda d, o=options: np.sum(RBFInterpolator(PLACES, d, **o)(X)))(DATA)

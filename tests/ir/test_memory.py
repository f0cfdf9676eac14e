"""What is said of the memory of results is what NumPy does."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import makes_memory, shares_memory
from adjoint.ir.nodes import Const, Let
from adjoint.ir.ops import call
from adjoint.ir.values import Array
from tests.emit.ir import HERE

A = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, -0.2], [0.1, -0.2, 1.1]])
FFTS = """
    fft ifft rfft irfft hfft ihfft fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn fftshift
    ifftshift
"""
FACTORS = "inv pinv cholesky svdvals eigvalsh norm qr svd eigh eig eigvals slogdet"
OF_ONE = """
    diagflat average median nansum nancumsum ptp sinc i0 angle unwrap cov diff gradient amax amin
    around fix sort_complex trace
"""
CALLS = [
    *((getattr(np.fft, name), ()) for name in FFTS.split()),
    *((getattr(np.linalg, name), ()) for name in FACTORS.split()),
    *((getattr(np, name), ()) for name in OF_ONE.split()),
    (np.multiply.outer, (A,)),
    (np.add.accumulate, (1,)),
    (np.add.reduce, (0,)),
    (np.kron, (A,)),
    (np.tensordot, (A,)),
    (np.cross, (A,)),
    (np.quantile, (0.3, 0)),
    (np.tile, (1,)),
    (np.linalg.solve, (A,)),
    (np.linalg.tensorinv, (1,)),
    (np.diff, (2,)),
    *((function, (A,)) for function in (np.union1d, np.setdiff1d, np.intersect1d, np.setxor1d)),
    *((getattr(np.linalg, name), ()) for name in ("det", "cond")),
    (np.linalg.matmul, (A,)),
    (np.polyval, (0.3,)),
    (np.resize, ((3, 3),)),
]


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")  # from NumPy 2.5 on
@pytest.mark.parametrize(("function", "more"), CALLS, ids=lambda x: getattr(x, "__name__", ""))
def test_results_share_no_memory_with_the_argument(function: Any, more: tuple[Any, ...]) -> None:
    builder = Builder(Facts(), HERE)
    variable = builder.var(Array(np.dtype(float), None))
    let = Let(builder.var(variable.type), call(function), (variable, *map(Const, more)), (), HERE)
    assert not shares_memory(let)
    found = function(A, *more)
    for part in found if isinstance(found, tuple) else (found,):
        assert not np.shares_memory(part, A)
        if makes_memory(let) and isinstance(part, np.ndarray):
            assert part.base is None


@pytest.mark.parametrize(
    "call_it", [partial(np.diff, n=0), np.rot90, np.ravel, np.linalg.matrix_power]
)
def test_results_that_may_be_views(call_it: Any) -> None:
    function, named = getattr(call_it, "func", call_it), getattr(call_it, "keywords", {})
    builder = Builder(Facts(), HERE)
    variable = builder.var(Array(np.dtype(float), None))
    pairs = tuple((name, Const(value)) for name, value in named.items())
    let = Let(builder.var(variable.type), call(function), (variable,), pairs, HERE)
    assert shares_memory(let)

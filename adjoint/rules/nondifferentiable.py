"""Functions whose derivative is zero wherever it exists.

They may be called on active values; what they return is not active.
"""

from __future__ import annotations

import bisect
import io
import logging
import math
import operator
import warnings

import numpy as np

from adjoint.rules.registry import zero_derivative

# Steps: constant but for jumps.
zero_derivative(np.floor, np.ceil, np.rint, np.round, np.around, np.trunc, np.fix, np.floor_divide)
zero_derivative(np.sign, of_complex="of a complex number it is z / np.abs(z); write that")
zero_derivative(np.signbit, np.spacing)

# Comparisons and tests.
zero_derivative(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
zero_derivative(np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.isnat)
zero_derivative(np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin)
zero_derivative(np.isreal, np.iscomplex, np.isrealobj, np.iscomplexobj, np.isscalar)
zero_derivative(np.all, np.any, np.may_share_memory, np.shares_memory)

# Logic, bits and whole numbers.
zero_derivative(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
zero_derivative(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert)
zero_derivative(np.left_shift, np.right_shift, np.gcd, np.lcm)

# Places and counts.
zero_derivative(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition)
zero_derivative(np.lexsort, np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero)
zero_derivative(np.searchsorted, np.digitize, bisect.bisect_left, bisect.bisect_right)
zero_derivative(np.unravel_index, np.ravel_multi_index)

# Facts about arrays and types.
zero_derivative(np.shape, np.ndim, np.size, np.broadcast_shapes)
zero_derivative(np.result_type, np.promote_types, np.min_scalar_type, np.can_cast)
zero_derivative(np.common_type, np.issubdtype, np.iterable)

zero_derivative(np.isfortran, np.isdtype)

# Places of triangles and diagonals, windows of whole length, bits.
zero_derivative(np.tril_indices, np.tril_indices_from, np.triu_indices, np.triu_indices_from)
zero_derivative(np.diag_indices, np.diag_indices_from)
zero_derivative(np.bartlett, np.blackman, np.hamming, np.hanning)
zero_derivative(np.packbits, np.unpackbits, np.bitwise_count)

# Text and files: nothing comes back that is a number.
zero_derivative(np.array2string, np.array_repr, np.array_str, np.base_repr, np.binary_repr)
zero_derivative(np.format_float_positional, np.format_float_scientific)
zero_derivative(np.save, np.savetxt, np.savez, np.savez_compressed, effect=True)
zero_derivative(np.ndarray.dump, np.ndarray.tofile, effect=True)

# The standard library.
zero_derivative(math.floor, math.ceil, math.trunc, math.ulp)
zero_derivative(math.isnan, math.isinf, math.isfinite, math.isclose)
zero_derivative(math.gcd, math.lcm, math.isqrt, math.comb, math.perm, math.factorial)
zero_derivative(operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)
zero_derivative(operator.and_, operator.or_, operator.xor, operator.invert, operator.not_)
zero_derivative(operator.lshift, operator.rshift, operator.floordiv)
zero_derivative(operator.is_, operator.is_not, operator.contains, operator.truth, operator.index)
zero_derivative(np.bool_, np.int8, np.int16, np.int32, np.int64)
zero_derivative(np.uint8, np.uint16, np.uint32, np.uint64)
zero_derivative(round, int, bool, len, any, all, isinstance, hasattr, callable)
zero_derivative(print, str, repr, format)
zero_derivative(warnings.warn, np.testing.assert_allclose, effect=True)
zero_derivative(np.testing.assert_array_equal, np.testing.assert_array_less, effect=True)
zero_derivative(np.testing.assert_equal, np.testing.assert_almost_equal, effect=True)
zero_derivative(np.testing.assert_array_almost_equal, np.testing.assert_approx_equal, effect=True)
zero_derivative(io.TextIOWrapper.write, io.StringIO.write, effect=True)
for _level in ("debug", "info", "warning", "error", "critical", "exception", "log"):
    zero_derivative(getattr(logging, _level), getattr(logging.Logger, _level), effect=True)

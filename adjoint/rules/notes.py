"""What is worth saying of rules beside their formulas: conventions, and sources.

``docs/functions.md`` is made from it and from the registry. What is school calculus has no source.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["CONVENTIONS", "SOURCES"]

Function = Callable[..., Any]

_TIES_SHARE = "ties share evenly"
_AS_SORTED = "equal elements in the order of `argsort`"

#: What the derivative is where a function has none, or several.
CONVENTIONS: dict[Function, str] = {
    **dict.fromkeys((np.absolute, np.fabs, math.fabs), "0 at 0"),
    **dict.fromkeys((np.maximum, np.minimum, np.fmax, np.fmin), "half to each at a tie"),
    **dict.fromkeys((np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin, np.ptp), _TIES_SHARE),
    **dict.fromkeys((np.sqrt, np.cbrt), "infinite at 0"),
    **dict.fromkeys((np.sort, np.partition), _AS_SORTED),
    **dict.fromkeys((np.median, np.nanmedian, np.quantile, np.nanquantile), _AS_SORTED),
    **dict.fromkeys((np.percentile, np.nanpercentile), _AS_SORTED),
    **dict.fromkeys((np.hypot, math.hypot, math.dist), "0 at 0"),
    **dict.fromkeys((np.std, np.nanstd), "0 where all are equal"),
    **dict.fromkeys((np.prod, np.cumprod, np.nanprod, np.nancumprod, math.prod), "right at zeros"),
    **dict.fromkeys((np.power, np.float_power), "`x**0` is constant; 0 by y at x = 0"),
    **dict.fromkeys((np.logaddexp, np.logaddexp2), "0 where both are -inf"),
    **dict.fromkeys((np.remainder, np.fmod, np.divmod), "jumps have derivative 0"),
    **dict.fromkeys((np.modf, np.frexp), "jumps have derivative 0"),
    **dict.fromkeys((np.nansum, np.nanmean, np.nanvar), "what is nan gets 0"),
    np.arctan2: "0 at (0, 0)",
    np.sinc: "0 at 0",
    np.clip: "1 at the bounds",
    np.unique: _TIES_SHARE,
    np.interp: "at a knot the slope on its right",
    np.histogram: "constant in what is counted",
    np.unwrap: "jumps have derivative 0",
    np.nan_to_num: "0 where something was put in",
    np.copysign: "0 by the sign",
    np.heaviside: "0 by x",
    np.linalg.norm: "0 at 0",
    np.linalg.vector_norm: "0 at 0",
    np.linalg.cholesky: "in the triangle that is read",
    **dict.fromkeys((np.linalg.eigh, np.linalg.eig, np.linalg.svd), "nan of both at equal values"),
}

_GILES = "Giles 2008, section 2"

#: Where a formula is taken from, in full in the docstring of the rule or of its module.
SOURCES: dict[Function, str] = {
    **dict.fromkeys((np.linalg.inv, np.linalg.solve, np.linalg.det), _GILES),
    np.linalg.cholesky: "Murray 2016, equations 8 to 10",
    np.polyfit: "Golub, Pereyra 1973, theorem 4.3",
    np.i0: "Abramowitz, Stegun 9.6.19",
    np.kaiser: "Abramowitz, Stegun 9.6.19",
    np.quantile: "Hyndman, Fan 1996",
    np.percentile: "Hyndman, Fan 1996",
}

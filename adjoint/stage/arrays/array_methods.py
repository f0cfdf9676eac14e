"""The methods of arrays, as the NumPy functions they are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from adjoint.ir.nodes import Const, Operand, Pack

__all__ = ["IN_PLACE", "METHODS", "NEW_LISTS", "WRITING", "normalise"]


#: The function that each method is: the key to its rule.
METHODS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in (
            "sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "cumprod", "ptp", "argmax",
            "argmin", "argsort", "any", "all", "round", "clip", "dot", "trace", "diagonal", "ravel",
            "squeeze", "swapaxes", "repeat", "take", "nonzero", "searchsorted", "choose",
             "copy", "reshape", "transpose", "argpartition",
        )
    },
    "conj": np.conj,
    "conjugate": np.conj,
    "astype": np.ndarray.astype,
    "item": np.ndarray.item,
    "tolist": np.ndarray.tolist,
    "flatten": np.ndarray.flatten,
    **{
        name: getattr(np.ndarray, name)
        for name in (
            "compress", "tobytes", "dumps", "view", "getfield", "to_device", "dump", "tofile",
        )
    },
}  # fmt: skip

#: Methods that make a list, which the interpreter follows.
NEW_LISTS = (np.ndarray.tolist,)

#: What is said where an array would be written.
IN_PLACE = "arrays are not written in place yet"

#: Methods that change the array they belong to.
WRITING = frozenset(
    {"fill", "sort", "partition", "put", "itemset", "setfield", "resize", "setflags", "byteswap"}
)


def normalise(name: str, args: list[Operand], keywords: Collection[str] = ()) -> list[Operand]:
    """The arguments of a method as its function takes them: ``x.reshape(2, 3)`` takes a tuple."""
    if name == "clip" and len(args) == 1 and not keywords:
        return [*args, Const(None)]
    if name in ("reshape", "transpose") and len(args) > 1:
        return [Pack("tuple", tuple(args))]
    if name == "reshape" and len(args) == 1 and not isinstance(args[0], Pack):
        return [args[0]]
    if name == "item" and args and isinstance(args[0], Const) and args[0].value is None:
        return []
    return args

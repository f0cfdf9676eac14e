"""What a derivative is asked of: which arguments, and which part of what the function returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a derivative is to return.

    `arguments` are the names of the arguments to differentiate; `single` tells that there is one,
    whose gradient is handed back alone; `value` that the function's value comes first; `has_aux`
    that the function returns a pair whose second part is handed on; `holomorphic` that it maps
    complex numbers to complex numbers, and has a complex derivative. `mode` is ``"grad"`` for the
    gradient of one number, ``"vjp"`` for the value and a function from cotangents to gradients,
    ``"value"`` for what the function returns, which takes derivatives itself.
    """

    arguments: tuple[str, ...]
    single: bool = True
    value: bool = False
    has_aux: bool = False
    holomorphic: bool = False
    mode: Literal["grad", "vjp", "value"] = "grad"

"""Print how many functions of NumPy `adjoint` and HIPS autograd differentiate.

    PYTHONPATH=. python benchmarks/parity.py

Each function counts once, under whatever names it has. What `adjoint` differentiates is what its
registry has a derivative for, and what it follows as if it were written out; what autograd
differentiates is what is in its own table of vjps, `autograd.core.primitive_vjps`, and what it
writes in Python on top of that (`stack`, `vstack`, `array`, ...). Behind the table stand the
functions that only one of the two has.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import autograd.numpy
import autograd.numpy.fft
import autograd.numpy.linalg
import numpy as np
from autograd.core import primitive_vjps

from adjoint.rules import Kind, lookup


@dataclass(frozen=True, slots=True)
class Parity:
    """The names of the functions of one module that each of the two differentiates."""

    ours: frozenset[str]
    theirs: frozenset[str]


MODULES: dict[str, tuple[ModuleType, ModuleType]] = {
    "numpy": (np, autograd.numpy),
    "numpy.linalg": (np.linalg, autograd.numpy.linalg),
    "numpy.fft": (np.fft, autograd.numpy.fft),
}


def functions(module: ModuleType) -> dict[str, Any]:
    """Return the public functions of a module, each under the first of its names."""
    found: dict[int, tuple[str, Any]] = {}
    for name in sorted(getattr(module, "__all__", dir(module))):
        value = getattr(module, name, None)
        if callable(value) and not isinstance(value, type | ModuleType):
            found.setdefault(id(value), (name, value))
    return dict(found.values())


def differentiates(function: Any) -> bool:
    """Whether `adjoint` has a derivative for a function, or follows what it does."""
    rule = lookup(function)
    return rule is not None and (bool(rule.vjps) or rule.kind is Kind.STAGED)


TABLE = {id(getattr(primitive, "fun", None)) for primitive in primitive_vjps}


def autograd_differentiates(function: Any, wrapped: Any) -> bool:
    """Whether autograd has a vjp of a function, or something of its own in the place of it."""
    written = getattr(wrapped, "__module__", "") == "autograd.numpy.numpy_wrapper"
    return id(function) in TABLE or (written and not hasattr(wrapped, "fun"))


def parity(own: ModuleType, other: ModuleType) -> Parity:
    """Compare the two on the functions of one module."""
    named = functions(own)
    return Parity(
        frozenset(name for name, function in named.items() if differentiates(function)),
        frozenset(
            name
            for name, function in named.items()
            if autograd_differentiates(function, getattr(other, name, None))
        ),
    )


def main() -> None:
    """Print the table and the lists."""
    print(f"{'':14}{'adjoint':>9}{'autograd':>10}{'both':>6}")
    found = {name: parity(*modules) for name, modules in MODULES.items()}
    for name, one in found.items():
        both = len(one.ours & one.theirs)
        print(f"{name:14}{len(one.ours):9}{len(one.theirs):10}{both:6}")
    sides = {
        "adjoint": lambda one: one.ours - one.theirs,
        "autograd": lambda one: one.theirs - one.ours,
    }
    for side, missing in sides.items():
        for name, one in found.items():
            listed = ", ".join(sorted(missing(one))) or "none"
            print(f"\n{side} only, of {name}:")
            print(textwrap.indent(textwrap.fill(listed, 96), "    "))


if __name__ == "__main__":
    main()

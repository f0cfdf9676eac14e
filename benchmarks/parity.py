"""Print how many functions of NumPy and SciPy `adjoint` and HIPS autograd differentiate.

    PYTHONPATH=. python benchmarks/parity.py

Each function counts once, under whatever names it has. What `adjoint` differentiates is what its
registry has a derivative for, and what it follows as if it were written out; what autograd
differentiates is what is in its own table of vjps, `autograd.core.primitive_vjps`, and what it
writes in Python on top of that (`stack`, `vstack`, `array`, ...). Of SciPy autograd has functions
under the names of five modules. The distributions of ``scipy.stats`` count by their methods. What
has the derivative zero wherever it has one does not count. Behind the table stand the functions
that only one of the two has.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import autograd.numpy
import autograd.numpy.fft
import autograd.numpy.linalg
import autograd.scipy.integrate
import autograd.scipy.linalg
import autograd.scipy.signal
import autograd.scipy.special
import autograd.scipy.stats
import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.signal
import scipy.special
import scipy.stats
from autograd.core import primitive_vjps

from adjoint.rules import Kind, lookup


@dataclass(frozen=True, slots=True)
class Parity:
    """The names of the functions of one module that each of the two differentiates."""

    ours: frozenset[str]
    theirs: frozenset[str]


def functions(module: ModuleType) -> dict[str, Any]:
    """Return the public functions of a module, each under the first of its names."""
    found: dict[int, tuple[str, Any]] = {}
    for name in sorted(getattr(module, "__all__", dir(module))):
        value = getattr(module, name, None)
        if callable(value) and not isinstance(value, type | ModuleType):
            found.setdefault(id(value), (name, value))
    return dict(found.values())


def methods(module: ModuleType) -> dict[str, Any]:
    """Return the methods of the distributions of a module, each as ``norm.pdf``."""
    return {
        f"{name}.{method}": getattr(held, method)
        for name, held in sorted(vars(module).items())
        if hasattr(held, "rvs") and not isinstance(held, type)
        for method in dir(held)
        if not method.startswith("_") and callable(getattr(held, method))
    }


MODULES: dict[str, tuple[dict[str, Any], ModuleType]] = {
    "numpy": (functions(np), autograd.numpy),
    "numpy.linalg": (functions(np.linalg), autograd.numpy.linalg),
    "numpy.fft": (functions(np.fft), autograd.numpy.fft),
    "scipy.special": (functions(scipy.special), autograd.scipy.special),
    "scipy.linalg": (functions(scipy.linalg), autograd.scipy.linalg),
    "scipy.signal": (functions(scipy.signal), autograd.scipy.signal),
    "scipy.integrate": (functions(scipy.integrate), autograd.scipy.integrate),
    "scipy.stats": (methods(scipy.stats), autograd.scipy.stats),
}


def differentiates(function: Any) -> bool:
    """Whether `adjoint` has a derivative for a function, or follows what it does."""
    rule = lookup(function)
    return rule is not None and (bool(rule.vjps) or rule.kind is Kind.STAGED)


def autograd_differentiates(function: Any, wrapped: Any) -> bool:
    """Whether autograd has a vjp of a function, or something of its own in the place of it."""
    rule = lookup(function)
    if rule is not None and rule.kind is Kind.ZERO:
        return False
    if wrapped in primitive_vjps:
        return True
    written = getattr(wrapped, "__module__", "") == "autograd.numpy.numpy_wrapper"
    return function in WRAPPED or (written and not hasattr(wrapped, "fun"))


WRAPPED = {primitive.fun for primitive in primitive_vjps if hasattr(primitive, "fun")}


def parity(named: dict[str, Any], other: ModuleType) -> Parity:
    """Compare the two on the functions of one module."""
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
    print(f"{'':16}{'adjoint':>9}{'autograd':>10}{'both':>6}")
    found = {name: parity(*modules) for name, modules in MODULES.items()}
    for name, one in found.items():
        both = len(one.ours & one.theirs)
        print(f"{name:16}{len(one.ours):9}{len(one.theirs):10}{both:6}")
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

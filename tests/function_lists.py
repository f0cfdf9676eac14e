"""The lists of functions in ``docs/functions.md``, made from the registry of rules."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
from scipy import integrate, linalg, signal, special

from adjoint.rules import Kind, Rule, lookup
from tests.documents import ROOT

PAGE = ROOT / "docs" / "functions.md"
MODULES = {
    "numpy": np,
    "numpy.linalg": np.linalg,
    "numpy.fft": np.fft,
    "math": math,
    "scipy.special": special,
    "scipy.linalg": linalg,
    "scipy.signal": signal,
    "scipy.integrate": integrate,
}
START, END = "<!-- lists -->\n", "<!-- end of lists -->\n"
TITLES: dict[str, Callable[[Rule], bool]] = {
    "differentiable": lambda rule: rule.kind not in (Kind.ZERO, Kind.REFUSED),
    "derivative zero": lambda rule: rule.kind is Kind.ZERO,
    "refused": lambda rule: rule.kind is Kind.REFUSED,
}


LATER = {("math", "differentiable"): {"sumprod": "3.12", "fma": "3.13"}}
"""Functions that have a rule from a later version of Python on: the page names them always."""


def rules_of(module: ModuleType) -> Iterator[tuple[str, Rule]]:
    """Yield the public functions of a module that have an entry, by name."""
    for name in sorted(vars(module)):
        value: Any = getattr(module, name)
        rule = None if name.startswith("_") or isinstance(value, type) else lookup(value)
        if rule is not None:
            yield name, rule


def names_listed() -> dict[tuple[str, str], list[str]]:
    """Return the names under each heading of the registry, by module and title."""
    return {
        (module, title): [name for name, rule in rules_of(MODULES[module]) if belongs(rule)]
        for module in MODULES
        for title, belongs in TITLES.items()
    }


def lists() -> str:
    """Return the lists as Markdown."""
    made = ""
    for (module, title), found in names_listed().items():
        names = sorted({*found, *LATER.get((module, title), ())})
        if names:
            text = textwrap.fill(", ".join(f"`{name}`" for name in names), 100)
            made += f"\n### {module}: {title}\n\n{text}\n"
    return made


def write_lists() -> None:
    """Write the lists into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}{lists()}\n{END}{after}", encoding="utf-8")

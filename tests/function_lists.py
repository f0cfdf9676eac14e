"""The tables of functions in ``docs/functions.md``, made from the registry of rules."""

from __future__ import annotations

import inspect
import math
import statistics
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from scipy import (
    fft,
    integrate,
    interpolate,
    linalg,
    ndimage,
    optimize,
    signal,
    sparse,
    spatial,
    special,
    stats,
)
from scipy.sparse import linalg as sparse_linalg
from scipy.spatial import distance

from adjoint.rules import Kind, Rule, lookup
from adjoint.rules.notes import CONVENTIONS, SOURCES
from adjoint.stage.arrays.array_methods import METHODS
from tests.documents import ROOT

PAGE = ROOT / "docs" / "functions.md"
START, END = "<!-- lists -->\n", "<!-- end of lists -->\n"
TITLES: dict[str, Callable[[Rule], bool]] = {
    "differentiable": lambda rule: bool(rule.vjps),
    "followed": lambda rule: rule.kind is Kind.STAGED,
    "derivative zero": lambda rule: rule.kind is Kind.ZERO,
    "refused": lambda rule: rule.kind is Kind.REFUSED,
}

LATER = {
    ("math", "differentiable"): {
        "sumprod": "| `sumprod` | p, q | both |  |  |",
        "fma": "| `fma` | x, y, z | both |  |  |",
    }
}
"""Functions that have a rule from a later version of Python on: the page names them always."""


def _of(module: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if not isinstance(value, type)}


def _listed(module: Any) -> dict[str, Any]:
    """What a module says that it has, without what it imports for itself."""
    return {name: value for name, value in _of(module).items() if name in module.__all__}


def _of_arrays() -> dict[str, Any]:
    return {name: METHODS.get(name, method) for name, method in vars(np.ndarray).items()}


def _of_ufuncs() -> dict[str, Any]:
    found = {}
    for name, ufunc in vars(np).items():
        if isinstance(ufunc, np.ufunc) and ufunc.__name__ == name:
            for method in ("reduce", "accumulate", "reduceat", "outer"):
                found[f"{name}.{method}"] = getattr(ufunc, method)
    return {k: f for k, f in found.items() if (r := lookup(f)) is not None and r.vjps}


def _of_series() -> dict[str, Any]:
    """The functions of the modules of ``numpy.polynomial``, under the names of these."""
    return {
        f"{name}.{function}": held
        for name, module in vars(np.polynomial).items()
        if inspect.ismodule(module)
        for function, held in _of(module).items()
        if not function.startswith("_") and callable(held)
    }


def _of_distributions() -> dict[str, Any]:
    """The methods of the distributions that have a rule: those of a family, under its name."""
    found = _of(stats)
    for name, held in vars(stats).items():
        for method in dir(held) if hasattr(held, "rvs") else ():
            if not method.startswith("_"):
                found[f"{name}.{method}"] = getattr(held, method)
    return {
        k: f
        for k, f in found.items()
        if (r := lookup(f)) is not None and (r.vjps or (r.instead is not None and "." not in k))
    }


MODULES: dict[str, Mapping[str, Any]] = {
    "numpy": _of(np),
    "numpy.ndarray": _of_arrays(),
    "numpy.ufunc": _of_ufuncs(),
    "numpy.linalg": _of(np.linalg),
    "numpy.fft": _of(np.fft),
    "numpy.polynomial": _of_series(),
    "numpy.random.Generator": _of(np.random.Generator),
    "math": _of(math),
    "statistics": _listed(statistics),
    "scipy.special": _of(special),
    "scipy.linalg": _of(linalg),
    "scipy.fft": _listed(fft),
    "scipy.spatial": _listed(spatial),
    "scipy.spatial.distance": _listed(distance),
    "scipy.signal": _of(signal),
    "scipy.ndimage": _of(ndimage),
    "scipy.integrate": _of(integrate),
    "scipy.interpolate": _of(interpolate),
    "scipy.sparse": _of(sparse),
    "scipy.sparse.linalg": _of(sparse_linalg),
    "scipy.optimize": _of(optimize),
    "scipy.stats": _of_distributions(),
}


def rules_of(module: Mapping[str, Any]) -> Iterator[tuple[str, Rule]]:
    """Yield the public functions of a module that have an entry, by name."""
    for name in sorted(module):
        rule = None if name.startswith("_") else lookup(module[name])
        if rule is not None:
            yield name, rule


def rows_listed() -> dict[tuple[str, str], dict[str, str]]:
    """Return the lines under each heading, by module and title, and the name they are about."""
    return {
        (module, title): {
            name: _row(name, rule) for name, rule in rules_of(MODULES[module]) if belongs(rule)
        }
        for module in MODULES
        for title, belongs in TITLES.items()
    }


def _row(name: str, rule: Rule) -> str:
    """What the page says of one function."""
    if rule.kind is Kind.REFUSED:
        return f"| `{name}` | {rule.reason} |"
    if not rule.vjps:
        return f"`{name}`"
    notes = [table.get(rule.function, "") for table in (CONVENTIONS, SOURCES)]
    return f"| `{name}` | {', '.join(_arguments(rule))} | both | {notes[0]} | {notes[1]} |"


def _arguments(rule: Rule) -> list[str]:
    """The arguments by which a rule differentiates, in the order the function takes them."""
    parameters = list(inspect.signature(next(iter(rule.vjps.values()))).parameters)
    return sorted(rule.vjps, key=lambda name: [*parameters, name].index(name))


HEADS = {
    "differentiable": "| function | by | modes | convention | source |\n|---|---|---|---|---|\n",
    "refused": "| function | why, and what to do |\n|---|---|\n",
}


def lists() -> str:
    """Return the tables as Markdown."""
    made = ""
    for (module, title), found in rows_listed().items():
        rows = dict(sorted({**found, **LATER.get((module, title), {})}.items()))
        if not rows:
            continue
        text = textwrap.fill(", ".join(rows.values()), 100)
        if title in HEADS:
            text = HEADS[title] + "\n".join(rows.values())
        made += f"\n### {module}: {title}\n\n{text}\n"
    return made


def write_lists() -> None:
    """Write the tables into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}{lists()}\n{END}{after}", encoding="utf-8")

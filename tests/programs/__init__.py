"""A corpus of small programs, each a function with the arguments it is judged at.

The programs use NumPy as a stranger would, one construct each and in combination. Every mode of
the compiler runs through them. A program returns one number, mostly a sum with irregular
weights: a plain sum has a cotangent of ones, which hides wrong axes and lost factors.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import types
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Program:
    """A function, arguments at which it is smooth, and what can be asked of it.

    Parameters
    ----------
    argnums
        The arguments to differentiate by; None: all that hold floats.
    peer
        Whether HIPS autograd can run it with its own NumPy put in place of ``np``.
    """

    name: str
    fun: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: tuple[int, ...] | None
    peer: bool


REFUSED = frozenset(
    {
        "writes_functions-resized_in_place",
        "writes_out-take_and_stack_out",
        "writes_rebinding-one_buffer_appended_many_times",
    }
)
"""Programs that are refused for now, and must be: a gradient of them would be a surprise."""

REGISTRY: defaultdict[str, list[Program]] = defaultdict(list)


def program(
    *args: Any,
    name: str | None = None,
    argnums: tuple[int, ...] | None = None,
    peer: bool = True,
) -> Callable[[Function], Function]:
    """Register the decorated function as a program judged at ``args``."""

    def register(fun: Function) -> Function:
        own = name or fun.__name__
        REGISTRY[fun.__module__].append(Program(own, fun, args, argnums, peer))
        return fun

    return register


def corpus() -> list[Program]:
    """Return all programs, in the order of their files and lines; names carry the file's name."""
    found = []
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        if info.name.startswith("test_"):
            continue
        module = importlib.import_module(f"{__name__}.{info.name}")
        for one in REGISTRY[module.__name__]:
            full = f"{info.name}-{one.name}"
            found.append(Program(full, one.fun, one.args, one.argnums, one.peer))
    return found


def twin(one: Program) -> Program:
    """Return the same program with HIPS autograd's NumPy in place of NumPy.

    The whole module runs again under another name, so that functions the program calls and
    globals it reads are replaced with it.
    """
    original = sys.modules[one.fun.__module__]
    name = f"{original.__name__}_with_autograd"
    if name not in sys.modules:
        assert original.__file__ is not None
        text = Path(original.__file__).read_text()
        module = types.ModuleType(name)
        module.__file__ = original.__file__
        sys.modules[name] = module
        text = text.replace("import numpy as np\n", "import autograd.numpy as np\n")
        exec(compile(text, original.__file__, "exec"), module.__dict__)
    short = one.name.partition("-")[2]
    return next(other for other in REGISTRY[name] if other.name == short)

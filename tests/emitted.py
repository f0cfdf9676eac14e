"""Generated gradients of the corpus, parsed: for tests and tables of what stands in them."""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adjoint import value_and_grad
from tests import programs
from tests.oracle import copy_leaf, float_argnums, map_leaves
from tests.programs import REGISTRY, Program

STACK = re.compile(r"_stack(_\d+)?$")
"""How the names of stacks end."""
RECORD = re.compile(r"_old(_\d+)?$")
"""How the names of arrays end whose rows the trips of a loop keep; the user's may as well."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """The generated gradient of one program, and what it is called with.

    Attributes
    ----------
    tree
        The module.
    function
        The gradient function in it.
    backward
        The line on which its backward part begins.
    outside
        What is read at each call from globals and closures, by keyword.
    """

    program: str
    source: str
    tree: ast.Module
    function: ast.FunctionDef
    backward: int
    args: tuple[Any, ...]
    outside: dict[str, Any]

    def line(self, number: int) -> str:
        """A line of the text without indentation and comment."""
        return self.source.splitlines()[number - 1].partition("  # ")[0].strip()

    @property
    def pushed(self) -> list[ast.expr]:
        """What is pushed on stacks."""
        return [
            node.args[0]
            for node in ast.walk(self.function)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.attr == "append"
            and STACK.search(node.func.value.id)
        ]


def every_program() -> list[Program]:
    """Return all programs of the corpus, those that write into arrays as well."""
    found = []
    for path in sorted(Path(programs.__path__[0]).glob("*.py")):
        if not path.stem.startswith(("test_", "__")):
            module = importlib.import_module(f"{programs.__name__}.{path.stem}")
            for one in REGISTRY[module.__name__]:
                name = f"{path.stem}-{one.name}"
                found.append(Program(name, one.fun, one.args, one.argnums, one.peer))
    return found


def emitted_gradient(one: Program) -> Emitted | None:
    """Return the generated gradient of a program, or None where it is refused or raises.

    Whether that is right is judged elsewhere, with the gradients themselves.
    """
    gradient = value_and_grad(one.fun, argnums=one.argnums or float_argnums(one.args))
    args = map_leaves(copy_leaf, one.args)
    try:
        with quiet():
            gradient(*args)
    except Exception:
        return None
    # What a call of `gradient` does: keyword parameters are read from globals and closures.
    compiled = gradient._cache.latest
    assert compiled is not None, "it was called"
    outside = {name: read() for name, read in compiled.externals.items()}
    bound = gradient._bind((*gradient._first, *one.args), {})
    return parsed(one.name, compiled.source, compiled.function.__name__, bound, outside)


def parsed(
    program: str, source: str, name: str, args: tuple[Any, ...], outside: dict[str, Any]
) -> Emitted:
    """Return the parts of generated code; the function called `name` in it is the gradient."""
    tree = ast.parse(source)
    found = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == name]
    lines = source.splitlines()
    marks = [number for number, line in enumerate(lines, 1) if line.strip() == "# backward"]
    backward = marks[-1] if marks else len(lines) + 1
    return Emitted(program, source, tree, found[-1], backward, args, outside)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Leave out what programs print, and warnings: a mutant may well divide by zero."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def record_of(node: ast.AST) -> str | None:
    """Return the array of rows that a statement makes, or stores a row in."""
    match node:
        case ast.Assign([ast.Name(name)], ast.Call(ast.Attribute(attr="empty"), [ast.Tuple()])) if (
            RECORD.search(name)
        ):
            return name
        case ast.Assign([ast.Subscript(ast.Name(name))]) if RECORD.search(name):
            return name
    return None


def root(place: ast.expr) -> str:
    """Return the name at the beginning of ``a.b[i].T``; "" if it begins with none."""
    while isinstance(place, ast.Subscript | ast.Attribute | ast.Call):
        place = place.func if isinstance(place, ast.Call) else place.value
    return place.id if isinstance(place, ast.Name) else ""

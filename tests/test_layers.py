"""Data flows one way: a module of `adjoint` imports only from its own stage and earlier ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.documents import ROOT

PACKAGE = ROOT / "adjoint"

ORDER = [
    {"custom", "errors", "markers", "runtime"},
    {"source"},
    {"ir"},
    {"rules"},
    {"stage"},
    {"analyses"},
    {"transform"},
    {"optimise"},
    {"emit"},
    {"cache"},
    {"pipeline"},
    {"nearest"},
    {"api"},
    {"implicit", "testing"},
    {"__init__"},
]
"""The stages, earliest first. Those of one line know nothing of each other."""

ONLY = {"errors": set(), "runtime": set(), "markers": set(), "custom": set(), "rules": {"rules"}}
"""Stages that may import less than the order allows.

A rule is a function on NumPy expressions, tested on arrays; what helps generated code at run time,
and what stands in the user's code, must work without the compiler.
"""

DOORS = {"__init__.py", "api/compiler.py", "rules/registry.py"}
"""Where modules are imported by name, when they are first needed; such names count as imports."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def rank(stage: str) -> int:
    """Return the position of a stage in the order."""
    found = [k for k, stages in enumerate(ORDER) if stage in stages]
    assert found, f"adjoint.{stage} has no place in ORDER"
    return found[0]


def stage_of(path: Path) -> str:
    """Return the stage a module belongs to: its folder, or its own name."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the modules of `adjoint` that are imported, with the lines."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names, level=0):
                # `from adjoint import ir` imports a stage, `from adjoint import grad` the whole.
                yield from ((f"{module}.{alias.name}", node.lineno) for alias in names)
            case ast.ImportFrom():
                yield "adjoint.(relative)", node.lineno
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names)


def imported_by_name(tree: ast.AST) -> list[tuple[str, int]]:
    """Return the modules that strings name, with the lines, in a module that imports by name."""
    if not calls_of_import_module(tree):
        return []
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    found = ((re.match(r"adjoint\.[\w.]+$", str(node.value)), node.lineno) for node in nodes)
    return [(match.group(), line) for match, line in found if match]


def calls_of_import_module(tree: ast.AST) -> list[int]:
    """Return the lines of calls that import a module by its name."""
    names = ("import_module", "__import__")
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if ast.unparse(call.func).endswith(names)]


def stages_of(modules: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the stages that imported modules belong to, with the lines."""
    for module, line in modules:
        package, *rest = module.split(".")
        if package == "adjoint":
            known = rest and (rest[0] == "(relative)" or any(rest[0] in row for row in ORDER))
            is_module = rest and (
                (PACKAGE / rest[0]).is_dir() or (PACKAGE / f"{rest[0]}.py").exists()
            )
            yield (rest[0] if known or is_module else "__init__"), line


def wrong_imports(stage: str, tree: ast.AST) -> list[str]:
    """Return what is wrong with the imports of a module of `stage`."""
    found = []
    for target, line in stages_of((*imported(tree), *imported_by_name(tree))):
        if target == "(relative)":
            found.append(f"line {line}: a relative import; write it from adjoint on")
        elif target != stage and rank(target) >= rank(stage):
            found.append(f"line {line}: {stage} imports the later stage {target}")
        elif target not in ONLY.get(stage, {target}):
            found.append(f"line {line}: {stage} must not import {target}")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [
                f"line {line}: an import inside a function" for _, line in stages_of(imported(node))
            ]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_from_earlier_stages_only(path):
    wrong = wrong_imports(stage_of(path), ast.parse(path.read_text(encoding="utf-8")))
    assert not wrong, "\n".join([str(path.relative_to(ROOT)), *wrong])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_doors_import_by_name(path):
    calls = calls_of_import_module(ast.parse(path.read_text(encoding="utf-8")))
    assert not calls or str(path.relative_to(PACKAGE)) in DOORS, f"lines {calls}"


def test_there_are_modules():
    assert {"errors", "ir", "rules", "stage", "emit"} <= {stage_of(path) for path in MODULES}


@pytest.mark.parametrize(
    "stage, text",
    [
        ("ir", "from adjoint.stage import loops"),
        ("ir", "import adjoint.emit.printer"),
        ("ir", "from adjoint import grad"),
        ("ir", "from adjoint import emit"),
        ("ir", "from . import nodes"),
        ("rules", "from adjoint.ir.nodes import Let"),
        ("markers", "from adjoint.errors import render"),
        ("emit", "def f():\n    from adjoint.ir import nodes"),
        ("emit", "if TYPE_CHECKING:\n    from adjoint.pipeline import run"),
        ("emit", "importlib.import_module('adjoint.pipeline')"),
    ],
)
def test_wrong_imports_are_found(stage, text):
    assert wrong_imports(stage, ast.parse(text))


@pytest.mark.parametrize(
    "stage, text",
    [
        (
            "stage",
            "from adjoint.ir.nodes import Let\nfrom adjoint.stage import loops\nimport numpy",
        ),
        ("stage", "from adjoint import ir, rules"),
        ("rules", "from adjoint.rules.registry import vjp"),
        ("__init__", "from adjoint.api import grad"),
    ],
)
def test_right_imports_are_let_through(stage, text):
    assert wrong_imports(stage, ast.parse(text)) == []

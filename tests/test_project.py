"""What the project says about itself is true: its documents, its commands, its version."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import adjoint
from tests.documents import ROOT, assert_same, blocks, rewrite, run
from tests.function_lists import END, MODULES, PAGE, rows_listed

DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]


WITH_PYTHON = [path for path in DOCUMENTS if "```python" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("document", WITH_PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_of_documents_does_what_they_say(document):
    run(document)


def test_a_document_that_is_wrong_is_found(tmp_path):
    document = tmp_path / "wrong.md"
    for second in ("<!-- prints -->\n```text\n3\n```\n", "<!-- raises -->\n```text\n2\n```\n", ""):
        document.write_text(f"```python\nprint(2)\n```\n{second}")
        with pytest.raises(AssertionError, match=r"wrong\.md:2"):
            run(document)
    document.write_text("<!-- print -->\n```python\n```\n")
    with pytest.raises(AssertionError, match="means nothing"):
        blocks(document)


def test_what_a_document_gives_is_written_into_it(tmp_path):
    document = tmp_path / "old.md"
    text = "```python\nprint(2)\nprint(3)\n```\n<!-- prints -->\n```text\n{}```\nand on\n"
    document.write_text(text.format("old\n"))
    rewrite(document)
    assert document.read_text() == text.format("2\n3\n")


def test_functions_are_listed_as_their_rules_say():
    page = PAGE.read_text(encoding="utf-8")
    for (module, title), rows in rows_listed().items():
        _, _, section = page.partition(f"### {module}: {title}\n")
        section = section.partition("###")[0].partition(END)[0]
        lines = {re.match(r"\| `([\w.]+)`", line): line for line in section.splitlines()}
        listed = {match[1]: line for match, line in lines.items() if match is not None}
        if not listed:
            listed = {name: f"`{name}`" for name in re.findall(r"`([\w.]+)`", section)}
        # Names that this version of NumPy or Python has not are not looked at.
        here = {name: line for name, line in listed.items() if name in MODULES[module]}
        assert here == rows, f"{module}, {title}: run python -m tests.documents"


def test_first_screen_of_the_readme_shows_code_and_what_it_generates():
    first, second = blocks(ROOT / "README.md")[:2]
    assert (first.language, second.mark) == ("python", "prints")
    assert "def " in second.text and "# backward" in second.text
    assert second.line + second.text.count("\n") < 50


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document):
    prose = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)#]+)", prose):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_commands_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`?\bmake ([a-z-]+)`?", "\n".join(shell_lines(readme))))
    assert {"demo", "test"} <= named <= targets
    for path in re.findall(r"^python (\S+\.py)", "\n".join(shell_lines(readme)), flags=re.M):
        assert (ROOT / path).exists(), f"the README runs {path}"


def shell_lines(text: str) -> list[str]:
    """Return the command lines of a document: those of its sh blocks."""
    found = re.findall(r"^```sh\n(.*?)^```$", text, flags=re.M | re.S)
    return [line for block in found for line in block.splitlines()]


def test_version_is_told_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert adjoint.__version__ == project["version"]


def test_public_names_are_there_and_documented():
    for name in adjoint.__all__:
        value = getattr(adjoint, name)
        if callable(value):
            assert value.__doc__, f"{name} has no docstring"


def test_nothing_but_the_declared_dependencies_is_imported():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.match(r"[a-z]+", line)[0] for line in project["dependencies"]}
    allowed = {"adjoint", *declared, *sys.stdlib_module_names}
    for path in sorted((ROOT / "adjoint").rglob("*.py")):
        extra = {"scipy"} if path.parent.name == "scipy" else set()
        foreign = imported_packages(path) - allowed - extra
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def imported_packages(path: Path) -> set[str]:
    """Return the first names of all that a module imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def test_assert_same_ignores_blanks_at_the_end_only():
    assert_same("a  \nb\n", "a\nb", "here")
    with pytest.raises(AssertionError):
        assert_same(" a", "b", "here")

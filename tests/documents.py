"""Documents whose Python is run: the blocks of a Markdown file, in order, as one program.

A block of Python is run, unless the line before it is one of these:

``<!-- prints -->``
    The block is what the Python block before it prints.
``<!-- raises -->``
    The block is the message of the error that the Python block before it ends with.
``<!-- not run -->``
    The block is shown only.

The blocks of one document share their names, and are lines of one file called ``example.py``.

``python -m tests.documents`` writes into the documents what their Python gives now, and the lists
of functions; the difference is then read as code is.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
FILE = "example.py"

FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[a-z ]+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)
MARKS = {None, "prints", "raises", "not run"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its mark if it has one, its language and its text."""

    mark: str | None
    language: str
    text: str
    line: int


def blocks(document: Path) -> list[Block]:
    """Return the fenced blocks of a document."""
    text = document.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        assert match["mark"] in MARKS, f"{document.name}: <!-- {match['mark']} --> means nothing"
        line = text.count("\n", 0, match.start("text")) + 1
        found.append(Block(match["mark"], match["language"], match["text"], line))
    return found


def steps(document: Path) -> Iterator[tuple[Block, Block | None]]:
    """Yield each Python block that is run, with the block it should print or raise."""
    for block, following in pairwise([*blocks(document), None]):
        assert block is not None, "only the last is"
        if block.language == "python" and block.mark is None:
            expected = following if following and following.mark in ("prints", "raises") else None
            yield block, expected


def run(document: Path) -> None:
    """Run a document's Python and assert that it prints and raises what the document says."""
    for block, expected, printed, message in results(document):
        where = f"{document.name}:{block.line}"
        if expected is None or expected.mark == "prints":
            assert message is None, f"{where} raises:\n{message}"
            assert_same(printed, expected.text if expected else "", where)
        else:
            assert message is not None, f"{where} does not raise"
            assert_same(message, expected.text, where)


def results(document: Path) -> Iterator[tuple[Block, Block | None, str, str | None]]:
    """Yield for each Python block what should follow, what it printed, and the error if any."""
    namespace: dict[str, Any] = {"__name__": "example"}
    text = ""
    for block, expected in steps(document):
        offset, text = text.count("\n"), text + block.text
        linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
        code = compile("\n" * offset + block.text, FILE, "exec", dont_inherit=True)
        yield block, expected, *outcome(code, namespace)


def rewrite(document: Path) -> None:
    """Write into a document what its Python prints and raises now."""
    lines = document.read_text(encoding="utf-8").splitlines()
    for _, expected, printed, message in reversed([*results(document)]):
        if expected is not None:
            got = printed if expected.mark == "prints" else message or ""
            first, count = expected.line - 1, expected.text.count("\n")
            lines[first : first + count] = [row.rstrip() for row in got.strip().splitlines()]
    document.write_text("\n".join(lines) + "\n", encoding="utf-8")


def outcome(code: Any, namespace: dict[str, Any]) -> tuple[str, str | None]:
    """Run code; return what it printed, and the message of the error it ended with, if any."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            exec(code, namespace)
        except Exception as error:
            return output.getvalue(), str(error)
    return output.getvalue(), None


def assert_same(got: str, said: str, where: str) -> None:
    """Assert that two texts are the same but for blanks at the ends of lines."""
    left, right = ([row.rstrip() for row in part.strip().splitlines()] for part in (got, said))
    assert left == right, f"{where} gives\n{got}\nand not\n{said}"


if __name__ == "__main__":
    from tests.function_lists import write_lists

    write_lists()
    for path in [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]:
        rewrite(path)

"""The source text of a function: found by its code object, and checked to be the one that runs."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import tokenize
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import BuiltinFunctionType, CodeType, FunctionType

from adjoint.errors import NoSource, Place
from adjoint.source.compiled import compile_def, compile_lambda, is_compiled_from, same


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """The text of one function as it stands in its file.

    `lines` are the whole lines the function lies on (without line ends, decorators included);
    `first_line` is the number of the first of them. `columns` is given for a lambda, which need
    not fill its lines: where it begins in the first of them and ends in the last, counted in
    bytes as `ast` does.
    """

    function: FunctionType
    file: str
    first_line: int
    lines: tuple[str, ...]
    columns: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """The lines in one string, not dedented: that would change strings of many lines."""
        return "\n".join(self.lines)

    @property
    def indent(self) -> int:
        """The number of blanks or tabs the first line begins with."""
        return len(self.lines[0]) - len(self.lines[0].lstrip())

    @property
    def name(self) -> str:
        """The function's name, with its class if it is a method."""
        return _name(self.function)

    @property
    def lambda_text(self) -> str:
        """The text of a lambda alone, from `lambda` to the end of its body."""
        assert self.columns is not None, "only the source of a lambda has columns"
        return _cut(self.lines, *self.columns)

    def line(self, number: int) -> str:
        """Return the line of this number in the file, or an empty string for any other."""
        index = number - self.first_line
        return self.lines[index] if 0 <= index < len(self.lines) else ""


def read(function: Callable[..., object]) -> FunctionSource:
    """Return the source of a plain Python function.

    What is wrapped inside (`functools.wraps`) is not looked for: a decorated function is read
    as the def whose code runs.

    Raises
    ------
    NoSource
        If there is no text, if it is not the text of the code that runs (the file was edited
        after its import), or if it cannot be told which lambda of a line is meant.
    """
    if not isinstance(function, FunctionType):
        raise _not_python(function)
    file = function.__code__.co_filename
    lines = _file_lines(function)
    if not lines:
        raise _unreadable(_name(function), file)
    found = _locate(function, lines)
    if found is None:
        # linecache may hold the text from before a reload. It is asked to look at the file only
        # now: while it holds the text the module was imported from, that is the right one.
        linecache.checkcache(file)
        found = _locate(function, _file_lines(function))
    if found is None and file == "<string>":
        # From Python 3.13 on the text of `python -c` is kept under this name: it is another one.
        raise _unreadable(_name(function), file)
    if found is None:
        raise _outdated(function)
    return found


def _file_lines(function: FunctionType) -> list[str]:
    """Return all lines of the function's file, notebook cell or registered text, if there are."""
    # Called through the module: IPython and doctest put their own functions there.
    lines = linecache.getlines(_file(function.__code__), function.__globals__)
    if not lines:
        try:
            # From Python 3.13 on inspect knows texts that linecache has no file name for.
            lines = inspect.findsource(function)[0]
        except (OSError, TypeError, IndexError):
            return []
    # Some who register text with linecache leave the line ends out.
    bare = len(lines) > 1 and not lines[0].endswith("\n")
    return [f"{line}\n" for line in lines] if bare else lines


def _file(code: CodeType) -> str:
    """The file of a function; of the modules that are frozen into Python, the one they are of."""
    name = code.co_filename
    if not name.startswith("<frozen "):
        return name
    module = sys.modules.get(name.removeprefix("<frozen ").removesuffix(">"))
    return getattr(module, "__file__", None) or name


def _locate(function: FunctionType, lines: list[str]) -> FunctionSource | None:
    """Return the function's source if these lines hold it."""
    is_lambda = function.__code__.co_name == "<lambda>"
    try:
        return _locate_lambda(function, lines) if is_lambda else _locate_def(function, lines)
    except RecursionError:
        raise NoSource(
            f"the source of {_name(function)} cannot be read: it is nested too deeply",
            advice="break its longest expression into several statements",
        ) from None


def _locate_def(function: FunctionType, lines: list[str]) -> FunctionSource | None:
    code = function.__code__
    try:
        block = inspect.getblock(lines[code.co_firstlineno - 1 :])
    except (SyntaxError, tokenize.TokenError):
        return None
    compiled = compile_def(block, code) if block else None
    if compiled is None or not is_compiled_from(code, compiled, function):
        return None
    text = tuple(line.removesuffix("\n") for line in block)
    return FunctionSource(function, code.co_filename, code.co_firstlineno, text)


def _locate_lambda(function: FunctionType, lines: list[str]) -> FunctionSource | None:
    code = function.__code__
    candidates: list[tuple[FunctionSource, CodeType]] = []
    for node in _by_position(code, _lambdas(lines, code.co_firstlineno)):
        source = _lambda_source(function, lines, node)
        compiled = compile_lambda(source.lambda_text, code)
        if compiled is not None and is_compiled_from(code, compiled, function):
            candidates.append((source, compiled))
    if not candidates:
        return None
    source, compiled = candidates[0]
    # Several that do the same are as good as one.
    if not all(same(compiled, other) for _, other in candidates[1:]):
        raise _ambiguous(source)
    return source


def _lambdas(lines: list[str], first_line: int) -> list[ast.Lambda]:
    """Return the lambdas that begin at a line, in the order of the text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse("".join(lines))
        except (SyntaxError, ValueError):
            return []
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    return sorted(
        (node for node in found if node.lineno == first_line), key=lambda node: node.col_offset
    )


def _by_position(code: CodeType, candidates: list[ast.Lambda]) -> list[ast.Lambda]:
    """Return the lambdas whose body is where the instructions are; all if that is not known.

    The instructions of a lambda inside the body of another lie in both bodies, so the one that
    begins last is meant. Those of the outer one cover the inner lambda as a whole, more than its
    body.
    """
    spans = [
        ((line, column), (end_line, end_column))
        for line, end_line, column, end_column in code.co_positions()
        if line is not None
        and end_line is not None
        and column is not None
        and end_column is not None
        and (line, column) != (end_line, end_column)  # what enters a function has no extent
    ]
    if not spans:
        return candidates
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    around = [node for node in candidates if _begins(node.body) <= first and last <= _ends(node)]
    return around[-1:]


def _begins(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _ends(node: ast.expr) -> tuple[int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None, "parsed from text"
    return node.end_lineno, node.end_col_offset


def _lambda_source(function: FunctionType, lines: list[str], node: ast.Lambda) -> FunctionSource:
    end_line, end_column = _ends(node)
    text = tuple(line.removesuffix("\n") for line in lines[node.lineno - 1 : end_line])
    columns = (node.col_offset, end_column)
    return FunctionSource(function, function.__code__.co_filename, node.lineno, text, columns)


def _cut(lines: Sequence[str], start: int, end: int) -> str:
    """Return the text from a column of the first line to a column of the last, in bytes."""
    encoded = [line.encode() for line in lines]
    encoded[-1] = encoded[-1][:end]
    encoded[0] = encoded[0][start:]
    return b"\n".join(encoded).decode()


def _name(function: FunctionType) -> str:
    return function.__code__.co_qualname.rpartition("<locals>.")[2]


def _not_python(function: object) -> NoSource:
    name = getattr(function, "__name__", None) or type(function).__name__
    kind = type(function).__name__
    what = "it is built in" if isinstance(function, BuiltinFunctionType) else f"it is a {kind}"
    return NoSource(
        f"{name} has no Python source: {what}",
        advice="call it inside a def; if it has no derivative rule, write one (adjoint.rule)",
    )


def _unreadable(name: str, file: str) -> NoSource:
    if file == "<stdin>":
        why = "it was typed at the Python prompt, which keeps no text"
        advice = "put it into a file, or use IPython or a notebook"
    elif file.startswith("<") and file.endswith(">"):
        why = f"it was made from a string ({file})"
        advice = "put it into a file, or register the text with linecache"
    else:
        why = f"there is no text in {file}"
        advice = "install the .py file at the path the module was compiled from"
    return NoSource(f"the source of {name} cannot be read: {why}", advice=advice)


def _outdated(function: FunctionType) -> NoSource:
    code = function.__code__
    return NoSource(
        f"the source of {_name(function)} has changed: the text at "
        f"{code.co_filename}:{code.co_firstlineno} is not what runs",
        advice="import the module again (importlib.reload), or start a new session",
    )


def _ambiguous(source: FunctionSource) -> NoSource:
    assert source.columns is not None, "only lambdas are ambiguous"
    start = len(source.lines[0].encode()[: source.columns[0]].decode())
    first = source.lines[0]
    line = source.first_line
    return NoSource(
        "more than one lambda on this line could be the one that runs",
        Place(source.file, line, start, line, len(first), first, source.name),
        "write each as a def of its own name, or on a line of its own",
    )

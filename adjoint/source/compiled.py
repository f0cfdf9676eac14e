"""Whether a piece of source text is the text of a code object.

A source file may have been edited since the module was imported; then the text of today says one
thing and the function does another, and a derivative read off the text would be silently wrong.
So the text is compiled by itself and compared with the code that runs. The text of a function
alone lacks its surroundings: the class around it (private names, `super()`) and the variables
it takes from enclosing functions are written around it as headers first.
"""

from __future__ import annotations
import __future__

import bisect
import dis
import inspect
import warnings
from collections.abc import Iterator, Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType
from zipimport import zipimporter

KIND_FLAGS = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)
LAYOUT_STEPS = ("CACHE", "EXTENDED_ARG", "NOP", "PUSH_NULL")
"""Instructions that depend on where code lies or on what the module imports, not on its text."""

NAME_STEPS = ("LOAD_ATTR", "LOAD_METHOD", "LOAD_GLOBAL")
"""Instructions with a name and, for calls, a flag in their operand."""


def compile_def(block: Sequence[str], code: CodeType) -> CodeType | None:
    """Return what the lines of a def compile to, or None if they are no such def.

    Parameters
    ----------
    block
        The lines of the def as they stand in the file, each with its line end, decorators first.
    code
        The code object the lines are meant for: its name, free variables and class are used.
    """
    return _compiled(_headers(block[0], code), "".join(block), code)


def compile_lambda(text: str, code: CodeType) -> CodeType | None:
    """Return what the text of a lambda compiles to, or None if it does not compile."""
    return _compiled([*_headers("  ", code), "  (\n"], f"{text}\n)\n", code)


def private_class(code: CodeType) -> str | None:
    """Return the name of the class whose private names (`__x`) the code may use, if any.

    The class need not be the direct surrounding: a function in a method counts as well.
    """
    parts = code.co_qualname.split(".")
    for inner, outer in zip(parts[:0:-1], parts[-2::-1], strict=True):
        if inner != "<locals>" and not outer.startswith("<"):
            return outer
    return None


def is_compiled_from(actual: CodeType, expected: CodeType, function: FunctionType) -> bool:
    """Return whether `actual`, the code of `function`, is what compiling its source gave.

    Import hooks that rewrite modules (those of pytest and of run-time type checkers) compile
    something else than the text. Of their modules only this is asked: that all names and
    constants of the text are in the code.
    """
    return same(actual, expected) or (_has_import_hook(function) and _covers(actual, expected))


def same(one: CodeType, other: CodeType) -> bool:
    """Return whether two code objects do the same, apart from where they were written."""
    todo = [(one, other)]
    while todo:
        left, right = todo.pop()
        if len(left.co_consts) != len(right.co_consts) or _outline(left) != _outline(right):
            return False
        for a, b in zip(_constants(left), _constants(right), strict=True):
            if isinstance(a, CodeType) and isinstance(b, CodeType):
                todo.append((a, b))
            elif _constant(a) != _constant(b):
                return False
        if not _same_steps(left, right):
            return False
    return True


def _headers(first: str, code: CodeType) -> list[str]:
    """Return lines that stand for the surroundings of a function whose first line is given.

    The block keeps its indentation (a string of many lines would change with it), so the headers
    must fit into its margin: one blank is enough for one level.
    """
    margin = first[: len(first) - len(first.lstrip())]
    if not margin:
        return []
    owner = private_class(code)
    # A class header provides `__class__` itself.
    free = [name for name in code.co_freevars if owner is None or name != "__class__"]
    # The class is outermost: inside of `around` its name would be a variable of `around`.
    scopes = [f"class {owner}:\n"] if owner else []
    scopes += [f"def around({', '.join(free)}):\n"] if free else []
    scopes = scopes[: len(margin)] or ["if 1:\n"]
    return [margin[:level] + scope for level, scope in enumerate(scopes)]


def _compiled(headers: list[str], text: str, code: CodeType) -> CodeType | None:
    """Compile a function below its headers, on its line of the file; classes keep their lines."""
    margin = "\n" * (code.co_firstlineno - 1 - len(headers))
    flags = code.co_flags & __future__.annotations.compiler_flag
    with warnings.catch_warnings():
        # The user saw the compiler's warnings when the module was imported.
        warnings.simplefilter("ignore")
        try:
            module: CodeType = compile(
                "".join([margin, *headers, text]),
                code.co_filename,
                "exec",
                flags=flags,
                dont_inherit=True,
            )
        except (SyntaxError, ValueError):
            return None
    return _find(module, code.co_name, len(margin) + len(headers) + 1)


def _find(module: CodeType, name: str, line: int) -> CodeType | None:
    """Return the outermost code of this name that begins at this line."""
    level = [module]
    while level:
        for code in level:
            if code.co_name == name and code.co_firstlineno == line:
                return code
        level = [inner for code in level for inner in code.co_consts if isinstance(inner, CodeType)]
    return None


def _outline(code: CodeType) -> tuple[object, ...]:
    return (
        code.co_name,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags & KIND_FLAGS,
        code.co_varnames,
        code.co_names,
        code.co_freevars,
        code.co_cellvars,
    )


def _constants(code: CodeType) -> list[object]:
    """Return the constants; the body of a class names the functions around it, which is no text."""
    return [code.co_name if held == code.co_qualname else held for held in code.co_consts]


def _constant(value: object) -> tuple[object, ...]:
    """Return what tells a constant from others: 0, 0.0, -0.0 and False are four constants."""
    if isinstance(value, frozenset):
        return (frozenset, *sorted(repr(element) for element in value))
    return (type(value), repr(value))


def _same_steps(left: CodeType, right: CodeType) -> bool:
    if left.co_code == right.co_code:
        return left.co_exceptiontable == right.co_exceptiontable
    return _steps(left) == _steps(right)


def _steps(code: CodeType) -> list[tuple[str, object]]:
    """Return the instructions in a form that does not depend on the module around the code.

    `np.sin(x)` compiles to a method call or not by whether the module imports `np`: that moves
    a PUSH_NULL, a flag of LOAD_ATTR or LOAD_GLOBAL, and with them the distances of jumps.
    """
    kept = [step for step in dis.get_instructions(code) if step.opname not in LAYOUT_STEPS]
    offsets = [step.offset for step in kept]
    return [_step(step, offsets) for step in kept]


def _step(step: dis.Instruction, offsets: list[int]) -> tuple[str, object]:
    if step.opname in NAME_STEPS:
        return "LOAD_GLOBAL" if step.opname == "LOAD_GLOBAL" else "LOAD_ATTR", step.argval
    if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
        # Counted in kept steps: a jump to a dropped one goes to the first kept one after it.
        assert isinstance(step.argval, int), "dis gives the target of a jump as an offset"
        return step.opname, bisect.bisect_left(offsets, step.argval)
    return step.opname, step.arg


def _has_import_hook(function: FunctionType) -> bool:
    """Return whether the function's module came through a loader that may rewrite source."""
    spec = function.__globals__.get("__spec__")
    loader = getattr(spec, "loader", None) or function.__globals__.get("__loader__")
    # The exact types: hooks are subclasses. At the prompt the loader is a class, not an object.
    plain = loader is None or isinstance(loader, type)
    return not (plain or type(loader) in (SourceFileLoader, zipimporter))


def _covers(actual: CodeType, expected: CodeType) -> bool:
    return set(_mentions(expected)) <= set(_mentions(actual))


def _mentions(code: CodeType) -> Iterator[object]:
    todo = [code]
    while todo:
        inner = todo.pop()
        yield from (*inner.co_names, *inner.co_varnames, *inner.co_freevars, *inner.co_cellvars)
        for value in _constants(inner):
            if isinstance(value, CodeType):
                todo.append(value)
            else:
                yield _constant(value)

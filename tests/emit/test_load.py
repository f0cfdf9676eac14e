"""Generated text is loaded so that the usual tools can show it."""

from __future__ import annotations

import importlib
import inspect
import io
import linecache
import pdb
import traceback
from types import FunctionType

import pytest

from adjoint.emit.load import file_name, load

TEXT = """\
def f_grad(x):
    # a comment that only the text has
    y = helper(x)
    return 1 / y  # 3: return 1 / y
"""


def loaded(text: str = TEXT, name: str = "f_grad") -> FunctionType:
    function = load(text, name, {"helper": lambda x: x - 1})["f_grad"]
    assert isinstance(function, FunctionType)
    return function


def test_the_text_runs_with_the_names_it_is_given() -> None:
    assert loaded()(3.0) == 0.5


def test_the_given_names_are_not_changed() -> None:
    given: dict[str, object] = {"two": 2}
    result = load("y = two * 2\n", "f", given)
    assert result["y"] == 4
    assert given == {"two": 2}


def test_a_traceback_shows_the_generated_line() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        loaded()(1)
    linecache.checkcache()
    shown = "".join(traceback.format_exception(raised.value))
    assert "return 1 / y  # 3: return 1 / y" in shown
    assert f'File "{file_name(TEXT, "f_grad")}", line 4, in f_grad' in shown


def test_inspect_finds_the_source() -> None:
    function = loaded()
    linecache.checkcache()
    assert inspect.getsource(function) == TEXT
    assert inspect.getsourcefile(function) == file_name(TEXT, "f_grad")


def test_pdb_lists_the_lines() -> None:
    output = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO("list\ncontinue\n"), stdout=output, nosigint=True)
    assert debugger.runcall(loaded(), 3.0) == 0.5
    assert "# a comment that only the text has" in output.getvalue()
    assert "return 1 / y  # 3: return 1 / y" in output.getvalue()


def test_the_same_text_keeps_one_entry() -> None:
    first = loaded().__code__.co_filename
    entries = len(linecache.cache)
    assert loaded().__code__.co_filename == first
    assert len(linecache.cache) == entries


def test_other_texts_have_other_file_names() -> None:
    first, other = loaded(), loaded(TEXT.replace("1 / y", "2 / y"))
    assert first.__code__.co_filename != other.__code__.co_filename
    assert inspect.getsource(first) == TEXT
    assert "2 / y" in inspect.getsource(other)


def test_lines_are_counted_as_python_counts_them() -> None:
    # A form feed ends a line for `str.splitlines` and for nobody else.
    text = 's = "a\x0cb"\n' + TEXT
    assert inspect.getsource(loaded(text)) == TEXT


def test_the_module_name_can_be_imported() -> None:
    function = loaded()
    assert importlib.import_module(function.__module__).__name__ == function.__module__
    assert "__builtins__" in function.__globals__


def test_the_text_does_not_inherit_the_future_imports_of_the_loader() -> None:
    names = load("def f_grad(x: int): pass\n", "f_grad", {})
    assert names["f_grad"].__annotations__ == {"x": int}

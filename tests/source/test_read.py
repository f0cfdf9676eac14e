import dataclasses
import functools
import linecache
import math
import os
import sys
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType

import pytest

from adjoint.errors import NoSource
from adjoint.source.compiled import private_class
from adjoint.source.read import FunctionSource, read

WriteModule = Callable[[str], ModuleType]


def plain(x: float) -> float:
    return 2 * x


class Net:
    def forward(self, x: float) -> float:
        return x

    @staticmethod
    def half(x: float) -> float:
        return x / 2


def twice(function: Callable[[float], float]) -> Callable[[float], float]:
    @functools.wraps(function)
    def wrapper(x: float) -> float:
        return function(function(x))

    return wrapper


@twice
def decorated(x: float) -> float:
    return x + 1


def test_a_function_is_read_with_its_lines() -> None:
    source = read(plain)
    assert source.text == "def plain(x: float) -> float:\n    return 2 * x"
    assert source.first_line == plain.__code__.co_firstlineno
    assert (source.file, source.indent, source.name) == (__file__, 0, "plain")
    assert source.line(source.first_line + 1) == "    return 2 * x"
    assert source.line(1) == source.line(10**6) == ""


def test_methods_and_nested_functions_keep_their_indentation() -> None:
    source = read(Net.forward)
    assert source.text == "    def forward(self, x: float) -> float:\n        return x"
    assert (source.indent, source.name) == (4, "Net.forward")
    assert read(Net.half).lines[0] == "    @staticmethod"


def test_the_wrapper_is_read_and_not_what_it_wraps() -> None:
    source = read(decorated)
    assert source.name == "wrapper"
    assert source.lines[1] == "    def wrapper(x: float) -> float:"


def test_a_def_at_the_very_end_of_a_file_is_read(write_module: WriteModule) -> None:
    module = write_module("def f(x):\n    return x")
    assert read(module.f).text == "def f(x):\n    return x"


TWISTED = '''
import functools, math as m
from os import path

def outer(a, __class__=None):
    b = a
    class Inner:
        __w = 2
        def method(self, x):
            """Text of
many lines."""
            def deeper(y):
                return self.__w * y + a + m.sqrt(y) + Inner.__w
            return deeper
        def up(self):
            return super().__repr__(), lambda x: self.__w * x + b
    return Inner

class Base:
    @property
    def value(self):
        return super().value

    @functools.lru_cache(
        maxsize=3,
    )
    def cached(x): return path.join(x, x)

    async def coming(self):
        return [each async for each in self]

    def around(self):
        class Local:
            def name(self):
                return Base
        return Local

if True:
    def conditional(x):
        try:
            while x > 0:
                x -= 1 if m.cos(x) > 0 else m.pi
        finally:
            x = 0
        return [lambda: (x, y) for y in range(3)]

class Tabbed:
\tdef method(self):
\t\treturn super().method(self.__private)
'''


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    inner = module.outer(1)
    yield from (module.outer, inner.method, inner.up, inner().method(1))
    yield from (inner().up()[1], module.Base.value.fget, module.Base.cached.__wrapped__)
    yield from (module.Base.coming, module.Base().around().name, module.conditional)
    yield from (*module.conditional(3), module.Tabbed.method)


def test_functions_in_all_surroundings_are_recognised(write_module: WriteModule) -> None:
    module = write_module(TWISTED)
    for function in functions_of(module):
        source = read(function)
        assert source.name.endswith(function.__name__)


def test_the_decorators_are_part_of_the_lines(write_module: WriteModule) -> None:
    source = read(write_module(TWISTED).Base.cached.__wrapped__)
    assert source.lines[0] == "    @functools.lru_cache("
    assert source.lines[-1] == "    def cached(x): return path.join(x, x)"


@pytest.mark.parametrize(
    ("qualname", "owner"),
    [
        ("f", None),
        ("Net.f", "Net"),
        ("f.<locals>.g", None),
        ("f.<locals>.Net.g", "Net"),
        ("Net.f.<locals>.g", "Net"),
        ("Net.Inner.f", "Inner"),
        ("Net.f.<locals>.<listcomp>.<lambda>", "Net"),
    ],
)
def test_private_class(qualname: str, owner: str | None) -> None:
    assert private_class(plain.__code__.replace(co_qualname=qualname)) == owner


LAMBDAS = """
pair = [lambda x: x + 1, lambda x: x + 2]
same = [lambda x: x + 1, lambda x: x + 1]
constants = [lambda: 0.0, lambda: -0.0, lambda: 0, lambda: False]
nested = lambda x: lambda y: lambda z: x + y + z
table = {"é": lambda x: "ü" + x, "b": lambda x: x}
def with_default(f=lambda x: x ** 2, *, g=(lambda x: x ** 3)): return f, g
spread = max(
    1, 2,
    key=lambda x: (
        x
        + x
    ))if False else tuple(map(id, [])) or (1,
    lambda x: x,
      lambda x: (x,
        1))
tabled = [lambda x: [y for y in x], lambda x: [y for y in x if y]]
if (elsewhere := False): pass
elif (chosen := lambda x: x * 3): pass
class Net:
    __w = 3
    act = lambda self: self.__w
    def method(self): return lambda: super().__init__()
calls = [lambda a, b: a.f(b).g(b), lambda a, b: a.g(b).f(b)]
"""


def test_lambdas_are_told_apart(write_module: WriteModule) -> None:
    module = write_module(LAMBDAS)
    texts = [read(each).lambda_text for each in module.pair]
    assert texts == ["lambda x: x + 1", "lambda x: x + 2"]
    assert [read(each).columns for each in module.same] == [(8, 23), (25, 40)]
    constants = ["lambda: 0.0", "lambda: -0.0", "lambda: 0", "lambda: False"]
    assert [read(each).lambda_text for each in module.constants] == constants
    assert read(module.nested(1)).lambda_text == "lambda y: lambda z: x + y + z"
    assert read(module.nested(1)(2)).lambda_text == "lambda z: x + y + z"
    assert read(module.nested).lambda_text.startswith("lambda x: lambda y:")
    assert read(module.table["b"]).lambda_text == "lambda x: x"
    assert read(module.table["é"]).lambda_text == 'lambda x: "ü" + x'
    assert [read(each).lambda_text for each in module.calls] == [
        "lambda a, b: a.f(b).g(b)",
        "lambda a, b: a.g(b).f(b)",
    ]


def test_lambdas_are_found_wherever_they_stand(write_module: WriteModule) -> None:
    module = write_module(LAMBDAS)
    f, g = module.with_default()
    assert [read(f).lambda_text, read(g).lambda_text] == ["lambda x: x ** 2", "lambda x: x ** 3"]
    assert read(module.spread[1]).lambda_text == "lambda x: x"
    assert read(module.spread[2]).lambda_text == "lambda x: (x,\n        1)"
    assert read(module.spread[2]).lines == ("      lambda x: (x,", "        1))")
    assert read(module.tabled[1]).lambda_text == "lambda x: [y for y in x if y]"
    assert read(module.chosen).lambda_text == "lambda x: x * 3"
    assert read(module.Net.act).lambda_text == "lambda self: self.__w"
    assert read(module.Net().method()).lambda_text == "lambda: super().__init__()"


def without_columns(function: FunctionType) -> FunctionType:
    """Return the function as Python compiles it under -X no_debug_ranges."""
    code = function.__code__.replace(co_linetable=b"")
    return FunctionType(code, function.__globals__, None, None, function.__closure__)


def test_lambdas_are_told_apart_by_their_code_alone(write_module: WriteModule) -> None:
    module = write_module(LAMBDAS)
    texts = [read(without_columns(each)).lambda_text for each in module.constants]
    assert texts == ["lambda: 0.0", "lambda: -0.0", "lambda: 0", "lambda: False"]
    assert read(without_columns(module.same[1])).columns == (8, 23), "they do the same"


def test_lambdas_that_cannot_be_told_apart_are_refused(write_module: WriteModule) -> None:
    module = write_module("pair = [lambda x: x + x * 1, lambda x: x * x + 1]")
    # As from an import hook: the code need not be that of the text.
    vars(module).update(__spec__=None, __loader__=object())
    with pytest.raises(NoSource) as caught:
        read(without_columns(module.pair[0]))
    assert str(caught.value) == (
        "more than one lambda on this line could be the one that runs\n"
        f"  {module.__file__}:1:9 in <lambda>\n"
        "      pair = [lambda x: x + x * 1, lambda x: x * x + 1]\n"
        "              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "what to do: write each as a def of its own name, or on a line of its own"
    )


def registered(text: str, file: str, lines: list[str]) -> dict[str, FunctionType]:
    """Run a text as notebooks do, which leave its lines in linecache."""
    linecache.cache[file] = (len(text), None, lines, file)
    namespace: dict[str, FunctionType] = {}
    exec(compile(text, file, "exec"), namespace)
    return namespace


def test_text_registered_with_linecache_is_read() -> None:
    text = "def f(x):\n    return x\n\ng = lambda x: x * 2\n"
    for number, lines in enumerate((text.splitlines(keepends=True), text.splitlines())):
        cell = registered(text, f"<ipython-input-{number}-abc>", lines)
        assert read(cell["f"]).text == "def f(x):\n    return x"
        assert read(cell["g"]).lambda_text == "lambda x: x * 2"


def rewrite(module: ModuleType, text: str) -> None:
    assert module.__file__ is not None
    with open(module.__file__, "w", encoding="utf-8") as file:
        file.write(text)
    os.utime(module.__file__, (10**9, 10**9))  # another time, however fast the test is


STALE = "the source of f has changed: the text at {}:1 is not what runs"


@pytest.mark.parametrize(
    "edited",
    [
        "def f(x):\n    return x + 2\n",
        "def f(x):\n    return x - 1\n",
        "def f(x):\n    return x + 1.0\n",
        "def f(y):\n    return y + 1\n",
        "def g(x):\n    return x + 1\n",
        "# moved\ndef f(x):\n    return x + 1\n",
        "def f(x):\n    return (x + 1\n",
        "def f(x)\n    return x + 1\n",
        "f = 1\n",
        "\n",
    ],
)
def test_a_file_edited_after_import_is_refused(write_module: WriteModule, edited: str) -> None:
    module = write_module("def f(x):\n    return x + 1\n")
    rewrite(module, edited)
    linecache.checkcache()
    with pytest.raises(NoSource) as caught:
        read(module.f)
    assert caught.value.message == STALE.format(module.__file__)
    assert "import the module again" in caught.value.advice


def test_an_edited_lambda_is_refused(write_module: WriteModule) -> None:
    module = write_module("f = lambda x: x + 1\n")
    rewrite(module, "f = lambda x: x + 2\n")
    with pytest.raises(NoSource, match=r"the source of <lambda> has changed"):
        read(module.f)


def test_a_moved_branch_is_noticed(write_module: WriteModule) -> None:
    before = "def f(x):\n    if x > 0:\n        x = 2 * x\n        x = 3 * x\n    return x\n"
    module = write_module(before)
    rewrite(module, before.replace("        x = 3", "    x = 3"))
    with pytest.raises(NoSource, match="has changed"):
        read(module.f)


def test_the_text_from_before_the_edit_is_used_while_linecache_has_it(
    write_module: WriteModule,
) -> None:
    module = write_module("def f(x):\n    return x + 1\n")
    before = read(module.f)
    rewrite(module, "def f(x):\n    return x + 2\n")
    assert read(module.f) == before


def test_a_reloaded_function_is_read_afresh(write_module: WriteModule) -> None:
    module = write_module("def f(x):\n    return x + 1\n")
    read(module.f)  # linecache holds the old text from here on
    rewrite(module, "def f(x):\n    return x + 2\n")
    assert module.__spec__ is not None and module.__spec__.loader is not None
    module.__spec__.loader.exec_module(module)
    assert read(module.f).lines[1] == "    return x + 2"


def asserting(x: float) -> float:
    assert x > 0, "positive"
    assert math.isfinite(x)
    return math.sqrt(x)


def test_code_that_an_import_hook_rewrote_is_read() -> None:
    # pytest has rewritten the assertions of this very module.
    assert any("@py" in name for name in asserting.__code__.co_varnames)
    assert read(asserting).lines[-1] == "    return math.sqrt(x)"


@dataclasses.dataclass
class Point:
    x: float


def test_functions_made_from_strings_are_refused() -> None:
    with pytest.raises(NoSource) as caught:
        read(eval("lambda x: x"))
    assert str(caught.value) == (
        "the source of <lambda> cannot be read: it was made from a string (<string>)\n"
        "what to do: put it into a file, or register the text with linecache"
    )
    with pytest.raises(NoSource, match=r"the source of .*__init__ cannot be read"):
        read(Point.__init__)


def test_functions_from_the_prompt_are_refused() -> None:
    namespace: dict[str, FunctionType] = {}
    exec(compile("def f(x): return x\n", "<stdin>", "single"), namespace)
    with pytest.raises(NoSource) as caught:
        read(namespace["f"])
    assert str(caught.value) == (
        "the source of f cannot be read: it was typed at the Python prompt, which keeps no text\n"
        "what to do: put it into a file, or use IPython or a notebook"
    )


def test_a_module_without_its_file_is_refused(write_module: WriteModule) -> None:
    module = write_module("def f(x): return x")
    assert module.__file__ is not None
    os.remove(module.__file__)
    with pytest.raises(NoSource) as caught:
        read(module.f)
    assert caught.value.message == (
        f"the source of f cannot be read: there is no text in {module.__file__}"
    )


def test_what_is_no_python_function_is_refused() -> None:
    with pytest.raises(NoSource) as caught:
        read(math.sin)
    assert str(caught.value) == (
        "sin has no Python source: it is built in\n"
        "what to do: call it inside a def; if it has no derivative rule, write one (adjoint.rule)"
    )
    with pytest.raises(NoSource, match="partial has no Python source: it is a partial"):
        read(functools.partial(plain, 1.0))


def test_warnings_of_the_compiler_are_not_repeated(write_module: WriteModule) -> None:
    with pytest.warns((SyntaxWarning, DeprecationWarning)):
        module = write_module("def f(x):\n    return x, '\\d'\ng = lambda x: (x, '\\d')\n")
    assert isinstance(read(module.f), FunctionSource)
    assert isinstance(read(module.g), FunctionSource)


def at_depth(frames: int, call: Callable[[], FunctionSource]) -> FunctionSource:
    return call() if frames == 0 else at_depth(frames - 1, call)


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="the limit of 3.11 counts the caller's frames"
)
def test_nesting_too_deep_to_compile_here_is_refused(write_module: WriteModule) -> None:
    module = write_module(f"def f(x):\n    return {' + '.join(['x'] * 2500)}\n")
    with pytest.raises(NoSource, match="it is nested too deeply"):
        at_depth(400, lambda: read(module.f))

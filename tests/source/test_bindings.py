import argparse
import functools
import inspect
import sys
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import gast
import pytest

from adjoint.source.bindings import Scope, bindings_of, local_names
from adjoint.source.parse import parse
from adjoint.source.read import read

WEIGHT = 3.0


def everything(a: Any, /, b: Any, c: Any = 1, *rest: Any, d: Any, e: Any = 2, **more: Any) -> Any:
    return a, b, c, rest, d, e, more


def keywords_only(*, d: Any = 1) -> Any:
    return d


@functools.wraps(keywords_only)
def wrapper(*args: Any, **kwargs: Any) -> Any:
    return keywords_only(*args, **kwargs)


@pytest.mark.parametrize("function", [everything, keywords_only, wrapper, lambda x, y=2: x])
def test_parameters_are_those_of_the_code(function: FunctionType) -> None:
    expected = inspect.signature(function, follow_wrapped=False).parameters.values()
    found = bindings_of(function)
    assert [(p.name, p.kind.name) for p in found.parameters] == [
        (p.name, p.kind.name) for p in expected
    ]
    assert found.defaults == {p.name: p.default for p in expected if p.default is not p.empty}


def closure(filled: bool) -> Callable[[], Any]:
    def inner() -> Any:
        return late + WEIGHT + len("x")

    if filled:
        late = 1.0
    return inner


def inner_of(filled: bool) -> FunctionType:
    function = closure(filled)
    assert isinstance(function, FunctionType)
    return function


def test_names_are_classified_as_python_looks_them_up() -> None:
    found = bindings_of(inner_of(filled=True))
    scopes = {name: found.classify(name, {"x"}) for name in ("x", "late", "WEIGHT", "len", "what")}
    assert scopes == {
        "x": Scope.LOCAL,
        "late": Scope.CLOSURE,
        "WEIGHT": Scope.GLOBAL,
        "len": Scope.BUILTIN,
        "what": Scope.UNKNOWN,
    }
    assert [found.look_up(name) for name in ("late", "WEIGHT", "len")] == [1.0, 3.0, len]


def test_what_is_nowhere_is_a_name_error_in_the_words_of_python() -> None:
    unfilled = inner_of(filled=False)
    found = bindings_of(unfilled)
    assert found.classify("late", ()) is Scope.UNBOUND_CLOSURE
    with pytest.raises(NameError) as ours:
        found.look_up("late")
    with pytest.raises(NameError) as pythons:
        unfilled()
    assert str(ours.value) == str(pythons.value)
    with pytest.raises(NameError, match=r"^name 'what' is not defined$"):
        found.look_up("what")


def test_globals_and_cells_are_live(monkeypatch: pytest.MonkeyPatch) -> None:
    function = inner_of(filled=False)
    found = bindings_of(function)
    monkeypatch.setitem(function.__globals__, "WEIGHT", 4.0)
    assert found.look_up("WEIGHT") == 4.0
    assert function.__closure__ is not None
    function.__closure__[0].cell_contents = 7.0
    assert found.look_up("late") == 7.0


def test_a_global_hides_a_builtin() -> None:
    namespace: dict[str, Any] = {"len": 3}
    exec("def f(): return len", namespace)
    assert bindings_of(namespace["f"]).look_up("len") == 3


def names_of(text: str) -> set[str]:
    return set(local_names(gast.parse(textwrap.dedent(text)).body[0]))


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("y = 1; z: int = 2; w: int", "y z w"),
        ("(y, [z, *w]) = x; v.a = u[0] = 1", "y z w"),
        ("y += 1", "y"),
        ("for i, (j, k) in x: pass", "i j k"),
        ("with a as (b, c), d as e: pass", "b c e"),
        ("print(y := 1, [z := i for i in x if (w := i)])", "y z w"),
        ("y = [i for i in x for j in i]; {k: v for k, v in x}; {q for q in x}", "y"),
        ("y = sum([(z := j) for j in i] for i in x)", "y z"),
        ("import a.b, c as d; from e import f, g as h", "a d f h"),
        ("def g(a, b=(y := 1), *, c=(z := 2), d): w = 1", "g y z"),
        ("class C(B, m=(y := 1)): z = 1", "C y"),
        ("g = lambda a, b=(y := 1): (z := 2)", "g y"),
        ("try: pass\n    except E as error: pass", "error"),
        ("del y", "y"),
        ("global y, z; y = 1; z += 2; w = 3", "w"),
        (
            "match x:\n        case [a, *b, {'k': c, **d}] | P(q=e): pass\n        case _: pass",
            "a b c d e",
        ),
        ("match x:\n        case [_, 1.0] as whole if (y := 1): pass", "whole y"),
        ("while x: y = 1\n    else: z = 2", "y z"),
        ("x.y = 1; x[i] = 2; f(k=3)", ""),
    ],
)
def test_local_names(body: str, names: str) -> None:
    assert names_of(f"def f(x):\n    {body}\n") == {"x", *names.split()}


def test_nonlocal_names_are_not_local() -> None:
    tree = gast.parse("def o():\n    y = 1\n    def f():\n        nonlocal y\n        y = 2\n")
    assert local_names(tree.body[0].body[1]) == frozenset()


def test_parameters_are_local_and_their_annotations_are_not() -> None:
    text = "def f(a: A, /, b: B = 1, *c: C, d: D, **e: E) -> F: return g"
    assert names_of(text) == set("abcde")


def test_a_lambda_has_local_names() -> None:
    tree = gast.parse("lambda x, *y: (z := x) + w").body[0].value
    assert local_names(tree) == {"x", "y", "z"}


def functions_in(module: ModuleType) -> list[FunctionType]:
    classes = [each for each in vars(module).values() if inspect.isclass(each)]
    members = [member for each in (module, *classes) for member in vars(each).values()]
    return [f for f in members if isinstance(f, FunctionType) and f.__module__ == module.__name__]


@pytest.mark.parametrize("module", [argparse, textwrap], ids=lambda module: module.__name__)
def test_local_names_agree_with_the_compiler(module: ModuleType) -> None:
    functions = [f for f in functions_in(module) if f.__code__.co_filename == module.__file__]
    assert functions
    for function in functions:
        code = function.__code__
        compiled = {*code.co_varnames, *code.co_cellvars}
        found = local_names(parse(read(function)))
        # From 3.12 on the compiler keeps the targets of comprehensions with the function's names.
        assert found == compiled or (sys.version_info >= (3, 12) and found < compiled)

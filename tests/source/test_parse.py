import ast
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import gast
import pytest

from adjoint.errors import Place
from adjoint.source import bindings, compiled, parse, read

WriteModule = Callable[[str], ModuleType]

MODULES = [compiled, parse, read, bindings, inspect, ast]


def dump(tree: gast.AST) -> str:
    return str(gast.dump(tree, include_attributes=True))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_pieces_give_the_tree_that_gast_gives(module: ModuleType) -> None:
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert dump(parse.to_gast(ast.parse(text))) == dump(gast.parse(text))


@pytest.mark.parametrize("depth", [1, 2, 3, 7])
def test_the_depth_of_the_pieces_makes_no_difference(
    depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse, "PIECE_DEPTH", depth)
    text = (
        "def f(x, *, y: int = (1 + 2) * 3):\n"
        "    match x:\n"
        "        case [[[a, *b]], {'k': c, **d}] | Point(x=[e]) if a > (b + (c + d)):\n"
        "            return [lambda i: (i for i in (j for j in f'{a!r:>{b + (c * 2)}}'))]\n"
        "    try:\n"
        "        with a as (b, [c, *d]):\n"
        "            x[1:-(2 + y), ..., ::(3)] @= not (a < b <= -c)\n"
        "    except (E, F) as error:\n"
        "        del error.a[0].b\n"
    )
    assert dump(parse.to_gast(ast.parse(text))) == dump(gast.parse(text))


WRITTEN = """
import functools

class Net:
    __w = 2.0

    @functools.lru_cache(
        maxsize=None)
    def forward(self, x):
        '''Text of
many lines,
    one indented.'''
        é = (x +
  self.__w)
        def __inner(__a): return __a + Net.__w
        class __Other:
            def f(self): return self.__w
        return é * 2, f(__a=__inner), self.__init__

    def later(self): return lambda y: (y +
        self.__w)

pair = ["é", lambda x: x + 1, lambda x: x + 2]
async def coming(x): return x
"""


def whole_tree(module: ModuleType) -> gast.AST:
    return gast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def found(tree: gast.AST, kind: type[Any], line: int) -> list[Any]:
    return [node for node in gast.walk(tree) if isinstance(node, kind) and node.lineno == line]


def parsed(function: FunctionType) -> gast.AST:
    return parse.parse(read.read(function))


def unwrapped(module: ModuleType) -> FunctionType:
    function = module.Net.forward.__wrapped__
    assert isinstance(function, FunctionType)
    return function


def test_positions_are_those_in_the_file(write_module: WriteModule) -> None:
    module = write_module(WRITTEN.replace("__", "_"))
    whole = whole_tree(module)
    (method,) = found(whole, gast.FunctionDef, 9)
    method.decorator_list = []
    assert dump(parsed(unwrapped(module))) == dump(method)
    (later,) = found(whole, gast.Lambda, 20)
    assert dump(parsed(module.Net().later())) == dump(later)
    both = sorted(found(whole, gast.Lambda, 23), key=lambda node: int(node.col_offset))
    assert [dump(parsed(each)) for each in module.pair[1:]] == [dump(node) for node in both]
    (coming,) = found(whole, gast.AsyncFunctionDef, 24)
    assert dump(parsed(module.coming)) == dump(coming)


def test_decorators_are_left_out_and_strings_as_they_stand(write_module: WriteModule) -> None:
    module = write_module(WRITTEN)
    tree = parsed(unwrapped(module))
    assert tree.decorator_list == []
    assert tree.body[0].value.value == "Text of\nmany lines,\n    one indented."


def test_private_names_are_spelled_out(write_module: WriteModule) -> None:
    tree = parsed(unwrapped(write_module(WRITTEN)))
    _, total, inner, other, result = tree.body
    assert total.value.right.attr == "_Net__w"
    assert (inner.name, inner.args.args[0].id) == ("_Net__inner", "_Net__a")
    assert inner.body[0].value.right.attr == "_Net__w"
    assert other.name == "_Net__Other"
    assert other.body[0].body[0].value.attr == "_Other__w", "a class inside has its own"
    _, call, init = result.value.elts
    assert (call.keywords[0].arg, call.keywords[0].value.id) == ("__a", "_Net__inner")
    assert init.attr == "__init__"


def test_private_names_in_a_lambda_are_spelled_out(write_module: WriteModule) -> None:
    tree = parsed(write_module(WRITTEN).Net().later())
    assert tree.body.right.attr == "_Net__w"


def test_the_place_of_a_node_counts_characters(write_module: WriteModule) -> None:
    module = write_module(WRITTEN)
    source = read.read(unwrapped(module))
    result = parse.parse(source).body[-1]
    here = parse.place(source, result.value.elts[1])
    line = "        return é * 2, f(__a=__inner), self.__init__"
    assert here == Place(str(module.__file__), 18, 22, 18, 36, line, "Net.forward")
    assert line[here.column : here.end_column] == "f(__a=__inner)"


def test_the_place_of_many_lines(write_module: WriteModule) -> None:
    source = read.read(unwrapped(write_module(WRITTEN)))
    total = parse.parse(source).body[1]
    here = parse.place(source, total.value)
    assert (here.line, here.column, here.end_line, here.end_column) == (13, 13, 14, 10)
    assert here.text == "        é = (x +"


def test_the_place_in_a_lambda(write_module: WriteModule) -> None:
    source = read.read(write_module(WRITTEN).pair[2])
    here = parse.place(source, parse.parse(source).body)
    assert here.text == 'pair = ["é", lambda x: x + 1, lambda x: x + 2]'
    assert here.text[here.column : here.end_column] == "x + 2"
    assert here.function == "<lambda>"


def test_a_node_without_position_is_placed_at_its_first_part(write_module: WriteModule) -> None:
    source = read.read(unwrapped(write_module(WRITTEN)))
    tree = parse.parse(source)
    here = parse.place(source, tree.args)
    assert here.text[here.column : here.end_column] == "self"
    assert parse.place(source, gast.Load()).line == source.first_line
    caller = parse.place(source, tree)
    assert parse.place(source, tree.args, (caller,)).callers == (caller,)


def with_tabs(write_module: WriteModule) -> FunctionType:
    function = write_module("class Net:\n\tdef f(self):\n\t\treturn 1\n").Net.f
    assert isinstance(function, FunctionType)
    return function


def test_tabs_are_kept(write_module: WriteModule) -> None:
    tree = parsed(with_tabs(write_module))
    assert (tree.col_offset, tree.body[0].col_offset) == (1, 2)


def at_depth(frames: int, call: Callable[[], gast.AST]) -> gast.AST:
    return call() if frames == 0 else at_depth(frames - 1, call)


def depth_of(tree: gast.AST) -> int:
    deepest = 0
    todo = [(tree, 1)]
    while todo:
        node, depth = todo.pop()
        deepest = max(deepest, depth)
        todo.extend((child, depth + 1) for child in gast.iter_child_nodes(node))
    return deepest


DEEP = {
    "sum": " + ".join(f"x[{k}]" for k in range(2000)),
    "powers": " ** ".join(["x"] * 2000),
    "calls": "f(" * 190 + "x" + ")" * 190,
    "chain": "x" + ".f().g()" * 450,
    "signs": "-" * 500 + "x",
    "brackets": "[" * 90 + "x" + "]" * 90,
    "lambdas": "lambda y: " * 40 + "x",
    "conditions": " if x else ".join(["x"] * 500),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_expressions_are_parsed_deep_in_the_stack(
    name: str, write_module: WriteModule
) -> None:
    module = write_module(f"def f(x):\n    return {DEEP[name]}\n\ng = lambda x: {DEEP[name]}\n")
    limit = sys.getrecursionlimit()
    for function in (module.f, module.g):
        tree = at_depth(200, lambda function=function: parsed(function))  # type: ignore[misc]
        names = [node.id for node in gast.walk(tree) if isinstance(node, gast.Name)]
        assert not any(name.startswith(parse.PLACEHOLDER) for name in names)
        body = tree.body[0].value if function is module.f else tree.body
        assert depth_of(body) >= {"lambdas": 40, "brackets": 90}.get(name, 190)
    assert sys.getrecursionlimit() == limit


def test_the_terms_of_a_long_sum_are_all_there(write_module: WriteModule) -> None:
    node = parsed(write_module(f"def f(x):\n    return {DEEP['sum']}\n").f).body[0].value
    terms = []
    while isinstance(node, gast.BinOp):
        terms.append(node.right.slice.value)
        node = node.left
    assert [*terms, node.slice.value] == list(reversed(range(2000)))


def test_a_long_chain_of_elif_is_parsed(write_module: WriteModule) -> None:
    branches = "".join(f"    elif x == {k}:\n        return {k}\n" for k in range(800))
    module = write_module(f"def f(x):\n    if x < 0:\n        return x\n{branches}")
    node = at_depth(200, lambda: parsed(module.f)).body[0]
    count = 0
    while node.orelse:
        (node,) = node.orelse
        count += 1
    assert (count, node.body[0].value.value) == (800, 799)


def test_nested_patterns_are_parsed(write_module: WriteModule) -> None:
    pattern = "[" * 60 + "y" + "]" * 60
    module = write_module(
        f"def f(x):\n    match x:\n        case {pattern}:\n            return y\n"
    )
    node = at_depth(200, lambda: parsed(module.f)).body[0].cases[0].pattern
    while isinstance(node, gast.MatchSequence):
        (node,) = node.patterns
    assert node.name == "y"

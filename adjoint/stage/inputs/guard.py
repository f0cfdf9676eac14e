"""The guard: generated code that tells whether compiled code applies to the arguments of a call."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from adjoint.errors import note_origin
from adjoint.source.parameters import UNSET
from adjoint.stage.inputs.access import Reading

__all__ = ["guard_source", "looks", "make_guards"]

Look = tuple[list[str], list[str]]
"""What is read, and then tested."""


def make_guards(
    parameters: Sequence[str],
    conditions: Iterable[str],
    constants: Mapping[str, Any],
    externals: Mapping[str, Callable[[], Any]],
    function: Callable[..., Any],
    keywords: Mapping[str, str],
    otherwise: Callable[..., Any],
    unused: Collection[str] = (),
    defaults: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Callable[..., bool], Callable[..., Any]]:
    """Whether `function` applies to arguments; and what calls it if so, `otherwise` if not.

    Parameters
    ----------
    parameters
        Of the second, as they are written in a `def`. The first takes all of them by position.
    constants
        What the names in `conditions` stand for.
    externals
        The names that are no parameters, each with the way to read it.
    keywords
        The external that each keyword parameter of `function` is.
    unused
        The parameters that `function` does not take.
    defaults
        How the default of a parameter is read: what is ``_unset`` was not given.
    """
    namespace = {**constants, **{f"_of_{name}": _owner(read) for name, read in externals.items()}}
    namespace |= {"_function": function, "_otherwise": otherwise, "_note_origin": note_origin}
    names = [_name(each) for each in parameters if each not in ("/", "*")]
    passed = [name for name in names if name not in unused]
    passed += [f"{keyword}={name}" for keyword, name in keywords.items()]
    seen = looks(conditions, {*names, *externals})
    reads = [f"{name} = {_text(read, f'_of_{name}')}" for name, read in externals.items()]
    fits = cache(lambda: _compiled(guard_source(names, seen, reads), namespace))
    called, miss = f"_function({', '.join(passed)})", f"_otherwise({', '.join(names)})"
    unset = [f"if {name} is _unset: {name} = {read}" for name, read in defaults.items()]
    namespace["_unset"] = UNSET
    text = guard_source(parameters, seen, [*unset, *reads], _noted(called), miss)
    enter = _compiled(text, namespace)
    return lambda *values: fits()(*values), enter  # only a second signature asks whether it fits


def _owner(read: Callable[[], Any]) -> Any:
    return read.owner if isinstance(read, Reading) else read


def _text(read: Callable[[], Any], owner: str) -> str:
    return read.of(owner) if isinstance(read, Reading) else f"{owner}()"


def _name(parameter: str) -> str:
    """The name of a parameter, as it is written in a `def`."""
    return parameter.partition("=")[0].lstrip("*")


def _noted(called: str) -> list[str]:
    """Lines that return what a call returns; what it raises is told where it comes from."""
    handler = ["except Exception:", "    _note_origin()", "    raise"]
    return ["try:", f"    return {called}", *handler]


def _compiled(text: str, namespace: Mapping[str, Any]) -> Callable[..., Any]:
    within = dict(namespace)
    exec(compile(text, "<adjoint guard>", "exec"), within)
    guard: Callable[..., Any] = within["guard"]
    return guard


def guard_source(
    parameters: Sequence[str],
    seen: Iterable[Look],
    reads: Iterable[str] = (),
    hit: Iterable[str] = ("return True",),
    miss: str = "False",
) -> str:
    """The text of the guard.

    `reads` are lines to be run first; `hit` are those that return if all fits, and `miss` is what
    is returned if not. What cannot be looked at does not fit: an attribute that is missing, a shape
    of another rank. The loop, which is left in its first trip, keeps `hit` and `miss` out of the
    reach of the handler.

    Examples
    --------
    >>> conditions = ["type(x) is ndarray", "x.ndim == 2", "x.shape[1] == 1"]
    >>> print(guard_source(["x"], looks(conditions, {"x"})))
    def guard(x):
        while True:
            try:
                if not (type(x) is ndarray): break
                _0, _1 = x.shape
                if not (_1 == 1): break
            except (AttributeError, KeyError, IndexError, TypeError, ValueError):
                break
            return True
        return False
    """
    lines = [*reads]
    for read, tests in seen:
        lines += read
        lines += [f"if not ({' and '.join(tests)}): break"] if tests else []
    body = "".join(f"            {line}\n" for line in lines or ["pass"])
    found = "".join(f"        {line}\n" for line in hit)
    return (
        f"def guard({', '.join(parameters)}):\n    while True:\n        try:\n{body}"
        "        except (AttributeError, KeyError, IndexError, TypeError, ValueError):\n"
        f"            break\n{found}    return {miss}"
    )


def looks(conditions: Iterable[str], taken: set[str]) -> list[Look]:
    """The conditions in their order, so that each part of an argument is read once.

    `taken` are names that are in use.

    >>> looks(["m.w.ndim == 1", "m.w.shape[0] == 1"], {"m"})
    [(['_0 = m.w', '_1, = _0.shape'], ['_1 == 1'])]
    """
    texts = list(dict.fromkeys(conditions))
    parsed = ast.parse(f"[{', '.join(texts)}]", mode="eval").body
    assert isinstance(parsed, ast.List), "conditions are expressions"
    trees = dict(zip(texts, parsed.elts, strict=True))
    reader = _Reader(list(trees.values()), taken)
    found: list[Look] = [([], [])]
    for text, tree in trees.items():
        test, read = reader.read(text, tree)
        if read and found[-1][1]:
            found.append(([], []))
        found[-1][0].extend(read)
        found[-1][1].extend([test] if test else [])
    return found


class _Reader(ast.NodeTransformer):
    """Gives names to what several conditions look at.

    Attributes
    ----------
    names
        For a part of an argument, or a length ``x.shape[0]``, the name that holds it.
    ranks
        The ranks that conditions of the form ``x.ndim == 2`` ask for.
    unpacked
        The arrays of known rank of which a length is looked at.
    """

    def __init__(self, trees: Sequence[ast.expr], taken: set[str]) -> None:
        self.names: dict[str, str] = {}
        self._lines: list[str] = []
        self._fresh = (n for n in (f"_{k}" for k in itertools.count()) if n not in taken)
        nodes = [node for tree in trees for node in ast.walk(tree)]
        self._often = Counter(map(_part, nodes))
        self.ranks = dict(rank for tree in trees for rank in _rank_asked(tree))
        self.unpacked = {of for of, axis in map(_length, nodes) if axis < self.ranks.get(of, 0)}

    def read(self, text: str, tree: ast.expr) -> tuple[str, list[str]]:
        """A condition in these names, and the lines to be run before; "" if they are enough."""
        self._lines = []
        for of, rank in _rank_asked(tree):
            if of in self.unpacked:  # unpacking its shape fails where it has another rank
                self._unpack(of, rank, tree)
                return "", self._lines
        visited = self.visit(tree)
        return ast.unparse(visited) if self.names else text, self._lines

    def _unpack(self, of: str, rank: int, tree: ast.expr) -> None:
        assert isinstance(tree, ast.Compare)
        assert isinstance(tree.left, ast.Attribute)
        owner = ast.unparse(self.visit(tree.left.value))
        axes = [next(self._fresh) for _ in range(rank)]
        self.names.update((f"{of}.shape[{axis}]", name) for axis, name in enumerate(axes))
        self._lines.append(f"{', '.join(axes)}{',' * (rank == 1)} = {owner}.shape")

    def visit(self, node: ast.AST) -> Any:
        """The node, or the name that holds it."""
        text = _part(node)
        if text and text not in self.names and self._often[text] > 1:
            owner = ast.unparse(self.generic_visit(node))
            self.names[text] = next(self._fresh)
            self._lines.append(f"{self.names[text]} = {owner}")
        of, axis = _length(node)
        name = self.names.get(text or f"{of}.shape[{axis}]")
        return self.generic_visit(node) if name is None else ast.Name(name, ast.Load())


def _rank_asked(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The array of which a condition says nothing but its rank, and the rank."""
    match tree:
        case ast.Compare(ast.Attribute(of, "ndim"), [ast.Eq()], [ast.Constant(int(rank))]):
            yield _path(of), rank


def _length(node: ast.AST) -> tuple[str, int]:
    """The array and the axis of ``x.shape[0]``; or ""."""
    match node:
        case ast.Subscript(ast.Attribute(of, "shape"), ast.Constant(int(axis))) if axis >= 0:
            return _path(of), axis
    return "", 0


def _part(node: ast.AST) -> str:
    """``model.w`` or ``layers[0]``, if a node is such a part of an argument; or ""."""
    match node:
        case ast.Attribute(attr="shape" | "ndim" | "dtype" | "size"):
            return ""
        case ast.Attribute() | ast.Subscript():
            return _path(node)
    return ""


def _path(node: ast.AST) -> str:
    """The text of a name with attributes and constant keys; or ""."""
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(of, name):
            owner = _path(of)
            return f"{owner}.{name}" if owner and name != "shape" else ""
        case ast.Subscript(of, ast.Constant(key)):
            owner = _path(of)
            return f"{owner}[{key!r}]" if owner else ""
    return ""

"""What each name in a function refers to, by Python's own rules."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import CellType, FunctionType
from typing import Any

import gast

from adjoint.source.parameters import Parameter, defaults_of, parameters_of

COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
DEFINITIONS = (gast.FunctionDef, gast.AsyncFunctionDef, gast.ClassDef)


class Scope(enum.Enum):
    """Where a name is bound."""

    LOCAL = "local"
    CLOSURE = "closure"
    GLOBAL = "global"
    BUILTIN = "builtin"
    UNBOUND_CLOSURE = "unbound closure"
    """A variable of an enclosing function that has no value at this time."""
    UNKNOWN = "unknown"
    """Nowhere at this time: reading it is a NameError."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """What the free names of a function object are bound to, and its parameters.

    `globals`, `builtins` and the cells of `closure` are the live ones: their contents change as
    the program runs. The rest is as it was when the bindings were taken.
    """

    function: FunctionType
    parameters: tuple[Parameter, ...]
    defaults: Mapping[str, object]
    closure: Mapping[str, CellType]
    globals: Mapping[str, Any]
    builtins: Mapping[str, Any]

    def classify(self, name: str, local: Collection[str]) -> Scope:
        """Return where Python finds a name that the function reads.

        Parameters
        ----------
        name
            The name, spelled out if it is private to a class.
        local
            The function's own names, as `local_names` gives them.
        """
        if name in local:
            return Scope.LOCAL
        if name in self.closure:
            return Scope.CLOSURE if _is_filled(self.closure[name]) else Scope.UNBOUND_CLOSURE
        if name in self.globals:
            return Scope.GLOBAL
        return Scope.BUILTIN if name in self.builtins else Scope.UNKNOWN

    def look_up(self, name: str) -> object:
        """Return the present value of a name that is not local.

        Raises
        ------
        NameError
            If it has none, in the words of Python.
        """
        match self.classify(name, local=()):
            case Scope.CLOSURE:
                contents: object = self.closure[name].cell_contents
                return contents
            case Scope.UNBOUND_CLOSURE:
                raise NameError(
                    f"cannot access free variable {name!r} where it is not associated with a "
                    "value in enclosing scope",
                    name=name,
                )
            case Scope.GLOBAL:
                return self.globals[name]
            case Scope.BUILTIN:
                return self.builtins[name]
            case _:
                raise NameError(f"name {name!r} is not defined", name=name)


def bindings_of(function: FunctionType) -> Bindings:
    """Return the bindings of a plain Python function, not of anything it wraps.

    Examples
    --------
    >>> def scale(x, /, factor=2.0, *, axis=None):
    ...     return len(x) * factor
    >>> found = bindings_of(scale)
    >>> [(p.name, p.kind.value) for p in found.parameters]
    [('x', 'positional-only'), ('factor', 'positional or keyword'), ('axis', 'keyword-only')]
    >>> found.defaults
    {'factor': 2.0, 'axis': None}
    >>> found.classify("len", local={"x", "factor", "axis"}).value
    'builtin'
    """
    held: Any = function  # not all type checkers have heard of __builtins__
    return Bindings(
        function,
        parameters_of(function),
        defaults_of(function),
        dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)),
        function.__globals__,
        held.__builtins__,
    )


def local_names(tree: gast.AST) -> frozenset[str]:
    """Return the names a function or lambda binds itself, parameters included.

    The bodies of functions and classes inside it and the targets of comprehensions have scopes
    of their own; the walrus of a comprehension binds in the function.

    Examples
    --------
    >>> tree = gast.parse("def f(x):\\n    for i in x:\\n        y = [j for j in x]").body[0]
    >>> sorted(local_names(tree))
    ['i', 'x', 'y']
    """
    bound: set[str] = set()
    declared_elsewhere: set[str] = set()
    todo: list[tuple[Any, bool]] = [(node, True) for node in _own_parts(tree)]
    while todo:
        node, targets_count = todo.pop()
        if isinstance(node, (gast.Global, gast.Nonlocal)):
            declared_elsewhere.update(node.names)
        elif targets_count or isinstance(node, gast.NamedExpr):
            bound.update(_bound_by(node))
        counts = targets_count and not isinstance(node, COMPREHENSIONS)
        todo.extend((child, counts) for child in _parts_in_scope(node))
    return frozenset(bound - declared_elsewhere)


def is_bound_once(tree: gast.AST, name: str) -> bool:
    """Return whether a function binds a name at one place at most, and in no loop.

    Names of the same spelling in functions inside it count too.

    Examples
    --------
    >>> tree = gast.parse("def f(x):\\n    y = 0\\n    for i in x:\\n        z = x")
    >>> [is_bound_once(tree, name) for name in "xyiz"]
    [True, True, False, False]
    """
    found, todo = 0, [(tree, 1)]
    while todo:
        node, times = todo.pop()
        found += times * (name in _bound_by(node))
        times = 2 if isinstance(node, (gast.For, gast.While)) else times
        todo.extend((child, times) for child in gast.iter_child_nodes(node))
    return found <= 1


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises when it is read
    except ValueError:
        return False
    return True


def _own_parts(tree: gast.AST) -> list[gast.AST]:
    """Return the parts of a function that belong to its own scope: parameters and body."""
    arguments = tree.args
    rest = [arguments.vararg, arguments.kwarg]
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]
    body = tree.body if isinstance(tree.body, list) else [tree.body]
    # Fresh names: annotations hang on the parameters, and are evaluated outside.
    names = [gast.Name(each.id, gast.Param(), None, None) for each in parameters if each]
    return [*names, *body]


def _parts_in_scope(node: gast.AST) -> Iterator[gast.AST]:
    """Yield the children of a node that are evaluated in the scope the node is in."""
    if isinstance(node, gast.Lambda):
        yield from _evaluated_outside(node.args)
    elif isinstance(node, DEFINITIONS):
        yield from node.decorator_list
        if isinstance(node, gast.ClassDef):
            yield from (*node.bases, *node.keywords)
        else:
            yield from _evaluated_outside(node.args)
    else:
        yield from gast.iter_child_nodes(node)


def _evaluated_outside(arguments: gast.AST) -> Iterator[gast.AST]:
    """Yield the defaults of parameters; a keyword-only parameter without one has None there."""
    yield from arguments.defaults
    yield from (default for default in arguments.kw_defaults if default is not None)


def _bound_by(node: gast.AST) -> Iterator[str]:
    """Yield the names that this node itself binds, not those bound by nodes below it."""
    match node:
        case gast.Name(ctx=gast.Store() | gast.Del() | gast.Param()):
            yield node.id
        case gast.NamedExpr():
            yield node.target.id
        case gast.FunctionDef() | gast.AsyncFunctionDef() | gast.ClassDef():
            yield node.name
        case gast.alias():
            yield node.asname or node.name.partition(".")[0]
        case gast.MatchAs() | gast.MatchStar():
            yield from [node.name] if node.name else []
        case gast.MatchMapping():
            yield from [node.rest] if node.rest else []

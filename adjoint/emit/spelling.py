"""How functions and constants are written, and the imports and helper functions that takes."""

from __future__ import annotations

import ast
import builtins
import cmath
import inspect
import math
import operator
import sys
import textwrap
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from types import EllipsisType, FunctionType, ModuleType
from typing import Any

import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.ops import Callee
from adjoint.rules import lookup
from adjoint.rules.rule import Written

__all__ = ["HELPERS_MODULE", "Spelling", "is_helper", "written_form"]

HELPERS_MODULE = "adjoint.runtime"
_HELPERS_MODULES = (
    HELPERS_MODULE,
    "adjoint.rules.determinants",
    "adjoint.rules.scipy.adjoints",
    "adjoint.rules.scipy.incomplete",
    "adjoint.rules.scipy.pairs",
)
_MODULES: tuple[tuple[str, ModuleType], ...] = (
    ("np", np),
    ("np.linalg", np.linalg),
    ("np.fft", np.fft),
    ("np.random", np.random),
    ("math", math),
    ("cmath", cmath),
    ("operator", operator),
)
_PREFERRED = {"absolute": "abs", "conjugate": "conj", "true_divide": "divide"}
_IMPORTED_AS = {"np": "numpy"}


def written_form(function: Any) -> Written | None:
    """How calls of a function are printed, where not by its name."""
    rule = lookup(function)
    return None if rule is None else rule.written


@dataclass(slots=True)
class Spelling:
    """Names of what is not a variable, as they are needed.

    Attributes
    ----------
    taken
        The user's names; none of the names here is one of them.
    """

    taken: Collection[str] = ()
    _modules: dict[str, str] = field(default_factory=dict)
    _objects: dict[tuple[str, str], str] = field(default_factory=dict)
    _helpers: dict[str, ast.FunctionDef] = field(default_factory=dict)
    _builtins: dict[str, None] = field(default_factory=dict)
    _defined: dict[Callee, str] = field(default_factory=dict)

    def define(self, callee: Callee, name: str, *, reserved: str) -> None:
        """Have the module define a function; `reserved` is the name of another."""
        candidate, number = name, 0
        while candidate in (*self.taken, *self.names, reserved):
            number += 1
            candidate = f"{name}_{number}"
        self._defined[callee] = candidate

    def defined(self, callee: Callee) -> str:
        """The name of a function that the module defines."""
        return self._defined[callee]

    @property
    def names(self) -> tuple[str, ...]:
        """All names in use, which no variable may have."""
        helpers = (helper.name for helper in self._helpers.values())
        imported = (*self._modules.values(), *self._objects.values())
        return (*imported, *helpers, *self._builtins, *self._defined.values())

    def imports(self) -> list[ast.stmt]:
        """The import statements: modules first, then single names."""
        found: list[ast.stmt] = []
        for known, name in sorted(self._modules.items()):
            module = _IMPORTED_AS.get(known, known)
            found.append(ast.Import([ast.alias(module, None if name == module else name)]))
        by_module: dict[str, list[ast.alias]] = {}
        for (module, original), name in sorted(self._objects.items()):
            alias = ast.alias(original, None if name == original else name)
            by_module.setdefault(module, []).append(alias)
        return found + [ast.ImportFrom(m, aliases, 0) for m, aliases in by_module.items()]

    def helpers(self) -> list[ast.stmt]:
        """The helper functions that are called, each after those it calls."""
        return list(self._helpers.values())

    def builtin(self, name: str) -> ast.expr:
        """A builtin, by its name or as ``builtins.name`` where the user took that."""
        if name in self.taken:
            return ast.Attribute(self._module("builtins"), name, ast.Load())
        self._builtins.setdefault(name)
        return ast.Name(name, ast.Load())

    def function(self, value: Any) -> ast.expr:
        """The expression that is the function or class `value`.

        Raises
        ------
        KeyError
            If no importable module has it under a name.

        Examples
        --------
        >>> import numpy as np
        >>> ast.unparse(Spelling().function(np.linalg.norm))
        'np.linalg.norm'
        >>> ast.unparse(Spelling(taken=["np"]).function(np.tanh))
        'np_1.tanh'
        """
        if isinstance(value, Callee):
            return ast.Name(self._defined[value], ast.Load())
        if is_helper(value):
            return ast.Name(self._helper(value), ast.Load())
        found = _known_name(value)
        if found is None:
            return self._imported(value)
        path, name = found
        return ast.Attribute(self.path(path), name, ast.Load()) if path else self.builtin(name)

    def constant(self, value: object, spelling: str = "") -> ast.expr:
        """The expression of a value: as the user spelled it, else as a literal.

        Raises
        ------
        KeyError
            If no text stands for the value.

        Examples
        --------
        >>> import numpy as np
        >>> values = (-1.5, np.float32(2), float("-inf"), 1 + 2j, -2j)
        >>> [ast.unparse(Spelling().constant(value)) for value in values]
        ['-1.5', 'np.float32(2.0)', '-np.inf', 'complex(1.0, 2.0)', '-2j']
        >>> ast.unparse(Spelling().constant(3.141592653589793, "np.pi"))
        'np.pi'
        """
        return self._as_spelled(value, spelling) if spelling else self._literal(value)

    def path(self, dotted: str) -> ast.expr:
        """A module by the path that starts with the name it is imported as."""
        root, *rest = dotted.split(".")
        made: ast.expr = self._module(root)
        for name in rest:
            made = ast.Attribute(made, name, ast.Load())
        return made

    def _module(self, name: str) -> ast.Name:
        if name not in self._modules:
            self._modules[name] = self._free(name)
        return ast.Name(self._modules[name], ast.Load())

    def _free(self, name: str) -> str:
        unusable = {*self.taken, *self.names}
        candidate, number = name, 0
        while candidate in unusable:
            number += 1
            candidate = f"{name}_{number}"
        return candidate

    def _imported(self, value: Any) -> ast.expr:
        owner = getattr(value, "__self__", None)
        name = getattr(value, "__name__", "")
        if owner is not None and not isinstance(owner, ModuleType) and hasattr(type(owner), name):
            return ast.Attribute(self.constant(owner), name, ast.Load())
        key = _importable(value)
        if key not in self._objects:
            self._objects[key] = self._free(key[1])
        return ast.Name(self._objects[key], ast.Load())

    def _helper(self, helper: FunctionType) -> str:
        if helper.__name__ in self._helpers:
            return self._helpers[helper.__name__].name
        tree = _definition(helper)
        # Calls first: a helper stands below what it calls; its own name is known before, so that
        # one that calls itself ends.
        name = self._free(helper.__name__)
        renamed = {helper.__name__: name}
        for used in _names_read(tree):
            if used != helper.__name__ and used in helper.__globals__:
                renamed[used] = self._global(helper.__globals__[used])
        tree = _renamed(tree, renamed)
        self._helpers[helper.__name__] = tree
        return name

    def _global(self, value: Any) -> str:
        if isinstance(value, ModuleType):
            name = "np" if value is np else value.__name__
            return self._module(name).id
        made = self.function(value)
        assert isinstance(made, ast.Name), f"a helper uses {value!r}"
        return made.id

    def _as_spelled(self, value: object, spelling: str) -> ast.expr:
        try:
            node = ast.parse(spelling.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return self._literal(value)
        if isinstance(node, ast.Constant):
            return node if _same(node.value, value) else self._literal(value)
        names = _dotted(node)
        if not names:
            return self._literal(value)
        module = np if names[0] == "np" else sys.modules.get(names[0])
        found: object = module
        for name in names[1:]:
            found = getattr(found, name, None)
        if module is None or not _same(found, value):
            return self._literal(value)
        return self.path(".".join(names))

    def _literal(self, value: object) -> ast.expr:
        match value:
            case None | bool() | str() | bytes() | EllipsisType() if _is_plain(value):
                return ast.Constant(value)
            case np.bool_() | np.integer() | np.floating() | np.complexfloating():
                return self._numpy_scalar(value)
            case np.ndarray() if type(value) is np.ndarray:
                return self._array(value)
            case int() | float() | complex() if _is_plain(value):
                return self._number(value)
            case np.dtype():
                return self._dtype(value)
            case tuple() if type(value) is tuple:
                return ast.Tuple([self._literal(item) for item in value], ast.Load())
            case list() if type(value) is list:
                return ast.List([self._literal(item) for item in value], ast.Load())
            case dict() if type(value) is dict:
                keys: list[ast.expr | None] = [self._literal(key) for key in value]
                return ast.Dict(keys, [self._literal(item) for item in value.values()])
            case set() | frozenset():
                items = [self._literal(item) for item in sorted(value, key=repr)]
                return ast.Set(items) if items else ast.Call(self.builtin("set"), [], [])
            case slice():
                parts = [self._literal(part) for part in (value.start, value.stop, value.step)]
                return ast.Call(self.builtin("slice"), parts, [])
            case range():
                parts = [self._literal(part) for part in (value.start, value.stop, value.step)]
                return ast.Call(self.builtin("range"), parts, [])
            case ModuleType():
                return self.path("np" if value is np else value.__name__)
            case Enum():
                return ast.Attribute(self._enumeration(type(value)), value.name, ast.Load())
            case _:
                return self.function(value)

    def _enumeration(self, cls: type[Enum]) -> ast.expr:
        try:
            return self.function(cls)
        except KeyError:
            raise Unsupported(
                f"{cls.__qualname__}, of which a member is written in the code, cannot be imported",
                None,
                "define it in a module, outside of functions and classes",
            ) from None

    def _number(self, value: complex) -> ast.expr:
        match value:
            case complex(real=0.0, imag=imaginary) if math.isfinite(imaginary):
                signs = math.copysign(1, value.real), math.copysign(1, imaginary)
                if signs == (1, 1):
                    return ast.Constant(value)
                if signs == (-1, -1):  # minus turns the sign of both parts
                    return ast.UnaryOp(ast.USub(), ast.Constant(-value))
        match value:
            case complex(real=real, imag=imaginary):
                parts = [self._number(real), self._number(imaginary)]
                return ast.Call(self.builtin("complex"), parts, [])
            case float() if math.isnan(value):
                return ast.Attribute(self.path("np"), "nan", ast.Load())
        if math.copysign(1, value) < 0:
            return ast.UnaryOp(ast.USub(), self._number(-value))
        if math.isinf(value):
            return ast.Attribute(self.path("np"), "inf", ast.Load())
        return ast.Constant(value)

    def _numpy_scalar(self, value: np.generic) -> ast.expr:
        if isinstance(value, np.longdouble | np.clongdouble):
            raise KeyError(value)
        return ast.Call(self.function(type(value)), [self._literal(value.item())], [])

    def _array(self, value: np.ndarray[Any, Any]) -> ast.expr:
        """A small array that a rule made of numbers known when the code is made."""
        items = value.tolist()
        same = value.size > 0 and np.array(items).dtype == value.dtype
        dtype = [] if same else [ast.keyword("dtype", self._dtype(value.dtype))]
        return ast.Call(self.function(np.array), [self._literal(items)], dtype)

    def _dtype(self, value: np.dtype[Any]) -> ast.expr:
        if value.isbuiltin != 1 or np.dtype(value.type) != value:
            raise KeyError(value)
        return self.function(value.type)


def is_helper(value: object) -> bool:
    """Whether a function is one of the helpers that are printed where they are used."""
    return isinstance(value, FunctionType) and value.__module__ in _HELPERS_MODULES


def _is_plain(value: object) -> bool:
    """Whether a value is of a literal's very type, not of a class derived from it."""
    return type(value) in (type(None), bool, str, bytes, type(Ellipsis), int, float, complex)


def _same(a: object, b: object) -> bool:
    return a is b or (type(a) is type(b) and _is_plain(a) and repr(a) == repr(b))


def _dotted(node: ast.expr) -> list[str]:
    """The names in ``a.b.c``, or nothing for any other expression."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def _known_name(value: Any) -> tuple[str, str] | None:
    """The path of the module (empty: builtins) and the name in it."""
    name = getattr(value, "__name__", "")
    if vars(builtins).get(name) is value:
        return "", name
    for path, module in _MODULES:
        preferred = _PREFERRED.get(name, name)
        for candidate in (preferred, name):
            if vars(module).get(candidate) is value:
                return path, candidate
    return _aliases().get(id(value))


@lru_cache(maxsize=1)
def _aliases() -> dict[int, tuple[str, str]]:
    """Names of public objects whose own name is not the one they are found under."""
    found: dict[int, tuple[str, str]] = {}
    for path, module in _MODULES:
        for name, value in sorted(vars(module).items()):
            if callable(value) and not name.startswith("_"):
                found.setdefault(id(value), (path, name))
    return found


def _importable(value: Any) -> tuple[str, str]:
    """The module and the name that an import statement gives for `value`."""
    own = getattr(value, "__name__", "")
    for module in _candidate_modules(value):
        held = vars(sys.modules[module]) if module in sys.modules else {}
        names = (own,) if own else (name for name in held if not name.startswith("_"))
        for name in names:
            if held.get(name) is value:
                return module, name
    raise KeyError(value)


def _candidate_modules(value: Any) -> list[str]:
    own = getattr(value, "__module__", None) or ""
    if isinstance(value, np.ufunc):
        return ["scipy.special", own]
    parts = own.split(".")
    public = ".".join(part for part in parts if not part.startswith("_"))
    above = own.partition("._")[0]  # scipy.integrate._ivp.ivp is no place to import from
    of_python = above.lstrip("_")  # heapq, of _heapq that is written in C
    return [of_python, above, public, own] if own else []


def _definition(helper: FunctionType) -> ast.FunctionDef:
    """The tree of a helper without annotations, its docstring cut to the first line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(helper))).body[0]
    assert isinstance(tree, ast.FunctionDef), f"{helper} is no plain function"
    for node in ast.walk(tree):
        match node:
            case ast.arg():
                node.annotation = None
            case ast.FunctionDef():
                node.returns, node.decorator_list = None, []
                _shorten_docstring(node)
    return _WithoutAnnotations().visit(tree)  # type: ignore[no-any-return]


def _shorten_docstring(node: ast.FunctionDef) -> None:
    text = ast.get_docstring(node)
    if text is not None:
        node.body[0] = ast.Expr(ast.Constant(text.split("\n\n")[0].split("\n")[0]))


class _WithoutAnnotations(ast.NodeTransformer):
    """Turns ``x: int = 1`` into ``x = 1``."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def _names_read(tree: ast.AST) -> list[str]:
    names = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return list(dict.fromkeys(names))


def _renamed(tree: ast.FunctionDef, names: dict[str, str]) -> ast.FunctionDef:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    tree.name = names.get(tree.name, tree.name)
    return tree

"""From the IR to text.

operands     what statements read and write
uses         how often variables are used
trivial      expressions that cost nothing, printed wherever they are used
nest         expressions put back where they are used
nesting      which these are
widths       how wide an expression will be
intervals    when variables are needed
names        names of variables
copies       copies before updates whose old value is still needed
spelling     names of functions, constants, imports
written      calls that are printed by a text
expressions  IR -> `ast`, expressions
stores       statements that write
unpacking    statements that print as one which takes a tuple apart
clauses      the handlers of a `try` as the clauses that were written
tree         IR -> `ast`, statements
comments     where statements come from, in the text
origins      where lines come from, for errors
printer      `ast` -> text
load         text -> function
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from adjoint.emit.comments import comments
from adjoint.emit.copies import with_copies
from adjoint.emit.intervals import live_ranges
from adjoint.emit.names import Meetings, meet, name_classes
from adjoint.emit.nest import nest
from adjoint.emit.nesting import Nesting
from adjoint.emit.operands import user_names
from adjoint.emit.origins import origins
from adjoint.emit.printer import Comment, print_module
from adjoint.emit.spelling import Spelling
from adjoint.emit.tree import Names, Tree, build
from adjoint.emit.unpacking import gathered
from adjoint.errors import Origins
from adjoint.ir.nodes import Function, Var
from adjoint.ir.ops import Callee

__all__ = ["Emitted", "emit"]

_ROUNDS, _ROUNDS_OF_NAMES = 8, 3


@dataclass(frozen=True, slots=True)
class Emitted:
    """The text of a module.

    Attributes
    ----------
    text
        Imports, helper functions, and the function.
    name
        The name of the function in it.
    names
        The names of the variables that have one.
    origins
        Where its lines come from.
    """

    text: str
    name: str
    names: dict[Var, str]
    origins: Origins


def emit(
    function: Function, functions: Mapping[Callee, Function] = MappingProxyType({})
) -> Emitted:
    """The module that defines a function, and the functions of the program that it calls.

    Raises
    ------
    KeyError
        If the function calls, or holds as a constant, something no import statement reaches.

    Examples
    --------
    >>> from adjoint.errors import Place
    >>> from adjoint.ir.nodes import Block, Const, Let, Yield
    >>> from adjoint.ir.ops import BINARY, operation
    >>> from adjoint.ir.values import FLOAT
    >>> here = Place("f.py", 1, 0, 1, 0, "def f(x):", "f")
    >>> x, y = Var(0, "x", FLOAT), Var(1, "", FLOAT)
    >>> double = Let(y, operation(BINARY["*"]), (Const(2), x), (), here)
    >>> body = Block((double,), Yield((y,)))
    >>> print(emit(Function("f_grad", (x,), (), body, here)).text)
    def f_grad(x):
        return 2 * x
    <BLANKLINE>
    """
    taken = dict.fromkeys(name for f in (function, *functions.values()) for name in user_names(f))
    spelling = Spelling(taken=taken)
    for callee in functions:
        spelling.define(callee, callee.name, reserved=function.name)
    trees: list[Tree] = []
    remarks: dict[ast.stmt, Comment] = {}
    for callee in reversed([*functions]):
        own = replace(functions[callee], name=spelling.defined(callee))
        trees.append(_tree(own, spelling, remarks)[0])
    tree, named = _tree(function, spelling, remarks)
    trees.append(tree)
    # Only now is it known which imports are needed.
    definitions = [each.definition for each in trees]
    whole = ast.Module([*spelling.imports(), *spelling.helpers(), *definitions], [])
    text = print_module(whole, remarks)
    statements = {node: place for each in trees for node, place in each.places.items()}
    inside = {node: place for each in trees for node, place in each.inside.items()}
    return Emitted(text, function.name, named, origins(statements, inside))


def _tree(
    function: Function, spelling: Spelling, remarks: dict[ast.stmt, Comment]
) -> tuple[Tree, dict[Var, str]]:
    """The tree of a function, and the names of its variables; its comments are added."""
    function, nesting, named = _named(gathered(function), spelling)
    tree = build(function, nesting, spelling, Names(named, nesting.uses.underscore_is_free))
    remarks |= comments(tree.forward, tree.backward, tree.places, function.place)
    return tree, named


def _named(function: Function, spelling: Spelling) -> tuple[Function, Nesting, dict[Var, str]]:
    """What is printed where it is used, and the names of the other variables.

    Where these turn out too long for a line, that is settled once more with what is known of them.
    """
    named: dict[Var, str] = {}
    for _ in range(_ROUNDS_OF_NAMES):
        settled, nesting, meetings = _settle(function, spelling, named)
        by_class = name_classes(settled, meetings, nesting.uses, spelling.names)
        named = _names(settled, nesting, meetings, by_class)
        if not nesting.is_too_wide(named):
            break
    return settled, nesting, named


def _settle(
    function: Function, spelling: Spelling, named: Mapping[Var, str]
) -> tuple[Function, Nesting, Meetings]:
    """What shares a name; copies what is updated while its old value is still needed."""
    for _ in range(_ROUNDS):
        nesting = nest(function, spelling, named)
        meetings, failed = meet(function, nesting, live_ranges(function, nesting))
        if not failed:
            return function, nesting, meetings
        function = with_copies(function, failed)
    raise AssertionError("an update of a copy that is needed nowhere else must succeed")


def _names(
    function: Function, nesting: Nesting, meetings: Meetings, by_class: dict[Var, str]
) -> dict[Var, str]:
    return {var: by_class[meetings.root(var)] for var in live_ranges(function, nesting)}

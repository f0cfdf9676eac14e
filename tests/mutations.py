"""Mutants of generated gradients: one push, kill, undo or copy taken out, which must be noticed.

The generated code of a program is parsed, each place where something could be left out is one
`Site`, and the code without it is run beside the code as it is. A mutant is killed if it raises,
gives another value or gradient, changes what it was called with, or hands back arrays that are not
owned and distinct. One that survives marks code that may be superfluous.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.emitted import STACK, Emitted, quiet, record_of, root
from tests.oracle import (
    ROUNDING,
    assert_owned,
    assert_unchanged,
    children,
    copy_leaf,
    map_leaves,
)

PASSES = 10_000
"""Passes through the loops of a mutant, after which it is taken to run forever."""


# Sites


Slot = tuple[Any, int | str, ast.AST]
"""A node, after what holds it and under which key."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One node of a tree to be replaced: an item of a list, or an attribute of a node."""

    holder: Any
    key: int | str
    new: ast.AST | str

    def swap(self) -> Edit:
        """Put the new node in; return the edit that takes it out again."""
        if isinstance(self.holder, list):
            old = self.holder[self.key]
            self.holder[self.key] = self.new
        else:
            old = getattr(self.holder, str(self.key))
            setattr(self.holder, str(self.key), self.new)
        return Edit(self.holder, self.key, old)


@dataclass(frozen=True, slots=True)
class Site:
    """Something that can be left out of generated code, at a line of its text.

    Attributes
    ----------
    poison
        The edits that give what is stored, copied or pushed a value that any reader would notice.
    """

    kind: str
    line: int
    text: str
    edits: tuple[Edit, ...]
    poison: tuple[Edit, ...]


def slots(node: ast.AST) -> Iterator[Slot]:
    """Yield all nodes below `node`."""
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield node, field, value
            yield from slots(value)
        elif isinstance(value, list):
            for position, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield value, position, item
                    yield from slots(item)


def sites(emitted: Emitted) -> list[Site]:
    """Return everything that can be left out, in the order of the text."""
    made = []
    stacks: dict[str, list[Slot]] = {}
    for slot in slots(emitted.function):
        if (stack := stack_of(slot[2]) or record_of(slot[2])) is not None:
            stacks.setdefault(stack, []).append(slot)
        if (kind := kind_of(slot[2], emitted)) is not None:
            made.append(site(kind, emitted, [slot]))
    made += [site("push", emitted, uses) for uses in stacks.values()]
    return sorted(made, key=lambda one: one.line)


def site(kind: str, emitted: Emitted, found: list[Slot]) -> Site:
    """Return a site with its place in the text."""
    edits, poison = (
        tuple(made for one in found for made in how(*one)) for how in (left_out, poisoned)
    )
    line = min(edit.new.lineno for edit in edits if isinstance(edit.new, ast.stmt | ast.expr))
    return Site(kind, line, emitted.line(line), edits, poison)


def left_out(holder: Any, key: int | str, node: ast.AST) -> Iterator[Edit]:
    """Yield the edit that leaves out a statement, or the copying in ``e.copy()``.

    Rows of an array that are not stored are zero: they might by chance be what they were.
    """
    match node:
        case ast.Assign([ast.Name()], ast.Call(ast.Attribute(attr="empty") as made)):
            yield Edit(made, "attr", "zeros")
        case ast.Call(ast.Attribute(copied)):
            yield Edit(holder, key, copied)
        case _:
            yield Edit(holder, key, ast.copy_location(ast.Pass(), node))


def poisoned(holder: Any, key: int | str, node: ast.AST) -> Iterator[Edit]:
    """Yield the edit by which poison is copied, stored or pushed."""
    match node:
        case ast.Call(ast.Attribute(copied)):
            yield Edit(holder, key, poison(copied))
        case ast.Assign([ast.Subscript(array, index)]):
            place = ast.copy_location(ast.Subscript(array, index, ast.Load()), node)
            yield Edit(node, "value", poison(place))
        case ast.Expr(ast.Call(ast.Attribute(attr="append"), [pushed] as args)):
            yield Edit(args, 0, poison(pushed))


def poison(like: ast.expr) -> ast.expr:
    """Return a call of `poison_like`."""
    call = ast.Call(ast.Name("poison_like", ast.Load()), [like], [])
    return ast.fix_missing_locations(ast.copy_location(call, like))


def kind_of(node: ast.AST, emitted: Emitted) -> str | None:
    """Return what leaving out a node would be, or None if it is to stay."""
    match node:
        case ast.Call() if is_copy(node):
            return "pushed copy" if node in emitted.pushed else f"{copied_in(node, emitted)} copy"
        case ast.Assign([ast.Subscript() as place], value) if node.lineno > emitted.backward:
            if not root(place).startswith("d_"):
                return "undo"
            return "kill" if isinstance(value, ast.Constant) and value.value == 0 else None
    return None


def copied_in(copy: ast.Call, emitted: Emitted) -> str:
    """Return where a copy is made: at the entry (of a parameter), forward or backward."""
    assert isinstance(copy.func, ast.Attribute)
    parameters = [one.arg for one in emitted.function.args.args]
    if copy.lineno > emitted.backward:
        return "backward"
    # A program's own copies have no keyword.
    at_entry = copy.keywords and isinstance(copy.func.value, ast.Name)
    return "entry" if at_entry and root(copy.func.value) in parameters else "forward"


def is_copy(node: ast.AST) -> bool:
    """Return whether a node is ``e.copy()``."""
    return isinstance(node, ast.Call) and (
        isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and not node.args
    )


def stack_of(node: ast.AST) -> str | None:
    """Return the stack on which a statement pushes, or from which it pops."""
    match node:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "append" | "pop"))) | ast.Assign(
            [_], ast.Call(ast.Attribute(ast.Name(name), "pop"), [])
        ) if STACK.search(name):
            return name
    return None


# Mutants


@dataclass(frozen=True, slots=True)
class Mutant:
    """A site left out, and what came of it.

    Attributes
    ----------
    noticed
        What went wrong; an empty string if nothing did.
    unread
        Whether nothing goes wrong either with poison there: what is stored, copied or pushed is not
        read by anything that matters.
    """

    program: str
    site: Site
    noticed: str
    unread: bool


class RunsForever(Exception):
    """A mutant does not leave its loops."""


def mutants(emitted: Emitted) -> list[Mutant]:
    """Run the gradient without each of its sites, and see what comes of it."""
    count_passes(emitted.function)
    expected = outcome(emitted)
    assert noticed(emitted, expected) == "", f"{emitted.program}: not the same when run twice"
    made = []
    for one in sites(emitted):
        seen = noticed_with(one.edits, emitted, expected)
        unread = not seen and not noticed_with(one.poison, emitted, expected)
        made.append(Mutant(emitted.program, one, seen, unread))
    return made


def noticed_with(edits: Iterable[Edit], emitted: Emitted, expected: tuple[Any, Any, Any]) -> str:
    """Return what is noticed while the tree is edited."""
    back = [edit.swap() for edit in edits]
    try:
        return noticed(emitted, expected)
    finally:
        for edit in back:
            edit.swap()


def outcome(emitted: Emitted) -> tuple[Any, Any, Any]:
    """Call the function as it stands in the tree: its result, arguments and globals afterwards."""
    args, outside = map_leaves(frozen, (emitted.args, emitted.outside))
    function = loaded(emitted)
    with quiet(), np.errstate(all="ignore"):
        result = function(*args, **outside)
    return result, args, outside


def frozen(leaf: Any) -> Any:
    """Return a copy that cannot be written: an argument that is changed and changed back is one."""
    copied = copy_leaf(leaf)
    if isinstance(copied, np.ndarray):
        copied.flags.writeable = False
    return copied


def loaded(emitted: Emitted) -> Callable[..., Any]:
    """Compile the module; a loop that is passed through too often raises RunsForever."""
    left = iter(range(PASSES))

    def enters() -> bool:
        if next(left, None) is None:
            raise RunsForever
        return True

    namespace: dict[str, Any] = {"enters_loop_again": enters, "poison_like": poison_like}
    exec(compile(emitted.tree, "<mutant>", "exec"), namespace)
    function: Callable[..., Any] = namespace[emitted.function.name]
    return function


def poison_like(value: Any) -> Any:
    """Return what makes any sum, product, index or test wrong that reads it in place of `value`."""
    match np.asarray(value).dtype.kind:
        case "O":
            return None
        case "b":
            return np.logical_not(value)
        case "i":
            return value + 1  # a large number would have loops run for minutes
        case _:
            return np.full_like(value, np.nan) if isinstance(value, np.ndarray) else np.nan


def count_passes(function: ast.FunctionDef) -> None:
    """Have each test of a ``while`` loop counted."""
    for node in ast.walk(function):
        if isinstance(node, ast.While):
            count = ast.Call(ast.Name("enters_loop_again", ast.Load()), [], [])
            node.test = ast.BoolOp(ast.And(), [count, node.test])
    ast.fix_missing_locations(function)


def noticed(emitted: Emitted, expected: tuple[Any, Any, Any]) -> str:
    """Return how what the function does now differs from what is expected; "" if in nothing."""
    try:
        result, args, outside = outcome(emitted)
    except Exception as error:
        return f"raises {type(error).__name__}"
    if not is_same(result, expected[0]):
        return "other result"
    try:
        assert_unchanged((args, outside), (emitted.args, emitted.outside))
    except AssertionError:
        return "changes an argument"
    try:
        assert_owned(result, (args, outside))
    except AssertionError:
        return "not owned"
    return ""


def is_same(one: Any, other: Any) -> bool:
    """Return whether two results are of the same kind, and equal but for rounding."""
    parts, others = children(one), children(other)
    if type(one) is not type(other) or (parts is None) != (others is None):
        return False
    if parts is not None and others is not None:
        return [key for key, _ in parts] == [key for key, _ in others] and all(
            is_same(a, b) for (_, a), (_, b) in zip(parts, others, strict=True)
        )
    a, b = np.asarray(one), np.asarray(other)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind not in "fc":
        return bool(one is other or np.array_equal(a, b))
    bound = ROUNDING.get(b.dtype.name, ROUNDING["float64"]) * (1 + np.abs(b).max(initial=0.0))
    return bool((np.abs(a - b) <= bound).all())

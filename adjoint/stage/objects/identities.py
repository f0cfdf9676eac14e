"""Which of the objects and containers that came in are one.

An object, list or dict that is reached in several ways from one argument has one value while
staging, and one gradient. Arguments are apart: a derivative is by one of them, also where another
holds the same object. What tells two ways to one object from two objects is looked at here:
``is``, and a change that has to be seen on both ways. Where there is one, staging starts again with
one value for each object, whatever leads there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from adjoint.stage.context import Restart
from adjoint.stage.trail import Cell
from adjoint.stage.values import ObjectValue, Static, Value

__all__ = ["MERGED", "Identities", "original"]

#: The decision that each object and container has one value, also where two arguments hold it.
MERGED = ("merged objects",)


def are_several(*objects: Any) -> bool:
    """Whether no two of these are one object."""
    return len(set(map(id, objects))) == len(objects)


def original(value: Value) -> Value:
    """What an object stands for, as the argument of a derivative, or the object itself."""
    while isinstance(value, ObjectValue) and value.source is not None and value.source.same:
        value = value.source.of
    return value


@dataclass(frozen=True, slots=True, eq=False)
class _Came:
    """What came in, the text of the way that led to it, and that of the argument it is part of."""

    text: str
    held: Any
    argument: str = ""


@dataclass(eq=False)
class Identities:
    """The objects and containers that came in.

    `expect` holds a condition of the guard, `constants` has what names in it stand for. `merged` is
    whether what two arguments hold is one.
    """

    expect: Callable[[str], None]
    constants: dict[str, Any]
    merged: bool
    came: dict[Cell, _Came] = field(default_factory=dict)
    changed: dict[Cell, None] = field(default_factory=dict)
    _cells: dict[int, list[Cell]] = field(default_factory=dict)

    def known(self, text: str, held: Any, argument: str) -> Value | None:
        """The value of what was reached from an argument by another way."""
        for cell in self._cells.get(id(held), ()):
            other = self.came[cell]
            if self.merged or other.argument == argument:
                self.expect(f"{text} is {other.text}")
                return cell  # type: ignore[return-value]
        return None

    def note(self, value: Value, text: str, held: Any, argument: str) -> None:
        """Note what is reached from an argument by a way."""
        if isinstance(value, Cell):
            self.came[value] = _Came(text, held, argument)
            self._cells.setdefault(id(held), []).append(value)

    def expect_as_many(self, cells: Iterable[Cell]) -> None:
        """Hold that no two of these, which have a gradient each, are one."""
        kinds: dict[type, list[str]] = {}
        for each in (self.came[cell] for cell in cells if cell in self.came):
            kinds.setdefault(type(each.held), []).append(each.text)
        for texts in kinds.values():
            self._expect_several(texts)

    def tell_apart(self, values: Iterable[Value]) -> None:
        """Hold that no two of these, by which a derivative is taken inside, are one.

        Raises
        ------
        Restart
            If two are one, which came in as parts of different arguments.
        """
        cells = [each for each in values if isinstance(each, Cell) and each in self.came]
        if len({id(self.came[cell].held) for cell in cells}) < len(cells):
            raise Restart(MERGED)
        self.expect_as_many(cells)

    def _expect_several(self, texts: list[str]) -> None:
        if len(texts) == 2:
            self.expect(" is not ".join(texts))
        elif len(texts) > 2:
            self.constants["_are_several"] = are_several
            self.expect(f"_are_several({', '.join(texts)})")

    def note_change(self, value: Value) -> None:
        """Note that an object or container is changed."""
        value = original(value)
        if isinstance(value, Cell) and value in self.came:
            self.changed.setdefault(value)

    def expect_once(self) -> None:
        """Hold that what is changed has one value.

        Raises
        ------
        Restart
            If it has several, each of which was changed by itself.
        """
        changed = [self.came[cell] for cell in self.changed]
        for kind in dict.fromkeys(type(each.held) for each in changed):
            self._expect_apart(kind, [each for each in changed if type(each.held) is kind])

    def _expect_apart(self, kind: type, changed: Iterable[_Came]) -> None:
        ways: dict[int, list[str]] = {}
        for each in self.came.values():
            if type(each.held) is kind:
                ways.setdefault(id(each.held), []).append(each.text)
        if any(len(ways[id(each.held)]) > 1 for each in changed):
            raise Restart(MERGED)
        self._expect_several([texts[0] for texts in ways.values()])
        for other in (text for texts in ways.values() for text in texts[1:]):
            for each in changed:
                self.expect(f"{each.text} is not {other}")

    def are_one(self, a: Value, b: Value) -> bool:
        """Whether two values are one object."""
        a, b = original(a), original(b)
        first, second = self._of(a), self._of(b)
        if a is b or first is None or second is None:
            return a is b
        one = first.held is second.held
        self.expect(f"{first.text} {'is' if one else 'is not'} {second.text}")
        return one

    def _of(self, value: Value) -> _Came | None:
        if isinstance(value, Static) and value.access is not None:
            return _Came(value.access.text, value.value)
        return self.came.get(value) if isinstance(value, Cell) else None

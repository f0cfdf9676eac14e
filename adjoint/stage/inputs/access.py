"""How a part of the input is reached."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any

from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Const, Let, Statement, Var
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import OPAQUE, Type

__all__ = ["Access", "Leaf", "Reading"]

PATH_ATTRIBUTE = Op(getattr, Form.PATH, "attr")
PATH_ITEM = Op(lambda owner, key: owner[key], Form.PATH, "item")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """How what an object from outside holds is read: ``table["x"]``, ``cell.cell_contents``.

    Attributes
    ----------
    owner, path
        The object, and the attributes and keys that lead from it to what is looked at.
    """

    owner: Any
    path: tuple[tuple[Callable[[Any, Any], Any], Any], ...]

    @classmethod
    def item(cls, owner: Any, key: Any) -> Reading:
        """``owner[key]``."""
        return cls(owner, ((getitem, key),))

    @classmethod
    def attribute(cls, owner: Any, name: str) -> Reading:
        """``owner.name``."""
        return cls(owner, ((getattr, name),))

    def of(self, name: str) -> str:
        """The text, where the owner has this name."""
        ends = (f".{key}" if read is getattr else f"[{key!r}]" for read, key in self.path)
        return name + "".join(ends)

    def __call__(self) -> Any:
        """What is there now."""
        return reduce(lambda held, step: step[0](held, step[1]), self.path, self.owner)


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A number or array that came in: how it is reached, its variable, and its example."""

    text: str
    variable: Var
    example: Any


@dataclass(eq=False)
class Access:
    """How a part of the input is reached: a text for the guard, and a variable for the code."""

    builder: Builder
    prologue: list[Statement]
    text: str
    parent: Access | None = None
    key: Any = None
    attribute: bool = False
    root: Var | None = None
    _made: Var | None = None

    def variable(self, type_: Type = OPAQUE, name: str = "") -> Var:
        """The variable that holds it; a path is written once."""
        if self.root is not None:
            return self.root
        if self._made is None:
            assert self.parent is not None
            args = (self.parent.variable(), Const(self.key))
            self._made = self.builder.var(type_, name)
            self.prologue.append(Let(self._made, self._op, args, (), self.builder.place))
        return self._made

    def read_again(self) -> Var:
        """A variable that holds it, read where the builder writes.

        Once the function has been cleaned, that of the prologue is gone if nothing read it.
        """
        if self.root is not None:
            return self.root
        assert self.parent is not None
        args = (self.parent.read_again(), Const(self.key))
        return self.builder.let(self._op, args, type_=OPAQUE)

    def argument(self, starred: Container[str]) -> str:
        """The text of the argument that it is a part of; `starred` are ``*args`` and ``**kwargs``.

        Of what is read from outside it is the name.
        """
        way = self
        while way.parent is not None and way.parent.text not in starred:
            way = way.parent
        return way.text

    @property
    def _op(self) -> Op:
        return PATH_ATTRIBUTE if self.attribute else PATH_ITEM

    def item(self, key: Any, shown: str = "") -> Access:
        """The access of ``owner[key]``, where the guard shows the key as its repr or otherwise."""
        text = f"{self.text}[{shown or repr(key)}]"
        return Access(self.builder, self.prologue, text, self, key)

    def attr(self, name: str) -> Access:
        """The access of ``owner.name``."""
        return Access(
            self.builder, self.prologue, f"{self.text}.{name}", self, name, attribute=True
        )

"""The nodes: variables, operands, statements, blocks and functions. All are frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from adjoint.errors import Place
from adjoint.ir.ops import Op
from adjoint.ir.values import Type

__all__ = [
    "UNDEF",
    "Block",
    "Branch",
    "Const",
    "Define",
    "Exit",
    "For",
    "Function",
    "Leaf",
    "Let",
    "Loop",
    "Next",
    "Operand",
    "Pack",
    "Role",
    "SliceOf",
    "Statement",
    "Stop",
    "Undef",
    "Var",
    "While",
    "Yield",
]


class Role(Enum):
    """What a variable is for; names are made from it."""

    PRIMAL = auto()
    ADJOINT = auto()
    TANGENT = auto()
    STACK = auto()
    RECORD = auto()  # an array of what the trips of a loop keep
    INDEX = auto()  # a loop's counter that the user did not name
    FLAG = auto()  # how a loop was left

    @property
    def derived(self) -> bool:
        """Whether it is of a derivative, and not of the program that was written."""
        return self in (Role.ADJOINT, Role.TANGENT)


@dataclass(slots=True, eq=False)
class Var:
    """A variable, assigned once. `name` is the user's, or empty for a temporary.

    The name may be given after the variable was made, while the function is staged; nothing else
    of it ever changes.
    """

    number: int
    name: str
    type: Type
    role: Role = Role.PRIMAL

    def __repr__(self) -> str:
        return f"{self.name or 't'}.{self.number}"


@dataclass(frozen=True, slots=True)
class Undef:
    """The value of a name that is not bound on this path."""


UNDEF = Undef()


@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A value known now. `spelling` is how the user wrote it (``np.pi``), where not by its repr."""

    value: Any
    spelling: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A display: of a tuple, a list, a dict (`keys` beside the items) or a set."""

    kind: str  # "tuple", "list", "dict", "set"; "starred": its item unpacked into another display
    items: tuple[Operand, ...]
    keys: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SliceOf:
    """``start:stop:step`` inside an index; an absent part is ``Const(None)``."""

    start: Operand
    stop: Operand
    step: Operand


Operand = Var | Const | Pack | SliceOf | Undef


@dataclass(frozen=True, slots=True, eq=False)
class Let:
    """``target = op(*args, **kwargs)``; `target` is None for what is run for its effect alone."""

    target: Var | None
    op: Op
    args: tuple[Operand, ...]
    kwargs: tuple[tuple[str, Operand], ...]
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """``if test``; each arm that does not leave ends in a `Yield` of one value for each join.

    One of style "try" asks whether what stands before the `ELSE` in `other` raises: its test is a
    display of the classes that are caught, and `then` is run with what comes before `other`.
    """

    test: Operand
    then: Block
    other: Block
    joins: tuple[Var, ...]
    place: Place
    style: str = "if"  # how the user wrote it: "if", "ifexp", "and", "or", "try"


@dataclass(frozen=True, slots=True, eq=False)
class For:
    """The head of a loop over ``range(start, stop, step)``, backwards if `reverse`."""

    index: Var
    start: Operand
    stop: Operand
    step: Operand
    reverse: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class While:
    """The head of a loop that runs while the one value `test` yields holds."""

    test: Block


@dataclass(frozen=True, slots=True, eq=False)
class Define:
    """The head of a function that is defined inside: a loop whose trips are its calls.

    Like the trips of a loop, the calls may be any number, one after the other, and all find what is
    outside as it was; what they return they hand back by a statement.
    """

    params: tuple[Var, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop.

    `params` are the carried variables, `inits` their values on entry, `outs` on leaving; `Next`
    gives them for the next trip, `Exit` for leaving at once. `code` is 0 where the loop ran to its
    end, and the code of the `Exit` that was taken otherwise; of a `Define`, it is the function.
    """

    head: For | While | Define
    params: tuple[Var, ...]
    inits: tuple[Operand, ...]
    body: Block
    outs: tuple[Var, ...]
    code: Var | None
    place: Place


Statement = Let | Branch | Loop


@dataclass(frozen=True, slots=True, eq=False)
class Yield:
    """The end of an arm, of a test or of a function: the values it hands on."""

    values: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Next:
    """The end of a trip: the carried variables of the next."""

    values: tuple[Operand, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Exit:
    """Leave the loop: the values of its outs. Every `Exit` of a loop has a code of its own."""

    code: int
    kind: str  # "break", "return", or "ended" by a test in the body
    values: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a block that is not left by its end: it raises."""


Leaf = Yield | Next | Exit | Stop


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Statements, then a leaf."""

    statements: tuple[Statement, ...]
    leaf: Leaf = field(default_factory=Yield)


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function. The leaf of `body` yields what it returns: one operand, or a tuple of several.

    Of a function with `cotangents`, the statements of the backward sweep are to become a function
    of these. The leaf then yields what is returned before that function, what is returned after
    it, and what it returns itself. It is called `again` if it may be called more than once.
    `split` is the number of statements before the backward sweep: all of them where tangents go
    along with the function, and -1 where it has no derivatives. The memory of what is `owned` is
    its own from the begin on, of these parameters.
    """

    name: str
    params: tuple[Var, ...]
    keywords: tuple[Var, ...]
    body: Block
    place: Place
    split: int = -1
    cotangents: tuple[Var, ...] = ()
    again: bool = True
    owned: tuple[Var, ...] = ()

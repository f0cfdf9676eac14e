"""What is known about one function: its rule, in the words of the declarations.

How a rule is written down, and what forward mode makes of its kind, is told in
`adjoint.rules.registry`.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

__all__ = ["Function", "Given", "Jvp", "Kind", "Rule", "Solver", "Vjp", "Written"]

Function = Callable[..., Any]
Vjp = Callable[..., Any]
Jvp = Callable[..., Any]


class Kind(Enum):
    """What a rule says about the shape of the derivative."""

    ELEMENTWISE = auto()  # each result element depends on the operands' elements at its own place
    LINEAR = auto()  # linear in all its differentiable arguments together (sum, concatenate)
    REARRANGEMENT = auto()  # linear, and each element of the result is one of the argument, once
    MULTILINEAR = auto()  # linear in each argument with the others held (matmul, einsum)
    GENERAL = auto()
    ZERO = auto()  # the derivative is zero wherever it exists
    STAGED = auto()  # what it does is read as if it were written out: the interpreter knows how
    REFUSED = auto()  # no derivative is offered, for the reason given


@dataclass(frozen=True, slots=True)
class Solver:
    """What is known about a function that calls another one, its first argument.

    Attributes
    ----------
    vjp, jvp
        As of a rule, but for all arguments at once; see `adjoint.transform.solvers`.
    state
        Which argument of the other function is made of the solution, if one is.
    parts
        The names of the attributes by which the parts of the result are read, if it has some.
    refused
        Options that are refused wherever they are given, and what to do.
    root
        Whether the result, or its first part, is where the other function is zero.
    described
        What it is called in a message, where not by its name.
    """

    vjp: Vjp
    jvp: Jvp
    state: int | None = None
    parts: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    root: bool = False
    described: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A rule of a user's for a function that is not read.

    `pullback` takes a cotangent, the result and the arguments; it is read as other functions of the
    program are. `like` makes what has the shape and dtype of the result, or is None.
    """

    pullback: Function
    like: Function | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How a call is printed.

    Attributes
    ----------
    text
        An expression, in which the names of parameters stand for what is given. What is given to a
        parameter that is not named is there for the derivative alone. A keyword is left out where
        it is what the parameter is without it.
    names
        What other names in it are.
    """

    text: str
    names: Mapping[str, Any] = field(default_factory=dict)

    def hides(self, parameter: str) -> bool:
        """Whether what is given to a parameter is not printed.

        >>> Written("matrix @ x").hides("entries")
        True
        """
        return re.search(rf"\b{parameter}\b", self.text) is None


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known about one function.

    Attributes
    ----------
    function
        The function itself, which is also the key.
    kind
        The class of its derivative.
    vjps
        For each argument that can be active, by name: ``(g, ans, *args, **kwargs) -> cotangent``.
    without_ans
        For some of these, a form that does not read ``ans``, which the engine takes where the
        result is not kept anyway.
    jvps
        For some arguments, by name: ``(t, ans, *args, **kwargs) -> tangent``, in the place of what
        the kind says.
    reason
        Of a refused function: why, and what to use instead. Of one whose derivative is zero for
        real numbers alone: what it is for complex ones, which are refused.
    effect
        Whether a call does more than return a value, or returns what is no number: it runs once, in
        its place.
    instead
        Of a function that the interpreter follows: what it reads in its place.
    given
        Of a function that a user gave a rule: that.
    total
        Whether an elementwise function takes all real numbers: it may give nan, and never raises.
        Of one without derivative: whether it never raises.
    solver
        Of a function that calls another one: how that is differentiated.
    written
        How a call is printed, where not by the name of the function.
    safe
        Of an elementwise function that is singular somewhere: a number at which it and its
        derivative are finite. What ``np.where`` does not take is differentiated there.
    poles
        Of one that is singular at places that its other arguments decide, so that no number is
        safe: whether what it contributes is left out where ``np.where`` does not take it.
    chosen
        Of an elementwise function that chooses among its arguments, for some of these, by name:
        ``(ans, *args, **kwargs) -> condition``, false where it is not the one. Of arguments of one
        name, ``(ans, argument, *others) -> condition``.
    dense
        Whether the function reads an array wrong whose elements are all kept in one place.
    of_real
        Whether the rule is for real numbers alone: calls with complex ones are refused.
    variants
        For some parameters, by name: what is read in the place of a call that gives them.
    triangle
        Of a function that reads one triangle of its first argument: whether that is the upper one,
        ``(*args, **kwargs) -> bool``, or None where it reads all of it.
    halves
        Of how many arguments, from the first on, it does so.
    """

    function: Function
    kind: Kind
    vjps: Mapping[str, Vjp] = field(default_factory=dict)
    without_ans: Mapping[str, Vjp] = field(default_factory=dict)
    jvps: Mapping[str, Jvp] = field(default_factory=dict)
    reason: str = ""
    effect: bool = False
    instead: Function | None = None
    given: Given | None = None
    total: bool = False
    solver: Solver | None = None
    written: Written | None = None
    safe: float | None = None
    poles: bool = False
    chosen: Mapping[str, Function] = field(default_factory=dict)
    dense: bool = False
    of_real: bool = False
    variants: Mapping[str, Function] = field(default_factory=dict)
    triangle: Function | None = None
    halves: int = 0

    def places(self, count: int) -> frozenset[int]:
        """Where what it is differentiated by stands among so many positional arguments."""
        found = (_places(vjp, name, count) for name, vjp in self.vjps.items())
        return frozenset().union(*found)


@functools.lru_cache(maxsize=4096)
def _places(vjp: Vjp, name: str, count: int) -> range:
    parameters = list(inspect.signature(vjp).parameters.values())[2:]  # past g and ans
    place = [parameter.name for parameter in parameters].index(name)
    variadic = parameters[place].kind is inspect.Parameter.VAR_POSITIONAL
    return range(place, count if variadic else place + 1)

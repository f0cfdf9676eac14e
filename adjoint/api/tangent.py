"""Forward mode as users hold it: `jvp`, and the object that keeps the code it generates."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from adjoint.api.callables import plain_function
from adjoint.api.compiler import pipeline
from adjoint.api.derivative import Source, raise_as_the_primal
from adjoint.api.directions import conformed
from adjoint.cache import SignatureCache
from adjoint.errors import BadArgument, PrimalRaises
from adjoint.source.parameters import Kind, parameters_of

if TYPE_CHECKING:
    from adjoint.pipeline import Compiled

__all__ = ["Tangent", "jvp"]

KEPT = 512
"""Functions whose generated code is kept, of all that `jvp` was called with."""

Asked = tuple[str, ...]


class _Code:
    """The code generated for one function, by which arguments have a tangent, and by signature."""

    def __init__(self, function: types.FunctionType) -> None:
        self.function = function
        self.parameters = parameters_of(function)
        self.signature = inspect.signature(function, follow_wrapped=False)
        self.caches: dict[Asked, SignatureCache[Compiled]] = {}
        self.entries: dict[Asked, Callable[..., Any]] = {}
        self.latest: Compiled | None = None

    def names(self, count: int) -> Asked:
        """The names of so many positional arguments: ``x``, or ``args[1]`` of ``*args``."""
        kinds = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
        plain = [p.name for p in self.parameters if p.kind in kinds]
        rest = next((p.name for p in self.parameters if p.kind is Kind.VAR_POSITIONAL), "")
        return (*plain[:count], *(f"{rest}[{k}]" for k in range(count - len(plain))))

    def bound(self, primals: tuple[Any, ...]) -> tuple[Any, ...]:
        """All arguments in the order of the parameters."""
        bound = self.signature.bind(*primals)
        bound.apply_defaults()
        return tuple(bound.arguments[p.name] for p in self.parameters)

    def run(self, asked: Asked, *values: Any) -> Any:
        """The result and its tangent, where the code that was used last may not apply."""
        count = len(self.parameters)
        args = values[:count]
        directions = self._conformed(asked, args, values[count:])
        values = (*args, *directions)
        try:
            cache = self.caches.setdefault(asked, SignatureCache())
            compiled = cache.find(values, lambda: self._compile(asked, args))
        except PrimalRaises as failure:
            named = dict(zip((p.name for p in self.parameters), args, strict=True))
            raise_as_the_primal(
                self.function, inspect.BoundArguments(self.signature, named), failure
            )
        if not compiled.fits(*values):
            raise BadArgument(
                f"the tangents of {self.function.__name__} are not like its arguments",
                None,
                "give each the structure, shape and dtype of the argument it belongs to",
            )
        self.latest = compiled
        self.entries[asked] = compiled.enter
        outside = {name: read() for name, read in compiled.externals.items()}
        return compiled.function(*values, **outside)

    def _conformed(
        self, asked: Asked, args: tuple[Any, ...], directions: tuple[Any, ...]
    ) -> list[Any]:
        """The tangents, each like its argument."""
        primals = dict(zip((p.name for p in self.parameters), args, strict=True))
        given = dict(zip(dict.fromkeys(map(_parameter, asked)), directions, strict=True))
        made = {name: list(t) if name not in asked else t for name, t in given.items()}
        for each in asked:
            name, bracket, position = each.partition("[")
            if bracket:
                k = int(position.rstrip("]"))
                made[name][k] = conformed(each, primals[name][k], made[name][k])
            else:
                made[name] = conformed(each, primals[name], made[name])
        return [made[name] if name in asked else tuple(made[name]) for name in made]

    def _compile(self, asked: Asked, args: tuple[Any, ...]) -> Compiled:
        examples = dict(zip((p.name for p in self.parameters), args, strict=True))
        otherwise = functools.partial(self.run, asked)
        return pipeline.compile_tangent(self.function, examples, asked, otherwise)


@functools.lru_cache(KEPT)
def _code_of(function: types.FunctionType) -> _Code:
    return _Code(function)


def _parameter(asked: str) -> str:
    """The parameter that an argument is, or is part of."""
    return asked.partition("[")[0]


class Tangent:
    """A function that computes a result together with its tangent, as `jvp` returns it.

    Attributes
    ----------
    __wrapped__
        The function itself.
    source
        The generated code.
    """

    def __init__(self, fun: Callable[..., Any]) -> None:
        functools.update_wrapper(self, fun, updated=())
        function, self._first = plain_function(fun)
        self._code = _code_of(function)
        self._name = getattr(fun, "__name__", type(fun).__name__)
        self.__wrapped__ = fun

    def __call__(self, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """The result at `primals`, and its derivative along `tangents`."""
        self._check(primals, tangents)
        code, first = self._code, self._first
        args = code.bound((*first, *primals))
        names = code.names(len(first) + len(primals))[len(first) :]
        asked = tuple(n for n, t in zip(names, tangents, strict=True) if t is not None)
        directions: dict[str, Any] = {}
        for name, tangent in zip(names, tangents, strict=True):
            if name.endswith("]"):
                of = _parameter(name)
                directions[of] = (*directions.get(of, ()), tangent)
            elif tangent is not None:
                directions[name] = tangent
        values = (*args, *(directions[of] for of in dict.fromkeys(map(_parameter, asked))))
        entry = code.entries.get(asked)
        if entry is None:
            entry = functools.partial(code.run, asked)
        found: tuple[Any, Any] = entry(*values)
        return found

    def _check(self, primals: object, tangents: object) -> None:
        for what, value in (("primals", primals), ("tangents", tangents)):
            if not isinstance(value, tuple | list):
                raise BadArgument(
                    f"the {what} of {self._name} are {type(value).__name__}, and no tuple",
                    None,
                    f"write jvp({self._name}, (x,), (x_dot,)), also for one argument",
                )
        assert isinstance(primals, tuple | list)
        assert isinstance(tangents, tuple | list)
        if len(primals) != len(tangents):
            raise BadArgument(
                f"{self._name} is given {len(primals)} arguments and {len(tangents)} tangents",
                None,
                "give a tangent for each argument, or None for one that is held fixed",
            )

    @property
    def source(self) -> Source:
        """The generated code that was used last.

        Raises
        ------
        BadArgument
            Before the first call.
        """
        latest = self._code.latest
        if latest is None:
            raise BadArgument(
                f"the tangent of {self._name} was not computed yet",
                None,
                "call it first: the code depends on the arguments, and on which have a tangent",
            )
        return Source(latest.source)

    def __repr__(self) -> str:
        return f"<tangent of {self._name}>"


def jvp(
    fun: Callable[..., Any],
    primals: Sequence[Any] | None = None,
    tangents: Sequence[Any] | None = None,
) -> Any:
    """The result of a function, and its derivative along a direction: forward mode.

    Parameters
    ----------
    fun
        A Python function that computes with NumPy. Its result may have any structure.
    primals
        Its positional arguments, as a tuple.
    tangents
        For each of them the direction: of the same structure, shapes and dtypes, or None where the
        argument is held fixed. What is no float inside a structure may be anything.

    Returns
    -------
    tuple
        ``(result, tangent)``. The tangent has the structure of the result; what is no float there
        has None. Without `primals` and `tangents`, a `Tangent` that is called with them.

    Raises
    ------
    BadArgument
        If a tangent is not like its argument.
    Unsupported
        Where the function does something that cannot be differentiated.

    Examples
    --------
    >>> from adjoint import jvp
    >>> jvp(lambda x, y: x**2 * y, (3.0, 2.0), (1.0, 0.0))
    (18.0, 12.0)
    >>> jvp(lambda x, y: (x + y, [x * y]), (3.0, 2.0), (1.0, None))
    ((5.0, [6.0]), (1.0, [2.0]))
    """
    if primals is None or tangents is None:
        return Tangent(fun)
    return Tangent(fun)(primals, tangents)

"""Forward mode as users hold it: `jvp`, and the object that keeps the code it generates."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adjoint.api.arguments import bound_arguments, check_parameters, with_defaults
from adjoint.api.callables import plain_function
from adjoint.api.compiler import pipeline
from adjoint.api.derivative import Source, raise_as_the_primal
from adjoint.api.directions import conformed
from adjoint.cache import SignatureCache
from adjoint.errors import BadArgument, PrimalRaises, note_origin
from adjoint.markers import Derives
from adjoint.source.parameters import UNSET, Kind, Parameter, parameters_of, part_of

if TYPE_CHECKING:
    from adjoint.pipeline import Compiled

__all__ = ["Tangent", "jvp"]

KEPT = 512
"""Functions whose generated code is kept, of all that `jvp` was called with."""

Counts = tuple[int, int]
"""How many arguments a method is bound to, and how many are given beside them."""


class _Code:
    """The code generated for one function, by which arguments have a tangent, and by signature."""

    def __init__(self, function: types.FunctionType) -> None:
        self.function = function
        self.parameters = parameters_of(function)
        self.caches: dict[tuple[Counts, tuple[str, ...]], SignatureCache[Compiled]] = {}
        #: The entry of the code that was used last, and the arguments it takes that are left out.
        self.entries: dict[Counts, tuple[Callable[..., Any], tuple[Any, ...]]] = {}
        self.latest: Compiled | None = None

    def call(
        self, fun: Any, first: tuple[Any, ...], primals: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[Any, Any]:
        """The result and its tangent; where there is an entry for so many arguments, by that."""
        if type(primals) is tuple and type(tangents) is tuple and len(primals) == len(tangents):
            found = self.entries.get((len(first), len(primals)))
            if found is not None:
                enter, rest = found
                out: tuple[Any, Any] = enter(*first, *primals, *rest, *tangents)
                return out
        _check(_name(fun), primals, tangents)
        counts = len(first), len(primals)
        given = dict(zip(self._names(counts), tangents, strict=True))
        out = self._run(counts, *self._bound((*first, *primals)), *_by_parameter(given))
        return out

    def call_with(
        self,
        fun: Any,
        first: tuple[Any, ...],
        primals: Sequence[Any],
        tangents: Sequence[Any],
        keywords: Mapping[str, Any],
    ) -> tuple[Any, Any]:
        """The result and its tangent, with further arguments by keyword."""
        _check(_name(fun), primals, tangents)
        counts = len(first), len(primals)
        given = dict(zip(self._names(counts), tangents, strict=True))
        args = self._bound((*first, *primals), keywords)
        out: tuple[Any, Any] = self._run(counts, *args, *_by_parameter(given), remember=False)
        return out

    def _run(self, counts: Counts, *values: Any, remember: bool = True) -> Any:
        """As `call`, where the code that was used last may not apply.

        The values are all arguments, and for each parameter that is given its tangent or None.
        `remember` tells that those that are not given have their defaults.
        """
        names = self._names(counts)
        args, by_parameter = values[: len(self.parameters)], values[len(self.parameters) :]
        args = with_defaults(self.function, args)
        given = _by_argument(names, by_parameter)
        asked = tuple(name for name in names if given[name] is not None)
        named = dict(zip((p.name for p in self.parameters), args, strict=True))
        for name in asked:
            given[name] = conformed(name, _of(named, name), given[name])
        values = (*args, *_by_parameter(given))
        cache = self.caches.setdefault((counts, asked), SignatureCache())
        try:
            compiled = cache.find(values, lambda: self._compile(counts, asked, named))
        except PrimalRaises as failure:
            signature = inspect.signature(self.function, follow_wrapped=False)
            bound = inspect.BoundArguments(signature, named)
            raise_as_the_primal(self.function, bound, failure)
        if not compiled.fits(*values):
            raise BadArgument(
                f"the tangents of {self.function.__name__} are not like its arguments",
                None,
                "give each the structure, shape and dtype of the argument it belongs to,"
                " and one tangent to what is one object there",
            )
        self.latest = compiled
        variadic = (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)
        if remember and all(p.kind not in variadic for p in self.parameters):
            self.entries[counts] = compiled.enter, (UNSET,) * (len(args) - sum(counts))
        outside = {name: read() for name, read in compiled.externals.items()}
        used = _by_parameter(
            {k: t for k, t in given.items() if _parameter(k) in map(_parameter, asked)}
        )
        try:
            return compiled.function(*args, *used, **outside)
        except Exception:
            note_origin()
            raise

    def _names(self, counts: Counts) -> tuple[str, ...]:
        """The names of the arguments that are given: ``x``, or ``args[1]`` of ``*args``."""
        kinds = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
        plain = [p.name for p in self.parameters if p.kind in kinds]
        rest = next((p.name for p in self.parameters if p.kind is Kind.VAR_POSITIONAL), "")
        every = (*plain, *(f"{rest}[{k}]" for k in range(sum(counts) - len(plain))))
        return every[counts[0] : sum(counts)]

    def _bound(
        self, primals: tuple[Any, ...], keywords: Mapping[str, Any] | None = None
    ) -> tuple[Any, ...]:
        """All arguments in the order of the parameters."""
        check_parameters(self.function, self.parameters)
        return bound_arguments(self.function, primals, keywords or {})

    def _compile(
        self, counts: Counts, asked: tuple[str, ...], examples: dict[str, Any]
    ) -> Compiled:
        check_parameters(self.function, self.parameters)
        given = tuple(dict.fromkeys(map(_parameter, self._names(counts))))
        otherwise = functools.partial(self._run, counts)
        return pipeline.compile_tangent(self.function, examples, asked, given, otherwise)


@functools.lru_cache(KEPT)
def _code_of(function: types.FunctionType) -> _Code:
    return _Code(function)


def _parameter(name: str) -> str:
    """The parameter that an argument is, or is part of."""
    return part_of(name)[0]


def _of(values: Mapping[str, Any], name: str) -> Any:
    """The value of an argument, from those of all parameters."""
    parameter, position = part_of(name)
    return values[parameter] if position is None else values[parameter][position]


def _by_argument(names: Sequence[str], by_parameter: Sequence[Any]) -> dict[str, Any]:
    """Of tangents for each parameter, those for each argument."""
    parameters = dict.fromkeys(map(_parameter, names))
    values = dict(zip(parameters, by_parameter, strict=True))
    return {name: _of(values, name) for name in names}


def _by_parameter(given: Mapping[str, Any]) -> list[Any]:
    """The tangents for each parameter: of ``*args`` a tuple."""
    found: dict[str, Any] = {}
    for name, tangent in given.items():
        parameter = _parameter(name)
        found[parameter] = tangent if parameter == name else (*found.get(parameter, ()), tangent)
    return [*found.values()]


def _name(fun: Any) -> str:
    name: str = getattr(fun, "__name__", type(fun).__name__)
    return name


def _check(name: str, primals: object, tangents: object) -> None:
    for what, value in (("primals", primals), ("tangents", tangents)):
        if not isinstance(value, tuple | list):
            raise BadArgument(
                f"the {what} of {name} are {type(value).__name__}, and no tuple",
                None,
                f"write jvp({name}, (x,), (x_dot,)), also for one argument",
            )
    assert isinstance(primals, tuple | list)
    assert isinstance(tangents, tuple | list)
    if len(primals) != len(tangents):
        raise BadArgument(
            f"{name} is given {len(primals)} arguments and {len(tangents)} tangents",
            None,
            "give a tangent for each argument, or None for one that is held fixed",
        )


class Tangent:
    """A function that computes a result together with its tangent, as `jvp` returns it.

    Attributes
    ----------
    __wrapped__
        The function itself.
    source
        The generated code.
    """

    #: What staging knows it by, where it is called in a function that is differentiated.
    __adjoint_derives__ = Derives("jvp")
    argnums = ()
    holomorphic = False
    #: What it takes, where it is itself differentiated.
    parameters = tuple(Parameter(n, Kind.POSITIONAL_OR_KEYWORD) for n in ("primals", "tangents"))
    default_owner = None
    suffix = "jvp"

    def __init__(self, fun: Callable[..., Any], has_aux: bool = False) -> None:
        functools.update_wrapper(self, fun, updated=())
        function, self._first = plain_function(fun)
        self._code = _code_of(function)
        self.__wrapped__ = self.__adjoint_primal__ = fun
        self.has_aux = has_aux

    def __call__(
        self, primals: Sequence[Any], tangents: Sequence[Any], **keywords: Any
    ) -> tuple[Any, ...]:
        """The result at `primals`, and its derivative along `tangents`."""
        fun, first, code = self.__wrapped__, self._first, self._code
        if keywords:
            found = code.call_with(fun, first, primals, tangents, keywords)
        else:
            found = code.call(fun, first, primals, tangents)
        return _without_aux(_name(fun), *found) if self.has_aux else found

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
                f"the tangent of {_name(self.__wrapped__)} was not computed yet",
                None,
                "call it first: the code depends on the arguments, and on which have a tangent",
            )
        return Source(latest.source)

    def __repr__(self) -> str:
        return f"<tangent of {_name(self.__wrapped__)}>"


def _without_aux(name: str, out: Any, tangent: Any) -> tuple[Any, ...]:
    """The result, its tangent, and what is handed on beside them."""
    if not isinstance(out, tuple) or len(out) != 2:
        raise BadArgument(f"{name} with has_aux=True returns no pair", None, "return value, aux")
    return out[0], tangent[0], out[1]


def jvp(
    fun: Callable[..., Any],
    primals: Sequence[Any] | None = None,
    tangents: Sequence[Any] | None = None,
    *,
    has_aux: bool = False,
    **keywords: Any,
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
    has_aux
        Whether `fun` returns a pair, whose second part is handed on and not differentiated.
    keywords
        Further arguments of `fun`, which are not differentiated.

    Returns
    -------
    tuple
        ``(result, tangent)``, or ``(result, tangent, aux)`` with `has_aux`. The tangent has the
        structure of the result; what is no float there has None. Without `primals` and `tangents`,
        a `Tangent` that is called with them.

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
        return Tangent(fun, has_aux)
    if has_aux or keywords:
        return Tangent(fun, has_aux)(primals, tangents, **keywords)
    function, first = plain_function(fun)
    return _code_of(function).call(fun, first, primals, tangents)


jvp.__adjoint_derives__ = Derives("jvp")  # type: ignore[attr-defined]

"""A derivative of a function, as an object that is called as the function is."""

from __future__ import annotations

import functools
import inspect
import pathlib
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, Self

from adjoint.api.arguments import (
    Argnums,
    argument_name,
    bound_arguments,
    check_differentiable,
    check_parameters,
    plain_numbers,
    with_defaults,
)
from adjoint.api.callables import plain_function
from adjoint.api.compiler import pipeline
from adjoint.cache import SignatureCache
from adjoint.errors import BadArgument, PrimalRaises, Unsupported, note_origin
from adjoint.markers import Derives
from adjoint.source.parameters import STARS, Kind, Parameter, parameters_of, part_of
from adjoint.transform.wanted import Wanted

if TYPE_CHECKING:
    from adjoint.pipeline import Compiled

__all__ = ["Derivative", "Source", "raise_as_the_primal"]


class Source(str):
    """Generated source; a notebook shows it highlighted."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


class Derivative:
    """A derivative of a function.

    It is called as the function is. At the first call with arguments of a new kind (type, dtype,
    rank) the derivative is derived and compiled; after that a call runs the generated NumPy code.

    Attributes
    ----------
    __wrapped__
        The function itself.
    source
        The generated code.
    """

    __slots__ = ("__call__", "__dict__", "__weakref__")

    #: What staging knows it by, where it is called in a function that is differentiated.
    __adjoint_derives__ = Derives("grad")
    #: What a function that calls it is called: ``f_grad``.
    suffix = "grad"
    __name__: str
    __qualname__: str
    #: The entry of the code that was used last. In a slot of the object, so that a call runs it
    #: with nothing in between; it calls `_run` with arguments of another kind.
    __call__: Callable[..., Any]

    def __init__(self, fun: Callable[..., Any], argnums: Argnums, form: Wanted) -> None:
        functools.update_wrapper(self, fun, updated=())
        self.__name__ = getattr(fun, "__name__", type(fun).__name__)
        self.__wrapped__ = fun
        self.argnums = plain_numbers(argnums)
        self.has_aux, self.holomorphic = form.has_aux, form.holomorphic
        self._function, self._first = plain_function(fun)
        self._parameters = parameters_of(self._function)
        self._wanted = self._what(argnums, form)
        self._cache: SignatureCache[Compiled] = SignatureCache()
        self._unseen: Compiled | None = None
        self.__adjoint_primal__ = fun
        self.__call__ = self._bind_and_run

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that a call gives arguments for."""
        return self._parameters[len(self._first) :]

    @property
    def default_owner(self) -> types.FunctionType | None:
        """The function that has the defaults of the parameters, if there are any."""
        return self._function

    # -- calling -----------------------------------------------------------------------------------

    def _bind_and_run(self, *args: Any, **kwargs: Any) -> Any:
        """The result, where there is no entry yet that has the parameters of the function."""
        return self._run(*self._bind((*self._first, *args), kwargs))

    def _run(self, *args: Any) -> Any:
        """The result for all arguments in order, where the code used last may not apply."""
        args = with_defaults(self._function, args)
        compiled = self._compiled(args)
        outside = {name: read() for name, read in compiled.externals.items()}
        try:
            return compiled.function(*args, **outside)
        except Exception:
            note_origin()
            raise

    def _compiled(self, args: tuple[Any, ...]) -> Compiled:
        try:
            compiled = self._cache.find(args, lambda: self._compile(args))
        except PrimalRaises as error:
            failure = error
        else:
            self.__call__ = self._entry(compiled)
            return compiled
        self._fail(args, failure)

    def _fail(self, args: tuple[Any, ...], failure: PrimalRaises) -> NoReturn:
        raise_as_the_primal(self._function, self._as_call(args), failure)

    def _entry(self, compiled: Compiled) -> Callable[..., Any]:
        enter: Any = compiled.enter
        enter.__qualname__ = self.__name__
        return functools.partial(enter, *self._first) if self._first else enter

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        check_parameters(self._function, self._parameters)
        return bound_arguments(self._function, args, kwargs)

    def _as_call(self, args: tuple[Any, ...]) -> inspect.BoundArguments:
        named = dict(zip((p.name for p in self._parameters), args, strict=True))
        signature = inspect.signature(self._function, follow_wrapped=False)
        return inspect.BoundArguments(signature, named)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    # -- compiling ---------------------------------------------------------------------------------

    def _compile(self, args: tuple[Any, ...]) -> Compiled:
        check_parameters(self._function, self._parameters)
        examples = dict(zip((p.name for p in self._parameters), args, strict=True))
        promoted = self._promoted(examples)
        return pipeline.compile_gradient(
            self._function, examples, self._wanted, promoted, self._run
        )

    def _promoted(self, examples: dict[str, Any]) -> frozenset[str]:
        """The arguments whose whole numbers are taken as floats: those that are asked for."""
        for name in self._wanted.arguments:
            check_differentiable(name, self._example(name, examples))
        return frozenset(self._wanted.arguments)

    def _example(self, name: str, examples: dict[str, Any]) -> Any:
        parameter, key = part_of(name)
        if key is None:
            return examples[name]
        given = examples[parameter]
        if key not in (given if isinstance(given, dict) else range(len(given))):
            names = ", ".join(given) or "none by other names"
            there = names if isinstance(given, dict) else f"{len(given)} there"
            raise BadArgument(
                f"the gradient with respect to {name} is asked for, which the call does not give:"
                f" it has {there}",
                None,
                "pass the argument, or leave it out of argnums",
            )
        return given[key]

    def _what(self, argnums: Argnums, form: Wanted) -> Wanted:
        single = isinstance(argnums, str) or not isinstance(argnums, Sequence)
        asked: Any = [argnums] if single else argnums
        offset = len(self._first)
        names = [p.name for p in self._parameters if p.kind is not Kind.VAR_KEYWORD][offset:]
        stars = {p.kind: p.name for p in self._parameters if p.kind in STARS}
        found = tuple(argument_name(self.__name__, names, stars, each) for each in asked)
        return replace(form, arguments=found, single=single)

    def specialize(self, *examples: Any, **named: Any) -> Self:
        """Compile for arguments of the kind of these examples, ahead of any call.

        Returns
        -------
        Derivative
            This object.
        """
        args = (*self._first, *examples)
        self._compiled(self._bind(args, named))
        return self

    # -- looking -----------------------------------------------------------------------------------

    @property
    def source(self) -> Source:
        """The generated code that was used last; before the first call, code for any arrays.

        Raises
        ------
        Unsupported
            If the gradient cannot be written without knowing the arguments.
        """
        latest = self._cache.latest or self._unseen
        if latest is None:
            latest = self._unseen = pipeline.compile_gradient(self._function, None, self._wanted)
        return Source(latest.source)

    def explain(self) -> str:
        """What is differentiated and what is not, and what the compiled code rests on."""
        latest = self._cache.latest
        lines = [f"{self.__name__} with respect to {', '.join(self._wanted.arguments)}"]
        if latest is None:
            return "\n".join([*lines, "not compiled yet: call it, or .specialize(*examples)"])
        lines += [f"  {name}: {what}" for name, what in latest.report.items()]
        kinds = f"{len(self._cache)} kind{'s' if len(self._cache) > 1 else ''}"
        lines.append(f"compiled for {kinds} of arguments; this one where")
        lines += [f"  {condition}" for condition in latest.assumed]
        return "\n".join(lines)

    def save(self, path: str | pathlib.Path) -> None:
        """Write the generated code to a module that needs NumPy alone."""
        pathlib.Path(path).write_text(self.source, encoding="utf-8")

    def __reduce__(self) -> str | tuple[Any, ...]:
        name: str = getattr(self, "__qualname__", "")  # an object that is called has none
        if name and _found_under(self.__module__, name) is self:
            return name
        return type(self), self._arguments()

    def _arguments(self) -> tuple[Any, ...]:
        """What makes this object again."""
        raise NotImplementedError


def raise_as_the_primal(
    function: Callable[..., Any], bound: inspect.BoundArguments, failure: PrimalRaises
) -> NoReturn:
    """The function itself raises for such arguments: so that the user sees it, it is called."""
    function(*bound.args, **bound.kwargs)
    name = getattr(function, "__name__", function)
    raise Unsupported(
        f"{name} seems to raise {failure.error!r} here, but did not",
        failure.place,
        "please report this with the function and its arguments",
    ) from failure.error


def _found_under(module: str, qualname: str) -> Any:
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found

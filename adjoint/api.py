"""What users hold: `grad` and `value_and_grad`, and the objects they return."""

from __future__ import annotations

import functools
import inspect
import linecache
import pathlib
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from adjoint.cache import SignatureCache
from adjoint.errors import BadArgument, Unsupported, suggest
from adjoint.pipeline import Compiled, compile_gradient
from adjoint.rules import lookup
from adjoint.source.bindings import Kind, Parameter, bindings_of
from adjoint.source.read import read
from adjoint.stage.context import PrimalRaises
from adjoint.transform.gradient import Wanted

__all__ = ["Gradient", "Source", "grad", "value_and_grad"]

Argnums = int | str | Sequence[int] | Sequence[str]


class Source(str):
    """Generated source; a notebook shows it highlighted."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


class Gradient:
    """The gradient of a function, as `grad` and `value_and_grad` return it.

    It is called as the function is. At the first call with arguments of a new kind (type, dtype,
    rank) the gradient is derived and compiled; after that a call runs the generated NumPy code.

    Attributes
    ----------
    __wrapped__
        The function itself.
    source
        The generated code.
    """

    __slots__ = ("__call__", "__dict__", "__weakref__")

    __name__: str
    __qualname__: str
    #: The entry of the code that was used last. In a slot of the object, so that a call runs it
    #: with nothing in between; it calls `_run` with arguments of another kind.
    __call__: Callable[..., Any]

    def __init__(
        self, fun: Callable[..., Any], argnums: Argnums, has_aux: bool, value: bool
    ) -> None:
        functools.update_wrapper(self, fun, updated=())
        self.__name__ = getattr(fun, "__name__", type(fun).__name__)
        self.__wrapped__ = fun
        self.argnums, self.has_aux, self.value = argnums, has_aux, value
        self._function, self._first = plain_function(fun)
        self._parameters = bindings_of(self._function).parameters
        self._wanted = self._what(argnums, has_aux, value)
        self._is_simple = _all_positional(self._parameters)
        self._cache: SignatureCache[Compiled] = SignatureCache()
        self._unseen: Compiled | None = None
        self.__adjoint_primal__ = fun
        self.__call__ = self._bind_and_run

    # -- calling -----------------------------------------------------------------------------------

    def _bind_and_run(self, *args: Any, **kwargs: Any) -> Any:
        """The result, where there is no entry that has the parameters of the function."""
        whole = (*self._first, *args)
        if kwargs or not self._is_simple or len(whole) != len(self._parameters):
            whole = self._bind(whole, kwargs)
        return self._run(*whole)

    def _run(self, *args: Any) -> Any:
        """The result for all arguments in order, where the code used last may not apply."""
        compiled = self._compiled(args)
        outside = {name: read() for name, read in compiled.externals.items()}
        return compiled.function(*args, **outside)

    def _compiled(self, args: tuple[Any, ...]) -> Compiled:
        try:
            compiled = self._cache.find(args, lambda: self._compile(args))
        except PrimalRaises as error:
            failure = error
        else:
            if self._is_simple:
                self.__call__ = self._entry(compiled)
            return compiled
        self._raise_as_the_primal(args, failure)

    def _entry(self, compiled: Compiled) -> Callable[..., Any]:
        enter: Any = compiled.enter
        enter.__defaults__ = self._function.__defaults__
        enter.__qualname__ = self.__name__
        return functools.partial(enter, *self._first) if self._first else enter

    def _raise_as_the_primal(self, args: tuple[Any, ...], failure: PrimalRaises) -> NoReturn:
        """The function itself raises for such arguments: so that the user sees it, it is called."""
        bound = self._as_call(args)
        self._function(*bound.args, **bound.kwargs)
        raise Unsupported(
            f"{self.__name__} seems to raise {failure.error!r} here, but did not",
            failure.place,
            "please report this with the function and its arguments",
        ) from failure.error

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return tuple(bound.arguments[p.name] for p in self._parameters)

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self._function, follow_wrapped=False)

    def _as_call(self, args: tuple[Any, ...]) -> inspect.BoundArguments:
        named = dict(zip((p.name for p in self._parameters), args, strict=True))
        return inspect.BoundArguments(self._signature, named)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    # -- compiling ---------------------------------------------------------------------------------

    def _compile(self, args: tuple[Any, ...]) -> Compiled:
        examples = dict(zip((p.name for p in self._parameters), args, strict=True))
        for name in self._wanted.arguments:
            check_differentiable(name, self._example(name, examples))
        promoted = frozenset(self._wanted.arguments)
        return compile_gradient(self._function, examples, self._wanted, promoted, self._run)

    def _example(self, name: str, examples: dict[str, Any]) -> Any:
        rest, _, position = name.partition("[")
        if not position:
            return examples[name]
        index = int(position.rstrip("]"))
        if index >= len(examples[rest]):
            raise BadArgument(
                f"the gradient with respect to {name} is asked for, and the call has"
                f" {len(examples[rest])} arguments there",
                None,
                "pass the argument, or leave it out of argnums",
            )
        return examples[rest][index]

    def _what(self, argnums: Argnums, has_aux: bool, value: bool) -> Wanted:
        single = isinstance(argnums, int | str | np.integer)
        asked: Sequence[Any] = [argnums] if single else list(argnums)  # type: ignore[arg-type]
        offset = len(self._first)
        names = [p.name for p in self._parameters if p.kind is not Kind.VAR_KEYWORD][offset:]
        rest = [p.name for p in self._parameters if p.kind is Kind.VAR_POSITIONAL]
        found = tuple(argument_name(self.__name__, names, rest, each) for each in asked)
        return Wanted(found, single, value, has_aux)

    def specialize(self, *examples: Any, **named: Any) -> Gradient:
        """Compile for arguments of the kind of these examples, ahead of any call.

        Returns
        -------
        Gradient
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
            latest = self._unseen = compile_gradient(self._function, None, self._wanted)
        return Source(latest.source)

    def explain(self) -> str:
        """What is differentiated and what is not, and what the compiled code rests on."""
        latest = self._cache.latest
        lines = [f"{self.__name__} with respect to {', '.join(self._wanted.arguments)}"]
        if latest is None:
            return "\n".join([*lines, "not compiled yet: call it, or .specialize(*examples)"])
        lines += [f"  {name}: {what}" for name, what in latest.report.items()]
        lines.append(f"compiled for {len(self._cache)} kinds of arguments; this one where")
        lines += [f"  {condition}" for condition in latest.conditions]
        return "\n".join(lines)

    def save(self, path: str | pathlib.Path) -> None:
        """Write the generated code to a module that needs NumPy alone."""
        pathlib.Path(path).write_text(self.source)

    def __repr__(self) -> str:
        what = "value and gradient" if self.value else "gradient"
        return f"<{what} of {self.__name__} with respect to {', '.join(self._wanted.arguments)}>"

    # -- copying -----------------------------------------------------------------------------------

    def __reduce__(self) -> str | tuple[Any, ...]:
        name: str = self.__qualname__
        if _found_under(self.__module__, name) is self:
            return name
        return Gradient, (self.__wrapped__, self.argnums, self.has_aux, self.value)


def _found_under(module: str, qualname: str) -> Any:
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found


def _all_positional(parameters: tuple[Parameter, ...]) -> bool:
    return all(p.kind in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD) for p in parameters)


def argument_name(function: str, names: Sequence[str], rest: Sequence[str], asked: Any) -> str:
    """The name of the argument that is asked for by number or name; ``args[1]`` of ``*args``.

    Raises
    ------
    BadArgument
        If there is none.
    """
    if isinstance(asked, str):
        if asked not in names:
            raise BadArgument(
                f"{function} has no argument {asked!r}",
                None,
                suggest(asked, names) or f"its arguments are {', '.join(names)}",
            )
        return asked
    if isinstance(asked, bool) or not isinstance(asked, int | np.integer):
        raise BadArgument(
            f"argnums is {asked!r}",
            None,
            "give the number or name of an argument, or a tuple of them",
        )
    if rest and asked >= names.index(rest[0]):
        return f"{rest[0]}[{asked - names.index(rest[0])}]"
    if not -len(names) <= asked < len(names):
        raise BadArgument(
            f"argnums asks for argument {asked} of {function}, which has {len(names)}",
            None,
            f"its arguments are {', '.join(f'{i}: {n}' for i, n in enumerate(names))}",
        )
    return names[int(asked)]


def check_differentiable(name: str, value: Any) -> None:
    """Refuse an argument for which no gradient can be asked."""
    kind = value.dtype.kind if isinstance(value, np.ndarray | np.generic) else ""
    if (
        isinstance(value, bool | str | bytes)
        or value is None
        or (callable(value) and not vars_of(value))
    ):
        what = "None" if value is None else f"a {type(value).__name__}"
    elif kind and kind not in "iufc":
        what = f"an array of {value.dtype}"
    else:
        return
    raise BadArgument(
        f"the gradient with respect to {name} is asked for, and {name} is {what}",
        None,
        "name arguments that hold numbers in argnums",
    )


def vars_of(value: Any) -> bool:
    """Whether an object has attributes that may hold numbers."""
    return hasattr(value, "__dict__") and not isinstance(value, types.FunctionType | type)


def plain_function(fun: Any) -> tuple[types.FunctionType, tuple[Any, ...]]:
    """The Python function behind a callable, and the arguments it is bound to."""
    if isinstance(fun, Gradient):
        raise Unsupported(
            f"the gradient of {fun!r} is asked for",
            None,
            "derivatives of derivatives are not there yet",
        )
    if isinstance(fun, types.MethodType) and isinstance(fun.__func__, types.FunctionType):
        return fun.__func__, (fun.__self__,)
    if isinstance(fun, types.FunctionType) and lookup(fun) is None:
        return fun, ()
    if isinstance(fun, functools.partial):
        return _wrapper(fun, "(*args, **kwargs)", "(*args, **kwargs)"), ()
    if lookup(fun) is not None:
        return _wrapper(fun, *_arguments(fun)), ()
    special = getattr(type(fun), "__call__", None)  # noqa: B004  the method itself is wanted
    if isinstance(special, types.FunctionType) and not isinstance(fun, type):
        return special, (fun,)
    if not callable(fun):
        raise BadArgument(
            f"{fun!r} is not a function", None, "pass the function, without calling it"
        )
    read(fun)
    raise AssertionError("what has no Python source is refused by read")


def _arguments(fun: Any) -> tuple[str, str]:
    rule = lookup(fun)
    assert rule is not None
    vjp = next(iter(rule.vjps.values()), lambda g, ans, x: g)
    parameters = list(inspect.signature(vjp).parameters.values())[2:]
    needed = [
        f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name
        for p in parameters
        if p.default is p.empty and p.kind is not p.KEYWORD_ONLY
    ]
    text = f"({', '.join([*needed, '**kwargs'])})"
    return text, text


def _wrapper(fun: Any, parameters: str, arguments: str) -> types.FunctionType:
    """A Python function that calls `fun`, with source of its own."""
    name = getattr(fun, "__name__", "partial")
    text = f"def {name}{parameters}:\n    return fun{arguments}\n"
    file = f"<adjoint call of {name}{parameters}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"fun": fun}
    exec(compile(text, file, "exec"), namespace)
    made = namespace[name]
    assert isinstance(made, types.FunctionType)
    return made


def _decorate(fun: Any, argnums: Argnums, has_aux: bool, value: bool) -> Any:
    if fun is None:
        return lambda inner: Gradient(inner, argnums, has_aux, value)
    return Gradient(fun, argnums, has_aux, value)


def grad(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False
) -> Any:
    """The function that computes the gradient of `fun`.

    Parameters
    ----------
    fun
        A Python function that computes one number with NumPy. May be left out, to use `grad` as a
        decorator with arguments.
    argnums
        The argument to differentiate, by number or name, or a tuple of several.
    has_aux
        Whether `fun` returns a pair, whose second part is handed on: the result is then
        ``(gradient, aux)``.

    Returns
    -------
    Gradient
        A callable with the arguments of `fun`. A gradient has the shape, dtype and structure of
        its argument; it is a tuple of them where `argnums` is a tuple.

    Raises
    ------
    Unsupported
        At a call, where the function does something that cannot be differentiated.
    NotScalar
        At a call, if the result is not one number.
    BadArgument
        If `argnums` names an argument that does not exist or cannot be differentiated.

    Examples
    --------
    >>> from adjoint import grad
    >>> @grad
    ... def f(x, y):
    ...     return x**2 * y
    >>> f(3.0, 2.0)
    12.0
    >>> grad(lambda x, y: x**2 * y, argnums=("x", "y"))(3.0, 2.0)
    (12.0, 9.0)
    """
    return _decorate(fun, argnums, has_aux, value=False)


def value_and_grad(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False
) -> Any:
    """The function that computes the value of `fun` together with its gradient.

    Parameters and errors are those of `grad`. `scipy.optimize.minimize` takes the result with
    ``jac=True``.

    Returns
    -------
    Gradient
        A callable that returns ``(value, gradient)``, or ``((value, aux), gradient)`` with
        `has_aux`.

    Examples
    --------
    >>> from adjoint import value_and_grad
    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    return _decorate(fun, argnums, has_aux, value=True)

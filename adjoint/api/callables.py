"""The Python function behind what is to be differentiated."""

from __future__ import annotations

import functools
import inspect
import linecache
import types
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint.api.compiler import has_rule, reading, rules
from adjoint.custom import CustomRule
from adjoint.errors import OWN_CALL, BadArgument
from adjoint.source.parameters import (
    STARS,
    Kind,
    Parameter,
    as_written,
    give_defaults_of,
    parameters_of,
)

__all__ = ["plain_function"]

KEPT = 512
"""Functions that call others and are kept, so that what is compiled for them is found again."""


def plain_function(fun: Any) -> tuple[types.FunctionType, tuple[Any, ...]]:
    """The Python function behind a callable, and the arguments it is bound to."""
    if isinstance(fun, types.MethodType) and isinstance(fun.__func__, types.FunctionType):
        return fun.__func__, (fun.__self__,)
    if isinstance(fun, types.MethodType) and (
        isinstance(fun.__func__, CustomRule) or hasattr(fun.__func__, "__adjoint_primal__")
    ):
        return _caller(fun.__func__), (fun.__self__,)
    if isinstance(fun, types.FunctionType) and not has_rule(fun):
        return fun, ()
    is_wrapped = hasattr(fun, "__adjoint_primal__") or isinstance(
        fun, functools.partial | CustomRule
    )
    if is_wrapped or has_rule(fun):
        return (_caller if _is_hashable(fun) else _caller.__wrapped__)(fun), ()
    special = getattr(type(fun), "__call__", None)  # noqa: B004  the method itself is wanted
    if isinstance(special, types.FunctionType) and not isinstance(fun, type):
        return special, (fun,)
    if not callable(fun):
        raise BadArgument(
            f"{fun!r} is not a function", None, "pass the function, without calling it"
        )
    reading.read(fun)
    raise AssertionError("what has no Python source is refused by read")


def _is_hashable(fun: Any) -> bool:
    try:
        hash(fun)
    except TypeError:
        return False
    return True


@functools.lru_cache(KEPT)
def _caller(fun: Any) -> types.FunctionType:
    """A Python function that calls what has no source of its own; one and the same each time."""
    if hasattr(fun, "__adjoint_primal__"):
        return _of_derivative(fun)
    if isinstance(fun, CustomRule):
        return _of_custom(fun)
    if isinstance(fun, functools.partial):
        return _wrapper(fun, "(*args, **kwargs)", "(*args, **kwargs)")
    return _wrapper(fun, *_arguments(fun))


def _of_derivative(fun: Any) -> types.FunctionType:
    """A Python function that calls a derivative, with the parameters that this has."""
    name = _identifier(f"{fun.__name__}_{fun.suffix}", f"fun_{fun.suffix}")
    made = _wrapper(fun, *_spelled(fun.parameters), name)
    if fun.default_owner is not None:
        give_defaults_of(made, fun.default_owner)
    return made


def _of_custom(rule: CustomRule) -> types.FunctionType:
    """A Python function that calls one with a rule of its own, with the same parameters."""
    fun = rule.fun
    if not isinstance(fun, types.FunctionType):
        return _wrapper(rule, "(*args)", "(*args)")
    made = _wrapper(rule, *_spelled(parameters_of(fun)))
    give_defaults_of(made, fun)
    return made


def _spelled(parameters: Sequence[Parameter]) -> tuple[str, str]:
    """Parameters as they are declared, and as they are passed on."""
    passed = [
        f"{p.name}={p.name}" if p.kind is Kind.KEYWORD_ONLY else STARS.get(p.kind, "") + p.name
        for p in parameters
    ]
    return f"({', '.join(as_written(parameters))})", f"({', '.join(passed)})"


def _arguments(fun: Any) -> tuple[str, str]:
    """The parameters of a function that has a rule: those that it needs are named as there."""
    rule = rules.lookup(fun)
    assert rule is not None
    vjp = next(iter(rule.vjps.values()), lambda g, ans, x: g)
    vjp = vjp if rule.given is None else rule.given.pullback
    parameters = list(inspect.signature(vjp).parameters.values())[2:]
    named = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
    needed = [p for p in parameters if p.default is p.empty and p.kind not in named]
    names = [f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name for p in needed]
    if not any(name.startswith("*") for name in names) and _positions(fun) > len(names):
        names.append("*args")
    text = f"({', '.join([*names, '**kwargs'])})"
    return text, text


def _positions(fun: Any) -> int:
    """How many arguments a function takes by position, as far as that is known."""
    if isinstance(fun, np.ufunc):
        return fun.nin
    try:
        parameters = inspect.signature(fun).parameters.values()
    except (TypeError, ValueError):  # a function in C
        return 0
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def _wrapper(
    fun: Any, parameters: str, arguments: str, name: str | None = None
) -> types.FunctionType:
    """A Python function that calls `fun`, with source of its own."""
    name = name or _identifier(getattr(fun, "__name__", "partial"), "fun")
    called = "fun" if name != "fun" else "function"
    text = f"def {name}{parameters}:\n    return {called}{arguments}\n"
    file = f"{OWN_CALL}{name}{parameters}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {called: fun}
    exec(compile(text, file, "exec"), namespace)
    made = namespace[name]
    assert isinstance(made, types.FunctionType)
    return made


def _identifier(name: str, otherwise: str) -> str:
    return name if name.isidentifier() else otherwise

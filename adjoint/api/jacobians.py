"""Derivatives of many numbers by many: functions that are compiled as one which takes them."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from adjoint.api.arguments import Argnums
from adjoint.api.callables import plain_function
from adjoint.api.columns import by_columns
from adjoint.api.derivative import Derivative, raise_as_the_primal
from adjoint.api.functions import derives, grad
from adjoint.api.rows import by_elements, by_rows
from adjoint.errors import PrimalRaises, Unsupported
from adjoint.markers import Derives
from adjoint.source.parameters import Kind, Parameter, defaults_of, parameters_of
from adjoint.transform.wanted import Wanted

__all__ = ["Jacobian", "elementwise_grad", "hessian", "hvp", "jacfwd", "jacobian", "jacrev"]

#: What the generated function of each mode is called after: ``f_hessian``.
_SUFFIXES = {
    "jacobian": "jacobian",
    "jacfwd": "jacobian",
    "hessian": "hessian",
    "hvp": "hvp",
    "elementwise": "derivative",
}


#: Parameters that take any arguments.
_GENERAL = (Parameter("args", Kind.VAR_POSITIONAL), Parameter("kwargs", Kind.VAR_KEYWORD))


class Jacobian(Derivative):
    """A derivative of many numbers by many, as `jacobian` and its kin return it.

    It is compiled as the function that calls it, and so takes the derivative inside.
    """

    __slots__ = ()

    def __init__(
        self,
        fun: Callable[..., Any],
        argnums: Argnums,
        has_aux: bool,
        mode: str,
        holomorphic: bool = False,
    ) -> None:
        form = Wanted((), has_aux=has_aux, holomorphic=holomorphic, mode="value")
        super().__init__(fun, argnums, form)
        self.__adjoint_derives__ = Derives(mode)
        self.mode, self.suffix = mode, _SUFFIXES[mode]
        given = self._parameters[len(self._first) :]
        self._given = given
        self._default_owner: types.FunctionType | None = self._function
        if mode == "hvp":
            self._given, self._default_owner = _with_vector(self._function, given), None
        self._is_general = self._given == _GENERAL
        if self._is_general:  # what is asked for is found where it is called
            self._wanted = replace(self._wanted, arguments=())
        self._function, self._first = plain_function(self)
        self._parameters = parameters_of(self._function)
        self._is_refused = False

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that a call gives arguments for."""
        return self._given

    @property
    def default_owner(self) -> types.FunctionType | None:
        """The function that has the defaults of the parameters, if there are any."""
        return self._default_owner

    def _promoted(self, examples: dict[str, Any]) -> frozenset[str]:
        return frozenset() if self._is_general else super()._promoted(examples)

    def _run(self, *args: Any) -> Any:
        """The result for all arguments in order, where the code used last may not apply.

        What cannot be differentiated inside a function is done row by row, if that can be.
        """
        if not self._is_refused:
            try:
                return super()._run(*args)
            except Unsupported:
                if self._by_calls is None:
                    raise
                self._is_refused = True
        assert self._by_calls is not None
        call = self._as_call(args)
        return self._by_calls(*call.args, **call.kwargs)

    @functools.cached_property
    def _by_calls(self) -> Callable[..., Any] | None:
        """The function that computes it row by row, or column by column."""
        fun = self.__wrapped__
        options = (self.argnums, self.has_aux, self.holomorphic)
        match self.mode:
            case "jacobian":
                return by_rows(fun, *options)
            case "jacfwd":
                return by_columns(fun, *options)
            case "hessian":
                named = {"has_aux": self.has_aux, "holomorphic": self.holomorphic}
                return by_rows(grad(fun, self.argnums, **named), *options)
            case "elementwise":
                return by_elements(fun, *options)
            case _:
                return None

    def _fail(self, args: tuple[Any, ...], failure: PrimalRaises) -> NoReturn:
        call = self._as_call(args)
        given = call.args[:-1] if self.mode == "hvp" else call.args
        function = self.__wrapped__
        bound = inspect.signature(function).bind(*given, **call.kwargs)
        raise_as_the_primal(function, bound, failure)

    def __repr__(self) -> str:
        asked = ", ".join(self._wanted.arguments)
        return f"<{self.suffix} of {self.__name__} with respect to {asked}>"

    def _arguments(self) -> tuple[Any, ...]:
        return self.__wrapped__, self.argnums, self.has_aux, self.mode, self.holomorphic


def _with_vector(function: types.FunctionType, given: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """The parameters of a function, with another argument as the last one."""
    kinds = {parameter.kind for parameter in given}
    by_position = {Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD}
    if defaults_of(function) or not kinds <= by_position:
        return _GENERAL
    taken = {parameter.name for parameter in given}
    name = next(name for name in ("v", "vector", "vector_") if name not in taken)
    return (*given, Parameter(name, Kind.POSITIONAL_OR_KEYWORD))


def _made(fun: Any, *options: Any) -> Any:
    return (lambda inner: Jacobian(inner, *options)) if fun is None else Jacobian(fun, *options)


@derives("jacobian")
def jacobian(
    fun: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Any:
    """The function that computes the Jacobian of `fun`, row by row in reverse mode.

    Parameters
    ----------
    fun, argnums, has_aux
        As for `grad`; `fun` may return numbers and arrays in any structure.
    holomorphic
        Whether `fun` maps complex numbers to complex numbers and has a complex derivative. Without
        it a complex result has a Jacobian by real arguments, and a real one by complex arguments,
        by the convention of `grad`.

    Returns
    -------
    Jacobian
        A callable with the arguments of `fun`. The Jacobian has the structure of what `fun`
        returns, in each leaf that of the argument, and in each leaf of that an array: its shape is
        that of the result, followed by that of the argument.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import jacobian
    >>> print(jacobian(lambda x: np.cumsum(x**2))(np.array([1.0, 2.0])))
    [[2. 0.]
     [2. 4.]]
    """
    return _made(fun, argnums, has_aux, "jacobian", holomorphic)


jacrev = jacobian
"""The name that says how: row by row, in reverse mode."""


@derives("jacfwd")
def jacfwd(
    fun: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Any:
    """The function that computes the Jacobian of `fun`, column by column in forward mode.

    It is the cheaper of the two where there are fewer arguments than results.

    Parameters
    ----------
    fun, argnums, has_aux, holomorphic
        As for `jacobian`. That `fun` is holomorphic is checked by numbers: the tangent along i is
        i times that along 1.

    Returns
    -------
    Jacobian
        As of `jacobian`.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import jacfwd
    >>> print(jacfwd(lambda t: np.array([t, t**2, t**3]))(2.0))
    [ 1.  4. 12.]
    """
    return _made(fun, argnums, has_aux, "jacfwd", holomorphic)


@derives("hessian")
def hessian(
    fun: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Any:
    """The function that computes the Hessian of `fun`: of its gradient, the Jacobian forwards.

    Parameters
    ----------
    fun, argnums, has_aux, holomorphic
        As for `grad`. Of a real function of complex numbers the gradient has no Jacobian: `hvp`
        takes each direction by itself.

    Returns
    -------
    Jacobian
        A callable with the arguments of `fun`.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import hessian
    >>> print(hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0])))
    [[6. 4.]
     [4. 0.]]
    """
    return _made(fun, argnums, has_aux, "hessian", holomorphic)


@derives("hvp")
def hvp(fun: Callable[..., Any] | None = None, argnums: Argnums = 0) -> Any:
    """The function that computes the product of the Hessian of `fun` with a vector.

    It is the derivative of the gradient along that, also where both are complex.

    Parameters
    ----------
    fun, argnums
        As for `grad`.

    Returns
    -------
    Jacobian
        A callable with the arguments of `fun` and the vector, which is like the argument: a tuple
        of such where `argnums` is a tuple. It is the last argument by position; where `fun` has
        defaults or arguments by keyword only, these may follow by keyword.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import hvp
    >>> print(hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 10.0])))
    [  6. 120.]
    """
    return _made(fun, argnums, False, "hvp")


@derives("elementwise")
def elementwise_grad(
    fun: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Any:
    """The function that computes the sum of the rows of the Jacobian of `fun`.

    Of a function that works element by element it is the derivative of each element.

    Parameters
    ----------
    fun, argnums, has_aux, holomorphic
        As for `jacobian`; `fun` returns one array or number.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import elementwise_grad
    >>> print(elementwise_grad(np.square)(np.array([1.0, 2.0])))
    [2. 4.]
    """
    return _made(fun, argnums, has_aux, "elementwise", holomorphic)

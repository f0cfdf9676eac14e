"""What a user writes into a function to stop derivatives; at run time it does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["Derives", "no_grad", "stop_gradient"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Derives:
    """What a function or object of this library makes of a function that is given to it.

    `mode` is that of `Wanted`; `value` tells that the function's value comes first. It is what
    staging knows such objects by, as their attribute ``__adjoint_derives__``.
    """

    mode: str
    value: bool = False


class no_grad:  # noqa: N801  (used as a context manager, named as users know it)
    """A context in which what is computed has no derivative.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import grad, no_grad
    >>> def f(x):
    ...     with no_grad():
    ...         scale = np.max(np.abs(x))
    ...     return np.sum(x / scale)
    >>> print(grad(f)(np.array([1.0, 2.0])))
    [0.5 0.5]
    """

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: Any) -> None:
        pass


def stop_gradient(x: T) -> T:
    """`x` itself, through which no derivative passes.

    Parameters
    ----------
    x
        Any value.

    Examples
    --------
    >>> from adjoint import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return x

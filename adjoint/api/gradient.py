"""The gradient of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adjoint.api.arguments import Argnums
from adjoint.api.derivative import Derivative
from adjoint.markers import Derives
from adjoint.transform.wanted import Wanted

__all__ = ["Gradient"]


class Gradient(Derivative):
    """The gradient of a function, as `grad` and `value_and_grad` return it."""

    __slots__ = ()

    def __init__(
        self,
        fun: Callable[..., Any],
        argnums: Argnums,
        has_aux: bool,
        value: bool,
        holomorphic: bool = False,
    ) -> None:
        form = Wanted((), value=value, has_aux=has_aux, holomorphic=holomorphic)
        super().__init__(fun, argnums, form)
        self.value = value
        self.__adjoint_derives__ = Derives("grad", value)

    def __repr__(self) -> str:
        what = "value and gradient" if self.value else "gradient"
        return f"<{what} of {self.__name__} with respect to {', '.join(self._wanted.arguments)}>"

    def _arguments(self) -> tuple[Any, ...]:
        return self.__wrapped__, self.argnums, self.has_aux, self.value, self.holomorphic

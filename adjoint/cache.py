"""Compiled gradient functions, kept by signature in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

__all__ = ["SignatureCache"]

LIMIT = 32


class _Guarded(Protocol):
    """What is kept: it knows which arguments it fits."""

    @property
    def fits(self) -> Callable[..., bool]: ...


Compiled = TypeVar("Compiled", bound=_Guarded)


class SignatureCache(Generic[Compiled]):
    """The compiled functions of one gradient, the one used last first.

    `latest` is the one used last. Reading and adding replace the list as a whole, so that threads
    may share a cache.
    """

    def __init__(self) -> None:
        self._compiled: tuple[Compiled, ...] = ()
        self.latest: Compiled | None = None

    def __len__(self) -> int:
        return len(self._compiled)

    def find(self, arguments: tuple[Any, ...], make: Callable[[], Compiled]) -> Compiled:
        """The compiled function that fits these arguments; made if there is none."""
        held = self._compiled
        for position, compiled in enumerate(held):
            if compiled.fits(*arguments):
                if position:
                    rest = (*held[:position], *held[position + 1 :])
                    self._compiled = (compiled, *rest)
                self.latest = compiled
                return compiled
        made = make()
        self._compiled = (made, *self._compiled)[:LIMIT]
        self.latest = made
        return made

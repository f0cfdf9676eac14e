"""What ``vars(x)`` and ``x.__dict__`` give, in Python: a dict that shows an object as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["AttributeDict", "attribute_names"]


def attribute_names(owner: Any) -> tuple[str, ...]:
    """The names of the attributes that an object has itself; `attribute_reads` answers this."""
    raise NotImplementedError


class AttributeDict:
    """The attributes of an object."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def __getitem__(self, name: str) -> Any:
        if name not in attribute_names(self.owner):
            raise KeyError(name)
        return getattr(self.owner, name)

    def __setitem__(self, name: str, value: Any) -> None:
        object.__setattr__(self.owner, name, value)

    def __contains__(self, name: str) -> bool:
        return name in attribute_names(self.owner)

    def __len__(self) -> int:
        return len(attribute_names(self.owner))

    def __iter__(self) -> Iterator[str]:
        return iter(attribute_names(self.owner))

    def keys(self) -> Any:
        return attribute_names(self.owner)

    def values(self) -> Any:
        return [getattr(self.owner, name) for name in attribute_names(self.owner)]

    def items(self) -> Any:
        return [(name, getattr(self.owner, name)) for name in attribute_names(self.owner)]

    def get(self, name: str, default: Any = None) -> Any:
        if name in attribute_names(self.owner):
            return getattr(self.owner, name)
        return default

    def update(self, other: Any = (), **kwargs: Any) -> None:
        for name, value in dict(other, **kwargs).items():
            object.__setattr__(self.owner, name, value)

    def copy(self) -> Any:
        return dict(self.items())

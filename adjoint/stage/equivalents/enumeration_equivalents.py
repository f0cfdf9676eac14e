"""What making a member of an enumeration checks: the interpreter reads it in its place."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["check_value"]


def check_value(value: int, values: Sequence[int], name: str) -> None:
    """As ``Color(value)``, which raises for what is no value of a member."""
    if value not in values:
        raise ValueError(f"{value} is not a valid {name}")

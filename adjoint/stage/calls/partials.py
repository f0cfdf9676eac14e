"""``functools.partial`` that came in: its arguments are read at each call."""

from __future__ import annotations

from typing import Any

from adjoint.stage.context import Stage
from adjoint.stage.inputs.access import Reading
from adjoint.stage.values import Static, Steps, Value

__all__ = ["lift_partial"]


def lift_partial(
    stage: Stage,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
    count: int,
    named: Any,
) -> Steps:
    """The arguments of a call, of which the first `count` and those `named` are of the partial."""
    held = function.value
    lifted = [
        stage.inputs.external(("partial", id(held), i), f"argument_{i}", Reading.item(held.args, i))
        if i < count
        else value
        for i, value in enumerate(args)
    ]
    names = {
        k: stage.inputs.external(("partial", id(held), k), k, Reading.item(held.keywords, k))
        if k in named and isinstance(v, Static) and v.value is named[k]
        else v
        for k, v in kwargs.items()
    }
    return lifted, names
    yield

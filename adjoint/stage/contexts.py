"""``with`` statements."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.markers import no_grad
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Static, Steps

__all__ = ["with_statement"]


def with_statement(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``with no_grad():`` and ``with np.errstate(…):``."""
    stopped = stage.builder.stopped
    for item in node.items:
        manager = yield stage.evaluate(frame, item.context_expr)
        held = manager.value if isinstance(manager, Static) else None
        if isinstance(held, no_grad):
            stage.builder.stopped = True
        elif not isinstance(held, np.errstate):
            stage.refuse(
                frame, item.context_expr, "this context manager is not supported",
                "only no_grad() and np.errstate() may be used; move the code out of the with",
            )  # fmt: skip
    try:
        return (yield stage.execute(frame, node.body))
    finally:
        stage.builder.stopped = stopped

"""What ``np.einsum`` of one array shows of it: its axes in another order, and diagonals.

Where it sums over no axis it computes nothing, and what it returns can be written through, also a
diagonal, which `np.diagonal` hands out to be read alone::

    np.einsum("ii->i", a)[...] = e          a[np.arange(n), np.arange(n)] = e
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import gast
import numpy as np

from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.ops import call
from adjoint.ir.subscripts import kept_axes
from adjoint.ir.updates import update_place
from adjoint.ir.values import rank, shape_of
from adjoint.stage.arrays.views import view_by
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Buffer, Static, Value, View

__all__ = ["shown_by_einsum"]

_WHOLE = SliceOf(Const(None), Const(None), Const(None))


def shown_by_einsum(
    stage: Stage, frame: Frame, node: gast.AST, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Value | None:
    """The view that a call of `np.einsum` returns; None where it computes."""
    is_plain = not kwargs.keys() - {"optimize"}  # there is nothing to optimise
    if len(args) != 2 or not is_plain or not isinstance(args[1], Buffer | View):
        return None
    subscripts, shown = args
    width = rank(stage.type(shown))
    if not isinstance(subscripts, Static) or not isinstance(subscripts.value, str) or not width:
        return None
    axes, kept = _spelled_out(subscripts.value, width)
    if len(axes) != width or set(axes) != set(kept) or not _are_squares(stage, shown, axes):
        return None
    while len(set(axes)) < len(axes) and isinstance(shown, Buffer | View):
        first, second = next(_pair(axes, axis) for axis in axes if axes.count(axis) > 1)
        where = [Const(0), Const(first), Const(second)] if len(axes) > 2 else []
        back = _on_diagonal(first, second)
        shown = view_by(stage, frame, node, call(np.diagonal), shown, where, back=back)
        axes = [*(a for k, a in enumerate(axes) if k not in (first, second)), axes[first]]
    order = tuple(map(axes.index, kept))
    if not isinstance(shown, Buffer | View) or (shown is not args[1] and axes == kept):
        return shown
    return view_by(stage, frame, node, call(np.transpose), shown, [Const(order)])


def _spelled_out(subscripts: str, width: int) -> tuple[list[str], list[str]]:
    """The axes of the array and those of the result, with letters for the ``...``."""
    given, kept = kept_axes(subscripts)
    more = [str(k) for k in range(width - len(given.replace("...", "")))]
    return _filled(given, more), _filled(kept, more)


def _filled(axes: str, more: Sequence[str]) -> list[str]:
    before, dots, behind = axes.partition("...")
    return [*before, *(more if dots else ()), *behind]


def _pair(axes: Sequence[str], axis: str) -> tuple[int, int]:
    """The first two positions of an axis."""
    first = axes.index(axis)
    return first, axes.index(axis, first + 1)


def _are_squares(stage: Stage, shown: Value, axes: Sequence[str]) -> bool:
    """Whether axes of one letter have one length: of others NumPy shows no diagonal."""
    facts, shape = stage.builder.facts, shape_of(stage.type(shown)) or ()
    pairs = (_pair(axes, axis) for k, axis in enumerate(axes) if axis in axes[k + 1 :])
    return all(facts.equal(shape[first], shape[second]) is True for first, second in pairs)


def _on_diagonal(first: int, second: int) -> Callable[[Stage, Var], Callable[[Var], Var]]:
    """The way back from the diagonal of two axes, which is the last axis of the view."""

    def back(stage: Stage, old: Var) -> Callable[[Var], Var]:
        builder = stage.builder
        step = builder.let(call(np.arange), (builder.length(old, first),))
        index: list[Operand] = [_WHOLE] * (second + 1)
        index[first] = index[second] = step
        place = Pack("tuple", tuple(index))

        def written(new: Var) -> Var:
            # NumPy puts the axis of two index arrays where they stand side by side, else in front.
            here = first if second == first + 1 else 0
            if here != (rank(new.type) or 1) - 1:
                new = builder.let(call(np.moveaxis), (new, Const(-1), Const(here)))
            return builder.let(update_place(), (old, place, new), type_=old.type)

        return written

    return back

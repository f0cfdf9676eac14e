"""Parts of an array that a function changes, and that are put back where they were."""

from __future__ import annotations

from collections.abc import Iterator

from adjoint.ir.alike import likeness
from adjoint.ir.entries import may_be_part
from adjoint.ir.memory import is_view
from adjoint.ir.nodes import Let, Var
from adjoint.ir.ops import Form
from adjoint.optimise.borrowing import borrowed
from adjoint.optimise.lifetimes import Lifetimes

__all__ = ["is_put_back"]


def is_put_back(copy: Let, lifetimes: Lifetimes) -> bool:
    """Return whether the function may change the part itself, of which `copy` is handed to it.

    ::

        t = a[:m]                               t = a[:m]
        t_1 = t.copy()                ->        t_2 = f(t)
        t_2 = f(t_1)                            a[:m] = t_2
        a[:m] = t_2

    What it returns comes to the same place of an array that is ours, which no one reads before.
    """
    if not may_be_part(copy):
        return False
    of = copy.args[0]
    view = lifetimes.definition.get(of) if isinstance(of, Var) else None
    if not isinstance(view, Let) or view.op.form is not Form.INDEX or not is_view(view):
        return False
    array = view.args[0]
    puts = [let for let in _results_read(copy, lifetimes) if _is_same_place(let, view)]
    put = puts[0] if len(puts) == 1 else None
    if put is None or not isinstance(array, Var) or borrowed(array, put, lifetimes):
        return False
    result = put.args[-1]
    is_alone = isinstance(result, Var) and lifetimes.reads[result] == [put]
    if not is_alone or lifetimes.within[put] is not lifetimes.within[copy]:
        return False
    return all(point is copy for point in lifetimes.read_between(array, view, put))


def _is_same_place(put: Let, view: Let) -> bool:
    """Whether a statement writes all of the part that `view` shows."""
    if put.op.form is not Form.UPDATE_INDEX or put.op.name or len(put.args) != 3:
        return False
    return put.args[0] is view.args[0] and likeness(put.args[1]) == likeness(view.args[1])


def _results_read(copy: Let, lifetimes: Lifetimes) -> Iterator[Let]:
    """The statements that read what the function returns that a copy is handed to."""
    waiting = [copy]
    while waiting:
        target = waiting.pop().target
        readings = lifetimes.reads.get(target, ()) if target is not None else ()
        for reading in readings:
            if not isinstance(reading, Let):
                continue
            if reading.op.form in (Form.INVOKE, Form.APPLY, Form.PART):
                waiting.append(reading)
            else:
                yield reading

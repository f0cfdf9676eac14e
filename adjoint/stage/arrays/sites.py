"""Where the memory of arrays and lists was made, as far as that can be said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adjoint.ir.custom import is_renewed
from adjoint.ir.lists import COPY_ITEMS, COPY_LIST
from adjoint.ir.memory import shared_operands, shares_memory
from adjoint.ir.nodes import Let, Operand, Var
from adjoint.ir.operands import strip
from adjoint.ir.values import Array, Growing, ListOf, TupleOf, Unknown
from adjoint.stage.context import Key, Stage
from adjoint.stage.equivalents.numpy_equivalents import SPLITS

__all__ = ["ITEMS_WRITTEN", "displays_of", "items_written", "known_sites", "sites_of"]

#: The decision that items of a list are changed.
ITEMS_WRITTEN = "items written"


def _lenders(stage: Stage, let: Let | None) -> Iterator[Var]:
    """What shares memory with what a statement defines; what is renewed is copied if written."""
    if let is None or is_renewed(let):
        return
    for variable in shared_operands(let):
        made = stage.builder.definitions.get(variable)
        of_new = isinstance(variable.type, TupleOf) and made is not None and not shares_memory(made)
        if not of_new:
            yield variable


def is_argument(stage: Stage, variable: Var) -> bool:
    """Whether a variable is a parameter of a function that stays one."""
    return stage.sites.get(variable, ())[:1] == ("argument",)


def items_written(site: Key) -> Key:
    """The decision that items of a list that such a function is given are changed."""
    return (ITEMS_WRITTEN, *site)


def sites_of(stage: Stage, written: Var) -> list[Any] | None:
    """Where the memory of an array comes from; None where that cannot be said.

    Of an item of a list these are the list, and all arrays that were put into it.
    """
    found, is_all = known_sites(stage, written)
    return (found or None) if is_all else None


def known_sites(stage: Stage, written: Var) -> tuple[list[Any], bool]:
    """Where the memory of an array may come from, as far as it is known, and if that is all."""
    is_all = True
    found: dict[Any, None] = {}
    waiting: list[Operand] = [written]
    for each in _unseen(waiting):
        let = stage.builder.definitions.get(each)
        if let is not None and let.op.function in SPLITS:
            waiting.append(let.args[0])
            continue
        if isinstance(each.type, ListOf) and is_argument(stage, each):
            found[items_written(stage.sites[each])] = None
            continue
        if isinstance(each.type, ListOf) and each in stage.meetings:
            waiting.extend(stage.meetings[each])
            continue
        if let is not None and let.op in (COPY_ITEMS, COPY_LIST):  # as a function begins
            waiting.extend(let.args)
            continue
        is_changed = isinstance(each.type, ListOf) and let is not None and let.op.updates
        if not is_changed and not isinstance(strip(each.type), Array | Unknown | Growing):
            is_all = False
            continue
        if each in stage.meetings:
            waiting.extend(stage.meetings[each])
            continue
        lent = list(_lenders(stage, let))
        waiting.extend(lent)
        is_own = not lent or isinstance(each.type, Growing)
        if is_own and each in stage.sites:
            found[stage.sites[each]] = None
        elif not lent:
            is_all = False
    return list(found), is_all


def displays_of(stage: Stage, held: Var) -> list[Any]:
    """Where the lists were made that a list may be a version of, apart from what is in it."""
    found: dict[Any, None] = {}
    waiting: list[Operand] = [held]
    for each in _unseen(waiting):
        let = stage.builder.definitions.get(each)
        if each in stage.meetings:
            waiting.extend(stage.meetings[each])
        elif let is not None and let.op.updates:
            waiting.append(let.args[0])
        elif each in stage.sites:
            found[stage.sites[each]] = None
    return list(found)


# -- arrays kept in one list ---------------------------------------------------------------------


def _unseen(waiting: list[Operand]) -> Iterator[Var]:
    """The variables that wait, once each; more may be added meanwhile."""
    seen: set[Var] = set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, Var) and each not in seen:
            seen.add(each)
            yield each

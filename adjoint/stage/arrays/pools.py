"""Arrays that one name may be in turn, kept in one list: each name is a view of it, by an index.

Where a name may be one of several arrays that are written, and another of them is read since, the
places where these arrays come from become a pool: staging starts again with that decision. Each
array is then an item of one list from where it is made, and what meets where paths meet is a whole
number, which chooses the array, and its shadow in the derivative, at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Let, Operand, Pack, Statement, Var
from adjoint.ir.ops import Form, Op, call
from adjoint.ir.updates import APPEND
from adjoint.ir.values import INT, Array, ListOf
from adjoint.ir.walk import all_reads
from adjoint.stage.context import Restart
from adjoint.stage.trail import Trail
from adjoint.stage.values import RunTimeList, Step, Value, View

__all__ = ["Pool", "Pools", "are_pooled", "is_leaf"]

POOL, OF_LENGTHS, APART = "pool", "arrays of several lengths", "not in a pool"
_DISPLAY = Op(list, Form.LITERAL, "list")

Key = tuple[Any, ...]


@dataclass(eq=False)
class Pool:
    """One list of arrays, while a function is staged.

    Attributes
    ----------
    leaves
        The sites that are arrays that came in: these are the first items.
    memory
        The list.
    copies
        The items that came in, by their sites, as far as they were reached.
    counts
        How many items a version of the list has, where that is known.
    """

    leaves: tuple[Key, ...]
    memory: RunTimeList
    item: Array
    copies: dict[Key, Var] = field(default_factory=dict)
    counts: dict[Var, int] = field(default_factory=dict)


@dataclass(eq=False)
class Pools:
    """The pools of a function, by the sites of their arrays."""

    builder: Builder
    decisions: Mapping[Any, Any]
    _made: dict[tuple[Key, ...], Pool] = field(default_factory=dict)
    _groups: dict[Key, tuple[Key, ...]] | None = None

    def group(self, site: Key) -> tuple[Key, ...] | None:
        """The sites that share a pool with this one."""
        if self._groups is None:
            self._groups = _joined(self.decisions)
        return self._groups.get(site)

    def decision(self, sites: Sequence[Key]) -> tuple[Key, ...]:
        """The decisions that put arrays of these sites into one pool; none if they are in one."""
        groups = {self.group(site) for site in sites}
        if len(groups) == 1 and None not in groups:
            return ()
        return ((POOL, *sites), *sites)

    def came_in(self, site: Key, copy: Var) -> View | None:
        """The view that the copy of an argument is, if it is in a pool."""
        pool = self._pool(site, copy)
        if pool is None:
            return None
        pool.copies[site] = copy
        step = Step((Const(pool.leaves.index(site)),), type=copy.type)
        return View(pool.memory, (step,), copy.type)  # read in the list, also the first time

    def made_here(self, site: Key, made: Var, trail: Trail) -> View | None:
        """The view that an array made inside is, if it is put into a pool."""
        pool = self._pool(site, made)
        if pool is None:
            return None
        builder, held = self.builder, pool.memory.slots["held"]
        count = pool.counts.get(held)
        known = Const(count) if count is not None else None
        index = known or builder.let(call(len), (held,), type_=INT)
        stopped, builder.stopped = builder.stopped, False  # the other items are not constant
        longer = builder.let(APPEND, (held, made), name=held.name, type_=held.type)
        builder.stopped = stopped
        trail.set(pool.memory, "held", longer)
        if count is not None:
            pool.counts[longer] = count + 1
        step = Step((index,), type=made.type)
        return View(pool.memory, (step,), made.type, (longer, made, builder.statements))

    def finish(self, prologue: list[Statement], statements: list[Statement]) -> None:
        """Write the lists as they are at the beginning: of the arrays that came in.

        What is added to a list before anything of it is read is in it from the start.
        """
        uses = Counter(v for s in statements for v in all_reads(s))
        added = {s.args[0]: s for s in statements if isinstance(s, Let) and s.op == APPEND}
        gone: dict[Statement, Statement | None] = {}
        for pool in self._made.values():
            missing = [site for site in pool.leaves if site not in pool.copies]
            if missing:
                raise Restart(*((APART, site) for site in missing))
            items: list[Operand] = [pool.copies[site] for site in pool.leaves]
            held = next(iter(pool.counts))
            last: Let | None = None
            while uses[held] == 1 and held in added:
                last = added[held]
                gone[last], held = None, last.target or held
                items.append(last.args[1])
            place = last.place if last is not None else self.builder.place
            made = Let(held, _DISPLAY, (Pack("list", tuple(items)),), (), place)
            self.builder.definitions[held] = made
            if last is not None:
                gone[last] = made
            else:
                prologue.append(made)
        kept = (gone.get(s, s) for s in statements)
        statements[:] = [s for s in kept if s is not None]

    def _pool(self, site: Key, made: Var) -> Pool | None:
        group = self.group(site)
        if group is None or not isinstance(made.type, Array):
            return None
        if group not in self._made:
            self._made[group] = self._new(group, made.type)
        pool = self._made[group]
        if not _is_item(made.type, pool.item, self.builder.facts):
            raise Restart((OF_LENGTHS, *group))
        return pool

    def _new(self, group: tuple[Key, ...], first: Array) -> Pool:
        facts, shape = self.builder.facts, first.shape or ()
        fixed = (OF_LENGTHS, *group) not in self.decisions and all(n.has_example for n in shape)
        item = first if fixed else Array(first.dtype, tuple(facts.any_length() for _ in shape))
        held = self.builder.var(ListOf(item), "arrays")
        leaves = tuple(site for site in group if is_leaf(site))
        slots = {"held": held}  # as old as the arguments
        memory = RunTimeList(slots, written=True, sites=group, birth=-1)
        return Pool(leaves, memory, item, counts={held: len(leaves)})


def are_pooled(values: Sequence[Value]) -> bool:
    """Whether these are whole arrays of one pool."""
    first = values[0] if values else None
    return isinstance(first, View) and first.is_pooled and all(
        isinstance(v, View) and v.base is first.base and len(v.path) == 1 for v in values
    )  # fmt: skip


def is_leaf(site: Key) -> bool:
    """Whether a site is an array that came in: it has the text of its access."""
    return isinstance(site[-1], str)


def _is_item(made: Array, item: Array, facts: Facts) -> bool:
    axes = zip(made.shape or (), item.shape or (), strict=True)
    return all(facts.may_vary(n) or facts.equal(m, n) is True for m, n in axes)


def _joined(decisions: Mapping[Any, Any]) -> dict[Key, tuple[Key, ...]]:
    """The groups of sites, each of all that are in one pool by some decision."""
    groups: dict[Key, tuple[Key, ...]] = {}
    for key in decisions:
        if key[0] == POOL:
            sites = [site for site in key[1:] if (APART, site) not in decisions]
            whole = dict.fromkeys(each for site in sites for each in groups.get(site, (site,)))
            groups.update(dict.fromkeys(whole, tuple(whole)))
    return groups

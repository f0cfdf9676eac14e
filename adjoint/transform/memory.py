"""The memory of arrays that are written, as it goes back through the versions it held.

Where the backward sweep reaches a write, the memory is made what it was before: what was kept of
the place is put back. The code that is written from there on reads that version in the memory.
"""

from __future__ import annotations

import copy
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from adjoint.analyses.versions import Versions, handed_on
from adjoint.errors import Place
from adjoint.ir.builder import Builder
from adjoint.ir.dicts import is_dict, updates_dict
from adjoint.ir.indices import is_basic_index
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Block, Const, Let, Loop, Operand, Role, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, Form, Op, call, method
from adjoint.ir.recalls import LONGEST, Recipe, recall, recipe_of
from adjoint.ir.updates import (
    APPEND,
    EXCHANGE,
    INSERT,
    POP_ITEM,
    edit_of,
    is_exchange,
    is_stored,
    list_depth,
    path_of,
    path_of_edit,
    update_place,
    way_of_edit,
)
from adjoint.ir.values import Growing, Maybe, Opaque, Unknown
from adjoint.ir.walk import (
    all_reads,
    all_statements,
    leaf_operands,
    map_block,
    operand_vars,
    reads,
    substitute,
    targets,
    writes,
)
from adjoint.transform.parts import depending_on, is_arithmetic_of_numbers, read_by_lets, takes_part

__all__ = ["Memory", "Saved"]

COPY, COPY_ANY = method(np.copy, "copy"), replace(call(copy.copy), proven=True)
READ_AGAIN = Op(GETITEM.function, GETITEM.form, proven=True)
_WHOLE = Const(Ellipsis)


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """What is kept of a place of an array before it is written.

    It is in `variable` after the statements.
    """

    statements: tuple[Statement, ...]
    variable: Var
    array: Var


@dataclass(eq=False)
class Memory:
    """Which variable of the backward sweep holds each version, at the point that is reached.

    Attributes
    ----------
    kept
        The writes that must be undone.
    definitions
        The statements of the forward sweep.
    lasting
        Variables that are there to the end: no loop or branch defines them.
    holders
        The variables that hold versions now.
    saved
        What is kept of each write that is undone.
    ends
        What holds the carried versions at the end of a trip of the loop that is reversed.
    in_loop
        Whether the sweep is in a loop, where what the forward sweep computed is not there unless it
        is kept.
    current
        Of each array that is written, the variable that holds its memory as it is now.
    recalls
        Whether arrays may be computed again.
    recipes
        How variables of the forward sweep are computed again, of those that were asked for.
    handed
        The variables that stand for arrays whose memory is handed to a function that changes it:
        the numbers that were read of them are kept, and not the array.
    """

    builder: Builder
    versions: Versions
    kept: Container[Let]
    definitions: dict[Var, Let]
    lasting: Container[Var] = ()
    holders: dict[Var, Var] = field(default_factory=dict)
    saved: dict[Let, Saved] = field(default_factory=dict)
    ends: Mapping[Loop, Mapping[Var, Var]] = field(default_factory=dict)
    in_loop: bool = False
    current: dict[Var, Var] = field(default_factory=dict)
    recalls: bool = True
    recipes: dict[Var, tuple[Recipe, ...]] = field(default_factory=dict)
    handed: Container[Var] = ()
    place: Place = field(init=False)

    def __post_init__(self) -> None:
        self.place = self.builder.place

    def copy(self) -> Memory:
        """The same state, for one arm or trip; what is kept is shared."""
        return replace(self, holders=dict(self.holders), current=dict(self.current))

    def begin(self, statements: Iterable[Statement]) -> None:
        """Note the versions that are still there at the end of a block."""
        for statement in statements:
            for variable in targets(statement):
                if variable in self.versions.members and variable not in self.versions.handed_on:
                    self.hold(variable, self.holders.get(variable, variable))

    def hold(self, version: Var, held: Var) -> None:
        """Note that the memory of an array is now that of one version, in a variable."""
        self.holders[version] = held
        kin = self.versions.kin.get(version)
        if kin is not None:
            self.current[kin] = held

    def taken(self, block: Block) -> dict[Var, None]:
        """The versions from before a block whose memory is taken over in it, or handed on by it."""
        statements = list(all_statements(block))
        inside = [old for s in statements for old, _ in handed_on(s)]
        inside += [v for o in leaf_operands(block.leaf) for v in operand_vars(o)]
        own = {v for s in statements for v in writes(s)}
        return dict.fromkeys(v for v in inside if v not in own)

    def stay(self, variables: Iterable[Var]) -> None:
        """Note versions that this arm leaves as they are, though the other takes them over."""
        for variable in variables:
            if variable in self.versions.handed_on and not is_dict(variable.type):
                self.holders.setdefault(variable, variable)

    def hand_back(self, joins: Iterable[Var], values: Iterable[Operand]) -> None:
        """Note in what holds a join the version that an arm ended with."""
        for join, value in zip(joins, values, strict=True):
            if join in self.holders and isinstance(value, Var) and value in self.versions.members:
                self.hold(value, self.holders[join])

    def meet(self, arms: list[Memory]) -> list[Var]:
        """Take over what both arms hold; the versions that they hold in two variables."""
        first, second = (arm.holders for arm in arms)
        both = [v for v in first if v in second]
        self.holders.update((v, first[v]) for v in both if first[v] is second[v])
        ways = [arm.current for arm in arms]
        self.current = {k: v for k, v in ways[0].items() if ways[1].get(k) is v}
        return [v for v in both if first[v] is not second[v]]

    def moves(self, loop: Loop) -> Mapping[Var, Var]:
        """The carried versions whose memory must go back through the trips of a loop."""
        found = self.versions.moves.get(loop, {})
        swapped = any(param is not origin for param, origin in found.items())
        inside = any(isinstance(s, Let) and s in self.kept for s in all_statements(loop.body))
        return found if found and (swapped or inside) else {}

    def enter(self, loop: Loop, held: Mapping[Var, Var]) -> None:
        """Begin the trip of a backward loop that carries the memory of some versions."""
        self.in_loop = True
        self.ends = {loop: held}
        if held:
            return
        for param, out in zip(loop.params, loop.outs, strict=True):
            if param in self.versions.moves.get(loop, {}) and out in self.holders:
                self.ends[loop] = {**self.ends[loop], param: self.holders[out]}

    def end_trip(self, loop: Loop, values: Iterable[Operand]) -> None:
        """Note in what holds a carried variable the version that a trip ended with."""
        held = self.ends.get(loop, {})
        for param, value in zip(loop.params, values, strict=True):
            if param in held and isinstance(value, Var):
                self.hold(value, held[param])

    # -- reading -----------------------------------------------------------------------------------

    def settle(self, begin: int) -> None:
        """Have the statements written since `begin` read versions where they are now."""
        written = self.builder.statements
        group = written[begin:]
        if not group or not (self.versions.members or self.in_loop):
            return
        del written[begin:]
        self.place = group[0].place
        made = self._read_again(group)
        written.extend(self._renamed(group, {**self.holders, **made}))

    def _renamed(self, statements: list[Statement], table: dict[Var, Var]) -> list[Statement]:
        block = Block(tuple(statements))
        return list(map_block(block, lambda operand: substitute(operand, table)).statements)

    def _read_again(self, group: list[Statement]) -> dict[Var, Var]:
        """Read the parts of versions that `group` reads again from what holds the version now."""
        table: dict[Var, Var] = {}
        for variable in dict.fromkeys(v for s in group for v in all_reads(s)):
            self._part(variable, table)
        if self.in_loop:
            for variable in read_by_lets(group):
                if variable not in table:
                    self._recalled(variable, table)
        return table

    def _recalled(self, variable: Var, table: dict[Var, Var]) -> None:
        """Note that an array is computed of what may be there again when it is read."""
        recipes = (r for r in self._recipes(variable) if all(map(self._is_current, r.sources)))
        recipe = next(recipes, None)
        if recipe is None:
            return
        sources = (self.holders.get(v) or self._part(v, table) or v for v in recipe.sources)
        args = (variable, *sources)
        made = self.builder.var(variable.type, variable.name, Role.PRIMAL)
        self.builder.append(Let(made, recall(recipe), args, (), self.place))
        table[variable] = made

    def _recipes(self, variable: Var) -> tuple[Recipe, ...]:
        """The ways to compute an array of the forward sweep again."""
        if not self.recalls:
            return ()
        if variable not in self.recipes and variable not in self.versions.members:
            found = (recipe_of(variable, self.definitions, depth=d) for d in (LONGEST, 1))
            self.recipes[variable] = tuple(r for r in found if r is not None)
        return self.recipes.get(variable, ())

    def _version(self, variable: Var) -> Var | None:
        """The version that a variable is, or is a part of."""
        owner: Operand = variable
        while isinstance(owner, Var) and owner not in self.versions.members:
            let = self.definitions.get(owner)
            owner = let.args[0] if let is not None and takes_part(let) else Const(None)
        return owner if isinstance(owner, Var) else None

    def _is_current(self, variable: Var) -> bool:
        """Whether a variable is no part of memory that holds an earlier version by now."""
        version = self._version(variable)
        if version is None:
            return True
        kin, held = self.versions.kin.get(version), self.holders.get(version)
        return held is not None and kin is not None and self.current.get(kin) is held

    def _part(self, variable: Var, table: dict[Var, Var]) -> Var | None:
        """The variable that holds a part of a version, if the version is there."""
        if variable in table:
            return table[variable]
        if variable.name and variable in self.lasting and is_immutable(variable.type):
            return None  # by that name it is there
        let = self.definitions.get(variable)
        if let is not None and self.in_loop and is_arithmetic_of_numbers(let):
            return self._computed_again(variable, let, table)
        if let is None or not takes_part(let):
            return None
        owner = let.args[0]
        assert isinstance(owner, Var)
        if isinstance(owner.type, Growing) and is_immutable(variable.type) and not self.in_loop:
            return None  # the number itself is there
        if self._is_kept_itself(variable, owner):
            return None
        held = self.holders.get(owner) if owner in self.versions.members else None
        if held is None and let.op.form is Form.ATTRIBUTE and let.op.name == "shape":
            held = self._any_version(owner)
        if held is None:
            held = self._part(owner, table)
        if held is None:
            return None
        op = READ_AGAIN if let.op.form is Form.INDEX else let.op
        made = self.builder.var(variable.type, variable.name, Role.PRIMAL)
        self.builder.append(Let(made, op, (held, *let.args[1:]), let.kwargs, self.place))
        table[variable] = made
        return made

    def _is_kept_itself(self, number: Var, owner: Var) -> bool:
        """Whether a number is kept, so that the array it was read of need not be."""
        is_handed = self.versions.kin.get(owner, owner) in self.handed
        return is_handed and is_immutable(number.type) and not self.in_loop

    def _any_version(self, version: Var) -> Var | None:
        """What holds another version of the same array: it has the same shape."""
        kin = self.versions.kin.get(version)
        held = (v for v in reversed(self.holders) if self.versions.kin.get(v) is kin)
        found = next(held, None) if kin is not None else None
        return None if found is None else self.holders[found]

    def _computed_again(self, variable: Var, let: Let, table: dict[Var, Var]) -> Var | None:
        """A number that is computed of parts: again from what they hold now."""
        parts = {v: self._part(v, table) for v in dict.fromkeys(reads(let))}
        known = {v: part for v, part in parts.items() if part is not None}
        if not known:
            return None
        made = self.builder.var(variable.type, variable.name, Role.PRIMAL)
        if self.recalls:
            recipe = Recipe(variable, (let,), tuple(parts))
            args: tuple[Operand, ...] = (variable, *(known.get(v, v) for v in parts))
            self.builder.append(Let(made, recall(recipe), args, (), self.place))
        else:
            args = tuple(substitute(a, known) for a in let.args)
            self.builder.append(Let(made, let.op, args, let.kwargs, self.place))
        table[variable] = made
        return made

    # -- going back --------------------------------------------------------------------------------

    def undo(self, let: Let, begin: int) -> None:
        """Go back over a write, among the statements written since `begin` for it."""
        old, new = let.args[0], let.target
        assert isinstance(old, Var)
        assert new is not None
        if old not in self.versions.members or updates_dict(let):
            self.settle(begin)
            return
        written = self.builder.statements
        group = written[begin:]
        del written[begin:]
        later = self._later(group, old, new)
        written.extend(s for s in group if s not in later)
        self.settle(begin)
        held = self.holders.get(new, new)
        if let.op.form is Form.UPDATE_METHOD:
            held = self._edited_back(let, held)
        elif let in self.kept:
            held = self._restored(let, held)
        self.hold(old, held)
        at = len(written)
        written.extend(s for s in group if s in later)
        self.settle(at)

    def _later(self, group: list[Statement], old: Var, new: Var) -> set[Statement]:
        """The statements of a group that read the memory as it was before a write."""
        before = {old, *self._parts_of(group, old)}
        later = depending_on(group, before)
        recalled = {v for v in read_by_lets(group) if self.in_loop and self._is_of(v, old)}
        if not recalled:
            return later
        more = depending_on(group, before | recalled)
        after = {new, *self._parts_of(group, new)}
        is_lost = any(v in after for s in more - later for v in all_reads(s))
        return later if is_lost else more

    def _is_of(self, variable: Var, version: Var) -> bool:
        """Whether an array is computed of a version."""
        sources = (s for recipe in self._recipes(variable) for s in recipe.sources)
        return any(self._version(source) is version for source in sources)

    def _parts_of(self, group: Iterable[Statement], version: Var) -> Iterator[Var]:
        """The variables read in a group that are parts of a version."""
        for variable in dict.fromkeys(v for s in group for v in all_reads(s)):
            owner: Operand = variable
            while isinstance(owner, Var) and owner is not version:
                let = self.definitions.get(owner)
                owner = let.args[0] if let is not None and takes_part(let) else Const(None)
            if owner is version:
                yield variable

    def _restored(self, let: Let, held: Var) -> Var:
        path = tuple(path_of(let)) if let.op.form is not Form.UPDATE else (_WHOLE,)
        saved = self._save(let, path)
        within = len(path) == list_depth(type_of(let.args[0])) and not is_stored(let)
        if within and not is_immutable(saved.variable.type):
            path = (*path, _WHOLE)
        args = (held, *path, saved.variable)
        made = self.builder.var(held.type, held.name, Role.PRIMAL)
        self.builder.append(Let(made, update_place(), args, (), let.place))
        return made

    def _edited_back(self, let: Let, held: Var) -> Var:
        """The list as it was before an item was added or taken out, or two changed places."""
        way, path = way_of_edit(let), path_of_edit(let)
        op, args = (EXCHANGE if is_exchange(let) else POP_ITEM), path
        if let.op.function is list.pop:
            path_read = (*way, *(path or (Const(-1),)))
            saved = self._item(let.args[0], path_read) or self._save(let, path_read).variable
            op, args = INSERT if path else APPEND, (*path, saved)
        made = self.builder.var(type_of(let.args[0]), held.name, Role.PRIMAL)
        operands = edit_of(held, way, *args)
        self.builder.append(Let(made, replace(op, proven=True), operands, (), let.place))
        return made

    def _item(self, owner: Operand, path: tuple[Operand, ...]) -> Var | None:
        """The variable that holds a number of a list, if it was read."""
        args = (owner, *path)
        same = (v for v, let in self.definitions.items() if let.op == GETITEM and let.args == args)
        found = next(same, None)
        return found if found is not None and is_immutable(found.type) else None

    def _save(self, let: Let, path: tuple[Operand, ...]) -> Saved:
        """Keep what a place holds before it is written."""
        if let in self.saved:
            return self.saved[let]
        held = array = let.args[0]
        assert isinstance(held, Var)
        assert isinstance(array, Var)
        builder = self.builder
        with builder.block() as statements, builder.at(let.place):
            if let.op.form is not Form.UPDATE:
                for index in path:
                    held = builder.let(READ_AGAIN, (held, index), role=Role.PRIMAL)
            if not is_immutable(held.type) and all(map(is_basic_index, path)):
                op = COPY_ANY if isinstance(held.type, Unknown | Opaque | Maybe) else COPY
                held = builder.let(op, (held,), type_=held.type, role=Role.PRIMAL)
            self.saved[let] = Saved(tuple(statements), held, array)
        return self.saved[let]

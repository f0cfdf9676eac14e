"""Algebra on the statements of the backward sweep, and on tangents.

The program itself is left as it is, bit for bit: a gradient belongs to the program that was
written, and what it prints must be the same. There only names that stand for another value are
resolved.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.ir.custom import SAME, Taken
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable, is_pop, is_push, makes_memory, sharing, written
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Function,
    Let,
    Loop,
    Operand,
    Pack,
    Statement,
    Undef,
    Var,
    Yield,
)
from adjoint.ir.ops import Form, Op, method
from adjoint.ir.rebuild import map_blocks, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import (
    all_statements,
    count_uses,
    is_derived,
    leaf_operands,
    map_leaf,
    map_operands,
    next_number,
    operand_vars,
    reads,
)
from adjoint.optimise.edit import replace_lets, resolved
from adjoint.optimise.everywhere import EVERYWHERE
from adjoint.optimise.factors import FACTORS
from adjoint.optimise.kinds import python_numbers
from adjoint.optimise.masked_sums import MASKED_SUMS
from adjoint.optimise.nested_choices import JOINED_CONDITIONS, NESTED_CHOICES
from adjoint.optimise.products import PRODUCTS
from adjoint.optimise.reshaping import RESHAPING, cast
from adjoint.optimise.rewriting import Result, Rule, Surroundings
from adjoint.optimise.signs import HOIST, SINK, update

__all__ = ["fold"]

Rules = Mapping[Callable[..., Any], Rule]
#: More rounds than any program needed. A rewrite may free another one before it, by taking away
#: the second reader of a value.
_ROUNDS = 8
_RULES = (EVERYWHERE, PRODUCTS, RESHAPING, HOIST, FACTORS, MASKED_SUMS, NESTED_CHOICES)


def _itself(value: Any) -> Any:
    return value


_ALIAS, _LITERAL = Op(_itself, Form.ALIAS), Op(_itself, Form.LITERAL)


def fold(function: Function, facts: Facts) -> Function:
    """Return `function` with its backward sweep and its tangents simplified.

    ::

        t = 1.0 / n
        d = 2.0 * t                          d = 2 / n
        e = -d_y                 ->          f = d_y.reshape(s)
        f = e.reshape(s)                     h = g - f
        h = g + f
    """
    for _ in range(_ROUNDS):
        folded = _Folder(function, facts, _RULES).function(function)
        if folded is function:
            break
        function = folded
    return _Folder(function, facts, (PRODUCTS, SINK, JOINED_CONDITIONS)).function(function)


class _Folder:
    """One walk over the function.

    Attributes
    ----------
    known
        What variables that went away stand for.
    gone
        Statements whose result no one reads any more.
    returned
        Variables in memory that is handed to the caller, who owns it alone.
    """

    def __init__(self, function: Function, facts: Facts, rules: Sequence[Rules]) -> None:
        self.rules = rules
        self.near = Surroundings(
            facts, count_uses(function), written(function), itertools.count(next_number(function))
        )
        leaves = [v for operand in leaf_operands(function.body.leaf) for v in operand_vars(operand)]
        self.returned = sharing(function, [v for v in leaves if not is_immutable(v.type)])
        self.updated = {
            statement.args[0]
            for statement in all_statements(function.body)
            if isinstance(statement, Let) and statement.op.updates
        }
        self.near.python_numbers = python_numbers(function)
        self.known: dict[Var, Operand] = {}
        self.gone: dict[Let, tuple[Let, ...]] = {}
        self.changed = False
        self.backward = False
        self._derived: set[Var] = set()
        self._loops = itertools.count(1)

    def function(self, function: Function) -> Function:
        count = function.split if function.split >= 0 else len(function.body.statements)
        before = run(self.block(Block(function.body.statements[:count])))
        self.backward = True
        rest = Block(function.body.statements[count:], function.body.leaf)
        after = run(self.block(rest))
        if not self.changed:
            return function
        body = replace(after, statements=(*before.statements, *after.statements))
        split = len(before.statements) if function.split >= 0 else -1
        return replace_lets(replace(function, body=body, split=split), self.gone)

    def resolve(self, operand: Operand) -> Operand:
        return resolved(operand, self.known)

    def with_resolved(self, statement: Statement) -> Statement:
        if self.known.keys().isdisjoint(reads(statement)):
            return statement
        return map_operands(statement, self.resolve)

    # -- the walk ----------------------------------------------------------------------------------

    def block(self, block: Block) -> Step[Block]:
        made: list[Statement] = []
        waiting, leaf = deque(block.statements), block.leaf
        while waiting:
            statement = self.with_resolved(waiting.popleft())
            match statement:
                case Let():
                    made.extend(self.let(statement))
                case Branch(test) if self.backward and isinstance(test, Const):
                    self.changed = True
                    arm = statement.then if test.value else statement.other
                    if not isinstance(arm.leaf, Yield):
                        waiting, leaf = deque(arm.statements), arm.leaf
                    else:
                        names = self._named(statement, arm.leaf)
                        waiting.extendleft(reversed((*arm.statements, *names)))
                case Branch():
                    made.append((yield map_blocks(statement, self.block)))
                    self.near.note_write()
                case Loop():
                    self.near.note_write()
                    made.append((yield self.loop(statement)))
                    self.near.note_write()
        return with_statements(block, made, map_leaf(leaf, self.resolve))

    def loop(self, loop: Loop) -> Step[Loop]:
        outer, self.near.loop = self.near.loop, next(self._loops)
        made: Loop = yield map_blocks(loop, self.block)
        self.near.loop = outer
        return made

    def _named(self, branch: Branch, leaf: Yield) -> list[Let]:
        """Statements that name the values of the arm that is always taken."""
        pairs = list(zip(branch.joins, leaf.values, strict=True))
        self.known.update((join, value) for join, value in pairs if isinstance(value, Undef))
        return [
            Let(join, _LITERAL if isinstance(value, Pack) else _ALIAS, (value,), (), branch.place)
            for join, value in pairs
            if not isinstance(value, Undef)
        ]

    # -- one statement -----------------------------------------------------------------------------

    def let(self, let: Let) -> list[Let]:
        """What is written in place of a statement."""
        made: list[Let] = []
        waiting = deque([let])
        while waiting:
            current = waiting.popleft()
            result = self._rewrite(current)
            if isinstance(result, tuple):
                self._count(result)
                self._release(current)
                waiting.extendleft(reversed(result))
            elif result is None or not self._stand_in(current, result, made):
                self._accept(current, made)
            if waiting:
                waiting = deque(_lets(map(self.with_resolved, waiting)))
        return made

    def _rewrite(self, let: Let) -> Result:
        op, target = let.op, let.target
        if target is None or op.effect:
            return None
        if op.form is Form.ALIAS and (op.stopped or isinstance(op.function, Taken)):
            return None  # what a later derivative must not pass, or passes in another way
        if op.form is Form.ALIAS:
            source = let.args[0]
            is_named = bool(target.name) and target.name != getattr(source, "name", "")
            is_renaming = not is_named or target.role.derived or op == SAME
            return source if is_renaming and isinstance(source, Var | Const) else None
        if not (self.backward or is_derived(let)):
            return None
        if op.updates:
            return update(let, self.near)
        if op.form is Form.METHOD and op.name == "astype":
            return cast(let, self.near)
        for rules in self.rules:
            rule = rules.get(op.function)
            result = rule(let, self.near) if rule is not None else None
            if result is not None:
                return result
        return None

    def _accept(self, let: Let, made: list[Let]) -> None:
        made.append(let)
        if let.op.updates:
            self.near.note_write(let.target)
        elif is_pop(let) or is_push(let):
            pass  # which changes nothing but the stack
        elif let.op.effect or any(name == "out" for name, _ in let.kwargs):
            self.near.note_write()
        if let.target is not None:
            self.near.before[let.target] = self.near.writes
            self.near.lets[let.target] = let
            self.near.loops[let.target] = self.near.loop
            if self.backward or is_derived(let):
                self._derived.add(let.target)

    def _stand_in(self, let: Let, value: Operand, made: list[Let]) -> bool:
        """Let `value` stand for the target everywhere, if it may; return whether it does."""
        target = let.target
        assert target is not None
        if not self._may_stand_in(let, target, value):
            return False
        self.changed = True
        if self._must_be_new(let, target, value):
            copy = Let(target, method(np.copy, "copy"), (value,), (), let.place)
            self._count((copy,))
            self._release(let)
            self._accept(copy, made)
            return True
        count = self.near.uses.pop(target, 0)
        if isinstance(value, Var):
            self.near.uses[value] = self.near.uses.get(value, 0) + count
        self.known[target] = value
        self._release(let)
        return True

    def _may_stand_in(self, let: Let, target: Var, value: Operand) -> bool:
        """Whether no update takes over one of the two while the other is still read."""
        if target in self.updated or value in self.updated:
            return False
        if let.op.form is Form.ALIAS or is_immutable(target.type):
            return True
        if let.op.function is np.transpose:  # a view shows what is in its array when it is read
            return True
        return target not in self.near.unstable and value not in self.near.unstable

    def _must_be_new(self, let: Let, target: Var, value: Operand) -> bool:
        """Whether the caller would be handed memory that is not his alone."""
        if is_immutable(target.type) or target not in self.returned or not makes_memory(let):
            return False
        source = self.near.lets.get(value) if isinstance(value, Var) else None
        is_own = source is not None and makes_memory(source)
        return not (is_own and isinstance(value, Var) and self.near.uses.get(value) == 1)

    # -- counting ----------------------------------------------------------------------------------

    def _count(self, lets: Sequence[Let]) -> None:
        self.changed = True
        for let in lets:
            for variable in reads(let):
                self.near.uses[variable] = self.near.uses.get(variable, 0) + 1

    def _release(self, let: Let) -> None:
        """Note that `let` is not run any more, and what no one needs without it."""
        waiting = list(reads(let))
        while waiting:
            variable = waiting.pop()
            self.near.uses[variable] -= 1
            source = self.near.lets.get(variable)
            if self.near.uses[variable] or source is None or variable not in self._derived:
                continue
            if not source.op.effect and not source.op.updates:
                self.gone[source] = ()
                del self.near.lets[variable]
                waiting.extend(reads(source))


def _lets(statements: Iterable[Statement]) -> Iterator[Let]:
    return (statement for statement in statements if isinstance(statement, Let))

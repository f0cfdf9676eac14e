"""Random functions mean the same as IR and as text."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from adjoint.emit import emit
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Exit,
    For,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Role,
    SliceOf,
    Stop,
    Var,
    Yield,
)
from adjoint.ir.ops import Form, Op
from tests.emit.ir import Writer

NAMES = ("x", "y", "t", "")


class Run:
    """Runs the IR; what is pushed is recorded."""

    def __init__(self) -> None:
        self.values: dict[Var, Any] = {}
        self.log: list[Any] = []

    def value(self, operand: Operand) -> Any:
        match operand:
            case Var():
                return self.values[operand]
            case Const(value):
                return value
            case Pack(_, items):
                return tuple(self.value(item) for item in items)
            case SliceOf(start, stop, step):
                return slice(*(self.value(part) for part in (start, stop, step)))
            case _:
                return None

    def set(self, targets: Any, values: Any) -> None:
        for target, value in zip(targets, values, strict=True):
            self.values[target] = value

    def all(self, values: Any) -> list[Any]:
        return [self.value(value) for value in values]

    def block(self, block: Block) -> Any:
        """The end that was reached."""
        for statement in block.statements:
            match statement:
                case Let():
                    self.let(statement)
                case Branch():
                    arm = statement.then if self.value(statement.test) else statement.other
                    leaf = self.block(arm)
                    if not isinstance(leaf, Yield):
                        return leaf
                    self.set(statement.joins, self.all(leaf.values))
                case Loop():
                    self.loop(statement)
        return block.leaf

    def let(self, let: Let) -> None:
        args = self.all(let.args)
        match let.op.form:
            case Form.UPDATE_INDEX:
                args[0][args[1]] += args[2]
                result = args[0]
            case Form.ALIAS:
                result = args[0]
            case Form.METHOD:
                result = args[0].copy()
            case Form.CALL if let.op.effect:
                result = self.log.append(np.copy(args[0]))
            case _:
                result = let.op.function(*args)
        if let.target is not None:
            self.values[let.target] = result

    def loop(self, loop: Loop) -> None:
        self.set(loop.params, self.all(loop.inits))
        if loop.code is not None:
            self.values[loop.code] = 0
        trip = 0
        while self.goes_on(loop, trip):
            leaf = self.block(loop.body)
            if isinstance(leaf, Exit):
                self.set(loop.outs, self.all(leaf.values))
                if loop.code is not None:
                    self.values[loop.code] = leaf.code
                return
            assert isinstance(leaf, Next)
            self.set(loop.params, self.all(leaf.values))
            trip += 1
        self.set(loop.outs, self.all(loop.params))

    def goes_on(self, loop: Loop, trip: int) -> bool:
        if isinstance(loop.head, For):
            trips = range(self.value(loop.head.stop))
            if trip < len(trips):
                self.values[loop.head.index] = trips[trip]
            return trip < len(trips)
        leaf = self.block(loop.head.test)
        return bool(self.value(leaf.values[0]))


def record(value: Any) -> None:
    LOG.append(np.copy(value))


record.__module__ = __name__
LOG: list[Any] = []
COMPARE = Op(np.less, Form.CALL)


class Maker:
    """Makes random functions on arrays of three floats."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.w = Writer()
        self.loops: list[int] = []
        self.codes: list[Var | None] = []
        self.next_code = 0

    def pick(self, scope: list[Var]) -> Var:
        return self.random.choice(scope[-6:] if self.random.random() < 0.7 else scope)

    def var(self, like: Var | None = None) -> Var:
        if like is not None and self.random.random() < 0.8:
            return self.w.var(like.name, like.role)
        role = Role.ADJOINT if self.random.random() < 0.4 else Role.PRIMAL
        return self.w.var(self.random.choice(NAMES), role)

    def test(self, scope: list[Var]) -> Var:
        total = self.w.call(np.sum, self.pick(scope))
        return self.w.bin(self.random.choice("<>"), total, self.random.choice([-1.0, 0.0, 1.0]))

    def statements(self, scope: list[Var], count: int, depth: int) -> None:
        for _ in range(count):
            kind = self.random.random()
            if kind < 0.5 or depth == 0:
                scope.append(self.binary(scope))
            elif kind < 0.62:
                self.update(scope)
            elif kind < 0.67:
                self.w.do(Op(record, effect=True), self.pick(scope))
            elif kind < 0.7:
                source = self.pick(scope)
                scope.append(self.w.alias(self.w.bin("+", source, 0.0), to=self.var(source)))
            elif kind < 0.85:
                self.branch(scope, depth)
            else:
                self.loop(scope, depth)

    def binary(self, scope: list[Var]) -> Var:
        a, b = self.pick(scope), self.pick(scope)
        made = self.w.bin(self.random.choice("+-"), a, b, to=self.var(a))
        return self.w.call(np.tanh, made, to=self.var(made))

    def update(self, scope: list[Var]) -> None:
        # Of a fresh buffer, as the rest of the compiler warrants; then once or twice.
        old = self.w.call(np.copy, self.pick(scope), to=self.var())
        read = self.random.random() < 0.3
        for _ in range(self.random.randint(1, 2)):
            value = self.w.bin("*", self.w.item(self.pick(scope), 0), 0.5)
            if read:
                scope.append(self.w.bin("+", old, 0.0, to=self.var()))
            if self.random.random() < 0.5:
                old = self.w.update_at(old, 0, value, to=self.var(old))
            else:
                old = self.w.update(old, self.pick(scope), to=self.w.var(old.name, old.role))
        scope.append(old)

    def branch(self, scope: list[Var], depth: int) -> None:
        test = self.test(scope)
        joins = [self.var(self.pick(scope)) for _ in range(self.random.randint(0, 2))]
        size = self.random.choice([0, 1, 3])

        def arm() -> Any:
            inner = list(scope)
            self.statements(inner, size, depth - 1)
            return [self.pick(inner) for _ in joins]

        style = self.random.choice(["if", "ifexp"])
        self.w.branch(test, arm, arm, *joins, style=style)
        scope += joins

    def loop(self, scope: list[Var], depth: int) -> None:
        inits = [self.pick(scope) for _ in range(self.random.randint(1, 3))]
        params = [self.var(init) for init in inits]
        outs = [self.w.var(param.name, param.role) for param in params]
        code = self.w.var("", Role.FLAG)
        exits = self.random.choice([0, 1, 1, 2])

        def end(inner: list[Var], left: int) -> Any:
            values = [self.pick([*inner, *params, *params]) for _ in params]
            if left == 0:
                return Next(tuple(values))
            test = self.test(inner)
            number = left

            def leaves() -> Any:
                own = list(inner)
                self.statements(own, self.random.choice([0, 1]), 0)
                if self.random.random() < 0.3:
                    return Next(tuple(self.pick(own) for _ in params))
                return Exit(number, "break", tuple(self.pick(own) for _ in params))

            def stays() -> Any:
                own = list(inner)
                self.statements(own, self.random.choice([0, 1, 2]), depth - 1)
                return end(own, left - 1)

            self.w.branch(test, leaves, stays)
            return Stop()

        def body() -> Any:
            inner = [*scope, *params]
            self.statements(inner, self.random.randint(0, 4), depth - 1)
            return end(inner, exits)

        carried = list(zip(params, inits, outs, strict=True))
        self.w.loop(self.w.range(self.w.var("", Role.INDEX), 3), carried, body, code)
        scope += outs
        if exits and self.random.random() < 0.7:
            chosen = self.var(outs[0])
            hit = (
                self.w.bin("==", code, 1)
                if self.random.random() < 0.5
                else self.w.bin("!=", code, 0)
            )
            a, b = self.pick(scope), self.pick(scope)
            self.w.branch(hit, lambda: [a], lambda: [b], chosen, style="ifexp")
            scope.append(chosen)


@pytest.mark.parametrize("seed", range(150))
@pytest.mark.sampled(2)
def test_text_means_what_the_ir_means(seed):
    maker = Maker(seed)
    params = [maker.w.var(name) for name in ("x", "y")]
    scope = list(params)
    maker.statements(scope, 12, 3)
    function = maker.w.function("f", params, tuple(maker.pick(scope) for _ in range(4)))
    arguments = [np.array([0.5, -1.0, 0.3]), np.array([-0.2, 0.8, 0.1])]
    run = Run()
    run.set(params, [a.copy() for a in arguments])
    leaf = run.block(function.body)
    expected = run.value(leaf.values[0])
    emitted = emit(function)
    assert emitted.text == emit(function).text
    namespace: dict[str, Any] = {}
    exec(emitted.text, namespace)
    LOG.clear()
    found = namespace["f"](*(a.copy() for a in arguments))
    np.testing.assert_array_equal(np.array(found), np.array(expected))
    assert len(LOG) == len(run.log)
    np.testing.assert_array_equal(np.array(LOG), np.array(run.log))

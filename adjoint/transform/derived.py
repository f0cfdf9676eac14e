"""Functions made of one that is handed to a solver: with its tangent, and its pullback.

The derivative of a solution is found by solving again, for functions like these. They are functions
of the program like any others, of values alone: what is solved with them has derivatives in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.handles import Handle, operand
from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Block, Function, Operand, Role, Statement, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Callee
from adjoint.ir.values import Array
from adjoint.ir.walk import leaf_operands, rename
from adjoint.stage.context import Transforms
from adjoint.transform.accumulate import adjoint_type
from adjoint.transform.inner_calls import Functions, of_values
from adjoint.transform.tangents import tangent_type

__all__ = ["Derived"]


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """What makes these functions, and adds them to the `program`."""

    builder: Builder
    program: Functions
    transforms: Transforms
    made: dict[tuple[object, ...], Callee] = field(default_factory=dict)

    def with_tangent(self, callee: Callee, active: Sequence[int], state: int | None) -> Callee:
        """A function that takes tangents of the `active` parameters behind all others.

        With a state, which is followed by its tangent in one vector, it returns the result so;
        without one the tangent alone::

                                        f_and_dot(t, z, k, k_dot)
            f(t, y, k)                    y, y_dot = z[:2], z[2:]
              u = k * y         ->        u = k * y
              yield u                     u_dot = k_dot * y + k * y_dot
                                          yield np.concatenate((u, u_dot))
        """
        key = ("tangent", callee, tuple(active), state)
        if key not in self.made:
            self.made[key] = self._with_tangent(callee, active, state)
        return self.made[key]

    def pullback(self, callee: Callee, active: Sequence[int], given: int) -> Callee:
        """A function from cotangents of the result to those of the `active` parameters.

        It takes them behind the `given` first parameters::

            f(t, y, k)                  f_pullback(t, y, d_u, k)
              u = k * y         ->        yield d_u * k, np.vdot(d_u, y)
              yield u
        """
        key = ("pullback", callee, tuple(active), given)
        if key not in self.made:
            self.made[key] = self._pullback(callee, active, given)
        return self.made[key]

    def apart(self, callee: Callee) -> Callee:
        """The same function, to be called with what a solver does not give it.

        What is differentiated then reaches other parameters.
        """
        key = ("apart", callee)
        if key not in self.made:
            function = self.program[callee]
            made = (function.body.statements, leaf_operands(function.body.leaf))
            self.made[key] = self._add(callee.name, function.params, *made, function)
        return self.made[key]

    def _with_tangent(self, callee: Callee, active: Sequence[int], state: int | None) -> Callee:
        function = self.program[callee]
        params, own = [*function.params], [*function.params]
        with self._writing(function) as statements:
            halves: tuple[Var, ...] = ()
            if state is not None:
                params[state], halves = self._halves(function.params[state], callee)
                own[state] = halves[0]
            inputs = [own[k] for k in active]
            directions = [
                halves[1] if k == state else self._direction(v)
                for k, v in zip(active, inputs, strict=True)
            ]
            body = rename(function.body, dict(zip(function.params, own, strict=True)))
            (value,), (dot,) = self.transforms.push_forward(
                self.builder, self.program, body, inputs, directions, 1
            )
            result = dot if state is None else self._joined(value, dot)
        given = [v for v in directions if v not in halves]
        name = f"{callee.name}_dot" if state is None else f"{callee.name}_and_dot"
        return self._add(name, (*params, *given), statements, (result,), function)

    def _halves(self, state: Var, callee: Callee) -> tuple[Var, tuple[Var, ...]]:
        """A parameter for a state and its tangent, and the two."""
        n = self.length(callee, state)
        assert isinstance(state.type, Array)
        both = self.builder.var(Array(state.type.dtype, (Length(2 * n),)), f"{state.name}_and_dot")
        z = Handle(self.builder, both)
        first, second = operand(z[:n]), operand(z[n:])
        assert isinstance(first, Var)
        assert isinstance(second, Var)
        first.name, second.name = state.name, f"{state.name}_dot" if state.name else ""
        return both, (first, second)

    def length(self, callee: Callee, state: Var) -> int:
        """How long the vector of the states is, which is taken as known."""
        shape = state.type.shape if isinstance(state.type, Array) else None
        if shape is not None and len(shape) == 1 and shape[0].known:
            return shape[0].const
        raise Unsupported(
            f"an equation of states of unknown length, {callee.name}, is differentiated twice",
            self.program[callee].place,
            "call the derivative with arguments of the shapes you use",
        )

    def _direction(self, variable: Var) -> Var:
        name = f"{variable.name}_dot" if variable.name else ""
        return self.builder.var(tangent_type(variable.type), name)

    def _joined(self, value: Operand, dot: Operand) -> Operand:
        pair: Any = (Handle(self.builder, value), Handle(self.builder, dot))
        return operand(np.concatenate(pair))

    def _pullback(self, callee: Callee, active: Sequence[int], given: int) -> Callee:
        function = self.program[callee]
        results, params = leaf_operands(function.body.leaf), function.params
        with self._writing(function) as statements:
            inner = self.transforms.differentiate(
                self.builder,
                self.program,
                function.body,
                [params[k] for k in active],
                [None] * len(results),
            )
            statements.extend(inner.forward.statements)
            types = [adjoint_type(type_of(result)) for result in results]
            cotangents = [self.builder.var(type_, "d_out") for type_ in types]
            gradients = inner.pull(self.builder, cotangents)
        every = (*params[:given], *cotangents, *params[given:])
        return self._add(f"{callee.name}_pullback", every, statements, gradients, function)

    @contextmanager
    def _writing(self, function: Function) -> Iterator[list[Statement]]:
        """Write the statements of another function, as those of one that the user wrote."""
        builder = self.builder
        before = builder.role, builder.stopped, builder.watch
        builder.role, builder.stopped, builder.watch = Role.PRIMAL, False, None
        try:
            with builder.at(function.place), builder.block() as statements:
                yield statements
        finally:
            builder.role, builder.stopped, builder.watch = before

    def _add(
        self,
        name: str,
        params: Sequence[Var],
        statements: Sequence[Statement],
        results: Sequence[Operand],
        function: Function,
    ) -> Callee:
        callee, block = Callee(name), Block(tuple(statements), Yield(tuple(results)))
        before, self.builder.role = self.builder.role, Role.PRIMAL
        made = of_values(self.builder, name, params, block, function.place)
        self.builder.role = before
        self.program[callee] = made
        return callee

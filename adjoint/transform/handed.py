"""What the rule of a solver is told of the function that is handed over, and may write with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adjoint.ir.builder import Builder
from adjoint.ir.handed import handed_over, with_arguments
from adjoint.ir.handles import Handle, handle, operand
from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Const, Let, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, PART, Callee, Form, Op, call
from adjoint.ir.values import FLOAT, Array, TupleOf, Type
from adjoint.ir.walk import leaf_operands
from adjoint.markers import stop_gradient
from adjoint.rules import lookup
from adjoint.transform.accumulate import adjoint_type
from adjoint.transform.calls import OWN_PART, Calls
from adjoint.transform.tangent_calls import TangentCalls

__all__ = ["Handed"]


@dataclass(frozen=True, slots=True)
class Handed:
    """A call of a solver that is differentiated.

    Attributes
    ----------
    positions
        Which of the arguments that the function is called with, after what the solver gives it, are
        differentiated.
    asked
        The variables by which a derivative of the call is asked for.
    dots
        The tangents of those arguments.
    """

    builder: Builder
    calls: Calls | TangentCalls
    let: Let
    positions: tuple[int, ...]
    asked: frozenset[Var]
    dots: tuple[Any, ...] = ()

    @property
    def again(self) -> bool:
        """Whether what is written now may be differentiated again: with functions of values."""
        return self.calls.again

    @property
    def active(self) -> tuple[Any, ...]:
        """The arguments that are differentiated."""
        args = with_arguments(self.let)
        return tuple(handle(self.builder, args[k]) for k in self.positions)

    @property
    def depends(self) -> bool:
        """Whether what the function returns depends on what is differentiated."""
        return bool(self.calls.active_results(self._callee))

    @property
    def pullback(self) -> Callee:
        """The function that returns the value and its pullback, which gives cotangents of the
        state, if the solver has one, and then of the arguments that are active.
        """
        assert isinstance(self.calls, Calls)
        own = Callee(f"{self._callee.name}_vjp")
        return self.calls.pullbacks.setdefault(self._callee, own)

    @property
    def tangent(self) -> Callee:
        """The function that takes tangents of these as well, after the arguments, and returns the
        value and its tangent.
        """
        assert isinstance(self.calls, TangentCalls)
        own = Callee(f"{self._callee.name}_jvp")
        return self.calls.with_tangents.setdefault(self._callee, own)

    def asks(self, value: Any) -> bool:
        """Whether a derivative by this argument of the solver is asked for."""
        return isinstance(value, Handle) and operand(value) in self.asked

    # -- functions of values -----------------------------------------------------------------------

    @property
    def states(self) -> int:
        """How many states there are."""
        assert self._state is not None
        state = self.calls.functions[self._callee].params[self._state]
        return self.calls.derived.length(self._callee, state)

    def with_tangent(self, positions: Sequence[int]) -> Callee:
        """The function with its tangent, by the state and by these arguments; see `derived`."""
        state, given = self._state, self._given
        own = [*(() if state is None else (state,)), *(given + k for k in positions)]
        return self.calls.derived.with_tangent(self._callee, own, state)

    def pulled_back(self, callee: Callee, positions: Sequence[int]) -> Callee:
        """The pullback by the state and by these arguments; see `derived`.

        Of the function, or of that which `with_tangent` gives.
        """
        state, given = self._state, self._given
        own = [*(() if state is None else (state,)), *(given + k for k in positions)]
        return self.calls.derived.pullback(callee, own, given)

    @property
    def _callee(self) -> Callee:
        return handed_over(self.let)[0]

    @property
    def _given(self) -> int:
        """How many arguments the solver itself gives the function."""
        args = with_arguments(self.let)
        return len(self.calls.functions[self._callee].params) - len(args)

    @property
    def _state(self) -> int | None:
        rule = lookup(self.let.op.function)
        assert rule is not None and rule.solver is not None
        return rule.solver.state

    # -- statements --------------------------------------------------------------------------------

    def fixed(self, value: Any) -> Any:
        """The value, through which no derivative passes."""
        held = operand(value)
        op = Op(stop_gradient, Form.ALIAS, stopped=True)
        return Handle(self.builder, self.builder.let(op, (held,), type_=type_of(held)))

    def call(self, *given: Any) -> Any:
        """Write a call of the function itself with what the solver could give it."""
        args = (handle(self.builder, each) for each in with_arguments(self.let))
        return self.invoke(self._callee, *given, *args)[0]

    def invoke(self, callee: Callee, *given: Any) -> list[Any]:
        """Write a call of a function of the program; what it returns."""
        derived = self.calls.derived
        callee = derived.apart(callee) if self.again else callee
        function = derived.program[callee]
        types = [type_of(result) for result in leaf_operands(function.body.leaf)]
        op, args = Op(callee, Form.INVOKE), tuple(map(operand, given))
        if len(types) == 1:
            return [Handle(self.builder, self.builder.let(op, args, type_=types[0]))]
        made = self.builder.let(op, args, type_=TupleOf(tuple(types)))
        return [
            Handle(self.builder, self.builder.let(PART, (made, Const(k)), type_=type_))
            for k, type_ in enumerate(types)
        ]

    def cotangents(
        self, helper: Callable[..., Any], like: tuple[Any, ...], *args: Any, **options: Any
    ) -> Any:
        """Write a call that returns cotangents of what is `like`, and of the active arguments."""
        return self.several(helper, (*like, *self.active), *args, **options)

    def several(
        self, helper: Callable[..., Any], like: tuple[Any, ...], *args: Any, **options: Any
    ) -> list[Any]:
        """Write a call that returns a list of cotangents, of what is `like`."""
        types = [adjoint_type(type_of(operand(v))) for v in like]
        made = operand(self._write(helper, TupleOf(tuple(types)), args, options))
        part = GETITEM if _is_solver(helper) else OWN_PART
        return [
            Handle(self.builder, self.builder.let(part, (made, Const(k)), type_=type_))
            for k, type_ in enumerate(types)
        ]

    def write(self, helper: Callable[..., Any], like: Any, *args: Any, **options: Any) -> Any:
        """Write a call that returns what has the type of `like`."""
        return self._write(helper, adjoint_type(type_of(operand(like))), args, options)

    def write_number(self, helper: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Write a call that returns a number."""
        return self._write(helper, FLOAT, args, options)

    def write_states(
        self, helper: Callable[..., Any], like: Any, rows: int, *args: Any, **options: Any
    ) -> Any:
        """Write a call that returns so many rows, as long as those of `like`."""
        found = type_of(operand(like))
        assert isinstance(found, Array)
        assert found.shape is not None
        return self._write(
            helper, Array(found.dtype, (Length(rows), *found.shape[1:])), args, options
        )

    def _write(
        self,
        helper: Callable[..., Any],
        type_: Type,
        args: Sequence[Any],
        options: Mapping[str, Any],
    ) -> Handle:
        pairs = [(name, operand(value)) for name, value in options.items()]
        if _is_solver(helper):
            given = tuple(map(operand, options["args"]))
            pairs = [(k, Pack("tuple", given) if k == "args" else v) for k, v in pairs]
        operands = [operand(value) for value in args]
        return Handle(self.builder, self.builder.let(call(helper), operands, pairs, type_=type_))


def _is_solver(helper: Callable[..., Any]) -> bool:
    rule = lookup(helper)
    return rule is not None and rule.solver is not None

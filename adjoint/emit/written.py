"""Calls that are printed by a text that the rule gives, with expressions in the places of names."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Container, Mapping
from functools import partial

from adjoint.ir.nodes import Const, Let, Operand
from adjoint.rules.rule import Written

__all__ = ["filled"]


def filled(
    form: Written,
    let: Let,
    others: Mapping[str, ast.expr],
    operand: Callable[[Operand], ast.expr],
) -> ast.expr:
    """The expression that a call is printed as.

    Parameters
    ----------
    form
        The text, with the parameters of the function and other names in it.
    let
        The call. A keyword that is what the parameter is without it is left out.
    others
        What stands for the other names.
    operand
        The expression of an argument.
    """
    signature = inspect.signature(let.op.function)
    given = signature.bind(*let.args, **dict(let.kwargs)).arguments
    parts = {name: partial(operand, value) for name, value in given.items()}
    usual = {
        name
        for name, parameter in signature.parameters.items()
        if _is_usual(given.get(name), parameter.default)
    }
    tree = _Filling({**{name: partial(_same, e) for name, e in others.items()}, **parts}, usual)
    made = tree.visit(ast.parse(form.text, mode="eval").body)
    assert isinstance(made, ast.expr)
    return made


def _same(expression: ast.expr) -> ast.expr:
    return expression


def _is_usual(given: Operand | None, default: object) -> bool:
    if given is None:
        return default is not inspect.Parameter.empty
    return (
        isinstance(given, Const) and type(given.value) is type(default) and (given.value == default)
    )


class _Filling(ast.NodeTransformer):
    """Puts expressions in the places of names."""

    def __init__(self, parts: Mapping[str, Callable[[], ast.expr]], usual: Container[str]) -> None:
        self._parts, self._usual = parts, usual

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.keywords = [k for k in node.keywords if not self._is_usual(k.value)]
        return self.generic_visit(node)  # type: ignore[return-value]

    def _is_usual(self, value: ast.expr) -> bool:
        """Whether what is given to a keyword is what the parameter is without it."""
        return isinstance(value, ast.Name) and value.id in self._usual

    def visit_Name(self, node: ast.Name) -> ast.expr:
        part = self._parts.get(node.id)
        return node if part is None else part()

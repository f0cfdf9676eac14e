"""What an expression falls into when its line is broken: one item for each new line."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from adjoint.emit.one_line import Comprehension, dict_head, lambda_head, one_line
from adjoint.emit.precedence import (
    BINARY,
    BIT_OR,
    BOOLEAN,
    COMPARE,
    COMPARISON,
    NAMED,
    OR,
    POWER,
    TEST,
    UNARY,
    operand_levels,
    precedence,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line in broken brackets: an expression and the text before it.

    `lead` is an operator, `for ... in`, `name=` or `key: `. Behind the last two a chain of
    operators would be hard to tell from the next line, so it gets parentheses (`bracketed`).
    """

    lead: str
    node: ast.expr
    level: int = TEST
    bracketed: bool = True

    def flat(self) -> str:
        """Return the text on one line."""
        return self.lead + one_line(self.node, self.level)


def prefixed(node: ast.expr) -> Item | None:
    """Return a prefix form as its last operand and the text before it; None for other forms."""
    match node:
        case ast.UnaryOp():
            symbol, level = UNARY[type(node.op)]
            return Item(symbol, node.operand, level)
        case ast.Lambda():
            return Item(lambda_head(node), node.body)
        case ast.Starred():
            return Item("*", node.value, BIT_OR)
        case ast.NamedExpr():
            return Item(f"{node.target.id} := ", node.value)
        case ast.Yield(value=ast.expr() as value):
            return Item("yield ", value)
        case ast.YieldFrom():
            return Item("yield from ", node.value)
        case _:
            return None


def arguments(node: ast.Call) -> list[Item]:
    """Return the arguments of a call, each behind its star or name."""
    positional = [Item("", argument, NAMED) for argument in node.args]
    named = [
        Item("**" if keyword.arg is None else f"{keyword.arg}=", keyword.value, bracketed=False)
        for keyword in node.keywords
    ]
    return positional + named


def display_items(node: ast.Tuple | ast.List | ast.Set | ast.Dict) -> list[Item]:
    """Return the elements of a display; those of a dict behind their keys."""
    if not isinstance(node, ast.Dict):
        return [Item("", element) for element in node.elts]
    return [
        Item(dict_head(key), value, BIT_OR if key is None else TEST, bracketed=False)
        for key, value in zip(node.keys, node.values, strict=True)
    ]


def comprehension_items(node: Comprehension) -> list[Item]:
    """Return the element of a comprehension, its loops and its conditions."""
    if isinstance(node, ast.DictComp):
        items = [Item(dict_head(node.key), node.value, bracketed=False)]
    else:
        items = [Item("", node.elt)]
    for generator in node.generators:
        target = one_line(generator.target, bare=True)
        items.append(Item(f"for {target} in ", generator.iter, OR))
        items += [Item("if ", test, OR) for test in generator.ifs]
    return items


def chain_of(node: ast.expr) -> list[Item]:
    """Return the operands of a chain of operators, each behind its operator; [] for no chain."""
    match node:
        case ast.BinOp():
            return _binary_chain(node)
        case ast.BoolOp():
            symbol, level = BOOLEAN[type(node.op)]
            leads = [""] + [f"{symbol} "] * (len(node.values) - 1)
            return [Item(lead, v, level + 1) for lead, v in zip(leads, node.values, strict=True)]
        case ast.Compare():
            leads = [""] + [f"{COMPARISON[type(op)]} " for op in node.ops]
            values = [node.left, *node.comparators]
            return [Item(lead, v, COMPARE + 1) for lead, v in zip(leads, values, strict=True)]
        case ast.IfExp():
            leads_and_nodes = [
                ("", node.body, OR),
                ("if ", node.test, OR),
                ("else ", node.orelse, TEST),
            ]
            return [Item(*item) for item in leads_and_nodes]
        case _:
            return []


def _binary_chain(node: ast.BinOp) -> list[Item]:
    level = precedence(node)
    items: list[Item] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and precedence(left) == level:
        left_level, right_level = operand_levels(left)
        items.append(Item(f"{BINARY[type(left.op)][0]} ", left.right, right_level))
        left = left.left
        if level == POWER:
            break
    items.append(Item("", left, left_level))
    return items[::-1]

"""Nodes written again with other parts. One whose parts are all its own stays the node it is.

A pass that finds nothing to do so returns what it was given, and what is known of that stays known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from adjoint.ir.nodes import Block, Branch, Function, Leaf, Loop, Statement, While
from adjoint.ir.trampoline import Step
from adjoint.ir.walk import blocks

__all__ = ["map_blocks", "with_blocks", "with_body", "with_statements"]

Nested = TypeVar("Nested", Branch, Loop)


def with_body(function: Function, body: Block) -> Function:
    """Return `function` with another body."""
    return function if body is function.body else replace(function, body=body)


def with_statements(
    block: Block, statements: Sequence[Statement], leaf: Leaf | None = None
) -> Block:
    """Return `block` with other statements, and another leaf if one is given."""
    leaf, made = leaf or block.leaf, tuple(statements)
    if leaf is block.leaf and made == block.statements:  # nodes are equal to themselves alone
        return block
    return Block(made, leaf)


def with_blocks(statement: Nested, made: Sequence[Block]) -> Nested:
    """Return `statement` with other blocks, in the order of `blocks`."""
    if tuple(made) == blocks(statement):
        return statement
    if isinstance(statement, Branch):
        then, other = made
        return replace(statement, then=then, other=other)
    if isinstance(statement.head, While):
        test, body = made
        return replace(statement, head=While(test), body=body)
    return replace(statement, body=made[0])


def map_blocks(statement: Nested, change: Callable[[Block], Step[Block]]) -> Step[Nested]:
    """Return `statement` with what `change` makes of each of its blocks."""
    made: list[Block] = []
    for block in blocks(statement):
        made.append((yield change(block)))
    return with_blocks(statement, made)

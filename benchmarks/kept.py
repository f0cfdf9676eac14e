"""Print what the gradients of the solvers keep for their backward sweep.

    PYTHONPATH=. python benchmarks/kept.py

For each program of the corpus that writes into arrays as solvers do: the writes of its forward
part; how many of them keep what was there before; the bytes that are kept when it is run on its
arguments, on stacks and in saved copies; and beside them the bytes of its float arguments.

A second table has the programs of `writes.py`: the bytes of all that the backward part finds and
reads, but for the arguments, beside those of the gradient by hand.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from programs import Case
from writes import cases, chain_case

from adjoint import grad
from tests.emitted import (
    STACK,
    Emitted,
    emitted_gradient,
    every_program,
    parsed,
    quiet,
    record_of,
    root,
)
from tests.mutations import is_copy, sites
from tests.oracle import copy_leaf, is_float, leaves, map_leaves


@dataclass(frozen=True, slots=True)
class Kept:
    """What one program keeps: statements that write and keep, and bytes."""

    writes: int
    keeping: int
    kept: int
    arguments: int


def kept(emitted: Emitted) -> Kept:
    """Return what a gradient keeps when it is called with the arguments of its program."""
    keeping = sum(one.kind == "undo" for one in sites(emitted))
    args, outside = map_leaves(copy_leaf, (emitted.args, emitted.outside))
    held = state_between(emitted, args, outside)
    stacks = [name for name in held if STACK.search(name)]
    names = [*stacks, *record_names(emitted), *saved_names(emitted)]
    given = {id(owner(leaf)) for _, leaf in leaves((args, outside))}
    found = memory_of((held[name] for name in names if name in held), given)
    floats = sum(size(leaf) for _, leaf in leaves(args) if is_float(leaf))
    return Kept(len(list(writes(emitted, held))), keeping, found, floats)


def state_between(
    emitted: Emitted,
    args: tuple[Any, ...],
    outside: Mapping[str, Any],
    around: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Run the forward part alone; return its variables as the backward part finds them.

    `around` is what the function finds in its module.
    """
    body = emitted.function.body
    forward = [statement for statement in body if statement.lineno < emitted.backward]
    stop = ast.parse("return locals()").body
    namespace: dict[str, Any] = dict(around)
    emitted.function.body = forward + stop
    try:
        exec(compile(emitted.tree, "<forward part>", "exec"), namespace)
    finally:
        emitted.function.body = body
    with quiet():
        held: dict[str, Any] = namespace[emitted.function.name](*args, **outside)
    return held


def writes(emitted: Emitted, held: Mapping[str, Any]) -> Iterator[ast.stmt]:
    """Yield the statements of the forward part that store into an array or a part of one."""
    records = record_names(emitted)
    for node in ast.walk(emitted.function):
        if not isinstance(node, ast.stmt) or node.lineno > emitted.backward:
            continue
        if record_of(node) in records:
            continue
        match node:
            case ast.Assign([ast.Subscript() as place]) | ast.AugAssign(ast.Subscript() as place):
                into = root(place)
            case ast.AugAssign(ast.Name(into)):
                pass
            case ast.Expr(ast.Call(ast.Attribute(attr="at"), [place, *_])):
                into = root(place)
            case _:
                continue
        if isinstance(held.get(into), np.ndarray):
            yield node


def saved_names(emitted: Emitted) -> list[str]:
    """Return the variables of the forward part that hold saved copies which are read backwards."""
    bound: dict[str, ast.expr] = {}
    first: dict[str, ast.Name] = {}
    nodes = [node for node in ast.walk(emitted.function) if isinstance(node, ast.Assign | ast.Name)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.Name):
            if node.lineno > emitted.backward:
                first.setdefault(node.id, node)
        elif node.lineno < emitted.backward and isinstance(node.targets[0], ast.Name):
            bound[node.targets[0].id] = node.value
    restored = restored_names(emitted)
    return [
        name
        for name, value in bound.items()
        if name in first and isinstance(first[name].ctx, ast.Load)
        if (is_copy(value) and not value.keywords)
        or (isinstance(value, ast.Subscript) and name in restored)
    ]


def record_names(emitted: Emitted) -> list[str]:
    """Return the arrays whose rows the trips of a loop store, and the backward part reads."""
    nodes = list(ast.walk(emitted.function))
    read = {
        node.id for node in nodes if isinstance(node, ast.Name) and node.lineno > emitted.backward
    }
    made = [node for node in nodes if isinstance(node, ast.Assign) and len(node.targets) == 1]
    found = [record_of(node) for node in made if isinstance(node.targets[0], ast.Name)]
    return [name for name in found if name is not None and name in read]


def restored_names(emitted: Emitted) -> set[str]:
    """Return the variables that the backward part stores into arrays of the forward part."""
    return {
        node.value.id
        for node in ast.walk(emitted.function)
        if isinstance(node, ast.Assign) and node.lineno > emitted.backward
        if isinstance(node.targets[0], ast.Subscript) and isinstance(node.value, ast.Name)
        if not root(node.targets[0]).startswith("d_")
    }


def memory_of(values: Iterable[Any], given: set[int]) -> int:
    """Return the bytes of all numbers and arrays; memory counts once, and not if it was given."""
    total, seen, alive = 0, set(given), list(values)
    for _, leaf in leaves(alive):
        if not isinstance(leaf, np.ndarray):
            total += size(leaf)
        elif id(owner(leaf)) not in seen:
            seen.add(id(owner(leaf)))
            total += size(owner(leaf))
    return total


def owner(value: Any) -> Any:
    """Return the array whose memory a view shows."""
    while isinstance(value, np.ndarray) and isinstance(value.base, np.ndarray):
        value = value.base
    return value


def size(value: Any) -> int:
    """Return the bytes of an array or a number; a Python number counts as one of NumPy."""
    return value.nbytes if isinstance(value, np.ndarray) else np.asarray(value).nbytes


def line(name: str, numbers: Kept) -> str:
    """Return one line of the table."""
    return f"{name:<52}" + "".join(f"{number:>10}" for number in astuple(numbers))


def table(prefix: str = "solvers_") -> Iterator[str]:
    """Yield the lines of the table for the programs whose names begin with `prefix`."""
    titles = ("writes", "keep", "bytes", "arguments")
    yield f"{'':<52}" + "".join(f"{title:>10}" for title in titles)
    rows = []
    for one in every_program():
        emitted = emitted_gradient(one) if one.name.startswith(prefix) else None
        if emitted is not None:
            rows.append(kept(emitted))
            yield line(one.name, rows[-1])
    sums = (sum(column) for column in zip(*map(astuple, rows), strict=True))
    yield line(f"{len(rows)} programs", Kept(*sums))


# By hand


def alive(emitted: Emitted, around: Mapping[str, Any]) -> int:
    """Return the bytes of what the backward part reads of the forward part's, arguments apart."""
    args, outside = map_leaves(copy_leaf, (emitted.args, emitted.outside))
    held = state_between(emitted, args, outside, around)
    given = {id(owner(leaf)) for _, leaf in leaves((args, outside))}
    found = (held[name] for name in read_first(emitted) if name in held)
    return memory_of((value for value in found if not isinstance(value, int | float)), given)


def read_first(emitted: Emitted) -> list[str]:
    """Return the variables that the backward part reads before it binds them."""
    body = [node for node in emitted.function.body if node.lineno > emitted.backward]
    names = (n for node in body for n in ast.walk(node) if isinstance(n, ast.Name))
    first: dict[str, ast.Name] = {}
    for name in sorted(names, key=lambda n: (n.lineno, isinstance(n.ctx, ast.Store))):
        first.setdefault(name.id, name)
    return [name for name, node in first.items() if isinstance(node.ctx, ast.Load)]


def both_alive(case: Case) -> tuple[int, int]:
    """Return the bytes that are alive between the sweeps, by hand and ours."""
    gradient = grad(case.fun, argnums=case.argnums)
    gradient(*case.args)
    texts = (inspect.getsource(case.by_hand), gradient.source)
    names = (case.by_hand.__name__, gradient.source.rpartition("def ")[2].partition("(")[0])
    around = (vars(sys.modules[case.by_hand.__module__]), {})
    one, other = (
        alive(parsed(case.name, text, name, case.args, {}), module)
        for text, name, module in zip(texts, names, around, strict=True)
    )
    return one, other


def by_hand() -> Iterator[str]:
    """Yield the lines of the table of programs with a gradient by hand."""
    yield f"{'':<52}{'by hand':>10}{'adjoint':>10}"
    for case in (*cases(), chain_case(1000)):
        one, other = both_alive(case)
        yield f"{case.name:<52}{one:>10}{other:>10}"


def main() -> None:
    for row in (*table(), "", *by_hand()):
        print(row, flush=True)


if __name__ == "__main__":
    main()

"""How an array lies in memory: how far apart its items are along each axis.

Whether `reshape` and its like return a view or a copy follows from that. What came in lies as it
does in the example call, which the guard then checks; of what is made inside, NumPy says how it
lies; and a view lies as the way that leads to it says.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.indices import index_items, sliced
from adjoint.ir.lengths import ONE, Facts, Length, Symbol, length
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.updates import list_depth
from adjoint.ir.values import rank, shape_of
from adjoint.stage.arrays.new_layouts import is_given, order_of_new
from adjoint.stage.context import Stage
from adjoint.stage.values import Buffer, RunTimeList, Step, View

__all__ = [
    "UNKNOWN",
    "Axis",
    "Product",
    "is_packed",
    "layout_of",
    "permutation_of",
    "shows_in_shape",
    "static_of",
]

UNKNOWN: Any = object()
"""An argument that is known at run time only."""


@dataclass(frozen=True, slots=True)
class Product:
    """``count * lengths[0] * lengths[1] * …``."""

    count: int = 1
    lengths: tuple[Length, ...] = ()

    def __mul__(self, factor: Length) -> Product:
        if factor.known:
            return Product(self.count * factor.const, self.lengths)
        return Product(self.count, tuple(sorted((*self.lengths, factor), key=str)))


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its length, and how many items of memory one step along it is; None if unknown."""

    length: Length
    step: Product | None = None


Layout = tuple[Axis, ...]


# -- what is asked of a layout ---------------------------------------------------------------------


def is_packed(facts: Facts, axes: Sequence[Axis]) -> bool | None:
    """Whether items lie one after the other, in the order of the axes; None if that is unknown."""

    def tests(axes: Sequence[Axis]) -> list[bool | None]:
        first = axes[-1].step if axes else Product()
        next_to = None if first is None else _are_equal(facts, first, Product())
        return [*_continued(facts, axes), next_to]

    return _all_of(facts, axes, tests)


def shows_in_shape(facts: Facts, axes: Sequence[Axis], shape: Sequence[Length]) -> bool | None:
    """Whether an array can be shown in another shape without a copy; None if that is unknown.

    Axes that become others together must lie in one run. That is so of each group of axes between
    two places where as many items are counted off before and after.
    """
    if _in_one_run(facts, axes) is True:
        return True
    old = [axis for axis in axes if axis.length != ONE]
    new = [axis for axis in shape if axis != ONE]
    cuts = [(0, 0)]
    for i, j in itertools.product(range(1, len(old)), range(1, len(new))):
        counted = _count_equally(facts, [axis.length for axis in old], new, i, j)
        if counted is None:
            return None
        cuts += [(i, j)] * counted
    ends = [*(i for i, _ in cuts), len(old)]
    runs = [_in_one_run(facts, old[i:j]) for i, j in itertools.pairwise(ends)]
    return False if False in runs else None if None in runs else True


def _count_equally(
    facts: Facts, old: Sequence[Length], new: Sequence[Length], i: int, j: int
) -> bool | None:
    """Whether the first `i` and the first `j` axes hold as many items, or else the others do."""
    for left, right in ((old[:i], new[:j]), (old[i:], new[j:])):
        found = _are_equal(facts, _product(left), _product(right))
        if found is not None:
            return found
    return None


def _in_one_run(facts: Facts, axes: Sequence[Axis]) -> bool | None:
    """Whether all items lie at one distance from the next, in the order of the axes."""
    return _all_of(facts, axes, lambda rest: _continued(facts, rest))


def _all_of(
    facts: Facts, axes: Sequence[Axis], tests: Callable[[Sequence[Axis]], list[bool | None]]
) -> bool | None:
    """Whether an array passes all tests; axes of length 1 are left out, since nothing is in them.

    A test that fails says nothing of an array in which an axis may have that length.
    """
    axes = [axis for axis in axes if axis.length != ONE]
    found = tests(axes)
    if all(found):
        return True
    wide = [facts.at_least(axis.length, 2) for axis in axes]
    if False in wide:
        rest = [axis for axis, known in zip(axes, wide, strict=True) if known is not False]
        return _all_of(facts, rest, tests)
    return False if False in found and all(wide) else None


def _continued(facts: Facts, axes: Sequence[Axis]) -> list[bool | None]:
    return [_continues(facts, outer, inner) for outer, inner in itertools.pairwise(axes)]


def _continues(facts: Facts, outer: Axis, inner: Axis) -> bool | None:
    """Whether one step along an axis is as far as all steps along the next."""
    if outer.step is None or inner.step is None:
        return None
    return _are_equal(facts, outer.step, inner.step * inner.length)


def _product(lengths: Sequence[Length]) -> Product:
    found = Product()
    for each in lengths:
        found = found * each
    return found


def _are_equal(facts: Facts, a: Product, b: Product) -> bool | None:
    left, right = ([facts.canonical(n) for n in p.lengths] for p in (a, b))
    for each in [*left]:
        if each in right:
            left.remove(each)
            right.remove(each)
    if a.count == b.count and len(left) == len(right) == 1:
        return facts.equal(left[0], right[0])
    return facts.equal_products((Length(a.count), *left), (Length(b.count), *right))


# -- how arrays lie --------------------------------------------------------------------------------


def layout_of(stage: Stage, owner: Buffer | View) -> Layout:
    """How an array lies; of an axis of which nothing is known, the length alone."""
    if isinstance(owner, Buffer):
        return _of_buffer(stage, owner)
    path, base = owner.path, owner.base
    if isinstance(base, RunTimeList):
        depth = list_depth(base.slots["held"].type)
        axes, path = _of_item(stage, base, path[:depth], owner), path[depth:]
    else:
        axes = _of_buffer(stage, base)
    for step in path:
        axes = _stepped(stage.builder.facts, axes, step)
    return axes


def _of_buffer(stage: Stage, buffer: Buffer) -> Layout:
    shape = shape_of(buffer.slots["held"].type) or ()
    if buffer.origin is not None and is_given(stage, buffer.origin):
        return _of_leaf(stage, stage.sites[buffer.origin][-1], shape)
    parts = buffer.parts or (buffer.origin,)
    orders = {_order(stage, part) for part in parts}
    if orders == {"F"} and any(shape_of(stage.type(part)) != shape for part in parts):
        return tuple(map(Axis, shape))  # it was given another since
    return _in_order(orders, shape)


def _of_item(stage: Stage, base: RunTimeList, path: Sequence[Step], owner: View) -> Layout:
    """How an item of a list lies: of a pool, as all the arrays that are in it."""
    type_ = path[-1].type or owner.type
    origins = {site: v for v, site in stage.sites.items() if site in base.sites}
    known = base.is_pool and len(origins) == len(base.sites)
    orders = {_order(stage, origin) if known else None for origin in origins.values()}
    return _in_order(orders, shape_of(type_) or ())


def _order(stage: Stage, part: Any) -> str | None:
    """The order in which an array lies in one piece, if it surely does."""
    if isinstance(part, Var):
        return order_of_new(stage, part)
    if not isinstance(part, Buffer | View):
        return None
    axes = layout_of(stage, part)
    return "C" if is_packed(stage.builder.facts, axes) is True else None


def _in_order(orders: set[str | None], shape: Sequence[Length]) -> Layout:
    if orders == {"C"}:
        return _packed(shape)
    return _packed(shape[::-1])[::-1] if orders == {"F"} else tuple(map(Axis, shape))


def _packed(shape: Sequence[Length]) -> Layout:
    step, axes = Product(), []
    for axis in reversed(shape):
        axes.append(Axis(axis, step))
        step = step * axis
    return tuple(reversed(axes))


def _of_leaf(stage: Stage, text: str, shape: Sequence[Length]) -> Layout:
    """How an array that came in lies: as in the example call, which the guard checks."""
    leaf = stage.inputs.leaves[text]
    example, unknown = leaf.example, tuple(map(Axis, shape))
    if not isinstance(example, np.ndarray):
        return unknown
    flags = f"{text}.flags"
    if example.flags.c_contiguous:
        stage.inputs.expect(f"{flags}.c_contiguous")
        return _packed(shape)
    if shape != shape_of(leaf.variable.type):  # it was given another since
        return unknown
    stage.inputs.expect(f"not {flags}.c_contiguous")
    if example.flags.f_contiguous:
        stage.inputs.expect(f"{flags}.f_contiguous")
        return _packed(shape[::-1])[::-1]
    steps = [stride // example.itemsize for stride in example.strides]
    if min(steps) < 0 or any(stride % example.itemsize for stride in example.strides):
        return unknown
    names = [f"{text}.strides[{axis}] // {text}.itemsize" for axis in range(len(steps))]
    known = (Product(1, (length(Symbol(n, s)),)) for n, s in zip(names, steps, strict=True))
    return tuple(map(Axis, shape, known))


# -- views -----------------------------------------------------------------------------------------


def _stepped(facts: Facts, axes: Layout, step: Step) -> Layout:
    """How the view lies that a step leads to."""
    if step.op is None:
        return _indexed(facts, axes, step.operands[0])
    turned = _TURNS.get(step.op.function)
    if turned is not None:
        keywords = {name: static_of(value) for name, value in step.keywords}
        return turned(axes, *map(static_of, step.operands), **keywords)
    shape = shape_of(step.type) if step.type is not None else None
    assert shape is not None, "a view has a shape"
    if step.op.function in (np.real, np.imag):  # the items are half as long
        return tuple(replace(a, step=a.step and a.step * Length(2)) for a in axes)
    wide = [axis for axis in axes if axis.length != ONE]
    if len(wide) == sum(axis != ONE for axis in shape) and step.op.function in _UNIT_AXES:
        rest = iter(wide)
        return tuple(Axis(ONE) if n == ONE else next(rest) for n in shape)
    first = wide[-1].step if wide else Product()
    is_shown = step.op.function in (np.reshape, np.ravel) and not step.keywords
    if is_shown and first is not None and _in_one_run(facts, axes) is True:
        return tuple(replace(a, step=a.step and _times(a.step, first)) for a in _packed(shape))
    return tuple(map(Axis, shape))


def _times(a: Product, b: Product) -> Product:
    for each in b.lengths:
        a = a * each
    return replace(a, count=a.count * b.count)


def _indexed(facts: Facts, axes: Layout, index: Operand) -> Layout:
    items = list(index_items(index))
    dots = [k for k, i in enumerate(items) if isinstance(i, Const) and i.value is Ellipsis]
    taken = sum(not (isinstance(i, Const) and i.value in (None, Ellipsis)) for i in items)
    whole = [SliceOf(Const(None), Const(None), Const(None))] * (len(axes) - taken)
    at = dots[0] if dots else len(items)
    items[at : at + 1] = whole
    rest, made = iter(axes), []
    for item in items:
        if isinstance(item, Const) and item.value is None:
            made.append(Axis(ONE))
            continue
        axis = next(rest)
        if isinstance(item, SliceOf):
            made.append(Axis(sliced(facts, axis.length, item), _strided(axis.step, item.step)))
    return tuple(made)


def _strided(step: Product | None, by: Operand) -> Product | None:
    if step is None or not isinstance(by, Const):
        return None
    return step if by.value is None else step * Length(int(by.value))


def static_of(operand: Operand) -> Any:
    """What an operand is, or `UNKNOWN`."""
    if isinstance(operand, Const):
        return operand.value
    if isinstance(operand, Pack) and all(isinstance(i, Const) for i in operand.items):
        return tuple(i.value for i in operand.items if isinstance(i, Const))
    return UNKNOWN


def _permuted(by: Callable[..., Any]) -> Callable[..., Layout]:
    def turned(axes: Layout, *operands: Any, **keywords: Any) -> Layout:
        if UNKNOWN in (*operands, *keywords.values()):
            return tuple(replace(axis, step=None) for axis in axes)
        return tuple(axes[k] for k in _order_by(by, len(axes), *operands, **keywords))

    return turned


def _order_by(by: Callable[..., Any], width: int, *operands: Any, **keywords: Any) -> list[int]:
    """The order of axes that a function of NumPy gives, which takes an array of any numbers."""
    numbers = np.broadcast_to(0, range(2, 2 + width))
    return [n - 2 for n in by(numbers, *operands, **keywords).shape]


def permutation_of(step: Step) -> Sequence[int] | None:
    """Of a step that gives axes another order: the number that each had before; or None."""
    by = _ORDERS.get(step.op.function) if step.op is not None else None
    operands = [*map(static_of, step.operands)]
    keywords = {name: static_of(value) for name, value in step.keywords}
    if by is None or UNKNOWN in (*operands, *keywords.values()):
        return None
    width = rank(step.type) if step.type is not None else len(operands[0])
    return None if width is None else _order_by(by, width, *operands, **keywords)


def _flipped(by: Callable[..., Any]) -> Callable[..., Layout]:
    def turned(axes: Layout, *operands: Any, **keywords: Any) -> Layout:
        if UNKNOWN in (*operands, *keywords.values()):
            return tuple(replace(axis, step=None) for axis in axes)
        steps = by(np.empty((2,) * len(axes), np.int8), *operands, **keywords).strides
        signs = (Length(1 if each > 0 else -1) for each in steps)
        pairs = zip(axes, signs, strict=True)
        return tuple(replace(axis, step=axis.step and axis.step * sign) for axis, sign in pairs)

    return turned


#: Functions that give axes another order, and what does that to any array.
_ORDERS: dict[Any, Callable[..., Any]] = {
    **{f: f for f in (np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose)},
    np.linalg.matrix_transpose: np.matrix_transpose,
}
_TURNS: dict[Any, Callable[..., Layout]] = {
    **{function: _permuted(by) for function, by in _ORDERS.items()},
    **{function: _flipped(function) for function in (np.flip, np.fliplr, np.flipud)},
}

#: Functions that add or take away axes of length 1.
_UNIT_AXES = (np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d)

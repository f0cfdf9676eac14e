"""What indices take of arrays: which kinds there are, and the lengths of what is taken."""

from __future__ import annotations

from adjoint.ir.broadcasting import as_length, broadcast_shapes, operand_shape
from adjoint.ir.lengths import ONE, Facts, Length, Symbol, length
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.values import Array, Scalar

__all__ = [
    "are_integers",
    "index_items",
    "is_basic_index",
    "is_fancy_index",
    "item_shape",
    "sliced",
    "takes_all",
]

Shape = tuple[Length, ...]


def item_shape(facts: Facts, a: Operand, index: Operand) -> Shape | None:
    """The shape of ``a[index]``, where it is known."""
    shape = operand_shape(a)
    if shape is None:
        return None
    items = list(index_items(index))
    if all(_is_basic(item) for item in items):
        return _basic(facts, shape, items)
    if len(items) > len(shape) or not all(map(_is_place, items)):
        return None
    found = broadcast_shapes(facts, [operand_shape(item) or () for item in items])
    return None if found is None else (*found, *shape[len(items) :])


def _is_place(item: Operand) -> bool:
    """Whether an item of an index is an integer, or an array of integers of known rank."""
    match item:
        case Const(value):
            return type(value) is int
        case Var(_, _, Scalar("int")):
            return True
        case Var(_, _, Array(dtype, shape)):
            return dtype.kind in "iu" and shape is not None
        case _:
            return False


def index_items(index: Operand) -> tuple[Operand, ...]:
    """The parts of an index, one for each axis: ``i`` and ``1:`` of ``a[i, 1:]``."""
    if isinstance(index, Const) and isinstance(index.value, tuple):
        return tuple(map(Const, index.value))
    return index.items if isinstance(index, Pack) and index.kind == "tuple" else (index,)


def takes_all(index: Operand) -> bool:
    """Whether an index takes all of an array, as ``...`` and ``:`` do."""
    match index:
        case Const(value):
            return value is Ellipsis or (isinstance(value, slice) and value == slice(None))
        case SliceOf(Const(None), Const(None), Const(None)):
            return True
        case _:
            return False


def is_basic_index(index: Operand) -> bool:
    """Whether what an index takes of an array is a view: integers, slices, None and ``...``."""
    return all(map(_is_basic, index_items(index)))


def are_integers(index: Operand) -> bool:
    """Whether there are integers alone in an index: of a vector, they take a number."""
    return all(
        isinstance(item, Var) or (isinstance(item, Const) and type(item.value) is int)
        for item in index_items(index)
    )


def is_fancy_index(index: Operand) -> bool:
    """Whether what an index takes is surely a copy: there is an array or a list in it."""
    return any(map(_is_array, index_items(index)))


def _is_array(item: Operand) -> bool:
    match item:
        case Pack("list") | Const(list()):
            return True
        case Var(_, _, Array(_, shape, scalar)):
            return not scalar and shape != ()
        case _:
            return False


def _is_basic(item: Operand) -> bool:
    match item:
        case SliceOf():
            return True
        case Const(value):
            return value is None or value is Ellipsis or type(value) is int
        case Var(_, _, Scalar("int")) | Var(_, _, Array(_, (), True)):
            return True
        case _:
            return False


def _basic(facts: Facts, shape: Shape, items: list[Operand]) -> Shape | None:
    taken = sum(
        not (isinstance(i, Const) and (i.value is None or i.value is Ellipsis)) for i in items
    )
    result: list[Length] = []
    axis = 0
    for item in items:
        match item:
            case Const(None):
                result.append(ONE)
            case Const(value) if value is Ellipsis:
                skipped = len(shape) - taken
                result.extend(shape[axis : axis + skipped])
                axis += skipped
            case SliceOf() if axis < len(shape):
                result.append(sliced(facts, shape[axis], item))
                axis += 1
            case _:
                axis += 1
    return None if axis > len(shape) else (*result, *shape[axis:])


def sliced(facts: Facts, n: Length, part: SliceOf) -> Length:
    """The length of ``a[start:stop:step]`` where ``a`` has length `n`."""
    step = part.step.value if isinstance(part.step, Const) else 0
    start = _bound(part.start, n, Length(0) if step != -1 else None)
    stop = _bound(part.stop, n, n if step != -1 else None)
    absent = all(isinstance(p, Const) and p.value is None for p in (part.start, part.stop))
    if step in (1, -1, None) and absent:
        return n
    if step in (1, None) and start is not None and stop is not None:
        inside = (
            facts.at_least(n - start, 0),
            facts.at_least(start, 0),
            facts.at_least(stop - start, 0),
        )
        if all(inside) and facts.at_least(n - stop, 0):
            return stop - start
    bounds = [p.value for p in (part.start, part.stop, part.step) if isinstance(p, Const)]
    if n.known and len(bounds) == 3:
        return Length(len(range(n.const)[slice(*bounds)]))
    if n.has_example and len(bounds) == 3:
        # The length is a function of the example's, which a guard can compute as well.
        texts = ["" if bound is None else str(bound) for bound in bounds]
        count = len(range(max(n.evaluate(), 0))[slice(*bounds)])
        return length(Symbol(f"len(range({n})[{':'.join(texts)}])", count))
    return facts.fresh(("slice", n, *map(_key, (part.start, part.stop, part.step))))


def _bound(operand: Operand, n: Length, default: Length | None) -> Length | None:
    if isinstance(operand, Const) and operand.value is None:
        return default
    if isinstance(operand, Const) and isinstance(operand.value, int) and operand.value < 0:
        return n + operand.value
    return as_length(operand)


def _key(operand: Operand) -> object:
    if isinstance(operand, Var):
        return ("var", operand.number)
    return ("const", operand.value) if isinstance(operand, Const) else None

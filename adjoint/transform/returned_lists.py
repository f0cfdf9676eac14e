"""Lists of run-time length that are returned, of tuples, dicts or objects: a list for each part.

Inside there is one list for what stands at each position, key or attribute of the items (see
`stage.item_layouts`). The caller gets the items, and hands in cotangents that are items too::

    a.append(x)                             a.append(x)
    b.append(2 * x)                 ->      b.append(2 * x)
    return a, b                             return list(zip(a, b))
"""

from __future__ import annotations

from collections.abc import Iterator

from adjoint import runtime
from adjoint.errors import Unsupported
from adjoint.ir.nodes import Const, Operand, Pack, Role, Var
from adjoint.ir.ops import Op, call
from adjoint.ir.values import OPAQUE
from adjoint.stage.inputs.outside import is_namespace
from adjoint.stage.inputs.reachable import is_staged
from adjoint.stage.lists.item_layouts import Layout
from adjoint.stage.run import Staged

__all__ = ["COLUMNS", "columns_of", "is_made_of_parts", "items_of", "refuse_unless_made"]

_COLUMN = call(runtime.column)
_ATTRIBUTE_COLUMN = call(runtime.attribute_column)

#: What reads a part of all items.
COLUMNS = (_COLUMN, _ATTRIBUTE_COLUMN)
#: How a part is read from all items of a list, and its position, key or attribute.
Way = tuple[Op, object]


def items_of(staged: Staged, layout: Layout, columns: Iterator[Operand]) -> Operand:
    """The items of a list, made of the next of some lists of their parts; None if all are None."""
    parts = [
        next(columns) if part is None else items_of(staged, part, columns) for part in layout.parts
    ]
    known = next((part for part in parts if isinstance(part, Var)), None)
    if known is None:
        return Const(None)
    made = [part if isinstance(part, Var) else _let(staged, runtime.nones, known) for part in parts]
    if layout.cls is tuple:
        return _let(staged, list, _let(staged, zip, *made))
    names = Pack("tuple", tuple(map(Const, layout.names)))
    if issubclass(layout.cls, dict):
        return _let(staged, runtime.dicts, names, *made)
    owner = staged.inputs.constant(layout.cls)
    if layout.is_tuple:
        return _let(staged, list, _let(staged, map, owner, *made))
    return _let(staged, runtime.objects, owner, names, *made)


def columns_of(layout: Layout) -> Iterator[tuple[Way, ...]]:
    """For each list of parts, how it is read from a list of items."""
    is_object = not layout.is_tuple and not issubclass(layout.cls, dict)
    for name, part in zip(layout.names, layout.parts, strict=True):
        way: Way = (_ATTRIBUTE_COLUMN if is_object else _COLUMN, name)
        for rest in ((),) if part is None else columns_of(part):
            yield (way, *rest)


def refuse_unless_made(staged: Staged, layout: Layout) -> None:
    """Refuse a list of items that are not made of their parts.

    Raises
    ------
    Unsupported
        If they are lists of tuples, dicts or objects, or objects of which attributes are no parts.
    """
    is_object = not layout.is_tuple and not issubclass(layout.cls, dict)
    if layout.is_list or layout.is_reference or (is_object and not is_made_of_parts(layout.cls)):
        what = "lists of what is no number" if layout.is_list else layout.cls.__name__
        raise Unsupported(
            f"a list of run-time length is returned that holds {what}",
            staged.place,
            "return a list for each part",
        )
    for part in layout.parts:
        if part is not None:
            refuse_unless_made(staged, part)


def is_made_of_parts(cls: type) -> bool:
    """Whether objects of a class are made again of their attributes."""
    if is_namespace(cls):
        return True
    try:
        is_plain = hasattr(object.__new__(cls), "__dict__")
    except TypeError:  # of a class of Python's own, as an exception
        is_plain = False
    has_slots = any(vars(each).get("__slots__") for each in cls.__mro__)
    return is_plain and not has_slots and not is_staged(cls)


def _let(staged: Staged, function: object, *args: Operand) -> Var:
    op = call(function)  # type: ignore[arg-type]
    return staged.builder.let(op, args, type_=OPAQUE, role=Role.PRIMAL)

"""Lists, dicts and objects that are another on each path, merged part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adjoint.stage.arrays.view_joins import is_unbound
from adjoint.stage.flow.alternatives import are_alternatives
from adjoint.stage.flow.what_meets import called
from adjoint.stage.objects.sameness import holds_code
from adjoint.stage.trail import ABSENT, Cell
from adjoint.stage.values import NONE, DictValue, ListValue, ObjectValue, Poison

if TYPE_CHECKING:
    from adjoint.stage.flow.merge import Merge

__all__ = ["merged_cell"]


def merged_cell(merge: Merge, alternatives: Sequence[Any], first: Any) -> Any:
    """A list, dict or object that is another on each path; two that are the same stay so."""
    key = tuple(map(id, alternatives))
    if key in merge.made:
        return merge.made[key]
    in_ring = Poison(merge.keys, "objects that hold each other, in a ring", tells=True)
    merge.made[key] = in_ring  # what is read where they are made is one that holds them
    bound = [v for v in alternatives if not is_unbound(v)]
    made = _merged(merge, alternatives, bound, first)
    if isinstance(made, Poison) and not isinstance(first, ListValue):
        made = replace(made, tells=are_alternatives(bound, merge.since))
    merge.made[key] = made
    if isinstance(made, Cell):
        merge.several[made] = tuple(bound)
    return made


def _merged(merge: Merge, alternatives: Sequence[Any], bound: Sequence[Any], first: Any) -> Any:
    held = [
        ABSENT if is_unbound(v) else _slots(merge, path, v) for path, v in enumerate(alternatives)
    ]
    found = [slots for slots in held if slots is not ABSENT]
    match first:
        case ListValue():
            return _lists(merge, held, found, bound)
        case DictValue():
            return _dicts(merge, held, found)
        case _:
            return _objects(merge, held, found, bound)


def _slots(merge: Merge, path: int, cell: Cell) -> Mapping[Any, Any]:
    """What a cell holds at the end of a path."""
    changed = merge.paths[path] if path < len(merge.paths) else {}
    own = {key: value for (each, key), value in changed.items() if each is cell}
    slots = {**cell.slots, **own}
    return {key: value for key, value in slots.items() if value is not ABSENT}


def _lists(
    merge: Merge, held: Sequence[Any], found: Sequence[Any], lists: Sequence[ListValue]
) -> Any:
    count = len(found[0]["items"])
    if any(len(slots["items"]) != count for slots in found):
        keys = tuple(each.key for each in lists if each.key)
        known = any(holds_code(slots["items"]) for slots in found)
        return merge.poison("lists of different lengths", None if known else keys)
    columns = [
        [ABSENT if slots is ABSENT else slots["items"][i] for slots in held] for i in range(count)
    ]
    items = tuple(merge.values("", column) for column in columns)
    return ListValue({"items": items}, key=lists[0].key)


def _dicts(merge: Merge, held: Sequence[Any], found: Sequence[Any]) -> Any:
    keys = list(found[0]["items"])
    if any(list(slots["items"]) != keys for slots in found):
        return merge.poison("things of different kinds")
    columns = {
        key: [ABSENT if slots is ABSENT else slots["items"][key] for slots in held] for key in keys
    }
    return DictValue({"items": {k: merge.values(called(k), c) for k, c in columns.items()}})


def _objects(
    merge: Merge, held: Sequence[Any], found: Sequence[Any], objects: Sequence[ObjectValue]
) -> Any:
    first = objects[0]
    if any(v.cls is not first.cls or v.real is not first.real for v in objects):
        return merge.poison("things of different kinds")
    if any(v.may_have_computed for v in objects):
        return merge.poison("objects of which one may have computed a cached property")
    names = dict.fromkeys(name for slots in found for name in slots)
    source = first.source if all(v.source is first.source for v in objects) else None
    for each in objects:
        if each.source is not None and not each.source.same:
            source = each.source
            for name in (n for n in names if n not in each.slots):
                source.derive(name, NONE)  # of a derivative; staging starts again
    if any(name not in slots for slots in found for name in names):
        return merge.poison("objects with different attributes")
    columns = {
        name: [ABSENT if slots is ABSENT else slots[name] for slots in held] for name in names
    }
    slots = {name: merge.values(name, column) for name, column in columns.items()}
    real, access = first.real, first.access
    return ObjectValue(slots, cls=first.cls, real=real, access=access, source=source)

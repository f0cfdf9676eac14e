"""What is in a dict that has a key on some of the paths that meet only.

What stands there is merged as a name is that is bound on one path, and a variable tells whether the
key is there::

    state = {}                                  has_w = False
    for g in gs:                                for g in gs:
        if "w" not in state:                        if not has_w:
            state["w"] = np.zeros(3)        ->          w = np.zeros(3)
                                                        has_w = True
        state["w"] = state["w"] + g                 w = w + g

Keys that come on the same paths have one such variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from adjoint.ir.nodes import Var
from adjoint.stage.flow.what_meets import called
from adjoint.stage.objects.sameness import same_value
from adjoint.stage.objects.several import Unread
from adjoint.stage.trail import ABSENT
from adjoint.stage.values import Static

if TYPE_CHECKING:
    from adjoint.stage.flow.merge import Merge

__all__ = ["Flag", "SomeKeys", "different_flags", "has_other_keys", "items_there", "merged_keys"]

#: Whether a key is there.
Flag = Static | Var


@dataclass(frozen=True, slots=True, eq=False)
class SomeKeys:
    """The items of a dict by the keys that it may have, and for each whether it is `there`.

    Whoever asks for more, as for all keys in their order, makes staging start again.
    """

    items_there: Mapping[Any, Any]
    there: Mapping[Any, Flag]
    unread: Unread

    def mapped(self, change: Callable[[Any], Any]) -> SomeKeys:
        """The same keys, with what is changed of each item and of what tells if it is there."""
        items = {key: change(item) for key, item in self.items_there.items()}
        there = {key: change(flag) for key, flag in self.there.items()}
        return SomeKeys(items, there, self.unread)

    def with_item(self, key: Any, item: Any) -> SomeKeys:
        """With an item at a key, where there is one from now on."""
        items, there = {**self.items_there, key: item}, {**self.there, key: Static(True)}
        return SomeKeys(items, there, self.unread)

    def _read(self, *args: Any) -> Any:
        return iter(self.unread)

    __iter__ = __len__ = __contains__ = __getitem__ = get = items = values = keys = _read


def items_there(items: Any) -> Mapping[Any, Any]:
    """What stands at the keys that a dict may have."""
    found: Mapping[Any, Any] = items.items_there if isinstance(items, SomeKeys) else items
    return found


def _is_there(items: Any, key: Any) -> Flag:
    if isinstance(items, SomeKeys):
        return items.there.get(key, Static(False))
    return Static(key in items)


def has_other_keys(alternatives: Sequence[Any]) -> bool:
    """Whether what a dict holds on each of several paths differs in its keys."""
    if any(isinstance(items, SomeKeys) for items in alternatives):
        return True
    return len({tuple(items) for items in alternatives}) > 1


def merged_keys(merge: Merge, alternatives: Sequence[Any], unread: Unread) -> SomeKeys:
    """What is in a dict after paths on which it has these items, by other keys on each."""
    items, there = {}, {}
    for key in dict.fromkeys(key for each in alternatives for key in items_there(each)):
        column = [items_there(each).get(key, ABSENT) for each in alternatives]
        bound = [item for item in column if item is not ABSENT]
        is_known = _are_static(bound) and all(same_value(bound[0], item) for item in bound)
        items[key] = bound[0] if is_known else merge.values(called(key), column)
        there[key] = merge.flag(called(key), [_is_there(each, key) for each in alternatives])
    return SomeKeys(items, there, unread)


def _are_static(items: Sequence[Any]) -> TypeGuard[Sequence[Static]]:
    return all(isinstance(item, Static) for item in items)


def different_flags(pairs: Sequence[tuple[Any, Any]]) -> Iterator[int]:
    """The positions of dicts whose keys are not there on the same paths as those of others.

    Of each dict there are the items at the start of a trip, and at its end.
    """
    ends: dict[Flag, Flag] = {}
    for position, (start, end) in enumerate(pairs):
        flags = [(flag, _is_there(end, key)) for key, flag in start.there.items()]
        if not all(same_value(ends.setdefault(flag, now), now) for flag, now in flags):
            yield position

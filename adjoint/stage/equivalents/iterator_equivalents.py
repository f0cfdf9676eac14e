"""Functions of `itertools` and `functools` in Python: the interpreter reads these in their place.

They are generators like the user's, so that laziness, effects and loops need no second treatment.
``...`` stands for what is not there. What `streams` needs to know of its arguments while staging
is asked by `is_indexed`, `indexed`, `rest` and `reusable`, which the interpreter answers itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = [
    "applied",
    "first",
    "handed_out",
    "indexed",
    "is_among",
    "is_indexed",
    "items_by_index",
    "keeps_length",
    "rest",
    "reusable",
]

Function = Callable[..., Any]


def is_indexed(value: Any) -> Any:
    """Whether items are reached by an index known at run time only, in what is not written."""
    raise NotImplementedError


def reusable(value: Any) -> Any:
    """What can be gone over several times, and does not change meanwhile."""
    raise NotImplementedError


def indexed(value: Any) -> Any:
    """What can be indexed; of an array or list itself, as it is when an item is read."""
    raise NotImplementedError


def rest(value: Any) -> Any:
    """What an iterator has left, which nothing may ask it for any more; of others themselves."""
    raise NotImplementedError


def first(iterator: Any, error: type[Exception], message: str) -> Any:
    """The next item, or this error where there is none."""
    raise NotImplementedError


def keeps_length(value: Any, length: int) -> None:
    """Refuse a list whose length changed while it was gone over."""
    raise NotImplementedError


def handed_out(iterator: Any) -> Iterator[Any]:
    """The items of an iterator whose class is the user's."""
    while True:
        try:
            item = iterator.__next__()
        except StopIteration:
            return
        yield item


def items_by_index(items: Any) -> Iterator[Any]:
    """The items of an object that has ``__getitem__`` alone: from 0 on, until there is none."""
    index = 0
    while True:
        try:
            item = items[index]
        except IndexError:
            return
        yield item
        index += 1


def numbered(iterator: Any, start: int) -> Iterator[Any]:
    """``enumerate`` of an iterator that is left and used again."""
    number = start
    for item in iterator:
        yield number, item
        number += 1


def applied(function: Function, iterator: Any) -> Iterator[Any]:
    """``map`` over such an iterator."""
    for item in iterator:
        yield function(item)


def kept(function: Any, iterator: Any) -> Iterator[Any]:
    """``filter`` of such an iterator."""
    for item in iterator:
        if item if function is None else function(item):
            yield item


def is_among(item: Any, items: Any) -> bool:
    """Whether something is an item of a list or tuple, or equal to one."""
    for each in items:  # noqa: SIM110  (read as it stands)
        if each is item or each == item:
            return True
    return False


def accumulate(iterable: Any, func: Any = None, initial: Any = None) -> Iterator[Any]:
    """As in `itertools`."""
    iterator = iter(iterable)
    total = initial
    if total is None:
        total = next(iterator, ...)
    if total is ...:
        return
    yield total
    for item in iterator:
        total = total + item if func is None else func(total, item)
        yield total


def chain(*iterables: Any) -> Iterator[Any]:
    """As in `itertools`."""
    for each in iterables:
        yield from each


def chain_from_iterable(iterable: Any) -> Iterator[Any]:
    """As ``itertools.chain.from_iterable``."""
    for each in iterable:
        yield from each


def product(*iterables: Any, repeat: int = 1) -> Iterator[Any]:
    """As in `itertools`."""
    pools = [reusable(each) for each in iterables] * repeat
    yield from _rows(tuple(pools), ())


def _rows(pools: Any, row: Any) -> Iterator[Any]:
    if not pools:
        yield row
    else:
        for item in pools[0]:
            yield from _rows(pools[1:], (*row, item))


def ndindex(*shape: Any) -> Iterator[Any]:
    """As ``np.ndindex``."""
    lengths = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
    yield from product(*[range(length) for length in lengths])


def ndenumerate(arr: Any) -> Iterator[Any]:
    """As ``np.ndenumerate``."""
    for index in product(*[range(length) for length in arr.shape]):
        yield index, arr[index]


def pairwise(iterable: Any) -> Iterator[Any]:
    """As in `itertools`."""
    if is_indexed(iterable):
        for i in range(len(iterable) - 1):
            yield iterable[i], iterable[i + 1]
    else:
        iterator = iter(iterable)
        last = next(iterator, ...)
        for item in iterator:
            yield last, item
            last = item


def zip_with(before: Any, stream: Any, after: Any) -> Iterator[Any]:
    """``zip`` of an iterator and of what it stands between, whose items are indexed."""
    before, after = [rest(each) for each in before], [rest(each) for each in after]
    if before and _shortest(before) == 0:
        return
    position = 0
    for item in stream:
        if after and position >= _shortest(after):
            return
        first = [each[position] for each in before]
        yield (*first, item, *[each[position] for each in after])
        position = position + 1
        if before and position >= _shortest(before):
            return


def _shortest(pools: Any) -> Any:
    return len(pools[0]) if len(pools) == 1 else min([len(each) for each in pools])


def zip_longest(*iterables: Any, fillvalue: Any = None) -> Iterator[Any]:
    """As in `itertools`."""
    pools = [indexed(each) for each in iterables]
    lengths = [len(pool) for pool in pools]
    for i in tuple(range(max(lengths, default=0))):
        yield tuple([pool[i] if i < lengths[k] else fillvalue for k, pool in enumerate(pools)])
        for k, pool in enumerate(pools):
            keeps_length(pool, lengths[k])


def count(start: Any = 0, step: Any = 1) -> Iterator[Any]:
    """As in `itertools`."""
    number = start
    while True:
        yield number
        number = number + step


def repeat(item: Any) -> Iterator[Any]:
    """As in `itertools`, without a number of times."""
    while True:
        yield item


def cycle(pool: Any) -> Iterator[Any]:
    """As in `itertools`, of what can be gone over several times."""
    while len(pool) > 0:
        yield from pool


def cycle_by_position(pool: Any) -> Iterator[Any]:
    """As `cycle`, of a sequence: one loop, which its consumer may leave."""
    position, size = 0, len(pool)
    while size > 0:
        yield pool[position]
        position = (position + 1) % size


def islice(iterable: Any, start: Any, stop: Any, step: Any) -> Iterator[Any]:
    """As in `itertools`, with all arguments."""
    end = ... if stop is None else max(start, stop)
    if end == 0:
        return
    for position, item in enumerate(iterable):
        if start <= position and (position - start) % step == 0 and (end is ... or position < stop):
            yield item
        if position + 1 == end:
            return


def starmap(function: Function, iterable: Any) -> Iterator[Any]:
    """As in `itertools`."""
    for row in iterable:
        yield function(*row)


def takewhile(predicate: Function, iterable: Any) -> Iterator[Any]:
    """As in `itertools`."""
    for item in iterable:
        if not predicate(item):
            return
        yield item


def dropwhile(predicate: Function, iterable: Any) -> Iterator[Any]:
    """As in `itertools`."""
    dropping = True
    for item in iterable:
        if dropping:
            dropping = predicate(item)
        if not dropping:
            yield item


def filterfalse(predicate: Any, iterable: Any) -> Iterator[Any]:
    """As in `itertools`."""
    for item in iterable:
        if not (item if predicate is None else predicate(item)):
            yield item


def compress(data: Any, selectors: Any) -> Iterator[Any]:
    """As in `itertools`."""
    for item, selected in zip(data, selectors):  # noqa: B905  (compress stops at the shortest)
        if selected:
            yield item


def pairs(pool: Any) -> Iterator[Any]:
    """All combinations of two, of a pool whose length is known at run time only."""
    for i in range(len(pool)):
        for j in range(i + 1, len(pool)):
            yield pool[i], pool[j]


def ordered_pairs(pool: Any) -> Iterator[Any]:
    """All permutations of two, of such a pool."""
    for i in range(len(pool)):
        for j in range(len(pool)):
            if i != j:
                yield pool[i], pool[j]


def triples(pool: Any) -> Iterator[Any]:
    """All combinations of three, of such a pool."""
    for i in range(len(pool)):
        for j in range(i + 1, len(pool)):
            for k in range(j + 1, len(pool)):
                yield pool[i], pool[j], pool[k]


def selected(pool: Any, positions: Any) -> Iterator[Any]:
    """The items of a pool at these positions, row by row."""
    for row in positions:
        yield tuple([pool[i] for i in row])


def reduce(function: Function, iterable: Iterable[Any], initial: Any = ...) -> Any:
    """As in `functools`."""
    iterator = iter(iterable)
    total = initial
    if total is ...:
        total = first(iterator, TypeError, "reduce() of empty iterable with no initial value")
    for item in iterator:
        total = function(total, item)
    return total


def itself(item: Any) -> Any:
    """The key of what is compared as it is."""
    return item


def largest(iterable: Any, key: Any, default: Any = ...) -> Any:
    """``max`` with a key."""
    iterator = iter(iterable)
    if default is ...:
        best = first(iterator, ValueError, "max() iterable argument is empty")
    else:
        best = next(iterator, default)
    height = key(best)
    for item in iterator:
        other = key(item)
        if other > height:
            best, height = item, other
    return best


def smallest(iterable: Any, key: Any, default: Any = ...) -> Any:
    """``min`` with a key."""
    iterator = iter(iterable)
    if default is ...:
        best = first(iterator, ValueError, "min() iterable argument is empty")
    else:
        best = next(iterator, default)
    height = key(best)
    for item in iterator:
        other = key(item)
        if other < height:
            best, height = item, other
    return best


class NullContext:
    """``contextlib.nullcontext``."""

    def __init__(self, enter_result: Any = None) -> None:
        self.enter_result = enter_result

    def __enter__(self) -> Any:
        return self.enter_result

    def __exit__(self, *raised: object) -> None:
        """Nothing to do."""


class Closing:
    """``contextlib.closing``."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __enter__(self) -> Any:
        return self.thing

    def __exit__(self, *raised: object) -> None:
        self.thing.close()


def all_of(items: Any, count: int) -> Any:
    """``a, b = items``."""
    if len(items) < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {len(items)})")
    if len(items) > count:
        raise ValueError(f"too many values to unpack (expected {count})")
    return tuple([items[k] for k in range(count)])


def parts_of(items: Any, before: int, after: int) -> Any:
    """``a, *b, c = items``."""
    if len(items) < before + after:
        raise ValueError(f"not enough values to unpack (expected at least {before + after})")
    first = [items[k] for k in range(before)]
    last = [items[k - after] for k in range(after)]
    return (*first, list(items[before : len(items) - after]), *last)


def arguments_of(name: str, items: Any, count: int) -> Any:
    """The arguments of ``name(*items)``, which takes so many."""
    if len(items) != count:
        raise TypeError(f"{name}() takes {count} positional arguments here, not {len(items)}")
    return tuple([items[k] for k in range(count)])


def arguments_and_rest(name: str, items: Any, count: int) -> Any:
    """The first arguments of ``name(*items)``, and a list of those that ``*args`` takes."""
    if len(items) < count:
        raise TypeError(f"{name}() takes {count} positional arguments here, not {len(items)}")
    return (*[items[k] for k in range(count)], items[count:])


def largest_argument(items: Any, **named: Any) -> Any:
    """``max(*items)`` of numbers."""
    if len(items) < 2:
        raise TypeError("max of fewer than two arguments, which are numbers")
    return max(items, **named)


def smallest_argument(items: Any, **named: Any) -> Any:
    """``min(*items)`` of numbers."""
    if len(items) < 2:
        raise TypeError("min of fewer than two arguments, which are numbers")
    return min(items, **named)


def zipped_arguments(rows: Any, strict: bool = False) -> Iterator[Any]:
    """``zip(*rows)``."""
    if strict and rows and min([len(row) for row in rows]) < max([len(row) for row in rows]):
        raise ValueError("zip() arguments have different lengths")
    for k in range(min([len(row) for row in rows], default=0)):
        yield tuple([row[k] for row in rows])


def mapped_arguments(function: Function, rows: Any) -> Iterator[Any]:
    """``map(function, *rows)``."""
    for k in range(min([len(row) for row in rows], default=0)):
        yield function(*[row[k] for row in rows])

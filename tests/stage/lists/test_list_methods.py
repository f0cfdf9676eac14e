"""What is put into lists of run-time length."""

import heapq

import numpy as np
import pytest

from adjoint import Unsupported, grad

X = np.array([0.4, 0.9, 0.7])


def pairs_for_none(x):
    n = len(x)
    pairs = [None] * n
    for i in range(n):
        pairs[i] = (x[i], float(i))
    return sum(a * b for a, b in pairs)


def pairs_appended(x):
    pairs = []
    for i in range(len(x)):
        pairs.append((x[i], float(i)))
    return sum(a * b for a, b in pairs)


def test_structures_do_not_take_the_place_of_none():
    with pytest.raises(Unsupported, match="a list that holds None is given") as caught:
        grad(pairs_for_none)(X)
    assert (
        caught.value.advice == "begin with an empty list, and append to it: xs = []; xs.append(…)"
    )
    assert np.allclose(grad(pairs_appended)(X), [0, 1, 2])


def filled(x):
    n = len(x)
    ys = [None] * n
    for i in range(n):
        ys[i] = x[i] ** 2
    return sum(ys)


def test_numbers_for_none_have_zeros_of_numbers():
    source = grad(filled).specialize(X).source
    assert "d_ys = [1.0] * len(ys)" in source
    assert "d_x[i] += 2 * d_ys[i] * x[i]" in source
    assert "copy" not in source


class Account:
    total = 0.0

    def add(self, v):
        self.total += v


def accounts(x):
    found = [Account() for v in x]
    for account, v in zip(found, x, strict=True):
        account.add(v)
    return sum(account.total for account in found)


def test_objects_without_attributes_are_not_listed():
    with pytest.raises(Unsupported, match="has no attributes yet") as caught:
        grad(accounts)(X)
    assert caught.value.advice == "give it its attributes in __init__"


class Ordered:
    def __init__(self, cost):
        self.cost = cost

    def __lt__(self, other):
        return self.cost < other.cost


def on_a_heap(x):
    heap = []
    for v in x:
        heapq.heappush(heap, Ordered(v))
    return heapq.heappop(heap).cost


def on_a_heap_in_tuples(x):
    heap = []
    for k, v in enumerate(x):
        item = Ordered(v)
        heapq.heappush(heap, (item.cost, k, item))
    return heapq.heappop(heap)[2].cost


def test_objects_on_a_heap_stand_in_tuples():
    with pytest.raises(Unsupported, match="objects are put into a heap") as caught:
        grad(on_a_heap)(X)
    assert "(item.cost, number, item)" in caught.value.advice
    assert np.allclose(grad(on_a_heap_in_tuples)(X), [1, 0, 0])


def dict_of_dicts(x, k):
    found = {}
    for v, i in zip(x, k, strict=True):
        found.setdefault(i % 2, {})
        found[i % 2][i % 3] = v**2
    return sum(sum(each.values()) for each in found.values())


def dict_by_pairs(x, k):
    found = {}
    for v, i in zip(x, k, strict=True):
        found[i % 2, i % 3] = v**2
    return sum(found.values())


def test_dicts_in_dicts_are_dicts_by_pairs():
    k = np.array([0, 1, 3])
    with pytest.raises(Unsupported, match="a dict without known keys") as caught:
        grad(dict_of_dicts)(X, k)
    assert caught.value.advice == "keep one dict for all, by pairs: d[i, j] = x"
    assert np.allclose(grad(dict_by_pairs)(X, k), 2 * X)

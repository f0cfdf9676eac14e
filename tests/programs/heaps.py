"""Heaps of numbers and of tuples: what is taken out of them has its derivative."""

import heapq
from heapq import heappop, heappush

import numpy as np

from tests.programs import program

X = np.array([1.3, -0.7, 2.9, 0.4])
EDGES = np.array([[0, 1], [0, 2], [1, 2], [1, 3], [2, 3]])
WEIGHTS = np.array([0.5, 1.7, 0.6, 2.3, 0.9])


@program(WEIGHTS, EDGES, argnums=(0,), peer=False)
def shortest_paths_between_neighbours(w, edges):
    neighbours = {}
    for (a, b), c in zip(edges, w):
        neighbours.setdefault(a, []).append((b, c))
        neighbours.setdefault(b, []).append((a, c))
    distance = {0: 0.0}
    heap = [(0.0, 0)]
    done = set()
    while heap:
        d, u = heappop(heap)
        if u in done:
            continue
        done.add(u)
        for v, c in neighbours[u]:
            longer = d + c**2
            if v not in distance or longer < distance[v]:
                distance[v] = longer
                heappush(heap, (longer, v))
    return sum(d * (k + 1) for k, d in distance.items())


@program(WEIGHTS, EDGES, argnums=(0,), peer=False)
def shortest_paths_in_an_array(w, edges):
    distance = np.full(4, np.inf)
    distance[0] = 0.0
    heap = [(0.0, 0)]
    while len(heap) > 0:
        d, u = heapq.heappop(heap)
        if d > distance[u]:
            continue
        for k in range(len(edges)):
            if edges[k, 0] == u and d + w[k] < distance[edges[k, 1]]:
                distance[edges[k, 1]] = d + w[k]
                heapq.heappush(heap, (d + w[k], edges[k, 1]))
    return np.sum(distance**2)


@program(X, 3, argnums=(0,), peer=False)
def heap_of_numbers(x, n):
    heap = []
    for v in x:
        heapq.heappush(heap, v * v)
    total = 0.0
    for i in range(n):
        total = total * 1.5 + heapq.heappop(heap)
    while heap and total < 1000.0:
        total = total * heap[0] + heapq.heappop(heap)
    return total


@program(X, 3, argnums=(0,), peer=False)
def list_made_a_heap(x, n):
    heap = [x[0], x[1] * 2, x[2] ** 2]
    heap.append(x[3] * x[1])
    heapq.heapify(heap)
    total = heapq.heapreplace(heap, x[3] * x[0])
    total += 2 * heapq.heappushpop(heap, x[1] ** 2)
    for i, v in enumerate(heap):
        total += (i + 1) * v**2
    small, large = heapq.nsmallest(2, x**2), heapq.nlargest(n, list(x), key=lambda v: -v)
    return total + small[0] * small[1] + large[0] ** 2 - large[1]


@program(X, 4, argnums=(0,), peer=False)
def queue_of_events(x, n):
    events = []
    for i in range(n):
        heappush(events, (x[i] ** 2, i, x[i] * 3))
    t, state = 0.0, 1.0
    while events and t < 5.0:
        when, who, size = heappop(events)
        state = state * np.exp(-(when - t)) + size
        t = when
        if who % 2 == 0 and state < 4:
            heappush(events, (t + 0.3, who + 1, size * 0.5))
    return state * t


@program(X, np.array([0, 1, 0, 1]), argnums=(0,), peer=False)
def tests_of_lists_and_dicts(x, labels):
    rows, sums = [], {}
    for k, v in zip(labels, x):
        rows.append(v)
        sums[k] = sums.get(k, 0.0) + v
    total = 0.0
    while rows and sums and total < 5.0:
        total += rows.pop() ** 2
        if not (len(rows) > 1 or sums):
            total = total * 2
    return total * len(rows) + (sums[0] if sums or rows else 0.0)


@program(X**2, peer=False)
def code_of_least_length(p):
    heap = [(weight, [k]) for k, weight in enumerate(p)]
    heapq.heapify(heap)
    cost = 0.0
    while len(heap) > 1:
        (a, left), (b, right) = heapq.heappop(heap), heapq.heappop(heap)
        cost += (a + b) ** 2 * len(left)
        heapq.heappush(heap, (a + b, left + right))
    return cost


@program(X, peer=False)
def copy_made_a_heap(x):
    heap = list(x)
    heapq.heapify(heap)
    small = heapq.heappushpop(heap, x[0] * x[1])
    return small * x[1] + heap[0] ** 2 + len(heap) * heapq.heapreplace(heap, x[3])


@program(np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7]), peer=False)
def of_the_numbers_of_an_array(x):
    heap, total = (x * x).tolist(), 0.0
    heapq.heapify(heap)
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged * merged
        heapq.heappush(heap, merged)
    return total


@program(np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7]))
def of_a_part_of_a_list(x):
    xs = [v * v for v in x if v > -1]
    heap = xs[1:]
    heapq.heapify(heap)
    return heapq.heappop(heap) * xs[1] + heap[0] + sum(heap) * sum(xs)


@program(X, 50.0, argnums=(0,), peer=False)
def a_heap_of_a_copy(x, most):
    items, i = [], 0
    while i < len(x) and x[i] < most:
        items.append(x[i] ** 2)
        i += 1
    heap = items[:]
    heapq.heapify(heap)
    least = heappop(heap)
    heappush(heap, least * x[0])
    return least * heappop(heap) + items[0] * sum(heap)


class Particle:
    def __init__(self, mass):
        self.mass = mass


@program(np.array([0.4, 0.9, 0.7]), 0.7, peer=False)
def events_with_objects(x, rate):
    heap = []
    for k, v in enumerate(x):
        heapq.heappush(heap, (v, k, Particle(v**2)))
    total, n = 0.0, len(x)
    while heap and n < 8:
        time, _, particle = heapq.heappop(heap)
        total += particle.mass * time
        heapq.heappush(heap, (time + rate * particle.mass, n, Particle(particle.mass * 0.5)))
        n += 1
    return total


@program(np.array([0.4, 0.9, 0.7]), peer=False)
def dicts_on_a_heap(x):
    heap = []
    for k, v in enumerate(x):
        heapq.heappush(heap, (v, k, {"mass": v**2, "count": k}))
    total = 0.0
    while heap:
        v, _, entry = heapq.heappop(heap)
        total += entry["mass"] * entry["count"] * v
    return total

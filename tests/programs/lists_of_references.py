"""Objects and arrays that are in several lists, or several times in one, and are changed there."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(77)
X = np.array([0.3, 1.1, 0.7, 0.9, 0.45])
A = RNG.uniform(0.2, 1.4, size=(4, 3))


class Particle:
    def __init__(self, x, v):
        self.x = x
        self.v = v


@dataclass
class Cell:
    x: Any


@dataclass
class Spring:
    left: Any
    right: Any
    k: Any


def spread(x, n):
    return [Particle(x[i], x[i] ** 2 + 0.1) for i in range(n)]


def energy(particles):
    return sum((k + 1) * p.x * p.v**2 for k, p in enumerate(particles))


@program(X, 5, argnums=(0,), peer=False)
def particles_that_are_near(x, n):
    particles = spread(x, n)
    for step in range(3):
        near = [p for p in particles if p.x < 0.8]
        for p in near:
            p.v += 0.3 * p.x
            for q in near:
                if q is not p:
                    q.x += 0.1 * p.v
        slowest = min(near, key=lambda p: p.v)
        slowest.v *= 1.5
        particles[step].x *= 0.9
    return energy(particles) + near[0].x


@program(X, 5, argnums=(0,), peer=False)
def springs_between_particles(x, n):
    particles = spread(x, n)
    springs = []
    for i in range(n - 1):
        springs.append(Spring(particles[i], particles[i + 1], x[i]))
    for _ in range(2):
        for s in springs:
            force = s.k * (s.right.x - s.left.x)
            s.left.v += force
            s.right.v -= force
            if s.left.v > 0.6:
                s.right = particles[0]
        for p in particles:
            p.x += 0.1 * p.v
        springs[1].k *= 1.5
    return energy(particles) + springs[-1].right.x


@program(X, 5, argnums=(0,), peer=False)
def particles_in_lists_of_neighbours(x, n):
    particles = spread(x, n)
    near = [[] for _ in range(n)]
    for i in range(n):
        for j in range(n):
            if i != j and abs(x[i] - x[j]) < 0.5:
                near[i].append(particles[j])
    for _ in range(2):
        for i, p in enumerate(particles):
            for q in near[i]:
                q.v += 0.1 * p.x
                p.x += 0.05 * q.x
    return energy(particles)


@program(X, 5, argnums=(0,), peer=False)
def particles_sorted_sliced_and_joined(x, n):
    particles = spread(x, n)
    high = sorted(particles, key=lambda p: -p.x)
    high[0].v += x[2] ** 2
    mixed = high[3::-2] + particles[:2]
    mixed.append(particles[-1])
    mixed[0], mixed[1] = mixed[1], mixed[0]
    mixed[0].x *= 3.0
    del mixed[1]
    for p in mixed:
        p.v *= p.x + x[0]
    return energy(particles) + mixed.pop(0).x * mixed[-1].v


@program(X, 5, argnums=(0,), peer=False)
def particles_taken_from_a_queue(x, n):
    particles = spread(x, n)
    queue = [particles[0]]
    total, count = 0.0, 0
    while queue:
        p = queue.pop(0)
        p.x *= 1.3
        total = total + p.x * p.v
        count += 1
        if count < n:
            queue.append(particles[count])
        if count < 3:
            queue.append(particles[0])
    return total * energy(particles)


@program(X, 5, argnums=(0,), peer=False)
def particles_ranked_in_pairs(x, n):
    particles, kept = spread(x, n), []
    pairs = []
    for p in particles:
        if p.x > 0.4:
            pairs.append((p.x * p.v, p))
            kept.append(p)
    pairs.sort(key=lambda pair: -pair[0])
    for k, (cost, p) in enumerate(pairs):
        p.v *= cost + k
        particles.append(Particle(p.v, cost))
    kept[1].x *= pairs[0][1].v
    return energy(particles)


@program(A, 4, argnums=(0,), peer=False)
def rows_swapped_by_pivot(a, n):
    a = a.copy()
    rows = [a[i] for i in range(n)]
    for k in range(3):
        best = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[best] = rows[best], rows[k]
        for i in range(k + 1, n):
            rows[i] -= rows[i][k] / rows[k][k] * rows[k]
    return np.sum(a * np.arange(12).reshape(4, 3)) + rows[1][1]


@program(X, 4, argnums=(0,), peer=False)
def arrays_in_two_lists(x, n):
    rows, seen = [], []
    for i in range(n):
        row = x[i : i + 2] * 2.0
        rows.append(row)
        if row[0] > 0.7:
            seen.append(row)
    for row in seen:
        row *= row[1]
    rows[1][0] += seen[0][1]
    large = [row for row in rows if np.sum(row) > 1.5]
    for row in large:
        row += seen[-1][0]
    return sum((k + 1) * r[0] * r[1] for k, r in enumerate(rows)) + seen[0][1]


@program(X, 5, argnums=(0,), peer=False)
def cells_moved_in_their_own_list(x, n):
    cells = [Cell(x[i] ** 2) for i in range(n)]
    for cell in cells:
        cell.x *= 1.5
    cells.sort(key=lambda cell: -cell.x)
    del cells[1:3]
    cells[1:2] = [Cell(x[0]), Cell(x[1] * x[2])]
    cells[1].x *= 2.0
    cells.reverse()
    cells[0].x += x[3]
    return sum((k + 1) * cell.x**2 for k, cell in enumerate(cells))


@program(X, 5, argnums=(0,), peer=False)
def best_particles_in_turn(x, n):
    particles, chosen = spread(x, n), []
    for _ in range(2):
        best = second = None
        for p in particles:
            if best is None or p.x * p.v < best.x * best.v:
                best, second = p, best
            elif second is None or p.x < second.x:
                second = p
        best.x += 1.5 * second.v
        second.v *= best.x
        chosen.append(best)
    chosen[0].v *= x[1]
    return energy(particles)

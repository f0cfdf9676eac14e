"""Dicts and objects in lists of run-time length, which are changed there and by other names."""

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(58)
X = RNG.uniform(0.3, 1.2, size=4)


class Particle:
    def __init__(self, x, v, m=1.0):
        self.x = x
        self.v = v
        self.m = m

    def kick(self, force, dt):
        self.v += dt * force

    def drift(self, dt):
        self.x += dt * self.v

    @property
    def energy(self):
        return 0.5 * self.m * self.v**2


@dataclass
class Body:
    position: Any
    velocity: Any
    mass: Any = 1.0
    path: list[Any] = field(default_factory=list)


@dataclass
class Vector:
    a: Any
    b: Any

    def __add__(self, other):
        return Vector(self.a + other.a, self.b + other.b)

    def __mul__(self, factor):
        return Vector(self.a * factor, self.b * factor)

    def dot(self, other):
        return self.a * other.a + self.b * other.b


@program(X, 4, argnums=(0,), peer=False)
def particles_that_attract_each_other(x, n):
    particles = []
    for i in range(n):
        particles.append(Particle(x[i], 0.0, m=1.0 + i * x[0]))
    for _ in range(3):
        for p in particles:
            force = 0.0
            for q in particles:
                if q is not p:
                    force += q.m * (q.x - p.x) / (1.0 + (q.x - p.x) ** 2)
            p.kick(force, 0.2)
        for p in particles:
            p.drift(0.2)
    return sum(p.energy for p in particles) + particles[0].x * particles[-1].v


@program(X, 4, argnums=(0,), peer=False)
def bodies_of_arrays(x, n):
    bodies = []
    for i in range(n):
        bodies.append(Body(np.array([x[i], x[0] * i]), np.zeros(2), mass=1.0 + x[i]))
    for step in range(2):
        for b in bodies:
            pull = np.zeros(2)
            for other in bodies:
                away = other.position - b.position
                pull += other.mass * away / (1.0 + np.sum(away**2))
            b.velocity = b.velocity + 0.1 * pull
        for b in bodies:
            b.position += 0.1 * b.velocity
            b.velocity[step % 2] *= 0.9
            b.path.append(b.position[0] * x[step])
    return sum(np.sum(b.position**2) * b.mass + sum(b.path) * (i + 1) for i, b in enumerate(bodies))


@program(X, 4, argnums=(0,), peer=False)
def particles_by_several_names(x, n):
    particles, first = [], Particle(x[1], x[2])
    particles.append(first)
    while len(particles) <= n:
        k = len(particles)
        p = Particle(x[k - 1], 0.0)
        same, pair = p, (p, 1.0)
        particles.append(p)
        p.v = x[0] * k
        same.x *= 2.0
        particles[k].v += x[1] * pair[0].x
        particles[-1].m = p.x * same.v
    p.x = p.x * x[3]
    first.v = first.x * 3.0
    best = particles[0]
    for each in particles:
        if each.x > best.x:
            best = each
    best.v, best.x = best.x, best.v * best.x
    return sum(p.x * p.v * p.m * (i + 1) for i, p in enumerate(particles))


@program(X, 4, argnums=(0,), peer=False)
def dicts_and_nested_objects(x, n):
    balls, rows = [], []
    for i in range(n):
        balls.append({"at": Vector(x[i], x[0]), "speed": Vector(0.1 * i, x[i] ** 2)})
        weight = {"w": x[i]}
        rows.append((x[0], weight))
        weight["w"] = weight["w"] * x[1]
    for _ in range(2):
        for ball in balls:
            ball["at"] = ball["at"] + ball["speed"] * 0.1
            ball["speed"].a -= 0.1 * ball["at"].a
            speed = ball["speed"]
            speed.b *= 0.9
    for scale, weight in rows:
        weight["w"] += scale
        weight.update(w=weight["w"] ** 2)
    return sum(b["at"].dot(b["speed"]) * d["w"] for b, (_, d) in zip(balls, rows))


@program(X, 4, argnums=(0,), peer=False)
def particles_edited_sorted_and_copied(x, n):
    a, b = Particle(x[0], 1.0), Particle(x[1], 2.0)
    particles = [a, b]
    for v in x:
        particles.append(Particle(v, 0.5 * v))
    a.x = a.x * x[2]
    out = particles.pop()
    out.x *= 3.0
    particles.insert(0, Particle(x[1], x[2]))
    particles[0].v += 1.0
    particles[1] = Particle(x[0] * x[1], x[3])
    del particles[2]
    for i, p in enumerate(particles):
        for q in particles[:i]:
            p.v += q.x * out.x
    copied = copy.deepcopy(particles)
    copied[0].x *= 5.0
    alone = copy.copy(particles[1])
    alone.x += 1.0
    particles[1].x *= alone.x
    total = sum(p.x * p.v for p in copied)
    for k, p in enumerate(sorted(particles, key=lambda p: -p.x)):
        total += p.x * p.v * (k + 1)
    return total * max(particles, key=lambda p: p.v).x


@program(X, 4, argnums=(0,), peer=False)
def particles_in_cells(x, n):
    cells = [[] for _ in range(2)]
    for i in range(n):
        cells[i % 2].append(Particle(x[i], x[0]))
    for _ in range(2):
        for cell in cells:
            for p in cell:
                p.x += 0.1 * p.v
                p.v -= p.x
        cells[0][1].x *= x[2]
        cells[1].append(Particle(cells[0][0].x, x[1]))
        cells[1][-1].v *= x[3]
    return sum(p.x * p.v * (k + 1) for k, cell in enumerate(cells) for p in cell)


class Scaled:
    def __init__(self, weight):
        self.weight = weight

    def cost(self, x):
        return np.sum((x * self.weight) ** 2)


class Shifted:
    def __init__(self, weight, shift):
        self.weight, self.shift = weight, shift

    def cost(self, x):
        return np.sum(x * self.weight) + self.shift


@program(np.array([0.4, 0.9, 0.7]), peer=False)
def best_of_two_classes(x):
    candidates = [Scaled(x[0]), Shifted(x[1], x[2]), Scaled(x[2])]
    best = candidates[0]
    for each in candidates[1:]:
        best = each if each.cost(x) < best.cost(x) else best
    return best.cost(x) * best.weight

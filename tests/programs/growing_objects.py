"""Lists of run-time length that hold dicts and objects, put in and read later."""

from collections import namedtuple
from dataclasses import dataclass, field

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(57)
X, V, W = (RNG.uniform(0.3, 1.2, size=4) for _ in range(3))

Pair = namedtuple("Pair", "first rest")


@dataclass
class Particle:
    x: float
    v: float = 0.5
    mass: float = field(default=2.0, kw_only=True)

    def energy(self):
        return 0.5 * self.mass * self.v**2 + np.sin(self.x)

    @property
    def momentum(self):
        return self.mass * self.v


class Node:
    def __init__(self, weight, kind):
        self.weight = weight
        self.kind = kind
        self.bias = weight * 0.5 if kind == "hidden" else 1.0

    def __call__(self, z):
        return np.tanh(self.weight * z + self.bias)


@program(X, V, peer=False)
def particles_of_the_rows_of_two_arrays(x, v):
    particles = []
    for a, b in zip(x, v):
        particles.append(Particle(a, b * a))
    energy = 0.0
    for p in particles:
        energy = energy + p.v**2 * p.x + p.energy()
    return energy * particles[-1].momentum


@program(X, 5, argnums=(0,), peer=False)
def history_of_dicts(x, steps):
    history = []
    s, t = x[0], 0.0
    k = 0
    while k < steps:
        s = np.sin(s) * x[1] + t
        t = t + 0.1 * x[2]
        history.append({"x": s, "t": t, "u": x * s})
        k += 1
    xs = [entry["x"] for entry in history]
    last = history[-1]
    return sum(xs) * last["x"] + np.sum(history[0]["u"] * W) * history[2]["t"]


@program(X, V, peer=False)
def objects_chosen_sorted_and_popped(x, v):
    particles = [Particle(a, v=b, mass=a * b) for a, b in zip(x, v)]
    lightest = min(particles, key=lambda p: p.mass)
    fastest_first = sorted(particles, key=lambda p: -p.v)
    last = particles.pop()
    particles.insert(1, Particle(x[0] * x[1]))
    total = 0.0
    for k, p in enumerate(particles[1:]):
        total += (k + 1) * p.energy()
    return total * lightest.v + fastest_first[0].x ** 2 * last.energy()


@program(X, 4, argnums=(0,), peer=False)
def objects_with_names_and_calls(x, n):
    nodes = []
    for k in range(n):
        nodes.append(Node(x[k], "hidden" if k % 2 else "input"))
    z = x[0]
    for node in nodes:
        z = node(z)
        if node.kind == "hidden":
            z = z * node.bias
    return z


@program(X, 4, argnums=(0,), peer=False)
def objects_in_dicts_in_a_list(x, n):
    entries = []
    for k in range(n):
        entries.append(
            {"p": Particle(x[k], x[0]), "q": Pair(x[k] ** 2, [x[k], x[1]]), "meta": {"k": k}}
        )
    total = 0.0
    for entry in entries:
        p, (first, rest) = entry["p"], entry["q"]
        total += p.energy() * first + (entry["meta"]["k"] + 1) * sum(rest)
    return total


@program(X, np.array([0, 1, 1, 0]), argnums=(0,), peer=False)
def known_objects_by_numbers_from_an_array(x, which):
    kinds = [Particle(x[0], x[1]), Particle(x[2], x[1] * x[0])]
    rates = [{"up": x[3], "down": 2.0}, {"up": x[0], "down": x[1]}]
    total = 0.0
    for k, i in enumerate(which):
        total += kinds[i].energy() * rates[i]["up"] * (k + 1) + rates[i]["down"]
    return total


@program(X, 0, argnums=(0,), peer=False)
def no_objects_at_all(x, n):
    particles = []
    for k in range(n):
        particles.append(Particle(x[k]))
    total = x[0] ** 2
    for p in particles:
        total = total + p.energy()
    return total + len(particles)


@program(X, 5, argnums=(0,), peer=False)
def one_object_put_in_many_times(x, n):
    p = Particle(x[0], x[1])
    ones, k = [], 0
    while k < n:
        if k == 2:
            p = Particle(x[2], x[3])
        ones.append(p)
        k += 1
    return sum(q.energy() * (j + 1) for j, q in enumerate(ones)) * p.v


@program(X, V, peer=False)
def states_with_arrays(x, v):
    @dataclass(frozen=True)
    class State:
        u: np.ndarray
        t: float

        def step(self, dt):
            return State(self.u + dt * np.sin(self.u) * v, self.t + dt)

    state = State(x, 0.0)
    states = [state]
    while state.t < 0.9:
        state = state.step(0.2)
        states.append(state)
    return sum(np.sum(s.u * W) * (1.0 + s.t) for s in states) * np.prod(states[2].u)


@program(X, V, peer=False)
def objects_that_move_after_they_are_put_in(x, v):
    particles = []
    for a, b in zip(x, v):
        particles.append(Particle(a, b))
    for p in particles:
        p.x = p.x + 0.1 * p.v * particles[0].x
    return sum(p.x**2 * p.v for p in particles)


@program(X, 4, argnums=(0,), peer=False)
def dicts_with_keys_that_are_no_names(x, n):
    table = []
    while len(table) < n:
        k = len(table)
        table.append({"rate": x[k], "half life": 2.0 * x[0], 3: x[1], "best": None})
    best = table[0]
    for row in table:
        if row["rate"] > best["rate"]:
            best = row
    return sum(row["rate"] * row["half life"] * row[3] for row in table) * best["rate"]


@program(X, 4, argnums=(0,), peer=False)
def objects_in_lists_that_are_edited(x, n):
    particles = []
    while len(particles) < n:
        particles.append(Particle(x[len(particles)], 1.0))
    particles += [Particle(x[0] * x[1], 2.0)]
    particles = particles + particles[1:]
    particles[0] = Particle(x[2], x[1])
    del particles[1]
    return sum(p.x**2 * p.v * (k + 1) for k, p in enumerate(reversed(particles)))


@program(X, 3, argnums=(0,), peer=False)
def objects_handed_to_a_recursive_function(x, n):
    particles = [Particle(v, x[0]) for v in x]

    def total(ps, k):
        if k == 0:
            return 0.0
        return ps[k - 1].energy() * k + total(ps, k - 1)

    return total(particles, n)


@program(X, 5, argnums=(0,), peer=False)
def objects_of_a_comprehension_that_move(x, n):
    particles = [Particle(a, 0.0) for a in x]
    for _ in range(n):
        for p in particles:
            p.v -= 0.1 * p.x
            p.x += 0.1 * p.v * x[0]
    return sum(p.x**2 * (k + 1) for k, p in enumerate(particles))


@program(X, 3, argnums=(0,), peer=False)
def best_of_the_steps_of_a_descent(x, n):
    theta = x.copy()
    steps = []
    for k in range(n):
        loss = np.sum((theta - 1.0) ** 2 * W)
        steps.append({"theta": theta.copy(), "loss": loss, "k": k})
        theta -= 0.2 * (theta - 1.0) * W
    best = min(steps, key=lambda step: step["loss"])
    return np.sum(best["theta"] * x) * steps[0]["loss"] + sum(s["loss"] for s in steps[1:])


@program(X, peer=False)
def events_that_make_events(x):
    queue = [{"t": x[0], "w": 1.0}]
    total = 0.0
    while queue:
        event = queue.pop()
        total += np.sin(event["t"]) * event["w"]
        if event["t"] < 3.0:
            queue.append({"t": event["t"] + x[1], "w": event["w"] * x[2]})
    return total


@program(X, 3, argnums=(0,), peer=False)
def objects_made_anew_in_each_step(x, n):
    class Simulation:
        def __init__(self):
            self.particles = []
            self.log = []

        def add(self, place):
            self.particles.append(Particle(place, 0.0))

        def step(self, dt):
            self.particles = [
                Particle(p.x + dt * p.v, p.v - dt * np.sin(p.x)) for p in self.particles
            ]
            self.log.append({"energy": sum(p.energy() for p in self.particles)})

    simulation = Simulation()
    for place in x:
        simulation.add(place)
    for _ in range(n):
        simulation.step(0.3 * x[0])
    return simulation.log[-1]["energy"] * simulation.log[0]["energy"]

"""A writer of random small programs: smooth almost everywhere, bounded, and using every argument.

A program is a module with a few helpers and a function ``f(a, b, v, m)`` of two numbers, a vector
and a matrix, that returns a number. The same seed gives the same text on every Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

ARGUMENTS = {"a": "number", "b": "number", "v": "vector", "m": "matrix"}

SMOOTH = ["np.sin({})", "np.tanh({})", "np.cos({})", "np.exp(-({}) ** 2)", "np.arctan({})"]
SMOOTH += ["np.sqrt(1 + ({}) ** 2)", "np.log(1 + ({}) ** 2)", "(-({}))", "(({}) / (2 + ({}) ** 2))"]
OPERATORS = ["({} + {})", "({} - {})", "({} * {})", "({} / (1.5 + ({}) ** 2))"]

# Shapes: a vector has three entries, a pair two, a matrix two rows of three.
FORMS = {
    "number": [
        ("np.sum({} * W3)", "vector"),
        ("np.sum({} * W2)", "pair"),
        ("np.mean({})", "matrix"),
        ("{}[{i3}]", "vector"),
        ("{}[{i2}, {i3}]", "matrix"),
        ("np.vdot({}, {})", "vector", "vector"),
        ("({} @ {})", "pair", "pair"),
        ("np.max({})", "vector"),
        ("({} if {} > {} else {})", "number", "number", "number", "number"),
        ("max({}, {})", "number", "number"),
        ("helper_{h}({}, {})", "number", "number"),
        ("sum([{} * k for k in (1.0, -0.5)])", "number"),
    ],
    "vector": [
        ("{}[{i2}]", "matrix"),
        ("({} @ {})", "pair", "matrix"),
        ("({} * {})", "vector", "number"),
        ("({} + {})", "number", "vector"),
        ("np.sum({}, axis=0)", "matrix"),
        ("{}[::-1]", "vector"),
        ("{}[[0, 2, 0]]", "vector"),
        ("np.roll({}, 1)", "vector"),
        ("np.array([{}, {}, {}])", "number", "number", "number"),
        ("np.where({} > {}, {}, {})", "vector", "number", "vector", "number"),
        ("np.maximum({}, {})", "vector", "vector"),
        ("np.cumsum({})", "vector"),
        ("np.concatenate([{}[1:], {}[:1]])", "vector", "pair"),
    ],
    "pair": [
        ("({} @ {})", "matrix", "vector"),
        ("{}[:, {i3}]", "matrix"),
        ("{}.sum(axis=1)", "matrix"),
        ("{}[1:]", "vector"),
        ("np.array([{}, {}])", "number", "number"),
        ("np.max({}, axis=1)", "matrix"),
    ],
    "matrix": [
        ("({} * {})", "matrix", "vector"),
        ("({} + {})", "vector", "matrix"),
        ("({} - {})", "matrix", "number"),
        ("({}[:, None] * {})", "pair", "vector"),
        ("np.outer({}, {})", "pair", "vector"),
        ("np.stack([{}, {}])", "vector", "vector"),
        ("{}[::-1]", "matrix"),
        ("{}.T.reshape(2, 3)", "matrix"),
        ("({} - {}.mean(axis=0))", "matrix", "matrix"),
    ],
}

HEADER = """import numpy as np

W3 = np.array([0.7, -1.3, 2.1])
W2 = np.array([1.1, -0.6])
"""


@dataclass
class Writer:
    """The text of a program as it grows, with the kinds of the names in scope."""

    random: Random
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def fresh(self) -> str:
        """Return a name not used before."""
        self.count += 1
        return f"x{self.count}"

    def write(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)


def literal(random: Random) -> str:
    """Return a number that is neither 0 nor 1."""
    return repr(round(random.uniform(0.2, 1.8) * random.choice([1, -1]), 2))


def leaf(w: Writer, scope: dict[str, str], kind: str) -> str:
    """Return the shortest expression of a kind."""
    names = [name for name in scope if scope[name] == kind]
    if names and w.random.random() < 0.85:
        return w.random.choice(names)
    if kind == "number":
        return literal(w.random)
    return {"vector": "v", "pair": "m[:, 1]", "matrix": "m"}[kind]


def expression(w: Writer, scope: dict[str, str], kind: str, depth: int = 2) -> str:
    """Return a random expression of a kind over the names in scope."""
    if depth == 0 or w.random.random() < 0.15:
        return leaf(w, scope, kind)
    chance = w.random.random()
    if chance < 0.25:
        inner = expression(w, scope, kind, depth - 1)
        return w.random.choice(SMOOTH).replace("{}", inner)
    if chance < 0.55:
        left, right = (expression(w, scope, kind, depth - 1) for _ in range(2))
        return w.random.choice(OPERATORS).format(left, right)
    form, *kinds = w.random.choice(FORMS[kind])
    parts = [expression(w, scope, part, depth - 1) for part in kinds]
    places = {"i3": w.random.choice([0, 1, 2, -1]), "i2": w.random.choice([0, 1, -1])}
    return form.format(*parts, h=w.random.randrange(2), **places)


def bounded(w: Writer, scope: dict[str, str], kind: str, depth: int = 2) -> str:
    """Return an expression between -2 and 2, so that loops do not blow up."""
    shape = w.random.choice(["np.tanh({})", "1.5 * np.sin({})", "np.cos({}) - 0.3"])
    return shape.format(expression(w, scope, kind, depth))


def condition(w: Writer, scope: dict[str, str]) -> str:
    """Return a condition on data."""
    left, right = expression(w, scope, "number", 1), literal(w.random)
    test = f"{left} {w.random.choice(['<', '>', '<=', '>='])} {right}"
    chance = w.random.random()
    if chance < 0.15:
        return f"{test} and {expression(w, scope, 'number', 1)} < {literal(w.random)}"
    if chance < 0.3:
        return f"not ({test}) or {expression(w, scope, 'number', 1)} > 1.0"
    return test


# Statements. Each takes the scope, and puts into it what it binds for all that follows.


def assign(w: Writer, scope: dict[str, str], depth: int) -> None:
    """Bind a new name, or an old one to a value of its kind."""
    kind = w.random.choice(list(FORMS))
    old = [name for name in scope if scope[name] == kind]
    name = w.random.choice(old) if old and w.random.random() < 0.5 else w.fresh()
    w.write(depth, f"{name} = {bounded(w, scope, kind)}")
    scope[name] = kind


def rebind(w: Writer, scope: dict[str, str], depth: int) -> None:
    """Give one of the names in scope a value that depends on its old one."""
    name = w.random.choice(list(scope))
    w.write(depth, f"{name} = 0.4 * {name} + {bounded(w, scope, scope[name])}")


def containers(w: Writer, scope: dict[str, str], depth: int) -> None:
    """Pack values into a tuple, list or dict and take them out again."""
    name, first, second = w.fresh(), w.fresh(), w.fresh()
    one, two = bounded(w, scope, "number"), bounded(w, scope, "vector")
    kind = w.random.randrange(3)
    if kind == 0:
        w.write(depth, f"{name} = ({one}, ({two}, 3))")
        w.write(depth, f"{first}, ({second}, _) = {name}")
    elif kind == 1:
        w.write(depth, f"{name} = {{'one': {one}, 'two': {two}}}")
        w.write(depth, f"{first} = {name}['one'] * len({name})")
        w.write(depth, f"{second} = {name}['two']")
    else:
        w.write(depth, f"{name} = [{one}, 0.5]")
        w.write(depth, f"{name}.append({name}[0] * {name}[-1])")
        w.write(depth, f"{first} = sum({name})")
        w.write(depth, f"{second} = np.array({name})")
    scope[first], scope[second] = "number", "vector"


def branch(w: Writer, scope: dict[str, str], depth: int) -> None:
    """Write if, elif and else; all arms bind one new name."""
    name, kind = w.fresh(), w.random.choice(list(FORMS))
    arms = [f"if {condition(w, scope)}:", f"elif {condition(w, scope)}:", "else:"]
    for arm in arms if w.random.random() < 0.4 else arms[::2]:
        w.write(depth, arm)
        inner = dict(scope)
        block(w, inner, depth + 1, 1)
        w.write(depth + 1, f"{name} = {bounded(w, inner, kind)}")
    scope[name] = kind


def loop(w: Writer, scope: dict[str, str], depth: int) -> None:
    """Write a loop that carries a name, with a break or continue now and then."""
    carried, kind = w.fresh(), w.random.choice(list(FORMS))
    grown = w.fresh() if w.random.random() < 0.3 else ""
    w.write(depth, f"{carried} = {bounded(w, scope, kind, 1)}")
    if grown:
        w.write(depth, f"{grown} = []")
    scope[carried] = kind
    inner = dict(scope)
    loop_header(w, inner, depth)
    block(w, inner, depth + 1, 1)
    w.write(depth + 1, f"{carried} = 0.5 * {carried} + {bounded(w, inner, kind)}")
    if w.random.random() < 0.4:
        w.write(depth + 1, f"if {condition(w, inner)}:")
        w.write(depth + 2, w.random.choice(["break", "continue"]))
        w.write(depth + 1, f"{carried} = {bounded(w, inner, kind)}")
    if grown:
        w.write(depth + 1, f"{grown}.append({expression(w, inner, 'number', 1)})")
        total = w.fresh()
        w.write(depth, f"{total} = np.tanh(sum({grown}, 0.1))")
        scope[total] = "number"


def loop_header(w: Writer, inner: dict[str, str], depth: int) -> None:
    """Write the first line of a loop and put its variables into scope."""
    name, number = w.fresh(), w.fresh()
    rows = expression(w, inner, "matrix", 1)
    entries = expression(w, inner, "vector", 1)
    kind = w.random.randrange(6)
    if kind == 0:
        w.write(depth, f"for {number} in range({w.random.randrange(5)}):")
    elif kind == 1:
        w.write(depth, f"for {number} in reversed(range(1, 7, 2)):")
    elif kind == 2:
        w.write(depth, f"for {number}, {name} in enumerate({entries}):")
    elif kind == 3:
        w.write(depth, f"for {name}, {number} in zip({rows}, {entries}):")
    elif kind == 4:
        w.write(depth, f"for {number} in (0.5, -1.2, {expression(w, inner, 'number', 1)}):")
    else:
        limit = w.random.randrange(1, 6)
        w.write(depth, f"{number} = 0")
        w.write(depth, f"while {number} < {limit} and {condition(w, inner)}:")
        w.write(depth + 1, f"{number} += 1")
    if kind == 2:
        inner[name] = "number"
    elif kind == 3:
        inner[name] = "vector"
    if kind in (3, 4):
        inner[number] = "number"


def early_return(w: Writer, scope: dict[str, str], depth: int) -> None:
    """Leave the program under a condition."""
    w.write(depth, f"if {condition(w, scope)}:")
    w.write(depth + 1, f"return {closing(w, scope)}")


def block(w: Writer, scope: dict[str, str], depth: int, length: int) -> None:
    """Write some statements; the deeper, the simpler."""
    simple = [assign, rebind, containers]
    compound = [branch, loop, early_return]
    for _ in range(length):
        choice = simple + compound * 2 if depth == 1 else simple + compound if depth < 3 else simple
        w.random.choice(choice)(w, scope, depth)


def closing(w: Writer, scope: dict[str, str]) -> str:
    """Return a number to which every name in scope contributes."""
    weight = {"number": "{}", "vector": "np.sum({} * W3)", "pair": "np.sum({} * W2)"}
    weight["matrix"] = "np.sum({} * W3) ** 2"
    terms = [f"{literal(w.random)} * {weight[kind].format(n)}" for n, kind in scope.items()]
    return " + ".join(terms)


def helper(w: Writer, number: int) -> None:
    """Write a function of two numbers, the second of them optional, with an early return."""
    w.write(0, f"\n\ndef helper_{number}(p, q={literal(w.random)}):")
    names = {"p": "number", "q": "number"}
    w.write(1, f"r = {w.random.choice(SMOOTH).replace('{}', 'p - q')} * q")
    if w.random.random() < 0.6:
        w.write(1, f"if {w.random.choice(list(names))} > {literal(w.random)}:")
        w.write(2, "return np.tanh(r * p)")
    w.write(1, "return r + p * 0.5")


def random_program(seed: int) -> str:
    """Return the text of a module with a function ``f(a, b, v, m)``.

    >>> random_program(3) == random_program(3)
    True
    """
    w = Writer(Random(seed))
    for number in range(2):
        helper(w, number)
    w.write(0, f"\n\ndef f({', '.join(ARGUMENTS)}):")
    scope = dict(ARGUMENTS)
    block(w, scope, 1, w.random.randrange(2, 6))
    scope.update({name: kind for name, kind in ARGUMENTS.items() if name not in scope})
    w.write(1, f"return {closing(w, scope)}")
    return HEADER + "\n".join(w.lines) + "\n"

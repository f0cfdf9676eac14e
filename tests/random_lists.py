"""A writer of random programs about a list of numbers, arrays, tuples or lists that may grow.

A program is a module with a function ``f(s, x, n)`` of a number, a vector of four and a count, that
returns a number. Items are written, put in, taken out and read at places counted from both ends,
known or computed, in loops and branches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from tests.random_programs import Writer


@dataclass(frozen=True, slots=True)
class Kind:
    """What the items of a list are.

    `number` and `array` are a number and an array of an item ``rows[…]``; `item` is what may be
    made of a number ``{n}`` and an item ``{e}``, and `total` a number of the item ``a``.
    """

    beginnings: tuple[str, ...]
    number: str
    array: str
    item: str
    forms: tuple[str, ...]
    total: str


NUMBERS = Kind(
    (
        "rows = [0.0] * n\nrows[1] = s\nrows[2] = x[1]",
        "rows = [v * s for v in x]",
        "rows = []\nfor k in range(n):\n    rows.append(np.sin(x[k % 4] * s))",
    ),
    number="{row}", array="{row}", item="np.cos({e})", total="a",
    forms=("rows[{i}] += np.cos({e})", "rows[{i}] *= np.sin({n})", "rows[{i}] -= np.tanh({n})",
           "q = q + np.sum(rows.pop({i})) * 0.2\nrows.append(np.tanh({e}))",
           "rows.sort()", "rows = sorted(rows, key=np.cos, reverse=True)",
           "q = np.tanh(max(rows, key=np.sin) * q)"),
)  # fmt: skip
#: These put items twice into the list, which arrays that are written must not be.
TWICE = ("rows = [*rows[1:], {item}]",
         "rows[{i}:] = [*rows[-1:], *rows[:2]]", "rows[:1] = rows[::-2]",
         "rows = [*rows[2:], {item}, *rows[:2]]")  # fmt: skip
ARRAYS = Kind(
    (
        "rows = [x * (k + 1) for k in range(n)]",
        "rows = []\nfor k in range(n):\n    rows.append(np.sin(x * k) + s)",
        "rows = []\nfor k in range(n):\n    t = np.zeros(4)\n    t[k % 3] = s * x[k % 4]\n"
        "    t[1:] += x[1:] * k\n    rows.append(t)",
    ),
    number="{row}[1]", array="{row}", item="np.cos({e})", total="np.sum(a * W[:4])",
    forms=("rows[{i}] += np.cos({e})", "rows[{i}] *= np.sin({n})", "rows[{i}] -= np.tanh({n})",
           "q = q + np.sum(rows.pop({i})) * 0.2\nrows.append(np.tanh({e}))",
           "for row in rows:\n    row[{p}] += np.sin({n})",
           "for row in rows:\n    row[{p}] = {n} * {n}",
           "r = rows[{i}]\nr[{p}] = {n} * 0.5\nq = q * 0.5 + np.tanh(r[1])",
           "rows[{i}][{p}] = np.tanh({n})", "rows[{i}][{p}] *= {n}"),
)  # fmt: skip
TUPLES = Kind(
    (
        "rows = [(s * x[k % 4], x * (k + 1)) for k in range(n)]",
        "rows = []\nfor k in range(n):\n    rows.append((np.sin(x[k % 4]), np.cos(x * k)))",
        "rows = [(s, x * 0.7)] + [(v, x * v) for v in x]",
    ),
    number="{row}[0]", array="{row}[1]", item="(np.sin({n}), np.cos({e}))",
    total="(a[0] * 1.3 + np.sum(a[1] * W[:4]))",
    forms=("b, c = rows.pop({i})\nq = q + b * np.sum(c) * 0.1\nrows.append((np.tanh(b), c * 0.5))",
           "for k, (b, c) in enumerate(rows):\n    q = q * 0.7 + b * c[k % 3] * 0.3",
           "rows = rows[1:] + [({n} * 0.3, np.tanh({e}))]",
           "rows = [(c[1] * 0.5, c * b) for b, c in rows]",
           "rows += [(b * 0.8, np.tanh(c)) for b, c in rows[:2]]\ndel rows[0], rows[1]",
           "for b, c in reversed(rows):\n    if b > q:\n        q = q * 0.6 + c[1]",
           "rows.sort(key=lambda row: row[0])", "rows = sorted(rows, key=lambda row: -row[1][2])",
           "b, c = max(rows, key=lambda row: row[0])\nq = np.tanh(q + b * c[1])",
           "b, (c, d) = {n}, rows[{i}]\nq = np.tanh(q + b * c * d[2])",
           "rows[{i}] = (rows[{i}][0] * {n}, x * s)"),
)  # fmt: skip
LISTS = Kind(
    (
        "rows = [[v, v * s] for v in x]",
        "rows = [[s * 0.5] * 3 for _ in range(n)]",
        "rows = []\nfor k in range(n):\n    rows.append([np.sin(x[k])])\n    rows[-1].append(s)",
    ),
    number="{row}[0]", array="{row}[-1]", item="[np.cos({e}), {n}]",
    total="(sum(a) * 0.3 + a[0] * len(a))",
    forms=("rows[{i}].append({n} * 0.7)", "rows[{i}][0] = np.tanh({n})", "rows[{i}][-1] *= {n}",
           "rows[{i}].insert(1, {n})", "rows[{i}] += [{n}, {e}]", "rows[{i}].reverse()",
           "if len(rows[{i}]) > 1:\n    q = np.tanh(q + rows[{i}].pop())",
           "for row in rows:\n    row[0] = {n} * 0.5\n    row.append(q)",
           "r = rows[{i}]\nr.append({n})\nq = np.tanh(q + r[-1] * r[0])",
           "for row in rows:\n    for b in row:\n        q = np.tanh(q + b * 0.2)"),
)  # fmt: skip
NUMBERS = replace(NUMBERS, forms=NUMBERS.forms + TWICE)
TUPLES = replace(TUPLES, forms=TUPLES.forms + TWICE)
KINDS = (ARRAYS, NUMBERS, TUPLES)

EITHER = (
    "q = np.tanh({n} * {n} + 0.3)", "rows.append({item})", "rows[{i}] = {item}",
    "rows.insert({i}, {item})", "rows.reverse()",
    "rows[1:3] = [{item}, {item}]", "del rows[3:]",
)  # fmt: skip
PLACES = ["0", "1", "-1", "2", "-2", "int(q * 3) % 3"]
PARTS = ["0", "1", "-1", "1:", "::2", "1:3", ":"]


@dataclass
class Lists(Writer):
    """Writes statements about a list of items of one kind."""

    kind: Kind = NUMBERS

    def place(self, counters: list[str]) -> str:
        """Return an index into the list."""
        return self.random.choice([*PLACES, *counters])

    def number(self, counters: list[str]) -> str:
        """Return a number."""
        item = self.kind.number.format(row=f"rows[{self.place(counters)}]")
        return self.random.choice([item, item, "q", "x[2]", "s"])

    def value(self, counters: list[str]) -> str:
        """Return a number, or an array where there are some in the items."""
        if self.kind in (NUMBERS, LISTS):
            return self.number(counters)
        row = self.kind.array.format(row=f"rows[{self.place(counters)}]")
        return self.random.choice([row, "x", f"{row}[::-1]", f"{row} * {self.number(counters)}"])

    def form(self, depth: int, text: str, counters: list[str]) -> None:
        """Write a form with its gaps filled in."""
        filled = text.replace("{item}", self.kind.item).format(
            i=self.place(counters), n=self.number(counters), e=self.value(counters),
            p=self.random.choice(PARTS),
        )  # fmt: skip
        for line in filled.splitlines():
            self.write(depth, line)

    def statement(self, depth: int, counters: list[str]) -> None:
        """Write a statement; the deeper, the simpler."""
        chance = self.random.random()
        if depth < 3 and chance < 0.2:
            index = "ij"[depth - 1]
            self.write(depth, f"for {index} in range({self.random.choice(['n', '3', 'n - 1'])}):")
            for _ in range(self.random.randrange(1, 4)):
                self.statement(depth + 1, [*counters, f"{index} % 3"])
        elif depth < 3 and chance < 0.3:
            self.write(depth, f"if {self.number(counters)} > {self.number(counters)} * 0.7:")
            self.statement(depth + 1, counters)
        else:
            self.form(depth, self.random.choice(EITHER + self.kind.forms), counters)


def random_lists(seed: int, kinds: tuple[Kind, ...] = KINDS) -> str:
    """Return the text of a module with a function ``f(s, x, n)``.

    >>> random_lists(3) == random_lists(3)
    True
    """
    kind = kinds[seed % len(kinds)]
    w = Lists(Random(seed), kind=kind)
    w.write(0, "import numpy as np\n\nW = np.cos(np.arange(200) * 1.7)\n\n\ndef f(s, x, n):")
    w.form(1, w.random.choice(kind.beginnings), [])
    w.write(1, "q = s")
    for _ in range(w.random.randrange(3, 7)):
        w.statement(1, [])
    w.write(1, f"return q * 0.7 + sum({kind.total} * b for a, b in zip(rows, W))")
    return "\n".join(w.lines) + "\n"

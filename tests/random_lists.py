"""A writer of random programs about a list of run-time length, of numbers or of arrays.

A program is a module with a function ``f(s, x, n)`` of a number, a vector of four and a count, that
returns a number. Items are written, put in, taken out and read at places counted from both ends,
known or computed, in loops and branches.
"""

from __future__ import annotations

from random import Random

from tests.random_programs import Writer

BEGINNINGS = {
    True: [
        "rows = [x * (k + 1) for k in range(n)]",
        "rows = []\nfor k in range(n):\n    rows.append(np.sin(x * k) + s)",
        "rows = []\nfor k in range(n):\n    t = np.zeros(4)\n    t[k % 3] = s * x[k % 4]\n"
        "    t[1:] += x[1:] * k\n    rows.append(t)",
    ],
    False: [
        "rows = [0.0] * n\nrows[1] = s\nrows[2] = x[1]",
        "rows = [v * s for v in x]",
        "rows = []\nfor k in range(n):\n    rows.append(np.sin(x[k % 4] * s))",
    ],
}
"""Lists of arrays, and lists of numbers."""

EITHER = [
    "q = np.tanh({n} * {n} + 0.3)", "rows.append(np.cos({e}))", "rows[{i}] = np.tanh({e})",
    "rows.insert({i}, np.sin({e}) * 0.9)", "rows[{i}] += np.cos({e})", "rows[{i}] *= np.sin({n})",
    "rows[{i}] -= np.tanh({n})", "rows.reverse()",
    "q = q + np.sum(rows.pop({i})) * 0.2\nrows.append(np.tanh({e}))",
]  # fmt: skip
OF_ARRAYS = [
    "for row in rows:\n    row[{p}] += np.sin({n})", "for row in rows:\n    row[{p}] = {n} * {n}",
    "r = rows[{i}]\nr[{p}] = {n} * 0.5\nq = q * 0.5 + np.tanh(r[1])",
    "rows[{i}][{p}] = np.tanh({n})", "rows[{i}][{p}] *= {n}",
]  # fmt: skip
PLACES = ["0", "1", "-1", "2", "-2", "int(q * 3) % 3"]
PARTS = ["0", "1", "-1", "1:", "::2", "1:3", ":"]


class Lists(Writer):
    """Writes statements about a list of numbers, or of arrays."""

    arrays = False

    def place(self, counters: list[str]) -> str:
        """Return an index into the list."""
        return self.random.choice([*PLACES, *counters])

    def number(self, counters: list[str]) -> str:
        """Return a number."""
        item = f"rows[{self.place(counters)}]" + ("[1]" if self.arrays else "")
        return self.random.choice([item, item, "q", "x[2]", "s"])

    def item(self, counters: list[str]) -> str:
        """Return what an item can be."""
        if not self.arrays:
            return self.number(counters)
        row = f"rows[{self.place(counters)}]"
        return self.random.choice([row, "x", f"{row}[::-1]", f"{row} * {self.number(counters)}"])

    def form(self, depth: int, text: str, counters: list[str]) -> None:
        """Write a form with its gaps filled in."""
        filled = text.format(
            i=self.place(counters), n=self.number(counters), e=self.item(counters),
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
            self.form(depth, self.random.choice(EITHER + OF_ARRAYS * self.arrays), counters)


def random_lists(seed: int) -> str:
    """Return the text of a module with a function ``f(s, x, n)``.

    >>> random_lists(3) == random_lists(3)
    True
    """
    w = Lists(Random(seed))
    w.arrays = seed % 2 == 0
    w.write(0, "import numpy as np\n\nW = np.cos(np.arange(200) * 1.7)\n\n\ndef f(s, x, n):")
    w.form(1, w.random.choice(BEGINNINGS[w.arrays]), [])
    w.write(1, "q = s")
    for _ in range(w.random.randrange(3, 7)):
        w.statement(1, [])
    item = "np.sum(a * W[:4])" if w.arrays else "a"
    w.write(1, f"return q * 0.7 + sum({item} * b for a, b in zip(rows, W))")
    return "\n".join(w.lines) + "\n"

"""A writer of random programs that mix what holds numbers: arrays, views, lists, dicts, objects.

A program is a module with a function ``f(s, t, a, b, m, n)`` of two numbers, two vectors of five,
a matrix of three rows of five and a count, that returns numbers and arrays. What it holds is often
one array under several names: it is written through views, attributes, items, closures, generators,
callees and context managers, in loops with break, continue and else, branches and try.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from tests.random_programs import Writer

HEADER = """import contextlib
import functools
import math

import numpy as np


class Box:
    def __init__(self, x, arr):
        self.x = x
        self.arr = arr
        self.view = arr[1:4]
        self.seq = [x, x * 2]
        self.best = None
        self.n = 0

    @property
    def norm(self):
        return self.arr @ self.arr + self.x

    def __call__(self, y):
        return y * self.x

    def bump(self, e):
        self.x = self.x + e
        self.n += 1
        self.seq.append(math.tanh(self.x)) if self.n < 3 else None
        return self

    def touch(self, k, e):
        self.arr[k] += e
        return self.arr

    def renew(self):
        self.arr = np.tanh(self.arr)
        self.view = self.arr[:3]


def scale(buf, s):
    buf *= s
    return buf


def pick(p, q, s):
    return p if s > 0.2 else q


def part(p, k=1):
    return p[k : k + 3]


def first(xs, limit):
    for i, x in enumerate(xs):
        if x > limit:
            return i, x
    return -1, limit


def fading(xs, s):
    sum_ = 0.0
    for x in xs:
        sum_ = sum_ * 0.5 + x
        if sum_ > 1.5:
            return
        yield sum_ * s


def nested(xs, n):
    return xs[0] if n <= 0 else np.sin(xs[n]) + 0.5 * nested(xs, n - 1)


@contextlib.contextmanager
def shifted(buf, e):
    buf += e
    try:
        yield buf
    finally:
        buf -= e * 0.5
"""

BEGINNING = """i, k = 1, 0
L = [s, t, s * t, a[0], b[1]]
LA = [a * 1, b * 2, a + b]
D = {'p': s, 'q': a * 0.5}
E = {}
T = (t, b * 1)
P = np.array([1, 0, 4, 2, 3])
o = Box(t, b + 0.1)
FS = [np.sin, np.cos, lambda z: z * s]
def shift(e):
    nonlocal t
    t = math.tanh(t + e)
    L[0] = L[0] * 0.9
    return t * 0.2"""

ENDING = """q = sum(L[:5]) * o.x + sum(x[1] for x in LA) + D['p'] + D['q'][2] + E.get('k', 0.0)
q += o.arr[3] * T[0] + o.view[1] + T[1][0] + o.seq[-1] + (o.best or 0.0)
return s * t, a, m, q, b"""

GAPS = {
    # a number
    "n": ("s", "t", "a[{k}]", "b[{i}]", "L[{k}]", "L[-1]", "LA[{r}][{k}]", "D['p']", "m[{r}, {k}]",
          "E.get('k', s)", "T[0]", "T[1][{k}]", "o.x", "o.arr[{i}]", "o.view[{r}]", "o.seq[-1]",
          "o.norm * 0.1", "o(0.5)", "np.tanh(s * t)", "math.tanh(t)", "abs(t)", "float(s)",
          "np.sum(a) * 0.2", "(b @ a) * 0.1", "max(L[0], L[1])", "sum(L) * 0.2"),
    # an array of five
    "a": ("a", "b", "m[{r}]", "m[{r}, ::-1]", "m.T[:, {r}]", "LA[{r}]", "LA[-1]", "D['q']", "T[1]",
          "o.arr", "np.sin(a)", "np.cos(b) * s", "(a + b) * 0.5", "np.array(L[:5])", "a[::-1]",
          "np.where(a > 0.1, b, a)", "np.maximum(a, b)", "np.roll(b, {k})", "m.mean(axis=0)",
          "a[[0, 2, 2, 1, 4]]", "a[np.argsort(b)]", "b[P]"),
    # an array of five to write into
    "A": ("a", "b", "m[{r}]", "m[{r}, :]", "m[-1, ::-1]", "LA[{r}]", "LA[-1]", "D['q']", "o.arr"),
    # three numbers
    "v": ("a[1:4]", "b[:3]", "o.view", "o.arr[2:]", "m[:, {k}]", "m[{r}, ::2]", "m.ravel()[::5]",
          "m.reshape(-1)[3:6]", "part(a)", "part(b, 2)", "np.array([s, t, s * t])", "[s, t, L[0]]"),
    # three numbers to write into
    "V": ("a[1:4]", "b[:3]", "o.view", "o.arr[2:]", "m[:, {k}]", "m[{r}, ::2]", "m.T[{k}]",
          "m.reshape(-1)[3:6]", "D['q'][::2]", "LA[{r}][-3:]", "a[[0, 3, 4]]",
          "b[P[:3]]", "m[[0, 1, 2], [0, {k}, 1]]", "o.arr[np.array([4, 0, 2])]"),
    # a condition
    "c": ("s > 0.3", "t < 0.2", "a[{k}] > b[{i}]", "np.sum(a) > 0.4", "(a > 0).all()", "o.n > 1",
          "s > 0 and t > 0", "s > 0 or b[0] > 0", "not (s < t)", "-1 < s < t", "i % 2 == 0",
          "len(L) > 5", "L[0] < L[1]", "any(x > 0.8 for x in L)", "o.best is None"),
    # places: one counted by a loop, one of five, one of three
    "i": ("i", "i % 5", "2", "-2"),
    "k": ("0", "1", "2", "3", "4", "-1"),
    "r": ("0", "1", "2", "-1"),
}  # fmt: skip
"""What may stand in the gaps of a form, which may have gaps itself."""

STATEMENTS = (
    # numbers
    "s = {n} + 0.5 * {n}", "t = np.tanh({n} - {n})", "s *= {n}\ns = math.tanh(s)", "s, t = t, s",
    "s += {n}\nt -= {n} * 0.3", "t = {n} if {c} else {n}", "s = pick({n}, {n}, t)",
    "s = nested(a, 3) * 0.5", "i, s = first(L, t)", "s += sum(g for g in fading(L, t))",
    "s = sum(x * k for k, x in enumerate(L, 1)) * 0.1", "t = FS[{r}](s)", "s += shift(0.1)",
    "t = max(zip(L, {a}), key=lambda p: p[0])[1]", "i = int(np.argmax(b))\ns += b[i]",
    "s = functools.reduce(lambda p, q: np.tanh(p + q), L)", "shift({n})",
    "s = np.einsum('i,ij,j->', np.ones(3), m, a) * 0.1",
    # arrays and their names
    "a = {a} + {n}", "b = np.tanh({a} * {n})", "a = {a}.copy()", "b = a", "a, b = b, a",
    "a = pick(a, b, s)", "a = {a} * 1", "b = scale({a} * 1.0, 0.7)", "scale({A}, 0.9)",
    "b = scale({A}, 0.8)", "b = np.array([f(x) for f, x in zip([*FS, *FS[:2]], {a})])",
    "a = np.concatenate([{v}, b[:2]])", "a = np.stack([a, b]).sum(0)", "b = np.array([*{v}, s, t])",
    "a = np.append(a[:4], s)", "P = np.argsort({a})", "a = a.reshape(5, 1)[:, 0]",
    "b = b.astype(float)", "z = a + 1j * b\nz *= 1j\na = np.tanh(z.real)\ns += abs(z[0]) * 0.1",
    "a = np.linalg.solve(np.outer(a, b) * 0.1 + 2 * np.eye(5), b)",
    # arrays that are written
    "{A}[{k}] = {n}", "{A}[{k}] += {n}", "{A}[{i}] *= {n}", "{A}[:] = {a}", "a.sort()",
    "{A}[...] = 0.5 * {a} + {n}", "np.add.at({A}, [0, 1, 1], {v})", "{A}[{A} > 0.6] = {n}",
    "np.multiply({a}, 0.5, out={A})", "np.tanh({A}, out={A})", "a += {n}", "b -= 0.3 * {a}",
    "a *= {a}\nnp.tanh(a, out=a)", "b[::2], b[1::2] = np.array({v}), s",
    "{V} = np.array({v})", "{V} += {v}", "{V} *= 0.7", "w = {V}\nw = w * 1\ns += w[0]",
    "w = part(a)\nw[0] = {n}\nw[1:] += s", "w = part(o.arr)\nw *= 0.6",
    "m[{r}] += {a}", "m[:, {k}] = np.array({v})", "m *= 0.9", "m = m + s", "m[[0, 2]] = m[[2, 0]]",
    "m[0], m[1] = m[1].copy(), m[0].copy()", "m.T[{k}] -= 0.1 * s", "np.fill_diagonal(m, {n})",
    "m[m > 0.7] *= 0.5", "w = m[{r}]\nw[1:] = w[:-1].copy()",
    # lists of numbers
    "L[{k}] = {n}", "L[0], L[2] = L[2], L[0]", "L.append({n})", "L[-1] += {n}", "L = L[::-1]",
    "L = sorted(L)", "L = [x * 0.9 + t for x in L]", "L.insert(1, {n})", "del L[5:]",
    "t = L.pop() if len(L) > 5 else t", "L = [*L[:3], {n}, {n}, *L[3:5]]", "M = L\nM[1] = {n}",
    "L = list({a})", "x, y, *z = L\ns += z[0] * x", "L = list(fading({a}, s)) + [s, t] * 3",
    # lists of arrays
    "LA[{r}] = {a} * 1", "LA[{r}] = a", "LA[{r}] += {a}", "LA[0], LA[1] = LA[1], LA[0]",
    "LA[{r}][{k}] = {n}", "LA = [x * 0.9 for x in LA]", "a = LA[{r}]", "LA.reverse()",
    "a = sum(LA) * 0.3",
    # dicts and tuples
    "D['p'] = {n}", "D['q'] = {a} * 1.0", "D['p'] += {n}\nD['p'] = math.tanh(D['p'])",
    "D['q'] = a", "D = {**D, 'p': t}", "C = D\nC['p'] = {n}", "D.update(q=b)", "E['k'] = {n}",
    "E = dict(E, k=s)", "E.setdefault('k', {n})", "E[int(o.n)] = {n}",
    "T = (s, a)", "T = ({n}, {a} * 1)", "s, a = T\na = a * 1",
    # objects
    "o.x = {n}", "o.arr = {a} * 1", "o.arr = a", "o.view = a[:3]", "o.view[:] = np.array({v})",
    "o.seq[0] = {n}", "o.bump({n})", "o.touch({k}, {n})", "b = o.touch(1, s)", "o.renew()",
    "o.best = {n} if o.best is None else max(o.best, s)", "s += o.best or 0.0",
    "o = Box({n}, {a} * 1)", "setattr(o, 'x', {n})", "o, p = Box(s, b * 1), o\ns += p.x",
)  # fmt: skip

"""Three numbers are copied before they are assigned: from the same array by another stride, NumPy
itself reads what it has just written (``b[::2] = b[:3]``)."""

LINE = ("row[{k}] += s", "s += row[1] * 0.3", "row *= 0.9", "a = row", "row[1:] = {n}")
ITEM = ("s = np.tanh(s + x)", "L[0] = L[0] + 0.1 * x", "x = x * 2\nt += x", "a[{k}] += x")
HEADS = {
    "for i in range(3):": (),
    "for i in range(n):": (),
    "for i in range(n - 2):": (),
    "for i in range(1, 5, 2):": (),
    "for i in reversed(range(4)):": (),
    "for i in P[:3]:": (),
    "for key in ('p', 'p'):": ("D[key] = np.tanh(D[key] + {n})",),
    "for row in m:": LINE,
    "for row in LA:": LINE,
    "for i, row in enumerate(m):": LINE,
    "for i, x in enumerate(L[:4]):": ITEM,
    "for x, y in zip(a, L[:4]):": ITEM,
    "for x in fading(L, 0.7):": ITEM,
    "k = 0\nwhile k < 3:\n    k += 1": (),
    "k = 0\nwhile (k := k + 1) < 4:": (),
    "k = 0\nwhile True:\n    k += 1\n    if k > 3:\n        break": (),
}
"""How loops begin, and what each may do first with what it goes over."""

MOST_LOOPS = 2
"""So many loops may stand in one another."""
DEEPEST = 3


@dataclass
class Mixtures(Writer):
    """Writes statements about all that a program holds."""

    loops: int = 0
    """How many loops are open."""

    def form(self, depth: int, text: str) -> None:
        """Write a form with its gaps filled in."""
        while (filled := re.sub(r"\{(\w)\}", self.filling, text)) != text:
            text = filled
        for line in text.splitlines():
            self.write(depth, line)

    def filling(self, gap: re.Match[str]) -> str:
        """Return what stands in a gap."""
        return self.random.choice(GAPS[gap[1]])

    def chance(self, share: float) -> bool:
        """Return whether something is done that is done in this share of all cases."""
        return self.random.random() < share

    def block(self, depth: int, least: int, most: int) -> None:
        """Write some statements."""
        for _ in range(self.random.randint(least, most)):
            self.statement(depth)

    def statement(self, depth: int) -> None:
        """Write a statement, which has others in it one time in three."""
        chance = self.random.random()
        if depth >= DEEPEST or chance < 0.68:
            self.form(depth, self.random.choice(STATEMENTS))
        elif chance < 0.78:
            self.branch(depth)
        elif chance < 0.90 and self.loops < MOST_LOOPS:
            self.loop(depth)
        elif chance < 0.94:
            self.attempt(depth)
        elif chance < 0.97:
            self.form(depth, "with shifted({A}, 0.3) as u:\n    u[{k}] *= 0.8")
            self.block(depth + 1, 1, 1)
        else:
            self.form(depth, "if {c} and s > 0.9:\n    return s * t, a, m, t, b")

    def branch(self, depth: int) -> None:
        """Write an if, with elif and else now and then."""
        self.form(depth, "if {c}:")
        self.block(depth + 1, 1, 3)
        for arm, share in (("elif {c}:", 0.3), ("else:", 0.5)):
            if self.chance(share):
                self.form(depth, arm)
                self.block(depth + 1, 1, 2)

    def loop(self, depth: int) -> None:
        """Write a loop that is left or goes on by a condition now and then."""
        self.loops += 1
        head = self.random.choice(list(HEADS))
        self.form(depth, head)
        if HEADS[head]:
            self.form(depth + 1, self.random.choice(HEADS[head]))
        self.block(depth + 1, 1, 3)
        if self.chance(0.35):
            way = self.random.choice(["break", "continue", "break"])
            self.form(depth + 1, f"if {{c}}:\n    {way}")
        if self.chance(0.5):
            self.block(depth + 1, 1, 1)
        if self.chance(0.25) and "while True" not in head:
            self.form(depth, "else:")
            self.block(depth + 1, 1, 1)
        self.loops -= 1

    def attempt(self, depth: int) -> None:
        """Write a try around what may raise between two statements."""
        self.form(depth, "try:")
        self.block(depth + 1, 1, 1)
        self.form(depth + 1, "if {c}:\n    raise ValueError")
        self.block(depth + 1, 1, 1)
        for arm, share in (("except ValueError:", 1.0), ("else:", 0.3), ("finally:", 0.3)):
            if self.chance(share):
                self.form(depth, arm)
                self.block(depth + 1, 1, 1)


def random_mixture(seed: int) -> str:
    """Return the text of a module with a function ``f(s, t, a, b, m, n)``.

    >>> random_mixture(3) == random_mixture(3)
    True
    """
    w = Mixtures(Random(seed))
    w.write(0, "\n\ndef f(s, t, a, b, m, n):")
    w.form(1, BEGINNING)
    w.block(1, 3, 5)
    w.form(1, ENDING)
    return HEADER + "\n".join(w.lines) + "\n"

"""Lengths of axes as affine expressions of symbols, and the facts assumed of them.

A length is known apart from the values that carry it: ``u[2:]``, ``u[1:-1]`` and ``u[:-2]`` all
have length ``n - 2``. A symbol that stands for an axis of an argument has the length of the example
call; a question that the algebra cannot answer is then answered by the example, and the answer is
recorded as a fact, which the guard of the compiled code checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

__all__ = [
    "ONE",
    "Facts",
    "Length",
    "Symbol",
    "factors_of",
    "known_equal",
    "length",
    "product_of",
]


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """An unknown length.

    Attributes
    ----------
    name
        Unique. Of an axis of an argument, the expression that reads it: ``x.shape[0]``.
    example
        Its value in the example call, or -1 where there is none.
    factors
        Of a product of lengths these, in order.
    """

    name: str
    example: int = -1
    factors: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class Length:
    """``const + sum(coefficient * symbol)``."""

    const: int
    terms: tuple[tuple[Symbol, int], ...] = ()

    def __add__(self, other: Length | int) -> Length:
        if isinstance(other, int):
            return Length(self.const + other, self.terms)
        sums = dict(self.terms)
        for symbol, coefficient in other.terms:
            sums[symbol] = sums.get(symbol, 0) + coefficient
        terms = tuple(sorted((s, c) for s, c in sums.items() if c))
        return Length(self.const + other.const, terms)

    def __mul__(self, factor: int) -> Length:
        if factor == 0:
            return Length(0)
        return Length(self.const * factor, tuple((s, c * factor) for s, c in self.terms))

    def __sub__(self, other: Length | int) -> Length:
        return self + (other * -1)

    @property
    def known(self) -> bool:
        """Whether this is a plain number."""
        return not self.terms

    @property
    def has_example(self) -> bool:
        """Whether the example call gives it a value."""
        return all(symbol.example >= 0 for symbol, _ in self.terms)

    def evaluate(self, values: Mapping[Symbol, int] | None = None) -> int:
        """The value for the given values of the symbols, or in the example call."""
        if values is None:
            return self.const + sum(c * s.example for s, c in self.terms)
        return self.const + sum(c * values[s] for s, c in self.terms)

    def __str__(self) -> str:
        parts = [name_term(symbol, c) for symbol, c in self.terms]
        if self.const or not parts:
            parts.append(str(self.const))
        return " + ".join(parts).replace("+ -", "- ")


def name_term(symbol: Symbol, coefficient: int) -> str:
    """One term of a length, as an expression.

    >>> name_term(Symbol("x.shape[0]"), 2)
    '2 * x.shape[0]'
    """
    if coefficient == 1:
        return symbol.name
    return f"-{symbol.name}" if coefficient == -1 else f"{coefficient} * {symbol.name}"


def length(value: int | Symbol) -> Length:
    """The length that is this number or symbol."""
    return Length(value) if isinstance(value, int) else Length(0, ((value, 1),))


ONE = Length(1)


def product_of(lengths: Sequence[Length]) -> Length | None:
    """The product of lengths of which the example call has values; else None.

    A product of several unknown lengths is a symbol of its own, the same for the same factors.

    >>> n, m = (length(Symbol(f"x.shape[{k}]", size)) for k, size in enumerate((3, 4)))
    >>> str(product_of([m, n * 2])), product_of([n, m + 1]).evaluate()
    ('2 * x.shape[0] * x.shape[1]', 15)
    """
    factors = [factor for each in lengths for factor in factors_of(each)]
    times = prod(factor.const for factor in factors if factor.known)
    others = [factor for factor in factors if not factor.known]
    if times == 0 or not others:
        return Length(times)
    if len(others) == 1:
        return others[0] * times
    if not all(factor.has_example and factor.evaluate() >= 0 for factor in others):
        return None
    symbols = sorted(map(_as_symbol, others))
    example = prod(symbol.example for symbol in symbols)
    made = Symbol(" * ".join(symbol.name for symbol in symbols), example, tuple(symbols))
    return Length(0, ((made, times),))


def factors_of(value: Length) -> list[Length]:
    """The factors of a length that is a product; the length itself where it is none."""
    if value.const or len(value.terms) != 1:
        return [value]
    ((symbol, coefficient),) = value.terms
    numbers = [Length(coefficient)] if coefficient != 1 else []
    return [*numbers, *map(length, symbol.factors or (symbol,))]


def _as_symbol(value: Length) -> Symbol:
    if value.const == 0 and len(value.terms) == 1 and value.terms[0][1] == 1:
        return value.terms[0][0]
    return Symbol(f"({value})", value.evaluate())


@dataclass(slots=True)
class Facts:
    """What is known of lengths, and what the compiled code rests on.

    `failure` is what a call with the lengths of the example call raised when it was tried.
    The recorded conditions are texts such as ``x.shape[0] == y.shape[0]``, in the order in which
    they were first needed. What was shown once by the facts is `settled`: there only come more.
    """

    conditions: dict[str, None] = field(default_factory=dict)
    _known: dict[Symbol, Length] = field(default_factory=dict)
    failure: Exception | None = None
    settled: set[object] = field(default_factory=set)
    _fresh: int = 0
    _births: dict[Symbol, int] = field(default_factory=dict)
    _varying: set[Symbol] = field(default_factory=set)
    _named: dict[object, Symbol] = field(default_factory=dict)
    _limits: dict[Symbol, tuple[Length | None, Length | None]] = field(default_factory=dict)
    _starts: set[Length] = field(default_factory=set)

    def fresh(self, key: object = None) -> Length:
        """A new length; the same one again for the same `key`."""
        if key is not None and key in self._named:
            return length(self._named[key])
        self._fresh += 1
        symbol = Symbol(f"?{self._fresh}")
        self._births[symbol] = self._fresh
        if key is not None:
            self._named[key] = symbol
        return length(symbol)

    def any_length(self) -> Length:
        """A new length of a variable that may be of another length in each trip of a loop."""
        made = self.fresh()
        self._varying.add(made.terms[0][0])
        return made

    def may_vary(self, value: Length) -> bool:
        """Whether a length was made by `any_length`."""
        return len(value.terms) == 1 and value.terms[0][0] in self._varying

    def made(self, before: Length | None = None) -> int:
        """How many lengths were made so far, or before this one was."""
        return self._fresh if before is None else self._births[before.terms[0][0]] - 1

    def from_one_trip(self, value: Length, count: int) -> Length:
        """A length that one trip of a loop has, as it is known where others have theirs.

        `count` lengths are older than the loop; one that a trip made may be another in the next.
        """
        made = any(self._births.get(symbol, 0) > count for symbol, _ in value.terms)
        return self.any_length() if made else value

    def of_item(self, value: Length, key: object) -> Length:
        """The length of one item of a list that holds some of this length, the one at `key`."""
        return self.fresh(key) if self.may_vary(value) else value

    def canonical(self, value: Length) -> Length:
        """`value` with every symbol replaced by what it was found equal to."""
        while any(symbol in self._known for symbol, _ in value.terms):
            total = Length(value.const)
            for symbol, coefficient in value.terms:
                total = total + self._known.get(symbol, length(symbol)) * coefficient
            value = total
        return value

    def equal(self, a: Length, b: Length) -> bool | None:
        """Whether two lengths are equal; None where that cannot be known now."""
        if a == b:
            return True
        difference = self.canonical(a - b)
        if difference.known:
            return difference.const == 0
        if not difference.has_example:
            return None
        answer = difference.evaluate() == 0
        if not (a.has_example and b.has_example):  # what cancels cannot be looked at
            a, b = difference, Length(0)
        self._record(a, "==" if answer else "!=", b)
        if answer:
            self._identify(difference)
        return answer

    def equal_products(self, a: Sequence[Length], b: Sequence[Length]) -> bool | None:
        """Whether two products of lengths are equal; None where that cannot be known now."""
        if all(n.known for n in (*a, *b)):
            return prod(n.const for n in a) == prod(n.const for n in b)
        if not all(n.has_example for n in (*a, *b)):
            return None
        answer = prod(n.evaluate() for n in a) == prod(n.evaluate() for n in b)
        left, right = (" * ".join(f"({n})" for n in each if n != ONE) or "1" for each in (a, b))
        self.conditions.setdefault(f"{left} {'==' if answer else '!='} {right}")
        return answer

    def at_least(self, a: Length, bound: int) -> bool | None:
        """Whether a length is `bound` or more; None where that cannot be known now."""
        if all(c > 0 for _, c in a.terms) and a.const >= bound:
            return True
        a = self.canonical(a)
        if a.known:
            return a.const >= bound
        if not a.has_example:
            return True if self._is_bounded(a, bound) else None
        answer = a.evaluate() >= bound
        self._record(a, ">=" if answer else "<", Length(bound))
        return answer

    def note_start(self, value: Length) -> None:
        """Note of a number that it counts from the begin, where it is a bound of a slice."""
        self._starts.add(value)

    def is_start(self, value: Length) -> bool:
        """Whether a number is none that is counted from the end, where it is a slice's bound."""
        by_starts = all(length(symbol) in self._starts and c > 0 for symbol, c in value.terms)
        is_noted = value in self._starts or (by_starts and value.const >= 0)
        return is_noted or self._is_bounded(value, 0)

    def limit(self, symbol: Symbol, low: Length | None, high: Length | None) -> None:
        """Note what a symbol, the counter of a loop, is at least and at most."""
        self._limits[symbol] = (low, high)

    def _is_bounded(self, a: Length, bound: int) -> bool:
        """Whether a length is `bound` or more for all values of the counters in it."""
        for symbol, coefficient in a.terms:
            low, high = self._limits.get(symbol, (None, None))
            limit = low if coefficient > 0 else high
            if limit is None:
                continue
            least = self.canonical(a + (limit - length(symbol)) * coefficient)
            fails = least.has_example and least.evaluate() < bound
            if not fails and self.at_least(least, bound) is True:
                return True
        return False

    def _record(self, a: Length, relation: str, b: Length) -> None:
        self.conditions.setdefault(f"{a} {relation} {b}")

    def _identify(self, difference: Length) -> None:
        for symbol, coefficient in reversed(difference.terms):
            if abs(coefficient) == 1:
                rest = difference - length(symbol) * coefficient
                self._known[symbol] = rest * -coefficient
                return


def known_equal(a: Sequence[Length], b: Sequence[Length], facts: Facts) -> bool:
    """Whether two shapes are equal without a new fact, which would be asked of every call."""
    if len(a) != len(b) or any(map(facts.may_vary, (*a, *b))):
        return False
    return all(facts.canonical(m - n) == Length(0) for m, n in zip(a, b, strict=True))

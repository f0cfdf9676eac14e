"""The algebra of lengths, and what is recorded of it."""

from __future__ import annotations

import pytest

from adjoint.ir.lengths import ONE, Facts, Length, Symbol, factors_of, length, product_of

N, M = (length(Symbol(name, size)) for name, size in (("n", 5), ("m", 5)))
K = length(Symbol("k", 7))
UNSEEN = length(Symbol("?1"))


def test_arithmetic():
    assert N + 2 - 2 == N
    assert N + M == M + N
    assert N - N == Length(0)
    assert N * 2 == N + N
    assert N * 0 == Length(0)
    assert (N - 2).evaluate() == 3
    assert (N * 2 + 1).evaluate({Symbol("n", 5): 4}) == 9


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (N - 2, "n - 2"),
        (N * 2 + M, "m + 2 * n"),
        (Length(0) - N, "-n"),
        (ONE, "1"),
        (Length(0), "0"),
    ],
)
def test_text(value, text):
    assert str(value) == text


def test_what_algebra_answers_is_not_recorded():
    facts = Facts()
    assert facts.equal(N + 1, N + 1) is True
    assert facts.equal(N + 1, N) is False
    assert facts.at_least(N + 1, 1) is True
    assert facts.at_least(Length(2), 3) is False
    assert list(facts.conditions) == []


def test_what_the_example_answers_is_recorded():
    facts = Facts()
    assert facts.equal(N, M) is True
    assert facts.equal(N, K) is False
    assert facts.at_least(N - 2, 0) is True
    assert facts.at_least(N, 9) is False
    assert list(facts.conditions) == ["n == m", "n != k", "m - 2 >= 0", "m < 9"]


def test_equal_lengths_are_one_from_then_on():
    facts = Facts()
    assert facts.equal(N, M)
    recorded = list(facts.conditions)
    assert facts.equal(N - 2, M - 2) is True
    assert facts.canonical(N) == facts.canonical(M)
    assert list(facts.conditions) == recorded


def test_what_has_no_example_is_not_known():
    facts = Facts()
    assert facts.equal(UNSEEN, N) is None
    assert facts.at_least(UNSEEN - 1, 0) is None
    assert list(facts.conditions) == []


def test_fresh_lengths():
    facts = Facts()
    assert facts.fresh() != facts.fresh()
    assert facts.fresh("a") == facts.fresh("a")
    assert not facts.fresh().has_example


# -- products --------------------------------------------------------------------------------------


def test_a_product_is_the_same_in_any_order():
    assert product_of([N, M, K]) == product_of([product_of([K, N]), M])
    assert str(product_of([N, M])) == "m * n"


def test_numbers_stand_before_a_product():
    assert product_of([N * 2, M * 3, Length(5)]) == product_of([N, M]) * 30
    assert product_of([N, Length(0), M]) == Length(0)
    assert product_of([N + 1, Length(2)]) == N * 2 + 2
    assert product_of([]) == ONE


def test_a_product_of_what_the_example_call_does_not_tell_is_none():
    assert product_of([N, UNSEEN]) is None
    assert product_of([UNSEEN, Length(3)]) == UNSEEN * 3
    assert product_of([N - 7, M]) is None  # less than nothing


def test_a_sum_in_a_product_is_a_factor_of_its_own():
    made = product_of([N - 1, M])
    assert made.evaluate() == 20
    assert eval(str(made), {"n": 7, "m": 8}) == 48
    assert len(factors_of(made)) == 2


def test_a_product_is_compared_by_the_example_call():
    facts = Facts()
    whole, other = product_of([N, M]), length(Symbol("w", 25))
    assert facts.equal(whole, other) is True
    assert [eval(c, {"n": 2, "m": 3, "w": 6}) for c in facts.conditions] == [True]
    assert [eval(c, {"n": 2, "m": 3, "w": 5}) for c in facts.conditions] == [False]

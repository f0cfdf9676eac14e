"""Algebra of the backward sweep: where it applies, and where it must not."""

from __future__ import annotations

import math
import operator as o
from typing import Any

import numpy as np
import pytest

from adjoint.ir.check import verify
from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Const, Function, Let, Next, Var, Yield
from adjoint.ir.ops import GETITEM, Form, Op
from adjoint.ir.values import BOOL, FLOAT, INT, Array, Scalar
from adjoint.optimise.fold import fold
from tests.optimise.writer import F8, FLOAT32, MATRIX, VECTOR, N, Writer, ended, evaluate, names_of

SPECIAL = [0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan]
VALUES = (np.array([1.5, -2.0, 0.3]), np.array([0.1, 3.0, -1.0]))


def folded(w: Writer, result: Any) -> Function:
    function = w.function(result)
    verify(function)
    made = fold(function, w.facts)
    verify(made)
    return made


def let(function: Function, at: int = -1) -> Let:
    statement = function.body.statements[at]
    assert isinstance(statement, Let)
    return statement


def consts(function: Function) -> list[Any]:
    return [a.value for s in function.body.statements for a in s.args if isinstance(a, Const)]


def writer(type_: Any = VECTOR) -> tuple[Writer, Var, Var]:
    w = Writer(("x", type_), ("y", type_))
    w.backward()
    return w, *w.params


# -- ones, zeros and constants ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (o.mul, (1.0, "x")),
        (o.mul, ("x", 1)),
        (o.truediv, ("x", 1)),
        (o.add, ("x", 0.0)),
        (o.add, (0.0, "x")),
        (o.sub, ("x", 0.0)),
        (o.pow, ("x", 1)),
    ],
)
def test_neutral_operands_go(function, args):
    w, x, _ = writer()
    t = w(function, *(x if a == "x" else a for a in args))
    made = folded(w, w(np.sin, t))
    assert names_of(made) == ["sin"]
    assert let(made).args == (x,)


def test_zero_taken_from_a_count_goes_and_a_float_zero_does_not():
    w, x, _ = writer()
    n = w(len, x)
    made = folded(w, w(o.truediv, w(o.truediv, x, w(o.sub, n, 0)), w(o.sub, n, 0.0)))
    assert names_of(made) == ["len", "/", "-", "/"]


def test_a_factor_above_and_below_goes():
    w, x, y = writer()
    made = folded(w, w(o.truediv, w(o.mul, 2, x), w(o.mul, 2, y)))
    assert names_of(made) == ["/"]
    w, x, y = writer()
    made = folded(w, w(o.truediv, w(o.mul, 2, x), w(o.mul, 3, y)))
    assert names_of(made) == ["*", "*", "/"]


def test_neutral_operands_are_neutral_at_special_values():
    for value in SPECIAL:
        for result in (1.0 * value, value / 1, value**1, value - 0.0):
            assert np.array_equal(result, value, equal_nan=True)


def test_one_stays_where_it_changes_the_type():
    for type_ in (Array(np.dtype(int), (N,)), Array(F8, ())):
        w, x, _ = writer(type_)
        assert names_of(folded(w, w(o.mul, 1.0, x)))[0] == "*"


def test_an_integer_is_made_a_float():
    w, x, _ = writer(INT)
    assert names_of(folded(w, w(o.mul, 1.0, x))) == ["float"]
    w, x, _ = writer(INT)
    y = w(np.sin, x)
    assert names_of(folded(w, w(o.mul, w(o.mul, 1.0, x), y))) == ["sin", "*"]
    w, x, _ = writer(INT)
    assert names_of(folded(w, w(o.mul, w(o.mul, 1.0, x), x))) == ["float", "*"]


def test_a_one_of_numpy_widens_float32():
    w, x, _ = writer(FLOAT32)
    assert "*" in names_of(folded(w, w(np.sin, w(o.mul, np.float64(1.0), x))))


def test_result_that_is_the_caller_s_own_is_copied():
    w, x, _ = writer()
    assert names_of(folded(w, w(o.mul, 1.0, x))) == ["copy"]
    w, x, _ = writer()
    assert names_of(folded(w, w(o.mul, 1.0, w(np.sin, x)))) == ["sin"]
    w, x, _ = writer(FLOAT)
    assert folded(w, w(o.mul, 1.0, x)).body.leaf.values == (x,)


def test_constant_factors_are_gathered():
    w, x, _ = writer()
    made = folded(w, w(o.mul, 2, w(o.mul, 3.0, x)))
    assert names_of(made) == ["*"]
    assert consts(made) == [6]
    w, x, _ = writer(FLOAT)
    made = folded(w, w(o.mul, w(o.truediv, 1.0, x), 2))
    assert names_of(made) == ["/"]
    assert consts(made) == [2]
    assert evaluate(made, 4.0, 0.0) == 0.5


def test_factor_of_a_mean_is_gathered():
    w = Writer(("n", Scalar("int", N)), ("t", VECTOR))
    w.backward()
    n, t = w.params
    made = folded(w, w(o.mul, w(o.mul, w(o.truediv, 1.0, n), 2), t))
    assert names_of(made) == ["/", "*"]
    assert consts(made) == [2]


@pytest.mark.parametrize(("a", "b"), [(0.1, 3.0), (0.0, 2.0), (1e200, 1e200), (np.inf, 2.0)])
def test_inexact_or_singular_constants_stay(a, b):
    w, x, _ = writer()
    assert names_of(folded(w, w(o.mul, a, w(o.mul, b, x)))) == ["*", "*"]


def test_a_named_constant_stays():
    w, x, _ = writer()
    t = w(o.mul, Const(np.pi, "np.pi"), x)
    assert names_of(folded(w, w(o.mul, 2.0, t))) == ["*", "*"]


def test_factors_of_a_value_that_others_read_stay():
    w, x, _ = writer()
    t = w(o.mul, 2.0, x)
    made = folded(w, w(o.add, w(o.mul, 3.0, t), t))
    assert consts(made) == [2, 3]


def test_floats_that_are_integers_print_as_such():
    w, x, _ = writer()
    assert consts(folded(w, w(o.mul, 2.0, w(o.pow, x, 3.0)))) == [3, 2]
    w, x, _ = writer(INT)
    assert [type(c) for c in consts(folded(w, w(o.mul, 2.0, x)))] == [float]
    assert [type(c) for c in consts(folded(*_negative_zero()))] == [float]


def _negative_zero() -> tuple[Writer, Var]:
    w, x, _ = writer()
    return w, w(o.mul, x, -0.0)


def test_float_of_what_numpy_is_added_to_stays():
    w, x, y = writer(FLOAT)
    p = w.var(FLOAT, "x")
    with w.block() as body:
        block = ended(body, Next((w(o.add, p, w(np.sin, y)),)))
    (out,) = w.loop([p], [0.0], block)
    made = folded(w, w(float, w(o.add, out, x)))
    assert names_of(made)[-1] == "float"
    w, x, y = writer(FLOAT)
    p = w.var(FLOAT, "x")
    with w.block() as body:
        block = ended(body, Next((w(o.add, p, w(math.sin, y)),)))
    (out,) = w.loop([p], [0.0], block)
    made = folded(w, w(float, w(o.add, out, x)))
    assert names_of(made)[-1] == "+"


def test_float_of_a_python_float_goes():
    w, x, _ = writer(FLOAT)
    assert folded(w, w(float, x)).body.leaf.values == (x,)
    w, x, _ = writer(Array(F8, (), True))
    assert names_of(folded(w, w(float, x))) == ["float"]


# -- signs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda w, x, y: w(o.neg, w(o.neg, x)), ["copy"]),
        (lambda w, x, y: w(o.add, x, w(o.neg, y)), ["-"]),
        (lambda w, x, y: w(o.sub, x, w(o.neg, y)), ["+"]),
        (lambda w, x, y: w(o.add, w(o.neg, x), y), ["-"]),
        (lambda w, x, y: w(o.sub, x, w(o.mul, w(o.neg, x), y)), ["*", "+"]),
        (lambda w, x, y: w(o.sub, x, w(o.mul, x, w(o.neg, y))), ["*", "+"]),
        (lambda w, x, y: w(o.add, x, w(o.truediv, w(o.neg, x), y)), ["/", "-"]),
        (lambda w, x, y: w(o.add, x, w(o.mul, -2.0, y)), ["*", "-"]),
        (lambda w, x, y: w(o.sub, 1.0, w(np.sum, w(o.neg, x))), ["sum", "+"]),
        (lambda w, x, y: w(o.sub, 1.0, w(o.matmul, w(o.neg, x), y)), ["@", "+"]),
        (
            lambda w, x, y: w(o.sub, 1.0, w(o.getitem, w(o.neg, x), slice(1, None))),
            ["getitem", "+"],
        ),
        (lambda w, x, y: w(o.mul, w(o.neg, x), y), ["-", "*"]),  # nothing to meet: as it was
    ],
)
def test_signs(write, expected):
    w, x, y = writer()
    result = write(w, x, y)
    before = w.function(result)
    made = folded(w, result)
    assert names_of(made) == expected
    rng = np.random.default_rng(0)
    args = rng.normal(size=5), rng.normal(size=5)
    np.testing.assert_array_equal(evaluate(made, *args), evaluate(before, *args))


@pytest.mark.parametrize("x", SPECIAL)
@pytest.mark.parametrize("y", SPECIAL)
def test_signs_are_exact_at_special_values(x, y):
    with np.errstate(all="ignore"):
        x, y = np.float64(x), np.float64(y)
        pairs = [(-x * y, -(x * y)), (-x / y, -(x / y)), (x + -y, x - y), (-x + y, y - x)]
    for a, b in pairs:
        np.testing.assert_array_equal(a, b)
        assert np.signbit(a) == np.signbit(b) or np.isnan(a)


def test_sign_read_by_two_stays():
    w, x, y = writer()
    t = w(o.neg, x)
    made = folded(w, w(o.add, w(o.mul, t, y), w(np.sin, t)))
    assert names_of(made) == ["-", "*", "sin", "+"]


def test_sign_does_not_enter_a_loop():
    w, x, y = writer()
    t = w(o.neg, x)
    p = w.var(VECTOR)
    with w.block() as body:
        s = w(o.add, p, t)
        block = ended(body, Next((s,)))
    (out,) = w.loop([p], [y], block)
    made = folded(w, out)
    assert names_of(made) == ["-"]


def test_sign_moves_into_an_update():
    w, x, y = writer()
    d = w(np.sin, x)
    u = w.place("+", d, slice(1, None), w(o.getitem, w(o.neg, y), slice(1, None)))
    made = folded(w, u)
    assert let(made).op.name == "-"
    assert let(made).op.form is Form.UPDATE_INDEX


def test_sign_moves_into_an_update_written_as_a_function():
    def add_at_index(old, index, g):
        raise AssertionError("not run")

    w, x, y = writer()
    op = Op(add_at_index, Form.UPDATE_INDEX, "+")
    t = w(np.cos, y)
    u = w.let(op, w(np.sin, x), slice(None), w(o.neg, t), type_=VECTOR)
    made = let(folded(w, u))
    assert made.op.name == "-"
    assert made.args[-1] is t
    old = np.ones(3)
    assert made.op.function(old, 1, 2.0).tolist() == [1, -1, 1]
    assert old.tolist() == [1, 1, 1]


def test_integers_keep_their_sign():
    w, x, y = writer(Array(np.dtype(np.int8), (N,)))
    assert names_of(folded(w, w(o.add, x, w(o.neg, y)))) == ["-", "+"]


def test_memory_that_is_written_is_not_read_later():
    w, x, y = writer()
    a = w(np.sin, x)
    t = w(o.neg, a)
    b = w.update("+", a, y)
    made = folded(w, w(o.add, b, w(o.add, y, t)))
    assert names_of(made) == ["sin", "-", "+", "+", "+"]


# -- rearrangements --------------------------------------------------------------------------------


def test_a_product_is_not_transposed_where_a_factor_is_transposed_already():
    w = Writer(("x", MATRIX), ("y", MATRIX))
    w.backward()
    x, y = w.params
    product = w(o.matmul, w.attribute(np.transpose, "T", x), y)
    made = folded(w, w.attribute(np.transpose, "T", product))
    assert names_of(made) == ["T", "@"]
    a, b = np.arange(15.0).reshape(5, 3), np.ones((5, 3))
    np.testing.assert_allclose(evaluate(made, a, b), (a.T @ b).T)
    w = Writer(("x", Array(F8, (N, N))), ("y", Array(F8, (N, N))))
    w.backward()
    assert names_of(folded(w, w.attribute(np.transpose, "T", w(o.matmul, *w.params)))) == ["@", "T"]


def test_reshapes_that_change_nothing_go():
    w = Writer(("x", MATRIX), ("n", INT))
    w.backward()
    x, _ = w.params
    shape = w.attribute(np.shape, "shape", x)
    t = w.method(np.reshape, "reshape", x, shape, type_=MATRIX)
    t = w.attribute(np.transpose, "T", w.attribute(np.transpose, "T", t))
    t = w(np.broadcast_to, t, shape, type_=MATRIX)
    t = w.method(np.copy, "astype", t, float, type_=MATRIX)
    made = folded(w, w(np.sin, t))
    assert let(made).args == (x,)


def test_of_two_reshapes_the_last_stays():
    w = Writer(("x", MATRIX), ("n", INT))
    w.backward()
    t = w.method(np.reshape, "reshape", w.params[0], -1)
    made = folded(w, w(np.sin, w.method(np.reshape, "reshape", t, (3, -1))))
    assert names_of(made) == ["reshape", "sin"]
    assert let(made, 0).args[0] is w.params[0]


def test_axes_that_do_not_invert_stay():
    w = Writer(("x", Array(F8, (N, N, N))), ("n", INT))
    w.backward()
    t = w(np.transpose, w(np.transpose, w.params[0], (1, 2, 0)), (1, 2, 0))
    assert names_of(folded(w, w(np.sin, t))) == ["transpose", "transpose", "sin"]


def test_casts_that_change_the_dtype_stay():
    w, x, _ = writer(FLOAT32)
    t = w.method(np.copy, "astype", x, float, type_=VECTOR)
    assert names_of(folded(w, w(np.sin, t))) == ["astype", "sin"]


# -- names, branches and the forward sweep ---------------------------------------------------------


def test_names_are_resolved_but_those_of_the_user():
    w = Writer(("x", VECTOR))
    (x,) = w.params
    a = w.alias(x)
    b = w.alias(a, "b")
    t = w(np.sin, b)
    w.backward()
    d = w.alias(t, "x")
    made = folded(w, w(np.cos, d))
    assert names_of(made)[1:] == ["sin", "cos"]
    assert made.split == 2
    assert let(made, 0).target is b
    assert let(made, 0).args == (x,)


def test_a_name_for_what_is_updated_stays():
    w, x, y = writer(FLOAT)
    a = w(np.sin, x)
    old = w.alias(a)
    new = w.update("+", a, y)
    made = folded(w, w(o.mul, old, new))
    assert len(made.body.statements) == 4


def test_a_known_test_chooses_its_arm():
    w, x, y = writer(FLOAT)
    with w.block() as then:
        t = w(np.sin, x)
        first = ended(then, Yield((t,)))
    with w.block() as other:
        second = ended(other, Yield((y,)))
    join = w.var(name="x")
    w.branch(True, first, second, join)
    made = folded(w, w(np.cos, join))
    assert names_of(made) == ["sin", "cos"]


def test_the_forward_sweep_stays_as_it_is():
    w = Writer(("x", VECTOR), ("c", BOOL))
    x, _ = w.params
    t = w(o.add, w(o.mul, 1.0, x), w(o.neg, x))
    w.backward()
    made = folded(w, w(np.sin, t))
    assert names_of(made) == ["*", "-", "+", "sin"]
    w = Writer(("x", VECTOR), ("c", BOOL))
    t = w(o.mul, 1.0, w.params[0])
    assert names_of(folded(w, t)) == ["*"]


def test_long_chains_fold():
    w, x, _ = writer(FLOAT)
    t = x
    for _ in range(3000):
        t = w(o.mul, 1.0, w(o.neg, t))
    assert folded(w, t).body.leaf.values == (x,)


# -- the same term twice ---------------------------------------------------------------------------


def test_a_term_that_comes_twice_is_doubled():
    w, x, _ = writer()
    made = folded(w, w(o.add, x, x))
    assert names_of(made) == ["*"]
    assert consts(made) == [2]
    w, x, y = writer()
    made = folded(w, w(o.add, w(o.mul, x, y), w(o.mul, x, y)))
    assert names_of(made) == ["*", "*"]
    np.testing.assert_array_equal(evaluate(made, *VALUES), 2 * VALUES[0] * VALUES[1])


def test_two_like_terms_of_a_longer_sum():
    w, x, y = writer()
    made = folded(w, w(o.add, w(o.add, y, w(np.sin, x)), w(np.sin, x)))
    assert names_of(made) == ["sin", "*", "+"]
    expected = VALUES[1] + 2 * np.sin(VALUES[0])
    np.testing.assert_allclose(evaluate(made, *VALUES), expected, rtol=1e-15)


def test_doubling_is_exact_at_special_values():
    for value in SPECIAL:
        assert np.array_equal(value + value, 2 * value, equal_nan=True)


def test_terms_that_only_look_alike_stay():
    w, x, y = writer()
    assert names_of(folded(w, w(o.add, w(o.mul, x, y), w(o.mul, y, x)))) == ["*", "*", "+"]
    w, x, _ = writer()
    twice = w(np.sin, x)
    assert names_of(folded(w, (w(o.add, twice, w(np.sin, x)), twice))) == ["sin", "sin", "+"]
    w, x, _ = writer(Array(np.dtype(int), (N,)))
    assert names_of(folded(w, w(o.add, x, x))) == ["+"]


# -- axes that come and go, and numbers everywhere ------------------------------------------------


def rows(w: Writer, x: Var) -> Var:
    shape = w.attribute(np.shape, "shape", x)
    return w.let(GETITEM, shape, 0, type_=Scalar("int", N))


def test_a_sum_whose_kept_axes_are_dropped_does_not_keep_them():
    w, x, _ = writer(MATRIX)
    n = rows(w, x)
    total = w(np.sum, x, axis=1, keepdims=True)
    made = folded(w, w(np.reshape, total, (n,)))
    assert names_of(made)[-1] == "sum"
    assert dict(let(made).kwargs).keys() == {"axis"}


def test_a_sum_of_a_sum_is_one_where_a_reshape_drops_the_axes():
    w = Writer(("x", Array(F8, (N, Length(3), Length(4)))))
    w.backward()
    inner = w(np.sum, w.params[0], axis=2, keepdims=True)
    made = folded(w, w(np.reshape, w(np.sum, inner, axis=0), (3,)))
    assert names_of(made) == ["sum"]
    assert dict(let(made).kwargs)["axis"].value == (0, 2)


def test_a_sum_with_other_axes_after_it_keeps_its_own():
    w = Writer(("x", Array(F8, (Length(4), N, Length(3)))))
    w.backward()
    total = w(np.sum, w.params[0], axis=2, keepdims=True)
    made = folded(w, w(np.reshape, w(np.sum, total, axis=0, keepdims=True), (1, -1)))
    assert names_of(made)[-1] == "reshape"


def test_a_number_stands_for_an_array_of_it():
    w, x, _ = writer(MATRIX)
    number = w(np.sum, x)
    many = w(np.broadcast_to, number, (rows(w, x),))
    made = folded(w, w(o.truediv, w(o.getitem, many, (slice(None), None)), x))
    assert let(made).args == (number, x)


def test_an_array_of_a_number_stays_where_it_makes_the_shape_or_the_dtype():
    w, x, _ = writer()
    wide = w(np.broadcast_to, 2.0, (4, rows(w, x)))
    assert "broadcast_to" in names_of(folded(w, w(o.mul, wide, x)))
    w, x, _ = writer(FLOAT32)
    double = w(np.broadcast_to, 2.0, (rows(w, x),))
    assert "broadcast_to" in names_of(folded(w, w(o.mul, double, x)))


def test_a_number_everywhere_is_broadcast_to_the_last_shape():
    w, x, _ = writer(Array(F8, (Length(4), Length(3))))
    of = w(np.broadcast_to, w(np.sum, x), (4, 1, 3))
    made = folded(w, w(np.reshape, of, w.attribute(np.shape, "shape", x)))
    assert names_of(made)[-1] == "broadcast_to"
    w, x, _ = writer(MATRIX)
    of = w(np.broadcast_to, w(np.sum, x), (4, 1, 3))
    assert names_of(folded(w, w(np.reshape, of, -1)))[-1] == "reshape"


@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
def test_a_number_is_the_first_factor(first):
    w = Writer(("x", VECTOR))
    w.backward()
    made = folded(w, w(o.mul, 0.1, w.params[0]) if first else w(o.mul, w.params[0], 0.1))
    number, factor = let(made).args
    assert consts(made) == [0.1] and factor is made.params[0] and number is not factor


def test_a_whole_quotient_of_numbers():
    w = Writer(("x", VECTOR))
    w.backward()
    made = folded(w, w(o.truediv, 6.0, w(o.mul, 2.0, w.params[0])))
    assert names_of(made) == ["/"] and consts(made) == [3]
    made = folded(w, w(o.truediv, 3.0, w(o.mul, 2.0, w.params[0])))
    assert consts(made)[-2:] == [2, 3] or consts(made)[-2:] == [3, 2]

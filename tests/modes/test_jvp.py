"""`jvp`: arguments and results of any structure, what it refuses, and that it compiles once."""

from __future__ import annotations

import functools
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from adjoint import BadArgument, Unsupported, grad, jvp, pipeline
from adjoint.api import Tangent

X = np.array([0.5, -1.0, 2.0])
DX = np.array([1.0, 0.25, -3.0])
Point = namedtuple("Point", ["x", "y"])


class Model:
    def __init__(self, w: Any, name: str = "model") -> None:
        self.w = w
        self.name = name

    def score(self, x: Any) -> Any:
        return np.sum(self.w * x)


def scaled(x: Any, factor: float = 3.0) -> Any:
    return factor * np.sin(x)


def test_returns_the_result_and_its_tangent() -> None:
    out, tangent = jvp(scaled, (X,), (DX,))
    np.testing.assert_array_equal(out, scaled(X))
    np.testing.assert_allclose(tangent, 3.0 * np.cos(X) * DX, rtol=1e-15)


def test_an_argument_without_a_tangent_is_held_fixed() -> None:
    assert jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, None)) == (6.0, 3.0)
    assert jvp(lambda x, y: x * y, (2.0, 3.0), (None, 1.0)) == (6.0, 2.0)
    assert jvp(lambda x, y: x * y, (2.0, 3.0), (None, None)) == (6.0, 0.0)


def test_the_tangent_has_the_structure_of_the_result() -> None:
    def parts(x: Any) -> Any:
        return {"sum": np.sum(x), "point": Point(x[0], [x * x, len(x)]), "text": "t", "one": 1.0}

    out, tangent = jvp(parts, (X,), (DX,))
    assert list(tangent) == list(out)
    assert tangent["sum"] == np.sum(DX)
    assert isinstance(tangent["point"], Point)
    assert tangent["point"].x == DX[0]
    np.testing.assert_array_equal(tangent["point"].y[0], 2 * X * DX)
    assert tangent["point"].y[1] is None
    assert tangent["text"] is None
    assert tangent["one"] == 0.0


def test_arguments_may_have_any_structure() -> None:
    def total(model: Model, pair: Any, table: Any) -> Any:
        return model.score(pair[0]) * pair[1].y + table["b"] * table["n"]

    primals = (Model(X), (X + 1, Point(1.0, 2.0)), {"b": 0.5, "n": 3})
    tangents = (Model(DX), (DX, Point(0.0, -1.0)), {"b": 4.0, "n": None})
    _, tangent = jvp(total, primals, tangents)
    expected = np.sum(DX * (X + 1) + X * DX) * 2.0 - np.sum(X * (X + 1)) + 12.0
    np.testing.assert_allclose(tangent, expected)


def test_several_arguments_of_a_variadic_function() -> None:
    def total(*xs: Any) -> Any:
        return xs[0] * xs[1] + xs[2]

    assert jvp(total, (2.0, 3.0, 4.0), (1.0, None, 0.5)) == (10.0, 3.5)


def test_integers_are_taken_as_floats() -> None:
    assert jvp(lambda x: x**3, (2,), (1,)) == (8.0, 12.0)


@pytest.mark.parametrize("number", [1, 1.0, np.float64(1.0)])
def test_any_number_is_a_tangent_of_a_float(number: Any) -> None:
    out, tangent = jvp(lambda x: x * x, (3.0,), (number,))
    assert (out, tangent) == (9.0, 6.0)
    assert type(tangent) is float


def test_what_is_handed_back_is_owned() -> None:
    out, tangent = jvp(lambda x: (x, x[1:]), (X,), (DX,))
    assert not any(np.shares_memory(part, DX) for part in tangent)
    assert not np.shares_memory(*tangent)
    assert out[0] is X


def test_methods_and_functions_without_source() -> None:
    assert jvp(Model(X).score, (X,), (DX,))[1] == np.sum(X * DX)
    np.testing.assert_array_equal(jvp(np.sin, (X,), (DX,))[1], np.cos(X) * DX)
    twice = functools.partial(scaled, factor=2.0)
    np.testing.assert_allclose(jvp(twice, (X,), (DX,))[1], 2.0 * np.cos(X) * DX)


@pytest.mark.parametrize(
    "fun", [scaled, functools.partial(scaled, factor=2.0), np.sin, grad(lambda x: np.sum(x**3))]
)
def test_code_is_kept_from_call_to_call(fun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    jvp(fun, (X,), (DX,))
    monkeypatch.setattr(pipeline, "compile_tangent", None)
    for _ in range(2):
        jvp(fun, (X,), (DX,))


def test_the_source_is_that_of_the_last_call() -> None:
    tangent = jvp(scaled)
    assert isinstance(tangent, Tangent)
    tangent((X,), (DX,))
    assert "def scaled_jvp(x, factor, x_dot):" in tangent.source


def test_the_primal_raises_where_it_did() -> None:
    def first(x: Any) -> Any:
        return x[7]

    with pytest.raises(IndexError):
        jvp(first, (X,), (DX,))


def test_names_of_the_user_are_not_taken() -> None:
    def total(x: float, x_dot: float) -> float:
        y_dot = x * x_dot
        y = y_dot * x
        return y + y_dot

    assert jvp(total, (2.0, 3.0), (1.0, 0.5)) == (18.0, 3.0 + 1.0 + 12.0 + 2.0)


# What could be wrong


W = np.array([0.3, -2.0, 1.5])


def shifted_and_written(x: Any) -> Any:
    b = x + 1.0  # an array of its own, though its tangent is that of x
    b[0] = 5.0
    return np.sum(b * x * W)


def part_kept_before_a_write(x: Any) -> Any:
    u = x * 2.0
    b = u[1:] + 1.0
    u[1:] = 0.0
    return np.sum(b * W[1:]) + np.sum(u)


def spread_over_rows(x: Any) -> Any:
    table = np.outer(W, W) + x
    return np.sum(table.sum(axis=0) ** 2) + np.max(table, axis=1) @ W


def list_with_fixed_items(x: Any) -> Any:
    kept = [1.0]
    for k in range(len(x)):
        kept.append(x[k] * k)
        kept.append(2.0)
    return np.array(kept) @ np.arange(7.0)


def no_trips(x: Any) -> Any:
    total = np.sum(x * W)
    for k in range(0):
        total = total * x[k]
    return total


def repeated_places(x: Any) -> Any:
    y = np.zeros(2)
    y[np.array([0, 1, 0])] = x
    np.add.at(y, np.array([1, 1, 0]), x * x)
    return y @ np.array([2.0, -1.0])


def swapped(x: Any) -> Any:
    a, b = x.copy(), x * x
    for _ in range(3):
        a[1:] += b[:-1]
        a, b = b, a
    return np.sum(a * W) - np.sum(b)


TRAPS = [
    shifted_and_written,
    part_kept_before_a_write,
    spread_over_rows,
    list_with_fixed_items,
    no_trips,
    repeated_places,
    swapped,
]


@pytest.mark.parametrize("fun", TRAPS, ids=lambda fun: fun.__name__)
def test_tangent_is_that_of_central_differences(fun: Any) -> None:
    x, dx = X.copy(), DX.copy()
    out, tangent = jvp(fun, (x,), (dx,))
    assert out == fun(X.copy())
    step = 1e-6
    expected = (fun(X + step * DX) - fun(X - step * DX)) / (2 * step)
    # Central differences are wrong by about step**2 and eps / step.
    np.testing.assert_allclose(tangent, expected, rtol=1e-7, atol=1e-8)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(dx, DX)


def test_complex_numbers() -> None:
    z, dz = X + 2j, DX - 0.5j
    np.testing.assert_allclose(jvp(np.exp, (z,), (dz,))[1], np.exp(z) * dz)
    np.testing.assert_allclose(jvp(np.conj, (z,), (dz,))[1], np.conj(dz))
    np.testing.assert_allclose(jvp(np.imag, (z,), (dz,))[1], dz.imag)
    expected = np.real(np.conj(z) * dz) / np.abs(z)
    np.testing.assert_allclose(jvp(np.abs, (z,), (dz,))[1], expected)


def test_the_precision_is_kept() -> None:
    x, dx = X.astype(np.float32), DX.astype(np.float32)
    out, tangent = jvp(lambda x: np.maximum(x, 0) * np.tanh(x), (x,), (dx,))
    assert out.dtype == tangent.dtype == np.float32

    def turned(x, s):
        x @= s * np.eye(len(x))
        x += s * np.arange(len(x))
        return x

    out, tangent = jvp(turned, (x, 0.5), (dx, 1.0))
    assert out.dtype == tangent.dtype == np.float32


def test_what_is_real_so_far_is_written_as_a_complex_array() -> None:
    def turned(x, c):
        z = x + 0j
        z[1] *= c
        return z

    tangent = jvp(turned, (X, 2j), (DX, 1.0))[1]
    expected = DX + 0j
    expected[1] = 2j * DX[1] + X[1]
    np.testing.assert_allclose(tangent, expected)

    def turned_in_a_loop(x, c, n):
        z, kept = x + 0j, []
        for i in range(n):
            z[i] *= c
            kept.append(x * (1 + 0j))
        kept[0][1] *= c
        return z.T, kept[0].real, kept[0].imag

    tangents = jvp(turned_in_a_loop, (X, 2j, 2), (DX, 1.0, None))[1]
    kept = expected
    first = np.concatenate([2j * DX[:2] + X[:2], DX[2:]])
    for found, wanted in zip(tangents, (first, kept.real, kept.imag), strict=True):
        np.testing.assert_allclose(found, wanted)


# Refusals


@pytest.mark.parametrize(
    ("primal", "tangent", "message"),
    [
        (X, DX[:2], "x is an array of float64 and shape (3,), and the tangent is an array of"),
        (X, DX.astype(np.float32), "the tangent is an array of float32"),
        (X, [1.0, 2.0, 3.0], "the tangent is a list"),
        (X, 1.0, "the tangent is a float"),
        (2.0, "1", "x is a float, and the tangent is a str"),
        ((1.0, 2.0), (1.0,), "x is a tuple of 2, and the tangent is a tuple of 1"),
        ({"a": 1.0}, {"b": 1.0}, "it has no 'a'"),
        ("relu", 1.0, "x is a str"),
    ],
    ids=["shape", "dtype", "list", "number", "text", "length", "keys", "no number"],
)
def test_a_tangent_that_does_not_fit_is_refused(primal: Any, tangent: Any, message: str) -> None:
    with pytest.raises(BadArgument) as caught:
        jvp(lambda x: x, (primal,), (tangent,))
    assert "the tangent of x does not fit: " in str(caught.value)
    assert message in str(caught.value)
    assert "what to do: give" in str(caught.value)


def test_also_where_code_is_there() -> None:
    jvp(scaled, (X,), (DX,))
    with pytest.raises(BadArgument, match="does not fit"):
        jvp(scaled, (X,), (DX[:2],))


def test_a_tangent_inside_an_object_that_does_not_fit_is_refused() -> None:
    with pytest.raises(BadArgument, match="not like its arguments"):
        jvp(lambda m, x: m.score(x), (Model(X), X), (Model(DX[:2]), DX))


def test_numbers_of_arguments_and_tangents_must_agree() -> None:
    with pytest.raises(BadArgument, match="is given 1 arguments and 2 tangents"):
        jvp(scaled, (X,), (DX, 1.0))
    with pytest.raises(BadArgument, match="the primals of scaled are ndarray, and no tuple"):
        jvp(scaled, X, DX)


def test_what_has_no_rule_is_refused_with_its_place() -> None:
    def polynomial(x: Any) -> Any:
        return np.sum(np.sort_complex(x))

    with pytest.raises(Unsupported, match=r"np\.sort_complex (.|\n)*\.py:\d+:"):
        jvp(polynomial, (X,), (DX,))


def weighted(x: Any, y: Any, k: Any = 3.0, *, scale: Any = 2.0) -> Any:
    return x * y * k * scale


PATTERNS = [
    ((2.0, 5.0), (1.0, None)),
    ((2.0, 5.0), (None, 1.0)),
    ((2.0, 5.0), (1.0, 0.5)),
    ((2.0, 5.0), (None, None)),
    ((2.0, 5.0, 7.0), (1.0, None, 0.25)),
    ((2.0, 5.0, 7.0), (None, None, 0.25)),
    ((2, 5.0), (1, 2)),
    ((np.float64(2.0), 5.0), (1.0, None)),
    ([2.0, 5.0], [None, 1.0]),
]


def test_which_arguments_have_a_tangent_may_change_from_call_to_call() -> None:
    tangent = jvp(weighted)
    for primals, tangents in (*PATTERNS, *PATTERNS[::-1], *PATTERNS[::2], *PATTERNS[1::2]):
        x, y, k = (*primals, 3.0)[:3]
        dx, dy, dk = (0.0 if t is None else t for t in (*tangents, None)[:3])
        expected = 2.0 * (dx * y * k + x * dy * k + x * y * dk)
        for found in (tangent(primals, tangents), jvp(weighted, primals, tangents)):
            assert found == (x * y * k * 2.0, expected)


def test_a_method_bound_or_not_has_one_code() -> None:
    model = Model(X)
    for _ in range(2):
        assert jvp(model.score, (X,), (DX,))[1] == np.sum(X * DX)
        assert jvp(Model.score, (model, X), (None, DX))[1] == np.sum(X * DX)
        assert jvp(Model.score, (model, X), (Model(DX), None))[1] == np.sum(X * DX)


@pytest.mark.parametrize(
    ("primals", "tangents"),
    [
        ((X,), (DX[:2],)),
        ((X,), (DX.astype(np.float32),)),
        ((X,), (list(DX),)),
        ((X,), (DX, 1.0)),
        ((X, 2.0), (DX,)),
        ((X, 2.0), (DX, "1")),
        (X, DX),
        ((X,), DX),
    ],
)
def test_tangents_that_do_not_fit_are_refused_at_each_call(primals: Any, tangents: Any) -> None:
    for _ in range(2):
        with pytest.raises(BadArgument):
            jvp(scaled, primals, tangents)
        jvp(scaled, (X,), (DX,))
        jvp(scaled, (X, 2.0), (DX, None))


def test_objects_that_hold_each_other() -> None:
    class Node:
        def __init__(self, w: Any) -> None:
            self.w, self.itself = w, self

    def f(node: Any, x: Any) -> Any:
        return node.itself.w * x

    assert jvp(f, (Node(2.0), 3.0), (Node(5.0), 1.0)) == (6.0, 17.0)


def test_parameters_may_have_any_name() -> None:
    def named(_0: Any, _held_x: Any, x: Any, _1: Any) -> Any:
        return _0 * _held_x * x * _1

    for _ in range(2):
        assert jvp(named, (2.0, 3.0, 5.0, 7.0), (None, 1.0, None, None)) == (210.0, 70.0)
        assert jvp(named, (2.0, 3.0, 5.0, 7.0), (None, 1.0, None, 1.0)) == (210.0, 100.0)

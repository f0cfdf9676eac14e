"""`vjp`: any structure of inputs and outputs, and a pullback that may be called again."""

from __future__ import annotations

import copy
from collections import namedtuple
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from adjoint import BadArgument, ZeroGradientWarning, grad, jvp, vjp
from tests.oracle import float_argnums, leaves, map_leaves
from tests.programs import REFUSED, Program, corpus
from tests.sampling import is_taken

#: Programs that take arrays in a list back to what they were.
LISTED = frozenset(
    {
        "lists_of_arrays-rows_updated_in_loops",
        "writes_pools-best_so_far_changed_by_later_trips",
        "writes_pools-three_levels_rotated_by_condition",
        "writes_rebinding-states_kept_in_a_list",
    }
)
#: All arguments are differentiated here, which a ``try`` in a loop may not take.
TAKEN = [o for o in corpus() if o.name not in REFUSED and not o.name.startswith("attempts")]
SAMPLE = [o for o in TAKEN if o.name in LISTED or is_taken(o.name, 36)]
Pair = namedtuple("Pair", "a b")
RNG = np.random.default_rng(0)


def assert_same(found: Any, expected: Any) -> None:
    for (path, a), (other, b) in zip(leaves(found), leaves(expected), strict=True):
        assert path == other
        if a is None or b is None:
            assert a is b
            continue
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.filterwarnings("ignore::adjoint.ZeroGradientWarning")
@pytest.mark.parametrize("one", SAMPLE, ids=lambda one: one.name)
def test_pullback_is_the_gradient_again_and_again(one: Program) -> None:
    asked = one.argnums or float_argnums(one.args)
    gradient = grad(one.fun, asked)(*copy.deepcopy(one.args))
    out, pullback = vjp(one.fun, *copy.deepcopy(one.args))
    first, _, again = pullback(np.ones_like(out)), pullback(out), pullback(np.ones_like(out))
    assert len(first) == len(one.args)
    assert_same(tuple(first[k] for k in asked), gradient)
    assert_same(tuple(again[k] for k in asked), gradient)


def test_structures_in_and_out() -> None:
    def f(p: Any, x: Any) -> Any:
        h = p["w"] * x
        return {"h": h, "rest": [Pair(np.sum(h**2), 3), (x, "name")]}

    p, x = {"w": np.array([2.0, 3.0])}, np.array([5.0, 7.0])
    out, pullback = vjp(f, p, x)
    assert isinstance(out["rest"][0], Pair)
    zero = {"h": np.zeros(2), "rest": [Pair(0.0, None), (np.zeros(2), None)]}
    d_p, d_x = pullback({**zero, "rest": [Pair(0.5, None), (np.array([1.0, 0.0]), None)]})
    np.testing.assert_allclose(d_p["w"], p["w"] * x**2)
    np.testing.assert_allclose(d_x, p["w"] ** 2 * x + [1.0, 0.0])


def test_what_is_handed_out_is_the_callers_own() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x)
        return y, x

    x = RNG.normal(size=3)
    (y, same), pullback = vjp(f, x)
    expected = np.exp(x) + 1
    y[:] = same[:] = 0.0
    weights = np.ones(3)
    (first,) = pullback((weights, weights))
    np.testing.assert_allclose(first, expected)
    first[:] = 0.0
    (second,) = pullback((weights, weights))
    np.testing.assert_allclose(second, expected)
    np.testing.assert_array_equal(weights, 1.0)


def test_one_cotangent_is_not_handed_back_as_two_gradients() -> None:
    _, pullback = vjp(lambda x, y: x + y, np.ones(2), np.ones(2))
    given = np.ones(2)
    d_x, d_y = pullback(given)
    assert not np.shares_memory(d_x, d_y)
    assert not np.shares_memory(d_x, given)


def test_writes_are_undone_for_every_call() -> None:
    def f(u: Any, n: int) -> Any:
        for _ in range(n):
            u[1:] *= u[:-1]
        return u

    u, w = RNG.normal(size=4), RNG.normal(size=4)
    kept = u.copy()
    out, pullback = vjp(f, u, 3)
    (first, none), (second, _) = pullback(w), pullback(w)
    assert none is None
    np.testing.assert_array_equal(u, kept)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, grad(lambda u: np.sum(w * f(u, 3)))(u))
    out[:] = 0.0
    np.testing.assert_array_equal(pullback(w)[0], first)


def test_a_list_that_grows_is_returned_and_pulled_back_twice() -> None:
    def f(x: float, n: int) -> Any:
        xs = []
        for i in range(n):
            x = np.sin(x) * (i + 1)
            xs.append(x)
        return xs

    out, pullback = vjp(f, 0.7, 20)
    weights = [0.5] * 20
    first = pullback(weights)[0]
    assert weights == [0.5] * 20
    assert pullback(weights)[0] == first
    np.testing.assert_allclose(first, grad(lambda x: 0.5 * sum(f(x, 20)))(0.7))
    out.clear()
    assert pullback(weights)[0] == first


def test_effects_happen_once(capsys: pytest.CaptureFixture[str]) -> None:
    def f(x: Any) -> Any:
        print("once")
        return x * x

    _, pullback = vjp(f, 3.0)
    pullback(1.0)
    assert pullback(1.0) == (6.0,)
    assert capsys.readouterr().out == "once\n"


class Model:
    def __init__(self, w: Any) -> None:
        self.w = w

    def __call__(self, x: Any) -> Any:
        return self.w * x

    def forward(self, x: Any) -> Any:
        return self.w * x


def test_methods_objects_keywords_and_aux() -> None:
    model = Model(np.array([2.0, 3.0]))
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(vjp(model, x)[1](np.ones(2))[0], model.w)
    np.testing.assert_allclose(vjp(model.forward, x)[1](np.ones(2))[0], model.w)
    d_model, _ = vjp(lambda m, x: m(x), model, x)[1](np.ones(2))
    np.testing.assert_allclose(d_model.w, x)
    out, pullback, aux = vjp(lambda x, k=1: (x**k, {"k": k}), 3.0, k=2, has_aux=True)
    assert (out, pullback(1.0), aux) == (9.0, (6.0,), {"k": 2})


@dataclass(frozen=True)
class Scaled:
    """Two of them are equal if they have one name, whatever they hold."""

    name: str
    w: Any = field(compare=False)

    def __call__(self, x: Any) -> Any:
        return self.w * x


@dataclass
class NotHashable:
    w: Any

    def __call__(self, x: Any) -> Any:
        return self.w * x


@pytest.mark.parametrize("make", [lambda w: Scaled("a", w), NotHashable])
def test_objects_that_are_equal_or_not_hashable_are_told_apart(make: Any) -> None:
    for w in (2.0, 3.0):
        out, pullback = vjp(make(w), 5.0)
        assert (out, pullback(1.0)) == (5.0 * w, (w,))


def test_dtypes_are_those_of_the_arguments() -> None:
    out, pullback = vjp(lambda x, y: x * y, np.ones(2, np.float32), 2.0)
    d_x, d_y = pullback(np.array([1, 2]))
    assert (out.dtype, d_x.dtype, type(d_y)) == (np.float32, np.float32, float)


def test_results_lie_in_memory_as_those_of_the_function() -> None:
    def scaled(x):
        x *= x
        return x, x.T, np.cos(x)

    by_columns = np.asfortranarray(np.ones((2, 3)))
    for ours, own in zip(vjp(scaled, by_columns)[0], scaled(by_columns.copy("K")), strict=True):
        assert ours.strides == own.strides


@pytest.mark.parametrize(
    ("cotangent", "message"),
    [
        (np.ones(3), r"the cotangent of f is an array of float64 of shape \(3,\), and must be a"),
        ((np.ones(3), 1.0), r"\[0\] of f is an array of float64 of shape \(3,\), and must be an a"),
        ((np.ones(2), np.ones(2)), r"\[1\] of f is an array of float64 of shape \(2,\), and must"),
        ((np.ones(2), 1j), r"\[1\] of f is a complex, and must be a real number"),
        ((np.ones(2), None), r"\[1\] of f is a NoneType, and must be a real number"),
        ([np.ones(2), 1.0], r"the cotangent of f is a list of 2, and must be a tuple of 2"),
    ],
)
def test_a_cotangent_of_another_structure_is_refused(cotangent: Any, message: str) -> None:
    def f(x: Any) -> Any:
        return x, float(np.sum(x))

    _, pullback = vjp(f, np.ones(2))
    with pytest.raises(BadArgument, match=message):
        pullback(cotangent)


def test_nothing_that_depends_on_the_arguments_is_said() -> None:
    with pytest.warns(ZeroGradientWarning, match="does not depend on its arguments"):
        _, pullback = vjp(lambda x: np.floor(x), 3.5)
    assert pullback(1.0) == (0.0,)


@pytest.mark.parametrize(
    "several",
    [
        lambda x, y: np.meshgrid(x, y),
        lambda x, y: (np.sum(x), np.split(np.outer(x, y), 2)),
        lambda x, y: {"a": np.broadcast_arrays(x[:, None], y), "b": np.unstack(np.outer(x, y))},
        lambda x, y: [np.linalg.qr(np.outer(x, y) + np.eye(4, 3)), np.gradient(np.outer(x, y))],
    ],
)
def test_results_that_hold_what_one_function_returns(several):
    rng = np.random.default_rng(0)
    args = rng.normal(size=4), rng.normal(size=3)
    along = rng.normal(size=4), rng.normal(size=3)
    out, pullback = vjp(several, *args)
    _, tangent = jvp(several, args, along)
    cotangent = map_leaves(lambda a: rng.normal(size=np.shape(a)), out)
    found = sum(np.sum(d * t) for d, t in zip(pullback(cotangent), along, strict=True))
    pairs = zip(leaves(cotangent), leaves(tangent), strict=True)
    assert found == pytest.approx(sum(np.sum(d * t) for (_, d), (_, t) in pairs), rel=1e-9)

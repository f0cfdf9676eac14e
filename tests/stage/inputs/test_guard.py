"""The text of the guard, and what it lets through."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest

from adjoint import grad
from adjoint.stage.inputs.guard import guard_source, looks, make_guards


def body(conditions: list[str], *parameters: str) -> str:
    """The lines inside ``try``."""
    lines = guard_source(parameters, looks(conditions, set(parameters))).splitlines()
    end = lines.index(next(line for line in lines if line.startswith("        except")))
    return textwrap.dedent("\n".join(lines[3:end]))


def test_parts_of_arguments_are_read_once():
    conditions = ["type(m.w) is nd", "m.w.dtype is f8", "m.w.ndim == 2", "m.w.shape[1] == 1"]
    assert body(conditions, "m") == textwrap.dedent("""\
        _0 = m.w
        if not (type(_0) is nd and _0.dtype is f8): break
        _1, _2 = _0.shape
        if not (_2 == 1): break""")


def test_a_rank_alone_needs_no_shape():
    assert body(["x.ndim == 2"], "x") == "if not (x.ndim == 2): break"


def test_lengths_in_arithmetic_and_of_items():
    conditions = ["x['a b'].ndim == 1", "2 * x['a b'].shape[0] + 1 == n"]
    assert body(conditions, "x", "n") == textwrap.dedent("""\
        _0 = x['a b']
        _1, = _0.shape
        if not (2 * _1 + 1 == n): break""")


def test_a_length_of_unknown_rank_is_looked_up():
    assert body(["x.shape[1] == 3"], "x") == "if not (x.shape[1] == 3): break"


def test_names_of_arguments_are_not_taken():
    conditions = ["_0.ndim == 1", "_0.shape[0] == 3"]
    assert body(conditions, "_0") == "_1, = _0.shape\nif not (_1 == 3): break"


@pytest.mark.parametrize(
    "other", [np.ones((3, 1)), np.float64(1.0), np.ones(4), [1.0, 2.0, 3.0], None]
)
def test_what_does_not_fit(other: Any):
    conditions = ["x.ndim == 1", "x.shape[0] == 3"]
    fits, enter = make_guards(["x"], conditions, {}, {}, np.sum, {}, repr)
    assert fits(np.ones(3))
    assert enter(np.ones(3)) == 3.0
    assert not fits(other)
    assert enter(other) == repr(other)


def test_what_is_raised_after_the_guard_goes_through():
    def fails(*_):
        raise ValueError("from within")

    conditions = ["x.ndim == 1"]
    for otherwise, x in [(repr, np.ones(3)), (fails, 3.0)]:
        enter = make_guards(["x"], conditions, {}, {}, fails, {}, otherwise)[1]
        with pytest.raises(ValueError, match="from within") as caught:
            enter(x)
        assert caught.value.__context__ is None


def moment(x, /, order=2, *, scale=1.0):
    return scale * np.sum(x**order)


def power(x, /, order=2):
    return np.sum(x**order)


@pytest.mark.parametrize("fun", [moment, power])
def test_arguments_are_bound_as_the_function_binds_them(fun):
    gradient = grad(fun)
    x = np.array([3.0])
    for _ in range(3):
        assert gradient(x) == 6.0
        assert gradient(x, order=3) == 27.0
        assert gradient(x, 3) == 27.0
        for args, named in [((), {}), ((), {"x": x}), ((x, 2, 3), {}), ((x,), {"other": 1})]:
            with pytest.raises(TypeError):
                gradient(*args, **named)


def weighted(_0, x):
    return np.sum(_0 * x[0]) + np.sum(x[1])


def test_arguments_of_such_names_reach_the_function():
    gradient = grad(weighted)
    for _ in range(2):
        found = gradient(np.array([1.0, 2.0]), [np.array([3.0, 4.0]), np.ones(3)])
        np.testing.assert_array_equal(found, [3.0, 4.0])


class Scale:
    def __init__(self, by):
        self.by = by

    def loss(self, x):
        return self.by * np.sum(x)


def test_bound_methods_are_entered_with_their_object():
    gradients = [grad(Scale(by).loss, argnums=0) for by in (2.0, 3.0)]
    for _ in range(3):
        assert [gradient(np.ones(1))[0] for gradient in gradients] == [2.0, 3.0]
        assert gradients[0](x=np.ones(1))[0] == 2.0

"""Ways in which writes into arrays go silently wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import check_grads, grad, jvp, no_grad, value_and_grad, vjp
from adjoint.errors import BadArgument, Unsupported
from tests.oracle import assert_gradient
from tests.sources import module_from

V = np.array([0.4, -0.8, 1.5])
W = np.array([1.3, -0.7, 2.1])
M = np.array([[0.4, -0.8, 1.5], [0.9, 0.3, -1.1]])


class Box:
    def __init__(self, h: Any) -> None:
        self.h = h


def test_the_arrays_of_the_caller_are_left() -> None:
    def f(x: Any, box: Any) -> Any:
        x[1:] *= box.h[:-1]
        box.h += x
        return np.sum(W * box.h)

    x, box = V.copy(), Box(W.copy())
    d_x, d_box = grad(f, argnums=(0, 1))(x, box)
    np.testing.assert_array_equal(x, V)
    np.testing.assert_array_equal(box.h, W)
    assert d_x.flags.owndata and d_box.h.flags.owndata


def test_an_argument_that_shares_memory_with_another_is_refused_at_every_call() -> None:
    def f(a: Any, b: Any) -> Any:
        a[0] = b[1] * 2
        return np.sum(W * a * b)

    gradient = grad(f)
    gradient(V, W)
    for other in (V, V[::-1], V[:]):
        with pytest.raises(BadArgument, match="a is written, and shares memory with b"):
            gradient(V, other)
    gradient(V, W)
    six = np.arange(6.0)
    gradient(six[::2], six[1::2])  # side by side, and yet apart


def test_an_argument_that_shares_memory_with_a_global_is_refused() -> None:
    def f(a: Any) -> Any:
        a[0] = W[1]
        return np.sum(W * a)

    with pytest.raises(BadArgument, match="a is written, and shares memory with W"):
        grad(f)(W)


def test_of_a_repeated_index_the_last_write_counts() -> None:
    def f(x: Any, e: Any) -> Any:
        x[np.array([0, 2, 0])] = e
        x[[1, 1]] += e[:2]
        return np.sum(W * x * x)

    assert_gradient(f, V, W)


def test_a_view_sees_what_is_written_later_and_a_copy_does_not() -> None:
    def f(a: Any) -> Any:
        row, copied, picked = a[0], a[0].copy(), a[[0]]
        a[0, 1] = a[1, 1] ** 2
        row *= 2.0
        return np.sum(W * row * copied) + np.sum(W * picked)

    assert_gradient(f, M)


def test_an_overlap_of_chained_targets_counts_once() -> None:
    def f(c: Any, e: Any) -> Any:
        c[0:, 0] = c[0, 0:2] = e
        return np.sum(c * np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))

    assert_gradient(f, M, V[:2].copy())


def test_what_may_be_a_view_or_a_copy_is_not_read_after_a_write() -> None:
    def f(a: Any, b: Any) -> Any:
        table, total = a * b, 0.0
        for k in range(2):
            part = table[k:, k:].reshape(-1)
            table[k, k] = 3.0
            total += np.sum(part)
        return total

    with pytest.raises(Unsupported, match="view or a copy"):
        grad(f)(M, M + 1)


def test_dtype_of_a_buffer_is_kept() -> None:
    def f(x: Any) -> Any:
        y = np.zeros(3, dtype=np.float32)
        y[:] = x
        y *= np.float64(1.5)
        return np.sum(W * y)

    value, d_x = value_and_grad(f)(V)
    assert d_x.dtype == np.float64
    np.testing.assert_allclose(d_x, 1.5 * W, rtol=1e-6)
    assert value == f(V)


def test_parameters_named_as_a_guard_might_name_its_own() -> None:
    def f(s0: Any, x: Any) -> Any:
        return np.sum(s0 * x**2)

    gradient = grad(f, (0, 1))
    for _ in range(3):
        d_s0, d_x = gradient(2.0, np.array([3.0]))
        assert d_s0 == 9.0 and d_x.tolist() == [12.0]


def test_rows_of_a_diagonal_of_a_matrix_that_is_not_square() -> None:
    def f(a: Any) -> Any:
        return np.sum(W[:2] * np.tanh(np.diag(a))) + np.sum(W[:2] * np.diag(a.T) ** 2)

    assert_gradient(f, M)
    assert_gradient(f, M.T.copy())


def test_merged_dicts_keep_their_gradients() -> None:
    def f(x: Any) -> Any:
        d = {"c": x[0]}
        e = d | {"c": x[1], "b": x[2]}
        d |= {"b": x[2] * x[1]}
        return e["c"] * d["c"] + d["b"] * e["b"]

    assert_gradient(f, V)


def test_arms_that_are_kept_apart_go_on_to_the_end_of_the_function() -> None:
    def f(x: Any, y: Any) -> Any:
        if x[0] > 0:
            if y[0] > 0:
                x = y
            x[1] = 3.0 * x[0]
        y[2] *= x[1]
        return np.sum(W * x * y)

    assert_gradient(f, V, W.copy())
    assert_gradient(f, V, -W)
    assert_gradient(f, -V, W.copy())


V5 = np.array([0.4, -0.8, 1.5, 0.9, -1.2])


@pytest.mark.parametrize("k", [-2, -1, 0, 1])
def test_positions_that_may_be_negative(k: int) -> None:
    def f(x: Any, k: int) -> Any:
        for i in range(k, 3):
            x[i] = x[k] * x[i] + x[i - 1] ** 2
            x[k + 1] *= x[i + 1]
        return np.sum(np.arange(1.0, 6.0) * x * x)

    assert_gradient(f, V5, k, argnums=(0,))


@pytest.mark.parametrize("step", [1, 2, -1, -2])
def test_parts_that_meet_in_some_trips_only(step: int) -> None:
    def f(x: Any, y: Any) -> Any:
        for i in range(4)[::step]:
            y[i] = x[i] * y[4 - i]
            x[1:i] += y[i:4][: i - 1] ** 2 if i > 1 else 0.0
            y[: i + 1] *= x[i : 2 * i + 1][: i + 1].sum()
        return np.sum(np.arange(1.0, 6.0) * x * y)

    assert_gradient(f, V5, V5[::-1].copy() + 0.3)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_triangles(n: int) -> None:
    def f(a: Any, b: Any, n: int) -> Any:
        for i in range(n):
            for j in range(i, n):
                a[i, j] = a[j, i] * b[j] + a[i - 1, j]
                b[i] += a[i, j] * a[0, j]
            for j in range(i):
                a[i, j] *= a[j, i]
        return np.sum(a * np.arange(25.0).reshape(5, 5)) + np.sum(b * b)

    a = np.random.default_rng(0).normal(size=(5, 5))
    assert_gradient(f, a, V5, n, argnums=(0, 1))


def test_what_is_written_under_no_grad_is_constant_and_the_rest_is_not() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            x[0] = 3.0 * x[1]
        return np.sum(x * x)

    np.testing.assert_array_equal(grad(f)(V), [0.0, 2 * V[1], 2 * V[2]])


def test_a_right_side_that_writes_into_the_left_is_refused() -> None:
    def f(x: Any) -> Any:
        def change() -> float:
            x[0] = 5.0
            return 1.0

        x[0] += change()
        return np.sum(x * x)

    with pytest.raises(Unsupported, match="writes into the array on the left"):
        grad(f)(V)


def test_part_that_may_be_a_number_is_not_taken_for_one():
    def f(a, place):
        part = a[place]
        part += 1.0
        return np.sum(a * a)

    with pytest.raises(Unsupported, match="whether this is a part of an array"):
        grad(f)(np.ones(4), object())

    def g(a, n):
        part = a[slice(n)]
        part *= 3.0
        return np.sum(a * a)

    np.testing.assert_allclose(grad(g)(np.array([1.0, 2.0, 3.0]), 2), [18.0, 36.0, 6.0])


def test_a_cotangent_or_tangent_without_axes_is_not_changed() -> None:
    def f(e: Any, v: Any) -> Any:
        e *= v[0]
        e += v[1] * e
        for x in v:
            e = e * x if x > 0.5 else e
        return e

    e, seed = np.array(2.0), np.array(1.5)
    _, pullback = vjp(f, e, V)
    _, tangent = jvp(f, (e, V), (seed, V))
    d_e, d_v = pullback(seed)
    assert (float(e), float(seed)) == (2.0, 1.5)
    np.testing.assert_allclose(tangent, d_e + V @ d_v / 1.5)


def test_a_write_into_an_array_without_axes_keeps_it_an_array() -> None:
    def f(v: Any) -> Any:
        e = np.zeros(())
        e += v[0] * v[1]
        e += e
        return e

    value, _ = value_and_grad(f)(V)
    out, tangent = jvp(f, (V,), (W,))
    assert [type(each) for each in (value, out, tangent)] == [np.ndarray] * 3


@pytest.mark.parametrize(
    ("writing", "said"),
    [
        ("z.real = v", "the real part of an array is written that may be real or complex"),
        ("y = z.conj()\n    y[1] *= 3", "which array is written here is known at run time"),
        ("k[1] = c * 4", "a float is written into an array that may be one of whole numbers"),
    ],
)
def test_what_depends_on_a_dtype_that_is_not_known_is_refused(writing: str, said: str) -> None:
    text = f"""\
import numpy as np
def f(v, c):
    z, k = v * 1.0, np.zeros(3, int)
    if c > 0:
        z, k = z * (1 + 1j * c), k + v
    {writing}
    return np.sum(np.abs(z) ** 2) + np.sum(k * v)
"""
    with pytest.raises(Unsupported, match=said):
        grad(module_from(text, writing).f)(V, -0.7)


def test_the_diagonal_by_einsum_is_that_of_a_square_array() -> None:
    def f(a: Any, v: Any) -> Any:
        np.einsum("ii->i", a)[...] = v
        return np.sum(a * a)

    with pytest.raises(ValueError, match="dimension"):
        f(M.copy(), V[:2])
    with pytest.raises(ValueError, match="dimension"):
        grad(f)(M, V[:2])


@pytest.mark.parametrize(
    "exchange",
    ["g[0], g[1] = g[1], g[1]", "i = 1\n    g[0], g[i] = g[i], g[0]\n    name[1] += 1.0"],
)
def test_items_that_change_places_are_held_once_and_lose_their_names(exchange: str) -> None:
    text = f"""\
import numpy as np
def f(a, c, n):
    g = []
    for i in range(n):
        g.append(a[i] * 2)
    name = g[1]
    {exchange}
    g[0][0] *= c
    return sum((k + 1) * np.sum(x**2) for k, x in enumerate(g))
"""
    with pytest.raises(Unsupported, match=r"may hold one array twice|were moved or replaced"):
        grad(module_from(text, exchange).f)(M, 0.7, 2)


def test_what_is_added_to_its_own_place_is_an_update() -> None:
    def f(x: Any, c: Any) -> Any:
        for i in range(2):
            x[i + 1] = x[i + 1] + c * x[i]
        return np.sum(W * x)

    assert "x[i + 1] += c * x[i]" in grad(f, argnums=1).specialize(V, 0.7).source
    assert "d_x[i] += d_x[i + 1] * c" in grad(f).specialize(V, 0.7).source


def test_a_sum_that_has_another_dtype_than_its_place_is_assigned() -> None:
    def f(x: Any, c: Any) -> Any:
        k = np.arange(3)
        k[1] = k[1] + c
        k[2] = k[2] + 1
        return np.sum(x * k)

    np.testing.assert_allclose(grad(f)(V, 1.7), [0.0, 2.0, 3.0])


def test_a_float_written_where_all_numbers_may_be_whole_is_refused() -> None:
    """NumPy would cut it off on the path on which nothing was added."""

    def f(x: Any) -> Any:
        total = 0
        for v in x:
            if v > 100:
                total += v
        a = np.array([total, 0])
        a[0] = x[1] * 1.5
        return a[0] * x[2]

    with pytest.raises(Unsupported, match="may be one of whole numbers"):
        grad(f)(np.array([0.5, -2.0, 3.0]))


def into_a_broadcast_row(m):
    table = np.broadcast_to(m[0], (3, 3))
    table[0, 1] += 1.0
    return np.sum(table)


def into_a_diagonal(m):
    m.diagonal()[1:] *= 2
    return np.sum(m)


@pytest.mark.parametrize("fun", [into_a_broadcast_row, into_a_diagonal])
def test_what_numpy_does_not_let_be_written_raises_as_it_does(fun):
    with pytest.raises(ValueError, match="read-only") as caught:
        grad(fun)(M)
    with pytest.raises(ValueError, match="read-only") as expected:
        fun(M.copy())
    assert str(caught.value) == str(expected.value)


def test_array_that_moved_and_is_returned_is_taken_another_way():
    def states(x, k):
        state = x.copy()
        found = [state]
        for _ in range(3):
            following = state.copy()
            following[1:-1] = state[1:-1] + k * (state[2:] - 2 * state[1:-1] + state[:-2])
            state = following
            found.append(state)
        found[1][2] *= 2
        return np.stack(found)[:, 1:3] * x[:2], state**2

    check_grads(states, (np.array([0.3, -0.7, 1.2, 0.9, 0.4]), 0.7), order=1)


@pytest.mark.parametrize("shown", [np.float32, np.int64, np.complex64])
def test_bytes_that_are_read_as_other_numbers_are_refused(shown: Any) -> None:
    def f(a: Any) -> Any:
        return np.sum(np.real(a.view(shown)) * 1.0)

    with pytest.raises(Unsupported, match="reads the bytes"):
        grad(f)(V)


def test_writing_through_the_items_of_nditer_is_refused_with_what_to_write() -> None:
    def f(a: Any) -> Any:
        with np.nditer(a, op_flags=["readwrite"]) as items:
            for item in items:
                item[...] = item * item
        return np.sum(W * a)

    with pytest.raises(Unsupported, match=r"for i in np\.ndindex"):
        grad(f)(V)


def test_arrays_that_a_name_may_be_are_called_arrays() -> None:
    def f(v: Any, w: Any, c: Any, n: Any) -> Any:
        if c > 0:
            w = v
        for k in range(n):
            if c < 2:
                w[k] *= 2
            if np.sum(v) > -1:
                v = v.copy()
        return np.sum(v**2) + np.sum(w)

    with pytest.raises(Unsupported, match="an array and v may be one array here"):
        grad(f)(V, W, 1.0, 2)

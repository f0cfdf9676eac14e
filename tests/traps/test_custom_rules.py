"""How rules of users could be wrong without a word: each must be right, or refused."""

from __future__ import annotations

import pickle
import re
from functools import partial
from typing import Any

import numpy as np
import pytest

from adjoint import custom_jvp, custom_vjp, grad, hessian, jvp, no_grad, vjp
from adjoint.errors import Unsupported

V = np.array([0.4, -0.8, 1.5])
W = np.array([1.2, 0.7, -0.3])
SCALE = 2.0


def refusal(call: Any, *args: Any) -> str:
    """Assert that a call is refused with place and advice; return the message."""
    with pytest.raises(Unsupported) as caught:
        call(*args)
    message = str(caught.value)
    assert re.search(r"test_custom_rules\.py:\d+:\d+ in ", message), message
    assert "^" in message and len(message.partition("what to do: ")[2].split()) > 3, message
    return message


@custom_vjp
def clipped(x):
    return x


clipped.defvjp(lambda x: (x, None), lambda _, g: (np.clip(g, -0.5, 0.5),))


@custom_vjp
def shown(x):
    return x


def _shown_backward(_, g):
    print("adjoint", float(np.sum(g)))
    return (g,)


shown.defvjp(lambda x: (x, None), _shown_backward)


@custom_vjp
def scaled(x):
    return x * SCALE


scaled.defvjp(lambda x: (x * SCALE, x), lambda x, g: (g * SCALE,))


def test_called_as_a_function_it_is_the_function() -> None:
    def square(x):
        return x * x

    assert custom_vjp(square).__call__ is square
    assert custom_vjp(square)(3.0) == 9.0
    assert custom_vjp(square).__name__ == "square"


def test_the_rule_is_what_counts_and_not_the_function() -> None:
    def loss(x):
        return np.sum(clipped(x * 1.0) ** 2)

    found = grad(loss)(V)
    np.testing.assert_array_equal(found, np.clip(2 * V, -0.5, 0.5))
    np.testing.assert_array_equal(grad(clipped)(2.0), 0.5)


def test_a_rule_that_is_given_anew_is_the_one_that_counts() -> None:
    @custom_vjp
    def held(x):
        return x

    held.defvjp(lambda x: (x, None), lambda _, g: (g * 2,))
    gradient = grad(lambda x: held(x) * 3.0)
    assert gradient(1.0) == 6.0
    held.defvjp(lambda x: (x, None), lambda _, g: (g * 5,))
    assert gradient(1.0) == 15.0
    held.nondiff_argnums = (0,)
    with pytest.raises(Unsupported):
        gradient(1.0)


def test_a_rule_whose_code_is_replaced_is_made_anew() -> None:
    def backward(_, g):
        return (g * 2,)

    def other(_, g):
        return (g * 5,)

    held = custom_vjp(lambda x: x)
    held.defvjp(lambda x: (x, None), backward)
    gradient = grad(lambda x: held(x) * 3.0)
    assert gradient(1.0) == 6.0
    backward.__code__ = other.__code__
    assert gradient(1.0) == 15.0


def test_what_a_rule_reads_outside_is_read_at_each_call(monkeypatch: Any) -> None:
    gradient = grad(lambda x: scaled(x) * 3.0)
    assert gradient(1.0) == 6.0
    monkeypatch.setitem(globals(), "SCALE", 10.0)
    assert gradient(1.0) == 30.0


def test_what_a_rule_reads_in_a_closure_is_read_at_each_call() -> None:
    factor = 2.0

    @custom_vjp
    def held(x):
        return x

    held.defvjp(lambda x: (x, None), lambda _, g: (g * factor,))
    gradient = grad(lambda x: held(x) * 1.0)
    assert gradient(1.0) == 2.0
    factor = 7.0
    assert gradient(1.0) == 7.0


def test_a_rule_that_writes_spoils_nothing_of_the_caller() -> None:
    @custom_vjp
    def cube(x):
        return x**3

    def backward(x, g):
        x *= 3 * x
        g *= x
        return (g,)

    cube.defvjp(lambda x: (x**3, x), backward)
    x, cotangent = V.copy(), W.copy()
    out, pull = vjp(cube, x)
    np.testing.assert_allclose(pull(cotangent)[0], 3 * V**2 * W)
    np.testing.assert_allclose(pull(cotangent)[0], 3 * V**2 * W)
    np.testing.assert_array_equal(x, V)
    np.testing.assert_array_equal(cotangent, W)
    np.testing.assert_allclose(out, V**3)


def test_a_cotangent_is_whole_where_it_was_a_number() -> None:
    @custom_vjp
    def spread(x):
        return x * np.ones((2, 3))

    spread.defvjp(
        lambda x: (x * np.ones((2, 3)), None),
        lambda _, g: (np.array([g[0, k] + g[1, k] for k in range(3)]) * g.shape[0],),
    )
    np.testing.assert_array_equal(grad(lambda x: np.sum(spread(x)))(V), [4.0, 4.0, 4.0])
    np.testing.assert_array_equal(grad(lambda x: np.mean(spread(x)) * 6)(V), [4.0, 4.0, 4.0])


def test_a_cotangent_that_is_one_is_taken_for_an_array() -> None:
    @custom_vjp
    def total(x):
        return np.sum(x)

    total.defvjp(lambda x: (np.sum(x), x), lambda x, g: (g.reshape(1) * np.ones_like(x),))
    np.testing.assert_array_equal(grad(total)(V), np.ones(3))


def test_float32_stays() -> None:
    single = V.astype(np.float32)
    found = grad(lambda x: np.sum(clipped(x) * single))(single)
    assert found.dtype == np.float32
    wide = custom_vjp(lambda x: x)
    wide.defvjp(lambda x: (x, None), lambda _, g: (g * np.float64(2.0),))
    assert grad(lambda x: np.sum(wide(x) * single))(single).dtype == np.float32


def test_an_argument_without_a_gradient_has_none() -> None:
    @custom_vjp
    def mixed(x, y):
        return x * y

    mixed.defvjp(lambda x, y: (x * y, (x, y)), lambda residuals, g: (g * residuals[1], None))
    found = grad(lambda x, y: np.sum(mixed(x, y) * W + y), argnums=(0, 1))(V, W)
    np.testing.assert_allclose(found[0], W * W)
    np.testing.assert_array_equal(found[1], np.ones(3))


def test_a_hook_prints_once_and_in_order(capsys: Any) -> None:
    def loss(x):
        for _ in range(3):
            x = shown(x) * 2.0
        return x

    assert grad(loss)(1.0) == 8.0
    assert capsys.readouterr().out.split() == ["adjoint", "2.0", "adjoint", "4.0", "adjoint", "8.0"]
    shown(3.0)
    assert capsys.readouterr().out == ""


def test_a_hook_on_a_path_that_is_not_taken_is_not_run(capsys: Any) -> None:
    gradient = grad(lambda x: shown(x) * 2.0 if x > 0 else x * 3.0)
    assert gradient(-1.0) == 3.0
    assert capsys.readouterr().out == ""
    assert gradient(1.0) == 2.0
    assert capsys.readouterr().out == "adjoint 2.0\n"


def test_no_derivative_passes_under_no_grad() -> None:
    def loss(x):
        with no_grad():
            y = clipped(x)
        return np.sum(y * x)

    np.testing.assert_array_equal(grad(loss)(V), V)


def test_a_second_derivative_is_that_of_the_rule() -> None:
    doubled = custom_vjp(lambda x: x**2)
    doubled.defvjp(lambda x: (x**2, x), lambda x, g: (4 * x * g,))  # twice what it should be

    def loss(x):
        return np.sum(doubled(x) * W)

    np.testing.assert_allclose(grad(loss)(V), 4 * V * W)
    np.testing.assert_allclose(hessian(loss)(V), np.diag(4 * W))


def test_a_derivative_inside_by_something_else_leaves_the_rule() -> None:
    def loss(x):
        inner = grad(lambda y: y**2 * np.sum(clipped(x)))
        return inner(3.0)

    np.testing.assert_array_equal(grad(loss)(V), np.full(3, 0.5))


def test_what_is_read_past_the_arguments_is_refused() -> None:
    def loss(x):
        hidden = x * 2.0

        @custom_vjp
        def product(y):
            return y * hidden

        product.defvjp(lambda y: (y * hidden, None), lambda _, g: (g * hidden,))
        return np.sum(product(x))

    assert "product has a rule of its own, and hidden" in refusal(grad(loss), V)


def test_an_argument_that_is_not_differentiated_must_not_depend() -> None:
    @partial(custom_vjp, nondiff_argnums=(1,))
    def product(x, y):
        return x * y

    product.defvjp(lambda x, y: (x * y, None), lambda y, _, g: (g * y,))
    np.testing.assert_array_equal(grad(lambda x: np.sum(product(x, W)))(V), W)
    refusal(grad(lambda x: np.sum(product(x, x))), V)


def test_forward_mode_follows_where_a_rule_is_linear() -> None:
    def loss(x):
        return scaled(x) * x

    assert jvp(loss, (3.0,), (0.5,)) == (18.0, 6.0)
    message = refusal(lambda x: jvp(lambda x: clipped(x) * x, (x,), (1.0,)), 3.0)
    assert "bwd of clipped is not seen to be linear" in message


@pytest.mark.parametrize(
    "backward",
    [
        lambda _, g: (np.sign(g),),
        lambda _, g: (g + 1.0,),
        lambda x, g: (x,),
        lambda x, g: (g * g,),
        lambda x, g: (g if np.sum(g) > 0 else g * 2,),
        lambda x, g: (g / np.linalg.norm(g),),
        lambda x, g: (np.concatenate([g[:1], np.ones(2)]),),
        lambda x, g: (np.where(g > 0, g, 0.0),),
        lambda x, g: (np.full_like(g, 2.0),),
        lambda x, g: (np.round(g, 2),),
    ],
)
def test_forward_mode_of_what_is_not_linear_is_refused(backward: Any) -> None:
    rule = custom_vjp(lambda x: x)
    rule.defvjp(lambda x: (x, x), backward)
    with pytest.raises(Unsupported, match="is not seen to be linear"):
        jvp(lambda x: np.sum(rule(x)), (V,), (W,))


def test_reverse_mode_of_a_tangent_that_is_not_linear_is_refused() -> None:
    rule = custom_jvp(lambda x: x)
    rule.defjvp(lambda primals, tangents: (primals[0], np.abs(tangents[0])))
    assert jvp(rule, (1.0,), (-2.0,)) == (1.0, 2.0)
    message = refusal(grad(rule), 1.0)
    assert "jvp of <lambda> is not seen to be linear, and reverse mode" in message


# -- mistakes ----------------------------------------------------------------------------------


def test_a_function_without_its_rule() -> None:
    message = refusal(grad(lambda x: custom_vjp(np.sin)(x)), 1.0)
    assert "sin is a custom_vjp, and has no rule yet" in message
    assert "sin.defvjp(…)" in message
    assert "sin.defjvp(…)" in refusal(grad(lambda x: custom_jvp(np.sin)(x)), 1.0)


WRONG = {
    "returns 2 gradients, and is to return a tuple with a gradient for each of 1 arguments": (
        lambda x: (x, x),
        lambda x, g: (g, g),
    ),
    "bwd of <lambda> returns a value known at run time only, and is to": (
        lambda x: (x, x),
        lambda x, g: g,
    ),
    "the gradient of argument 0 in bwd of <lambda> has no axes, and the argument has the shape": (
        lambda x: (x, x),
        lambda x, g: (np.sum(g),),
    ),
    "has the shape (2, x.shape[0])": (lambda x: (x, x), lambda x, g: (np.stack([g, g]),)),
    "fwd of <lambda> returns a value known at run time only, where": (
        lambda x: x,
        lambda x, g: (g,),
    ),
    "bwd of <lambda> raises TypeError": (lambda x: (x, x), lambda g: (g,)),
    "bwd of <lambda> always raises": (lambda x: (x, x), None),
    "fwd of <lambda> raises TypeError": (lambda x, y: (x, x), lambda x, g: (g,)),
    "is a tuple, and not a number or array": (lambda x: (x, x), lambda x, g: ((g, g),)),
}


def _raises(x, g):
    raise ValueError("no")


@pytest.mark.parametrize("text", WRONG)
def test_a_rule_that_is_wrong(text: str) -> None:
    forward, backward = WRONG[text]
    rule = custom_vjp(lambda x: x)
    rule.defvjp(forward, backward or _raises)
    message = refusal(grad(lambda x: np.sum(rule(x))), V)
    assert text in message, message


def test_a_rule_that_writes_outside_is_refused() -> None:
    @custom_vjp
    def filled(x):
        x[0] = 1.0
        return x * 2

    def forward(x):
        x[0] = 1.0
        return x * 2, None

    filled.defvjp(forward, lambda _, g: (g * 2,))
    message = refusal(grad(lambda x: np.sum(filled(x * 1.0))), V)
    assert "writes into an array that it is given" in message

    def logged(x):
        seen = []

        @custom_vjp
        def hook(y):
            return y

        def backward(_, g):
            seen.append(g)
            return (g,)

        hook.defvjp(lambda y: (y, None), backward)
        return np.sum(hook(x) * W)

    assert "bwd of hook writes into what is outside of it" in refusal(grad(logged), V)


def test_a_result_that_may_be_what_is_written_later_is_not_read_after_that() -> None:
    def loss(x):
        x = x * 1.0
        y = clipped(x)
        x[0] = 5.0
        return np.sum(y * x)

    assert "x and y may be one array here" in refusal(grad(loss), V)

    def of_a_part(x):
        x = x * 1.0
        y = clipped(x[1:])
        x[1] = 5.0
        return np.sum(y * x[1:])

    assert "x and y may be one array here" in refusal(grad(of_a_part), V)


def test_one_array_that_is_returned_twice_is_not_written() -> None:
    @custom_vjp
    def doubled(x):
        y = x * 2
        return y, y

    def forward(x):
        y = x * 2
        return (y, y), None

    doubled.defvjp(forward, lambda _, g: (2 * g[0] + 2 * g[1],))

    def loss(x):
        a, b = doubled(x)
        a[0] = 7.0
        return np.sum(a * b)

    assert "what doubled returns is written" in refusal(grad(loss), V)


def test_a_result_that_may_be_the_argument_is_not_written() -> None:
    def loss(x):
        y = clipped(x)
        y[0] = 2.0
        return np.sum(x * y)

    assert "may be what it was given" in refusal(grad(loss), V)


# -- the object --------------------------------------------------------------------------------


def test_pickled_by_name_and_by_parts() -> None:
    assert pickle.loads(pickle.dumps(clipped)) is clipped
    other = custom_vjp(np.sin, nondiff_argnums=())
    other.defvjp(np.cos, np.tan)
    copy = pickle.loads(pickle.dumps(other))
    assert (copy.fun, copy.fwd, copy.bwd) == (np.sin, np.cos, np.tan)
    assert copy(0.5) == np.sin(0.5)


def test_saved_code_needs_numpy_alone(tmp_path: Any) -> None:
    gradient = grad(lambda x: np.sum(clipped(x) ** 2))
    expected = gradient(V)
    gradient.save(tmp_path / "saved.py")
    text = (tmp_path / "saved.py").read_text()
    assert "import numpy as np" in text and "adjoint" not in text
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    made = next(value for name, value in namespace.items() if name.endswith("_grad"))
    np.testing.assert_array_equal(made(V), expected)

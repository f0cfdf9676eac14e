"""What is asked for and how functions are called, in all modes alike."""

from __future__ import annotations

import pickle
from collections import OrderedDict, defaultdict, deque, namedtuple
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from adjoint import (
    BadArgument,
    Unsupported,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    vjp,
)
from tests.modes.test_jacobians import assert_same

X = np.array([0.3, 0.4, 0.5])
P = {"a": 3.0}
Pair = namedtuple("Pair", "u v")


def many(x: Any, *, k: Any = 2.0, p: Any) -> Any:
    return np.sin(x) * k * p["a"], {"aux": k}


def one(x: Any, *, k: Any = 2.0, p: Any) -> Any:
    return np.sum(np.sin(x) * k * p["a"]), {"aux": k}


def test_arguments_by_keyword_only_and_what_is_handed_on() -> None:
    slopes = 6.0 * np.cos(X)
    diagonal = np.diag(slopes)
    for mode in (jacobian, jacfwd):
        found, aux = mode(many, has_aux=True)(X, p=P)
        np.testing.assert_allclose(found, diagonal)
        assert aux == {"aux": 2.0}
        (of_p, of_x), aux = mode(many, ("p", "x"), has_aux=True)(X, k=1.0, p=P)
        np.testing.assert_allclose(of_p["a"], np.sin(X))
        np.testing.assert_allclose(of_x, diagonal / 2)
        assert aux == {"aux": 1.0}
    found, aux = elementwise_grad(many, has_aux=True)(X, p=P)
    np.testing.assert_allclose(found, slopes)
    found, aux = hessian(one, has_aux=True)(X, p=P)
    np.testing.assert_allclose(found, np.diag(-6 * np.sin(X)))
    ((kk, kp), of_p), aux = hessian(one, ("k", "p"), has_aux=True)(X, p=P)
    pk, pp = of_p["a"]
    assert (kk, pp["a"], aux) == (0.0, 0.0, {"aux": 2.0})
    np.testing.assert_allclose([kp["a"], pk], 2 * [np.sum(np.sin(X))])
    (of_k, of_p), aux = grad(one, ("k", "p"), has_aux=True)(X, p=P)
    np.testing.assert_allclose([of_k, of_p["a"]], [3 * np.sum(np.sin(X)), 2 * np.sum(np.sin(X))])
    out, back, aux = vjp(many, X, has_aux=True, p=P)
    np.testing.assert_allclose(back(out)[0], out * slopes)


def test_tangents_of_functions_that_are_called_by_keyword() -> None:
    for k in (1.0, 2.0, 5.0):
        out, tangent, aux = jvp(many, (X,), (X,), has_aux=True, k=k, p=P)
        np.testing.assert_allclose(tangent, 3 * k * np.cos(X) * X)
        np.testing.assert_allclose(out, 3 * k * np.sin(X))
        assert aux == {"aux": k}
    assert jvp(many, (X,), (X,), has_aux=True, p=P)[2] == {"aux": 2.0}  # the default again
    run = jvp(lambda x, k=3.0: x * k)
    assert run((2.0,), (1.0,)) == (6.0, 3.0)
    assert run((2.0,), (1.0,), k=4.0) == (8.0, 4.0)
    assert run((2.0,), (1.0,)) == (6.0, 3.0)
    with pytest.raises(BadArgument, match="returns no pair"):
        jvp(lambda x: x, (1.0,), (1.0,), has_aux=True)


def test_products_with_hessians_by_any_argument() -> None:
    expected = 12 * X * X
    np.testing.assert_allclose(hvp(lambda a, x: np.sum(x**3) * a, 1)(2.0, X, X), expected)
    np.testing.assert_allclose(hvp(lambda a, x: np.sum(x**3) * a, "x")(2.0, X, X), expected)
    np.testing.assert_allclose(hvp(lambda x, a=2.0: np.sum(x**3) * a)(X, X), expected)
    np.testing.assert_allclose(hvp(lambda x, *, k: np.sum(x**3) * k)(X, X, k=2.0), expected)
    found = hvp(lambda p: np.sum(p["a"] ** 3) * p["b"])({"a": X, "b": 2.0}, {"a": X, "b": 1.0})
    np.testing.assert_allclose(found["a"], 12 * X * X + 3 * X**2)
    np.testing.assert_allclose(found["b"], 3 * np.sum(X**3))


def test_products_with_hessians_by_arguments_that_are_given_by_keyword() -> None:
    def f(x: Any, y: float = 2.0) -> Any:
        return np.sum(x**2) * y**3

    assert hvp(f, "y")(X, 2.0, y=3.0) == pytest.approx(36.0 * np.sum(X**2))
    inside = grad(lambda t: hvp(f, "y")(X, 1.0, y=t) * t)
    assert inside(3.0) == pytest.approx(36.0 * np.sum(X**2))
    np.testing.assert_allclose(hvp(f)(X, X, y=3.0), 54.0 * X)
    of_x, of_y = hvp(f, (0, "y"))(X, (X, 2.0), y=3.0)
    np.testing.assert_allclose(of_x, 54.0 * X + 54.0 * 2 * X)
    assert of_y == pytest.approx((54.0 + 36.0) * np.sum(X**2))
    with pytest.raises(Unsupported, match="hvp is given no vector by position"):
        hvp(f)(x=X, y=3.0)
    for vector in (X, (X,), (X, 1.0, 1.0)):
        with pytest.raises(Unsupported, match=r"the vector of hvp is .* and 2 arguments are asked"):
            hvp(f, (0, 1))(X, 3.0, vector)


def test_numbers_of_arguments() -> None:
    def product(a: Any, x: Any) -> Any:
        return a * x

    for mode in (jacobian, jacfwd):
        for asked in (1, -1, "x", np.int64(1)):
            np.testing.assert_allclose(mode(product, asked)(2.0, X), 2 * np.eye(3))
        assert_same(mode(product, [0, 1])(2.0, X), (X, 2 * np.eye(3)))
        np.testing.assert_allclose(mode(argnums=1)(product)(2.0, X), 2 * np.eye(3))
        assert_same(mode(lambda *args: args[0] * args[1], (0, 1))(2.0, X), (X, 2 * np.eye(3)))
        with pytest.raises(BadArgument, match="has no argument 'y'"):
            mode(product, "y")
    second = hessian(lambda *args: np.sum(args[0] * args[1] ** 2), 1)(2.0, X)
    np.testing.assert_allclose(second, 4 * np.eye(3))
    inside = grad(lambda x: np.sum(jacobian(product, np.int64(1))(x[0], x)))
    np.testing.assert_allclose(inside(X), [3.0, 0.0, 0.0])


def test_arguments_of_functions_that_take_any_number() -> None:
    """The number of one counts from the first; from the last, it is not known before the call."""

    def product(*factors: Any) -> Any:
        return factors[0] ** 2 * factors[1]

    def scaled(x: Any, *factors: Any, k: Any = 1.0) -> Any:
        return x * factors[0] * factors[1] * k**2

    for mode in (grad, jacobian, jacfwd, elementwise_grad, hessian):
        with pytest.raises(BadArgument, match=r"argnums is -1, and product takes \*factors"):
            mode(product, -1)
    for mode in (grad, jacobian, jacfwd, elementwise_grad):
        assert mode(product, 1)(2.0, 3.0) == 4.0
        with pytest.raises(Unsupported, match=r"argnums is -1, of a function that takes \*factors"):
            grad(lambda x, mode=mode: mode(product, -1)(x, x))(2.0)
        with pytest.raises(Unsupported, match="with respect to k is asked for, which is not given"):
            grad(lambda x, mode=mode: mode(scaled, "k")(x, x, x))(2.0)
        found = grad(lambda x, mode=mode: mode(scaled, "k")(x, x, x, k=x))(2.0)
        assert found == pytest.approx(64.0)
    assert (
        jacobian(product, "factors")(2.0, 3.0) == (12.0, 4.0) == grad(product, "factors")(2.0, 3.0)
    )


class Model:
    def __init__(self) -> None:
        self.w = X * 2

    def __call__(self, x: Any) -> Any:
        return np.tanh(self.w * x)

    def loss(self, x: Any) -> Any:
        return np.sum(self(x) ** 2)


def test_methods_callables_and_objects() -> None:
    model = Model()
    slopes = model.w * (1 - model(X) ** 2)
    np.testing.assert_allclose(jacobian(model)(X), np.diag(slopes))
    np.testing.assert_allclose(jacobian(model.loss)(X), 2 * model(X) * slopes)
    np.testing.assert_allclose(jacfwd(Model.loss, 1)(model, X), 2 * model(X) * slopes)
    assert hessian(model.loss)(X).shape == (3, 3)
    by_model = jacobian(lambda m, x: m(x))(model, X)
    np.testing.assert_allclose(by_model.w, np.diag(X * (1 - model(X) ** 2)))
    with pytest.raises(BadArgument, match="with respect to a Model is asked for"):  # row by row
        jacobian(lambda m, x: m(x) + 1j)(model, X)


class Decorated:
    def __init__(self, w: Any) -> None:
        self.w = w

    @grad(argnums=1)
    def slope(self, x: Any) -> Any:
        return np.sum(self.w * x**3)

    @hvp(argnums="x")
    def product(self, x: Any) -> Any:
        return np.sum(self.w * x**3)


def test_decorated_methods_are_bound_wherever_they_are_called() -> None:
    held, other = Decorated(X), Decorated(2 * X)
    second = np.diag(6 * X * X)
    np.testing.assert_allclose(jacobian(held.slope)(X), second)
    np.testing.assert_allclose(jvp(held.slope, (X,), (X,))[1], second @ X)
    np.testing.assert_allclose(vjp(other.slope, X)[1](X)[0], 2 * second @ X)
    inside = grad(lambda m, x: np.sum(m.slope(x) * x), (0, 1))(held, X)
    np.testing.assert_allclose(inside[0].w, 3 * X**3)
    np.testing.assert_allclose(inside[1], 9 * X**3)
    np.testing.assert_allclose(grad(lambda x: np.sum(other.product(x, x)))(X), 24 * X**2)


def test_functions_of_libraries_take_what_they_take() -> None:
    wide = np.outer(X, X)
    assert_same(jacobian(np.sum)(wide, 0), jacobian(lambda a: np.sum(a, axis=0))(wide))
    of_x, of_low, of_high = jacfwd(np.clip, (0, 1, 2))(np.array([-1.0, 0.2, 3.0]), 0.0, 1.0)
    assert_same((of_x, of_low, of_high), (np.diag([0.0, 1, 0]), np.eye(3)[0], np.eye(3)[2]))
    assert_same(grad(np.add.reduce)(X), np.ones(3))
    assert_same(hessian(np.linalg.norm)(X), hessian(lambda x: np.sqrt(x @ x))(X))
    with pytest.raises(TypeError, match="too many positional arguments"):
        grad(np.sin)(0.3, 0.4)


def test_named_tuples_and_lists() -> None:
    for mode in (jacobian, jacfwd):
        found = mode(lambda p: Pair(p.u * p.v, [p.v]))(Pair(X, 2.0))
        assert isinstance(found, Pair) and isinstance(found.u, Pair)
        np.testing.assert_allclose(found.u.u, 2 * np.eye(3))
        np.testing.assert_allclose(found.u.v, X)
        assert_same(found.v, [Pair(np.zeros(3), 1.0)])
        _, second = mode(lambda values: values[0] * values[1])([X, X * 2])
        np.testing.assert_allclose(second, np.diag(X))


class Rows(list):
    pass


@pytest.mark.parametrize(
    "held",
    [
        OrderedDict({0: 2.0}),
        defaultdict(float, {0: 2.0}),
        deque([2.0]),
        MappingProxyType({0: 2.0}),
        Rows([2.0]),
    ],
    ids=lambda held: type(held).__name__,
)
def test_containers_that_are_not_taken_apart_have_no_derivative(held: Any) -> None:
    """They are read at each call: what flows into them would be lost."""

    def f(x: Any, p: Any) -> Any:
        return x * p["held"][0]

    p = {"held": held}
    assert grad(f)(3.0, p) == 2.0
    model = Counted(held, 1)
    for call in (
        lambda: grad(f, 1)(3.0, p),
        lambda: vjp(f, 3.0, p),
        lambda: jvp(f, (3.0, p), (1.0, p)),
        lambda: jacobian(f, 1)(3.0, p),
        lambda: hessian(f, 1)(3.0, p),
        lambda: grad(lambda x: x * grad(f, 1)(x, p)["x"])(3.0),
        lambda: grad(lambda m: len(m.w) * 1.0)(model),
    ):
        with pytest.raises((BadArgument, Unsupported), match=r"of class .*, and no plain dict"):
            call()


class Counted:
    def __init__(self, w: Any, n: Any) -> None:
        self.w, self.n = w, n


def test_whole_numbers_in_a_structure_have_no_derivative_in_any_mode() -> None:
    def f(p: Any) -> Any:
        return np.sum(p["a"] ** 2) * p["n"] * p["b"][1][0][0]

    p = {"a": X, "n": 3, "b": [2, (np.array([4, 5]), "name")]}
    whole = {"n": None, "b": [None, (None, None)]}
    for mode in (grad, jacobian, jacfwd, elementwise_grad):
        found = mode(f)(p)
        assert_same(found, {"a": 24 * X, **whole})
        assert found["a"].dtype == np.float64
    second = hessian(f)(p)
    assert_same(second, {"a": {"a": 24 * np.eye(3), **whole}, **whole})
    assert_same(hvp(f)(p, p), {"a": 24 * X, **whole})
    assert_same(jvp(grad(f), (p,), (p,))[1], {"a": 24 * X, **whole})
    assert_same(vjp(grad(f), p)[1]({"a": X, **whole})[0], {"a": 24 * X, **whole})


def test_second_derivatives_by_objects() -> None:
    def f(c: Any, x: Any) -> Any:
        return np.sum(c.w**3 * x) * c.n

    c, v = Counted(X, 2), Counted(X + 1, 0)
    for found in (hvp(f)(c, X, v), vjp(grad(f), c, X)[1](v)[0], jvp(grad(f), (c, X), (v, None))[1]):
        np.testing.assert_allclose(found.w, 12 * X * X * v.w)
        assert found.n is None
    np.testing.assert_allclose(vjp(grad(f), c, X)[1](v)[1], 6 * X**2 * v.w)
    np.testing.assert_allclose(hessian(f)(c, X).w.w, np.diag(12 * X * X))


def halved(x: Any, t: Any) -> Any:
    return x if t < 0.1 else np.sin(halved(x, t * 0.5)) * x


def test_what_cannot_be_one_function_is_done_row_by_row() -> None:
    expected = np.diag([(halved(x + 1e-6, 0.9) - halved(x - 1e-6, 0.9)) / 2e-6 for x in X])
    for mode in (jacobian, jacfwd):
        np.testing.assert_allclose(mode(halved)(X, 0.9), expected, rtol=1e-6, atol=1e-9)


def cubes(x: Any) -> Any:
    return x**3 * x[0]


COMPILED = jacobian(cubes)


def test_they_are_emitted_functions() -> None:
    second = hessian(lambda x: np.sum(x**3))
    second.specialize(X)
    assert second.source.startswith("import numpy as np\n\n\ndef fun_hessian(x):\n")
    assert "x: differentiated" in second.explain()
    assert repr(COMPILED) == "<jacobian of cubes with respect to x>"
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(COMPILED))(X), COMPILED(X))
    again = pickle.loads(pickle.dumps(jacfwd(cubes)))
    np.testing.assert_allclose(again(X), COMPILED(X))
    namespace: dict[str, Any] = {}
    exec(COMPILED.source, namespace)
    np.testing.assert_array_equal(namespace["cubes_jacobian"](X), COMPILED(X))


def test_what_the_function_raises_is_raised() -> None:
    for mode in (jacobian, jacfwd, hessian):
        with pytest.raises(IndexError, match="index 7 is out of bounds"):
            mode(lambda x: x[7])(X)


def test_dtypes_and_no_elements() -> None:
    single = X.astype(np.float32)
    for mode in (jacobian, jacfwd):
        assert mode(lambda x: x * x)(single).dtype == np.float32
        assert mode(np.sin)(np.zeros(0)).shape == (0, 0)
        assert type(mode(lambda t: t**3)(2.0)) is float
    assert hessian(lambda x: np.sum(x**2))(np.zeros((0, 2))).shape == (0, 2, 0, 2)
    assert hessian(lambda x: np.sum(x**3))(single).dtype == np.float32


def test_what_is_drawn_and_printed_happens_once(capsys: pytest.CaptureFixture[str]) -> None:
    def noisy(x: Any) -> Any:
        print("once")
        return x * np.random.default_rng(0).normal(size=3)

    expected = np.diag(np.random.default_rng(0).normal(size=3))
    for mode in (jacobian, jacfwd):
        np.testing.assert_allclose(mode(noisy)(X), expected)
        assert capsys.readouterr().out == "once\n"


def test_objects_that_lead_back_to_themselves_are_refused() -> None:
    class Node:
        def __init__(self, x: Any) -> None:
            self.x, self.near = x, [self]

    def cubes_of(node: Any) -> Any:
        return node.x**3

    ring = Node(2.0)
    ring.near = [Node(3.0)]
    ring.near[0].near = [ring]
    for call in (
        lambda: grad(cubes_of)(ring),
        lambda: vjp(cubes_of, ring),
        lambda: jacobian(cubes_of)(ring),
        lambda: grad(lambda node: grad(cubes_of)(node).x)(ring),
    ):
        with pytest.raises((BadArgument, Unsupported), match=r"near\[0\].near\[0\] is \w+ again"):
            call()

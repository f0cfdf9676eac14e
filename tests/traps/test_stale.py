"""What a function reads is replaced, or changed in place, between two calls of one derivative.

Each case makes a function of an array and something that changes what it reads. The derivative is
called before and after, and must be the one of the function as it is.
"""

from __future__ import annotations

import abc
import functools
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from adjoint import checkpoint, custom_vjp, grad, jacobian, jvp, vjp
from adjoint.errors import BadArgument

Case = tuple[Callable[..., Any], Callable[[], None]]
CASES: list[Callable[[], Case]] = []
POINT = np.array([0.3, 0.7, 1.1])


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    CASES.append(make)
    return make


def differences(fun: Callable[..., Any], x: Any) -> Any:
    steps = 1e-6 * np.eye(len(x))
    return np.array([(fun(x + step) - fun(x - step)) / 2e-6 for step in steps])


@pytest.fixture(autouse=True)
def nothing_is_hidden_after():
    yield
    globals().pop("abs", None)


MODES: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "grad": grad,
    "jacobian": jacobian,
    "vjp": lambda f: lambda x: vjp(f, x)[1](1.0)[0],
    "jvp": lambda f: lambda x: np.array([jvp(f, (x,), (e,))[1] for e in np.eye(len(x))]),
}


# -- defaults and code -----------------------------------------------------------------------------


@case
def default_is_replaced():
    def fun(x, p=2.0):
        return np.sum(x**3) * p

    def change():
        fun.__defaults__ = (5.0,)

    return fun, change


@case
def default_of_another_kind():
    def fun(x, p="a"):
        return np.sum(x**3) if p == "a" else np.sum(x**2)

    def change():
        fun.__defaults__ = ("b",)

    return fun, change


@case
def default_by_keyword_is_replaced():
    def fun(x, *, p=2.0):
        return np.sum(x**3) * p

    def change():
        fun.__kwdefaults__ = {"p": 5.0}

    return fun, change


@case
def default_that_is_an_array_is_written():
    def fun(x, p=np.ones(3)):  # noqa: B008  it is written on purpose
        return np.sum(x**3 * p)

    def change():
        fun.__defaults__[0][:] = 4

    return fun, change


@case
def default_of_a_function_that_is_called():
    def scaled(x, p=2.0, *, how="a"):
        return x * p if how == "a" else x**2 * p

    def fun(x):
        return np.sum(scaled(x) ** 2)

    def change():
        scaled.__defaults__ = (5.0,)
        scaled.__kwdefaults__["how"] = "b"

    return fun, change


@case
def default_of_a_derivative_that_is_called():
    def inner(x, p=2.0):
        return np.sum(x**3) * p

    gradient = grad(inner)

    def fun(x):
        return np.sum(gradient(x) ** 2) + np.sum(grad(inner)(x))

    def change():
        inner.__defaults__ = (4.0,)

    return fun, change


@case
def code_is_replaced():
    def scaled(x):
        return x * 2

    def cubed(x):
        return x**3

    def fun(x):
        return np.sum(scaled(x) ** 2)

    def change():
        scaled.__code__ = cubed.__code__

    return fun, change


@case
def code_of_a_method_and_of_a_class_method():
    class Model:
        def scaled(self, x):
            return x * 2

        @classmethod
        def shifted(cls, x):
            return x + 1

    model = Model()

    def fun(x):
        return np.sum(model.shifted(model.scaled(x)) ** 2)

    def change():
        Model.scaled.__code__ = (lambda self, x: x**3).__code__
        Model.shifted.__func__.__code__ = (lambda cls, x: x - 4).__code__

    return fun, change


@case
def code_of_a_rule_of_the_users():
    @custom_vjp
    def power(x):
        return x**2

    def forward(x):
        return x**2, x

    def backward(x, g):
        return (2 * x * g,)

    power.defvjp(forward, backward)

    def fun(x):
        return np.sum(checkpoint(np.sin)(x)) + np.sum(power(x))

    def change():
        power.fun.__code__ = (lambda x: x**3).__code__
        forward.__code__ = (lambda x: (x**3, x)).__code__
        backward.__code__ = (lambda x, g: (3 * x**2 * g,)).__code__

    return fun, change


# -- classes ---------------------------------------------------------------------------------------


def scaling(factor):
    """A class with two kinds of attributes, and an object of it that a function calls."""

    class Model:
        factor = 2.0
        how = "a"

        def scaled(self, x):
            return x * self.factor if self.how == "a" else x**2

        @staticmethod
        def shifted(x):
            return x + 1

        @property
        def weight(self):
            return 3.0

    model = Model()

    def fun(x):
        return np.sum(model.weight * model.shifted(model.scaled(x)) ** 2)

    return Model, model, fun


@case
def method_is_replaced():
    Model, _, fun = scaling(2.0)

    def change():
        Model.scaled = lambda self, x: x**3

    return fun, change


@case
def property_is_replaced():
    Model, _, fun = scaling(2.0)

    def change():
        Model.weight = property(lambda self: 7.0)

    return fun, change


@case
def object_hides_a_method():
    _, model, fun = scaling(2.0)

    def change():
        model.scaled = lambda x: x**3

    return fun, change


@case
def object_hides_a_static_method():
    _, model, fun = scaling(2.0)

    def change():
        model.shifted = lambda x: x**3

    return fun, change


@case
def object_hides_what_its_class_has():
    _, model, fun = scaling(2.0)

    def change():
        model.how = "b"

    return fun, change


@case
def object_hides_it_no_more():
    _, model, fun = scaling(2.0)
    model.scaled = lambda x: x * 9
    model.factor = 4.0

    def change():
        del model.scaled, model.factor

    return fun, change


@case
def class_is_another():
    _, model, fun = scaling(2.0)

    class Other:
        weight = 5.0

        def scaled(self, x):
            return x * 3

        shifted = staticmethod(np.sin)

    def change():
        model.__class__ = Other

    return fun, change


@case
def base_of_super_changes():
    class Base:
        def scaled(self, x):
            return x * 2

    class Model(Base):
        def scaled(self, x):
            return super().scaled(x) * 3

    model = Model()

    def fun(x):
        return np.sum(model.scaled(x) ** 2)

    def change():
        Base.scaled = lambda self, x: x**2

    return fun, change


@case
def constructor_and_setter_are_replaced():
    class Model:
        def __init__(self, x):
            self.held = 1.0
            self.value = x

        @property
        def value(self):
            return self.held

        @value.setter
        def value(self, x):
            self.held = x * 2

    def fun(x):
        return np.sum(Model(x).value ** 2)

    def change():
        Model.value = property(lambda self: self.held, lambda self, x: setattr(self, "held", x * 5))

    return fun, change


@case
def attribute_that_was_missing():
    class Options:
        pass

    options, module = Options(), types.ModuleType("options")

    def fun(x):
        weight = getattr(options, "weight", 2.0) + (1.0 if hasattr(module, "on") else 0.0)
        return weight * (np.sum(x**2) if hasattr(options, "square") else np.sum(x**3))

    def change():
        options.square = module.on = True
        Options.weight = 7.0

    return fun, change


@case
def special_methods_that_were_missing():
    class Flag:
        pass

    flag, other = Flag(), Flag()

    def fun(x):
        first = np.sum(x**2) if flag else np.sum(x**3)
        return first * (2.0 if flag == other else 3.0)

    def change():
        Flag.__bool__ = lambda self: False
        Flag.__eq__ = lambda self, other: True

    return fun, change


@case
def special_methods_are_replaced():
    class Scale:
        def __mul__(self, x):
            return x * 2

        def __call__(self, x):
            return x + 1

        def __len__(self):
            return 2

        def __getitem__(self, k):
            return 3.0

        def __neg__(self):
            return 4.0

    scale = Scale()

    def fun(x):
        return np.sum((scale * x) ** 2) * len(scale) * scale[0] - np.sum(scale(x) ** 2) * -scale

    def change():
        Scale.__mul__ = lambda self, x: x * 5
        Scale.__call__ = lambda self, x: x**2
        Scale.__len__ = lambda self: 7
        Scale.__getitem__ = lambda self, k: 11.0
        Scale.__neg__ = lambda self: 13.0

    return fun, change


@case
def iterator_and_context_are_replaced():
    class Both:
        def __iter__(self):
            return iter([1.0, 2.0])

        def __enter__(self):
            return 2.0

        def __exit__(self, *args):
            return None

        def __contains__(self, item):
            return True

    both = Both()

    def fun(x):
        total = 0.0
        with both as factor:
            for item in both:
                total = total + factor * item * np.sum(x**2)
        return total if 3 in both else 2 * total

    def change():
        Both.__iter__ = lambda self: iter([3.0, 4.0, 5.0])
        Both.__enter__ = lambda self: 7.0
        Both.__contains__ = lambda self, item: False

    return fun, change


@case
def abstract_class_takes_another_in():
    class Square(abc.ABC):  # noqa: B024  a class of classes
        pass

    class Model:
        pass

    model = Model()

    def fun(x):
        return np.sum(x**2) if isinstance(model, Square) else np.sum(x**3)

    def change():
        Square.register(Model)

    return fun, change


@case
def fields_are_set_after():
    @dataclass
    class Point:
        x: Any
        scale: float = 2.0

        def __post_init__(self):
            self.x = self.x * self.scale

    def fun(x):
        return np.sum(Point(x).x ** 2)

    def change():
        def three_times(self):
            self.x = self.x * 3 * self.scale

        Point.__post_init__ = three_times

    return fun, change


# -- names -----------------------------------------------------------------------------------------


@case
def global_hides_a_builtin():
    def inner(x):
        return max(2.0, len(x))

    def fun(x):
        return np.sum(x**2) * inner(x) * abs(-2.0)

    def change():
        globals()["abs"] = lambda x: 7.0

    return fun, change


@case
def module_is_another():
    first, second = types.ModuleType("first"), types.ModuleType("second")
    first.scaled = lambda x: x * 2
    second.scaled = lambda x: x**3
    module = first

    def fun(x):
        return np.sum(module.scaled(x) ** 2)

    def change():
        nonlocal module
        module = second

    return fun, change


@case
def numpy_is_another():
    xp = np

    def fun(x):
        return xp.sum(x**2)

    def change():
        nonlocal xp
        xp = types.ModuleType("doubled")
        xp.sum = lambda x: np.sum(x) * 2

    return fun, change


@case
def function_with_a_cache_is_another():
    factor = functools.lru_cache(lambda n: n * 2.0)

    def fun(x):
        return np.sum(x**2) * factor(3)

    def change():
        nonlocal factor
        factor = functools.lru_cache(lambda n: n * 5.0)

    return fun, change


@case
def partial_is_changed():
    def power(a, x, *, how="square"):
        return a * x**2 if how == "square" else a * x**3

    held = functools.partial(functools.partial(power, 2.0), how="square")

    def fun(x):
        return np.sum(held(x) ** 2)

    def change():
        held.keywords["how"] = "cube"

    return fun, change


# -- the tests -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
@pytest.mark.sampled(2)
def test_what_is_read_changes(make: Callable[[], Case], mode: str) -> None:
    fun, change = make()
    derivative = MODES[mode](fun)
    for _ in range(2):
        assert np.allclose(derivative(POINT), differences(fun, POINT), atol=1e-5)
    change()
    for _ in range(2):
        assert np.allclose(derivative(POINT), differences(fun, POINT), atol=1e-5)


# -- other parameters ------------------------------------------------------------------------------


def test_other_parameters_are_refused():
    def fun(x, y):
        return np.sum(x**2 * y)

    gradient = grad(fun)
    gradient(POINT, POINT)
    fun.__code__ = (lambda y, x: np.sum(x**2 * y)).__code__
    with pytest.raises(BadArgument, match="fun has other parameters than when its derivative"):
        gradient(POINT, POINT)
    with pytest.raises(BadArgument, match="make the derivative again"):
        grad_of_two = grad(fun)
        fun.__code__ = (lambda x: np.sum(x**2)).__code__
        grad_of_two(POINT, POINT)


def test_default_that_is_gone_is_missed():
    def fun(x, p=2.0):
        return np.sum(x**3) * p

    gradient = grad(fun)
    assert np.allclose(gradient(POINT), 6 * POINT**2)
    fun.__defaults__ = None
    with pytest.raises(TypeError, match="missing a required argument: 'p'"):
        gradient(POINT)
    assert np.allclose(gradient(POINT, 3.0), 9 * POINT**2)

"""Traps of naming: shadowing, merging, closures, modules, and the names of generated code."""

from __future__ import annotations

import builtins
import importlib.util
import math
from pathlib import Path
from types import ModuleType

import numpy
import numpy as np
import numpy as numerical
import pytest
from numpy import exp
from numpy import sin as sinus

from adjoint import grad
from tests.oracle import assert_gradient

V = np.array([0.4, -0.8, 1.5])
scale = 3.0


def module_of(path: Path, name: str, text: str) -> ModuleType:
    """Return a module with this text, written to a file so that its source can be read."""
    file = path / f"{name}.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Names that generated code might want for itself


def test_user_variables_named_like_generated_ones():
    def f(x, d_x, g, ans, d, t):
        d_d_x = x * d_x
        np_1 = d_d_x + g
        x_1 = np_1 * ans
        d_t = x_1 - d * t
        d_x_1 = d_t * d_t
        return d_x_1 * d_d_x + np_1

    assert_gradient(f, 0.3, 0.5, 0.7, 1.1, 1.3, 1.7)


def test_loop_variables_named_like_generated_ones():
    def f(x, n):
        x_stack = x * 2
        x_old = 0.1
        returned = 1.0
        for i in range(n):
            i_1 = i + 1
            x_old = x_stack
            x_stack = x_stack * x + i_1
            returned = returned * x_old
            if x_stack > 50:
                return returned
        return x_stack * x_old

    assert_gradient(f, 0.7, 4)
    assert_gradient(f, 3.7, 9)


def test_arguments_named_like_builtins_and_numpy():
    def f(sum, len, range, reversed, like):
        abs = sum * len
        zip = abs + range
        return zip * reversed - like * abs

    assert_gradient(f, 0.3, 0.5, 0.7, 1.1, 1.3)


def test_arguments_named_like_builtins_beside_a_loop():
    def f(reversed, zip):
        y = reversed
        for k in builtins.range(3):
            y = y * zip + k
        return y

    assert_gradient(f, 0.3, 0.5)


def test_local_variable_named_np():
    def f(x):
        np = x * x
        return numpy.sin(np) * np

    assert_gradient(f, 0.7)


def test_numpy_under_other_names():
    def f(x, exp_of):
        return numerical.sum(sinus(x) * exp(x)) * exp_of + numpy.mean(x)

    assert_gradient(f, V, 0.4)


def test_function_named_like_its_argument():
    def f(f):
        return f * f

    def grad_of(x):
        return f(x) * x

    assert_gradient(f, 0.7)
    assert_gradient(grad_of, 0.7)


def test_function_named_like_the_library():
    def grad(x):
        return x**3

    assert_gradient(grad, 0.7)


def test_imports_inside_a_function():
    def f(x):
        import math as m
        from math import pi

        import numpy as np2

        return np2.sin(x) * m.exp(-x) * pi

    assert_gradient(f, 0.7)


# Shadowing


def test_parameter_shadows_a_global():
    def f(scale):
        return scale * scale

    assert_gradient(f, 0.7)


def test_local_shadows_a_global_used_by_a_helper():
    def helper(x):
        return x * scale

    def f(x):
        scale = x * x
        return helper(x) * scale

    assert_gradient(f, 0.7)


def test_inner_function_shadows_outer_names():
    def f(x, y):
        def inner(y):
            x = y * y
            return x

        return inner(x) * y + x

    assert_gradient(f, 0.7, 0.4)


def test_comprehension_variable_does_not_leak():
    def f(x):
        k = x * 2
        parts = [x * k for k in (1.0, 2.0)]
        return sum(parts) * k

    assert_gradient(f, 0.7)


def test_helpers_share_local_names():
    def first(x):
        t = x * x
        y = t + 1
        return y

    def second(x):
        t = first(x) * x
        y = first(t)
        return y * t

    def f(x):
        t = second(x)
        y = first(t) * second(t * 0.1)
        return y + t

    assert_gradient(f, 0.7)


# Modules

FIRST = """
import numpy as np
SCALE = 2.0
def helper(x):
    return np.sin(x) * SCALE
"""

SECOND = """
from math import exp
SCALE = 5.0
def np(x):
    return exp(x)
def helper(x):
    return np(x) * SCALE * x
"""


def test_functions_and_globals_of_one_name_from_two_modules(tmp_path):
    first, second = module_of(tmp_path, "first", FIRST), module_of(tmp_path, "second", SECOND)

    def f(x):
        return first.helper(x) * second.helper(x) + scale * x

    assert_gradient(f, 0.7)
    one, two = first.helper, second.helper
    assert_gradient(lambda x: one(x) - two(x), 0.7)


def test_same_text_in_two_modules(tmp_path):
    first = module_of(tmp_path, "first", FIRST)
    third = module_of(tmp_path, "third", FIRST.replace("2.0", "7.0"))
    assert_gradient(first.helper, 0.7)
    assert_gradient(third.helper, 0.7)


# Closures and lambdas


def test_closures_made_twice():
    def make(k):
        def f(x):
            return x**k * k

        return f

    square, cube = make(2.0), make(3.0)
    assert grad(square)(2.0) == pytest.approx(8.0)
    assert grad(cube)(2.0) == pytest.approx(36.0)
    assert grad(square)(2.0) == pytest.approx(8.0)
    assert_gradient(lambda x: square(x) * cube(x), 0.7)


def test_closures_over_functions_made_twice():
    def make(f):
        def twice(x):
            return f(f(x))

        return twice

    assert_gradient(make(np.sin), 0.7)
    assert_gradient(make(np.exp), 0.7)
    assert_gradient(make(make(np.tanh)), 0.7)


def test_closures_are_late_bound():
    def f(x):
        functions = []
        for k in (1.0, 2.0, 3.0):
            functions.append(lambda t: t * k)
        early = [lambda t, k=k: t * k for k in (1.0, 2.0, 3.0)]
        return functions[0](x) * early[0](x) + functions[2](x) * early[1](x)

    assert_gradient(f, 0.7)


def test_closure_variable_that_changes_between_calls():
    factor = 2.0

    def f(x):
        return x * x * factor

    gradient = grad(f)
    assert gradient(3.0) == 12.0
    factor = 5.0
    assert gradient(3.0) == 30.0


def test_global_that_changes_between_calls(monkeypatch):
    gradient = grad(lambda x: x * x * scale)
    assert gradient(3.0) == 18.0
    monkeypatch.setitem(globals(), "scale", 10.0)
    assert gradient(3.0) == 60.0
    monkeypatch.setitem(globals(), "scale", np.float64(1.0))
    assert gradient(3.0) == 6.0


def replaceable(x):
    return x * x


def test_global_function_that_is_replaced_between_calls(monkeypatch):
    gradient = grad(lambda x: replaceable(x) * 2)
    assert gradient(3.0) == 12.0
    monkeypatch.setitem(globals(), "replaceable", lambda x: x**3)
    assert gradient(3.0) == 54.0


def test_attribute_of_a_closure_object_that_changes_between_calls():
    class Settings:
        rate = 2.0

    settings = Settings()
    gradient = grad(lambda x: x * x * settings.rate)
    assert gradient(3.0) == 12.0
    settings.rate = 4.0
    assert gradient(3.0) == 24.0


def test_two_lambdas_on_one_line():
    f, g = lambda x: x * x, lambda x: x * x * x
    assert grad(f)(2.0) == 4.0
    assert grad(g)(2.0) == 12.0


def test_lambdas_alike_but_for_their_closure():
    functions = [lambda x, k=k: k * x * x for k in (1.0, 2.0, 3.0)]
    assert [grad(f)(1.0) for f in functions] == [2.0, 4.0, 6.0]


def test_lambda_in_a_call_over_several_lines():
    gradient = grad(
        lambda x, y: (
            x * y + math.sin(x)  # a comment with a ) in it
        ),
        argnums=(0, 1),
    )
    assert gradient(0.0, 3.0) == pytest.approx((4.0, 0.0))


def test_method_of_one_name_in_two_classes():
    class Square:
        def __call__(self, x):
            return x * x

    class Cube(Square):
        def __call__(self, x):
            return super().__call__(x) * x

    def f(x, model):
        return model(x)

    gradient = grad(f)
    assert gradient(2.0, Square()) == 4.0
    assert gradient(2.0, Cube()) == 12.0
    assert gradient(2.0, Square()) == 4.0

"""Calls: helpers, defaults, keywords, closures, lambdas, partials, functions as values."""

import functools
from functools import partial

import numpy as np

from tests.programs import program, same_names

W3 = np.array([0.7, -1.3, 2.1])
V = np.array([0.4, -0.8, 1.5])
SCALE = 1.7


def square(x):
    return x * x


def scaled(x, scale=2.0, *, shift=0.5):
    return x * scale + shift


def positional(a, b, /, c=3.0):
    return a * b - c * a


def collected(*args):
    total = 0.0
    for i, a in enumerate(args):
        total = total + a * (i + 1)
    return total


def named(**kwargs):
    return kwargs["x"] ** 2 * kwargs.get("scale", 3.0)


def stats(v):
    m = np.mean(v)
    return m, np.mean((v - m) ** 2)


@program(1.3)
def helper(x):
    return square(x) + square(x + 1) * x


@program(1.3)
def default_arguments(x):
    return scaled(x) * scaled(x, 3.0) - scaled(x, shift=x)


@program(1.3)
def keyword_arguments(x):
    return scaled(shift=1.0, x=x * x, scale=x)


@program(1.3, 0.4)
def positional_only(x, y):
    return positional(x, y) + positional(y, x, c=x)


@program(1.3, 0.4)
def star_args(x, y):
    pack = (y, x * y)
    return collected(x, y, 2.0) + collected(*pack) * collected(x, *pack)


@program(1.3, 0.4)
def star_kwargs(x, y):
    options = {"scale": y}
    return named(x=x) + named(x=y, **options)


@program(1.3, 0.4)
def mixed_signature(x, y):
    def f(a, b=2.0, *rest, c, d=1.0, **more):
        return a * b + c * d + sum(rest) * more["e"]

    return f(x, c=y, e=1.0) + f(x, y, x * x, y * y, c=x, d=3.0, e=y)


@program(V)
def several_results(v):
    m, s = stats(v)
    return m * s + stats(v * v)[1]


@program(0.7)
def defaults_of_program(x, scale=3.0, *, power=2):
    return scale * x**power


@program(0.7)
def nested_function(x):
    def inner(t):
        return t * t + x

    return inner(x) * inner(2.0)


@program(0.7)
def closure_over_changed_name(x):
    y = x * 2

    def inner(t):
        return t * y

    first = inner(x)
    y = x**3
    return first + inner(x)


def make_scaler(k):
    def scale(t):
        return t * k * SCALE

    return scale


@program(0.7)
def closure_made_twice(x):
    double, triple = make_scaler(2.0), make_scaler(3.0)
    return double(x) * triple(x * x)


@program(0.7)
def closure_over_active_value(x):
    by_x = make_scaler(x)
    return by_x(x) + by_x(3.0)


@program(0.7)
def function_from_function(x):
    def adder(n):
        return lambda t: t + n * x

    return adder(2.0)(x) * adder(x)(1.0)


@program(0.7)
def lambdas(x):
    f = lambda t: t * t  # noqa: E731
    g = lambda t, k=3.0: f(t) * k + x  # noqa: E731
    return g(x) + (lambda: x * 2)() * g(x, k=x)


@program(0.7)
def partials(x):
    f = partial(scaled, scale=x)
    g = functools.partial(positional, x)
    return f(3.0) + f(x, shift=2.0) + g(2.0, c=x)


def apply_twice(f, x):
    return f(f(x))


@program(0.7)
def function_arguments(x):
    return apply_twice(np.sin, x) + apply_twice(square, x) * apply_twice(lambda t: t + x, x)


def compose(*functions):
    def composed(x):
        for f in functions:
            x = f(x)
        return x

    return composed


@program(0.7)
def composition(x):
    return compose(np.exp, square, np.sin)(x) * compose()(x)


def logged(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs) * 1.5

    return wrapper


@logged
def decorated(x, k=2.0):
    return x**3 * k


@program(0.7)
def decorated_helper(x):
    return decorated(x) + decorated(x, k=x)


ACTIVATIONS = {"tanh": np.tanh, "square": square, "soft": lambda t: np.log(1 + np.exp(t))}


@program(V)
def functions_in_dict(v):
    y = ACTIVATIONS["tanh"](v)
    for name in ["square", "soft"]:
        y = ACTIVATIONS[name](y)
    return np.sum(W3 * y)


def first_positive(values):
    for value in values:
        if value > 0:
            return value * value
    return values[0]


@program(V, -V)
def helper_with_exits(v, w):
    return first_positive(v) + 3 * first_positive(w)


def sign_dependent(x):
    if x > 0:
        return x**2
    return -x


@program(1.3)
def helper_with_branch_called_twice(x):
    return sign_dependent(x) + sign_dependent(-x) * 2 + sign_dependent(x - 5)


@program(1.3)
def helper_called_in_loop(x):
    y = x
    for _ in range(4):
        y = sign_dependent(y) * 0.5 + scaled(x, shift=y)
    return y


@program(1.3)
def names_reused_in_helpers(x):
    y = x * 2

    def helper_of_same_names(y):
        x = y * y
        return x

    return helper_of_same_names(y) + y * x


@program(1.3)
def two_functions_of_one_name(x):
    def square(t):
        return t**2 * 5

    return square(x) + same_names.square(x) + globals_square(x)


def globals_square(x):
    return square(x)


@program(1.3)
def two_globals_of_one_name(x):
    return SCALE * x + same_names.times_scale(x) * x


@program(V)
def mapped(v):
    return sum(map(square, [v[0], v[1], v[2] * v[0]]))


@program(1.3)
def sum_of_calls(x):
    return sum([scaled(x, float(k)) ** 2 for k in range(3)])


@program(1.3, square)
def function_as_argument(x, f):
    return f(x) * 3 + f(x * x)


@program(1.3)
def default_that_is_mutable_but_not_changed(x, table=[0.5, 2.0]):  # noqa: B006
    return table[0] * x + table[1] * x**2


@program(1.3)
def call_chain(x):
    return scaled(square(scaled(square(x), scale=square(0.5), shift=x)), shift=square(x))


@program(0.3, 0.8)
def argument_evaluated_once(x, y):
    return collected(square(x + y), np.exp(square(x) * y), scaled(x * y, y))


def outer_function(a):
    b = a * 2

    def middle(c):
        d = c + b

        def innermost(e):
            return a * b + c * d * e

        return innermost

    return middle


@program(0.7)
def three_levels_of_closure(x):
    return outer_function(x)(x * x)(3.0)


@program(0.7, 0.3)
def conditional_call(x, y):
    return (square if x > y else np.exp)(x) * y


@program(V)
def star_of_list(v):
    parts = [v[0], v[1] * v[2]]
    return collected(*parts) + max(*parts) ** 2


def box(width, height, depth):
    return width * height - depth**2 + np.sin(width)


@program(np.array([0.4, -0.9, 1.3]), peer=False)
def items_of_an_array_as_arguments(p):
    return box(*tuple(p)) * p[1]


@program(np.array([0.4, -0.9, 1.3]), peer=False)
def items_of_a_list_of_an_array(p):
    a, b, c = list(p * p)
    return box(c, a, b)

"""Arithmetic on numbers: operators, their NumPy and ``math`` names, statements without effect."""

import math

import numpy as np

from tests.programs import program

HALF = 0.5
COEFFICIENTS = [0.3, -1.1, 0.7]


@program(5.0, 6.0)
def cubic(a, b):
    y = a**3 - b**2 + 3
    return y


@program(1.3)
def polynomial(x):
    return 3 * x**4 - 2 * x**2 + x / 7 - 1.0


@program(1.3, 0.4)
def quotient(x, y):
    return (x - y) / (x + y * y) - x / y / 3


@program(1.3, 2.2)
def power_of_two_variables(x, y):
    return x**y + 2.0**x + y**-1.5


@program(1.3, peer=False)
def unary_signs(x):
    return -x * +x - (-(-x)) ** 3


@program(1.3, 0.4)
def precedence(x, y):
    return x - (y - (x - y * (x / (y / x)))) ** 2 / -(x**2)


@program(5.3, 1.7, peer=False)
def remainder(x, y):
    return x % y + (x // y) * y * 0.5 + x**2


@program(7.3, 2.1, peer=False)
def divmod_of_floats(x, y):
    q, r = divmod(x, y)
    return q * x + r * r


@program(-1.4, 2.3)
def absolute_and_pow(x, y):
    return abs(x) * pow(y, 3) + abs(y - x)


@program(0.7)
def numpy_elementwise(x):
    return np.sin(x) * np.exp(-x) + np.log(1 + x**2) - np.sqrt(x + 2) * np.tanh(x)


@program(0.6)
def numpy_inverse_functions(x):
    return np.arcsin(x) + 2 * np.arccos(x / 2) - np.arctan(3 * x) + np.arcsinh(x) * np.arctanh(x)


@program(0.7, peer=False)
def math_module(x):
    return math.sin(x) * math.exp(-x) + math.log(1 + x * x) - math.sqrt(x + 2) / math.pi


@program(0.7, 1.9, peer=False)
def math_of_two(x, y):
    return math.hypot(x, y) + math.atan2(x, y) * math.pow(x, 1.5) + math.erf(x - y)


@program(0.7, 1.9)
def numpy_names_of_operators(x, y):
    t = np.add(np.multiply(x, y), np.negative(x))
    return np.divide(t, np.power(y, 2)) - np.subtract(x, t) * np.square(y)


@program(0.7, 1.9, peer=False)
def numpy_hypot_and_arctan2(x, y):
    return np.hypot(x, y) * np.arctan2(y, x) + np.logaddexp(x, 2 * y)


@program(0.7)
def reassigned_name(x):
    x = x * x
    x = x + 1
    x = np.sin(x) * x
    return x


@program(0.7, 0.2)
def augmented_assignment_of_numbers(x, y):
    total = x
    total += y * y
    total *= x
    total -= 3
    total /= y + 2
    total **= 2
    return total


@program(0.7)
def chained_assignment(x):
    a = b = x * x
    a = a * 3
    return a * b


@program(0.7)
def walrus(x):
    y = (t := x * x) + 3 * t
    return y * t


@program(0.7)
def ternary(x):
    y = x if x > 0 else -3 * x
    return y * (x if x > 1 else x**2)


@program(0.4)
def chained_comparison(x):
    return x * 3 if 0 < x < 1 else x * x


@program(1.2)
def unused_values(x):
    """A docstring, and values nobody needs."""
    unused = np.exp(x)
    unused = unused + 1
    pass
    del unused
    return x * x


@program(1.2)
def annotated(x: float) -> float:
    y: float = x * x
    z: "np.ndarray"
    z = y * x
    return z


@program(1.2, peer=False)
def asserts_and_strings(x):
    assert x > 0, f"x is {x:.3f}"
    label = f"{x!r} of %s" % "nothing"
    return x * x * len("abc") if label else x


@program(1.2)
def globals_and_constants(x):
    return HALF * x**2 + COEFFICIENTS[1] * x + np.pi * COEFFICIENTS[-1] * x


# fmt: off
@program(1.2)
def semicolons_and_continuation(x):
    a = x * 2; b = a + 1  # noqa: E702
    c = a * b \
        + x
    return (
        c
        - a
    )
# fmt: on


@program(1.7, peer=False)
def float_and_int_of_value(x):
    k = int(x)
    return float(x) ** 2 * k + round(x) * x


@program(1.3, 0.4, -0.6)
def several_arguments_shared_terms(a, b, c):
    s = a * b
    t = s + c
    return s * t + np.exp(s) * t**2


@program(np.float64(1.3), np.array(0.4))
def numpy_scalar_and_zero_d(x, y):
    return x * y + np.sin(x * y) / x


@program(0.5, 0.5)
def named_like_generated_code(d, g):
    d_x = d * g
    ans = d_x + d
    np_1 = ans * g
    t = np_1 * np_1
    d_d = t - d
    return d_d * ans * d_x


@program(1.1, 0.3)
def builtin_names_as_variables(sum, len):
    max = sum * len
    range = max + sum
    return range * max


@program(0.8)
def long_chain(x):
    y = x
    y = y * 1.01 + 0.1
    y = np.sin(y) + x
    y = y * y - x
    y = np.exp(-y) * x
    y = y / (1 + y * y)
    y = y + np.cos(y) * x
    return y


@program(2.0, 3)
def integer_that_is_not_asked(x, n):
    return x**n + n * x


program(0.9, name="lambda_of_one")(lambda x: x * np.sin(x))
# fmt: off
first, second = lambda x: x * x * 3, lambda x: np.sin(x) * 5  # two on one line
# fmt: on
program(0.9, name="first_lambda_of_line")(first)
program(0.9, name="second_lambda_of_line")(second)


@program(np.array([0.4, -1.2, 0.7]))
def list_of_numbers_times_an_array(x):
    return np.sum([1.0, 4.0, 2.0] * x) * np.sum(np.sin(x) * [2.0, 0.5, -1.0])

"""Long and deep programs compile and run without touching the recursion limit."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from adjoint import grad, value_and_grad
from tests.oracle import assert_gradient
from tests.sources import module_from


@pytest.fixture(autouse=True)
def recursion_limit_is_left_alone() -> Iterator[None]:
    before = sys.getrecursionlimit()
    yield
    assert sys.getrecursionlimit() == before


def test_expression_of_two_thousand_terms() -> None:
    terms = " + ".join(f"{k % 7 + 0.5} * x" for k in range(2000))
    module = module_from(f"def f(x):\n    return {terms}\n", "two_thousand_terms")
    value, gradient = value_and_grad(module.f)(2.0)
    assert value == module.f(2.0)
    assert gradient == pytest.approx(sum(k % 7 + 0.5 for k in range(2000)), rel=1e-12)


def test_expression_of_two_thousand_mixed_terms() -> None:
    shapes = ["+ x * {}", "- y / {}", "+ np.sin(x) * {}", "- x * y * {}"]
    terms = " ".join(shapes[k % 4].format(k % 5 + 1.5) for k in range(2000))
    module = module_from(f"import numpy as np\ndef f(x, y):\n    return x {terms}\n", "mixed_terms")
    assert_gradient(module.f, 0.7, 1.3)


def test_product_of_many_factors() -> None:
    factors = " * ".join(f"(x + {k / 400})" for k in range(400))
    module = module_from(f"def f(x):\n    return {factors}\n", "many_factors")
    gradient = grad(module.f)(0.5)
    log_derivative = sum(1 / (0.5 + k / 400) for k in range(400))
    assert gradient == pytest.approx(module.f(0.5) * log_derivative, rel=1e-9)


def test_nested_calls() -> None:
    # CPython's parser allows 200 nested parentheses.
    text = "import numpy as np\ndef f(x):\n    return " + "np.sin(" * 190 + "x" + ")" * 190
    assert_gradient(module_from(text + "\n", "nested_calls").f, 0.9)


def test_nested_calls_of_a_helper() -> None:
    text = "def h(x):\n    y = x * 0.99\n    return y + 0.01\n\n"
    text += "def f(x):\n    return " + "h(" * 190 + "x" + ")" * 190
    module = module_from(text + "\n", "nested_helper")
    assert grad(module.f)(0.9) == pytest.approx(0.99**190, rel=1e-12)


def test_two_hundred_functions_that_call_each_other() -> None:
    lines = ["import math", "def f0(x):", "    return x * x"]
    for k in range(1, 200):
        lines += [f"def f{k}(x):", f"    y = f{k - 1}(x) + math.sin(x) * {k / 1000}"]
        lines += ["    return y * 1.001"]
    module = module_from("\n".join(lines) + "\n", "two_hundred_functions")
    slope = 1.4
    for k in range(1, 200):
        slope = (slope + math.cos(0.7) * k / 1000) * 1.001
    value, gradient = value_and_grad(module.f199)(0.7)
    assert value == module.f199(0.7)
    assert gradient == pytest.approx(slope, rel=1e-12)


def test_two_hundred_closures_around_each_other() -> None:
    text = """
import numpy as np
def wrap(g, k):
    def wrapped(x):
        return g(x) * 0.99 + k * x
    return wrapped
def make():
    g = np.sin
    for k in range(200):
        g = wrap(g, k / 1000)
    return g
"""
    f = module_from(text, "two_hundred_closures").make()
    slope = math.cos(0.7)
    for k in range(200):
        slope = slope * 0.99 + k / 1000
    assert grad(f)(0.7) == pytest.approx(slope, rel=1e-12)


def test_two_thousand_statements() -> None:
    lines = ["import numpy as np", "def f(x, y):", "    a = x"]
    shapes = [
        "a = a + {} * y",
        "b = np.sin(a) * {}",
        "a = b - x * {}",
        "y = y * 0.999 + a / 50 * {}",
    ]
    lines += ["    " + shapes[k % 4].format(k % 9 / 10 + 0.1) for k in range(2000)]
    module = module_from("\n".join([*lines, "    return a * y"]) + "\n", "two_thousand_statements")
    value, gradients = value_and_grad(module.f, argnums=(0, 1))(0.7, 0.4)
    assert value == module.f(0.7, 0.4)
    for number, gradient in enumerate(gradients):
        step = [1e-6 * (number == k) for k in range(2)]
        above = module.f(0.7 + step[0], 0.4 + step[1])
        below = module.f(0.7 - step[0], 0.4 - step[1])
        assert gradient == pytest.approx((above - below) / 2e-6, rel=1e-5, abs=1e-7)


def test_eight_nested_loops() -> None:
    lines = ["def f(x):", "    s = x"]
    for k in range(8):
        lines.append("    " * (k + 1) + f"for i{k} in range({1 + k % 2}, 3):")
    lines.append("    " * 9 + "s = s * (1 + 0.01 * x) + 0.001 * i0 * i7 * x")
    for k in reversed(range(1, 8)):
        lines.append("    " * (k + 1) + f"s = s * 0.99 + x * {k / 100}")
    module = module_from("\n".join([*lines, "    return s"]) + "\n", "eight_loops")
    assert_gradient(module.f, 0.7)


def test_eight_nested_loops_over_arrays_with_exits() -> None:
    lines = ["def f(x, v):", "    s = x"]
    for k in range(8):
        lines.append("    " * (k + 1) + f"for e{k} in v:")
    lines.append("    " * 9 + "s = s * 0.9 + e0 * e7 * x")
    for k in reversed(range(1, 8)):
        lines.append("    " * (k + 1) + f"if s > {k}:")
        lines.append("    " * (k + 2) + "break")
    module = module_from("\n".join([*lines, "    return s * x"]) + "\n", "eight_loops_with_exits")
    assert_gradient(module.f, 0.7, np.array([0.4, 0.9]))


@pytest.mark.parametrize("x", [0.35, 31.35, 58.35, 70.35])
def test_chain_of_sixty_arms(x: float) -> None:
    lines = ["def f(x):", "    if x < 0:", "        y = -x"]
    for k in range(60):
        lines += [f"    elif x < {k + 1}:", f"        y = x * x * {k + 0.5} - {k}"]
    lines += ["    else:", "        y = x ** 3", "    return y * x"]
    assert_gradient(module_from("\n".join(lines) + "\n", "sixty_arms").f, x)


def test_sixty_early_returns() -> None:
    lines = ["def f(x):", "    y = x"]
    for k in range(60):
        lines += [f"    y = y * 1.02 + {k / 500} * x", f"    if y > {k + 3}:"]
        lines += [f"        return y * x + {k}"]
    module = module_from("\n".join([*lines, "    return y"]) + "\n", "sixty_returns")
    for x in (0.3, 2.6, 7.0):
        assert_gradient(module.f, x)


def test_branch_of_twenty_levels() -> None:
    lines = ["def f(x):", "    y = x"]
    for k in range(20):
        lines += [
            "    " * (k + 1) + f"if y > {k / 10}:",
            "    " * (k + 2) + f"y = y + x * {k / 10}",
        ]
    module = module_from("\n".join([*lines, "    return y * x"]) + "\n", "twenty_levels")
    for x in (0.05, 0.7, 1.9):
        assert_gradient(module.f, x)


def test_deeply_nested_argument() -> None:
    text = "def f(tree):\n    s = 1.0\n    while isinstance(tree, tuple):\n"
    text += "        value, tree = tree\n        s = s * value\n    return s\n"
    tree = None
    for k in range(40):
        tree = (1.0 + k / 100, tree)
    gradient = grad(module_from(text, "nested_argument").f)(tree)
    product = math.prod(1.0 + k / 100 for k in range(40))
    for k in reversed(range(40)):
        d_value, gradient = gradient
        assert d_value == pytest.approx(product / (1.0 + k / 100), rel=1e-9)

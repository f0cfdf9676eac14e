"""Every refusal says what, where (with the line and a caret), and what to do instead."""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import re
import types
import warnings
from typing import Any

import numpy as np
import pytest

from adjoint import grad, value_and_grad
from adjoint.errors import AdjointError, BadArgument, NoSource, NotScalar, Unsupported
from tests.sources import module_from

V = np.array([0.4, -0.8, 1.5])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])
TABLE = np.array([1.0, 2.0, 3.0])
counter = 0
opaque = np.frompyfunc(lambda t: t * t, 1, 1)


def marked_lines(fun: Any) -> dict[int, str]:
    """Return the lines of ``fun`` that carry the comment HERE: any of them may be blamed."""
    lines, start = inspect.getsourcelines(fun)
    marked = {n: line.strip() for n, line in enumerate(lines, start) if "# HERE" in line}
    assert marked, "the function has no line marked HERE"
    return marked


def assert_message(message: str, marked: dict[int, str]) -> None:
    """Assert that a message has place, line, caret and advice."""
    place = re.search(r"test_refusals\.py:(\d+):\d+\b", message)
    assert place and int(place.group(1)) in marked, message
    text = marked[int(place.group(1))]
    rows = message.splitlines()
    shown = next((k for k, row in enumerate(rows) if text in row), None)
    assert shown is not None, f"the line is not shown:\n{message}"
    caret = rows[shown + 1]
    assert set(caret.strip()) <= set("^~") and "^" in caret, f"no caret:\n{message}"
    under = rows[shown][caret.index("^")]
    assert not under.isspace(), f"the caret points at nothing:\n{message}"
    advice = message.partition("what to do:")[2]
    assert len(advice.split()) >= 4, f"no advice:\n{message}"


def refusal(fun: Any, *args: Any, inner: Any = None, kind: type = Unsupported) -> str:
    """Assert that ``fun`` is refused at its marked line; return the message."""
    with pytest.raises(kind) as caught:
        grad(fun)(*args)
    assert isinstance(caught.value, AdjointError)
    message = str(caught.value)
    assert_message(message, marked_lines(inner or fun))
    return message


# Constructs of the language


def test_gradient_of_a_generator_function_is_refused():
    def f(x):  # HERE
        yield x  # HERE

    assert "generator" in refusal(f, 1.0)


def test_generator_that_is_sent_something_is_refused():
    def f(x):
        def running(total):
            while True:
                total = total + (yield total)

        sums = running(x)
        next(sums)
        return sums.send(x)  # HERE

    assert "send" in refusal(f, 1.0)


def test_iterator_left_before_its_end_and_used_again_is_refused():
    def f(x):
        items = (t * x for t in (1.0, 2.0))
        for _ in items:
            break
        return sum(items)  # HERE

    assert "left before its end" in refusal(f, 1.0)


def test_list_that_is_put_into_itself_is_refused():
    def f(x, n):
        node = []
        for k in range(n):
            node = [x * k, node]
        total = 0.0
        while node:
            total = total * 0.5 + node[0]  # HERE
            node = node[1]
        return total

    assert "a list of lists that are another" in refusal(f, 1.0, 3)


def test_next_of_what_is_empty_raises_as_in_the_function():
    def f(x, n):
        xs = []
        while n > 0:
            xs.append(x * n)
            n = n - 1
        return next(iter(xs))

    assert grad(f)(1.0, 2.5) == 2.5
    for function in (f, grad(f)):
        with pytest.raises(StopIteration):
            function(1.0, -2.5)


def test_implementation_that_is_registered_later_is_called():
    @functools.singledispatch
    def area(shape):
        return shape.w * 2

    def f(kernel):
        return area(kernel)

    gradient = grad(f)
    assert gradient(Kernel(1.5)).w == 2.0
    area.register(Kernel, lambda shape: shape.w**3)
    assert gradient(Kernel(1.5)).w == 3 * 1.5**2


def test_attributes_that_came_later_are_in_the_dict():
    def f(kernel):
        return sum(vars(kernel).values())

    gradient = grad(f)
    first, second = Kernel(1.5), Kernel(2.0)
    second.more = 3.0
    assert vars(gradient(first)) == {"w": 1.0}
    assert vars(gradient(second)) == {"w": 1.0, "more": 1.0}


class Kernel:
    def __init__(self, w):
        self.w = w

    @functools.cached_property
    def squares(self):
        return self.w**2


def test_cached_property_that_was_computed_before_the_call_is_refused():
    def f(kernel):
        return np.sum(kernel.squares)  # HERE

    kernel = Kernel(V)
    gradient = grad(f)
    np.testing.assert_allclose(gradient(kernel).w, 2 * V)
    assert vars(kernel).keys() == {"w"}
    assert kernel.squares.shape == V.shape
    assert "del kernel.squares" in refusal(f, kernel)
    with pytest.raises(Unsupported, match="computed before this call"):
        gradient(kernel)
    del kernel.squares
    np.testing.assert_allclose(gradient(kernel).w, 2 * V)


def test_async_function_is_refused():
    async def f(x):  # HERE
        return x * x

    refusal(f, 1.0)


def test_return_in_finally_is_refused():
    def f(x):
        try:
            y = x * x
        finally:
            return x  # HERE  # noqa: B012
        return y

    assert "finally" in refusal(f, 1.0)


def test_clean_up_that_prints_where_the_body_is_left_is_refused():
    def f(x):
        try:
            if x > 0:
                return x * x
        finally:
            print("done")  # HERE
        return x

    # The blame falls on what leaves, or on the try itself.
    with pytest.raises(Unsupported, match="prints or writes at its end"):
        grad(f)(1.0)


counter = 3.0


def test_global_write_is_refused():
    def f(x):
        global counter
        counter = x + 1  # HERE
        return x * x

    def hidden(x):
        counter = 2 * x

        def g(y):
            global counter  # HERE
            return y * counter

        return g(x) * counter

    assert "counter, which lives outside" in refusal(f, 1.0)
    assert "counter is global here" in refusal(hidden, 1.0)


def test_global_that_is_read_is_not_refused():
    def f(x):
        global counter
        return x * x * counter

    assert grad(f)(2.0) == 4.0 * counter


def test_write_to_a_variable_of_a_function_around_is_refused():
    total = 0.0

    def f(x):
        nonlocal total  # HERE
        total = total + x  # HERE
        return x * x

    assert "outside the differentiated function" in refusal(f, 1.0)


def test_del_of_a_part_of_a_list_that_grows_is_refused():
    def f(x, k):
        xs = [x, 2 * x]
        while k > 0:
            xs.append(x * k)
            k = k - 1
        del xs[::2]  # HERE
        return xs[0]

    assert "in a loop" in refusal(f, 1.0, 2.5)


def test_del_of_an_attribute_that_came_in_is_refused():
    def f(box):
        y = box.w * 2
        del box.w  # HERE
        return y

    assert "deleted" in refusal(f, types.SimpleNamespace(w=2.0))


def test_class_made_of_what_is_known_at_run_time_is_refused():
    def f(x):
        class Inner(x):  # HERE
            pass

        return x

    assert "class" in refusal(f, 1.0)


def test_cache_on_values_known_at_run_time_is_refused():
    def f(x):
        @functools.cache
        def square(t):
            return t * t

        return square(x)  # HERE

    assert "cache" in refusal(f, 1.0)


def test_what_is_no_context_manager_is_refused():
    def f(x):
        with [x] as held:  # HERE
            return held[0]

    assert "context manager" in refusal(f, 1.0)


def test_manager_that_cannot_be_seen_into_and_is_left_is_refused():
    def f(x):
        with warnings.catch_warnings():  # HERE
            if x > 0:
                return x * x
        return x

    assert "left by return" in refusal(f, 1.0)


def test_manager_that_may_swallow_exceptions_is_refused():
    def f(x):
        y = x
        with contextlib.suppress(ZeroDivisionError):  # HERE
            y = 1 / x
        return y

    assert "swallow" in refusal(f, 1.0)


def test_names_in_an_item_of_a_list_that_grows_are_refused():
    def f(x, n):
        xs = []
        while n > 0:
            xs.append((x, n))
            n = n - 1
        match xs:
            case [(first, _), *_]:  # HERE
                return first
        return x

    assert "binds names in an item" in refusal(f, 1.0, 2.5)


def test_patterns_that_bind_names_on_a_condition_are_refused():
    def f(x):
        match (x, 2 * x):
            case (1.0, y) | (y, 1.0):  # HERE
                return y
        return x

    assert "binds" in refusal(f, 1.0)


def test_groups_by_a_key_that_may_change_are_refused():
    def f(x):
        limit, total = 0.5, 0.0
        for _, group in itertools.groupby(x, key=lambda v: v > limit):  # HERE
            limit = limit + 0.1
            total = total + sum(group)
        return total

    assert "groupby" in refusal(f, np.array([0.3, 0.7]))


def test_groups_of_an_array_that_is_written_are_refused():
    def f(x):
        y = x * 2
        total = 0.0
        for _, group in itertools.groupby(y):  # HERE
            y[1] = 3.0
            total = total + sum(group)
        return total

    assert "groupby" in refusal(f, np.array([0.3, 0.7]))


def test_combinations_of_how_many_is_known_at_run_time_only_is_refused():
    def f(x, n):
        xs = []
        while n > 0:
            xs.append(x * n)
            n = n - 1
        return sum(a * d for a, _, _, d in itertools.combinations(xs, 4))  # HERE

    assert "combinations" in refusal(f, 1.0, 3.5)


def test_construct_that_staging_never_reaches_is_not_refused():
    def f(x, careful=False):
        if careful:
            global counter
            counter = x
        return x * x

    assert grad(f)(3.0) == 6.0


def test_construct_that_touches_nothing_differentiable_stays():
    def f(x):
        import math

        print(f"{x:.2f}", end="")
        assert math.pi > 3
        text = ["a", "b"]
        return x * len(text)

    assert grad(f)(3.0) == 2.0


# Writes into arrays


def test_list_that_holds_an_array_which_is_written_later_is_refused():
    def f(x):
        kept = []
        for k in range(len(x)):
            x[k] *= 2.0
            kept.append(x)  # HERE
        return np.sum(np.array(kept))

    assert "append a copy" in refusal(f, V)


def test_array_that_is_in_a_list_twice_is_not_written_there():
    def f(x, n):
        rows = []
        while len(rows) < n:
            rows.append(x)  # HERE
        rows[0][0] *= 3.0
        return np.sum(rows[0] * rows[1])

    assert "may hold one array twice" in refusal(f, V, 2.5)


def test_part_of_a_list_is_not_read_after_an_item_was_written():
    def f(x):
        rows = []
        for k in range(len(x)):
            rows.append(x * (k + 1))
        others = rows[1:]
        rows[1][1] = x[0] ** 2
        return np.sum(rows[0] * others[0])  # HERE

    assert "after it was put there" in refusal(f, V)


def test_array_that_may_be_another_is_not_read_after_that_is_written():
    def f(a, m, n):
        c = a
        for k in range(n):
            c[0] += 1.0
            a[1] *= 2.0  # HERE
            if c[1] > 0:
                c = m.ravel(order="K")[:3]
        return np.sum(a * c)

    assert "may be one array here" in refusal(f, V, np.diag(V), 3)


def test_array_of_the_module_is_not_written():
    def f(x):
        TABLE[0] = x[0]  # HERE
        return np.sum(TABLE * x)

    before = TABLE.copy()
    assert "TABLE, which is no argument" in refusal(f, V)
    assert TABLE.tolist() == before.tolist()


def test_out_that_is_also_read_is_refused():
    def f(x):
        y = np.zeros((2, 3))
        y[0] = x
        np.concatenate([y[:1] * 2, y[:1]], out=y)  # HERE
        return np.sum(y)

    assert "also reads" in refusal(f, V)


def test_methods_that_write_are_refused():
    def resize(x):
        y = x * 2
        y.resize(2)  # HERE
        return np.sum(y)

    refusal(resize, V)


# Functions without rule or source


def test_operation_without_rule_is_named():
    def f(x):
        y = x * x
        return opaque(y) * 2  # HERE

    message = refusal(f, 3.0)
    assert "opaque" in message or "frompyfunc" in message or "ufunc" in message


def test_operation_without_rule_on_what_nobody_differentiates():
    def f(x, n):
        return x * float(opaque(n)) + x * float(opaque(3.0))

    assert grad(f)(2.0, 2.0) == 13.0


def test_operation_without_rule_in_dead_looking_code_is_no_obstacle_to_others():
    def f(x, y):
        z = opaque(y)
        return x * x + 0 * float(z)

    assert grad(f)(3.0, 2.0) == 6.0
    with pytest.raises(AdjointError):
        grad(f, argnums=1)(3.0, 2.0)


def test_method_without_rule_is_named():
    def f(x):
        return x.tobytes()[0] * np.sum(x)  # HERE

    assert "tobytes" in refusal(f, V)


def test_function_without_source_says_why():
    namespace: dict[str, Any] = {}
    exec("def typed(x):\n    return x * x\n", namespace)
    with pytest.raises(NoSource) as caught:
        grad(namespace["typed"])(2.0)
    assert "typed" in str(caught.value) and "source" in str(caught.value)
    assert "what to do" in str(caught.value)


def test_helper_without_source_is_refused_where_it_is_called():
    namespace: dict[str, Any] = {}
    exec("def typed(x):\n    return x * x\n", namespace)
    typed = namespace["typed"]

    def f(x):
        return typed(x) * 2  # HERE

    message = refusal(f, 2.0, kind=AdjointError)
    assert "typed" in message


def test_function_without_source_that_has_a_rule():
    assert grad(np.sin)(0.5) == pytest.approx(np.cos(0.5), rel=1e-15)
    assert grad(np.multiply, argnums=(0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert grad(np.vdot)(V, V + 1).tolist() == (V + 1).tolist()


def test_builtin_function_without_rule():
    with pytest.raises(AdjointError, match=r"repr|rule|source"):
        grad(repr)(2.0)


def test_source_text_is_found_by_position_not_by_name():
    text = "def f(x):\n    return x * x\n\ng = f\n\ndef f(x):\n    return x * 5\n"
    module = module_from(text, "same_name_twice")
    assert grad(module.g)(3.0) == 6.0
    assert grad(module.f)(3.0) == 5.0


# Results and arguments


@pytest.mark.parametrize("gradient", [grad, value_and_grad])
def test_result_that_is_no_scalar_names_the_alternatives(gradient):
    with pytest.raises(NotScalar) as caught:
        gradient(lambda x: x * 2)(V)
    message = str(caught.value)
    assert "(3,)" in message or "shape" in message or "scalar" in message
    assert "sum" in message or "vjp" in message or "jac" in message


def test_result_of_one_element_counts_as_scalar():
    assert grad(lambda x: x * x)(np.array([3.0])).tolist() == [6.0]
    assert grad(lambda x: x @ x.T)(np.array([[3.0]])).tolist() == [[6.0]]


@pytest.mark.parametrize("result", [lambda x: None, lambda x: (x, x), lambda x: "text"])
def test_result_that_is_no_number(result):
    with pytest.raises(AdjointError):
        grad(result)(2.0)


def test_arguments_that_do_not_exist():
    def f(x, weights):
        return x * weights

    with pytest.raises(BadArgument, match="2"):
        grad(f, argnums=2)(1.0, 2.0)
    with pytest.raises(BadArgument, match="weights"):
        grad(f, argnums="wieghts")(1.0, 2.0)
    with pytest.raises(BadArgument):
        grad(f, argnums=("x", "y"))(1.0, 2.0)


@pytest.mark.parametrize("argument", ["text", None, np.array(["a"])])
def test_arguments_without_anything_differentiable(argument):
    with pytest.raises(AdjointError):
        grad(lambda x, y: y * 2.0)(argument, 3.0)


def test_result_that_is_complex():
    with pytest.raises(AdjointError):
        grad(lambda x: x * 1j)(2.0)


def test_errors_are_told_apart():
    for kind in (Unsupported, NoSource, NotScalar, BadArgument):
        assert issubclass(kind, AdjointError)


def test_a_list_is_not_changed_by_the_loop_that_goes_over_it():
    def grows(x):
        items = [x[0], x[1]]
        for item in items:
            if len(items) < 5:
                items.append(item * 2)  # HERE
        return sum(items)

    def ahead(x):
        items = [x[0], x[1], x[2]]
        for i, item in enumerate(items):
            if i < 2:
                items[i + 1] = item * 2  # HERE
        return items[2]

    def at_run_time(x):
        items = []
        for value in x:
            items.append(value * 2)
        for item in items:
            if len(items) < 5:
                items.append(item * 2)  # HERE
        return sum(items)

    def by_hand(x):
        items = [x[0], x[1]]
        iterator = iter(items)
        first = next(iterator)
        items[1] = first * 3  # HERE
        return next(iterator)

    def in_a_generator(x):
        items = [x[0], x[1], x[2]]
        return sum(items.pop() * item for item in items)  # HERE

    def of_a_dict(x):
        items = {"a": x[0], "b": x[1]}
        for key, item in items.items():
            if key == "a":
                items["b"] = item * 2  # HERE
        return items["b"]

    for function in (grows, ahead, at_run_time, by_hand, in_a_generator, of_a_dict):
        assert "goes over it" in refusal(function, V)


def test_a_list_may_change_where_the_loop_has_been():
    def behind(x):
        items, by_key = [x[0], x[1]], {"a": x[0], "b": x[1]}
        for i, item in enumerate(items):
            items[i] = item**2
        for key in by_key:
            by_key[key] = by_key[key] * 3
        for item in list(items):
            items.append(item)
        return sum(items) + by_key["a"] * by_key["b"]

    x = np.array([1.5, 2.0, 0.5])
    np.testing.assert_allclose(grad(behind)(x), [4 * x[0] + 9 * x[1], 4 * x[1] + 9 * x[0], 0.0])


def test_a_name_that_may_be_ever_more_parts_of_an_array_is_refused_soon() -> None:
    def shrunk(x):
        whole = x * 1.0
        part = whole
        while len(part) > 1:
            part = part[::-1][1:] if part[0] > 0 else part[:-1]
            part[0] += 2 * part[-1]
        return np.sum(whole**2)

    with pytest.raises(Unsupported, match="one of ever more arrays, parts of arrays or objects"):
        grad(shrunk)(np.array([1.0, -2.0, 3.0]))


def test_a_choice_whose_test_its_own_statement_changes_is_refused() -> None:
    def assigned(x):
        y = -9.0
        z = (y := x[0] * 2) * len((1, 2) if y > 0 else (1,))  # HERE
        return y * z

    def called(x):
        y = x[0]

        def lower():
            nonlocal y
            y = y - 1
            return y

        return lower() * len((1, 2) if y > 0 else (1,))  # HERE

    def of_each(x):
        y = -9.0
        chosen = [(lambda z: z * 2) if y > 0 else np.exp for y in x]  # HERE
        return chosen[0](x[0]) * y

    message = refusal(assigned, V)
    assert "depends on what the statement does before it" in message
    assert "in a statement of its own before this one" in message
    assert "depends on what the statement does before it" in refusal(called, V)
    assert "things of different kinds" in refusal(of_each, V)


def test_a_tuple_of_unknown_length_is_no_index_by_a_list() -> None:
    def read(a, n):
        at = [n - 1 - i for i in range(n)]
        return a[tuple(at)]

    def written(a, n):
        at = [n - 1 - i for i in range(n)]
        a[tuple(at)] *= 2
        return np.sum(a)

    for function in (read, written):
        with pytest.raises(Unsupported, match="how many items are unpacked here"):
            grad(function)(np.ones((2, 2)), 2)


def test_quantiles_in_a_table_are_those_in_a_row():
    x = np.array([3.0, 0.0, 2.0, 1.0])
    for table in ([[30.0, 60.0]], np.array([[30.0, 60.0]])):
        found = grad(lambda x, table=table: np.sum(np.percentile(x, table)[0] * x[:2]))(x)
        row = grad(lambda x, table=table: np.sum(np.percentile(x, table[0]) * x[:2]))(x)
        np.testing.assert_array_equal(found, row)


def test_draws_whose_arguments_are_no_probabilities_in_the_examples_are_refused_as_such():
    def triangle(x):
        return np.sum(np.random.default_rng(3).triangular(x - 1, x, x + 2))

    def weighted(x):
        p = np.exp(x) / np.sum(np.exp(x))
        return np.sum(np.random.default_rng(3).choice(x, 3, p=p))

    for fun, said in ((triangle, "no simple function of noise"), (weighted, "drawn jumps")):
        with pytest.raises(Unsupported, match=said):
            grad(fun)(np.arange(4.0))

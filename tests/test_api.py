"""The objects users hold: calling, looking, copying."""

from __future__ import annotations

import copy
import functools
import importlib.util
import inspect
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import adjoint
from adjoint import (
    BadArgument,
    NotScalar,
    Unsupported,
    ZeroGradientWarning,
    custom_vjp,
    grad,
    hvp,
    jacobian,
    jvp,
    rule,
    value_and_grad,
    vjp,
)


def cubic(x: Any, k: int = 3) -> Any:
    """The sum of x**k."""
    return np.sum(x**k)


@grad
def decorated(x: Any) -> Any:
    return x * x


class Quadratic:
    def __init__(self, scale: float) -> None:
        self.scale = scale

    @grad(argnums=1)
    def slope(self, x: float) -> Any:
        return self.scale * x * x

    def value(self, x: float) -> Any:
        return self.scale * x * x

    def __call__(self, x: float) -> Any:
        return self.value(x) + x


def test_bare_with_arguments_and_as_a_call() -> None:
    assert decorated(3.0) == 6.0
    assert grad(cubic, argnums=0)(2.0) == 12.0
    assert grad(argnums="x")(cubic)(2.0) == 12.0


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [(0, 2.0), (-1, 3.0), ("y", 3.0), ((0, 1), (2.0, 3.0)), (("y", "x"), (3.0, 2.0))],
)
def test_argnums_by_number_and_name(argnums: Any, expected: Any) -> None:
    assert grad(lambda x, y: x * y, argnums=argnums)(3.0, 2.0) == expected


def test_value_and_aux() -> None:
    def f(x: float) -> Any:
        y = x * x
        return y * x, {"square": y}

    assert grad(f, has_aux=True)(2.0) == (12.0, {"square": 4.0})
    assert value_and_grad(f, has_aux=True)(2.0) == ((8.0, {"square": 4.0}), 12.0)


def test_keywords_and_defaults() -> None:
    assert grad(cubic)(2.0, k=2) == 4.0
    assert grad(cubic)(x=2.0) == 12.0


def of_every_kind(x: Any, /, y: Any, *rest: Any, k: Any = 2.0, **named: Any) -> Any:
    return x * y * k * sum(rest, 1.0) + x * sum(named.values())


def keyword_only(x: Any, *, k: Any, scale: Any = 3.0) -> Any:
    return x * k * scale


def positional_only(x: Any, y: Any = 5.0, /) -> Any:
    return x * y


CALLS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    (of_every_kind, (1.5, 2.0), {}),
    (of_every_kind, (1.5,), {"y": 2.0}),
    (of_every_kind, (1.5, 2.0, 3.0, 4.0), {"k": 0.5}),
    (of_every_kind, (1.5, 2.0, 3.0), {"k": 0.5, "a": 7.0, "x": 8.0}),
    (of_every_kind, (np.float32(1.5), 2.0), {}),
    (keyword_only, (1.5,), {"k": 2.0}),
    (keyword_only, (1.5,), {"scale": 2.0, "k": 4.0}),
    (positional_only, (1.5,), {}),
    (positional_only, (1.5, 2.0), {}),
]


def test_each_way_to_call_gives_the_same_at_each_call() -> None:
    gradients = {fun: grad(fun) for fun, _, _ in CALLS}
    for fun, (x, *rest), kwargs in (*CALLS, *CALLS[::-1]):
        # Linear in x: any step will do.
        expected = fun(x + 0.5, *rest, **kwargs) - fun(x - 0.5, *rest, **kwargs)
        assert gradients[fun](x, *rest, **kwargs) == pytest.approx(expected, rel=1e-6)
    assert gradients[keyword_only](x=2.0, k=3.0) == 9.0


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (keyword_only, (1.0, 2.0), {}),
        (keyword_only, (1.0,), {}),
        (positional_only, (), {"x": 1.0}),
        (positional_only, (1.0, 2.0, 3.0), {}),
        (of_every_kind, (1.0,), {"k": 1.0}),
    ],
)
def test_a_wrong_call_is_refused_at_each_call(fun: Any, args: Any, kwargs: Any) -> None:
    gradient = grad(fun)
    right = next((args, kwargs) for each, args, kwargs in CALLS if each is fun)
    for _ in range(2):
        with pytest.raises(TypeError):
            gradient(*args, **kwargs)
        gradient(*right[0], **right[1])


def test_name_doc_and_signature_are_those_of_the_function() -> None:
    gradient = grad(cubic)
    assert gradient.__name__ == "cubic"
    assert gradient.__doc__ == "The sum of x**k."
    assert inspect.signature(gradient) == inspect.signature(cubic)
    assert gradient.__wrapped__ is cubic


def test_methods_bound_methods_and_callable_objects() -> None:
    quadratic = Quadratic(2.0)
    assert quadratic.slope(3.0) == 12.0
    assert grad(quadratic.value)(3.0) == 12.0
    assert grad(quadratic)(3.0) == 13.0
    quadratic.scale = 5.0
    assert quadratic.slope(3.0) == 30.0


def test_functions_without_source_that_have_a_rule() -> None:
    assert grad(np.sin)(0.0) == 1.0
    np.testing.assert_array_equal(grad(np.sum)(np.ones(3)), np.ones(3))


def evaluated(x: Any) -> Any:
    return 2 * x + eval("x ** 2")


def executed(x: Any) -> Any:
    exec("x[0] = 5.0")
    return x[0] ** 2


def listed(x: Any) -> Any:
    return x * locals()["x"]


def all_listed(x: Any) -> Any:
    return x * vars()["x"]


def through_frame(x: Any) -> Any:
    frame = inspect.currentframe()
    assert frame is not None
    return x * frame.f_locals["x"]


@pytest.mark.parametrize("fun", [evaluated, executed, listed, all_listed, through_frame])
def test_what_looks_at_the_names_of_its_caller_is_refused(fun: Any) -> None:
    with pytest.raises(Unsupported, match="looks at the names of the function that calls it"):
        grad(fun)(np.ones(1) if fun is executed else 2.0)


def test_integers_are_promoted() -> None:
    assert grad(lambda a, b: a**3 - b**2, argnums=(0, 1))(5, 6) == (75.0, -12.0)
    found = grad(lambda x: np.sum(x * x))(np.array([1, 2]))
    assert found.dtype == np.float64


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_of_what_is_found_by_name_and_of_what_is_not(protocol: int) -> None:
    assert pickle.loads(pickle.dumps(decorated, protocol)) is decorated
    again = pickle.loads(pickle.dumps(grad(cubic, argnums="x"), protocol))
    assert again(2.0) == 12.0


def test_pickle_of_derivatives_of_objects_that_are_called() -> None:
    for made in (
        grad(Quadratic(3.0)),
        jacobian(Quadratic(3.0)),
        grad(functools.partial(cubic, k=2)),
    ):
        again = pickle.loads(pickle.dumps(made))
        assert again(2.0) == made(2.0)
    rule = custom_vjp(Quadratic(3.0))
    rule.defvjp(cubic, cubic)
    assert pickle.loads(pickle.dumps(rule))(2.0) == 14.0


def test_code_that_is_replaced_in_place_is_derived_anew() -> None:
    """As what reloads code does."""

    def power(x: Any) -> Any:
        return np.sum(x**2)

    def other(x: Any) -> Any:
        return np.sum(x**3)

    x = np.array([1.0, 2.0])
    gradient, tangent = grad(power), jvp(power)
    for code, factor in ((power.__code__, 2), (other.__code__, 3)):
        power.__code__ = code
        slopes = factor * x ** (factor - 1)
        np.testing.assert_allclose(gradient(x), slopes)
        np.testing.assert_allclose(vjp(power, x)[1](1.0)[0], slopes)
        assert tangent((x,), (x,))[1] == pytest.approx(np.sum(slopes * x))


def test_copies_work() -> None:
    assert copy.deepcopy(grad(cubic))(2.0) == 12.0
    assert copy.copy(decorated)(1.0) == 2.0


def test_source_before_and_after_a_call() -> None:
    gradient = grad(lambda x: np.sum(np.sin(x)))
    before = gradient.source
    assert "np.cos(x)" in before
    gradient(np.ones(3))
    assert "return np.cos(x)" in gradient.source.splitlines()[-1]
    assert gradient.source._repr_markdown_().startswith("```python")


def test_source_that_needs_the_arguments_says_so() -> None:
    with pytest.raises(Unsupported, match="specialize"):
        _ = grad(lambda model, x: model.forward(x)).source


def test_specialize_and_explain() -> None:
    gradient = grad(cubic).specialize(np.ones(3))
    assert "differentiated" in gradient.explain()
    assert "def cubic_grad(x, k):" in gradient.source


def head(x: Any, n: int, scaled: bool = True) -> Any:
    part = x[:n] * (2 if scaled else 1)
    return np.sum(item_of(part, 0) * part)


def test_conditions_are_in_words_of_the_function() -> None:
    text = grad(head).specialize(np.ones(3), 2).explain()
    assert text.endswith(
        """compiled for 1 kind of arguments; this one where
  x is an array of float64 with 1 axis
  n is an int
  scaled is True
  item_of is the same function
  x.shape[0] >= n"""
    )


@pytest.mark.parametrize("give", [custom_vjp, rule, lambda f: custom_vjp(cubic).defvjp(f, cubic)])
def test_what_is_no_function_has_no_rule(give: Any) -> None:
    with pytest.raises(TypeError, match="is given 3"):
        give(3)


def test_saved_module_stands_alone(tmp_path: Path) -> None:
    gradient = grad(cubic).specialize(np.ones(3))
    gradient.save(tmp_path / "saved.py")
    spec = importlib.util.spec_from_file_location("saved", tmp_path / "saved.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    np.testing.assert_array_equal(module.cubic_grad(np.array([2.0]), 3), [12.0])
    assert "adjoint" not in (tmp_path / "saved.py").read_text()


def test_bad_arguments_say_what_there_is() -> None:
    with pytest.raises(BadArgument, match="has no argument 'wieght'") as caught:
        grad(lambda weight, x: weight * x, argnums="wieght")
    assert "weight" in str(caught.value)
    with pytest.raises(BadArgument, match="which has 2"):
        grad(lambda weight, x: weight * x, argnums=2)
    with pytest.raises(BadArgument, match="name is a str"):
        grad(lambda name: name)("w")
    with pytest.raises(BadArgument, match="is not a function"):
        grad(3.0)  # type: ignore[arg-type]


def test_results_that_are_no_number() -> None:
    with pytest.raises(NotScalar, match="array of shape"):
        grad(lambda x: x * 2)(np.ones(3))
    with pytest.raises(NotScalar, match="2 values"):
        grad(lambda x: (x, x))(1.0)
    unknown = grad(lambda x, kind: np.cumsum(x, None, kind))  # the code does not know the rank
    np.testing.assert_array_equal(unknown(np.ones(1), float), [1.0])
    with pytest.raises(ValueError, match="can only convert an array of size 1"):
        unknown(np.ones(3), float)


def test_zero_gradient_is_said() -> None:
    with pytest.warns(ZeroGradientWarning, match="does not depend on y"):
        assert grad(lambda x, y: x * x, argnums=(0, 1))(2.0, 3.0) == (4.0, 0.0)
    with pytest.warns(ZeroGradientWarning, match="no floats in x(.|\n)*write 1.0 for 1"):
        assert grad(lambda x: sum(x))([1, 2]) == [None, None]


def test_tracebacks_show_the_generated_line() -> None:
    gradient = grad(lambda x, i: x[i] * x[0])
    x = np.array([1.0, 2.0])
    gradient(x, 1)
    with pytest.raises(IndexError) as caught:
        gradient(x, 5)
    text = "".join(traceback.format_exception(caught.value))
    assert "x[i]" in text.split("<adjoint")[-1]


def item_of(y: Any, i: int) -> Any:
    z = y * 2
    return z[i]


def with_items(x: Any, i: int) -> Any:
    return np.sum(x) + item_of(x, i) * x[0]


NOTE = """raised by code that was generated for
  {file}:{line}:12 in item_of
      return z[i]
             ^^^^
  called from {file}:{caller}:24 in with_items
      return np.sum(x) + item_of(x, i) * x[0]
                         ^^^^^^^^^^^^^"""


def test_errors_in_generated_code_say_which_line_they_come_from() -> None:
    x = np.array([1.0, 2.0])
    line, caller = (f.__code__.co_firstlineno for f in (item_of, with_items))
    note = NOTE.format(file=__file__, line=line + 2, caller=caller + 1)
    held = grad(with_items)
    held(x, 1)
    for call in (
        lambda: held(x, 5),
        lambda: grad(with_items)(x, 5),
        lambda: vjp(with_items, x, 5),
        lambda: jvp(with_items, (x, 5), (x, None)),
        lambda: jacobian(with_items)(x, 5),
        lambda: hvp(with_items)(x, 5, x),
    ):
        with pytest.raises(IndexError) as caught:
            call()
        assert caught.value.__notes__ == [note]


def test_a_pullback_that_raises_says_so_too() -> None:
    @custom_vjp
    def root(x: Any) -> Any:
        return x

    root.defvjp(lambda x: (x, x), lambda x, g: (g / (x - x),))
    _, pull = vjp(root, 2.0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as caught:
            pull(1.0)
        assert "root.defvjp(lambda x: (x, x), lambda x, g: (g / (x - x),))" in str(
            caught.value.__notes__
        )


class Pair(NamedTuple):
    a: Any
    b: Any


def test_structures_come_back() -> None:
    found = grad(lambda p: p.a * np.sum(p.b))(Pair(2.0, np.array([1.0, 3.0])))
    assert type(found) is Pair
    assert found.a == 4.0
    np.testing.assert_array_equal(found.b, [2.0, 2.0])


PRINTER = """
import numpy as np
from adjoint import grad

def f(params, xs, n):
    h = np.zeros(3)
    total = 0.0
    for i in range(n):
        for x in xs:
            h = np.tanh(params["w"] @ h + x * params["scale"])
            if h[0] > 0.9:
                break
        total = total + np.sum(h * h) * (1.0 if i % 2 else 0.5)
    return total + sum([np.sum(v) for k, v in params.items()])

g = grad(f)
g({"w": np.eye(3) * 0.1, "scale": 0.3}, np.ones((4, 3)) * 0.2, 2)
print(g.source)
"""


def test_two_processes_print_the_same_bytes(tmp_path: Path) -> None:
    script = tmp_path / "printer.py"
    script.write_text(PRINTER)
    root = Path(adjoint.__file__).parent.parent
    texts = set()
    for seed in ("0", "1", "4242"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        made = subprocess.run([sys.executable, script], env=env, capture_output=True, check=True)
        texts.add(made.stdout)
    assert len(texts) == 1
    assert b"def f_grad" in texts.pop()


def test_argument_by_its_name_in_keywords():
    def fun(x, **rest):
        return np.sum(x**2 * rest["w"]) * rest.get("s", 1.0)

    x, w = np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])
    assert np.allclose(grad(fun, argnums="w")(x, w=w, s=3.0), 3 * x**2)
    by_x, by_s = grad(fun, argnums=(0, "s"))(x, w=w, s=3)
    assert np.allclose(by_x, 6 * x * w)
    assert by_s == np.sum(x**2 * w)
    with pytest.raises(BadArgument, match=r"rest\['q'\] is asked for, .* does not give: it has w"):
        grad(fun, argnums="q")(x, w=w)


def test_keywords_that_are_changed_inside():
    def fun(x, **rest):
        w = rest.pop("w")
        rest["v"] = w * 2
        return np.sum(x * w**2 * rest["v"])

    x, w = np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])
    assert np.allclose(grad(fun, argnums="w")(x, w=w), 6 * x * w**2)


def test_pullback_is_not_pickled():
    _, pullback = vjp(np.sin, np.array([0.3]))
    with pytest.raises(BadArgument, match="the pullback of sin holds what was computed"):
        pickle.dumps(pullback)
    assert copy.deepcopy(pullback)(np.ones(1)) == np.cos(0.3)


def test_a_function_with_a_cache_of_the_script_itself(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(
        "from functools import lru_cache\n"
        "import numpy as np\n"
        "from adjoint import grad\n"
        "@lru_cache(maxsize=None)\n"
        "def lucas(n):\n"
        "    return n + 1 if n < 2 else lucas(n - 1) + lucas(n - 2)\n"
        "def f(x):\n"
        "    return sum(lucas(int(4 * abs(v))) * v for v in x)\n"
        "print(grad(f)(np.array([0.3, 1.6])))\n"
    )
    made = subprocess.run([sys.executable, script], capture_output=True, check=True, text=True)
    assert made.stdout == "[ 2. 21.]\n"

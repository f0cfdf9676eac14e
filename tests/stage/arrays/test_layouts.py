"""Whether a view or a copy is written: as NumPy decides, or refused."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import numpy as np
import pytest

from adjoint import grad, value_and_grad
from adjoint.errors import Unsupported
from tests.oracle import assert_gradient
from tests.sampling import EVERY
from tests.sources import module_from

X = np.linspace(0.1, 1.2, 12).reshape(3, 4) ** 2
LAYOUTS = {"rows": X, "columns": np.asfortranarray(X), "gaps": np.repeat(X, 2, 0)[::2]}

ARRAYS = (
    "x", "x.T", "x[1:]", "x[:, 1:]", "x[::2]", "x[1:][:, None]", "x * 2", "x.T * 2",
    "x.T.copy()", "np.copy(x.T)", "np.array(x.T)", "x[:, 1:] + x[:, :-1]", "x[::2] * 1.0",
    "np.stack([x, x])", "np.stack([x.T, x.T], 2)", "np.concatenate([x.T, x.T], 1)",
    "x[:, None] * x[None]", "x[0][:, None] - x[1][None, :]", "np.exp(x[None].T)",
    "x.T + x[0][:, None]", "x @ x.T", "np.minimum(x, x[0])", "np.where(x > 0, x, 1.0)",
    "np.full((3, 4), x[0, 0], float, 'F')", "np.copy(x, 'F')", "x.T.copy('K')", "x[[0, 2]] * 2",
    "np.triu(np.exp(x[None].T))", "np.linspace(x, x + 1, 3)", "np.tile(x.T, (1, 1))",
    "np.stack([x, x.T.copy().T]).sum(0)",
)  # fmt: skip
VIEWS = (
    "a.reshape(-1)", "a.ravel()", "a.ravel('F')", "np.ascontiguousarray(a)",
    "np.asfortranarray(a)", "a[1:].T.ravel()", "a[..., 1:].reshape(-1)", "a.T.reshape(-1)",
    "a[..., ::-1].reshape(-1)", "np.flip(a).reshape(-1)", "a.reshape(2, -1)",
    "a.swapaxes(0, -1)[1:].reshape(-1)", "a[..., :1].ravel()", "a[..., :1].reshape(-1)",
    "a.reshape(-1)[1:].reshape(-1, 1).ravel()", "a.reshape(-1, order='F')",
)  # fmt: skip
#: Every seventh pair of the table: the sizes have no factor in common, so each is met.
PAIRS = list(itertools.product(ARRAYS, VIEWS))[::7]


def _program(array: str, view: str) -> str:
    lines = ("def f(x):", f"a = {array}", f"b = {view}", "b[0] = 100.0")
    return "import numpy as np\n" + "\n    ".join((*lines, "return np.sum(a * a) + np.sum(b)"))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("array", "view"), PAIRS)
@pytest.mark.sampled(2)
def test_what_is_written_through_is_what_numpy_writes(array: str, view: str, layout: str) -> None:
    x = LAYOUTS[layout]
    f = module_from(_program(array, view), f"{array} {view} {layout}").f
    gaps = np.repeat(x, 2, 0)[::2] if layout == "gaps" else x.copy(order="K")
    try:
        expected = f(gaps)
    except (ValueError, IndexError):  # of a shape that does not fit
        return
    try:
        value, gradient = value_and_grad(f)(x)
    except Unsupported as error:
        assert "may be a view or a copy" in str(error)
        return
    assert value == expected
    assert gradient.shape == x.shape


@pytest.mark.filterwarnings("ignore:Setting the shape on a NumPy array")  # from NumPy 2.5 on
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("array", [each for each in ARRAYS if "(" in each or "*" in each][::3])
def test_a_shape_is_set_where_numpy_sets_it(array: str, layout: str) -> None:
    text = f"import numpy as np\ndef f(x):\n    a = {array}\n    a.shape = -1\n"
    f = module_from(text + "    return np.sum(a * x[0, 0])", f"{array} in a row, {layout}").f
    x = LAYOUTS[layout]
    try:
        f(np.repeat(x, 2, 0)[::2] if layout == "gaps" else x.copy(order="K"))
    except AttributeError as error:
        with pytest.raises((AttributeError, Unsupported)) as raised:
            value_and_grad(f)(x)
        assert str(error) in str(raised.value) or "how it lies in memory" in str(raised.value)
        return
    try:
        value_and_grad(f)(x)
    except Unsupported as error:
        assert "how it lies in memory" in str(error)


def test_a_copy_of_an_item_of_a_list_lies_as_nobody_knows() -> None:
    text = """
        import numpy as np
        def f(x):
            xs = []
            for k in range(3):
                xs.append(x * k)
            a = np.copy(xs[1])
            a[0] *= x[1]
            b = a.reshape(-1)
            return np.sum(x.ravel() * b)
        """
    module = module_from(inspect.cleandoc(text), "copied item")
    assert_gradient(module.f, X)


def test_a_call_with_another_layout_is_compiled_anew() -> None:
    f = module_from(_program("x", "a.reshape(-1)"), "another layout").f
    derivative = value_and_grad(f)
    for x in (*LAYOUTS.values(), *LAYOUTS.values()):
        expected = f(np.repeat(x, 2, 0)[::2] if x is LAYOUTS["gaps"] else x.copy(order="K"))
        assert derivative(x)[0] == expected


def test_what_numpy_may_have_copied_is_not_read_after_a_write() -> None:
    text = (
        "import numpy as np\ndef f(x):\n    b = x.ravel('K')\n    x[0] = 2.0\n    return np.sum(b)"
    )
    with pytest.raises(Unsupported, match="may be a view or a copy of an array that was written"):
        value_and_grad(module_from(text, "kept order").f)(X)


@pytest.mark.parametrize("order", ["C", "F"] if EVERY else ["F"])
def test_the_argument_of_a_derivative_inside_lies_as_what_it_was_given(order: str) -> None:
    def f(a: Any) -> Any:
        row = a.reshape(-1)
        row[1:4] *= a[0, 1] + row[5]
        a[1, 1] += 0.2
        return np.sum(a**3) + row[5] ** 2

    def weighted(a: Any, b: Any) -> Any:
        return np.sum(b * grad(f)(a)) + np.sum(a * grad(f)(b * 2.0))

    assert_gradient(weighted, np.asarray(X, order=order), np.asarray(X - 0.3, order=order))

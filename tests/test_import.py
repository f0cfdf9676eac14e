"""To import `adjoint` is to import what users hold; the compiler comes with the first call."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import adjoint
from adjoint.api.compiler import _Deferred

MOST_MODULES = 40
"""Of `adjoint` and the standard library, beyond what NumPy imports: 26 are loaded now."""


Run = Callable[[str], str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """What returns what a program prints in a fresh interpreter, in which NumPy is imported."""

    def printed(program: str) -> str:
        file = tmp_path / "program.py"
        file.write_text(f"import sys\nimport numpy as np\nnumpys = set(sys.modules)\n{program}\n")
        done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True)
        assert not done.returncode, done.stderr
        return done.stdout

    return printed


LOADED = """
def loaded(*names):
    return [name for name in names if name in sys.modules]
COMPILER = ("gast", "astunparse", "scipy", "adjoint.rules", "adjoint.stage", "adjoint.pipeline")
"""


def test_import_loads_nothing_of_the_compiler(run: Run) -> None:
    assert run(f"{LOADED}\nimport adjoint\nprint(loaded(*COMPILER))") == "[]\n"


def test_import_loads_few_modules(run: Run) -> None:
    new = run("import adjoint\nprint(*sorted(set(sys.modules) - numpys))").split()
    assert "adjoint.api" in new
    assert len(new) <= MOST_MODULES, new


MAKING = """
import functools
from adjoint import *
def f(x, y):
    return np.sum(x * y)
class Model:
    def loss(self, x):
        return x * x
made = [grad(f), value_and_grad(argnums="y")(f), jacobian(f), hessian(f), hvp(f), jvp(f)]
made += [elementwise_grad(f), jacfwd(f), grad(Model().loss), grad(grad(f), argnums=1)]
"""


def test_what_users_hold_is_made_without_the_compiler(run: Run) -> None:
    assert run(f"{LOADED}{MAKING}\nprint(loaded(*COMPILER))") == "[]\n"


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ("grad(f, argnums='wieght')", "f has no argument 'wieght'"),
        ("grad(f, argnums=2)", "argnums asks for argument 2 of f"),
        ("grad(f, argnums=1.5)", "argnums is 1.5"),
        ("grad(3)", "3 is not a function"),
        ("grad(eval)", "eval"),
    ],
)
def test_bad_input_is_refused_when_it_is_given(run: Run, made: str, error: str) -> None:
    printed = run(f"{MAKING}\ntry:\n    {made}\nexcept AdjointError as found:\n    print(found)")
    assert error in printed


def test_the_first_call_loads_the_compiler_and_no_scipy(run: Run) -> None:
    shown = "print(f_grad(2.0, 3.0), loaded('adjoint.pipeline', 'gast', 'scipy'))"
    printed = run(f"{LOADED}{MAKING}\nf_grad = grad(f)\n{shown}")
    assert printed == "3.0 ['adjoint.pipeline', 'gast']\n"


def test_functions_of_numpy_have_their_rules_in_a_fresh_interpreter(run: Run) -> None:
    assert run("from adjoint import grad\nprint(grad(np.exp)(0.0))") == "1.0\n"
    assert (
        run("from adjoint import jvp\nprint(jvp(np.full, (2, 3.0), (None, 1.0))[1])") == "[1. 1.]\n"
    )


def test_a_function_may_be_given_a_rule_before_anything_is_loaded(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cubes.py").write_text("def cube(x):\n    return float(str(x)) ** 3\n")
    given = """
from adjoint import grad
from adjoint.rules import vjp
from cubes import cube
vjp(cube, x=lambda g, ans, x: g * 3 * x**2)
print(grad(cube)(2.0))
"""
    assert run(given) == "12.0\n"


OTHERS = """
import types
import scipy.integrate, scipy.linalg, scipy.ndimage, scipy.signal, scipy.special, scipy.stats
from adjoint.api.compiler import LIBRARIES
from adjoint.rules import lookup, registered
lookup("what has no rule declares those of SciPy")
functions = [r.function for r in registered() if isinstance(r.function, types.FunctionType)]
others = [f for f in functions if f.__module__.partition(".")[0] not in (*LIBRARIES, "adjoint")]
print(len(functions) > 100, others)
"""


def test_python_functions_with_a_rule_are_of_the_libraries_that_are_named(run: Run) -> None:
    assert run(OTHERS) == "True []\n"


def test_modules_are_loaded_on_demand(run: Run) -> None:
    assert run("import adjoint\nprint(adjoint.pipeline.__name__)") == "adjoint.pipeline\n"
    assert run("import adjoint\nprint(adjoint.rules.lookup(np.sin).function)") == "<ufunc 'sin'>\n"
    assert {"pipeline", "rules", "grad"} <= set(dir(adjoint))
    with pytest.raises(AttributeError, match="no attribute 'piepline'"):
        adjoint.piepline  # noqa: B018


COUNTED = """
import itertools, linecache, operator
from adjoint import grad
from adjoint.rules.registry import vjp
fresh = itertools.count()
def steps():
    "The lines of Python that run while a gradient is derived and compiled."
    file = f"<{next(fresh)}>"
    text = "def f(x):\\n    y = np.sin(x) @ np.exp(x)\\n    return y * np.sum(x[::2] ** 2)\\n"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space = {"np": np}
    exec(compile(text, file, "exec"), space)
    gradient, x, lines = grad(space["f"]), np.ones(4), 0
    def count(frame, event, argument):
        nonlocal lines
        lines += event == "line"
        return count
    sys.settrace(count)
    gradient(x)
    sys.settrace(None)
    return lines
steps()
before = steps()
for _ in range(5000):
    vjp(lambda x: x, x=lambda g, ans, x: g)
after = steps()
print(before > 10_000, after == before or (before, after))
"""


def test_staging_costs_the_same_with_five_thousand_rules_more(run: Run) -> None:
    assert run(COUNTED) == "True True\n"


def test_threads_that_need_a_module_at_once_wait_for_all_of_it(tmp_path, monkeypatch) -> None:
    (tmp_path / "slow_to_load.py").write_text("import time\ntime.sleep(0.05)\nvalue = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    deferred = _Deferred("slow_to_load")
    with ThreadPoolExecutor(4) as threads:
        assert [*threads.map(lambda _: deferred.value, range(4))] == [7] * 4

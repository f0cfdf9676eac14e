"""Every example runs as it stands, without arguments, and says what it should."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.documents import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

SAYS = {
    "linear_regression": [
        "def mse_grad",
        "found 0.4",
        "found 2.00",
        "found 20.09",
        "linear_regression.png",
    ],
    "two_layer_net": ["the net says"],
    "logistic_bce": ["gradient of b", "step 200"],
    "by_hand_and_by_grad": ["epoch 11: w= 2.001, loss =0.00002861", "f(5) = 9.9"],
    "scipy_minimize": ["the minimum is at"],
    "equilibrium": ["step 200: loss 0.0000", "np.linalg.solve(jacobian.T", "np.clip("],
    "fit_an_ode": ["def growth_vjp", "ode_adjoint(", "the misfit is 1.86"],
    "read_the_gradient": ["def root_grad", "def last_state_grad", "def grow_grad", "x_stack"],
}


def run_example(name, folder, *first_on_path):
    """Return what an example prints when it is run in `folder`."""
    path = os.pathsep.join(str(entry) for entry in (*first_on_path, ROOT))
    settings = {"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(folder), "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / f"{name}.py")],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_example_runs(name, tmp_path):
    output = run_example(name, tmp_path)
    for text in SAYS[name]:
        assert text in output, f"{name} does not say {text!r}:\n{output}"
    if name == "linear_regression" and find_spec("matplotlib"):
        assert (tmp_path / "linear_regression.png").stat().st_size > 10_000


def test_main_example_works_without_matplotlib(tmp_path):
    (tmp_path / "matplotlib.py").write_text("raise ImportError('not installed')\n")
    assert "matplotlib is not installed" in run_example("linear_regression", tmp_path, tmp_path)
    assert not list(tmp_path.glob("*.png"))

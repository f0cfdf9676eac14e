"""SciPy is not imported unless the program does."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import numpy as np
import adjoint
adjoint.grad(np.sin)(1.0)
assert not any(name.partition(".")[0] == "scipy" for name in sys.modules)
from scipy import special
assert adjoint.grad(special.gammaln)(3.0) > 0
assert "adjoint.rules.scipy.special" in sys.modules
assert "adjoint.rules.scipy.stats" not in sys.modules
"""


def test_rules_come_with_the_import() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)

"""Print how long `import adjoint` takes beside `import numpy`, and what the first gradient adds.

    python benchmarks/import_time.py

Each row is measured in fresh interpreters, all kinds in turn. They share a folder of compiled
bytecode, which a run before the first measured one has filled: as after an installation.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 25

FIRST = """
from adjoint import grad
def f(x):
    return np.sum(np.sin(x) * x)
gradient = grad(f)
"""

PROGRAMS = {
    "import numpy": "import numpy as np",
    "import adjoint": "import adjoint",
    "... and decorate": "import numpy as np" + FIRST,
    "... and call": "import numpy as np" + FIRST + "gradient(np.ones(3))",
}
"""What is run, by the name it has in the table."""

TIMED = """
from time import perf_counter
start = perf_counter()
exec(compile({program!r}, {file!r}, "exec"), {{"__name__": "program"}})
print(perf_counter() - start)
"""


def environment(cache: str) -> dict[str, str]:
    """Return an environment in which bytecode is kept in `cache`."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": cache}


def seconds(program: str, folder: str) -> float:
    """Return how long a program takes in an interpreter of its own."""
    file = os.path.join(folder, "program.py")
    with open(file, "w") as written:
        written.write(program)
    text = TIMED.format(program=program, file=file)
    command = [sys.executable, "-c", text]
    done = subprocess.run(command, env=environment(folder), capture_output=True, check=True)
    return float(done.stdout)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for program in PROGRAMS.values():
            seconds(program, folder)
        rounds = [[seconds(p, folder) for p in PROGRAMS.values()] for _ in range(ROUNDS)]
    print(f"{'':20}{'ms':>8}{'of numpy':>10}{'spread of the ratio':>22}")
    for name, times in zip(PROGRAMS, zip(*rounds, strict=True), strict=True):
        ratios = sorted(time / base for time, (base, *_) in zip(times, rounds, strict=True))
        tenth = len(ratios) // 10
        low, high = ratios[tenth], ratios[-1 - tenth]
        ratio = statistics.median(times) / statistics.median(base for base, *_ in rounds)
        middle = 1e3 * statistics.median(times)
        print(f"{name:20}{middle:>8.1f}{ratio:>10.2f}{low:>12.2f} to {high:.2f}")


if __name__ == "__main__":
    main()

"""Print what a call of each derivative costs beyond the generated code it runs.

    python benchmarks/calls.py

The function is the product of two floats, whose derivatives take next to nothing: what is shown is
the way from the call to the generated code and back. All are timed in turn, in one run.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import process_time
from typing import Any

from adjoint import elementwise_grad, grad, hvp, jvp, value_and_grad, vjp

ROUNDS, REPEATS = 21, 2000


def product(x: float, y: float = 3.0) -> float:
    return x * y


def with_aux(x: float, y: float) -> tuple[float, str]:
    return x * y, "aux"


def by_keyword_only(x: float, *, y: float) -> float:
    return x * y


def of_several(*args: float) -> float:
    return args[0] * args[1]


def square(x: float) -> float:
    return x * x


class Scale:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def of(self, x: float) -> float:
        return self.factor * x

    @grad(argnums=1)
    def slope(self, x: float) -> float:
        return self.factor * x


def calls() -> dict[str, Callable[[], Any]]:
    """Return what is timed, by the name it has in the table."""
    gradient, both, aux = grad(product), value_and_grad(product), grad(with_aux, has_aux=True)
    only, several = grad(by_keyword_only), grad(of_several)
    scale, tangent, product_of_hessian = Scale(2.0), jvp(product), hvp(square)
    of_method, elementwise = grad(scale.of), elementwise_grad(product)
    pullback = vjp(product, 2.0, 3.0)[1]
    return {
        "the function": lambda: product(2.0, 3.0),
        "grad": lambda: gradient(2.0, 3.0),
        "grad, a default": lambda: gradient(2.0),
        "grad, by keyword": lambda: gradient(x=2.0, y=3.0),
        "grad, keyword-only": lambda: only(2.0, y=3.0),
        "grad, *args": lambda: several(2.0, 3.0),
        "grad, has_aux": lambda: aux(2.0, 3.0),
        "grad of a bound method": lambda: of_method(2.0),
        "a method that is a grad": lambda: scale.slope(2.0),
        "value_and_grad": lambda: both(2.0, 3.0),
        "vjp": lambda: vjp(product, 2.0, 3.0),
        "vjp of a method": lambda: vjp(scale.of, 2.0),
        "a pullback": lambda: pullback(1.0),
        "jvp": lambda: jvp(product, (2.0, 3.0), (1.0, 0.5)),
        "jvp, one held fixed": lambda: jvp(product, (2.0, 3.0), (1.0, None)),
        "jvp of a method": lambda: jvp(scale.of, (2.0,), (1.0,)),
        "a tangent": lambda: tangent((2.0, 3.0), (1.0, 0.5)),
        "hvp": lambda: product_of_hessian(2.0, 1.0),
        "elementwise_grad": lambda: elementwise(2.0, 3.0),
    }


def microseconds(call: Callable[[], Any]) -> float:
    """Return the time of one call, of many in a row."""
    start = process_time()
    for _ in range(REPEATS):
        call()
    return 1e6 * (process_time() - start) / REPEATS


def main() -> None:
    timed = calls()
    for call in timed.values():
        call()
    rounds = [[microseconds(call) for call in timed.values()] for _ in range(ROUNDS)]
    print(f"{'':26}{'us':>8}{'of grad':>9}{'spread, us':>20}")
    columns = list(zip(*rounds, strict=True))
    base = statistics.median(columns[1])
    for name, times in zip(timed, columns, strict=True):
        low, *_, high = sorted(times)[2:-2]
        middle = statistics.median(times)
        print(f"{name:26}{middle:>8.2f}{middle / base:>9.1f}{low:>12.2f} to {high:.2f}")


if __name__ == "__main__":
    main()

"""`adjoint` writes the gradient of a NumPy function as NumPy source.

Where do I …

differentiate a function?           `grad`, `value_and_grad`
pull back a cotangent?              `vjp`
compute along a direction?          `jvp`
differentiate many numbers?         `jacobian` (`jacrev`), `jacfwd`, `elementwise_grad`
differentiate twice?                `hessian`, `hvp`, or `grad` of `grad`
see the generated code?             ``grad(f).source``
stop derivatives?                   `stop_gradient`, `no_grad`
give a derivative by hand?          `custom_vjp`, `custom_jvp`
check a gradient?                   `check_grads`
find what went wrong?               `errors`: every error says where and what to do
keep less for the backward sweep?   `checkpoint`
differentiate a fixed point?        `custom_root`, `custom_fixed_point`
give compiled code a derivative?    `rule`
add a rule for a NumPy function?    `adjoint.rules`
follow a function through?          `adjoint.pipeline`
"""

import importlib
import types
from typing import TYPE_CHECKING

from adjoint.api import (
    Gradient,
    Jacobian,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    rule,
    value_and_grad,
    vjp,
)
from adjoint.custom import checkpoint, custom_jvp, custom_vjp
from adjoint.errors import (
    AdjointError,
    BadArgument,
    NoSource,
    NotScalar,
    Unsupported,
    ZeroGradientWarning,
)
from adjoint.implicit import custom_fixed_point, custom_root
from adjoint.markers import no_grad, stop_gradient
from adjoint.testing import check_grads

__all__ = [
    "AdjointError",
    "BadArgument",
    "Gradient",
    "Jacobian",
    "NoSource",
    "NotScalar",
    "Unsupported",
    "ZeroGradientWarning",
    "check_grads",
    "checkpoint",
    "custom_fixed_point",
    "custom_jvp",
    "custom_root",
    "custom_vjp",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "no_grad",
    "rule",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

__version__ = "0.1.0"

#: Modules that are not loaded by `import adjoint`, but when they are first asked for.
_ON_DEMAND = ("pipeline", "rules")

if not TYPE_CHECKING:  # type checkers know the modules

    def __getattr__(name: str) -> types.ModuleType:
        if name in _ON_DEMAND:
            return importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *_ON_DEMAND})

"""What users hold.

functions   `grad`, `value_and_grad`: what users call
gradient    the objects these return
pullback    `vjp`, and the pullbacks it returns
tangent     `jvp`, and the object that keeps its code; directions: tangents that fit
leaves      the numbers and arrays in a structure, for what checks derivatives
jacobians   `jacobian`, `jacfwd`, `hessian`, `hvp`, `elementwise_grad`, and their object
rows        Jacobians by calls of a pullback, where they cannot be one function; columns: of `jvp`
derivative  what all derivatives have in common: calling, compiling, looking, copying
arguments   which arguments are asked for
rule        rules for functions that are not read
callables   the Python function behind what is differentiated
compiler    the door to the compiler, which is loaded at the first call
"""

from adjoint.api.derivative import Source
from adjoint.api.functions import grad, value_and_grad
from adjoint.api.gradient import Gradient
from adjoint.api.jacobians import (
    Jacobian,
    elementwise_grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
)
from adjoint.api.pullback import Pullback, vjp
from adjoint.api.rule import rule
from adjoint.api.tangent import Tangent, jvp

__all__ = [
    "Gradient",
    "Jacobian",
    "Pullback",
    "Source",
    "Tangent",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "rule",
    "value_and_grad",
    "vjp",
]

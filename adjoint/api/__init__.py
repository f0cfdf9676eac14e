"""What users hold.

functions  `grad`, `value_and_grad`: what users call
gradient   the objects these return
arguments  which arguments are asked for
callables  the Python function behind what is differentiated
"""

from adjoint.api.functions import grad, value_and_grad
from adjoint.api.gradient import Gradient, Source

__all__ = ["Gradient", "Source", "grad", "value_and_grad"]

"""What is known about the derivatives of functions, one entry each.

Where to add a rule: in the module of its topic below, as one entry, with one line in the test that
mirrors it (``tests/rules/test_<topic>.py``). `adjoint.rules.registry` tells what an entry is.

======================  ==========================================================================
`elementwise`           arithmetic, exponentials, trigonometry, choice: element by element
`reductions`            sums, means, variances, largest and smallest along axes
`cumulative`            running sums and products, and the product
`shaping`               the same elements in another shape or order, or masked
`joining`               concatenate, stack, split
`tiling`                tile, repeat, pad
`indexing`              reads at places: take, diagonals, sorting
`creation`              arrays made from numbers, from lists, or like other arrays
`products`, `einsum`    dot, matmul, tensordot, ...; einsum
`linalg`, `norms`       the module ``numpy.linalg``: solving, determinants, norms
`decompositions`        eigenvalues, singular values, QR, and least squares
`fourier`               the module ``numpy.fft``
`methods`               methods of arrays that are no function of NumPy
`nondifferentiable`     functions whose derivative is zero wherever it exists
`python`                operators, builtins and the module ``math``; mostly the rule of NumPy's own
======================  ==========================================================================

Importing the package declares them all. A module that gives a function the rule of a model (`same`)
imports the module that the model is in. The names of the registry are here too, but for its
`elementwise`, since that is a topic.
"""

from adjoint.rules import (
    creation,
    cumulative,
    decompositions,
    einsum,
    elementwise,
    fourier,
    indexing,
    joining,
    linalg,
    methods,
    nondifferentiable,
    norms,
    products,
    python,
    reductions,
    shaping,
    tiling,
)
from adjoint.rules.registry import (
    Kind,
    Rule,
    jvp,
    linear,
    lookup,
    multilinear,
    rearrangement,
    refused,
    registered,
    same,
    vjp,
    zero_derivative,
)

__all__ = [
    "Kind",
    "Rule",
    "creation",
    "cumulative",
    "decompositions",
    "einsum",
    "elementwise",
    "fourier",
    "indexing",
    "joining",
    "jvp",
    "linalg",
    "linear",
    "lookup",
    "methods",
    "multilinear",
    "nondifferentiable",
    "norms",
    "products",
    "python",
    "rearrangement",
    "reductions",
    "refused",
    "registered",
    "same",
    "shaping",
    "tiling",
    "vjp",
    "zero_derivative",
]

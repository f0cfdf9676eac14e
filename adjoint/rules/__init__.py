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
`inserting`             insert, delete, resize
`ordering`, `quantiles` sort, unique; medians and quantiles
`sampled`, `slopes`     differences, areas, interpolation, convolution; np.gradient
`polynomials`           values, products and fits of polynomials
`poly1d`, `series`      the class ``np.poly1d``; values of the series of ``numpy.polynomial``;
                        `series_linear`: their derivatives, tables and fits; `series_products`,
                        `series_quotients` (also of ``np.polydiv``), `series_classes`
`binning`               histograms
`covariances`           covariance and correlation
`ufunc_methods`         ``np.add.reduce`` and its like
`vectorized`            the class ``np.vectorize``
`draws`                 random numbers in the parameters of their distribution
`closed_forms`          compositions with a derivative simpler than by the chain rule
`indexing`              reads at places: take, diagonals, sorting
`creation`              arrays made from numbers, from lists, or like other arrays
`products`, `einsum`    dot, matmul, tensordot, ...; einsum
`linalg`, `norms`       the module ``numpy.linalg``: solving, logarithms of determinants, norms
`determinants`          determinants, also of singular matrices
`decompositions`        eigenvalues and singular values
`least_squares`         QR, pseudoinverses and least squares
`spectral`              functions of symmetric matrices by their eigenvalues
`singular`              functions of matrices by their singular values
`fourier`               the module ``numpy.fft``
`methods`               methods of arrays that are no function of NumPy
`nondifferentiable`     functions whose derivative is zero wherever it exists
`staged`                functions that the interpreter follows: writers, callers
`refusals`              functions that are refused, each with its reason
`python`                operators, builtins and the module ``math``; mostly the rule of NumPy's own
`averages`              the module ``statistics``
`operators`             functions of `operator` that change their first argument
`scipy`                 functions of SciPy, declared once the program has imported it
`solvers`               how what is read in the place of a solver calls it
======================  ==========================================================================

Importing the package declares them all. A module that gives a function the rule of a model (`same`)
imports the module that the model is in. The names of the registry are here too, but for its
`elementwise`, since that is a topic.
"""

from adjoint.rules import (
    averages,
    binning,
    closed_forms,
    covariances,
    creation,
    cumulative,
    decompositions,
    determinants,
    draws,
    einsum,
    elementwise,
    fourier,
    indexing,
    inserting,
    joining,
    least_squares,
    linalg,
    methods,
    nondifferentiable,
    norms,
    operators,
    ordering,
    poly1d,
    polynomials,
    products,
    python,
    quantiles,
    reductions,
    refusals,
    sampled,
    series,
    series_classes,
    series_linear,
    series_products,
    series_quotients,
    shaping,
    singular,
    slopes,
    spectral,
    staged,
    tiling,
    triangles,
    ufunc_methods,
    vectorized,
)
from adjoint.rules.registry import (
    give,
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
from adjoint.rules.rule import Kind, Rule, Solver

__all__ = [
    "Kind",
    "Rule",
    "Solver",
    "averages",
    "binning",
    "closed_forms",
    "covariances",
    "creation",
    "cumulative",
    "decompositions",
    "determinants",
    "draws",
    "einsum",
    "elementwise",
    "fourier",
    "give",
    "indexing",
    "inserting",
    "joining",
    "jvp",
    "least_squares",
    "linalg",
    "linear",
    "lookup",
    "methods",
    "multilinear",
    "nondifferentiable",
    "norms",
    "operators",
    "ordering",
    "poly1d",
    "polynomials",
    "products",
    "python",
    "quantiles",
    "rearrangement",
    "reductions",
    "refusals",
    "refused",
    "registered",
    "same",
    "sampled",
    "series",
    "series_classes",
    "series_linear",
    "series_products",
    "series_quotients",
    "shaping",
    "singular",
    "slopes",
    "spectral",
    "staged",
    "tiling",
    "triangles",
    "ufunc_methods",
    "vectorized",
    "vjp",
    "zero_derivative",
]

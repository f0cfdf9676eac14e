"""Rules for functions of SciPy, a module of it each.

They are declared when a function is looked up that has no rule, for those modules of SciPy which
the program has imported by then: the package itself never imports SciPy. See `registry.lookup`.

===============  =================================================================================
`special`        gamma, beta and error functions, Bessel functions, softmax and its kin;
                 `special_incomplete`, `special_elliptic`, `special_values`
`linalg`         solving, factorising, functions of matrices; `linalg_of_numpy`
`incomplete`     gamma and beta functions by their shapes, as they are printed
`densities`      what the families of `stats` are declared by: `families`, `positive_families`
`stats`          the families used most; `counts`, `vectors`, `moments`, `frozen` distributions
`signal`         convolution and filters
`ndimage`        filters of arrays, whose `margins` they share; `coordinates` between elements
`interpolate`    splines in their data or coefficients, and where they are read; `grids`, `cubics`
`sparse`         methods of sparse matrices; `sparse_making`, `sparse_products`, `sparse_linalg`
`integrate`      integrals of samples
`odes`           solvers of ordinary differential equations
`quadrature`     integrals of functions
`optimize`       roots; minima are refused
`adjoints`       what gradients of solvers call at run time
===============  =================================================================================
"""

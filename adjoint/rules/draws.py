"""Rules of random draws in the parameters of their distribution, by reparametrisation.

What is drawn is a smooth function of the parameters and of noise that does not depend on them. It
is drawn once; its derivative is that of this function, for the noise that came. D. P. Kingma,
M. Welling, "Auto-encoding variational Bayes" (2013), section 2.4.

The first argument of each is the generator.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.registry import lookup, refused, vjp

__all__: list[str] = []

_GENERATORS = (np.random.Generator, np.random.RandomState)


# --- several variables ------------------------------------------------------------------------


def _multivariate_mean(
    g: Any, ans: Any, rng: Any, mean: Any, cov: Any, size: Any = None, *args: Any, **kwargs: Any
) -> Any:
    return g


def _multivariate_cov(
    g: Any,
    ans: Any,
    rng: Any,
    mean: Any,
    cov: Any,
    size: Any = None,
    check_valid: Any = "warn",
    tol: Any = 1e-8,
    *,
    method: Any = "svd",
) -> Any:
    """The draw is ``mean + factor @ noise``."""
    if method != "cholesky":
        raise NotImplementedError(
            "multivariate_normal by its covariance: pass method='cholesky' to that of a Generator, "
            "whose factor is smooth, or write mean + np.linalg.cholesky(cov) @ noise"
        )
    rule = lookup(np.linalg.cholesky)
    assert rule is not None
    factor = np.linalg.cholesky(cov)
    noise = np.linalg.solve(factor, np.transpose(ans - mean))
    if np.ndim(ans) == 1:
        d_factor = np.outer(g, noise)
    elif np.ndim(ans) == 2:
        d_factor = np.transpose(g) @ np.transpose(noise)
    else:
        raise NotImplementedError("multivariate_normal with a size of several axes")
    return rule.vjps["a"](np.tril(d_factor), factor, cov)


# --- the rules --------------------------------------------------------------------------------


def _declare(kind: Any) -> None:
    vjp(
        kind.normal,
        loc=lambda g, ans, rng, loc=0.0, scale=1.0, size=None: g,
        scale=lambda g, ans, rng, loc=0.0, scale=1.0, size=None: g * (ans - loc) / scale,
    )
    vjp(
        kind.uniform,
        low=lambda g, ans, rng, low=0.0, high=1.0, size=None: g * (high - ans) / (high - low),
        high=lambda g, ans, rng, low=0.0, high=1.0, size=None: g * (ans - low) / (high - low),
    )
    vjp(kind.exponential, scale=lambda g, ans, rng, scale=1.0, size=None: g * ans / scale)
    vjp(kind.rayleigh, scale=lambda g, ans, rng, scale=1.0, size=None: g * ans / scale)
    for located in (kind.laplace, kind.logistic, kind.gumbel):
        vjp(
            located,
            loc=lambda g, ans, rng, loc=0.0, scale=1.0, size=None: g,
            scale=lambda g, ans, rng, loc=0.0, scale=1.0, size=None: g * (ans - loc) / scale,
        )
    vjp(
        kind.lognormal,
        mean=lambda g, ans, rng, mean=0.0, sigma=1.0, size=None: g * ans,
        sigma=lambda g, ans, rng, mean=0.0, sigma=1.0, size=None: (
            g * ans * (np.log(ans) - mean) / sigma
        ),
    )
    # The logarithm of each of these is that of the noise, divided by the shape.
    vjp(kind.weibull, a=lambda g, ans, rng, a, size=None: -g * ans * np.log(ans) / a)
    vjp(kind.power, a=lambda g, ans, rng, a, size=None: -g * ans * np.log(ans) / a)
    vjp(kind.pareto, a=lambda g, ans, rng, a, size=None: -g * (1 + ans) * np.log1p(ans) / a)
    vjp(kind.multivariate_normal, mean=_multivariate_mean, cov=_multivariate_cov)


#: Draws that jump as the parameters change: they have no derivative but zero.
_JUMPING = (
    "poisson", "binomial", "negative_binomial", "geometric", "hypergeometric", "logseries", "zipf",
    "multinomial", "multivariate_hypergeometric", "integers", "randint", "random_integers",
    "choice", "permutation", "permuted", "shuffle",
)  # fmt: skip
#: Draws by rejection: the draw is no simple function of noise.
_REJECTING = (
    "gamma", "beta", "chisquare", "noncentral_chisquare", "f", "noncentral_f", "standard_gamma",
    "standard_t", "dirichlet", "triangular", "vonmises", "wald",
)  # fmt: skip

for _kind in _GENERATORS:
    _declare(_kind)
    for _name in _JUMPING:
        if hasattr(_kind, _name):
            refused(
                "what is drawn jumps as its parameters change, so that its derivative is zero: say"
                " so with stop_gradient(…)",
                getattr(_kind, _name),
                effect=True,
            )
    for _name in _REJECTING:
        if hasattr(_kind, _name):
            refused(
                "what is drawn is no simple function of noise and parameters; draw noise and write"
                " the function, or say stop_gradient(…)",
                getattr(_kind, _name),
                effect=True,
            )

"""Distributions of ``scipy.stats`` with their parameters bound: ``stats.norm(loc, scale)``.

Each method is read as the method of the distribution itself, with the parameters behind what it is
given: ``stats.norm(m, s).logpdf(x)`` is ``stats.norm.logpdf(x, m, s)``, which has a rule. That
holds for those that the program makes, and for those that came in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from adjoint.rules.directives import is_written
from adjoint.rules.registry import instead

__all__: list[str] = []

Continuous: Any = type(stats.norm())
Discrete: Any = type(stats.poisson(1.0))
Frozen: Any = stats.distributions.rv_frozen
Normal: Any = type(stats.multivariate_normal())
Dirichlet: Any = type(stats.dirichlet([1.0, 1.0]))


# Of one variable ------------------------------------------------------------------------------


def freeze(distribution: Any, *args: Any, **kwds: Any) -> Any:
    """As ``distribution(*args, **kwds)``."""
    if isinstance(distribution, stats.rv_continuous):
        return Continuous(distribution, *args, **kwds)
    return Discrete(distribution, *args, **kwds)


def keep(frozen: Any, dist: Any, *args: Any, **kwds: Any) -> None:
    """Bind the parameters; SciPy's own makes a copy of the distribution, and looks at them."""
    frozen.dist = dist
    frozen.args = args
    frozen.kwds = kwds


def interval(distribution: Any, confidence: Any, *args: Any, **kwds: Any) -> Any:
    """As ``distribution.interval(confidence, *args, **kwds)``."""
    low = distribution.ppf((1 - confidence) / 2, *args, **kwds)
    return low, distribution.ppf((1 + confidence) / 2, *args, **kwds)


def _distribution(frozen: Any) -> Any:
    """The distribution that was frozen, of which SciPy keeps a copy: a rule is for the original."""
    original = getattr(stats, frozen.dist.name, None)
    return original if type(original) is type(frozen.dist) else frozen.dist


def _pdf(self: Any, x: Any) -> Any:
    return _distribution(self).pdf(x, *self.args, **self.kwds)


def _logpdf(self: Any, x: Any) -> Any:
    return _distribution(self).logpdf(x, *self.args, **self.kwds)


def _pmf(self: Any, k: Any) -> Any:
    return _distribution(self).pmf(k, *self.args, **self.kwds)


def _logpmf(self: Any, k: Any) -> Any:
    return _distribution(self).logpmf(k, *self.args, **self.kwds)


def _cdf(self: Any, x: Any) -> Any:
    return _distribution(self).cdf(x, *self.args, **self.kwds)


def _logcdf(self: Any, x: Any) -> Any:
    return _distribution(self).logcdf(x, *self.args, **self.kwds)


def _sf(self: Any, x: Any) -> Any:
    return _distribution(self).sf(x, *self.args, **self.kwds)


def _logsf(self: Any, x: Any) -> Any:
    return _distribution(self).logsf(x, *self.args, **self.kwds)


def _ppf(self: Any, q: Any) -> Any:
    return _distribution(self).ppf(q, *self.args, **self.kwds)


def _isf(self: Any, q: Any) -> Any:
    return _distribution(self).isf(q, *self.args, **self.kwds)


def _interval(self: Any, confidence: Any) -> Any:
    return interval(_distribution(self), confidence, *self.args, **self.kwds)


def _mean(self: Any) -> Any:
    return _distribution(self).mean(*self.args, **self.kwds)


def _var(self: Any) -> Any:
    return _distribution(self).var(*self.args, **self.kwds)


def _std(self: Any) -> Any:
    return _distribution(self).std(*self.args, **self.kwds)


def _median(self: Any) -> Any:
    return _distribution(self).median(*self.args, **self.kwds)


def _entropy(self: Any) -> Any:
    return _distribution(self).entropy(*self.args, **self.kwds)


def _rvs(self: Any, size: Any = None, random_state: Any = None) -> Any:
    # By the copy, which may have a generator of its own.
    return self.dist.rvs(*self.args, size=size, random_state=random_state, **self.kwds)


instead(stats.rv_continuous.__call__, freeze)
instead(stats.rv_continuous.freeze, freeze)
instead(stats.rv_continuous.interval, interval)
instead(Frozen.__init__, keep)
instead(Continuous.pdf, _pdf)
instead(Continuous.logpdf, _logpdf)
instead(Discrete.pmf, _pmf)
instead(Discrete.logpmf, _logpmf)
for _method in (
    _cdf, _logcdf, _sf, _logsf, _ppf, _isf, _interval, _mean, _var, _std, _median, _entropy, _rvs,
):  # fmt: skip
    instead(getattr(Frozen, _method.__name__[1:]), _method)


# Of several variables -------------------------------------------------------------------------


def freeze_normal(
    distribution: Any,
    mean: Any = None,
    cov: Any = 1,
    allow_singular: bool = False,
    seed: Any = None,
) -> Any:
    """As ``multivariate_normal(mean, cov)``."""
    return Normal(mean, cov, allow_singular, seed)


def keep_normal(
    frozen: Any,
    mean: Any = None,
    cov: Any = 1,
    allow_singular: bool = False,
    seed: Any = None,
    maxpts: Any = None,
    abseps: Any = 1e-5,
    releps: Any = 1e-5,
) -> None:
    """Bind the parameters; SciPy's own decomposes the covariance, as it is now."""
    frozen.mean = mean
    frozen.given = np.array(cov) if is_written(cov) else cov
    frozen.allow_singular = allow_singular


def _normal_logpdf(self: Any, x: Any) -> Any:
    if self.allow_singular:
        return stats.multivariate_normal.logpdf(x, self.mean, _covariance(self), True)
    return stats.multivariate_normal.logpdf(x, self.mean, _covariance(self))


def _normal_pdf(self: Any, x: Any) -> Any:
    if self.allow_singular:
        return stats.multivariate_normal.pdf(x, self.mean, _covariance(self), True)
    return stats.multivariate_normal.pdf(x, self.mean, _covariance(self))


def _normal_entropy(self: Any) -> Any:
    return stats.multivariate_normal.entropy(self.mean, _covariance(self))


def _covariance(frozen: Any) -> Any:
    """The covariance: of a distribution that came in, it is in a part of it."""
    return frozen.given if hasattr(frozen, "given") else frozen.cov_object._covariance


instead(type(stats.multivariate_normal).__call__, freeze_normal)
instead(Normal.__init__, keep_normal)
instead(Normal.logpdf, _normal_logpdf)
instead(Normal.pdf, _normal_pdf)
instead(Normal.entropy, _normal_entropy)


def freeze_dirichlet(distribution: Any, alpha: Any, seed: Any = None) -> Any:
    """As ``dirichlet(alpha)``."""
    return Dirichlet(alpha, seed)


def keep_alpha(frozen: Any, alpha: Any, seed: Any = None) -> None:
    """Bind the parameters."""
    frozen.alpha = alpha


def _dirichlet_logpdf(self: Any, x: Any) -> Any:
    return stats.dirichlet.logpdf(x, self.alpha)


def _dirichlet_pdf(self: Any, x: Any) -> Any:
    return stats.dirichlet.pdf(x, self.alpha)


def _dirichlet_mean(self: Any) -> Any:
    return stats.dirichlet.mean(self.alpha)


def _dirichlet_var(self: Any) -> Any:
    return stats.dirichlet.var(self.alpha)


def _dirichlet_entropy(self: Any) -> Any:
    return stats.dirichlet.entropy(self.alpha)


instead(type(stats.dirichlet).__call__, freeze_dirichlet)
instead(Dirichlet.__init__, keep_alpha)
instead(Dirichlet.logpdf, _dirichlet_logpdf)
instead(Dirichlet.pdf, _dirichlet_pdf)
instead(Dirichlet.mean, _dirichlet_mean)
instead(Dirichlet.var, _dirichlet_var)
instead(Dirichlet.entropy, _dirichlet_entropy)

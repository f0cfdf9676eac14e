"""Programs with SciPy as somebody else would write them, against central differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import interpolate, linalg, ndimage, sparse, stats
from scipy.sparse.linalg import spsolve

from adjoint import check_grads, grad

RNG = np.random.default_rng(83)


def poisson(log_conductivity: Any, source: Any) -> Any:
    """Misfit of the solution of a diffusion equation, with a conductivity for each edge."""
    n = len(source)
    k = np.exp(log_conductivity)
    main = k[:-1] + k[1:]
    A = sparse.diags([-k[1:-1], main, -k[1:-1]], [-1, 0, 1], shape=(n, n), format="csc")
    u = spsolve(A, source)
    return np.sum((u - np.linspace(0, 1, n)) ** 2)


def total_variation(image: Any, noisy: Any, strength: float) -> Any:
    """The objective of denoising: data term, smoothed total variation, and blur."""
    blurred = ndimage.gaussian_filter(image, 0.7, mode="nearest")
    across = ndimage.sobel(image, axis=0, mode="mirror")
    along = ndimage.sobel(image, axis=1, mode="mirror")
    variation = np.sum(np.sqrt(across**2 + along**2 + 1e-3))
    return 0.5 * np.sum((blurred - noisy) ** 2) + strength * variation


def marginal_likelihood(theta: Any, x: Any, y: Any) -> Any:
    """The negative log marginal likelihood of a Gaussian process."""
    amplitude, length, noise = np.exp(theta)
    d2 = (x[:, None] - x[None, :]) ** 2
    K = amplitude * np.exp(-0.5 * d2 / length**2) + noise * np.eye(len(x))
    factor, lower = linalg.cho_factor(K, lower=True)
    alpha = linalg.cho_solve((factor, lower), y)
    log_det = 2 * np.sum(np.log(np.diag(factor)))
    return 0.5 * (y @ alpha + log_det + len(x) * np.log(2 * np.pi))


def curve_fit(heights: Any, t: Any, y: Any) -> Any:
    """A spline through heights at fixed knots, with a penalty on its curvature."""
    knots = np.linspace(0, 1, len(heights))
    curve = interpolate.CubicSpline(knots, heights, bc_type="natural")
    residual = curve(t) - y
    return np.mean(residual**2) + 1e-3 * np.mean(curve(t, 2) ** 2)


class Regression:
    """A Bayesian linear regression with priors and likelihood as frozen distributions."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y
        self.priors = {"slope": stats.norm(0, 10), "noise": stats.gamma(2.0, scale=0.5)}

    def log_posterior(self, slope: Any, intercept: Any, log_noise: Any) -> Any:
        noise = np.exp(log_noise)
        likelihood = stats.norm(loc=slope * self.x + intercept, scale=noise)
        prior = self.priors["slope"].logpdf(slope) + stats.t(3).logpdf(intercept)
        prior = prior + self.priors["noise"].logpdf(noise) + log_noise
        return np.sum(likelihood.logpdf(self.y)) + prior


X, Y = np.sort(RNG.uniform(size=9)), RNG.normal(size=9)
MODEL = Regression(X, Y)
PROGRAMS: list[Any] = [
    (poisson, (RNG.normal(size=8), RNG.uniform(1, 2, size=7))),
    (total_variation, (RNG.normal(size=(5, 6)), RNG.normal(size=(5, 6)), 0.3)),
    (marginal_likelihood, (np.array([0.1, -1.0, -0.5]), X, Y)),
    (curve_fit, (RNG.normal(size=6), X, Y)),
    (lambda a, b, s: MODEL.log_posterior(a, b, s), (0.4, -0.2, 0.1)),
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program[0].__name__)
def test_program(program: Any) -> None:
    function, args = program
    check_grads(function, args, order=2, rtol=1e-4, atol=1e-6)


def test_a_fit_goes_down() -> None:
    theta = np.array([0.0, -1.0, -1.0])
    before = marginal_likelihood(theta, X, Y)
    for _ in range(20):
        theta = theta - 0.05 * grad(marginal_likelihood)(theta, X, Y)
    assert marginal_likelihood(theta, X, Y) < before

"""The rules of `adjoint.rules.scipy.special_values` and `special_elliptic`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(23)
X = RNG.normal(size=4)
P = np.abs(X) + 0.3
U = P / (1 + P)

CASES: list[Any] = [
    (lambda a: special.softplus(a), X),
    (lambda a: special.softplus(a), np.asarray(X, np.float32)),
    *(
        (lambda a, b, function=function: function(a, b), P, exponent)
        for function in (
            special.boxcox,
            special.boxcox1p,
            special.inv_boxcox,
            special.inv_boxcox1p,
        )
        for exponent in (0.7, 1e-5, 0.0)
    ),
    (lambda a, b: special.powm1(a, b), P, X),
    (lambda a: special.sindg(a) * special.cosdg(a), 30 * P),
    (lambda a: special.tandg(a) + special.cotdg(a), 30 * P),
    (lambda a, m: special.ellipkinc(a, m), X, U),
    (lambda a, m: special.ellipeinc(a, m), X, U),
    (lambda a: special.ellipkm1(a), U),
    (lambda a: special.ellipk(a) + special.ellipe(a), U),
    (lambda a: special.ellipk(a) + special.ellipe(a), 1e-3 * U),
    (lambda a, m: special.ellipkinc(a, m) * special.ellipeinc(a, m), X, 1e-4 * U),
    (lambda a, b: special.agm(a, b), P, U),
    (lambda a: special.multigammaln(a + 2, 3), P),
    (lambda a: special.expn(0, a) + special.expn(1, a), P),
    (lambda a: special.comb(a + 2, 2) * special.perm(a + 3, 2), P),
    (lambda a, b: special.comb(a, b), P + 3, P),
    (lambda a: special.comb(a, 2.5), P),
    (lambda a: special.spherical_kn(2, a), P),
    (lambda a: special.jvp(1, a) + special.yvp(0.5, a, 2), P),
    (lambda a: special.ivp(1, a, 0) + special.kvp(2, a, 3), P),
    (lambda a: special.h1vp(1, a, 2), P),
    (lambda a: special.sici(a), P),
    (lambda a: special.shichi(a)[1], P),
    (lambda a: special.fresnel(a), X),
    (lambda a: special.airy(a), X),
    (lambda a: special.ellipj(a, 0.4), X),
    (lambda a: special.wofz(a), X + 1j * P),
    (lambda a: special.lambertw(a), P + 0.2j),
    (lambda a: np.real(special.lambertw(-a, -1)), 0.3 * U),
    (lambda a: special.wrightomega(a), X),
    (lambda a, b: special.owens_t(a, b), X, P),
    (lambda a: special.ndtri_exp(-a), P),
    (lambda a, b, c: special.voigt_profile(a, b, c), X, P, U),
    (lambda a, b: special.binom(a, b), P + 2, U),
    (lambda m: special.pdtr(3, m) - special.pdtrc(2, m), P),
    (lambda a, b, x: special.gdtr(a, b, x), P, P + 0.2, U + 0.1),
    (lambda a, b, x: special.gdtrc(a, b, x), P, P + 0.2, U + 0.1),
    (lambda a, b, x: special.fdtr(a, b, x), P + 1, P + 2, U + 0.4),
    (lambda a, b, x: special.fdtrc(a, b, x), P + 1, P + 2, U + 0.4),
    (lambda a: special.hyp0f1(1.3, a), X),
    (lambda a: special.hyp1f1(0.7, 1.3, a), X),
    (lambda a: special.hyperu(0.7, 1.3, a), P),
    (lambda a: special.hyp2f1(0.7, 1.3, 2.1, a), U),
    (lambda a: special.hankel1(1.3, a), P),
    (lambda a: special.hankel2(1.3, a), P + 0.3j),
    (lambda a: special.struve(1.3, a), P),
    (lambda a: special.modstruve(1.3, a), P),
    (lambda a: special.spherical_jn(2, a), P),
    (lambda a: special.spherical_yn(0, a, derivative=True), P),
    (lambda a: special.spherical_in(2, a, True), P),
]
POLYNOMIALS = ["chebyt", "chebyu", "legendre", "hermite", "hermitenorm", "laguerre"]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
@pytest.mark.sampled(3)
def test_values(case: Any) -> None:
    fun, *args = case
    check_program(fun, *args)


def test_elliptic_integrals_at_small_parameters() -> None:
    """They are pi / 2 times ``1 + m / 4`` and ``1 - m / 4``."""
    m = np.array([0.0, 1e-15, 1e-12])
    for function, slope in ((special.ellipk, 1), (special.ellipe, -1)):
        by_m = grad(lambda m, function=function: np.sum(function(m)))(m)
        np.testing.assert_allclose(by_m, slope * np.pi / 8, rtol=1e-11)
    for function, slope in ((special.ellipkinc, 1), (special.ellipeinc, -1)):
        by_m = grad(lambda m, function=function: np.sum(function(1.0, m)))(m)
        np.testing.assert_allclose(by_m, slope * (2 - np.sin(2)) / 8, rtol=1e-11)


def test_symmetric_integrals() -> None:
    check_program(lambda x, y, z: special.elliprf(x, y, z), P, U, 2 * U, second_order=False)
    check_program(lambda x, y: special.elliprc(x, y), P, U, second_order=False)
    with pytest.raises(Unsupported, match="elliprd is not differentiated by its argument"):
        grad(lambda x: np.sum(special.elliprd(x, P, U)))(P)


def test_where_a_logarithm_is_infinite() -> None:
    """``x ** lmbda`` is 0 there whatever the exponent."""
    by_exponent = grad(lambda k: special.boxcox(0.0, k) + special.powm1(0.0, k))
    with np.errstate(divide="ignore"):
        assert by_exponent(2.0) == 0.25


@pytest.mark.parametrize("name", POLYNOMIALS)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_polynomials(name: str, n: int) -> None:
    function = getattr(special, f"eval_{name}")
    check_program(lambda a: function(n, a), U)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_polynomials_with_parameters(n: int) -> None:
    check_program(lambda a: special.eval_gegenbauer(n, 0.7, a), U)
    check_program(lambda a: special.eval_jacobi(n, 0.7, 0.3, a), U)
    check_program(lambda a: special.eval_genlaguerre(n, 0.7, a), U)

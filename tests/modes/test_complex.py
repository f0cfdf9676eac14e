"""Complex numbers in all modes: the convention, `holomorphic=True`, and what is refused.

Of z = x + iy and a real result the gradient is df/dx - i df/dy, as in JAX and HIPS autograd. A real
pairing makes one test of it for all: Re(sum(gradient * direction)) is the slope along a direction.
"""

from __future__ import annotations

import cmath
import pickle
from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from adjoint import (
    BadArgument,
    NotScalar,
    Unsupported,
    check_grads,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    stop_gradient,
    value_and_grad,
    vjp,
)

RNG = np.random.default_rng(7)
STEP = 1e-6


def complex_array(*shape: int) -> Any:
    return RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)


Z, SQUARE, W = complex_array(4), complex_array(3, 3), 0.7 - 0.4j
Function = Callable[[Any], Any]


def direction_like(x: Any) -> Any:
    drawn = RNG.standard_normal(np.shape(x)) + 1j * RNG.standard_normal(np.shape(x))
    found = drawn if np.iscomplexobj(x) else np.real(drawn)
    return found if isinstance(x, np.ndarray) else type(x)(found)


def paired(a: Any, b: Any) -> float:
    return float(np.sum(np.real(np.asarray(a) * np.asarray(b))))


def difference(fun: Function, x: Any, direction: Any) -> Any:
    return (np.asarray(fun(x + STEP * direction)) - np.asarray(fun(x - STEP * direction))) / (
        2 * STEP
    )


def check(fun: Function, x: Any) -> None:
    """Compare both modes with differences, along a random direction, from a random cotangent."""
    direction = direction_like(x)
    expected = difference(fun, x, direction)
    scale = 1e-6 * (1 + np.max(np.abs(expected)))  # of a step of 1e-6, in functions of this size
    out, tangent = jvp(fun, (x,), (direction,))
    np.testing.assert_allclose(out, fun(x), rtol=1e-14)
    assert np.iscomplexobj(tangent) == np.iscomplexobj(out)
    np.testing.assert_allclose(tangent, expected, rtol=0, atol=scale)
    out, back = vjp(fun, x)
    cotangent = direction_like(out)
    (gradient,) = back(cotangent)
    assert np.iscomplexobj(gradient) == np.iscomplexobj(x)
    assert np.shape(gradient) == np.shape(x)
    size = 1 + np.sum(np.abs(cotangent * expected))
    assert abs(paired(gradient, direction) - paired(cotangent, expected)) < 1e-6 * size


ELEMENTWISE = [
    np.exp, np.expm1, np.exp2, np.log, np.log2, np.log10, np.log1p, np.sqrt, np.square, np.sin,
    np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh,
    np.arccosh, np.arctanh, np.reciprocal, np.negative, np.sinc, np.abs, np.conj, np.real, np.imag,
    np.angle,
]  # fmt: skip
REDUCING = [
    np.sum,
    np.mean,
    np.prod,
    np.cumsum,
    np.cumprod,
    np.std,
    np.var,
    np.max,
    np.diff,
    np.sort,
]


@pytest.mark.parametrize("fun", [*ELEMENTWISE, *REDUCING], ids=lambda f: f.__name__)
def test_functions_of_complex_arrays(fun: Any) -> None:
    check(lambda z: fun(z), 0.5 * Z)


MATRIX: dict[str, Function] = {
    "det": np.linalg.det,
    "inv": np.linalg.inv,
    "solve": lambda a: np.linalg.solve(a, Z[:3]),
    "pinv": np.linalg.pinv,
    "eigvals": np.linalg.eigvals,
    "eigvalsh": lambda a: np.linalg.eigvalsh(a + a.conj().T),
    "svdvals": np.linalg.svdvals,
    "norm": np.linalg.norm,
    "nuclear": lambda a: np.linalg.norm(a, "nuc"),
    "power": lambda a: np.linalg.matrix_power(a, 3),
    "gram": lambda a: a @ a.conj().T,
    "vdot": lambda a: np.vdot(a, a * a),
    "vecdot": lambda a: np.vecdot(a, 2 * a.T),
    "einsum": lambda a: np.einsum("ij,kj->ik", a, a.conj()),
    "kron": lambda a: np.kron(a, a.real),
    "polymul": lambda a: np.polymul(a[0], a[1]),
    "polymul of a list": lambda a: np.polymul([1, 2j], a[0]),
    "convolve": lambda a: np.convolve(a[0], a[1]),
    "correlate": lambda a: np.correlate(a[0], a[1], "full"),
    "fft2": np.fft.fft2,
    "hfft": lambda a: np.fft.hfft(a, n=5, norm="ortho"),
    "irfft": lambda a: np.fft.irfft(a, n=5),
    "parts": lambda a: a.real * 2 + a.imag[::-1] * 1j,
    "where": lambda a: np.where(np.abs(a) > 1, a, a**2),
    "power by itself": lambda a: a**a,
    "phase": lambda a: np.exp(1j * np.angle(a)),
    "scalar": lambda a: np.complex128(a[0, 0]) * a[1, 1].item().conjugate(),
    "stacked": lambda a: np.stack([a, a.real]),
    "into one": lambda a: np.array([a[0, 0], a[0, 1].real]),
}


@pytest.mark.parametrize("name", MATRIX)
@pytest.mark.sampled(3)
def test_functions_of_complex_matrices(name: str) -> None:
    fun = MATRIX[name]
    check(lambda a: fun(a), SQUARE)


NUMBERS: dict[str, Function] = {
    **{name: getattr(cmath, name) for name in (
        "exp", "log", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh",
        "asin", "acos", "atan", "asinh", "acosh", "atanh", "phase",
    )},
    "log of base": lambda z: cmath.log(z, 3 * z),
    "rect": lambda z: cmath.rect(abs(z), 2 * cmath.phase(z)),
    "conjugate": lambda z: z.conjugate() * z * z,
    "swapped": lambda z: complex(z.imag, z.real),
    "complex of one": lambda z: complex(z) * z,
    "complex of two": lambda z: complex(z, z * z),
    "power": lambda z: z**z + 2**z + z**-2.5,
    "abs": lambda z: abs(z) ** 3,
    "sum": lambda z: sum([z, z * z], 1j),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.sampled(3)
def test_functions_of_one_python_number(name: str) -> None:
    fun = NUMBERS[name]
    check(lambda z: fun(z), W)
    assert type(jvp(lambda z: fun(z), (W,), (1j,))[0]) is type(fun(W))


OF_REALS: dict[str, Function] = {
    "wave": lambda x: np.exp(1j * x),
    "fft": np.fft.fft,
    "rfft": np.fft.rfft,
    "ihfft": np.fft.ihfft,
    "system": lambda x: np.linalg.solve(SQUARE + np.diag(x[:3]), Z[:3]),
    "power": lambda x: (x + 1j) ** x,
    "root": lambda x: np.sqrt(x + 0j),
    "cast": lambda x: x.astype(complex) ** 2 * 1j,
    "eigenvalues": lambda x: np.linalg.eigvals(np.diag(x) + 0.1j * np.ones((4, 4))),
    "where": lambda x: np.where(x > 0, x, 1j * x),
    "one part": lambda x: np.array([x[0], 1j * x[1]]),
    "angle": lambda x: np.angle(x + 1j),
}


@pytest.mark.parametrize("name", OF_REALS)
def test_complex_results_of_real_arguments(name: str) -> None:
    fun = OF_REALS[name]
    check(lambda x: fun(x), np.array([0.3, -0.8, 1.1, 0.6]))


LOSSES: dict[str, tuple[Function, Function]] = {
    "energy": (lambda z: np.sum(np.abs(z) ** 2), lambda z: anp.sum(anp.abs(z) ** 2)),
    "real part": (
        lambda z: np.real(np.sum(np.exp(z) * (1 + 2j))),
        lambda z: anp.real(anp.sum(anp.exp(z) * (1 + 2j))),
    ),
    "imaginary part": (
        lambda z: np.imag(np.prod(z) * z[0]),
        lambda z: anp.imag(anp.prod(z) * z[0]),
    ),
    "angle": (lambda z: np.sum(np.angle(z**2)), lambda z: anp.sum(anp.angle(z**2))),
    "spectrum": (
        lambda z: np.sum(np.abs(np.fft.fft(z)) ** 3),
        lambda z: anp.sum(anp.abs(anp.fft.fft(z)) ** 3),
    ),
    "conjugate": (
        lambda z: np.real(np.sum(np.conj(z) * z**2)),
        lambda z: anp.real(anp.sum(anp.conj(z) * z**2)),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_those_of_autograd(name: str) -> None:
    ours, theirs = LOSSES[name]
    np.testing.assert_allclose(grad(ours)(Z), autograd.grad(theirs)(Z), rtol=1e-10)
    for direction in (direction_like(Z), 1j * direction_like(Z)):
        slope = paired(grad(ours)(Z), direction)
        np.testing.assert_allclose(slope, difference(ours, Z, direction), rtol=1e-6, atol=1e-8)


def test_gradients_of_real_parts_are_complex() -> None:
    assert grad(lambda z: z.real)(W) == 1.0
    assert type(grad(lambda z: z.real)(W)) is complex
    assert grad(lambda z: z.imag)(W) == -1j
    assert grad(lambda z: z[0].real)(Z).dtype == complex
    assert vjp(lambda z: z.real, Z)[1](np.ones(4))[0].dtype == complex
    assert grad(lambda z: np.abs(z[0]))(Z.astype(np.complex64)).dtype == np.complex64


def test_no_direction_is_preferred_at_zero() -> None:
    for fun in (abs, np.abs, np.angle, lambda z: np.linalg.norm(np.array([z, z]))):
        assert grad(lambda z: fun(z))(0j) == 0
    np.testing.assert_allclose(grad(np.angle)(1e-200 + 0j), -1e200j, rtol=1e-15)


def test_sign_of_complex_numbers_is_refused() -> None:
    with pytest.raises(Unsupported, match=r"np.sign is not differentiated.* z / np.abs\(z\)"):
        grad(lambda z: np.sum(np.sign(z)).real)(Z)
    assert jvp(np.sign, (1.5,), (1.0,))[1] == 0.0


# -- holomorphic -----------------------------------------------------------------------------------


def orbit(c: Any) -> Any:
    z = 0j
    for _ in range(5):
        z = z * z + c
    return z


def filled(c: Any) -> Any:
    c = c.copy()
    for i in range(1, 4):
        c[i] = c[i - 1] * c[i] + 1j
    return c[3]


def nested(n: int, z: Any) -> Any:
    return z if n == 0 else nested(n - 1, z) * z + 1


def branched(z: Any) -> Any:
    return z**2 if abs(z) > 0.5 else z


HOLOMORPHIC: dict[str, tuple[Function, Any]] = {
    "cube": (lambda z: z**3, W),
    "itself": (lambda z: z, W),
    "twice": (lambda z: 2.0 * z, W),
    "sum": (lambda z: np.sum(np.exp(z) * np.sin(z)), Z),
    "det": (np.linalg.det, SQUARE),
    "solve": (lambda a: np.linalg.solve(a, np.ones(3))[0], SQUARE),
    "fft": (lambda z: np.sum(np.fft.ifft(z * np.fft.fft(z)) ** 2), Z),
    "eigenvalues": (lambda a: np.sum(np.linalg.eigvals(a) ** 3), SQUARE),
    "root": (lambda z: np.sqrt(z[0]) * z[1] ** 0.5 / z[2], Z),
    "cmath": (lambda z: cmath.exp(z) * complex(z), W),
    "loop": (orbit, 0.2 + 0.3j),
    "writes": (filled, Z),
    "recursion": (lambda z: nested(3, z), W),
    "branch": (branched, W),
    "where": (lambda z: np.sum(np.where(np.abs(z) > 1, z**2, z)), Z),
}


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_holomorphic_gradients_are_complex_derivatives(name: str) -> None:
    fun, z = HOLOMORPHIC[name]
    gradient = grad(fun, holomorphic=True)(z)
    assert type(gradient) is type(z) or isinstance(z, np.ndarray)
    for _ in range(2):
        direction = direction_like(z)
        expected = difference(fun, z, direction)
        np.testing.assert_allclose(np.sum(gradient * direction), expected, rtol=1e-6)


def test_holomorphic_gradients_are_those_of_autograd() -> None:
    ours = grad(lambda z: np.sum(np.sin(z) ** 2 / z), holomorphic=True)
    theirs = autograd.holomorphic_grad(lambda z: anp.sum(anp.sin(z) ** 2 / z))
    np.testing.assert_allclose(ours(Z), theirs(Z), rtol=1e-13)


CONJUGATING: dict[str, tuple[Function, Any]] = {
    "conj": (lambda z: np.sum(np.conj(z)), Z),
    "method": (lambda z: z.conjugate() * z, W),
    "vdot": (lambda z: np.vdot(z, z), Z),
    "abs": (lambda z: np.abs(z[0]) * z[1], Z),
    "parts": (lambda z: z.real + 1j * z.imag, W),
    "norm": (lambda z: z[0] / np.linalg.norm(z), Z),
    "branch": (lambda z: z.conjugate() if abs(z) > 0.5 else z, W),
    "loop": (lambda z: sum([z.conjugate() ** k for k in range(3)], 0j), W),
    "write": (lambda z: _conjugate_written(z), Z),
    "called": (lambda z: _conjugated(3, z), W),
}


def _conjugate_written(z: Any) -> Any:
    z = z.copy()
    for k in range(3):
        z[k + 1] = z[k] * np.conj(z[k + 1])
    return z[3]


def _conjugated(n: int, z: Any) -> Any:
    return np.conj(z) if n == 0 else _conjugated(n - 1, z) * z


@pytest.mark.parametrize("name", CONJUGATING)
def test_what_is_not_holomorphic_is_refused(name: str) -> None:
    fun, z = CONJUGATING[name]
    with pytest.raises(Unsupported, match=r"not holomorphic, as holomorphic=True(.|\n)*\.py:\d+"):
        grad(fun, holomorphic=True)(z)
    check(lambda z: fun(z), z)


def test_what_is_conjugated_and_not_differentiated_may_be() -> None:
    scale = complex_array(4)
    fun = grad(lambda z: np.sum(np.conj(scale) * z / np.linalg.norm(scale)), holomorphic=True)
    np.testing.assert_allclose(fun(Z), np.conj(scale) / np.linalg.norm(scale), rtol=1e-14)


def test_real_numbers_are_refused_where_holomorphic_is_promised() -> None:
    with pytest.raises(BadArgument, match=r"needs complex arguments, and x of .* array of float64"):
        grad(lambda x: np.sum(x * 1j), holomorphic=True)(np.ones(3))
    with pytest.raises(BadArgument, match=r"needs complex arguments, and p\['b'\]\[0\] of"):
        grad(lambda p: p["a"] * p["b"][0], holomorphic=True)({"a": W, "b": [1.0]})
    with pytest.raises(BadArgument, match=r"needs a complex result, and .* float64"):
        grad(lambda z: np.sum(np.abs(z)), holomorphic=True)(Z)
    with pytest.raises(NotScalar, match=r"returns a complex number(.|\n)*pass holomorphic=True"):
        grad(lambda z: z * z)(W)


def test_holomorphic_with_value_aux_structures_and_pickle() -> None:
    both = value_and_grad(lambda z: (z * z, abs(z)), holomorphic=True, has_aux=True)
    assert both(W) == ((W * W, abs(W)), 2 * W)
    several = grad(lambda z, u: z * u, argnums=(0, 1), holomorphic=True)
    assert several(W, 2j) == (2j, W)
    assert grad(lambda p: p["a"] * p["b"][0], holomorphic=True)({"a": W, "b": [1j]}) == {
        "a": 1j,
        "b": [W],
    }
    assert pickle.loads(pickle.dumps(grad(branched, holomorphic=True)))(W) == 2 * W

    @grad(holomorphic=True)
    def decorated(z: Any) -> Any:
        return z**2

    assert decorated(W) == 2 * W


def test_second_derivatives_of_holomorphic_functions() -> None:
    second = grad(grad(lambda z: z**3, holomorphic=True), holomorphic=True)
    assert second(W) == pytest.approx(6 * W)
    inside = grad(lambda z: abs(grad(lambda u: u**3, holomorphic=True)(z)) ** 2)
    assert inside(W) == pytest.approx(grad(lambda z: abs(3 * z * z) ** 2)(W))


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        (lambda z: grad(lambda u: u**3)(z), "returns a complex number"),
        (lambda z: grad(lambda u: abs(u), holomorphic=True)(z), "with a real result"),
        (lambda z: grad(lambda u: u.conjugate() * u, holomorphic=True)(z), "goes through a conj"),
        (lambda z: grad(lambda u: u * 1j, holomorphic=True)(z.real), "with a real argument"),
    ],
)
def test_derivatives_inside_are_refused_alike(inner: Function, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        grad(lambda z: abs(inner(z)))(W)


# -- Jacobians -------------------------------------------------------------------------------------

X = np.array([0.3, -0.7])
PAIR = Z[:2]
BOTH = pytest.mark.parametrize("jacobian_of", [jacobian, jacfwd])


@BOTH
def test_jacobians_of_complex_results_by_real_arguments(jacobian_of: Any) -> None:
    found = jacobian_of(lambda x: {"a": x[0] * 1j * x, "b": (x[1], np.exp(1j * x[0])), "n": 3})(X)
    np.testing.assert_allclose(found["a"], [[2j * X[0], 0], [1j * X[1], 1j * X[0]]], atol=1e-15)
    np.testing.assert_array_equal(found["b"][0], [0.0, 1.0])
    np.testing.assert_allclose(found["b"][1], [1j * np.exp(1j * X[0]), 0])
    assert found["a"].dtype == complex and found["b"][0].dtype == float and found["n"] is None
    assert jacobian_of(lambda x: x * 1j)(2.0) == 1j


@BOTH
def test_jacobians_of_real_results_by_complex_arguments(jacobian_of: Any) -> None:
    by_x, by_z = jacobian_of(lambda x, z: np.abs(z) * x, argnums=(0, 1))(X, PAIR)
    np.testing.assert_allclose(by_x, np.diag(np.abs(PAIR)), atol=1e-15)
    np.testing.assert_allclose(by_z, np.diag(X * np.conj(PAIR) / np.abs(PAIR)), atol=1e-15)
    assert jacobian_of(lambda z: z.real)(W) == 1
    assert jacobian_of(lambda z: abs(z) ** 2)(W) == pytest.approx(2 * W.conjugate())


@BOTH
def test_jacobians_of_holomorphic_functions(jacobian_of: Any) -> None:
    found = jacobian_of(lambda z: z**2 * z[0], holomorphic=True)(PAIR)
    a, b = PAIR
    np.testing.assert_allclose(found, [[3 * a**2, 0], [b**2, 2 * a * b]], rtol=1e-14)
    assert jacobian_of(lambda z: z**2, holomorphic=True)(W) == pytest.approx(2 * W)


@BOTH
def test_what_has_no_complex_derivative_has_no_jacobian(jacobian_of: Any) -> None:
    with pytest.raises(BadArgument, match="complex result by a complex argument"):
        jacobian_of(lambda z: z**2)(PAIR)
    with pytest.raises(BadArgument, match="complex result by a complex argument"):
        jacobian_of(lambda p: p[0] * p[1])((X, PAIR))
    with pytest.raises(Unsupported, match="not holomorphic, as holomorphic=True promises"):
        jacobian_of(lambda z: z.conj() * z, holomorphic=True)(PAIR)
    with pytest.raises(BadArgument, match="needs complex arguments"):
        jacobian_of(lambda x: x * 1j, holomorphic=True)(X)
    with pytest.raises(BadArgument, match="needs a complex result"):
        jacobian_of(lambda z: np.abs(z), holomorphic=True)(PAIR)


def test_elementwise_gradients() -> None:
    assert elementwise_grad(lambda x: np.exp(1j * x))(0.0) == 1j
    np.testing.assert_allclose(elementwise_grad(lambda x: (x + 1j) ** 2)(X), 2 * (X + 1j))
    np.testing.assert_allclose(elementwise_grad(np.exp, holomorphic=True)(Z), np.exp(Z))
    np.testing.assert_allclose(elementwise_grad(np.abs)(Z), np.conj(Z) / np.abs(Z))
    with pytest.raises(BadArgument, match="complex result by a complex argument"):
        elementwise_grad(np.exp)(Z)


# -- second order ----------------------------------------------------------------------------------


def test_second_derivatives() -> None:
    second = hessian(lambda z: np.sum(z**3) * z[0], holomorphic=True)(PAIR)
    a, b = PAIR
    np.testing.assert_allclose(second, [[12 * a**2, 3 * b**2], [3 * b**2, 6 * a * b]], rtol=1e-13)
    with pytest.raises(BadArgument, match="complex result by a complex argument"):
        hessian(lambda z: np.sum(np.abs(z) ** 2))(Z)


@pytest.mark.parametrize("name", LOSSES)
def test_products_with_the_hessian_are_differences_of_gradients(name: str) -> None:
    ours, _ = LOSSES[name]
    direction = direction_like(Z)
    expected = difference(grad(ours), Z, direction)
    scale = 1e-7 * (1 + np.max(np.abs(expected)))
    np.testing.assert_allclose(hvp(ours)(Z, direction), expected, rtol=1e-6, atol=scale)
    pulled = vjp(grad(ours), Z)[1](direction)[0]  # the other way: the form is symmetric
    slope = paired(direction, difference(grad(ours), Z, direction))
    assert paired(pulled, direction) == pytest.approx(slope, rel=1e-6, abs=scale)


# -- check_grads -----------------------------------------------------------------------------------


def test_check_grads_takes_complex_arguments_and_results() -> None:
    check_grads(lambda z, x: np.sum(np.exp(z) * np.conj(z) * x), (Z, np.ones(4)), order=2)
    check_grads(lambda z: cmath.exp(z) * z.conjugate(), (W,), order=2)
    check_grads(lambda z: np.sum(np.abs(z) ** 2), (Z.astype(np.complex64),))
    for fun in (
        lambda z: np.sum(z * stop_gradient(z.real)),
        lambda z: np.sum(np.real(z) * stop_gradient(np.imag(z))),
    ):
        for mode in ("fwd", "rev"):
            with pytest.raises(AssertionError, match=r"by argument 0 is wrong .* worst entry at"):
                check_grads(fun, (Z,), modes=(mode,))


def test_parts_are_written_from_lists() -> None:
    def of_list(x: Any, y: Any) -> Any:
        z = np.zeros(3, dtype=complex)
        z.real = [x, x * y, 1.0]
        z.imag = (y, 2.0, x)
        return np.sum(np.abs(z) ** 2 * np.arange(1, 4))

    check_grads(of_list, (0.7, -0.4), order=2)


# -- programs with complex arguments ---------------------------------------------------------------

PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {}


def of_complex(*args: Any) -> Callable[[Any], Any]:
    """Check a program at these arguments."""

    def keep(fun: Any) -> Any:
        PROGRAMS[fun.__name__] = fun, args
        return fun

    return keep


SPECTRUM = np.array([1 + 2j, -0.5 + 0.3j, 0.8 - 1.1j, 0.2 + 0.9j])
MATRIX_ARGUMENT = np.array(
    [[1.0, 0.3 - 0.4j, 0.1j], [0.2 + 0.1j, -0.7, 0.5], [0.4, 0.3j, 0.9 + 0.2j]]
)


@of_complex(SPECTRUM, 0.8)
def filtered_spectrum(spectrum: Any, cutoff: Any) -> Any:
    """A complex argument: what is left of a signal after a filter."""
    kept = spectrum / (1 + 1j * np.arange(len(spectrum)) / cutoff)
    signal = np.fft.irfft(kept, n=7)
    return np.sum(signal**2 * np.arange(7)) + np.angle(kept[1])


@of_complex(MATRIX_ARGUMENT, np.array([1.0, 2.0, -0.5]))
def complex_system(a: Any, b: Any) -> Any:
    """A complex matrix: solved, decomposed, and its eigenvalues."""
    x = np.linalg.solve(a, b)
    values = np.linalg.eigvals(a)
    sign, logdet = np.linalg.slogdet(a.real + 3 * np.eye(3))
    return np.linalg.norm(x) + np.sum(np.abs(values) ** 2) + sign * logdet + np.linalg.det(a).imag


@of_complex(2.0 - 1.0j, np.array([0.3 + 0.1j, -0.2j, 1.1]))
def pivoted_elimination(scale: Any, b: Any) -> Any:
    """Gaussian elimination on complex rows, pivoted by absolute value."""
    a = np.array([[0.1j, 2.0, 1.0], [1.5 + 0.5j, 1.0j, 0.3], [0.2, 0.4, 1.0 - 1.0j]]) * scale
    b = b.copy()
    n = len(b)
    for k in range(n):
        pivot = k + int(np.argmax(np.abs(a[k:, k])))
        a[[k, pivot]] = a[[pivot, k]]
        b[k], b[pivot] = b[pivot], b[k]
        for i in range(k + 1, n):
            factor = a[i, k] / a[k, k]
            a[i, k:] -= factor * a[k, k:]
            b[i] -= factor * b[k]
    x = np.zeros(n, dtype=complex)
    for i in reversed(range(n)):
        x[i] = (b[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return np.sum(np.abs(x) ** 2 * np.arange(1, n + 1)) + x[0].imag


@of_complex(0.4 + 0.2j, -1.0 + 0.5j, 1.5)
def rotated_points(first: Any, second: Any, angle: Any) -> Any:
    """A list of Python complex numbers, turned and compared."""
    turn = cmath.rect(1.0, angle)
    total = 0.0
    for k, point in enumerate([first, second]):
        turned = point * turn + point.conjugate() * (k + 1)
        if turned.real > 0:
            total += abs(turned) ** 2
        else:
            total -= cmath.phase(turned) * turned.imag
    return total


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_of_complex_arguments(name: str) -> None:
    fun, args = PROGRAMS[name]
    check_grads(fun, args, order=2, rtol=2e-5)  # of second order: functions of some size


def grown(x: Any) -> Any:
    total = 0
    for k, v in enumerate(x):
        total = total * 2 + v * (k + 1j)
    return total


OF_UNKNOWN: dict[str, Function] = {
    "abs": lambda x: abs(grown(x)),
    "real": lambda x: grown(x).real,
    "imag": lambda x: np.imag(grown(x)) ** 2,
    "angle": lambda x: np.angle(grown(x)),
    "conj": lambda x: (grown(x) * grown(x).conjugate()).real,
    "joined": lambda x: np.sum(np.abs((x * 1j if x[0] > 0 else x) * (1 + 2j) + x) ** 2),
    "real after all": lambda x: abs(sum(x * 2)) + np.conj(grown(x * 1.5)).real,
}


@pytest.mark.parametrize("name", OF_UNKNOWN)
def test_numbers_that_are_complex_from_some_trip_on(name: str) -> None:
    fun = OF_UNKNOWN[name]
    check_grads(lambda x: fun(x), (np.array([0.3, -0.8, 1.1]),))
    check_grads(lambda x: fun(x), (np.array([-0.3, 0.8, 1.1]),))


def test_what_may_be_real_is_not_taken_for_holomorphic() -> None:
    with pytest.raises(Unsupported, match="what is or may be a real number"):
        grad(lambda z: abs(grown([z, z])) * z, holomorphic=True)(W)

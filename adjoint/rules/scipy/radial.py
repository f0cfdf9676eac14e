"""``scipy.interpolate.RBFInterpolator``, read as a class that solves for the weights of kernels.

G. E. Fasshauer, "Meshfree Approximation Methods with MATLAB" (2007), chapters 2, 6 and 8. The
polynomials are not shifted and scaled as SciPy's are, which changes the rounding alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import interpolate

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead

__all__: list[str] = []


def _spline(square: Any) -> Any:
    """``r**2 * log(r)``, which is 0 at 0."""
    return 0.5 * square * np.log(np.where(square > 0, square, 1))


def _root(square: Any) -> Any:
    """The distance, whose derivative is taken for 0 at 0."""
    return np.where(square > 0, np.sqrt(np.where(square > 0, square, 1)), 0)


#: Each kernel, of the square of the distance.
_KERNELS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda square: -_root(square),
    "thin_plate_spline": _spline,
    "cubic": lambda square: square * _root(square),
    "quintic": lambda square: -(square**2) * _root(square),
    "multiquadric": lambda square: -np.sqrt(square + 1),
    "inverse_multiquadric": lambda square: 1 / np.sqrt(square + 1),
    "inverse_quadratic": lambda square: 1 / (square + 1),
    "gaussian": lambda square: np.exp(-square),
}
#: The degree of the polynomial beside a kernel, if none is given.
_DEGREES = {
    **dict.fromkeys(_KERNELS, 0),
    "thin_plate_spline": 1, "cubic": 1, "quintic": 2,
}  # fmt: skip


class Radial:
    """What ``RBFInterpolator(y, d)`` makes."""

    def __init__(
        self, y: Any, d: Any, neighbors: Any = None, smoothing: Any = 0.0,
        kernel: Any = "thin_plate_spline", epsilon: Any = None, degree: Any = None,
    ) -> None:  # fmt: skip
        self.degree = _DEGREES[kernel] if degree is None else degree
        if neighbors is not None or self.degree > 1:
            refuse(
                "RBFInterpolator with neighbors, or a polynomial of more than degree 1",
                "leave neighbors away, and pass degree=1",
            )
        self.y, self.kernel = np.asarray(y), kernel
        self.epsilon = 1.0 if epsilon is None else epsilon
        d = np.asarray(d)
        count = np.shape(self.y)[0]
        matrix = self.kernels(self.y) + np.diag(smoothing * np.ones(count))
        data = np.reshape(d, (count, -1)) if np.ndim(d) > 1 else d
        if self.degree < 0:
            found = np.linalg.solve(matrix, data)
        else:
            terms = self.terms(self.y)
            more = np.shape(terms)[1]
            below = np.concatenate([terms.T, np.zeros((more, more))], axis=1)
            whole = np.concatenate([np.concatenate([matrix, terms], axis=1), below])
            data = np.concatenate([data, np.zeros((more, *np.shape(data)[1:]))])
            found = np.linalg.solve(whole, data)
        self.weights, self.d_shape = found, np.shape(d)[1:]

    def kernels(self, x: Any) -> Any:
        """The kernels around the places of the data, at the places `x`."""
        apart = (x[:, None] - self.y) * self.epsilon
        return _KERNELS[self.kernel](np.sum(apart**2, axis=-1))

    def terms(self, x: Any) -> Any:
        """The terms of the polynomial at the places `x`."""
        ones = np.ones((np.shape(x)[0], 1))
        return np.concatenate([ones, x], axis=1) if self.degree == 1 else ones

    def __call__(self, x: Any) -> Any:
        """The values at the places `x`, the rows of a table."""
        x = np.asarray(x)
        matrix = self.kernels(x)
        if self.degree >= 0:
            matrix = np.concatenate([matrix, self.terms(x)], axis=1)
        values = matrix @ self.weights
        several = len(self.d_shape) > 1
        return np.reshape(values, (np.shape(x)[0], *self.d_shape)) if several else values


instead(interpolate.RBFInterpolator, Radial)

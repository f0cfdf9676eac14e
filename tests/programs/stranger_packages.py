"""Habits of packages: what they draw, test, look up and write before they compute."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(52)
R = RNG.standard_normal
X = R((5, 2))
Y = np.array([0.4, -1.2, 0.9, 0.3, -0.5])


class Regression:
    """Weights that are drawn, and stepped in place."""

    def __init__(self, n, seed):
        np.random.seed(seed)
        self.w = np.random.normal(0, 0.5, n)
        self.b = np.random.rand(1)

    def fit(self, x, y, rate, steps):
        for _ in range(steps):
            residual = x @ self.w + self.b - y
            self.w -= rate * (residual @ x)
            self.b -= rate * residual.sum()
        return self


@program(X, Y, 0.03, peer=False)
def drawn_weights_stepped_in_place(x, y, rate):
    model = Regression(x.shape[1], 4).fit(x, y, rate, 6)
    return np.sum(model.w**3) + model.b[0]


@program(Y, peer=False)
def noise_scaled_in_place(y):
    rng = np.random.default_rng(7)
    noise = rng.standard_normal(5)
    noise *= y
    noise[1:] += y[:-1] ** 2
    walk = rng.permutation(noise)
    walk[0] = y[2]
    return np.sum(walk * np.arange(1.0, 6.0))

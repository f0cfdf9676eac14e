"""Habits of packages: what they draw, test, look up and write before they compute."""

import re
from collections.abc import Mapping

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


class Quaternion:
    """Of a number, or of a sequence: `float` tells which, by what it raises."""

    def __init__(self, *args):
        if isinstance(args[0], Quaternion):
            self.q = args[0].q
            return
        try:
            r = float(args[0])
            self.q = np.array([r, 0.0, 0.0])
            return
        except TypeError:
            pass
        self.q = np.asarray(args[0])

    def matrix(self):
        a, b, c = self.q
        return np.array([[a, -b, c], [b, a, -c], [-c, b, a]])


@program(Y[:3], 0.7, peer=False)
def made_of_a_number_or_a_sequence(v, s):
    m = np.dot(Quaternion(v).matrix(), Quaternion(s).matrix().T)
    return np.sum(m @ Quaternion(Quaternion(v)).q * np.array([0.3, 1.1, -0.8]))


def altitude(x, y):
    alt = np.hypot(x, y)
    inside = x < 1
    try:
        if inside.any():
            alt[inside] = -alt[inside]
    except (TypeError, AttributeError):
        if inside:
            alt = -alt
    return alt


@program(Y, 0.4, 0.9, peer=False)
def numbers_and_arrays_by_one_function(ys, x, y):
    return np.sum(altitude(ys, ys + 3.0) ** 3) + altitude(x, y) * altitude(x + 2.0, y)


ACTIVATIONS = {"tanh": np.tanh, "exp": np.exp}


def activation(text):
    """By a text, as a configuration file has it."""
    found = re.match(r"(\w+)\((.*)\)", text)
    if found is None:
        return ACTIVATIONS[text], {}
    name, given = found.groups()
    return ACTIVATIONS[name], {k: eval(v) for k, v in re.findall(r"(\w+)=([\d.]+)", given)}


@program(Y, peer=False)
def layers_by_their_texts(x):
    for text in ("tanh", "exp(slope=0.5, shift=2)", "tanh(slope=1.5)"):
        function, given = activation(text)
        x = function(given.get("slope", 1.0) * x + given.get("shift", 0))
    return np.sum(x * np.arange(1.0, 6.0))


class Registry(Mapping):
    """Entries by names in any case."""

    def __init__(self, entries):
        self.entries = {name.lower(): entry for name, entry in entries.items()}

    def __getitem__(self, name):
        return self.entries[name.lower()]

    def __iter__(self):
        return iter(self.entries)

    def __len__(self):
        return len(self.entries)


KERNELS = Registry({"RBF": lambda d, s: np.exp(-d / s), "Cauchy": lambda d, s: 1 / (1 + d / s)})


@program(Y, 0.8, peer=False)
def kernels_by_name(x, s):
    total = 0.0
    for kernel in KERNELS.values():
        total += np.sum(kernel(x**2, s) * np.arange(5.0))
    return total + np.sum(KERNELS.get("rbf")(x**2, 2 * s)) + KERNELS["CAUCHY"](x[0] ** 2, s)


def noise(dt, var=1.0, blocks=1):
    q = [[0.25 * dt**4, 0.5 * dt**3], [0.5 * dt**3, dt**2]]
    return np.concatenate([*[q] * blocks]) * var


def detrended(y, order=1):
    """Each window without its trend, of a degree that is a default."""
    n = 3
    rows = [np.polyfit(np.arange(n), y[i : i + n], order) for i in range(len(y) - n + 1)]
    return np.array([y[i : i + n] - np.polyval(row, np.arange(n)) for i, row in enumerate(rows)])


@program(Y, 0.7, peer=False)
def defaults_that_say_how(y, dt):
    assert noise(dt, blocks=2).shape == (4, 2)
    return np.sum(detrended(y) ** 2) + np.sum(noise(dt, var=dt) * np.array([1.0, 0.3]))


@program(Y, peer=False)
def all_but_the_latest(y):
    memory, latest = np.zeros(4), 0
    total = 0.0
    for v in y:
        memory[latest] = v
        latest = (latest + 1) % 4
        total += np.mean(np.delete(memory, latest)) ** 2
    return total


def unscented(sigmas, weights):
    mean = np.dot(weights, sigmas)
    rest = sigmas - mean[np.newaxis, :]
    return mean, np.dot(rest.T, np.dot(np.diag(weights), rest))


@program(X[:3], np.array([0.5, 0.2, 0.3]), peer=False)
def transform_of_points_in_a_list(points, weights):
    seen = []
    for p in points:
        seen.append(np.atleast_1d(p[0] ** 2 - np.sin(p[1])))
    mean, cov = unscented(np.atleast_2d(seen), weights)
    return mean[0] ** 3 + cov[0, 0]


def unit(v, out=None):
    v = np.asarray(v)
    size = np.linalg.norm(v, axis=-1)
    if out is None:
        out = np.empty_like(v, dtype=np.result_type(v.dtype, size.dtype))
    out[...] = v / np.maximum(size[..., np.newaxis], np.finfo(float).tiny)
    return out


def solved(f, x, slope=None, steps=4):
    by_function = slope == True  # noqa: E712
    for _ in range(steps):
        value, d = f(x) if by_function else (f(x), slope(x))
        x = x - value / d
    return x


@program(X, 2.3, peer=False)
def checked_directions_and_a_root(x, a):
    u = unit(x)
    np.testing.assert_almost_equal(np.sum(u**2), len(x))
    root = solved(lambda t: t**3 - a, 1.2, slope=lambda t: 3 * t**2)
    root += solved(lambda t: (t**2 - a, 2 * t), 1.2, slope=True)
    return np.sum(u**3) * root


def angle_of_incidence(tilt, zenith):
    """Of numbers, of arrays, and of series of another library, which have a name."""
    projection = np.cos(tilt) * np.cos(zenith) + np.sin(tilt) * np.sin(zenith)
    projection = np.clip(projection, -1, 1)
    try:
        projection.name = "projection"
    except AttributeError:
        projection = 1.0 * projection
    return np.arccos(projection * 0.9)


def resistance(light, warmth, gain):
    parts = (gain / light, gain * warmth)
    if all(map(np.isscalar, (light, warmth))):
        return parts
    return np.broadcast_arrays(*parts)


@program(Y, 0.3, 1.1, 0.6, peer=False)
def numbers_told_by_their_class(zenith, tilt, light, gain):
    total = angle_of_incidence(tilt, 0.8) + np.sum(angle_of_incidence(tilt, zenith) ** 2)
    first, second = resistance(light, tilt, gain)
    rows = resistance(np.exp(zenith), tilt, gain)
    return total + first * second + np.sum(rows[0] * rows[1] ** 2 * np.arange(5.0))


class Filter:
    def __init__(self, size):
        self.x, self.P = np.zeros((size, 1)), np.eye(size)
        self.F, self.H, self.R, self.B = np.eye(size), np.zeros((1, size)), np.eye(1), None

    def step(self, z, F, R, u, B):
        if B is None:
            B = self.B
        self.x = np.dot(F, self.x)
        if B is not None and u is not None:
            self.x = self.x + np.dot(B, u)
        if np.isscalar(R):
            R = np.eye(1) * R
        y = z - np.dot(self.H, self.x)
        PHT = np.dot(np.dot(np.dot(F, self.P), F.T), self.H.T)
        K = np.dot(PHT, np.linalg.inv(np.dot(self.H, PHT) + R))
        self.x = self.x + np.dot(K, y)
        self.P = self.P - np.dot(K, PHT.T)

    def batch(self, zs, Fs=None, Rs=None, us=None, Bs=None):
        n = np.size(zs, 0)
        Fs = [self.F] * n if Fs is None else Fs
        Rs = [self.R] * n if Rs is None else Rs
        us = [0] * n if us is None else us
        Bs = [None] * n if Bs is None else Bs
        means = np.zeros((n, len(self.x), 1))
        for i, (z, F, R, u, B) in enumerate(zip(zs, Fs, Rs, us, Bs)):
            self.step(z, F, R, u, B)
            means[i, :] = self.x
        return means


@program(Y[:, None], np.array([[1.0, 0.1], [0.0, 0.9]]), np.array([[1.0, 0.3]]), peer=False)
def filter_with_options_in_lists(zs, F, H):
    f = Filter(2)
    f.F, f.H = F, H
    return np.sum(f.batch(zs) ** 2 * np.arange(1.0, 3.0)[:, None])


def applied(function, x):
    """Functions told from numbers as it was done before there was `callable`."""
    if hasattr(function, "__call__"):  # noqa: B004
        return function(x) * (2.0 if hasattr(function, "__name__") else 1.0)
    return function * x if not hasattr(x, "mro") else x


@program(Y, 0.7, peer=False)
def functions_told_from_numbers(x, s):
    return np.sum((applied(np.sin, x) + applied(s, x) * applied(x, x)) * np.arange(5.0))

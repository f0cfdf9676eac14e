"""Programs that lean on functions of NumPy beyond arithmetic, as people write them."""

import bisect

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(11)
SERIES = RNG.normal(size=24).cumsum()
RETURNS = RNG.normal(0.01, 0.05, size=15)
TIMES = np.linspace(0.0, 2.0, 9)
READINGS = np.sin(3 * TIMES) + 0.1 * RNG.normal(size=9)
TABLE = RNG.normal(size=(12, 3))
LOGITS = RNG.normal(size=(3, 3))


@program(SERIES, np.array([0.25, 0.5, 0.25]), peer=False)
def smoothed_slope(x, kernel):
    smooth = np.convolve(x, kernel / np.sum(kernel), mode="same")
    slope = np.gradient(smooth, 0.1)
    low, high = np.percentile(slope, [10, 90])
    return (high - low) / np.median(np.abs(slope)) + np.std(slope)


@program(RETURNS, peer=False)
def worst_drawdown(returns):
    wealth = np.cumprod(1 + returns)
    peak = np.maximum.accumulate(wealth)
    drawdown = 1 - wealth / peak
    return np.max(drawdown) + 0.1 * np.sum(np.diff(np.log(wealth)) ** 2)


@program(TIMES, READINGS, peer=False)
def resampled_area(t, y):
    coefficients = np.polyfit(t, y, 3)
    fine = np.linspace(0.11, 1.87, 13)
    between = np.interp(fine, t, y)
    fitted = np.polyval(coefficients, fine)
    slope = np.polyval(np.polyder(coefficients), fine)
    return np.trapezoid((between - fitted) ** 2, fine) + np.trapezoid(slope) * 0.1


@program(TABLE, np.array([0.2, 0.3, 0.5]), peer=False)
def portfolio(returns, weights):
    covariance = np.cov(returns, rowvar=False)
    risk = np.sqrt(weights @ covariance @ weights)
    spread = np.corrcoef(returns.T)[np.triu_indices(3, 1)]
    return weights @ np.mean(returns, axis=0) / risk + np.sum(spread**2)


@program(
    LOGITS, np.array([0.1, -0.4, 0.3]), np.array([[0.5, 0.2, 0.1], [0.3, 0.9, 0.4]]), peer=False
)
def forward_in_logarithms(transitions, start, emissions):
    rows = transitions - np.logaddexp.reduce(transitions, axis=1, keepdims=True)
    alpha = start - np.logaddexp.reduce(start)
    for seen in emissions:
        alpha = np.logaddexp.reduce(alpha[:, None] + rows, axis=0) + np.log(seen)
    return np.logaddexp.reduce(alpha)


@program(SERIES[:6], 0.7, peer=False)
def huber_by_pieces(x, width):
    def tail(z):
        return width * (np.abs(z) - 0.5 * width)

    by_pieces = np.piecewise(x, [np.abs(x) <= width], [lambda z: 0.5 * z**2, tail])
    by_element = np.vectorize(lambda z: 0.5 * z * z if abs(z) <= width else tail(z))(x)
    return np.sum(by_pieces * np.arange(6)) + np.sum(by_element)


@program(np.array([0.3, 1.4, -0.2, 0.9]), np.array([1.0, 2.0, 0.5, 1.5]), peer=False)
def weighted_bins(x, w):
    counts, edges = np.histogram(x, bins=3, weights=w)
    share = counts / np.sum(counts)
    ranks = np.argsort(np.argsort(x))
    return np.sum(share**2) * (edges[-1] - edges[0]) + np.bincount(ranks, weights=w * x)[1]


@program(TABLE[:4], np.array([1.0, -1.0]), peer=False)
def rows_normalised_and_joined(a, edge):
    unit = np.apply_along_axis(lambda row: row / np.linalg.norm(row), 1, a)
    padded = np.c_[unit, np.r_[edge, edge]]
    blocks = np.block([[padded, padded**2], [np.sin(padded), padded * edge[0]]])
    kept = np.delete(np.insert(blocks, 1, edge[1], axis=1), [0, 2], axis=0)
    return np.sum(kept * np.arange(kept.size).reshape(kept.shape)) / kept.size


@program(TABLE[:, 0], 0.4, peer=False)
def quantile_loss(y, q):
    centre = np.quantile(y, q)
    error = y - centre
    return np.mean(np.maximum(q * error, (q - 1) * error)) + np.sort(y)[3] * np.unique(y)[5]


@program(np.array([0.2, -0.1, 0.4]), 0.8, peer=False)
def sampled_bound(mean, scale):
    rng = np.random.default_rng(4)
    z = rng.normal(mean, scale, size=(5, 3))
    u = rng.uniform(0.0, scale, size=5)
    log_q = -0.5 * np.sum(((z - mean) / scale) ** 2, axis=1) - 3 * np.log(scale)
    return np.mean(-0.5 * np.sum(z**2, axis=1) - log_q + u)


@program(
    np.array([0.1, 0.4, 0.9, 1.6]),
    np.array([1.0, -0.5, 2.0, 0.3]),
    np.array([0.3, 1.2, 0.95]),
    peer=False,
)
def table_looked_up_by_bisection(xs, ys, points):
    knots = list(xs)
    total = 0.0
    for k, point in enumerate(points):
        i = min(max(bisect.bisect(knots, point) - 1, 0), len(knots) - 2)
        t = (point - xs[i]) / (xs[i + 1] - xs[i])
        total += (k + 1.3) * ((1 - t) * ys[i] + t * ys[i + 1])
    return total


@program(np.array([0.3, 0.4, 0.5]), 0.7, peer=False)
def lists_of_numbers_are_arrays(x, s):
    y = np.dot(x, [1.0, 2.0, 3.0]) * np.dot([s, s * s], (1, 2)) + x.dot([1, 2, 4])
    y = y + np.einsum("i,i", [1, 2, 3], x) + np.inner((0.5, 1.5, 2.5), x)
    return y * np.add.reduce([x[0], 2.0, s]) + np.average(x, weights=[1, 2, 4])


BOTH, SWAPPED, FIRST, LAST, ORDER = (0, 1), (1, 0), 0, -1, 2


@program(TABLE, np.array([0.3, -0.4, 0.5]), peer=False)
def axes_and_orders_are_settings_of_the_module(table, x):
    square = np.outer(x, x**2)
    total = np.sum(np.mean(square, axis=BOTH) * table[:3, 0])
    total = total + np.sum(square.transpose(SWAPPED)[FIRST] * np.diff(x, ORDER))
    total = total + np.sum(square.transpose(LAST, FIRST)[1] * table[0, 0])
    total = total + np.linalg.norm(table, ORDER) + np.diag(square, 1)[1]
    total = total + np.tensordot(square, square, (BOTH, SWAPPED))
    total = total + np.sum(np.fft.fft2(square, axes=SWAPPED).real[1] ** 2)
    return total + np.sum(np.linalg.matrix_power(square, ORDER)[1] * np.rot90(square, ORDER)[0])


@program(np.array([0.3, -0.4, 0.5, 1.2]), 0.7)
def ranges_by_keyword(x, s):
    n = len(x)
    total = np.sum(x[1:3] * np.arange(n, step=2)) + np.sum(x * np.arange(1, stop=n + 1))
    total = total + np.sum(x * np.arange(0.0, 1.9, 0.5)) * s + np.sum(x[::2] * np.arange(2.0))
    return total + np.sum(x * np.arange(5, -2.0, -2))


@program(TABLE, np.array([0.3, -0.4, 0.5, 1.2]), 4, peer=False)
def rows_and_items_drawn(table, x, seed):
    rng, old = np.random.default_rng(seed), np.random.RandomState(seed)
    total = np.sum(rng.choice(x, 3, replace=False) * np.array([1.0, 2.0, 4.0]))
    total = total + np.sum(old.choice(x, size=(2, 3)) ** 2 * np.array([1.0, 3.0, 5.0]))
    total = total + rng.choice(x**2) * old.choice(x, 2, p=np.array([0.1, 0.2, 0.3, 0.4]))[1]
    for k in range(3):
        batch = rng.choice(table, 5, replace=False, shuffle=False)
        total = total + (k + 1) * np.sum(batch**2 * np.arange(15.0).reshape(5, 3))
    columns = rng.choice(table, 2, axis=1) * np.array([1.0, -2.0])
    orders = rng.permutation(table) * table + old.permutation(table) * 0.3
    return total + np.sum(columns**2) + np.sum(orders) + np.sum(rng.permutation(x) * np.arange(4))


@program(np.array([0.3, -0.4, 0.5, 1.2]), 4, peer=False)
def drawn_globally_and_written(x, seed):
    np.random.seed(seed)
    x[np.random.choice(len(x))] *= 2
    y = np.random.choice(x, 3)
    x[0] = 5.0
    return np.sum(y * np.array([1.0, 2.0, 4.0])) + np.sum(np.random.permutation(x) * np.arange(4))

"""Names that are None until something is found: a tuple."""

import numpy as np

from tests.programs import program

X = np.array([0.4, -1.1, 0.7, 1.9, -0.3, 0.8])
Y = np.array([1.3, 0.6, -0.9, 1.4, 0.5, -1.2])


@program(X, Y, -3.0, argnums=(0, 1), peer=False)
@program(X, Y, 9.0, name="best_of_none", argnums=(0, 1), peer=False)
def best_of_all(x, y, least):
    best = None
    for k in range(len(x)):
        score = x[k] * y[k]
        if score > least and (best is None or score > best[0]):
            best = (score, k, x * y[k])
    if best is None:
        return 0.3 * np.sum(x * y)
    score, k, row = best
    return score * x[k] * np.sum(row * y)


@program(X, Y, 0.0, argnums=(0, 1), peer=False)
def gaps_between_those_above(x, y, least):
    before, total = None, 0.0
    for k in range(len(x)):
        if y[k] > least:
            if before is not None:
                total += before[0] * y[k] - before[1] * x[k]
            before = (x[k], y[k])
    return total


def crossing(x, y, level):
    for k in range(len(x) - 1):
        if (x[k] - level) * (x[k + 1] - level) < 0:
            return x[k], y[k], x[k + 1], y[k + 1]
    return None


@program(X, Y, 0.1, peer=False)
@program(X, Y, 7.0, name="no_crossing_of_a_level", peer=False)
def crossing_of_a_level(x, y, level):
    found = crossing(x, y, level)
    if found is None:
        return level * np.sum(x)
    a, f, b, g = found
    return f + (level - a) * (g - f) / (b - a)


@program(X, Y, -3.0, argnums=(0, 1), peer=False)
def row_that_is_written_later(x, y, least):
    best, row = None, x.copy()
    for k in range(len(x)):
        row[k] += y[k] * row[0]
        if row[k] > least and (not best or row[k] > best[0]):
            best = (row[k], row)
    return np.sum(best[0] * best[1] * y)


@program(X, Y, 9.0, argnums=(0, 1), peer=False)
def none_is_not_a_pair(x, y, least):
    best = None
    for k in range(len(x)):
        if x[k] > least:
            best = (x[k], y[k])
    try:
        return best[0] * best[1]
    except TypeError:
        return np.sum(x * y * y)


@program(X, Y, peer=False)
def first_and_second(x, y):
    first = second = None
    for k in range(len(x)):
        found = (x[k] * y[k], x[k])
        if first is None or found[0] > first[0]:
            first, second = found, first
        elif second is None or found[0] > second[0]:
            second = found
    return first[0] * second[1] - 0.5 * first[1] * second[0]


@program(X, Y, 0.2, argnums=(0,), peer=False)
def trades_that_are_open_or_not(x, y, level):
    opened, gains = None, 0.0
    for k in range(len(x)):
        if opened is None:
            if y[k] > level:
                opened = (x[k], k)
        else:
            price, since = opened
            if y[k] < level or k - since > 2:
                gains += (x[k] - price) * (k - since)
                opened = None
    return gains**2 if opened is None else gains**2 * opened[0]


class Candidate:
    def __init__(self, x, score):
        self.x, self.score = x, score


def renewed(found, x, y, k):
    if found is None or x[k] > 1.0:
        return Candidate(x[k], y[k])
    found.score *= y[k]
    return found


@program(X, Y, -3.0, argnums=(0, 1), peer=False)
def candidate_changed_under_a_second_name(x, y, least):
    found = first = None
    for k in range(5):
        if y[k] > least:
            found = renewed(found, x, y, k)
            if first is None:
                first = found
    return found.score * first.x + first.score


STATES = np.array([[0.4, -1.1, 0.7], [1.9, -0.3, 0.8], [-0.6, 1.2, 0.5], [0.2, 0.9, -1.4]])


@program(np.eye(3) + 0.1 * np.cos(STATES[1:]), X[:3], peer=False)
def conjugate_directions(a, b):
    before = direction = None
    w = b * 0.5
    for _ in range(4):
        slope = a @ w + w**3 - b
        if before is None:
            direction = -slope
        else:
            direction = -slope + np.dot(slope, slope - before) / (before @ before) * direction
        w, before = w + 0.1 * direction, slope
    return np.linalg.norm(w) * w[0] + before.T @ w


@program(STATES, peer=False)
@program(STATES[:0], name="no_rows_to_smooth", peer=False)
def rows_smoothed_and_written(x):
    last, total = None, 0.0
    for row in x * 2.0:
        if last is not None:
            row[1:] *= last[:-1] + np.hstack([last[2:], last[:1]])
            row += last.mean() * last.reshape(3, 1).T.ravel() + np.diff(last).sum()
            total += row.dot(last.take([2, 0, 1])) + last.max()
            if row[0] > 0.5:
                last = None
                continue
        last = row
    return total if last is None else total * last.sum()


class Normalisation:
    def __init__(self):
        self.mean = self.spread = None

    def __call__(self, x):
        mean, spread = x.mean(axis=0), x.std(axis=0)
        if self.mean is None:
            self.mean, self.spread = mean, spread
        else:
            self.mean = 0.9 * self.mean + 0.1 * mean
            self.spread *= 0.9
            self.spread += 0.1 * spread
        return (x - self.mean.reshape(1, -1)) / (self.spread[None] + 0.1)


@program(STATES, X[:3], peer=False)
def running_averages_that_begin_as_none(x, w):
    layer = Normalisation()
    for _ in range(20):
        x = 0.3 * layer(x) * w + np.sin(x)
    return np.sum(x * np.cos(STATES)) + layer.mean @ layer.spread


@program(STATES, 0.5, argnums=(0,), peer=False)
@program(STATES, 9.0, name="nothing_found_to_weight_with", argnums=(0,), peer=False)
def weighted_with_what_was_found(x, least):
    weights = low = None
    for row in x:
        if row[0] + row[1] > least:
            weights, low = row**2, row[2]
    mean = np.average(x, axis=1, weights=weights)
    ends = np.interp(np.array([-1.0, 0.3, 1.4]), np.arange(3.0), x[0], left=low)
    clipped = x.clip(low) * np.clip(x, -1.0, low)
    if weights is not None:
        mean = mean * np.trapezoid(x[1], weights) + weights.prod()
    return mean @ clipped @ ends


@program(STATES, peer=False)
def written_under_the_name_that_was_none(x):
    whole, first, part = np.ones(3), None, None
    for row in x:
        first = whole if first is None else first
        first *= row + 2.0
        if part is None:
            part = whole[1:]
        part -= row[:2] ** 2
    return np.sum(first * x[1]) + np.sum(whole * x[2]) + part[0]

"""Tables filled by recursion: paths, alignments, filters, hidden Markov chains, knapsacks."""

import functools

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(207)
W3, W4, W5, W6 = (RNG.normal(size=n) for n in (3, 4, 5, 6))
W44, W45, W55, W62 = (RNG.normal(size=s) for s in ((4, 4), (4, 5), (5, 5), (6, 2)))

D44 = RNG.uniform(0.5, 4.0, size=(4, 4))
X5, Y4 = RNG.normal(size=5), RNG.normal(size=4)
T33, E34 = RNG.uniform(0.2, 1.0, size=(3, 3)), RNG.uniform(0.2, 1.0, size=(3, 4))
P3 = np.array([0.5, 0.2, 0.3])
OBSERVED = [1, 0, 3, 2, 2]
Z6 = RNG.normal(size=6)


@program(D44, peer=False)
def floyd_warshall(path):
    n = path.shape[0]
    np.fill_diagonal(path, 0.0)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if path[i, k] + path[k, j] < path[i, j]:
                    path[i, j] = path[i, k] + path[k, j]
    return np.sum(W44 * path)


@program(D44, peer=False)
def floyd_warshall_by_rows(path):
    for k in range(4):
        row, col = path[k, :][None, :], path[:, k][:, None]
        path[:] = np.where(path < row + col + 0.01, path, row + col + 0.01)
    return np.sum(W44 * path**2)


@program(np.array([[0, 1.3, 0.4], [0, 0, 0], [0, 0.5, 0]]) + 0.1 * T33, peer=False)
def bellman_ford(weights):
    distance = np.full(3, 1e3)
    distance[0] = 0.0
    for _ in range(2):
        for i in range(3):
            for j in range(3):
                if i != j:
                    distance[j] = min(distance[j], distance[i] + weights[i, j])
    return distance[1] * 1.3 + distance[2] ** 2


@program(X5, Y4, peer=False)
def dynamic_time_warping(x, y):
    n, m = len(x), len(y)
    d = np.full((n + 1, m + 1), np.inf)
    d[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            d[i, j] = cost + min(d[i - 1, j], d[i, j - 1], d[i - 1, j - 1])
    return d[n, m] * 1.3 + d[2, 3] ** 2


@program(X5, Y4, 0.7, peer=False)
def soft_time_warping(x, y, gamma):
    r = np.full((6, 5), 1e2)
    r[0, 0] = 0.0
    for i in range(1, 6):
        for j in range(1, 5):
            choices = -np.array([r[i - 1, j - 1], r[i - 1, j], r[i, j - 1]]) / gamma
            top = np.max(choices)
            soft = -gamma * (np.log(np.sum(np.exp(choices - top))) + top)
            r[i, j] = (x[i - 1] - y[j - 1]) ** 2 + soft
    return r[5, 4] + 0.3 * r[3, 2] ** 2


@program(X5, Y4, 0.8, 0.4, peer=False)
def soft_edit_distance(x, y, gap, gamma):
    n, m = len(x), len(y)
    d = np.zeros((n + 1, m + 1))
    d[:, 0] = gap * np.arange(n + 1)
    d[0, :] = gap * np.arange(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            a = d[i - 1, j] + gap
            b = d[i, j - 1] + gap
            c = d[i - 1, j - 1] + np.abs(x[i - 1] - y[j - 1])
            d[i, j] = -gamma * np.log(np.exp(-a / gamma) + np.exp(-b / gamma) + np.exp(-c / gamma))
    return np.sum(W45 * d[2:, :])


@program(RNG.normal(size=(4, 4)), 0.53, peer=False)
def global_alignment(score, gap):
    f = np.zeros((5, 5))
    for i in range(5):
        f[i, 0] = f[0, i] = -gap * i
    for i in range(1, 5):
        for j in range(1, 5):
            f[i, j] = max(
                f[i - 1, j - 1] + score[i - 1, j - 1], f[i - 1, j] - gap, f[i, j - 1] - gap
            )
    return f[4, 4] * 2 + f[2, 3] ** 2


@program(P3, T33, E34, peer=False)
def hidden_markov_forward(start, transition, emission):
    alpha = np.zeros((len(OBSERVED), 3))
    alpha[0] = start * emission[:, OBSERVED[0]]
    for t in range(1, len(OBSERVED)):
        for j in range(3):
            alpha[t, j] = alpha[t - 1] @ transition[:, j] * emission[j, OBSERVED[t]]
    return np.log(np.sum(alpha[-1])) + np.sum(W3 * alpha[2])


@program(P3, T33, E34, peer=False)
def hidden_markov_scaled(start, transition, emission):
    likelihood = 0.0
    alpha = start.copy()
    for t, o in enumerate(OBSERVED):
        if t > 0:
            alpha[:] = alpha @ transition
        alpha *= emission[:, o]
        scale = alpha.sum()
        alpha /= scale
        likelihood += np.log(scale)
    return likelihood + W3 @ alpha


@program(P3, T33, E34, peer=False)
def forward_backward(start, transition, emission):
    n = len(OBSERVED)
    alpha, beta = np.empty((n, 3)), np.empty((n, 3))
    alpha[0] = start * emission[:, OBSERVED[0]]
    for t in range(n - 1):
        alpha[t + 1] = (alpha[t] @ transition) * emission[:, OBSERVED[t + 1]]
    beta[-1] = 1.0
    for t in range(n - 2, -1, -1):
        beta[t] = transition @ (emission[:, OBSERVED[t + 1]] * beta[t + 1])
    gamma = alpha * beta
    gamma /= gamma.sum(axis=1, keepdims=True)
    return np.sum(W55[:, :3] * gamma)


@program(P3, T33, E34, peer=False)
def viterbi(start, transition, emission):
    n = len(OBSERVED)
    delta, back = np.zeros((n, 3)), np.zeros((n, 3), dtype=int)
    delta[0] = np.log(start) + np.log(emission[:, OBSERVED[0]])
    for t in range(1, n):
        for j in range(3):
            scores = delta[t - 1] + np.log(transition[:, j])
            back[t, j] = np.argmax(scores)
            delta[t, j] = scores[back[t, j]] + np.log(emission[j, OBSERVED[t]])
    path = np.zeros(n, dtype=int)
    path[-1] = np.argmax(delta[-1])
    for t in range(n - 2, -1, -1):
        path[t] = back[t + 1, path[t + 1]]
    return np.sum(delta[np.arange(n), path] * W5)


@program(np.log(T33), np.log(E34), 0.6, peer=False)
def soft_viterbi(transition, emission, temperature):
    v = emission[:, OBSERVED[0]].copy()
    new = np.empty(3)
    for o in OBSERVED[1:]:
        for j in range(3):
            s = (v + transition[:, j]) / temperature
            new[j] = emission[j, o] + temperature * np.log(np.sum(np.exp(s)))
        v, new = new, v
    return W3 @ v


@program(np.array([0.1, 0.4]), np.eye(2) + 0.1, 0.2, 0.3, 0.9, peer=False)
def kalman_filter_stored(x, p, q, r, dt):
    f = np.array([[1.0, 0.0], [0.0, 1.0]])
    f[0, 1] = dt
    h = np.array([[1.0, 0.0]])
    means, covariances = np.zeros((6, 2)), np.zeros((6, 2, 2))
    for t in range(6):
        x = f @ x
        p = f @ p @ f.T
        p[np.diag_indices(2)] += q
        s = h @ p @ h.T + r
        k = p @ h.T / s
        x += k[:, 0] * (Z6[t] - x[0])
        p -= k @ h @ p
        means[t], covariances[t] = x, p
    return np.sum(W62 * means) + np.sum(W62 * covariances[:, 0])


@program(0.2, 0.8, 0.1, 0.4, 0.95, peer=False)
def kalman_smoother(x0, p0, q, r, a):
    n = len(Z6)
    m, p, mp, pp = (np.zeros(n) for _ in range(4))
    for t in range(n):
        mp[t] = a * (m[t - 1] if t else x0)
        pp[t] = a**2 * (p[t - 1] if t else p0) + q
        gain = pp[t] / (pp[t] + r)
        m[t] = mp[t] + gain * (Z6[t] - mp[t])
        p[t] = (1 - gain) * pp[t]
    for t in range(n - 2, -1, -1):
        c = p[t] * a / pp[t + 1]
        m[t] += c * (m[t + 1] - mp[t + 1])
        p[t] += c**2 * (p[t + 1] - pp[t + 1])
    return W6 @ m + W6 @ p**2


@program(Z6, 0.4, peer=False)
def exponential_smoothing_both_ways(x, alpha):
    y = np.empty_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = alpha * x[i] + (1 - alpha) * y[i - 1]
    for i in range(len(x) - 2, -1, -1):
        y[i] = alpha * y[i] + (1 - alpha) * y[i + 1]
    return W6 @ y**2


@program(Z6, np.array([0.3, 0.5, 0.2]), np.array([1.1, -0.4, 0.2]), peer=False)
def recursive_filter(x, b, a):
    def once(x):
        y = np.zeros(len(x))
        for n in range(len(x)):
            for k in range(len(b)):
                if n - k >= 0:
                    y[n] += b[k] * x[n - k]
            for k in range(1, len(a)):
                if n >= k:
                    y[n] -= a[k] * y[n - k]
            y[n] /= a[0]
        return y

    return W6 @ once(once(x)[::-1])[::-1] ** 2


@program(np.array([2.1, 1.3, 3.4, 0.7]), peer=False)
def knapsack(values):
    weights, capacity = [2, 1, 3, 2], 5
    best = np.zeros((5, capacity + 1))
    for i in range(1, 5):
        for w in range(capacity + 1):
            best[i, w] = best[i - 1, w]
            if weights[i - 1] <= w:
                best[i, w] = max(best[i, w], best[i - 1, w - weights[i - 1]] + values[i - 1])
    return best[4, 5] * 1.3 + best[3, 4] ** 2


@program(np.array([2.1, 1.3, 3.4, 0.7]), 0.5, peer=False)
def soft_knapsack_in_one_row(values, gamma):
    row = np.zeros(6)
    for v, w in zip(values, [2, 1, 3, 2]):
        for c in range(5, w - 1, -1):
            row[c] = gamma * np.log(np.exp(row[c] / gamma) + np.exp((row[c - w] + v) / gamma))
    return W6 @ row


@program(np.triu(D44, 1), peer=False)
def longest_path(weights):
    n = len(weights)
    length = np.zeros(n)
    for j in range(1, n):
        for i in range(j):
            candidate = length[i] + weights[i, j]
            if candidate > length[j]:
                length[j] = candidate
    return W4 @ length


@program(np.array([1.2, 0.7, 2.1, 0.9, 1.5]), peer=False)
def matrix_chain(p):
    n = len(p) - 1
    cost = np.zeros((n, n))
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            cost[i, j] = np.inf
            for k in range(i, j):
                c = cost[i, k] + cost[k + 1, j] + p[i] * p[k + 1] * p[j + 1]
                cost[i, j] = min(cost[i, j], c)
    return cost[0, n - 1] + 0.5 * cost[1, 3]


@program(np.array([0.3, 0.2, 0.1, 0.4]), peer=False)
def optimal_search_tree(p):
    n = len(p)
    cost = np.zeros((n + 1, n + 1))
    for size in range(1, n + 1):
        for i in range(n - size + 1):
            total = 0.0
            for k in range(i, i + size):
                total += p[k]
            options = [cost[i, r] + cost[r + 1, i + size] for r in range(i, i + size)]
            cost[i, i + size] = total - 0.1 * np.log(sum([np.exp(-c / 0.1) for c in options]))
    return cost[0, n] + cost[1, 3] ** 2


@program(D44, peer=False)
def seam(energy):
    n, m = energy.shape
    for i in range(1, n):
        above = energy[i - 1].copy()
        for j in range(m):
            lo, hi = max(j - 1, 0), min(j + 2, m)
            energy[i, j] += np.min(above[lo:hi])
    return np.min(energy[-1]) * 1.5 + energy[2, 1] ** 2


@program(np.array([1.0, 1.1, 0.9]), 0.05, 1.04, 0.02, peer=False)
def binomial_put(spot, sigma, strike, rate):
    n, total = 4, 0.0
    for k in range(3):
        up = np.exp(sigma)
        q = (np.exp(rate / n) - 1 / up) / (up - 1 / up)
        value = np.empty(n + 1)
        for j in range(n + 1):
            value[j] = np.maximum(strike - spot[k] * up ** (2 * j - n), 0.0)
        for step in range(n - 1, -1, -1):
            for j in range(step + 1):
                value[j] = np.exp(-rate / n) * (q * value[j + 1] + (1 - q) * value[j])
                value[j] = max(value[j], strike - spot[k] * up ** (2 * j - step))
        total += value[0] * W3[k]
    return total


@program(np.array([0.8, 1.4, 0.9, 1.7]), 5, peer=False)
def knapsack_with_a_cache(values, capacity):
    weights = (1, 2, 3, 2)

    @functools.cache
    def best(item, room):
        if item == len(weights):
            return 0.0
        without = best(item + 1, room)
        if weights[item] > room:
            return without
        return np.logaddexp(without, best(item + 1, room - weights[item]) + values[item] ** 2)

    return best(0, capacity)

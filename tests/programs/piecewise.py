"""Functions that are given piece by piece: kernels, limiters, losses, laws with a threshold."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(36)
WEIGHTS = RNG.normal(size=8)
DISTANCES = RNG.uniform(0.05, 2.8, size=8)
POINTS = RNG.uniform(size=(5, 3)) * 3
WAVE = RNG.normal(size=8)
RESIDUALS = RNG.normal(size=8) * 2


@program(DISTANCES, 1.1)
def smoothed_particles(r, h):
    q = r / h
    w = np.where(q < 1, 1 - 1.5 * q**2 + 0.75 * q**3, 0.25 * (2 - q) ** 3)
    return np.sum(WEIGHTS * np.where(q < 2, w, 0.0) / h)


@program(RESIDUALS, 2.3)
def tukey_biweight(r, c):
    u = r / c
    rho = (c**2 / 6) * (1 - (1 - u**2) ** 3)
    return np.sum(WEIGHTS * np.where(np.abs(u) <= 1, rho, c**2 / 6))


@program(WAVE[:4], WAVE[3:], 0.9)
def epanechnikov_density(x, data, h):
    u = (x[:, None] - data[None, :]) / h
    k = np.where(np.abs(u) <= 1, 0.75 * (1 - u**2), 0.0)
    return np.sum(WEIGHTS[:4] * k.sum(axis=1)) / (len(data) * h)


@program(POINTS, 1.1, 0.9)
def lennard_jones_with_cutoff(pos, eps, sigma):
    d = pos[:, None, :] - pos[None, :, :]
    i, j = np.triu_indices(len(pos), 1)
    r2 = (d**2).sum(-1)[i, j]
    s6 = (sigma**2 / r2) ** 3
    return np.where(r2 < 6.25, 4 * eps * (s6**2 - s6), 0.0).sum()


@program(WAVE, 0.4)
def minmod_limiter(u, c):
    a = u - np.roll(u, 1)
    b = np.roll(u, -1) - u
    slope = np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)
    flux = u + 0.5 * (1 - c) * slope
    return np.sum(WEIGHTS * (u - c * (flux - np.roll(flux, 1))) ** 2)


@program(WAVE, 0.4)
def van_leer_limiter(u, c):
    a = u - np.roll(u, 1)
    b = np.roll(u, -1) - u
    slope = np.where(a * b > 0, 2 * a * b / (a + b), 0.0)
    return np.sum(WEIGHTS * (u - c * (slope - np.roll(slope, 1))) ** 2)


@program(WAVE, RESIDUALS, 0.1)
def upwind_step(u, v, dt):
    left = u - np.roll(u, 1)
    right = np.roll(u, -1) - u
    return np.sum(WEIGHTS * (u - dt * np.where(v > 0, v * left, v * right)) ** 2)


@program(RESIDUALS, 10.0, 2.0, 1.5)
def return_mapping(strain, stiffness, limit, hardening):
    trial = stiffness * strain
    excess = np.abs(trial) - limit
    gamma = np.where(excess > 0, excess / (stiffness + hardening), 0.0)
    return np.sum(WEIGHTS * (trial - gamma * stiffness * np.sign(trial)) ** 2)


@program(DISTANCES, np.array([0.0, 1.0, 2.2, 3.0]), WAVE[:4], peer=False)
def hat_functions(x, nodes, values):
    out = np.zeros_like(x)
    for k in range(len(nodes) - 1):
        inside = (x >= nodes[k]) & (x < nodes[k + 1])
        t = (x - nodes[k]) / (nodes[k + 1] - nodes[k])
        out += np.where(inside, (1 - t) * values[k] + t * values[k + 1], 0.0)
    return np.sum(WEIGHTS * out**2)


@program(DISTANCES)
def cubic_spline_pieces(t):
    pieces = [2 / 3 - t**2 + t**3 / 2, (2 - t) ** 3 / 6]
    return np.sum(WEIGHTS * np.select([t < 1, t < 2], pieces, 0.0) ** 2)


@program(WAVE[:3], RNG.normal(size=(8, 3)), np.sign(RESIDUALS))
def squared_hinge(w, x, y):
    margin = 1 - y * (x @ w)
    return np.sum(WEIGHTS * np.where(margin > 0, margin, 0.0) ** 2)


@program(RESIDUALS)
def stable_sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.sum(WEIGHTS * np.where(x >= 0, 1 / (1 + e), e / (1 + e)))


@program(RESIDUALS, WAVE, 0.3)
def smooth_l1(p, t, beta):
    d = np.abs(p - t)
    return np.mean(WEIGHTS * np.where(d < beta, 0.5 * d**2 / beta, d - 0.5 * beta))


@program(30 * DISTANCES, 0.4, 5.5)
def wall_function(y, kappa, offset):
    log = np.log(np.maximum(y, 1.0)) / kappa + offset
    return np.sum(WEIGHTS * np.where(y < 11.6, y, log))


@program(1500 + 1000 * DISTANCES, 0.01)
def friction_between_two_laws(re, roughness):
    laminar = 64 / re
    turbulent = 0.25 / np.log10(roughness / 3.7 + 5.74 / re**0.9) ** 2
    w = (re - 2300) / 1700
    mixed = (1 - w) * laminar + w * turbulent
    friction = np.where(re < 2300, laminar, np.where(re > 4000, turbulent, mixed))
    return np.sum(WEIGHTS * friction)


@program(DISTANCES, 0.8, 1.9)
def call_spread(s, low, high):
    payoff = np.where(s < low, 0.0, np.where(s < high, s - low, high - low))
    return np.sum(WEIGHTS * payoff**2)


@program(DISTANCES - 1.2, 0.7)
def leaky_after_elu(x, slope):
    z = np.where(x > 0, x, slope * (np.exp(x) - 1))
    return np.sum(WEIGHTS * np.where(z > 0.2, z, 0.1 * z) ** 2)

"""Solvers on grids, as they are written by hand: relaxation, diffusion, reaction, multigrid."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(201)
W7, W9 = RNG.normal(size=7), RNG.normal(size=9)
W55, W56, W66 = (RNG.normal(size=shape) for shape in ((5, 5), (5, 6), (6, 6)))
W444 = RNG.normal(size=(4, 4, 4))

U7, F7 = RNG.normal(size=7), RNG.normal(size=7)
U9, F9 = RNG.normal(size=9), RNG.normal(size=9)
U55, F55 = RNG.normal(size=(5, 5)), RNG.normal(size=(5, 5))
U56, U66 = RNG.normal(size=(5, 6)), RNG.normal(size=(6, 6))
U444 = RNG.normal(size=(4, 4, 4))


@program(U7, F7, 0.3, 4, peer=False)
def jacobi_1d(u, f, dx, iterations):
    for _ in range(iterations):
        un = u.copy()
        u[1:-1] = 0.5 * (un[2:] + un[:-2] - dx**2 * f[1:-1])
    return np.sum(W7 * u**2)


@program(U55, F55, 0.4, 3, peer=False)
def jacobi_2d(p, b, h, iterations):
    new = p.copy()
    for _ in range(iterations):
        new[1:-1, 1:-1] = 0.25 * (
            p[1:-1, 2:] + p[1:-1, :-2] + p[2:, 1:-1] + p[:-2, 1:-1] - h**2 * b[1:-1, 1:-1]
        )
        p, new = new, p
    return np.sum(W55 * p) + np.sum(W55.T * new**2)


@program(U444, 0.8, 3, peer=False)
def jacobi_3d(u, weight, iterations):
    for _ in range(iterations):
        v = np.zeros_like(u)
        v[1:-1, 1:-1, 1:-1] = (
            u[2:, 1:-1, 1:-1]
            + u[:-2, 1:-1, 1:-1]
            + u[1:-1, 2:, 1:-1]
            + u[1:-1, :-2, 1:-1]
            + u[1:-1, 1:-1, 2:]
            + u[1:-1, 1:-1, :-2]
        ) / 6
        u[1:-1, 1:-1, 1:-1] += weight * (v - u)[1:-1, 1:-1, 1:-1]
    return np.sum(W444 * u**2)


@program(U55, F55, 0.4, 2, peer=False)
def gauss_seidel(u, f, h, sweeps):
    n, m = u.shape
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                u[i, j] = 0.25 * (
                    u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - h * h * f[i, j]
                )
    return np.sum(W55 * u**2)


@program(U55, F55, 1.4, 2, peer=False)
def successive_over_relaxation(u, f, omega, sweeps):
    for _ in range(sweeps):
        for i in range(1, u.shape[0] - 1):
            for j in range(1, u.shape[1] - 1):
                residual = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4 * u[i, j]
                u[i, j] += omega * (residual - f[i, j]) / 4
    return np.sum(W55 * u**2)


@program(U66, F7[:6], 2, peer=False)
def red_black(u, f, sweeps):
    for _ in range(sweeps):
        for colour in (0, 1):
            for i in range(1, 5):
                start = 1 + (i + colour) % 2
                u[i, start:-1:2] = 0.25 * (
                    u[i - 1, start:-1:2]
                    + u[i + 1, start:-1:2]
                    + u[i, start - 1 : -2 : 2]
                    + u[i, start + 1 :: 2]
                    - f[i]
                )
    return np.sum(W66 * u**2)


@program(U7, 0.2, 5, peer=False)
def heat_in_place(u, c, steps):
    for _ in range(steps):
        u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(W7 * u**2)


@program(U7, np.exp(0.3 * F7), 0.1, 4, peer=False)
def heat_with_conductivity(u, k, dt, steps):
    n = len(u)
    flux = np.zeros(n + 1)
    for _ in range(steps):
        for i in range(1, n):
            flux[i] = 0.5 * (k[i] + k[i - 1]) * (u[i] - u[i - 1])
        flux[0] = -k[0] * u[0]
        for i in range(n):
            u[i] += dt * (flux[i + 1] - flux[i])
    return np.sum(W7 * u) + flux[3] ** 2


@program(U56, 0.6, 0.1, 3, peer=False)
def heat_2d_nonlinear(u, alpha, dt, steps):
    for _ in range(steps):
        lap = np.zeros_like(u)
        lap[1:-1, 1:-1] = (
            u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4 * u[1:-1, 1:-1]
        )
        u += dt * alpha * (1 + u**2) * lap
        u[0, :] = u[1, :]
        u[-1, :] = u[-2, :]
        u[:, 0] = u[:, 1]
        u[:, -1] = 0.5
    return np.sum(W56 * u)


@program(U444, 0.1, 2, peer=False)
def heat_3d(u, c, steps):
    for _ in range(steps):
        un = u.copy()
        for i in range(1, 3):
            for j in range(1, 3):
                u[i, j, 1:-1] = un[i, j, 1:-1] + c * (
                    un[i + 1, j, 1:-1]
                    + un[i - 1, j, 1:-1]
                    + un[i, j + 1, 1:-1]
                    + un[i, j - 1, 1:-1]
                    + un[i, j, 2:]
                    + un[i, j, :-2]
                    - 6 * un[i, j, 1:-1]
                )
    return np.sum(W444 * u**2)


@program(U7, 0.5, 4, peer=False)
def crank_nicolson(u, r, steps):
    n = len(u) - 2
    for _ in range(steps):
        d = r / 2 * u[:-2] + (1 - r) * u[1:-1] + r / 2 * u[2:]
        d[0] += r / 2 * u[0]
        d[-1] += r / 2 * u[-1]
        diagonal = np.full(n, 1.0) + r
        for i in range(1, n):
            m = -r / 2 / diagonal[i - 1]
            diagonal[i] -= m * (-r / 2)
            d[i] -= m * d[i - 1]
        d[-1] /= diagonal[-1]
        for i in range(n - 2, -1, -1):
            d[i] = (d[i] + r / 2 * d[i + 1]) / diagonal[i]
        u[1:-1] = d
    return np.sum(W7 * u**2)


def laplacian(z):
    return z[:-2, 1:-1] + z[1:-1, :-2] - 4 * z[1:-1, 1:-1] + z[1:-1, 2:] + z[2:, 1:-1]


@program(0.5 + 0.1 * U66, 0.3 + 0.1 * U66.T, 0.16, 0.08, 0.04, 0.06, 3, peer=False)
def gray_scott(u_padded, v_padded, du, dv, feed, kill, steps):
    u, v = u_padded[1:-1, 1:-1], v_padded[1:-1, 1:-1]
    for _ in range(steps):
        lu, lv = laplacian(u_padded), laplacian(v_padded)
        uvv = u * v * v
        u += du * lu - uvv + feed * (1 - u)
        v += dv * lv + uvv - (feed + kill) * v
        for z in (u_padded, v_padded):  # periodic
            z[0, :] = z[-2, :]
            z[-1, :] = z[1, :]
            z[:, 0] = z[:, -2]
            z[:, -1] = z[:, 1]
    return np.sum(W66 * u_padded) + np.sum(W66.T * v_padded**2)


@program(U55, 0.3, 0.1, 4, peer=False)
def allen_cahn(phi, eps, dt, steps):
    for _ in range(steps):
        padded = np.pad(phi, 1, mode="edge")
        phi += dt * (eps**2 * laplacian(padded) + phi - phi**3)
    return np.sum(W55 * phi)


@program(0.5 * U9, 0.2, 0.02, 4, peer=False)
def cahn_hilliard(c, gamma, dt, steps):
    n = len(c)
    mu = np.zeros(n)
    for _ in range(steps):
        for i in range(n):
            mu[i] = c[i] ** 3 - c[i] - gamma * (c[(i + 1) % n] - 2 * c[i] + c[i - 1])
        c[1:-1] += dt * (mu[2:] - 2 * mu[1:-1] + mu[:-2])
        c[0] += dt * (mu[1] - 2 * mu[0] + mu[-1])
        c[-1] += dt * (mu[0] - 2 * mu[-1] + mu[-2])
    return np.sum(W9 * c)


@program(np.cumsum(0.3 + 0.2 * U7**2) - 1.1, 0.3, 3, peer=False)
def level_set(phi, dt, steps):
    sign = phi / np.sqrt(phi**2 + 0.1)
    for _ in range(steps):
        backward, forward = np.zeros_like(phi), np.zeros_like(phi)
        backward[1:] = phi[1:] - phi[:-1]
        forward[:-1] = phi[1:] - phi[:-1]
        backward[0], forward[-1] = forward[0], backward[-1]
        slope = np.empty_like(phi)
        up = sign > 0
        slope[up] = np.maximum(np.maximum(backward[up], 0) ** 2, np.minimum(forward[up], -0.1) ** 2)
        slope[~up] = np.maximum(backward[~up] ** 2 * 0.1, np.maximum(forward[~up], 0) ** 2)
        phi -= dt * sign * (np.sqrt(slope + 1e-2) - 1)
    return np.sum(W7 * phi)


@program(U55, 0.8, 0.15, 3, peer=False)
def perona_malik(image, kappa, rate, iterations):
    for _ in range(iterations):
        change = np.zeros_like(image)
        for shift, axis in [(1, 0), (-1, 0), (1, 1), (-1, 1)]:
            d = np.roll(image, shift, axis) - image
            if axis == 0:
                d[0 if shift == 1 else -1] = 0
            else:
                d[:, 0 if shift == 1 else -1] = 0
            change += np.exp(-((d / kappa) ** 2)) * d
        image += rate * change
    return np.sum(W55 * image)


def smooth(u, f, h, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])


def v_cycle(u, f, h):
    if len(u) <= 3:
        u[1] = 0.5 * (u[0] + u[2] + h * h * f[1])
        return u
    smooth(u, f, h, 1)
    r = np.zeros_like(u)
    r[1:-1] = f[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / (h * h)
    coarse = np.zeros((len(u) + 1) // 2)
    coarse[1:-1] = 0.25 * (r[1:-3:2] + 2 * r[2:-2:2] + r[3:-1:2])
    e = v_cycle(np.zeros_like(coarse), coarse, 2 * h)
    u[2:-2:2] += e[1:-1]
    u[1:-1:2] += 0.5 * (e[:-1] + e[1:])
    smooth(u, f, h, 1)
    return u


@program(U9, F9, 0.4, 2, peer=False)
def multigrid(u, f, h, cycles):
    for _ in range(cycles):
        u = v_cycle(u, f, h)
    return np.sum(W9 * u**2)


@program(U55, 0.3, 0.4, peer=False)
def relaxed_until_it_stands(u, source, tolerance):
    change, sweeps = 1.0, 0
    while change > tolerance and sweeps < 30:
        old = u.copy()
        u[1:-1, 1:-1] = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] + source)
        change = np.sqrt(np.sum((u - old) ** 2))
        sweeps += 1
    return np.sum(W55 * u**2) + tolerance * sweeps


@program(U7, 0.4, 0.3, 3, peer=False)
def strang_splitting(u, d, rate, steps):
    for _ in range(steps):
        u *= np.exp(0.1 * rate * (1 - u**2))
        flux = d * np.diff(u)
        u[:-1] += 0.2 * flux
        u[1:] -= 0.2 * flux
        u[:] = u * np.exp(0.1 * rate * (1 - u**2))
    return np.sum(W7 * u)

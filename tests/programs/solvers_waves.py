"""Solvers of transport and of waves on grids: upwind, Lax-Wendroff, Yee, shallow water."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(202)
W7, W8 = RNG.normal(size=7), RNG.normal(size=8)
W47, W55 = (RNG.normal(size=shape) for shape in ((4, 7), (5, 5)))

U7, V7 = RNG.normal(size=7), RNG.normal(size=7)
H8, HU8 = 1 + 0.2 * RNG.normal(size=8), 0.3 * RNG.normal(size=8)
U55, V55, P55 = (RNG.normal(size=(5, 5)) for _ in range(3))


@program(U7, V7, 0.3, 5, peer=False)
def wave_by_three_levels(u, u_old, c, steps):
    u_new = np.zeros(len(u))
    for _ in range(steps):
        u_new[1:-1] = 2 * u[1:-1] - u_old[1:-1] + c**2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        u_new[0] = 0.0
        u_new[-1] = u[-2]
        u_old, u, u_new = u, u_new, u_old
    return np.sum(W7 * u) + np.sum(W7 * u_old**2)


@program(U7, 0.4, 0.3, peer=False)
def wave_in_a_table(start, c, damping):
    u = np.zeros((4, 7))
    u[0] = start
    u[1, 1:-1] = u[0, 1:-1] + 0.5 * c**2 * (u[0, 2:] - 2 * u[0, 1:-1] + u[0, :-2])
    for n in range(1, 3):
        for i in range(1, 6):
            u[n + 1, i] = (2 - damping) * u[n, i] - (1 - damping) * u[n - 1, i]
            u[n + 1, i] += c**2 * (u[n, i + 1] - 2 * u[n, i] + u[n, i - 1])
    return np.sum(W47 * u**2)


@program(U55, V55, 0.3, 3, peer=False)
def wave_2d(u, v, dt, steps):
    for _ in range(steps):
        v[1:-1, 1:-1] += dt * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
        )
        v *= 0.98
        u += dt * v
        u[0], u[-1] = u[1], u[-2]
    return np.sum(W55 * u) + np.sum(W55.T * v**2)


@program(0.4, 1.5, 5, peer=False)
def fdtd_1d(courant, eps, steps):
    ez, hy = np.zeros(8), np.zeros(7)
    ce = np.full(8, courant)
    ce[4:] /= eps
    for t in range(steps):
        hy += courant * (ez[1:] - ez[:-1])
        ez[1:-1] += ce[1:-1] * (hy[1:] - hy[:-1])
        ez[2] += np.exp(-((t - 2) ** 2) / eps)
    return np.sum(W8 * ez) + np.sum(W7 * hy**2)


@program(U55, V55, P55, 0.3, 3, peer=False)
def yee_2d(ez, hx, hy, c, steps):
    for t in range(steps):
        hx[:, :-1] -= c * (ez[:, 1:] - ez[:, :-1])
        hy[:-1, :] += c * (ez[1:, :] - ez[:-1, :])
        ez[1:-1, 1:-1] += c * ((hy[1:-1, 1:-1] - hy[:-2, 1:-1]) - (hx[1:-1, 1:-1] - hx[1:-1, :-2]))
        ez[2, 2] = np.sin(0.5 * t) + c * ez[2, 2]
    return np.sum(W55 * ez) + np.sum(W55.T * hx**2) + np.sum(W55 * hy * ez)


@program(U7, V7, 0.3, 4, peer=False)
def advection_upwind(u, a, c, steps):
    for _ in range(steps):
        un = u.copy()
        for i in range(1, len(u) - 1):
            if a[i] > 0:
                u[i] = un[i] - c * a[i] * (un[i] - un[i - 1])
            else:
                u[i] = un[i] - c * a[i] * (un[i + 1] - un[i])
        u[0], u[-1] = u[-2], u[1]
    return np.sum(W7 * u**2)


@program(U7, 0.5, 4, peer=False)
def lax_wendroff(u, c, steps):
    for _ in range(steps):
        inner = u[1:-1] - c / 2 * (u[2:] - u[:-2]) + c**2 / 2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        u[1:-1] = inner
        u[0] = u[-2]
        u[-1] = u[1]
    return np.sum(W7 * u**2)


@program(U7, 0.2, 3, peer=False)
def mac_cormack(u, c, steps):
    f = np.empty_like(u)
    star = np.empty_like(u)
    for _ in range(steps):
        f[:] = 0.5 * u**2
        star[:-1] = u[:-1] - c * (f[1:] - f[:-1])
        star[-1] = u[-1]
        f[:] = 0.5 * star**2
        u[1:] = 0.5 * (u[1:] + star[1:] - c * (f[1:] - f[:-1]))
    return np.sum(W7 * u)


@program(0.6 + 0.2 * U7, 0.3, 0.1, 4, peer=False)
def burgers_upwind(u, c, nu, steps):
    for _ in range(steps):
        old = u.copy()
        u[1:-1] = (
            old[1:-1]
            - c * old[1:-1] * (old[1:-1] - old[:-2])
            + nu * (old[2:] - 2 * old[1:-1] + old[:-2])
        )
        u[0] = u[1]
        u[-1] = u[-2]
    return np.sum(W7 * u**2)


@program(U7, 0.3, 3, peer=False)
def burgers_godunov(u, c, steps):
    flux = np.zeros(8)
    for _ in range(steps):
        for i in range(1, 7):
            left, right = u[i - 1], u[i]
            if left > right:
                flux[i] = max(left, -right) ** 2 / 2
            elif left > 0:
                flux[i] = left**2 / 2
            elif right < 0:
                flux[i] = right**2 / 2
            else:
                flux[i] = 0.0
        u -= c * (flux[1:] - flux[:-1])
    return np.sum(W7 * u)


@program(U7, 0.4, 3, peer=False)
def van_leer_limiter(u, c, steps):
    n = len(u)
    for _ in range(steps):
        slope = np.zeros(n)
        for i in range(1, n - 1):
            a, b = u[i] - u[i - 1], u[i + 1] - u[i]
            if a * b > 0:
                slope[i] = 2 * a * b / (a + b)
        face = u + 0.5 * (1 - c) * slope
        u[1:] -= c * (face[1:] - face[:-1])
    return np.sum(W7 * u**2)


@program(U7, 0.5, 0.02, 4, peer=False)
def korteweg_de_vries(u, dt, delta, steps):
    n = len(u)
    old, new = u.copy(), np.empty(n)
    u = 0.98 * u
    for _ in range(steps):
        for i in range(n):
            p1, p2, m1, m2 = u[(i + 1) % n], u[(i + 2) % n], u[i - 1], u[i - 2]
            new[i] = old[i] - dt / 3 * (p1 + u[i] + m1) * (p1 - m1)
            new[i] -= delta * dt * (p2 - 2 * p1 + 2 * m1 - m2)
        old, u, new = u, new, old
    return np.sum(W7 * u)


@program(H8, HU8, 9.8, 0.02, 3, peer=False)
def shallow_water_lax_friedrichs(h, hu, g, dt, steps):
    for _ in range(steps):
        flux_h = hu.copy()
        flux_hu = hu**2 / h + 0.5 * g * h**2
        h[1:-1] = 0.5 * (h[2:] + h[:-2]) - dt * (flux_h[2:] - flux_h[:-2])
        hu[1:-1] = 0.5 * (hu[2:] + hu[:-2]) - dt * (flux_hu[2:] - flux_hu[:-2])
        h[0], h[-1] = h[1], h[-2]
        hu[0], hu[-1] = -hu[1], -hu[-2]
    return np.sum(W8 * h) + np.sum(W8 * hu**2)


@program(0.1 * U55, 0.1 * V55, 0.1 * P55, 1.3, 0.1, 3, peer=False)
def shallow_water_2d(h, u, v, g, dt, steps):
    for _ in range(steps):
        u[1:, :] -= g * dt * (h[1:, :] - h[:-1, :])
        v[:, 1:] -= g * dt * (h[:, 1:] - h[:, :-1])
        u[0, :] = 0
        v[:, 0] = 0
        depth = 1 + h
        h[:-1, :] -= dt * depth[:-1, :] * (u[1:, :] - u[:-1, :])
        h[:, :-1] -= dt * depth[:, :-1] * (v[:, 1:] - v[:, :-1])
    return np.sum(W55 * h) + np.sum(W55.T * u * v)


@program(np.stack([H8, HU8]), 1.4, 0.1, 3, peer=False)
def shallow_water_as_one_array(q, g, dt, steps):
    def flux(q):
        f = np.empty_like(q)
        f[0] = q[1]
        f[1] = q[1] ** 2 / q[0] + 0.5 * g * q[0] ** 2
        return f

    for _ in range(steps):
        f = flux(q)
        speed = np.abs(q[1] / q[0]) + np.sqrt(g * q[0])
        a = np.maximum(speed[1:], speed[:-1])
        face = 0.5 * (f[:, 1:] + f[:, :-1]) - 0.5 * a * (q[:, 1:] - q[:, :-1])
        q[:, 1:-1] -= dt * (face[:, 1:] - face[:, :-1])
        q[:, 0] = q[:, 1] * np.array([1.0, -1.0])
        q[:, -1] = q[:, -2] * np.array([1.0, -1.0])
    return np.sum(W8 * q[0]) + np.sum(W8 * q[1] ** 2)


@program(np.abs(U7) + 0.5, 0.3, 0.2, 4, peer=False)
def traffic_flow(rho, dt, limit, steps):
    for _ in range(steps):
        flow = rho * (1 - 0.4 * rho)
        rho[1:] += dt * (flow[:-1] - flow[1:])
        rho[0] = rho[0] - dt * (flow[0] - limit)
        rho[-1] += dt * flow[-2] * limit
    return np.sum(W7 * rho**2)


@program(U7, V7, 0.1, 0.5, 4, peer=False)
def staggered_acoustics(p, velocity, dt, k, steps):
    v = np.zeros(8)
    v[1:] = velocity
    record = []
    for n in range(steps):
        v[1:-1] -= dt * (p[1:] - p[:-1])
        p -= dt * k * (v[1:] - v[:-1])
        record.append(p[2] * (n + 0.5))
    return np.sum(W8 * v**2) + np.sum(W7[:4] * np.array(record))

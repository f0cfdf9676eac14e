"""Flows in twelve steps, from convection to cavity and channel, and a few others."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(203)
W7, W55, W56 = (RNG.normal(size=shape) for shape in (7, (5, 5), (5, 6)))
W37 = RNG.normal(size=(3, 7))

U7 = 1 + 0.3 * RNG.normal(size=7)
U55, V55, P55 = (0.3 * RNG.normal(size=(5, 5)) for _ in range(3))
U56, V56, P56 = (0.3 * RNG.normal(size=(5, 6)) for _ in range(3))


@program(U7, 0.8, 0.1, 0.25, 4, peer=False)
def linear_convection(u, c, dt, dx, nt):
    nx = len(u)
    for n in range(nt):
        un = u.copy()
        for i in range(1, nx):
            u[i] = un[i] - c * dt / dx * (un[i] - un[i - 1])
    return np.sum(W7 * u**2)


@program(U7, 0.1, 0.25, 4, peer=False)
def nonlinear_convection(u, dt, dx, nt):
    un = np.ones(len(u))
    for n in range(nt):
        un = u.copy()
        for i in range(1, len(u)):
            u[i] = un[i] - un[i] * dt / dx * (un[i] - un[i - 1])
    return np.sum(W7 * u**2) + un[3]


@program(U7, 0.3, 0.05, 0.25, 4, peer=False)
def diffusion(u, nu, dt, dx, nt):
    for n in range(nt):
        un = u.copy()
        for i in range(1, len(u) - 1):
            u[i] = un[i] + nu * dt / dx**2 * (un[i + 1] - 2 * un[i] + un[i - 1])
    return np.sum(W7 * u**2)


@program(U7, 0.1, 0.05, 0.25, 3, peer=False)
def burgers_periodic(u, nu, dt, dx, nt):
    nx = len(u)
    for n in range(nt):
        un = u.copy()
        for i in range(1, nx - 1):
            u[i] = (
                un[i]
                - un[i] * dt / dx * (un[i] - un[i - 1])
                + nu * dt / dx**2 * (un[i + 1] - 2 * un[i] + un[i - 1])
            )
        u[0] = (
            un[0]
            - un[0] * dt / dx * (un[0] - un[-2])
            + nu * dt / dx**2 * (un[1] - 2 * un[0] + un[-2])
        )
        u[-1] = u[0]
    return np.sum(W7 * u**2)


@program(1 + U55, 0.7, 0.1, 0.5, 0.4, 3, peer=False)
def linear_convection_2d(u, c, dt, dx, dy, nt):
    for n in range(nt + 1):
        un = u.copy()
        u[1:, 1:] = (
            un[1:, 1:]
            - (c * dt / dx * (un[1:, 1:] - un[1:, :-1]))
            - (c * dt / dy * (un[1:, 1:] - un[:-1, 1:]))
        )
        u[0, :] = 1
        u[-1, :] = 1
        u[:, 0] = 1
        u[:, -1] = 1
    return np.sum(W55 * u**2)


@program(1 + U55, 1 + V55, 0.1, 0.5, 0.4, 3, peer=False)
def nonlinear_convection_2d(u, v, dt, dx, dy, nt):
    row, col = u.shape
    for n in range(nt):
        un = u.copy()
        vn = v.copy()
        for j in range(1, row):
            for i in range(1, col):
                u[j, i] = (
                    un[j, i]
                    - un[j, i] * dt / dx * (un[j, i] - un[j, i - 1])
                    - vn[j, i] * dt / dy * (un[j, i] - un[j - 1, i])
                )
                v[j, i] = (
                    vn[j, i]
                    - un[j, i] * dt / dx * (vn[j, i] - vn[j, i - 1])
                    - vn[j, i] * dt / dy * (vn[j, i] - vn[j - 1, i])
                )
        u[0, :], u[:, 0] = 1, 1
        v[0, :], v[:, 0] = 1, 1
    return np.sum(W55 * u) + np.sum(W55.T * v**2)


@program(1 + U55, 0.2, 0.1, 0.5, 0.4, 3, peer=False)
def diffusion_2d(u, nu, dt, dx, dy, nt):
    for n in range(nt):
        un = u.copy()
        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            + nu * dt / dx**2 * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, 0:-2])
            + nu * dt / dy**2 * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[0:-2, 1:-1])
        )
        u[0, :] = 1
        u[-1, :] = u[-2, :]
    return np.sum(W55 * u**2)


@program(1 + U55, 1 + V55, 0.05, 0.05, 0.5, 0.4, 2, peer=False)
def burgers_2d(u, v, nu, dt, dx, dy, nt):
    for n in range(nt):
        un, vn = u.copy(), v.copy()
        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            - dt / dx * un[1:-1, 1:-1] * (un[1:-1, 1:-1] - un[1:-1, :-2])
            - dt / dy * vn[1:-1, 1:-1] * (un[1:-1, 1:-1] - un[:-2, 1:-1])
            + nu * dt / dx**2 * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, :-2])
            + nu * dt / dy**2 * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[:-2, 1:-1])
        )
        v[1:-1, 1:-1] = (
            vn[1:-1, 1:-1]
            - dt / dx * un[1:-1, 1:-1] * (vn[1:-1, 1:-1] - vn[1:-1, :-2])
            - dt / dy * vn[1:-1, 1:-1] * (vn[1:-1, 1:-1] - vn[:-2, 1:-1])
            + nu * dt / dx**2 * (vn[1:-1, 2:] - 2 * vn[1:-1, 1:-1] + vn[1:-1, :-2])
            + nu * dt / dy**2 * (vn[2:, 1:-1] - 2 * vn[1:-1, 1:-1] + vn[:-2, 1:-1])
        )
        u[:, -1] = u[:, -2]
        v[-1, :] = 1
    return np.sum(W55 * u) + np.sum(W55.T * v**2)


@program(P56, np.linspace(0.2, 1.1, 5), 0.5, 0.4, 0.03, peer=False)
def laplace_2d(p, y, dx, dy, target):
    norm = 1.0
    while norm > target:
        pn = p.copy()
        p[1:-1, 1:-1] = (
            dy**2 * (pn[1:-1, 2:] + pn[1:-1, 0:-2]) + dx**2 * (pn[2:, 1:-1] + pn[0:-2, 1:-1])
        ) / (2 * (dx**2 + dy**2))
        p[:, 0] = 0
        p[:, -1] = y
        p[0, :] = p[1, :]
        p[-1, :] = p[-2, :]
        norm = np.sum(np.abs(p - pn)) / np.sum(np.abs(pn))
    return np.sum(W56 * p**2) + target * dx


@program(P56, V56, 0.5, 0.4, 4, peer=False)
def poisson_2d(p, b, dx, dy, nt):
    for _ in range(nt):
        pd = p.copy()
        p[1:-1, 1:-1] = (
            (pd[1:-1, 2:] + pd[1:-1, :-2]) * dy**2
            + (pd[2:, 1:-1] + pd[:-2, 1:-1]) * dx**2
            - b[1:-1, 1:-1] * dx**2 * dy**2
        ) / (2 * (dx**2 + dy**2))
        p[0, :] = 0
        p[4, :] = 0
        p[:, 0] = 0
        p[:, 5] = 0
    return np.sum(W56 * p**2)


def build_up_b(b, rho, dt, u, v, dx, dy):
    b[1:-1, 1:-1] = rho * (
        1
        / dt
        * ((u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx) + (v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy))
        - ((u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx)) ** 2
        - 2 * ((u[2:, 1:-1] - u[0:-2, 1:-1]) / (2 * dy) * (v[1:-1, 2:] - v[1:-1, 0:-2]) / (2 * dx))
        - ((v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy)) ** 2
    )
    return b


def pressure_poisson(p, dx, dy, b, nit):
    pn = np.empty_like(p)
    pn = p.copy()
    for q in range(nit):
        pn = p.copy()
        p[1:-1, 1:-1] = (
            (pn[1:-1, 2:] + pn[1:-1, 0:-2]) * dy**2 + (pn[2:, 1:-1] + pn[0:-2, 1:-1]) * dx**2
        ) / (2 * (dx**2 + dy**2)) - dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[1:-1, 1:-1]
        p[:, -1] = p[:, -2]  # dp/dx = 0 at x = 2
        p[0, :] = p[1, :]  # dp/dy = 0 at y = 0
        p[:, 0] = p[:, 1]  # dp/dx = 0 at x = 0
        p[-1, :] = 0  # p = 0 at y = 2
    return p


def momentum(u, un, vn, p, dt, dx, dy, rho, nu):
    u[1:-1, 1:-1] = (
        un[1:-1, 1:-1]
        - un[1:-1, 1:-1] * dt / dx * (un[1:-1, 1:-1] - un[1:-1, 0:-2])
        - vn[1:-1, 1:-1] * dt / dy * (un[1:-1, 1:-1] - un[0:-2, 1:-1])
        - dt / (2 * rho * dx) * (p[1:-1, 2:] - p[1:-1, 0:-2])
        + nu
        * (
            dt / dx**2 * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, 0:-2])
            + dt / dy**2 * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[0:-2, 1:-1])
        )
    )


@program(U55, V55, P55, 0.05, 0.5, 0.5, 1.1, 0.1, 0.9, 2, 2, peer=False)
def cavity_flow(u, v, p, dt, dx, dy, rho, nu, lid, nt, nit):
    b = np.zeros((5, 5))
    for n in range(nt):
        un = u.copy()
        vn = v.copy()
        b = build_up_b(b, rho, dt, u, v, dx, dy)
        p = pressure_poisson(p, dx, dy, b, nit)
        momentum(u, un, vn, p, dt, dx, dy, rho, nu)
        momentum(v.T, vn.T, un.T, p.T, dt, dy, dx, rho, nu)
        u[0, :] = 0
        u[:, 0] = 0
        u[:, -1] = 0
        u[-1, :] = lid
        v[0, :] = 0
        v[-1, :] = 0
        v[:, 0] = 0
        v[:, -1] = 0
    return np.sum(W55 * u) + np.sum(W55.T * v**2) + np.sum(W55 * p)


@program(0.1 + U56**2, V56, P56, 0.05, 0.5, 0.5, 1.1, 0.1, 0.8, 0.02, peer=False)
def channel_flow(u, v, p, dt, dx, dy, rho, nu, force, target):
    udiff, stepcount = 1.0, 0
    b = np.zeros_like(u)
    while udiff > target and stepcount < 4:
        un = u.copy()
        vn = v.copy()
        b = build_up_b(b, rho, dt, u, v, dx, dy)
        # periodic in x
        b[1:-1, -1] = b[1:-1, 0] = rho * (1 / dt * (u[1:-1, 0] - u[1:-1, -2]) / (2 * dx))
        for _ in range(2):
            pn = p.copy()
            p[1:-1, 1:-1] = (
                (pn[1:-1, 2:] + pn[1:-1, 0:-2]) * dy**2 + (pn[2:, 1:-1] + pn[0:-2, 1:-1]) * dx**2
            ) / (2 * (dx**2 + dy**2)) - dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[1:-1, 1:-1]
            p[1:-1, -1] = p[1:-1, 0] = 0.25 * (pn[1:-1, 0] + pn[1:-1, -2] - dx**2 * b[1:-1, -1])
            p[-1, :] = p[-2, :]
            p[0, :] = p[1, :]
        momentum(u, un, vn, p, dt, dx, dy, rho, nu)
        u[1:-1, 1:-1] += force * dt
        u[1:-1, -1] = u[1:-1, 0] = un[1:-1, -1] * (1 - dt) + force * dt
        u[0, :] = u[-1, :] = 0
        v[0, :] = v[-1, :] = 0
        udiff = (np.sum(u) - np.sum(un)) / np.sum(u)
        stepcount += 1
    return np.sum(W56 * u) + np.sum(W56 * v * p) + udiff * stepcount + target * nu


@program(U55, 0.2, 0.5, 0.7, 2, peer=False)
def vorticity_and_stream_function(w, nu, h, lid, steps):
    psi = np.zeros_like(w)
    for _ in range(steps):
        for _ in range(2):
            psi[1:-1, 1:-1] = 0.25 * (
                psi[2:, 1:-1]
                + psi[:-2, 1:-1]
                + psi[1:-1, 2:]
                + psi[1:-1, :-2]
                + h**2 * w[1:-1, 1:-1]
            )
        w[-1, 1:-1] = -2 * psi[-2, 1:-1] / h**2 - 2 * lid / h
        w[0, 1:-1] = -2 * psi[1, 1:-1] / h**2
        u = (psi[2:, 1:-1] - psi[:-2, 1:-1]) / (2 * h)
        v = -(psi[1:-1, 2:] - psi[1:-1, :-2]) / (2 * h)
        w[1:-1, 1:-1] += 0.05 * (
            -u * (w[1:-1, 2:] - w[1:-1, :-2]) / (2 * h)
            - v * (w[2:, 1:-1] - w[:-2, 1:-1]) / (2 * h)
            + nu * (w[2:, 1:-1] + w[:-2, 1:-1] + w[1:-1, 2:] + w[1:-1, :-2] - 4 * w[1:-1, 1:-1])
        )
    return np.sum(W55 * w) + np.sum(W55 * psi**2)


@program(0.5 + 0.1 * RNG.normal(size=(3, 7)), 1.2, 3, peer=False)
def lattice_boltzmann(f, omega, steps):
    e = np.array([0, 1, -1])
    t = np.array([2 / 3, 1 / 6, 1 / 6])
    for _ in range(steps):
        rho = f.sum(axis=0)
        u = (f * e[:, None]).sum(axis=0) / rho
        for k in range(3):
            eu = e[k] * u
            feq = t[k] * rho * (1 + 3 * eu + 4.5 * eu**2 - 1.5 * u**2)
            f[k] += omega * (feq - f[k])
        for k in range(3):
            f[k] = np.roll(f[k], e[k])
        f[1, 0], f[2, -1] = f[2, 0], f[1, -1]
    return np.sum(W37 * f)


@program(U7, 0.1 * U7[::-1], 1.0 + 0.2 * U7, 1.4, 0.05, 3, peer=False)
def euler_equations(rho, momentum, energy, gamma, dt, steps):
    for _ in range(steps):
        v = momentum / rho
        p = (gamma - 1) * (energy - 0.5 * rho * v**2)
        speed = np.max(np.abs(v) + np.sqrt(gamma * p / rho))
        for q, f in (
            (rho, momentum * 1.0),
            (momentum, momentum * v + p),
            (energy, (energy + p) * v),
        ):
            face = 0.5 * (f[1:] + f[:-1]) - 0.5 * speed * (q[1:] - q[:-1])
            q[1:-1] -= dt * (face[1:] - face[:-1])
    return np.sum(W7 * rho) + np.sum(W7 * momentum**2) + np.sum(W7 * energy * rho)

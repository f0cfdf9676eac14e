"""Motion, written into arrays: planets, pendulums, springs, populations, neurons, epidemics."""

import math

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(206)
W3, W4, W5, W6 = (RNG.normal(size=n) for n in (3, 4, 5, 6))
W32, W43, W52 = (RNG.normal(size=s) for s in ((3, 2), (4, 3), (5, 2)))

X32, V32 = RNG.normal(size=(3, 2)), 0.3 * RNG.normal(size=(3, 2))
X43, V43 = RNG.normal(size=(4, 3)), 0.3 * RNG.normal(size=(4, 3))
M3, M4 = np.array([1.0, 0.6, 0.8]), np.array([1.0, 0.6, 0.8, 0.4])
V4, V5, U5 = RNG.normal(size=4), RNG.normal(size=5), RNG.normal(size=5)


@program(X43, V43, M4, 0.5, 0.05, 2, peer=False)
def n_body_with_masks(x, v, m, softening, dt, steps):
    n = len(m)
    a = np.zeros_like(x)
    for _ in range(steps):
        a[:] = 0
        for i in range(n):
            others = np.arange(n) != i
            d = x[others] - x[i]
            r2 = np.sum(d**2, axis=1) + softening**2
            a[i] = np.sum((m[others] / r2**1.5)[:, None] * d, axis=0)
        v += dt * a
        x += dt * v
    return np.sum(W43 * x) + np.sum(W43 * v**2)


@program(X32, V32, M3, 0.05, 3, peer=False)
def n_body_by_pairs(x, v, m, dt, steps):
    n = len(m)
    for _ in range(steps):
        force = np.zeros((n, 2))
        for i in range(n):
            for j in range(i + 1, n):
                d = x[j] - x[i]
                r = np.sqrt(d @ d + 0.1)
                f = m[i] * m[j] * d / r**3
                force[i] += f
                force[j] -= f
        v += dt * force / m[:, None]
        x += dt * v
    return np.sum(W32 * x * v)


@program(X32, V32, M3, 0.1, peer=False)
def n_body_trajectory(x0, v0, m, dt):
    steps = 4
    x, v = np.zeros((steps + 1, 3, 2)), np.zeros((steps + 1, 3, 2))
    x[0], v[0] = x0, v0

    def acceleration(p):
        d = p[None, :, :] - p[:, None, :]
        r3 = (np.sum(d**2, axis=-1) + 0.2) ** 1.5
        np.fill_diagonal(r3, 1.0)
        return np.sum(m[None, :, None] * d / r3[:, :, None], axis=1)

    a = acceleration(x[0])
    for k in range(steps):
        half = v[k] + 0.5 * dt * a
        x[k + 1] = x[k] + dt * half
        a = acceleration(x[k + 1])
        v[k + 1] = half + 0.5 * dt * a
    return np.sum(W5[:, None, None] * W32 * x) + np.sum(W32 * v[-1] ** 2)


@program(0.9, 0.2, 1.3, 0.1, 5, peer=False)
def verlet_of_a_pendulum(q0, p0, k, dt, steps):
    q, p = np.empty(steps + 1), np.empty(steps + 1)
    q[0], p[0] = q0, p0
    for i in range(steps):
        half = p[i] - 0.5 * dt * k * np.sin(q[i])
        q[i + 1] = q[i] + dt * half
        p[i + 1] = half - 0.5 * dt * k * np.sin(q[i + 1])
    return np.sum(W6 * q) + np.sum(W6 * p**2)


def lorenz(u, sigma, rho, beta):
    du = np.empty_like(u)
    du[0] = sigma * (u[1] - u[0])
    du[1] = u[0] * (rho - u[2]) - u[1]
    du[2] = u[0] * u[1] - beta * u[2]
    return du


@program(np.array([1.0, 0.5, 2.0]), 2.1, 3.2, 0.8, 0.1, 4, peer=False)
def runge_kutta_trajectory(u0, sigma, rho, beta, h, steps):
    path = np.zeros((steps + 1, 3))
    path[0] = u0
    k = np.zeros((4, 3))
    for n in range(steps):
        u = path[n]
        k[0] = lorenz(u, sigma, rho, beta)
        k[1] = lorenz(u + h / 2 * k[0], sigma, rho, beta)
        k[2] = lorenz(u + h / 2 * k[1], sigma, rho, beta)
        k[3] = lorenz(u + h * k[2], sigma, rho, beta)
        path[n + 1] = u + h / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3])
    return np.sum(W5[:, None] * W3 * path) + path[2, 1] ** 2


@program(1.0, 0.4, 9.8, 0.85, 0.05, 22, peer=False)
def bouncing_ball(height, speed, g, restitution, dt, steps):
    y, v = np.zeros(steps), np.zeros(steps)
    y[0], v[0] = height, speed
    bounces = 0
    for i in range(1, steps):
        v[i] = v[i - 1] - g * dt
        y[i] = y[i - 1] + v[i] * dt
        if y[i] < 0:
            y[i] = -restitution * y[i]
            v[i] = -restitution * v[i]
            bounces += 1
    return np.sum(y * np.cos(np.arange(steps))) + v[-1] ** 2 * bounces


@program(np.array([1.2, 0.5]), np.array([0.3, -0.8]), 9.8, 0.8, peer=False)
def balls_with_exact_impact_times(y, v, g, restitution):
    impacts = []
    for k in range(3):
        times = np.zeros(2)
        for i in range(2):
            times[i] = (v[i] + np.sqrt(v[i] ** 2 + 2 * g * y[i])) / g
        first = int(np.argmin(times))
        dt = times[first]
        y += v * dt - 0.5 * g * dt**2
        v -= g * dt
        y[first] = 0.0
        v[first] *= -restitution
        impacts.append(dt * (k + 1.3))
    return np.sum(np.array(impacts)) + y[0] * 1.7 + y[1] * 0.6 + v @ np.array([0.3, -0.2])


@program(np.array([0.9, 0.4, 0.1, -0.2]), 1.0, 0.7, 1.1, 0.8, 0.05, 4, peer=False)
def double_pendulum(state, l1, l2, m1, m2, h, steps):
    g = 9.81

    def rates(s):
        t1, t2, w1, w2 = s
        d = t1 - t2
        den = 2 * m1 + m2 - m2 * math.cos(2 * t1 - 2 * t2)
        out = np.zeros(4)
        out[0], out[1] = w1, w2
        out[2] = -g * (2 * m1 + m2) * np.sin(t1) - m2 * g * np.sin(t1 - 2 * t2)
        out[2] -= 2 * np.sin(d) * m2 * (w2**2 * l2 + w1**2 * l1 * np.cos(d))
        out[2] /= l1 * den
        out[3] = w1**2 * l1 * (m1 + m2) + g * (m1 + m2) * np.cos(t1)
        out[3] = 2 * np.sin(d) * (out[3] + w2**2 * l2 * m2 * np.cos(d)) / (l2 * den)
        return out

    for _ in range(steps):
        middle = state + 0.5 * h * rates(state)
        state += h * rates(middle)
    return W4 @ state


@program(1.2, 0.7, 0.9, 0.5, 0.4, 0.6, 0.1, peer=False)
def lotka_volterra(x, y, a, b, c, d, dt):
    prey, predators = np.zeros(6), np.zeros(6)
    prey[0], predators[0] = x, y
    for i in range(5):
        prey[i + 1] = prey[i] + dt * prey[i] * (a - b * predators[i])
        predators[i + 1] = predators[i] + dt * predators[i] * (c * prey[i + 1] - d)
    return np.sum(W6 * prey) + np.sum(W6 * predators**2)


@program(np.array([[1.0, 0.2], [0.3, 1.4]]), np.array([0.5, 0.8]), 0.1, 4, peer=False)
def competing_species(a, n, dt, steps):
    history = np.empty((steps, 2))
    for t in range(steps):
        for i in range(len(n)):
            crowd = 0.0
            for j in range(len(n)):
                crowd += a[i, j] * n[j]
            n[i] += dt * n[i] * (1 - crowd)
        history[t] = n
    return np.sum(W52[:4] * history)


@program(RNG.normal(size=(3, 3, 2)), np.zeros((3, 3, 2)) + 0.1, 2.0, 0.3, 0.05, 2, peer=False)
def spring_lattice(x, v, k, damping, dt, steps):
    rows, columns, _ = x.shape
    for _ in range(steps):
        f = -damping * v
        for i in range(rows):
            for j in range(columns):
                for di, dj in ((0, 1), (1, 0)):
                    p, q = i + di, j + dj
                    if p >= rows or q >= columns:
                        continue
                    d = x[p, q] - x[i, j]
                    length = np.sqrt(np.sum(d * d) + 0.01)
                    pull = k * (length - 1.0) / length * d
                    f[i, j] += pull
                    f[p, q] -= pull
        f[0] = 0
        v += dt * f
        x += dt * v
    return np.sum(W32 * x[1]) + np.sum(W32 * v[2] ** 2)


@program(V5, U5, 0.3, 0.1, 4, peer=False)
def fermi_pasta_ulam(q, p, alpha, dt, steps):
    for _ in range(steps):
        d = np.zeros(6)
        d[1:-1] = np.diff(q)
        d[0], d[-1] = q[0], -q[-1]
        force = d + alpha * d**2
        p += dt * (force[1:] - force[:-1])
        q += dt * p
    return np.sum(W5 * q * p)


@program(V5, U5, 0.8, 0.1, 4, peer=False)
def kuramoto(theta, omega, coupling, dt, steps):
    n = len(theta)
    for _ in range(steps):
        rate = omega.copy()
        for i in range(n):
            rate[i] += coupling / n * np.sum(np.sin(theta - theta[i]))
        theta += dt * rate
    return np.sum(W5 * np.sin(theta))


@program(0.9, 0.1, 0.6, 0.25, 0.2, 5, peer=False)
def epidemic(s0, i0, beta, gamma, dt, days):
    s, i, r = (np.zeros(days + 1) for _ in range(3))
    s[0], i[0] = s0, i0
    for t in range(days):
        infected = dt * beta * s[t] * i[t]
        recovered = dt * gamma * i[t]
        s[t + 1] = s[t] - infected
        i[t + 1] = i[t] + infected - recovered
        r[t + 1] = r[t] + recovered
    return np.sum(W6 * s) + np.sum(W6 * i**2) + np.max(i) * r[-1]


@program(V4, np.array([0.3, 0.7]), 0.7, 0.08, 0.2, 5, peer=False)
def fitz_hugh_nagumo_ring(v, parameters, current, eps, dt, steps):
    a, b = parameters
    w = np.zeros(4)
    for n in range(steps):
        coupling = np.roll(v, 1) + np.roll(v, -1) - 2 * v
        dv = v - v**3 / 3 - w + 0.2 * coupling
        dv[0] += current
        w += dt * eps * (v + a - b * w)
        v += dt * dv
    return np.sum(W4 * v) + np.sum(W4 * w**2)


@program(np.array([0.4, 0.6, 0.5, 0.7]), 1.7, 3.0, 1.0, 8, peer=False)
def integrate_and_fire(weights, current, tau, threshold, steps):
    v, spikes, dt = np.zeros(4), np.zeros(4), 0.5
    for _ in range(steps):
        v += dt / tau * (current * weights * 2 - v)
        fired = v > threshold
        spikes[fired] += 1
        excess = np.sum(v[fired])
        v[fired] -= threshold
        v[~fired] += 0.05 * excess
    return np.sum(W4 * v * (1 + spikes))


@program(V5, 0.4, 0.3, peer=False)
def adams_bashforth(u, rate, dt):
    history = [np.zeros(5), np.zeros(5)]
    for n in range(4):
        f = history[n % 2]
        f[:] = -rate * u + 0.1 * np.roll(u, 1) ** 2
        if n == 0:
            u = u + dt * f
        else:
            u = u + dt * (1.5 * f - 0.5 * history[(n + 1) % 2])
    return np.sum(W5 * u)


@program(np.array([0.2, 0.0, 0.1]), 4.0, 0.3, 0.5, 0.25, 0.1, peer=False)
def newmark_beta(force, stiffness, damping, gamma, beta, dt):
    n = 4
    u, v, a = np.zeros(n), np.zeros(n), np.zeros(n)
    a[0] = force[0]
    for i in range(n - 1):
        u_star = u[i] + dt * v[i] + dt**2 * (0.5 - beta) * a[i]
        v_star = v[i] + dt * (1 - gamma) * a[i]
        a[i + 1] = force[i] - damping * v_star - stiffness * u_star
        a[i + 1] /= 1 + gamma * dt * damping + beta * dt**2 * stiffness
        u[i + 1] = u_star + beta * dt**2 * a[i + 1]
        v[i + 1] = v_star + gamma * dt * a[i + 1]
    return W4 @ u * 10 + W4 @ v**2


@program(np.array([0.5, 1.0, 0.3]), 0.4, 1.2, peer=False)
def linear_reservoirs(rain, k, area):
    storage, flow = np.zeros(3), np.zeros((3, 3))
    for t in range(3):
        storage[0] += area * rain[t]
        for r in range(3):
            flow[t, r] = k * storage[r] ** 1.5
            storage[r] -= flow[t, r]
            if r < 2:
                storage[r + 1] += flow[t, r]
    return np.sum(W43[:3] * flow) + W3 @ storage


class Body:
    def __init__(self, position, velocity, mass):
        self.position = position
        self.velocity = velocity
        self.mass = mass

    def pull(self, other, dt):
        d = other.position - self.position
        r3 = (d @ d + 0.1) ** 1.5
        self.velocity += dt * other.mass * d / r3
        other.velocity -= dt * self.mass * d / r3

    def drift(self, dt):
        self.position += dt * self.velocity


@program([Body(X32[k], V32[k], float(M3[k])) for k in range(3)], 0.1, 2, peer=False)
def bodies_as_objects(bodies, dt, steps):
    for _ in range(steps):
        for i, body in enumerate(bodies):
            for other in bodies[i + 1 :]:
                body.pull(other, dt)
        for body in bodies:
            body.drift(dt)
    return sum(np.sum(W32[k] * b.position) * b.mass for k, b in enumerate(bodies))

"""Solvers as they are pasted from courses and repositories, with their habits left as they are."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(12)
R = RNG.standard_normal


class System:
    dt = 0.01

    def __init__(self, pos, vel, box):
        self.pos, self.vel, self.box = np.array(pos), np.array(vel), box
        self.n = len(self.pos)
        self.forces = np.zeros_like(self.pos)
        self.pe = 0.0

    def compute(self, eps, sig):
        self.forces[:] = 0
        self.pe = 0.0
        for i in range(self.n - 1):
            for j in range(i + 1, self.n):
                d = self.pos[i] - self.pos[j]
                d -= self.box * np.rint(d / self.box)
                r2 = d @ d
                if r2 < 9.0:
                    s6 = (sig * sig / r2) ** 3
                    f = 24 * eps * (2 * s6 * s6 - s6) / r2 * d
                    self.forces[i] += f
                    self.forces[j] -= f
                    self.pe += 4 * eps * (s6 * s6 - s6)

    @property
    def ke(self):
        return 0.5 * (self.vel**2).sum()

    def step(self, *p, T=None):
        self.vel += 0.5 * self.dt * self.forces
        self.pos += self.dt * self.vel
        self.pos %= self.box
        self.compute(*p)
        self.vel += 0.5 * self.dt * self.forces
        if T is not None:
            self.vel *= np.sqrt(T / (self.ke / self.n))


def simplex(c, A, b):
    T = np.zeros((3, 5))
    T[:2, :4] = A
    T[:2, 4] = b
    T[2, :4] = -c
    basis = [2, 3]
    while (T[-1, :-1] < -1e-9).any():
        col = int(np.argmin(T[-1, :-1]))
        ratios = [T[i, -1] / T[i, col] if T[i, col] > 1e-9 else np.inf for i in range(2)]
        row = ratios.index(min(ratios))
        T[row] /= T[row, col]
        for i in range(3):
            if i != row:
                T[i] -= T[i, col] * T[row]
        basis[row] = col
    return T[-1, -1], T[-1, :4]


def isotonic(y):
    vals, wts = [], []
    for v in y:
        vals.append(v)
        wts.append(1.0)
        while len(vals) > 1 and vals[-2] > vals[-1]:
            v2, w2 = vals.pop(), wts.pop()
            v1, w1 = vals.pop(), wts.pop()
            vals.append((v1 * w1 + v2 * w2) / (w1 + w2))
            wts.append(w1 + w2)
    out = []
    for v, w in zip(vals, wts):
        out.extend([v] * int(w))
    return np.array(out)


def seam_carve(img):
    e = np.abs(np.gradient(img)[0]) + np.abs(np.gradient(img)[1])
    M = e.copy()
    n, m = M.shape
    back = np.zeros((n, m), dtype=int)
    for i in range(1, n):
        for j in range(m):
            lo = max(j - 1, 0)
            k = np.argmin(M[i - 1, lo : j + 2]) + lo
            back[i, j] = k
            M[i, j] += M[i - 1, k]
    j = np.argmin(M[-1])
    cost = M[-1].min()
    path = [j]
    for i in range(n - 1, 0, -1):
        j = back[i, j]
        path.append(j)
    mask = np.ones_like(img, dtype=bool)
    for i, j in enumerate(reversed(path)):
        mask[i, j] = False
    return cost, img[mask].reshape(n, m - 1)


def lbm_d2q9(ux0, uy0, tau):
    Nx, Ny = ux0.shape
    idxs = np.arange(9)
    cxs = np.array([0, 0, 1, 1, 1, 0, -1, -1, -1])
    cys = np.array([0, 1, 1, 0, -1, -1, -1, 0, 1])
    weights = np.array([4 / 9, 1 / 9, 1 / 36, 1 / 9, 1 / 36, 1 / 9, 1 / 36, 1 / 9, 1 / 36])
    F = np.ones((Nx, Ny, 9))
    for i in range(9):
        F[:, :, i] = weights[i] * (1 + 3 * (cxs[i] * ux0 + cys[i] * uy0))
    X, Y = np.meshgrid(range(Ny), range(Nx))
    cylinder = (X - Ny / 4) ** 2 + (Y - Nx / 2) ** 2 < 1.5
    for it in range(3):
        # Drift
        for i, cx, cy in zip(idxs, cxs, cys):
            F[:, :, i] = np.roll(F[:, :, i], cx, axis=1)
            F[:, :, i] = np.roll(F[:, :, i], cy, axis=0)
        # Set reflective boundaries
        bndryF = F[cylinder, :]
        bndryF = bndryF[:, [0, 5, 6, 7, 8, 1, 2, 3, 4]]
        rho = np.sum(F, 2)
        ux = np.sum(F * cxs, 2) / rho
        uy = np.sum(F * cys, 2) / rho
        Feq = np.zeros(F.shape)
        for i, cx, cy, w in zip(idxs, cxs, cys, weights):
            Feq[:, :, i] = (
                rho
                * w
                * (
                    1
                    + 3 * (cx * ux + cy * uy)
                    + 9 * (cx * ux + cy * uy) ** 2 / 2
                    - 3 * (ux**2 + uy**2) / 2
                )
            )
        F += -(1.0 / tau) * (F - Feq)
        F[cylinder, :] = bndryF
        ux[cylinder] = 0
        uy[cylinder] = 0
    vorticity = (np.roll(ux, -1, axis=0) - np.roll(ux, 1, axis=0)) - (
        np.roll(uy, -1, axis=1) - np.roll(uy, 1, axis=1)
    )
    vorticity[cylinder] = np.nan
    return np.nansum(vorticity**2), rho


def ctc(params, seq):
    blank = 0
    seqLen = len(seq)
    L = 2 * seqLen + 1
    T = params.shape[0]
    params = params - np.max(params, axis=1)[:, None]
    params = np.exp(params)
    params = params / np.sum(params, axis=1)[:, None]
    params = params.T
    alphas = np.zeros((L, T))
    alphas[0, 0] = params[blank, 0]
    alphas[1, 0] = params[seq[0], 0]
    c = np.sum(alphas[:, 0])
    alphas[:, 0] = alphas[:, 0] / c
    llForward = np.log(c)
    for t in range(1, T):
        start = max(0, L - 2 * (T - t))
        end = min(2 * t + 2, L)
        for s in range(start, L):
            label = (s - 1) // 2
            # blank
            if s % 2 == 0:
                if s == 0:
                    alphas[s, t] = alphas[s, t - 1] * params[blank, t]
                else:
                    alphas[s, t] = (alphas[s, t - 1] + alphas[s - 1, t - 1]) * params[blank, t]
            # same label twice
            elif s == 1 or seq[label] == seq[label - 1]:
                alphas[s, t] = (alphas[s, t - 1] + alphas[s - 1, t - 1]) * params[seq[label], t]
            else:
                alphas[s, t] = (
                    alphas[s, t - 1] + alphas[s - 1, t - 1] + alphas[s - 2, t - 1]
                ) * params[seq[label], t]
        c = np.sum(alphas[start:end, t])
        alphas[start:end, t] = alphas[start:end, t] / c
        llForward += np.log(c)
    return -llForward


def gmres(A, b, m):
    n = len(b)
    Q = np.zeros((n, m + 1))
    H = np.zeros((m + 1, m))
    cs = np.zeros(m)
    sn = np.zeros(m)
    e1 = np.zeros(m + 1)
    e1[0] = 1.0
    r_norm = np.linalg.norm(b)
    Q[:, 0] = b / r_norm
    beta = r_norm * e1
    for k in range(m):
        q = A @ Q[:, k]
        for i in range(k + 1):
            H[i, k] = q @ Q[:, i]
            q -= H[i, k] * Q[:, i]
        H[k + 1, k] = np.linalg.norm(q)
        Q[:, k + 1] = q / H[k + 1, k]
        for i in range(k):
            temp = cs[i] * H[i, k] + sn[i] * H[i + 1, k]
            H[i + 1, k] = -sn[i] * H[i, k] + cs[i] * H[i + 1, k]
            H[i, k] = temp
        t = np.hypot(H[k, k], H[k + 1, k])
        cs[k], sn[k] = H[k, k] / t, H[k + 1, k] / t
        H[k, k] = cs[k] * H[k, k] + sn[k] * H[k + 1, k]
        H[k + 1, k] = 0.0
        beta[k + 1] = -sn[k] * beta[k]
        beta[k] = cs[k] * beta[k]
    y = np.linalg.solve(H[:m, :m], beta[:m])
    return Q[:, :m] @ y, abs(beta[m])


@program(
    R((3, 2)) * 0.1 + [[1.0, 1.0], [2.2, 1.1], [1.5, 2.3]], 0.3 * R((3, 2)), 1.0, 1.1, peer=False
)
def lennard_jones_by_a_class(pos, vel, eps, sig):
    s = System(pos, vel, 5.0)
    s.compute(eps, sig)
    log = []
    for i in range(3):
        s.step(eps, sig, T=0.5 if i == 1 else None)
        log.append((s.ke, s.pe))
    return np.sum(s.pos * [[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]]) + np.sum(
        np.array(log) * [1.0, 2.0]
    )


@program(
    np.array([2.0, 3.0, 0.0, 0.0]),
    np.array([[1.0, 1.0, 1.0, 0.0], [1.0, 3.0, 0.0, 1.0]]),
    np.array([4.0, 6.0]),
    peer=False,
)
def simplex_by_a_tableau(c, A, b):
    best, prices = simplex(c, A, b)
    return best + np.sum(prices * [1.0, 2.0, -1.0, 0.5])


@program(R(7), peer=False)
def isotonic_regression(y):
    return np.sum(isotonic(y) * np.arange(7.0) ** 2)


@program(R((5, 5)), peer=False)
def seam_of_an_image(image):
    cost, rest = seam_carve(image)
    return cost + np.sum(rest * np.arange(20.0).reshape(5, 4))


@program(0.05 * R((4, 5)), 0.05 * R((4, 5)), 0.8, peer=False)
def lattice_boltzmann_around_a_cylinder(ux, uy, tau):
    vorticity, rho = lbm_d2q9(ux, uy, tau)
    return vorticity * 10 + np.sum(rho * np.arange(20.0).reshape(4, 5))


@program(R((5, 4)), (1, 2, 2), peer=False)
def connectionist_temporal_classification(params, seq):
    return ctc(params, seq)


@program(R((4, 4)) + 4 * np.eye(4), R(4), 3, peer=False)
def gmres_with_givens_rotations(A, b, m):
    x, residual = gmres(A, b, m)
    return np.sum(x * [1.0, -2.0, 0.5, 3.0]) + residual

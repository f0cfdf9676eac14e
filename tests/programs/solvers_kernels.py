"""The kernels of a well-known set of benchmarks for compilers, in NumPy and in loops."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(210)
W4, W5, W44, W55 = (RNG.normal(size=s) for s in (4, 5, (4, 4), (5, 5)))
W43, W233, W34 = (RNG.normal(size=s) for s in ((4, 3), (2, 3, 3), (3, 4)))

A44, B44, C44 = (RNG.normal(size=(4, 4)) for _ in range(3))
A43, A55, B55, C55 = (RNG.normal(size=s) for s in ((4, 3), (5, 5), (5, 5), (5, 5)))
X4, Y4, Z4 = (RNG.normal(size=4) for _ in range(3))


@program(A55, 0.3, 0.4, 2, peer=False)
def adi(u, a, b, steps):
    n = len(u)
    v, p, q = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    for _ in range(steps):
        for i in range(1, n - 1):
            v[0, i], p[i, 0] = 1.0, 0.0
            q[i, 0] = v[0, i]
            for j in range(1, n - 1):
                p[i, j] = a / (a * p[i, j - 1] + 1 + 2 * a)
                q[i, j] = b * u[j, i - 1] + (1 - 2 * b) * u[j, i] + b * u[j, i + 1]
                q[i, j] = (q[i, j] + a * q[i, j - 1]) / (1 + 2 * a + a * p[i, j - 1])
            v[n - 1, i] = 1.0
            for j in range(n - 2, 0, -1):
                v[j, i] = p[i, j] * v[j + 1, i] + q[i, j]
        for i in range(1, n - 1):
            u[i, 0] = q[i, 0] = 1.0
            p[i, 0] = 0.0
            for j in range(1, n - 1):
                p[i, j] = b / (b * p[i, j - 1] + 1 + 2 * b)
                q[i, j] = a * v[i - 1, j] + (1 - 2 * a) * v[i, j] + a * v[i + 1, j]
                q[i, j] = (q[i, j] + b * q[i, j - 1]) / (1 + 2 * b + b * p[i, j - 1])
            u[i, n - 1] = 1.0
            for j in range(n - 2, 0, -1):
                u[i, j] = p[i, j] * u[i, j + 1] + q[i, j]
    return np.sum(W55 * u) + np.sum(W55 * v**2)


@program(A55, B55, C55, np.array([0.3, 0.7]), peer=False)
def fdtd_2d(ex, ey, hz, source):
    for t in range(len(source)):
        ey[0, :] = source[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return np.sum(W55 * ex) + np.sum(W55 * ey) + np.sum(W55 * hz**2)


@program(A43, peer=False)
def correlation(data):
    mean = np.mean(data, axis=0)
    std = np.std(data, axis=0)
    std[std <= 0.1] = 1.0
    data -= mean
    data /= np.sqrt(float(len(data))) * std
    corr = np.eye(3)
    for i in range(2):
        corr[i + 1 : 3, i] = corr[i, i + 1 : 3] = data[:, i] @ data[:, i + 1 : 3]
    return np.sum(W43[:3] * corr)


@program(A43, peer=False)
def covariance(data):
    data -= np.mean(data, axis=0)
    cov = np.zeros((3, 3))
    for i in range(3):
        cov[i:3, i] = cov[i, i:3] = data[:, i] @ data[:, i:3] / (len(data) - 1.0)
    return np.sum(W43[:3] * cov)


@program(A43, peer=False)
def covariance_by_loops(data):
    n, m = data.shape
    mean, cov = np.zeros(m), np.zeros((m, m))
    for j in range(m):
        for i in range(n):
            mean[j] += data[i, j]
        mean[j] /= n
    for i in range(n):
        for j in range(m):
            data[i, j] -= mean[j]
    for i in range(m):
        for j in range(i, m):
            for k in range(n):
                cov[i, j] += data[k, i] * data[k, j]
            cov[i, j] /= n - 1
            cov[j, i] = cov[i, j]
    return np.sum(W43[:3] * cov)


@program(A43, peer=False)
def gramschmidt(a):
    q, r = np.zeros_like(a), np.zeros((3, 3))
    for k in range(3):
        nrm = np.dot(a[:, k], a[:, k])
        r[k, k] = np.sqrt(nrm)
        q[:, k] = a[:, k] / r[k, k]
        for j in range(k + 1, 3):
            r[k, j] = np.dot(q[:, k], a[:, j])
            a[:, j] -= q[:, k] * r[k, j]
    return np.sum(W43 * q) + np.sum(W43[:3] * r)


@program(1.3, A44, B44, peer=False)
def trmm(alpha, a, b):
    for i in range(4):
        for j in range(4):
            b[i, j] += np.dot(a[i + 1 :, i], b[i + 1 :, j])
    b *= alpha
    return np.sum(W44 * b)


@program(1.3, 0.7, C44, A43, peer=False)
def syrk(alpha, beta, c, a):
    for i in range(4):
        c[i, : i + 1] *= beta
        for k in range(3):
            c[i, : i + 1] += alpha * a[i, k] * a[: i + 1, k]
    return np.sum(W44 * c)


@program(1.3, 0.7, C44, A43, W43 * 0.6, peer=False)
def syr2k(alpha, beta, c, a, b):
    for i in range(4):
        c[i, : i + 1] *= beta
        for k in range(3):
            c[i, : i + 1] += a[: i + 1, k] * alpha * b[i, k] + b[: i + 1, k] * alpha * a[i, k]
    return np.sum(W44 * c)


@program(1.3, 0.7, C44, A44, B44, peer=False)
def symm(alpha, beta, c, a, b):
    temp = np.empty(4)
    c *= beta
    for i in range(4):
        for j in range(4):
            c[:i, j] += alpha * b[i, j] * a[i, :i]
            temp[j] = b[:i, j] @ a[i, :i]
        c[i, :] += alpha * b[i, :] * a[i, i] + alpha * temp
    return np.sum(W44 * c)


@program(RNG.normal(size=(2, 3, 3)), W43[:3] * 0.8, peer=False)
def doitgen(a, c4):
    total = np.zeros(3)
    for r in range(2):
        for q in range(3):
            for p in range(3):
                total[p] = 0.0
                for s in range(3):
                    total[p] += a[r, q, s] * c4[s, p]
            for p in range(3):
                a[r, q, p] = total[p]
    return np.sum(W233 * a**2)


@program(A55, 2, peer=False)
def seidel_2d(a, steps):
    n = len(a)
    for t in range(steps):
        for i in range(1, n - 1):
            a[i, 1:-1] += (
                a[i - 1, :-2]
                + a[i - 1, 1:-1]
                + a[i - 1, 2:]
                + a[i, 2:]
                + a[i + 1, :-2]
                + a[i + 1, 1:-1]
                + a[i + 1, 2:]
            )
            for j in range(1, n - 1):
                a[i, j] += a[i, j - 1]
                a[i, j] /= 9.0
    return np.sum(W55 * a**2)


@program(RNG.normal(size=(4, 4)), 0.02, peer=False)
def nussinov_with_energies(energy, gap):
    n = 4
    table = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            table[i, j] = table[i, j - 1] - gap
            table[i, j] = max(table[i, j], table[i + 1, j] - 1.1 * gap)
            if i < j - 1:
                table[i, j] = max(table[i, j], table[i + 1, j - 1] + energy[i, j])
            else:
                table[i, j] = max(table[i, j], 0.3 * energy[i, j])
            for k in range(i + 1, j):
                table[i, j] = max(table[i, j], table[i, k] + table[k + 1, j] + 0.01)
    return np.sum(W44 * table)


@program(A43, W5[:3], peer=False)
def atax(a, x):
    y, tmp = np.zeros(3), np.zeros(4)
    for i in range(4):
        for j in range(3):
            tmp[i] += a[i, j] * x[j]
        for j in range(3):
            y[j] = y[j] + a[i, j] * tmp[i]
    return W43[0] @ y**2


@program(A43, W5[:3], X4, peer=False)
def bicg(a, p, r):
    s, q = np.zeros(3), np.zeros(4)
    for i in range(4):
        for j in range(3):
            s[j] += r[i] * a[i, j]
            q[i] += a[i, j] * p[j]
    return W43[0] @ s + W4 @ q**2


@program(X4, Y4, Z4, W4 * 0.7, A44, peer=False)
def mvt(x1, x2, y1, y2, a):
    x1 += a @ y1
    x2 += y2 @ a
    return W4 @ (x1 * x2)


@program(1.3, 0.7, A44, X4, Y4, Z4, X4[::-1] * 0.5, Y4[::-1] * 0.3, peer=False)
def gemver(alpha, beta, a, u1, v1, u2, v2, z):
    x, w = np.zeros(4), np.zeros(4)
    a += np.multiply.outer(u1, v1) + np.multiply.outer(u2, v2)
    x += beta * v1 @ a + z
    w += alpha * a @ x
    return W4 @ w + np.sum(W44 * a)


@program(1.3, 0.7, A44, B44, X4, peer=False)
def gesummv(alpha, beta, a, b, x):
    tmp, y = np.zeros(4), np.zeros(4)
    for i in range(4):
        for j in range(4):
            tmp[i] = a[i, j] * x[j] + tmp[i]
            y[i] = b[i, j] * x[j] + y[i]
        y[i] = alpha * tmp[i] + beta * y[i]
    return W4 @ y**2


@program(1.3, 0.7, A44, B44, C44, A44.T * 0.4, peer=False)
def two_matrix_products(alpha, beta, a, b, c, d):
    tmp = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            for k in range(4):
                tmp[i, j] += alpha * a[i, k] * b[k, j]
    d *= beta
    np.add(d, tmp @ c, out=d)
    return np.sum(W44 * d)


@program(W34, 0.25, peer=False)
def deriche(image, alpha):
    rows, columns = image.shape
    k = (1 - np.exp(-alpha)) ** 2 / (1 + 2 * alpha * np.exp(-alpha) - np.exp(2 * alpha))
    a1, a2 = k, k * np.exp(-alpha) * (alpha - 1)
    b1, b2 = 2.0 ** (-alpha), -np.exp(-2 * alpha)
    y1, y2 = np.zeros((rows, columns)), np.zeros((rows, columns))
    for i in range(rows):
        ym1 = ym2 = xm1 = 0.0
        for j in range(columns):
            y1[i, j] = a1 * image[i, j] + a2 * xm1 + b1 * ym1 + b2 * ym2
            xm1 = image[i, j]
            ym2, ym1 = ym1, y1[i, j]
        yp1 = yp2 = xp1 = 0.0
        for j in range(columns - 1, -1, -1):
            y2[i, j] = a1 * xp1 + a2 * xp1 + b1 * yp1 + b2 * yp2
            xp1 = image[i, j]
            yp2, yp1 = yp1, y2[i, j]
    return np.sum(W34 * (y1 + y2) ** 2)


@program(A55, B55, 0.2, 3, peer=False)
def jacobi_2d_kernel(a, b, c, steps):
    for t in range(1, steps):
        b[1:-1, 1:-1] = c * (
            a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1]
        )
        a[1:-1, 1:-1] = c * (
            b[1:-1, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:] + b[2:, 1:-1] + b[:-2, 1:-1]
        )
    return np.sum(W55 * a) + np.sum(W55.T * b**2)


@program(A44 + 4 * np.eye(4), X4, peer=False)
def ludcmp(a, b):
    n = len(b)
    x, y = np.zeros(n), np.zeros(n)
    for i in range(n):
        for j in range(i):
            w = a[i, j]
            for k in range(j):
                w -= a[i, k] * a[k, j]
            a[i, j] = w / a[j, j]
        for j in range(i, n):
            w = a[i, j]
            for k in range(i):
                w -= a[i, k] * a[k, j]
            a[i, j] = w
    for i in range(n):
        w = b[i]
        for j in range(i):
            w -= a[i, j] * y[j]
        y[i] = w
    for i in range(n - 1, -1, -1):
        w = y[i]
        for j in range(i + 1, n):
            w -= a[i, j] * x[j]
        x[i] = w / a[i, i]
    return W4 @ x**2

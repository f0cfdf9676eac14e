"""What statistics and geometry do with decompositions of matrices."""

import numpy as np

from tests.programs import program

ROWS = np.array(
    [[0.4, -0.8, 1.5], [1.1, 0.3, -0.6], [-0.7, 1.9, 0.2], [0.5, -1.2, -0.9], [1.6, 0.1, 0.8]]
)
FACTOR = np.array([[1.1, 0.0, 0.0], [0.4, 0.9, 0.0], [-0.3, 0.6, 1.3]])
WEIGHTS = np.array([[0.7, -1.3, 2.1], [0.2, 0.9, -0.5], [1.4, -0.6, 0.3]])
POINTS = np.array([0.1, 0.7, -0.9, 1.6, 2.2])


@program(FACTOR, ROWS, peer=False)
def gaussian_by_eigenvalues(factor, rows):
    lower = np.tril(factor)
    w, v = np.linalg.eigh(lower @ lower.T + 0.1 * np.eye(3))
    z = (rows @ v) / np.sqrt(w)
    return np.sum(z**2) + rows.shape[0] * np.sum(np.log(w))


@program(ROWS, ROWS[::-1] * [1.0, 0.7, -0.4], peer=False)
def aligned_clouds(a, b):
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    u, _, vt = np.linalg.svd(a.T @ b)
    turned = a @ (u @ vt)
    return np.sum((turned - b) ** 2 * np.arange(1, 6)[:, None])


@program(POINTS, peer=False)
def algebraic_connectivity(x):
    weights = np.exp(-((x[:, None] - x) ** 2))
    laplacian = np.diag(weights.sum(axis=1)) - weights
    return np.linalg.eigvalsh(laplacian)[1] * 3.0


@program(ROWS, peer=False)
def explained_variance(rows):
    cov = np.cov(rows.T)
    w, v = np.linalg.eigh(cov)
    leading = v[:, -2:]
    return w[-1] / w.sum() + np.sum((rows @ leading @ leading.T) ** 3)


@program(ROWS, 0.9, peer=False)
def shrunk_singular_values(rows, threshold):
    u, s, vt = np.linalg.svd(rows, full_matrices=False)
    return np.sum((u * np.maximum(s - threshold, 0.0)) @ vt @ WEIGHTS)


@program(WEIGHTS, peer=False)
def nearest_orthogonal(m):
    u, _, vt = np.linalg.svd(m)
    nearest = u @ vt
    return np.sum((m - nearest) ** 2 * WEIGHTS) + np.linalg.norm(m, "nuc")


@program(0.4, -0.3, 1.1, argnums=(0, 1, 2), peer=False)
def quaternion_of_a_rotation(roll, pitch, yaw):
    """Only the lower triangle is filled, and only it is read."""
    cr, sr, cp, sp = np.cos(roll), np.sin(roll), np.cos(pitch), np.sin(pitch)
    cy, sy = np.cos(yaw), np.sin(yaw)
    xx, xy, xz = cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr
    yx, yy, yz = sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr
    zx, zy, zz = -sp, cp * sr, cp * cr
    k = np.array(
        [
            [xx - yy - zz, 0, 0, 0],
            [yx + xy, yy - xx - zz, 0, 0],
            [zx + xz, zy + yz, zz - xx - yy, 0],
            [zy - yz, xz - zx, yx - xy, xx + yy + zz],
        ]
    )
    vals, vecs = np.linalg.eigh(k / 3.0)
    q = vecs[[3, 0, 1, 2], np.argmax(vals)]
    if q[0] < 0:
        q *= -1
    return q @ np.array([0.3, 1.7, -0.9, 2.1])


@program(WEIGHTS, peer=False)
def factor_of_a_filled_triangle(a):
    lower = np.zeros((3, 3))
    for i in range(3):
        lower[i, i] = 4.0 + a[i, i] ** 2
        for j in range(i):
            lower[i, j] = a[i, j]
    upper = lower.T
    factor = np.linalg.cholesky(lower)
    return np.sum(factor * WEIGHTS) + np.sum(np.linalg.eigvalsh(upper, UPLO="U") * WEIGHTS[0])


@program(WEIGHTS, POINTS[:3], peer=False)
def gradient_by_the_matrix_itself(a, x):
    values, vectors = np.linalg.eigh(a)
    return np.sum(values**3) + np.sum(vectors[:, -1] ** 3 * x)

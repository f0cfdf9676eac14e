"""Reading parts of arrays: integers, slices, None, ..., integer arrays, masks and mixes."""

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5, 0.9, -0.3])
W5 = np.array([0.7, -1.3, 2.1, 0.2, 1.6])
W3 = np.array([0.7, -1.3, 2.1])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7], [1.5, 0.2, 0.6], [-1.1, 0.8, 2.3]])
CUBE = np.sin(np.arange(24.0)).reshape(2, 3, 4)


@program(V)
def integers(v):
    return v[0] * v[2] + v[-1] ** 2 * v[-5]


@program(A)
def pairs_of_integers(a):
    return a[0, 1] * a[-1, -1] + a[2][0] ** 2


@program(A)
def rows_and_columns(a):
    return np.sum(a[1] * W3) * np.sum(a[:, 2] ** 2) + np.sum(a[-1] * a[0])


@program(V)
def slices(v):
    return np.sum(v[1:] * v[:-1] * W5[:4]) + np.sum(v[1:4] ** 2) * v[:2].sum()


@program(V)
def stencil(v):
    d = v[2:] - 2 * v[1:-1] + v[:-2]
    return np.sum(W3 * d**2)


@program(V)
def steps(v):
    return np.sum(v[::2] * W3) + np.sum(v[::-1] * W5 * v) + np.sum(v[3:0:-2] ** 2)


@program(A)
def slices_of_both_axes(a):
    return np.sum(a[1:, :2] * a[:-1, 1:]) + np.sum(a[::2, ::-1] ** 2 * W3)


@program(V)
def clamped_slice(v):
    return np.sum(v[3:100] ** 2) + np.sum(v[-100:2] * 3) + np.sum(v[5:])


@program(V)
def new_axes(v):
    return np.sum(v[:, None] * v[None, 1:4] * W3) + np.sum(v[np.newaxis] ** 3)


@program(CUBE)
def ellipsis(u):
    return np.sum(u[..., 0] * W3) + np.sum(u[1, ...] ** 2) + np.sum(u[..., None, 1:3] ** 3)


@program(V)
def integer_array_with_repeats(v):
    idx = np.array([0, 2, 2, -1, 0, 2])
    return np.sum(v[idx] ** 2 * np.arange(1.0, 7.0))


@program(V)
def list_as_index(v):
    return np.sum(v[[0, 3, 3]] * W3) ** 2


@program(V, np.array([1, 1, 4]))
def index_argument(v, idx):
    return np.sum(v[idx] * W3) + v[idx[0]] ** 2


@program(A, np.array([0, 2, 1, 2]))
def one_entry_per_row(a, labels):
    return np.sum(a[np.arange(4), labels] * np.array([1.0, -2.0, 3.0, 0.5]))


@program(A)
def integer_array_of_rows(a):
    return np.sum(a[np.array([0, 3, 0])] ** 2 * W3)


@program(A)
def integer_array_of_columns(a):
    return np.sum(a[:, [2, 0, 2]] * np.arange(12.0).reshape(4, 3))


@program(CUBE)
def mixed_slice_and_integers(u):
    return np.sum(u[:, [0, 2, 0], 1:] ** 2 * W3[:, None]) + np.sum(u[1, :, [0, 3]] * W3)


@program(V)
def boolean_mask(v):
    return np.sum(v[v > 0] ** 2 * W3)


@program(A)
def boolean_mask_of_matrix(a):
    return np.sum(np.sqrt(a[a > 0])) * 2 + np.sum(a[a[:, 0] > 0.5] * W3)


@program(A, np.array([True, False, True, True]))
def mask_argument(a, keep):
    return np.sum(a[keep, 1] * W3) + np.sum(a[~keep] ** 2)


@program(V, 2)
def integer_argument(v, i):
    return v[i] ** 2 * v[i - 1] + np.sum(v[:i] * 3) + np.sum(v[i:] ** 2)


@program(V)
def computed_index(v):
    i = int(np.argmax(v))
    return v[i] ** 2 + v[np.argmin(v)] * 3


@program(V)
def sorted_by_argsort(v):
    order = np.argsort(v)
    return np.sum(v[order] * W5) + v[order[0]] ** 2


@program(A)
def indexed_in_nested_loop(a):
    s = 0.0
    n, m = a.shape
    for i in range(1, n):
        for j in range(m - 1):
            s += a[i, j] * a[i - 1, j + 1] + a[i][j] ** 2
    return s


@program(V, np.array([0, 3, 3, 1]))
def gathered_in_loop(v, idx):
    s = 1.0
    for k in idx:
        s = s * (1 + v[k] ** 2)
    return s


@program(V)
def windows(v):
    width = 3
    s = 0.0
    for i in range(len(v) - width + 1):
        s += np.dot(v[i : i + width], W3) ** 2
    return s


@program(A)
def slice_of_slice(a):
    b = a[1:]
    c = b[:, 1:]
    return np.sum(c[0] * c[1]) + b[2, 0] * c[2, 1] ** 2


@program(V)
def reversed_half(v):
    return np.sum(v[: len(v) // 2] * v[::-1][: len(v) // 2]) + v[len(v) // 2] ** 2


@program(A, peer=False)
def take_functions(a):
    best = np.take_along_axis(a, np.argmax(a, axis=1)[:, None], axis=1)
    return np.sum(np.take(a, [0, 2, 2], axis=1) * W3) + np.sum(best**2)


@program(CUBE)
def ix_and_transposed(u):
    return np.sum(u[1].T[[3, 0]] * W3) + np.sum(u.T[2, 1:] ** 2)


@program(A)
def diagonal_by_index(a):
    k = np.arange(3)
    return np.sum(a[k, k] * W3) + np.sum(a[k, k[::-1]] ** 2)


@program(np.array(1.3))
def zero_d_index(z):
    return z[()] * z[...] * 2.0


@program(np.array([[0.3, 1.2, -0.4], [0.9, -0.2, 0.5], [0.1, 0.7, 1.1]]), peer=False)
def ranges_as_indices(scores):
    n = scores.shape[0]
    p = np.exp(scores)
    p[range(n), [2, 0, 1]] -= 1
    kept = p[p > -9]
    m = len(kept)
    s = np.sum(kept * np.array(range(m))) + np.mean(range(1, m + 1)) * kept[range(m - 1, 0, -2)][0]
    return s - np.log(p[range(n), range(n)]).sum() / n


@program(A, CUBE, peer=False)
def nothing_by_an_empty_list(a, c):
    none = a[[]]
    s = none.sum() + (none * 3).sum() * a[0, 0]
    a[()] *= 2
    return s + a[1, 2] + c[:, []].sum() + (c[[]] ** 2).sum() * a[2, 2] + a[[], [1]].sum() * 2


@program(A, peer=False)
def written_at_an_empty_list(a):
    s = a[0] @ a[1, ::-1]
    a[[]] = 3.0
    a[[], 1] = a[0, 0]
    a[[]] *= a[0, 1]
    return s * a[2, 1] + a[[]].sum()

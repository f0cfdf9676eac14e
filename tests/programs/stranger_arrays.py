"""NumPy in odd shapes and dtypes."""

import math

import numpy as np

from tests.programs import program

V = np.array([0.7, -1.2, 0.4, 1.9])
M = np.array([[0.3, -1.1, 0.5, 0.6], [1.7, 0.2, -0.4, 1.1], [0.9, 0.8, 1.3, -0.7]])
U = np.linspace(-1.0, 1.5, 24).reshape(2, 3, 4) ** 3 + 0.1
W = np.array([[0.3, 1.2, -0.5, 2.0], [1.0, -0.4, 0.6, 0.9], [-1.5, 0.8, 0.2, 1.1]])
IDX = np.array([0, 2, 2, 1, 0])
F = np.array([0.5, -0.25, 1.5], dtype=np.float32)


@program(1.3, 0.4, peer=False)
def math_functions(x, y):
    a = math.sqrt(x) * math.exp(-y) + math.log(x) + math.log1p(y) + math.hypot(x, y)
    b = math.atan2(y, x) + math.pow(x, y) + math.sinh(y) - math.cosh(x) * math.tan(y)
    return a * b + math.erf(y) * math.pi + math.floor(x) * y + math.fabs(-x) + math.degrees(y)


@program(1.3, 0.4, peer=False)
def math_sequence_functions(x, y):
    return math.fsum([x, y, x * y]) * math.prod([x, y, 2.0]) + math.dist((x, y), (0.1, y * y))


@program(np.float64(1.3), np.float32(0.4))
def numpy_scalars(x, y):
    return x * y + np.sin(x) * 2 + np.float64(3.0) * y


@program(np.float32(0.4), F)
def float32_stays(x, v):
    t = v * 2.5 + 1
    assert t.dtype == v.dtype
    s = 0.5 * x
    return np.sum(t * s * v) / 3


@program(F, V[:3])
def float32_meets_float64(a, b):
    return np.sum(a * b * 2 + a**2 - np.where(a > 0, a, b))


@program(np.array(0.7), V, peer=False)
def zero_dim_arrays(z, v):
    t = z * v
    return t[z > 0].sum() + z[()] * float(z) + np.squeeze(z[None] * 2) * z


@program(np.zeros((0, 4)), V)
def empty_arrays(e, v):
    t = e @ v
    return np.sum(t) + np.sum(e * v) + np.prod(t) * v[0] + np.concatenate([t, v]).sum() * v[1]


@program(V, 2)
def complex_intermediate(v, k):
    z = v + 1j * v**2
    w = z * np.exp(1j * 0.3) * k
    return np.sum(np.abs(w) ** 2 * np.arange(4)) + np.sum(np.real(w * z)) + np.imag(z[1] * z[2])


@program(V, peer=False)
def complex_rotation(v):
    z = v[0] + 1j * v[1]
    for k in range(3):
        z = z * z * 0.5 + (v[2] - 1j * v[3])
    return (z * np.conj(z)).real + z.imag


@program(M)
def integer_constants(a):
    n = np.array([[1, 2, 3, 4], [0, 1, 0, -1], [5, 5, 5, 5]])
    return np.sum(a * n) + np.sum((a ** np.abs(n))[1]) + np.sum(n[IDX] @ a.T[:, IDX[:3]])


@program(M)
def masks_read(a):
    m = a > 0.25
    pos = a[m]
    rows = a[m.sum(axis=1) > 1]
    return (
        np.sum(pos**2 * np.arange(pos.size)) + rows.sum() * 2 + a[~m].mean() + a[m[:, 0], 1].sum()
    )


@program(M)
def fancy_with_repeats(a):
    b = a[IDX]
    c = a[IDX, IDX]
    d = a[:, [3, 0, 3]]
    e = a[IDX[:3, None], [1, 1]]
    f = a[[0, 2], ..., None]
    return (
        np.sum(b * np.arange(20.0).reshape(5, 4))
        + np.prod(c)
        + np.sum(d * W[:, :3])
        + e[0, 1] * e[2, 0]
        + f[1, 2, 0] ** 2
    )


@program(U)
def mixed_advanced(u):
    a = u[1, :, [0, 2, 2]]
    b = u[:, [0, 1], 1:3]
    c = u[[0, 1], 1, :]
    d = u[..., -1, ::2]
    e = u[None, 0, 1:, ::-1]
    return (
        np.sum(a * W[:, :3])
        + np.sum(b * np.arange(8.0).reshape(2, 2, 2))
        + np.sum(c * W[:2])
        + np.sum(d**2)
        + np.sum(e * W[1:])
    )


@program(M, peer=False)
def take_along(a):
    order = np.argsort(a, axis=1)
    s = np.take_along_axis(a, order, axis=1)
    t = np.take(a, IDX, axis=0)
    w = np.take(a, [[0, 5], [5, 11]])
    return np.sum(s * W) + np.sum(t[:, 1] * np.arange(5)) + np.prod(w) + a.take(3)


@program(M, V, peer=False)
def einsum_forms(a, v):
    s = np.einsum("ij,j->i", a, v)
    t = np.einsum("ij,kj->ik", a, W)
    d = np.einsum("ii->i", t)
    tr = np.einsum("ii", t)
    o = np.einsum("i,j", s, v)
    n = np.einsum("ij->", a) * np.einsum("...j,j->...", a, v).sum()
    return np.sum(s * d) + tr + np.sum(o * W) + n


@program(U, M)
def tensordots(u, a):
    t = np.tensordot(u, a, axes=([1, 2], [0, 1]))
    s = np.tensordot(u, a, axes=([2], [1]))
    o = np.tensordot(a[0], a[1], axes=0)
    return t @ np.array([1.0, 3.0]) + np.sum(s[0] * s[1]) + np.sum(o * o.T) * 0.1


@program(M, peer=False)
def norms_of_all_kinds(a):
    r = np.linalg.norm(a, axis=1)
    c = np.linalg.norm(a, ord=1, axis=0, keepdims=True)
    i = np.linalg.norm(a, np.inf, axis=1)
    return (
        r @ np.arange(1.0, 4)
        + np.sum(c * V)
        + np.sum(i**2)
        + np.linalg.norm(a) ** 3
        + np.linalg.norm(a[0], 3)
    )


@program(np.array([1.0, 1.0, 2.0]), np.array([0.5, 3.0, 2.5]), peer=False)
def where_clip_extremes(a, b):
    w = np.where(a < b, a * b, a / b)
    c = np.clip(b, 0.7, 2.9) + np.clip(a, None, 1.5) + np.clip(a, 1.2, b)
    m = np.maximum(a, b) * np.minimum(a, 1.5)
    return np.sum(w * c * m * np.array([1.0, 2.0, 3.0]))


@program(M, peer=False)
def cumulatives(a):
    s = np.cumsum(a, axis=1)
    p = np.cumprod(a, axis=0)
    f = np.cumsum(a)
    q = a.cumprod()[:3]
    return np.sum(s * W) + np.sum(p * W) + f @ np.arange(12.0) + q.sum() + a.cumsum(0)[-1, 1]


@program(M, peer=False)
def pads_tiles_repeats(a):
    p = np.pad(a, ((1, 0), (0, 2)))
    e = np.pad(a, 1, mode="edge")
    r = np.pad(a[0], (2, 1), "reflect")
    t = np.tile(a, (2, 1, 2))
    k = np.repeat(a, [1, 0, 2], axis=0)
    z = np.repeat(a, 2)
    return (
        np.sum(p * np.arange(24.0).reshape(4, 6))
        + np.sum(e**2 * np.arange(30).reshape(5, 6))
        + r @ np.arange(7.0)
        + np.sum(t * np.arange(48.0).reshape(2, 3, 8))
        + np.sum(k * W)
        + z[3] * z[4]
    )


@program(M, V)
def concatenations(a, v):
    parts = [a, v[None, :], a * 2]
    c = np.concatenate(parts)
    d = np.concatenate([v, *a], axis=0)
    h = np.hstack([a, np.ones((3, 1)), a[:, :1]])
    s = np.stack([v, *a], axis=1)
    b = np.block([[a], [v]]) if False else np.vstack((a, v))
    return (
        np.sum(c * np.arange(28).reshape(7, 4))
        + d @ np.cos(np.arange(16))
        + np.sum(h[1] * h[2])
        + np.sum(s * np.arange(16).reshape(4, 4))
        + np.sum(b @ v)
    )


@program(V[:3, None], V)
def column_and_row(c, r):
    return np.sum((c * r - r + c / (2 + r**2)) * W) + np.sum(np.maximum(c, r + 0.01) * W)


@program(np.ones((1, 4)) * V, np.array([[0.5]]), M)
def length_one_axes(r, o, a):
    return np.sum(r * a * W + o * a) + np.sum(a.mean(axis=0, keepdims=True) * r - o) * 2


@program(V, peer=False)
def statistics(v):
    z = (v - v.mean()) / (v.std(ddof=1) + 1e-3)
    med = v[np.argsort(v)[len(v) // 2]]
    return np.sum(z**3) + med * np.ptp(v) + np.var(v) * np.average(v, weights=[1, 2, 3, 4])


@program(M, peer=False)
def reductions_with_keywords(a):
    s = np.sum(a, axis=(0, -1), keepdims=True)
    m = a.max(axis=-1) + a.min(1)
    w = np.sum(a, where=W > 0.5, initial=2.0)
    p = np.prod(a, axis=1, where=W > 0)
    x = np.max(a, axis=0, initial=1.0)
    return s[0, 0] * w + m @ V[:3] + np.sum(p) + x @ V + a.mean(0, dtype=np.float64)[1]


@program(M, peer=False)
def method_zoo(a):
    b = a.T.copy().reshape(2, -1).swapaxes(0, 1).ravel()
    c = a.flatten("F")
    d = a.astype(float).transpose(1, 0).squeeze()
    return (
        b @ np.arange(12.0)
        + c @ np.sin(np.arange(12))
        + d.dot(a).trace()
        + a.item(2) * a.diagonal().sum()
    )


@program(V, peer=False)
def conversions(v):
    xs = list(v)
    t = np.array([float(x) * 2 for x in v])
    u = np.asarray([[xs[0], v[1]], [1, xs[2] * xs[3]]])
    return np.sum(t * V) + u[0, 0] * u[1, 1] + np.linalg.norm(u)


@program(M, V)
def ufuncs_and_outer(a, v):
    s = np.add(a[0], a[1]) + np.outer(v, v).sum(axis=1)
    return s @ v


@program(V, peer=False)
def meshgrid_and_differences(v):
    x, y = np.meshgrid(v, v**2)
    d = v[1:] - v[:-1]
    return np.sum(x * y * np.arange(16).reshape(4, 4)) + d @ d + np.dot(d[:-1], d[1:] - d[:-1])


@program(M)
def argmax_selected(a):
    k = np.argmax(a, axis=1)
    best = a[np.arange(3), k]
    flat = a.ravel()[np.argmin(a)]
    i, j = np.unravel_index(np.argmax(a), a.shape)
    return best @ V[:3] + flat**2 + a[i, j] * 3


@program(M, peer=False)
def broadcast_helpers(a):
    b = np.broadcast_to(a[:, :1], (3, 4))
    r = np.roll(a, 1, axis=1) + np.flip(a, 0) + np.rot90(a, 2)
    return np.sum(b * W) + np.sum(r * W) + np.sum(np.moveaxis(a[None], 0, -1) * W[..., None])


@program(V, V * 0.5 + 0.3, peer=False)
def floats_of_arrays(x, y):
    total = 0.0
    for i in range(len(x)):
        total += float(x[i]) * float(y[-i - 1]) ** 2 if x[i] > 0 else abs(y[i])
    return round(total, 12) if False else total + max(x) * min(y) + sum(x) / len(y)


@program(V)
def same_object_everywhere(v):
    w = v
    u = v[:]
    return v @ w + np.sum(u * v * w) + (v + v)[0] * v[0] - np.inner(v, v)


@program(V, M, peer=False)
def weights_as_a_list(v, a):
    t = np.average(v, weights=[1, 2, 3, 4]) * np.average(a, axis=1, weights=(0.5, 1.5, 2.0, 1.0))
    return t @ np.array([1.0, -2.0, 0.5])


@program(M, peer=False)
def single_items(a):
    return a.item(2) * a.item((1, 1)) + a.item(2, 3) ** 2 * a.item(2)


@program(1.3, peer=False)
def shapes_of_a_number(x):
    zeros = np.zeros(np.shape(x)) + x
    spread = np.broadcast_to(x, (*np.shape(x), 3))
    return np.sum(spread * np.arange(3)) * np.reshape(x, np.shape(x)) + zeros


@program(1.3, V, peer=False)
def numpy_scalar_types_called(x, v):
    rate = np.float32(0.5)
    return np.float64(x) * x * rate + np.int64(3) * np.sum(np.float64(v) * v) * np.bool_(x > 1)


@program(np.array([[0.3, 1.2, -0.7, 2.0], [1.5, -0.4, 0.9, 0.2]]), peer=False)
def halves_written(a):
    left, right = np.split(a, 2, axis=1)
    left[0] = 3 * right[1]
    right *= left[:, ::-1]
    top, bottom = np.vsplit(a, 2)
    top[0, 1:] += bottom[0, :-1] ** 2
    return np.sum(a * np.arange(1.0, 9.0).reshape(2, 4))


@program(np.array([0.3, 1.2, -0.7, 2.0, 1.5, -0.4, 0.9]), peer=False)
def uneven_parts_written(v):
    for number, part in enumerate(np.array_split(v, 3)):
        part *= number + 1.5
        part[0] = part[-1] ** 2
    first, *rest = np.split(v, [2, 5])
    first[:] = rest[1] * v[3]
    return np.sum(v * np.arange(1.0, 8.0))


@program(np.array([[0.3, 1.2, -0.7], [1.5, -0.4, 0.9]]), peer=False)
def part_through_a_slice_object(a):
    inner = slice(1, a.shape[1])
    row = a[0, inner]
    row *= 2.0
    a[1, slice(a.shape[1] - 1)] += row
    return np.sum(a * np.array([[1.0, 0.3, -2.0], [0.5, 1.1, 0.7]]))


@program(np.array([[0.3, 1.2, -0.7], [1.5, -0.4, 0.9]]))
def all_indices(a):
    total = 0.0
    for i, j in np.ndindex(a.shape):
        total = total + a[i, j] * a[i, j - 1] * (i + 2 * j)
    for place in np.ndindex(2, 2):
        total = total * a[place]
    return total


@program(np.array([[0.3, 1.2, -0.7], [1.5, -0.4, 0.9]]), peer=False)
def numbered_elements(a):
    out = np.zeros_like(a)
    for (i, j), x in np.ndenumerate(a):
        out[i, j] = x * x + a[i, 0] * j
    return np.sum(out * np.array([[1.0, 0.3, -2.0], [0.5, 1.1, 0.7]]))


@program(np.array([0.3, 1.2, -0.7, 1.5]), 0.4, 7, peer=False)
def generator_made_inside(w, scale, seed):
    rng = np.random.default_rng(seed)
    total = 0.0
    for _ in range(3):
        noise = rng.normal(size=w.shape)
        total = total + np.sum(w * noise) ** 2 * rng.uniform(0.5, 1.0)
    return total * scale + np.sum(rng.normal(w, scale) ** 2)


@program(np.array([[0.3, 1.2], [-0.7, 1.5], [0.2, 0.9], [1.1, -1.3]]), 3, peer=False)
def rows_shuffled(a, seed):
    rng = np.random.default_rng(seed)
    b = a * 2
    rng.shuffle(b)
    old = np.random.RandomState(seed)
    old.shuffle(a)
    return np.sum(a * b * np.arange(8.0).reshape(4, 2)) + rng.random() * np.sum(a[0]) * old.rand()


@program(np.array([0.3, 1.2, -0.7, 1.5]), peer=False)
def seeded_as_of_old(w):
    np.random.seed(4)
    noise = np.random.normal(size=w.shape)
    np.random.shuffle(w)
    mask = np.random.rand(4) > 0.3
    return np.sum(w * noise * mask * np.array([1.0, 0.5, 2.0, -1.0])) * np.random.randn()


@program(W.reshape(4, 3), peer=False)
def lists_of_parts_whole(a):
    left = np.vstack(np.split(a, [1], axis=0)[::-1]) * np.block(np.array_split(a, 2, axis=1))
    parts = np.split(a, 2)
    parts.append(parts[0] * parts[1])
    parts[1] = np.mean(np.broadcast_arrays(parts[1], a[0]), axis=0)
    slopes = np.linalg.norm(np.gradient(a), axis=0)
    grids = np.array(np.meshgrid(a[0], a[:, 1])) ** 2
    return np.sum(np.concatenate(parts) ** 3) + np.sum(left * slopes) + np.sum(grids[0] * a)


@program(np.array([0.4, -1.1, 0.7]), 3, peer=False)
def axes_added_until_there_are_enough(x, count):
    y = x
    while y.ndim < count:
        y = y[None] * np.cos(y)
    return np.sum(np.sin(y) * x**2) * y.ndim


@program(V, V[::-1].copy(), peer=False)
def renewed_at_the_end_of_a_trip(a, b):
    c = a * 2
    d = b * 2
    for y in b[:3]:
        c[3] += y
        c = d
    return np.sum(c * np.arange(1.0, 5.0)) + a @ b


@program(V, V[::-1].copy(), peer=False)
def renewed_by_items_of_a_list(a, b):
    kept = [a * 1, b * 2, a + b]
    c = a + b
    for y in b[:3]:
        c[3] += y
        for each in kept:
            c = each
    return np.sum(c * np.arange(1.0, 5.0)) * c[3]


@program(V, V[::-1].copy(), peer=False)
def two_calls_that_begin_at_one_place(a, b):
    c = b + 0.1
    for _ in range(3):
        if (a > -50).all():
            a = np.stack([a, b]).sum(0)
        c += 0.3
        c[-1] *= 0.8
        c = a
    return np.sum(a * np.arange(1.0, 5.0)) * c[1]


@program(V, V[::-1].copy(), 0.4, peer=False)
def renewed_lists_left_after_a_write(a, b, s):
    kept = [a * 1, b * 2]
    for i in range(4):
        kept[1][1] += 0.3
        kept[0][2] *= s
        if i == 2:
            break
        kept = [kept[1] * 0.5, kept[0] * 3]
    pair = (a * 1, b * 2)
    for i in range(4):
        pair[0][1] += 0.3
        if i == 1:
            continue
        pair[1][0] *= s
        if i == 3:
            break
        pair = (pair[1] * 0.5, pair[0] * s)
    return kept[0] @ np.cos(kept[1]) + pair[0] @ pair[1]


class Holder:
    def __init__(self, values, x):
        self.values = values
        self.x = x


@program(V, V[::-1].copy(), 0.4, peer=False)
def renewed_objects_left_after_a_write(a, b, s):
    held, by_name = Holder(a * 1, s), {"p": a * 1, "q": (b * 2, s)}
    for i in range(4):
        held.x = held.x * b[i]
        held.values[1] *= held.x
        by_name["p"][1] += 0.3
        by_name["q"][0][1] *= s
        if i == 2:
            break
        held = Holder(held.values * 2, held.x * 3)
        by_name = {"p": by_name["q"][0] * 2, "q": (by_name["p"] * 3, s * 2)}
    return held.values @ b * held.x + by_name["p"] @ np.sin(by_name["q"][0])

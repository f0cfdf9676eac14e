"""Lists whose length is known at run time only: parts, sums, pops, insertions."""

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5, 0.7])


@program(1.3, 5.5, argnums=(0,))
def l_slice(x, n):
    xs = []
    k = 0
    while k < n:
        xs.append(x * k)
        k += 1
    return sum(xs[1:]) * 1.3 + sum(xs[:-1]) * xs[-1]


@program(1.3, 5.5, argnums=(0,))
def l_extend(x, n):
    xs = [x]
    k = 0
    while k < n:
        xs.extend([x * k, np.sin(x * k)])
        k += 1
    return sum(a * b for a, b in zip(xs, xs[1:]))  # noqa: RUF007


@program(1.3, 5.5, argnums=(0,))
def l_iadd(x, n):
    xs = []
    while n > 0:
        xs += [x * n]
        n -= 1
    s = 0.0
    for t in xs:
        s = s * x + t
    return s


@program(1.3, 5.5, argnums=(0,))
def l_add(x, n):
    xs = []
    while n > 0:
        xs = xs + [x * n]  # noqa: RUF005
        n -= 1
    ys = [x] + xs  # noqa: RUF005
    zs = xs + ys
    return sum(zs) * zs[0] + zs[-1] * len(zs)


@program(1.3, 5.5, argnums=(0,))
def l_pop(x, n):
    xs = []
    while n > 0:
        xs.append(x * n)
        n -= 1
    a = xs.pop()
    b = xs.pop()
    return a * b + sum(xs)


@program(1.3, 5.5, argnums=(0,))
def l_stack(x, n):
    xs = [x]
    s = 0.0
    while xs:
        t = xs.pop()
        s = s * 0.9 + t
        if t < n:
            xs.append(t * 1.7)
    return s


@program(V)
def l_extend_gen(v):
    xs = []
    xs.extend(t * t for t in v)
    xs.extend(v)
    return sum(a * (i + 0.3) for i, a in enumerate(xs))


@program(1.3, 5.5, argnums=(0,))
def l_insert(x, n):
    xs = []
    while n > 0:
        xs.insert(0, x * n)
        n -= 1
    return sum(a * (i + 0.3) for i, a in enumerate(xs))


@program({"a": 1.3, "b": 0.4})
def d_ops(d):
    e = dict(d)
    e.update(c=d["a"] * d["b"])
    e.setdefault("q", 2.0)
    e["a"] = e["a"] * e["c"]
    e |= {"z": d["b"]}
    z = e.pop("z")
    f = {**e, "w": z}
    return sum(v * (i + 0.3) for i, v in enumerate(f.values()))


@program(1.3, 5.5, argnums=(0,))
def l_from_index(x, n):
    xs = []
    while n > 0:
        xs.append(x * n)
        n -= 1
    idx = np.array([0, 2, 2])
    return np.sum(np.array(xs)[idx] * np.array([0.3, 1.7, -0.4])) * xs[len(xs) // 2]


@program(1.3, 5.5, argnums=(0,))
def l_reversed(x, n):
    xs = []
    while n > 0:
        xs.append(x * n)
        n -= 1
    s = 0.0
    for t in reversed(xs):
        s = s * x + t
    return s + xs[::-1][0]


@program(np.array([0.3, 0.9, 1.2]), peer=False)
def sums_of_lists_of_which_one_is_empty_at_first(x):
    first, second = [], []
    total = x[0]
    for v in x:
        total = total + sum(second) * v
        second.append(x[1] * total)
        first.append(x[0] + 3)
        total = total + sum(first)
    return total + sum(v * (k + 1) for k, v in enumerate(first)) + sum(first) + sum(second)


@program(np.array([0.7, -1.2, 0.4]), 3, peer=False)
def joined_in_every_direction(x, n):
    rows, squares = [], []
    for i in range(n):
        x = np.sin(x) + i
        rows.append(x)
        squares.append(x[:, None] * x)
    weights = np.arange(3.0 * n)
    total = np.sum(np.vstack(rows).ravel() * weights) + np.sum(
        np.column_stack(rows).ravel() * weights
    )
    total += np.sum(np.hstack(rows) ** 2 * weights) + np.sum(np.stack(rows, axis=-1)[:, 0])
    total += np.sum(np.vstack(squares)[-1]) + np.sum(np.hstack(squares)[0] * np.arange(3.0 * n))
    return total + np.sum(np.dstack(squares)[1, 2] ** 2) + np.sum(np.stack(squares, axis=1)[2, 0])

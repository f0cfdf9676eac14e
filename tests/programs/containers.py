"""Tuples, lists and dicts: as arguments, nested, built, sliced, joined, unpacked."""

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])
W3 = np.array([0.7, -1.3, 2.1])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


@program((0.4, 1.3))
def tuple_argument(p):
    return p[0] ** 2 * p[1]


@program([0.4, 1.3, -0.2])
def list_argument(xs):
    return xs[0] * xs[1] - xs[-1] ** 3 * len(xs)


@program({"w": V, "b": 0.3}, W3)
def dict_argument(params, x):
    return np.tanh(np.dot(params["w"], x) + params["b"])


@program(((0.4, [1.3, V]), {"k": (2.0, A)}))
def nested_argument(tree):
    (a, (b, v)), d = tree
    s, m = d["k"]
    return a * b * np.sum(W3 * v) + s * np.sum(m @ v)


@program([(A.T, np.array([0.1, 0.2])), (A, V)], np.array([0.3, 0.2, 0.8]))
def layers_of_pairs(layers, x):
    for w, b in layers:
        x = np.tanh(x @ w + b)
    return np.sum(W3 * x)


@program({"a": {"b": {"c": 0.7}}, "n": 3}, peer=False)
def nested_dicts(tree):
    return tree["a"]["b"]["c"] ** tree["n"]


@program(0.4, 1.3)
def built_and_read(x, y):
    t = (x * y, [x, y**2], {"s": x - y})
    return t[0] * t[1][1] + t[2]["s"] * t[1][0]


@program(0.4, 1.3)
def swap(x, y):
    x, y = y, x * 2
    x, y = y, x
    return x**2 * y


@program([0.4, 1.3, -0.2, 0.9])
def slices_of_list(xs):
    head, tail = xs[:2], xs[2:]
    return sum(head) * tail[0] + sum(xs[::2]) * sum(reversed(tail))


@program(0.4, 1.3)
def joined_lists(x, y):
    xs = [x] + [y, x * y] + [2.0] * 2
    total = 0.0
    for i, e in enumerate(xs):
        total += e**2 * (i + 1)
    return total


@program(0.4, 1.3)
def merged_dicts(x, y):
    base = {"x": x, "k": 2.0}
    more = {**base, "k": y, "z": x * y}
    more["w"] = more["k"] * 3
    return more["x"] * more["k"] + more["z"] * more["w"] * len(more)


@program({"w": 0.4, "b": 1.3})
def dict_methods(p):
    scale = p.get("scale", 2.0)
    if "b" in p and "c" not in p:
        scale = scale * p["b"]
    return sum(p.values()) * scale + p["w"] * len(list(p.keys()))


@program([0.4, 1.3, -0.2])
def builtins_of_list(xs):
    return max(xs) * min(xs) + sum(xs) ** 2 + sum(xs, 3.0)


@program([0.4, 1.3, -0.2], peer=False)
def sorted_list(xs):
    low, mid, high = sorted(xs)
    return low + 2 * mid**2 + 3 * high**3


@program(0.4, 1.3)
def starred_assignment(x, y):
    first, *middle, last = [x, y, x * y, x + y]
    *rest, end = middle
    return first * middle[0] + last * end + len(rest) * x


@program((0.4, (1.3, 0.2), [0.9, 0.5, 0.1]))
def nested_starred(tree):
    a, (b, c), [d, *e] = tree
    return a * b - c * d + e[0] * e[1] * a


@program(V)
def array_unpacked(v):
    a, b, c = v
    return a * b + np.sin(c) * a


@program(A)
def matrix_unpacked(m):
    top, bottom = m
    return np.sum(top * bottom * W3)


@program(V, 0.3)
def chained_targets(v, s):
    a = (b, c) = (v * s, v + s)
    return np.sum(a[0] * c) + np.sum(b * W3)


@program((V, 0.3))
def tuple_returned_by_helper(p):
    def step(v, s):
        return v * s, s * s

    v, s = step(*p)
    q = step(v, s)
    return np.sum(W3 * q[0]) + q[1]


@program([V, W3], [0.5, -2.0])
def zip_of_lists(vectors, scales):
    total = 0.0
    for v, s in zip(vectors, scales):
        total = total + s * np.sum(v**2)
    return total


@program([[0.4, 1.3], [0.2, -0.7]])
def list_of_lists(m):
    (a, b), (c, d) = m
    return a * d - b * c + m[0][1] ** 2


@program({"a": 0.4, "b": 1.3}, peer=False)
def argument_dict_not_changed(p):
    q = dict(p)
    q["a"] = q["a"] * q["b"]
    r = p.copy()
    r["b"] = 3.0
    return q["a"] * p["a"] + r["b"] * r["a"]


@program([0.4, 1.3])
def argument_list_not_changed(xs):
    ys = list(xs)
    ys.append(ys[0] * ys[1])
    return sum(ys) * len(xs) + ys[2] ** 2


@program((0.4, 1.3), [0.2, np.float32(0.5)])
def tuple_of_mixed_numbers(p, q):
    return p[0] * q[0] + p[1] * q[1] ** 2


@program([("w", 0.4), ("k", 1.3)], peer=False)
def strings_inside(pairs):
    table = dict(pairs)
    return table["w"] ** 2 * table["k"]


@program((0.4, 7, V, np.array([1, 2, 3])), peer=False)
def leaves_that_are_not_floats(t):
    x, n, v, k = t
    return x**2 * n + np.sum(v**k)


@program([0.4, 1.3, 0.6])
def list_indexed_in_loop(xs):
    y = 1.0
    for i in range(len(xs)):
        y = y * xs[i] + xs[i - 1]
    return y


@program([A, A * 0.5, A - 0.2])
def unrolled_over_arrays(ms):
    s = np.zeros((2, 3))
    for k, m in enumerate(ms):
        s = s * m + k
    return np.sum(s * A)


@program((V, W3))
def tuple_compared_and_chosen(pair):
    u, v = pair
    chosen = (u, v) if u[0] < v[0] else (v, u)
    return np.sum(chosen[0] ** 2 * chosen[1])


@program(1.5, peer=False)
def key_on_one_path(x):
    found = {}
    if x > 0:
        found["a"] = x
    else:
        found["b"] = 2 * x
    return found.get("a", 0.0) * x + len(found)


@program(1.5, peer=False)
def keys_gone_over_after_a_branch(x):
    found = {"a": x}
    if x > 0:
        found["b"] = x * x
    total = 0.0
    for key in found:
        total += found[key]
    return total * len(found) + (1.0 if "b" in found else x)


@program(1.5, peer=False)
def key_deleted_in_a_trip(x):
    found, total = {"a": x}, 0.0
    for k in range(4):
        if k == 2:
            del found["a"]
        elif "a" in found:
            total += found["a"] * k
        else:
            total += x**3
    return total


@program(1.5, 4, argnums=(0,), peer=False)
def key_added_in_a_trip(x, n):
    found, total = {"a": x}, 0.0
    for k in range(n):
        if k == 2:
            found["c"] = x * x
        total += sum(found.values())
    return total

"""Writes into arrays without axes: of one number that is changed in place, under all its names."""

import numpy as np

from tests.programs import program

W5 = np.random.default_rng(104).normal(size=5)
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
HALF = np.array(0.6)


@program(HALF, V5, peer=False)
def assigned_by_empty_index(e, v):
    f = e
    e[()] = v[1] * v[2] * e
    return f**2 * 3 + e * v[0]


@program(HALF, V5, peer=False)
def multiplied_through_dots(e, v):
    f = e
    e[...] *= v[1] * 2
    e[...] += e
    return f**2 * 3 + e


@program(HALF, V5, peer=False)
def results_of_functions_put_there(e, v):
    f = e
    np.add(e, v[0], out=e)
    np.multiply(e, e, out=e)
    g = e * 2
    e.fill(v[2])
    np.copyto(e, v[3] * e, where=v[0] > 0)
    e[e < 9.0] -= v[4]
    return f**2 * 3 + e * g


@program(0.6, V5, peer=False)
def doubled_and_returned(s, v):
    e = np.array(s)
    for k in range(3):
        for j in range(k, 5):
            if v[j] > 0:
                e *= 1 + v[j] ** 2
            else:
                e[()] = e * v[k] + j
        e += e
    return e


@program(0.6, V5, peer=False)
def shown_under_new_axes(s, v):
    e = np.array(s)
    w = e[None]
    w *= v[1]
    w[0] += e
    e[None, None] *= np.array([[v[2]]])
    e[None] -= [v[3]]
    return e * w[0] + np.sum(v * w)


@program(0.6, [0.3, 0.2, 0.5], 2, peer=False)
def changed_by_a_recursive_function(s, v, n):
    def descend(e, n):
        if n < 0:
            return
        e[...] = v[n] * e
        descend(e, n - 1)
        e += v[n]

    e = np.array(s)
    descend(e, n)
    f = e.copy()
    e *= f.reshape(1)[0]
    return e


@program(V5, peer=False)
def complex_from_real(v):
    z = np.zeros((), complex)
    z[...] = v[0]
    z *= 2 + 1j * v[1]
    z.real = v[2] * z.imag
    w = np.array(v, dtype=complex) * (1 + 2j)
    return z.imag * v[3] + z.real + v[4] * np.sum(W5 * w.imag)


@program([0.3, 0.2, 0.5], 0.6, peer=False)
def kept_in_a_list(v, s):
    kept, e = [], np.array(1.0)
    for x in v:
        e = e.copy()
        kept.append(e)
        e *= x
        e[()] = e + s
    kept[1] += kept[0]
    return sum(kept) * kept[1]

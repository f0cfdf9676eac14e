"""Matrices that are made of lists of lists, whose rows grow."""

import numpy as np

from tests.programs import program

X = np.array([0.7, -0.4, 1.3, 0.5, -1.1, 0.9])


def rows(fun):
    return program(X, peer=False)(fun)


@rows
def two_rows_that_grow(x):
    a, b, i = [], [], 0
    while i < len(x) and x[i] < 50:
        a.append(x[i] * x[0])
        b.append(np.sin(x[i]))
        i += 1
    m = np.array([a, b])
    joined = np.hstack([a, b])[3] ** 2 + np.concatenate([a, b])[7]
    return np.linalg.norm(m @ m.T) + np.sum(np.stack([a, b], axis=1)[:, 0] * np.array(b)) + joined


@rows
def rows_of_a_known_list(x):
    table, i = [[], []], 0
    while i < len(x) and x[i] < 50:
        table[0].append(x[i] * x[1])
        table[1].append(x[i] ** 2)
        i += 1
    inner = np.mean(table) * np.max(table) + np.dot(table[0], table[1])
    return inner + np.sum(np.vstack(table) * np.array(table))


@rows
def rows_of_rows(x):
    cube = [[[], []], [[], []]]
    for i in range(2):
        for j in range(2):
            k = 0
            while k < 3 and x[k] < 50:
                cube[i][j].append(x[k] * x[i] + x[j])
                k += 1
    return np.sum(np.array(cube) * np.arange(12).reshape(2, 2, 3))


@rows
def rows_of_pairs(x):
    points, i = [], 0
    while i < len(x) and x[i] < 50:
        points.append((x[i], x[i] * x[0]))
        i += 1
    a = np.array([points, points])
    return np.sum(a[0] * a[1])


@rows
def lists_in_a_list_that_grows(x):
    table, i = [], 0
    while i < len(x) and x[i] < 5:
        row, j = [], 0
        while j < 3 and x[j] < 5:
            row.append(np.sin(x[i]) * x[j])
            j += 1
        table.append(row)
        i += 1
    m = np.asarray(table)
    return (m.T @ m)[0, 1] + m.sum(axis=0)[2]


@program(X.reshape(2, 3), peer=False)
def rows_turned_by_zip_and_written(a):
    rows = [list(row) for row in a]
    turned = [list(column) for column in zip(*rows)]
    turned[0][1] = 2.0 * turned[1][0]
    turned[2][0] += turned[0][1] * rows[1][2]
    turned.append([*tuple(value**2 for value in turned[0])])
    turned[-1][0] *= turned[2][0]
    return sum(w * x for row in turned for w, x in zip([0.3, -0.7], row))

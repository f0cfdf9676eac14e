"""Views of written arrays: kept across writes, written through, or in truth copies."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(102)
W3, W4, W5, W6 = (RNG.normal(size=n) for n in (3, 4, 5, 6))
W34, W33, W23 = (RNG.normal(size=shape) for shape in ((3, 4), (3, 3), (2, 3)))
W12 = RNG.normal(size=12)
W234 = RNG.normal(size=(2, 3, 4))

V3 = np.array([0.4, -0.9, 1.3])
V4 = np.array([0.7, 0.2, -1.1, 0.5])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])
M33 = np.array([[0.5, -0.3, 0.8], [1.2, 0.7, -0.6], [-0.9, 0.4, 1.5]])
T234 = RNG.normal(size=(2, 3, 4))


@program(M34, V4, peer=False)
def row_read_after_the_write(a, e):
    row = a[1]
    a[1] = e**2
    return np.sum(W4 * np.sin(row)) + np.sum(W34 * a)


@program(V4, 0.7, peer=False)
def one_element_by_dots_is_a_view(a, s):
    last = a[..., -1]
    a[..., -1] = a[..., 0] ** 2 * s
    return last**3 + np.sum(W4 * a * a)


@program(M34, V4, peer=False)
def row_used_before_and_after(a, e):
    row = a[0]
    before = np.sum(row**2)
    a[0, 1:3] = e[:2] * row[0]
    return before * np.sum(W4 * row)


@program(M34, 0.7, peer=False)
def row_written_through(a, s):
    row = a[2]
    row += s
    row[1] = row[0] * s
    return np.sum(W34 * a**2)


@program(M34, V3, peer=False)
def column_written_through(a, e):
    column = a[:, 1]
    column[:] = e * column
    column[0] += a[0, 0]
    return np.sum(W34 * a**2)


@program(M34, 0.7, peer=False)
def view_of_a_view(a, s):
    block = a[1:, 1:]
    part = block[:, ::2]
    part *= s
    block[0, 1] = part[1, 0] ** 2
    return np.sum(W34 * np.sin(a))


@program(V5, 0.7, peer=False)
def two_views_that_overlap(x, s):
    left, right = x[:3], x[2:]
    left *= s
    right += left
    left[2] = right[2] ** 2
    return np.sum(W5 * x**2)


@program(V5, 0.3, peer=False)
def named_halves(x, s):
    inner, west, east = x[1:-1], x[:-2], x[2:]
    for _ in range(3):
        inner[:] = inner + s * (west - 2 * inner + east) * inner
    return np.sum(W5 * x)


@program(V5, peer=False)
def whole_view_is_an_alias(x):
    y = x[:]
    y[0] = x[1] ** 2
    x[3] = y[0] * y[4]
    return np.sum(W5 * x) + np.sum(W5 * y**2)


@program(V5, peer=False)
def same_object_is_an_alias(x):
    y = x
    y[0] = x[1] ** 2
    y *= W5
    return np.sum(W5 * np.sin(x))


@program(V5, peer=False)
def copy_is_not_an_alias(x):
    y = x.copy()
    y[0] = x[1] ** 2
    x[1] = y[0] * x[0]
    return np.sum(W5 * x * y)


@program(V5, 0.7, peer=False)
def saved_copy(u, s):
    old = u.copy()
    u[1:] = old[1:] - s * old[1:] * (old[1:] - old[:-1])
    u[0] = old[-1]
    return np.sum(W5 * u * old)


@program(V5, peer=False)
def array_makes_a_copy(x):
    y = np.array(x)
    z = np.asarray(x)
    y[0] = 2 * x[1]
    z[1] = x[2] * y[0]
    return np.sum(W5 * x * y) + np.sum(W5 * z)


@program(V5, 0.7, peer=False)
def flipped_view_written(x, s):
    r = x[::-1]
    r[:2] = s * r[2:4]
    r[-1] = r[0] ** 2
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def flip_of_function(x, s):
    r = np.flip(x)
    r[1:] *= s * r[:-1]
    return np.sum(W5 * x**2)


@program(M34, V3, peer=False)
def transposed_view_written(a, e):
    t = a.T
    t[0] = e**2
    t[2, 1] *= e[0]
    return np.sum(W34 * np.sin(a))


@program(M33, peer=False)
def diagonal_by_strided_ravel(a):
    flat = a.reshape(-1)
    flat[::4] = flat[::4] ** 2 + 1
    return np.sum(W33 * a**2)


@program(M34, 0.7, peer=False)
def reshaped_view_written(a, s):
    b = a.reshape(2, 6)
    b[1] = s * b[0]
    return np.sum(W34 * a**2)


@program(M34, 0.7, peer=False)
def reshaped_copy_written(a, s):
    b = a.T.reshape(2, 6)
    b[1] = s * b[0]
    return np.sum(W34 * a**2) + np.sum(b[1] * W6)


@program(np.asfortranarray(M34), 0.7, peer=False)
def reshaped_fortran_array_written(a, s):
    b = a.reshape(12)
    b[:3] = s
    return np.sum(W34 * a**2) + np.sum(b * W12)


@program(M34, 0.7, peer=False)
def raveled_view_written(a, s):
    b = a.ravel()
    b[3:6] = s * b[:3]
    return np.sum(W34 * a**2)


@program(M34, 0.7, peer=False)
def raveled_copy_written(a, s):
    b = a[:, ::2].ravel()
    b[3:6] = s * b[:3]
    return np.sum(W34 * a**2) + np.sum(W6 * b)


@program(M34, 0.7, peer=False)
def flattened_is_a_copy(a, s):
    b = a.flatten()
    b[3:6] = s * b[:3]
    return np.sum(W34 * a) + np.sum(W12 * b**2)


@program(M34, True, peer=False)
def contiguous_or_not(a, contiguous):
    b = (a if contiguous else a.T).reshape(-1)
    b[1] = b[0] * b[2]
    return np.sum(W34 * a**2) + np.sum(W12 * b)


@program(M34, False, peer=False, name="contiguous_or_not, not")
def contiguous_or_not_not(a, contiguous):
    b = (a if contiguous else a.T).reshape(-1)
    b[1] = b[0] * b[2]
    return np.sum(W34 * a**2) + np.sum(W12 * b)


@program(M34, peer=False)
def contiguous_of_contiguous(a):
    b = np.ascontiguousarray(a)
    c = np.ascontiguousarray(a.T)
    b[0] = a[1] ** 2
    c[0] = a[:, 1] * 2
    return np.sum(W34 * a) + np.sum(W34.T * c)


@program(M33, peer=False)
def diagonal_is_read_only_view(a):
    d, same, matrix = a.diagonal(), np.diag(a), np.diag(a[0])
    a[1, 1] = a[0, 2] ** 2
    a[2, 2] *= a[1, 1]
    a[0, 0] *= matrix[1, 1]
    return np.sum(W3 * d**2) + same[1] * matrix[0, 0] * same[0]


@program(M34, V3, peer=False)
def swapped_axes_written(a, e):
    b = np.swapaxes(a, 0, 1)
    b[1:3] = e
    b[0, 0] *= 2
    return np.sum(W34 * a**2)


@program(T234, V3, peer=False)
def moved_axes_written(t, e):
    b = np.moveaxis(t, 1, 0)
    b[1, 0] *= 2
    c = t.transpose(2, 0, 1)
    c[3, 1] = e**2
    return np.sum(W234 * np.sin(t))


@program(T234[:, :1, :], 0.7, peer=False)
def squeezed_view_written(t, s):
    b = t.squeeze(axis=1)
    b[0] = s * b[1]
    c = np.squeeze(t)
    c[1, 1:3] = b[0, :2]
    return np.sum(W234[:, :1] * t**2)


@program(V5, 0.7, peer=False)
def expanded_view_written(x, s):
    b = x[:, None]
    b[1:3, 0] = s
    c = np.expand_dims(x, 0)
    c[0, 0] *= s
    d = np.atleast_2d(x)
    d[0, 4] = x[1] * x[0]
    return np.sum(W5 * x**2)


@program(M34, 0.7, peer=False)
def split_views_written(a, s):
    top, bottom = np.split(a, [1])
    top *= s
    bottom[0] = top[0] ** 2
    return np.sum(W34 * a**2)


@program(M34, 0.7, peer=False)
def iterated_rows_written(a, s):
    for row in a:
        row *= s
        row[0] = row[1] * row[2]
    return np.sum(W34 * a**2)


@program(M34, V4, peer=False)
def zipped_rows_written(a, e):
    b = np.zeros((3, 4))
    for i, (source, target) in enumerate(zip(a, b)):
        target[:] = source * e
        target[i] += 1.5
    return np.sum(W34 * b**2)


@program(M34, peer=False)
def unpacked_rows_written(a):
    x, y, z = a
    x[:2] = y[2:]
    z += x * y
    return np.sum(W34 * a**2)


@program(M34, peer=False)
def unpacked_columns_written(a):
    x, y, z, w = a.T
    x[:] = y * z
    w[1] = x[1] ** 2
    return np.sum(W34 * a**2)


# What looks like a view and is a copy


@program(V5, 0.7, peer=False)
def index_array_read_is_a_copy(x, s):
    part = x[[0, 2, 4]]
    x[2] = s
    part[0] = s * s
    part *= 2
    return np.sum(W5 * x**2) + np.sum(W3 * part**2)


@program(V5, 0.7, peer=False)
def mask_read_is_a_copy(x, s):
    part = x[x > 0]
    x[0] = s
    part[1] = s * part[0]
    return np.sum(W5 * x**2) + np.sum(W3 * part**2)


@program(M34, 0.7, peer=False)
def mixed_index_read_is_a_copy(a, s):
    part = a[1:, [0, 2]]
    part += s
    a[1, 0] = part[0, 1]
    return np.sum(W34 * a**2) + np.sum(part**2 * W23[:, :2])


@program(V5, 0.7, peer=False)
def entry_read_is_a_copy(x, s):
    first = x[0]
    x[0] = s
    second = x[0]
    first += second
    return first**2 * second + np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def chained_brackets_write_into_a_copy(x, s):
    x[[0, 1, 2]][0] = s  # nothing happens to x
    x[1:3][1] = s
    return np.sum(W5 * x**2)


@program(V5, peer=False)
def astype_is_a_copy(x):
    y = x.astype(float)
    y[0] = x[1] * 2
    z = x.astype(float, copy=False)
    z[1] = x[2] * y[0]
    return np.sum(W5 * x**2) + np.sum(W5 * y)


@program(V5, 0.7, peer=False)
def real_part_of_reals_is_the_array(x, s):
    y = x.real
    y[0] = s
    return np.sum(W5 * x**2)


# Views chosen at run time


@program(M34, 1, 0.7, peer=False)
def row_number_of_run_time(a, k, s):
    row = a[k]
    a[k, 0] = s
    row[1] = row[0] * s
    return np.sum(W34 * a**2)


@program(M34, 0.7, peer=False)
def view_by_a_branch(a, s):
    if a[0, 0] > 0:
        part = a[0]
    else:
        part = a[:, 0]
    part[:3] = s * part[1:3].sum()
    return np.sum(W34 * a**2)


@program(V5, 3, 0.7, peer=False)
def shrinking_view(x, n, s):
    part = x
    for _ in range(n):
        part = part[1:]
        part *= s
        part[0] += x[0]
    return np.sum(W5 * x**2)


@program(M34, 0.7, peer=False)
def view_kept_out_of_a_loop(a, s):
    row = a[0]
    for i in range(3):
        row[i] = s * row[i + 1] + a[i, 3]
        row = a[i]
    return np.sum(W34 * a**2) + np.sum(W4 * row)


@program(V5, peer=False)
def minimum_of_views(path):
    row, col = path[1:], path[:-1]
    path[1:] = np.minimum(path[1:], row + col + 0.4)
    return np.sum(W5 * path**2)


@program(M34, 0.7, peer=False)
def views_in_a_list(a, s):
    rows = [a[i] for i in range(3)]
    rows[0][:] = s * rows[1]
    rows[2][1] = rows[0][0] * 2
    return np.sum(W34 * a**2)


@program(T234, 0.7, peer=False)
def fields_of_one_array(q, s):
    h, hu = q[0], q[1]
    for _ in range(2):
        h[1:-1] -= s * hu[1:-1] ** 2
        hu[:, 1:-1] += s * h[:, 2:] * h[:, :-2]
    return np.sum(W234 * q)


@program(V5, 0.7, peer=False)
def broadcast_of_a_written_array(x, s):
    table = np.broadcast_to(x, (3, 5))
    x[0] = s
    x[4] *= s
    return np.sum(table[:, :4] * W34) + table[2, 4] * table[1, 0]


@program(M33, peer=False)
def triangle_is_a_copy(a):
    upper = np.triu(a)
    a[0, 1] = 2 * a[1, 0]
    upper[1, 0] = a[0, 1] ** 2
    return np.sum(W33 * (a + upper) ** 2)


@program(np.array([[0.2, -0.7, 1.1], [0.9, 0.3, -0.5], [-1.2, 0.8, 0.1]]), peer=False)
def diagonal_read_before_its_matrix_is_written(m):
    m[1:, ::2] = np.cos(m[:2, 1] * np.diag(m)[:2])[:, None]
    m[0] = m[1] * m[2]
    return np.sum(np.array([0.7, -1.3, 2.1]) * m**2)


# A view or a copy, as the array lies in memory

FORTRAN, EVERY_OTHER = np.asfortranarray(M34), np.repeat(M34, 2, axis=0)[::2]


@program(M34, 0.7, peer=False)
@program(FORTRAN, 0.7, peer=False, name="row_of_all_of_columns")
@program(EVERY_OTHER, 0.7, peer=False, name="row_of_all_with_gaps")
def row_of_all(a, s):
    flat = a.reshape(-1)
    flat[1] = flat[6] * s
    a[2] *= s
    return np.sum(W34 * a**2) + np.sum(W12 * flat)


@program(M34, 0.7, peer=False)
@program(FORTRAN, 0.7, peer=False, name="columns_in_a_row_of_columns")
@program(EVERY_OTHER, 0.7, peer=False, name="columns_in_a_row_with_gaps")
def columns_in_a_row(a, s):
    flat = a.ravel(order="F")
    flat[:3] *= s
    a[0] = a[1] * s
    both = a.reshape((6, 2), order="F")
    both[0] += flat[:2]
    return np.sum(W34 * a**2) + np.sum(W12 * flat) + np.sum(both**3)


@program(M34, 0.7, peer=False)
@program(FORTRAN, 0.7, peer=False, name="rows_or_columns_of_columns")
@program(EVERY_OTHER, 0.7, peer=False, name="rows_or_columns_with_gaps")
def rows_or_columns(a, s):
    rows, columns = np.ascontiguousarray(a), np.asfortranarray(a)
    needed = np.require(a, float, ["C", "W"])
    rows[0] *= s
    columns[1] += s
    needed[2, 1:] = a[2, :-1] ** 2
    return np.sum(W34 * a**2) + np.sum(rows * columns * needed)


@program(M34, 0.7, peer=False)
def column_in_a_row_is_a_copy(a, s):
    column, row = a[:, 1].ravel(), a[1].ravel()
    column *= s
    row *= s
    same = a[:, 2].reshape(-1)
    same[0] = column[1] * row[3]
    return np.sum(W34 * a**2) + np.sum(W3 * column) + np.sum(W4 * row)


@program(M34, 0.7, peer=False)
def array_made_as_what_it_is_made_of(x, s):
    rows, columns = x * s, x.T * s
    flat, copied = rows.reshape(-1), columns.reshape(-1)
    flat[0], copied[1] = s, s
    rows[1, 1] *= flat[3]
    columns[0] += copied[:3]
    return np.sum(rows**2) + np.sum(W12 * copied**2) + np.sum(columns * W34.T)


@program(M34, 0.7, peer=False)
def cast_to_what_it_is(x, s):
    same, other = x.astype(float, copy=False), x.astype(complex, copy=False)
    x[0] *= s
    other[1] = s
    same[2, 0] = x[2, 1] ** 2
    return np.sum(W34 * x**2) + np.sum(same**3) + np.sum(other.real * W34)


@program(T234, 0.7, peer=False)
def turned_and_rolled(t, s):
    turned = np.rot90(t, axes=(1, 2))
    turned[0, :, 1] *= s
    rolled = np.rollaxis(t, 2)
    rolled[1] = rolled[2] * s
    return np.sum(W234 * t**2)


@program(M34, 0.7, peer=False)
def part_in_a_row(x, s):
    rows, inner = x[1:], x[:, 1:]
    flat, copied = rows.reshape(-1), inner.reshape(-1)
    flat[2] = s * x[0, 0]
    copied[0] = flat[2] * s
    inner[1, 1] *= copied[4]
    return np.sum(W34 * x**2) + np.sum(copied**2)


# Places that a view of another shape leads to


@program(M34, V3, 0.7, peer=False)
def places_by_a_transposed(a, e, s):
    a.T[1] = a.T[0] * s
    a.T[2:, 1] *= s
    a.T[1:3, :2] = e[:2] * a[:2, 0]
    a.T[..., 2] += a.T[0, 0]
    a.T[[3, 0]] = e**2
    a.T[1:] -= s * a[:, :3].T
    a.T[:2] = np.array([e, e * s]) * a[0, 3]
    return np.sum(W34 * a**2)


@program(T234, V3, 0.7, peer=False)
def places_by_axes_in_another_order(t, e, s):
    moved = np.moveaxis(t, 0, 2)
    moved[1] *= s
    moved[:, 1:3, 0] = moved[:, :2, 1] ** 2
    moved[0, 1] = e[:2]
    t.transpose(2, 0, 1)[1:3, 1] = e
    t.swapaxes(0, 2)[3, :, 1] += e * t[0, :, 0]
    part = t.T[1:3]
    part[0, 1:] = s * part[1, :2]
    part *= part
    return np.sum(W234 * t)


@program(M34, 0.7, peer=False)
def places_in_a_row_of_all(a, s):
    flat = a.reshape(-1)
    for k in range(1, 12):
        flat[k] += s * flat[k - 1] * flat[-k]
    a.ravel()[-1] = flat[5] ** 2
    a[1:].reshape(-1)[3] *= s
    return np.sum(W34 * a)


@program(T234, 0.7, peer=False)
def places_in_a_row_of_three_axes(t, s):
    flat, count = t.reshape(-1), t.size
    for k in range(0, count, 5):
        flat[k - 3] = s * flat[k] ** 2
    return np.sum(W234 * t)


@program(W12, M34, 0.1, peer=False)
def parameters_in_one_vector(theta, x, rate):
    weights, bias = theta[:8].reshape(4, 2), theta[8:10]
    for _ in range(2):
        residual = x @ weights + bias
        weights -= rate * (x.T @ residual)
        bias -= rate * residual.sum(axis=0)
        weights[0] *= 0.9
    return np.sum(theta**2)


@program(M34, 0.7, peer=False)
def elements_added_by_a_transposed(a, s):
    np.add.at(a.T, np.array([1, 3, 1]), s * a[:, 0])
    a.T[np.array([True, False, True, False])] *= s
    return np.sum(W34 * a**2)


@program(M34, peer=False)
def a_view_that_numpy_does_not_let_be_written(a):
    table = np.broadcast_to(a[0], (3, 4))
    try:
        table[0] = 1.0
    except ValueError:
        a[1] *= table[2]
    return np.sum(W34 * a**2)


@program(W12, 0.7, peer=False)
def lengths_of_every_other_item(x, c):
    odd, even = x[1::2], x[::2]
    s = 0.0
    for _ in range(2):
        again = x[1::2]
        again *= np.concatenate([again, even])[1:7]
        s += np.sum(x[::2] + c) * c
    return s * np.sum(odd * even)


@program(M34, peer=False)
def what_flat_gives_is_a_copy(a):
    part = a.flat[1:3]
    first = a.flat[:2]
    a *= 2.0
    first[1] = part[0] * first[0]
    return np.sum(a**2 * part[1]) + np.sum(part**3) + np.sum(first)

"""Functions whose derivative is given by hand: called as others are, in all places."""

from functools import partial

import numpy as np

from adjoint import custom_fixed_point, custom_jvp, custom_root, custom_vjp, grad
from tests.programs import program

V = np.array([0.4, -0.8, 1.5])
W = np.array([1.2, 0.7, -0.3])
A = np.array([[2.0, -0.3, 0.2], [0.4, 1.8, -0.7], [0.1, 0.5, 2.2]])
R = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


@custom_vjp
def softplus(x):
    return np.log1p(np.exp(x))


def softplus_forward(x):
    return softplus(x), np.exp(-x)


def softplus_backward(e, g):
    return (g / (1 + e),)


softplus.defvjp(softplus_forward, softplus_backward)


@custom_jvp
def gaussian(x):
    return np.exp(-(x**2))


def gaussian_derivative(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    out = gaussian(x)
    return out, -2 * x * out * x_dot


gaussian.defjvp(gaussian_derivative)


@program(V, W, peer=False)
def called_once(x, w):
    return np.sum(w * softplus(x * w))


@program(0.7, peer=False)
def of_a_number(x):
    return softplus(x) * gaussian(x)


@program(V, peer=False)
def in_a_loop(x):
    total = x * 0.5
    for k in range(4):
        total = softplus(total * x) + gaussian(total) * k
    return np.sum(total * W)


@program(V, peer=False)
def in_a_branch(x):
    if np.sum(x) > 0:
        y = softplus(x) * 2
    else:
        y = gaussian(x)
    return np.sum(y * W)


@program(V, peer=False)
def until_small(x):
    trips = 0
    while np.sum(x * x) > 0.3:
        x = gaussian(x) * 0.8 * x
        trips += 1
        if trips > 6:
            break
    return np.sum(x * W)


@program(V, peer=False)
def given_twice(x):
    return np.sum(weighted(x, x) * W)


@custom_vjp
def weighted(x, w, power=2):
    return w * x**power


def weighted_forward(x, w, power):
    return weighted(x, w, power), (x, w, power)


@custom_vjp
def rows_weighted(x, w):
    return x * w[:, None]


def rows_weighted_backward(residuals, g):
    x, w = residuals
    g_w = np.zeros_like(w)
    for i in range(w.shape[0]):
        g_w[i] = np.sum(g[i] * x[i])
    return g * w[:, None], g_w


rows_weighted.defvjp(
    lambda x, w: (rows_weighted(x, w), (x, w)),
    rows_weighted_backward,
)
weighted.defvjp(
    weighted_forward,
    lambda residuals, g: (
        g * residuals[1] * residuals[2] * residuals[0] ** (residuals[2] - 1),
        g * residuals[0] ** residuals[2],
        None,
    ),
)


@program(R, np.array([0.7, -1.1]), peer=False)
def gradient_by_a_loop(x, w):
    y = rows_weighted(x, w)
    return np.sum(y * y * R)


@program(V, W, peer=False)
def by_keyword_and_default(x, w):
    return np.sum(weighted(w=w, x=x) + weighted(x, w, power=3))


@custom_vjp
def polar(point):
    return {"r": np.hypot(point["x"], point["y"]), "t": np.arctan2(point["y"], point["x"])}


def polar_forward(point):
    out = polar(point)
    return out, (point, out["r"])


def polar_backward(residuals, g):
    point, r = residuals
    x, y = point["x"], point["y"]
    along, across = g["r"] / r, g["t"] / r**2
    return ({"x": along * x - across * y, "y": along * y + across * x},)


polar.defvjp(polar_forward, polar_backward)


@program({"x": V, "y": W}, peer=False)
def structures(point):
    out = polar(point)
    return np.sum(out["r"] * V + out["t"] ** 2 * W)


@program({"x": V, "y": W}, peer=False)
def one_part_is_not_used(point):
    return np.sum(polar(point)["t"] * W)


@custom_jvp
def solved(matrix, b):
    return np.linalg.solve(matrix, b)


def solved_derivative(primals, tangents):
    matrix, b = primals
    matrix_dot, b_dot = tangents
    x = np.linalg.solve(matrix, b)
    return x, np.linalg.solve(matrix, b_dot - matrix_dot @ x)


solved.defjvp(solved_derivative)


@program(A, V, peer=False)
def solved_by_tangents(matrix, b):
    return np.sum(solved(matrix, b) ** 2 * W)


@partial(custom_vjp, nondiff_argnums=(0, 1))
def applied(function, times, x):
    for _ in range(times):
        x = function(x)
    return x


def applied_forward(function, times, x):
    states = []
    for _ in range(times):
        states.append(x)
        x = function(x)
    return x, states


def applied_backward(function, times, states, g):
    for x in reversed(states):
        g = g * np.cos(x)
    return (g,)


applied.defvjp(applied_forward, applied_backward)


@program(V, peer=False)
def with_a_function_and_a_number(x):
    return np.sum(applied(np.sin, 3, x * 1.2) * W)


@program(V, W, peer=False)
def made_inside(x, w):
    scale = 3.0

    @custom_vjp
    def stretched(t):
        return t * t * scale

    stretched.defvjp(lambda t: (t * t * scale, t), lambda t, g: (2 * scale * t * g,))
    return np.sum(stretched(x * w))


class Layer:
    """A layer with a method that has a rule."""

    def __init__(self, scale):
        self.scale = scale

    @custom_vjp
    def squash(self, x):
        return np.tanh(self.scale * x)

    def squash_forward(self, x):
        out = self.squash(x)
        return out, (self.scale, out)

    @staticmethod
    def squash_backward(residuals, g):
        scale, out = residuals
        return None, g * scale * (1 - out * out)

    squash.defvjp(squash_forward, squash_backward)


LAYER = Layer(1.7)


@program(V, peer=False)
def a_method(x):
    return np.sum(LAYER.squash(x) * W + LAYER.squash(x * x))


@program(V, peer=False)
def result_is_written(x):
    y = softplus(x)
    y[1] = x[0] * 2
    return np.sum(y * W)


@program(V, peer=False)
def argument_is_written_later(x):
    x = x * 1.0
    y = weighted(x, x)
    x[0] = 5.0
    z = weighted(x, y)
    x[1:] = z[1:]
    return np.sum(y * z + x)


@custom_vjp
def spoiling(x):
    return x**3


def spoiling_backward(x, g):
    x *= 3.0
    g *= x
    g *= x / 3
    return (g,)


spoiling.defvjp(lambda x: (x**3, x), spoiling_backward)


@program(V, peer=False)
def rule_writes_into_what_it_is_given(x):
    y = x * 2.0
    z = spoiling(y)
    return np.sum(z * z * W + y)


@program(V, 3, peer=False)
def in_a_recursive_function(x, n):
    def descend(t, depth):
        if depth == 0 or np.sum(t) > 40:
            return t * W
        return descend(softplus(t), depth - 1) + gaussian(t)

    return np.sum(descend(x, n))


@program(V, peer=False)
def in_a_comprehension(x):
    return sum(gaussian(t) * k for k, t in enumerate(x, 1)) + sum([softplus(t) for t in x])


@program(V, W, peer=False)
def rules_within_rules(x, w):
    return np.sum(outer_rule(x) * w)


@custom_vjp
def outer_rule(x):
    return softplus(x) * gaussian(x)


def outer_forward(x):
    s, e = softplus(x), gaussian(x)
    return s * e, (s, e, x)


def outer_backward(residuals, g):
    s, e, x = residuals
    return (g * e / (1 + np.exp(-x)) - 2 * x * s * gaussian(x) * g,)


outer_rule.defvjp(outer_forward, outer_backward)


def contraction(x, matrix, b):
    return np.tanh(matrix @ x * 0.2 + b)


@custom_fixed_point(contraction)
def settled(start, matrix, b):
    x = start
    for _ in range(60):
        x = contraction(x, matrix, b)
    return x


@program(A, V, peer=False)
def fixed_point(matrix, b):
    return np.sum(settled(np.zeros(3), matrix, b) * W)


@custom_root(lambda x, a, b: x**3 + a * x - b)
def cubic_root(start, a, b):
    x = start
    while abs(x**3 + a * x - b) > 1e-13:
        x = x - (x**3 + a * x - b) / (3 * x * x + a)
    return x


@program(2.0, 1.3, peer=False)
def root_of_a_number(a, b):
    return cubic_root(1.0, a, b) ** 2 * a


@program(V, peer=False)
def roots_in_a_loop(x):
    total = 0.0
    for t in x:
        total += cubic_root(0.5, t * t + 1.0, total + t) * 1.7
    return total


def neumann(apply, b):
    w = -b
    for _ in range(80):
        w = w + apply(w) - b
    return w


settled_table = custom_fixed_point(
    lambda x, matrix: np.tanh(matrix @ x * 0.2 + 0.3),
    lambda start, matrix: iterated(start, matrix),
    linear_solve=neumann,
)


def iterated(x, matrix):
    for _ in range(60):
        x = np.tanh(matrix @ x * 0.2 + 0.3)
    return x


@program(A, peer=False)
def fixed_point_of_two_axes(matrix):
    return np.sum(settled_table(np.zeros((3, 2)), matrix) * R.T)


def solved_elsewhere(start, matrix, b):
    return np.linalg.inv(matrix) @ b


linear_root = custom_root(lambda x, matrix, b: matrix @ x - b, solved_elsewhere, opaque=True)


@program(A, V, peer=False)
def solver_that_is_not_read(matrix, b):
    return np.sum(linear_root(np.zeros(3), matrix, b * b) * W)


@custom_jvp
def power(x, count):
    out = np.ones_like(x)
    for _ in range(count):
        out = out * x
    return out


@power.defjvp
def power_derivative(primals, tangents):
    (x, count), (x_dot, _) = primals, tangents
    out, out_dot = np.ones_like(x), np.zeros_like(x)
    for _ in range(count):
        out_dot = out_dot * x + out * x_dot
        out = out * x
    return out, out_dot


@program(V, 3, peer=False)
def result_and_tangent_in_one_loop(x, n):
    return np.sum(power(x, n) * W + power(x * x, 2))


@custom_vjp
def rounded(x):
    return x * 1.0


rounded.defvjp(lambda x: (rounded(x), x), lambda x, g: (np.where(x > 100.0, 0.0, g),))


@program(V, 4, peer=False)
def lists_that_grow(x, n):
    states = []
    for k in range(n):
        states.append(rounded(x * k) + (states[-1] if states else x) * 0.1)
    return sum(np.sum(softplus(s) * W) for s in states)


@program(V, peer=False)
def in_a_generator(x):
    def states(t):
        while True:
            t = gaussian(t) * t
            yield t

    total = 0.0
    for k, state in enumerate(states(x)):
        total = total + np.sum(state * W) * (k + 1)
        if k == 3:
            break
    return total


@custom_vjp
def total_of(arrays):
    return sum(np.sum(a * a) for a in arrays)


total_of.defvjp(
    lambda arrays: (total_of(arrays), arrays),
    lambda arrays, g: ([2 * g * a for a in arrays],),
)


@program([V, W], 3, peer=False)
def lists_as_arguments(arrays, n):
    grown = [arrays[0] * k for k in range(n)]
    return total_of(arrays) * 0.5 + total_of(grown) * np.sum(arrays[1])


@custom_vjp
def turned(z):
    return z * (1 + 2j)


turned.defvjp(lambda z: (turned(z), None), lambda _, g: (g * (1 + 2j),))


@program(V, peer=False)
def complex_in_between(x):
    return np.sum(np.real(turned(x * np.exp(1j * x)) ** 2))


@custom_vjp
def same(x):
    return x


same.defvjp(lambda x: (x, None), lambda _, g: (g,))


@program(V, peer=False)
def rows_of_what_is_written(x):
    h = np.zeros((4, 3))
    h[0] = x
    for k in range(1, 4):
        row = same(h[k - 1])
        h[k] = 0.3 * row * row + np.sin(row)
    return np.sum(h * h * W)


@program(V, peer=False)
def read_before_it_is_written(x):
    h = x * 1.0
    for k in range(3):
        r = same(h)
        h[k] = r[k] * r[0] + 1.0
    return np.sum(h * h * W)


@program(R, np.array([0.7, -1.1]), peer=False)
def loop_of_rules_with_loops(x, w):
    for k in range(3):
        x = rows_weighted(x, w) * 0.7 + np.sin(x) * k
    return np.sum(x * R)


@custom_jvp
def first_times_sum(x):
    return np.sum(x) * x[0]


@first_times_sum.defjvp
def first_times_sum_derivative(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    held = np.zeros(3)
    held[:] = x[0]
    out_dot = np.sum(held * x_dot)
    held[:] = np.sum(x)
    out_dot += held[1] * x_dot[0]
    held[0] = 100.0
    return np.sum(x) * x[0], out_dot


@program(V, peer=False)
def rule_writes_between_tangents(x):
    t = 0.0
    for k in range(3):
        t = t + first_times_sum(x * (k + 1) + t) * 0.1
    return t


@custom_vjp
def squares(x):
    return np.sum(x**2)


def squares_forward(x):
    held = x * 1.0
    residuals = (held, {"rest": held[1:]})
    held *= 2.0
    return np.sum(x**2), residuals


def squares_backward(residuals, g):
    held, parts = residuals
    out = held * g
    out[1:] = parts["rest"] * g
    return (out,)


squares.defvjp(squares_forward, squares_backward)


@program(V, peer=False)
def residuals_that_were_written(x):
    s = 1.0
    while s < 30:
        s = s + squares(x * s)
    return s


def trained(w, rate, x):
    for _ in range(4):
        w = w - rate * grad(lambda u: np.sum((softplus(u) - x) ** 2))(w)
    return w


@program(0.1, V, peer=False)
def gradients_of_rules_inside(rate, x):
    return np.sum(softplus(trained(np.zeros(3), rate, x)) ** 2 * W)

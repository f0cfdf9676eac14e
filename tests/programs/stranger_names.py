"""Names a generated function might itself use, closures, defaults and calls passed through."""

import functools

import numpy as np

from tests.programs import program

V = np.array([0.7, -1.2, 0.4, 1.9])
g = 1.7
np_1 = 0.3


@program(1.3, 0.7)
def adjoint_names_everywhere(d_x, x):
    g = d_x * x
    ans = np.sin(g) + d_x
    np_1 = ans * g
    d = np_1 - x
    t = d * d_x
    t_stack = [t, d]
    i = t_stack[0] * t_stack[-1]
    like = i + g
    returned = like * 0.5
    done = returned * returned - ans
    return done + d_x


@program(V)
def names_of_stacks_in_a_loop(x):
    t = 0.0
    x_stack = 1.0
    d_t = 0.1
    for i in range(len(x)):
        returned = x[i] * x_stack
        t = t + returned * returned * d_t
        x_stack = np.cos(returned) + t
        if t > 50.0:
            done = t
            break
    else:
        done = x_stack
    return done * t + d_t


@program(0.8)
def early_return_named_returned(x):
    returned = False
    done = x
    for i in range(6):
        done = done * 1.6 + x
        if done > 5.0:
            returned = True
            return done * x
    return done if returned else -done


@program(1.2, 0.4)
def parameter_shadows_builtins(abs, range):
    def max(len):
        return len * abs

    sum = [max(range), max(abs)]
    float = sum[0] - sum[1]
    return float * float + range


def shadowing(g, np_1=np_1):
    return g * np_1 + g**2


@program(1.1)
def global_and_parameter_of_one_name(x):
    return shadowing(x) + g * x + shadowing(g * x, x) * np_1


@program(1.4)
def early_binding_by_default(x):
    functions = [lambda y, k=k: y ** (k + 1) + x * k for k in range(3)]
    return functions[0](x) * functions[1](2.0) + functions[2](x)


@program(1.4, 0.3)
def closure_reads_name_bound_later(x, y):
    def inner(z):
        return z * later + x

    later = y * 2
    first = inner(x)
    later = first * y
    return first * inner(y)


def make_pair(a):
    def up(x):
        return x * a

    def down(x):
        return up(x) - a * a

    return up, down


@program(1.2, 0.6)
def pairs_of_closures(x, y):
    u1, d1 = make_pair(x)
    u2, d2 = make_pair(y)
    return u1(y) * d2(x) + np.sin(u2(d1(y)))


def inner(*args, scale=1.0, **kwargs):
    total = 0.0
    for i, a in enumerate(args):
        total = total + a * (i + 1) * scale
    for name, value in kwargs.items():
        if name != "skip":
            total = total * value
    return total


def through(*args, **kwargs):
    return inner(*args[::-1], **{**kwargs, "extra": 2.0})


@program(1.2, 0.6, 0.9)
def arguments_passed_through(x, y, z):
    return through(x, y, scale=z, gain=y, skip=z) + through(z, *[x, y], w=x)


class Layer:
    def __init__(self, w):
        self.w = w

    def apply(self, x, power=1, *, shift=0.0):
        return (self.w * x + shift) ** power


@program(1.2, 0.6)
def partial_of_method(x, w):
    layer = Layer(w)
    square = functools.partial(layer.apply, power=2)
    shifted = functools.partial(square, shift=x)
    unbound = functools.partial(Layer.apply, layer)
    return square(x) * shifted(0.5) + unbound(x, 3) - functools.partial(unbound, shift=w)(x)


@program(0.9)
def immediately_called_lambda(x):
    return (lambda a, *b, c=2.0: a * c + sum(b))(x, x * x, 3.0) * (lambda: x)()


@program(0.9, 1.3)
def function_chosen_and_partial(x, y):
    f = functools.partial(np.power, x) if x > y else functools.partial(np.multiply, y)
    h = np.sin if y > 1 else np.cos
    return f(1.7) * h(x)


def countdown(n, x):
    f = functools.reduce(lambda acc, k: acc * x + k, range(n), 1.0)
    return f


@program(0.9)
def functools_reduce(x):
    return countdown(4, x) + functools.reduce(lambda a, b: a * b, [x, x + 1, x * 2])


def pick(options, default=None, **overrides):
    chosen = {**options, **overrides}
    return chosen.get("rate", default)


@program(1.1, 0.3)
def options_with_none(x, r):
    a = pick({"rate": None, "x": x})
    b = pick({}, default=r)
    c = pick({"rate": x}, rate=r * x)
    return (1.0 if a is None else a) * b + c * x


@program(1.1, 0.8)
def keyword_only_default_closure(x, y):
    k = x

    def f(z, *, scale=k * y):
        return z * scale

    k = 100.0
    return f(y) + f(x, scale=k)


@program(2.0, 3.0)
def swapped_arguments_by_keyword(a, b):
    def f(a, b):
        return a**2 * b

    return f(b=a, a=b) - f(a, b=b)


@program(0.5)
def shadowed_in_comprehension(x):
    y = 2.0
    z = [y * x for y in (1.0, 2.0, x)]
    x_list = [x * k for x in z for k in (1, 2)]
    return sum(x_list) * y + x


@program(0.5, 1.5)
def del_and_rebind(x, y):
    t = x * y
    u = t + 1
    del t
    t = u * u
    return t


@program(1.3)
def walrus_leaks(x):
    values = [t := x * k for k in (1.0, 2.0, 3.0)]
    if (s := sum(values)) > 2 and (u := s * t) > 1:
        return u * x
    return s


def order(log, value):
    log.append(value)
    return value


@program(1.3, 2.1)
def chained_comparison_evaluates_in_order(x, y):
    log = []
    if order(log, x) < order(log, y) < order(log, x * y) < order(log, 0.0) < order(log, 5.0):
        log.append(1e9)
    return log[0] * log[1] + log[2] * len(log) + log[-1]

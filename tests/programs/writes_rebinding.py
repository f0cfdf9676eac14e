"""Names that change their buffer: swaps, ping-pong, new buffers each trip, one of several."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(106)
W4, W5 = (RNG.normal(size=n) for n in (4, 5))
W34, W45 = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 5))

V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])
U5 = np.array([1.2, 0.5, -0.4, 0.9, 0.2])
M34 = np.array([[0.2, -0.7, 1.1, 0.4], [0.9, 0.3, -0.5, 1.6], [-1.2, 0.8, 0.1, -0.4]])


@program(V5, U5, 0.3, 3, peer=False)
def swap_in_a_time_loop(a, b, c, steps):
    for _ in range(steps):
        b[1:-1] = a[1:-1] + c * (a[2:] - 2 * a[1:-1] + a[:-2]) * a[1:-1]
        a, b = b, a
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, U5, 0.3, 4, peer=False, name="swap_in_a_time_loop, even")
def swap_in_a_time_loop_even(a, b, c, steps):
    for _ in range(steps):
        b[1:-1] = a[1:-1] + c * (a[2:] - 2 * a[1:-1] + a[:-2]) * a[1:-1]
        a, b = b, a
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, U5, 0.3, 3, peer=False)
def swap_by_a_third_name(a, b, c, steps):
    for _ in range(steps):
        b[1:] = c * a[:-1] ** 2
        tmp = a
        a = b
        b = tmp
    return np.sum(W5 * a * b)


@program(V5, U5, V5[::-1] * 0.8, 0.2, 4, peer=False)
def three_time_levels(old, now, new, c, steps):
    for _ in range(steps):
        new[1:-1] = 2 * now[1:-1] - old[1:-1] + c * np.sin(now[2:] - now[:-2])
        old, now, new = now, new, old
    return np.sum(W5 * old * now) + np.sum(W5 * new)


@program(V5, U5, 0.4, peer=False)
def swap_under_a_condition(a, b, c):
    for k in range(5):
        if a[k] > b[0]:
            a, b = b, a
        a[k] = c * b[k - 1] ** 2 + a[k]
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, U5, 0.3, peer=False)
def swap_before_any_write(a, b, c):
    a, b = b, a
    a[1:] *= c * b[:-1]
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, 0.3, 4, peer=False)
def ping_pong(u, c, steps):
    buffers = [u.copy(), np.zeros(5)]
    for k in range(steps):
        source, target = buffers[k % 2], buffers[(k + 1) % 2]
        target[1:-1] = source[1:-1] + c * source[2:] * source[:-2]
        target[0], target[-1] = source[-2], source[1]
    return np.sum(W5 * buffers[0]) + np.sum(W5 * buffers[1] ** 2)


@program(V5, 0.3, 3, peer=False)
def planes_of_one_array(u, c, steps):
    q = np.zeros((2, 5))
    q[0] = u
    for k in range(steps):
        now, new = k % 2, 1 - k % 2
        q[new, 1:] = q[now, 1:] - c * q[now, :-1] ** 2
        q[new, 0] = q[now, -1]
    return np.sum(W5 * q[0]) + np.sum(W5 * q[1] ** 2)


@program(V5, 0.3, 3, peer=False)
def new_buffer_each_trip(u, c, steps):
    for _ in range(steps):
        v = np.empty_like(u)
        v[1:-1] = u[1:-1] + c * (u[2:] - u[:-2]) * u[1:-1]
        v[0], v[-1] = u[-1], u[0]
        u = v
    return np.sum(W5 * u**2)


@program(V5, 0.3, 3, peer=False)
def copy_each_trip(u, c, steps):
    for _ in range(steps):
        un = u.copy()
        u[1:] = un[1:] - c * un[1:] * (un[1:] - un[:-1])
    return np.sum(W5 * u * un)


@program(V5, 0.3, 3, peer=False)
def alias_of_the_last_trip(u, c, steps):
    last = u
    for _ in range(steps):
        u = u.copy()
        u[1:] *= c * last[:-1]
        last[0] += u[1]
        last = u
    return np.sum(W5 * u * last)


@program(V5, 0.3, 3, peer=False)
def states_kept_in_a_list(u, c, steps):
    states = [u]
    for _ in range(steps):
        new = states[-1].copy()
        new[1:] += c * states[0][:-1] ** 2
        states.append(new)
    states[0][0] = states[2][1]
    return np.sum(W45 * np.array(states))


@program(V5, 0.3, 3, peer=False)
def one_buffer_appended_many_times(u, c, steps):
    states = []
    for _ in range(steps):
        u[1:] += c * u[:-1]
        states.append(u)  # the same array each time: all rows are the last state
    return np.sum(W45[:3] * np.array(states) ** 2)


@program(V5, U5, 0.7, peer=False)
def one_of_two_by_a_branch(a, b, s):
    if s > 0.5:
        c = a
    else:
        c = b
    c[0] = s * b[1]
    c *= a
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, U5, 0.7, peer=False)
def one_of_two_by_an_expression(a, b, s):
    c = a if a[0] > b[0] else b
    d = b if a[0] > b[0] else a
    c[1:] += s * d[:-1]
    d[0] = c[2] ** 2
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, 0.7, True, peer=False)
def copy_or_not_by_a_flag(x, s, copy):
    y = x.copy() if copy else x
    y[0] = s * y[1]
    return np.sum(W5 * x**2) + np.sum(W5 * y)


@program(V5, 0.7, False, peer=False, name="copy_or_not_by_a_flag, not")
def copy_or_not_by_a_flag_not(x, s, copy):
    y = x.copy() if copy else x
    y[0] = s * y[1]
    return np.sum(W5 * x**2) + np.sum(W5 * y)


@program(V5, U5, 0.7, peer=False)
def one_of_two_by_the_trip(a, b, s):
    total = np.zeros(5)
    for k in range(4):
        c = a if k % 2 == 0 else b
        c[k] *= s
        total += c * c
    return np.sum(W5 * total)


@program(V5, U5, 0.7, peer=False)
def rebound_to_a_result_by_a_branch(a, b, s):
    c = a
    if s > 0.5:
        c = a * b
    c[0] = s
    a[1] = c[2] ** 2
    return np.sum(W5 * c) + np.sum(W5 * a**2)


@program(V5, U5, 0.7, peer=False)
def rebound_after_writes(a, b, s):
    a[0] = s * a[1]
    old = a
    a = b
    a[0] = old[0] ** 2
    a = old
    a[4] *= b[0]
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, 0.7, peer=False)
def augmented_number_or_array(x, s):
    y = s
    y += s
    x += y
    y = x
    y += s
    return np.sum(W5 * x**2)


@program(V5, 0.7, peer=False)
def name_of_array_then_number(x, s):
    x[0] *= s
    x = x[0] + x[1] * x[2]
    x += s
    return x**2


@program(V5, U5, 0.7, peer=False)
def deleted_name(a, b, s):
    c = a
    c[1] = s
    del c
    c = b
    c[1] = a[1] * a[2]
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program(V5, U5, 0.4, peer=False)
def walrus_alias(a, b, s):
    (c := a)[0] = s * b[1]
    c += (d := b[1:3])[0]
    d *= s
    return np.sum(W5 * a * b)


@program(V5, U5, 0.4, peer=False)
def buffers_in_a_tuple(a, b, s):
    pair = (a, b)
    for k in range(3):
        pair[0][k] += s * pair[1][k + 1]
        pair = pair[::-1]
    return np.sum(W5 * a) + np.sum(W5 * b**2)


@program({"h": V5, "u": U5}, 0.2, 3, peer=False)
def buffers_in_a_dict(fields, dt, steps):
    for _ in range(steps):
        fields["h"][1:] -= dt * fields["u"][1:] * fields["h"][:-1]
        fields["u"][:-1] -= dt * fields["h"][1:] ** 2
        fields["h"], fields["u"] = fields["u"], fields["h"]
    return np.sum(W5 * fields["h"]) + np.sum(W5 * fields["u"] ** 2)


class Wave:
    def __init__(self, now, old):
        self.now = now
        self.old = old
        self.new = np.zeros_like(now)

    def step(self, c):
        self.new[1:-1] = 2 * self.now[1:-1] - self.old[1:-1] + c * np.sin(self.now[2:])
        self.old, self.now, self.new = self.now, self.new, self.old


@program(V5, U5, 0.3, 4, peer=False)
def buffers_in_attributes(u, old, c, steps):
    wave = Wave(u, old)
    for _ in range(steps):
        wave.step(c)
    return np.sum(W5 * wave.now) + np.sum(W5 * wave.old**2)


@program(M34, 0.6, 3, peer=False)
def rows_rotated_as_names(a, s, n):
    first, second, third = a[0], a[1], a[2]
    for _ in range(n):
        first[:] = s * second * third
        first, second, third = second, third, first
    return np.sum(W34 * a) + np.sum(W4 * first**2)


@program(V5, 0.6, peer=False)
def list_of_buffers_rotated(x, s):
    ring = [x.copy(), x * s, np.zeros(5)]
    for k in range(4):
        ring[2][1:] = ring[0][:-1] * ring[1][1:]
        ring[2][0] = ring[0][k]
        ring.insert(0, ring.pop())
    return sum(np.sum(W5 * r) * (k + 0.7) for k, r in enumerate(ring))


@program(V5, 0.6, peer=False)
def grown_by_concatenation(x, s):
    for k in range(2):
        x = np.append(x, s * x[-1])
        x[k] *= x[-1]
    x = np.concatenate([x[:2], x[4:]])
    x[0] += s
    return np.sum(W5 * x**2)


@program(V5, 0.3, peer=False)
def while_with_error_and_copy(p, c):
    error, trips = 1.0, 0
    while error > 0.08 and trips < 20:
        old = p.copy()
        p[1:-1] = (1 - c) * old[1:-1] + 0.5 * c * (old[2:] + old[:-2])
        error = np.max(np.abs(p - old))
        trips += 1
    return np.sum(W5 * p**2)


class Swapping:
    def __init__(self, u):
        self.u, self.old = u, np.zeros_like(u)

    def step(self, c):
        self.old[...] = self.u
        self.u[1:] += c * self.old[:-1]
        self.old, self.u = self.u, self.old


@program(V5, 0.3, 3, argnums=(0, 1), peer=False)
def swaps_in_objects_that_are_swapped(x, c, n):
    both = [Swapping(x * (k + 1)) for k in range(2)]
    for _ in range(n):
        for each in both:
            each.step(c)
        both[0].u[0] = both[1].u[-1] * both[0].old[1]
        both[0], both[1] = both[1], both[0]
    return np.sum(W5 * both[0].u * both[1].u) + both[0].old[2]


@program(V5, 0, name="made_in_an_arm_and_written_in_no_trip", argnums=(0,), peer=False)
@program(V5, 3, argnums=(0,), peer=False)
def made_in_an_arm_and_written_in_a_loop(x, n):
    if n > 0:
        u = x * x
        u[0] *= u[1]
    s = np.sum(np.sin(x))
    for i in range(n):
        u[i] *= u[i - 1]
        u *= x
        s += np.sum(u * u * x)
    return s


@program(V5, 0, name="made_in_no_arm_and_written_in_none", argnums=(0,), peer=False)
@program(V5, 3, argnums=(0,), peer=False)
def made_in_one_arm_and_written_in_another(x, n):
    if n > 0:
        u = x * x
        u[0] *= u[1]
    x = np.sin(x)
    if n > 1:
        u = u * x
    x = x * x[::-1]
    if n > 0:
        u[1:] *= u[:-1] * x[1:]
        return np.sum(u * u * x)
    return np.sum(W5 * x)

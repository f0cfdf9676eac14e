"""Loops and branches as students write them: exits, sentinels, odd orders."""

import numpy as np

from tests.programs import program

V = np.array([0.7, -1.2, 0.4, 1.9, 0.3])
M = np.array([[0.3, -1.1, 0.5], [1.7, 0.2, -0.4], [0.9, 0.8, 1.3], [-0.6, 0.1, 2.0]])


@program(M)
def for_else_nested_with_break(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] < -0.5:
                total = total + a[i, j] ** 2
                break
            if a[i, j] > 1.5:
                continue
            total = total + np.sin(a[i, j]) * total
        else:
            total = total * a[i, 0] + a[i, 1]
            continue
        total = total - a[i, 2]
    return total


@program(V, V[::-1] * 0.5 + 0.1)
def continue_over_zip(x, y):
    s = x[0]
    for k, (a, b) in enumerate(zip(x, y)):
        if a < 0:
            continue
        if b > 0.9:
            s = s + b
            continue
        s = s * a + b * k
    return s


@program(V)
def continue_over_reversed(x):
    s = 1.0
    last = x[0]
    for i in reversed(range(1, len(x))):
        if x[i] < 0:
            last = x[i] * s
            continue
        s = s * x[i] - last
    return s * last


@program({"a": 0.4, "b": -1.2, "c": 2.2, "d": 0.1})
def continue_over_items(p):
    s = 0.3
    for key, value in p.items():
        if value < 0:
            continue
        if key == "d":
            break
        s = s * value + value**2
    else:
        s = s * 100
    return s


def find(a, limit):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] > limit:
                return a[i, j] * i + j
            if a[i, j] < -10:
                return -1.0
    return None


@program(M)
def helper_returns_from_nested_loops(a):
    total = 0.0
    for limit in (1.9, 0.1, 1.3, 9.0):
        found = find(a, limit)
        if found is None:
            total = total + 0.1 * a[0, 0]
        else:
            total = total + found * found
    return total


def first_root(f, x0, x1):
    for _ in range(50):
        if abs(x1 - x0) < 1e-13:
            return x1
        f0, f1 = f(x0), f(x1)
        if f1 == f0:
            return x1
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
    return x1


@program(2.0, 0.7)
def secant_with_closure(a, b):
    return first_root(lambda x: x**3 - a * x - b, 1.0, 2.0) * a


@program(V)
def best_is_none(x):
    best = None
    where = None
    for i, v in enumerate(x):
        score = np.sin(v) * (i + 1)
        if best is None or score > best:
            best = score
            where = i
    return best * x[where] if best is not None else 0.0


@program(V)
def two_sentinels(x):
    low = high = None
    for v in x:
        if low is None or v < low:
            low = v
        if high is None or v > high:
            high = v
    return (high - low) * high**2


@program(V)
def previous_is_none(x):
    previous = None
    total = 0.0
    for v in x:
        if previous is not None:
            total += (v - previous) ** 2 * v
        previous = v
    return total + previous


@program(1.1, 0)
def zero_trips_bind_nothing(x, n):
    y = x
    for i in range(n):
        y = y * x
        z = y
    if n > 0:
        y = z
    return y * 3 * x


@program(V, 0)
def zero_trips_with_list(x, n):
    out = [x[0]]
    for i in range(n):
        out.append(x[i] * 2)
    return sum(out) + out[-1] * x[1] + len(out)


@program(V)
def negative_steps(x):
    s = x[-1]
    for i in range(len(x) - 1, -1, -2):
        s = s * x[i] + i
    for j in range(-1, -4, -1):
        s = s - x[j] * s
    return s * i + j


@program(V)
def variable_after_loop_and_nested(x):
    for i in range(3):
        for j in range(i + 1):
            t = x[j] * x[i]
        t = t + x[j]
    return t * (i + j) + x[i]


@program(1.9)
def several_while_exits(x):
    y, n = x, 0
    while True:
        n += 1
        y = y * 0.8 + np.sin(y) * x * 0.3
        if n > 30:
            return y * 100
        if y > 9.0:
            break
        if y < -4:
            y = -y
            break
        if n % 3 == 0:
            continue
        y = y + 0.1 * x
        if n == 7:
            return y * n + x
    return y


@program(V)
def while_with_index(x):
    i = 0
    s = 0.0
    while i < len(x) and x[i] > -5:
        if x[i] < 0:
            i += 2
            continue
        s += x[i] ** 2 * i
        i += 1
    else:
        s = s * x[0]
    return s


@program(27, 0.9)
def collatz_with_weights(n, x):
    s = x
    while n != 1:
        if n % 2 == 0:
            n //= 2
            s = s * 0.9 + x
        else:
            n = 3 * n + 1
            s = s * x + 0.2
    return s


@program(1.3)
def walrus_in_while(x):
    y = x
    while (z := y * y * 0.5) < 20:
        y = y + z
    return z * y


@program(V)
def walrus_in_comprehension(v):
    kept = [s * t for t in v if (s := np.exp(t)) < 4.0]
    return sum(kept) * s


@program(1.3, 0.6)
def ternaries_of_ternaries(x, y):
    a = x if x < y else (y * 2 if y > 1 else (x * y if x > 1.2 else 0.0))
    b = (a if a > 0 else -a) + (1.0 if not a else a * a)
    return a * b + (x and y) + (0.0 or y) * (None or x)


@program(V)
def nested_comprehension_conditions(v):
    pairs = [a * b for i, a in enumerate(v) for j, b in enumerate(v) if i < j if (i + j) % 2]
    grid = [[(a - b) ** 2 if i != j else a for j, b in enumerate(v)] for i, a in enumerate(v)]
    return sum(pairs) + np.sum(np.array(grid) * np.arange(25.0).reshape(5, 5)) * 0.1


@program(V)
def flag_and_break_out_of_two(x):
    found = False
    s = 1.0
    for i in range(len(x)):
        for j in range(i, len(x)):
            s = s + x[i] * x[j]
            if s > 3.5:
                found = True
                break
        if found:
            break
    return s * x[i] * x[j] * (2 if found else 1)


@program(0.3)
def return_inside_while_inside_for(x):
    y = x
    for k in range(5):
        while y < 10:
            y = y * (1.5 + k) + x
            if y > 8 and k > 0:
                return y * k
        y = y / 20
    return y


@program(V)
def index_variable_reused(x):
    s = 0.0
    for i in range(3):
        s = s + x[i]
        for i in range(3, 5):
            s = s * x[i]
        s = s + i * x[i]
    return s


@program(V)
def loop_bounds_change_inside(x):
    n = 3
    s = 1.0
    for i in range(n):
        n = n - 1
        for j in range(n):
            s = s * 1.1 + x[i] * x[j]
    return s * n + x[0] * s


@program(1.2)
def tuple_swap_in_while(x):
    a, b = x, 1.0
    while a < 50:
        a, b = a * b + x, a
    (c, d), *e = (a, b), x, a * b
    return c * 0.1 + d + e[-1]


@program(0.4)
def early_return_before_loop_and_after(x):
    if x > 1:
        return x
    for i in range(4):
        x = x + x * i
        if x > 2:
            return x**2
    if x > 1.5:
        return x**3
    return x * 0.5


@program(0.4, peer=False)
def chained_assign_and_aug(x):
    a = b = c = x * x
    a += b
    b *= a
    c -= b / a
    a, b, c = c, a, b
    a **= 2
    b //= 5.0
    return a * c + b


@program(V)
def walrus_in_while_with_else(x):
    i, s = 0, 0.0
    while (i := i + 1) < len(x) and x[i] < 5:
        s = s + x[i] ** 2
    else:
        s = s * x[0]
    return s


@program(V)
def walrus_in_while_broken_with_else(x):
    total = 0.0
    for bound in (0.5, 9.0):
        i, s = 0, x[0]
        while (i := i + 1) < len(x):
            if x[i] > bound:
                break
            s = s * 1.5 + x[i] ** 2
        else:
            s = s * x[1] + i
        total = total * x[2] + s
    return total


@program(V)
def calls_that_count_in_while_with_else(x):
    calls = 0

    def more(limit):
        nonlocal calls
        calls += 1
        return calls < limit

    while more(4):
        x = x * 1.1
        if x[0] > 1e3:
            return x[1]
    else:
        return np.sum(x * x[1]) * calls
    return x[2]


@program(M, 0.4)
def for_else_in_an_arm(m, x):
    if x > 0:
        for row in m:
            if row[0] > 0.5:
                break
            x = x * row[1]
        else:
            x = x * 2
        x = x + 1
    return x * x * m[0, 0]


@program(M, 0.4)
def continue_in_the_else_of_a_loop_in_an_arm(m, x):
    for k in range(3):
        if x > 0:
            for row in m:
                if row[k] > 0.95:
                    break
                x = x * 1.5
            else:
                x = x + 3
                continue
        x = x + m[k, k]
    return x * m[0, 0]


@program(M, 0.4)
def return_in_the_else_of_a_loop_that_ends(m, x):
    for k in range(len(m)):
        x = x * m[k, 0]
    else:
        if x > 0.1:
            return x
    return x * m[0, 0] + m[1, 1]


@program(M, 0.4, None)
def for_else_in_an_arm_that_is_known(m, x, best):
    if best is None:
        for _ in range(len(m)):
            if best is None:
                break
        else:
            x = x * 3
    return x**2 * m[0, 0]


@program(M, 0.4, peer=False)
def try_in_the_else_of_a_loop(m, x):
    for row in m:
        row[row > 0.7] *= 0.5
    else:
        try:
            if x < 1:
                raise ValueError(x)
        except ValueError:
            x = x + m[1, 1]
    return x * m[0, 0]


def kept(xs, s):
    total = 0.0
    for x in xs:
        total = total * 0.5 + x
        if total > 1.5:
            return
        yield total * s


@program(M, 0.4)
def lists_of_two_lengths_in_an_arm_that_is_known(m, x):
    xs = [x, 2 * x, m[0, 0]]
    if len(xs) > 5:
        x = x * 2
    elif x < 0.5:
        xs = list(kept(m[2], x)) + [x, m[0, 1]] * 3
    return sum(xs[:5]) * x


@program(M, 0.4, peer=False)
def raised_in_a_handler_of_two_structures(m, x):
    xs, found = [x, m[0, 0], m[1, 1]], {}
    try:
        if xs[0] > xs[1]:
            raise ValueError
        try:
            m[-1] += np.sin(m[0])
        except ValueError:
            xs = sorted(xs)
    except ValueError:
        try:
            if any(each > 0.1 for each in xs):
                found = dict(found, k=x)
            found["k"] = m[0, -1] * x
        except KeyError:
            x = x * 2
    return x * found.get("k", 1.0) * xs[1]

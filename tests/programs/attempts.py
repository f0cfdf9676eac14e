"""``try`` around operations that may raise: the way taken is the way reversed."""

import math
from functools import partial

import numpy as np

from tests.programs import program

#: Where the other argument decides which way is taken, the function is not smooth in it.
attempt = partial(program, argnums=(0,), peer=False)

V = np.array([0.4, -0.8, 1.5])
A = np.array([[2.0, 0.3], [0.3, 1.5]])
INDEFINITE = np.array([[1.0, 2.0], [2.0, 1.5]])
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


@attempt(1.7)
def quotient(x):
    try:
        y = 1 / x
    except ZeroDivisionError:
        y = x * 4.0
    return y * x * y


@attempt(1.7, 0.0)
def quotient_by_zero(x, z):
    try:
        y = x / z
    except ZeroDivisionError:
        y = x * 4.0
    return y * x


@attempt(1.3, 5)
def quotients_in_a_loop(x, n):
    s = 0.0
    for k in range(n):
        try:
            y = np.sin(1 / (x * (k - 2))) + 2
        except ZeroDivisionError:
            y = x * 5.0
        s = s + y * y * x
    return s


@attempt(INDEFINITE, np.array([1.0, 2.0]))
def jitter_until_definite(a, b):
    jitter = 1e-3
    for _ in range(8):
        try:
            low = np.linalg.cholesky(0.5 * (a + a.T) + jitter * np.eye(2))
            break
        except np.linalg.LinAlgError:
            jitter = jitter * 10
    else:
        raise ValueError("not definite")
    return np.sum(np.linalg.solve(low, b) ** 2) * jitter


@attempt(SINGULAR, np.array([1.0, 2.0]))
def solve_or_least_squares(a, b):
    try:
        x = np.linalg.solve(np.array([[1.0, 2.0], [2.0, 4.0]]), b)
    except np.linalg.LinAlgError:
        x = np.linalg.solve(a.T @ a + 0.1 * np.eye(2), a.T @ b)
    return np.sum(x * np.array([1.0, -0.7]))


@attempt(A, np.array([1.0, 2.0]))
def inverse_that_exists(a, b):
    try:
        inverse = np.linalg.inv(a)
        found = inverse @ b
    except np.linalg.LinAlgError:
        found = b
    else:
        found = found * 1.3
    return found[0] * 2 + found[1] * found[0]


@attempt(-0.4)
def root_of_a_negative(x):
    try:
        return math.sqrt(x) * 3
    except ValueError:
        return math.exp(x) * x


@attempt(0.4)
def logarithm(x):
    try:
        y = math.log(x)
        y = y * x
    except ValueError as error:
        print("no logarithm:", error)
        y = -100.0
    return y * y


@attempt(V, 7)
def index_past_the_end(v, i):
    total = 0.0
    for k in range(i):
        try:
            total = total + v[k] * (k + 1) * v[k]
        except IndexError:
            total = total * 1.1 + v[0]
    return total


@attempt([1.5, 0.3], 4)
def list_index(xs, n):
    total = 1.0
    for k in range(n):
        try:
            total = total * xs[k]
        except IndexError:
            total = total + xs[0]
    return total


@attempt(1.3, 2.0)
def state_before_the_failure(x, z):
    y = x * x
    try:
        y = y * x
        w = 1 / (z - 2.0)
        y = y * w
    except ZeroDivisionError:
        y = y * 3.0 + x
    return y


@attempt(1.3, 2.0)
def second_of_two(x, z):
    a, b = 1.0, 2.0
    try:
        a = x / 3.0 / x * x
        b = a / (z - 2.0)
    except ZeroDivisionError:
        b = a * x
    return a * b + x


@attempt(1.3, 2.0)
def list_grown_before_the_failure(x, z):
    seen = [x]
    try:
        seen.append(x * x / x)
        seen.append(1 / (z - 2.0))
        seen.append(x)
    except ZeroDivisionError:
        seen.append(x * 7.0)
    return sum(seen) * seen[-1] * len(seen)


@attempt(V, 0.0)
def written_before_the_failure(v, z):
    v[0] = v[1] * 2
    try:
        v[1] = v[0] * v[2]
        v[2] = v[1] * (1 / z)
        v[0] = 5.0
    except ZeroDivisionError:
        v[2] = v[1] * v[0]
    return np.sum(v * np.array([0.3, 1.1, -0.7]))


@attempt(V, 2)
def written_place_out_of_range(v, n):
    out = np.zeros(2)
    for k in range(n + 1):
        try:
            out[k] = v[k] ** 2
        except IndexError:
            out[0] = out[0] * v[k]
    return out[0] * 2 + out[1] * out[0]


def positive(x):
    if x < 0:
        raise ValueError("negative")
    return math.sqrt(x)


@attempt(-0.7)
def raised_in_a_function(x):
    try:
        y = positive(x) * 2
    except ValueError:
        y = positive(-x) * 3
    return y * x


@attempt(0.7, -0.2)
def raised_in_the_second_call(x, z):
    total = x
    for sign in (x, z):
        try:
            total = total + positive(sign) * sign
        except ValueError:
            total = total * 1.5
    return total * x


@attempt(0.6, -0.3)
def asserted(x, z):
    def checked(v):
        assert v > 0, "positive"
        return np.log(v)

    try:
        a = checked(x)
        b = checked(z)
    except AssertionError:
        a, b = x, z * 2
    return a * b


@attempt(1.2, 0.0)
def several_handlers(x, z):
    total = 0.0
    for k in range(3):
        try:
            if k == 1:
                w = math.sqrt(z - 1)
            elif k == 2:
                w = x / z
            else:
                w = x * x
        except ZeroDivisionError:
            w = x * 3
        except ValueError:
            w = x * 2
        total = total + w * (k + 1) * w
    return total


@attempt(1.2, 0.0)
def nested(x, z):
    try:
        try:
            y = x / z
        except ValueError:
            y = 1.0
        y = y * 2
    except ZeroDivisionError:
        y = x * x
    return y * x


@attempt(1.2, 0.0)
def inner_handler_fails(x, z):
    try:
        try:
            y = x / z
        except ZeroDivisionError:
            y = math.sqrt(z - x)
    except ValueError:
        y = x * x
    return y * x


@attempt(1.2, 0.0)
def with_finally(x, z):
    log = []
    try:
        y = x / z
        log.append(1)
    except ZeroDivisionError:
        y = x * 4
        log.append(2)
    finally:
        log.append(3)
    return y * sum(log) * x


@attempt(1.2, 0.0)
def raised_again(x, z):
    def divided(a, b):
        try:
            return a / b
        except ZeroDivisionError as error:
            raise ValueError("no quotient") from error

    try:
        y = divided(x, z)
    except ValueError:
        y = x * 2.5
    return y * y


@attempt(2.0, 6)
def retried_with_a_while(x, most):
    step, tries = 1.0, 0
    y = x
    while True:
        try:
            y = math.log(x - step * 3)
            break
        except ValueError:
            step = step / 2
            tries += 1
            if tries > most:
                y = 0.0
                break
    return y * step * x


@attempt(np.array([1.0, -0.5, 2.0]))
def continue_in_the_handler(v):
    total = 0.0
    for x in v:
        try:
            w = math.sqrt(x)
        except ValueError:
            continue
        total = total + w * w * x
    return total


@attempt(np.array([1.3, 0.5, -1.0, 2.0]))
def leaves_in_the_body(v):
    total = 1.0
    for k in range(4):
        try:
            w = math.log(v[k])
            if w < 0:
                total = total * 3
                continue
            total = total + w * v[k] * w
        except ValueError:
            break
    return total * v[0] * v[3]


@attempt(np.array([4.0, 0.5, 2.0]), 3)
def returns_in_the_body(v, n):
    total = 1.0
    for k in range(n):
        try:
            w = math.log(v[k])
            if w > 1:
                total = total * w
            else:
                return total * w * v[0]
        except ValueError:
            return total
    return total


@attempt(np.array([1.0, 0.5, -1.0, 2.0]))
def loop_in_the_body(v):
    total = v[0]
    try:
        for k in range(4):
            total = total + math.sqrt(v[k])
    except ValueError:
        total = v[1] * v[3]
    return total * v[0]


@attempt(np.array([1.0, 0.5, 1.5, 2.0]))
def loop_in_the_body_that_ends(v):
    total = v[0]
    try:
        for k in range(4):
            total = total * math.sqrt(v[k]) + v[k]
    except ValueError:
        total = v[1] * v[3]
    return total * v[0]


@attempt(np.array([1.0, 0.5, -1.0, 2.0]))
def comprehension_in_the_body(v):
    try:
        parts = [math.sqrt(x) for x in v]
    except ValueError:
        parts = [x * x for x in v]
    return sum(parts) * v[0] + parts[1]


@attempt(V, 0.0)
def written_before_an_if_that_fails(v, z):
    v[0] = v[1] * 2
    try:
        v[1] = v[0] * v[2]
        if z > -1:
            v[2] = v[1] * (1 / z)
        v[0] = 5.0
    except ZeroDivisionError:
        v[2] = v[1] * v[0]
    return np.sum(v * np.array([0.3, 1.1, -0.7]))


@attempt(V)
def floating_point_error(v):
    with np.errstate(all="raise"):
        try:
            w = np.log(v) * v
        except FloatingPointError:
            w = v * v * np.array([1.0, -2.0, 0.3])
    return np.sum(w * np.array([0.3, 1.0, 2.0]))


@attempt(V)
def floating_point_error_inside(v):
    try:
        with np.errstate(invalid="raise"):
            w = np.sqrt(v)
        w = w * 2
    except FloatingPointError:
        w = np.abs(v)
    return np.sum(w * w * np.array([0.3, 1.0, 2.0]))


@attempt({"a": 1.5, "b": -0.5}, 3)
def key_of_a_dict(params, n):
    total = 0.0
    for name in ("a", "b", "c"):
        try:
            w = params[name]
        except KeyError:
            w = params["a"] * n
        total = total + w * w
    return total


@attempt(1.5, "3.5x")
def conversion(x, text):
    try:
        scale = float(text)
    except ValueError:
        scale = 2.0
    return x * x * scale


@attempt(np.array([1.0, 2.0, 4.0]), 1.0)
def message_and_arguments(v, z):
    messages = []
    total = 0.0
    for x in (z, z - 1.0):
        try:
            total = total + np.sum(v) * (1 / x) * v[1]
        except ZeroDivisionError as error:
            messages.append(str(error))
            total = total + v[0] * len(messages)
    return total


@attempt(1.3, 0.0)
def caught_and_kept(x, z):
    last = None
    try:
        y = x / z
    except ZeroDivisionError as error:
        last = error
        y = x * 3
    return y * y if last is not None else y


@attempt(1.3, 0.0)
def everything_is_caught(x, z):
    try:
        y = x / z
    except:  # noqa: E722
        y = x**3
    return y


@attempt(2.3)
def roots_by_recursion(x):
    def depth(x, n):
        if n == 0:
            return x
        try:
            return depth(math.sqrt(x - 0.3), n - 1) * 1.1
        except ValueError:
            return x * n

    return depth(x, 4)


def retry(times):
    def decorate(function):
        def wrapper(x, *args):
            for k in range(times):
                try:
                    return function(x + k * 0.7, *args)
                except (ValueError, ZeroDivisionError) as error:
                    last = error
            raise last

        return wrapper

    return decorate


@retry(4)
def fragile(x, c):
    return math.log(x - c) * x


@attempt(0.9)
def retried_by_a_decorator(x):
    return fragile(x, 2.0)


class TooFar(Exception):
    pass


class Solver:
    def __init__(self, y):
        self.y, self.h, self.rejected = y, 0.8, 0

    def trial(self):
        z = self.y - self.h * self.y**3
        if abs(z - self.y) > 0.4:
            raise TooFar
        return z

    def advance(self):
        while True:
            try:
                self.y = self.trial()
                return
            except TooFar:
                self.h *= 0.5
                self.rejected += 1


@attempt(1.7)
def steps_rejected(y):
    solver = Solver(y)
    for _ in range(3):
        solver.advance()
    return solver.y * (1 + solver.rejected) * solver.h


@attempt(0.7, 5)
def loop_that_may_raise_in_each_trip(x, n):
    s = 0.0
    for k in range(n):
        y = x * (k - 2)
        try:
            for j in range(3):
                y = math.sin(y) / (k - 3) + y * y * 0.1
        except ZeroDivisionError:
            y = x * x
        s = s + y * y
    return s


@attempt(0.7, 5)
def while_that_may_raise_in_each_trip(x, n):
    s = 0.0
    for k in range(n):
        y, j = x * (k - 2), 3
        try:
            while j > 0.5:
                if y > 1:
                    y = y * np.exp(-y) + 1 / (k - 1)
                else:
                    y = y * y + x * math.sqrt((3.5 - k) * (y * y + 0.1))
                j = j - 1
        except (ZeroDivisionError, ValueError):
            y = x * x
        s = s + y * y
    return s


@attempt(1.3, 6)
def fails_in_the_second_trip(x, n):
    """What the first trip kept must be gone."""
    total = x
    for k in range(n):
        before = total
        try:
            for j in range(4):
                total = math.sqrt(3.5 + k - 3 * j) * np.sin(total * x) + 0.3 * total
        except ValueError:
            total = before * before * 0.5
    return total


@attempt(1.3, 4)
def branch_that_may_raise_in_each_trip(x, n):
    s = x
    for k in range(n):
        try:
            if s > 0.5:
                t = math.exp(-s)
                s = t * s / (k - 2)
            else:
                s = math.sin(s) + 1 / (k - 1)
            s = s * x
        except ZeroDivisionError:
            s = k + x
    return s


@attempt(1.3, 4)
def tries_within_a_try(x, n):
    s = x
    for k in range(n):
        try:
            for j in range(3):
                before = s
                try:
                    for i in range(2):
                        s = math.cos(s) / (k - i - j) + s * x
                except ZeroDivisionError:
                    s = before * 0.7 + x
                s = s * s / (k - 2)
        except ZeroDivisionError:
            s = math.sin(k) * x
    return s


@attempt(np.array([0.5, 1.2, -0.4]), 4)
def newton_from_several_starts(starts, n):
    found = 0.0
    for start in starts:
        x = start
        try:
            for _ in range(n):
                slope = 3 * x * x - 1
                if abs(slope) < 0.6:
                    raise ArithmeticError
                x = x - (x * x * x - x - start) / slope
        except ArithmeticError:
            x = start * start
        found += x * np.cos(start)
    return found


@attempt(A, np.array([1.0, 2.0]), 4)
def damped_until_solvable(a, b, n):
    total = 0.0
    for k in range(n):
        x = b
        try:
            for j in range(3):
                low = np.linalg.cholesky(0.5 * (a + a.T) - (k - 1) * (j + 0.5) * np.eye(2))
                x = np.linalg.solve(low, x) + 0.1 * x * x
        except np.linalg.LinAlgError:
            x = b * b
        total += np.sum(x * np.array([1.0, -0.7]))
    return total


@attempt(0.8, 3)
def function_that_may_raise_in_each_trip(x, n):
    def level(y, depth):
        if depth == 0:
            return 1 / (depth + n - 3) if n < 3 else y
        return np.sin(level(y * x, depth - 1)) / (depth - 2.5)

    s = 0.0
    for k in range(4):
        try:
            y = x
            for j in range(2):
                y = y * math.sqrt(2.5 - k - j) + level(y, j)
        except ValueError:
            y = x * x
        s += y * y
    return s


@attempt(1.3, 4)
def tried_in_a_loop_or_given_up(x, n):
    s = x
    for k in range(n):
        try:
            low = math.sqrt(s + k)
        except ValueError:
            raise RuntimeError("too low") from None
        s = s * low / 2
    return s


@attempt(np.array([0.4, -0.8, 1.5, 0.3]), 4)
def whether_it_failed_is_asked_later(v, n):
    s = 1.0
    for k in range(n):
        try:
            t = math.sqrt(v[k]) * v
            ok = True
        except ValueError:
            ok = False
        for _ in range(2):
            if ok:
                s = s + 0.1 * np.sum(t * t) * s
            else:
                s = s * v[0]
    return s


@attempt(0.7, 12)
def halfway_and_several_handlers(x, n):
    s = x
    try:
        for k in range(n):
            s = s * 1.1 + math.sqrt(7.5 - k * x)
            if s > 400:
                return s * x
            s = s * (1 / (k - 5))
    except ZeroDivisionError:
        s = s * 3
    except ValueError as error:
        s = s * len(str(error)) * x
    else:
        s = s + 1
    return s * s


@attempt(0.3, 6)
def halfway_in_a_loop_that_the_handler_leaves(x, n):
    total = 0.0
    for j in range(n):
        y = x
        try:
            for k in range(4):
                y = y + math.log(4.5 - k - 0.7 * j) * y
        except ValueError:
            total += y * 0.3
            if j == 4:
                break
            continue
        total += y
    return total


@attempt(np.array([0.3, 0.9, -2.0, 0.4]), 1.0)
def halfway_in_arrays_and_lists(v, c):
    out = np.zeros(3)
    products = []
    try:
        for k, (a, b) in enumerate(zip(v, v[::-1])):
            products.append(a * b)
            out[k] += math.sqrt(a + c) * b
            out[0] *= 1.5
    except (ValueError, IndexError):
        out[1] = out[1] * out[0] + products[-1]
    return np.sum(out * np.array([1.0, 2.0, 3.0])) * len(products)


@attempt(0.3, 6)
def halfway_in_a_try_in_a_try(x, n):
    s = x
    try:
        for k in range(n):
            try:
                s = s + 1 / (k - 2) * s * 0.3
            except ZeroDivisionError:
                s = s * math.sqrt(3.0 - n) if n > 6 else s * 2
            for j in range(3):
                s = s * 1.1 + math.sqrt(6.5 - k * j) * x
    except ValueError:
        s = s * s
    return s


class Walker:
    def __init__(self, w):
        self.w, self.count = w, 0

    def step(self, k):
        self.count += 1
        if self.count > 4:
            raise RuntimeError("enough")
        self.w = self.w * 0.9 + math.sin(self.w) * k


@attempt(0.3, 7)
def halfway_in_an_object(x, n):
    walker = Walker(x)
    k = 0
    try:
        while math.sqrt(n - 0.5 - k) > 0.1:
            walker.step(k)
            k += 1
    except RuntimeError:
        walker.w = walker.w * walker.count
    except ValueError:
        walker.w = walker.w * k
    return walker.w


@attempt(np.array([0.4, -0.8, 1.5]), np.array([1.0, 2.0]))
def product_by_a_method_that_does_not_fit(x, y):
    try:
        s = x.dot(y)
    except ValueError:
        s = x.sum() ** 2
    return s * x[0]


@attempt(np.array([0.4, -0.8, 1.5]))
def pairs_of_an_odd_number(x):
    try:
        z = x.view(complex)
    except ValueError:
        z = x * (1 + 2j)
    return np.sum(np.abs(z) ** 2 * z.real)

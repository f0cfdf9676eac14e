"""Try statements: what is raised in their bodies, or by what is known beforehand."""

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])
A = np.array([[2.0, 0.3], [0.3, 1.5]])


class Bad(ValueError):
    pass


@program(1.3)
def t_raise(x):
    try:
        if x > 1:
            raise ValueError("big")
        y = x * x
    except ValueError:
        y = x * 3.0
    return y * x


@program(0.7)
def t_noraise(x):
    try:
        if x > 1:
            raise ValueError("big")
        y = x * x
    except ValueError:
        y = x * 3.0
    else:
        y = y * 1.7
    return y * x


@program(0.7)
def t_harmless(x):
    try:
        y = x * x
    except ZeroDivisionError:
        y = 0.0
    return y * 2.0


@program({"a": 1.3})
def t_key(d):
    try:
        w = d["b"]
    except KeyError:
        w = d["a"] * 2
    return w * d["a"]


@program(1.3)
def t_attr(x):
    class P:
        pass

    p = P()
    try:
        s = p.scale
    except AttributeError:
        s = 2.0 * x
    return s * x


@program(1.3)
def t_finally(x):
    log = []
    try:
        y = x * x
        log.append(1)
    finally:
        log.append(2)
    return y * len(log)


@program(1.3)
def t_return(x):
    try:
        if x > 2:
            raise Bad("no")
        return x * x
    except Bad:
        return x
    except (KeyError, ValueError):
        return 0.0


@program(1.3)
def t_return_finally(x):
    log = []

    def f():
        try:
            return x * x
        finally:
            log.append(x)

    return f() * len(log) + log[0]


@program(1.3, 4)
def t_loop(x, n):
    s = 0.0
    for k in range(n):
        try:
            if k * x > 2.5:
                raise ValueError
            s = s + np.sin(k * x)
        except ValueError:
            s = s * 0.5
    return s


@program(1.3, 6)
def t_loop_break(x, n):
    s = x
    for k in range(n):
        try:
            if s > 9:
                raise StopIteration
            s = s * 1.5
        except StopIteration:
            break
    return s * 2


@program(1.3)
def t_elif(x):
    try:
        if x < 0:
            raise KeyError("neg")
        elif x > 1:
            raise ValueError("big")
        y = x
    except KeyError:
        y = x * 2
    except ValueError:
        y = x * 5
    return y


@program(1.3)
def t_state(x):
    y = x
    try:
        y = y * 2
        if y > 2:
            raise ValueError
        y = y * 5
    except ValueError:
        y = y * x
    return y


@program(1.3)
def t_import(x):
    try:
        import no_such_module_xyz as fast

        return fast.f(x)
    except ImportError:
        return x * x


@program(1.3)
def t_static_zero(x):
    try:
        k = 1 / 0
    except ZeroDivisionError:
        k = 2.0
    return x * k


@program(V)
def t_as(v):
    try:
        if np.sum(v) > 0:
            raise ValueError("positive", 3)
        return np.sum(v)
    except ValueError:
        return np.sum(v * v)


@program(1.3)
def t_print_finally(x):
    try:
        y = x / (x + 1)
        print("in")
    finally:
        print("done")
    return y


@program(1.3, 4)
def t_after_in_loop(x, n):
    s = 0.0
    for k in range(n):
        if k > 0:
            try:
                if k * x > 2.5:
                    raise ValueError
                s = s + np.sin(k * x)
            except ValueError:
                s = s * 0.5
            s = s * 1.1
        s = s + x
    return s


@program(1.3)
def t_in_if(x):
    y = x
    if x > 1:
        try:
            if x > 1.2:
                raise ValueError
            y = x * x
        except ValueError:
            y = x * 4.0
    y = y * 3.0
    return y


@program(1.3)
def t_in_function(x):
    def safe(t):
        try:
            if t > 2:
                raise ValueError
            return t * t
        except ValueError:
            return t * 5.0

    return safe(x) * safe(2 * x) + safe(0.5)


@program(1.3)
def t_with_in_try(x):
    from contextlib import nullcontext

    try:
        with nullcontext(x * 2) as y:
            if y > 2:
                raise ValueError
            z = y
    except ValueError:
        z = x * 7.0
    return z * x


class Found(Exception):
    pass


@program(V, 1.3)
def t_what_was_raised_holds_numbers(v, x):
    total = 0.0
    for t in v:
        try:
            if t > 1:
                raise ValueError(t * x, 2)
        except ValueError as error:
            total += error.args[0] * x * error.args[1]
        else:
            total -= t**2 * 4
    try:
        if total < v[1]:
            raise Found("below", v[1] * x)
    except Found as error:
        (what, by), total = error.args, total * 2
        total *= by if what == "below" else 1.0
    return total


@program(np.array([0.4, -0.3, 1.2, 0.7]), 0.5, peer=False)
def raises_or_writes_in_one_arm(a, s):
    x = a * 1
    if s > 1:
        raise ValueError(s)
    else:
        y = x[0] * 2
        if s > 0.3:
            x[3] = (a @ a) * y
            return x[1] * x[3] * s + a[-2]
        else:
            return x[1] * y


@program(V)
def handler_behind_a_finally_that_is_always_raised_through(v):
    x = v[0]
    try:
        try:
            raise KeyError("a")
        finally:
            x = x * v[2]
    except KeyError:
        x = x + v[1]
    try:
        try:
            y = x * 2
            raise KeyError("a")
        finally:
            y = y * v[1]
    except KeyError:
        y = y + v[0]
    return x * y

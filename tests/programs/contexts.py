"""With statements: managers that are followed, and managers that cannot be seen into."""

import contextlib
import io
import threading
import warnings
from contextlib import closing, contextmanager, nullcontext, suppress

import numpy as np

from adjoint import no_grad
from tests.programs import program

V = np.array([0.4, -0.8, 1.5])


class Timer:
    def __init__(self):
        self.t = 0

    def __enter__(self):
        self.t = 1
        return self

    def __exit__(self, *exc):
        self.t += 1


class Scaled:
    def __init__(self, k):
        self.k = k

    def __enter__(self):
        return self.k * 2

    def __exit__(self, a, b, c):
        return False


@contextmanager
def scope(x):
    y = x * 2
    yield y


@contextmanager
def finally_scope(log):
    log.append("in")
    try:
        yield
    finally:
        log.append("out")


LOCK = threading.Lock()


@program(1.3)
def w_warnings(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = np.sqrt(x) * x
    return y


@program(1.3)
def w_print(x):
    with np.printoptions(precision=3):
        print(x)
        y = x * x
    return y


@program(1.3)
def w_null(x):
    with nullcontext(x * 2) as y:
        z = y * x
    with nullcontext():
        z = z * x
    return z


@program(1.3)
def w_class(x):
    t = Timer()
    with t as s:
        y = x * x * s.t
    return y * t.t


@program(1.3)
def w_class_value(x):
    with Scaled(x) as k, Scaled(k) as m:
        return k * m * x


@program(1.3)
def w_cm(x):
    with scope(x) as y:
        z = y * x
    return z


@program(1.3)
def w_cm_finally(x):
    log = []
    with finally_scope(log):
        z = x * x
    return z * len(log)


@program(1.3)
def w_redirect(x):
    buf = io.StringIO()
    with contextlib.redirect_stdout(buf):
        print("hello")
        y = x * x
    return y * len(buf.getvalue())


@program(1.3)
def w_errstate(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = x / np.float64(2.0) + np.log(x)
    return y


@program(1.3)
def w_suppress(x):
    y = x
    with suppress(ZeroDivisionError):
        y = x * x
    return y


@program(1.3)
def w_lock(x):
    with LOCK:
        y = x * x
    return y


@program(1.3)
def w_multi(x):
    with no_grad(), np.errstate(all="ignore"):
        c = x * 2
    return c * x if False else x * x + 0.0 * x


@program(1.3)
def w_cm_suppress_user(x):
    class Ignore:
        def __enter__(self):
            return 3.0

        def __exit__(self, t, v, tb):
            return v is not None

    with Ignore() as k:
        y = x * k
    return y


@program(1.3)
def w_closing(x):
    class R:
        def __init__(self):
            self.open = 1

        def close(self):
            self.open = 0

    r = R()
    with closing(r) as q:
        y = x * q.open
    return y + r.open


class Counting:
    n = 0.0

    def __enter__(self):
        self.n = 2.0
        return self

    def __exit__(self, *exc):
        self.n = self.n * 5


@program(V)
def handler_behind_the_exit_of_a_with(v):
    x = v[0]
    try:
        with Counting() as outer:
            x = x * 3
            if v[0] > 0:
                raise KeyError(f"{v[1]}")
    except KeyError:
        x = x + v[1] * outer.n
    for k in range(3):
        try:
            with Counting() as inner:
                x = x * 1.2
                if k == 1:
                    raise ValueError
                x = x + inner.n
        except ValueError:
            x = x * inner.n
            continue
        x = x + v[2]
    return x

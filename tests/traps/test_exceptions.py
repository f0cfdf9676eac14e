"""Traps of try and with: which way was taken, what is cleaned up, and what is not caught."""

from __future__ import annotations

import contextlib
import threading
import warnings

import numpy as np
import pytest

from adjoint import grad, no_grad, value_and_grad
from adjoint.errors import AdjointError

V = np.array([0.4, -0.8, 1.5])


def test_what_stands_behind_the_raise_is_not_run(capsys):
    def f(x):
        y = x
        try:
            print("before")
            y = y * 2
            if x > 1:
                raise ValueError
            print("behind")
            y = y * 5
        except ValueError:
            print("caught")
            y = y * 3
        else:
            print("else")
        print("after")
        return y

    for x in (2.0, 0.5):
        expected = f(x)
        printed = capsys.readouterr().out
        assert value_and_grad(f)(x) == (expected, 6.0 if x > 1 else 10.0)
        assert capsys.readouterr().out == printed


def test_first_handler_that_fits_and_no_other():
    def f(x):
        try:
            if x > 0:
                raise KeyError("k")
            raise IndexError("i")
        except KeyError:
            return x * 2
        except LookupError:
            return x * 3
        except Exception:
            return x * 5

    assert (grad(f)(1.0), grad(f)(-1.0)) == (2.0, 3.0)


def test_what_no_handler_waits_for_is_raised():
    def f(x):
        try:
            if x > 0:
                raise KeyError("k")
            y = x * 2
        except IndexError:
            y = x
        return y

    assert grad(f)(-1.0) == 2.0
    with pytest.raises(KeyError):
        grad(f)(1.0)


def test_else_handler_and_what_follows_are_not_protected():
    def f(x, where):
        d = {"a": x}
        try:
            y = x * 2
            if where == "handler":
                y = d["missing"]
        except KeyError:
            y = d["missing, too"]
        else:
            if where == "else":
                y = d["else"]
        if where == "after":
            return d["after"]
        return y

    for where in ("handler", "else", "after"):
        with pytest.raises(KeyError):
            grad(f)(1.0, where)
    assert grad(f)(1.0, "nowhere") == 2.0


def test_name_of_the_exception_is_gone_after_the_handler():
    def f(x):
        try:
            raise ValueError("text")
        except ValueError as error:
            y = x * len(str(error))
        return y * len(error.args)  # noqa: F821

    with pytest.raises(UnboundLocalError):
        grad(f)(1.0)


def test_raise_again():
    def f(x):
        try:
            if x > 1:
                raise ValueError("again")
            y = x * 2
        except ValueError:
            print("seen")
            raise
        return y

    assert grad(f)(0.5) == 2.0
    with pytest.raises(ValueError, match="again"):
        grad(f)(2.0)


def test_try_in_a_branch_of_a_loop_and_what_follows_it():
    def f(x, n):
        s = 0.0
        for k in range(n):
            if k != 1:
                try:
                    if k * x > 2.5:
                        raise ValueError
                    s = s + k * x
                except ValueError:
                    s = s * 0.5
                    continue
                s = s * 3.0
            s = s + x
        return s

    for n in (0, 1, 3, 5):
        value, gradient = value_and_grad(f)(1.0, n) if n else (0.0, 0.0)
        assert value == f(1.0, n)
        step = 1e-6
        slope = (f(1.0 + step, n) - f(1.0 - step, n)) / (2 * step)
        assert gradient == pytest.approx(slope, rel=1e-8)


def test_finally_happens_once_in_order_and_where_the_body_raises(capsys):
    def f(x):
        try:
            print("body")
            y = 1 / x
        finally:
            print("finally")
        print("after")
        return y

    assert grad(f)(2.0) == -0.25
    assert capsys.readouterr().out == "body\nfinally\nafter\n"
    with pytest.raises(ZeroDivisionError):
        value_and_grad(f)(0.0)
    assert capsys.readouterr().out == "body\nfinally\n"


def test_finally_before_the_value_is_handed_on():
    def f(x):
        seen = []

        def inner():
            try:
                return x * (len(seen) + 2)
            finally:
                seen.append(x)

        return inner() * len(seen)

    assert grad(f)(1.5) == 2.0


# with


class Told:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        print("enter", self.name)
        return self.name

    def __exit__(self, *raised):
        print("exit", self.name)


def test_managers_enter_and_leave_once_and_in_order(capsys):
    def f(x):
        with Told("a") as name, Told("b"):
            print("body", name)
            y = 1 / x
        return y

    assert grad(f)(2.0) == -0.25
    assert capsys.readouterr().out == "enter a\nenter b\nbody a\nexit b\nexit a\n"
    with pytest.raises(ZeroDivisionError):
        grad(f)(0.0)
    assert capsys.readouterr().out == "enter a\nenter b\nbody a\nexit b\nexit a\n"


def test_generator_as_manager(capsys):
    @contextlib.contextmanager
    def told(x):
        print("enter")
        try:
            yield x * 2
        finally:
            print("exit")

    def f(x):
        with told(x) as y:
            print("body")
            z = y / x + y
        return z

    assert grad(f)(2.0) == 2.0
    assert capsys.readouterr().out == "enter\nbody\nexit\n"


def test_lock_is_given_back_where_the_body_raises():
    lock = threading.Lock()

    def f(x):
        with lock:
            y = 1 / x
        return y

    assert grad(f)(2.0) == -0.25
    with pytest.raises(ZeroDivisionError):
        grad(f)(0.0)
    assert not lock.locked()


def test_warnings_are_silent_where_they_were():
    def f(v):
        with np.errstate(divide="ignore"):
            y = np.where(v > 0, np.log(np.abs(v)), 0.0)
        return np.sum(y * v)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, _ = value_and_grad(f)(np.array([2.0, 0.0]))
    assert value == pytest.approx(2 * np.log(2.0), rel=1e-14)


def test_errors_that_errstate_asks_for():
    def f(x):
        with np.errstate(invalid="raise"):
            y = np.sqrt(x)
        return y * x

    assert grad(f)(np.float64(4.0)) == pytest.approx(3.0, rel=1e-14)
    with pytest.raises(FloatingPointError):
        value_and_grad(f)(np.float64(-1.0))


def test_manager_that_swallows_is_refused_where_something_may_raise():
    def f(x):
        y = x
        with contextlib.suppress(ZeroDivisionError):
            y = 1 / x
        return y

    with pytest.raises(AdjointError, match="swallow"):
        grad(f)(2.0)

    class Swallow:
        def __enter__(self):
            return self

        def __exit__(self, *raised):
            return True

    def g(x):
        y = x
        with Swallow():
            y = 1 / x
        return y

    with pytest.raises(AdjointError, match="swallow"):
        grad(g)(2.0)


def test_no_grad_ends_with_its_block_also_where_it_is_left():
    def f(x):
        with no_grad():
            if x > 2:
                return x * x
            c = x * 2
        return c * x

    assert grad(f)(1.5) == 3.0

    def g(x, n):
        s = 0.0
        for k in range(n):
            with no_grad():
                if k == 1:
                    continue
                c = x * 2
            s = s + c * x
        return s * x

    assert grad(g)(1.5, 3) == pytest.approx(2 * 3.0 * 1.5 + 2 * 3.0 * 1.5, rel=1e-14)


def test_file_that_is_read(tmp_path):
    path = tmp_path / "weights.txt"
    path.write_text("2.5")

    def f(x, name):
        with open(name) as file:
            scale = float(file.read())
        return x * scale

    assert grad(f)(2.0, str(path)) == 2.5


def test_finally_that_is_left_by_a_raise_before_the_handler_is_run_or_refused():
    def f(v):
        try:
            try:
                x = v[0]
                raise KeyError("a")
            except ValueError:
                x = v[1]
            finally:
                x = x * v[2]
        except KeyError:
            x = x + v[1]
        return x

    with pytest.raises(AdjointError, match="may or may not have changed"):
        grad(f)(V)


def test_what_is_raised_before_a_clean_up_that_changes_it_is_refused():
    class Counting:
        n = 0.0

        def __enter__(self):
            self.n = 2.0
            return self

        def __exit__(self, *exc):
            self.n = self.n * 5

    def f(v):
        try:
            with Counting() as counting:
                if v[0] > 0:
                    raise KeyError(counting.n)
        except KeyError as error:
            return v[0] * error.args[0]
        return v[1]

    with pytest.raises(AdjointError, match="computed before a clean-up"):
        grad(f)(V)


def test_what_a_while_asks_raises_in_the_gradient_too():
    def f(x, known):
        while known["missing"] > 0:
            x = x * 2
        return np.sum(x)

    with pytest.raises(KeyError, match="missing"):
        grad(f)(V, {"there": 1})

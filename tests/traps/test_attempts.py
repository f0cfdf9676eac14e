"""Traps of try around what may raise: what was done before, what is done after, what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from adjoint import grad, hessian, hvp, jacfwd, jacrev, jvp, value_and_grad, vjp
from adjoint.errors import Unsupported
from tests.sampling import EVERY


def slope(f: Any, x: float, *rest: Any) -> float:
    step = 1e-6 * max(1.0, abs(x))
    return float((f(x + step, *rest) - f(x - step, *rest)) / (2 * step))


def judged(f: Any, gradient: Any, x: float, *rest: Any, capsys: Any = None) -> None:
    """Both ways go through one compiled function; what is printed is printed once, in order."""
    expected = f(x, *rest)
    told = capsys.readouterr().out if capsys else ""
    value, derivative = gradient(x, *rest)
    assert value == expected
    if capsys:
        assert capsys.readouterr().out == told
        capsys.readouterr()
    assert derivative == pytest.approx(slope(f, x, *rest), rel=1e-6, abs=1e-7)
    if capsys:
        capsys.readouterr()


def test_either_way_by_the_values_of_one_signature():
    def f(x, z):
        try:
            y = x / z
        except ZeroDivisionError:
            y = x * x
        return y * x

    gradient = value_and_grad(f)
    for z in (0.0, 2.0, 0.0, -1.0):
        judged(f, gradient, 1.3, z)


def test_effects_happen_once_and_in_order(capsys):
    def f(x, z):
        try:
            print("first")
            a = math.sqrt(z) * x
            print("second", a)
            b = x / z
            print("third", b)
        except (ZeroDivisionError, ValueError) as error:
            print("caught", error)
            a = x * 2
            b = a * 3
        else:
            print("else")
            b = b * 2
        finally:
            print("finally")
        return a * b

    gradient = value_and_grad(f)
    for z in (2.0, 0.0, -1.0):
        judged(f, gradient, 1.3, z, capsys=capsys)


def test_else_handler_and_what_follows_are_not_tried():
    def f(x, z, where):
        try:
            y = x / z
        except ZeroDivisionError:
            y = x / (z if where == "handler" else 2.0)
        else:
            y = y / (0.0 if where == "else" else 1.0)
        return y / (0.0 if where == "after" else 1.0)

    for z, where in ((0.0, "handler"), (1.0, "else"), (0.0, "after"), (1.0, "after")):
        with pytest.raises(ZeroDivisionError):
            grad(f)(1.0, z, where)
    assert grad(f)(1.0, 0.0, "nowhere") == 0.5


def test_another_error_is_not_caught():
    def f(x, z):
        try:
            y = math.sqrt(z) * x / z
        except ZeroDivisionError:
            y = x
        return y

    assert grad(f)(1.0, 4.0) == 0.5
    with pytest.raises(ValueError, match=r"math domain|nonnegative"):
        grad(f)(1.0, -1.0)


def test_a_name_that_the_handler_reads_is_as_it_was():
    def f(x, z):
        y = x
        a = x * 3
        try:
            y = y * a
            a = y / z
            y = a * y
            a = math.sqrt(z - 1) * y
        except ZeroDivisionError:
            y = y * a
        except ValueError:
            y = y + a * x
        return y * x

    gradient = value_and_grad(f)
    for z in (0.0, 0.5, 3.0):
        judged(f, gradient, 1.3, z)


def test_what_is_bound_in_the_body_only_is_unbound_where_it_failed():
    def f(x, z):
        try:
            a = x * 2
            b = a / z
        except ZeroDivisionError:
            return a * x
        return b * x

    gradient = value_and_grad(f)
    for z in (0.0, 3.0):
        judged(f, gradient, 1.3, z)

    def g(x, z):
        try:
            b = x / z
        except ZeroDivisionError:
            print("nothing")
        return b * x

    assert grad(g)(1.0, 2.0) == 1.0
    with pytest.raises(UnboundLocalError):
        grad(g)(1.0, 0.0)


def test_the_name_of_the_error_is_gone_and_others_are_not():
    def f(x, z):
        t = x * 2
        try:
            y = t / z
        except ZeroDivisionError as t:
            u = len(str(t)) * x
            y = u * u
        return y

    gradient = value_and_grad(f)
    for z in (0.0, 3.0):
        judged(f, gradient, 1.3, z)


def test_loops_with_stacks_stay_in_step_where_trips_fail():
    def f(x, n):
        total = x
        for k in range(n):
            try:
                a = math.sqrt(k * x - 3.0)
                b = math.log(total * a)
                total = total + a * b
            except ValueError:
                total = total * 1.1
                if k == 1:
                    continue
            total = total + math.sin(total) * 0.1
        return total

    gradient = value_and_grad(f)
    for n in (0, 1, 2, 3, 4, 7):
        judged(f, gradient, 1.3, n)


def test_try_in_a_while_that_is_left_from_the_handler():
    def f(x, most):
        tries = 0
        while True:
            try:
                y = math.log(x - 4.0 + tries) * x
                break
            except ValueError:
                tries += 1
                if tries > most:
                    return x * tries
        return y * tries

    gradient = value_and_grad(f)
    for most in (0, 1, 2, 3, 9):
        judged(f, gradient, 1.7, most)


def test_handlers_at_several_depths():
    def inner(x, z):
        try:
            return math.sqrt(z) / (z - 1)
        except ZeroDivisionError:
            return math.sqrt(-x)

    def f(x, z):
        try:
            y = inner(x, z) * x
        except ValueError:
            y = x * x * x
        return y * x

    gradient = value_and_grad(f)
    for x, z in ((1.3, 2.0), (1.3, 1.0), (-1.3, 1.0), (1.3, -1.0)):
        judged(f, gradient, x, z)


def test_assertions_and_raises_of_called_functions():
    class Negative(ValueError):
        pass

    def checked(v):
        assert v != 0, "zero"
        if v < 0:
            raise Negative(v)
        return v * v

    def f(x, z):
        try:
            y = checked(z) * x
        except Negative:
            y = x * 3
        except (AssertionError, KeyError):
            y = x * x
        return y * x

    gradient = value_and_grad(f)
    for z in (2.0, 0.0, -1.0):
        judged(f, gradient, 1.3, z)


def test_what_is_raised_may_be_known_at_run_time_only():
    def f(x, error):
        try:
            if x > 0:
                raise error
            y = x * x
        except LookupError:
            y = x * 3
        return y

    gradient = grad(f)
    assert gradient(-1.0, KeyError("k")) == -2.0
    assert gradient(1.0, KeyError("k")) == 3.0
    assert gradient(1.0, IndexError("i")) == 3.0
    with pytest.raises(ValueError, match="text"):
        gradient(1.0, ValueError("text"))


def test_arrays_are_as_the_failing_statement_left_them():
    def f(x, z, n):
        v = np.zeros(4)
        v[:] = x
        for k in range(n):
            try:
                v[k] = v[k] * 2
                v[k] = v[k] * math.sqrt(z - k)
                v[0] += v[k]
            except (ValueError, IndexError):
                v[1] = v[1] * v[0]
        return np.sum(v * np.array([0.3, 1.0, -0.7, 2.0]))

    gradient = value_and_grad(f)
    for z, n in ((9.0, 4), (9.0, 6), (1.5, 4), (-1.0, 2)):
        judged(f, gradient, 1.3, z, n)


def test_tangents_and_pullbacks_go_the_same_way():
    def f(x, z):
        total = x
        for k in range(4):
            try:
                total = total * math.sqrt(k * x - z) / (k - 2)
            except ValueError:
                total = total * x
            except ZeroDivisionError:
                total = total + x * 3
        return total

    for z in (-1.0, 0.5, 9.0):
        expected = grad(f)(1.3, z)
        value, tangent = jvp(lambda x, z=z: f(x, z), (1.3,), (0.7,))
        assert (value, tangent) == pytest.approx((f(1.3, z), 0.7 * expected), rel=1e-12)
        value, pullback = vjp(lambda x, z=z: f(x, z), 1.3)
        assert pullback(1.0)[0] == pytest.approx(expected, rel=1e-12)
        assert pullback(-2.0)[0] == pytest.approx(-2 * expected, rel=1e-12)


def test_a_tangent_that_raises_is_not_caught():
    def f(x):
        try:
            y = math.sqrt(x)
        except (ValueError, ZeroDivisionError):
            y = x * 5.0
        return y

    with np.errstate(divide="ignore"):
        value, tangent = jvp(f, (0.0,), (1.0,))
    assert value == 0.0
    assert tangent == np.inf


def test_the_same_operation_again_in_the_handler_raises_again():
    def f(x, z):
        try:
            y = x / z
        except ZeroDivisionError:
            y = x / z
        return y

    assert grad(f)(1.0, 4.0) == 0.25
    with pytest.raises(ZeroDivisionError):
        grad(f)(1.0, 0.0)


def test_result_of_what_is_tried_need_not_be_used():
    def f(x, z):
        y = x
        try:
            1 / z
        except ZeroDivisionError:
            y = x * 5
        return y

    assert (grad(f)(1.0, 2.0), grad(f)(1.0, 0.0)) == (1.0, 5.0)


def test_numbers_that_numpy_warns_of_are_caught_where_it_raises():
    def f(v):
        with np.errstate(all="raise"):
            try:
                w = np.log(v) * v
            except FloatingPointError:
                w = v * v
        return np.sum(w * np.array([1.0, 2.0]))

    gradient = grad(f)
    assert np.allclose(gradient(np.array([1.0, 2.0])), [1.0, 2 * (np.log(2.0) + 1)])
    assert np.allclose(gradient(np.array([-1.0, 2.0])), [-2.0, 8.0])


@pytest.mark.parametrize("way", ["array", "yield", "manager", "stream"])
def test_what_is_refused_names_its_place(way):
    def written(v, n):
        try:
            v[0] = np.log(v[1])
        except FloatingPointError:
            v[0] = n
        return np.sum(v)

    def yielding(x, n):
        def parts():
            for k in range(n):
                try:
                    yield 1 / (x - k)
                except ZeroDivisionError:
                    yield 0.0

        return sum(parts())

    def managed(x, n):
        total = x
        try:
            with np.errstate(all="ignore"):
                for k in range(n):
                    total = math.sqrt(total - k) * x
        except ValueError:
            total = total * x
        return total

    def streamed(x, n):
        total = x
        try:
            for y in (math.sqrt(n - k * x) for k in range(n)):
                total = total * y
        except ValueError:
            total = total * x
        return total

    f: Any = {"array": written, "yield": yielding, "manager": managed, "stream": streamed}[way]
    text, advice = {
        "array": ("an array is written in a try that waits for", "write it behind it"),
        "yield": ("a try with a yield in it", "yield behind the try"),
        "manager": ("total, which may or may not have changed", "under another name"),
        "stream": ("goes over may raise what is waited for", "in the body of the loop"),
    }[way]
    with pytest.raises(Unsupported, match=text) as caught:
        grad(f)(np.array([1.5, 2.0]) if way == "array" else 2.5, 4)
    assert advice in str(caught.value)
    assert "test_attempts.py:" in str(caught.value)


def test_a_handler_finds_what_a_clean_up_has_changed(capsys):
    def f(x, n):
        s, cleaned = 0.0, 0
        for k in range(n):
            try:
                try:
                    s += x / (k - 1)
                except ValueError:
                    s = 5.0
                finally:
                    print("cleaned", k)
                    cleaned += 1
                    s = s * 1.5
            except ZeroDivisionError:
                s += cleaned * x * x * s
        return s * cleaned

    class Scale:
        def __init__(self):
            self.value, self.left = 1.0, 0

        def __enter__(self):
            self.value *= 2
            return self

        def __exit__(self, *error):
            self.value /= 3
            self.left += 1

    def g(x, n):
        scale = Scale()
        s = x
        for k in range(n):
            try:
                with scale as held:
                    s = s * held.value + math.sqrt(3.5 - k) * x
                s = s * 1.1
            except ValueError:
                s = s * scale.left * scale.value
        return s * scale.value

    def h(x, n):
        places = np.zeros(3)
        s = x
        try:
            for k in range(n):
                try:
                    places[k % 3] += s
                    s = s + math.log(3.5 - k) * x
                finally:
                    places[0] = places[0] * 0.5 + s
        except ValueError:
            s = s * np.sum(places)
        return s + places[1]

    def each(x, n):
        s = x
        for k in range(n):
            try:
                try:
                    s = s + math.sqrt(2.5 - k)
                except ValueError:
                    s = s * 0.9 / (k - 4)
                finally:
                    s = s * 2
            except ZeroDivisionError:
                s = s + x
        return s

    for one in (f, g, h, each):
        gradient = value_and_grad(one)
        for n in (0, 1, 2, 6):
            judged(one, gradient, 1.3, n, capsys=capsys)


def test_clean_up_that_is_left_by_a_return_and_may_raise_is_refused():
    def f(x, n):
        s = x
        for k in range(n):
            y = x
            try:
                try:
                    if k > 2:
                        return s / (k - 4)
                    s = s / (k - 1)
                finally:
                    y = y / (k - 3)
            except ZeroDivisionError:
                s = s + y
        return s

    with pytest.raises(Unsupported, match="leaves what may raise at its end"):
        grad(f)(1.3, 4)


def test_functions_that_call_themselves():
    def go(x, n):
        if n <= 0.5 * x:
            return x
        try:
            y = math.sqrt(x - 0.25 * n)
        except ValueError:
            y = x * 0.9
        return y + 0.5 * go(x * 0.8, n - 1)

    gradient = value_and_grad(go)
    for x, n in ((1.3, 4.0), (0.5, 6.0), (2.0, 3.0)):
        judged(go, gradient, x, n)


def looped(x, n):
    """Trips that fail, at once or halfway, and nested loops and tries that keep something."""
    s = x
    for k in range(n):
        before = s
        try:
            for j in range(3):
                try:
                    s = math.cos(s) / (k - j) + s * x
                except ZeroDivisionError:
                    s = before * 0.7 + x
                s = s * math.sqrt(4.5 - k - j) * 0.5
        except ValueError:
            s = math.sin(before) * x
    return s


def second(f: Any, x: float, *rest: Any) -> float:
    return slope(grad(f), x, *rest)


@pytest.mark.parametrize("n", [0, 1, 4, 7])
@pytest.mark.sampled(2)
def test_second_order_in_all_ways(n):
    def f(x):
        return looped(x, n)

    expected = second(f, 1.3) if n else 0.0
    assert grad(lambda x: grad(f)(x) * 1.0)(1.3) == pytest.approx(expected, rel=1e-5)
    assert hvp(f)(1.3, 2.0) == pytest.approx(2 * expected, rel=1e-5)
    assert hessian(f)(1.3) == pytest.approx(expected, rel=1e-5)
    assert jvp(grad(f), (1.3,), (1.0,))[1] == pytest.approx(expected, rel=1e-5)
    assert grad(lambda x: jvp(f, (x,), (1.0,))[1])(1.3) == pytest.approx(expected, rel=1e-5)
    assert grad(grad(grad(f)))(1.3) == pytest.approx(slope(hessian(f), 1.3), rel=1e-4)


def test_pullbacks_inside_are_called_many_times():
    def f(x, n):
        out, back = vjp(lambda x: looped(x, n), x)
        (first,) = back(1.0)
        (again,) = back(0.1 * out)
        both = jacrev(lambda x: np.array([looped(x, n), x * x]))(x)
        along = jacfwd(lambda x: np.array([looped(x, n), x * x]))(x)
        return first * again + np.sum(both * along)

    def plain(x, n):
        d, out = grad(looped)(x, n), looped(x, n)
        return d * d * out * 0.1 + d * d + 4 * x * x

    for n in (1, 4, 7):
        assert f(1.3, n) == pytest.approx(plain(1.3, n), rel=1e-12)
        assert grad(f)(1.3, n) == pytest.approx(slope(plain, 1.3, n), rel=1e-5)
        assert jvp(lambda x, n=n: f(x, n), (1.3,), (1.0,))[1] == pytest.approx(
            slope(plain, 1.3, n), rel=1e-5
        )


def test_what_numpy_raises_of_numbers_is_raised_again_along_each_direction():
    def f(v):
        with np.errstate(all="raise"):
            try:
                w = np.log(v) * v
            except FloatingPointError:
                w = v * v * np.array([1.0, -2.0, 0.3])
        return w * np.array([0.3, 1.0, 2.0])

    for v in (np.array([0.4, -0.8, 1.5]), np.array([0.4, 0.8, 1.5])):
        gradient = grad(lambda v: np.sum(jacfwd(f)(v) ** 2))(v)
        assert np.allclose(gradient, grad(lambda v: np.sum(jacrev(f)(v) ** 2))(v))
        steps = [1e-6 * e for e in np.eye(3)]
        values = [np.sum(jacrev(f)(v + h) ** 2) - np.sum(jacrev(f)(v - h) ** 2) for h in steps]
        assert np.allclose(gradient, np.array(values) / 2e-6, rtol=1e-6)


def test_functions_that_stay_functions_to_second_order():
    def level(y, d, x):
        if d <= 0.5 * x:
            return y * x
        try:
            z = math.sqrt(y - 0.25 * d)
        except ValueError:
            z = y * 0.9 + x
        return z + 0.5 * level(z * 0.8, d - 1, x)

    def f(x, n):
        return level(x, n, x)

    for x, n in ((1.3, 4.0), (2.3, 6.0)):
        assert grad(grad(f))(x, n) == pytest.approx(second(f, x, n), rel=1e-5)
        assert jvp(lambda x, n=n: grad(f)(x, n), (x,), (1.0,))[1] == pytest.approx(
            second(f, x, n), rel=1e-5
        )
        assert grad(grad(grad(f)))(x, n) == pytest.approx(slope(grad(grad(f)), x, n), rel=1e-4)


def test_what_was_done_before_it_failed_halfway(capsys):
    def f(x, n):
        total, seen, last = x, [x], None
        try:
            print("begin")
            for k in range(n):
                print("trip", k)
                seen.append(total * k)
                for j in range(2):
                    total = total + math.sqrt(x + 3.6 - k - j) * 0.3 * total
                    last = j
                if k == 1:
                    continue
                total = total / (k - 3)
        except ValueError as error:
            print("caught", error, last)
            total = total * x
        except ZeroDivisionError:
            print("divided", k)
            total = seen[-1] * total
        else:
            print("else")
            total = total + 1
        finally:
            print("finally")
        return total + sum(seen)

    gradient = value_and_grad(f)
    for x in (1.3, 0.2, 5.5):
        for n in (0, 1, 2, 4, 7):
            judged(f, gradient, x, n, capsys=capsys)


def test_names_of_the_compiler_are_not_those_of_the_program():
    failed_1 = 3.0

    def f(x, n):
        failed = x
        try:
            for k in range(n):
                failed = failed * math.sqrt(2.5 - k) * failed_1
        except ValueError as error:
            failed = failed * len(str(error)) * x
        return failed

    gradient = value_and_grad(f)
    for n in (0, 2, 5):
        judged(f, gradient, 1.3, n)


def test_each_error_runs_its_own_handler_at_any_depth():
    def f(x, n, z):
        s, way = x, 0
        for i in range(3):
            try:
                while True:
                    way += 1
                    try:
                        for k in range(n):
                            s = s * 1.1 + math.sqrt(z - k) * x
                            s = s + 1 / (k - i - 1)
                    except ZeroDivisionError:
                        s = s + math.sqrt(z - 4 - i) * s
                    if way % 3 == 0:
                        break
            except ValueError:
                s = s * 0.5 + way * x
                if way > 6:
                    return s * x
        return s * way

    gradient = value_and_grad(f)
    for n, z in ((0, 1.0), (2, 9.5), (5, 9.5), (5, 5.5), (5, 2.5), (3, 4.5)):
        judged(f, gradient, 0.7, n, z)


@pytest.mark.parametrize("caught", [Exception, ArithmeticError, BaseException])
def test_what_numpy_raises_is_caught_by_wider_classes_where_it_is_set_to_raise(caught):
    def around(v):
        with np.errstate(all="raise"):
            try:
                w = np.log(v) * v
            except caught:
                w = v * v
        return np.sum(w * np.array([1.0, 2.0]))

    def inside(v, way="raise"):
        try:
            with np.errstate(divide=way):
                w = v / (v - 1.0)
        except caught:
            w = v * v
        return np.sum(w * np.array([1.0, 2.0]))

    assert np.allclose(grad(around)(np.array([1.0, 2.0])), [1.0, 2 * (np.log(2.0) + 1)])
    assert np.allclose(grad(around)(np.array([-1.0, 2.0])), [-2.0, 8.0])
    for way in ("raise", "ignore"):
        assert np.allclose(grad(inside)(np.array([3.0, 2.0]), way), [-0.25, -2.0])
    assert np.allclose(grad(inside)(np.array([1.0, 2.0])), [2.0, 8.0])


def test_functions_that_call_themselves_in_a_try():
    def go(y, d, x):
        if d <= x * 0.1:
            return y
        try:
            return go(math.sqrt(y - 0.2), d - 1, x) * 1.1
        except ValueError:
            return y * d

    def f(x, n):
        return go(x, n, x)

    gradient = value_and_grad(f)
    for x, n in ((1.3, 4.0), (3.3, 2.0), (0.1, 3.0)):
        judged(f, gradient, x, n)
        slopes = jvp(lambda x, n=n: f(x, n), (x,), (1.0,))[1], grad(f)(x, n)
        assert slopes[0] == pytest.approx(slopes[1], rel=1e-12)
        assert grad(grad(f))(x, n) == pytest.approx(second(f, x, n), rel=1e-4)


def definite(a, jitter):
    return np.linalg.cholesky(a + a.T + jitter * np.eye(2))


def by_flag(a):
    jitter, done = 1e-3, False
    while not done and jitter < 1e6:
        try:
            low = definite(a, jitter)
        except np.linalg.LinAlgError as error:
            jitter *= 10
            last = error
        else:
            done = True
    if not done:
        raise last
    return np.sum(low * low[::-1]) * jitter


def by_list(a):
    for jitter in (0.0, 1e-3, 1e-1, 10.0):
        try:
            low = definite(a, jitter)
        except np.linalg.LinAlgError:
            continue
        else:
            break
    else:
        raise ValueError("not definite")
    return np.sum(low * low[::-1])


def by_calls(a):
    def chol(jitter):
        try:
            return definite(a, jitter)
        except np.linalg.LinAlgError:
            return chol(jitter * 10)

    low = chol(1e-3)
    return np.sum(low * low[::-1])


def by_raising_again(a):
    jitter = 0.0
    while True:
        try:
            low = definite(a, jitter)
            return np.sum(low * low[::-1])
        except np.linalg.LinAlgError:
            jitter = max(jitter * 10, 1e-3)
            if jitter > 1e5:
                raise


@pytest.mark.parametrize("retried", [by_flag, by_list, by_calls, by_raising_again])
@pytest.mark.sampled(2)
def test_forms_of_trying_again(retried):
    v = np.array([[0.3, -0.4], [1.1, 0.6]])
    for a in (np.array([[1.0, 2.0], [1.5, 1.5]]), np.array([[2.0, 0.3], [0.1, 1.5]])):
        expected = (retried(a + 1e-6 * v) - retried(a - 1e-6 * v)) / 2e-6
        assert np.sum(grad(retried)(a) * v) == pytest.approx(expected, rel=1e-6)
        assert jvp(retried, (a,), (v,))[1] == pytest.approx(expected, rel=1e-6)
        if retried is by_calls and not EVERY:  # 300 statements, and as many functions
            continue
        ends = grad(retried)(a + 1e-6 * v) - grad(retried)(a - 1e-6 * v)
        assert np.allclose(hvp(retried)(a, v), ends / 2e-6, rtol=1e-4)


def test_handlers_are_printed_as_the_clauses_that_were_written():
    def f(x, z):
        try:
            y = x / z
            w = math.sqrt(y - 1)
        except ZeroDivisionError:
            w = x * 3
        except (ValueError, OverflowError) as error:
            w = x * len(str(error))
        except KeyError:
            w = 1.0
        return w * x

    gradient = value_and_grad(f)
    for z in (0.0, 0.5, 4.0):
        judged(f, gradient, 1.3, z)
    heads = [line.strip() for line in gradient.source.splitlines() if "except" in line]
    assert heads == [
        "except ZeroDivisionError:",
        "except (ValueError, OverflowError) as error:",
        "except KeyError:",
    ]
    assert "isinstance" not in gradient.source

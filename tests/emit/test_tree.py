"""Whole functions, from the IR to text."""

from __future__ import annotations

import operator

import numpy as np

from adjoint.ir.nodes import UNDEF, Const, Exit, Next, Pack, Role, Stop, Var, While
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import INT
from tests.emit.ir import Writer, at, check


def like(model, **leaves):
    """A copy.

    More.
    """
    return model


like.__module__ = "adjoint.runtime"


def test_mse():
    w = Writer()
    model, x, y = w.var("model"), w.var("x"), w.var("y")
    w.place = at(
        1, "return x @ self.w + self.b", "Linear.forward", (at(2, "y_pred = model.forward(x)"),)
    )
    t = w.bin("@", x, w.path(model, "w"))
    y_pred = w.bin("+", t, w.path(model, "b"), to="y_pred")
    w.place = at(3, "    return np.square(y - y_pred.squeeze()).mean()")
    t = w.bin("-", y, w.method("squeeze", y_pred))
    split = len(w.blocks[-1])
    d_t = w.bin("*", w.bin("/", 2, w.attr(t, "size")), t, to=w.d())
    shaped = w.method("reshape", d_t, w.attr(y_pred, "shape"), to=w.d())
    d_y_pred = w.neg(shaped, to=w.d("y_pred"))
    w.place = at(
        1, "return x @ self.w + self.b", "Linear.forward", (at(2, "y_pred = model.forward(x)"),)
    )
    d_b = w.call(np.sum, d_y_pred, axis=0, to=w.d("b"))
    d_w = w.bin("@", w.attr(x, "T"), d_y_pred, to=w.d("w"))
    result = w.call(like, model, w=d_w, b=d_b)
    check(
        w.text([model, x, y], result, split, "mse_grad"),
        '''
        def like(model, **leaves):
            """A copy."""
            return model


        def mse_grad(model, x, y):
            # forward
            y_pred = x @ model.w + model.b     # Linear.forward
            t = y - y_pred.squeeze()
            # backward
            d_t = 2 / t.size * t               # 3: return np.square(y - y_pred.squeeze()).mean()
            d_y_pred = -d_t.reshape(y_pred.shape)
            d_b = np.sum(d_y_pred, axis=0)     # Linear.forward: return x @ self.w + self.b
            d_w = x.T @ d_y_pred
            return like(model, w=d_w, b=d_b)
        ''',
    )


def test_root():
    w = Writer()
    a, tol = w.var("a"), w.var("tol")
    stack = w.stack("x")
    w.place = at(2, "x = a")
    x0 = w.alias(a, to="x")
    x, out, body_x = w.var("x"), w.var("x"), w.var("x")

    def going_on():
        return [w.bin(">", w.call(abs, w.bin("-", w.bin("*", x, x), a)), tol)]

    test = w.arm(going_on)

    def trip():
        w.place = at(4, "x = 0.5 * (x + a / x)")
        w.push(stack, x)
        t = w.bin("+", x, w.bin("/", a, x))
        w.bin("*", 0.5, t, to=body_x)
        return [body_x]

    w.loop(While(test), [(x, x0, out)], trip)
    split = len(w.blocks[-1])
    test = w.arm(lambda: [stack])
    d_x, d_a, d_x_out, d_a_out = w.d("x"), w.d("a"), w.d("x"), w.d("a")

    def back():
        old = w.pop(stack, to="x")
        d_t = w.bin("*", 0.5, d_x, to=w.d())
        d_a1 = w.update(d_a, w.bin("/", d_t, old, to=w.d()))
        quotient = w.bin("/", w.bin("*", d_t, a, to=w.d()), w.bin("**", old, 2), to=w.d())
        d_x1 = w.bin("-", d_t, quotient, to=w.d("x"))
        return [d_x1, d_a1]

    w.loop(While(test), [(d_x, 1.0, d_x_out), (d_a, 0.0, d_a_out)], back)
    result = w.update(d_a_out, d_x_out)
    check(
        w.text([a, tol], result, split, "root_grad"),
        """
        def root_grad(a, tol):
            # forward
            x_stack = []
            x = a
            while abs(x * x - a) > tol:
                x_stack.append(x)
                x = 0.5 * (x + a / x)
            # backward
            d_x = 1.0
            d_a = 0.0
            while x_stack:                          # 4: x = 0.5 * (x + a / x)
                x = x_stack.pop()
                d_t = 0.5 * d_x
                d_a += d_t / x
                d_x = d_t - d_t * a / x ** 2
            d_a += d_x
            return d_a
        """,
    )


def test_grow():
    w = Writer()
    a, x, n = w.var("a"), w.var("x"), w.var("n")
    stack = w.stack("x")
    px, ox, index = w.var("x"), w.var("x"), w.var("", Role.INDEX, INT)
    code = w.var("", Role.FLAG, INT)

    def trip():
        w.push(stack, px)
        x1 = w.bin("+", w.bin("*", px, a), 1.0, to="x")
        test = w.bin(">", x1, 50.0)
        w.branch(test, lambda: Exit(1, "return", (x1,)), lambda: Next((x1,)))
        return Stop()

    w.loop(w.range(index, n), [(px, x, ox)], trip, code)
    split = len(w.blocks[-1])
    w.place = at(6, "return np.sin(x)")
    d_x0 = w.d("x")
    w.branch(
        w.bin("==", code, 1),
        lambda: [1.0],
        lambda: [w.call(np.cos, ox, to=w.d())],
        d_x0,
        style="ifexp",
    )
    d_x, d_x_out, d_a, d_a_out = w.d("x"), w.d("x"), w.d("a"), w.d("a")

    def back():
        old = w.pop(stack, to="x")
        d_a1 = w.update(d_a, w.bin("*", d_x, old))
        return [w.update(d_x, a, symbol="*"), d_a1]

    w.loop(While(w.arm(lambda: [stack])), [(d_x, d_x0, d_x_out), (d_a, 0.0, d_a_out)], back)
    check(
        w.text([a, x, n], (d_a_out, d_x_out), split, "grow_grad"),
        """
        def grow_grad(a, x, n):
            # forward
            x_stack = []
            returned = False
            for _ in range(n):
                x_stack.append(x)
                x = x * a + 1.0
                if x > 50.0:
                    returned = True
                    break
            # backward
            d_x = 1.0 if returned else np.cos(x)    # 6: return np.sin(x)
            d_a = 0.0
            while x_stack:
                x = x_stack.pop()
                d_a += d_x * x
                d_x *= a
            return d_a, d_x
        """,
    )


def test_swap_in_a_loop():
    w = Writer()
    a, b, n = w.var("a"), w.var("b"), w.var("n")
    pa, pb, oa, ob = w.var("a"), w.var("b"), w.var("a"), w.var("b")
    i = w.var("", Role.INDEX)
    w.loop(w.range(i, n), [(pa, a, oa), (pb, b, ob)], lambda: [pb, pa])
    check(
        w.text([a, b, n], (oa, ob)),
        """
        def f(a, b, n):
            for _ in range(n):
                a, b = b, a
            return a, b
        """,
    )


def test_fibonacci():
    w = Writer()
    a, b, n = w.var("a"), w.var("b"), w.var("n")
    pa, pb, oa, ob = w.var("a"), w.var("b"), w.var("a"), w.var("b")
    i = w.var("", Role.INDEX)
    w.loop(w.range(i, n), [(pa, a, oa), (pb, b, ob)], lambda: [pb, w.bin("+", pa, pb)])
    check(
        w.text([a, b, n], (oa, ob)),
        """
        def f(a, b, n):
            for _ in range(n):
                a, b = b, a + b
            return a, b
        """,
    )


def test_nested_loops_and_a_stack():
    w = Writer()
    u, n = w.var("u"), w.var("n")
    pu, ou, qu, ru = (w.var("u") for _ in range(4))
    i, j = w.var("i"), w.var("", Role.INDEX)
    stack = w.stack("u")

    def outer():
        def inner():
            w.push(stack, qu)
            middle = w.item(qu, slice(1, -1, None))
            return [w.call(np.sin, w.bin("*", middle, w.item(n, i)), to="u")]

        w.loop(w.range(j, i, start=1), [(qu, pu, ru)], inner)
        return [ru]

    w.loop(w.range(i, n, reverse=True), [(pu, u, ou)], outer)
    check(
        w.text([u, n], (ou, stack)),
        """
        def f(u, n):
            u_stack = []
            for i in reversed(range(n)):
                for _ in range(1, i):
                    u_stack.append(u)
                    u = np.sin(u[1:-1] * n[i])
            return u, u_stack
        """,
    )


def test_elif_chain():
    w = Writer()
    x = w.var("x")

    def chain(k: int, join: Var) -> None:
        def other():
            if k == 60:
                return [w.neg(x)]
            inner = w.var("y")
            chain(k + 1, inner)
            return [inner]

        w.branch(w.bin(">", x, k), lambda: [w.bin("*", x, k)], other, join)

    y = w.var("y")
    chain(0, y)
    text = w.text([x], y)
    assert text.count("elif") == 60
    assert "\n    if x > 0:\n        y = x * 0\n    elif x > 1:\n        y = x * 1\n" in text
    assert "\n    else:\n        y = -x\n    return y\n" in text


def test_conditional_expressions():
    w = Writer()
    a, b = w.var("a"), w.var("b")
    test, joined, last, chosen = w.bin(">", a, 0), w.var(), w.var(), w.var()
    w.branch(test, lambda: [w.bin("<", b, 0)], lambda: [test], joined, style="and")
    w.branch(joined, lambda: [joined], lambda: [w.bin("==", a, b)], last, style="or")
    w.branch(last, lambda: [w.neg(a)], lambda: [b], chosen, style="ifexp")
    y = w.bin("*", chosen, 2, to="y")
    check(
        w.text([a, b], (y, y)),
        """
        def f(a, b):
            y = (-a if a > 0 and b < 0 or a == b else b) * 2
            return y, y
        """,
    )


def test_empty_arms_and_unbound_names():
    w = Writer()
    x, p = w.var("x"), w.var("p")
    x1, y = w.var("x"), w.var("y")
    w.branch(p, lambda: [x, UNDEF], lambda: [w.neg(x, to="x"), w.bin("*", x, 2, to="y")], x1, y)
    check(
        w.text([x, p], (x1, y)),
        """
        def f(x, p):
            if not p:
                x_1 = -x
                y = x * 2
                x = x_1
            return x, y
        """,
    )


def test_continue_and_raise():
    w = Writer()
    x, n, i = w.var("x"), w.var("n"), w.var("i")
    px, ox = w.var("x"), w.var("x")

    def trip():
        def rest():
            x1 = w.bin("*", px, i, to="x")

            def fails():
                w.do(Op(operator.pos, Form.RAISE), w.call(ValueError, "large"))
                return Stop()

            w.branch(w.bin(">", x1, 9), fails, lambda: Next((w.neg(x1, to="x"),)))
            return Stop()

        w.branch(w.bin("<", i, 2), lambda: Next((px,)), rest)
        return Stop()

    w.loop(w.range(i, n), [(px, x, ox)], trip)
    check(
        w.text([x, n], ox),
        """
        def f(x, n):
            for i in range(n):
                if i < 2:
                    continue
                x = x * i
                if x > 9:
                    raise ValueError("large")
                x = -x
            return x
        """,
    )


def test_two_exits_need_a_number():
    w = Writer()
    x, i, code = w.var("x"), w.var("i"), w.var("", Role.FLAG)

    def trip():
        def rest():
            w.branch(w.bin(">", x, 7), lambda: Exit(2, "break", ()), lambda: Next(()))
            return Stop()

        w.branch(w.bin(">", x, i), lambda: Exit(1, "return", ()), rest)
        return Stop()

    w.loop(w.range(i, 5), [], trip, code)
    check(
        w.text([x], w.bin("==", code, 2)),
        """
        def f(x):
            exit_code = 0
            for i in range(5):
                if x > i:
                    exit_code = 1
                    break
                if x > 7:
                    exit_code = 2
                    break
            return exit_code == 2
        """,
    )


def test_unpacking_formats_and_indices():
    w = Writer()
    params = w.var("params")
    layer = w.path(params, 0)
    first = w.path(layer, 0, to="W", count=2)
    second = w.path(layer, 1, to="b", count=2)
    shown = w.let(
        Op(format, Form.FORMAT),
        "b = ",
        Pack("tuple", (second, Const(-1), Const(".3f"))),
        "!",
        to="s",
    )
    w.do(Op(print, effect=True), shown)
    part = w.item(first, (slice(1, -1, None), None, ..., slice(None, None, 2)))
    check(
        w.text([params], (part, np.float32(0.5), float("nan"))),
        """
        def f(params):
            W, b = params[0]
            s = f"b = {b:.3f}!"
            print(s)
            return W[1:-1, None, ..., ::2], np.float32(0.5), np.nan
        """,
    )

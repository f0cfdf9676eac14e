"""Which variables share a name, and who wins a clash."""

from __future__ import annotations

import numpy as np

from adjoint.ir.nodes import Const, Next, Role, Stop
from adjoint.ir.ops import Op
from tests.emit.ir import Writer
from tests.emit.test_nest import body


def test_the_users_names_win():
    w = Writer()
    t, d_x, i, np_1 = w.var("t"), w.var("d_x"), w.var("i"), w.var("np")
    kept = w.call(np.sin, t)
    d = w.call(np.cos, d_x, to=w.d("x"))
    s, out, index = w.var("s"), w.var("s"), w.var("", Role.INDEX)
    w.loop(w.range(index, i), [(s, kept, out)], lambda: [w.bin("+", s, index)])
    assert w.text([t, d_x, i, np_1], (d, d, kept, kept, out)) == (
        "import numpy as np_1\n\n\n"
        "def f(t, d_x, i, np):\n"
        "    t_1 = np_1.sin(t)\n"
        "    d_x_1 = np_1.cos(d_x)\n"
        "    s = t_1\n"
        "    for i_1 in range(i):\n"
        "        s = s + i_1\n"
        "    return d_x_1, d_x_1, t_1, t_1, s\n"
    )


def test_an_adjoint_of_a_temporary_gives_way_to_the_shadow_of_a_users_t():
    w = Writer()
    t = w.var("t")
    d = w.neg(t, to=w.d())
    assert body(w.text([t], (d, d))) == "    d_t_1 = -t\n    return d_t_1, d_t_1\n"


def test_a_builtin_the_user_took_is_reached_through_its_module():
    w = Writer()
    x = w.var("abs")
    text = w.text([x], w.call(abs, x))
    assert text == "import builtins\n\n\ndef f(abs):\n    return builtins.abs(abs)\n"


def test_temporaries_share_a_name_when_they_are_free():
    w = Writer()
    x = w.var("x")
    t = w.neg(x)
    y = w.bin("*", t, t, to="y")
    t = w.neg(y)
    z = w.bin("*", t, t, to="z")
    assert (
        body(w.text([x], z))
        == "    t = -x\n    y = t * t\n    t = -y\n    z = t * t\n    return z\n"
    )


def test_two_versions_that_coexist():
    w = Writer()
    x = w.var("x")
    x1 = w.neg(x, to="x")
    assert body(w.text([x], (x, x1))) == "    x_1 = -x\n    return x, x_1\n"


def test_an_update_of_what_is_still_needed_is_made_on_a_copy():
    w = Writer()
    x, e = w.var("x"), w.var("e")
    d = w.call(np.zeros_like, x, to=w.d("x"))
    d1 = w.update_at(d, 0, e)
    assert body(w.text([x, e], (d, d1))) == (
        "    d_x = np.zeros_like(x)\n    d_x_1 = d_x.copy()\n    d_x_1[0] += e\n"
        "    return d_x, d_x_1\n"
    )


def test_an_update_of_a_whole_makes_a_new_value_instead():
    w = Writer()
    x = w.var("x")
    d = w.neg(x, to=w.d("x"))
    d1 = w.update(d, x)
    assert (
        body(w.text([x], (d, d1))) == "    d_x = -x\n    d_x_1 = d_x + x\n    return d_x, d_x_1\n"
    )


def test_an_adjoint_never_takes_the_name_of_a_primal():
    w = Writer()
    y, p, out = w.var("y"), w.var("p"), w.d("x")
    w.branch(p, lambda: [y], lambda: [w.do(Op(print, effect=True), y) or w.neg(y)], out)
    assert body(w.text([y, p], (out, out))) == (
        "    if p:\n        d_x = y\n    else:\n        print(y)\n"
        "        d_x = -y\n    return d_x, d_x\n"
    )


def test_both_arms_write_the_name_of_the_join():
    w = Writer()
    x, p, out = w.var("x"), w.var("p"), w.var("x")
    w.branch(p, lambda: [w.neg(x, to="x")], lambda: [w.bin("*", x, x, to="x")], out)
    assert body(w.text([x, p], out)) == (
        "    if p:\n        x = -x\n    else:\n        x = x * x\n    return x\n"
    )


def test_a_rotation_is_one_assignment_and_a_shift_is_not():
    w = Writer()
    a, b, c = (w.var(n) for n in "abc")
    before = [w.var(n) for n in "abc"]
    after = [w.var(n) for n in "abc"]
    i = w.var("", Role.INDEX)

    def trip():
        def shift():
            return Next((Const(0), before[0], before[1]))

        def rotate():
            return Next((before[1], before[2], before[0]))

        w.branch(i, shift, rotate)
        return Stop()

    w.loop(w.range(i, 9), list(zip(before, (a, b, c), after, strict=True)), trip)
    assert body(w.text([a, b, c], tuple(after))) == (
        "    for i in range(9):\n"
        "        if i:\n"
        "            c = b\n"
        "            b = a\n"
        "            a = 0\n"
        "        else:\n"
        "            a, b, c = b, c, a\n"
        "    return a, b, c\n"
    )


def test_an_argument_that_a_loop_starts_from_and_that_is_used_later():
    w = Writer()
    a = w.var("a")
    x, out, i = w.var("x"), w.var("x"), w.var("", Role.INDEX)
    w.loop(w.range(i, 3), [(x, a, out)], lambda: [w.bin("*", x, a, to="x")])
    assert body(w.text([a], out)) == (
        "    x = a\n    for _ in range(3):\n        x = x * a\n    return x\n"
    )


def test_the_users_counter_after_the_loop():
    w = Writer()
    n, index, carried, out = w.var("n"), w.var("i"), w.var("i"), w.var("i")
    w.loop(w.range(index, n), [(carried, Const(-1), out)], lambda: [index])
    assert (
        body(w.text([n], out)) == "    i = -1\n    for i in range(n):\n        pass\n    return i\n"
    )


def test_ten_thousand_statements_take_linear_time():
    w = Writer()
    x = w.var("x")
    d_x, y = w.call(np.zeros_like, x, to=w.d("x")), x
    for _ in range(5_000):
        y = w.bin("+", y, w.bin("*", x, y), to="y")
        d_x = w.update(d_x, y)
    text = w.text([x], (d_x, y))
    assert text.count("d_x += y\n") == 5_000
    assert "_1" not in text

"""What is put back where it is used, and what is not."""

from __future__ import annotations

import operator

import numpy as np

from adjoint.ir.nodes import Role
from adjoint.ir.ops import Form, Op
from tests.emit.ir import Writer


def body(text: str) -> str:
    return text.split("):\n", 1)[1]


def test_an_effect_stops_what_is_moved():
    w = Writer()
    x = w.var("x")
    t = w.bin("*", x, 2)
    w.do(Op(print, effect=True), x)
    assert body(w.text([x], w.neg(t))) == "    t = x * 2\n    print(x)\n    return -t\n"


def test_an_update_stops_what_reads_it_even_through_a_view():
    w = Writer()
    x, e = w.var("x"), w.var("e")
    d_x = w.call(np.zeros_like, x, to=w.d("x"))
    view = w.item(d_x, slice(1, None), to=w.d())
    half = w.bin("/", view, 2, to=w.d())
    d_x1 = w.update_at(d_x, 0, e)
    assert body(w.text([x, e], (half, view, d_x1))) == (
        "    d_x = np.zeros_like(x)\n"
        "    d_t = d_x[1:]\n"
        "    d_t_1 = d_t / 2\n"
        "    d_x[0] += e\n"
        "    return d_t_1, d_t, d_x\n"
    )


def test_a_new_version_of_a_name_stops_what_reads_the_old():
    w = Writer()
    x = w.var("x")
    t = w.bin("*", x, 2)
    x1 = w.bin("+", x, 1, to="x")
    assert (
        body(w.text([x], w.bin("+", t, x1))) == "    t = x * 2\n    x = x + 1\n    return t + x\n"
    )


def test_user_names_keep_their_lines_and_adjoints_do_not():
    w = Writer()
    x = w.var("x")
    y = w.bin("*", x, 2, to="y")
    d_y = w.bin("*", y, 3, to=w.d("y"))
    assert body(w.text([x], w.neg(d_y))) == "    y = x * 2\n    return -(y * 3)\n"


def test_a_repeated_use_needs_a_name():
    w = Writer()
    x = w.var("x")
    t = w.bin("@", x, x)
    assert body(w.text([x], (t, t))) == "    t = x @ x\n    return t, t\n"


def test_shapes_and_places_are_repeated():
    w = Writer()
    model = w.var("model")
    weights = w.path(w.path(model, "layers"), 0)
    rows = w.item(w.attr(weights, "shape"), 0)
    assert body(w.text([model], (rows, weights, rows))) == (
        "    return model.layers[0].shape[0], model.layers[0], model.layers[0].shape[0]\n"
    )


def test_the_shape_of_what_is_written_anew_is_kept():
    w = Writer()
    x = w.var("x")
    shape = w.attr(x, "shape")
    x1 = w.call(np.sum, x, to="x")
    assert body(w.text([x], (x1, shape, shape))) == (
        "    t = x.shape\n    x = np.sum(x)\n    return x, t, t\n"
    )


def test_what_has_a_shape_is_not_repeated_with_it():
    w = Writer()
    x = w.var("x")
    shape = w.attr(w.bin("@", x, x), "shape")
    assert body(w.text([x], (shape, shape))) == "    t = x @ x\n    return t.shape, t.shape\n"


def test_nothing_moves_into_a_loop():
    w = Writer()
    x, n = w.var("x"), w.var("n")
    t, s, out = w.bin("*", x, 2), w.var("s"), w.var("s")
    index = w.var("", Role.INDEX)
    w.loop(w.range(index, n), [(s, 0.0, out)], lambda: [w.bin("+", s, t, to="s")])
    assert body(w.text([x, n], out)) == (
        "    t = x * 2\n    s = 0.0\n    for _ in range(n):\n        s = s + t\n    return s\n"
    )


def test_nothing_moves_into_an_arm():
    w = Writer()
    x, p, y = w.var("x"), w.var("p"), w.var("y")
    t = w.bin("/", 1, x)
    w.branch(p, lambda: [w.neg(t)], lambda: [x], y, style="ifexp")
    assert body(w.text([x, p], y)) == "    t = 1 / x\n    y = -t if p else x\n    return y\n"


def test_long_sums_are_taken_apart():
    w = Writer()
    terms = [w.var(f"variable_{k}") for k in range(30)]
    total = terms[0]
    for term in terms[1:]:
        total = w.bin("+", total, term)
    lines = body(w.text(terms, total)).splitlines()
    assert 4 < len([line for line in lines if "    t = " in line]) < 12
    assert max(map(len, lines)) <= 88
    assert not any("t_1" in line for line in lines)


def test_an_unused_result_is_still_computed():
    w = Writer()
    x = w.var("x")
    w.bin("/", 1, x)
    assert body(w.text([x], x)) == "    1 / x\n    return x\n"


def test_named_adjoints_in_a_display_keep_their_lines():
    w = Writer()
    x = w.var("x")
    d_x, d_y = w.neg(x, to=w.d("x")), w.bin("*", x, 2, to=w.d("y"))
    assert body(w.text([x], (d_x, d_y))) == ("    d_x = -x\n    d_y = x * 2\n    return d_x, d_y\n")


def test_a_branch_too_wide_for_a_line_is_a_statement():
    w = Writer()
    name = "quite_a_long_name_for_an_argument"
    x, p, d_x = w.var(name), w.var("p"), w.d("x")
    w.branch(p, lambda: [w.bin("*", x, x)], lambda: [w.bin("+", x, x)], d_x)
    assert body(w.text([x, p], (d_x,))) == (
        f"    if p:\n        d_x = {name} * {name}\n    else:\n"
        f"        d_x = {name} + {name}\n    return (d_x,)\n"
    )


def test_a_test_that_takes_statements_is_made_inside_the_loop():
    w = Writer()
    x = w.var("x")
    from adjoint.ir.nodes import While

    def test():
        y = w.bin("*", x, x, to="y")
        return [w.bin(">", y, w.bin("+", y, 1))]

    w.loop(While(w.arm(test)), [], lambda: w.do(Op(print, effect=True), x))
    assert body(w.text([x], x)) == (
        "    while True:\n        y = x * x\n        if not y > y + 1:\n            break\n"
        "        print(x)\n    return x\n"
    )


def test_assertions_and_negations():
    w = Writer()
    x = w.var("x")
    holds = w.let(Op(operator.not_, Form.OPERATOR, "not"), w.bin("is", x, None))
    w.do(Op(operator.pos, Form.ASSERT), holds, "no x")
    assert body(w.text([x], x)) == '    assert not x is None, "no x"\n    return x\n'

"""Match statements: on literals, classes, sequences, mappings, known now or at run time only."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])


@dataclass
class Circle:
    r: float


@dataclass
class Rect:
    w: float
    h: float


class Pair(NamedTuple):
    a: float
    b: float


@program(1.3, "square", peer=False)
def m_literal(x, kind):
    match kind:
        case "square":
            return x * x
        case "cube" | "third":
            return x**3
        case _:
            return x


@program(1.3, "third", peer=False)
def m_or(x, kind):
    match kind:
        case "square":
            y = x * x
        case "cube" | "third":
            y = x**3
        case _:
            y = x
    return y * 1.7


@program([Circle(1.2), Rect(0.4, 2.0), Circle(0.3)], peer=False)
def m_class(shapes):
    total = 0.0
    for i, s in enumerate(shapes):
        match s:
            case Circle(r):
                area = np.pi * r**2
            case Rect(w=w, h=h):
                area = w * h
            case _:
                area = 0.0
        total = total + area * (i + 0.3)
    return total


@program(1.3, 2, peer=False)
def m_number(x, n):
    match n:
        case 0:
            y = x
        case 1 | 2:
            y = np.sin(x) * x
        case _:
            y = x**3
    return y * 1.3


@program(2.0, peer=False)
def m_float_dynamic(x):
    match np.floor(x * 1.2):
        case 0.0:
            return x
        case 1.0 | 2.0:
            return x * x * 1.7
    return -x


@program((1.3, 0.4), peer=False)
def m_sequence(p):
    match p:
        case (a,):
            return a
        case (a, b):
            return a * b * b


@program([1.3, 0.4, 2.0, -0.7], peer=False)
def m_star(xs):
    match xs:
        case [first, *middle, last]:
            return first * last + sum(m * m for m in middle)
        case []:
            return 0.0


@program({"kind": "lin", "w": 1.3, "b": 0.4}, 0.7, peer=False)
def m_mapping(layer, x):
    match layer:
        case {"kind": "relu"}:
            return np.maximum(x, 0)
        case {"kind": "lin", "w": w, **rest}:
            return w * x + rest["b"] * len(rest)


@program(1.3, peer=False)
def m_guard(x):
    match x:
        case t if t > 2:
            return t * 2
        case t if t > 1:
            return t * t * 0.7
        case _:
            return x


@program(1.3, peer=False)
def m_guard_falls(x):
    s = 0.0
    for k in range(4):
        match (k, x * k):
            case (0, _):
                s += 0.1
            case (1 | 3, t) if t > 2:
                s = s * x + t
            case (_, t):
                s = s + t * t
    return s


@program(1.3, peer=False)
def m_as_nested(x):
    match [("add", x, 2.0), ("mul", x, x)]:
        case [("add", a, b) as first, ("mul", c, d)]:
            return (a + b) * c * d + first[1]


@program(1.3, None, peer=False)
def m_none(x, w):
    match w:
        case None:
            return x * 3.0
        case float(v):
            return x * v


@program(1.3, 0.7, peer=False)
def m_float_class(x, w):
    match w:
        case None:
            return x * 3.0
        case int():
            return x * 5.0
        case float(v):
            return x * v


@program(Pair(1.3, 0.7), peer=False)
def m_namedtuple(p):
    match p:
        case Pair(a=0.0):
            return p.b
        case Pair(a, b):
            return a * a * b


@program(1.3, 5, peer=False)
def m_in_while(x, n):
    k = 0
    while True:
        match k % 3:
            case 0:
                x = np.sin(x)
            case 1:
                x = x * 1.3
                k += 1
                continue
            case _:
                x = x + 0.1
        k += 1
        if k > n:
            break
    return x


@program(1.3, peer=False)
def m_flag(x):
    match x > 1:
        case True:
            return x * x
        case False:
            return x


def ev(e, env):
    match e:
        case ("var", name):
            return env[name]
        case ("+", a, b):
            return ev(a, env) + ev(b, env)
        case ("*", a, b):
            return ev(a, env) * ev(b, env)
        case ("sin", a):
            return np.sin(ev(a, env))
        case float() | int():
            return e


@program(1.3, 0.4, peer=False)
def m_interpreter(x, y):
    tree = ("+", ("*", ("var", "x"), ("sin", ("var", "y"))), ("*", 2.0, ("var", "x")))
    return ev(tree, {"x": x, "y": y})


@program(V, peer=False)
def m_array_not_sequence(v):
    match v:
        case [a, b, c]:
            return a * b * c
        case _:
            return np.sum(v * v)


@program(1.3, peer=False)
def m_nothing_matches(x):
    y = x
    match "a":
        case "b":
            y = x * x
    return y * 2.0


@program(1.3, peer=False)
def m_attr_value(x):
    match np.float64(2.0) * 1:
        case np.pi:
            return x
        case np.e | 2.0:
            return x * x


@program(1.3, 4, peer=False)
def m_break(x, n):
    s = x
    for k in range(n):
        match k:
            case 3:
                break
            case 1:
                continue
        s = s * x
    return s


def m_run(xs):
    match xs:
        case []:
            return 0.7
        case [x]:
            return x * x
        case [x, *rest]:
            return np.sin(x) + x * m_run(rest)


@program(np.array([0.1, -1.8, 1.5, 0.25, 0.9, 1.2]), peer=False)
def m_lists_of_unknown_length(v):
    xs = [x for x in v if x > -1.0]
    s = m_run(xs)
    for _ in range(4):
        match xs:
            case [] | [_]:
                s = s * 1.1
            case [_, 7.0, *_]:
                s = s + 0.3
            case [a, *middle, b]:
                s = s * a + b * b + sum(middle)
        _, *xs = xs
    return s

"""A writer of random programs that write into arrays: views, aliases, callees, swaps, loops.

A program is a module with two functions that write into their arguments and a function
``f(a, v, w, m)`` of a number, two vectors of five and a matrix of four rows of five, that returns
a number. All operations are analytic, and conditions read real parts, so that the program also
runs on complex numbers: the complex step gives its gradient to the last digits.
"""

from __future__ import annotations

from random import Random

from tests.random_programs import Writer, literal

ARGUMENTS = {"a": "number", "v": "5", "w": "5", "m": "matrix"}
"""The kinds: a number, a vector by its length, a matrix, an index by the length it is for."""

LENGTHS = ["3", "4", "5"]

# Selections of a vector that are views, by its length and theirs.
VIEWS = {
    ("5", "5"): ["[:]", "[::-1]"],
    ("5", "4"): ["[1:]", "[:-1]", "[3::-1]", "[:0:-1]"],
    ("5", "3"): ["[1:-1]", "[::2]", "[2:]", "[:3]", "[::-2]"],
    ("4", "4"): ["[:]", "[::-1]"],
    ("4", "3"): ["[1:]", "[:-1]", "[:0:-1]"],
    ("3", "3"): ["[:]", "[::-1]"],
}
PICKS = {"5": ["[[0, 3, 0]]", "[[4, 1, 2]]"], "4": ["[[1, 1, 3]]"], "3": ["[[2, 0, 0]]"]}
PARTS = {
    "5": ["{m}[{r}]", "{m}[{r}, ::-1]", "{m}.T[:, {r}]", "{m}.reshape(-1)[::4]"],
    "4": ["{m}[:, {c}]", "{m}.T[{c}]", "{m}[::-1, {c}]", "{m}[{r}, 1:]"],
    "3": ["{m}[{r}, 1:4]", "{m}[1:, {c}]", "{m}.ravel()[2:8:2]", "np.diag({m})[:3]"],
}
"""Selections of a matrix; those in the last place may be copies or read-only."""

SMOOTH = ["np.sin({})", "np.tanh({})", "np.cos({})", "np.arctan({})", "np.exp(-({}) ** 2)"]
OPERATORS = ["({} + {})", "({} - {})", "({} * {})", "({} / (1.5 + ({}) ** 2))"]

HEADER = """import numpy as np

W3 = np.array([0.7, -1.3, 2.1])
W4 = np.array([1.1, -0.6, 0.4, 1.7])
W5 = np.array([-0.9, 0.5, 1.4, -0.3, 0.8])


class Box:
    pass


def either(p, q, s):
    if np.real(s) < 0.4:
        p += 0.2 * q
        return p
    return q
"""

Scope = dict[str, str]


def names(scope: Scope, *kinds: str) -> list[str]:
    return [name for name, kind in scope.items() if kind in kinds]


def vector(w: Writer, scope: Scope) -> str:
    """Return the name of a vector."""
    return w.random.choice(names(scope, *LENGTHS))


def places(w: Writer) -> dict[str, int]:
    """Return a row and a column of a matrix; both may be negative."""
    return {"r": w.random.choice([0, 1, 2, 3, -1]), "c": w.random.choice([0, 2, 3, 4, -2])}


def entry(w: Writer, scope: Scope, name: str) -> str:
    """Return a subscript of one entry of a vector."""
    length = scope[name]
    near = [i for i in names(scope, "index 3", "index 4", "index 5") if scope[i][-1] <= length]
    if near and w.random.random() < 0.7:
        index = w.random.choice(near)
        return w.random.choice([f"[{index}]", f"[{index} - 1]", f"[-{index}]"])
    return f"[{w.random.choice([0, 1, 2, -1, -2])}]"


# Expressions


def number(w: Writer, scope: Scope, depth: int = 2) -> str:
    """Return an expression of one number."""
    chance = w.random.random()
    if depth == 0 or chance < 0.4:
        if chance < 0.12:
            return literal(w.random)
        if chance < 0.3:
            return w.random.choice(names(scope, "number"))
        name = vector(w, scope)
        return name + entry(w, scope, name)
    if chance < 0.5:
        return w.random.choice(SMOOTH).replace("{}", number(w, scope, depth - 1))
    if chance < 0.7:
        left, right = number(w, scope, depth - 1), number(w, scope, depth - 1)
        return w.random.choice(OPERATORS).format(left, right)
    length = w.random.choice(LENGTHS)
    one, two = (array(w, scope, length, depth - 1) for _ in range(2))
    forms = [f"np.sum({one} * W{length})", f"(({one}) @ ({two}))", f"np.mean({one})"]
    forms.append(w.random.choice(names(scope, "matrix")) + "[{r}, {c}]".format(**places(w)))
    return w.random.choice(forms)


def selection(w: Writer, scope: Scope, length: str, copies: bool = False) -> str:
    """Return a selection of a given length of something in scope: a view unless ``copies``."""
    wide = [name for name in names(scope, *LENGTHS) if scope[name] >= length]
    if not wide or w.random.random() < 0.25:
        matrix = w.random.choice(names(scope, "matrix"))
        forms = PARTS[length] if copies or length == "4" else PARTS[length][:-1]
        return w.random.choice(forms).format(m=matrix, **places(w))
    name = w.random.choice(wide)
    if copies and length == "3" and w.random.random() < 0.25:
        return name + w.random.choice(PICKS[scope[name]])
    return name + w.random.choice(VIEWS[scope[name], length])


def array(w: Writer, scope: Scope, length: str, depth: int = 2) -> str:
    """Return an expression of a vector of a given length."""
    chance = w.random.random()
    if depth == 0 or chance < 0.35:
        same = names(scope, length)
        return w.random.choice(same) if same and chance < 0.1 else selection(w, scope, length, True)
    if chance < 0.5:
        return w.random.choice(SMOOTH).replace("{}", array(w, scope, length, depth - 1))
    if chance < 0.8:
        left, right = array(w, scope, length, depth - 1), array(w, scope, length, depth - 1)
        return w.random.choice(OPERATORS).format(left, right)
    if chance < 0.95:
        return f"({number(w, scope, depth - 1)}) * {array(w, scope, length, depth - 1)}"
    return f"np.cumsum({array(w, scope, length, depth - 1)})"


def bounded(w: Writer, text: str) -> str:
    """Return an expression between about -2 and 2, so that loops do not blow up."""
    return w.random.choice(["np.tanh({})", "1.5 * np.sin({})", "np.cos({}) - 0.3"]).format(text)


def condition(w: Writer, scope: Scope) -> str:
    sign = w.random.choice(["<", ">"])
    return f"np.real({number(w, scope, 1)}) {sign} {literal(w.random)}"


# Statements that write


def target(w: Writer, scope: Scope, length: str) -> str:
    """Return a place of a given length to write to; entries may be there twice."""
    if length == "3" and w.random.random() < 0.5:
        name = vector(w, scope)
        return name + w.random.choice(PICKS[scope[name]])
    return selection(w, scope, length)


def write_slice(w: Writer, scope: Scope, depth: int) -> None:
    length = w.random.choice(LENGTHS)
    value = w.random.choice([array(w, scope, length), number(w, scope)])
    w.write(depth, f"{target(w, scope, length)} = {bounded(w, value)}")


def change_slice(w: Writer, scope: Scope, depth: int) -> None:
    length = w.random.choice(LENGTHS)
    same = names(scope, length)
    whole = same and w.random.random() < 0.35
    place = w.random.choice(same) if whole else target(w, scope, length)
    w.write(depth, change(w, place, w.random.choice([array, number_of])(w, scope, length)))


def number_of(w: Writer, scope: Scope, length: str) -> str:
    return number(w, scope)


def change(w: Writer, place: str, value: str) -> str:
    """Return an augmented assignment that keeps its target in bounds."""
    operator = w.random.choice(["+=", "-=", "*=", "/="])
    if operator == "/=":
        return f"{place} /= 1.2 + ({bounded(w, value)}) ** 2"
    return f"{place} {operator} {'0.8 * ' if operator == '*=' else ''}{bounded(w, value)}".replace(
        "0.8 * np.cos(", "0.8 * np.cos(1 + "
    )


def write_entry(w: Writer, scope: Scope, depth: int) -> None:
    name = vector(w, scope)
    place = name + entry(w, scope, name)
    if w.random.random() < 0.5:
        w.write(depth, f"{place} = {bounded(w, number(w, scope))}")
    else:
        w.write(depth, change(w, place, number(w, scope)))


def write_matrix(w: Writer, scope: Scope, depth: int) -> None:
    """Write rows, columns, blocks, entries, or the whole of a matrix."""
    m = w.random.choice(names(scope, "matrix"))
    row, column = (bounded(w, array(w, scope, length)) for length in ("5", "4"))
    three, one = bounded(w, array(w, scope, "3")), bounded(w, number(w, scope))
    forms = ["{m}[{r}] = {row}", "{m}[:, {c}] = {column}", "{m}[1:3, ::2] = {three}"]
    forms += ["{m}[{r}, {c}] = {one}", "{m} += {row}", "{m} *= 0.5 * ({column})[:, None]"]
    forms += ["{m}.T[{c}] = {column}", "{m}[[0, 2, 0], 1:4] += {three}", "{m}[...] = {row}"]
    forms += ["{m}[np.real({m}) > 0.4] = {one}", "{m}[:, -1] = {m}[:, -2]"]
    forms += ["{m}.flat[2:17:5] = {three}", "np.add.at({m}, ([1, 1, 3], [0, 0, 2]), {three})"]
    form = w.random.choice(forms)
    w.write(depth, form.format(m=m, row=row, column=column, three=three, one=one, **places(w)))


def write_by_function(w: Writer, scope: Scope, depth: int) -> None:
    """Write by mask, ufunc.at, out=, copyto or fill."""
    name, length = vector(w, scope), w.random.choice(LENGTHS)
    place, value = selection(w, scope, length), array(w, scope, length)
    pick = w.random.choice(PICKS[scope[name]])[1:-1]
    forms = [
        f"{name}[np.real({name}) > {literal(w.random)}] = {bounded(w, number(w, scope))}",
        f"{name}[np.real({name}) < 0] *= {bounded(w, number(w, scope))}",
        f"np.add.at({name}, {pick}, {bounded(w, array(w, scope, '3'))})",
        f"np.sin({value}, out={place})",
        f"np.multiply({value}, {bounded(w, value)}, out={place})",
        f"np.copyto({place}, {bounded(w, value)})",
        f"{place}.fill({bounded(w, number(w, scope))})",
        f"np.tanh({place}, out={place}, where=np.real({place}) > 0.3)",
    ]
    w.write(depth, w.random.choice(forms))


def write_several(w: Writer, scope: Scope, depth: int) -> None:
    """Write to two places in one statement."""
    one, two = vector(w, scope), vector(w, scope)
    left, right = one + entry(w, scope, one), two + entry(w, scope, two)
    forms = [
        f"{left}, {right} = {right}, {left}",
        f"{left}, {right} = {bounded(w, number(w, scope))}, {number(w, scope, 1)}",
        f"{left} = {right} = {bounded(w, number(w, scope))}",
    ]
    w.write(depth, w.random.choice(forms))


# Statements that bind names


def new_view(w: Writer, scope: Scope, depth: int) -> None:
    length, name = w.random.choice(LENGTHS), w.fresh()
    w.write(depth, f"{name} = {selection(w, scope, length)}")
    scope[name] = length


def new_copy(w: Writer, scope: Scope, depth: int) -> None:
    """Bind a new buffer, now and then an old name to it."""
    old = w.random.choice(names(scope, *LENGTHS, "matrix"))
    name = old if w.random.random() < 0.3 else w.fresh()
    kind = scope[old]
    value = f"{old} * ({number(w, scope)})" if kind == "matrix" else array(w, scope, kind)
    forms = [f"{old}.copy()", f"np.zeros_like({old})", bounded(w, value)]
    w.write(depth, f"{name} = {w.random.choice(forms)}")
    scope[name] = kind


def new_number(w: Writer, scope: Scope, depth: int) -> None:
    old = w.random.choice(names(scope, "number"))
    name = w.random.choice([old, w.fresh()])
    w.write(depth, f"{name} = {bounded(w, number(w, scope))}")
    scope[name] = "number"


def swap(w: Writer, scope: Scope, depth: int) -> None:
    """Exchange names of one kind, or make one an alias of another."""
    kinds = [kind for kind in [*LENGTHS, "matrix"] if len(names(scope, kind)) > 1]
    same = names(scope, w.random.choice(kinds))
    one, two, *_ = w.random.sample(same, 2)
    forms = [f"{one}, {two} = {two}, {one}"] * 3
    forms += [f"{one} = {two}", f"{one} = {one} if {condition(w, scope)} else {two}"]
    if len(same) > 2:
        one, two, three = w.random.sample(same, 3)
        forms.append(f"{one}, {two}, {three} = {two}, {three}, {one}")
    w.write(depth, w.random.choice(forms))


def rebind(w: Writer, scope: Scope, depth: int) -> None:
    """Make a name another array by a condition, which is written later or was before."""
    kinds = [kind for kind in [*LENGTHS, "matrix"] if len(names(scope, kind)) > 1]
    kind = w.random.choice(kinds)
    one, two, *_ = w.random.sample(names(scope, kind), 2)
    test, form = condition(w, scope), w.random.randrange(5)
    if form == 0:
        name = w.fresh()
        w.write(depth, f"{name} = either({one}, {two}, {number(w, scope, 1)})")
        w.write(depth, f"{name} *= {bounded(w, number(w, scope, 1))}")
        scope[name] = kind
    elif form == 1:
        w.write(depth, f"{one}, {two} = ({one}, {two}) if {test} else ({two}, {one})")
    else:
        new = [f"{one} = {two}", f"{one}, {two} = {two}, {one}", f"{two} = {two}.copy()"]
        w.write(depth, f"if {test}:")
        w.write(depth + 1, w.random.choice([*new, f"{one} = np.cos({two})"]))
        if form > 3:
            w.write(depth, "else:")
            w.write(depth + 1, w.random.choice([new[0], f"{two} = {one}"]))


def held(w: Writer, scope: Scope, depth: int) -> None:
    """Write through a list, a dict or an attribute that holds two buffers."""
    length = w.random.choice([kind for kind in LENGTHS if names(scope, kind)])
    one, two = (w.random.choice(names(scope, length)) for _ in range(2))
    name, value = w.fresh(), array(w, scope, length)
    kind = w.random.randrange(3)
    if kind == 0:
        index = w.random.choice([*names(scope, "index 3", "index 4", "index 5"), "1"])
        w.write(depth, f"{name} = [{one}, {two}]")
        w.write(depth, f"{name}[{index} % 2][:] = {bounded(w, value)}")
        w.write(depth, change(w, f"{name}[0]", number(w, scope)))
    elif kind == 1:
        w.write(depth, f"{name} = {{'one': {one}, 'two': {two}}}")
        w.write(depth, change(w, f"{name}['one'][1:]", f"{name}['two'][:-1]"))
    else:
        w.write(depth, f"{name} = Box()")
        w.write(depth, f"{name}.h, {name}.s = {one}, {number(w, scope, 1)}")
        w.write(depth, change(w, f"{name}.h", f"{name}.s * {two}"))
        w.write(depth, f"{name}.h[0] = {bounded(w, f'{name}.s')}")


def call(w: Writer, scope: Scope, depth: int) -> None:
    """Call a function that writes into its arguments, which may be one array."""
    length, which = w.random.choice(LENGTHS), w.random.randrange(2)
    one, two = selection(w, scope, length), selection(w, scope, length)
    if w.random.random() < 0.3:
        two = one
    elif w.random.random() < 0.4:
        name = vector(w, scope)
        one, two = w.random.choice([(name, f"{name}[::-1]"), (f"{name}[1:]", f"{name}[:-1]")])
    text = f"helper_{which}({one}, {two}, {bounded(w, number(w, scope))})"
    if w.random.random() < 0.4:
        name = w.fresh()
        w.write(depth, f"{name} = {text}")
        scope[name] = "number"
    else:
        w.write(depth, text)


# Compound statements


def branch(w: Writer, scope: Scope, depth: int) -> None:
    w.write(depth, f"if {condition(w, scope)}:")
    block(w, dict(scope), depth + 1, w.random.randrange(1, 3))
    if w.random.random() < 0.6:
        w.write(depth, "else:")
        block(w, dict(scope), depth + 1, 1)


def early_return(w: Writer, scope: Scope, depth: int) -> None:
    w.write(depth, f"if {condition(w, scope)}:")
    w.write(depth + 1, f"return {closing(w, scope)}")


def loop(w: Writer, scope: Scope, depth: int) -> None:
    """Write a loop forwards, backwards, by a while, or over the rows of a matrix."""
    inner, index, length = dict(scope), w.fresh(), w.random.choice(LENGTHS)
    kind, after = w.random.randrange(7), True
    if kind == 0:
        index = w.fresh()
        w.write(depth, f"for {index} in {w.random.choice(names(scope, 'matrix'))}:")
        inner[index], after = "5", False
    elif kind == 1:
        w.write(depth, f"{index} = 0")
        w.write(depth, f"while {index} < {int(length) - 1} and {condition(w, scope)}:")
        w.write(depth + 1, f"{index} += 1")
    elif kind < 5:
        w.write(depth, f"for {index} in range({w.random.choice([1, 1, 2])}, {length}):")
    else:
        w.write(depth, f"for {index} in range({int(length) - 1}, 0, -1):")
    if kind:
        inner[index] = f"index {length}"
        near = [i for i in names(scope, "index 4", "index 5") if kind == 2]
        if near:  # a triangle: an inner range that ends at an outer index
            w.lines[-1] = "    " * depth + f"for {index} in range(1, {near[0]}):"
            inner[index], after = scope[near[0]], False
    block(w, inner, depth + 1, w.random.randrange(1, 4))
    if w.random.random() < 0.3:
        w.write(depth + 1, f"if {condition(w, inner)}:")
        w.write(depth + 2, w.random.choice(["break", "continue"]))
        write_entry(w, inner, depth + 1)
    if kind and after:
        scope[index] = inner[index]


SIMPLE = [write_slice, change_slice, change_slice, write_entry, write_entry, write_matrix]
SIMPLE += [write_by_function, write_several, new_view, new_view, new_copy, new_number]
SIMPLE += [new_copy, swap, swap, rebind, rebind, held, call]


def block(w: Writer, scope: Scope, depth: int, length: int) -> None:
    """Write some statements; the deeper, the simpler."""
    for _ in range(length):
        chance = w.random.random()
        if depth == 1 and chance < 0.45:
            w.random.choice([loop] * 4 + [branch] * 2 + [early_return] * bool(w.count))(
                w, scope, depth
            )
        elif depth < 4 and chance < 0.25:
            w.random.choice([loop, branch])(w, scope, depth)
        else:
            w.random.choice(SIMPLE)(w, scope, depth)


def closing(w: Writer, scope: Scope) -> str:
    """Return a number to which every name in scope contributes."""
    forms = {length: f"np.sum({{}} * W{length})" for length in LENGTHS}
    forms |= {"number": "{}", "matrix": "np.sum({} * W5) ** 2"}
    terms = [
        f"{literal(w.random)} * {forms[kind].format(name)}"
        for name, kind in scope.items()
        if kind in forms
    ]
    return " + ".join(terms)


def helper(w: Writer, which: int) -> None:
    """Write a function that writes from one vector into another, of any length from three."""
    w.write(0, f"\n\ndef helper_{which}(p, q, s):")
    forms = [
        "p[0] = s * q[-1]",
        "p[1:] += q[:-1] * s",
        "p[1:-1] = np.sin(q[2:]) - s * p[:-2]",
        "p *= np.cos(q)",
        "p[::-1] -= 0.5 * np.tanh(q)",
        "q[1] += np.tanh(p[0] * s)",
        "p[:] = np.tanh(q[::-1]) + s",
        "s = np.sin(s * p[1])",
        "for i in range(1, len(p)):\n        p[i] = np.sin(p[i - 1]) + s * q[i]",
        "if np.real(q[0]) > np.real(s):\n        p[-1] = np.sin(q[1])\n        return q[1]",
    ]
    if which:
        forms.append("helper_0(p[::-1], q, s * 0.5)")
    for form in w.random.sample(forms, 3):
        w.write(1, form)
    w.write(1, "return s * p[0]")


def random_writes(seed: int) -> str:
    """Return the text of a module with a function ``f(a, v, w, m)``.

    >>> random_writes(3) == random_writes(3)
    True
    """
    w = Writer(Random(seed))
    for which in range(2):
        helper(w, which)
    w.write(0, f"\n\ndef f({', '.join(ARGUMENTS)}):")
    scope = dict(ARGUMENTS)
    block(w, scope, 1, w.random.randrange(3, 7))
    w.write(1, f"return {closing(w, scope)}")
    return HEADER + "\n".join(w.lines) + "\n"

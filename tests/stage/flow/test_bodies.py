"""Statements with others in the place of some."""

import gast

from adjoint.stage.flow.bodies import replaced

CODE = """
while a:
    if b:
        break
    return 1
else:
    break
def g():
    return 2
try:
    with c:
        return 3
except E:
    return 4
"""


class Marked(gast.If):
    """A statement of the interpreter's own, with a field and an attribute."""


def to_pass(node, inside):
    exits = isinstance(node, gast.Return) or (isinstance(node, gast.Break) and not inside)
    return gast.Pass() if exits else None


def test_exits_are_replaced_but_those_of_inner_loops_and_functions():
    made = gast.Module(replaced(gast.parse(CODE).body, to_pass), [])
    wanted = CODE.replace("return 1", "pass").replace("else:\n    break", "else:\n    pass")
    wanted = wanted.replace("return 3", "pass").replace("return 4", "pass")
    assert gast.unparse(made).strip() == gast.unparse(gast.parse(wanted)).strip()


def test_only_what_is_named_is_gone_into():
    made = gast.Module(replaced(gast.parse(CODE).body, to_pass, into=(gast.If,)), [])
    assert gast.unparse(made) == gast.unparse(gast.parse(CODE))


def test_a_statement_with_attributes_of_its_own_keeps_them():
    first = gast.parse("if a:\n    return 1").body[0]
    marked = gast.copy_location(Marked(first.test, first.body, []), first)
    marked.steps = "steps"
    (made,) = replaced([marked], to_pass)
    assert made.steps == "steps"
    assert isinstance(made.body[0], gast.Pass)
    assert made.lineno == 1

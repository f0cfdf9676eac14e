"""The printer: exact text, the same tree when read back, comments and line breaks."""

from __future__ import annotations

import ast
import cProfile
import io
import tokenize
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adjoint.emit.one_line import one_line
from adjoint.emit.precedence import BINARY
from adjoint.emit.printer import COMMENT_WIDTH, Comment, first_difference, print_module
from adjoint.emit.wrap import CODE_WIDTH


def printed(source: str) -> str:
    return print_module(ast.parse(source), {})


def constant(value: object) -> ast.Constant:
    """Return a constant of any value, also of those that no parser makes."""
    node = ast.Constant(None)
    node.value = value  # type: ignore[assignment]
    return node


# Each of these is printed as it stands.
EXPRESSIONS = [
    "a - (b - c)",
    "a - b - c",
    "a + (b + c)",
    "-x ** 2",
    "(-x) ** 2",
    "a ** -b",
    "a ** b ** c",
    "(a ** b) ** c",
    "2 / n * t",
    "2 / (n * t)",
    "x.T @ d_y",
    "a @ (b @ c)",
    "(a + b) * c // d % e",
    "~a & b | c ^ d << 1 >> 2",
    "(a | b) & c",
    "--x",
    "+-~x",
    "-(a + b)",
    "2 * -x",
    "-x * 2",
    "-(x * 2)",
    "a - -b",
    "-x.y[0](z)",
    "(-x).y",
    "a not in b",
    "not a in b",
    "a is not None",
    "not (a and b)",
    "not not a",
    "a + (not b)",
    "a < b <= c != d",
    "(a < b) < c",
    "a < (b < c)",
    "(a == b) + c",
    "a or b and not c",
    "(a or b) and c",
    "(a or b) or c",
    "a if t else b",
    "(a if t else b) + c",
    "a if t else b if u else c",
    "(a if t else b) if u else c",
    "a if (b if c else d) else e",
    "a or (b if c else d)",
    "lambda: 0",
    "lambda x, *a, k=1, **kw: x + k",
    "lambda x, /, y: (x, y)",
    "(lambda x: x)(1)",
    "lambda x: x if x else 1",
    "(lambda x: x) if t else lambda: 0",
    "f((yield))",
    "f(y := g(x), 2)",
    "f(y=(z := 2))",
    "[(y := 1), y ** 2]",
    "f()",
    "f(a, *b, c=1, **d)",
    "f(*(a or b))",
    "f(x for x in y)",
    "f((x for x in y), 1)",
    "(a, b)[0]",
    "(a,)",
    "()",
    "[]",
    "{}",
    "[1, 2.5, 1e-05]",
    "[*a, *b]",
    "{1, 2}",
    "{*a, 1}",
    '{"a": 1, **b}',
    "(1).real",
    "(1.0).hex()",
    "(2j).imag",
    "True.real",
    '"a".join(b)',
    "x[0]",
    "x[-1]",
    "x[1:-1]",
    "x[i + 1:]",
    "x[::2]",
    "x[a:b:c]",
    "x[:, None]",
    "x[..., ::2]",
    "x[...]",
    "x[i, 1:-1, None]",
    "x[i,]",
    "x[()]",
    "x[(a, b), c]",
    "x[*i, 0]",
    "x[lambda: 0]",
    "x[a if t else b:c]",
    "x[i][j].y[k]",
    "(a + b)[0]",
    "(a + b).sum()",
    "[x for x in y]",
    "[x for x, y in z if x if y for w in x]",
    "[(x, y) for x in (a if t else b)]",
    "{x for x in y}",
    "{k: v for k, v in d.items()}",
    "(x for x in y)",
    "[x for x in y if (a if b else c)]",
    "...",
    "None",
    "1e+16",
    "12345678901234567890",
    "2j",
    "-2j",
    "1 + 2j",
    "0.1",
    '"text"',
    "'say \"hi\"'",
    '"it\'s"',
    r'"a\nb\\c\td"',
    'b"bytes\\x00"',
    'f"{x}"',
    'f"{x!r:>{n}} and {{y}}"',
]


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_expression_is_printed_as_a_person_writes_it(source: str) -> None:
    assert printed("y = " + source) == f"y = {source}\n"


REWRITTEN = [
    ("y = ((a) + (b)) + ((c))", "y = a + b + c"),
    ("y = (yield)", "y = yield"),
    ("y = (yield a, b)", "y = yield a, b"),
    ("(yield from a)", "yield from a"),
    ("y = x[(..., slice(None))]", "y = x[..., slice(None)]"),
    ("y = 1,", "y = (1,)"),
    ("y = 1, 2", "y = (1, 2)"),
    ("(a, b) = (b, a)", "a, b = b, a"),
    ("(a, (b, c)) = x", "a, (b, c) = x"),
    ("a, *b = c, *d", "a, *b = c, *d"),
    ("[a, b] = x", "[a, b] = x"),
    ("(a,) = x", "(a,) = x"),
    ("a = b, c = x", "a = b, c = x"),
    ("return (a, b)", "return a, b"),
    ("return (a,)", "return (a,)"),
    ("return ()", "return ()"),
    ("return (yield)", "return (yield)"),
    ("y: int", "y: int"),
    ("(y): int = 2", "(y): int = 2"),
    ("x.y: int = yield", "x.y: int = yield"),
    ("x[i, :] **= 2", "x[i, :] **= 2"),
    ("x += a, b", "x += (a, b)"),
    ("del (a), b[0]", "del a, b[0]"),
    ("raise E('a') from None", 'raise E("a") from None'),
    ("raise", "raise"),
    ("assert a, 'b'", 'assert a, "b"'),
    ("assert (a, b)", "assert (a, b)"),
    ("import numpy as np, os.path", "import numpy as np, os.path"),
    ("from . import a as b, c", "from . import a as b, c"),
    ("from ..a.b import *", "from ..a.b import *"),
    ("global a, b", "global a, b"),
    ("(y := 1)", "(y := 1)"),
    ("y = (z := 1)", "y = (z := 1)"),
    ("'not first'; 'nor this'", '"""not first"""\n\n"nor this"'),
    ("if (y := f()): pass", "if y := f():\n    pass"),
    ("while (a): break", "while a:\n    break"),
    ("for (i, x) in (a, b): continue", "for i, x in (a, b):\n    continue"),
    ("with (a as b, c): pass", "with a as b, c:\n    pass"),
    ("with (a, b): pass", "with a, b:\n    pass"),
    ("@f\n@g(1)\nclass C(A, k=1): x = 1", "@f\n@g(1)\nclass C(A, k=1):\n    x = 1"),
]


@pytest.mark.parametrize(("source", "expected"), REWRITTEN)
def test_statement_is_printed_in_its_normal_form(source: str, expected: str) -> None:
    assert printed(source) == expected + "\n"


STATEMENTS = """\
\"\"\"Module.\"\"\"

import numpy as np
from os import path

x = 1


def f(a, /, b: int, c=1, *d, e, g: float = 2.0, **h) -> float:
    \"\"\"Say "what".

    Over lines, with a back\\\\slash and a \\"\\"\\"quote\\"\\"\\".
    \"\"\"
    nonlocal_ = 1

    def inner(*, t):
        nonlocal nonlocal_
        return t

    for i in range(3):
        pass
    else:
        x += 1
    while a:
        break
    else:
        pass
    if a:
        pass
    elif b:
        pass
    elif c:
        pass
    else:
        if d:
            pass
        e = 1
    try:
        pass
    except (A, B) as error:
        raise C from error
    except D:
        pass
    except:
        pass
    else:
        pass
    finally:
        pass
    return inner


class C:
    x = 1

    @property
    def y(self):
        return "x"

    def z(self):
        pass


@f
def g():
    pass


y = f(2)
"""


def test_statements_are_printed_as_they_stand() -> None:
    assert printed(STATEMENTS) == STATEMENTS


def test_an_if_alone_in_an_else_becomes_elif() -> None:
    source = "if a:\n    pass\nelse:\n    if b:\n        pass\n"
    assert printed(source) == "if a:\n    pass\nelif b:\n    pass\n"


def test_an_empty_module_is_an_empty_text() -> None:
    assert printed("") == ""


@pytest.mark.parametrize(
    ("value", "before", "expected"),
    [
        (-2, "", "-2"),
        (-1.5, "", "-1.5"),
        (-0.0, "", "-0.0"),
        (-2, " ** x", "(-2) ** x"),
        (-2, ".real", "(-2).real"),
        (-2, "[0]", "(-2)[0]"),
        (-2, " * x", "-2 * x"),
        (1 + 2j, "", "1.0 + 2j"),
        (1 + 2j, " * x", "(1.0 + 2j) * x"),
        (-1.5 - 2j, "", "-1.5 - 2j"),
        (-2j, "", "-2j"),
        ((1, -2), "", "(1, -2)"),
        (("a",), "", '("a",)'),
    ],
)
def test_constants_python_has_no_literal_for(value: object, before: str, expected: str) -> None:
    class Insert(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return constant(value) if node.id == "HOLE" else node

    tree = Insert().visit(ast.parse("HOLE" + before))
    assert print_module(tree, {}) == expected + "\n"


@pytest.mark.parametrize("value", [float("inf"), float("nan"), complex(0, float("inf"))])
def test_infinite_constants_are_refused(value: complex) -> None:
    tree = ast.Module([ast.Expr(ast.Constant(value))], [])
    with pytest.raises(AssertionError, match=r"inf and nan have no literal: write np\.inf"):
        print_module(tree, {})


def test_objects_without_literal_are_refused() -> None:
    tree = ast.Module([ast.Expr(constant(object()))], [])
    with pytest.raises(AssertionError, match="no literal for a object"):
        print_module(tree, {})


def test_unknown_statements_are_refused() -> None:
    with pytest.raises(AssertionError, match="no rule for Match"):
        printed("match x:\n    case 1:\n        pass")
    with pytest.raises(AssertionError, match="no rule for AsyncFunctionDef"):
        printed("async def f(): pass")


def test_a_text_that_means_something_else_is_refused() -> None:
    # A name that is no name: the tree says one variable, the text says a sum.
    tree = ast.Module([ast.Expr(ast.Name("a + b", ast.Load()))], [])
    with pytest.raises(AssertionError, match="read as another tree"):
        print_module(tree, {})


def test_fields_left_out_of_a_hand_made_tree_take_their_defaults() -> None:
    (function,) = ast.parse("def f(x): pass").body
    assert isinstance(function, ast.FunctionDef)
    for field in ("returns", "type_params", "type_comment"):
        if hasattr(function, field):
            delattr(function, field)
    tree = ast.Module([function], [])
    assert print_module(tree, {}) == "def f(x):\n    pass\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0", "None"),
        ("1", "1.0"),
        ("1", "True"),
        ("0.0", "-0.0"),
        ("x[0]", "x[0,]"),
        ("f()", "f(a)"),
    ],
)
def test_first_difference_tells_trees_apart(one: str, other: str) -> None:
    assert first_difference(ast.parse(one), ast.parse(other)) is not None
    assert first_difference(ast.parse(one), ast.parse(one)) is None


BROKEN = """\
def f(x):
    d_t = some_function_name(
        first_argument_with_a_name, second_argument_with_a_name, third_argument=3
    )
    d_t = some_function_name(
        first_argument_with_a_name,
        second_argument_with_a_name[1:-1],
        *third_argument_with_a_name,
        fourth=4,
    )
    d_t = c * np.concatenate(
        [d_u[1:-1], u[2:] - 2 * u[1:-1] + u[:-2], d_u[1:-1], u[2:]], axis=0
    ).reshape(d_u.shape)
    d_c += (
        np.vdot(d_u[1:-1], u[2:] - 2 * u[1:-1] + u[:-2])
        + np.vdot(d_u[1:-1], u[2:] - 2 * u[1:-1] + u[:-2])
        - np.vdot(d_u[1:-1], u[2:])
    )
    d_total = (
        first_operand_with_a_long_name - (second_operand_with_a_name - third_operand)
    )
    y = -(
        first_operand_with_a_long_name
        + second_operand_with_a_long_name
        + third_operand_with_a_long_name
    )
    y = (
        first_operand_with_a_long_name
        + second_operand_with_a_long_name
        + third_operand_with_a_long_name
    ).sum(axis=0)
    y = f(
        first_operand_with_a_long_name
        + second_operand_with_a_long_name
        + third_operand_with_a_long_name,
        k=1,
    )
    y = f(
        k=(
            first_operand_with_a_long_name
            + second_operand_with_a_long_name
            + third_operand_with_a_long_name
        ),
    )
    x[
        some_long_index_name_number_one,
        some_long_index_name_number_two,
        some_long_index_name_number_three:,
    ] += 1
    d_total = x[
        a_first_name_for_the_index_of_x - a_second_name_for_the_index_of_x, a_third_n
    ]
    y = sum(
        first_operand_with_a_long_name * second_operand_with_a_long_name
        for first_operand_with_a_long_name, second_operand_with_a_long_name in pairs
        if first_operand_with_a_long_name
    )
    y = {
        "a_key_that_is_rather_long": 1,
        "another_key_that_is_rather_long": 2,
        **more_of_the_same_kind,
    }
    y = (
        an_outcome_that_has_a_name(x)
        if some_condition_that_has_a_long_name_holds(x)
        else np.zeros_like(x)
    )
    if (
        some_condition_with_a_long_name_holds(x)
        and some_other_condition_holds(x)
        and the_third_condition_holds
    ):
        pass
    for first_name_of_the_pair, second_name_of_the_pair in zip(
        the_first_sequence_of_many, the_second_sequence
    ):
        pass
    an_object_name.long_chain_of_attributes.that_cannot_be_broken = (
        another_object.long_chain_of.attributes_here
    )
    return (
        first_result_with_a_long_name,
        second_result_with_a_long_name,
        third_result_with_a_long_name,
    )


def a_function_with_a_name(
    first_parameter_with_a_name, second_parameter_with_a_name, third=None
):
    pass


def another_function_with_a_name(
    first_parameter_with_a_name,
    /,
    second_parameter_with_a_name: int,
    *,
    third_parameter_with_a_name: float = 1.0,
    **others,
) -> float:
    pass
"""


def test_long_lines_are_broken_inside_brackets() -> None:
    assert max(map(len, BROKEN.splitlines())) <= CODE_WIDTH
    assert printed(ast.unparse(ast.parse(BROKEN))) == BROKEN


def test_one_tuple_keeps_its_comma_when_broken() -> None:
    text = printed(f"y = ({'a' * 82},)")
    assert text == f"y = (\n    {'a' * 82},\n)\n"


def test_a_long_string_may_exceed() -> None:
    source = f'x = "{"a" * 200}"\n'
    assert printed(source) == source


def test_trailing_comments_are_aligned_in_a_run() -> None:
    tree = ast.parse(
        "def f():\n    a = 1\n    bcd = a\n    c = 3\n    if c:\n        d = c\n    return d\n"
    )
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    a, b, _, branch, leave = function.body
    assert isinstance(branch, ast.If)
    comments = {
        function: Comment(("above f",), "of f"),
        a: Comment(("forward", "two lines"), "1: a"),
        b: Comment(trailing="2: b"),
        branch: Comment(trailing="4: if"),
        branch.body[0]: Comment(trailing="5: d"),
        leave: Comment(("backward",)),
    }
    assert print_module(tree, comments) == (
        "# above f\n"
        "def f():  # of f\n"
        "    # forward\n"
        "    # two lines\n"
        "    a = 1    # 1: a\n"
        "    bcd = a  # 2: b\n"
        "    c = 3\n"
        "    if c:    # 4: if\n"
        "        d = c  # 5: d\n"
        "    # backward\n"
        "    return d\n"
    )


def with_trailing(source: str, *texts: str) -> list[str]:
    tree = ast.parse(source)
    comments = {s: Comment(trailing=t) for s, t in zip(tree.body, texts, strict=True)}
    return print_module(tree, comments).splitlines()


def test_wide_code_does_not_push_the_comments_of_others() -> None:
    wide = "x = " + "b" * 60
    assert with_trailing(f"a = 1\n{wide}\ncd = 1", "1", "2", "3") == [
        "a = 1   # 1",
        wide + "  # 2",
        "cd = 1  # 3",
    ]


def test_a_comment_that_fits_only_unaligned_is_not_aligned() -> None:
    lines = with_trailing(f"a = 1\n{'b' * 46} = 1", "c" * 60, "2")
    assert lines == ["a = 1  # " + "c" * 60, "b" * 46 + " = 1  # 2"]


def test_a_long_comment_is_cut() -> None:
    (line,) = with_trailing("a = 1", "c" * 200)
    assert len(line) == COMMENT_WIDTH
    assert line.endswith("c...")


def test_a_comment_with_no_room_goes_above() -> None:
    code = f"{'a' * 78} = 1"
    assert with_trailing(code, "a comment that is long") == ["# a comment that is long", code]
    (line,) = with_trailing(f"{'a' * 77} = 1", "a comment that is long")
    assert line == f"{'a' * 77} = 1  # a comment th..."
    (line,) = with_trailing(code, "short")
    assert line == code + "  # short"


def test_the_comment_of_a_broken_statement_stands_at_its_end() -> None:
    lines = with_trailing(f"ggg({'a' * 50}, {'b' * 32})\nc = 1", "first", "second")
    assert lines == [
        "ggg(",
        f"    {'a' * 50}, {'b' * 32}",
        ")  # first",
        "c = 1  # second",
    ]


def test_comments_on_elif_definitions_and_line_breaks_in_comments() -> None:
    tree = ast.parse("if a:\n    pass\nelif b:\n    pass\n@g\ndef f():\n    'doc'\n")
    branch, function = tree.body
    assert isinstance(branch, ast.If)
    comments = {
        branch.orelse[0]: Comment(("else if",), "two\nlines"),
        function: Comment(("above", ""), "of f"),
    }
    assert print_module(tree, comments) == (
        "if a:\n    pass\n# else if\nelif b:  # two lines\n    pass\n\n\n"
        '# above\n#\n@g\ndef f():  # of f\n    """doc"""\n'
    )


def test_docstrings_keep_their_value() -> None:
    for value in ['ends in "', '"""', "tab\t\r\x00\ud800", "back\\", "", "é\n  x\n"]:
        tree = ast.Module([ast.Expr(ast.Constant(value))], [])
        assert print_module(tree, {}).startswith('"""')


def test_long_programs_print_in_linear_time() -> None:
    lines = ["d_t = c * d_u[1:-1]", "d_c += np.vdot(d_u[1:-1], u[2:] - 2 * u[1:-1] + u[:-2])"]

    def calls(count: int) -> int:
        """The number of Python calls it takes, which no other load on the machine changes."""
        tree = ast.parse("\n".join(lines * (count // 2)))
        comments = {statement: Comment(trailing="3: source") for statement in tree.body}
        profile = cProfile.Profile(builtins=False)
        profile.runcall(print_module, tree, comments)
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(4_000) < 10.5 * calls(400)


NAMES = st.sampled_from(["a", "b", "x", "d_x", "a_name_that_is_long_enough_to_break"])
LITERALS = st.one_of(
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.complex_numbers(allow_nan=False, allow_infinity=False, max_magnitude=1e3),
    st.text(max_size=4),
    st.binary(max_size=3),
    st.sampled_from([None, True, False, ...]),
)
LOAD = ast.Load()
BINARY_OPERATORS = st.sampled_from([operator() for operator in BINARY])
UNARY_OPERATORS = st.sampled_from([ast.USub(), ast.UAdd(), ast.Not(), ast.Invert()])
BOOLEAN_OPERATORS = st.sampled_from([ast.And(), ast.Or()])
COMPARISONS = st.sampled_from([ast.Lt(), ast.Eq(), ast.NotIn(), ast.Is(), ast.IsNot()])


# A form builds an expression: `inner()` draws an operand, one level smaller.
Inner = Callable[[], ast.expr]
Form = Callable[[Inner, st.DrawFn], ast.expr]


def element(inner: Inner, draw: st.DrawFn) -> ast.expr:
    return ast.Starred(inner(), LOAD) if draw(st.integers(0, 3)) == 3 else inner()


def elements(inner: Inner, draw: st.DrawFn) -> list[ast.expr]:
    return [element(inner, draw) for _ in range(draw(st.integers(0, 3)))]


def slices(inner: Inner, draw: st.DrawFn) -> ast.Slice:
    return ast.Slice(*(inner() if draw(st.booleans()) else None for _ in range(3)))


def index(inner: Inner, draw: st.DrawFn) -> ast.expr:
    several = draw(st.integers(0, 3))
    parts = [slices(inner, draw) if draw(st.booleans()) else inner() for _ in range(several or 1)]
    return ast.Tuple(parts, LOAD) if several else parts[0]


def loops(inner: Inner, draw: st.DrawFn) -> list[ast.comprehension]:
    tests = [inner() for _ in range(draw(st.integers(0, 1)))]
    return [
        ast.comprehension(ast.Name(draw(NAMES), ast.Store()), inner(), tests, 0)
        for _ in range(draw(st.integers(1, 2)))
    ]


def keywords(inner: Inner, draw: st.DrawFn) -> list[ast.keyword]:
    names = draw(st.lists(NAMES, max_size=2, unique=True))
    return [ast.keyword(name, inner()) for name in names]


def function(inner: Inner, draw: st.DrawFn) -> ast.Lambda:
    parameter = ast.arg(draw(NAMES))
    return ast.Lambda(ast.arguments([], [parameter], None, [], [], None, []), inner())


# The forms whose parentheses do nothing but group.
OPERATIONS: list[Form] = [
    lambda inner, draw: ast.BinOp(inner(), draw(BINARY_OPERATORS), inner()),
    lambda inner, draw: ast.UnaryOp(draw(UNARY_OPERATORS), inner()),
    lambda inner, draw: ast.BoolOp(draw(BOOLEAN_OPERATORS), [inner(), inner()]),
    lambda inner, draw: ast.Compare(inner(), [draw(COMPARISONS)], [inner()]),
    lambda inner, _: ast.IfExp(inner(), inner(), inner()),
    lambda inner, draw: ast.Attribute(inner(), draw(NAMES), LOAD),
    lambda inner, _: ast.Call(inner(), [inner()], []),
    lambda inner, _: ast.Subscript(inner(), inner(), LOAD),
    function,
]
FORMS: list[Form] = [
    *OPERATIONS,
    lambda inner, draw: ast.NamedExpr(ast.Name(draw(NAMES), ast.Store()), inner()),
    lambda inner, draw: ast.Call(inner(), elements(inner, draw), keywords(inner, draw)),
    lambda inner, draw: ast.Subscript(inner(), index(inner, draw), LOAD),
    lambda inner, draw: ast.Tuple(elements(inner, draw), LOAD),
    lambda inner, draw: ast.List(elements(inner, draw), LOAD),
    lambda inner, _: ast.Set([inner(), inner()]),
    lambda inner, _: ast.Dict([inner(), None], [inner(), inner()]),
    lambda inner, draw: ast.ListComp(inner(), loops(inner, draw)),
    lambda inner, draw: ast.Call(inner(), [ast.GeneratorExp(inner(), loops(inner, draw))], []),
    lambda inner, draw: ast.DictComp(inner(), inner(), loops(inner, draw)),
    lambda inner, draw: ast.Yield(inner() if draw(st.booleans()) else None),
]


@st.composite
def expressions(draw: st.DrawFn, forms: list[Form], depth: int) -> ast.expr:
    """Draw an expression with at most `depth` operations one inside the other."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return ast.Name(draw(NAMES), LOAD) if draw(st.booleans()) else ast.Constant(draw(LITERALS))
    form = forms[draw(st.integers(0, len(forms) - 1))]
    return form(lambda: draw(expressions(forms, depth - 1)), draw)


STATEMENT_FORMS = st.sampled_from(
    [
        lambda e: ast.Expr(e),
        lambda e: ast.Return(e),
        lambda e: ast.Assign([ast.Name("y", ast.Store())], e),
        lambda e: ast.Assign([ast.Tuple([ast.Name("y"), ast.Name("z")])], e),
        lambda e: ast.AugAssign(ast.Name("y", ast.Store()), ast.Add(), e),
        lambda e: ast.If(e, [ast.Assert(e, e)], []),
        lambda e: ast.For(ast.Name("y", ast.Store()), e, [ast.Pass()], []),
    ]
)


@settings(max_examples=400, deadline=None)
@given(expressions(FORMS, 4), STATEMENT_FORMS)
def test_random_expressions_are_read_back_as_the_same_tree(
    expression: ast.expr, form: Callable[[ast.expr], ast.stmt]
) -> None:
    tree = ast.Module([form(expression)], [])
    text = print_module(tree, {tree.body[0]: Comment(("above",), "beside")})
    assert first_difference(tree, ast.parse(text)) is None


@settings(max_examples=300, deadline=None)
@given(expressions(OPERATIONS, 2))
def test_no_parentheses_are_superfluous(expression: ast.expr) -> None:
    text = one_line(expression)
    for start, end in grouping_pairs(text):
        without = f"{text[:start]} {text[start + 1 : end]} {text[end + 1 :]}".strip()
        try:
            tree = ast.parse(without, mode="eval")
        except (SyntaxError, ValueError):
            continue
        assert first_difference(ast.Expression(expression), tree) is not None, (text, without)


def grouping_pairs(text: str) -> list[tuple[int, int]]:
    """Return the places of round brackets, but not those of calls and of `(1).real`."""
    opened: list[int] = []
    pairs = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        position = token.start[1]  # the text is one line; brackets in strings are no tokens
        if token.string == "(":
            opened.append(position)
        elif token.string == ")":
            start = opened.pop()
            attribute = text[start + 1].isdigit() and text[position + 1 :].startswith(".")
            call = start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_)]}.")
            if not (call or attribute):
                pairs.append((start, position))
    return pairs

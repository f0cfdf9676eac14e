import copy
import pickle
import traceback
import warnings
from pathlib import Path
from typing import Any

import gast
import numpy as np
import pytest

from adjoint import grad
from adjoint.errors import (
    AdjointError,
    BadArgument,
    NoSource,
    NotScalar,
    Place,
    Unsupported,
    ZeroGradientWarning,
    render,
    suggest,
)
from adjoint.stage import run

LOSS = Place("train.py", 40, 4, 40, 20, "    h = model.forward(x)", "loss")
FORWARD = Place("model.py", 12, 12, 12, 28, "        y = np.frobnicate(x)", "forward", (LOSS,))


def call_site(number: int) -> Place:
    return Place("deep.py", number, 4, number, 8, "    f(x)", f"f{number}")


def test_an_error_shows_message_place_callers_and_advice() -> None:
    error = Unsupported(
        "np.frobnicate has no derivative rule, and its argument depends on x",
        FORWARD,
        "write a rule (adjoint.rule), or use np.tanh",
    )
    assert str(error) == (
        "np.frobnicate has no derivative rule, and its argument depends on x\n"
        "  model.py:12:13 in forward\n"
        "      y = np.frobnicate(x)\n"
        "          ^^^^^^^^^^^^^^^^\n"
        "  called from train.py:40:5 in loss\n"
        "      h = model.forward(x)\n"
        "      ^^^^^^^^^^^^^^^^\n"
        "what to do: write a rule (adjoint.rule), or use np.tanh"
    )


def test_an_error_may_have_a_message_only() -> None:
    assert str(NotScalar("the result has shape (3,)")) == "the result has shape (3,)"


def test_the_place_without_text_has_no_caret() -> None:
    nowhere = Place("gone.py", 3, 4, 3, 9, "", "f")
    assert render("no", nowhere) == "no\n  gone.py:3:5 in f"


def test_the_caret_of_many_lines_goes_to_the_end_of_the_first() -> None:
    place = Place("m.py", 1, 8, 3, 5, "    y = f(a,  ", "g")
    assert render("no", place).splitlines()[2:] == ["      y = f(a,", "          ^^^^"]


def test_the_caret_line_repeats_tabs() -> None:
    place = Place("m.py", 1, 5, 1, 6, "\ty =\tx", "g")
    assert render("no", place).splitlines()[2:] == ["      y =\tx", "         \t^"]


def test_an_empty_stretch_still_has_a_caret() -> None:
    place = Place("m.py", 1, 0, 1, 0, "x", "g")
    assert render("no", place).splitlines()[-1] == "      ^"


def test_the_middle_of_a_long_chain_of_callers_is_left_out() -> None:
    callers = tuple(call_site(number) for number in range(1, 21))
    place = Place("deep.py", 30, 4, 30, 8, "    g(x)", "g", callers)
    shown = [line for line in render("no", place).splitlines() if "called from" in line]
    assert [line.split()[-1] for line in shown] == ["f20", "f19", "f18", "f17", "f16", "f15", "f1"]
    assert "  ... 13 more calls ..." in render("no", place).splitlines()


def test_a_chain_that_fits_is_shown_whole() -> None:
    callers = tuple(call_site(number) for number in range(1, 8))
    place = Place("deep.py", 30, 4, 30, 8, "    g(x)", "g", callers)
    assert render("no", place).count("called from") == 7
    assert "more call" not in render("no", place)


@pytest.mark.parametrize(
    ("kind", "caught_as"),
    [
        (Unsupported, NotImplementedError),
        (NotScalar, TypeError),
        (BadArgument, ValueError),
        (BadArgument, TypeError),
        (NoSource, AdjointError),
    ],
)
def test_errors_are_caught_as_users_expect(
    kind: type[AdjointError], caught_as: type[Exception]
) -> None:
    with pytest.raises(caught_as):
        raise kind("no")
    assert issubclass(kind, AdjointError)


@pytest.mark.parametrize(
    "kind", [AdjointError, Unsupported, NoSource, NotScalar, BadArgument, ZeroGradientWarning]
)
def test_errors_pickle_and_copy(kind: type[AdjointError]) -> None:
    error = kind("what", FORWARD, "do this")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is kind
        assert (again.message, again.place, again.advice) == ("what", FORWARD, "do this")
        assert str(again) == str(error)


def test_the_warning_is_shown_like_an_error() -> None:
    with pytest.warns(ZeroGradientWarning, match=r"no path.*\n  train.py:40:5 in loss"):
        warnings.warn(ZeroGradientWarning("no path from x to the result", LOSS), stacklevel=1)


def test_suggest_names_the_nearest() -> None:
    assert suggest("wieghts", {"weights", "bias"}) == "did you mean 'weights'?"
    assert suggest("q", {"weights", "bias"}) == ""
    assert suggest("weights", {"weights"}) == "", "a name is no correction of itself"


def test_suggest_does_not_depend_on_order() -> None:
    assert suggest("ax", ["axb", "axa"]) == suggest("ax", ["axa", "axb"])


def test_a_refusal_is_raised_without_the_steps_of_the_compiler() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for each in x:
            exec("total = total + each")
        return total

    with pytest.raises(Unsupported) as caught:
        grad(f)(np.ones(3))
    files = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert not any("stage" in Path(file).parts for file in files)
    assert len(files) < 10
    assert caught.value.__suppress_context__


def test_a_defect_of_the_compiler_says_which_line_it_fails_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any) -> Any:
        raise AssertionError("a list has a variable")

    def f(x: Any) -> Any:
        y = x * 2.0
        return y if x > 1 else -y

    monkeypatch.setitem(run.EXPRESSIONS, gast.IfExp, fails)
    with pytest.raises(AssertionError, match="a list has a variable") as caught:
        grad(f)(2.0)
    (note,) = caught.value.__notes__
    assert note.startswith("adjoint failed to read this, which is a defect of adjoint\n")
    assert "in f\n      return y if x > 1 else -y\n" in note
    assert "what to do: report it together with the function" in note

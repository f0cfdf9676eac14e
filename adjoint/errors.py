"""What a user is told when something cannot be done: where, why, and what to do about it.

Every error of this library is built from a message, a place in the user's source and an
advice, and is shown as the message, the source line with a caret, the chain of calls that
led there, and the advice.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from types import TracebackType
from typing import Any, Final, ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")

NEAREST_CALLERS = 6
"""How many call sites are shown next to the place; of a longer chain the middle is left out."""

OWN_CALL: Final = "<adjoint call of "
"""How the file is called of a function by which this library calls one of the user's."""

PLACES: Final = "__adjoint_places__"
"""The name of a generated module for its `Origins`."""


_REPORT: Final = "report it together with the function, and write the statement in another way"


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the user's source.

    Lines are counted from 1, columns from 0 in characters (shown from 1). `text` is the whole
    source line at `line`, as it stands in the file. `callers` are the call sites through which
    an inlined function was reached, outermost first.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    function: str
    callers: tuple[Place, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column + 1}"


Stretch = tuple[int, int, int, int]
"""A stretch of generated text: first and last line, first and last column."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Where generated text comes from: its lines, and expressions in them that came from others."""

    lines: Mapping[int, Place]
    expressions: Mapping[Stretch, Place]


class Diagnostic(Exception):
    """A message with its place and its advice; the common part of errors and warnings."""

    message: str
    place: Place | None
    advice: str

    def __init__(self, message: str, place: Place | None = None, advice: str = "") -> None:
        # All three stay in `args`: that is what pickle and copy rebuild an exception from.
        super().__init__(message, place, advice)
        self.message = message
        self.place = place
        self.advice = advice

    def __str__(self) -> str:
        return render(self.message, self.place, self.advice)


class AdjointError(Diagnostic):
    """Base of all errors this library raises on purpose."""


class Unsupported(AdjointError, NotImplementedError):
    """A construct of the language, or a function, that cannot be differentiated."""


class NoSource(AdjointError):
    """A function whose Python source cannot be read, or is no longer the one that runs."""


class NotScalar(AdjointError, TypeError):
    """A result of more than one element where a scalar is needed."""


# Asking for argument 7 of 3 is a ValueError to most people, asking for the gradient with respect
# to a string a TypeError, and an unknown name could be either: this is caught as both.
class BadArgument(AdjointError, ValueError, TypeError):
    """An argument that does not exist or that nothing can be differentiated with respect to."""


class ZeroGradientWarning(Diagnostic, UserWarning):
    """A gradient that is zero because no path leads from the argument to the result."""


class PrimalRaises(Exception):
    """The user's function itself raises here, whenever it comes here.

    What the compiler tells its caller, who calls the function: no user sees it.
    """

    def __init__(self, error: BaseException, place: Place) -> None:
        super().__init__(str(error))
        self.error, self.place = error, place


def render(message: str, place: Place | None = None, advice: str = "") -> str:
    """Return the text of an error: what happened, where, and what to do.

    Examples
    --------
    >>> here = Place("model.py", 12, 8, 12, 24, "    y = np.frobnicate(x)", "forward")
    >>> print(render("np.frobnicate has no derivative rule", here, "write a rule (adjoint.rule)"))
    np.frobnicate has no derivative rule
      model.py:12:9 in forward
          y = np.frobnicate(x)
              ^^^^^^^^^^^^^^^^
    what to do: write a rule (adjoint.rule)
    """
    lines = [message]
    if place is not None:
        if not place.file.startswith(OWN_CALL):
            lines += _shown(place, f"{place} in {place.function}")
        users = tuple(each for each in place.callers if not each.file.startswith(OWN_CALL))
        lines += _shown_callers(users)
    if advice:
        lines.append(f"what to do: {advice}")
    return "\n".join(lines)


def briefly(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """Return `make` with its refusals raised anew, without the steps of the compiler before them.

    They are some hundred frames, of which none is the user's: the place is in the message.
    """

    @wraps(make)
    def made(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        try:
            return make(*args, **kwargs)
        except AdjointError as error:
            refusal = error.with_traceback(None)
        raise refusal from refusal.__cause__

    return made


def note_origin() -> None:
    """Tell the error that is being handled which line of the user's it comes from.

    That is asked of the generated module whose code raised it, or called what did.
    """
    error = sys.exception()
    assert error is not None, "called by what handles an error"
    found = [*_origins(error.__traceback__)]
    if found:
        note = render("raised by code that was generated for", found[-1])
        if note not in getattr(error, "__notes__", ()):  # one that is raised again and again
            error.add_note(note)


def note_defect(error: Exception, place: Place) -> None:
    """Tell an error of the compiler's own which statement it comes of, if it was not told yet."""
    message = "adjoint failed to read this, which is a defect of adjoint"
    if not any(note.startswith(message) for note in getattr(error, "__notes__", ())):
        error.add_note(render(message, place, _REPORT))


def _origins(traceback: TracebackType | None) -> Iterator[Place]:
    while traceback is not None:
        origins: Origins | None = traceback.tb_frame.f_globals.get(PLACES)
        if origins is not None:
            place = origins.expressions.get(_stretch(traceback))
            place = place or origins.lines.get(traceback.tb_lineno)
            if place is not None:
                yield place
        traceback = traceback.tb_next


def _stretch(traceback: TracebackType) -> Any:
    """Where in the text a frame is."""
    positions = [*traceback.tb_frame.f_code.co_positions()]
    return positions[traceback.tb_lasti // 2]


def suggest(name: str, candidates: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the candidate most like `name`, or an empty string.

    Examples
    --------
    >>> suggest("wieghts", ["bias", "weights"])
    "did you mean 'weights'?"
    >>> suggest("wieghts", ["x", "y"])
    ''
    """
    # Sorted, so that of two equally near candidates the same one is named in every run.
    nearest = difflib.get_close_matches(name, sorted(set(candidates) - {name}), n=1)
    return f"did you mean {nearest[0]!r}?" if nearest else ""


def _shown_callers(callers: tuple[Place, ...]) -> list[str]:
    """Return the lines for the call sites, the nearest first, the outermost always among them."""
    nearest_first = callers[::-1]
    left_out = len(callers) - NEAREST_CALLERS - 1
    lines: list[str] = []
    for index, caller in enumerate(nearest_first):
        if left_out < 1 or index < NEAREST_CALLERS or index == len(callers) - 1:
            lines += _shown(caller, f"called from {caller} in {caller.function}")
        elif index == NEAREST_CALLERS:
            lines.append(f"  ... {left_out} more call{'s' if left_out > 1 else ''} ...")
    return lines


def _shown(place: Place, heading: str) -> list[str]:
    """Return heading, source line and caret line, indented."""
    code = place.text.strip()
    if not code:
        return [f"  {heading}"]
    return [f"  {heading}", f"      {code}", f"      {_caret(place)}".rstrip()]


def _caret(place: Place) -> str:
    """Return blanks up to the place and carets under it; a place of many lines ends with its first.

    >>> _caret(Place("f.py", 1, 4, 3, 1, "y = f(", "g"))
    '    ^^'
    """
    stripped = place.text.lstrip()
    margin = len(place.text) - len(stripped)
    start = max(place.column - margin, 0)
    end = place.end_column - margin if place.end_line == place.line else len(stripped.rstrip())
    # A tab in the line is repeated below it: its width is the terminal's business.
    before = "".join("\t" if letter == "\t" else " " for letter in stripped[:start])
    return before.ljust(start) + "^" * max(end - start, 1)

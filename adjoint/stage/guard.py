"""The guard: generated code that tells whether compiled code applies to the arguments of a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

__all__ = ["MISS", "guard_source", "make_entry", "make_guard"]

MISS: Any = object()
"""What an entry returns where the compiled function does not apply."""

_SHAPE = re.compile(r"([A-Za-z_][\w.\[\]'\"]*?)\.(?:shape\b|ndim\b)")


def guard_source(
    parameters: Sequence[str],
    conditions: Iterable[str],
    outside: Iterable[str] = (),
    *,
    hit: str = "True",
    miss: str = "False",
) -> str:
    """The text of the guard.

    `outside` are names that are read by ``_read_name()``; `hit` and `miss` are what it returns.
    Each shape is read once, and what cannot be looked at (a missing attribute) does not fit.

    Examples
    --------
    >>> print(guard_source(["x"], ["type(x) is ndarray", "x.ndim == 2", "x.shape[1] == 1"]))
    def guard(x):
        try:
            if not (type(x) is ndarray): return False
            s0 = x.shape
            if not (len(s0) == 2 and s0[1] == 1): return False
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            return False
        return True
    """
    lines = [f"{name} = _read_{name}()" for name in outside]
    names: dict[str, str] = {}
    tests: list[str] = []
    for condition in dict.fromkeys(conditions):
        fresh = [t for t in _SHAPE.findall(condition) if t not in names]
        if fresh:
            lines += _test(tests, miss)
            tests = []
        for text in dict.fromkeys(fresh):
            names[text] = f"s{len(names)}"
            lines.append(f"{names[text]} = {text}.shape")
        tests.append(_with_names(condition, names))
    lines += _test(tests, miss)
    body = "".join(f"        {line}\n" for line in lines) or "        pass\n"
    return (
        f"def guard({', '.join(parameters)}):\n    try:\n{body}"
        "    except (AttributeError, KeyError, IndexError, TypeError, ValueError):\n"
        f"        return {miss}\n    return {hit}"
    )


def _test(tests: Sequence[str], miss: str) -> list[str]:
    return [f"if not ({' and '.join(tests)}): return {miss}"] if tests else []


def _with_names(condition: str, names: Mapping[str, str]) -> str:
    def renamed(match: re.Match[str]) -> str:
        name = names[match.group(1)]
        return name if match.group(0).endswith("shape") else f"len({name})"

    return _SHAPE.sub(renamed, condition)


def make_guard(
    parameters: Sequence[str],
    conditions: Iterable[str],
    constants: Mapping[str, Any],
    externals: Mapping[str, Callable[[], Any]],
) -> Callable[..., bool]:
    """The guard as a function."""
    namespace = {**constants, **{f"_read_{name}": read for name, read in externals.items()}}
    text = guard_source(parameters, conditions, externals)
    exec(compile(text, "<adjoint guard>", "exec"), namespace)
    guard: Callable[..., bool] = namespace["guard"]
    return guard


def make_entry(
    parameters: Sequence[str],
    conditions: Iterable[str],
    constants: Mapping[str, Any],
    externals: Mapping[str, Callable[[], Any]],
    function: Callable[..., Any],
    keywords: Mapping[str, str],
) -> Callable[..., Any]:
    """The guard and the call of `function` in one: the result, or `MISS`.

    `keywords` gives the external that each keyword parameter of the function is.
    """
    namespace = {**constants, **{f"_read_{name}": read for name, read in externals.items()}}
    namespace |= {"_function": function, "_miss": MISS}
    passed = [*parameters, *(f"{keyword}={name}" for keyword, name in keywords.items())]
    hit = f"_function({', '.join(passed)})"
    text = guard_source(parameters, conditions, externals, hit=hit, miss="_miss")
    exec(compile(text, "<adjoint guard>", "exec"), namespace)
    entry: Callable[..., Any] = namespace["guard"]
    return entry

"""The check of one rule at one call: its cotangents against central differences.

    check(np.matmul, matrix, vector)
    check(np.sum, matrix, axis=1, keepdims=True)

Each vjp that is named for a floating argument runs twice, on real arrays and on opaque stand-ins
for compile-time handles, and what it gives is summed down to the argument's shape and compared.

Central differences with step h = 1e-5 in float64 carry an error of about h**2 f''' / 6 + eps f / h,
both near 1e-11 for values near 1. The tolerance of 1e-6 leaves room for functions that bend more.
"""

from __future__ import annotations

import inspect
import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, jvp, vjp
from adjoint.rules.registry import lookup
from adjoint.rules.rule import Kind, Rule, Vjp
from tests.rules.opaque import unwrapped, wrapped
from tests.rules.second_order import Call, check_second_order, is_new
from tests.rules.uniform import check_sum

STEP = 1e-5
TOLERANCE = 1e-6

Function = Callable[..., Any]

#: What is refused where it is differentiated twice, by its name and a word of the call, or a shape.
#: A case that is not refused any more fails.
REFUSED_TWICE = {
    ("map_coordinates", "(1, 5)"): "rank of an argument, which is known at run time only",
    ("tensorsolve", "axes & c16"): "rank of an argument, which is known at run time only",
}


def check(
    fun: Function, *args: Any, argnums: int | Sequence[int] | None = None, **kwargs: Any
) -> None:
    """Compare every vjp of the rule of `fun` that applies to this call with differences.

    `argnums` are the places of the positional arguments to check, by default all floating ones, and
    the keyword arguments.
    """
    rule = lookup(fun)
    assert rule is not None, f"no rule for {fun}"
    assert rule.vjps, f"the rule of {fun} has no derivative"
    cotangent = _random_like(np.random.default_rng(7), _result(fun, args, kwargs))
    checked: list[tuple[Place, Any]] = []
    for name, form in rule.vjps.items():
        place = _place(form, name, cotangent, args, kwargs, argnums)
        if place is None:
            continue
        expected = _differences(fun, args, kwargs, place, cotangent)
        for each in _forms(rule, name):
            _check_form(rule, each, fun, args, kwargs, place, cotangent, expected)
        checked.append((place, expected))
    if _can_be_imported(fun):
        _check_forward(fun, args, kwargs, checked, cotangent)
    assert checked, f"no argument of {fun} was checked"


def unbroadcast(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` summed over the axes that broadcasting from `shape` added or stretched."""
    x = np.asarray(x)
    x = np.sum(x, axis=tuple(range(x.ndim - len(shape))))
    stretched = tuple(k for k, n in enumerate(shape) if n == 1 and x.shape[k] != 1)
    return np.sum(x, axis=stretched, keepdims=True) if stretched else x


def _result(fun: Function, args: Any, kwargs: Any) -> Any:
    result = fun(*args, **kwargs)
    return list(result) if isinstance(result, (list, tuple)) else result


def _random_like(rng: np.random.Generator, x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return [_random_like(rng, each) for each in x]
    drawn = rng.normal(size=np.shape(x))
    if np.iscomplexobj(x):
        drawn = drawn + 1j * rng.normal(size=np.shape(x))
    return drawn if np.ndim(x) else drawn[()] if isinstance(drawn, np.ndarray) else drawn


# --- which argument ---------------------------------------------------------------------------

Place = int | str | slice  # of a positional argument, a keyword, or a variadic tail


def _place(
    vjp: Vjp, name: str, g: Any, args: Any, kwargs: Any, argnums: int | Sequence[int] | None
) -> Place | None:
    """Where the argument `name` stands in this call; None if it is absent, or not to be checked."""
    wanted = [argnums] if isinstance(argnums, int) else argnums
    parameters = list(inspect.signature(vjp).parameters.values())[2:]  # past g and ans
    inspect.signature(vjp).bind(g, None, *args, **kwargs)  # the call must fit
    for position, parameter in enumerate(parameters):
        if parameter.name != name:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            return slice(position, None)
        if name in kwargs:
            return name if _floating(kwargs[name]) else None
        if position < len(args) and (wanted is None or position in wanted):
            return position if _floating(args[position]) else None
    return None


def _floating(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_floating, x))
    return np.asarray(x).dtype.kind in "fc"


def _at(args: Any, kwargs: Any, place: Place) -> Any:
    return kwargs[place] if isinstance(place, str) else args[place]


def _put(args: Any, kwargs: Any, place: Place, value: Any) -> tuple[Any, Any]:
    if isinstance(place, str):
        return args, {**kwargs, place: value}
    if isinstance(place, slice):
        return (*args[: place.start], *value), kwargs
    return (*args[:place], value, *args[place + 1 :]), kwargs


# --- differences ------------------------------------------------------------------------------


def _moved(x: Any, step: complex) -> Iterator[Any]:
    """`x` with each of its floating numbers moved by `step` in turn, or by 0 if not floating."""
    if isinstance(x, (list, tuple)):
        for k, each in enumerate(x):
            yield from (type(x)([*x[:k], moved, *x[k + 1 :]]) for moved in _moved(each, step))
        return
    for index in np.ndindex(np.shape(x)):
        moved = np.array(x)
        if moved.dtype.kind in "fc":
            moved[index] += step
        yield moved if isinstance(x, np.ndarray) else type(x)(moved[()])


def _pairing(cotangent: Any, result: Any) -> float:
    if isinstance(cotangent, list):
        return sum(map(_pairing, cotangent, result))
    return float(np.real(np.sum(cotangent * result)))


def _differences(fun: Function, args: Any, kwargs: Any, place: Place, cotangent: Any) -> Any:
    """The cotangent of the argument at `place`, all its numbers in one row."""
    x = _at(args, kwargs, place)

    def slopes(direction: complex) -> Any:
        ends: list[Any] = []
        for step in (STEP, -STEP):
            calls = (_put(args, kwargs, place, moved) for moved in _moved(x, step * direction))
            ends.append(np.array([_pairing(cotangent, _result(fun, *call)) for call in calls]))
        return (ends[0] - ends[1]) / (2 * STEP)

    return slopes(1) - 1j * slopes(1j) if _complex(x) else slopes(1)


def _complex(x: Any) -> bool:
    return any(map(_complex, x)) if isinstance(x, (list, tuple)) else np.iscomplexobj(x)


# --- the vjp ----------------------------------------------------------------------------------


def _forms(rule: Rule, name: str) -> list[Vjp]:
    return [form for form in (rule.vjps[name], rule.without_ans.get(name)) if form is not None]


def _check_form(
    rule: Rule,
    form: Vjp,
    fun: Function,
    args: Any,
    kwargs: Any,
    place: Place,
    cotangent: Any,
    expected: Any,
) -> None:
    ans = _result(fun, args, kwargs)
    x = _at(args, kwargs, place)

    def run(g: Any, wrap: Callable[[Any], Any] = lambda value: value) -> Any:
        options = {key: wrap(value) for key, value in kwargs.items()}
        result = unwrapped(form(wrap(g), wrap(ans), *map(wrap, args), **options))
        return _summed(result, x, np.shape(ans) if rule.kind is Kind.ELEMENTWISE else None)

    got = run(cotangent)
    np.testing.assert_allclose(got, expected, rtol=TOLERANCE, atol=TOLERANCE)
    # Not bit by bit: `x**2` on an array is a square, on an opaque value a power.
    opaque = run(cotangent, wrapped)
    np.testing.assert_allclose(opaque, got, rtol=1e-12, atol=1e-12, err_msg="on opaque values")
    if rule.kind is Kind.ELEMENTWISE:
        full = np.full(np.shape(ans), 1.5)
        # The order of sums differs, hence not bit by bit.
        np.testing.assert_allclose(run(1.5), run(full), rtol=1e-12, atol=1e-12)


def _summed(d_x: Any, x: Any, whole: tuple[int, ...] | None) -> Any:
    """`d_x` summed down to the shapes in `x`, as one row of numbers."""
    if isinstance(x, (list, tuple)):
        assert isinstance(d_x, (list, tuple)), "a list of arguments needs a list of cotangents"
        assert len(d_x) == len(x)
        return np.concatenate([_summed(*pair, whole) for pair in zip(d_x, x, strict=True)] or [[]])
    if not _floating(x):
        return np.zeros(np.size(x))
    if whole is not None:
        d_x = np.broadcast_to(d_x, whole)
    d_x = unbroadcast(d_x, np.shape(x))
    assert np.shape(d_x) == np.shape(x), f"cotangent of shape {np.shape(d_x)} for {np.shape(x)}"
    if np.iscomplexobj(d_x) and not np.iscomplexobj(x):
        d_x = np.real(d_x)
    return np.ravel(d_x)


# --- forward mode -----------------------------------------------------------------------------


def _can_be_imported(fun: Function) -> bool:
    """Whether generated code can call `fun`: one that a document defines it cannot."""
    module = getattr(fun, "__module__", None)
    return module is None or module in sys.modules


def _check_forward(
    fun: Function, args: Any, kwargs: Any, checked: list[tuple[Place, Any]], cotangent: Any
) -> None:
    """Compare the tangent of the call, along a random direction, with the cotangents."""
    rng, expected = np.random.default_rng(11), 0.0
    directions: dict[int | str, Any] = {}
    for place, d_x in checked:
        direction = _direction(rng, _at(args, kwargs, place))
        expected += float(np.real(np.sum(d_x * _row(direction))))
        where = range(len(args))[place] if isinstance(place, slice) else [place]
        several = direction if isinstance(place, slice) else [direction]
        pairs = zip(where, several, strict=True)
        directions.update((k, t) for k, t in pairs if _floating(_at(args, kwargs, k)))
    given = {
        k: x for k, x in (*enumerate(args), *kwargs.items()) if k in directions or not _plain(x)
    }
    call = _written(fun, args, kwargs, list(given))
    tangents = [directions.get(k) for k in given]
    forward = jvp(call)
    try:
        _, tangent = forward(tuple(given.values()), tangents)
    except Unsupported:  # what forward mode refuses, reverse mode refuses
        with pytest.raises((Unsupported, ValueError)):
            vjp(call, *given.values())
        return
    got = _pairing(cotangent, _listed(tangent))
    np.testing.assert_allclose(got, expected, rtol=TOLERANCE, atol=TOLERANCE, err_msg="forward")
    rule = lookup(fun)
    if rule is None or rule.kind is not Kind.ELEMENTWISE:  # of those it was checked above
        check_sum(fun, call, list(given.values()), tangents, tangent)
    if not is_new(fun, str(forward.source), list(given.values())):
        return
    reason = _refused_twice(fun, call, [_kind(x) for x in given.values()])
    with pytest.raises(Unsupported, match=reason) if reason else nullcontext():
        check_second_order(Call(call, list(given.values()), tangents, cotangent))


def _kind(x: Any) -> tuple[Any, str]:
    return getattr(x, "shape", ()), getattr(getattr(x, "dtype", None), "str", "")


def _refused_twice(fun: Function, call: Function, kinds: list[Any]) -> str | None:
    code = f"{linecache.getlines(call.__code__.co_filename)[1]} {kinds}"
    found = (
        reason
        for (name, word), reason in REFUSED_TWICE.items()
        if name == getattr(fun, "__name__", "") and all(part in code for part in word.split(" & "))
    )
    return next(found, None)


def _plain(x: Any) -> bool:
    """Whether `x` can be written into a program."""
    if isinstance(x, (list, tuple, dict)):
        return all(map(_plain, x.values() if isinstance(x, dict) else x))
    return x is None or isinstance(x, type) or type(x) in (bool, int, float, complex, str)


def _written(fun: Function, args: Any, kwargs: Any, given: list[int | str]) -> Function:
    """A program that calls `fun`; the arguments `given` are its own, the others are written out."""
    spelled = [_spelling(k, x, given) for k, x in enumerate(args)]
    spelled += [f"{name}={_spelling(name, x, given)}" for name, x in kwargs.items()]
    parameters = ", ".join(f"x_{k}" for k in given)
    text = f"def call({parameters}):\n    return fun({', '.join(spelled)})\n"
    file = f"<call of {fun} {len(linecache.cache)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"fun": fun, "np": np}
    exec(compile(text, file, "exec"), namespace)
    call: Function = namespace["call"]
    return call


def _spelling(key: int | str, x: Any, given: list[int | str]) -> str:
    if key in given:
        return f"x_{key}"
    if isinstance(x, type):
        return f"np.{x.__name__}" if issubclass(x, np.generic) else x.__name__
    return repr(x).replace("inf", "np.inf")


def _listed(x: Any) -> Any:
    return list(x) if isinstance(x, (list, tuple)) else x


def _direction(rng: np.random.Generator, x: Any) -> Any:
    """Random numbers in the structure of `x`, and zeros for what is no float."""
    if isinstance(x, (list, tuple)):
        return type(x)([_direction(rng, each) for each in x])
    if not _floating(x):
        return np.zeros(np.shape(x))
    drawn = rng.normal(size=np.shape(x))
    if np.iscomplexobj(x):
        drawn = drawn + 1j * rng.normal(size=np.shape(x))
    if isinstance(x, np.ndarray):
        return np.asarray(drawn, x.dtype)
    return type(x)(drawn)


def _row(direction: Any) -> Any:
    if isinstance(direction, (list, tuple)):
        return np.concatenate([_row(each) for each in direction] or [[]])
    return np.ravel(direction)

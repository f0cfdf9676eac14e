"""Checking derivatives against differences."""

from __future__ import annotations

import copy
import functools
import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.api import grad, jvp, vjp
from adjoint.api.callables import plain_function
from adjoint.api.compiler import nearest
from adjoint.api.leaves import Path, at, leaves, replaced, shown
from adjoint.api.rows import sweep, units
from adjoint.errors import BadArgument, ZeroGradientWarning

__all__ = ["check_grads"]

Function = Callable[..., Any]


def check_grads(
    fun: Function,
    args: Sequence[Any],
    *,
    order: int = 1,
    modes: str | Sequence[str] = ("fwd", "rev"),
    rtol: float = 1e-5,
    atol: float = 1e-7,
    seed: int = 0,
) -> None:
    """Check derivatives of `fun` at `args` against central differences in random directions.

    Parameters
    ----------
    fun
        A function that returns numbers and arrays, real or complex, in any structure. Of more than
        one number, a random combination is checked.
    args
        Its arguments in a tuple: numbers and arrays in any structure, each of which is checked.
        What holds no floats is handed on, and so are objects of NumPy and SciPy.
    order
        1, or 2: then the gradient is differentiated too, and compared with its own differences.
    modes
        ``"fwd"`` for `jvp`, ``"rev"`` for `grad` or `vjp`, or both; of second order, of the
        gradient.
    rtol, atol
        The difference between the two that is accepted. With a step h of about the cube root of
        the precision, central differences are wrong by about h**2. Derivatives in single precision
        are compared with differences in double precision, within 200 times that; where the function
        itself is of single precision, with differences in that, within 1000 times.
    seed
        Of the random directions.

    Raises
    ------
    AssertionError
        If a derivative and the differences do not agree; it names the argument and its worst entry,
        and the statement whose own derivative does not agree with its own differences.
    BadArgument
        If `order` or `modes` is none of these, or no argument holds floats.

    Examples
    --------
    >>> check_grads(lambda x: np.sum(np.sin(x)), (np.array([0.1, 0.2]),), order=2)
    >>> check_grads(lambda p: {"y": p["a"] * p["b"]}, ({"a": np.array([0.1, 0.2]), "b": 3.0},))
    """
    modes = (modes,) if isinstance(modes, str) else modes
    if order not in (1, 2) or not modes or not set(modes) <= {"fwd", "rev"}:
        raise BadArgument('order is 1 or 2, and modes are "fwd", "rev" or both')
    if not isinstance(args, tuple | list):
        raise BadArgument(
            f"args is {type(args).__name__}, and no tuple", None, "give the arguments in a tuple"
        )
    active = tuple(k for k, a in enumerate(args) if any(True for _ in leaves(a)))
    if not active:
        raise BadArgument(
            "no argument holds floats, so there is nothing to check", None, "give floats for ints"
        )
    rng = np.random.default_rng(seed)
    first = _checked(fun, args, active, rng)
    _check(first, "derivative", modes, rng, rtol, atol)
    if order == 2:
        second = _checked(_gradient(first), args, active, rng)
        with warnings.catch_warnings():  # that of a linear function is zero
            warnings.simplefilter("ignore", ZeroGradientWarning)
            _check(second, "second derivative", modes, rng, rtol, atol)


@dataclass(frozen=True, eq=False)
class _Checked:
    """A function at its arguments, and the combination of its results that is checked.

    Attributes
    ----------
    active
        The positions of arguments that hold floats.
    weights
        A cotangent of the result: 1 for one real number, else random.
    is_number
        Whether the result is one real number.
    single
        Whether an argument or result is of single precision.
    """

    fun: Function
    args: Sequence[Any]
    active: tuple[int, ...]
    weights: Any
    is_number: bool
    single: bool

    @functools.cached_property
    def wide(self) -> _Checked | None:
        """The same in double precision, if the function computes in it where it is given that."""
        if not self.single:
            return None
        args = [replaced(arg, lambda _, leaf: _widened(leaf)) for arg in self.args]
        out = self.fun(*copy.deepcopy(args))
        if any(_is_single(leaf) for _, leaf in leaves(out)):
            return None
        weights = replaced(self.weights, lambda _, leaf: _widened(leaf))
        return _Checked(self.fun, args, self.active, weights, self.is_number, False)

    def given(self) -> list[Any]:
        """Copies of the arguments: the function may write into them."""
        return copy.deepcopy(list(self.args))

    def paired(self, out: Any) -> float:
        """The combination of the numbers in a result, or in its tangent."""
        terms = [np.real(np.sum(w * at(out, path))) for path, w in leaves(self.weights)]
        return float(sum(terms))

    @functools.cached_property
    def gradients(self) -> dict[int, Any]:
        """The gradient by each argument, in reverse mode."""
        if self.is_number:
            found = grad(self.fun, argnums=self.active)(*self.given())
        else:
            _, back = sweep(self.fun, self.active)(*self.given())
            found = back(self.weights)
        return dict(zip(self.active, found, strict=True))

    def slope(self, position: int, path: Path, direction: Any, mode: str) -> float:
        """The derivative along a direction of one leaf of an argument."""
        if mode == "rev":
            return float(np.real(np.sum(at(self.gradients[position], path) * direction)))
        given = self.given()
        tangents: list[Any] = [None] * len(given)
        tangents[position] = replaced(
            given[position], lambda each, leaf: direction if each == path else _times(leaf, 0)
        )
        return self.paired(jvp(self.fun, tuple(given), tuple(tangents))[1])

    def difference(self, position: int, path: Path, direction: Any) -> float:
        """The same by central differences."""
        size = float(np.max(np.abs(at(self.args[position], path)), initial=0.0))
        step = float(np.cbrt(np.finfo(np.float32 if self.single else float).eps)) * max(1.0, size)

        def shifted(t: float) -> float:
            given = self.given()
            given[position] = replaced(
                given[position],
                lambda each, leaf: _sum(leaf, _times(direction, t)) if each == path else leaf,
            )
            return self.paired(self.fun(*given))

        return (shifted(step) - shifted(-step)) / (2 * step)


def _checked(
    fun: Function, args: Sequence[Any], active: tuple[int, ...], rng: np.random.Generator
) -> _Checked:
    out = fun(*copy.deepcopy(list(args)))
    found = [leaf for _, leaf in leaves((out, [args[k] for k in active]))]
    single = any(map(_is_single, found))
    is_leaf = [path for path, _ in leaves(out)] == [()]
    is_number = is_leaf and np.size(out) == 1 and not np.iscomplexobj(out)
    weights = replaced(out, lambda path, leaf: 1.0 if is_number else _drawn(rng, leaf))
    return _Checked(fun, args, active, weights, is_number, single)


def _gradient(of: _Checked) -> Function:
    """The function that returns all gradients, whose derivatives are of second order."""
    if of.is_number:
        return grad(of.fun, argnums=of.active)  # type: ignore[no-any-return]
    fun, weights = of.fun, of.weights

    def pulled_back(*args: Any) -> Any:
        _, back = vjp(fun, *args)
        return back(weights)

    return pulled_back


def _drawn(rng: np.random.Generator, like: Any) -> Any:
    """Random numbers of the shape and type of a leaf."""
    drawn = rng.standard_normal(np.shape(like))
    if np.iscomplexobj(like):
        drawn = drawn + 1j * rng.standard_normal(np.shape(like))
    return drawn.astype(like.dtype) if isinstance(like, np.ndarray) else type(like)(drawn)


def _is_single(leaf: Any) -> bool:
    return np.asarray(leaf).dtype.char in "fF"


def _widened(leaf: Any) -> Any:
    """A leaf in double precision."""
    if not _is_single(leaf):
        return leaf
    wide = np.asarray(leaf).astype(np.result_type(leaf, float))
    return wide if isinstance(leaf, np.ndarray) else wide[()]


def _times(leaf: Any, factor: float) -> Any:
    times = np.multiply(leaf, factor, dtype=np.asarray(leaf).dtype)
    return times if isinstance(leaf, np.ndarray) else type(leaf)(times)


def _sum(leaf: Any, change: Any) -> Any:
    """A leaf moved by a change, of the same type; an array lies in memory as it does."""
    if not isinstance(leaf, np.ndarray):
        return type(leaf)(leaf + change)
    moved = leaf.copy(order="K")
    moved[...] += change
    return moved


def _check(
    of: _Checked,
    what: str,
    modes: Sequence[str],
    rng: np.random.Generator,
    rtol: float,
    atol: float,
) -> None:
    """Compare the derivative by each leaf, in each mode, along one random direction."""
    for position, path, leaf in _places(of):
        direction = _drawn(rng, leaf)
        expected, scale = _expected(of, position, path, direction, rtol)
        for mode in modes:
            found = of.slope(position, path, direction, mode)
            if not np.isclose(found, expected, rtol=rtol * scale, atol=atol * scale):
                combined = "" if of.is_number else ", of a random combination of the results,"
                raise AssertionError(
                    f"the {what} by argument {position}{shown(path)} is wrong in mode {mode!r}:"
                    f" along a random direction{combined} it is {found}, and central differences"
                    f" give {expected}; {_worst(of, position, path, mode)}\n"
                    f"{_nearest(of, mode)}".rstrip()
                )


def _expected(
    of: _Checked, position: int, path: Path, direction: Any, rtol: float
) -> tuple[float, float]:
    """The derivative by differences, and how much more than `rtol` it may be off."""
    found = of.difference(position, path, direction)
    if not of.single:
        return found, 1.0
    if of.wide is not None:
        wide = of.wide.difference(position, path, _widened(direction))
        if np.isclose(found, wide, rtol=1e3 * rtol, atol=1e3 * rtol):  # the same function
            return wide, 2e2
    return found, 1e3


def _places(of: _Checked) -> Iterator[tuple[int, Path, Any]]:
    for position in of.active:
        for path, leaf in leaves(of.args[position]):
            yield position, path, leaf


def _nearest(of: _Checked, mode: str) -> str:
    """The statement that a wrong derivative comes from."""
    function, first = plain_function(of.fun)
    bound = inspect.signature(function).bind(*first, *of.given())
    bound.apply_defaults()
    return nearest.nearest_statement(function, bound.arguments, "fwd" if mode == "fwd" else "rev")


def _worst(of: _Checked, position: int, path: Path, mode: str) -> str:
    """The entry of a leaf whose derivative is off the most."""
    leaf = at(of.args[position], path)
    turns = (1, 1j) if np.iscomplexobj(leaf) else (1,)
    places = zip(np.ndindex(np.shape(leaf)), units(leaf), strict=True)
    entries = [(index, turn, turn * unit) for index, unit in places for turn in turns]
    found = [
        (of.slope(position, path, way, mode), of.difference(position, path, way), index, turn)
        for index, turn, way in entries
    ]
    slope, expected, index, turn = max(found, key=lambda entry: abs(entry[0] - entry[1]))
    where = f"at {index} " if index else ""
    along = "along i " if turn == 1j else ""
    return f"the worst entry {where}{along}is {slope}, and central differences give {expected}"

"""The judge of gradients: central differences over any structure, and the manners of a result.

A program under judgement returns one number. Its arguments may be any nesting of tuples, lists,
dicts, namedtuples, dataclasses and plain objects around floats and float arrays.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import logging
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint import grad, value_and_grad
from tests.sampling import EVERY, is_taken

Program = Callable[..., Any]
Path = tuple[Any, ...]
"""Keys, positions and attribute names that lead from an argument to one of its leaves."""

STEP = {"float64": 1e-4, "float32": 2e-2}
"""Step by the dtype of the program's result, relative to ``max(1, abs(x))``.

The differences are of fourth order: with step h the truncation error is about h**4 and the
rounding error eps / h, 1e-16 and 2e-12 for float64, 2e-7 and 6e-6 for float32.
"""

ROUNDING = {"float64": 1e-9, "float32": 3e-4}
"""What a gradient computed in this dtype may be off, relative to the largest entry of its leaf.

A few hundred operations lose two or three digits of 1e-16 and 6e-8; the rest is margin for
cancellation, still far below the size of any wrong term.
"""

UNRELIABLE = 1e-5
"""Two step sizes that differ by more than this, relatively, cannot judge anything."""


OPAQUE: tuple[type, ...] = (
    *(type, types.ModuleType, types.FunctionType, types.MethodType, types.BuiltinFunctionType),
    *(np.ndarray, np.generic, np.ufunc, np.random.Generator, functools.partial, logging.Logger),
    io.IOBase,
)
"""What has attributes and yet is a leaf."""


class UnreliableDifferences(AssertionError):
    """The program is not smooth, or not finite, at its arguments."""


# Structures


def is_record(value: object) -> bool:
    """Whether ``value`` is a dataclass instance or a plain object with attributes.

    >>> is_record(types.SimpleNamespace(w=1.0)), is_record(np.sin), is_record("text")
    (True, False, False)
    """
    if isinstance(value, OPAQUE):
        return False
    if dataclasses.is_dataclass(value):
        return True
    return hasattr(value, "__dict__")


def children(value: Any) -> list[tuple[Any, Any]] | None:
    """Return the parts of a structure with their keys, or None for a leaf.

    >>> children((1.0, 2.0)), children(1.0)
    ([(0, 1.0), (1, 2.0)], None)
    """
    if isinstance(value, tuple | list):
        return list(enumerate(value))
    if isinstance(value, dict):
        return list(value.items())
    if not is_record(value):
        return None
    if dataclasses.is_dataclass(value):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    return list(vars(value).items())


def rebuild(value: Any, parts: list[tuple[Any, Any]]) -> Any:
    """Return a structure like ``value`` made of other parts; no ``__init__`` runs."""
    if isinstance(value, tuple):
        made = [part for _, part in parts]
        return type(value)(*made) if hasattr(value, "_fields") else tuple(made)
    if isinstance(value, list):
        return [part for _, part in parts]
    if isinstance(value, dict):
        return dict(parts)
    is_namespace = isinstance(value, types.SimpleNamespace)
    made = type(value)() if is_namespace else object.__new__(type(value))
    for name, part in parts:
        object.__setattr__(made, name, part)
    return made


def map_leaves(fun: Callable[[Any], Any], value: Any) -> Any:
    """Return ``value`` with ``fun`` applied to each leaf.

    >>> map_leaves(lambda leaf: 2 * leaf, {"a": (1.0, [2.0])})
    {'a': (2.0, [4.0])}
    """
    parts = children(value)
    if parts is None:
        return fun(value)
    return rebuild(value, [(key, map_leaves(fun, part)) for key, part in parts])


def copy_leaf(leaf: Any) -> Any:
    """Return a copy in its own layout if ``leaf`` is an array, else the leaf.

    >>> copy_leaf(np.ones((4, 3))[::2, 1:]).strides
    (48, 8)
    """
    if not isinstance(leaf, np.ndarray) or min(leaf.shape, default=1) == 0:
        return leaf.copy(order="K") if isinstance(leaf, np.ndarray) else leaf
    reach = sum((n - 1) * abs(s) for n, s in zip(leaf.shape, leaf.strides, strict=True))
    first = sum((1 - n) * s for n, s in zip(leaf.shape, leaf.strides, strict=True) if s < 0)
    memory = np.zeros(reach + leaf.itemsize, np.uint8)
    copied = np.ndarray(leaf.shape, leaf.dtype, memory, first, leaf.strides)
    copied[...] = leaf
    return copied


def is_float(leaf: Any) -> bool:
    """Whether a leaf is differentiable: a Python or NumPy float, or an array of floats.

    >>> is_float(1.0), is_float(1), is_float(np.ones(2)), is_float(np.arange(2))
    (True, False, True, False)
    """
    if isinstance(leaf, np.ndarray | np.generic):
        return leaf.dtype.kind == "f"
    return isinstance(leaf, float)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every leaf of a structure with the way to it."""
    parts = children(value)
    if parts is None:
        yield path, value
        return
    for key, part in parts:
        yield from leaves(part, (*path, key))


def replaced(value: Any, path: Path, leaf: Any) -> Any:
    """Return ``value`` with the leaf at ``path`` exchanged."""
    if not path:
        return leaf
    parts = children(value)
    assert parts is not None
    first, *rest = path
    return rebuild(
        value,
        [(key, replaced(p, tuple(rest), leaf) if key == first else p) for key, p in parts],
    )


def float_argnums(args: Sequence[Any]) -> tuple[int, ...]:
    """Return the positions of the arguments that hold a float anywhere.

    >>> float_argnums((1.0, 3, [np.ones(2), "relu"]))
    (0, 2)
    """
    return tuple(i for i, arg in enumerate(args) if any(is_float(leaf) for _, leaf in leaves(arg)))


# Central differences


def promoted(leaf: Any) -> Any:
    """Return a float32 leaf as float64: differences of the same formula, without its rounding."""
    if isinstance(leaf, np.ndarray | np.generic) and leaf.dtype == np.float32:
        return leaf.astype(np.float64)
    return copy_leaf(leaf)


def shifted(leaf: Any, index: tuple[int, ...], by: complex) -> Any:
    """Return a copy of ``leaf`` with ``by`` added to one entry, and of the same kind."""
    if not isinstance(leaf, np.ndarray):
        return type(leaf)(leaf + by)
    moved = copy_leaf(leaf)
    moved[index] += by
    return moved


def one_number(value: Any) -> float:
    """Return the result of a program as a float; a result of one element counts."""
    return float(np.asarray(value).item())


def slope(at: Callable[[float], float], step: float) -> float:
    """Return the derivative of ``at`` at 0 by the five-point formula (Abramowitz, 25.3.6).

    >>> round(float(slope(np.exp, 1e-3)), 9)
    1.0
    """
    near, far = at(step) - at(-step), at(2 * step) - at(-2 * step)
    return (8 * near - far) / (12 * step)


@dataclasses.dataclass(frozen=True, slots=True)
class Differences:
    """Derivative of a program with respect to one leaf, and how far it can be trusted."""

    path: Path
    leaf: Any
    derivative: np.ndarray
    error: np.ndarray


def leaf_differences(fun: Program, args: Sequence[Any], path: Path, leaf: Any) -> Differences:
    """Return central differences for the leaf at ``path`` (argument number first)."""
    value = fun(*map_leaves(copy_leaf, tuple(args)))
    dtype = np.asarray(value).dtype.name
    dtype = dtype if dtype in STEP else "float64"
    size, eps = STEP[dtype], float(np.finfo(dtype).eps)
    array = np.asarray(leaf)
    derivative, error = np.zeros(array.shape), np.zeros(array.shape)
    for index in np.ndindex(array.shape):

        def at(by: float, index: tuple[int, ...] = index) -> float:
            moved = replaced(tuple(args), path, shifted(leaf, index, by))
            return one_number(fun(*map_leaves(copy_leaf, moved)))

        step = size * max(1.0, abs(float(array[index])))
        whole, half = slope(at, step), slope(at, step / 2)
        derivative[index] = half
        error[index] = abs(whole - half) + 10 * eps * (1 + abs(one_number(value))) / step
    return Differences(path, leaf, derivative, error)


def differences(fun: Program, args: Sequence[Any], argnums: Sequence[int]) -> list[Differences]:
    """Return central differences of ``fun`` for every float leaf of the arguments asked for.

    Raises UnreliableDifferences where two step sizes disagree.
    """
    wide = tuple(map_leaves(promoted, arg) for arg in args)
    found = []
    for number in argnums:
        for path, leaf in leaves(wide[number], (number,)):
            if is_float(leaf):
                found.append(leaf_differences(fun, wide, path, leaf))
    for one in found:
        require_reliable(one)
    return found


def require_reliable(found: Differences) -> None:
    """Raise UnreliableDifferences unless the two step sizes agreed on finite numbers."""
    bound = UNRELIABLE * (1 + np.abs(found.derivative).max(initial=0.0))
    if not (np.isfinite(found.derivative).all() and (found.error <= bound).all()):
        raise UnreliableDifferences(
            f"argument {found.path}: differences {found.derivative}, uncertain by {found.error}"
        )


def complex_step(fun: Program, args: Sequence[Any]) -> list[Differences]:
    """Return the derivative for each argument by the complex step, right to rounding.

    The arguments are numbers and arrays. The program must be analytic and hold complex numbers
    wherever its arguments go: it compares real parts, and its buffers are like its arguments.
    """
    step, found = 1e-30, []
    for number, arg in enumerate(args):
        derivative = np.zeros(np.shape(arg))
        for index in np.ndindex(derivative.shape):
            wide = [a.astype(complex) if np.ndim(a) else complex(a) for a in args]
            wide[number] = shifted(wide[number], index, 1j * step)
            derivative[index] = np.imag(fun(*wide)) / step
        found.append(Differences((number,), arg, derivative, np.zeros_like(derivative)))
    return found


# Manners of a result


def assert_same_value(value: Any, expected: Any) -> None:
    """Assert that a forward value is the plain function's, to the last bit and in its type."""
    assert type(value) is type(expected), f"value is {type(value)}, expected {type(expected)}"
    got, want = np.asarray(value), np.asarray(expected)
    assert got.dtype == want.dtype and got.shape == want.shape
    assert got.tobytes() == want.tobytes(), f"forward value {value!r}, plain {expected!r}"


def assert_unchanged(args: Any, before: Any, path: Path = ()) -> None:
    """Assert that arguments still hold what they held, leaf by leaf."""
    assert type(args) is type(before), f"argument {path} changed its type"
    parts, parts_before = children(args), children(before)
    if parts is None or parts_before is None:
        same = np.array_equal(args, before, equal_nan=True) if is_float(args) else None
        if isinstance(args, np.ndarray):
            same = args.dtype == before.dtype and args.tobytes() == before.tobytes()
        assert same if same is not None else args == before, f"argument {path} was changed"
        return
    assert [k for k, _ in parts] == [k for k, _ in parts_before], f"argument {path} was changed"
    for (key, part), (_, part_before) in zip(parts, parts_before, strict=True):
        assert_unchanged(part, part_before, (*path, key))


def assert_alike(gradient: Any, argument: Any, path: Path = ()) -> None:
    """Assert that a gradient has structure, kind, dtype and shape of its argument."""
    if not any(is_float(leaf) for _, leaf in leaves(argument)):
        assert all(leaf is None for _, leaf in leaves(gradient)), f"{path}: expected None"
        return
    if is_float(argument):
        assert_leaf_alike(gradient, argument, path)
        return
    assert type(gradient) is type(argument), f"{path}: {type(gradient)} for {type(argument)}"
    parts = dict(children(gradient) or [])
    wanted = children(argument) or []
    extra = [key for key in parts if key not in dict(wanted)]
    assert not extra, f"{path}: the gradient has {extra}, the argument has not"
    for key, part in wanted:
        # An attribute that cannot have a gradient may be left out of the object.
        optional = is_record(argument) and not any(is_float(leaf) for _, leaf in leaves(part))
        assert key in parts or optional, f"{path}: the gradient lacks {key!r}"
        assert_alike(parts.get(key), part, (*path, key))


def assert_leaf_alike(gradient: Any, argument: Any, path: Path) -> None:
    """Assert that the gradient of one float leaf is of the leaf's own kind."""
    if isinstance(argument, np.ndarray):
        assert type(gradient) is np.ndarray, f"{path}: {type(gradient)} for an array"
        assert gradient.dtype == argument.dtype, f"{path}: {gradient.dtype} for {argument.dtype}"
        assert gradient.shape == argument.shape, f"{path}: {gradient.shape} for {argument.shape}"
    elif isinstance(argument, np.generic):
        assert isinstance(gradient, np.generic | np.ndarray), f"{path}: {type(gradient)}"
        assert gradient.dtype == argument.dtype and gradient.shape == ()
    else:
        assert type(gradient) is float, f"{path}: {type(gradient)} for a Python float"


def assert_owned(gradients: Any, args: Any) -> None:
    """Assert that gradient arrays are owned, writable and share memory with nothing."""
    arrays = [(p, a) for p, a in leaves(gradients) if isinstance(a, np.ndarray)]
    inputs = [(p, a) for p, a in leaves(args) if isinstance(a, np.ndarray)]
    for number, (path, array) in enumerate(arrays):
        assert array.flags.owndata or array.base is None, f"{path}: a view, not an owned array"
        assert array.flags.writeable, f"{path}: not writable"
        for other_path, other in inputs:
            assert not np.shares_memory(array, other), f"{path}: shares with argument {other_path}"
        for other_path, other in arrays[number + 1 :]:
            assert not np.shares_memory(array, other), f"{path}: shares with {other_path}"


def assert_close(gradients: Any, found: Sequence[Differences], args: Sequence[Any]) -> None:
    """Assert that gradients (a dict: argument number to gradient) match the differences."""
    for one in found:
        gradient: Any = gradients
        argument: Any = args
        for key in one.path:
            gradient = part_at(gradient, key)
            argument = part_at(argument, key)
        scale = np.abs(one.derivative).max(initial=0.0)
        rounding = ROUNDING.get(np.asarray(argument).dtype.name, ROUNDING["float64"])
        bound = rounding * (1 + scale) + 3 * one.error
        off = np.abs(np.asarray(gradient, dtype=float) - one.derivative)
        assert (off <= bound).all(), (
            f"argument {one.path}: gradient\n{gradient}\ndifferences\n{one.derivative}"
        )


def part_at(value: Any, key: Any) -> Any:
    """Return one part of a structure."""
    return getattr(value, key) if is_record(value) else value[key]


# The judgement


def assert_gradient(
    fun: Program,
    *args: Any,
    argnums: Sequence[int] | None = None,
    found: Sequence[Differences] | None = None,
) -> dict[int, Any]:
    """Assert that adjoint differentiates ``fun`` at ``args`` rightly; return the gradients.

    Judged: values against ``found``, which is central differences if not given, for all float
    arguments together with the value, and by one alone in a part of the programs (`make test-all`:
    by each, in all); the forward value, bit for bit; arguments unchanged; structure, dtype, shape
    and ownership of gradients; and that a second call (from the cache) says the same.
    """
    asked = tuple(argnums) if argnums is not None else float_argnums(args)
    before = map_leaves(copy_leaf, args)
    expected = fun(*map_leaves(copy_leaf, args))
    found = differences(fun, args, asked) if found is None else found

    both = value_and_grad(fun, argnums=asked)
    value, together = both(*args)
    assert_same_value(value, expected)
    gradients = judged(asked, together, found, args)
    for number in _asked_alone(fun, asked):
        part = [f for f in found if f.path[0] == number]
        judged((number,), (grad(fun, argnums=number)(*args),), part, args)
    judged(asked, both(*args)[1], found, args)
    assert_unchanged(args, before)
    return gradients


def _asked_alone(fun: Program, asked: tuple[int, ...]) -> tuple[int, ...]:
    """The arguments by which the gradient is taken without the value and the other gradients."""
    name = getattr(fun, "__name__", "")
    if EVERY or not asked:
        return asked
    one_in = 6 if len(asked) > 1 else 18  # of one argument, only the value is left out
    return (asked[len(name) % len(asked)],) if is_taken(name, one_in) else ()


def judged(
    asked: tuple[int, ...], together: Any, found: Sequence[Differences], args: Sequence[Any]
) -> dict[int, Any]:
    """Judge one tuple of gradients; return it by argument number."""
    assert type(together) is tuple and len(together) == len(asked)
    for number, gradient in zip(asked, together, strict=True):
        assert_alike(gradient, args[number], (number,))
    assert_owned(together, args)
    gradients = dict(zip(asked, together, strict=True))
    assert_close(gradients, found, args)
    return gradients


def assert_agrees(gradients: dict[int, Any], peer: dict[int, Any]) -> None:
    """Assert that two sets of gradients agree to rounding, leaf by leaf."""
    for number, theirs in peer.items():
        ours = dict(leaves(gradients[number]))
        for path, leaf in leaves(theirs):
            mine, other = np.asarray(ours[path]), np.asarray(leaf)
            narrow = "float32" in (mine.dtype.name, other.dtype.name)
            tolerance = ROUNDING["float32" if narrow else "float64"]
            scale = 1 + np.abs(other).max(initial=0.0)
            assert (np.abs(mine - other) <= tolerance * scale).all(), f"{number} {path}"

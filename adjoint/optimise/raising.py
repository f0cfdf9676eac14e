"""Whether running a statement may raise an exception.

The answer "no" needs a proof: from the types, from the algebra of lengths, or from a fact that the
guard of the compiled code checks. Overflow of a Python float's ``**`` is the one exception that is
let go.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain, zip_longest
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import MATRIX_PRODUCTS
from adjoint.ir.infer import infer, type_of
from adjoint.ir.lengths import ONE, Facts, Length
from adjoint.ir.nodes import Block, Const, Let, Operand, Pack, Var
from adjoint.ir.ops import Form
from adjoint.ir.shapes import as_length
from adjoint.ir.subscripts import kept_axes
from adjoint.ir.updates import way_of_edit
from adjoint.ir.values import Array, DictOf, ListOf, Maybe, Scalar, shape_of
from adjoint.ir.walk import operands, reads
from adjoint.optimise.fitting import all_known, broadcast, is_known, pad
from adjoint.optimise.presence import presence, without_none
from adjoint.optimise.ranges import Bounds, bounds_of_counters, is_safe_index
from adjoint.optimise.sequences import OF_SEQUENCES
from adjoint.rules import Kind, lookup
from adjoint.rules.closed_forms import LOG_DET

__all__ = ["Known", "is_scalar_division", "may_raise"]

Shape = tuple[Length, ...]
Functions = frozenset[Callable[..., Any]]

_DIVISIONS: Functions = frozenset({operator.truediv, operator.floordiv, operator.mod})
#: On numbers that are known to fit each other these never raise.
_TOTAL: Functions = frozenset(
    {
        operator.add, operator.sub, operator.mul, operator.neg, operator.pos, operator.abs,
        operator.invert, operator.not_, operator.lt, operator.le, operator.eq, operator.ne,
        operator.gt, operator.ge, operator.and_, operator.or_, operator.xor, abs, float,
    }
)  # fmt: skip
_IDENTITY_TESTS: Functions = frozenset({operator.is_, operator.is_not})
#: Reductions that take any lengths, and those that need an element.
_REDUCTIONS: Functions = frozenset(
    {np.sum, np.mean, np.var, np.std, np.prod, np.cumsum, np.cumprod, np.any, np.all}
)
_EXTREMA: Functions = frozenset({np.max, np.min, np.argmax, np.argmin})
#: Functions of one array that raise only where inference on specimens raises as well.
_OF_ONE: Functions = frozenset(
    {
        np.transpose, np.squeeze, np.expand_dims, np.swapaxes, np.moveaxis, np.ravel, np.copy,
        np.zeros_like, np.ones_like, np.empty_like, np.shape, np.size, np.ndim, np.real, np.imag,
        np.triu, np.tril, np.flip, np.outer, np.sort, np.argsort, np.median, np.nanmedian,
        np.diff, np.trapezoid,
    }
)  # fmt: skip
_CREATIONS: Functions = frozenset({np.zeros, np.ones, np.empty, np.full})
_SQUARES: Functions = frozenset({np.eye, np.identity})
_ATTRIBUTES = frozenset({"shape", "size", "T", "dtype", "ndim", "real", "imag"})


class Known:
    """What a place in a function says of values; found where it is first asked for."""

    def __init__(self, body: Block) -> None:
        self._body = body

    @cached_property
    def bounds(self) -> Bounds:
        """The bounds of integers."""
        return bounds_of_counters(self._body)

    @cached_property
    def present(self) -> Mapping[Let, frozenset[Var]]:
        """For statements that read a value that may be None, the variables that are not None."""
        return presence(self._body)


def may_raise(let: Let, facts: Facts, known: Known | None = None) -> bool:
    """Return whether running `let` may raise; conservative.

    Examples
    --------
    >>> from adjoint.errors import Place
    >>> from adjoint.ir.ops import operation
    >>> from adjoint.ir.values import FLOAT
    >>> here = Place("f.py", 1, 0, 1, 5, "x / y", "f")
    >>> x, y, z = (Var(i, "", FLOAT) for i in range(3))
    >>> may_raise(Let(z, operation(operator.truediv), (x, y), (), here), Facts())
    True
    >>> may_raise(Let(z, operation(operator.mul), (x, y), (), here), Facts())
    False
    """
    if let.op.effect or let.target is None:
        return True
    if let.op.proven:
        return False
    known = known or Known(Block(()))
    if any(isinstance(v.type, Maybe) for v in reads(let)):
        let = without_none(let, known.present.get(let, frozenset()))
    match let.op.form:
        case Form.PATH | Form.ALIAS | Form.PART | Form.RULE:
            return False
        case Form.LITERAL:
            return not all(isinstance(a, Pack) and a.kind in ("list", "tuple") for a in let.args)
        case Form.ATTRIBUTE:
            return not (let.op.name in _ATTRIBUTES and isinstance(type_of(let.args[0]), Array))
        case Form.UPDATE_STACK:
            return False
        case Form.UPDATE | Form.UPDATE_INDEX:
            if let not in facts.settled and _is_safe_write(let, facts, known):
                facts.settled.add(let)
            return let not in facts.settled
        case Form.UPDATE_METHOD:
            adds = let.op.name in ("append", "insert") and not way_of_edit(let)
            return not (adds and isinstance(type_of(let.args[0]), ListOf))
        case Form.INDEX:
            owner = type_of(let.args[0])
            is_sparse = isinstance(owner, DictOf) and owner.sparse
            return not (is_sparse or is_safe_index(let, facts, known.bounds))
        case Form.CALL | Form.OPERATOR | Form.METHOD:
            if let not in facts.settled and _is_safe_call(let, facts):
                facts.settled.add(let)
            return let not in facts.settled
        case _:
            return True


def is_scalar_division(let: Let) -> bool:
    """Whether `let` divides Python numbers, which raises if the divisor is 0."""
    return let.op.function in _DIVISIONS and all(isinstance(type_of(a), Scalar) for a in let.args)


def _is_safe_call(let: Let, facts: Facts) -> bool:
    function, target = let.op.function, let.target
    if function in _IDENTITY_TESTS:
        return True
    if function in OF_SEQUENCES:
        return OF_SEQUENCES[function](let, facts)
    leaves = [leaf for operand in operands(let) for leaf in _parts(operand)]
    if target is None or not is_known(target.type) or not all(map(_is_known_part, leaves)):
        return False
    if let.op.form is Form.METHOD and let.op.name == "astype":
        return isinstance(let.args[1], Const)
    rule = _RULES.get(function)
    if rule is not None:
        return rule(let, facts)
    if isinstance(function, np.ufunc) and function.signature is None:
        return _elementwise(let, facts)
    declared = lookup(function)
    if declared is not None and declared.total and declared.kind is Kind.ZERO:
        return True
    if declared is None or not declared.total or any(map(_is_complex, operands(let))):
        return False
    return _fit(operands(let), facts)


def _is_safe_write(let: Let, facts: Facts, known: Known) -> bool:
    """Whether real numbers are written into an array of floats, in which they are known to fit."""
    old, value = type_of(let.args[0]), type_of(let.args[-1])
    if not isinstance(old, Array) or old.dtype.kind != "f" or let.op.name == "@":
        return False
    if not is_known(value) or _is_complex(let.args[-1]):
        return False
    if let.op.form is Form.UPDATE:
        return _fits(shape_of(value), old.shape, facts)
    if len(let.args) != 3 or not is_safe_index(let, facts, known.bounds):
        return False
    if shape_of(value) == ():
        return True
    place = infer(operator.getitem, let.args[:2], (), facts)
    return is_known(place) and _fits(shape_of(value), shape_of(place), facts)


def _fits(value: Shape | None, place: Shape | None, facts: Facts) -> bool:
    """Whether what has the first shape broadcasts to the second."""
    if value is None or place is None or len(value) > len(place):
        return False
    pairs = zip(pad(value, len(place)), place, strict=True)
    return all(facts.equal(a, b) is True or facts.equal(a, ONE) is True for a, b in pairs)


def _parts(operand: Operand) -> Iterable[Operand]:
    if isinstance(operand, Pack):
        return chain.from_iterable(map(_parts, (*operand.items, *operand.keys)))
    return (operand,)


def _is_known_part(operand: Operand) -> bool:
    # A constant took part in inference as it is, and is no reason to raise if a type came out.
    return isinstance(operand, Const) or is_known(type_of(operand))


# -- arithmetic ------------------------------------------------------------------------------------


def _elementwise(let: Let, facts: Facts) -> bool:
    types = [type_of(a) for a in let.args]
    if let.kwargs or not all(map(is_known, types)):
        return False
    if _has_small_integers(let.args) or (let.op.function is np.power and not _is_float(let)):
        return False
    return _fit(let.args, facts)


def _fit(args: Iterable[Operand], facts: Facts) -> bool:
    """Whether operands are numbers that broadcast."""
    types = [type_of(a) for a in args]
    return all(map(is_known, types)) and broadcast(facts, [shape_of(t) or () for t in types])


def _is_complex(operand: Operand) -> bool:
    type_ = type_of(operand)
    if isinstance(type_, Array):
        return type_.dtype.kind not in "biuf"
    return isinstance(type_, Scalar) and type_.kind == "complex"


def _has_small_integers(args: Sequence[Operand]) -> bool:
    """Whether a Python int meets an array of small integers, in whose dtype it may not fit."""
    types = [type_of(a) for a in args]
    dtypes = [t.dtype for t in types if isinstance(t, Array)]
    small = any(dtype.kind in "iu" and dtype.itemsize < 8 for dtype in dtypes)
    return small and any(isinstance(a, Var) and isinstance(a.type, Scalar) for a in args)


def _is_float(let: Let) -> bool:
    target = let.target
    return target is not None and isinstance(target.type, Array) and target.type.dtype.kind in "fc"


def _divide(let: Let, facts: Facts) -> bool:
    if is_scalar_division(let):
        divisor = let.args[1]
        return isinstance(divisor, Const) and divisor.value != 0
    # Of a NumPy operand and zero the quotient is inf or nan, with a warning at most.
    return _elementwise(let, facts)


def _power(let: Let, facts: Facts) -> bool:
    base, exponent = let.args
    if isinstance(type_of(base), Scalar) and isinstance(type_of(exponent), Scalar):
        value = exponent.value if isinstance(exponent, Const) else None
        return isinstance(value, int | float) and value >= 0
    return _is_float(let) and _elementwise(let, facts)


def _where(let: Let, facts: Facts) -> bool:
    return len(let.args) == 3 and _elementwise(let, facts)


# -- reductions, shapes and products ---------------------------------------------------------------


def _static_rest(let: Let) -> bool:
    """Whether all but the first operand is known now, and only says how."""
    rest = (*let.args[1:], *(value for _, value in let.kwargs))
    names = {name for name, _ in let.kwargs}
    return names <= {"axis", "keepdims", "axes", "dtype", "ddof", "order"} and all(
        isinstance(operand, Const) for operand in rest
    )


def _reduction(let: Let, facts: Facts) -> bool:
    return all_known(let.args[:1]) and _static_rest(let)


def _extremum(let: Let, facts: Facts) -> bool:
    shape = shape_of(type_of(let.args[0]))
    if shape is None or not _reduction(let, facts):
        return False
    return all(facts.at_least(axis, 1) is True for axis in shape)


def _diagonal(let: Let, facts: Facts) -> bool:
    shape = shape_of(type_of(let.args[0]))
    return shape is not None and len(shape) > 1 and _reduction(let, facts)


def _of_one(let: Let, facts: Facts) -> bool:
    if let.op.function is np.outer:
        return all_known(let.args) and not let.kwargs
    return _reduction(let, facts)


def _full_like(let: Let, facts: Facts) -> bool:
    value = shape_of(type_of(let.args[1])) if len(let.args) == 2 else None
    return all_known(let.args) and value == () and not let.kwargs


def _creation(let: Let, facts: Facts) -> bool:
    shape = let.args[0]
    items = shape.items if isinstance(shape, Pack) else (shape,)
    if isinstance(shape, Const) and isinstance(shape.value, tuple):
        items = tuple(map(Const, shape.value))
    lengths = [as_length(item) for item in items]
    sizes = [axis for axis in lengths if axis is not None]
    if len(sizes) < len(lengths) or any(facts.at_least(axis, 0) is not True for axis in sizes):
        return False
    value = dict(let.kwargs).get("fill_value", let.args[1] if len(let.args) > 1 else None)
    return let.op.function is not np.full or (value is not None and shape_of(type_of(value)) == ())


def _square(let: Let, facts: Facts) -> bool:
    if let.kwargs or len(let.args) != 1:
        return False
    size = as_length(let.args[0])
    return size is not None and facts.at_least(size, 0) is True


def _reshape(let: Let, facts: Facts) -> bool:
    old = shape_of(type_of(let.args[0]))
    new = shape_of(let.target.type) if let.target is not None else None
    if old is None or new is None or let.kwargs:
        return False
    asked = let.args[1].items if isinstance(let.args[1], Pack) else (let.args[1],)
    if len(asked) == len(new) and _is_one_free(asked):
        return True
    return _same_product(facts, old, new)


def _is_one_free(asked: Sequence[Operand]) -> bool:
    """Whether one axis is free and all others have length 1: that takes any array."""
    values = [a.value for a in asked if isinstance(a, Const) and isinstance(a.value, int)]
    return len(values) == len(asked) and sorted(values) == [-1] + [1] * (len(values) - 1)


def _same_product(facts: Facts, old: Shape, new: Shape) -> bool:
    first, second = (Counter(map(facts.canonical, shape)) for shape in (old, new))
    left, right = list((first - second).elements()), list((second - first).elements())
    if all(axis.known for axis in (*left, *right)):
        sizes = [int(np.prod([axis.const for axis in part], dtype=int)) for part in (left, right)]
        return sizes[0] == sizes[1]
    return False


def _broadcast_to(let: Let, facts: Facts) -> bool:
    old = shape_of(type_of(let.args[0]))
    new = shape_of(let.target.type) if let.target is not None else None
    return not let.kwargs and _fits(old, new, facts)


def _matmul(let: Let, facts: Facts) -> bool:
    shapes = [shape_of(type_of(a)) for a in let.args[:2]]
    first, second = shapes[0], shapes[-1]
    if first is None or second is None or let.kwargs or len(shapes) < 2:
        return False
    if not first or not second:
        return let.op.function is np.dot
    inner = second[-2] if len(second) > 1 else second[0]
    batches = broadcast(facts, [first[:-2], second[:-2]]) or let.op.function is np.dot
    return facts.equal(first[-1], inner) is True and batches


def _einsum(let: Let, facts: Facts) -> bool:
    """Whether axes of one letter are as long; whether the letters are right is seen before."""
    script, *arrays = let.args
    shapes = [shape_of(type_of(each)) for each in arrays]
    if not isinstance(script, Const) or not isinstance(script.value, str) or "." in script.value:
        return False
    terms = kept_axes(script.value)[0].split(",")
    lengths: dict[str, Length] = {}
    for term, shape in zip_longest(terms, shapes):
        if term is None or shape is None or len(term) != len(shape):
            return False
        for axis, length in zip(term, shape, strict=True):
            if facts.equal(lengths.setdefault(axis, length), length) is not True:
                return False
    return {name for name, _ in let.kwargs} <= {"optimize"}


def _determinant(let: Let, facts: Facts) -> bool:
    shape = shape_of(type_of(let.args[0]))
    is_plain = shape is not None and len(shape) > 1 and not let.kwargs
    return is_plain and shape is not None and facts.equal(shape[-1], shape[-2]) is True


def _join(let: Let, facts: Facts) -> bool:
    pack, axis = let.args[0], _axis(let)
    if not isinstance(pack, Pack) or axis is None or not pack.items:
        return False
    shapes = [shape_of(type_of(item)) for item in pack.items]
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or len({len(shape) for shape in known}) > 1:
        return False
    skipped = None if let.op.function is np.stack else axis % len(known[0]) if known[0] else -1
    return skipped != -1 and all(
        facts.equal(m, n) is True
        for shape in known[1:]
        for i, (m, n) in enumerate(zip(known[0], shape, strict=True))
        if i != skipped
    )


def _axis(let: Let) -> int | None:
    """The static axis of a call, 0 where it is not given."""
    given = [*let.args[1:], *(value for name, value in let.kwargs if name == "axis")]
    if len(given) > 1 or len(let.args) + len(let.kwargs) > 2:
        return None
    value = given[0].value if given and isinstance(given[0], Const) else None if given else 0
    return value if isinstance(value, int) else None


def _of_numbers(let: Let, facts: Facts) -> bool:
    """``min(a, b)`` of several real numbers of Python's."""
    kinds = [type_.kind if isinstance(type_, Scalar) else "" for type_ in map(type_of, let.args)]
    return len(kinds) > 1 and not let.kwargs and all(k in ("bool", "int", "float") for k in kinds)


_RULES: dict[Callable[..., Any], Callable[[Let, Facts], bool]] = {
    **dict.fromkeys(_TOTAL, _elementwise),
    **dict.fromkeys(_DIVISIONS, _divide),
    **dict.fromkeys(_REDUCTIONS, _reduction),
    **dict.fromkeys(_EXTREMA, _extremum),
    **dict.fromkeys(_OF_ONE, _of_one),
    **dict.fromkeys(_CREATIONS, _creation),
    **dict.fromkeys(_SQUARES, _square),
    **dict.fromkeys(MATRIX_PRODUCTS, _matmul),
    **dict.fromkeys((np.linalg.det, np.linalg.slogdet, *LOG_DET.values()), _determinant),
    **dict.fromkeys((np.concatenate, np.stack), _join),
    **dict.fromkeys((min, max), _of_numbers),
    operator.pow: _power,
    np.einsum: _einsum,
    np.where: _where,
    np.full_like: _full_like,
    np.diagonal: _diagonal,
    np.reshape: _reshape,
    np.broadcast_to: _broadcast_to,
}

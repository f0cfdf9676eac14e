"""Which operations return memory of their own, and which variables may share memory.

"Share" is the answer wherever nothing better is known.
"""

from __future__ import annotations

import copy
import operator
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.ir.arithmetic import OPERATORS
from adjoint.ir.dicts import KEYS
from adjoint.ir.indices import is_fancy_index
from adjoint.ir.lists import JOIN_LISTS, is_slice_of_list
from adjoint.ir.nodes import (
    Branch,
    Const,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Role,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.remembered import remembered
from adjoint.ir.subscripts import kept_axes
from adjoint.ir.updates import is_stored
from adjoint.ir.values import (
    NOTHING,
    Array,
    Growing,
    ListOf,
    Maybe,
    Scalar,
    TupleOf,
    Type,
    is_text,
    rank,
)
from adjoint.ir.walk import all_statements, leaf_operands, loop_leaves, operand_vars, reads, targets

__all__ = [
    "ignores_contents",
    "is_immutable",
    "is_pop",
    "is_push",
    "is_view",
    "makes_memory",
    "shared_operands",
    "shares_memory",
    "sharing",
    "written",
    "written_items",
    "written_through",
]

#: Functions whose result, if it is an array, is not a view: neither of an operand, nor (as that of
#: `np.tensordot`) of an array that no one else has.
_NEW: frozenset[Callable[..., Any]] = OPERATORS | frozenset(
    {
        operator.matmul, np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.arange,
        np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.copy,
        np.sum, np.mean, np.var, np.std, np.prod, np.max, np.min, np.cumsum, np.cumprod, np.argmax,
        np.argmin, np.sort, np.argsort, np.any, np.all, np.where, np.concatenate, np.stack,
        np.dot, np.outer, np.vdot, np.inner, np.repeat,
        np.triu, np.tril, np.clip, np.pad, np.array, np.append, np.insert, np.delete,
        np.vstack, np.hstack, np.column_stack, np.dstack, np.block,
        np.take, np.take_along_axis, np.select, np.choose, np.compress, np.ndarray.compress,
        np.extract, np.interp, np.convolve, np.correlate, np.vander, np.bincount, np.unique,
        np.partition, np.round, np.ndarray.flatten, np.nan_to_num, np.roll, np.diagflat, np.tri,
        np.linspace, np.logspace, np.geomspace, np.average, np.median, np.quantile, np.percentile,
        np.nansum, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanprod,
        np.nancumsum, np.nancumprod, np.ptp, np.trapezoid, np.ediff1d, np.unwrap, np.angle,
        np.sinc, np.i0, np.cov, np.corrcoef, np.polyadd, np.polysub, np.polymul,
        np.linalg.inv, np.linalg.pinv, np.linalg.solve, np.linalg.cholesky, np.linalg.svdvals,
        np.linalg.eigvalsh, np.linalg.multi_dot, np.linalg.tensorsolve, np.linalg.norm,
        np.linalg.vector_norm, np.linalg.matrix_norm, np.linalg.outer,
        np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft,
        np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2, np.fft.fftn, np.fft.ifftn,
        np.fft.rfftn, np.fft.irfftn, np.fft.fftshift, np.fft.ifftshift, np.fft.fftfreq,
        np.fft.rfftfreq, defaultdict,
        np.amax, np.amin, np.around, np.fix, np.polyval, np.roots, np.poly, np.union1d,
        np.setdiff1d, np.intersect1d, np.setxor1d, np.sort_complex, np.linalg.matmul, np.trace,
        np.linalg.det, np.linalg.cond,
    }
)  # fmt: skip
#: Functions whose result shares memory with no operand, and may be a view of what no one else has.
_APART: frozenset[Callable[..., Any]] = frozenset(
    {
        np.tensordot, np.kron, np.cross, np.tile, np.polyfit, np.nanmedian, np.nanquantile,
        np.nanpercentile, np.gradient, np.histogram, np.linalg.cross, np.linalg.tensordot,
        np.linalg.tensorinv, np.linalg.eig, np.linalg.eigh, np.linalg.eigvals, np.linalg.qr,
        np.linalg.svd, np.linalg.slogdet, np.linalg.lstsq, np.histogram2d, np.histogramdd,
        np.histogram_bin_edges, np.polydiv, np.resize,
    }
)  # fmt: skip
#: Modules all of whose functions are such; an ``output`` of theirs is an ``out``.
_NEW_MODULES = (
    "scipy.ndimage",
    "numpy.random",
    "adjoint.rules.closed_forms",
    "adjoint.rules.determinants",
    "adjoint.rules.singular",
    "adjoint.rules.spectral",  # what it returns, it alone was given
    "adjoint.rules.scipy.sparse",
    "adjoint.rules.scipy.interpolate",
)
#: Functions whose result is a list or dict with new arrays in it.
_NEW_LISTS: frozenset[Callable[..., Any]] = frozenset(
    {
        runtime.zeros_in_list, runtime.zeros_in_lists, runtime.zeros_in_dict, runtime.add_lists,
        runtime.add_dicts, runtime.copy_items,
    }
)  # fmt: skip
#: Attributes whose value holds no memory of the array.
_PLAIN_ATTRIBUTES = frozenset({"shape", "size", "ndim", "dtype", "nbytes", "itemsize"})


@remembered
def makes_memory(let: Let) -> bool:
    """Whether the array that `let` defines is new and no one else's."""
    if any(name in ("out", "copy", "where") for name, _ in let.kwargs):
        return False
    if let.op.effect:
        return _is_draw(let)
    if (let.op.form is Form.METHOD and let.op.name in ("copy", "astype")) or let.op == KEYS:
        return True
    if let.op.form in (Form.INVOKE, Form.APPLY, Form.PART):
        return let.op.fresh
    function = let.op.function
    if let.target is not None and isinstance(let.target.type, Growing):
        plain = not _holds_memory(let.target.type)
        made = function in _NEW or let.op.form is Form.LITERAL or is_slice_of_list(let)
        made = made or function in (runtime.add_to_part, JOIN_LISTS.function)
        return function in _NEW_LISTS or (plain and made)
    if function in (copy.copy, runtime.zeros_in_lists):  # a number or None is no one's
        return True
    if let.op.form is Form.INDEX and isinstance(type_of(let.args[0]), Array):
        return is_fancy_index(let.args[1])
    if let.op.form not in (Form.CALL, Form.OPERATOR, Form.METHOD):
        return False
    return (
        function in _NEW
        or _is_difference(let)
        or _is_diagonal_matrix(let)
        or (getattr(function, "__module__", None) or "").startswith(_NEW_MODULES)
        or _is_summed_product(let)
        or (isinstance(function, np.ufunc) and len(let.args) <= function.nin)
        or _is_made_by_ufunc(let)
    )


def _is_draw(let: Let) -> bool:
    """Whether `let` draws numbers from a generator, whose methods return new arrays."""
    module = getattr(let.op.function, "__module__", None) or ""
    return let.op.form is Form.METHOD and module.startswith("numpy.random")


def _is_made_by_ufunc(let: Let) -> bool:
    """Whether a method of a ufunc makes an array, as ``np.multiply.outer(x, y)``."""
    of_ufunc = isinstance(getattr(let.op.function, "__self__", None), np.ufunc)
    return of_ufunc and len(let.args) <= 3  # what follows may be `out`


def _is_diagonal_matrix(let: Let) -> bool:
    """Whether an ``np.diag`` makes a matrix: the diagonal of one is a view."""
    return let.op.function is np.diag and rank(type_of(let.args[0])) == 1


def _is_difference(let: Let) -> bool:
    """Whether an ``np.diff`` takes differences at all: of none, the array is shown as it is."""
    orders = (*let.args[1:2], *(value for name, value in let.kwargs if name == "n"))
    return let.op.function is np.diff and all(
        isinstance(order, Const) and order.value != 0 for order in orders
    )


def _is_summed_product(let: Let) -> bool:
    """Whether an ``np.einsum`` computes: one array, no axis summed, is shown as it is."""
    keywords = {name for name, _ in let.kwargs}
    if let.op.function is not np.einsum or keywords - {"optimize"}:
        return False
    subscripts, *arrays = let.args
    if not isinstance(subscripts, Const) or not isinstance(subscripts.value, str):
        return False
    read, left = kept_axes(subscripts.value)
    return len(arrays) > 1 or any(axis.isalpha() and axis not in left for axis in read)


def _holds_memory(value: Type) -> bool:
    """Whether a value is a list or dict of what can be written in place."""
    return isinstance(value, Growing) and value.item is not None and not is_immutable(value.item)


def is_immutable(value: Type) -> bool:
    """Whether a value of this type cannot be written in place."""
    match value:
        case Scalar():
            return True
        case Array():
            return value.scalar
        case TupleOf(items):
            return all(map(is_immutable, items))
        case Maybe(item):
            return is_immutable(item)
        case _:
            return is_text(value) or value == NOTHING


#: Functions that show each element of an array once, in its own memory or in new memory.
_VIEWS: frozenset[Callable[..., Any]] = frozenset(
    {
        operator.getitem, np.transpose, np.matrix_transpose, np.swapaxes, np.moveaxis, np.flip,
        np.fliplr, np.flipud, np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d,
        np.atleast_2d, np.atleast_3d,
    }
)  # fmt: skip


def is_view(let: Let) -> bool:
    """Whether `let` shows elements of one array, each once, so that they can be written there.

    What it returns has the memory of that array, or memory that is no one else's.
    """
    of = let.args[0] if let.args else None
    if not isinstance(of, Var) or not isinstance(of.type, Array | Growing) or let.op.effect:
        return False
    if isinstance(of.type, ListOf) and not isinstance(type_of(let.args[-1]), Scalar):
        return False
    return let.op.function in _VIEWS and not is_immutable(
        let.target.type if let.target else of.type
    )


@remembered
def shares_memory(let: Let) -> bool:
    """Whether the target of `let` may share memory with an operand of it."""
    if let.target is None or is_immutable(let.target.type) or makes_memory(let):
        return False
    if let.op.form is Form.ATTRIBUTE:
        return let.op.name not in _PLAIN_ATTRIBUTES
    if let.op.function is np.meshgrid:  # it copies, unless it is told not to
        return any(name == "copy" for name, _ in let.kwargs)
    return let.op.function not in _APART or let.op.form is not Form.CALL


#: Functions that take from their first argument its shape, dtype and layout.
_LIKE: frozenset[Callable[..., Any]] = frozenset(
    {np.zeros_like, np.ones_like, np.empty_like, np.full_like}
)


def ignores_contents(let: Let) -> bool:
    """Whether `let` gives the same whatever its first argument, an array, contains."""
    of = let.args[0] if let.args else None
    if not isinstance(of, Var) or not isinstance(of.type, Array) or list(reads(let)).count(of) > 1:
        return False
    is_plain = let.op.form is Form.ATTRIBUTE and let.op.name in _PLAIN_ATTRIBUTES
    return is_plain or let.op.function in _LIKE


@remembered
def shared_operands(let: Let) -> tuple[Var, ...]:
    """The variables whose memory the target of `let` may share."""
    if not shares_memory(let):
        return ()
    # An array takes over numbers, not memory; a list keeps what is put into it.
    is_array = let.op.form in (Form.UPDATE, Form.UPDATE_INDEX, Form.UPDATE_AT)
    is_array = is_array and not is_stored(let)
    shared = operand_vars(let.args[0]) if is_array else reads(let)
    return tuple(v for v in shared if not is_immutable(v.type))


@remembered
def is_push(statement: Statement) -> bool:
    """Whether a statement appends to a stack of the reverse sweep."""
    return _is_stack_method(statement, "append")


@remembered
def is_pop(statement: Statement) -> bool:
    """Whether a statement pops from a stack of the reverse sweep."""
    return _is_stack_method(statement, "pop")


def _is_stack_method(statement: Statement, name: str) -> bool:
    if not isinstance(statement, Let) or statement.op.name != name or not statement.args:
        return False
    of = statement.args[0]
    is_stack = isinstance(of, Var) and of.role is Role.STACK
    return is_stack and statement.op.form is Form.METHOD


@remembered
def written(function: Function) -> frozenset[Var]:
    """Return the variables that may share memory with something that is written in place.

    What such a variable holds depends on when it is read; all others hold one value for good.
    """
    return sharing(function, chain.from_iterable(map(_written_by, all_statements(function.body))))


def written_items(function: Function) -> frozenset[Var]:
    """Return the same without what is on the stacks of a sweep, which pushes and pops leave."""
    statements = (s for s in all_statements(function.body) if not _is_of_stack(s))
    return sharing(function, chain.from_iterable(map(_written_by, statements)))


def _is_of_stack(statement: Statement) -> bool:
    return isinstance(statement, Let) and statement.op.form is Form.UPDATE_STACK


def sharing(function: Function, variables: Iterable[Var]) -> frozenset[Var]:
    """Return `variables` and what may share memory with one of them."""
    groups = _groups(function)
    marked = {groups.find(variable) for variable in variables}
    return frozenset(v for v in groups.members() if groups.find(v) in marked)


@remembered
def _groups(function: Function) -> _Groups:
    groups = _Groups()
    for statement in all_statements(function.body):
        for first, second in _shared_by(statement):
            groups.join(first, second)
    return groups


def written_through(function: Function, variables: Iterable[Var]) -> frozenset[Var]:
    """Return those of `variables`, new arrays, through which something is written in place."""
    after: dict[Var, list[Var]] = {}
    for statement in all_statements(function.body):
        for first, second in _shared_by(statement):
            after.setdefault(second, []).append(first)
            if isinstance(statement, Loop):
                after.setdefault(first, []).append(second)
    ends = frozenset(chain.from_iterable(map(_written_by, all_statements(function.body))))
    return frozenset(v for v in variables if _reaches(v, after, ends))


def _reaches(variable: Var, after: Mapping[Var, Iterable[Var]], ends: Container[Var]) -> bool:
    seen = {variable}
    waiting = [variable]
    while waiting:
        each = waiting.pop()
        if each in ends:
            return True
        fresh = [v for v in after.get(each, ()) if v not in seen]
        seen.update(fresh)
        waiting += fresh
    return False


@remembered
def _written_by(statement: Statement) -> tuple[Var, ...]:
    if not isinstance(statement, Let) or is_push(statement) or is_pop(statement):
        return ()
    if statement.op.updates:
        return (*operand_vars(statement.args[0]), *targets(statement))
    if statement.op.effect or any(name == "out" for name, _ in statement.kwargs):
        return tuple(v for v in reads(statement) if not is_immutable(v.type))
    return ()


@remembered
def _shared_by(statement: Statement) -> tuple[tuple[Var, Var], ...]:
    match statement:
        case Let(target):
            if is_push(statement):
                of, *values = reads(statement)
                return tuple((of, value) for value in values)
            return () if target is None else tuple((target, v) for v in shared_operands(statement))
        case _:
            return tuple(_shared_by_blocks(statement))


def _shared_by_blocks(statement: Branch | Loop) -> Iterator[tuple[Var, Var]]:
    match statement:
        case Branch(joins=joins):
            for arm in (statement.then, statement.other):
                if isinstance(arm.leaf, Yield):
                    yield from _pairs(joins, arm.leaf.values)
        case Loop():
            yield from _pairs(statement.params, statement.inits)
            yield from _pairs(statement.params, statement.outs)
            for leaf in loop_leaves(statement.body):
                ends = statement.params if isinstance(leaf, Next) else statement.outs
                yield from _pairs(ends, leaf_operands(leaf))


def _pairs(variables: Iterable[Var], values: Iterable[Operand]) -> Iterator[tuple[Var, Var]]:
    for variable, value in zip(variables, values, strict=False):
        if not is_immutable(variable.type):
            yield from ((variable, v) for v in operand_vars(value) if not is_immutable(v.type))


class _Groups:
    """Disjoint sets of variables."""

    def __init__(self) -> None:
        self._parent: dict[Var, Var] = {}

    def find(self, variable: Var) -> Var:
        root = variable
        while (above := self._parent.setdefault(root, root)) is not root:
            root = above
        while variable is not root:
            self._parent[variable], variable = root, self._parent[variable]
        return root

    def join(self, a: Var, b: Var) -> None:
        self._parent[self.find(a)] = self.find(b)

    def members(self) -> tuple[Var, ...]:
        return tuple(self._parent)

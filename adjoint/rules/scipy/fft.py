"""Rules for ``scipy.fft``: the transforms of ``numpy.fft``, and those of sines and cosines.

A transform of sines or cosines is, but for the weight of an end, the transpose of one of another
type: see the definitions in the documentation of SciPy, and V. Britanak, P. Yip and K. R. Rao,
"Discrete Cosine and Sine Transforms" (2007), section 2.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import fft

from adjoint.rules.fourier import fitted
from adjoint.rules.registry import instead, linear, same, zero_derivative
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

Function = Callable[..., Any]


# Those of NumPy -------------------------------------------------------------------------------


def _of_one(transform: Function) -> Function:
    def read(
        x: Any, n: Any = None, axis: Any = -1, norm: Any = None, overwrite_x: Any = False,
        workers: Any = None, *, plan: Any = None,
    ) -> Any:  # fmt: skip
        return transform(x, n, axis, norm)

    return read


def _axes(s: Any) -> Any:
    """The axes that a shape is of, if none are given: the last ones."""
    return None if s is None else tuple([k - len(s) for k in range(len(s))])


def _of_several(transform: Function, last: tuple[int, ...] | None) -> Function:
    def read(
        x: Any, s: Any = None, axes: Any = None, norm: Any = None, overwrite_x: Any = False,
        workers: Any = None, *, plan: Any = None,
    ) -> Any:  # fmt: skip
        if axes is None:
            axes = _axes(s) if last is None else last
        return transform(x, s, axes, norm)

    return read


def _to_real(last: tuple[int, ...] | None) -> Function:
    """A real transform of a half spectrum is the inverse of its conjugate, scaled the other way."""

    def read(
        x: Any, s: Any = None, axes: Any = last, norm: Any = None, overwrite_x: Any = False,
        workers: Any = None, *, plan: Any = None,
    ) -> Any:  # fmt: skip
        axes = _axes(s) if axes is None else axes
        return np.fft.irfftn(np.conj(x), s, axes, _SWAPPED[norm])

    return read


def _to_half(last: tuple[int, ...] | None) -> Function:
    """The inverse of that, by `rfftn` in the same way."""

    def read(
        x: Any, s: Any = None, axes: Any = last, norm: Any = None, overwrite_x: Any = False,
        workers: Any = None, *, plan: Any = None,
    ) -> Any:  # fmt: skip
        axes = _axes(s) if axes is None else axes
        return np.conj(np.fft.rfftn(x, s, axes, _SWAPPED[norm]))

    return read


#: The scaling of the transform the other way.
_SWAPPED: dict[Any, Any] = {
    None: "forward",
    "backward": "forward",
    "forward": "backward",
    "ortho": "ortho",
}

for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    instead(getattr(fft, _name), _of_one(getattr(np.fft, _name)))
for _name in ("fft2", "ifft2", "rfft2", "irfft2"):
    instead(getattr(fft, _name), _of_several(getattr(np.fft, _name), (-2, -1)))
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    instead(getattr(fft, _name), _of_several(getattr(np.fft, _name), None))
for _last, _count in (((-2, -1), "2"), (None, "n")):
    instead(getattr(fft, f"hfft{_count}"), _to_real(_last))
    instead(getattr(fft, f"ihfft{_count}"), _to_half(_last))
for _name in ("fftshift", "ifftshift", "fftfreq", "rfftfreq"):
    if getattr(fft, _name) is not getattr(np.fft, _name):
        same(getattr(fft, _name), getattr(np.fft, _name))
zero_derivative(fft.next_fast_len, fft.prev_fast_len, fft.get_workers)


# Sines and cosines ----------------------------------------------------------------------------

#: The type of the transform the other way.
_OTHER = {1: 1, 2: 3, 3: 2, 4: 4}


def _known(type_: Any, norm: Any, orthogonalize: Any) -> None:
    if not isinstance(type_, int):
        raise NotImplementedError("a transform of sines or cosines of a type that varies")
    if orthogonalize not in (None, norm == "ortho"):
        raise NotImplementedError(
            f"a transform of sines or cosines with norm={norm!r} and orthogonalize={orthogonalize}:"
            " leave orthogonalize away, and weight the ends by hand"
        )


def _ends(d: Any, axis: int, places: tuple[int, ...], weight: float) -> Any:
    """`d` with the elements at these places along an axis, its ends, weighted."""
    if not places:
        return d
    first, last = 0 in places, -1 in places
    parts = [weight * _part(d, axis, None, 1)] if first else []
    parts.append(_part(d, axis, 1 if first else None, -1 if last else None))
    if last:
        parts.append(weight * _part(d, axis, -1, None))
    return np.concatenate(parts, axis=axis) if axis % np.ndim(d) else np.concatenate(parts)


def _part(d: Any, axis: int, start: int | None, stop: int | None) -> Any:
    before = axis % np.ndim(d)
    return d[(*(slice(None),) * before, slice(start, stop)) if before else slice(start, stop)]


def _transposed(transform: Function, ends: dict[int, tuple[int, ...]]) -> Function:
    """The rule of a transform; `ends` has the places that count once in the sums of a type."""

    def rule(
        g: Any, ans: Any, x: Any, type: Any = 2, n: Any = None, axis: int = -1,
        norm: Any = None, overwrite_x: Any = False, workers: Any = None, orthogonalize: Any = None,
    ) -> Any:  # fmt: skip
        _known(type, norm, orthogonalize)
        d_x = transposed(g, type, axis, norm)
        return d_x if n is None else fitted(d_x, x, (axis,))

    def transposed(g: Any, type: int, axis: int, norm: Any) -> Any:
        along = {} if axis == -1 else {"axis": axis}
        if norm == "ortho":
            return transform(g, type=_OTHER[type], norm="ortho", **along)
        scaled = {} if norm in (None, "backward") else {"norm": norm}
        if type == 2:
            return transform(_ends(g, axis, ends[3], 2.0), type=3, **scaled, **along)
        once = ends.get(type, ())
        g = _ends(g, axis, once, 2.0) if type == 1 else g
        d = transform(g, type=_OTHER[type], **scaled, **along)
        return _ends(d, axis, once, 0.5)

    return rule


dct, dst = dispatched(fft.dct), dispatched(fft.dst)
linear(fft.dct, x=_transposed(dct, {1: (0, -1), 3: (0,)}))
linear(fft.dst, x=_transposed(dst, {3: (-1,)}))


def _given(n: Any, axis: Any, norm: Any, orthogonalize: Any) -> dict[str, Any]:
    """The keywords that are not what they are without them."""
    along = {} if isinstance(axis, int) and axis == -1 else {"axis": axis}
    others = {"n": n, "norm": norm, "orthogonalize": orthogonalize}
    return {**along, **{name: value for name, value in others.items() if value is not None}}


def _inverse(transform: Function) -> Function:
    """The inverse of one type is, but for its scaling, another type."""

    def read(
        x: Any, type: Any = 2, n: Any = None, axis: Any = -1, norm: Any = None,
        overwrite_x: Any = False, workers: Any = None, orthogonalize: Any = None,
    ) -> Any:  # fmt: skip
        return transform(x, type=_OTHER[type], **_given(n, axis, _SWAPPED[norm], orthogonalize))

    return read


def _along_all(transform: Function) -> Function:
    """A transform along several axes is one along each."""

    def read(
        x: Any, type: Any = 2, s: Any = None, axes: Any = None, norm: Any = None,
        overwrite_x: Any = False, workers: Any = None, *, orthogonalize: Any = None,
    ) -> Any:  # fmt: skip
        axes = _axes(s) if axes is None else axes
        axes = range(np.ndim(x)) if axes is None else axes
        along = axes if isinstance(axes, tuple | list | range) else (axes,)
        lengths = (None,) * len(along) if s is None else s if isinstance(s, tuple | list) else (s,)
        for axis, n in zip(along, lengths, strict=True):
            x = transform(x, type=type, **_given(n, axis, norm, orthogonalize))
        return x

    return read


instead(fft.idct, _inverse(fft.dct))
instead(fft.idst, _inverse(fft.dst))
for _several, _one in (
    (fft.dctn, fft.dct), (fft.dstn, fft.dst), (fft.idctn, fft.idct), (fft.idstn, fft.idst),
):  # fmt: skip
    instead(_several, _along_all(_one))

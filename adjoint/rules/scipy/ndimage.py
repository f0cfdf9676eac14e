"""Rules for the linear filters of ``scipy.ndimage``: see `margins` for what they have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage

from adjoint.rules.registry import dense, jvp, refused
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.margins import (
    changed,
    declare_filter,
    each,
    pulled,
    reach_of,
    require_real,
    the_axes,
    windows,
)

__all__: list[str] = []

Function = Callable[..., Any]

correlate, convolve = dispatched(ndimage.correlate), dispatched(ndimage.convolve)
correlate1d, convolve1d = dispatched(ndimage.correlate1d), dispatched(ndimage.convolve1d)
gaussian_filter = dispatched(ndimage.gaussian_filter)
gaussian_filter1d = dispatched(ndimage.gaussian_filter1d)
uniform_filter1d = dispatched(ndimage.uniform_filter1d)
sobel, prewitt = dispatched(ndimage.sobel), dispatched(ndimage.prewitt)
uniform_filter = dispatched(ndimage.uniform_filter)
whole: Function = dispatched(int)
laplace, gaussian_laplace = dispatched(ndimage.laplace), dispatched(ndimage.gaussian_laplace)

# By weights -----------------------------------------------------------------------------------


def _size(weights: Any, axis: int) -> Any:
    return len(weights) if isinstance(weights, (tuple, list)) else np.shape(weights)[axis]


def _by_weights(
    g: Any, array: Any, sizes: dict[int, Any], reach: Any, mode: Any, cval: Any, backwards: bool
) -> Any:
    """The cotangent of the weights: for each of them, the sum of `g` times what it was given."""
    require_real(array)
    padded, ndim = windows(array, reach, mode, cval), np.ndim(array)
    if ndim == 1:
        summed = np.correlate(padded, g, "valid")
    else:
        places = []
        for axis in range(ndim):
            place = _along(np.arange(np.shape(array)[axis], like=array), axis, ndim + len(sizes))
            if axis in sizes:
                offset = np.arange(sizes[axis], like=array)
                at = ndim + list(sizes).index(axis)
                place = place + _along(offset, at, ndim + len(sizes))
            places.append(place)
        summed = np.tensordot(g, padded[tuple(places)], ndim)
    return np.flip(summed) if backwards else summed


def _along(vector: Any, axis: int, ndim: int) -> Any:
    """A vector as the axis of an array of `ndim` axes."""
    return vector[(*(None,) * axis, slice(None), *(None,) * (ndim - axis - 1))]


def _of_weights(reverse: Function, backwards: bool) -> dict[str, Function]:
    """The rules of `correlate`, or of `convolve`, of which the other one is the `reverse`."""

    def described(array: Any, weights: Any, origin: Any, axes: Any) -> tuple[Any, Any]:
        along = the_axes(axes, array)
        sizes = {axis: _size(weights, k) for k, axis in enumerate(along)}
        origins = dict(zip(along, each(origin, len(along)), strict=True))
        return sizes, {k: reach_of(sizes[k], origins[k], backwards) for k in along}

    def by_input(
        g: Any, ans: Any, input: Any, weights: Any, output: Any = None,
        mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0, *, axes: Any = None,
    ) -> Any:  # fmt: skip
        require_real(weights)
        _, reach = described(input, weights, origin, axes)
        others = changed(origin=(origin, 0), axes=(axes, None))
        return pulled(
            g, input, dict.fromkeys(reach, mode), reach,
            lambda g, mode: reverse(g, weights, mode=mode, **others),
        )  # fmt: skip

    def by_weights(
        g: Any, ans: Any, input: Any, weights: Any, output: Any = None,
        mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0, *, axes: Any = None,
    ) -> Any:  # fmt: skip
        sizes, reach = described(input, weights, origin, axes)
        return _by_weights(g, input, sizes, reach, mode, cval, backwards)

    return {"input": by_input, "weights": by_weights}


def _of_weights_1d(reverse: Function, backwards: bool) -> dict[str, Function]:
    """The same along one axis."""

    def by_input(
        g: Any, ans: Any, input: Any, weights: Any, axis: int = -1, output: Any = None,
        mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0,
    ) -> Any:  # fmt: skip
        require_real(weights)
        others = changed(axis=(axis, -1), origin=(origin, 0))
        (along,) = the_axes(axis, input)
        return pulled(
            g, input, {along: mode}, {along: reach_of(_size(weights, 0), origin, backwards)},
            lambda g, mode: reverse(g, weights, mode=mode, **others),
        )  # fmt: skip

    def by_weights(
        g: Any, ans: Any, input: Any, weights: Any, axis: int = -1, output: Any = None,
        mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0,
    ) -> Any:  # fmt: skip
        (along,) = the_axes(axis, input)
        size = _size(weights, 0)
        reach = {along: reach_of(size, origin, backwards)}
        return _by_weights(g, input, {along: size}, reach, mode, cval, backwards)

    return {"input": by_input, "weights": by_weights}


declare_filter(ndimage.correlate, _of_weights(convolve, backwards=False))
declare_filter(ndimage.convolve, _of_weights(correlate, backwards=True))
declare_filter(ndimage.correlate1d, _of_weights_1d(convolve1d, backwards=False))
declare_filter(ndimage.convolve1d, _of_weights_1d(correlate1d, backwards=True))


def _forward_in_weights(function: Function) -> Function:
    again = dispatched(function)
    return lambda t, ans, input, weights, *rest, **others: again(input, t, *rest, **others)


for _weighted in (ndimage.correlate, ndimage.convolve, ndimage.correlate1d, ndimage.convolve1d):
    jvp(_weighted, weights=_forward_in_weights(_weighted))


# Of a shape of their own ----------------------------------------------------------------------


def _gaussian_reach(sigma: Any, truncate: Any, radius: Any) -> tuple[Any, Any]:
    if radius is None:
        radius = whole(truncate * sigma + 0.5)
    return (radius, radius)


def _orders(order: Any, count: int) -> list[int]:
    orders = each(order, count)
    if not all(isinstance(one, int) for one in orders):
        raise NotImplementedError("the order of a Gaussian filter must be known now")
    return orders


def _gaussian(
    g: Any, ans: Any, input: Any, sigma: Any, order: Any = 0, output: Any = None,
    mode: Any = "reflect", cval: Any = 0.0, truncate: Any = 4.0,
    *, radius: Any = None, axes: Any = None,
) -> Any:  # fmt: skip
    along = the_axes(axes, input)
    orders, sigmas = _orders(order, len(along)), each(sigma, len(along))
    radii = each(radius, len(along))
    reach = {k: _gaussian_reach(sigmas[i], truncate, radii[i]) for i, k in enumerate(along)}
    others = changed(
        order=(order, 0), truncate=(truncate, 4.0), radius=(radius, None), axes=(axes, None)
    )
    return pulled(
        -g if sum(orders) % 2 else g, input,
        dict(zip(along, each(mode, len(along)), strict=True)), reach,
        lambda g, mode: gaussian_filter(g, sigma, **others, **changed(mode=(mode, "reflect"))),
        symmetric=not any(one % 2 for one in orders),
    )  # fmt: skip


def _gaussian_1d(
    g: Any, ans: Any, input: Any, sigma: Any, axis: int = -1, order: Any = 0,
    output: Any = None, mode: Any = "reflect", cval: Any = 0.0, truncate: Any = 4.0,
    *, radius: Any = None,
) -> Any:  # fmt: skip
    (along,), orders = the_axes(axis, input), _orders(order, 1)
    others = changed(
        axis=(axis, -1), order=(order, 0), truncate=(truncate, 4.0), radius=(radius, None)
    )
    return pulled(
        -g if orders[0] % 2 else g, input,
        {along: mode}, {along: _gaussian_reach(sigma, truncate, radius)},
        lambda g, mode: gaussian_filter1d(g, sigma, **others, **changed(mode=(mode, "reflect"))),
        symmetric=orders[0] % 2 == 0,
    )  # fmt: skip


def _gaussian_laplace(
    g: Any, ans: Any, input: Any, sigma: Any, output: Any = None,
    mode: Any = "reflect", cval: Any = 0.0, *, axes: Any = None, truncate: Any = 4.0,
) -> Any:  # fmt: skip
    along = the_axes(axes, input)
    sigmas = each(sigma, len(along))
    reach = {k: _gaussian_reach(sigmas[i], truncate, None) for i, k in enumerate(along)}
    others = changed(truncate=(truncate, 4.0), axes=(axes, None))
    return pulled(
        g, input, dict(zip(along, each(mode, len(along)), strict=True)), reach,
        lambda g, mode: gaussian_laplace(g, sigma, **others, **changed(mode=(mode, "reflect"))),
        symmetric=True,
    )  # fmt: skip


def _laplace(
    g: Any, ans: Any, input: Any, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0, *, axes: Any = None,
) -> Any:  # fmt: skip
    along = the_axes(axes, input)
    return pulled(
        g, input, dict(zip(along, each(mode, len(along)), strict=True)),
        dict.fromkeys(along, (1, 1)),
        lambda g, mode: laplace(g, **changed(mode=(mode, "reflect"), axes=(axes, None))),
        symmetric=True,
    )  # fmt: skip


def _slope(function: Function) -> Function:
    """The rule of a filter that is antisymmetric along one axis, and symmetric along the others."""

    def rule(
        g: Any, ans: Any, input: Any, axis: int = -1, output: Any = None,
        mode: Any = "reflect", cval: Any = 0.0,
    ) -> Any:  # fmt: skip
        along, others = the_axes(None, input), changed(axis=(axis, -1))
        return pulled(
            -g, input, dict(zip(along, each(mode, len(along)), strict=True)),
            dict.fromkeys(along, (1, 1)), lambda g, mode: function(g, mode=mode, **others),
        )  # fmt: skip

    return rule


def _mean_1d(
    g: Any, ans: Any, input: Any, size: Any, axis: int = -1, output: Any = None,
    mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0,
) -> Any:  # fmt: skip
    (along,) = the_axes(axis, input)
    others = changed(axis=(axis, -1), origin=(_turned(origin, size), 0))
    return pulled(
        g, input, {along: mode}, {along: reach_of(size, origin, backwards=False)},
        lambda g, mode: uniform_filter1d(g, size, **others, **changed(mode=(mode, "reflect"))),
        symmetric=_is_centred(size, origin),
    )  # fmt: skip


def _mean(
    g: Any, ans: Any, input: Any, size: Any = 3, output: Any = None,
    mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0, *, axes: Any = None,
) -> Any:  # fmt: skip
    along = the_axes(axes, input)
    sizes, origins = each(size, len(along)), each(origin, len(along))
    every = list(zip(along, sizes, origins, strict=True))
    turned = [_turned(o, n) for n, o in zip(sizes, origins, strict=True)]
    moved = {} if all(isinstance(o, int) and o == 0 for o in turned) else {"origin": turned}
    others = {**changed(size=(size, 3), axes=(axes, None)), **moved}
    return pulled(
        g, input, dict(zip(along, each(mode, len(along)), strict=True)),
        {axis: reach_of(n, o, backwards=False) for axis, n, o in every},
        lambda g, mode: uniform_filter(g, **others, **changed(mode=(mode, "reflect"))),
        symmetric=all(_is_centred(n, o) for n, o in zip(sizes, origins, strict=True)),
    )  # fmt: skip


def _turned(origin: Any, size: Any) -> Any:
    """The origin of the mean the other way round: of an even size, the middle is behind."""
    return -origin - (1 - size % 2)


def _is_centred(size: Any, origin: Any) -> bool:
    known = isinstance(size, int) and isinstance(origin, int)
    return known and size % 2 == 1 and origin == 0


declare_filter(ndimage.gaussian_filter, {"input": _gaussian})
declare_filter(ndimage.gaussian_filter1d, {"input": _gaussian_1d})
declare_filter(ndimage.gaussian_laplace, {"input": _gaussian_laplace})
declare_filter(ndimage.laplace, {"input": _laplace})
declare_filter(ndimage.sobel, {"input": _slope(sobel)})
declare_filter(ndimage.prewitt, {"input": _slope(prewitt)})
declare_filter(ndimage.uniform_filter1d, {"input": _mean_1d})
declare_filter(ndimage.uniform_filter, {"input": _mean})

refused(
    "it picks elements by their order; take np.max, np.min or np.median of shifted slices",
    ndimage.maximum_filter,
    ndimage.minimum_filter,
    ndimage.maximum_filter1d,
    ndimage.minimum_filter1d,
    ndimage.median_filter,
    ndimage.percentile_filter,
    ndimage.rank_filter,
    ndimage.grey_dilation,
    ndimage.grey_erosion,
    ndimage.grey_opening,
    ndimage.grey_closing,
)
refused(
    "write it with two filters: np.sqrt(ndimage.sobel(x, 0) ** 2 + ndimage.sobel(x, 1) ** 2)",
    ndimage.gaussian_gradient_magnitude,
    ndimage.generic_gradient_magnitude,
)
refused(
    "it calls a function that is not followed; write the sum of its parts",
    ndimage.generic_filter,
    ndimage.generic_filter1d,
    ndimage.generic_laplace,
    ndimage.geometric_transform,
)
dense(ndimage.correlate, ndimage.convolve)

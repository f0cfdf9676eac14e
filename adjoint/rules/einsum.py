"""The rule for `einsum`: the cotangent of an operand is the einsum of `g` with all the others."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint.rules.registry import multilinear
from adjoint.rules.scatter import scatter

__all__ = ["labels"]


def labels(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Return the label of each axis: of the operands, and of the result.

    An ellipsis becomes labels that are not used otherwise; a result that is left out is written.

    Parameters
    ----------
    subscripts
        As `einsum` takes them.
    ranks
        The number of axes of each operand.

    Examples
    --------
    >>> labels("ij, jk", (2, 2))
    (['ij', 'jk'], 'ik')
    >>> labels("...i, i -> ...", (3, 1))
    (['abi', 'i'], 'ab')
    """
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    free = [letter for letter in string.ascii_letters if letter not in subscripts]
    counts = [
        ndim - len(term.replace("...", "")) if "..." in term else 0
        for term, ndim in zip(terms, ranks, strict=True)
    ]
    batch = "".join(free[: max(counts, default=0)])
    if not arrow:
        named = left.replace(",", "").replace(".", "")
        output = "..." + "".join(sorted(x for x in set(named) if named.count(x) == 1))
    expanded = [
        term.replace("...", batch[len(batch) - count :])
        for term, count in zip(terms, counts, strict=True)
    ]
    return expanded, output.replace("...", batch)


def _product(terms: Sequence[str], arrays: Sequence[Any], output: str, optimize: Any) -> Any:
    """The einsum of `arrays`, with the scalars among them as plain factors."""
    scalars = [x for term, x in zip(terms, arrays, strict=True) if not term]
    rest = [(term, x) for term, x in zip(terms, arrays, strict=True) if term]
    if len(rest) == 1 and rest[0][0] == output:
        scalars.append(rest[0][1])
    elif rest:
        subscripts = ",".join(term for term, _ in rest) + "->" + output
        how = {"optimize": optimize} if optimize in (True, "greedy", "optimal") else {}
        scalars.append(np.einsum(subscripts, *(x for _, x in rest), **how))
    product = scalars[0]
    for factor in scalars[1:]:
        product = product * factor
    return product


def _spread(cotangent: Any, a: Any, own: str, known: str, narrow: bool) -> Any:
    """Bring a cotangent with the axes `known` to the axes `own` of its operand `a`.

    An axis that only this operand has was summed over: its cotangent is the same everywhere. So it
    is where the others were stretched (`narrow`). Axes under one label were read on their diagonal.
    """
    distinct = "".join(dict.fromkeys(own))
    lead = next((k for k, label in enumerate(distinct) if label in known), len(distinct))
    # Broadcasting adds the axes in front.
    added = tuple(k - lead for k in range(lead, len(distinct)) if distinct[k] not in known)
    if added:
        cotangent = np.expand_dims(cotangent, added)
    if distinct == own:
        same_shape = known == own and not narrow
        return cotangent if same_shape else np.broadcast_to(cotangent, np.shape(a))
    index = []
    for label in own:
        others = tuple(k for k, other in enumerate(distinct) if other != label)
        positions = np.arange(np.shape(a)[own.index(label)], like=a)
        index.append(np.expand_dims(positions, others) if others else positions)
    return scatter(cotangent, tuple(index), a)


def _is_narrow(label: str, k: int, operands: Sequence[Any], inputs: Sequence[str]) -> bool:
    """Tell whether all others have length 1 along `label`, so that NumPy stretched them."""
    lengths = [
        np.shape(x)[term.index(label)]
        for i, (x, term) in enumerate(zip(operands, inputs, strict=True))
        if i != k and label in term
    ]
    return all(isinstance(n, int) and n == 1 for n in lengths)  # 1 is always known when it is one


def _einsum(g: Any, ans: Any, subscripts: Any, *operands: Any, optimize: Any = False) -> list[Any]:
    if not isinstance(subscripts, str):
        raise NotImplementedError("np.einsum needs its subscripts as a string: 'ij,jk->ik'")
    inputs, output = labels(subscripts, [np.ndim(x) for x in operands])
    cotangents = []
    for k, own in enumerate(inputs):
        terms = [*inputs[:k], output, *inputs[k + 1 :]]
        arrays = [*operands[:k], g, *operands[k + 1 :]]
        known = "".join(x for x in dict.fromkeys(own) if any(x in term for term in terms))
        cotangent = _product(terms, arrays, known, optimize)
        contracted = [label for label in known if label not in output]
        narrow = any(_is_narrow(label, k, operands, inputs) for label in contracted)
        cotangents.append(_spread(cotangent, operands[k], own, known, narrow))
    return cotangents


multilinear(np.einsum, operands=_einsum)

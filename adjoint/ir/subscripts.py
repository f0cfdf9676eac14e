"""What the subscripts of ``np.einsum`` say of axes."""

from __future__ import annotations

__all__ = ["kept_axes"]


def kept_axes(subscripts: str) -> tuple[str, str]:
    """The axes that are read, of arrays one after the other, and those of the result.

    Where no result is spelled, it has the axes that occur once, in the order of the alphabet.

    >>> kept_axes("ij, jk -> ik"), kept_axes("ji"), kept_axes("...ii")
    (('ij,jk', 'ik'), ('ji', 'ij'), ('...ii', '...'))
    """
    read, arrow, left = subscripts.replace(" ", "").partition("->")
    if not arrow:
        once = sorted(axis for axis in set(read) if axis.isalpha() and read.count(axis) == 1)
        left = ("..." if "..." in read else "") + "".join(once)
    return read, left

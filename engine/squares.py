"""How far one picture is from another: squared errors of its cells, in whole numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.alpha import squared_errors


def squares(
    target: NDArray[np.uint8],
    pixels: NDArray[np.uint8],
    weights: NDArray[np.uint8] | None,
    ys: tuple[int, ...],
    xs: tuple[int, ...],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Squared error of each cell, summed over RGB in steps of 1/255: whole numbers add up in any order.

    That of a picture with transparency is alpha.squared_errors.
    weights: (height, width) or None. ys, xs: the cells' lines relative to the pictures, both borders
    included. Returns plain and weighted sums.
    """
    plain, weighted = [], []
    for y0, y1 in pairwise(ys):  # row by row, so that what is in between stays small
        each = _each(target[y0:y1], pixels[y0:y1])
        plain.append(_by_column(each, xs))
        weighted.append(plain[-1] if weights is None else _by_column(each * weights[y0:y1, :, None], xs))
    return np.array(plain), np.array(weighted)


def _each(target: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> NDArray[np.signedinteger]:
    """The squared errors of pixels, (height, width, 3) of RGB or (height, width, 1)."""
    if target.shape[2] == 4:
        return squared_errors(pixels, target)
    each: NDArray[np.int32] = np.subtract(target, pixels, dtype=np.int32)
    return np.multiply(each, each, out=each)


def _by_column(each: NDArray[np.signedinteger], xs: tuple[int, ...]) -> NDArray[np.int64]:
    return np.add.reduceat(each.sum(axis=0, dtype=np.int64).sum(axis=1), xs[:-1])

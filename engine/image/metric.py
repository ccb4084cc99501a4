"""How far one picture is from another: the one metric, and squared errors of cells in whole numbers."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from engine.image.alpha import Pixels
from engine.image.bands import row_bands
from engine.image.pixels import AnyPixels, Floats


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


FINENESS = 4 * 255  # of squared_errors, so that they are whole numbers


def squared_errors(drawn: Pixels, target: Pixels) -> npt.NDArray[np.int64]:
    """The squared error of each pixel of premultiplied (height, width, 4), exact: (height, width, 1).

    In steps of 1/255, times FINENESS.
    """
    difference = np.subtract(drawn, target, dtype=np.int32)
    colour, alpha = difference[..., :3], difference[..., 3:]
    twice = 2 * colour - alpha
    squares = np.square(twice).sum(axis=2, keepdims=True, dtype=np.int64)
    opacity = target[..., 3:].astype(np.int64)
    return opacity * squares + 3 * (2 * 255 - opacity) * np.square(alpha)


def rmse(drawn: AnyPixels, target: AnyPixels) -> float:
    """Return the root mean squared error over RGB in 0..1, sRGB-encoded: the project's one metric.

    Both are RGB, (height, width, 3), or RGB premultiplied by alpha and alpha, (height, width, 4), of which
    alpha.py says what the error is; uint8 in 0..255 or floats in 0..1, in any combination.
    """
    shape = drawn.shape
    if shape != target.shape or len(shape) != 3 or shape[2] not in (3, 4) or drawn.size == 0:
        raise ValueError(
            f"pictures of one shape (height, width, 3 or 4) are needed, not {shape} and {target.shape}"
        )
    total = 0.0
    for rows in row_bands(shape[0], shape[1]):
        goal = _unit(target[rows])
        difference = _unit(drawn[rows]) - goal
        if shape[2] == 4:
            difference[..., :3] -= difference[..., 3:] / 2
            difference[..., :3] *= np.sqrt(goal[..., 3:])
            difference[..., 3] *= np.sqrt(0.75 * (2 - goal[..., 3]))
        total += float(np.square(difference, out=difference).sum())
    return math.sqrt(total / (3 * shape[0] * shape[1]))


def _unit(pixels: AnyPixels) -> Floats:
    """Return pixels as floats in 0..1."""
    if pixels.dtype == np.uint8:
        return pixels / np.float64(255)
    if np.issubdtype(pixels.dtype, np.floating):
        return pixels.astype(np.float64)
    raise TypeError(f"pixels are uint8 or floats, not {pixels.dtype}")


def error_of(squares: int, shape: tuple[int, ...]) -> float:
    """What `rmse` says of a picture whose squared errors, as `squares` has them, have that sum.

    shape: of its pixels, (height, width, channels).
    """
    height, width, channels = shape
    return math.sqrt(squares / (3 * height * width * (FINENESS if channels == 4 else 1))) / 255

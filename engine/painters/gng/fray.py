"""A frame that dots do not line up along.

Where the ink ends at a straight line, the outermost dots lie in a row along it, half their distance inside.
So the ink ends a little earlier, here more and there less, by up to that distance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Density = NDArray[np.float32]

WIDEST = 3.0  # mean distances between dots that count for one at most: where there is no ink it has no end
FEW = 8  # dots along the shorter side of a picture: with fewer there is no row
REACH = 0.55  # of the distance between dots
LEAST = 1.0  # pixels: nearer dots aren't seen as a row
MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # of SplitMix64 (Steele et al. 2014)


class Frame(NamedTuple):
    """Of a picture of dots."""

    height: int  # pixels
    width: int
    each: float  # density for one dot
    distance: float  # between dots on average, pixels


def frayed(density: Density, origin: tuple[int, int], frame: Frame) -> Density:
    """The density of a window, at (x, y), without the ink that dots would line up in.

    The same pixels lose about the same in any window. With few dots there is no row.
    """
    if min(frame.height, frame.width) < FEW * frame.distance:
        return density
    left, top = origin
    rows, cols = density.shape
    found = density.copy()
    sides = (
        (found, top == 0, left),
        (found[::-1], top + rows == frame.height, left),
        (found.T, left == 0, top),
        (found.T[::-1], left + cols == frame.width, top),
    )
    for number, (strip, is_frame, start) in enumerate(sides):
        if is_frame:
            _fray(strip, start, frame, number)
    return found


def _fray(strip: Density, start: int, frame: Frame, side: int) -> None:
    """Take ink from the first rows, in place. start: the first column's place along the frame."""
    widest = WIDEST * frame.distance
    rim = strip[: max(1, round(frame.distance))].mean(axis=0)
    spacing = np.minimum(np.sqrt(frame.each / np.maximum(rim, 1e-9)), widest)
    octave = np.maximum(np.rint(np.log2(np.maximum(spacing, 1))), 0).astype(np.uint64)
    along = start + np.arange(strip.shape[1], dtype=np.uint64)
    depth = np.where(
        spacing > LEAST, REACH * spacing * _chance((along >> octave) * np.uint64(64) + octave, side), 0
    )
    last = min(len(strip), int(np.ceil(widest)))
    strip[:last] *= np.clip(np.arange(1, last + 1)[:, None] - depth, 0, 1).astype(np.float32)


def _chance(numbers: NDArray[np.uint64], side: int) -> NDArray[np.float64]:
    """A random number from 0 to 1 for each whole one."""
    mixed = (numbers + np.uint64(side << 32)) * np.uint64(MIX[0])
    for factor, shift in zip(MIX[1:], (30, 27), strict=True):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53

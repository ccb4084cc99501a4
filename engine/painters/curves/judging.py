"""How good a drawing is, place by place, in pieces where it is large."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.objectives.base import Objective, Planes, Sight

PIECE, AROUND = 512, 64  # pixels of a piece's side, and those around it that are looked at, too


def missing(objective: Objective, sight: Sight) -> NDArray[np.float32]:
    """What an objective misses at each pixel of a drawing, 0 to 1: (height, width)."""
    height, width = sight.picture.shape[1:]
    if max(height, width) <= PIECE + 2 * AROUND:
        return _by_pixel(objective.map(sight), height, width)
    found = np.empty((height, width), np.float32)
    for y, x in itertools.product(range(0, height, PIECE), range(0, width, PIECE)):
        rows, cols = _around(y, height, sight.wraps), _around(x, width, sight.wraps)
        aim = None if sight.aim is None else _cut(sight.aim, rows, cols)
        told = objective.map(Sight(_cut(sight.picture, rows, cols), False, aim))
        told = _by_pixel(told, len(rows), len(cols))
        own = found[y : y + PIECE, x : x + PIECE]
        top, left = int(np.flatnonzero(rows == y)[0]), int(np.flatnonzero(cols == x)[0])
        own[:] = told[top : top + len(own), left : left + own.shape[1]]
    return found


def _around(begin: int, length: int, wraps: bool) -> NDArray[np.int64]:
    """Rows or columns of a piece and around it, as far as there are any."""
    places = np.arange(begin - AROUND, min(begin + PIECE, length) + AROUND)
    return places % length if wraps else places[(places >= 0) & (places < length)]


def _cut(planes: Planes, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> Planes:
    return np.ascontiguousarray(planes[:, rows[:, None], cols])


def _by_pixel(map_: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """A map of a picture at each of its pixels, within 0 and 1."""
    rows = ((np.arange(height) + 0.5) * map_.shape[0] / height).astype(int)
    cols = ((np.arange(width) + 0.5) * map_.shape[1] / width).astype(int)
    found: NDArray[np.float32] = np.clip(map_, 0, 1)[rows[:, None], cols]
    return found

"""Maps of one picture that are not equally fine, brought together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Grid = NDArray[np.float32]  # (rows, cols), evenly over the picture


def mean_of(grids: Sequence[Grid], weights: Sequence[float]) -> Grid:
    """The weighted mean of grids of one picture, as fine as the finest; weights > 0."""
    finest = max((grid.shape for grid in grids), key=math.prod)
    finer = [_enlarged(grid, finest) for grid in grids]
    return np.average(finer, axis=0, weights=weights).astype(np.float32)


def _enlarged(grid: Grid, shape: tuple[int, ...]) -> Grid:
    """A grid with more cells over the same picture; between the middles of its own it goes straight."""
    if grid.shape == shape:
        return grid
    ratios = [side / wanted for side, wanted in zip(grid.shape, shape, strict=True)]
    found: Grid = ndimage.affine_transform(
        grid, ratios, [ratio / 2 - 0.5 for ratio in ratios], shape, order=1, mode="nearest"
    )
    return found

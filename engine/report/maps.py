"""Where in the picture: how large the error is in each pixel, and how much work each tile got."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.alpha import FINENESS, squared_errors
from engine.decode import row_bands
from engine.grid import Grid, Tile
from engine.image import Pixels

MOST_TILES = 1024  # that are shown; more are too small to be seen


def error_map(drawn: Pixels, target: Pixels) -> NDArray[np.float32]:
    """The error of each pixel, (height, width): the root of the mean of their squares is the picture's."""
    height, width, channels = target.shape
    errors = np.empty((height, width), np.float32)
    for rows in row_bands(height, width):
        if channels == 4:
            squares = squared_errors(drawn[rows], target[rows])[..., 0] / FINENESS
        else:
            squares = np.square(np.subtract(drawn[rows], target[rows], dtype=np.float32)).sum(axis=2)
        errors[rows] = np.sqrt(squares / 3) / 255
    return errors


def shrunk(errors: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """A map at a smaller size: each of its pixels has the error of those that it stands for together."""
    squares = Image.fromarray(np.square(errors))
    return np.sqrt(np.asarray(squares.resize((width, height), Image.Resampling.BOX)))


@dataclass(frozen=True)
class Share:
    """What a tile got of all the work."""

    tile: Tile
    share: float  # of the evaluations
    density: float  # evaluations for each of its pixels, over the mean of the picture


def shares(spent: NDArray[np.float64], grid: Grid) -> list[Share]:
    """The shares of the tiles of the finest grid, or of a coarser one where they would be too many.

    spent: evaluations in each cell of the grid's lattice.
    """
    levels = [level for level, (rows, cols) in enumerate(grid.levels) if rows * cols <= MOST_TILES]
    tiles = grid.tiles(levels[-1], "plain")
    found = np.array([spent[grid.cells(tile)].sum() for tile in tiles]) / spent.sum()
    area = grid.height * grid.width
    return [
        Share(tile, float(share), float(share) * area / (tile.height * tile.width))
        for tile, share in zip(tiles, found, strict=True)
    ]

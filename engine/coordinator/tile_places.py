"""Where tiles lie on a grid's lattice of cells, and what cells add up to in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.grid import Grid, Tile
from engine.painters.base import Cells


class TilePlace(NamedTuple):
    """Where a tile lies on the lattice."""

    cells: tuple[slice, slice]
    lines: Cells  # of the lattice in the tile, relative to it, both borders included
    areas: NDArray[np.int64]  # of its cells, pixels: (rows, cols)


class TilePlaces:
    """Those of a grid's tiles; those of one tiling are kept."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._heights, self._widths = np.diff(grid.ys), np.diff(grid.xs)  # of the cells
        self._known: dict[Tile, TilePlace] = {}

    def forget(self) -> None:
        """Others will be asked for."""
        self._known = {}

    def of(self, tile: Tile) -> TilePlace:
        """That of a tile."""
        if (known := self._known.get(tile)) is not None:
            return known
        rows, cols = self._grid.cells(tile)
        ys, xs = self._grid.ys[rows.start : rows.stop + 1], self._grid.xs[cols.start : cols.stop + 1]
        lines = tuple([y - tile.y0 for y in ys]), tuple([x - tile.x0 for x in xs])
        areas = self._heights[rows, None] * self._widths[cols]
        place = self._known[tile] = TilePlace((rows, cols), lines, areas)
        return place

    def sums(self, cells: NDArray[Any], tiles: Sequence[Tile]) -> NDArray[Any]:
        """Sums over tiles of what cells have: (n,), of the same type.

        Whole numbers come from one table for all tiles; of others the order would show in the last digits.
        """
        places = [self._grid.cells(tile) for tile in tiles]
        if cells.dtype != np.int64:
            return np.array([cells[place].sum() for place in places], cells.dtype)
        top, bottom, left, right = np.array(
            [(rows.start, rows.stop, cols.start, cols.stop) for rows, cols in places]
        ).T
        above = np.zeros((len(self._grid.ys), len(self._grid.xs)), np.int64)  # all left of and above a point
        above[1:, 1:] = cells.cumsum(axis=0).cumsum(axis=1)
        return above[bottom, right] - above[top, right] - above[bottom, left] + above[top, left]

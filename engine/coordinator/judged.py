"""How good a scene is as a run begins, cell by cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.coordinator.pieces import LARGE, SIDE
from engine.grid import PLAIN, Grid, Tile
from engine.image.source import TargetSource
from engine.painters.base import Cells, Painter
from engine.scene.scene import Scene

Sums = tuple[NDArray[np.int64], NDArray[np.int64]]


def judged(painter: Painter, scene: Scene, target: TargetSource, grid: Grid) -> Sums:
    """Errors and losses of the cells, (rows, cols); of a large picture no more than a tile is drawn."""
    if painter.is_additive and grid.height * grid.width > LARGE:
        return _by_tiles(painter, scene, target, grid)
    tile = whole(grid.height, grid.width)
    part, window = scene.take([tile])[0], target.read((0, 0, tile.width, tile.height))
    judgement = painter.judge(window, tile, part, scene.draw(grid.height, grid.width), _lines(grid, tile))
    return judgement.errors, judgement.losses


def _by_tiles(painter: Painter, scene: Scene, target: TargetSource, grid: Grid) -> Sums:
    """The same, tile by tile of the coarsest level that has small ones."""
    shape = len(grid.ys) - 1, len(grid.xs) - 1
    errors, losses = np.empty(shape, np.int64), np.empty(shape, np.int64)
    sides = [max(grid.height / rows, grid.width / cols) for rows, cols in grid.levels]
    level = next((level for level, side in enumerate(sides) if side <= SIDE), len(sides) - 1)
    tiles = grid.tiles(level, PLAIN)
    for tile, part in zip(tiles, scene.take(tiles), strict=True):
        window, cells = target.read((tile.x0, tile.y0, tile.x1, tile.y1)), grid.cells(tile)
        judgement = painter.judge(window, tile, part, painter.draw_part(tile, part), _lines(grid, tile))
        errors[cells], losses[cells] = judgement.errors, judgement.losses
    return errors, losses


def whole(height: int, width: int) -> Tile:
    """All of a picture as one tile."""
    return Tile(0, 0, 0, 0, 0, width, height)


def _lines(grid: Grid, tile: Tile) -> Cells:
    """The lattice's lines in a tile, relative to it, both borders included."""
    rows, cols = grid.cells(tile)
    return (
        tuple(y - tile.y0 for y in grid.ys[rows.start : rows.stop + 1]),
        tuple(x - tile.x0 for x in grid.xs[cols.start : cols.stop + 1]),
    )

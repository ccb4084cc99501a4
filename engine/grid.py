"""Tiles: half-open windows that cover a picture exactly, in grids from coarse to fine, shifted or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

from engine.errors import SpecError

TILE_SIDE = 128  # pixels of a tile's side when the grid is chosen automatically
Tiling = Literal["plain", "shifted", "tall", "wide"]
MAX_TILE = 4096 * 4096  # pixels: about 2 GB in a worker


@dataclass(frozen=True, slots=True)
class Tile:
    """A half-open window [x0, x1) x [y0, y1) of one grid, in target pixels."""

    level: int
    row: int
    col: int
    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.y1 - self.y0

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.x1 - self.x0


@dataclass(frozen=True)
class Grid:
    """The grids of a picture: level 0 is one tile, each further level halves the tiles, down to rows x cols.

    All tiles of all levels, shifted ones too, are unions of the cells of one lattice: the finest tiles cut in
    half both ways. A shared canvas needs a version for each cell only.
    """

    height: int
    width: int
    rows: int
    cols: int

    @classmethod
    def fit(cls, height: int, width: int, grid: str) -> Grid:
        """The grid for a setting "auto" or "ROWSxCOLS"; never more tiles than pixels."""
        if grid == "auto":
            rows, cols = round(height / TILE_SIDE), round(width / TILE_SIDE)
        else:
            rows, cols = (int(number) for number in grid.split("x"))
        rows, cols = min(max(rows, 1), height), min(max(cols, 1), width)
        if math.ceil(height / rows) * math.ceil(width / cols) > MAX_TILE:
            wanted = f"{math.ceil(height / 2048)}x{math.ceil(width / 2048)}"
            raise SpecError(
                f"grid: tiles of {width // cols} x {height // rows} px, as {grid} makes them, are more than "
                f"a worker's memory holds; use a finer grid such as {wanted}, or auto."
            )
        return cls(height, width, rows, cols)

    @cached_property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of every level, coarse to fine."""
        levels = [(self.rows, self.cols)]
        while levels[0] != (1, 1):
            rows, cols = levels[0]
            levels.insert(0, (math.ceil(rows / 2), math.ceil(cols / 2)))
        return tuple(levels)

    @cached_property
    def xs(self) -> tuple[int, ...]:
        """The lattice's vertical lines, from 0 to the width."""
        return tuple(sorted(set(_lattice(self.width, self.cols))))

    @cached_property
    def ys(self) -> tuple[int, ...]:
        """The lattice's horizontal lines, from 0 to the height."""
        return tuple(sorted(set(_lattice(self.height, self.rows))))

    def tiles(self, level: int, tiling: Tiling) -> tuple[Tile, ...]:
        """The tiles of one level, row by row.

        Shifted ones lie half a tile further, with halves at the borders; tall ones are two plain ones on top
        of each other, wide ones two side by side.
        """
        rows, cols = self.levels[level]
        rows, cols = (
            math.ceil(rows / 2) if tiling == "tall" else rows,
            math.ceil(cols / 2) if tiling == "wide" else cols,
        )
        ys = _borders(_lattice(self.height, self.rows), rows, tiling == "shifted")
        xs = _borders(_lattice(self.width, self.cols), cols, tiling == "shifted")
        return tuple(
            Tile(level, row, col, xs[col], ys[row], xs[col + 1], ys[row + 1])
            for row in range(len(ys) - 1)
            for col in range(len(xs) - 1)
        )

    def cells(self, tile: Tile) -> tuple[slice, slice]:
        """The lattice's rows and columns that a tile covers."""
        return (
            slice(self.ys.index(tile.y0), self.ys.index(tile.y1)),
            slice(self.xs.index(tile.x0), self.xs.index(tile.x1)),
        )


def _lattice(length: int, parts: int) -> list[int]:
    return [round(i * length / (2 * parts)) for i in range(2 * parts + 1)]


def _borders(lattice: list[int], parts: int, shifted: bool) -> list[int]:
    """The borders of `parts` tiles along one side, each a line of the lattice; empty tiles are left out."""
    last = len(lattice) - 1
    indices = [round(i * last / parts) for i in range(parts + 1)]
    if shifted and parts > 1:
        indices = [0, *((a + b) // 2 for a, b in pairwise(indices)), last]
    return sorted({lattice[i] for i in indices})


@dataclass(frozen=True)
class TileBox:
    """Where a job has painted."""

    level: int
    tiling: Tiling
    box: tuple[int, int, int, int]  # x0, y0, x1, y1 of the tile, half-open

    def to_record(self) -> dict[str, Any]:
        """As it stands in snapshots.jsonl and in checkpoints, where a tiling has always been called a lay."""
        return {"level": self.level, "lay": self.tiling, "box": list(self.box)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> TileBox:
        """The inverse of `to_record`."""
        return cls(record["level"], record["lay"], tuple(record["box"]))

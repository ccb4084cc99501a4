"""Tiles: half-open windows that cover a picture exactly, in grids from coarse to fine, at any offset."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, Self, get_args

from engine.errors import SpecError

TILE_SIDE = 128  # pixels of a tile's side when the grid is chosen automatically
CELLS = 8  # of the lattice along a tile's side
MOST_OFFSET = 0.4  # of a tile's side, either way
LEAST_TILE = 0.45  # of a tile's side: what an offset leaves at the picture's border is no narrower
STEPS = (math.sqrt(5) - 1) / 2, math.sqrt(2) - 1  # of the offsets from pass to pass, right and down
MOST_LEVELS = 32  # of any grid
MAX_TILE = 4096 * 4096  # pixels: about 2 GB in a worker


Form = Literal["plain", "tall", "wide"]  # tall: two tiles on top of each other, wide: two side by side


class Tiling(NamedTuple):
    """How the tiles of a level lie."""

    form: Form = "plain"
    x: float = 0.0  # how far the borders lie to the right, in widths of a tile,
    y: float = 0.0  # and down, in heights

    @classmethod
    def numbered(cls, number: int) -> Tiling:
        """The tiling of a pass, counted from 0: its borders are far from those of the passes just before.

        The fractions of multiples of the golden and of the silver ratio: any few that follow each other lie
        evenly, and none comes back (Kuipers and Niederreiter, "Uniform Distribution of Sequences", 1974).
        They stay within MOST_OFFSET, so that there are no more tiles than in the plain tiling.
        """
        x, y = ((0.5 + number * step) % 1 for step in STEPS)
        return cls("plain", MOST_OFFSET * (2 * x - 1), MOST_OFFSET * (2 * y - 1))


PLAIN = Tiling()
SHIFTED = Tiling("plain", 0.5, 0.5)


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

    def __reduce__(self) -> tuple[type[Self], tuple[int, ...]]:
        """As a few numbers: one goes to a worker with every job, and comes back."""
        return type(self), (self.level, self.row, self.col, self.x0, self.y0, self.x1, self.y1)

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

    All tiles of all levels, at any offset, are unions of the cells of one lattice: the finest tiles cut into
    CELLS both ways. A shared canvas needs a version for each cell only.
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

        An offset leaves parts of tiles at the picture's borders; narrow ones belong to the tile beside them.
        """
        rows, cols = self.levels[level]
        rows = math.ceil(rows / 2) if tiling.form == "tall" else rows
        cols = math.ceil(cols / 2) if tiling.form == "wide" else cols
        ys = _borders(_lattice(self.height, self.rows), rows, tiling.y)
        xs = _borders(_lattice(self.width, self.cols), cols, tiling.x)
        return tuple(
            Tile(level, row, col, xs[col], ys[row], xs[col + 1], ys[row + 1])
            for row in range(len(ys) - 1)
            for col in range(len(xs) - 1)
        )

    def cells(self, tile: Tile) -> tuple[slice, slice]:
        """The lattice's rows and columns that a tile covers; LookupError when it is not made of cells."""
        ys, xs = self._lines
        return slice(ys[tile.y0], ys[tile.y1]), slice(xs[tile.x0], xs[tile.x1])

    @cached_property
    def _lines(self) -> tuple[dict[int, int], dict[int, int]]:
        """The numbers of the lattice's lines, by their pixels: ys and xs."""
        return {y: row for row, y in enumerate(self.ys)}, {x: col for col, x in enumerate(self.xs)}


def _lattice(length: int, parts: int) -> list[int]:
    return [round(i * length / (CELLS * parts)) for i in range(CELLS * parts + 1)]


def _borders(lattice: list[int], parts: int, offset: float) -> list[int]:
    """The borders of `parts` tiles along one side, each a line of the lattice; empty tiles are left out."""
    last = len(lattice) - 1
    inner = [i + offset for i in range(parts + 1) if LEAST_TILE <= i + offset <= parts - LEAST_TILE]
    if parts == 1:
        inner = []
    return sorted({lattice[i] for i in (0, *(round(share * last / parts) for share in inner), last)})


@dataclass(frozen=True)
class TileBox:
    """Where a job has painted."""

    level: int
    tiling: Tiling
    box: tuple[int, int, int, int]  # x0, y0, x1, y1 of the tile, half-open

    def to_record(self) -> dict[str, Any]:
        """As it stands in snapshots.jsonl and in checkpoints, where a tiling has always been called a lay."""
        form, *offset = self.tiling
        return {"level": self.level, "lay": form, "offset": offset, "box": list(self.box)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> TileBox:
        """The inverse of `to_record`; "shifted" is how one without an offset says half a tile.

        ValueError, TypeError or LookupError for what is none.
        """
        level, form, (x0, y0, x1, y1) = record["level"], record["lay"], record["box"]
        tiling = SHIFTED if form == "shifted" else Tiling(form, *map(float, record.get("offset", ())))
        if tiling.form not in get_args(Form) or not all(abs(offset) <= 1 for offset in tiling[1:]):
            raise ValueError("tiles can't lie like that")
        if any(type(each) is not int for each in (level, x0, y0, x1, y1)):
            raise TypeError("a tile has whole numbers")
        if not (0 <= level <= MOST_LEVELS and 0 <= x0 < x1 and 0 <= y0 < y1):
            raise ValueError("there can't be such a tile")
        return cls(level, tiling, (x0, y0, x1, y1))

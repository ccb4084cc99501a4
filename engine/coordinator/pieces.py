"""Large tiles, a piece at a time: pixels that nobody looks at together needn't be in memory together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from engine.grid import Tile
from engine.painters.base import Cells

LARGE = 2048 * 2048  # pixels of a tile that is drawn and judged whole, at most
SIDE = 1024  # pixels of a piece's, about


def pieces_of(tile: Tile, cells: Cells) -> Iterator[tuple[Tile, Cells]]:
    """The pieces of a tile, row by row, each of whole cells, which are relative to it; cells: of the tile."""
    ys, xs = cells
    for top, rows in _spans(ys):
        for left, columns in _spans(xs):
            x0, y0 = tile.x0 + left, tile.y0 + top
            yield (
                Tile(tile.level, tile.row, tile.col, x0, y0, x0 + columns[-1], y0 + rows[-1]),
                (rows, columns),
            )


def _spans(lines: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Where each of the pieces along a side begins, and the lines in it, from there on."""
    first = 0
    while first < len(lines) - 1:
        last = max(bisect_right(lines, lines[first] + SIDE) - 1, first + 1)
        yield lines[first], tuple(line - lines[first] for line in lines[first : last + 1])
        first = last

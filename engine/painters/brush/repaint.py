"""A painting after another one: only blocks are painted anew that other or changed strokes reach into.

What a window shows follows from the strokes that reach into it and from their order, so a block that the same
strokes reach into has the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Pixels
from engine.painters.brush.reach import extents
from engine.painters.brush.strokes import Strokes

BLOCK = 32  # pixels along a side

Rows = NDArray[np.int64]
Place = tuple[int, int]  # x and y of a block's upper left corner


class Painting(Protocol):
    """A picture of strokes at one size; see draw.py."""

    @property
    def height(self) -> int:
        """Pixels."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def strokes(self) -> Strokes:
        """In the picture's pixels; ids in their order."""

    @property
    def reach(self) -> float:
        """How far from its path a stroke paints, in radii."""

    @property
    def frame(self) -> tuple[object, ...]:
        """All of it but its strokes."""

    def draw(self) -> Pixels:
        """All of it."""

    def paint(self, rows: Rows, x0: int, y0: int, picture: Pixels) -> None:
        """Some strokes, by their indices, as bytes in a window at (x0, y0)."""


@dataclass(frozen=True)
class Memory:
    """A painting that has been drawn."""

    painting: Painting
    pixels: Pixels  # never changed in place


def painted_after(painting: Painting, before: Memory | None) -> Memory:
    """A painting drawn with the help of one that was drawn before it: the same bytes as by itself."""
    if before is None or before.painting.frame != painting.frame:
        pixels = painting.draw()
    else:
        pixels = before.pixels.copy()
        for (x0, y0), rows in changed(before.painting, painting):
            painting.paint(rows, x0, y0, pixels[y0 : y0 + BLOCK, x0 : x0 + BLOCK])
    pixels.flags.writeable = False
    return Memory(painting, pixels)


def changed(before: Painting, after: Painting) -> Iterator[tuple[Place, Rows]]:
    """Blocks that are not as they were, and the strokes that reach into them now; both of one frame."""
    steady = _unchanged(before.strokes, after.strokes)
    for (place, then), (_, now) in zip(_members(before), _members(after), strict=True):
        is_same = len(then) == len(now) and steady[now].all()
        if not (is_same and np.array_equal(before.strokes.ids[then], after.strokes.ids[now])):
            yield place, now


def _unchanged(before: Strokes, after: Strokes) -> NDArray[np.bool_]:
    """Which strokes of the later ones, (n,), were there before, just so; ids are in their order."""
    if not len(before):
        return np.zeros(len(after), np.bool_)
    at = np.minimum(np.searchsorted(before.ids, after.ids), len(before) - 1)
    same = np.ones(len(after), np.bool_)
    for each in fields(Strokes):
        equal = getattr(before, each.name)[at] == getattr(after, each.name)
        same &= equal.reshape(len(after), math.prod(equal.shape[1:])).all(axis=1)
    return same


def _members(painting: Painting) -> Iterator[tuple[Place, Rows]]:
    """Each block, and the indices of the strokes that reach into it, in their order."""
    low, high = (
        np.floor(each / BLOCK).astype(np.int64) for each in extents(painting.strokes, painting.reach)
    )
    for row, y0 in enumerate(range(0, painting.height, BLOCK)):
        inside = np.flatnonzero((low[:, 1] <= row) & (high[:, 1] >= row))
        first, last = low[inside, 0], high[inside, 0]
        for column, x0 in enumerate(range(0, painting.width, BLOCK)):
            yield (x0, y0), inside[(first <= column) & (last >= column)]

"""A painting after another one: only what is not as it was is painted anew.

A picture is cut into blocks. Of each a memory keeps what was painted by the strokes at the bottom that stayed
as they were; strokes that are new or that change are painted over that. As every stroke is laid on what is
there, one after the other, this gives the same numbers as painting all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Pixels
from engine.painters.brush.reach import extents
from engine.painters.brush.strokes import Strokes

BLOCK = 64  # pixels along a side

Rows = NDArray[np.int64]
Layers = NDArray[np.float32]  # (height, width, channels)


class Painting(Protocol):
    """A picture of strokes at one size; see draw.py."""

    @property
    def height(self) -> int:
        """Pixels."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def channels(self) -> int:
        """3 or 4."""

    @property
    def strokes(self) -> Strokes:
        """In the picture's pixels; ids in their order."""

    @property
    def reach(self) -> float:
        """How far from its path a stroke paints, in radii."""

    @property
    def frame(self) -> tuple[object, ...]:
        """All of it but its strokes."""

    def blank(self, height: int, width: int) -> Layers:
        """What strokes are painted on."""

    def paint(self, rows: Rows, x0: int, y0: int, layers: Layers) -> None:
        """Paint some strokes, by their indices, in a window at (x0, y0), in place."""

    def finish(self, layers: Layers, x0: int, y0: int, picture: Pixels) -> None:
        """What has been painted in a window as bytes, written to `picture`."""


@dataclass(frozen=True)
class Settled:
    """What is at the bottom of a block."""

    ids: Rows  # of the strokes that it has been painted by
    layers: Layers  # never changed in place


@dataclass(frozen=True)
class Memory:
    """A painting that has been drawn."""

    drawable: Painting
    pixels: Pixels  # never changed in place
    blocks: tuple[Settled, ...]  # row by row


def painted_after(drawable: Painting, before: Memory | None) -> Memory:
    """A painting drawn with the help of what was drawn before it: the same bytes as drawn by itself."""
    if before is not None and before.drawable.frame != drawable.frame:
        before = None
    strokes = drawable.strokes
    same = np.ones(len(strokes), np.bool_) if before is None else _unchanged(before.drawable.strokes, strokes)
    pixels = (
        np.empty((drawable.height, drawable.width, drawable.channels), np.uint8)
        if before is None
        else before.pixels.copy()
    )
    blocks = []
    before_rows = _members(before.drawable) if before else iter(())
    for number, (place, rows) in enumerate(_members(drawable)):
        known = None if before is None else before.blocks[number]
        steady = same[rows]
        if known is not None and before is not None:
            _, then = next(before_rows)
            if steady.all() and np.array_equal(before.drawable.strokes.ids[then], strokes.ids[rows]):
                blocks.append(known)
                continue
        count = len(rows) if steady.all() else int(steady.argmin())
        settled = _settled(drawable, place, rows[:count], known, strokes.ids[rows[:count]])
        blocks.append(settled)
        _finish(drawable, place, rows[count:], settled, pixels)
    pixels.flags.writeable = False
    return Memory(drawable, pixels, tuple(blocks))


def _settled(
    drawable: Painting, place: tuple[int, int], rows: Rows, known: Settled | None, ids: Rows
) -> Settled:
    """What these strokes make of a block, beginning with what is known if they go on from there."""
    x0, y0 = place
    if known is not None and len(known.ids) <= len(ids) and np.array_equal(known.ids, ids[: len(known.ids)]):
        if len(known.ids) == len(ids):
            return known
        layers, rows = known.layers.copy(), rows[len(known.ids) :]
    else:
        layers = drawable.blank(min(BLOCK, drawable.height - y0), min(BLOCK, drawable.width - x0))
    drawable.paint(rows, x0, y0, layers)
    return Settled(ids, layers)


def _finish(drawable: Painting, place: tuple[int, int], rows: Rows, settled: Settled, pixels: Pixels) -> None:
    """Paint the strokes above, and write the block's bytes."""
    (x0, y0), layers = place, settled.layers
    if len(rows):
        layers = layers.copy()
        drawable.paint(rows, x0, y0, layers)
    height, width = layers.shape[:2]
    drawable.finish(layers, x0, y0, pixels[y0 : y0 + height, x0 : x0 + width])


def _unchanged(before: Strokes, after: Strokes) -> NDArray[np.bool_]:
    """Which strokes of the later ones, (n,), were there before, just so; ids are in their order."""
    at = np.minimum(np.searchsorted(before.ids, after.ids), max(len(before) - 1, 0))
    if not len(before):
        return np.zeros(len(after), np.bool_)
    same = np.ones(len(after), np.bool_)
    for each in fields(Strokes):
        equal = getattr(before, each.name)[at] == getattr(after, each.name)
        same &= equal.reshape(len(after), -1).all(axis=1)
    return same


def _members(drawable: Painting) -> Iterator[tuple[tuple[int, int], Rows]]:
    """Where each block begins, x and y, and the indices of the strokes that reach into it, in their order."""
    low, high = (
        np.floor(each / BLOCK).astype(np.int64) for each in extents(drawable.strokes, drawable.reach)
    )
    for row, y0 in enumerate(range(0, drawable.height, BLOCK)):
        inside = np.flatnonzero((low[:, 1] <= row) & (high[:, 1] >= row))
        first, last = low[inside, 0], high[inside, 0]
        for column, x0 in enumerate(range(0, drawable.width, BLOCK)):
            yield (x0, y0), inside[(first <= column) & (last >= column)]

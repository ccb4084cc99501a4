"""Pictures one after the other, of which only that is drawn which is not as in the one before.

What a window shows follows from the outlines that reach into it and from their order (see raster.py), so a
block that the same outlines reach into has the same bytes.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Pixels
from engine.kernels.jit import exact_kernel
from engine.scene.drawing import BAND, Outlines, reaches
from engine.scene.scene import Drawable

BLOCK = BAND  # pixels along the side of what is drawn anew or not at all
MOST = 8_000_000  # of all blocks together: outlines that reach into them; where there are more all is drawn


class Drawn(Protocol):
    """A picture that has been drawn, and all that helps with the next one; never changed."""

    @property
    def pixels(self) -> Pixels:
        """(height, width, 3) or 4."""


@runtime_checkable
class GoesOn(Protocol):
    """A drawable that knows itself what it can keep of another one of its kind."""

    def after(self, before: object) -> Drawn:
        """All of it, with the same bytes as `draw` gives; before: what this gave last, of any drawable."""


class Successive:
    """Draws pictures, and knows the last one; threads may share it."""

    def __init__(self) -> None:
        self._last: tuple[Outlines, Pixels] | None = None
        self._drawn: Drawn | None = None

    def draw(self, drawable: Drawable) -> Pixels:
        """All of a picture: (height, width, 3) or 4, not to be changed by anybody."""
        if isinstance(drawable, GoesOn):
            self._drawn = drawn = drawable.after(self._drawn)
            return drawn.pixels
        if not isinstance(drawable, Outlines):
            return drawable.draw()
        last = self._last  # of one moment: another thread may exchange it
        pixels = drawable.draw() if last is None else redrawn(*last, drawable)
        pixels.flags.writeable = False
        self._last = drawable, pixels
        return pixels


def redrawn(before: Outlines, pixels: Pixels, after: Outlines) -> Pixels:
    """What `after.draw()` gives, with the help of what `before.draw()` gave, which stays as it is."""
    if _frame(before) != _frame(after) or after.origin != (0, 0):
        return after.draw()
    changed = changes(before, after)
    if changed.all():
        return after.draw()
    if not changed.any():
        return pixels
    picture = pixels.copy()
    after.draw_pieces(pieces_of(changed, after.height, after.width), 0, 0, picture)
    return picture


def warm_up(before: Drawable, after: Drawable) -> None:
    """Compile what draws pictures like these two, of one size."""
    assert isinstance(before, Outlines)  # small as they are
    assert isinstance(after, Outlines)
    after.draw_pieces(pieces_of(changes(before, after), after.height, after.width), 0, 0, before.draw())


def changes(before: Outlines, after: Outlines) -> NDArray[np.bool_]:
    """Which blocks of a picture, (rows, columns), other outlines reach into, or in another order."""
    blocks = -(-after.height // BLOCK), -(-after.width // BLOCK)
    changed = np.ones(blocks, np.bool_)
    _compare(
        *(before.points, before.colours, before.opacities),
        *(after.points, after.colours, after.opacities),
        *(BLOCK, MOST),
        changed,
    )
    return changed


def pieces_of(changed: NDArray[np.bool_], height: int, width: int) -> NDArray[np.int64]:
    """Blocks that are beside each other in a row as one piece: left, top, right, bottom in pixels, (n, 4)."""
    edges = np.diff(np.pad(changed, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    stops = np.nonzero(edges == -1)[1]
    right, bottom = np.minimum(BLOCK * stops, width), np.minimum(BLOCK * (rows + 1), height)
    return np.column_stack([BLOCK * starts, BLOCK * rows, right, bottom])


def _frame(outlines: Outlines) -> tuple[object, ...]:
    """All of a picture but its outlines."""
    return outlines.height, outlines.width, outlines.background, outlines.samples, outlines.origin


@exact_kernel
def _compare(points, colours, opacities, later_points, later_colours, later_opacities, block, most, changed):
    """Set `changed` (rows, columns) of blocks; it stays where there is too much to be looked at."""
    starts, members = _members(points, block, most, changed.shape)
    later_starts, later_members = _members(later_points, block, most, changed.shape)
    if members.shape[0] < starts[-1] or later_members.shape[0] < later_starts[-1]:
        return
    for row in range(changed.shape[0]):
        for column in range(changed.shape[1]):
            b = row * changed.shape[1] + column
            first, later, count = starts[b], later_starts[b], starts[b + 1] - starts[b]
            is_same = later_starts[b + 1] - later == count
            at = 0
            while is_same and at < count:
                i, j = members[first + at], later_members[later + at]
                is_same = opacities[i] == later_opacities[j]
                for channel in range(colours.shape[1]):
                    is_same &= colours[i, channel] == later_colours[j, channel]
                is_same = is_same and _is_same_outline(points[i], later_points[j])
                at += 1
            changed[row, column] = not is_same


@exact_kernel
def _is_same_outline(one, other):
    """Whether the vertices are equal; where one array has room for more, its last one is repeated."""
    last, other_last = one.shape[0] - 1, other.shape[0] - 1
    for v in range(max(last, other_last) + 1):
        i, j = min(v, last), min(v, other_last)
        if one[i, 0] != other[j, 0] or one[i, 1] != other[j, 1]:
            return False
    return True


@exact_kernel
def _members(points, block, most, shape):
    """The outlines that reach into each block, in their order: where each block's start, and indices.

    Without indices where there are more than `most`.
    """
    rows, columns = shape
    reach = reaches(points)
    counts = np.zeros(rows * columns + 1, np.int64)
    boxes = np.empty((points.shape[0], 4), np.int64)
    for k in range(points.shape[0]):
        for side in range(4):
            limit = columns if side % 2 == 0 else rows
            at = np.floor(reach[k, side] / np.float32(block))
            boxes[k, side] = np.int64(min(max(at, np.float32(-1)), np.float32(limit)))
        for row in range(max(boxes[k, 1], 0), min(boxes[k, 3], rows - 1) + 1):
            for column in range(max(boxes[k, 0], 0), min(boxes[k, 2], columns - 1) + 1):
                counts[row * columns + column + 1] += 1
    starts = np.cumsum(counts)
    total = starts[rows * columns]
    if total > most:
        return starts, np.empty(0, np.int32)
    members, filled = np.empty(total, np.int32), starts.copy()
    for k in range(points.shape[0]):
        for row in range(max(boxes[k, 1], 0), min(boxes[k, 3], rows - 1) + 1):
            for column in range(max(boxes[k, 0], 0), min(boxes[k, 2], columns - 1) + 1):
                b = row * columns + column
                members[filled[b]] = k
                filled[b] += 1
    return starts, members

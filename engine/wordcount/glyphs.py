"""Glyphs: what components of the ink are to those who group them: boxes, and each row's beginning and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

Labels = NDArray[np.int32]  # (height, width), 0 where there is no ink
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Box = tuple[int, int, int, int]  # x0, y0, x1, y1, half-open


@dataclass(frozen=True, eq=False)
class Glyph:
    """A letter, a part of one, or several that touch."""

    x0: int
    y0: int
    x1: int
    y1: int
    area: int
    left: Floats  # (y1 - y0,) where each row of its convex hull begins
    right: Floats  # and ends
    extents: Ints  # (x1 - x0,) from each column's first row to its last one

    @property
    def height(self) -> int:
        """In rows."""
        return self.y1 - self.y0

    @property
    def width(self) -> int:
        """In columns."""
        return self.x1 - self.x0

    @property
    def box(self) -> Box:
        """Half-open."""
        return self.x0, self.y0, self.x1, self.y1


def glyphs_of(labels: Labels) -> list[Glyph]:
    """One for each label that is there."""
    return list(_glyphs(labels))


def _glyphs(labels: Labels) -> Iterator[Glyph]:
    for label, where in enumerate(find_objects(labels), 1):
        if where is None:
            continue
        rows, columns = where
        inside = labels[where] == label
        left, right = _first_and_end(inside)
        top, bottom = _first_and_end(inside.T)
        yield Glyph(
            columns.start,
            rows.start,
            columns.stop,
            rows.stop,
            int(np.count_nonzero(inside)),
            columns.start - _hull(-left),
            columns.start + _hull(right),
            bottom - top,
        )


def _first_and_end(inside: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Of each row the first column that is set, and the one after the last."""
    columns = inside.shape[1]
    first = inside.argmax(axis=1)
    end = columns - inside[:, ::-1].argmax(axis=1)
    filled = inside.any(axis=1)
    nearest = np.maximum.accumulate(np.where(filled, np.arange(len(inside)), 0))
    return first[nearest], end[nearest]


def _hull(ends: Ints) -> Floats:
    """The least concave function that is nowhere below `ends`: Andrew's monotone chain."""
    corners: list[tuple[int, int]] = []
    for row, end in enumerate(ends.tolist()):
        while len(corners) > 1:
            (row0, end0), (row1, end1) = corners[-2:]
            if (end1 - end0) * (row - row0) > (end - end0) * (row1 - row0):
                break
            corners.pop()
        corners.append((row, end))
    rows, values = np.array(corners).T
    return np.interp(np.arange(len(ends)), rows, values)

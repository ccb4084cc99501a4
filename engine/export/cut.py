"""Marks cut off at the borders of their picture, for programs that know no clipping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.export.flatten import Line, outline
from engine.export.layers import Box, box
from engine.scene.scene import Mark

TOLERANCE = 0.01  # target pixels: how far a curve that is cut and its straight pieces part
LEAST = 1e-6  # square pixels of the box around a part: less is nothing


def cut(marks: Iterable[Mark], borders: Box) -> Iterator[Mark]:
    """What lies within borders: marks as they are, polygons of those that cross them.

    Polygons are exact; curves part from theirs by TOLERANCE at most. Marks that lie outside are left out.
    """
    for mark in marks:
        x0, y0, x1, y1 = box(mark)
        left, top, right, bottom = borders
        if x0 >= left and y0 >= top and x1 <= right and y1 <= bottom:
            yield mark
        elif x0 < right and y0 < bottom and x1 > left and y1 > top:
            yield from _trimmed(mark, borders)


def _trimmed(mark: Mark, borders: Box) -> Iterator[Mark]:
    corners = outline(mark, TOLERANCE)
    if (corners >= borders[:2]).all() and (corners <= borders[2:]).all():
        yield mark
        return
    inside = within(corners, borders)
    if len(inside) >= 3 and np.ptp(inside, axis=0).prod() > LEAST:
        yield Mark("polygon", inside, mark.colour, mark.opacity, touches=mark.touches, blend=mark.blend)


def within(corners: Line, borders: Box) -> Line:
    """The part of a polygon (n, 2) within borders, by Sutherland and Hodgman's algorithm.

    Whatever a polygon covers, once or several times, is covered as often by what is left of it. Parts that
    hang together only outside are joined by edges along the border.
    """
    for axis, (begin, end) in enumerate(zip(borders[:2], borders[2:], strict=True)):
        corners = _halved(corners, corners[:, axis] - begin, axis, begin)
        corners = _halved(corners, end - corners[:, axis], axis, end)
    if len(corners) > 1:
        corners = corners[(corners != np.roll(corners, 1, axis=0)).any(axis=1)]
    return corners


def _halved(corners: Line, depths: NDArray[np.float64], axis: int, border: float) -> Line:
    """What lies on the one side of a border, where depths (n,) are not negative."""
    if (depths >= 0).all():
        return corners
    kept: list[Line] = []
    for at in range(len(corners)):
        before, here = depths[at - 1], depths[at]
        if before * here < 0:
            crossing = corners[at - 1] + before / (before - here) * (corners[at] - corners[at - 1])
            crossing[axis] = border
            kept.append(crossing)
        if here >= 0:
            kept.append(corners[at])
    return np.array(kept, np.float64).reshape(-1, 2)

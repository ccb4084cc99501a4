"""Random views of a picture, through which objectives look at it, and the way back for their slopes.

A view is square. Its pixels' values lie between those of the four nearest pixels of the picture (bilinear).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel

Planes = NDArray[np.float32]  # (channels, height, width)


class ViewSettings(NamedTuple):
    """How much views differ, besides their position, which is random."""

    rotation: float = 0  # degrees at most, either way
    scale: tuple[float, float] = (1, 1)  # pixels of a view for one of the picture, from and to
    perspective: float = 0  # shares of half a side, below .5, by which corners move at most
    jitter: float = 0  # pixels by which a view moves beyond what its position allows, at most


class View(NamedTuple):
    """Where a view lies in a picture."""

    matrix: NDArray[np.float64]  # (3, 3): from (x, y, 1) in the view, from its centre, to the picture's

    @classmethod
    def crop(cls, x0: float, y0: float, side: int) -> View:
        """The plain square whose upper left corner is at (x0, y0)."""
        return cls(_moved(np.eye(3), x0 + side / 2, y0 + side / 2))


def random_view(
    settings: ViewSettings, shape: tuple[int, int], side: int, wraps: bool, random: np.random.Generator
) -> View:
    """A view of a picture of (height, width), `side` pixels wide and high.

    One that wraps has its centre anywhere; else it lies inside of the picture where there is room for it,
    and in its middle where there is none.
    """
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (side / 2)
    moves = random.uniform(-settings.perspective, settings.perspective, (4, 2)) * (side / 2)
    angle = math.radians(random.uniform(-settings.rotation, settings.rotation))
    low, high = settings.scale
    scale = math.exp(random.uniform(math.log(low), math.log(high)))
    place, jitter = random.uniform(size=2), random.uniform(-settings.jitter, settings.jitter, 2)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) / scale
    seen = (corners + moves) @ turn.T
    centre = []
    for axis, size in enumerate((shape[1], shape[0])):
        low, high = -seen[:, axis].min(), size - seen[:, axis].max()
        if wraps:
            centre.append(place[axis] * size + jitter[axis])
        elif low < high:
            centre.append(min(max(low + place[axis] * (high - low) + jitter[axis], low), high))
        else:
            centre.append((low + high) / 2 + jitter[axis])
    return View(_moved(_projection(corners, seen), *centre))


def look(picture: Planes, view: View, side: int, wraps: bool) -> Planes:
    """What a view shows, (channels, side, side); a picture that doesn't wrap repeats its outermost pixels."""
    seen = np.empty((len(picture), side, side), np.float32)
    _look(np.ascontiguousarray(picture, np.float32), view.matrix, wraps, seen)
    return seen


def look_back(slopes: Planes, view: View, shape: tuple[int, int], wraps: bool) -> Planes:
    """Slopes by the pixels of a picture of (height, width), from those by a view's: look's exact adjoint."""
    found = np.zeros((len(slopes), *shape), np.float32)
    _look_back(np.ascontiguousarray(slopes, np.float32), view.matrix, wraps, found)
    return found


def _moved(matrix: NDArray[np.float64], x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]) @ matrix


def _projection(corners: NDArray[np.float64], seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """The projective map that takes four places to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, seen, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(rows, values), 1).reshape(3, 3)


@exact_kernel
def _corners(matrix, x, y, shape, wraps):
    """The pixels around a place of a view: rows, columns, and the shares of the second ones."""
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    column = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / depth - 0.5
    row = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / depth - 0.5
    top, bottom, down = _neighbours(row, shape[0], wraps)
    left, right, across = _neighbours(column, shape[1], wraps)
    return top, bottom, down, left, right, across


@exact_kernel
def _neighbours(place, size, wraps):
    """The pixels before and after a place on an axis, and the share of the latter."""
    before = np.floor(place)
    share = np.float32(place - before)
    first = np.int64(before)
    if wraps:
        first %= size
        return first, first + 1 if first + 1 < size else 0, share
    return min(max(first, 0), size - 1), min(max(first + 1, 0), size - 1), share


@exact_kernel
def _look(picture, matrix, wraps, seen):
    """See look."""
    channels, side, _ = seen.shape
    one, half = np.float32(1), (side - 1) / 2
    for y in range(side):
        for x in range(side):
            top, bottom, down, left, right, across = _corners(
                matrix, x - half, y - half, picture.shape[1:], wraps
            )
            for channel in range(channels):
                plane = picture[channel]
                upper = plane[top, left] * (one - across) + plane[top, right] * across
                lower = plane[bottom, left] * (one - across) + plane[bottom, right] * across
                seen[channel, y, x] = upper * (one - down) + lower * down


@exact_kernel
def _look_back(slopes, matrix, wraps, found):
    """See look_back; adds to `found`."""
    channels, side, _ = slopes.shape
    one, half = np.float32(1), (side - 1) / 2
    for y in range(side):
        for x in range(side):
            top, bottom, down, left, right, across = _corners(
                matrix, x - half, y - half, found.shape[1:], wraps
            )
            for channel in range(channels):
                plane, slope = found[channel], slopes[channel, y, x]
                upper, lower = slope * (one - down), slope * down
                plane[top, left] += upper * (one - across)
                plane[top, right] += upper * across
                plane[bottom, left] += lower * (one - across)
                plane[bottom, right] += lower * across

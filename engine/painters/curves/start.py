"""Where strokes begin: spread over blank paper, or along what is to be seen on a photograph."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.limits import PIECES
from engine.painters.curves.strokes import Strokes, filled, free_points

Plane = NDArray[np.floating]  # (height, width)
Points = NDArray[np.floating]  # (n, 2), x and y

_JITTER = 0.4  # of a cell of the grid, to each side
_BENT = 0.03  # of a stroke's length, by which its control points lie beside a straight line
_STEP = 2.0  # pixels, of a way along a field of directions
_TURN = 2.1  # radians that a stroke turns at most to each side of its middle: it would be a ring
_CELL = 4  # pixels, of the grid on which densities are used up
_SHORTEST = 0.3  # of the length, where there is nothing to follow or detail is finest


def on_paper(
    count: int,
    height: int,
    width: int,
    length: float,
    pieces: int,
    width_px: float,
    random: np.random.Generator,
    period: tuple[int, int] | None = None,
) -> Strokes:
    """Nearly straight strokes in any direction, on a jittered grid over the picture.

    length, width_px: in target pixels. period: (height, width) of paper that goes on where it ends, where
    strokes may lie across the border; on other paper none leaves it.
    """
    rows = max(1, round(math.sqrt(count * height / width)))
    columns = max(1, math.ceil(count / rows))
    cells = np.linspace(0, rows * columns - 1, count).round()
    middle = np.column_stack([cells % columns, cells // columns]) + 0.5
    middle += random.uniform(-_JITTER, _JITTER, (count, 2))
    middle *= [width / columns, height / rows]
    angle = random.uniform(0, 2 * np.pi, count)
    along = np.linspace(-0.5, 0.5, 3 * pieces + 1)[free_points(pieces)]
    way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = middle[:, None] + length * along[:, None] * way[:, None]
    points += random.normal(0, _BENT * length, points.shape)
    if period is None:
        points = np.clip(points, 0, [width, height])
    return _strokes(points, pieces, width_px)


def along(
    density: Plane,
    direction: Plane,
    count: int,
    length: float,
    pieces: int,
    random: np.random.Generator,
    width_px: float = 1.5,
    fineness: Plane | None = None,
) -> Strokes:
    """Strokes where a density wants them, none on another's place, that follow a field of directions.

    density: (height, width), >= 0, strokes' lengths by area are to be in proportion to it. direction: of
    lines, radians from the x axis downwards. length: in pixels, of strokes that nothing makes shorter: the
    border, a bend, paper without density, or fineness (0..1, the same size) of detail. Each stroke begins
    where most of the density is not used up yet, and uses up a share of it along its way, a longer one more.
    """
    left, shape = _coarse(density), density.shape
    if not left.any():
        left = np.ones_like(left)
    floor = 0.02 * float(left.max())
    steps = 0
    found = np.empty((count, 2 * pieces + 2, 2))
    for index in range(count):
        y, x = np.unravel_index(np.argmax(left * random.uniform(0.7, 1, left.shape)), left.shape)
        middle = np.array([x, y]) * _CELL + random.uniform(0, _CELL, 2)
        middle = np.minimum(middle, [shape[1] - 0.5, shape[0] - 0.5])
        here = int(middle[1]), int(middle[0])
        wanted = length * (1 - (1 - _SHORTEST) * float(fineness[here] if fineness is not None else 0))
        way = _way(middle, direction, density, wanted, floor)
        steps += len(way)
        share = np.maximum(left, 0).sum() / (count - index) * len(way) * (index + 1) / steps
        _use_up(left, way, share)
        found[index] = _fitted(way, pieces)
    return _strokes(found, pieces, width_px)


def _strokes(points: NDArray[np.floating], pieces: int, width: float) -> Strokes:
    """New black strokes of given free points, (n, 2 * pieces + 2, 2)."""
    if not 1 <= pieces <= PIECES:
        raise ValueError(f"strokes have 1 to {PIECES} curves, not {pieces}")
    strokes = Strokes.empty(len(points))
    strokes.pieces[:] = pieces
    strokes.widths[:] = width
    strokes.points[:] = filled(points)
    return strokes


def _coarse(density: Plane) -> NDArray[np.float64]:
    """Sums over cells, with half a cell of zeros at the far borders where the size is no multiple."""
    rows, columns = (-(-side // _CELL) for side in density.shape)
    padded = np.zeros((rows * _CELL, columns * _CELL))
    padded[: density.shape[0], : density.shape[1]] = density
    return padded.reshape(rows, _CELL, columns, _CELL).sum(axis=(1, 3))


def _way(middle: Points, direction: Plane, density: Plane, length: float, floor: float) -> Points:
    """Points along a field of directions, to both sides of a middle."""
    first = float(direction[int(middle[1]), int(middle[0])])
    sides = [_side(middle, first + turn, direction, density, length / 2, floor) for turn in (np.pi, 0)]
    return np.array([*sides[0][::-1], middle, *sides[1]])


def _side(
    start: Points, first: float, direction: Plane, density: Plane, length: float, floor: float
) -> list[Points]:
    """Points from a start, in steps, as far as there is something to follow; at least _SHORTEST."""
    height, width = density.shape
    (x, y), angle, turned, points = start, first, 0.0, []
    for step in range(max(1, round(length / _STEP))):
        x, y = x + _STEP * math.cos(angle), y + _STEP * math.sin(angle)
        if not (0 <= x < width and 0 <= y < height):
            break
        points.append(np.array([x, y]))
        bend = float(direction[int(y), int(x)]) - angle
        bend -= np.pi * round(bend / np.pi)
        angle, turned = angle + bend, turned + bend
        bare = density[int(y), int(x)] * _CELL * _CELL < floor
        if abs(turned) > _TURN or (bare and (step + 1) * _STEP >= _SHORTEST * length):
            break
    return points


def _use_up(left: NDArray[np.float64], way: Points, share: float) -> None:
    """Take a stroke's share off the density along its way and beside it."""
    cells = way / _CELL - 0.5
    near = np.floor(cells).astype(np.intp)
    part = cells - near
    for dy in (-1, 0, 1, 2):
        for dx in (-1, 0, 1, 2):
            weight = _near(part[:, 1] - dy) * _near(part[:, 0] - dx)
            y = np.clip(near[:, 1] + dy, 0, left.shape[0] - 1)
            x = np.clip(near[:, 0] + dx, 0, left.shape[1] - 1)
            np.subtract.at(left, (y, x), weight * share / len(way))


def _near(away: NDArray[np.floating]) -> NDArray[np.floating]:
    """The cubic B-spline, by cells: four of them add up to one."""
    far = np.abs(away)
    return np.where(far < 1, 2 / 3 - far**2 + far**3 / 2, np.maximum(2 - far, 0) ** 3 / 6)


def _fitted(way: Points, pieces: int) -> Points:
    """The free points of curves of the same length each along a way: (2 * pieces + 2, 2)."""
    if len(way) == 1:
        way = np.array([way[0], way[0] + [0.5, 0]])
    steps = np.append(0, np.cumsum(np.hypot(*np.diff(way, axis=0).T)))
    at = np.linspace(0, steps[-1], 6 * pieces + 1)
    even = np.column_stack([np.interp(at, steps, way[:, axis]) for axis in (0, 1)])
    knots = even[::6]
    handles = 2 * np.gradient(even, axis=0)[::6]  # a third of a curve
    points = [knots[0], knots[0] + handles[0]]
    for knot, handle in zip(knots[1:], handles[1:], strict=True):
        points += [knot - handle, knot]
    return np.array(points)

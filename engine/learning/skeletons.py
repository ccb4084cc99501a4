"""Where the strokes of a handwritten digit go at first: along its skeleton, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

Place = tuple[int, int]  # row and column of a pixel
Piece = NDArray[np.float64]  # (4, 2) x, y: start, middle, end; and (radius, 0)

SHORTEST = 4  # pixels of a path: what is shorter is a burr of the skeleton
_AROUND = tuple((y, x) for y, x in product((-1, 0, 1), repeat=2) if y or x)


def pieces_of(picture: NDArray[np.float32], most: int, length: float) -> Piece:
    """Curves along the middle of what is white, (k, 4, 2) with 1 <= k <= most, as Piece has one.

    picture: (height, width), 0..1. length: pixels of a piece, or more where there would be too many. All
    black: one piece in the middle.
    """
    from skimage.morphology import skeletonize  # which takes long to load

    inside = picture >= 0.5
    height, width = picture.shape
    if not inside.any():
        middle = (width / 2, height / 2)
        return np.array([[middle, middle, middle, (1.0, 0.0)]])
    depth = distance_transform_edt(inside)
    paths = sorted(_paths(skeletonize(inside)), key=len, reverse=True)
    chosen = [path for path in paths if len(path) >= SHORTEST][:most] or paths[:1]
    while sum(_count(path, length) for path in chosen) > most:
        length *= 1.1
    return np.array([piece for path in chosen for piece in _cut(path, _count(path, length), depth)])


def _count(path: list[Place], length: float) -> int:
    return max(1, round(len(path) / length))


def _cut(path: list[Place], count: int, depth: NDArray[np.float64]) -> Iterator[Piece]:
    ends = np.linspace(0, len(path) - 1, count + 1)
    for first, last in pairwise(ends):
        y0, y1, y2 = (path[round(at)] for at in (first, (first + last) / 2, last))
        radius = np.median([depth[place] for place in path[round(first) : round(last) + 1]])
        places = [(x + 0.5, y + 0.5) for y, x in (y0, y1, y2)]
        yield np.array([*places, (radius, 0.0)])


def _paths(skeleton: NDArray[np.bool_]) -> Iterator[list[Place]]:
    """Ways along a skeleton on which each pixel lies once, but for those where one begins on another."""
    left: dict[Place, None] = {(int(y), int(x)): None for y, x in np.argwhere(skeleton)}
    walked = set[Place]()
    while left:
        begin = min(left, key=lambda place: (not _joins(place, walked), len(_near(place, left)) != 1, place))
        path = [*_near(begin, walked)[:1], begin]
        left.pop(begin)
        while ahead := _near(path[-1], left):
            path.append(min(ahead, key=lambda place: _turn(path, place)))
            left.pop(path[-1])
        if (closing := [each for each in _near(path[-1], walked | {path[0]}) if each not in path[-3:]]) and (
            len(path) > SHORTEST
        ):
            path.append(closing[0])
        walked.update(path)
        yield path


def _joins(place: Place, walked: set[Place]) -> bool:
    return bool(_near(place, walked))


def _near(place: Place, among: set[Place] | dict[Place, None]) -> list[Place]:
    """The neighbours of a pixel that are among others, those beside it first."""
    around = sorted(_AROUND, key=lambda step: abs(step[0]) + abs(step[1]))
    return [each for y, x in around if (each := (place[0] + y, place[1] + x)) in among]


def _turn(path: list[Place], ahead: Place) -> float:
    """How much a path turns that goes on to a place: -1 straight on, 1 back."""
    behind = path[max(len(path) - 5, 0)]
    way = np.subtract(path[-1], behind)
    step = np.subtract(ahead, path[-1])
    length = float(np.hypot(*way) * np.hypot(*step))
    return -float(way @ step) / length if length else 0.0

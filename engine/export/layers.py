"""Marks in groups that change nothing of the picture: two change places only when they lie apart."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.grid import PLAIN, Grid
from engine.scene.scene import Mark

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in target pixels
MOST_CELLS = 4096  # along a side, for 64 MB
Key = Callable[[Box], str]  # what marks with such a box are called, in letters, digits, spaces and dashes


@dataclass
class Layer:
    """Marks that are drawn one after the other."""

    label: str
    name: str  # no other layer has it
    marks: list[Mark] = field(default_factory=list)


def layered(marks: Sequence[Mark], key: Key, height: int, width: int) -> list[Layer]:
    """The marks of a picture in layers, back to front, as they can be put into one after the other.

    Each joins the latest layer of its key, unless a layer above that one has a mark in the same pixel: what
    shares only a pixel is mixed in it in the order of drawing, too.
    """
    layers: list[Layer] = []
    latest: dict[str, int] = {}
    counts: Counter[str] = Counter()
    side = -(-max(height, width) // MOST_CELLS)  # pixels; of larger pictures a few count as one
    topmost = np.full((-(-height // side), -(-width // side)), -1, np.int32)  # layer that has a mark there
    for mark in marks:
        edges = box(mark)
        label = key(edges)
        x0, y0, x1, y1 = (max(math.floor(edge / side), 0) for edge in edges)
        cells = topmost[y0 : y1 + 1, x0 : x1 + 1]
        if label not in latest or cells.max(initial=-1) > latest[label]:
            counts[label] += 1
            latest[label] = len(layers)
            layers.append(Layer(label, f"{label.replace(' ', '-')}-{counts[label]}"))
        np.maximum(cells, latest[label], out=cells)
        layers[latest[label]].marks.append(mark)
    return layers


def by_level(grid: Grid) -> Key:
    """The finest level that has tiles large enough."""
    sides = [(grid.width / cols, grid.height / rows) for rows, cols in grid.levels]

    def key(box: Box) -> str:
        x0, y0, x1, y1 = box
        fitting = [level for level, (w, h) in enumerate(sides) if x1 - x0 <= w and y1 - y0 <= h]
        return f"level {max(fitting, default=0)}"

    return key


def by_tile(grid: Grid) -> Key:
    """The finest grid's tile that has the centre, or the nearest one."""
    tiles = grid.tiles(len(grid.levels) - 1, PLAIN)
    lefts, tops = (sorted({getattr(tile, side) for tile in tiles}) for side in ("x0", "y0"))

    def key(box: Box) -> str:
        x0, y0, x1, y1 = box
        row = max(bisect_right(tops, (y0 + y1) / 2), 1)
        return f"tile {row}-{max(bisect_right(lefts, (x0 + x1) / 2), 1)}"

    return key


KEYS: dict[str, Callable[[Grid], Key]] = {"level": by_level, "tile": by_tile}


def box(mark: Mark) -> Box:
    """What a mark keeps within."""
    points = mark.points.astype(np.float64)
    if mark.form in ("polygon", "stroke"):  # a curve keeps within its control points
        low, high = points.min(axis=0) - mark.width / 2, points.max(axis=0) + mark.width / 2
    else:
        axes = np.abs(points[1:] - points[0])
        reach = axes.sum(axis=0) if mark.form == "rectangle" else np.hypot(*axes)
        low, high = points[0] - reach, points[0] + reach
    return low[0], low[1], high[0], high[1]

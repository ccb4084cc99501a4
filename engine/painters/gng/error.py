"""The quantisation error: how far the ink is from the nearest node."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.importance import Weights
from engine.kernels.jit import exact_kernel
from engine.painters.base import Cells
from engine.painters.gng.cell_index import NODE_DTYPE, arrange, nearest_two, new_cell_index
from engine.painters.gng.net import Floats

UNIT = 16  # of squared distances, so that they are whole numbers
FINE = 6  # pixels that are looked at for each node, about,
LEAST = 2000  # and in a tile


def stride(tile: Tile, nodes: int) -> int:
    """How many pixels apart those are that are looked at, both ways, in a tile with so many nodes."""
    return max(1, int(math.sqrt(tile.height * tile.width / max(FINE * nodes, LEAST))))


def distances(
    places: Floats, weights: Weights, corner: tuple[int, int], cells: Cells, longest: int, step: int
) -> NDArray[np.int64]:
    """Of each cell, the sum over its pixels of weight times squared distance from the nearest place.

    places: (n, 2). weights: (height, width) of a window whose upper left corner is given. longest: pixels; no
    distance is counted as more. step: of the pixels that are looked at, both ways, which stand for those
    between. Weights count in steps of 256, squared distances in steps of 1 / UNIT.
    """
    ys, xs = cells
    x0, y0 = corner
    nodes = np.zeros(len(places), NODE_DTYPE)
    nodes["x"], nodes["y"] = places.T
    x1, y1 = x0 + xs[-1], y0 + ys[-1]
    area = float((x1 - x0) * (y1 - y0))
    index = new_cell_index(x0, y0, x1, y1, area, len(places))
    arrange(index, nodes, np.ones(len(places), np.bool_), len(places), area, len(places))
    found = np.zeros((len(ys) - 1, len(xs) - 1), np.int64)
    _add_up(index, nodes, weights, np.array(ys), np.array(xs), float(longest) ** 2, step, found)
    return found


@exact_kernel
def _first(start, corner, step):
    """The first line from `start` on that lies half a step and whole steps from the picture's edge."""
    return start + (step // 2 - start - corner) % step


@exact_kernel
def _add_up(index, nodes, weights, ys, xs, most, step, found):
    heads, place = index.heads, index.place
    x0, y0 = np.int64(index.box[0]), np.int64(index.box[1])
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            total = 0
            for y in range(_first(ys[row], y0, step), ys[row + 1], step):
                for x in range(_first(xs[column], x0, step), xs[column + 1], step):
                    weight = np.int64(weights[y, x]) >> 8
                    if weight:
                        square = nearest_two(heads, place, nodes, x0 + x + 0.5, y0 + y + 0.5)[1]
                        total += weight * np.int64(min(square, most) * UNIT)
            found[row, column] = total * step * step

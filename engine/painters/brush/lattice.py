"""A lattice of cells over a window: where a stroke could still gain most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel

CELL = np.float32(0.7)  # radii along the side of a cell
_ZERO = np.float32(0)

Floats = NDArray[np.float32]


class Window(NamedTuple):
    """What is painted, for kernels."""

    canvas: Floats  # (height, width, channels), painted on
    target: Floats
    weights: Floats  # (height, width)
    forms: Floats  # (height, width, 3): the direction of forms, x and y, and how sure it is, 0..1
    palette: Floats  # (k, channels), none: any colour


class Lattice(NamedTuple):
    """Cells of a window: what could still be gained in them."""

    side: int
    errors: Floats  # (rows, columns)
    closed: NDArray[np.bool_]  # where tries have failed
    peaks: Floats  # (rows,), the largest open error of each
    places: NDArray[np.int64]  # and its column
    bounds: tuple[int, int, int, int]  # rows and columns, from where to where, that strokes may begin in


@kernel
def make_lattice(window, radius, box):
    """Cells as large as strokes of a radius want. box: (y0, y1, x0, x1), where strokes may begin."""
    height, width, _ = window.canvas.shape
    side = max(1, np.int64(np.floor(CELL * radius)))
    rows, columns = (height + side - 1) // side, (width + side - 1) // side
    bounds = (
        np.int64(box[0]) // side,
        min(rows, np.int64(np.ceil(box[1])) // side + 1),
        np.int64(box[2]) // side,
        min(columns, np.int64(np.ceil(box[3])) // side + 1),
    )
    lattice = Lattice(
        side,
        np.zeros((rows, columns), np.float32),
        np.zeros((rows, columns), np.bool_),
        np.zeros(rows, np.float32),
        np.zeros(rows, np.int64),
        bounds,
    )
    look_at_cells(window, lattice, 0, rows, 0, columns)
    for row in range(bounds[0], bounds[1]):
        find_peak(lattice, row)
    return lattice


@kernel
def look_at_cells(window, lattice, top, bottom, first, last):
    """What one colour for each cell could take away of the squared error.

    What is finer than a cell is left to finer strokes.
    """
    canvas, target, weights = window.canvas, window.target, window.weights
    height, width, channels = canvas.shape
    side, errors = lattice.side, lattice.errors
    for row in range(top, bottom):
        for column in range(first, last):
            total, weight = _ZERO, np.float32(1e-6)
            for y in range(row * side, min((row + 1) * side, height)):
                for x in range(column * side, min((column + 1) * side, width)):
                    weight += weights[y, x]
            for c in range(channels):
                left = _ZERO
                for y in range(row * side, min((row + 1) * side, height)):
                    for x in range(column * side, min((column + 1) * side, width)):
                        left += weights[y, x] * (target[y, x, c] - canvas[y, x, c])
                total += left * left
            errors[row, column] = total / weight


@kernel
def find_peak(lattice, row):
    """The largest error of a row's open cells."""
    best, place = _ZERO, lattice.bounds[2]
    closed, errors = lattice.closed, lattice.errors
    for column in range(lattice.bounds[2], lattice.bounds[3]):
        if not closed[row, column] and errors[row, column] > best:
            best, place = errors[row, column], column
    lattice.peaks[row], lattice.places[row] = best, place

"""Smooth curves along rows of points: few quadratic Bezier pieces, one after the other without a corner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from engine.painters.gng.pen_lines.crossings import Floats

Whole = NDArray[np.int64]

_FOURTH = 70**0.5  # how far apart fourth differences of white noise are, as a multiple of it
_MEDIAN = 1.1774  # the median length of a vector of two normal numbers
_STIFF = 0.02  # what bending counts, beside distances squared and with lengths in the points' distances
_FAR = 1.5  # times as far as on average is too far for a piece
_FEW = 3  # points that a piece must lie along to be divided
_BAND = 4  # coefficients that have to do with each other are no farther apart


def roughness(rows: list[Floats]) -> float:
    """How far points lie beside smooth curves, in the distances between them: their fourth differences."""
    found = []
    for row in rows:
        if len(row) > 4:
            step = np.median(np.hypot(*np.diff(row, axis=0).T))
            found.append(np.hypot(*np.diff(row, 4, axis=0).T) / step)
    return float(np.median(np.concatenate(found))) / (_FOURTH * _MEDIAN) if found else 0.0


def curve(row: Floats, weights: Floats, away: float, closed: bool) -> Floats:
    """The control points of a curve that runs about `away` pixels from the points: (2 * pieces + 1, 2).

    A quadratic spline, of which each piece is one Bezier curve, by least squares along the row's length.
    Where the points lie too far from it for that a piece becomes two. A closed curve ends where it begins.
    """
    if closed:
        row, weights = np.concatenate([row, row[:1]]), np.append(weights, weights[0])
    steps = np.hypot(*np.diff(row, axis=0).T)
    moved = np.append(True, steps > 0)
    row, weights, steps = row[moved], weights[moved], steps[steps > 0]
    if len(row) < 3:
        return np.array([row[0], (row[0] + row[-1]) / 2, row[-1]])
    along = np.append(0, np.cumsum(steps))
    bending = _STIFF * float(np.median(steps)) ** 3
    knots = np.linspace(0, along[-1], 4 if closed else 2)
    while True:
        controls, pieces, error = _fitted(row, weights, along, knots, bending, closed)
        count = np.bincount(pieces, minlength=len(knots) - 1)
        sums = np.bincount(pieces, error, minlength=len(knots) - 1)
        far = np.flatnonzero((sums > count * (_FAR * away) ** 2) & (count >= _FEW))
        if not len(far):
            return controls
        middle = np.searchsorted(pieces, far) + count[far] // 2
        knots = np.sort(np.append(knots, (along[middle - 1] + along[middle]) / 2))


def _fitted(
    row: Floats, weights: Floats, along: Floats, knots: Floats, bending: float, closed: bool
) -> tuple[Floats, Whole, Floats]:
    """The control points for given knots, each point's piece, and the square of its weighted distance.

    The spline's coefficients are the control points in the middle of pieces, and an open one's two ends; the
    end of a piece lies between its middle one and the neighbour's, at a share of the way (de Boor 1978).
    """
    lengths = np.diff(knots)
    count = len(lengths)
    size = count if closed else count + 2
    padded = np.pad(lengths, 1, mode="wrap") if closed else np.pad(lengths, 1)
    before = padded[1:] / (padded[:-1] + padded[1:])
    pieces = np.clip(np.searchsorted(knots, along, side="right") - 1, 0, count - 1)
    part = (along - knots[pieces]) / lengths[pieces]
    places = _shares((1 - part) ** 2, 2 * part * (1 - part), part**2, before, pieces)
    one, each = np.ones(count), np.arange(count)
    bends = _shares(one, -2 * one, one, before, each) * (2 * np.sqrt(bending / lengths**3))[:, None]
    shares = np.concatenate([places * weights[:, None], bends])
    columns = (np.concatenate([pieces, each])[:, None] + np.arange(3)) % size
    if closed:  # to and fro from the seam, so that the matrix keeps to a band
        columns = np.minimum(2 * columns, 2 * (size - columns) - 1)
    wanted = np.concatenate([row * weights[:, None], np.zeros((count, 2))])
    found = _least_squares(shares, columns, wanted, size)
    error = (((found[columns] * shares[:, :, None]).sum(axis=1) - wanted) ** 2).sum(axis=1)
    controls = np.empty((2 * count + 1, 2))
    controls[1::2] = found[columns[len(row) :, 1]]
    first, last = found[columns[len(row), 0]], found[columns[-1, 2]]
    around = np.concatenate([[first], controls[1::2], [last]])
    controls[::2] = before[:, None] * around[:-1] + (1 - before)[:, None] * around[1:]
    return controls, pieces, error[: len(row)]


def _shares(first: Floats, middle: Floats, last: Floats, before: Floats, pieces: Whole) -> Floats:
    """What is said of the three control points of pieces, said of three coefficients: (n, 3)."""
    earlier, later = before[pieces], before[pieces + 1]
    return np.column_stack(
        [first * earlier, first * (1 - earlier) + middle + last * later, last * (1 - later)]
    )


def _least_squares(shares: Floats, columns: Whole, wanted: Floats, size: int) -> Floats:
    """The coefficients (size, 2), of which the given shares (n, 3) of those in the columns come nearest."""
    band = np.zeros((_BAND + 1) * size)
    for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2)):
        low, high = np.minimum(columns[:, i], columns[:, j]), np.maximum(columns[:, i], columns[:, j])
        band += np.bincount((high - low) * size + low, shares[:, i] * shares[:, j], minlength=len(band))
    right = [
        np.bincount(columns.ravel(), (shares * wanted[:, axis : axis + 1]).ravel(), size) for axis in (0, 1)
    ]
    return solveh_banded(band.reshape(-1, size), np.column_stack(right), lower=True)

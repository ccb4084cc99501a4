"""Smooth curves along rows of points: few quadratic Bezier pieces, one after the other without a corner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import splev, splprep

Row = NDArray[np.float64]  # (points, 2)

_FOURTH = 70**0.5  # how far apart fourth differences of white noise are, as a multiple of it
_MEDIAN = 1.1774  # the median length of a vector of two normal numbers


def roughness(rows: list[Row]) -> float:
    """How far points lie beside smooth curves, in the distances between them: their fourth differences."""
    found = []
    for row in rows:
        if len(row) > 4:
            step = np.median(np.hypot(*np.diff(row, axis=0).T))
            found.append(np.hypot(*np.diff(row, 4, axis=0).T) / max(step, 1e-9))
    return float(np.median(np.concatenate(found))) / (_FOURTH * _MEDIAN) if found else 0.0


def curve(row: Row, weights: NDArray[np.float64], away: float, closed: bool) -> Row:
    """The control points of a curve that runs `away` pixels from the points on average: (2 * pieces + 1, 2).

    A smoothing spline of degree 2 (Dierckx 1993, "Curve and Surface Fitting with Splines": knots are added
    where the curve is far from the points until it isn't on average), which is C1 by itself; between two
    knots it is one quadratic Bezier curve. A closed curve ends where it begins. Points: 2 or more, each
    other than the one before it.
    """
    if closed:
        row, weights = np.concatenate([row, row[:1]]), np.append(weights, weights[0])
    if len(row) == 2:
        return np.array([row[0], row.mean(axis=0), row[1]])
    allowed = float((weights**2).sum()) * away**2
    spline, _ = splprep(row.T, w=weights, k=2, s=allowed, per=closed, quiet=2)
    knots = np.unique(spline[0][2:-2])
    places, slopes = (np.array(splev(knots, spline, order)).T for order in (0, 1))
    controls = np.empty((2 * len(knots) - 1, 2))
    controls[::2] = places
    controls[1::2] = places[:-1] + slopes[:-1] * np.diff(knots)[:, None] / 2
    return controls

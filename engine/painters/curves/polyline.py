"""Strokes as polylines, and how a stroke's points follow from slopes by the polyline's.

A vertex is a sum of control points with Bernstein's weights, so slopes go back the same way.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel
from engine.painters.curves.strokes import CONTROLS, PIECES, POINTS, Strokes

DEPARTURE = 0.02  # pixels that a chord departs from its curve at most
MOST = 512  # chords of a curve, however large
_BEND = np.float32(0.75 / DEPARTURE)
_ZERO, _HALF, _ONE = np.float32(0), np.float32(0.5), np.float32(1)
_TWO, _THREE = np.float32(2), np.float32(3)


class Polylines(NamedTuple):
    """Strokes' polylines, one after the other."""

    vertices: NDArray[np.float32]  # (m, 2), target pixels
    starts: NDArray[np.int64]  # (n + 1,), stroke i has the vertices starts[i] to starts[i + 1]
    chords: NDArray[np.int64]  # (n, PIECES), of each curve; 0: a stroke has no such curve
    boxes: NDArray[np.float32]  # (n, 4), left, top, right, bottom


def polylines(strokes: Strokes, chords: int = 0) -> Polylines:
    """The strokes' polylines; chords: of each curve, 0: so many that none departs by DEPARTURE."""
    return _flatten(np.ascontiguousarray(strokes.points), np.ascontiguousarray(strokes.pieces), chords)


def by_points(strokes: Strokes, lines: Polylines, by_vertices: NDArray[np.float32]) -> NDArray[np.float32]:
    """Slopes by a stroke's points, (n, POINTS, 2), from those by its vertices, (m, 2)."""
    return _unflatten(np.ascontiguousarray(strokes.pieces), lines.starts, lines.chords, by_vertices)


@exact_kernel
def _flatten(points, pieces, given):
    """See polylines. points: float32 (n, POINTS, 2). pieces: int8 (n,)."""
    n = len(pieces)
    chords = np.zeros((n, PIECES), np.int64)
    starts = np.zeros(n + 1, np.int64)
    controls = np.empty((n, CONTROLS, 2), np.float32)
    for i in range(n):
        _control(points[i], controls[i])
        starts[i + 1] = starts[i] + 1
        for k in range(pieces[i]):
            chords[i, k] = given if given > 0 else _needed(controls[i, 3 * k : 3 * k + 4])
            starts[i + 1] += chords[i, k]
    vertices = np.empty((starts[n], 2), np.float32)
    boxes = np.empty((n, 4), np.float32)
    for i in range(n):
        v = starts[i]
        vertices[v] = controls[i, 0]
        for k in range(pieces[i]):
            for step in range(1, chords[i, k] + 1):
                v += 1
                a, b, c, d = _weights(step, chords[i, k])
                for axis in range(2):
                    p = controls[i, 3 * k : 3 * k + 4, axis]
                    vertices[v, axis] = (a * p[0] + b * p[1]) + (c * p[2] + d * p[3])
        for axis in range(2):
            own = vertices[starts[i] : starts[i + 1], axis]
            low, high = own[0], own[0]
            for j in range(1, len(own)):
                low, high = min(low, own[j]), max(high, own[j])
            boxes[i, axis], boxes[i, axis + 2] = low, high
    return Polylines(vertices, starts, chords, boxes)


@exact_kernel
def _weights(step, steps):
    """What four control points count at `step` of `steps` equal parts of a curve.

    Inside, vertices lie outwards of the curve by a twelfth of the second derivative, per step squared, so
    that chords are as far outside as inside: the same error with two thirds of the chords.
    """
    t = np.float32(step) / np.float32(steps)
    s = _ONE - t
    a, b, c, d = s * s * s, _THREE * s * s * t, _THREE * s * t * t, t * t * t
    if step == steps:
        return a, b, c, d
    out = _HALF / np.float32(steps * steps)
    return a - out * s, b + out * (_TWO * s - t), c + out * (_TWO * t - s), d - out * t


@exact_kernel
def _control(points, controls):
    """Write the control points, (CONTROLS, 2), of one stroke; see Strokes.controls."""
    controls[:4] = points[:4]
    for k in range(1, PIECES):
        controls[3 * k + 1] = _TWO * controls[3 * k] - controls[3 * k - 1]
        controls[3 * k + 2] = points[2 * k + 2]
        controls[3 * k + 3] = points[2 * k + 3]


@exact_kernel
def _needed(p):
    """How many chords of equal parts keep close enough to a curve: by its largest second derivative."""
    most = _ZERO
    for j in range(2):
        x = p[j, 0] - _TWO * p[j + 1, 0] + p[j + 2, 0]
        y = p[j, 1] - _TWO * p[j + 1, 1] + p[j + 2, 1]
        most = max(most, np.sqrt(x * x + y * y))
    chords = np.ceil(np.sqrt(most * _BEND))
    return np.int64(min(max(chords, _ONE), np.float32(MOST))) if chords == chords else np.int64(1)


@exact_kernel
def _unflatten(pieces, starts, chords, by_vertices):
    """See by_points."""
    n = len(pieces)
    found = np.zeros((n, POINTS, 2), np.float32)
    by_controls = np.empty((CONTROLS, 2), np.float32)
    for i in range(n):
        by_controls[:] = _ZERO
        v = starts[i]
        by_controls[0] = by_vertices[v]
        for k in range(pieces[i]):
            for step in range(1, chords[i, k] + 1):
                v += 1
                a, b, c, d = _weights(step, chords[i, k])
                for axis in range(2):
                    slope = by_vertices[v, axis]
                    by_controls[3 * k, axis] += a * slope
                    by_controls[3 * k + 1, axis] += b * slope
                    by_controls[3 * k + 2, axis] += c * slope
                    by_controls[3 * k + 3, axis] += d * slope
        for k in range(pieces[i] - 1, 0, -1):
            found[i, 2 * k + 2] = by_controls[3 * k + 2]
            found[i, 2 * k + 3] = by_controls[3 * k + 3]
            by_controls[3 * k] += _TWO * by_controls[3 * k + 1]
            by_controls[3 * k - 1] -= by_controls[3 * k + 1]
        found[i, :4] = by_controls[:4]
    return found

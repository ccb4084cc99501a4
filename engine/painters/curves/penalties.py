"""What makes strokes hard to draw, as losses with slopes, and as shares that tell what has come of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel
from engine.painters.curves.polyline import by_points, polylines
from engine.painters.curves.raster import Drawn
from engine.painters.curves.strokes import Strokes

CHORDS = 8  # of a curve, on which bends and evenness are judged
FINE_CHORDS = 32  # of a curve, on which it is told what is bent
TIGHTEST = 2.0  # pen widths: no pen draws well along a smaller radius


class Penalty(NamedTuple):
    """A loss and its slopes."""

    loss: float
    slopes: NDArray[np.float32]


def coats(sums: NDArray[np.float32], weight: float) -> Penalty:
    """Punishes more than one coat of ink: weight x mean (coats - 1)^2 where there is more.

    sums: (height, width), see raster.Drawn. The slopes are by them.
    """
    over = np.maximum(sums - np.float32(1), np.float32(0))
    return Penalty(_mean_square(over, weight), over * np.float32(2 * weight / over.size))


def ink(picture: NDArray[np.float32], weight: float, limit: float) -> Penalty:
    """Punishes a dark picture: weight x (mean ink - limit)^2 above the limit; ink is 1 - brightness.

    picture: (3, height, width). The slopes are by it.
    """
    over = max(1 - float(picture.mean(dtype=np.float64)) - limit, 0)
    slopes = np.full(picture.shape, -2 * weight * over / picture.size, np.float32)
    return Penalty(weight * over * over, slopes)


def bends(strokes: Strokes, weight: float, radius: float = 8) -> Penalty:
    """Punishes tight bends: weight x mean (|turn| - segment / radius)^2 where a polyline turns more.

    turn: radians, from one segment to the next. segment: the mean length of those of the stroke, so that one
    can't be stretched to hide a bend. radius: pixels. The slopes are by the points, (n, POINTS, 2).
    """
    lines = polylines(strokes, CHORDS)
    loss, slopes = _bends(lines.vertices, lines.starts, weight, radius)
    return Penalty(loss, by_points(strokes, lines, slopes))


def evenness(strokes: Strokes, weight: float) -> Penalty:
    """Punishes uneven pace: weight x mean over strokes of the variance of segments by their squared mean.

    The slopes are by the points, (n, POINTS, 2).
    """
    lines = polylines(strokes, CHORDS)
    loss, slopes = _evenness(lines.vertices, lines.starts, weight)
    return Penalty(loss, by_points(strokes, lines, slopes))


def hidden(drawn: Drawn) -> NDArray[np.float32]:
    """The share of what each stroke covers, (n,), on which there is ink of earlier ones already.

    A stroke of which nothing is seen has 0.
    """
    return _hidden(drawn.tape, drawn.inks.opacities, drawn.coats.shape)


def bent(strokes: Strokes) -> float:
    """The share of all strokes' length that bends along a radius below TIGHTEST widths."""
    lines = polylines(strokes, FINE_CHORDS)
    return _bent(lines.vertices, lines.starts, strokes.widths.astype(np.float32), TIGHTEST)


def _mean_square(values: NDArray[np.float32], weight: float) -> float:
    return weight * float(np.square(values, dtype=np.float64).mean()) if values.size else 0.0


@exact_kernel
def _segments(vertices):
    """A polyline's segments, (m - 1, 2), and their lengths."""
    n = len(vertices) - 1
    ways, lengths = np.empty((n, 2)), np.empty(n)
    for k in range(n):
        for axis in range(2):
            ways[k, axis] = np.float64(vertices[k + 1, axis]) - vertices[k, axis]
        lengths[k] = np.sqrt(ways[k, 0] ** 2 + ways[k, 1] ** 2)
    return ways, lengths


@exact_kernel
def _turn(a, b):
    """The angle from one direction to another, radians."""
    return np.arctan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])


@exact_kernel
def _spread(ways, by_ways, slopes):
    """Add slopes by segments to those by their vertices."""
    for k in range(len(ways)):
        for axis in range(2):
            slopes[k, axis] -= np.float32(by_ways[k, axis])
            slopes[k + 1, axis] += np.float32(by_ways[k, axis])


@exact_kernel
def _bends(vertices, starts, weight, radius):
    """See bends; the slopes are by vertices."""
    slopes, total, loss = np.zeros(vertices.shape, np.float32), 0, 0.0
    for i in range(len(starts) - 1):
        total += starts[i + 1] - starts[i] - 2
    for i in range(len(starts) - 1):
        ways, lengths = _segments(vertices[starts[i] : starts[i + 1]])
        by_ways, by_mean = np.zeros(ways.shape), 0.0
        allowed = lengths.mean() / radius
        for k in range(len(ways) - 1):
            if lengths[k] == 0 or lengths[k + 1] == 0:
                continue
            turn = _turn(ways[k], ways[k + 1])
            over = abs(turn) - allowed
            if over <= 0:
                continue
            loss += weight * over * over / total
            slope = 2 * weight * over / total
            by_mean -= slope / radius
            slope = np.copysign(slope, turn)
            for end, sign in ((k, -slope), (k + 1, slope)):
                square = lengths[end] ** 2
                by_ways[end, 0] -= sign * ways[end, 1] / square
                by_ways[end, 1] += sign * ways[end, 0] / square
        for k in range(len(ways)):
            if lengths[k] > 0:
                by_ways[k] += ways[k] * (by_mean / (lengths[k] * len(ways)))
        _spread(ways, by_ways, slopes[starts[i] : starts[i + 1]])
    return loss, slopes


@exact_kernel
def _evenness(vertices, starts, weight):
    """See evenness; the slopes are by vertices."""
    slopes, strokes, loss = np.zeros(vertices.shape, np.float32), len(starts) - 1, 0.0
    for i in range(strokes):
        ways, lengths = _segments(vertices[starts[i] : starts[i + 1]])
        mean, squares = lengths.mean(), (lengths * lengths).mean()
        if mean == 0:
            continue
        loss += weight * (squares / (mean * mean) - 1) / strokes
        share = 2 * weight / (strokes * len(ways) * mean * mean)
        for k in range(len(ways)):
            if lengths[k] > 0:
                ways[k] *= share * (1 - squares / (mean * lengths[k]))
        _spread(ways, ways, slopes[starts[i] : starts[i + 1]])
    return loss, slopes


@exact_kernel
def _hidden(tape, opacities, shape):
    """See hidden."""
    beneath = np.zeros(shape, np.float32)
    own, under = np.zeros(len(opacities), np.float32), np.zeros(len(opacities), np.float32)
    for c in range(len(tape.copies)):
        i, first = tape.copies[c, 0], tape.copies[c, 3]
        last = tape.copies[c + 1, 3] if c + 1 < len(tape.copies) else len(tape.rows)
        for e in range(first, last):
            y, x, share = tape.rows[e], tape.columns[e], tape.covers[e]
            own[i] += share
            under[i] += share * min(beneath[y, x], np.float32(1))
            beneath[y, x] += share * opacities[i]
    for i in range(len(own)):
        under[i] /= max(own[i], np.float32(1e-9))
    return under


@exact_kernel
def _bent(vertices, starts, widths, tightest):
    """See bent."""
    length, tight = 0.0, 0.0
    for i in range(len(starts) - 1):
        ways, lengths = _segments(vertices[starts[i] : starts[i + 1]])
        length += lengths.sum()
        for k in range(len(ways) - 1):
            around = (lengths[k] + lengths[k + 1]) / 2
            if abs(_turn(ways[k], ways[k + 1])) * tightest * widths[i] > around:
                tight += around
    return tight / length if length > 0 else 0.0

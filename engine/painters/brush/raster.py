"""Strokes painted one over the other, with a tape for the way back: what an optimiser moves.

What is painted is what the brush's network says, X = B + alpha (colour - B), and the tape keeps of each
pixel what was there before, so that the way back needs no divisions. How alpha changes when a stroke moves
is looked up in the brush's profile, its mean over the grain: the slopes of the grain itself lead nowhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.painters.brush.network import make_block
from engine.painters.brush.profile import PLACES, PRESSURES, SIZES
from engine.painters.brush.spine import pressure_at
from engine.painters.brush.trace import make_table, make_trace, trace_stroke

ALPHA, A, T, NX, NY, BELOW = range(6)  # columns of a tape; then the channels below
POINTS, RADIUS, PRESSURE, OPACITY, COLOUR = 0, 6, 7, 9, 10  # of slopes: where they begin
_ZERO, _HALF, _ONE, _TWO, _FOUR = (np.float32(each) for each in (0, 0.5, 1, 2, 4))

Floats = NDArray[np.float32]


class Tape(NamedTuple):
    """What was painted, pixel after pixel, stroke after stroke."""

    places: NDArray[np.int32]  # (m,), which pixel, row by row
    entries: Floats  # (m, BELOW + channels)
    starts: NDArray[np.int64]  # (n,), of each stroke's entries,
    stops: NDArray[np.int64]  # (n,)


@kernel
def paint(canvas, strokes, box, look, tape):
    """Paint strokes (trace.Laid) in their order; returns how many entries of the tape are used, -1: too few.

    canvas: (height, width, channels), painted on. From the last stroke to the first it is found out what is
    to be seen of each, as what lies beneath paint that covers costs nothing; then that is painted.
    """
    channels, count = canvas.shape[2], strokes.radii.shape[0]
    painted, left = canvas.reshape(-1, channels), np.ones(canvas.shape[:2], np.float32)
    places, entries, starts, stops, colours = (
        tape.places,
        tape.entries,
        tape.starts,
        tape.stops,
        strokes.colours,
    )
    used = _trace_all(strokes, box, look, left, tape)
    for i in range(count if used >= 0 else 0):
        for e in range(starts[i], stops[i]):
            pixel, noted = places[e], entries[e]
            for c in range(channels):
                below = painted[pixel, c]
                noted[BELOW + c] = below
                painted[pixel, c] = below + noted[ALPHA] * (colours[i, c] - below)
    return used


@kernel
def _trace_all(strokes, box, look, left, tape):
    """Write the pixels of strokes that are to be seen on the tape, from the last stroke to the first."""
    block, table, trace = make_block(look), make_table(), make_trace(box)
    through, places, entries, starts, stops = (
        left.reshape(-1),
        tape.places,
        tape.entries,
        tape.starts,
        tape.stops,
    )
    pixels, alphas, distances, params, normals = (
        trace.places,
        trace.alphas,
        trace.distances,
        trace.params,
        trace.normals,
    )
    used = 0
    for i in range(strokes.radii.shape[0] - 1, -1, -1):
        count = trace_stroke(strokes, i, box, look, left, block, table, trace)
        if used + count > places.shape[0]:
            return -1
        starts[i] = used
        for each in range(count):
            noted = entries[used]
            places[used], noted[ALPHA], noted[A], noted[T] = (
                pixels[each],
                alphas[each],
                distances[each],
                params[each],
            )
            noted[NX], noted[NY] = normals[each, 0], normals[each, 1]
            through[pixels[each]] *= _ONE - alphas[each]
            used += 1
        stops[i] = used
    return used


@kernel
def slopes(by_canvas, strokes, box, profile, reach, tape, found):
    """The way back: what slopes by the painted canvas mean for strokes.

    by_canvas: (height, width, channels), changed to the slopes by what was there before. profile: see
    profile.py. found: (n, COLOUR + channels), zero: by points (6), radius, pressures (2), opacity, colours.
    """
    channels = by_canvas.shape[2]
    flat = by_canvas.reshape(-1, channels)
    pixels, entries, colours = tape.places, tape.entries, strokes.colours
    for i in range(strokes.radii.shape[0] - 1, -1, -1):
        inverse, opacity, own = _ONE / strokes.radii[i], strokes.opacities[i], found[i]
        entry, end = strokes.pressures[i, 0], strokes.pressures[i, 1]
        table = profile[_nearest_size(strokes.radii[i] * box.scale)]
        for e in range(tape.starts[i], tape.stops[i]):
            g, noted = flat[pixels[e]], entries[e]
            alpha, t, by_alpha = noted[ALPHA], noted[T], _ZERO
            for c in range(channels):
                by_alpha += g[c] * (colours[i, c] - noted[BELOW + c])
                own[COLOUR + c] += g[c] * alpha
                g[c] *= _ONE - alpha
            by_a, by_p = _profile_slopes(table, reach, noted[A], pressure_at(t, entry, end))
            own[OPACITY] += by_alpha * alpha / max(opacity, np.float32(1e-3))
            by_distance = by_alpha * opacity * by_a * inverse
            own[RADIUS] -= by_distance * noted[A]
            _to_points(own, t, -by_distance * noted[NX], -by_distance * noted[NY])
            _to_pressures(own, t, by_alpha * opacity * by_p)


@kernel
def _nearest_size(radius):
    """The number of the profile of a brush with a radius in the picture's pixels."""
    size = min(max(_HALF * np.log(max(radius, np.float32(1e-3))), _ZERO), _ONE)
    return np.int64(size * np.float32(SIZES - 1) + _HALF)


@kernel
def _profile_slopes(table, reach, a, p):
    """The slopes of the mean alpha by the distance in radii and by the pressure."""
    place = a / reach * np.float32(PLACES - 1)
    column = min(np.int64(place), PLACES - 2)
    u = place - np.float32(column)
    level = min(max(p, _ZERO), _ONE) * np.float32(PRESSURES - 1)
    row = min(np.int64(level), PRESSURES - 2)
    v = level - np.float32(row)
    p00, p01 = table[row, column], table[row, column + 1]
    p10, p11 = table[row + 1, column], table[row + 1, column + 1]
    by_a = ((p01 - p00) * (_ONE - v) + (p11 - p10) * v) * np.float32(PLACES - 1) / reach
    by_p = ((p10 - p00) * (_ONE - u) + (p11 - p01) * u) * np.float32(PRESSURES - 1)
    return by_a, by_p


@kernel
def _to_points(own, t, wx, wy):
    """The slope by a place on a curve, taken to the curve's points."""
    u = _ONE - t
    b0, b1, b2 = u * u, _TWO * u * t, t * t
    own[0] += wx * b0
    own[1] += wy * b0
    own[2] += wx * b1
    own[3] += wy * b1
    own[4] += wx * b2
    own[5] += wy * b2


@kernel
def _to_pressures(own, t, by_p):
    """The slope by the pressure at a place of a stroke, taken to those at its ends."""
    share = _HALF
    if t < np.float32(0.25):
        share = _ONE - _TWO * t
    elif t > np.float32(0.75):
        share = _TWO * (_ONE - t)
    own[PRESSURE] += by_p * share
    own[PRESSURE + 1] += by_p * (_ONE - share)

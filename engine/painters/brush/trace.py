"""The pixels of a stroke and their alphas, as the brush's network has them: the hybrid generator.

Of each pixel near a stroke's spine some numbers are measured (how far from the spine, how far from the
ends, the pressure, ..., what the grain is there), and a small network says the alpha. All is in radii of the
brush, so that a stroke drawn larger has sharper grain, not larger pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.painters.brush.model_file import FEATURES, GRAIN_CHANNELS, GRAIN_SIDE
from engine.painters.brush.network import BLOCK, find_alphas
from engine.painters.brush.spine import (
    COLUMNS,
    LENGTH,
    START,
    TX,
    TY,
    chords_of,
    flatten,
    nearest,
    pressure_at,
    row_range,
    rows_of,
)

CHORDS = 12  # of a spine at most, as in training
LEAST = np.float32(1 / 512)  # an alpha below it isn't seen
FINE = np.float32(4)  # so many times finer grain comes in
FINE_FROM, FINE_SHARE = np.float32(8), np.float32(0.3)  # from this radius on, and how fast
_ZERO, _HALF, _ONE, _TWO, _QUARTER = (np.float32(each) for each in (0, 0.5, 1, 2, 0.25))

Floats = NDArray[np.float32]


class Laid(NamedTuple):
    """Strokes in a picture's or a window's pixels, for kernels; see strokes.Strokes."""

    points: Floats
    radii: Floats
    pressures: Floats
    colours: Floats  # (n, channels)
    opacities: Floats
    grains: Floats
    shown: Floats


class Box(NamedTuple):
    """A window, and how large a picture's pixel is in it."""

    x0: int
    y0: int
    height: int
    width: int
    scale: np.float32  # pixels of the picture for each of the window


class Trace(NamedTuple):
    """The pixels of a stroke; as many as a window has may be there."""

    places: NDArray[np.int32]  # which pixel of the window, row by row
    alphas: Floats
    distances: Floats  # from the spine, in radii
    params: Floats  # of the spine's nearest point, 0..1
    normals: Floats  # (m, 2), x and y, from there


class _Spine(NamedTuple):
    """What is known of a stroke before its pixels; numbers alone, as kernels count references to arrays."""

    chords: int
    reach: np.float32  # in radii
    inverse: np.float32  # one over the radius
    length: np.float32
    size: np.float32
    stretch: np.float32
    fine: np.float32  # how much finer grain there is
    entry: np.float32  # pressures
    end: np.float32
    along: np.float32  # where its grain begins, texels
    across: np.float32
    shown: np.float32
    texels_across: np.float32  # of the grain to a radius
    texels_one: np.float32  # along the stroke, in the first two channels,
    texels_other: np.float32  # and in the others


@kernel
def make_trace(box):
    """Room for all pixels of a window."""
    most = box.height * box.width
    return Trace(
        np.empty(most, np.int32),
        np.empty(most, np.float32),
        np.empty(most, np.float32),
        np.empty(most, np.float32),
        np.empty((most, 2), np.float32),
    )


@kernel
def make_table():
    """Room for the chords of a spine."""
    return np.empty((CHORDS + 1, COLUMNS), np.float32)


@kernel
def trace_stroke(strokes, i, box, look, hidden, block, table, trace):
    """Find the pixels of a stroke in a window and their alphas; returns how many there are.

    hidden: (height, width), how much of what is laid in a pixel is still seen; (0, 0): all.
    """
    points, radius = strokes.points[i], strokes.radii[i]
    if not (radius > _ZERO and strokes.shown[i] > _ZERO):
        return 0
    chords = chords_of(points, radius, CHORDS)
    spine = _spine_of(strokes, i, box, look, chords, flatten(points, chords, table))
    one_chord = _ONE / np.float32(chords)
    far, x0 = spine.reach * radius, box.x0
    first, last = rows_of(points, far, box.y0, box.height)
    texture, features, alphas = look.texture, block.features, block.alphas
    places, found, distances, params, normals = (
        trace.places,
        trace.alphas,
        trace.distances,
        trace.params,
        trace.normals,
    )
    opacity, skips, done, count = strokes.opacities[i], hidden.shape[0] > 0, 0, 0
    for row in range(first, last):
        y = np.float32(row + box.y0) + _HALF
        begin, stop = row_range(table, chords, y, far, x0, x0 + box.width)
        for column in range(begin, stop):
            if skips and hidden[row, column - x0] < LEAST:
                continue
            k, where, vx, vy = nearest(table, chords, np.float32(column) + _HALF, y)
            distance = np.sqrt(vx * vx + vy * vy)
            if distance >= far:
                continue
            each, lane = done + count, count
            places[each] = row * box.width + column - x0
            t = (np.float32(k) + where) * one_chord
            distances[each], params[each] = distance * spine.inverse, t
            flat = _ONE / distance if distance > np.float32(1e-6) else _ZERO
            normals[each, 0], normals[each, 1] = vx * flat, vy * flat
            found[each] = _measure(table, texture, spine, k, where, t, vx, vy, features, lane) * opacity
            count += 1
            if count == BLOCK:
                find_alphas(block, look)
                done = _kept(places, found, distances, params, normals, alphas, done, count)
                count = 0
    if count:
        find_alphas(block, look)
        done = _kept(places, found, distances, params, normals, alphas, done, count)
    return done


@kernel
def _kept(places, found, distances, params, normals, alphas, done, count):
    """Take a block's alphas, and leave out pixels that aren't seen; returns how many there are now."""
    for lane in range(count):
        each = done + lane
        found[each] *= alphas[lane]
    kept = done
    for each in range(done, done + count):
        if found[each] >= LEAST:
            places[kept], found[kept], distances[kept] = places[each], found[each], distances[each]
            params[kept], normals[kept, 0], normals[kept, 1] = (
                params[each],
                normals[each, 0],
                normals[each, 1],
            )
            kept += 1
    return kept


@kernel
def _spine_of(strokes, i, box, look, chords, length):
    """Measures of a stroke as a whole."""
    inverse, radius = _ONE / strokes.radii[i], strokes.radii[i] * box.scale
    return _Spine(
        chords,
        look.seen,
        inverse,
        length,
        min(max(_HALF * np.log(radius), _ZERO), _ONE),
        np.log(_ONE + length * inverse) * _QUARTER,
        min(max(np.log2(radius / FINE_FROM), _ZERO), _TWO) * FINE_SHARE,
        strokes.pressures[i, 0],
        strokes.pressures[i, 1],
        strokes.grains[i, 0],
        strokes.grains[i, 1],
        strokes.shown[i],
        look.texels[0],
        look.texels[1],
        look.texels[2],
    )


@kernel
def _measure(table, texture, spine, k, where, t, vx, vy, features, lane):
    """Measure a place into a lane; returns how much of the stroke is there, 0 or 1 or between at its tip."""
    inverse = spine.inverse
    tx, ty = table[k, TX], table[k, TY]
    along = table[k, START] + where * table[k, LENGTH]
    over = vx * tx + vy * ty  # how far beyond an end
    over0 = max(-over, _ZERO) if k == 0 and where <= _ZERO else _ZERO
    over1 = max(over, _ZERO) if k == spine.chords - 1 and where >= _ONE else _ZERO
    e0, e1 = (along - over0) * inverse, (spine.length - along - over1) * inverse
    lateral = (tx * vy - ty * vx) * inverse
    features[0, lane], features[1, lane] = np.sqrt(vx * vx + vy * vy) * inverse, lateral
    features[2, lane] = min(max(e0, -_TWO), _TWO)
    features[3, lane] = min(max(e1, -_TWO), _TWO)
    features[4, lane] = pressure_at(t, spine.entry, spine.end)
    features[5, lane], features[6, lane] = spine.size, spine.stretch
    features[7, lane], features[8, lane] = tx * tx - ty * ty, _TWO * tx * ty
    row = lateral * spine.texels_across + spine.across
    for pair in range(0, GRAIN_CHANNELS, 2):
        column = e0 * (spine.texels_one if pair == 0 else spine.texels_other) + spine.along
        _grain(texture, pair, row, column, features, lane, _ONE, _ZERO)
        if spine.fine > _ZERO:
            norm = _ONE / np.sqrt(_ONE + spine.fine * spine.fine)
            _grain(texture, pair, row * FINE, column * FINE, features, lane, spine.fine * norm, norm)
    if spine.shown < _ONE:
        return min(max((spine.shown * spine.length - along) * inverse * _TWO + _HALF, _ZERO), _ONE)
    return _ONE


@kernel
def _grain(texture, pair, row, column, features, lane, share, kept):
    """Two channels of the grain at a place, bilinear and periodic: added by a share to what is kept."""
    top, left = np.floor(row), np.floor(column)
    u, v = column - left, row - top
    r0, c0 = np.int64(top) & (GRAIN_SIDE - 1), np.int64(left) & (GRAIN_SIDE - 1)
    r1, c1 = (r0 + 1) & (GRAIN_SIDE - 1), (c0 + 1) & (GRAIN_SIDE - 1)
    for channel in range(pair, pair + 2):
        upper = texture[channel, r0, c0] + u * (texture[channel, r0, c1] - texture[channel, r0, c0])
        lower = texture[channel, r1, c0] + u * (texture[channel, r1, c1] - texture[channel, r1, c0])
        at = FEATURES - GRAIN_CHANNELS + channel
        value = share * (upper + v * (lower - upper))
        features[at, lane] = value if kept == _ZERO else kept * features[at, lane] + value

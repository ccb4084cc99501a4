"""Strokes drawn as the brush's network draws them, with their grain, at any size.

Of each pixel near a stroke's spine some numbers are measured (how far from the spine, how far from the
ends, the pressure, ..., what the grain is there), and a small network says the alpha. All is in radii of the
brush, so that a stroke drawn larger has sharper grain, not larger pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.simd import LANES, fma, load, splat, store
from engine.painters.brush.model_file import FEATURES, GRAIN_CHANNELS, GRAIN_SIDE
from engine.painters.brush.spine import (
    COLUMNS,
    LENGTH,
    START,
    TX,
    TY,
    flatten,
    nearest,
    pressure_at,
    row_range,
    rows_of,
)

PIECES = 12  # chords of a spine, as in training
BLOCK = 64  # pixels that go through the network at a time, in lanes
ACROSS = 6.0  # texels of the grain in a radius, across the stroke,
ALONG = (6.0, 6.0, 1.5, 1.5)  # and along it: two channels of spots, two of streaks
LEAK = np.float32(0.1)  # of the activation
LEAST = np.float32(1 / 512)  # an alpha below it isn't seen
FINE = np.float32(4)  # so many times finer grain comes in
FINE_FROM, FINE_SHARE = np.float32(8), np.float32(0.3)  # from this radius on, and how fast
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_QUARTER = np.float32(0.25)

Floats = NDArray[np.float32]


class Look(NamedTuple):
    """A brush, for kernels."""

    texture: Floats  # the grain, (channels, side, side)
    weights0: Floats
    biases0: Floats
    weights1: Floats
    biases1: Floats
    weights2: Floats
    biases2: Floats
    reach: np.float32  # radii from the spine within which there is paint
    gain: np.float32  # times which alphas are taken, up to 1


class Laid(NamedTuple):
    """Strokes, for kernels; see strokes.Strokes."""

    points: Floats
    radii: Floats
    pressures: Floats
    colours: Floats  # (n, channels)
    opacities: Floats
    grains: Floats
    shown: Floats


class _Block(NamedTuple):
    """Pixels on their way through the network, in lanes."""

    features: Floats  # (FEATURES, BLOCK)
    one: Floats  # (hidden, BLOCK)
    two: Floats
    alphas: Floats  # (BLOCK,)
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    cut: Floats  # how much of a stroke that isn't there to its end is there


class _Spine(NamedTuple):
    """What is known of a stroke before its pixels; numbers alone, as kernels count references to arrays."""

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


@kernel
def generate(canvas, x0, y0, strokes, look):
    """Paint strokes (Laid) on a window of a picture.

    From the last to the first: what lies beneath paint that covers is not looked at.
    canvas: (height, width, channels) float32, painted on; its first pixel is (x0, y0) of the picture.
    """
    height, width, channels = canvas.shape
    ground, left = canvas.copy(), np.ones((height, width), np.float32)
    canvas[:] = _ZERO
    hidden = look.biases0.shape[0]
    block = _Block(
        np.zeros((FEATURES, BLOCK), np.float32),
        np.zeros((hidden, BLOCK), np.float32),
        np.zeros((hidden, BLOCK), np.float32),
        np.zeros(BLOCK, np.float32),
        np.zeros(BLOCK, np.int64),
        np.zeros(BLOCK, np.int64),
        np.zeros(BLOCK, np.float32),
    )
    table = np.empty((PIECES + 1, COLUMNS), np.float32)
    for i in range(strokes.radii.shape[0] - 1, -1, -1):
        if strokes.radii[i] > _ZERO and strokes.shown[i] > _ZERO:
            _stroke(canvas, left, x0, y0, strokes, i, look, block, table)
    for row in range(height):
        for column in range(width):
            through = left[row, column]
            for c in range(channels):
                canvas[row, column, c] += through * ground[row, column, c]


@kernel
def _stroke(canvas, left, x0, y0, strokes, i, look, block, table):
    """Lay one stroke beneath those that are there."""
    height, width, _ = canvas.shape
    points, radius = strokes.points[i], strokes.radii[i]
    length = flatten(points, PIECES, table)
    inverse, far = _ONE / radius, look.reach * radius
    spine = _Spine(
        look.reach,
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
    )
    first, last = rows_of(points, far, y0, height)
    texture, features, cut, rows, columns = look.texture, block.features, block.cut, block.rows, block.columns
    count = 0
    for row in range(first, last):
        y = np.float32(row + y0) + _HALF
        begin, stop = row_range(table, PIECES, y, far, x0, x0 + width)
        for column in range(begin, stop):
            if left[row, column - x0] < LEAST:
                continue
            if _measured(table, texture, spine, np.float32(column) + _HALF, y, features, cut, count):
                rows[count], columns[count] = row, column - x0
                count += 1
            if count == BLOCK:
                _lay(canvas, left, block, count, look, strokes.colours[i], strokes.opacities[i])
                count = 0
    if count:
        _lay(canvas, left, block, count, look, strokes.colours[i], strokes.opacities[i])


@kernel
def _measured(table, texture, spine, x, y, features, cut, lane):
    """Measure a place into a lane of a block; False when it is beyond the brush's reach."""
    k, where, vx, vy = nearest(table, PIECES, x, y)
    inverse = spine.inverse
    a = np.sqrt(vx * vx + vy * vy) * inverse
    if a >= spine.reach:
        return False
    tx, ty = table[k, TX], table[k, TY]
    along = table[k, START] + where * table[k, LENGTH]
    over = vx * tx + vy * ty  # how far beyond an end
    over0 = max(-over, _ZERO) if k == 0 and where <= _ZERO else _ZERO
    over1 = max(over, _ZERO) if k == PIECES - 1 and where >= _ONE else _ZERO
    e0, e1 = (along - over0) * inverse, (spine.length - along - over1) * inverse
    lateral = (tx * vy - ty * vx) * inverse
    t = (np.float32(k) + where) / np.float32(PIECES)
    features[0, lane], features[1, lane] = a, lateral
    features[2, lane] = min(max(e0, -_TWO), _TWO)
    features[3, lane] = min(max(e1, -_TWO), _TWO)
    features[4, lane] = pressure_at(t, spine.entry, spine.end)
    features[5, lane], features[6, lane] = spine.size, spine.stretch
    features[7, lane], features[8, lane] = tx * tx - ty * ty, _TWO * tx * ty
    _grain(texture, spine, e0, lateral, features, lane)
    cut[lane] = _ONE
    if spine.shown < _ONE:
        cut[lane] = min(max((spine.shown * spine.length - along) * inverse * _TWO + _HALF, _ZERO), _ONE)
    return True


@kernel
def _grain(texture, spine, e0, lateral, features, lane):
    """The grain's channels at a place of a stroke, smooth between texels."""
    row = lateral * np.float32(ACROSS) + spine.across
    fine = spine.fine
    norm = _ONE / np.sqrt(_ONE + fine * fine)
    for channel in range(GRAIN_CHANNELS):
        column = e0 * np.float32(ALONG[channel]) + spine.along
        value = _texel(texture, channel, row, column)
        if fine > _ZERO:
            value = (value + fine * _texel(texture, channel, row * FINE, column * FINE)) * norm
        features[FEATURES - GRAIN_CHANNELS + channel, lane] = value


@kernel
def _texel(texture, channel, row, column):
    """Bilinear, and periodic."""
    top, left = np.floor(row), np.floor(column)
    u, v = column - left, row - top
    r0, c0 = np.int64(top) % GRAIN_SIDE, np.int64(left) % GRAIN_SIDE
    r1, c1 = (r0 + 1) % GRAIN_SIDE, (c0 + 1) % GRAIN_SIDE
    upper = texture[channel, r0, c0] + u * (texture[channel, r0, c1] - texture[channel, r0, c0])
    lower = texture[channel, r1, c0] + u * (texture[channel, r1, c1] - texture[channel, r1, c0])
    return upper + v * (lower - upper)


@kernel
def _alphas(block, look):
    """The network, for all lanes of a block."""
    features, alphas = block.features, block.alphas
    _layer(features, look.weights0, look.biases0, block.one)
    _layer(block.one, look.weights1, look.biases1, block.two)
    flat = block.two.reshape(-1)
    for lanes in range(0, BLOCK, LANES):
        total = splat(look.biases2[0])
        for k in range(look.weights2.shape[1]):
            total = fma(splat(look.weights2[0, k]), load(flat, k * BLOCK + lanes), total)
        store(alphas, lanes, total)
    for lane in range(BLOCK):
        edge = min(max((look.reach - features[0, lane]) * np.float32(4), _ZERO), _ONE)
        alphas[lane] = edge / (_ONE + np.exp(-alphas[lane]))


@kernel
def _layer(values, weights, biases, out):
    """One layer for all lanes, four of its sums at a time: their inputs are read once."""
    flat, into = values.reshape(-1), out.reshape(-1)
    for lanes in range(0, BLOCK, LANES):
        for j in range(0, weights.shape[0], 4):
            s0, s1, s2, s3 = (
                splat(biases[j]),
                splat(biases[j + 1]),
                splat(biases[j + 2]),
                splat(biases[j + 3]),
            )
            for k in range(weights.shape[1]):
                value = load(flat, k * BLOCK + lanes)
                s0 = fma(splat(weights[j, k]), value, s0)
                s1 = fma(splat(weights[j + 1, k]), value, s1)
                s2 = fma(splat(weights[j + 2, k]), value, s2)
                s3 = fma(splat(weights[j + 3, k]), value, s3)
            store(into, j * BLOCK + lanes, s0)
            store(into, (j + 1) * BLOCK + lanes, s1)
            store(into, (j + 2) * BLOCK + lanes, s2)
            store(into, (j + 3) * BLOCK + lanes, s3)
    for i in range(into.shape[0]):
        into[i] = max(into[i], LEAK * into[i])


@kernel
def _lay(canvas, left, block, count, look, colour, opacity):
    """Lay a block's paint beneath what is there: as much of it as what is above lets through."""
    _alphas(block, look)
    for lane in range(count):
        alpha = min(block.alphas[lane] * look.gain, _ONE) * opacity * block.cut[lane]
        if alpha < LEAST:
            continue
        row, column = block.rows[lane], block.columns[lane]
        through = left[row, column]
        for c in range(canvas.shape[2]):
            canvas[row, column, c] += through * alpha * colour[c]
        left[row, column] = through * (_ONE - alpha)

"""Strokes drawn as the brush's network draws them, with their grain, at any size.

Of each pixel near a stroke's spine some numbers are measured (how far from the spine, how far from the
ends, the pressure, ..., what the grain is there), and a small network says the alpha. All is in radii of the
brush, so that a stroke drawn larger has sharper grain, not larger pixels.
"""

from __future__ import annotations

import numpy as np

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
)

PIECES = 12  # chords of a spine, as in training
BLOCK = 64  # pixels that go through the network at a time, in lanes
ACROSS = 6.0  # texels of the grain in a radius, across the stroke,
ALONG = (6.0, 6.0, 1.5, 1.5)  # and along it: two channels of spots, two of streaks
LEAK = np.float32(0.1)  # of the activation
LEAST = np.float32(1 / 512)  # an alpha below it isn't seen
FINE, FINE_FROM = (
    np.float32(4),
    np.float32(8),
)  # finer grain comes in from this radius on, so many times finer
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_QUARTER, _SIXTEENTH = np.float32(0.25), np.float32(1 / 16)
_SIDE = np.float32(GRAIN_SIDE)


@kernel
def generate(
    canvas, x0, y0, points, radii, pressures, colours, opacities, grains, shown, texture, network, gain
):
    """Paint strokes in their order on a window of a picture.

    From the last to the first: what lies beneath paint that covers is not looked at.
    canvas: (height, width, channels) float32, painted on; its first pixel is (x0, y0) of the picture.
    points: (n, 3, 2) in the picture's pixels. colours: (n, channels). texture: the grain, (channels, side, side).
    network: (weights, biases, ..., reach) as `network_of` gives it. gain: times which alphas are taken, up to 1.
    """
    height, width, channels = canvas.shape
    ground, left = canvas.copy(), np.ones((height, width), np.float32)
    canvas[:] = _ZERO
    reach = network[6]
    hidden = network[1].shape[0]
    table = np.empty((PIECES + 1, COLUMNS), np.float32)
    features, one, two = (
        np.zeros((FEATURES, BLOCK), np.float32),
        np.zeros((hidden, BLOCK), np.float32),
        np.zeros((hidden, BLOCK), np.float32),
    )
    alphas, rows, columns, cut = (
        np.zeros(BLOCK, np.float32),
        np.zeros(BLOCK, np.int64),
        np.zeros(BLOCK, np.int64),
        np.zeros(BLOCK, np.float32),
    )
    for i in range(points.shape[0] - 1, -1, -1):
        radius = radii[i]
        if not (radius > _ZERO and shown[i] > _ZERO):
            continue
        length = flatten(points[i], PIECES, table)
        far, inverse = reach * radius, _ONE / radius
        ends = (
            min(points[i, 0, 1], points[i, 1, 1], points[i, 2, 1]) - far,
            max(points[i, 0, 1], points[i, 1, 1], points[i, 2, 1]) + far,
        )
        first = max(0, np.int64(np.floor(max(ends[0] - np.float32(y0), _ZERO) - _HALF)))
        last = min(height, np.int64(np.ceil(min(ends[1] - np.float32(y0), np.float32(height)) + _HALF)))
        size = min(max(_HALF * np.log(radius), _ZERO), _ONE)
        stretch = np.log(_ONE + length * inverse) * _QUARTER
        fine = min(max(np.log2(radius / FINE_FROM), _ZERO), _TWO) * np.float32(0.3)
        count = 0
        for row in range(first, last):
            y = np.float32(row + y0) + _HALF
            begin, stop = row_range(table, PIECES, y, far, x0, x0 + width)
            for column in range(begin, stop):
                if left[row, column - x0] < LEAST:
                    continue
                x = np.float32(column) + _HALF
                k, where, vx, vy = nearest(table, PIECES, x, y)
                a = np.sqrt(vx * vx + vy * vy) * inverse
                if a >= reach:
                    continue
                tx, ty = table[k, TX], table[k, TY]
                along = table[k, START] + where * table[k, LENGTH]
                over = vx * tx + vy * ty  # beyond an end
                over0 = max(-over, _ZERO) if k == 0 and where <= _ZERO else _ZERO
                over1 = max(over, _ZERO) if k == PIECES - 1 and where >= _ONE else _ZERO
                e0, e1 = (along - over0) * inverse, (length - along - over1) * inverse
                lateral = (tx * vy - ty * vx) * inverse
                t = (np.float32(k) + where) / np.float32(PIECES)
                features[0, count], features[1, count] = a, lateral
                features[2, count] = min(max(e0, -_TWO), _TWO)
                features[3, count] = min(max(e1, -_TWO), _TWO)
                features[4, count] = pressure_at(t, pressures[i, 0], pressures[i, 1])
                features[5, count], features[6, count] = size, stretch
                features[7, count], features[8, count] = tx * tx - ty * ty, _TWO * tx * ty
                _grain(texture, grains[i], e0, lateral, fine, features, count)
                rows[count], columns[count] = row, column - x0
                cut[count] = min(max((shown[i] * length - along) * inverse * _TWO + _HALF, _ZERO), _ONE)
                count += 1
                if count == BLOCK:
                    _alphas(features, network, one, two, alphas)
                    _lay(
                        canvas,
                        left,
                        rows,
                        columns,
                        cut,
                        alphas,
                        count,
                        colours[i],
                        opacities[i],
                        gain,
                        shown[i],
                    )
                    count = 0
        if count:
            _alphas(features, network, one, two, alphas)
            _lay(canvas, left, rows, columns, cut, alphas, count, colours[i], opacities[i], gain, shown[i])
    for row in range(height):
        for column in range(width):
            through = left[row, column]
            for c in range(channels):
                canvas[row, column, c] += through * ground[row, column, c]


@kernel
def _grain(texture, offsets, e0, lateral, fine, features, lane):
    """The grain's channels at a place of a stroke, smooth between texels."""
    row = lateral * np.float32(ACROSS) + offsets[1]
    norm = _ONE / np.sqrt(_ONE + fine * fine)
    for channel in range(GRAIN_CHANNELS):
        column = e0 * np.float32(ALONG[channel]) + offsets[0]
        value = _texel(texture[channel], row, column)
        if fine > _ZERO:
            value = (value + fine * _texel(texture[channel], row * FINE, column * FINE)) * norm
        features[FEATURES - GRAIN_CHANNELS + channel, lane] = value


@kernel
def _texel(texture, row, column):
    """Bilinear, and periodic."""
    top, left = np.floor(row), np.floor(column)
    u, v = column - left, row - top
    r0, c0 = np.int64(top) % GRAIN_SIDE, np.int64(left) % GRAIN_SIDE
    r1, c1 = (r0 + 1) % GRAIN_SIDE, (c0 + 1) % GRAIN_SIDE
    upper = texture[r0, c0] + u * (texture[r0, c1] - texture[r0, c0])
    lower = texture[r1, c0] + u * (texture[r1, c1] - texture[r1, c0])
    return upper + v * (lower - upper)


@kernel
def _alphas(features, network, one, two, alphas):
    """The network, for all lanes of a block; alphas: (BLOCK,)."""
    w0, b0, w1, b1, w2, b2, reach = network
    _layer(features, w0, b0, one)
    _layer(one, w1, b1, two)
    flat = two.reshape(-1)
    for lanes in range(0, BLOCK, LANES):
        total = splat(b2[0])
        for k in range(w2.shape[1]):
            total = fma(splat(w2[0, k]), load(flat, k * BLOCK + lanes), total)
        store(alphas, lanes, total)
    for lane in range(BLOCK):
        edge = min(max((reach - features[0, lane]) * np.float32(4), _ZERO), _ONE)
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
def _lay(canvas, left, rows, columns, cut, alphas, count, colour, opacity, gain, shown):
    """Lay paint beneath what is there: as much of it as what is above lets through."""
    for lane in range(count):
        alpha = min(alphas[lane] * gain, _ONE) * opacity
        if shown < _ONE:
            alpha *= cut[lane]
        if alpha < LEAST:
            continue
        row, column = rows[lane], columns[lane]
        through = left[row, column]
        for c in range(canvas.shape[2]):
            canvas[row, column, c] += through * alpha * colour[c]
        left[row, column] = through * (_ONE - alpha)

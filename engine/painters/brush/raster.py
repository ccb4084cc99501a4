"""Strokes painted by their mean profile, with a tape for the way back: what an optimiser moves.

The alpha of a pixel is looked up in a brush's profile: by the distance from the spine in radii, and by the
pressure there. Paint is laid over what is there: X = B + alpha (colour - B). The tape keeps of each pixel
what was there before, so that the way back needs no divisions.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.painters.brush.spine import (
    CHORDS,
    COLUMNS,
    chords_of,
    flatten,
    nearest,
    pressure_at,
    row_range,
    rows_of,
)

PRESSURES, PLACES = 9, 48  # of a profile
ALPHA, BY_A, BY_P, A, NX, NY, T, BELOW = range(8)  # columns of a tape; then the channels below
LEAST = np.float32(1 / 512)  # an alpha below it isn't seen
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)


@kernel
def profile_of(profiles, radius):
    """The profile of a brush with a radius in pixels: that of the nearest size, (PRESSURES, PLACES)."""
    return profiles[np.int64(size_of(radius) * np.float32(profiles.shape[0] - 1) + _HALF)]


@kernel
def size_of(radius):
    """The size, 0 to 1, of a brush with a radius in pixels: its engine has exp(2 size)."""
    return min(max(_HALF * np.log(max(radius, np.float32(1e-3))), _ZERO), _ONE)


@kernel
def looked_up(profile, reach, a, p):
    """Alpha, and its slopes by the distance and by the pressure."""
    place = a / reach * np.float32(PLACES - 1)
    column = min(np.int64(place), PLACES - 2)
    u = place - np.float32(column)
    level = min(max(p, _ZERO), _ONE) * np.float32(PRESSURES - 1)
    row = min(np.int64(level), PRESSURES - 2)
    v = level - np.float32(row)
    p00, p01 = profile[row, column], profile[row, column + 1]
    p10, p11 = profile[row + 1, column], profile[row + 1, column + 1]
    upper, lower = p00 + u * (p01 - p00), p10 + u * (p11 - p10)
    by_a = ((p01 - p00) * (_ONE - v) + (p11 - p10) * v) * np.float32(PLACES - 1) / reach
    return upper + v * (lower - upper), by_a, (lower - upper) * np.float32(PRESSURES - 1)


@kernel
def paint(
    canvas,
    points,
    radii,
    pressures,
    colours,
    opacities,
    profiles,
    reach,
    scale,
    pixels,
    tape,
    starts,
    records,
):
    """Paint strokes in their order; returns how many entries of the tape are used, or -1: it is too short.

    canvas: (height, width, channels), painted on. points: (n, 3, 2) in its pixels. colours: (n, channels).
    scale: pixels of the size at which brushes are looked at for each pixel here. pixels: (m,) int32, tape:
    (m, BELOW + channels), starts: (n + 1,) int64. records: whether the tape is written.
    """
    height, width, channels = canvas.shape
    table = np.empty((CHORDS + 1, COLUMNS), np.float32)
    used, room = 0, pixels.shape[0]
    for i in range(points.shape[0]):
        starts[i] = used
        radius = radii[i]
        count = chords_of(points[i], radius)
        flatten(points[i], count, table)
        profile = profile_of(profiles, radius * scale)
        far = reach * radius
        first, last = rows_of(points[i], far, 0, height)
        inverse, entry, end = _ONE / radius, pressures[i, 0], pressures[i, 1]
        for row in range(first, last):
            y = np.float32(row) + _HALF
            begin, stop = row_range(table, count, y, far, 0, width)
            if records and used + stop - begin > room:
                return -1
            for column in range(begin, stop):
                k, where, vx, vy = nearest(table, count, np.float32(column) + _HALF, y)
                distance = np.sqrt(vx * vx + vy * vy)
                a = distance * inverse
                if a >= reach:
                    continue
                t = (np.float32(k) + where) / np.float32(count)
                alpha, by_a, by_p = looked_up(profile, reach, a, pressure_at(t, entry, end))
                alpha *= opacities[i]
                if alpha < LEAST:
                    continue
                if records:
                    pixels[used] = row * width + column
                    noted = tape[used]
                    noted[ALPHA], noted[BY_A], noted[BY_P] = alpha, by_a * opacities[i], by_p * opacities[i]
                    noted[A], noted[T] = a, t
                    each = _ONE / distance if distance > np.float32(1e-6) else _ZERO
                    noted[NX], noted[NY] = vx * each, vy * each
                    for c in range(channels):
                        noted[BELOW + c] = canvas[row, column, c]
                    used += 1
                for c in range(channels):
                    below = canvas[row, column, c]
                    canvas[row, column, c] = below + alpha * (colours[i, c] - below)
    starts[points.shape[0]] = used
    return used


@kernel
def slopes(by_canvas, points, radii, colours, opacities, pixels, tape, starts, found):
    """The way back: what slopes by the painted canvas mean for strokes.

    by_canvas: (height, width, channels), changed to the slopes by what was there before. found: (n, 10 +
    channels), zero: by points (6), radius, pressures (2), opacity, colours.
    """
    channels = by_canvas.shape[2]
    flat = by_canvas.reshape(-1, channels)
    for i in range(points.shape[0] - 1, -1, -1):
        inverse, own = _ONE / radii[i], found[i]
        by_opacity = _ONE / opacities[i] if opacities[i] > _ZERO else _ZERO
        for e in range(starts[i + 1] - 1, starts[i] - 1, -1):
            g, entry = flat[pixels[e]], tape[e]
            alpha, by_alpha = entry[ALPHA], _ZERO
            for c in range(channels):
                by_alpha += g[c] * (colours[i, c] - entry[BELOW + c])
                own[10 + c] += g[c] * alpha
                g[c] *= _ONE - alpha
            own[9] += by_alpha * alpha * by_opacity
            by_a = by_alpha * entry[BY_A]
            own[6] -= by_a * entry[A] * inverse
            t = entry[T]
            by_distance = by_a * inverse
            wx, wy = -by_distance * entry[NX], -by_distance * entry[NY]
            u = _ONE - t
            b0, b1, b2 = u * u, _TWO * u * t, t * t
            own[0] += wx * b0
            own[1] += wy * b0
            own[2] += wx * b1
            own[3] += wy * b1
            own[4] += wx * b2
            own[5] += wy * b2
            by_p = by_alpha * entry[BY_P]
            if t < np.float32(0.25):
                share = _HALF * t * np.float32(4)
                own[7] += by_p * (_ONE - share)
                own[8] += by_p * share
            elif t > np.float32(0.75):
                share = _HALF * (_ONE - t) * np.float32(4)
                own[7] += by_p * share
                own[8] += by_p * (_ONE - share)
            else:
                own[7] += by_p * _HALF
                own[8] += by_p * _HALF

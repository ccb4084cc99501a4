"""The spine of a stroke, a quadratic Bezier curve, as chords: how far a pixel is from it, and where."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel

AX, AY, EX, EY, INVERSE, LENGTH, START, TX, TY = range(9)  # columns of a table of chords
COLUMNS = 9
CLOSE = np.float32(0.01)  # radii from a curve that chords may be
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_TINY, _FAR = np.float32(1e-12), np.float32(3e38)


@kernel
def flatten(points, count, table):
    """Cut a curve into `count` chords, equal in its parameter; returns their length.

    points: (3, 2). table: (count or more, COLUMNS): of each chord its beginning, its vector, one over its
    squared length, its length, the length before it and its direction.
    """
    ax, ay, length = points[0, 0], points[0, 1], _ZERO
    tx, ty = points[2, 0] - points[0, 0], points[2, 1] - points[0, 1]
    whole = np.sqrt(tx * tx + ty * ty)
    tx, ty = (tx / whole, ty / whole) if whole > _TINY else (_ONE, _ZERO)
    for k in range(count):
        t = np.float32(k + 1) / np.float32(count)
        u = _ONE - t
        bx = u * u * points[0, 0] + _TWO * u * t * points[1, 0] + t * t * points[2, 0]
        by = u * u * points[0, 1] + _TWO * u * t * points[1, 1] + t * t * points[2, 1]
        ex, ey = bx - ax, by - ay
        square = ex * ex + ey * ey
        side = np.sqrt(square)
        if side > _TINY:
            tx, ty = ex / side, ey / side
        table[k, AX], table[k, AY], table[k, EX], table[k, EY] = ax, ay, ex, ey
        table[k, INVERSE] = _ONE / square if square > _TINY else _ZERO
        table[k, LENGTH], table[k, START], table[k, TX], table[k, TY] = side, length, tx, ty
        length += side
        ax, ay = bx, by
    return length


@kernel
def chords_of(points, radius, most):
    """How many chords a curve needs to be within a hundredth of the radius of it; `most` at most."""
    bx = points[0, 0] - _TWO * points[1, 0] + points[2, 0]
    by = points[0, 1] - _TWO * points[1, 1] + points[2, 1]
    bend = np.sqrt(bx * bx + by * by) * np.float32(0.25)  # one chord's distance from the whole curve
    return min(max(np.int64(np.ceil(np.sqrt(bend / (CLOSE * radius)))), 1), most)


@kernel
def rows_of(points, reach, y0, height):
    """The rows of a window that begins at y0, half-open, that may be within reach of a curve."""
    top = min(points[0, 1], points[1, 1], points[2, 1]) - reach - np.float32(y0)
    bottom = max(points[0, 1], points[1, 1], points[2, 1]) + reach - np.float32(y0)
    first = max(0, np.int64(np.floor(max(top, _ZERO) - _HALF)))
    return first, min(height, np.int64(np.ceil(min(bottom, np.float32(height)) + _HALF)))


@kernel
def row_range(table, count, y, reach, low, high):
    """The columns, from low to high, half-open, of a row of pixels that may be within reach of the chords."""
    first, last = _FAR, -_FAR
    for k in range(count):
        ay, ey = table[k, AY], table[k, EY]
        top, bottom = y - reach, y + reach
        t0, t1 = _ZERO, _ONE
        if abs(ey) > np.float32(1e-6):
            s0, s1 = (top - ay) / ey, (bottom - ay) / ey
            if s0 > s1:
                s0, s1 = s1, s0
            t0, t1 = max(t0, s0), min(t1, s1)
            if t0 > t1:
                continue
        elif ay < top or ay > bottom:
            continue
        x0, x1 = table[k, AX] + t0 * table[k, EX], table[k, AX] + t1 * table[k, EX]
        first, last = min(first, min(x0, x1) - reach), max(last, max(x0, x1) + reach)
    if first > last:
        return 0, 0
    begin = max(low, np.int64(np.floor(max(first, np.float32(low)) - _HALF)))
    end = min(high, np.int64(np.ceil(min(last, np.float32(high)) + _HALF)))
    return begin, max(begin, end)


@kernel
def nearest(table, count, x, y):
    """The chord nearest to a place: its number, where on it, 0..1, and the vector from there to the place."""
    best, found, where, fx, fy = _FAR, 0, _ZERO, _ZERO, _ZERO
    for k in range(count):
        px, py = x - table[k, AX], y - table[k, AY]
        ex, ey = table[k, EX], table[k, EY]
        t = min(max((px * ex + py * ey) * table[k, INVERSE], _ZERO), _ONE)
        vx, vy = px - t * ex, py - t * ey
        square = vx * vx + vy * vy
        if square < best:
            best, found, where, fx, fy = square, k, t, vx, vy
    return found, where, fx, fy


@kernel
def pressure_at(t, entry, end):
    """The pressure at a share of a stroke: from entry to the mean in a quarter, constant, then to the end."""
    middle = _HALF * (entry + end)
    if t < np.float32(0.25):
        return entry + (middle - entry) * t * np.float32(4)
    if t > np.float32(0.75):
        return middle + (end - middle) * (t - np.float32(0.75)) * np.float32(4)
    return middle

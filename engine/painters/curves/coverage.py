"""How much of a pixel a polyline of some width covers, and the slopes of that.

What is within half a width of the polyline is covered. A pixel sees it as a straight band across its unit
normal n, to which the pixel's box projects as a trapezoid: of the band from d - r to d + r that is exactly
its share (d: from the pixel's centre to the nearest point of the polyline, r: half the width). Around a
stroke's ends, which are round, quarters of a pixel are looked at so, each with a nearest point of its own.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import exact_kernel, kernel
from engine.painters.curves.touch import (
    AX,
    AY,
    EX,
    EY,
    HALF_DIAGONAL,
    INVERSE,
    NX,
    NY,
    START,
    normal_parts,
)

ENDS_REACH = np.float32(2.5)  # pixels along a polyline in which an end's parts find their nearest points
PARTS = 2  # of a pixel's side around ends
BLOCK = 64  # pixels of which the straight part of the arithmetic is done at a time, in lanes
SLOTS = 7  # numbers of each on the way back
BROAD = np.float32(2)  # from this radius on it pays to see first whether a pixel is inside
_ZERO, _HALF, _ONE = np.float32(0), np.float32(0.5), np.float32(1)
_PARTS, _SHARE = np.float32(PARTS), np.float32(1 / PARTS**2)
_FAR, _TINY = np.float32(3e38), np.float32(1e-9)
_WHOLE = np.float32(1 - 1e-6)  # but for roundings

FULL = -1  # the mark of a pixel that is wholly covered; 0 or more: the nearest segment
AT_END = -2  # or less: AT_END - mark is the nearest segment of a pixel at an end


@exact_kernel
def cover(table, n, radius, window, pixels, first, last):
    """Find the shares of pixels, first to last of them, that are covered, and leave out those that aren't.

    pixels: (rows, columns, marks, covers). marks: nearest segments, which become marks; covers: squared
    distances, which become shares. Returns the last.
    """
    rows, columns, marks, covers = pixels
    core = radius - HALF_DIAGONAL
    core = core * core if radius >= BROAD else -_ONE
    block, kept = np.ones(3 * BLOCK, np.float32), first
    for start in range(first, last, BLOCK):
        count = min(BLOCK, last - start)
        for lane in range(count):
            e = start + lane
            row = table[marks[e]]
            px, py = _centre_of(rows[e], columns[e], window)
            if covers[e] > core:
                block[lane], nx, ny, _ = _seen(row, px, py)
                block[BLOCK + lane], block[2 * BLOCK + lane] = normal_parts(nx, ny)
            else:
                block[lane] = _ZERO
        _bands(block, radius)
        for lane in range(count):
            e = start + lane
            k, share = np.int64(marks[e]), block[lane]
            mark = FULL if share > _WHOLE else k
            if table[k, START] < HALF_DIAGONAL or table[n, START] - table[k + 1, START] < HALF_DIAGONAL:
                px, py = _centre_of(rows[e], columns[e], window)
                low, high = _at_end(table, n, k, px, py)
                if low < high and covers[e] > core:
                    share, mark = _cover_parts(table, low, high, px, py, radius), AT_END - k
            rows[kept], columns[kept], marks[kept], covers[kept] = rows[e], columns[e], mark, share
            kept += np.int64(share > _ZERO)
    return kept


@exact_kernel
def _bands(block, radius):
    """From distances and the larger and smaller parts of normals, BLOCK of each, to shares: in lanes."""
    for lane in range(BLOCK):
        distance, long, short = block[lane], block[BLOCK + lane], block[2 * BLOCK + lane]
        block[lane] = _band(distance, long, short, radius, _ONE)


@exact_kernel
def _cover_parts(table, low, high, px, py, radius):
    """The share of a pixel at an end, whose parts are nearest to some of segments [low, high)."""
    total = _ZERO
    for part in range(PARTS * PARTS):
        x, y = _centre(px, py, part)
        distance, nx, ny, _ = _seen(table[_nearest(table, low, high, x, y)], x, y)
        long, short = normal_parts(nx, ny)
        total += _band(distance, long, short, radius, _PARTS)
    return min(total * _SHARE, _ONE)


@exact_kernel
def _centre_of(row, column, window):
    """The centre of a window's pixel."""
    return np.float32(column + window.x0) + _HALF, np.float32(row + window.y0) + _HALF


@exact_kernel
def _at_end(table, n, k, px, py):
    """The segments, half-open, among which a pixel's parts have their nearest ones; none: not at an end."""
    row, start, end, length = table[k], table[k, START], table[k + 1, START], table[n, START]
    t = min(max(((px - row[AX]) * row[EX] + (py - row[AY]) * row[EY]) * row[INVERSE], _ZERO), _ONE)
    along = start + t * (end - start)
    low, high = n, 0
    if along < HALF_DIAGONAL:
        low, high = 0, min(k + 2, n)
        while high < n and table[high, START] < ENDS_REACH:
            high += 1
    if length - along < HALF_DIAGONAL:
        low, high = min(low, max(k - 1, 0)), n
        while low > 0 and length - table[low, START] < ENDS_REACH:
            low -= 1
    return (low, high) if low < high else (0, 0)


@exact_kernel
def _centre(px, py, part):
    """The centre of a part of a pixel."""
    x = (np.float32(part % PARTS) + _HALF) / _PARTS - _HALF
    y = (np.float32(part // PARTS) + _HALF) / _PARTS - _HALF
    return px + x, py + y


@exact_kernel
def _nearest(table, low, high, x, y):
    """The nearest of segments [low, high) to a place."""
    best, found = _FAR, low
    for k in range(low, high):
        px, py, ex, ey = x - table[k, AX], y - table[k, AY], table[k, EX], table[k, EY]
        t = min(max((px * ex + py * ey) * table[k, INVERSE], _ZERO), _ONE)
        vx, vy = px - t * ex, py - t * ey
        square = vx * vx + vy * vy
        if square < best:
            best, found = square, k
    return found


@exact_kernel
def _seen(row, x, y):
    """A segment from a place: its distance, the unit normal there, and where along it, 0 to 1 on itself."""
    px, py = x - row[AX], y - row[AY]
    t = (px * row[EX] + py * row[EY]) * row[INVERSE]
    if _ZERO < t < _ONE:
        distance = px * row[NX] + py * row[NY]
        side = np.copysign(_ONE, distance)
        return abs(distance), side * row[NX], side * row[NY], t
    if t >= _ONE:
        px, py = px - row[EX], py - row[EY]
    distance = np.sqrt(px * px + py * py)
    if distance > _ZERO:
        return distance, px / distance, py / distance, t
    return distance, row[NX], row[NY], t


@exact_kernel
def _band(distance, long, short, radius, scale):
    """The share of a box, one over `scale` wide, that a band covers; long, short: parts of its normal."""
    share = _beside(scale * (distance + radius), long, short) - _beside(
        scale * (distance - radius), long, short
    )
    return min(share, _ONE)


@exact_kernel
def _beside(place, long, short):
    """The share of a unit box on one side of a place on its normal, from -.5 to .5 through its centre.

    Its projection ends half the sum of the normal's parts from there, and begins to sink at half their
    difference.
    """
    distance = min(abs(place), (long + short) * _HALF)
    over = max(distance - (long - short) * _HALF, _ZERO)
    return np.copysign((distance - over * over * _HALF / short) / long, place)


@kernel
def cover_slopes(table, n, radius, window, pixels, first, last, by_covers, by_vertices):
    """Add what slopes by shares mean for a polyline's vertices, (n + 1, 2); returns their sum by the radius.

    See `cover`. by_covers: float32, as many as there are pixels.
    """
    rows, columns, marks = pixels
    block, segments, by_radius = np.ones(SLOTS * BLOCK, np.float32), np.empty(BLOCK, np.int64), _ZERO
    count = 0
    for e in range(first, last):
        mark = np.int64(marks[e])
        if mark == FULL:
            continue
        px, py = _centre_of(rows[e], columns[e], window)
        if mark > FULL:
            _put(block, segments, count, table, mark, px, py, by_covers[e], _ONE)
            count += 1
        else:
            low, high = _at_end(table, n, AT_END - mark, px, py)
            for part in range(PARTS * PARTS):
                x, y = _centre(px, py, part)
                k = _nearest(table, low, high, x, y)
                _put(block, segments, count, table, k, x, y, by_covers[e] * _SHARE, _PARTS)
                count += 1
        if count > BLOCK - PARTS * PARTS or e == last - 1:
            by_radius += _spread(block, segments, count, table, radius, by_vertices)
            count = 0
    if count > 0:
        by_radius += _spread(block, segments, count, table, radius, by_vertices)
    return by_radius


@kernel
def _put(block, segments, lane, table, k, x, y, slope, scale):
    """Put a box, seen from segment k, into a lane."""
    segments[lane], row = k, table[k]
    distance, nx, ny, t = _seen(row, x, y)
    block[lane], block[BLOCK + lane], block[2 * BLOCK + lane], block[3 * BLOCK + lane] = distance, nx, ny, t
    block[4 * BLOCK + lane], block[5 * BLOCK + lane] = slope, scale


@kernel
def _spread(block, segments, count, table, radius, by_vertices):
    """Take the slopes of `count` boxes to the vertices; returns their sum by the radius."""
    _band_slopes(block, radius)
    by_radius = _ZERO
    for lane in range(count):
        k, row, t = segments[lane], table[segments[lane]], block[3 * BLOCK + lane]
        by_distance, nx, ny = block[lane], block[BLOCK + lane], block[2 * BLOCK + lane]
        turning = block[4 * BLOCK + lane]
        by_radius += block[5 * BLOCK + lane]
        if _ZERO < t < _ONE:  # (-ny, nx) is along the segment or against it
            turning *= (row[EY] * nx - row[EX] * ny) * row[INVERSE]
            one, two = turning - by_distance * (_ONE - t), -turning - by_distance * t
            by_vertices[k, 0] += nx * one
            by_vertices[k, 1] += ny * one
            by_vertices[k + 1, 0] += nx * two
            by_vertices[k + 1, 1] += ny * two
        else:
            turning *= block[6 * BLOCK + lane]
            end = k + 1 if t >= _ONE else k
            by_vertices[end, 0] -= nx * by_distance - ny * turning
            by_vertices[end, 1] -= ny * by_distance + nx * turning
    return by_radius


@kernel
def _band_slopes(block, radius):
    """Of shares, in lanes.

    From (distance, normal x, y, ., slope, scale, .) to slopes by (distance, ., ., ., the normal's turning
    towards (-y, x), radius) and one over the distance.
    """
    for lane in range(BLOCK):
        distance, nx, ny = block[lane], block[BLOCK + lane], block[2 * BLOCK + lane]
        slope, scale = block[4 * BLOCK + lane], block[5 * BLOCK + lane]
        x, y = abs(nx), abs(ny)
        long, short = max(x, y), max(min(x, y), _TINY)
        outer, long_1, short_1 = _beside_slopes(scale * (distance + radius), long, short)
        inner, long_0, short_0 = _beside_slopes(scale * (distance - radius), long, short)
        by_long, by_short = long_1 - long_0, short_1 - short_0
        by_x, by_y = (by_long, by_short) if x >= y else (by_short, by_long)
        block[lane] = slope * scale * (outer - inner)
        block[4 * BLOCK + lane] = slope * (
            nx * np.copysign(_ONE, ny) * by_y - ny * np.copysign(_ONE, nx) * by_x
        )
        block[5 * BLOCK + lane] = slope * scale * (outer + inner)
        block[6 * BLOCK + lane] = _ONE / distance if distance > _TINY else _ZERO


@kernel
def _beside_slopes(place, long, short):
    """The slopes of _beside by the place, and by the larger and the smaller part of the normal."""
    distance = abs(place)
    over = max(distance - (long - short) * _HALF, _ZERO)
    passed = min(over / short, _ONE)  # of the ramp
    seen = _ONE if passed < _ONE else _ZERO
    half = np.copysign(_HALF, place) * seen / long
    larger = passed - (distance + distance - passed * over) / long
    return (_ONE - passed) / long, half * larger, half * passed * (passed - _ONE)

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
    BY_LONG,
    BY_SHORT,
    EX,
    EY,
    HALF_DIAGONAL,
    INVERSE,
    LONG,
    NX,
    NY,
    SHORT,
    START,
    normal_parts,
)

ENDS_REACH = np.float32(2.5)  # pixels along a polyline in which an end's parts find their nearest points
PARTS = 2  # of a pixel's side around ends
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
    kept = first
    for e in range(first, last):
        k = np.int64(marks[e])
        px, py = np.float32(columns[e] + window.x0) + _HALF, np.float32(rows[e] + window.y0) + _HALF
        share, mark = _ONE, FULL
        if covers[e] > core:
            share, mark = _cover(table, n, k, px, py, radius)
        rows[kept], columns[kept], marks[kept], covers[kept] = rows[e], columns[e], mark, min(share, _ONE)
        kept += np.int64(share > _ZERO)
    return kept


@exact_kernel
def _cover(table, n, k, px, py, radius):
    """A pixel's share and mark; k: the nearest segment."""
    low, high = _at_end(table, n, k, px, py)
    if low == high:
        share = _band(table[k], px, py, radius, _ONE)
        return share, FULL if share > _WHOLE else k
    total = _ZERO
    for part in range(PARTS * PARTS):
        x, y = _centre(px, py, part)
        total += _band(table[_nearest(table, low, high, x, y)], x, y, radius, _PARTS)
    return total * _SHARE, AT_END - k


@exact_kernel
def _at_end(table, n, k, px, py):
    """The segments, half-open, among which a pixel's parts have their nearest ones; none: not at an end."""
    row, start, end, length = table[k], table[k, START], table[k + 1, START], table[n, START]
    if start >= HALF_DIAGONAL and length - end >= HALF_DIAGONAL:
        return 0, 0
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
def _along(row, x, y):
    """Where on a segment's line, 0 to 1 on itself, a place is; and the place from the segment's beginning."""
    px, py = x - row[AX], y - row[AY]
    return (px * row[EX] + py * row[EY]) * row[INVERSE], px, py


@exact_kernel
def _from_end(row, t, px, py):
    """The distance and the unit normal of a place beside a segment from its nearer end."""
    if t >= _ONE:
        px, py = px - row[EX], py - row[EY]
    distance = np.sqrt(px * px + py * py)
    if distance > _ZERO:
        return distance, px / distance, py / distance
    return distance, row[NX], row[NY]


@exact_kernel
def _band(row, x, y, radius, scale):
    """The share of a box, one over `scale` wide, that a band covers."""
    t, px, py = _along(row, x, y)
    if _ZERO < t < _ONE:
        distance = abs(px * row[NX] + py * row[NY])
        long, short, by_long, by_short = row[LONG], row[SHORT], row[BY_LONG], row[BY_SHORT]
    else:
        distance, nx, ny = _from_end(row, t, px, py)
        long, short = normal_parts(nx, ny)
        by_long, by_short = _ONE / long, _HALF / short
    reach, ramp = (long + short) * _HALF, (long - short) * _HALF
    share = _beside(scale * (distance + radius), reach, ramp, by_long, by_short)
    return share - _beside(scale * (distance - radius), reach, ramp, by_long, by_short)


@exact_kernel
def _beside(place, reach, ramp, by_long, by_short):
    """The share of a unit box on one side of a place on its normal, from -.5 to .5 through its centre.

    Its projection ends at `reach`, and begins to sink at `ramp`.
    """
    distance = min(abs(place), reach)
    over = max(distance - ramp, _ZERO)
    share = (distance - over * over * by_short) * by_long
    return share if place > _ZERO else -share


@kernel
def cover_slopes(table, n, radius, window, pixels, first, last, by_covers, by_vertices):
    """Add what slopes by shares mean for a polyline's vertices, (n + 1, 2); returns their sum by the radius.

    See `cover`. by_covers: float32, as many as there are pixels.
    """
    rows, columns, marks = pixels
    by_radius = _ZERO
    for e in range(first, last):
        mark = np.int64(marks[e])
        if mark == FULL:
            continue
        slope = by_covers[e]
        px, py = np.float32(columns[e] + window.x0) + _HALF, np.float32(rows[e] + window.y0) + _HALF
        if mark >= 0:
            by_radius += _band_slopes(table[mark], px, py, radius, _ONE, slope, by_vertices[mark : mark + 2])
            continue
        low, high = _at_end(table, n, AT_END - mark, px, py)
        for part in range(PARTS * PARTS):
            x, y = _centre(px, py, part)
            k = _nearest(table, low, high, x, y)
            own = by_vertices[k : k + 2]
            by_radius += _band_slopes(table[k], x, y, radius, _PARTS, slope * _SHARE, own)
    return by_radius


@kernel
def _band_slopes(row, x, y, radius, scale, slope, by_ends):
    """The same for _band: adds to a segment's ends, (2, 2)."""
    t, px, py = _along(row, x, y)
    if _ZERO < t < _ONE:
        distance, nx, ny = px * row[NX] + py * row[NY], row[NX], row[NY]
        if distance < _ZERO:
            distance, nx, ny = -distance, -nx, -ny
        long, short, by_long, by_short = row[LONG], row[SHORT], row[BY_LONG], row[BY_SHORT]
    else:
        distance, nx, ny = _from_end(row, t, px, py)
        long, short = normal_parts(nx, ny)
        by_long, by_short = _ONE / long, _HALF / short
    ramp = (long - short) * _HALF
    outer, long_1, short_1 = _beside_slopes(scale * (distance + radius), short, ramp, by_long, by_short)
    inner, long_0, short_0 = _beside_slopes(scale * (distance - radius), short, ramp, by_long, by_short)
    by_distance = slope * scale * (outer - inner)
    along_x, along_y = long_1 - long_0, short_1 - short_0
    if abs(nx) < abs(ny):
        along_x, along_y = along_y, along_x
    # What happens when the normal turns towards (-ny, nx), which is along the segment or against it.
    turning = slope * (nx * np.copysign(along_y, along_y * ny) - ny * np.copysign(along_x, along_x * nx))
    if _ZERO < t < _ONE:
        turning *= (row[EY] * nx - row[EX] * ny) * row[INVERSE]
        first, second = turning - by_distance * (_ONE - t), -turning - by_distance * t
        by_ends[0, 0] += nx * first
        by_ends[0, 1] += ny * first
        by_ends[1, 0] += nx * second
        by_ends[1, 1] += ny * second
    elif distance > _TINY:
        turning /= distance
        end = 1 if t >= _ONE else 0
        by_ends[end, 0] -= nx * by_distance - ny * turning
        by_ends[end, 1] -= ny * by_distance + nx * turning
    return slope * scale * (outer + inner)


@exact_kernel
def _beside_slopes(place, short, ramp, by_long, by_short):
    """The slopes of _beside by the place, and by the larger and the smaller part of the normal."""
    distance = abs(place)
    over = max(distance - ramp, _ZERO)
    passed = over * (by_short + by_short)  # of the ramp
    if passed >= _ONE:
        return _ZERO, _ZERO, _ZERO
    half = np.copysign(_HALF, place) * by_long
    larger = passed - (distance + distance - passed * over) * by_long
    return (_ONE - passed) * by_long, half * larger, half * passed * (passed - _ONE)

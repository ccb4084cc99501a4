"""How much of a pixel a polyline of some width covers, and the slopes of that.

What is within half a width of the polyline is covered. A pixel sees it as a straight band across its unit
normal n, to which the pixel's box projects as a trapezoid: of the band from d - r to d + r that is exactly
its share (d: from the pixel's centre to the nearest point of the polyline, r: half the width). Around a
stroke's ends, which are round, quarters of a pixel are looked at so, each with a nearest point of its own.

A table has a row (ax, ay, ex, ey, inverse, nx, ny, start) for each segment: where it begins, where it goes,
one over its squared length (0: it has none), its unit normal, the polyline's length before it. The row
after the last has the whole length.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import exact_kernel, kernel

COLUMNS = 8
HALF_DIAGONAL = np.float32(0.7072)  # of a pixel, rounded up
ENDS_REACH = np.float32(2.5)  # pixels along a polyline in which an end's quarters find their nearest points

PARTS = 2  # of a pixel's side around ends
_ZERO, _HALF, _ONE, _TWO = (np.float32(number) for number in (0, 0.5, 1, 2))
_PARTS, _SHARE = np.float32(PARTS), np.float32(1 / PARTS**2)
_FAR, _TINY, _STEEP = np.float32(3e38), np.float32(1e-9), np.float32(0.05)
_PAD = np.float32(0.01)  # pixels, more than roundings

FULL = -1  # the mark of a pixel that is wholly covered; 0 or more: the nearest segment
AT_END = -2  # or less: AT_END - mark is the nearest segment of a pixel at an end


@exact_kernel
def measure(vertices, dx, dy, table):
    """Write the table of one polyline, vertices (m, 2) moved by (dx, dy); returns how many segments it has."""
    n = len(vertices) - 1
    start = _ZERO
    for k in range(n):
        ax, ay = vertices[k, 0] + dx, vertices[k, 1] + dy
        ex, ey = (vertices[k + 1, 0] + dx) - ax, (vertices[k + 1, 1] + dy) - ay
        square = ex * ex + ey * ey
        length = np.sqrt(square)
        row = table[k]
        row[0], row[1], row[2], row[3], row[7] = ax, ay, ex, ey, start
        row[4], row[5], row[6] = _ZERO, _ONE, _ZERO
        if square > _TINY:
            row[4], row[5], row[6] = _ONE / square, ey / length, -ex / length
        start += length
    table[n, 7] = start
    return n


@exact_kernel
def touch(table, n, reach, window, near, which, ends):
    """Find the nearest of n segments for all pixels of a window within `reach` of one.

    near: float32 (height, width), squared distances, and which: int32 (height, width), segments, are written
    in columns ends[y, 0] to ends[y, 1] of each row of int64 (height, 2). Returns these rows, half-open.
    """
    first, last = window.height, 0
    for k in range(n):
        ay, by = table[k, 1], table[k, 1] + table[k, 3]
        begin = _inside(min(ay, by) - reach - _HALF - _PAD, window.y0, window.height)
        end = _inside(max(ay, by) + reach + _HALF + _PAD, window.y0, window.height)
        first, last = min(first, begin), max(last, end)
    for y in range(first, last):
        ends[y, 0] = ends[y, 1] = 0
    for k in range(n):
        _touch_one(table[k], k, reach, window, near, which, ends)
    return first, last


@exact_kernel
def _inside(place, origin, size):
    """A place on an axis as a pixel from 0 to size, from `origin` on."""
    low, high = np.float32(origin), np.float32(origin + size)
    return np.int64(np.floor(min(max(place, low), high))) - origin


@exact_kernel
def _touch_one(row, k, reach, window, near, which, ends):
    """The same of segment k, which has this row of the table."""
    ax, ay, ex, ey, inverse, nx, ny = row[0], row[1], row[2], row[3], row[4], row[5], row[6]
    left, right = min(ax, ax + ex) - reach, max(ax, ax + ex) + reach
    top = _inside(min(ay, ay + ey) - reach - _HALF - _PAD, window.y0, window.height)
    bottom = _inside(max(ay, ay + ey) + reach + _HALF + _PAD, window.y0, window.height)
    steep = inverse > _ZERO and abs(nx) > _STEEP
    slope, half = _ZERO, _ZERO
    if steep:
        slope, half = ny / nx, reach / abs(nx)
    for y in range(top, bottom):
        py = np.float32(y + window.y0) + _HALF - ay
        low, high = left, right
        if steep:  # nor farther from the line
            middle = ax - py * slope
            low, high = max(low, middle - half), min(high, middle + half)
        begin = _inside(low - _HALF - _PAD, window.x0, window.width)
        end = _inside(high + _HALF + _PAD, window.x0, window.width)
        if begin >= end:
            continue
        _extend(near[y], ends[y], begin, end)
        nearest, segments = near[y, begin:end], which[y, begin:end]
        for x in range(len(nearest)):
            px = np.float32(x + begin + window.x0) + _HALF - ax
            t = min(max((px * ex + py * ey) * inverse, _ZERO), _ONE)
            vx, vy = px - t * ex, py - t * ey
            square = vx * vx + vy * vy
            if square < nearest[x]:
                nearest[x] = square
                segments[x] = k


@exact_kernel
def _extend(nearest, ends, begin, end):
    """Make room for columns [begin, end) of a row."""
    if ends[0] == ends[1]:
        nearest[begin:end] = _FAR
        ends[0], ends[1] = begin, end
        return
    if begin < ends[0]:
        nearest[begin : ends[0]] = _FAR
        ends[0] = begin
    if end > ends[1]:
        nearest[ends[1] : end] = _FAR
        ends[1] = end


@exact_kernel
def cover(table, n, k, px, py, square, radius):
    """The share of a pixel with centre (px, py) that is covered, and the pixel's mark.

    k: the nearest segment. square: its squared distance.
    """
    if radius >= HALF_DIAGONAL and square <= (radius - HALF_DIAGONAL) * (radius - HALF_DIAGONAL):
        return _ONE, FULL
    low, high = _at_end(table, n, k, px, py)
    if low == high:
        return _band(table[k], px, py, radius, _ONE), k
    total = _ZERO
    for part in range(PARTS * PARTS):
        x, y = _centre(px, py, part)
        total += _band(table[_nearest(table, low, high, x, y)], x, y, radius, _PARTS)
    return total * _SHARE, AT_END - k


@exact_kernel
def _at_end(table, n, k, px, py):
    """The segments, half-open, among which a pixel's parts have their nearest ones; none: not at an end."""
    row = table[k]
    t = min(max(((px - row[0]) * row[2] + (py - row[1]) * row[3]) * row[4], _ZERO), _ONE)
    along = row[7] + t * (table[k + 1, 7] - row[7])
    low, high = n, 0
    if along < HALF_DIAGONAL:
        low, high = 0, min(k + 2, n)
        while high < n and table[high, 7] < ENDS_REACH:
            high += 1
    if table[n, 7] - along < HALF_DIAGONAL:
        low, high = min(low, max(k - 1, 0)), n
        while low > 0 and table[n, 7] - table[low, 7] < ENDS_REACH:
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
        px, py, ex, ey = x - table[k, 0], y - table[k, 1], table[k, 2], table[k, 3]
        t = min(max((px * ex + py * ey) * table[k, 4], _ZERO), _ONE)
        vx, vy = px - t * ex, py - t * ey
        square = vx * vx + vy * vy
        if square < best:
            best, found = square, k
    return found


@exact_kernel
def _seen(row, x, y):
    """A segment from a place: its distance, the unit normal (x, y), and where along the segment, 0 to 1."""
    px, py, ex, ey, nx, ny = x - row[0], y - row[1], row[2], row[3], row[5], row[6]
    t = (px * ex + py * ey) * row[4]
    if _ZERO < t < _ONE:
        distance = px * nx + py * ny
        return (distance, nx, ny, t) if distance >= _ZERO else (-distance, -nx, -ny, t)
    t = min(max(t, _ZERO), _ONE)
    vx, vy = px - t * ex, py - t * ey
    distance = np.sqrt(vx * vx + vy * vy)
    if distance > _ZERO:
        nx, ny = vx / distance, vy / distance
    return distance, nx, ny, t


@exact_kernel
def _band(row, x, y, radius, scale):
    """The share of a box, one over `scale` wide, that a band covers."""
    distance, nx, ny, _ = _seen(row, x, y)
    long, short = max(abs(nx), abs(ny)), max(min(abs(nx), abs(ny)), _TINY)
    outer, inner = scale * (distance + radius), scale * (distance - radius)
    return _cumulative(outer, long, short) - _cumulative(inner, long, short)


@exact_kernel
def _cumulative(place, long, short):
    """The share of a unit box on one side of a place on its normal, from -.5 to .5 through its centre.

    long, short: the normal's larger and smaller part.
    """
    distance = min(abs(place), (long + short) * _HALF)
    over = max(distance - (long - short) * _HALF, _ZERO)
    share = (distance - over * over * _HALF / short) / long
    return share if place > _ZERO else -share


@kernel
def cover_slopes(table, n, mark, px, py, radius, slope, by_vertices):
    """Add what a slope by a pixel's cover means for a polyline's vertices, (n + 1, 2); returns that for r."""
    if mark == FULL:
        return _ZERO
    if mark >= 0:
        return _band_slopes(table[mark], px, py, radius, _ONE, slope, by_vertices[mark : mark + 2])
    low, high = _at_end(table, n, AT_END - mark, px, py)
    by_radius = _ZERO
    for part in range(PARTS * PARTS):
        x, y = _centre(px, py, part)
        k = _nearest(table, low, high, x, y)
        own = by_vertices[k : k + 2]
        by_radius += _band_slopes(table[k], x, y, radius, _PARTS, slope * _SHARE, own)
    return by_radius


@kernel
def _band_slopes(row, x, y, radius, scale, slope, by_ends):
    """The same for _band: adds to a segment's ends, (2, 2)."""
    distance, nx, ny, t = _seen(row, x, y)
    long, short = max(abs(nx), abs(ny)), max(min(abs(nx), abs(ny)), _TINY)
    outer, inner = scale * (distance + radius), scale * (distance - radius)
    by_outer, long_1, short_1 = _cumulative_slopes(outer, long, short)
    by_inner, long_0, short_0 = _cumulative_slopes(inner, long, short)
    by_long, by_short = long_1 - long_0, short_1 - short_0
    by_distance = slope * scale * (by_outer - by_inner)
    by_nx, by_ny = (by_long, by_short) if abs(nx) >= abs(ny) else (by_short, by_long)
    turning = slope * (nx * np.copysign(_ONE, ny) * by_ny - ny * np.copysign(_ONE, nx) * by_nx)
    if _ZERO < t < _ONE:
        # Of the normal towards (-ny, nx), which is along the segment or against it.
        turning *= np.copysign(np.sqrt(row[4]), -(row[2] * ny - row[3] * nx))
        first, second = turning - by_distance * (_ONE - t), -turning - by_distance * t
        by_ends[0, 0] += nx * first
        by_ends[0, 1] += ny * first
        by_ends[1, 0] += nx * second
        by_ends[1, 1] += ny * second
    elif distance > _TINY:
        turning /= distance
        end = 1 if t > _HALF else 0
        by_ends[end, 0] -= nx * by_distance - ny * turning
        by_ends[end, 1] -= ny * by_distance + nx * turning
    return slope * scale * (by_outer + by_inner)


@exact_kernel
def _cumulative_slopes(place, long, short):
    """The slopes of _cumulative by its three arguments."""
    distance = abs(place)
    ramp = max((distance - (long - short) * _HALF) / short, _ZERO)  # how much of it has been passed
    if ramp >= _ONE:
        return _ZERO, _ZERO, _ZERO
    half = np.copysign(_HALF, place)
    by_long = (ramp - (_TWO * distance - ramp * ramp * short) / long) / long
    return (_ONE - ramp) / long, half * by_long, half * ramp * (ramp - _ONE) / long

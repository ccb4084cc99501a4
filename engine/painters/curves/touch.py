"""Which pixels a polyline touches, and which of its segments is the nearest to each."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import exact_kernel

# A table has a row for each segment: where it begins, where it goes, one over its squared length (0: it has
# none), its unit normal, the length before it. The row after the last has the length of all.
AX, AY, EX, EY, INVERSE, NX, NY, START = range(8)
COLUMNS = 8
HALF_DIAGONAL = np.float32(0.7072)  # of a pixel, rounded up
_ZERO, _HALF, _ONE = np.float32(0), np.float32(0.5), np.float32(1)
_FAR, _TINY, _FLAT = np.float32(3e38), np.float32(1e-9), np.float32(0.01)
_PAD = np.float32(0.01)  # pixels, more than roundings


@exact_kernel
def measure(vertices, dx, dy, table):
    """Write the table of a polyline, vertices (m, 2) moved by (dx, dy); returns how many segments it has."""
    n = len(vertices) - 1
    start = _ZERO
    for k in range(n):
        ax, ay = vertices[k, 0] + dx, vertices[k, 1] + dy
        ex, ey = (vertices[k + 1, 0] + dx) - ax, (vertices[k + 1, 1] + dy) - ay
        square = ex * ex + ey * ey
        length = np.sqrt(square)
        row = table[k]
        row[AX], row[AY], row[EX], row[EY], row[START] = ax, ay, ex, ey, start
        row[INVERSE], row[NX], row[NY] = _ZERO, _ONE, _ZERO
        if square > _TINY:
            row[INVERSE], row[NX], row[NY] = _ONE / square, ey / length, -ex / length
        start += length
    table[n, START] = start
    return n


@exact_kernel
def normal_parts(nx, ny):
    """The larger and the smaller part of a normal, absolute, and not quite zero."""
    x, y = abs(nx), abs(ny)
    return max(x, y), max(min(x, y), _TINY)


@exact_kernel
def touch(table, n, radius, window, box, scratch, pixels, m):
    """List the pixels of a window near a polyline's n segments, from m on; returns where they end.

    box: a window inside it that has them all. scratch: (near, which, ends), float32 and int32 of the box's
    (height, width), int64 (height, 2). pixels: (rows, columns, marks, covers), of which marks become the
    nearest segments, and covers their squared distances.
    """
    near, which, ends = scratch
    rows, columns, marks, covers = pixels
    reach = radius + HALF_DIAGONAL
    for y in range(box.height):
        ends[y, 0] = ends[y, 1] = 0
    for k in range(n):
        _touch_one(table, n, k, reach, box, near, which, ends)
    across, down = box.x0 - window.x0, box.y0 - window.y0
    for y in range(box.height):
        for x in range(ends[y, 0], ends[y, 1]):
            rows[m], columns[m], marks[m], covers[m] = y + down, x + across, which[y, x], near[y, x]
            m += np.int64(near[y, x] < reach * reach)
    return m


@exact_kernel
def _inside(place, origin, size):
    """A place on an axis as a pixel from 0 to size, from `origin` on."""
    low, high = np.float32(origin), np.float32(origin + size)
    return np.int64(np.floor(min(max(place, low), high))) - origin


@exact_kernel
def _touch_one(table, n, k, reach, window, near, which, ends):
    """Find out where segment k is the nearest so far.

    It looks at the rectangle `reach` to both sides, as long as the segment, and where the polyline turns at
    its end at what is nearest to that. ends[y, 0] to ends[y, 1]: columns of row y that have been looked at.
    """
    row = table[k]
    ax, ay, ex, ey, inverse, nx, ny = row[AX], row[AY], row[EX], row[EY], row[INVERSE], row[NX], row[NY]
    length = table[k + 1, START] - row[START]
    before = reach if k == 0 or inverse == _ZERO else _ZERO
    after = _beyond(table, n, k, reach)
    side = reach + _PAD
    begin, end = -before - _PAD, length + after + _PAD
    down = _HALF + side * abs(ny)
    top, bottom = ay + min(begin * nx, end * nx) - down, ay + max(begin * nx, end * nx) + down
    first = _inside(top, window.y0, window.height)
    last = _inside(bottom, window.y0, window.height)
    side_low, side_high, side_slope = _across(nx, ny, -side, side)
    low, high, slope = _across(-ny, nx, begin, end)
    for y in range(first, last):
        py = np.float32(y + window.y0) + _HALF - ay
        left = ax + max(side_low - py * side_slope, low - py * slope) - _HALF
        right = ax + min(side_high - py * side_slope, high - py * slope) + _HALF
        left, right = _inside(left, window.x0, window.width), _inside(right, window.x0, window.width)
        if left >= right:
            continue
        _extend(near[y], ends[y], left, right)
        nearest, segments = near[y, left:right], which[y, left:right]
        for x in range(len(nearest)):
            px = np.float32(x + left + window.x0) + _HALF - ax
            t = min(max((px * ex + py * ey) * inverse, _ZERO), _ONE)
            vx, vy = px - t * ex, py - t * ey
            square = vx * vx + vy * vy
            if square < nearest[x]:
                nearest[x] = square
                segments[x] = k


@exact_kernel
def _beyond(table, n, k, reach):
    """How far beyond the end of segment k, along it, its end may be what is nearest within reach."""
    if k == n - 1 or table[k, INVERSE] == _ZERO or table[k + 1, INVERSE] == _ZERO:
        return reach
    ax, ay, bx, by = table[k, NX], table[k, NY], table[k + 1, NX], table[k + 1, NY]
    return reach * abs(ax * by - ay * bx) if ax * bx + ay * by > _ZERO else reach


@exact_kernel
def _across(a, b, low, high):
    """Where on a row a x + b y is between low and high: x is between the first two less the third times y."""
    if abs(a) < _FLAT:
        return -_FAR, _FAR, _ZERO
    first, second = low / a, high / a
    return min(first, second), max(first, second), b / a


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

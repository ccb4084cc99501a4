"""The one rasteriser: a polygon becomes spans of exact-area coverage, and spans are blended into layers.

Coordinates are pixels with (0, 0) the upper left corner; a pixel's coverage is the exact area of the polygon
inside it (signed areas accumulated along each row, as in font-rs and stb_truetype v2). Outlines must be
simple; their orientation doesn't matter.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel

SPAN_DTYPE = np.dtype([("y", np.int32), ("x0", np.int32), ("x1", np.int32), ("cover", np.float32)])


@kernel
def rasterise(points, x0, y0, x1, y1, spans, row):
    """Cut a polygon into spans of equal coverage inside a half-open box of pixels.

    points: float32 (vertices, 2); the last one may be repeated. spans: SPAN_DTYPE, room for the box's pixels,
    relative to the box. row: float32 scratch, at least box width + 2, zero before and after. Returns the
    number of spans.
    """
    vertices = _distinct(points)
    width = x1 - x0
    top = points[0, 1]
    bottom = top
    for v in range(1, vertices):
        top = min(top, points[v, 1])
        bottom = max(bottom, points[v, 1])
    first = max(y0, np.int64(np.floor(top)))
    last = min(y1, np.int64(np.ceil(bottom)))
    count = 0
    for y in range(first, last):
        lo, gap, after, hi = width, width, width, -1
        upper = np.float32(y)
        lower = np.float32(y + 1)
        for v in range(vertices):
            ax, ay = points[v, 0], points[v, 1]
            following = v + 1 if v + 1 < vertices else 0
            bx, by = points[following, 0], points[following, 1]
            start = min(max(ay, upper), lower)
            stop = min(max(by, upper), lower)
            if start == stop:
                continue
            slope = (bx - ax) / (by - ay)
            xa = ax + (start - ay) * slope - np.float32(x0)
            xb = ax + (stop - ay) * slope - np.float32(x0)
            left, right = _accumulate(row, width, xa, xb, stop - start)
            lo, gap, after, hi = _extended(lo, gap, after, hi, left, right + 1)
        count = _emit(row, width, lo, gap, after, hi, y - y0, spans, count)
    return count


@kernel
def _extended(lo, gap, after, hi, left, right):
    """Columns [lo, gap) and [after, hi) have been touched at most; what they are with [left, right).

    A row of a convex outline has two edges, and what lies between them needs no look. At first hi is -1.
    """
    if hi < 0:
        return left, right, right, right
    if gap == after:  # one piece so far
        if left > hi:
            return lo, hi, left, right
        if right < lo:
            return left, right, lo, hi
        hi = max(hi, right)
        return min(lo, left), hi, hi, hi
    lo, hi = min(lo, left), max(hi, right)
    if left > gap:
        return lo, gap, min(after, left), hi
    gap = max(gap, right)
    return (lo, gap, after, hi) if gap < after else (lo, hi, hi, hi)


@kernel
def _distinct(points):
    """How many vertices there are before the last one is repeated, to fill up an array."""
    last = points.shape[0] - 1
    v = 0
    while v < last and (points[v, 0] != points[last, 0] or points[v, 1] != points[last, 1]):
        v += 1
    return v + 1


@kernel
def _accumulate(row, width, xa, xb, height):
    """Add an edge's piece within one row: what it covers to its right, as differences along the row.

    Returns the first and last column touched; right of the box both are its width.
    """
    left = min(xa, xb)
    right = max(xa, xb)
    if left >= width:
        return width, width
    if right <= 0:
        row[0] += height
        return 0, 0
    if left < 0:
        outside = height * (left / (left - right))
        row[0] += outside
        height -= outside
        left = np.float32(0)
    if right > width:
        height *= (np.float32(width) - left) / (right - left)
        right = np.float32(width)
    i = np.int64(left)
    j = np.int64(right)
    if i == j:
        mean = np.float32(0.5) * (left + right) - np.float32(i)
        row[i] += height * (np.float32(1) - mean)
        row[i + 1] += height * mean
        return i, i + 1
    inverse = np.float32(1) / (right - left)
    head = np.float32(1) - (left - np.float32(i))
    tail = right - np.float32(j)
    first = np.float32(0.5) * inverse * head * head
    last = np.float32(0.5) * inverse * tail * tail
    row[i] += height * first
    if j == i + 1:
        row[j] += height * (np.float32(1) - first - last)
    else:
        second = inverse * (head + np.float32(0.5))
        row[i + 1] += height * (second - first)
        for x in range(i + 2, j):
            row[x] += height * inverse
        row[j] += height * (np.float32(1) - second - np.float32(j - i - 2) * inverse - last)
    row[j + 1] += height * last
    return i, j + 1


@kernel
def _emit(row, width, lo, gap, after, hi, y, spans, count):
    """Turn one row's differences, in columns [lo, gap) and [after, hi), into spans, and clear them."""
    cover = np.float32(0)
    x = lo
    end = min(hi, width)
    while x < end:
        cover += row[x]
        row[x] = np.float32(0)
        stop = x + 1
        while stop < end and row[stop] == 0:
            stop = stop + 1 if stop != gap else after
        stop = min(stop, end)
        visible = min(abs(cover), np.float32(1))
        if visible > np.float32(1e-4):
            spans[count].y = y
            spans[count].x0 = x
            spans[count].x1 = stop
            spans[count].cover = visible
            count += 1
        x = stop
    for x in range(end, hi):
        row[x] = np.float32(0)
    return count


@kernel
def blend(layers, spans, count, colour, opacity):
    """Paint spans over layers: layer += opacity * coverage * (colour - layer).

    layers: float32 (channels, height, width), changed in place. colour: float32 (channels,).
    """
    for s in range(count):
        y = spans[s].y
        left = spans[s].x0
        right = spans[s].x1
        alpha = opacity * spans[s].cover
        keep = np.float32(1) - alpha
        if right - left == 1:  # most are: the edges
            for channel in range(layers.shape[0]):
                layers[channel, y, left] = keep * layers[channel, y, left] + alpha * colour[channel]
        else:
            for channel in range(layers.shape[0]):
                value = alpha * colour[channel]
                pixels = layers[channel, y, left:right]  # whose step the compiler knows, and uses lanes
                for x in range(pixels.shape[0]):
                    pixels[x] = keep * pixels[x] + value

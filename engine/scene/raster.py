"""The one rasteriser: a polygon becomes spans of exact-area coverage, and spans are blended into layers.

Coordinates are pixels with (0, 0) the upper left corner; a pixel's coverage is the exact area of the polygon
inside it (signed areas accumulated along each row, as in font-rs and stb_truetype v2). Outlines must be
simple; their orientation doesn't matter.

What a window shows is to the last bit what the whole picture shows there. So everything is computed from the
picture's own coordinates, one operation after the other (exact kernels), and what an edge covers is
rounded to multiples of a power of two, whose sums are exact in any order and from any column on.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import exact_kernel

# Adding it to a number from -1 to 1 and taking it away again rounds that to a multiple of 2**-19: so many
# places has a float32 between 16 and 32. Sums of such numbers up to 32 are exact.
ROUND = np.float32(24)

SPAN_DTYPE = np.dtype([("y", np.int32), ("x0", np.int32), ("x1", np.int32), ("cover", np.float32)])


@exact_kernel
def rasterise(points, x0, y0, x1, y1, spans, row):
    """Cut a polygon into spans of equal coverage inside a half-open box of pixels.

    points: float32 (vertices, 2); the last one may be repeated. spans: SPAN_DTYPE, room for the box's pixels,
    relative to the box. row: float32 scratch, at least box width + 2, zero before and after. Returns the
    number of spans.
    """
    vertices = _distinct(points)
    width = x1 - x0
    origin, limit = np.float32(x0), np.float32(x1)
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
            xa = ax + (start - ay) * slope
            xb = ax + (stop - ay) * slope
            # Each rounded by itself: what two edges have in common cancels.
            height = _rounded(stop - upper) - _rounded(start - upper)
            left, right = min(xa, xb), max(xa, xb)
            if left >= origin and right < limit:  # from the row's beginning on they are as exact
                begin, end = _accumulate(row, left - origin, right - origin, height)
            else:
                begin, end = _accumulate_part(row, x0, width, left, right, height)
            lo, gap, after, hi = _extended(lo, gap, after, hi, begin, end)
        count = _emit(row, width, lo, gap, after, hi, y - y0, spans, count)
    return count


@exact_kernel
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


@exact_kernel
def _distinct(points):
    """How many vertices there are before the last one is repeated, to fill up an array."""
    last = points.shape[0] - 1
    v = last
    while v > 0 and points[v - 1, 0] == points[last, 0] and points[v - 1, 1] == points[last, 1]:
        v -= 1
    return v + 1


@exact_kernel
def _rounded(share):
    return (share + ROUND) - ROUND


@exact_kernel
def _accumulate(row, left, right, height):
    """Add an edge's piece within one row: what it covers to its right, as differences along the row.

    left, right: where the piece begins and ends, inside the row. height: what it covers of a pixel wholly to
    its right, rounded. Returns the columns touched, half-open.
    """
    i = np.int64(left)
    j = np.int64(right)
    if i == j:
        mean = np.float32(0.5) * ((left - np.float32(i)) + (right - np.float32(i)))
        covered = _rounded(height * (np.float32(1) - mean))
        row[i] += covered
        row[i + 1] += height - covered
        return i, i + 2
    inverse = np.float32(1) / (right - left)
    head = np.float32(1) - (left - np.float32(i))
    tail = right - np.float32(j)
    first = _rounded(height * (np.float32(0.5) * inverse * head * head))
    last = _rounded(height * (np.float32(1) - np.float32(0.5) * inverse * tail * tail))
    row[i] += first
    if j == i + 1:
        row[j] += last - first
    else:
        second = inverse * (head + np.float32(0.5))
        covered = _rounded(height * second)
        row[i + 1] += covered - first
        for x in range(i + 2, j):
            before = covered
            covered = _rounded(height * (second + np.float32(x - i - 1) * inverse))
            row[x] += covered - before
        row[j] += last - covered
    row[j + 1] += height - last
    return i, j + 2


@exact_kernel
def _accumulate_part(row, x0, width, left, right, height):
    """The same of a piece that begins or ends outside a row of `width` pixels from x0 on.

    left, right: from the picture's border on. To the right of the row the columns are (width, width + 1).
    """
    i = np.int64(np.floor(left))
    j = np.int64(np.floor(right))
    if i >= x0 + width:
        return width, width + 1
    if j < x0:
        row[0] += height
        return 0, 1
    head = np.float32(1) - (left - np.float32(i))
    tail = right - np.float32(j)
    inverse = np.float32(1) / (right - left)
    second = inverse * (head + np.float32(0.5))
    begin, end = max(i - x0, 0), min(j - x0, width - 1)
    before = np.float32(0)
    for x in range(begin, end + 1):
        column = x + x0
        if i == j:
            share = np.float32(1) - np.float32(0.5) * ((left - np.float32(i)) + tail)
        elif column == i:
            share = np.float32(0.5) * inverse * head * head
        elif column == j:
            share = np.float32(1) - np.float32(0.5) * inverse * tail * tail
        else:
            share = second + np.float32(column - i - 1) * inverse
        covered = _rounded(height * share)
        row[x] += covered - before
        before = covered
    row[end + 1] += height - before  # beyond the row nobody looks at it
    return begin, end + 2


@exact_kernel
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


@exact_kernel
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
                value = alpha * colour[channel]
                layers[channel, y, left] = keep * layers[channel, y, left] + value
        else:
            for channel in range(layers.shape[0]):
                value = alpha * colour[channel]
                pixels = layers[channel, y, left:right]  # whose step the compiler knows, and uses lanes
                for x in range(pixels.shape[0]):
                    pixels[x] = keep * pixels[x] + value

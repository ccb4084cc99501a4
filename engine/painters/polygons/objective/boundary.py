"""Scoring by boundary sums: what a polygon would be worth, with its best colour and opacity, from its edges.

Fix all polygons but one. Let B be the composite below it and let those above map a colour X to S + T*X.
Put A = target - S - T*B, what is missing without the polygon, and P = T*B. With opacity a and colour col
the squared error over the polygon's inside changes by

    2a(sum A.P - col.sum T*A) + a^2(sum P.P - 2 col.sum T*P + |col|^2 sum T^2)

which needs nine sums. A fourth channel, what shows of the paper, of which no polygon has any, needs no more
of them: it is a part of sum A.P and sum P.P alone. The sums are kept as running sums along each row; by
Green's theorem on the pixel grid the sum over any outline is then a signed sum over the rows that its edges
cross.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.simd import LANES, fma, load, pack9, splat, store


class Looks(NamedTuple):
    """What a polygon may look like."""

    lowest: np.float32  # opacity
    highest: np.float32
    palette: NDArray[np.float32]  # (n, 3); none: any colour


class BoxTable(NamedTuple):
    """The running sums of a box of a window; kernels that score outlines one by one take them singly."""

    table: NDArray[np.float32]  # as accumulate writes it
    width: int  # of the box
    height: int
    x0: np.float32  # its place in the window
    y0: np.float32
    region: tuple[np.float32, np.float32, np.float32, np.float32]  # x0, y0, x1, y1 where an outline may be


@kernel
def residuals(target, below, above, x0, y0, missing, passed):
    """A = target - S - T*B and P = T*B over a box.

    target, below: float32 (channels, height, width) of the window. above: (channels + 1, h, w) of the box, S
    and T. x0, y0: the box's place in the window. missing, passed: (channels, h, w) of the box, written.
    """
    channels = target.shape[0]
    for channel in range(channels):
        for y in range(above.shape[1]):
            for x in range(above.shape[2]):
                through = above[channels, y, x] * below[channel, y0 + y, x0 + x]
                passed[channel, y, x] = through
                missing[channel, y, x] = target[channel, y0 + y, x0 + x] - above[channel, y, x] - through


@kernel
def weigh(sqrt_weights, x0, y0, above, missing, passed):
    """Multiply A, P and T over a box by the roots of the pixels' weights: that weighs all nine sums.

    sqrt_weights: as planes.sqrt_weights gives them, of the window; none change nothing. The others as
    residuals leaves them.
    T counts for colours alone, as the fourth channel has none.
    """
    if sqrt_weights.shape[0] == 0:
        return
    channels = missing.shape[0]
    for y in range(above.shape[1]):
        for x in range(above.shape[2]):
            root = sqrt_weights[0, y0 + y, x0 + x]
            above[channels, y, x] *= root
            for channel in range(3):
                missing[channel, y, x] *= root
                passed[channel, y, x] *= root
            if channels == 4:
                missing[3, y, x] *= sqrt_weights[1, y0 + y, x0 + x]
                passed[3, y, x] *= sqrt_weights[1, y0 + y, x0 + x]


@kernel
def accumulate(missing, passed, above, x0, y0, y1, table):
    """Write the running sums of the nine quantities for rows y0 to y1, from column x0 to the right end.

    table: flat float32; line (y, x) holds the sums over the pixels left of column x of row y. There are two
    columns more than pixels, so that both neighbours of a crossing always exist.
    """
    width = above.shape[2]
    channels = missing.shape[0]
    for y in range(y0, y1):
        base = y * (width + 2) * LANES
        if x0 == 0:
            total = splat(np.float32(0))
            store(table, base, total)
        else:
            total = load(table, base + x0 * LANES)
        for x in range(x0, width):
            t = above[channels, y, x]
            a0, a1, a2 = missing[0, y, x], missing[1, y, x], missing[2, y, x]
            p0, p1, p2 = passed[0, y, x], passed[1, y, x], passed[2, y, x]
            ap = a0 * p0 + a1 * p1 + a2 * p2
            pp = p0 * p0 + p1 * p1 + p2 * p2
            if channels == 4:
                ap += missing[3, y, x] * passed[3, y, x]
                pp += passed[3, y, x] * passed[3, y, x]
            nine = pack9(t * t, t * a0, t * a1, t * a2, t * p0, t * p1, t * p2, ap, pp)
            total = fma(nine, splat(np.float32(1)), total)
            store(table, base + (x + 1) * LANES, total)
        store(table, base + (width + 1) * LANES, total)


@kernel
def edge_sum(table, width, height, ax, ay, bx, by, sums, slot):
    """The part of an edge in the nine sums: running sums where it crosses the rows' centres.

    Written to sums[slot : slot + 16]. Interpolating between two columns anti-aliases horizontally; crossings
    outside the box are clamped to it, which clips the polygon to the box exactly.
    """
    sign = np.float32(1)
    if by < ay:
        ax, ay, bx, by = bx, by, ax, ay
        sign = np.float32(-1)
    half = np.float32(0.5)
    first = max(np.int64(np.ceil(ay - half)), 0)
    last = min(np.int64(np.ceil(by - half)), height)
    left = splat(np.float32(0))
    right = splat(np.float32(0))
    if first < last:
        slope = (bx - ax) / (by - ay)
        x = ax + (np.float32(first) + half - ay) * slope
        stride = (width + 2) * LANES
        base = first * stride
        limit = np.float32(width)
        for _ in range(first, last):
            inside = min(max(x, np.float32(0)), limit)
            column = np.int64(inside)
            share = (inside - np.float32(column)) * sign
            at = base + column * LANES
            left = fma(load(table, at), splat(sign - share), left)
            right = fma(load(table, at + LANES), splat(share), right)
            x += slope
            base += stride
    store(sums, slot, fma(left, splat(np.float32(1)), right))


@kernel
def solve(sums, at, looks):
    """The best colour and opacity for nine sums: (change of squared error, opacity, red, green, blue).

    sums: flat float32, the nine from index `at` on. looks: a Looks.

    The change is a convex quadratic in a and a*col together, so the free optimum has a closed form; where it
    leaves the gamut or the range of opacities it is clipped, and the other of the two is solved anew.
    """
    sign = np.float32(1) if sums[at] >= 0 else np.float32(-1)  # the outline's orientation
    tt = sign * sums[at]
    if tt < np.float32(1e-3):
        return _colourless(looks, sign * sums[at + 7], sign * sums[at + 8])
    ta0, ta1, ta2 = sign * sums[at + 1], sign * sums[at + 2], sign * sums[at + 3]
    tp0, tp1, tp2 = sign * sums[at + 4], sign * sums[at + 5], sign * sums[at + 6]
    ap, pp = sign * sums[at + 7], sign * sums[at + 8]
    if looks.palette.shape[0] > 0:
        return _choose(looks, tt, ta0, ta1, ta2, tp0, tp1, tp2, ap, pp)
    one = np.float32(1)
    inverse = one / tt
    curvature = pp - (tp0 * tp0 + tp1 * tp1 + tp2 * tp2) * inverse
    slope = ap - (ta0 * tp0 + ta1 * tp1 + ta2 * tp2) * inverse
    a = looks.highest
    if curvature > np.float32(1e-6) * pp:
        a = min(max(-slope / curvature, looks.lowest), looks.highest)
    r, g, b = _colour(a, inverse, ta0, ta1, ta2, tp0, tp1, tp2)
    if min(r, g, b) <= 0 or max(r, g, b) >= one:
        square = pp - 2 * (r * tp0 + g * tp1 + b * tp2) + (r * r + g * g + b * b) * tt
        if square > np.float32(1e-6) * pp:
            a = min(max((r * ta0 + g * ta1 + b * ta2 - ap) / square, looks.lowest), looks.highest)
            r, g, b = _colour(a, inverse, ta0, ta1, ta2, tp0, tp1, tp2)
    linear = ap - (r * ta0 + g * ta1 + b * ta2)
    square = pp - 2 * (r * tp0 + g * tp1 + b * tp2) + (r * r + g * g + b * b) * tt
    return 2 * a * linear + a * a * square, a, r, g, b


@kernel
def _choose(looks, tt, ta0, ta1, ta2, tp0, tp1, tp2, ap, pp):
    """The best of a palette's colours, each with its best opacity: the minimum of a parabola."""
    best = np.float32(np.inf)
    opacity = looks.highest
    chosen = 0
    for index in range(looks.palette.shape[0]):
        r, g, b = looks.palette[index, 0], looks.palette[index, 1], looks.palette[index, 2]
        linear = ap - (r * ta0 + g * ta1 + b * ta2)
        square = pp - 2 * (r * tp0 + g * tp1 + b * tp2) + (r * r + g * g + b * b) * tt
        a = looks.highest
        if square > np.float32(1e-6) * pp:
            a = min(max(-linear / square, looks.lowest), looks.highest)
        change = 2 * a * linear + a * a * square
        if change < best:
            best, opacity, chosen = change, a, index
    return best, opacity, looks.palette[chosen, 0], looks.palette[chosen, 1], looks.palette[chosen, 2]


@kernel
def _colourless(looks, ap, pp):
    """The best opacity where no colour counts: the polygon is hidden, or the target is clear there."""
    r, g, b = np.float32(0), np.float32(0), np.float32(0)
    if looks.palette.shape[0] > 0:
        r, g, b = looks.palette[0, 0], looks.palette[0, 1], looks.palette[0, 2]
    if pp < np.float32(0.1):
        return np.float32(0), looks.highest, r, g, b
    a = min(max(-ap / pp, looks.lowest), looks.highest)
    return 2 * a * ap + a * a * pp, a, r, g, b


@kernel
def _colour(a, inverse, ta0, ta1, ta2, tp0, tp1, tp2):
    scale = inverse / a
    zero = np.float32(0)
    one = np.float32(1)
    r = min(max((ta0 + a * tp0) * scale, zero), one)
    g = min(max((ta1 + a * tp1) * scale, zero), one)
    b = min(max((ta2 + a * tp2) * scale, zero), one)
    return r, g, b


@kernel
def true_change(missing, passed, above, spans, count, colour, opacity):
    """The change of squared error by exact-area spans: the same formula, pixel by pixel with its coverage."""
    change = np.float32(0)
    channels = missing.shape[0]
    for s in range(count):
        y = spans[s].y
        alpha = opacity * spans[s].cover
        for channel in range(channels):
            tint = colour[channel]
            part = np.float32(0)
            for x in range(spans[s].x0, spans[s].x1):
                step = alpha * (passed[channel, y, x] - tint * above[channels, y, x])
                part += step * (2 * missing[channel, y, x] + step)
            change += part
    return change


@kernel
def boundary(table, width, height, points, x0, y0, moved, before, sums):
    """The sums of an outline, from those of the outline before a vertex moved (-1: all did).

    x0, y0: the box's place in the window. before, sums: flat float32, 16 for each edge and 16 for the whole.
    """
    vertices = points.shape[0]
    one = splat(np.float32(1))
    total = splat(np.float32(0))
    for v in range(vertices):
        w = v + 1 if v + 1 < vertices else 0
        slot = v * LANES
        if moved < 0 or v == moved or w == moved:
            ax, ay, bx, by = points[v, 0] - x0, points[v, 1] - y0, points[w, 0] - x0, points[w, 1] - y0
            edge_sum(table, width, height, ax, ay, bx, by, sums, slot)
        else:
            store(sums, slot, load(before, slot))
        total = fma(load(sums, slot), one, total)
    store(sums, vertices * LANES, total)

"""The gradient of an outline's score with respect to its vertices: a line integral along its edges.

At the best colour and opacity the change of squared error doesn't depend on either to first order (the
envelope theorem), so both are fixed; where the colour is clipped, and so not quite the best, the gradient is
slightly off. What is left are the nine sums, weighted as in boundary.py; a crossing that moves by dx changes
a sum by dx times that sum's value in the pixel that it lies in. Rows that an edge begins or ceases to cross
need no care: at a vertex the crossings of both edges are the same.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.kernels.simd import LANES, fma, load, pack9, splat, store
from engine.scene.geometry import orientation


@kernel
def outline_gradient(table, width, height, points, x0, y0, found, point_gradient, scratch):
    """Write d(change) / d(points), float32 (vertices, 2).

    table, width, height, x0, y0: as in boundary. found: what solve says of the outline.
    scratch: flat float32, at least 32.
    """
    vertices = points.shape[0]
    for v in range(vertices):
        point_gradient[v, 0] = point_gradient[v, 1] = np.float32(0)
    change, a, r, g, b = found
    if change == 0:  # solve has refused the outline
        return
    two = np.float32(2)
    twice = two * orientation(points)
    halves = np.float32(0.5) * twice * a * a
    weights = pack9(
        halves * (r * r + g * g + b * b), -twice * a * r, -twice * a * g, -twice * a * b,
        -two * halves * r, -two * halves * g, -two * halves * b, twice * a, halves,
    )  # fmt: skip
    for v in range(vertices):
        w = v + 1 if v + 1 < vertices else 0
        ax, ay, bx, by = points[v, 0] - x0, points[v, 1] - y0, points[w, 0] - x0, points[w, 1] - y0
        begin, end = _edge_slopes(table, width, height, ax, ay, bx, by, weights, scratch)
        slope = (bx - ax) / (by - ay) if by != ay else np.float32(0)
        point_gradient[v, 0] += begin
        point_gradient[v, 1] -= begin * slope
        point_gradient[w, 0] += end
        point_gradient[w, 1] -= end * slope


@kernel
def _edge_slopes(table, width, height, ax, ay, bx, by, weights, scratch):
    """The weighted sums of an edge by the x of its begin and of its end."""
    if by == ay:
        return np.float32(0), np.float32(0)
    half = np.float32(0.5)
    sign = np.float32(1) if ay < by else np.float32(-1)
    first = max(np.int64(np.ceil(min(ay, by) - half)), 0)
    last = min(np.int64(np.ceil(max(ay, by) - half)), height)
    begin = splat(np.float32(0))
    end = splat(np.float32(0))
    inverse = np.float32(1) / (by - ay)
    stride = (width + 2) * LANES
    for y in range(first, last):
        t = (np.float32(y) + half - ay) * inverse  # 0 at the begin, 1 at the end
        x = ax + t * (bx - ax)
        if x < 0 or x > np.float32(width):  # clamped to the box, where moving changes nothing
            continue
        at = y * stride + np.int64(x) * LANES
        pixel = fma(
            load(table, at), splat(-sign), fma(load(table, at + LANES), splat(sign), splat(np.float32(0)))
        )
        begin = fma(pixel, splat(np.float32(1) - t), begin)
        end = fma(pixel, splat(t), end)
    store(scratch, 0, fma(begin, weights, splat(np.float32(0))))
    store(scratch, LANES, fma(end, weights, splat(np.float32(0))))
    begin_sum = np.float32(0)
    end_sum = np.float32(0)
    for lane in range(9):
        begin_sum += scratch[lane]
        end_sum += scratch[LANES + lane]
    return begin_sum, end_sum

"""The drawn error of a whole window and its gradient by all outlines, colours and opacities together.

The error is that of the picture as it is drawn, with exact-area anti-aliasing. Backwards the layers are taken
off one by one from the top: what is below one is (layers - alpha * colour) / (1 - alpha). By the colour of a
pixel below the finished picture changes by the product of (1 - alpha) over all that lies above.

The derivative of a pixel's coverage by a vertex is an integral along the two edges that meet there: an edge
that moves by d sweeps the area d x edge. So an edge needs two sums only, the integrals of f(1 - t) dt and
f t dt over it, with f the derivative of the error by the coverage of the pixel that t is in.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.simd import fma4, load4, mul4, splat4, store4, sub4, sum4
from engine.painters.polygons.objective.draw_buffers import CHANNELS, OPAQUE
from engine.scene.geometry import orientation
from engine.scene.raster import rasterise

ZERO, HALF, ONE, TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)


class Slopes(NamedTuple):
    """What `gradient` finds, for each shape that is free."""

    points: NDArray[np.float32]  # (n, vertices, 2)
    colours: NDArray[np.float32]  # (n, 4)
    opacities: NDArray[np.float32]  # (n,)
    contributions: NDArray[np.float32]  # (n,), by how much the error would rise without the shape


@kernel
def value(points, colours, opacities, buffers):
    """Draw all shapes, and say what is missing.

    points: (n, vertices, 2). colours: (n, 4), the last 0. Returns the weighted
    squared error and what `gradient` wants to know: how much is on the stack.
    """
    layers = buffers.layers
    height, width = buffers.through.shape
    under = load4(buffers.background, 0)
    for at in range(0, layers.size, CHANNELS):
        store4(layers, at, under)
    used, depth = 0, 0
    flat = colours.reshape(colours.size)
    for k in range(points.shape[0]):
        buffers.starts[k] = used
        used += rasterise(points[k], 0, 0, width, height, buffers.spans[used:], buffers.row)
        colour = load4(flat, CHANNELS * k)
        for s in range(buffers.starts[k], used):
            span = buffers.spans[s]
            alpha = opacities[k] * span.cover
            first, last = CHANNELS * (span.y * width + span.x0), CHANNELS * (span.y * width + span.x1)
            if alpha > OPAQUE:
                for at in range(first, last, CHANNELS):
                    store4(buffers.kept, depth, load4(layers, at))
                    depth += CHANNELS
            keep, tint = splat4(ONE - alpha), mul4(colour, splat4(alpha))
            for at in range(first, last, CHANNELS):
                store4(layers, at, fma4(load4(layers, at), keep, tint))
    buffers.starts[points.shape[0]] = used
    return _compare(buffers), depth


@kernel
def _compare(buffers):
    error = 0.0
    height, width = buffers.through.shape
    for y in range(height):
        part = splat4(ZERO)
        for at in range(y * width, (y + 1) * width):
            miss = sub4(load4(buffers.layers, CHANNELS * at), load4(buffers.target, CHANNELS * at))
            pull = mul4(miss, load4(buffers.weights, CHANNELS * at))
            store4(buffers.pull, CHANNELS * at, mul4(pull, splat4(TWO)))
            part = fma4(pull, miss, part)
        error += sum4(part)
    return error


@kernel
def gradient(points, colours, opacities, free, depth, buffers, slopes):
    """The derivatives of what `value` returned, for all shapes that are free. Takes the picture apart.

    Without a shape the error changes by -alpha * (derivative by alpha) + alpha^2 * (weighted square).
    """
    layers, width = buffers.layers, buffers.through.shape[1]
    shown = buffers.through.reshape(buffers.through.size)
    buffers.through[:] = ONE
    flat = colours.reshape(colours.size)
    flat_slopes = slopes.colours.reshape(slopes.colours.size)
    lowest = 0
    while lowest < points.shape[0] and not free[lowest]:
        lowest += 1
    for k in range(points.shape[0] - 1, lowest - 1, -1):
        colour = load4(flat, CHANNELS * k)
        by_colour, by_opacity, squares = splat4(ZERO), splat4(ZERO), splat4(ZERO)
        for s in range(buffers.starts[k + 1] - 1, buffers.starts[k] - 1, -1):
            span = buffers.spans[s]
            alpha = opacities[k] * span.cover
            first, last = span.y * width + span.x0, span.y * width + span.x1
            if alpha > OPAQUE:
                for at in range(last - 1, first - 1, -1):
                    depth -= CHANNELS
                    store4(layers, CHANNELS * at, load4(buffers.kept, depth))
            else:
                inverse = ONE / (ONE - alpha)
                scale, tint = splat4(inverse), mul4(colour, splat4(-alpha * inverse))
                for at in range(CHANNELS * first, CHANNELS * last, CHANNELS):
                    store4(layers, at, fma4(load4(layers, at), scale, tint))
            if free[k]:
                by_tint, by_alpha, square = splat4(ZERO), splat4(ZERO), splat4(ZERO)
                for at in range(first, last):
                    visible = splat4(shown[at])
                    pull = mul4(load4(buffers.pull, CHANNELS * at), visible)
                    step = sub4(colour, load4(layers, CHANNELS * at))
                    by_tint = fma4(pull, splat4(ONE), by_tint)
                    by_alpha = fma4(pull, step, by_alpha)
                    step = mul4(step, visible)
                    square = fma4(mul4(step, load4(buffers.weights, CHANNELS * at)), step, square)
                by_colour = fma4(by_tint, splat4(alpha), by_colour)
                by_opacity = fma4(by_alpha, splat4(span.cover), by_opacity)
                squares = fma4(square, splat4(alpha * alpha), squares)
        if free[k]:
            store4(flat_slopes, CHANNELS * k, by_colour)
            slopes.opacities[k] = sum4(by_opacity)
            slopes.contributions[k] = sum4(squares) - opacities[k] * slopes.opacities[k]
            _around(points[k], colour, opacities[k], buffers, slopes.points[k])
            _forget_overflow(k, slopes)
        _cover(k, opacities[k], buffers)


@kernel
def _forget_overflow(k, slopes):
    """Zero what is no number: below some 25 nearly opaque layers dividing overflows, and nothing is seen."""
    total = slopes.contributions[k]
    for v in range(slopes.points.shape[1]):
        total += slopes.points[k, v, 0] + slopes.points[k, v, 1]
    if not np.isfinite(total):
        slopes.points[k] = ZERO
        slopes.colours[k] = ZERO
        slopes.opacities[k] = slopes.contributions[k] = ZERO


@kernel
def _cover(k, opacity, buffers):
    """Let what is below shape k show through it only."""
    width = buffers.through.shape[1]
    shown = buffers.through.reshape(buffers.through.size)
    for s in range(buffers.starts[k], buffers.starts[k + 1]):
        span = buffers.spans[s]
        keep = ONE - opacity * span.cover
        at, last = span.y * width + span.x0, span.y * width + span.x1
        while at + 4 <= last:
            store4(shown, at, mul4(load4(shown, at), splat4(keep)))
            at += 4
        while at < last:
            shown[at] *= keep
            at += 1


@kernel
def _around(points, colour, opacity, buffers, slope):
    """The derivative by an outline's vertices."""
    vertices = points.shape[0]
    slope[:] = ZERO
    scale = opacity * orientation(points)
    for v in range(vertices):
        w = v + 1 if v + 1 < vertices else 0
        dx, dy = points[w, 0] - points[v, 0], points[w, 1] - points[v, 1]
        if dx == 0 and dy == 0:
            continue
        at_v, at_w = _along(points[v, 0], points[v, 1], dx, dy, colour, buffers)
        slope[v, 0] += scale * dy * at_v
        slope[v, 1] -= scale * dx * at_v
        slope[w, 0] += scale * dy * at_w
        slope[w, 1] -= scale * dx * at_w


@kernel
def _along(ax, ay, dx, dy, colour, buffers):
    """The integrals of f(1 - t) dt and f t dt over an edge, pixel by pixel (Amanatides & Woo 1987)."""
    height, width = buffers.through.shape
    enters_x, leaves_x = _between(ax, dx, np.float32(width))
    enters_y, leaves_y = _between(ay, dy, np.float32(height))
    t, end = max(enters_x, enters_y), min(leaves_x, leaves_y)
    near, far = ZERO, ZERO
    if t >= end:
        return near, far
    x = min(max(np.int64(ax + t * dx), 0), width - 1)
    y = min(max(np.int64(ay + t * dy), 0), height - 1)
    next_x = (np.float32(x + (dx > 0)) - ax) / dx if dx != 0 else TWO  # t of the next pixel; 2: never
    next_y = (np.float32(y + (dy > 0)) - ay) / dy if dy != 0 else TWO
    wide = abs(ONE / dx) if dx != 0 else TWO
    high = abs(ONE / dy) if dy != 0 else TWO
    while t < end and 0 <= x < width and 0 <= y < height:
        stop = min(next_x, next_y, end)
        if stop > t:
            at = CHANNELS * (y * width + x)
            f = sum4(mul4(load4(buffers.pull, at), sub4(colour, load4(buffers.layers, at))))
            f *= buffers.through[y, x] * (stop - t)
            middle = HALF * (t + stop)
            near += f * (ONE - middle)
            far += f * middle
            t = stop
        if next_x < next_y:
            next_x += wide
            x += 1 if dx > 0 else -1
        else:
            next_y += high
            y += 1 if dy > 0 else -1
    return near, far


@kernel
def _between(a, d, size):
    """Where a + t*d, t in 0..1, enters the interval 0..size and leaves it."""
    if d == 0:
        return (ZERO, ONE) if 0 <= a < size else (ONE, ZERO)
    s, t = -a / d, (size - a) / d
    return max(ZERO, min(s, t)), min(ONE, max(s, t))

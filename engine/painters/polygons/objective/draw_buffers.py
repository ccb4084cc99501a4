"""Room for the drawn error of a window: its target and layers pixel by pixel, and the spans of all shapes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.scene.raster import SPAN_DTYPE

OPAQUE = np.float32(0.98)  # what covers more is not divided out but remembered
CHANNELS = 4  # floats of a pixel: red, green, blue and what shows of the paper, if anything does
SPARE = 5  # a fifth more room than needed, because shapes grow
ZERO, TWO = np.float32(0), np.float32(2)


class DrawBuffers(NamedTuple):
    """Scratch arrays for one window; pixels have four floats and lie one after the other, row by row."""

    target: NDArray[np.float32]  # (height * width * 4,)
    weights: NDArray[np.float32]  # (height * width * 4,)
    background: NDArray[np.float32]  # (4,)
    layers: NDArray[np.float32]  # (height * width * 4,), the picture so far
    pull: NDArray[np.float32]  # the same, the derivative of the error by the finished picture
    through: NDArray[np.float32]  # (height, width), how much of a layer shows in the finished picture
    spans: NDArray[np.void]  # SPAN_DTYPE, of all shapes one after the other
    starts: NDArray[np.int64]  # (shapes + 1,), where each one's spans begin
    kept: NDArray[np.float32]  # a stack of pixels that were covered by something opaque
    row: NDArray[np.float32]  # (width + 2,), zero between uses


@kernel
def new_buffers(target, sqrt_weights, background, points, opacities):
    """A sheet with room for shapes like these.

    target: float32 (channels, height, width). sqrt_weights: as planes.sqrt_weights gives them.
    background: (channels,).
    """
    channels, height, width = target.shape
    goal = np.zeros(height * width * CHANNELS, np.float32)
    weights = np.ones(height * width * CHANNELS, np.float32)
    under = np.zeros(CHANNELS, np.float32)
    for channel in range(channels):
        under[channel] = background[channel]
        for y in range(height):
            for x in range(width):
                goal[(y * width + x) * CHANNELS + channel] = target[channel, y, x]
    if sqrt_weights.shape[0] > 0:
        for channel in range(channels):
            plane = sqrt_weights[channel // 3]
            for y in range(height):
                for x in range(width):
                    weights[(y * width + x) * CHANNELS + channel] = plane[y, x] * plane[y, x]
    spans, kept = _room(points, opacities, width, height)
    return DrawBuffers(
        goal,
        weights,
        under,
        np.empty(height * width * CHANNELS, np.float32),
        np.empty(height * width * CHANNELS, np.float32),
        np.empty((height, width), np.float32),
        np.empty(spans + spans // SPARE, SPAN_DTYPE),
        np.empty(points.shape[0] + 1, np.int64),
        np.empty(kept + kept // SPARE, np.float32),
        np.zeros(width + 2, np.float32),
    )


@kernel
def has_room(buffers, points, opacities):
    """Whether shapes can be drawn on a sheet without writing beyond its arrays."""
    height, width = buffers.through.shape
    spans, kept = _room(points, opacities, width, height)
    return spans <= buffers.spans.shape[0] and kept <= buffers.kept.shape[0]


@kernel
def _room(points, opacities, width, height):
    """Spans that all shapes have at most, and floats on the stack.

    In a row an edge touches as many columns as it advances, and two more; each begins one span at most.
    """
    spans, kept = 0, 0
    vertices = points.shape[1]
    for k in range(points.shape[0]):
        x0, y0 = np.float32(width), np.float32(height)
        x1, y1 = ZERO, ZERO
        ax = min(max(points[k, vertices - 1, 0], ZERO), np.float32(width))
        ay = min(max(points[k, vertices - 1, 1], ZERO), np.float32(height))
        for v in range(vertices):
            bx = min(max(points[k, v, 0], ZERO), np.float32(width))
            by = min(max(points[k, v, 1], ZERO), np.float32(height))
            spans += np.int64(abs(bx - ax)) + 3 * np.int64(abs(by - ay)) + 10
            x0, y0, x1, y1 = min(x0, bx), min(y0, by), max(x1, bx), max(y1, by)
            ax, ay = bx, by
        if opacities[k] > OPAQUE:
            kept += CHANNELS * np.int64(x1 - x0 + TWO) * np.int64(y1 - y0 + TWO)
    return spans, kept

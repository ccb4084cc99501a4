"""Strokes drawn with their grain, at any size: what is to be seen of a painting."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.painters.brush.network import make_block
from engine.painters.brush.trace import Box, make_table, make_trace, trace_stroke


@kernel
def generate(canvas, x0, y0, strokes, look):
    """Paint strokes (trace.Laid) on a window of a picture.

    From the last to the first: what lies beneath paint that covers is not looked at.
    canvas: (height, width, channels) float32, painted on; its first pixel is (x0, y0) of the picture.
    strokes: in the picture's pixels. look: the brush (network.Look).
    """
    height, width, channels = canvas.shape
    box = Box(x0, y0, height, width, np.float32(1))
    ground, left = canvas.copy().reshape(-1, channels), np.ones((height, width), np.float32)
    canvas[:] = np.float32(0)
    painted, through = canvas.reshape(-1, channels), left.reshape(-1)
    block, table, trace = make_block(look), make_table(), make_trace(box)
    places, alphas, colours = trace.places, trace.alphas, strokes.colours
    for i in range(strokes.radii.shape[0] - 1, -1, -1):
        for each in range(trace_stroke(strokes, i, box, look, left, block, table, trace)):
            pixel = places[each]
            share = through[pixel] * alphas[each]
            for c in range(channels):
                painted[pixel, c] += share * colours[i, c]
            through[pixel] -= share
    for pixel in range(height * width):
        for c in range(channels):
            painted[pixel, c] += through[pixel] * ground[pixel, c]

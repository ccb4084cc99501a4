"""Faces between nodes: the Delaunay triangulation, each triangle in the target's mean colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from engine.jit import kernel
from engine.painters.gng.arrays import Floats, Integers
from engine.raster import SPAN_DTYPE, rasterise


def triangles(places: Floats, rim: Floats) -> Integers:
    """Triangles (n, 3) that cover the picture: indices of places; -1 - k for the k-th point of the rim."""
    points = np.concatenate([places, rim]).astype(np.float64)
    corners = Delaunay(points).simplices.astype(np.int64)
    corners = np.sort(corners, axis=1)
    corners = corners[np.lexsort(corners.T[::-1])]
    return np.where(corners < len(places), corners, len(places) - 1 - corners)


@kernel
def mean_colours(corners, pixels, colours):
    """corners: float32 (n, 3, 2). pixels: uint8 (height, width, channels). colours: float32 (n, channels)."""
    height, width = pixels.shape[0], pixels.shape[1]
    spans = np.empty(height * width, SPAN_DTYPE)
    row = np.zeros(width + 2, np.float32)
    for i in range(corners.shape[0]):
        count = rasterise(corners[i], 0, 0, width, height, spans, row)
        covered = np.float32(0)
        for s in range(count):
            span = spans[s]
            covered += span.cover * (span.x1 - span.x0)
            for x in range(span.x0, span.x1):
                for channel in range(pixels.shape[2]):
                    colours[i, channel] += span.cover * pixels[span.y, x, channel]
        if covered > 0:
            for channel in range(pixels.shape[2]):
                colours[i, channel] /= covered


def coloured(places: NDArray[np.float32], pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean colour of each triangle: places (n, 3, 2), in pixels of the picture; (n, channels)."""
    colours = np.zeros((len(places), pixels.shape[2]), np.float32)
    mean_colours(np.ascontiguousarray(places, np.float32), pixels, colours)
    return np.rint(colours).astype(np.uint8)

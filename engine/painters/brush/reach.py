"""How far strokes reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.strokes import Strokes


def extents(strokes: Strokes, reach: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The corners of boxes that hold the strokes with all that they paint: x and y, (n, 2) each, pixels.

    reach: how far from its path a brush paints, in radii.
    """
    around = (strokes.radii * np.float32(reach) + 1)[:, None]
    return strokes.points.min(axis=1) - around, strokes.points.max(axis=1) + around


def near(
    strokes: Strokes, reach: float, corner: tuple[float, float], far: tuple[float, float]
) -> NDArray[np.bool_]:
    """Which strokes reach into a box, (n,); corner, far: of the box, x and y in pixels."""
    low, high = extents(strokes, reach)
    return np.asarray(((high > np.array(corner)) & (low < np.array(far))).all(axis=1))

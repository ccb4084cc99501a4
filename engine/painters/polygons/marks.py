"""Shapes in the exporters' common form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.painters.polygons.frames import frame
from engine.painters.polygons.kinds import BEZIER, LINE, MOST_VERTICES, RECTANGLE, ROTATED_RECTANGLE
from engine.scene import Colour, Mark


def mark_of(kind: int, geometry: NDArray[np.float32], colour: Colour, opacity: float) -> Mark:
    """The mark of a shape."""
    if kind <= MOST_VERTICES:
        return Mark("polygon", geometry[: 2 * kind].reshape(kind, 2), colour, opacity)
    if kind in (LINE, BEZIER):
        points = 2 if kind == LINE else 3
        width = 2 * float(geometry[2 * points])
        return Mark("stroke", geometry[: 2 * points].reshape(points, 2), colour, opacity, width)
    axes = np.array(frame(kind, geometry), np.float32).reshape(3, 2)
    axes[1:] += axes[0]
    if kind in (RECTANGLE, ROTATED_RECTANGLE):
        return Mark("rectangle", axes, colour, opacity)
    return Mark("ellipse", axes, colour, opacity)

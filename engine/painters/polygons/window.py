"""A tile in working pixels, and the shapes on their way into it and out again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.painters.polygons.arrays import Shapes, drawn_outlines, scaling, shifting
from engine.painters.polygons.kinds import CIRCLE, MOST_VERTICES, is_curved, search_vertices
from engine.painters.polygons.scene import PolygonPart
from engine.painters.polygons.shapes import drawn_vertices


@dataclass(frozen=True)
class Window:
    """A tile in working pixels."""

    height: int
    width: int
    origin: NDArray[np.float32]  # the tile's corner in target pixels
    scale: NDArray[np.float32]  # working pixels for a target pixel, x and y

    @classmethod
    def of(cls, tile: Tile, detail: float) -> Window:
        """The window of a tile at so many working pixels for each of its own."""
        height, width = max(1, round(tile.height * detail)), max(1, round(tile.width * detail))
        scale = np.array([width / tile.width, height / tile.height], np.float32)
        return cls(height, width, np.array([tile.x0, tile.y0], np.float32), scale)

    def inward(self, shapes: Shapes) -> Shapes:
        """Target pixels to working pixels."""
        geometry = (shapes.geometry - shifting(shapes, self.origin)) * scaling(shapes, self.scale)
        return replace(shapes, geometry=geometry)

    def outward(self, shapes: Shapes) -> Shapes:
        """Working pixels to target pixels."""
        geometry = shapes.geometry / scaling(shapes, self.scale) + shifting(shapes, self.origin)
        return replace(shapes, geometry=geometry)


def outlines(kinds: set[int], known: Shapes, limits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The outlines as drawn, with room for vertices of any shape of these kinds within limits (2, 2)."""
    kinds = kinds.union(known.kinds.tolist())
    room = search_vertices(kinds)
    if any(map(is_curved, kinds)):
        largest = np.hypot(*(limits[1] - limits[0])) / 2
        room = max(room, drawn_vertices(CIRCLE, np.array([0, 0, largest], np.float32)))
    return drawn_outlines(known.kinds, known.geometry, room)


def settled(part: PolygonPart, before: Shapes, after: Shapes, shapes: Shapes) -> PolygonPart:
    """The part that a job leaves: free shapes stay within the limits, in spite of rounding.

    before, after: in working pixels. shapes: what is after, in target pixels.
    """
    first = len(before)
    free = np.concatenate([part.free, np.ones(len(shapes) - first, np.bool_)])
    low, high = shifting(shapes, part.limits[:2]), shifting(shapes, part.limits[2:])
    cornered = (shapes.kinds <= MOST_VERTICES)[:, None]
    geometry = np.where(cornered, np.clip(shapes.geometry, low, high), shapes.geometry)
    # What has not been moved stays exactly where it was, without rounding.
    moved = (after.geometry[:first] != before.geometry).any(axis=1, keepdims=True)
    geometry[:first] = np.where(moved, geometry[:first], part.polygons.geometry)
    shapes = replace(shapes, geometry=geometry)
    leaves = free & ~shapes.within(part.limits)
    back = np.flatnonzero(leaves[:first])
    shapes.kinds[back] = part.polygons.kinds[back]
    shapes.geometry[back] = part.polygons.geometry[back]
    shapes.colours[back] = part.polygons.colours[back]
    shapes.opacities[back] = part.polygons.opacities[back]
    leaves[:first] = False
    return replace(part, polygons=shapes[~leaves], free=free[~leaves])

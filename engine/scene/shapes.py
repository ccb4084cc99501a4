"""Shapes as arrays, and kernels over all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Colour, Pixels
from engine.kernels.jit import kernel
from engine.scene.drawing import BAND, Outlines, ground
from engine.scene.geometry import drawn_vertices, extent, outline, push_inside, trace, vjp_traced
from engine.scene.kinds import ELLIPSE, RECTANGLE, layout
from engine.scene.scene import Drawable

TRACED = 32_000_000  # bytes of outlines, above which they are traced where they are drawn
ROUNDING = np.float32(1e-6)  # of a coordinate: a few times what a sum of two loses


@dataclass(frozen=True)
class Shapes:
    """Shapes, back to front; see kinds.py for what their numbers mean."""

    ids: NDArray[np.int64]  # (n,), order of birth, which is also the order of drawing
    kinds: NDArray[np.int16]  # (n,)
    geometry: NDArray[np.float32]  # (n, numbers), zero where a kind has fewer
    colours: NDArray[np.float32]  # (n, 3), sRGB-encoded; with transparency (n, 4), the fourth always 1
    opacities: NDArray[np.float32]  # (n,)

    @classmethod
    def empty(cls, count: int, numbers: int, channels: int, name: int = 0) -> Shapes:
        """Room for shapes; name: the id of all."""
        return cls(
            np.full(count, name, np.int64),
            np.zeros(count, np.int16),
            np.zeros((count, numbers), np.float32),
            np.ones((count, channels), np.float32),
            np.zeros(count, np.float32),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, selected: Any) -> Shapes:
        return Shapes(
            self.ids[selected],
            self.kinds[selected],
            self.geometry[selected],
            self.colours[selected],
            self.opacities[selected],
        )

    def joined(self, *after: Shapes) -> Shapes:
        """These shapes with others drawn on top."""
        layers = (self, *after)
        return Shapes(
            np.concatenate([shapes.ids for shapes in layers]),
            np.concatenate([shapes.kinds for shapes in layers]),
            np.concatenate([shapes.geometry for shapes in layers]),
            np.concatenate([shapes.colours for shapes in layers]),
            np.concatenate([shapes.opacities for shapes in layers]),
        )

    def outlines(self, vertices: int) -> NDArray[np.float32]:
        """Outlines with one number of vertices: (n, vertices, 2)."""
        points = np.empty((len(self), vertices, 2), np.float32)
        _outline_all(self.kinds, self.geometry, points)
        return points

    def within(self, limits: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which shapes lie wholly within limits (x0, y0, x1, y1)."""
        reach = extents(self.kinds, self.geometry)
        return np.all((reach[:, :2] >= limits[:2]) & (reach[:, 2:] <= limits[2:]), axis=1)


def drawn_outlines(
    kinds: NDArray[np.int16], geometry: NDArray[np.float32], room: int = 3
) -> NDArray[np.float32]:
    """Outlines as they are drawn: (n, vertices, 2), as many vertices as one needs, and room at least.

    Drawing takes no notice of the vertices in excess, so the picture doesn't depend on their number.
    """
    points = np.empty((len(kinds), _most_vertices(kinds, geometry, room), 2), np.float32)
    trace_all(kinds, geometry, points)
    return points


def scaling(shapes: Shapes, scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """Factors for every number of the geometry, when a picture is scaled along x and y."""
    factors = np.ones_like(shapes.geometry)
    for kind in np.unique(shapes.kinds):
        points, vectors, lengths = layout(int(kind))
        upright = kind in (RECTANGLE, ELLIPSE)
        of_lengths = scale if upright else np.repeat(np.sqrt(scale.prod()), lengths)
        row = np.concatenate([np.tile(scale, points + vectors), of_lengths])
        factors[shapes.kinds == kind, : len(row)] = row
    return factors


def shifting(shapes: Shapes, origin: NDArray[np.float32]) -> NDArray[np.float32]:
    """What to add to every number of the geometry, when a picture is moved along x and y."""
    shifts = np.zeros_like(shapes.geometry)
    for kind in np.unique(shapes.kinds):
        points = layout(int(kind))[0]
        shifts[shapes.kinds == kind, : 2 * points] = np.tile(origin, points)
    return shifts


def extents(kinds: NDArray[np.int16], geometry: NDArray[np.float32]) -> NDArray[np.float32]:
    """x0, y0, x1, y1 of each shape: (n, 4)."""
    found = np.empty((len(kinds), 4), np.float32)
    _extent_all(kinds, geometry, found)
    return found


def pushed_inside(shapes: Shapes, limits: NDArray[np.float32]) -> Shapes:
    """Shapes brought within limits (x0, y0, x1, y1); what is inside stays as it is."""
    geometry = shapes.geometry.copy()
    spare = ROUNDING * np.abs(limits).max() * np.array([1, 1, -1, -1], np.float32)
    outside = ~shapes.within(limits)
    _push_all(shapes.kinds, geometry, outside, limits + spare)
    return replace(shapes, geometry=geometry)


@kernel
def _push_all(kinds, geometry, chosen, limits):
    region = (limits[0], limits[1], limits[2], limits[3])
    for k in range(kinds.shape[0]):
        if chosen[k]:
            push_inside(np.int64(kinds[k]), geometry[k], region)


@kernel
def _outline_all(kinds, geometry, points):
    for k in range(kinds.shape[0]):
        outline(np.int64(kinds[k]), geometry[k], points[k])


@kernel
def trace_all(kinds, geometry, points):
    """Write the outlines of all shapes as they are drawn: (n, vertices, 2)."""
    for k in range(kinds.shape[0]):
        trace(np.int64(kinds[k]), geometry[k], points[k])


@kernel
def _most_vertices(kinds, geometry, least):
    most = least
    for k in range(kinds.shape[0]):
        most = max(most, drawn_vertices(np.int64(kinds[k]), geometry[k]))
    return most


@kernel
def _extent_all(kinds, geometry, found):
    for k in range(kinds.shape[0]):
        found[k, 0], found[k, 1], found[k, 2], found[k, 3] = extent(np.int64(kinds[k]), geometry[k])


@kernel
def vjp_all(kinds, geometry, slopes, by_geometry):
    """Gradients for all geometries, written, from those for the outlines as drawn (n, vertices, 2)."""
    for k in range(kinds.shape[0]):
        vjp_traced(np.int64(kinds[k]), geometry[k], slopes[k], by_geometry[k])


def outlines_of(height: int, width: int, background: Colour | None, shapes: Shapes) -> Outlines:
    """Shapes as they are drawn."""
    points = drawn_outlines(shapes.kinds, shapes.geometry)
    return Outlines(height, width, background, points, shapes.colours, shapes.opacities)


def drawable_of(
    height: int, width: int, background: Colour | None, shapes: Shapes, samples: int = 1
) -> Drawable:
    """Shapes to be drawn, with their outlines where these take little memory.

    All have as many vertices as the one that needs most: large ellipses take a hundred times as much as
    triangles. samples: see Outlines.
    """
    late = UntracedShapes(height, width, background, shapes, samples)
    vertices = _most_vertices(shapes.kinds, shapes.geometry, 3)
    return late if 8 * vertices * len(shapes) > TRACED else late.outlines()


@dataclass(frozen=True)
class UntracedShapes:
    """Shapes in a picture's own pixels whose outlines are traced when they are drawn; see Drawable."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    shapes: Shapes
    samples: int = 1  # see Outlines

    def draw(self) -> Pixels:
        """All of it: (height, width, 3), or 4, premultiplied, over a transparent background."""
        return self.draw_window(0, 0, self.height, self.width)

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> Pixels:
        """What lies in a window at (x0, y0)."""
        picture = np.empty((height, width, len(ground(self.background))), np.uint8)
        for y in range(0, height, BAND):
            rows = min(BAND, height - y)
            place = x0, y0 + y, rows, width
            picture[y : y + rows] = self.within(*place).outlines().within(*place).draw_window(*place)
        return picture

    def within(self, x0: int, y0: int, height: int, width: int) -> Self:
        """Without what doesn't reach into a window, for windows inside that one."""
        reach = extents(self.shapes.kinds, self.shapes.geometry)
        margin = 1 + ROUNDING * max(self.height, self.width)  # an outline's corners are rounded otherwise
        low, high = np.array([x0, y0]) - margin, np.array([x0 + width, y0 + height]) + margin
        near = ((reach[:, 2:] > low) & (reach[:, :2] < high)).all(axis=1)
        return replace(self, shapes=self.shapes[near])

    def outlines(self) -> Outlines:
        """All of them."""
        found = outlines_of(self.height, self.width, self.background, self.shapes)
        return replace(found, samples=self.samples)

"""A painting that can be drawn piece by piece, and after another one only where it has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Colour, Pixels
from engine.painters.brush.brush import Brush
from engine.painters.brush.generate import generate
from engine.painters.brush.paper import Paper, shaded
from engine.painters.brush.patch_painting import paint_patches
from engine.painters.brush.reach import near
from engine.painters.brush.repaint import Memory, painted_after
from engine.painters.brush.strokes import Strokes
from engine.painters.brush.trace import Laid
from engine.scene.drawing import BAND, NEAR, ground, to_bytes
from engine.scene.moving import Moves, Numbers


@dataclass(frozen=True)
class BrushDrawable:
    """A picture of strokes at one size, back to front; see engine.scene.scene.Drawable."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    strokes: Strokes  # in its own pixels
    brush: Brush
    paper: Paper = "plain"
    origin: tuple[int, int] = (0, 0)  # x and y in the picture that the points count from

    def draw(self) -> Pixels:
        """All of it: (height, width, 3), or 4, premultiplied, over a transparent background."""
        return self.draw_window(0, 0, self.height, self.width)

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> Pixels:
        """What lies in a window at (x0, y0)."""
        picture = np.empty((height, width, self.channels), np.uint8)
        for y in range(0, height, BAND):
            self.paint(np.arange(len(self.strokes)), x0, y0 + y, picture[y : y + BAND])
        return picture

    def within(self, x0: int, y0: int, height: int, width: int) -> Self:
        """Without strokes that don't reach into a window, for windows inside that one; as of Outlines."""
        left, top = x0 - self.origin[0], y0 - self.origin[1]
        seen = near(self.strokes, self.reach, (left, top), (left + width, top + height))
        strokes = self.strokes[seen]
        if max(self.height, self.width) <= NEAR:
            return replace(self, strokes=strokes)
        points = (strokes.points - np.array([left, top])).astype(np.float32)
        return replace(self, strokes=replace(strokes, points=points), origin=(x0, y0))

    @property
    def channels(self) -> int:
        """3, or 4 over a transparent background."""
        return len(ground(self.background))

    @property
    def reach(self) -> float:
        """How far from its path a stroke paints, in radii."""
        return float(self.brush.reach)

    @property
    def frame(self) -> tuple[object, ...]:
        """All of it but its strokes."""
        brush = self.brush.model.digest, self.brush.is_opaque, self.brush.network_digest
        return self.height, self.width, self.origin, self.background, self.paper, brush

    def after(self, before: object) -> Memory:
        """Drawn with the help of what `after` gave for another picture: the same bytes as `draw` gives."""
        if self.origin != (0, 0) or not isinstance(before, Memory):
            before = None
        return painted_after(self, before)

    def middles(self) -> Numbers:
        """Of the boxes around the strokes' paths: (n, 2)."""
        points = self.strokes.points
        return (points.min(axis=1) + points.max(axis=1)) * np.float32(0.5)

    def areas(self) -> Numbers:
        """Of the strokes, in pixels, about: (n,)."""
        steps = np.diff(self.strokes.points, axis=1)
        lengths = np.hypot(steps[..., 0], steps[..., 1]).sum(axis=1)
        return self.strokes.radii * (2 * lengths + np.float32(np.pi) * self.strokes.radii)

    def moved(self, moves: Moves) -> Self:
        """With its strokes elsewhere; see engine/scene/moving.py."""
        strokes = self.strokes
        points = strokes.points + moves.changes(strokes.points, self.middles())
        strokes = replace(
            strokes,
            points=points.astype(np.float32),
            radii=(strokes.radii * moves.scales).astype(np.float32),
            opacities=(strokes.opacities * moves.presence).astype(np.float32),
        )
        return replace(self, strokes=strokes[strokes.opacities > 0])

    def paint(self, rows: NDArray[np.int64], x0: int, y0: int, picture: Pixels) -> None:
        """Some strokes, by their indices, as bytes in a window at (x0, y0)."""
        some = self.strokes[rows]
        colours = np.ones((len(some), self.channels), np.float32)
        colours[:, :3] = some.colours
        layers = np.empty(picture.shape, np.float32)
        layers[:] = ground(self.background)
        left, top = int(x0) - self.origin[0], int(y0) - self.origin[1]
        if self.brush.network:
            self._paint_patches(some, colours, (left, top), layers)
        laid = Laid(some.points, some.radii, some.pressures, colours, some.opacities, some.grains, some.shown)
        if not self.brush.network:
            generate(layers, left, top, laid, self.brush.look)
        planes = np.ascontiguousarray(layers.transpose(2, 0, 1))
        to_bytes(shaded(planes, self.paper, (self.height, self.width), x0, y0), picture)

    def _paint_patches(
        self, some: Strokes, colours: Numbers, corner: tuple[int, int], layers: NDArray[np.float32]
    ) -> None:
        """Strokes as a network draws them, in a window at a corner (x, y)."""
        height, width = layers.shape[:2]
        seen = near(some, self.reach, corner, (corner[0] + width, corner[1] + height))
        paint_patches(layers, corner, some[seen], colours[seen], self.brush.network, self.brush.gain)

"""A picture made of strokes that can be drawn piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from engine.image.pixels import Colour, Pixels
from engine.painters.curves.inking import NO_PERIOD, Inks, Window, paint
from engine.painters.curves.limits import Ink
from engine.painters.curves.polyline import polylines
from engine.painters.curves.raster import inks_of
from engine.painters.curves.repeats import extents
from engine.painters.curves.strokes import Strokes
from engine.scene.drawing import BAND, NEAR, ground, to_bytes


@dataclass(frozen=True)
class CurveDrawable:
    """A picture of strokes at one size, back to front; see engine.scene.scene.Drawable."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    strokes: Strokes  # in its own pixels
    ink: Ink = "cover"
    origin: tuple[int, int] = (0, 0)  # x and y in the picture that the points count from

    def draw(self) -> Pixels:
        """All of it: (height, width, 3), or 4, premultiplied, over a transparent background."""
        return self.draw_window(0, 0, self.height, self.width)

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> Pixels:
        """What lies in a window at (x0, y0)."""
        first, lines = ground(self.background), polylines(self.strokes)
        inks = self._inks(len(first))
        picture = np.empty((height, width, len(first)), np.uint8)
        for y in range(0, height, BAND):
            band = picture[y : y + BAND]
            layers = np.empty((len(first), len(band), width), np.float32)
            layers[:] = first[:, None, None]
            window = Window(int(x0) - self.origin[0], int(y0) + y - self.origin[1], len(band), int(width))
            coats = np.zeros(layers.shape[1:], np.float32)
            paint(lines, inks, window, NO_PERIOD, layers, coats, False)
            to_bytes(layers, band)
        return picture

    def within(self, x0: int, y0: int, height: int, width: int) -> Self:
        """Without strokes that don't reach into a window, for windows inside that one; as of Outlines."""
        low, high = extents(self.strokes)
        corner = np.array([x0, y0]) - self.origin
        near = ((high > corner) & (low < corner + np.array([width, height]))).all(axis=1)
        strokes = self.strokes[near]
        if max(self.height, self.width) <= NEAR:
            return replace(self, strokes=strokes)
        points = (strokes.points - corner).astype(np.float32)
        return replace(self, strokes=replace(strokes, points=points), origin=(x0, y0))

    def _inks(self, channels: int) -> Inks:
        """Of three channels, or with alpha."""
        inks = inks_of(self.strokes, self.ink)
        if channels == 3:
            return inks
        alpha = np.ones((len(inks.colours), 1), np.float32)
        return inks._replace(colours=np.hstack((inks.colours, alpha)))

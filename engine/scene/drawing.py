"""Drawing coloured outlines, back to front, whoever painted them: layers of floats, and bytes in the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from engine.errors import SpecError
from engine.image.pixels import Colour, Pixels
from engine.kernels.jit import exact_kernel, kernel
from engine.scene.moving import Moves, Numbers
from engine.scene.raster import SPAN_DTYPE, blend, rasterise
from engine.scene.scene import Drawable

BAND = 64  # rows drawn at a time: a band stays in the processor's cache
NEAR = 2**20  # pixels from a corner on, up to which a float32 tells sixteenths of one apart


def ground(background: Colour | None) -> NDArray[np.float32]:
    """What layers begin with: a colour, or nothing in four channels, premultiplied colour and alpha."""
    return np.zeros(4, np.float32) if background is None else np.array(background, np.float32)


@dataclass(frozen=True)
class Outlines:
    """A picture as outlines filled with colours, back to front, in its own pixels."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    points: NDArray[np.float32]  # (n, vertices, 2), the last one repeated where an outline has fewer
    colours: NDArray[np.float32]  # (n, 3), or with transparency (n, 4), the fourth always 1
    opacities: NDArray[np.float32]  # (n,)
    samples: int = 1  # along a pixel's side, which is their mean: more where shapes touch
    origin: tuple[int, int] = (0, 0)  # x and y in the picture that the points count from

    def draw(self) -> Pixels:
        """All of it: (height, width, 3), or 4, premultiplied, over a transparent background."""
        return self.draw_window(0, 0, self.height, self.width)

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> Pixels:
        """What lies in a window at (x0, y0)."""
        picture = np.empty((height, width, len(ground(self.background))), np.uint8)
        starts = np.arange(0, height, self.band)
        stops = np.minimum(starts + self.band, height)
        self.draw_pieces(np.column_stack([0 * starts, starts, 0 * starts + width, stops]), x0, y0, picture)
        return picture

    @property
    def band(self) -> int:
        """How many rows are drawn at a time."""
        return max(BAND // self.samples, 1)

    def draw_pieces(self, pieces: NDArray[np.int64], x0: int, y0: int, picture: Pixels) -> None:
        """Draw pieces of a picture, in place; it is a window at (x0, y0).

        pieces: (n, 4), left, top, right and bottom of each, in the window's pixels, half-open.
        """
        samples = self.samples
        x0, y0 = x0 - self.origin[0], y0 - self.origin[1]
        points = self.points if samples == 1 else self.points * np.float32(samples)
        marks = points, self.colours, self.opacities
        _draw_pieces(ground(self.background), *marks, pieces, x0, y0, samples, picture)

    def within(self, x0: int, y0: int, height: int, width: int) -> Self:
        """Without what doesn't reach into a window, for windows inside that one.

        In a picture that goes beyond NEAR the points count from the window on.
        """
        reach, left, top = reaches(self.points), x0 - self.origin[0], y0 - self.origin[1]
        near = (reach[:, 2] > left) & (reach[:, 0] < left + width)
        near &= (reach[:, 3] > top) & (reach[:, 1] < top + height)
        part = replace(
            self, points=self.points[near], colours=self.colours[near], opacities=self.opacities[near]
        )
        return part if max(self.height, self.width) <= NEAR else part._from(x0, y0)

    def outlines(self) -> Outlines:
        """Itself."""
        return self

    def middles(self) -> Numbers:
        """The middles of the shapes' boxes: (n, 2)."""
        found: Numbers = (self.points.min(axis=1) + self.points.max(axis=1)) / 2
        return found

    def areas(self) -> Numbers:
        """Of the shapes, in pixels: (n,)."""
        x, y = self.points[..., 0], self.points[..., 1]
        return np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2

    def moved(self, moves: Moves) -> Self:
        """With its shapes elsewhere; see moving.py."""
        change = moves.changes(self.points, self.middles())
        opacities = self.opacities * moves.presence
        seen = opacities > 0
        return replace(
            self,
            points=(self.points + change)[seen].astype(np.float32),
            colours=self.colours[seen],
            opacities=opacities[seen].astype(np.float32),
        )

    def _from(self, x0: int, y0: int) -> Self:
        """The same with points that count from there; near it nothing is rounded."""
        step = np.array(self.origin, np.float64) - (x0, y0)
        return replace(self, points=(self.points + step).astype(np.float32), origin=(x0, y0))


@runtime_checkable
class Traceable(Protocol):
    """A drawable that is made of outlines."""

    def outlines(self) -> Outlines:
        """All of them."""


def as_outlines(drawable: Drawable, who: str, instead: str) -> Outlines:
    """A drawable made of outlines; SpecError when this one isn't.

    who: needs them, in the sentence. instead: what can be done, at its end.
    """
    if not isinstance(drawable, Traceable):
        raise SpecError(f"{who} needs outlines, and this picture is not made of any; {instead}.")
    return drawable.outlines()


@exact_kernel
def _draw_pieces(background, points, colours, opacities, pieces, x0, y0, samples, picture):
    """The rows of a piece are drawn by those shapes alone that reach into it."""
    channels = picture.shape[2]
    most, widest = 0, 0
    for p in range(pieces.shape[0]):
        width = (pieces[p, 2] - pieces[p, 0]) * samples
        widest = max(widest, width)
        most = max(most, width * (pieces[p, 3] - pieces[p, 1]) * samples)
    scratch = np.empty(channels * most, np.float32)
    spans = np.empty(most, SPAN_DTYPE)
    row = np.zeros(widest + 2, np.float32)
    reach = reaches(points)
    for p in range(pieces.shape[0]):
        left, top, right, bottom = pieces[p]
        height, width = (bottom - top) * samples, (right - left) * samples
        layers = scratch[: channels * height * width].reshape(channels, height, width)
        for channel in range(channels):
            layers[channel] = background[channel]
        u, v = (x0 + left) * samples, (y0 + top) * samples
        for k in range(points.shape[0]):
            if reach[k, 0] < u + width and reach[k, 2] > u and reach[k, 1] < v + height and reach[k, 3] > v:
                drawn = rasterise(points[k], u, v, u + width, v + height, spans, row)
                blend(layers, spans, drawn, colours[k], opacities[k])
        window = picture[top:bottom, left:right]
        if samples == 1:
            to_bytes(layers, window)
        else:
            to_bytes(_means(layers, samples), window)


@exact_kernel
def reaches(points):
    """x0, y0, x1, y1 of outlines (n, vertices, 2): float32 (n, 4)."""
    found = np.empty((points.shape[0], 4), np.float32)
    for k in range(points.shape[0]):
        x0, y0 = points[k, 0, 0], points[k, 0, 1]
        x1, y1 = x0, y0
        for v in range(1, points.shape[1]):
            x0, y0 = min(x0, points[k, v, 0]), min(y0, points[k, v, 1])
            x1, y1 = max(x1, points[k, v, 0]), max(y1, points[k, v, 1])
        found[k, 0], found[k, 1], found[k, 2], found[k, 3] = x0, y0, x1, y1
    return found


@exact_kernel
def _means(layers, samples):
    """Of squares of samples, summed in one order: (channels, height, width), both less by `samples`."""
    channels, height, width = layers.shape
    means = np.empty((channels, height // samples, width // samples), np.float32)
    share = np.float32(1) / np.float32(samples * samples)
    for channel in range(channels):
        for y in range(means.shape[1]):
            for x in range(means.shape[2]):
                total = np.float32(0)
                for row in range(y * samples, (y + 1) * samples):
                    for column in range(x * samples, (x + 1) * samples):
                        total += layers[channel, row, column]
                means[channel, y, x] = total * share
    return means


@kernel
def composite(background, points, colours, opacities, x0, y0, layers):
    """Draw all shapes over the background.

    background: float32 (channels,). layers: float32 (channels, height, width) of a window, written.
    """
    height, width = layers.shape[1:]
    spans = np.empty(height * width, SPAN_DTYPE)
    row = np.zeros(width + 2, np.float32)
    for channel in range(layers.shape[0]):
        layers[channel] = background[channel]
    for k in range(points.shape[0]):
        drawn = rasterise(points[k], x0, y0, x0 + width, y0 + height, spans, row)
        blend(layers, spans, drawn, colours[k], opacities[k])


@exact_kernel
def to_bytes(layers, picture):
    """Planes of floats 0..1 to interleaved bytes, rounded to nearest."""
    line = np.empty(picture.shape[1], np.uint8)
    for y in range(picture.shape[0]):
        for channel in range(layers.shape[0]):
            values, pixels = layers[channel, y], picture[y]
            for x in range(line.shape[0]):  # in lanes, which a step of three would prevent
                value = min(max(values[x], np.float32(0)), np.float32(1))
                line[x] = np.uint8(np.int32(value * np.float32(255) + np.float32(0.5)))
            for x in range(line.shape[0]):
                pixels[x, channel] = line[x]

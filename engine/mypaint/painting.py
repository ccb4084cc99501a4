"""A whole painting by the real engine: strokes one after the other onto a background, at any size."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.mypaint.brush import Brush
from engine.mypaint.stroke import draw_stroke
from engine.mypaint.surface import ONE, SIDE, Surface, Tile

FAR = 6.0  # radii from a stroke's curve, within which its paint lies
_FULL = 0.9999  # from here on an opacity is one

Floats = npt.NDArray[np.floating]
Pixels = npt.NDArray[np.uint8]


class Strokes(NamedTuple):
    """Strokes of one brush in the order of their drawing."""

    points: Floats  # (n, 3, 2): control points of quadratic Bezier curves, x and y, pixels
    radii: Floats  # (n,), pixels
    pressures: Floats  # (n, 2), at a stroke's start and its end, 0 to 1
    colours: Floats  # (n, 3), sRGB, 0 to 1
    opacities: Floats  # (n,), of a stroke as a whole, 0 to 1

    def one(self, number: int) -> Strokes:
        """One of them."""
        return Strokes(*(column[number : number + 1] for column in self))


def paint(
    background: Pixels,
    text: str,
    strokes: Strokes,
    gain: float = 1.0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Pixels:
    """Paint strokes over a background (h, w, 3), or (h, w, 4) with straight alpha; a new picture like it.

    text: of the brush's .myb file. gain: times which the alpha of a stroke is taken, up to 1. It takes eight
    bytes a pixel beside both pictures. should_stop: asked before each stroke; what is painted until then is
    returned. The same strokes give the same bytes. ToolError without the engine, SpecError for a brush that
    it doesn't take, MemoryError.
    """
    height, width, channels = background.shape
    brush, surface = Brush(text), Surface(width, height)
    for tile, rows, columns in _tiles(surface):
        part = background[rows, columns]
        tile[: part.shape[0], : part.shape[1]] = _premultiplied(part)
    for number in range(len(strokes.radii)):
        if should_stop():
            break
        _lay(surface, brush, strokes.one(number), gain)
    picture = np.empty_like(background)
    for tile, rows, columns in _tiles(surface):
        part = picture[rows, columns]
        part[:] = _straight(tile[: part.shape[0], : part.shape[1]])[..., :channels]
    return picture


def _lay(surface: Surface, brush: Brush, stroke: Strokes, gain: float) -> None:
    """Paint one stroke: at once, or by way of a layer of its own where its alpha is to be another one."""
    brush.set("radius_logarithmic", math.log(max(float(stroke.radii[0]), 1e-3)))
    hue, saturation, value = colorsys.rgb_to_hsv(*np.clip(stroke.colours[0], 0, 1).tolist())
    for name, number in (("color_h", hue), ("color_s", saturation), ("color_v", value)):
        brush.set(name, number)
    points = stroke.points[0].astype(np.float64)
    pressures = (float(stroke.pressures[0, 0]), float(stroke.pressures[0, 1]))
    opacity = float(stroke.opacities[0])
    if opacity >= _FULL and gain == 1:
        draw_stroke(surface, brush, points, pressures)
        return
    column, row, columns, rows = _around(surface, points, float(stroke.radii[0]))
    if columns <= 0 or rows <= 0:
        return
    layer = Surface(columns * SIDE, rows * SIDE)
    draw_stroke(layer, brush, points - (column * SIDE, row * SIDE), pressures)
    for y in range(rows):
        for x in range(columns):
            with layer.tile(x, y) as upper, surface.tile(column + x, row + y) as lower:
                if upper.any():
                    _merge(lower, upper, gain, opacity)


def _around(surface: Surface, points: npt.NDArray[np.float64], radius: float) -> tuple[int, int, int, int]:
    """The tiles that a stroke may reach: the first column and row, and how many there are of each."""
    low = np.floor((points.min(0) - FAR * radius) / SIDE).astype(int).clip(0)
    size = np.array([-(-surface.width // SIDE), -(-surface.height // SIDE)])
    high = np.minimum(np.ceil((points.max(0) + FAR * radius) / SIDE).astype(int), size)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _merge(lower: Tile, upper: Tile, gain: float, opacity: float) -> None:
    """Put a tile over another one, its alpha taken gain times up to 1, and then opacity times."""
    over = upper.astype(np.float32)
    alpha = over[..., 3:]
    wanted = np.minimum(alpha * gain, ONE) * opacity
    over *= np.divide(wanted, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    lower[:] = np.rint(over + lower * (1 - wanted / ONE)).clip(0, ONE)


def _tiles(surface: Surface) -> Iterator[tuple[Tile, slice, slice]]:
    """All tiles of a surface as they lie there, and the rows and columns of pixels that they are."""
    for row in range(-(-surface.height // SIDE)):
        for column in range(-(-surface.width // SIDE)):
            rows = slice(row * SIDE, (row + 1) * SIDE)
            with surface.tile(column, row) as tile:
                yield tile, rows, slice(column * SIDE, (column + 1) * SIDE)


def _premultiplied(part: Pixels) -> Tile:
    """Pixels of 8 bits (h, w, 3 or 4) as the engine has them (h, w, 4)."""
    found = np.full((*part.shape[:2], 4), ONE, np.uint32)
    found[..., : part.shape[2]] = (part.astype(np.uint32) * ONE + 127) // 255
    if part.shape[2] == 4:
        found[..., :3] = (found[..., :3] * found[..., 3:] + ONE // 2) // ONE
    return found.astype(np.uint16)


def _straight(tile: Tile) -> Pixels:
    """Pixels (h, w, 4) of 8 bits, alpha straight, of the engine's."""
    alpha = tile[..., 3:].astype(np.uint32)
    colour = (tile[..., :3].astype(np.uint32) * 255 + alpha // 2) // np.maximum(alpha, 1)
    return np.concatenate([colour.clip(0, 255), (alpha * 255 + ONE // 2) // ONE], 2).astype(np.uint8)

"""Drawing strokes, and how a drawing changes with them: exact slopes of what is drawn.

What a window shows is to the last bit what the whole picture shows there: everything is computed from the
picture's own coordinates, one operation after the other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.inking import NO_PERIOD, Inks, Period, Tape, Window, paint, unpaint
from engine.painters.curves.limits import Ink
from engine.painters.curves.polyline import Polylines, by_points, polylines
from engine.painters.curves.strokes import Strokes

_ZERO, _HALF = np.float32(0), np.float32(0.5)


class Drawn(NamedTuple):
    """A drawing, and all that its slopes need."""

    picture: NDArray[np.float32]  # (3, height, width), sRGB-encoded, 0..1
    coats: NDArray[np.float32]  # (height, width), the sum of coverage x opacity over all strokes
    window: Window
    lines: Polylines
    inks: Inks
    tape: Tape


class Gradients(NamedTuple):
    """Slopes of a number by what strokes are."""

    points: NDArray[np.float32]  # (n, POINTS, 2), per target pixel
    widths: NDArray[np.float32]  # (n,), per target pixel
    colours: NDArray[np.float32]  # (n, 3)
    opacities: NDArray[np.float32]  # (n,)


def draw(
    strokes: Strokes,
    background: tuple[float, float, float] | NDArray[np.float32],
    window: Window,
    period: Period | None = None,
    ink: Ink = "cover",
) -> Drawn:
    """The strokes in a window, back to front over a background (sRGB-encoded, 0..1).

    period: strokes come again so many pixels below and to the right, without end.
    """
    window = Window(*map(int, window))
    lines, inks = polylines(strokes), inks_of(strokes, ink)
    picture = np.empty((3, window.height, window.width), np.float32)
    picture[:] = np.asarray(background, np.float32)[:, None, None]
    coats = np.zeros(picture.shape[1:], np.float32)
    tape = paint(lines, inks, window, period or NO_PERIOD, picture, coats, True)
    return Drawn(picture, coats, window, lines, inks, tape)


def inks_of(strokes: Strokes, ink: Ink) -> Inks:
    """What these strokes are drawn with, in three channels."""
    radii = np.maximum(strokes.widths, _ZERO) * _HALF
    colours = np.ascontiguousarray(strokes.colours, np.float32)
    return Inks(radii, colours, np.ascontiguousarray(strokes.opacities), ink == "multiply")


def gradients(
    strokes: Strokes,
    drawn: Drawn,
    by_picture: NDArray[np.float32],
    by_coats: NDArray[np.float32] | None = None,
) -> Gradients:
    """The slopes of a number by the strokes that were drawn, from its slopes by the drawing.

    by_picture: (3, height, width). by_coats: (height, width); None: it doesn't depend on them.
    """
    slopes = by_picture.astype(np.float32, order="C")  # a copy, which changes
    coats = np.zeros(slopes.shape[1:], np.float32) if by_coats is None else np.ascontiguousarray(by_coats)
    by_vertices, by_inks = unpaint(drawn.lines, drawn.inks, drawn.window, drawn.tape, slopes, coats)
    widths = np.where(strokes.widths > 0, by_inks[:, 0] * _HALF, _ZERO)
    points = by_points(strokes, drawn.lines, by_vertices)
    return Gradients(points, widths, by_inks[:, 1:4].copy(), by_inks[:, 4].copy())

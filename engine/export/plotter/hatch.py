"""Tones by parallel lines: the darker a place, the more of them are drawn there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.export.plotter.toolpaths import Line
from engine.scene.drawing import Outlines

FAINTEST = 0.05  # share of ink that is hatched
STEP = 0.1  # mm along a line between looks at the tone
LONGEST = 6000  # pixels of a side that the tones are drawn at, at most
# The share of ink from which on line number n is drawn is the fraction of n times the golden ratio. Then the
# gaps between lines are nearly the same at every tone, and what is drawn in a light place goes on in a darker
# one, so that lines are long.
GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Tones:
    """The share of a pen's ink at every place of a picture, and where that lies on the page, in mm."""

    shares: NDArray[np.uint8]  # (height, width)
    borders: tuple[float, float, float, float]  # x0, y0, x1, y1


def tones(outlines: Outlines, inks: NDArray[np.float64], ground: float) -> NDArray[np.uint8]:
    """How much a pen has to do with what is drawn: (height, width), 255 for all of its ink.

    inks: of each outline's colour, 0..1. ground: of the background's.
    """
    grey = np.repeat(inks.astype(np.float32)[:, None], 3, axis=1)
    return replace(outlines, background=(ground, ground, ground), colours=grey).draw()[..., 0]


def hatch(tones: Tones, spacing: float, angle: float, shortest: float) -> list[Line]:
    """Parallel lines, `spacing` mm apart where all of the ink is wanted, half as dense where half of it is.

    angle: degrees. shortest: mm; what is shorter is left out.
    """
    height, width = tones.shares.shape
    x0, y0, x1, y1 = tones.borders
    size = np.array([x1 - x0, y1 - y0])
    along = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    normal = np.array([-along[1], along[0]])
    ends = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * size @ normal / spacing
    lines: list[Line] = []
    for number in range(math.ceil(ends.min()), math.floor(ends.max()) + 1):
        start = number * spacing * normal
        first, last = _within(start, along, size)
        if last - first < shortest:
            continue
        edges = np.linspace(first, last, max(1, round((last - first) / STEP)) + 1)
        looks = start + (edges[1:, None] + edges[:-1, None]) / 2 * along
        x, y = np.minimum((looks / size * [width, height]).astype(np.int64), [width - 1, height - 1]).T
        is_drawn = tones.shares[y, x] > 255 * max(number * GOLDEN % 1, FAINTEST)
        runs = edges[np.flatnonzero(np.diff(is_drawn, prepend=False, append=False))].reshape(-1, 2)
        runs = runs[runs[:, 1] - runs[:, 0] >= shortest]
        lines += list([x0, y0] + start + runs[..., None] * along)
    return lines


def _within(start: Line, along: Line, size: Line) -> tuple[float, float]:
    """Between which two lengths a straight line is in a rectangle at (0, 0)."""
    first, last = -math.inf, math.inf
    for begin, step, side in zip(start.tolist(), along.tolist(), size.tolist(), strict=True):
        if step:
            low, high = sorted((-begin / step, (side - begin) / step))
            first, last = max(first, low), min(last, high)
        elif not 0 <= begin <= side:
            return 0.0, 0.0
    return first, max(first, last)

"""What a plot will look like on its paper: every line as wide as the pen, in its colour or by its turn."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.export.flatten import Line
from engine.export.plotter.plotter import Plot
from engine.scene.drawing import Outlines

PREVIEW_DPI = 200  # a pen of .3 mm is 2.4 pixels wide
ROUND = 5  # corners of each of a line's round ends
# Of the order of drawing, from the first line to the last.
RAMP = np.array([[48, 62, 192], [32, 160, 220], [60, 180, 90], [240, 190, 40], [220, 50, 40]]) / 255
LIFTED = np.array([0.75, 0.75, 0.75])  # the ways of a lifted pen,
LIFTED_WIDTH = 0.1  # mm

Pieces = NDArray[np.float64]  # (n, 2, 2): both ends


def preview_of(plot: Plot, colours: str, dpi: float) -> Outlines:
    """The whole page. colours: "pens", or "order", which shows the ways of lifted pens, too."""
    scale = dpi / 25.4
    width, height = (max(1, round(scale * side)) for side in plot.page.page)
    lines = [line for layer in plot.layers for line in layer.lines]
    drawn = _pieces(lines)
    counts = np.array([len(line) - 1 for line in lines], np.int64)
    if colours == "order":
        ways = [np.array([before[-1], after[0]]) for before, after in pairwise(lines)]
        lifted, turns = _pieces(ways), np.linspace(0, len(RAMP) - 1, max(len(lines), 1))[: len(lines)]
        shades = np.stack([np.interp(turns, range(len(RAMP)), part) for part in RAMP.T], axis=1)
        paint = np.concatenate([np.tile(LIFTED, (len(lifted), 1)), np.repeat(shades, counts, axis=0)])
    else:
        lifted = np.empty((0, 2, 2))
        inks = [plot.inks[layer.number - 1] for layer in plot.layers for _ in layer.lines]
        paint = np.repeat(np.array(inks, np.float64).reshape(-1, 3), counts, axis=0)
    points = np.concatenate([_capsules(lifted, LIFTED_WIDTH), _capsules(drawn, plot.width)])
    return Outlines(
        height=height,
        width=width,
        background=tuple(plot.paper.tolist()),
        points=(scale * points).astype(np.float32),
        colours=paint.astype(np.float32).reshape(-1, 3),
        opacities=np.ones(len(points), np.float32),
    )


def _pieces(lines: list[Line]) -> Pieces:
    """The straight pieces of lines, in their order."""
    if not lines:
        return np.empty((0, 2, 2))
    return np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in lines])


def _capsules(pieces: Pieces, width: float) -> NDArray[np.float64]:
    """Outlines (n, corners, 2) around pieces, with round ends."""
    ways = pieces[:, 1] - pieces[:, 0]
    lengths = np.maximum(np.hypot(ways[:, 0], ways[:, 1]), np.finfo(np.float64).tiny)[:, None]
    along = ways / lengths
    across = along[:, ::-1] * [-1, 1]
    angles = np.linspace(-math.pi / 2, math.pi / 2, ROUND)[:, None]
    turned = np.cos(angles) * along[:, None] + np.sin(angles) * across[:, None]  # (n, ROUND, 2)
    ends = [pieces[:, 1, None] + width / 2 * turned, pieces[:, 0, None] - width / 2 * turned]
    return np.concatenate(ends, axis=1)

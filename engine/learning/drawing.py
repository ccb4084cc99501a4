"""Strokes drawn by the real engine: what a shard of a data set holds, whoever draws it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.learning.actions import SIDE, Actions, stroke_of
from engine.mypaint.brush import Brush
from engine.mypaint.stroke import draw_stroke, stroke_to
from engine.mypaint.surface import ONE, Surface

_MOST_STEPS = 2000  # of a brush that moves to and fro: some ten thousand random numbers
_FAR = 10_000.0  # pixels from the surface

Alpha = npt.NDArray[np.uint8]  # (n, 64, 64): how much a stroke covers, 255 is all


def draw_actions(text: str, actions: Actions, seeds: Sequence[int]) -> Alpha:
    """What strokes of a brush cover, each on a clear surface of its own.

    text: of a .myb file. The brush is a new one, and its random numbers go on from stroke to stroke; seeds
    say how many it has used before the first. So the result is a function of what is given, byte by byte.
    """
    brush, surface = Brush(text), Surface(SIDE, SIDE)
    _use_up(surface, brush, int(np.random.default_rng(list(seeds)).integers(_MOST_STEPS)))
    drawn = np.empty((len(actions), SIDE, SIDE), np.uint8)
    for action, alpha in zip(actions, drawn, strict=True):
        stroke = stroke_of(action)
        brush.set("radius_logarithmic", float(np.log(stroke.radius)))
        surface.clear()
        draw_stroke(surface, brush, stroke.points, stroke.pressures)
        with surface.tile(0, 0) as pixels:
            alpha[:] = (pixels[..., 3].astype(np.uint32) * 255 + ONE // 2) // ONE
    return drawn


def _use_up(surface: Surface, brush: Brush, steps: int) -> None:
    """Have a brush draw random numbers: it has no seed that could be set, but each dab uses some."""
    brush.set("radius_logarithmic", 0.0)
    brush.start()
    lead = stroke_to(surface, brush)
    with surface.painting(), brush.lifted():
        for step in range(steps + 2):
            lead(_FAR + 2.0 * (step % 2), _FAR, 0.5)

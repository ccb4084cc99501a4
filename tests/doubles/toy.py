"""Tiny targets made in code."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.image.target import Origin, Target
from engine.painters.base import PaintResult
from engine.painters.polygons.painter import PolygonPainter

NOWHERE = Origin("", "")  # of targets that were made in code


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Soft colours with a few hard edges and some grain: something to paint at any size."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(height, width, 2)
    planes = [
        0.5 + 0.4 * np.sin(7 * x * rng.random() + 5 * y * rng.random() + 6 * rng.random()) for _ in "rgb"
    ]
    pixels = np.stack(planes, axis=2)
    for _ in range(4):
        cx, cy, radius = rng.random(3) * [1, 1, 0.3]
        pixels[(x - cx) ** 2 + (y - cy) ** 2 < radius**2] = rng.random(3)
    pixels += rng.normal(0, 0.01, pixels.shape)
    return (255 * np.clip(pixels, 0, 1)).astype(np.uint8)


def target_of(height: int, width: int) -> Target:
    """The picture as a target that nobody has said more of."""
    return Target(picture(height, width), (0.5, 0.5, 0.5), True, (height, width), None, NOWHERE)


def cut_out(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """The picture in an ellipse with a soft edge, nothing around it: premultiplied (height, width, 4)."""
    y, x = (np.mgrid[0:height, 0:width] + 0.5) / np.reshape([height, width], (2, 1, 1))
    alpha = np.clip(6 - 14 * np.hypot(x - 0.5, y - 0.5), 0, 1)[..., None]
    return np.rint(np.dstack([picture(height, width, seed) * alpha, 255 * alpha])).astype(np.uint8)


class Bomb(PolygonPainter):
    """A painter that fails in the middle of a run, in the way that the environment says."""

    def paint(self, *arguments: Any) -> PaintResult:
        phase, _, _ = arguments[5].spawn_key
        if phase == 3 and os.environ.get("BOMB") == "raise":
            raise RuntimeError("the paint is dry")
        if phase == 3 and os.environ.get("BOMB") == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().paint(*arguments)


class Vandal(PolygonPainter):
    """A painter that turns all colours of a part into their opposites."""

    def paint(self, *arguments: Any) -> PaintResult:
        painted = super().paint(*arguments)
        polygons = painted.part.shapes
        return replace(
            painted, part=replace(painted.part, shapes=replace(polygons, colours=1 - polygons.colours))
        )

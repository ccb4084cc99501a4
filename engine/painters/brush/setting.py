"""What stays as it is while a job works: its window of the target, at the level's detail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.source import TargetWindow
from engine.painters.brush.brush import Brush
from engine.painters.brush.plan import Stage
from engine.painters.brush.scene import BrushPart
from engine.painters.brush.trace import Box

SPILL = 12.0  # times which errors count in what is transparent, besides

Floats = NDArray[np.float32]


@dataclass
class Setting:
    """What stays as it is while a job works: the window at its detail."""

    brush: Brush
    scale: float  # target pixels of a pixel here
    corner: Floats  # of the window, (x, y), target pixels
    target: Floats  # (height, width, channels), 0..1
    weights: Floats  # (height, width)
    paper: Floats  # (channels,)
    palette: Floats  # (k, channels), k = 0: any colour
    device: str = "cpu"  # where a network works that draws whole strokes

    @property
    def box(self) -> Box:
        """The window, for kernels."""
        height, width = self.target.shape[:2]
        return Box(0, 0, height, width, np.float32(self.scale))


def setting_of(part: BrushPart, tile: Tile, window: TargetWindow, phase: Stage, palette: Floats) -> Setting:
    """Of a part and what its window shows. palette: (k, 3), none: any colour."""
    halo = phase.halo
    x0, y0 = max(tile.x0 - halo, 0), max(tile.y0 - halo, 0)
    width, height = min(tile.x1 + halo, part.width) - x0, min(tile.y1 + halo, part.height) - y0
    if window.height == height and phase.detail < 1:
        window = window.read((0, 0, width, height), phase.detail)
    target = window.pixels.astype(np.float32) / np.float32(255)
    channels = target.shape[2]
    weights = np.ones(target.shape[:2], np.float32)
    if window.weights is not None:
        weights = window.weights.astype(np.float32) / np.float32(255)
    if channels == 4:  # what is laid there can't be taken away again
        target = _whole(target)
        weights *= 1 + SPILL * (1 - target[..., 3])
    paper = np.zeros(channels, np.float32)
    if part.background is not None:
        paper[:] = (*part.background, 1.0)[:channels]
    return Setting(
        part.brush,
        width / target.shape[1],
        np.array([x0, y0], np.float32),
        target,
        weights,
        paper,
        laid(palette, channels),
    )


def _whole(target: Floats) -> Floats:
    """Pixels (height, width, 4) that are there or not, as paint is: in their own colours, or none."""
    alpha = target[..., 3:]
    return np.where(alpha >= 0.5, np.minimum(target / np.maximum(alpha, 0.5), 1), 0).astype(np.float32)


def laid(colours: Floats, channels: int) -> Floats:
    """Colours (n, 3) as they are laid: with an alpha of 1 where there is one."""
    if channels == 3:
        return np.ascontiguousarray(colours, np.float32)
    return np.concatenate([colours, np.ones((len(colours), 1), np.float32)], axis=1).astype(np.float32)

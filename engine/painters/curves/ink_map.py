"""What a photograph is drawn as, in the one map of a target that jobs get windows of.

Its numbers hold two bytes: how much ink a pixel wants, and how much it matters, 0 where nobody has said.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.image.alpha import over_white
from engine.image.importance import Weights
from engine.image.pixels import LUMA
from engine.image.source import TargetWindow
from engine.image.target import Target
from engine.painters.curves.look import Wanted, look_of, wanted_of
from engine.painters.curves.objectives.base import Planes

PALE = 0.05  # darkness, below which a colour is too faint to be made as dark as its ink


def map_of(target: Target) -> NDArray[np.uint16]:
    """The map of a target, (height, width)."""
    ink = np.rint(255 * (1 - look_of(target.pixels)[0])).astype(np.uint16) << 8
    return ink if target.weights is None else ink | target.weights.astype(np.uint16)


def wanted_in(weights: Weights, side: int) -> Wanted:
    """Where strokes are wanted in a window; side: the longest of the whole picture, in pixels."""
    matter = (weights & 255).astype(np.uint8)
    return wanted_of(_grey(weights), matter if matter.any() else None, side)


def aim_of(window: TargetWindow, is_grey: bool) -> Planes:
    """What a drawing is to be like, as a map has it (grey), or as the target is in its colours."""
    if is_grey:
        assert window.weights is not None
        return _grey(window.weights)
    planes = over_white(window.pixels).transpose(2, 0, 1) / np.float32(255)
    return np.ascontiguousarray(planes, np.float32)


def tinted(window: TargetWindow) -> Planes:
    """What several pens are to draw: the ink of a map in the colours that the target has there."""
    assert window.weights is not None
    light = over_white(window.pixels) / np.float32(255)
    ink = 1 - _grey(window.weights)[0]
    share = ink / np.maximum(1 - light @ LUMA, np.float32(PALE))
    planes = np.clip(1 - (1 - light) * share[..., None], 0, 1).transpose(2, 0, 1)
    return np.ascontiguousarray(planes, np.float32)


def _grey(weights: Weights) -> Planes:
    grey = 1 - (weights >> 8).astype(np.float32) / np.float32(255)
    return np.repeat(grey[None], 3, axis=0)

"""What pixels that are free to have any tone reach of an objective: strokes are measured by it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from engine.painters.curves.adam import Moments
from engine.painters.curves.objectives.base import Objective, Planes, Sight

RATE = 0.02  # of 0..1, that a pixel changes in a step, about


def free_pixels(objective: Objective, side: int, steps: int, seed: int, finest: float = 0.0) -> Planes:
    """A grey picture that wraps, (3, side, side), moved down an objective's slopes from nearly white paper.

    finest: sigma of a blur, pixels, that what is seen goes through: pens draw nothing finer.
    """
    random = np.random.default_rng(seed)
    free = np.clip(0.9 + 0.02 * random.standard_normal((side, side)), 0, 1).astype(np.float32)
    moments = Moments.of(free)
    for step in range(steps):
        slopes = objective.verdict(Sight(_seen(free, finest), True, None), random).slopes.sum(0)
        slopes = gaussian_filter(slopes, finest, mode="wrap") if finest else slopes
        rate = RATE * 0.5 * (1 + math.cos(math.pi * step / steps))
        free = np.clip(free + moments.step(slopes, rate, step), 0, 1).astype(np.float32)
    return _seen(free, finest)


def _seen(free: NDArray[np.float32], finest: float) -> Planes:
    smooth = gaussian_filter(free, finest, mode="wrap") if finest else free
    return np.repeat(smooth[None], 3, axis=0)


def liking(objective: Objective, picture: Planes, views: int = 8) -> float:
    """How much an objective likes a picture that wraps: minus the mean loss of many random views."""
    random = np.random.default_rng(12345)
    return -float(np.mean([objective.verdict(Sight(picture, True, None), random).loss for _ in range(views)]))

"""What pixels that are free to have any colour reach of an objective: strokes are measured by it."""

from __future__ import annotations

import math

import numpy as np

from engine.painters.curves.adam import Moments
from engine.painters.curves.objectives.base import Objective, Planes, Sight

RATE = 0.02  # of 0..1, that a pixel changes in a step, about


def free_pixels(objective: Objective, side: int, steps: int, seed: int) -> Planes:
    """A picture that wraps, (3, side, side), moved down an objective's slopes from nearly white paper."""
    random = np.random.default_rng(seed)
    picture = np.clip(0.9 + 0.02 * random.standard_normal((3, side, side)), 0, 1).astype(np.float32)
    moments = Moments.of(picture)
    for step in range(steps):
        slopes = objective.verdict(Sight(picture, True, None), random).slopes
        rate = RATE * 0.5 * (1 + math.cos(math.pi * step / steps))
        picture = np.clip(picture + moments.step(slopes, rate, step), 0, 1).astype(np.float32)
    return picture


def liking(objective: Objective, picture: Planes, views: int = 8) -> float:
    """How much an objective likes a picture that wraps: minus the mean loss of many random views."""
    random = np.random.default_rng(12345)
    return -float(np.mean([objective.verdict(Sight(picture, True, None), random).loss for _ in range(views)]))

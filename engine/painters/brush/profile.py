"""A brush's profile: its mean alpha by the size, the pressure and the distance from the spine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.model_file import GRAIN_SIDE, BrushModel

SIZES, PRESSURES, PLACES = 8, 7, 33  # of a profile
SAMPLES = 32  # of the grain, the side and the direction that each number is the mean of
MIDDLE, USUAL = 2.0, 6.0  # radii to both ends, and length, of the stroke that is looked at

Floats = NDArray[np.float32]


def profile_of(model: BrushModel, gain: float) -> Floats:
    """The mean alpha in the midst of a stroke: (SIZES, PRESSURES, PLACES), up to the brush's reach.

    gain: times which alphas are taken, up to 1. The same each time.
    """
    random = np.random.default_rng(0)
    sizes, pressures, places = np.meshgrid(
        np.linspace(0, 1, SIZES),
        np.linspace(0, 1, PRESSURES),
        np.linspace(0, model.reach, PLACES),
        indexing="ij",
    )
    total = np.zeros(sizes.shape, np.float32)
    for sample in range(SAMPLES):
        side, twice = (-1) ** sample, 2 * np.pi * (sample % 8) / 8
        fixed = (MIDDLE, MIDDLE, pressures, sizes, np.log1p(USUAL) / 4, np.cos(twice), np.sin(twice))
        columns = (places, side * places, *fixed, *_grain_at(model.grain, random, sizes.shape))
        values = np.stack([np.broadcast_to(each, sizes.shape).ravel() for each in columns]).astype(np.float32)
        for weight, bias in zip(model.weights[:2], model.biases[:2], strict=True):
            values = weight @ values + bias[:, None]
            values = np.maximum(values, np.float32(0.1) * values)
        logits = (model.weights[2] @ values)[0] + model.biases[2][0]
        total += np.minimum(gain / (1 + np.exp(-logits)), 1).reshape(sizes.shape)
    edge = np.clip((model.reach - places) * 4, 0, 1)
    return np.ascontiguousarray(total * edge / SAMPLES, np.float32)


def _grain_at(grain: Floats, random: np.random.Generator, shape: tuple[int, ...]) -> list[Floats]:
    """The channels of the grain at random places, smooth between texels."""
    at = random.uniform(0, GRAIN_SIDE, (2, *shape))
    low = np.floor(at).astype(int)
    v, u = at - low
    (r0, c0), (r1, c1) = low % GRAIN_SIDE, (low + 1) % GRAIN_SIDE
    return [
        (each[r0, c0] * (1 - u) + each[r0, c1] * u) * (1 - v)
        + (each[r1, c0] * (1 - u) + each[r1, c1] * u) * v
        for each in grain
    ]

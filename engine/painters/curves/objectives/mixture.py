"""Sums of objectives, each with a weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from engine.painters.curves.objectives.base import Objective, Sight, Verdict


@dataclass(frozen=True)
class Mixture:
    """Likes what its parts like together; at least one."""

    parts: tuple[tuple[float, Objective], ...]  # weights > 0

    @property
    def margin(self) -> int:
        """The widest of the parts'."""
        return max(part.margin for _, part in self.parts)

    def verdict(self, sight: Sight, random: np.random.Generator) -> Verdict:
        """The weighted sums of losses and slopes; the parts draw from `random` one after the other."""
        loss, slopes = 0.0, np.zeros_like(sight.picture)
        for weight, part in self.parts:
            verdict = part.verdict(sight, random)
            loss += weight * verdict.loss
            slopes += np.float32(weight) * verdict.slopes
        return Verdict(loss, slopes)

    def map(self, sight: Sight) -> NDArray[np.float32]:
        """The weighted mean of the parts' maps, as fine as the finest."""
        maps = [part.map(sight) for _, part in self.parts]
        finest = max((each.shape for each in maps), key=math.prod)
        weights = [weight for weight, _ in self.parts]
        total = np.sum(
            [weight * _enlarged(each, finest) for weight, each in zip(weights, maps, strict=True)], 0
        )
        return (total / sum(weights)).astype(np.float32)


def _enlarged(plane: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A map on a finer grid over the same picture."""
    if plane.shape == shape:
        return plane
    ratios = [side / wanted for side, wanted in zip(plane.shape, shape, strict=True)]
    found: NDArray[np.float32] = ndimage.affine_transform(
        plane, ratios, [ratio / 2 - 0.5 for ratio in ratios], shape, order=1, mode="nearest"
    )
    return found

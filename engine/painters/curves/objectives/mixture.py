"""Sums of objectives, each with a weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.objectives.base import Objective, Sight, Verdict
from engine.painters.curves.objectives.grids import mean_of


@dataclass(frozen=True)
class Mixture:
    """Likes what its parts like together; at least one."""

    parts: tuple[tuple[float, Objective], ...]  # weights > 0

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
        weights, parts = zip(*self.parts, strict=True)
        return mean_of([part.map(sight) for part in parts], weights)

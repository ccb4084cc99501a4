"""Sums of objectives, each with a weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from engine.errors import SpecError
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


def terms_of(text: str) -> tuple[tuple[str, float], ...]:
    """Names and weights of what is written as "features=1,picture=0.3"; a name alone has the weight 1.

    SpecError for what is not.
    """
    terms: dict[str, float] = {}
    for term in text.split(","):
        name, _, number = (part.strip() for part in term.partition("="))
        try:
            weight = float(number) if "=" in term else 1.0
        except ValueError:
            weight = math.nan
        if not name or not 0 < weight < math.inf:
            raise SpecError(
                f"painter.objective: {text!r} is no sum of objectives; write names with weights above 0, as "
                "in features=1,picture=0.3."
            )
        if name in terms:
            raise SpecError(f"painter.objective: {text!r} has {name} twice; give it one weight.")
        terms[name] = weight
    return tuple(terms.items())


def _enlarged(plane: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A map on a finer grid over the same picture."""
    if plane.shape == shape:
        return plane
    ratios = [side / wanted for side, wanted in zip(plane.shape, shape, strict=True)]
    found: NDArray[np.float32] = ndimage.affine_transform(
        plane, ratios, [ratio / 2 - 0.5 for ratio in ratios], shape, order=1, mode="nearest"
    )
    return found

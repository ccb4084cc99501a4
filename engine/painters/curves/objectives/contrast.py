"""Objectives that are to see a target with the contrast of ink on paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.look import ramp
from engine.painters.curves.objectives.base import Objective, Planes, Sight, Verdict

PAPER, INK = 0.8, 0.5  # tones of a target from which on it counts as paper, and as ink


@dataclass(frozen=True)
class Contrast:
    """Judges as its part does, which is shown a target that is nearly all ink and paper.

    A network's features of grey are weak, and those of a pen's black lines are strong: without this a
    drawing of a soft photograph is less like it, to the network, than blank paper is.
    """

    part: Objective

    def verdict(self, sight: Sight, random: np.random.Generator) -> Verdict:
        """The part's."""
        return self.part.verdict(_hard(sight), random)

    def map(self, sight: Sight) -> NDArray[np.float32]:
        """The part's."""
        return self.part.map(_hard(sight))


def contrasted(aim: Planes) -> Planes:
    """The tones of planes, each by itself: from INK on 0, up to PAPER smoothly 1."""
    return ramp(aim, INK, PAPER)


def _hard(sight: Sight) -> Sight:
    return sight if sight.aim is None else sight._replace(aim=contrasted(sight.aim))

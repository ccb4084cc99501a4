"""The seam between strokes and what they are to be: an objective says how a drawing should change."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.float32]  # (3, height, width), sRGB-encoded, 0..1


class Sight(NamedTuple):
    """A drawing, or a window of it."""

    picture: Planes
    wraps: bool  # it goes on at its left where it ends at its right, and so below
    aim: Planes | None  # the target there, of the same size; None: there is none (a blank)


class Verdict(NamedTuple):
    """What an objective says."""

    loss: float  # the smaller the better
    slopes: Planes  # of the loss by the picture


class Objective(Protocol):
    """Judges drawings; pure functions of their arguments, the same for any number of threads."""

    def verdict(self, sight: Sight, random: np.random.Generator) -> Verdict:
        """The loss of a drawing and its slopes, seen through random views where the objective has such."""

    def map(self, sight: Sight) -> NDArray[np.float32]:
        """How bad each place is, 0 to 1: (height, width) or a smaller grid that covers the picture evenly.

        Nothing in it is random: what a person is told, and what the cells' errors are made of.
        """

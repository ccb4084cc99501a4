"""Pictures whose shapes can be moved one by one, for animations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from engine.scene.scene import Drawable

Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Moves:
    """What happens to each of n shapes."""

    shifts: Numbers  # (n, 2), pixels
    angles: Numbers  # (n,), radians
    scales: Numbers  # (n,), 1: as it is
    presence: Numbers  # (n,), what its opacity is multiplied by

    def changes(self, points: Numbers, middles: Numbers) -> Numbers:
        """By how much points (n, k, 2) are moved when shapes turn and grow about their middles (n, 2)."""
        spokes = points - middles[:, None]
        cosine = (self.scales * np.cos(self.angles) - 1)[:, None]
        sine = (self.scales * np.sin(self.angles))[:, None]
        x, y = spokes[..., 0], spokes[..., 1]
        turned = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=2)
        found: Numbers = turned + self.shifts[:, None]
        return found


@runtime_checkable
class Movable(Drawable, Protocol):
    """A drawable that knows its shapes."""

    def middles(self) -> Numbers:
        """The middles of the shapes' boxes: (n, 2)."""

    def areas(self) -> Numbers:
        """Of the shapes, in pixels: (n,)."""

    def moved(self, moves: Moves) -> Self:
        """With its shapes elsewhere; those that aren't to be seen are left out.

        Where nothing moves they stay as they are, to the last bit.
        """

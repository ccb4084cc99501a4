"""What a stroke of a brush looks like to programs that know only lines of one width and one opacity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.brush import Brush

FAINTEST = 0.02  # opacity
Numbers = NDArray[np.float64]


class Likeness(NamedTuple):
    """Of one brush, by the pressure on it, from none to all."""

    widths: Numbers  # (k,), in radii: where paint is half as dense as where it is densest
    densities: Numbers  # (k,), opacity of a line of that width with as much paint

    def of(self, pressures: Numbers) -> tuple[Numbers, Numbers]:
        """Widths in radii and opacities of strokes of these pressures, (n,) each."""
        known = np.linspace(0, 1, len(self.widths))
        return np.interp(pressures, known, self.widths), np.interp(pressures, known, self.densities)


def likeness_of(brush: Brush) -> Likeness:
    """From its mean profiles."""
    profiles = brush.profile.mean(axis=0, dtype=np.float64)  # of sizes: (pressures, places)
    step = float(brush.reach) / (profiles.shape[1] - 1)
    dense = profiles > profiles.max(axis=1, keepdims=True) / 2
    widths = 2 * step * np.maximum(dense.sum(axis=1) - 0.5, 0.5)
    paint = 2 * step * (profiles.sum(axis=1) - profiles[:, 0] / 2)
    return Likeness(widths, np.clip(paint / widths, FAINTEST, 1))

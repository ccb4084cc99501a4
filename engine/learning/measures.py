"""How alike strokes of a generator and of the paint program are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Strokes = NDArray[np.float32]  # opacities, (n, height, width), 0..1

COVERED = 0.5  # opacity from which on a pixel counts as painted
FINE = 1.0  # pixels: the sigma of the Gaussian that takes the grain away


def mse(drawn: Strokes, real: Strokes) -> float:
    """The mean squared difference of all pixels."""
    return float(np.square(drawn - real).mean(dtype=np.float64))


def iou(drawn: Strokes, real: Strokes) -> float:
    """Of the pixels that are painted in either, the share painted in both, over all strokes; 1 if none is."""
    one, other = drawn >= COVERED, real >= COVERED
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0


def grain(drawn: Strokes, real: Strokes) -> float:
    """How strong what is fine is drawn, beside the real strokes' (1: as strong).

    It is the energy of what a Gaussian of FINE pixels takes away, edges of strokes among it, over all
    strokes; 1 where real ones have none.
    """
    there = _fine_energy(real)
    return _fine_energy(drawn) / there if there else 1.0


def _fine_energy(strokes: Strokes) -> float:
    smooth = gaussian_filter(strokes, (0, FINE, FINE), mode="constant")
    return float(np.square(strokes - smooth).mean(dtype=np.float64))

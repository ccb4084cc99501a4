"""How likely a sample falls on each pixel, by what a job is told of its window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.image.importance import Weights
from engine.painters.gng.params import GasParams

FULL = 65535  # the weight of the densest pixel
POWERS = {"stipple": 1.0, "low-poly": 1.0, "width": 0.5, "strokes": 1.0}  # of darkness, see `exponent`
OF_LINES = 2.0
OF_SIZES = 0.15  # where the sizes of dots tell the tone
FAINT_INK = 0.03  # what has less of one of several inks has none: few nodes would have to bridge long ways


def exponent(params: GasParams) -> float:
    """The power of darkness that makes the ink on paper linear in it.

    With `wins` nodes are as dense as samples. Dots hold as much ink as there are nodes, but where nodes are
    four times as dense the edges between them are only twice as long in all.
    """
    if params.power != "auto":
        return params.power
    if params.look == "stipple" and params.dots == "sized":
        return OF_SIZES
    return POWERS.get(params.look, OF_LINES)


def layers(weights: Weights, params: GasParams) -> list[NDArray[np.float32]]:
    """The density that each gas grows into, 0 to 1, (height, width); there is one for each of several inks.

    Each ink begins where the one before is full: together they are linear in tone. Borders with a weight have
    a gas of their own, too: nodes that won both kinds of samples would lie beside the border.
    """
    share = weights.astype(np.float32) / np.float32(FULL)
    inks = len(params.colours)
    if params.look != "layers" and params.border:
        is_border = share > 1 / (1 + params.border) + 1 / FULL
        return [np.where(is_border, np.float32(0), share), np.where(is_border, share, np.float32(0))]
    if params.look != "layers":
        return [share]
    power = np.float32(exponent(params))
    found = [np.clip(share * inks - ink, 0, 1) ** power for ink in range(inks)]
    return [np.where(density < FAINT_INK, np.float32(0), density) for density in found]

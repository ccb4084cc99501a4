"""What is painted in a window by patches, and how it changes with the strokes that move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.patch_boxes import SIDE, Floats
from engine.painters.brush.patch_painting import FAINT, clear, draw_within
from engine.painters.brush.patches import PatchTape, slopes_back
from engine.painters.brush.raster import COLOUR, OPACITY, POINTS, PRESSURE, RADIUS
from engine.painters.brush.strokes import Strokes

if TYPE_CHECKING:  # which loads torch
    from engine.painters.brush.generators.patch_generator import PatchGenerator


class PatchCanvas:
    """A window's pixels, and a tape of what was painted on them last."""

    def __init__(self, network: bytes, gain: np.float32, device: str) -> None:
        """network: a file of weights. device: where moving strokes are drawn."""
        from engine.painters.brush.generators.patch_generator import PatchGenerator
        from engine.painters.brush.generators.patch_store import generator_of, store_of

        self._gain = gain
        self._still = store_of(network)
        self._moving: PatchGenerator = PatchGenerator(generator_of(network, device), device)
        self._tape: PatchTape | None = None
        self._alpha: Floats = np.zeros((0, SIDE, SIDE), np.float32)
        self._radii: Floats = np.zeros(0, np.float32)
        self._moves: NDArray[np.bool_] = np.zeros(0, np.bool_)

    def paint(self, pixels: Floats, strokes: Strokes, colours: Floats, moves: NDArray[np.bool_]) -> None:
        """Paint strokes in their order on pixels (height, width, channels), in whose units they are.

        moves: (n,), which may move.
        """
        alpha, boxes = (
            np.empty((len(strokes), SIDE, SIDE), np.float32),
            np.empty((len(strokes), 4), np.float32),
        )
        alpha[~moves], boxes[~moves] = self._still.patches(strokes[~moves])
        alpha[moves], boxes[moves] = self._moving.alpha(strokes[moves])
        self._alpha, self._radii, self._moves = alpha, strokes.radii, moves
        self._tape = draw_within(pixels, (0, 0), strokes, colours, (clear(alpha, self._gain), boxes), True)

    def slopes(self, by_canvas: Floats, found: Floats) -> None:
        """Slopes by the strokes that were painted last, from those by the canvas; see raster.slopes.

        found: (n, COLOUR + channels), filled in where they move: by points per pixel, and by the logarithm
        of radii.
        """
        assert self._tape is not None
        moves, by = self._moves, slopes_back(self._tape, by_canvas)
        clear = (self._alpha - FAINT) * (self._gain / (1 - FAINT))
        inside = (clear > 0) & (clear < 1)
        by_alpha = np.where(inside, by.patches * (self._gain / (1 - FAINT)), np.float32(0))
        back = self._moving.backward(np.ascontiguousarray(by_alpha[moves], np.float32))
        found[moves, POINTS:RADIUS] = back.points.reshape(-1, RADIUS)
        found[moves, RADIUS] = back.radii * self._radii[moves]
        found[moves, PRESSURE:OPACITY] = back.pressures
        found[moves, OPACITY] = by.opacities[moves]
        found[moves, COLOUR:] = by.colours[moves]

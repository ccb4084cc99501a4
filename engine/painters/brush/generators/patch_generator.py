"""Patches of strokes by a torch generator, and the way back from slopes by patches to slopes by strokes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.painters.brush.generators.base import StrokeGenerator
from engine.painters.brush.patch_boxes import (
    MARGIN,
    SIDE,
    ByStrokes,
    Floats,
    actions_of,
    boxes_of,
    by_strokes,
)
from engine.painters.brush.strokes import Strokes

CHUNK = 32  # strokes at a time: a graph of more would take much memory
KEPT = 96  # strokes whose graphs are kept for the way back; what more there are go forwards twice


class _Chunk(NamedTuple):
    """Some strokes on their way."""

    rows: slice
    actions: Tensor
    alpha: Tensor | None  # with its graph, if it was kept


class PatchGenerator:
    """Patches of strokes; remembers the last ones, for the way back."""

    def __init__(self, generator: StrokeGenerator, device: str = "cpu", margin: float = MARGIN) -> None:
        self.generator, self.device, self.margin = generator, device, margin
        self._strokes: Strokes | None = None
        self._actions = np.zeros((0, 12), np.float32)
        self._boxes = np.zeros((0, 4), np.float32)
        self._kept: dict[int, _Chunk] = {}

    def alpha(self, strokes: Strokes, leads_back: bool = True) -> tuple[Floats, Floats]:
        """Patches (n, SIDE, SIDE), 0..1, and their boxes (n, 4) in target pixels, see patch_boxes.

        leads_back: whether `backward` is to be asked.
        """
        self._strokes, self._kept = strokes, {}
        self._boxes = boxes_of(strokes.points, strokes.radii, self.margin)
        self._actions = actions_of(strokes.points, strokes.radii, strokes.pressures, self._boxes)
        found = np.empty((len(strokes), SIDE, SIDE), np.float32)
        for rows in _chunks(len(strokes)):
            is_kept = leads_back and rows.stop <= KEPT
            chunk = self._through(rows, is_kept)
            assert chunk.alpha is not None
            found[rows] = chunk.alpha.detach().cpu().numpy()
            if is_kept:
                self._kept[rows.start] = chunk
        return found, self._boxes

    def backward(self, by_patches: Floats) -> ByStrokes:
        """Slopes by the points, radii and pressures of the last strokes, from those by their patches.

        by_patches: (n, SIDE, SIDE). Once for each `alpha`.
        """
        assert self._strokes is not None
        by_actions = np.empty_like(self._actions)
        for rows in _chunks(len(self._strokes)):
            chunk = self._kept.pop(rows.start, None) or self._through(rows, True)
            assert chunk.alpha is not None
            slopes = torch.tensor(by_patches[rows], device=self.device)
            (found,) = torch.autograd.grad(chunk.alpha, chunk.actions, slopes)
            by_actions[rows] = found.cpu().numpy()
        return by_strokes(by_actions, self._actions, self._strokes.radii, self._boxes)

    def _through(self, rows: slice, is_kept: bool) -> _Chunk:
        assert self._strokes is not None
        actions = torch.tensor(self._actions[rows], device=self.device, requires_grad=is_kept)
        grains = torch.tensor(self._strokes.grains[rows], device=self.device)
        with torch.set_grad_enabled(is_kept):
            return _Chunk(rows, actions, self.generator.alpha(actions, grains))


def _chunks(count: int) -> Iterator[slice]:
    for start in range(0, count, CHUNK):
        yield slice(start, min(start + CHUNK, count))

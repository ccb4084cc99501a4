"""Patches of strokes for drawing, each made once: a stroke looks the same at any size and place."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray

from engine.painters.brush.generators.base import StrokeGenerator
from engine.painters.brush.generators.opening import open_generator
from engine.painters.brush.patch_boxes import NUMBERS, SIDE, Floats, actions_of, boxes_of
from engine.painters.brush.strokes import Strokes

BATCH = 16  # strokes that go through a network together, always as many, so that bytes don't depend on others
STEPS = 2048  # of each of a stroke's numbers: what differs by less looks the same
MOST = 16_384  # patches that are kept, 4 kB each


class PatchStore:
    """A generator, and the patches that it has made lately; several threads may ask at a time."""

    def __init__(self, generator: StrokeGenerator) -> None:
        self.generator = generator
        self._kept: OrderedDict[bytes, NDArray[np.uint8]] = OrderedDict()
        self._turn = Lock()

    def patches(self, strokes: Strokes) -> tuple[Floats, Floats]:
        """Patches (n, SIDE, SIDE), 0..1, and their boxes (n, 4) in the strokes' pixels."""
        boxes = boxes_of(strokes.points, strokes.radii)
        actions = actions_of(strokes.points, strokes.radii, strokes.pressures, boxes)
        rounded = np.rint(actions * STEPS).astype(np.int16)
        keys = [row.tobytes() for row in rounded]
        with self._turn:
            return self._found(keys, rounded), boxes

    def _found(self, keys: list[bytes], rounded: NDArray[np.int16]) -> Floats:
        """The patches of some strokes, made where there are none yet."""
        self._make({key: row for key, row in zip(keys, rounded, strict=True) if key not in self._kept})
        found = np.empty((len(keys), SIDE, SIDE), np.float32)
        for number, key in enumerate(keys):
            self._kept.move_to_end(key)
            found[number] = self._kept[key]
        found *= np.float32(1 / 255)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return found

    def _make(self, wanted: dict[bytes, NDArray[np.int16]]) -> None:
        keys = list(wanted)
        for first in range(0, len(keys), BATCH):
            part = keys[first : first + BATCH]
            actions = np.zeros((BATCH, NUMBERS), np.float32)
            actions[: len(part)] = np.stack([wanted[key] for key in part]) / np.float32(STEPS)
            with torch.no_grad():
                alpha = self.generator.alpha(torch.tensor(actions), torch.zeros(BATCH, 2)).numpy()
            for key, patch in zip(part, np.rint(255 * alpha).astype(np.uint8), strict=False):
                self._kept[key] = patch


@lru_cache(maxsize=4)
def store_of(content: bytes) -> PatchStore:
    """That of a file of weights, on the CPU, where all bytes are the same each time."""
    torch.set_num_threads(1)
    return PatchStore(open_generator(content))


@lru_cache(maxsize=4)
def generator_of(content: bytes, device: str) -> StrokeGenerator:
    """The generator of a file of weights, on a device."""
    torch.set_num_threads(1)
    return open_generator(content, device)

"""A target in shared memory, of which workers read windows, so that nobody has a copy of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.image.source import Box, TargetWindow
from engine.parallel.shared_memory import TARGET_SEGMENT, Address, Segment


@dataclass(frozen=True)
class SharedTarget:
    """A picklable target source; whoever unpickles it attaches at the first read."""

    address: Address
    height: int
    width: int
    channels: int
    weight_type: str | None  # numpy's name of it; None: all pixels count the same
    _opened: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def create(cls, folder: Path, target: TargetWindow) -> SharedTarget:
        """Put a whole target into shared memory, or a file in the run folder; SpaceError without room."""
        height, width, channels = target.pixels.shape
        weights = target.weights
        size = target.pixels.nbytes + (0 if weights is None else 1 + weights.nbytes)
        segment = Segment.create(size, folder, TARGET_SEGMENT)
        kind = None if weights is None else weights.dtype.str
        shared = cls(segment.address, height, width, channels, kind, {"segment": segment})
        source = shared._source()
        source.pixels[:] = target.pixels
        if weights is not None and source.weights is not None:
            source.weights[:] = weights
        return shared

    def read(self, box: Box, scale: float = 1.0) -> TargetWindow:
        """See TargetSource; copies, as views would keep the memory from being closed."""
        window = self._source().read(box, scale)
        return TargetWindow(window.pixels.copy(), None if window.weights is None else window.weights.copy())

    def close(self) -> None:
        """Let go of the memory; it ends with its creator's. May be called twice."""
        if "segment" in self._opened:
            self._opened.pop("segment").close()

    def __enter__(self) -> SharedTarget:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": {}}

    def _source(self) -> TargetWindow:
        """Views, made for each use because a kept one would forbid to close."""
        if "segment" not in self._opened:
            self._opened["segment"] = Segment.attach(self.address)
        buffer, shape = self._opened["segment"].buffer, (self.height, self.width)
        size = self.height * self.width * self.channels
        pixels = np.ndarray((*shape, self.channels), np.uint8, buffer)
        if self.weight_type is None:
            return TargetWindow(pixels)
        # Weights have up to two bytes, and begin at an even one.
        weights = np.ndarray(shape, np.dtype(self.weight_type), buffer, size + size % 2)
        return TargetWindow(pixels, weights)

"""Where jobs get the target from: any box of it, at any scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from engine.image.importance import Weights
from engine.image.pixels import Pixels, resample
from engine.image.pyramid import Pyramid

Box = tuple[int, int, int, int]  # x0, y0, x1, y1 in target pixels, half-open


class TargetWindow(NamedTuple):
    """A box of the target; a target source itself."""

    pixels: Pixels  # (height, width, channels), RGB or premultiplied RGBA
    weights: Weights | None = None  # (height, width), how much each pixel counts; None: all the same

    def crop(self, x0: int, y0: int, height: int, width: int) -> TargetWindow:
        """A part of it, as views."""
        inside = slice(y0, y0 + height), slice(x0, x0 + width)
        return TargetWindow(self.pixels[inside], None if self.weights is None else self.weights[inside])

    @property
    def height(self) -> int:
        """Target pixels."""
        return self.pixels.shape[0]

    @property
    def width(self) -> int:
        """Target pixels."""
        return self.pixels.shape[1]

    @property
    def channels(self) -> int:
        """Three, or four with transparency."""
        return self.pixels.shape[2]

    def read(self, box: Box, scale: float = 1.0) -> TargetWindow:
        """A view at scale 1, else means over areas."""
        x0, y0, x1, y1 = within(box, self.height, self.width)
        window = self.crop(x0, y0, y1 - y0, x1 - x0)
        if scale == 1.0:
            return window
        height, width = max(1, round((y1 - y0) * scale)), max(1, round((x1 - x0) * scale))
        weights = None if window.weights is None else resample(window.weights, height, width)
        return TargetWindow(resample(window.pixels, height, width), weights)


class TargetSource(Protocol):
    """A target that workers read windows of: a picklable value."""

    @property
    def height(self) -> int:
        """Of the whole, in target pixels."""

    @property
    def width(self) -> int:
        """Of the whole, in target pixels."""

    @property
    def channels(self) -> int:
        """Three, or four with transparency."""

    def read(self, box: Box, scale: float = 1.0) -> TargetWindow:
        """What lies in a box, as far as there is any target, in `scale` pixels for each of its own."""


class WholeSource(TargetSource, Protocol):
    """One of which everything is at hand where it was made."""

    @property
    def weights(self) -> Weights | None:
        """How much each pixel of the whole counts, (height, width); None: all the same."""


def within(box: Box, height: int, width: int) -> Box:
    """What of a box lies in a picture."""
    return max(box[0], 0), max(box[1], 0), min(box[2], width), min(box[3], height)


@dataclass(frozen=True)
class StoredSource:
    """A target in files, of which whoever reads it opens its windows alone."""

    stored_pixels: Pyramid
    stored_weights: Pyramid | None = None

    @property
    def height(self) -> int:
        """Target pixels."""
        return self.stored_pixels.height

    @property
    def width(self) -> int:
        """Target pixels."""
        return self.stored_pixels.width

    @property
    def channels(self) -> int:
        """Three, or four with transparency."""
        return self.stored_pixels.channels

    @property
    def weights(self) -> Weights | None:
        """All of them, mapped from the file."""
        return None if self.stored_weights is None else self.stored_weights.pixels[..., 0]

    def read(self, box: Box, scale: float = 1.0) -> TargetWindow:
        """Copies; at smaller scales from the pyramid's level above, which has been rounded before."""
        inside = within(box, self.height, self.width)
        weights = None if self.stored_weights is None else self.stored_weights.read(inside, scale)[..., 0]
        return TargetWindow(self.stored_pixels.read(inside, scale), weights)

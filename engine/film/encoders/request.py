"""What an encoder is given: frames with their time, where the film goes, and in what manner it is made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.film.encoders.tools import Tools
from engine.image.pixels import Pixels

Size = tuple[int, int]  # height, width


@dataclass(frozen=True)
class Frame:
    """A picture of the film and how long it is shown."""

    pixels: Pixels
    seconds: float


@dataclass(frozen=True)
class EncoderSettings:
    """How a film is made where its format leaves a choice."""

    codec: str = "h264"  # of mp4
    quality: float = 1.0  # what is usual; 0: the worst that can still be watched
    max_bytes: int | None = None  # a larger film is given up
    cover: Pixels | None = None  # a still picture of the film, where a format keeps one (MP4)
    still: tuple[int, ...] = ()  # frames, from 0, where a picture begins to stay; players can go there

    def between(self, worst: float, best: float) -> int:
        """A format's own number for this quality."""
        return round(worst + (best - worst) * self.quality)


@dataclass(frozen=True)
class EncodeRequest:
    """Everything that an encoder needs."""

    frames: Iterable[Frame]
    size: Size
    film: Path  # the file or folder to write, in a folder of its own
    fps: int
    tools: Tools
    manner: EncoderSettings

    def timed(self, rate: Fraction) -> Iterator[tuple[Pixels, int]]:
        """Yield the frames that are shown, each with its ticks of 1/rate seconds, at least one in all.

        A frame ends at the tick nearest to where it should, so one of a tick or longer is never lost.
        """
        end, shown = 0.0, 0  # seconds, ticks
        for index, frame in enumerate(self.frames):
            self._check(index, frame)
            end += frame.seconds
            ticks = math.floor(end * rate + 0.5) - shown
            if ticks:
                yield frame.pixels, ticks
            shown += ticks
        if not shown:
            yield frame.pixels, 1

    def _check(self, index: int, frame: Frame) -> None:
        pixels, shape = frame.pixels, (*self.size, 3)
        if pixels.shape != shape or pixels.dtype != np.uint8:
            raise ValueError(f"frame {index} is {pixels.dtype} {pixels.shape}, not uint8 {shape}.")
        if not 0 <= frame.seconds < math.inf:
            raise ValueError(f"frame {index} is shown for {frame.seconds} seconds; it must be 0 or more.")

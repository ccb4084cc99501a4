"""A film that may have only so many bytes: of a ladder of sizes and qualities, the best one that fits."""

from __future__ import annotations

import math
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.errors import SpecError
from engine.events import EventHandler, Fitting
from engine.film.encoders.encode import TooLargeError, encode
from engine.film.encoders.process import writing
from engine.film.encoders.request import EncoderSettings, Frame
from engine.film.encoders.tools import Tools
from engine.storage.run_folder import SCRATCH

QUALITIES = (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)  # at full size,
STEP = 0.9  # from each size to the next smaller one,
SMALLEST = 64  # pixels of the shorter side, unless it has fewer from the beginning,
WORST_QUALITIES = (0.2, 0)  # and those at the smallest size

Draw = Callable[[int], Generator[Frame, None, None]]  # all frames, at a longest side in pixels


@dataclass(frozen=True)
class Rung:
    """A size, the longest side in pixels, and a quality as in a EncoderSettings."""

    size: int
    quality: float


@dataclass(frozen=True)
class Tried:
    """What became of a rung."""

    rung: Rung
    bytes: int  # how many it had when it was given up, if it is too large; 0: too small for what it shows
    shortest: int  # side of its frames, in pixels
    encoder: str  # what it says of itself, if it was not given up


def encode_within(
    max_bytes: int | None,
    draw: Draw,
    size: int,
    path: Path,
    fps: int,
    tools: Tools,
    codec: str,
    emit: EventHandler,
) -> str:
    """Encode a film so that it has at most `max_bytes`; say what encoded it, and in what size and quality.

    draw(longest side) draws all frames anew. size: the longest side that is wanted, in pixels.
    Raises SpecError when nothing fits, and what `encode` raises; then there is no film.
    """
    if max_bytes is None:
        with closing(draw(size)) as frames:
            return encode(frames, path, fps, tools, EncoderSettings(codec))
    with writing(path):
        scratch = tempfile.TemporaryDirectory(prefix=SCRATCH, dir=path.parent)
    with scratch as folder:
        film = Path(folder, path.name)

        def attempt(rung: Rung) -> Tried:
            limit = max_bytes if rung.quality > 0 else None  # to say by how much the last one is too large
            with closing(draw(rung.size)) as frames:
                try:
                    first = next(frames)
                except SpecError:
                    if rung.size == size:
                        raise
                    return Tried(rung, 0, 0, "")
                try:
                    manner = EncoderSettings(codec, rung.quality, limit)
                    encoder = encode(chain([first], frames), film, fps, tools, manner)
                    count = film.stat().st_size
                except TooLargeError as large:
                    encoder, count = "", large.bytes
            emit(Fitting(str(path), count, max_bytes, rung.size, rung.quality))
            return Tried(rung, count, min(first.pixels.shape[:2]), encoder)

        best = best_fitting(size, max_bytes, attempt)
        if best.bytes > max_bytes:
            raise SpecError(
                f"{path.name}: has {best.bytes:,} bytes even with {best.rung.size} px and the lowest "
                f"quality, more than film.max-bytes ({max_bytes:,}); make it shorter (film.duration), or "
                "give it fewer frames a second (film.fps)."
            )
        with writing(path):
            film.replace(path)  # each film that fitted has replaced a worse one
    return f"{best.encoder}, {best.rung.size} px, quality {best.rung.quality:g}"


def best_fitting(size: int, max_bytes: int, attempt: Callable[[Rung], Tried]) -> Tried:
    """The first rung that fits, by bisection, with the last attempt that fitted; the last rung if none does.

    A rung that fits is followed by better ones only.
    """
    tried = [attempt(Rung(size, 1))]
    if tried[0].bytes <= max_bytes:
        return tried[0]

    def fits(rung: Rung) -> bool:
        tried.append(attempt(rung))
        return tried[-1].bytes <= max_bytes

    bisect_left(ladder(size, tried[0].shortest), True, lo=1, key=fits)
    fitted = (each for each in reversed(tried) if 0 < each.bytes <= max_bytes)
    return next(fitted, next(each for each in reversed(tried) if each.bytes > max_bytes))


def ladder(size: int, shortest: int) -> list[Rung]:
    """All rungs, from the best to the worst. shortest: side at that size, in pixels."""
    smallest = math.ceil(size * SMALLEST / shortest)
    sizes = [size]
    while (smaller := 2 * round(sizes[-1] * STEP / 2)) >= smallest:  # even, as 4:2:0 wants it
        sizes.append(smaller)
    return [
        *(Rung(size, quality) for quality in QUALITIES),
        *(Rung(smaller, QUALITIES[-1]) for smaller in sizes[1:]),
        *(Rung(sizes[-1], quality) for quality in WORST_QUALITIES),
    ]


def most_tries(size: int, shortest: int) -> int:
    """How often a film is encoded, at most; as `ladder`."""
    return 1 + (len(ladder(size, shortest)) - 1).bit_length()

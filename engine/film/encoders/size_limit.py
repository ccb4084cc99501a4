"""A film that may have only so many bytes: of a ladder of sizes and qualities, the best one that fits."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

QUALITIES = (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)  # at full size,
STEP = 0.9  # from each size to the next smaller one,
SMALLEST = 64  # pixels of the shorter side, unless it has fewer from the beginning,
WORST_QUALITIES = (0.2, 0)  # and those at the smallest size


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

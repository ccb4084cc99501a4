"""Strokes by pixels alone: the differences of drawing and target, as they are and blurred.

Lines can't have a photograph's tones, but seen from further away they do: blurred, hatching is grey.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from engine.painters.curves.objectives.base import Planes, Sight, Verdict

# Sigma of a blur, in pixels, and what the squares of differences that it leaves count.
LEVELS = ((0.0, 0.05), (1.2, 0.25), (3.0, 0.4), (6.0, 0.3))
UNIT = 0.02  # a loss of 1: the mean square of differences that is as bad as a neuron's usual spread

_TWICE = 5  # sigmas that count, of what is blurred twice


@dataclass(frozen=True)
class Picture:
    """Likes drawings that look like the target. Beyond a border that doesn't wrap the two agree."""

    levels: tuple[tuple[float, float], ...] = LEVELS

    def _room(self, sight: Sight) -> int:
        """Pixels that keep one border's differences from the other's."""
        return 0 if sight.wraps else math.ceil(_TWICE * max(sigma for sigma, _ in self.levels))

    def verdict(self, sight: Sight, random: np.random.Generator) -> Verdict:
        """The weighted mean squares of differences, in units of UNIT; nothing in it is random.

        All levels at once: the sum of squares after blurs is a product of the differences and their own
        blurred picture, by the sum of the blurs' squared transfer functions.
        """
        difference, shape = _difference(sight, self._room(sight))
        answers = self._gains(shape, squared=True).sum(axis=0)
        height, width = sight.picture.shape[1:]
        blurred = fft.irfft2(fft.rfft2(difference, shape) * answers, shape)[:, :height, :width]
        loss = float((difference * blurred).sum() / (UNIT * difference.size))
        return Verdict(loss, (2 / (UNIT * difference.size) * blurred).astype(np.float32))

    def map(self, sight: Sight) -> NDArray[np.float32]:
        """How far drawing and target are apart, black from white being 1: (height, width)."""
        difference, shape = _difference(sight, self._room(sight))
        height, width = sight.picture.shape[1:]
        spectrum = fft.rfft2(difference, shape)
        found = np.zeros((height, width), np.float32)
        for gains in self._gains(shape, squared=False):
            found += (fft.irfft2(spectrum * gains, shape)[:, :height, :width] ** 2).mean(axis=0)
        return np.minimum(np.sqrt(found), 1)

    def _gains(self, shape: tuple[int, int], squared: bool) -> NDArray[np.float32]:
        """Of each level by frequency: the root of its weight times its blur's, or that squared."""
        return _gains(self.levels, shape) ** (2 if squared else 1)


@functools.lru_cache(maxsize=8)
def _gains(levels: tuple[tuple[float, float], ...], shape: tuple[int, int]) -> NDArray[np.float32]:
    y, x = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    away = y * y + x * x
    return np.array(
        [math.sqrt(weight) * np.exp(-2 * (math.pi * sigma) ** 2 * away) for sigma, weight in levels],
        np.float32,
    )


def _difference(sight: Sight, room: int) -> tuple[Planes, tuple[int, int]]:
    """Drawing minus target, and the size to which it is to be filled up with zeros."""
    if sight.aim is None:
        raise ValueError("picture: there is no target to compare a drawing with")
    difference = sight.picture - sight.aim
    height, width = difference.shape[1:]
    if not room:
        return difference, (height, width)
    return difference, (fft.next_fast_len(height + room, True), fft.next_fast_len(width + room, True))

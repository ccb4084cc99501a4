"""Adam: each number moves by about its rate, whatever the size of its slopes (Kingma and Ba, 2015)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MEAN, SQUARE = 0.9, 0.98  # how much of its memory each step keeps
SMALL = 1e-12

Floats = NDArray[np.float32]


@dataclass
class Moments:
    """What Adam remembers of an array of numbers, row by row."""

    mean: Floats
    square: Floats

    @classmethod
    def of(cls, numbers: Floats) -> Moments:
        """Those of numbers that have not been moved yet."""
        return cls(np.zeros_like(numbers), np.zeros_like(numbers))

    def __getitem__(self, rows: NDArray[np.bool_]) -> Moments:
        return Moments(self.mean[rows], self.square[rows])

    def step(self, slopes: Floats, rate: float, count: int) -> Floats:
        """By how much the numbers change; count: of steps that were done before."""
        self.mean = np.float32(MEAN) * self.mean + np.float32(1 - MEAN) * slopes
        self.square = np.float32(SQUARE) * self.square + np.float32(1 - SQUARE) * slopes * slopes
        unbiased = math.sqrt(1 - SQUARE ** (count + 1)) / (1 - MEAN ** (count + 1))
        steps = self.mean / (np.sqrt(self.square) + np.float32(SMALL))
        return np.asarray(np.float32(-rate * unbiased) * steps, np.float32)

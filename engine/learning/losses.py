"""What a generator of strokes that has randomness of its own is asked for.

Two draws of each stroke are compared with the one that the engine drew. An energy score is least when draws
are distributed as the engine's strokes are: too little grain loses, and so does too much.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

PATCHES = (3, 8)  # pixels of the sides of the squares that are compared as wholes
FINE = 2.0  # how much more what is fine counts than what is seen as a whole
_SMOOTH = 1e-5  # of a square root, whose slope at 0 has no end


def squared_error(one: Tensor, other: Tensor, real: Tensor) -> Tensor:
    """The squared error of the mean of all draws, and the engine's variance, from two draws (n, 64, 64).

    Its expectation has no part of the draws' own variance, so it doesn't make them all alike.
    """
    return ((one - real) * (other - real)).mean()


def energy_score(one: Tensor, other: Tensor, real: Tensor) -> Tensor:
    """|one - real| + |other - real| - |one - other| over small squares, of strokes and of their grain."""
    first, second, third = (each - _blurred(each) for each in (one, other, real))
    total = torch.zeros((), device=one.device)
    for side in PATCHES:
        total = total + _score(one, other, real, side) + FINE * _score(first, second, third, side)
    return total


def _score(one: Tensor, other: Tensor, real: Tensor, side: int) -> Tensor:
    apart = _distance(one - real, side) + _distance(other - real, side) - _distance(one - other, side)
    return apart.mean()


def _distance(difference: Tensor, side: int) -> Tensor:
    square = functional.avg_pool2d(difference.square()[:, None], side, side // 2)
    return (square + _SMOOTH).sqrt() - _SMOOTH**0.5


def _blurred(strokes: Tensor) -> Tensor:
    row = torch.tensor([0.25, 0.5, 0.25], device=strokes.device)
    return functional.conv2d(strokes[:, None], (row[:, None] * row)[None, None], padding=1)[:, 0]

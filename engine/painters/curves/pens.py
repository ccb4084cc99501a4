"""Pens: each stroke wants some more than others, at first all of them a little, in the end one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FIRST, LAST = 1.0, 0.15  # temperatures of the softmax
SNAPPED = 0.9  # of the steps, after which each stroke has one pen
LEAST_USE = 0.5  # of an even share of the strokes, that each pen has

Floats = NDArray[np.float32]


def temperature(progress: float) -> float:
    """How undecided strokes are; progress: of the steps, 0 to 1."""
    return float(FIRST * (LAST / FIRST) ** min(progress / SNAPPED, 1.0))


def shares(wants: Floats, progress: float) -> Floats:
    """How much of each pen a stroke has, (n, k), each row adding up to 1."""
    if progress >= SNAPPED:
        return np.eye(wants.shape[1], dtype=np.float32)[wants.argmax(axis=1)]
    scaled = wants / np.float32(temperature(progress))
    found = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(found / found.sum(axis=1, keepdims=True), np.float32)


def colours(wants: Floats, pens: Floats, progress: float) -> Floats:
    """Of strokes, (n, 3); pens: their colours (k, 3)."""
    return shares(wants, progress) @ pens


def slopes(wants: Floats, pens: Floats, progress: float, by_colours: Floats, weight: float) -> Floats:
    """Of the loss by what strokes want, (n, k), with what it costs when a pen is hardly used.

    by_colours: slopes of the loss by the strokes' colours. weight: of weight x sum of relu(least - use)^2,
    where a pen's use is the mean of its shares.
    """
    if progress >= SNAPPED or len(wants) == 0:
        return np.zeros_like(wants)
    found = shares(wants, progress)
    lack = np.maximum(LEAST_USE / len(pens) - found.mean(axis=0), 0)
    by_shares = by_colours @ pens.T - np.float32(2 * weight / len(wants)) * lack.astype(np.float32)
    inner = (by_shares * found).sum(axis=1, keepdims=True)
    return np.asarray(found * (by_shares - inner) / np.float32(temperature(progress)), np.float32)

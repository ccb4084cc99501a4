"""Which gaps of a line are between words: minimum error thresholding, with what is known of print beforehand.

Kittler & Illingworth, "Minimum error thresholding" (1986): of all ways to divide values into low and high
ones, the one under which two normal distributions make them likeliest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# In scales, the heights of an x. What is usual in print, and as how many observations it counts.
WITHIN_SPREAD, BETWEEN_SPREAD, OBSERVATIONS = 0.12, 0.15, 12.0
WITHIN_MEAN, WITHIN_MEAN_SPREAD = 0.12, 0.2
STEP_MEAN, STEP_SPREAD = 0.55, 0.3  # from the mean gap within words to that between them
LEAST, MOST = -0.05, 1.5  # gaps are clipped to: overlaps tell nothing, nor does how wide a column's margin is
WORDS_PER_SCALE = 0.19  # of letters' width: one word for five of them
FEWEST, MOST_BETWEEN = 0.08, 0.85  # shares of the gaps that are between words, before they are looked at
HIGH, LOW = 0.98, 0.12  # quantiles of the gaps within and between words, in whose middle the threshold is
ROUNDS = 3


@dataclass(frozen=True, eq=False)
class Sample:
    """Gaps in scales, what each counts for, and how wide the letters between them are in all, in scales."""

    gaps: Floats  # (n,), ascending
    weights: Floats  # (n,)
    letters: float

    @classmethod
    def of(cls, gaps: Floats, weights: Floats, letters: float) -> Sample:
        """In order, and clipped."""
        order = np.argsort(gaps, kind="stable")
        return cls(np.clip(gaps[order], LEAST, MOST), weights[order], letters)


def threshold(sample: Sample) -> float:
    """The gap above which words part."""
    gaps, weights = sample.gaps, sample.weights
    cut = _likeliest_cut(sample)
    if cut == len(gaps):
        within = float(np.average(gaps, weights=weights))
        return max(float(gaps[-1]), within + STEP_MEAN / 2)
    limit = float(gaps[cut - 1] + gaps[cut]) / 2
    for _ in range(ROUNDS):
        low = gaps <= limit
        limit = (_quantile(gaps[low], weights[low], HIGH) + _quantile(gaps[~low], weights[~low], LOW)) / 2
    return limit


def _likeliest_cut(sample: Sample) -> int:
    """How many of the gaps are within words."""
    gaps, weights = sample.gaps, sample.weights
    share = np.clip(WORDS_PER_SCALE * sample.letters / weights.sum(), FEWEST, MOST_BETWEEN)
    count, first, second = (np.cumsum(each) for each in (weights, weights * gaps, weights * gaps**2))
    within, mean = _log_likelihood(count, first, second, WITHIN_SPREAD)
    likelihood = within + count * np.log(1 - share) - ((mean - WITHIN_MEAN) / WITHIN_MEAN_SPREAD) ** 2 / 2
    counts, firsts, seconds = (each[-1] - each[:-1] for each in (count, first, second))
    between, other = _log_likelihood(counts, firsts, seconds, BETWEEN_SPREAD)
    step = (other - mean[:-1] - STEP_MEAN) / STEP_SPREAD
    likelihood[:-1] += between + (count[-1] - count[:-1]) * np.log(share) - step**2 / 2
    likelihood[-1] -= OBSERVATIONS * (np.log(BETWEEN_SPREAD) + 0.5)
    likelihood[:-1][np.diff(gaps) < 1e-9] = -np.inf
    return int(np.argmax(likelihood)) + 1


def _log_likelihood(count: Floats, first: Floats, second: Floats, spread: float) -> tuple[Floats, Floats]:
    """Of a normal distribution fitted to values of these sums, and its mean."""
    mean = first / count
    squares = np.maximum(second - count * mean**2, 0) + OBSERVATIONS * spread**2
    return -(count + OBSERVATIONS) * (np.log(squares / (count + OBSERVATIONS)) + 1) / 2, mean


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    """Of ascending values."""
    sums = np.cumsum(weights)
    return float(values[int(np.searchsorted(sums, share * sums[-1]))])

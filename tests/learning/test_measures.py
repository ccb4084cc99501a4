"""Measures of strokes say what they are to say."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from engine.learning.measures import grain, iou, mse


def discs(radius, count=3, noise=0.0):
    random = np.random.default_rng(1)
    y, x = np.mgrid[:64, :64] - 31.5
    disc = np.clip(radius + 0.5 - np.hypot(y, x), 0, 1)
    speckle = 1 - noise * random.random((count, 64, 64))
    return (disc * speckle).astype(np.float32)


def test_the_same_is_the_same():
    real = discs(12, noise=0.4)
    assert (mse(real, real), iou(real, real), grain(real, real)) == (0, 1, 1)


def test_a_smaller_disc_covers_its_share():
    assert iou(discs(10), discs(20)) == pytest.approx(0.25, abs=0.01)
    assert mse(discs(10), discs(20)) == pytest.approx(np.pi * (20**2 - 10**2) / 64**2, rel=0.1)


def test_a_blurred_stroke_has_less_grain_and_a_noisy_one_more():
    real = discs(15, noise=0.5)
    assert grain(gaussian_filter(real, (0, 1.5, 1.5)), real) < 0.1
    assert grain(discs(15, noise=0.9), real) > 2


def test_nothing_is_like_nothing():
    nothing = np.zeros((2, 64, 64), np.float32)
    assert (mse(nothing, nothing), iou(nothing, nothing), grain(nothing, nothing)) == (0, 1, 1)

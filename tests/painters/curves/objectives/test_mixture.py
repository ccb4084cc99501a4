"""Sums of objectives: weights, maps of several sizes, and how they are written."""

from __future__ import annotations

import numpy as np
import pytest

from engine.painters.curves.objectives.base import Sight
from engine.painters.curves.objectives.mixture import Mixture
from engine.painters.curves.objectives.picture import Picture
from engine.painters.curves.objectives.v4 import V4

ANY = np.random.default_rng(0)


@pytest.fixture
def sight():
    picture, aim = ANY.random((2, 3, 48, 40)).astype(np.float32)
    return Sight(picture, True, aim)


def test_losses_and_slopes_are_weighted_sums(sight):
    parts = V4("fan"), Picture()
    mixed = Mixture(((2.0, parts[0]), (0.5, parts[1]))).verdict(sight, ANY)
    one, other = (part.verdict(sight, ANY) for part in parts)
    assert mixed.loss == pytest.approx(2 * one.loss + 0.5 * other.loss)
    np.testing.assert_allclose(mixed.slopes, 2 * one.slopes + 0.5 * other.slopes, rtol=1e-5, atol=1e-9)


def test_the_map_is_as_fine_as_the_finest_and_lies_between_its_parts(sight):
    mixed = Mixture(((3.0, V4("fan")), (1.0, Picture())))
    coarse, fine = V4("fan").map(sight), Picture().map(sight)
    bad = mixed.map(sight)
    assert bad.shape == fine.shape == (48, 40)
    inner = np.kron(coarse, np.ones((2, 2)))[1:-1, 1:-1]
    np.testing.assert_allclose(bad[1:-1, 1:-1], 0.75 * inner + 0.25 * fine[1:-1, 1:-1], atol=0.05)

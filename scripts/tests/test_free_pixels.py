"""Free pixels get to where nothing more is wanted."""

import numpy as np

from engine.painters.curves.objectives.base import Verdict
from scripts.benches.free_pixels import free_pixels, liking


class Grey:
    """Wants all pixels to be 0.25."""

    margin = 0

    def verdict(self, sight, random):
        away = sight.picture - np.float32(0.25)
        return Verdict(float(np.square(away).mean()), 2 * away / away.size)

    def map(self, sight):
        return np.abs(sight.picture[0] - np.float32(0.25))


def test_free_pixels_reach_what_is_wanted():
    found = free_pixels(Grey(), 16, 100, 0)
    assert np.abs(found - 0.25).max() < 0.02
    assert (found == free_pixels(Grey(), 16, 100, 0)).all()
    assert liking(Grey(), found) > liking(Grey(), np.ones_like(found))

from __future__ import annotations

import numpy as np
import pytest

from engine.painters.curves import judging
from engine.painters.curves.judging import missing
from engine.painters.curves.objectives.base import Sight, Verdict


class Darkness:
    """Misses light around each place, on a grid of every second pixel."""

    margin = 4

    def __init__(self) -> None:
        self.largest = 0

    def verdict(self, sight: Sight, random: np.random.Generator) -> Verdict:
        raise NotImplementedError

    def map(self, sight: Sight) -> np.ndarray:
        self.largest = max(self.largest, *sight.picture.shape[1:])
        grey = 1 - sight.picture[0]
        around = [np.roll(grey, (y, x), (0, 1)) for y in range(-4, 5) for x in range(-4, 5)]
        return np.stack(around).mean(axis=0)[::2, ::2].astype(np.float32)


@pytest.mark.parametrize("wraps", [False, True])
def test_large_drawings_are_judged_in_pieces_as_if_as_a_whole(
    wraps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = np.random.default_rng(0).random((3, 96, 130)).astype(np.float32)
    whole = missing(Darkness(), Sight(picture, wraps, None))
    monkeypatch.setattr(judging, "PIECE", 32)
    monkeypatch.setattr(judging, "AROUND", 8)
    objective = Darkness()
    pieces = missing(objective, Sight(picture, wraps, None))
    assert objective.largest <= 48
    inner = np.s_[:] if wraps else np.s_[4:-4, 4:-4]  # this objective always takes what it sees to wrap
    np.testing.assert_allclose(pieces[inner], whole[inner], atol=1e-6)


def test_a_map_is_told_at_each_pixel_within_0_and_1() -> None:
    class Coarse(Darkness):
        def map(self, sight: Sight) -> np.ndarray:
            return np.array([[-1, 0.5, 2]], np.float32)

    found = missing(Coarse(), Sight(np.zeros((3, 4, 6), np.float32), False, None))
    assert found.tolist() == [[0, 0, 0.5, 0.5, 1, 1]] * 4

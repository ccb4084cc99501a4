"""Targets with the contrast of ink on paper."""

from __future__ import annotations

import numpy as np

from engine.painters.curves.objectives.base import Sight
from engine.painters.curves.objectives.contrast import Contrast, contrasted
from engine.painters.curves.objectives.picture import Picture
from engine.painters.curves.objectives.v4 import V4

ANY = np.random.default_rng(0)


def test_tones_become_ink_or_paper_and_keep_their_order():
    tones = np.linspace(0, 1, 101, dtype=np.float32)
    found = contrasted(tones)
    assert found.dtype == np.float32
    assert (found[tones < 0.5] == 0).all()
    assert (found[tones > 0.81] == 1).all()
    assert (np.diff(found[(tones > 0.51) & (tones < 0.79)]) > 0).all()


def test_the_part_sees_the_target_with_contrast_and_the_drawing_as_it_is():
    picture, aim = ANY.random((2, 3, 30, 20)).astype(np.float32)
    soft, hard = Sight(picture, False, aim), Sight(picture, False, contrasted(aim))
    found, wanted = Contrast(Picture()).verdict(soft, ANY), Picture().verdict(hard, ANY)
    assert found.loss == wanted.loss
    np.testing.assert_array_equal(found.slopes, wanted.slopes)
    np.testing.assert_array_equal(Contrast(Picture()).map(soft), Picture().map(hard))


def test_without_a_target_nothing_changes():
    sight = Sight(ANY.random((3, 30, 20)).astype(np.float32), True, None)
    assert Contrast(V4("fan")).verdict(sight, ANY).loss == V4("fan").verdict(sight, ANY).loss

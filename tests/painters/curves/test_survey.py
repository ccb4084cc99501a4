"""Small drawings of what channels like, and the sheet that shows them."""

import numpy as np
import pytest

from engine.errors import SpecError
from engine.painters.curves.contact_sheet import DEAD, contact_sheet, height_of
from engine.painters.curves.objectives.v4_motifs import CHANNELS
from engine.painters.curves.survey import Job, Portrait, Survey, channels_of, portrait

TINY = "tests.doubles.tiny_network:network"


def test_channels_are_told_with_what_is_not_there():
    assert channels_of("v4", "", "", "cpu") == tuple(f"v4/{name}" for name in CHANNELS)
    pytest.importorskip("torch")
    assert channels_of(f"{TINY}/second", "", "", "cpu") == tuple(f"{TINY}/second/{n}" for n in range(5))
    assert channels_of(f"{TINY}/second", "3-4, 0,3", "", "cpu") == tuple(
        f"{TINY}/second/{n}" for n in (3, 4, 0)
    )
    for layer, only, said in (
        ("v4", "1-2", "have names"),
        ("v4/wave", "", "give v4 alone"),
        ("squeezenet", "", "NETWORK/LAYER"),
        ("squeezenet/fire6/3", "", "NETWORK/LAYER"),
        ("squeezenet/fire1", "", "there are conv1"),
        (f"{TINY}/second", "2-9", "there are 0 to 4"),
        (f"{TINY}/second", "4-2", "must be channels"),
        (f"{TINY}/second", "all", "must be channels"),
    ):
        with pytest.raises(SpecError, match=said):
            channels_of(layer, only, "", "cpu")


def test_a_channel_is_drawn_the_same_again_and_more_steps_are_liked_better():
    survey = Survey(size=64, steps=2, seed=3)
    first, again, longer = (
        portrait(each, Job("v4/wave")) for each in (survey, survey, survey._replace(steps=30))
    )
    assert first.pixels.shape == (64, 64, 3)
    assert (first.pixels == again.pixels).all()
    assert first.liking == again.liking < longer.liking
    assert not longer.is_dead


def test_a_sheet_has_a_picture_for_each_and_marks_the_dead():
    alive = np.zeros((40, 40, 3), np.uint8)
    portraits = [Portrait(f"n/l/{number}", alive, float(number % 3)) for number in range(7)]
    sheet = contact_sheet("n/l", portraits)
    assert sheet.shape[0] == height_of(7, 40)
    assert 0.5 < sheet.shape[0] / sheet.shape[1] < 2
    black = (sheet == 0).all(axis=2).sum()
    assert black == 4 * 40 * 40, "those that are alive are as they were drawn"
    assert (sheet == DEAD).all(axis=2).sum() >= 3 * 4 * 40, "the others have a frame"

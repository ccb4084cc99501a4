"""Tones are stretched, evened out and lightened where a picture is dark or flat, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data
from skimage.color import rgb2gray
from skimage.exposure import equalize_adapthist

from engine.image.target import open_target
from engine.painters.gng.density import FULL
from engine.painters.gng.ink_map import grey_of, weights_of
from engine.painters.gng.params import GasParams, Tones
from engine.painters.gng.tone import AIRY, is_poor, toned, tones_of

COFFEE = 1 - rgb2gray(data.coffee()[::2, ::2])
CAMERA = 1 - data.camera()[::2, ::2] / 255


def places(height, width):
    y, x = np.mgrid[:height, :width] + 0.5
    return np.stack([x, y], axis=-1)


def test_a_dark_picture_gets_lighter_and_richer_and_another_one_stays():
    assert is_poor(COFFEE)
    assert not is_poor(CAMERA)
    assert tones_of(CAMERA, GasParams()) == Tones()
    drawn = toned(COFFEE, tones_of(COFFEE, GasParams()))
    assert drawn.mean() == pytest.approx(AIRY, abs=0.01)
    assert drawn.std() > 1.1 * COFFEE.std()
    assert 0 <= drawn.min() <= drawn.max() <= 1


@pytest.mark.parametrize("changed", [{"look": "colour"}, {"look": "low-poly"}, {"points": "binary"}])
def test_what_has_no_tones_of_its_own_is_left_alone(changed):
    assert tones_of(COFFEE, GasParams(**changed)) == Tones()


def test_one_tone_is_one_tone():
    assert tones_of(np.full((30, 40), 0.7), GasParams()) == Tones()


def test_places_have_the_tones_of_the_picture():
    tones = tones_of(COFFEE, GasParams())
    assert (
        np.abs(toned(COFFEE, tones, COFFEE.shape, places(*COFFEE.shape)) - toned(COFFEE, tones)).max() < 1e-5
    )


def test_it_is_the_equalisation_of_others():
    params = GasParams(contrast=1, gamma=1, equalise=1)
    ours = toned(COFFEE, tones_of(COFFEE, params))
    theirs = equalize_adapthist(COFFEE, kernel_size=37, clip_limit=0.01)
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.93
    assert np.corrcoef(COFFEE.ravel(), theirs.ravel())[0, 1] < np.corrcoef(ours.ravel(), theirs.ravel())[0, 1]


def test_contrast_and_gamma_are_as_they_are_said():
    ramp = np.tile(np.linspace(0, 1, 101), (20, 1))
    steep = toned(ramp, tones_of(ramp, GasParams(contrast=2, gamma=1, equalise=0)))
    assert np.abs(steep[0] - np.clip(2 * ramp[0] - 0.5, 0, 1)).max() < 0.02
    light = toned(ramp, tones_of(ramp, GasParams(contrast=1, gamma=2, equalise=0)))
    assert np.abs(light[0] - ramp[0] ** 2).max() < 0.01


def test_more_ink_stays_more_ink_in_each_place():
    tones = tones_of(COFFEE, GasParams(equalise=1))
    along = np.linspace(0, 1, 256)
    for place in places(40, 60)[::13, ::17].reshape(-1, 2):
        drawn = toned(along, tones, (40, 60), np.tile(place, (256, 1)))
        assert (np.diff(drawn) >= -1e-6).all()


def test_earlier_runs_keep_their_tones():
    params = GasParams(**GasParams.LATER)
    assert tones_of(COFFEE, params) == Tones()
    assert params.emphasis == 0


@pytest.mark.parametrize("border", [0.8, 2.3])
def test_outlines_have_the_most_ink(border):
    target = open_target("page", 96, "white")
    ink = weights_of(target, GasParams(points="binary")) > 0
    lined = weights_of(target, GasParams(points="binary", border=border))
    assert lined.max() == FULL
    assert (lined[ink] > 0).all()


def test_outlines_of_strokes_have_more_ink_than_without():
    target = open_target("page", 96, "white")
    without, lined = (weights_of(target, GasParams(look="strokes", detail=2, border=at)) for at in (0.0, 9.0))
    assert (lined >= without).all()
    assert lined.sum() > without.sum()


def test_outlines_are_told_by_their_weight_alone():
    assert GasParams(look="stipple").emphasis == 4
    assert GasParams(look="stipple", border=2).emphasis == 0
    assert GasParams(look="stipple", border=2, detail=3).emphasis == 3


def test_the_grey_is_that_of_others():
    target = open_target("coffee", 96)
    ours = grey_of(target, GasParams())
    np.testing.assert_allclose(ours, rgb2gray(target.pixels), atol=1e-12)
    np.testing.assert_allclose(grey_of(target, GasParams(invert=True)), 1 - ours, atol=1e-12)
    assert grey_of(open_target("blank:3x3", 3), GasParams()).max() == 1

"""Strokes by pixels: slopes of the loss, what blurs forgive, and borders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from engine.painters.curves.objectives.base import Sight
from engine.painters.curves.objectives.picture import LEVELS, UNIT, Picture

ANY = np.random.default_rng(0)
SIDES = st.integers(1, 40)


def judged(picture, aim, wraps, **settings_):
    return Picture(**settings_).verdict(Sight(picture, wraps, aim), ANY)


def pair(seed, *size):
    random = np.random.default_rng(seed)
    return random.random((3, *size)), random.random((3, *size)), random


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, st.booleans(), st.integers(0, 2**32 - 1))
def test_slopes_are_those_of_the_loss(height, width, wraps, seed):
    picture, aim, random = pair(seed, height, width)
    step = 1e-3 * random.normal(size=picture.shape)
    measured = judged(picture + step, aim, wraps).loss - judged(picture - step, aim, wraps).loss
    verdict = judged(picture, aim, wraps)
    assert verdict.slopes.dtype == np.float32
    assert 2 * (verdict.slopes * step).sum() == pytest.approx(measured, rel=1e-4, abs=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.integers(8, 40), st.integers(8, 40), st.booleans(), st.integers(0, 2**32 - 1))
def test_the_loss_is_that_of_blurred_differences(height, width, wraps, seed):
    picture, aim, _ = pair(seed, height, width)
    levels = tuple(level for level in LEVELS if level[0] < 2)
    room = ((0, 0), (0, 0), (0, 0)) if wraps else ((0, 0), (12, 12), (12, 12))
    difference = np.pad(picture - aim, room)
    found = 0.0
    for sigma, weight in levels:
        each = [gaussian_filter(plane, sigma, mode="wrap", truncate=8) for plane in difference]
        found += weight * float(np.square(each).sum()) / (UNIT * picture.size)
    assert judged(picture, aim, wraps, levels=levels).loss == pytest.approx(found, rel=2e-3)


def test_hatching_is_grey_and_white_is_not():
    grey = np.full((3, 48, 48), 0.5)
    hatching = np.broadcast_to(np.arange(48) // 2 % 2, (3, 48, 48)).astype(float)
    blurred = [judged(drawing, grey, True, levels=((3.0, 1.0),)).loss for drawing in (hatching, grey + 0.5)]
    assert blurred[0] < 1e-3 * blurred[1]


def test_on_a_torus_the_place_makes_no_difference():
    picture, aim, _ = pair(1, 30, 20)
    moved = judged(np.roll(picture, (7, 3), (1, 2)), np.roll(aim, (7, 3), (1, 2)), True)
    verdict = judged(picture, aim, True)
    assert moved.loss == pytest.approx(verdict.loss, rel=1e-9)
    np.testing.assert_allclose(moved.slopes, np.roll(verdict.slopes, (7, 3), (1, 2)), atol=1e-9)


def test_on_other_paper_one_border_knows_nothing_of_the_other():
    picture, aim = np.ones((3, 40, 90)), np.ones((3, 40, 90))
    picture[:, :, 0] = 0
    assert np.abs(judged(picture, aim, True).slopes[:, :, -1]).max() > 1e-5
    assert np.abs(judged(picture, aim, False).slopes[:, :, -1]).max() < 1e-6


def test_the_map_is_high_where_drawing_and_target_differ():
    picture, aim = np.ones((3, 40, 40), np.float32), np.ones((3, 40, 40), np.float32)
    picture[:, 10:20, 10:20] = 0
    bad = Picture().map(Sight(picture, False, aim))
    assert bad.shape == (40, 40)
    assert bad[14, 14] > 0.5 > 0.01 > bad[38, 38] >= 0


def test_without_a_target_there_is_nothing_to_compare():
    with pytest.raises(ValueError, match="no target"):
        judged(np.ones((3, 8, 8)), None, True)

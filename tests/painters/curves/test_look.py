"""What a photograph is drawn as: paper where there is nothing, ink where it is dark or has outlines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.draw import disk

from engine.painters.curves.look import look_of, wanted_of


def photograph(background, thing, side=120, noise=2):
    """A disk with stripes on a background that gets lighter to the right."""
    y, x = np.mgrid[:side, :side]
    grey = background + 20 * x / side
    inside = disk((side // 2, side // 2), side // 4)
    grey[inside] = thing + 25 * (y[inside] // 6 % 2)
    grey += np.random.default_rng(0).normal(0, noise, grey.shape)
    return np.repeat(grey.clip(0, 255)[..., None], 3, axis=2).astype(np.uint8)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([3, 4]), st.integers(0, 2**32 - 1))
def test_any_pixels_have_a_look(height, width, channels, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    look = look_of(pixels)
    assert (look.shape, look.dtype) == ((3, height, width), np.float32)
    assert 0 <= look.min() <= look.max() <= 1
    assert 1 - look.mean() <= 0.34
    wanted = wanted_of(look)
    for plane in wanted:
        assert (plane.shape, plane.dtype) == ((height, width), np.float32)
        assert np.isfinite(plane).all()
    assert 0 <= wanted.density.min() <= wanted.density.max() <= 1
    assert 0 <= wanted.fineness.min() <= wanted.fineness.max() <= 1


@pytest.mark.parametrize("tone", [0, 90, 255])
def test_one_tone_is_paper(tone):
    assert look_of(np.full((30, 40, 3), tone, np.uint8)).min() > 0.95


@pytest.mark.parametrize(("background", "thing"), [(180, 60), (90, 20), (40, 180)])
def test_the_background_stays_paper_and_the_thing_does_not(background, thing):
    ink = 1 - look_of(photograph(background, thing))[0]
    assert ink[:20].mean() < 0.03
    assert ink[45:75, 45:75].mean() > 0.06


def test_transparent_pixels_are_paper():
    opaque = photograph(200, 60)
    pixels = np.dstack([opaque, np.full(opaque.shape[:2], 255, np.uint8)])
    np.testing.assert_array_equal(look_of(pixels), look_of(opaque))
    pixels[:] = 0
    assert look_of(pixels).min() > 0.99


def test_directions_are_those_of_lines():
    y, x = np.mgrid[:150, :150]
    for angle in (0.3, 1.2, 2.5):
        across = -x * np.sin(angle) + y * np.cos(angle)
        look = np.repeat((across // 6 % 2)[None], 3, axis=0).astype(np.float32)
        found = wanted_of(look).direction[30:120, 30:120]
        assert np.abs(np.sin(found - angle)).mean() < 0.1


def test_strokes_are_wanted_where_pixels_matter():
    look = look_of(photograph(180, 60))
    weights = np.full(look.shape[1:], 16, np.uint8)
    weights[:, :60] = 255
    plain, weighted = wanted_of(look), wanted_of(look, weights)
    assert weighted.density[:, :60].sum() == pytest.approx(plain.density[:, :60].sum())
    assert weighted.density[:, 60:].sum() < 0.6 * plain.density[:, 60:].sum()
    np.testing.assert_allclose(weighted.fineness[:, :60], plain.fineness[:, :60])
    assert weighted.fineness[:, 60:].mean() < 0.6 * plain.fineness[:, 60:].mean()

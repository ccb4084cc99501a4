"""What a photograph is drawn as, and how much it matters, in one map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.image.pixels import LUMA
from engine.image.source import TargetWindow
from engine.painters.curves.ink_map import aim_of, map_of, tinted, wanted_in
from engine.painters.curves.look import look_of, wanted_of
from tests.doubles.toy import target_of


def test_a_map_says_what_is_drawn_to_a_two_hundred_and_fiftieth():
    target = target_of(40, 60)
    window = TargetWindow(target.pixels, map_of(target))
    np.testing.assert_allclose(aim_of(window, is_grey=True), look_of(target.pixels), atol=0.5 / 255 + 1e-6)


def test_in_colours_the_target_itself_is_drawn():
    target = target_of(40, 60)
    window = TargetWindow(target.pixels, map_of(target)).crop(10, 20, 5, 6)
    expected = target.pixels[20:25, 10:16].transpose(2, 0, 1) / np.float32(255)
    np.testing.assert_allclose(aim_of(window, is_grey=False), expected, atol=1e-6)
    clear = TargetWindow(np.zeros((5, 6, 4), np.uint8), window.weights)
    assert (aim_of(clear, is_grey=False) == 1).all(), "what is transparent is paper"


def test_what_matters_is_in_the_map_too_and_the_ink_is_the_same():
    target = target_of(40, 60)
    weights = np.full((40, 60), 30, np.uint8)
    weights[:, 30:] = 255
    plain, weighted = map_of(target), map_of(replace(target, weights=weights))
    assert (plain >> 8 == weighted >> 8).all()
    assert (weighted & 255 == weights).all()
    found = wanted_in(weighted, 60)
    ink = 1 - (plain >> 8).astype(np.float32) / 255
    expected = wanted_of(np.repeat(ink[None], 3, axis=0), weights, 60)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert (wanted_in(plain, 60).density[:, :30] >= found.density[:, :30]).all()


def test_several_pens_draw_the_ink_in_the_colours_of_the_target():
    y, x = np.mgrid[:60, :60]
    pixels = np.full((60, 60, 3), 230, np.uint8)
    pixels[(x - 30) ** 2 + (y - 30) ** 2 < 200] = 200, 60, 40
    target = replace(target_of(60, 60), pixels=pixels)
    window = TargetWindow(pixels, map_of(target))
    ink, found = 1 - aim_of(window, is_grey=True)[0], tinted(window)
    assert (found.dtype, found.shape) == (np.float32, (3, 60, 60))
    assert 0 <= found.min() <= found.max() <= 1
    inside = (x - 30) ** 2 + (y - 30) ** 2 < 100
    assert ink[inside].mean() > 0.2
    dark = 1 - found
    np.testing.assert_allclose(np.tensordot(LUMA, dark, 1)[inside], ink[inside], atol=1e-5)
    share = dark[:, inside] / dark[2, inside]
    np.testing.assert_allclose(share.T, np.broadcast_to((55 / 215, 195 / 215, 1), share.T.shape), atol=1e-4)
    assert dark[:, ink == 0].max(initial=0) == 0, "what has no ink is paper"

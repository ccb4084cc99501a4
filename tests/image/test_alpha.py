"""Colours multiplied by their alpha, and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.image.alpha import over_white, premultiplied, premultiply, straight, with_alpha
from tests.doubles.pictures import noise


def exact(pixels):
    alpha = pixels[..., 3:].astype(float)
    return np.divide(255.0 * pixels[..., :3], alpha, out=np.zeros(pixels[..., :3].shape), where=alpha > 0)


@given(st.integers(0, 99))
def test_straight_colours_are_the_nearest_whole_ones(seed):
    pixels = np.dstack([noise(20, 30, seed), noise(20, 30, seed + 100)[..., 0]])
    pixels[..., :3] = np.minimum(pixels[..., :3], pixels[..., 3:])
    colours = straight(pixels)
    assert np.abs(colours[..., :3] - exact(pixels)).max() <= 0.5
    np.testing.assert_array_equal(colours[..., 3], pixels[..., 3])


@given(st.integers(0, 99))
def test_there_and_back_again(seed):
    colour, alpha = noise(20, 30, seed), noise(20, 30, seed + 100)[..., 0]
    alpha[:, ::2] = 255
    image, mask = Image.fromarray(colour), Image.fromarray(alpha)
    premultiply(image, mask)
    pixels = with_alpha(image, mask)
    again = straight(pixels)
    np.testing.assert_array_equal(again[:, ::2, :3], colour[:, ::2])
    strong = alpha > 127
    assert np.abs(again[strong, :3].astype(int) - colour[strong]).max() <= 1


def test_no_alpha_changes_nothing():
    pixels = noise(4, 5)
    assert straight(pixels) is pixels
    assert over_white(pixels) is pixels


def test_white_shows_through():
    pixels = np.array([[(0, 0, 0, 0), (10, 20, 100, 100), (9, 8, 7, 255)]], np.uint8)
    assert over_white(pixels).tolist() == [[[255, 255, 255], [165, 175, 255], [9, 8, 7]]]


def test_premultiplied_is_the_exact_inverse_of_straight():
    colour, alpha = np.mgrid[0:256, 0:256].astype(np.uint8)
    pixels = np.dstack([np.minimum(colour, alpha)] * 3 + [alpha])  # every colour with every alpha
    np.testing.assert_array_equal(premultiplied(straight(pixels)), pixels)

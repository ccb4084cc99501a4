"""Strokes as bytes."""

from itertools import product

import numpy as np
import pytest

from engine.painters.curves.draw import CurveDrawable
from engine.painters.curves.raster import Window, draw
from tests.doubles.slow_strokes import some_strokes

HEIGHT, WIDTH = 150, 70  # more than two bands
PAPER = (1.0, 0.9, 0.8)


@pytest.fixture(scope="module")
def strokes():
    return some_strokes(np.random.default_rng(5), 20, 70, 3)


@pytest.mark.parametrize("ink", ["cover", "multiply"])
def test_bytes_are_the_rounded_drawing(strokes, ink):
    drawn = draw(strokes, PAPER, Window(0, 0, HEIGHT, WIDTH), ink=ink)
    expected = np.floor(np.clip(drawn.picture, 0, 1) * np.float32(255) + np.float32(0.5))
    found = CurveDrawable(HEIGHT, WIDTH, PAPER, strokes, ink).draw()
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, expected.transpose(1, 2, 0))


@pytest.mark.parametrize(("background", "ink"), [*product((PAPER, None), ("cover", "multiply"))])
def test_a_window_has_the_same_bytes_as_the_whole(strokes, background, ink):
    drawable = CurveDrawable(HEIGHT, WIDTH, background, strokes, ink)
    whole = drawable.draw()
    for x0, y0, height, width in ((0, 0, 1, 1), (13, 57, 80, 40), (69, 149, 1, 1), (-5, 60, 20, 100)):
        window = drawable.draw_window(x0, y0, height, width)
        x1, y1 = min(x0 + width, WIDTH), min(y0 + height, HEIGHT)
        inside = window[: y1 - y0, max(-x0, 0) : x1 - x0]
        np.testing.assert_array_equal(inside, whole[y0:y1, max(x0, 0) : x1])


@pytest.mark.parametrize("ink", ["cover", "multiply"])
def test_transparent_pictures_are_the_same_over_white_paper(strokes, ink):
    clear = CurveDrawable(HEIGHT, WIDTH, None, strokes, ink).draw().astype(float)
    paper = CurveDrawable(HEIGHT, WIDTH, (1.0, 1.0, 1.0), strokes, ink).draw()
    assert clear.shape == (HEIGHT, WIDTH, 4)
    assert (clear[..., :3] <= clear[..., 3:]).all()
    assert np.abs(clear[..., :3] + 255 - clear[..., 3:] - paper).max() <= 1.01

import numpy as np
import pytest

from engine.mypaint.bundled import bundled_text
from engine.mypaint.painting import Strokes, paint
from tests.doubles.paint_engine import needs_engine

pytestmark = needs_engine
TEXT = bundled_text("marker")
RED = (0.8, 0.2, 0.1)


def strokes(count=1, colour=RED, opacity=1.0, shift=0.0, radius=8.0):
    points = np.array([[[20, 30], [50, 60], [90, 30]]] * count, np.float32) + shift
    return Strokes(
        points,
        np.full(count, radius, np.float32),
        np.full((count, 2), 0.8, np.float32),
        np.full((count, 3), colour, np.float32),
        np.full(count, opacity, np.float32),
    )


def paper(channels=3, value=240):
    return np.full((75, 130, channels), value, np.uint8)


def none():
    return strokes(0)


@pytest.mark.parametrize("channels", [3, 4])
def test_without_strokes_the_background_comes_back(channels):
    noise = np.random.default_rng(0).integers(0, 256, (75, 130, channels), np.uint8)
    if channels == 4:
        noise[noise[..., 3] == 0] = 0  # what is clear has no colour
        noise[..., 3] |= 128
    found = paint(noise, TEXT, none())
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - noise).max() <= (1 if channels == 4 else 0)


def test_a_stroke_has_its_colour_and_leaves_the_rest():
    found = paint(paper(), TEXT, strokes())
    assert np.abs(found[45, 55] - 255 * np.array(RED)).max() < 10
    assert (found[70, 5] == 240).all()


def test_on_what_is_clear_alpha_is_straight():
    found = paint(np.zeros((75, 130, 4), np.uint8), TEXT, strokes(opacity=0.5))
    painted = found[found[..., 3] > 60]
    assert len(painted) > 300
    assert painted[:, 3].max() <= 128
    assert np.abs(painted[:, :3] - 255 * np.array(RED)).max() < 4


def test_a_layer_of_its_own_makes_no_difference():
    """At an opacity of nearly one; on tiles' borders, too."""
    moved = strokes(shift=-40.0)
    at_once = paint(paper(), TEXT, moved)
    by_layer = paint(paper(), TEXT, moved._replace(opacities=np.array([0.9998])))
    assert (at_once != 240).sum() > 300
    assert np.abs(at_once.astype(int) - by_layer).max() <= 1


def test_opacity_and_gain_are_of_the_whole_stroke():
    clear = np.zeros((75, 130, 4), np.uint8)
    text = bundled_text("watercolour")
    full, half, thrice = (
        paint(clear, text, strokes(opacity=opacity), gain)[..., 3].astype(float)
        for opacity, gain in ((1.0, 1.0), (0.5, 1.0), (1.0, 3.0))
    )
    assert np.abs(half - full / 2).max() <= 1
    assert np.abs(thrice - np.minimum(3 * full, 255)).max() <= 2
    assert full.max() > 60


def test_later_strokes_lie_over_earlier_ones():
    both = Strokes(*map(np.concatenate, zip(strokes(), strokes(colour=(0, 0, 1)), strict=True)))
    found = paint(paper(), TEXT, both)
    assert found[45, 55, 2] > 245
    assert found[45, 55, 0] < 10


def test_strokes_outside_are_left_out_and_the_same_ones_are_the_same_bytes():
    outside = strokes(opacity=0.5, shift=1000.0)
    assert (paint(paper(), TEXT, outside) == 240).all()
    some = strokes(3, opacity=0.7)
    assert (paint(paper(), TEXT, some) == paint(paper(), TEXT, some)).all()


def test_it_stops_when_it_is_asked_to():
    answers = iter([False, True])
    one = paint(paper(), TEXT, strokes(2, opacity=0.6), should_stop=lambda: next(answers))
    assert (one == paint(paper(), TEXT, strokes(1, opacity=0.6))).all()

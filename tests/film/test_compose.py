"""Frames: the painting, the target, the words, the tiles."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SpecError
from engine.film.compose import INK, PAPER, WORKED_ON, Composer
from engine.film.layout import SMALLEST, Layout, words_of
from engine.film.shots import Shot
from engine.film.timeline import Figures
from engine.grid import PLAIN, Grid, TileBox
from tests.doubles.film_steps import HEIGHT, WIDTH, growing, timeline

TRACK = timeline([0, 1, 2, 3, 4])
WORDS = words_of(Figures(1000, 4_323_310, 0.0342, 4.1))


def composer(size=80, panels=1, words=(), target=None, grid=None):
    return Composer(TRACK, Layout.fit(HEIGHT, WIDTH, size, panels, words), target, grid)


def test_a_picture_alone_is_the_scene_as_it_is_drawn():
    pixels = composer().picture(Shot("painting", 2.0))
    np.testing.assert_array_equal(pixels, growing(2).draw(40, 80))
    half = composer().picture(Shot("painting", 2.5))
    np.testing.assert_array_equal(half, growing(2).tween(growing(3), 0.5).draw(40, 80))


def test_a_transparent_scene_is_filmed_on_white():
    clear = replace(TRACK, load=lambda index: growing(0, channels=4))
    pixels = Composer(clear, Layout.fit(HEIGHT, WIDTH, 80, 1, ()), None, None).picture(Shot("painting", 1.0))
    assert pixels.shape == (40, 80, 3)
    assert (pixels == 255).all()


sides = st.integers(1, 4000)


@given(sides, sides, st.integers(160, 2160), st.integers(1, 2), st.booleans())
def test_a_frame_fills_its_size_and_the_words_fit(height, width, size, panels, has_words):
    try:
        layout = Layout.fit(height, width, size, panels, WORDS if has_words else ())
    except SpecError:
        assert has_words
        assert min(height, width) / max(height, width) < 0.7 or size < 240
        return
    longest = max(layout.height, layout.width)
    assert size - 2 <= longest <= size + 1 or min(layout.panel) == 1
    assert layout.panel[0] <= layout.height
    assert panels * layout.panel[1] <= layout.width
    assert (layout.columns > 0) == has_words
    assert not has_words or layout.letter >= SMALLEST


def test_a_narrow_picture_gets_smaller_letters():
    wide, narrow = Layout.fit(1000, 1000, 2000, 1, WORDS), Layout.fit(400, 37, 2000, 1, WORDS)
    assert SMALLEST <= narrow.letter < wide.letter
    assert narrow.width < 200


def test_without_room_words_are_refused():
    with pytest.raises(SpecError, match=r"^film\.caption: there is no room for words; make the film larger"):
        Layout.fit(1000, 1000, 60, 1, WORDS)


def test_the_target_is_beside_the_painting():
    layout = Layout.fit(HEIGHT, WIDTH, 205, 2, ())
    target = np.full((*layout.panel, 3), 99, np.uint8)
    pixels = Composer(TRACK, layout, target, None).picture(Shot("painting", 3.0))
    height, width = layout.panel
    assert pixels.shape == (height, 204, 3)
    np.testing.assert_array_equal(pixels[:, :width], target)
    np.testing.assert_array_equal(pixels[:, -width:], growing(3).draw(height, width))
    assert (pixels[:, width:-width] == PAPER).all()
    assert pixels[:, width:-width].size


def test_the_target_is_wiped_over_the_painting():
    target = np.full((40, 80, 3), 99, np.uint8)
    pixels = composer(target=target).picture(Shot("finished", 4.0, wiped=0.25))
    assert (pixels[:, :20] == 99).all()
    assert (pixels[:, 20] == INK).all()
    assert (pixels[:, 21:] == 255).all()
    assert (composer(target=target).picture(Shot("target")) == 99).all()


def test_words_are_written_below_and_do_not_jump():
    found = composer(size=400, words=WORDS)
    first, second = (found.picture(Shot("painting", at)) for at in (1.0, 2.0))
    height, width = found.layout.panel
    assert first.shape == (height + found.layout.band, width, 3)
    np.testing.assert_array_equal(first[:height], growing(1).draw(height, width))
    band, other = first[height:], second[height:]
    assert (band[0] == PAPER).all()
    assert (band[-1] == PAPER).all()
    assert (band != PAPER).any()
    changed = (band != other).any(axis=(0, 2))
    assert 0 < changed.mean() < 0.2, "only digits change"
    assert (found.picture(Shot("painting", 0.0))[height:] != PAPER).any()


def test_figures_are_said_shortly():
    assert words_of(Figures(1, 12, 0.5, 59.94)) == ["1 shape", "error .5000", "59.9 s", "12 evaluations"]
    assert words_of(Figures(1000, 4_323_310, 0.0342, 3 * 3600 + 62)) == [
        "1,000 shapes",
        "error .0342",
        "3:01:02",
        "4,323,310 evaluations",
    ]
    assert words_of(Figures(2, 1, 0.1, 754))[2] == "12:34 min"


def test_figures_between_snapshots_are_in_proportion():
    found = TRACK.figures(1.5)
    assert (found.evaluations, found.seconds) == (150, 1.5)
    assert found.error == pytest.approx(0.35)
    assert TRACK.figures(4.0).shapes == 4


def test_the_tiles_are_shown_and_the_one_that_was_worked_on():
    found = composer(grid=Grid.fit(HEIGHT, WIDTH, "1x2"))
    plain, pixels = composer().picture(Shot("painting", 0.5)), found.picture(Shot("painting", 0.5))
    assert (pixels[0] == WORKED_ON).all(), "one tile covers all"
    np.testing.assert_array_equal(pixels[2:-2, 2:-2], plain[2:-2, 2:-2])
    assert not found.picture(Shot("painting", 0.0)).any(), "nothing was worked on"
    np.testing.assert_array_equal(found.picture(Shot("finished", 4.0)), growing(4).draw(40, 80))


def test_a_frame_is_the_same_whatever_was_drawn_before():
    """What is drawn over a painting, tiles or a wipe, is no part of the next one."""
    grid, target = Grid.fit(HEIGHT, WIDTH, "2x2"), np.full((40, 80, 3), 99, np.uint8)
    shots = [
        Shot("painting", 0.5),
        Shot("painting", 0.6),
        Shot("finished", 4.0, wiped=0.5),
        Shot("finished", 4.0),
        Shot("painting", 4.0),
        Shot("painting", 0.5),
        Shot("painting", 0.0),
    ]
    one = composer(grid=grid, target=target)
    for shot in shots:
        alone = composer(grid=grid, target=target).picture(shot)
        np.testing.assert_array_equal(one.picture(shot), alone)


def test_every_border_of_the_level_is_ruled():
    right = TileBox(1, PLAIN, (20, 0, 40, 20))
    work = [replace(each, place=right) for each in TRACK.snapshots]
    layout, grid = Layout.fit(HEIGHT, WIDTH, 80, 1, ()), Grid.fit(HEIGHT, WIDTH, "2x2")
    pixels = Composer(replace(TRACK, snapshots=work), layout, None, grid).picture(Shot("painting", 1.0))
    assert (pixels[20, 25:38] > 60).all(), "the border between the tiles on the left, on black"
    assert (pixels[10, 40:42] == WORKED_ON).all()
    assert not pixels[10, 25:38].any()
